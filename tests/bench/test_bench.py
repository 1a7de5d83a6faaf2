"""`tabiya bench` itself, on real servers. That it counts right is tested; how fast anything is, is not."""

import json
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Literal

import chess
import pytest

from game_server.bench import servers
from game_server.bench.bare import FRAME
from game_server.bench.bystanders import delays, longest_silence_s
from game_server.bench.cli import main
from game_server.bench.crew import Part
from game_server.bench.feeds import KINDS
from game_server.bench.footprint import alone, finished_rooms
from game_server.bench.games import random_games
from game_server.bench.proxy import AS_IT_COMES, nginx
from game_server.bench.report import Check, aligned, verdict_rows
from game_server.bench.returns import came_back
from game_server.bench.ruled import Move, core, rules
from game_server.bench.runs import Window, measured
from game_server.bench.servers import Served, bare, ruled, tabiya
from game_server.bench.sockets import WebSocket
from game_server.bench.sweep import Sweep, fill
from game_server.bench.tables import Manner
from game_server.core.refusals import Refused
from tests.system.process import free_port

pytestmark = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="the bench needs Linux")
SHORT = ("--seconds", "1", "--warmup", "0.2", "--no-memory")
HAS_NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin") is not None
Through = Callable[[Served], AbstractContextManager[Served]]
FAULTS = ("missing", "doubled", "out_of_order", "refused", "connections_lost")


def bench(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "game_server", "bench", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=servers.environment())


def test_a_run_counts_every_event_of_every_feed_and_nothing_is_lost():
    done = bench("--games", "4", "--ws", "3", "--sse", "3", "--polls", "2", "--watched", "2", "--json", *SHORT)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert {name: found[name] for name in FAULTS} == dict.fromkeys(FAULTS, 0)
    feeds = found["feeds"]
    assert {name: feed["connections"] for name, feed in feeds.items()} == {"players": 8, "ws": 3, "sse": 3, "polls": 2}
    assert found["moves"] > 0 and feeds["players"]["events"] >= 2 * found["moves"] - 4 * 2
    assert feeds["ws"]["bytes_per_event"] > found["move_frame_bytes"] - 20
    assert feeds["sse"]["bytes_per_event"] > feeds["ws"]["bytes_per_event"]
    times = found["latency_ms"]
    assert 0 < times["p50"] <= times["p95"] <= times["p99"]
    assert found["server_cpu_us_per_move"] > 0 and len(found["own_cpu_percent"]) == 1


def test_a_running_server_is_measured_at_a_pace_by_several_processes(tmp_path: Path):
    games = tmp_path / "games.pgn"
    games.write_text('[Event "?"]\n\n1. e4 e5 2. Bc4 Nc6 3. Qh5 Nf6 4. Qxf7# 1-0\n\n')
    with tabiya() as server:
        url, pid = f"http://localhost:{server.port}", str(server.pid)
        load = ("--games", "4", "--moves-per-s", "100", "--processes", "2", "--ws", "2", "--sse", "0")
        done = bench(url, "--server-pid", pid, "--pgn", str(games), *load, *SHORT)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = dict(re.split(r"\s{2,}", line, maxsplit=1) for line in done.stdout.splitlines())
    assert rows["events gone wrong"].startswith("0 ") and rows["refused, lost"].startswith("0, 0")
    assert "in 2 processes" in rows["the bench's own CPU"]
    assert rows["server CPU"].endswith("% of a core")
    moves_per_s = float(rows["moves"].split()[0].replace(",", ""))
    assert 0 < moves_per_s <= 140       # it keeps its pace: 4 tables, 25 moves a second each


def test_without_a_server_it_says_so(capsys: pytest.CaptureFixture[str]):
    assert main([f"http://127.0.0.1:{free_port()}", *SHORT]) == 1
    assert "no server that is ready" in capsys.readouterr().err


def test_the_baseline_s_server_relays_frames_of_a_move_frame_s_size_to_all_who_listen():
    games, window = random_games(4, seed=5), Window(0.1, 0.5)
    sizes = []
    with bare() as relay, tabiya() as ours:
        for server in (relay, ours):
            part = Part(2, ws=2, sse=2, manner=Manner(is_bare=server.is_bare))
            score = measured(server, [part], games, window).score
            assert (score.faults, score.refused) == (0, 0)
            assert score.ws.events > 0 and score.sse.events > 0
            sizes.append(sorted(score.frame_bytes)[len(score.frame_bytes) // 2])
    assert sizes[0] == pytest.approx(sizes[1], rel=0.1)


@pytest.mark.parametrize("what", ["rules", "core"])
def test_a_relay_with_the_rules_plays_the_same_games(what: Literal["rules", "core"]):
    games = random_games(4, seed=5, plies=8)
    with ruled(what) as relay:
        part = Part(2, ws=2, manner=Manner(is_bare=True))
        score = measured(relay, [part], games, Window(0.1, 0.5)).score
    assert (score.faults, score.refused) == (0, 0)
    assert score.games > 2 and score.ws.events > 0


@pytest.mark.parametrize("begin", [rules, core])
def test_its_frames_are_those_of_a_game(begin: Callable[[], Move]):
    play, board = begin(), chess.Board()
    for ply, uci in enumerate(("e2e4", "f7f6", "d1h5", "g7g6", "h5g6"), start=1):
        frame = json.loads(play(uci, ply))
        assert set(frame) == set(FRAME)
        assert (frame["san"], frame["color"]) == (board.san(board.parse_uci(uci)), ("black", "white")[board.turn])
        board.push_uci(uci)
        assert (frame["fen"], frame["check"]) == (board.fen(en_passant="legal"), board.is_check())
    with pytest.raises(Refused):
        play("a7a6", 6)     # it is check
    assert json.loads(play("d2d4", 1))["ply"] == 1      # the next game


def test_a_filled_log_holds_games_that_a_server_opens_and_lists(tmp_path: Path):
    database = tmp_path / "long.db"
    with tabiya(database=database) as server:
        rooms = finished_rooms(server, 2)
    fill(database, 0, 3, rooms)
    fill(database, 3, 5, rooms)
    with tabiya(database=database) as server:
        def read(path: str) -> dict:
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=10) as answer:
                return json.load(answer)

        listed = read("/games?limit=20")["items"]
        last, original = read("/rooms/copy-4"), read(f"/rooms/{rooms[0]}")
    assert len(listed) == 5
    assert last["room_id"] == "copy-4" and last["reason"] == "resignation"
    assert (last["moves"], len(last["moves"])) == (original["moves"], 80)


@pytest.mark.parametrize("through", [nullcontext, nginx], ids=["directly", "through nginx"])
async def test_who_comes_back_gets_what_it_missed_or_if_it_polls_the_whole_state(through: Through):
    if through is nginx and not HAS_NGINX:
        pytest.skip("needs nginx")
    with tabiya() as server, through(server) as fronted:
        costs = [await came_back(fronted, kind, returns=5) for kind in KINDS.values()]
    assert [cost.resent for cost in costs] == ["3 × `move`", "3 × `move`", "1 × `state`"]
    ws, sse, polling = (cost.wire_bytes for cost in costs)
    assert 3 * 200 < ws < sse < polling       # three events, the same with their ids, 80 plies


@pytest.mark.skipif(not HAS_NGINX, reason="needs nginx")
async def test_an_nginx_that_knows_nothing_of_websockets_lets_streams_and_polls_through():
    with tabiya() as server, nginx(server) as told, nginx(server, AS_IT_COMES) as untold:
        late = await delays(server, {"told": told, "untold": untold}, KINDS, watch_s=5)
    arrived = {pair for pair, delay in late.items() if delay.p50_ms is not None}
    assert arrived == late.keys() - {("untold", "WebSocket")}
    assert late["untold", "WebSocket"].refusal == "404 Not Found"


async def test_the_silence_of_a_quiet_room_is_as_long_as_from_one_heartbeat_to_the_next():
    with tabiya("--heartbeat-s", "0.4") as server:
        silence_s = await longest_silence_s(server, WebSocket, watch_s=2)
    assert 0.3 < silence_s < 1.9


def test_a_sweep_has_a_point_for_each_count_over_each_feed():
    sweep = Sweep(random_games(4, seed=5), (), Window(0.1, 0.4), most=10, progress=lambda _: None)
    picture, points = sweep.plot("spectators")
    assert picture.startswith("<svg ") and picture.count("<circle ") == 2
    assert {name: [count for count, _ in series] for name, series in points.items()} == {"WebSocket": [10], "SSE": [10]}
    assert all(cpu_us > 0 for series in points.values() for _, cpu_us in series)


def test_an_idle_connection_s_memory_is_found_between_4_and_256_kb():
    ws_bytes = alone(tabiya, lambda footprint: footprint.spectator_bytes(WebSocket, 100))
    assert 4_096 < ws_bytes < 262_144


def test_a_target_that_is_missed_is_told_as_missed():
    compared = Check("a relay with chess", 2.1, None, "×", "no target")
    checks = [Check("a move", 2.2, 2.2, "×"), Check("a start", 0.71, 0.7, "s", "slow"), compared]
    lines = aligned(verdict_rows(checks)).splitlines()
    told = [("MISSED" in line, " met" in line) for line in lines[1:]]
    assert told == [(False, True), (True, False), (False, False)]
    assert (compared.is_met, compared.is_missed) == (None, False)


def test_the_baseline_prints_its_verdicts(capsys: pytest.CaptureFixture[str]):
    status = main(["--baseline", "--only", "start"])
    said = capsys.readouterr().out
    assert re.search(r"^start to ready +\d+\.\d\d s +0\.7 s +(met|MISSED) ", said, re.MULTILINE)
    assert status == (1 if "MISSED" in said else 0)
