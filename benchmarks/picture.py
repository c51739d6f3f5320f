"""Pictures of growth as SVG: lines over the number of files, both on scales of logarithms, without a library that plots."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

Series = Mapping[str, Sequence[tuple[int, float]]]
"""Name of a line -> (files, what was measured)."""

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 420, 300, 60, 40, 20, 44
COLOURS = ("#0b6e99", "#b3541e", "#4c6b22")
STEPS = (1, 2, 5)


def picture(panels: Mapping[str, Series]) -> str:
    """One panel beside another; each is told by its title, which names the unit."""
    width = WIDTH * len(panels)
    drawn = "\n".join(
        f'<g transform="translate({WIDTH * number} 0)">\n{_panel(title, series)}\n</g>'
        for number, (title, series) in enumerate(panels.items())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}" '
        'font-family="sans-serif" font-size="11">\n'
        f'<rect width="{width}" height="{HEIGHT}" fill="#fff"/>\n{drawn}\n</svg>\n'
    )


def _panel(title: str, series: Series) -> str:
    points = [point for line in series.values() for point in line]
    across = _bounds(files for files, _ in points)
    up = _bounds(value for _, value in points)

    def x(files: float) -> float:
        return LEFT + _part(files, across) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - _part(value, up) * (HEIGHT - TOP - BOTTOM)

    drawn = [f'<text x="{LEFT}" y="20" font-size="13">{title}</text>']
    for mark in _marks(across):
        drawn.append(f'<path d="M{x(mark):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        drawn.append(f'<text x="{x(mark):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{mark:,g}</text>')
    for mark in _marks(up):
        drawn.append(f'<path d="M{LEFT} {y(mark):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        drawn.append(f'<text x="{LEFT - 6}" y="{y(mark) + 4:.1f}" text-anchor="end">{mark:,g}</text>')
    drawn.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">files</text>')
    for number, (name, line) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{x(files):.1f},{y(value):.1f}" for files, value in line)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += (
            f'<circle cx="{x(files):.1f}" cy="{y(value):.1f}" r="3" fill="{colour}"><title>{files:,} files: {value:.4g}</title></circle>'
            for files, value in line
        )
        drawn.append(f'<text x="{LEFT + 10}" y="{TOP + 14 + 14 * number}" fill="{colour}">{name}</text>')
    return "\n".join(drawn)


def _bounds(values: Iterable[float]) -> tuple[float, float]:
    """Beyond the smallest and the largest, at steps of 1, 2 and 5."""
    known = sorted(values)
    steps = [step * 10.0**power for power in range(-4, 8) for step in STEPS]
    low = max(step for step in steps if step <= known[0])
    high = min(step for step in steps if step >= known[-1])
    return (low, high) if low < high else (low, 10 * low)


def _part(value: float, bounds: tuple[float, float]) -> float:
    low, high = map(math.log10, bounds)
    return (math.log10(value) - low) / (high - low)


def _marks(bounds: tuple[float, float]) -> list[float]:
    low, high = bounds
    every = [step * 10.0**power for power in range(-4, 8) for step in STEPS]
    marks = [mark for mark in every if low <= mark <= high * 1.0001]
    return marks if len(marks) <= 10 else [mark for mark in marks if math.log10(mark) % 1 < 1e-9]
