"""Every row by which stages are told is needed by its own example."""

from __future__ import annotations

import pytest
from yaml import safe_load

from devopslint.github.files import ActionFile, WorkflowFile
from devopslint.github.summaries import ActionSummary, WorkflowSummary
from devopslint.model import Summaries
from devopslint.pipeline.commands import COMMAND_ROWS, CommandRow
from devopslint.pipeline.jobs import Job
from devopslint.pipeline.names import NAME_ROWS, SCRIPT_ROWS, WORD_ROWS, NameRow, Names, ScriptRow, WordRow
from devopslint.pipeline.pipelines import github_pipelines
from devopslint.pipeline.recognizer import Recognizer
from devopslint.pipeline.rows import ROWS, Row
from devopslint.pipeline.stage_words import JOB_NAMES, SCRIPT_NAMES, Word, words
from devopslint.pipeline.stages import Vocabulary, vocabulary
from devopslint.pipeline.words import Words
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


NAMING: tuple[NameRow | WordRow, ...] = (*NAME_ROWS, *WORD_ROWS)


def stood_for(row: NameRow | WordRow, without: NameRow | WordRow | None = None) -> frozenset[str]:
    own = {stage: Words(words) for stage, words in row.own} if isinstance(row, NameRow) else {}
    name_rows = tuple(one for one in NAME_ROWS if one is not without)
    word_rows = tuple(one for one in WORD_ROWS if one is not without)
    return Names(own, name_rows, word_rows).of_job(row.name)


@pytest.mark.parametrize("row", NAMING, ids=lambda row: row.id)
def test_a_row_of_names_is_needed_by_its_example(row: NameRow | WordRow) -> None:
    assert stood_for(row) == frozenset(row.stages.split())
    assert stood_for(row, without=row) != frozenset(row.stages.split())


@pytest.mark.parametrize("row", SCRIPT_ROWS, ids=lambda row: row.id)
def test_a_row_of_scripts_is_needed_by_its_example(row: ScriptRow) -> None:
    others = tuple(one for one in SCRIPT_ROWS if one is not row)

    assert Names({}).of_script(row.name) == (row.stage or None)
    assert Names({}, script_rows=others).of_script(row.name) != (row.stage or None)


@pytest.mark.parametrize("row", COMMAND_ROWS, ids=lambda row: row.id)
def test_a_row_of_commands_is_needed_by_its_example(row: CommandRow) -> None:
    others = tuple(one for one in COMMAND_ROWS if one is not row)
    program, *rest = row.command.split()

    assert Vocabulary().of_command(program, rest)[0] == row.turns
    assert Vocabulary(command_rows=others).of_command(program, rest)[0] != row.turns


def test_every_action_of_the_tables_is_needed_by_its_example() -> None:
    actions = [word for word in words() if word.kind == "action"]
    globs = [word for word in actions if "*" in word.text]
    needless = []
    for word in actions:
        exact = [one for one in actions if one.text == word.example]
        some = [one for one in (*globs, *exact) if one is not word]
        if Vocabulary(words=[word, *some]).of_action(word.example) == Vocabulary(words=some).of_action(word.example):
            needless.append(word)

    assert needless == []


def test_every_command_of_the_tables_is_needed_by_its_example() -> None:
    by_program: dict[str, list[Word]] = {}
    for word in words():
        if word.kind == "command":
            by_program.setdefault(word.program.rstrip("*"), []).append(word)
    needless = []
    for rows in by_program.values():
        for word in rows:
            program, *rest = word.example.split()
            others = Vocabulary(words=[one for one in rows if one is not word])
            if Vocabulary(words=rows).of_command(program, rest) == others.of_command(program, rest):
                needless.append(word)

    assert needless == []


def test_every_word_of_the_names_of_jobs_is_needed_by_its_example() -> None:
    needless = []
    for stage, text in JOB_NAMES:
        for word in text.split():
            example = word.replace("*", "x")
            rest = Words(" ".join(one for one in text.split() if one != word))
            others = {other: rest if other == stage else Words(known) for other, known in JOB_NAMES}
            if stage not in Names({}).of_job(example) or stage in Names({}, job_words=others).of_job(example):
                needless.append((stage, word))

    assert needless == []


def test_every_word_of_the_names_of_scripts_is_needed_by_its_example() -> None:
    needless = []
    for stage, text in SCRIPT_NAMES:
        for word in text.split():
            example = word.replace("*", "x")
            rest = Words(" ".join(one for one in text.split() if one != word))
            others = [(other, rest if other == stage else Words(known)) for other, known in SCRIPT_NAMES]
            if Names({}).of_script(example) != stage or Names({}, script_words=others).of_script(example) == stage:
                needless.append((stage, word))

    assert needless == []


SMALL = ("to", "on", "in", "into", "for", "the", "a", "of", "with", "from")
DIRECTIONS = (
    *("apply", "applies", "deploy", "deploys", "deploying", "publish", "publishes"),
    *("release", "releases", "promote", "push", "ship"),
)


@pytest.mark.parametrize("name", [*(f"deploy {word} test" for word in SMALL), "deploy to dev and test"])
def test_small_words_stand_between_a_delivery_and_where_it_goes(name: str) -> None:
    assert Names({}).of_job(name) == {"deploy"}


@pytest.mark.parametrize("word", DIRECTIONS)
def test_what_follows_a_direction_is_where_to(word: str) -> None:
    assert "test" not in Names({}).of_job(f"{word} to test")


def test_what_a_thing_is_pushed_for_is_where_to() -> None:
    assert Names({}).of_job("push for test") == frozenset()


@pytest.mark.parametrize("name", ["deploy-alerting", "publish-alerts", "build-alerting"])
def test_alerting_that_is_delivered_notifies_nobody(name: str) -> None:
    assert Names({}).of_job(name) == {name.partition("-")[0]}
    assert Names({}).of_job("alerting") == {"notify"}


@pytest.mark.parametrize("name", ["deploy and test", "run the test of deploys", "build to test", "deploy the app test"])
def test_a_test_that_is_no_target_is_a_test(name: str) -> None:
    assert "test" in Names({}).of_job(name)
