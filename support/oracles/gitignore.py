"""Random folders with random .gitignore files, some of whose files are tracked: what Git keeps and what our walk finds."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from devopslint.files import find_files

PAIRS_IN_A_TREE = 100

_NAMES = [
    *("a", "b", "ab", "abc", "x", "build", "k8s", "prod", "A", "B", "a b", "é", "[a]", "a*", "!a", "#a", "a-", "]"),
    *("a\\", "\\a", "1", ".a", "a ", "z", "-", "^a", "web", "a.b", "out put", "a\t"),
]
_ENDINGS = [".yml", ".yaml", ".json", ".a.yml", " .yml", ".YML.yml"]
_CLASSES = [
    *("[ab]", "[!a]", "[^a]", "[a-c]", "[z-a]", "[]a]", "[!]a]", "[[:alpha:]]", "[^[:upper:]]", "[![:digit:]a]"),
    *("[a-]", "[-a]", "[a", "[[:foo:]]", "[\\]a]", "[a\\-z]", "[[:space:]]", "[.]", "[a/b]", "[[:alpha:]-z]", "[!-~]"),
    *("[[a]", "[[:a]", "[[:]", "[[::]]", "[\\", "[", "[]", "[!]", "[[:punct:]]", "[[:word:]]", "[é]", "[0-9a-f]"),
]
_STARS = ["*", "*", "*", "**", "***", "?", "??", "*?", "?*"]
_ESCAPES = ["\\a", "\\*", "\\[", "\\!", "\\#", "\\ ", "\\", "\\\\", "\\?", "\\/"]
_WHOLE = [
    *("", "!", "/", "//", "!/", "*", "!*/", "!*.yml", "**", "**/", "/**", "*/", "/*", "!/*/", "#a", " ", "\t", "\\"),
    *("!!a", "**/**", "a/**", "!a/b.yml", "*.yml", "!*.yaml", "/*/*", "!.gitignore", "*/**", "**/a", "**/a/**", "./a"),
    *("../a", "a//b", "a/./b", "/a/", "!/a/", "*/b", "\\!a", "\\#a", "k8s/**", "!k8s/prod.yml", "*.*", "!*.*", "?"),
]


class Pair(NamedTuple):
    """A folder: its files, its .gitignore files by the folder that they stand in, and which files are tracked."""

    files: tuple[str, ...]
    ignores: dict[str, bytes]
    tracked: tuple[str, ...]


def pairs(seed: int, count: int) -> Iterator[Pair]:
    dice, added = random.Random(seed), random.Random(seed)
    for _ in range(count):
        files = tuple(dict.fromkeys(_without_clashes(_path(dice) for _ in range(dice.randint(3, 14)))))
        folders = sorted({f.rpartition("/")[0] for f in files} - {""})
        ignores = {"": _content(dice, files)}
        for folder in folders:
            if dice.random() < 0.15:
                ignores[folder] = _content(dice, files)
        yield Pair(files, ignores, tuple(file for file in files if added.random() < 0.15))


def _without_clashes(paths: Iterator[str]) -> Iterator[str]:
    """No path that is a folder of another one."""
    files: set[str] = set()
    folders: set[str] = set()
    for path in paths:
        above = {path[:at] for at, char in enumerate(path) if char == "/"}
        if path not in folders and not above & files:
            files.add(path)
            folders |= above
            yield path


def _path(dice: random.Random) -> str:
    folders = [dice.choice(_NAMES) for _ in range(dice.choice((0, 1, 1, 2, 2, 3)))]
    return "/".join([*folders, dice.choice(_NAMES) + dice.choice(_ENDINGS)])


def _content(dice: random.Random, files: tuple[str, ...]) -> bytes:
    lines = [_line(dice, files) for _ in range(dice.choice((1, 1, 2, 3, 4, 6)))]
    end = dice.choice(("\n", "\n", "\n", "\r\n"))
    text = end.join(lines) + dice.choice((end, end, ""))
    return dice.choice((b"", b"", b"", b"", b"\xef\xbb\xbf")) + text.encode()


def _line(dice: random.Random, files: tuple[str, ...]) -> str:
    if dice.random() < 0.25:
        return dice.choice(_WHOLE)
    if dice.random() < 0.3:  # something that is there, bent
        parts = dice.choice(files).split("/")
        parts = parts[: dice.randint(1, len(parts))][dice.choice((0, 0, -1)) :]
        parts = [_bent(dice, part) for part in parts]
    else:
        parts = [_segment(dice) for _ in range(dice.choice((1, 1, 2, 2, 3)))]
    line = "/".join(parts)
    line = (
        dice.choice(("", "", "", "/", "**/"))
        + line
        + dice.choice(("", "", "", "/", "/*", "/**", "**", " ", "  ", "\t"))
    )
    return ("!" if dice.random() < 0.3 else "") + line


def _bent(dice: random.Random, part: str) -> str:
    if dice.random() < 0.5 or not part:
        return part
    at = dice.randrange(len(part))
    return (
        part[:at]
        + dice.choice((*_STARS, *_CLASSES, f"\\{part[at]}", f"[{part[at]}]"))
        + part[at + dice.randint(0, 2) :]
    )


def _segment(dice: random.Random) -> str:
    if dice.random() < 0.15:
        return dice.choice(("**", "*"))
    pieces = [
        dice.choice(dice.choices((_NAMES, _STARS, _CLASSES, _ESCAPES, _ENDINGS), (5, 4, 2, 1, 2))[0])
        for _ in range(dice.choice((1, 1, 2, 3)))
    ]
    return "".join(pieces)


def write(pair: Pair, folder: Path) -> None:
    for path in pair.files:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"")
    for place, content in pair.ignores.items():
        (folder / place / ".gitignore").write_bytes(content)


def kept_by_git(root: Path) -> set[str]:
    command = ("ls-files", "--cached", "--others", "--exclude-per-directory=.gitignore", "-z")
    done = subprocess.run(["git", "-C", str(root), *command], check=True, capture_output=True)
    return {os.fsdecode(path) for path in done.stdout.split(b"\0") if path}


def track(root: Path, paths: list[str], version: int) -> None:
    """Put files into the index, whatever ignores them."""
    git = ["git", "-C", str(root), "-c", "core.safecrlf=false", "--literal-pathspecs"]
    subprocess.run([*git, "update-index", "--force-write-index", "--index-version", str(version)], check=True)
    listed = "\0".join(paths).encode()
    subprocess.run([*git, "update-index", "--add", "-z", "--stdin"], check=True, input=listed)


def found_by_us(root: Path) -> set[str]:
    return set(find_files(root, root).files)


def differences(
    seed: int, count: int, found: Callable[[Path], set[str]] = found_by_us
) -> Iterator[tuple[Pair, list[str], list[str]]]:
    """Each pair that is read otherwise: what Git alone keeps, and what we alone find."""
    waiting = list(pairs(seed, count))
    for begin in range(0, count, PAIRS_IN_A_TREE):
        here = waiting[begin : begin + PAIRS_IN_A_TREE]
        root = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
        try:
            hash_name = ("sha1", "sha256")[begin // PAIRS_IN_A_TREE % 2]
            subprocess.run(["git", "init", "-q", f"--object-format={hash_name}", str(root)], check=True)
            tracked: list[str] = []
            for number, pair in enumerate(here):
                folder = f"p{number}" if begin else f"p{number}/deep"
                write(pair, root / folder)
                tracked += [f"{folder}/{file}" for file in pair.tracked]
            track(root, tracked, 2 + begin // PAIRS_IN_A_TREE % 3)
            kept, seen = (
                {p for p in paths if not p.endswith(".gitignore")} for paths in (kept_by_git(root), found(root))
            )
        finally:
            shutil.rmtree(root)
        for number, pair in enumerate(here):
            prefix = f"p{number}/"
            missed = sorted(path for path in kept - seen if path.startswith(prefix))
            extra = sorted(path for path in seen - kept if path.startswith(prefix))
            if missed or extra:
                yield pair, missed, extra
