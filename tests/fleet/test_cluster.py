"""A fleet over a real Dask cluster: the same bytes, whatever becomes of its workers."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen, TimeoutExpired

import pytest

from tests.fleet.checkouts import caught, contents, environment, go, make_fleet, run, until
from tests.fleet.test_processes import lost, work

pytest.importorskip("distributed", reason="the extra dask is not installed: pip install 'devopslint[dask]'")


@contextmanager
def cluster(folder: Path, *, workers: int, **more: str) -> Iterator[tuple[str, list[Popen[bytes]]]]:
    """The address of a scheduler, and the processes of its workers."""
    file = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    silent = {"stdout": DEVNULL, "stderr": DEVNULL, "cwd": folder, "env": environment(**more)}
    scheduler = [
        *dask,
        "scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--scheduler-file",
        str(file),
    ]
    worker = [*dask, "worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    with Popen(scheduler, **silent) as process:  # type: ignore[call-overload]  # a dictionary of options
        started: list[Popen[bytes]] = []
        try:
            until(lambda: file.exists() and file.read_text().endswith("}"), process)
            started += [Popen(worker, **silent) for _ in range(workers)]  # type: ignore[call-overload]
            yield json.loads(file.read_text())["address"], started
        finally:
            for one in started:
                one.terminate()
            for one in started:  # before the scheduler: a nanny waits for its word
                try:
                    one.wait(20)
                except TimeoutExpired:
                    one.kill()
            process.terminate()


def test_dask_writes_the_same_bytes_also_where_a_worker_is_killed(tmp_path: Path) -> None:
    repos = make_fleet(tmp_path / "repos", 24)
    expected = run(repos, "-o", tmp_path / "whole", "--jobs", 1)
    with cluster(tmp_path, workers=2) as (address, workers):
        assert run(repos, "-o", tmp_path / "dask", "--scheduler", address) == expected
        assert contents(tmp_path / "dask") == contents(tmp_path / "whole")

        process = caught(24, tmp_path / "killed", repos, "--scheduler", address)
        workers[0].send_signal(signal.SIGKILL)
        go(process)
        said = process.communicate()

        assert (process.returncode, *said) == expected
        assert workers[0].wait() == -signal.SIGKILL
        assert workers[1].poll() is None
        assert contents(tmp_path / "killed") == contents(tmp_path / "whole")

        process = caught(24, tmp_path / "ended", repos, "--scheduler", address)
        go(process, signal.SIGINT)
        assert process.communicate() == ("", "\ninterrupted\n")
        assert process.returncode == 130
        code, _, told = run(repos, "-o", tmp_path / "ended", "--scheduler", address, "--resume")
        assert code == 1
        assert "were examined by an earlier run" in told
        assert not told.startswith("note: 0 ")
        assert contents(tmp_path / "ended") == contents(tmp_path / "whole")


def test_what_ends_its_worker_each_time_is_named_and_all_else_is_done(tmp_path: Path) -> None:
    from devopslint.fleet.cluster import over_cluster

    limit = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with cluster(tmp_path, workers=3, **limit) as (address, workers):
        results = sorted(over_cluster(work, [["a", "deadly"], ["b"]], address, lost=lost))
        ended = [one.poll() for one in workers]

    assert results == ["a done", "b done", "deadly lost: the worker that examined it ended, once"]
    assert ended.count(-signal.SIGKILL) == 2  # with its batch, and by itself


def test_a_scheduler_that_is_not_there_is_said(tmp_path: Path) -> None:
    repos = make_fleet(tmp_path / "repos", 1)

    code, said, told = run(repos, "-o", tmp_path / "out", "--scheduler", "nonsense://127.0.0.1:1")

    assert (code, said) == (2, "")
    assert told.splitlines()[-1].startswith("Error: no Dask scheduler answers at nonsense://127.0.0.1:1: ")
