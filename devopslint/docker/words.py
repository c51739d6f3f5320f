"""The small shell language of Dockerfile arguments: quotes, escapes, `$X`, `${X:-default}` and what they come to."""

from __future__ import annotations

import re
from collections.abc import Mapping

from devopslint.deferred import NamedTuple, compiled

SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""What BuildKit takes for white space at the ends of lines and between words."""
DEEPEST = 40
"""Levels of `${a:-${b:-…}}` that are followed."""

LONGEST = 10_000
"""Characters that variables may put into one text; beyond it, what it comes to is not known."""

TOO_LONG = f"comes to more than {LONGEST:_} characters"
TOO_DEEP = f"nests deeper than {DEEPEST} levels"

_SPACES = frozenset(SPACE)
_NAME = compiled(r"[0-9]+|[@*#?$!-]|[^\W\d]\w*")
_PLAIN = {escape: compiled(rf"[^'\"$<{re.escape(escape)}{re.escape(SPACE)}/}}]+") for escape in ("\\", "`")}
_HEREDOC = compiled(rf"<<[{re.escape(SPACE)}]*")
_QUOTED = {escape: compiled(rf"[^\"${re.escape(escape)}]+") for escape in ("\\", "`")}


class Variable(NamedTuple):
    """A use of a variable."""

    name: str
    start: int
    end: int
    known: bool
    operator: str
    """What stands between the name and the word after it: `:-`, `+`, `%%`, …; empty where nothing does."""
    idle: bool = False
    """True in a word that does not count: what follows `:-` of a variable that has a value, or `:+` of one that has none."""


class Expansion(NamedTuple):
    """What a text comes to."""

    text: str
    words: tuple[tuple[int, int], ...]
    """Where each word stands in what was expanded, quotes included."""
    variables: tuple[Variable, ...]
    error: str | None
    """Why BuildKit refuses the text, or why it is not followed; what it comes to is then empty."""


def expand(
    text: str, values: Mapping[str, str] | None = None, escape: str = "\\", *, keep_unset: bool = False
) -> Expansion:
    """Replace the variables of `text` and take quotes and escapes away, as BuildKit does outside of RUN.

    A variable that is not in `values` is empty, or stays as it is written with `keep_unset`.
    """
    if values is not None and "$" not in text and "'" not in text and '"' not in text and escape not in text:
        return Expansion(text, (), (), None)
    lexer = _Lexer(text, values or {}, escape, keep_unset)
    try:
        result = lexer.until("", 0)
    except Refused as error:
        return Expansion("", (), tuple(lexer.variables), str(error))
    return Expansion(result, tuple(lexer.words), tuple(lexer.variables), None)


def variables_in(text: str, values: Mapping[str, str], escape: str = "\\") -> tuple[Variable, ...]:
    """The variables that a heredoc's text uses: quotes are nothing special in it."""
    lexer = _Lexer(text, values, escape, keep_unset=False)
    at = 0
    while (found := text.find("$", at)) >= 0:
        begun = found
        while begun > at and text[begun - 1] == escape:
            begun -= 1
        at = found + 1
        if (found - begun) % 2 == 0:
            lexer.at, lexer.put_in = found, 0
            try:
                lexer.variable(0)
            except Refused:
                continue
            at = lexer.at
    return tuple(lexer.variables)


class Refused(Exception):
    """BuildKit gives an error for such a text."""


class _Lexer:
    def __init__(self, text: str, values: Mapping[str, str], escape: str, keep_unset: bool) -> None:
        self.text = text
        self.values = values
        self.escape = escape
        self.keep_unset = keep_unset
        self.at = 0
        self.words: list[tuple[int, int]] = []
        self.variables: list[Variable] = []
        self.put_in = 0
        """Characters that variables have put into the text."""

    def until(self, stop: str, depth: int) -> str:
        """What stands before the character `stop`, or all that is left, expanded."""
        if depth > DEEPEST:
            raise Refused(TOO_DEEP)
        text, size, escape, plain = self.text, len(self.text), self.escape, _PLAIN[self.escape]
        out: list[str] = []
        begun: int | None = None
        while self.at < size:
            start = self.at
            character = text[start]
            if stop and character == stop:
                self.at += 1
                return "".join(out)
            if character in _SPACES:
                if begun is not None and not depth:
                    self.words.append((begun, start))
                begun = None
                out.append(character)
                self.at += 1
                continue
            if begun is None:
                begun = start
            if character == "'":
                out.append(self.single_quoted())
            elif character == '"':
                out.append(self.double_quoted(depth))
            elif character == "$":
                out.append(self.variable(depth))
            elif character == escape:
                out.append(text[start + 1 : start + 2])
                self.at += 2
            elif character == "<":
                # What announces a heredoc is one word with the name behind it, white space or not (BuildKit 0.22 on).
                found = _HEREDOC.match(text, start)
                self.at = found.end() if found else start + 1
                out.append(text[start : self.at])
            else:
                found = plain.match(text, start)
                self.at = found.end() if found else start + 1
                out.append(text[start : self.at])
        if stop:
            raise Refused(f"has no closing {stop}")
        if begun is not None and not depth:
            self.words.append((begun, size))
        return "".join(out)

    def single_quoted(self) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise Refused("has no closing single quote")
        inner = self.text[self.at + 1 : end]
        self.at = end + 1
        return inner

    def double_quoted(self, depth: int) -> str:
        text, size, quoted = self.text, len(self.text), _QUOTED[self.escape]
        out: list[str] = []
        self.at += 1
        while self.at < size:
            character = text[self.at]
            if character == '"':
                self.at += 1
                return "".join(out)
            if character == "$":
                out.append(self.variable(depth))
            elif character == self.escape:
                after = text[self.at + 1 : self.at + 2]
                out.append(after if after in ('"', "$", self.escape) else character)
                self.at += 2 if after in ('"', "$", self.escape) and after else 1
            else:
                found = quoted.match(text, self.at)
                end = found.end() if found else self.at + 1
                out.append(text[self.at : end])
                self.at = end
        raise Refused("has no closing double quote")

    def name(self) -> str:
        found = _NAME.match(self.text, self.at)
        if not found:
            return ""
        self.at = found.end()
        return found[0]

    def variable(self, depth: int) -> str:
        value = self.substituted(depth)
        self.put_in += len(value)
        if self.put_in > LONGEST:
            raise Refused(TOO_LONG)
        return value

    def substituted(self, depth: int) -> str:
        start = self.at
        self.at += 1
        if self.text[self.at : self.at + 1] != "{":
            name = self.name()
            return self.value(name, start, "", "") if name else "$"
        self.at += 1
        if self.text[self.at : self.at + 1] in ("", "{", "}", ":"):
            raise Refused("has a bad substitution")
        name = self.name()
        operator = self.text[self.at : self.at + 1]
        self.at += 1
        if operator == "}":
            return self.value(name, start, "", "")
        if operator == "/":
            return self.replaced(name, start, depth)
        if operator == ":":
            operator += self.text[self.at : self.at + 1]
            self.at += 1
        if not operator or operator[-1] not in "+-?#%" or operator in (":#", ":%"):
            raise Refused(f"has a substitution that BuildKit does not know: {operator}")
        if operator[-1] in "#%" and self.text[self.at : self.at + 1] == operator:
            operator += operator
            self.at += 1
        first = len(self.variables)
        word = self.until("}", depth + 1)
        if operator[-1] in "+-":
            given = name in self.values and (self.values[name] != "" or operator[0] != ":")
            if given == (operator[-1] == "-"):
                self.variables[first:] = [inner._replace(idle=True) for inner in self.variables[first:]]
        return self.value(name, start, operator, word)

    def value(self, name: str, start: int, operator: str, word: str) -> str:
        known = name in self.values
        self.variables.append(Variable(name, start, self.at, known, operator))
        if not known and self.keep_unset:
            return self.text[start : self.at]
        value = self.values.get(name, "")
        given = known and (value != "" or not operator.startswith(":"))
        if operator in (":-", "-"):
            return value if given else word
        if operator in (":+", "+"):
            return word if given else ""
        if operator in ("#", "##", "%", "%%"):
            return _trimmed(value, word, operator)
        return value

    def replaced(self, name: str, start: int, depth: int) -> str:
        everywhere = self.text[self.at : self.at + 1] == "/"
        self.at += everywhere
        pattern = self.until("/", depth + 1)
        replacement = self.until("}", depth + 1)
        known = name in self.values
        self.variables.append(Variable(name, start, self.at, known, "/"))
        if not known and self.keep_unset:
            return self.text[start : self.at]
        value = self.values.get(name, "")
        if any(mark in pattern for mark in "*?"):
            return value
        if not pattern:
            return value
        if value.count(pattern) * len(replacement) > LONGEST:
            raise Refused(TOO_LONG)
        return value.replace(pattern, replacement, -1 if everywhere else 1)


def _trimmed(value: str, pattern: str, operator: str) -> str:
    """`${value#pattern}` and the like, where the only wildcard is one `*` or none: more is left as it is."""
    if "?" in pattern or pattern.count("*") > 1:
        return value
    if operator.startswith("#"):
        before, star, after = pattern.partition("*")
        if not value.startswith(before):
            return value
        if not star:
            return value[len(before) :]
        found = value.rfind(after, len(before)) if operator == "##" else value.find(after, len(before))
        return value[found + len(after) :] if found >= 0 else value
    before, star, after = pattern.partition("*")
    if not value.endswith(after if star else before):
        return value
    if not star:
        return value[: len(value) - len(before)]
    end = len(value) - len(after)
    found = value.find(before, 0, end) if operator == "%%" else value.rfind(before, 0, end)
    return value[:found] if found >= 0 else value
