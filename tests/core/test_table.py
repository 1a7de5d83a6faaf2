"""Every command in every state of a room does what the table says."""

from typing import get_args

import pytest

from game_server.core.commands import Command, OpenRoom
from game_server.core.decide import decide
from game_server.core.evolve import evolve
from game_server.core.refusals import Refused
from game_server.wire.frames import event_frame
from tests.core.table import STATES, TABLE, at_ms, markdown, prepared


def answer(room, command):
    try:
        events = decide(room, command, at_ms(command))
    except Refused as refused:
        return f"! {refused.code}"
    kinds = []
    for event in events:
        after = evolve(room, event)
        kinds.append(event_frame(room, event, after).type)
        room = after
    return ", ".join(kinds) or "ack"


ROWS = {f"{name} ({before})" if before else name: (before, command, cells) for name, before, command, cells in TABLE}


@pytest.mark.parametrize(("before", "command", "cells"), ROWS.values(), ids=ROWS)
def test_every_command_in_every_state(before, command, cells):
    answers = {state: answer(prepared(state, before), command) for state in STATES}
    assert answers == dict(zip(STATES, cells, strict=True))


def test_the_table_leaves_no_command_out():
    assert {type(command) for _, _, command, _ in TABLE} == set(get_args(Command)) - {OpenRoom}


def test_the_states_are_what_they_are_called():
    statuses = [(room.status, room.game and room.game.turn) for room in STATES.values()]
    assert statuses == [
        ("waiting", None), ("playing", "white"), ("playing", "white"), ("playing", "black"),
        ("finished", "black"), ("closed", "black"),
    ]


def test_the_table_can_be_read_in_the_readme():
    lines = markdown().splitlines()
    assert len(lines) == len(TABLE) + 2
    assert all(line.count("|") == len(STATES) + 2 for line in lines)
