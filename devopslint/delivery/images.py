"""From a Dockerfile to what runs: images, the builds that name them, their contexts, and the containers."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

from devopslint.docker.dockerignore import IgnoreRules
from devopslint.images.summaries import BuiltImage, ImageBuild, ImageRun
from devopslint.model import Location, ProjectView, Summaries
from devopslint.readers.image_reference import ImageReference

_GENERIC = frozenset(("build", "ci", "container", "containers", "deploy", "docker", "image", "images", "src"))
"""Folders whose name is not the name of what is built in them."""

_DOCKERFILE = re.compile(r"(?i)(?:dockerfile|containerfile)(?:[.-](?P<after>[\w-]+))?|(?P<before>[\w-]+)\.\w+file\Z")
_FLAVOURS = frozenset(("alpine", "base", "build", "ci", "debian", "dev", "distroless", "prod", "production", "test"))
"""What a Dockerfile is named after, other than an image."""


@dataclass(frozen=True)
class Delivery(ProjectView):
    """Every image that the project builds, with all that is known of it elsewhere."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("dockerfile",)

    images: tuple[DeliveredImage, ...]

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        ignores = {rules.path: rules for rules in summaries.of(IgnoreRules)}
        builds: dict[str, list[ImageBuild]] = {}
        for build in summaries.of(ImageBuild):
            builds.setdefault(build.dockerfile, []).append(build)
        by_name: dict[str, list[ImageRun]] = {}
        by_file: dict[tuple[str, str], list[ImageRun]] = {}
        for run in summaries.of(ImageRun):
            if run.dockerfile:
                by_file.setdefault((run.dockerfile, run.target), []).append(run)
            else:
                by_name.setdefault(ImageReference.parse(run.image).last_name, []).append(run)
        built = list(_ends_of_builds(summaries.of(BuiltImage), builds))
        alone = len(built) == 1 and len(by_name) == 1
        return cls(
            tuple(
                DeliveredImage(
                    image,
                    _ignore_rules(image, builds.get(image.path, ()), ignores),
                    (
                        *by_file.get((image.path, image.stage), ()),
                        *(by_file.get((image.path, ""), ()) if image.final and image.stage else ()),
                        *(run for name in names_of(image, ends) for run in by_name.get(name, ())),
                        *(run for runs in by_name.values() for run in runs if alone and not _is_official(run)),
                    ),
                )
                for image, ends in built
            )
        )


def _ends_of_builds(
    images: Iterable[BuiltImage], builds: dict[str, list[ImageBuild]]
) -> Iterator[tuple[BuiltImage, list[ImageBuild]]]:
    """Each image that a build of the project ends with, and those builds; the first of a Dockerfile has its copies.

    That is the final stage, unless every build names another one as its target, and one of those is for production.
    """
    by_path: dict[str, list[BuiltImage]] = {}
    for image in images:
        by_path.setdefault(image.path, []).append(image)
    for path, stages in by_path.items():
        known = {image.stage for image in stages if image.stage}
        ends: dict[str, list[ImageBuild]] = {}
        for build in builds.get(path, ()):
            ends.setdefault(build.target if build.target in known else "", []).append(build)
        targets = [image for image in stages if image.stage in ends and not image.final]
        final = next(image for image in stages if image.final)
        own = [*ends.get("", ()), *(ends.get(final.stage, ()) if final.stage else ())]
        if own or all(image.development for image in targets):
            yield final, own or builds.get(path, [])
            targets = [image._replace(copies=()) for image in targets]
        for image in targets[:1]:
            yield image, ends[image.stage]
        for image in targets[1:]:
            yield image._replace(copies=()), ends[image.stage]


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


def targeted_images(delivery: Delivery) -> list[DeliveredImage]:
    """The images for production that builds end with because they name them as their target."""
    return [one for one in production_images(delivery) if not one.image.final]


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
