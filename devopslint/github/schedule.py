"""When a `schedule` starts a workflow: cron times as GitHub reads them, and the names of time zones.

https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
"""

from __future__ import annotations

import functools
from itertools import pairwise

from devopslint.deferred import NamedTuple, compiled
from devopslint.facts import table

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""The days of each month, of February in a leap year."""
_MINUTES_OF_A_DAY = 24 * 60


class _Field(NamedTuple):
    name: str
    lowest: int
    highest: int
    words: tuple[str, ...] = ()


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, tuple(_MONTHS)),
    _Field("day of the week", 0, 6, tuple(_DAYS)),
)
_PART = compiled(r"(?:(?P<any>\*)|(?P<first>\w{1,9})(?:-(?P<last>\w{1,9}))?)(?:/(?P<step>[0-9]{1,9}))?\Z")


class CronError(ValueError):
    """What is wrong with a cron time; the message is for the user."""


class Cron(NamedTuple):
    """A time that was understood."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    any_weekday: bool

    @property
    def shortest_gap(self) -> int:
        """Minutes between the two nearest runs of a day, or of one day and the next."""
        runs = sorted(hour * 60 + minute for hour in self.hours for minute in self.minutes)
        return min(b - a for a, b in pairwise([*runs, runs[0] + _MINUTES_OF_A_DAY]))

    @property
    def comes(self) -> bool:
        """Whether there is such a day: where the day of the week is said too, either is enough."""
        return not self.any_weekday or any(min(self.days) <= _LONGEST[month - 1] for month in self.months)


def read_cron(text: str) -> Cron:
    """Raises CronError."""
    parts = text.split()
    if len(parts) != len(_FIELDS):
        count = "1 field" if len(parts) == 1 else f"{len(parts)} fields"
        raise CronError(f"has {count}; minute, hour, day of the month, month and day of the week are wanted")
    values = [_values(part, field) for part, field in zip(parts, _FIELDS, strict=True)]
    minutes, hours, days, months, _ = values
    return Cron(minutes, hours, days, months, any_weekday=parts[4].startswith("*"))


def _values(text: str, field: _Field) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.match(part)
        if match is None:
            raise CronError(f"has '{part}' as {field.name}, which is no cron syntax")
        first = field.lowest if match["any"] else _number(match["first"], field)
        last = field.highest if match["any"] or match["step"] else first
        if match["last"]:
            last = _number(match["last"], field)
        step = int(match["step"] or 1)
        if first > last:
            raise CronError(f"has the range '{part}' as {field.name}, which ends before it begins")
        if not step:
            raise CronError(f"has the step 0 in '{part}' as {field.name}")
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _number(text: str, field: _Field) -> int:
    if text.upper() in field.words:
        return field.words.index(text.upper()) + field.lowest
    if not text.isascii() or not text.isdigit() or not field.lowest <= int(text) <= field.highest:
        raise CronError(f"has '{text}' as {field.name}; {field.lowest} to {field.highest} is wanted")
    return int(text)


@functools.cache
def time_zones() -> frozenset[str]:
    """The names in the IANA time zone database, in lower case."""
    return frozenset(name.lower() for name in table("time_zones")["names"])
