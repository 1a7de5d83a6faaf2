"""TCP connections are bounded, whatever they are for: in all, and from one address that is no proxy."""

import time
from collections import defaultdict
from contextlib import ExitStack, suppress

import pytest
from test_serving import PATIENCE_S, TEXT, Lab, Wire, echo, serving

from game_server.http.open_connections import MOST_TURNED_AWAY, OpenConnections
from game_server.http.serving import TransportLimits
from game_server.settings import Settings

IN_ALL, EACH = TransportLimits(max_connections=3), TransportLimits(max_connections_per_address=2)
CLUB, NEIGHBOUR, PROXY = "127.0.0.7", "127.0.0.8", "127.0.0.1"


def is_let_in(peer: Wire) -> bool:
    """A request on it is answered; else 503 has told when to come back, and that was the end."""
    peer.ask("/")
    head = peer.head()
    if head.startswith("HTTP/1.1 200"):
        assert len(peer.exactly(40)) == 40
        return True
    assert head.startswith("HTTP/1.1 503")
    assert "retry-after: 30" in head
    assert peer.rest() == b""
    return False


def until_open(lab: Lab, count: int) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while lab.server.config.open.count != count:
        assert time.monotonic() < until_s, lab.server.config.open.count
        time.sleep(0.005)


def test_one_too_many_is_told_when_to_come_back_and_comes_when_another_has_gone() -> None:
    with serving(echo, IN_ALL) as lab, ExitStack() as stack:
        silent, slow, busy = (stack.enter_context(lab.peer()) for _ in range(3))
        slow.send(b"GET / HTTP/1.1\r\nHo")
        until_open(lab, 3)
        for _ in range(3):
            with lab.peer() as refused:
                assert not is_let_in(refused)
        assert is_let_in(busy)
        silent.sock.close()
        until_open(lab, 2)
        assert is_let_in(stack.enter_context(lab.peer()))


def test_each_address_has_its_own_number_and_a_trusted_proxy_as_many_as_it_needs() -> None:
    hits: defaultdict[str, int] = defaultdict(int)
    with serving(echo, EACH, hits=hits) as lab, ExitStack() as stack:
        answers = {source: [] for source in (CLUB, NEIGHBOUR, PROXY)}
        for source in (CLUB, CLUB, CLUB, NEIGHBOUR, PROXY, PROXY, PROXY, PROXY, CLUB):
            answers[source].append(is_let_in(stack.enter_context(lab.peer(source=source))))
        assert answers == {CLUB: [True, True, False, False], NEIGHBOUR: [True], PROXY: [True] * 4}
        assert hits == {"tcp_connections_per_address": 2}


def test_a_websocket_counts_as_long_as_it_is_open_and_is_never_closed_by_it() -> None:
    with serving(echo, EACH) as lab:
        with lab.peer(source=CLUB) as playing, lab.peer(source=CLUB) as watching:
            for peer in (playing, watching):
                assert peer.open("/ws").startswith("HTTP/1.1 101")
            for _ in range(5):
                with lab.peer(source=CLUB) as refused:
                    assert not is_let_in(refused)
            playing.frame(TEXT, b"e2e4")
            assert playing.read_text() == b"e2e4"
        until_open(lab, 0)
        with lab.peer(source=CLUB) as back:
            assert back.open("/ws").startswith("HTTP/1.1 101")


def test_a_crowd_at_the_door_leaves_nothing_behind(caplog: pytest.LogCaptureFixture) -> None:
    with serving(echo, IN_ALL) as lab, ExitStack() as stack:
        inside = [stack.enter_context(lab.peer()) for _ in range(3)]
        until_open(lab, 3)
        with ExitStack() as crowd:
            for _ in range(MOST_TURNED_AWAY + 100):
                with suppress(ConnectionResetError):     # it may be dropped so fast
                    crowd.enter_context(lab.peer())
        assert all(map(is_let_in, inside))
        for peer in inside:
            peer.sock.close()
        until_open(lab, 0)
        assert all(is_let_in(stack.enter_context(lab.peer())) for _ in range(3))
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]


def test_whoever_has_left_is_forgotten() -> None:
    doors = OpenConnections(0, 1, lambda host: False, defaultdict(int))
    for client in (("203.0.113.7", 1), ("2001:db8::1", 1), None):
        assert doors.may_enter(client)
        doors.enter(client)
        assert not doors.may_enter(client)
        doors.leave(client)
        assert doors.may_enter(client)
    assert (doors.count, len(doors._by_address)) == (0, 0)


CHOSEN = {
    "twice what lasts": ({}, (30_000, 4_000)),
    "more of what lasts, more of all": ({"max_connections": 50_000, "max_connections_per_address": 0}, (100_000, 0)),
    "by their own settings": ({"max_tcp_connections": 7, "max_tcp_connections_per_address": 0}, (7, 0)),
    "none of the limits": ({"rate_limits": "off", "max_tcp_connections": 7}, (0, 0)),
}


@pytest.mark.parametrize(("settings", "numbers"), CHOSEN.values(), ids=CHOSEN)
def test_how_many_may_be_open(settings, numbers):
    limits = Settings(**settings).transport_limits()
    assert (limits.max_connections, limits.max_connections_per_address) == numbers
