"""What the views of files other than YAML have in common: any text can be read, and as a rule nothing spans lines."""

from __future__ import annotations

from typing import Self

from devopslint.model import Fault, FileView, NotChecked


class TextFile(FileView):
    """What one kind of plain text shares with the others."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.faults: list[Fault] = []
        self.not_checked: list[NotChecked] = []

    @classmethod
    def read(cls, path: str, text: str) -> Self:
        return cls(path, text)

    def extent(self, line: int) -> tuple[int, int]:
        return line, line
