"""How often is too often, as arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game_server.http.rates import Rate, Rates

THREE_IN_TEN = Rate(3, 10)


def taken(rates, *instants_ms, key="anna"):
    """How long each has to wait."""
    return [rates.take(key, now_ms) for now_ms in instants_ms]


TABLE = {
    "up to the limit at once": ((0, 0, 0), (0, 0, 0)),
    "one more waits for the first to be past": ((0, 4, 5, 6), (0, 0, 0, 4)),
    "what was refused does not count": ((0, 0, 0, 1, 9, 10, 10, 10), (0, 0, 0, 9, 1, 0, 0, 0)),
    "a window slides: no double burst at its border": ((0, 9, 9, 10, 10), (0, 0, 0, 0, 9)),
    "a steady third of it is never too often": (tuple(range(0, 400, 4)), (0,) * 100),
}


@pytest.mark.parametrize(("instants_ms", "waits_ms"), TABLE.values(), ids=TABLE)
def test_how_long_each_has_to_wait(instants_ms, waits_ms):
    assert tuple(taken(Rates(THREE_IN_TEN), *instants_ms)) == waits_ms


@given(st.integers(1, 5), st.integers(1, 20), st.lists(st.tuples(st.integers(0, 8), st.integers(0, 2)), max_size=60))
def test_no_window_ever_has_more_and_who_waits_as_long_as_told_is_served(limit, per_ms, steps):
    rates, now_ms, let_through = Rates(Rate(limit, per_ms)), 0, []
    for pause_ms, who in steps:
        now_ms += pause_ms
        before_ms = rates.wait_ms(who, now_ms)
        wait_ms = rates.take(who, now_ms)
        assert wait_ms == before_ms
        recent = [at for at, key in let_through if key == who and at > now_ms - per_ms]
        assert (wait_ms == 0) is (len(recent) < limit)
        if wait_ms == 0:
            let_through.append((now_ms, who))
        else:
            assert min(recent) + per_ms == now_ms + wait_ms


def test_one_cannot_use_up_what_is_another_s():
    rates = Rates(THREE_IN_TEN)
    taken(rates, 0, 0, 0, 0, key="anna")
    assert taken(rates, 0, key="boris") == [0]


def test_no_limit_counts_nothing():
    rates = Rates(Rate(0, 10))
    assert taken(rates, *[0] * 1_000) == [0] * 1_000
    assert rates.wait_ms("anna", 0) == len(rates) == 0


def test_who_does_nothing_any_more_is_forgotten():
    rates = Rates(THREE_IN_TEN)
    for number in range(1_000):
        rates.take(number, 0)
    assert len(rates) == 1_000
    for now_ms in range(10, 1_000):
        rates.take("anna", now_ms)
    assert len(rates) == 1


def test_ever_new_addresses_do_not_fill_the_memory_and_the_latest_are_kept():
    rates = Rates(Rate(1, 3_600_000), most_keys=1_000)
    for number in range(100_000):
        rates.take(number, number // 100)
    assert len(rates) == 1_000
    assert rates.take(99_999, 1_000) > 0
    assert rates.take(0, 1_000) == 0


def test_a_look_at_who_was_never_there_leaves_nothing_behind():
    rates = Rates(THREE_IN_TEN)
    assert rates.wait_ms("anna", 0) == 0
    taken(rates, 0)
    assert rates.wait_ms("anna", 100) == 0
    assert taken(rates, 100, key="boris") == [0]
    assert len(rates) == 1
