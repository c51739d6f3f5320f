"""What Git tracks in a work tree, by its index; no program is started."""

from __future__ import annotations

import functools
import os
import re
import stat as modes
from bisect import bisect_left
from pathlib import Path

from devopslint.deferred import NamedTuple, compiled
from devopslint.readers.git_index import MOST_BYTES, read_index

_LONGEST_WORD = 100_000
"""Bytes of a file that says where another one is."""
_GIT_FOLDER = compiled(rb"gitdir: ([^\0\r\n]+)\r?\n?")
_WORK_TREE = compiled(rb'^[ \t]*worktree[ \t]*=[ \t]*"?([^\0\r\n"]+?)"?[ \t]*\r?$', re.MULTILINE)


class Tracked(NamedTuple):
    """The files and links that an index holds."""

    names: tuple[bytes, ...]
    """Sorted, relative to the top of the work tree, with slashes."""

    def holds(self, path: str) -> bool:
        """Whether it holds a file of that path, or something below it where it ends with a slash."""
        name = os.fsencode(path)
        at = bisect_left(self.names, name)
        if at == len(self.names):
            return False
        return self.names[at].startswith(name) if path.endswith("/") else self.names[at] == name


def tracked_paths(root: Path) -> Tracked:
    """What the repository at the root tracks, nothing where there is none. Raises ValueError where that cannot be known."""
    folder = _git_folder(root)
    if folder is None:
        return Tracked(())
    try:
        status = os.lstat(folder / "index")
    except FileNotFoundError:
        return Tracked(())  # nothing was ever added
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    return _tracked(folder / "index", (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))


@functools.lru_cache(maxsize=1)  # a run asks for one again and again
def _tracked(index: Path, status: tuple[int, ...]) -> Tracked:
    return Tracked(read_index(_read(index, MOST_BYTES)))


def _git_folder(root: Path) -> Path | None:
    """Where the repository is that the tree belongs to.

    A `.git` that leads out of the tree, which an archive may bring along, is believed where what it leads to names
    this tree for its own: a work tree beside another one, and a submodule.
    """
    at = root / ".git"
    if not os.path.lexists(at):
        return None
    folder = Path(os.path.realpath(at))
    if not folder.is_dir():
        told = _GIT_FOLDER.fullmatch(_read(at, _LONGEST_WORD))
        if told is None:
            raise ValueError("is not found: .git is neither a folder nor the name of one")
        folder = Path(os.path.realpath(root / os.fsdecode(told[1])))
    own = os.path.realpath(root)
    if folder.is_relative_to(own) or own in _work_trees(folder):
        return folder
    raise ValueError("is not looked for: .git leads out of the project, to what does not name it")


def _work_trees(folder: Path) -> set[str]:
    """The folders that a repository names for its work tree."""
    named = set[str]()
    for file, expression, suffix in (
        ("gitdir", compiled(rb"\A([^\0\r\n]+/\.git)\s*\Z"), ".."),
        ("config", _WORK_TREE, ""),
    ):
        try:
            data = _read(folder / file, _LONGEST_WORD)
        except ValueError:
            continue
        named.update(os.path.realpath(folder / os.fsdecode(told[1]) / suffix) for told in expression.finditer(data))
    return named


def _read(path: Path, most: int) -> bytes:
    """The bytes of a file that is no link. Raises ValueError."""
    try:
        status = os.lstat(path)
        if not modes.S_ISREG(status.st_mode):
            raise ValueError("is no regular file")
        if status.st_size > most:
            raise ValueError(f"is larger than {most / 1_000_000:g} MB")
        with path.open("rb") as opened:
            return opened.read(most + 1)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
