"""Every row by which stages are told is needed by its own example."""

from __future__ import annotations

import pytest
from yaml import safe_load

from devopslint.github.files import ActionFile, WorkflowFile
from devopslint.github.summaries import ActionSummary, WorkflowSummary
from devopslint.model import Summaries
from devopslint.pipeline.jobs import Job
from devopslint.pipeline.pipelines import github_pipelines
from devopslint.pipeline.recognizer import Recognizer
from devopslint.pipeline.rows import ROWS, Row
from devopslint.pipeline.stages import vocabulary
from devopslint.scripts.resolution import ProjectScripts


def recognized(row: Row, rows: tuple[Row, ...]) -> Job:
    found = list(WorkflowFile.read(".github/workflows/one.yml", f"on: push\njobs:\n  {row.job}\n").summaries())
    for path, text in row.files:
        found.extend(ActionFile.read(path, text).summaries())
    summaries = Summaries(found)
    recognizer = Recognizer(vocabulary(()), ProjectScripts((), (), ()), summaries.of(ActionSummary), rows)
    return github_pipelines(summaries.of(WorkflowSummary), recognizer)[0].jobs[0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_gives_its_example_its_stages(row: Row) -> None:
    assert len(safe_load(row.job)) == 1

    job = recognized(row, ROWS)

    assert list(job.stages) == row.stages.split()
    assert any(f"({row.id}: " in line for line in job.trace)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_without_a_row_its_example_has_other_stages(row: Row) -> None:
    others = tuple(one for one in ROWS if one is not row)

    assert list(recognized(row, others).stages) != row.stages.split()
