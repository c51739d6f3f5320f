"""A configuration that explains itself: which layer decides, all errors at once, variables, and files that are made from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

import devopslint
from devopslint import catalogue_text, config_text
from devopslint.catalogue import catalogue
from devopslint.cli import main
from devopslint.config import ConfigError
from devopslint.config_reading import load_config
from devopslint.readers.yaml import read_yaml

DOCS = Path(__file__).parent.parent / "docs"
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    # devopslint: allow k8s-writable-root-filesystem -- it writes thumbnails
    - name: app
      image: shop:1.2.3
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pod.yaml").write_text(POD)
    return tmp_path


def run(*args: str, **env: str) -> Result:
    return CliRunner().invoke(main, args, env=env)


def lines_of(text: str) -> dict[str, str]:
    return {line.split()[0]: line for line in text.splitlines() if line.split()}


def test_each_rule_is_shown_with_the_layer_that_decides(project: Path) -> None:
    (project / "dev").mkdir()
    (project / "devopslint.yaml").write_text(
        "rules: {hpa-low-minimum: {minimum: 2}}\nignore: [k8s-host-port]\nlower: [dev/]\n"
        "overrides: [{paths: [dev/**], ignore: [k8s-few-replicas], rules: {k8s-root-container: note}}]\n"
    )
    (project / "policy.yaml").write_text("require: [k8s-host-network]\n")

    told = run("--show-settings=dev/web.yaml", "--ignore=k8s-host-ipc", "--policy=policy.yaml")
    shown = lines_of(told.stdout)

    assert told.exit_code == 0
    assert shown["hpa-low-minimum"].split(None, 2)[2].startswith("devopslint.yaml, lower  {minimum: 2")
    assert shown["k8s-host-port"].split(None, 1)[1] == "devopslint.yaml"
    assert shown["k8s-few-replicas"].split(None, 1)[1] == "devopslint.yaml, overrides for dev/**"
    assert shown["k8s-root-container"].split(None, 2)[1:] == ["note", "devopslint.yaml, overrides for dev/**"]
    assert shown["k8s-host-ipc"].split(None, 1)[1] == "the command line"
    assert shown["k8s-host-network"].split(None, 2)[1:] == ["error", "policy.yaml"]
    elsewhere = lines_of(run("--show-settings=web.yaml").stdout)
    assert elsewhere["k8s-few-replicas"].split(None, 2)[2].startswith("the defaults")


def test_the_settings_are_those_of_the_configuration_that_is_named(project: Path) -> None:
    (project / "devopslint.yaml").write_text("rules: {hpa-low-minimum: {minimum: 2}}\n")
    (project / "strict.yaml").write_text("rules: {hpa-low-minimum: {minimum: 7}}\n")

    shown = lines_of(run("--show-settings=web.yaml", "--config=strict.yaml").stdout)

    assert shown["hpa-low-minimum"].split(None, 2)[2] == "strict.yaml  {minimum: 7}"


def test_what_another_linter_is_told_shows_as_its_word(project: Path) -> None:
    (project / ".hadolint.yaml").write_text("trustedRegistries: [ghcr.io]\n")

    shown = lines_of(run("--show-settings=Dockerfile").stdout)

    assert "other linters' configurations" in shown["docker-untrusted-registry"]


def test_all_errors_of_a_configuration_are_said_at_once() -> None:
    text = (
        "ignore: [k8s-nonsense, hpa-]\nrules:\n  hpa-low-minimum: {minimun: 2}\n  k8s-nothing: note\n"
        "attest:\n  - {item: monitoring.nothing, reason: Loki, until: soon}\n"
    )
    with pytest.raises(ConfigError) as values:
        load_config("devopslint.yaml", text)
    with pytest.raises(ConfigError) as form:
        load_config("devopslint.yaml", "fail_on: error\nignre: []\nrender: perhaps\nallow: [{rule: x}]\nexclude: a\n")

    assert [problem.split(": ")[0] for problem in values.value.problems] == [
        f"devopslint.yaml:{at}" for at in ("1:10", "3:21", "4:3", "6:12", "6:53")
    ]
    assert form.value.problems == (
        "devopslint.yaml:1:1: unknown key 'fail_on'; did you mean 'fail-on'?",
        "devopslint.yaml:2:1: unknown key 'ignre'; did you mean 'ignore'?",
        "devopslint.yaml:4:10: allow.0: lacks reason",
        "devopslint.yaml:5:10: exclude: is 'a'; write a list",
        "devopslint.yaml:3:9: render: is 'perhaps'; write true or false",
    )


def test_the_errors_are_printed_a_line_each(project: Path) -> None:
    (project / "devopslint.yaml").write_text("ignre: []\nrender: perhaps\n")

    result = run()

    assert result.exit_code == 2
    assert result.stderr.splitlines()[:2] == [
        "Error: devopslint.yaml:1:1: unknown key 'ignre'; did you mean 'ignore'?",
        "devopslint.yaml:2:9: render: is 'perhaps'; write true or false",
    ]


@pytest.mark.parametrize(
    ("name", "text"), [("devopslint.schema.json", config_text.schema()), ("configuration.md", config_text.page())]
)
def test_what_is_made_of_the_configuration_is_current(name: str, text: str) -> None:
    assert (DOCS / name).read_text("utf-8") == text, "run `make docs`"


def test_the_schema_knows_rules_and_parameters_and_takes_what_is_right() -> None:
    schema = json.loads(config_text.schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    right = read_yaml(
        "devopslint.yaml",
        "select: [hpa-, 'dod:kubernetes', 'hadolint:DL3008', k8s-root-container, pss-restricted, team-missing-owner]\n"
        "rules: {hpa-low-minimum: {minimum: 2, severity: note}, k8s-root-container: warning, team-missing-owner: note}\n"
        "lower: [tests/]\nextends: package:acme_lint\nrule-files: [policy/*.yaml]\n"
        "attest: [{item: monitoring.logs, reason: Loki, until: '2999-01-01'}]\n",
    )

    assert [*validator.iter_errors(right.documents[0].root.plain())] == []
    for wrong in (
        {"rules": {"k8s-nothing": "note"}},
        {"rules": {"hpa-low-minimum": {"minimum": "two"}}},
        {"overrides": [{"paths": ["a"], "rules": {"hpa-low-minimum": "fatal"}}]},
        {"select": ["nonsense"]},
        {"attest": [{"item": "x", "reason": "yes", "until": "2999-01-01"}]},
    ):
        assert [*validator.iter_errors(wrong)], wrong
    assert set(schema["$defs"]["rules"]["properties"]) == set(catalogue())


def test_options_are_variables_too_and_the_command_line_wins(project: Path) -> None:
    select = {"DEVOPSLINT_SELECT": "k8s-missing-seccomp-profile"}

    assert run(**select).exit_code == 0
    assert run(**select, DEVOPSLINT_FAIL_ON="warning").exit_code == 1
    assert run("--fail-on=error", **select, DEVOPSLINT_FAIL_ON="warning").exit_code == 0
    assert run(**select, DEVOPSLINT_FAIL_ON="warning", DEVOPSLINT_EXIT_ZERO="1").exit_code == 0
    assert run(DEVOPSLINT_FORMAT="json", **select).stdout.startswith("{")


def test_no_suppression_is_heeded_where_none_is_wanted(project: Path) -> None:
    select = "--select=k8s-writable-root-filesystem,suppression-"
    (project / "devopslint.yaml").write_text("allow: [{rule: k8s-root-container, reason: vendor}]\n")

    assert run(select, "--format=concise").stdout.startswith("no findings (1 suppressed)")
    assert run(select, "--no-suppressions").exit_code == 1
    assert run("baseline", select).exit_code == 0
    assert run("--select=k8s-root-container", "--no-suppressions").exit_code == 1


def test_nothing_to_check_can_be_a_failure(project: Path) -> None:
    (project / "empty").mkdir()

    assert run("empty").exit_code == 0
    failed = run("empty", "--fail-if-nothing")
    assert failed.exit_code == 2
    assert "nothing was checked, and --fail-if-nothing was given" in failed.stderr
    assert run("--fail-if-nothing", "--exit-zero").exit_code == 0


@pytest.mark.parametrize("args", [("--select=",), ("--select", ","), ("--select", " ")])
def test_an_empty_selection_is_an_error(project: Path, args: tuple[str, ...]) -> None:
    result = run(*args)

    assert result.exit_code == 2
    assert "nothing is selected" in result.stderr


def test_a_word_that_is_no_path_and_no_command_is_told_so(project: Path) -> None:
    result = run("frobnicate")

    assert result.exit_code == 2
    assert "no such file or folder: frobnicate, and no command" in result.stderr


@pytest.mark.parametrize(
    ("incomplete", "found"),
    [
        ("k8s-root-c", "plain,k8s-root-container"),
        ("hpa-,k8s-root-c", "plain,hpa-,k8s-root-container"),
        ("hp", "plain,hpa-"),
    ],
)
def test_rules_are_completed_behind_a_comma_too(incomplete: str, found: str) -> None:
    asked = {"_DEVOPSLINT_COMPLETE": "bash_complete", "COMP_WORDS": f"devopslint check --select {incomplete}"}

    result = CliRunner().invoke(main, env=asked | {"COMP_CWORD": "3"}, prog_name="devopslint")

    assert result.stdout.split() == [found]


def test_an_explanation_for_a_terminal_is_no_markdown() -> None:
    entry = catalogue()["k8s-root-container"]

    text = catalogue_text.for_terminal(catalogue_text.explanation(entry), colored=False)

    assert text.startswith("k8s-root-container\n")
    assert "\nWhat to do\n" in text and "```" not in text and "## " not in text
    prose = text.partition("Bad:")[0]
    assert max(map(len, prose.splitlines())) <= 80


def test_what_was_kept_is_deleted(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("cache")
    (folder / "mine.txt").write_text("not ours")
    run("--select=k8s-", DEVOPSLINT_CACHE_DIR=str(folder))
    assert len([*folder.iterdir()]) == 2

    result = run("clean", DEVOPSLINT_CACHE_DIR=str(folder))

    assert result.stdout.startswith("1 file deleted, ")
    assert [one.name for one in folder.iterdir()] == ["mine.txt"]
    assert run("clean", DEVOPSLINT_CACHE_DIR=str(folder)).stdout == "nothing was kept\n"


def test_no_command_is_imported_before_it_is_called() -> None:
    code = (
        "import sys\nfrom devopslint.cli import main\ntry:\n    main(['--version'])\nfinally:\n"
        "    print(sorted(name for name in sys.modules if name.startswith(('devopslint.commands', 'devopslint.config'))))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(devopslint.__file__).parent.parent)}

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)

    assert done.stdout.endswith("\n[]\n")
