"""What a chart renders to, traced to the line of the template, or to the values file, that says it.

Helm names the template of each document. Its lines are aligned with the rendered ones by the text around the
actions; a line that only an action can have made belongs to that action.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from devopslint.deferred import cached_property, compiled, dataclass
from devopslint.kubernetes.manifests import Manifests
from devopslint.model import Location
from devopslint.readers.yaml import Node, read_yaml
from devopslint.readers.yaml_dialects import KUBERNETES
from devopslint.rendering.origins import Origin, Path, Spot, Spots, follow, identifies

_SOURCE = compiled(r"^# Source: (\S+)[ \t]*$", re.MULTILINE)
_VALUE = compiled(r"(?:toYaml |\(toYaml )?(\$?\.(?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)?)\)?(?: *\|.*)?\Z")
_CONTROL = compiled(r"(if|else|end|with|range|define|block|break|continue|template|/\*|\$\w+ *:?=)(?=\W|\Z)")
MOST_CELLS = 1_500_000
"""Template lines times rendered lines that are aligned; beyond, a place is only known to its template."""


@dataclass(frozen=True)
class TemplateLine:
    """One line of a template, and what the dot means on it."""

    text: str
    literals: tuple[str, ...]
    """What stands around the actions: one more than there are actions."""
    actions: tuple[str, ...]
    dot: tuple[str, ...] | None
    """The path into the values that `.` is; None where it is something else. The root is no path into the values."""

    @property
    def plain(self) -> bool:
        return not self.actions

    @cached_property
    def only_action(self) -> bool:
        return bool(self.actions) and not any(literal.strip() for literal in self.literals)

    @cached_property
    def produces(self) -> bool:
        """Whether lines may come out of it that do not stand in it."""
        return any(not _CONTROL.match(action) for action in self.actions)

    def likeness(self, rendered: str) -> int:
        """How surely it renders to this text; 0 where it cannot."""
        if self.plain:
            return 4 + min(len(rendered), 24) if rendered == self.text and rendered.strip() else 0
        if self.only_action:
            return 0
        first, *middle, last = self.literals
        if not rendered.startswith(first) or not rendered.endswith(last.rstrip()):
            return 0
        at = len(first)
        for literal in middle:
            at = rendered.find(literal, at)
            if at < 0:
                return 0
            at += len(literal)
        return 1 + min(sum(len(literal.strip()) for literal in self.literals), 20)


class Template:
    """A template's lines."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines = list(_template_lines(text))

    def align(self, rendered: Sequence[str]) -> list[tuple[int, bool] | None]:
        """For each rendered line the index of its line in the template, and whether it is that very line."""
        best: list[tuple[int, bool] | None] = [None] * len(rendered)
        if len(rendered) * len(self.lines) > MOST_CELLS:
            return best
        for begin, end in self._segments(rendered):
            for i, j in _chain(rendered, self.lines[begin:end]):
                best[i] = (begin + j, True)
        self._fill(rendered, best)
        return best

    def _segments(self, rendered: Sequence[str]) -> list[tuple[int, int]]:
        """The part of the template, between two lines of dashes, that is most like the document."""
        marks = [i for i, line in enumerate(self.lines) if line.plain and line.text.rstrip() == "---"]
        parts = [(a, b) for a, b in pairwise([0, *marks, len(self.lines)]) if a < b]
        counts: dict[str, int] = {}
        for line in rendered:
            counts[line] = counts.get(line, 0) + 1

        def likeness(part: tuple[int, int]) -> float:
            lines = self.lines[part[0] : part[1]]
            found = sum(max((line.likeness(text) for line in lines), default=0) for text in counts)
            return found - 0.01 * len(lines)

        return [max(parts, key=likeness)] if parts else []

    def _fill(self, rendered: Sequence[str], best: list[tuple[int, bool] | None]) -> None:
        """Place the lines that have no line of their own: repeated by a range, or made by an action."""
        above = -1
        for i, text in enumerate(rendered):
            found = best[i]
            if found is not None:
                above = found[0]
                continue
            if not text.strip():
                continue
            alike = [j for j, line in enumerate(self.lines) if line.likeness(text)]
            if len(alike) == 1:
                best[i] = (alike[0], True)
                continue
            below = next((one[0] for one in best[i + 1 :] if one is not None), len(self.lines))
            makers = [j for j in range(above + 1, below) if self.lines[j].only_action and self.lines[j].produces]
            if makers:
                best[i] = (makers[0], False)
            elif above >= 0:
                best[i] = (above, False)


def _chain(rendered: Sequence[str], lines: Sequence[TemplateLine]) -> list[tuple[int, int]]:
    """The pairs of lines, in order in both texts, that are most alike in sum; neighbours count more."""
    width = len(lines) + 1
    scores = [[0] * width]
    taken = [[False] * width]
    for text in rendered:
        before, before_taken = scores[-1], taken[-1]
        row, row_taken = [0] * width, [False] * width
        for j in range(1, width):
            row[j] = max(before[j], row[j - 1])
            likeness = lines[j - 1].likeness(text)
            if likeness:
                score = before[j - 1] + likeness + (2 if before_taken[j - 1] else 0)
                if score > row[j]:
                    row[j], row_taken[j] = score, True
        scores.append(row)
        taken.append(row_taken)
    pairs = []
    i, j = len(rendered), width - 1
    while i > 0 and j > 0:
        if taken[i][j]:
            pairs.append((i - 1, j - 1))
            i, j = i - 1, j - 1
        elif scores[i][j] == scores[i - 1][j]:
            i -= 1
        else:
            j -= 1
    return pairs


def _template_lines(text: str) -> Iterator[TemplateLine]:
    dots: list[tuple[str, ...] | None] = [()]
    comment = False
    for line in text.split("\n"):
        line = line.rstrip("\r")
        literals, actions = _parted(line)
        yield TemplateLine(line, literals, ("/*",) if comment else actions, dots[-1])
        for action in actions:
            if action.startswith(("with ", "range ")):
                dots.append(_value_path(action[5:], dots[-1]) if action.startswith("with ") else None)
            elif action.startswith(("if ", "block ", "define ")):
                dots.append(None if action.startswith("define ") else dots[-1])
            elif action == "end" and len(dots) > 1:
                dots.pop()


def _parted(line: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The text around the actions of a line, and the actions without their braces."""
    literals, actions = [], []
    at = 0
    while (begin := line.find("{{", at)) >= 0:
        end = line.find("}}", begin)
        stop = end if end >= 0 else len(line)
        literals.append(line[at:begin])
        actions.append(line[begin + 2 : stop].strip("- \t"))
        at = min(stop + 2, len(line))
    literals.append(line[at:])
    return tuple(literals), tuple(actions)


def _value_path(expression: str, dot: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The path that `.Values.a.b`, or `.b` within a `with`, leads along, from the root that has `Values`."""
    found = _VALUE.match(expression.strip())
    if found is None:
        return None
    said = found.group(1)
    steps = tuple(step for step in said.lstrip("$").split(".") if step)
    if said.startswith("$"):
        return steps
    return None if dot is None else (*dot, *steps)


class HelmOrigins:
    """Where the values of one rendered chart come from."""

    def __init__(self, chart: str, text: str, sources: Mapping[str, str], values: tuple[str, ...]) -> None:
        """`chart` is the path of the Chart.yaml; `values` are the values files, the strongest first."""
        self.path = chart
        self.text = text
        self._folder = posixpath.dirname(chart)
        self._sources = sources
        self._values = values
        self._spots = Spots(document.root for document in Manifests.read(chart, text).stream.documents)
        self._marks = [(text.count("\n", 0, found.start()) + 1, found.group(1)) for found in _SOURCE.finditer(text)]
        self._lines = text.split("\n")
        self._templates: dict[str, Template] = {}
        self._aligned: dict[int, list[tuple[int, bool] | None]] = {}
        self._roots: dict[str, Node | None] = {}

    def find(self, at: Location) -> Origin:
        number = max((n for n, (line, _) in enumerate(self._marks) if line <= at.line), default=None)
        path = self._template_path(self._marks[number][1]) if number is not None else ""
        if number is None or path not in self._sources:
            return Origin(Location(self.path, 1, 1, 1, 1), "the template that makes this is not in the repository")
        first = self._marks[number][0] + 1
        if path not in self._templates:
            self._templates[path] = Template(path, self._sources[path])
        template = self._templates[path]
        if number not in self._aligned:
            self._aligned[number] = template.align(self._lines[first - 1 : self._end(number)])
        place = at.line - first
        found = self._aligned[number][place] if 0 <= place < len(self._aligned[number]) else None
        if found is None:
            return Origin(Location(path, 1, 1, 1, 1), "which line of this template makes it is not known")
        index, exact = found
        line = template.lines[index]
        spot = self._spots.at(at)
        value = self._value(path, line, spot[1]) if spot is not None and not identifies(spot[1].path) else None
        if value is not None:
            return Origin(value)
        if exact:
            return Origin(_in_line(path, index + 1, line, at))
        note = "made by this line of the template" if line.only_action else "the nearest line of the template"
        return Origin(_whole(path, index + 1, line), note)

    def _end(self, number: int) -> int:
        """The last line of a document."""
        following = self._marks[number + 1][0] - 1 if number + 1 < len(self._marks) else len(self._lines)
        return following - 1 if self._lines[following - 1 : following] == ["---"] else following

    def _template_path(self, source: str) -> str:
        """`shop/templates/web.yaml`, as Helm calls it by the chart's name, in the repository."""
        return posixpath.join(self._folder, source.partition("/")[2])

    def _value(self, path: str, line: TemplateLine, spot: Spot) -> Location | None:
        """The place in a values file, where one action alone makes the value and the file says the very same."""
        if len(line.actions) != 1:
            return None
        keys = _value_path(line.actions[0], line.dot)
        if keys is None or keys[:1] != ("Values",):
            return None
        for root, prefix in self._values_for(path):
            node = root.get(*prefix, *keys[1:])
            if not node.exists:
                continue
            if node.is_scalar:
                return node.location if node.text == spot.node.text and spot.node.is_scalar else None
            inside = _inside(node, spot)
            if inside is not None:
                return inside.key_location if spot.on_key else inside.location
        return None

    def _values_for(self, template: str) -> Iterator[tuple[Node, tuple[str, ...]]]:
        """The values that a template sees, the strongest first; a chart within a chart has its own place in them."""
        folder = template.partition("/templates/")[0]
        within = posixpath.relpath(folder, self._folder or ".").split("/")
        prefix = tuple(within[1::2]) if within[0] == "charts" else ()
        for path in self._values:
            root = self._root(path)
            if root is not None:
                yield root, prefix
        if prefix:
            own = self._root(posixpath.join(folder, "values.yaml"))
            if own is not None:
                yield own, ()

    def _root(self, path: str) -> Node | None:
        if path not in self._roots:
            documents = read_yaml(path, self._sources[path], KUBERNETES).documents if path in self._sources else []
            self._roots[path] = documents[0].root if documents else None
        return self._roots[path]


def _inside(node: Node, spot: Spot) -> Node | None:
    """The value below `node` that the rendered one is, by the longest end of its path that leads somewhere."""
    for start in range(len(spot.path) + 1):
        rest: Path = spot.path[start:]
        found = follow(node, rest)
        if found is not None and (rest or found.is_mapping):
            if not spot.node.is_scalar or found.text == spot.node.text:
                return found
    return None


def _in_line(path: str, number: int, line: TemplateLine, at: Location) -> Location:
    """The same place in the line of the template that the rendered line came from."""
    length = len(line.text.rstrip())
    literal = length if line.plain else len(line.literals[0])
    start = min(at.column, literal + 1)
    end = at.end_column if at.end_column <= literal + 1 else length + 1
    return Location(path, number, start, number, max(end, start))


def _whole(path: str, number: int, line: TemplateLine) -> Location:
    begin = len(line.text) - len(line.text.lstrip())
    return Location(path, number, begin + 1, number, max(len(line.text.rstrip()), begin) + 1)
