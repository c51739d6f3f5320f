"""A folder under fixtures/ is a small repository, and its expected.txt the report as printed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from devopslint.cli import main

FIXTURES = Path(__file__).parent.parent / "fixtures"


@pytest.mark.parametrize("story", sorted(path.name for path in FIXTURES.iterdir() if path.is_dir()))
def test_the_report_on_a_story_is_the_expected_one(
    story: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(FIXTURES / story, tmp_path / story, ignore=shutil.ignore_patterns("expected.txt"))
    monkeypatch.chdir(tmp_path / story)
    expected = FIXTURES / story / "expected.txt"

    result = CliRunner().invoke(main, ["--no-config", "--show-suppressed", "--color", "never"])

    report = f"{result.stdout}exit code {result.exit_code}\n"
    if request.config.getoption("--update-stories"):
        expected.write_text(report, "utf-8")
    assert report == expected.read_text("utf-8")
