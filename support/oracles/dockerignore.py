"""Random .dockerignore files and paths: what moby's patternmatcher leaves out of a build, and what we say."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from reading import ask

_NAMES = [
    *("a", "b", "ab", "abc", ".env", ".git", "src", "a.go", "b.md", "x y", "é", "a^b", "a+", "(a)", "{a}", "a|b", "]"),
    "$a",
]
_WILD = [
    "*",
    "*",
    "*",
    "**",
    "**",
    "?",
    "***",
    "*?",
    "[ab]",
    "[^a]",
    "[a-c]",
    "[!a]",
    "[]a]",
    "[a",
    "[z-a]",
    "[a-]",
    "\\a",
]
_WILD += ["\\*", "\\", "\\d", "\\.", "[.]", "[*]", "[\\]a]", "[[:alpha:]]", "[?]", "^", "[a\\-c]"]
_WHOLE = [
    "*",
    "**",
    "*/**",
    "**/*",
    "!",
    "!*",
    "!**",
    ".env**",
    "**/.env",
    "**/*.go",
    "# a",
    " a ",
    "/",
    "/a",
    "a/",
    "./a",
    "../a",
]
_WHOLE += [
    "",
    "a/../b",
    "! a",
    "!/a",
    "*.md",
    "!b.md",
    "a/**/b",
    "a**b",
    "**a",
    "**/a/**",
    "a/*",
    "!a/b",
    "//a",
    ".",
    "a//b",
    "#",
]


class Pair(NamedTuple):
    content: str
    paths: tuple[str, ...]


def pairs(seed: int, count: int) -> Iterator[Pair]:
    dice = random.Random(seed)
    for _ in range(count):
        paths = tuple("/".join(dice.choice(_NAMES) for _ in range(dice.choice((1, 1, 2, 3)))) for _ in range(8))
        lines = [_line(dice, paths) for _ in range(dice.choice((1, 1, 2, 3, 5)))]
        end = dice.choice(("\n", "\n", "\r\n"))
        yield Pair(dice.choice(("", "", "", "\ufeff")) + end.join(lines) + dice.choice((end, "")), paths)


def _line(dice: random.Random, paths: tuple[str, ...]) -> str:
    if dice.random() < 0.25:
        return dice.choice(_WHOLE)
    if dice.random() < 0.3:
        parts = dice.choice(paths).split("/")
        at = dice.randrange(len(parts))
        parts[at] = dice.choice((parts[at], parts[at][:1] + dice.choice(_WILD), dice.choice(_WILD) + parts[at][1:]))
    else:
        parts = [
            "".join(dice.choice(dice.choice((_NAMES, _WILD))) for _ in range(dice.choice((1, 1, 2))))
            for _ in range(dice.choice((1, 1, 2, 3)))
        ]
    line = "/".join(parts)
    line = dice.choice(("", "", "", "/", "**/")) + line + dice.choice(("", "", "", "/", "/*", "/**", "**", " "))
    return dice.choice(("", "", "!")) + line


def differences(seed: int, count: int) -> Iterator[tuple[Pair, str]]:
    """Each pair that is read otherwise, and how."""
    from devopslint.docker.dockerignore import IgnoreFile, IgnoreRules

    waiting = list(pairs(seed, count))
    for pair, answer in zip(waiting, ask("dockerignore", [pair._asdict() for pair in waiting]), strict=True):
        file = IgnoreFile.read(".dockerignore", pair.content)
        rules = next(one for one in file.summaries() if isinstance(one, IgnoreRules))
        if answer.error:
            if not getattr(file, "faults", None):
                yield pair, f"is refused: {answer.error}"
            continue
        if file.faults:
            yield pair, f"is not refused: {file.faults[0].message}"
            continue
        said = [rules.excludes(path) for path in pair.paths]
        if said != answer.value:
            yield pair, f"{answer.value} there, {said} here"
