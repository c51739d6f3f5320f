"""Helm charts: what Chart.yaml says; a chart's templates are only named, for they are no manifests yet."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import ClassVar, Self

from devopslint.deferred import NamedTuple, compiled
from devopslint.images.summaries import ForeignChart, HealthElsewhere
from devopslint.model import KnownFiles, Location, NotChecked, Opening, ProjectView, Summaries
from devopslint.readers.text_file import TextFile
from devopslint.readers.yaml import Node, Stream
from devopslint.readers.yaml_dialects import GO, Dialect
from devopslint.readers.yaml_file import YamlFile

_SEMANTIC_VERSION = compiled(r"v?[0-9]+(?:\.[0-9]+){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?\Z")
_EXACT_VERSION = compiled(r"[=v]?[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?\Z")


DEPENDS = "has dependencies: what their charts render to is checked with --render"


_NAMED = compiled(
    r"^kind:[ \t]*(?P<kind>[A-Z]\w{1,60})[ \t]*\n(?:[^\n]*\n){0,3}?metadata:[ \t]*\n(?:[ \t]+[^\n]*\n){0,5}?[ \t]+name:[ \t]*"
    r"[\"']?(?P<name>[\w.:-]{1,200})[\"']?[ \t]*$",
    re.MULTILINE,
)
"""An object of a template whose name is written out."""


_INSTALLS = compiled(r"^kind:[ \t]*(?P<kind>Application|ApplicationSet|HelmRelease)[ \t]*$", re.MULTILINE)
_PLACED = compiled(
    r"^[ \t]+(?:destination:[ \t]*\n(?:[ \t]+[^\n]*\n){0,3}?[ \t]+namespace|targetNamespace):[ \t]*[\"']?(?P<name>[\w-]+(?=[\"' \t]*$)|)",
    re.MULTILINE,
)
"""Where what a template installs is put; no name is written where a value says it."""
_TAKEN = compiled(r"^[ \t]+path:[ \t]*[\"']?(?P<folder>[\w./-]+)[\"']?[ \t]*$", re.MULTILINE)
_OF_CHART = compiled(r"^[ \t-]+chart:", re.MULTILINE)


_DEFINES = compiled(r"\s*(?:\{\{-?\s*/\*(?:[^*]|\*(?!/))*\*/\s*-?\}\}\s*)*\{\{-?\s*define\b")
_ENDS = compiled(r"\{\{-?\s*end\s*-?\}\}\s*\Z")
"""What a file begins and ends with that only defines templates for others: it renders to nothing."""


class Template(TextFile):
    """A file below a chart's templates: YAML only once it is rendered, even where it looks like YAML before."""

    kinds: ClassVar[tuple[str, ...]] = ("helm-template",)
    unchecked = True

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text)
        self._empty = not text.strip() or (
            path.endswith(".tpl") and _DEFINES.match(text) is not None and _ENDS.search(text) is not None
        )
        if not self._empty:
            self.not_checked.append(NotChecked(path, "is a Helm template: what it renders to is checked with --render"))

    def summaries(self) -> Iterable[object]:
        if self._empty:
            return
        at = Location(self.path, 1, 1, 1, 1)
        reason = f"{self.path} is a Helm template"
        yield Opening(at, reason, near=True, settled_by="--render")
        if "Probe:" in self.text:
            yield HealthElsewhere(f"{reason}, and asks for the health of what it runs")
        for found in _NAMED.finditer(self.text):
            kinds, words = frozenset({found["kind"]}), frozenset({found["name"]})
            yield Opening(at, reason, kinds=kinds, words=words, settled_by="--render")
        if (installs := _INSTALLS.search(self.text)) is not None:
            folder = _TAKEN.search(self.text) if _OF_CHART.search(self.text) is None else None
            places = tuple(dict.fromkeys(found["name"] for found in _PLACED.finditer(self.text)))
            article = "an" if installs["kind"].startswith("A") else "a"
            reason = f"{self.path} is a Helm template of {article} {installs['kind']}"
            taken = folder["folder"] if folder is not None else ""
            yield Opening(at, reason, places or ("",), folder=taken, settled_by="--render")


class Requirements(TextFile):
    """The charts that a chart of Helm 2's form is built with."""

    kinds: ClassVar[tuple[str, ...]] = ("chart-requirements",)
    unchecked = True

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text)
        self.not_checked.append(NotChecked(path, DEPENDS))

    def summaries(self) -> Iterable[object]:
        at = Location(self.path, 1, 1, 1, 1)
        return (Opening(at, f"the charts that {self.path} names may make it", near=True, settled_by="--render"),)


def is_exact(version: str) -> bool:
    """Whether it names one version of a chart, and leaves no choice."""
    return bool(_EXACT_VERSION.match(version))


class Dependency(NamedTuple):
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
        return is_exact(self.version)


class Chart(YamlFile):
    """One Chart.yaml."""

    kinds: ClassVar[tuple[str, ...]] = ("chart",)
    dialect: ClassVar[Dialect] = GO

    def __init__(self, path: str, stream: Stream) -> None:
        super().__init__(path, stream)
        if self.dependencies:
            self.not_checked.append(NotChecked(path, DEPENDS, self.dependencies[0].line))

    @property
    def dependencies(self) -> list[Node]:
        return [node["name"] for node in self.root["dependencies"] if node["name"].text]

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

    def summaries(self) -> Iterator[object]:
        name = self.root["name"]
        if name.text and self.is_application:
            reason = f"chart '{name.text}' may make it"
            yield Opening(name.location, reason, words=frozenset({name.text}), settled_by="--render")
            yield Opening(name.location, reason, near=True, settled_by="--render")
        if self.dependencies:
            reason = f"the charts that chart '{name.text}' depends on may make it"
            yield Opening(self.dependencies[0].location, reason, near=True, settled_by="--render")
        for node in self.root["dependencies"]:
            version = node["version"]
            vendored = node["repository"].text.startswith("file://") or not node["repository"].present
            if not vendored:
                yield ForeignChart(self.path, node["name"].text)
            yield Dependency(
                chart=self.path,
                name=node["name"].text,
                version=version.text,
                location=version.location,
                vendored=vendored,
            )


def charts(chart: Chart) -> list[Chart]:
    """The chart that the file describes; none where it could not be read."""
    return [chart] if chart.root.is_mapping else []


class Charts(ProjectView):
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
