"""Which overlays and charts there are to build, and what became of each."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from devopslint.config import ChartValues, Config, ConfigError
from devopslint.model import NotChecked, Summaries
from devopslint.rendering.helm import HelmOrigins
from devopslint.rendering.kustomize import KustomizeOrigins
from devopslint.rendering.origins import Origins
from devopslint.rendering.programs import Output, build_overlay, render_chart
from devopslint.views.helm import Chart
from devopslint.views.kustomize import Kustomization, Kustomizations, Overlay

Reader = Callable[[str], str]


@dataclass(frozen=True)
class Build:
    """An overlay or a chart as the cluster gets it."""

    path: str
    """The kustomization, or the Chart.yaml."""
    title: str
    """What a user calls it: `overlays/prod`, `charts/shop with values-prod.yaml`."""
    text: str
    origins: Origins
    files: frozenset[str]
    """The files that went into it."""


def build_all(
    root: Path, files: Iterable[str], summaries: Summaries, read: Reader, config: Config
) -> tuple[list[Build], list[NotChecked]]:
    """Build every overlay that is not itself a part of one, and every chart with its values.

    `read` gives a file's text, empty where it cannot be read. Raises ConfigError where the configuration names a
    chart that is not there.
    """
    builds: list[Build] = []
    not_checked: list[NotChecked] = []
    known = frozenset(files)
    for one in (*_overlays(root, summaries, read), *_charts(root, known, read, config)):
        if isinstance(one, Build):
            builds.append(one)
        else:
            not_checked.append(one)
    return builds, not_checked


def _overlays(root: Path, summaries: Summaries, read: Reader) -> Iterator[Build | NotChecked]:
    kustomizations = Kustomizations.of(summaries)
    for overlay in kustomizations.roots:
        parts = kustomizations.parts(overlay)
        obstacle = _obstacle(kustomizations, parts, read)
        if obstacle:
            yield NotChecked(overlay.path, f"is not built: {obstacle}")
            continue
        output = build_overlay(root / overlay.folder)
        if output.error:
            yield NotChecked(overlay.path, f"is not built: {_relative(output.error, root)}")
            continue
        sources = {path: read(path) for path in _sources(parts)}
        origins = KustomizeOrigins(
            overlay.path, output.text, sources, tuple(part.path for part in parts), _resolver(root, output)
        )
        yield Build(overlay.path, overlay.folder or ".", origins.text, origins, frozenset(sources))


def _obstacle(kustomizations: Kustomizations, parts: Iterable[Overlay], read: Reader) -> str:
    """What speaks against a build: something from outside, which is not fetched, or something that is not there."""
    for part in parts:
        for entry in part.entries:
            if entry.remote or entry.path is None:
                return f"{entry.text} comes from outside, and nothing is fetched"
            if not kustomizations.exists(entry.path):
                return f"{entry.path} is not in the repository"
        foreign = next(Kustomization.read(part.path, read(part.path)).foreign, None)
        if foreign is not None:
            return f"{foreign.text} comes from outside, and nothing is fetched"
    return ""


def _sources(parts: Iterable[Overlay]) -> Iterator[str]:
    for part in parts:
        yield part.path
        yield from (entry.path for entry in part.entries if entry.path is not None and "." in entry.path)


def _resolver(root: Path, output: Output) -> Callable[[str], str]:
    """From a path that is relative to where the program ran to one that is relative to the project's root."""
    top = root.resolve()

    def resolve(path: str) -> str:
        place = Path(os.path.normpath(Path(output.folder) / path))
        return place.relative_to(top).as_posix() if path and place.is_relative_to(top) else ""

    return resolve


def _charts(root: Path, files: frozenset[str], read: Reader, config: Config) -> Iterator[Build | NotChecked]:
    folders = sorted(posixpath.dirname(path) for path in files if posixpath.basename(path) == "Chart.yaml")
    wanted: dict[str, list[ChartValues]] = {}
    for one in config.helm:
        if one.chart not in folders:
            raise ConfigError(f"{one.location}: there is no Chart.yaml in {one.chart or '.'}")
        wanted.setdefault(one.chart, []).append(one)
    for folder in folders:
        if any(posixpath.dirname(folder) == posixpath.join(outer, "charts") for outer in folders):
            continue
        path = posixpath.join(folder, "Chart.yaml")
        chart = Chart.read(path, read(path))
        if not chart.is_application:
            continue
        for values in wanted.get(folder, [ChartValues(folder)]):
            yield _rendered(root, folder, chart, values, files, read, config)


def _rendered(
    root: Path, folder: str, chart: Chart, values: ChartValues, files: frozenset[str], read: Reader, config: Config
) -> Build | NotChecked:
    said = (*values.files, *(f"{key}={value}" for key, value in values.settings))
    title = " with ".join(part for part in (folder or ".", ", ".join(said)) if part)
    for path in values.files:
        if not (root / path).resolve().is_relative_to(root.resolve()) or not (root / path).is_file():
            raise ConfigError(f"{values.location}: there is no values file {path}")
    stray = _stray_link(root, root / folder)
    if stray:
        return NotChecked(chart.path, f"is not rendered: {stray} is a symbolic link that leads out of the project")
    name = chart.root["name"].text or "release"
    output = render_chart(
        root / folder,
        name,
        [root / path for path in values.files],
        [f"{key}={value}" for key, value in values.settings],
        config.kubernetes_version,
    )
    if output.error:
        return NotChecked(chart.path, f"is not rendered ({title}): {_relative(output.error, root)}")
    prefix = f"{folder}/" if folder else ""
    sources = {path: read(path) for path in files if path.startswith(prefix) or path in values.files}
    sources |= {path: read(path) for path in values.files}
    strongest = (*reversed(values.files), posixpath.join(folder, "values.yaml"))
    origins = HelmOrigins(chart.path, output.text, sources, strongest, dict(values.settings))
    templates = frozenset(path for path in sources if "/templates/" in f"/{path}" and path.startswith(prefix))
    return Build(chart.path, title, output.text, origins, templates)


def _stray_link(root: Path, folder: Path) -> str:
    """A link below the folder that leads out of the project: Helm would follow it."""
    top = root.resolve()
    for parent, folders, names in os.walk(folder):
        for name in (*folders, *names):
            place = Path(parent) / name
            if place.is_symlink() and not place.resolve().is_relative_to(top):
                return place.relative_to(root).as_posix()
    return ""


def _relative(message: str, root: Path) -> str:
    return message.replace(f"{root.resolve()}/", "").replace(f"{root}/", "")


def sources_of(builds: Iterable[Build]) -> Mapping[str, list[Build]]:
    """File -> the builds that it went into."""
    found: dict[str, list[Build]] = {}
    for build in builds:
        for path in build.files:
            found.setdefault(path, []).append(build)
    return found
