"""What is made when it is first used, not when its module is imported: patterns, the methods of data classes, properties.

A run over a few files uses half of the patterns that its modules hold, and a quarter of its time went into making
classes: typing.NamedTuple compiles each annotation of a field, dataclasses half a dozen functions for each class.
Type checkers see the standard library's own names here, and what these say of a class holds for ours.
"""

from __future__ import annotations

import contextlib
import importlib
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any, AnyStr, cast


def compiled(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What `re.compile` gives, made when it is first asked. A malformed one raises re.error only then: a test asks each."""
    return cast("re.Pattern[AnyStr]", Pattern(pattern, flags))


class Pattern:
    """Stands for a pattern, and has its methods as attributes of its own from the first question on."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern = pattern
        self.given = flags

    def __getattr__(self, name: str) -> Any:
        made = re.compile(self.pattern, self.given)
        for method in ("match", "search", "fullmatch", "finditer", "findall", "split", "sub", "subn"):
            setattr(self, method, getattr(made, method))
        return getattr(made, name)


class _Later(ModuleType):
    """Stands for a module, and has all that it has from the first question on."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        module = importlib.import_module(self.__name__)
        vars(self).update(vars(module))
        return getattr(module, name)


def import_later(name: str) -> None:
    """Have a module that a library imports be read when the library first asks it."""
    sys.modules.setdefault(name, _Later(name))


@contextlib.contextmanager
def patterns_later() -> Iterator[None]:
    """Have patterns that others compile meanwhile, as a library does while it is imported, made when they are first asked."""
    own = re.compile
    re.compile = compiled  # type: ignore[assignment]  # as far as those are asked who are met here
    try:
        yield
    finally:
        re.compile = own


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import fields as fields
    from dataclasses import is_dataclass as is_dataclass
    from dataclasses import replace as replace
    from functools import cached_property as cached_property
    from typing import NamedTuple as NamedTuple
else:
    import functools
    from collections import namedtuple
    from operator import attrgetter
    from types import FunctionType

    _set = object.__setattr__

    class cached_property:
        """Like that of functools from Python 3.12 on: before, it takes a lock, which is half of its time."""

        def __init__(self, function):
            self._function = function
            self.__doc__ = function.__doc__

        def __set_name__(self, owner, name):
            self._name = name

        def __get__(self, instance, owner=None):
            if instance is None:
                return self
            made = self._function(instance)
            _set(instance, self._name, made)  # its __dict__ would be made of its values, and take more
            return made

    _Numbered = namedtuple("_Numbered", [f"field{number}" for number in range(48)])
    _GETTERS = [vars(_Numbered)[name] for name in _Numbered._fields]
    """By the number of a field: what gets it out of a tuple; nothing is faster than the standard library's."""

    new = tuple.__new__
    _CODES = {
        made.__code__.co_argcount - 1: made.__code__
        for made in (
            lambda cls, a: new(cls, (a,)),
            lambda cls, a, b: new(cls, (a, b)),
            lambda cls, a, b, c: new(cls, (a, b, c)),
            lambda cls, a, b, c, d: new(cls, (a, b, c, d)),
            lambda cls, a, b, c, d, e: new(cls, (a, b, c, d, e)),
            lambda cls, a, b, c, d, e, f: new(cls, (a, b, c, d, e, f)),
            lambda cls, a, b, c, d, e, f, g: new(cls, (a, b, c, d, e, f, g)),
            lambda cls, a, b, c, d, e, f, g, h: new(cls, (a, b, c, d, e, f, g, h)),
            lambda cls, a, b, c, d, e, f, g, h, i: new(cls, (a, b, c, d, e, f, g, h, i)),
            lambda cls, a, b, c, d, e, f, g, h, i, j: new(cls, (a, b, c, d, e, f, g, h, i, j)),
            lambda cls, a, b, c, d, e, f, g, h, i, j, k: new(cls, (a, b, c, d, e, f, g, h, i, j, k)),
            lambda cls, a, b, c, d, e, f, g, h, i, j, k, m: new(cls, (a, b, c, d, e, f, g, h, i, j, k, m)),
            lambda cls, a, b, c, d, e, f, g, h, i, j, k, m, n: new(cls, (a, b, c, d, e, f, g, h, i, j, k, m, n)),
            lambda cls, a, b, c, d, e, f, g, h, i, j, k, m, n, o: new(cls, (a, b, c, d, e, f, g, h, i, j, k, m, n, o)),
        )
    }
    """By a number of fields: what makes a tuple of them. It is compiled with this module, and not once a run."""

    @functools.cache
    def _code_of(count):
        """What makes a tuple of as many arguments: to give them other names is a tenth of compiling it for each class."""
        if count in _CODES:
            return _CODES[count]
        names = "".join(f"field{number}, " for number in range(count))
        return eval(f"lambda cls, {names}: new(cls, ({names}))").__code__  # noqa: S307  # as collections.namedtuple does

    def _shown(self, names):
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    class _TupleType(type):
        def __new__(cls, name, bases, body):
            if tuple not in bases:
                names = tuple(body["__annotations__"])
                body["_field_defaults"] = {field: body[field] for field in names if field in body}
                body |= {"__slots__": (), "_fields": names, "__match_args__": names}
                body |= zip(names, _GETTERS[: len(names)], strict=True)
            return super().__new__(cls, name, bases, body)

    class NamedTuple(tuple, metaclass=_TupleType):
        """Like typing's; the __new__ of a class is compiled for its first instance."""

        __slots__ = ()

        def __new__(cls, *values, **named):
            code = _code_of(len(cls._fields)).replace(co_varnames=("cls", *cls._fields))
            cls.__new__ = made = FunctionType(code, {"new": new}, argdefs=tuple(cls._field_defaults.values()))
            return made(cls, *values, **named)

        def __repr__(self):
            return _shown(self, self._fields)

        def __getnewargs__(self):
            return tuple(self)

        @classmethod
        def _make(cls, values):
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"{cls.__qualname__} has {len(cls._fields)} fields, not {len(made)}")
            return made

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, **changes):
            made = tuple.__new__(type(self), map(changes.pop, self._fields, self))
            if changes:
                raise ValueError(f"{type(self).__qualname__} has no field {', '.join(changes)}")
            return made

    class field:
        """What is said of one field of a data class."""

        __slots__ = ("compare", "default", "default_factory", "hash", "init", "keyword", "name", "repr")

        def __init__(self, *, default=..., default_factory=None, init=True, repr=True, hash=None, compare=True):
            self.default = default
            self.default_factory = default_factory
            self.init = init
            self.repr = repr
            self.compare = compare
            self.hash = compare if hash is None else hash

    def dataclass(cls=None, /, **how):
        """Like that of dataclasses, of which it knows frozen, slots, eq and kw_only."""
        return _made(cls, **how) if cls is not None else lambda cls: _made(cls, **how)

    def is_dataclass(value):
        """Whether it is one of ours, or an instance of one."""
        return hasattr(value, "_own_fields")

    def fields(value):
        return tuple(_fields_of(value if isinstance(value, type) else type(value)))

    def replace(value, /, **changes):
        """The same value with other fields."""
        for one in _fields_of(type(value)):
            if one.init and one.name not in changes:
                changes[one.name] = getattr(value, one.name)
        return type(value)(**changes)

    def _fields_of(cls):
        known = {}
        for base in reversed(cls.__mro__):
            known |= vars(base).get("_own_fields", {})
        return known.values()

    def _made(cls, *, frozen=False, slots=False, eq=True, kw_only=False):
        body = dict(vars(cls))
        own = {}
        for name, annotation in body.get("__annotations__", {}).items():
            if not annotation.startswith("ClassVar"):
                given = body.get(name, ...)
                own[name] = one = given if isinstance(given, field) else field(default=given)
                one.name, one.keyword = name, kw_only
        assert "__post_init__" not in body, "no such step is known here"
        known = {**{one.name: one for base in cls.__bases__ for one in _fields_of(base)}, **own}
        added = {
            "_own_fields": own,
            "_frozen": frozen,
            "_compared": staticmethod(_values_of([one.name for one in known.values() if one.compare])),
            "_hashed": staticmethod(_values_of([one.name for one in known.values() if one.hash])),
            "__match_args__": tuple(one.name for one in known.values() if one.init and not one.keyword),
        }
        if "__init__" not in body:
            added["__init__"] = _init
        if "__repr__" not in body:
            added["__repr__"] = _repr
        if eq:
            added |= {"__eq__": _eq, "__hash__": body.get("__hash__") or (_hash if frozen else None)}
        if frozen:
            added |= {"__setattr__": _refuse, "__delattr__": _refuse}
        if slots:
            inherited = {name for base in cls.__mro__[1:] for name in vars(base).get("__slots__", ())}
            added |= {"__slots__": tuple(name for name in own if name not in inherited)}
            added |= {"__getstate__": _state, "__setstate__": _restore}
            for name in (*own, "__dict__", "__weakref__"):
                body.pop(name, None)
            made = type(cls)(cls.__name__, cls.__bases__, body | added)
            made.__qualname__ = cls.__qualname__
            return made
        for name, one in own.items():
            if one.default is not ...:
                added[name] = one.default
            elif name in body:
                delattr(cls, name)
        for name, value in added.items():
            setattr(cls, name, value)
        return cls

    def _values_of(names):
        """What gives the values of these fields as one tuple."""
        return attrgetter(*names) if len(names) > 1 else lambda self: tuple(getattr(self, name) for name in names)

    def _decorated(cls):
        return next(one for one in cls.__mro__ if "_own_fields" in vars(one))

    def _init(self, *values, **named):
        cls = _decorated(type(self))
        cls.__init__ = _init_of(cls)
        cls.__init__(self, *values, **named)

    def _init_of(cls):
        scope = {"put": object.__setattr__, "absent": ...}
        positional, keywords, body = [], [], ["    pass"]
        for one in _fields_of(cls):
            name = one.name
            scope |= {f"default_{name}": one.default, f"make_{name}": one.default_factory}
            value = name
            if one.default_factory is not None:
                value = f"make_{name}() if {name} is absent else {name}" if one.init else f"make_{name}()"
            default = f"=default_{name}" if one.default is not ... or one.default_factory is not None else ""
            if one.init:
                (keywords if one.keyword else positional).append(name + default)
            body.append(f"    put(self, {name!r}, {value})" if cls._frozen else f"    self.{name} = {value}")
        parameters = ", ".join(["self", *positional, *(["*", *keywords] if keywords else [])])
        exec("\n".join([f"def __init__({parameters}):", *body]), scope)  # noqa: S102  # as dataclasses does: names of fields
        scope["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
        return scope["__init__"]

    def _repr(self):
        return _shown(self, [one.name for one in _fields_of(type(self)) if one.repr])

    def _eq(self, other):
        return self._compared(self) == self._compared(other) if other.__class__ is self.__class__ else NotImplemented

    def _hash(self):
        return hash(self._hashed(self))

    def _refuse(self, name, *_):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def _state(self):
        return [getattr(self, one.name) for one in _fields_of(type(self))]

    def _restore(self, state):
        for one, value in zip(_fields_of(type(self)), state, strict=True):
            object.__setattr__(self, one.name, value)
