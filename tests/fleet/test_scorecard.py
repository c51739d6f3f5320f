"""The scorecard: what many checkouts come to together, since when, and what one fix would mend."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from devopslint.config import ConfigError
from devopslint.fleet import tables
from devopslint.fleet.former import changed, read_former
from devopslint.fleet.listing import read_list
from devopslint.fleet.page import page
from devopslint.fleet.records import Folder
from devopslint.fleet.scorecard import Scorecard, score
from tests.fleet.checkouts import DOCKERFILE, examined, make
from tests.reports.test_checklist_page import CONTENT, Tags

CALL = """on: push
permissions: {contents: read}
jobs:
  build:
    uses: acme/workflows/.github/workflows/build.yml@v1
  scan:
    uses: elsewhere/scan/.github/workflows/scan.yml@v1
"""
CALLED = """on: workflow_call
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    make(tmp_path / "repos/a", {"Dockerfile": DOCKERFILE, ".github/workflows/ci.yml": CALL})
    make(tmp_path / "repos/b", {"app/Dockerfile": DOCKERFILE, ".github/workflows/ci.yml": CALL + "# b\n"})
    make(tmp_path / "repos/c", {"Dockerfile": DOCKERFILE + "USER 1000\n", "again/Dockerfile": DOCKERFILE})
    make(tmp_path / "repos/acme/workflows", {".github/workflows/build.yml": CALLED})
    return tmp_path


def scored(fleet: Path, *names: str) -> Scorecard:
    examined(fleet / "repos", names, fleet / "out")
    checkouts = read_list("".join(f"{name}\n" for name in names), "REPOS.txt", fleet / "repos")
    return score(checkouts, {}, Folder(str(fleet / "out")))


def rows(text: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(text))]


def test_a_file_that_stands_in_several_repositories_is_one_fix(fleet: Path) -> None:
    scorecard = scored(fleet, "a", "b", "c")

    [template] = scorecard.templates
    assert template.path == "Dockerfile"
    assert template.repositories == 3
    assert template.names == ("a", "b", "c")
    assert "docker-missing-user" in template.rules
    alone = scored(fleet, "a")
    assert alone.templates == ()
    found = sum(sum(counts) for rule, counts in _rules(alone) if rule.startswith("docker-"))
    assert sum(template.counts) == 3 * found


def _rules(scorecard: Scorecard) -> list[tuple[str, tuple[int, int, int]]]:
    return [(one.rule, (one.errors, one.warnings, one.notes)) for one in scorecard.rules]


def test_a_called_workflow_has_what_is_found_in_the_checkout_of_its_name(fleet: Path) -> None:
    here, elsewhere = scored(fleet, "a", "b", "acme/workflows").workflows

    assert here.path == "acme/workflows/.github/workflows/build.yml"
    assert (here.repositories, here.names) == (2, ("a", "b"))
    assert here.counts is not None
    assert sum(here.counts) > 0
    assert "pipeline-missing-timeout" in here.rules
    assert elsewhere.path == "elsewhere/scan/.github/workflows/scan.yml"
    assert elsewhere.counts is None
    shared = rows(tables.by_sharing(scored(fleet, "a", "b", "acme/workflows")))
    assert [(row["what"], row["repositories"]) for row in shared[-2:]] == [("reusable workflow", "2")] * 2


def test_what_has_become_of_a_former_scorecard_is_said(fleet: Path) -> None:
    before = scored(fleet, "a", "b")
    then = make(fleet / "then", {"scorecard.csv": tables.by_repository(before), "rules.csv": tables.by_rule(before)})
    make(fleet / "repos/a", {"Dockerfile": DOCKERFILE + "USER 1000\n"})
    now = scored(fleet, "a", "c")
    former = read_former(then / "scorecard.csv")

    said = changed(now, former)

    assert said.startswith(f"since {then}/scorecard.csv: items mended ")
    assert "in 1 repositories that were there then; 1 new, 1 gone" in said
    assert "-1 errors" in said
    assert former.rules is not None
    assert former.rules["docker-missing-user"] == 2
    words = Tags(page(now, former)).words
    assert "violated since then" in words
    assert "new" in words


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a,b\n1,2\n", "is no scorecard.csv: it has no column 'repository'"),
        ("", "is no scorecard.csv: it has no column 'repository'"),
        (",".join(tables.FIRST) + "\na,/a,yes,,1,x,0,0\n", ":2: errors, warnings and notes are numbers"),
    ],
)
def test_what_is_no_former_scorecard_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    file = make(tmp_path, {"scorecard.csv": text}) / "scorecard.csv"

    with pytest.raises(ConfigError) as raised:
        read_former(file)

    assert problem in str(raised.value)


def test_the_page_holds_all_and_nothing_that_a_repository_could_put_there(fleet: Path) -> None:
    named = "<script>alert(1)</script>"
    make(fleet / "repos" / "x", {f"{named}.Dockerfile".replace("/", "-"): DOCKERFILE})
    checkouts = read_list(f"a\nx = {named}\ngone = <b>gone</b>\n", "REPOS.txt", fleet / "repos")
    examined(fleet / "repos", ["a"], fleet / "out")
    scorecard = score(checkouts, {"<b>gone</b>": "is not there", named: "<i>broke</i>"}, Folder(str(fleet / "out")))

    tags = Tags(page(scorecard))

    assert not tags.open
    assert {"script", "b", "i"} & {tag for tag, attributes in tags.seen if not attributes} == set()
    assert [attributes["content"] for tag, attributes in tags.seen if tag == "meta" and "http-equiv" in attributes] == [
        CONTENT
    ]
    assert "<b>gone</b>: is not there" in tags.words
    assert "Definition of Done in 3 repositories" in tags.words
    assert "1 examined, 2 not" in tags.words
    links = [str(attributes["href"]) for tag, attributes in tags.seen if tag == "a"]
    assert "sarif/a.sarif" in links
    assert all(link.startswith(("sarif/", "checklists/", "https://")) or link.endswith(".csv") for link in links)
    assert not [attributes for _, attributes in tags.seen if "src" in attributes]


def test_no_cell_of_a_table_is_a_formula(fleet: Path) -> None:
    checkouts = read_list("a = =cmd|'/c calc'!A1\nb = @b\n", "REPOS.txt", fleet / "repos")
    scorecard = score(checkouts, {one.name: "-1+1" for one in checkouts}, Folder(str(fleet / "out")))

    first, second = rows(tables.by_repository(scorecard))

    assert first["repository"] == "'=cmd|'/c calc'!A1"
    assert (second["repository"], second["failure"]) == ("'@b", "'-1+1")
