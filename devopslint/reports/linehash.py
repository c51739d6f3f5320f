"""The line hashes by which GitHub code scanning knows an alert again after its line has moved."""

from __future__ import annotations

import re
import sys
from collections import Counter, deque

WINDOW = 100
BASE = 37
MODULUS = 2**64
_OUTGOING = pow(BASE, WINDOW, MODULUS)
_END_OF_FILE = 0xFFFF


def line_hashes(text: str) -> list[str]:
    """For each line what `primaryLocationLineHash` is in a result of that line, as the upload to GitHub computes it.

    A rolling hash over the UTF-16 code units from the line's first on, 100 of them, spaces and tabs left out and
    every line break taken for a line feed; the text ends with the unit 0xFFFF, and is filled up with zeros. After
    the colon: how many lines up to this one have the same hash. A byte order mark counts as a character there.

    Source: github/codeql-action, src/fingerprints.ts.
    """
    units = _units(re.sub("[ \t]", "", re.sub("\r\n?", "\n", text)))
    starts = deque([0, *(index + 1 for index, unit in enumerate(units) if unit == ord("\n"))])
    units.append(_END_OF_FILE)
    seen: Counter[int] = Counter()
    hashes = []
    value = 0
    for index, unit in enumerate([*units, *[0] * WINDOW]):
        if starts and starts[0] == index - WINDOW:
            starts.popleft()
            seen[value] += 1
            hashes.append(f"{value:x}:{seen[value]}")
        leaving = units[index - WINDOW] if index >= WINDOW else 0
        value = (BASE * value + unit - _OUTGOING * leaving) % MODULUS
    return hashes


def _units(text: str) -> list[int]:
    encoded = text.encode("utf-16-le" if sys.byteorder == "little" else "utf-16-be", "surrogatepass")
    return list(memoryview(encoded).cast("H")) if encoded else []
