"""Tests for rules, as promtool runs them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from devopslint.monitoring.summaries import TestedRules
from devopslint.readers.yaml_file import YamlFile


class RuleTests(YamlFile):
    """A file of tests for rules."""

    kinds: ClassVar[tuple[str, ...]] = ("prometheus-tests",)

    def summaries(self) -> Iterator[object]:
        files = tuple((one.text, one.location) for one in self.root["rule_files"].strings() if one.text)
        asked = [test for case in self.root["tests"] for test in case["alert_rule_test"]]
        names = tuple((one["alertname"].text, one["alertname"].location) for one in asked if one["alertname"].text)
        yield TestedRules(files, names, self.path)
