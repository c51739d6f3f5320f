"""@check: the functions that judge, by the rule that each belongs to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from devopslint.model import Problem

Selector = Callable[[Any], Iterable[Any]]
CheckFunction = Callable[..., Iterator[Problem]]


class Check(NamedTuple):
    """A check function with the selector that gives its subjects out of a view."""

    rule_id: str
    function: CheckFunction
    each: Selector
    view: Any
    """What the selector takes: a model.FileView, or a model.ProjectView where `project` is true."""
    complete: bool
    """True where the check is only right when the whole repository is known."""
    parameters: tuple[str, ...]

    @property
    def project(self) -> bool:
        return hasattr(self.view, "of")


CHECKS: dict[str, list[Check]] = {}


def check(rule_id: str, *, each: Selector, complete: bool = False) -> Callable[[CheckFunction], CheckFunction]:
    """Declare a function that judges rule `rule_id`, called once for each subject that `each` selects.

    `each` is a function of one annotated parameter, the view; the check's keyword-only parameters are the
    rule's parameters. A rule may have several checks, each on another view.
    """

    def register(function: CheckFunction) -> CheckFunction:
        made = Check(rule_id, function, each, view_of(each), complete, parameters_of(function))
        CHECKS.setdefault(rule_id, []).append(made)
        return function

    return register


def view_of(selector: Selector) -> Any:
    """The class of the selector's only parameter."""
    # Hundreds of selectors are looked at while a run starts: typing.get_type_hints would take 5 ms for them.
    annotation = next(iter(selector.__annotations__.values()))
    view = vars(sys.modules[selector.__module__]).get(annotation, annotation)
    assert isinstance(view, type), f"{selector.__qualname__}: annotate the parameter with a view class"
    return view


def parameters_of(function: Any) -> tuple[str, ...]:
    code = function.__code__
    return tuple(code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount])
