"""Version constraints: what they allow."""

from __future__ import annotations

from typing import TypeAlias

from devopslint.deferred import NamedTuple, compiled

Version: TypeAlias = tuple[int, ...]

_PART = compiled(r"\s*(>=|<=|!=|~>|=|>|<|)\s*v?(\d+(?:\.\d+)*)(?:-[\w.]+)?\s*\Z")


class Condition(NamedTuple):
    operator: str
    version: Version


def conditions(constraint: str) -> list[Condition] | None:
    """The parts of `>= 1.2, < 2`; None where it is no constraint."""
    found = [_PART.match(part) for part in constraint.split(",")]
    if None in found:
        return None
    return [
        Condition(part[1] or "=", tuple(int(number[:9]) for number in part[2].split(".")))
        for part in found
        if part is not None
    ]


def lowest(constraint: str) -> Version | None:
    """The lowest version that is allowed; None where there is no such bound."""
    bounds = [one.version for one in conditions(constraint) or () if one.operator in (">=", ">", "=", "~>")]
    return max(bounds, default=None)


def is_exact(constraint: str) -> bool:
    return any(one.operator == "=" for one in conditions(constraint) or ())


def is_unbounded(constraint: str) -> bool:
    """Whether any later version will do."""
    found = conditions(constraint)
    return bool(found) and all(one.operator in (">=", ">", "!=") for one in found or ())


def allows(constraint: str, series: Version) -> bool:
    """Whether some version that begins with `series` is allowed."""
    for one in conditions(constraint) or ():
        first = one.version[: len(series)] + (0,) * (len(series) - len(one.version))
        match one.operator:
            case "=":
                fits = first == series
            case "~>":
                fits = first[:1] == series[:1] and (first <= series if len(one.version) < 3 else first == series)
            case ">=" | ">":
                fits = first <= series
            case "<=":
                fits = first >= series
            case "<":
                fits = first > series or (first == series and any(one.version[len(series) :]))
            case _:
                fits = True
        if not fits:
            return False
    return True


def shown(version: Version) -> str:
    return ".".join(map(str, version))


def parsed(text: str) -> Version:
    return tuple(int(part) for part in text.split(".") if part.isdigit())
