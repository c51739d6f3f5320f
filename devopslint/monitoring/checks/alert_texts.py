"""The labels and annotations of alerts: templates that Prometheus refuses, and what they read of the alert."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.model import Problem, Related
from devopslint.monitoring.go_template import Use, labels_read
from devopslint.monitoring.objects import object_alerts
from devopslint.monitoring.promql import read_query
from devopslint.monitoring.rules import Rule, file_alerts
from devopslint.monitoring.series import series_of
from devopslint.readers.yaml import Node
from devopslint.registry import check

_READABLE = frozenset(("humanize", "humanize1024", "humanizePercentage", "humanizeDuration", "printf"))
_COMPARING = frozenset(("eq", "ne", "lt", "le", "gt", "ge"))
_TESTING = frozenset(("or", "and"))
_COUNTING = frozenset(("count", "count_values", "group"))


@check("prom-template-syntax", each=(file_alerts, object_alerts))
def template_syntax(rule: Rule) -> Iterator[Problem]:
    for _, key, value in rule.texts:
        template = rule.template(value)
        if template.fault is not None:
            at = value.span(template.fault.start, template.fault.end)
            yield Problem(at, f"'{key.text}' is no template: {template.fault.message}")


@check("prom-failing-template", each=(file_alerts, object_alerts))
def failing_template(rule: Rule) -> Iterator[Problem]:
    for _, key, value in rule.texts:
        template = rule.template(value)
        for fails in template.fails:
            said = f"'{key.text}' cannot be written out: {fails.message}"
            yield Problem(value.span(fails.start, fails.end), said)
        for asked in template.asked:
            fault = read_query(asked.expression).fault
            if fault is not None:
                said = f"'{key.text}' asks what is no PromQL: {fault.message}"
                yield Problem(value.span(asked.start, asked.end), said)


@check("prom-template-label", each=(file_alerts, object_alerts))
def template_label(rule: Rule) -> Iterator[Problem]:
    own = {key.text for key, _ in rule.group.node["labels"].items()}
    for _, key, value in rule.texts:
        lacking: dict[tuple[int, str], list[Use]] = {}
        for use in labels_read(rule.template(value)):
            # What is tested first may well be missing.
            if use.conditional or use.label in own or not _TESTING.isdisjoint(use.functions):
                continue
            one = next((one for one in rule.series if not one.dead and not one.can_have(use.label)), None)
            if one is not None:
                lacking.setdefault((rule.series.index(one), one.why_not(use.label)), []).append(use)
        for (index, why), uses in lacking.items():
            one = rule.series[index]
            names = ", ".join(f"'{use.label}'" for use in uses)
            labels = "the labels" if len(uses) > 1 else "the label"
            at = rule.expression.at(one.start, one.end)
            said = f"'{key.text}' reads {labels} {names}, which the result lacks: {why}"
            yield Problem(value.span(uses[0].start, uses[0].end), said, (Related(at, "the expression"),))
        yield from _asked(rule, key, value)


def _asked(rule: Rule, key: Node, value: Node) -> Iterator[Problem]:
    """Labels that a template reads of a query of its own."""
    for asked in rule.template(value).asked:
        series = [one for one in series_of(read_query(asked.expression)) if not one.dead]
        seen: set[str] = set()
        for label, start, end in asked.labels:
            lacking = next((one for one in series if not one.can_have(label)), None)
            if lacking is not None and label not in seen:
                seen.add(label)
                said = f"'{key.text}' reads the label '{label}', which its query lacks: {lacking.why_not(label)}"
                yield Problem(value.span(start, end), said)


@check("prom-value-in-label", each=(file_alerts, object_alerts))
def value_in_label(rule: Rule) -> Iterator[Problem]:
    for field, key, value in rule.texts:
        if field != "labels":
            continue
        for use in rule.template(value).uses:
            # `{{ if gt $value 0.9 }}` makes a word of it.
            if use.of == "Value" and not (use.conditional and _COMPARING & set(use.functions)):
                said = f"label '{key.text}' holds the value: each new value is another alert, and the old one resolves"
                yield Problem(value.span(use.start, use.end), said)
                break


@check("prom-raw-value", each=(file_alerts, object_alerts))
def raw_value(rule: Rule) -> Iterator[Problem]:
    rates = [one for one in rule.series if one.rate and one.operation not in _COUNTING]
    if not rates:
        return
    for field, key, value in rule.texts:
        if field != "annotations":
            continue
        uses = [use for use in rule.template(value).uses if use.of == "Value"]
        if uses and not any(_READABLE & set(use.functions) for use in uses):
            said = (
                f"'{key.text}' writes the result of {rates[0].rate}() with all its digits: humanize makes it readable"
            )
            yield Problem(value.span(uses[0].start, uses[0].end), said)
