"""What other programs read of this repository: pre-commit its hooks, GitHub its action."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from devopslint.cli import main
from devopslint.files import classify

ROOT = Path(__file__).parents[1]
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
ACTION = (ROOT / "action.yml").read_text("utf-8")
STEPS: list[dict[str, Any]] = yaml.safe_load(ACTION)["runs"]["steps"]
SCRIPTS = {step["name"]: step["run"] for step in STEPS if "run" in step}


@pytest.mark.parametrize(
    "path",
    [
        "Dockerfile",
        "api/Dockerfile.prod",
        "Dockerfile-dev",
        "app.dockerfile",
        "Containerfile",
        "Dockerfile.dockerignore",
        ".dockerignore",
        ".github/workflows/ci.yml",
        ".github/dependabot.yaml",
        "action.yml",
        "chart/Chart.yaml",
        "k8s/Kustomization",
        "docker-compose.yml",
        ".gitlab-ci.yml",
        "ci/Jenkinsfile",
        "ci/Jenkinsfile.release",
        "Jenkinsfile_CD",
        "release.jenkinsfile",
        ".hadolint.yaml",
    ],
)
def test_hook_takes_every_file_that_rules_know(path: str) -> None:
    assert classify(path) is not None
    assert re.search(HOOKS["devopslint"]["files"], path)


@pytest.mark.parametrize("path", ["src/dockerfile_parser.py", "README.md", "main.go", "values.yaml.gotmpl"])
def test_hook_leaves_other_files_alone(path: str) -> None:
    assert not re.search(HOOKS["devopslint"]["files"], path)


def test_hooks_see_all_files_at_once() -> None:
    assert all(hook["require_serial"] for hook in HOOKS.values())
    assert HOOKS["devopslint-all"]["pass_filenames"] is False


def test_action_pins_what_it_uses_by_commit_and_names_the_version() -> None:
    used = [line for line in ACTION.splitlines() if "uses:" in line]

    assert len(used) == 2
    assert all(re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line) for line in used)


def canonical(requirement: str) -> str:
    """The name of a requirement, as the index calls it."""
    (name,) = re.findall(r"^[\w.-]+", requirement)
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("lock", ["run", "schema", "shell", "cel"])
def test_the_locks_hold_all_that_a_run_imports_by_its_hash(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = project["dependencies"] + project["optional-dependencies"].get(lock, [])
    locked = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    blocks = re.split(r"\n(?=\S)", locked.strip())

    assert {canonical(one) for one in asked} <= {canonical(block) for block in blocks}
    assert [block for block in blocks if "==" not in block or "--hash=sha256:" not in block] == []


def test_action_puts_no_expression_into_a_script() -> None:
    assert len(SCRIPTS) == 3
    assert not [name for name, script in SCRIPTS.items() if "${{" in script]


@pytest.mark.parametrize(
    ("settings", "arguments"),
    [
        (
            {"VERSION": "0.1.0", "EXTRAS": "schema cel"},
            ["install", "--quiet", "--disable-pip-version-check", "devopslint[schema,cel]==0.1.0"],
        ),
        ({"VERSION": "0.1.0"}, ["install", "--quiet", "--disable-pip-version-check", "devopslint==0.1.0"]),
        ({"EXTRAS": "cel"}, ["-r", f"{ROOT}/requirements/build.txt", "-r", f"{ROOT}/requirements/cel.txt"]),
        ({"EXTRAS": "cel --index-url=x"}, []),
    ],
)
def test_action_installs_the_extras_that_are_asked_for(
    settings: dict[str, str], arguments: list[str], tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text(
        '#!/bin/sh\nmkdir -p "$4/bin"\nprintf \'#!/bin/sh\\nprintf "%%s\\\\n" "$@" >> asked\\n\' > "$4/bin/pip"\nchmod +x "$4/bin/pip"\n'
    )
    python.chmod(0o755)
    environment = {
        "VERSION": "",
        "EXTRAS": "",
        **settings,
        "PYTHON": str(python),
        "ACTION": str(ROOT),
        "PATH": "/usr/bin:/bin",
    }

    ended = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", SCRIPTS["Install devopslint"]],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert ended.returncode == (0 if arguments else 2), ended.stderr
    asked = (tmp_path / "asked").read_text().splitlines() if arguments else []
    assert set(arguments) <= set(asked)
    assert ("::error::extras is 'cel --index-url=x'" in ended.stdout) is (not arguments)


@pytest.mark.parametrize(
    ("settings", "arguments", "code"),
    [
        (
            {"UPLOAD": "true"},
            ["--format", "text", "--output", "-", "--", "."],
            0,
        ),
        (
            {
                "UPLOAD": "false",
                "PATHS": "k8s\n\ndocker files\n",
                "CONFIG": "a b.yaml",
                "FAIL_ON": "warning",
                "ARGS": "--select\ntags with a space\n",
                "EXIT": "1",
            },
            [
                *["--format", "github", "--output", "-", "--config", "a b.yaml", "--fail-on", "warning"],
                *["--select", "tags with a space"],
                *["--", "k8s", "docker files"],
            ],
            1,
        ),
        (
            {"UPLOAD": "true", "FAIL_ON": "never"},
            ["--format", "text", "--output", "-", "--exit-zero", "--", "."],
            0,
        ),
    ],
)
def test_action_calls_the_command_with_its_inputs(
    settings: dict[str, str], arguments: list[str], code: int, tmp_path: Path
) -> None:
    commands = tmp_path / "devopslint" / "bin"
    commands.mkdir(parents=True)
    command = commands / "devopslint"
    command.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$TEMP_FOLDER/arguments"\nexit "${EXIT:-0}"\n', "utf-8")
    command.chmod(0o755)
    environment = {
        "PATHS": ".",
        "CONFIG": "",
        "FAIL_ON": "",
        "ARGS": "",
        **settings,
        "TEMP_FOLDER": str(tmp_path),
        "PATH": "/usr/bin:/bin",
    }
    environment |= {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}

    subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", SCRIPTS["Check"]], env=environment, check=True
    )

    given = (tmp_path / "arguments").read_text("utf-8").splitlines()
    reports = ["--format", "sarif", "--output", f"{tmp_path}/devopslint.sarif"]
    reports += ["--format", "markdown", "--output", f"{tmp_path}/devopslint.md"]
    assert given == ["check", *reports, *arguments]
    assert f"exit-code={code}\n" in (tmp_path / "output").read_text("utf-8")


def plugin_of_megalinter() -> tuple[dict[str, Any], dict[str, Any]]:
    """Its descriptor, and the linter in it."""
    folder = ROOT / "integrations" / "mega-linter-plugin-devopslint"
    (path,) = folder.glob("*.megalinter-descriptor.yml")
    descriptor = yaml.safe_load(path.read_text("utf-8"))
    (linter,) = descriptor["linters"]
    return descriptor, linter


def test_megalinter_runs_the_plugin_whatever_files_there_are() -> None:
    descriptor, linter = plugin_of_megalinter()

    # MegaLinter 9.6 passes over a linter of the whole project to which it hands no file, and says that all went well.
    assert descriptor["lint_all_files"] is True
    assert linter["cli_lint_mode"] == "project"


@pytest.mark.parametrize(
    ("dockerfile", "errors", "warnings"),
    [
        ("FROM debian:latest\nENV DB_PASSWORD=Xk29sLq0Pz77\nUSER 1000\nHEALTHCHECK NONE\n", "1", "1"),
        ("FROM debian:latest\nRUN apt-get update\nENV DB_PASSWORD=Xk29sLq0Pz77\n", "2", "3"),
        ("FROM debian:latest\nUSER 1000\n", None, "2"),
    ],
)
def test_megalinter_counts_by_our_summary(tmp_path: Path, dockerfile: str, errors: str | None, warnings: str) -> None:
    _, linter = plugin_of_megalinter()
    (tmp_path / "Dockerfile").write_text(dockerfile)

    done = subprocess.run(
        [sys.executable, "-P", "-m", "devopslint", "--no-cache"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
        text=True,
    )

    for level, count in (("errors", errors), ("warnings", warnings)):
        assert linter[f"cli_lint_{level}_count"] == "regex_number"
        found = re.search(linter[f"cli_lint_{level}_regex"], done.stdout)
        assert (found and found[1]) == count


def test_the_plugin_of_megalinter_calls_what_there_is(tmp_path: Path) -> None:
    _, linter = plugin_of_megalinter()
    (tmp_path / "devopslint.yaml").write_text("select: [docker-latest-tag]\n")
    (tmp_path / "Dockerfile").write_text("FROM debian:latest\n")
    arguments = [
        *(linter["cli_config_arg_name"], linter["config_file_name"]),
        *(one.replace("{{SARIF_OUTPUT_FILE}}", "report.sarif") for one in linter["cli_sarif_args"]),
    ]

    done = subprocess.run(
        [sys.executable, "-P", "-m", "devopslint", "--no-cache", *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )

    assert done.returncode == 0
    (run,) = json.loads((tmp_path / "report.sarif").read_text("utf-8"))["runs"]
    assert [one["ruleId"] for one in run["results"]] == ["docker-latest-tag"]
    for name in ("cli_help_arg_name", "cli_version_arg_name"):
        assert linter[name] in {option for one in main.params for option in one.opts} | {"--help"}
