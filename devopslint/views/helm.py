"""Helm charts: what Chart.yaml says; a chart's templates are only named, for they are no manifests yet."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from devopslint.model import Annotation, Fault, KnownFiles, Location, NotChecked, Summaries
from devopslint.readers.yaml import Node, Stream, read_yaml
from devopslint.views.cluster_summaries import UnseenObjects

_SEMANTIC_VERSION = re.compile(r"v?[0-9]+(?:\.[0-9]+){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?\Z")
_EXACT_VERSION = re.compile(r"[=v]?[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?\Z")


@dataclass
class Template:
    """A file below a chart's templates: YAML only once it is rendered, even where it looks like YAML before."""

    path: str
    faults: list[Fault]
    not_checked: list[NotChecked]

    kinds: ClassVar[tuple[str, ...]] = ("helm-template",)
    unchecked: ClassVar[bool] = True

    @classmethod
    def read(cls, path: str, text: str) -> Self:
        reason = "is a Helm template: what it renders to is checked with --render"
        return cls(path, [], [NotChecked(path, reason)] if text.strip() else [])

    def extent(self, line: int) -> tuple[int, int]:
        return line, line

    def summaries(self) -> Iterable[object]:
        return (UnseenObjects(self.path),)


@dataclass(frozen=True, slots=True)
class Dependency:
    """Summary: a chart that another chart is built with."""

    chart: str
    """The path of the Chart.yaml, or requirements.yaml, that names it."""
    name: str
    version: str
    location: Location
    vendored: bool
    """True where it comes from a folder of the repository."""

    @property
    def label(self) -> str:
        return f"dependency {self.name}"

    @property
    def exact(self) -> bool:
        return bool(_EXACT_VERSION.match(self.version))


@dataclass
class Chart:
    """One Chart.yaml."""

    path: str
    stream: Stream
    faults: list[Fault]
    not_checked: list[NotChecked]

    kinds: ClassVar[tuple[str, ...]] = ("chart",)
    annotations: ClassVar[tuple[Annotation, ...]] = ()

    @classmethod
    def read(cls, path: str, text: str) -> Self:
        stream = read_yaml(path, text, "1.1")
        faults = list(stream.faults)
        for document in stream.documents:
            faults.extend(
                Fault(again.location, f"{again.text!r} stands here again, first in line {first.line}", "duplicate-key")
                for first, again in document.duplicates
            )
        return cls(path, stream, faults, [])

    @property
    def root(self) -> Node:
        return self.stream.documents[0].root if self.stream.documents else Node(self.stream.source, 0, 0)

    @property
    def label(self) -> str:
        return f"chart {self.root['name'].text}"

    @property
    def is_application(self) -> bool:
        return self.root["type"].text != "library"

    @property
    def has_semantic_version(self) -> bool:
        """As Helm takes it: 1 and 1.2 are completed with zeros."""
        return bool(_SEMANTIC_VERSION.match(self.root["version"].text))

    def extent(self, line: int) -> tuple[int, int]:
        return self.stream.extent(line)

    def summaries(self) -> Iterator[object]:
        for node in self.root["dependencies"]:
            version = node["version"]
            yield Dependency(
                chart=self.path,
                name=node["name"].text,
                version=version.text,
                location=version.location,
                vendored=node["repository"].text.startswith("file://") or not node["repository"].present,
            )


def charts(chart: Chart) -> list[Chart]:
    """The chart that the file describes; none where it could not be read."""
    return [chart] if chart.root.is_mapping else []


class Charts:
    """All charts of a project."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("chart",)

    def __init__(self, summaries: Summaries) -> None:
        self.dependencies = summaries.of(Dependency)
        self.files = frozenset(path for known in summaries.of(KnownFiles) for path in known.paths)

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        return cls(summaries)

    def locked(self, dependency: Dependency) -> bool:
        """Whether a Chart.lock beside the chart says which version is meant."""
        return posixpath.join(posixpath.dirname(dependency.chart), "Chart.lock") in self.files


def unlocked_dependencies(charts: Charts) -> list[Dependency]:
    """Every dependency from outside whose version no lock file decides."""
    return [one for one in charts.dependencies if not one.vendored and not charts.locked(one)]
