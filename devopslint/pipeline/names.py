"""What the names of jobs and scripts stand for: id and name weighed against each other, the rows asked."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from devopslint.deferred import NamedTuple, dataclass, field
from devopslint.pipeline import stage_words as tables
from devopslint.pipeline.interpreter import answer, tell
from devopslint.pipeline.name_rows import JOB_WORDS, NAME_ROWS, Name, directions, says_little, says_where
from devopslint.pipeline.rows import AnswerRow, NameRow
from devopslint.pipeline.script_names import SCRIPT_ROWS, SCRIPT_WORDS, ScriptName, ScriptWords
from devopslint.pipeline.stage_words import DELIVERY, GATES
from devopslint.pipeline.words import Words, words_of

META = frozenset(("meta",))
_FINDING = Words(tables.FINDING)
_REMOVING = Words(tables.REMOVING)
_PREPARING = frozenset(("prepare", "preparation"))


class Told(NamedTuple):
    """What a name stands for, and the rows that say so."""

    stages: frozenset[str]
    said: tuple[str, ...] = ()


@dataclass
class Both:
    """The id and the name of a job, with what each stands for."""

    job_id: str
    name: str
    by_id: frozenset[str]
    by_name: frozenset[str]
    said: list[str] = field(default_factory=list)


Stages: TypeAlias = tuple[frozenset[str], str]
"""What both stand for, and which of the two says so."""
BothRow: TypeAlias = NameRow[Both, Stages]


def _finds_out(both: Both) -> None:
    both.by_id -= GATES


def _plans(both: Both) -> None:
    both.by_id -= DELIVERY
    both.by_name -= DELIVERY


BOTH_ROWS: tuple[BothRow, ...] = (
    NameRow(
        "finds-out",
        "what is tested elsewhere is only found out",
        "test-sets: {name: Resolve test sets}",
        "meta",
        lambda both: both.by_name == META and words_of(both.name)[0] in _FINDING,
        _finds_out,
    ),
    NameRow(
        "taken-away",
        "the id has stayed as it was copied, and the name says that something is taken away",
        "build-publish-deploy: {name: Cleanup Deploy}",
        "meta",
        lambda both: both.by_name == META and words_of(both.name)[0] in _REMOVING,
        lambda both: (both.by_name, both.name),
    ),
    NameRow(
        "where-and-what",
        "the id only says where, and the name what",
        "db-bk-prod: {name: Database Backup}",
        "meta",
        lambda both: both.by_name == META and all(says_where(word) for word in words_of(both.job_id)),
        lambda both: (both.by_name, both.name),
    ),
    NameRow(
        "prepared",
        "what is deployed elsewhere is only prepared",
        "prepare: {name: Deploy the test environment}",
        "meta",
        lambda both: both.by_id == META and words_of(both.job_id)[0] in _PREPARING,
        _plans,
    ),
    NameRow(
        "planned",
        "what is planned is not done",
        "deploy-web: {name: Plan the cloud}",
        "plan",
        lambda both: "plan" in both.by_id | both.by_name,
        _plans,
    ),
    NameRow(
        "any-id",
        "templates call any job so, and its name says more",
        "build: {name: Unit tests}",
        "test",
        lambda both: both.by_name and says_little(both.job_id),
        lambda both: (both.by_name, both.name),
    ),
    NameRow(
        "any-name",
        "any job may have the name, and its id says more",
        "unit-tests: {name: Build}",
        "test",
        lambda both: both.by_name and both.by_id - META and says_little(both.name),
        lambda both: (both.by_id, both.job_id),
    ),
)


class Names:
    """Says what names stand for, with what a configuration adds."""

    def __init__(
        self,
        own: Mapping[str, Words],
        name_rows: tuple[NameRow[Name, frozenset[str]], ...] = NAME_ROWS,
        script_rows: tuple[AnswerRow[ScriptName, str], ...] = SCRIPT_ROWS,
        both_rows: tuple[BothRow, ...] = BOTH_ROWS,
        job_words: Mapping[str, Words] | None = None,
        script_words: ScriptWords = SCRIPT_WORDS,
    ) -> None:
        self._own = own
        self._name_rows = name_rows
        self._script_rows = script_rows
        self._both_rows = both_rows
        self._job_words = JOB_WORDS if job_words is None else job_words
        self._script_words = script_words

    @functools.cache  # noqa: B019  # they live as long as the run
    def told(self, text: str, targets: frozenset[str] = frozenset()) -> Told:
        words = words_of(text)
        if not words:
            return Told(frozenset())
        name = Name(text, words, targets, self._job_words, self._own)
        stages = tell(self._name_rows, name)
        return Told(frozenset(name.found) if stages is None else stages, tuple(name.said))

    def of_job(self, text: str, targets: frozenset[str] = frozenset()) -> frozenset[str]:
        """The stages that a job's id or name stands for; `meta` where it says that it does no stage's work."""
        return self.told(text, targets).stages

    @functools.cache  # noqa: B019  # they live as long as the run
    def of_script(self, text: str) -> str | None:
        """The stage that the name of a script stands for: `test:unit`, `lint-fix`, `build_docs`."""
        words = words_of(text)
        return (answer(self._script_rows, ScriptName(words, self._script_words)) or None) if words else None

    def of_both(self, job_id: str, name: str) -> tuple[frozenset[str], str]:
        """The stages by id and name, and which of the two says so."""
        both = self._both(job_id, name)
        told = tell(self._both_rows, both)
        return told if told is not None else (both.by_id | both.by_name, job_id if both.by_id else name)

    def _both(self, job_id: str, name: str) -> Both:
        return Both(job_id, name, self.of_job(job_id), self.of_job(name, directions(words_of(job_id))))

    def why(self, job_id: str, name: str) -> Iterator[str]:
        """What the rows say of both, for who wants to know."""
        for text, targets in ((job_id, frozenset[str]()), (name, directions(words_of(job_id)))):
            for line in self.told(text, targets).said if text else ():
                yield f"of '{text}' {line}"
        both = self._both(job_id, name)
        tell(self._both_rows, both)
        yield from (f"of both {line}" for line in both.said)
