"""The words of shell scripts: commands with their options, redirections and places."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator
from operator import itemgetter

from devopslint.deferred import NamedTuple, cached_property, dataclass


class Word(NamedTuple):
    """A word with its quotes removed. Expansions stay as written, a command substitution as `$()`."""

    text: str
    start: int
    """Offset in the script of its first character, the quote if it has one."""
    end: int
    expands: bool = False
    """True where the shell puts a value in, which nobody knows here."""
    quoted: bool = False
    pieces: tuple[tuple[int, int], ...] = ()
    """(index in the text, offset where that was read); empty where the text stands there as it is."""
    host: Word | None = None
    """The word whose text this was read from, as in `bash -c '…'`; `pieces` count in that text."""

    def at(self, index: int) -> int:
        """The offset in the script of the character at `index` of the text."""
        offset = self.start + index
        if self.pieces:
            found, place = self.pieces[max(0, bisect_right(self.pieces, index, key=itemgetter(0)) - 1)]
            offset = place + index - found
            if self.host is not None:
                return self.host.at(offset)
        return min(offset, self.end)


class Assignment(NamedTuple):
    """`NAME=value` in front of a command, alone, or given to env or sudo."""

    name: str
    word: Word

    @property
    def value(self) -> str:
        return self.word.text.partition("=")[2]


class Redirection(NamedTuple):
    operator: str
    target: Word
    """The file, the descriptor or a heredoc's delimiter."""
    body: Word | None = None
    """The lines of a heredoc."""


class Group:
    """A compound command or a substitution that commands stand in, linked to the one around it."""

    __slots__ = ("kind", "kinds", "outer", "redirections", "start")

    def __init__(self, kind: str, start: int, outer: Group | None) -> None:
        self.kind = kind
        """subshell, brace, function, condition, then, else, loop, branch (of a case), substitution, script;
        value: a substitution that an assignment takes, with its exit status.
        """
        self.start = start
        self.outer = outer
        self.kinds: frozenset[str] = outer.kinds if outer else frozenset()
        """Its kind and those of all groups around it."""
        if kind not in self.kinds:
            self.kinds |= {kind}
        self.redirections: tuple[Redirection, ...] = ()
        """Those of the whole group, as in `{ …; } > file`, without the bodies of heredocs."""


class Option(NamedTuple):
    """One option of a command: `-y`, `--yes`, or one letter of `-qy`."""

    name: str
    word: Word
    value: Word | None = None
    """Its value as a word of its own or the rest of `--name=value`."""


class Arguments(NamedTuple):
    """A command's arguments, options and operands told apart."""

    options: tuple[Option, ...]
    operands: tuple[Word, ...]

    def has(self, *names: str) -> bool:
        return any(option.name in names for option in self.options)

    def option(self, *names: str) -> Option | None:
        """The last option of one of these names: the one that counts."""
        return next((option for option in reversed(self.options) if option.name in names), None)


@dataclass(eq=False)
class Command:
    """A simple command as it runs: sudo, env, xargs and their like are taken off and named in `wrappers`."""

    words: tuple[Word, ...]
    """The program and its arguments; empty where the command only assigns or redirects."""
    wrappers: tuple[Word, ...]
    assignments: tuple[Assignment, ...]
    redirections: tuple[Redirection, ...]
    before: str
    """The operator between it and the command before: `&&`, `||`, `;`, `|`, `|&`, `&`, a line break; or nothing."""
    after: str
    pipeline: int
    """Commands of one pipeline have the same number."""
    group: Group | None
    start: int
    end: int

    @cached_property
    def name(self) -> str:
        """The program without its directory; empty where there is none."""
        return self.words[0].text.rpartition("/")[2] if self.words else ""

    @cached_property
    def arguments(self) -> tuple[Word, ...]:
        return self.words[1:]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The arguments' texts."""
        return tuple(word.text for word in self.words[1:])

    def within(self, *kinds: str) -> bool:
        """Whether some group around the command is of one of these kinds."""
        return self.group is not None and not self.group.kinds.isdisjoint(kinds)

    def parsed(self, valued: Collection[str] = (), *, skipped: int = 0, long_dash: bool = False) -> Arguments:
        """Options and operands; options in `valued` take the next word as their value.

        `long_dash` is for programs whose long options have one dash (`find -name`); the first `skipped` arguments
        do not count.
        """
        options: list[Option] = []
        operands: list[Word] = []
        waiting = ""
        words = iter(self.arguments[skipped:])
        for word in words:
            if waiting:
                options[-1] = Option(waiting, options[-1].word, word)
                waiting = ""
            elif word.text == "--":
                operands.extend(words)
            elif len(word.text) > 1 and word.text.startswith("-"):
                options.extend(_options(word, valued, long_dash))
                name = options[-1].name
                waiting = name if name in valued and options[-1].value is None else ""
            else:
                operands.append(word)
        return Arguments(tuple(options), tuple(operands))


def _options(word: Word, valued: Collection[str], long_dash: bool) -> Iterator[Option]:
    name, equals, _ = word.text.partition("=")
    if name.startswith("--") or long_dash:
        yield Option(name, word, rest_of(word, len(name) + 1) if equals else None)
        return
    for index in range(1, len(word.text)):
        letter = f"-{word.text[index]}"
        if letter in valued and index + 1 < len(word.text):
            yield Option(letter, word, rest_of(word, index + 1))
            return
        if word.text[index] == "=" and index > 1:
            return
        yield Option(letter, word)


def rest_of(word: Word, index: int) -> Word:
    """The word's text from `index` on, as a word."""
    places = word.pieces or ((0, word.start),)
    found = max(0, bisect_right(places, index, key=itemgetter(0)) - 1)
    first, place = places[found]
    pieces = ((0, place + index - first), *((at - index, where) for at, where in places[found + 1 :]))
    return Word(word.text[index:], word.at(index), word.end, word.expands, word.quoted, pieces, word.host)
