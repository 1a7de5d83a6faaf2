"""Entries of the log: one line each, whatever is in them, and named by what they are about."""

import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game_server.logs import JsonLines, TextLines

FORMATS = {"text": TextLines(), "json": JsonLines()}


def entry(template, *values, fault=None):
    return logging.LogRecord("tabiya.room", logging.INFO, __file__, 1, template, values, fault)


def raised(text):
    """A ValueError of that text, as `exc_info` has it."""
    try:
        return text, int(f"no number: {text}")
    except ValueError:
        return sys.exc_info()


SUBJECTS = {
    "a room": (entry("room %s: %s at version %d", "abc", "move", 7), {"room": "abc"}),
    "a room in quotes": (entry("room %r: a connection failed", "abc"), {"room": "abc"}),
    "a room's stream": (entry("room %s: a command was not stored: %s", "room:abc", "full"), {"room": "abc"}),
    "a player in a room": (entry("room %s: player %s connected", "abc", "p1"), {"room": "abc", "player": "p1"}),
    "an account": (entry("account %s: %s", "anna", "GameEntered"), {"account": "anna"}),
    "after a percentage": (entry("%d%% of room %s", 7, "abc"), {"room": "abc"}),
    "nothing": (entry("the server stood still for %d ms", 7), {}),
    "a word that only ends so": (entry("classroom %s", "abc"), {}),
}


@pytest.mark.parametrize(("record", "subjects"), SUBJECTS.values(), ids=SUBJECTS)
def test_json_says_what_an_entry_is_about(record, subjects):
    said = json.loads(FORMATS["json"].format(record))
    assert {name: said[name] for name in ("room", "account", "player") if name in said} == subjects
    assert (said["level"], said["logger"], said["message"]) == ("info", "tabiya.room", record.getMessage())
    assert said["time"].endswith("+00:00")


@pytest.mark.parametrize("lines", FORMATS.values(), ids=FORMATS)
@given(text=st.text(), name=st.text())
def test_no_text_makes_a_second_line_or_one_that_is_not_printable(lines, text, name):
    line = lines.format(entry("room %s: %s", name, text))
    assert line.isprintable()
    if lines is FORMATS["json"]:
        assert json.loads(line)["message"] == f"room {name}: {text}"


@pytest.mark.parametrize("lines", FORMATS.values(), ids=FORMATS)
@given(text=st.text())
def test_no_error_s_text_makes_a_line_of_its_own(lines, text):
    said = lines.format(entry("room %s: failed", "abc", fault=raised(f"x\n{text}\n2026-01-01 INFO forged")))
    first, *rest = said.split("\n")
    assert all(line.isprintable() and line.startswith("  ") for line in rest)
    assert "room abc: failed" in first
    if lines is FORMATS["json"]:
        assert not rest
        assert json.loads(first)["trace"].startswith("Traceback (most recent call last):")
    else:
        assert rest[0] == "  Traceback (most recent call last):"


def test_what_is_printable_stays_as_it_was_written():
    assert FORMATS["text"].format(entry("Zoë: %s", "♞ naïve")).endswith("INFO tabiya.room: Zoë: ♞ naïve")
    assert FORMATS["text"].format(entry("%s", "a\tb\u2028c\x1b[31m")).endswith(": a\\tb\\u2028c\\x1b[31m")
