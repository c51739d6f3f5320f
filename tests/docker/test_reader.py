"""Dockerfiles as instructions: what BuildKit's own parser reads, and places for all of it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devopslint.docker.reader import Instruction, Text, read_dockerfile
from devopslint.model import Location

GOLDEN = Path(__file__).resolve().parents[3] / "shared/labels/dockerfile-parse-golden.jsonl"
"""What BuildKit's own parser says of 107 texts; not part of the repository."""


def golden_rows() -> list[Any]:
    if not GOLDEN.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason="../shared is not there"))]
    rows = [json.loads(line) for line in GOLDEN.read_text().splitlines()]
    return [pytest.param(row, id=row["name"]) for row in rows]


def arguments(instruction: Instruction) -> list[str] | None:
    if instruction.name == "ONBUILD":
        inner = instruction.trigger
        return [f"({' '.join([inner.name, *(arguments(inner) or [])])})"] if inner else None
    if instruction.pairs:
        return [
            part for pair in instruction.pairs for part in (pair.name.text, pair.value.text, "=" if pair.equals else "")
        ]
    if instruction.name == "FOO":
        return [""]
    return [word.text for word in instruction.args] or None


@pytest.mark.parametrize("row", golden_rows())
def test_reads_what_buildkit_reads(row: dict[str, Any]) -> None:
    text = read_dockerfile("Dockerfile", row["text"])

    if row["error"]:
        assert text.faults
        return
    assert not text.faults
    assert text.escape == row["escape"]
    assert [
        {
            "cmd": found.name,
            "start": found.first_line,
            "end": found.last_line,
            "flags": [flag.word.text for flag in found.flags],
            "args": arguments(found),
            "json": found.exec_form and found.name != "ONBUILD",
            "original": found.text,
            "heredocs": [
                {"name": h.name, "content": h.content, "expand": h.expand, "chomp": h.chomp, "fd": h.fd}
                for h in found.heredocs
            ],
        }
        for found in text.instructions
    ] == [dict(expected, cmd=expected["cmd"].upper()) for expected in row["instructions"]]


def read(text: str) -> Text:
    return read_dockerfile("Dockerfile", text)


def only(text: str, name: str) -> Instruction:
    (found,) = [instruction for instruction in read(text).instructions if instruction.name == name]
    return found


def place(location: Location) -> tuple[int, int, int]:
    assert location.line == location.end_line
    return location.line, location.column, location.end_column


def test_words_stand_where_they_are_written_across_continuations() -> None:
    run = only("FROM a\nRUN --mount=type=cache,target=/x \\\n  # why\n\n    make \\\n  all\n", "RUN")

    shell = run.shell
    assert shell is not None
    assert shell.text == "make   all"
    at = shell.text.index("all")
    assert place(shell.location) == (5, 5, 9)
    assert place(shell.span(at, at + 3)) == (6, 3, 6)
    assert place(run.flags[0].location) == (2, 5, 33)
    assert place(run.flags[0].value_location) == (2, 13, 33)
    assert run.flags[0].options == {"type": "cache", "target": "/x"}
    assert run.empty_line == 4


def test_a_byte_order_mark_is_a_column_and_no_part_of_the_keyword() -> None:
    text = read("\ufeffFROM alpine\n")

    assert place(text.instructions[0].keyword.location) == (1, 2, 6)


def test_heredoc_lines_have_their_own_places() -> None:
    run = only("FROM a\nRUN <<-'ONE' cat && cat 3<<TWO\n\tx $y\n\tONE\nb\nTWO\nUSER 1\n", "RUN")

    one, two = run.heredocs
    assert (one.content, one.expand, one.chomp, one.fd) == ("\tx $y\n", False, True, 0)
    assert (two.content, two.expand, two.chomp, two.fd) == ("b\n", True, False, 3)
    assert place(one.span(3, 5)) == (3, 4, 6)
    assert place(two.span(0, 1)) == (5, 1, 2)
    assert (run.first_line, run.last_line) == (2, 6)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("# escape=x\nFROM a\n", 1, "directive 'escape' is 'x', and BuildKit takes \\ or `"),
        ("# check=skip=all\n# check=error=true\nFROM a\n", 2, "directive 'check' stands twice, and BuildKit takes one"),
        ("FROM a\nRUN <<EOF\nx\n", 2, "heredoc 'EOF' has no end"),
        ("FROM a\nENV X\n", 2, "ENV has a name and no value"),
        ("FROM a\nLABEL a=1 b\n", 2, "LABEL has 'b' where name=value is needed"),
        ("FROM a\nENV a=<the name of it> b=1\n", 2, "ENV has 'name' where name=value is needed"),
        ("FROM a\nCMD [1]\n", 2, "CMD has an array that holds more than strings"),
        ("# nothing\n", 1, "is not a Dockerfile: has no instructions"),
    ],
)
def test_what_buildkit_refuses_is_a_fault_at_its_line(text: str, line: int, message: str) -> None:
    (fault,) = read(text).faults

    assert (fault.location.line, fault.message) == (line, message)


def test_reading_goes_on_after_a_fault() -> None:
    text = read("FROM a\nENV X\nUSER root\n")

    assert [instruction.name for instruction in text.instructions] == ["FROM", "ENV", "USER"]


def test_the_check_directive_may_follow_a_shebang_but_escape_may_not() -> None:
    text = read("#!/usr/bin/env docker\n# check=skip=all\n# escape=`\nFROM a\n")

    assert [directive.name for directive in text.directives] == ["check", "escape"]
    assert text.escape == "\\"


def test_comments_above_are_those_that_touch_the_instruction() -> None:
    text = read("# far\n\n# near\n# nearer\nFROM a\n")

    assert [comment.text for comment in text.instructions[0].comments] == ["near", "nearer"]
    assert [comment.line for comment in text.comments] == [1, 3, 4]


def test_an_instruction_stands_below_carriage_returns_behind_an_escape_character() -> None:
    (instruction,) = read("\\\r\r\nFROM a\n").instructions

    assert instruction.keyword.location.region == ("Dockerfile", 3, 1, 3, 5)


PIECES = """FROM a\n|RUN |\r|x\r|COPY |ONBUILD |ENV |LABEL a=|CMD [|"x"|,|]|<<E|<<-'F'|\nE\n|\\\n|\\|`|\n|\r\n|# escape=`\n|# c\n
|--mount=type=cache|'|"|${a:-|}|$x|\u2028|\x85|\x00|\x0c|\ufeff|é|\U0001f600| |\t|HEALTHCHECK CMD x|ß |\x1c"""
DOCKERISH = st.lists(st.sampled_from(PIECES.split("|")), max_size=40).map("".join)


@settings(max_examples=300)
@given(st.one_of(DOCKERISH, st.text()))
def test_any_text_gives_instructions_or_faults_inside_the_file(source: str) -> None:
    text = read(source)

    assert text.instructions or text.faults
    lines = re.split(r"\r\n|\n|\r", source)
    regions = [fault.location for fault in text.faults] + [comment.location for comment in text.comments]
    for found in text.instructions:
        regions += [found.location, found.keyword.location, found.rest.location]
        regions += [word.location for word in found.args] + [flag.value_location for flag in found.flags]
        regions += [part.location for pair in found.pairs for part in (pair.name, pair.value)]
        regions += [found.span(index, index + 1) for index in range(len(found.text) + 1)]
        regions += [h.span(index, index + 1) for h in found.heredocs for index in range(len(h.content) + 1)]
        assert 1 <= found.first_line <= found.last_line <= len(lines)
    for region in regions:
        assert 1 <= region.line <= len(lines)
        assert 1 <= region.column <= region.end_column <= len(lines[region.line - 1]) + 1


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN " + "\\\n" * 60_000 + "x\n",
        "FROM a\nRUN x" + " \\\n\\" * 60_000,
        "FROM a\n" + "RUN <<E\n" * 30_000,
        "FROM a\nENV " + "a='" * 20_000 + "\n",
        "FROM a\nENV " + "a=" + "${b:-" * 12_000 + "\n",
        "FROM a\nRUN cat <<X" + "${b:-" * 12_000 + "\n",
        "FROM a\nCMD " + "[" * 60_000 + "\n",
        "FROM a\nCMD [" + '"a", ' * 10_000 + "\n",
        "ONBUILD " * 8_000 + "\n",
        "FROM a\nCOPY " + "--a='" * 12_000 + "\n",
        "# a\n" * 60_000,
        "FROM a\nRUN x \\\n" + "# c\n" * 60_000,
    ],
    ids=range(12),
)
def test_hostile_text_is_read_inside_its_lines(text: str) -> None:
    for instruction in read(text).instructions:
        assert 1 <= instruction.first_line <= instruction.last_line <= text.count("\n") + 1
