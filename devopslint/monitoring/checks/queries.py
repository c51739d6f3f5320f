"""The queries of rules: what does not parse, and what parses and says something else than is meant."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.model import Problem
from devopslint.monitoring.meaning import COUNTED, divides_by_itself, without_buckets
from devopslint.monitoring.objects import object_alerts, object_queries, object_rules
from devopslint.monitoring.promql import (
    COMPARISONS,
    EXPERIMENTAL_AGGREGATIONS,
    FUNCTIONS,
    Aggregation,
    Binary,
    Call,
    Number,
    Range,
    Selector,
    Subquery,
    bare,
)
from devopslint.monitoring.rules import Expression, Rule, file_alerts, file_rules
from devopslint.monitoring.series import unconditional
from devopslint.monitoring.summaries import QUERY_LANGUAGE
from devopslint.registry import check


@check("prom-promql-syntax", each=(file_rules, object_rules))
def promql_syntax(rule: Rule) -> Iterator[Problem]:
    expression = rule.expression
    fault = expression.query.fault
    if fault is not None and not expression.dialect and expression.text.strip():
        at = expression.at(fault.start, fault.end)._replace(wanted=QUERY_LANGUAGE)
        yield Problem(at, f"expr is no PromQL: {fault.message}")


@check("prom-promql-syntax", each=object_queries)
def query_syntax(expression: Expression) -> Iterator[Problem]:
    fault = expression.query.fault
    if fault is not None:
        yield Problem(expression.at(fault.start, fault.end), f"the query is no PromQL: {fault.message}")


@check("prom-unknown-function", each=(file_rules, object_rules))
def unknown_function(rule: Rule) -> Iterator[Problem]:
    expression = rule.expression
    if expression.dialect:
        return
    for call in expression.query.foreign:
        said = f"{call.name}() is no function of Prometheus: MetricsQL, Thanos and Mimir have others"
        yield Problem(expression.at(call.start, call.start + len(call.name)), said)
    for node in expression.query.walk():
        name = ""
        if isinstance(node, Call) and node.name in FUNCTIONS and FUNCTIONS[node.name].experimental:
            name = node.name
        elif isinstance(node, Aggregation) and node.operator in EXPERIMENTAL_AGGREGATIONS:
            name = node.operator
        if name:
            said = f"{name}() is an experiment: Prometheus refuses it without --enable-feature"
            yield Problem(expression.at(node.start, node.start + len(name)), said)
        elif isinstance(node, Binary) and node.matching.fills:
            said = "fill is an experiment: Prometheus refuses it without --enable-feature"
            yield Problem(expression.at(node.at, node.at + len(node.operator)), said)


@check("prom-always-firing", each=(file_alerts, object_alerts))
def always_firing(rule: Rule) -> Iterator[Problem]:
    expression = rule.expression
    if rule.watchdog or expression.dialect:
        return
    for one, why in unconditional(rule.series):
        said = f"alert '{rule.name}' fires all the time: {why}"
        yield Problem(
            expression.at(one.start, one.end), said, certain=not (one.returns_bool and _asks_whether_any(rule))
        )


def _asks_whether_any(rule: Rule) -> bool:
    """Whether a series is held against 0 as it is: one that is there only while something is wrong decides by that."""
    for node in rule.query.walk():
        if isinstance(node, Binary) and node.returns_bool and node.operator == "!=":
            limit = bare(node.right)
            if isinstance(bare(node.left), Selector) and isinstance(limit, Number) and limit.value == 0:
                return True
    return False


@check("prom-irate-alert", each=(file_alerts, object_alerts))
def irate_alert(rule: Rule) -> Iterator[Problem]:
    for call in _calls(rule, "irate"):
        said = "irate() sees the last two samples alone: an alert on it comes and goes"
        yield Problem(rule.expression.at(call.start, call.start + len("irate")), said)


@check("prom-rate-of-sum", each=(file_rules, object_rules))
def rate_of_sum(rule: Rule) -> Iterator[Problem]:
    for call in _calls(rule, *COUNTED):
        argument = bare(call.arguments[0])
        inner = bare(argument.of) if isinstance(argument, Subquery) else None
        if isinstance(inner, Aggregation) and inner.operator in ("sum", "avg", "max", "min", "count"):
            said = f"{call.name}() of {inner.operator}() takes the restart of one instance for a jump of them all"
            yield Problem(rule.expression.at(call.start, call.start + len(call.name)), said)
        elif isinstance(argument, Range) and isinstance(argument.of, Selector):
            name = argument.of.metric
            # A recorded sum goes down where one of its parts is restarted: the same.
            if ":" in name and any(f":{part}" in name for part in ("rate", "irate", "increase")):
                said = f"{call.name}() is taken of '{name}', which is a rate already"
                yield Problem(rule.expression.at(call.start, call.start + len(call.name)), said)


@check("prom-raw-counter", each=(file_alerts, object_alerts))
def raw_counter(rule: Rule) -> Iterator[Problem]:
    if rule.expression.dialect or rule.query.tree is None:
        return
    for node in rule.query.walk():
        if not isinstance(node, Binary) or node.operator not in COMPARISONS:
            continue
        for side, other in ((node.left, node.right), (node.right, node.left)):
            plain = bare(side)
            if isinstance(plain, Aggregation) and plain.operator in ("sum", "max", "min", "avg"):
                plain = bare(plain.of)
            if not isinstance(plain, Selector) or not plain.metric.endswith("_total") or plain.offset is not None:
                continue
            limit = bare(other)
            if isinstance(limit, Number) and limit.value > 0:
                said = (
                    f"'{plain.metric}' only ever grows: without rate() or increase() its size says how long it has run"
                )
                yield Problem(rule.expression.at(plain.start, plain.end), said)


@check("prom-quantile-without-le", each=(file_rules, object_rules))
def quantile_without_le(rule: Rule) -> Iterator[Problem]:
    yield from quantiles_without_le(rule)


def quantiles_without_le(rule: Rule) -> Iterator[Problem]:
    for call in _calls(rule, "histogram_quantile"):
        found = without_buckets(call)
        if found is not None:
            node, why = found
            at = rule.expression.at(node.start, node.end)._replace(wanted=QUERY_LANGUAGE)
            yield Problem(at, f"histogram_quantile() gets nothing: {why}")


@check("prom-ratio-per-series", each=(file_rules, object_rules))
def ratio_per_series(rule: Rule) -> Iterator[Problem]:
    if rule.expression.dialect:
        return
    for node in rule.query.walk():
        if isinstance(node, Binary) and (said := divides_by_itself(node)) is not None:
            yield Problem(rule.expression.at(node.start, node.end), said)


@check("prom-absent-labels", each=(file_alerts, object_alerts))
def absent_labels(rule: Rule) -> Iterator[Problem]:
    for call in _calls(rule, "absent", "absent_over_time"):
        argument = bare(call.arguments[0])
        selector = argument.of if isinstance(argument, Range) else argument
        if not isinstance(selector, Selector):
            continue
        for one in selector.matchers:
            if one.operator == "=~" and one.name != "__name__" and "|" in one.value:
                said = f"{call.name}() is silent as long as one of '{one.value}' is there"
                yield Problem(rule.expression.at(one.start, one.end), said)


def _calls(rule: Rule, *names: str) -> Iterator[Call]:
    if rule.expression.dialect:
        return
    for node in rule.query.walk():
        if isinstance(node, Call) and node.name in names and node.arguments:
            yield node
