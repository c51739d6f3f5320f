"""Holds our readers against the programs that really read these files: docs/oracles.md says what is left, and why.

usage: python support/oracles/run.py [FOLDER of repositories]      (needs Go, Ruby, Git and GNU make, and the Go modules' proxy)
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

import dockerignore  # noqa: E402  # the path comes first
import gitignore  # noqa: E402
import makefile  # noqa: E402
import shell  # noqa: E402
import values  # noqa: E402
from reading import GO, PROGRAM  # noqa: E402

import findings  # noqa: E402

SEED = 7
ALLOWED = {
    ".gitignore": 0,
    ".dockerignore": 80,
    "values for kubectl": 25,
    "values for docker compose": 50,
    "values for GitLab": 30,
    "generated scripts": 0,
    "scripts of the folder": 0,
    "generated Makefiles": 3,
    "Makefiles of the folder": 10,
    "examples as JSON": 0,
}
"""Differences with a reason in docs/oracles.md; more of them fail the run."""


def main(arguments: list[str]) -> int:
    missing = [program for program in ("go", "ruby", "git", "make") if shutil.which(program) is None]
    if missing:
        print(f"not there: {', '.join(missing)}", file=sys.stderr)
        return 2
    subprocess.run(["go", "build", "-o", str(PROGRAM), "."], cwd=GO, check=True)
    runs: list[tuple[str, int, Callable[[], Iterator[tuple[object, ...]]]]] = [
        (".gitignore", 20_000, lambda: gitignore.differences(SEED, 20_000)),
        (".dockerignore", 20_000, lambda: dockerignore.differences(SEED, 20_000)),
        ("values for kubectl", 5_000, lambda: values.differences("kubectl", SEED, 5_000)),
        ("values for docker compose", 5_000, lambda: values.differences("compose", SEED, 5_000)),
        ("values for GitLab", 5_000, lambda: values.differences("gitlab", SEED, 5_000)),
        ("generated scripts", 7_000, lambda: shell.differences(shell.scripts(SEED, 7_000))),
        ("generated Makefiles", 3_000, lambda: makefile.differences(makefile.cases(SEED, 3_000))),
        ("examples as JSON", len(list(findings.examples())), findings.differences),
    ]
    if arguments:
        scripts = shell.corpus(Path(arguments[0]))
        targets = makefile.corpus(Path(arguments[0]))
        runs.append(("scripts of the folder", len(scripts), lambda: shell.differences(scripts)))
        runs.append(("Makefiles of the folder", len(targets), lambda: makefile.differences(targets)))
    failed = False
    for name, inputs, differences in runs:
        found = list(differences())
        failed = failed or len(found) > ALLOWED[name]
        print(f"{name:26} {inputs:7,} inputs  {len(found):5,} differ", flush=True)
        for case, *how in found if len(found) > ALLOWED[name] else ():
            print(f"    {str(case)[:200]!r}: {' '.join(map(str, how))[:300]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
