"""What stands in ${{ }}: its syntax, the names in it, and whether they fit the place."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.github.contexts import (
    PlacedExpression,
    fits,
    placed_action_expressions,
    placed_expressions,
    without_groups,
)
from devopslint.github.expressions import has_fallback
from devopslint.github.files import action_expressions, actions, empty_conditions, workflow_expressions
from devopslint.github.inherited import SECRETS
from devopslint.github.types import VARIABLE, nearest
from devopslint.github.workflow import Action, Embedded, EmptyCondition
from devopslint.model import Problem
from devopslint.registry import check

_OF_ACTIONS = ("runs", "outputs")
"""Under what expressions of an action stand, and none of a workflow."""
_INPUTS = ("inputs", "github.event.inputs")
_INSERTS = compiled(r"\s*\$\{\{\s*insert\s*\}\}\s*")
"""A key in whose place the entries of the object behind it stand: `${{ insert }}: ${{ vars }}`."""


@check("gha-expression-syntax", each=(workflow_expressions, action_expressions))
def expression_syntax(expression: Embedded) -> Iterator[Problem]:
    fault = expression.span.fault
    if fault is not None:
        yield Problem(expression.at(fault), fault.message)


@check("gha-expression-syntax", each=empty_conditions)
def empty_condition(condition: EmptyCondition) -> Iterator[Problem]:
    # YAML takes `!cancelled()` for a tag of an empty value.
    hint = "; '!' begins a tag of YAML: put the condition into ${{ }}" if condition.node.tag else ""
    yield Problem(condition.node.key_location, f"condition is empty{hint}")


@check("gha-expression-syntax", each=actions)
def marked_condition(action: Action) -> Iterator[Problem]:
    for name in ("pre-if", "post-if"):
        condition = action.node["runs"][name]
        if "${{" in condition.text:
            yield Problem(condition.location, f"'{name}' takes an expression as it stands, without '${{{{ }}}}'")


def _problems(expression: PlacedExpression, kind: str) -> Iterator[Problem]:
    told: set[str] = set()
    for location, oddity in expression.oddities(kind):
        if oddity.message not in told:
            told.add(oddity.message)
            yield Problem(location, oddity.message)


@check("gha-unknown-context", each=(placed_expressions, placed_action_expressions))
def unknown_context(expression: PlacedExpression) -> Iterator[Problem]:
    if not _INSERTS.fullmatch(expression.embedded.node.text):
        yield from _problems(expression, "context")


@check("gha-unknown-function", each=(placed_expressions, placed_action_expressions))
def unknown_function(expression: PlacedExpression) -> Iterator[Problem]:
    yield from _problems(expression, "function")


@check("gha-unavailable-context", each=(placed_expressions, placed_action_expressions))
def unavailable_context(expression: PlacedExpression) -> Iterator[Problem]:
    yield from _problems(expression, "availability")


@check("gha-function-arguments", each=(placed_expressions, placed_action_expressions))
def function_arguments(expression: PlacedExpression) -> Iterator[Problem]:
    yield from _problems(expression, "arguments")


@check("gha-undefined-property", each=(placed_expressions, placed_action_expressions))
def undefined_property(expression: PlacedExpression) -> Iterator[Problem]:
    if expression.embedded.in_comment:
        return
    asked = expression.embedded.key[-1] in ("if", "continue-on-error")
    told: set[str] = set()
    for location, oddity in expression.oddities("property"):
        # Some entries of a matrix have what is asked for here, and the others go without on purpose.
        of_matrix = oddity.asked == "matrix" or oddity.asked.startswith("matrix.")
        optional = of_matrix and (asked or has_fallback(expression.embedded.tree, oddity.start))
        if not optional and oddity.message not in told:
            told.add(oddity.message)
            # An entry of a matrix may lack what others once had, and GitHub hands undeclared inputs to an action.
            guess = oddity.asked.startswith("matrix.") or (
                oddity.asked == "inputs" and expression.embedded.key[0] in _OF_ACTIONS
            )
            # What has a default behind it runs: by other events, and for callers that once had it.
            guess = guess or (oddity.asked in _INPUTS and has_fallback(expression.embedded.tree, oddity.start))
            yield Problem(location, oddity.message, certain=not guess)


@check("gha-undeclared-secret", each=placed_expressions)
def undeclared_secret(expression: PlacedExpression) -> Iterator[Problem]:
    for location, oddity in expression.oddities("secret"):
        yield Problem(location._replace(wanted=SECRETS), oddity.message)


@check("gha-unknown-variable", each=workflow_expressions)
def unknown_variable(expression: Embedded, *, variables: list[str] | None) -> Iterator[Problem]:
    if variables is None:
        return
    declared = {name.lower() for name in variables}
    for reference in expression.references():
        context, *names = reference.path
        if context != "vars" or not names or names[0] in declared or not VARIABLE.match(names[0]):
            continue
        written = expression.node.text[reference.start : reference.end]
        yield Problem(
            expression.at(reference), f"'{written}' is not among the declared variables; {nearest(names[0], variables)}"
        )


@check("gha-expression-type", each=placed_expressions)
def expression_type(expression: PlacedExpression) -> Iterator[Problem]:
    problems = list(_problems(expression, "type"))
    yield from problems
    if not problems and expression.embedded.tree is not None:
        yield from _unfit_value(expression)


def _unfit_value(expression: PlacedExpression) -> Iterator[Problem]:
    type_, key = expression.type, without_groups(expression.embedded.key)
    wanted = "text"
    if expression.whole:
        wanted = (
            _OF_INPUTS.get(_type_of_default(expression.embedded), "anything") if fits(_DEFAULT, key) else _wanted(key)
        )
    if wanted == "anything" or type_.name == "any" or _INSERTS.fullmatch(str(key[-1])):
        return
    kinds = wanted.split(" or ")
    if not (type_.name in kinds or ("text" in kinds and type_.is_text)):
        where = ".".join(part for part in key[-2:] if isinstance(part, str))
        yield Problem(expression.embedded.location, f"the expression gives {type_} for '{where}'; {wanted} is wanted")


_WANTED = {
    "anything": ("if", "default", "secrets", "with"),
    "object": ("matrix", "env", "services", "credentials", "strategy"),
    "text or object": ("container", "concurrency", "environment"),
    "array": ("ports", "volumes"),
    "string or array": ("runs-on", "labels"),
    "number": ("timeout-minutes", "max-parallel"),
    "bool": ("continue-on-error", "fail-fast", "cancel-in-progress"),
}
"""What an expression that is the whole value of these keys has to give."""
_KEYS_WANT = {key: wanted for wanted, keys in _WANTED.items() for key in keys}
_MATRIX = ("jobs", "*", "strategy", "matrix")
_CALL_ARGUMENT = ("jobs", "*", "with")
_DEFAULT = ("on", "workflow_call", "inputs", "*", "default")
_OF_INPUTS = {"boolean": "bool", "number": "number", "string": "text"}
"""What the default of an input of a reusable workflow has to be, by the input's type."""


def _type_of_default(default: Embedded) -> str:
    *beside, _ = default.key
    return default.owner.node.get(*map(str, beside), "type").text


def _wanted(key: tuple[str | int, ...]) -> str:
    if fits(_MATRIX, key) and len(key) > len(_MATRIX):
        if len(key) == len(_MATRIX) + 1:
            return "array"
        entry = len(key) == len(_MATRIX) + 2 and key[-2] in ("include", "exclude")
        return "object" if entry else "anything"
    if fits(_CALL_ARGUMENT, key):
        return "anything"
    # What a user has named stands under env, with, outputs, …: there a name is no key of GitHub's.
    if len(key) > 1 and key[-2] in ("env", "with", "outputs", "secrets", "services"):
        return "text" if key[-2] != "services" else "text or object"
    return _KEYS_WANT.get(str(key[-1]), "text")
