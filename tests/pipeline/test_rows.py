"""Every row by which stages are told is needed by its own example."""

from __future__ import annotations

from typing import Any

import pytest
from yaml import safe_load

from devopslint.deferred import replace
from devopslint.files import classify
from devopslint.github.summaries import ActionSummary, WorkflowSummary
from devopslint.model import Summaries
from devopslint.pipeline.command_rows import COMMAND_ROWS, Given
from devopslint.pipeline.following import CALLED_ROWS, INNER_ROWS, PART_ROWS, Following
from devopslint.pipeline.goal_rows import GOAL_ROWS
from devopslint.pipeline.interpreter import spell
from devopslint.pipeline.job_rows import JOB_ROWS
from devopslint.pipeline.jobs import Job
from devopslint.pipeline.line_rows import KNOWN_ROWS, LINE_ROWS, PASSING_ROWS, TEXT_ROWS
from devopslint.pipeline.name_rows import NAME_ROWS, WORD_ROWS, Name
from devopslint.pipeline.names import BOTH_ROWS, BothRow, Names
from devopslint.pipeline.pipelines import github_pipelines
from devopslint.pipeline.reading import Reader
from devopslint.pipeline.recognizer import Recognizer
from devopslint.pipeline.rows import AnswerRow, ExceptionRow, JobRow, NameRow, Row, WordRow
from devopslint.pipeline.script_names import SCRIPT_ROWS, ScriptName
from devopslint.pipeline.seen import Seen
from devopslint.pipeline.shell_scripts import ShellScripts
from devopslint.pipeline.stage_words import IDLE_INPUTS, JOB_NAMES, REMOTE_SCRIPTS, SCRIPT_NAMES, Word, words
from devopslint.pipeline.step_names import ACTION_ROWS, KNOWN_ACTIONS, STEP_ROWS, WORKFLOW_ROWS, StepNames
from devopslint.pipeline.vocabulary import Vocabulary, vocabulary
from devopslint.pipeline.words import Words
from devopslint.registry import view_of_kind
from devopslint.scripts.makefile import Makefile
from devopslint.scripts.named import NamedScripts, ShellScript
from devopslint.scripts.resolution import ProjectScripts

TABLES: dict[str, tuple[Row, ...]] = {
    "job_rows": JOB_ROWS,
    "part_rows": PART_ROWS,
    "called_rows": CALLED_ROWS,
    "inner_rows": INNER_ROWS,
    "step_rows": STEP_ROWS,
    "action_rows": ACTION_ROWS,
    "workflow_rows": WORKFLOW_ROWS,
    "known_actions": KNOWN_ACTIONS,
    "goal_rows": GOAL_ROWS,
}
"""Those whose examples are jobs."""


def pick(tables: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: tables[name] for name in names}


def recognized(row: Row, without: Row | None = None) -> Job:
    tables: dict[str, Any] = {name: tuple(one for one in rows if one is not without) for name, rows in TABLES.items()}
    files = {
        ".github/workflows/one.yml": f"on: push\njobs:\n  {row.example}\n",
        **dict(getattr(row, "files", ())),
    }
    found: list[object] = []
    for path, text in files.items():
        view = view_of_kind(classify(path, text) or "")
        assert view is not None, path
        found.extend(view.read(path, text).summaries())
    summaries = Summaries(found)
    scripts = ProjectScripts(summaries.of(NamedScripts), summaries.of(Makefile), summaries.of(ShellScript))
    words = vocabulary(())
    following = Following(ShellScripts(words), scripts, **pick(tables, "part_rows", "called_rows", "inner_rows"))
    names = StepNames(words, **pick(tables, "step_rows", "action_rows", "workflow_rows", "known_actions"))
    reader = Reader(words, following, names, summaries.of(ActionSummary), **pick(tables, "goal_rows"))
    recognizer = Recognizer(reader, tables["job_rows"])
    return github_pipelines(summaries.of(WorkflowSummary), recognizer)[0].jobs[0]


@pytest.mark.parametrize("row", JOB_ROWS, ids=lambda row: row.id)
def test_a_row_of_jobs_speaks_of_its_example(row: JobRow[Seen]) -> None:
    assert len(safe_load(row.example)) == 1

    assert any(f"({row.id}: " in line for line in recognized(row).trace)


BY_STAGES = [row for name, rows in TABLES.items() if name not in ("known_actions", "goal_rows") for row in rows]


@pytest.mark.parametrize("row", BY_STAGES, ids=lambda row: row.id)
def test_without_a_row_its_example_has_other_stages(row: Row) -> None:
    assert list(recognized(row).stages) == row.stages.split()
    assert list(recognized(row, without=row).stages) != row.stages.split()


@pytest.mark.parametrize("row", GOAL_ROWS, ids=lambda row: row.id)
def test_without_a_row_of_goals_its_example_does_less(row: Row) -> None:
    assert recognized(row).all_stages == set(row.stages.split())
    assert recognized(row, without=row).all_stages < set(row.stages.split())


@pytest.mark.parametrize("row", KNOWN_ACTIONS, ids=lambda row: row.id)
def test_without_a_row_of_known_actions_its_example_is_unread(row: Row) -> None:
    assert list(recognized(row).stages) == row.stages.split()
    assert not recognized(row).unread
    assert recognized(row, without=row).unread


def stood_for(row: NameRow[Name, frozenset[str]] | WordRow[Name], without: Row | None = None) -> frozenset[str]:
    own = {stage: Words(words) for stage, words in row.own} if isinstance(row, NameRow) else {}
    words = tuple(one for one in WORD_ROWS if one is not without)
    rows = tuple(
        replace(one, then=lambda name: spell(words, name)) if one.id == "words" else one
        for one in NAME_ROWS
        if one is not without
    )
    return Names(own, rows).of_job(row.example)


@pytest.mark.parametrize("row", [*NAME_ROWS, *WORD_ROWS], ids=lambda row: row.id)
def test_a_row_of_names_is_needed_by_its_example(row: NameRow[Name, frozenset[str]] | WordRow[Name]) -> None:
    assert stood_for(row) == frozenset(row.stages.split())
    assert stood_for(row, without=row) != frozenset(row.stages.split())


@pytest.mark.parametrize("row", BOTH_ROWS, ids=lambda row: row.id)
def test_a_row_of_id_and_name_is_needed_by_its_example(row: BothRow) -> None:
    ((job_id, job),) = safe_load(row.example).items()
    others = tuple(one for one in BOTH_ROWS if one is not row)

    assert Names({}).of_both(job_id, job["name"])[0] == frozenset(row.stages.split())
    assert Names({}, both_rows=others).of_both(job_id, job["name"])[0] != frozenset(row.stages.split())


@pytest.mark.parametrize("row", SCRIPT_ROWS, ids=lambda row: row.id)
def test_a_row_of_scripts_is_needed_by_its_example(row: AnswerRow[ScriptName, str]) -> None:
    others = tuple(one for one in SCRIPT_ROWS if one is not row)

    assert Names({}).of_script(row.example) == (row.stages or None)
    assert Names({}, script_rows=others).of_script(row.example) != (row.stages or None)


@pytest.mark.parametrize("row", COMMAND_ROWS, ids=lambda row: row.id)
def test_a_row_of_commands_is_needed_by_its_example(row: ExceptionRow[Given]) -> None:
    others = tuple(one for one in COMMAND_ROWS if one is not row)
    program, *rest = row.example.split()

    assert row.turns == row.stages
    assert Vocabulary().of_command(program, rest)[0] == row.turns
    assert Vocabulary(command_rows=others).of_command(program, rest)[0] != row.turns


SHELL_TABLES: dict[str, tuple[Row, ...]] = {
    "line_rows": LINE_ROWS,
    "known_rows": KNOWN_ROWS,
    "passing_rows": PASSING_ROWS,
    "text_rows": TEXT_ROWS,
}


def said(row: Row, without: Row | None = None) -> list[tuple[str, str, bool]]:
    tables: dict[str, Any] = {
        name: tuple(one for one in rows if one is not without) for name, rows in SHELL_TABLES.items()
    }
    found = ShellScripts(vocabulary(()), **tables).read(row.example)
    return [(one.stage, one.task.name if one.task is not None else "-", one.unread) for one in found]


@pytest.mark.parametrize("row", [row for rows in SHELL_TABLES.values() for row in rows], ids=lambda row: row.id)
def test_a_row_of_command_lines_is_needed_by_its_example(row: Row) -> None:
    assert {stage for stage, _, _ in said(row) if stage} == set(row.stages.split())
    assert said(row, without=row) != said(row)


@pytest.mark.parametrize("row", KNOWN_ROWS, ids=lambda row: row.id)
def test_without_a_row_of_known_commands_its_example_is_unread(row: Row) -> None:
    assert not any(unread for _, _, unread in said(row))
    assert any(unread for _, _, unread in said(row, without=row))


IDLE = [(action, key, word) for action, key, words in IDLE_INPUTS for word in words.split()]


@pytest.mark.parametrize(("action", "key", "word"), IDLE)
def test_an_input_makes_an_action_deliver_nothing(action: str, key: str, word: str) -> None:
    row = Row("", "", f"go: {{steps: [{{uses: {action}@v3, with: {{{key}: '{word} --all'}}}}]}}", "")

    assert list(recognized(row).stages) == []
    assert list(recognized(replace(row, example=row.example.replace(word, "go"))).stages) in (["deploy"], ["publish"])


@pytest.mark.parametrize("action", REMOTE_SCRIPTS.split())
def test_a_remote_script_that_only_shows_something_is_no_deploy(action: str) -> None:
    row = Row("", "", f"go: {{steps: [{{uses: {action}@v1, with: {{script: 'uptime; docker ps'}}}}]}}", "")

    assert list(recognized(row).stages) == []
    assert list(recognized(replace(row, example=row.example.replace("uptime", "./start"))).stages) == ["deploy"]


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


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("Run migrations performance test", {"test"}),
        ("Run migrations", {"deploy"}),
        ("promote artifacts", {"publish"}),
        ("deploy-to-dockerhub", {"publish"}),
        ("Release archives to production", {"publish"}),
        ("release to production", {"deploy"}),
        ("promote to production", {"deploy"}),
    ],
)
def test_what_goes_to_everybody_and_what_is_only_tried(name: str, stages: set[str]) -> None:
    assert Names({}).of_job(name) == stages
