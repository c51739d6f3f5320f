"""Who an image or a service runs as, by what is written."""

from __future__ import annotations

from devopslint.deferred import compiled

_ZERO = compiled(r"[-+]?0+\Z")


def user_named(text: str) -> str:
    """The user of `user:group`, as an engine reads it."""
    return text.strip("\"'").partition(":")[0].strip()


def names_root(text: str) -> bool:
    """Whether `user` or `user:group` is root: its name, or the number 0 however it is written."""
    name = user_named(text)
    return name == "root" or _ZERO.match(name) is not None
