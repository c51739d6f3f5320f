"""Image references: registry, repository, tag and digest."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from devopslint.deferred import NamedTuple, compiled
from devopslint.readers.wildcards import is_wild, union

DOCKER_HUB = "docker.io"

_HOST = compiled(r"localhost\Z|.*[.:]|.*[A-Z]", re.DOTALL)
_WELL_FORMED = compiled(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?/|\[[0-9a-fA-F:]+\](?::[0-9]+)?/)?"
    r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*+(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*+)*+"
    r"(?::[\w][\w.-]{0,127})?(?:@(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))?\Z",
    re.ASCII,
)


class ImageReference(NamedTuple):
    """`registry/repository:tag@digest`, in its parts."""

    text: str
    """As written, variables expanded."""
    registry: str
    """`docker.io` where none is written."""
    repository: str
    """With `library/` where Docker Hub implies it."""
    tag: str | None
    digest: str | None

    @classmethod
    @functools.lru_cache(maxsize=1024)  # checks ask again and again
    def parse(cls, text: str) -> ImageReference:
        """The parts of any text; `well_formed` says whether it is a reference at all."""
        name, _, digest = text.strip().partition("@")
        before, colon, tag = name.rpartition(":")
        if not colon or "/" in tag:
            before, tag = name, ""
        host, slash, path = before.partition("/")
        if not slash or not _HOST.match(host):
            host, path = DOCKER_HUB, before
        elif host == "index.docker.io":
            host = DOCKER_HUB
        if host == DOCKER_HUB and "/" not in path:
            path = f"library/{path}"
        return cls(text.strip(), host, path, tag or None, digest or None)

    @property
    def name(self) -> str:
        """Registry and repository: the same for every way to write the same image."""
        return f"{self.registry}/{self.repository}"

    @property
    def short_name(self) -> str:
        """The repository as Docker Hub's users write it, with the registry only where it is another one."""
        repository = self.repository.removeprefix("library/")
        return repository if self.registry == DOCKER_HUB else f"{self.registry}/{repository}"

    @property
    def last_name(self) -> str:
        """The last part of the repository's name."""
        return self.repository.rpartition("/")[2]

    @property
    def well_formed(self) -> bool:
        return _WELL_FORMED.match(self.text) is not None

    def matches(self, patterns: Iterable[str]) -> bool:
        """Whether one of the patterns names this image: `name`, `name:tag`, with `*`.

        A pattern without a tag speaks of every tag; one without a slash of that name in any repository.
        """
        tag = self.tag or ("" if self.digest else "latest")
        names = (self.last_name, self.short_name, self.name)
        untagged, tagged = _prepared(tuple(patterns))
        return not untagged.isdisjoint(names) or any(tagged.match(f"{name}:{tag}") for name in names)


@functools.lru_cache(maxsize=256)
def _prepared(patterns: tuple[str, ...]) -> tuple[frozenset[str], re.Pattern[str]]:
    """The patterns that are a name alone, and one of `name:tag` for all others."""
    untagged, tagged = [], []
    for pattern in patterns:
        _, colon, tag = pattern.rpartition(":")
        if colon and "/" not in tag:
            tagged.append(pattern)
        elif is_wild(pattern):
            tagged.append(f"{pattern}:*")
        else:
            untagged.append(pattern)
    return frozenset(untagged), union(tagged)
