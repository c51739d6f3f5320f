"""Images together with what the repository says of them elsewhere: .dockerignore files, manifests, builds."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from devopslint.delivery.images import DeliveredImage, delivered_images, production_images, targeted_images
from devopslint.docker.dockerignore import IgnoreRules
from devopslint.model import Problem, Related
from devopslint.readers.image_reference import ImageReference
from devopslint.registry import check


@check("docker-missing-user", each=production_images)
def missing_user(delivered: DeliveredImage, *, safe_bases: list[str]) -> Iterator[Problem]:
    image = delivered.image
    if image.user is not None or not image.base or image.steps_down:
        return
    if image.base != "scratch" and ImageReference.parse(image.base).matches(safe_bases):
        return
    runs = delivered.runs
    if runs and all(run.user not in (None, 0, "0", "root") for run in runs):
        return
    yield Problem(image.location, f"image on '{image.base}' sets no USER, and runs as root")


@check("docker-root-user", each=targeted_images)
def root_user_of_target(delivered: DeliveredImage) -> Iterator[Problem]:
    user = delivered.image.user or ""
    if user.strip("\"'").partition(":")[0].strip() in ("root", "0"):
        yield Problem(delivered.image.user_location, f"image runs as '{user}'")


@check("docker-missing-healthcheck", each=production_images)
def missing_healthcheck(delivered: DeliveredImage, *, unchecked_bases: list[str]) -> Iterator[Problem]:
    image = delivered.image
    if image.healthcheck or ImageReference.parse(image.base).matches(unchecked_bases):
        return
    if not delivered.runs or not all(run.probed for run in delivered.runs):
        yield Problem(image.location, "image has no HEALTHCHECK, and no probe asks for its health")


@check("docker-unverifiable-user", each=delivered_images)
def unverifiable_user(delivered: DeliveredImage) -> Iterator[Problem]:
    user = (delivered.image.user or "").partition(":")[0]
    if not user or user.isdecimal() or "$" in user:
        return
    for run in delivered.runs:
        if run.non_root and run.user is None:
            yield Problem(
                delivered.image.user_location,
                f"user '{user}' is a name, and {run.label} refuses users that it cannot tell from root",
                (Related(run.refusal, "root is refused here"),),
            )


@check("docker-missing-dockerignore", each=delivered_images, complete=True)
def missing_dockerignore(delivered: DeliveredImage) -> Iterator[Problem]:
    if delivered.ignore is not None:
        return
    for copy in delivered.image.copies:
        if _is_everything(copy.source):
            yield Problem(
                copy.location, f"'{copy.source}' takes the whole build context, and no .dockerignore limits it"
            )


def _is_everything(source: str) -> bool:
    return posixpath.normpath(source) in (".", "/", "*", "/*")


@check("docker-thin-dockerignore", each=delivered_images)
def thin_dockerignore(
    delivered: DeliveredImage, *, everywhere: list[str], at_root: list[str], node: list[str]
) -> Iterator[Problem]:
    ignore, image = delivered.ignore, delivered.image
    copies = [copy for copy in image.copies if _is_everything(copy.source)]
    if ignore is None or not copies:
        return
    wanted = [
        *everywhere,
        *(at_root if "/" not in ignore.path else ()),
        *(node if "node" in image.ecosystems else ()),
    ]
    seen = [path for path in wanted if not ignore.hides(path)]
    if seen:
        yield Problem(
            copies[0].location,
            f"'{copies[0].source}' lets {', '.join(seen)} in: {ignore.path} does not exclude them",
            (Related(ignore.location, "the .dockerignore"),),
        )


@check("docker-ignored-copy", each=delivered_images)
def ignored_copy(delivered: DeliveredImage) -> Iterator[Problem]:
    ignore = delivered.ignore
    if ignore is None:
        return
    hidden = {source: _hides(ignore, source) for source in {copy.source for copy in delivered.image.copies}}
    for copy in delivered.image.copies:
        if hidden[copy.source]:
            yield Problem(
                copy.location,
                f"'{copy.source}' is excluded by {ignore.path}, so the build does not find it",
                (Related(ignore.location, "the .dockerignore"),),
            )


def _hides(ignore: IgnoreRules, source: str) -> bool:
    path = source.removeprefix("./").lstrip("/")
    return bool(path) and not _is_everything(source) and not set("*?[$") & set(path) and ignore.hides(path)
