"""The configuration files of other linters, honoured where ours can be told the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from devopslint.catalogue import catalogue
from devopslint.config import Config, Layer
from devopslint.files import classify
from devopslint.model import Suppression

NAMES = (".github/actionlint.yaml", ".github/actionlint.yml")
"""What the paths of such files end with; of two that speak of one repository, the first counts."""


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
    return PeerConfiguration(Layer(paths=(f"/{literal(file.repository)}.github/workflows/",), rules=rules))


def default_of(rule_id: str, parameter: str) -> Any:
    return catalogue()[rule_id].rule.parameters[parameter]["default"]


def literal(path: str) -> str:
    """A glob that matches this path and no other."""
    return "".join(f"\\{character}" if character in "*?[]\\!# " else character for character in path)


_READERS: dict[str, Callable[[str, str], PeerConfiguration]] = {"actionlint": _of_actionlint}
"""By the kind of the file."""
