"""Several processes that share work: each takes the next piece that none has begun, this one too."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from devopslint.pickling import pack, unpack

Piece = TypeVar("Piece")
Result = TypeVar("Result")

_TICKET = 4
"""Bytes of a piece's number in the queue."""
_INTERRUPTED = 130
"""The exit status of a process that Ctrl-C ended; the terminal sends it to all of them."""
_RAISED = 1
"""That of a process in which the work has raised an error."""
_MOST = 2_000
"""Pieces at most: their numbers must fit into a pipe that nobody reads yet."""


def forked(
    work: Callable[[Piece], Result],
    pieces: Sequence[Piece],
    processes: int,
    advance: Callable[[int], None],
    lost: Callable[[Piece, str], Result],
    own: Sequence[Piece] = (),
) -> list[Result]:
    stride = -(-len(pieces) // _MOST)
    parent = os.getpid()
    waiting, entrance = os.pipe()
    os.write(entrance, b"".join(first.to_bytes(_TICKET) for first in range(0, len(pieces), stride)))
    os.close(entrance)

    def begun() -> Iterator[int]:
        """The numbers of pieces that are this process's now: a read takes them out of the pipe for all."""
        while (os.getpid() == parent or os.getppid() == parent) and (ticket := os.read(waiting, _TICKET)):
            first = int.from_bytes(ticket)
            yield from range(first, min(first + stride, len(pieces)))

    children: dict[int, int] = {}
    results: dict[int, Result] = {}
    done: list[Result] = []
    told = 0
    try:
        for _ in range(processes - 1):
            with _undisturbed():
                child, exit = _child(work, pieces, begun)
                children[child] = exit
        for piece in own:
            done.append(work(piece))
            advance(1)
        for number in begun():
            results[number] = work(pieces[number])
            advance(number + 1 - told)  # what stands before it was begun before it
            told = number + 1
        os.close(waiting)
        for child, exit in list(children.items()):
            with os.fdopen(exit, "rb") as file:
                sent = file.read()
            _, status = os.waitpid(child, 0)
            del children[child]
            if (code := os.waitstatus_to_exitcode(status)) == _INTERRUPTED:
                raise KeyboardInterrupt
            if not code:
                results.update(unpack(sent))
        for number in range(len(pieces)):
            if number not in results:
                results[number] = _again(work, pieces, number, lost)
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    advance(len(pieces) - told)
    return [*(results[number] for number in range(len(pieces))), *done]


def _again(
    work: Callable[[Piece], Result],
    pieces: Sequence[Piece],
    number: int,
    lost: Callable[[Piece, str], Result],
) -> Result:
    """The result of a piece whose process has died, from a process of its own."""
    with _undisturbed():
        child, exit = _child(work, pieces, lambda: iter((number,)))
        with os.fdopen(exit, "rb") as file:
            sent = file.read()
        _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == _INTERRUPTED:
        raise KeyboardInterrupt
    if code == _RAISED:
        return work(pieces[number])  # and so raise here, where somebody catches it
    if code:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
        return lost(pieces[number], f"the process that examined it {how}")
    result: Result = unpack(sent)[number]
    return result


def _child(
    work: Callable[[Piece], Result], pieces: Sequence[Piece], begun: Callable[[], Iterator[int]]
) -> tuple[int, int]:
    """The number of a new process, and where its results come out."""
    exit, entrance = os.pipe()
    child = os.fork()
    if child:
        os.close(entrance)
        return child, exit
    code = _RAISED
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        os.close(exit)
        results = pack({number: work(pieces[number]) for number in begun()})
        with os.fdopen(entrance, "wb") as file:
            file.write(results)
        code = 0
    except KeyboardInterrupt:
        code = _INTERRUPTED
    except BrokenPipeError:
        pass  # nobody is left to hear of it
    except Exception:  # it raises once more in the parent
        pass
    finally:
        os._exit(code)  # what the parent would do at its end is the parent's to do


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C waits until a new process is known to the one that made it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def spawned(
    work: Callable[[Piece], Result],
    pieces: Sequence[Piece],
    processes: int,
    advance: Callable[[int], None],
    own: Sequence[Piece] = (),
) -> list[Result]:
    import multiprocessing  # heavy, and only here
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    results: list[Result] = []
    done: list[Result] = []
    try:
        with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
            shared = pool.map(work, pieces, chunksize=-(-len(pieces) // (processes * 8)))
            for piece in own:
                done.append(work(piece))
                advance(1)
            for result in shared:
                results.append(result)
                advance(1)
    except BrokenProcessPool:  # one has died: what is left is done here
        for piece in pieces[len(results) :]:
            results.append(work(piece))
            advance(1)
        for piece in own[len(done) :]:
            done.append(work(piece))
            advance(1)
    return [*results, *done]
