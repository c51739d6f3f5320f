"""The configuration files of other linters, honoured where ours can be told the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from devopslint.catalogue import catalogue
from devopslint.config import Config, Layer
from devopslint.files import classify
from devopslint.model import Suppression
from devopslint.peer_suppressions import equivalent_rules

NAMES = (".github/actionlint.yaml", ".github/actionlint.yml")
"""What the paths of such files end with; of two that speak of one repository, the first counts."""
MOST_GLOBS = 100
MOST_PATTERNS = 500
"""Of one file: each is held against each finding."""
_BRACES = re.compile(r"\{([^{}]*)\}")


class PeerConfiguration(NamedTuple):
    """What one file of another linter asks for, in our words."""

    layer: Layer = Layer()
    """The parameters of rules, where `layer.paths` match; what devopslint.yaml says comes after it."""
    allow: tuple[Suppression, ...] = ()
    """Each with the peer as its origin, and with a glob over paths."""


def heeding_peers(config: Config, files: Iterable[str], read: Callable[[str], str]) -> Config:
    """The same with what the other linters' files among `files` say; `read` gives the text of one, or raises OSError.

    A file that says nothing of use, or is broken, changes nothing: its own examination says what is wrong with it.
    """
    if not config.peer_suppressions:
        return config
    found = list(_found(files, read))
    if not found:
        return config
    return config._replace(
        peers=tuple(one.layer for one in found if one.layer.rules),
        allow=(*config.allow, *(allowed for one in found for allowed in one.allow)),
    )


def _found(files: Iterable[str], read: Callable[[str], str]) -> Iterator[PeerConfiguration]:
    seen: set[tuple[str, str]] = set()
    present = sorted((path for path in files if path.endswith(NAMES)), key=_rank)
    for path in present:
        kind = classify(path)
        folder = path.removesuffix(NAMES[_rank(path)])
        if kind not in _READERS or (kind, folder) in seen:
            continue
        seen.add((kind, folder))
        try:
            text = read(path)
        except (OSError, ValueError):
            continue
        yield _READERS[kind](path, text)


def _rank(path: str) -> int:
    return next(rank for rank, name in enumerate(NAMES) if path.endswith(name))


def _of_actionlint(path: str, text: str) -> PeerConfiguration:
    from devopslint.views.actionlint import ActionlintFile  # few repositories have one

    file = ActionlintFile.read(path, text)
    rules: dict[str, dict[str, Any]] = {}
    if file.labels:
        labels = [*default_of("gha-unknown-runner", "labels"), *file.labels]
        rules["gha-unknown-runner"] = {"labels": labels, "complete": True}
    if file.variables is not None:
        rules["gha-unknown-variable"] = {"variables": file.variables}
    top = f"/{literal(file.repository)}"
    return PeerConfiguration(
        Layer(paths=(f"{top}.github/workflows/",), rules=rules),
        tuple(
            Suppression(every, pattern.location, None, paths=top + one, origin="actionlint", said=pattern.text)
            for every in [equivalent_rules("actionlint", ["all"])]
            for glob, pattern in islice(file.ignored, MOST_PATTERNS)
            for one in without_braces(glob)
        ),
    )


def without_braces(glob: str) -> list[str]:
    """The globs that one with `{a,b}` stands for; at most MOST_GLOBS."""
    done: list[str] = []
    pending = [glob]
    while pending and len(done) + len(pending) <= MOST_GLOBS:
        one = pending.pop(0)
        found = _BRACES.search(one)
        if found is None:
            done.append(one)
        else:
            pending.extend(one[: found.start()] + word + one[found.end() :] for word in found[1].split(","))
    return done


def default_of(rule_id: str, parameter: str) -> Any:
    return catalogue()[rule_id].rule.parameters[parameter]["default"]


def literal(path: str) -> str:
    """A glob that matches this path and no other."""
    return "".join(f"\\{character}" if character in "*?[]\\!# " else character for character in path)


_READERS: dict[str, Callable[[str, str], PeerConfiguration]] = {"actionlint": _of_actionlint}
"""By the kind of the file."""
