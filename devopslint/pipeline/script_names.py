"""The stages that the names of scripts stand for, told by rows with an example each: `test:unit`, `lint-fix`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from devopslint.deferred import NamedTuple
from devopslint.pipeline import stage_words as tables
from devopslint.pipeline.rows import AnswerRow
from devopslint.pipeline.stage_words import DELIVERY, GATES
from devopslint.pipeline.words import Words, phrase_in, words_of

ScriptWords: TypeAlias = Sequence[tuple[str, Words]]
"""The words of the names of scripts, by stage."""

SCRIPT_WORDS: ScriptWords = [(stage, Words(words)) for stage, words in tables.SCRIPT_NAMES]
_VERIFYING = frozenset(("check", "checks", "verify", "verifies"))
_WHOLE = frozenset(("all", "ci", "full", "fast", "quick", "local", "parallel", "everything", "world"))
_PREPARING = Words(tables.PREPARING_SCRIPT_WORDS)
_WEAK = Words(tables.WEAK_SCRIPT_WORDS)
_SCANNED = Words(tables.SCANNED)
_RUNNING = Words(tables.RUNNING)
_NO_TESTS = Words(tables.NO_TESTS)
_CHECKING = Words(tables.CHECKING)

_TAKING_AWAY = frozenset(("down", "stop", "teardown"))
"""What is started is only stopped where a name ends so: `docker-down-clear`."""
_OF_RELEASE = frozenset(("info", "information", "name", "preview", "version"))


class ScriptName(NamedTuple):
    """What the rows are asked about."""

    words: list[str]
    known: ScriptWords


def _prepares(script: ScriptName) -> str | None:
    return "" if script.words[0] in _PREPARING else None


def _takes_away(script: ScriptName) -> str | None:
    return "" if len(script.words) > 1 and not _TAKING_AWAY.isdisjoint(script.words[-2:]) else None


def _builds_scripts(script: ScriptName) -> str | None:
    return "" if script.words[0] == "build" and script.words[-1] in ("scripts", "tooling") else None


def _delivery_looked_at(script: ScriptName) -> str | None:
    words, known = script
    if len(words) < 2 or words[0] not in _CHECKING or _by_words(words, known) not in DELIVERY | {"rollback"}:
        return None
    return "test" if words[0] in _VERIFYING else ""


def _checks_files(script: ScriptName) -> str | None:
    words, known = script
    checks = len(words) > 1 and words[0] in _VERIFYING and _by_words(words, known) == "test"
    return "lint" if checks and not _says_more(words[1:], known) else None


def _files_checked(script: ScriptName) -> str | None:
    words, known = script
    of_files = len(words) > 1 and words[-1] in _VERIFYING and not any(word in _RUNNING for word in words)
    return "lint" if of_files and _by_words(words, known) == "test" and not _says_more(words[:-1], known) else None


def _says_more(words: list[str], known: ScriptWords) -> bool:
    return _by_words(words, known) is not None or all(word in _WHOLE for word in words)


def _by_words(words: list[str], known: ScriptWords) -> str | None:
    weak: str | None = None
    for word in words:
        stage = next((stage for stage, some in known if word in some and word not in _NO_TESTS), None)
        if stage and word not in _WEAK:
            return stage
        weak = weak or stage
    return weak


def _scans_something(script: ScriptName) -> str | None:
    words, known = script
    if len(words) < 2 or words[0] != "scan" or any(word in _SCANNED for word in words):
        return None
    return "" if _by_words(words[1:], known) not in GATES else None


def _tells_of_release(script: ScriptName) -> str | None:
    return "" if script.words[-2:-1] == ["release"] and script.words[-1] in _OF_RELEASE else None


SCRIPT_ROWS: tuple[AnswerRow[ScriptName, str], ...] = (
    AnswerRow("prepares", "it prepares", "install-test-tools", "", _prepares),
    AnswerRow(
        "phrases",
        "two words together say more than each",
        "check-types",
        "lint",
        lambda script: phrase_in(script.words, tables.SCRIPT_PHRASES),
    ),
    AnswerRow("takes-away", "it stops what has been started", "testing-down-clear", "", _takes_away),
    AnswerRow("helpers", "it builds the scripts of the pipeline", "build-ci-scripts", "", _builds_scripts),
    AnswerRow("looked-at", "what is delivered is only looked at", "verify-deploy", "test", _delivery_looked_at),
    AnswerRow("checks-files", "a check of something that is no test", "check-licences", "lint", _checks_files),
    AnswerRow("files-checked", "a check of something that is no test", "go-mod-check", "lint", _files_checked),
    AnswerRow("scans-something", "it looks through something for no holes", "scan-client-bundle", "", _scans_something),
    AnswerRow("release-told", "it works out what a release would be", "release-info", "", _tells_of_release),
    AnswerRow("words", "its first word that says something", "build-docs", "build", lambda script: _by_words(*script)),
)


def is_vague(script: str) -> bool:
    """Whether a script's name ends with a word that says little: `ci-check`."""
    return all(word in _WEAK for word in words_of(script)[-1:])


def prepares_only(script: str) -> bool:
    """Whether a script's name says that it only gets ready: `install-tools`, `setup-kind.sh`."""
    words = words_of(script.rpartition("/")[2])
    return bool(words) and words[0] in _PREPARING
