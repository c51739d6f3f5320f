"""The jobs and steps of workflows and actions that can run: not those with `if: false`, which are only kept for later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from devopslint.readers.expression import condition, truth
from devopslint.readers.yaml import Node
from devopslint.views.workflow import (
    Action,
    ActionFile,
    Embedded,
    Job,
    Step,
    Workflow,
    WorkflowFile,
    action_expressions,
    workflow_expressions,
)


def _never(node: Node) -> bool:
    text = node.text
    if "false" not in text.lower():
        return False
    found = condition(text)
    return found is not None and found.tree is not None and truth(found.tree) is False


def live_jobs(file: WorkflowFile) -> list[Job]:
    return [job for job in file.workflow.jobs if not _never(job.condition)]


def live_job_steps(job: Job | Action) -> list[Step]:
    return [step for step in job.steps if not _never(step.condition)]


def live_steps(file: WorkflowFile) -> Iterator[Step]:
    for job in live_jobs(file):
        yield from live_job_steps(job)


def live_scripts(file: WorkflowFile) -> Iterator[Step]:
    """Steps with a `run`."""
    return (step for step in live_steps(file) if step.script is not None)


def live_calls(file: WorkflowFile) -> Iterator[Job]:
    """Jobs that call a reusable workflow."""
    return (job for job in live_jobs(file) if job.uses is not None)


def live_action_steps(file: ActionFile) -> Iterable[Step]:
    return live_job_steps(file.action)


def live_action_scripts(file: ActionFile) -> Iterator[Step]:
    return (step for step in live_action_steps(file) if step.script is not None)


def live_expressions(file: WorkflowFile) -> Iterator[Embedded]:
    """Every expression but those of steps and jobs that never run; their own conditions are among them."""
    dead = {id(owner) for owner in _dead(file.workflow.jobs)}
    return _of_the_living(workflow_expressions(file), dead)


def live_action_expressions(file: ActionFile) -> Iterator[Embedded]:
    dead = {id(step) for step in file.action.steps if _never(step.condition)}
    return _of_the_living(action_expressions(file), dead)


def _dead(jobs: Iterable[Job]) -> Iterator[Job | Step]:
    for job in jobs:
        if _never(job.condition):
            yield job
            yield from job.steps
        else:
            yield from (step for step in job.steps if _never(step.condition))


def _of_the_living(expressions: Iterable[Embedded], dead: set[int]) -> Iterator[Embedded]:
    for one in expressions:
        owner: Workflow | Job | Step | Action = one.owner
        if id(owner) not in dead or one.key[-1] == "if":
            yield one
