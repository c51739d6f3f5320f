"""The words of the tables, made ready: which stage an action or a command does the work of."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import translate

from devopslint.deferred import compiled
from devopslint.model import StageWords
from devopslint.pipeline import stage_words as tables
from devopslint.pipeline.command_rows import COMMAND_ROWS, Given
from devopslint.pipeline.commands import Pattern, shown
from devopslint.pipeline.interpreter import first
from devopslint.pipeline.names import Names
from devopslint.pipeline.rows import ExceptionRow
from devopslint.pipeline.stage_words import Word
from devopslint.pipeline.words import Words

_LINTER = compiled(r"lint(?:er)?\Z")
SHELLS_READ = frozenset(("", "bash", "sh", "pwsh", "powershell", "cmd", "zsh", "dash", "ash", "ksh"))
_LINTS = Pattern("lint", (), ())
"""What any program does that is called a linter."""
_MOST_WORDS = 256
"""Words of one command that are compared with the tables."""
_LONGEST_PROGRAM = 60
"""Characters of a name that may begin with that of another."""
_PREPARING_ACTIONS = Words(tables.NOT_A_STAGE)
_REPORTING = Words(tables.REPORTS)


class Vocabulary:
    """The tables, made ready, with what a configuration adds to them."""

    def __init__(
        self,
        added: Iterable[StageWords] = (),
        words: Iterable[Word] | None = None,
        command_rows: tuple[ExceptionRow[Given], ...] = COMMAND_ROWS,
    ) -> None:
        added = tuple(added)
        self.names = Names({one.stage: Words(" ".join(one.names).lower()) for one in added})
        self.exact_actions: dict[str, str] = {}
        self.action_globs: list[tuple[str, re.Pattern[str], str]] = []
        """Each with its longest piece without a wildcard, which says at once that most do not match."""
        self.commands: dict[str, list[Pattern]] = {}
        self._open: set[str] = set()
        """Programs of which the tables give only the begin: `clang-tidy*`."""
        self._command_rows = command_rows
        for word in (*_configured(added), *(tables.words() if words is None else words)):
            if word.kind == "action":
                self._add_action(word)
            else:
                self.commands.setdefault(word.program.rstrip("*"), []).append(Pattern.of(word))
                if word.program.endswith("*"):
                    self._open.add(word.program.rstrip("*"))
        for patterns in self.commands.values():
            patterns.sort(key=lambda pattern: -len(pattern.words) - len(pattern.options))

    def _add_action(self, word: Word) -> None:
        name = word.text.lower()
        if "*" in name:
            piece = max(re.split(r"[*?]|\[.*?\]", name), key=len)
            self.action_globs.append((piece, compiled(translate(name)), word.stage))
        else:
            self.exact_actions.setdefault(name, word.stage)

    @functools.cache  # noqa: B019  # vocabularies live as long as the run
    def of_action(self, action: str) -> str | None:
        """The stage that an action does the work of: `docker/build-push-action` -> build."""
        name = action.lower()
        if name in _PREPARING_ACTIONS:
            return None
        parts = name.split("/")
        for length in range(len(parts), 1, -1):
            stage = self.exact_actions.get("/".join(parts[:length]))
            if stage is not None:
                return stage
        short = "/".join(parts[:2])
        return next(
            (
                stage
                for piece, glob, stage in self.action_globs
                if piece in name and (glob.match(name) or glob.match(short))
            ),
            None,
        )

    def patterns_of(self, program: str) -> list[Pattern]:
        found = self.commands.get(program)
        if found is None:
            begins = (program[:length] for length in range(min(len(program) - 1, _LONGEST_PROGRAM), 4, -1))
            found = next((self.commands[begin] for begin in begins if begin in self._open), None)
        return found if found is not None else [_LINTS] if _LINTER.search(program) else []

    def of_command(self, program: str, rest: Sequence[str], *, bare: bool = True) -> tuple[str, str]:
        """The stage of one program with its arguments, and the words that say so; empty where it has none."""
        rest = rest[:_MOST_WORDS]
        options = [word for word in rest if word.startswith("-") and len(word) > 1]
        operands = [
            (word, index > 0 and rest[index - 1].startswith("-") and "=" not in rest[index - 1])
            for index, word in enumerate(rest)
            if not word.startswith("-")
        ]
        for pattern in self.patterns_of(program):
            whole = not pattern.words and not pattern.options
            if whole and not bare:
                continue
            if pattern.fits(operands, options):
                given = Given(program, rest, operands, options, pattern.stage, whole)
                row = first(self._command_rows, given)
                stage = pattern.stage if row is None else row.turns
                if not stage:
                    return "", ""
                return stage, "`" + " ".join([program, *(shown(pattern, operands)), *pattern.options]) + "`"
        return "", ""


@functools.cache
def vocabulary(added: tuple[StageWords, ...]) -> Vocabulary:
    return Vocabulary(added)


def _configured(added: Iterable[StageWords]) -> Iterator[Word]:
    for one in added:
        yield from (Word("action", one.stage, action) for action in one.actions)
        yield from (Word("command", one.stage, command) for command in one.commands if command.split())


def prepares(action: str) -> bool:
    """Whether an action only sets something up, whatever its owner's others do."""
    return action.lower() in _PREPARING_ACTIONS


def reports_only(action: str) -> bool:
    """Whether an action of a gate's stage only prepares or reports, so that its failure says nothing of the product."""
    name = action.lower()
    return name in _REPORTING or "/".join(name.split("/")[:2]) in _REPORTING


def reads(shell: str) -> bool:
    """Whether scripts of this `shell:` are read as commands."""
    return (shell.split() or [""])[0].rpartition("/")[2].removesuffix(".exe") in SHELLS_READ
