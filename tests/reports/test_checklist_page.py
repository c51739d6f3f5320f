"""The checklist in a browser: whole, by itself, and with nothing in it that a file could have put there."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from devopslint.catalogue import items
from devopslint.cli import main

DOCKERFILE = "FROM alpine:3.22.1\nUSER root\nLABEL maintainer='<script>alert(1)</script>'\n"
COMPOSE = "services:\n  '<img src=x onerror=alert(1)>':\n    image: web:1.2.3\n"


CONTENT = "default-src 'none'; style-src 'unsafe-inline'"


class Tags(HTMLParser):
    """What is in a page, and whether all that is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> str:
    result = CliRunner().invoke(main, args)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_page_has_every_item_and_nothing_from_elsewhere(project: Path) -> None:
    text = run("checklist", "--format=html")
    tags = Tags(text)

    assert tags.open == []
    assert {attributes.get("id") for tag, attributes in tags.seen if tag == "li"} >= set(items())
    assert {tag for tag, _ in tags.seen} & {"script", "link", "img", "iframe", "object"} == set()
    assert not any("src" in attributes or "href" in attributes for _, attributes in tags.seen)
    assert ("meta", {"http-equiv": "Content-Security-Policy", "content": CONTENT}) in tags.seen
    assert not re.search(r"url\(|@import|https?://", text.partition("</style>")[0])


HOSTILE = """\"'></p></style></title><script>alert(1)</script><a href='javascript:alert(1)'>x</a><!--]]>"""


def test_no_markup_of_the_tree_is_markup_of_the_page(project: Path) -> None:
    sound = Tags(run("checklist", "--format=html"))
    odd = project / HOSTILE.replace("/", "")
    odd.mkdir()
    (odd / "Dockerfile").write_text(f"FROM {HOSTILE.replace(' ', '')}\nUSER root\nLABEL a='{HOSTILE}'\n")
    name = json.dumps(HOSTILE)
    (odd / "compose.yaml").write_text(f"services: {{{name}: {{image: {name}, ports: [{name}], privileged: true}}}}\n")

    text = run("checklist", "--format=html", "--select=all")
    tags = Tags(text)

    assert tags.open == []
    assert {tag for tag, _ in tags.seen} == {tag for tag, _ in sound.seen}
    assert {key for _, attributes in tags.seen for key in attributes} == {key for _, one in sound.seen for key in one}
    assert text.count("<script>") == text.count("<!--") == 0 and "&lt;script&gt;" in text


def test_names_from_files_are_text(project: Path) -> None:
    text = run("checklist", "--format=html")

    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert "<img" not in text


def test_headings_follow_each_other_and_no_status_is_a_colour_alone(project: Path) -> None:
    tags = Tags(run("checklist", "--format=html"))

    levels = [int(tag[1]) for tag, _ in tags.seen if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert "✗ violated non-root user" in tags.words
    assert ("html", {"lang": "en"}) in tags.seen


def test_the_page_says_what_has_become_of_the_baseline(project: Path) -> None:
    assert "Against the baseline" not in run("checklist", "--format=html")
    run("baseline", "--select=docker-root-user,compose-missing-user")
    (project / "Dockerfile").write_text(DOCKERFILE.replace("USER root", "USER 10001"))

    text = run("checklist", "--format=html", "--select=docker-root-user,compose-missing-user")

    assert re.search(r"of \d+ findings \d+ are gone and \d+ still there; 0 are new\.", text)
    assert "findings 1 are gone" in text


def test_an_attestation_that_ends_soon_is_pointed_out(project: Path) -> None:
    import datetime

    soon = datetime.date.today() + datetime.timedelta(7)
    (project / "devopslint.yaml").write_text(f"attest: [{{item: monitoring.logs, reason: Loki, until: {soon}}}]\n")

    assert f"The attestation ends on {soon}." in run("checklist", "--format=html")


def test_the_badge_is_a_picture_with_words(project: Path) -> None:
    picture = ElementTree.fromstring(run("badge"))  # our own text

    label = picture.get("aria-label") or ""
    assert re.fullmatch(r"definition of done: \d+/\d+", label)
    assert picture.get("role") == "img"
