"""Who starts a workflow, with which rights, and on which machine."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.model import Problem, Related
from devopslint.readers.expression import (
    Call,
    Comparison,
    Context,
    Expression,
    Index,
    Literal,
    Logical,
    Not,
    Property,
    is_true,
    path_of,
    text_of,
    walk,
)
from devopslint.readers.yaml import Node
from devopslint.registry import check
from devopslint.views.live import live_job_expressions, live_job_steps, live_jobs, live_steps
from devopslint.views.marketplace import CACHING, CACHING_UNLESS, PUBLISHING, Switch
from devopslint.views.uses import matrix_values, version_of
from devopslint.views.workflow import (
    Embedded,
    Job,
    Step,
    Trigger,
    Workflow,
    embedded,
    triggers,
    workflows,
)

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
    return all(job.uses is None and all(step.using("actions/labeler") for step in job.steps) for job in workflow.jobs)


_OF_A_PULL_REQUEST = (
    "github.event.pull_request.head",
    "github.event.pull_request.merge_commit_sha",
    "github.head_ref",
)


@check("gha-untrusted-checkout", each=live_steps)
def untrusted_checkout(step: Step) -> Iterator[Problem]:
    yield from _untrusted_checkout(step, "pull_request_target", *_OF_A_PULL_REQUEST)


@check("gha-untrusted-run-checkout", each=live_steps)
def untrusted_run_checkout(step: Step) -> Iterator[Problem]:
    yield from _untrusted_checkout(step, "workflow_run", "github.event.workflow_run")


def _untrusted_checkout(step: Step, event: str, *foreign: str) -> Iterator[Problem]:
    """A checkout of what a stranger wrote, in a workflow that `event` starts with secrets."""
    if step.job is None or not step.using("actions/checkout") or not step.job.workflow.runs_on(event):
        return
    for name in ("ref", "repository"):
        value = step.arguments[name]
        if value.text.startswith("refs/pull/") or any(
            reference.under(path)
            for one in embedded(value, (name,), step)
            for reference in one.references()
            for path in foreign
        ):
            yield Problem(value.location, f"a stranger's code is checked out, though '{event}' gives the job secrets")
            return


# The actor is who caused the event last, not who wrote what runs.
_ACTOR_NAMES = frozenset(("github.actor", "github.triggering_actor", "github.event.pull_request.sender.login"))
_ACTOR_NUMBERS = frozenset(("github.actor_id", "github.event.pull_request.sender.id"))
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
            if path in _ACTOR_NUMBERS and text in _BOT_NUMBERS:
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
    return any(
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


@check("gha-cache-poisoning", each=live_jobs)
def cache_poisoning(job: Job) -> Iterator[Problem]:
    publishing = next((step for step in live_job_steps(job) if _publishes(step)), None)
    trigger = _release_trigger(job.workflow)
    if publishing is None and trigger is not None and not _release_branches(trigger):
        publishing = next((step for step in live_job_steps(job) if _seems_to_publish(step)), None)
    if publishing is None:
        return
    related = (Related(publishing.location, "published here"),)
    for step, action in _restoring(job):
        message = f"{action} restores a cache that other runs may have filled, into what the job publishes"
        yield Problem(step.node["uses"].location, message, related)


@check("gha-release-cache", each=live_jobs)
def release_cache(job: Job) -> Iterator[Problem]:
    trigger = _release_trigger(job.workflow)
    if trigger is None or any(_publishes(step) for step in live_job_steps(job)):
        return
    if not _release_branches(trigger) and any(_seems_to_publish(step) for step in live_job_steps(job)):
        return
    related = (Related(trigger.location, "started by a release"),)
    for step, action in _restoring(job):
        message = f"{action} restores a cache that other runs may have filled, while a release is made"
        yield Problem(step.node["uses"].location, message, related)


def _restoring(job: Job) -> Iterator[tuple[Step, str]]:
    """The steps that restore a cache, with their actions."""
    released = _release_trigger(job.workflow)
    only_tags = released is not None and not any(_release_branches(trigger) for trigger in job.workflow.triggers)
    for step in live_job_steps(job):
        if step.uses is not None and _caches(step, only_tags=only_tags):
            yield step, step.uses.action


def _release_trigger(workflow: Workflow) -> Trigger | None:
    """What starts the workflow when a release is made."""
    for trigger in workflow.triggers:
        if trigger.event == "release":
            return trigger
        if trigger.event == "push" and (
            trigger.node["tags"].present or trigger.node["tags-ignore"].present or _release_branches(trigger)
        ):
            return trigger
    return None


def _release_branches(trigger: Trigger) -> bool:
    return trigger.event == "push" and any("release" in branch.text.lower() for branch in trigger.filter("branches"))


_REHEARSAL = re.compile(r"--snapshot\b|--dry-run\b|--skip[ =]\S{0,80}publish")
_PUBLISHING_ACTION = re.compile(r"(?i)publish|release|deploy|push")
_PUBLISHING_SCRIPT = re.compile(
    r"(?i)\b(?:publish|deploy)|\bgh release\b|\btwine upload\b|\b(?:docker|helm|gem|nuget|git) push\b|--push\b"
    r"|\bmake (?:[\w=-]+ )?(?:release|push|upload)\b|\bhelm upgrade\b|\bkubectl apply\b"
)


def _seems_to_publish(step: Step) -> bool:
    """Whether, in a workflow that releases start, it looks like what publishes them."""
    if step.uses is not None:
        return _PUBLISHING_ACTION.search(step.uses.action) is not None
    return step.script is not None and _PUBLISHING_SCRIPT.search(step.script.text) is not None


def _publishes(step: Step) -> bool:
    action = step.uses.action.lower() if step.uses is not None else ""
    switch = PUBLISHING.get(action)
    if action not in PUBLISHING or any(_REHEARSAL.search(value.text) for _, value in step.arguments.items()):
        return False
    return switch is None or switch.state(step.arguments) is not False


def _caches(step: Step, *, only_tags: bool) -> bool:
    action = step.uses.action.lower() if step.uses is not None else ""
    switches = CACHING.get(action)
    if switches is None:
        return False
    needed = CACHING_UNLESS.get(action)
    if needed is not None and needed.state(step.arguments) is False:
        return False
    return not switches or any(
        _is_on(switch, step, only_tags=only_tags) for switch in switches if switch.holds_in(version_of(step))
    )


def _is_on(switch: Switch, step: Step, *, only_tags: bool) -> bool:
    """Whether it may be on; an expression that looks at the tag is known where only tags start the workflow."""
    state = switch.state(step.arguments)
    if state is not None or not only_tags:
        return state is not False
    trees = [one.tree for one in embedded(step.arguments[switch.input], ("with",), step)]
    known = [_for_tags(tree) for tree in trees if tree is not None]
    return None in known or (True in known) is not switch.inverted


def _for_tags(tree: Expression) -> bool | None:
    """Whether a condition is true when a tag is pushed; None where that is not plain."""
    match tree:
        case Literal():
            return is_true(tree.value)
        case Not():
            inner = _for_tags(tree.operand)
            return None if inner is None else not inner
        case Logical():
            sides = [_for_tags(operand) for operand in tree.operands]
            decides = tree.operator == "||"
            if decides in sides:
                return decides
            return None if None in sides else not decides
        case Call(arguments=(what, Literal(value=str(prefix)))) if tree.name.lower() == "startswith":
            return True if path_of(what)[0] == ("github", "ref") and prefix.lower() == "refs/tags/" else None
        case Comparison(operator="==", left=left, right=right):
            compared = {_as_written(left), _as_written(right)}
            return True if compared in ({"github.ref_type", "tag"}, {"github.event_name", "push"}) else None
    return None


def _as_written(side: Expression) -> str:
    return text_of(side.value) if isinstance(side, Literal) else ".".join(path_of(side)[0])
