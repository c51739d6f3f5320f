"""What of monitoring shows that an item of the Definition of Done is addressed."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.compose.composition import Composition, production_services
from devopslint.deferred import compiled
from devopslint.model import Summaries, Witness
from devopslint.monitoring.operators import is_log_agent, sends_traces
from devopslint.monitoring.summaries import PAGERS, DashboardSummary, ObjectiveSummary, PagingSummary, RuleSummary

_OBJECTIVE = compiled(r"(?i)\bslo\b|slo:|burn.?rate|error_?budget|error.?ratio")


def witnesses(summaries: Summaries) -> Iterator[Witness]:
    """Dashboards, objectives, alerts that somebody is woken by, and what Compose services send and collect."""
    yield from _of_services(summaries)
    for shown in summaries.of(DashboardSummary):
        if shown.queries:
            yield Witness("monitoring.dashboards", shown.location, f"dashboard '{shown.title}'")
    for objective in summaries.of(ObjectiveSummary):
        yield Witness("monitoring.sla", objective.location, f"the objective of '{objective.name}'")
    rules = summaries.of(RuleSummary)
    for rule in rules:
        if _OBJECTIVE.search(f"{rule.name} {rule.expression}"):
            yield Witness("monitoring.sla", rule.location, rule.label)
    alerts = [rule for rule in rules if rule.alerts]
    for alert in alerts[:1]:
        yield Witness("monitoring.alerts", alert.location, alert.label, calls=True)
    paged = {
        severity
        for one in summaries.of(PagingSummary)
        for severity, ways in one.reached.items()
        if set(ways) & {*PAGERS}
    }
    paged |= {""} if any(set(one.other) & {*PAGERS} for one in summaries.of(PagingSummary)) else set()
    for alert in alerts:
        if alert.severity and (alert.severity in paged or "" in paged):
            yield Witness("monitoring.alerts", alert.location, f"{alert.label}, which wakes somebody")
            return


def _of_services(summaries: Summaries) -> Iterator[Witness]:
    for service in production_services(summaries.seen_by(Composition)):
        image = service.node["image"]
        if is_log_agent(image.text):
            yield Witness("monitoring.logs", image.location, f"service '{service.name}'")
        for name, _, location in service.environment:
            if sends_traces(name):
                yield Witness("monitoring.tracing", location, f"{name} of service '{service.name}'")
