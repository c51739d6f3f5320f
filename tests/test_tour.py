"""The tour of the house names every room and every module, and none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
HOUSE = PROJECT / "devopslint"
TOUR = (PROJECT / "docs" / "tour.md").read_text("utf-8")
NAMED = {name for quoted in re.findall(r"`([^`]+)`", TOUR) for name in quoted.split()}


@pytest.mark.parametrize(
    "room",
    sorted(
        f"{path.name}/" if path.is_dir() else path.name
        for path in HOUSE.iterdir()
        if (path / "__init__.py").is_file() or (path.suffix == ".py" and not path.name.startswith("__"))
    ),
)
def test_every_room_stands_in_the_tour(room: str) -> None:
    assert room in NAMED


@pytest.mark.parametrize("document", ["docs/tour.md", "CONTRIBUTING.md"])
def test_every_path_that_is_named_is_there(document: str) -> None:
    text = (PROJECT / document).read_text("utf-8")
    named = re.findall(r"`((?:[\w.-]+/)*[\w.-]+(?:\.py|\.md|/))`", text)

    assert len(named) > 5
    gone = [
        path for path in named if not (PROJECT / path).exists() and not (HOUSE / path).exists() and "DOMAIN" not in path
    ]
    assert gone == []
