"""LightEvent is asyncio.Event for whoever uses it: the same steps, the same outcomes."""

import asyncio
from contextlib import suppress

from hypothesis import example, given
from hypothesis import strategies as st

from game_server.http.light_event import LightEvent

STEPS = st.lists(st.sampled_from(["wait", "set", "clear", "cancel", "turn"]), max_size=20)


def outcomes(make, steps):
    """Whether it was set after each step, and how many of those who waited had gone on."""

    async def run():
        event, waiting, seen = make(), [], []
        for step in steps:
            match step:
                case "wait":
                    waiting.append(asyncio.ensure_future(event.wait()))
                case "cancel" if waiting:
                    waiting[-1].cancel()
                case "turn":
                    await asyncio.sleep(0)
                    await asyncio.sleep(0)
                case "set" | "clear":
                    getattr(event, step)()
            seen.append((event.is_set(), [one.done() for one in waiting]))
        event.set()
        for one in waiting:
            with suppress(asyncio.CancelledError):
                assert await one is True
        return seen, [one.cancelled() for one in waiting]

    return asyncio.run(run())


@given(STEPS)
@example(["wait", "turn", "set", "clear", "turn"])
@example(["wait", "wait", "turn", "cancel", "set", "turn", "clear", "wait", "turn"])
def test_it_is_an_event(steps):
    assert outcomes(LightEvent, steps) == outcomes(asyncio.Event, steps)
