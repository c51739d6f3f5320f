"""Imports run one way: cli -> engine, reports -> project, catalogue -> checks -> views -> readers -> model."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "devopslint"
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}

LAYERS = [
    ("model",),
    ("readers", "data"),
    ("registry", "views"),
    ("checks",),
    ("catalogue", "files", "peer_messages"),
    ("config", "suppressions", "peer_suppressions"),
    ("peer_configurations",),
    ("project",),
    ("engine", "shellcheck"),
    ("packing",),
    ("cache", "workers"),
    ("run", "rendering"),
    ("reports", "checklist", "catalogue_text"),
    ("cli",),
    ("__main__",),
]
"""A module imports only from its own layer and those above it in this table."""
RANK = {room: rank for rank, layer in enumerate(LAYERS) for room in layer}

ONE_SITE = {
    "click": {"devopslint.cli"},
    "yaml": {"devopslint.readers.yaml"},
    "dockerfile_parse": {"devopslint.readers.dockerfile"},
    "platformdirs": {"devopslint.cache"},
    "subprocess": {"devopslint.rendering.programs", "devopslint.shellcheck"},
}
NOT_IN_CHECKS = {"os", "sys", "subprocess", "socket", "urllib", "http", "pathlib", "yaml", "click", "devopslint.engine"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "devopslint":
                yield from (f"devopslint.{alias.name}" for alias in node.names)


def room(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


@pytest.mark.parametrize("module", [name for name in MODULES if name != "devopslint"])
def test_imports_run_one_way(module: str) -> None:
    own = room(module)
    assert own in RANK, f"{module} has no place in the table of layers"

    for imported in imports(MODULES[module]):
        other = room(imported) if imported.startswith("devopslint.") else None
        if other is None or other == own or other.startswith("__version"):
            continue
        if (own, other) == ("catalogue", "checks") or other not in RANK:
            continue  # the catalogue finds the checks by the package's path, to compile them
        assert RANK[other] <= RANK[own], f"{module} imports {imported}"


def test_model_imports_nothing_of_ours() -> None:
    assert not [name for name in imports(MODULES["devopslint.model"]) if name.startswith("devopslint")]


@pytest.mark.parametrize("library", ONE_SITE)
def test_a_third_party_has_one_import_site(library: str) -> None:
    sites = {module for module, path in MODULES.items() if any(name.split(".")[0] == library for name in imports(path))}

    assert sites == ONE_SITE[library]


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("devopslint.checks.")])
def test_a_check_only_judges(module: str) -> None:
    imported = set(imports(MODULES[module]))

    assert not imported & NOT_IN_CHECKS
    assert not {name for name in imported if name.startswith("devopslint.checks")}
