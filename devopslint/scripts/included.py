"""Which YAML files are Taskfiles though they are not called so: those that a Taskfile includes."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator

from devopslint.readers.inclusion import taken_in
from devopslint.readers.yaml import read_yaml

_NAMES = ("taskfile.yml", "taskfile.yaml", "taskfile.dist.yml", "taskfile.dist.yaml")


def included_taskfiles(files: Collection[str], read: Callable[[str], str]) -> dict[str, str]:
    """The kind of those files that Taskfiles include by their paths; `read` raises OSError or ValueError."""
    first = [path for path in files if path.rpartition("/")[2].lower() in _NAMES]
    return dict.fromkeys(taken_in(first, files, read, _included), "scripts")


def _included(path: str, text: str) -> Iterator[str]:
    for document in read_yaml(path, text).documents[:1] if "includes:" in text else ():
        for _, value in document.root["includes"].items():  # noqa: PERF102  # a node has no values()
            named = value.text if value.is_scalar else value["taskfile"].text
            inner = posixpath.normpath(posixpath.join(posixpath.dirname(path), named))
            if inner.endswith((".yml", ".yaml")):
                yield inner
