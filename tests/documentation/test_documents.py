"""The parts of documents are found with their lines in each markup, and what the words mean in several languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import devopslint
from devopslint.cli import main
from devopslint.documentation.documents import DocumentFile
from devopslint.documentation.markup import parts
from devopslint.documentation.names import DEPLOY, RECOVERY, ROLLBACK, RUNBOOK, of_path, purposes
from devopslint.documentation.targets import targets
from devopslint.files import classify

MARKDOWN = """\
---
title: Shop
---
# Shop

Text with `kubectl get pods`, [a link](docs/a.md) and ![a diagram](arch.png).

## Deploy

1. one
2. two

```sh
kubectl apply -f k8s/
```
"""
ASCIIDOC = """\
= Shop

Text with `kubectl get pods` and link:docs/a.md[a link].

== Deploy

. one
. two

[source,sh]
----
kubectl apply -f k8s/
----

image::arch.png[]
"""
RESTRUCTURED = """\
====
Shop
====

Text with ``kubectl get pods`` and `a link <docs/a.md>`_.

Deploy
------

1. one
2. two

.. code-block:: sh

   kubectl apply -f k8s/

.. image:: arch.png
"""


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        ("a.md", MARKDOWN, (4, 8, 14)),
        ("a.adoc", ASCIIDOC, (1, 5, 12)),
        ("a.rst", RESTRUCTURED, (2, 7, 15)),
    ],
)
def test_each_markup_gives_the_same_parts(path: str, text: str, lines: tuple[int, int, int]) -> None:
    found = parts(path, text)

    headings = [(part.text, part.level, part.line) for part in found if part.kind == "heading"]
    (code,) = [part for part in found if part.kind == "code"]
    assert headings == [("Shop", 1, lines[0]), ("Deploy", 2, lines[1])]
    assert (code.text.strip(), code.language, code.line) == ("kubectl apply -f k8s/", "sh", lines[2])
    assert [part.text.lstrip(". 12") for part in found if part.kind == "item"] == ["one", "two"]
    assert [link for part in found for link in part.links] == [("a link", "docs/a.md")]
    assert [source for part in found for _, source in part.images] == ["arch.png"]
    assert [command for part in found for command in part.commands] == ["kubectl get pods"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("README.md", "# Shop\n"),
        ("k8s/README.rst", ""),
        ("runbooks/slow.md", ""),
        ("docs/disaster-recovery.adoc", ""),
        ("docs/page.md", "# Page\n\n## Roll back\n"),
        ("docs/page.rst", "Page\n====\n\nDisaster recovery\n-----------------\n"),
    ],
)
def test_a_document_is_told_by_its_place_its_name_or_a_heading(path: str, text: str) -> None:
    assert classify(path, text) == "document"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docs/page.md", "# Page\n\nHow to roll back.\n"),
        ("CHANGELOG.md", "# Changes\n\n## Rollback mended\n"),
        ("android.md", "# Android\n"),
        ("runbooks/slow.yaml", "a: 1\n"),
    ],
)
def test_another_page_is_no_document_of_operations(path: str, text: str) -> None:
    assert classify(path, text) is None


@pytest.mark.parametrize(
    ("words", "purpose"),
    [
        ("Getting started", DEPLOY),
        ("Déploiement", DEPLOY),
        ("部署", DEPLOY),
        ("On-call playbook", RUNBOOK),
        ("Betriebshandbuch", RUNBOOK),
        ("Notfallplan", RECOVERY),
        ("Восстановление", RECOVERY),
        ("Rolling back a release", ROLLBACK),
        ("ロールバック", ROLLBACK),
    ],
)
def test_headings_tell_what_they_are_about(words: str, purpose: str) -> None:
    assert purpose in purposes(words)


@pytest.mark.parametrize(
    "words", ["Running all tests", "Run the unit tests", "Running linters", "How to run the e2e specs"]
)
def test_how_to_run_the_tests_is_no_way_to_deploy(words: str) -> None:
    assert DEPLOY not in purposes(words)
    assert DEPLOY in purposes("Running the service")
    assert DEPLOY in purposes("Run it, then look at the tests")


def test_a_path_tells_it_too_but_not_that_of_a_proposal() -> None:
    assert of_path("docs/roll_back.md") == {ROLLBACK}
    assert of_path("rfcs/0012-roll-back.md") == frozenset()
    assert of_path("android/drawing.md") == frozenset()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("RPO: 24 hours", [("RPO", 86400.0)]),
        ("Our recovery time objective is at most 30 min.", [("RTO", 1800.0)]),
        ("RTO 1-2h, RPO < 15m", [("RTO", 7200.0), ("RPO", 900.0)]),
        ("| RPO | 2 Tage |", [("RPO", 172800.0)]),
        ("RTO: 2 Stunden", [("RTO", 7200.0)]),
        ("The RPO depends on the 3 databases", []),
        ("RTO. Backups are kept 30 days", []),
    ],
)
def test_targets_are_read_with_their_times(line: str, expected: list[tuple[str, float]]) -> None:
    assert [(one.name, one.seconds) for one in targets([line])] == expected


def test_targets_of_a_table_stand_below_their_names() -> None:
    rows = ["| service | RPO | RTO |", "|---|---|---|", "| shop | 5 min | 2 h |", "", "5 min"]

    assert [(one.name, one.seconds, one.line) for one in targets(rows)] == [("RPO", 300.0, 3), ("RTO", 7200.0, 3)]


def test_a_document_that_is_too_long_is_listed_and_not_read(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Shop\n" + "word " * 120_000)

    result = CliRunner().invoke(main, ["--no-config", "--format", "json", str(tmp_path)])

    (one,) = json.loads(result.stdout)["not_checked"]
    assert (one["path"], one["reason"]) == ("README.md", "the document has more than 500,000 characters")


@pytest.mark.parametrize(
    "text", ["<!--", "[", "![](", "> ", "- ", "|", "`", "*a_ ", "<a href=", "# a\n<!-- -->", "RPO "]
)
def test_repeated_marks_are_read_once(text: str) -> None:
    file = DocumentFile("README.md", text * (60_000 // len(text)))

    assert len(list(file.summaries())) >= 1


def test_what_an_unread_document_may_say_is_not_known() -> None:
    manifest = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec: {template: {spec: {containers: [{name: a}]}}}\n"
    files = {"k8s/shop.yaml": manifest, "README.md": "# Shop\n", "docs/Deployment Guide.pdf": ""}

    (one,) = devopslint.check(files, select=["doc-missing-deploy"]).not_known

    assert one.because == "docs/Deployment Guide.pdf is not read"


@pytest.mark.parametrize(
    ("path", "comment"),
    [
        ("docs/runbook.md", "<!-- devopslint: allow doc-stub -- the team is new -->"),
        ("docs/runbook.adoc", "// devopslint: allow doc-stub -- the team is new"),
        ("docs/runbook.rst", ".. devopslint: allow doc-stub -- the team is new"),
    ],
)
def test_a_comment_of_the_markup_accepts_a_finding(path: str, comment: str) -> None:
    (one,) = devopslint.check({path: f"{comment}\n\nTODO: write this\n"}, select=["doc-stub"])

    assert one.suppressed is not None
    assert one.suppressed.reason == "the team is new"
    assert one.suppressed.location.line == 1


def test_a_document_that_shows_a_comment_accepts_nothing() -> None:
    text = "# Runbook\n\n```dockerfile\n# devopslint: allow docker-missing-user -- root\nFROM alpine # trivy:ignore:DS002\n```\n"

    assert list(devopslint.check({"docs/runbook.md": text}, select=["suppression-"])) == []


def test_what_is_called_todo_is_no_stub() -> None:
    def found(text: str) -> int:
        return len(
            devopslint.check(
                {"docs/runbook.md": f"# Runbook\n\n{text}\n\nFirst call.\n\nThen wait.\n"}, select=["doc-stub"]
            )
        )

    assert found("`todo-dev` | deploys by itself") == 0
    assert found("TODO: say how") == 1
    assert found("todo - say how") == 1


@pytest.mark.parametrize("title", ["SOPS module", "Encrypt with sops", "Function calling"])
def test_a_tool_that_is_called_nearly_so_is_no_runbook(title: str) -> None:
    assert RUNBOOK not in purposes(title)


@pytest.mark.parametrize("title", ["SOP: restart the queue", "SOPs", "On-call", "on call duties", "On_Call"])
def test_a_standard_operating_procedure_is_a_runbook(title: str) -> None:
    assert RUNBOOK in purposes(title)


@pytest.mark.parametrize("path", [".github/ISSUE_TEMPLATE/onboarding.md", "docs/trashcan/old-runbook.md"])
def test_a_form_and_what_is_thrown_away_answer_nothing(tmp_path: Path, path: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text("# Runbook\n\n## On-call\n\n1. Restart the queue.\n2. Look at the dashboard.\n")

    printed = CliRunner().invoke(main, ["checklist", "--no-cache", str(tmp_path)]).output

    assert not [line for line in printed.splitlines() if "runbook" in line and " met " in line]
