"""Dockerfiles as instructions that know their place; dockerfile-parse is used here and nowhere else.

BuildKit's parser is the authority. What dockerfile-parse does not know (byte order marks, heredocs, the check
directive, blank lines in continuations, escaped line ends) is settled before it sees the text: it gets every
instruction on one line of its own, in ASCII of the same length, and says where the keyword ends.
"""

from __future__ import annotations

import io
import json
import re
from bisect import bisect_right
from collections.abc import Iterator

from devopslint.deferred import NamedTuple, compiled, dataclass
from devopslint.docker.words import SPACE, expand
from devopslint.model import Fault, Location

INSTRUCTIONS = frozenset(
    {
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
        "ONBUILD",
        "RUN",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    }
)
LONGEST_LINE = 65_535
"""Bytes; BuildKit reads no longer ones."""

_EXEC_FORM = frozenset(("ADD", "CMD", "COPY", "ENTRYPOINT", "RUN", "SHELL", "VOLUME"))
_NESTING = _EXEC_FORM | {"HEALTHCHECK"}
_LISTS = frozenset(("ADD", "COPY", "EXPOSE", "FROM", "VOLUME"))
_PAIRS = frozenset(("ENV", "LABEL"))
_HEREDOC_HOLDERS = frozenset(("ADD", "COPY", "RUN"))
_BLANKS = "\t\v\f\r "
_BLANK_RUN = compiled(r"[\t\v\f\r ]+")
_TOKEN = compiled(r"[^\t\v\f\r ]+")
_DIRECTIVE = compiled(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*)")
_DIRECTIVES = frozenset(("syntax", "check", "escape"))
_HEREDOC = compiled(r"(\d*)<<(-?)([^<]*)\Z")
_JSON_STRING = r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
_JSON_STRINGS = compiled(_JSON_STRING)
_JSON_LIST = compiled(rf"\[[ \t\n\r]*+(?:{_JSON_STRING}[ \t\n\r]*+(?:,[ \t\n\r]*+{_JSON_STRING}[ \t\n\r]*+)*+)?\]\Z")
_PAIR_WORD = {
    escape: compiled(
        rf"""(?:[^\s'"{e}]|{e}.|'(?:[^'{e}]|{e}.)*+(?:'|{e}?\Z)|"(?:[^"{e}]|{e}.)*+(?:"|{e}?\Z)|{e}\Z)++""", re.DOTALL
    )
    for escape, e in (("\\", r"\\"), ("`", "`"))
}
# Nothing that dockerfile-parse takes for a comment, a continuation or white space that BuildKit does not know.
_NEUTRAL = bytes(ord("?") if chr(code) in "#\\\x1c\x1d\x1e\x1f" else code for code in range(256))


class LogicalLine(NamedTuple):
    """The text of one instruction as BuildKit joins it, and the place that each part of it comes from."""

    path: str
    text: str
    starts: tuple[int, ...]
    """Offset in `text` where each physical line's part begins."""
    places: tuple[tuple[int, int], ...]
    """(line, column) of each part."""

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of the character at `offset`."""
        part = bisect_right(self.starts, min(max(offset, 0), len(self.text))) - 1
        line, column = self.places[part]
        return line, column + min(max(offset, 0), len(self.text)) - self.starts[part]

    def span(self, start: int, end: int) -> Location:
        """The region of the characters from `start` to `end`, cut at the end of its first physical line."""
        part = bisect_right(self.starts, min(max(start, 0), len(self.text))) - 1
        line, column = self.place(start)
        until = self.starts[part + 1] if part + 1 < len(self.starts) else len(self.text)
        width = len(self.text[start : min(end, until)].rstrip(SPACE))
        return Location(self.path, line, column, line, column + width)


class Word(NamedTuple):
    """A part of an instruction: what it says, and where it stands in the instruction's text."""

    text: str
    start: int
    end: int
    source: LogicalLine

    @property
    def location(self) -> Location:
        return self.source.span(self.start, self.end)

    @property
    def raw(self) -> str:
        return self.source.text[self.start : self.end]

    def span(self, start: int, end: int) -> Location:
        """The region of a part of the text; of all of it where quotes or escapes make the two differ."""
        if self.raw != self.text:
            return self.location
        return self.source.span(self.start + start, self.start + end)


class Flag(NamedTuple):
    """`--name=value` before an instruction's arguments."""

    name: str
    value: str | None
    word: Word

    @property
    def location(self) -> Location:
        return self.word.location

    @property
    def value_location(self) -> Location:
        equals = self.word.raw.find("=") + 1
        return self.word.source.span(self.word.start + equals, self.word.end) if equals else self.location

    @property
    def options(self) -> dict[str, str]:
        """The value as BuildKit reads that of --mount: `type=cache,target=/x` by name; a bare name is "true"."""
        parts = (part.partition("=") for part in (self.value or "").split(","))
        return {name.strip().lower(): value if equals else "true" for name, equals, value in parts if name.strip()}


class Pair(NamedTuple):
    """A variable or label: `name=value`, or the old form `name value`."""

    name: Word
    value: Word
    equals: bool


class Heredoc(NamedTuple):
    """A document that stands below its instruction."""

    name: str
    content: str
    expand: bool
    """False where the name is quoted: variables stand for themselves."""
    chomp: bool
    """True for `<<-`: leading tabs do not count."""
    fd: int
    word: Word
    """`<<NAME` as the instruction has it."""
    line: int
    """The line that the content begins on."""
    starts: tuple[int, ...]

    def span(self, start: int, end: int) -> Location:
        """The region of a part of the content, cut at the end of its first line."""
        start = min(max(start, 0), len(self.content))
        index = max(bisect_right(self.starts, start) - 1, 0)
        first = self.starts[index] if self.starts else 0
        until = self.starts[index + 1] if index + 1 < len(self.starts) else len(self.content)
        width = len(self.content[start : min(end, until)].rstrip(SPACE))
        line = self.line + index
        if not self.content or (start == len(self.content) and self.content.endswith("\n")):
            return self.word.location
        column = min(start - first, len(self.content[first:until].rstrip("\r\n"))) + 1
        return Location(self.word.source.path, line, column, line, column + width)


class Comment(NamedTuple):
    text: str
    """What follows the #, without the space around it."""
    location: Location

    @property
    def line(self) -> int:
        return self.location.line


class Directive(NamedTuple):
    """`# name=value` above everything else."""

    name: str
    value: str
    location: Location


class Instruction(NamedTuple):
    name: str
    """In upper case, known or not."""
    keyword: Word
    """The name as written."""
    source: LogicalLine
    flags: tuple[Flag, ...]
    args: tuple[Word, ...]
    """BuildKit's arguments: words, the strings of the exec form, or one whole text; names and values of pairs are
    in `pairs`."""
    pairs: tuple[Pair, ...]
    exec_form: bool
    """True where the arguments are a JSON array of strings."""
    body: int
    """Offset in the text where the arguments begin, after the flags."""
    heredocs: tuple[Heredoc, ...]
    first_line: int
    last_line: int
    """The last line, heredocs included."""
    comments: tuple[Comment, ...]
    """The comment lines directly above."""
    empty_line: int | None
    """The last blank line inside the instruction."""
    trigger: Instruction | None
    """What ONBUILD holds."""

    @property
    def text(self) -> str:
        """The instruction on one line, as BuildKit joins it, without heredocs."""
        return self.source.text

    @property
    def location(self) -> Location:
        """The instruction's text on its first line."""
        return self.source.span(self.keyword.start, len(self.text))

    def span(self, start: int, end: int) -> Location:
        """The region of part of the text, cut at the end of its first physical line."""
        return self.source.span(start, end)

    @property
    def known(self) -> bool:
        """False where BuildKit has no such instruction."""
        return self.name in INSTRUCTIONS

    def flag(self, name: str) -> Flag | None:
        return next((flag for flag in self.flags if flag.name == name), None)

    def flags_named(self, name: str) -> list[Flag]:
        return [flag for flag in self.flags if flag.name == name]

    def after_line(self, line: int) -> Location:
        """The instruction's text on the first of its lines below `line`; its keyword where there is none."""
        for start, (number, _) in zip(self.source.starts, self.source.places, strict=True):
            if number > line:
                return self.source.span(start + _indent(self.text, start), len(self.text))
        return self.keyword.location

    @property
    def rest(self) -> Word:
        """All that follows the flags."""
        end = len(self.text.rstrip(SPACE))
        start = min(self.body, end)
        return Word(self.text[start:end], start, end, self.source)

    @property
    def shell(self) -> Word | None:
        """The text that a shell gets, of RUN, CMD, ENTRYPOINT and HEALTHCHECK CMD; None in exec form."""
        if self.exec_form or not self.args:
            return None
        if self.name == "HEALTHCHECK":
            return self.args[1] if len(self.args) > 1 and self.args[0].text.upper() == "CMD" else None
        return self.args[0] if self.name in ("RUN", "CMD", "ENTRYPOINT") else None


class Text(NamedTuple):
    """What could be read of a Dockerfile, and what could not be."""

    path: str
    instructions: tuple[Instruction, ...]
    directives: tuple[Directive, ...]
    comments: tuple[Comment, ...]
    """Every comment line, between the lines of an instruction too."""
    escape: str
    faults: tuple[Fault, ...]


def read_dockerfile(path: str, text: str) -> Text:
    """Read a Dockerfile; what BuildKit refuses is a fault, and what follows is read all the same."""
    return _Reader(path, text).read()


@dataclass(slots=True)
class _Chunk:
    """One instruction before its words are known."""

    source: LogicalLine
    first_line: int
    last_line: int
    comments: tuple[Comment, ...]
    empty_line: int | None
    documents: list[Heredoc]


class _Reader:
    def __init__(self, path: str, text: str) -> None:
        self.path = path
        lines = text.split("\n")
        if lines[-1] == "" and len(lines) > 1:
            lines.pop()
        self.lines = lines
        self.numbers = _numbers(lines) if "\r" in text else range(1, len(lines) + 1)
        self.faults: list[Fault] = []
        self.comments: list[Comment] = []
        self.directives: list[Directive] = []
        self.escape = "\\"

    def read(self) -> Text:
        chunks = list(self.chunks(self.after_directives()))
        instructions = []
        for chunk, (keyword, body) in zip(chunks, keywords([chunk.source.text for chunk in chunks]), strict=True):
            instructions.append(self.instruction(chunk, keyword, body))
        if not instructions:
            self.fault(1, "is not a Dockerfile: has no instructions")
        return Text(
            self.path,
            tuple(instructions),
            tuple(self.directives),
            tuple(self.comments),
            self.escape,
            tuple(sorted(self.faults, key=lambda fault: fault.location)),
        )

    def fault(self, line: int, message: str) -> None:
        self.faults.append(Fault(self.whole_line(line), message))

    def whole_line(self, line: int) -> Location:
        text = self.lines[line - 1].rstrip(SPACE)
        at = len(text) - len(text.lstrip(SPACE + "\ufeff"))
        (_, (number, column)) = self.parts(line, at)[0]
        return Location(self.path, number, column, number, column + len(text[at:].partition("\r")[0].rstrip(SPACE)))

    def parts(self, line: int, at: int) -> list[tuple[int, tuple[int, int]]]:
        """Offsets from index `at` of a line, and their places; several where a carriage return stands inside."""
        text = self.lines[line - 1]
        number = self.numbers[line - 1]
        if "\r" not in text:
            return [(0, (number, at + 1))]
        before = text[:at]
        begun = before.rfind("\r") + 1
        number += before.count("\r")
        found = [(0, (number, at - begun + 1))]
        for index in range(at, len(text) - 1):
            if text[index] == "\r":
                number += 1
                found.append((index + 1 - at, (number, 1)))
        return found

    def comment(self, number: int) -> Comment:
        made = Comment(self.lines[number - 1].lstrip(SPACE + "\ufeff")[1:].strip(SPACE), self.whole_line(number))
        self.comments.append(made)
        return made

    def after_directives(self) -> int:
        """Read the directives above everything else; the number of the first line that is none."""
        number = 1
        escapes = True
        if self.lines[0].lstrip("\ufeff").startswith("#!"):
            number, escapes = 2, False  # BuildKit looks past a shebang, but not for the escape character
        while number <= len(self.lines):
            line = self.lines[number - 1].removeprefix("\ufeff" if number == 1 else "").strip(SPACE)
            found = _DIRECTIVE.match(line)
            name = found[1].lower() if found else ""
            if found is None or name not in _DIRECTIVES:
                break
            value = found[2].rstrip(SPACE)
            if any(directive.name == name for directive in self.directives):
                self.fault(number, f"directive '{name}' stands twice, and BuildKit takes one")
            elif name == "escape" and escapes:
                if value in ("\\", "`"):
                    self.escape = value
                else:
                    self.fault(number, f"directive 'escape' is '{value}', and BuildKit takes \\ or `")
            self.directives.append(Directive(name, value, self.whole_line(number)))
            number += 1
        return 1

    def continued(self, line: str) -> str | None:
        """The line without the escape character at its end; None where the instruction ends with it."""
        text = line.rstrip(" \t")
        if text.endswith(self.escape) and (len(text) < 2 or text[-2] != self.escape):
            return text[:-1]
        return None

    def chunks(self, number: int) -> Iterator[_Chunk]:
        lines = self.lines
        above: list[Comment] = []
        while number <= len(lines):
            first = lines[number - 1].removeprefix("\ufeff" if number == 1 else "").rstrip("\r")
            if len(first) * 4 > LONGEST_LINE and len(first.encode("utf-8", "replace")) > LONGEST_LINE:
                self.fault(number, f"line is longer than {LONGEST_LINE:,} bytes, and BuildKit reads no longer ones")
            stripped = first.lstrip(SPACE)
            if not stripped or stripped[0] == "#":
                comment = self.comment(number) if stripped else None
                if comment and comment.text:
                    above.append(comment)
                else:
                    above = []
                number += 1
                continue
            began = number
            parts = [stripped]
            places: list[tuple[int, tuple[int, int]]] = self.parts(
                number, len(lines[number - 1].rstrip("\r")) - len(stripped)
            )
            begin = 0
            cut = self.continued(stripped)
            empty_line = None
            while cut is not None:
                parts[-1] = cut
                if number >= len(lines):
                    break
                number += 1
                line = lines[number - 1].rstrip("\r")
                stripped = line.lstrip(SPACE)
                if not stripped:
                    empty_line = self.numbers[number - 1]
                    continue
                if stripped[0] == "#":
                    self.comment(number)
                    continue
                parts.append(line)
                begin += len(cut)
                while places[-1][0] > begin:  # carriage returns behind the escape character
                    places.pop()
                places += [(begin + offset, place) for offset, place in self.parts(number, 0)]
                cut = self.continued(line)
            starts, spots = zip(*places, strict=True)
            source = LogicalLine(self.path, "".join(parts), starts, spots)
            if not source.text.strip(SPACE):
                number += 1
                continue
            documents: list[Heredoc] = []
            last = number
            if "<<" in source.text:
                last = self.documents(source, number, documents)
            yield _Chunk(source, self.numbers[began - 1], self.numbers[last - 1], tuple(above), empty_line, documents)
            above = []
            number = last + 1

    def documents(self, source: LogicalLine, number: int, found: list[Heredoc]) -> int:
        """Read the heredocs that `source` announces, below line `number`; the last line read."""
        ((keyword, body),) = keywords([source.text])
        if source.text[keyword[0] : keyword[1]].upper() == "ONBUILD":
            trigger = source.text[body:]
            ((keyword, inner),) = keywords([trigger])
            name, body = trigger[keyword[0] : keyword[1]].upper(), body + inner
        else:
            name = source.text[keyword[0] : keyword[1]].upper()
        if name not in _HEREDOC_HOLDERS:
            return number
        body = _flags(source, body)[1]
        if _strings(source, body) is not None:
            return number
        for start, end in expand(source.text, keep_unset=True).words:
            announced = _HEREDOC.match(source.text[start:end])
            if announced is None:
                continue
            raw = announced[3].lstrip(SPACE)
            word = expand(raw, keep_unset=True)
            if len(word.words) != 1 or word.error or not word.text:
                continue
            number = self.document(
                number,
                found,
                Heredoc(
                    word.text,
                    "",
                    word.text == raw,
                    bool(announced[2]),
                    int(announced[1][:9] or 0),
                    Word(source.text[start:end], start, end, source),
                    self.numbers[number] if number < len(self.lines) else self.numbers[-1],
                    (),
                ),
            )
        return number

    def document(self, number: int, found: list[Heredoc], heredoc: Heredoc) -> int:
        """Read one heredoc's lines, below line `number`; the last line read."""
        content: list[str] = []
        starts: list[int] = []
        size = 0
        while number < len(self.lines):
            line = self.lines[number]
            number += 1
            candidate = line.rstrip("\r")
            if (candidate.lstrip("\t") if heredoc.chomp else candidate) == heredoc.name:
                break
            starts += [size + offset for offset, _ in self.parts(number, 0)]
            content.append(line + "\n")
            size += len(line) + 1
        else:
            location = heredoc.word.location
            self.faults.append(Fault(location, f"heredoc '{heredoc.name}' has no end"))
        found.append(heredoc._replace(content="".join(content), starts=tuple(starts)))
        return number

    def instruction(self, chunk: _Chunk, keyword: tuple[int, int], body: int) -> Instruction:
        """The words of an instruction."""
        made = self.words(chunk, keyword, body)
        if made.name != "ONBUILD" or not made.rest.text:
            return made
        rest = made.rest
        (((start, end), inner),) = keywords([rest.text])
        trigger = self.words(chunk, (rest.start + start, rest.start + end), rest.start + inner)
        return made._replace(trigger=trigger)

    def words(self, chunk: _Chunk, keyword: tuple[int, int], body: int) -> Instruction:
        source = chunk.source
        text = source.text
        written = Word(text[slice(*keyword)], *keyword, source)
        name = written.text.upper()
        flags, body = _flags(source, body)
        strings = _strings(source, body) if name in _EXEC_FORM else None
        args: list[Word] = strings or []
        pairs: list[Pair] = []
        exec_form = strings is not None
        end = len(text.rstrip(SPACE))
        if exec_form:
            pass
        elif name in _PAIRS:
            pairs = self.pairs(name, source, body, end)
        elif name == "ARG":
            args = [
                Word(found[0], *found.span(), source) for found in _PAIR_WORD[self.escape].finditer(text, body, end)
            ]
        elif name in _LISTS:
            args = [Word(found[0], *found.span(), source) for found in _TOKEN.finditer(text, body, end)]
        elif name == "HEALTHCHECK":
            args, exec_form = _health(source, body, end)
        elif body < end and name in INSTRUCTIONS:
            args = [Word(text[body:end], body, end, source)]
        if not exec_form and name in _NESTING:
            self.nested(name, source, body, end)
        return Instruction(
            name,
            written,
            source,
            flags,
            tuple(args),
            tuple(pairs),
            exec_form,
            body,
            tuple(chunk.documents),
            chunk.first_line,
            chunk.last_line,
            chunk.comments,
            chunk.empty_line,
            None,
        )

    def nested(self, name: str, source: LogicalLine, body: int, end: int) -> None:
        """BuildKit refuses an array that is JSON and holds something other than strings."""
        if name == "HEALTHCHECK":
            after = _TOKEN.match(source.text, body)
            body = after.end() if after else body
        text = source.text[body:end].strip(SPACE)
        if not (text.startswith("[") and text.endswith("]")):
            return
        try:
            json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError):
            return
        self.faults.append(Fault(source.span(body, end), f"{name} has an array that holds more than strings"))

    def pairs(self, name: str, source: LogicalLine, body: int, end: int) -> list[Pair]:
        text = source.text
        words = [found.span() for found in _PAIR_WORD[self.escape].finditer(text, body, end)]
        if not words:
            return []
        if "=" not in text[slice(*words[0])]:
            return self.old_pair(name, source, body, end)
        pairs, lacking = [], []
        for start, stop in words:
            equals = text.find("=", start, stop)
            if equals < 0:
                lacking.append((start, stop))
                continue
            key = Word(text[start:equals], start, equals, source)
            pairs.append(Pair(key, Word(text[equals + 1 : stop], equals + 1, stop, source), True))
        for start, stop in lacking[:1]:
            said = f"{name} has '{text[start:stop]}' where name=value is needed"
            self.faults.append(Fault(source.span(start, stop), said))
        return pairs

    def old_pair(self, name: str, source: LogicalLine, body: int, end: int) -> list[Pair]:
        """`ENV name value`."""
        gap = _BLANK_RUN.search(source.text, body, end)
        if gap is None:
            self.faults.append(Fault(source.span(body, end), f"{name} has a name and no value"))
            return []
        key = Word(source.text[body : gap.start()], body, gap.start(), source)
        return [Pair(key, Word(source.text[gap.end() : end], gap.end(), end, source), False)]


def _numbers(lines: list[str]) -> list[int]:
    """The number of each line where a lone carriage return ends a line too, as it does in editors."""
    numbers = [1]
    for line in lines[:-1]:
        numbers.append(numbers[-1] + 1 + line.count("\r") - line.endswith("\r"))
    return numbers


def _indent(text: str, start: int) -> int:
    return len(text[start:]) - len(text[start:].lstrip(SPACE))


def keywords(lines: list[str]) -> list[tuple[tuple[int, int], int]]:
    """For each line, where its first word stands and where the second one begins."""
    from dockerfile_parse import DockerfileParser

    masked = b"".join(line.encode("ascii", "replace").translate(_NEUTRAL) + b" ?\n" for line in lines)
    structure = DockerfileParser(fileobj=io.BytesIO(masked)).structure
    split = []
    for found in structure:
        content = found["content"]
        start = len(content) - len(content.lstrip())
        split.append(((start, start + len(found["instruction"])), len(content.rstrip()) - len(found["value"])))
    return split


def stage_name(instruction: Instruction) -> str | None:
    """What a FROM calls its stage."""
    from dockerfile_parse.parser import image_from

    name: str | None = image_from(" ".join(word.text for word in instruction.args))[1]
    return name


def _flags(source: LogicalLine, at: int) -> tuple[tuple[Flag, ...], int]:
    """The flags at offset `at`, and where the arguments after them begin."""
    text = source.text
    flags: list[Flag] = []
    while True:
        while at < len(text) and text[at] in SPACE:
            at += 1
        if not text.startswith("--", at):
            return tuple(flags), at
        start = at
        letters: list[str] = []
        quote = ""
        while at < len(text):
            character = text[at]
            if not quote and character in SPACE:
                break
            if character == quote:
                quote = ""
            elif not quote and character in "\"'":
                quote = character
            elif character == "\\":
                at += 1
                letters.append(text[at : at + 1])
            else:
                letters.append(character)
            at += 1
        at = min(at, len(text))
        word = "".join(letters)
        if word == "--":
            while at < len(text) and text[at] in SPACE:
                at += 1
            return tuple(flags), at
        name, equals, value = word[2:].partition("=")
        flags.append(Flag(name, value if equals else None, Word(word, start, at, source)))


def _strings(source: LogicalLine, start: int, end: int | None = None) -> list[Word] | None:
    """The strings of a JSON array that is all there is from `start`; None where there is none."""
    if not source.text.startswith("[", start):
        return None
    text = source.text[start:end].rstrip(SPACE)
    if not _JSON_LIST.match(text):
        return None
    return [
        Word(json.loads(found[0]), start + found.start(), start + found.end(), source)
        for found in _JSON_STRINGS.finditer(text)
    ]


def _health(source: LogicalLine, body: int, end: int) -> tuple[list[Word], bool]:
    """NONE, or CMD with what it runs."""
    kind = _TOKEN.match(source.text, body, end)
    if kind is None:
        return [], False
    args = [Word(kind[0], *kind.span(), source)]
    at = kind.end()
    while at < end and source.text[at] in SPACE:
        at += 1
    strings = _strings(source, at, end)
    if strings is not None:
        return args + strings, True
    if at < end:
        args.append(Word(source.text[at:end], at, end, source))
    return args, False


def _refuse(constant: str) -> None:
    raise ValueError(constant)
