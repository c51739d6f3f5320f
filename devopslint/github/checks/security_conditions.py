"""Expressions that do not mean what they seem to, and what hides its meaning."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.github.enabled import (
    live_action_expressions,
    live_action_steps,
    live_expressions,
    live_jobs,
    live_steps,
)
from devopslint.github.expressions import (
    Call,
    Expression,
    Index,
    Literal,
    Logical,
    children,
    fold,
    is_true,
    path_of,
    walk,
)
from devopslint.github.files import workflows
from devopslint.github.uses import Use, action_uses, uses
from devopslint.github.workflow import Embedded, Job, Step, Workflow
from devopslint.model import Problem
from devopslint.registry import check

# Texts that who starts a run can choose so that they are a part of the list.
_CHOSEN = frozenset(
    ("actor", "base_ref", "head_ref", "ref", "ref_name", "sha", "triggering_actor"),
)


@check("gha-unsound-contains", each=live_expressions)
def unsound_contains(expression: Embedded) -> Iterator[Problem]:
    for part in _searches(expression):
        yield Problem(
            expression.at(part), "contains() finds parts of words, and who starts the run can choose a name that is one"
        )


@check("gha-loose-contains", each=live_expressions)
def loose_contains(expression: Embedded) -> Iterator[Problem]:
    for part in _searches(expression, chosen=False):
        yield Problem(
            expression.at(part), "contains() finds parts of words in a text; a list is written with fromJSON()"
        )


def _searches(expression: Embedded, *, chosen: bool = True) -> Iterator[Call]:
    """In an `if`: contains('a b', context), by whether somebody chooses what the context holds."""
    if expression.key[-1] != "if" or expression.tree is None:
        return
    for part in walk(expression.tree):
        match part:
            case Call(arguments=(Literal(value=str()), item)) if part.name.lower() == "contains":
                path = path_of(item)[0]
                if path and _is_chosen(path) is chosen:
                    yield part


def _is_chosen(path: tuple[str, ...]) -> bool:
    return path[0] in ("env", "inputs") or (path[0] == "github" and len(path) > 1 and path[1] in _CHOSEN)


@check("gha-unsound-ternary", each=(live_expressions, live_action_expressions))
def unsound_ternary(expression: Embedded) -> Iterator[Problem]:
    for part in _reached(expression.tree):
        match part:
            case Logical(operator="||", operands=(*firsts, _)):
                for first in firsts:
                    match first:
                        case Logical(operator="&&", operands=(*_, value)) if (folded := fold(value)) and not is_true(
                            folded.value
                        ):
                            message = "the value after '&&' is false, so that what stands after '||' is always taken"
                            yield Problem(expression.at(value), message)


def _reached(tree: Expression | None) -> Iterator[Expression]:
    """The tree and what is in it, but nothing of what is a constant as a whole."""
    stack = [tree] if tree is not None else []
    while stack:
        node = stack.pop()
        if fold(node) is None:
            yield node
            stack.extend(reversed(children(node)))


@check("gha-constant-expression", each=(live_expressions, live_action_expressions))
def constant_expression(expression: Embedded) -> Iterator[Problem]:
    tree = expression.tree
    if tree is None or (expression.key[-1] == "if" and "${{" not in expression.node.text):
        return
    if fold(tree) is not None:
        yield Problem(expression.at(tree), "the expression is a constant: what it hides can be written plainly")
        return
    for part in _reached(tree):
        for child in children(part):
            if not isinstance(child, Literal) and fold(child) is not None:
                yield Problem(expression.at(child), "a part of the expression is a constant: it can be written plainly")


@check("gha-computed-index", each=(live_expressions, live_action_expressions))
def computed_index(expression: Embedded) -> Iterator[Problem]:
    for part in walk(expression.tree) if expression.tree is not None else ():
        if isinstance(part, Index) and fold(part.index) is None:
            yield Problem(expression.at(part.index), "which value this takes is only known when it runs")


@check("gha-obscure-uses", each=(uses, action_uses))
def obscure_uses(use: Use) -> Iterator[Problem]:
    name = use.uses.text[: use.uses.ref_start - 1] if use.uses.kind == "repository" else ""
    odd = [part for part in name.split("/")[2:] if part in ("", ".", "..")]
    if odd:
        yield Problem(use.location, f"'{use.uses.text}' takes a detour that hides which action it is")


@check("gha-opaque-inputs", each=(live_steps, live_action_steps))
def opaque_inputs(step: Step) -> Iterator[Problem]:
    if step.arguments.is_scalar and step.arguments.present:
        yield Problem(step.arguments.location, "an expression gives all inputs, so that none of them can be reviewed")


@check("gha-anonymous-definition", each=(workflows, live_jobs))
def anonymous_definition(owner: Workflow | Job) -> Iterator[Problem]:
    if not owner.name.exists and (isinstance(owner, Workflow) or owner.uses is None):
        what = f"job '{owner.id}'" if isinstance(owner, Job) else "the workflow"
        yield Problem(owner.location if isinstance(owner, Job) else owner.name.location, f"{what} has no name")
