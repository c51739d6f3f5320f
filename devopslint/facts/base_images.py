"""The users that public base images run as, where that is known."""

from __future__ import annotations

import functools
from fnmatch import fnmatchcase

from devopslint.deferred import NamedTuple
from devopslint.facts import table

ROOT = "root"
_UNKNOWN = "?"
_MIRRORS = ("public.ecr.aws/docker/library/", "mirror.gcr.io/library/", "mirror.gcr.io/")
"""Registries that have Docker's official images under names of their own."""


class BaseUser(NamedTuple):
    """The user that the configuration of an image sets."""

    user: str
    """`root`, or a name or a number as the image sets it, without a group."""
    source: str
    """The repository of its Dockerfile, or who says so."""

    @property
    def is_root(self) -> bool:
        return self.user == ROOT


def base_user(image: str, tag: str | None) -> BaseUser | None:
    """The user of a public image; None where it is not known.

    `image` is `ImageReference.short_name`: `python`, `gcr.io/distroless/static`. Without a tag it is `latest`; with a
    digest alone the tag is empty, and the answer is what holds for every tag.
    """
    row = _row(image)
    if row is None:
        return None
    patterns, source = row
    wanted = "latest" if tag is None else tag
    user = next((user for pattern, user in patterns if fnmatchcase(wanted, pattern)), _UNKNOWN)
    alone = tag != "" or len(patterns) == 1
    return BaseUser(user, source) if user != _UNKNOWN and alone else None


def is_public(image: str) -> bool:
    """Whether the table has an image, of whatever user."""
    return _row(image) is not None


@functools.lru_cache(maxsize=512)
def _row(image: str) -> tuple[list[list[str]], str] | None:
    images = table("base_images")["images"]
    name = next((image.removeprefix(mirror) for mirror in _MIRRORS if image.startswith(mirror)), image)
    row = images.get(name) or next((images[one] for one in _wild_names() if fnmatchcase(name, one)), None)
    return None if row is None else (row["tags"], row["source"])


@functools.cache
def _wild_names() -> tuple[str, ...]:
    return tuple(name for name in table("base_images")["images"] if "*" in name)
