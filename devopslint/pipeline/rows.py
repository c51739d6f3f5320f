"""The kinds of row by which stages are told: each has a reason and the example that needs it, which a test takes it from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from devopslint.deferred import dataclass
from devopslint.pipeline.evidence import Evidence

S = TypeVar("S")
"""What a row is asked about: a job, a name, a command."""
V = TypeVar("V")
"""What it answers."""


@dataclass(frozen=True)
class Row:
    """One thing that tells a stage, or takes it away."""

    id: str
    reason: str
    example: str
    """What needs it: YAML of a job, a name, a command."""
    stages: str
    """What the example does, or stands for."""


@dataclass(frozen=True)
class JobRow(Row, Generic[S]):
    """One that changes what is found of a job: it adds evidence, takes it away, or takes it for another stage's."""

    when: Callable[[S], object] = lambda seen: True
    adds: Callable[[S], Iterable[Evidence]] | None = None
    forgets: Callable[[S], frozenset[str]] | None = None
    """Stages that its names stand for and that count no more."""
    drops: Callable[[S, Evidence], object] | None = None
    turns: str = ""
    """The stage that what is dropped is taken for."""
    files: tuple[tuple[str, str], ...] = ()
    """What else the example's repository has."""


@dataclass(frozen=True)
class NameRow(Row, Generic[S, V]):
    """One that changes what a name stands for, or says it whatever the other rows would say."""

    when: Callable[[S], object]
    then: Callable[[S], V | None]
    silent: bool = False
    """True where the rows that it asks speak for it."""
    own: tuple[tuple[str, str], ...] = ()
    """What the example's configuration adds."""


@dataclass(frozen=True)
class WordRow(Row, Generic[S]):
    """One that tells what a word stands for where it stands; the first that speaks decides."""

    when: Callable[[S, int], object]
    adds: str = ""
    weakly: str = ""
    place: bool = False
    """True where the word names a place."""
    ends: bool = False
    """True where the words behind it say nothing of the job."""


@dataclass(frozen=True)
class AnswerRow(Row, Generic[S, V]):
    """One that answers, or leaves it to those behind it."""

    tells: Callable[[S], V | None]


@dataclass(frozen=True)
class ExceptionRow(Row, Generic[S]):
    """One that makes what is told another stage's work, or none's; the first that speaks decides."""

    when: Callable[[S], object]
    turns: str = ""
    """The stage that it does instead."""
    files: tuple[tuple[str, str], ...] = ()
    """What else the example's repository has."""


@dataclass(frozen=True)
class NarrowingRow(Row, Generic[S]):
    """One that takes stages from what a name stands for; all of them are asked."""

    when: Callable[[S], object]
    takes: frozenset[str]
