"""The types of expressions, and what in an expression does not fit: unknown names, wrong arguments, odd comparisons."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping

from devopslint.deferred import NamedTuple, compiled, dataclass, field
from devopslint.github.expressions import (
    Call,
    Comparison,
    Context,
    Expression,
    Filter,
    Index,
    Literal,
    Logical,
    Not,
    Property,
    fold,
    is_true,
    lone_brace,
    placeholders,
    text_of,
)
from devopslint.github.platform import Availability, Function, contexts, known_functions


@dataclass(frozen=True)
class Type:
    """What is known of a value before it is there."""

    name: str
    """any, null, bool, number, string, object or array."""
    properties: Mapping[str, Type] = field(default_factory=dict)
    """An object's, by name in lower case."""
    others: Type | None = None
    """The type of every other property; None where there is none other."""
    element: Type | None = None
    """An array's."""
    filtered: bool = False
    """True for what `.*` gives: a property of it is that of each element."""

    @property
    def is_text(self) -> bool:
        """Whether GitHub can write it into a text."""
        return self.name in ("any", "bool", "number", "string")

    def __str__(self) -> str:
        return {"any": "a value", "null": "null", "array": "an array", "object": "an object"}.get(
            self.name, f"a {self.name}"
        )


_LISTED = 20
"""Names that a message lists."""
_MOST_NAMES = 200
"""More names than these are neither listed nor searched for a near one: the search takes a while for each."""
_NEAR = 0.65
"""How alike two names are before one is proposed for the other, of 1."""
_STRUCTURES = {"array": "Array", "object": "Object"}
"""What GitHub writes into a text for a value of these types."""
VARIABLE = compiled(r"(?!github_)[a-z_][a-z0-9_]*\Z")
"""The names that GitHub lets configuration variables have, in lower case."""

ANY = Type("any")
NULL = Type("null")
BOOL = Type("bool")
NUMBER = Type("number")
STRING = Type("string")
TYPES = {type_.name: type_ for type_ in (ANY, NULL, BOOL, NUMBER, STRING)}


def closed(properties: Mapping[str, Type]) -> Type:
    """An object with these properties and no other."""
    return Type("object", {name.lower(): type_ for name, type_ in properties.items()})


def opened(others: Type = ANY, properties: Mapping[str, Type] | None = None) -> Type:
    """An object that may have any property."""
    return Type("object", {name.lower(): type_ for name, type_ in (properties or {}).items()}, others)


def array(element: Type) -> Type:
    return Type("array", element=element)


def either(types: Iterable[Type]) -> Type:
    """The type of a value that is of one of these."""
    merged: Type | None = None
    for type_ in types:
        merged = type_ if merged is None else _merged(merged, type_)
    return ANY if merged is None else merged


def _merged(a: Type, b: Type) -> Type:
    if a is b:
        return a
    if a.name != b.name:
        return STRING if {a.name, b.name} == {"string", "number"} else ANY
    if a.name == "object":
        names = {**a.properties, **b.properties}
        properties = {
            name: _merged(a.properties.get(name, found), b.properties.get(name, found)) for name, found in names.items()
        }
        others = a.others or b.others
        return Type("object", properties, _merged(a.others or others, b.others or others) if others else None)
    if a.name == "array":
        return array(_merged(a.element or ANY, b.element or ANY))
    return a


class Oddity(NamedTuple):
    """Something in an expression that does not fit, and where in the text."""

    kind: str
    """context, function, availability, arguments, property, secret or type."""
    start: int
    end: int
    message: str
    asked: str = ""
    """What was asked for the property, in lower case: `matrix.zone` of `matrix.zone.size`."""


class Scope(NamedTuple):
    """What an expression may name where it stands."""

    contexts: Mapping[str, Type]
    available: Availability | None
    """None where GitHub's documentation does not say."""
    place: str
    """The key, as the documentation writes it."""
    why_not: Callable[[str], str | None] = lambda path: None
    """Why a path in lower case, that is defined elsewhere, is not defined here: `steps.build` -> `it has not run yet`."""


def type_of(tree: Expression, scope: Scope) -> tuple[Type, list[Oddity]]:
    """The type of an expression, and everything odd in it, from left to right."""
    inference = _Inference(scope)
    return inference.of(tree), inference.oddities


class _Inference:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.oddities: list[Oddity] = []

    def odd(
        self,
        kind: str,
        tree: Expression,
        message: str,
        start: int | None = None,
        end: int | None = None,
        asked: str = "",
    ) -> None:
        self.oddities.append(
            Oddity(kind, tree.start if start is None else start, tree.end if end is None else end, message, asked)
        )

    def of(self, tree: Expression) -> Type:
        match tree:
            case Literal(value=value):
                return _of_value(value)
            case Context():
                return self.of_context(tree)
            case Property():
                return self.of_property(tree, self.of(tree.of), tree.name, tree.name_start)
            case Index():
                return self.of_index(tree)
            case Filter():
                return self.of_filter(tree)
            case Call():
                return self.of_call(tree)
            case Not():
                self.of(tree.operand)
                return BOOL
            case Comparison():
                self.compare(tree, self.of(tree.left), self.of(tree.right))
                return BOOL
            case Logical():
                return self.of_logical(tree)[0]

    def of_logical(self, tree: Logical, *, true: bool = False) -> tuple[Type, bool | None]:
        """Its type, and whether it is always true or always false.

        `true` says that only what counts as true matters: of `a && b`, that is `b`.
        """
        last = len(tree.operands) - 1
        decisive = tree.operator == "||"
        types: list[Type] = []
        sides: list[bool | None] = []
        for number, operand in enumerate(tree.operands):
            decides = number < last and decisive
            known = is_true(operand.value) if isinstance(operand, Literal) else None
            if isinstance(operand, Logical):
                type_, known = self.of_logical(operand, true=decides or true)
            else:
                type_ = self.of(operand)
            # What stands before && is the outcome only where it is false: objects and arrays never are.
            matters = number == last or decides or not (true or type_.name in _STRUCTURES)
            if matters and decisive not in sides and (number == last or known is not (not decisive)):
                types.append(type_)
            sides.append(known)
        if decisive in sides:
            return either(types), decisive
        return either(types), None if None in sides else not decisive

    def of_context(self, tree: Context) -> Type:
        name = tree.name.lower()
        available = self.scope.available
        if name not in contexts():
            self.odd("context", tree, f"'{tree.name}' is no context; {nearest(name, contexts())}")
            return ANY
        if available is not None and name not in available.contexts:
            here = ", ".join(f"'{context}'" for context in sorted(available.contexts))
            others = f"only {here}" if here else "which takes no expressions"
            self.odd("availability", tree, f"context '{name}' is not available in '{self.scope.place}', {others}")
            return ANY
        return self.scope.contexts.get(name, ANY)

    def of_property(self, tree: Property | Index, base: Type, name: str, start: int) -> Type:
        if base.name == "any":
            return ANY
        if base.name == "array" and base.filtered:
            each = self.of_property(tree, base.element or ANY, name, start)
            return Type("array", element=each, filtered=True)
        path = written(tree.of)
        if base.name != "object":
            self.odd("type", tree, f"'{path}' is {base} and has no property '{name}'", start)
            return ANY
        if path.lower() == "vars" and not VARIABLE.match(name.lower()):
            self.odd("property", tree, f"'{path}.{name}' is never defined: GitHub gives no variable such a name")
            return ANY
        found = base.properties.get(name.lower(), base.others)
        reason = self.scope.why_not(f"{path}.{name}".lower())
        if found is not None and reason is None:
            return found
        kind = "secret" if path.lower() == "secrets" else "property"
        message = f"'{path}.{name}' is not defined{_how(path, base)}"
        if reason:
            message = f"'{path}.{name}' is not defined here: {reason}"
        self.odd(kind, tree, message, tree.start, asked=path.lower())
        return ANY

    def of_index(self, tree: Index) -> Type:
        base, index = self.of(tree.of), self.of(tree.index)
        constant = fold(tree.index)
        if base.name == "any":
            return ANY
        if base.name == "array":
            if index.name not in ("any", "number"):
                self.odd("type", tree.index, f"'{written(tree.of)}' is an array; its index is {index}, not a number")
            return base.element or ANY
        if base.name != "object":
            self.odd("type", tree.of, f"'{written(tree.of)}' is {base} and cannot be indexed")
            return ANY
        if index.name not in ("any", "string"):
            self.odd("type", tree.index, f"'{written(tree.of)}' is an object; its index is {index}, not a string")
            return ANY
        if constant is not None:
            return self.of_property(tree, base, text_of(constant.value), tree.of.end)
        return base.others or either(base.properties.values())

    def of_filter(self, tree: Filter) -> Type:
        base = self.of(tree.of)
        match base.name:
            case "array":
                return Type("array", element=base.element, filtered=True)
            case "object":
                inside = list(base.properties.values())
                # The elements of a mixed object have their own properties each: no more is known of them.
                element = either([*inside, base.others] if base.others else inside)
                return Type("array", element=opened() if element.name == "object" else element, filtered=True)
            case "any":
                return Type("array", element=ANY, filtered=True)
        self.odd("type", tree, f"'{written(tree.of)}' is {base}; '.*' filters an object or an array")
        return ANY

    def of_call(self, tree: Call) -> Type:
        arguments = [self.of(argument) for argument in tree.arguments]
        function = known_functions().get(tree.name.lower())
        if function is None:
            known = {known.name for known in known_functions().values()}
            self.odd("function", tree, f"'{tree.name}' is no function; {nearest(tree.name, known)}", end=tree.name_end)
            return ANY
        available = self.scope.available
        if function.special and available is not None and function.name not in available.functions:
            message = f"function '{function.name}' is not available in '{self.scope.place}'"
            self.odd("availability", tree, message, end=tree.name_end)
        self.check_count(tree, function)
        self.check_types(tree, function, arguments)
        match function.name:
            case "fromJSON":
                return self.parsed(tree)
            case "format":
                self.check_format(tree)
            case "case":
                return either([*arguments[1::2], arguments[-1]] if arguments else [])
        return TYPES[function.gives]

    def check_count(self, tree: Call, function: Function) -> None:
        given = len(tree.arguments)
        least, most = function.arity
        if given and function.name in ("success", "failure") and self.scope.place != "jobs.<id>.if":
            self.odd(
                "arguments", tree, f"'{function.name}' names jobs only in the 'if' of a job; here it takes nothing"
            )
        elif given < least or (most is not None and given > most):
            wanted = str(least) if most == least else f"at least {least}"
            if most not in (None, least):
                wanted = f"{least} to {most}"
            self.odd(
                "arguments", tree, f"'{function.name}' is given {given} argument{'s' * (given != 1)}; it takes {wanted}"
            )
        elif function.name == "case" and given % 2 == 0:
            self.odd("arguments", tree, f"'case' is given {given} arguments; pairs and a default are an odd number")

    def check_types(self, tree: Call, function: Function, given: list[Type]) -> None:
        for position, (argument, type_) in enumerate(zip(tree.arguments, given, strict=True)):
            if not function.parameters:
                return
            wanted = function.parameters[min(position, len(function.parameters) - 1)]
            fits = wanted == "any" or type_.is_text or type_.name == "null"
            if not fits and not (type_.name == "array" and "array" in wanted):
                self.odd("type", argument, f"argument {position + 1} of '{function.name}' is {type_}, not a {wanted}")
            elif function.name == "join" and position == 0 and type_.element and type_.element.name in _STRUCTURES:
                kinds = "arrays" if type_.element.name == "array" else "objects"
                self.odd(
                    "type",
                    argument,
                    f"'join' writes the elements, which are {kinds}, as '{_STRUCTURES[type_.element.name]}'",
                )

    def check_format(self, tree: Call) -> None:
        template = fold(tree.arguments[0]) if tree.arguments else None
        if template is None or not isinstance(template.value, str):
            return
        brace = lone_brace(template.value)
        if brace is not None:
            message = f"'{brace}' stands alone in the template of 'format': write '{brace * 2}', or '{{0}}' for a value"
            self.odd("arguments", tree.arguments[0], message)
            return
        values = len(tree.arguments) - 1
        used = {int(number) for number in placeholders(template.value)}
        for number in sorted(used):
            if number >= values:
                self.odd("arguments", tree.arguments[0], f"'{{{number}}}' has no value: 'format' is given {values}")
        for number in range(values):
            if number not in used:
                self.odd("arguments", tree.arguments[number + 1], f"the template has no '{{{number}}}' for this value")

    def parsed(self, tree: Call) -> Type:
        text = fold(tree.arguments[0]) if tree.arguments else None
        if text is None or not isinstance(text.value, str):
            return ANY
        try:
            return of_json(json.loads(text.value))
        except (ValueError, RecursionError) as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "it cannot be parsed"
            self.odd("arguments", tree.arguments[0], f"the text given to 'fromJSON' is no JSON: {reason}")
            return ANY

    def compare(self, tree: Comparison, left: Type, right: Type) -> None:
        sides = (left.name, right.name)
        if tree.operator in ("==", "!="):
            if "any" in sides:
                return
            structures = {"object", "array"} & set(sides)
            if structures and left.name != right.name and "null" not in sides:
                always = "false" if tree.operator == "==" else "true"
                self.odd("type", tree, f"{left} is compared with {right}, which is always {always}")
            return
        for side, type_ in ((tree.left, left), (tree.right, right)):
            if type_.name not in ("any", "number", "string"):
                self.odd("type", side, f"'{tree.operator}' compares numbers or strings; this is {type_}")


def written(tree: Expression) -> str:
    """The path as its writer may have written it."""
    match tree:
        case Context(name=name):
            return name
        case Property(of=of, name=name):
            return f"{written(of)}.{name}"
        case Index(of=of, index=Literal(value=value)):
            return f"{written(of)}.{text_of(value)}"
        case Index(of=of):
            return f"{written(of)}[…]"
        case Filter(of=of):
            return f"{written(of)}.*"
        case Call(name=name):
            return f"{name}(…)"
    return "the value"


def nearest(name: str, known: Collection[str], named: Collection[str] = ()) -> str:
    """The nearest known name; where none is near all of them, or those that are worth to be named."""
    if len(known) > _MOST_NAMES:
        return f"it is none of {len(known):,} known ones"
    return _nearest(name, tuple(known), tuple(named))


@functools.lru_cache(maxsize=256)
def _nearest(name: str, known: tuple[str, ...], named: tuple[str, ...]) -> str:
    by_lower = {word.lower(): word for word in known}
    import difflib  # only where a name is wrong

    longer = [word for word in by_lower if name.lower() in re.split("[-_]", word)]
    close = longer if len(longer) == 1 else difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=_NEAR)
    if close:
        return f"did you mean '{by_lower[close[0]]}'?"
    if not by_lower:
        return "there is none"
    return f"known are {_listed(named)}, …" if named else f"known are {_listed(by_lower.values())}"


def _listed(names: Iterable[str]) -> str:
    ordered = sorted(names)
    return ", ".join(f"'{name}'" for name in ordered[:_LISTED]) + (", …" if len(ordered) > _LISTED else "")


def of_json(value: object) -> Type:
    match value:
        case dict():
            return closed({str(name): of_json(inside) for name, inside in value.items()})
        case list():
            return array(either([of_json(inside) for inside in value]))
    return _of_value(value)


def _of_value(value: object) -> Type:
    match value:
        case None:
            return NULL
        case bool():
            return BOOL
        case int() | float():
            return NUMBER
        case str():
            return STRING
    return ANY


def _how(path: str, base: Type) -> str:
    """What there is in place of a property that is not."""
    if not base.properties:
        return f": '{path}' has no properties here"
    return f"; '{path}' has {_listed(base.properties)}"
