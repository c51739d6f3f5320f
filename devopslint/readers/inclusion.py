"""Which files others take in, by the names that stand in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable


def taken_in(
    first: Iterable[str],
    files: Collection[str],
    read: Callable[[str], str],
    named: Callable[[str, str], Iterable[str]],
) -> set[str]:
    """Those of `files` that the first ones name, and the ones that these name, and so on; not the first themselves.

    `read` gives the text of one, or raises OSError or ValueError: what cannot be read names nothing. `named` gives the
    paths, of any kind, that the text of a path names.
    """
    pending = list(first)
    begun = frozenset(pending)
    seen = set(begun)
    while pending:
        path = pending.pop()
        try:
            text = read(path)
        except (OSError, ValueError):
            continue
        for other in named(path, text):
            if other in files and other not in seen:
                seen.add(other)
                pending.append(other)
    return seen - begun
