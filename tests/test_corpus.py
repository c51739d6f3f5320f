"""Real repositories: nothing breaks, nothing is passed over in silence, every place is inside its file."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

import pytest

from devopslint.config import Config
from devopslint.model import Location
from devopslint.run import Outcome, conclude_scope, examine_all, find_scope

CORPUS = Path(__file__).parent.parent.parent / "shared" / "corpus.tar.xz"
EVERYTHING = Config().selecting(["all"])

pytestmark = pytest.mark.skipif(
    not CORPUS.exists(), reason="the corpus of real repositories is not beside this checkout"
)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    """A run over each repository of the corpus, with every rule."""
    folder = tmp_path_factory.mktemp("corpus")
    with tarfile.open(CORPUS) as archive:
        archive.extractall(folder, filter="data")
    runs = []
    for root in sorted(path for path in folder.iterdir() if path.is_dir()):
        scope = find_scope(root, [root], EVERYTHING, repository=True)
        reports = examine_all(scope, EVERYTHING)
        runs.append(Outcome(scope, reports, conclude_scope(scope, reports, EVERYTHING)))
    return runs


def places(outcome: Outcome) -> list[Location]:
    """Every place that a finding names."""
    findings = outcome.settled.findings
    return [at for finding in findings for at in (finding.location, *(one.location for one in finding.related))]


def test_no_check_breaks(outcomes: list[Outcome]) -> None:
    assert [failure for outcome in outcomes for failure in outcome.settled.failures] == []


def test_every_file_seen_is_checked_or_listed_with_a_reason(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        listed = {gap.path for gap in outcome.settled.not_checked}
        unchecked = {report.file.path for report in outcome.seen if report.unchecked}

        assert unchecked <= listed
        assert outcome.files_seen == outcome.files_checked + len(unchecked)
        assert outcome.files_seen > 0


def test_every_place_is_inside_its_file(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        paths = {at.path for at in places(outcome)}
        lines = {path: re.split(r"\r\n|\n|\r", outcome.scope.text(path)) for path in paths}
        for at in places(outcome):
            text = lines[at.path]
            assert 1 <= at.line <= at.end_line <= len(text), at
            assert 1 <= at.column <= len(text[at.line - 1]) + 1, at
            assert 1 <= at.end_column <= len(text[at.end_line - 1]) + 1, at
