"""How the time of a run grows with what an adversary repeats: see growth_inputs.py.

usage: growth.py [--seconds N] [--steps N] [NAME]...

Each input is made in four sizes, 1x to 8x, from the size on at which a run takes a tenth of a second. The exponent is the slope of
CPU time over size between the last three; that of what is found stands beside it, because a report cannot grow slower than its
findings. One above LIMIT, where findings do not grow so too, is marked; the exit code is their number.
"""

from __future__ import annotations

import argparse
import gc
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent)]

from growth_inputs import EVERY, GENERATORS, Files, Work, said  # noqa: E402  # the path comes first

from devopslint.engine import check_texts  # noqa: E402

LIMIT = 1.3
SHORTEST = 0.1
"""Seconds of a run that is worth measuring."""


class Growth(NamedTuple):
    size: int
    seconds: tuple[float, ...]
    exponent: float
    found: float
    """The exponent of what is found."""


def run(made: Files | Work) -> tuple[float, int]:
    """CPU seconds, and how much there is to say."""
    gc.collect()
    start = time.process_time()
    told = made() if callable(made) else said(check_texts(made, EVERY))
    return time.process_time() - start, told


def measure(make: Callable[[int], Files | Work], longest: float, steps: int) -> Growth:
    size = 10
    run(make(size))  # what is imported once
    while (one := run(make(size))[0]) < SHORTEST and size < 20_000:
        size *= 2 if one > SHORTEST / 4 else 4
    seconds: list[float] = []
    said: list[int] = []
    for step in range(steps):
        taken, found = run(make(size << step))
        seconds.append(taken)
        said.append(found)
        if taken > longest:
            break
    return Growth(size, tuple(seconds), _slope([*seconds]), _slope([max(one, 1) for one in said]))


def _slope(values: list[float] | list[int]) -> float:
    last = values[-3:]
    return math.log2(max(last[-1], 1e-3) / max(last[0], 1e-3)) / (len(last) - 1) if len(last) > 1 else 0.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--seconds", type=float, default=20, help="no larger size is tried after a run as long as this")
    parser.add_argument("--steps", type=int, default=4)
    options = parser.parse_args()
    steep = 0
    print(f"{'input':<32} {'1x':>6}  {'seconds, 1x to 8x':<30} {'time':>5} {'found':>5}")
    for name in options.names or GENERATORS:
        growth = measure(GENERATORS[name], options.seconds, options.steps)
        mark = "  <-" if growth.exponent > max(LIMIT, growth.found + LIMIT - 1) else ""
        steep += bool(mark)
        times = " ".join(f"{one:.2f}" for one in growth.seconds)
        print(
            f"{name:<32} {growth.size:>6}  {times:<30} {growth.exponent:>5.2f} {growth.found:>5.2f}{mark}", flush=True
        )
    sys.exit(steep)


if __name__ == "__main__":
    main()
