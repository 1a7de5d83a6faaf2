"""Finished games over HTTP."""

import io
import re

import chess.pgn
import pytest
from table import Club, play

MATE = ("f2f3", "e7e5", "g2g4", "d8h4")


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """A club in which five public games and a private one were played, the first to its end on the board."""
    with Club(tmp_path_factory.mktemp("archive")) as club:
        names = [("Anna", "Boris"), ("Clara", "Dmitri"), ("Anna", "Émile"), ("ANNA_", "x"), ("Fay", "anna%")]
        club.played = [finished(club, white, black, moves=() if n else MATE) for n, (white, black) in enumerate(names)]
        club.private = finished(club, "Anna", "Boris", public=False)
        yield club


def finished(club, white_name, black_name, moves=(), public=True):
    """The id of a game that White lost."""
    room = club.http.post("/rooms", json={"color": "white", "name": white_name, "public": public, "time": "5+3"}).json()
    white = club.join(room["room_id"], token=room["token"])
    black = club.join(room["room_id"], name=black_name)
    white.until("game_started")
    play(white, black, *moves)
    if not moves:
        white.tell("resign")
    over = white.until("game_over")
    assert over["pgn_url"] == f"/games/{over['game_id']}/pgn"
    return over["game_id"]


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [game["game_id"] for game in answer.json()["items"]]


def test_public_games_are_listed_newest_first(archive):
    assert ids(archive.http.get("/games")) == archive.played[::-1]


def test_a_game_in_the_list(archive):
    game = archive.http.get("/games").json()["items"][-1]
    assert (game["white"]["name"], game["black"]["name"]) == ("Anna", "Boris")
    assert (game["result"], game["winner"], game["reason"], game["plies"]) == ("0-1", "black", "checkmate", 4)
    assert (game["time_control"], game["variant"]) == ("5+3", "standard")
    assert game["started_at"] <= game["ended_at"]


SEARCHES = {
    "player=anna": [4, 3, 2, 0],
    "player=ANNA": [4, 3, 2, 0],
    "player=%C3%A9mile": [2],
    "player=anna_": [3],
    "player=%25": [4],
    "player=nobody": [],
    "result=0-1": [4, 3, 2, 1, 0],
    "result=1-0": [],
    "player=anna&result=1/2-1/2": [],
}


@pytest.mark.parametrize(("query", "expected"), SEARCHES.items(), ids=SEARCHES)
def test_games_are_searched_by_name_and_result(archive, query, expected):
    assert ids(archive.http.get(f"/games?{query}")) == [archive.played[number] for number in expected]


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_lead_to_every_game_once_and_keep_the_search(archive, limit):
    seen, following = [], f"/games?player=anna&limit={limit}"
    while following is not None:
        answer = archive.http.get(following)
        seen += ids(answer)
        following = answer.json()["next"]
    assert seen == [archive.played[number] for number in (4, 3, 2, 0)]


def test_a_finished_game_whole(archive):
    game = archive.http.get(f"/games/{archive.played[0]}").json()
    assert [move["san"] for move in game["moves"]] == ["f3", "e5", "g4", "Qh4#"]
    assert game["fen"] == "rnb1kbnr/pppp1ppp/8/4p3/6Pq/5P2/PPPPP2P/RNBQKBNR w KQkq - 1 3"
    assert game["initial_fen"] == chess.STARTING_FEN


def test_a_private_game_is_known_by_its_link_only(archive):
    assert archive.private not in ids(archive.http.get("/games?limit=100"))
    assert archive.http.get(f"/games/{archive.private}").json()["game_id"] == archive.private


def test_a_finished_game_as_pgn(archive):
    answer = archive.http.get(f"/games/{archive.played[0]}/pgn")
    assert answer.headers["content-type"].startswith("application/x-chess-pgn")
    game = chess.pgn.read_game(io.StringIO(answer.text))
    assert game.errors == []
    assert (game.headers["White"], game.headers["Black"], game.headers["Result"]) == ("Anna", "Boris", "0-1")
    assert [move.uci() for move in game.mainline_moves()] == list(MATE)


NAMES = [
    # number    as every browser takes it                    as most do
    (0, r"\d{4}-\d\d-\d\d_Anna_vs_Boris_{id}.pgn", r"\d{4}-\d\d-\d\d_Anna_vs_Boris_{id}.pgn"),
    (2, r"\d{4}-\d\d-\d\d_Anna_vs__mile_{id}.pgn", r"\d{4}-\d\d-\d\d_Anna_vs_%C3%89mile_{id}.pgn"),
    (4, r"\d{4}-\d\d-\d\d_Fay_vs_anna_{id}.pgn", r"\d{4}-\d\d-\d\d_Fay_vs_anna_{id}.pgn"),       # anna%
]


@pytest.mark.parametrize(("number", "plain", "extended"), NAMES)
def test_a_pgn_is_saved_under_the_day_and_the_names(archive, number, plain, extended):
    game_id = archive.played[number]
    disposition = archive.http.get(f"/games/{game_id}/pgn").headers["content-disposition"]
    expected = f"attachment; filename=\"{plain}\"; filename\\*=UTF-8''{extended}".replace("{id}", game_id)
    assert re.fullmatch(expected, disposition), disposition


def test_a_game_that_is_being_played_as_pgn(archive):
    white, black = archive.game("in-progress")
    assert archive.http.get("/rooms/in-progress/pgn").status_code == 200
    play(white, black, "e2e4", "e7e5")
    game = chess.pgn.read_game(io.StringIO(archive.http.get("/rooms/in-progress/pgn").text))
    assert game.headers["Result"] == "*"
    assert [move.uci() for move in game.mainline_moves()] == ["e2e4", "e7e5"]


def test_a_game_keeps_its_players_after_a_rematch(archive):
    """Colours swap; the games of the series are each as they were played."""
    white, black = archive.game("series")
    white.acked("resign")
    first = black.until("game_over")["game_id"]
    white.acked("offer", kind="rematch")
    black.until("offer")
    black.acked("accept", kind="rematch")
    game = archive.http.get(f"/games/{first}").json()
    assert (game["white"]["name"], game["black"]["name"]) == ("Anna", "Boris")
    assert '[White "Anna"]' in archive.http.get(f"/games/{first}/pgn").text


@pytest.mark.parametrize("path", ["/games/unknown", "/games/unknown/pgn", "/games/%00"])
def test_a_game_that_was_never_finished_is_404(archive, path):
    answer = archive.http.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "result=2-0", "before=x", "player=" + "x" * 33])
def test_a_bad_query_is_422(archive, query):
    answer = archive.http.get(f"/games?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
