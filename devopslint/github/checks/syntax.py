"""The keys of workflows and actions, and what stands under them."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.github.files import triggers, unused_anchors
from devopslint.github.platform import FILTERS
from devopslint.github.schema import ACTION, STEP_ACTS, Shape, Value, action_values, workflow_values
from devopslint.github.types import nearest
from devopslint.github.workflow import Anchor, Trigger
from devopslint.model import Problem, Related
from devopslint.readers.yaml import Scalar
from devopslint.registry import check


@check("gha-unknown-key", each=(workflow_values, action_values))
def unknown_key(value: Value) -> Iterator[Problem]:
    shape = value.shape
    if not (shape.takes_mapping or shape.takes_anything) or _is_for_dependabot(value):
        return
    for key, _ in value.entries:
        name = key.text
        if key.style == "?":
            yield Problem(key.location, f"a key of {value.name} is a mapping or a sequence; a text is wanted")
        elif name == "<<" and not key.style:
            yield Problem(key.location, "merge key '<<' is not supported by GitHub, only aliases are")
        elif name in shape.foreign and name not in shape.keys:
            yield Problem(key.location, f"'{name}' {shape.foreign[name]}")
        elif shape.keys and not shape.knows(name) and shape.each is None and not _judged_elsewhere(shape, name):
            yield Problem(key.location, f"key '{name}' is unknown in {value.name}; {nearest(name, shape.keys)}")


def _is_for_dependabot(value: Value) -> bool:
    """Whether a file among the workflows has what Dependabot asks for, and nothing that a workflow has."""
    node = value.node
    return not value.key and node.has("updates") and node.has("version") and not (node.has("on") or node.has("jobs"))


def _judged_elsewhere(shape: Shape, name: str) -> bool:
    return name in shape.judged_elsewhere or "*" in shape.judged_elsewhere


@check("gha-missing-key", each=(workflow_values, action_values))
def missing_key(value: Value) -> Iterator[Problem]:
    node, shape = value.node, value.shape
    if not (node.is_mapping or (shape.empty and not node.present)):
        return
    if _is_for_dependabot(value):
        yield Problem(value.place, "the file is for Dependabot, which reads .github/dependabot.yml")
        return
    for name in shape.required:
        if not node.has(name):
            # GitHub's runner does without the name of an action that only this repository uses.
            certain = not (shape is ACTION and name == "name")
            yield Problem(node[name].location, f"{value.name} lacks '{name}'", certain=certain)
    if "run" in shape.keys and node.is_mapping and not any(node.has(act) for act in STEP_ACTS):
        yield Problem(node["run"].location, f"{value.name} lacks 'run' or 'uses'")


@check("gha-missing-key", each=triggers)
def schedule_without_times(trigger: Trigger) -> Iterator[Problem]:
    if trigger.event == "schedule" and not trigger.node.exists:
        yield Problem(trigger.location, "'schedule' lacks its sequence of 'cron' times")


@check("gha-empty-value", each=(workflow_values, action_values))
def empty_value(value: Value) -> Iterator[Problem]:
    node, shape = value.node, value.shape
    if shape.each is not None and not value.circular:
        for key, _ in value.entries:
            if not key.text and key.style != "?":
                yield Problem(key.location, f"a key of {value.name} is empty")
    if shape.empty or shape.takes_anything or value.circular or _is_put_aside(value):
        return
    if (node.is_scalar and (not node.present or (shape.scalar and node.text == ""))) or (
        (node.is_mapping or node.is_sequence) and not len(node) and not shape.bare and not shape.required
    ):
        # GitHub starts the workflow as if an empty filter were not there.
        unheeded = value.key[:1] == ("on",) and value.key[-1] in FILTERS and not node.present
        yield Problem(value.place, f"{value.name} is empty", certain=not unheeded)


def _is_put_aside(value: Value) -> bool:
    """Whether an action is commented out as a whole: nothing runs it, while GitHub runs an empty workflow, which fails."""
    return not value.key and value.shape is ACTION and not value.node.present and "#" in value.node.source.text


@check("gha-wrong-type", each=(workflow_values, action_values))
def wrong_type(value: Value) -> Iterator[Problem]:
    node, shape = value.node, value.shape
    if value.circular:
        yield Problem(value.place, f"{value.name} holds itself, through an alias")
    elif shape.takes_anything or not node.present:
        return
    elif node.is_mapping:
        if not shape.takes_mapping:
            yield Problem(node.location, f"{value.name} is a mapping; {shape.wanted} is wanted")
    elif node.is_sequence:
        if shape.items is None:
            yield Problem(node.location, f"{value.name} is a sequence; {shape.wanted} is wanted")
    elif not (shape.expression and value.by_expression) and not (shape.scalar and node.text == ""):
        yield from _wrong_scalar(value)


def _wrong_scalar(value: Value) -> Iterator[Problem]:
    node, shape = value.node, value.shape
    number = node.value if isinstance(node.value, int | float) and not isinstance(node.value, bool) else None
    match shape.scalar:
        case "boolean":
            fits = isinstance(node.value, bool)
        case "number":
            fits = number is not None
        case "integer":
            fits = isinstance(number, int)
        case "text":
            fits = not shape.words or node.text in shape.words
        case _:
            fits = False
    if not fits:
        wanted = " or ".join(f"'{word}'" for word in shape.words) or shape.wanted
        yield Problem(node.location, f"{value.name} is '{_short(node.text)}'; {wanted} is wanted")
    elif shape.positive and number is not None and number <= 0:
        yield Problem(node.location, f"{value.name} is {node.text}; a number above 0 is wanted")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:39] + "…"


@check("gha-unused-anchor", each=unused_anchors)
def unused_anchor(anchor: Anchor) -> Iterator[Problem]:
    yield Problem(anchor.location, f"no alias refers to the anchor '{anchor.name}'")


@check("gha-case-duplicate-key", each=(workflow_values, action_values))
def case_duplicate_key(value: Value) -> Iterator[Problem]:
    if value.circular:
        return
    seen: dict[str, Scalar] = {}
    for key, _ in value.entries:
        first = seen.setdefault(key.text.lower(), key)
        if first.text != key.text:
            yield Problem(
                key.location,
                f"'{key.text}' is '{first.text}' of line {first.line} again; GitHub does not look at case",
                (Related(first.location, "first here"),),
            )
