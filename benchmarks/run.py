"""How fast devopslint is, and how much memory it takes, beside its peers on the same files in one run.

usage: run.py [--corpus FOLDER | ARCHIVE] [--rounds N] [--peers FOLDER]... [--json]

  --corpus   real repositories, one a sub-folder (default: ../shared/corpus.tar.xz beside the project)
  --rounds   cold runs of each command; the fastest counts (default 3)
  --peers    folders with peers' programs, looked into before PATH

Every run is a new process with nothing cached, but for the lines that say "again". Times are wall-clock seconds of whole commands, memory is the
largest resident set of a command and its children. A peer that is not installed is left out, and named.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

PROJECT = Path(__file__).parent.parent
DEVOPSLINT = (sys.executable, "-m", "devopslint")

Command = list[str | Path]

LONGEST = 300
"""Seconds after which a command is killed, and shown with exit code -9."""


@dataclass(frozen=True)
class Measured:
    """The fastest of some runs of one command, and the most memory that one of them took."""

    name: str
    seconds: float
    megabytes: float
    exit_code: int


@dataclass(frozen=True)
class Contest:
    """Some commands that do the same job on the same files."""

    title: str
    files: int
    results: tuple[Measured, ...]
    absent: tuple[str, ...] = ()


def measure(name: str, command: Command, rounds: int, folder: Path) -> Measured:
    """Run a command `rounds` times in `folder`."""
    fastest, most, code = float("inf"), 0.0, 0
    environment = {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        "NO_COLOR": "1",
        "DEVOPSLINT_CACHE_DIR": str(folder.with_name("kept")),  # nothing is kept inside of what is examined
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # or every run would compile the sources anew
    for _ in range(rounds):
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        timer = threading.Timer(LONGEST, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        fastest = min(fastest, time.perf_counter() - started)
        most = max(most, usage.ru_maxrss / 1024)
        code = process.returncode
    return Measured(name, fastest, most, code)


def contest(title: str, files: int, commands: dict[str, Command | None], rounds: int, folder: Path) -> Contest:
    """Measure all commands; None stands for one whose program is not installed.

    One that is named "again" has run before it is measured.
    """
    for name, command in commands.items():
        if name.endswith(", again") and command is not None:
            measure(name, command, 1, folder)
    results = [measure(name, command, rounds, folder) for name, command in commands.items() if command is not None]
    absent = [name for name, command in commands.items() if command is None]
    return Contest(title, files, tuple(results), tuple(absent))


def collect(corpus: Path, files: Iterable[Path], into: Path) -> list[Path]:
    """Copy files of a corpus into one folder, keeping their relative paths."""
    copies = []
    for path in files:
        target = into / path.relative_to(corpus)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        copies.append(target)
    return copies


def find_programs(folders: Iterable[Path]) -> Callable[..., Command | None]:
    """A function from a program's name and arguments to its command, or None where it is not installed."""
    search = os.pathsep.join([*(str(folder) for folder in folders), os.environ.get("PATH", "")])

    def command(name: str, *arguments: str | Path) -> Command | None:
        program = shutil.which(name, path=search)
        return [program, *arguments] if program else None

    return command


def hostile_inputs(folder: Path) -> dict[str, Path]:
    """Inputs on which other linters crash, hang or fall silent, each in a folder of its own."""
    pod = "apiVersion: v1\nkind: Pod\n"
    laughs = "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    texts = {
        "alias bomb/pod.yaml": f"{pod}a: &a [x]\n{laughs}",
        "recursive alias/pod.yaml": f"{pod}spec: &s\n  containers: [*s]\n  initContainers: *s\n",
        "200,000 brackets/pod.yaml": pod + "spec: " + "[" * 200_000,
        "unclosed flow/pod.yaml": f"{pod}spec: {{containers: [",
        "50,000 parentheses/Dockerfile": f"FROM alpine:3.20\nRUN echo {'(' * 50_000}\n",
        "50,000 substitutions/Dockerfile": f"FROM alpine:3.20\nRUN echo {'$(' * 50_000}\n",
        "5,000 RUN lines/Dockerfile": "FROM alpine:3.20\n" + "RUN apk add curl && cd /tmp\n" * 5_000,
        "5,000 documents/pods.yaml": f"{pod}spec: {{containers: [{{name: a}}]}}\n---\n" * 5_000,
        "4 MB line/pod.yaml": f"{pod}metadata: {{name: {'a' * 4_000_000}}}\n",
        "50,000 expression parentheses/.github/workflows/ci.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    if: ${{ "
        + "(" * 50_000
        + " }}\n    steps: [{run: a}]\n",
        "5,000 jobs/.github/workflows/ci.yml": "on: push\njobs:\n"
        + "".join(f"  j{n}:\n    runs-on: x\n    needs: j{n - 1}\n    steps: [{{run: make}}]\n" for n in range(5_000)),
    }
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (folder / "not UTF-8").mkdir()
    (folder / "not UTF-8" / "pod.yaml").write_bytes(pod.encode() + b"metadata: {name: caf\xe9}\n")
    (folder / "loop of links").mkdir()
    (folder / "loop of links" / "loop").symlink_to(folder / "loop of links")
    return {path.name: path for path in sorted(folder.iterdir())}


def kinds(corpus: Path) -> dict[str, list[Path]]:
    """The files of a corpus that devopslint knows, by kind."""
    from devopslint.files import classify, decode

    found: dict[str, list[Path]] = {}
    for path in sorted(corpus.rglob("*")):
        if path.is_file() and not path.is_symlink():
            relative = path.relative_to(corpus).as_posix()
            kind = classify(relative) or classify(relative, decode(path.read_bytes())[0])
            if kind is not None:
                found.setdefault(kind, []).append(path)
    return found


def scored(program: Command | None, manifests: Iterable[Path]) -> list[Path]:
    """Those that kube-score can read: at the first file that it cannot, it ends, and has scored none."""
    if program is None:
        return []
    read = []
    for path in manifests:
        said = subprocess.run([*program, path], stdin=subprocess.DEVNULL, capture_output=True)
        if b"Failed to" not in said.stderr:
            read.append(path)
    return read


def run(corpus: Path, rounds: int, peer_folders: Iterable[Path], scratch: Path) -> list[Contest]:
    """All contests."""
    peer = find_programs(peer_folders)
    found = kinds(corpus)
    dockerfiles = collect(corpus, found["dockerfile"], scratch / "dockerfiles")
    manifests = collect(corpus, found["manifest"][:1000], scratch / "manifests")
    readable = collect(
        scratch / "manifests",
        scored(peer("kube-score", "score", "--output-format", "json"), manifests),
        scratch / "scored",
    )
    workflows = collect(corpus, found["workflow"], scratch / "workflows")
    again: Command = [*DEVOPSLINT, "--no-config", "--format", "json"]
    lint: Command = [*again, "--no-cache"]
    return [
        contest(
            "start-up",
            0,
            {
                "python -c pass": [sys.executable, "-c", "pass"],
                "devopslint --version": [*DEVOPSLINT, "--version"],
                "devopslint, one Dockerfile": [*lint, dockerfiles[0]],
            },
            max(rounds, 5),
            scratch,
        ),
        contest(
            "the whole corpus",
            sum(len(files) for files in found.values()),
            {
                "devopslint": [*lint, corpus],
                "devopslint --jobs 1": [*lint, "--jobs", "1", corpus],
                "devopslint, again": [*again, corpus],
            },
            rounds,
            scratch,
        ),
        contest(
            "Dockerfiles",
            len(dockerfiles),
            {
                "devopslint": [*lint, scratch / "dockerfiles"],
                "devopslint, again": [*again, scratch / "dockerfiles"],
                "hadolint": peer("hadolint", "--no-fail", "--format", "json", *dockerfiles),
            },
            rounds,
            scratch,
        ),
        contest(
            "manifests",
            len(manifests),
            {
                "devopslint": [*lint, scratch / "manifests"],
                "devopslint, again": [*again, scratch / "manifests"],
                "devopslint, every rule": [*lint, "--select", "all", scratch / "manifests"],
                "pipeline-check": peer("pipeline_check", "--pipeline", "kubernetes", "--k8s-path", scratch / "manifests", "--output", "json"),
                "checkov": peer("checkov", "--framework", "kubernetes", "-d", scratch / "manifests", "-o", "json", "--quiet", "--compact", "--skip-download"),
                "kube-linter": peer("kube-linter", "lint", "--format", "json", scratch / "manifests"),
            },
            1,
            scratch,
        ),
        contest(
            "manifests that kube-score can read",
            len(readable),
            {
                "devopslint": [*lint, scratch / "scored"],
                "devopslint, again": [*again, scratch / "scored"],
                "kube-score": peer("kube-score", "score", "--output-format", "json", *readable),
            },
            rounds,
            scratch,
        ),
        contest(
            "workflows",
            len(workflows),
            {
                "devopslint": [*lint, scratch / "workflows"],
                "devopslint, again": [*again, scratch / "workflows"],
                "zizmor": peer("zizmor", "--offline", "--no-exit-codes", "--format", "json", *workflows),
                "pipeline-check": peer("pipeline_check", "--pipeline", "github", "--gha-path", scratch / "workflows", "--output", "json"),
            },
            rounds,
            scratch,
        ),
        contest(
            "hostile inputs",
            0,
            {name: [*lint, path] for name, path in hostile_inputs(scratch / "hostile").items()},
            1,
            scratch,
        ),
    ]  # fmt: skip


def show(contests: Iterable[Contest]) -> None:
    """A table for each contest; ratios are against its first line."""
    for one in contests:
        print(f"\n{one.title}" + (f" ({one.files} files)" if one.files else ""))
        base = one.results[0].seconds
        for result in one.results:
            rate = f"{one.files / result.seconds:9.0f} files/s" if one.files else " " * 17
            print(
                f"  {result.name:28} {result.seconds:8.3f} s {rate} {result.megabytes:7.0f} MB"
                f" {result.seconds / base:8.2f} x   exit {result.exit_code}"
            )
        if one.absent:
            print(f"  not installed: {', '.join(one.absent)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=PROJECT.parent / "shared" / "corpus.tar.xz")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=Path, action="append", default=[])
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if not arguments.corpus.exists():
        sys.exit(f"no corpus at {arguments.corpus}: name one with --corpus")
    sys.path.insert(0, str(PROJECT))
    with tempfile.TemporaryDirectory() as temporary:
        corpus = arguments.corpus
        if corpus.is_file():
            with tarfile.open(corpus) as archive:
                archive.extractall(Path(temporary) / "corpus", filter="data")
            corpus = Path(temporary) / "corpus"
        contests = run(corpus.resolve(), arguments.rounds, arguments.peers, Path(temporary) / "scratch")
    if arguments.json:
        print(json.dumps([asdict(one) for one in contests], indent=1))
    else:
        show(contests)


if __name__ == "__main__":
    main()
