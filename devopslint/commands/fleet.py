"""`devopslint fleet`: many checkouts, and one scorecard over all."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from devopslint.cli import progress, tokens
from devopslint.config import ConfigError
from devopslint.fleet import tables
from devopslint.fleet.cluster import ClusterError, over_cluster
from devopslint.fleet.content import build
from devopslint.fleet.examination import Asked, Row, examine_batch
from devopslint.fleet.former import changed, read_former
from devopslint.fleet.listing import Checkout, read_list
from devopslint.fleet.page import page
from devopslint.fleet.processes import over_processes
from devopslint.fleet.records import Folder
from devopslint.fleet.scorecard import score, summary
from devopslint.options import fleet_options
from devopslint.output import Usage, usage_errors, write
from devopslint.reports.frames import printable
from devopslint.workers import cores

LARGEST_BATCH = 16
"""Checkouts that are handed over at once: small enough that little is done again where a process dies."""
_WORKERS = 16
"""Of a cluster, as far as the size of batches goes: more may come while it runs."""


@click.command()
@click.argument("listing", metavar="REPOS.txt", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@fleet_options
@click.option(
    "--output",
    "-o",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("devopslint-fleet"),
    show_default=True,
    help="The folder for the reports and the scorecard.",
)
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Processes; by default one for each core.")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Examine on the workers of this Dask scheduler instead, such as tcp://10.0.0.5:8786; needs the extra dask.",
)
@click.option(
    "--resume", is_flag=True, help="Keep the reports of earlier runs where nothing that they depend on has changed."
)
@click.option(
    "--retries",
    type=click.IntRange(min=0),
    default=2,
    show_default=True,
    help="How many more times a checkout is examined that ends its process.",
)
@click.option(
    "--since",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A former scorecard.csv: say what has become of it. The rules.csv beside it is read, too.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note"]),
    help="The lowest severity that makes the exit code 1; otherwise as each configuration says.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever was found.")
def command(
    listing: str,
    output: Path,
    jobs: int | None,
    scheduler: str | None,
    resume: bool,
    retries: int,
    since: Path | None,
    fail_on: str | None,
    exit_zero: bool,
    **run: Any,
) -> None:
    """Examine every checkout that a file lists, and write a scorecard over all.

    REPOS.txt has the path of a checkout a line, from its own folder; `PATH = NAME` names it, `#` begins a comment.
    docs/fleet.md says what is written, and how a run goes on that was ended.
    """
    with usage_errors():
        checkouts = _listed(listing)
        former = read_former(since) if since is not None else None
        folder = _folder(output, checkouts)
        asked = _asked(folder, resume, **run)
    rows = _rows(asked, checkouts, jobs, scheduler, retries)
    failures: dict[str, str] = {}
    kept = 0
    try:
        with progress(len(checkouts)) as advance:
            for row in rows:
                kept += row.kept
                if row.failure:
                    failures[row.name] = row.failure
                advance(1)
    except ClusterError as error:
        raise Usage(str(error)) from None
    finally:
        rows.close()
        folder.close()
    scorecard = score(checkouts, failures, folder, fail_on)
    write(str(output / "scorecard.html"), page(scorecard, former))
    write(str(output / "scorecard.csv"), tables.by_repository(scorecard))
    write(str(output / "rules.csv"), tables.by_rule(scorecard))
    write(str(output / "shared.csv"), tables.by_sharing(scorecard))
    if resume:
        click.echo(f"note: {kept} of {len(checkouts)} were examined by an earlier run", err=True)
    told = [*summary(scorecard), *([changed(scorecard, former)] if former is not None else ())]
    write("-", "".join(f"{printable(line)}\n" for line in told))
    if scorecard.failed:
        sys.exit(2)
    if scorecard.fails and not exit_zero:
        sys.exit(1)


def _rows(
    asked: Asked, checkouts: Sequence[Checkout], jobs: int | None, scheduler: str | None, retries: int
) -> Generator[Row, None, None]:
    """What comes back of each checkout, in the order in which they are done."""
    work = functools.partial(examine_batch, asked)

    def lost(checkout: Checkout, how: str) -> Row:
        return Row(checkout.name, how)

    if scheduler is None:
        jobs = jobs or cores()
        return over_processes(work, _batches(checkouts, jobs), jobs, retries=retries, lost=lost)
    if jobs is not None:
        raise click.UsageError(
            "--jobs and --scheduler exclude each other: a cluster has as many workers as were started"
        )
    return over_cluster(work, _batches(checkouts, _WORKERS), scheduler, lost=lost)


def _listed(listing: str) -> list[Checkout]:
    if listing == "-":
        return read_list(sys.stdin.buffer.read().decode("utf-8-sig", "surrogateescape"), "standard input", Path.cwd())
    try:
        text = Path(listing).read_bytes().decode("utf-8-sig", "surrogateescape")
    except OSError as error:
        raise Usage(f"cannot read {listing}: {error.strerror}") from None
    return read_list(text, listing, Path(listing).absolute().parent)


def _folder(output: Path, checkouts: Sequence[Checkout]) -> Folder:
    """The folder of the reports, which is there then and in none of the checkouts. Raises ConfigError."""
    path = os.path.realpath(output)
    around = {path, *map(str, Path(path).parents)}
    for one in checkouts:
        if os.path.realpath(one.path) in around:
            raise ConfigError(
                f"--output: {output} lies in {one.path}, which would change with every run: name another folder"
            )
    folder = Folder(path)
    try:
        folder.make()
    except OSError as error:
        raise Usage(f"cannot write to {output}: {error.strerror}") from None
    return folder


def _asked(folder: Folder, resume: bool, **run: Any) -> Asked:
    for name in ("select", "extend_select", "ignore"):
        run[name] = tokens(run[name])
    for name in ("config_path", "policy"):
        if run[name] is not None:
            run[name] = run[name].absolute()
            if not run[name].is_file():
                raise ConfigError(f"{run[name]} is no file")
    return Asked(folder, build(), resume, **run)


def _batches(checkouts: Sequence[Checkout], processes: int) -> Iterator[Sequence[Checkout]]:
    size = max(1, min(LARGEST_BATCH, len(checkouts) // (processes * 4)))
    for first in range(0, len(checkouts), size):
        yield checkouts[first : first + size]
