"""What leaves: whatever a tree holds, no terminal is steered and no CI system is commanded, by any command in any format."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from devopslint.cli import main
from devopslint.reports import FORMATS
from devopslint.reports.neutral import SYNTAXES, Syntax, neutral

HOSTILE = (
    "::error::a\x1b[31m\n::set-output name=x::y\r##vso[task.setvariable x]b ##[group]c section_start:1:d\u202e\x9b2J"
)
NAME = json.dumps(HOSTILE)
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "ci.yml").write_text(
        f"name: {NAME}\non: push\njobs:\n"
        f"  {NAME}: {{name: {NAME}, runs-on: {NAME}, environment: {NAME}, steps: [{{name: {NAME}, run: kubectl apply -f x}}]}}\n"
        f"  b: {{needs: [{NAME}], uses: {NAME}}}\n"
    )
    (folder / "::error::\x1b[31m\n::debug::x.yml").write_text("on: [\n")
    (tmp_path / "pod.yaml").write_text(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {NAME}}}\nspec: {{containers: [{{name: {NAME}, image: {NAME}}}]}}\n"
    )
    (tmp_path / "Dockerfile").write_text("FROM x\x1b[31m\nRUN ::error::\n##vso[task.x]\n")
    (tmp_path / ".gitlab-ci.yml").write_text(f"{NAME}: {{script: [{NAME}], environment: {NAME}}}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def assert_neutral(text: str, *, commands: bool = False) -> None:
    assert STEERING.search(text) is None
    assert "##[" not in text and "##vso[" not in text
    lines = [line for line in text.split("\n") if re.match(r"\s*::(?!: )", line)]
    if commands:
        lines = [line for line in lines if re.match(r"::(error|warning|notice) (file|title)=", line) is None]
    assert lines == []


@pytest.mark.parametrize("format", FORMATS)
def test_no_report_says_it(project: Path, format: str) -> None:
    result = CliRunner().invoke(main, ["--no-cache", "--select=all", "--format", format, "--statistics"])

    # Azure's own commands: nothing of a file stands before the bracket that ends their properties.
    own = r"(?m)^##vso\[task\.logissue type=(error|warning);[^\]\n]*\]"
    text = re.sub(own, "", result.stdout) if format == "azure" else result.stdout
    assert_neutral(text, commands=format == "github")
    assert_neutral(result.stderr)


@pytest.mark.parametrize("format", [one for one in FORMATS if SYNTAXES.get(one) in (Syntax.JSON, Syntax.XML)])
def test_every_document_is_one_whatever_is_written_in_it(project: Path, format: str) -> None:
    markup = json.dumps("]]>\"'<x a=\x01\ufffe\ud800&b;--><![CDATA[")
    (project / "more.yaml").write_text((project / "pod.yaml").read_text().replace(NAME, markup))
    (project / "]]>\"'<x a=&b;.yaml").write_text((project / "pod.yaml").read_text())
    (project / "Dockerfile.more").write_text("FROM alpine:3.20\nFOO\ufffe\uffff\x01]]>&b;<x a='\n")

    text = CliRunner().invoke(main, ["--no-cache", "--select=all", "--format", format]).stdout

    assert "more.yaml" in text
    if SYNTAXES[format] is Syntax.JSON:
        json.loads(text, parse_constant=pytest.fail)
    else:
        names = {one.tag for one in ElementTree.fromstring(text).iter()}
        assert names <= {"checkstyle", "file", "error", "testsuites", "testsuite", "testcase", "failure", "skipped"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["pipeline"],
        ["pipeline", "--format=mermaid"],
        ["pipeline", "--format=json"],
        ["pipeline", f"--why={HOSTILE}"],
        ["pipeline", "--why=::error::no\x1bjob"],
        ["checklist"],
        ["checklist", "--format=markdown"],
        ["checklist", "--format=json"],
        ["::error::not\x1b[31mthere"],
        ["--select=::error::\x1b[31m"],
        ["--config=::error::\x1b[31m"],
        ["explain", "::error::\x1b[31m"],
    ],
)
def test_no_command_says_it(project: Path, arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)

    assert result.stdout or result.stderr
    assert_neutral(result.stdout)
    assert_neutral(result.stderr)


@pytest.mark.parametrize(
    "text", [f"{NAME}: 1\n", f"ignore: [{NAME}]\n", f"rules: {{{NAME}: {NAME}}}\n", f"fail-on: {NAME}\n"]
)
def test_no_configuration_says_it(project: Path, text: str) -> None:
    (project / "devopslint.yaml").write_text(text)

    result = CliRunner().invoke(main, [])

    assert result.exit_code == 2
    assert_neutral(result.stderr)


WORDS = ("##[", "##vso[", "#", "::", "::error", ":", "\n", "\r", "\t ", "\x1b[2J", "\u202e", "section_start:1:a", "[")


@given(st.lists(st.characters() | st.sampled_from(WORDS), max_size=12).map("".join))
def test_any_text_is_neutral_in_any_syntax(text: str) -> None:
    written = json.dumps({"key": text}, ensure_ascii=False)

    assert_neutral(neutral(text))
    assert_neutral(neutral(text, coloured=False))
    assert json.loads(neutral(written, Syntax.JSON)) == {"key": text}
    assert_neutral(neutral(written, Syntax.JSON))


def test_our_own_colours_stay_and_no_others() -> None:
    assert (
        neutral("\x1b[1;31merror\x1b[0m \x1b[2J\x1b]0;title\x07", coloured=True)
        == "\x1b[1;31merror\x1b[0m ␛[2J␛]0;title␇"
    )
    assert neutral("\x1b[1;31merror") == "␛[1;31merror"


def test_what_is_harmless_stays_as_it_is() -> None:
    text = "a::b\n ::: Dockerfile:1:6: its image\n  12 | x: ::y\n## Title\n# [link]\n\tindented é 😀\n"

    assert neutral(text) == text
    assert neutral("::error title=x::y", Syntax.COMMANDS) == "::error title=x::y"
