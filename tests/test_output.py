"""Where a report goes: into a new file whole or not at all, to a terminal in colours, and never as what steers one."""

from __future__ import annotations

import os
import pty
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from devopslint.cli import main

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app, image: 'a:latest'}]}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one finding that is the current folder."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "pod.yaml").write_text(POD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args)


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_new_report_that_does_not_fit_is_not_begun(project: Path) -> None:
    with no_file_larger_than(16):
        result = run("--no-cache", "-o", "report.txt", "pod.yaml")

    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "Error: cannot write report.txt: File too large"
    assert sorted(path.name for path in project.iterdir()) == [".git", "pod.yaml"]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_a_new_report_may_be_read_by_whom_the_user_lets(project: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        run("--no-cache", "-o", "report.txt", "pod.yaml")
        after = os.umask(mask)
    finally:
        os.umask(before)

    assert after == mask
    assert stat.S_IMODE((project / "report.txt").stat().st_mode) == mode


def test_a_report_keeps_the_mode_of_the_one_before(project: Path) -> None:
    (project / "report.txt").write_text("")
    (project / "report.txt").chmod(0o640)

    run("--no-cache", "-o", "report.txt", "pod.yaml")

    assert stat.S_IMODE((project / "report.txt").stat().st_mode) == 0o640
    assert (project / "report.txt").read_text().endswith("in 1 file\n")


def on_a_terminal(project: Path, *options: str) -> str:
    """What a terminal is sent."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    command = [sys.executable, "-m", "devopslint", "--no-cache", *options, "pod.yaml"]
    with subprocess.Popen(command, cwd=project, env=environment, stdout=theirs) as process:
        os.close(theirs)
        said = b""
        try:
            while part := os.read(ours, 4096):
                said += part
        except OSError:  # what Linux says at the end
            pass
        process.wait()
    os.close(ours)
    return said.decode()


def test_a_terminal_gets_colours_by_itself(project: Path) -> None:
    assert "\x1b[1;31merror\x1b[0m" in on_a_terminal(project)
    assert "\x1b" not in on_a_terminal(project, "--color", "never")


def test_a_name_steers_no_terminal(project: Path) -> None:
    workflows = project / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "ci.yml").write_text('on: push\njobs: {a: {steps: [{name: "Run the \\e[31m tests", run: ./go}]}}\n')

    for shown in (run("pipeline").stdout, run("pipeline", "--why", "a").stdout):
        assert "its step 'Run the ␛[31m tests'" in shown
        assert "\x1b" not in shown


def test_each_fault_of_a_configuration_is_a_line(project: Path) -> None:
    (project / "devopslint.yaml").write_text("rules: {no-such-rule: error, nor-this: error}\n")

    result = run("pod.yaml")

    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert lines[0].startswith("Error: devopslint.yaml:1:")
    assert [word for line in lines for word in ("no-such-rule", "nor-this") if word in line] == [
        "no-such-rule",
        "nor-this",
    ]
