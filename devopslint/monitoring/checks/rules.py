"""Groups of rules: what Prometheus refuses, and what an alert needs before somebody can act on it."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import Problem, Related
from devopslint.monitoring.durations import DurationError, seconds, seconds_of
from devopslint.monitoring.objects import MonitoringObjects, object_alerts, object_groups, object_rules
from devopslint.monitoring.promql import Call, Range, Subquery
from devopslint.monitoring.rules import Group, Rule, RuleFile, file_alerts, file_rules, rule_groups
from devopslint.readers.yaml import Node
from devopslint.registry import check

_GROUP_KEYS = frozenset(("name", "interval", "query_offset", "limit", "rules", "labels"))
_GROUP_KEYS_OF_OBJECTS = _GROUP_KEYS | {"partial_response_strategy"}
_THANOS_KEYS = frozenset(("partial_response_strategy", "evaluation_delay", "source_tenants"))
"""What Thanos and Mimir take in a group, and Prometheus does not."""
_RULE_KEYS = frozenset(("record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"))
_RECORD_ONLY_ALERTS = ("for", "keep_firing_for", "annotations")
_PART = compiled(r"(?i)(?:^|/)templates?/|[-_.]template\.")
_METRIC = compiled(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
_SUMMARIES = ("summary", "description", "message", "title")
_RANKS = compiled(r"(?i)severity|priority|urgency")
"""Labels that say how grave it is by another name: sloth_severity."""
_NOT_FOR_LONG = frozenset(("absent", "absent_over_time", "changes", "resets"))


@check("prom-invalid-rule", each=(file_rules, object_rules))
def invalid_rule(rule: Rule) -> Iterator[Problem]:
    node = rule.node
    if rule.alert.text and rule.record.text:
        yield Problem(rule.record.location, "the rule has both alert and record")
    elif not rule.alert.text and not rule.record.text:
        yield Problem(node.location, "the rule has neither alert nor record")
    if not node["expr"].text and not node["expr"].is_mapping:
        yield Problem(node["expr"].location, f"'{rule.name}' has no expr")
    if rule.record.text and not rule.alert.text:
        for field in _RECORD_ONLY_ALERTS:
            value = node[field]
            zero = field != "annotations" and seconds(value) == 0
            # vmalert has annotations of recording rules, too, and heeds them not.
            if rule.group.foreign and field == "annotations":
                continue
            if value.exists and not zero and (value.present and (not value.is_mapping or len(value))):
                yield Problem(value.key_location, f"'{field}' stands in a rule that records: only an alert has it")
    known = _RULE_KEYS | ({"debug", "update_entries_limit"} if rule.group.foreign else frozenset())
    for key in [key for key, _ in node.items()]:
        if key.text not in known:
            yield Problem(key.location, f"'{key.text}' is no key of a rule{_nearest(key.text, _RULE_KEYS)}")
    for field in ("labels", "annotations"):
        if node[field].present and not node[field].is_mapping:
            yield Problem(node[field].location, f"'{field}' is no mapping of names to texts")


@check("prom-invalid-rule", each=(rule_groups, object_groups))
def invalid_group(group: Group) -> Iterator[Problem]:
    node = group.node
    known = _GROUP_KEYS if not group.place else _GROUP_KEYS_OF_OBJECTS
    if not node["name"].text:
        yield Problem(node.location, "the group has no name")
    for key in [key for key, _ in node.items()]:
        if key.text not in known and key.text not in _THANOS_KEYS and not group.foreign:
            yield Problem(key.location, f"'{key.text}' is no key of a group{_nearest(key.text, _GROUP_KEYS)}")
    rules = node["rules"]
    if rules.present and not rules.is_sequence:
        yield Problem(rules.key_location, "'rules' is no list")
    limit = node["limit"]
    if limit.present and (not isinstance(limit.value, int) or isinstance(limit.value, bool)):
        yield Problem(limit.location, f"the limit '{limit.text}' is no whole number")


def _nearest(word: str, known: frozenset[str]) -> str:
    from difflib import get_close_matches  # only where something is wrong

    near = get_close_matches(word, sorted(known), 1, 0.75)
    return f": '{near[0]}' is" if near else ""


@check("prom-invalid-record-name", each=(file_rules, object_rules))
def invalid_record_name(rule: Rule) -> Iterator[Problem]:
    name = rule.record.text
    if name and ("{" in name or "}" in name):
        yield Problem(rule.record.location, f"'{name}' holds a brace: labels belong to labels, a query to expr")


@check("prom-unlevelled-record", each=(file_rules, object_rules))
def unlevelled_record(rule: Rule) -> Iterator[Problem]:
    name = rule.record.text
    if name and ":" not in name and _METRIC.match(name):
        yield Problem(rule.record.location, f"'{name}' has no level: level:metric:operations tells it from a metric")


@check("prom-invalid-label", each=(file_rules, object_rules))
def invalid_label(rule: Rule) -> Iterator[Problem]:
    yield from _labels(rule.node["labels"])
    for key in [key for key, _ in rule.node["annotations"].items()]:
        if not key.text:
            yield Problem(key.location, "the name of an annotation is empty")


@check("prom-invalid-label", each=(rule_groups, object_groups))
def invalid_group_label(group: Group) -> Iterator[Problem]:
    yield from _labels(group.node["labels"])


def _labels(labels: Node) -> Iterator[Problem]:
    for key in [key for key, _ in labels.items()]:
        if key.text == "__name__":
            yield Problem(key.location, "'__name__' is the name of the metric: no rule may set it as a label")
        elif not key.text:
            yield Problem(key.location, "the name of a label is empty")


@check("prom-invalid-duration", each=(file_rules, object_rules))
def invalid_rule_duration(rule: Rule) -> Iterator[Problem]:
    for field in ("for", "keep_firing_for"):
        yield from _duration(rule.node[field], field)


@check("prom-invalid-duration", each=(rule_groups, object_groups))
def invalid_group_duration(group: Group) -> Iterator[Problem]:
    for field in ("interval", "query_offset"):
        yield from _duration(group.node[field], field)


def _duration(node: Node, field: str) -> Iterator[Problem]:
    if not node.present or "{{" in node.text or "$" in node.text:
        return
    if not node.is_scalar:
        yield Problem(node.key_location, f"'{field}' is no duration")
        return
    try:
        seconds_of(node.text)
    except DurationError as error:
        yield Problem(node.location, f"{field} '{node.text}' {error}")


@check("prom-zero-for", each=(file_alerts, object_alerts))
def zero_for(rule: Rule) -> Iterator[Problem]:
    for field in ("for", "keep_firing_for"):
        node = rule.node[field]
        if node.present and seconds(node) == 0:
            yield Problem(node.location, f"{field} is 0, as it is where it is not written")


@check("prom-missing-for", each=(file_alerts, object_alerts))
def missing_for(rule: Rule) -> Iterator[Problem]:
    held = any((seconds(rule.node[field]) or 0) > 0 for field in ("for", "keep_firing_for"))
    unread = any(rule.node[field].present and seconds(rule.node[field]) is None for field in ("for", "keep_firing_for"))
    query = rule.query
    if held or unread or rule.watchdog or query.tree is None:
        return
    for node in query.walk():
        if isinstance(node, Call) and node.name in _NOT_FOR_LONG:
            return
        if isinstance(node, Call) and (node.name == "increase" or node.name.endswith("_over_time")):
            length = node.arguments[-1] if node.arguments else None
            if isinstance(length, Range | Subquery) and (length.length.seconds or 300) >= 300:
                return
    yield Problem(rule.alert.location, f"alert '{rule.name}' fires at its first evaluation: it has no for")


@check("prom-missing-severity", each=(file_alerts, object_alerts))
def missing_severity(rule: Rule) -> Iterator[Problem]:
    labels = rule.node["labels"]
    ranked = any(_RANKS.search(key.text) for where in (labels, rule.group.node["labels"]) for key, _ in where.items())
    if not rule.severity.text and not ranked and not rule.watchdog:
        at = labels.key_location if labels.exists else rule.alert.location
        yield Problem(at._replace(missing=True, wanted="severity"), f"alert '{rule.name}' has no severity")


@check("prom-missing-summary", each=(file_alerts, object_alerts))
def missing_summary(rule: Rule) -> Iterator[Problem]:
    texts = [*rule.node["annotations"].items(), *rule.node["labels"].items()]  # receivers show labels as well
    said = any(any(word in key.text.lower() for word in _SUMMARIES) and value.text for key, value in texts)
    if not said and not rule.watchdog:
        yield Problem(rule.alert.location, f"alert '{rule.name}' says nothing: no summary and no description")


@check("prom-large-group", each=(rule_groups, object_groups))
def large_group(group: Group, *, most: int) -> Iterator[Problem]:
    count = len(group.node["rules"])
    if count > most:
        said = f"group '{group.name}' evaluates {count} rules one after the other, more than {most}"
        yield Problem(group.location, said)


def _sets(file: RuleFile) -> list[list[Group]]:
    return [file.groups]


def _object_sets(view: MonitoringObjects) -> list[list[Group]]:
    held: dict[str, list[Group]] = {}
    for group in view.groups:
        held.setdefault(group.place, []).append(group)
    return list(held.values())


@check("prom-duplicate-group", each=(_sets, _object_sets))
def duplicate_group(groups: list[Group]) -> Iterator[Problem]:
    first: dict[str, Group] = {}
    for group in groups:
        if group.name in first and group.name:
            other = Related(first[group.name].location, "the first group of that name")
            yield Problem(group.location, f"group '{group.name}' is there twice in one file", (other,))
        else:
            first[group.name] = group


@check("prom-duplicate-rule", each=(_sets, _object_sets))
def duplicate_rule(groups: list[Group]) -> Iterator[Problem]:
    seen: dict[tuple[object, ...], Rule] = {}
    for rule in (rule for group in groups for rule in group.rules):
        if not rule.name:
            continue
        key = (rule.alerts, rule.name, _told(rule), " ".join(rule.expression.text.split()))
        if key in seen:
            other = Related(seen[key].location, "the same rule")
            yield Problem(rule.location, f"'{rule.name}' is there twice with the same labels and expression", (other,))
        else:
            seen[key] = rule


@check("prom-conflicting-record", each=(_sets, _object_sets))
def conflicting_record(groups: list[Group]) -> Iterator[Problem]:
    seen: dict[tuple[object, ...], Rule] = {}
    for rule in (rule for group in groups for rule in group.rules):
        if not rule.record.text or rule.alerts:
            continue
        key = (rule.name, _told(rule))
        other = seen.setdefault(key, rule)
        if other is rule or " ".join(other.expression.text.split()) == " ".join(rule.expression.text.split()):
            continue
        if _tells_apart(other) & _tells_apart(rule) or _disjoint(other, rule):
            continue
        said = f"'{rule.name}' is recorded by another expression too, with the same labels"
        yield Problem(rule.location, said, (Related(other.location, "the other expression"),))


def _told(rule: Rule) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key.text, value.text) for key, value in rule.node["labels"].items()))


def _tells_apart(rule: Rule) -> set[str]:
    """Labels that an expression writes itself: by them two rules of one name give different series."""
    found: set[str] = set()
    for node in rule.query.walk():
        if isinstance(node, Call) and node.name in ("label_replace", "label_join") and len(node.arguments) > 1:
            found.add(getattr(node.arguments[1], "value", ""))
    return found


def _disjoint(one: Rule, other: Rule) -> bool:
    """Whether the expressions read different series: different metrics, or other values of a label."""
    return _read_by(one) != _read_by(other)


def _read_by(rule: Rule) -> set[tuple[object, ...]]:
    found: set[tuple[object, ...]] = set()
    for node in rule.query.walk():
        matchers = getattr(node, "matchers", None)
        if matchers is not None:
            found.add((node.metric, *sorted((one.name, one.operator, one.value) for one in matchers)))  # type: ignore[union-attr]
    return found


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
    if _PART.search(file.path):
        return  # other files are made of it
    if file.readable and groups.exists and not any(len(group["rules"]) for group in groups):
        yield Problem(groups.key_location, "the file holds no rule: promtool says SUCCESS of it all the same")
