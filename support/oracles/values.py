"""Spellings of YAML values: what kubectl, docker compose and GitLab read, and what we read."""

from __future__ import annotations

import json
import math
import random
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from reading import Answer, ask

from devopslint.readers.yaml import Stream, read_yaml
from devopslint.readers.yaml_dialects import COMPOSE, GITLAB, KUBERNETES

_HALF_PAIR = re.compile("[\ud800-\udfff]")

_WORDS = [
    "yes",
    "yEs",
    "tRUE",
    "oFf",
    "no",
    "on",
    "off",
    "y",
    "n",
    "true",
    "false",
    "null",
    "~",
    "none",
    "nil",
    "t",
    "f",
    "undefined",
    "inf",
    "nan",
]
_DIGITS = [
    "0",
    "1",
    "7",
    "8",
    "00",
    "01",
    "08",
    "10",
    "8080",
    "0644",
    "1_000",
    "1,000",
    "_1",
    "1_",
    "0x1F",
    "0o17",
    "0b101",
    "0xg",
]
_DIGITS += [
    "1.0",
    "3.",
    ".5",
    "1.5",
    "1e3",
    "1E3",
    "1e+3",
    "1.5e3",
    "1e-2",
    ".5e1",
    "1.2.3",
    "0.0",
    "-0",
    "1:30",
    "190:20:30",
    "1.1_0",
]
_DIGITS += [
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e20",
    "1e21",
    "1e22",
]
_DIGITS += [
    ".inf",
    ".Inf",
    ".NaN",
    ".nan",
    "2001-01-01",
    "2001-01-01 10:00:00",
    "12e03",
    "0.1",
    "100m",
    "1Gi",
    "0X1f",
    "0O7",
    "0B1",
]
_SIGNS = ["", "", "", "+", "-", "--", "+-"]
_FRAMES = [
    "a: {}\n",
    "a: [{}]\n",
    "a: {{b: {}}}\n",
    "- {}\n",
    "a: {} # c\n",
    "a:\n  {}\n",
    "a: !!str {}\n",
    "a: '{}'\n",
    'a: "{}"\n',
    "a: |\n  {}\n",
    "a: &x {}\nb: *x\n",
    "? a\n: {}\n",
    "a: ! {}\n",
    "a: {}\r\nb: 1\r\n",
]
_DOCUMENTS = [
    "a: 1\n<<: {a: 2, b: 3}\nb: 4\n",
    "<<: [{a: 1}, {a: 2, b: 3}]\na: 4\n",
    "a: 1\n<<: [{a: 2}, {a: 3, b: 4}]\n",
    "x: &x {a: 1, b: {c: 1}}\ny: {b: {d: 2}, <<: *x, a: 3}\nz: {<<: *x, b: 5}\n",
    "x: &x {a: 1}\ny: &y {<<: *x, b: 2}\nz: {b: 0, a: 0, <<: *y}\n",
    "x: &x {a: 1}\nz: {'<<': *x}\n",
    "a: 1\na: 2\n",
    "a: 1\n---\nb: 2\n",
    "a: 1\n--- # two\nb: 2\n",
    "a: 1\n--- {b: 2}\n",
    "---\na: 1\n---\n---\nb: 2\n",
    "a: 1\n...\n---\nb: 2\n",
    "%YAML 1.1\n---\na: 1\n",
    "%YAML 1.2\n---\na: 1\n",
    "%TAG !e! tag:e,2000:\n---\na: 1\n",
    "\ufeffa: 1\n",
    "a: 1\n---\n\ufeffb: 2\n",
    "a: 1 # c\u2028b: 2\n",
    "a: 1 # c\x85b: 2\n",
    "a: x\u2028  y\n",
    'a: "x\u2029 y"\n',
    '{"a": 1}{"b": 2}\n',
    '{"a": 1}\n{"b": 2}\n',
    '  {"a": 1}\n\n{"b": "\\ud83d\\ude80"}\n',
    '{"a": "\\ud83d\\ude80 x"}\n',
    '{"a": "\\ud83d"}\n',
    '{"a": "\\\\ud83d\\ude80"}\n',
    '{"a": 1.0, "b": 1e3, "c": 08}\n',
    '{"a": 1}\n---\n{"b": 2}\n',
    "{a: 1}\n{b: 2}\n",
    '{"a": 1} # c\n',
    '{"a":\t1,\n\t"b": [\t]}\n',
    "a: !!int '3'\nb: !!float 3\nc: !!bool yes\nd: !!null x\n",
    "a: null\nb: ~\nc:\nd: ''\ne: Null\nf: [~, null, ]\n",
    "null: 1\ntrue: 2\n3: 4\n",
    "a: >\n  x\n  y\n\n  z\nb: |-\n  q\n",
    "a: 'it''s'\nb: \"x\\ty\\x41\\u00e9\"\n",
    "a: [1, 2, ]\nb: {c, d: }\n",
    "- - 1\n  - 2\n-\n  - 3\n",
    "a: *x\n",
    "a: [\n",
    "a:\tb\n",
    "a: b: c\n",
    "a: @b\n",
]


class Consumer(NamedTuple):
    name: str
    read: Callable[[list[str]], list[Answer]]
    ours: Callable[[str], Stream]


def texts(seed: int, count: int) -> Iterator[str]:
    dice = random.Random(seed)
    yield from _DOCUMENTS
    for _ in range(count - len(_DOCUMENTS)):
        if dice.random() < 0.35:
            word = dice.choice(_WORDS)
            scalar = dice.choice(
                (word, word, word.capitalize(), word.upper(), word.swapcase()[:1] + word[1:], word + "x")
            )
        else:
            scalar = dice.choice(_SIGNS) + dice.choice(_DIGITS)
            if dice.random() < 0.2:
                at = dice.randrange(len(scalar) + 1)
                scalar = scalar[:at] + dice.choice("_.0e-x,:+1") + scalar[at:]
        yield dice.choice(_FRAMES).format(scalar)


def manifests(texts_: list[str]) -> list[Answer]:
    answers = ask("manifest", [{"text": text} for text in texts_])
    return [Answer(answer.value["values"], answer.value.get("error", "")) for answer in answers]


def compose_values(texts_: list[str]) -> list[Answer]:
    """Compose files are mappings that the schema knows; what begins with x- is taken as it is."""
    asked = ask("compose", [{"text": f"services: {{}}\nx-value:\n{_indented(text)}"} for text in texts_])
    return [Answer([answer.value.get("x-value")] if answer.value else [], answer.error) for answer in asked]


def gitlab_values(texts_: list[str]) -> list[Answer]:
    program = ["ruby", str(Path(__file__).parent / "gitlab.rb")]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts_)
    done = subprocess.run(program, input=lines, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.split("\n") if line]
    return [Answer([answer["value"]], answer.get("error", "")) for answer in answers]


def _indented(text: str) -> str:
    return "".join(f"  {line}" for line in text.splitlines(keepends=True))


def differences(name: str, seed: int, count: int) -> Iterator[tuple[str, str]]:
    """Each text that is read otherwise, and how."""
    given = list(texts(seed, count))
    if name == "compose":
        given = [text for text in given if "---" not in text and not text.startswith(("%", "\ufeff", " "))]
    read = {"kubectl": manifests, "compose": compose_values, "gitlab": gitlab_values}[name]
    dialect = {"kubectl": KUBERNETES, "compose": COMPOSE, "gitlab": GITLAB}[name]
    for text, answer in zip(given, read(given), strict=True):
        stream = read_yaml("file.yaml", text, dialect)
        ours = [document.root.plain() for document in stream.documents]
        if name != "compose":
            ours = [one for one in ours if one is not None]
        if name == "gitlab":
            ours = ours[:1] or [None]
        repeated = name == "compose" and any(document.duplicates for document in stream.documents)
        if bool(answer.error) != (bool(stream.faults) or repeated):
            yield text, f"{answer.error or 'read there'}; here {[fault.message for fault in stream.faults]}"
        elif not answer.error and canonical(answer.value) != canonical(ours):
            yield text, f"{answer.value!r} there, {ours!r} here"


def canonical(value: Any) -> Any:
    """As JSON has it: keys are texts, whole numbers have no point."""
    if isinstance(value, dict):
        return {_key(key): canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [canonical(item) for item in value]
    if isinstance(value, str):
        return _HALF_PAIR.sub("\ufffd", value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        value = float(value)
    if isinstance(value, float) and not isinstance(value, bool):
        return (
            "nan" if math.isnan(value) else repr(value) if math.isinf(value) or not value.is_integer() else int(value)
        )
    return value


def _key(key: Any) -> str:
    return canonical(key) if isinstance(key, str) else json.dumps(key)
