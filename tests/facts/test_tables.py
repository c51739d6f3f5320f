"""Tables of facts say where they come from, are read only where they are needed, and do not grow old unseen."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from pathlib import Path

import pytest

from devopslint import facts

ROOT = Path(facts.__file__).parent.parent.parent
SCRIPTS = {
    f"support/{path.name}"
    for path in (ROOT / "support").glob("*.py")
    if path.name not in ("__init__.py", "packages.py")
}
SIX_MONTHS = datetime.timedelta(days=183)
RELEASE = "DEVOPSLINT_RELEASE"
"""Where this variable is set, an old table is a failure."""


@pytest.mark.parametrize("name", facts.names())
def test_a_table_says_who_says_so_and_when_it_was_read(name: str) -> None:
    source = facts.source_of(name)

    assert len(source.source) > 5
    assert datetime.date.fromisoformat(source.date) >= datetime.date(2026, 11, 1)
    assert source.script == "" or source.script in SCRIPTS
    assert bool(source.version) == bool(source.script), "a package has a version, and a script that reads it"
    assert len(facts.table(name)) > 1


def test_every_script_reads_a_table() -> None:
    assert {facts.source_of(name).script for name in facts.names()} - {""} == SCRIPTS


def old_on(today: datetime.date) -> list[str]:
    """The tables that were read more than six months before."""
    return [
        f"{name} is of {source.date}: {source.script or 'nothing'} reads it again"
        for name in facts.names()
        if today - datetime.date.fromisoformat((source := facts.source_of(name)).date) > SIX_MONTHS
    ]


def test_a_table_is_old_after_six_months() -> None:
    read = datetime.date.fromisoformat(facts.source_of("licences").date)
    said = f"licences is of {read}: support/licences.py reads it again"

    assert said not in old_on(read + SIX_MONTHS)
    assert said in old_on(read + SIX_MONTHS + datetime.timedelta(1))


def test_no_table_is_older_than_six_months(capsys: pytest.CaptureFixture[str]) -> None:
    old = old_on(datetime.datetime.now(datetime.UTC).date())

    with capsys.disabled():
        for line in old:
            sys.stderr.write(f"\nnotice: facts/{line}\n")
    assert not old or not os.environ.get(RELEASE), "\n".join(old)


@pytest.mark.parametrize(
    ("files", "read"),
    [
        ({"Dockerfile": "FROM scratch\nCOPY a /a\nUSER 1000\n"}, "[]"),
        ({"Dockerfile": "FROM alpine:3.20\n"}, "['base_images']"),
        ({"pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"}, "['kubernetes_versions']"),
    ],
)
def test_a_run_reads_no_table_that_it_does_not_need(files: dict[str, str], read: str) -> None:
    program = f"""
from devopslint import facts
read, table = [], facts.table
real = facts.json.loads
facts.json.loads = lambda text: read.append(real(text)) or read[-1]
import devopslint
devopslint.check({files!r})
named = [name for name in facts.names() if real((facts._FOLDER / f"{{name}}.json").read_bytes()) in read]
print(named)
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout.strip() == read
