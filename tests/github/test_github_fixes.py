"""Fixes of workflows: when they are safe, and where an expression in a script can be moved."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from devopslint.cli import main
from devopslint.github.fixes import quoting_at

WORKFLOW = """\
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - run: {script}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    return tmp_path


def fixed(project: Path, script: str, *options: str) -> str:
    path = project / ".github" / "workflows" / "ci.yml"
    path.write_text(WORKFLOW.format(script=script))
    CliRunner().invoke(main, ["--no-cache", "--fix", *options])
    return path.read_text()


@pytest.mark.parametrize("script", ["npm test", "go vet", "pytest"])
def test_reading_is_enough_for_steps_that_are_known(project: Path, script: str) -> None:
    text = fixed(project, script, "--select=gha-missing-permissions,gha-persisted-credentials")

    assert "permissions:\n  contents: read\njobs:" in text
    assert "        with:\n          persist-credentials: false\n" in text


@pytest.mark.parametrize(
    "script", ["git push", "gh pr list", "npm run release", "echo ${{ github.token }}", "git fetch --tags && ./publish"]
)
def test_where_a_step_may_need_more_it_is_not_safe(project: Path, script: str) -> None:
    text = fixed(project, script, "--select=gha-missing-permissions")

    assert text == WORKFLOW.format(script=script)


def test_it_is_done_where_unsafe_fixes_are_asked_for(project: Path) -> None:
    text = fixed(project, "git push", "--select=gha-missing-permissions", "--unsafe-fixes")

    assert "permissions:\n  contents: read\n" in text


@pytest.mark.parametrize(
    ("script", "quoting"),
    [
        ("echo @", ""),
        ('echo "@"', '"'),
        ("echo '@'", None),
        ("echo a # @", None),
        ("# don't\necho @", ""),
        ("echo a#'@'", None),
        ('echo "it\'s @"', '"'),
        ("echo \\'@", ""),
        ('x="$(cat "@")"', None),
        ("x=`cat @`", None),
        ("cat <<EOF\n@\nEOF", None),
        ("echo ${{ a['b'] }} \"@\"", '"'),
        ('echo "a" @ "b"', ""),
    ],
)
def test_how_a_shell_reads_a_place_is_known_or_not(script: str, quoting: str | None) -> None:
    assert quoting_at(script, script.index("@")) == quoting


def test_a_variable_that_the_script_has_is_not_taken(project: Path) -> None:
    script = 'REF_NAME=1; echo "$REF_NAME ${{ github.ref_name }}"'

    text = fixed(project, f"|\n          {script}", "--select=gha-loose-script-value", "--unsafe-fixes")

    assert 'echo "$REF_NAME ${REF_NAME_2}"' in text
    assert "        env:\n          REF_NAME_2: ${{ github.ref_name }}\n" in text


@pytest.mark.parametrize(
    ("step", "given", "safely", "unsafely"),
    [
        ("pypa/gh-action-pypi-publish@v1", "packages_dir: dist", "packages-dir: dist", None),
        ("docker/setup-buildx-action@v3", "config: a.toml  # kept", None, "buildkitd-config: a.toml  # kept"),
        ("reviewdog/action-actionlint@v1", "fail_on_error: true", None, None),
        ("docker/setup-buildx-action@v3", "install: true", None, None),
        ("docker/setup-buildx-action@v3", "{config: a.toml, buildkitd-config: b.toml}", None, None),
    ],
)
def test_a_deprecated_input_is_given_by_its_new_name(
    project: Path, step: str, given: str, safely: str | None, unsafely: str | None
) -> None:
    """Where the names differ by more than dashes, a person looks; a switch may have become something else."""
    path = project / ".github" / "workflows" / "ci.yml"
    text = WORKFLOW.replace("run: {script}", f"uses: {step}\n        with:\n          {given}")
    for options, wanted in (([], safely), (["--unsafe-fixes"], unsafely or safely)):
        path.write_text(text)
        CliRunner().invoke(main, ["--no-cache", "--fix", "--select=gha-deprecated-action-input", *options])
        assert path.read_text() == text.replace(given, wanted or given)


def test_a_deprecated_input_that_does_nothing_goes(project: Path) -> None:
    path = project / ".github" / "workflows" / "ci.yml"
    step = "uses: google-github-actions/auth@v2\n        with:\n          {}project_id: a"
    path.write_text(WORKFLOW.replace("run: {script}", step.format("retries: 3\n          ")))
    CliRunner().invoke(main, ["--no-cache", "--fix", "--select=gha-deprecated-action-input"])

    assert path.read_text() == WORKFLOW.replace("run: {script}", step.format(""))
