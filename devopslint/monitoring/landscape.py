"""All that the files of a project say of monitoring, together: who alerts, who is told, what is shown and scraped."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from typing import ClassVar, Self

from devopslint.deferred import NamedTuple, cached_property, compiled
from devopslint.images.summaries import named_for_development
from devopslint.kubernetes.cluster import Cluster
from devopslint.kubernetes.summaries import MonitorSummary, WorkloadSummary
from devopslint.model import KnownFiles, Location, ProjectView, Summaries
from devopslint.monitoring.summaries import (
    BackupSummary,
    BoundPanels,
    CertificateSummary,
    CollectorUse,
    DashboardMap,
    DashboardSummary,
    DatabaseName,
    GroupSummary,
    NamespaceMatch,
    ObjectiveSummary,
    OpenStrategy,
    PagingSummary,
    PrometheusSummary,
    ProvisionedSource,
    RecordedName,
    RuleSelection,
    RuleSummary,
    ScrapeInterval,
    StoredData,
    TestedRules,
    UsedName,
    WindowUse,
)
from devopslint.readers.folders import is_shown

KINDS = (
    "prometheus-rules",
    "prometheus-config",
    "prometheus-tests",
    "alertmanager",
    "dashboard",
    "monitoring-objects",
    "operator-objects",
)
_CRITICAL = ("critical", "page", "emergency", "p1", "s1", "sev1", "fatal")
_HOSTED = compiled(
    r"https?://(?:www\.)?(?:github\.com|gitlab\.com)/([^/]+/[^/]+)/(?:-/)?(?:blob|tree|raw)/[^/]+/([^#?]+)"
)


class Landscape(ProjectView):
    """What is monitored, by what, and who learns of it."""

    subject_kinds: ClassVar[tuple[str, ...]] = KINDS

    def __init__(self, summaries: Summaries) -> None:
        self.rules = summaries.of(RuleSummary)
        self.groups = summaries.of(GroupSummary)
        self.recorded = summaries.of(RecordedName)
        self.used = summaries.of(UsedName)
        self.dashboards = summaries.of(DashboardSummary)
        self.prometheuses = summaries.of(PrometheusSummary)
        self.selections = summaries.of(RuleSelection)
        self.paging = summaries.of(PagingSummary)
        self.backups = summaries.of(BackupSummary)
        self.databases = summaries.of(DatabaseName)
        self.objectives = summaries.of(ObjectiveSummary)
        self.collectors = summaries.of(CollectorUse)
        self.intervals = summaries.of(ScrapeInterval)
        self.windows = summaries.of(WindowUse)
        self.tested = summaries.of(TestedRules)
        self.stored = summaries.of(StoredData)
        self.maps = summaries.of(DashboardMap)
        self.certificates = summaries.of(CertificateSummary)
        self.bound = summaries.of(BoundPanels)
        self.provisioned = summaries.of(ProvisionedSource)
        self.matches = summaries.of(NamespaceMatch)
        self.open_strategy = bool(summaries.of(OpenStrategy))
        self._summaries = summaries
        self.files = frozenset(path for known in summaries.of(KnownFiles) for path in known.paths)

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        return cls(summaries)

    @cached_property
    def cluster(self) -> Cluster:
        return self._summaries.seen_by(Cluster)

    def chart_around(self, path: str) -> str:
        """The folder of the chart that a file is part of; empty for one that is part of none."""
        folder = posixpath.dirname(path)
        while folder and f"{folder}/Chart.yaml" not in self.files:
            folder = posixpath.dirname(folder)
        return folder

    @property
    def alerts(self) -> list[RuleSummary]:
        return [rule for rule in self.rules if rule.alerts]

    @cached_property
    def severities(self) -> Counter[str]:
        return Counter(alert.severity for alert in self.alerts if alert.severity)

    @cached_property
    def levels(self) -> set[str]:
        """The first parts of the names that the tree records: what else begins so should be recorded as well."""
        return {one.name.partition(":")[0] for one in self.recorded if ":" in one.name}

    @cached_property
    def own_levels(self) -> set[str]:
        """Those of which the tree lacks one name, or fewer than it records.

        Of the others a platform may record the rest: OpenShift's own rules make `cluster:nodes_roles`.
        """
        recorded = Counter(name.partition(":")[0] for name in self.names)
        lacking = Counter(name.partition(":")[0] for name in {one.name for one in self.used} - self.names)
        return {level for level in self.levels if lacking[level] == 1 or recorded[level] > lacking[level]}

    @cached_property
    def names(self) -> set[str]:
        return {one.name for one in self.recorded}

    @cached_property
    def hosted(self) -> set[str]:
        """The repositories, as links name them, that are this one: some link into them leads to a file that is here."""
        found = set()
        for alert in self.alerts:
            link = _HOSTED.match(alert.runbook)
            if link is not None and link[2].rstrip("/") in self.files:
                found.add(link[1])
        return found

    def lost(self, runbook: str, at: str) -> str:
        """The path that a runbook's link means and that is not there; empty where it is, or lies elsewhere."""
        link = _HOSTED.match(runbook)
        if link is not None:
            path = link[2].rstrip("/")
            return path if link[1] in self.hosted and not self._is_there(path) else ""
        path = _document(runbook)
        # Only a tree whose documents are known can lack one.
        known = self._has_documents
        return path if path and known and not any(map(self._is_there, _meant(path, at))) else ""

    def led_to(self, runbook: str, at: str) -> tuple[str, str]:
        """The file of the tree that a runbook's link leads to, and the heading; empty where it leads elsewhere."""
        link = _HOSTED.match(runbook)
        paths = _meant(_document(runbook), at) if link is None else ()
        if link is not None and link[1] in self.hosted:
            paths = (link[2].rstrip("/"),)
        return next((path for path in paths if path in self.files), ""), runbook.partition("#")[2]

    @cached_property
    def _has_documents(self) -> bool:
        return any(file.endswith(".md") for file in self.files)

    def _is_there(self, path: str) -> bool:
        return path in self.files or path in self._folders

    @cached_property
    def _folders(self) -> set[str]:
        found: set[str] = set()
        for file in self.files:
            folder = posixpath.dirname(file)
            while folder and folder not in found:
                found.add(folder)
                folder = posixpath.dirname(folder)
        return found

    @cached_property
    def _first_dashboards(self) -> dict[tuple[str, bool, str], DashboardSummary]:
        found: dict[tuple[str, bool, str], DashboardSummary] = {}
        for one in sorted(self.dashboards, key=lambda one: one.location):
            found.setdefault(_rank_of(one), one)
        return found

    def first_dashboard(self, own: DashboardSummary) -> DashboardSummary | None:
        """The dashboard that has a uid first: in its folder, and in objects as it is, or in files as it is."""
        return self._first_dashboards.get(_rank_of(own))

    @cached_property
    def first_certificates(self) -> dict[tuple[str, str, str], CertificateSummary]:
        """By file, namespace and Secret the Certificate that writes it first."""
        found: dict[tuple[str, str, str], CertificateSummary] = {}
        for one in sorted(self.certificates, key=lambda one: one.location):
            found.setdefault((one.location.path, one.namespace, one.secret), one)
        return found

    @cached_property
    def explained(self) -> set[str]:
        """The files in which some alert names a runbook; the empty path where most that wake somebody do, anywhere."""
        found = {alert.location.path for alert in self.alerts if alert.runbook}
        named = sum(1 for alert in self.critical if alert.runbook)
        return found | ({""} if 2 * named >= len(self.critical) > 0 else set())

    @property
    def critical(self) -> list[RuleSummary]:
        return [alert for alert in self.alerts if alert.severity.lower() in _CRITICAL and not alert.watchdog]

    @property
    def monitors(self) -> list[MonitorSummary]:
        return self.cluster.all(MonitorSummary)

    @cached_property
    def workloads(self) -> list[WorkloadSummary]:
        return [
            one for one in self.cluster.all(WorkloadSummary) if one.kind in ("Deployment", "StatefulSet", "Rollout")
        ]


def _rank_of(one: DashboardSummary) -> tuple[str, bool, str]:
    """Among which dashboards one's uid is its own; an object and the file that it was made from show one dashboard."""
    folder, name = posixpath.split(one.location.path)
    return folder, name.endswith(".json"), one.uid


def _document(runbook: str) -> str:
    """The path of a document that a runbook names; empty where it names none."""
    path = runbook.partition("#")[0].strip()
    told = "://" not in path and path.endswith((".md", ".markdown", ".adoc", ".rst"))
    return path if told and not re.search(r"[\s{$<]", path) else ""


def _meant(path: str, at: str) -> tuple[str, ...]:
    """The paths that one may mean, which stands in some file: from that file's folder, or from one above it."""
    if not path:
        return ()
    folder, found = posixpath.dirname(at), [posixpath.normpath(posixpath.join(posixpath.dirname(at), path))]
    while folder:
        folder = posixpath.dirname(folder)
        found.append(posixpath.normpath(posixpath.join(folder, path.lstrip("/"))))
    return (*found, posixpath.normpath(path.lstrip("/")))


class Alert(NamedTuple):
    landscape: Landscape
    rule: RuleSummary

    @property
    def label(self) -> str:
        return self.rule.label

    @property
    def location(self) -> Location:
        return self.rule.location


def alerts(landscape: Landscape) -> list[Alert]:
    """Every alert of the tree."""
    return [Alert(landscape, rule) for rule in landscape.alerts]


def critical_alerts(landscape: Landscape) -> list[Alert]:
    """Every alert that is to wake somebody."""
    return [Alert(landscape, rule) for rule in landscape.critical]


class RecordedUse(NamedTuple):
    """A use of a name that rules record."""

    landscape: Landscape
    own: UsedName

    @property
    def label(self) -> str:
        return self.own.name

    @property
    def location(self) -> Location:
        return self.own.location


def uses(landscape: Landscape) -> list[RecordedUse]:
    return [RecordedUse(landscape, one) for one in landscape.used]


class Shown(NamedTuple):
    """A dashboard of the tree."""

    landscape: Landscape
    own: DashboardSummary

    @property
    def label(self) -> str:
        return f"dashboard '{self.own.title}'"

    @property
    def location(self) -> Location:
        return self.own.location


def dashboards(landscape: Landscape) -> list[Shown]:
    return [Shown(landscape, one) for one in landscape.dashboards]


def whole(landscape: Landscape) -> list[Landscape]:
    """The landscape as one."""
    return [landscape]


class Paging(NamedTuple):
    """A configuration of Alertmanager among the alerts of the tree."""

    landscape: Landscape
    own: PagingSummary

    @property
    def label(self) -> str:
        return self.own.label

    @property
    def location(self) -> Location:
        return self.own.location


def pagings(landscape: Landscape) -> list[Paging]:
    """Whom each configuration tells, but for those that are for trying, or for showing how it is done."""
    return [Paging(landscape, one) for one in landscape.paging if not _is_tried(one.location.path)]


def _is_tried(path: str) -> bool:
    return is_shown(path) or named_for_development(path) or "local" in path.split("/")[:-1]


def unselected(landscape: Landscape) -> list[tuple[Landscape, RuleSelection]]:
    """Every object that a Prometheus of the tree would have to choose."""
    return [(landscape, one) for one in landscape.selections] if landscape.prometheuses else []


def windows(landscape: Landscape) -> list[tuple[Landscape, WindowUse]]:
    """Every window of a rate, where the tree says how often is scraped."""
    return [(landscape, one) for one in landscape.windows] if landscape.intervals else []


def collectors(landscape: Landscape) -> list[tuple[Landscape, CollectorUse]]:
    """Every address that a workload sends its traces to."""
    return [(landscape, one) for one in landscape.collectors]


def tests(landscape: Landscape) -> list[tuple[Landscape, TestedRules]]:
    """Every file of tests for rules."""
    return [(landscape, one) for one in landscape.tested]


def namespace_matches(landscape: Landscape) -> list[NamespaceMatch]:
    """Every route of an AlertmanagerConfig that asks for another namespace, where the operator adds its own."""
    return [] if landscape.open_strategy else landscape.matches


def bound_panels(landscape: Landscape) -> list[BoundPanels]:
    """The panels that read a data source by a name which nothing in the tree gives."""
    known = {name for one in landscape.provisioned for name in (one.name, one.uid)}
    bound = [one for one in landscape.bound if one.source not in known]
    opening = landscape.cluster.openings.may_bring("ConfigMap") if bound else None
    found = []
    for one in bound:
        chart = landscape.chart_around(one.location.path)
        reason = f"the chart in {chart} is not rendered" if chart else opening.reason if opening is not None else ""
        found.append(one._replace(unknown=reason))
    return found


def unmarked_maps(landscape: Landscape) -> list[DashboardMap]:
    """The ConfigMaps with a dashboard that lack the label which others in their folder have: elsewhere something else may load them."""
    marked = {posixpath.dirname(one.location.path) for one in landscape.maps if one.marked}
    return [one for one in landscape.maps if not one.marked and posixpath.dirname(one.location.path) in marked]


def backups(landscape: Landscape) -> list[tuple[Landscape, BackupSummary]]:
    """Everything of the tree that makes backups."""
    return [(landscape, one) for one in landscape.backups]


def certificates(landscape: Landscape) -> list[tuple[Landscape, CertificateSummary]]:
    """Every Certificate of the tree."""
    return [(landscape, one) for one in landscape.certificates]
