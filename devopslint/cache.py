"""What earlier runs found out: the report of a file by what it was made of; platformdirs and sqlite3 are used here and nowhere else.

A report depends on nothing but a file's text, path and kind, on the rules with their parameters, and on this program.
What a file held is known without reading it again where its size, times and number are those that it had then.
docs/decisions/080-kept-by-file.md says how, and why.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import stat as modes
import sys
import time
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devopslint import __version__, plain
from devopslint.catalogue import stamp
from devopslint.config import Selection
from devopslint.deferred import NamedTuple
from devopslint.digests import blake2b
from devopslint.files import SourceFile, Status
from devopslint.model import Location
from devopslint.project import FileReport, Head

if TYPE_CHECKING:
    import sqlite3

VARIABLE = "DEVOPSLINT_CACHE_DIR"
KEPT_DAYS = 30
"""So long a report that no run asks for is kept."""
LARGEST = 100_000_000
"""Bytes of all that is kept for one project; beyond it the reports that were asked for last stay."""
MOST_OUTCOMES = 4
"""Of what runs over many files have printed: one a configuration and a format."""
MOST_JOINS = 2
"""Of what the files of a project say together: one a configuration, such as a hook's and a pipeline's."""
PATIENCE = 5.0
"""Seconds that a run waits for another one that is writing."""

FEW = 1_000
"""Files of which one by one is asked; beyond, all are looked through."""

NOTHING_TOLD = b"[]"

BROKEN = (ArithmeticError, ImportError, LookupError, RecursionError, TypeError, ValueError)
"""What reading raises where something is not as it was written."""

_SUFFIX = ".reports"
"""Of the names of our files: in a folder that the user names there may be others."""

_FORM = 8
"""Of the tables; others are not read."""
_TABLES = """
CREATE TABLE files (path BLOB PRIMARY KEY, size INTEGER, modified INTEGER, changed INTEGER, number INTEGER,
  digest BLOB, kind TEXT, claimed TEXT, day INTEGER, checksum INTEGER) WITHOUT ROWID;
CREATE TABLE reports (id INTEGER PRIMARY KEY, key BLOB UNIQUE, day INTEGER, size INTEGER, head TEXT, checksum INTEGER);
CREATE TABLE bodies (id INTEGER PRIMARY KEY, written BLOB, checksum INTEGER);
CREATE TABLE told (id INTEGER PRIMARY KEY, written BLOB, checksum INTEGER);
CREATE TABLE joins (id INTEGER PRIMARY KEY, scope BLOB UNIQUE, parts BLOB, written BLOB, checksum INTEGER, turn INTEGER);
CREATE TABLE joined (id INTEGER, path BLOB, profile INTEGER, written BLOB, checksum INTEGER, PRIMARY KEY (id, path))
  WITHOUT ROWID;
CREATE TABLE outcomes (id INTEGER PRIMARY KEY, key BLOB UNIQUE, reads TEXT, status INTEGER, written BLOB, checksum INTEGER);
"""
_PARTS = ("told", "bodies")
"""The tables of the parts of a report, in the order of Written."""


class Seen(NamedTuple):
    """What a file was when a run looked at it."""

    status: Status
    digest: bytes
    """digest_of() its text; empty where it was of no known kind."""
    kind: str | None
    claimed: str | None
    """What other files said of its kind."""


class KeptJoin(NamedTuple):
    """What the files of a project say together: see joins.py."""

    scope: bytes
    parts: bytes
    written: bytes


class KeptOutcome(NamedTuple):
    """What a run has printed: see outcomes.py."""

    key: bytes
    reads: str
    status: int
    written: bytes


class Written(NamedTuple):
    """A report as it is kept, in two parts: the others' rules read but one of them."""

    told: bytes
    """What it tells the others: its summaries."""
    rest: bytes

    @property
    def size(self) -> int:
        return len(self.told) + len(self.rest)


class _Kept(NamedTuple):
    day: int
    """When a run last asked for it, in days since 1970."""
    size: int
    head: str


class Cache:
    """The reports that are kept for one project; `remember` new ones, then `save`."""

    def __init__(self, file: Path, today: int) -> None:
        self._file = file
        self._today = today
        self._kept: dict[bytes, _Kept] = {}
        self._files: dict[str, tuple[Seen, int]] = {}
        self._heads: dict[str, Head] = {}
        self._asked: set[bytes] = set()
        """The keys of those that this run asks for, on a day that is not yet written down."""
        self._met: set[str] = set()
        self._new: dict[bytes, tuple[Head, Written]] = {}
        self._told: dict[bytes, bytes] | None = None
        """What reports tell, where so many have been asked for that all were looked through."""
        self.tellings = 0
        """How often one report was asked what it tells."""
        self._noted: dict[str, Seen] = {}
        self._selections: dict[int, tuple[Selection, bytes]] = {}
        """The keys of selections by their id, which is no other's as long as they are here."""
        self._database = _opened(file)
        if self._database is not None:
            self._load()

    @classmethod
    def of(cls, root: Path) -> Cache | None:
        """What is kept for the project at `root`; None where this user has no place for it, or one that is refused()."""
        place = folder()
        if place is None or refused(root) is not None:
            return None
        try:
            import sqlite3  # noqa: F401
        except ImportError:  # in a Python that was built without it
            return None
        name = blake2b(os.fsencode(root), digest_size=16).hexdigest()
        return cls(place / f"{name}{_SUFFIX}", int(time.time() // 86_400))

    @property
    def empty(self) -> bool:
        return not self._kept

    def key(self, file: SourceFile, digest: bytes, selection: Selection) -> bytes:
        """All that a report on a file depends on, as a hash; `digest` is digest_of() its text."""
        key = blake2b(self._key_of(selection), digest_size=16)
        key.update(digest)
        key.update(f"{file.path}\0{file.kind}".encode("utf-8", "surrogatepass"))
        return key.digest()

    def _key_of(self, selection: Selection) -> bytes:
        if id(selection) not in self._selections:
            said = repr((__version__, stamp(), sys.version, *selection.items()))
            key = blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).digest()
            self._selections[id(selection)] = (selection, key)
        return self._selections[id(selection)][1]

    def seen(self, path: str) -> Seen | None:
        """What the file at this path was when a run last looked at it."""
        known = self._files.get(path)
        if known is None:
            return None
        if known[1] != self._today:
            self._met.add(path)
        return known[0]

    def note(self, path: str, seen: Seen) -> None:
        """Have later runs know what this file holds."""
        self._noted[path] = seen

    def head(self, key: bytes) -> Head | None:
        """What is asked of every report, of the one that is kept under this key."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.day != self._today:
            self._asked.add(key)
        if kept.head not in self._heads:
            self._heads[kept.head] = Head.read(kept.head)
        return self._heads[kept.head]

    def recall(self, key: bytes) -> FileReport | None:
        if self.head(key) is None:
            return None
        try:
            report = read_report(Written(self._part("told", key), self._part("bodies", key)))
        except BROKEN:
            return None  # whatever is wrong with it, the run finds out anew
        return report

    def recall_told(self, key: bytes) -> tuple[object, ...] | None:
        """The summaries of a report, without the rest of it."""
        if self.head(key) is None:
            return None
        try:
            return read_told(self._part_of_many(key))
        except BROKEN:
            return None

    def _part_of_many(self, key: bytes) -> bytes:
        self.tellings += 1
        if self._told is None and self.tellings > FEW:
            rows = self._asked_of("SELECT key, written, told.checksum FROM reports JOIN told USING (id)", ())
            self._told = {}
            with self._heeding():
                self._told = {key: written for key, written, checksum in rows if _sum(key, written) == checksum}
        if self._told is None or key in self._new:
            return self._part("told", key)
        return self._told.pop(key, b"") or self._part("told", key)

    def _part(self, table: str, key: bytes) -> bytes:
        """The bytes of a part of a report; none where they are not as they were written."""
        if key in self._new:
            written = self._new[key][1]
            return written.told if table == "told" else written.rest
        query = f"SELECT written, {table}.checksum FROM reports JOIN {table} USING (id) WHERE key = ?"
        for found, checksum in self._asked_of(query, (key,)):
            with self._heeding():
                if _sum(key, found) == checksum:
                    return bytes(found)
        return b""

    def remember(self, key: bytes, written: Written | None, head: Head | None = None) -> None:
        """Keep a report, as written_report() gives it."""
        if written is None:
            return
        head = head or Head()
        self._new[key] = (head, written)
        self._kept[key] = _Kept(self._today, written.size, head.write())

    def kept_join(self, scope: bytes) -> KeptJoin | None:
        with self._heeding():
            query = "SELECT parts, written, checksum FROM joins WHERE scope = ?"
            for parts, written, checksum in self._asked_of(query, (scope,)):
                if _sum(scope, parts, written) == checksum:
                    return KeptJoin(scope, parts, written)
        return None

    def joined_with(self, scope: bytes, paths: Collection[str]) -> Iterator[tuple[str, int | None, bytes]]:
        """(path, number, what is kept) of each of these that something is kept of. Raises ValueError for what is damaged."""
        query = (
            "SELECT path, profile, joined.written, joined.checksum FROM joined JOIN joins USING (id) WHERE scope = ?"
        )
        if len(paths) < FEW:
            query = f"{query} AND path = ?"
            rows = [row for path in paths for row in self._asked_of(query, (scope, os.fsencode(path)))]
        else:
            rows = self._asked_of(query, (scope,))
        for path, profile, written, checksum in rows:
            if _sum(scope, path, repr(profile).encode(), written) != checksum:
                raise ValueError("is damaged")
            if (named := os.fsdecode(path)) in paths:
                yield named, profile, written

    def _asked_of(self, query: str, values: tuple[object, ...]) -> list[Any]:
        rows: list[Any] = []
        with self._heeding():
            if self._database is not None:
                rows = self._database.execute(query, values).fetchall()
        return rows

    def keep_join(self, join: KeptJoin, rows: Mapping[str, tuple[int | None, bytes]]) -> None:
        """Have later runs know it, at once."""
        with self._heeding():
            if self._database is None:
                return
            with self._database as database:
                database.execute("BEGIN IMMEDIATE")
                database.execute(
                    "INSERT INTO joins (scope, parts, written, checksum, turn) "
                    "SELECT ?, ?, ?, ?, ifnull(max(turn), 0) + 1 FROM joins WHERE true "
                    "ON CONFLICT (scope) DO UPDATE SET "
                    "parts = excluded.parts, written = excluded.written, checksum = excluded.checksum, turn = excluded.turn",
                    (*join, _sum(*join)),
                )
                database.execute(
                    "DELETE FROM joins WHERE id NOT IN (SELECT id FROM joins ORDER BY turn DESC LIMIT ?)", (MOST_JOINS,)
                )
                database.execute("DELETE FROM joined WHERE id NOT IN (SELECT id FROM joins)")
                ((number,),) = database.execute("SELECT id FROM joins WHERE scope = ?", (join.scope,))
                before = {
                    row[0]: row[1:]
                    for row in database.execute(
                        "SELECT path, profile, written, checksum FROM joined WHERE id = ?", (number,)
                    )
                }
                now = {
                    name: (profile, one, _sum(join.scope, name, repr(profile).encode(), one))
                    for path, (profile, one) in rows.items()
                    for name in (os.fsencode(path),)
                }
                gone = [(number, name) for name in before if name not in now]
                database.executemany("DELETE FROM joined WHERE id = ? AND path = ?", gone)
                # Most are as they were: to write them again takes longer than to look.
                new = ((number, name, *row) for name, row in now.items() if before.get(name) != row)
                database.executemany("REPLACE INTO joined VALUES (?, ?, ?, ?, ?)", new)

    def kept_outcome(self, key: bytes) -> KeptOutcome | None:
        query = "SELECT reads, status, written, checksum FROM outcomes WHERE key = ?"
        with self._heeding():
            for reads, status, written, checksum in self._asked_of(query, (key,)):
                if _sum_of_outcome(kept := KeptOutcome(key, reads, status, written)) == checksum:
                    return kept
        return None

    def keep_outcome(self, kept: KeptOutcome) -> None:
        """Have later runs know it, at once."""
        with self._heeding():
            if self._database is None:
                return
            with self._database as database:
                database.execute("BEGIN IMMEDIATE")
                database.execute("DELETE FROM outcomes WHERE key = ?", (kept.key,))
                number = database.execute(
                    "INSERT INTO outcomes SELECT ifnull(max(id), 0) + 1, ?, ?, ?, ?, ? FROM outcomes",
                    (*kept, _sum_of_outcome(kept)),
                ).lastrowid
                database.execute("DELETE FROM outcomes WHERE id <= ?", (number - MOST_OUTCOMES if number else 0,))

    def save(self) -> None:
        """Write what is new; in silence nothing where that is not possible: the next run finds out again."""
        if not self._new and not self._noted:
            return
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._heeding():
                self._database = self._database or _made(self._file)
                self._write(self._database)
            for other in self._file.parent.glob(f"*{_SUFFIX}*"):
                if other.stat().st_mtime < (self._today - 2 * KEPT_DAYS) * 86_400:
                    other.unlink()
        except OSError:
            pass
        self._new.clear()
        self._noted.clear()

    def _write(self, database: sqlite3.Connection) -> None:
        with database:
            database.execute("BEGIN IMMEDIATE")
            for key, (_, written) in self._new.items():
                kept = self._kept[key]
                head = (key, kept.day, kept.size, kept.head, _sum(key, kept.head.encode()))
                for table in _PARTS:
                    database.execute(f"DELETE FROM {table} WHERE id IN (SELECT id FROM reports WHERE key = ?)", (key,))
                row = database.execute(
                    "REPLACE INTO reports (key, day, size, head, checksum) VALUES (?, ?, ?, ?, ?)", head
                )
                for table, part in zip(_PARTS, written, strict=True):
                    database.execute(f"REPLACE INTO {table} VALUES (?, ?, ?)", (row.lastrowid, part, _sum(key, part)))
            rows = ((*_row(path, seen), self._today) for path, seen in self._noted.items())
            database.executemany(
                "REPLACE INTO files (path, size, modified, changed, number, digest, kind, claimed, checksum, day) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            asked = ((self._today, key) for key in self._asked)
            database.executemany("UPDATE reports SET day = ? WHERE key = ?", asked)
            met = ((self._today, os.fsencode(path)) for path in self._met)
            database.executemany("UPDATE files SET day = ? WHERE path = ?", met)
            database.execute("DELETE FROM files WHERE day < ?", (self._today - KEPT_DAYS,))
            # What another run has written in the meantime counts, too.
            days = database.execute("SELECT id, day, size FROM reports").fetchall()
            dropped = [(one,) for one in _beyond(days, self._today)]
            database.executemany("DELETE FROM reports WHERE id = ?", dropped)
            for table in _PARTS:
                database.executemany(f"DELETE FROM {table} WHERE id = ?", dropped)

    def _load(self) -> None:
        with self._heeding():
            assert self._database is not None, "it is asked before"
            reports = self._database.execute("SELECT key, day, size, head, checksum FROM reports")
            for key, day, size, head, checksum in reports:
                if _sum(key, head.encode()) == checksum:
                    self._kept[key] = _Kept(day, size, head)
            for path, *status, digest, kind, claimed, day, checksum in self._database.execute("SELECT * FROM files"):
                seen = Seen(tuple(status), digest, kind, claimed)
                named = os.fsdecode(path)
                if _row(named, seen)[-1] == checksum:
                    self._files[named] = (seen, day)

    @contextlib.contextmanager
    def _heeding(self) -> Iterator[None]:
        """What is damaged is left to the next run to make anew: a cache is never a reason to fail."""
        import sqlite3

        try:
            yield
        except (sqlite3.Error, TypeError, ValueError) as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
            if self._database is not None:
                self._database.close()
            self._database = None
            self._kept = {key: self._kept[key] for key in self._new}
            self._files = {}
            if code not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL):
                with contextlib.suppress(OSError):
                    self._file.unlink()


def _sum(*parts: bytes) -> int:
    checksum = 0
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    return checksum


def _sum_of_outcome(kept: KeptOutcome) -> int:
    return _sum(kept.key, repr((kept.reads, kept.status)).encode(), kept.written)


def _row(path: str, seen: Seen) -> tuple[object, ...]:
    row = (os.fsencode(path), *seen.status, seen.digest, seen.kind, seen.claimed)
    return (*row, _sum(repr(row).encode()))


def _beyond(kept: Iterable[tuple[int, int, int]], today: int) -> Iterator[int]:
    """The numbers of those that are too old, or too many: (number, day, size) of each is given."""
    total = 0
    # Of one day those that were written last stay: the ones before may be of another configuration, or of an older program.
    for number, day, size in sorted(kept, key=lambda one: (-one[1], -one[0])):
        total += size
        if day < today - KEPT_DAYS or total > LARGEST:
            yield number


def _opened(file: Path) -> sqlite3.Connection | None:
    """What is kept in a file, if that is ours; None where nothing is, or where it is another user's word."""
    try:
        status = os.lstat(file)  # not followed, and no pipe is waited for
    except OSError:
        return None
    if not modes.S_ISREG(status.st_mode) or status.st_size > 2 * LARGEST:
        return None
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & (modes.S_IWGRP | modes.S_IWOTH)):
        return None
    import sqlite3  # 10 ms

    try:
        database = _connected(file)
        if database.execute("PRAGMA user_version").fetchone() == (_FORM,):
            return database
        database.close()
    except sqlite3.Error:
        pass
    return None


def _made(file: Path) -> sqlite3.Connection:
    """An empty one in place of what is there, for its user alone. Raises OSError and sqlite3.Error."""
    file.unlink(missing_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    database = _connected(file)
    database.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {_FORM}; COMMIT;")
    return database


def _connected(file: Path) -> sqlite3.Connection:
    import sqlite3

    database = sqlite3.connect(file, timeout=PATIENCE, isolation_level=None)
    # Whoever ends a run leaves a whole file; a machine that loses power may not, and each row has its checksum.
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA trusted_schema = OFF")
    return database


def digest_of(text: str, undecodable: int | None = None) -> bytes:
    """A hash of what a file holds, as `files.decode` gives it."""
    return blake2b(f"{undecodable}\0{text}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


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


def written_report(report: FileReport) -> Written | None:
    """A report as it is kept; None for one that cannot be."""
    # A file has dozens of these counts, and most files of a kind have the same.
    counts = "".join(f"{rule_id} {count} " for rule_id, count in report.subjects)
    try:
        findings = [plain.parts_of(one) for one in report.findings]
        said = json.dumps((*report.file, counts, findings, report.sound), separators=(",", ":")).encode("ascii")
        rare = report._replace(subjects=(), summaries=(), findings=(), sound=())
        rest = said if rare == FileReport(report.file) else said + b"\n" + plain.write(rare)
        return Written(plain.write(report.summaries) if report.summaries else NOTHING_TOLD, rest)
    except ValueError:
        return None


def read_report(written: Written) -> FileReport | None:
    """What written_report() was given. Raises what plain.read() does."""
    said, _, rare = written.rest.partition(b"\n")
    path, kind, counts, findings, sound = json.loads(said)
    report = plain.read(rare) if rare else FileReport(SourceFile(path, kind))
    if not isinstance(report, FileReport):
        return None
    return report._replace(
        findings=tuple(map(plain.finding_of, findings)),
        summaries=read_told(written.told),
        subjects=_counts(counts),
        sound=tuple([(rule_id, label, Location._make(at)) for rule_id, label, at in sound]),
    )


def read_told(written: bytes) -> tuple[object, ...]:
    """The summaries of a report. Raises what plain.read() does."""
    told = () if written == NOTHING_TOLD else plain.read(written)
    if not isinstance(told, tuple):
        raise TypeError("is no summaries")
    return told


@functools.lru_cache(maxsize=1_000)
def _counts(written: str) -> tuple[tuple[str, int], ...]:
    words = written.split()
    return tuple(zip(words[::2], map(int, words[1::2]), strict=True))
