"""Work that is shared between processes: each takes the next piece that none has begun, this one too."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from devopslint.packing import pack, unpack

Piece = TypeVar("Piece")
Result = TypeVar("Result")

FORKS = sys.platform.startswith("linux")
"""Where a process has a twin within milliseconds; elsewhere, and beside threads, each begins anew and imports all again."""
_TICKET = 4
"""Bytes of a piece's number in the queue."""
_MOST = 2_000
"""Pieces at most: their numbers must fit into a pipe that nobody reads yet."""


def spread(
    work: Callable[[Piece], Result],
    pieces: Sequence[Piece],
    processes: int,
    advance: Callable[[int], None] = lambda done: None,
) -> list[Result]:
    """`work` of every piece, in the order of the pieces. `advance` hears how many more pieces are done, now and then.

    Raises RuntimeError where a process dies, and whatever `work` raises.
    """
    if processes > 1 and len(pieces) > 1:
        return (_forked if FORKS and threading.active_count() == 1 else _spawned)(work, pieces, processes, advance)
    results = []
    for piece in pieces:
        results.append(work(piece))
        advance(1)
    return results


def _forked(
    work: Callable[[Piece], Result], pieces: Sequence[Piece], processes: int, advance: Callable[[int], None]
) -> list[Result]:
    stride = -(-len(pieces) // _MOST)
    waiting, entrance = os.pipe()
    os.write(entrance, b"".join(first.to_bytes(_TICKET) for first in range(0, len(pieces), stride)))
    os.close(entrance)

    def begun() -> Iterator[int]:
        """The numbers of pieces that are this process's now: a read takes them out of the pipe for all."""
        while ticket := os.read(waiting, _TICKET):
            first = int.from_bytes(ticket)
            yield from range(first, min(first + stride, len(pieces)))

    children = [_child(work, pieces, begun) for _ in range(processes - 1)]
    results: dict[int, Result] = {}
    told = 0
    for number in begun():
        results[number] = work(pieces[number])
        advance(number + 1 - told)  # what stands before it was begun before it
        told = number + 1
    os.close(waiting)
    for child, exit in children:
        with os.fdopen(exit, "rb") as file:
            sent = file.read()
        _, status = os.waitpid(child, 0)
        if status:
            raise RuntimeError(f"a process that did a share of the work ended with {os.waitstatus_to_exitcode(status)}")
        results.update(unpack(sent))
    advance(len(pieces) - told)
    return [results[number] for number in range(len(pieces))]


def _child(
    work: Callable[[Piece], Result], pieces: Sequence[Piece], begun: Callable[[], Iterator[int]]
) -> tuple[int, int]:
    """The number of a new process, and where its results come out."""
    exit, entrance = os.pipe()
    child = os.fork()
    if child:
        os.close(entrance)
        return child, exit
    code = 1
    try:
        os.close(exit)
        results = pack({number: work(pieces[number]) for number in begun()})
        with os.fdopen(entrance, "wb") as file:
            file.write(results)
        code = 0
    except Exception:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)  # what the parent would do at its end is the parent's to do


def _spawned(
    work: Callable[[Piece], Result], pieces: Sequence[Piece], processes: int, advance: Callable[[int], None]
) -> list[Result]:
    import multiprocessing  # heavy, and only here
    from concurrent.futures import ProcessPoolExecutor

    results = []
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        for result in pool.map(work, pieces, chunksize=-(-len(pieces) // (processes * 8))):
            results.append(result)
            advance(1)
    return results
