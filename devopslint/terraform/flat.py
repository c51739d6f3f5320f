"""Values that are made of texts, numbers and names alone: most of them, of which all is known without a parser."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled

_N = r"[^\W\d][\w-]*+"
_NAME = rf"(?!(?:true|false|null)[.[(]){_N}"
"""Not a constant with steps, which mean nothing."""
_TEXT = rf'"(?:[^"\\\r\n$%]++|\$\{{[ \t]*+(?!(?:true|false|null)\b){_N}(?:\.{_N})*+[ \t]*+\}})*+"'
_INDEX = rf'\[(?:\d{{1,9}}|\*|"[^"\\\r\n$%]*+"|{_NAME}(?:\.{_N})*+)\]'
_NAMED = rf"{_NAME}(?:(?:\.{_N})++(?:{_INDEX}(?:\.{_N})*+){{0,9}}+)?+(?![.[(])"
"""An index has two names before it at least: what is referred to are the first three in a row."""
_LEAF = rf"(?:{_TEXT}|\d++(?![\w.])|{_NAMED})"
_GAP = r"(?:[ \t\n]++|(?:#|//)[^\n]*+)*+"


_KEY = rf'(?:{_N}|"[^"\\\r\n$%]*+")[ \t]*+[=:](?![=:])'
_ITEM = rf"{_KEY}[ \t]*+{_LEAF}[ \t]*+(?:(?:,|(?:(?:#|//)[^\n]*+)?\n){_GAP}|(?=\}}))"
FLAT = (
    rf"\{{{_GAP}(?!for\b)(?:{_ITEM})*+\}}"
    rf"|(?:(?P<listed>\[)|{_NAME}\(){_GAP}(?!for\b)(?:{_LEAF}{_GAP}(?:,{_GAP}|(?=[])])))*+(?(listed)\]|\))"
    rf"|{_LEAF}"
)
"""One such value: an object, a list or a call of leaves, or a leaf. It is compiled in each run: what it knows more of
has to be worth that, and conditionals are parsed for their value as a rule."""

_PUT_IN = compiled(r"\$\{[ \t]*+([^\s}]++)[ \t]*+\}")
_WORD = compiled(rf'"([^"]*+)"[ \t]*+([=:]?)|(?:#|//)[^\n]*+|({_N}(?:\.{_N})*+)[ \t]*+([=:(]?)|\.{_N}')
_CONSTANTS = frozenset(("true", "false", "null"))
_WRAPPED = compiled(r'"\$\{[^}]*+\}"')
_PART = compiled(
    r"(?:#|//)[^\n]*+"
    rf'|(?:"([^"]*+)"|({_N}))[ \t]*+[=:](?![=:])[ \t]*+("[^"]*+")?+'
    rf'|("[^"]*+")|{_N}(?:\.{_N})*+(?:\[[^\]]*+\](?:\.{_N})*+)*+'
)
"""A comment, an item of an object, a text, a name with its steps."""


def names_in(value: str) -> tuple[set[str], bool]:
    """The names that a flat value refers to, each with some steps, and whether one of its keys is there twice."""
    names: set[str] = set()
    if "${" in value:
        names.update(_PUT_IN.findall(value))
        value = _PUT_IN.sub("", value)
    keyed = value[0] == "{"
    keys: list[str] = []
    for text, is_key, name, behind in _WORD.findall(value):
        if name:
            if keyed and behind and behind != "(":
                keys.append(name)
                names.add(name)
            elif behind != "(" and name not in _CONSTANTS:
                names.add(name)
        elif keyed and is_key:
            keys.append(text)
    return names, len(set(keys)) < len(keys)


def texts_in(value: str, name: str) -> list[tuple[str, str, int, int]] | None:
    """(key around it, what it says, start, end) of the texts in a flat value; None where only its tree tells.

    What is put into one is `${}`; a text that is nothing else is none.
    """
    first = value[0]
    if first == '"':
        if value.find('"', 1) < len(value) - 1:
            return None
        return list(_said(name, value, 0))
    if first not in "{[":
        return None
    found: list[tuple[str, str, int, int]] = []
    keyed = first == "{"
    for part in _PART.finditer(value, 1):
        index = part.lastindex
        if index == 4 and not keyed:
            found.extend(_said(name, part[4], part.start(4)))
        elif keyed and index is not None:
            key = part[2] if part[1] is None else part[1]
            if key == "value":
                return None  # `{name = "DB_PASSWORD", value = "..."}`
            if index == 3:
                found.extend(_said(key, part[3], part.start(3)))
    return found[::-1] if keyed else found


def _said(name: str, text: str, at: int) -> Iterator[tuple[str, str, int, int]]:
    if "${" not in text:
        yield name, text[1:-1], at, at + len(text)
    elif not _WRAPPED.fullmatch(text):
        yield name, _PUT_IN.sub("${}", text[1:-1]), at, at + len(text)
