"""What one change in one place would mend in many repositories: files that stand in several, and workflows that several call."""

from __future__ import annotations

from collections.abc import Iterable

from devopslint.deferred import NamedTuple
from devopslint.fleet.records import Counts, Record

MOST_NAMES = 5
"""Repositories that are named; the others are counted."""


class Template(NamedTuple):
    """One text that stands in several repositories, with what is found in it in all of them."""

    path: str
    """Where it stands in the first of them."""
    digest: str
    repositories: int
    names: tuple[str, ...]
    """The first of them."""
    counts: Counts
    rules: tuple[str, ...]


class CalledWorkflow(NamedTuple):
    """A reusable workflow that repositories call."""

    path: str
    """`owner/name/.github/workflows/build.yml`."""
    repositories: int
    names: tuple[str, ...]
    counts: Counts | None
    """What is found in it; None where no checkout has the name of its repository."""
    rules: tuple[str, ...] = ()


class Gathering:
    """What is told of each repository, one after the other."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[str, list[str], list[int], set[str]]] = {}
        self._called: dict[str, list[str]] = {}
        self._workflows: dict[str, tuple[Counts, tuple[str, ...]]] = {}

    def add(self, name: str, record: Record) -> None:
        for digest, path, rules in record.found_in:
            counts = total(rules.values())
            _, names, sums, known = self._files.setdefault(digest, (path, [], [0, 0, 0], set()))
            if name not in names[-1:]:
                names.append(name)
            for at, count in enumerate(counts):
                sums[at] += count
            known.update(rules)
            if path.startswith(".github/workflows/"):
                self._workflows[f"{name}/{path}"] = (counts, tuple(sorted(rules)))
        for called in record.calls:
            self._called.setdefault(called, []).append(name)

    def templates(self) -> tuple[Template, ...]:
        """Those that stand in more than one repository, the ones with the most to mend first."""
        made = [
            Template(path, digest, len(names), tuple(names[:MOST_NAMES]), _counts(sums), tuple(sorted(rules)))
            for digest, (path, names, sums, rules) in self._files.items()
            if len(names) > 1
        ]
        return tuple(sorted(made, key=lambda one: ([-count for count in one.counts], one.path, one.digest)))

    def workflows(self, examined: Iterable[str]) -> tuple[CalledWorkflow, ...]:
        """All that are called, the ones that most repositories call first; `examined` names the checkouts."""
        here = set(examined)
        made = []
        for path, names in self._called.items():
            counts, rules = self._workflows.get(path, ((0, 0, 0), ()))
            is_here = "/".join(path.split("/")[:2]) in here
            made.append(CalledWorkflow(path, len(names), tuple(names[:MOST_NAMES]), counts if is_here else None, rules))
        return tuple(sorted(made, key=lambda one: (-one.repositories, one.path)))


def total(counts: Iterable[Counts]) -> Counts:
    """The sum of each severity."""
    errors = warnings = notes = 0
    for one in counts:
        errors, warnings, notes = errors + one[0], warnings + one[1], notes + one[2]
    return errors, warnings, notes


def _counts(sums: list[int]) -> Counts:
    errors, warnings, notes = sums
    return errors, warnings, notes
