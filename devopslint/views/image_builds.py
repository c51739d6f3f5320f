"""The builds of images that a workflow runs: by docker/build-push-action, or by docker build in a script."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from devopslint.views.delivery import ImageBuild

if TYPE_CHECKING:
    from devopslint.readers.shell_words import Command
    from devopslint.views.workflow import Step, Workflow

_BUILDERS = frozenset(("buildah", "docker", "nerdctl", "podman"))
_VALUED = [
    "-f",
    "--file",
    "-t",
    "--tag",
    "-o",
    "--output",
    "--add-host",
    "--annotation",
    "--attest",
    "--build-arg",
    "--build-context",
    "--builder",
    "--cache-from",
    "--cache-to",
    "--cgroup-parent",
    "--iidfile",
    "--label",
    "--metadata-file",
    "--network",
    "--platform",
    "--progress",
    "--secret",
    "--shm-size",
    "--ssh",
    "--target",
    "--ulimit",
]


def image_builds(workflow: Workflow) -> Iterator[ImageBuild]:
    """The Dockerfiles that the workflow builds, where their places are written out."""
    for job in workflow.jobs:
        for step in job.steps:
            yield from _by_action(step)
            if step.script is not None and "build" in step.script.text:
                folder = step.node["working-directory"].text
                for command in step.commands:
                    yield from _by_command(command, folder)


def _by_action(step: Step) -> Iterator[ImageBuild]:
    if step.using("docker/build-push-action"):
        given = step.arguments
        context = given["context"].text.removeprefix("{{defaultContext}}").removeprefix(":") or "."
        names = [name.strip() for line in given["tags"].text.splitlines() for name in line.split(",")]
        yield from _build(context, given["file"].text or posixpath.join(context, "Dockerfile"), names)


def _by_command(command: Command, folder: str) -> Iterator[ImageBuild]:
    """`docker build -f FILE -t NAME CONTEXT`, and buildx's; Dockerfiles are relative to where the command runs."""
    if command.name not in _BUILDERS:
        return
    arguments = command.parsed(_VALUED)
    words = [word.text for word in arguments.operands if word.text not in ("buildx", "image", "builder")]
    if len(words) != 2 or words[0] not in ("build", "bud"):
        return
    file = arguments.option("-f", "--file")
    names = [o.value.text for o in arguments.options if o.name in ("-t", "--tag") and o.value is not None]
    context = posixpath.join(folder, words[1])
    dockerfile = posixpath.join(folder, file.value.text) if file is not None and file.value is not None else ""
    yield from _build(context, dockerfile or posixpath.join(context, "Dockerfile"), names)


def _build(context: str, dockerfile: str, names: Iterable[str]) -> Iterator[ImageBuild]:
    if "$" in context or "$" in dockerfile or "://" in context or context == "-":
        return
    known = (name for name in names if name and "$" not in name.rpartition("/")[2].partition(":")[0])
    yield ImageBuild(posixpath.normpath(dockerfile), posixpath.normpath(context), tuple(known))
