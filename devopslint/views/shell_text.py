"""A summary: a script that a shell reads, for programs that know more about scripts than the rules do."""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter
from typing import NamedTuple

from devopslint.model import Location

RULES = frozenset({"docker-shellcheck", "gha-shellcheck"})
"""The rules that such a program judges: a view gives its scripts only where one of them runs."""


class ShellText(NamedTuple):
    rule: str
    """The id of the rule that judges it."""
    path: str
    subject: str
    """The label of what it belongs to."""
    shell: str
    """The program that reads it: `sh`, `bash`, …"""
    text: str
    parts: tuple[tuple[int, int, int], ...]
    """(offset in the text, line, column) of each part that stands in one piece in the file."""
    variables: frozenset[str] = frozenset()
    """Names that are set before it begins."""
    accepted: frozenset[str] = frozenset()
    """Findings of the program that comments beside the script accept."""
    stops: bool = False
    """Whether its shell stops at the first command that fails."""

    def span(self, start: int, end: int) -> Location:
        """The region of part of the text, cut at the end of its first part."""
        start = min(max(start, 0), len(self.text))
        index = max(bisect_right(self.parts, start, key=itemgetter(0)) - 1, 0)
        first, line, column = self.parts[index]
        until = self.parts[index + 1][0] if index + 1 < len(self.parts) else len(self.text)
        width = len(self.text[start : max(min(end, until), start)].partition("\n")[0].rstrip())
        return Location(self.path, line, column + start - first, line, column + start - first + width)
