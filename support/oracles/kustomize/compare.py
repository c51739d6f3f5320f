"""Does kubernetes.kustomize build what kustomize builds?

Builds `main.go` beside this file, which is kustomize's own library with a loop around it, and asks both for every
kustomization below the given folders, each of which holds one repository, and for generated ones: N of all features
mixed, and N of each kind.

usage: python support/oracles/kustomize/compare.py [--generated N] [--kinds N] [--seed N] [FOLDER...]
(needs Go, and the network to fetch its modules)
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent.parent)]

import kinds  # noqa: E402  # the path comes first
from generating import tree  # noqa: E402

from devopslint.kubernetes.kustomize.building import Builder  # noqa: E402
from devopslint.kubernetes.kustomize.editing import Unbuilt  # noqa: E402
from devopslint.readers.yaml_dialects import BUILT  # noqa: E402

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_VERSION_OF_KUSTOMIZE = "app.kubernetes.io/managed-by"


class Case(NamedTuple):
    """A kustomization to build."""

    source: str
    path: str
    question: dict[str, Any]
    ours: Callable[[], list[Any]]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--generated", type=int, default=500)
    parser.add_argument("--kinds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--show", action="store_true", help="say of each difference what it is")
    options = parser.parse_args(arguments)
    cases = [case for folder in options.folders for case in _of_repository(folder)]
    cases += [_generated(options.seed * 100_000 + number) for number in range(options.generated)]
    cases += [
        _in_memory(name, str(number), kinds.tree(name, options.seed * 100_000 + number), "prod")
        for name in kinds.KINDS
        for number in range(options.kinds)
    ]
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "kustomize"
        subprocess.run(["go", "build", "-o", program, "."], cwd=HERE, check=True)
        lines = "".join(json.dumps(case.question) + "\n" for case in cases)
        environment = {"PATH": "/nowhere", "HOME": folder, "HTTPS_PROXY": "http://127.0.0.1:9"}
        answers = subprocess.run(
            [program], input=lines, capture_output=True, text=True, check=True, env=environment
        ).stdout.splitlines()
    counts: dict[str, Counter[str]] = {}
    reasons: Counter[str] = Counter()
    for case, line in zip(cases, answers, strict=True):
        verdict, more = _compare(case, json.loads(line))
        counts.setdefault(case.source, Counter())[verdict] += 1
        if verdict == "unknown":
            reasons[more] += 1
        elif options.show and verdict in ("differs", "only here"):
            print(f"{verdict}: {case.source} {case.path}: {more}")
    verdicts = ("equal", "neither", "unknown", "differs", "only here")
    print(f"{'':42}", *(f"{verdict:>10}" for verdict in verdicts))
    total: Counter[str] = Counter()
    for source, found in sorted(counts.items()):
        total += found
        print(f"{source:42}", *(f"{found[verdict]:10}" for verdict in verdicts))
    print(f"{'all':42}", *(f"{total[verdict]:10}" for verdict in verdicts))
    if options.show:
        for reason, count in reasons.most_common():
            print(f"{count:6} unknown: {reason}")
    built = total["equal"] + total["differs"]
    return 1 if total["differs"] > built / 100 else 0


def _of_repository(root: Path) -> Iterator[Case]:
    kustomizations: dict[str, str] = {}
    for parent, folders, names in os.walk(root):
        folders[:] = sorted(folder for folder in folders if folder != ".git")
        found = [name for name in NAMES if name in names]
        if len(found) == 1:
            folder = Path(parent).relative_to(root).as_posix()
            folder = "" if folder == "." else folder
            kustomizations[folder] = f"{folder}/{found[0]}".removeprefix("/")
    # kustomize hands on what SOPS has encrypted; who decrypts it builds with our own reading.
    builder = Builder(kustomizations, lambda path: (root / path).read_bytes(), BUILT._replace(decrypted=False))
    for folder, path in sorted(kustomizations.items()):
        if "kind: Component" not in (root / path).read_text("utf-8", "replace"):
            yield Case(root.name, path, {"folder": str(root / folder)}, _ours(builder, path))


def _generated(seed: int) -> Case:
    files, folder = tree(seed)
    return _in_memory("generated", str(seed), files, folder)


def _in_memory(source: str, name: str, files: dict[str, str], folder: str) -> Case:
    kustomizations = {path.rpartition("/")[0]: path for path in files if path.endswith("/kustomization.yaml")}
    builder = Builder(kustomizations, lambda path: files[path].encode() if path in files else _absent(path))
    question = {"folder": folder, "files": files}
    return Case(source, name, question, _ours(builder, f"{folder}/kustomization.yaml"))


def _absent(path: str) -> bytes:
    raise FileNotFoundError(path)


def _ours(builder: Builder, path: str) -> Callable[[], list[Any]]:
    return lambda: [node.plain() for node in builder.build(path).objects]


def _compare(case: Case, answer: dict[str, Any]) -> tuple[str, str]:
    try:
        ours = case.ours()
    except Unbuilt as error:
        return ("neither", error.reason) if answer.get("error") else ("unknown", error.reason)
    if answer.get("error"):
        return "only here", answer["error"][-400:]
    mine, theirs = (sorted(map(_text, objects)) for objects in (ours, answer["objects"]))
    if mine == theirs:
        return "equal", ""
    return "differs", _first_difference(mine, theirs)


def _text(value: Any) -> str:
    labels = value.get("metadata", {}).get("labels") if isinstance(value, dict) else None
    if isinstance(labels, dict) and str(labels.get(_VERSION_OF_KUSTOMIZE, "")).startswith("kustomize-"):
        labels[_VERSION_OF_KUSTOMIZE] = "kustomize-"  # the library does not know its own version
    return json.dumps(value, sort_keys=True)


def _first_difference(mine: list[str], theirs: list[str]) -> str:
    only_mine = {_label(one): one for one in map(json.loads, set(mine) - set(theirs))}
    only_theirs = {_label(one): one for one in map(json.loads, set(theirs) - set(mine))}
    for label, one in sorted(only_mine.items()):
        if label in only_theirs:
            return f"{label}{_where(one, only_theirs[label])}"
    return f"only here {sorted(only_mine)[:4]}, only there {sorted(only_theirs)[:4]}"


def _label(one: Any) -> str:
    metadata = one.get("metadata") or {}
    return f"{one.get('kind')}/{metadata.get('name')} in {metadata.get('namespace')}: "


def _where(one: Any, other: Any) -> str:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            if one.get(key, "(absent)") != other.get(key, "(absent)"):
                return f".{key}{_where(one.get(key, '(absent)'), other.get(key, '(absent)'))}"
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (a, b) in enumerate(zip(one, other, strict=True)):
            if a != b:
                return f"[{number}]{_where(a, b)}"
    return f" here {json.dumps(one)[:300]}, there {json.dumps(other)[:300]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
