"""A sweep's plot."""

from xml.etree import ElementTree

import pytest

from game_server.bench.plot import svg, tick_step

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(("highest", "step"), [(0.7, 0.2), (1, 0.2), (9, 2), (10, 2), (130, 50), (4_200, 1_000)])
def test_ticks_are_round_numbers(highest: float, step: float):
    assert tick_step(highest) == pytest.approx(step)


def test_what_is_twice_as_much_stands_twice_as_high_and_each_decade_is_as_wide():
    picture = svg("A <move>", "games", "µs", {"durable": [(10, 100), (100, 200), (1_000, 0)], "bare": [(10, 50)]})
    root = ElementTree.fromstring(picture)
    dots = [(float(dot.get("cx", "")), float(dot.get("cy", ""))) for dot in root.iter(f"{SVG}circle")]
    assert len(dots) == 4
    (x10, y100), (x100, y200), (x1000, y0), (also_x10, y50) = dots
    assert x100 - x10 == pytest.approx(x1000 - x100, abs=0.2)
    assert also_x10 == x10
    assert y0 - y200 == pytest.approx(2 * (y0 - y100), abs=0.2) == pytest.approx(4 * (y0 - y50), abs=0.4)
    texts = {text.text for text in root.iter(f"{SVG}text")}
    assert {"A <move>", "games", "µs", "durable", "bare", "1,000"} <= texts
