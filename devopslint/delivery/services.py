"""The services of Compose files with the images that the project builds for them."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.compose.composition import Service
from devopslint.deferred import cached_property, dataclass
from devopslint.delivery.images import Delivery
from devopslint.delivery.users import Runs
from devopslint.images.summaries import BuiltImage
from devopslint.model import Location


@dataclass(frozen=True)
class BuiltService:
    """A service, and the image that its Dockerfile gives."""

    service: Service
    image: BuiltImage | None
    delivery: Delivery

    @property
    def label(self) -> str:
        return self.service.label

    @property
    def location(self) -> Location:
        return self.service.location

    @cached_property
    def runs(self) -> Runs | None:
        """Who its image runs as; None where no Dockerfile of the tree gives it."""
        build = self.service.build
        if self.image is None or build is None:
            return None
        return self.delivery.project.who_runs(self.image, dict(build.arguments), build.contexts)

    @property
    def checked(self) -> bool:
        """Whether its image has a health check that is not switched off."""
        return self.image is not None and self.delivery.project.healthcheck(self.image) == "CMD"

    @property
    def judged_as_image(self) -> bool:
        """Whether what its image lacks is said at its Dockerfile: others build or run it too."""
        return self.image is not None and (self.image.path, self.image.stage) in self.delivery.judged_as_images


class ServicesOfImage:
    """The services that run one image without saying who it runs as."""

    def __init__(self, services: list[BuiltService]) -> None:
        self.first = services[0]
        self.others = services[1:]

    @property
    def label(self) -> str:
        return self.first.label

    @property
    def location(self) -> Location:
        return self.first.location


def built_services(delivery: Delivery) -> list[BuiltService]:
    """Every service of every Compose file that is not named after development or tests."""
    return [
        BuiltService(service, _image_of(service, delivery), delivery)
        for service in delivery.composition.services
        if not service.for_development
    ]


def _image_of(service: Service, delivery: Delivery) -> BuiltImage | None:
    if service.dockerfile is None:
        return None
    stages = delivery.project.stages
    return stages.get((service.dockerfile, service.target)) if service.target else stages.get((service.dockerfile, ""))


def services_by_image(delivery: Delivery) -> Iterator[ServicesOfImage]:
    """The services that build an image of the tree and name no user, once for each image that they build."""
    found: dict[object, list[BuiltService]] = {}
    for built in built_services(delivery):
        service, image = built.service, built.image
        if image is None or service.user.present or image.development:
            continue
        found.setdefault((image.path, image.stage, built.runs), []).append(built)
    return (ServicesOfImage(services) for services in found.values())
