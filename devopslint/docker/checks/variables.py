"""ARG and ENV: defined where they are used, and as production wants them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from devopslint.deferred import compiled
from devopslint.docker.dockerfile import environments, production_stages, steps
from devopslint.docker.stages import Stage, Step, Undefined, is_public
from devopslint.images.summaries import PRODUCTION, RAILS
from devopslint.model import NotKnown, Problem
from devopslint.readers.image_reference import ImageReference
from devopslint.readers.wildcards import matches_any
from devopslint.registry import check

FALLBACKS = ("-", "+", "?")
"""The operators that say what is to be done where the variable is not set."""
_GLOBALLY = frozenset(("-g", "--global", "--location=global", "global"))
"""What npm and its like install a program with that is not the project's."""
_ARGUMENT = compiled(r"\$(?:\{[^}]*\}|\w+)")
ALIKE = 0.8
"""How alike two names are where one is surely the other misspelt."""


@check("docker-self-referencing-env", each=environments)
def self_referencing_env(step: Step) -> Iterator[Problem]:
    names = [pair.name.text for pair in step.instruction.pairs]
    for undefined in step.undefined:
        name = undefined.variable.name
        if name in names[: undefined.index] or name in names[(undefined.index or 0) + 1 :]:
            yield Problem(undefined.location, f"'{name}' has the value that this ENV gives it only after this ENV")


@check("docker-undefined-variable", each=steps)
def undefined_variable(step: Step, *, bare: list[str], provided: list[str]) -> Iterator[Problem]:
    if not step.undefined or step.name == "FROM":
        return
    names = [pair.name.text for pair in step.instruction.pairs] if step.name == "ENV" else []
    root = step.stage.root
    is_bare = root.base == "scratch" or (root.image is not None and _is_original(root.image, bare))
    for undefined in step.undefined:
        name = undefined.variable.name
        if undefined.variable.operator.lstrip(":") in FALLBACKS or name == "PATH" or root.fragment:
            continue
        if name in names and not (is_bare and names.index(name) == undefined.index):
            continue  # what the base image may have, or docker-self-referencing-env says
        if not is_bare and matches_any(name, provided):
            continue
        if _may_be_handed_on(root, name):
            continue
        hint = "" if name in names else _hint(step.stage, undefined)
        if is_bare or hint:
            yield Problem(undefined.location, f"variable '{name}' is not defined here{hint}")


def _is_original(image: ImageReference, names: list[str]) -> bool:
    """Whether it is one of these images itself, or a mirror's copy: `acme/debian` may define whatever it likes."""
    own = image.short_name == image.last_name or image.name.endswith(f"/library/{image.last_name}")
    return image.matches(names if own else [name for name in names if "/" in name])


def _may_be_handed_on(root: Stage, name: str) -> bool:
    """Whether a build argument may name for its base a stage that declares it: `FROM base-${VARIANT}`."""
    named = root.origin.words[0].text if root.origin is not None and root.origin.words else ""
    if "$" not in named:
        return False
    pattern = _ARGUMENT.sub("*", named).lower()
    return any(
        name in stage.values or name in stage.unset
        for stage in root.dockerfile.stages[: root.index]
        if stage.name is not None and matches_any(stage.name.lower(), [pattern])
    )


def _hint(stage: Stage, undefined: Undefined) -> str:
    name = undefined.variable.name
    if name in stage.values or name in stage.unset:
        return ": it is defined further down"
    if name in stage.dockerfile.declared:
        return ": it is declared outside of this stage"
    import difflib  # only for a variable that nothing defines

    close = difflib.get_close_matches(name, stage.names, 1, ALIKE)
    return f", did you mean {close[0]}?" if close else ""


@check("docker-legacy-env", each=steps)
def legacy_env(step: Step) -> Iterator[Problem]:
    for pair in step.instruction.pairs:
        if not pair.equals:
            yield Problem(pair.name.location, f"{step.name} {pair.name.text} has a blank where = is meant")


@check("docker-missing-production-env", each=production_stages)
def missing_production_env(stage: Stage, *, ecosystems: list[Mapping[str, Any]]) -> Iterator[Problem | NotKnown]:
    image = stage.root.image
    started = [step for step in (stage.cmd, stage.entrypoint) if step is not None]
    if image is None or stage.root.base_unresolved or not started or _is_published_tool(stage):
        return
    for ecosystem in ecosystems:
        names = ecosystem["variables"]
        spoken = any(name in step.instruction.text for step in started for name in names)
        if image.matches(ecosystem["images"]) and not spoken and not any(name in stage.environment for name in names):
            wanted = f"{names[0]}={ecosystem['value']}"
            if not is_public(image):
                because = f"the image '{image.text}' is not in the table of known images, and may set it"
                yield NotKnown(stage.location, f"whether {names[0]} is set", because)
                continue
            at = stage.location._replace(wanted=RAILS if names[0].startswith("RAILS") else PRODUCTION)
            yield Problem(at, f"image is built on '{stage.root.base}' and does not set {wanted}")


def _is_published_tool(stage: Stage) -> bool:
    """Whether it installs a program that others publish, and nothing is copied into it: no application of the project."""
    if any(one.named("COPY", "ADD") for one in stage.lineage):
        return False
    commands = [command for one in stage.lineage for script in one.scripts for command in script.commands]
    return any(
        (command.name == "gem" and command.texts[:1] == ("install",))
        or (command.name in ("npm", "pnpm", "yarn") and not _GLOBALLY.isdisjoint(command.texts))
        for command in commands
    )


@check("docker-development-env", each=production_stages)
def development_env(stage: Stage, *, settings: list[str]) -> Iterator[Problem]:
    for name, assignment in stage.environment.items():
        text = f"{name}={assignment.value.lower()}"
        if matches_any(text, settings):
            location = assignment.pair.value.location._replace(wanted=PRODUCTION)
            yield Problem(location, f"image runs with {name}={assignment.value}")


@check("docker-buffered-python", each=production_stages)
def buffered_python(stage: Stage, *, images: list[str]) -> Iterator[Problem]:
    image = stage.root.image
    started = [step for step in (stage.cmd, stage.entrypoint) if step is not None]
    if image is None or stage.root.base_unresolved or not started or not image.matches(images):
        return
    if "PYTHONUNBUFFERED" not in stage.environment and not any(
        "-u" in step.instruction.text.split() for step in started
    ):
        at = stage.location._replace(wanted=PRODUCTION)
        yield Problem(at, "image does not set PYTHONUNBUFFERED, so that log lines come late or never")
