"""What a run costs in a large tree of manifests that it knows, beside that of another build in the same run.

usage: hooks.py [--files N]... [--other TREE] [--rounds N] [--first] [--picture FILE]

  --files    how many manifests: as many Deployments, Services and autoscalers in 100 namespaces (default 2000)
  --other    the checkout of another build; the rounds of both are by turns
  --first    the first run alone
  --picture  write how its time and memory grow, as SVG

Seconds are those of the processor, user and system, of one process (`--jobs 1`), the least of the rounds: a machine that does other
things makes them longer, less so than those of the clock. In a tree of at most HELD files, every report of a hook is held against one
with --no-cache.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path[:0] = [str(Path(__file__).parent)]

from picture import Series, picture  # noqa: E402  # the path comes first

PROJECT = Path(__file__).parent.parent
HELD = 2_000
CHANGED = "ns1/deployment1.yaml"

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: app{n}
  namespace: ns{ns}
  labels: {{app: app{n}}}
spec:
  selector:
    matchLabels: {{app: app{n}}}
  template:
    metadata:
      labels: {{app: app{n}}}
    spec:
      containers:
        - name: web
          image: registry.example.org/app{n}:1.0
          ports: [{{containerPort: 8080}}]
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits: {{memory: 128Mi}}
"""
SERVICE = """apiVersion: v1
kind: Service
metadata:
  name: app{n}
  namespace: ns{ns}
spec:
  selector: {{app: app{n}}}
  ports: [{{port: 80, targetPort: 8080}}]
"""
AUTOSCALER = """apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: app{n}
  namespace: ns{ns}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: app{n}}}
  minReplicas: 3
  maxReplicas: 10
  metrics:
    - type: Resource
      resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 70}}}}
"""


class Cost(NamedTuple):
    seconds: float
    megabytes: float


def plant(root: Path, count: int) -> None:
    (root / ".git").mkdir(parents=True)
    for number in range(count // 3):
        folder = root / f"ns{number % 100}"
        folder.mkdir(exist_ok=True)
        for name, text in (("deployment", DEPLOYMENT), ("service", SERVICE), ("autoscaler", AUTOSCALER)):
            (folder / f"{name}{number}.yaml").write_text(text.format(n=number, ns=number % 100))


def run(build: Path, root: Path, cache: Path, *arguments: str) -> tuple[Cost, bytes]:
    environment = {**os.environ, "PYTHONPATH": str(build), "NO_COLOR": "1", "DEVOPSLINT_CACHE_DIR": str(cache)}
    # An installed program is compiled once, not in each of its runs.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(cache.parent / "compiled")
    command = [sys.executable, "-P", "-m", "devopslint", "--jobs", "1", *arguments]
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            command, cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=told, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        report = told.read()
    if process.returncode not in (0, 1):
        sys.exit(f"{build} ended with {process.returncode}: {' '.join(arguments)}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1_000), report


def insert(text: str) -> str:
    return text.replace("\nspec:", "\n# one more\nspec:", 1)


def another_image(text: str) -> str:
    return text.replace(":1.", ":1.1")


EDITS: dict[str, Callable[[str], str]] = {
    "hook, a comment at the end": lambda text: f"{text}# one more\n",
    "hook, a line in between": insert,
    "hook, another image": another_image,
}


def measure(builds: list[Path], count: int, rounds: int, *, first: bool) -> dict[str, list[Cost]]:
    costs: dict[str, list[Cost]] = {}

    def note(row: str, index: int, cost: Cost) -> None:
        known = costs.setdefault(row, [Cost(math.inf, math.inf)] * len(builds))
        known[index] = Cost(min(cost.seconds, known[index].seconds), min(cost.megabytes, known[index].megabytes))

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "tree"
        plant(root, count)
        changed = root / CHANGED
        for build in builds:
            for _ in range(2):
                run(build, root, root.parent / "compiling", changed.parent.name)
        for number in range(rounds):
            for index, build in enumerate(builds):
                cache = root.parent / f"cache-{index}-{number}"
                note("first", index, run(build, root, cache, ".")[0])
                if first:
                    shutil.rmtree(cache)
                    continue
                note("again, nothing changed", index, run(build, root, cache, ".")[0])
                for row, edit in EDITS.items():
                    changed.write_text(edit(changed.read_text()))
                    cost, report = run(build, root, cache, CHANGED)
                    note(row, index, cost)
                    if number == 0 and count <= HELD and report != run(build, root, cache, CHANGED, "--no-cache")[1]:
                        sys.exit(f"{row}: the report is not that of a run without a cache")
    return costs


def drawn(grown: list[tuple[int, list[Cost]]]) -> str:
    names = ("this build", "the other")[: len(grown[0][1])]

    def lines(value: Callable[[Cost], float]) -> Series:
        return {name: [(count, value(costs[at])) for count, costs in grown] for at, name in enumerate(names)}

    return picture(
        {
            "first run, seconds of the processor": lines(lambda cost: cost.seconds),
            "largest resident set, MB": lines(lambda cost: cost.megabytes),
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, action="append")
    parser.add_argument("--other", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    grown: list[tuple[int, list[Cost]]] = []
    builds = [PROJECT, *([options.other.resolve()] if options.other else [])]
    before: tuple[int, float] | None = None
    for count in options.files or [2_000]:
        costs = measure(builds, count, options.rounds, first=options.first)
        grown.append((count, costs["first"]))
        print(f"\n{count:,} manifests\n| work | this build | {'the other | ratio |' if options.other else ''}")
        print(f"|---|---|{'---|---|' if options.other else ''}")
        for row, (ours, *others) in costs.items():
            cells = [f"{one.seconds:.2f} s, {one.megabytes:.0f} MB" for one in (ours, *others)]
            ratio = f" {ours.seconds / others[0].seconds:.2f} |" if others else ""
            print(f"| {row} | {' | '.join(cells)} |{ratio}")
        seconds = costs["first"][0].seconds
        if before is not None:
            exponent = math.log(seconds / before[1]) / math.log(count / before[0])
            print(f"exponent of the first run from {before[0]:,} files: {exponent:.2f}")
        before = count, seconds
        if options.picture:
            options.picture.write_text(drawn(grown), "utf-8")  # a long row of runs may be ended before its last


if __name__ == "__main__":
    main()
