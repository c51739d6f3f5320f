"""The form of a Dockerfile: casing, continuations, comments, what is deprecated."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.docker.dockerfile import Dockerfile, files, steps
from devopslint.docker.refusals import refusal
from devopslint.docker.stages import Step
from devopslint.model import Problem
from devopslint.registry import check

_PRAGMA = compiled(r"hadolint\s+(?:(?:global|stage)\s+)?ignore\s*=")
_CHECK = compiled(r"check\s*=\s*(\S+)")
_EXPERIMENT = "InvalidDefinitionDescription"


@check("docker-maintainer", each=steps)
def maintainer(step: Step) -> Iterator[Problem]:
    if step.name == "MAINTAINER" and not step.deferred:
        yield Problem(step.instruction.keyword.location, "MAINTAINER is deprecated")


@check("docker-instruction-casing", each=files)
def instruction_casing(dockerfile: Dockerfile) -> Iterator[Problem]:
    keywords = [
        step.instruction.keyword
        for step in steps(dockerfile)
        if not step.deferred and step.stage.index >= 0 and step.instruction.known
    ]
    lower = sum(keyword.text.islower() for keyword in keywords)
    upper = sum(keyword.text.isupper() for keyword in keywords)
    for keyword in keywords:
        wanted = keyword.text.lower() if lower > upper else keyword.text.upper()
        if keyword.text != wanted:
            yield Problem(
                keyword.location, f"'{keyword.text}' is not '{wanted}', as the most of this file would have it"
            )


@check("docker-empty-continuation", each=steps)
def empty_continuation(step: Step) -> Iterator[Problem]:
    line = step.instruction.empty_line
    if line is not None and not step.deferred:
        yield Problem(
            step.instruction.after_line(line), f"goes on after an empty line: {step.name} seems to end above it"
        )


@check("docker-definition-description", each=steps)
def definition_description(step: Step) -> Iterator[Problem]:
    comments = step.instruction.comments
    if step.name not in ("ARG", "FROM") or not comments or step.deferred:
        return
    asked = [step.stage.dockerfile.directive("check"), *(found[1] for c in comments if (found := _CHECK.match(c.text)))]
    if not any(map(_is_asked_for, asked)):
        return
    if step.name == "FROM":
        names = [step.stage.name] if step.stage.name else []
    else:
        names = [word.text.partition("=")[0] for word in step.words]
    if names and comments[-1].text.partition(" ")[0] not in names:
        yield Problem(step.instruction.keyword.location, f"comment above does not begin with '{names[0]}'")


def _is_asked_for(options: str) -> bool:
    """Whether the options of a check directive, or of a comment like it, turn the experimental check on."""
    for option in options.split(";"):
        name, _, value = option.partition("=")
        if name.strip() == "experimental" and {_EXPERIMENT, "all"} & {one.strip() for one in value.split(",")}:
            return True
    return False


@check("docker-hadolint-pragma", each=files)
def hadolint_pragma(dockerfile: Dockerfile) -> Iterator[Problem]:
    for comment in dockerfile.comments:
        if _PRAGMA.match(comment.text):
            yield Problem(comment.location, "comment switches rules off")


@check("docker-refused-instruction", each=steps)
def refused_instruction(step: Step) -> Iterator[Problem]:
    refused = refusal(step) if step.instruction.known and not step.deferred else None
    if refused is not None:
        yield Problem(refused.location, f"BuildKit refuses it: {refused.message}")
