"""Base images: pinned, known, and chosen for the platform that is built for."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.docker.dockerfile import images, steps
from devopslint.docker.stages import Stage, Step
from devopslint.docker.words import expand
from devopslint.images.summaries import ARGUMENT
from devopslint.model import Location, Problem
from devopslint.readers.image_reference import ImageReference
from devopslint.readers.wildcards import matches_any
from devopslint.registry import check


@check("docker-untagged-image", each=images)
def untagged_image(stage: Stage, *, contexts: list[str]) -> Iterator[Problem]:
    image = stage.image
    if image is None or stage.base_unresolved or stage.base in contexts:
        return
    if image.tag is None and image.digest is None:
        yield Problem(stage.image_location, f"image '{stage.base}' has no tag, so every build may take another version")


@check("docker-latest-tag", each=images)
def latest_tag(stage: Stage, *, tags: list[str]) -> Iterator[Problem]:
    image = stage.image
    if image is not None and image.digest is None and image.tag in tags:
        yield Problem(stage.image_location, f"image '{stage.base}' moves: tag '{image.tag}' names no version")


@check("docker-latest-tag", each=steps)
def latest_tag_of_source(step: Step, *, tags: list[str]) -> Iterator[Problem]:
    for name in step.sources:
        image = ImageReference.parse(name)
        if image.digest is None and image.tag in tags:
            at = step.instruction.flag("from") or step.instruction.flag("mount") or step
            yield Problem(
                at.location._replace(wanted="image"), f"image '{name}' moves: tag '{image.tag}' names no version"
            )


@check("docker-unpinned-image", each=images)
def unpinned_image(stage: Stage) -> Iterator[Problem]:
    image = stage.image
    if image is not None and not stage.base_unresolved and image.digest is None:
        yield Problem(stage.image_location, f"image '{stage.base}' is not pinned by digest")


@check("docker-untrusted-registry", each=images)
def untrusted_registry(stage: Stage, *, registries: list[str]) -> Iterator[Problem]:
    name = stage.origin.words[0].text if stage.base_unresolved and stage.origin is not None else stage.base
    if stage.image is not None and "$" not in name.partition("/")[0]:
        yield from judge_registry(name, registries, stage.location)


@check("docker-untrusted-registry", each=steps)
def untrusted_registry_of_source(step: Step, *, registries: list[str]) -> Iterator[Problem]:
    for name in step.sources:
        at = step.instruction.flag("from") or step.instruction.flag("mount") or step
        known = step.stage.dockerfile.stage_named(name, before=step.stage.index + 1) is not None
        if name and not known and "$" not in name.partition("/")[0]:
            yield from judge_registry(name, registries, at.location)


def judge_registry(name: str, registries: list[str], at: Location) -> Iterator[Problem]:
    registry = ImageReference.parse(name).registry
    if not matches_any(registry, registries):
        where = f"{registry}, which is not among the allowed registries"
        yield Problem(at, f"image '{name}' comes from {where}")


@check("docker-undefined-from-argument", each=images)
def undefined_from_argument(stage: Stage) -> Iterator[Problem]:
    if stage.origin is None:
        return
    for undefined in stage.origin.undefined:
        name = undefined.variable.name
        yield Problem(undefined.location, f"variable '{name}' is declared by no ARG above the first FROM")


@check("docker-invalid-default-image", each=images)
def invalid_default_image(stage: Stage) -> Iterator[Problem]:
    if stage.origin is None or not stage.origin.words or stage.parent is not None or stage.origin.undefined:
        return
    if "$" not in stage.origin.words[0].text or stage.base == "scratch":
        return
    build = stage.dockerfile
    base = expand(stage.origin.words[0].text, {**build.defaults, **build.blanks}, build.text.escape).text
    if not ImageReference.parse(base).well_formed:
        shown = f"'{base}'" if base else "nothing"
        at = stage.location._replace(wanted=ARGUMENT)  # for what a build gives
        yield Problem(at, f"base image is {shown} where no build argument is given")


@check("docker-constant-platform", each=images)
def constant_platform(stage: Stage) -> Iterator[Problem]:
    flag = stage.origin.instruction.flag("platform") if stage.origin is not None else None
    if flag is None or not flag.value or "$" in flag.value:
        return
    name = (stage.name or "").lower()
    if not any(part and part in name for part in flag.value.lower().split("/")):
        yield Problem(flag.value_location, f"platform is always '{flag.value}', whatever the build is for")


@check("docker-redundant-platform", each=images)
def redundant_platform(stage: Stage) -> Iterator[Problem]:
    flag = stage.origin.instruction.flag("platform") if stage.origin is not None else None
    if flag is not None and flag.value in ("$TARGETPLATFORM", "${TARGETPLATFORM}"):
        yield Problem(flag.location, "platform is the target's, as it is without the flag")
