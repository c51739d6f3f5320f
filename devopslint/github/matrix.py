"""The matrix of a job: its rows, and what stands at a path of it."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import cached_property, dataclass
from devopslint.github.expressions import expressions, path_of
from devopslint.github.files import WorkflowFile
from devopslint.github.workflow import Job
from devopslint.readers.yaml import Node, Scalar

_DEEPEST = 20
"""Levels to which values are compared; an alias may lead back."""


@dataclass(frozen=True)
class Matrix:
    job: Job

    @property
    def label(self) -> str:
        return f"{self.job.label} matrix"

    @property
    def node(self) -> Node:
        return self.job.matrix

    @property
    def rows(self) -> list[tuple[Scalar, Node]]:
        return [(key, row) for key, row in self.node.items() if key.text not in ("include", "exclude")]

    @property
    def includes(self) -> list[Node]:
        return list(self.node["include"])

    @property
    def excludes(self) -> list[Node]:
        return list(self.node["exclude"])

    @cached_property
    def values(self) -> dict[str, list[Node]]:
        """Name in lower case -> all its values, of its row and of `include`."""
        found: dict[str, list[Node]] = {}
        for key, row in self.rows:
            found.setdefault(key.text.lower(), []).extend(row if row.is_sequence else [row])
        for entry in self.includes:
            for key, value in entry.items():
                found.setdefault(key.text.lower(), []).append(value)
        return found

    @property
    def open(self) -> bool:
        """Whether an expression gives the matrix or an entry of `include`, so that it may have any name."""
        return any(dynamic(node) for node in (self.node, self.node["include"], *self.includes))

    def at(self, path: tuple[str, ...]) -> list[Node]:
        """The values at `matrix.os.label`, given as ("matrix", "os", "label")."""
        found = self.values.get(path[1], []) if len(path) > 1 else []
        for name in path[2:]:
            found = [value for node in found for key, value in node.items() if key.text.lower() == name]
        return found


def matrices(file: WorkflowFile) -> Iterator[Matrix]:
    return (Matrix(job) for job in file.workflow.jobs if job.matrix.present)


def dynamic(node: Node) -> bool:
    """Whether an expression gives the value, or a part of it."""
    return node.is_scalar and "${{" in node.text


def same(a: Node, b: Node) -> bool:
    """Whether two values of a matrix are equal; an expression gives the same value as itself."""
    return _same(a, b, set(), 0)


def _same(a: Node, b: Node, compared: set[tuple[int, int]], depth: int) -> bool:
    if (id(a), id(b)) in compared:
        return True  # aliases repeat it; had it been another, the search were over
    compared.add((id(a), id(b)))
    if depth > _DEEPEST:
        return False
    if a.is_mapping and b.is_mapping:
        ours, theirs = ({key.text: value for key, value in node.items()} for node in (a, b))
        return ours.keys() == theirs.keys() and all(
            _same(ours[name], theirs[name], compared, depth + 1) for name in ours
        )
    if a.is_sequence and b.is_sequence:
        return len(a) == len(b) and all(_same(x, y, compared, depth + 1) for x, y in zip(a, b, strict=True))
    return a.is_scalar and b.is_scalar and a.text == b.text


def selects(wanted: Node, value: Node) -> bool:
    """Whether an entry of `exclude` fits a value: of a mapping it may name some keys only."""
    return _selects(wanted, value, set(), 0)


def _selects(wanted: Node, value: Node, compared: set[tuple[int, int]], depth: int) -> bool:
    if (id(wanted), id(value)) in compared or dynamic(wanted) or dynamic(value) or depth > _DEEPEST:
        return True
    compared.add((id(wanted), id(value)))
    if wanted.is_mapping:
        ours = {key.text.lower(): inner for key, inner in value.items()}
        return value.is_mapping and all(
            key.text.lower() in ours and _selects(inner, ours[key.text.lower()], compared, depth + 1)
            for key, inner in wanted.items()
        )
    if wanted.is_sequence:
        return (
            value.is_sequence
            and len(wanted) == len(value)
            and all(_selects(x, y, compared, depth + 1) for x, y in zip(wanted, value, strict=True))
        )
    return value.is_scalar and wanted.text.lower() == value.text.lower()


def innermost(node: Node) -> Node:
    """The first scalar of a value: a place in one line."""
    for _ in range(_DEEPEST):
        inner = next((value for _, value in node.items()), None) or next(iter(node), None)
        if inner is None:
            break
        node = inner
    return node


def labels_of(job: Job) -> tuple[list[Node], bool]:
    """The labels of a job's runner, those that its matrix gives too, and whether these are all."""
    labels: list[Node] = []
    complete = True
    matrix = Matrix(job)
    for label in job.runs_on:
        if not dynamic(label):
            labels.append(label)
            continue
        given = _from_matrix(label, matrix)
        labels.extend(value for value in given if value.is_scalar and not dynamic(value))
        complete = complete and bool(given) and not matrix.open and not any(dynamic(value) for value in given)
    return labels, complete


def _from_matrix(label: Node, matrix: Matrix) -> list[Node]:
    """The values of a label that is nothing but `${{ matrix.… }}`."""
    spans = expressions(label.text)
    if len(spans) != 1 or (spans[0].start, spans[0].end) != (0, len(label.text)) or spans[0].tree is None:
        return []
    path, indexes = path_of(spans[0].tree)
    return matrix.at(path) if path[:1] == ("matrix",) and not indexes else []
