"""Pushes of images, held against the registries that the repository makes."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import NamedTuple, compiled
from devopslint.images.summaries import MadeRegistry
from devopslint.model import Location, Problem, Related
from devopslint.pipeline.jobs import Job
from devopslint.pipeline.pipelines import Pipelines, pipeline_jobs
from devopslint.pipeline.values import filled
from devopslint.registry import check

_MOVING = compiled(
    r"(?:latest|edge|nightly|stable|main|master|trunk|dev|develop|staging|test|prod|production|live|current)\Z"
)
"""Tags that each release is given anew."""
_BUILDERS = frozenset(("buildah", "docker", "nerdctl", "podman"))
_LOGS_IN = {".dkr.ecr.": ("aws-actions/amazon-ecr-login",), ".pkg.dev": ()}
_ECR_LOGIN = compiled(r"ecr[ \t]+get-login")


class Push(NamedTuple):
    """An image that a job pushes under a tag, with the registries that are made here."""

    job: Job
    image: str
    location: Location
    registries: tuple[MadeRegistry, ...]

    @property
    def label(self) -> str:
        return self.job.label

    @property
    def name(self) -> str:
        return self.image.rpartition(":")[0] if self.tag else self.image

    @property
    def tag(self) -> str:
        after = self.image.rpartition(":")[2]
        return after if after != self.image and "/" not in after else ""


def pushed(view: Pipelines) -> Iterator[Push]:
    if not view.registries:
        return
    for job in pipeline_jobs(view):
        for ran in job.ran:
            if ran.command is not None and ran.command.name in _BUILDERS:
                words = ran.command.texts
                operands = [word for word in words if not word.startswith("-")]
                if words[:1] == ("push",) or words[:2] == ("image", "push"):
                    yield Push(job, operands[-1], ran.location, view.registries)
        for step in job.actions("docker/build-push-action"):
            given = {key.text: value for key, value in step.arguments}
            if "tags" in given and given.get("push") is not None and given["push"].text == "true":
                values = {f"env.{key.text}": (value.text,) for key, value in (*job.env, *step.env)}
                for image in filled(given["tags"].text, values, 0).replace(",", "\n").split("\n"):
                    if image.strip():
                        yield Push(job, image.strip(), given["tags"].location, view.registries)


@check("pipeline-kept-tag", each=pushed)
def kept_tag(push: Push) -> Iterator[Problem]:
    if not _MOVING.match(push.tag):
        return
    for registry in push.registries:
        if registry.keeps_tags and registry.name and _goes_to(push, registry):
            related = (Related(registry.location, f"{registry.label} keeps its tags"),)
            yield Problem(
                push.location,
                f"the second push of '{push.name.rpartition('/')[2]}:{push.tag}' is refused: its tags cannot be moved",
                related,
            )
            return


def _goes_to(push: Push, registry: MadeRegistry) -> bool:
    host, _, path = push.name.partition("/")
    if registry.host == ".pkg.dev":
        return registry.host in host and path.split("/")[1:2] == [registry.name]
    if path != registry.name:
        return False
    if registry.host in host:
        return True
    # The name of the registry is given while it runs: who logs in to one pushes there.
    known = any(push.job.actions(*_LOGS_IN[registry.host]))
    scripts = (step.script.text for step in push.job.steps if step.script is not None)
    return ("." not in host) and (known or any(_ECR_LOGIN.search(script) for script in scripts))
