"""Files of monitoring that are listed and not judged: what waits to be rendered, and what other projects wrote."""

from __future__ import annotations

import pytest

from devopslint.config import Config
from devopslint.engine import examine
from devopslint.files import SourceFile

RULES = "groups:\n- name: a\n  rules:\n  - {alert: A, expr: up ==}\n"
BOARD = '{"title": "A", "panels": [{"type": "stat", "targets": [{"expr": "rate(up)"}]}]}'


@pytest.mark.parametrize("before", ["{% raw %}\n", "---\n{% if x | bool %}\n"])
def test_rules_that_wait_for_jinja_are_listed_and_not_called_broken(before: str) -> None:
    report = examine(SourceFile("a.rules", "prometheus-rules"), before + RULES, Config().selection("a.rules"))

    assert not report.findings
    assert [(one.line, one.reason) for one in report.not_checked] == [
        (before.count("\n"), "is a template: what it renders to is not known here")
    ]


def test_rules_that_break_elsewhere_are_broken() -> None:
    text = "groups:\n- name: {% raw %}\n  rules: []\n"

    report = examine(SourceFile("a.rules", "prometheus-rules"), text, Config().selection("a.rules"))

    assert [one.rule.id for one in report.findings] == ["unreadable-file"]


@pytest.mark.parametrize(
    ("kind", "path", "text"),
    [
        ("prometheus-rules", "vendor/mixin/rules.yaml", RULES),
        ("dashboard", "vendor/mixin/board.json", BOARD),
        ("workflow", "vendor/mixin/.github/workflows/ci.yml", "on: push\njobs: {a: {steps: []}}\n"),
    ],
)
def test_what_another_project_wrote_is_listed(kind: str, path: str, text: str) -> None:
    report = examine(SourceFile(path, kind), text, Config().selection(path))

    assert not report.findings
    assert [one.reason for one in report.not_checked] == ["is another project's file: it lies in vendor/"]
