"""Alertmanager: who is told of which alerts, in its own file, in a Secret, and in AlertmanagerConfig objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from devopslint.deferred import NamedTuple, cached_property, compiled, dataclass
from devopslint.kubernetes.unapplied import tests_around
from devopslint.model import Location
from devopslint.monitoring.configuration import (
    CLIENT,
    Complaint,
    Configuration,
    Validator,
    among,
    exclusive,
    given,
    http_client,
    one_of,
    open_value,
    required,
    url_refused,
)
from devopslint.monitoring.durations import DurationError, seconds_of
from devopslint.monitoring.re2 import fault_when_anchored
from devopslint.monitoring.summaries import NamespaceMatch, PagingSummary
from devopslint.readers.yaml import Node
from devopslint.readers.yaml_dialects import GO, Dialect
from devopslint.readers.yaml_file import YamlFile

_MATCHER = compiled(
    r"\s*(?P<name>\"(?:[^\"\\]|\\.)*\"|[^\s{}!=~,\\\"'`]+)\s*(?P<operator>=~|!~|!=|=)\s*(?P<value>.*?)\s*\Z", re.DOTALL
)
_LABEL = compiled(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_PARTS = compiled(r"\"(?:[^\"\\]|\\.)*\"|[^,\"]+|,|\"")
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_TIME = compiled(r"(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)\Z")
SEVERITIES = ("critical", "page", "warning", "info", "error", "high", "major", "emergency", "fatal", "p1", "s1", "sev1")


class AlertMatcher(NamedTuple):
    """What a route asks of a label."""

    name: str
    operator: str
    value: str
    location: Location
    given: bool = True

    def matches(self, labels: Mapping[str, str]) -> bool | None:
        """Whether an alert with these labels meets it; None where the label is not known."""
        if self.name not in labels:
            return None
        value = labels[self.name]
        if self.operator in ("=", "!="):
            return (value == self.value) == (self.operator == "=")
        if fault_when_anchored(self.value) is not None:
            return None
        try:
            return (re.fullmatch(self.value, value) is not None) == (self.operator == "=~")
        except (re.error, RecursionError):
            return None


def read_matchers(text: str, at: Node) -> tuple[list[AlertMatcher], str]:
    """The matchers of `severity="page", team=~"a|b"`, and what is wrong with the text; empty where nothing is."""
    body = text.strip()
    if body.startswith("{") and body.endswith("}"):
        body = body[1:-1]
    found: list[AlertMatcher] = []
    for part in _split(body):
        read = _MATCHER.match(part)
        if read is None:
            return found, f"'{part.strip()}' is no matcher like severity=\"critical\""
        value = read["value"]
        if value.startswith('"'):
            if len(value) < 2 or not value.endswith('"'):
                return found, f"the value of '{read['name']}' is not closed"
            value = re.sub(r"\\(.)", lambda one: {"n": "\n"}.get(one[1], one[1]), value[1:-1])
        elif '"' in value:
            return found, f"the value of '{read['name']}' holds a quote"
        if read["operator"] in ("=~", "!~") and (fault := fault_when_anchored(value)) is not None:
            return found, f"the regular expression of '{read['name']}' is refused: {fault[1]}"
        found.append(AlertMatcher(read["name"].strip('"'), read["operator"], value, at.location))
    return found, ""


def _split(text: str) -> list[str]:
    parts, current = [], ""
    for piece in _PARTS.findall(text):
        if piece == ",":
            parts.append(current)
            current = ""
        else:
            current += piece
    if current.strip() or not parts:
        parts.append(current)
    return [part for part in parts if part.strip()]


@dataclass(frozen=True)
class Route:
    """A route: what it takes, and where that goes."""

    node: Node
    receiver: str
    """Its own, or that of the route around it."""
    depth: int
    camel: bool = False

    @property
    def continues(self) -> bool:
        return self.node["continue"].value is True

    @property
    def location(self) -> Location:
        return self.node.location

    @cached_property
    def routes(self) -> list[Route]:
        found = []
        for node in self.node["routes"]:
            if node.is_mapping:
                found.append(Route(node, node["receiver"].text or self.receiver, self.depth + 1, self.camel))
        return found

    @cached_property
    def matchers(self) -> list[AlertMatcher]:
        found: list[AlertMatcher] = []
        for key, operator in (("match", "="), ("match_re", "=~")):
            for name, value in self.node[key].items():
                found.append(AlertMatcher(name.text, operator, value.text, value.location))
        for one in self.node["matchers"]:
            if one.is_mapping:  # of an AlertmanagerConfig
                kind = one["matchType"].text or ("=~" if one["regex"].value is True else "=")
                found.append(AlertMatcher(one["name"].text, kind, one["value"].text, one["value"].location))
            elif one.text:
                found += read_matchers(one.text, one)[0]
        return found

    def walk(self) -> Iterator[Route]:
        yield self
        for route in self.routes:
            yield from route.walk()

    def receivers_for(self, labels: Mapping[str, str]) -> set[str]:
        """The receivers that an alert with these labels may reach; what is not known of it is taken for met."""
        found: set[str] = set()
        certain = False
        for route in self.routes:
            answers = [matcher.matches(labels) for matcher in route.matchers]
            if False in answers:
                continue
            found |= route.receivers_for(labels)
            if None not in answers and not route.continues:
                certain = True
                break
            certain = certain or (None not in answers)
        return found if certain else found | {self.receiver}


@dataclass(frozen=True)
class Alertmanager:
    """One configuration of Alertmanager."""

    node: Node
    place: str
    camel: bool = False
    """Whether it is an AlertmanagerConfig, whose keys are written in another way."""
    namespace: str = ""

    @property
    def label(self) -> str:
        return self.place or "alertmanager.yml"

    @property
    def location(self) -> Location:
        return self.node.location

    @cached_property
    def complaints(self) -> list[Complaint]:
        """What amtool refuses; an AlertmanagerConfig is checked by its own schema."""
        if self.camel:
            return []
        return list(dict.fromkeys(Configuration("alertmanager", VALIDATORS).complaints(self.node)))

    @property
    def route(self) -> Route:
        node = self.node["route"]
        return Route(node, node["receiver"].text, 0, self.camel)

    @cached_property
    def receivers(self) -> dict[str, Node]:
        return {one["name"].text: one for one in self.node["receivers"] if one["name"].text}

    def integrations(self, receiver: str) -> list[str]:
        """By what a receiver is told: pagerduty, slack, email."""
        node = self.receivers.get(receiver)
        if node is None:
            return []
        ending = "Configs" if self.camel else "_configs"
        found = []
        for key, value in node.items():
            if key.text.endswith(ending) and (len(value) or open_value(value)):
                found.append(key.text.removesuffix(ending).lower())
        return found

    @property
    def intervals(self) -> set[str]:
        keys = ("mute_time_intervals", "time_intervals", "muteTimeIntervals")
        return {one["name"].text for key in keys for one in self.node[key]}


_SLACK_APP_URL = "https://slack.com/api/chat.postMessage"


def _config(node: Node) -> Iterator[Complaint]:
    general = node["global"]
    for first, second in (
        ("slack_app_token", "slack_app_token_file"),
        ("slack_api_url", "slack_api_url_file"),
        ("opsgenie_api_key", "opsgenie_api_key_file"),
        ("victorops_api_key", "victorops_api_key_file"),
        ("telegram_bot_token", "telegram_bot_token_file"),
        ("smtp_auth_password", "smtp_auth_password_file"),
        ("smtp_auth_secret", "smtp_auth_secret_file"),
        ("rocketchat_token", "rocketchat_token_file"),
        ("rocketchat_token_id", "rocketchat_token_id_file"),
        ("wechat_api_secret", "wechat_api_secret_file"),
        ("mattermost_webhook_url", "mattermost_webhook_url_file"),
    ):
        yield from exclusive(general, first, second)
    tokens = [key for key in ("slack_app_token", "slack_app_token_file") if given(general, key)]
    urls = [key for key in ("slack_api_url", "slack_api_url_file") if given(general, key)]
    if tokens and urls and general["slack_api_url"].text != (general["slack_app_url"].text or _SLACK_APP_URL):
        yield from exclusive(general, tokens[0], urls[0])
    names: set[str] = set()
    for receiver in node["receivers"]:
        name = receiver["name"]
        if name.text in names and name.text:
            yield Complaint(name.location, f"the receiver '{name.text}' is there twice", "duplicate")
        names.add(name.text)
        yield from _receiver_in(receiver, general)
    route = node["route"]
    if not route.is_mapping:
        at = route.key_location if route.exists else node.location
        yield Complaint(at, "there is no route", "default")
        return
    yield from _root(route)
    seen: set[str] = set()
    for key in ("mute_time_intervals", "time_intervals"):
        for interval in node[key]:
            name = interval["name"]
            if not name.text:
                yield Complaint(name.location, "an interval of time has no name", "interval")
            elif name.text in seen:
                yield Complaint(name.location, f"the interval of time '{name.text}' is there twice", "duplicate")
            seen.add(name.text)
    yield from _references(route, names, seen)


def _root(route: Node) -> Iterator[Complaint]:
    if not route["receiver"].text:
        at = route["receiver"]
        yield Complaint(at.location, "the route at the top names no receiver", "default")
    for key in ("match", "match_re", "matchers"):
        if len(route[key]):
            said = f"the route at the top has '{key}': it takes what no other route does, so it asks for nothing"
            yield Complaint(route[key].key_location, said, "root")
    for key in ("mute_time_intervals", "active_time_intervals"):
        if len(route[key]):
            yield Complaint(route[key].key_location, f"the route at the top has '{key}'", "interval")
    if route["continue"].value is True:
        yield Complaint(route["continue"].key_location, "the route at the top continues: there is nothing behind it")


def _references(route: Node, receivers: set[str], intervals: set[str]) -> Iterator[Complaint]:
    pending = [route]
    while pending:
        one = pending.pop()
        name = one["receiver"]
        if name.text and name.text not in receivers and not open_value(name):
            yield Complaint(name.location, f"the receiver '{name.text}' is nowhere", "receiver")
        for key in ("mute_time_intervals", "active_time_intervals"):
            for interval in one[key].strings():
                if interval.text not in intervals and not open_value(interval):
                    said = f"the interval of time '{interval.text}' is nowhere"
                    yield Complaint(interval.location, said, "interval")
        pending.extend(child for child in one["routes"] if child.is_mapping)


def _missing(
    node: Node, general: Node, own: tuple[str, ...], others: tuple[str, ...], said: str
) -> Iterator[Complaint]:
    """A complaint where neither an integration nor the global part gives what it needs."""
    if any(node.has(key) for key in own if key.endswith("url")):
        return  # an empty one is said to be none
    if not any(given(node, key) for key in own) and not any(given(general, key) for key in others):
        yield Complaint(node.location, f"{said}: set '{own[0]}' here, or '{others[0]}' under global", "global")


def _receiver_in(receiver: Node, general: Node) -> Iterator[Complaint]:
    for key, value in receiver.items():
        if key.text.endswith("_configs"):
            for one in value:
                nothing = one.is_scalar and not one.present
                if nothing and key.text not in (
                    "slack_configs",
                    "opsgenie_configs",
                    "wechat_configs",
                    "victorops_configs",
                ):
                    yield Complaint(key.location, f"an entry of '{key.text}' is empty")
    for one in receiver["email_configs"]:
        if one.is_mapping:
            yield from _missing(one, general, ("smarthost",), ("smtp_smarthost",), "there is no server to send mail by")
            yield from _missing(one, general, ("from",), ("smtp_from",), "there is no sender of the mail")
    for one in receiver["slack_configs"]:
        own = ("api_url", "api_url_file", "app_token", "app_token_file")
        others = ("slack_api_url", "slack_api_url_file", "slack_app_token", "slack_app_token_file")
        yield from _missing(one, general, own, others, "Slack is reached by no URL and no token")
        if one["update_message"].value is True or one["post_updates_to_thread"].value is True:
            yield from _updated(one, general)
    for one in receiver["opsgenie_configs"]:
        keys = ("opsgenie_api_key", "opsgenie_api_key_file")
        yield from _missing(one, general, ("api_key", "api_key_file"), keys, "Opsgenie is given no key")
    for one in receiver["victorops_configs"]:
        keys = ("victorops_api_key", "victorops_api_key_file")
        yield from _missing(one, general, ("api_key", "api_key_file"), keys, "VictorOps is given no key")
    for one in receiver["telegram_configs"]:
        keys = ("telegram_bot_token", "telegram_bot_token_file")
        yield from _missing(one, general, ("bot_token", "bot_token_file"), keys, "Telegram is given no token")
    for one in receiver["wechat_configs"]:
        keys = ("wechat_api_secret", "wechat_api_secret_file")
        yield from _missing(one, general, ("api_secret", "api_secret_file"), keys, "WeChat is given no secret")
        yield from _missing(one, general, ("corp_id",), ("wechat_api_corp_id",), "WeChat is given no corp_id")
    for one in receiver["jira_configs"]:
        yield from _missing(one, general, ("api_url",), ("jira_api_url",), "Jira is reached by no URL")
    for one in receiver["rocketchat_configs"]:
        for name in ("token", "token_id"):
            keys = (f"rocketchat_{name}", f"rocketchat_{name}_file")
            yield from _missing(one, general, (name, f"{name}_file"), keys, f"Rocket.Chat is given no {name}")
    for one in receiver["mattermost_configs"]:
        keys = ("mattermost_webhook_url", "mattermost_webhook_url_file")
        yield from _missing(one, general, ("webhook_url", "webhook_url_file"), keys, "Mattermost is reached by no URL")


def _updated(node: Node, general: Node) -> Iterator[Complaint]:
    """A message can be changed by Slack's API alone, which is known by its address."""
    key = "update_message" if node["update_message"].value is True else "post_updates_to_thread"
    tokens = (
        *(given(node, k) for k in ("app_token", "app_token_file")),
        *(given(general, k) for k in ("slack_app_token", "slack_app_token_file")),
    )
    own = node["api_url"].text or ("" if given(node, "api_url_file") else general["slack_api_url"].text)
    if not any(tokens) and own.rstrip("/") != "https://slack.com/api/chat.postMessage":
        yield Complaint(node[key].key_location, f"'{key}' needs the address https://slack.com/api/chat.postMessage")


def _route(node: Node) -> Iterator[Complaint]:
    labels = node["group_by"].strings()
    seen: set[str] = set()
    for one in labels:
        if one.text in seen:
            yield Complaint(one.location, f"the label '{one.text}' is there twice in 'group_by'")
        seen.add(one.text)
        if not one.text:
            yield Complaint(one.location, "a label in 'group_by' is empty")
    if "..." in seen and len(seen) > 1:
        at = next(one for one in labels if one.text == "...")
        yield Complaint(at.location, "'...' stands beside other labels in 'group_by': it means them all")
    for key in ("group_interval", "repeat_interval"):
        if node[key].text and _seconds(node[key]) == 0:
            yield Complaint(node[key].location, f"'{key}' is 0")
    yield from _matched(node, "match", "match_re", "matchers")


def _matched(node: Node, plain: str, regular: str, lines: str) -> Iterator[Complaint]:
    for key in (plain, regular):
        for name, value in node[key].items():
            if not _LABEL.match(name.text):
                yield Complaint(name.location, f"'{name.text}' is no name of a label")
            elif key == regular and value.is_scalar and not value.present:
                yield Complaint(name.location, f"'{name.text}' is given no regular expression")
    for one in node[lines].strings():
        if not open_value(one):
            _, why = read_matchers(one.text, one)
            if why:
                yield Complaint(one.location, why)


def _inhibits(node: Node) -> Iterator[Complaint]:
    for side in ("source", "target"):
        yield from _matched(node, f"{side}_match", f"{side}_match_re", f"{side}_matchers")


def _seconds(node: Node) -> float | None:
    try:
        return seconds_of(node.text)
    except DurationError:
        return None


def _receiver(node: Node) -> Iterator[Complaint]:
    if not node["name"].text:
        yield Complaint(node["name"].location, "a receiver has no name")
    label = node["labels"]["name"]
    if label.text and label.text != node["name"].text:
        yield Complaint(label.location, f"the label 'name' is '{label.text}', and the receiver's name is another")


def _times(node: Node) -> Iterator[Complaint]:
    for key in ("start_time", "end_time"):
        value = node[key]
        if not value.text:
            yield Complaint(value.location, f"'{key}' is missing")
        elif not _TIME.match(value.text):
            yield Complaint(value.location, f"'{value.text}' is no time of a day like 09:00")
    start, end = node["start_time"].text, node["end_time"].text
    if _TIME.match(start) and _TIME.match(end) and start >= end:
        yield Complaint(node["start_time"].location, f"the time from {start} to {end} ends before it begins")


def _interval(node: Node) -> Iterator[Complaint]:
    for key, words, lowest, highest in (
        ("weekdays", _DAYS, 0, 6),
        ("months", _MONTHS, 1, 12),
        ("days_of_month", (), -31, 31),
        ("years", (), None, None),
    ):
        for one in node[key].strings():
            if not open_value(one) and (why := _range(one.text, words, lowest, highest, key)):
                yield Complaint(one.location, f"'{one.text}' {why}")


def _range(text: str, words: tuple[str, ...], lowest: int | None, highest: int | None, key: str) -> str:
    bounds = []
    for part in text.lower().split(":"):
        part = part.strip()
        if part in words:
            bounds.append(words.index(part) + (key == "months"))
        elif re.fullmatch(r"-?[0-9]{1,4}", part) and key != "weekdays":
            bounds.append(int(part))
        else:
            return f"is no range of {key}"
    if len(bounds) > 2:
        return f"is no range of {key}"
    if lowest is not None and any(not lowest <= bound <= (highest or 0) for bound in bounds):
        return "is out of range"
    if key == "days_of_month":
        if 0 in bounds:
            return "is out of range"
        if len(bounds) == 2 and bounds[0] < 0 < bounds[1]:
            return "ends at the begin of a month, and begins at its end"
    normal = [bound if bound > 0 or key != "days_of_month" else 28 + bound for bound in bounds]
    return "ends before it begins" if len(normal) == 2 and normal[0] > normal[1] else ""


def _one_url(first: str) -> Validator:
    return lambda node: one_of(node, first, f"{first}_file")


def _pagerduty(node: Node) -> Iterator[Complaint]:
    keys = ("routing_key", "service_key", "routing_key_file", "service_key_file")
    if not any(given(node, key) for key in keys):
        yield Complaint(node["routing_key"].location, "'routing_key' or 'service_key' is missing")
    yield from exclusive(node, "routing_key", "routing_key_file")
    yield from exclusive(node, "service_key", "service_key_file")


def _slack(node: Node) -> Iterator[Complaint]:
    yield from exclusive(node, "api_url", "api_url_file")
    yield from exclusive(node, "app_token", "app_token_file")
    url = next((key for key in ("api_url", "api_url_file") if given(node, key)), None)
    token = next((key for key in ("app_token", "app_token_file") if given(node, key)), None)
    if url is not None and token is not None:
        yield from exclusive(node, url, token)
    if token is not None and node["http_config"]["authorization"].present:
        yield Complaint(node["http_config"].key_location, f"'authorization' stands beside '{token}'")


def _opsgenie(node: Node) -> Iterator[Complaint]:
    yield from exclusive(node, "api_key", "api_key_file")
    for one in node["responders"]:
        if not any(given(one, key) for key in ("id", "username", "name")):
            yield Complaint(one.location, "a responder has neither id, username nor name")
        kind = one["type"]
        if kind.text.lower() not in ("team", "teams", "user", "escalation", "schedule") and "{{" not in kind.text:
            yield Complaint(kind.location, f"'{kind.text}' is no type of responder")


def _victorops(node: Node) -> Iterator[Complaint]:
    yield from required(node, "routing_key")
    yield from exclusive(node, "api_key", "api_key_file")
    fixed = (
        "routing_key",
        "message_type",
        "state_message",
        "entity_display_name",
        "monitoring_tool",
        "entity_id",
        "entity_state",
    )
    for key in [key for key, _ in node["custom_fields"].items()]:
        if key.text in fixed:
            yield Complaint(key.location, f"'{key.text}' is no field of one's own")


def _telegram(node: Node) -> Iterator[Complaint]:
    yield from exclusive(node, "bot_token", "bot_token_file")
    yield from one_of(node, "chat_id", "chat_id_file")
    yield from among(node, "parse_mode", "Markdown", "MarkdownV2", "HTML", default="")


def _pushover(node: Node) -> Iterator[Complaint]:
    yield from one_of(node, "user_key", "user_key_file")
    yield from one_of(node, "token", "token_file")
    if node["html"].value is True and node["monospace"].value is True:
        yield from exclusive(node, "html", "monospace")


def _email(node: Node) -> Iterator[Complaint]:
    yield from required(node, "to")
    seen: set[str] = set()
    for key in [key for key, _ in node["headers"].items()]:
        if key.text.lower() in seen:
            yield Complaint(key.location, f"the header '{key.text}' is there twice")
        seen.add(key.text.lower())
    host = node["smarthost"]
    if host.text and not open_value(host) and not re.search(r":[^:\]]+\Z", host.text):
        yield Complaint(host.location, f"'{host.text}' names no port")
    if node["threading"]["enabled"].value is True:
        yield from among(node["threading"], "thread_by_date", "none", "daily", default="")
        for header in sorted({"references", "in-reply-to"} & seen):
            yield Complaint(node["headers"].key_location, f"the header '{header}' is that of threads")


def _webex(node: Node) -> Iterator[Complaint]:
    yield from required(node, "room_id")
    if not node["http_config"]["authorization"].present:
        yield Complaint(node["http_config"].location, "'authorization' is missing in 'http_config'")


def _jira(node: Node) -> Iterator[Complaint]:
    yield from required(node, "project", "issue_type")
    yield from among(node, "api_type", "auto", "cloud", "datacenter", default="auto")


def _sns(node: Node) -> Iterator[Complaint]:
    # As its own check has it: of the three, one or all.
    count = sum(given(node, key) for key in ("target_arn", "topic_arn", "phone_number"))
    if count not in (1, 3):
        yield Complaint(node["topic_arn"].location, "one of 'topic_arn', 'target_arn' and 'phone_number' is wanted")


def _incidentio(node: Node) -> Iterator[Complaint]:
    yield from one_of(node, "url", "url_file")
    yield from exclusive(node, "alert_source_token", "alert_source_token_file")
    token = next((key for key in ("alert_source_token", "alert_source_token_file") if given(node, key)), None)
    authorized = node["http_config"]["authorization"].present
    if token is not None and authorized:
        yield Complaint(node[token].key_location, f"'{token}' stands beside 'authorization'")
    if token is None and not authorized and node["http_config"].present:
        yield Complaint(node.location, "'alert_source_token' is missing")


def _fields(*keys: str) -> Validator:
    return lambda node: required(node, *keys)


def _action(node: Node) -> Iterator[Complaint]:
    yield from required(node, "type", "text")
    if not given(node, "url") and not given(node, "name"):
        yield Complaint(node.location, "'name' or 'url' is missing")


def _wechat(node: Node) -> Iterator[Complaint]:
    yield from among(node, "message_type", "text", "markdown", default="text")
    yield from exclusive(node, "api_secret", "api_secret_file")


def _webhook(node: Node) -> Iterator[Complaint]:
    yield from one_of(node, "url", "url_file")
    url = node["url"]
    if url.text and "{{" not in url.text and not open_value(url) and (why := url_refused(url.text, True)):
        yield Complaint(url.location, f"'url' {why}")


def _tokens(*keys: str) -> Validator:
    def validate(node: Node) -> Iterator[Complaint]:
        for key in keys:
            yield from exclusive(node, key, f"{key}_file")

    return validate


def _sigv4(node: Node) -> Iterator[Complaint]:
    if given(node, "access_key") != given(node, "secret_key"):
        at = node["access_key"] if given(node, "access_key") else node["secret_key"]
        yield Complaint(at.key_location, "'access_key' and 'secret_key' stand together")


VALIDATORS: dict[str, Validator] = CLIENT | {
    "config.Config": _config,
    "config.HTTPClientConfig": http_client,
    "config.Route": _route,
    "config.Receiver": _receiver,
    "common.InhibitRule": _inhibits,
    "timeinterval.TimeInterval": _interval,
    "timeinterval.TimeRange": _times,
    "discord.DiscordConfig": _one_url("webhook_url"),
    "msteams.MSTeamsConfig": _one_url("webhook_url"),
    "msteamsv2.MSTeamsV2Config": _one_url("webhook_url"),
    "webhook.WebhookConfig": _webhook,
    "incidentio.IncidentioConfig": _incidentio,
    "pagerduty.PagerdutyConfig": _pagerduty,
    "slack.SlackConfig": _slack,
    "slack.SlackAction": _action,
    "slack.SlackField": _fields("title", "value"),
    "slack.SlackConfirmationField": _fields("text"),
    "mattermost.MattermostField": _fields("title", "value"),
    "mattermost.MattermostConfig": _tokens("webhook_url"),
    "rocketchat.RocketchatConfig": _tokens("token", "token_id"),
    "opsgenie.OpsGenieConfig": _opsgenie,
    "victorops.VictorOpsConfig": _victorops,
    "telegram.TelegramConfig": _telegram,
    "pushover.PushoverConfig": _pushover,
    "email.EmailConfig": _email,
    "webex.WebexConfig": _webex,
    "jira.JiraConfig": _jira,
    "sns.SNSConfig": _sns,
    "wechat.WechatConfig": _wechat,
    "sigv4.SigV4Config": _sigv4,
}


def paging_of(one: Alertmanager) -> Iterator[PagingSummary]:
    """Whom it tells of alerts of each severity."""
    if not one.node["route"].is_mapping:
        return
    route = one.route
    named = {
        matcher.value
        for route_ in route.walk()
        for matcher in route_.matchers
        if matcher.name == "severity" and matcher.operator == "="
    }
    reached = {}
    for severity in {*SEVERITIES, *named}:
        receivers = route.receivers_for({"severity": severity})
        reached[severity] = tuple(sorted({way for name in receivers for way in one.integrations(name)}))
    other = tuple(one.integrations(route.receiver))
    known = not any("$" in name or "{{" in name or name not in one.receivers for name in _receivers(one))
    yield PagingSummary(one.label, one.node["route"].location, reached, other, known)


def _receivers(one: Alertmanager) -> set[str]:
    return {route.receiver for route in one.route.walk()}


def matches_of(one: Alertmanager) -> Iterator[NamespaceMatch]:
    """Where an AlertmanagerConfig asks for alerts of another namespace."""
    if one.node["route"].is_mapping:
        for route in one.route.walk():
            for matcher in route.matchers:
                if matcher.name == "namespace" and matcher.operator == "=" and one.namespace not in ("", matcher.value):
                    yield NamespaceMatch(one.label, matcher.value, one.namespace, matcher.location)


class AlertmanagerFile(YamlFile):
    """Alertmanager's own configuration; only its first document counts."""

    kinds: ClassVar[tuple[str, ...]] = ("alertmanager",)
    dialect: ClassVar[Dialect] = GO

    @cached_property
    def configurations(self) -> list[Alertmanager]:
        return [Alertmanager(self.root, "")] if self.root.is_mapping and self.readable else []

    def summaries(self) -> Iterator[object]:
        yield from tests_around(self.path)
        for one in self.configurations:
            yield from paging_of(one)


def file_configurations(file: AlertmanagerFile) -> list[Alertmanager]:
    """The configuration in a file of Alertmanager."""
    return file.configurations
