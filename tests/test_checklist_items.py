"""Each item of the Definition of Done has every answer that it can have, each in a small repository of its own."""

from __future__ import annotations

import functools
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from devopslint.catalogue import items
from devopslint.cli import main

TABLE = yaml.safe_load((Path(__file__).parent / "data" / "checklist_items.yaml").read_text())
ROWS = [(item, status, *row) for item, answers in TABLE["items"].items() for status, row in answers.items()]


@functools.cache
def answers(tree: str) -> dict[str, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / ".git").mkdir()
        for path, text in TABLE["trees"][tree].items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        result = CliRunner().invoke(main, ["checklist", "--format", "json", "--no-config", name])
    return {one["item"]: one for one in json.loads(result.stdout)}


def test_the_table_has_every_item_and_at_least_two_answers_of_each() -> None:
    assert list(TABLE["items"]) == list(items())
    assert [item for item, answers in TABLE["items"].items() if len(answers) < 2] == []
    assert {row[2] for row in ROWS} | {"nothing", "hello-world"} == set(TABLE["trees"])


@pytest.mark.parametrize(
    ("item", "status", "tree", "words"), ROWS, ids=[f"{row[0]}-{row[1].replace(' ', '-')}" for row in ROWS]
)
def test_an_item_is_answered_by_what_the_tree_shows(item: str, status: str, tree: str, words: str) -> None:
    answer = answers(tree)[item]

    assert answer["status"] == status
    if status == "violated":
        assert words in {finding["rule"] for finding in answer["findings"]}
    elif status == "met":
        assert answer["reason"].partition("; ")[0] == words
        assert answer["witness"]["shows"]
    else:
        assert answer["reason"] == f"{items()[item].settles} would settle it; {words} calls for it"


@pytest.mark.parametrize("item", items())
def test_an_item_that_nothing_calls_for_is_not_applicable(item: str) -> None:
    answer = answers("nothing")[item]

    assert (answer["status"], answer["reason"]) == ("not applicable", "nothing in the tree calls for it")


@pytest.mark.parametrize("tree", TABLE["trees"])
def test_no_item_is_met_without_a_witness(tree: str) -> None:
    met = [one for one in answers(tree).values() if one["status"] == "met"]

    assert [one["item"] for one in met if one["witness"] is None or not one["witness"]["shows"]] == []
    assert not met or tree not in ("nothing", "hello-world")
