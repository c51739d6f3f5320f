"""Which YAML and JSON files hold change records."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import Any

from devopslint.deferred import compiled

TELLING = frozenset(("agentName", "status", "filesChanged"))
"""The keys that stand together in a record, and in nothing else."""
_DEEPEST = 4
"""Columns before the keys of an item, of a list one key below the top."""
_KEY = compiled(r"""^(?P<before> *(?:- +)*)["']?(?P<key>agentName|status|filesChanged)["']?[ \t]*:""", re.MULTILINE)


def reads_as_records(name: str, text: str | None) -> bool:
    """Whether a record is at the top, or an item of a list there or one key below it."""
    if text is None or not all(key in text for key in TELLING):
        return False
    if text.removeprefix("\ufeff").lstrip()[:1] in ("{", "["):
        return _in_json(text.removeprefix("\ufeff"))
    columns: dict[int, set[str]] = defaultdict(set)
    items = {0}
    for found in _KEY.finditer(text.removeprefix("\ufeff")):
        column = len(found["before"])
        columns[column].add(found["key"])
        if "-" in found["before"] and column <= _DEEPEST:
            items.add(column)
    return any(columns[column] == TELLING for column in items)


def _in_json(text: str) -> bool:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return all(f'"{key}"' in text for key in TELLING) and '"$schema"' not in text
    inner = [value for value in read.values() if isinstance(value, list)] if isinstance(read, dict) else []
    return _is_record(read) or any(
        _is_record(item) for some in (read, *inner) if isinstance(some, list) for item in some
    )


def _is_record(read: Any) -> bool:
    return isinstance(read, dict) and read.keys() >= TELLING and isinstance(read["agentName"], str)
