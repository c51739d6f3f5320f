"""What GitHub's documentation says of workflows: events, contexts, functions, permissions, runners, shells.

Read in November 2026 from https://docs.github.com/actions/reference, and from the schema of GitHub's own editor support,
https://github.com/actions/languageservices/blob/main/workflow-parser/src/workflow-v1.0.json.
"""

from __future__ import annotations

from typing import NamedTuple


class Event(NamedTuple):
    """One event of `on`: its activity types and the filters that it takes."""

    types: frozenset[str] = frozenset()
    filters: frozenset[str] = frozenset()
    free_types: bool = False
    """True where the types are the sender's own words."""


def _event(types: str = "", filters: str = "", *, free_types: bool = False) -> Event:
    return Event(frozenset(types.split()), frozenset(filters.split()), free_types)


_BRANCHES = "branches branches-ignore"
_PATHS = "paths paths-ignore"
_PULL_REQUEST = (
    "assigned unassigned labeled unlabeled opened edited closed reopened synchronize converted_to_draft locked "
    "unlocked enqueued dequeued milestoned demilestoned ready_for_review review_requested review_request_removed "
    "auto_merge_enabled auto_merge_disabled"
)

# https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
EVENTS: dict[str, Event] = {
    "branch_protection_rule": _event("created edited deleted"),
    "check_run": _event("created rerequested completed requested_action"),
    "check_suite": _event("completed"),
    "create": _event(),
    "delete": _event(),
    "deployment": _event(),
    "deployment_status": _event(),
    "discussion": _event(
        "created edited deleted transferred pinned unpinned labeled unlabeled locked unlocked category_changed "
        "answered unanswered"
    ),
    "discussion_comment": _event("created edited deleted"),
    "fork": _event(),
    "gollum": _event(),
    "image_version": _event(filters="names versions"),
    "issue_comment": _event("created edited deleted"),
    "issues": _event(
        "opened edited deleted transferred pinned unpinned closed reopened assigned unassigned labeled unlabeled "
        "locked unlocked milestoned demilestoned field_added field_removed typed untyped"
    ),
    "label": _event("created edited deleted"),
    "merge_group": _event("checks_requested", _BRANCHES),
    "milestone": _event("created closed opened edited deleted"),
    "page_build": _event(),
    "project": _event("created closed reopened edited deleted"),
    "project_card": _event("created moved converted edited deleted"),
    "project_column": _event("created updated moved deleted"),
    "public": _event(),
    "pull_request": _event(_PULL_REQUEST, f"{_BRANCHES} {_PATHS}"),
    "pull_request_comment": _event("created edited deleted"),
    "pull_request_review": _event("submitted edited dismissed"),
    "pull_request_review_comment": _event("created edited deleted"),
    "pull_request_target": _event(_PULL_REQUEST, f"{_BRANCHES} {_PATHS}"),
    "push": _event(filters=f"{_BRANCHES} tags tags-ignore {_PATHS}"),
    "registry_package": _event("published updated"),
    "release": _event("published unpublished created edited deleted prereleased released"),
    "repository_dispatch": _event(free_types=True),
    "status": _event(),
    "watch": _event("started"),
    "workflow_run": _event("completed requested in_progress", f"{_BRANCHES} workflows"),
    # These three have a form of their own.
    "schedule": _event(),
    "workflow_call": _event(),
    "workflow_dispatch": _event(),
}
FILTERS = frozenset(["branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore"])
"""The filters whose items are glob patterns."""
MOST_DISPATCH_INPUTS = 25
MOST_MATRIX_JOBS = 256

_BEFORE_A_RUNNER = "github needs strategy matrix vars inputs"
_ON_A_RUNNER = "github needs strategy matrix job runner env vars secrets steps inputs"
_IN_AN_ENV = "github needs strategy matrix job runner env vars secrets inputs"
_STATUS = "always cancelled success failure"


class Availability(NamedTuple):
    """The contexts that may be named in the value of a key, and the special functions that may be called there."""

    contexts: frozenset[str]
    functions: frozenset[str] = frozenset()


def _at(contexts: str, functions: str = "") -> Availability:
    return Availability(frozenset(contexts.split()), frozenset(functions.split()))


# https://docs.github.com/actions/reference/workflows-and-actions/contexts#context-availability
# `*` stands for an id, a key or an index. The longest prefix of a value's keys counts.
AVAILABILITY: dict[str, Availability] = {
    "run-name": _at("github inputs vars"),
    "concurrency": _at("github inputs vars"),
    "env": _at("github secrets inputs vars"),
    "jobs.*.concurrency": _at(_BEFORE_A_RUNNER),
    "jobs.*.container": _at(_BEFORE_A_RUNNER),
    "jobs.*.container.credentials": _at("github needs strategy matrix env vars secrets inputs"),
    "jobs.*.container.env.*": _at(_IN_AN_ENV),
    "jobs.*.continue-on-error": _at(_BEFORE_A_RUNNER),
    "jobs.*.defaults.run": _at("github needs strategy matrix env vars inputs"),
    "jobs.*.env": _at("github needs strategy matrix vars secrets inputs"),
    "jobs.*.environment": _at(_BEFORE_A_RUNNER),
    "jobs.*.environment.url": _at("github needs strategy matrix job runner env vars steps inputs"),
    "jobs.*.if": _at("github needs vars inputs", _STATUS),
    "jobs.*.name": _at(_BEFORE_A_RUNNER),
    "jobs.*.outputs.*": _at(_ON_A_RUNNER),
    "jobs.*.runs-on": _at(_BEFORE_A_RUNNER),
    "jobs.*.secrets.*": _at("github needs strategy matrix secrets inputs vars"),
    "jobs.*.services": _at(_BEFORE_A_RUNNER),
    "jobs.*.services.*.credentials": _at("github needs strategy matrix env vars secrets inputs"),
    "jobs.*.services.*.env.*": _at(_IN_AN_ENV),
    "jobs.*.snapshot.if": _at(_BEFORE_A_RUNNER),
    "jobs.*.steps.*.continue-on-error": _at(_ON_A_RUNNER, "hashFiles"),
    "jobs.*.steps.*.env": _at(_ON_A_RUNNER, "hashFiles"),
    "jobs.*.steps.*.if": _at("github needs strategy matrix job runner env vars steps inputs", f"{_STATUS} hashFiles"),
    "jobs.*.steps.*.name": _at(_ON_A_RUNNER, "hashFiles"),
    "jobs.*.steps.*.run": _at(_ON_A_RUNNER, "hashFiles"),
    "jobs.*.steps.*.timeout-minutes": _at(_ON_A_RUNNER, "hashFiles"),
    "jobs.*.steps.*.with": _at(_ON_A_RUNNER, "hashFiles"),
    "jobs.*.steps.*.working-directory": _at(_ON_A_RUNNER, "hashFiles"),
    "jobs.*.strategy": _at("github needs vars inputs"),
    "jobs.*.timeout-minutes": _at(_BEFORE_A_RUNNER),
    "jobs.*.with.*": _at("github needs strategy matrix inputs vars"),
    "on.workflow_call.inputs.*.default": _at("github inputs vars"),
    "on.workflow_call.outputs.*.value": _at("github jobs vars inputs"),
}
ACTION_AVAILABILITY: dict[str, Availability] = {
    "inputs.*.default": _at("github strategy matrix job runner", "hashFiles"),
    "outputs.*.value": _at("github strategy matrix steps job runner env inputs"),
    "runs.steps.*": _at("github inputs strategy matrix steps job runner env", "hashFiles"),
    "runs.steps.*.if": _at("github inputs strategy matrix steps job runner env", f"{_STATUS} hashFiles"),
    "runs": _at("inputs github strategy matrix job runner env", f"{_STATUS} hashFiles"),
}
CONTEXTS = frozenset(
    ["github", "env", "vars", "job", "jobs", "steps", "runner", "secrets", "strategy", "matrix", "needs", "inputs"]
)
SPECIAL_FUNCTIONS = frozenset(["always", "cancelled", "success", "failure", "hashFiles"])

# https://docs.github.com/actions/reference/workflows-and-actions/contexts
# Property -> string, number, bool, or object for what holds anything.
GITHUB_PROPERTIES: dict[str, str] = {
    **dict.fromkeys(
        [
            "action",
            "action_path",
            "action_ref",
            "action_repository",
            "action_status",
            "actor",
            "actor_id",
            "api_url",
            "artifacts",
            "artifacts_list",
            "base_ref",
            "env",
            "event_name",
            "event_path",
            "graphql_url",
            "head_ref",
            "job",
            "job_workflow_sha",
            "output",
            "path",
            "ref",
            "ref_name",
            "ref_type",
            "retention_days",
            "artifact_cache_size_limit",
            "repository",
            "repository_id",
            "repository_owner",
            "repository_owner_id",
            "repository_visibility",
            "repositoryurl",
            "run_id",
            "run_number",
            "run_attempt",
            "secret_source",
            "server_url",
            "sha",
            "state",
            "step_summary",
            "token",
            "triggering_actor",
            "workflow",
            "workflow_ref",
            "workflow_sha",
            "workspace",
        ],
        "string",
    ),
    "ref_protected": "bool",
    "event": "object",
}
RUNNER_PROPERTIES = frozenset(["name", "os", "arch", "temp", "tool_cache", "debug", "environment", "workspace"])
JOB_PROPERTIES: dict[str, str] = {
    **dict.fromkeys(["status", "workflow_ref", "workflow_sha", "workflow_repository", "workflow_file_path"], "string"),
    "check_run_id": "number",
}
STRATEGY_PROPERTIES: dict[str, str] = {
    "fail-fast": "bool",
    "job-index": "number",
    "job-total": "number",
    "max-parallel": "number",
}


class Function(NamedTuple):
    """How many arguments a function takes, of which types, and what it gives."""

    name: str
    least: int
    most: int | None
    """None for any number."""
    parameters: tuple[str, ...]
    """The type of each; the last one counts for those behind it. `text` is what can be written as a text."""
    gives: str


# https://docs.github.com/actions/reference/workflows-and-actions/expressions#functions
FUNCTIONS: dict[str, Function] = {
    function.name.lower(): function
    for function in (
        Function("contains", 2, 2, ("text or array", "text"), "bool"),
        Function("startsWith", 2, 2, ("text",), "bool"),
        Function("endsWith", 2, 2, ("text",), "bool"),
        Function("format", 2, None, ("text", "any"), "string"),
        Function("join", 1, 2, ("text or array", "text"), "string"),
        Function("toJSON", 1, 1, ("any",), "string"),
        Function("fromJSON", 1, 1, ("text",), "any"),
        Function("hashFiles", 1, None, ("text",), "string"),
        Function("case", 3, None, ("any",), "any"),
        Function("success", 0, None, ("any",), "bool"),
        Function("failure", 0, None, ("any",), "bool"),
        Function("always", 0, 0, (), "bool"),
        Function("cancelled", 0, 0, (), "bool"),
    )
}

# https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#permissions
PERMISSIONS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        [
            "actions",
            "artifact-metadata",
            "attestations",
            "checks",
            "contents",
            "deployments",
            "discussions",
            "issues",
            "packages",
            "pages",
            "pull-requests",
            "repository-projects",
            "security-events",
            "statuses",
        ],
        frozenset({"read", "write", "none"}),
    ),
    **dict.fromkeys(["copilot-requests", "id-token"], frozenset({"write", "none"})),
    **dict.fromkeys(["models", "vulnerability-alerts"], frozenset({"read", "none"})),
}
ALL_PERMISSIONS = ("read-all", "write-all")

_SIZES = ("", "-large", "-xlarge")
_LINUX = "ubuntu-latest ubuntu-26.04 ubuntu-24.04 ubuntu-22.04 ubuntu-slim ubuntu-26.04-arm ubuntu-24.04-arm ubuntu-22.04-arm"
_WINDOWS = "windows-latest windows-2025 windows-2025-vs2026 windows-2022 windows-11-arm windows-11-vs2026-arm"
_MACOS = [f"macos-{version}{size}" for version in ("latest", "26", "15", "14") for size in _SIZES]
# https://docs.github.com/actions/reference/runners/github-hosted-runners
HOSTED_RUNNERS: dict[str, str] = {
    **dict.fromkeys(_LINUX.split(), "linux"),
    **dict.fromkeys(_WINDOWS.split(), "windows"),
    **dict.fromkeys([*_MACOS, "macos-26-intel", "macos-15-intel"], "macos"),
}
"""Label -> its operating system."""
LATEST_RUNNERS: dict[str, frozenset[str]] = {
    "ubuntu-latest": frozenset({"ubuntu-24.04", "ubuntu-26.04"}),
    "windows-latest": frozenset({"windows-2022", "windows-2025"}),
    "macos-latest": frozenset({"macos-15", "macos-26"}),
}
"""What a `-latest` label may stand for while GitHub moves it on."""
RETIRED_RUNNERS: dict[str, str] = {
    "ubuntu-16.04": "September 2021",
    "ubuntu-18.04": "April 2023",
    "ubuntu-20.04": "April 2025",
    "windows-2016": "March 2022",
    "windows-2019": "June 2025",
    **dict.fromkeys(["macos-10", "macos-10.15"], "December 2022"),
    **dict.fromkeys([f"macos-11{size}" for size in _SIZES], "June 2024"),
    **dict.fromkeys([f"macos-12{size}" for size in _SIZES], "December 2024"),
    **dict.fromkeys([f"macos-13{size}" for size in _SIZES], "December 2025"),
}
"""Label -> when GitHub took the image away."""
SELF_HOSTED_LABELS: dict[str, str] = {
    **dict.fromkeys(["self-hosted", "x64", "x86", "arm", "arm64"], ""),
    "linux": "linux",
    "windows": "windows",
    "macos": "macos",
}
"""The labels that GitHub gives to self-hosted runners -> the operating system that each names."""

# https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
SHELLS: dict[str, frozenset[str]] = {
    **dict.fromkeys(["bash", "pwsh", "python"], frozenset({"linux", "macos", "windows"})),
    "sh": frozenset({"linux", "macos"}),
    **dict.fromkeys(["cmd", "powershell"], frozenset({"windows"})),
}
"""Shell -> the operating systems that have it."""

# https://github.blog/changelog/2022-10-11-github-actions-deprecating-save-state-and-set-output-commands/
# https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/
DEPRECATED_COMMANDS: dict[str, str] = {
    "set-output": "$GITHUB_OUTPUT",
    "save-state": "$GITHUB_STATE",
    "set-env": "$GITHUB_ENV",
    "add-path": "$GITHUB_PATH",
}
"""Workflow command -> the file to write to in its place."""

# https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#runs
RUNTIMES = ("node24", "node20", "docker", "composite")
RETIRED_RUNTIMES = ("node12", "node16")


def is_of_type(text: str, kind: str) -> bool:
    """Whether a literal is of the type of an input; types other than boolean and number take any text."""
    if kind == "boolean":
        return text in ("true", "false", "True", "False", "TRUE", "FALSE")
    if kind == "number":
        try:
            float(text)
        except ValueError:
            return False
    return True
