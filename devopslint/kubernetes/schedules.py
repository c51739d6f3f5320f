"""The schedules of CronJobs, as the API server reads them: robfig/cron 3.0.1, its parser's standard form."""

from __future__ import annotations

import functools

from devopslint.deferred import NamedTuple, compiled
from devopslint.facts import table

_DESCRIPTORS = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
_EVERY = compiled(
    r"@every (?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|ms|s|m|h)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|ms|s|m|h))*\Z"
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]


class _Field(NamedTuple):
    name: str
    least: int
    most: int
    words: dict[str, int]


_FIELDS = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of the month", 1, 31, {}),
    _Field("month", 1, 12, {word: number for number, word in enumerate(_MONTHS, 1)}),
    _Field("day of the week", 0, 6, {word: number for number, word in enumerate(_DAYS)}),
)


def refused_schedule(text: str) -> str:
    """Why the API server refuses a schedule; empty where it takes it."""
    if text.startswith(("TZ=", "CRON_TZ=")):
        return "the time zone belongs into timeZone"
    if text.startswith("@"):
        known = text in _DESCRIPTORS or _EVERY.match(text)
        return "" if known else f"there is no {text.split(' ')[0]}"
    fields = text.split()
    if len(fields) != len(_FIELDS):
        return f"it has {len(fields)} fields, not {len(_FIELDS)}"
    return next(
        (objection for field, kind in zip(fields, _FIELDS, strict=True) if (objection := _refused(field, kind))), ""
    )


def refused_zone(text: str) -> bool:
    """Whether the API server refuses a time zone: it takes the names of the IANA database as they are spelt there."""
    if "$" in text or "{{" in text:
        return False
    return text not in _zones()


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(table("time_zones")["names"])


def _refused(field: str, kind: _Field) -> str:
    """Why a field is refused: a list of `*`, numbers, words and ranges, each with a step."""
    for part in field.split(","):
        span, *steps = part.split("/")
        ends = span.split("-")
        if not part:
            continue  # an empty item of a list is passed over
        if len(steps) > 1 or len(ends) > 2:
            return f"'{part}' is no {kind.name}"
        if ends[0] in ("*", "?"):
            low, high = kind.least, kind.most
        else:
            numbers = [_number(end, kind) for end in ends]
            known = [number for number in numbers if number is not None]
            if len(known) < len(numbers):
                return f"'{part}' is no {kind.name}"
            low = known[0]
            high = known[1] if len(known) == 2 else (kind.most if steps else low)
        if steps and not (steps[0].isdecimal() and int(steps[0]) > 0):
            return f"'/{steps[0]}' is no step of a {kind.name}"
        if low < kind.least or high > kind.most:
            wrong = low if low < kind.least else high
            return f"{wrong} is no {kind.name}: they go from {kind.least} to {kind.most}"
        if low > high:
            return f"'{span}' runs backwards"
    return ""


def _number(text: str, kind: _Field) -> int | None:
    word = kind.words.get(text.lower())
    if word is not None:
        return word
    return int(text) if text.isdecimal() and len(text) < 10 else None
