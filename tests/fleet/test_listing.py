"""The list of checkouts."""

from __future__ import annotations

from pathlib import Path

import pytest

from devopslint.config import ConfigError
from devopslint.fleet.listing import read_list

HERE = Path("/srv/checkouts")


def test_a_line_is_a_path_from_the_folder_of_the_list_and_a_name_may_follow() -> None:
    text = "# ours\nshop\n\n/data/big repo = acme/big   # the old one\nweb/  \nnot=named\n"

    read = read_list(text, "REPOS.txt", HERE)

    assert [(one.name, one.path, one.line) for one in read] == [
        ("shop", "/srv/checkouts/shop", 2),
        ("acme/big", "/data/big repo", 4),
        ("web", "/srv/checkouts/web", 5),
        ("not=named", "/srv/checkouts/not=named", 6),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a\n./a\n", "REPOS.txt:2: the path '/srv/checkouts/a' stands in line 1 already: PATH = NAME names it"),
        ("a = x\nb = x\n", "REPOS.txt:2: the name 'x' stands in line 1 already: PATH = NAME names it"),
        ("a =\n", "REPOS.txt:1: a name is missing: PATH = NAME"),
        ("= a\n", "REPOS.txt:1: a path is missing: PATH = NAME"),
        ("# nothing\n", "REPOS.txt: names no checkout: write a path a line"),
    ],
)
def test_a_list_that_is_not_understood_is_refused_with_its_lines(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read_list(text, "REPOS.txt", HERE)

    assert raised.value.problems == (problem,)


def test_of_many_problems_the_first_are_said() -> None:
    with pytest.raises(ConfigError) as raised:
        read_list("a\n" * 30, "REPOS.txt", HERE)

    assert raised.value.problems[-1] == "and 9 more"


@pytest.mark.parametrize(
    ("names", "stems"),
    [
        (["shop"], ["shop"]),
        (["Shop", "SHOP"], ["shop-", "shop-"]),
        (["acme/shop", "acme-shop"], ["acme-shop-", "acme-shop"]),
        (["../../etc/passwd"], ["etc-passwd-"]),
        (["…"], [""]),
        (["a" * 300], ["a" * 80 + "-"]),
    ],
)
def test_a_name_becomes_a_file_name_that_no_other_name_has(names: list[str], stems: list[str]) -> None:
    made = [one.stem for one in read_list("".join(f"{name}\n" for name in names), "REPOS.txt", HERE)]

    assert len({stem.lower() for stem in made}) == len(names)
    for stem, expected in zip(made, stems, strict=True):
        assert stem.startswith(expected)
        assert set(stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-_")
        assert len(stem) <= 100
