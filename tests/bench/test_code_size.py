"""Counting lines of code for the comparison of feeds."""

import pytest

from game_server.bench.code_size import browser_lines, own_lines, python_lines, server_lines, typescript_lines
from game_server.bench.feeds import KINDS

PYTHON = '''"""A header.

Of three lines.
"""

import os       # with a remark


# Only a remark
@decorated
class Room:
    """What it is."""

    text = """two
lines"""

    def leave(self) -> None:
        """Leaves."""
        os._exit(
            0
        )
'''
TYPESCRIPT = """/**
 * A header.
 */
import { one } from './one';

/** What it does. */
export async function ask(path: string): Promise<void> {
  // why
  if (path) {
    await one(path); // it may take long
  }
}

function other(): void {}
"""


@pytest.mark.parametrize(("name", "lines"), [("", 9), ("Room", 8)], ids=["the file", "a class, with its decorator"])
def test_blank_lines_remarks_and_docstrings_are_not_code(name: str, lines: int):
    assert python_lines(PYTHON, name) == lines


@pytest.mark.parametrize(("name", "lines"), [("", 7), ("ask", 5)], ids=["the file", "a function"])
def test_nor_are_they_in_typescript(name: str, lines: int):
    assert typescript_lines(TYPESCRIPT, name) == lines


@pytest.mark.parametrize("feed", KINDS)
def test_what_is_counted_for_each_feed_is_there(feed: str):
    assert server_lines(feed) > 10 and own_lines(feed) > 10 and (browser_lines(feed) or 0) > 5
