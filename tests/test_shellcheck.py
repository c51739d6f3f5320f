"""ShellCheck as an opt-in: what it is asked, where its remarks stand, and what happens without it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import devopslint
from devopslint import shellcheck
from devopslint.cli import main
from devopslint.config import Config
from devopslint.docker.dockerfile import Dockerfile
from devopslint.engine import check_texts

needs_program = pytest.mark.skipif(shellcheck.find_program() is None, reason="ShellCheck is not installed")


def not_checked(files: dict[str, str]) -> list[str]:
    settled = check_texts(files, Config().selecting(["docker-shellcheck"]))
    return [f"{gap.path}: {gap.reason}" for gap in settled.not_checked]


@needs_program
def test_a_remark_stands_at_its_characters_in_the_file() -> None:
    text = "FROM debian:12\nRUN true && \\\n  # why\n\\\n   echo $HOME/x\n"

    (finding,) = devopslint.check({"Dockerfile": text}, select=["docker-shellcheck"])

    at = finding.location
    assert finding.message.startswith("SC2086: ")
    assert text.split("\n")[at.line - 1][at.column - 1 : at.end_column - 1] == "$HOME"


@needs_program
def test_many_scripts_of_many_files_keep_apart() -> None:
    files = {f"{n}.dockerfile": f"FROM debian:12\nRUN true\nRUN echo $A{n}\n" for n in range(5)}

    findings = devopslint.check(files, select=["docker-shellcheck"])

    assert [(f.location.path, f.location.line, f.location.end_column) for f in findings] == [
        (f"{n}.dockerfile", 3, 13) for n in range(5)
    ]


@needs_program
@pytest.mark.parametrize(
    ("shell", "codes"),
    [("/bin/bash", []), ("/bin/sh", ["SC3010"]), ("pwsh", []), ("/bin/ash", []), ("/usr/bin/ksh", [])],
)
def test_the_shell_in_force_decides(shell: str, codes: list[str]) -> None:
    text = f'FROM debian:12\nSHELL ["{shell}", "-c"]\nRUN [[ 1 = 2 ]]\n'

    findings = devopslint.check({"Dockerfile": text}, select=["docker-shellcheck"])

    assert [f.message.partition(":")[0] for f in findings if "SC3" in f.message] == codes


@needs_program
def test_neither_the_repository_nor_the_environment_configures_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".shellcheckrc").write_text("disable=all\n")
    (tmp_path / "Dockerfile").write_text("FROM debian:12\nRUN echo $HOME\n")
    monkeypatch.setenv("SHELLCHECK_OPTS", "--exclude=SC2086")
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(main, ["--select", "docker-shellcheck", "--fail-on", "warning"])

    assert result.exit_code == 1
    assert "SC2086" in result.output


def test_without_the_program_the_run_says_what_was_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shellcheck, "find_program", lambda: None)
    files = {"Dockerfile": "FROM debian:12\nRUN echo $HOME\nRUN echo $HOME\n", "b.dockerfile": "RUN x\n"}

    assert not_checked(files) == [
        "Dockerfile: docker-shellcheck: ShellCheck is not installed: pip install 'devopslint[shell]' brings it",
        "b.dockerfile: docker-shellcheck: ShellCheck is not installed: pip install 'devopslint[shell]' brings it",
    ]


def test_a_shell_that_it_does_not_know_is_not_checked() -> None:
    files = {"Dockerfile": 'FROM debian:12\nSHELL ["/bin/zsh", "-c"]\nRUN echo $HOME\n'}

    assert not_checked(files) == ["Dockerfile: docker-shellcheck: ShellCheck does not know the shell 'zsh'"]


@pytest.mark.parametrize("broken", ["/bin/false", "/bin/true", "/nowhere"])
def test_a_program_that_fails_is_no_failure_of_the_run(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shellcheck, "find_program", lambda: broken)

    (gap,) = not_checked({"Dockerfile": "RUN echo $HOME\n"})

    assert gap.startswith("Dockerfile: docker-shellcheck: ShellCheck failed: ")


def test_scripts_are_summaries_only_where_the_rule_runs() -> None:
    settled = check_texts({"Dockerfile": "RUN echo $HOME\n"}, Config().selecting(["docker-sudo"]))

    assert not settled.findings and not settled.not_checked


def test_what_is_set_and_accepted_goes_with_the_script() -> None:
    text = (
        "FROM a AS base\nENV ONE=1\nFROM base\nARG two\n# hadolint ignore=SC2046,DL3008\n"
        "RUN a && \\\n # shellcheck disable=SC2086\n b\nONBUILD RUN c\n"
    )
    run, trigger = Dockerfile.read("Dockerfile", text).shell_texts()

    assert {"ONE", "two", "http_proxy"} <= run.variables
    assert run.accepted == {"SC2046", "SC2086"}
    assert "ONE" in trigger.variables and "two" not in trigger.variables


LINES = st.lists(
    st.sampled_from(
        [*("a", " b'c ", "d && ", "# e", "", "\t$f", "<<EOF", "<<-X", "EOF", "\tX", "é", "RUN g", "#!/bin/bash", '"h')]
    ),
    max_size=12,
)


@given(LINES, st.sampled_from(["\n", "\\\n", " \\\n", "\\\r\n"]))
def test_every_character_of_a_script_is_found_in_the_file(lines: list[str], end: str) -> None:
    text = "RUN " + end.join(lines) + "\nEOF\n\tX\n"
    physical = text.replace("\r\n", "\n").split("\n")

    dockerfile = Dockerfile.read("Dockerfile", text)
    names = {heredoc.name for instruction in dockerfile.text.instructions for heredoc in instruction.heredocs}

    for script in dockerfile.shell_texts():
        for offset, character in enumerate(script.text):
            if not character.isspace() and line_around(script.text, offset) not in names:
                at = script.span(offset, offset + 1)
                assert physical[at.line - 1][at.column - 1] == character


def line_around(text: str, offset: int) -> str:
    """The script repeats the name that ends a heredoc; the file has it on a line of its own."""
    return text[: offset + 1].rpartition("\n")[2] + text[offset + 1 :].partition("\n")[0]


@needs_program
def test_a_remark_on_a_workflow_stands_at_its_characters() -> None:
    text = (
        "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          if true; then\n\n"
        "              rm ${{ github.sha }} $HOME/x\n          fi\n"
    )

    (finding,) = devopslint.check({".github/workflows/a.yml": text}, select=["gha-shellcheck"])

    at = finding.location
    assert text.split("\n")[at.line - 1][at.column - 1 : at.end_column - 1] == "$HOME"
