"""Declarative Jenkinsfiles as statements with their places: a name, its arguments, and what stands in its braces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

DEEPEST = 100
"""Levels of braces; what is nested deeper belongs to the innermost one."""

_TOKEN = re.compile(
    r"""
    (?P<blank>[ \t\r\f\v]+|//[^\n]*|\#![^\n]*)
  | (?P<line>\n|;)
  | (?P<name>[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*)
  | (?P<number>[0-9][\w.]*)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTES = ("'''", '"""', "'", '"')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}


@dataclass(frozen=True, slots=True)
class Token:
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
    top: list[Statement] = []
    open_bodies: list[list[Statement]] = [top]
    current: Statement | None = None
    parentheses = 0
    ignored = 0
    for token in _tokens(text):
        if token.text == "{" and token.kind == "mark":
            if len(open_bodies) >= DEEPEST:
                ignored += 1
                continue
            body: list[Statement] = []
            if current is not None:
                current.body = body if current.body is None else current.body
                body = current.body
            open_bodies.append(body)
            current, parentheses = None, 0
        elif token.text == "}" and token.kind == "mark":
            if ignored:
                ignored -= 1
            elif len(open_bodies) > 1:
                open_bodies.pop()
            current, parentheses = None, 0
        elif token.kind == "line":
            if not parentheses:
                current = None
        elif current is None:
            if token.kind == "name":
                current = Statement(token)
                open_bodies[-1].append(current)
        else:
            if token.kind == "mark":
                parentheses = max(0, parentheses + {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0))
            current.tokens.append(token)
    return top


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        quote = next((quote for quote in _QUOTES if text.startswith(quote, at)), None)
        if quote is not None:
            end = _closing(text, at + len(quote), quote)
            inner = text[at + len(quote) : end]
            stop = min(len(text), end + len(quote))
            yield Token("text", _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), inner), at, stop)
            at = stop
            continue
        if text.startswith("/*", at):
            end = text.find("*/", at + 2)
            at = len(text) if end < 0 else end + 2
            continue
        found = _TOKEN.match(text, at)
        if found is None:
            return
        at = found.end()
        kind = found.lastgroup or "mark"
        if kind != "blank":
            yield Token(kind, found[0], found.start(), found.end())


def _closing(text: str, at: int, quote: str) -> int:
    """Where the quote that was opened before `at` closes; the line's end, or the text's, where it does not."""
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith(quote, at) or (len(quote) == 1 and text[at] == "\n"):
            return at
        else:
            at += 1
    return len(text)
