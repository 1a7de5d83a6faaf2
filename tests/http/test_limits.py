"""Who is counted as one, and what is left for whom."""

from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from game_server.core.commands import PlayMove
from game_server.http.admission import host_of
from game_server.http.connection import Closed
from game_server.http.limits import CROWDED_S, NO_LIMITS, Limited, LimitOptions, Limits, address_of
from game_server.http.quota import Quota, SeatQuota
from game_server.settings import Settings

ADDRESSES = {
    "IPv4": ("203.0.113.7", "203.0.113.7"),
    "IPv4, seen by a socket for both": ("::ffff:203.0.113.7", "203.0.113.7"),
    "IPv6: one customer's network": ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    "IPv6, another address of it": ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
    "IPv6, the next customer": ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
    "IPv6 with a zone": ("fe80::1%eth0", "fe80::/64"),
    "a name": ("proxy.example", "unknown"),
    "garbage": ("203.0.113.7x", "unknown"),
    "other garbage": ("', DROP TABLE", "unknown"),
    "nothing": ("", "unknown"),
}


@pytest.mark.parametrize(("host", "counted_as"), ADDRESSES.values(), ids=ADDRESSES)
def test_who_is_counted_as_one(host, counted_as):
    assert address_of({"client": (host, 1234)}) == counted_as


@pytest.mark.parametrize("scope", [{}, {"client": None}], ids=["none is told", "a socket without addresses"])
def test_whatever_has_no_address_shares_a_key(scope):
    assert address_of(scope) == "unknown"


HOSTS = {
    "Chess.Example.org": "chess.example.org",
    "chess.example.org:8000": "chess.example.org",
    "chess.example.org.": "chess.example.org",
    "chess.example.org.:80": "chess.example.org",
    "192.168.1.5:8000": "192.168.1.5",
    "[::1]:8000": "::1",
    "[::1]": "::1",
    "chess.example.org:": "chess.example.org",
    "chess.example.org:evil": "chess.example.org:evil",
    "": "",
}


@pytest.mark.parametrize(("authority", "host"), HOSTS.items(), ids=range(len(HOSTS)))
def test_the_host_that_was_called(authority, host):
    assert host_of(authority) == host


def limits(**options):
    clock = SimpleNamespace(now_ms=0)
    return Limits(LimitOptions(**options), lambda: clock.now_ms), clock


def refusal(require, *args, **more):
    with pytest.raises(Limited) as caught:
        require(*args, **more)
    return caught.value


def test_a_refusal_says_when_to_try_again_and_then_it_works():
    some, clock = limits(rooms_per_address=2)
    some.require_room("203.0.113.7")
    clock.now_ms = 1
    some.require_room("203.0.113.7")
    limited = refusal(some.require_room, "203.0.113.7")
    assert (limited.code, limited.status, limited.retry_after_s) == ("rate_limited", 429, 600)
    clock.now_ms = 600_000
    some.require_room("203.0.113.7")
    assert refusal(some.require_room, "203.0.113.7").retry_after_s == 1
    assert some.hits == {"rooms": 2}


def test_the_last_places_are_kept_for_players():
    some, _ = limits(connections=20, connections_per_address=0)
    for _ in range(18):
        some.enter("203.0.113.7", is_player=False)
    limited = refusal(some.enter, "203.0.113.7", is_player=False)
    assert (limited.status, limited.retry_after_s) == (503, CROWDED_S)
    for _ in range(2):
        some.enter("203.0.113.7", is_player=True)
    refusal(some.enter, "203.0.113.7", is_player=True)
    some.leave("203.0.113.7")
    some.enter("203.0.113.7", is_player=True)


def test_an_address_has_its_own_number_of_connections_and_leaves_nothing_behind():
    some, _ = limits(connections_per_address=1)
    some.enter("203.0.113.7", is_player=True)
    assert refusal(some.enter, "203.0.113.7", is_player=True).status == 429
    some.enter("203.0.113.8", is_player=True)
    for address in ("203.0.113.7", "203.0.113.8"):
        some.leave(address)
    assert not some._open_by_address
    assert some._open == 0
    assert some.hits == {"connections_per_address": 1}


def test_what_is_over_the_limit_is_refused_what_goes_on_is_thrown_out_and_who_waits_is_heard():
    some, clock = limits(messages=2)
    quota = Quota(some, "seat")
    assert [quota.take() is None for _ in range(6)] == [True, True, False, False, False, False]
    for again in (quota, Quota(some, "seat")):      # a new connection to the same seat changes nothing
        with pytest.raises(Closed) as closed:
            again.take()
        assert closed.value.code == 4002
    clock.now_ms = 20_000
    assert quota.take() is None
    assert some.hits == {"messages": 4, "floods": 2}


def test_an_accepted_move_reads_no_clock_and_counts_nowhere():
    readings = []

    def now():
        readings.append("a look at the clock")
        return 0

    live = SimpleNamespace(room=SimpleNamespace(room_id="room"))
    quota, move = SeatQuota(Limits(LimitOptions(messages=2), now), live, "anna"), PlayMove("white", "e2e4", 1)
    for _ in range(1_000):
        assert quota.checked(move) is move
    assert len(readings) == 1       # for the first, to see what an earlier connection has said
    assert [quota.take() is None for _ in range(3)] == [True, True, False]


def test_without_limits_nothing_is_ever_too_much():
    some = Limits(NO_LIMITS, lambda: 0)
    quota = Quota(some, "seat")
    for number in range(1_000):
        some.require_request("a")
        some.require_room("a")
        some.require_account("a")
        some.require_challenge("anna")
        some.require_chat("anna")
        some.require_place(number)
        some.enter("a", is_player=False)
        assert quota.take() is None
    assert some.hits == {}


def test_one_setting_switches_all_of_them_off_and_each_has_its_own():
    assert Settings(rate_limits="off", max_chat=3).limits() == NO_LIMITS
    assert Settings().limits() == LimitOptions()
    chosen = Settings(
        max_messages=1, max_chat=2, max_rooms_per_address=3, max_accounts_per_address=4, max_challenges_per_account=5,
        max_connections=6, max_connections_per_address=7, max_spectators=0, max_requests_per_address=8,
    )  # fmt: skip
    assert chosen.limits() == LimitOptions(1, 2, 3, 4, 5, 6, 7, 0, 8)


WRONG = {
    "a URL for a name": {"allowed_hosts": "https://chess.example.org"},
    "a name that is none": {"allowed_hosts": "chess example"},
    "a network that is none": {"trusted_proxies": "10.0.0.0/33"},
    "a proxy's name": {"trusted_proxies": "proxy.example"},
    "less than nothing": {"max_chat": -1},
}


@pytest.mark.parametrize("chosen", WRONG.values(), ids=WRONG)
def test_a_setting_that_would_do_nothing_is_refused(chosen):
    with pytest.raises(ValidationError):
        Settings(**chosen)


def test_hosts_and_proxies_as_they_are_written():
    assert Settings(allowed_hosts="Chess.example.org, [::1]:8000").allowed_hosts == {"chess.example.org", "::1"}
    assert Settings(trusted_proxies="10.0.0.0/8, ::1").trusted_proxies == {"10.0.0.0/8", "::1"}
