"""`spec: inputs:` of a GitLab CI file, and `$[[ inputs.NAME ]]`, which takes what is given or the default."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from devopslint.deferred import compiled, replace
from devopslint.gitlab.values import Value, text_of, value_of
from devopslint.readers.yaml import Node
from devopslint.scripts.steps import Text

LONGEST = 1_000
"""Characters of a text that is put into another."""

_INPUT = compiled(r"\$\[\[\s*inputs\.(?P<name>[\w-]+)\s*(?P<functions>(?:\|[^|\[\]]*)*)\]\]", re.ASCII)
_TRUNCATE = compiled(r"truncate\(\s*(\d{1,6})\s*,\s*(\d{1,6})\s*\)", re.ASCII)
_SAME_TEXT = frozenset(("expand_vars", "posix_escape"))
"""Functions behind an input that leave an ordinary text as it is."""


def declared_inputs(header: Node, budget: list[int]) -> tuple[tuple[Text, Value], ...]:
    """The inputs of a file, each with its default; null where it has none."""
    return tuple((text_of(name), value_of(of["default"], 0, budget)) for name, of in header["spec"]["inputs"].items())


def filled(
    entries: Iterable[tuple[Text, Value]], inputs: Iterable[tuple[Text, Value]], given: Value | None
) -> tuple[tuple[Text, Value], ...]:
    """The entries with the inputs in their places; one that nobody gives, and that has no default, stays as it is written."""
    known = {name.text: value for name, value in inputs}
    if given is not None:
        known.update((name.text, value) for name, value in given.entries)
    known = {name: value for name, value in known.items() if value.kind != "null"}
    return tuple((_text(name, known), _value(value, known)) for name, value in entries)


def put_in(text: str, inputs: Iterable[tuple[Text, Value]]) -> str:
    """A text with the defaults of inputs in their places."""
    if not is_left_open(text):
        return text
    return _filled(text, {name.text: value for name, value in inputs if value.kind != "null"})


def is_left_open(text: str) -> bool:
    """Whether it depends on an input that only the one who starts the pipeline gives."""
    return "$[[" in text


def _value(value: Value, known: Mapping[str, Value]) -> Value:
    if value.entries:
        return replace(value, entries=tuple((_text(name, known), _value(one, known)) for name, one in value.entries))
    if value.items:
        return replace(value, items=tuple(_value(item, known) for item in value.items))
    if not is_left_open(value.text):
        return value
    whole = _INPUT.fullmatch(value.text.strip())
    if whole is not None and not whole["functions"].strip() and whole["name"] in known:
        return replace(known[whole["name"]], location=value.location)
    return replace(value, text=_filled(value.text, known))


def _text(name: Text, known: Mapping[str, Value]) -> Text:
    return Text(_filled(name.text, known), name.location) if is_left_open(name.text) else name


def _filled(text: str, known: Mapping[str, Value]) -> str:
    return _INPUT.sub(lambda found: _put(found, known), text)


def _put(found: re.Match[str], known: Mapping[str, Value]) -> str:
    value = known.get(found["name"])
    if value is None or value.kind != "text" or len(value.text) > LONGEST:
        return found[0]
    text = value.text
    for function in filter(None, map(str.strip, found["functions"].split("|"))):
        if cut := _TRUNCATE.fullmatch(function):
            text = text[int(cut[1]) : int(cut[1]) + int(cut[2])]
        elif function not in _SAME_TEXT:
            return found[0]
    return text
