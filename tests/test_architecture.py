"""The arrows of the house: which room may import which, and that none of them comes back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from devopslint import registry

PACKAGE = Path(__file__).parent.parent / "devopslint"
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
DOMAINS = {name.removeprefix("devopslint.") for name in registry.DOMAINS}

SHARED = {"deferred", "digests", "model", "facts", "readers", "secrets", "images", "registry"}
"""What every domain may import."""
DOMAIN_ARROWS: dict[str, set[str]] = {
    "docker": set(),
    "compose": set(),
    "kubernetes": set(),
    "scripts": set(),
    "terraform": set(),
    "cloudformation": set(),
    "ansible": set(),
    "programs": set(),
    "github": {"scripts"},
    "gitlab": {"scripts"},
    "jenkins": {"scripts"},
    "pipeline": {"github", "gitlab", "jenkins", "scripts"},
    "delivery": {"pipeline", "docker", "kubernetes", "compose"},
    "monitoring": {"kubernetes", "compose"},
    "documentation": {"kubernetes", "monitoring"},
    "records": set(),
    "peers": {"github", "terraform"},
}
"""From each domain to those that it may import."""
LAYERS = [
    {"deferred", "digests"},
    {"model", "facts"},
    {"readers", "images", "secrets", "registry"},
    DOMAINS,
    {"catalogue", "files", "tracked"},
    {"own_rules"},
    {"config", "config_reading", "suppressions"},
    {"peers.hcl_comments", "peers.messages", "peers.suppressions", "peers.configurations"},
    {"project"},
    {"engine", "shellcheck", "variants"},
    {"pickling", "plain"},
    {"processes"},
    {"cache", "workers"},
    {"changes", "joins"},
    {"shares"},
    {"run", "rendering", "outcomes"},
    {"baseline", "evidence", "merging"},
    {"reports", "checklist", "catalogue_text", "config_text"},
    {"admission"},
    {"fixes"},
    {"server"},
    {"options", "output"},
    {"cli"},
    {"fleet"},
    {"commands"},
    {"__main__"},
]
"""A module imports only from its own layer and those above it in this table."""
RANK = {room: rank for rank, layer in enumerate(LAYERS) for room in layer}

ONE_SITE = {
    "click": {
        "devopslint.cli",
        "devopslint.options",
        "devopslint.output",
        *(name for name in MODULES if name.startswith("devopslint.commands.")),
    },
    "distributed": {"devopslint.fleet.cluster"},
    "cel_expr_python": {"devopslint.own_rules"},
    "lsprotocol": {"devopslint.server.protocol"},
    "markdown_it": {"devopslint.documentation.markup"},
    "ruamel": {"devopslint.readers.yaml_proof"},
    "pygls": {"devopslint.server.protocol"},
    "yaml": {"devopslint.admission.policies", "devopslint.readers.yaml"},
    "dockerfile_parse": {"devopslint.docker.reader"},
    "platformdirs": {"devopslint.cache"},
    "sqlite3": {"devopslint.cache"},
    "subprocess": {"devopslint.changes", "devopslint.rendering.programs", "devopslint.shellcheck"},
}
NOT_IN_CHECKS = {"os", "sys", "subprocess", "socket", "urllib", "http", "pathlib", "yaml", "click", "devopslint.engine"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (name for alias in node.names if (name := f"{node.module}.{alias.name}") in MODULES)


def ours(module: str) -> set[str]:
    """The modules of ours that a module imports."""
    return {name for name in imports(MODULES[module]) if name in MODULES and name not in ("devopslint", module)}


def room(module: str) -> str:
    """The room that a module is in; some of the peers' modules stand higher than their room."""
    parts = module.split(".")[1:]
    return ".".join(parts[:2]) if ".".join(parts[:2]) in RANK else parts[0]


@pytest.mark.parametrize("module", [name for name in MODULES if name != "devopslint"])
def test_imports_run_one_way(module: str) -> None:
    own = room(module)
    assert own in RANK, f"{module} has no place in the table of layers"

    for imported in ours(module):
        assert RANK[room(imported)] <= RANK[own], f"{module} imports {imported}"


@pytest.mark.parametrize("module", [name for name in MODULES if name != "devopslint" and room(name) in DOMAINS])
def test_a_domain_imports_only_the_domains_that_the_table_names(module: str) -> None:
    own = room(module)

    for imported in ours(module):
        other = room(imported)
        assert other == own or other in SHARED or other in DOMAIN_ARROWS[own], f"{module} imports {imported}"


def test_the_engine_imports_no_domain() -> None:
    for module in (
        "engine",
        "run",
        "files",
        "catalogue",
        "registry",
        "suppressions",
        "checklist",
        "cache",
        "workers",
        "processes",
        "shares",
    ):
        domains = {name for name in ours(f"devopslint.{module}") if name.split(".")[1] in DOMAINS}
        assert domains == set(), f"{module} imports {domains}"


def test_no_module_imports_itself_by_way_of_others() -> None:
    order = TopologicalSorter({module: ours(module) for module in MODULES if module != "devopslint"})

    order.prepare()  # raises CycleError, which names the modules


def test_inside_a_domain_a_model_imports_no_check() -> None:
    for module in MODULES:
        if module != "devopslint" and room(module) in DOMAINS and ".checks" not in module:
            assert not [name for name in ours(module) if ".checks" in name], module


def test_model_imports_nothing_of_ours_but_how_its_classes_are_made() -> None:
    assert ours("devopslint.model") == {"devopslint.deferred"}


@pytest.mark.parametrize("library", ONE_SITE)
def test_a_third_party_has_one_import_site(library: str) -> None:
    sites = {module for module, path in MODULES.items() if any(name.split(".")[0] == library for name in imports(path))}

    assert sites == ONE_SITE[library]


@pytest.mark.parametrize("module", [name for name in MODULES if ".checks." in name])
def test_a_check_only_judges(module: str) -> None:
    imported = set(imports(MODULES[module]))

    assert not imported & NOT_IN_CHECKS
    assert not {name for name in imported if ".checks" in name}


PAGES = [
    *sorted((PACKAGE.parent / "docs" / "decisions").glob("*.md")),
    PACKAGE.parent / "docs" / "tour.md",
    PACKAGE.parent / "CONTRIBUTING.md",
]
NAMED = re.compile(r"`([\w-]+(?:/[\w.-]+)+\.(?:py|json))(?:::\w+)?`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.stem))
def test_the_modules_that_decisions_and_the_tour_name_are_there(page: Path) -> None:
    for named in NAMED.findall(page.read_text("utf-8")):
        assert (PACKAGE / named).exists() or (PACKAGE.parent / named).exists(), f"{page.name} names {named}"


@pytest.mark.parametrize(
    "room",
    sorted(
        f"{path.name}/" if path.is_dir() else path.name
        for path in PACKAGE.iterdir()
        if (path / "__init__.py").is_file() or (path.suffix == ".py" and not path.name.startswith("__"))
    ),
)
def test_every_room_stands_in_the_tour(room: str) -> None:
    tour = (PACKAGE.parent / "docs" / "tour.md").read_text("utf-8")

    assert room in {name for quoted in re.findall(r"`([^`]+)`", tour) for name in quoted.split()}


def test_no_two_modules_of_a_room_name_a_class_alike() -> None:
    homes: dict[tuple[str, str], list[str]] = {}
    for module, path in MODULES.items():
        own = path.relative_to(PACKAGE).parts[0] if path.parent != PACKAGE else ""
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault((own, node.name), []).append(module)

    assert [modules for modules in homes.values() if len(modules) > 1] == []
