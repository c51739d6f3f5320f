"""What GitHub takes as the value of each key of a workflow or an action, and every value beside it.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping

from devopslint.deferred import NamedTuple, cached_property, dataclass, field
from devopslint.github.files import ActionFile, WorkflowFile
from devopslint.github.platform import FILTERS, events, known_keys
from devopslint.github.workflow import Key
from devopslint.model import Location
from devopslint.readers.yaml import Mapping as MappingNode
from devopslint.readers.yaml import Node, Scalar


@dataclass(frozen=True)
class Shape:
    """What may stand as a value. A shape with nothing set takes anything."""

    scalar: str = ""
    """text, boolean, number or integer, where a scalar may stand."""
    words: tuple[str, ...] = ()
    """The only texts that a scalar may be."""
    keys: Mapping[str, Shape] = field(default_factory=dict)
    """The keys that a mapping may have."""
    required: tuple[str, ...] = ()
    each: Shape | None = None
    """The value of every key of a mapping whose keys are the user's own names."""
    items: Shape | None = None
    """The items of a sequence."""
    empty: bool = False
    """Whether null, or nothing inside, is as good as a value."""
    bare: bool = False
    """Whether {} or [] may stand, though null may not."""
    expression: bool = False
    """Whether one ${{ }} may give the whole value."""
    positive: bool = False
    """Whether a number has to be more than 0."""
    choose: Callable[[Node], Shape] | None = None
    """The shape by what the value holds."""
    foreign: Mapping[str, str] = field(default_factory=dict)
    """Keys that are known, but not to this kind of thing -> why."""
    judged_elsewhere: frozenset[str] = frozenset()
    """Keys that a rule of their own judges."""
    definition: str = ""
    """What GitHub's schema calls the mapping: a key that came since is known from there, and takes anything."""

    def knows(self, name: str) -> bool:
        """Whether a mapping may have this key."""
        return name in self.keys or (bool(self.definition) and name in known_keys(self.definition))

    @cached_property
    def takes_mapping(self) -> bool:
        return bool(self.keys) or self.each is not None

    @cached_property
    def takes_anything(self) -> bool:
        return not (self.scalar or self.takes_mapping or self.items)

    @property
    def wanted(self) -> str:
        """What is expected, in words."""
        kinds = ["a mapping"] if self.takes_mapping else []
        kinds += ["a sequence"] if self.items else []
        article = "an" if self.scalar == "integer" else "a"
        kinds += [f"{article} {self.scalar}"] if self.scalar else []
        if self.expression:
            kinds.append("an expression")
        return " or ".join([", ".join(kinds[:-1]), kinds[-1]] if len(kinds) > 1 else kinds)


class Value(NamedTuple):
    """A value of a file beside what GitHub takes there."""

    node: Node
    shape: Shape
    key: Key
    known_by: Node
    """Its key; of an item, the item itself."""
    circular: bool = False
    """True where an alias leads back to what holds it."""

    @property
    def place(self) -> Location:
        return self.known_by.location

    @property
    def label(self) -> str:
        return ".".join(str(part) for part in self.key)

    @property
    def name(self) -> str:
        """As a message names it: `'steps'`, `item 2 of 'steps'`."""
        if not self.key:
            return "the file"
        last = self.key[-1]
        if isinstance(last, str):
            return f"'{last}'"
        return f"item {last + 1} of '{next((k for k in reversed(self.key) if isinstance(k, str)), '')}'"

    @property
    def by_expression(self) -> bool:
        """Whether an expression gives the value."""
        text = self.node.text.strip()
        return self.node.is_scalar and text.startswith("${{") and text.endswith("}}")

    @property
    def entries(self) -> list[tuple[Scalar, Node]]:
        """The pairs as written: a duplicate's and a merge key's too."""
        return self.node.entries if isinstance(self.node, MappingNode) else []


def workflow_values(file: WorkflowFile) -> Iterator[Value]:
    """Every value of a workflow that a shape is known for; nothing of a file that is not YAML."""
    if file.readable:
        yield from _values(file.workflow.node, workflow_shape())


def action_values(file: ActionFile) -> Iterator[Value]:
    if file.readable:
        yield from _values(file.action.node, ACTION)


def _values(root: Node, shape: Shape) -> Iterator[Value]:
    seen: set[tuple[int, int]] = set()
    stack: list[tuple[Node, Shape, Key, Node, tuple[int, ...]]] = [(root, shape, (), root, ())]
    while stack:
        node, expected, key, known_by, above = stack.pop()
        if id(node) in above:
            yield Value(node, expected, key, known_by, circular=True)
            continue
        if expected.choose is not None:
            expected = expected.choose(node)
        if (id(node), id(expected)) in seen and not node.is_scalar:
            continue
        seen.add((id(node), id(expected)))
        yield Value(node, expected, key, known_by)
        if node.is_scalar:
            continue
        inside = (*above, id(node))
        below: list[tuple[Node, Shape, Key, Node, tuple[int, ...]]] = []
        for name, value in node.items():
            # What takes anything is walked all the same: an alias may lead back from it.
            child = expected.keys.get(name.text, expected if expected.takes_anything else expected.each)
            if child is not None:
                below.append((value, child, (*key, name.text), name, inside))
        item = expected if expected.takes_anything else expected.items
        if item is not None:
            below.extend((v, item, (*key, n), v, inside) for n, v in enumerate(node))
        stack.extend(reversed(below))


ANYTHING = Shape(empty=True)
TEXT = Shape(scalar="text")
TEXT_OR_NOTHING = Shape(scalar="text", empty=True)
BOOLEAN = Shape(scalar="boolean", expression=True)
LITERAL_BOOLEAN = Shape(scalar="boolean")
NUMBER = Shape(scalar="number", expression=True, positive=True)
INTEGER = Shape(scalar="integer", expression=True, positive=True)
TEXTS = Shape(scalar="text", items=TEXT)

_ENV = Shape(each=TEXT_OR_NOTHING, bare=True, expression=True)
_WITH = Shape(each=TEXT_OR_NOTHING, bare=True, expression=True)
_RUN_DEFAULTS = Shape(
    keys={"run": Shape(keys={"shell": TEXT, "working-directory": TEXT}, definition="workflow-defaults-run")},
    definition="workflow-defaults",
)
_CONCURRENCY = Shape(
    scalar="text",
    keys={
        "group": TEXT,
        "cancel-in-progress": BOOLEAN,
        "queue": Shape(scalar="text", words=("single", "max"), expression=True),
    },
    required=("group",),
    definition="concurrency-mapping",
)
# The permissions' own rule judges scopes and levels.
_PERMISSIONS = Shape(scalar="text", each=TEXT_OR_NOTHING, bare=True)
_CREDENTIALS = Shape(
    keys={"username": TEXT, "password": TEXT},
    required=("username", "password"),
    expression=True,
    definition="container-registry-credentials",
)
_CONTAINER_KEYS = {
    "image": TEXT,
    "credentials": _CREDENTIALS,
    "env": _ENV,
    "ports": Shape(items=TEXT, bare=True, expression=True),
    "volumes": Shape(items=TEXT, bare=True, expression=True),
    "options": TEXT_OR_NOTHING,
}
_CONTAINER = Shape(
    scalar="text",
    keys=_CONTAINER_KEYS,
    required=("image",),
    foreign=dict.fromkeys(["entrypoint", "command"], "belongs to a service container"),
    definition="container-mapping",
)
_SERVICE = Shape(
    scalar="text",
    keys={**_CONTAINER_KEYS, "entrypoint": TEXT, "command": TEXT},
    required=("image",),
    definition="service-container-mapping",
)
_COMBINATIONS = Shape(items=Shape(each=ANYTHING, expression=True), bare=True, expression=True)
_MATRIX = Shape(
    keys={"include": _COMBINATIONS, "exclude": _COMBINATIONS},
    each=Shape(items=ANYTHING, expression=True),
    expression=True,
)
_STRATEGY = Shape(
    keys={
        "matrix": _MATRIX,
        "fail-fast": BOOLEAN,
        "max-parallel": INTEGER,
    },
    expression=True,
    definition="strategy",
)
_ENVIRONMENT = Shape(
    scalar="text",
    keys={"name": TEXT, "url": TEXT_OR_NOTHING, "deployment": BOOLEAN},
    required=("name",),
    definition="job-environment-mapping",
)
_RUNNER = Shape(
    scalar="text",
    items=TEXT,
    keys={"group": TEXT, "labels": Shape(scalar="text", items=TEXT, expression=True)},
    definition="runs-on-mapping",
)

_EVERY_STEP = {
    "id": TEXT,
    "if": TEXT_OR_NOTHING,
    "name": TEXT_OR_NOTHING,
    "env": _ENV,
    "continue-on-error": BOOLEAN,
}
_ONLY_IN_JOBS = {"timeout-minutes": NUMBER, "background": LITERAL_BOOLEAN}
_RUN_STEP = Shape(
    keys={**_EVERY_STEP, **_ONLY_IN_JOBS, "run": TEXT, "shell": TEXT, "working-directory": TEXT},
    foreign={"with": "belongs to a step with 'uses'; this one has 'run'"},
    definition="run-step",
)
_USES_STEP = Shape(
    keys={**_EVERY_STEP, **_ONLY_IN_JOBS, "uses": TEXT, "with": _WITH},
    foreign={
        "run": "stands beside 'uses'; a step has one of them",
        "shell": "belongs to a step with 'run'; this one has 'uses'",
        "working-directory": "belongs to a step with 'run'; this one has 'uses'",
    },
    definition="regular-step",
)
_WAITS = {
    "wait": Shape(scalar="text", items=TEXT),
    "wait-all": ANYTHING,
    "cancel": TEXT,
}
STEP_ACTS = ("run", "uses", *_WAITS, "parallel")
"""The keys that say what a step does; it has one of them."""


def _step(node: Node) -> Shape:
    if node.has("uses"):
        return _USES_STEP
    return _RUN_STEP if node.has("run") else _VAGUE_STEP


_PARALLEL = {"parallel": Shape(items=Shape(choose=_step))}
_VAGUE_STEP = Shape(keys={**_RUN_STEP.keys, **_USES_STEP.keys, **_WAITS, **_PARALLEL})


_EVERY_JOB = {
    "name": TEXT_OR_NOTHING,
    "needs": Shape(scalar="text", items=TEXT, bare=True),
    "if": TEXT_OR_NOTHING,
    "permissions": _PERMISSIONS,
    "strategy": _STRATEGY,
    "concurrency": _CONCURRENCY,
}
_ONLY_OF_RUNNERS = {
    "runs-on": _RUNNER,
    "environment": _ENVIRONMENT,
    "outputs": Shape(each=TEXT_OR_NOTHING, bare=True),
    "env": _ENV,
    "defaults": _RUN_DEFAULTS,
    "steps": Shape(items=Shape(choose=_step)),
    "timeout-minutes": NUMBER,
    "cancel-timeout-minutes": NUMBER,
    "continue-on-error": BOOLEAN,
    "container": _CONTAINER,
    "services": Shape(each=_SERVICE, bare=True, expression=True),
    "snapshot": Shape(
        scalar="text",
        keys={"image-name": TEXT, "version": TEXT, "if": TEXT},
        required=("image-name",),
        definition="snapshot-mapping",
    ),
}
_ONLY_OF_CALLS = {
    "uses": TEXT,
    "with": _WITH,
    "secrets": Shape(scalar="text", words=("inherit",), each=TEXT_OR_NOTHING, bare=True),
}
_JOB = Shape(
    keys={**_EVERY_JOB, **_ONLY_OF_RUNNERS},
    required=("runs-on", "steps"),
    foreign=dict.fromkeys(["with", "secrets"], "belongs to a job that calls a reusable workflow with 'uses'"),
    definition="job-factory",
)
_CALL = Shape(
    keys={**_EVERY_JOB, **_ONLY_OF_CALLS},
    foreign=dict.fromkeys(_ONLY_OF_RUNNERS, "does not go with 'uses': the reusable workflow has its own jobs"),
    definition="workflow-job",
)

_CALL_INPUT = Shape(
    keys={
        "description": TEXT_OR_NOTHING,
        "required": LITERAL_BOOLEAN,
        "type": Shape(scalar="text", words=("boolean", "number", "string")),
        "default": TEXT_OR_NOTHING,
        "deprecationMessage": TEXT_OR_NOTHING,
    },
    required=("type",),
    empty=True,
    definition="workflow-call-input-definition",
)
_ON_CALL = Shape(
    keys={
        "inputs": Shape(each=_CALL_INPUT, empty=True),
        "outputs": Shape(
            each=Shape(
                keys={"description": TEXT_OR_NOTHING, "value": TEXT},
                required=("value",),
                empty=True,
                definition="workflow-call-output-definition",
            ),
            empty=True,
        ),
        "secrets": Shape(
            each=Shape(
                keys={"description": TEXT_OR_NOTHING, "required": LITERAL_BOOLEAN},
                empty=True,
                definition="workflow-call-secret-mapping-definition",
            ),
            empty=True,
        ),
    },
    empty=True,
    definition="workflow-call-mapping",
)
_ON_DISPATCH = Shape(
    keys={
        "inputs": Shape(
            each=Shape(
                keys={
                    "description": TEXT_OR_NOTHING,
                    "required": LITERAL_BOOLEAN,
                    "type": Shape(scalar="text", words=("boolean", "choice", "environment", "number", "string")),
                    "default": TEXT_OR_NOTHING,
                    "options": Shape(items=TEXT_OR_NOTHING),  # whoever starts it may choose nothing
                    "deprecationMessage": TEXT_OR_NOTHING,
                },
                empty=True,
                definition="workflow-dispatch-input",
            ),
            empty=True,
        )
    },
    empty=True,
    definition="workflow-dispatch-mapping",
)
_ON_SCHEDULE = Shape(items=Shape(keys={"cron": TEXT, "timezone": TEXT}, required=("cron",), definition="cron-mapping"))


def _on_event(name: str) -> Shape:
    event = events()[name]
    keys = dict.fromkeys(event.filters, TEXTS)
    if event.types or event.free_types:
        keys["types"] = Shape(scalar="text", items=TEXT, bare=True)
    known = FILTERS | {"types", "workflows", "names", "versions"}
    # A filter that other events have is judged by the events' own rule.
    return Shape(keys=keys or {"types": TEXTS}, empty=True, judged_elsewhere=known - set(keys))


def _on() -> Shape:
    keys = {
        **{name: _on_event(name) for name in events()},
        "workflow_call": _ON_CALL,
        "workflow_dispatch": _ON_DISPATCH,
        "schedule": _ON_SCHEDULE,
    }
    return Shape(scalar="text", items=TEXT, keys=keys, judged_elsewhere=frozenset({"*"}))


@functools.cache
def workflow_shape() -> Shape:
    """A whole workflow."""
    return Shape(
        keys={
            "name": TEXT_OR_NOTHING,
            "description": TEXT_OR_NOTHING,
            "run-name": TEXT,
            "on": _on(),
            "permissions": _PERMISSIONS,
            "env": _ENV,
            "defaults": _RUN_DEFAULTS,
            "concurrency": _CONCURRENCY,
            "jobs": Shape(each=Shape(choose=lambda node: _CALL if node.has("uses") else _JOB)),
        },
        required=("on", "jobs"),
        definition="workflow-root-strict",
    )


_NOT_IN_ACTIONS = dict.fromkeys(_ONLY_IN_JOBS, "belongs to a step of a job; a composite action's steps do not take it")
_ACTION_RUN_STEP = Shape(
    keys={**_EVERY_STEP, "run": TEXT, "shell": TEXT, "working-directory": TEXT},
    required=("shell",),
    foreign={**_RUN_STEP.foreign, **_NOT_IN_ACTIONS},
    definition="action-run-step",
)
_ACTION_USES_STEP = Shape(
    keys={**_EVERY_STEP, "uses": TEXT, "with": _WITH},
    foreign={**_USES_STEP.foreign, **_NOT_IN_ACTIONS},
    definition="action-uses-step",
)
_ACTION_VAGUE_STEP = Shape(keys={**_ACTION_RUN_STEP.keys, **_ACTION_USES_STEP.keys}, foreign=_NOT_IN_ACTIONS)


def _action_step(node: Node) -> Shape:
    if node.has("uses"):
        return _ACTION_USES_STEP
    return _ACTION_RUN_STEP if node.has("run") else _ACTION_VAGUE_STEP


_RUNS = {
    "composite": Shape(
        keys={"using": TEXT, "steps": Shape(items=Shape(choose=_action_step))},
        required=("steps",),
        definition="action-composite-runs-strict",
    ),
    "docker": Shape(
        keys={
            **dict.fromkeys(("using", "image", "pre-entrypoint", "pre-if", "post-entrypoint", "post-if"), TEXT),
            "entrypoint": TEXT_OR_NOTHING,
            "env": _ENV,
            "args": Shape(items=TEXT_OR_NOTHING, bare=True),
        },
        required=("image",),
        definition="action-container-runs-strict",
    ),
    "node": Shape(
        keys=dict.fromkeys(("using", "main", "pre", "pre-if", "post", "post-if"), TEXT),
        required=("main",),
        definition="action-node-runs-strict",
    ),
}
_RUNS_AS_ANYTHING = Shape(each=ANYTHING, required=("using",))


def _runs(node: Node) -> Shape:
    using = node["using"].text
    return _RUNS.get("node" if using.startswith("node") else using, _RUNS_AS_ANYTHING)


ACTION = Shape(
    keys={
        "name": TEXT,
        "author": TEXT_OR_NOTHING,
        "description": TEXT_OR_NOTHING,
        "inputs": Shape(
            each=Shape(
                keys={
                    "description": TEXT_OR_NOTHING,
                    "required": LITERAL_BOOLEAN,
                    "default": TEXT_OR_NOTHING,
                    "deprecationMessage": TEXT_OR_NOTHING,
                },
                # Actions may keep keys of their own here: GitHub passes over them.
                each=ANYTHING,
                empty=True,
                definition="action-input-strict",
            ),
            empty=True,
        ),
        "outputs": Shape(
            each=Shape(
                keys={"description": TEXT_OR_NOTHING, "value": TEXT_OR_NOTHING},
                empty=True,
                definition="action-output-definition",
            ),
            empty=True,
        ),
        "runs": Shape(choose=_runs),
        "branding": Shape(keys={"icon": TEXT, "color": TEXT}, empty=True, definition="action-branding"),
    },
    required=("name", "runs"),
    definition="action-root-strict",
)
