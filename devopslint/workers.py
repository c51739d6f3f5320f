"""Work that is shared between processes, where there is enough of it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")

FORKS = sys.platform.startswith("linux")
"""Where a process has a twin within milliseconds; elsewhere, and beside threads, each begins anew and imports all again."""


def _raise_lost(piece: Any, how: str) -> Any:
    raise RuntimeError(f"{how} while it worked on {piece}, twice")


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if FORKS else os.cpu_count() or 1


def can_fork() -> bool:
    """Whether a process may have a twin: not beside threads, which the twin would not have."""
    return FORKS and threading.active_count() == 1


def spread(
    work: Callable[[Piece], Result],
    pieces: Sequence[Piece],
    processes: int,
    advance: Callable[[int], None] = lambda done: None,
    *,
    lost: Callable[[Piece, str], Result] = _raise_lost,
    own: Sequence[Piece] = (),
) -> list[Result]:
    """`work` of every piece, in the order of the pieces. `advance` hears how many more pieces are done, now and then.

    This process does its `own` pieces first, whose results stand behind those of the others, which all may take.
    What a process has not delivered when it dies is done again, each piece in a process of its own; `lost` gives the
    result of a piece that ends that one too, and is told how. Raises whatever `work` raises. No process outlives the call.
    """
    if processes > 1 and len(pieces) > 1:
        from devopslint.processes import forked, spawned  # most runs are too short for more than one

        if can_fork():
            return forked(work, pieces, processes, advance, lost, own)
        return spawned(work, pieces, processes, advance, own)
    results = []
    for piece in (*pieces, *own):
        results.append(work(piece))
        advance(1)
    return results
