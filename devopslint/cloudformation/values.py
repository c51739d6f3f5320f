"""What a value of a template comes to, as far as the file says it: in every case, or where nobody gives a parameter."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from devopslint.deferred import cached_property, compiled, dataclass
from devopslint.model import Location, Related
from devopslint.readers.yaml import Node

_HOLE = compiled(r"\$\{(?!!)([^{}]*)\}")
_INDEX = compiled(r"[0-9]{1,9}\Z")
_DEEPEST = 20
"""Conditionals inside each other; real templates have four."""
_MOST_OPTIONS = 64
"""Of which a value is one; one with more is not known."""
_MOST_UNDECIDED = 4
"""Conditions of a resource of which each case is looked at; what more of them choose is not known."""
_MOST_TEXT = 100_000
"""Characters of a text that is put together; a longer one is not known."""
_MOST_ITEMS = 200
"""Of a list that is looked up, or that something is taken or put together from."""
_MOST_GIVEN = 4_096
"""Characters that CloudFormation takes as the value of a parameter."""
NO_VALUE = "AWS::NoValue"

Case: TypeAlias = Mapping[str, bool]
"""Conditions, by name, that hold or do not; one that is not named may do either."""


@dataclass(frozen=True)
class Value:
    """What a place of the template comes to in one case: a node that is written somewhere, nothing, or unknown."""

    node: Node | None
    """None where nobody knows it."""
    absent: bool = False
    told: tuple[Related, ...] = ()
    said: str | None = None
    """The text, where it is put together, or a part of what the node says."""

    @property
    def unknown(self) -> bool:
        return self.node is None and not self.absent

    @property
    def text(self) -> str | None:
        """Of a scalar; None for whatever else it is."""
        if self.said is not None:
            return self.said
        return self.node.text if self.node is not None and self.node.is_scalar and self.node.present else None

    @property
    def number(self) -> float | None:
        try:
            number = float(self.text or "")
        except ValueError:
            return None
        return number if math.isfinite(number) else None

    @property
    def is_true(self) -> bool:
        return (self.text or "").lower() == "true"

    @property
    def is_false(self) -> bool:
        return (self.text or "").lower() == "false"

    @property
    def location(self) -> Location:
        assert self.node is not None
        return self.node.location

    def behind(self, told: Iterable[Related]) -> Value:
        """The same, reached through what is told of."""
        return Value(self.node, self.absent, tuple(dict.fromkeys((*told, *self.told))), self.said)


UNKNOWN = Value(None)
ABSENT = Value(None, absent=True)


class Evaluation:
    """Evaluates what is written under a template's root."""

    def __init__(self, root: Node) -> None:
        self.parameters, self.conditions, self.mappings = root["Parameters"], root["Conditions"], root["Mappings"]
        self._depth = 0
        self._asked: dict[str, bool | None] = {}

    @cached_property
    def defaults(self) -> Case:
        """What the conditions come to where nobody gives a parameter, as far as that is known."""
        names = [key.text for key, _ in self.conditions.items()]
        return {name: held for name in names if (held := self.holds(name)) is not None}

    def cases(self, node: Node, held: str) -> tuple[list[str], list[Case]]:
        """The conditions of a resource that no default decides, and the cases of them; `held` is its own, if any."""
        asked: dict[str, None] = {}
        for one in node.walk():
            function, argument = function_of(one)
            if function == "If":
                name = next(iter(argument), argument).text
                if name != held and name not in self.defaults and self.conditions.has(name):
                    asked.setdefault(name)
        known = {**self.defaults, held: True}
        if len(asked) > _MOST_UNDECIDED:
            return [*asked], [known]
        every = itertools.product((True, False), repeat=len(asked))
        return [*asked], [{**known, **dict(zip(asked, chosen, strict=True))} for chosen in every]

    def holds(self, name: str, depth: int = 0) -> bool | None:
        """Whether a condition holds where nobody gives a parameter; None where that is not known."""
        if depth > _DEEPEST:
            return None
        if name not in self._asked:
            self._asked[name] = None  # also for one that asks for itself
            self._asked[name] = self._holds(self.conditions[name], depth)
        return self._asked[name]

    def _holds(self, node: Node, depth: int) -> bool | None:
        function, argument = function_of(node)
        if function == "" and node.has("Condition"):
            function, argument = "Condition", node["Condition"]
        if function == "Condition":
            return self.holds(argument.text, depth + 1)
        if function == "Equals":
            texts = [self.only(one).text for one in argument]
            return texts[0] == texts[1] if len(texts) == 2 and None not in texts else None
        if function not in ("Not", "And", "Or"):
            return None
        inner = [self._holds(one, depth + 1) for one in argument] if depth < _DEEPEST else [None]
        if function == "Not":
            return not inner[0] if len(inner) == 1 and inner[0] is not None else None
        decides = function == "Or"
        if decides in inner:
            return decides
        return None if None in inner or not inner else not decides

    def options(self, node: Node, case: Case | None = None) -> list[Value]:
        """What a value comes to: `!If` gives two, a parameter its default, most functions are unknown."""
        if self._depth > _DEEPEST:
            return [UNKNOWN]
        self._depth += 1
        try:
            found = list(itertools.islice(self._options(node, case or {}), _MOST_OPTIONS + 1))
            return found if len(found) <= _MOST_OPTIONS else [UNKNOWN]
        finally:
            self._depth -= 1

    def only(self, node: Node, case: Case | None = None) -> Value:
        """What a value comes to where that is one thing; not known where it may be several."""
        found = self.options(node, case) if node.exists else []
        return found[0] if len(found) == 1 else UNKNOWN

    def _options(self, node: Node, case: Case) -> Iterator[Value]:
        function, argument = function_of(node)
        if function == "":
            yield Value(node)
        elif function == "If":
            yield from self._branches(argument, case)
        elif function == "Ref" and argument.text == NO_VALUE:
            yield ABSENT
        elif function == "Ref" and self.parameters.has(argument.text):
            yield from self._given(argument.text, argument.location)
        elif function == "Sub":
            yield self._filled(argument, case)
        elif function == "Join":
            yield self._joined(argument, case)
        elif function == "Select":
            yield self._selected(argument, case)
        elif function == "FindInMap":
            yield from self._found(argument, case)
        else:
            yield UNKNOWN

    def _branches(self, argument: Node, case: Case) -> Iterator[Value]:
        given = list(argument)
        if len(given) != 3:
            yield UNKNOWN
            return
        name, *branches = given
        held = case.get(name.text)
        if held is None:
            for branch in branches:
                yield from self.options(branch, case)
        else:
            told: tuple[Related, ...] = ()
            if self.defaults.get(name.text) is held:
                place = self.conditions[name.text].key_location
                told = (Related(place, "holds by default" if held else "does not hold by default"),)
            for one in self.options(branches[0 if held else 1], case):
                yield one.behind(told)

    def _given(self, name: str, place: Location) -> Iterator[Value]:
        """What a parameter comes to at a place: its default, or one of what it may be given."""
        parameter = self.parameters[name]
        told = (Related(place, "is given here"),)
        default, allowed = parameter["Default"], parameter["AllowedValues"]
        if parameter["Type"].text.startswith("AWS::SSM::Parameter::Value"):
            yield UNKNOWN  # its default is the name of what holds the value
        elif default.exists:
            yield Value(default, told=told) if default.is_scalar and len(default.text) <= _MOST_GIVEN else UNKNOWN
        elif allowed.is_sequence and len(allowed):
            yield from (Value(one, told=told) for one in allowed)
        else:
            yield UNKNOWN

    def _filled(self, argument: Node, case: Case) -> Value:
        text, *given = [argument] if argument.is_scalar else [*argument] or [argument]
        own = {key.text: value for one in given for key, value in one.items()}
        if not text.is_scalar:
            return UNKNOWN
        if not _HOLE.search(text.text):
            return Value(text)
        parts = _HOLE.split(text.text)
        if any("${" in part for part in parts[::2]):
            return UNKNOWN
        filled: dict[str, str] = {}
        told: list[Related] = []
        for name in dict.fromkeys(parts[1::2]):
            options = self._put_in(name.strip(), own, text.location, case)
            if len(options) != 1 or options[0].text is None:
                return UNKNOWN
            filled[name] = options[0].text
            told += options[0].told
        parts[1::2] = [filled[name] for name in parts[1::2]]
        return _put_together(text, told, "", parts)

    def _put_in(self, name: str, own: dict[str, Node], place: Location, case: Case) -> list[Value]:
        if name in own:
            return self.options(own[name], case)
        return list(itertools.islice(self._given(name, place), 2)) if self.parameters.has(name) else []

    def _joined(self, argument: Node, case: Case) -> Value:
        given = list(argument)
        items = self._items(given[1], case) if len(given) == 2 else None
        if items is None or not given[0].is_scalar or any(one.text is None for one in items):
            return UNKNOWN
        told = dict.fromkeys(place for one in items for place in one.told)
        return _put_together(argument, told, given[0].text, [one.text or "" for one in items])

    def _selected(self, argument: Node, case: Case) -> Value:
        given = list(argument)
        items = self._items(given[1], case) if len(given) == 2 else None
        if items is None or not _INDEX.match(given[0].text) or int(given[0].text) >= len(items):
            return UNKNOWN
        return items[int(given[0].text)]

    def _items(self, node: Node, case: Case) -> list[Value] | None:
        """All items of a list; None where one of them, or the list, is not known."""
        lists = self.options(node, case)
        if len(lists) != 1 or (lists[0].node is not None and len(lists[0].node) > _MOST_ITEMS):
            return None
        found: list[Value] = []
        for number, options in enumerate(self.items_of(lists[0], case)):
            if number == _MOST_ITEMS or len(options) != 1 or options[0].unknown:
                return None
            found += [one for one in options if not one.absent]
        return None if lists[0].unknown else found

    def items_of(self, listed: Value, case: Case | None = None) -> Iterator[list[Value]]:
        """What each item that a list is written with comes to; a text with commas is a list, as in parameters."""
        if listed.node is None:
            return
        if (text := listed.text) is not None:
            for part in text.split(",") if text else ():
                yield [Value(listed.node, told=listed.told, said=part.strip())]
        if listed.told and len(listed.node) > _MOST_ITEMS:
            return  # many may look up the same one
        for item in listed.node:
            yield [one.behind(listed.told) for one in self.options(item, case)]

    def _found(self, argument: Node, case: Case) -> Iterator[Value]:
        """What a mapping says under two keys; where one of them is not known, it is one of all that stand there."""
        given = list(argument)[:3]
        names = self.options(given[0], case) if len(given) == 3 else []
        if len(names) != 1 or not self.mappings.has(names[0].text or ""):
            yield UNKNOWN
            return
        level = [self.mappings[names[0].text or ""]]
        told: list[Related] = []
        for key in given[1:]:
            options = self.options(key, case)
            texts = [one.text for one in options]
            told += [place for one in options for place in one.told]
            if any(one.has("Fn::Transform") for one in level):
                level = []
            elif None in texts:
                level = [value for one in level for _, value in one.items()]
            else:
                level = [one[text] for one in level for text in texts if text is not None and one.has(text)]
            if len(level) > _MOST_OPTIONS:
                level = []
        if not level or len(list(argument)) > 3:
            yield UNKNOWN
        for one in level:
            yield Value(one, told=(*told, Related(argument.location, "is looked up here")))


def _put_together(node: Node, told: Iterable[Related], delimiter: str, parts: list[str]) -> Value:
    if sum(map(len, parts)) + len(delimiter) * len(parts) > _MOST_TEXT:
        return UNKNOWN
    return Value(node, told=tuple(told), said=delimiter.join(parts))


def function_of(node: Node) -> tuple[str, Node]:
    """The intrinsic function that a node calls, and what it is given; an empty name for a plain value."""
    if node.tag is not None and node.tag.startswith("!"):
        return node.tag[1:], node
    pairs = node.items()
    if len(pairs) == 1 and (pairs[0][0].text == "Ref" or pairs[0][0].text.startswith("Fn::")):
        return pairs[0][0].text.removeprefix("Fn::"), pairs[0][1]
    return "", node


def branches(node: Node) -> Iterator[Node]:
    """What is written at a place: the branches of its conditionals, or itself."""
    function, argument = function_of(node)
    if function != "If":
        yield node
        return
    for branch in list(argument)[1:3]:
        yield from branches(branch)
