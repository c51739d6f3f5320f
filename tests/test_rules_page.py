"""docs/rules.md is written from the catalogue."""

from __future__ import annotations

from pathlib import Path

from devopslint.catalogue_text import page


def test_the_page_of_rules_is_the_catalogues() -> None:
    written = (Path(__file__).parent.parent / "docs" / "rules.md").read_text("utf-8")

    assert written == page(), "run `make docs`"
