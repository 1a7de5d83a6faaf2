"""Hypothesis strategies, built from the types, so that a new event or field is covered the day it is added."""

from dataclasses import is_dataclass
from types import UnionType
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from game_server.core.account_events import AccountEvent
from game_server.core.clock import TimeControl, parse_time_control
from game_server.core.events import Event

MAX_INT = 2**53 - 1  # what JavaScript can count

time_controls = st.one_of(
    st.just("unlimited"),
    st.integers(1, 366).map(lambda days: f"{days}d"),
    st.builds(
        "{}+{}".format, st.sampled_from([0, 0.25, 0.5, 1, 3, 10, 90, 1_440]), st.sampled_from([1, 2, 2.5, 30, 600])
    ),
).map(parse_time_control)


def of_type(hint: Any) -> st.SearchStrategy[Any]:
    """Every value that the annotation `hint` allows."""
    if hint is TimeControl:
        return time_controls
    if is_dataclass(hint):
        return of_fields(hint)
    if isinstance(hint, NewType):
        return of_type(hint.__supertype__)
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    if get_origin(hint) in (Union, UnionType):
        return st.one_of([of_type(member) for member in get_args(hint)])
    return {
        int: st.integers(-MAX_INT, MAX_INT),
        str: st.text(st.characters(), max_size=40),
        bool: st.booleans(),
        type(None): st.none(),
    }[hint]


def of_fields(cls: type) -> st.SearchStrategy[Any]:
    hints = get_type_hints(cls)
    return st.builds(cls, **{name: of_type(hint) for name, hint in hints.items()})


EVENT_TYPES: tuple[type, ...] = get_args(Event)
events: st.SearchStrategy[Event] = st.one_of([of_fields(event) for event in EVENT_TYPES])
ACCOUNT_EVENT_TYPES: tuple[type, ...] = get_args(AccountEvent)
account_events: st.SearchStrategy[AccountEvent] = st.one_of([of_fields(event) for event in ACCOUNT_EVENT_TYPES])
