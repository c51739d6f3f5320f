"""Which stages a job does: what it runs is read, then the rows are asked."""

from __future__ import annotations

from collections.abc import Iterable

from devopslint.github.summaries import ActionSummary
from devopslint.pipeline.interpreter import weigh
from devopslint.pipeline.job_rows import JOB_ROWS
from devopslint.pipeline.jobs import Job
from devopslint.pipeline.reading import Reader
from devopslint.pipeline.rows import JobRow
from devopslint.pipeline.seen import Seen
from devopslint.pipeline.vocabulary import Vocabulary
from devopslint.scripts.resolution import ProjectScripts


class Recognizer:
    """Says what a job's steps and names stand for, with the scripts and actions of the repository known."""

    def __init__(
        self,
        reader: Reader,
        rows: tuple[JobRow[Seen], ...] = JOB_ROWS,
    ) -> None:
        self.words = reader.words
        self._reader = reader
        self._rows = rows

    @classmethod
    def of(cls, words: Vocabulary, scripts: ProjectScripts, actions: Iterable[ActionSummary]) -> Recognizer:
        return cls(Reader.of(words, scripts, actions))

    def recognize(self, job: Job) -> None:
        """Give the job its evidence."""
        self._reader.read(job)
        named, told_by = self.words.names.of_both(job.id, job.name)
        seen = Seen(job, self._reader, named - {"meta"}, told_by, "meta" in named)
        trace = [
            *self.words.names.why(job.id, job.name),
            f"its names stand for {', '.join(sorted(named)) or 'no stage'}",
        ]
        trace.extend(weigh(self._rows, seen))
        job.own = tuple(evidence for evidence in seen.found if evidence.stage != "cluster")
        job.trace = tuple(trace)
