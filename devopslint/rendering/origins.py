"""From a place in what was rendered back to the place that a person wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from devopslint.deferred import NamedTuple, dataclass, fields, is_dataclass, replace
from devopslint.kubernetes.workloads import Placement
from devopslint.model import Finding, Location, PartialDocument, Related, Suppression
from devopslint.project import FileReport
from devopslint.readers.yaml import Node


class Origin(NamedTuple):
    """Where something that was rendered comes from."""

    location: Location
    note: str = ""
    """What is not known about it; empty where the place is exact."""


class Origins(Protocol):
    """Answers for one rendered text."""

    def find(self, at: Location) -> Origin: ...


@dataclass(frozen=True, slots=True)
class Item:
    """A step into a sequence."""

    index: int
    field: str
    """The field that tells its items apart: name, containerPort, …; empty where none does."""
    text: str


Path = tuple[str | Item, ...]

_IDENTITIES = ("name", "containerPort", "mountPath", "key", "port", "ip", "topologyKey", "type")


def step_into(item: Node, index: int) -> Item:
    """How an item of a sequence is found again in another version of the sequence."""
    for field in _IDENTITIES:
        if item[field].is_scalar and item[field].text:
            return Item(index, field, item[field].text)
    return Item(index, "", item.text)


def follow(node: Node, path: Path) -> Node | None:
    """The value at the end of the path; None where the path ends before."""
    for step in path:
        found = node[step] if isinstance(step, str) else _item(node, step)
        if found is None or not found.exists:
            return None
        node = found
    return node


def identifies(path: Path) -> bool:
    """Whether the value names its object, or an item among others, so that patches repeat it."""
    match path:
        case ("apiVersion" | "kind",) | ("metadata", "name"):
            return True
        case (*_, Item(field=field), str(key)):
            return key == field
    return False


def _item(sequence: Node, step: Item) -> Node | None:
    items = list(sequence)
    if step.field:
        return next((item for item in items if item[step.field].text == step.text), None)
    if step.text:
        return next((item for item in items if item.text == step.text), None)
    return items[step.index] if step.index < len(items) else None


class Spot(NamedTuple):
    """A value of a rendered document."""

    node: Node
    path: Path
    on_key: bool
    """True where the key was meant, not the value."""


class Spots:
    """The values of rendered documents, by the place where each stands."""

    def __init__(self, roots: Iterable[Node]) -> None:
        self._roots = sorted(roots, key=lambda root: root.start)
        self._known: dict[int, dict[tuple[int, int, int, int], Spot]] = {}

    def at(self, place: Location) -> tuple[int, Spot] | None:
        """The number of the document and the value that stands there."""
        number = max((n for n, root in enumerate(self._roots) if _line(root) <= place.line), default=None)
        if number is None:
            return None
        if number not in self._known:
            self._known[number] = {}
            for spot, at in _spots(self._roots[number]):
                self._known[number].setdefault(_bounds(at), spot)
        spots = self._known[number]
        found = spots.get(_bounds(place)) or _around(spots.values(), place)
        return (number, found) if found is not None else None


def _line(node: Node) -> int:
    return node.source.place(node.start)[0]


def _bounds(at: Location) -> tuple[int, int, int, int]:
    return at.line, at.column, at.end_line, at.end_column


def _spots(root: Node) -> Iterator[tuple[Spot, Location]]:
    pending: list[tuple[Node, Path]] = [(root, ())]
    while pending:
        node, path = pending.pop()
        yield Spot(node, path, False), node.location
        if node.key is not None:
            yield Spot(node, path, True), node.key_location
        pending.extend((value, (*path, key.text)) for key, value in node.items())
        pending.extend((item, (*path, step_into(item, index))) for index, item in enumerate(node))


def _around(spots: Iterable[Spot], place: Location) -> Spot | None:
    """The smallest value that the place is a part of."""
    holding = [
        spot
        for spot in spots
        if not spot.on_key and _line(spot.node) <= place.line <= spot.node.last_line and spot.node.start < spot.node.end
    ]
    return min(holding, key=lambda spot: (not _covers(spot.node, place), spot.node.end - spot.node.start), default=None)


def _covers(node: Node, place: Location) -> bool:
    start = node.source.line_starts[min(place.line, len(node.source.line_starts)) - 1] + place.column - 1
    return node.start <= start < node.end


def relocated(report: FileReport, origins: Origins, built: Related) -> FileReport:
    """The report on a rendered text as one on the files that it was rendered from.

    `built` says what was built; a finding that stands in another file is related to it.
    """
    cache: dict[tuple[tuple[object, ...], str], Origin] = {}

    def find(at: Location) -> Origin:
        key = (at.region, at.wanted if at.missing else "")
        if key not in cache:
            cache[key] = origins.find(at)
        return cache[key]

    def move(at: Location) -> Location:
        return find(at).location._replace(missing=at.missing, wanted=at.wanted)

    return report._replace(
        findings=tuple(_finding(finding, find, built) for finding in report.findings),
        summaries=tuple(
            _moved(summary, move)
            for summary in report.summaries
            if not isinstance(summary, (Placement, PartialDocument))  # they speak of lines of the rendered text
        ),
        suppressions=tuple(_suppression(suppression, find) for suppression in report.suppressions),
        not_checked=tuple(gap._replace(line=1) for gap in report.not_checked),
        not_known=tuple(one._replace(location=move(one.location)) for one in report.not_known),
    )


def _finding(finding: Finding, find: Callable[[Location], Origin], built: Related) -> Finding:
    origin = find(finding.location)
    related = [Related(find(one.location).location, one.message) for one in finding.related]
    if origin.note:
        related.append(Related(origin.location, origin.note))
    if origin.location.path != built.location.path:
        related.append(built)
    at = origin.location._replace(wanted=finding.location.wanted)
    return finding._replace(location=at, related=tuple(related))


def _suppression(suppression: Suppression, find: Callable[[Location], Origin]) -> Suppression:
    """An annotation's: it speaks of the lines that the lines of its object come from."""
    at = find(suppression.location).location
    lines = [
        origin.line
        for line in range(suppression.first_line, suppression.last_line + 1)
        if (origin := find(Location(suppression.location.path, line, 1, line, 1)).location).path == at.path
    ]
    return suppression._replace(
        location=at, first_line=min(lines, default=at.line), last_line=max(lines, default=at.line)
    )


def _moved(value: Any, move: Callable[[Location], Location]) -> Any:
    """The same value with every place in it moved."""
    if isinstance(value, Location):
        return move(value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: new
            for field in fields(value)
            if (new := _moved(old := getattr(value, field.name), move)) is not old
        }
        return replace(value, **changed) if changed else value
    if isinstance(value, tuple):
        moved = tuple(_moved(one, move) for one in value)
        if all(a is b for a, b in zip(moved, value, strict=True)):
            return value
        return type(value)(*moved) if hasattr(value, "_fields") else moved  # a NamedTuple stays one
    if isinstance(value, Mapping):
        return {key: _moved(one, move) for key, one in value.items()}
    return value
