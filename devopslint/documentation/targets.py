"""How much may be lost, and for how long: the targets that a plan for recovery names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import NamedTuple, compiled

_TERM = r"\b(?:(?P<point>RPO|recovery[ -]point(?:[ -]objective)?)|(?P<time>RTO|recovery[ -]time(?:[ -]objective)?))\b"
_DURATION = (
    r"(?P<number>\d+(?:[.,]\d+)?)(?:\s*(?:-|–|to)\s*(?P<upper>\d+(?:[.,]\d+)?))?\s*-?"
    r"(?P<unit>seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|Stunden?|Minuten?|Tage?)\b"
)
_STATED = compiled(_TERM + r"[^\d\n;.]{0,40}?(?<![\w.])" + _DURATION, re.IGNORECASE)
_NAMED = compiled(_TERM, re.IGNORECASE)
_IN_CELL = compiled(r"(?<![\w.])" + _DURATION, re.IGNORECASE)
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "t": 86400.0}


class Target(NamedTuple):
    """A target that a document states."""

    name: str
    """`RPO` or `RTO`."""
    seconds: float
    words: str
    """The time as it is written."""
    line: int


def names_targets(text: str) -> set[str]:
    """Which of RPO and RTO a text speaks of, with a time or without."""
    return {_name(found) for found in _NAMED.finditer(text)}


def targets(lines: list[str]) -> Iterator[Target]:
    """Every time that is stated for a target, in a sentence or in a table."""
    columns: dict[int, str] = {}
    for number, line in enumerate(lines, 1):
        if not columns and not _NAMED.search(line):
            continue
        cells = line.strip().strip("|").split("|") if line.strip().startswith("|") else []
        if line.strip() and not cells:
            columns = {}
        stated = list(_STATED.finditer(line.replace("|", " ")))
        for found in stated:
            yield Target(_name(found), *_time(found), number)
        if stated or not cells:
            continue
        named = {index: _name(term) for index, cell in enumerate(cells) if (term := _NAMED.search(cell))}
        if named:
            columns = named
            continue
        for index, name in columns.items():
            if index < len(cells) and (time := _IN_CELL.search(cells[index])):
                yield Target(name, *_time(time), number)


def _name(found: re.Match[str]) -> str:
    return "RPO" if found["point"] else "RTO"


def _time(found: re.Match[str]) -> tuple[float, str]:
    number = float((found["upper"] or found["number"]).replace(",", "."))
    words = found[0][found.start("number") - found.start() :]
    unit = found["unit"].lower()
    return number * _SECONDS["h" if unit.startswith("stunde") else unit[0]], words.strip()
