"""What each context of GitHub Actions holds at a place: the outputs of needed jobs, the steps before, the matrix, …"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from devopslint.deferred import cached_property, dataclass, field
from devopslint.github.expressions import Expression, expressions
from devopslint.github.files import ActionFile, WorkflowFile, action_expressions, workflow_expressions
from devopslint.github.known_actions import known_action
from devopslint.github.platform import (
    Availability,
    action_availability,
    availability,
    properties,
)
from devopslint.github.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    TYPES,
    Oddity,
    Scope,
    Type,
    array,
    closed,
    either,
    opened,
    type_of,
)
from devopslint.github.workflow import Action, Embedded, Job, Key, Step, Workflow
from devopslint.model import Location
from devopslint.readers.yaml import Node

_DEEPEST = 8
"""Levels of a matrix value that are looked into."""


@dataclass(frozen=True)
class PlacedExpression:
    """An expression with all that it may name."""

    embedded: Embedded
    scope: Scope

    @property
    def label(self) -> str:
        return self.embedded.label

    @cached_property
    def judgement(self) -> tuple[Type, list[Oddity]]:
        """Its type, and what in it does not fit."""
        tree = self.embedded.tree
        return type_of(tree, self.scope) if tree is not None else (ANY, [])

    @property
    def type(self) -> Type:
        return self.judgement[0]

    def oddities(self, kind: str) -> Iterator[tuple[Location, Oddity]]:
        for oddity in self.judgement[1]:
            if oddity.kind == kind:
                yield self.embedded.node.span(oddity.start, oddity.end), oddity

    @property
    def whole(self) -> bool:
        """Whether it is the whole value, and not a part of a text."""
        span, text = self.embedded.span, self.embedded.node.text
        return not text[: span.start].strip() and not text[span.end :].strip()


def placed_expressions(file: WorkflowFile) -> Iterator[PlacedExpression]:
    contexts = WorkflowContexts(file.workflow)
    for embedded in workflow_expressions(file):
        yield PlacedExpression(embedded, contexts.scope(embedded))


def placed_action_expressions(file: ActionFile) -> Iterator[PlacedExpression]:
    contexts = ActionContexts(file.action)
    for embedded in action_expressions(file):
        yield PlacedExpression(embedded, contexts.scope(embedded))


@dataclass(slots=True)
class _Place:
    """A key of GitHub's schema, with the keys below it; `*` stands for any."""

    available: Availability | None = None
    written: str = ""
    below: dict[str | int, _Place] = field(default_factory=dict)

    @classmethod
    def of(cls, table: Mapping[str, Availability]) -> _Place:
        root = cls()
        for name, available in table.items():
            place = root
            for part in name.split("."):
                place = place.below.setdefault(part, cls())
            place.available, place.written = available, name.replace("*", "<id>")
        return root


@functools.cache
def _in_workflows() -> _Place:
    return _Place.of(availability())


@functools.cache
def _in_actions() -> _Place:
    return _Place.of(action_availability())


def without_groups(key: Key) -> Key:
    """The key of a value in a group of parallel steps as if its step stood by itself."""
    return (*key[:4], *key[6:]) if key[2:3] == ("steps",) and key[4:5] == ("parallel",) else key


def available_at(key: Key, top: _Place) -> tuple[Availability | None, str]:
    """What the schema says of the longest part of the key that it knows, and how it writes that."""
    key = without_groups(key)
    place = longest = top
    for part in key:
        below = place.below.get(part) or place.below.get("*")
        if below is None:
            break
        place = below
        longest = place if place.available is not None else longest
    return longest.available, longest.written or ".".join(str(part) for part in key)


def fits(pattern: tuple[str, ...], key: Key) -> bool:
    """Whether the key begins as the pattern says; `*` stands for anything."""
    return len(pattern) <= len(key) and all(wanted in ("*", part) for wanted, part in zip(pattern, key, strict=False))


class WorkflowContexts:
    """The contexts of one workflow; each job's are made once."""

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self._jobs: dict[str, _JobContexts] = {}

    def scope(self, embedded: Embedded) -> Scope:
        available, place = available_at(embedded.key, _in_workflows())
        owner = embedded.owner
        job = owner.job if isinstance(owner, Step) else owner
        if not isinstance(job, Job):
            return Scope(self.shared, available, place)
        if job.id not in self._jobs:
            self._jobs[job.id] = _JobContexts(job, self.shared)
        contexts = self._jobs[job.id]
        return Scope(contexts.all, available, place, partial(contexts.why_not, owner))

    @cached_property
    def shared(self) -> dict[str, Type]:
        """What is the same in the whole workflow."""
        return {
            **_everywhere(_event(self.workflow)),
            "inputs": _inputs(self.workflow),
            "secrets": _secrets(self.workflow),
            "jobs": closed({job.id: _result(job) for job in self.workflow.jobs}),
        }


class ActionContexts:
    """The contexts of an action."""

    def __init__(self, action: Action) -> None:
        self.action = action
        self.steps = _StepContexts(action.steps)
        self.contexts = {
            **_everywhere(opened()),
            "inputs": closed({parameter.name: STRING for parameter in action.parameters}),
            "steps": self.steps.type,
            "job": opened(),
            "matrix": opened(),
        }

    def scope(self, embedded: Embedded) -> Scope:
        available, place = available_at(embedded.key, _in_actions())
        return Scope(self.contexts, available, place, partial(self.steps.why_not, embedded.owner))


class _JobContexts:
    def __init__(self, job: Job, shared: Mapping[str, Type]) -> None:
        self.steps = _StepContexts(job.steps)
        self._needed = frozenset(need.text.lower() for need in job.needs)
        self._workflow = job.workflow
        jobs = job.workflow.by_id
        self.all = {
            **shared,
            "needs": closed({name: _result(jobs[name]) if name in jobs else ANY for name in self._needed}),
            "steps": self.steps.type,
            "matrix": matrix_type(job.matrix),
            "job": _job(job),
        }

    def why_not(self, owner: object, path: str) -> str | None:
        context, _, name = path.partition(".")
        other = self._workflow.job(name) if context == "needs" and name not in self._needed else None
        if other is not None:
            return f"job '{other.id}' is not among the 'needs' of this job"
        return self.steps.why_not(owner, path)


class _StepContexts:
    """The steps of a job or an action that have an id."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._order = {step.key: number for number, step in enumerate(steps)}
        self._ids = {f"steps.{step.id.text.lower()}": step for step in steps if step.id.text}
        self.type = closed({step.id.text: _step_result(step) for step in steps if step.id.text})

    def why_not(self, owner: object, path: str) -> str | None:
        """A step knows those before it; what is not of a step is evaluated when all have run."""
        named = self._ids.get(path)
        if named is None or not isinstance(owner, Step) or self._order[named.key] < self._order[owner.key]:
            return None
        return f"step '{named.id.text}' has not run yet"


def matrix_type(matrix: Node) -> Type:
    """What `matrix` holds: its rows' values, and what `include` adds."""
    if matrix.is_scalar and matrix.present:
        return opened()
    properties: dict[str, Type] = {}
    for name, row in matrix.items():
        if name.text not in ("include", "exclude"):
            properties[name.text.lower()] = either([_of_node(item) for item in row]) if row.is_sequence else ANY
    include = matrix["include"]
    if include.is_scalar and include.present:
        return opened()
    for entry in include:
        if not entry.is_mapping:
            return opened(ANY, properties)
        for name, value in entry.items():
            found = _of_node(value)
            known = properties.get(name.text.lower())
            properties[name.text.lower()] = either([known, found]) if known is not None else found
    return closed(properties)


def _of_node(node: Node, depth: int = 0) -> Type:
    """The type of a value of a matrix, in which expressions may stand."""
    if depth > _DEEPEST:
        return ANY
    if node.is_mapping:
        return closed({name.text: _of_node(value, depth + 1) for name, value in node.items()})
    if node.is_sequence:
        return array(either([_of_node(item, depth + 1) for item in node]))
    spans = expressions(node.text) if "${{" in node.text else []
    if len(spans) == 1 and (spans[0].start, spans[0].end) == (0, len(node.text)):
        tree: Expression | None = spans[0].tree
        return type_of(tree, _in_a_matrix())[0] if tree is not None else ANY
    if spans:
        return STRING
    match node.value:
        case None:
            return ANY
        case bool():
            return BOOL
        case int() | float():
            return NUMBER
    return STRING


def _everywhere(event: Type) -> dict[str, Type]:
    return {
        "github": closed({**_properties("github"), "event": event}),
        "env": opened(STRING),
        "vars": opened(STRING),
        "runner": closed(_properties("runner")),
        "strategy": closed(_properties("strategy")),
    }


def _properties(context: str) -> dict[str, Type]:
    return {name: TYPES.get(type_, ANY) for name, type_ in properties(context).items()}


@functools.cache
def _in_a_matrix() -> Scope:
    return Scope(_everywhere(opened()), None, "strategy.matrix")


def _event(workflow: Workflow) -> Type:
    """The payload; its `inputs` are known where nothing but a person starts the workflow with inputs."""
    dispatch = workflow.trigger("workflow_dispatch")
    if dispatch is None or workflow.reusable or workflow.runs_on("repository_dispatch"):
        return opened()
    return opened(ANY, {"inputs": closed({name.text: STRING for name, _ in dispatch.node["inputs"].items()})})


_INPUT_TYPES = {"boolean": BOOL, "number": NUMBER, "string": STRING, "choice": STRING, "environment": STRING}


def _inputs(workflow: Workflow) -> Type:
    declared: dict[str, list[Type]] = {}
    for event in ("workflow_call", "workflow_dispatch"):
        for name, value in workflow.node.get("on", event, "inputs").items():
            default = STRING if event == "workflow_dispatch" else ANY
            type_ = _INPUT_TYPES.get(value["type"].text, ANY) if value.has("type") else default
            declared.setdefault(name.text.lower(), []).append(type_)
    return closed({name: either(types) for name, types in declared.items()})


def _secrets(workflow: Workflow) -> Type:
    """A workflow that only others call knows which secrets it is given, where it declares any."""
    if not workflow.secrets or any(trigger.event != "workflow_call" for trigger in workflow.triggers):
        return opened(STRING)
    own = ("github_token", "actions_step_debug", "actions_runner_debug")
    return closed(dict.fromkeys([*own, *(secret.name for secret in workflow.secrets)], STRING))


def _result(job: Job) -> Type:
    """What others see of a job."""
    if job.node.has("uses") or (job.outputs.is_scalar and job.outputs.present):
        outputs = opened(STRING)
    else:
        outputs = closed({name.text: STRING for name, _ in job.outputs.items()})
    return closed({"outputs": outputs, "result": STRING})


def _step_result(step: Step) -> Type:
    known = known_action(step.uses)
    outputs = opened(STRING)
    if known is not None and known.complete and known.outputs:
        outputs = closed(dict.fromkeys(known.outputs, STRING))
    return closed({"outputs": outputs, "conclusion": STRING, "outcome": STRING})


def _job(job: Job) -> Type:
    service = closed({"id": STRING, "network": STRING, "ports": ANY})
    services = job.node["services"]
    return closed(
        {
            **_properties("job"),
            "container": closed({"id": STRING, "network": STRING}),
            "services": opened(service)
            if services.is_scalar and services.present
            else closed({name.text: service for name, _ in services.items()}),
        }
    )
