"""PromQL: the queries of Prometheus 3 as trees that know their place.

https://prometheus.io/docs/prometheus/latest/querying/basics/; the functions are those of Prometheus 3.16.
"""

from __future__ import annotations

import functools
import math
import re
import warnings
from collections.abc import Iterator
from typing import Literal

from devopslint.deferred import NamedTuple, compiled
from devopslint.monitoring.durations import LARGEST, DurationError, seconds_of
from devopslint.monitoring.re2 import fault_of

LONGEST = 100_000
"""Characters of one expression; the longest real one seen has 9,000."""
DEEPEST = 150
"""Brackets within brackets, or powers of powers; the deepest real one seen has 16."""
MOST_OPERATORS = 300
"""Operators of one expression that the checks which follow a value through it are ready for."""

Type = Literal["scalar", "vector", "matrix", "string", "unknown"]
"""What an expression gives; `unknown` where that is for a function to say that is not known."""


class Matcher(NamedTuple):
    """`name=~"value"`."""

    start: int
    end: int
    name: str
    operator: str
    value: str
    value_start: int


class Number(NamedTuple):
    """A number, or a duration, which is one of seconds."""

    start: int
    end: int
    value: float
    is_duration: bool = False

    @property
    def type(self) -> Type:
        return "scalar"


class Text(NamedTuple):
    """A string."""

    start: int
    end: int
    value: str

    @property
    def type(self) -> Type:
        return "string"


class Duration(NamedTuple):
    """What stands in `[…]` or behind `offset`; `seconds` is None where it is only known when the query runs."""

    start: int
    end: int
    seconds: float | None


class Selector(NamedTuple):
    """`name{label="value"} offset 5m`; `end` is where the braces or the name end."""

    start: int
    end: int
    name: str
    matchers: tuple[Matcher, ...] = ()
    offset: Duration | None = None
    fixed: bool = False
    """Whether `@` fixes the time that it is read at."""
    mode: str = ""
    """anchored or smoothed."""

    @property
    def type(self) -> Type:
        return "vector"

    @property
    def metric(self) -> str:
        """The name of the metric, wherever it is written; empty where it is not one name."""
        if self.name:
            return self.name
        return next((one.value for one in self.matchers if one.name == "__name__" and one.operator == "="), "")


class Range(NamedTuple):
    """`selector[5m]`."""

    start: int
    end: int
    of: Expression
    length: Duration

    @property
    def type(self) -> Type:
        return "matrix"


class Subquery(NamedTuple):
    """`(expression)[1h:5m]`."""

    start: int
    end: int
    of: Expression
    length: Duration
    step: Duration | None
    offset: Duration | None = None
    fixed: bool = False

    @property
    def type(self) -> Type:
        return "matrix"


class Call(NamedTuple):
    """`name(arguments)`."""

    start: int
    end: int
    name: str
    arguments: tuple[Expression, ...]

    @property
    def type(self) -> Type:
        function = FUNCTIONS.get(self.name)
        return function.gives if function is not None else "unknown"


class Aggregation(NamedTuple):
    """`operator by (labels) (of)`; `labels` is None where neither by nor without is written."""

    start: int
    end: int
    operator: str
    of: Expression
    parameter: Expression | None = None
    labels: tuple[str, ...] | None = None
    without: bool = False

    @property
    def type(self) -> Type:
        return "vector"


class Matching(NamedTuple):
    """How the sides of an operator find each other."""

    on: bool = False
    labels: tuple[str, ...] | None = None
    """None where neither on nor ignoring is written."""
    group: str = ""
    """left or right."""
    include: tuple[str, ...] = ()
    fills: bool = False


class Binary(NamedTuple):
    """`left operator right`."""

    start: int
    end: int
    operator: str
    at: int
    """Where the operator stands."""
    left: Expression
    right: Expression
    returns_bool: bool = False
    matching: Matching = Matching()
    type: Type = "vector"

    @property
    def compares(self) -> bool:
        return self.operator in COMPARISONS


class Negation(NamedTuple):
    """`-of`, or `+of`."""

    start: int
    end: int
    operator: str
    of: Expression

    @property
    def type(self) -> Type:
        return self.of.type


class Parenthesis(NamedTuple):
    start: int
    end: int
    of: Expression

    @property
    def type(self) -> Type:
        return self.of.type


Expression = Number | Text | Selector | Range | Subquery | Call | Aggregation | Binary | Negation | Parenthesis


class Fault(NamedTuple):
    """Why the expression is refused, and where."""

    start: int
    end: int
    message: str


class Query(NamedTuple):
    """What could be read of an expression."""

    text: str
    tree: Expression | None
    fault: Fault | None = None
    foreign: tuple[Call, ...] = ()
    """Calls of functions that Prometheus does not have."""
    too_large: str = ""
    """Why it was not read."""
    operators: int = 0

    def walk(self) -> Iterator[Expression]:
        return walk(self.tree) if self.tree is not None else iter(())


def children(node: Expression) -> tuple[Expression, ...]:
    if isinstance(node, Call):
        return node.arguments
    if isinstance(node, Binary):
        return node.left, node.right
    if isinstance(node, Aggregation):
        return (node.of,) if node.parameter is None else (node.parameter, node.of)
    if isinstance(node, Range | Subquery | Negation | Parenthesis):
        return (node.of,)
    return ()


def walk(node: Expression) -> Iterator[Expression]:
    """The expression and all that it is made of, from left to right."""
    stack: list[Expression] = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def bare(node: Expression) -> Expression:
    """The expression without parentheses around it."""
    while isinstance(node, Parenthesis):
        node = node.of
    return node


class Function(NamedTuple):
    takes: tuple[Type, ...]
    gives: Type
    more: int = 0
    """How many arguments may be left out or added at the end; -1: as many as one likes."""
    experimental: bool = False


def _functions() -> dict[str, Function]:
    made: dict[str, Function] = {}
    of_vector = (
        "abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg histogram_count "
        "histogram_sum histogram_stddev histogram_stdvar ln log10 log2 rad sgn sin sinh sort sort_desc sqrt tan tanh "
        "timestamp"
    )
    made |= {name: Function(("vector",), "vector") for name in of_vector.split()}
    of_range = (
        "absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate "
        "last_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time stdvar_over_time "
        "sum_over_time"
    )
    made |= {name: Function(("matrix",), "vector") for name in of_range.split()}
    new = "mad_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time"
    made |= {name: Function(("matrix",), "vector", experimental=True) for name in new.split()}
    dates = "days_in_month day_of_month day_of_week day_of_year hour minute month year"
    made |= {name: Function(("vector",), "vector", 1) for name in dates.split()}
    made |= {name: Function((), "scalar") for name in ("pi", "time")}
    made |= {name: Function((), "scalar", experimental=True) for name in ("end", "range", "start", "step")}
    made |= {name: Function(("scalar", "scalar"), "scalar", experimental=True) for name in ("max_of", "min_of")}
    for name in ("sort_by_label", "sort_by_label_desc"):
        made[name] = Function(("vector", "string"), "vector", -1, experimental=True)
    return made | {
        "clamp": Function(("vector", "scalar", "scalar"), "vector"),
        "clamp_max": Function(("vector", "scalar"), "vector"),
        "clamp_min": Function(("vector", "scalar"), "vector"),
        "double_exponential_smoothing": Function(("matrix", "scalar", "scalar"), "vector", experimental=True),
        "histogram_fraction": Function(("scalar", "scalar", "vector"), "vector"),
        "histogram_quantile": Function(("scalar", "vector"), "vector"),
        "histogram_quantiles": Function(("vector", "string", "scalar", "scalar"), "vector", 9, experimental=True),
        "info": Function(("vector", "vector"), "vector", 1, experimental=True),
        "integral": Function(("matrix", "scalar"), "vector", 1, experimental=True),
        "label_join": Function(("vector", "string", "string", "string"), "vector", -1),
        "label_replace": Function(("vector", "string", "string", "string", "string"), "vector"),
        "predict_linear": Function(("matrix", "scalar"), "vector"),
        "quantile_over_time": Function(("scalar", "matrix"), "vector"),
        "round": Function(("vector", "scalar"), "vector", 1),
        "scalar": Function(("vector",), "scalar"),
        "start_timestamp": Function(("vector",), "vector", experimental=True),
        "vector": Function(("scalar",), "vector"),
    }


FUNCTIONS = _functions()
AGGREGATIONS = frozenset(
    [
        "avg",
        "bottomk",
        "count",
        "count_values",
        "group",
        "limit_ratio",
        "limitk",
        "max",
        "min",
        "quantile",
        "stddev",
        "stdvar",
        "sum",
        "topk",
    ]
)
EXPERIMENTAL_AGGREGATIONS = frozenset(("limitk", "limit_ratio"))
_WITH_PARAMETER: dict[str, Type] = {
    "topk": "scalar",
    "bottomk": "scalar",
    "quantile": "scalar",
    "limitk": "scalar",
    "limit_ratio": "scalar",
    "count_values": "string",
}
COMPARISONS = frozenset(("==", "!=", "<=", "<", ">=", ">"))
SET_OPERATORS = frozenset(("and", "or", "unless"))
_BINDS = {
    "or": 1,
    "and": 2,
    "unless": 2,
    **dict.fromkeys(("==", "!=", "<=", "<", ">=", ">", "</", ">/"), 3),
    "+": 4,
    "-": 4,
    **dict.fromkeys(("*", "/", "%", "atan2"), 5),
    "^": 6,
}
_POWER = 6
_KEYWORDS = (
    frozenset(
        [
            "and",
            "or",
            "unless",
            "atan2",
            "offset",
            "smoothed",
            "anchored",
            "by",
            "without",
            "on",
            "ignoring",
            "group_left",
            "group_right",
            "fill",
            "fill_left",
            "fill_right",
            "bool",
            "start",
            "end",
            "step",
            "range",
            "max_of",
            "min_of",
            "inf",
            "nan",
        ]
    )
    | AGGREGATIONS
)
_NO_METRIC = frozenset(["atan2", "on", "ignoring", "group_left", "group_right", "bool", "inf", "nan"])
_CALLED_KEYWORDS = frozenset(["start", "end", "step", "range", "max_of", "min_of"])
_FOREIGN_WORDS = frozenset(["default", "if", "ifnot", "limit", "keep_metric_names", "with"])
"""Operators and the like of MetricsQL: no fault of whoever writes for VictoriaMetrics."""

_SPACE = r"(?P<space>[ \t\r\n]+)|(?P<comment>\#[^\r\n]*)"
_STRING = r"""(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)"""
_NUMBER = (
    r"(?P<duration>[0-9]+[smhdwy]s?(?:[0-9]+[smhdw]s?)*(?![A-Za-z0-9_]))"
    r"|(?P<number>0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*(?![A-Za-z0-9_.])"
    r"|(?:[0-9]+(?:_[0-9]+)*(?:\.(?:[0-9]+(?:_[0-9]+)*)?)?|\.[0-9]+(?:_[0-9]+)*)"
    r"(?:[eE][+-]?[0-9]+(?:_[0-9]+)*)?(?![A-Za-z0-9_.]))"
)
_OUTSIDE = compiled(
    rf"{_SPACE}|{_STRING}|{_NUMBER}|(?P<name>[A-Za-z_:][A-Za-z0-9_:]*)"
    r"|(?P<mark>==|!=|<=|>=|</|>/|[-+*/%^=<>(){}\[\],@\]])"
)
_BRACES = compiled(rf"{_SPACE}|{_STRING}|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<mark>=~|!~|!=|[=,}}])")
_BRACKETS = compiled(rf"{_SPACE}|{_NUMBER}|(?P<name>[A-Za-z_]+)|(?P<mark>[-+*/%^:(),\]])")
_ESCAPE = compiled(
    r"""\\(?:(?P<one>[abfnrtv\\'"])|x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})"""
    r"|(?P<octal>[0-7]{3})|(?P<wrong>.?))",
    re.DOTALL,
)
_PLAIN_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
"""Seconds that 64 bits of nanoseconds can hold."""


class _Token(NamedTuple):
    kind: str
    """number, duration, string, name, keyword, mark or end."""
    start: int
    end: int
    text: str


class _Refused(Exception):
    def __init__(self, start: int, end: int, message: str) -> None:
        self.fault = Fault(start, end, message)


class _TooLarge(Exception):
    pass


@functools.lru_cache(maxsize=4_096)  # several rules ask for the same expression, one after the other
def read_query(text: str) -> Query:
    """The tree of an expression, or why there is none. Never raises."""
    if len(text) > LONGEST:
        return Query(text, None, too_large=f"has more than {LONGEST:,} characters")
    try:
        parser = _Parser(_tokens(text))
        tree = parser.whole()
    except _TooLarge:
        return Query(text, None, too_large=f"nests deeper than {DEEPEST} levels")
    except _Refused as refused:
        return Query(text, None, refused.fault)
    return Query(text, tree, parser.fault, tuple(parser.foreign), operators=parser.operators)


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, mode, depth = 0, _OUTSIDE, 0
    opened: list[_Token] = []
    while at < len(text):
        found = mode.match(text, at)
        if found is None or found.lastgroup is None:
            raise _unexpected_character(text, at)
        kind, start, at = found.lastgroup, at, found.end()
        if kind in ("space", "comment"):
            continue
        word = found[0]
        if kind == "name" and word.lower() in _KEYWORDS and mode is not _BRACES:
            kind = "number" if word.lower() in ("inf", "nan") else "keyword"
            if word.lower().startswith("fill") and not re.compile(r"[ \t\r\n]*\(").match(text, at):
                kind = "name"
        token = _Token(kind, start, at, word)
        tokens.append(token)
        if kind != "mark":
            continue
        if word in ("(", "[", "{"):
            if word == "[" and any(one.text == "[" for one in opened):
                raise _Refused(start, at, "'[' stands within '['")
            opened.append(token)
            depth += 1
            if depth > DEEPEST:
                raise _TooLarge
            if word != "(":
                mode = _BRACES if word == "{" else _BRACKETS
        elif word in (")", "]", "}"):
            depth -= 1
            if not opened or opened[-1].text != {")": "(", "]": "[", "}": "{"}[word]:
                raise _Refused(start, at, f"'{word}' closes what is not open")
            opened.pop()
            if word != ")":
                mode = _OUTSIDE
    if opened:
        raise _Refused(opened[-1].start, opened[-1].end, f"'{opened[-1].text}' is not closed")
    tokens.append(_Token("end", len(text), len(text), ""))
    return tokens


def _unexpected_character(text: str, at: int) -> _Refused:
    character = text[at]
    if character in "\"'`":
        end = text.find("\n", at)
        return _Refused(at, end if end >= 0 else len(text), "the string is not closed")
    word = re.compile(r"[0-9][0-9A-Za-z_.]*").match(text, at)
    if word is not None:
        return _Refused(at, word.end(), f"'{word[0]}' is neither a number nor a duration")
    return _Refused(at, at + 1, f"'{character}' has no place here")


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self.operators = 0
        self.foreign: list[Call] = []
        self._nameless: dict[int, tuple[int, tuple[Matcher, ...]]] = {}
        """Of each selector without a name where it ends and what it asks for, by where it begins."""
        self.fault: Fault | None = None
        """The first thing that reads well and means nothing."""

    def whole(self) -> Expression:
        if self._here.kind == "end":
            raise _Refused(0, 0, "the expression is empty")
        tree = self._expression(1)
        if self._here.kind != "end":
            raise self._unexpected("an operator or the end")
        for start, (end, matchers) in self._nameless.items():
            if all(_matches_nothing(one) for one in matchers):
                self._wrong(start, end, "the selector takes every metric: no label of it must be there")
        return tree

    @property
    def _here(self) -> _Token:
        return self._tokens[self._at]

    def _sees(self, *marks: str) -> bool:
        token = self._tokens[self._at]
        return token.kind == "mark" and token.text in marks

    def _sees_word(self, *words: str) -> bool:
        token = self._tokens[self._at]
        return token.kind == "keyword" and token.text.lower() in words

    def _take(self) -> _Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _want(self, mark: str, said: str = "") -> _Token:
        if not self._sees(mark):
            raise self._unexpected(said or f"'{mark}'")
        return self._take()

    def _unexpected(self, wanted: str) -> _Refused:
        token = self._here
        found = f"'{token.text}'" if token.kind != "end" else "the end of the expression"
        return _Refused(token.start, token.end, f"{found} stands where {wanted} belongs")

    def _wrong(self, start: int, end: int, message: str) -> None:
        if self.fault is None:
            self.fault = Fault(start, end, message)

    def _expression(self, least: int) -> Expression:
        self._depth += 1
        if self._depth > 2 * DEEPEST:
            raise _TooLarge
        left = self._operand()
        while True:
            token = self._here
            operator = token.text.lower() if token.kind in ("mark", "keyword") else ""
            binds = _BINDS.get(operator, 0)
            if binds < least or not binds:
                break
            self._at += 1
            self.operators += 1
            returns_bool, matching = self._modifiers()
            right = self._expression(binds if operator == "^" else binds + 1)
            left = self._binary(token, operator, left, right, returns_bool, matching)
        self._depth -= 1
        return left

    def _operand(self) -> Expression:
        signs: list[_Token] = []
        while self._sees("+", "-"):
            signs.append(self._take())
        node = self._expression(_POWER) if signs else self._postfix(self._primary())
        for sign in reversed(signs):
            if isinstance(node, Number):
                node = node._replace(start=sign.start, value=-node.value if sign.text == "-" else node.value)
                continue
            if node.type not in ("scalar", "vector", "unknown"):
                self._wrong(sign.start, node.end, f"'{sign.text}' stands before a {_said(node.type)}")
            node = Negation(sign.start, node.end, sign.text, node)
        return node

    def _primary(self) -> Expression:
        token = self._here
        if token.kind in ("number", "duration"):
            self._at += 1
            return self._number(token)
        if token.kind == "string":
            self._at += 1
            return Text(token.start, token.end, _unquoted(token))
        if self._sees("("):
            self._at += 1
            inner = self._expression(1)
            return Parenthesis(token.start, self._want(")").end, inner)
        if self._sees("{"):
            return self._selector("", token.start)
        if token.kind not in ("name", "keyword"):
            raise self._unexpected("an expression")
        word = token.text.lower()
        following = self._tokens[self._at + 1]
        called = following.kind == "mark" and following.text == "("
        if token.kind == "keyword" and word in AGGREGATIONS:
            if called or (following.kind == "keyword" and following.text.lower() in ("by", "without")):
                return self._aggregation(word)
        elif called and ((token.kind == "name" and ":" not in word) or word in _CALLED_KEYWORDS):
            self._at += 1
            arguments, end = self._arguments()
            return self._call(Call(token.start, end, token.text, arguments), token)
        if word in _NO_METRIC and token.kind == "keyword":
            raise self._unexpected("an expression")
        self._at += 1
        return self._selector(token.text, token.start)

    def _number(self, token: _Token) -> Number:
        if token.kind == "duration":
            try:
                return Number(token.start, token.end, seconds_of(token.text), True)
            except DurationError as error:
                raise _Refused(token.start, token.end, f"the duration '{token.text}' {error}") from None
        text = token.text.lower().replace("_", "")
        try:
            if "_" in token.text and set(text) & set(".e") and not text.startswith("0x"):
                raise ValueError
            if text.startswith("0x"):
                value = float(int(text, 16))
            elif len(text) > 1 and text[0] == "0" and text.isdigit():
                value = float(int(text, 8)) if not set(text) & set("89") else float(text)
            else:
                value = float(text)
        except (ValueError, OverflowError):
            raise _Refused(token.start, token.end, f"'{token.text}' is no number") from None
        if math.isinf(value) and text != "inf":
            raise _Refused(token.start, token.end, f"the number '{token.text}' is too large")
        return Number(token.start, token.end, value)

    def _arguments(self) -> tuple[tuple[Expression, ...], int]:
        self._want("(")
        arguments: list[Expression] = []
        if self._sees(")"):
            return (), self._take().end
        while True:
            arguments.append(self._expression(1))
            if self._sees(")"):
                return tuple(arguments), self._take().end
            comma = self._want(",", "',' or ')'")
            if self._sees(")"):
                raise _Refused(comma.start, comma.end, "',' is followed by no argument")

    def _selector(self, name: str, start: int) -> Selector:
        matchers: list[Matcher] = []
        end = self._tokens[self._at - 1].end
        if self._sees("{"):
            self._at += 1
            while not self._sees("}"):
                matchers.append(self._matcher())
                if not self._sees("}"):
                    self._want(",", "',' or '}'")
            end = self._take().end
        for one in matchers:
            if one.operator in ("=~", "!~") and (fault := fault_of(one.value)) is not None:
                # Escapes make the text in the file longer than the expression: then its begin has to do.
                at = one.value_start + 1 + fault[0]
                at = at if at < one.end and "\\" not in one.value else one.value_start
                self._wrong(at, one.end, f'the regular expression "{one.value}" is refused: {fault[1]}')
        if name:
            twice = next((one for one in matchers if one.name == "__name__"), None)
            if twice is not None:
                self._wrong(twice.start, twice.end, f"the metric is named twice: '{name}' and '{twice.value}'")
        else:
            self._nameless[start] = (end, tuple(matchers))
        return Selector(start, end, name, tuple(matchers))

    def _matcher(self) -> Matcher:
        token = self._here
        if token.kind not in ("name", "string"):
            raise self._unexpected("a label or '}'")
        self._at += 1
        name = token.text if token.kind == "name" else _unquoted(token)
        if token.kind == "string" and self._sees(",", "}"):
            return Matcher(token.start, token.end, "__name__", "=", name, token.start)
        if not self._sees("=", "!=", "=~", "!~"):
            raise self._unexpected("one of = != =~ !~")
        operator = self._take().text
        if self._here.kind != "string":
            raise self._unexpected("a string")
        value = self._take()
        return Matcher(token.start, value.end, name, operator, _unquoted(value), value.start)

    def _postfix(self, node: Expression) -> Expression:
        while True:
            if self._sees("["):
                node = self._brackets(node)
            elif self._sees_word("offset"):
                self._at += 1
                node = self._with_offset(node, self._offset())
            elif self._sees("@"):
                self._at += 1
                node = self._fixed(node)
            elif self._sees_word("anchored", "smoothed"):
                token = self._take()
                node = self._with_mode(node, token)
            else:
                break
        return node

    def _brackets(self, node: Expression) -> Expression:
        opening = self._take()
        length = self._positive_duration()
        if self._sees(":"):
            self._at += 1
            step = None if self._sees("]") else self._positive_duration()
            end = self._want("]").end
            if node.type not in ("vector", "unknown"):
                self._wrong(node.start, end, f"a subquery is taken of a {_said(node.type)}")
            return Subquery(node.start, end, node, length, step)
        end = self._want("]", "':' or ']'").end
        if not isinstance(node, Selector):
            self._wrong(opening.start, end, "a range is taken of what is no selector: a subquery is written [1h:5m]")
        elif node.offset is not None:
            self._wrong(opening.start, end, "offset stands before the range: it belongs behind")
        elif node.fixed:
            self._wrong(opening.start, end, "@ stands before the range: it belongs behind")
        return Range(node.start, end, node, length)

    def _with_offset(self, node: Expression, offset: Duration) -> Expression:
        held = node.of if isinstance(node, Range) else node
        if not isinstance(held, Selector | Subquery):
            self._wrong(node.start, offset.end, "offset stands behind what is neither a selector nor a subquery")
            return node
        if held.offset is not None and held.offset.seconds != 0:
            self._wrong(offset.start, offset.end, "offset is set twice")
        held = held._replace(offset=offset)
        return node._replace(of=held) if isinstance(node, Range) else held

    def _fixed(self, node: Expression) -> Expression:
        begin = self._here.start
        if self._sees_word("start", "end"):
            self._at += 1
            self._want("(")
            end = self._want(")").end
        else:
            sign = self._take() if self._sees("+", "-") else None
            if self._here.kind not in ("number", "duration"):
                raise self._unexpected("a timestamp, start() or end()")
            number = self._number(self._take())
            end = number.end
            if math.isnan(number.value) or abs(number.value) >= 2**63:
                self._wrong(sign.start if sign else number.start, end, "the timestamp behind @ is out of bounds")
        held = node.of if isinstance(node, Range) else node
        if not isinstance(held, Selector | Subquery):
            self._wrong(node.start, end, "@ stands behind what is neither a selector nor a subquery")
            return node
        if held.fixed:
            self._wrong(begin, end, "@ is set twice")
        held = held._replace(fixed=True)
        return node._replace(of=held) if isinstance(node, Range) else held

    def _with_mode(self, node: Expression, token: _Token) -> Expression:
        word = token.text.lower()
        held = node.of if isinstance(node, Range) else node
        if isinstance(node, Range) and not isinstance(held, Selector):
            return node
        if not isinstance(held, Selector):
            self._wrong(token.start, token.end, f"{word} stands behind what is no selector")
            return node
        if held.mode and held.mode != word:
            self._wrong(token.start, token.end, "anchored and smoothed stand together")
        held = held._replace(mode=word)
        return node._replace(of=held) if isinstance(node, Range) else held

    def _positive_duration(self) -> Duration:
        begin = self._at
        made = self._duration(1)
        # What is computed is judged when the query runs.
        literal = all(token.text in "+-" for token in self._tokens[begin : self._at - 1])
        if literal and made.seconds is not None and made.seconds <= 0:
            self._wrong(made.start, made.end, "the duration is not greater than 0")
        return made

    def _offset(self) -> Duration:
        """What stands behind `offset`: a number takes no operator along."""
        sign = self._take() if self._sees("+", "-") else None
        start = sign.start if sign else self._here.start
        if (
            self._here.kind in ("number", "duration")
            or self._sees_word("step", "range", "max_of", "min_of")
            or (self._sees("(") and sign is not None)
        ):
            made = self._duration_operand()
        elif self._sees("("):
            made = self._duration(1)
        elif sign is not None and self._sees("+", "-"):
            made = self._duration(5)
        else:
            raise self._unexpected("a duration")
        if sign is not None and sign.text == "-" and made.seconds is not None:
            made = made._replace(seconds=-made.seconds)
        return made._replace(start=start)

    def _duration(self, least: int) -> Duration:
        self._depth += 1
        if self._depth > 2 * DEEPEST:
            raise _TooLarge
        if self._sees("+", "-"):
            sign = self._take()
            left = self._duration(_POWER)
            seconds = left.seconds
            left = Duration(sign.start, left.end, -seconds if seconds is not None and sign.text == "-" else seconds)
        else:
            left = self._duration_operand()
        while self._sees("+", "-", "*", "/", "%", "^"):
            token = self._here
            binds = _BINDS[token.text]
            if binds < least:
                break
            self._at += 1
            behind = self._at
            right = self._duration(binds if token.text == "^" else binds + 1)
            alone = self._at == behind + 1 or (self._at == behind + 2 and self._tokens[behind].text in "+-")
            if token.text in "/%" and right.seconds == 0 and alone:
                self._wrong(token.start, right.end, "a duration is divided by zero")
            left = Duration(left.start, right.end, _computed(token.text, left.seconds, right.seconds))
        self._depth -= 1
        return left

    def _duration_operand(self) -> Duration:
        token = self._here
        if token.kind in ("number", "duration"):
            self._at += 1
            number = self._number(token)
            if not abs(number.value) <= LARGEST:
                if not math.isnan(number.value):
                    self._wrong(token.start, token.end, "the duration is longer than Prometheus can count")
            return Duration(token.start, token.end, number.value)
        if self._sees("("):
            self._at += 1
            inner = self._duration(1)
            return Duration(token.start, self._want(")").end, inner.seconds)
        if self._sees_word("step", "range"):
            self._at += 1
            self._want("(")
            return Duration(token.start, self._want(")").end, None)
        if self._sees_word("max_of", "min_of"):
            self._at += 1
            self._want("(")
            first = self._duration(1)
            self._want(",")
            second = self._duration(1)
            end = self._want(")").end
            known = first.seconds is not None and second.seconds is not None
            choose = max if token.text.lower() == "max_of" else min
            return Duration(token.start, end, choose(first.seconds, second.seconds) if known else None)  # type: ignore[type-var]
        raise self._unexpected("a duration")

    def _labels(self) -> tuple[str, ...]:
        self._want("(")
        names: list[str] = []
        while not self._sees(")"):
            token = self._here
            if token.kind == "string":
                name = _unquoted(token)
            elif token.kind in ("name", "keyword") and token.text.lower() != "without":
                name = token.text
            else:
                raise self._unexpected("a label or ')'")
            if not name:
                self._wrong(token.start, token.end, "the name of a label is empty")
            names.append(name)
            self._at += 1
            if not self._sees(")"):
                self._want(",", "',' or ')'")
        self._at += 1
        return tuple(names)

    def _aggregation(self, operator: str) -> Aggregation:
        token = self._take()
        labels: tuple[str, ...] | None = None
        without = False
        if self._sees_word("by", "without"):
            without = self._take().text.lower() == "without"
            labels = self._labels()
        arguments, end = self._arguments()
        if labels is None and self._sees_word("by", "without"):
            without = self._take().text.lower() == "without"
            labels = self._labels()
            end = self._tokens[self._at - 1].end
        wanted = 2 if operator in _WITH_PARAMETER else 1
        if len(arguments) != wanted:
            said = "argument" if wanted == 1 else "arguments"
            raise _Refused(token.start, end, f"{operator} takes {wanted} {said}, not {len(arguments)}")
        if arguments[-1].type not in ("vector", "unknown"):
            self._wrong(arguments[-1].start, arguments[-1].end, f"{operator} is taken of a {_said(arguments[-1].type)}")
        parameter = arguments[0] if wanted == 2 else None
        if parameter is not None and parameter.type not in (_WITH_PARAMETER[operator], "unknown"):
            said = f"the parameter of {operator} is a {_said(parameter.type)}, not a {_said(_WITH_PARAMETER[operator])}"
            self._wrong(parameter.start, parameter.end, said)
        return Aggregation(token.start, end, operator, arguments[-1], parameter, labels, without)

    def _call(self, node: Call, token: _Token) -> Call:
        name = token.text
        function = FUNCTIONS.get(name)
        if function is None:
            self.foreign.append(node)
            return node
        least = len(function.takes) - (function.more != 0)
        most = math.inf if function.more < 0 else least + function.more if function.more else len(function.takes)
        given = len(node.arguments)
        if not least <= given <= most:
            number = str(least) if least == most else f"at least {least}" if given < least else f"at most {most}"
            said = "argument" if number.endswith(" 1") or number == "1" else "arguments"
            self._wrong(node.start, node.end, f"{name}() takes {number} {said}, not {given}")
            return node
        if name == "info" and given == 2:
            second = node.arguments[1]
            self._nameless.pop(second.start, None)
            if not isinstance(second, Selector) or second.name:
                self._wrong(second.start, second.end, "the second argument of info() is more than matchers of labels")
        for number_of, argument in enumerate(node.arguments):
            wanted = function.takes[min(number_of, len(function.takes) - 1)]
            if argument.type not in (wanted, "unknown"):
                said = f"{name}() takes a {_said(wanted)}, not a {_said(argument.type)}"
                self._wrong(argument.start, argument.end, said)
        return node

    def _modifiers(self) -> tuple[bool, Matching]:
        returns_bool = self._sees_word("bool")
        self._at += returns_bool
        on, labels, group, include, fills = False, None, "", tuple[str, ...](), False
        if self._sees_word("on", "ignoring"):
            on = self._take().text.lower() == "on"
            labels = self._labels()
            if self._sees_word("group_left", "group_right"):
                group = self._take().text.lower().removeprefix("group_")
                if self._sees("("):
                    include = self._labels()
        seen: list[str] = []
        while self._sees_word("fill", "fill_left", "fill_right"):
            word = self._here.text.lower()
            if word in seen or (seen and "fill" in (*seen, word)):
                raise self._unexpected("an expression")
            seen.append(word)
            self._at += 1
            self._want("(")
            if self._sees("+", "-"):
                self._at += 1
            if self._here.kind not in ("number", "duration"):
                raise self._unexpected("a number")
            self._number(self._take())
            self._want(")")
            fills = True
        return returns_bool, Matching(on, labels, group, include, fills)

    def _binary(
        self, token: _Token, operator: str, left: Expression, right: Expression, returns_bool: bool, matching: Matching
    ) -> Binary:
        at = (token.start, token.end)
        types = (left.type, right.type)
        scalars = types == ("scalar", "scalar")
        if returns_bool and operator not in COMPARISONS:
            self._wrong(*at, f"bool stands behind '{operator}', which compares nothing")
        if operator in COMPARISONS and scalars and not returns_bool:
            self._wrong(*at, f"'{operator}' compares two numbers: that is only written with bool")
        if matching.on and (twice := sorted({*(matching.labels or ())} & {*matching.include})):
            self._wrong(*at, f"the label '{twice[0]}' stands in both on and group_{matching.group}")
        for side in (left, right):
            if side.type not in ("scalar", "vector", "unknown"):
                self._wrong(side.start, side.end, f"'{operator}' stands beside a {_said(side.type)}")
        if "unknown" not in types:
            if types != ("vector", "vector"):
                if matching.labels:
                    self._wrong(*at, "labels are matched with a number")
                if matching.fills:
                    self._wrong(*at, "missing series are filled beside a number")
            elif operator in SET_OPERATORS:
                if matching.group:
                    self._wrong(*at, f"'{operator}' takes no group_{matching.group}")
                if matching.fills:
                    self._wrong(*at, f"'{operator}' fills no missing series")
            if operator in SET_OPERATORS and "scalar" in types:
                self._wrong(*at, f"'{operator}' joins series, not numbers")
        kind: Type = "scalar" if scalars else "vector"
        return Binary(left.start, right.end, operator, token.start, left, right, returns_bool, matching, kind)


def _said(kind: Type) -> str:
    return {"vector": "vector", "matrix": "range", "scalar": "number", "string": "string", "unknown": "value"}[kind]


def _computed(operator: str, left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    try:
        if operator == "+":
            return left + right
        if operator == "-":
            return left - right
        if operator == "*":
            return left * right
        if operator == "/":
            return left / right
        if operator == "%":
            return math.fmod(left, right)
        power = left**right
    except (ArithmeticError, ValueError):
        return None
    return power if isinstance(power, float) else None


def _unquoted(token: _Token) -> str:
    body = token.text[1:-1]
    if token.text[0] == "`" or "\\" not in body:
        return body

    def meant(found: re.Match[str]) -> str:
        if found["one"] is not None:
            if found["one"] in "'\"" and found["one"] != token.text[0]:
                raise _Refused(token.start, token.end, f"'\\{found['one']}' is no escape in this string")
            return _PLAIN_ESCAPES.get(found["one"], found["one"])
        if found["wrong"] is not None:
            begin = token.start + 1 + found.start()
            raise _Refused(begin, begin + 2, f"'\\{found['wrong']}' is no escape: a backslash is written twice")
        code = int(found["octal"], 8) if found["octal"] else int(found["x"] or found["u"] or found["U"], 16)
        if code > (0xFF if found["octal"] or found["x"] else 0x10FFFF) or 0xD800 <= code < 0xE000:
            begin = token.start + 1 + found.start()
            raise _Refused(begin, begin + len(found[0]), f"'{found[0]}' is no character")
        return chr(code)

    return _ESCAPE.sub(meant, body)


def _matches_nothing(matcher: Matcher) -> bool:
    """Whether a series without the label is taken too."""
    if matcher.operator == "=":
        return not matcher.value
    if matcher.operator == "!=":
        return bool(matcher.value)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            empty = re.fullmatch(matcher.value, "") is not None
    except (re.error, RecursionError, OverflowError):
        return False
    return empty == (matcher.operator == "=~")
