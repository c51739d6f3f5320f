"""What a Helm chart says of itself and of the charts that it needs."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.kubernetes.helm import Chart, Dependency, charts, unlocked_dependencies
from devopslint.kubernetes.names import stands_in
from devopslint.model import Problem
from devopslint.registry import check


@check("helm-incomplete-chart", each=charts)
def incomplete_chart(chart: Chart) -> Iterator[Problem]:
    for field in ("name", "version"):
        if not chart.root[field].present:
            yield Problem(chart.root[field].location, f"has no {field}, Helm refuses the chart")
    name = chart.root["name"]
    if "/" in name.text or name.text in (".", ".."):
        yield Problem(name.location, f"name {name.text} is one of a folder, Helm refuses the chart")
    known: set[str] = set()
    for dependency in chart.root["dependencies"]:
        called = dependency["alias"] if dependency["alias"].text else dependency["name"]
        if called.text and called.text in known:
            yield Problem(called.location, f"two dependencies are called {called.text}, Helm refuses the chart")
        known.add(called.text)
    version, form = chart.root["version"], chart.root["apiVersion"]
    if version.present and not chart.has_semantic_version and not stands_in(version.text):
        yield Problem(version.location, f"version {version.text} is not of the form 1.2.3, Helm refuses the chart")
    if form.present and form.text not in ("v1", "v2"):
        yield Problem(form.location, f"apiVersion {form.text} is neither v1 nor v2, Helm refuses the chart")
    kind = chart.root["type"]
    if kind.text not in ("", "application", "library"):
        yield Problem(kind.location, f"type {kind.text} is neither application nor library, Helm refuses the chart")


@check("helm-numeric-app-version", each=charts)
def numeric_app_version(chart: Chart) -> Iterator[Problem]:
    for field, becomes in (("appVersion", "and reaches the templates as"), ("version", "and the chart is packaged as")):
        version = chart.root[field]
        if isinstance(version.value, (int, float)):
            what = "a switch" if isinstance(version.value, bool) else "a number"
            shown = f"{version.value:g}" if isinstance(version.value, float) else str(version.value).lower()
            lost = f", {becomes} {shown}" if shown != version.text else ""
            yield Problem(version.location, f"{field} {version.text} is {what} and no text{lost}")


@check("helm-missing-app-version", each=charts)
def missing_app_version(chart: Chart) -> Iterator[Problem]:
    version = chart.root["appVersion"]
    if chart.is_application and not version.present:
        yield Problem(version.location, "names no appVersion: which release of the software it installs is not said")


@check("helm-unpinned-dependency", each=unlocked_dependencies, complete=True)
def unpinned_dependency(dependency: Dependency) -> Iterator[Problem]:
    if not dependency.exact:
        wanted = f"any version that {dependency.version} allows" if dependency.version else "any version"
        yield Problem(dependency.location, f"dependency {dependency.name} takes {wanted}, and no Chart.lock decides")
