"""Images together with what the repository says of them elsewhere: .dockerignore files, manifests, builds."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from itertools import islice

from devopslint.delivery.images import DeliveredImage, delivered_images, production_images, targeted_images
from devopslint.delivery.services import BuiltService, ServicesOfImage, built_services, services_by_image
from devopslint.delivery.users import Runs
from devopslint.docker.dockerignore import IgnoreRules
from devopslint.docker.stages import is_public
from devopslint.images.users import names_root
from devopslint.model import Location, NotKnown, Problem, Related
from devopslint.readers.folders import is_shown
from devopslint.readers.image_reference import ImageReference
from devopslint.registry import check


@check("docker-missing-user", each=production_images)
def missing_user(delivered: DeliveredImage, *, safe_bases: list[str]) -> Iterator[Problem | NotKnown]:
    image = delivered.image
    if image.steps_down or image.serverless or delivered.judged_by_services:
        return
    runs = delivered.runs
    if runs and all(run.user is not None and not names_root(str(run.user)) for run in runs):
        return
    answers = [answer for answer in delivered.users if not is_safe(answer, safe_bases)]
    for answer in answers:
        if answer.root and not answer.user:
            message = f"image on '{answer.base}' sets no USER, and runs as root{built_as(delivered)}"
            certain = not is_shown(image.path)  # an example may be run by nobody
            yield Problem(image.location, message, as_a_place(answer, image.location), certain=certain)
            return
    for answer in answers:
        if answer.root is None:
            yield NotKnown(
                answer.location, "whether the image runs as root", answer.because, "safe-bases" if answer.base else ""
            )
            return


def is_safe(answer: Runs, safe_bases: list[str]) -> bool:
    return (
        not answer.user and answer.base not in ("", "scratch") and ImageReference.parse(answer.base).matches(safe_bases)
    )


def built_as(delivered: DeliveredImage) -> str:
    """Who builds a stage that is not the last, so that it is an image."""
    if delivered.image.final:
        return ""
    places = sorted({build.path for build in delivered.builds if build.path})
    return f": {', '.join(places)} builds it with the target '{delivered.image.stage}'" if places else ""


def as_a_place(answer: Runs, at: Location) -> tuple[Related, ...]:
    if answer.location.region == at.region:
        return ()
    return (Related(answer.location, "the image that it goes back to"),)


@check("docker-root-user", each=targeted_images)
def root_user_of_target(delivered: DeliveredImage) -> Iterator[Problem]:
    user = delivered.image.user or ""
    if names_root(user) and not delivered.image.steps_down:
        certain = not is_shown(delivered.image.path)
        yield Problem(delivered.image.user_location, f"image runs as '{user}'", certain=certain)


@check("compose-root-image", each=services_by_image)
def root_image(services: ServicesOfImage) -> Iterator[Problem | NotKnown]:
    built = services.first
    service, image, answer = built.service, built.image, built.runs
    if image is None or answer is None or image.steps_down or image.serverless:
        return
    at = service.without("user").location
    if answer.root is None:
        yield NotKnown(at, f"whether service '{service.name}' runs as root", answer.because)
    elif answer.root and not names_root(image.user or "") and not built.judged_as_image:
        others = [Related(other.location, f"{other.label} runs it too") for other in services.others]
        yield Problem(
            at,
            f"service '{service.name}' runs as root: neither it nor its Dockerfile says otherwise",
            (Related(answer.location, "the image that it builds runs as root"), *others),
        )


@check("docker-missing-healthcheck", each=production_images)
def missing_healthcheck(delivered: DeliveredImage, *, unchecked_bases: list[str]) -> Iterator[Problem | NotKnown]:
    image = delivered.image
    if delivered.checked or image.serverless or delivered.judged_by_services:
        return
    if ImageReference.parse(image.base).matches(unchecked_bases):
        return
    if any(run.probed for run in delivered.runs):
        return
    base = ImageReference.parse(image.base)
    if image.base not in ("", "scratch") and not is_public(base):
        because = f"the image '{image.base}' is not in the table of known images, and may bring one"
        yield NotKnown(image.location, "whether the image has a health check", because)
    elif delivered.unplaced and not delivered.runs and not delivered.named:
        yield NotKnown(image.location, "whether something asks for the image's health", delivered.unplaced)
    elif delivered.asked_elsewhere and all(run.dockerfile for run in delivered.runs):
        yield NotKnown(image.location, "whether something asks for the image's health", delivered.asked_elsewhere)
    else:
        yield Problem(
            image.location, f"image has no HEALTHCHECK, and no probe in what could be read{built_as(delivered)}"
        )


@check("compose-missing-healthcheck", each=built_services)
def missing_healthcheck_of_service(built: BuiltService) -> Iterator[Problem]:
    service = built.service
    healthcheck = service.node["healthcheck"]
    if healthcheck.present or service.occasional:
        return
    if not built.checked and not built.judged_as_image:
        yield Problem(service.without("healthcheck").location, f"service '{service.name}' has no health check")


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
    copies = [copy for copy in delivered.image.copies if _is_everything(copy.source)]
    if copies:
        yield Problem(
            copies[0].location,
            f"'{copies[0].source}' takes the whole build context, and no .dockerignore limits it",
            tuple(Related(copy.location, "taken here, too") for copy in copies[1:]),
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


MOST_MATCHES = 10_000
"""Of patterns of a .dockerignore with what is copied."""


@check("docker-ignored-copy", each=delivered_images)
def ignored_copy(delivered: DeliveredImage) -> Iterator[Problem]:
    ignore = delivered.ignore
    if ignore is None:
        return
    sources = dict.fromkeys(copy.source for copy in delivered.image.copies)
    most = max(MOST_MATCHES // max(len(ignore.patterns), 1), 10)
    hidden = {source: _hides(ignore, source) for source in islice(sources, most)}
    for copy in delivered.image.copies:
        if hidden.get(copy.source):
            yield Problem(
                copy.location,
                f"'{copy.source}' is excluded by {ignore.path}, so the build does not find it",
                (Related(ignore.location, "the .dockerignore"),),
            )


def _hides(ignore: IgnoreRules, source: str) -> bool:
    path = posixpath.normpath(f"/{source}").lstrip("/")  # what leads out of the context stays at its root
    return bool(path) and not _is_everything(source) and not set("*?[$") & set(path) and ignore.hides(path)
