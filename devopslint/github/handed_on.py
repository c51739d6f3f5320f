"""Texts that anyone can choose, on their way into a script of a local action or of a called workflow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Self

from devopslint.deferred import NamedTuple
from devopslint.github.enabled import live_calls, live_steps
from devopslint.github.files import ActionFile, WorkflowFile
from devopslint.github.taint import (
    Author,
    ScriptExpression,
    action_script_expressions,
    author_of_value,
    kept_from_outsiders,
    name_behind,
    root_of,
    script_expressions,
)
from devopslint.github.workflow import Step
from devopslint.model import Fault, FileView, Location, NotChecked, ProjectView, Summaries
from devopslint.readers.yaml import Node
from devopslint.scripts.steps import Uses

_WORKFLOWS = ".github/workflows/"


class InputInScript(NamedTuple):
    """An input of a called workflow or of an action that becomes a part of a script."""

    path: str
    name: str
    text: str
    location: Location


class WordsInScript(NamedTuple):
    """What anyone may write, in a script of a workflow that is only called: with which event, its callers decide."""

    path: str
    root: str
    """The part of the event: `pull_request`."""
    text: str
    location: Location


class Calling(NamedTuple):
    """A call of a workflow of the same repository."""

    target: str
    kept: frozenset[str]
    """The parts of the event that never hold what outsiders have written where it is called."""
    location: Location


class HandedOn(NamedTuple):
    """A value of `with` that anyone can choose, for an action or a workflow of the same repository."""

    target: str
    """A workflow's file, or an action's folder."""
    name: str
    location: Location


class InputTexts(FileView):
    """A workflow or an action: the inputs that it puts into scripts, and the texts that it hands on."""

    kinds: ClassVar[tuple[str, ...]] = ("workflow-texts", "action-texts")

    def __init__(self, file: WorkflowFile | ActionFile) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.not_checked: list[NotChecked] = []

    @classmethod
    def over(cls, view: FileView) -> Self:
        assert isinstance(view, WorkflowFile | ActionFile)
        return cls(view)

    def extent(self, line: int) -> tuple[int, int]:
        return self.file.extent(line)

    def summaries(self) -> Iterator[object]:
        file = self.file
        if isinstance(file, ActionFile):
            yield from _inputs(file.path, action_script_expressions(file))
            return
        yield from _inputs(file.path, script_expressions(file))
        if file.workflow.only_called:
            yield from _words(file)
        for step in live_steps(file):
            yield from _handed_on(step, step.uses, step.arguments)
        for job in live_calls(file):
            # No `env` is known where a job calls a workflow: a step without one sees what the job does.
            step = Step(job, job.node, (), job.label)
            yield from _handed_on(step, job.uses, job.node["with"])
            if job.uses is not None and job.uses.local:
                yield Calling(_target(job.uses, step), kept_from_outsiders(step), job.location)


def _inputs(path: str, expressions: Iterator[ScriptExpression]) -> Iterator[InputInScript]:
    for one in expressions:
        for reference, author in one.flows:
            if reference.path[0] == "inputs" and author in (Author.CALLER, Author.STARTER):
                text = " ".join(one.embedded.node.text[reference.start : reference.end].split())
                yield InputInScript(path, name_behind(reference.tree, 1).lower(), text, one.embedded.at(reference))


def _words(file: WorkflowFile) -> Iterator[WordsInScript]:
    for one in script_expressions(file):
        for reference, author in one.flows:
            if author is Author.OUTSIDER:
                root = root_of(reference.path) if reference.path[0] == "github" else ""
                text = " ".join(one.embedded.node.text[reference.start : reference.end].split())
                yield WordsInScript(file.path, root, text, one.embedded.at(reference))


def _target(uses: Uses, step: Step) -> str:
    at = step.location.path.rfind(_WORKFLOWS)
    return (step.location.path[: max(at, 0)] + uses.path).rstrip("/")


def _handed_on(step: Step, uses: Uses | None, arguments: Node) -> Iterator[HandedOn]:
    if uses is None or not uses.local:
        return
    target = _target(uses, step)
    for key, value in arguments.items():
        if author_of_value(value, step) is Author.OUTSIDER:
            yield HandedOn(target, key.text.lower(), value.location)


class ReachedScript(NamedTuple):
    """An input in a script, and where a text that anyone can choose is given to it."""

    used: InputInScript
    given: HandedOn

    @property
    def label(self) -> str:
        return self.used.text

    @property
    def location(self) -> Location:
        return self.used.location


class InputsTogether(ProjectView):
    """What the workflows of a repository hand on to each other and to its actions."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("workflow-texts", "action-texts")

    def __init__(
        self,
        used: list[InputInScript],
        given: list[HandedOn],
        words: list[WordsInScript],
        callings: list[Calling],
    ) -> None:
        self.used = used
        self.words = words
        self.callings: dict[str, list[Calling]] = {}
        for calling in sorted(callings, key=lambda one: one.location):
            self.callings.setdefault(calling.target, []).append(calling)
        self.given: dict[tuple[str, str], HandedOn] = {}
        for one in sorted(given, key=lambda one: one.location):
            self.given.setdefault((one.target, one.name), one)

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        return cls(
            summaries.of(InputInScript), summaries.of(HandedOn), summaries.of(WordsInScript), summaries.of(Calling)
        )


def reached_scripts(together: InputsTogether) -> Iterator[ReachedScript]:
    for used in together.used:
        folder = used.path.rpartition("/")[0]
        given = together.given.get((used.path, used.name)) or together.given.get((folder, used.name))
        if given is not None:
            yield ReachedScript(used, given)


class WordsOfAnyone(NamedTuple):
    """What anyone may write in a script of a called workflow, and a call that lets it come to that."""

    used: WordsInScript
    calling: Calling | None
    """None where no workflow of the repository calls it: others may."""

    @property
    def label(self) -> str:
        return self.used.text

    @property
    def location(self) -> Location:
        return self.used.location


def words_of_anyone(together: InputsTogether) -> Iterator[WordsOfAnyone]:
    for used in together.words:
        callings = together.callings.get(used.path, [])
        open_ = [one for one in callings if used.root not in one.kept]
        if open_ or not callings:
            yield WordsOfAnyone(used, open_[0] if open_ else None)
