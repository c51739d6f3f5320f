"""Changes to Dockerfiles: what is written, and what the proof refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from devopslint.docker.changes import Added, Part, Removed, Unbroken, rewritten
from devopslint.docker.dockerfile import Dockerfile
from devopslint.docker.reader import Instruction
from devopslint.model import Edit, Location
from devopslint.readers.rewriting import Rewriting, Uncomment

TEXT = "# syntax=docker/dockerfile:1\nFROM debian:12\n# why\nRUN apt-get update \\\n    && apt-get install git\nCMD a\n"


def changed(text: str, *offers: Callable[[tuple[Instruction, ...]], Any]) -> Rewriting:
    view = Dockerfile.read("Dockerfile", text)
    return rewritten(view, text, [[offer(view.text.instructions)] for offer in offers])


def part(index: int, old: str, new: str) -> Callable[[tuple[Instruction, ...]], Part]:
    def of(instructions: tuple[Instruction, ...]) -> Part:
        at = instructions[index].text.index(old)
        return Part(instructions[index], at, at + len(old), new)

    return of


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_part_of_an_instruction_changes_and_the_rest_stays(ending: str) -> None:
    text = TEXT.replace("\n", ending)

    done = changed(text, part(1, "install", "install -y"), part(1, "git", "git \\\n    && apt-get clean"))

    assert done.text == text.replace("install git", f"install -y git \\{ending}    && apt-get clean")


def test_instructions_are_added_and_taken_out() -> None:
    text = TEXT + "CMD b"

    done = changed(
        text, lambda all: Added(all[0], "ENV A=1"), lambda all: Removed(all[2]), lambda all: Added(all[3], "USER 1")
    )

    assert done.text == TEXT.replace("debian:12\n", "debian:12\nENV A=1\n").replace("CMD a\n", "CMD b\nUSER 1")


def test_empty_lines_inside_of_an_instruction_go() -> None:
    done = changed("FROM a:1\nRUN x && \\\n\n  y\n\nRUN z\n", lambda all: Unbroken(all[1]))

    assert done.text == "FROM a:1\nRUN x && \\\n  y\n\nRUN z\n"


@pytest.mark.parametrize(
    ("offer", "reason"),
    [
        (lambda all: Edit(Location("Dockerfile", 6, 5, 6, 6), "b"), "another instruction would change"),
        (lambda all: Edit(Location("Dockerfile", 3, 1, 4, 1), ""), "a comment would get lost"),
        (lambda all: Edit(Location("Dockerfile", 1, 1, 2, 1), ""), "a directive would be another one"),
        (part(1, "git", "git\nRUN b"), "another instruction would change"),
        (part(1, "update     &&", "update;"), "it goes over several lines"),
    ],
)
def test_what_cannot_be_proved_is_refused_with_the_reason(offer: Any, reason: str) -> None:
    done = changed(TEXT, offer)

    assert done.text == TEXT
    assert done.refused == {0: reason}


def test_comments_that_are_meant_go() -> None:
    text = "# devopslint: allow x -- y\n" + TEXT

    done = changed(text, lambda all: Uncomment(Location("Dockerfile", 1, 1, 1, 5), "devopslint:"))

    assert done.refused == {0: "a directive would be another one"}  # what was a comment is one no more
    assert (
        changed(TEXT + text[:27], lambda all: Uncomment(Location("Dockerfile", 7, 1, 7, 5), "devopslint:")).text == TEXT
    )
