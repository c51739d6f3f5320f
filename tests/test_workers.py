"""Work that is shared between processes."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
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
        "print(len(set(spread(lambda n: os.getpid() if n else time.sleep(0.5) or 0, range(9), 2)) - {0}))",
    )

    assert result.stdout == "1\n"


@pytest.mark.skipif(not FORKS, reason="no process is forked here")
def test_a_process_that_dies_is_an_error() -> None:
    result = alone(
        "parent = os.getpid()\n"
        "def work(n):\n"
        "    os.getpid() == parent or os._exit(7)\n"
        "    time.sleep(0.2)\n"
        "spread(work, range(4), 2)"
    )

    assert "RuntimeError: a process that did a share of the work ended with 7" in result.stderr


@pytest.mark.skipif(not FORKS, reason="no process is forked here")
@pytest.mark.parametrize("when", [0.2, 0.5])
def test_ctrl_c_ends_all_processes_and_says_one_line(when: float, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(600):
        (folder / f"{number}.yaml").write_text("apiVersion: v1\nkind: ConfigMap\ndata:\n" + "  a: {}\n" * 900)
    command = [sys.executable, "-m", "devopslint", "--no-cache", "--no-config", "-j", "3", str(folder)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    time.sleep(when)

    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=20)

    assert said.split() == [b"interrupted"]
    assert running.returncode in (130, -signal.SIGINT)  # a shell says 130 of both
    with pytest.raises(ProcessLookupError):
        os.killpg(running.pid, 0)


@pytest.mark.skipif(not FORKS, reason="no process is forked here")
def test_no_process_outlives_the_one_that_made_it(tmp_path: Path) -> None:
    done = tmp_path / "done"
    done.touch()
    code = f"spread(lambda n: (time.sleep(0.05), open({str(done)!r}, 'a').write('.')), range(1000), 3)"
    running = subprocess.Popen([sys.executable, "-c", ALONE + code])
    while not done.stat().st_size:
        time.sleep(0.05)

    running.terminate()
    running.wait(timeout=20)
    time.sleep(0.5)
    before = done.stat().st_size
    time.sleep(0.5)

    assert done.stat().st_size == before
