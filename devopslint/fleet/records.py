"""What is kept of a checkout beside its reports: little enough for a scorecard over thousands, whole enough to go on from."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devopslint.catalogue import items
from devopslint.deferred import NamedTuple
from devopslint.fleet.content import digest_of
from devopslint.fleet.listing import Checkout

FORM = 2
"""Of a record; another is not read."""

Counts = tuple[int, int, int]
"""Errors, warnings and notes."""


class Record(NamedTuple):
    """What a run over one checkout came to. Nothing in it tells when or where that was."""

    key: str
    """Of the checkout's content, this program and the configuration."""
    day: str | None
    """The day that it holds for, where something in it has a last day; None where it holds on any."""
    sarif: str
    """The digest of the report."""
    checklist: str
    files: int
    """Those that were checked."""
    fail_on: str
    items: str
    """A letter for each item of the Definition of Done, in its order: see scorecard.LETTERS."""
    rules: Mapping[str, Counts]
    """By rule, the findings that count."""
    found_in: tuple[tuple[str, str, Mapping[str, Counts]], ...] = ()
    """(digest of the content, path, by rule what counts) of the files with the most findings, by path."""
    calls: tuple[str, ...] = ()
    """Reusable workflows of other repositories that its workflows call: `owner/name/.github/workflows/build.yml`."""
    failures: tuple[str, ...] = ()
    """Rules that broke, which is a defect of ours."""


class Folder(NamedTuple):
    """Where the reports of a fleet go: a folder that all who examine it see."""

    path: str

    def sarif(self, checkout: Checkout) -> Path:
        return Path(self.path, "sarif", f"{checkout.stem}.sarif")

    def checklist(self, checkout: Checkout) -> Path:
        return Path(self.path, "checklists", f"{checkout.stem}.json")

    def record(self, checkout: Checkout) -> Path:
        return Path(self.path, "records", f"{checkout.stem}.json")

    @property
    def drafts(self) -> Path:
        """What is half written; a run that was ended leaves some, and the next one takes them away."""
        return Path(self.path, "drafts")

    def make(self) -> None:
        """Raises OSError."""
        for name in ("sarif", "checklists", "records", "drafts"):
            Path(self.path, name).mkdir(parents=True, exist_ok=True)
        for draft in self.drafts.iterdir():
            draft.unlink()

    def close(self) -> None:
        """There are no more drafts."""
        with contextlib.suppress(OSError):
            for draft in self.drafts.iterdir():
                draft.unlink()
            self.drafts.rmdir()

    def put(self, target: Path, data: bytes) -> None:
        """Whole or not at all. Raises OSError.

        Nobody waits for the disk: what a machine that loses power has not written has another digest than its record.
        """
        draft = self.drafts / f"{socket.gethostname()}-{os.getpid()}-{target.parent.name}-{target.name}"
        draft.write_bytes(data)
        draft.replace(target)

    def forget(self, checkout: Checkout) -> None:
        """Take away what an earlier run has written of a checkout, the record first. Raises OSError."""
        for path in (self.record(checkout), self.sarif(checkout), self.checklist(checkout)):
            path.unlink(missing_ok=True)

    def keep(self, checkout: Checkout, record: Record, sarif: bytes, checklist: bytes) -> None:
        """The record last: where it is, the reports are. Raises OSError."""
        self.put(self.sarif(checkout), sarif)
        self.put(self.checklist(checkout), checklist)
        self.put(self.record(checkout), written(record))

    def known(self, checkout: Checkout) -> Record | None:
        """The record of a checkout; None where there is none that is whole."""
        try:
            return read(self.record(checkout).read_bytes())
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def holds(self, checkout: Checkout, record: Record) -> bool:
        """Whether both reports are there as the record knows them."""
        try:
            return (
                digest_of(self.sarif(checkout).read_bytes()) == record.sarif
                and digest_of(self.checklist(checkout).read_bytes()) == record.checklist
            )
        except OSError:
            return False


def written(record: Record) -> bytes:
    said = {"form": FORM, **record._asdict(), "rules": dict(sorted(record.rules.items()))}
    return (json.dumps(said, ensure_ascii=True, separators=(",", ":")) + "\n").encode()


def read(data: bytes) -> Record:
    """Raises ValueError, TypeError, KeyError or AttributeError for what is none."""
    said: dict[str, Any] = json.loads(data)
    if said.pop("form") != FORM:
        raise ValueError("another form")
    said["rules"] = _by_rule(said["rules"])
    said["found_in"] = tuple((str(digest), str(path), _by_rule(rules)) for digest, path, rules in said["found_in"])
    said["calls"] = tuple(said["calls"])
    said["failures"] = tuple(said["failures"])
    if len(said["items"]) != len(items()):
        raise ValueError("other items")
    return Record(**said)


def _by_rule(said: dict[str, Any]) -> dict[str, Counts]:
    return {str(rule): (int(errors), int(warnings), int(notes)) for rule, (errors, warnings, notes) in said.items()}
