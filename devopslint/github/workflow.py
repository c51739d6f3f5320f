"""GitHub Actions: workflows and actions in the words of their users: triggers, jobs, steps, uses, scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from devopslint.deferred import NamedTuple, cached_property, compiled, dataclass, replace
from devopslint.github.expressions import (
    Expression,
    Reference,
    Span,
    SyntaxFault,
    condition,
    expressions,
    references,
    truth,
)
from devopslint.github.summaries import (
    ActionSummary,
    JobSummary,
    OutputUse,
    ParameterSummary,
    PermissionsSummary,
    TriggerSummary,
    WorkflowSummary,
)
from devopslint.model import Location, ShellText
from devopslint.readers.shell import read_commands, speaks_posix
from devopslint.readers.shell_words import Command
from devopslint.readers.yaml import Node, Scalar
from devopslint.scripts.steps import Script, StepSummary, Text, Uses, line_locations
from devopslint.secrets.judgement import names_secret, shows_secret
from devopslint.secrets.thrown_away import beside_this_machine, of_servers

Key = tuple[str | int, ...]
"""Where a value stands in its file: ("jobs", "test", "steps", 0, "run")."""

_NOT_A_BREAK = compiled(r"[^\r\n]")
_CHECKED_SHELLS = frozenset(("bash", "sh", "dash", "ksh"))
_OF_PLACEHOLDERS = frozenset(("SC2043", "SC2050", "SC2153", "SC2154", "SC2157", "SC2194"))
"""What ShellCheck says of constants, which stand for expressions, and of variables, which may be set outside."""
_SHORTEST_SECRET = 20
_DEEPEST_OBJECT = 4
"""Levels of the objects of a matrix that are looked into."""


@dataclass(frozen=True)
class Workflow:
    path: str
    node: Node

    label: ClassVar[str] = "workflow"

    @property
    def location(self) -> Location:
        """Where it says what its token may do, or could."""
        return self.node["permissions"].location

    @property
    def name(self) -> Node:
        return self.node["name"]

    @property
    def permissions(self) -> Permissions:
        return Permissions(self.node["permissions"])

    @property
    def env(self) -> Node:
        return self.node["env"]

    @property
    def concurrency(self) -> Node:
        return self.node["concurrency"]

    @property
    def defaults(self) -> Node:
        """The `defaults.run` of all jobs: `shell` and `working-directory`."""
        return self.node.get("defaults", "run")

    @cached_property
    def triggers(self) -> tuple[Trigger, ...]:
        """The events of `on`, in whichever of its three forms."""
        on = self.node["on"]
        if on.is_mapping:
            return tuple(Trigger(self, key.text, key.location, value) for key, value in on.items())
        return tuple(Trigger(self, name.text, name.location, name["configuration"]) for name in on.strings())

    def trigger(self, event: str) -> Trigger | None:
        return next((trigger for trigger in self.triggers if trigger.event == event), None)

    def runs_on(self, *events: str) -> bool:
        """Whether any of these events starts the workflow."""
        return any(trigger.event in events for trigger in self.triggers)

    @property
    def reusable(self) -> bool:
        return self.runs_on("workflow_call")

    @property
    def only_called(self) -> bool:
        """Whether nothing but another workflow starts it."""
        return [trigger.event for trigger in self.triggers] == ["workflow_call"]

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        return tuple(Job(self, key.text, key.location, value) for key, value in self.node["jobs"].items())

    @cached_property
    def thrown_away(self) -> frozenset[str]:
        """The passwords of servers that its jobs start for themselves."""
        found: list[str] = []
        blocks = [self.env]
        for job in self.jobs:
            blocks.extend((job.env, job.container["env"]))
            for _, service in job.services:
                found.extend(value.text for name, value in service["env"].items() if names_secret(name.text))
            found.extend(_of_steps(job.steps, blocks))
        found.extend(_beside_this_machine(blocks))
        return frozenset(filter(None, found))

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of its jobs."""
        return tuple(job.id for job in self.jobs)

    @cached_property
    def by_id(self) -> dict[str, Job]:
        """Its jobs by their ids in lower case; of two that differ in case the first."""
        return {job.id.lower(): job for job in reversed(self.jobs)}

    def job(self, job_id: str) -> Job | None:
        """The job of that id; GitHub does not look at case."""
        return self.by_id.get(job_id.lower())

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The inputs that a caller of this workflow gives."""
        return _parameters(self.node.get("on", "workflow_call", "inputs"))

    @cached_property
    def secrets(self) -> tuple[Parameter, ...]:
        """The secrets that a caller of this workflow gives."""
        return _parameters(self.node.get("on", "workflow_call", "secrets"))

    @property
    def outputs(self) -> Node:
        """What a caller of this workflow gets."""
        return self.node.get("on", "workflow_call", "outputs")

    @cached_property
    def expressions(self) -> tuple[Embedded, ...]:
        """Its own, without those of its jobs."""
        return expressions_under(self.node, (), self, "jobs")

    @cached_property
    def shown_secrets(self) -> dict[str, list[Scalar]]:
        """By the kind of secret that they show: the texts that do, wherever they stand."""
        return _shown_secrets(self.node)

    def summary(self) -> WorkflowSummary:
        return WorkflowSummary(
            path=self.path,
            name=_text(self.name),
            triggers=tuple(trigger.summary() for trigger in self.triggers),
            permissions=self.permissions.summary(),
            inputs=tuple(parameter.summary() for parameter in self.parameters),
            secrets=tuple(parameter.summary() for parameter in self.secrets),
            outputs=tuple(_text(key) for key, _ in self.outputs.items()),
            jobs=tuple(job.summary() for job in self.jobs),
            serialized=self.concurrency.exists,
            readable=self.node.is_mapping,
        )


class Trigger(NamedTuple):
    """One event that starts a workflow, with its configuration (which may be missing)."""

    workflow: Workflow
    event: str
    location: Location
    node: Node

    @property
    def label(self) -> str:
        return f"on {self.event}"

    @property
    def types(self) -> list[Node]:
        return self.node["types"].strings()

    @property
    def inputs(self) -> tuple[Parameter, ...]:
        """Of workflow_call and workflow_dispatch."""
        return _parameters(self.node["inputs"])

    def filter(self, name: str) -> list[Node]:
        """The patterns of `branches`, `tags-ignore`, `paths`, …"""
        return self.node[name].strings()

    def summary(self) -> TriggerSummary:
        filters = {
            key.text: tuple(item.text for item in value.strings())
            for key, value in self.node.items()
            if value.strings()
        }
        return TriggerSummary(Text(self.event, self.location), tuple(filters.items()))


class Pattern(NamedTuple):
    """One glob pattern of a filter."""

    trigger: Trigger
    filter: str
    node: Scalar

    @property
    def label(self) -> str:
        return f"{self.trigger.label} {self.filter} {self.text}"

    @property
    def text(self) -> str:
        return self.node.text

    @property
    def of_paths(self) -> bool:
        return self.filter.startswith("paths")


class Schedule(NamedTuple):
    """One time of `on.schedule`."""

    node: Node

    @property
    def label(self) -> str:
        return f"on schedule {self.node['cron'].text}"


def never(node: Node) -> bool:
    """Whether an `if` never holds: what it stands at is only kept for later."""
    text = node.text
    if "false" not in text.lower():
        return False
    found = condition(text)
    return found is not None and found.tree is not None and truth(found.tree) is False


@dataclass(frozen=True)
class Job:
    workflow: Workflow
    id: str
    location: Location
    """Where its id stands."""
    node: Node

    @property
    def label(self) -> str:
        return f"job {self.id}"

    @property
    def name(self) -> Node:
        return self.node["name"]

    @property
    def needs(self) -> list[Node]:
        """The ids that it waits for, in either form."""
        return self.node["needs"].strings()

    @property
    def condition(self) -> Node:
        return self.node["if"]

    @property
    def runs_on(self) -> list[Node]:
        """The labels of its runner, in any of the three forms."""
        runner = self.node["runs-on"]
        return (runner["labels"] if runner.is_mapping else runner).strings()

    @property
    def permissions(self) -> Permissions:
        """Its own, or else the workflow's."""
        own = self.node["permissions"]
        return Permissions(own) if own.exists else self.workflow.permissions

    @property
    def environment(self) -> Node:
        """The name of its environment, in either form."""
        environment = self.node["environment"]
        return environment["name"] if environment.is_mapping else environment

    @property
    def matrix(self) -> Node:
        """What gives it; the strategy, where an expression gives that as a whole."""
        strategy = self.node["strategy"]
        return strategy if strategy.is_scalar and strategy.present else strategy["matrix"]

    @property
    def env(self) -> Node:
        return self.node["env"]

    @property
    def defaults(self) -> Node:
        return self.node.get("defaults", "run")

    @property
    def container(self) -> Node:
        return self.node["container"]

    @property
    def services(self) -> list[tuple[Scalar, Node]]:
        return self.node["services"].items()

    @property
    def outputs(self) -> Node:
        return self.node["outputs"]

    @property
    def timeout(self) -> Node:
        return self.node["timeout-minutes"]

    @property
    def continue_on_error(self) -> Node:
        return self.node["continue-on-error"]

    @property
    def secrets(self) -> Node:
        """What it passes to a reusable workflow: a mapping, or the word `inherit`."""
        return self.node["secrets"]

    @property
    def arguments(self) -> Node:
        """The `with` of a call of a reusable workflow."""
        return self.node["with"]

    @cached_property
    def uses(self) -> Uses | None:
        """The reusable workflow that it calls."""
        return Uses.of(self.node["uses"])

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return _steps(self, self.node["steps"], ("jobs", self.id, "steps"))

    def step(self, step_id: str) -> Step | None:
        return next((step for step in self.steps if step.id.text.lower() == step_id.lower()), None)

    @cached_property
    def expressions(self) -> tuple[Embedded, ...]:
        """Its own, without those of its steps."""
        return expressions_under(self.node, ("jobs", self.id), self, "steps")

    def summary(self) -> JobSummary:
        nothing = Text("", self.node.location)
        return JobSummary(
            id=Text(self.id, self.location),
            name=_text(self.name, nothing),
            needs=tuple(_text(needed, nothing) for needed in self.needs),
            condition=_text(self.condition, nothing),
            environment=_text(self.environment, nothing),
            permissions=self.permissions.summary(),
            runs_on=tuple(label.text for label in self.runs_on),
            matrix=self.matrix.present,
            matrix_values=_matrix_values(self.matrix),
            serialized=self.node.has("concurrency"),
            timeout=_text(self.timeout, nothing),
            continue_on_error=_text(self.continue_on_error, nothing),
            uses=self.uses,
            arguments=_texts(self.arguments),
            secrets=_texts(self.secrets),
            inherits_secrets=self.secrets.text == "inherit",
            outputs=tuple(_text(key, nothing) for key, _ in self.outputs.items()),
            steps=tuple(step.summary() for step in self.steps if not never(step.condition)),
            output_uses=tuple(self._output_uses()),
            env=(*_texts(self.workflow.env), *_texts(self.env)),
        )

    def _output_uses(self) -> Iterator[OutputUse]:
        """The outputs of steps and needed jobs that its expressions name."""
        for expression in (*self.expressions, *(e for step in self.steps for e in step.expressions)):
            for reference in () if expression.in_comment else expression.references():
                match reference.path:
                    case ("steps" | "needs" as context, name, "outputs", output) if output not in "*?":
                        yield OutputUse(context, name, output, expression.at(reference))


@dataclass(frozen=True)
class Action:
    """What an action.yml says."""

    path: str
    node: Node

    label: ClassVar[str] = "action"

    @property
    def folder(self) -> str:
        """As `uses: ./FOLDER` names it; empty for the root of the repository."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> Node:
        return self.node["name"]

    @property
    def using(self) -> Node:
        """node24, docker or composite."""
        return self.node.get("runs", "using")

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        return _parameters(self.node["inputs"])

    @property
    def outputs(self) -> Node:
        return self.node["outputs"]

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return _steps(self, self.node.get("runs", "steps"), ("runs", "steps"))

    @cached_property
    def thrown_away(self) -> frozenset[str]:
        """The passwords of servers that its steps start for themselves."""
        blocks: list[Node] = []
        found = list(_of_steps(self.steps, blocks))
        return frozenset(filter(None, (*found, *_beside_this_machine(blocks))))

    @cached_property
    def expressions(self) -> tuple[Embedded, ...]:
        """Its own, without those of its steps."""
        apart = expressions_under(self.node["runs"], ("runs",), self, "steps")
        return (*expressions_under(self.node, (), self, "runs"), *apart)

    @cached_property
    def shown_secrets(self) -> dict[str, list[Scalar]]:
        """By the kind of secret that they show: the texts that do, wherever they stand."""
        return _shown_secrets(self.node)

    def summary(self) -> ActionSummary:
        return ActionSummary(
            path=self.path,
            folder=self.folder,
            name=_text(self.name),
            using=_text(self.using),
            inputs=tuple(parameter.summary() for parameter in self.parameters),
            outputs=tuple(_text(key) for key, _ in self.outputs.items()),
            steps=tuple(step.summary() for step in self.steps if not never(step.condition)),
            readable=self.node.is_mapping,
        )


@dataclass(frozen=True)
class Step:
    owner: Job | Action
    node: Node
    key: Key
    """Where it stands in the file."""
    label: str

    @property
    def job(self) -> Job | None:
        """None for a step of a composite action."""
        return self.owner if isinstance(self.owner, Job) else None

    @property
    def file(self) -> Workflow | Action:
        return self.owner.workflow if isinstance(self.owner, Job) else self.owner

    @property
    def location(self) -> Location:
        return self.node.location

    @property
    def id(self) -> Node:
        return self.node["id"]

    @property
    def name(self) -> Node:
        return self.node["name"]

    @property
    def condition(self) -> Node:
        return self.node["if"]

    @property
    def run(self) -> Node:
        return self.node["run"]

    @property
    def env(self) -> Node:
        return self.node["env"]

    @property
    def arguments(self) -> Node:
        """Its `with`."""
        return self.node["with"]

    @property
    def continue_on_error(self) -> Node:
        return self.node["continue-on-error"]

    @property
    def shell(self) -> Node:
        """Its own shell, or else the default of its job or its workflow; missing where the runner decides."""
        own = self.node["shell"]
        if own.exists or self.job is None:
            return own
        of_job = self.job.defaults["shell"]
        if of_job.exists:
            return of_job
        of_workflow = self.job.workflow.defaults["shell"]
        return of_workflow if of_workflow.exists else own

    @property
    def folder(self) -> str:
        """Where its script begins: its own `working-directory`, or else the default of its job or its workflow."""
        defaults = (self.job.defaults, self.job.workflow.defaults) if self.job is not None else ()
        named = (one["working-directory"].text for one in (self.node, *defaults))
        return next((text for text in named if text), ".")

    @cached_property
    def uses(self) -> Uses | None:
        return Uses.of(self.node["uses"])

    @cached_property
    def interpreter(self) -> str:
        """The program that reads its script: `bash` where the runner decides, `pwsh` where that is a Windows."""
        named = self.shell.text.split()
        if named:
            return named[0].replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")
        labels = self.job.runs_on if self.job is not None else []
        return "pwsh" if any("windows" in label.text.lower() for label in labels) else "bash"

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """The commands of its script; PowerShell's too, as far as they are written as a POSIX shell's."""
        script = self.script
        if script is not None and speaks_posix(self.interpreter):
            return tuple(read_commands(script.text))
        if script is not None and self.interpreter in ("pwsh", "powershell"):
            continued = script.text.replace("`\n", "\\\n")  # what continues a line there
            return tuple(_of_assignment(command) for command in read_commands(continued))
        return ()

    def using(self, *actions: str) -> bool:
        """Whether it uses one of these actions: `actions/checkout`, `github/codeql-action/upload-sarif`."""
        return self.uses is not None and self.uses.action.lower() in actions

    @property
    def script(self) -> Scalar | None:
        """Its `run`, where that is a text."""
        run = self.run
        return run if isinstance(run, Scalar) and run.text else None

    @property
    def variables(self) -> frozenset[str]:
        """The names that are set before its script begins."""
        scopes = [self.env, *((self.job.env, self.job.workflow.env) if self.job else ())]
        return frozenset(key.text for scope in scopes for key, _ in scope.items())

    @property
    def shell_text(self) -> ShellText | None:
        """Its script as other programs may read it; None where it is none for a shell."""
        script, shell = self.script, self.shell.text or self._usual_shell
        program, *options = shell.replace("{0}", "").split() or [""]
        program = program.rpartition("/")[2]
        if script is None or program not in _CHECKED_SHELLS:
            return None
        text = _without_expressions(script.text)
        # GitHub adds -e to a shell that is named by itself.
        stops = not options or any(option.startswith("-") and "e" in option for option in options)
        path = self.node.source.path
        return ShellText(
            "gha-shellcheck",
            path,
            self.label,
            program,
            text,
            tuple(_line_places(script)),
            self.variables,
            _OF_PLACEHOLDERS,
            stops,
        )

    @property
    def _usual_shell(self) -> str:
        """What the runner takes where no shell is named; empty where it may be Windows'."""
        if self.job is None:
            return ""
        runners = (*self.job.runs_on, *self.job.matrix.walk())
        return "" if any("windows" in label.text.lower() for label in runners) else "bash"

    @cached_property
    def expressions(self) -> tuple[Embedded, ...]:
        """Its own: the steps of a parallel group are steps of their own."""
        return expressions_under(self.node, self.key, self, "parallel")

    def summary(self) -> StepSummary:
        script = self.script
        nothing = Text("", self.location)
        return StepSummary(
            label=self.label,
            location=nothing.location,
            id=_text(self.id, nothing),
            name=_text(self.name, nothing),
            condition=_text(self.condition, nothing),
            uses=self.uses,
            arguments=_texts(self.arguments),
            env=_texts(self.env),
            script=Script(script.text, self.shell.text, line_locations(script)) if script is not None else None,
            continue_on_error=_text(self.continue_on_error, nothing),
            timeout=_text(self.node["timeout-minutes"], nothing),
            folder=self.folder,
        )


class Permissions(NamedTuple):
    """What the token may do."""

    node: Node

    @property
    def declared(self) -> bool:
        return self.node.exists

    @property
    def all(self) -> str:
        """`read-all`, `write-all`, or empty where scopes are named one by one."""
        return self.node.text

    @property
    def scopes(self) -> list[tuple[Scalar, Node]]:
        return self.node.items()

    def level(self, scope: str) -> str | None:
        """`none`, `read` or `write`; None where nothing is declared, so that the repository decides."""
        if not self.declared:
            return None
        if not self.node.is_mapping:
            return {"read-all": "read", "write-all": "write"}.get(self.all, "none")
        return self.node[scope].text or "none"

    def summary(self) -> PermissionsSummary | None:
        if not self.declared:
            return None
        return PermissionsSummary(self.node.location, self.all, tuple((k.text, v.text) for k, v in self.scopes))


class Anchor(NamedTuple):
    """The `&name` of a value."""

    name: str
    location: Location

    @property
    def label(self) -> str:
        return f"anchor {self.name}"


class Parameter(NamedTuple):
    """An input or a secret that a workflow or an action declares."""

    name: str
    location: Location
    node: Node

    @property
    def required(self) -> bool:
        return self.node["required"].value is True

    @property
    def has_default(self) -> bool:
        return self.node.has("default")

    def summary(self) -> ParameterSummary:
        return ParameterSummary(
            Text(self.name, self.location),
            self.node["type"].text,
            self.required,
            self.has_default,
            self.node["deprecationMessage"].text,
            self.node["default"].text,
        )


class Embedded(NamedTuple):
    """An expression where it stands: in which value, under which keys, of which step or job."""

    node: Scalar
    span: Span
    key: Key
    owner: Workflow | Job | Step | Action

    @property
    def label(self) -> str:
        start = f" at {self.span.start}" if self.span.start else ""
        return ".".join(str(part) for part in self.key) + start

    @property
    def tree(self) -> Expression | None:
        return self.span.tree

    @property
    def location(self) -> Location:
        return self.node.span(self.span.start, self.span.end)

    @property
    def in_comment(self) -> bool:
        """Whether a script says it in a line that is a comment: GitHub puts it in, and nobody takes it."""
        script = self.key[-1] == "run" or self.key[-2:] == ("with", "script")
        return script and self.node.text[: self.span.start].rpartition("\n")[2].lstrip().startswith(("#", "//"))

    @property
    def fills_its_value(self) -> bool:
        """Whether nothing stands beside it, so that the value is what it gives."""
        return self.node.text.strip() == self.node.text[self.span.start : self.span.end]

    def at(self, part: Expression | Reference | SyntaxFault) -> Location:
        return self.node.span(part.start, part.end)

    def references(self) -> Iterator[Reference]:
        return references(self.span.tree) if self.span.tree is not None else iter(())


@dataclass(frozen=True)
class Condition:
    """The `if` of a job, a step or a snapshot."""

    owner: Job | Step | Action
    node: Scalar

    @property
    def label(self) -> str:
        return self.owner.label

    @property
    def text(self) -> str:
        return self.node.text

    @property
    def is_string(self) -> bool:
        """Whether text stands around its `${{ }}`: then it is a string, and every string but '' is true."""
        return condition(self.text) is None

    @cached_property
    def truth(self) -> bool | None:
        """What it always is, as an expression; None where that depends."""
        span = condition(self.text)
        return truth(span.tree) if span is not None and span.tree is not None else None


class EmptyCondition(NamedTuple):
    """An `if` with nothing behind it."""

    label: str
    node: Node


class Environment(NamedTuple):
    """An `env`, and whose it is."""

    label: str
    node: Node
    owner: Workflow | Action


def _of_steps(steps: Iterable[Step], blocks: list[Node]) -> Iterator[str]:
    """The passwords that the steps give to servers of their own; `blocks` takes their variables."""
    for step in steps:
        blocks.append(step.env)
        if step.script is not None:
            yield from of_servers(step.commands)


def _beside_this_machine(blocks: Iterable[Node]) -> Iterator[str]:
    for block in blocks:
        yield from beside_this_machine([(name.text, value.text) for name, value in block.items()])


def expressions_under(node: Node, key: Key, owner: Workflow | Job | Step | Action, *apart: str) -> tuple[Embedded, ...]:
    """Every expression below the keys of a mapping, but for those keys that are looked at apart."""
    return tuple(
        found
        for name, value in node.items()
        if name.text not in apart
        for found in embedded(value, (*key, name.text), owner)
    )


def embedded(node: Node, key: Key, owner: Workflow | Job | Step | Action) -> Iterator[Embedded]:
    """Every expression in the scalars of `node`, which stands at `key`."""
    stack: list[tuple[Node, Key]] = [(node, key)]
    seen: set[int] = set()
    while stack:
        value, at = stack.pop()
        if isinstance(value, Scalar):
            for span in _spans(value.text, at):
                yield Embedded(value, span, at, owner)
        elif id(value) not in seen:
            seen.add(id(value))
            below: list[tuple[Node, Key]] = []
            for name, child in value.items():
                if "${{" in name.text:
                    below.append((name, (*at, name.text)))
                below.append((child, (*at, name.text)))
            below.extend((child, (*at, index)) for index, child in enumerate(value))
            stack.extend(reversed(below))


def _line_places(script: Scalar) -> Iterator[tuple[int, int, int]]:
    """(offset in the text, line, column) of each line of a script."""
    start, number, column = 0, script.line, 1
    for location, line in zip(line_locations(script), script.text.splitlines(keepends=True), strict=False):
        if line.strip() or not start:
            number, column = location.line, max(1, location.column - (len(line) - len(line.lstrip())))
        elif script.style == "|":
            number, column = number + 1, 1
        yield start, number, column
        start += len(line)


def _of_assignment(command: Command) -> Command:
    """The command whose output PowerShell assigns: of `$x = npm install y`, what stands behind the sign."""
    words = command.words
    if len(words) > 2 and words[1].text == "=" and words[0].text.startswith("$"):
        return replace(command, words=words[2:])
    return command


def _without_expressions(script: str) -> str:
    """The script with a word of the same length in place of each expression."""
    pieces: list[str] = []
    at = 0
    for span in expressions(script):
        pieces.append(script[at : span.start])
        pieces.append(_NOT_A_BREAK.sub("_", script[span.start : span.end]))
        at = span.end
    return "".join(pieces) + script[at:]


def _spans(text: str, key: Key) -> list[Span]:
    if "${{" in text:
        return expressions(text)
    if key[-1] == "if" and text.strip() and _is_condition(key):
        bare = condition(text)
        return [bare] if bare is not None else []
    return []


def _is_condition(key: Key) -> bool:
    """Whether an `if` is that of a job, a step or a snapshot, and no name of a user's."""
    match key:
        case ("jobs", _, "if") | ("jobs", _, "snapshot", "if"):
            return True
        case ("jobs", _, "steps", int(), *rest) | ("runs", "steps", int(), *rest):
            return len(rest) == 1 or (len(rest) == 3 and rest[0] == "parallel")
    return False


def _condition(owner: Job | Step | Action, node: Node) -> Iterator[Condition]:
    if isinstance(node, Scalar) and node.text.strip():
        yield Condition(owner, node)


def _shown_secrets(node: Node) -> dict[str, list[Scalar]]:
    found: dict[str, list[Scalar]] = {}
    for value in node.walk():
        if isinstance(value, Scalar) and len(value.text) > _SHORTEST_SECRET:
            kind = shows_secret(value.text)
            if kind is not None:
                found.setdefault(kind, []).append(value)
    return found


def _parameters(node: Node) -> tuple[Parameter, ...]:
    return tuple(Parameter(key.text, key.location, value) for key, value in node.items())


def _steps(owner: Job | Action, node: Node, key: Key) -> tuple[Step, ...]:
    """Steps are known by their id, name or action; by their number too where that is not unique."""
    found: list[Step] = []
    seen: set[str] = set()
    for number, (item, at) in enumerate(_flat(node, key), 1):
        known_by = item["id"].text or item["name"].text or item["uses"].text or f"#{number}"
        name = " ".join(known_by.split())
        if name in seen:
            name = f"{name} #{number}"
        seen.add(name)
        found.append(Step(owner, item, at, f"{owner.label} step {name}"))
    return tuple(found)


def _flat(node: Node, key: Key) -> Iterator[tuple[Node, Key]]:
    """The steps of a sequence; after a group of parallel ones, each of them."""
    for index, item in enumerate(node):
        yield item, (*key, index)
        for inner, member in enumerate(item["parallel"]):
            yield member, (*key, index, "parallel", inner)


def _text(node: Node, nothing: Text | None = None) -> Text:
    """The node's text; of a value that is not there `nothing`, which stands where its holder does."""
    return nothing if nothing is not None and not node.exists else Text(node.text, node.location)


def _matrix_values(matrix: Node) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Name, or path in an object (`target.command`) -> its values, of its row and of `include`."""
    found: dict[str, list[str]] = {}
    rows = [(key.text, item) for key, value in matrix.items() if key.text != "include" for item in value]
    rows.extend((key.text, value) for combination in matrix["include"] for key, value in combination.items())
    for name, item in rows:
        for path, value in _leaves(name, item):
            found.setdefault(path, []).append(value)
    return tuple((key, tuple(dict.fromkeys(texts))) for key, texts in found.items() if texts)


def _leaves(path: str, node: Node, depth: int = 0) -> Iterator[tuple[str, str]]:
    if node.is_scalar and node.text:
        yield path, node.text
    elif depth < _DEEPEST_OBJECT:
        for key, value in node.items():
            yield from _leaves(f"{path}.{key.text}", value, depth + 1)


def _texts(node: Node) -> tuple[tuple[Text, Text], ...]:
    return tuple((_text(key), _text(value)) for key, value in node.items())
