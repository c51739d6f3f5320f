"""Asks the real readers: those in go/, one process for many questions."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

GO = Path(__file__).parent / "go"
PROGRAM = GO / "oracles"


class Answer(NamedTuple):
    value: Any
    error: str = ""


def ask(reader: str, questions: Iterable[object]) -> list[Answer]:
    """What the reader says to each question, in order."""
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([str(PROGRAM), reader], input=lines, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.split("\n") if line]
    return [Answer(answer["value"], answer.get("error", "")) for answer in answers]
