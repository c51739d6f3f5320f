"""Which files an index of Git tracks: versions 2, 3 and 4, of repositories with either hash (gitformat-index of Git 2.39)."""

from __future__ import annotations

from collections.abc import Iterator

MOST_BYTES = 100_000_000
"""Of an index, and of all names in it together: a version 4 may spell out far more than it holds. A million files fit."""

LONGEST_NAME = 4_096
"""Bytes; no system opens a longer path."""

_HASHES = (20, 32)
"""Bytes of SHA-1 and SHA-256. The repository's configuration names one; only that one fits the entries."""
_HEADER = 12
_IN_FLAGS = 0xFFF
"""The length of a name, where it is less."""
_EXTENDED = 0x40
_KIND, _FILE, _LINK = 0xF0, 0x80, 0xA0
"""Of the mode's third byte. Others are commits of submodules and, in a sparse index, folders."""


def read_index(data: bytes) -> tuple[bytes, ...]:
    """The paths of files and links, sorted, with slashes, from the top of the work tree. Raises ValueError where it is none."""
    if len(data) > MOST_BYTES:
        raise ValueError(f"is larger than {MOST_BYTES // 1_000_000} MB")
    if data[:4] != b"DIRC":
        raise ValueError("is no index")
    version = int.from_bytes(data[4:8])
    if version not in (2, 3, 4):
        raise ValueError(f"is an index of version {version}")
    for size in _HASHES:
        try:
            names, end = _entries(data, version, size)
            extensions = list(_extensions(data, end, len(data) - size))
        except (IndexError, _BrokenEntry):
            continue
        if unknown := [one for one in extensions if one[:1].islower() and one != b"sdir"]:
            what = "is split" if b"link" in unknown else f"needs what is called {unknown[0].decode('latin-1')}"
            raise ValueError(what)
        return names
    raise ValueError("is a broken index")


class _BrokenEntry(ValueError):
    """What stands there is none, or none with a hash of that length."""


def _entries(data: bytes, version: int, hash_size: int) -> tuple[tuple[bytes, ...], int]:
    """The names, and the index behind the last entry."""
    names: list[bytes] = []
    flags, kind = 40 + hash_size, 26
    fixed = flags + 2
    at, last, left = _HEADER, b"", MOST_BYTES
    for _ in range(int.from_bytes(data[8:_HEADER])):
        extended = data[at + flags] & _EXTENDED
        begin = at + fixed + (2 if extended else 0)
        length = (data[at + flags] << 8 | data[at + flags + 1]) & _IN_FLAGS
        if version == 4:
            removed, begin = _offset(data, begin)
            end = data.find(b"\0", begin, begin + LONGEST_NAME + 1)
            if removed > len(last):
                raise _BrokenEntry
            name = last[: len(last) - removed] + data[begin:end]
            following = end + 1
        else:
            end = begin + length if length < _IN_FLAGS else data.find(b"\0", begin, begin + LONGEST_NAME + 1)
            name = data[begin:end]
            following = at + ((end - at + 8) & ~7)
        left -= len(name)
        if (
            end < 0
            or data[end] != 0
            or min(len(name), _IN_FLAGS) != length
            or not last <= name
            or len(name) > LONGEST_NAME
            or left < 0
            or (extended and version == 2)
        ):
            raise _BrokenEntry
        # A conflict has up to three entries of one name.
        if name != last and data[at + kind] & _KIND in (_FILE, _LINK):
            names.append(name)
        at, last = following, name
    return tuple(names), at


def _offset(data: bytes, at: int) -> tuple[int, int]:
    """A number as packs write offsets, and the index behind it."""
    byte = data[at]
    number = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = data[at]
        number = (number + 1 << 7) + (byte & 0x7F)
        if number > LONGEST_NAME:
            raise _BrokenEntry
    return number, at + 1


def _extensions(data: bytes, at: int, end: int) -> Iterator[bytes]:
    """What they are called; a reader that does not know one may pass it over where that begins with a capital."""
    while at < end:
        yield data[at : at + 4]
        at += 8 + int.from_bytes(data[at + 4 : at + 8])
    if at != end:
        raise _BrokenEntry
