"""What a run over many files prints, kept as it was printed: for the next run that would print the same.

That is so where nothing it is made of has changed: docs/decisions/080-kept-by-file.md.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

from devopslint.cache import Cache, KeptOutcome
from devopslint.deferred import NamedTuple
from devopslint.digests import blake2b
from devopslint.files import decode
from devopslint.joins import Reading, parts_of, reads_the_same, scope_key
from devopslint.model import ShellText
from devopslint.project import Project
from devopslint.run import Begun, Outcome

LARGEST = 30_000_000
"""Bytes that are kept of one run, compressed."""

_SIZE = 8
"""Bytes of the length of a text."""


class Printed(NamedTuple):
    """What was written to each target, and the exit status."""

    texts: tuple[bytes, ...]
    status: int


class Printing:
    """What one run prints, by a key of all that it is made of but for files that no report is on: these are `reading`."""

    def __init__(self, cache: Cache, key: bytes, project: Project, reading: Reading) -> None:
        self._cache = cache
        self._key = key
        self._project = project
        self.reading = reading

    @classmethod
    def of(cls, begun: Begun, project: Project, asked: object) -> Printing | None:
        """`asked` is what the report is asked to be; None where nothing tells this run from another one."""
        parts = parts_of(project, project.reports.keys)
        if begun.cache is None or parts is None or project.reports.builds:
            return None
        scope = begun.scope
        key = blake2b(scope_key(project, begun.config) + parts, digest_size=16)
        others = sorted(project.reports.paths - scope.wanted)
        for said in (
            asked,
            sorted(scope.wanted - project.reports.paths),
            others,
            sorted(scope.named),
            scope.not_checked,
        ):
            key.update(repr(said).encode("utf-8", "surrogatepass") + b"\0")
        return cls(begun.cache, key.digest(), project, Reading(scope.read))

    def recall(self) -> Printed | None:
        kept = self._cache.kept_outcome(self._key)
        if kept is None:
            return None
        try:
            if not reads_the_same(json.loads(kept.reads), self.reading):
                return None
            texts = tuple(_taken_apart(zlib.decompress(kept.written)))
        except (OSError, TypeError, ValueError, zlib.error):
            return None  # whatever is wrong with it, the run finds out anew
        return Printed(texts, kept.status)

    def text(self, path: str) -> str:
        """A file's text, for code frames; empty where it cannot be read."""
        try:
            return decode(self.reading(path))[0]
        except (OSError, ValueError):
            return ""

    def keep(self, outcome: Outcome, texts: Sequence[bytes], status: int) -> None:
        """Have the next run know it, unless another program had a part in it."""
        if any(type(one) is ShellText for report in outcome.seen for one in report.summaries):
            return
        known = self._project.reports.keys
        reads = [(path, digest) for path, digest in sorted(self.reading.digests.items()) if path not in known]
        written = zlib.compressobj(1)
        parts = [written.compress(part) for text in texts for part in (len(text).to_bytes(_SIZE), text)]
        parts.append(written.flush())
        if sum(map(len, parts)) <= LARGEST:
            self._cache.keep_outcome(KeptOutcome(self._key, json.dumps(reads), status, b"".join(parts)))


def _taken_apart(joined: bytes) -> list[bytes]:
    texts, at = [], 0
    while at < len(joined):
        end = at + _SIZE + int.from_bytes(joined[at : at + _SIZE])
        texts.append(joined[at + _SIZE : end])
        at = end
    return texts
