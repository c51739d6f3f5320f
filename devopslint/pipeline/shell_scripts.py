"""What each command of a shell script says: runners taken off, and what it runs in its turn read like itself."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.pipeline.command_lines import program_of, unwrapped
from devopslint.pipeline.evidence import Said
from devopslint.pipeline.interpreter import answer, first
from devopslint.pipeline.line_rows import (
    KNOWN_ROWS,
    LINE_ROWS,
    PASSING_ROWS,
    TEXT_ROWS,
    Answer,
    Line,
    Meaning,
    Mention,
    Passing,
)
from devopslint.pipeline.rows import AnswerRow, ExceptionRow
from devopslint.pipeline.script_names import is_vague
from devopslint.pipeline.vocabulary import Vocabulary
from devopslint.pipeline.words import without_expressions
from devopslint.readers.shell import read_commands
from devopslint.readers.shell_words import Command
from devopslint.scripts.places import placed
from devopslint.scripts.tasks import Task, task_before

_FILLED_IN = compiled(r"x{6,}")
"""What stands where an expression stood (see words.without_expressions)."""


class ShellScripts:
    """Reads scripts with the words of a vocabulary."""

    def __init__(
        self,
        words: Vocabulary,
        line_rows: tuple[AnswerRow[Line, Answer], ...] = LINE_ROWS,
        known_rows: tuple[ExceptionRow[Line], ...] = KNOWN_ROWS,
        passing_rows: tuple[ExceptionRow[Passing], ...] = PASSING_ROWS,
        text_rows: tuple[AnswerRow[str, Iterator[Mention]], ...] = TEXT_ROWS,
    ) -> None:
        self.words = words
        self._line_rows = line_rows
        self._known_rows = known_rows
        self._passing_rows = passing_rows
        self._text_rows = text_rows

    @functools.cache  # noqa: B019  # they live as long as their vocabulary
    def read(self, script: str) -> tuple[Said, ...]:
        """What each command says, in their order; those that say nothing are left out."""
        found: list[Said] = []
        piping: Command | None = None
        for command, folder in placed(read_commands(without_expressions(script))):
            source, piping = piping, command
            passing = Passing(command, source if command.before == "|" else None)
            if not self._is_passed(passing):
                found.extend(self._of_command(passing, folder, script))
        for row in self._text_rows:
            found.extend(Said(row.stages, one.said, None, one.offset) for one in row.tells(script) or ())
        return tuple(sorted(found, key=lambda said: said.offset))

    def _is_passed(self, passing: Passing) -> bool:
        return first(self._passing_rows, passing) is not None

    def _of_command(self, passing: Passing, folder: str, script: str) -> Iterator[Said]:
        command = passing.command
        if command.name == "trap":
            yield from self._of_trap(command)
            return
        words = [word.text for word in command.words]
        silent = bool(words)
        for meaning in self._of_words(words) if words else ():
            if self._is_passed(passing._replace(meaning=meaning)):
                continue
            silent = False
            task = meaning.task
            by_file = task is not None and task.runner == "file"
            vague = task is not None and not by_file and self._is_vague(task)
            place = task.within(folder) if task is not None else None
            said = _FILLED_IN.sub("…", meaning.said) if "${{" in script else meaning.said
            yield Said(meaning.stage, said, command, command.start, place, by_file, vague, script=script)
        if silent and self._is_unread(words):
            yield Said("", f"`{command.name}`", command, command.start, unread=True, script=script)

    def _of_trap(self, command: Command) -> Iterator[Said]:
        """What a trap undoes when a command behind it fails."""
        for inner in read_commands(command.texts[0]) if command.texts else ():
            for stage, said, _ in self._of_words([word.text for word in inner.words]):
                if stage == "rollback":
                    yield Said(stage, said, command, command.start)

    def _of_words(self, given: list[str], depth: int = 0) -> Iterator[Meaning]:
        """What one command line says, those included that it runs in its turn."""
        words, runner = unwrapped(given)
        if not words:
            return
        program = program_of(words[0])
        line = Line(words, program, words[1:], runner, depth > 0 or words is not given, depth, self.words)
        before = task_before(program, line.rest)
        if before is not None:
            yield Meaning("", f"`{program} {before.name}`", before)
        told = answer(self._line_rows, line)
        if told is not None:
            yield from told.meanings
            for inner in told.inner:
                yield from self._of_words(inner, depth + 1)

    def _is_unread(self, words: list[str]) -> bool:
        """Whether nothing is known of what a command does."""
        inner, runner = unwrapped(words)
        if not inner:
            return False
        line = Line(inner, program_of(inner[0]), inner[1:], runner, False, 0, self.words)
        return first(self._known_rows, line) is None

    def _is_vague(self, task: Task) -> bool:
        return bool(task.name) and is_vague(task.name) and not self.words.of_command(task.runner, [task.name])[0]


@functools.cache
def shell_scripts(words: Vocabulary) -> ShellScripts:
    return ShellScripts(words)
