"""What earlier runs found out: the report of a file by what it was made of; platformdirs is used here and nowhere else.

A report depends on nothing but a file's text, path and kind, on the rules with their parameters, and on this program.
"""

from __future__ import annotations

import hashlib
import os
import stat as modes
import struct
import sys
import time
import zlib
from collections.abc import Iterable
from pathlib import Path

from devopslint import __version__, plain
from devopslint.catalogue import stamp
from devopslint.config import Selection
from devopslint.deferred import NamedTuple
from devopslint.files import SourceFile
from devopslint.project import FileReport

VARIABLE = "DEVOPSLINT_CACHE_DIR"
KEPT_DAYS = 30
"""So long a report that no run asks for is kept."""
LARGEST = 100_000_000
"""Bytes of all that is kept for one project; beyond it the reports that were asked for last stay."""

_SUFFIX = ".reports"
"""Of the names of our files: in a folder that the user names there may be others."""


_MARK = b"devopslint reports 2\n"
"""What a file of ours begins with; then the checksum of the rest, which is head and report by turns."""
_CHECKSUM = 4
_HEAD = struct.Struct("<16sII")
"""The key, the day and the length of a report."""


class _Kept(NamedTuple):
    day: int
    """When a run last asked for it, in days since 1970."""
    written: bytes


class Cache:
    """The reports that are kept for one project; `remember` new ones, then `save`."""

    def __init__(self, file: Path, today: int) -> None:
        self._file = file
        self._today = today
        self._kept = _load(file)
        self._selections: dict[int, tuple[Selection, bytes]] = {}
        """The keys of selections by their id, which is no other's as long as they are here."""
        self._changed = False

    @classmethod
    def of(cls, root: Path) -> Cache | None:
        """What is kept for the project at `root`; None where this user has no place for it, or one that is refused()."""
        place = folder()
        if place is None or refused(root) is not None:
            return None
        name = hashlib.blake2b(os.fsencode(root), digest_size=16).hexdigest()
        return cls(place / f"{name}{_SUFFIX}", int(time.time() // 86_400))

    @property
    def empty(self) -> bool:
        return not self._kept

    def key(self, file: SourceFile, digest: bytes, selection: Selection) -> bytes:
        """All that a report on a file depends on, as a hash; `digest` is digest_of() its text."""
        key = hashlib.blake2b(self._key_of(selection), digest_size=16)
        key.update(digest)
        key.update(f"{file.path}\0{file.kind}".encode("utf-8", "surrogatepass"))
        return key.digest()

    def _key_of(self, selection: Selection) -> bytes:
        if id(selection) not in self._selections:
            said = repr((__version__, stamp(), sys.version, *selection.items()))
            key = hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).digest()
            self._selections[id(selection)] = (selection, key)
        return self._selections[id(selection)][1]

    def recall(self, key: bytes) -> FileReport | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.day != self._today:
            self._kept[key] = kept._replace(day=self._today)
        try:
            report = plain.read(kept.written)
        except (ArithmeticError, ImportError, LookupError, RecursionError, TypeError, ValueError):
            return None  # whatever is wrong with it, the run finds out anew
        return report if isinstance(report, FileReport) else None

    def remember(self, key: bytes, written: bytes) -> None:
        """Keep a report, as written_report() gives it."""
        self._kept[key] = _Kept(self._today, written)
        self._changed = True

    def save(self) -> None:
        """Write what is new; in silence nothing where that is not possible: the next run finds out again."""
        if not self._changed:
            return
        self._changed = False
        kept = dict(_worth_keeping(self._kept, self._today))
        body = b"".join(
            part for key, one in kept.items() for part in (_HEAD.pack(key, one.day, len(one.written)), one.written)
        )
        import tempfile  # only where there is something to write

        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # A name that no draft which a killed process has left can have, and for its user alone.
            descriptor, name = tempfile.mkstemp(prefix=f"{self._file.name}.", dir=self._file.parent)
            draft = Path(name)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(_MARK + zlib.crc32(body).to_bytes(_CHECKSUM) + body)
                draft.replace(self._file)
            except BaseException:
                draft.unlink()
                raise
            for other in self._file.parent.glob(f"*{_SUFFIX}*"):
                if other.stat().st_mtime < (self._today - 2 * KEPT_DAYS) * 86_400:
                    other.unlink()
        except OSError:
            return


def digest_of(text: str, undecodable: int | None = None) -> bytes:
    """A hash of what a file holds, as `files.decode` gives it."""
    return hashlib.blake2b(f"{undecodable}\0{text}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def folder() -> Path | None:
    """Where reports are kept: a folder of the user's, never one of the project's; None for a user without a home."""
    if told := os.environ.get(VARIABLE):
        found = Path(told)
    else:
        from platformdirs import user_cache_path  # 4 ms

        try:
            found = user_cache_path("devopslint", appauthor=False)
        except RuntimeError:  # newer releases say so; older ones give a path that begins with ~
            return None
    return found if found.is_absolute() else None


def clear() -> tuple[int, int]:
    """Delete all that is kept, of every project; how many files that were, and how many bytes. Raises OSError."""
    place = folder()
    files = [*place.glob(f"*{_SUFFIX}*")] if place is not None and place.is_dir() else []
    size = sum(file.lstat().st_size for file in files)
    for file in files:
        file.unlink()
    return len(files), size


def refused(root: Path) -> str | None:
    """Why nothing is kept for the project at `root`: what lies within it may be committed, and say that all is well."""
    place = folder()
    if place is None or not Path(os.path.realpath(place)).is_relative_to(os.path.realpath(root)):
        return None
    return (
        f"nothing is kept for the next run: the cache folder {place} lies inside the project, "
        f"where a commit could put reports into it; {VARIABLE} names another"
    )


def written_report(report: FileReport) -> bytes:
    """A report as it is kept; empty for one that cannot be."""
    try:
        return plain.write(report)
    except ValueError:
        return b""


def _load(file: Path) -> dict[bytes, _Kept]:
    try:
        # Without the flag, to open a pipe would be to wait for who writes to it.
        with os.fdopen(
            os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb"
        ) as opened:
            status = os.fstat(opened.fileno())
            if not modes.S_ISREG(status.st_mode) or status.st_size > 2 * LARGEST:
                return {}
            if hasattr(os, "getuid") and (
                status.st_uid != os.getuid() or status.st_mode & (modes.S_IWGRP | modes.S_IWOTH)
            ):
                return {}  # another user's word
            data = opened.read()
    except OSError:
        return {}
    start = len(_MARK) + _CHECKSUM
    body = memoryview(data)[start:]
    if not data.startswith(_MARK) or zlib.crc32(body).to_bytes(_CHECKSUM) != data[len(_MARK) : start]:
        return {}
    kept: dict[bytes, _Kept] = {}
    at = 0
    while at + _HEAD.size <= len(body):
        key, day, length = _HEAD.unpack_from(body, at)
        at += _HEAD.size
        kept[key] = _Kept(day, bytes(body[at : at + length]))
        at += length
    return kept


def _worth_keeping(kept: dict[bytes, _Kept], today: int) -> Iterable[tuple[bytes, _Kept]]:
    total = 0
    for key, one in sorted(kept.items(), key=lambda item: -item[1].day):
        total += len(one.written)
        if one.day < today - KEPT_DAYS or total > LARGEST:
            return
        yield key, one
