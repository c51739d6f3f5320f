"""Prometheus' rules, wherever they stand: in files of their own, in PrometheusRules, in ConfigMaps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from devopslint.deferred import cached_property, compiled, dataclass
from devopslint.kubernetes.unapplied import tests_around
from devopslint.model import Location, NotChecked
from devopslint.monitoring.go_template import Template, read_template
from devopslint.monitoring.promql import Call, Query, Range, bare, read_query
from devopslint.monitoring.series import Series, series_of
from devopslint.monitoring.summaries import GroupSummary, RecordedName, RuleSummary, UsedName, WindowUse
from devopslint.readers.yaml import Node, Stream
from devopslint.readers.yaml_file import YamlFile

LOGQL = compiled(r"[}]\s*(?:\|[=~>]|!=|!~|!>|\|\s*[a-z_])|\bunwrap\b")
_TEMPLATED = compiled(r"\{\{-?\s*[\w.$(/]|\{%|<%|\$\{|<<|^\s*<[A-Za-z][\w -]*>\s*$|\$[A-Za-z_]|%\(")
_METRICSQL = compiled(r"(?i)^\s*with\s*\(|\b(?:default|ifnot|keep_metric_names|limit)\b(?=\s+[\w(])|\)\s+if\s")
"""Operators of MetricsQL: no fault of whoever writes for VictoriaMetrics."""
_FUNCTIONS_OF_METRICSQL = compiled(
    r"\bvmrange\b|\b(?:rollup\w*|range_(?:avg|first|last|linear_regression|mad|max|median|min|quantile|stddev|stdvar|sum|trim_\w+)"
    r"|running_(?:avg|max|min|sum)|histogram_share|prometheus_buckets|buckets_limit|vmrange_\w+|topk_(?:avg|last|max|median|min)"
    r"|bottomk_(?:avg|last|max|median|min)|outliersk|outliers_\w+|share_(?:eq|gt|le)_over_time|count_(?:eq|gt|le|ne)_over_time"
    r"|label_(?:set|del|keep|copy|move|map|match|mismatch|transform|value|uppercase|lowercase)|union|alias|keep_last_value"
    r"|keep_next_value|interpolate|smooth_exponential|increase_pure|rate_over_sum|tfirst_over_time|tlast_over_time|mode_over_time"
    r"|distinct_over_time|hoeffding_bound_\w+|zscore\w*|drop_common_labels)\s*\("
)
"""What MetricsQL has beside: where one stands, what does not parse may be MetricsQL as well."""


@dataclass(frozen=True)
class Expression:
    """A query as it is written somewhere."""

    node: Node
    text: str
    """What is read; characters at an index stand for those of the node's text at `index - shift`."""
    dialect: str = ""
    """What other language it is in, or may be."""

    @cached_property
    def query(self) -> Query:
        return read_query(self.text)

    def at(self, start: int, end: int) -> Location:
        """Where a part of the query stands in the file."""
        return self.node.span(start, max(end, start + 1))


@dataclass(frozen=True)
class Group:
    """A group of rules."""

    node: Node
    place: str
    """What holds it, as a user would say it; empty for a file of rules."""
    foreign: bool = False
    """Whether it is VictoriaMetrics that reads it."""

    @property
    def name(self) -> str:
        return self.node["name"].text

    @property
    def label(self) -> str:
        return f"{self.place} group {self.name}" if self.place else f"group {self.name}"

    @property
    def location(self) -> Location:
        name = self.node["name"]
        return name.location if name.present else self.node.location

    @cached_property
    def rules(self) -> list[Rule]:
        return [Rule(self, node) for node in self.node["rules"] if node.is_mapping]


@dataclass(frozen=True)
class Rule:
    """A rule that alerts, or one that records."""

    group: Group
    node: Node

    @property
    def alert(self) -> Node:
        return self.node["alert"]

    @property
    def record(self) -> Node:
        return self.node["record"]

    @property
    def alerts(self) -> bool:
        return bool(self.alert.text)

    @property
    def name(self) -> str:
        return self.alert.text or self.record.text

    @property
    def label(self) -> str:
        return f"{self.group.label} {'alert' if self.alerts else 'record'} {self.name or '?'}"

    @property
    def location(self) -> Location:
        named = self.alert if self.alert.text else self.record
        return named.location if named.text else self.node.location

    @cached_property
    def expression(self) -> Expression:
        node = self.node["expr"]
        text = node.text
        dialect = ""
        if LOGQL.search(text):
            dialect = "LogQL"
        elif (
            self.group.foreign
            or _METRICSQL.search(text)
            or (_FUNCTIONS_OF_METRICSQL.search(text) and read_query(text).fault is not None)
        ):
            dialect = "MetricsQL"
        elif _TEMPLATED.search(_STRINGS.sub('""', text)) and read_query(text).fault is not None:
            dialect = "a template"
        return Expression(node, text, dialect)

    @property
    def query(self) -> Query:
        return self.expression.query

    @cached_property
    def series(self) -> tuple[Series, ...]:
        return series_of(self.query) if not self.expression.dialect else ()

    @property
    def severity(self) -> Node:
        """Its label, or that of its group."""
        own = self.node["labels"]["severity"]
        return own if own.text else self.group.node["labels"]["severity"]

    @property
    def texts(self) -> Iterator[tuple[str, Node, Node]]:
        """(labels or annotations, key, value) of every text that is a template."""
        for field in ("labels", "annotations"):
            for key, value in self.node[field].items():
                if value.is_scalar:
                    yield field, key, value

    @cached_property
    def _templates(self) -> dict[int, Template]:
        return {}

    def template(self, value: Node) -> Template:
        """What a text of the rule reads, read once."""
        if id(value) not in self._templates:
            # vmalert has functions and variables of its own; Flux and others who fill in ${…} make $ of $$.
            text = value.text.replace("{{ $$", "{{ $").replace("{{$$", "{{$")
            self._templates[id(value)] = Template() if self.group.foreign else read_template(text)
        return self._templates[id(value)]

    @cached_property
    def watchdog(self) -> bool:
        """Whether it is meant to fire all the time, so that its silence tells of a broken pipeline."""
        words = self.name.lower()
        meant = (
            "watchdog",
            "deadman",
            "dead_man",
            "heartbeat",
            "alwaysfiring",
            "alwaysalert",
            "always_",
            "deadmanssnitch",
            "dead-man",
        )
        return any(word in words for word in meant) or self.severity.text in ("none", "heartbeat")


_STRINGS = compiled(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`]*`")


class RuleFile(YamlFile):
    """A file of rules; only its first document counts."""

    kinds: ClassVar[tuple[str, ...]] = ("prometheus-rules",)

    def __init__(self, path: str, stream: Stream) -> None:
        super().__init__(path, stream)
        self.not_checked += unread(self.groups)

    @cached_property
    def groups(self) -> list[Group]:
        return groups_in(self.root, "")

    @property
    def expressions(self) -> list[Expression]:
        return [rule.expression for rule in file_rules(self)]

    def summaries(self) -> Iterator[object]:
        yield from tests_around(self.path)
        yield from summaries_of(self.groups)


def unread(groups: list[Group]) -> Iterator[NotChecked]:
    """The expressions that are not judged, and why."""
    for group in groups:
        for rule in group.rules:
            expression = rule.expression
            why = f"is {expression.dialect}" if expression.dialect else expression.query.too_large
            if why:
                at = expression.node.location
                yield NotChecked(at.path, f"the expression of '{rule.name}' {why}", at.line)


def groups_in(root: Node, place: str, *, foreign: bool = False) -> list[Group]:
    return [Group(node, place, foreign) for node in root["groups"] if node.is_mapping]


def summaries_of(groups: list[Group]) -> Iterator[object]:
    """What rules over the whole project ask about groups of rules."""
    for group in groups:
        rules = group.rules
        yield GroupSummary(group.name, group.location, len(rules))
        for rule in rules:
            annotations = {key.text: value.text for key, value in rule.node["annotations"].items()}
            runbook = next((key for key in RUNBOOKS if annotations.get(key)), "")
            at = rule.node["annotations"][runbook].location if runbook else rule.location
            labels = tuple(sorted((key.text, value.text) for key, value in rule.node["labels"].items()))
            yield RuleSummary(
                name=rule.name,
                alerts=rule.alerts,
                severity=rule.severity.text,
                severity_location=rule.severity.location,
                runbook=annotations.get(runbook, ""),
                runbook_location=at,
                expression=" ".join(rule.expression.text.split()),
                labels=labels,
                group=group.name,
                location=rule.location,
                watchdog=rule.watchdog,
            )
            if rule.record.text:
                yield RecordedName(rule.record.text, rule.record.location)
            if not rule.expression.dialect:
                yield from used_names(rule.expression)
                yield from used_windows(rule.expression)


def used_names(expression: Expression) -> Iterator[UsedName]:
    """The metrics that an expression reads whose names look like recorded ones, each once."""
    seen: set[str] = set()
    for node in expression.query.walk():
        name = getattr(node, "metric", "")
        if ":" in name and name not in seen:
            seen.add(name)
            yield UsedName(name, expression.at(node.start, node.start + len(name)))


def used_windows(expression: Expression) -> Iterator[WindowUse]:
    """The windows that rates look at; that of a subquery has steps of its own."""
    for node in expression.query.walk():
        if isinstance(node, Call) and node.name in ("rate", "irate", "increase") and node.arguments:
            argument = bare(node.arguments[0])
            if (
                isinstance(argument, Range)
                and argument.length.seconds
                and ":" not in getattr(argument.of, "metric", "")
            ):
                at = expression.at(argument.length.start, argument.length.end)
                yield WindowUse(node.name, argument.length.seconds, at)


RUNBOOKS = (
    "runbook_url",
    "runbook",
    "runbookUrl",
    "runbookURL",
    "runbook_link",
    "playbook",
    "playbook_url",
    "sop_url",
    "sop",
)
"""The annotations that lead to what is to be done."""


def rule_groups(file: RuleFile) -> list[Group]:
    """Every group of a file of rules."""
    return file.groups


def file_rules(file: RuleFile) -> list[Rule]:
    """Every rule of a file of rules."""
    return [rule for group in file.groups for rule in group.rules]


def file_alerts(file: RuleFile) -> list[Rule]:
    """Every rule of a file of rules that alerts."""
    return [rule for rule in file_rules(file) if rule.alerts]
