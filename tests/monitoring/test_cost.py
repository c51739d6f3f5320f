"""What monitoring costs a tree that has none of it: nothing is imported and nothing more is read."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import devopslint

TREE = {
    "Dockerfile": "FROM alpine:3.20\nUSER 1000\n",
    "deploy/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n",
    ".github/workflows/ci.yml": "on: push\njobs: {test: {runs-on: ubuntu-24.04, steps: [{run: make test}]}}\n",
    "settings.yaml": "groups_of_users: [a, b]\nroute: x\n",
    "package.json": "{}\n",
}
SCRIPT = """
import json, sys
import devopslint
files = json.loads(sys.stdin.read())
devopslint.check(files)
print(json.dumps([name for name in sys.modules if name.startswith("devopslint.monitoring.")]))
"""


@pytest.fixture(autouse=True, scope="module")
def _compiled() -> None:
    """A catalogue that has to be compiled imports every check."""
    devopslint.rules()


def imported_for(files: dict[str, str]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=json.dumps(files), capture_output=True, text=True, check=True
    )
    return list(json.loads(done.stdout))


def test_a_tree_without_monitoring_imports_nothing_of_it() -> None:
    assert imported_for(TREE) == []


def test_a_tree_with_rules_does() -> None:
    rules = {"rules.yaml": "groups:\n- name: a\n  rules:\n  - {alert: A, expr: up == 0}\n"}

    assert "devopslint.monitoring.promql" in imported_for(TREE | rules)


def test_rules_of_twenty_thousand_alerts_take_time_in_proportion() -> None:
    def steps(count: int) -> int:
        alerts = "".join(f"  - {{alert: A{n}, expr: 'x{n} > 1', labels: {{severity: info}}}}\n" for n in range(count))
        return calls_of({"rules.yaml": "groups:\n- name: a\n  rules:\n" + alerts})

    few, many = steps(500), steps(2_000)

    assert many < 4.6 * few


def calls_of(files: dict[str, str]) -> int:
    """How many functions of ours are entered while the files are checked: unlike time, always the same."""
    script = """
import json, sys
import devopslint
files = json.loads(sys.stdin.read())
devopslint.check({"a.yaml": "groups: []"})
count = 0
def enter(frame, event, argument):
    global count
    count += 1
sys.setprofile(enter)
devopslint.check(files)
sys.setprofile(None)
print(count)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps(files), capture_output=True, text=True, check=True
    )
    return int(done.stdout)
