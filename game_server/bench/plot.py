"""A plot as SVG: a few series over a logarithmic axis. Enough for the sweep, and no library."""

import math
from collections.abc import Mapping, Sequence
from typing import Final
from xml.sax.saxutils import escape

Points = Sequence[tuple[float, float]]
WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 74, 20, 46, 92
CHARACTER: Final = 6.8      # the width of one, about
COLORS: Final = ("#1f6fb4", "#c4501b", "#2b8a3e", "#8e44ad", "#7a6a00")


def svg(title: str, x_label: str, y_label: str, series: Mapping[str, Points]) -> str:
    """`series` by name, as (x, y) with x > 0; the vertical axis is linear from 0, so that what is flat looks flat."""
    xs = [x for points in series.values() for x, _ in points]
    low, high = math.log10(min(xs)), math.log10(max(xs))
    step = tick_step(max(y for points in series.values() for _, y in points))
    top = step * math.ceil(max(y for points in series.values() for _, y in points) / step + 0.05)

    def across(x: float) -> float:
        return LEFT + (math.log10(x) - low) / ((high - low) or 1) * (WIDTH - LEFT - RIGHT)

    def up(y: float) -> float:
        return HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM)

    parts = [
        *card(WIDTH, HEIGHT, title),
        text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 38, x_label, "middle"),
        f'<g transform="translate(18 {up(top / 2):.0f}) rotate(-90)">{text(0, 0, y_label, "middle")}</g>',
    ]
    for number in range(round(top / step) + 1):
        y = up(number * step)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(text(LEFT - 8, y + 4, f"{number * step:,.10g}", "end"))
    for x in sorted(set(xs)):
        parts.append(f'<path d="M{across(x):.1f} {HEIGHT - BOTTOM}v5" stroke="#555"/>')
        parts.append(text(across(x), HEIGHT - BOTTOM + 18, f"{x:,.10g}", "middle"))
    place: float = LEFT
    for number, (name, points) in enumerate(series.items()):
        color = COLORS[number % len(COLORS)]
        line = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="3.5" fill="{color}"/>' for x, y in points]
        parts.append(f'<path d="M{place:.0f} {HEIGHT - 20}h18" stroke="{color}" stroke-width="3"/>')
        parts.append(text(place + 24, HEIGHT - 16, name))
        place += 48 + CHARACTER * len(name)
    return "\n".join([*parts, "</svg>\n"])


def card(width: float, height: float, title: str) -> list[str]:
    """The beginning of a picture: a white card, so that it can be read on whatever ground a page has."""
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
        f'<rect width="{width}" height="{height}" rx="6" fill="white"/>',
        text(width / 2, 24, title, "middle", size=15),
    ]


def tick_step(highest: float) -> float:
    """A round number of which about five make `highest`.

    >>> [tick_step(y) for y in (0.7, 9, 130, 4_200)]
    [0.2, 2.0, 50.0, 1000.0]
    """
    rough = max(highest, 1e-9) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)


def text(x: float, y: float, said: str, anchor: str = "start", size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(said)}</text>'
