"""berserk, the Lichess API's client in Python, unmodified, plays whole games here."""

import io
import itertools
import shutil
import signal
from collections.abc import Iterator
from typing import Any

import berserk
import chess
import chess.pgn
import pytest

from tests.system.accounts import client, made
from tests.system.process import Server

STOCKFISH = shutil.which("stockfish") or shutil.which("stockfish", path="/usr/games")
needs_stockfish = pytest.mark.skipif(STOCKFISH is None, reason="needs Stockfish: apt install stockfish")
MATE = ["e2e4", "e7e5", "d1h5", "b8c6", "f1c4", "g8f6", "h5f7"]


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    """A stream is kept alive for ever: who waits for a line that never comes is woken."""

    def give_up(*_: object) -> None:
        raise TimeoutError("the line has not come")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(25)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


class Player:
    """An account with a client, whose events are read one by one."""

    def __init__(self, server: Server, *, bot: bool) -> None:
        self.name, self.token = made(server, bot=bot)
        self.client: Any = client(server, self.token)
        self.game: Any = self.client.bots if bot else self.client.board
        self._events = self.game.stream_incoming_events()

    def event(self, kind: str) -> dict[str, Any]:
        for event in self._events:
            if event["type"] == kind:
                return event
        raise AssertionError(f"the stream has ended before {kind}")

    def stream(self, game_id: str) -> Iterator[dict[str, Any]]:
        return iter(self.game.stream_game_state(game_id))


def until(lines: Iterator[dict[str, Any]], wanted: Any) -> dict[str, Any]:
    for line in lines:
        if wanted(line):
            return line
    raise AssertionError("the stream has ended")


def moves_are(count: int) -> Any:
    return lambda line: line["type"] == "gameState" and len(line["moves"].split()) == count


def begun(white: Player, black: Player, **wishes: Any) -> str:
    """A game between the two: challenged, accepted and told to both."""
    options = {"rated": False, "clock_limit": 300, "clock_increment": 2, "color": "white"} | wishes
    created = white.client.challenges.create(black.name, **options)
    asked = black.event("challenge")["challenge"]
    assert asked["id"] == created["id"]
    black.client.challenges.accept(asked["id"])
    for player, color in ((white, "white"), (black, "black")):
        game = player.event("gameStart")["game"]
        assert (game["gameId"], game["id"], game["color"]) == (asked["id"], asked["id"], color)
        assert game["hasMoved"] is False
    return str(asked["id"])


@pytest.fixture(params=["bot against board", "board against board", "bot against bot"])
def pair(request: pytest.FixtureRequest, server: Server) -> tuple[Player, Player]:
    white, _, black = request.param.split()
    return Player(server, bot=white == "bot"), Player(server, bot=black == "bot")


def test_a_whole_game_by_challenge(pair: tuple[Player, Player]) -> None:
    white, black = pair
    game_id = begun(white, black)
    streams = [white.stream(game_id), black.stream(game_id)]
    for lines in streams:
        full = next(lines)
        assert full["type"] == "gameFull"
        assert (full["white"]["name"], full["black"]["name"]) == (white.name, black.name)
        assert full["clock"] == {"initial": 300_000, "increment": 2_000}
        assert full["state"]["moves"] == ""
    for ply, uci in enumerate(MATE):
        (white, black)[ply % 2].game.make_move(game_id, uci)
        for lines in streams:
            state = until(lines, moves_are(ply + 1))
            assert state["moves"].split() == MATE[: ply + 1]
    assert (state["status"], state["winner"]) == ("mate", "white")
    for lines in streams:
        assert list(lines) == []
    for player in pair:
        finished = player.event("gameFinish")["game"]
        assert (finished["id"], finished["winner"], finished["status"]["name"]) == (game_id, "white", "mate")


def test_a_finished_game_is_exported(pair: tuple[Player, Player]) -> None:
    white, black = pair
    game_id = begun(white, black)
    for ply, uci in enumerate(MATE):
        (white, black)[ply % 2].game.make_move(game_id, uci)
    read = chess.pgn.read_game(io.StringIO(white.client.games.export(game_id, as_pgn=True)))
    assert read is not None
    assert (read.headers["Result"], read.headers["White"]) == ("1-0", white.name)
    assert [move.uci() for move in read.mainline_moves()] == MATE
    assert read.mainline()  # with clocks
    assert all(node.clock() is not None for node in read.mainline())
    exported = white.client.games.export(game_id)
    assert (exported["id"], exported["status"], exported["winner"]) == (game_id, "mate", "white")
    assert exported["moves"].split()[-1] == "Qxf7#"
    (listed,) = white.client.games.export_by_player(black.name)
    assert listed["id"] == game_id


def test_chat_is_heard_by_both(pair: tuple[Player, Player]) -> None:
    white, black = pair
    game_id = begun(white, black)
    lines = white.stream(game_id)
    next(lines)
    black.game.post_message(game_id, "good luck")
    said = until(lines, lambda line: line["type"] == "chatLine")
    assert said == {"type": "chatLine", "room": "player", "username": black.name, "text": "good luck"}
    white.game.post_message(game_id, "und wer zusieht: привет", spectator=True)
    assert until(lines, lambda line: line["type"] == "chatLine")["room"] == "spectator"


def test_draws_and_takebacks_are_offered_declined_and_agreed(server: Server) -> None:
    white, black = Player(server, bot=False), Player(server, bot=False)
    game_id = begun(white, black)
    lines = black.stream(game_id)
    next(lines)
    white.game.make_move(game_id, "e2e4")
    white.game.offer_takeback(game_id)
    assert until(lines, lambda line: line.get("wtakeback"))["moves"] == "e2e4"
    black.game.accept_takeback(game_id)
    assert until(lines, moves_are(0))["moves"] == ""
    white.game.make_move(game_id, "d2d4")
    black.game.make_move(game_id, "d7d5")
    white.game.offer_draw(game_id)
    assert until(lines, lambda line: line.get("wdraw"))
    black.game.decline_draw(game_id)
    until(lines, lambda line: line["type"] == "gameState" and not line.get("wdraw"))
    black.game.offer_draw(game_id)
    white.game.accept_draw(game_id)
    ended = until(lines, lambda line: line.get("status") == "draw")
    assert "winner" not in ended


def test_resigning_and_aborting(pair: tuple[Player, Player]) -> None:
    white, black = pair
    game_id = begun(white, black)
    lines = white.stream(game_id)
    next(lines)
    black.game.resign_game(game_id)
    ended = until(lines, lambda line: line["type"] == "gameState")
    assert (ended["status"], ended["winner"]) == ("resign", "white")
    other = begun(white, black)
    lines = white.stream(other)
    next(lines)
    white.game.abort_game(other)
    assert until(lines, lambda line: line["type"] == "gameState")["status"] == "aborted"


def test_illegal_moves_and_unknown_games_are_refused(pair: tuple[Player, Player]) -> None:
    white, black = pair
    game_id = begun(white, black)
    for player, uci in ((white, "e2e5"), (white, "0000"), (white, "nonsense"), (black, "e7e5")):
        with pytest.raises(berserk.exceptions.ResponseError) as refused:
            player.game.make_move(game_id, uci)
        assert refused.value.status_code == 400
        assert refused.value.response.json()["error"]
    with pytest.raises(berserk.exceptions.ResponseError) as unknown:
        white.game.make_move("nosuchgame", "e2e4")
    assert unknown.value.status_code == 404
    white.game.make_move(game_id, "e2e4")
    white.game.make_move(game_id, "e2e4")   # sent twice: answered as before
    state = next(black.stream(game_id))["state"]
    assert state["moves"] == "e2e4"


def test_a_declined_challenge_says_why(server: Server) -> None:
    asking, asked = Player(server, bot=True), Player(server, bot=False)
    created = asking.client.challenges.create(asked.name, rated=False, clock_limit=60, clock_increment=0)
    assert asking.event("challenge")["challenge"]["direction"] == "out"
    asked.client.challenges.decline(asked.event("challenge")["challenge"]["id"], reason="tooFast")
    told = asking.event("challengeDeclined")["challenge"]
    assert (told["id"], told["declineReasonKey"]) == (created["id"], "toofast")
    with pytest.raises(berserk.exceptions.ResponseError) as late:
        asked.client.challenges.accept(created["id"])
    assert late.value.status_code == 404


def test_a_cancelled_challenge_vanishes(server: Server) -> None:
    asking, asked = Player(server, bot=False), Player(server, bot=False)
    created = asking.client.challenges.create(asked.name, rated=False, days=3, variant="chess960")
    assert asked.event("challenge")["challenge"]["timeControl"] == {"type": "correspondence", "daysPerTurn": 3}
    assert [each["id"] for each in asked.client.challenges.get_mine()["in"]] == [created["id"]]
    asking.client.challenges.cancel(created["id"])
    assert asked.event("challengeCanceled")["challenge"]["id"] == created["id"]
    assert asked.client.challenges.get_mine() == {"in": [], "out": []}


def test_what_is_open_is_told_to_who_comes_later(server: Server) -> None:
    asking, asked = Player(server, bot=False), Player(server, bot=True)
    game_id = begun(asking, asked)
    created = asking.client.challenges.create(asked.name, rated=False)
    late = asked.game.stream_incoming_events()
    assert next(late)["game"]["gameId"] == game_id
    assert next(late)["challenge"]["id"] == created["id"]
    (ongoing,) = asked.client.games.get_ongoing()
    assert (ongoing["gameId"], ongoing["opponent"]["username"]) == (game_id, asking.name)


def test_an_account_becomes_a_bot_before_its_first_game(server: Server) -> None:
    player, rival = Player(server, bot=False), Player(server, bot=False)
    player.client.account.upgrade_to_bot()
    assert player.client.account.get()["title"] == "BOT"
    begun(rival, player)
    with pytest.raises(berserk.exceptions.ResponseError) as late:
        rival.client.account.upgrade_to_bot()
    assert late.value.status_code == 400


def test_who_is_online(server: Server) -> None:
    bot, nobody = Player(server, bot=True), made(server)[0]
    rival = Player(server, bot=False)
    begun(rival, bot)
    statuses = {each["id"]: each for each in rival.client.users.get_realtime_statuses(bot.name, nobody, "x")}
    assert statuses[bot.name.lower()]["online"] is True
    assert "online" not in statuses[nobody.lower()]
    assert bot.name in [each["username"] for each in rival.client.bots.get_online_bots()]
    assert rival.client.users.get_public_data(bot.name)["title"] == "BOT"


@needs_stockfish
@pytest.mark.parametrize("bot", [False, True], ids=["board", "bot"])
def test_a_whole_game_against_the_computer(server: Server, bot: bool) -> None:
    player = Player(server, bot=bot)
    created = player.client.challenges.create_ai(level=4, clock_limit=30, clock_increment=0, color="black")
    assert (created["source"], created["speed"], created["status"]["name"]) == ("ai", "bullet", "started")
    assert created["players"]["white"] == {"aiLevel": 4}
    started = player.event("gameStart")["game"]
    assert (started["id"], started["color"], started["source"]) == (created["id"], "black", "ai")
    assert started["opponent"] == {"id": None, "username": "Stockfish level 4", "ai": 4}
    lines = player.stream(created["id"])
    full = next(lines)
    assert (full["white"], full["black"]["name"]) == ({"aiLevel": 4}, player.name)
    states = itertools.chain([full["state"]], lines)
    state = played_to_the_end(player, created["id"], chess.BLACK, states)
    assert (state["status"], state["winner"]) == ("mate", "white")
    assert player.event("gameFinish")["game"]["status"]["name"] == "mate"
    exported = player.client.games.export(created["id"])
    assert (exported["players"]["white"], exported["source"]) == ({"aiLevel": 4}, "ai")


def played_to_the_end(player: Player, game_id: str, color: chess.Color, states: Iterator[dict[str, Any]]) -> Any:
    """The final state of a game in which `player` answers every move with the first that is legal."""
    for state in states:
        if state["type"] != "gameState":
            continue
        board = chess.Board()
        for uci in state["moves"].split():
            board.push_uci(uci)
        if state["status"] != "started":
            assert board.is_game_over()
            return state
        if board.turn == color:
            player.game.make_move(game_id, next(iter(board.legal_moves)).uci())
    raise AssertionError("the stream has ended without a result")
