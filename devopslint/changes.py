"""Which lines have changed since some revision, as Git tells; Git is run here and nowhere else."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from devopslint.config import ConfigError
from devopslint.deferred import NamedTuple, compiled
from devopslint.model import Location

TIMEOUT = 120
"""Seconds."""
_LAST = 1 << 31
"""More lines than a file has."""
_HUNK = compiled(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPED = compiled(rb"\\([0-7]{3}|.)")
_LETTERS = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


class Changes(NamedTuple):
    """What has changed, in the lines that are there now."""

    words: str
    """Which these are: `since main`."""
    lines: Mapping[str, tuple[tuple[int, int], ...]]
    """Path -> first and last line of each change; of a file that is new, all there can be."""
    before: Mapping[str, bytes]
    """The texts that the changed files had, those that are gone too."""
    added: frozenset[str] = frozenset()
    """Files that were not there, or had another name."""

    def cover(self, at: Location) -> bool:
        return any(first <= at.end_line and at.line <= last for first, last in self.lines.get(at.path, ()))


def changed_since(root: Path, revision: str) -> Changes:
    """What the work tree has and the last common ancestor with `revision` has not.

    Raises ConfigError where Git cannot say.
    """
    _repository(root)
    if _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", ask=True) is None:
        raise ConfigError(f"no revision is named {revision!r}{_shallow(root)}")
    base = _git(root, "merge-base", "--end-of-options", revision, "HEAD", ask=True)
    if base is None:
        why = _shallow(root) or ": the two have no history in common"
        raise ConfigError(f"it is not known where {revision!r} and HEAD part{why}")
    untracked = _names(_git(root, "ls-files", "--others", "--exclude-standard", "-z") or b"")
    return _changes(root, f"since {revision}", base.decode().strip(), (), untracked)


def staged(root: Path) -> Changes:
    """What the next commit would change. Raises ConfigError where Git cannot say."""
    _repository(root)
    is_first = _git(root, "rev-parse", "--verify", "--quiet", "HEAD", ask=True) is None
    return _changes(root, "for the next commit", "" if is_first else "HEAD", ("--cached",))


def _changes(root: Path, words: str, base: str, which: tuple[str, ...], untracked: Iterable[str] = ()) -> Changes:
    lines, names = _read_diff(_diff(root, *which, *([base] if base else []), "--"))
    lines |= dict.fromkeys(untracked, ((1, _LAST),))
    before = {
        name: text for name in names if base and (text := _git(root, "show", f"{base}:{name}", ask=True)) is not None
    }
    return Changes(words, lines, before, frozenset((*names, *lines)) - before.keys())


def staged_texts(root: Path, files: Iterable[str]) -> tuple[dict[str, bytes], set[str]]:
    """The texts of those files that the index has otherwise than the disk; and the files that it has not.

    Raises ConfigError where Git cannot say.
    """
    _repository(root)
    untracked = set(_names(_git(root, "ls-files", "--others", "-z") or b""))
    differing = set(
        _names(
            _git(root, "diff", "--name-only", "-z", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--")
            or b""
        )
    ).intersection(files)
    texts = {
        path: text for path in sorted(differing) if (text := _git(root, "show", f":0:{path}", ask=True)) is not None
    }
    return texts, untracked


def _repository(root: Path) -> None:
    if shutil.which("git") is None:
        raise ConfigError("changed lines are told by git, and it is not on the PATH")
    if not (root / ".git").exists():
        raise ConfigError(f"changed lines are told by Git, and {root} is in no Git repository")


def _shallow(root: Path) -> str:
    if (_git(root, "rev-parse", "--is-shallow-repository", ask=True) or b"").strip() == b"true":
        return ": this clone is shallow; fetch its history first (`git fetch --unshallow`, `fetch-depth: 0`)"
    return ""


def _diff(root: Path, *what: str) -> bytes:
    # Without --text an attribute of the tree, `* -diff`, would hide the lines that have changed.
    options = ("--unified=0", "--inter-hunk-context=0", "--text", "--no-color", "--no-ext-diff", "--no-textconv")
    names = ("--find-renames", "--no-relative", "--src-prefix=a/", "--dst-prefix=b/", "--ignore-submodules=all")
    return _git(root, "diff", *options, *names, *what) or b""


def _git(root: Path, *arguments: str, ask: bool = False) -> bytes | None:
    """What Git prints; None where it refuses and was only asked."""
    done = _run(root, arguments, _without_programs(root))
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode("utf-8", "replace").strip()
    if "promisor" in said or "lazy fetch" in said:
        raise ConfigError("this clone is partial, and nothing is fetched: fetch it whole first (`git fetch --refetch`)")
    if ask and "dubious ownership" not in said:
        return None
    raise ConfigError(f"git {arguments[0]}: {said.splitlines()[0] if said else f'exit code {done.returncode}'}")


def _run(
    root: Path, arguments: tuple[str, ...], settings: tuple[tuple[str, str], ...]
) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-c", "core.quotePath=false", "-C", str(root), *arguments]
    environment = {
        **os.environ,
        # The index stays as it is, so that no hook is told of it; and nothing is fetched, by whatever program.
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        # What is compared is what is looked at, whatever core.worktree says.
        "GIT_WORK_TREE": str(root),
        "LC_ALL": "C",
    }
    count = environment.get("GIT_CONFIG_COUNT", "0")
    first = int(count) if count.isdecimal() else 0
    for number, (key, value) in enumerate(settings, first):
        environment[f"GIT_CONFIG_KEY_{number}"], environment[f"GIT_CONFIG_VALUE_{number}"] = key, value
    environment["GIT_CONFIG_COUNT"] = str(first + len(settings))
    try:
        return subprocess.run(
            command, capture_output=True, timeout=TIMEOUT, check=False, stdin=subprocess.DEVNULL, env=environment
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise ConfigError(f"git does not answer: {error}") from None


_NO_PROGRAMS = (("core.fsmonitor", "false"), ("core.hooksPath", os.devnull), ("core.sshCommand", "false"))


@functools.lru_cache(maxsize=16)
def _without_programs(root: Path) -> tuple[tuple[str, str], ...]:
    """Settings by which no program runs that the repository's own configuration names; the user's own filters stay.

    A checkout from an archive brings its `.git` along. Git runs a filter over each changed file that it compares.
    """
    listed = _run(root, ("config", "--list", "--show-scope", "--name-only", "-z"), _NO_PROGRAMS).stdout.split(b"\0")
    filters = {
        os.fsdecode(key.rpartition(b".")[0])
        for scope, key in zip(listed[::2], listed[1::2], strict=False)
        if scope in (b"local", b"worktree") and key.startswith(b"filter.") and key.count(b".") > 1
    }
    empty = (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
    return (*_NO_PROGRAMS, *((f"{filter}.{key}", value) for filter in sorted(filters) for key, value in empty))


def _names(output: bytes) -> Iterator[str]:
    return (name.decode("utf-8", "surrogateescape") for name in output.split(b"\0") if name)


def _read_diff(output: bytes) -> tuple[dict[str, tuple[tuple[int, int], ...]], set[str]]:
    """The changed lines by path, and the old and new names of all files, from a diff without context lines.

    What is in a hunk is counted off: a removed line may look like a header.
    """
    changed: dict[str, tuple[tuple[int, int], ...]] = {}
    names: set[str] = set()
    path = ""
    lines = iter(output.split(b"\n"))
    for line in lines:
        if line.startswith((b"--- ", b"+++ ")):
            path = _path(line[4:])
            names.add(path)
        elif line.startswith((b"rename from ", b"rename to ")):
            names.add(_path(b"x/" + line.split(b" ", 2)[2]))
        elif (hunk := _HUNK.match(line.decode("ascii", "replace"))) is not None:
            less, start, more = int(hunk[1] or 1), int(hunk[2]), int(hunk[3] or 1)
            for _ in range(less + more):
                while next(lines, b"").startswith(b"\\"):  # No newline at end of file: counted by no hunk
                    pass
            if more and path:
                changed[path] = (*changed.get(path, ()), (start, start + more - 1))
    return changed, names - {""}


def _path(name: bytes) -> str:
    """The path of a header, without its prefix; empty for a file that is not there."""
    name = name.rstrip(b"\t\r")
    if name == b"/dev/null":
        return ""
    prefix, quote, quoted = name.partition(b'"')
    if quote and prefix in (b"", b"x/"):
        name = prefix + _ESCAPED.sub(_unescaped, quoted[:-1])
    return name[2:].decode("utf-8", "surrogateescape")


def _unescaped(found: re.Match[bytes]) -> bytes:
    if len(found[1]) == 3:
        return bytes([int(found[1], 8)])
    return _LETTERS.get(found[1], found[1])
