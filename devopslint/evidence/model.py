"""What a file of evidence says of an item."""

from __future__ import annotations

import datetime

from devopslint.deferred import NamedTuple


class Evidence(NamedTuple):
    """One measurement that answers an item, or a part of it."""

    item: str
    holds: bool
    """Whether what was measured is what the Definition of Done asks for."""
    words: str
    """What was measured, as a report says it: `image shop:1.4 has 84 MB`."""
    subject: str
    """What was measured: of two measurements of one thing the later one counts."""
    taken: datetime.date
    path: str = ""
    whole: bool = True
    """False where it may only speak against the item: that all tests pass says nothing of the coverage."""


class NotEvidence(ValueError):
    """The file is of a format that is known, and answers nothing; the message says why."""
