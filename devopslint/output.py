"""Where a report goes, whole or not at all, and how a run that cannot go on ends."""

from __future__ import annotations

import os
import stat as modes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from devopslint.reports.neutral import SYNTAXES, Syntax, neutral


def write(output: str, text: str, format: str = "text", *, coloured: bool = False) -> None:
    put(output, encode(text, format, coloured=coloured))


def put(output: str, encoded: bytes) -> None:
    """Whole or not at all: into a new file, which then takes the old one's place. A device, a pipe or a link stays what it is."""
    if output == "-":
        _print(encoded)
        return
    try:
        if _is_replaceable(Path(output)):
            replace(Path(output), encoded)
        else:
            Path(output).write_bytes(encoded)
    except OSError as error:
        raise click.UsageError(f"cannot write {output}: {error.strerror}") from None


def encode(text: str, format: str = "text", *, coloured: bool = False) -> bytes:
    """A report as it leaves."""
    return neutral(text, SYNTAXES.get(format, Syntax.PLAIN), coloured=coloured).encode("utf-8", "backslashreplace")


def _print(encoded: bytes) -> None:
    if sys.stdout is None:
        raise Usage("cannot write the report: standard output is closed")
    try:
        sys.stdout.buffer.write(encoded)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Who read it has seen enough: the exit code says what it would have said. What is left goes nowhere, or the
        # interpreter would try once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise Usage(f"cannot write the report: {error.strerror}") from None


def _is_replaceable(target: Path) -> bool:
    try:
        return modes.S_ISREG(target.lstat().st_mode)
    except FileNotFoundError:
        return True


def replace(target: Path, encoded: bytes) -> None:
    """Gives a file this content by a new file that takes its place. Raises OSError."""
    import tempfile  # only for a report that goes into a file

    with tempfile.NamedTemporaryFile("wb", dir=target.parent, delete=False) as file:
        draft = Path(file.name)
        try:
            file.write(encoded)
            file.flush()
            os.fsync(file.fileno())
            draft.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
            draft.replace(target)
        except BaseException:
            draft.unlink()
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def wants_color() -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or is_terminal(sys.stdout)


def is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


@contextmanager
def usage_errors() -> Iterator[None]:
    """What is wrong with options or the configuration ends the run with exit code 2."""
    from devopslint.config import ConfigError

    try:
        yield
    except ConfigError as error:
        raise Usage(*error.problems) from None


class Usage(click.ClickException):
    exit_code = 2

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


REFUSALS = (Usage, click.UsageError)
"""What ends a command with words for whoever gave it."""
