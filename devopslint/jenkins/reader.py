"""Declarative Jenkinsfiles as statements with their places: a name, its arguments, and what stands in its braces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import NamedTuple, compiled, dataclass, field

DEEPEST = 100
"""Levels of braces; what is nested deeper belongs to the innermost one."""
LONGEST_EXPRESSION = 400
"""Characters between the braces of `${…}`."""

_TOKEN = compiled(
    r"""
    (?P<blank>[ \t\r\f\v]+|//[^\n]*|\#![^\n]*)
  | (?P<line>\n|;)
  | (?P<name>[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*)
  | (?P<number>[0-9][\w.]*)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_SLASHY = compiled(r"/(?![/*])(?:[^/\\\n]|\\.)*/")
_BEFORE_SLASHY = frozenset(
    ("", "\n", ";", "(", ",", "=", "~", "[", ":", "!", "&", "|", "?", "{", "return", "in", "case")
)
"""What stands before a pattern, `/v[0-9]+/`; behind anything else a slash divides."""
_QUOTES = ("'''", '"""', "'", '"')
_ESCAPE = compiled(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}


class Token(NamedTuple):
    kind: str
    """name, text, number, mark or line."""
    text: str
    """Of a text, what it says: without quotes, escapes replaced."""
    start: int
    end: int


@dataclass(slots=True)
class Statement:
    """`sh 'make'`, `stage('Build') { … }`, `timeout(time: 5, unit: 'MINUTES')`."""

    name: Token
    """The brace itself, a mark, where nothing names a block."""
    tokens: list[Token] = field(default_factory=list)
    """Everything between the name and the brace or the end of the line."""
    body: list[Statement] | None = None
    """None where it has no braces."""

    def argument(self, *keys: str) -> Token | None:
        """The value behind `key:`; with an empty key, the first value that stands without one."""
        tokens = [token for token in self.tokens if token.kind != "mark" or token.text in ":,"]
        for key in keys:
            for index, token in enumerate(tokens):
                keyed = index >= 2 and tokens[index - 1].text == ":"
                if key and keyed and tokens[index - 2].text == key:
                    return token
                if not key and not keyed and token.kind in ("text", "number"):
                    return token
        return None

    def statements(self, *names: str) -> Iterator[Statement]:
        """Those of its own braces with one of these names."""
        return (statement for statement in self.body or () if statement.name.text in names)

    def walk(self) -> Iterator[Statement]:
        """All statements inside, in their order."""
        stack = list(reversed(self.body or ()))
        while stack:
            statement = stack.pop()
            yield statement
            stack.extend(reversed(statement.body or ()))


def read_jenkinsfile(text: str) -> list[Statement]:
    """The statements of the file; whatever is not one is passed over."""
    return read_blocks(text)[0]


def read_blocks(text: str) -> tuple[list[Statement], list[Statement]]:
    """The statements of the file, and those whose braces are still open where it ends, the outermost first."""
    top: list[Statement] = []
    opened: list[Statement] = []
    open_bodies: list[list[Statement]] = [top]
    current: Statement | None = None
    parentheses = 0
    ignored = 0
    for token in _tokens(text):
        if token.text == "{" and token.kind == "mark":
            if len(open_bodies) >= DEEPEST:
                ignored += 1
                continue
            if current is None:
                # A block of its own: `'unit': { … }` behind the first one of `parallel`.
                current = Statement(token)
                open_bodies[-1].append(current)
            current.body = [] if current.body is None else current.body
            open_bodies.append(current.body)
            opened.append(current)
            current, parentheses = None, 0
        elif token.text == "}" and token.kind == "mark":
            if ignored:
                ignored -= 1
            elif len(open_bodies) > 1:
                open_bodies.pop()
                opened.pop()
            current, parentheses = None, 0
        elif token.kind == "line":
            # A comma goes on in the next line: `slackSend channel: '#shop',`.
            if not parentheses and not (current is not None and current.tokens and current.tokens[-1].text == ","):
                current = None
        elif current is None:
            if token.kind == "name":
                current = Statement(token)
                open_bodies[-1].append(current)
        else:
            if token.kind == "mark":
                parentheses = max(0, parentheses + {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0))
            current.tokens.append(token)
    return top, opened if not ignored else []


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    before = ""
    while at < len(text):
        quote = next((quote for quote in _QUOTES if text.startswith(quote, at)), None)
        if quote is not None:
            end = _closing(text, at + len(quote), quote)
            inner = text[at + len(quote) : end]
            stop = min(len(text), end + len(quote))
            yield Token("text", _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), inner), at, stop)
            at, before = stop, quote
            continue
        if text.startswith("/*", at):
            end = text.find("*/", at + 2)
            at = len(text) if end < 0 else end + 2
            continue
        pattern = _SLASHY.match(text, at) if text[at] == "/" and before in _BEFORE_SLASHY else None
        found = pattern or _TOKEN.match(text, at)
        if found is None:
            return
        at = found.end()
        if pattern is not None:
            before = "/"
            yield Token("text", found[0][1:-1], found.start(), found.end())
            continue
        kind = found.lastgroup or "mark"
        if kind != "blank":
            before = found[0]
            yield Token(kind, found[0], found.start(), found.end())


def _closing(text: str, at: int, quote: str) -> int:
    """Where the quote that was opened before `at` closes; the line's end, or the text's, where it does not.

    Between double quotes `${…}` may hold quotes of its own.
    """
    nests = quote[0] == '"'
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith(quote, at) or (len(quote) == 1 and text[at] == "\n"):
            return at
        elif nests and text.startswith("${", at):
            end = _closing_brace(text, at + 2, "\n" if len(quote) == 1 else "")
            nests = end is not None
            at = end if end is not None else at + 2
        else:
            at += 1
    return len(text)


def _closing_brace(text: str, at: int, stop: str) -> int | None:
    """The end of an expression that begins at `at`; None where its brace does not close soon, and ahead of `stop`."""
    depth = 1
    inside = ""
    last = min(len(text), at + LONGEST_EXPRESSION)
    while at < last and text[at] != stop:
        letter = text[at]
        if letter == "\\":
            at += 1
        elif inside:
            inside = "" if letter == inside else inside
        elif letter in "'\"":
            inside = letter
        elif letter in "{}":
            depth += 1 if letter == "{" else -1
            if not depth:
                return at + 1
        at += 1
    return None
