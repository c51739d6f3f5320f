"""Grafana's dashboards: panels, what they ask, and where that comes from; in the classic schema and in v2."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import ClassVar

from devopslint.deferred import cached_property, compiled, dataclass
from devopslint.digests import sha256
from devopslint.model import Fault, FileView, Location, NotChecked
from devopslint.monitoring.promql import Query, read_query
from devopslint.monitoring.rules import LOGQL, Expression, used_names
from devopslint.monitoring.summaries import BoundPanels, DashboardSummary, ProvisionedSource, UsedName
from devopslint.readers.yaml import Node, Scalar, Stream, read_yaml
from devopslint.readers.yaml_file import YamlFile

_BUILT_IN_SOURCES = ("-- Mixed --", "-- Grafana --", "-- Dashboard --", "grafana", "__expr__", "-100")
QUANTILE = compiled(r"histogram_quantile\(\s*(0?\.9\d*|\.9\d*|1)|quantile\w*\(\s*0?\.9|quantile=~?\"[^\"]*0?\.9")
_STRING = compiled(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`]*`")
_VARIABLE = compiled(r"\$\{[^}]*\}|\[\[\w+(?::\w+)?\]\]|\$\w+")
_IN_BRACKETS = compiled(r"\[[^\[\]\"'{}]*\$[^\[\]\"']*\]|\[\[\w+\]\]\]")
_BRACKET_FAULTS = ("is not closed", "closes what is not open")
_ERROR = compiled(
    r"(?i)error|fail|5\.\.|5xx|status(?:_code)?[!=]~?\"?[^\"]*[45]|code[!=]~?\"[^\"]*5|grpc_code!=|exception|\bslo\b|success"
)
_REQUEST = compiled(r"(?i)request|http|grpc|queries|_ops|rps|qps|calls|messages|throughput|traffic|_count\b")
_LATENCY = compiled(r"(?i)latenc|duration|_seconds_bucket|response_time|_bucket|milliseconds")
_PODS = compiled(
    r"(?i)kube_pod|kube_deployment|kube_statefulset|replicas|container_|\bup\b|pod_status|restarts|\bpods?\b"
)
_RATE = compiled(r"\b(?:rate|irate|increase)\(")


@dataclass(frozen=True)
class Target:
    """One query of a panel."""

    node: Node
    panel: Panel
    expr: Node
    source: str
    """prometheus, loki or another kind of data source; empty where that is not known."""

    @property
    def label(self) -> str:
        reference = self.node["refId"].text
        return f"{self.panel.label} query {reference}" if reference else f"{self.panel.label} query"

    @property
    def is_asked(self) -> bool:
        """Whether Grafana ever sends it: of hidden queries it does so only for expressions over them."""
        hidden = self.node["hidden" if self.panel.element else "hide"].value is True
        return not hidden or self.panel.has_expressions

    @cached_property
    def expression(self) -> Expression:
        text, dialect = self.expr.text, ""
        if self.source == "loki" or LOGQL.search(text):
            dialect = "LogQL"
        elif self.source not in ("prometheus", ""):
            dialect = f"of {self.source}"
        elif self.panel.dashboard.for_victoria and read_query(without_variables(text)).fault is not None:
            dialect = "MetricsQL"
        elif not self.source and read_query(without_variables(text)).fault is not None:
            dialect = "of an unknown source"
        return Expression(self.expr, without_variables(text), dialect)

    @property
    def query(self) -> Query:
        return self.expression.query

    @property
    def certain(self) -> bool:
        """Whether no variable stands where a name, a function or a number does."""
        return not _VARIABLE.search(_IN_BRACKETS.sub("", _STRING.sub('""', self.expr.text)))


@dataclass(frozen=True)
class Panel:
    """One panel of a dashboard."""

    node: Node
    dashboard: Dashboard
    element: bool = False
    """Whether it is an element of the v2 schema."""

    @property
    def title(self) -> str:
        return key_of(self.node, "title").text

    @property
    def label(self) -> str:
        return f"{self.dashboard.label} panel '{self.title}'"

    @property
    def location(self) -> Location:
        title = key_of(self.node, "title")
        return title.location if title.text else self.node.location

    @property
    def type(self) -> str:
        if not self.element:
            return self.node["type"].text
        shown = self.node["vizConfig"]
        return shown["group"].text or (shown["kind"].text if shown["kind"].text != "VizConfig" else "")

    @property
    def fields(self) -> Node:
        """How values are shown."""
        if self.element:
            return self.node["vizConfig"]["spec"]["fieldConfig"]
        return key_of(self.node, "fieldConfig")

    @property
    def datasource(self) -> Node:
        return self.node["datasource"]

    @cached_property
    def targets(self) -> list[Target]:
        found = []
        for node in self._queries:
            expr = node["expr"]
            own = node["datasource"]
            source = self.dashboard.source_of(own if own.present else self.datasource)
            if self.element:
                expr = node["query"]["spec"]["expr"]
                kind = node["query"]["group"].text or node["query"]["kind"].text
                source = kind if kind not in ("", "DataQuery") else self.dashboard.source_of(node["datasource"])
            if expr.is_scalar and expr.text.strip():
                found.append(Target(node, self, expr, source))
        return found

    @property
    def has_expressions(self) -> bool:
        """Whether it computes something over what other queries of it give."""
        if self.element:
            return any(one["query"]["group"].text == "__expr__" for one in self._queries)
        sources = [one["datasource"] for one in self._queries]
        return any("__expr__" in ((one["uid"] if one.is_mapping else one).text, one["type"].text) for one in sources)

    @property
    def _queries(self) -> list[Node]:
        if not self.element:
            return [node for node in self.node["targets"] if node.is_mapping]
        queries = self.node["data"]["spec"]["queries"]
        return [one["spec"] for one in queries if one["spec"].is_mapping]


@dataclass(frozen=True)
class Dashboard:
    """One dashboard."""

    node: Node
    place: str
    """What holds it; empty for a file of its own."""
    text: Node | None = None
    """The value that it is written in."""

    @property
    def title(self) -> str:
        return self._spec["title"].text

    @property
    def label(self) -> str:
        return f"dashboard '{self.title}'" if self.title else "dashboard"

    @property
    def uid(self) -> Node:
        return self._spec["uid"] if not self.is_v2 else self.node["metadata"]["name"]

    @property
    def location(self) -> Location:
        title = self._spec["title"]
        return title.location if title.text else self.node.location

    @property
    def is_v2(self) -> bool:
        return self._spec["elements"].is_mapping

    @property
    def _spec(self) -> Node:
        """What the dashboard is made of: v2 keeps it under spec where it is an object."""
        for around in ("spec", "dashboard"):  # as an object, and as the API takes and gives it
            inner = self.node[around]
            if inner["elements"].is_mapping or inner["panels"].is_sequence:
                return inner
        return self.node

    @cached_property
    def panels(self) -> list[Panel]:
        """Every panel, those in rows too; rows themselves are none."""
        spec = self._spec
        if self.is_v2:
            return [
                Panel(one["spec"], self, True) for _, one in spec["elements"].items() if one["kind"].text == "Panel"
            ]
        found: list[Panel] = []
        pending = [*spec["panels"], *(panel for row in spec["rows"] for panel in row["panels"])]
        while pending:
            node = pending.pop(0)
            if not node.is_mapping:
                continue
            if node["panels"].is_sequence:
                pending = [*node["panels"], *pending]
            if node["type"].text != "row":
                found.append(Panel(node, self))
        return found

    @property
    def targets(self) -> list[Target]:
        return [target for panel in self.panels for target in panel.targets]

    @cached_property
    def variables(self) -> dict[str, Node]:
        """The variables by their names."""
        if self.is_v2:
            return {one["spec"]["name"].text: one for one in self._spec["variables"]}
        return {one["name"].text: one for one in self._spec["templating"]["list"]}

    @cached_property
    def for_victoria(self) -> bool:
        """Whether VictoriaMetrics answers its queries, in MetricsQL, which lets windows and steps be left out."""
        names = [variable["current"]["text"].text for variable in self.variables.values()]
        names += [panel.datasource[key].text for panel in self.panels for key in ("type", "uid")]
        names += [panel.datasource.text for panel in self.panels]
        # Who writes for it says so: in a description, or in a comment of a query.
        names += [node["description"].text for node in (self._spec, *self.variables.values())]
        names += [panel.node["description"].text for panel in self.panels]
        names += [target.expr.text for target in self.targets]
        return any("victoriametrics" in name.lower() for name in names)

    @property
    def own(self) -> Node:
        """The dashboard itself, without what is around it."""
        return self._spec

    def source_of(self, datasource: Node) -> str:
        """The kind of a data source: prometheus, loki; empty where that is not known."""
        kind = datasource["type"].text
        if kind and kind != "datasource":
            return kind
        name = (datasource["uid"].text or datasource["name"].text or datasource.text).strip("${}[]")
        variable = self.variables.get(name.partition(":")[0])
        if variable is not None and variable["type"].text == "datasource":
            return variable["query"].text
        if variable is not None:
            return variable["spec"]["pluginId"].text
        return "prometheus" if "prom" in name.lower() else "loki" if "loki" in name.lower() else ""


def key_of(node: Node, key: str) -> Node:
    """The value of a key; one that some program has written in lower case will do."""
    found = node[key]
    return found if found.exists else node[key.lower()]


def without_variables(text: str) -> str:
    """A query with something in place of each variable: every other character keeps its place."""
    if "$" not in text and "[[" not in text:
        return text
    strings = [(found.start(), found.end()) for found in _STRING.finditer(text)]

    def replaced(found: re.Match[str]) -> str:
        if any(start <= found.start() < end for start, end in strings):
            return found[0]
        before = text[: found.start()].rstrip()
        length = len(found[0])
        after = text[found.end() : found.end() + 1]
        in_range = before.endswith(("[", ":", "offset")) or (before[-1:].isdigit() and after in ("]", ""))
        if in_range or found[0] in ("$__interval", "$__rate_interval", "$__range") or (after == "]" and "[" in before):
            if before[-1:].isdigit() and before == text[: found.start()]:
                return "m".ljust(length)  # [5$unit]
            if after[:1].isalpha():
                return "1".rjust(length, "0")  # [${x}s]
            return "5m".ljust(length)
        if re.search(r"_(?:ms|s)\}?\Z|__from|__to", found[0]):
            return "1".ljust(length)
        return "v" * length

    return _VARIABLE.sub(replaced, text)


def syntax_fault(target: Target) -> tuple[Location, str] | None:
    """Where a query is no PromQL, and why; None where it is, or where variables may make it so."""
    fault = target.query.fault
    if fault is None or target.expression.dialect or not target.is_asked:
        return None
    if not target.certain and not any(said in fault.message for said in _BRACKET_FAULTS):
        return None
    return target.expression.at(fault.start, fault.end), fault.message


def json_fault(text: str) -> tuple[int, str] | None:
    """Where and why a text is no JSON."""
    try:
        json.loads(text.removeprefix("\ufeff"))
    except RecursionError:
        return None
    except json.JSONDecodeError as error:
        at = min(error.pos + text.startswith("\ufeff"), max(0, len(text) - 1))
        if text[at : at + 1] == "#" or text[at : at + 2] in ("//", "/*"):
            return at, "JSON has no comments"
        before = text[:at].rstrip()
        if text[at : at + 1] == "," or (before.endswith(",") and text[at : at + 1] in ("]", "}")):
            return at, "a comma stands before the end"
        return at, f"'{text[at : at + 1]}' has no place here" if at < len(text) else "it ends too early"
    except ValueError:
        return 0, "it holds a number that is too long"
    return None


def summaries_of(dashboards: list[Dashboard]) -> Iterator[object]:
    """What rules over the whole project ask about dashboards."""
    for one in dashboards:
        shows: set[str] = set()
        used: dict[str, UsedName] = {}
        for target in one.targets:
            shows |= shown_by(target)
            if not target.expression.dialect:
                for name in used_names(target.expression):
                    used.setdefault(name.name, name)
        yield DashboardSummary(
            title=one.title,
            uid=one.uid.text,
            uid_location=one.uid.location,
            location=one.location,
            shows=frozenset(shows),
            panels=len(one.panels),
            queries=sum(1 for target in one.targets if target.source in ("prometheus", "")),
        )
        yield from used.values()
        yield from bound_panels(one)


def bound_panels(dashboard: Dashboard) -> Iterator[BoundPanels]:
    """The data sources that panels read by their names or uids, and not by a variable."""
    bound: dict[str, list[tuple[Panel, Node]]] = {}
    for panel in dashboard.panels:
        source = panel.datasource
        uid = source["uid"] if source.is_mapping else source
        named = uid.text and "$" not in uid.text and "[[" not in uid.text and uid.text not in _BUILT_IN_SOURCES
        if named and panel.targets and source["type"].text not in ("datasource", "grafana"):
            bound.setdefault(uid.text, []).append((panel, uid))
    for name, panels in bound.items():
        yield BoundPanels(name, panels[0][0].title, len(panels) - 1, panels[0][1].location)


class DatasourceFile(YamlFile):
    """The data sources that Grafana is set up with."""

    kinds: ClassVar[tuple[str, ...]] = ("grafana-datasources",)

    def summaries(self) -> Iterator[object]:
        yield from sources_in(self.root)


def sources_in(root: Node) -> Iterator[ProvisionedSource]:
    """The data sources that a file of Grafana's provisioning sets up."""
    for one in root["datasources"]:
        name = one["name"].text
        yield ProvisionedSource(name, one["uid"].text or _uid_of(name))


def sources_in_values(values: Node) -> Iterator[ProvisionedSource]:
    """Those that values for a chart set up: of Grafana itself, or of one that has Grafana in it."""
    for node in values.walk():
        if node.is_sequence and node.key is not None and node.key.text in ("additionalDataSources", "datasources"):
            for one in node:
                if name := one["name"].text:
                    yield ProvisionedSource(name, one["uid"].text or _uid_of(name))


def _uid_of(name: str) -> str:
    """The uid that Grafana 8 to 13 gives to a provisioned data source without one (`safeUIDFromName`)."""
    return f"P{sha256(name.encode()).hexdigest()[:16].upper()}"


def shown_by(target: Target) -> set[str]:
    """Which of the four things that a service is watched by a query shows."""
    text = f"{target.panel.title} {target.expr.text}"
    expression = target.expr.text
    shows: set[str] = set()
    if QUANTILE.search(expression) or (_LATENCY.search(expression) and re.search(r"\bp9\d", text, re.IGNORECASE)):
        shows.add("latency")
    elif _ERROR.search(text) and not _PODS.search(expression):
        shows.add("errors")
    elif _RATE.search(expression) and _REQUEST.search(text):
        shows.add("rate")
    if _PODS.search(expression):
        shows.add("pods")
    if ":" in expression and re.search(r":\w*rate\w*", expression):
        shows.add("errors" if _ERROR.search(text) else "rate")
    return shows


class DashboardFile(FileView):
    """A dashboard in a file of JSON."""

    kinds: ClassVar[tuple[str, ...]] = ("dashboard",)

    def __init__(self, path: str, stream: Stream) -> None:
        self.path = path
        self.stream = stream
        self.faults: list[Fault] = []
        self.not_checked = [NotChecked(path, fault.message, fault.location.line) for fault in stream.faults[:1]]

    @classmethod
    def read(cls, path: str, text: str) -> DashboardFile:
        return cls(path, read_yaml(path, text))

    def extent(self, line: int) -> tuple[int, int]:
        return self.stream.extent(line)

    @cached_property
    def dashboards(self) -> list[Dashboard]:
        return [Dashboard(one.root, "") for one in self.stream.documents[:1] if one.root.is_mapping]

    @property
    def expressions(self) -> list[Expression]:
        return [target.expression for one in self.dashboards for target in one.targets if target.certain]

    @cached_property
    def json(self) -> list[DashboardText]:
        source = self.stream.source
        return [DashboardText("the file", Scalar(source, 0, len(source.text), None, source.text, None), True)]

    def summaries(self) -> Iterator[object]:
        yield from summaries_of(self.dashboards)


@dataclass(frozen=True)
class DashboardText:
    """A text that has to be JSON."""

    label: str
    node: Node
    whole: bool = False
    """Whether it is all of a file."""

    def at(self, index: int) -> Location:
        if self.whole:
            return self.node.source.location(index, min(index + 1, len(self.node.source.text)))
        return self.node.span(index, index + 1)


def file_dashboards(file: DashboardFile) -> list[Dashboard]:
    """The dashboard in a file."""
    return file.dashboards


def file_targets(file: DashboardFile) -> list[Target]:
    """Every query of the dashboard in a file."""
    return [target for one in file.dashboards for target in one.targets]


def file_panels(file: DashboardFile) -> list[Panel]:
    """Every panel of the dashboard in a file."""
    return [panel for one in file.dashboards for panel in one.panels]


def file_json(file: DashboardFile) -> list[DashboardText]:
    return file.json
