"""A domain declares itself: a folder and a row are all that a new kind of file takes."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devopslint import registry
from devopslint.catalogue import rules_over_projects
from devopslint.files import FEW_PATHS, _Expressions
from devopslint.kubernetes.manifests import workloads
from devopslint.kubernetes.workloads import Container
from devopslint.model import Problem
from devopslint.registry import FileKind, asked_apart, check

PROJECT = Path(__file__).parent.parent
TOY = {
    "toy/__init__.py": """
from devopslint.registry import Claim, Completion, Domain, FileKind

DOMAIN = Domain(
    "toy",
    kinds=(
        FileKind("recipe", "toy.recipes:Recipe", names=("recipe.txt",)),
        FileKind("menu", "toy.recipes:Recipe", endings=(".txt",), reads="toy.recipes:reads_as_menu"),
    ),
)
""",
    "toy/recipes.py": """
from typing import ClassVar

from devopslint.readers.text_file import TextFile


class Recipe(TextFile):
    kinds: ClassVar[tuple[str, ...]] = ("recipe", "menu")

    def summaries(self):
        return ()


def reads_as_menu(name, text):
    return text is not None and text.startswith("menu")


def recipes(file: Recipe):
    return [file]
""",
    "toy/checks/__init__.py": "",
    "toy/checks/taste.py": """
from devopslint.model import Location, Problem
from devopslint.registry import FileKind, check
from toy.recipes import recipes


@check("toy-bland-recipe", each=recipes)
def bland(recipe):
    yield Problem(Location(recipe.path, 1, 1, 1, 2), f"{recipe.path} has no salt")
""",
    "rules/toy/toy-bland-recipe.yaml": """
title: Recipe without salt
severity: warning
rationale: Nobody eats a soup that has no salt in it, and what nobody eats is thrown away.
remediation: Add a spoon of salt to it, and taste it again.
bad:
  - recipe.txt: |
      # finding: recipe.txt has no salt
      soup
good:
  - menu.txt: ""
""",
}


def test_a_new_kind_of_file_takes_a_folder_and_a_row(tmp_path: Path) -> None:
    for path, text in TOY.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "rules").mkdir(exist_ok=True)
    for entry in (PROJECT / "rules").iterdir():
        (tmp_path / "rules" / entry.name).symlink_to(entry)
    program = """
import io, json, pathlib
from devopslint import catalogue, registry
registry.DOMAINS.append("toy")
catalogue.SOURCES = pathlib.Path("rules")
made = io.BytesIO(catalogue.compiled(catalogue.compile_catalogue()))
catalogue._compiled.cache_clear()
made.readline()
made = catalogue.Compiled(made)
catalogue._compiled = lambda: made
import devopslint
from devopslint.files import could_be_known
files = {"recipe.txt": "soup", "today.txt": "menu of the day", "other.txt": "nothing"}
found = devopslint.check(files, select=["toy-bland-recipe"])
print(json.dumps([f.message for f in found]), could_be_known("recipe.txt"))
"""

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": f"{tmp_path}:{PROJECT}", "PATH": ""},
    )

    messages, known = done.stdout.strip().rsplit(" ", 1)
    assert json.loads(messages) == ["recipe.txt has no salt", "today.txt has no salt"]
    assert known == "True"


@pytest.mark.parametrize("kind", registry.kinds().values(), ids=lambda kind: kind.name)
def test_every_kind_has_a_view_that_reads_it(kind: registry.FileKind) -> None:
    view = registry.view_of_kind(kind.name)

    assert view is not None
    assert kind.name in view.kinds
    assert not kind.reads or callable(registry.named(kind.reads))


EXPRESSIONS = [(kind, one) for kind in registry.kinds().values() for one in (kind.place, kind.pattern) if one]


@pytest.mark.parametrize(
    ("kind", "expression"), EXPRESSIONS, ids=[f"{kind.name} {one[:20]}" for kind, one in EXPRESSIONS]
)
@given(data=st.data())
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_a_path_is_of_the_kind_whose_expression_it_matches_whether_few_or_many_are_asked(
    kind: registry.FileKind, expression: str, data: st.DataObject
) -> None:
    """The signs of a kind leave out none of its files: from many paths on nothing asks for signs."""
    path = data.draw(st.from_regex(expression, fullmatch=True))
    few, many = (_Expressions([(kind, expression)], whole=True) for _ in range(2))
    for _ in range(FEW_PATHS):
        many.kind_of("")

    assert re.compile(expression).groups == 0
    assert few.kind_of(path) is many.kind_of(path) is kind


def test_of_two_places_the_one_that_begins_first_tells_the_kind() -> None:
    path = "roles/jenkinsfiles/deploy"
    inner, outer = FileKind("inner", signs=("jenkins",)), FileKind("outer")
    told = [(inner, "jenkinsfiles/"), (outer, "roles/")]
    few, many = (_Expressions(told, whole=False) for _ in range(2))
    for _ in range(FEW_PATHS):
        many.kind_of("")

    assert few.kind_of(path) is many.kind_of(path) is outer


@pytest.mark.parametrize("domain", registry.domains(), ids=lambda domain: domain.name)
def test_every_function_that_a_domain_names_is_there(domain: registry.Domain) -> None:
    named = [claim.function for claim in domain.claims] + [completion.function for completion in domain.completions]
    named += [text for text in (domain.comments, domain.annotations, domain.configuration, domain.words) if text]

    for text in named:
        module, _, name = text.partition(":")
        assert callable(getattr(importlib.import_module(module), name)), text


if TYPE_CHECKING:
    # A check that takes something else than its selector gives is an error: without one, mypy objects to the comment.
    @check("k8s-root-container", each=workloads)  # type: ignore[arg-type]
    def takes_a_container(container: Container) -> Iterator[Problem]:
        yield Problem(container.location, container.name)


def test_what_another_process_may_be_asked_are_modules_of_checks_over_the_project() -> None:
    modules = {module for where in rules_over_projects().values() for module in where}

    assert asked_apart()
    assert asked_apart() <= modules


def test_rules_that_look_at_resources_of_terraform_stay_together() -> None:
    # Each process works out what resources there are, and what a module's values have cost: together, once.
    looking = {
        "tf-iam-star",
        "tf-open-ssh",
        "tf-public-bucket",
        "tf-state-bucket-unversioned",
        "tf-unencrypted-storage",
    }

    modules = {module for rule_id in looking for module in rules_over_projects()[rule_id]}

    assert modules.isdisjoint(asked_apart())
