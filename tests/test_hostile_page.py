"""docs/hostile-input.md names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).parent.parent
PAGE = (PROJECT / "docs" / "hostile-input.md").read_text()


def test_every_test_that_the_page_names_is_there() -> None:
    named = 0
    for cell in re.findall(r"\| (tests/[^|]*) \|\n", PAGE):
        for path, names in re.findall(r"(tests/[\w/]+\.py) ((?:`\w+`(?:, )?)+)", cell):
            text = (PROJECT / path).read_text()
            for name in re.findall(r"`(\w+)`", names):
                assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), f"{path} has no {name}"
                named += 1

    assert named == len(re.findall(r"`test_\w+`", PAGE)) > 40


def test_the_growth_table_has_inputs_that_there_are_and_marks_what_the_page_speaks_of() -> None:
    generators = (PROJECT / "benchmarks" / "growth_inputs.py").read_text()
    rows = re.findall(r"^([a-z][\w-]+) +\d+ +[\d. ]+?(-?\d+\.\d\d) +(-?\d+\.\d\d)( +<-)?$", PAGE, re.MULTILINE)

    assert len(rows) > 100
    assert [name for name, _, _, mark in rows if mark] == ["terraform-doubling-locals"]
    for name, _, _, _ in rows:
        assert name.startswith("report-") or f"\ndef {name.replace('-', '_')}(n: int)" in generators, name
