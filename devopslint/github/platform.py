"""What GitHub takes in workflows: events, contexts, functions, permissions, runners, shells; the facts are tables."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from typing import Any

from devopslint.deferred import NamedTuple
from devopslint.facts import table

FILTERS = frozenset(["branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore"])
"""The filters whose items are glob patterns."""
ALL_PERMISSIONS = ("read-all", "write-all")


def _schema() -> Mapping[str, Any]:
    """What GitHub's own packages say."""
    return table("github_workflows")


def _documentation() -> Mapping[str, Any]:
    """What no package has."""
    return table("github_documentation")


class Event(NamedTuple):
    """One event of `on`: its activity types and the filters that it takes."""

    types: frozenset[str] = frozenset()
    filters: frozenset[str] = frozenset()
    free_types: bool = False
    """True where the types are the sender's own words."""


@functools.cache
def events() -> Mapping[str, Event]:
    """Every event that `on` takes."""
    return {
        name: Event(frozenset(row.get("types", ())), frozenset(row.get("filters", ())), row.get("free_types", False))
        for name, row in _schema()["events"].items()
    }


def known_keys(definition: str) -> Collection[str]:
    """The keys of a mapping, by the name that GitHub's schema has for it."""
    keys: Collection[str] = _schema()["keys"][definition]
    return keys


def most_dispatch_inputs() -> int:
    """How many inputs a workflow_dispatch may have."""
    most: int = _documentation()["most_dispatch_inputs"]
    return most


MOST_MATRIX_JOBS = 256
"""How many jobs GitHub makes of one matrix: https://docs.github.com/actions/reference/limits."""


class Arity(NamedTuple):
    """How many arguments a function takes."""

    least: int
    most: int | None
    """None for any number."""


class Availability(NamedTuple):
    """The contexts that may be named in the value of a key, and the special functions that may be called there."""

    contexts: frozenset[str]
    functions: Mapping[str, Arity] = {}


# Rules of their own judge what stands there: an expression there is one fault, not two.
_JUDGED_ELSEWHERE = frozenset({"permissions", "jobs.*.permissions"})


def availability() -> Mapping[str, Availability]:
    """Key of a workflow -> what may be named there; `*` is an id, key or index. The longest prefix of a key counts."""
    return _availability("availability")


def action_availability() -> Mapping[str, Availability]:
    """The same of an action's own file."""
    return _availability("action_availability")


@functools.cache
def _availability(part: str) -> Mapping[str, Availability]:
    return {
        key: Availability(
            frozenset(row["contexts"]), {name: Arity(*numbers) for name, numbers in row["functions"].items()}
        )
        for key, row in _schema()[part].items()
        if key not in _JUDGED_ELSEWHERE
    }


@functools.cache
def contexts() -> frozenset[str]:
    """The names of all contexts."""
    return frozenset(_schema()["contexts"])


# Every other property is a text.
_TYPES_OF_PROPERTIES = {
    "github": {"ref_protected": "bool", "event": "object"},
    "job": {"check_run_id": "number", "container": "object", "services": "object"},
    "strategy": {"fail-fast": "bool", "job-index": "number", "job-total": "number", "max-parallel": "number"},
}


@functools.cache
def properties(context: str) -> Mapping[str, str]:
    """Property of a context, in lower case -> string, number, bool, or object for what holds anything."""
    names = [name.lower() for name in _schema()["properties"][context]]
    if context == "github":
        names += _documentation()["github_properties"]
    types = _TYPES_OF_PROPERTIES.get(context, {})
    return {name: types.get(name, "string") for name in names}


class Function(NamedTuple):
    """How many arguments a function takes, of which types, and what it gives."""

    name: str
    arity: Arity
    parameters: tuple[str, ...]
    """The type of each; the last one counts for those behind it. `text` is what can be written as a text."""
    gives: str
    special: bool
    """Whether it may be called only in the values of some keys."""


# https://docs.github.com/actions/reference/workflows-and-actions/expressions#functions
_SIGNATURES: dict[str, tuple[tuple[str, ...], str]] = {
    "contains": (("text or array", "text"), "bool"),
    "startsWith": (("text",), "bool"),
    "endsWith": (("text",), "bool"),
    "format": (("text", "any"), "string"),
    "join": (("text or array", "text"), "string"),
    "toJSON": (("any",), "string"),
    "fromJSON": (("text",), "any"),
    "hashFiles": (("text",), "string"),
    "case": (("any",), "any"),
    "success": (("any",), "bool"),
    "failure": (("any",), "bool"),
    "always": ((), "bool"),
    "cancelled": ((), "bool"),
}


@functools.cache
def known_functions() -> Mapping[str, Function]:
    """Name in lower case -> the function."""
    everywhere = {name.lower(): Arity(*numbers) for name, numbers in _schema()["functions"].items()}
    special: dict[str, Arity] = {}
    for place in (*availability().values(), *action_availability().values()):
        for name, arity in place.functions.items():
            known = special.setdefault(name.lower(), arity)
            special[name.lower()] = arity if known.most is not None and arity.most is None else known
    found: dict[str, Function] = {}
    for name, (parameters, gives) in _SIGNATURES.items():
        arity = everywhere.get(name.lower()) or special[name.lower()]
        found[name.lower()] = Function(name, arity, parameters, gives, name.lower() in special)
    return found


@functools.cache
def permissions() -> Mapping[str, frozenset[str]]:
    """Scope -> the levels that it takes."""
    return {scope: frozenset(levels) for scope, levels in _schema()["permissions"].items()}


@functools.cache
def hosted_runners() -> Mapping[str, str]:
    """Label -> its operating system."""
    return {label: system for system, labels in _documentation()["hosted_runners"].items() for label in labels}


@functools.cache
def latest_runners() -> Mapping[str, frozenset[str]]:
    """What a `-latest` label may stand for while GitHub moves it on."""
    return {label: frozenset(labels) for label, labels in _documentation()["latest_runners"].items()}


@functools.cache
def retired_runners() -> Mapping[str, str]:
    """Label -> when GitHub took the image away."""
    return {label: month for month, labels in _documentation()["retired_runners"].items() for label in labels}


def self_hosted_labels() -> Mapping[str, str]:
    """The labels that GitHub gives to self-hosted runners -> the operating system that each names."""
    labels: Mapping[str, str] = _documentation()["self_hosted_labels"]
    return labels


@functools.cache
def shells() -> Mapping[str, frozenset[str]]:
    """Shell -> the operating systems that have it."""
    return {shell: frozenset(systems) for shell, systems in _documentation()["shells"].items()}


def deprecated_commands() -> Mapping[str, str]:
    """Workflow command -> the file to write to in its place."""
    commands: Mapping[str, str] = _documentation()["deprecated_commands"]
    return commands


@functools.cache
def runtimes() -> tuple[str, ...]:
    """What an action may run on."""
    return tuple(name for name in _schema()["runtimes"] if name not in retired_runtimes())


@functools.cache
def retired_runtimes() -> frozenset[str]:
    """The runtimes that GitHub has taken away."""
    return frozenset(_documentation()["retired_runtimes"])


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
