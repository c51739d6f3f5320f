"""Where the time of a run goes: by room, by check and by import.

usage: profiling.py [--rows N] [ARGUMENTS OF devopslint]...

The run is made in this process, under cProfile, which makes calls several times as dear as they are: shares are worth more than seconds.
Imports are timed in a process of their own, by `python -X importtime`.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

PROJECT = Path(__file__).parent.parent
PACKAGE = PROJECT / "devopslint"
_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)")


def room(file: str) -> str:
    """The room of ours that a file is in, or what else it is of."""
    path = Path(file)
    if path.is_relative_to(PACKAGE):
        parts = path.relative_to(PACKAGE).parts
        return "/".join((*parts[:1], "checks") if "checks" in parts else parts[:2] if len(parts) > 1 else parts)
    if "site-packages" in path.parts:
        return path.parts[path.parts.index("site-packages") + 1]
    return "the standard library" if path.is_absolute() else "built in"


def calls(arguments: list[str], rows: int) -> None:
    sys.path.insert(0, str(PROJECT))
    from devopslint.cli import main

    profile = cProfile.Profile()
    standard, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115  # for as long as the run is
    try:
        profile.runcall(main, arguments, standalone_mode=False)
    except SystemExit:
        pass
    finally:
        sys.stdout = standard
    statistics = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # there, and in no stub
    rooms: Counter[str] = Counter()
    checks: list[tuple[float, int, str]] = []
    for (file, _, name), (_, times, own, cumulative, _) in statistics.items():
        rooms[room(file)] += own
        if room(file).endswith("/checks") and not name.startswith(("_", "<")):
            checks.append((cumulative, times, f"{room(file).partition('/')[0]}: {name}"))
    total = sum(rooms.values())
    print(f"| where | share of {total:.2f} s |\n|---|---|")
    for where, own in rooms.most_common(rows):
        print(f"| {where} | {100 * own / total:.1f} % |")
    print("\n| check | calls | microseconds a call |\n|---|---|---|")
    for cumulative, times, name in sorted(checks, reverse=True)[:rows]:
        print(f"| {name} | {times:,} | {1e6 * cumulative / times:.1f} |")


def imports(arguments: list[str], rows: int) -> None:
    command = [sys.executable, "-X", "importtime", "-P", "-m", "devopslint", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stderr
    found = [(int(own), name) for own, _, name in _IMPORT.findall(told)]
    ours = [own for own, name in found if name.startswith("devopslint")]
    print(f"\n{len(found)} modules are imported in {sum(own for own, _ in found) / 1e3:.0f} ms;", end=" ")
    print(f"{len(ours)} are ours, {sum(ours) / 1e3:.0f} ms\n\n| module | milliseconds |\n|---|---|")
    for own, name in sorted(found, reverse=True)[:rows]:
        print(f"| {name} | {own / 1e3:.1f} |")


def main() -> None:
    arguments, rows = sys.argv[1:], 15
    if arguments[:1] == ["--rows"]:
        rows, arguments = int(arguments[1]), arguments[2:]
    if arguments[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return
    calls(arguments, rows)
    imports(arguments, rows)


if __name__ == "__main__":
    main()
