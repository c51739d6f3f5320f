"""Build stages: their names, and what is copied from one to another."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.docker.dockerfile import Dockerfile, copies, files, images, steps, triggers
from devopslint.docker.stages import Stage, Step, is_public
from devopslint.model import Problem, Related
from devopslint.readers.image_reference import ImageReference
from devopslint.registry import check

RESERVED = frozenset(("context", "scratch"))


@check("docker-duplicate-stage", each=images)
def duplicate_stage(stage: Stage) -> Iterator[Problem]:
    if stage.origin is None or stage.name is None:
        return
    first = stage.dockerfile.stage_named(stage.name, before=stage.index)
    if first is not None and first.name is not None and first.origin is not None:
        yield Problem(
            stage.origin.words[2].location,
            f"stage '{stage.name}' has the name of another stage",
            (Related(first.origin.words[2].location, "the other stage"),),
        )


@check("docker-reserved-stage-name", each=images)
def reserved_stage_name(stage: Stage) -> Iterator[Problem]:
    if stage.origin is not None and stage.name is not None and stage.name.lower() in RESERVED:
        yield Problem(stage.origin.words[2].location, f"stage name '{stage.name}' is reserved")


@check("docker-uppercase-stage-name", each=images)
def uppercase_stage_name(stage: Stage) -> Iterator[Problem]:
    if stage.origin is not None and stage.name is not None and stage.name != stage.name.lower():
        yield Problem(stage.origin.words[2].location, f"stage name '{stage.name}' is not in lower case")


@check("docker-from-as-casing", each=images)
def from_as_casing(stage: Stage) -> Iterator[Problem]:
    if stage.origin is None or stage.name is None:
        return
    keyword, joint = stage.origin.instruction.keyword.text, stage.origin.words[1]
    if (keyword.isupper() and not joint.text.isupper()) or (keyword.islower() and not joint.text.islower()):
        yield Problem(joint.location, f"'{joint.text}' is not in the case of '{keyword}'")


@check("docker-unknown-copy-source", each=copies)
def unknown_copy_source(step: Step, *, contexts: list[str]) -> Iterator[Problem]:
    flag = step.instruction.flag("from")
    if flag is None or step.deferred:
        return
    name = step.flags["from"]
    if not name or name in contexts or _is_known(step, name):
        return
    image = ImageReference.parse(name)
    if image.tag is None and image.digest is None and not is_public(image):
        at = flag.value_location._replace(wanted="image")
        yield Problem(at, f"'{name}' is no stage above, and no image with a tag")


def _is_known(step: Step, name: str) -> bool:
    """Whether `--from` names this stage or one above, by name or by number."""
    if step.stage.fragment:
        return False
    return step.stage.dockerfile.stage_named(name, before=step.stage.index + 1) is not None


@check("docker-copy-from-itself", each=copies)
def copy_from_itself(step: Step) -> Iterator[Problem]:
    flag = step.instruction.flag("from")
    if flag is not None and _is_own(step.flags["from"], step):
        yield Problem(flag.value_location, f"{step.stage.label} copies from itself")


@check("docker-copy-from-itself", each=steps)
def mount_from_itself(step: Step) -> Iterator[Problem]:
    for flag in step.instruction.flags_named("mount") if step.name == "RUN" else ():
        if _is_own(flag.options.get("from", ""), step):
            yield Problem(flag.location, f"{step.stage.label} mounts itself")


def _is_own(name: str, step: Step) -> bool:
    """Whether it is the stage of the step, which no stage above has the name of."""
    stage = step.stage
    if stage.fragment or not name or stage.dockerfile.stage_named(name, before=stage.index) is not None:
        return False
    return stage.dockerfile.stage_named(name, before=stage.index + 1) is stage


@check("docker-copy-whole-stage", each=copies)
def copy_whole_stage(step: Step) -> Iterator[Problem]:
    if "from" not in step.flags or step.stage.base == "scratch" or not _has_a_system(step):
        return
    if len(step.args) == 2 and step.args[0] == "/" and step.args[1] == "/":
        source = step.words[0].location
        yield Problem(source, f"all of '{step.flags['from']}' is copied over the root of this stage")


def _has_a_system(step: Step) -> bool:
    """False for a source that only carries files: an image as it is, or a stage on scratch."""
    name = step.flags["from"]
    source = step.stage.dockerfile.stage_named(name, before=step.stage.index)
    if source is None:
        return step.stage.fragment and ImageReference.parse(name).tag is None and "/" not in name
    return source.root.base != "scratch" and (
        bool(source.steps) or source.builds_on("steps", lambda one: bool(one.steps))
    )


@check("docker-instruction-before-from", each=files)
def instruction_before_from(dockerfile: Dockerfile) -> Iterator[Problem]:
    first = dockerfile.stages[0] if dockerfile.stages else None
    if first is None or not first.fragment or len(dockerfile.stages) == 1:
        return
    # What is no instruction is told as that.
    above = [one for one in first.steps if one.name != "ARG" and not one.deferred and one.instruction.known]
    if above:
        places = [one.instruction.keyword.location for one in above]
        related = tuple(
            Related(place, f"{one.name} does, too") for one, place in zip(above[1:], places[1:], strict=True)
        )
        yield Problem(places[0], f"{above[0].name} stands above the first FROM", related)


@check("docker-invalid-trigger", each=triggers)
def invalid_trigger(step: Step) -> Iterator[Problem]:
    if step.name in ("ONBUILD", "FROM", "MAINTAINER"):
        yield Problem(step.instruction.keyword.location, f"ONBUILD cannot hold {step.name}")


@check("docker-unknown-instruction", each=files)
def unknown_instruction(dockerfile: Dockerfile) -> Iterator[Problem]:
    """Of lines that follow each other the first, and those that look like an instruction: the others belong to it."""
    before_is_known = True
    for step in steps(dockerfile):
        word, known = step.instruction.keyword, step.instruction.known
        if not known and (before_is_known or word.text.isupper()):
            yield Problem(word.location, f"'{word.text}' is no instruction")
        before_is_known = known
