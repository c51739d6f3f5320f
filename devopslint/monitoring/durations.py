"""Lengths of time, as Prometheus writes them."""

from __future__ import annotations

from devopslint.deferred import compiled
from devopslint.readers.yaml import Node

LARGEST = 2**63 / 1e9
"""Seconds that Prometheus can count."""

_UNITS = {"y": 31_536_000.0, "w": 604_800.0, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION = compiled(r"([0-9]+)(ms|[smhdwy])")


class DurationError(ValueError):
    """The message says why it is no duration."""


def seconds_of(text: str) -> float:
    """The seconds of `1h30m`, as Prometheus reads durations. Raises DurationError."""
    if text == "0":
        return 0.0
    total, at, last = 0.0, 0, -1
    order = list(_UNITS)
    while at < len(text):
        found = _DURATION.match(text, at)
        if found is None:
            raise DurationError("is no duration like 30s, 5m or 1h30m")
        if (place := order.index(found[2])) <= last:
            raise DurationError("names its units in another order than from the largest to the smallest")
        total += float(found[1]) * _UNITS[found[2]]
        at, last = found.end(), place
    if not text:
        raise DurationError("is empty")
    if total > LARGEST:
        raise DurationError("is longer than Prometheus can count")
    return total


def seconds(node: Node) -> float | None:
    """The seconds of a duration; None where it is none, or not written."""
    if not node.present or not node.is_scalar:
        return None
    try:
        return seconds_of(node.text)
    except DurationError:
        return None
