"""The commands of a POSIX shell script: what RUN and a workflow's `run:` do, word by word, each with its place.

One pass with a stack of its own: any text gives commands, in time that grows with its length. What is not
shell (PowerShell, cmd, a script with another interpreter) is told apart by `speaks_posix` and `interpreter`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator, Sequence

from devopslint.deferred import compiled, dataclass, field
from devopslint.readers.shell_words import Assignment, Command, Group, Redirection, Word
from devopslint.readers.shell_wrappers import (
    ASSIGNMENT,
    POSIX_SHELLS,
    feeds_shell,
    hands_on,
    passes_on,
    reads_script,
    run_by,
    scripts_of,
    unwrapped,
)

DEEPEST_SCRIPT = 4
"""Scripts in scripts (`bash -c "sh -c '…'"`) that are followed."""

_ENDS_OF_TEST = frozenset("|&;<>)")
"""What may stand right behind `]]`, besides blanks."""
_GOES_ON = frozenset(("[[", "&&", "||", "!", "("))
"""Words of a test behind which it goes on in the next line."""
_TIMED = compiled(r"[ \t]*+(?:-p[ \t]+)?+(?!-)")
"""What stands behind `time` where that is a word of the shell, and no program with options of its own."""
_SPECIAL = frozenset(" \t\r\n'\"\\$`|&;<>()")
"""What may end a plain run of characters in a command."""
_BLANKS = compiled(r"[ \t]+")
_PLAIN = compiled(r"[^ \t\r\n'\"\\$`|&;<>()]+")
_PLAIN_WORD = compiled(r"([^ \t\r\n'\"\\$`|&;<>()#][^ \t\r\n'\"\\$`|&;<>()]*+)(?:[ \t]+|(?=\n))")
"""Most words are nothing but such characters up to a blank: they need no draft."""
_QUOTED_PLAIN = compiled(r'[^"\\$`]+')
_HEREDOC_PLAIN = compiled(r"[^\\$`]+")
_PARAMETER_PLAIN = compiled(r"[^}$`\"'\\]+")
_ARITHMETIC_PLAIN = compiled(r"[^()$`\\]+")
_COMMENT = compiled(r"#[^\n]*")
_COMMENT_IN_BACKTICKS = compiled(r"#[^\n`]*")
_SINGLE_QUOTE = compiled(r"'((?:[^'$]++|\$\{\{[^\n]{0,1000}?\}\}|\$)*+)'?")
"""A `${{ … }}` of a workflow is filled in before the shell sees its quotes."""
_ANSI_QUOTE = compiled(r"\$'((?:[^'\\]|\\.)*)'?", re.DOTALL)
_NAME_EXPANSION = compiled(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])")
_OPERATOR = compiled(r"&&|\|\||\|&|;;&|;;|;&|[|&;]")
_REDIRECTION = compiled(r"&>>|&>|<<<|<<-|<<|<>|<&|>>|>&|>\||<|>")
_COMMAND_IN_PARENTHESES = compiled(r"\(\(\s*[A-Za-z_./][\w./-]*[ \t]+(?:[A-Za-z_./\"'$]|-\w)")
_LINE = compiled(r"([^\n]*)(?:\n|\Z)")
_SHEBANG = compiled(r"\s*#!\s*(\S+)(?:[ \t]+(?:-S[ \t]+)?(\S+))?")


def read_commands(script: str) -> list[Command]:
    """Every simple command of the script in the order in which they begin, those of substitutions too."""
    return list(_commands_of(script))


@functools.lru_cache(maxsize=256)
def _commands_of(script: str) -> tuple[Command, ...]:
    """Kept, because a script is asked about by its own file, and by those who tell what a whole job does."""
    return tuple(_Reader(script, None, 0).read())


def read_argument_vector(words: Sequence[Word]) -> list[Command]:
    """The command that runs without a shell, and those of a script that it gives to one."""
    return list(_finished(_Draft("", 0, None, words=list(words)), 0)) if words else []


def speaks_posix(program: str) -> bool:
    """Whether this interpreter (`/bin/bash`, `pwsh`, `python3`) reads what this module reads."""
    name = program.replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")
    return name in POSIX_SHELLS


def interpreter(script: str) -> str | None:
    """The program that the script's first line names (`#!`), without its directory; None where it names none."""
    found = _SHEBANG.match(script)
    if found is None:
        return None
    program, argument = found.groups()
    name: str = program.rpartition("/")[2]
    return argument.rpartition("/")[2] if name == "env" and argument else name


@dataclass(slots=True, eq=False)
class _WordDraft:
    start: int
    parts: list[str] = field(default_factory=list)
    pieces: list[tuple[int, int]] = field(default_factory=list)
    length: int = 0
    expands: bool = False
    quoted: bool = False

    def add(self, text: str, offset: int) -> None:
        if not self.pieces or offset - self.length != self.pieces[-1][1] - self.pieces[-1][0]:
            if self.pieces and self.pieces[-1][0] == self.length:
                self.pieces.pop()
            self.pieces.append((self.length, offset))
        self.parts.append(text)
        self.length += len(text)


@dataclass(slots=True, eq=False)
class _RedirectionDraft:
    operator: str
    target: Word
    owner: _Draft
    body: Word | None = None


@dataclass(slots=True, eq=False)
class _Draft:
    """A command under construction."""

    before: str
    pipeline: int
    group: Group | None
    header: bool = False
    """Its words are no command: a for's, a case's, an array's, a pattern's."""
    after: str = ""
    words: list[Word] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    redirections: list[_RedirectionDraft] = field(default_factory=list)
    redirecting: str = ""
    """The redirection whose target comes next."""
    conditional: bool = False
    """Inside [[ ]], where < > && || ( ) are words."""
    defining: str = ""
    """`name` or `body`: what of a function's definition comes next."""
    closed: Group | None = None
    """The compound command that ended here: only redirections and an operator follow."""

    @property
    def fresh(self) -> bool:
        known = self.words or self.assignments or self.redirections or self.header
        return not known and self.closed is None


class _Open:
    """Something that was opened, and what waits until it is closed."""

    __slots__ = ("depth", "draft", "group", "kind", "parentheses", "word")

    def __init__(self, kind: str, reader: _Reader) -> None:
        self.kind = kind
        self.draft = reader.draft
        self.word = reader.word
        self.group = reader.group
        self.parentheses = reader.parentheses
        self.depth = 0


_IN_WORD = frozenset(('"', "${", "((", "heredoc"))
_PARENTHESIZED = frozenset(("subshell", "substitution", "array"))
_WORDS_ONLY = frozenset(("array", "pattern"))


class _Reader:
    def __init__(self, text: str, host: Word | None, depth: int) -> None:
        self.text = text
        self.host = host
        self.depth = depth
        self.at = 0
        self.pipelines = 0
        self.group: Group | None = Group("script", host.start, None) if host else None
        self.word: _WordDraft | None = None
        self.draft = _Draft("", 0, self.group)
        self.open: list[_Open] = []
        self.parentheses = 0
        """Open parentheses since the innermost backtick."""
        self.backticks = 0
        self.templates = True
        """False once a `${{` was seen that nothing closes."""
        self.drafts: list[_Draft] = []
        self.heredocs: list[_RedirectionDraft] = []

    def read(self) -> list[Command]:
        self.read_all()
        commands: list[Command] = []
        handed: dict[int, Word] = {}
        """By the pipeline: what one command of it writes, which may be the script of the next: `cat <<EOF | bash`."""
        for draft in self.drafts:
            made = list(_finished(draft, self.depth))
            commands += made
            given = handed.pop(draft.pipeline, None)
            if given is not None and self.depth < DEEPEST_SCRIPT and reads_script(made[0]):
                commands += _Reader(given.text, given, self.depth + 1).read()
            written = hands_on(made[0]) or (given if given is not None and passes_on(made[0]) else None)
            if written is not None and draft.after in ("|", "|&"):
                handed[draft.pipeline] = written
        return sorted(commands, key=lambda command: command.start)

    def read_all(self) -> None:
        text = self.text
        while self.at < len(text):
            kind = self.open[-1].kind if self.open else ""
            if kind == '"':
                self.read_double_quoted()
            elif kind == "${":
                self.read_parameter()
            elif kind == "((":
                self.read_arithmetic()
            elif kind == "heredoc":
                self.read_heredoc()
            else:
                self.read_command()
        self.unwind(("",))
        self.end_command("")

    # What stands in words

    def read_double_quoted(self) -> None:
        char = self.text[self.at]
        if char == '"':
            self.at += 1
            self.open.pop()
        elif char == "\\":
            self.read_escape('"\\$`\n')
        elif not self.read_expansion():
            self.add_run(_QUOTED_PLAIN)

    def read_heredoc(self) -> None:
        if self.text[self.at] == "\\":
            self.read_escape("\\$`\n")
        elif not self.read_expansion():
            self.add_run(_HEREDOC_PLAIN)

    def read_parameter(self) -> None:
        char = self.text[self.at]
        if char == "}":
            self.add(1)
            self.open.pop()
        elif char == "\\":
            self.add(2)
        elif char == '"':
            self.at += 1
            self.open.append(_Open('"', self))
        elif char == "'" and (len(self.open) < 2 or self.open[-2].kind != '"'):
            self.read_single_quoted()
        elif not self.read_expansion():
            self.add_run(_PARAMETER_PLAIN)

    def read_arithmetic(self) -> None:
        char = self.text[self.at]
        top = self.open[-1]
        if char == "(":
            top.depth += 1
            self.add(1)
        elif char == ")" and top.depth:
            top.depth -= 1
            self.add(1)
        elif char == ")":
            self.add(2 if self.text.startswith("))", self.at) else 1)
            self.open.pop()
        elif char == "\\":
            self.add(2)
        elif not self.read_expansion():
            self.add_run(_ARITHMETIC_PLAIN)

    def read_single_quoted(self) -> None:
        word = self.begun_word()
        word.quoted = True
        found = _SINGLE_QUOTE.match(self.text, self.at)
        word.add(found[1] if found else "", self.at + 1)
        self.at = found.end() if found else self.at + 1

    def read_escape(self, escapable: str | None = None) -> None:
        """A backslash and what follows; where `escapable` is given, the backslash stays before other characters."""
        following = self.text[self.at + 1 : self.at + 3]
        if following.startswith(("\n", "\r\n")):
            self.at += 2 if following[0] == "\n" else 3
            return
        word = self.begun_word()
        word.quoted = True
        if escapable is not None and following[:1] not in escapable:
            self.add(2)
        else:
            word.add(following[:1] or "\\", self.at + (1 if following else 0))
            self.at += 2

    def read_expansion(self) -> bool:
        """What `$` or a backtick begins; False where the character is neither."""
        text, at = self.text, self.at
        if text[at] == "`":
            self.read_backtick()
            return True
        if text[at] != "$":
            return False
        quoted = bool(self.open) and self.open[-1].kind in _IN_WORD
        word = self.begun_word()
        name = _NAME_EXPANSION.match(text, at)
        if name:
            word.expands = True
            self.add(len(name[0]))
        elif text.startswith("${{", at) and self.templates and (end := text.find("}}", at)) >= 0:
            word.expands = True
            self.add(end + 2 - at)
        elif text.startswith("${", at):
            self.templates = self.templates and not text.startswith("${{", at)
            word.expands = True
            self.add(2)
            self.open.append(_Open("${", self))
        elif text.startswith("$((", at) and not _COMMAND_IN_PARENTHESES.match(text, at + 1):
            word.expands = True
            self.add(3)
            self.open.append(_Open("((", self))
        elif text.startswith("$(", at):
            self.open_substitution("$()", 2)
        elif text.startswith("$'", at) and not quoted and (ansi := _ANSI_QUOTE.match(text, at)):
            word.quoted = True
            word.add(ansi[1], at + 2)
            self.at = ansi.end()
        elif text.startswith('$"', at) and not quoted:
            self.at += 1
        else:
            self.add(1)
        return True

    def read_backtick(self) -> None:
        if not self.backticks:
            self.begun_word()
            self.open_substitution("$()", 1, "backtick")
            self.backticks += 1
            self.parentheses = 0
            return
        self.unwind(("backtick",))
        self.close()
        self.at += 1

    def open_substitution(self, text: str, length: int, kind: str = "substitution") -> None:
        word = self.begun_word()
        word.expands = True
        word.add(text, self.at)
        self.open.append(_Open(kind, self))
        self.parentheses += 1
        draft = self.draft
        decides = not (draft.words or draft.redirecting or draft.header) and ASSIGNMENT.match(word.parts[0])
        self.group = Group("value" if decides else "substitution", self.at, self.group)
        self.at += length
        self.word = None
        self.draft = self.new_draft("")

    def begun_word(self) -> _WordDraft:
        if self.word is None:
            self.word = _WordDraft(self.at)
        return self.word

    def add(self, length: int) -> None:
        """The next characters stand in the word as they are."""
        self.begun_word().add(self.text[self.at : self.at + length], self.at)
        self.at += length

    def add_run(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        self.add(found.end() - self.at if found else 1)

    # What stands between words

    def read_command(self) -> None:
        text, at = self.text, self.at
        char = text[at]
        if self.draft.conditional and self.word is not None and char in _ENDS_OF_TEST and self.word.parts == ["]]"]:
            self.end_word()
        if self.word is None and (plain := _PLAIN_WORD.match(text, at)):
            self.at = plain.end()
            word, end = plain[1], at + len(plain[1])
            pieces = ((0, at),) if self.host else ()
            self.place_word(Word(word, self.absolute(at), self.absolute(end), False, False, pieces, self.host))
        elif char not in _SPECIAL and not (char == "#" and self.word is None):
            self.add_run(_PLAIN)
        elif blanks := _BLANKS.match(text, at):
            self.end_word()
            self.at = blanks.end()
        elif char == "\n" or text.startswith("\r\n", at):
            self.end_word()
            self.at += 1 if char == "\n" else 2
            if not (self.draft.conditional and self.draft.words[-1].text in _GOES_ON):
                self.end_command("\n")
            self.read_heredocs()
        elif char == "#" and self.word is None:
            comment = (_COMMENT_IN_BACKTICKS if self.backticks else _COMMENT).match(text, at)
            self.at = comment.end() if comment else at + 1
        elif char == "'":
            self.read_single_quoted()
        elif char == '"':
            self.begun_word().quoted = True
            self.open.append(_Open('"', self))
            self.at += 1
        elif char == "\\":
            self.read_escape()
        elif char in "|&;<>" and self.draft.conditional:
            self.add(1)
        elif char in "<>" or text.startswith("&>", at):
            self.read_redirection()
        elif char in "|&;":
            self.read_operator()
        elif char == "(":
            self.open_parenthesis()
        elif char == ")":
            self.close_parenthesis()
        elif not self.read_expansion():
            self.add_run(_PLAIN)

    def read_operator(self) -> None:
        found = _OPERATOR.match(self.text, self.at)
        operator = found[0] if found else ";"
        self.end_word()
        self.at += len(operator)
        self.end_command(operator)
        if operator.startswith(";") and len(operator) > 1 and self.top == "branch":
            self.replace("pattern")

    def read_redirection(self) -> None:
        text, at = self.text, self.at
        if text.startswith(("<(", ">("), at):
            self.open_substitution(f"{text[at]}()", 2)
            return
        found = _REDIRECTION.match(text, at)
        operator = found[0] if found else ">"
        if self.word is not None and not self.word.quoted and "".join(self.word.parts).isdigit():
            self.word = None
        self.end_word()
        self.draft.redirecting = operator
        self.at += len(operator)

    def read_heredocs(self) -> None:
        for redirection in self.heredocs:
            start = self.at
            end = start
            while self.at < len(self.text):
                found = _LINE.match(self.text, self.at)
                if found is None:
                    break
                end = self.at
                self.at = found.end()
                line = found[1].removesuffix("\r")
                if (line.lstrip("\t") if redirection.operator == "<<-" else line) == redirection.target.text:
                    break
                end = self.at
            expands = not redirection.target.quoted
            pieces = ((0, start),) if self.host else ()
            redirection.body = Word(
                self.text[start:end], self.absolute(start), self.absolute(end), expands, False, pieces, self.host
            )
            if expands:
                self.read_substitutions(redirection)
        self.heredocs = []

    def read_substitutions(self, redirection: _RedirectionDraft) -> None:
        """What the shell runs for a heredoc while it makes its text; a shell that gets the heredoc reads it all."""
        body, owner = redirection.body, redirection.owner
        if body is None or not ("$(" in body.text or "`" in body.text) or feeds_shell(owner.words):
            return
        inner = _Reader(body.text, body, self.depth)
        inner.group, inner.pipelines = owner.group, self.pipelines
        inner.draft = _Draft("", 0, owner.group, header=True)
        inner.open.append(_Open("heredoc", inner))
        inner.read_all()
        self.pipelines = inner.pipelines
        self.drafts += inner.drafts

    def open_parenthesis(self) -> None:
        text, draft, word = self.text, self.draft, self.word
        if draft.conditional or self.top == "pattern":
            self.end_word() if self.top == "pattern" else self.add(1)
            self.at += 1 if self.top == "pattern" else 0
        elif word is not None and word.parts and word.parts[-1][-1:] in "=@!+?*" and not word.quoted:
            self.add(1)
            self.open.append(_Open("array", self))
            self.parentheses += 1
            self.word = None
            self.draft = self.new_draft("")
        elif text.startswith("((", self.at) and not _COMMAND_IN_PARENTHESES.match(text, self.at):
            self.end_word()
            self.open_subshell("((")
        elif self.opens_function():
            self.word = None
            self.at = text.index(")", self.at) + 1
            self.draft = self.new_draft("\n")
            self.draft.defining = "body"
        else:
            self.end_word()
            self.open_subshell("subshell")

    def opens_function(self) -> bool:
        named = len(self.draft.words) + (self.word is not None) == 1
        closing = _BLANKS.match(self.text, self.at + 1)
        return named and self.text.startswith(")", closing.end() if closing else self.at + 1)

    def open_subshell(self, kind: str) -> None:
        if kind == "((":
            self.draft.header = True
            self.open.append(_Open(kind, self))
            self.word = _WordDraft(self.at)
            self.at += 2
            return
        if self.draft.words:
            self.end_command(";")
        self.open_group(kind, self.at)
        self.parentheses += 1
        self.at += 1

    def close_parenthesis(self) -> None:
        if self.draft.conditional:
            self.add(1)
            return
        self.end_word()
        self.at += 1
        if self.top == "pattern":
            self.replace("branch")
            return
        if not self.parentheses:
            self.end_command(";")
            return
        self.unwind(_PARENTHESIZED)
        self.close(")")

    # Words and commands

    @property
    def top(self) -> str:
        return self.open[-1].kind if self.open else ""

    def absolute(self, offset: int) -> int:
        return self.host.at(offset) if self.host else offset

    def end_word(self) -> None:
        draft = self.word
        if draft is None:
            return
        self.word = None
        text = "".join(draft.parts)
        plain = draft.pieces == [(0, draft.start)] and self.host is None
        pieces = () if plain else tuple(draft.pieces or [(0, draft.start)])
        start, end = self.absolute(draft.start), self.absolute(min(self.at, len(self.text)))
        self.place_word(Word(text, start, end, draft.expands, draft.quoted, pieces, self.host))

    def place_word(self, word: Word) -> None:
        draft = self.draft
        if draft.redirecting:
            operator, draft.redirecting = draft.redirecting, ""
            redirection = _RedirectionDraft(operator, word, draft)
            draft.redirections.append(redirection)
            if operator in ("<<", "<<-"):
                self.heredocs.append(redirection)
        elif draft.header:
            if word.text == "in" and self.top == "case":
                self.replace("pattern")
            elif word.text == "esac" and self.top == "pattern":
                self.close_group("pattern")
        elif draft.defining == "name":
            draft.defining = "body"
        elif draft.words:
            draft.words.append(word)
            if draft.conditional and word.text == "]]":
                draft.conditional = False
        elif not (assigned := ASSIGNMENT.match(word.text)):
            if word.quoted or word.expands or not self.read_keyword(word):
                draft.words.append(word)
        else:
            draft.assignments.append(Assignment(assigned[1], word))

    def read_keyword(self, word: Word) -> bool:
        """Whether the word is the shell's own, at the place where a command begins."""
        text, draft = word.text, self.draft
        if draft.assignments or draft.redirections:
            return False
        if text in ("if", "while", "until"):
            self.open_group("condition", word.start)
        elif text == "elif":
            self.replace_if("condition", ("then", "else"))
        elif text == "then":
            self.replace_if("then", ("condition",))
        elif text == "else":
            self.replace_if("else", ("then",))
        elif text == "fi":
            self.close_group("then", "else", "condition")
        elif text == "do" and self.top == "condition":
            self.replace("loop")
        elif text in ("do", "{"):
            body = "function" if draft.defining else "brace"
            self.open_group("loop" if text == "do" else body, word.start)
        elif text == "done":
            self.close_group("loop")
        elif text == "}":
            self.close_group("brace", "function")
        elif text == "esac":
            self.close_group("pattern", "branch")
        elif text in ("for", "select"):
            draft.header = True
        elif text == "function":
            draft.defining = "name"
        elif text == "case":
            self.open_group("case", word.start)
            self.draft.header = True
        elif text == "[[":
            draft.conditional = True
            return False
        elif text == "time" and (timed := _TIMED.match(self.text, self.at)):
            self.at = timed.end()
        else:
            return text in ("!", "coproc")
        return True

    def end_command(self, operator: str) -> None:
        self.end_word()
        draft = self.draft
        draft.redirecting = ""
        if operator == "\n" and (draft.fresh or self.top == "case"):
            return
        piped = operator in ("|", "|&")
        draft.after = operator
        if draft.words or draft.assignments:
            self.drafts.append(draft)
        elif draft.closed is not None:
            draft.closed.redirections = tuple(Redirection(r.operator, r.target) for r in draft.redirections)
        self.draft = self.new_draft(operator, draft.pipeline if piped else None)

    def new_draft(self, before: str, pipeline: int | None = None) -> _Draft:
        if pipeline is None:
            self.pipelines += 1
            pipeline = self.pipelines
        return _Draft(before, pipeline, self.group, header=self.top in _WORDS_ONLY)

    def open_group(self, kind: str, start: int) -> None:
        """A compound command: its first command takes the place in the pipeline that the whole has."""
        self.open.append(_Open(kind, self))
        self.group = Group(kind, start, self.group)
        self.draft = self.new_draft(self.draft.before, self.draft.pipeline)

    def replace(self, kind: str) -> None:
        """One part of a compound command ends and the next begins: a condition and its body."""
        outer = self.open[-1].group
        self.open[-1].kind = kind
        self.group = Group(kind, self.at, outer)
        self.draft = self.new_draft("")

    def replace_if(self, kind: str, expected: tuple[str, ...]) -> None:
        if self.top in expected:
            self.replace(kind)

    def close_group(self, *kinds: str) -> None:
        if self.top in kinds:
            self.close()

    def unwind(self, kinds: Collection[str]) -> None:
        """End whatever stands open within the innermost of these kinds."""
        while True:
            if self.top in _IN_WORD:
                self.open.pop()
                continue
            self.end_word()
            if self.top in kinds:
                return
            self.close()

    def close(self, operator: str = "") -> None:
        opened = self.open[-1]
        self.end_command(operator)
        self.open.pop()
        closed = self.group
        self.draft, self.word, self.group = opened.draft, opened.word, opened.group
        self.parentheses = opened.parentheses
        if opened.kind == "backtick":
            self.backticks -= 1
        if opened.kind == "array" and self.word is not None:
            self.word.quoted = True
        if opened.word is None:
            self.draft.closed = closed


def _finished(draft: _Draft, depth: int) -> Iterator[Command]:
    """The command, and those of the scripts that it gives to a shell."""
    words, wrappers, given = unwrapped(draft.words)
    redirections = tuple(Redirection(r.operator, r.target, r.body) for r in draft.redirections)
    parts = [
        *draft.words[:1],
        *draft.words[-1:],
        *(a.word for a in draft.assignments),
        *(r.target for r in redirections),
    ]
    command = Command(
        words,
        wrappers,
        (*draft.assignments, *given),
        redirections,
        draft.before,
        draft.after,
        draft.pipeline,
        draft.group,
        min(part.start for part in parts),
        max(part.end for part in parts),
    )
    yield command
    if depth < DEEPEST_SCRIPT:
        for run in run_by(command):
            inner = _Draft(draft.before, draft.pipeline, draft.group, after=draft.after, words=run)
            yield from _finished(inner, depth + 1)
        for script in scripts_of(command):
            yield from _Reader(script.text, script, depth + 1).read()
