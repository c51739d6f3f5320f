"""What an expression gives, as far as the tree says: a value, one of several, or nobody knows."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from devopslint.deferred import NamedTuple
from devopslint.model import Location, Related
from devopslint.terraform import expressions as hcl
from devopslint.terraform.source import SourceText

Scalar: TypeAlias = "str | int | float | bool | None"

MOST_OPTIONS = 8
"""Of which one holds; a value with more is not known."""
MOST_ITEMS = 500
"""That a loop goes through, or a range makes."""
MOST_STEPS = 50_000
"""Of evaluation for one module call; what comes after is not known."""
LONGEST = 50_000
"""Characters of a text that is put together from others."""
MOST_NESTED = 40
"""Names that stand for names; the deepest real chain seen has 11."""

_PYTHON = {"True": True, "False": False}
"""No values of HCL, yet it is plain what is meant."""

HOLE = "\ue000"
"""Stands in a text for what is put in and not known."""


class Span(NamedTuple):
    """Some characters of a file."""

    source: SourceText
    start: int
    end: int

    def holds(self, other: Span) -> bool:
        return self.source.path == other.source.path and self.start <= other.start and other.end <= self.end

    @property
    def location(self) -> Location:
        return self.source.location(self.start, self.end)


class Target(NamedTuple):
    """What an unknown value is an attribute of: a resource or data source, in one call of a module."""

    instance: str
    mode: str
    type: str
    name: str
    attribute: str = ""

    @property
    def resource(self) -> Target:
        return self._replace(attribute="")


class Value(NamedTuple):
    """A value in three answers.

    kind: `scalar`, `list`, `map`; `choice` where it is one of several; `unknown`; `absent` where nothing is written.
    """

    kind: str
    data: Any = None
    written: Span | None = None
    """Where its text stands."""
    used: Span | None = None
    """The attribute that it was asked of, which may refer to where it is written."""
    open: bool = False
    """True for a list or map that may hold more than is known, and a text with HOLEs."""
    target: Target | None = None
    wanted: str = ""
    """The name of the attribute that is absent."""

    @property
    def unknown(self) -> bool:
        return self.kind == "unknown"

    @property
    def absent(self) -> bool:
        """Whether nothing is written, or null."""
        return self.kind == "absent" or (self.kind == "scalar" and self.data is None)

    @property
    def options(self) -> tuple[Value, ...]:
        """What it may be; empty where that is not known."""
        if self.kind == "choice":
            return tuple(option._replace(used=self.used) for option in self.data)
        return () if self.kind == "unknown" else (self,)

    @property
    def maybe_absent(self) -> bool:
        return self.unknown or any(option.absent or option.unknown for option in self.options)

    @property
    def known(self) -> bool:
        """Whether it is one scalar, wholly known, and not null."""
        return self.kind == "scalar" and self.data is not None and not self.open

    @property
    def scalar(self) -> Scalar:
        """The one value that it has; None where that is not known."""
        return self.data if self.known else None

    @property
    def text(self) -> str | None:
        """As a string, as Terraform would convert it; None where it is not one known scalar."""
        return as_text(self.data) if self.known else None

    @property
    def shown(self) -> str:
        """For messages: the value as it would be written."""
        if self.kind == "choice":
            return " or ".join(dict.fromkeys(option.shown for option in self.options))
        if self.kind == "scalar":
            return "null" if self.data is None else as_text(self.data).replace(HOLE, "…")
        return self.kind

    def certainly(self, test: Callable[[Value], object]) -> bool:
        """Whether the test holds for whatever the value may be."""
        if self.kind != "choice":
            return self.kind != "unknown" and bool(test(self))
        options = self.options
        return bool(options) and all(not option.unknown and bool(test(option)) for option in options)

    def possibly(self, test: Callable[[Value], object]) -> bool:
        """Whether the test may hold."""
        if self.kind != "choice":
            return self.kind == "unknown" or bool(test(self))
        return any(option.unknown or bool(test(option)) for option in self.options)

    def equals(self, *wanted: Scalar) -> bool:
        """Whether it is certainly one of these, compared as Terraform converts them; null is nothing."""
        if self.kind == "absent" or self.kind == "unknown":
            return False
        if self.kind == "scalar":
            if self.data is None or self.open:
                return False
            text = as_text(self.data).lower()
            return any(text == as_text(one).lower() for one in wanted if one is not None)
        texts = {as_text(one).lower() for one in wanted if one is not None}
        return self.certainly(lambda option: option.known and as_text(option.data).lower() in texts)

    @property
    def is_true(self) -> bool:
        return self.equals(True)

    @property
    def is_false(self) -> bool:
        return self.equals(False)

    @property
    def number(self) -> float | None:
        """The one number that it is; None where it is none, or not known."""
        if not self.known or isinstance(self.data, bool):
            return None
        try:
            number = float(self.data)
        except (ValueError, OverflowError):
            return None
        return number if math.isfinite(number) else None

    @property
    def items(self) -> tuple[Value, ...]:
        """The elements of a list, as far as they are known; a scalar is a list of itself.

        What not every one of several lists has may be absent.
        """
        if self.kind == "list":
            return tuple(item._replace(used=self._use_of(item)) for item in self.data)
        if self.kind == "choice":
            return _elements_of_some([option.items for option in self.options])
        return () if self.kind != "scalar" or self.data is None else (self,)

    @property
    def complete(self) -> bool:
        """Whether all elements are known to be there, whatever they are."""
        if self.kind == "choice":
            return all(option.complete for option in self.options)
        return self.kind in ("scalar", "absent") or (self.kind in ("list", "map") and not self.open)

    @property
    def texts(self) -> list[str]:
        """The known strings among the elements."""
        return [text for item in self.items for option in item.options if (text := option.text) is not None]

    def get(self, key: str) -> Value:
        """The value of a key in a map; unknown where it may be there."""
        if self.kind == "map":
            if key in self.data:
                found: Value = self.data[key]
                return found._replace(used=self._use_of(found))
            if self.open:
                return Value("unknown", used=self.used, written=self.written)
            return Value("absent", used=self.used, written=self.written, wanted=key)
        if self.kind == "choice":
            return choice([option.get(key) for option in self.options])._replace(used=self.used)
        if self.absent:
            return Value("absent", used=self.used, written=self.written, wanted=key)
        return Value("unknown", used=self.used, written=self.written)

    def _use_of(self, part: Value) -> Span | None:
        if self.used is None or (part.written is not None and self.used.holds(part.written)):
            return part.written or self.used
        return self.used

    @property
    def location(self) -> Location:
        """Where it is used: the text itself where that stands in the attribute, else the attribute."""
        if self.used is None or (self.written is not None and self.kind != "absent" and self.used.holds(self.written)):
            span = self.written
        else:
            span = self.used
        assert span is not None
        if self.kind == "absent":
            return span.source.location(span.start, span.end, missing=True, wanted=self.wanted)
        return span.location

    @property
    def related(self) -> tuple[Related, ...]:
        """Where it is written, if that is somewhere else."""
        if self.used is None or self.written is None or self.used.holds(self.written):
            return ()
        return (Related(self.written.location, "the value comes from here"),)


UNKNOWN = Value("unknown")


def as_text(data: object) -> str:
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, float) and data.is_integer():
        return str(int(data))
    return str(data)


def choice(options: Iterable[Value]) -> Value:
    """One of these; unknown where one of them is, or where they are too many."""
    flat: list[Value] = []
    unknown: Value | None = None
    for option in options:
        if option.kind == "unknown" and (unknown is None or unknown.target is None):
            unknown = option
        flat.extend(option.data if option.kind == "choice" else (option,))
    if unknown is not None:
        return unknown
    distinct: dict[Any, Value] = {}
    for option in flat:
        distinct.setdefault(_identity(option), option)
    if len(distinct) == 1:
        return next(iter(distinct.values()))
    if not distinct or len(distinct) > MOST_OPTIONS:
        return UNKNOWN
    return Value("choice", tuple(distinct.values()))


def _elements_of_some(lists: list[tuple[Value, ...]]) -> tuple[Value, ...]:
    """The elements of one of several lists: those that all of them have, and those of some, which may be absent."""
    everywhere = set.intersection(*({_identity(item) for item in items} for items in lists))
    found: dict[Any, Value] = {}
    for item in (item for items in lists for item in items):
        found.setdefault(_identity(item), item)
    return tuple(
        item if key in everywhere else choice((item, Value("absent", used=item.used)))._replace(used=item.used)
        for key, item in found.items()
    )


def _identity(value: Value) -> Any:
    if value.kind in ("list", "map", "choice"):
        return id(value.data)
    return value.kind, type(value.data).__name__, value.data


def from_plain(data: object, written: Span | None = None) -> Value:
    """A value made of Python's own types, as JSON gives them; every part stands at `written`."""
    if isinstance(data, dict):
        return Value("map", {str(key): from_plain(item, written) for key, item in data.items()}, written)
    if isinstance(data, list):
        return Value("list", tuple(from_plain(item, written) for item in data), written)
    return Value("scalar", data, written, open=isinstance(data, str) and HOLE in data)


Resolve: TypeAlias = "Callable[[hcl.Reference, int], tuple[Value, int]]"
"""The value of a reference's first steps, and how many steps those are."""


class Evaluation:
    """Evaluates expressions of one file; `resolve` knows what names stand for."""

    def __init__(self, source: SourceText, offset: int, resolve: Resolve, budget: list[int], depth: int = 0) -> None:
        self.source, self.offset, self.resolve, self.budget, self.depth = source, offset, resolve, budget, depth

    def span(self, node: hcl.Expression) -> Span:
        return Span(self.source, self.offset + node.start, self.offset + node.end)

    def value(self, node: hcl.Expression, names: Mapping[str, Value]) -> Value:
        """`names` are those that a loop, or a dynamic block, brings."""
        self.budget[0] -= 1
        if self.budget[0] < 0:
            return UNKNOWN
        match node:
            case hcl.Literal():
                return Value("scalar", node.value, self.span(node))
            case hcl.Template():
                return self.template(node, names)
            case hcl.Wrapped() | hcl.Parenthesised():
                return self.value(node.inner, names)
            case hcl.Reference():
                return self.reference(node, names)
            case hcl.Relative():
                return stepped(self.value(node.source, names), node.steps)
            case hcl.IndexBy():
                return indexed(self.value(node.source, names), self.value(node.key, names))
            case hcl.Splat():
                return self.splat(node, names)
            case hcl.Tuple():
                items = tuple(self.value(item, names) for item in node.items[: MOST_ITEMS * 4])
                return Value("list", items, self.span(node), open=len(node.items) > len(items))
            case hcl.Object():
                return self.object_of(node, names)
            case hcl.Call():
                return self.call(node, names)
            case hcl.For():
                return self.loop(node, names)
            case hcl.Conditional():
                return self.conditional(node, names)
            case hcl.Operation():
                return self.operation(node, names)
            case hcl.Unary():
                operand = self.value(node.operand, names)
                if node.operator == "!":
                    return _negated(operand, self.span(node))
                number = operand.number
                return UNKNOWN if number is None else Value("scalar", _whole(-number), self.span(node))
        raise AssertionError(node)

    def template(self, node: hcl.Template, names: Mapping[str, Value]) -> Value:
        written = self.span(node)
        if len(node.parts) == 1 and isinstance(alone := node.parts[0], hcl.Literal) and isinstance(alone.value, str):
            return Value("scalar", alone.value, written, open=HOLE in alone.value)
        texts = [""]
        for part in node.parts:
            value = self.value(part, names)
            said = [_said(option) for option in value.options] or [HOLE]
            longest = max(map(len, said)) + max(map(len, texts))
            if len(said) * len(texts) > MOST_OPTIONS or (longest > LONGEST and len(node.parts) > 1):
                said = [HOLE] if longest <= LONGEST or not texts[0].endswith(HOLE) else [""]
            texts = [text + more for text in texts for more in said]
        values = [Value("scalar", text, written, open=HOLE in text) for text in dict.fromkeys(texts)]
        return values[0] if len(values) == 1 else Value("choice", tuple(values), written)

    def reference(self, node: hcl.Reference, names: Mapping[str, Value]) -> Value:
        if node.root in _PYTHON and not node.steps and node.root not in names:
            return Value("scalar", _PYTHON[node.root], self.span(node))
        if node.root in names:
            found, taken = names[node.root], 0
        else:
            if self.depth >= MOST_NESTED:
                return UNKNOWN
            found, taken = self.resolve(node, self.depth + 1)
        found = stepped(found, node.steps[taken:])
        return found if found.written is not None else found._replace(written=self.span(node))

    def splat(self, node: hcl.Splat, names: Mapping[str, Value]) -> Value:
        source = self.value(node.source, names)
        if source.kind == "list":
            items = tuple(stepped(item, node.steps) for item in source.data)
            return Value("list", items, source.written, open=source.open)
        if source.kind == "unknown" and source.target is not None:
            return stepped(source, node.steps)
        if source.kind in ("scalar", "map") and source.data is not None:
            return Value("list", (stepped(source, node.steps),), source.written)
        return UNKNOWN

    def object_of(self, node: hcl.Object, names: Mapping[str, Value]) -> Value:
        made: dict[str, Value] = {}
        open = len(node.items) > MOST_ITEMS * 4
        for item in node.items[: MOST_ITEMS * 4]:
            key = self.key(item.key, names)
            if key is None:
                open = True
            else:
                made[key] = self.value(item.value, names)
        return Value("map", made, self.span(node), open=open)

    def key(self, node: hcl.Expression, names: Mapping[str, Value]) -> str | None:
        if isinstance(node, hcl.Reference) and not node.steps:
            return node.root
        return self.value(node, names).text

    def conditional(self, node: hcl.Conditional, names: Mapping[str, Value]) -> Value:
        condition = self.value(node.condition, names)
        if condition.is_true:
            return self.value(node.yes, names)
        if condition.is_false:
            return self.value(node.no, names)
        return choice([self.value(node.yes, names), self.value(node.no, names)])

    def loop(self, node: hcl.For, names: Mapping[str, Value]) -> Value:
        source = self.value(node.source, names)
        written = self.span(node)
        if source.kind not in ("list", "map"):
            return UNKNOWN if source.kind != "absent" else Value("list", (), written)
        pairs: list[tuple[Value, Value]]
        if source.kind == "map":
            pairs = [(Value("scalar", key), item) for key, item in source.data.items()]
        else:
            pairs = [(Value("scalar", index), item) for index, item in enumerate(source.data)]
        open = source.open or len(pairs) > MOST_ITEMS
        listed: list[Value] = []
        mapped: dict[str, Value] = {}
        for key, item in pairs[:MOST_ITEMS]:
            inner = {**names, node.value: item}
            if node.key:
                inner[node.key] = key
            if node.condition is not None:
                kept = self.value(node.condition, inner)
                if kept.is_false:
                    continue
                if not kept.is_true:
                    open = True
                    continue
            result = self.value(node.result, inner)
            if node.key_result is None:
                listed.append(result)
                continue
            name = self.value(node.key_result, inner).text
            if name is None or node.grouped:
                open = True
            else:
                mapped[name] = result
        if node.key_result is None:
            return Value("list", tuple(listed), written, open=open)
        return Value("map", mapped, written, open=open)

    def operation(self, node: hcl.Operation, names: Mapping[str, Value]) -> Value:
        left, right = self.value(node.left, names), self.value(node.right, names)
        written = self.span(node)
        if node.operator in ("&&", "||"):
            decisive = node.operator == "||"
            if left.equals(decisive) or right.equals(decisive):
                return Value("scalar", decisive, written)
            if left.equals(not decisive) and right.equals(not decisive):
                return Value("scalar", not decisive, written)
            return UNKNOWN
        if node.operator in ("==", "!="):
            same = _same(left, right)
            return UNKNOWN if same is None else Value("scalar", same is (node.operator == "=="), written)
        one, two = left.number, right.number
        if one is None or two is None:
            return UNKNOWN
        return _calculated(node.operator, one, two, written)

    def call(self, node: hcl.Call, names: Mapping[str, Value]) -> Value:
        name = node.name.removeprefix("core::")
        function = FUNCTIONS.get(name)
        if function is None or node.expanded:
            if node.expanded and name in ("merge", "concat") and len(node.arguments) == 1:
                expanded = self.value(node.arguments[0], names)
                if expanded.kind == "list":
                    made = FUNCTIONS[name](list(expanded.data), self.span(node))
                    return made._replace(open=made.open or expanded.open) if made.kind in ("list", "map") else made
            return UNKNOWN
        arguments = [self.value(argument, names) for argument in node.arguments]
        try:
            made = function(arguments, self.span(node))
        except (IndexError, TypeError, ValueError, OverflowError, RecursionError):  # no such call is valid
            made = UNKNOWN
        if made.kind == "unknown" and made.target is None:
            targets = {target for argument in arguments for target in targets_of(argument)}
            if len(targets) == 1:  # join("", aws_vpc.this.*.id) still speaks of that network
                return made._replace(target=targets.pop())
        return made


def completed(value: Value, type: hcl.Expression, evaluation: Evaluation, *, asked: bool) -> Value:
    """A variable's value as Terraform converts it: an object's optional attributes are there, by their defaults.

    `asked` is true where a caller is not known: what has no default is what it may give.
    """
    if value.kind == "choice":
        options = (completed(option, type, evaluation, asked=asked) for option in value.data)
        return choice(options)._replace(used=value.used)
    if not isinstance(type, hcl.Call) or not type.arguments:
        return value
    first = type.arguments[0]
    if type.name in ("list", "set", "map") and value.kind in ("list", "map"):
        if value.kind == "list":
            return value._replace(data=tuple(completed(one, first, evaluation, asked=asked) for one in value.data))
        made = {key: completed(one, first, evaluation, asked=asked) for key, one in value.data.items()}
        return value._replace(data=made)
    if type.name != "object" or value.kind != "map" or not isinstance(first, hcl.Object):
        return value
    made = dict(value.data)
    for item in first.items:
        name, wanted = evaluation.key(item.key, {}), item.value
        if name is None:
            continue
        optional = isinstance(wanted, hcl.Call) and wanted.name == "optional" and bool(wanted.arguments)
        inner = wanted.arguments[0] if isinstance(wanted, hcl.Call) and optional else wanted
        if isinstance(wanted, hcl.Call) and optional and (made[name].absent if name in made else not value.open):
            if len(wanted.arguments) > 1:
                made[name] = evaluation.value(wanted.arguments[1], {})
            else:
                made[name] = UNKNOWN if asked else Value("scalar", None, evaluation.span(wanted))
        if name in made:
            made[name] = completed(made[name], inner, evaluation, asked=asked)
    return value._replace(data=made)


def targets_of(value: Value) -> set[Target]:
    """The resources that a value, or an element of it, refers to."""
    found: set[Target] = set()
    seen: set[int] = set()
    pending = [value]
    while pending:
        one = pending.pop()
        if one.kind in ("choice", "list"):
            if id(one.data) not in seen:  # a local in many places is one value, and is gone through once
                seen.add(id(one.data))
                pending.extend(one.data)
        elif one.target is not None:
            found.add(one.target.resource)
    return found


def stepped(value: Value, steps: Iterable[str | hcl.Index]) -> Value:
    for step in steps:
        key = step.key if isinstance(step, hcl.Index) else step
        if value.kind == "unknown":
            if value.target is None:
                return UNKNOWN
            if not isinstance(step, hcl.Index):
                joined = f"{value.target.attribute}.{key}".lstrip(".")
                value = value._replace(target=value.target._replace(attribute=joined))
            continue
        if value.kind == "map" and isinstance(key, str):
            value = _member(value, key)
        else:
            value = indexed(value, Value("scalar", key))
    return value


def _member(value: Value, name: str) -> Value:
    found = value.get(name)
    return UNKNOWN if found.kind == "absent" else found._replace(used=None)


def indexed(value: Value, key: Value) -> Value:
    if value.kind == "unknown":
        return value
    if value.kind == "choice":
        return choice([indexed(option, key) for option in value.options])
    if value.kind == "map" and (name := key.text) is not None:
        return _member(value, name)
    if value.kind == "list" and (number := key.number) is not None:
        index = int(number)
        if 0 <= index < len(value.data):
            item: Value = value.data[index]
            if not value.open or item.kind == "unknown":  # where more may be, nobody knows which one it is
                return item
    if value.kind == "list" and value.data and all(item.target == value.data[0].target for item in value.data):
        return UNKNOWN._replace(target=value.data[0].target)
    return UNKNOWN


def _said(value: Value) -> str:
    if value.kind == "scalar" and value.data is not None:
        return as_text(value.data)
    return HOLE


def _negated(value: Value, written: Span) -> Value:
    if value.is_true or value.is_false:
        return Value("scalar", value.is_false, written)
    return UNKNOWN


def _whole(number: float) -> int | float:
    return int(number) if number.is_integer() else number


def _same(left: Value, right: Value) -> bool | None:
    """Whether two values are equal; None where that is not known."""
    if left.kind == "scalar" and right.kind == "scalar" and not left.open and not right.open:
        if left.data is None or right.data is None:
            return left.data is right.data
        return (
            type(left.data) is type(right.data) and left.data == right.data
        ) or left.number == right.number is not None
    if left.kind in ("list", "map") and right.kind in ("list", "map") and not left.open and not right.open:
        if len(left.data) != len(right.data):
            return False
        if not left.data:
            return True
    if (left.absent and right.kind in ("list", "map")) or (right.absent and left.kind in ("list", "map")):
        return False
    return None


def _calculated(operator: str, one: float, two: float, written: Span) -> Value:
    try:
        match operator:
            case "+":
                made: float | bool = one + two
            case "-":
                made = one - two
            case "*":
                made = one * two
            case "/":
                made = one / two
            case "%":
                made = one % two
            case "<":
                made = one < two
            case ">":
                made = one > two
            case "<=":
                made = one <= two
            case _:
                made = one >= two
    except (ZeroDivisionError, OverflowError):
        return UNKNOWN
    return Value("scalar", made if isinstance(made, bool) else _whole(made), written)


Function: TypeAlias = "Callable[[list[Value], Span], Value]"


def _first(arguments: list[Value], written: Span) -> Value:
    return arguments[0]


def _to_list(arguments: list[Value], written: Span) -> Value:
    return arguments[0] if arguments[0].kind == "list" else UNKNOWN


def _concat(arguments: list[Value], written: Span) -> Value:
    items: list[Value] = []
    open = False
    for argument in arguments:
        if argument.kind == "choice":
            argument = _common(argument)
        if argument.kind == "list":
            items.extend(argument.data)
            open |= argument.open
        elif argument.kind != "absent":
            open = True
            items.extend([argument] if argument.target is not None else ())
    return Value("list", tuple(items[: MOST_ITEMS * 4]), written, open=open or len(items) > MOST_ITEMS * 4)


def _common(value: Value) -> Value:
    """What a list holds whichever of several it is: nothing for sure."""
    return Value("list", (), value.written, open=True)


def _flatten(arguments: list[Value], written: Span) -> Value:
    if arguments[0].kind != "list":
        return UNKNOWN
    flat = arguments[0]
    for _ in range(MOST_NESTED):
        if not any(item.kind != "scalar" for item in flat.data):
            break
        parts = [item if item.kind in ("list", "unknown", "choice") else Value("list", (item,)) for item in flat.data]
        if all(part.kind == "list" and all(one.kind == "map" for one in part.data) for part in parts):
            return _concat(parts, written)._replace(open=flat.open or any(part.open for part in parts))
        joined = _concat(parts, written)
        flat = joined._replace(open=joined.open or flat.open)
    return flat


def _merge(arguments: list[Value], written: Span) -> Value:
    made: dict[str, Value] = {}
    open = False
    for argument in arguments:
        if argument.kind == "map":
            made.update(argument.data)
            open |= argument.open
        elif argument.absent:
            continue
        else:
            # Whatever it is may set again what came before it.
            made = dict.fromkeys(made, UNKNOWN)
            open = True
    return Value("map", made, written, open=open)


def _jsonencode(arguments: list[Value], written: Span) -> Value:
    return arguments[0] if arguments[0].kind in ("map", "list") else _as_string(arguments, written)


def _jsondecode(arguments: list[Value], written: Span) -> Value:
    if arguments[0].kind == "map":
        return arguments[0]
    text = arguments[0].text
    return UNKNOWN if text is None else from_plain(json.loads(text), written)


def _as_string(arguments: list[Value], written: Span) -> Value:
    value = arguments[0]
    if value.kind == "scalar" and value.data is not None:
        return Value("scalar", as_text(value.data), value.written, open=value.open)
    return value if value.absent else UNKNOWN


def _as_number(arguments: list[Value], written: Span) -> Value:
    number = arguments[0].number
    return UNKNOWN if number is None else Value("scalar", _whole(number), arguments[0].written)


def _as_boolean(arguments: list[Value], written: Span) -> Value:
    if arguments[0].is_true or arguments[0].is_false:
        return Value("scalar", arguments[0].is_true, arguments[0].written)
    return UNKNOWN


def _format(arguments: list[Value], written: Span) -> Value:
    pattern = arguments[0].text
    if pattern is None or pattern.replace("%s", "").replace("%d", "").count("%"):
        return UNKNOWN
    parts = pattern.replace("%d", "%s").split("%s")
    if len(parts) != len(arguments):
        return UNKNOWN
    said = list(map(_said, arguments[1:]))
    if sum(map(len, said)) > LONGEST:
        return UNKNOWN
    text = parts[0] + "".join(one + part for one, part in zip(said, parts[1:], strict=True))
    return Value("scalar", text, written, open=HOLE in text)


def _join(arguments: list[Value], written: Span) -> Value:
    between, listed = arguments[0].text, arguments[1]
    if between is None or listed.kind != "list" or len(arguments) > 2:
        return UNKNOWN
    said = list(map(_said, listed.data))
    if sum(map(len, said)) + len(between) * len(said) > LONGEST:
        return UNKNOWN
    text = between.join(said) + (HOLE if listed.open else "")
    return Value("scalar", text, written, open=HOLE in text)


def _texts(function: Callable[..., str]) -> Function:
    def applied(arguments: list[Value], written: Span) -> Value:
        texts = [argument.text for argument in arguments]
        if None in texts:
            return UNKNOWN
        return Value("scalar", function(*texts), written)

    return applied


def _replaced(text: str, old: str, new: str) -> str:
    many = (text.count(old) * len(new)) > LONGEST
    return HOLE if old.startswith("/") or many else text.replace(old, new)


def _lookup(arguments: list[Value], written: Span) -> Value:
    key = arguments[1].text
    if key is None or arguments[0].kind != "map":
        return UNKNOWN
    found = arguments[0].get(key)
    if found.kind == "absent":
        return arguments[2] if len(arguments) > 2 else UNKNOWN
    return found._replace(used=None)


def _try(arguments: list[Value], written: Span) -> Value:
    """The first one that is known and no unknown stands before: an unknown may fail."""
    return arguments[0] if arguments and arguments[0].kind != "absent" else UNKNOWN


def _coalesce(arguments: list[Value], written: Span) -> Value:
    options = []
    for argument in arguments:
        if argument.kind == "unknown":
            return UNKNOWN
        if argument.absent or (argument.kind == "scalar" and argument.data == ""):
            continue
        options.append(argument)
        if argument.kind != "choice":
            return choice(options)
    return UNKNOWN


def _length(arguments: list[Value], written: Span) -> Value:
    value = arguments[0]
    if value.kind in ("list", "map") and not value.open:
        return Value("scalar", len(value.data), written)
    return UNKNOWN if (text := value.text) is None else Value("scalar", len(text), written)


def _element(arguments: list[Value], written: Span) -> Value:
    number, listed = arguments[1].number, arguments[0]
    if listed.kind != "list" or not listed.data or listed.open:
        return indexed(listed, arguments[1])
    if number is None:
        return choice(listed.data)
    item: Value = listed.data[int(number) % len(listed.data)]
    return item


def _keys(arguments: list[Value], written: Span) -> Value:
    value = arguments[0]
    if value.kind != "map":
        return UNKNOWN
    return Value("list", tuple(Value("scalar", key, written) for key in sorted(value.data)), written, open=value.open)


def _values(arguments: list[Value], written: Span) -> Value:
    value = arguments[0]
    if value.kind != "map":
        return UNKNOWN
    return Value("list", tuple(item for _, item in sorted(value.data.items())), written, open=value.open)


def _distinct(arguments: list[Value], written: Span) -> Value:
    value = arguments[0]
    if value.kind != "list":
        return UNKNOWN
    return Value("list", tuple({_identity(item): item for item in value.data}.values()), written, open=value.open)


def _compact(arguments: list[Value], written: Span) -> Value:
    value = arguments[0]
    if value.kind != "list":
        return UNKNOWN
    kept = tuple(item for item in value.data if not item.absent and item.data != "")
    return Value("list", kept, written, open=value.open)


def _contains(arguments: list[Value], written: Span) -> Value:
    listed, wanted = arguments
    if listed.kind != "list" or not wanted.known:
        return UNKNOWN
    if any(item.equals(wanted.data) for item in listed.data):
        return Value("scalar", True, written)
    if listed.open or not all(item.known for item in listed.data):
        return UNKNOWN
    return Value("scalar", False, written)


def _split(arguments: list[Value], written: Span) -> Value:
    by, text = arguments[0].text, arguments[1].text
    if not by or text is None or text.count(by) > MOST_ITEMS:
        return UNKNOWN
    return Value("list", tuple(Value("scalar", part, written) for part in text.split(by)), written)


def _range(arguments: list[Value], written: Span) -> Value:
    numbers = [argument.number for argument in arguments]
    if any(number is None or not number.is_integer() for number in numbers):
        return UNKNOWN
    made = range(*(int(number) for number in numbers if number is not None))
    items = tuple(Value("scalar", number, written) for number in made[:MOST_ITEMS])
    return Value("list", items, written, open=len(made) > MOST_ITEMS)


def _one(arguments: list[Value], written: Span) -> Value:
    value = arguments[0]
    if value.kind == "list" and not value.open:
        return value.data[0] if value.data else Value("scalar", None, written)
    return value if value.target is not None else UNKNOWN


def _extreme(function: Callable[[list[float]], float]) -> Function:
    def applied(arguments: list[Value], written: Span) -> Value:
        numbers = [argument.number for argument in arguments]
        if None in numbers or not numbers:
            return UNKNOWN
        return Value("scalar", _whole(function([number for number in numbers if number is not None])), written)

    return applied


def _zipmap(arguments: list[Value], written: Span) -> Value:
    keys, values = arguments
    if keys.kind != "list" or values.kind != "list" or keys.open or values.open or not all(k.known for k in keys.data):
        return UNKNOWN
    return Value("map", {as_text(k.data): v for k, v in zip(keys.data, values.data, strict=False)}, written)


FUNCTIONS: dict[str, Function] = {
    "abspath": lambda arguments, written: UNKNOWN,
    "coalesce": _coalesce,
    "coalescelist": lambda arguments, written: (
        arguments[0] if arguments[0].kind == "list" and arguments[0].data else UNKNOWN
    ),
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "distinct": _distinct,
    "element": _element,
    "flatten": _flatten,
    "format": _format,
    "join": _join,
    "jsondecode": _jsondecode,
    "jsonencode": _jsonencode,
    "keys": _keys,
    "length": _length,
    "lookup": _lookup,
    "lower": _texts(str.lower),
    "max": _extreme(max),
    "merge": _merge,
    "min": _extreme(min),
    "nonsensitive": _first,
    "one": _one,
    "range": _range,
    "replace": _texts(_replaced),
    "reverse": lambda arguments, written: (
        arguments[0]._replace(data=tuple(reversed(arguments[0].data))) if arguments[0].kind == "list" else UNKNOWN
    ),
    "sensitive": _first,
    "setunion": _concat,
    "sort": _to_list,
    "split": _split,
    "title": _texts(str.title),
    "tobool": _as_boolean,
    "tolist": _to_list,
    "tomap": lambda arguments, written: arguments[0] if arguments[0].kind == "map" else UNKNOWN,
    "tonumber": _as_number,
    "toset": _to_list,
    "tostring": _as_string,
    "trimprefix": _texts(str.removeprefix),
    "trimspace": _texts(str.strip),
    "trimsuffix": _texts(str.removesuffix),
    "try": _try,
    "upper": _texts(str.upper),
    "values": _values,
    "zipmap": _zipmap,
}
"""What can be said without running Terraform. No file is read: `file` and its kin are unknown."""
