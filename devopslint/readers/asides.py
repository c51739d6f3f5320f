"""Folders whose names say that what lies in them is seldom deployed."""

from __future__ import annotations

import posixpath
from collections.abc import Container

SHOWN = frozenset(
    (
        *("test", "tests", "testing", "testdata", "__tests__", "spec", "e2e", "fixture", "fixtures"),
        *("example", "examples", "sample", "samples", "demo", "demos"),
    )
)
"""Those of tests and examples: what lies there is tried out, or shows how a thing is used."""
ASIDE = SHOWN | {"doc", "docs", "vendor", "vendored", "third_party", "third-party", "node_modules"}
"""Those, and the folders of documents and of what others wrote."""


def are_of_one_sample(path: str, other: str) -> bool:
    """Whether two files may be meant for each other: what lies among tests or examples goes with its own folders only."""
    around = uppermost(path, SHOWN)
    if around != uppermost(other, SHOWN):
        return False
    one, two = (f"{posixpath.dirname(each)}/" for each in (path, other))
    return not around or one.startswith(two) or two.startswith(one)


def uppermost(path: str, names: Container[str]) -> str:
    """The uppermost of the folders around a file that has one of these names, empty where none has."""
    parts = path.split("/")[:-1]
    end = next((index for index, part in enumerate(parts, 1) if part.lower() in names), 0)
    return "/".join(parts[:end])
