"""Checkouts for the tests of fleets, and runs over them."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from subprocess import PIPE, Popen, TimeoutExpired
from typing import Any

from devopslint.fleet.content import build
from devopslint.fleet.examination import Asked, Row, examine_batch
from devopslint.fleet.listing import read_list
from devopslint.fleet.records import Folder
from tests.signals import hears_ctrl_c

PACKAGE = Path(__file__).parent.parent.parent
DOCKERFILE = 'FROM python:3.12\nRUN pip install flask\nCMD ["python", "app.py"]\n'
WORKFLOW = """on: push
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - run: pytest
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - run: kubectl apply -f k8s
"""
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers: [{{name: web, image: 'registry.example.org/web:1.{replicas}'}}]
"""


def make(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return folder


def make_fleet(folder: Path, count: int) -> Path:
    """So many small repositories, no two alike, and the list of them."""
    names = [f"team-{number % 3}/service-{number}" for number in range(count)]
    for number, name in enumerate(names):
        files = {"Dockerfile": DOCKERFILE, "k8s/web.yaml": DEPLOYMENT.format(replicas=number)}
        make(folder / name, files | ({".github/workflows/ci.yml": WORKFLOW} if number % 2 else {}))
    return listing(folder, names)


def listing(folder: Path, lines: Iterable[str]) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "REPOS.txt"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "devopslint", "fleet", *map(str, arguments)]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PACKAGE), **more}


def run(*arguments: object, **more: str) -> tuple[int, str, str]:
    """(exit code, standard output, standard error) of a run."""
    told = subprocess.run(command(*arguments), env=environment(**more), capture_output=True, text=True, check=False)
    return told.returncode, told.stdout, told.stderr


def start(*arguments: object) -> Popen[str]:
    """A run, in a process group of its own."""
    return Popen(
        command(*arguments),
        env=environment(),
        stdout=PIPE,
        stderr=PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=hears_ctrl_c,
    )


def until(happened: Callable[[], bool], process: Popen[str]) -> None:
    """Wait until something has happened, as long as a process lives."""
    while not happened():
        try:
            code = process.wait(0.01)
        except TimeoutExpired:
            continue
        assert happened(), f"ended with {code} before: {process.communicate()}"


def caught(count: int, output: Path, *arguments: object) -> Popen[str]:
    """A run over so many checkouts that has written its first report and has more to do; it stands still until `go`."""
    while True:
        process = start(*arguments, "-o", output)
        until(lambda: any(output.glob("records/*")), process)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGSTOP)
        if process.poll() is None and len([*output.glob("records/*")]) < count:
            return process
        go(process)  # it was done before anybody could stop it
        process.communicate()
        shutil.rmtree(output)


def go(process: Popen[str], *signals: int) -> None:
    """Let a run go on, and tell it something first."""
    for one in (*signals, signal.SIGCONT):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, one)


def children(process: int) -> set[int]:
    """The processes that examine checkouts for another one."""
    told = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return {int(child) for child in told if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def examined(repos: Path, names: Sequence[str], out: Path, *, resume: bool = False, **asked: Any) -> list[Row]:
    """What comes back of checkouts, examined in this process."""
    folder = Folder(str(out))
    folder.make()
    checkouts = read_list("".join(f"{name}\n" for name in names), "REPOS.txt", repos)
    return examine_batch(Asked(folder, build(), resume, **asked), checkouts)
