"""Values out of files that others wrote: whatever is there is taken, and nothing is relied upon."""

from __future__ import annotations

import datetime
from typing import Any


def listed(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; none where it is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    return value[:300] if isinstance(value, str) else ""


def moment(value: Any) -> datetime.datetime | None:
    """A time of RFC 3339, nanoseconds cut; None where it is none."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.datetime.fromisoformat(value[:64])
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=datetime.UTC)


def day(value: Any) -> datetime.date | None:
    """The day of such a time."""
    found = moment(value)
    return found.date() if found is not None else None
