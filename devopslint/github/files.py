"""The files of workflows and actions, and what the rules look at in them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import ClassVar

from devopslint.github.builds import image_builds
from devopslint.github.platform import FILTERS
from devopslint.github.workflow import (
    Action,
    Anchor,
    Condition,
    Embedded,
    EmptyCondition,
    Environment,
    Job,
    Pattern,
    Schedule,
    Step,
    Trigger,
    Workflow,
    _condition,
)
from devopslint.images.summaries import JobContainer, JobImage
from devopslint.model import Fault, ShellText
from devopslint.readers.cluster_commands import openings_in_commands
from devopslint.readers.yaml import Scalar, Stream
from devopslint.readers.yaml_file import YamlFile


def _of_one_document(faults: Iterable[Fault], stream: Stream) -> list[Fault]:
    """What GitHub's parser objects to: it stops where it cannot read on, or where a `---` begins a second document."""
    found = list(faults)
    stops = [fault for fault in found if fault.rule == "unreadable-file"]
    if not stops:
        stops = [
            Fault(document.root.location, "begins a second document here, and GitHub takes one alone")
            for document in stream.documents[1:2]
        ]
    return [*stops[:1], *(fault for fault in found if fault.rule != "unreadable-file")]


class WorkflowFile(YamlFile):
    """A file in .github/workflows."""

    kinds: ClassVar[tuple[str, ...]] = ("workflow",)

    def __init__(self, path: str, stream: Stream) -> None:
        super().__init__(path, stream)
        self.faults = _of_one_document(self.faults, stream)
        self.workflow = Workflow(path, self.root)

    def shell_texts(self) -> Iterator[ShellText]:
        """The scripts that programs for scripts may read."""
        return (text for step in steps(self) if (text := step.shell_text) is not None)

    def summaries(self) -> Iterable[object]:
        commands = openings_in_commands(self.path, self.stream.source.text)
        return (self.workflow.summary(), *image_builds(self.workflow), *self._containers(), *commands)

    def _containers(self) -> Iterator[JobContainer]:
        for job in self.workflow.jobs:
            image = job.container["image"] if job.container.is_mapping else job.container
            if image.text and "${{" not in image.text:
                yield JobContainer(image.text.removeprefix("docker://"))


class ActionFile(YamlFile):
    """An action.yml: the metadata of an action, and the steps of a composite one."""

    kinds: ClassVar[tuple[str, ...]] = ("action",)

    def __init__(self, path: str, stream: Stream) -> None:
        super().__init__(path, stream)
        self.faults = _of_one_document(self.faults, stream)
        self.action = Action(path, self.root)

    def shell_texts(self) -> Iterator[ShellText]:
        return (text for step in self.action.steps if (text := step.shell_text) is not None)

    def summaries(self) -> Iterable[object]:
        return (self.action.summary(), *self._image())

    def _image(self) -> Iterator[JobImage]:
        """The Dockerfile that a container action is built from."""
        image = self.action.node.get("runs", "image").text
        if self.action.using.text.lower() == "docker" and image and not image.startswith("docker://"):
            yield JobImage(posixpath.normpath(posixpath.join(self.action.folder, image)), True)


def workflows(file: WorkflowFile) -> Iterable[Workflow]:
    return (file.workflow,)


def triggers(file: WorkflowFile) -> Iterable[Trigger]:
    return file.workflow.triggers


def patterns(file: WorkflowFile) -> Iterator[Pattern]:
    """The glob patterns of branches, tags and paths."""
    for trigger in file.workflow.triggers:
        for name in sorted(FILTERS):
            for item in trigger.filter(name):
                if isinstance(item, Scalar):
                    yield Pattern(trigger, name, item)


def schedules(file: WorkflowFile) -> Iterator[Schedule]:
    return (Schedule(item) for item in file.workflow.node.get("on", "schedule"))


def jobs(file: WorkflowFile) -> Iterable[Job]:
    return file.workflow.jobs


def steps(file: WorkflowFile) -> Iterator[Step]:
    for job in file.workflow.jobs:
        yield from job.steps


def calls(file: WorkflowFile) -> Iterable[Job]:
    """Jobs that call a reusable workflow."""
    return (job for job in file.workflow.jobs if job.uses is not None)


def scripts(file: WorkflowFile) -> Iterator[Step]:
    """Steps with a `run`."""
    return (step for step in steps(file) if step.script is not None)


def workflow_expressions(file: WorkflowFile) -> Iterator[Embedded]:
    """Every expression of a workflow; of each `if`, the bare ones too."""
    yield from file.workflow.expressions
    for job in file.workflow.jobs:
        yield from job.expressions
        for step in job.steps:
            yield from step.expressions


def unused_anchors(file: WorkflowFile) -> Iterable[Anchor]:
    """The anchors that no alias refers to."""
    return (Anchor(name, place) for document in file.stream.documents for name, place in document.unused_anchors)


def conditions(file: WorkflowFile) -> Iterator[Condition]:
    for job in file.workflow.jobs:
        for node in (job.condition, job.node.get("snapshot", "if")):
            yield from _condition(job, node)
        for step in job.steps:
            yield from _condition(step, step.condition)


def empty_conditions(file: WorkflowFile) -> Iterator[EmptyCondition]:
    for job in file.workflow.jobs:
        owners: list[Job | Step] = [job, *job.steps]
        for owner in owners:
            if owner.condition.is_scalar and not owner.condition.text.strip():
                yield EmptyCondition(owner.label, owner.condition)


def environments(file: WorkflowFile) -> Iterator[Environment]:
    """Every `env` of the workflow, its jobs, their containers and their steps."""
    workflow = file.workflow
    yield Environment(workflow.label, workflow.env, workflow)
    for job in workflow.jobs:
        yield Environment(job.label, job.env, workflow)
        yield Environment(f"{job.label} container", job.container["env"], workflow)
        for name, service in job.services:
            yield Environment(f"{job.label} service {name.text}", service["env"], workflow)
        for step in job.steps:
            yield Environment(step.label, step.env, workflow)


def actions(file: ActionFile) -> Iterable[Action]:
    return (file.action,)


def action_steps(file: ActionFile) -> Iterable[Step]:
    return file.action.steps


def action_scripts(file: ActionFile) -> Iterator[Step]:
    return (step for step in file.action.steps if step.script is not None)


def action_conditions(file: ActionFile) -> Iterator[Condition]:
    for key in ("pre-if", "post-if"):
        yield from _condition(file.action, file.action.node["runs"][key])
    for step in file.action.steps:
        yield from _condition(step, step.condition)


def action_environments(file: ActionFile) -> Iterator[Environment]:
    for step in file.action.steps:
        yield Environment(step.label, step.env, file.action)


def action_expressions(file: ActionFile) -> Iterator[Embedded]:
    yield from file.action.expressions
    for step in file.action.steps:
        yield from step.expressions
