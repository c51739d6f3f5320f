"""Batches over processes of this machine; one that dies takes nothing with it but what it was at."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")
Batch = Sequence[Piece]

_AHEAD = 2
"""Batches for each process that are handed over: it never waits, and what is under way stays small."""


def over_processes(
    work: Callable[[Batch[Piece]], list[Result]],
    batches: Iterable[Batch[Piece]],
    processes: int,
    *,
    retries: int,
    lost: Callable[[Piece, str], Result],
) -> Generator[Result, None, None]:
    """The results of all batches, in the order in which they are done.

    What a process has not delivered when it dies is done again, one piece after the other; `lost` gives the result of one
    that ends its process even so, once and `retries` times more. No process outlives the iterator, however it ends.
    """
    waiting = deque(batches)
    while waiting:
        suspects: list[Batch[Piece]] = []
        with _pool(processes) as pool:
            yield from _until_one_dies(pool, work, waiting, processes, suspects)
        alone = deque((piece, 0) for batch in suspects for piece in batch)
        while alone:
            with _pool(1) as pool:
                yield from _one_by_one(pool, work, alone, retries, lost)


def _until_one_dies(
    pool: ProcessPoolExecutor,
    work: Callable[[Batch[Piece]], list[Result]],
    waiting: deque[Batch[Piece]],
    processes: int,
    suspects: list[Batch[Piece]],
) -> Iterator[Result]:
    """The results as long as no process dies; then `suspects` are the batches of which one has ended it."""
    running: dict[Future[list[Result]], Batch[Piece]] = {}
    broken = False
    while running or (waiting and not broken):
        while waiting and not broken and len(running) < _AHEAD * processes:
            try:
                with _undisturbed():
                    running[pool.submit(work, waiting[0])] = waiting[0]
            except BrokenProcessPool:
                broken = True
            else:
                waiting.popleft()
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            batch = running.pop(future)
            try:
                results = future.result()
            except BrokenProcessPool:
                broken = True
                suspects.append(batch)
            else:
                yield from results


def _one_by_one(
    pool: ProcessPoolExecutor,
    work: Callable[[Batch[Piece]], list[Result]],
    alone: deque[tuple[Piece, int]],
    retries: int,
    lost: Callable[[Piece, str], Result],
) -> Iterator[Result]:
    """The results of pieces of which each has ended so many processes, until another one ends its own."""
    while alone:
        piece, times = alone[0]
        try:
            with _undisturbed():
                future = pool.submit(work, (piece,))
            results = future.result()
        except BrokenProcessPool:
            times += 1
            alone[0] = (piece, times)
            if times <= retries:
                return
            results = [lost(piece, ended("process", times))]
            alone.popleft()
            yield from results
            return
        alone.popleft()
        yield from results


def ended(what: str, times: int) -> str:
    """How a piece was lost."""
    return f"the {what} that examined it ended, {'once' if times == 1 else f'{times} times'}"


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """New processes, which end with this block or with this process, whatever they are at."""
    context = multiprocessing.get_context("spawn")
    held, lifeline = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(held,))
    try:
        yield pool
    except BaseException:
        lifeline.close()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        held.close()
        lifeline.close()


def _begin(lifeline: Connection) -> None:
    """What a process does first: Ctrl-C is its parent's affair, whose end is its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    try:
        lifeline.recv_bytes()
    except (EOFError, OSError):
        os._exit(130)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C waits until a new process has learned to leave it to this one: it begins with the signal held back."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
