"""What conditions ask of who wrote a change: an author, or a branch of this very repository."""

from __future__ import annotations

from collections.abc import Iterator

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
from devopslint.github.workflow import Step

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
_FORKED = frozenset(("github.event.pull_request.head.repo.fork", "github.event.workflow_run.head_repository.fork"))


def conditions_of(step: Step) -> Iterator[Expression]:
    """What must all be true for the step to run: the parts of its condition, and of its job's."""
    for owner in (step, step.job):
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
        return part.operator == "==" and not sides.isdisjoint(_OF_AUTHOR)
    if isinstance(part, Call) and part.name.lower() == "contains" and len(part.arguments) == 2:
        return _path(part.arguments[1]) in _OF_AUTHOR
    return False


def _path(tree: Expression) -> str:
    return ".".join(path_of(tree)[0]) if isinstance(tree, Context | Property | Index) else ""


def is_of_ours(step: Step, path: tuple[str, ...]) -> bool:
    """Whether the step runs only where what `path` speaks of comes from this repository, or from people it names."""
    about = {"head_ref": "github.event.pull_request."}.get(path[1], f"{'.'.join(path[:3])}.")
    if about not in ("github.event.pull_request.", "github.event.workflow_run."):
        return False
    return any(
        names_author(part) and all(name.startswith(about) for name in _asked_of_event(part))
        for part in conditions_of(step)
    )


def _asked_of_event(part: Expression) -> Iterator[str]:
    for one in walk(part):
        path = _path(one)
        if path in _OF_AUTHOR or path in _FORKED:
            yield path
