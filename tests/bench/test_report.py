"""Tables as markdown, and how they get into a page."""

import pytest

from game_server.bench.report import markdown, written_into

PAGE = "# Before\n\n<!-- bench -->\nold\n<!-- end of bench -->\n\nAfter\n"


def test_a_table_has_a_head_and_bars_in_cells_are_no_borders():
    assert markdown([("what", "µs"), ("a | b", "1")]) == "| what | µs |\n|---|---|\n| a \\| b | 1 |"


def test_a_table_takes_the_place_of_what_stands_between_its_marks_again_and_again():
    once = written_into(PAGE, "bench", "| new |")
    assert once == PAGE.replace("old", "| new |")
    assert written_into(once, "bench", "| new |") == once


@pytest.mark.parametrize("page", ["", PAGE + PAGE, "<!-- bench -->\n"], ids=["no marks", "twice", "no end"])
def test_a_page_without_one_place_for_it_is_refused(page: str):
    with pytest.raises(ValueError, match="there must be one line <!-- bench -->"):
        written_into(page, "bench", "| new |")
