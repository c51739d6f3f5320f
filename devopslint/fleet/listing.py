"""The list of checkouts: a path a line, a name behind `=`, comments behind `#`."""

from __future__ import annotations

import os
from pathlib import Path

from devopslint.config import ConfigError
from devopslint.deferred import NamedTuple, compiled
from devopslint.digests import blake2b

MOST_PROBLEMS = 20
"""Of a list that are said; the others are counted."""

_COMMENT = compiled(r"(?:^|\s)#.*")
_NAME = compiled(r"\s=\s")
_PLAIN = compiled(r"[a-z0-9][a-z0-9._-]{0,99}")
_UNSAFE = compiled(r"[^a-z0-9._]+")
_LONGEST = 80
"""Characters of a name in that of a file, before its hash."""


class Checkout(NamedTuple):
    """A folder that is to be examined as one project."""

    name: str
    path: str
    """Absolute: who examines it may be in another folder."""
    line: int

    @property
    def stem(self) -> str:
        """What its files are called, on every file system: the name itself where that is plain."""
        if _PLAIN.fullmatch(self.name):
            return self.name
        digest = blake2b(os.fsencode(self.name), digest_size=4).hexdigest()
        slug = _UNSAFE.sub("-", self.name.lower()).strip("-.")[:_LONGEST]
        return f"{slug}-{digest}".removeprefix("-")


def read_list(text: str, label: str, folder: Path) -> list[Checkout]:
    """The checkouts of a list, in its order; relative paths start from `folder`. Raises ConfigError."""
    checkouts: list[Checkout] = []
    problems: list[str] = []
    taken: dict[tuple[str, str], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        said = _COMMENT.sub("", line).strip()
        if not said:
            continue
        written, *names = (part.strip() for part in _NAME.split(f" {said} ", maxsplit=1))
        if not written or names == [""]:
            problems.append(f"{label}:{number}: {'a path' if not written else 'a name'} is missing: PATH = NAME")
            continue
        one = Checkout(names[0] if names else written.rstrip("/") or "/", os.path.normpath(folder / written), number)
        for what, said in (("path", one.path), ("name", one.name), ("name of its reports", one.stem)):
            first = taken.setdefault((what, said), number)
            if first != number:
                problems.append(
                    f"{label}:{number}: the {what} {said!r} stands in line {first} already: PATH = NAME names it"
                )
                break
        else:
            checkouts.append(one)
    if problems:
        more = len(problems) - MOST_PROBLEMS
        raise ConfigError(*problems[:MOST_PROBLEMS], *([f"and {more} more"] if more > 0 else []))
    if not checkouts:
        raise ConfigError(f"{label}: names no checkout: write a path a line")
    return checkouts
