"""What is written down for another run: read back it is the same, and it makes nothing but records of ours."""

from __future__ import annotations

import datetime
import json
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as some

from devopslint.catalogue import catalogue
from devopslint.config import Config
from devopslint.engine import examine
from devopslint.files import SourceFile, classify
from devopslint.model import Location, Problem, Related, Severity
from devopslint.plain import read, write

atoms = some.one_of(
    some.none(),
    some.booleans(),
    some.integers(),
    some.floats(allow_nan=False),
    some.text(some.characters(exclude_categories=())),
)
values = some.recursive(
    atoms,
    lambda inner: some.one_of(
        some.lists(inner),
        some.lists(inner).map(tuple),
        some.dictionaries(some.text(), inner),
        some.frozensets(atoms),
        some.sets(atoms),
        some.dates(),
    ),
)


class Stranger(NamedTuple):
    name: str


def document(form: str, *parts: Any) -> bytes:
    return json.dumps([[form], [*parts, [*range(len(parts)), 0]], len(parts)]).encode()


@given(values)
def test_what_is_read_back_is_what_was_written(value: Any) -> None:
    back = read(write(value))

    assert back == value and repr(type(back)) == repr(type(value))


def test_equal_numbers_of_several_types_stay_what_they_are() -> None:
    assert list(map(type, read(write((1, True, 1.0, 0, False, -0.0, 0.0))))) == [
        int,
        bool,
        float,
        int,
        bool,
        float,
        float,
    ]
    assert repr(read(write((0.0, -0.0)))) == "(0.0, -0.0)"


def test_records_rules_and_days_are_read_back() -> None:
    at = Location("a.yaml", 1, 2, 3, 4)
    value = [
        Problem(at, "no \ud800", (Related(at, "here"),)),
        Severity.WARNING,
        catalogue()["k8s-latest-tag"].rule,
        datetime.date(2026, 1, 31),
    ]

    assert read(write(value)) == value


FIRST_RULES = {module: rule_id for rule_id, entry in reversed([*catalogue().items()]) for module in entry.modules}


@pytest.mark.parametrize("rule_id", sorted(FIRST_RULES.values()))
def test_the_reports_of_examples_from_every_module_of_checks_are_read_back(rule_id: str) -> None:
    for example in (*catalogue()[rule_id].bad, *catalogue()[rule_id].good):
        for path, text in example.items():
            if (kind := classify(path, text)) is not None:
                report = examine(SourceFile(path, kind), text, Config().selection(path))

                assert read(write(report)) == report


def test_strangers_are_not_written() -> None:
    with pytest.raises(ValueError, match="Stranger is not of this program, so it cannot be written down"):
        write(Stranger("x"))
    with pytest.raises(ValueError, match="object is not of this program"):
        write(object())
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(ValueError, match="nested too deep"):
        write(deep)


@pytest.mark.parametrize(
    "name",
    [
        "os:mkdir",
        "builtins:eval",
        "subprocess:Popen",
        "devopslint.__main__:Main",
        "devopslint.cli:DefaultCommand",
        "devopslint.cache:Cache",
        "devopslint.cache:Path",
        "devopslint.model:Summaries",
        "devopslint.rendering.programs:subprocess",
        "devopslint.model:T",
        "devopslint.nowhere:Thing",
    ],
)
def test_a_name_of_anything_else_makes_nothing(name: str) -> None:
    with pytest.raises((ValueError, ImportError), match=r"names no record of this program|No module named"):
        read(document(name, "x"))


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"[]",
        b"{}",
        b"[[], [], 0]",
        b'[["tuple"], [1, [0, 1]], 1]',
        b'[["place"], [[0, 0], []], 0]',
        document("rule", "no-such-rule"),
        document("tuple", "x") + b" 1",
    ],
)
def test_what_was_never_written_is_an_error(written: bytes) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        read(written)


def test_a_record_with_too_few_parts_is_an_error() -> None:
    with pytest.raises(TypeError):
        read(document("devopslint.model:Location", "a.yaml"))
    with pytest.raises(TypeError):
        read(document("place", "a.yaml", 1))
