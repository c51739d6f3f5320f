"""What checks say of what is built: of many variants of one object, each is asked only what looks at what it changes.

What a check looks at is seen, and not declared: it is asked of a copy that notes it (`readers/watching.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from devopslint.deferred import NamedTuple
from devopslint.model import Build, FileView, Location, NotKnown, Problem
from devopslint.readers.watching import PATH, Look, Watched

if TYPE_CHECKING:
    from devopslint.registry import Asked, AskedBySelector, Selector

MANY = 6
"""Variants of one object from which on it is watched: to see what each check looks at takes as long as four of them."""


class Said(NamedTuple):
    """What a check says of an object."""

    selector: int
    check: int
    rule_id: str
    said: Problem | NotKnown
    subject: str
    own: Location | None
    """Where the subject stands."""


Failed = Callable[[str, Exception], None]
"""Told of what a rule raises."""
Numbered = list[tuple[int, "Selector[Any]", list[tuple[int, "Asked"]]]]
"""Selectors, each with its number, and the checks of what it gives, each with its number."""


def _ask(view: FileView, checks: Numbered, rules: set[str], failed: Failed) -> Iterator[Said]:
    """What the checks say, in their order; the rules that see something are added to `rules`."""
    for selector, each, asked in checks:
        try:
            subjects = list(each(view))
        except Exception as error:
            for _, one in asked:
                failed(one.rule_id, error)
            continue
        for number, (rule_id, check, question, _, _) in asked if subjects else ():
            try:
                if check.needs is not None and check.needs() is not None:
                    continue
                rules.add(rule_id)
                for subject in subjects:
                    for said in question(subject):
                        yield Said(selector, number, rule_id, said, _label(subject), _own(subject))
            except Exception as error:
                failed(rule_id, error)


def _label(subject: object) -> str:
    return str(getattr(subject, "label", ""))


def _own(subject: object) -> Location | None:
    own = getattr(subject, "location", None)
    return own if isinstance(own, Location) else None


class Variants:
    """Judges builds by some checks."""

    def __init__(self, checks: list[AskedBySelector], builds: Iterable[Build]) -> None:
        self._checks: Numbered = [(number, each, [*enumerate(asked)]) for number, (each, asked) in enumerate(checks)]
        self._counts = Counter(id(before) for build in builds for _, before in build.changed)
        self._originals: dict[int, _Original] = {}

    def judge(self, build: Build, rules: set[str], failed: Failed) -> Iterable[Said]:
        """What is said of a build's objects: by each check in its order, of each object in theirs."""
        if all(self._counts[id(before)] < MANY for _, before in build.changed):
            return _ask(build.view([node for node, _ in build.changed]), self._checks, rules, failed)
        found = [
            (said.selector, said.check, position, said)
            for position, (node, before) in enumerate(build.changed)
            for said in self._of_object(build, node, before, rules, failed)
        ]
        found.sort(key=itemgetter(0, 1, 2))  # stable: what one check says of one object stays in its order
        return [said for _, _, _, said in found]

    def _of_object(self, build: Build, node: Any, before: Any, rules: set[str], failed: Failed) -> Iterator[Said]:
        checks = self._checks
        if self._counts[id(before)] >= MANY:
            original = self._originals.get(id(before))
            if original is None:
                original = self._originals[id(before)] = _Original(before, build, checks)
            left = original.left_for(node)
            if left is not None:
                rules |= original.rules
                yield from left.said
                checks = left.checks
        if checks:
            yield from _ask(build.view([node]), checks, rules, failed)


class _Left(NamedTuple):
    """What there is to do for a variant of an object."""

    said: list[Said]
    """By those checks that look at nothing in which it differs."""
    checks: Numbered
    """The others."""


class _Original:
    """What the checks say of an object as it was before it was changed, and what each has looked at for it."""

    def __init__(self, node: Any, build: Build, checks: Numbered) -> None:
        self.rules: set[str] = set()
        self._checks = checks
        self._said: list[Said] = []
        self._watched = Watched(node)
        self._looking: dict[Look, set[tuple[int, int]]] = {}
        """What is looked at -> the checks that do, by the numbers of their selectors and their own."""
        self._broken = False
        self._left: dict[frozenset[Look], _Left] = {}
        for selector, each, asked in checks:
            for number, check in asked:
                self._watched.looks.clear()
                # A view and its subjects keep what they have looked up: each check gets its own.
                view = build.view([self._watched.root], self._watched.looks)
                self._said += _ask(view, [(selector, each, [(number, check)])], self.rules, self._fail)
                for look in self._watched.looks:
                    self._looking.setdefault(look, set()).add((selector, number))

    def _fail(self, rule_id: str, error: Exception) -> None:
        self._broken = True

    def left_for(self, node: Any) -> _Left | None:
        """None where all there is to ask may be answered otherwise."""
        differences = None if self._broken else self._watched.differences(node)
        if differences is None:
            return None
        found = self._left.get(differences)
        if found is None:  # most overlays change the same
            again = set().union(*(self._looking.get(look, ()) for look in (*differences, PATH)))
            found = self._left[differences] = _Left(
                [said for said in self._said if (said.selector, said.check) not in again],
                [
                    (selector, each, wanted)
                    for selector, each, asked in self._checks
                    if (wanted := [one for one in asked if (selector, one[0]) in again])
                ],
            )
        return found
