"""What a checkout holds, as a hash, and what examines it: the same of both gives the same reports."""

from __future__ import annotations

import functools
import os
import stat as modes
from importlib import metadata
from pathlib import Path

from devopslint import __version__
from devopslint.catalogue import COMPILED, words
from devopslint.digests import blake2b
from devopslint.files import SKIPPED_FOLDERS
from devopslint.tracked import tracked_paths

LARGEST = 100_000_000
"""Bytes of a file that is hashed whole: nothing larger is read, evidence neither. Of others, the size and the beginning."""
_BEGINNING = 65_536
_LIBRARIES = ("PyYAML", "jsonschema", "markdown-it-py", "cel-expr-python", "kubernetes-validate")
"""What others wrote and findings depend on; the last two are extras."""
_PACKAGE = Path(__file__).parent.parent


def digest_of(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def tree_digest(root: Path) -> str:
    """A hash of all that stands below a folder, but for what no run looks into: Git's own, and what packages bring.

    No link is followed. What cannot be read counts as that.
    """
    key = blake2b(digest_size=16)
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(root / folder) as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
        except OSError as error:
            _add(key, b"unlisted", folder, str(error.errno).encode())
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_symlink():
                _add(key, b"link", path, os.fsencode(Path(entry.path).readlink()))
            elif entry.is_dir(follow_symlinks=False):
                _add(key, b"folder", path)
                if entry.name not in SKIPPED_FOLDERS:
                    pending.append(path)
            else:
                _add(key, b"file", path)
                _add_file(key, entry.path)
    _add_file(key, str(root / ".git" / "info" / "exclude"))
    try:
        tracked = tracked_paths(root).names  # not the index itself, which holds what is the disk's alone
    except ValueError as error:
        tracked = (str(error).encode(),)
    _add(key, b"tracked", "", b"\0".join(tracked))
    return key.hexdigest()


def _add(key: blake2b, kind: bytes, path: str, more: bytes = b"") -> None:
    key.update(b"\0".join((kind, os.fsencode(path), more)) + b"\0\0")


def _add_file(key: blake2b, path: str) -> None:
    try:
        status = os.lstat(path)
        if not modes.S_ISREG(status.st_mode):
            key.update(f"mode {modes.S_IFMT(status.st_mode)}\0".encode())  # no pipe is waited for
            return
        key.update(f"{status.st_size}\0".encode())
        with Path(path).open("rb") as file:
            if status.st_size > LARGEST:
                key.update(file.read(_BEGINNING))
                return
            while part := file.read(1_000_000):
                key.update(part)
    except OSError as error:
        key.update(f"unread {error.errno}\0".encode())


@functools.cache
def build() -> str:
    """This program, and what else findings depend on, the same on every machine that has the same."""
    key = blake2b(words(), digest_size=16)
    for path in sorted(_PACKAGE.rglob("*")):
        if path.suffix in (".py", ".json") and path.name != COMPILED.name:
            key.update(os.fsencode(path.relative_to(_PACKAGE)) + b"\0" + path.read_bytes() + b"\0")
    for name in _LIBRARIES:
        try:
            key.update(f"{name} {metadata.version(name)}\0".encode())
        except metadata.PackageNotFoundError:
            key.update(f"no {name}\0".encode())
    return f"{__version__}+{key.hexdigest()[:12]}"
