"""What the token of a workflow may do."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.github.enabled import live_jobs
from devopslint.github.files import workflows
from devopslint.github.workflow import Job, Workflow
from devopslint.model import Problem, Related
from devopslint.registry import check


def _shared(workflow: Workflow) -> bool:
    """Whether what stands at the top is for several jobs that say nothing of their own."""
    silent = [job for job in workflow.jobs if not job.node["permissions"].exists]
    return bool(silent) and len(workflow.jobs) > 1 and not workflow.only_called


@check("gha-missing-permissions", each=workflows)
def missing_permissions(workflow: Workflow) -> Iterator[Problem]:
    if workflow.permissions.declared or workflow.only_called:
        return
    silent = [job for job in workflow.jobs if not job.node["permissions"].exists]
    if silent:
        related = tuple(Related(job.location, f"job '{job.id}' has none either") for job in silent[:5])
        message = "without 'permissions' the token may do what the repository's settings allow, often everything"
        yield Problem(workflow.permissions.node.location, message, related)


@check("gha-missing-job-permissions", each=live_jobs)
def missing_job_permissions(job: Job) -> Iterator[Problem]:
    if not job.permissions.declared:
        yield Problem(job.location, f"job '{job.id}' gets the token of the repository's settings")


@check("gha-missing-top-level-permissions", each=workflows)
def missing_top_level_permissions(workflow: Workflow) -> Iterator[Problem]:
    if not workflow.permissions.declared:
        yield Problem(workflow.permissions.node.location, "a job that is added later gets the token of the settings")


@check("gha-write-all-permissions", each=(workflows, live_jobs))
def write_all_permissions(owner: Workflow | Job) -> Iterator[Problem]:
    yield from _blanket(owner, "write-all", "the token may change everything in the repository")


@check("gha-read-all-permissions", each=(workflows, live_jobs))
def read_all_permissions(owner: Workflow | Job) -> Iterator[Problem]:
    yield from _blanket(owner, "read-all", "the token may read everything, also what the job does not need")


def _blanket(owner: Workflow | Job, word: str, message: str) -> Iterator[Problem]:
    node = owner.node["permissions"]
    if node.is_scalar and node.text == word:
        yield Problem(node.location, f"'{word}': {message}")


@check("gha-workflow-write-permission", each=workflows)
def workflow_write_permission(workflow: Workflow) -> Iterator[Problem]:
    if _shared(workflow):
        yield from _writes(workflow)


@check("gha-lone-workflow-write-permission", each=workflows)
def lone_workflow_write_permission(workflow: Workflow) -> Iterator[Problem]:
    if not _shared(workflow):
        yield from _writes(workflow)


def _writes(workflow: Workflow) -> Iterator[Problem]:
    for scope, level in workflow.permissions.scopes:
        if level.text == "write":
            yield Problem(scope.location, f"every job of the workflow may write '{scope.text}'")


@check("gha-undocumented-permissions", each=(workflows, live_jobs))
def undocumented_permissions(owner: Workflow | Job) -> Iterator[Problem]:
    for scope, level in owner.node["permissions"].items():
        if not level.comment and (scope.text, level.text) != ("contents", "read"):
            yield Problem(scope.location, f"no comment behind it says why '{scope.text}' is needed")
