"""Fuzzes the readers, the configuration and whole runs, and keeps what broke something, made small.

usage: python support/fuzz/run.py [--minutes N] [--target NAME]... [--corpus FOLDER] [--found FOLDER] [--seed N]

One process. Texts are the rules' examples and small files of the corpus, changed by lines, by words and by pieces of each
other. A run that takes longer than LONGEST seconds is a find too. With --coverage, atheris leads one target by what
it reaches (pip install atheris; a Clang is needed where there is no wheel).
"""

from __future__ import annotations

import argparse
import faulthandler
import hashlib
import json
import random
import re
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from targets import TARGETS, Target, Texts, seeds

LONGEST = 20
"""Seconds of the processor that one run may take."""
LARGEST = 60_000
"""Characters that a text may grow to."""
SMALLER = 60
"""Seconds that making a find small may take."""

ODD = [
    *(
        "{}",
        "[]",
        "null",
        "~",
        "!!binary x",
        "*a",
        "&a ",
        "<<: *a",
        "- - -",
        "? a",
        "---",
        "...",
        "|",
        ">-",
        "%TAG",
        "@",
    ),
    *("${A:-${B}}", "$${{", "${{ github.event.x }}", "{{ .x }}", "{{", "}}", "${", "$(", "`", "'", '"', "\\", "\\\n"),
    *("\x85", "\u2028", "\ufeff", "\ud800", "\0", "\r", "\r\n", "\t", "\x1b[31m", "\u202e", "é", "😀", "# escape=`\n"),
    *(
        "0x",
        "1e999",
        ".inf",
        "-0",
        "9" * 400,
        "0b1",
        "1_0",
        "01",
        "::error::x",
        "<<EOF",
        "EOF",
        "# devopslint: allow * -- x",
    ),
    *("(", "((((", "))))", "[[[[", "{{{{", "a: " * 40, "- " * 60, "*/1", "2026-02-30", "Infinity", "NaN", "=~", "**/*"),
]
WORD = re.compile(r"[\w.-]+|\s+|[^\w\s]")


class TooLong(BaseException):
    """A run that does not end; no handler of ours may catch it."""


def change(text: str, chance: random.Random, others: list[str]) -> str:
    """The text with a few changes."""
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        text = chance.choice(CHANGES)(text, chance, others)[:LARGEST]
    return text


def _of_lines(do: Callable[[list[str], int, random.Random], object]) -> Callable[[str, random.Random, list[str]], str]:
    def changed(text: str, chance: random.Random, others: list[str]) -> str:
        lines = text.split("\n")
        do(lines, chance.randrange(len(lines)), chance)
        return "\n".join(lines)

    return changed


def _of_words(do: Callable[[list[str], int, random.Random], object]) -> Callable[[str, random.Random, list[str]], str]:
    def changed(text: str, chance: random.Random, others: list[str]) -> str:
        words = WORD.findall(text) or [""]
        do(words, chance.randrange(len(words)), chance)
        return "".join(words)

    return changed


def _drop(parts: list[str], at: int, chance: random.Random) -> None:
    del parts[at : at + chance.choice((1, 1, 2, 5))]


def _repeat(parts: list[str], at: int, chance: random.Random) -> None:
    parts[at : at + chance.choice((1, 2, 4))] *= chance.choice((2, 2, 3, 50))


def _swap(parts: list[str], at: int, chance: random.Random) -> None:
    other = chance.randrange(len(parts))
    parts[at], parts[other] = parts[other], parts[at]


def _odd(parts: list[str], at: int, chance: random.Random) -> None:
    parts[at] = chance.choice((parts[at], "")) + chance.choice(ODD) + chance.choice((parts[at], ""))


def _indent(parts: list[str], at: int, chance: random.Random) -> None:
    for index in range(at, min(at + chance.choice((1, 3, 9)), len(parts))):
        parts[index] = chance.choice(("  " + parts[index], parts[index][2:], "\t" + parts[index]))


def _cut(text: str, chance: random.Random, others: list[str]) -> str:
    at = chance.randrange(len(text) + 1)
    return chance.choice((text[:at], text[at:]))


def _splice(text: str, chance: random.Random, others: list[str]) -> str:
    mine, theirs = text.split("\n"), chance.choice(others).split("\n")
    at, start = chance.randrange(len(mine) + 1), chance.randrange(len(theirs))
    mine[at:at] = theirs[start : start + chance.choice((1, 3, 20))]
    return "\n".join(mine)


def _breaks(text: str, chance: random.Random, others: list[str]) -> str:
    return text.replace("\n", chance.choice(("\r\n", "\r", "\n\n", "\n")))


def _deepen(text: str, chance: random.Random, others: list[str]) -> str:
    opening, closing = chance.choice((("[", "]"), ("{a: ", "}"), ("(", ")"), ("${", "}"), ("{{", "}}"), ("$(", ")")))
    at, times = chance.randrange(len(text) + 1), chance.choice((2, 30, 300, 3_000))
    return text[:at] + opening * times + "x" + closing * times + text[at:]


CHANGES = (
    *map(_of_lines, (_drop, _repeat, _swap, _odd, _indent)),
    *map(_of_words, (_drop, _repeat, _swap, _odd, _odd)),
    *(_cut, _splice, _splice, _breaks, _deepen),
)


def broken_by(target: Target, texts: Texts) -> tuple[str, str] | None:
    """What went wrong, told short and whole; None where all is well."""
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    try:
        target.run(texts)
    except TooLong:
        return f"takes longer than {LONGEST} s", traceback.format_exc()
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        where = next((f for f in reversed(frames) if "devopslint/" in f.filename), frames[-1])
        said = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__} in {where.name}"
        return re.sub(r"\d+", "N", said)[:200], traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def smaller(target: Target, texts: Texts, said: str) -> Texts:
    """The same find in as few files and lines as a minute gives."""
    until = time.monotonic() + SMALLER
    for path in list(texts):
        fewer = {name: text for name, text in texts.items() if name != path}
        if fewer and (found := broken_by(target, fewer)) and found[0] == said:
            texts = fewer
    for path in texts:
        lines = texts[path].split("\n")
        size = len(lines) // 2
        while size and time.monotonic() < until:
            at = 0
            while at < len(lines) and time.monotonic() < until:
                fewer = {**texts, path: "\n".join(lines[:at] + lines[at + size :])}
                if (found := broken_by(target, fewer)) and found[0] == said:
                    texts = fewer
                    del lines[at : at + size]
                else:
                    at += size
            size //= 2
    return texts


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--target", action="append", choices=list(TARGETS))
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--found", type=Path, default=Path("fuzz-found"))
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--coverage", choices=list(TARGETS), help="let atheris lead this target")
    options = parser.parse_args()
    faulthandler.enable()
    options.found.mkdir(parents=True, exist_ok=True)
    if options.coverage:
        lead(options.coverage, options)
        return
    seed = options.seed if options.seed is not None else time.time_ns() % 1_000_000
    chance = random.Random(seed)
    every = list(seeds(options.corpus))
    names = options.target or [*TARGETS, *["check"] * len(TARGETS)]
    suited = {name: _suited(TARGETS[name], every) for name in set(names)}
    others = [text for texts in every for text in texts.values()]
    print(f"seed {seed}, {len(every)} texts, targets: {', '.join(sorted(suited))}", flush=True)

    signal.signal(signal.SIGPROF, _stop)
    runs: Counter[str] = Counter()
    finds: Counter[str] = Counter()
    begun = told = time.monotonic()
    last = options.found / "last.json"  # a crash of the interpreter leaves it behind
    while time.monotonic() < begun + options.minutes * 60:
        name = chance.choice(names)
        target = TARGETS[name]
        texts = dict(chance.choice(suited[name]))
        for path in chance.sample(sorted(texts), chance.randint(1, min(2, len(texts)))):
            texts[path] = change(texts[path], chance, others)
        if name == "check" and chance.random() < 0.1:
            texts |= chance.choice(every)
        last.write_text(json.dumps([name, texts]))
        runs[name] += 1
        if (found := broken_by(target, texts)) is not None:
            said, trace = found
            finds[said] += 1
            if finds[said] == 1:
                keep(options.found, name, smaller(target, texts, said), said, trace)
        if time.monotonic() > told + 60:
            told = time.monotonic()
            print(f"{(told - begun) / 60:.0f} min, {runs.total():,} runs, {len(finds)} kinds of finds", flush=True)
    last.unlink(missing_ok=True)
    print(f"{runs.total():,} runs: {', '.join(f'{name} {count:,}' for name, count in sorted(runs.items()))}")
    for said, count in finds.most_common():
        print(f"{count:>6}  {said}")
    sys.exit(bool(finds))


def _suited(target: Target, every: list[Texts]) -> list[Texts]:
    if not target.alone:
        return every
    return [{path: text} for texts in every for path, text in texts.items() if target.suits(path)]


def _stop(*_: Any) -> None:
    raise TooLong


def keep(folder: Path, name: str, texts: Texts, said: str, trace: str) -> None:
    """One file that says what broke, and on what."""
    digest = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:8]
    content = {"target": name, "said": said, "texts": texts, "trace": trace}
    (folder / f"{name}-{digest}.json").write_text(json.dumps(content, indent=1))
    print(f"FOUND by {name}: {said}  ({name}-{digest}.json)", flush=True)


def lead(name: str, options: argparse.Namespace) -> None:
    """libFuzzer's own loop over one target that takes one text."""
    import atheris  # type: ignore[import-not-found]  # only where it is installed

    target = TARGETS[name]
    folder = options.found / f"corpus-{name}"
    folder.mkdir(exist_ok=True)
    for number, texts in enumerate(_suited(target, list(seeds(options.corpus)))):
        (folder / f"seed{number}").write_text("".join(texts.values()), "utf-8", "backslashreplace")
    path = next(iter(_suited(target, list(seeds(None)))[0]))
    atheris.instrument_all()
    arguments = [sys.argv[0], f"-max_total_time={int(options.minutes * 60)}", f"-timeout={LONGEST}", str(folder)]
    atheris.Setup(arguments, lambda data: target.run({path: data.decode("utf-8", "replace")}))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
