"""Labels: their names, and whether values are what the names promise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from devopslint.deferred import compiled
from devopslint.docker.dockerfile import Word, final_stages
from devopslint.docker.dockerfile import labels as labels_of_file
from devopslint.docker.stages import Stage, Step
from devopslint.model import Problem
from devopslint.registry import check

_RESERVED = ("com.docker.", "io.docker.", "org.dockerproject.")
_KEY = compiled(r"[a-z](?:[a-z0-9]|[.-](?![.-]))*\Z")
_VARIABLE = compiled(r"\$\{|\A\$|\.\$")
_URL = compiled(r"[a-z][a-z0-9+.-]*://[^\s/]+(?:/\S*)?\Z", re.IGNORECASE)
_TIME = compiled(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt ](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?"
    r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)\Z"
)
_HASH = compiled(r"(?:[0-9a-f]{7,40}|[0-9a-f]{64})\Z")
_SEMVER = compiled(
    r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\Z"
)
_EMAIL = compiled(r"[^\s@<>]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\Z")
_EXPRESSION = compiled(r"[()]|[^\s()]+")


def _labels(step: Step) -> Iterator[tuple[str, str, Word, Word]]:
    """(name, value, and where each stands) of every label whose value is known."""
    for index, (pair, value) in enumerate(zip(step.instruction.pairs, step.args, strict=True)):
        if index not in step.unresolved:
            yield pair.name.text.strip("\"'"), value, pair.name, pair.value


def _checked(step: Step, labels: list[str], fits: Callable[[str], bool], kind: str) -> Iterator[Problem]:
    for name, value, _, word in _labels(step):
        if name in labels and value and not fits(value):
            yield Problem(word.location, f"label '{name}' is '{value}', which is no {kind}")


@check("docker-invalid-label", each=labels_of_file)
def invalid_label(step: Step) -> Iterator[Problem]:
    for name, _, word, _ in _labels(step):
        if name.startswith(_RESERVED):
            yield Problem(word.location, f"label '{name}' is in a name space that Docker keeps for itself")
        elif not _VARIABLE.search(name) and (not _KEY.match(name) or name.endswith((".", "-"))):
            yield Problem(
                word.location, f"label '{name}' is not made of lower-case letters, digits, and single . and -"
            )


@check("docker-missing-label", each=final_stages)
def missing_label(stage: Stage, *, labels: list[str]) -> Iterator[Problem]:
    present = {name for step in _label_steps(stage) for name, *_ in _pairs(step)}
    for label in labels:
        if label not in present:
            yield Problem(stage.location, f"label '{label}' is missing")


def _label_steps(stage: Stage) -> Iterator[Step]:
    for ancestor in stage.lineage:
        yield from ancestor.named("LABEL")


def _pairs(step: Step) -> Iterator[tuple[str, Word]]:
    for pair in step.instruction.pairs:
        yield pair.name.text.strip("\"'"), pair.name


@check("docker-superfluous-label", each=labels_of_file)
def superfluous_label(step: Step, *, labels: list[str]) -> Iterator[Problem]:
    for name, word in _pairs(step):
        if name not in labels:
            yield Problem(word.location, f"label '{name}' is not one of those agreed on")


@check("docker-empty-label", each=labels_of_file)
def empty_label(step: Step) -> Iterator[Problem]:
    for name, value, word, _ in _labels(step):
        if not value.strip():
            yield Problem(word.location, f"label '{name}' is empty")


@check("docker-label-url", each=labels_of_file)
def label_url(step: Step, *, labels: list[str]) -> Iterator[Problem]:
    yield from _checked(step, labels, lambda value: _URL.match(value) is not None, "URL")


@check("docker-label-time", each=labels_of_file)
def label_time(step: Step, *, labels: list[str]) -> Iterator[Problem]:
    yield from _checked(step, labels, _is_time, "RFC 3339 time")


def _is_time(value: str) -> bool:
    if not _TIME.match(value):
        return False
    import calendar  # only for a label that holds a time

    year, month, day = (int(part) for part in value[:10].split("-"))
    return day <= calendar.monthrange(max(year, 1), month)[1]


@check("docker-label-licence", each=labels_of_file)
def label_licence(step: Step, *, labels: list[str]) -> Iterator[Problem]:
    yield from _checked(step, labels, _is_licence, "SPDX expression")


def _is_licence(value: str) -> bool:
    """Whether a text reads like an SPDX expression: identifiers, AND, OR, WITH and parentheses."""
    from devopslint.docker.licences import EXCEPTION, OWN, licences  # only for a label that holds a licence

    wants_identifier = True
    after_with = False
    for token in _EXPRESSION.findall(value):
        if token in "()":
            continue
        if token in ("AND", "OR", "WITH"):
            if wants_identifier:
                return False
            wants_identifier, after_with = True, token == "WITH"
            continue
        known = EXCEPTION.match(token) if after_with else token.removesuffix("+") in licences() or OWN.match(token)
        if not wants_identifier or not known:
            return False
        wants_identifier = after_with = False
    return not wants_identifier


@check("docker-label-hash", each=labels_of_file)
def label_hash(step: Step, *, labels: list[str]) -> Iterator[Problem]:
    yield from _checked(step, labels, lambda value: _HASH.match(value) is not None, "Git hash")


@check("docker-label-version", each=labels_of_file)
def label_version(step: Step, *, labels: list[str]) -> Iterator[Problem]:
    yield from _checked(step, labels, lambda value: _SEMVER.match(value) is not None, "semantic version")


@check("docker-label-email", each=labels_of_file)
def label_email(step: Step, *, labels: list[str]) -> Iterator[Problem]:
    yield from _checked(step, labels, lambda value: _EMAIL.match(value) is not None, "e-mail address")
