"""Caches that reach what is published: whether a step restores one when a release is made."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.github.enabled import live_job_steps, live_jobs
from devopslint.github.expressions import (
    Call,
    Comparison,
    Constant,
    Expression,
    Literal,
    Logical,
    Not,
    condition,
    is_true,
    path_of,
    text_of,
)
from devopslint.github.marketplace import Switch, caching, caching_unless, publishes, publishing_switch
from devopslint.github.uses import version_of
from devopslint.github.workflow import Job, Step, Trigger, Workflow, embedded
from devopslint.model import Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check


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
    """The steps that restore a cache when a release is made, with their actions."""
    releases = _releases(job.workflow)
    if releases and _runs_for(job.condition, releases) is False:
        return
    for step in live_job_steps(job):
        if step.uses is not None and _caches(step, releases):
            if not releases or _runs_for(step.condition, releases) is not False:
                yield step, step.uses.action


def _releases(workflow: Workflow) -> frozenset[str]:
    """The events by which a tag starts the workflow; none where a release may also be a branch."""
    if any(_release_branches(trigger) for trigger in workflow.triggers):
        return frozenset()
    return frozenset(trigger.event for trigger in workflow.triggers if _makes_release(trigger))


def _release_trigger(workflow: Workflow) -> Trigger | None:
    """What starts the workflow when a release is made."""
    return next((trigger for trigger in workflow.triggers if _makes_release(trigger)), None)


def _makes_release(trigger: Trigger) -> bool:
    if trigger.event == "push":
        return trigger.node["tags"].present or trigger.node["tags-ignore"].present or _release_branches(trigger)
    return trigger.event == "release"


def _release_branches(trigger: Trigger) -> bool:
    return trigger.event == "push" and any("release" in branch.text.lower() for branch in trigger.filter("branches"))


_REHEARSAL = compiled(r"--snapshot\b|--dry-run\b|--skip[ =]\S{0,80}publish")
_PUSHED_OUTPUT = compiled(r"type=registry\b|\bpush=true\b")
_PUBLISHING_ACTION = compiled(r"(?i)publish|release|deploy|push")
_PUBLISHING_SCRIPT = compiled(
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
    if action == "docker/build-push-action" and _PUSHED_OUTPUT.search(step.arguments["outputs"].text):
        return True
    if not publishes(action) or any(_REHEARSAL.search(value.text) for _, value in step.arguments.items()):
        return False
    switch = publishing_switch(action)
    return switch is None or switch.state(step.arguments) is not False


def _caches(step: Step, releases: frozenset[str]) -> bool:
    action = step.uses.action.lower() if step.uses is not None else ""
    switches = caching(action)
    if switches is None:
        return False
    needed = caching_unless(action)
    if needed is not None and needed.state(step.arguments) is False:
        return False
    return not switches or any(
        _may_be_on(switch, step, releases) for switch in switches if switch.holds_in(version_of(step))
    )


def _may_be_on(switch: Switch, step: Step, releases: frozenset[str]) -> bool:
    """Whether it may be on; what an expression gives is known where that depends on nothing but the release."""
    state = switch.state(step.arguments)
    if state is not None or not releases:
        return state is not False
    value = step.arguments[switch.input]
    found = list(embedded(value, ("with",), step))
    if not found or found[0].tree is None or not found[0].fills_its_value:
        return True
    given = _for(releases, found[0].tree)
    return isinstance(given, Expression) or switch.given(text_of(given))


def _runs_for(if_: Node, releases: frozenset[str]) -> bool | None:
    """Whether a condition holds when a release is made; None where that depends on more."""
    found = condition(if_.text) if if_.text else None
    given = _for(releases, found.tree) if found is not None and found.tree is not None else None
    return None if given is None or isinstance(given, Expression) else is_true(given)


def _for(releases: frozenset[str], tree: Expression) -> Constant | Expression:
    """The value that an expression has when a tag starts the workflow by one of these events; itself if unknown."""
    match tree:
        case Literal():
            return tree.value
        case Not():
            inner = _for(releases, tree.operand)
            return tree if isinstance(inner, Expression) else not is_true(inner)
        case Logical():
            return _first_that_decides(tree, [_for(releases, operand) for operand in tree.operands])
        case Call(arguments=(what, Literal(value=str(text)))) if tree.name.lower() in ("startswith", "contains"):
            known = path_of(what)[0] == ("github", "ref") and text.lower().startswith("refs/")
            return text.lower().rstrip("/") == "refs/tags" if known else tree
        case Comparison(operator="==" | "!=" as operator, left=what, right=Literal(value=str(text))):
            equal = _equals(path_of(what)[0], text.lower(), releases)
        case Comparison(operator="==" | "!=" as operator, left=Literal(value=str(text)), right=what):
            equal = _equals(path_of(what)[0], text.lower(), releases)
        case _:
            return tree
    return tree if equal is None else equal is (operator == "==")


def _equals(path: tuple[str, ...], text: str, releases: frozenset[str]) -> bool | None:
    """Whether a context has this value then; None where that is not known."""
    match path:
        case ("github", "ref_type"):
            return text == "tag"
        case ("github", "event_name") if text not in releases or len(releases) == 1:
            return text in releases
        case ("github", "ref") if text.startswith("refs/heads/"):
            return False
    return None


def _first_that_decides(tree: Logical, sides: list[Constant | Expression]) -> Constant | Expression:
    decides = tree.operator == "||"
    known = [side for side in sides if not isinstance(side, Expression)]
    if len(known) == len(sides):
        return next((side for side in known if is_true(side) is decides), known[-1])
    if any(is_true(side) is decides for side in known):
        first = next(side for side in sides if isinstance(side, Expression) or is_true(side) is decides)
        if not isinstance(first, Expression):
            return first
        return False if tree.operator == "&&" else tree
    return tree
