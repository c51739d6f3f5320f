"""Which stages a job does: the rows are asked one after the other, and each leaves a line in the job's trace."""

from __future__ import annotations

from collections.abc import Iterable

from devopslint.github.summaries import ActionSummary
from devopslint.pipeline.jobs import Job
from devopslint.pipeline.reading import Reader
from devopslint.pipeline.rows import ROWS, Row, Seen
from devopslint.pipeline.stages import Evidence, Vocabulary
from devopslint.scripts.resolution import ProjectScripts


class Recognizer:
    """Says what a job's steps and names stand for, with the scripts and actions of the repository known."""

    def __init__(
        self,
        words: Vocabulary,
        scripts: ProjectScripts,
        actions: Iterable[ActionSummary],
        rows: tuple[Row, ...] = ROWS,
    ) -> None:
        self.words = words
        self._reader = Reader(words, scripts, actions)
        self._rows = rows

    def recognize(self, job: Job) -> None:
        """Give the job its evidence."""
        self._reader.read(job)
        named, told_by = self.words.names.of_both(job.id, job.name)
        seen = Seen(job, self._reader, named - {"meta"}, told_by, "meta" in named)
        trace = list(self.words.names.why(job.id, job.name))
        trace.append(f"its names stand for {', '.join(sorted(named)) or 'no stage'}")
        for row in self._rows:
            if row.when(seen):
                trace.extend(f"{line} ({row.id}: {row.reason})" for line in _apply(row, seen))
        job.own = tuple(evidence for evidence in seen.found if evidence.stage != "cluster")
        job.trace = tuple(trace)


def _apply(row: Row, seen: Seen) -> list[str]:
    """What the row changes, in words."""
    lines: list[str] = []
    if row.forgets is not None and (gone := row.forgets(seen) & seen.names):
        seen.names -= gone
        lines.append(f"its names no longer stand for {', '.join(sorted(gone))}")
    if row.adds is not None:
        added = list(row.adds(seen))
        seen.found.extend(added)
        lines.extend(f"{one.stage}: {one}" for one in added)
    if row.drops is not None:
        dropped = [one for one in seen.found if row.drops(seen, one)]
        for one in dropped:
            place = seen.found.index(one)
            seen.found[place : place + 1] = _turned(one, row.turns)
            lines.append(f"not {one.stage}{f' but {row.turns}' if row.turns else ''}: {one}")
    return lines


def _turned(evidence: Evidence, stage: str) -> list[Evidence]:
    return [evidence._replace(stage=stage)] if stage else []
