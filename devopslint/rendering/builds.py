"""Which overlays and charts there are to build, and what became of each."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Container, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from devopslint.catalogue import ENGINE_RULES, secret_rules
from devopslint.config import ChartValues, Config, ConfigError
from devopslint.deferred import NamedTuple
from devopslint.engine import examine
from devopslint.files import SourceFile
from devopslint.kubernetes.helm import Chart, Dependency
from devopslint.kubernetes.kustomize import Kustomization, Kustomizations, Overlay
from devopslint.kubernetes.workloads import Placement
from devopslint.model import Finding, Location, NotChecked, Related, Summaries
from devopslint.project import FileReport, Project
from devopslint.rendering.helm import HelmOrigins
from devopslint.rendering.kustomize import KustomizeOrigins
from devopslint.rendering.origins import Origins, relocated
from devopslint.rendering.programs import Output, build_overlay, render_chart
from devopslint.run import Scope

Reader = Callable[[str], str]
LONGEST_MESSAGE = 300
MOST_AT_ONCE = 8
"""Programs that run beside each other."""


class Build(NamedTuple):
    """An overlay or a chart as the cluster gets it."""

    path: str
    """The kustomization, or the Chart.yaml."""
    title: str
    """What a user calls it: `overlays/prod`, `charts/shop with values-prod.yaml`."""
    text: str
    origins: Origins
    files: frozenset[str]
    """The files that went into it."""
    values: frozenset[str] = frozenset()
    """The values files that a chart was rendered with: what they do to pods is seen there."""


def build_all(scope: Scope, reports: Iterable[FileReport], config: Config) -> tuple[list[Build], list[NotChecked]]:
    """Build every overlay that is not itself a part of one, and every chart with its values.

    Raises ConfigError where the configuration names a chart or a values file that is not there.
    """
    builds: list[Build] = []
    not_checked: list[NotChecked] = []
    summaries = Project(reports, others=scope.files).summaries
    known = frozenset(scope.files)
    for one in (*_overlays(scope.root, summaries, scope.text), *_charts(scope.root, known, scope.text, config)):
        if isinstance(one, Build):
            builds.append(one)
        else:
            not_checked.append(one)
    return builds, not_checked


def _overlays(root: Path, summaries: Summaries, read: Reader) -> Iterator[Build | NotChecked]:
    kustomizations = summaries.seen_by(Kustomizations)
    ready: list[Overlay] = []
    for overlay in kustomizations.roots:
        parts = kustomizations.parts(overlay)
        obstacle = _obstacle(kustomizations, parts, read) or _led_out(root, parts)
        if obstacle:
            yield NotChecked(overlay.path, f"is not built: {obstacle}")
        else:
            ready.append(overlay)
    with ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_AT_ONCE)) as pool:
        outputs = list(pool.map(build_overlay, [root / overlay.folder for overlay in ready]))
    for overlay, output in zip(ready, outputs, strict=True):
        if output.error:
            yield NotChecked(overlay.path, f"is not built: {_without_places(output, root)}")
            continue
        parts = kustomizations.parts(overlay)
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


def _led_out(root: Path, parts: Iterable[Overlay]) -> str:
    for part in parts:
        stray = _stray_link(root, root / part.folder)
        if stray:
            return f"{stray} is a symbolic link that leads out of the project"
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
    said = (*values.files, *(f"{setting.key}={setting.value}" for setting in values.settings))
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
        values.settings,
        config.kubernetes_version,
    )
    if output.error:
        return NotChecked(chart.path, f"is not rendered ({title}): {_without_places(output, root)}")
    prefix = f"{folder}/" if folder else ""
    sources = {path: read(path) for path in files if path.startswith(prefix) or path in values.files}
    sources |= {path: read(path) for path in values.files}
    strongest = (*reversed(values.files), posixpath.join(folder, "values.yaml"))
    origins = HelmOrigins(chart.path, output.text, sources, strongest)
    templates = frozenset(path for path in sources if "/templates/" in f"/{path}" and path.startswith(prefix))
    return Build(chart.path, title, output.text, origins, templates, frozenset(strongest))


def _stray_link(root: Path, folder: Path) -> str:
    """A link below the folder, or below what links in it lead to, that leads out of the project: Helm would follow it."""
    top = root.resolve()
    pending = [folder]
    seen: set[Path] = set()
    while pending:
        at = pending.pop()
        if at.resolve() in seen:
            continue
        seen.add(at.resolve())
        for parent, folders, names in os.walk(at):
            for name in (*folders, *names):
                place = Path(parent) / name
                if not place.is_symlink():
                    continue
                if not place.resolve().is_relative_to(top):
                    return place.relative_to(root).as_posix()
                if place.is_dir():
                    pending.append(place.resolve())
    return ""


def _without_places(output: Output, root: Path) -> str:
    """What a program objects to, without the places of this machine."""
    top = root.resolve()
    message = output.error
    for place in (os.path.relpath(top, output.folder or top), top.as_posix(), root.as_posix()):
        message = message.replace(f"{place}/", "")
    _, recursed, rest = message.partition("must resolve to a file': recursed accumulation of path ")
    program, _, _ = message.partition(": ")
    return (f"{program}: {rest.partition(': ')[2]}" if recursed else message)[:LONGEST_MESSAGE]


def with_builds(
    reports: Iterable[FileReport], builds: Iterable[Build], not_checked: Iterable[NotChecked], config: Config
) -> tuple[FileReport, ...]:
    """The reports of a run in which what was built stands for the files that it was built from."""
    builds = list(builds)
    built = {path for build in builds for path in build.files}
    gaps: dict[str, tuple[NotChecked, ...]] = {}
    for gap in not_checked:
        gaps[gap.path] = (*gaps.get(gap.path, ()), gap)
    rendered = [_examined(build, config) for build in builds]
    allowed = {(s.location.path, s.location.line) for report in rendered for s in report.suppressions}
    values = {path for build in builds for path in build.values}
    told = {f.location[:2] for report in rendered for f in report.findings if f.rule.id in secret_rules()}
    result = []
    for report in reports:
        own = _only_itself(report, allowed) if report.file.path in built else report
        if report.file.path in values:
            own = report._replace(findings=tuple(f for f in report.findings if _stays(f, told)))
        result.append(own._replace(not_checked=(*own.not_checked, *gaps.get(report.file.path, ()))))
    return (*result, *rendered)


def _stays(finding: Finding, told: Container[tuple[str, int]]) -> bool:
    """Whether what is said of a values file is not seen in what is rendered: secrets that are encoded there."""
    if finding.rule.id in secret_rules():
        return finding.location[:2] not in told
    return finding.rule.id in ENGINE_RULES


def _examined(build: Build, config: Config) -> FileReport:
    """What there is to say of a build, said of its sources."""
    report = examine(SourceFile(build.path, "manifest"), build.text, config.selection(build.path))
    about = Related(Location(build.path, 1, 1, 1, 1), f"in what {build.title} builds")
    moved = relocated(report._replace(sources=build.files), build.origins, about)
    findings = (f for f in moved.findings if f.rule.id in config.selection(f.location.path))
    return moved._replace(findings=tuple(findings))


def _only_itself(report: FileReport, allowed: Container[tuple[str, int]]) -> FileReport:
    """What is said of a file as a file; the objects in it are seen in what is built.

    So are the allowances of a template that stand in what it renders to: `allowed` has their lines.
    """
    if report.file.kind in ("kustomization", "chart"):
        kept = tuple(one for one in report.summaries if isinstance(one, (Overlay, Dependency)))
        own = tuple(f for f in report.findings if f.rule.id in ENGINE_RULES or f.rule.family in ("kustomize", "helm"))
        return report._replace(summaries=kept, findings=own, not_checked=(), not_known=())
    return report._replace(
        findings=tuple(finding for finding in report.findings if finding.rule.id in ENGINE_RULES),
        summaries=tuple(one._replace(built=True) for one in report.summaries if isinstance(one, Placement)),
        suppressions=tuple(s for s in report.suppressions if (s.location.path, s.location.line) not in allowed),
        subjects=(),
        not_checked=(),
        not_known=(),
        unchecked=False,
    )
