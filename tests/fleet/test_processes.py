"""Batches over processes: what is lost with one that dies, and that none stays behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from devopslint.fleet.processes import over_processes


def work(batch: Sequence[str]) -> list[str]:
    for piece in batch:
        if piece == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        if piece.startswith("/"):  # it ends its process once
            try:
                Path(piece).mkdir()
            except FileExistsError:
                continue
            os._exit(3)
    return [f"{piece} done" for piece in batch]


def lost(piece: str, how: str) -> str:
    return f"{piece} lost: {how}"


def test_what_ends_its_process_each_time_is_named_and_all_else_is_done() -> None:
    batches = [["a", "deadly", "b"], ["c"], ["d", "e"], ["f"]]

    for processes in (1, 2):
        results = over_processes(work, batches, processes, retries=1, lost=lost)

        assert sorted(results) == [
            *("a done", "b done", "c done", "d done"),
            "deadly lost: the process that examined it ended, 2 times",
            *("e done", "f done"),
        ]


def test_what_ends_its_process_once_is_done_again(tmp_path: Path) -> None:
    once = str(tmp_path / "once")

    assert sorted(over_processes(work, [["a", once], ["b"]], 2, retries=0, lost=lost)) == sorted(
        ["a done", f"{once} done", "b done"]
    )


def test_without_retries_a_piece_is_tried_by_itself_once() -> None:
    assert [*over_processes(work, [["deadly"]], 1, retries=0, lost=lost)] == [
        "deadly lost: the process that examined it ended, once"
    ]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc tells who runs")
def test_who_has_seen_enough_leaves_no_process_behind() -> None:
    results = over_processes(work, [[str(number)] for number in range(50)], 2, retries=0, lost=lost)
    next(results)
    before = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    running = [child for child in before if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]

    results.close()

    assert running
    assert not [child for child in running if Path(f"/proc/{child}").exists()]
