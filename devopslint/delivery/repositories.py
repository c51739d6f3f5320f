"""What clusters run, beside the repositories of images that Terraform and CloudFormation here make."""

from __future__ import annotations

from typing import ClassVar, Self

from devopslint.deferred import NamedTuple
from devopslint.images.summaries import ImageRun, MadeRegistry
from devopslint.model import Location, ProjectView, Summaries
from devopslint.readers.image_reference import ImageReference

_OF_ALL = (
    "aws_ecr_registry_scanning_configuration.",
    "azurerm_security_center_subscription_pricing.",
    "google_project_service.",
)
"""Resources that say something of all repositories, and make none."""


class RunImage(NamedTuple):
    """An image that a cluster takes from a registry of which some repositories are made here."""

    run: ImageRun
    name: str
    """What the registry calls its repository, or Azure the registry itself."""
    made: tuple[MadeRegistry, ...]
    used: frozenset[str]
    """The repositories of that registry from which clusters run something."""

    @property
    def label(self) -> str:
        return self.run.label

    @property
    def location(self) -> Location:
        return self.run.location


class Repositories(ProjectView):
    """The repositories that are made here, and what clusters take from them."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("manifest",)

    def __init__(self, images: tuple[RunImage, ...]) -> None:
        self.images = images

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        made: dict[str, list[MadeRegistry]] = {}
        for one in summaries.of(MadeRegistry):
            if not one.label.startswith(_OF_ALL):
                made.setdefault(one.host, []).append(one)
        found: list[tuple[str, str, ImageRun]] = []
        for run in summaries.of(ImageRun) if made else ():
            for host in made:
                name = repository_of(run.image, host)
                if name:
                    found.append((host, name, run))
        used = {host: frozenset(name for other, name, _ in found if other == host) for host in made}
        return cls(
            tuple(
                RunImage(run, name, tuple(made[host]), used[host])
                for host, name, run in found
                if all(one.name for one in made[host])  # one whose name is not known may be any
            )
        )


def repository_of(image: str, host: str) -> str:
    """What the resource that makes it would be called; empty where the image is from elsewhere, or a template's."""
    reference = ImageReference.parse(image)
    if host not in f"{reference.registry}/" or any(mark in image for mark in "${<"):
        return ""
    if host == ".azurecr.io":
        return reference.registry.partition(".")[0]
    parts = reference.repository.split("/")
    if host == ".pkg.dev":
        return parts[1] if len(parts) > 2 else ""
    return reference.repository


def run_images(view: Repositories) -> tuple[RunImage, ...]:
    return view.images
