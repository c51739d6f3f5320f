"""Workflows and actions with one oddity each: what GitHub's own editor support objects to, and what we do.

npm and node have to be there: python support/oracles/github.py
"""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

import devopslint
from devopslint.facts import source_of, table

ASK = """
import { validate } from "@actions/languageservice";
import { validateAction } from "./node_modules/@actions/languageservice/dist/validate-action.js";
import { TextDocument } from "vscode-languageserver-textdocument";
import fs from "fs";

(async () => {
  const answers = [];
  for (const [number, [path, text]] of JSON.parse(fs.readFileSync("questions.json")).entries()) {
    const file = TextDocument.create(`file:///${number}/${path}`, "yaml", 1, text);
    const found = await (path === "action.yml" ? validateAction : validate)(file, {});
    answers.push(found.filter(one => (one.severity ?? 1) === 1).map(one => one.message));
  }
  fs.writeFileSync("answers.json", JSON.stringify(answers));
})();
"""
RULES = """call-format cancelling-queue dispatch-input empty-value event-filter expression-syntax function-arguments invalid-cron
    invalid-glob invalid-id missing-key permission unavailable-context unknown-activity-type unknown-context unknown-event
    unknown-function unknown-key unknown-need uses-format wrong-type"""
CALLS = ["success()", "failure()", "always()", "cancelled()", "hashFiles('a')", "success('other')"]
STEPS = [{"run": "make"}]
WORKFLOW: dict[str, Any] = {
    "on": {
        "push": None,
        "workflow_call": {"inputs": {"x": {"type": "string"}}, "outputs": {"x": {"value": "y"}}},
        "workflow_dispatch": None,
    },
    "jobs": {
        "other": {"runs-on": "ubuntu-latest", "steps": STEPS},
        "build": {"needs": ["other"], "runs-on": "ubuntu-latest", "steps": [{"run": "make"}, {"uses": "a/b@v1"}]},
        "call": {"uses": "./.github/workflows/other.yml"},
    },
}
KEYS = """name run-name description concurrency concurrency.group env.A defaults.run.shell on.push.branches
    on.workflow_call.inputs.x.default on.workflow_call.outputs.x.value on.workflow_dispatch.inputs.x.default
    jobs.call.if jobs.call.name jobs.call.concurrency jobs.call.with.A jobs.call.secrets.A jobs.call.secrets"""
KEYS_OF_A_JOB = """name if needs runs-on runs-on.group runs-on.labels timeout-minutes cancel-timeout-minutes continue-on-error
    container container.image container.options container.env.A container.credentials.password services.db.image
    services.db.env.A services.db.command services.db.credentials.password env.A environment environment.name
    environment.url environment.deployment concurrency concurrency.group concurrency.cancel-in-progress concurrency.queue
    outputs.A defaults.run.shell strategy strategy.fail-fast strategy.max-parallel strategy.matrix strategy.matrix.os
    snapshot snapshot.image-name snapshot.version snapshot.if
    steps.0.name steps.0.id steps.0.if steps.0.run steps.0.shell steps.0.working-directory steps.0.env.A
    steps.0.timeout-minutes steps.0.continue-on-error steps.0.background steps.1.uses steps.1.with.A"""
NEEDED = {
    "concurrency": {"group": "g"},
    "container": {"image": "a"},
    "db": {"image": "a"},
    "environment": {"name": "e"},
    "snapshot": {"image-name": "i"},
    "credentials": {"username": "u", "password": "p"},
}
ACTION: dict[str, Any] = {"name": "n", "description": "d", "inputs": {"x": {"default": "a"}}}
RUNS: dict[str, tuple[dict[str, Any], str]] = {
    "node": (
        {"using": "node24", "main": "a.js", "pre": "b.js", "post": "c.js"},
        """name author description inputs.x.description inputs.x.default inputs.x.required inputs.x.deprecationMessage
        outputs.x.description runs.main runs.pre runs.pre-if runs.post-if branding.color""",
    ),
    "docker": (
        {"using": "docker", "image": "Dockerfile", "args": ["a"], "env": {"A": "b"}},
        "runs.image runs.args.0 runs.env.A runs.entrypoint runs.pre-entrypoint runs.pre-if",
    ),
    "composite": (
        {"using": "composite", "steps": [{"run": "make", "shell": "bash"}, {"uses": "a/b@v1", "with": {"A": "b"}}]},
        """outputs.x.value runs.steps.0.id runs.steps.0.name runs.steps.0.if runs.steps.0.run runs.steps.0.shell
        runs.steps.0.working-directory runs.steps.0.env.A runs.steps.0.continue-on-error runs.steps.0.timeout-minutes
        runs.steps.1.background runs.steps.1.uses runs.steps.1.with.A""",
    ),
}


class Question(NamedTuple):
    about: str
    path: str
    text: str


def main() -> None:
    questions = [*_expressions(), *_triggers(), *_permissions(), *_queues()]
    answers = _ask(questions)
    rules = [f"gha-{name}" for name in RULES.split()]
    differing: Counter[str] = Counter()
    for question, theirs in zip(questions, answers, strict=True):
        ours = [finding.message for finding in devopslint.check({question.path: question.text}, select=rules)]
        if bool(theirs) != bool(ours):
            differing[question.about] += 1
            print(f"{question.about}: GitHub says {theirs[:1] or 'nothing'}, we say {ours[:1] or 'nothing'}")
    print(f"{len(questions)} files, {differing.total()} verdicts differ")
    sys.exit(1 if differing else 0)


def _expressions() -> Iterator[Question]:
    named = [f"{context}.a" for context in table("github_workflows")["contexts"]]
    keys = KEYS.split() + [f"jobs.build.{key}" for key in KEYS_OF_A_JOB.split()]
    for key in keys:
        for expression in (*named, *CALLS):
            yield _question(f"{expression} in {key}", WORKFLOW, key, "${{ " + expression + " }}")
    for runs, its_keys in RUNS.values():
        for key in its_keys.split():
            for expression in (*named, *CALLS):
                yield _question(f"{expression} in {key}", {**ACTION, "runs": runs}, key, "${{ " + expression + " }}")


def _triggers() -> Iterator[Question]:
    known = table("github_workflows")["events"]
    types = sorted({type_ for event in known.values() for type_ in event.get("types", ())} | {"nonsense", "Opened"})
    filters = sorted({name for event in known.values() for name in event.get("filters", ())})
    for event in (*known, "pull_requests"):
        if event in ("schedule", "workflow_call"):
            continue
        for key, value in (*(("types", type_) for type_ in types), *((name, "a") for name in filters)):
            keys = {key: [value]} | ({"workflows": ["ci"]} if event == "workflow_run" else {})
            yield _whole(f"{key} {value} of {event}", {**WORKFLOW, "on": {event: keys}})


def _permissions() -> Iterator[Question]:
    for scope in (*table("github_workflows")["permissions"], "code-qualities", "metadata"):
        for level in ("read", "write", "none", "admin", "Read"):
            yield _question(f"{scope}: {level}", WORKFLOW, f"permissions.{scope}", level)
            yield _question(f"{scope}: {level} of a job", WORKFLOW, f"jobs.build.permissions.{scope}", level)
    for all_of_them in ("read-all", "write-all", "none", "read"):
        yield _question(f"permissions {all_of_them}", WORKFLOW, "permissions", all_of_them)


def _queues() -> Iterator[Question]:
    for queue in ("single", "max", "min", "Max", 1, "${{ vars.Q }}", None):
        for cancel in (True, False, "${{ vars.C }}", "true", "yes", None):
            keys = {"group": "g", "queue": queue, "cancel-in-progress": cancel}
            value = {key: given for key, given in keys.items() if given is not None}
            yield _question(f"concurrency {value}", WORKFLOW, "concurrency", value)
            yield _question(f"concurrency {value} of a job", WORKFLOW, "jobs.build.concurrency", value)


def _question(about: str, base: dict[str, Any], key: str, value: object) -> Question:
    document = copy.deepcopy(base)
    inside: Any = document
    *above, last = key.split(".")
    for name in above:
        if isinstance(inside, list):
            inside = inside[int(name)]
        else:
            if not isinstance(inside.get(name), dict | list):
                inside[name] = copy.deepcopy(NEEDED.get(name, {}))
            inside = inside[name]
    inside[int(last) if isinstance(inside, list) else last] = value
    return _whole(about, document)


def _whole(about: str, document: dict[str, Any]) -> Question:
    path = "action.yml" if "runs" in document else ".github/workflows/ci.yml"
    return Question(about, path, yaml.safe_dump(document, sort_keys=False).replace("'on':", "on:"))


def _ask(questions: list[Question]) -> list[list[str]]:
    version = source_of("github_workflows").version
    packages = [f"@actions/languageservice@{version}", "vscode-languageserver-textdocument@1.0.12", "esbuild@0.25.0"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "package.json").write_text("{}", "utf-8")
        (folder / "ask.mjs").write_text(ASK, "utf-8")
        (folder / "questions.json").write_text(json.dumps([(one.path, one.text) for one in questions]), "utf-8")
        for command in (
            ["npm", "install", "--silent", "--no-audit", "--no-fund", *packages],
            ["npx", "esbuild", "ask.mjs", "--bundle", "--platform=node", "--outfile=ask.js", "--log-level=error"],
            ["node", "ask.js"],
        ):
            subprocess.run(command, cwd=folder, check=True)
        answers: list[list[str]] = json.loads((folder / "answers.json").read_bytes())
    return answers


if __name__ == "__main__":
    main()
