"""Games in PGN: the tags, the clocks, the line breaks, and other programs that read the same game from it."""

import io
import os
import re
import shutil
import subprocess
from pathlib import Path

import chess.pgn
import pytest

from game_server.core.commands import Abort, PlayMove, Resign
from game_server.core.ids import BLACK, WHITE
from game_server.core.room import Seat
from game_server.wire.pgn import pgn
from tests.core.rooms import accepted, black, did, given, gone, moves, offered, settled, started, white

SAMPLE = Path(__file__).parent.parent / "data" / "games.pgn"
PGN_EXTRACT = shutil.which("pgn-extract", path=f"{os.environ.get('PATH', '')}:/usr/games")    # Debian's place for games
SITE = "http://localhost:8000/game/g1"


def written(room, site=SITE, **names):
    """The PGN of the room's game, its players renamed if wished."""
    seats = {color: room.seat(color) for color in (WHITE, BLACK)}
    for color, name in names.items():
        seat = seats[color]
        seats[color] = Seat(seat.player_id, seat.token_hash, name, seat.is_bot, seat.by_socket)
    return pgn(room.game, seats[WHITE], seats[BLACK], room.options, site=site)


def read(text):
    game = chess.pgn.read_game(io.StringIO(text))
    assert game is not None and game.errors == []
    return game


def replayed(game, *, time="5+3", variant="standard"):
    """A room in which the moves of `game` were played, a second or two each, and which ended as it did."""
    fen = game.headers.get("FEN")
    room = started(time, fen=fen, variant=variant, first_move_ms=None)
    for number, move in enumerate(game.mainline_moves()):
        if room.status != "playing":        # lichess's rules end some games earlier than their players did
            break
        uci = room.game.position.board.uci(move)
        room = did(PlayMove(room.game.turn, uci), at_ms=room.at_ms + 1_000 + 37 * (number % 40))(room)
    result = game.headers["Result"]
    if room.status == "playing" and result in ("1-0", "0-1"):
        room = given(room, did(Resign(BLACK if result == "1-0" else WHITE), at_ms=room.at_ms))
    elif room.status == "playing" and result == "1/2-1/2":
        room = given(room, offered(WHITE, "draw", at_ms=room.at_ms), accepted(BLACK, "draw", at_ms=room.at_ms))
    return room


def sample():
    with SAMPLE.open() as file:
        while game := chess.pgn.read_game(file):
            yield game


CHESS960 = "bqnrkbrn/pppppppp/8/8/8/8/PPPPPPPP/BQNRKBRN w KQkq - 0 1"
INNER_ROOKS = "1k3r1r/pppppppp/8/8/8/8/PPPPPPPP/1K3R1R w Ff - 0 1"
ROOMS = {
    **{game.headers["Event"]: replayed(game) for game in sample()},
    "chess960": given(started("5+3", variant="chess960", fen=CHESS960, first_move_ms=None),
                      moves("Ng3 Ng6 e3 e6 Be2 Be7 O-O O-O")),
    "chess960, castling long": given(started(variant="chess960", fen=CHESS960), moves("Nb3 Nb6 d3 d6 Qc1 Qc8 Qd2 Qd7")),
    "chess960 from an inner rook": given(started(variant="chess960", fen=INNER_ROOKS), moves("b3 b6 O-O O-O")),
    "black begins": given(started("1+0", fen="6k1/8/8/8/3P4/8/4p3/2K5 b - - 0 40"), moves("e1=B d5 Kf7")),
    "no move yet": started("5+3"),
}


@pytest.mark.parametrize("room", ROOMS.values(), ids=ROOMS)
def test_python_chess_reads_the_same_game(room):
    game, text = room.game, written(room)
    as_read = read(text)
    board = as_read.board()
    assert board.chess960 == (room.options.variant == "chess960")
    assert board.fen() == game.initial_fen
    nodes = list(as_read.mainline())
    assert [node.san() for node in nodes] == [ply.san for ply in game.plies]
    assert as_read.end().board().fen() == game.position.fen
    assert as_read.headers["Result"] == (game.result or "*")
    for node, ply in zip(nodes, game.plies, strict=True):
        left_ms = ply.white_ms if node.turn() == chess.BLACK else ply.black_ms      # whose turn it is after the move
        shown = node.clock()
        assert (shown and round(shown * 1_000)) == (left_ms if room.options.time.is_timed else None)


@pytest.mark.skipif(PGN_EXTRACT is None, reason="needs pgn-extract")
def test_pgn_extract_reads_the_same_games(tmp_path):
    compare_with_pgn_extract(list(ROOMS.values()), tmp_path)


def compare_with_pgn_extract(rooms, folder):
    """What pgn-extract writes of our games is, read again, the same; and it reaches the same final positions."""
    (folder / "ours.pgn").write_text("\n".join(written(room) for room in rooms))
    command = [PGN_EXTRACT, "-s", "-F", "-w", "79", "ours.pgn"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    theirs = io.StringIO(done.stdout)
    for room in rooms:
        ours, as_read = read(written(room)), chess.pgn.read_game(theirs)
        assert as_read.errors == []
        assert dict(as_read.headers) == dict(ours.headers)
        assert list(as_read.mainline_moves()) == list(ours.mainline_moves())
        assert [node.clock() for node in as_read.mainline()] == [node.clock() for node in ours.mainline()]
        final = re.search(r'"?([1-8a-zA-Z/]+ [wb] \S+ \S+ \d+ \d+)"?', as_read.end().comment)
        if room.game.plies:
            assert final and final[1].split()[:2] == room.game.position.fen.split()[:2]
    assert chess.pgn.read_game(theirs) is None


def test_the_whole_text_of_a_short_game():
    room = given(
        started("5+3"),
        white("f2f3", at_ms=1_000), black("e7e5", at_ms=2_000),
        white("g2g4", at_ms=3_234), black("d8h4", at_ms=4_000),
    )
    assert written(room) == (
        '[Event "Tabiya game"]\n'
        '[Site "http://localhost:8000/game/g1"]\n'
        '[Date "1970.01.01"]\n'
        '[Round "-"]\n'
        '[White "Anna"]\n'
        '[Black "Boris"]\n'
        '[Result "0-1"]\n'
        '[GameId "g1"]\n'
        '[UTCDate "1970.01.01"]\n'
        '[UTCTime "00:00:00"]\n'
        '[TimeControl "300+3"]\n'
        '[Termination "Normal"]\n'
        "\n"
        "1. f3 { [%clk 0:05:00] } 1... e5 { [%clk 0:05:00] } 2. g4\n"
        "{ [%clk 0:05:01.766] } 2... Qh4# { [%clk 0:05:02.234] } 0-1\n"
    )


def test_without_clocks_the_moves_stand_alone():
    text = written(given(started(), moves("e4 e5 Nf3")))
    assert text.endswith("\n\n1. e4 e5 2. Nf3 *\n")
    assert written(given(started("3d"), moves("e4 e5 Nf3"))).endswith("\n\n1. e4 e5 2. Nf3 *\n")


def test_a_game_without_moves():
    assert written(started()).endswith("\n\n*\n")


def test_the_seven_tags_come_first_and_in_their_order():
    names = re.findall(r"^\[(\w+) ", written(started()), re.MULTILINE)
    assert names[:7] == ["Event", "Site", "Date", "Round", "White", "Black", "Result"]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("time", "control"), [
    ("5+3", "300+3"),
    ("0.5+0", "30+0"),
    ("0+2", "3+2"),
    ("1.01+0.5", "60.6+0.5"),
    ("unlimited", "-"),
    ("3d", "1/259200"),
])
def test_time_controls(time, control):
    assert read(written(started(time))).headers["TimeControl"] == control


PLAYING = given(started("1+0"), moves("e4 e5"))
TERMINATIONS = {
    "checkmate": (given(started(), moves("f3 e5 g4 Qh4")), "0-1", "Normal"),
    "resignation": (given(PLAYING, did(Resign(WHITE), at_ms=1)), "0-1", "Normal"),
    "agreement": (given(PLAYING, offered(WHITE, "draw"), accepted(BLACK, "draw")), "1/2-1/2", "Normal"),
    "a flag": (settled(PLAYING, 60_000), "0-1", "Time forfeit"),
    "staying away": (settled(given(PLAYING, gone(BLACK, at_ms=0)), 20_000), "1-0", "Abandoned"),
    "abort": (given(started(), did(Abort(WHITE), at_ms=0)), "*", "Abandoned"),
    "nothing yet": (PLAYING, "*", "Unterminated"),
}


@pytest.mark.parametrize(("room", "result", "termination"), TERMINATIONS.values(), ids=TERMINATIONS)
def test_terminations(room, result, termination):
    headers = read(written(room)).headers
    assert (headers["Result"], headers["Termination"]) == (result, termination)
    assert written(room).rstrip().endswith(result)


VARIANTS = {
    "standard": (started(), None),
    "from a position": (ROOMS["black begins"], "From Position"),
    "chess960": (ROOMS["chess960"], "Chess960"),
    "chess960 from the standard array": (started(variant="chess960", chance=2 * 518), "Chess960"),
}


@pytest.mark.parametrize(("room", "variant"), VARIANTS.values(), ids=VARIANTS)
def test_the_start_position_is_told_where_it_is_not_the_usual_one(room, variant):
    headers = read(written(room)).headers
    assert headers.get("Variant") == variant
    assert headers.get("SetUp") == ("1" if variant else None)
    assert headers.get("FEN") == (room.game.initial_fen if variant else None)


def test_castling_rights_of_inner_rooks_are_told_as_x_fen_does():
    text = written(ROOMS["chess960 from an inner rook"])
    assert '[FEN "1k3r1r/pppppppp/8/8/8/8/PPPPPPPP/1K3R1R w Ff - 0 1"]' in text
    assert "2. O-O O-O" in text


def test_black_to_move_first_is_numbered_so():
    assert "\n\n40... e1=B { [%clk 0:01:00] } 41. d5 { [%clk 0:01:00] } 41... Kf7\n" in written(ROOMS["black begins"])


@pytest.mark.parametrize("name", ['"', "\\", 'a "b" \\" c', "\\\\", "Ψυχή ♞", "[x] {y} ; %", "a\\"])
def test_any_name_survives(name):
    """PGN 7: a quote and a backslash are written after a backslash; python-chess leaves that to its callers."""
    headers = read(written(started(), white=name, black=name)).headers
    assert re.sub(r"\\(.)", r"\1", headers["White"]) == name
    assert re.sub(r"\\(.)", r"\1", headers["Black"]) == name


def test_bots_are_told():
    room = started()
    bot = Seat("p", "h", "Engine", True, True)
    text = pgn(room.game, room.white, bot, room.options, site=SITE)
    assert read(text).headers["BlackTitle"] == "BOT" and "WhiteTitle" not in read(text).headers


@pytest.mark.parametrize("room", ROOMS.values(), ids=ROOMS)
def test_lines_of_moves_are_short_and_no_clock_is_divided(room):
    movetext = written(room).partition("\n\n")[2]
    assert movetext.endswith("\n") and not movetext.endswith("\n\n")
    assert max(map(len, movetext.splitlines())) < 80
    assert movetext.count("[%clk ") == movetext.count("[%clk")
    assert not re.search(r"[ \t]$", movetext, re.MULTILINE)


@pytest.mark.parametrize(("left_ms", "shown"), [
    (1,          "0:00:00.001"),
    (900,        "0:00:00.9"),
    (59_999,     "0:00:59.999"),
    (60_000,     "0:01:00"),
    (3_600_000,  "1:00:00"),
    (86_399_050, "23:59:59.05"),
])
def test_clocks(left_ms, shown):
    room = given(started("1440+0"), moves("e4 e5"), white("g1f3", at_ms=86_400_000 - left_ms))
    assert f"[%clk {shown}]" in written(room)
    assert read(written(room)).end().clock() == pytest.approx(left_ms / 1_000)


def test_what_was_taken_back_is_not_in_the_game():
    room = given(started(), moves("e4 e5"), offered(BLACK, "takeback"), accepted(WHITE, "takeback"), moves("c5"))
    assert written(room).endswith("\n\n1. e4 c5 *\n")


def test_a_rematch_is_a_game_of_its_own():
    room = given(started(), moves("f3 e5 g4 Qh4"), offered(WHITE, "rematch"), accepted(BLACK, "rematch"), moves("d4"))
    headers = read(written(room)).headers
    assert (headers["White"], headers["Black"], headers["GameId"]) == ("Boris", "Anna", "g2")
