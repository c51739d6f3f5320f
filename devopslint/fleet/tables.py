"""The scorecard as CSV, for spreadsheets and for the next scorecard."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from devopslint.catalogue import catalogue, items
from devopslint.checklist import Status
from devopslint.fleet.scorecard import LETTERS, Scorecard
from devopslint.reports.frames import printable

WORDS = {letter: status.value for status, letter in LETTERS.items()}
FIRST = ("repository", "path", "examined", "failure", "files", "errors", "warnings", "notes")
_FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula, and would run."""


def by_repository(scorecard: Scorecard) -> str:
    """A row for each checkout, with how it answers each item."""
    ids = tuple(items())
    rows: list[Sequence[object]] = [(*FIRST, *(status.value for status in Status), *ids)]
    for line in scorecard.lines:
        checkout = line.checkout
        examined = "yes" if line.examined else "no"
        said: tuple[object, ...] = (checkout.name, checkout.path, examined, line.failure)
        if line.examined:
            said += (line.files, *line.counts, *line.statuses.values(), *(WORDS[letter] for letter in line.items))
        rows.append((*said, *("" for _ in range(len(rows[0]) - len(said)))))
    return _csv(rows)


def by_rule(scorecard: Scorecard) -> str:
    """A row for each rule that found something, the worst first."""
    rows: list[Sequence[object]] = [("rule", "title", "repositories", "errors", "warnings", "notes")]
    for one in scorecard.rules:
        entry = catalogue().get(one.rule)
        title = "" if entry is None else entry.rule.title  # a repository's own rule is in force there only
        rows.append((one.rule, title, one.repositories, one.errors, one.warnings, one.notes))
    return _csv(rows)


def by_sharing(scorecard: Scorecard) -> str:
    """A row for each file that stands in several repositories, and for each reusable workflow that one calls."""
    first = ("what", "path", "content", "repositories", "errors", "warnings", "notes", "rules", "first repositories")
    rows: list[Sequence[object]] = [first]
    for template in scorecard.templates:
        said = ("file", template.path, template.digest, template.repositories, *template.counts)
        rows.append((*said, " ".join(template.rules), ", ".join(template.names)))
    for one in scorecard.workflows:
        counts = one.counts or ("", "", "")  # none of the checkouts has it
        said_of = ("reusable workflow", one.path, "", one.repositories, *counts)
        rows.append((*said_of, " ".join(one.rules), ", ".join(one.names)))
    return _csv(rows)


def _csv(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def cell(value: object) -> object:
    """A value as a table has it: no program takes it for a formula."""
    if not isinstance(value, str):
        return value
    value = printable(value)
    return f"'{value}" if value.startswith(_FORMULA) else value
