"""What the files of a project say together, kept from one run to the next: engine.join() by what it was made of.

It holds for as long as every file tells others the same, but for the lines that it stands on; docs/decisions/080.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from devopslint import __version__, plain
from devopslint.cache import BROKEN, Cache, KeptJoin
from devopslint.catalogue import stamp
from devopslint.config import Config
from devopslint.deferred import NamedTuple, compiled, fields, is_dataclass
from devopslint.digests import blake2b
from devopslint.engine import Joined, Judged, ProjectReport, subjects_in
from devopslint.model import Finding, Location, NotKnown, PartialDocument
from devopslint.project import FileReport, Project

MOST_CHANGED = 100
"""Files; where more have changed, all is joined anew without a look at each."""

_LINE_IN_WORDS = compiled(r"\bline \d")

Read = Callable[[str], bytes]


class Reading:
    """A way to read files that remembers what they held."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self.digests: dict[str, str] = {}

    def __call__(self, path: str) -> bytes:
        try:
            data = self._read(path)
        except (OSError, ValueError) as error:
            self.digests[path] = type(error).__name__
            raise
        self.digests[path] = blake2b(data, digest_size=16).hexdigest()
        return data


class Across(NamedTuple):
    """What concerns the whole project, whichever files are reported on."""

    not_checked: tuple[Any, ...]
    hidden: tuple[Location, ...]
    partial: tuple[PartialDocument, ...]
    files: frozenset[str]
    rules: frozenset[str]
    untouched: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]
    mended: tuple[tuple[str, tuple[str, int, int, int, int]], ...]
    profiles: tuple[tuple[tuple[str, int], ...], ...]
    reads: tuple[tuple[str, str], ...]


Said = Finding | NotKnown
Place = tuple[str, int]
"""The path of the file in which something is said, and its number among all that is said there.

Two things that are said at one place are told apart by which of them was found first; what is said in one file has
nothing to do with how much is said in others, so that it is written as it was when those change.
"""


def _written(said: tuple[Mapping[Place, Said], ...]) -> bytes:
    """What concerns one file. Raises ValueError where it cannot be written down.

    It is JSON that json makes without a call of ours for each part: there may be a hundred thousand.
    """
    return json.dumps([[_taken_apart(place, one) for place, one in ones.items()] for ones in said]).encode("ascii")


def _taken_apart(place: Place, one: Said) -> tuple[Any, ...]:
    if isinstance(one, NotKnown):
        return place[1], *one
    return place[1], *plain.parts_of(one)


def _read(written: bytes) -> tuple[dict[Place, Any], ...]:
    """What was written. Raises what plain.read() does."""
    found, asked, built, questions = json.loads(written)
    return _findings(found), _questions(asked), _findings(built), _questions(questions)


def _findings(told: Iterable[Any]) -> dict[Place, Finding]:
    made = {}
    for number, *parts in told:
        one = plain.finding_of(parts)
        made[one.location.path, number] = one
    return made


def _questions(told: Iterable[Any]) -> dict[Place, NotKnown]:
    made = {}
    for number, place, *words in told:
        at = Location._make(place)
        made[at.path, number] = NotKnown(at, *words)
    return made


def scope_key(project: Project, config: Config) -> bytes:
    """A hash of all that a join is made of, but for the files' reports."""
    key = blake2b(digest_size=16)
    today = datetime.date.today()
    for said in (__version__, stamp(), sys.version, config, today, project.complete, project.told):
        key.update(repr(said).encode("utf-8", "surrogatepass") + b"\0")
    for path in sorted(project.others):
        key.update(path.encode("utf-8", "surrogatepass") + b"\0")
    for file in project.reports.files:
        key.update(f"\0{file.path}".encode("utf-8", "surrogatepass"))
    return key.digest()


def parts_of(project: Project, keys: Mapping[str, bytes]) -> bytes | None:
    """The keys of all reports in a row; None where one has none, so that nothing tells it from another."""
    parts = [keys.get(file.path) for file in project.reports.files]
    return b"".join(filter(None, parts)) if None not in parts else None


def keep(cache: Cache, scope: bytes, parts: bytes, joined: Joined, reads: Mapping[str, str]) -> None:
    """Have the next run know what the files say together."""
    across, judged, partial = joined
    if across.failures or judged.failures or (across.subjects and not across.asked):
        return
    beside: dict[str, tuple[dict[Place, Said], ...]] = {}
    told: tuple[Iterable[Said], ...] = (across.findings, across.not_known, judged.findings, judged.questions)
    for index, said in enumerate(told):
        numbered: Counter[str] = Counter()
        for one in said:
            own = one.location.path
            place = own, numbered[own]
            numbered[own] += 1
            for path in _paths(one):
                beside.setdefault(path, ({}, {}, {}, {}))[index][place] = one
    numbers: dict[tuple[tuple[str, int], ...], int] = {}
    profiles = {path: numbers.setdefault(one, len(numbers)) for path, one in across.asked.items()}
    whole = Across(
        across.not_checked,
        across.hidden,
        partial,
        judged.files,
        judged.rules,
        tuple(judged.untouched.items()),
        tuple(sorted(judged.mended)),
        tuple(numbers),
        tuple(reads.items()),
    )
    try:
        rows = {path: _written(beside[path]) if path in beside else b"" for path in {**profiles, **beside}}
        cache.keep_join(KeptJoin(scope, parts, plain.write(whole)), {p: (profiles.get(p), r) for p, r in rows.items()})
    except ValueError:
        return


def recall(
    cache: Cache, scope: bytes, parts: bytes, project: Project, reading: Reading, wanted: frozenset[str]
) -> Joined | None:
    """join() as far as it touches the files that are wanted; None where it is not known."""
    kept = cache.kept_join(scope)
    if kept is None or len(kept.parts) != len(parts):
        return None
    try:
        return _recalled(cache, kept, parts, project, reading, wanted)
    except BROKEN:
        return None  # whatever is wrong with it, the run finds out anew


def _recalled(
    cache: Cache, kept: KeptJoin, parts: bytes, project: Project, reading: Reading, wanted: frozenset[str]
) -> Joined | None:
    whole = plain.read(kept.written)
    moves = _moves(cache, kept.parts, parts, project)
    if moves is None or not isinstance(whole, Across) or _have_moved(whole, moves):
        return None
    if not reads_the_same(whole.reads, reading):
        return None
    asked: dict[str, tuple[tuple[str, int], ...]] = {}
    said: tuple[dict[Place, Any], ...] = ({}, {}, {}, {})
    for path, profile, written in cache.joined_with(kept.scope, wanted | {""}):
        if profile is not None:
            asked[path] = whole.profiles[profile]
        if written:
            for found, ones in zip(said, _read(written), strict=True):
                found.update(ones)
    told = [[one for _, one in sorted(found.items(), key=lambda item: item[0])] for found in said]
    if moves and any(_quotes_lines(words, moves) for ones in told for one in ones for words in _words(one)):
        return None
    findings, questions, built, built_questions = (tuple(_moved(one, moves) for one in ones) for ones in told)
    return Joined(
        ProjectReport(
            findings,
            subjects_in(asked, wanted.__contains__),
            whole.not_checked,
            (),
            questions,
            _moved(whole.hidden, moves),
            asked,
        ),
        Judged(built, built_questions, (), whole.files, whole.rules, dict(whole.untouched), frozenset(whole.mended)),
        whole.partial,
    )


def _paths(one: Any) -> set[str]:
    """The files that a finding, or a question, is about; and the bases in which it may be accepted."""
    return {at.path for at in (*one.places, *one.bases)} if isinstance(one, Finding) else {one.path}


def reads_the_same(digests: Iterable[tuple[str, str]], reading: Reading) -> bool:
    for path, digest in digests:
        with contextlib.suppress(OSError, ValueError):
            reading(path)
        if reading.digests[path] != digest:
            return False
    return True


Point = tuple[int, int]
_EDGES = {"first_line": 0, "last_line": sys.maxsize}
"""Fields that hold a line: the column before, or behind, all that stands on it."""
Moves = Mapping[str, Mapping[Point, Point]]
"""Path -> from places to places, line and column each."""


def _moves(cache: Cache, before: bytes, now: bytes, project: Project) -> Moves | None:
    """Where things in changed files stand that these tell others; None where they tell them something else."""
    if before == now:
        return {}
    changed = [at for at in range(0, len(now), 16) if before[at : at + 16] != now[at : at + 16]]
    if len(changed) > MOST_CHANGED:
        return None
    moves: dict[str, Mapping[Point, Point]] = {}
    for at in changed:
        new = project.reports[at // 16]
        old = cache.recall(before[at : at + 16])
        if old is None or new.failures:
            return None
        points: dict[Point, Point] = {}
        if not all(_aligned(one, other, points) for one, other in zip(_told(old), _told(new), strict=True)):
            return None
        if any(point != to for point, to in points.items()):
            ordered = [points[point] for point in sorted(points)]
            if sorted(set(ordered)) != ordered:
                return None
            if any(_counts_lines(one) for one in old.summaries):
                return None
            moves[new.file.path] = points
    return moves


def _told(report: FileReport) -> tuple[Any, ...]:
    """What of a report others may ask about."""
    return report.file, report.aspects, report.unchecked, report.summaries, report.hidden


def _aligned(one: Any, other: Any, points: dict[Point, Point]) -> bool:
    """Whether two values are the same but for places in their files, which are noted."""
    if type(one) is not type(other):
        return False
    if isinstance(one, Location):
        if (one.path, one.missing, one.wanted) != (other.path, other.missing, other.wanted):
            return False
        return _noted((one.line, one.column), (other.line, other.column), points) and _noted(
            (one.end_line, one.end_column), (other.end_line, other.end_column), points
        )
    if hasattr(one, "_fields"):
        return all(
            _noted((getattr(one, name), edge), (getattr(other, name), edge), points)
            if (edge := _EDGES.get(name)) is not None
            else _aligned(getattr(one, name), getattr(other, name), points)
            for name in one._fields
        )
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(_aligned(a, b, points) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict):
        pairs = zip(one.items(), other.items(), strict=False)
        return len(one) == len(other) and all(_aligned(a, b, points) for a, b in pairs)
    if is_dataclass(one):
        names = [field.name for field in fields(one)]
        return all(_aligned(getattr(one, name), getattr(other, name), points) for name in names)
    return bool(one == other)


def _noted(point: Point, to: Point, points: dict[Point, Point]) -> bool:
    return points.setdefault(point, to) == to


def _counts_lines(value: Any) -> bool:
    """Whether something in a summary is a line that is no place: which lines are in between cannot be told."""
    if isinstance(value, Location):
        return False
    if isinstance(value, tuple):
        named = getattr(value, "_fields", ())
        if any("line" in name and name not in _EDGES for name in named):
            return True
        return any(map(_counts_lines, value))
    if isinstance(value, dict):
        return any(map(_counts_lines, value.items()))
    if isinstance(value, (list, frozenset, set)):
        return any(map(_counts_lines, value))
    if is_dataclass(value):
        return any("line" in field.name or _counts_lines(getattr(value, field.name)) for field in fields(value))
    return False


def _have_moved(whole: Across, moves: Moves) -> bool:
    """Whether lines that are no places are kept of a file in which something has moved."""
    kept = (*(path for path, _ in whole.untouched), *(region[0] for _, region in whole.mended))
    return any(path in moves for path in kept) or any(
        one.path in moves and (one.first_line, one.last_line, one.column) != (1, sys.maxsize, 0)
        for one in whole.partial
    )


def _quotes_lines(words: str, moves: Moves) -> bool:
    """Whether a message may say on which line something stands that has moved."""
    return _LINE_IN_WORDS.search(words) is not None or any(f"{path}:" in words for path in moves)


def _words(one: Finding | NotKnown) -> Iterator[str]:
    if isinstance(one, NotKnown):
        yield one.reason
    else:
        yield one.message
        yield from (related.message for related in one.related)


def _moved(value: Any, moves: Moves) -> Any:
    """The same with every place where it stands now."""
    if not moves:
        return value
    if isinstance(value, Location):
        return _place(value, moves[value.path]) if value.path in moves else value
    if isinstance(value, Finding):
        related = tuple(one._replace(location=_moved(one.location, moves)) for one in value.related)
        bases = _moved(value.bases, moves)
        return value._replace(location=_moved(value.location, moves), related=related, bases=bases)
    if isinstance(value, NotKnown):
        return value._replace(location=_moved(value.location, moves))
    return tuple(_moved(one, moves) for one in value)


def _place(at: Location, points: Mapping[Point, Point]) -> Location:
    """Raises LookupError for a place that is in no summary."""
    if at.region[1:] == (1, 1, 1, 1) and points.get((1, 1)) != (1, 1):
        raise LookupError("it may speak of the file as a whole, which has not moved")
    line, column = points[at.line, at.column]
    end_line, end_column = points[at.end_line, at.end_column]
    return at._replace(line=line, column=column, end_line=end_line, end_column=end_column)
