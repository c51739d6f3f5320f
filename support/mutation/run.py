"""Changes the code in small ways, one at a time, and says which changes no test notices: docs/mutation.md.

usage: python support/mutation/run.py [MODULE...] [--sample N] [--seed N] [--show]

A MODULE is named as below devopslint: cache, commands.init; `commands` is all of them. mutmut makes the changes, all in one
copy of the program, where a variable chooses the one that runs; the tests are collected once, and every change gets a
process of its own, forked before any test has filled a cache. It runs the tests that reach the changed function, the
quickest first, until one fails.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from pickle import dumps, loads
from typing import Any, NamedTuple

import pytest
from mutmut.__main__ import copy_also_copy_files, copy_src_dir, create_mutants
from mutmut.configuration import config
from mutmut.mutation import trampoline
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import mangled_name_from_mutant_name as function_of

COPY = Path("mutants")
PROGRAM = "devopslint."
SLOWEST = 3.0
"""Seconds: a test that takes longer is left out, and so are those that fail in the copy as it is."""
PATIENCE = 20.0
"""Seconds that the tests of a change may take beyond three times what they take without it."""
TESTS = [
    *(
        "api",
        "baseline",
        "cache",
        "changes",
        "checklist",
        "cli",
        "config",
        "config_extends",
        "domains",
        "engine",
        "files",
        "first_day",
        "fixes",
        "joins",
        "kept",
    ),
    *(
        "merging",
        "migrate",
        "output",
        "own_rules",
        "policy",
        "settings",
        "shellcheck",
        "silences",
        "suppressions",
        "workers",
    ),
    *("documentation/documents", "evidence/evidence", "records/records", "reports/checklist_page", "reports/elsewhere"),
    *("reports/grouped", "reports/neutral", "reports/pipeline"),
    *("kubernetes/openings", "kubernetes/overlays", "kubernetes/partial_documents", "kubernetes/worlds"),
]
"""Those that look at the engine and what is around it; what judges one domain looks at that."""
HITS = "MUTATION_HITS"
"""The variable that names the file to which programs started by a test write what they reach."""
TELLING = f"""\
import os
if os.environ.get({HITS!r}):
    from mutmut.mutation import trampoline
    told = set()
    def tell(name, caller=None):
        if name not in told:
            told.add(name)
            with open(os.environ[{HITS!r}], "a") as file:
                file.write(name + "\\n")
    trampoline.record_trampoline_hit = tell
"""


class Reach(NamedTuple):
    """What a test reaches, and how long it takes."""

    functions: frozenset[str]
    seconds: float
    passed: bool


def worked() -> float:
    """Seconds that this process and the programs that it has started have worked: no matter what else a machine does."""
    return sum(os.times()[:4])


def forked(work: Callable[[], Any], patience: float) -> Any:
    """What the work gives in a process of its own, or None where that takes too long or dies."""
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(source)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        signal.setitimer(signal.ITIMER_PROF, patience)  # of its own time: a busy machine ends no test
        signal.alarm(20 * int(patience))
        with os.fdopen(sink, "wb") as file:
            file.write(dumps(work()))
        os._exit(0)
    os.close(sink)
    with os.fdopen(source, "rb") as file:
        answer = file.read()
    os.waitpid(child, 0)
    return loads(answer) if answer else None


class Trial:
    """A run of pytest that holds every change against its tests, in place of the tests alone."""

    def __init__(self, changes: list[str]) -> None:
        self.changes = changes
        self.items: list[pytest.Item] = []
        self.failed = False
        self.lived: list[str] = []
        self.unreached: list[str] = []
        self.endless: list[str] = []
        """Those whose tests took so long that they were ended."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or report.failed

    def run(self, items: list[pytest.Item]) -> bool:
        """Whether all of them pass; those after the first that does not are left."""
        self.failed = False
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                return False
        return True

    def reaches(self) -> list[Reach]:
        """What every test reaches, and the programs that it starts."""
        hits: set[str] = set()
        told = Path("hits").absolute()
        trampoline.record_trampoline_hit = lambda name, caller=None: hits.add(name)
        trampoline.set_mutant_under_test("stats")
        os.environ[HITS] = str(told)
        found = []
        for item in self.items:
            hits.clear()
            told.write_text("")
            start = worked()
            passed = self.run([item])
            seconds = worked() - start
            found.append(Reach(frozenset(hits | set(told.read_text().split())), seconds, passed))
        return found

    def judge(self, change: str, items: list[pytest.Item], seconds: float) -> None:
        def work() -> bool:
            trampoline.set_mutant_under_test(change)
            return self.run(items)

        passed = forked(work, PATIENCE + 3 * seconds)
        if passed:
            say(f"lived: {change}")
            self.lived.append(change)
        elif passed is None:
            self.endless.append(change)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = session.items
        reaches = forked(self.reaches, 3600)
        if reaches is None:
            raise SystemExit("the tests do not run in the copy")
        left = [item.nodeid for item, reach in zip(self.items, reaches, strict=True) if not reach.passed]
        say(f"{len(self.items)} tests; left out, since they fail in the copy: {', '.join(left) or 'none'}")
        for number, change in enumerate(self.changes, 1):
            function = function_of(change)
            fit = [
                (reach.seconds, place)
                for place, reach in enumerate(reaches)
                if reach.passed and reach.seconds <= SLOWEST and function in reach.functions
            ]
            if not fit:
                self.unreached.append(change)
            else:
                self.judge(change, [self.items[place] for _, place in sorted(fit)], sum(s for s, _ in fit))
            if number % 25 == 0:
                say(f"{number} of {len(self.changes)}, {len(self.lived) + len(self.unreached)} unnoticed")
        return True


def say(text: str) -> None:
    sys.__stderr__.write(text + "\n")  # type: ignore[union-attr]  # pytest has taken the other
    sys.__stderr__.flush()  # type: ignore[union-attr]


def made(modules: list[str]) -> dict[str, list[str]]:
    """The changes of each module, by its name below the program."""
    paths = {module_of(path): str(path) for path in walk_mutatable_files()}
    wanted = [path for name, path in paths.items() if not modules or name in modules or name.split(".")[0] in modules]
    if not wanted:
        raise SystemExit(f"no such module; there are {', '.join(paths)}")
    config().only_mutate = wanted
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir()
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        copy_src_dir()
        copy_also_copy_files()
        create_mutants(1)
    changes = {}
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        if data.exit_code_by_key:
            changes[module_of(path)] = sorted(data.exit_code_by_key)
    return changes


def module_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts[1:])


def sample(module: str, changes: list[str], size: int, seed: int) -> list[str]:
    return sorted(random.Random(f"{seed} {module}").sample(changes, min(size, len(changes))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*")
    parser.add_argument("--sample", type=int, default=60, help="changes of each module, drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="show what lived, as differences")
    options = parser.parse_args()

    changes = made(options.modules)
    samples = {module: sample(module, every, options.sample, options.seed) for module, every in changes.items()}

    home = Path.cwd()
    os.chdir(COPY)
    sys.path[:] = [str(Path.cwd()), *(place for place in sys.path if Path(place or ".").resolve() != home)]
    os.environ["PYTHONPATH"] = str(Path.cwd())
    Path("sitecustomize.py").write_text(TELLING)
    os.environ["MUTANT_UNDER_TEST"] = ""
    trial = Trial([change for some in samples.values() for change in some])
    files = [str(Path("tests", name).parent / f"test_{Path(name).name}.py") for name in TESTS]
    code = pytest.main(["--rootdir=.", "-p", "no:cacheprovider", "-p", "no:terminal", *files], plugins=[trial])
    os.chdir(home)
    if code not in (0, 5):
        raise SystemExit(f"pytest ended with {code}")

    unnoticed = {*trial.lived, *trial.unreached}
    if options.show:
        for change in sorted(unnoticed):
            print(f"# {change}{': no test reaches it' if change in trial.unreached else ''}")
            path = Path(change.rpartition(".")[0].replace(".", "/") + ".py")
            print("\n".join(get_diff_for_mutant(change, path=path).splitlines()[2:]), "\n")
    print(
        f"seed {options.seed}\n\n| module | changes | tried | noticed | of these by time | |\n|---|---|---|---|---|---|"
    )
    for module, some in samples.items():
        dead = len(set(some) - unnoticed)
        ended = len(set(some).intersection(trial.endless))
        print(f"| `{module}` | {len(changes[module])} | {len(some)} | {dead} | {ended} | {100 * dead // len(some)} % |")


if __name__ == "__main__":
    main()
