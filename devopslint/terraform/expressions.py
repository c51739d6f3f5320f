"""One expression of HCL as a tree; every node says which characters of the expression it stands for."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from devopslint.deferred import NamedTuple, compiled
from devopslint.terraform.reader import unescape

MOST_NESTED = 60
"""Expressions in expressions; the deepest real one seen has 14."""
MOST_TOKENS = 400
"""Operators in one chain, and branches of one conditional after another."""

_GAPS = {
    True: compiled(r"(?:[ \t]++|\r?\n|(?:#|//)[^\n]*+|/\*.*?\*/)*+", re.DOTALL),
    False: compiled(r"(?:[ \t]++|/\*.*?\*/)*+", re.DOTALL),
}
"""What may stand between tokens: where newlines mean nothing, and where they end something."""
_BEGINS_GAP = frozenset(" \t\r\n#/")
_ENDS_TERM = frozenset(",)]}")
_NAME = compiled(r"[^\W\d][\w-]*+")
_PATH = compiled(r"[^\W\d][\w-]*+(?:\.[^\W\d][\w-]*+)*+")
_NUMBER = compiled(r"(\d++(?:\.\d++)?(?:[eE][+-]?\d++)?)(?![\w.])")
_DIGITS = compiled(r"\d++")
_OPERATOR = compiled(r"\|\||&&|==|!=|<=|>=|[<>+\-*%]|/(?!/)")
_LEVELS = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    ">": 4,
    "<=": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}
_FUNCTION = compiled(r"[^\W\d][\w-]*+(?:::[^\W\d][\w-]*+)*+\(")
_FOR = compiled(r"for\b(?!-)")
_KEY = compiled(r"([^\W\d][\w-]*+)[ \t]*(?:=(?!=)|:(?!:))")
_IN_STRING = compiled(r'["\n]|\\.|\$\$\{|%%\{|[$%]\{~?')
_IN_TEXT = compiled(r"\Z|\$\$\{|%%\{|[$%]\{~?")
_IN_HEREDOC = compiled(r"^[ \t]*([^\W\d][\w-]*+)[ \t]*\r?$|\$\$\{|%%\{|[$%]\{~?", re.MULTILINE)
_HEREDOC = compiled(r"<<(-?)([^\W\d][\w-]*+)\r?\n")
_ENDS = compiled(r"~?\}")
_DIRECTIVE = compiled(r"(if|else|endif|for|endfor)\b")
_PLAIN = compiled(r'"([^"\\\n$%]*+)"\Z')
_TRAVERSAL = compiled(r"[^\W\d][\w-]*+(?:\.[^\W\d][\w-]*+)*+\Z")
_LEAF = r'(?:"([^"\\\n$%]*+)"|([^\W\d][\w-]*+(?:\.[^\W\d][\w-]*+)*+)|(\d++))'
_ALONE = {
    True: compiled(rf"[ \t\n]*+{_LEAF}[ \t\n]*+(?=[,)\]}}])"),
    False: compiled(rf"[ \t]*+{_LEAF}[ \t]*+(?=[,)\]}}\n])"),
}
"""A text, a name or a number and nothing else up to what ends an expression: most of them are, and need no parser."""
_PLAIN_ITEM = compiled(
    rf"([^\W\d][\w-]*+)[ \t]*+(?:=(?!=)|:(?!:))[ \t]*+{_LEAF}[ \t]*+(?:[,\n][ \t\n]*+(?![#/\r])|(?=\}}))"
)
"""Most items of objects: a name and a leaf, to the next item or the end."""
_PLAIN_ELEMENTS = {
    closing: compiled(rf"{_LEAF}[ \t\n]*+(?:,[ \t\n]*+(?![#/\r])|(?=\{closing}))") for closing in ("]", ")")
}
"""Most elements of lists, and arguments of calls."""
_PIECE = compiled(r'([^"\\\n$%]++)|\$\{[ \t]*+([^\W\d][\w-]*+(?:\.[^\W\d][\w-]*+)*+)[ \t]*+\}|(")')
"""What most templates are made of: text and names, to the quote."""
_NUMBERED = compiled(r"\[(\d{1,9})\]")
CONSTANTS = {"true": True, "false": False, "null": None}


class Literal(NamedTuple):
    value: str | int | float | bool | None
    start: int
    end: int


class Template(NamedTuple):
    """A quoted text or a heredoc; the texts between what is put in are Literals."""

    parts: tuple[Expression, ...]
    start: int
    end: int
    heredoc: bool = False


class Wrapped(NamedTuple):
    """`"${x}"`: a template of one expression alone, whose type it keeps."""

    inner: Expression
    start: int
    end: int


class Index(NamedTuple):
    """A step into a list or map by a literal; `legacy` is the form `x.0`."""

    key: str | int | float | bool | None
    legacy: bool = False


class Reference(NamedTuple):
    """`var.name`, `aws_subnet.a[0].id`: a name, and steps from there."""

    root: str
    steps: tuple[str | Index, ...]
    start: int
    end: int


class Relative(NamedTuple):
    """Steps from something that is no reference: `f(x).id`."""

    source: Expression
    steps: tuple[str | Index, ...]
    start: int
    end: int


class IndexBy(NamedTuple):
    source: Expression
    key: Expression
    start: int
    end: int


class Splat(NamedTuple):
    source: Expression
    steps: tuple[str | Index, ...]
    start: int
    end: int
    attributes_only: bool = False


class Tuple(NamedTuple):
    items: tuple[Expression, ...]
    start: int
    end: int


class Item(NamedTuple):
    key: Expression
    value: Expression


class Object(NamedTuple):
    items: tuple[Item, ...]
    start: int
    end: int


class Call(NamedTuple):
    name: str
    arguments: tuple[Expression, ...]
    expanded: bool
    start: int
    end: int


class For(NamedTuple):
    """A `for` expression, or `%{ for }` in a template; `key_result` is None where it makes a list."""

    key: str
    value: str
    source: Expression
    key_result: Expression | None
    result: Expression
    condition: Expression | None
    grouped: bool
    start: int
    end: int


class Conditional(NamedTuple):
    condition: Expression
    yes: Expression
    no: Expression
    start: int
    end: int


class Operation(NamedTuple):
    operator: str
    left: Expression
    right: Expression
    start: int
    end: int


class Unary(NamedTuple):
    operator: str
    operand: Expression
    start: int
    end: int


class Parenthesised(NamedTuple):
    inner: Expression
    start: int
    end: int


Expression: TypeAlias = (
    Literal
    | Template
    | Wrapped
    | Reference
    | Relative
    | IndexBy
    | Splat
    | Tuple
    | Object
    | Call
    | For
    | Conditional
    | Operation
    | Unary
    | Parenthesised
)


LEAVES = frozenset((Literal, Reference))
"""What is made of no other expressions."""


class ExpressionFault(ValueError):
    """What HCL's own parser would object to, and the character where it does."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at, self.message = at, message


@functools.lru_cache(maxsize=8_000)
def parse_expression(text: str) -> Expression:
    """The tree of one whole expression. Raises ExpressionFault."""
    if found := _PLAIN.match(text):
        return Template((Literal(found[1], 1, len(text) - 1),), 0, len(text))
    if text in CONSTANTS:
        return Literal(CONSTANTS[text], 0, len(text))
    if _TRAVERSAL.match(text):
        root, *steps = text.split(".")
        return Reference(root, tuple(steps), 0, len(text))
    parser = _Parser(text)
    tree, position = parser.expression(0, newlines=False)
    if position < len(text):
        raise parser.fault(position, "expected the end of the expression")
    return tree


@functools.lru_cache(maxsize=5_000)
def parse_template(text: str) -> Expression:
    """A text in which `${` and `%{` mean something, and nothing else does. Raises ExpressionFault."""
    if "${" not in text and "%{" not in text:
        return Template((Literal(text, 0, len(text)),), 0, len(text))
    tree, _ = _Parser(text).text_of(0, 0, _IN_TEXT, "", flush=False)
    return tree


def _of_object(node: Object) -> Sequence[Expression]:
    return [part for item in node.items for part in (item.key, item.value)]


def _of_for(node: For) -> Sequence[Expression]:
    return [part for part in (node.source, node.key_result, node.result, node.condition) if part is not None]


_CHILDREN: dict[type, Callable[[Any], Sequence[Expression]]] = {
    Literal: lambda _: (),
    Reference: lambda _: (),
    Template: lambda node: node.parts,
    Wrapped: lambda node: (node.inner,),
    Parenthesised: lambda node: (node.inner,),
    Relative: lambda node: (node.source,),
    Splat: lambda node: (node.source,),
    IndexBy: lambda node: (node.source, node.key),
    Tuple: lambda node: node.items,
    Object: _of_object,
    Call: lambda node: node.arguments,
    For: _of_for,
    Conditional: lambda node: (node.condition, node.yes, node.no),
    Operation: lambda node: (node.left, node.right),
    Unary: lambda node: (node.operand,),
}


def children(node: Expression) -> Sequence[Expression]:
    """The expressions that a node is made of, in the order of the text."""
    return _CHILDREN[type(node)](node)


def text_of(tree: Expression | None) -> str | None:
    """What a text says into which nothing is put; None where it is no such text."""
    if isinstance(tree, Template) and all(isinstance(part, Literal) for part in tree.parts):
        return "".join(str(part.value) for part in tree.parts if isinstance(part, Literal))
    return None


def walk(node: Expression) -> Iterator[Expression]:
    """A node and all that is in it, in the order of the text."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        if type(current) not in LEAVES:
            pending.extend(reversed(children(current)))


def _leaf(found: re.Match[str], first: int) -> Expression | None:
    """What _LEAF has found, whose first group this is; None where a constant has steps, which mean nothing."""
    text = found[first]
    if text is not None:
        start, end = found.span(first)
        return Template((Literal(text, start, end),), start - 1, end + 1)
    text = found[first + 1]
    if text is None:
        return Literal(_number(found[first + 2]), *found.span(first + 2))
    root, *steps = text.split(".")
    if root not in CONSTANTS:
        return Reference(root, tuple(steps), *found.span(first + 1))
    return None if steps else Literal(CONSTANTS[root], *found.span(first + 1))


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.depth = 0

    def fault(self, at: int, message: str) -> ExpressionFault:
        return ExpressionFault(min(at, len(self.text)), message)

    def gap(self, position: int, newlines: bool) -> int:
        if self.text[position : position + 1] not in _BEGINS_GAP:
            return position
        return _GAPS[newlines].match(self.text, position).end()  # type: ignore[union-attr]  # it matches the empty text

    def expression(self, position: int, *, newlines: bool) -> tuple[Expression, int]:
        """An expression, and where the gap behind it ends."""
        if (alone := _ALONE[newlines].match(self.text, position)) is not None:
            if (leaf := _leaf(alone, 1)) is not None:
                return leaf, alone.end()
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise self.fault(position, f"more than {MOST_NESTED} expressions inside each other")
        branches: list[tuple[Expression, Expression]] = []
        while True:
            tree, position = self.operation(position, 1, newlines)
            if not self.text.startswith("?", position):
                break
            if len(branches) == MOST_TOKENS:
                raise self.fault(position, f"more than {MOST_TOKENS} conditionals after each other")
            yes, position = self.expression(position + 1, newlines=newlines)
            if not self.text.startswith(":", position):
                raise self.fault(position, "expected : and what holds otherwise")
            position += 1
            branches.append((tree, yes))
        for condition, yes in reversed(branches):
            tree = Conditional(condition, yes, tree, condition.start, tree.end)
        self.depth -= 1
        return tree, position

    def operation(self, position: int, lowest: int, newlines: bool) -> tuple[Expression, int]:
        left, position = self.unary(position, newlines)
        count = 0
        while (found := _OPERATOR.match(self.text, position)) and (level := _LEVELS[found[0]]) >= lowest:
            count += 1
            if count > MOST_TOKENS:
                raise self.fault(position, f"more than {MOST_TOKENS} operators after each other")
            right, position = self.operation(found.end(), level + 1, newlines)
            left = Operation(found[0], left, right, left.start, right.end)
        return left, position

    def unary(self, position: int, newlines: bool) -> tuple[Expression, int]:
        operators: list[tuple[str, int]] = []
        while True:
            position = self.gap(position, newlines)
            if self.text[position : position + 1] not in ("!", "-"):
                break
            operators.append((self.text[position], position))
            position += 1
            if len(operators) > MOST_TOKENS:
                raise self.fault(position, f"more than {MOST_TOKENS} operators after each other")
        tree, position = self.traversal(position, newlines)
        for operator, start in reversed(operators):
            tree = Unary(operator, tree, start, tree.end)
        return tree, self.gap(position, newlines)

    def traversal(self, position: int, newlines: bool) -> tuple[Expression, int]:
        """A term with its steps, and where it ends."""
        text = self.text
        tree, position = self.term(position, newlines)
        if text[position : position + 1] in _ENDS_TERM:
            return tree, position
        root = ""
        steps: list[str | Index] = []
        if isinstance(tree, Reference):
            root, steps = tree.root, [*tree.steps]
        splat: Expression | None = None
        attributes_only = False
        indexed = 0
        start, end = tree.start, position

        def joined() -> Expression:
            if splat is not None:
                return Splat(splat, tuple(steps), start, position, attributes_only)
            if not steps or end == position:
                return tree
            if root:
                return Reference(root, tuple(steps), start, position)
            return Relative(tree, tuple(steps), start, position)

        while True:
            behind = self.gap(position, newlines)
            if text.startswith(".", behind) and not text.startswith("...", behind):
                after = self.gap(behind + 1, newlines)
                if name := _NAME.match(text, after):
                    steps.append(name[0])
                    position = name.end()
                elif digits := _DIGITS.match(text, after):
                    steps.append(Index(int(digits[0][:9]), legacy=True))
                    position = digits.end()
                elif text.startswith("*", after):
                    tree, root = joined(), ""
                    splat, steps, attributes_only = tree, [], True
                    position = after + 1
                    indexed += 1
                else:
                    raise self.fault(after, "expected a name after .")
            elif text.startswith("[", behind) and (behind == position or newlines or text[position:behind].isspace()):
                after = self.gap(behind + 1, True)
                number = _NUMBERED.match(text, behind) if splat is None else None
                if number is not None:
                    steps.append(Index(int(number[1])))
                    position = number.end()
                elif text.startswith("*", after) and text.startswith("]", closing := self.gap(after + 1, True)):
                    tree, root = joined(), ""
                    splat, steps, attributes_only = tree, [], False
                    position = closing + 1
                    indexed += 1
                else:
                    key, after = self.expression(after, newlines=True)
                    if not text.startswith("]", after):
                        raise self.fault(after, "expected ]")
                    constant = _constant(key)
                    if constant is not None and not (splat is not None and attributes_only):
                        steps.append(Index(constant[0]))
                    else:
                        tree, root = joined(), ""
                        splat, steps = None, []
                        tree = IndexBy(tree, key, start, after + 1)
                        indexed += 1
                    position = after + 1
            else:
                return joined(), position
            if indexed > MOST_TOKENS:
                raise self.fault(position, f"more than {MOST_TOKENS} indexes after each other")

    def term(self, position: int, newlines: bool) -> tuple[Expression, int]:
        text = self.text
        first = text[position : position + 1]
        if first == '"':
            return self.template(position)
        if first == "(":
            inner, end = self.expression(position + 1, newlines=True)
            if not text.startswith(")", end):
                raise self.fault(end, "expected )")
            return Parenthesised(inner, position, end + 1), end + 1
        if first == "[":
            return self.tuple_of(position)
        if first == "{":
            return self.object_of(position)
        if found := _PATH.match(text, position):
            name, *steps = found[0].split(".")
            if steps and name not in CONSTANTS:
                return Reference(name, tuple(steps), position, found.end()), found.end()
            if function := _FUNCTION.match(text, position):
                return self.call(function[0][:-1], position, function.end())
            end = position + len(name)
            behind = self.gap(end, newlines)
            if behind > end and text.startswith("(", behind):
                return self.call(name, position, behind + 1)
            if name in CONSTANTS:
                return Literal(CONSTANTS[name], position, end), end
            return Reference(name, (), position, end), end
        if found := _NUMBER.match(text, position):
            return Literal(_number(found[1]), position, found.end()), found.end()
        if first == "<" and (heredoc := _HEREDOC.match(text, position)):
            return self.heredoc(heredoc)
        if not first:
            raise self.fault(position, "expected an expression")
        raise self.fault(position, f"expected an expression, found {first!r}")

    def call(self, name: str, start: int, position: int) -> tuple[Expression, int]:
        arguments: list[Expression] = []
        expanded = False
        position = self.gap(position, True)
        while not self.text.startswith(")", position):
            if (plain := _PLAIN_ELEMENTS[")"].match(self.text, position)) and (leaf := _leaf(plain, 1)) is not None:
                arguments.append(leaf)
                position = plain.end()
                continue
            argument, position = self.expression(position, newlines=True)
            arguments.append(argument)
            if self.text.startswith("...", position):
                expanded = True
                position = self.gap(position + 3, True)
                position = self.gap(position + self.text.startswith(",", position), True)
                if not self.text.startswith(")", position):
                    raise self.fault(position, "expected ) after ...")
            elif self.text.startswith(",", position):
                position = self.gap(position + 1, True)
            elif not self.text.startswith(")", position):
                raise self.fault(position, "expected , or )")
        return Call(name, tuple(arguments), expanded, start, position + 1), position + 1

    def tuple_of(self, start: int) -> tuple[Expression, int]:
        position = self.gap(start + 1, True)
        if self.text.startswith("for", position) and _FOR.match(self.text, position):
            return self.loop(start, position, "]")
        items: list[Expression] = []
        while not self.text.startswith("]", position):
            if (plain := _PLAIN_ELEMENTS["]"].match(self.text, position)) and (leaf := _leaf(plain, 1)) is not None:
                items.append(leaf)
                position = plain.end()
                continue
            item, position = self.expression(position, newlines=True)
            items.append(item)
            if self.text.startswith(",", position):
                position = self.gap(position + 1, True)
            elif not self.text.startswith("]", position):
                raise self.fault(position, "expected , or ]")
        return Tuple(tuple(items), start, position + 1), position + 1

    def object_of(self, start: int) -> tuple[Expression, int]:
        text = self.text
        position = self.gap(start + 1, True)
        if text.startswith("for", position) and _FOR.match(text, position):
            return self.loop(start, position, "}")
        items: list[Item] = []
        while not text.startswith("}", position):
            key: Expression
            if (whole := _PLAIN_ITEM.match(text, position)) and (leaf := _leaf(whole, 2)) is not None:
                items.append(Item(Reference(whole[1], (), position, whole.end(1)), leaf))
                position = whole.end()
                continue
            if plain := _KEY.match(text, position):
                key = Reference(plain[1], (), position, plain.end(1))
                position = plain.end()
            else:
                key, position = self.expression(position, newlines=False)
                if not text.startswith(("=", ":"), position):
                    raise self.fault(position, "expected = and a value")
                position += 1
            value, position = self.expression(position, newlines=False)
            items.append(Item(key, value))
            if text.startswith(",", position):
                position = self.gap(position + 1, True)
            elif not text.startswith("}", position):
                after = self.gap(position, True)
                if "\n" not in text[position:after] and not text.startswith("}", after):
                    raise self.fault(position, "expected a new line, a comma or }")
                position = after
        return Object(tuple(items), start, position + 1), position + 1

    def loop(self, start: int, position: int, closing: str) -> tuple[Expression, int]:
        key, value, source, position = self.loop_head(position)
        if not self.text.startswith(":", position):
            raise self.fault(position, "expected : after what is gone through")
        result, position = self.expression(position + 1, newlines=True)
        key_result: Expression | None = None
        grouped = False
        if closing == "}":
            if not self.text.startswith("=>", position):
                raise self.fault(position, "expected => and a value")
            key_result = result
            result, position = self.expression(position + 2, newlines=True)
            if self.text.startswith("...", position):
                grouped = True
                position = self.gap(position + 3, True)
        condition: Expression | None = None
        if self.text.startswith("if", position):
            condition, position = self.expression(position + 2, newlines=True)
        if not self.text.startswith(closing, position):
            raise self.fault(position, f"expected {closing}")
        return For(key, value, source, key_result, result, condition, grouped, start, position + 1), position + 1

    def loop_head(self, position: int) -> tuple[str, str, Expression, int]:
        """`for k, v in source`: the names, the source, and where it ends."""
        names: list[str] = []
        position = self.gap(position + 3, True)
        while True:
            name = _NAME.match(self.text, position)
            if name is None:
                raise self.fault(position, "expected a name after for")
            names.append(name[0])
            position = self.gap(name.end(), True)
            if len(names) == 2 or not self.text.startswith(",", position):
                break
            position = self.gap(position + 1, True)
        if not self.text.startswith("in", position):
            raise self.fault(position, "expected in")
        source, position = self.expression(position + 2, newlines=True)
        return names[0] if len(names) == 2 else "", names[-1], source, position

    def template(self, start: int) -> tuple[Expression, int]:
        parts: list[Expression] = []
        position = start + 1
        while (found := _PIECE.match(self.text, position)) is not None:
            position = found.end()
            if found[1] is not None:
                parts.append(Literal(found[1], *found.span(1)))
            elif found[2] is not None:
                root, *steps = found[2].split(".")
                if root in CONSTANTS:
                    break
                parts.append(Reference(root, tuple(steps), *found.span(2)))
            elif len(parts) == 1 and isinstance(parts[0], Reference):
                return Wrapped(parts[0], start, position), position
            else:
                return Template(tuple(parts) or (Literal("", start + 1, start + 1),), start, position), position
        return self.text_of(start, start + 1, _IN_STRING, '"', flush=False)

    def heredoc(self, found: re.Match[str]) -> tuple[Expression, int]:
        return self.text_of(found.start(), found.end(), _IN_HEREDOC, found[2], flush=bool(found[1]))

    def text_of(
        self, start: int, position: int, pattern: re.Pattern[str], closing: str, *, flush: bool
    ) -> tuple[Expression, int]:
        """A template; `pattern` finds in its text what is more than text."""
        text = self.text
        quoted = closing == '"'
        frames = [_Frame("", start, position)]
        said = position
        trimming = False

        def speak(end: int) -> None:
            nonlocal trimming
            if said < end:
                raw = text[said:end]
                frames[-1].say(unescape(raw) if quoted else _literal(raw), said, end, lines=not quoted, trim=trimming)
                trimming = False

        while (found := pattern.search(text, position)) is not None:
            token, position = found[0], found.end()
            if token.startswith(("${", "%{")):
                speak(found.start())
                if token.endswith("~"):
                    frames[-1].trim_end()
                position = self.gap(position, True)
                if token[0] == "%":
                    position = self.directive(frames, found.start(), position)
                else:
                    inner, position = self.expression(position, newlines=True)
                    frames[-1].parts.append(inner)
                ends = _ENDS.match(text, position)
                if ends is None:
                    raise self.fault(position, "expected }")
                trimming = len(ends[0]) == 2
                said = position = ends.end()
                frames[-1].begun = min(frames[-1].begun, position)
            elif token == "\n":
                raise self.fault(found.start(), "a string does not go on over the end of its line")
            elif token.startswith("\\") or token in ("$${", "%%{") or (found.lastindex and found[1] != closing):
                continue
            else:
                speak(found.start())
                if len(frames) > 1:
                    raise self.fault(found.start(), f"{frames[-1].kind} has no end")
                parts = frames[0].finished(flush=flush)
                if len(parts) == 1 and not isinstance(parts[0], Literal) and closing in ('"', ""):
                    if not isinstance(parts[0], Conditional | For) or text[parts[0].start : parts[0].start + 2] != "%{":
                        return Wrapped(parts[0], start, position), position
                if not parts:
                    parts = (Literal("", said, said),)
                return Template(parts, start, position, heredoc=not quoted), position
        raise self.fault(start, "a text is not closed")

    def directive(self, frames: list[_Frame], start: int, position: int) -> int:
        """`%{ if }`, `%{ for }` and what ends them; gives where the closing brace is."""
        found = _DIRECTIVE.match(self.text, position)
        if found is None:
            raise self.fault(position, "expected if or for")
        word = found[1]
        if word in ("if", "for"):
            if len(frames) > MOST_NESTED:
                raise self.fault(position, f"more than {MOST_NESTED} directives inside each other")
            frame = _Frame(word, start, start)
            if word == "if":
                frame.condition, position = self.expression(found.end(), newlines=True)
            else:
                frame.key, frame.value, frame.condition, position = self.loop_head(position)
            frames.append(frame)
            return position
        position = self.gap(found.end(), True)
        frame = frames[-1]
        if word == "else" and frame.kind == "if" and frame.yes is None:
            frame.yes = Template(frame.finished(flush=False), frame.start, start)
            frame.parts = []
            return position
        if word != f"end{frame.kind}":
            raise self.fault(found.start(), f"{word} ends nothing")
        frames.pop()
        body = Template(frame.finished(flush=False), frame.start, start)
        assert frame.condition is not None
        if frame.kind == "if":
            empty = Template((Literal("", start, start),), start, start)
            yes, no = (body, empty) if frame.yes is None else (frame.yes, body)
            frames[-1].parts.append(Conditional(frame.condition, yes, no, frame.start, position))
        else:
            frames[-1].parts.append(
                For(frame.key, frame.value, frame.condition, None, body, None, False, frame.start, position)
            )
        return position


class _Frame:
    """A template, or a part of one between two directives."""

    def __init__(self, kind: str, start: int, begun: int) -> None:
        self.kind, self.start, self.begun = kind, start, begun
        self.parts: list[Expression] = []
        self.condition: Expression | None = None
        self.yes: Template | None = None
        self.key = self.value = ""

    def say(self, said: str, start: int, end: int, *, lines: bool, trim: bool) -> None:
        pieces = said.splitlines(keepends=True) if lines else [said]
        if trim:
            pieces[0] = pieces[0].lstrip()
        for piece in pieces:
            self.parts.append(Literal(piece, start, end))

    def trim_end(self) -> None:
        if self.parts and isinstance(last := self.parts[-1], Literal) and isinstance(last.value, str):
            self.parts[-1] = last._replace(value=last.value.rstrip())

    def finished(self, *, flush: bool) -> tuple[Expression, ...]:
        parts = _flushed(self.parts) if flush else self.parts
        joined: list[Expression] = []
        for part in parts:
            if isinstance(part, Literal) and joined and isinstance(last := joined[-1], Literal):
                joined[-1] = Literal(f"{last.value}{part.value}", last.start, part.end)
            else:
                joined.append(part)
        return tuple(joined)


def _flushed(parts: list[Expression]) -> list[Expression]:
    """The lines of a `<<-` heredoc without the indentation that all of them have; blank ones do not count."""
    begins: list[int] = []
    fewest: int | None = None
    at_line = True
    for number, part in enumerate(parts):
        text = part.value if isinstance(part, Literal) and isinstance(part.value, str) else None
        if at_line:
            at_line = False
            if text is None:
                fewest = 0
            elif text.strip() or not text.endswith("\n"):
                indent = len(text) - len(text.lstrip())
                fewest = indent if fewest is None else min(fewest, indent)
                begins.append(number)
        if text is not None and text.endswith("\n"):
            at_line = True
    flushed = list(parts)
    for number in begins:
        part = flushed[number]
        assert isinstance(part, Literal) and isinstance(part.value, str)
        flushed[number] = part._replace(value=part.value[fewest or 0 :])
    return flushed


def _literal(raw: str) -> str:
    """What a heredoc says: no backslash means anything in it."""
    return raw.replace("$${", "${").replace("%%{", "%{") if "$${" in raw or "%%{" in raw else raw


def _constant(key: Expression) -> tuple[str | int | float | bool | None] | None:
    if isinstance(key, Literal):
        return (key.value,)
    if isinstance(key, Template) and len(key.parts) == 1 and isinstance(key.parts[0], Literal):
        return (key.parts[0].value,)
    return None


def _number(text: str) -> int | float:
    if text.isdigit():
        return int(text[:400])
    return float(text)
