"""What conditions ask of who wrote a change: an author, or a branch of this very repository."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

from devopslint.deferred import compiled
from devopslint.github.checkouts import text_of_step
from devopslint.github.expressions import (
    Call,
    Comparison,
    Context,
    Expression,
    Index,
    Literal,
    Logical,
    Not,
    Property,
    condition,
    path_of,
    text_of,
    walk,
)
from devopslint.github.workflow import Job, Step
from devopslint.readers.yaml import Node

_OF_AUTHOR = frozenset(
    (
        "github.event.pull_request.user.login",
        "github.event.pull_request.user.id",
        "github.event.pull_request.author_association",
        "github.event.pull_request.head.repo.full_name",
        "github.event.pull_request.head.repo.owner.login",
        "github.event.pull_request.head.user.login",
        "github.event.workflow_run.head_repository.full_name",
        "github.event.workflow_run.head_repository.owner.login",
        "github.event.sender.login",
    )
)
"""What tells who wrote a change, or in whose repository, and cannot be chosen by a stranger."""
_EVENT_BEFORE = "github.event.workflow_run.event"
"""What set off the workflow that this one runs after."""
OWN_EVENTS = frozenset(
    ("create", "delete", "deployment", "push", "release", "repository_dispatch", "schedule", "workflow_dispatch")
)
"""Events that outsiders do not cause: their payload has no pull request, no issue and no comment."""
_FORKED = frozenset(("github.event.pull_request.head.repo.fork", "github.event.workflow_run.head_repository.fork"))

_AFTER_FAILURES = compiled(r"(?i)\b(?:always|cancelled|failure)\s*\(")
"""With these, a step or a job runs although what it waits for has failed."""
_SETTLED = ("github.event.pull_request.labels", "needs.", "steps.")
_FAILED = compiled(r"\s*(?:core\.setFailed\(|throw\b)")


def conditions_of(step: Step) -> Iterator[Expression]:
    """What must all be true for the step to run: the parts of its condition, of its job's, and of those that it waits for."""
    for owner in (step, step.job, *(_needed(step.job) if step.job is not None else ())):
        found = condition(owner.condition.text) if owner is not None and owner.condition.text else None
        pending = [found.tree] if found is not None and found.tree is not None else []
        while pending:
            part = pending.pop()
            if isinstance(part, Logical) and part.operator == "&&":
                pending.extend(part.operands)
            else:
                yield part


def names_author(part: Expression) -> bool:
    """Whether it holds only for changes of certain people, or of this very repository."""
    if isinstance(part, Logical):  # each way must be one of theirs
        return all(names_author(one) for one in part.operands)
    if isinstance(part, Not):
        return _path(part.operand) in _FORKED
    if isinstance(part, Comparison):
        sides = {_path(part.left), _path(part.right)}
        if not sides.isdisjoint(_FORKED):
            other = next((one for one in (part.left, part.right) if isinstance(one, Literal)), None)
            return other is not None and (part.operator == "==") is (text_of(other.value) == "false")
        if _EVENT_BEFORE in sides:
            event = next((text_of(one.value) for one in (part.left, part.right) if isinstance(one, Literal)), "")
            return event in OWN_EVENTS if part.operator == "==" else (part.operator, event) == ("!=", "pull_request")
        return part.operator == "==" and not sides.isdisjoint(_OF_AUTHOR)
    if isinstance(part, Call) and part.name.lower() == "contains" and len(part.arguments) == 2:
        return _path(part.arguments[1]) in _OF_AUTHOR
    return False


def _path(tree: Expression) -> str:
    return ".".join(path_of(tree)[0]) if isinstance(tree, Context | Property | Index) else ""


def is_asked_for_by_label(step: Step) -> bool:
    """Whether for a pull request it runs only when somebody puts a certain label on it, which no stranger may."""
    return any(_names_label(part) for part in conditions_of(step))


def _names_label(part: Expression) -> bool:
    if isinstance(part, Logical):
        return (all if part.operator == "||" else any)(map(_names_label, part.operands))
    if not isinstance(part, Comparison) or part.operator != "==":
        return False
    asked = {_path(part.left), _path(part.right)}
    values = {text_of(one.value) for one in (part.left, part.right) if isinstance(one, Literal)}
    return "github.event.label.name" in asked or ("github.event_name" in asked and values <= OWN_EVENTS)


def is_of_ours(step: Step, path: tuple[str, ...]) -> bool:
    """Whether the step runs only where what `path` speaks of comes from this repository, or from people it names."""
    about = {"head_ref": "github.event.pull_request."}.get(path[1], f"{'.'.join(path[:3])}.")
    if about not in ("github.event.pull_request.", "github.event.workflow_run."):
        return False
    if about == "github.event.pull_request." and is_refused_to_strangers(step):
        return True
    return any(
        names_author(part) and all(name.startswith(about) for name in _asked_of_event(part))
        for part in conditions_of(step)
    )


_OF_COMMENTER = (
    "github.event.comment.author_association",
    "github.event.comment.user",
    "github.event.issue.author_association",
    "github.event.issue.user",
    "github.event.issue.labels",
    "github.event.sender",
    "github.actor",
    "github.triggering_actor",
    "vars.",
)
"""What tells who commented, or wrote the change that is commented on, or what somebody who may label it says of it."""
_CHECKS_COMMENTER = compiled(
    r"(?i)permission|collaborator|membership|author_association|team[-_]?member|is[-_]?member|org(?:anization)?[-_]?member"
    r"|/members?\b|allow(?:ed)?[-_]?(?:list|users)|authori[sz]|maintainer|trusted|whitelist|code-?owners|slash-command"
)


def is_kept_from_commenters(step: Step) -> bool:
    """Whether something asks who commented before a step runs: a condition, a step above, or an environment."""
    job = step.job
    if job is None or any(one.environment.present for one in (job, *_needed(job))):
        return True
    return any(map(_asks_commenter, conditions_of(step))) or _is_before(step, job, _checks_commenter)


def _checks_commenter(step: Step) -> bool:
    return _CHECKS_COMMENTER.search(text_of_step(step)) is not None


def _asks_commenter(part: Expression) -> bool:
    if isinstance(part, Logical):
        return (all if part.operator == "||" else any)(map(_asks_commenter, part.operands))
    return _excludes(part, "issue_comment") or any(path.startswith(_OF_COMMENTER) for path in map(_path, walk(part)))


def runs_for(step: Step, event: str) -> bool:
    """Whether no condition says that the step is for other events alone."""
    return not any(_excludes(part, event) for part in conditions_of(step))


def _excludes(part: Expression, event: str) -> bool:
    if isinstance(part, Logical):
        return (all if part.operator == "||" else any)(_excludes(one, event) for one in part.operands)
    if not isinstance(part, Comparison) or "github.event_name" not in (_path(part.left), _path(part.right)):
        return False
    named = next((text_of(one.value) for one in (part.left, part.right) if isinstance(one, Literal)), event)
    return (named == event) is (part.operator == "!=")


def _asked_of_event(part: Expression) -> Iterator[str]:
    for one in walk(part):
        path = _path(one)
        if path in _OF_AUTHOR or path in _FORKED or path == _EVENT_BEFORE:
            yield path


def is_refused_to_strangers(step: Step) -> bool:
    """Whether a step above it, or one of a job that its own waits for, fails for pull requests of strangers."""
    return step.job is not None and _is_before(step, step.job, _fails_for_strangers)


def _is_before(step: Step, job: Job, asked: Callable[[Step], bool]) -> bool:
    """Whether one of the steps without which it does not run is such: those above it, and those of jobs that its job needs."""
    if not _whatever_happened(step.condition):
        first = _first(job, asked)
        if first is not None and first.location < step.location:
            return True
    return any(
        needed.continue_on_error.text.lower() in ("", "false") and _first(needed, asked) is not None
        for needed in _needed(job)
    )


@functools.lru_cache(maxsize=256)
def _first(job: Job, asked: Callable[[Step], bool]) -> Step | None:
    """The first step of a job that is such; many of its steps ask."""
    return next(filter(asked, job.steps), None)


def _needed(job: Job) -> Iterator[Job]:
    """The jobs without which it does not run: where one is skipped, or fails, so is it."""
    seen, pending = {job.id}, [job]
    while pending:
        one = pending.pop()
        for name in () if _whatever_happened(one.condition) else one.needs:
            needed = job.workflow.job(name.text)
            if needed is not None and needed.id not in seen:
                seen.add(needed.id)
                pending.append(needed)
                yield needed


def _whatever_happened(asked: Node) -> bool:
    return _AFTER_FAILURES.search(asked.text) is not None


def _fails_for_strangers(step: Step) -> bool:
    if step.continue_on_error.text.lower() not in ("", "false") or not _ends_in_failure(step):
        return False
    found = condition(step.condition.text) if step.condition.text else None
    tree = found.tree if found is not None else None
    parts = () if tree is None else tree.operands if isinstance(tree, Logical) and tree.operator == "&&" else (tree,)
    return any(map(_names_stranger, parts)) and all(_names_stranger(one) or _may_be_settled(one) for one in parts)


def _ends_in_failure(step: Step) -> bool:
    if step.using("actions/github-script"):
        return _FAILED.match(step.arguments["script"].text) is not None
    last = step.commands[-1] if step.commands else None
    return last is not None and last.name == "exit" and last.group is None and last.texts[:1] not in ((), ("0",))


def _names_stranger(part: Expression) -> bool:
    """Whether it holds for whoever is not one of certain people, or comes from another repository."""
    if isinstance(part, Not):
        return names_author(part.operand)
    if isinstance(part, Comparison):
        if part.operator == "!=" and not {_path(part.left), _path(part.right)}.isdisjoint(_OF_AUTHOR):
            return True
        return not names_author(part) and not {_path(part.left), _path(part.right)}.isdisjoint(_FORKED)
    return _path(part) in _FORKED


def _may_be_settled(part: Expression) -> bool:
    """Whether it may ask what those who maintain the repository have decided: by a label, or by a check before."""
    return any(path.startswith(_SETTLED) for path in map(_path, walk(part)))
