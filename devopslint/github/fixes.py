"""How workflows, actions and Dependabot's configuration are mended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from devopslint.deferred import compiled
from devopslint.github.dependabot import Update
from devopslint.github.expressions import condition
from devopslint.github.known_actions import KnownStep
from devopslint.github.matrix import Matrix
from devopslint.github.platform import deprecated_commands
from devopslint.github.taint import ScriptExpression
from devopslint.github.workflow import Action, Condition, Job, Step, Trigger, Workflow
from devopslint.model import Problem
from devopslint.readers.rewriting import UNSAFE
from devopslint.readers.shell import speaks_posix
from devopslint.readers.yaml import Node, Scalar
from devopslint.readers.yaml_changes import Change, Drop, Put, Remove, Rename, Rewrite
from devopslint.registry import fix

Mended = Iterator[Change | str]

CONTENT_WITH_READING = frozenset(
    (
        "actions/cache",
        "actions/cache/restore",
        "actions/cache/save",
        "actions/checkout",
        "actions/download-artifact",
        "actions/setup-dotnet",
        "actions/setup-go",
        "actions/setup-java",
        "actions/setup-node",
        "actions/setup-python",
        "actions/upload-artifact",
        "astral-sh/setup-uv",
        "docker/setup-buildx-action",
        "docker/setup-qemu-action",
        "dtolnay/rust-toolchain",
        "golangci/golangci-lint-action",
        "gradle/actions/setup-gradle",
        "gradle/actions/wrapper-validation",
        "hadolint/hadolint-action",
        "hashicorp/setup-terraform",
        "pnpm/action-setup",
        "pre-commit/action",
        "ruby/setup-ruby",
        "shivammathur/setup-php",
        "swatinem/rust-cache",
    )
)
"""Actions that do with `contents: read`, as their own documentation has it."""
_TOKEN = compiled(r"(?i)github[._]token|GH_TOKEN|\bgh[ \t]+\w|\bgit\b[^\n]*\bpush\b|secrets\[")
_REMOTE = compiled(
    r"(?i)\bgit\b[^\n]*\b(?:push|fetch|pull|clone|submodule|ls-remote|remote|lfs)\b|release|publish|deploy|\bmike\b|lerna|changeset"
)
"""What may ask the repository's server for something, by its own word or by another script's."""
_ECHO = compiled(
    r"""(?P<indent>[ \t]*)echo[ \t]+(?P<quote>["']?)::(?:(?P<command>set-output|save-state|set-env)[ \t]+name=(?P<name>[\w.-]+)|(?P<path>add-path))::(?P<value>[^\n]*?)(?P=quote)[ \t]*"""
)
_USE = compiled(r"(?i)\buse [\"'`]?(?P<name>[\w-]+)")
_NOTHING = compiled(r"(?i)no longer (?:used|has any effect)|not needed any ?more")
_NO_NAME = compiled(r"[^A-Za-z0-9]+")


@fix("gha-missing-permissions", "gha-missing-top-level-permissions")
def missing_permissions(workflow: Workflow, problem: Problem) -> Mended:
    silent = [job for job in workflow.jobs if not job.node["permissions"].exists]
    yield from _reading_only(silent)
    yield Put(workflow.node, ("permissions", "contents"), "read", before="jobs")


@fix("gha-missing-job-permissions")
def missing_job_permissions(job: Job, problem: Problem) -> Mended:
    yield from _reading_only([job])
    yield Put(job.node, ("permissions", "contents"), "read", after=("runs-on", "uses"))


def _reading_only(jobs: Iterable[Job]) -> Iterator[str]:
    """A token that may read is enough where each step is known to do with it."""
    for job in jobs:
        if job.uses is not None or not all(map(_does_with_reading, job.steps)):
            yield UNSAFE
            return


def _does_with_reading(step: Step) -> bool:
    texts = [node.text for node in step.node.walk() if node.is_scalar]
    if any(_TOKEN.search(text) for text in texts):
        return False
    return _is_local(step)


@fix("gha-write-all-permissions", "gha-read-all-permissions")
def blanket_permissions(owner: Workflow | Job, problem: Problem) -> Mended:
    yield Put(owner.node, ("permissions",), {"contents": "read"})


@fix("gha-persisted-credentials")
def persisted_credentials(owner: Job | Action, problem: Problem) -> Mended:
    """Safe where no later step asks the repository's server for anything."""
    for number, step in enumerate(owner.steps):
        if step.location.region == problem.location.region:
            if not all(map(_is_local, owner.steps[number + 1 :])) or step.arguments["submodules"].present:
                yield UNSAFE
            yield Put(step.node, ("with", "persist-credentials"), False, after=("uses",))


def _is_local(step: Step) -> bool:
    if step.script is not None:
        return _REMOTE.search(step.script.text) is None
    return step.uses is not None and step.uses.action.lower() in CONTENT_WITH_READING


@fix("gha-missing-concurrency")
def missing_concurrency(workflow: Workflow, problem: Problem) -> Mended:
    """Only runs of a pull request are cancelled; others wait for the one before."""
    if workflow.concurrency.exists:
        return
    value = {
        "group": "${{ github.workflow }}-${{ github.ref }}",
        "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
    }
    yield Put(workflow.node, ("concurrency",), value, before="jobs")


@fix("gha-repeated-need")
def repeated_need(job: Job, problem: Problem) -> Mended:
    yield from _without(job.node["needs"], problem)


@fix("gha-matrix-duplicate-value")
def matrix_duplicate_value(matrix: Matrix, problem: Problem) -> Mended:
    for _, row in matrix.rows:
        yield from _without(row, problem)


def _without(sequence: Node, problem: Problem) -> Mended:
    for number, item in enumerate(sequence):
        if item.location.region == problem.location.region:
            yield Remove(sequence, number)


@fix("gha-unused-default")
def unused_default(trigger: Trigger, problem: Problem) -> Mended:
    for parameter in trigger.inputs:
        if parameter.node["default"].location.region == problem.location.region:
            yield Drop(parameter.node, "default")


@fix("gha-always-true-condition")
def always_true_condition(one: Condition, problem: Problem) -> Mended:
    """Without the braces it is one expression."""
    text = one.node.text
    bare = re.sub(r"\$\{\{\s*|\s*\}\}", "", text)
    read = condition(bare)
    if read is None or read.tree is None or bare.startswith("!"):
        return
    for found in re.finditer(r"\$\{\{\s*|\s*\}\}", text):
        yield Rewrite(one.node, found.start(), found.end(), "")


@fix("gha-insecure-commands")
def insecure_commands(owner: Workflow | Job | Step, problem: Problem) -> Mended:
    if len(owner.env.items()) > 1:
        yield Drop(owner.env, "ACTIONS_ALLOW_UNSECURE_COMMANDS")
    else:
        yield Put(owner.env, ("ACTIONS_ALLOW_UNSECURE_COMMANDS",), False)


@fix("gha-deprecated-command")
def deprecated_command(step: Step, problem: Problem) -> Mended:
    """Where all of a line is an echo that sets one value."""
    script = step.script
    if script is None or not speaks_posix(step.interpreter):
        return
    start = 0
    for line in script.text.splitlines(keepends=True):
        found = _ECHO.fullmatch(line.rstrip("\n"))
        if found is not None and (place := _command_in(script, start, line)) is not None:
            value, quote = found["value"], found["quote"] or '"'
            plain = '"' not in value and "%" not in value and not value.endswith("\\")
            if script.span(*place).region == problem.location.region and plain and (quote == '"' or found["quote"]):
                said = value if found["path"] else f"{found['name']}={value}"
                file = deprecated_commands()[found["command"] or found["path"]]
                new = f'{found["indent"]}echo {quote}{said}{quote} >> "{file}"'
                yield Rewrite(script, start, start + len(line.rstrip("\n")), new)
        start += len(line)


@fix("gha-deprecated-action-input")
def deprecated_action_input(known: KnownStep, problem: Problem) -> Mended:
    """By the name that the action's own words give, for the same value; an input that does nothing goes."""
    arguments = known.step.arguments
    for key, value in arguments.items():
        if key.location.region != problem.location.region:
            continue
        advice = known.action.deprecated[key.text.lower()]
        if _NOTHING.search(advice):
            yield Drop(arguments, key.text)
            return
        use = _USE.search(advice)
        if use is None or use["name"] not in known.action.inputs or arguments[use["name"]].exists:
            return
        if use["name"].replace("_", "-") != key.text.lower().replace("_", "-"):
            # Of what was a switch, the new name may take other values.
            if value.text in ("true", "false"):
                return
            yield UNSAFE
        yield Rename(arguments, key.text, use["name"])


def _command_in(script: Scalar, start: int, line: str) -> tuple[int, int] | None:
    """Where the command's name stands, as the rule has it."""
    found = re.search(r"::(set-output|save-state|set-env|add-path)", line)
    return None if found is None else (start + found.start(1), start + found.end(1))


@fix(
    "gha-script-injection",
    "gha-loose-script-value",
    "gha-input-in-script",
    "gha-caller-value-in-script",
    "gha-expression-in-script",
)
def expression_in_script(expression: ScriptExpression, problem: Problem) -> Mended:
    """Through a variable of the step, its text is a value and no code; where it is quoted otherwise, a person has to look."""
    one, step = expression.embedded, expression.step
    script = step.script
    if script is None or one.node is not script or step.interpreter not in ("bash", "sh"):
        return
    quoting = quoting_at(script.text, one.span.start)
    if quoting is None:
        return
    written = script.text[one.span.start : one.span.end]
    name = _free_name(expression, written)
    yield Put(step.node, ("env", name), " ".join(written.split()), before="run")
    yield Rewrite(script, one.span.start, one.span.end, f"${{{name}}}" if quoting == '"' else f'"${{{name}}}"')


def _free_name(expression: ScriptExpression, written: str) -> str:
    """Of the variable: what the expression refers to last, unless something else goes by that name."""
    step, text = expression.step, " ".join(written.split())
    paths = [reference.path for reference, _ in expression.flows] or [("value",)]
    parts = [part for part in paths[-1] if part not in ("github", "event", "*")] or ["value"]
    name = _NO_NAME.sub("_", "_".join(parts)).strip("_").upper()
    if name[:1].isdigit() or name.startswith(("GITHUB_", "RUNNER_", "ACTIONS_")) or name in ("PATH", "HOME", "CI"):
        name = f"VALUE_{name}"
    script = step.script
    others = re.sub(r"\$\{\{.*?\}\}", "", script.text if script is not None else "", flags=re.DOTALL)
    wanted, number = name, 1
    while (step.env[wanted].exists and step.env[wanted].text != text) or (
        not step.env[wanted].exists and re.search(rf"\b{re.escape(wanted)}\b", others)
    ):
        number += 1
        wanted = f"{name}_{number}"
    return wanted


def quoting_at(script: str, place: int) -> str | None:
    """How a POSIX shell reads what stands at a place: `"`, or nothing outside of quotes; None where no variable is
    expanded, or nobody can tell."""
    if "<<" in script[:place]:
        return None
    quote, at, word = "", 0, False
    while at < place:
        char = script[at]
        if char == "\\" and quote != "'":
            at += 2
            word = True
            continue
        if script.startswith("${{", at):
            at = script.find("}}", at) + 2
            word = True
            if at < 2:
                return None
            continue
        if not quote and char == "#" and not word:
            at = script.find("\n", at)
            if at < 0 or at >= place:
                return None
            continue
        if (char == "`" or script.startswith("$(", at)) and quote:
            return None
        if char in "\"'" and quote in ("", char):
            quote = "" if quote else char
        word = bool(quote) or char not in " \t\n;&|("
        at += 1
    if quote == "'" or "`" in script[:place]:
        return None
    # In an assignment or a here-string of another word, quotes in the middle of a word are quotes all the same.
    return quote


@fix("dependabot-missing-cooldown")
def missing_cooldown(update: Update, problem: Problem, *, days: int) -> Mended:
    yield Put(update.node, ("cooldown", "default-days"), days, after=("schedule",))


@fix("dependabot-external-code")
def external_code(update: Update, problem: Problem) -> Mended:
    yield Put(update.node, ("insecure-external-code-execution",), "deny")
