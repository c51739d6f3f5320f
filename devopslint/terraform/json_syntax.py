"""HCL's JSON syntax: the same structure as of the native one, and its values as the same expressions."""

from __future__ import annotations

import functools
import json
import re

from devopslint.deferred import NamedTuple, compiled
from devopslint.terraform.expressions import (
    Expression,
    ExpressionFault,
    Item,
    Literal,
    Object,
    Tuple,
    parse_template,
)
from devopslint.terraform.reader import MOST_NESTED, Attribute, Block, Structure, SyntaxFault

_TOKEN = compiled(
    r'[ \t\r\n]*(?:([{}\[\],:])|"((?:[^"\\\x00-\x1f]|\\.)*+)"|(-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?|true|false|null))'
)
_LABELS = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "list": 2,
    "action": 2,
    "variable": 1,
    "output": 1,
    "module": 1,
    "provider": 1,
    "check": 1,
    "terraform": 0,
    "locals": 0,
    "moved": 0,
    "import": 0,
    "removed": 0,
    "language": 0,
}
"""The blocks that a file holds, and how many labels each has."""
_INNER = {
    "terraform": {"backend": 1, "required_providers": 0, "cloud": 0, "encryption": 0, "provider_meta": 1},
    "variable": {"validation": 0},
    "output": {"precondition": 0},
    "check": {"data": 2, "assert": 0},
    "dynamic": {"content": 0},
    "lifecycle": {"precondition": 0, "postcondition": 0},
}
_IN_RESOURCE = {"lifecycle": 0, "provisioner": 1, "connection": 0, "dynamic": 1}
"""Other blocks in a resource are left as values: only the provider knows them from maps."""
for _type in ("resource", "data", "ephemeral"):
    _INNER[_type] = _IN_RESOURCE


class JsonValue(NamedTuple):
    """One value of JSON and its place; `items` of an object are (key, where the key begins, value)."""

    kind: str
    start: int
    end: int
    items: tuple[tuple[str, int, JsonValue], ...] = ()
    text: str = ""


class JsonFault(ValueError):
    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at, self.message = at, message


def read_json_structure(text: str, *, values: bool = False) -> Structure:
    """Never raises, in linear time; `values` is true for a file of variables' values."""
    try:
        root = parse_json(text)
        if root.kind == "[" and root.items and all(item.kind == "{" for _, _, item in root.items):
            parts = tuple(part for _, _, item in root.items for part in item.items)
            root = JsonValue("{", root.start, root.end, parts)  # an old form, in which the parts are one after another
        if root.kind != "{":
            raise JsonFault(root.start, "expected an object")
    except JsonFault as fault:
        broken = Block("", (), 0, 0, len(text), (), (), broken=True)
        return Structure(broken, (SyntaxFault(min(fault.at, len(text)), fault.message),))
    faults: list[SyntaxFault] = []
    if text.startswith("\ufeff"):
        faults.append(SyntaxFault(0, "JSON does not begin with a byte order mark"))
    body = _body("", (), 0, 0, root, {} if values else _LABELS, faults)
    return Structure(body, tuple(faults))


@functools.lru_cache(maxsize=20_000)
def parse_json_expression(text: str) -> Expression:
    """The value of an attribute, its strings read as templates. Raises ExpressionFault."""
    try:
        return _expression(parse_json(text))
    except JsonFault as fault:
        raise ExpressionFault(fault.at, fault.message) from None


def _body(
    type: str,
    labels: tuple[str, ...],
    start: int,
    header_end: int,
    value: JsonValue,
    known: dict[str, int],
    faults: list[SyntaxFault],
) -> Block:
    attributes: list[Attribute] = []
    blocks: list[Block] = []
    for key, at, inner in value.items:
        if key == "//":
            continue
        if key in known and (inner.kind in ("{", "[") or not type):
            blocks.extend(_blocks(key, (), at, inner, known[key], faults))
        elif not type and known:
            faults.append(SyntaxFault(at, f"{key} is nothing that stands here"))
        else:
            attributes.append(Attribute(key, at, inner.start, inner.end))
    return Block(type, labels, start, header_end, value.end, tuple(attributes), tuple(blocks))


def _blocks(
    type: str, labels: tuple[str, ...], at: int, value: JsonValue, missing: int, faults: list[SyntaxFault]
) -> list[Block]:
    """The blocks of a type in a value; at every label there may be a list."""
    if value.kind == "[":
        return [block for _, _, inner in value.items for block in _blocks(type, labels, at, inner, missing, faults)]
    if value.kind != "{":
        if value.text != "null":
            faults.append(SyntaxFault(value.start, f"expected an object in {type}"))
        return []
    if missing:
        return [
            block
            for key, key_at, inner in value.items
            if key != "//"
            for block in _blocks(type, (*labels, key), key_at, inner, missing - 1, faults)
        ]
    end = at + len(json.dumps(labels[-1] if labels else type, ensure_ascii=False))
    return [_body(type, labels, at, min(end, value.start), value, _INNER.get(type, {}), faults)]


def _expression(value: JsonValue) -> Expression:
    match value.kind:
        case "{":
            items = []
            for key, at, inner in value.items:
                if key != "//":
                    name = parse_template(key)._replace(start=at, end=min(at + len(key) + 2, value.end))
                    items.append(Item(name, _expression(inner)))
            return Object(tuple(items), value.start, value.end)
        case "[":
            return Tuple(tuple(_expression(inner) for _, _, inner in value.items), value.start, value.end)
        case '"':
            # Offsets inside a text with escapes would not be those of the file: all of it stands for each part.
            return parse_template(value.text)._replace(start=value.start, end=value.end)
        case _:
            return Literal(json.loads(value.text), value.start, value.end)


class _Open:
    def __init__(self, kind: str, start: int) -> None:
        self.kind, self.start = kind, start
        self.items: list[tuple[str, int, JsonValue]] = []
        self.key: tuple[str, int] = ("", start)


def parse_json(text: str, *, lenient: bool = False) -> JsonValue:
    """One JSON value; the nesting is kept on a list, so that no input is too deep for it. Raises JsonFault.

    `lenient` lets a comma stand behind the last item.
    """
    stack: list[_Open] = []
    position = 1 if text.startswith("\ufeff") else 0
    wanted = "value"
    while True:
        found = _TOKEN.match(text, position)
        if found is None:
            raise JsonFault(_first_spoken(text, position), "is no JSON")
        mark, quoted, plain = found.groups()
        start = found.start(found.lastindex or 0) - (quoted is not None)
        position = found.end()
        made: JsonValue | None = None
        if mark is None and wanted == "key" and quoted is not None:
            stack[-1].key = (_unquoted(quoted, start), start)
            wanted = "colon"
        elif mark is None and wanted == "value":
            if quoted is not None:
                made = JsonValue('"', start, position, text=_unquoted(quoted, start))
            else:
                if len(plain) > 400:
                    raise JsonFault(start, "a number of more than 400 digits")
                made = JsonValue("", start, position, text=plain)
        elif mark in ("{", "[") and wanted == "value":
            if len(stack) > MOST_NESTED:
                raise JsonFault(start, f"more than {MOST_NESTED} values inside each other")
            stack.append(_Open(mark, start))
            wanted = "key" if mark == "{" else "value"
        elif mark in ("}", "]") and stack and (stack[-1].kind == "{") == (mark == "}"):
            closing = stack.pop()
            if wanted not in ("comma", "key" if mark == "}" else "value") or (
                wanted != "comma" and closing.items and not lenient
            ):
                raise JsonFault(start, f"{mark} comes too early")
            made = JsonValue(closing.kind, closing.start, position, tuple(closing.items))
        elif mark == ":" and wanted == "colon":
            wanted = "value"
        elif mark == "," and wanted == "comma" and stack:
            wanted = "key" if stack[-1].kind == "{" else "value"
        else:
            raise JsonFault(start, f"expected a {wanted}")
        if made is not None:
            if not stack:
                after = _first_spoken(text, position)
                if after < len(text):
                    raise JsonFault(after, "expected the end of the file")
                return made
            stack[-1].items.append((*stack[-1].key, made))
            wanted = "comma"


def _first_spoken(text: str, position: int) -> int:
    found = re.compile(r"[^ \t\r\n]").search(text, position)
    return len(text) if found is None else found.start()


def _unquoted(raw: str, start: int) -> str:
    if "\\" not in raw:
        return raw
    try:
        return str(json.loads(f'"{raw}"'))
    except ValueError:
        raise JsonFault(start, "a text with an unknown escape") from None
