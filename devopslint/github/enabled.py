"""The jobs and steps of workflows and actions that can run: not those with `if: false`, which are only kept for later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from devopslint.github.files import ActionFile, WorkflowFile
from devopslint.github.workflow import Action, Embedded, Job, Step, never


def live_jobs(file: WorkflowFile) -> list[Job]:
    return [job for job in file.workflow.jobs if not never(job.condition)]


def live_job_steps(job: Job | Action) -> list[Step]:
    return [step for step in job.steps if not never(step.condition)]


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
    """Every expression; of steps and jobs that never run only the conditions that say so."""
    yield from file.workflow.expressions
    for job in file.workflow.jobs:
        off = never(job.condition)
        yield from _spoken(job, off)
        for step in () if off else job.steps:
            yield from _spoken(step, never(step.condition))


def live_job_expressions(job: Job) -> Iterator[Embedded]:
    yield from job.expressions
    for step in live_job_steps(job):
        yield from step.expressions


def live_action_expressions(file: ActionFile) -> Iterator[Embedded]:
    yield from file.action.expressions
    for step in file.action.steps:
        yield from _spoken(step, never(step.condition))


def _spoken(owner: Job | Step, never: bool) -> Iterator[Embedded]:
    return (one for one in owner.expressions if not never or one.key[-1] == "if")
