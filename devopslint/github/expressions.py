"""GitHub Actions expressions: the `${{ … }}` in a text as trees that know their place.

https://docs.github.com/actions/reference/evaluate-expressions-in-workflows-and-actions
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any
from typing import Literal as OneOf

from devopslint.deferred import NamedTuple, compiled, dataclass

DEEPEST = 50
"""Levels of nesting that GitHub itself accepts."""
LONGEST = 21_000
"""Characters of one expression that GitHub itself accepts."""

Constant = None | bool | int | float | str

_OPENING = "${{"
_TOKEN = compiled(
    r"""
    (?P<space>[ \t\r\n]+)
  | (?P<string>'[^']*(?:''[^']*)*')
  | (?P<number>(?:0x[0-9a-fA-F]+|0o[0-7]+|-Infinity|[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)(?![\w.]))
  | (?P<name>[A-Za-z_][A-Za-z0-9_-]*)
  | (?P<close>\}\})
  | (?P<mark>&&|\|\||==|!=|<=|>=|[<>!()\[\].,*])
    """,
    re.VERBOSE,
)
_KEYWORDS: dict[str, Constant] = {
    "null": None,
    "true": True,
    "false": False,
    "NaN": float("nan"),
    "Infinity": float("inf"),
}
_BINDS = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4}


class Literal(NamedTuple):
    """null, true, 4.2 or 'text'."""

    start: int
    end: int
    value: Constant


class Context(NamedTuple):
    """A name at the begin of a path: `github`."""

    start: int
    end: int
    name: str


class Property(NamedTuple):
    """`of.name`; `name_start` is where the name stands."""

    start: int
    end: int
    of: Expression
    name: str
    name_start: int


@dataclass(frozen=True, slots=True)
class Index:
    """`of[index]`."""

    start: int
    end: int
    of: Expression
    index: Expression


class Filter(NamedTuple):
    """`of.*` or `of[*]`: the same property of every element."""

    start: int
    end: int
    of: Expression


class Call(NamedTuple):
    """`name(arguments)`; `name_end` is where the name ends."""

    start: int
    end: int
    name: str
    name_end: int
    arguments: tuple[Expression, ...]


class Not(NamedTuple):
    start: int
    end: int
    operand: Expression


class Comparison(NamedTuple):
    start: int
    end: int
    operator: OneOf["==", "!=", "<", "<=", ">", ">="]
    left: Expression
    right: Expression


class Logical(NamedTuple):
    """A whole chain of one operator: `a && b && c`."""

    start: int
    end: int
    operator: OneOf["&&", "||"]
    operands: tuple[Expression, ...]


Expression = Literal | Context | Property | Index | Filter | Call | Not | Comparison | Logical
"""Offsets count from the begin of the text that the expression stands in; the end is exclusive."""


class SyntaxFault(NamedTuple):
    """What is wrong with an expression, and where."""

    start: int
    end: int
    message: str


class Span(NamedTuple):
    """One `${{ … }}` of a text, from its `$` to behind its braces: a tree or a fault."""

    start: int
    end: int
    tree: Expression | None
    fault: SyntaxFault | None = None


class Reference(NamedTuple):
    """A path of names as an expression has it: `github.event.pull_request.title`.

    In `path` names are in lower case as GitHub compares them; a filter is `*`, an index by a value that is
    not a constant is `?`.
    """

    start: int
    end: int
    path: tuple[str, ...]
    tree: Expression

    @property
    def text(self) -> str:
        return ".".join(self.path)

    def under(self, path: str) -> bool:
        """True where the reference is `path` or something inside it."""
        names = tuple(path.split("."))
        return self.path[: len(names)] == names


def expressions(text: str) -> list[Span]:
    """Every `${{ … }}` of `text`, in order."""
    spans: list[Span] = []
    at = text.find(_OPENING)
    while at >= 0:
        span = _parse(text, at, at + len(_OPENING), bare=False)
        spans.append(span)
        at = text.find(_OPENING, span.end)
    return spans


@functools.lru_cache(maxsize=256)
def condition(text: str) -> Span | None:
    """The expression that an `if:` is, in braces or bare; None where text stands around braces, as that is a string."""
    spans = expressions(text)
    if not spans:
        return _parse(text, 0, 0, bare=True)
    (first, *more) = spans
    return first if not more and (first.start, first.end) == (0, len(text)) else None


def children(tree: Expression) -> tuple[Expression, ...]:
    match tree:
        case Property() | Filter():
            return (tree.of,)
        case Index():
            return (tree.of, tree.index)
        case Call():
            return tree.arguments
        case Not():
            return (tree.operand,)
        case Comparison():
            return (tree.left, tree.right)
        case Logical():
            return tree.operands
    return ()


def walk(tree: Expression) -> Iterator[Expression]:
    """The tree and every tree inside it, as they stand from left to right."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def has_fallback(tree: Expression | None, start: int) -> bool:
    """Whether what begins at `start` may be empty on purpose: of `a || b` and `a && b`, all but the last operand."""
    return tree is not None and any(
        operand.start <= start < operand.end
        for one in walk(tree)
        if isinstance(one, Logical)
        for operand in one.operands[:-1]
    )


def references(tree: Expression) -> Iterator[Reference]:
    """Every context that the tree names, with the longest path behind it."""
    stack = [tree]
    while stack:
        node = stack.pop()
        path, indexes = path_of(node)
        if path:
            yield Reference(node.start, node.end, path, node)
            stack.extend(reversed(indexes))
        else:
            stack.extend(reversed(children(node)))


def path_of(tree: Expression) -> tuple[tuple[str, ...], list[Expression]]:
    """The path that the tree is, empty where it is none, and the indexes on it that are no constants."""
    names: list[str] = []
    indexes: list[Expression] = []
    node = tree
    while not isinstance(node, Context):
        match node:
            case Property(of=of, name=name):
                names.append(name.lower())
            case Index(of=of, index=Literal(value=value)):
                names.append(text_of(value).lower())
            case Index(of=of, index=index):
                names.append("?")
                indexes.append(index)
            case Filter(of=of):
                names.append("*")
            case _:
                return (), []
        node = of
    return (node.name.lower(), *reversed(names)), indexes[::-1]


def calls(tree: Expression) -> Iterator[Call]:
    return (node for node in walk(tree) if isinstance(node, Call))


def text_of(value: Constant) -> str:
    """The value as GitHub writes it into a text."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            if value != value:
                return "NaN"
            if value in (float("inf"), float("-inf")):
                return "Infinity" if value > 0 else "-Infinity"
            return f"{value:.15g}"
    return str(value)


def truth(tree: Expression) -> bool | None:
    """Whether the tree is always true, or always false, as a condition; None where that depends."""
    match tree:
        case Not():
            operand = truth(tree.operand)
            return None if operand is None else not operand
        case Logical():
            decides = tree.operator == "||"
            sides = [truth(operand) for operand in tree.operands]
            if decides in sides:
                return decides
            return None if None in sides else not decides
    folded = fold(tree)
    return None if folded is None else is_true(folded.value)


def fold(tree: Expression) -> Literal | None:
    """The literal that the tree always is; None where it depends, or is no scalar."""
    found = _value_of(tree)
    return None if found is None or _is_several(found.value) else found


def _value_of(tree: Expression) -> Literal | None:
    """As fold(); a list or an object is a value too. Every part of the tree is looked at once."""
    match tree:
        case Literal():
            return tree
        case Not():
            operand = fold(tree.operand)
            return operand and Literal(tree.start, tree.end, not is_true(operand.value))
        case Logical():
            for operand_tree in tree.operands:
                operand = fold(operand_tree)
                if operand is None or is_true(operand.value) == (tree.operator == "||"):
                    break
            return operand
        case Comparison():
            left, right = fold(tree.left), fold(tree.right)
            if left is None or right is None:
                return None
            return Literal(tree.start, tree.end, _compare(tree.operator, left.value, right.value))
        case Call():
            return _fold_call(tree)
    return None


def _fold_call(call: Call) -> Literal | None:
    if call.name.lower() == "case":
        for test, value in zip(call.arguments[::2], call.arguments[1::2], strict=False):
            known = fold(test)
            if known is None or is_true(known.value):
                return known and fold(value)
        return fold(call.arguments[-1]) if len(call.arguments) % 2 else None
    name = call.name.lower()
    function = _FOLDED.get(name)
    if function is None or not call.arguments:
        return None
    found = [_value_of(argument) for argument in call.arguments]
    values = [one.value for one in found if one is not None]
    texts = values[1:] if name in ("contains", "join", "tojson") else values
    if len(values) < len(found) or any(map(_is_several, texts)):
        return None
    try:
        result = function(*values)
    except (TypeError, ValueError, RecursionError):
        return None
    too_long = isinstance(result, str) and len(result) > LONGEST
    return None if result is _UNKNOWN or too_long else Literal(call.start, call.end, result)


def _is_several(value: Any) -> bool:
    return isinstance(value, list | dict)


def is_true(value: Constant) -> bool:
    """false, 0, '', null and NaN are false; everything else is true."""
    return bool(value) and value == value


def number_of(value: Constant) -> float:
    """The number that GitHub takes a value for when it compares values of different types."""
    match value:
        case None:
            return 0.0
        case bool() | int() | float():
            return float(value)
    written = value.strip()
    if not written:
        return 0.0
    found = _TOKEN.match(written)
    if found is None or found.lastgroup != "number" or found.end() != len(written):
        return float("nan")
    return float(_number(written))


def _compare(operator: str, left: Constant, right: Constant) -> bool:
    a: float | str
    b: float | str
    if isinstance(left, str) and isinstance(right, str):
        a, b = left.upper(), right.upper()
    else:
        a, b = number_of(left), number_of(right)
        if left is None and right is None:
            a = b = 0.0
    match operator:
        case "==":
            return a == b
        case "!=":
            return a != b
        case "<":
            return a < b  # type: ignore[operator]  # both are texts, or both are numbers
        case "<=":
            return a <= b  # type: ignore[operator]  # as above
        case ">":
            return a > b  # type: ignore[operator]  # as above
    return a >= b  # type: ignore[operator]  # as above


def _from_json(text: Constant) -> Any:
    return json.loads(text_of(text))


def _to_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _contains(search: Any, item: Constant, *_: Constant) -> Any:
    if isinstance(search, dict):
        return _UNKNOWN
    if isinstance(search, list):
        return any(not _is_several(one) and _compare("==", one, item) for one in search)
    return text_of(item).lower() in text_of(search).lower()


def _join(values: Any, separator: Constant = ",", *_: Constant) -> Any:
    parts = values if isinstance(values, list) else [values]
    if any(map(_is_several, parts)) or len(parts) * len(text_of(separator)) > LONGEST:
        return _UNKNOWN
    return text_of(separator).join(map(text_of, parts))


def _starts_with(search: Constant, value: Constant = "", *_: Constant) -> bool:
    return text_of(search).lower().startswith(text_of(value).lower())


def _ends_with(search: Constant, value: Constant = "", *_: Constant) -> bool:
    return text_of(search).lower().endswith(text_of(value).lower())


def _format(template: Constant, *values: Constant) -> Any:
    """Unknown where a brace stands alone or a placeholder has no value: GitHub refuses that."""
    text = text_of(template)
    numbers = [int(number) for number in placeholders(text)]
    if lone_brace(text) is not None or any(number >= len(values) for number in numbers):
        return _UNKNOWN
    if sum(len(text_of(values[number])) for number in numbers) > LONGEST:
        return _UNKNOWN
    return _PLACEHOLDER.sub(lambda found: text_of(values[int(found[1])]) if found[1] else found[0][0], text)


def placeholders(template: str) -> list[str]:
    """The numbers in the `{0}` of a template of `format()`; `{{` stands for a brace."""
    return [found[1] for found in _PLACEHOLDER.finditer(template) if found[1]]


def lone_brace(template: str) -> str | None:
    """The first brace of a template of `format()` that belongs to no placeholder and is not doubled."""
    return next((found[0] for found in _BRACE.finditer(template) if len(found[0]) == 1), None)


_BRACE = compiled(r"\{\{|\}\}|\{[0-9]{1,6}(?::[^{}]*)?\}|[{}]")
_PLACEHOLDER = compiled(r"\{\{|\}\}|\{([0-9]{1,6})\}")
_UNKNOWN = object()
_FOLDED: dict[str, Callable[..., Any]] = {
    "contains": _contains,
    "startswith": _starts_with,
    "endswith": _ends_with,
    "format": _format,
    "join": _join,
    "tojson": _to_json,
    "fromjson": _from_json,
}


def _parse(text: str, start: int, begin: int, *, bare: bool) -> Span:
    """The expression whose first character stands at `begin`, up to its closing braces or the end of a bare one."""
    tokens, end, fault = _tokens(text, begin, bare)
    if fault is None and end - begin > LONGEST:
        fault = SyntaxFault(begin, end, f"expression is longer than {LONGEST:,} characters")
    elif fault is None and not tokens:
        fault = SyntaxFault(start, end, "expression is empty")
    if fault is not None:
        return Span(start, end, None, fault)
    try:
        return Span(start, end, _Parser(tokens, end).whole())
    except _Unexpected as error:
        return Span(start, end, None, error.fault)


class _Unexpected(Exception):
    def __init__(self, start: int, end: int, message: str) -> None:
        self.fault = SyntaxFault(start, max(end, start + 1), message)


class _Token(NamedTuple):
    kind: str
    start: int
    end: int
    text: str


def _tokens(text: str, begin: int, bare: bool) -> tuple[list[_Token], int, SyntaxFault | None]:
    """The tokens from `begin` on, where the expression ends, and what stopped the lexer."""
    tokens: list[_Token] = []
    at = begin
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            return tokens, _resume(text, at, bare), SyntaxFault(at, at + 1, _strange(text, at))
        kind = found.lastgroup or ""
        if kind == "close":
            if not bare:
                return tokens, found.end(), None
            return tokens, len(text), SyntaxFault(at, found.end(), "'}}' closes braces that do not open")
        if kind != "space":
            tokens.append(_Token(kind, at, found.end(), found.group()))
        at = found.end()
    if bare:
        return tokens, len(text), None
    return tokens, len(text), SyntaxFault(begin - len(_OPENING), begin, "'${{' is not closed by '}}'")


def _resume(text: str, at: int, bare: bool) -> int:
    closing = -1 if bare else text.find("}}", at)
    return len(text) if closing < 0 else closing + 2


def _strange(text: str, at: int) -> str:
    character = text[at]
    if character == "'":
        return "string does not end: its closing single quote is missing"
    if character == '"':
        return "strings stand in single quotes, not in double quotes"
    if character == "}":
        return "'${{' is closed by '}}', not by '}'"
    if character in "&|=":
        return f"unexpected '{character}'; the operator is '{character * 2}'"
    if character in "0123456789+-.":
        return f"'{_word(text, at)}' is not a number; expressions have no arithmetic"
    if not character.isprintable():
        return f"unexpected character U+{ord(character):04X}"
    return f"unexpected character '{character}'"


def _word(text: str, at: int) -> str:
    found = re.compile(r"[-+\w.]{1,40}").match(text, at)
    return found.group() if found else text[at]


class _Parser:
    """Precedence climbing over the tokens of one expression."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self._tokens = tokens
        self._end = _Token("end", end, end, "")
        self._at = 0
        self._depth = 0

    def whole(self) -> Expression:
        tree = self._binary(1)
        if self._at < len(self._tokens):
            raise self._unexpected("the end of the expression")
        if _depth(tree) > DEEPEST:
            raise _Unexpected(tree.start, tree.end, f"expression nests deeper than {DEEPEST} levels")
        return tree

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else self._end

    def _take(self) -> _Token:
        token = self._next
        self._at += 1
        return token

    def _expect(self, mark: str, wanted: str) -> _Token:
        if self._next.text != mark:
            raise self._unexpected(wanted)
        return self._take()

    def _unexpected(self, wanted: str) -> _Unexpected:
        token = self._next
        if token.kind == "end":
            last = self._tokens[-1]
            return _Unexpected(last.start, last.end, f"expression ends where {wanted} is expected")
        return _Unexpected(token.start, token.end, f"unexpected '{token.text}' where {wanted} is expected")

    def _binary(self, weakest: int) -> Expression:
        tree = self._unary()
        while (binds := _BINDS.get(self._next.text, 0)) >= weakest:
            operator = self._next.text
            operands = [tree]
            while self._next.text == operator:
                self._take()
                operands.append(self._binary(binds + 1))
            tree = _joined(operator, operands)
        return tree

    def _unary(self) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST:
            token = self._next
            raise _Unexpected(token.start, token.end, f"expression nests deeper than {DEEPEST} levels")
        if self._next.text == "!":
            mark = self._take()
            operand = self._unary()
            tree: Expression = Not(mark.start, operand.end, operand)
        else:
            grouped = self._next.text == "("
            tree = self._primary()
            if grouped or not isinstance(tree, Literal):  # GitHub takes `('a')[0]`, and refuses `'a'[0]`
                tree = self._path(tree)
        self._depth -= 1
        return tree

    def _path(self, tree: Expression) -> Expression:
        """The properties, indexes and filters that follow a value."""
        while self._next.text in (".", "["):
            if self._take().text == ".":
                name = self._next
                if name.text == "*":
                    tree = Filter(tree.start, self._take().end, tree)
                elif name.kind == "name":
                    tree = Property(tree.start, self._take().end, tree, name.text, name.start)
                else:
                    raise self._unexpected("a property's name or '*'")
            elif self._next.text == "*":
                self._take()
                tree = Filter(tree.start, self._expect("]", "']'").end, tree)
            else:
                index = self._binary(1)
                tree = Index(tree.start, self._expect("]", "']'").end, tree, index)
        return tree

    def _primary(self) -> Expression:
        token = self._next
        if token.kind == "name":
            self._take()
            if self._next.text == "(":
                return self._call(token)
            if token.text in _KEYWORDS:
                return Literal(token.start, token.end, _KEYWORDS[token.text])
            return Context(token.start, token.end, token.text)
        if token.kind == "number":
            self._take()
            return Literal(token.start, token.end, _number(token.text))
        if token.kind == "string":
            self._take()
            return Literal(token.start, token.end, token.text[1:-1].replace("''", "'"))
        if token.text == "(":
            self._take()
            tree = self._binary(1)
            self._expect(")", "')'")
            return tree
        raise self._unexpected("a value")

    def _call(self, name: _Token) -> Call:
        self._take()
        arguments: list[Expression] = []
        if self._next.text != ")":
            arguments.append(self._binary(1))
            while self._next.text == ",":
                self._take()
                arguments.append(self._binary(1))
        return Call(name.start, self._expect(")", "',' or ')'").end, name.text, name.end, tuple(arguments))


def _joined(operator: str, operands: list[Expression]) -> Expression:
    first = operands[0]
    if operator in ("&&", "||"):
        return Logical(first.start, operands[-1].end, operator, tuple(operands))  # type: ignore[arg-type]  # one of the two
    for right in operands[1:]:
        first = Comparison(first.start, right.end, operator, first, right)  # type: ignore[arg-type]  # _BINDS has no other
    return first


def _number(text: str) -> int | float:
    digits = text.lstrip("+-")
    if digits == "Infinity":
        return -math.inf
    if digits[:2] in ("0x", "0o"):
        magnitude: int | float = int(digits, 0)
        if magnitude >= 2**1023:
            magnitude = math.inf
    else:
        magnitude = float(digits)
        if magnitude.is_integer() and magnitude < 1e15:
            magnitude = int(magnitude)
    return -magnitude if text.startswith("-") else magnitude


def _depth(tree: Expression) -> int:
    deepest, level = 0, [tree]
    while level:
        deepest += 1
        level = [child for node in level for child in children(node)]
    return deepest
