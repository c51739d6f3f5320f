"""Tables read from elsewhere: each says its source, its version and its date, and which script in support/ reads it again.

A table is read when something first asks for it: a run reads no table that it does not need.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devopslint.deferred import NamedTuple

_FOLDER = Path(__file__).parent


class Source(NamedTuple):
    """Where a table comes from."""

    source: str
    """Who says so: a public package, or documents, and who read them."""
    version: str
    """Of the package; empty for documents."""
    date: str
    """The day on which it was read, as ISO writes it."""
    script: str
    """What reads it again, in the repository; empty where nothing can."""


@functools.cache
def table(name: str) -> Mapping[str, Any]:
    """What a table says, by the names of its parts."""
    facts: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_bytes())
    return facts


def source_of(name: str) -> Source:
    """Where a table comes from, and when."""
    said = table(name)["source"]
    return Source(said["source"], said["version"], said["date"], said["script"])


def names() -> list[str]:
    """Every table there is."""
    return sorted(path.stem for path in _FOLDER.glob("*.json"))
