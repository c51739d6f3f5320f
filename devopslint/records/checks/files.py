"""The files that records name."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.model import Problem
from devopslint.records.tree import Mention, mentions
from devopslint.registry import check


@check("change-unknown-file", each=mentions, complete=True)
def unknown_file(mention: Mention) -> Iterator[Problem]:
    if mention.lacking:
        yield Problem(mention.location, f"'{mention.name}' is not in the tree")
