"""Workflows and actions of one repository as they use each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Self

from devopslint.deferred import NamedTuple
from devopslint.github.summaries import ActionSummary, JobSummary, OutputUse, WorkflowSummary
from devopslint.model import Location, ProjectView, Summaries
from devopslint.scripts.steps import StepSummary

_WORKFLOWS = ".github/workflows/"


class Repository(ProjectView):
    """Every workflow and action that was read."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("workflow", "action")

    def __init__(self, workflows: list[WorkflowSummary], actions: list[ActionSummary]) -> None:
        self.workflows = {workflow.path: workflow for workflow in workflows}
        self.actions = {action.folder: action for action in actions}

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        return cls(summaries.of(WorkflowSummary), summaries.of(ActionSummary))

    def workflow(self, caller: WorkflowSummary, job: JobSummary) -> WorkflowSummary | None:
        """The workflow of this repository that a job calls."""
        if job.uses is None or not job.uses.local:
            return None
        return self.workflows.get(_root(caller.path) + job.uses.path)

    def action(self, user: WorkflowSummary, step: StepSummary) -> ActionSummary | None:
        """The action of this repository that a step uses."""
        if step.uses is None or not step.uses.local:
            return None
        return self.actions.get((_root(user.path) + step.uses.path).rstrip("/"))


def _root(path: str) -> str:
    """Where the repository of a workflow begins: a run may begin above it."""
    at = path.rfind(_WORKFLOWS)
    return path[:at] if at >= 0 else ""


class LocalStep(NamedTuple):
    """A step that uses an action of its own repository."""

    step: StepSummary
    action: ActionSummary

    @property
    def label(self) -> str:
        return self.step.label

    @property
    def location(self) -> Location:
        return self.step.location


class LocalCall(NamedTuple):
    """A job that calls a workflow of its own repository; `workflow` is None where that is not there."""

    job: JobSummary
    workflow: WorkflowSummary | None

    @property
    def label(self) -> str:
        return self.job.label

    @property
    def location(self) -> Location:
        return self.job.id.location


class LocalOutput(NamedTuple):
    """An output of a local action or workflow that an expression names, and those that there are."""

    use: OutputUse
    of: str
    declared: frozenset[str]

    @property
    def label(self) -> str:
        return self.use.text

    @property
    def location(self) -> Location:
        return self.use.location


def local_steps(repository: Repository) -> Iterator[LocalStep]:
    for workflow in repository.workflows.values():
        for job in workflow.jobs:
            for step in job.steps:
                action = repository.action(workflow, step)
                if action is not None and action.readable:
                    yield LocalStep(step, action)


def local_calls(repository: Repository) -> Iterator[LocalCall]:
    for workflow in repository.workflows.values():
        for job in workflow.jobs:
            if job.uses is not None and job.uses.local and "@" not in job.uses.text:
                yield LocalCall(job, repository.workflow(workflow, job))


def local_outputs(repository: Repository) -> Iterator[LocalOutput]:
    for workflow in repository.workflows.values():
        jobs = {job.id.text.lower(): job for job in workflow.jobs}
        for job in workflow.jobs:
            steps = {step.id.text.lower(): step for step in job.steps if step.id.text}
            for use in job.output_uses:
                if use.context == "needs" and use.name in jobs:
                    called = repository.workflow(workflow, jobs[use.name])
                    if called is not None and called.readable and called.trigger("workflow_call"):
                        declared = frozenset(output.text.lower() for output in called.outputs)
                        yield LocalOutput(use, called.path, declared)
                elif use.context == "steps" and use.name in steps:
                    action = repository.action(workflow, steps[use.name])
                    # Only a composite action has no outputs but those that it declares.
                    if action is not None and action.using.text == "composite":
                        yield LocalOutput(use, action.path, frozenset(output.text.lower() for output in action.outputs))
