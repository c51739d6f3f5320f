"""Matchers are read as Alertmanager reads them, and routes lead alerts to whom they lead them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import devopslint
from devopslint.monitoring.alertmanager import Alertmanager, AlertmanagerFile, AlertMatcher, read_matchers
from devopslint.readers.yaml import read_yaml

PLACE = read_yaml("a.yaml", "a: b\n").documents[0].root


def read(text: str) -> tuple[list[tuple[str, str, str]], str]:
    found, fault = read_matchers(text, PLACE)
    return [(one.name, one.operator, one.value) for one in found], fault


READ = [
    ('severity="critical"', [("severity", "=", "critical")]),
    ("severity=critical", [("severity", "=", "critical")]),
    (" severity = critical ", [("severity", "=", "critical")]),
    ('{a="1", b!="2"}', [("a", "=", "1"), ("b", "!=", "2")]),
    ('a=~"x|y"', [("a", "=~", "x|y")]),
    ('a!~"x,y"', [("a", "!~", "x,y")]),
    ('a="say \\"no\\""', [("a", "=", 'say "no"')]),
    ('"a b"="c"', [("a b", "=", "c")]),
    ("a=", [("a", "=", "")]),
]


@pytest.mark.parametrize(("text", "matchers"), READ)
def test_matchers_are_read(text: str, matchers: list[tuple[str, str, str]]) -> None:
    assert read(text) == (matchers, "")


@pytest.mark.parametrize("text", ["severity", '="a"', 'a="b', "a=~(", "a b=c", "{a=b"])
def test_what_alertmanager_refuses_is_refused(text: str) -> None:
    assert read(text)[1]


_WORDS = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8)


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b_1"]), st.sampled_from(["=", "!="]), st.text(max_size=10)), min_size=1)
)
def test_quoted_matchers_come_back_as_they_were_written(made: list[tuple[str, str, str]]) -> None:
    def quoted(value: str) -> str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

    text = "{" + ",".join(f"{name}{operator}{quoted(value)}" for name, operator, value in made) + "}"

    assert read(text) == (made, "")


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    matchers, fault = read(text)

    assert isinstance(fault, str)
    assert all(operator in ("=", "!=", "=~", "!~") for _, operator, _ in matchers)


@given(_WORDS, _WORDS)
def test_a_matcher_and_its_opposite_never_agree(value: str, other: str) -> None:
    for yes, no in (("=", "!="), ("=~", "!~")):
        first = AlertMatcher("a", yes, other, PLACE.location).matches({"a": value})
        assert first is not AlertMatcher("a", no, other, PLACE.location).matches({"a": value})
        assert first is (value == other)


def configuration(routes: str) -> Alertmanager:
    text = f"route:\n  receiver: top\n  routes:\n{routes}receivers: [{{name: top}}, {{name: one}}, {{name: two}}]\n"
    (found,) = AlertmanagerFile.read("alertmanager.yml", text).configurations
    return found


ROUTES = [
    ("  - {receiver: one, matchers: [severity=critical]}\n", {"one"}),
    ("  - {receiver: one, matchers: [severity=warning]}\n", {"top"}),
    ("  - {receiver: one, matchers: [severity=critical], continue: true}\n  - {receiver: two}\n", {"one", "two"}),
    ("  - {receiver: one, matchers: [severity=critical]}\n  - {receiver: two}\n", {"one"}),
    ("  - {receiver: one, matchers: [team=shop]}\n", {"one", "top"}),
    ("  - {receiver: one, matchers: [team=shop, severity=warning]}\n", {"top"}),
    ("  - {matchers: ['severity=~\"crit.*\"'], routes: [{receiver: two, matchers: [severity=critical]}]}\n", {"two"}),
    ("  - {receiver: one, match: {severity: critical}}\n", {"one"}),
    ("  - {receiver: one, match_re: {severity: critical|page}}\n", {"one"}),
]


@pytest.mark.parametrize(("routes", "receivers"), ROUTES)
def test_an_alert_goes_to_the_first_route_that_takes_it_and_to_all_that_may(routes: str, receivers: set[str]) -> None:
    assert configuration(routes).route.receivers_for({"severity": "critical"}) == receivers


def test_a_route_without_a_receiver_has_that_of_the_one_around_it() -> None:
    one = configuration("  - {receiver: one, routes: [{matchers: [a=b]}]}\n")

    assert [(route.receiver, route.depth) for route in one.route.walk()] == [("top", 0), ("one", 1), ("one", 2)]


def test_an_address_that_asks_for_its_token_holds_none() -> None:
    text = "route: {receiver: a}\nreceivers:\n- name: a\n  slack_configs: [{channel: '#a', api_url: 'https://hooks.slack.com/services/%s'}]\n"

    def found(token: str) -> int:
        return len(devopslint.check({"alertmanager.yml": text % token}, select=["alert-written-secret"]))

    assert found("REPLACE/WITH/REAL-WEBHOOK-URL") == 0
    assert found("T01ABCD23/B04EFGH56/n7R2xK9qLw3mZ8vB5cT1yH6d") == 1


@pytest.mark.parametrize(
    ("receiver", "severity"), [("{name: chat, slack_configs: [{channel: ops}]}", "error"), ("{name: chat}", "warning")]
)
def test_a_configuration_in_which_no_receiver_sends_anything_may_be_filled_in_elsewhere(
    receiver: str, severity: str
) -> None:
    rules = "groups: [{name: shop, rules: [{alert: Down, expr: up == 0, labels: {severity: critical}}]}]\n"
    config = (
        "route: {receiver: none, routes: [{matchers: ['team=\"shop\"', 'severity=\"info\"'], receiver: chat}]}\n"
        f"receivers: [{{name: none}}, {receiver}]\n"
    )

    found = devopslint.check({"rules.yml": rules, "alertmanager.yml": config}, select=["alert-unrouted-severity"])

    assert [str(one.severity) for one in found] == [severity]


def test_an_empty_url_is_told_once() -> None:
    text = "route: {receiver: a}\nreceivers:\n- name: a\n  slack_configs: [{channel: '#a', api_url: ''}]\n"

    found = devopslint.check({"alertmanager.yml": text}, select=["alert-invalid-configuration", "alert-missing-global"])

    assert [one.message for one in found] == ["'api_url' '' is no URL of http or https"]


def test_a_long_word_takes_no_longer_with_each_letter() -> None:
    """Twice as long for each of them, these would not end."""
    word = "a" * 60 + "!"
    text = f"""\
scrape_configs:
- job_name: shop
  body_size_limit: {word}
  static_configs: [{{targets: [a:80]}}]
  relabel_configs: [{{source_labels: [a], target_label: {word}}}]
"""

    assert devopslint.check({"prometheus.yml": text}, select=["prom-invalid-configuration"])
