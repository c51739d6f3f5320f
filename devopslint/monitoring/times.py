"""How often a schedule comes, as far as days tell it."""

from __future__ import annotations

import re

from devopslint.deferred import compiled
from devopslint.monitoring.durations import DurationError, seconds_of

_NAMED = {
    "@hourly": 1.0,
    "@daily": 24.0,
    "@midnight": 24.0,
    "@weekly": 168.0,
    "@monthly": 744.0,
    "@yearly": 8_784.0,
    "@annually": 8_784.0,
}
_GO = compiled(r"([0-9]+(?:\.[0-9]+)?)(h|m|s|ms)")
_DAYS = {name: index for index, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}


def longest_gap(schedule: str) -> float | None:
    """Hours that may pass between two runs; None where that cannot be told."""
    text = re.sub(r"^(?:CRON_TZ|TZ)=\S+\s+", "", schedule.strip())
    if text in _NAMED:
        return _NAMED[text]
    if text.startswith("@every"):
        return hours_of(text.removeprefix("@every").strip())
    fields = text.split()
    if len(fields) == 6:
        fields = fields[1:]  # of programs that count seconds first
    if len(fields) != 5:
        return None
    _, hours, days, months, weekdays = fields
    if any(not re.fullmatch(r"[0-9A-Za-z*,/?-]+", field) for field in fields):
        return None
    if not _every(months, 1, 12):
        return 744.0
    if not _every(days, 1, 31) and not _every(weekdays, 0, 6):
        return 48.0  # either day does
    if not _every(days, 1, 31):
        return _gap(_values(days, 1, 31), 31) * 24.0
    if not _every(weekdays, 0, 6):
        return _gap(_values(weekdays, 0, 6), 7) * 24.0
    return _gap(_values(hours, 0, 23), 24) * 1.0 if not _every(hours, 0, 23) else 1.0


def _values(field: str, lowest: int, highest: int) -> set[int]:
    found: set[int] = set()
    for part in field.lower().split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        bounds = [lowest, highest]
        if span not in ("*", "?"):
            begin = _number(first)
            bounds = [begin, _number(last) if last else highest if step else begin]
        found.update(range(bounds[0], bounds[1] + 1, max(1, int(step) if step.isdigit() else 1)))
    return {value % 7 if highest == 6 else value for value in found}


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _DAYS.get(text[:3], 0)


def _every(field: str, lowest: int, highest: int) -> bool:
    return len(_values(field, lowest, highest)) >= highest - lowest + 1


def _gap(values: set[int], length: int) -> int:
    ordered = sorted(values)
    if not ordered:
        return length
    return max(after - before for before, after in zip(ordered, [*ordered[1:], ordered[0] + length], strict=True))


def hours_of(text: str) -> float | None:
    """The hours of `720h0m0s`, `30d` or `4w`; None where it is no duration."""
    found = _GO.findall(text)
    if found and "".join(number + unit for number, unit in found) == text:
        return sum(float(number) * {"h": 1, "m": 1 / 60, "s": 1 / 3600, "ms": 0}[unit] for number, unit in found)
    try:
        return seconds_of(text) / 3600
    except DurationError:
        return None
