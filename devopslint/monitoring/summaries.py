"""What the files of monitoring tell each other."""

from __future__ import annotations

from collections.abc import Mapping

from devopslint.deferred import NamedTuple
from devopslint.kubernetes.summaries import LabelSelector
from devopslint.model import Location

PAGERS = ("pagerduty", "opsgenie", "victorops", "webhook", "incidentio", "pushover", "sns", "jira")
"""The integrations that wake somebody, or may."""


class GroupSummary(NamedTuple):
    """A group of rules."""

    name: str
    location: Location
    rules: int


QUERY_LANGUAGE = "query language"
"""What a finding wants (see model.Location): that a query is PromQL."""


class VictoriaMetrics(NamedTuple):
    """A file that installs VictoriaMetrics, or speaks to it."""

    location: Location


class RuleSummary(NamedTuple):
    """A rule of Prometheus."""

    name: str
    alerts: bool
    severity: str
    severity_location: Location
    runbook: str
    """Where its annotations say what is to be done; empty where they do not."""
    runbook_location: Location
    expression: str
    """Its white space is of no account."""
    labels: tuple[tuple[str, str], ...]
    group: str
    location: Location
    watchdog: bool

    @property
    def label(self) -> str:
        return f"alert {self.name}" if self.alerts else f"record {self.name}"


class RecordedName(NamedTuple):
    """A name that a rule records."""

    name: str
    location: Location


class UsedName(NamedTuple):
    """A use of a name of the form of recorded ones."""

    name: str
    location: Location


class ScrapeInterval(NamedTuple):
    """The shortest interval, in seconds, that a configuration of Prometheus scrapes at."""

    seconds: float
    location: Location


class DashboardSummary(NamedTuple):
    """A dashboard of Grafana."""

    title: str
    uid: str
    uid_location: Location
    location: Location
    shows: frozenset[str]
    """Which of rate, errors, latency and pods its queries show."""
    panels: int
    queries: int
    """How many of its queries may be Prometheus'."""


class PrometheusSummary(NamedTuple):
    """A Prometheus of an operator: what it chooses by labels."""

    name: str
    namespace: str
    selectors: Mapping[str, LabelSelector | None]
    """By the kind of object, ServiceMonitor or PrometheusRule, what is asked of its labels; None: nothing is chosen."""
    location: Location


class RuleSelection(NamedTuple):
    """An object that a Prometheus chooses by its labels."""

    kind: str
    name: str
    namespace: str
    labels: Mapping[str, str]
    location: Location


class PagingSummary(NamedTuple):
    """Whom a configuration of Alertmanager tells of alerts, by their severity."""

    label: str
    location: Location
    reached: Mapping[str, tuple[str, ...]]
    """By the severity the integrations that alerts of it may reach: pagerduty, slack."""
    other: tuple[str, ...]
    """What alerts of a severity that no route names may reach."""
    known: bool
    """Whether all of it is known here."""


class ObjectiveSummary(NamedTuple):
    """A service level objective."""

    name: str
    target: float | None
    location: Location


class BackupSummary(NamedTuple):
    """Something that makes backups."""

    kind: str
    name: str
    namespace: str
    location: Location
    hours: float | None = None
    """How much time may pass between two of them; None where that is not told."""
    schedule: Location | None = None
    takes: tuple[tuple[str, Location], ...] | None = None
    """The namespaces that it takes, and no others; None where that is not told."""
    cluster: tuple[str, Location] | None = None
    """The database of CloudNativePG that it is of."""

    @property
    def label(self) -> str:
        return f"{self.kind}/{self.name}"


class DatabaseName(NamedTuple):
    """A database of CloudNativePG."""

    name: str
    namespace: str
    location: Location


class RestoreSummary(NamedTuple):
    """Something that restores from backups."""

    location: Location


class CollectorUse(NamedTuple):
    """An address that a workload sends traces to."""

    workload: str
    namespace: str
    address: str
    location: Location


class WindowUse(NamedTuple):
    """A window that rate() or increase() looks at."""

    function: str
    seconds: float
    location: Location


class TestedRules(NamedTuple):
    """A file of tests for rules: which files of rules it reads, and which alerts it asks for."""

    files: tuple[tuple[str, Location], ...]
    alerts: tuple[tuple[str, Location], ...]
    path: str


class NamespaceMatch(NamedTuple):
    """A route of an AlertmanagerConfig that asks for alerts of another namespace than its own."""

    label: str
    asked: str
    namespace: str
    location: Location


class OpenStrategy(NamedTuple):
    """An Alertmanager that adds no namespace to the routes of AlertmanagerConfigs."""

    location: Location


class BoundPanels(NamedTuple):
    """Panels of a dashboard that read one data source by its name."""

    source: str
    panel: str
    more: int
    """How many others do."""
    location: Location
    unknown: str = ""
    """Why the data source may be set up where nobody sees it; empty where nothing may have done so."""


class ProvisionedSource(NamedTuple):
    """A data source that the tree itself sets up in Grafana."""

    name: str
    uid: str


class StoredData(NamedTuple):
    """A workload that keeps data of its own."""

    label: str
    location: Location
    namespace: str = ""


class DashboardMap(NamedTuple):
    """A ConfigMap that holds a dashboard."""

    label: str
    marked: bool
    """Whether it has the label by which Grafana's sidecar finds it."""
    location: Location


class CertificateSummary(NamedTuple):
    """A Certificate of cert-manager."""

    name: str
    namespace: str
    secret: str
    location: Location
