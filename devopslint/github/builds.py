"""The builds of images that a workflow runs: by docker/build-push-action or in its scripts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from devopslint.github.workflow import Step, Workflow
from devopslint.images.builds import build_place, builds_of_commands, image_build
from devopslint.images.summaries import ImageBuild


def image_builds(workflow: Workflow) -> Iterator[ImageBuild]:
    """The Dockerfiles that the workflow builds, where their places are written out."""
    for job in workflow.jobs:
        for step in job.steps:
            yield from (build._replace(path=workflow.path) for build in _by_action(step))
            if step.script is not None and "build" in step.script.text:
                folder = step.node["working-directory"].text
                yield from (build._replace(path=workflow.path) for build in builds_of_commands(step.commands, folder))


def _by_action(step: Step) -> Iterator[ImageBuild]:
    if step.using("docker/build-push-action"):
        given = step.arguments
        context = build_place("", given["context"].text.removeprefix("{{defaultContext}}").removeprefix(":") or ".")
        names = [name.strip() for line in given["tags"].text.splitlines() for name in line.split(",")]
        dockerfile = (
            build_place("", given["file"].text) if given["file"].text else posixpath.join(context, "Dockerfile")
        )
        contexts = given["build-contexts"].text.splitlines()
        arguments = [line for line in given["build-args"].text.splitlines() if line.strip()]
        yield image_build(context, dockerfile, names, given["target"].text, contexts, arguments)
