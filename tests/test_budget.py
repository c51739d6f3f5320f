"""What a small run may cost, counted and never timed: modules of ours that it imports, and files that it reads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devopslint import __version__
from devopslint.cache import VARIABLE

PACKAGE = Path(__file__).parent.parent / "devopslint"
COUNTED = """
import sys
opened = []
sys.addaudithook(lambda event, told: opened.append(str(told[0])) if event == "open" else None)
from devopslint.cli import main
try:
    main(sys.argv[2:], standalone_mode=False)
except SystemExit:
    pass
with open(sys.argv[1], "w") as file:
    print(*sys.modules, file=file)
    print(*opened, sep="\\n", file=file)
"""
HANDED = """
import re, sys
from devopslint.deferred import Pattern
handed = []
def counting(pattern, name):
    made = re.compile(pattern.pattern, pattern.given)
    def counted(method):
        def ask(*arguments):
            text = arguments[1] if method.startswith("sub") else arguments[0]
            if len(text) >= int(sys.argv[2]):
                handed.append(pattern.pattern)
            return getattr(made, method)(*arguments)
        return ask
    for method in ("search", "finditer", "findall", "split", "sub", "subn"):
        setattr(pattern, method, counted(method))
    return getattr(pattern, name) if name in vars(pattern) else getattr(made, name)
Pattern.__getattr__ = counting
from devopslint.cli import main
try:
    main(sys.argv[3:], standalone_mode=False)
except SystemExit:
    pass
with open(sys.argv[1], "w") as file:
    print(*map(repr, handed), sep="\\n", file=file)
"""
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: 'b:1'}]}\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    (tree / ".git").mkdir(parents=True)
    (tree / "Dockerfile").write_text('FROM alpine:3.20\nUSER 1000\nCMD ["sh"]\n')
    (tree / "pod.yaml").write_text(POD)
    return tree


def counted(tree: Path, *arguments: str) -> dict[str, list[str]]:
    told = tree.parent / "told.json"
    command = [sys.executable, "-c", COUNTED, str(told), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), VARIABLE: str(tree.parent / "cache")}
    subprocess.run(command, cwd=tree, env=environment, stdout=subprocess.DEVNULL, check=True)
    modules, *opened = told.read_text().splitlines()
    return {"modules": modules.split(), "opened": opened}


@pytest.mark.parametrize(
    ("arguments", "most"),
    [
        (["--version"], 9),
        (["--no-context", "--no-cache", "Dockerfile"], 99),
        (["--no-context", "--no-cache", "pod.yaml"], 132),
        (["--no-context", "pod.yaml"], 135),
    ],
)
def test_a_small_run_imports_no_more_modules_of_ours_than_it_did(tree: Path, arguments: list[str], most: int) -> None:
    """Where a change needs more, the number is raised with a reason; where it needs fewer, it is lowered."""
    modules = [name for name in counted(tree, *arguments)["modules"] if name.partition(".")[0] == "devopslint"]

    assert "devopslint.cli" in modules
    assert len(modules) <= most, sorted(modules)


@pytest.mark.parametrize(
    ("arguments", "unneeded"),
    [
        (["--version"], {"json", "yaml", "sqlite3", "dataclasses", "tempfile", "devopslint.catalogue"}),
        (
            ["--no-context", "--no-cache", "Dockerfile"],
            {"yaml", "sqlite3", "dataclasses", "tempfile", "difflib", "pickle", "_hashlib", "base64"},
        ),
        (
            ["--no-context", "--no-cache", "pod.yaml"],
            {"sqlite3", "dataclasses", "tempfile", "dockerfile_parse", "pickle", "_hashlib", "difflib"}
            | {"devopslint.tracked"},
        ),
    ],
)
def test_what_a_run_does_not_need_is_not_imported(tree: Path, arguments: list[str], unneeded: set[str]) -> None:
    assert unneeded.isdisjoint(counted(tree, *arguments)["modules"])


def test_the_version_is_told_without_the_command_line() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "devopslint", "--version"]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}

    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    assert told.stdout == f"devopslint, version {__version__}\n"
    assert "devopslint" in told.stderr
    assert "click" not in told.stderr
    assert "devopslint.model" not in told.stderr


def test_a_run_does_not_import_what_click_asks_for_help(tree: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "devopslint", "--no-context", "--no-cache", "Dockerfile"]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}

    told = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=True)

    imported = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}
    assert "click.core" in imported
    assert imported.isdisjoint(("inspect", "ast", "dis", "_hashlib", "ipaddress"))


def test_a_run_reads_each_file_once_and_the_catalogue(tree: Path) -> None:
    opened = counted(tree, "--no-context", "--no-cache", "pod.yaml", "--format", "concise")["opened"]

    read = [path for path in opened if path.startswith(f"{tree}/")]
    tables = {Path(path).name for path in opened if path.startswith(f"{PACKAGE}/") and path.endswith(".json")}
    assert [path.removeprefix(f"{tree}/") for path in read] == ["pod.yaml"]
    assert "_catalogue.json" in tables
    assert len(tables) <= 4, tables


def test_what_builds_is_read_once_though_it_is_judged_and_built(tree: Path) -> None:
    (tree / "kustomization.yaml").write_text("resources: [pod.yaml]\n")
    for name in ("a", "b"):
        (tree / name).mkdir()
        (tree / name / "kustomization.yaml").write_text(f"resources: [..]\nimages: [{{name: b, newTag: '{name}'}}]\n")

    opened = counted(tree, "--no-cache", "--format", "full", ".")["opened"]

    read = [path.removeprefix(f"{tree}/") for path in opened if path.endswith("kustomization.yaml")]
    assert sorted(read) == ["a/kustomization.yaml", "b/kustomization.yaml", "kustomization.yaml"]


@pytest.mark.skipif(not hasattr(os, "pread"), reason="it is read whole there")
def test_a_run_reads_of_the_catalogue_what_it_asks_for(tree: Path) -> None:
    program = """
import os, sys
read, lengths = os.pread, []
os.pread = lambda file, length, begin: lengths.append(length) or read(file, length, begin)
from devopslint.cli import main
try:
    main(sys.argv[1:], standalone_mode=False)
except SystemExit:
    pass
sys.stderr.write(str(sum(lengths)))
"""
    command = [sys.executable, "-c", program, "--no-context", "--no-cache", "pod.yaml"]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}

    told = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=True)

    assert "k8s-naked-pod" in told.stdout
    assert int(told.stderr) < (PACKAGE / "_catalogue.json").stat().st_size / 10


LARGE = {
    "crd.yaml": (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.b}\nspec:\n"
        "  group: b\n  names: {kind: A, plural: a}\n  scope: Cluster\n  versions:\n  - name: v1\n    schema:\n"
        "      openAPIV3Schema:\n        properties:\n"
        + "".join(
            f"          p{n}: {{type: string, description: 'Which of these is taken, such as v{n}.'}}\n"
            for n in range(900)
        )
    ),
    ".github/workflows/ci.yml": "on: push\njobs:\n"
    + "".join(f"  j{n}:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: make part-{n}\n" for n in range(500)),
    "Dockerfile": "FROM alpine:3.20\n" + "".join(f"RUN make part-{n} > /dev/null\n" for n in range(900)) + "USER 1\n",
}


@pytest.mark.parametrize(("path", "most"), [("crd.yaml", 5), (".github/workflows/ci.yml", 6), ("Dockerfile", 1)])
def test_a_whole_text_is_looked_through_by_no_more_expressions_than_it_was(tree: Path, path: str, most: int) -> None:
    """An expression that is tried at each character of 15 MB costs more than all checks; `in` tells where none can match."""
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).write_text(LARGE[path])
    told = tree.parent / "told.json"
    command = [sys.executable, "-c", HANDED, str(told), str(len(LARGE[path]) - 100), "--no-context", "--no-cache", path]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}

    subprocess.run(command, cwd=tree, env=environment, stdout=subprocess.DEVNULL, check=True)

    handed = told.read_text().splitlines()
    assert len(handed) <= most, handed
