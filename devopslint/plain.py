"""How a report is written down for another run: as JSON that can make records of this program and nothing else.

Reading it runs nothing but the making of a value: a record's class has to be a NamedTuple, a frozen dataclass or an
enumeration of this package. docs/decisions/032-cache-in-json.md has the figures.
"""

from __future__ import annotations

import datetime
import enum
import functools
import importlib
import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from devopslint.catalogue import catalogue
from devopslint.deferred import NamedTuple, compiled, fields, is_dataclass
from devopslint.model import Finding, Location, Related, Rule, Severity

_ATOMS = frozenset((int, bool, float, type(None)))
_PLACE = "place"
_PARSE = json.JSONDecoder().raw_decode
_OURS = compiled(rf"({__name__.partition('.')[0]}(?:\.[a-z][a-z0-9_]*)+):([A-Z]\w*|_[A-Z]\w*)", re.ASCII)
"""A class of this package: a module whose name has no underscores around it is only ever imported for what is in it."""

Maker = Callable[[Iterable[Any]], Any]


class _Form(NamedTuple):
    """How values of one class are taken apart, and put together again."""

    name: str
    parts: Callable[[Any], Iterable[Any]]
    make: Maker
    length: int | None = None
    """How many parts each has, where all have as many."""


def write(value: object) -> bytes:
    """Bytes that read() makes the same value of. Raises ValueError where something in it cannot be written.

    The document is [forms, values, root]. Each value is there once, behind all that it is made of: an atom as itself, a
    record as a list of the numbers of its parts and that of its form. A place has its lines and columns as they are.
    """
    values: list[Any] = []
    texts: dict[str, int] = {}
    atoms: dict[tuple[type, Any], int] = {}
    records: dict[tuple[Any, ...], int] = {}
    numbered: dict[int, int] = {}
    """The numbers of values by their id, which is no other's as long as the root holds them."""
    names: dict[str, int] = {}
    forms: dict[type, tuple[int, Callable[[Any], Iterable[Any]]]] = {}

    def number(value: Any) -> int:
        kind = type(value)
        if kind is str:
            at = texts.setdefault(value, len(values))
            if at == len(values):
                values.append(value)
            return at
        if kind in _ATOMS:
            # By its digits: -0.0 and 0.0 are equal.
            at = atoms.setdefault((kind, repr(value) if kind is float else value), len(values))
            if at == len(values):
                values.append(value)
            return at
        if (known := numbered.get(id(value))) is not None:
            return known
        if kind not in forms:
            form = _form(kind)  # type: ignore[arg-type]  # a class can be hashed
            forms[kind] = names.setdefault(form.name, len(names)), form.parts
        index, parts = forms[kind]
        record: tuple[Any, ...]
        if kind is Location:
            path, *region, wanted = value
            record = (number(path), *region, number(wanted), index)
        else:
            record = (*map(number, parts(value)), index)
        numbered[id(value)] = at = records.setdefault(record, len(values))
        if at == len(values):
            values.append(record)
        return at

    try:
        root = number(value)
    except RecursionError:
        raise ValueError("is nested too deep to be written down") from None
    return json.dumps((list(names), values, root), separators=(",", ":")).encode("ascii")


def read(written: bytes) -> Any:
    """What was written. Raises ValueError, LookupError or TypeError for what write() did not give."""
    # Twenty thousand documents are read where all files are joined, most of them of a few forms.
    text = written.decode("ascii")
    (forms, told, root), end = _PARSE(text)
    if end != len(text):
        raise ValueError("there is more behind it")
    makers, lengths, place = _forms_of(tuple(forms))
    values: list[Any] = []
    add, value_at, new = values.append, values.__getitem__, tuple.__new__
    for one in told:
        if type(one) is not list:
            add(one)
            continue
        form = one.pop()
        length = lengths[form]
        if length is not None and len(one) != length:
            raise TypeError(f"a record of {forms[form]} has {len(one)} parts")
        if form == place:
            path, line, column, end_line, end_column, missing, wanted = one
            add(new(Location, (values[path], line, column, end_line, end_column, missing, values[wanted])))
        else:
            add(makers[form](map(value_at, one)))
    return value_at(root)


def parts_of(one: Finding) -> tuple[Any, ...]:
    """A finding as json writes it by itself: of these there may be hundred thousands. Raises ValueError for a settled one."""
    if one.suppressed is not None:
        raise ValueError("it is settled")
    return one.rule.id, one.severity, *one[2:7], one.bases


def finding_of(parts: Iterable[Any]) -> Finding:
    """What parts_of() was given. Raises what read() does."""
    rule_id, severity, place, message, related, subject, fingerprint, bases = parts
    about = tuple([Related(Location._make(at), words) for at, words in related])
    own = tuple(map(Location._make, bases))
    rule, at = catalogue()[rule_id].rule, Location._make(place)
    return Finding(rule, Severity(severity), at, message, about, subject, fingerprint, None, own)


def _pairs(parts: Iterable[Any]) -> dict[Any, Any]:
    values = iter(parts)
    return dict(zip(values, values, strict=True))


def _day(parts: Iterable[Any]) -> datetime.date:
    return datetime.date(*parts)


def _rule(parts: Iterable[Any]) -> Rule:
    (rule_id,) = parts
    return catalogue()[rule_id].rule


_FORMS: Mapping[type, _Form] = {
    tuple: _Form("tuple", iter, tuple),
    list: _Form("list", iter, list),
    set: _Form("set", iter, set),
    frozenset: _Form("frozenset", iter, frozenset),
    dict: _Form("dict", lambda value: itertools.chain.from_iterable(value.items()), _pairs),
    datetime.date: _Form("date", lambda value: (value.year, value.month, value.day), _day),
    Location: _Form(_PLACE, iter, Location._make, len(Location._fields)),
    Rule: _Form("rule", lambda value: (value.id,), _rule),
}
_BY_NAME = {form.name: form for form in _FORMS.values()}


@functools.cache
def _form(kind: type) -> _Form:
    if kind in _FORMS:
        return _FORMS[kind]
    name = f"{kind.__module__}:{kind.__qualname__}"
    if _OURS.fullmatch(name) is None:
        raise ValueError(f"{name} is not of this program, so it cannot be written down")
    if issubclass(kind, enum.Enum):
        return _Form(name, lambda value: (value.value,), lambda parts: kind(*parts))
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        # Half a record's time goes to _make, which counts the parts as read() does.
        return _Form(name, iter, functools.partial(tuple.__new__, kind), len(kind._fields))
    if is_dataclass(kind):
        names = [field.name for field in fields(kind)]
        by_place = kind.__match_args__ == tuple(names)  # type: ignore[attr-defined]  # a data class has this
        return _Form(
            name,
            lambda value: [getattr(value, field) for field in names],
            (lambda parts: kind(*parts)) if by_place else lambda parts: kind(**dict(zip(names, parts, strict=True))),
            len(names),
        )
    raise ValueError(f"{name!r} names no record of this program")


@functools.lru_cache(maxsize=1_000)
def _forms_of(names: tuple[str, ...]) -> tuple[list[Maker], list[int | None], int]:
    """What makes values of each form and how many parts they have, and which of them is a place."""
    forms = [_named(name) for name in names]
    place = names.index(_PLACE) if _PLACE in names else -1
    return [form.make for form in forms], [form.length for form in forms], place


@functools.cache
def _named(name: str) -> _Form:
    if name in _BY_NAME:
        return _BY_NAME[name]
    if (found := _OURS.fullmatch(name)) is None:
        raise ValueError(f"{name!r} names no record of this program")
    kind = vars(importlib.import_module(found[1])).get(found[2])
    if not isinstance(kind, type) or kind.__module__ != found[1]:
        raise ValueError(f"{name!r} names no record of this program")
    return _form(kind)
