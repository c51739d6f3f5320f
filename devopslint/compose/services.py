"""Compose files: services, what they run and how they are built."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

from devopslint.images.summaries import BuiltImage, ImageBuild, ImageRun, named_for_development
from devopslint.model import Location, PartialDocument, ProjectView, Summaries
from devopslint.readers.image_reference import ImageReference
from devopslint.readers.yaml import Node
from devopslint.readers.yaml_file import YamlFile

_OVERRIDE = re.compile(r"(?:^|/)(?:docker-compose[.-]|compose\.)(?!ya?ml\Z)[^/]+\.ya?ml\Z")
"""compose.override.yaml, docker-compose.prod.yml: files that are laid over a main one."""

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_OCCASIONAL = re.compile(
    r"(?<![a-z])(?:admin|ci|cli|debug|dev|e2e|init|jobs?|manual|migrat(?:e|ions?)|once|seed|setup|tasks?|tests?|tools?)(?![a-z])"
)
"""In the names of profiles whose services somebody starts by hand."""
_VOLUME_NAME = re.compile(r"[a-zA-Z0-9][\w.-]*\Z")


@dataclass(frozen=True)
class Service:
    """One service of a Compose file."""

    file: ComposeFile
    name: str
    node: Node

    @property
    def label(self) -> str:
        return f"service {self.name}"

    @property
    def location(self) -> Location:
        return self.node.key_location

    @property
    def partial(self) -> bool:
        """True where the rest of the service stands elsewhere."""
        return self.node["extends"].present or not (self.node["image"].present or self.node["build"].present)

    @property
    def image(self) -> ImageReference | None:
        """The image that is pulled; None where it is built, or its name depends on a variable."""
        name = self.node["image"]
        if not name.text or "$" in name.text or self.node["build"].present:
            return None
        return ImageReference.parse(name.text)

    @property
    def environment(self) -> list[tuple[str, str, Location]]:
        """Name, value and place of every variable that has a value here."""
        node = self.node["environment"]
        if node.is_mapping:
            return [(key.text, value.text, value.location) for key, value in node.items() if value.text]
        pairs = ((item, item.text.partition("=")) for item in node.strings())
        return [(name, value, item.location) for item, (name, _, value) in pairs if value]

    @cached_property
    def dockerfile(self) -> str | None:
        """The path of the Dockerfile that it is built from; None where it is not, or not from this tree."""
        build = self.node["build"]
        context = build.text if build.is_scalar else build["context"].text or "."
        inline = build["dockerfile_inline"].present
        if not build.present or inline or "$" in context or "://" in context or context.startswith(("git@", "/", "~")):
            return None
        named = build["dockerfile"].text
        if "$" in named or named.startswith("/"):
            return None
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.file.path), context, named or "Dockerfile"))
        return None if path.startswith("..") else path

    @property
    def target(self) -> str:
        """The stage that its build ends with, in lower case; empty where none is named, or a variable says which."""
        target = self.node["build"]["target"].text.lower()
        return "" if "$" in target else target

    @property
    def volumes(self) -> Iterator[tuple[str, Location]]:
        """The host's side of every volume, a path or a name, and its place."""
        for volume in self.node["volumes"]:
            if volume.is_mapping:
                if volume["type"].text in ("bind", "volume"):
                    yield volume["source"].text, volume["source"].location
            elif not _DRIVE.match(volume.text) and ":" in volume.text:
                yield volume.text.partition(":")[0], volume.location

    @property
    def named_volumes(self) -> Iterator[tuple[str, Location]]:
        """Those volumes that the file has to declare."""
        return ((name, location) for name, location in self.volumes if _VOLUME_NAME.match(name))

    @property
    def dependencies(self) -> list[tuple[str, Location]]:
        """The services that have to start before, or are shared with, and the places that say so."""
        node = self.node["depends_on"]
        named: list[Node] = [key for key, _ in node.items()] if node.is_mapping else node.strings()
        found = [(one.text, one.location) for one in named]
        found += [(one.text.partition(":")[0], one.location) for one in self.node["links"].strings()]
        for key in ("network_mode", "pid", "ipc"):
            shared = self.node[key]
            if shared.text.startswith("service:"):
                found.append((shared.text.partition(":")[2], shared.location))
        return [(name, location) for name, location in found if "$" not in name]

    @property
    def occasional(self) -> bool:
        """Whether it runs to its end, or only when somebody asks for it."""
        node = self.node
        profiles = [profile.text for profile in node["profiles"].strings()]
        return (
            node["restart"].text == "no"
            or node.get("deploy", "mode").text.endswith("-job")
            or self.name in self.file.awaited
            or (bool(profiles) and all(_OCCASIONAL.search(profile.lower()) for profile in profiles))
        )

    def uses(self, section: str) -> Iterator[tuple[str, Location]]:
        """The networks, secrets or configs that the file has to declare."""
        node = self.node[section]
        if node.is_mapping:
            yield from ((key.text, key.location) for key, _ in node.items())
            return
        for one in node:
            named = one["source"] if one.is_mapping else one
            yield named.text, named.location


@dataclass(frozen=True, slots=True)
class ComposedService:
    """A summary: what rules over the project ask of a service."""

    file: str
    name: str
    location: Location
    dockerfile: str | None
    target: str
    user: Location | None
    """Where a user is missing; None where one is named."""
    healthcheck: Location | None
    """Where a health check is missing; None where there is one, it is switched off on purpose, or none is needed."""

    @property
    def label(self) -> str:
        return f"service {self.name}"


class ComposeFile(YamlFile):
    """A Compose file."""

    kinds: ClassVar[tuple[str, ...]] = ("compose",)

    @cached_property
    def roots(self) -> list[Node]:
        return [root for document in self.stream.documents for root in document.readings]

    @cached_property
    def services(self) -> list[Service]:
        return [
            Service(self, key.text, node)
            for root in self.roots
            for key, node in root["services"].items()
            if node.is_mapping
        ]

    @cached_property
    def awaited(self) -> frozenset[str]:
        """The services that others wait for until they have done their work."""
        return frozenset(
            name.text
            for service in self.services
            for name, dependency in service.node["depends_on"].items()
            if dependency["condition"].text == "service_completed_successfully"
        )

    @property
    def for_development(self) -> bool:
        return named_for_development(self.path)

    @property
    def whole(self) -> bool:
        """False for a file that is laid over another one, or takes others in."""
        return not _OVERRIDE.search(self.path) and not any(root["include"].present for root in self.roots)

    def declared(self, section: str) -> set[str]:
        """The names under a top-level key."""
        return set().union(*(root[section].keys() for root in self.roots))

    def summaries(self) -> Iterable[object]:
        if _OVERRIDE.search(self.path):
            yield PartialDocument(self.path, "is laid over another Compose file: what it leaves out stands there")
        for service in self.services:
            node = service.node
            if service.partial:
                first, last = service.location.line, node.last_line
                yield PartialDocument(self.path, f"service {service.name} is completed elsewhere", first, last)
            yield ComposedService(
                self.path,
                service.name,
                service.location,
                service.dockerfile,
                service.target,
                None if node["user"].present else node["user"].location,
                None if node["healthcheck"].present or service.occasional else node["healthcheck"].location,
            )
            yield from _delivered(service)


def _delivered(service: Service) -> Iterator[object]:
    """What the service says of the image that it builds or runs."""
    node = service.node
    image, user = node["image"], node["user"]
    if service.dockerfile is not None:
        build = node["build"]
        context = build.text if build.is_scalar else build["context"].text or "."
        folder = posixpath.normpath(posixpath.join(posixpath.dirname(service.file.path), context))
        names = (image.text,) if image.text else ()
        contexts = build["additional_contexts"]
        given = contexts.keys() if contexts.is_mapping else {one.text.partition("=")[0] for one in contexts.strings()}
        yield ImageBuild(service.dockerfile, folder, names, service.target, frozenset(given))
    elif node["build"].present and image.text:
        yield ImageBuild("", "", (image.text,))
    if service.dockerfile is not None or image.text:
        name = str(user.value).partition(":")[0] if user.present else None
        yield ImageRun(
            "" if service.dockerfile is not None else image.text,
            service.dockerfile or "",
            service.target,
            service.label,
            service.location,
            name,
            False,
            node["healthcheck"].present,
            service.location,
        )


def main_files(file: ComposeFile) -> list[ComposeFile]:
    """The file itself, where it says all that there is."""
    return [file] if file.whole else []


def services(file: ComposeFile) -> list[Service]:
    """Every service."""
    return file.services


def production_services(file: ComposeFile) -> list[Service]:
    """Every service, unless the file or a folder around it is named after development or tests."""
    return [] if file.for_development else file.services


@dataclass(frozen=True)
class Composition(ProjectView):
    """The services of all Compose files, with the Dockerfiles that they are built from."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("compose",)

    services: tuple[tuple[ComposedService, BuiltImage | None], ...]

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        built: dict[tuple[str, str], BuiltImage] = {}
        for image in summaries.of(BuiltImage):
            built[image.path, image.stage] = image
            if image.final:
                built[image.path, ""] = image
        return cls(tuple((one, built.get((one.dockerfile or "", one.target))) for one in summaries.of(ComposedService)))


@dataclass(frozen=True, slots=True)
class BuiltService:
    """A service, and the image that its Dockerfile gives."""

    service: ComposedService
    image: BuiltImage | None

    @property
    def label(self) -> str:
        return self.service.label

    @property
    def location(self) -> Location:
        return self.service.location


def built_services(composition: Composition) -> list[BuiltService]:
    """Every service of every Compose file that is not named after development or tests."""
    return [
        BuiltService(service, image)
        for service, image in composition.services
        if not named_for_development(service.file)
    ]
