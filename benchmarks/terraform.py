"""How fast devopslint is beside tflint, checkov and trivy on the Terraform of one folder.

usage: terraform.py FOLDER [--rounds N] [--peers FOLDER]... [--json]

  --rounds   paired runs: each round starts every program once, in turn (default 5)
  --peers    folders with peers' programs, looked into before PATH

Only the files of Terraform and OpenTofu are copied and judged, and nothing is cached. The programs take turns, so that
what else the machine does falls on all of them; a ratio is the median of the rounds' ratios. tflint is given its bundled
rules of the language alone, checkov no other framework and no module from elsewhere, trivy its misconfigurations without
an update. A peer that is not installed is left out, and named.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from run import DEVOPSLINT, Command, Measured, collect, find_programs, measure

ENDINGS = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json", ".hcl")


@dataclass(frozen=True)
class Compared:
    """A program's runs, and how many times as long each took as devopslint's run of the same round."""

    name: str
    seconds: float
    """The median."""
    megabytes: float
    """The most of all runs."""
    exit_code: int
    ratio: float
    """The median of the rounds' ratios."""


def commands(folder: Path, peers: list[Path]) -> dict[str, Command | None]:
    """What each program is called with; None where it is not installed."""
    peer = find_programs(peers)
    return {
        "devopslint": [*DEVOPSLINT, "--no-config", "--no-cache", "--format", "json", folder],
        "tflint": peer("tflint", "--recursive", f"--chdir={folder}", "--format=json"),
        "checkov": peer(
            "checkov", "--directory", folder, "--framework", "terraform", "--compact", "--quiet", "--output", "json"
        ),
        "trivy": peer(
            "trivy", "config", "--quiet", "--skip-check-update", "--misconfig-scanners", "terraform", "--format", "json",
            folder,
        ),
    }  # fmt: skip


def compare(programs: dict[str, Command], rounds: int, scratch: Path) -> list[Compared]:
    """Run all programs in turn, as often as there are rounds; the first is what the others are held against."""
    taken: dict[str, list[Measured]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, command in programs.items():
            taken[name].append(measure(name, command, 1, scratch))
    own = [run.seconds for run in next(iter(taken.values()))]
    return [
        Compared(
            name,
            statistics.median(run.seconds for run in runs),
            max(run.megabytes for run in runs),
            runs[-1].exit_code,
            statistics.median(run.seconds / ours for run, ours in zip(runs, own, strict=True)),
        )
        for name, runs in taken.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", type=Path, action="append", default=[])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        scratch = Path(place)
        sources = [
            path
            for path in sorted(given.folder.rglob("*"))
            if path.name.endswith(ENDINGS) and path.is_file() and not path.is_symlink() and ".git" not in path.parts
        ]
        files = collect(given.folder, sources, scratch / "terraform")
        found = commands(scratch / "terraform", [folder.absolute() for folder in given.peers])
        absent = [name for name, command in found.items() if command is None]
        results = compare({name: one for name, one in found.items() if one is not None}, given.rounds, scratch)
        size = sum(path.stat().st_size for path in files)
    if given.json:
        print(
            json.dumps(
                {"files": len(files), "bytes": size, "results": [asdict(one) for one in results], "absent": absent}
            )
        )
        return
    print(f"{len(files)} files, {size / 1e6:.1f} MB, {given.rounds} rounds")
    for one in results:
        print(
            f"  {one.name:<12}{one.seconds:9.2f} s {one.megabytes:7.0f} MB   exit {one.exit_code:<4}"
            f"{one.ratio:8.1f} x devopslint's time"
        )
    for name in absent:
        print(f"  {name:<12} is not installed", file=sys.stderr)


if __name__ == "__main__":
    main()
