"""Grafana's dashboards: what stays blank, what shows something else, and what Grafana no longer knows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.model import Problem, Related
from devopslint.monitoring.dashboards import (
    Dashboard,
    DashboardText,
    Panel,
    Target,
    file_dashboards,
    file_json,
    file_panels,
    file_targets,
    json_fault,
    key_of,
    syntax_fault,
)
from devopslint.monitoring.meaning import divides_by_itself, without_buckets
from devopslint.monitoring.objects import object_dashboards, object_json, object_panels, object_targets
from devopslint.monitoring.promql import Binary, Call, Range, Selector, bare
from devopslint.monitoring.summaries import QUERY_LANGUAGE
from devopslint.monitoring.units import CUSTOM, UNITS
from devopslint.readers.yaml import Node
from devopslint.registry import check

_TARGETS = (file_targets, object_targets)
_PANELS = (file_panels, object_panels)
_DASHBOARDS = (file_dashboards, object_dashboards)
_ANGULAR = {
    "graph": "timeseries",
    "singlestat": "stat",
    "table-old": "table",
    "grafana-piechart-panel": "piechart",
    "grafana-worldmap-panel": "geomap",
    "grafana-singlestat-panel": "stat",
}
_SHOWS_NUMBERS = ("stat", "singlestat", "graph", "timeseries", "gauge", "timetable")
_WINDOWED = ("rate", "irate", "increase")
_LITERAL_WINDOW = compiled(r"\[\s*[0-9]+[smhdw]\s*[\]:]")
_RENDERED = compiled(r"\{[{%#]|(?<=\{)[{%#]|<%")
"""Where JSON ends and a template begins."""
_CALLED = compiled(r"\{\{-?\s*(?:[a-z][A-Za-z]*\s*(?:\"|\(|\Z)|[.$][A-Z])")
"""The first words of a template that calls something or reads its values: a legend, `{{job}}`, does neither."""
_FILLED_IN = compiled(r"\s*(?:\(\$?\w[\w.$ ()'\"]*\)|\$\{?[\w.-]+\}?|@\w+@|%\w+%|[A-Z][A-Z0-9]*_[A-Z0-9_]+)\s*\Z")
"""Only the name of what is put there: a binding of chainsaw, a variable of envsubst or Flux."""
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@check("grafana-invalid-json", each=(file_json, object_json))
def invalid_json(text: DashboardText) -> Iterator[Problem]:
    whole = text.node.text
    found = json_fault(whole)
    if found is not None and not _is_rendered(whole, found[0]) and not _FILLED_IN.match(whole):
        yield Problem(text.at(found[0]), f"{text.label} is no JSON: {found[1]}")


def _is_rendered(text: str, at: int) -> bool:
    """Whether JSON ends there because a template begins, or goes on: `"{{ include "chart.name" . }}"`."""
    if _RENDERED.match(text, at):
        return True
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line.rfind("{{") > line.rfind("}}") and _CALLED.match(line, line.rfind("{{")) is not None


@check("grafana-promql-syntax", each=_TARGETS)
def promql_syntax(target: Target) -> Iterator[Problem]:
    found = syntax_fault(target)
    if found is not None:
        at = found[0]._replace(wanted=QUERY_LANGUAGE)
        yield Problem(at, f"the query of panel '{target.panel.title}' is no PromQL: {found[1]}")


@check("grafana-ratio-per-series", each=_TARGETS)
def ratio_per_series(target: Target) -> Iterator[Problem]:
    if not target.expression.dialect and target.certain:
        for node in target.query.walk():
            if isinstance(node, Binary) and (said := divides_by_itself(node)) is not None:
                yield Problem(target.expression.at(node.start, node.end), said)


@check("grafana-quantile-without-le", each=_TARGETS)
def quantile_without_le(target: Target) -> Iterator[Problem]:
    if target.expression.dialect or not target.certain:
        return
    for node in target.query.walk():
        if isinstance(node, Call) and node.name == "histogram_quantile" and (found := without_buckets(node)):
            at = target.expression.at(found[0].start, found[0].end)._replace(wanted=QUERY_LANGUAGE)
            yield Problem(at, f"histogram_quantile() gets nothing: {found[1]}")


@check("grafana-fixed-window", each=_DASHBOARDS)
def fixed_window(dashboard: Dashboard) -> Iterator[Problem]:
    found: list[tuple[Target, Call, str]] = []
    for target in dashboard.targets:
        if not target.expression.dialect and target.panel.type in ("timeseries", "graph"):
            fixed = [(call, window) for call, window in _windows(target) if _LITERAL_WINDOW.match(window)]
            found += [(target, *fixed[0])] if fixed else []
    if found:
        target, call, window = found[0]
        more = f", as {len(found) - 1} more queries do" if len(found) > 1 else ""
        length = re.split(r"[^0-9a-z]", window[1:].strip())[0]
        said = f"{call.name}() over {length} skips samples where the panel shows days{more}: $__rate_interval fits"
        yield Problem(target.expression.at(call.start, call.start + len(call.name)), said)


@check("grafana-interval-window", each=_TARGETS)
def interval_window(target: Target) -> Iterator[Problem]:
    if target.expression.dialect:
        return
    for call, window in _windows(target):
        least = (target.node["interval"].text or target.panel.node["interval"].text).strip("><= ")
        if least and least not in ("$__interval", "auto"):
            return  # the shortest step is set
        if re.match(r"\[\s*\$(?:__interval|\{__interval\})\s*[\]:]", window):
            said = f"{call.name}() over $__interval is empty where the panel shows minutes: $__rate_interval fits"
            yield Problem(target.expression.at(call.start, call.start + len(call.name)), said)
            return


def _windows(target: Target) -> Iterator[tuple[Call, str]]:
    """The calls that look at a window, and what is written for it."""
    for node in target.query.walk():
        if isinstance(node, Call) and node.name in _WINDOWED and node.arguments:
            argument = bare(node.arguments[0])
            if isinstance(argument, Range):
                yield node, target.expr.text[argument.length.start - 1 : argument.length.end + 40]


@check("grafana-raw-counter", each=_TARGETS)
def raw_counter(target: Target) -> Iterator[Problem]:
    tree = target.query.tree
    if target.expression.dialect or tree is None:
        return
    plain = bare(tree)
    if isinstance(plain, Selector) and plain.metric.endswith("_total") and target.panel.type in ("timeseries", "graph"):
        said = f"'{plain.metric}' only ever grows: the line says how long it has run, rate() says what happens"
        yield Problem(target.expression.at(plain.start, plain.end), said)


@check("grafana-angular-panel", each=_DASHBOARDS)
def angular_panel(dashboard: Dashboard) -> Iterator[Problem]:
    old: dict[str, list[Panel]] = {}
    for panel in dashboard.panels:
        if panel.type in _ANGULAR:
            old.setdefault(panel.type, []).append(panel)
    for kind, panels in old.items():
        more = f" and {len(panels) - 1} more are" if len(panels) > 1 else " is"
        said = f"panel '{panels[0].title}'{more} a {kind}, which Grafana turns into {_ANGULAR[kind]} each time it loads the dashboard"
        yield Problem(panels[0].node["type"].location, said)


@check("grafana-legacy-alert", each=_PANELS)
def legacy_alert(panel: Panel) -> Iterator[Problem]:
    alert = panel.node["alert"]
    if alert.is_mapping and alert["conditions"].present:
        said = f"the alert of panel '{panel.title}' is not evaluated: Grafana 11 has dropped alerts in panels"
        yield Problem(alert.key_location, said)


@check("grafana-missing-unit", each=_PANELS)
def missing_unit(panel: Panel) -> Iterator[Problem]:
    if panel.type not in _SHOWS_NUMBERS or not panel.targets:
        return
    fields = panel.fields
    overrides = [one for override in fields["overrides"] for one in override["properties"]]
    unit = next((one["value"] for one in reversed(overrides) if one["id"].text == "unit"), fields["defaults"]["unit"])
    if unit.text:
        if unit.text not in UNITS and not unit.text.startswith(CUSTOM) and "$" not in unit.text:
            said = f"'{unit.text}' is no unit of Grafana: it stands behind the numbers as it is written"
            yield Problem(unit.location, said)
        return
    if fields["defaults"]["mappings"].exists or any(one["id"].text == "mappings" for one in overrides):
        return
    options = panel.node["options"]
    if panel.type == "stat" and key_of(options, "reduceOptions")["fields"].text:
        return
    if panel.type in ("graph", "singlestat") and (_axis(panel.node) or panel.node["format"].text not in ("", "none")):
        return
    yield Problem(panel.location, f"panel '{panel.title}' says nothing of its unit")


def _axis(node: Node) -> bool:
    """Whether the axis of an old graph has a unit."""
    return any(axis["format"].text not in ("", "short") for axis in node["yaxes"])


@check("grafana-duplicate-panel-id", each=_DASHBOARDS)
def duplicate_panel_id(dashboard: Dashboard) -> Iterator[Problem]:
    first: dict[str, Panel] = {}
    for panel in dashboard.panels:
        identity = panel.node["id"]
        if dashboard.is_v2 or not identity.text:
            continue
        if identity.text in first:
            other = Related(first[identity.text].location, "the first panel of that id")
            yield Problem(identity.location, f"panel '{panel.title}' has the id {identity.text} of another", (other,))
        else:
            first[identity.text] = panel


@check("grafana-missing-uid", each=_DASHBOARDS)
def missing_uid(dashboard: Dashboard) -> Iterator[Problem]:
    if dashboard.panels and not dashboard.uid.text and dashboard.title:
        yield Problem(dashboard.location, f"{dashboard.label} has no uid: each import gives it another address")


@check("grafana-fast-refresh", each=_DASHBOARDS)
def fast_refresh(dashboard: Dashboard, *, least: int) -> Iterator[Problem]:
    refresh = dashboard.own["refresh"]
    found = re.fullmatch(r"([0-9]+)([smhd])", refresh.text)
    if found is not None and int(found[1]) * _SECONDS[found[2]] < least:
        said = f"{dashboard.label} asks everything anew every {refresh.text}, more often than every {least}s"
        yield Problem(refresh.location, said)


@check("grafana-unresolved-input", each=_DASHBOARDS)
def unresolved_input(dashboard: Dashboard) -> Iterator[Problem]:
    inputs = dashboard.own["__inputs"]
    names = [one["name"].text for one in inputs if one["name"].text]
    used = [panel for panel in dashboard.panels for name in names if f"${{{name}}}" in _source_text(panel)]
    if dashboard.place.startswith("ConfigMap") and used:
        said = f"{dashboard.label} was exported for an import by hand: a file that is provisioned leaves ${{{names[0]}}} as it is"
        yield Problem(inputs.key_location, said)


def _source_text(panel: Panel) -> str:
    source = panel.datasource
    return source["uid"].text if source.is_mapping else source.text
