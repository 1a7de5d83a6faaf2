"""`/metrics`: what happened is counted, by a parser that Prometheus's own client brings."""

import json
import os
import time

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text
from table import Club, play

from game_server.http.exposition import Told
from game_server.http.metrics import STALE_S, Board

FOOLS_MATE = ("f2f3", "e7e5", "g2g4", "d8h4")


@pytest.fixture
def club(tmp_path):
    with Club(tmp_path) as club:
        yield club


def numbers(club, parse=plain_text, **headers):
    """Every sample by its name and labels but the worker."""
    answer = club.http.get("/metrics", headers=headers)
    assert answer.status_code == 200
    found = {}
    for family in parse(answer.text):
        for sample in family.samples:
            labels = {name: value for name, value in sample.labels.items() if name != "worker"}
            found[sample.name, *labels.values()] = sample.value
    return found


def test_what_happened_in_a_game_is_counted(club):
    white, black = club.game("club")
    watcher, stream, lobby = club.watch("club"), club.stream("/sse/game/club"), club.stream("/sse/rooms")
    assert watcher.frame()["type"] == stream.frame()["type"] == "state"
    assert numbers(club)["tabiya_rooms", "playing"] == 1
    play(white, black, *FOOLS_MATE)
    white.refused("move", uci="e2e4")
    for listener in (watcher, stream):
        listener.until("game_over")
    found = numbers(club)
    connected = {kind[1]: count for kind, count in found.items() if kind[0] == "tabiya_connections"}
    assert connected == {"player": 2, "watch": 1, "sse": 1, "lobby": 1}
    lobby.leave()
    assert (found["tabiya_rooms", "playing"], found["tabiya_rooms", "finished"]) == (0, 1)
    assert (found["tabiya_moves_total",], found["tabiya_events_total", "game_ended"]) == (4, 1)
    assert found["tabiya_refusals_total", "game_over"] == 1
    for number in ("commit_seconds_count", "commit_jobs_count"):
        assert found[f"tabiya_{number}",] >= 8
    assert found["tabiya_commit_jobs_bucket", "+Inf"] == found["tabiya_commit_jobs_count",]
    assert 0 < found["tabiya_delivery_seconds_sum", "players"] < 5
    assert found["tabiya_delivery_seconds_count", "spectators"] >= 1


@pytest.mark.parametrize("version", ["9.9.9", "\xff", "", "1.x", "1.0.0; escaping=\xff", "1.0.0; escaping=so"])
def test_a_format_that_nobody_knows_is_answered_all_the_same(club, version):
    accept = f"application/openmetrics-text; version={version}"
    assert club.http.get("/metrics", headers={"Accept": accept.encode("latin-1")}).status_code == 200


def test_how_connections_ended_is_counted(club):
    white, black = club.game("club")
    white.leave(4010)
    black.until("game_over")
    club.refused("no such id!")
    found = numbers(club)
    assert (found["tabiya_closes_total", "4010"], found["tabiya_closes_total", "4004"]) == (1, 1)


def test_what_is_refused_over_http_is_counted(club):
    statuses = [club.http.post("/accounts", json={"name": "Anna"}).status_code for _ in range(3)]
    assert statuses == [201, 409, 409]
    assert numbers(club)["tabiya_refusals_total", "seats_taken"] == 2


def test_a_bucket_has_all_that_took_no_longer(club):
    club.game("club")
    buckets = [
        (float(bound[1]), count)
        for bound, count in numbers(club).items()
        if bound[0] == "tabiya_commit_seconds_bucket"
    ]
    assert [bound for bound, _ in buckets] == sorted(bound for bound, _ in buckets)
    counts = [count for _, count in buckets]
    assert counts == sorted(counts)
    assert counts[-1] > 0


def test_programs_may_ask_for_the_newer_format(club):
    club.game("club")
    answer = club.http.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert numbers(club, open_metrics, Accept="application/openmetrics-text")["tabiya_rooms", "playing"] == 1
    assert club.http.get("/metrics").headers["content-type"].startswith("text/plain")


def test_no_name_or_token_is_told(club):
    club.game("a-secret-room")
    told = club.http.get("/metrics?token=abc").text
    assert "secret" not in told
    assert "abc" not in told


# --- several workers

ROOMS = ["tabiya_rooms", "gauge", "rooms in memory", [[{"status": "playing"}, 3]]]
COMMITS = ["tabiya_commit_seconds", "histogram", "how long", [[{}, [[0.1, 1.0], [2, 1, 1], 4.5]]]]


def test_workers_show_each_other_their_numbers(tmp_path):
    first, second = Board(tmp_path, "1"), Board(tmp_path, "2")
    first.show([ROOMS])
    second.show([ROOMS, COMMITS])
    second.show([COMMITS])
    assert list(first.others()) == [("2", [COMMITS])]
    assert list(second.others()) == [("1", [ROOMS])]
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["1.json", "2.json"]


def test_a_worker_that_shows_nothing_any_more_is_gone(tmp_path):
    first, second = Board(tmp_path, "1"), Board(tmp_path, "2")
    second.show([ROOMS])
    shown = tmp_path / "2.json"
    os.utime(shown, (shown.stat().st_atime, shown.stat().st_mtime - STALE_S - 1))
    assert list(first.others()) == []


def test_a_board_that_was_tidied_away_ends_no_worker(club, tmp_path, caplog):
    measured = club.http.app.state.measured
    measured.board = Board(tmp_path / "gone", "1")
    until_s = time.monotonic() + 10
    while "cannot be shown" not in caplog.text:
        assert time.monotonic() < until_s
        time.sleep(0.05)
    club.game("club")
    assert numbers(club)["tabiya_rooms", "playing"] == 1


def test_each_worker_s_numbers_are_told_once_and_under_its_name():
    told = list(Told({"1": [ROOMS, COMMITS], "2": json.loads(json.dumps([ROOMS, COMMITS]))}).collect())
    assert [family.name for family in told] == ["tabiya_rooms", "tabiya_commit_seconds"]
    assert [(sample.labels, sample.value) for sample in told[0].samples] == [
        ({"worker": "1", "status": "playing"}, 3),
        ({"worker": "2", "status": "playing"}, 3),
    ]
    of_second = [sample for sample in told[1].samples if sample.labels["worker"] == "2"]
    assert [(sample.labels.get("le"), sample.value) for sample in of_second] == [
        ("0.1", 2), ("1.0", 3), ("+Inf", 4), (None, 4), (None, 4.5)
    ]


def test_a_worker_with_a_board_tells_what_the_others_show(club, tmp_path):
    measured = club.http.app.state.measured
    measured.board = Board(tmp_path, "1")
    Board(tmp_path, "2").show([ROOMS])
    club.game("club")
    lines = club.http.get("/metrics").text.splitlines()
    assert 'tabiya_rooms{status="playing",worker="1"} 1.0' in lines
    assert 'tabiya_rooms{status="playing",worker="2"} 3.0' in lines
    assert len([line for line in lines if line.startswith("# TYPE tabiya_rooms ")]) == 1
