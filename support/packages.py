"""Public packages unpacked into a folder, and tables written with where they come from.

The programs of the registries do the work: npm, go and pip have to be there.
"""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

FACTS = Path(__file__).parent.parent / "devopslint" / "facts"
_WIDTH = 120


class Package(NamedTuple):
    """A package as it was published."""

    name: str
    version: str
    folder: Path


def npm(name: str, version: str = "latest") -> Package:
    """A package of npm."""
    into = Path(tempfile.mkdtemp())
    packed = json.loads(_output("npm", "pack", "--json", f"{name}@{version}", at=into))[0]
    with tarfile.open(next(into.glob("*.tgz"))) as archive:
        archive.extractall(into, filter="data")
    return Package(f"npm {name}", packed["version"], into / "package")


def go_module(name: str, version: str = "latest") -> Package:
    """A module of Go."""
    found = json.loads(_output("go", "mod", "download", "-json", f"{name}@{version}", at=Path(tempfile.mkdtemp())))
    return Package(f"Go module {name}", found["Version"], Path(found["Dir"]))


def go_versions(name: str) -> list[str]:
    """The versions of a module of Go, oldest first."""
    listed = _output("go", "list", "-m", "-json", "-versions", f"{name}@latest", at=Path(tempfile.mkdtemp()))
    versions: list[str] = json.loads(listed)["Versions"]
    return versions


def pypi(name: str, version: str = "") -> Package:
    """The wheel of a package of PyPI."""
    into = Path(tempfile.mkdtemp())
    wanted = f"{name}=={version}" if version else name
    _output(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", wanted, at=into)
    wheel = next(into.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(into)
    return Package(f"PyPI {name}", wheel.name.split("-")[1], into)


def write_table(name: str, script: str, packages: list[Package], parts: Mapping[str, Any], *, note: str = "") -> None:
    """Writes devopslint/facts/NAME.json, where what comes first is its source."""
    source = ", ".join(package.name for package in packages)
    versions = ", ".join(dict.fromkeys(package.version for package in packages))
    head = {
        "source": f"{source}; {note}" if note else source,
        "version": versions,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "script": f"support/{Path(script).name}",
    }
    write(name, {"source": head, **parts})


def write(name: str, facts: Mapping[str, Any]) -> None:
    """Writes a table so that a change of one fact is a change of one line."""
    (FACTS / f"{name}.json").write_text(_text(facts) + "\n", "utf-8")


def _text(value: Any, indent: str = "") -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) <= _WIDTH and indent:
        return flat
    inner = indent + " "
    if isinstance(value, dict):
        rows = [f"{inner}{json.dumps(key, ensure_ascii=False)}: {_text(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(inner + _text(item, inner) for item in value) + f"\n{indent}]"
    return flat


def _output(*command: str, at: Path) -> str:
    return subprocess.run(command, cwd=at, check=True, capture_output=True, text=True).stdout
