"""Kubernetes quantities: 500m, 1Gi, 2e3."""

from __future__ import annotations

import re
from fractions import Fraction

_QUANTITY = re.compile(
    r"([+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30}))(?:([eE][+-]?[0-9]{1,2})|([A-Za-z]{0,2}))\Z"
)
_UNITS = {
    "": Fraction(1),
    **{unit: Fraction(1, 1000 ** (index + 1)) for index, unit in enumerate(("m", "u", "n"))},
    **{unit: Fraction(1000 ** (index + 1)) for index, unit in enumerate(("k", "M", "G", "T", "P", "E"))},
    **{unit: Fraction(1024 ** (index + 1)) for index, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"))},
}


def quantity(text: str) -> Fraction | None:
    """The number that a quantity stands for, exactly; None where the text is no quantity."""
    found = _QUANTITY.match(text.strip())
    if found is None:
        return None
    number, exponent, unit = found.groups()
    if exponent:
        return Fraction(number) * Fraction(10) ** int(exponent[1:])
    return Fraction(number) * _UNITS[unit] if unit in _UNITS else None
