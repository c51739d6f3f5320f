"""Who starts a workflow, with which rights, and on which machine."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.github.authors import (
    conditions_of,
    is_asked_for_by_label,
    is_kept_from_commenters,
    is_refused_to_strangers,
    names_author,
    runs_for,
)
from devopslint.github.checkouts import asked_of_the_api, checked_out_by_script, is_run_after
from devopslint.github.enabled import live_job_expressions, live_job_steps, live_jobs, live_steps
from devopslint.github.expressions import (
    Comparison,
    Context,
    Index,
    Literal,
    Property,
    path_of,
    text_of,
    walk,
)
from devopslint.github.files import triggers, workflows
from devopslint.github.uses import matrix_values
from devopslint.github.workflow import Embedded, Job, Step, Trigger, Workflow, embedded
from devopslint.model import Location, Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check

_TRUSTING = {
    "issue_comment": "it runs with secrets when anyone comments",
    "pull_request_target": "it runs with secrets for pull requests of forks",
    "workflow_run": "it runs with secrets after workflows that forks start",
}


@check("gha-dangerous-trigger", each=triggers)
def dangerous_trigger(trigger: Trigger) -> Iterator[Problem]:
    if trigger.event in _TRUSTING and not (trigger.event == "pull_request_target" and _only_labels(trigger.workflow)):
        yield Problem(trigger.location, f"'{trigger.event}': {_TRUSTING[trigger.event]}")


def _only_labels(workflow: Workflow) -> bool:
    """Whether it does nothing but what `actions/labeler` needs the trigger for."""
    return all(
        job.uses is None and all(step.using("actions/labeler") for step in live_job_steps(job)) for job in workflow.jobs
    )


_OF_A_PULL_REQUEST = (
    "github.event.pull_request.head",
    "github.event.pull_request.merge_commit_sha",
    "github.head_ref",
)


@check("gha-untrusted-checkout", each=live_steps)
def untrusted_checkout(step: Step) -> Iterator[Problem]:
    yield from _untrusted_checkout(step, "pull_request_target", *_OF_A_PULL_REQUEST)


@check("gha-untrusted-checkout", each=live_steps)
def commented_checkout(step: Step) -> Iterator[Problem]:
    if step.job is None or not step.job.workflow.runs_on("issue_comment"):
        return
    place = next(_taken_in(step), None)
    if place is not None and runs_for(step, "issue_comment") and not is_kept_from_commenters(step):
        said = "a stranger's code is checked out, though 'issue_comment' gives the job secrets"
        yield Problem(place._replace(wanted="issue_comment"), said, certain=is_run_after(step))


def _taken_in(step: Step) -> Iterator[Location]:
    """Where a step takes in the code of the pull request that is commented on."""
    if step.using("actions/checkout"):
        ref, repository = step.arguments["ref"], step.arguments["repository"]
        if ref.text.startswith("refs/pull/") or asked_of_the_api(step, ref, repository):
            yield ref.location
    yield from checked_out_by_script(step)


@check("gha-untrusted-run-checkout", each=live_steps)
def untrusted_run_checkout(step: Step) -> Iterator[Problem]:
    yield from _untrusted_checkout(step, "workflow_run", "github.event.workflow_run")


def _untrusted_checkout(step: Step, event: str, *foreign: str) -> Iterator[Problem]:
    """A checkout of what a stranger wrote, in a workflow that `event` starts with secrets."""
    if step.job is None or not step.job.workflow.runs_on(event) or not runs_for(step, event):
        return
    if any(names_author(one) for one in conditions_of(step)) or is_refused_to_strangers(step):
        return
    said = f"a stranger's code is checked out, though '{event}' gives the job secrets"
    if not step.using("actions/checkout"):
        if event == "pull_request_target" and not is_asked_for_by_label(step):
            for place in checked_out_by_script(step):
                yield Problem(place._replace(wanted=event), said, certain=is_run_after(step))
                return
        return
    for name in ("ref", "repository"):
        value = step.arguments[name]
        if name == "ref" and not step.arguments["repository"].present and _OWN_BRANCH.fullmatch(value.text.strip()):
            continue  # the branch of that name in the repository itself, which no stranger writes to
        if name == "ref" and _LABELLED.fullmatch(value.text.strip()) and is_asked_for_by_label(step):
            return  # the very commit that whoever put the label on has seen
        if value.text.startswith("refs/pull/") or any(
            reference.under(path)
            for one in embedded(value, (name,), step)
            for reference in one.references()
            for path in foreign
        ):
            yield Problem(value.location._replace(wanted=event), said)
            return


_LABELLED = compiled(r"\$\{\{\s*github\.event\.pull_request\.head\.sha\s*\}\}")
_OWN_BRANCH = compiled(
    r"\$\{\{\s*github\.(?:head_ref|event\.pull_request\.head\.ref|event\.workflow_run\.head_branch)\s*\}\}"
)


# The actor is who caused the event last, not who wrote what runs.
_ACTOR_NAMES = frozenset(("github.actor", "github.triggering_actor"))
_BOT_NUMBERS = {
    "29110": "dependabot",
    "49699333": "dependabot[bot]",
    "27856297": "dependabot-preview[bot]",
    "29139614": "renovate[bot]",
}


@check("gha-spoofable-bot-check", each=live_jobs)
def spoofable_bot_check(job: Job) -> Iterator[Problem]:
    if job.workflow.runs_on(*_TRUSTING):
        yield from _bot_checks(job)


@check("gha-actor-bot-check", each=live_jobs)
def actor_bot_check(job: Job) -> Iterator[Problem]:
    if not job.workflow.runs_on(*_TRUSTING):
        yield from _bot_checks(job)


def _bot_checks(job: Job) -> Iterator[Problem]:
    for one in live_job_expressions(job):
        for part in walk(one.tree) if one.key[-1] == "if" and one.tree is not None else ():
            if isinstance(part, Comparison) and (bot := _bot_compared(part)):
                yield Problem(one.at(part), f"who wrote the change is not checked: '{bot}' may only have acted last")


def _bot_compared(comparison: Comparison) -> str | None:
    """The bot that an actor is compared with."""
    if comparison.operator != "==":
        return None
    for actor, value in ((comparison.left, comparison.right), (comparison.right, comparison.left)):
        if isinstance(value, Literal) and isinstance(actor, Context | Property | Index):
            path, text = ".".join(path_of(actor)[0]), text_of(value.value)
            if path in _ACTOR_NAMES and text.lower().endswith("[bot]"):
                return text
            if path == "github.actor_id" and text in _BOT_NUMBERS:
                return _BOT_NUMBERS[text]
    return None


@check("gha-self-hosted-runner", each=live_jobs)
def self_hosted_runner(job: Job) -> Iterator[Problem]:
    runner = job.node["runs-on"]
    if runner.is_mapping and runner.has("group"):
        yield Problem(runner.key_location, f"job '{job.id}' runs on a group of own runners")
    elif any(label.text.strip().lower() == "self-hosted" for label in job.runs_on):
        yield Problem(runner.key_location, f"job '{job.id}' runs on an own runner")
    elif "${{" in runner.text and any(_may_be_self_hosted(one, job) for one in embedded(runner, ("runs-on",), job)):
        yield Problem(runner.key_location, f"job '{job.id}' may run on an own runner")


def _may_be_self_hosted(one: Embedded, job: Job) -> bool:
    """Whether the expression gives `self-hosted`, as far as a matrix and literals tell."""
    if one.tree is None:
        return False
    literals = (part for part in walk(one.tree) if isinstance(part, Literal))
    if any("self-hosted" in text_of(literal.value) for literal in literals):
        return True
    return one.fills_its_value and any(
        value.text.strip() == "self-hosted"
        for reference in one.references()
        if reference.path[0] == "matrix"
        for value in matrix_values(job, reference.path[1:])
    )


@check("gha-missing-concurrency", each=workflows)
def missing_concurrency(workflow: Workflow) -> Iterator[Problem]:
    if workflow.concurrency.exists:
        yield from _unlimited(workflow.concurrency)
        return
    own = [job for job in workflow.jobs if job.uses is None]
    without = [job for job in own if not job.node.has("concurrency")]
    if without and any(trigger.event != "workflow_call" for trigger in workflow.triggers):
        related = tuple(Related(job.location, f"job '{job.id}'") for job in without[:5])
        place = workflow.node["on"].key_location
        yield Problem(place, "runs of this workflow are not limited by 'concurrency'", related)
    for job in own:
        yield from _unlimited(job.node["concurrency"])


def _unlimited(concurrency: Node) -> Iterator[Problem]:
    if concurrency.is_scalar and concurrency.present:
        yield Problem(concurrency.key_location, "'concurrency' does not say 'cancel-in-progress'")


@check("gha-dispatch-inputs", each=triggers)
def dispatch_inputs(trigger: Trigger) -> Iterator[Problem]:
    if trigger.event == "workflow_dispatch" and len(trigger.node["inputs"].items()):
        yield Problem(
            trigger.node["inputs"].key_location, "whoever starts the workflow changes what it builds by inputs"
        )
