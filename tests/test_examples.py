"""The examples of every rule: they are its tests and its documentation."""

from __future__ import annotations

import importlib
import re

import pytest

import devopslint
from devopslint.catalogue import ENGINE_RULES, catalogue
from devopslint.config import Config
from devopslint.fixes import COMMENTS, mended_texts
from devopslint.kubernetes.schema import installed
from devopslint.own_rules import announced
from devopslint.registry import FIXES, domains
from devopslint.shellcheck import find_program

WITHOUT_SHELLCHECK = pytest.mark.skipif(find_program() is None, reason="ShellCheck is not installed")
WITHOUT_SCHEMAS = pytest.mark.skipif(not installed(), reason="kubernetes-validate is not installed")
MARKS = {"shellcheck": WITHOUT_SHELLCHECK, "schema": WITHOUT_SCHEMAS}
EXAMPLES = [
    pytest.param(
        rule_id,
        files,
        id=f"{rule_id}-{kind}-{number}",
        marks=[mark for tag, mark in MARKS.items() if tag in entry.rule.tags],
    )
    for rule_id, entry in catalogue().items()
    for kind, examples in (("bad", entry.bad), ("good", entry.good))
    for number, files in enumerate(examples)
]


@pytest.mark.parametrize(("rule_id", "files"), EXAMPLES)
def test_example_gives_exactly_the_findings_that_it_announces(rule_id: str, files: dict[str, str]) -> None:
    select = [rule_id, "k8s-writable-root-filesystem"] if rule_id.startswith("suppression-") else [rule_id]

    seen = devopslint.check(files, select=select)

    found = [f for f in seen if f.rule.id == rule_id]
    assert sorted((f.location.path, f.location.line, f.message) for f in found) == announced(files)
    assert sorted((one.path, one.line, one.reason) for one in seen.not_known) == announced(files, "not known")


@pytest.mark.parametrize("rule_id", sorted(catalogue()))
def test_bad_examples_announce_something_and_good_ones_nothing(rule_id: str) -> None:
    entry = catalogue()[rule_id]

    assert all(announced(dict(files)) for files in entry.bad)
    assert not any(announced(dict(files)) for files in entry.good)


def test_every_rule_but_the_engines_own_has_a_check() -> None:
    without = {rule_id for rule_id, entry in catalogue().items() if not (entry.modules or entry.project_modules)}

    assert without == ENGINE_RULES


MENDED = [
    pytest.param(rule_id, bad, fixed, id=f"{rule_id}-{number}")
    for rule_id, entry in catalogue().items()
    for number, (bad, fixed) in enumerate(zip(entry.bad, entry.fixed, strict=bool(entry.fixed)))
    if fixed
]


def unannounced(files: dict[str, str]) -> dict[str, str]:
    """The same without what announces findings."""
    mark = re.compile(r"\s*(?:#|//|<!--) (?:finding|not known): ")
    return {path: "".join(one for one in text.splitlines(True) if not mark.match(one)) for path, text in files.items()}


@pytest.mark.parametrize(("rule_id", "bad", "fixed"), MENDED)
def test_bad_example_is_mended_to_the_fixed_one(rule_id: str, bad: dict[str, str], fixed: dict[str, str]) -> None:
    config = Config().selecting(
        [rule_id, "k8s-writable-root-filesystem"] if rule_id.startswith("suppression-") else [rule_id]
    )

    once = mended_texts(unannounced(bad), config, rule_id)

    assert once == unannounced(fixed)
    assert mended_texts(once, config, rule_id) == once
    left = [f for f in devopslint.check(fixed, select=[rule_id]) if f.rule.id == rule_id]
    assert sorted((f.location.path, f.location.line, f.message) for f in left) == announced(fixed)


def test_every_fix_of_the_catalogue_is_declared_and_shown() -> None:
    for domain in domains():
        if domain.fixes is not None:
            importlib.import_module(domain.fixes[0])

    said = {rule_id for rule_id, entry in catalogue().items() if entry.rule.fix}

    assert said == {*FIXES, *COMMENTS}
    assert {rule_id for rule_id in said if not any(catalogue()[rule_id].fixed)} == set()
