"""Alertmanager's configuration: what it refuses, and alerts that reach nobody."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.model import Problem, Related
from devopslint.monitoring.alertmanager import Alertmanager, AlertMatcher, Route, file_configurations, read_matchers
from devopslint.monitoring.configuration import literal
from devopslint.monitoring.objects import object_configurations
from devopslint.readers.yaml import Node
from devopslint.registry import check
from devopslint.secrets.judgement import is_evident

_EACH = (file_configurations, object_configurations)
_SECRETS = (
    "slack_api_url",
    "api_url",
    "routing_key",
    "service_key",
    "api_key",
    "bot_token",
    "opsgenie_api_key",
    "victorops_api_key",
    "smtp_auth_password",
    "auth_password",
    "password",
    "token",
    "user_key",
    "api_secret",
    "credentials",
    "webhook_url",
)
_ONE_CHARACTER = compiled(r"([A-Za-z0-9])\1{15}")
_SECRET_URLS = ("hooks.slack.com", "webhook.office.com", "discord.com/api/webhooks", "/hooks/")


def _complaints(one: Alertmanager, *kinds: str) -> Iterator[Problem]:
    for complaint in one.complaints:
        if complaint.kind in kinds:
            yield Problem(complaint.location, complaint.message)


@check("alert-invalid-configuration", each=_EACH)
def invalid_configuration(one: Alertmanager) -> Iterator[Problem]:
    yield from _complaints(one, "configuration", "unknown", "type", "root", "default")


@check("alert-undefined-receiver", each=_EACH)
def undefined_receiver(one: Alertmanager) -> Iterator[Problem]:
    yield from _complaints(one, "receiver")
    if one.camel:
        for route in one.route.walk():
            name = route.node["receiver"]
            if name.text and name.text not in one.receivers:
                yield Problem(name.location, f"the receiver '{name.text}' is nowhere")


@check("alert-duplicate-receiver", each=_EACH)
def duplicate_receiver(one: Alertmanager) -> Iterator[Problem]:
    yield from _complaints(one, "duplicate")
    if one.camel:
        seen: set[str] = set()
        for receiver in one.node["receivers"]:
            name = receiver["name"]
            if name.text in seen:
                yield Problem(name.location, f"the receiver '{name.text}' is there twice")
            seen.add(name.text)


@check("alert-undefined-interval", each=_EACH)
def undefined_interval(one: Alertmanager) -> Iterator[Problem]:
    yield from _complaints(one, "interval")
    if one.camel:
        for route in one.route.walk():
            for key in ("muteTimeIntervals", "activeTimeIntervals"):
                for interval in route.node[key].strings():
                    if interval.text not in one.intervals:
                        yield Problem(interval.location, f"the interval of time '{interval.text}' is nowhere")


@check("alert-missing-global", each=_EACH)
def missing_global(one: Alertmanager) -> Iterator[Problem]:
    yield from _complaints(one, "global")


@check("alert-unused-receiver", each=_EACH)
def unused_receiver(one: Alertmanager) -> Iterator[Problem]:
    if not one.node["route"].is_mapping:
        return
    used = {route.node["receiver"].text for route in one.route.walk()}
    if any("$" in name or "{{" in name for name in used):
        return
    for name, node in one.receivers.items():
        if name not in used and one.integrations(name):
            yield Problem(node["name"].location, f"no route leads to the receiver '{name}'")


@check("alert-unreachable-route", each=_EACH)
def unreachable_route(one: Alertmanager) -> Iterator[Problem]:
    for route in one.route.walk() if one.node["route"].is_mapping else ():
        taken: Route | None = None
        for child in route.routes:
            if taken is not None:
                said = f"this route gets nothing: the one in line {taken.location.line} takes everything before it"
                yield Problem(child.location, said, (Related(taken.location, "the route that takes everything"),))
                break
            if _takes_everything(child) and not child.continues:
                taken = child


def _takes_everything(route: Route) -> bool:
    if any(len(route.node[key]) and not route.matchers for key in ("match", "match_re", "matchers")):
        return False
    if any(len(route.node[key]) for key in ("mute_time_intervals", "active_time_intervals")):
        return False  # at other times it takes nothing
    return all(matcher.operator == "=~" and matcher.value == ".*" for matcher in route.matchers)


@check("alert-glob-matcher", each=_EACH)
def glob_matcher(one: Alertmanager) -> Iterator[Problem]:
    for matcher in _matchers(one):
        if matcher.operator in ("=", "!=") and matcher.value in ("*", ".*", ".+"):
            said = f'{matcher.name}{matcher.operator}"{matcher.value}" means these very characters: any value is =~".+"'
            yield Problem(matcher.location, said)
        elif matcher.operator in ("=", "!=") and matcher.value.endswith("*") and len(matcher.value) > 1:
            said = f"{matcher.name}{matcher.operator}\"{matcher.value}\" means the character '*': what begins so is =~"
            yield Problem(matcher.location, said)


def _matchers(one: Alertmanager) -> Iterator[AlertMatcher]:
    for route in one.route.walk() if one.node["route"].is_mapping else ():
        yield from route.matchers
    for rule in one.node["inhibit_rules"]:
        for side in ("source", "target"):
            yield from side_of(rule, side)


def side_of(rule: Node, side: str) -> list[AlertMatcher]:
    """What an inhibition asks of one side."""
    found: list[AlertMatcher] = []
    for key, operator in ((f"{side}_match", "="), (f"{side}_match_re", "=~")):
        for name, value in rule[key].items():
            found.append(AlertMatcher(name.text, operator, value.text, value.location))
    for line in rule[f"{side}_matchers"].strings():
        found += read_matchers(line.text, line)[0]
    return found


@check("alert-deprecated-match", each=_EACH)
def deprecated_match(one: Alertmanager) -> Iterator[Problem]:
    first = next(
        (route.node[key] for route in one.route.walk() for key in ("match", "match_re") if len(route.node[key])), None
    )
    if first is not None and first.key is not None and not one.camel:
        yield Problem(first.key_location, f"'{first.key.text}' is deprecated: 'matchers' says the same")


@check("alert-inhibits-itself", each=_EACH)
def inhibits_itself(one: Alertmanager) -> Iterator[Problem]:
    for rule in one.node["inhibit_rules"]:
        if not rule.is_mapping or len(rule["equal"]):
            continue
        source, target = side_of(rule, "source"), side_of(rule, "target")
        if not source or not target:
            continue
        if {one[:3] for one in target} <= {one[:3] for one in source}:
            said = "the alerts that silence are silenced alike, and all at once: 'equal' is empty"
            yield Problem(rule.location, said)


@check("alert-written-secret", each=_EACH)
def written_secret(one: Alertmanager) -> Iterator[Problem]:
    if one.place.startswith("Secret"):
        return  # that is where secrets belong
    for node in one.node.walk():
        for key, value in node.items():
            if key.text not in _SECRETS or not literal(value):
                continue
            if "url" in key.text and not any(part in value.text for part in _SECRET_URLS):
                continue
            if _ONE_CHARACTER.search(value.text):
                continue  # in the place of a token
            said = f"'{key.text}' is written out: '{key.text}_file' reads it from a file"
            yield Problem(value.location, said, certain="url" in key.text or is_evident(value.text))
