"""The values of a GitLab CI file, with their places."""

from __future__ import annotations

from devopslint.deferred import dataclass
from devopslint.model import Location
from devopslint.readers.yaml import Node, Scalar
from devopslint.scripts.steps import Text, line_locations


@dataclass(frozen=True, slots=True)
class Value:
    """A value of the file with its place: a text, a list, a mapping, or a `!reference`."""

    location: Location
    text: str = ""
    lines: tuple[Location, ...] = ()
    """The place of each line of a text over several lines."""
    items: tuple[Value, ...] = ()
    entries: tuple[tuple[Text, Value], ...] = ()
    reference: bool = False
    kind: str = "text"
    """text, list or mapping; null, which takes away what a job extends."""

    def __getitem__(self, key: str) -> Value | None:
        found = next((value for name, value in reversed(self.entries) if name.text == key), None)
        return None if found is None or found.kind == "null" else found

    def strings(self) -> tuple[Value, ...]:
        if self.kind == "text":
            return (self,) if self.text else ()
        return tuple(item for item in self.items if item.kind == "text")


def text_of(node: Node) -> Text:
    return Text(node.text, node.location)


def value_of(node: Node, depth: int, budget: list[int]) -> Value:
    """The node as a value; what is nested or repeated by aliases beyond any real file is cut off."""
    budget[0] -= 1
    if depth > 20 or budget[0] < 0:
        return Value(node.location)
    if node.is_mapping:
        entries = tuple((text_of(key), value_of(value, depth + 1, budget)) for key, value in node.items())
        return Value(node.location, entries=entries, kind="mapping")
    if node.is_sequence:
        items = tuple(value_of(item, depth + 1, budget) for item in node)
        return Value(node.location, items=items, reference=node.tag == "!reference", kind="list")
    lines = line_locations(node) if isinstance(node, Scalar) and "\n" in node.text else ()
    said = node.value
    text = str(said).lower() if isinstance(said, bool) else node.text
    return Value(node.location, text=text, lines=lines, kind="null" if said is None else "text")


def laid_over(under: Value, over: Value) -> Value:
    """Mappings key by key, the second one's values first; anything else is replaced."""
    if under.kind != "mapping" or over.kind != "mapping":
        return over
    entries = {name.text: (name, value) for name, value in under.entries}
    for name, value in over.entries:
        before = entries.get(name.text)
        entries[name.text] = (name, laid_over(before[1], value) if before is not None else value)
    return Value(over.location, entries=tuple(entries.values()), kind="mapping")


def string(value: Value | None) -> str:
    return value.text if value is not None else ""
