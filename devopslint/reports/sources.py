"""The lines of code that a report may show: those of the files, without the secrets that rules suspect in them."""

from __future__ import annotations

import functools
from collections.abc import Callable

from devopslint.model import LINE_BREAK, Location
from devopslint.reports import Report
from devopslint.secrets.hiding import hide_by_looks, hide_in_lines


def lines_of(text: str) -> list[str]:
    """The lines as editors number them, without their line breaks."""
    return LINE_BREAK.split(text)


def shown_lines(report: Report) -> Callable[[str], list[str]]:
    """Path -> its lines; a suspected secret is starred wherever its line is shown, not only in its own finding."""
    secrets: dict[str, list[Location]] = {}
    for location in report.secrets:
        secrets.setdefault(location.path, []).append(location)

    @functools.cache
    def lines_at(path: str) -> list[str]:
        lines = lines_of(report.source(path))
        shown = [hide_by_looks(line) for line in lines]
        for location in secrets.get(path, ()):
            hide_in_lines(lines, location, shown)
        return shown

    return lines_at
