"""What checks say of what is built: of many variants of one object, each is asked only what looks at what it changes.

What a check looks at is seen, and not declared: it is asked of a copy that notes it (`readers/watching.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from devopslint.deferred import NamedTuple
from devopslint.model import Altered, Build, FileView, Location, NotKnown, Problem
from devopslint.readers.watching import PATH, Look, Watched

if TYPE_CHECKING:
    from devopslint.registry import Asked, AskedBySelector, Selector

MANY = 6
"""Variants of one object from which on it is watched: to see what each check looks at takes as long as four of them."""


MOST_WATCHED = 8
"""Variants of one form that are watched to find those that nothing is said of: many have what no other has."""


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
        self._counts = Counter(id(one.before) for build in builds for one in build.changed)
        self._originals: dict[int, _Original] = {}
        self._of_form: dict[Hashable, _Left | None] = {}
        self._silent: dict[Hashable, _Silent] = {}
        self._known: dict[tuple[int, ...], Known] = {}

    def judge(self, build: Build, rules: set[str], failed: Failed) -> Iterable[Said]:
        """What is said of a build's objects: by each check in its order, of each object in theirs."""
        if all(self._counts[id(one.before)] < MANY for one in build.changed):
            return _ask(build.view([one.made() for one in build.changed]), self._checks, rules, failed)
        left = [self._left_for(build, one) if self._counts[id(one.before)] >= MANY else None for one in build.changed]
        known = self._known_of(left, rules)
        found = [
            (said.selector, said.check, position, said)
            for position, one in enumerate(build.changed)
            for said in self._asked_anew(build, one, left[position], rules, failed)
        ]
        if not found:
            return known
        found += known.placed
        found.sort(key=itemgetter(0, 1, 2))  # stable: what one check says of one object stays in its order
        return [said for _, _, _, said in found]

    def _known_of(self, left: list[_Left | None], rules: set[str]) -> Known:
        """What is said without another look of the objects of a build: once for all builds that differ alike."""
        key = tuple(map(id, left))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Known(left)
            for one in left:
                rules |= one.rules if one is not None else set()
        return known

    def _asked_anew(
        self, build: Build, one: Altered, left: _Left | None, rules: set[str], failed: Failed
    ) -> Iterable[Said]:
        if left is None:
            return _ask(build.view([one.made()]), self._checks, rules, failed)
        if not left.checks:
            return ()
        if one.form is None:
            return _ask(build.view([one.made()]), left.checks, rules, failed)
        silent = self._silent.get(one.form)
        if silent is None:
            silent = self._silent[one.form] = _Silent(left.checks)
        return silent.ask(build, one, rules, failed)

    def _left_for(self, build: Build, one: Altered) -> _Left | None:
        if one.form is not None and one.form in self._of_form:
            return self._of_form[one.form]
        before = one.before
        original = self._originals.get(id(before))
        if original is None:
            original = self._originals[id(before)] = _Original(before, build, self._checks)
        left = original.left_for(one.made())
        if one.form is not None:
            self._of_form[one.form] = left
        return left


class Known(list[Said]):
    """What is said of the objects of builds by checks that look at nothing in which they differ from their files."""

    def __init__(self, left: list[_Left | None]) -> None:
        self.left = left  # by whose ids it is found
        self.placed = [
            (said.selector, said.check, position, said)
            for position, one in enumerate(left)
            for said in (one.said if one is not None else ())
        ]
        self.placed.sort(key=itemgetter(0, 1, 2))
        super().__init__(said for _, _, _, said in self.placed)


class _Silent:
    """Of the variants of one form: the values of which the checks that look at them have nothing to say."""

    def __init__(self, checks: Numbered) -> None:
        self._checks = checks
        self._elsewhere: dict[tuple[str, ...], Numbered] = {}
        """Values of which nothing is said -> the checks that look at what is another in each variant, too."""
        self._watched = 0

    def ask(self, build: Build, one: Altered, rules: set[str], failed: Failed) -> Iterable[Said]:
        elsewhere = self._elsewhere.get(one.values)
        if elsewhere is not None:
            return self._ask_elsewhere(build, one, elsewhere, rules, failed) if elsewhere else ()
        if self._watched < MOST_WATCHED:
            self._watched += 1
            self._watch(build, one)
        return _ask(build.view([one.made()]), self._checks, rules, failed)

    def _watch(self, build: Build, one: Altered) -> None:
        watched = Watched(one.made())
        elsewhere: Numbered = []
        fails = _Fails()
        for selector, each, asked in self._checks:
            for number, check in asked:
                watched.looks.clear()
                only: Numbered = [(selector, each, [(number, check)])]
                said = [*_ask(build.view([watched.root], watched.looks), only, set(), fails)]
                if PATH in watched.looks or any(watched.has_seen(*path) for path in one.elsewhere):
                    elsewhere += only
                elif said or fails.any:
                    return
        self._elsewhere[one.values] = elsewhere

    def _ask_elsewhere(
        self, build: Build, one: Altered, checks: Numbered, rules: set[str], failed: Failed
    ) -> Iterable[Said]:
        if one.outline is not None:
            fails = _Fails()
            said = [*_ask(build.view([one.outline()]), checks, rules, fails)]
            if not fails.any:
                return said
        return _ask(build.view([one.made()]), checks, rules, failed)


class _Fails:
    """Told of what rules raise: whether any does."""

    any = False

    def __call__(self, rule_id: str, error: Exception) -> None:
        self.any = True


class _Left(NamedTuple):
    """What there is to do for a variant of an object."""

    rules: set[str]
    """Those that have seen something in the object as it was."""

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
            if self._has_none(each, build):  # as most: all of its checks have looked at the same
                self._note((selector, number) for number, _ in asked)
                continue
            for number, check in asked:
                self._watched.looks.clear()
                # A view and its subjects keep what they have looked up: each check gets its own.
                view = build.view([self._watched.root], self._watched.looks)
                self._said += _ask(view, [(selector, each, [(number, check)])], self.rules, self._fail)
                self._note([(selector, number)])

    def _has_none(self, each: Selector[Any], build: Build) -> bool:
        """Whether a selector has no subjects in the object, and what it looks at to tell."""
        self._watched.looks.clear()
        try:
            return not list(each(build.view([self._watched.root], self._watched.looks)))
        except Exception:
            return False  # it raises again where that is told

    def _note(self, checks: Iterable[tuple[int, int]]) -> None:
        """Checks, by the numbers of their selectors and their own, have looked at what was looked at."""
        checks = set(checks)
        for look in self._watched.looks:
            self._looking.setdefault(look, set()).update(checks)

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
                self.rules,
                [said for said in self._said if (said.selector, said.check) not in again],
                [
                    (selector, each, wanted)
                    for selector, each, asked in self._checks
                    if (wanted := [one for one in asked if (selector, one[0]) in again])
                ],
            )
        return found
