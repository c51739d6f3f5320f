"""From a Dockerfile to what runs: images, the builds that name them, their contexts, and the containers."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

from devopslint.model import Location, Summaries
from devopslint.views.dockerignore import IgnoreRules
from devopslint.views.image import ImageReference

_GENERIC = frozenset(("build", "ci", "container", "containers", "deploy", "docker", "image", "images", "src"))
"""Folders whose name is not the name of what is built in them."""

_DOCKERFILE = re.compile(r"(?i)(?:dockerfile|containerfile)(?:[.-](?P<after>[\w-]+))?|(?P<before>[\w-]+)\.\w+file\Z")
_FLAVOURS = frozenset(("alpine", "base", "build", "ci", "debian", "dev", "distroless", "prod", "production", "test"))
"""What a Dockerfile is named after, other than an image."""


class ContextCopy(NamedTuple):
    """Something that COPY or ADD takes from the build context."""

    source: str
    location: Location


class BuiltImage(NamedTuple):
    """A summary: what a Dockerfile's final stage becomes."""

    path: str
    label: str
    """Of the final stage."""
    location: Location
    """What the final FROM names."""
    base: str
    """The image that the final stage goes back to; empty where it is not known without build arguments."""
    user: str | None
    """The USER in force at the end; None where no stage of this file sets one."""
    user_location: Location
    healthcheck: str
    """CMD, NONE, or empty where there is none."""
    artefact: bool
    """True for files without anything to run: from scratch, and nothing says what starts."""
    development: bool
    """True where its name or its place says that it is not for production."""
    copies: tuple[ContextCopy, ...]
    """What its stages take from the build context."""
    ecosystems: frozenset[str]
    """What is installed on the way: `node` where a stage is built on Node.js, or copies a package.json."""


class ImageBuild(NamedTuple):
    """A summary: something builds a Dockerfile, from a folder, under some names."""

    dockerfile: str
    context: str
    names: tuple[str, ...]


class ImageRun(NamedTuple):
    """A summary: something runs an image."""

    image: str
    """As written; empty where it is built from `dockerfile`."""
    dockerfile: str
    label: str
    location: Location
    user: int | str | None
    """The user that is asked for; None where the image decides."""
    non_root: bool
    """Whether root is refused."""
    probed: bool
    """Whether something asks for its health."""
    refusal: Location
    """Where root is refused."""


@dataclass(frozen=True)
class Delivery:
    """Every image that the project builds, with all that is known of it elsewhere."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("dockerfile",)

    images: tuple[DeliveredImage, ...]

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        built = summaries.of(BuiltImage)
        ignores = {rules.path: rules for rules in summaries.of(IgnoreRules)}
        builds: dict[str, list[ImageBuild]] = {}
        for build in summaries.of(ImageBuild):
            builds.setdefault(build.dockerfile, []).append(build)
        by_name: dict[str, list[ImageRun]] = {}
        by_file: dict[str, list[ImageRun]] = {}
        for run in summaries.of(ImageRun):
            if run.dockerfile:
                by_file.setdefault(run.dockerfile, []).append(run)
            else:
                by_name.setdefault(ImageReference.parse(run.image).last_name, []).append(run)
        alone = len(built) == 1 and len(by_name) == 1
        return cls(
            tuple(
                DeliveredImage(
                    image,
                    _ignore_rules(image, builds.get(image.path, ()), ignores),
                    (
                        *by_file.get(image.path, ()),
                        *(run for name in names_of(image, builds.get(image.path, ())) for run in by_name.get(name, ())),
                        *(run for runs in by_name.values() for run in runs if alone and not _is_official(run)),
                    ),
                )
                for image in built
            )
        )


class DeliveredImage(NamedTuple):
    """An image that the project builds."""

    image: BuiltImage
    ignore: IgnoreRules | None
    """The .dockerignore that holds for its build, as far as can be told."""
    runs: tuple[ImageRun, ...]
    """What runs it."""

    @property
    def label(self) -> str:
        return self.image.label

    @property
    def location(self) -> Location:
        return self.image.location


def delivered_images(delivery: Delivery) -> tuple[DeliveredImage, ...]:
    """Every image that the project builds."""
    return delivery.images


def production_images(delivery: Delivery) -> list[DeliveredImage]:
    """The images that run in production, as far as their names tell."""
    return [one for one in delivery.images if not one.image.development and not one.image.artefact]


def names_of(image: BuiltImage, builds: Iterable[ImageBuild]) -> Iterator[str]:
    """The last parts of the names that the image may have: from its builds, else from where its Dockerfile lies."""
    known = {ImageReference.parse(name).last_name for build in builds for name in build.names}
    if known:
        yield from sorted(known)
        return
    folder, _, file = image.path.rpartition("/")
    found = _DOCKERFILE.match(file)
    named = (found["after"] or found["before"] or "") if found else ""
    if named and named.lower() not in _FLAVOURS:
        yield named.lower()
    name = posixpath.basename(folder)
    while name in _GENERIC and folder:
        folder = posixpath.dirname(folder)
        name = posixpath.basename(folder)
    if name and not named:
        yield name.lower()


def _is_official(run: ImageRun) -> bool:
    """Whether the image is one of Docker Hub's own, which no project builds."""
    return ImageReference.parse(run.image).name.startswith("docker.io/library/")


def _ignore_rules(
    image: BuiltImage, builds: Iterable[ImageBuild], ignores: dict[str, IgnoreRules]
) -> IgnoreRules | None:
    """The Dockerfile's own, that of the context of a build, or the nearest one above the Dockerfile."""
    own = ignores.get(f"{image.path}.dockerignore")
    if own is not None:
        return own
    for context in sorted({build.context for build in builds}):
        found = ignores.get(posixpath.normpath(posixpath.join(context, ".dockerignore")))
        if found is not None:
            return found
    folder = posixpath.dirname(image.path)
    while True:
        found = ignores.get(posixpath.join(folder, ".dockerignore"))
        if found is not None or not folder:
            return found
        folder = posixpath.dirname(folder)
