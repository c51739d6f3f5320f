"""`--fix` over copies of real repositories: what changes, that nothing else does, and that a second run changes nothing.

    python benchmarks/fixes.py FOLDER...

The values are read by PyYAML before and after, which is neither the writer nor the judge of the edits; comments are
counted in the text of what changed.
"""

from __future__ import annotations

import argparse
import collections
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

FIXED = re.compile(r"^fixed (\d+) findings? in (\d+) files?:", re.MULTILINE)
REFUSED = re.compile(r"^  \S+:\d+:\d+: ([a-z0-9-]+): (.*)$", re.MULTILINE)
COMMENT = re.compile(r"(?:^|(?<=\s))#.*")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--unsafe", action="store_true", help="apply unsafe fixes, too")
    parser.add_argument("--keep", type=Path, help="leave the mended copies here")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--judge", action="append", default=[], type=Path, help="a program of JUDGES, by its path")
    options = parser.parse_args()
    print(
        "| tree | files | changed | fixed | values added | changed | removed | comments lost | not fixed | second run |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    keys: collections.Counter[str] = collections.Counter()
    reasons: collections.Counter[str] = collections.Counter()
    for folder in options.folders:
        with tempfile.TemporaryDirectory() as place:
            copy = (options.keep or Path(place)) / folder.name
            shutil.copytree(folder, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
            print(row(folder, copy, options, keys, reasons), flush=True)
            judge_all(folder, copy, options.judge)
    print("\nkeys whose values changed or went:", ", ".join(f"{key} {count}" for key, count in keys.most_common()))
    print("\nnot fixed, because:")
    for reason, count in reasons.most_common():
        print(f"{count:>6}  {reason}")


def row(
    folder: Path,
    copy: Path,
    options: argparse.Namespace,
    keys: collections.Counter[str],
    reasons: collections.Counter[str],
) -> str:
    first = fix(copy, options)
    added = changed = removed = lost = files = total = 0
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_symlink() or ".git" in path.relative_to(folder).parts:
            continue
        total += 1
        before, after = path.read_bytes(), (copy / path.relative_to(folder)).read_bytes()
        if before == after:
            continue
        files += 1
        old_comments, new_comments = (
            collections.Counter(COMMENT.findall(one.decode().replace("\r", ""))) for one in (before, after)
        )
        lost += sum((old_comments - new_comments).values())
        if path.suffix not in (".yaml", ".yml", ".json"):
            continue
        old, new = dict(values(before)), dict(values(after))
        added += len(new.keys() - old.keys())
        removed += len(old.keys() - new.keys())
        differing = [at for at in old.keys() & new.keys() if old[at] != new[at]]
        changed += len(differing)
        keys.update(str(at[-1]) for at in (*differing, *(old.keys() - new.keys())))
    fixed = FIXED.search(first)
    reasons.update(f"{rule}: {reason}" for rule, reason in REFUSED.findall(first.partition("\nnot fixed:")[2]))
    unmended = len(REFUSED.findall(first.partition("\nnot fixed:")[2]))
    second = FIXED.search(fix(copy, options))
    again = f"{second[1]} fixed" if second else "nothing"
    return f"| {folder.name} | {total} | {files} | {fixed[1] if fixed else 0} | {added} | {changed} | {removed} | {lost} | {unmended} | {again} |"


def judge_all(before: Path, after: Path, programs: list[Path]) -> None:
    for program in programs:
        old, now = judged(program, before), judged(program, after)
        new = now - old
        told = "; ".join(f"{rule} {count}" for rule, count in new.most_common()) or "nothing"
        print(f"  {program.name}: {old.total()} findings, then {now.total()}; anew: {told}", flush=True)


JUDGES = {
    "actionlint": (["-format", "{{json .}}"], ".github/workflows/*.y*ml"),
    "hadolint": (["--no-fail", "--format=json"], "**/*Dockerfile*"),
    "kube-linter": (["lint", "--format=json"], "**/*.y*ml"),
    "zizmor": (["--offline", "--no-exit-codes", "--format=json", "--persona=pedantic"], ".github/**/*.y*ml"),
}
"""What each is called with, and which files it takes."""


def judged(program: Path, tree: Path) -> collections.Counter[str]:
    """How often each rule of another linter speaks in a tree."""
    arguments, pattern = JUDGES[program.name]
    files = [str(path) for path in sorted(tree.glob(pattern)) if path.is_file() and not path.is_symlink()]
    if not files:
        return collections.Counter()
    done = subprocess.run([program, *arguments, *files], capture_output=True, text=True, check=False, cwd=tree)
    said = json.loads(done.stdout or "[]")
    if isinstance(said, dict):
        return collections.Counter(one["Check"] for one in said["Reports"] or ())
    return collections.Counter(one.get("kind") or one.get("code") or one["ident"] for one in said)


def fix(tree: Path, options: argparse.Namespace) -> str:
    command = [options.python, "-m", "devopslint", "check", "--fix", "--no-cache", "--format=full", str(tree)]
    command += ["--unsafe-fixes"] if options.unsafe else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        print(done.stdout[-2000:], done.stderr[-2000:], file=sys.stderr)
    return done.stdout


def values(data: bytes) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """(path, value with its type) of every scalar of every document; a key that is no text is named by its place."""
    for number, document in enumerate(yaml.compose_all(data.decode("utf-8-sig"), yaml.CSafeLoader)):
        pending: list[tuple[tuple[Any, ...], Any]] = [((number,), document)]
        while pending:
            path, node = pending.pop()
            if isinstance(node, yaml.MappingNode) and node.value:
                pending.extend(
                    ((*path, key.value if isinstance(key.value, str) else "a key that is no text"), one)
                    for key, one in node.value
                )
            elif isinstance(node, yaml.SequenceNode) and node.value:
                pending.extend(((*path, index), one) for index, one in enumerate(node.value))
            elif node is not None:
                yield path, (node.tag, str(node.value))


if __name__ == "__main__":
    main()
