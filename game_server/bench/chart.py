"""Bars as SVG: small panels beside each other, each with a scale of its own, for figures that share no unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from game_server.bench.plot import COLORS, card, text

PANEL_WIDTH, ROW_HEIGHT, HEAD_HEIGHT, PANELS_ACROSS = 250, 22, 34, 3
NAME_WIDTH, BAR_WIDTH = 96, 86
MARGIN, TITLE_HEIGHT = 14, 44


@dataclass(frozen=True, slots=True)
class Panel:
    """One figure, by name; all not negative."""

    title: str
    unit: str
    values: Mapping[str, float]


def bars(title: str, panels: Sequence[Panel]) -> str:
    """`panels`, three in a row; what is twice as much is twice as long within its panel."""
    across = min(PANELS_ACROSS, len(panels))
    tallest = max(len(panel.values) for panel in panels)
    panel_height = HEAD_HEIGHT + ROW_HEIGHT * tallest + 12
    height = TITLE_HEIGHT + -(-len(panels) // across) * panel_height
    width: Final = 2 * MARGIN + across * PANEL_WIDTH
    parts = card(width, height, title)
    for number, panel in enumerate(panels):
        row, column = divmod(number, across)
        parts += drawn(panel, MARGIN + column * PANEL_WIDTH, TITLE_HEIGHT + row * panel_height)
    return "\n".join([*parts, "</svg>\n"])


def drawn(panel: Panel, left: float, top: float) -> list[str]:
    most = max(panel.values.values()) or 1.0
    parts = [text(left, top + 14, f"{panel.title}, {panel.unit}", size=13)]
    for number, (name, value) in enumerate(panel.values.items()):
        y = top + HEAD_HEIGHT - 8 + number * ROW_HEIGHT
        length = value / most * BAR_WIDTH
        parts.append(text(left + NAME_WIDTH - 8, y + 11, name, "end", size=11))
        color = COLORS[number % len(COLORS)]
        parts.append(f'<rect x="{left + NAME_WIDTH}" y="{y}" width="{length:.1f}" height="14" fill="{color}"/>')
        parts.append(text(left + NAME_WIDTH + length + 5, y + 11, shown(value), size=11))
    return parts


def shown(value: float) -> str:
    """Three digits of it.

    >>> [shown(value) for value in (0.123, 4.56, 78.9, 1234.5)]
    ['0.12', '4.6', '79', '1,234']
    """
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
