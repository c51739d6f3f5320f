"""What the comments of ansible-lint accept, each with the lines of its task.

https://docs.ansible.com/projects/lint/usage/#muting-warnings-to-avoid-false-positives
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from devopslint.deferred import compiled
from devopslint.model import Location, Suppression

_NOQA = compiled(r"#[ \t]*noqa:?[ \t]+([a-z][\w\[\], \t-]*)")
_ITEM = compiled(r"([ \t]*)-[ \t]+[\w.]+[ \t]*:")
"""Where a task begins; an item of a list in it has no key."""
_SUBRULE = compiled(r"\[[^\]]*\]")

Rules = Callable[[str, Iterable[str]], tuple[str, ...]]


def read_ansible_comments(path: str, text: str, rules: Rules) -> Iterator[Suppression]:
    """`rules` gives our rules for a peer's names."""
    if "noqa" not in text:
        return
    lines = text.split("\n")
    begins: list[tuple[int, int]] = []
    """The tasks around a line, outermost first: indentation and line."""
    open_ones: list[tuple[int, tuple[str, ...], Location]] = []
    """Comments with the indentation of the task whose end is looked for."""
    for number, line in enumerate([*lines, "-"], 1):
        bare = line.strip()
        indent = len(line) - len(line.lstrip())
        if bare and not bare.startswith("#"):
            while begins and indent <= begins[-1][0]:
                depth, first = begins.pop()
                for _, some, at in [one for one in open_ones if one[0] == depth]:
                    yield Suppression(some, at, None, None, first, number - 1, origin="ansible-lint")
                open_ones = [one for one in open_ones if one[0] != depth]
            if found := _ITEM.match(line):
                begins.append((len(found[1]), number))
        found = _NOQA.search(line)
        if found is not None:
            some = rules("ansible-lint", _SUBRULE.sub("", found[1]).replace(",", " ").split())
            at = Location(path, number, found.start() + 1, number, len(line.rstrip()) + 1)
            if some and begins:
                open_ones.append((begins[-1][0], some, at))
            elif some:
                yield Suppression(some, at, None, None, number, number, origin="ansible-lint")
