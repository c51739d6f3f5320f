"""`devopslint merge`: SARIF of several tools in one file."""

from __future__ import annotations

import json
from pathlib import Path

import click

from devopslint.merging import MergeError, merge, render
from devopslint.output import Usage, write

LARGEST = 200_000_000
"""Bytes of a file; GitHub takes 10 MB, packed."""


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="The joined file; else standard output."
)
def command(files: tuple[Path, ...], output: Path | None) -> None:
    """Join SARIF files of devopslint and other tools into one, with one run for each tool.

    What another tool says of a line of which devopslint says the same is left out: `docs/rules.md` has the names that
    our rules have elsewhere. With --output, a table of what each tool brought is printed.
    """
    texts = []
    for path in files:
        if path.stat().st_size > LARGEST:
            raise Usage(f"{path} has more than {LARGEST // 1_000_000} MB")
        try:
            texts.append((str(path), path.read_text("utf-8-sig")))
        except UnicodeDecodeError as error:
            raise Usage(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from None
    try:
        merged = merge(texts)
    except MergeError as error:
        raise Usage(str(error)) from None
    log = json.dumps(merged.log, ensure_ascii=False, indent=1) + "\n"
    if output is None:
        write("-", log, "sarif")
    else:
        write(str(output), log, "sarif")
        write("-", render(merged))
