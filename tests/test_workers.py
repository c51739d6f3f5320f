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
from tests.signals import hears_ctrl_c

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


@pytest.mark.parametrize("processes", [1, 3])
def test_pieces_of_this_process_stand_behind_those_that_all_may_take(processes: int) -> None:
    told: list[int] = []

    assert spread(math.sqrt, [4.0, 9.0], processes, told.append, own=[16.0, 25.0, 36.0]) == [2, 3, 4, 5, 6]
    assert sum(told) == 5


@pytest.mark.skipif(not FORKS, reason="no process is forked here")
def test_pieces_of_this_process_are_done_in_it_however_many_processes_there_are() -> None:
    result = alone(
        "heard, told = os.pipe()\n"
        "def work(n):\n"
        "    os.write(told, b'.') if n < 2 else os.read(heard, 1)\n"  # its own wait until the others are begun
        "    return n, os.getpid() == parent\n"
        "parent = os.getpid()\n"
        "told_of = []\n"
        "print(spread(work, range(2), 2, told_of.append, own=[2, 3]), sum(told_of))"
    )

    assert result.stdout == "[(0, False), (1, False), (2, True), (3, True)] 4\n", result.stderr


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

    assert "RuntimeError: the process that examined it ended with 7 while it worked on" in result.stderr


@pytest.mark.skipif(not FORKS, reason="no process is forked here")
def test_what_a_killed_process_has_not_delivered_is_done_again(tmp_path: Path) -> None:
    result = alone(
        "import signal\n"
        "parent = os.getpid()\n"
        "heard, told = os.pipe()\n"
        "def work(n):\n"
        "    if os.getpid() == parent:\n"
        "        os.read(heard, 1)\n"  # until the other process has begun a piece
        "        return n * n\n"
        "    try:\n"
        f"        open({str(tmp_path / 'once')!r}, 'x')\n"
        "    except FileExistsError:\n"
        "        return n * n\n"
        "    os.write(told, b'......')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "print(spread(work, range(6), 2))"
    )

    assert result.stdout == "[0, 1, 4, 9, 16, 25]\n", result.stderr
    assert (tmp_path / "once").exists(), "no process was killed"


CHOOSING = """
import os, signal, sys
parent = os.getpid()
heard, told = os.pipe()
def fate(name, chosen):
    # The first piece that another process takes ends every process but this one, which waits until there is such a piece.
    if os.getpid() == parent:
        os.read(heard, 1)
        return
    if not os.path.exists(chosen):
        with open(chosen, "w") as file:
            file.write(name)
        os.write(told, b"." * 100)
    with open(chosen) as file:
        if file.read() == name:
            os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not FORKS, reason="no process is forked here")
def test_a_piece_that_ends_its_process_twice_costs_itself_alone(tmp_path: Path) -> None:
    chosen = tmp_path / "chosen"

    result = alone(
        f"{CHOOSING}\n"
        "def work(n):\n"
        f"    fate(str(n), {str(chosen)!r})\n"
        "    return n\n"
        "print(spread(work, range(40), 2, lost=lambda piece, how: how))"
    )

    lost = int(chosen.read_text())
    expected = [*range(lost), "the process that examined it was ended by signal 9", *range(lost + 1, 40)]
    assert result.stdout == f"{expected}\n", result


POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: 'b:latest'}]}\n"
SABOTAGE = f"""{CHOOSING}
import devopslint.run as run
from devopslint.__main__ import run as command
examine, chosen, examined = run.examine, sys.argv[1], []
def sabotaged(file, *rest, **named):
    if examined:  # the first is examined before there is another process
        fate(file.path, chosen)
    examined.append(file)
    return examine(file, *rest, **named)
run.examine = sabotaged
sys.argv = ["devopslint", "--no-cache", "--jobs", "2", "--format", "concise", "--select", "k8s-latest-tag"]
command()
"""


@pytest.mark.skipif(not FORKS, reason="no process is forked here")
def test_a_file_that_kills_its_process_costs_no_other_file_and_is_said(tmp_path: Path) -> None:
    project, chosen = tmp_path / "project", tmp_path / "chosen"
    (project / ".git").mkdir(parents=True)
    pods = [f"pod{number}.yaml" for number in range(30)]
    for pod in pods:
        (project / pod).write_text(POD)

    command = [sys.executable, "-P", "-c", SABOTAGE, str(chosen)]
    result = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)

    killing = chosen.read_text()
    assert result.returncode == 2, result
    assert f"reading on {killing}: the process that examined it was ended by signal 9, twice" in result.stdout
    for pod in set(pods) - {killing}:
        assert f"{pod}:4:38: warning[k8s-latest-tag]" in result.stdout
    assert result.stdout.count("[k8s-latest-tag]") == 29


def test_a_check_that_raises_costs_no_other_check_and_is_said(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pod.yaml").write_text(POD)
    code = (
        "import sys\n"
        "from devopslint.__main__ import run\n"
        "from devopslint.catalogue import checks_of\n"
        "from devopslint.registry import CHECKS\n"
        "checks_of('k8s-root-container', 'manifest')\n"
        "def broken(subject, **parameters):\n"
        "    raise KeyError('spec')\n"
        "CHECKS['k8s-root-container'] = [one._replace(function=broken) for one in CHECKS['k8s-root-container']]\n"
        "checks_of.cache_clear() if hasattr(checks_of, 'cache_clear') else None\n"
        "sys.argv = ['devopslint', '--no-cache', '--format', 'concise', '--select', 'k8s-latest-tag,k8s-root-container']\n"
        "run()\n"
    )

    result = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert result.returncode == 2, result
    assert "pod.yaml:4:38: warning[k8s-latest-tag]" in result.stdout
    assert "k8s-root-container on pod.yaml: KeyError: 'spec' (broken, line 7)" in result.stdout


def test_an_interruption_while_modules_are_imported_is_no_traceback() -> None:
    code = (
        "import sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'click':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from devopslint.__main__ import run\n"
        "run()\n"
    )

    result = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False)

    assert (result.returncode, result.stderr) == (130, "\ninterrupted\n")


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
    running = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True, preexec_fn=hears_ctrl_c
    )
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
