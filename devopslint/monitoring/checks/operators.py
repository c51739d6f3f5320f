"""What operators are asked for: monitors, objectives, backups and certificates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.kubernetes.workloads import Manifest
from devopslint.model import Problem
from devopslint.monitoring.objects import MonitoringObjects, object_alerts
from devopslint.monitoring.operators import objective_percent, objectives_in
from devopslint.monitoring.promql import Binary, Expression, Number, Range, bare, walk
from devopslint.monitoring.rules import Rule, RuleFile, file_alerts, seconds
from devopslint.monitoring.times import hours_of, longest_gap
from devopslint.readers.yaml import Node
from devopslint.registry import check


def monitors(view: MonitoringObjects) -> list[Manifest]:
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


def prometheuses(view: MonitoringObjects) -> list[Manifest]:
    """Every Prometheus and Alertmanager object."""
    return [one for one in view.objects if one.kind in ("Prometheus", "Alertmanager") and "monitoring." in one.group]


@check("prom-single-replica", each=prometheuses)
def single_replica(one: Manifest) -> Iterator[Problem]:
    replicas = one.spec["replicas"]
    if replicas.value == 1:
        yield Problem(replicas.location, f"{one.label} has one replica: while it restarts, nothing watches")


def objective_objects(view: MonitoringObjects) -> list[Manifest]:
    """Every object that says how good a service is to be."""
    return [one for one in view.objects if list(objectives_in(one))]


@check("slo-low-objective", each=objective_objects)
def low_objective(one: Manifest, *, least: float) -> Iterator[Problem]:
    for node, name in objectives_in(one):
        value = objective_percent(node)
        if value is not None and value < least:
            yield Problem(node.location, f"the objective of '{name}' is {value:g} %, less than {least:g} %")


@check("prom-burn-rate", each=(file_alerts, object_alerts))
def burn_rate(rule: Rule) -> Iterator[Problem]:
    if rule.expression.dialect or rule.query.tree is None:
        return
    for node in rule.query.walk():
        if not isinstance(node, Binary) or node.operator != "and":
            continue
        sides = [_burns(node.left), _burns(node.right)]
        if None in sides:
            continue
        (first, one), (second, other) = [side for side in sides if side is not None]
        long, short = max(one, other), min(one, other)
        at = rule.expression.at(node.start, node.end)
        if abs(first - second) > 1e-9 * max(first, second):
            said = f"one burn rate has two factors, {_shown(first)} and {_shown(second)}: the windows speak of another pace each"
            yield Problem(at, said)
        elif one == other:
            yield Problem(at, f"both windows of the burn rate are {_span(long)}: the short one tells that it has ended")
        elif not 5 <= long / short <= 25:
            said = f"the short window of the burn rate, {_span(short)}, is no twelfth of the long one, {_span(long)}"
            yield Problem(at, said)


def _shown(value: float) -> str:
    return f"{value:.6g}"


def _span(minutes: float) -> str:
    return f"{minutes:g}m" if minutes < 60 or minutes % 60 else f"{minutes / 60:g}h"


def _burns(node: Expression) -> tuple[float, float] | None:
    """The limit and the window, in minutes, of `ratio > factor * budget`; None for anything else."""
    node = bare(node)
    if not isinstance(node, Binary) or node.operator not in (">", ">="):
        return None
    limit = _product(bare(node.right))
    if limit is None:
        return None
    factors, value = limit
    windows = set()
    for part in walk(node.left):
        if isinstance(part, Range) and part.length.seconds:
            windows.add(part.length.seconds / 60)
        name = getattr(part, "metric", "")
        found = re.search(r":(?:\w*?)(?:ratio_)?rate_?(\d+)([smhd])\b", name)
        if found:
            windows.add(int(found[1]) * {"s": 1 / 60, "m": 1, "h": 60, "d": 1440}[found[2]])
    if len(windows) != 1 or not factors:
        return None
    return value, windows.pop()


def _product(node: Expression) -> tuple[bool, float] | None:
    """The value of a product of numbers, and whether it is one: what is compared with a plain number is no burn rate."""
    if isinstance(node, Number):
        return False, node.value
    if isinstance(node, Binary) and node.operator in ("*", "-", "/"):
        left, right = _product(bare(node.left)), _product(bare(node.right))
        if left is None or right is None:
            return None
        if node.operator == "*":
            return True, left[1] * right[1]
        if node.operator == "-":
            return left[0] or right[0], left[1] - right[1]
        return (left[0] or right[0], left[1] / right[1]) if right[1] else None
    return None


def rule_objects(view: MonitoringObjects) -> list[Manifest]:
    """Every PrometheusRule."""
    return [one for one in view.objects if one.kind == "PrometheusRule"]


def rule_files(file: RuleFile) -> list[RuleFile]:
    return [file]


@check("prom-empty-rules", each=rule_objects)
def empty_rules(one: Manifest) -> Iterator[Problem]:
    groups = one.spec["groups"]
    if groups.is_sequence and not any(len(group["rules"]) for group in groups):
        yield Problem(groups.key_location, f"{one.label} holds no rule")


@check("prom-empty-rules", each=rule_files)
def empty_file(file: RuleFile) -> Iterator[Problem]:
    groups = file.root["groups"]
    if file.readable and groups.exists and not any(len(group["rules"]) for group in groups):
        yield Problem(groups.key_location, "the file holds no rule: promtool says SUCCESS of it all the same")


def schedules(view: MonitoringObjects) -> list[Manifest]:
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


def certificates(view: MonitoringObjects) -> list[Manifest]:
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
