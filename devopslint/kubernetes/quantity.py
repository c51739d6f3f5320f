"""The numbers of Kubernetes objects: quantities (500m, 1Gi, 2e3), whole numbers and percentages."""

from __future__ import annotations

import functools

from devopslint.deferred import compiled
from devopslint.kubernetes.names import is_put_in, stands_in
from devopslint.readers.yaml import Node

_QUANTITY = compiled(
    r"([+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30}))(?:([eE][+-]?[0-9]{1,2})|([A-Za-z]{0,2}))\Z"
)
_DECIMAL = {"": 0, "m": -3, "u": -6, "n": -9, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_FINEST = 130
"""Digits behind the point of 1 that are enough for every quantity: 30 that are written, and 99 of an exponent."""
ONE = 10**_FINEST


@functools.lru_cache(maxsize=4096)
def quantity(text: str) -> int | None:
    """The number that a quantity stands for, exactly: so many parts of ONE. None where the text is no quantity."""
    found = _QUANTITY.match(text.strip())
    if found is None:
        return None
    number, exponent, unit = found.groups()
    before, _, behind = number.partition(".")
    digits = int(before + behind)
    power = int(exponent[1:]) if exponent else _DECIMAL.get(unit or "")
    if power is None and unit not in _BINARY:
        return None
    parts: int = 10 ** (_FINEST - len(behind) + (power or 0))
    return digits * parts << _BINARY.get(unit, 0)


def whole(node: Node) -> int | None:
    """A whole number; None for anything else. JSON knows no integers: `2.0` and `1e3` are read as whole ones."""
    value = node.value
    if type(value) is float and value.is_integer() and abs(value) < 2**63:
        return int(value)
    return value if type(value) is int else None


def percentage(node: Node) -> int | None:
    """The number in a text such as `25%`; None for anything else."""
    return percent(node.text)


def percent(text: str) -> int | None:
    number = text.strip().removesuffix("%")
    return int(number) if text.strip().endswith("%") and number.isdecimal() and len(number) < 6 else None


_DURATION = compiled(r"[+-]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)\Z")


def is_duration(text: str) -> bool:
    """Whether Go's own reader takes a text for a duration: `90s`, `1h30m`; it knows no days."""
    return _DURATION.match(text) is not None


_PORT_IN_CAPITALS = compiled(r"(?:[A-Z0-9]+_)*PORT\Z")


def stands_for_port(name: str) -> bool:
    """Whether a word stands for a port that is put in later: `${PORT}`, `{{ port }}`, `<port>`, `APP_PORT`."""
    return is_put_in(name) or _PORT_IN_CAPITALS.match(name) is not None or stands_in(name)
