"""What is known of published actions: which cache, publish, execute an input, are archived, or are often copied in name.

All names are in lower case.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from devopslint.deferred import NamedTuple
from devopslint.facts import table
from devopslint.readers.yaml import Node


def code_inputs(action: str) -> tuple[str, ...]:
    """The inputs that an action executes as code, or expands as a template."""
    return tuple(_table()["code_inputs"].get(action, ()))


class Switch(NamedTuple):
    """An input that turns something on."""

    input: str
    default: bool = False
    """Whether it is on where the input is not given."""
    on: tuple[str, ...] = ()
    """The values that turn it on; none: any text but a false one."""
    inverted: bool = False
    """Whether the input turns it off."""
    since: int = 0
    """The first major version of the action for which that is so."""
    until: int | None = None
    """The first major version for which it is no longer so."""

    def holds_in(self, version: int | None) -> bool:
        """Whether this is so in a major version; in one that is not known it is."""
        return version is None or (self.since <= version and (self.until is None or version < self.until))

    def state(self, arguments: Node) -> bool | None:
        """On or off; None where an expression decides."""
        value = arguments[self.input]
        if not value.exists:
            return self.default
        return None if "${{" in value.text else self.given(value.text)

    def given(self, text: str) -> bool:
        """On or off with this value of the input."""
        word = text.strip().lower()
        chosen = word in self.on if self.on else word not in ("", "false")
        return chosen is not self.inverted


def caching(action: str) -> tuple[Switch, ...] | None:
    """The switches of which any makes an action restore a cache, none: it always does; None where it never does."""
    rows = _table()["caching"].get(action)
    return None if rows is None else tuple(_switch(row) for row in rows)


def caching_unless(action: str) -> Switch | None:
    """A switch that has to be on besides."""
    return _switch_of("caching_unless", action)


def publishes(action: str) -> bool:
    """Whether an action publishes what a job has built."""
    return action in _table()["publishing"]


def publishing_switch(action: str) -> Switch | None:
    """What makes an action publish; None where it always does."""
    return _switch_of("publishing", action)


def unpinned_tool_switch(action: str) -> Switch | None:
    """The input that lets an action install any version of its tool."""
    return _switch_of("unpinned_tools", action)


def replacement(action: str) -> str:
    """The program on every hosted runner that does the same; empty where there is none."""
    program: str = _table()["replaceable"].get(action, "")
    return program


def is_archived(repository: str) -> bool:
    """Whether nobody maintains the actions of a repository any more."""
    return repository in _names("archived")


def is_archived_hook(repository: str) -> bool:
    """Whether nobody maintains a repository's hooks for pre-commit any more."""
    return repository in _names("archived") or repository in _names("archived_hooks")


def is_official(owner: str) -> bool:
    """Whether an owner is GitHub itself."""
    return owner in _names("official_owners")


def _table() -> Mapping[str, Any]:
    return table("marketplace")


@functools.cache
def _names(part: str) -> frozenset[str]:
    return frozenset(_table()[part])


def _switch_of(part: str, action: str) -> Switch | None:
    row = _table()[part].get(action)
    return None if row is None else _switch(row)


def _switch(row: Mapping[str, Any]) -> Switch:
    return Switch(**{**row, "on": tuple(row.get("on", ()))})


def likeness(repository: str) -> str | None:
    """The popular action that the name of another owner's differs from by one letter; None where there is none."""
    name = repository.lower()
    known = _mistyped()
    if len(name) > _longest() or name.partition("/")[0] in _popular_owners():
        return None
    return next((known[typed] for typed in (name, *_with_one_letter_less(name)) if typed in known), None)


@functools.cache
def _mistyped() -> dict[str, str]:
    """Popular names, whole and with one letter less: two names that differ by one letter meet here."""
    return {typed: name for name in sorted(_names("popular")) for typed in (name, *_with_one_letter_less(name))}


@functools.cache
def _longest() -> int:
    """The length of the longest name that may differ by one letter from a popular one."""
    return max(map(len, _names("popular"))) + 1


@functools.cache
def _popular_owners() -> frozenset[str]:
    return frozenset(name.partition("/")[0] for name in _names("popular"))


def _with_one_letter_less(name: str) -> list[str]:
    return [name[:index] + name[index + 1 :] for index in range(len(name))]
