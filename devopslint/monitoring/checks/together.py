"""What the files of monitoring say together: alerts that reach nobody, names that nothing records, panels that lack."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from devopslint.deferred import compiled
from devopslint.kubernetes.openings import is_near
from devopslint.kubernetes.summaries import ServiceSummary
from devopslint.model import NotKnown, Problem, Related
from devopslint.monitoring.landscape import (
    Alert,
    Landscape,
    Paging,
    RecordedUse,
    Shown,
    alerts,
    backups,
    bound_panels,
    certificates,
    collectors,
    critical_alerts,
    dashboards,
    namespace_matches,
    pagings,
    tests,
    unmarked_maps,
    unselected,
    uses,
    whole,
    windows,
)
from devopslint.monitoring.summaries import (
    PAGERS,
    BackupSummary,
    BoundPanels,
    CertificateSummary,
    CollectorUse,
    DashboardMap,
    NamespaceMatch,
    RuleSelection,
    TestedRules,
    WindowUse,
)
from devopslint.registry import check

_COMMON = frozenset(
    (
        "critical",
        "warning",
        "info",
        "none",
        "page",
        "error",
        "notice",
        "ticket",
        "major",
        "minor",
        "high",
        "medium",
        "low",
    )
)
_FOUR = ("rate", "errors", "latency", "pods")
_SAID = {
    "rate": "the rate of requests",
    "errors": "the share of errors",
    "latency": "a quantile of the latency",
    "pods": "the state of the pods",
}
_HOST = compiled(
    r"(?:[a-z]+://)?([A-Za-z0-9-]+)(?:\.([A-Za-z0-9-]+))?(?:\.svc(?:\.cluster\.local)?)?\.?(?::([0-9]+))?(?:/.*)?\Z"
)


@check("prom-unknown-severity", each=alerts)
def unknown_severity(alert: Alert) -> Iterator[Problem]:
    from difflib import get_close_matches  # only where a word stands alone

    word, counts = alert.rule.severity, alert.landscape.severities
    if not word or counts[word] > 1 or word in _COMMON or "{{" in word or len(counts) < 2:
        return
    others = sorted(one for one in counts if one in _COMMON)
    near = get_close_matches(word.lower(), others, 1, 0.7) or [one for one in others if one.startswith(word.lower())]
    if near and len(word) <= len(near[0]) + 2:
        said = f"severity '{word}' is that of no other alert: '{near[0]}' is near"
        yield Problem(alert.rule.severity_location, said)


@check("prom-missing-runbook", each=critical_alerts)
def missing_runbook(alert: Alert) -> Iterator[Problem]:
    path = alert.location.path
    if not alert.rule.runbook and (path in alert.landscape.explained or "" in alert.landscape.explained):
        yield Problem(alert.location, f"alert '{alert.rule.name}' wakes somebody and names no runbook")


@check("prom-unexplained-alerts", each=whole)
def unexplained_alerts(landscape: Landscape) -> Iterator[Problem]:
    critical = landscape.critical
    if critical and not any(alert.runbook for alert in landscape.alerts):
        first = min(critical, key=lambda alert: alert.location)
        yield Problem(
            first.location, f"no alert of the tree names a runbook: '{first.name}' wakes somebody all the same"
        )


@check("prom-dangling-runbook", each=alerts, complete=True)
def dangling_runbook(alert: Alert) -> Iterator[Problem]:
    if alert.rule.runbook:
        lost = alert.landscape.lost(alert.rule.runbook, alert.location.path)
        if lost:
            yield Problem(alert.rule.runbook_location, f"the runbook of '{alert.rule.name}' is not there: {lost}")


@check("prom-unknown-recording", each=uses, complete=True)
def unknown_recording(use: RecordedUse) -> Iterator[Problem | NotKnown]:
    landscape, name = use.landscape, use.own.name
    level = name.partition(":")[0]
    if name in landscape.names or level not in landscape.levels or not level:
        return
    from difflib import get_close_matches  # only where something is wrong

    near = get_close_matches(name, sorted(landscape.names), 1, 0.85)
    if not near and level not in landscape.own_levels:
        return
    opening = None if near else landscape.cluster.openings.may_bring("PrometheusRule")
    if opening is not None:
        yield NotKnown(use.location, f"whether a rule records '{name}'", opening.reason, opening.settled_by)
        return
    said = f": '{near[0]}' is recorded" if near else ""
    yield Problem(use.location, f"no rule of the tree records '{name}'{said}")


@check("prom-short-window", each=windows)
def short_window(pair: tuple[Landscape, WindowUse]) -> Iterator[Problem]:
    landscape, use = pair
    longest = max(landscape.intervals, key=lambda one: one.seconds)
    if use.seconds < 2 * longest.seconds and len(landscape.intervals) == 1:
        said = f"{use.function}() over {use.seconds:g}s sees one sample: Prometheus scrapes every {longest.seconds:g}s"
        yield Problem(use.location, said, (Related(longest.location, "how often is scraped"),))


@check("prom-unselected-object", each=unselected, complete=True)
def unselected_object(pair: tuple[Landscape, RuleSelection]) -> Iterator[Problem]:
    landscape, own = pair
    choosing = [one for one in landscape.prometheuses if one.selectors.get(own.kind) is not None]
    if len(choosing) != len(landscape.prometheuses):
        return  # another one may be told elsewhere
    if not any(is_near(posixpath.dirname(one.location.path), posixpath.dirname(own.location.path)) for one in choosing):
        return  # what stands in another part of the tree may be for another cluster
    selectors = [selector for one in choosing if (selector := one.selectors[own.kind]) is not None]
    if selectors and not any(selector.matches(own.labels) for selector in selectors):
        wanted = " or ".join(sorted({str(selector) for selector in selectors}))
        others = tuple(Related(one.location, f"Prometheus/{one.name}") for one in choosing)
        yield Problem(own.location, f"no Prometheus chooses {own.kind} '{own.name}': it asks for {wanted}", others)


@check("alert-unrouted-severity", each=pagings, complete=True)
def unrouted_severity(paging: Paging) -> Iterator[Problem]:
    own = paging.own
    if not own.known:
        return
    for severity in sorted({alert.severity for alert in paging.landscape.critical}):
        reached = own.reached.get(severity, own.other)
        if not reached:
            example = next(alert for alert in paging.landscape.critical if alert.severity == severity)
            said = f"alerts of severity '{severity}' reach nobody: no receiver on their way sends anything"
            # Where none sends anything at all, it is for somebody's own machine, or is filled in where it is deployed.
            sends = any((*own.reached.values(), own.other))
            yield Problem(own.location, said, (Related(example.location, f"alert '{example.name}'"),), certain=sends)


@check("alert-no-pager", each=pagings)
def no_pager(paging: Paging) -> Iterator[Problem]:
    own = paging.own
    if not own.known or not any(own.reached.values()):
        return
    severities = {alert.severity for alert in paging.landscape.critical} or {"critical"}
    ways = {way for severity in severities for way in own.reached.get(severity, own.other)}
    if ways and not ways & set(PAGERS):
        said = f"what is critical goes to {', '.join(sorted(ways))} alone: nobody is woken"
        yield Problem(own.location, said)


@check("prom-missing-objective", each=whole, complete=True)
def missing_objective(landscape: Landscape) -> Iterator[Problem | NotKnown]:
    if not landscape.alerts or landscape.objectives:
        return
    texts = [rule.name + " " + rule.expression for rule in landscape.rules]
    if not any(
        re.search(r"(?i)\bslo\b|slo:|burn.?rate|error_?budget|error.?ratio|availability|sla\b", text) for text in texts
    ):
        first = min(landscape.alerts, key=lambda alert: alert.location)
        opening = landscape.cluster.openings.may_bring("PrometheusRule")
        if opening is not None:
            yield NotKnown(first.location, "whether an objective is there", opening.reason, opening.settled_by)
            return
        said = "alerts are there and no objective: neither a burn rate, nor an SLO, nor a recorded ratio of errors"
        yield Problem(first.location, said)


@check("prom-wrong-test", each=tests, complete=True)
def wrong_test(pair: tuple[Landscape, TestedRules]) -> Iterator[Problem]:
    landscape, own = pair
    folder = posixpath.dirname(own.path)
    read = {group.location.path for group in landscape.groups}
    tested: set[str] = set()
    for path, location in own.files:
        pattern = posixpath.normpath(posixpath.join(folder, path))
        many = any(character in pattern for character in "*?[")
        found = {one for one in landscape.files if fnmatchcase(one, pattern)} if many else {pattern} & landscape.files
        beside = [one for one in read if posixpath.dirname(one) == posixpath.dirname(pattern)]
        if found:
            tested |= found
        elif beside and not set(path) & set(
            "<>${}"
        ):  # where no other rules are, something may write the file before the test
            yield Problem(location, f"there is no file of rules '{path}': '{posixpath.basename(min(beside))}' is there")
    known = {rule.name for rule in landscape.rules if rule.location.path in tested}
    if tested and tested <= read:
        for name, location in own.alerts:
            if name not in known:
                yield Problem(location, f"no rule of the tested files is called '{name}'")


@check("grafana-duplicate-uid", each=dashboards, complete=True)
def duplicate_uid(shown: Shown) -> Iterator[Problem]:
    own = shown.own
    other = shown.landscape.first_dashboard(own)
    if own.uid and other is not None and other is not own:
        said = f"uid '{own.uid}' is that of dashboard '{other.title}' too: Grafana keeps the one that it reads last"
        yield Problem(own.uid_location, said, (Related(other.location, "the other dashboard"),))


@check("grafana-missing-panels", each=whole, complete=True)
def missing_panels(landscape: Landscape) -> Iterator[Problem]:
    shown = [one for one in landscape.dashboards if one.queries]
    if not shown or not landscape.workloads:
        return
    seen = {what for one in shown for what in one.shows}
    lacking = [what for what in _FOUR if what not in seen]
    if lacking:
        largest = max(shown, key=lambda one: (len(one.shows), one.panels))
        said = f"no dashboard of the tree shows {', '.join(_SAID[what] for what in lacking)}"
        yield Problem(largest.location, said)


@check("grafana-missing-dashboard", each=whole, complete=True)
def missing_dashboard(landscape: Landscape) -> Iterator[Problem]:
    places = [one.location for one in landscape.alerts] + [one.location for one in landscape.monitors]
    if landscape.dashboards or not landscape.workloads or not places:
        return
    yield Problem(min(places), "workloads are watched here, and no dashboard of the tree shows them")


@check("trace-dangling-collector", each=collectors, complete=True)
def dangling_collector(pair: tuple[Landscape, CollectorUse]) -> Iterator[Problem]:
    landscape, use = pair
    found = _HOST.match(use.address)
    if found is None or found[1].isdigit() or found[1] in ("localhost", "127"):
        return
    name, namespace, port = found[1], found[2] or use.namespace, found[3]
    cluster = landscape.cluster
    services = [one for one in cluster.anywhere("Service", name, namespace) if isinstance(one, ServiceSummary)]
    if services and port and not any(str(one.number) == port for service in services for one in service.ports):
        if any(service.headless or not service.ports for service in services):
            return
        ports = sorted({str(one.number) for service in services for one in service.ports})
        said = f"{use.workload} sends its traces to port {port} of '{name}', which has {', '.join(ports)}"
        yield Problem(use.location, said, tuple(Related(one.location, one.label) for one in services[:3]))
    elif not services and name in {one.name for one in cluster.all(ServiceSummary)}:
        said = f"{use.workload} sends its traces to '{name}' in '{namespace}': the Service is in another namespace"
        yield Problem(use.location, said)


@check("alert-namespace-matcher", each=namespace_matches, complete=True)
def namespace_matcher(match: NamespaceMatch) -> Iterator[Problem]:
    said = f"alerts of namespace '{match.asked}' never come here: the operator adds namespace=\"{match.namespace}\""
    yield Problem(match.location, said)


@check("grafana-hard-datasource", each=bound_panels)
def hard_datasource(bound: BoundPanels) -> Iterator[Problem | NotKnown]:
    if bound.unknown:
        what = f"whether Grafana has the data source '{bound.source}'"
        yield NotKnown(bound.location, what, bound.unknown, "--render")
        return
    who = f"panel '{bound.panel}' and {bound.more} more read" if bound.more else f"panel '{bound.panel}' reads"
    yield Problem(bound.location, f"{who} the data source '{bound.source}', which elsewhere has another name")


@check("grafana-unloaded-dashboard", each=unmarked_maps, complete=True)
def unloaded_dashboard(one: DashboardMap) -> Iterator[Problem]:
    said = f"{one.label} holds a dashboard without the label by which others of the tree are loaded"
    yield Problem(one.location._replace(missing=True, wanted="labels"), said)


@check("backup-missing", each=whole, complete=True)
def missing_backup(landscape: Landscape) -> Iterator[Problem]:
    if landscape.stored and not landscape.backups:
        first = min(landscape.stored, key=lambda one: one.location)
        more = f", and {len(landscape.stored) - 1} more do" if len(landscape.stored) > 1 else ""
        yield Problem(first.location, f"{first.label} keeps data{more}: nothing in the tree backs it up")


@check("backup-unselected", each=backups, complete=True)
def unselected_backup(pair: tuple[Landscape, BackupSummary]) -> Iterator[Problem | NotKnown]:
    landscape, own = pair
    known = landscape.cluster.namespaces
    opening = landscape.cluster.openings.may_bring("Namespace")
    for name, at in own.takes or ():
        if name in known or not known:
            continue
        if opening is not None:
            yield NotKnown(at, f"whether there is a namespace '{name}'", opening.reason, opening.settled_by)
        else:
            yield Problem(at, f"{own.label} takes namespace '{name}', which nothing in the tree is in")
    if own.cluster is None or not landscape.databases:
        return
    name, at = own.cluster
    near = [one for one in landscape.databases if not own.namespace or one.namespace in ("", own.namespace)]
    if near and all(one.name != name for one in near):
        if (opening := landscape.cluster.openings.may_bring("Cluster")) is not None:
            yield NotKnown(at, f"whether there is a database '{name}'", opening.reason, opening.settled_by)
            return
        others = tuple(Related(one.location, f"Cluster/{one.name}") for one in near[:3])
        yield Problem(at, f"{own.label} is of the database '{name}', which is not there", others)


@check("backup-unselected", each=whole, complete=True)
def unselected_data(landscape: Landscape) -> Iterator[Problem]:
    takers = [one for one in landscape.backups if one.takes is not None]
    if not takers or len(takers) != len(landscape.backups):
        return  # another backup may take it
    taken = {name for one in takers for name, _ in one.takes or ()}
    for one in landscape.stored:
        if one.namespace and one.namespace not in taken:
            said = f"{one.label} keeps data, and no backup takes namespace '{one.namespace}'"
            yield Problem(one.location, said, tuple(Related(taker.location, taker.label) for taker in takers[:3]))


@check("cert-no-expiry-alert", each=whole, complete=True)
def no_expiry_alert(landscape: Landscape) -> Iterator[Problem]:
    if not landscape.certificates or not landscape.alerts:
        return
    watched = re.compile(
        r"certmanager_certificate_(?:expiration|ready|renewal)|probe_ssl|x509_cert|cert.*expir|ssl.*expir"
    )
    if not any(watched.search(alert.expression) for alert in landscape.alerts):
        first = min(landscape.certificates, key=lambda one: one.location)
        yield Problem(first.location, f"no alert tells that Certificate '{first.name}' is about to end")


@check("cert-shared-secret", each=certificates)
def shared_secret(pair: tuple[Landscape, CertificateSummary]) -> Iterator[Problem]:
    landscape, own = pair
    other = landscape.first_certificates.get((own.location.path, own.namespace, own.secret))
    if own.secret and other is not None and other.name != own.name:
        said = f"Certificate '{own.name}' writes Secret '{own.secret}', as Certificate '{other.name}' does"
        yield Problem(own.location, said, (Related(other.location, f"Certificate/{other.name}"),))
