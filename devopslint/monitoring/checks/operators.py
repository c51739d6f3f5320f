"""What operators are asked for: monitors, objectives, backups and certificates."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.kubernetes.workloads import Manifest
from devopslint.model import Problem
from devopslint.monitoring.durations import seconds
from devopslint.monitoring.operators import OperatorObjects, objective_percent, objectives_in
from devopslint.monitoring.times import hours_of, longest_gap
from devopslint.readers.yaml import Node
from devopslint.registry import check


def monitors(view: OperatorObjects) -> list[Manifest]:
    """Every ServiceMonitor and PodMonitor."""
    return [one for one in view.objects if one.kind in ("ServiceMonitor", "PodMonitor") and "monitoring." in one.group]


def _endpoints(monitor: Manifest) -> list[Node]:
    key = "endpoints" if monitor.kind == "ServiceMonitor" else "podMetricsEndpoints"
    return [one for one in monitor.spec[key] if one.is_mapping]


@check("prom-monitor-without-endpoint", each=monitors)
def monitor_without_endpoint(monitor: Manifest) -> Iterator[Problem]:
    for endpoint in _endpoints(monitor):
        ports = ("port", "targetPort", "portNumber")
        if not any(endpoint[key].present for key in ports):
            yield Problem(endpoint.location, f"{monitor.kind} '{monitor.name}' names no port to scrape")


@check("prom-timeout-over-interval", each=monitors)
def monitor_timeout(monitor: Manifest) -> Iterator[Problem]:
    for endpoint in _endpoints(monitor):
        interval, timeout = seconds(endpoint["interval"]), seconds(endpoint["scrapeTimeout"])
        if interval and timeout is not None and timeout > interval:
            at = endpoint["scrapeTimeout"].location
            yield Problem(at, f"the timeout of {timeout:g}s is longer than the interval of {interval:g}s")


@check("prom-unverified-scrape", each=monitors)
def unverified_scrape(monitor: Manifest) -> Iterator[Problem]:
    for endpoint in _endpoints(monitor):
        at = endpoint["tlsConfig"]["insecureSkipVerify"]
        if at.value is True:
            yield Problem(
                at.location, f"{monitor.kind} '{monitor.name}' scrapes without verifying whom: insecureSkipVerify"
            )
            return


def prometheuses(view: OperatorObjects) -> list[Manifest]:
    """Every Prometheus and Alertmanager object."""
    return [one for one in view.objects if one.kind in ("Prometheus", "Alertmanager") and "monitoring." in one.group]


@check("prom-single-replica", each=prometheuses)
def single_replica(one: Manifest) -> Iterator[Problem]:
    replicas = one.spec["replicas"]
    if replicas.value == 1:
        yield Problem(replicas.location, f"{one.label} has one replica: while it restarts, nothing watches")


def objective_objects(view: OperatorObjects) -> list[Manifest]:
    """Every object that says how good a service is to be."""
    return [one for one in view.objects if list(objectives_in(one))]


@check("slo-low-objective", each=objective_objects)
def low_objective(one: Manifest, *, least: float) -> Iterator[Problem]:
    for node, name in objectives_in(one):
        value = objective_percent(node)
        if value is not None and value < least:
            yield Problem(node.location, f"the objective of '{name}' is {value:g} %, less than {least:g} %")


def schedules(view: OperatorObjects) -> list[Manifest]:
    """Every object that makes backups at certain times."""
    kinds = {
        "Schedule": "velero.io",
        "ScheduledBackup": "postgresql.cnpg.io",
        "SnapshotSchedule": "snapscheduler.backube",
    }
    return [one for one in view.objects if kinds.get(one.kind) == one.group]


@check("backup-rare-schedule", each=schedules)
def rare_schedule(one: Manifest, *, hours: int) -> Iterator[Problem]:
    schedule = one.spec["schedule"]
    gap = longest_gap(schedule.text) if schedule.text else None
    if gap is not None and gap > hours:
        said = f"{one.label} lets {gap:g} hours pass between two backups, more than {hours}: what is newer is lost"
        yield Problem(schedule.location, said)


@check("backup-short-retention", each=schedules)
def short_retention(one: Manifest, *, hours: int) -> Iterator[Problem]:
    kept = one.spec["template"]["ttl"] if one.kind == "Schedule" else one.spec["retention"]["expires"]
    span = hours_of(kept.text) if kept.text else None
    if span is not None and 0 < span < hours:
        said = f"{one.label} keeps its backups for {span / 24:g} days, fewer than {hours // 24}"
        yield Problem(kept.location, said)


@check("backup-paused", each=schedules)
def paused(one: Manifest) -> Iterator[Problem]:
    for key in ("paused", "suspend", "disabled"):
        at = one.spec[key]
        if at.value is True:
            yield Problem(at.location, f"{one.label} makes no backups: it is paused")


def certificates(view: OperatorObjects) -> list[Manifest]:
    """Every Certificate of cert-manager."""
    return [one for one in view.objects if one.kind == "Certificate" and one.group == "cert-manager.io"]


@check("cert-late-renewal", each=certificates)
def late_renewal(one: Manifest) -> Iterator[Problem]:
    before, duration = one.spec["renewBefore"], one.spec["duration"]
    early = hours_of(before.text) if before.text else None
    whole = hours_of(duration.text) if duration.text else 2160.0  # cert-manager's default is 90 days
    if early is None or whole is None:
        return
    if early >= whole:
        yield Problem(before.location, f"{one.label} is renewed {early:g}h before it ends, and lasts {whole:g}h")
    elif early < whole / 10 and early < 168:
        said = f"{one.label} is renewed {early:g}h before it ends: a week-end may be longer"
        yield Problem(before.location, said)
