"""Files inside of files: the YAML or JSON in a value of a ConfigMap, with places in the file around it."""

from __future__ import annotations

from devopslint.model import Location
from devopslint.readers.yaml import Node, Scalar, Source, Stream, read_yaml
from devopslint.readers.yaml_dialects import CORE, Dialect

LARGEST = 2_000_000
"""Characters of a text within a text that is read; the largest real dashboard seen has 900,000."""


class EmbeddedSource(Source):
    """A text that is the value of a scalar."""

    __slots__ = ("_around",)

    def __init__(self, around: Node, dialect: Dialect) -> None:
        super().__init__(around.source.path, around.text, dialect)
        self._around = around

    def place(self, index: int) -> tuple[int, int]:
        at = self._around.span(index, index + 1)
        return at.line, at.column

    def goes_on(self, start: int, end: int) -> bool:
        return self.place(start)[0] != self.place(end)[0]

    def location(self, start: int, end: int, *, missing: bool = False) -> Location:
        at = self._around.span(start, max(end, start + 1))
        return at._replace(missing=missing)


def read_within(scalar: Node, dialect: Dialect = CORE) -> Stream | None:
    """The documents in a scalar's text; None where it is none, or too large to be one."""
    if not isinstance(scalar, Scalar) or not scalar.text or len(scalar.text) > LARGEST:
        return None
    return read_yaml(scalar.source.path, scalar.text, dialect, EmbeddedSource(scalar, dialect))
