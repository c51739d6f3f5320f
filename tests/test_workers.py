"""Work that is shared between processes."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from devopslint.workers import FORKS, spread

ALONE = "import math, os, time\nfrom devopslint.workers import spread\n"


def alone(code: str) -> subprocess.CompletedProcess[str]:
    """The code in a program of its own: beside the threads of a test run none is forked."""
    return subprocess.run([sys.executable, "-c", ALONE + code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("processes", [1, 3])
def test_results_are_in_the_order_of_the_pieces(processes: int) -> None:
    told: list[int] = []

    assert spread(math.sqrt, [4.0, 9.0, 16.0, 25.0], processes, told.append) == [2, 3, 4, 5]
    assert sum(told) == 4


def test_forked_processes_share_more_pieces_than_a_pipe_holds() -> None:
    result = alone(
        "told = []\n"
        "print(spread(math.sqrt, [float(n * n) for n in range(50_000)], 3, told.append) == list(range(50_000)), sum(told))"
    )

    assert result.stdout == "True 50000\n"


@pytest.mark.skipif(not FORKS, reason="no process is forked here")
def test_a_process_takes_the_next_piece_while_another_is_busy() -> None:
    result = alone(
        "heard, told = os.pipe()\n"
        "def work(n):\n"
        "    if n:\n"
        "        os.write(told, b'.')\n"
        "    else:\n"
        "        [os.read(heard, 1) for _ in range(8)]\n"  # it ends when all others are done
        "    return os.getpid() if n else 0\n"
        "print(len(set(spread(work, range(9), 2)) - {0}))"
    )

    assert result.stdout == "1\n"


@pytest.mark.skipif(not FORKS, reason="no process is forked here")
def test_a_process_that_dies_is_an_error() -> None:
    result = alone(
        "parent = os.getpid()\n"
        "heard, told = os.pipe()\n"
        "def work(n):\n"
        "    if os.getpid() != parent:\n"
        "        os.write(told, b'....')\n"
        "        os._exit(7)\n"
        "    os.read(heard, 1)\n"  # until the other process has begun a piece
        "spread(work, range(4), 2)"
    )

    assert "RuntimeError: a process that did a share of the work ended with 7" in result.stderr


def children_of(pid: int) -> list[int]:
    """Those that are there and have not ended."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return []
    return [int(child) for child in found]


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(true: Callable[[], bool]) -> bool:
    """Whether it came true in time: a machine may be busy, but not for minutes."""
    for _ in range(6_000):
        if true():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.skipif(not FORKS, reason="no process is forked here")
@pytest.mark.parametrize("others", [1, 2])
def test_ctrl_c_ends_all_processes_and_says_one_line(others: int, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(600):
        (folder / f"{number}.yaml").write_text("apiVersion: v1\nkind: ConfigMap\ndata:\n" + "  a: {}\n" * 900)
    command = [sys.executable, "-m", "devopslint", "--no-cache", "--no-config", "-j", "3", str(folder)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    assert wait_until(lambda: len(children_of(running.pid)) >= others)

    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=120)

    assert said.split() == [b"interrupted"]
    assert running.returncode in (130, -signal.SIGINT)  # a shell says 130 of both
    with pytest.raises(ProcessLookupError):
        os.killpg(running.pid, 0)


@pytest.mark.skipif(not FORKS, reason="no process is forked here")
def test_no_process_outlives_the_one_that_made_it() -> None:
    running = subprocess.Popen([sys.executable, "-c", f"{ALONE}spread(lambda n: time.sleep(0.05), range(2000), 3)"])
    assert wait_until(lambda: len(children_of(running.pid)) == 2)
    children = children_of(running.pid)

    running.terminate()
    running.wait(timeout=120)

    assert wait_until(lambda: not any(map(runs, children)))
