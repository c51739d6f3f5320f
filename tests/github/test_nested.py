"""Workflows in other folders than that at the root of the repository: GitHub never runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from devopslint import check
from devopslint.files import find_files
from devopslint.github.nested import NestedWorkflows
from devopslint.model import KnownFiles, Summaries
from devopslint.registry import view_of_kind

INJECTED = """\
on: issues
jobs: {greet: {runs-on: ubuntu-latest, steps: [{run: 'echo "${{ github.event.issue.title }}"'}]}}
"""
TOKEN = """\
on: push
jobs: {greet: {runs-on: ubuntu-latest, steps: [{run: 'TOKEN=ghp_0123456789abcdefABCDEF0123456789abcd ./greet'}]}}
"""


def nested(paths: list[str], others: list[str]) -> frozenset[str]:
    view = view_of_kind("workflow")
    assert view is not None
    told = [one for path in paths for one in view.read(path, INJECTED).summaries()]
    return Summaries([KnownFiles(frozenset([*paths, *others])), *told]).seen_by(NestedWorkflows).paths


@pytest.mark.parametrize(
    ("path", "others", "never"),
    [
        ("themes/plain/.github/workflows/ci.yml", [".git/"], True),
        ("themes/plain/.github/workflows/ci.yml", [".git"], True),
        ("themes/plain/.github/workflows/ci.yml", [".github/dependabot.yml"], True),
        ("themes/plain/.github/workflows/ci.yml", [], False),
        ("themes/plain/.github/workflows/ci.yml", [".git/", "themes/plain/.git"], False),
        ("themes/plain/.github/workflows/ci.yml", [".git/", "themes/.git/"], False),
        (".github/workflows/ci.yml", [".git/"], False),
    ],
)
def test_a_workflow_below_the_root_of_a_checkout_is_never_run(path: str, others: list[str], never: bool) -> None:
    assert (path in nested([path], others)) is never


def test_of_a_workflow_that_is_never_run_only_secrets_are_told() -> None:
    files = {
        ".github/workflows/ci.yml": INJECTED,
        "app/.github/workflows/ci.yml": INJECTED,
        "app/.github/workflows/token.yml": TOKEN,
    }

    found = check(files, select=["gha-script-injection", "gha-literal-token", "gha-missing-permissions"])

    assert [(one.rule.id, one.location.path) for one in found if one.location.path.startswith("app/")] == [
        ("gha-literal-token", "app/.github/workflows/token.yml")
    ]
    assert {one.location.path for one in found} >= {".github/workflows/ci.yml"}


def test_a_checkout_is_known_by_its_git_folder_or_file(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / ".git").write_text("gitdir: ../.git/modules/module\n")

    assert find_files(tmp_path, tmp_path).passed_over == (".git/", "module/.git")
