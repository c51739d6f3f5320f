"""Batches over the workers of a Dask scheduler; Dask is the extra `dask`, and is imported here and nowhere else."""

from __future__ import annotations

import functools
import logging
from collections import deque
from collections.abc import Callable, Generator, Iterable
from typing import Any

from devopslint.fleet.processes import Batch, Piece, Result, ended

INSTALL = "pip install 'devopslint[dask]'"
PATIENCE = 30
"""Seconds that a scheduler may take to answer."""
COMING = 120
"""Seconds that are waited for a worker where there is none: one that starts anew imports all of Dask."""
_AHEAD = 2
"""Batches for each thread of a worker that are handed over."""


class ClusterError(RuntimeError):
    """There is no cluster to work on, or none any more; the message says what to do."""


def over_cluster(
    work: Callable[[Batch[Piece]], list[Result]],
    batches: Iterable[Batch[Piece]],
    address: str,
    *,
    lost: Callable[[Piece, str], Result],
) -> Generator[Result, None, None]:
    """The results of all batches, in the order in which they are done. Raises ClusterError.

    The scheduler gives what a worker was at when it died to another one, as often as its `allowed-failures` says; of a batch
    that has ended so many, each piece is tried by itself, and `lost` gives the result of one that ends them even so.
    """
    try:
        import distributed
    except ImportError as error:
        raise ClusterError(f"a scheduler needs Dask, and {error.name or error} is not installed: {INSTALL}") from None
    for name in [one for one in logging.root.manager.loggerDict if one.partition(".")[0] in ("distributed", "tornado")]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is said here; each has a level of its own
    try:
        client = distributed.Client(address, timeout=PATIENCE)
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(f"no Dask scheduler answers at {address}: {error}") from None
    try:
        yield from _done(distributed, client, work, deque(batches), lost)
    except (distributed.comm.CommClosedError, TimeoutError) as error:
        raise ClusterError(f"the scheduler at {address} is gone: {error}; --resume goes on from here") from None
    finally:
        client.close(timeout=1)


def _done(
    distributed: Any,
    client: Any,
    work: Callable[[Batch[Piece]], list[Result]],
    waiting: deque[Batch[Piece]],
    lost: Callable[[Piece, str], Result],
) -> Generator[Result, None, None]:
    running: dict[Any, Batch[Piece]] = {}
    # What waits at a worker beside what ends it is blamed as well: only what was alone is to blame.
    suspects: deque[Batch[Piece]] = deque()
    alone = False
    while waiting or running or suspects:
        ahead = _AHEAD * _threads(client)
        if not waiting and not running:
            alone = True
            waiting.append(suspects.popleft())
        while waiting and len(running) < ahead:
            batch = waiting.popleft()
            # In a function, and not as its argument: Dask would look for tasks in what is a tuple.
            running[client.submit(functools.partial(work, batch), pure=False)] = batch
        try:
            done = distributed.wait([*running], timeout=PATIENCE, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            continue  # what is left is large; where nobody is left, _threads() says so
        for future in done:
            batch = running.pop(future)
            if future.status == "finished":
                yield from future.result()
            elif future.status == "lost":  # its worker has died with the result
                waiting.append(batch)
            elif future.status != "error":
                raise ClusterError(f"the scheduler has dropped its work ({future.status}); --resume goes on from here")
            elif isinstance(error := future.exception(), distributed.KilledWorker):
                if len(batch) > 1 or not alone:
                    suspects.extend([piece] for piece in batch)
                    continue
                yield lost(batch[0], ended("worker", error.allowed_failures + 1))
            else:
                for piece in batch:
                    yield lost(piece, f"no worker can examine it: {error!r}")


def _threads(client: Any) -> int:
    """How many batches the workers take at once; some are waited for where there are none."""
    threads: int = sum(client.nthreads().values())
    if not threads:
        try:
            client.wait_for_workers(1, timeout=COMING)
        except TimeoutError:
            where = client.scheduler.address
            raise ClusterError(
                f"the scheduler at {where} has no worker: start one with `dask worker {where}`"
            ) from None
        threads = sum(client.nthreads().values())
    return max(threads, 1)
