"""Bars beside each other."""

from xml.etree import ElementTree

import pytest

from game_server.bench.chart import Panel, bars

SVG = "{http://www.w3.org/2000/svg}"


def test_what_is_twice_as_much_is_twice_as_long_within_its_panel():
    panels = [Panel("memory", "KB", {"SSE": 10, "WebSocket": 20}), Panel("CPU", "µs", {"SSE": 7_000, "WebSocket": 0})]
    root = ElementTree.fromstring(bars("One <spectator>", panels))
    _card, *lengths = (float(bar.get("width", "")) for bar in root.iter(f"{SVG}rect"))
    assert lengths[1] == pytest.approx(2 * lengths[0]) == pytest.approx(lengths[2])
    assert lengths[3] == 0
    texts = {text.text for text in root.iter(f"{SVG}text")}
    assert {"One <spectator>", "memory, KB", "CPU, µs", "SSE", "WebSocket", "10", "7,000", "0.00"} <= texts


def test_each_panel_has_a_place_of_its_own():
    root = ElementTree.fromstring(bars("Four", [Panel(str(number), "s", {"x": 1}) for number in range(4)]))
    _card, *drawn = root.iter(f"{SVG}rect")
    assert len({(bar.get("x"), bar.get("y")) for bar in drawn}) == 4
    assert float(root.get("viewBox", "").split()[3]) > max(float(bar.get("y", "")) + 14 for bar in drawn)
