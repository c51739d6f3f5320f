"""How long many checkouts take: one process, two, two workers of Dask, and with one of those killed in mid-run.

`python benchmarks/fleet.py --count 2000` makes as many small repositories, and prints a row for each way: seconds by the clock,
of the processor (all processes), the largest resident set of any of them, and whether the bytes are those of the first.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from subprocess import DEVNULL, Popen

PACKAGE = Path(__file__).parent.parent
DOCKERFILES = [
    f"FROM python:3.{minor}{flavour}\nRUN pip install flask\nCOPY . /app\n{user}CMD {command}\n"
    for minor in (11, 12, 13)
    for flavour in ("", "-slim")
    for user in ("", "USER 1000\n")
    for command in ("python app.py", '["python", "app.py"]')
]
WORKFLOW = """name: ci
on: push
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - run: {test}
  build:
    uses: acme/workflows/.github/workflows/build-{kind}.yml@v1
  deploy:
    needs: [{needs}]
    runs-on: ubuntu-24.04
    steps:
      - run: kubectl apply -f k8s
"""
MANIFESTS = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: service-{number}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: service-{number}}}}}
  template:
    metadata: {{labels: {{app: service-{number}}}}}
    spec:
      containers:
        - name: app
          image: registry.example.org/service-{number}:1.{replicas}
          resources: {{requests: {{memory: {memory}Mi}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: service-{number}}}
spec: {{selector: {{app: service-{number}}}, ports: [{{port: 80}}]}}
"""


def make(folder: Path, count: int) -> Path:
    """So many repositories of three files, with Dockerfiles that stand in many, and the list of them."""
    names = []
    for number in range(count):
        name = f"team-{number % 40}/service-{number}"
        texts = {
            "Dockerfile": DOCKERFILES[number * number % len(DOCKERFILES)],
            ".github/workflows/ci.yml": WORKFLOW.format(
                test=("pytest", "make test", "tox")[number % 3], kind=number % 4, needs=("test", "build")[number % 2]
            ),
            "k8s/service.yaml": MANIFESTS.format(number=number, replicas=number % 5, memory=64 * (1 + number % 3)),
        }
        for path, text in texts.items():
            target = folder / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        names.append(name)
    listing = folder / "REPOS.txt"
    listing.write_text("".join(f"{name}\n" for name in names))
    return listing


class Cluster:
    """A scheduler and two workers of this machine."""

    def __init__(self, folder: Path) -> None:
        dask = [sys.executable, "-m", "dask"]
        file = folder / "scheduler.json"
        file.unlink(missing_ok=True)
        options = ["--no-dashboard", "--scheduler-file", str(file)]
        scheduler = [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", *options]
        worker = [*dask, "worker", "--nthreads", "1", "--no-nanny", *options]
        self.scheduler = Popen(scheduler, stdout=DEVNULL, stderr=DEVNULL, cwd=folder)
        while not file.exists():
            time.sleep(0.05)
        self.address = json.loads(file.read_text())["address"]
        self.workers = [Popen(worker, stdout=DEVNULL, stderr=DEVNULL, cwd=folder) for _ in range(2)]

    def close(self) -> tuple[float, int]:
        """The seconds of the processor that all of it took, and the largest resident set in MB."""
        seconds, largest = 0.0, 0
        for one in (*self.workers, self.scheduler):
            os.kill(one.pid, signal.SIGTERM)  # and not terminate(): that would ask how one that is dead has ended
            _, _, usage = os.wait4(one.pid, 0)
            seconds += usage.ru_utime + usage.ru_stime
            largest = max(largest, usage.ru_maxrss // 1024)
        return seconds, largest


def run(
    listing: Path, out: Path, *options: str, kills: Popen[bytes] | None = None, at: int = 0
) -> tuple[float, float, int]:
    """Seconds by the clock and of the processor, and the largest resident set in MB; one worker is killed at so many records."""
    began = time.monotonic()
    command = [sys.executable, "-m", "devopslint", "fleet", str(listing), "-o", str(out), "--exit-zero", *options]
    process = Popen(command, stdout=DEVNULL)
    if kills is not None:
        while len(list((out / "records").glob("*"))) < at:
            time.sleep(0.05)
        kills.send_signal(signal.SIGKILL)
    _, status, usage = os.wait4(process.pid, 0)
    took = time.monotonic() - began
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024


def differs(one: Path, other: Path) -> bool:
    return subprocess.run(["diff", "-rq", one, other], stdout=DEVNULL, check=False).returncode != 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument(
        "--folder", type=Path, help="where the repositories and the reports go, instead of a temporary one"
    )
    given = parser.parse_args()
    os.environ["PYTHONPATH"] = str(PACKAGE)
    folder = Path(tempfile.mkdtemp()) if given.folder is None else given.folder
    folder.mkdir(exist_ok=True)
    listing = make(folder / "repos", given.count)
    print(
        f"| {given.count:,} repositories | seconds | of the processor | largest process | same bytes |\n|---|---|---|---|---|"
    )

    def row(name: str, out: Path, measured: tuple[float, float, int], more: tuple[float, int] = (0, 0)) -> None:
        took, seconds, largest = measured
        same = "–" if out == first else "no" if differs(first, out) else "yes"
        print(f"| {name} | {took:.0f} | {seconds + more[0]:.0f} | {max(largest, more[1])} MB | {same} |", flush=True)

    first = folder / "one"
    row("one process", first, run(listing, first, "--jobs", "1"))
    row("two processes", folder / "two", run(listing, folder / "two", "--jobs", "2"))
    row("again, with --resume", folder / "two", run(listing, folder / "two", "--jobs", "2", "--resume"))
    cluster = Cluster(folder)
    measured = run(listing, folder / "dask", "--scheduler", cluster.address)
    row("Dask, two workers", folder / "dask", measured, cluster.close())
    cluster = Cluster(folder)
    out = folder / "killed"
    measured = run(listing, out, "--scheduler", cluster.address, kills=cluster.workers[0], at=given.count // 3)
    row("Dask, one of two killed after a third", out, measured, cluster.close())
    if given.folder is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
