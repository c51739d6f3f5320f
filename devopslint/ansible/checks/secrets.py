"""Secrets that are written down, and those that a run shows."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.ansible.playbooks import FREE_FORM, Play, Task, is_false, is_for_tests, is_templated, plays, tasks
from devopslint.ansible.settings import hosts, settings
from devopslint.ansible.variables import Given, given_in, variables
from devopslint.deferred import compiled
from devopslint.model import Problem
from devopslint.registry import check
from devopslint.secrets.judgement import (
    holds_value,
    is_evident,
    is_mode,
    is_placeholder,
    names_no_secret,
    names_secret,
    shows_secret,
)

_NAMES_NONE = compiled(r"(?:update_password|generate_\w+|_?(?:no|has|use|set|with)_\w+)\Z")
"""What a module calls its switches."""
_WORDS = compiled(r"(?:[A-Za-z]{1,30}[-_ ]){1,10}(?P<last>[A-Za-z]{1,30})")
_OF_STORES = ("secret", "secrets", "passwords")
"""What an item may call the place of a secret: the value is what such a command asks for."""
_NO_LOGIN = compiled(r"[!*x]+\Z")
"""In place of a hash: nobody logs in with a password."""
_EXPRESSION = compiled(r"\{\{(?P<inside>.{0,500}?)\}\}")
_VARIABLE = compiled(r"(?<![\w.'\"/])[a-zA-Z_]\w*(?:\.[a-zA-Z_]\w*)*")
_PATH = compiled(r"\{\{[ \t]*([\w.]+)[ \t]*\|[ \t]*(?:dirname|basename|realpath|expanduser)\b")
"""A variable that is a path."""
_OPENS = compiled(
    r"(?:[<>]|(?<!\S)-{1,2}(?:in|out|inkey|key|keyout|signkey|CAkey|key-file|private-key|i))[ \t=]*[\"']?\Z"
)
"""What stands before the name of a file."""
_TEXT = compiled(r"'[^']*'|\"[^\"]*\"")
_ONLY_ABOUT = compiled(r"\|[ \t]*(?:length|count|bool|type_debug)\b|[ \t](?:==|!=|is)[ \t]")
"""What gives something about a secret: how long it is, whether there is one."""


@check("ansible-written-secret", each=(variables, hosts))
def written_secret(given: Given) -> Iterator[Problem]:
    if not given.default:
        yield from _written(given)


@check("ansible-default-secret", each=variables)
def default_secret(given: Given) -> Iterator[Problem]:
    if given.default and _is_secret(given.name, given.text):
        yield Problem(given.location, f"'{given.name}' is known to whoever reads the role, where nobody sets another")


@check("ansible-written-secret", each=plays)
def written_secret_of_play(play: Play) -> Iterator[Problem]:
    for key in ("vars", "environment") if not is_for_tests(play.book.path) else ():
        for given in given_in(play.node[key]):
            yield from _written(given)


@check("ansible-written-secret", each=tasks)
def written_secret_of_task(task: Task) -> Iterator[Problem]:
    if task.for_tests or task.short in ("assert", "debug", "fail"):
        return
    for key in ("vars", "environment"):
        for given in given_in(task.node[key]):
            yield from _written(given)
    for argument in task.arguments.values():
        if argument.node is None:
            yield from _written(Given(argument.name, argument.text, argument.location))
    for given in given_in(task.given):
        if given.name != "validate":
            yield from _written(given)


def _written(given: Given) -> Iterator[Problem]:
    kind = None if is_templated(given.text) else shows_secret(given.text)
    if kind is not None and kind != "a hashed password":
        said = f"'{given.name}' holds {kind} that everyone can read"
        yield Problem(given.location, said, certain=is_evident(given.text))
    elif _is_secret(given.name, given.text):
        said = f"'{given.name}' is a secret that everyone can read"
        yield Problem(given.location, said, certain=is_evident(given.text))


def _is_secret(name: str, text: str) -> bool:
    return (
        _names_secret(name)
        and not is_templated(text)
        and _NO_LOGIN.match(text) is None
        and holds_value(text)
        and not is_placeholder(text, name)
        and not is_mode(name, text)
        and not _is_a_name(text, name)
    )


def _is_a_name(text: str, name: str) -> bool:
    """Whether the value only says, in plain words, which secret it is: `Shop-Signing-Key`."""
    words = _WORDS.fullmatch(text)
    return words is not None and words["last"].lower() == name.rpartition("_")[2].lower()


def _names_secret(name: str) -> bool:
    """A role's own name, which many put before `__`, says nothing of the value."""
    own = name.rpartition("__")[2] or name
    return _NAMES_NONE.match(name) is None and names_secret(own) and not names_no_secret(own)


@check("ansible-logged-secret", each=tasks)
def logged_secret(task: Task) -> Iterator[Problem]:
    hidden = task.inherited("no_log")
    if task.for_tests or (hidden.present and not is_false(hidden)):
        return
    if task.short in FREE_FORM:
        written = task.command
        names = _secrets_used(written.text) if written is not None else []
        if names and written is not None:
            yield Problem(
                written.location,
                f"{task.label} shows '{names[0]}' where its command fails: no_log is not set",
            )
    elif task.short == "debug":
        shown = task.argument("msg", "var")
        names = [] if shown is None else _shown(shown.name, shown.text)
        if (
            shown is not None
            and names
            and not task.inherited("verbosity").present
            and task.argument("verbosity") is None
        ):
            yield Problem(shown.location, f"{task.label} prints '{names[0]}'")
    elif task.loops and not task.node.get("loop_control", "label").present:
        for argument in task.arguments.values():
            if _names_secret(argument.name) and "item." in argument.text:
                yield Problem(
                    argument.location, f"{task.label} prints every item with its {argument.name}: no_log is not set"
                )
                return


def _is_a_result(task: Task, name: str) -> bool:
    """Whether the variable is what another task of the file gave back."""
    return any(one.node["register"].text == name for one in task.book.tasks)


def _secrets_used(text: str) -> list[str]:
    """The secrets that expressions put into a text: variables that are called so, whatever filters change them."""
    found = []
    paths = set(_PATH.findall(text))
    for expression in _EXPRESSION.finditer(text):
        if _OPENS.search(text, max(0, expression.start() - 40), expression.start()):
            continue  # a file: what is in it is read or written, and not shown
        inside = _TEXT.sub("", expression["inside"])
        value = inside.partition("|")[0]
        if _ONLY_ABOUT.search(inside.partition(" if ")[0]):
            continue
        if " if " in value:
            value = value.partition(" if ")[0]
        for name in _VARIABLE.findall(value):
            owner, _, last = name.rpartition(".")
            if name not in paths and _names_secret(last) and not (owner and last in _OF_STORES):
                found.append(name)
    return found


def _shown(name: str, text: str) -> list[str]:
    if name == "var" and not is_templated(text):
        return [text] if _names_secret(text.rpartition(".")[2]) else []
    return _secrets_used(text)


@check("ansible-unverified-host", each=settings)
def unverified_host(given: Given) -> Iterator[Problem]:
    if given.name == "defaults.host_key_checking" and given.text.lower() in ("false", "no", "0", "off"):
        yield Problem(given.location, "whoever answers is taken for the host: host_key_checking is off")
    elif given.name.startswith("ssh_connection.") and _takes_any_key(given.text):
        yield Problem(given.location, "whoever answers is taken for the host: StrictHostKeyChecking is off")


@check("ansible-unverified-host", each=(variables, hosts))
def unverified_host_of_group(given: Given) -> Iterator[Problem]:
    if given.name in ("ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_ssh_args") and _takes_any_key(
        given.text
    ):
        yield Problem(given.location, "whoever answers is taken for the host: StrictHostKeyChecking is off")


def _takes_any_key(text: str) -> bool:
    return "stricthostkeychecking=no" in _compact(text)


def _compact(text: str) -> str:
    """The text in lower case, options and their values joined by one sign."""
    return "=".join(text.lower().replace("=", " ").split())
