"""What is made when it is first used is what the standard library would have made."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import pickle
import re
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from devopslint import deferred

PACKAGE = Path(deferred.__file__).parent


def patterns_in(value: object) -> Iterator[Any]:
    if isinstance(value, deferred.Pattern):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from patterns_in(one)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from patterns_in(one)


def test_a_module_is_imported_when_it_is_first_asked() -> None:
    code = """
import sys
from devopslint.deferred import import_later
import_later("colorsys")
import colorsys, colorsys as again
before = type(sys.modules["colorsys"]).__name__
import_later("colorsys")
print(before, colorsys.rgb_to_hsv(1, 0, 0), type(sys.modules["colorsys"]).__name__, hasattr(again, "nothing"))
from colorsys import hsv_to_rgb
print(hsv_to_rgb is colorsys.hsv_to_rgb is sys.modules["colorsys"].hsv_to_rgb)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)

    assert told.stdout == "_Later (0.0, 1.0, 1) module False\nTrue\n"


def test_patterns_of_others_are_made_later_only_meanwhile() -> None:
    own = re.compile
    with pytest.raises(KeyError), deferred.patterns_later():
        made = re.compile("A+", re.IGNORECASE)
        raise KeyError

    assert re.compile is own
    assert isinstance(made, deferred.Pattern)
    assert made.fullmatch("aA") is not None
    assert made.flags == own("A+", re.IGNORECASE).flags


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_pattern_compiles(path: Path) -> None:
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    if name == "devopslint.__main__":
        return
    module = importlib.import_module(name)

    for value in vars(module).values():
        for pattern in patterns_in(value):
            assert pattern.groups >= 0, pattern.pattern


def test_a_pattern_answers_as_the_compiled_one_does() -> None:
    ours, real = deferred.compiled(r"(?P<name>a+)(b)?", re.IGNORECASE), re.compile(r"(?P<name>a+)(b)?", re.IGNORECASE)

    assert ours.pattern == real.pattern
    assert [found.span() for found in ours.finditer("xAAb a")] == [found.span() for found in real.finditer("xAAb a")]
    assert ours.sub(r"<\g<name>>", "xAAb") == "x<AA>"
    assert (ours.groupindex, ours.groups, ours.flags) == (real.groupindex, real.groups, real.flags)


def test_a_malformed_pattern_raises_when_it_is_first_asked() -> None:
    pattern = deferred.compiled("(")

    with pytest.raises(re.error, match="missing \\), unterminated subpattern"):
        pattern.match("")


class OurPoint(deferred.NamedTuple):
    x: int
    y: int = 2
    name: str = "p"

    def moved(self, by: int) -> OurPoint:
        return self._replace(x=self.x + by)


class RealPoint(typing.NamedTuple):
    x: int
    y: int = 2
    name: str = "p"


@pytest.mark.parametrize(
    "ask",
    [
        lambda point: tuple(point(1)),
        lambda point: tuple(point(1, name="q")),
        lambda point: point(1) == point(1, 2, "p"),
        lambda point: point(1) == (1, 2, "p"),
        lambda point: hash(point(1)),
        lambda point: sorted([point(2), point(1)])[0].x,
        lambda point: repr(point(1, "a")).partition("(")[2],
        lambda point: point(1)._asdict(),
        lambda point: tuple(point._make([4, 5, 6])),
        lambda point: tuple(point(1)._replace(y=7)),
        lambda point: point._fields,
        lambda point: point._field_defaults,
        lambda point: point.__match_args__,
        lambda point: tuple(pickle.loads(pickle.dumps(point(1)))),
        lambda point: copy.copy(point(1)) == point(1),
        lambda point: hasattr(point(1), "__dict__"),
    ],
)
def test_a_named_tuple_answers_as_that_of_typing(ask: Callable[[Any], Any]) -> None:
    assert ask(OurPoint) == ask(RealPoint)


def test_a_named_tuple_has_its_own_methods_and_type() -> None:
    moved = OurPoint(1).moved(3)

    assert isinstance(moved, OurPoint)
    assert repr(moved) == "OurPoint(x=4, y=2, name='p')"


@pytest.mark.parametrize("point", [OurPoint, RealPoint])
def test_a_named_tuple_refuses_what_it_has_no_field_for(point: Any) -> None:
    with pytest.raises(TypeError):
        point()
    with pytest.raises(TypeError):
        point(1, z=2)
    with pytest.raises((TypeError, ValueError)):  # of the library, the one since Python 3.14 and the other before
        point(1)._replace(z=2)
    with pytest.raises(TypeError):
        point._make([1])
    with pytest.raises(AttributeError):
        point(1).x = 2


def made_by(library: Any) -> dict[str, Any]:
    """The same classes, made by `dataclasses` or by ours."""

    @library.dataclass(frozen=True)
    class Plain:
        x: int
        y: int = 2
        kind: ClassVar[str] = "plain"

    @library.dataclass(frozen=True, slots=True, kw_only=True)
    class Base:
        x: int
        y: int = 2

    @library.dataclass(frozen=True, slots=True, kw_only=True)
    class Derived(Base):
        z: tuple[int, ...] = ()

    @library.dataclass(slots=True)
    class Open:
        x: int
        items: list[int] = library.field(default_factory=list)
        note: str = library.field(default="n", repr=False, compare=False)
        own: dict[str, int] = library.field(default_factory=dict, init=False)

    @library.dataclass(eq=False)
    class Same:
        x: int

    return {one.__name__: one for one in (Plain, Base, Derived, Open, Same)}


OURS, REAL = made_by(deferred), made_by(dataclasses)
BY_LIBRARY = {"ours": (deferred, OURS), "real": (dataclasses, REAL)}


def shown(value: object) -> str:
    return repr(value).rpartition(".")[2]


@pytest.mark.parametrize(
    "ask",
    [
        lambda library, made: shown(made["Plain"](1)),
        lambda library, made: shown(made["Plain"](1, 3)),
        lambda library, made: made["Plain"].y,
        lambda library, made: made["Plain"](1) == made["Plain"](1, 2),
        lambda library, made: made["Plain"](1) == (1, 2),
        lambda library, made: hash(made["Plain"](1)) == hash(made["Plain"](1, 2)),
        lambda library, made: shown(library.replace(made["Plain"](1), y=9)),
        lambda library, made: [one.name for one in library.fields(made["Derived"](x=1))],
        lambda library, made: [one.name for one in library.fields(made["Open"])],
        lambda library, made: library.is_dataclass(made["Plain"]) and not library.is_dataclass(int),
        lambda library, made: library.is_dataclass(made["Plain"](1)) and not library.is_dataclass(3),
        lambda library, made: shown(made["Derived"](x=1, z=(4,))),
        lambda library, made: made["Derived"](x=1) == made["Base"](x=1),
        lambda library, made: hasattr(made["Derived"](x=1), "__dict__"),
        lambda library, made: made["Derived"].__slots__,
        lambda library, made: made["Plain"].__match_args__,
        lambda library, made: made["Derived"].__match_args__,
        lambda library, made: shown(made["Open"](1)),
        lambda library, made: made["Open"](1).items is made["Open"](1).items,
        lambda library, made: made["Open"](1, note="a") == made["Open"](1, note="b"),
        lambda library, made: made["Open"].__hash__,
        lambda library, made: made["Same"](1) == made["Same"](1),
        lambda library, made: shown(copy.copy(made["Derived"](x=1))),
        lambda library, made: made["Derived"].__qualname__,
    ],
)
def test_a_data_class_answers_as_that_of_dataclasses(ask: Callable[[Any, Any], Any]) -> None:
    assert ask(*BY_LIBRARY["ours"]) == ask(*BY_LIBRARY["real"])


@pytest.mark.parametrize("library", BY_LIBRARY)
def test_a_data_class_refuses_what_it_has_no_field_for_and_what_is_frozen(library: str) -> None:
    made = BY_LIBRARY[library][1]

    with pytest.raises(TypeError):
        made["Plain"]()
    with pytest.raises(TypeError):
        made["Plain"](1, z=3)
    with pytest.raises(TypeError):
        made["Derived"](1)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'x'"):
        made["Plain"](1).x = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        made["Derived"](x=1).x = 2
    with pytest.raises(AttributeError):
        made["Open"](1).other = 2


class Once:
    def __init__(self) -> None:
        self.asked = 0

    @deferred.cached_property
    def answer(self) -> int:
        """What is asked for."""
        self.asked += 1
        return 42


def test_a_property_is_worked_out_once_and_may_be_written_over() -> None:
    once = Once()
    assert (once.answer, once.answer, once.asked) == (42, 42, 1)
    assert Once.answer.__doc__ == "What is asked for."

    once.__dict__["answer"] = 1
    assert once.answer == 1
