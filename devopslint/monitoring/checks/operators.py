"""What operators are asked for: monitors, objectives, backups and certificates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from devopslint.deferred import NamedTuple
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import Location, Problem
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
            yield Problem(
                endpoint.location, f"{monitor.kind} '{monitor.name}' names no port to scrape, so that every port is"
            )


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


class Backup(NamedTuple):
    """A schedule of backups, and what those of its kind, file and namespace do together: hourly ones, kept weekly ones."""

    own: Manifest
    gap: float | None
    """Hours between two backups, whichever makes them."""
    kept: float | None
    """Hours that the longest kept one is there; None where that is not said."""

    @property
    def label(self) -> str:
        return self.own.label

    @property
    def location(self) -> Location:
        return self.own.location


def backups(view: OperatorObjects) -> list[Backup]:
    """Every schedule, with what those around it do."""
    together: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
    for one in schedules(view):
        together[one.kind, one.namespace].append(one)
    found = []
    for some in together.values():
        gap = min((gap for one in some if (gap := _gap(one)) is not None), default=None)
        spans = [hours_of(_kept(one).text) for one in some]
        kept = None if None in spans else max(span for span in spans if span is not None)
        found += [Backup(one, gap, kept) for one in some]
    return found


def _gap(one: Manifest) -> float | None:
    schedule = one.spec["schedule"]
    return longest_gap(schedule.text) if schedule.text else None


def _kept(one: Manifest) -> Node:
    return one.spec["template"]["ttl"] if one.kind == "Schedule" else one.spec["retention"]["expires"]


@check("backup-rare-schedule", each=backups)
def rare_schedule(backup: Backup, *, hours: int) -> Iterator[Problem]:
    gap = _gap(backup.own)
    if gap is not None and gap > hours and backup.gap is not None and backup.gap > hours:
        said = f"{backup.label} lets {gap:g} hours pass between two backups, more than {hours}: what is newer is lost"
        yield Problem(backup.own.spec["schedule"].location, said)


@check("backup-short-retention", each=backups)
def short_retention(backup: Backup, *, hours: int) -> Iterator[Problem]:
    at = _kept(backup.own)
    span = hours_of(at.text) if at.text else None
    if span is not None and 0 < span < hours and backup.kept is not None and backup.kept < hours:
        kept = f"{span / 24:g} days" if span >= 48 else f"{span:g} hours" if span >= 1 else f"{span * 60:g} minutes"
        yield Problem(at.location, f"{backup.label} keeps its backups for {kept}, fewer than {hours // 24} days")


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
