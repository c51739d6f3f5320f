"""What operators are asked for: monitors, objectives, backups, certificates, and where traces are sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from devopslint.deferred import compiled
from devopslint.kubernetes.summaries import LabelSelector, label_selector
from devopslint.kubernetes.workloads import Manifest, Workload, application_spec
from devopslint.model import Witness
from devopslint.monitoring.aspects import SeenInManifests
from devopslint.monitoring.summaries import (
    BackupSummary,
    CertificateSummary,
    CollectorUse,
    DatabaseName,
    ObjectiveSummary,
    OpenStrategy,
    PrometheusSummary,
    RestoreSummary,
    RuleSelection,
    StoredData,
)
from devopslint.monitoring.times import longest_gap
from devopslint.readers.yaml import Node

_ADDRESSES = compiled(
    r"OTEL_EXPORTER_(?:OTLP|JAEGER|ZIPKIN)(?:_TRACES|_METRICS|_LOGS)?_ENDPOINT|JAEGER_ENDPOINT|JAEGER_AGENT_HOST|ZIPKIN_ENDPOINT"
)
_TRACES = compiled(
    rf"{_ADDRESSES.pattern}|OTEL_EXPORTER_OTLP(?:_TRACES)?_(?:INSECURE|PROTOCOL|HEADERS)|OTEL_TRACES_EXPORTER"
    r"|(?:TRACING|TRACE|OTEL|OTLP|JAEGER|ZIPKIN|TEMPO)_(?:COLLECTOR|EXPORTER|AGENT)_(?:HOST|ENDPOINT|URL|ADDR)"
)
_SELECTORS = {
    "ServiceMonitor": "serviceMonitorSelector",
    "PodMonitor": "podMonitorSelector",
    "PrometheusRule": "ruleSelector",
    "Probe": "probeSelector",
}
_USER_WORKLOAD = compiled(r"(?m)^[ \t]*enableUserWorkload:[ \t]*[\"']?true\b")
_RELEASES = ("HelmRelease", "HelmChart", "Application", "ApplicationSet")
_BRINGS_PROMETHEUS = compiled(r"kube-prometheus(?:-stack)?\Z|prometheus-operator\Z")
BACKUP_KINDS = {
    "Schedule": "velero.io",
    "ScheduledBackup": "postgresql.cnpg.io",
    "VolumeSnapshot": "snapshot.storage.k8s.io",
    "BackupConfiguration": "stash.appscode.com",
    "SnapshotSchedule": "snapscheduler.backube",
    "ReplicationSource": "volsync.backube",
    "PerconaServerMongoDB": "psmdb.percona.com",
}


class OperatorObjects(SeenInManifests):
    """The objects of one file of manifests, as those see them who run monitoring and backups by objects."""

    kinds: ClassVar[tuple[str, ...]] = ("operator-objects",)

    def summaries(self) -> Iterator[object]:
        return summaries_of(self.objects)


def summaries_of(objects: list[Manifest]) -> Iterator[object]:
    for one in objects:
        group = one.group
        if group.startswith("monitoring.") and one.kind == "Prometheus":
            yield _prometheus(one)
        if one.kind == "ConfigMap" and one.name == "cluster-monitoring-config":
            if _USER_WORKLOAD.search(one.node["data"]["config.yaml"].text):
                # OpenShift's own, for what users run, which asks for no labels.
                yield PrometheusSummary("user-workload", one.namespace, {}, one.location)
        if one.kind in _RELEASES and any(_BRINGS_PROMETHEUS.search(chart.text) for chart in _charts(one)):
            yield PrometheusSummary(one.name, one.namespace, {}, one.location)
        if group.startswith("monitoring.") and one.kind in _SELECTORS:
            yield RuleSelection(one.kind, one.name, one.namespace, one.labels, one.location)
        if group.startswith("monitoring.") and one.kind == "Alertmanager":
            kind = one.spec["alertmanagerConfigMatcherStrategy"]["type"]
            if kind.text not in ("", "OnNamespace"):
                yield OpenStrategy(kind.location)
        if one.kind == "StatefulSet" and len(one.spec["volumeClaimTemplates"]):
            yield StoredData(one.label, one.location, one.namespace)
        if one.kind == "Certificate" and group == "cert-manager.io":
            secret = one.spec["secretName"]
            yield CertificateSummary(one.name, one.namespace, secret.text, secret.location)
        if backs_up(one):
            yield _backup(one)
        if _restores(one):
            yield RestoreSummary(one.location)
        if one.kind == "Cluster" and group == "postgresql.cnpg.io":
            yield DatabaseName(one.name, one.namespace, one.location)
        for node, name in objectives_in(one):
            value = objective_percent(node)
            yield ObjectiveSummary(name, value, node.location)
        if isinstance(one, Workload):
            yield from _collectors(one)
        yield from _witnesses(one)


def backs_up(one: Manifest) -> bool:
    """Whether an object makes backups by itself, or asks somebody to."""
    if one.group == BACKUP_KINDS.get(one.kind) and one.kind != "PerconaServerMongoDB":
        return True
    chart = one.spec["chart"]["spec"]["chart"].text or one.spec["source"]["chart"].text
    if re.search(r"(?i)velero|k8up|volsync|stash|snapscheduler|longhorn", chart):
        return True
    if one.kind == "CronJob" and re.search(r"(?i)backup|dump|snapshot|restic|velero", one.name):
        return True
    spec = one.spec
    return any(spec[key].is_mapping and bool(len(spec[key])) for key in ("backup", "backups")) and bool(one.group)


def _backup(one: Manifest) -> BackupSummary:
    """A backup with its times and what it takes, as far as they are told."""
    schedule = one.spec["schedule"]
    hours = longest_gap(schedule.text) if schedule.text else None
    takes, cluster = None, None
    if one.kind == "Schedule":
        included = list(one.spec["template"]["includedNamespaces"].strings())
        if included and not any("*" in name.text for name in included):
            takes = tuple((name.text, name.location) for name in included)
    if one.kind == "ScheduledBackup":
        database = one.spec["cluster"]["name"]
        cluster = (database.text, database.location) if database.text else None
    at = schedule.location if hours is not None else None
    return BackupSummary(one.kind, one.name, one.namespace, one.location, hours, at, takes, cluster)


def _restores(one: Manifest) -> bool:
    """Whether an object restores what others have kept."""
    if one.kind in ("Restore", "ReplicationDestination") or one.spec["bootstrap"]["recovery"].exists:
        return bool(one.group)
    return one.kind in ("CronJob", "Job") and re.search(r"(?i)restor", one.name) is not None


def _prometheus(one: Manifest) -> PrometheusSummary:
    selectors: dict[str, LabelSelector | None] = {}
    for kind, key in _SELECTORS.items():
        node = one.spec[key]
        selectors[kind] = label_selector(node) if node.is_mapping else None
    return PrometheusSummary(one.name, one.namespace, selectors, one.location)


def _charts(release: Manifest) -> Iterator[Node]:
    """What names the charts that an object installs."""
    chart = release.spec["chart"]
    yield from (chart, chart["name"], chart["spec"]["chart"])
    spec = application_spec(release)
    yield from (source["chart"] for source in (spec["source"], *spec["sources"]))


def _collectors(one: Workload) -> Iterator[CollectorUse | Witness]:
    for container in one.containers:
        for variable in container.env:
            name, value = variable["name"].text, variable["value"]
            if _ADDRESSES.fullmatch(name) and value.text and "$" not in value.text and "{{" not in value.text:
                yield CollectorUse(one.label, one.namespace, value.text, value.location)
            if value.text and sends_traces(name):
                yield Witness("monitoring.tracing", value.location, f"{name} of {one.label}")


def sends_traces(variable: str) -> bool:
    """Whether a variable of the environment is there only where traces are sent, whatever its value says."""
    return _TRACES.fullmatch(variable) is not None


def is_log_agent(name: str) -> bool:
    """Whether an image, a chart or a workload that is called so collects logs."""
    return _LOG_AGENTS.search(name) is not None


def objectives_in(one: Manifest) -> Iterator[tuple[Node, str]]:
    """The places where an object says how good a service is to be, and of what."""
    spec = one.spec
    if one.kind == "PrometheusServiceLevel" and one.group.startswith("sloth"):
        for slo in spec["slos"]:
            yield slo["objective"], slo["name"].text
    elif one.kind == "ServiceLevelObjective" and one.group.startswith("pyrra"):
        yield spec["target"], one.name
    elif one.kind == "SLO" and one.group.startswith("openslo"):
        for objective in spec["objectives"]:
            yield (objective["target"] if objective["target"].present else objective["targetPercent"]), one.name


def objective_percent(node: Node) -> float | None:
    """The per cent of an objective; OpenSLO writes 0.999 where others write 99.9."""
    try:
        value = float(node.text)
    except ValueError:
        return None
    return value * 100 if 0 < value <= 1 else value


_LOG_AGENTS = compiled(
    r"(?i)(?:^|[/-])(?:fluent-?bit|fluentd|promtail|filebeat|vector|alloy|grafana-agent|logstash|cloudwatch-agent)(?:[-:@]|$)"
)
_TRACERS = compiled(r"(?i)^(?:jaeger|tempo|opentelemetry-collector|otel-collector|opentelemetry-operator|zipkin)")
_TRACING_KINDS = frozenset(("OpenTelemetryCollector", "Instrumentation", "Jaeger", "TempoStack", "TempoMonolithic"))
_LOG_KINDS = frozenset(
    ("ClusterLogForwarder", "FluentBit", "Fluentd", "ClusterFluentBitConfig", "Logging", "PodLogs", "Flow")
)


def _witnesses(one: Manifest) -> Iterator[Witness]:
    """What shows that logs are collected, and that traces are."""
    chart = one.spec["chart"]["spec"]["chart"].text or one.spec["source"]["chart"].text or one.spec["chart"].text
    images = [container.node["image"].text for container in one.containers] if isinstance(one, Workload) else []
    log_agents = isinstance(one, Workload) and any(is_log_agent(name) for name in (one.name, *images))
    if log_agents or one.kind in _LOG_KINDS or is_log_agent(chart):
        yield Witness("monitoring.logs", one.location, one.label)
    if one.kind in _TRACING_KINDS or (chart and _TRACERS.match(chart)):
        yield Witness("monitoring.tracing", one.location, one.label)


def queries_in(one: Manifest) -> Iterator[Node]:
    """The queries by which a rollout is judged."""
    spec = one.spec
    if one.kind == "MetricTemplate" and spec["provider"]["type"].text == "prometheus":
        yield spec["query"]
    elif one.kind in ("AnalysisTemplate", "ClusterAnalysisTemplate"):
        yield from (metric["provider"]["prometheus"]["query"] for metric in spec["metrics"])
