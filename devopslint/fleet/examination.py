"""One checkout: examined where it stands, its reports written, a small row given back. It may be in any process."""

from __future__ import annotations

import datetime
import json
import os
import stat as modes
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devopslint import baseline
from devopslint.checklist import data_of
from devopslint.cli import answers_of, configuration, gathered_in, less_baseline, make_run, report_of
from devopslint.config import Config, ConfigError
from devopslint.deferred import NamedTuple
from devopslint.digests import blake2b
from devopslint.fleet.content import build, digest_of, tree_digest
from devopslint.fleet.listing import Checkout
from devopslint.fleet.records import Counts, Folder, Record
from devopslint.fleet.scorecard import LETTERS
from devopslint.github.summaries import WorkflowSummary
from devopslint.model import Finding, Severity
from devopslint.output import REFUSALS, encode
from devopslint.reports.sarif import log_of

if TYPE_CHECKING:
    from devopslint.reports import Report
    from devopslint.run import Outcome

MOST_FILES = 500
"""Files of a checkout that are held against those of others."""

_one_at_a_time = threading.Lock()
"""The rules that are in force are the process's; a worker of Dask may have many threads."""


class Asked(NamedTuple):
    """What the command line asks of every checkout; paths are absolute."""

    folder: Folder
    build: str
    """What examines them: another one would give other reports."""
    resume: bool
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    profile: str | None = None
    config_path: Path | None = None
    no_config: bool = False
    policy: Path | None = None
    no_suppressions: bool = False
    exclude: tuple[str, ...] = ()
    render: bool = False

    @property
    def of_a_run(self) -> dict[str, Any]:
        """The options of make_run()."""
        said = self._asdict()
        return {name: said[name] for name in said if name not in ("folder", "build", "resume")}


class Row(NamedTuple):
    """What comes back of a checkout."""

    name: str
    failure: str = ""
    """Why it was not examined; empty where it was."""
    kept: bool = False
    """Whether the reports of an earlier run were as good."""


def examine_batch(asked: Asked, batch: Sequence[Checkout]) -> list[Row]:
    """Examine some checkouts, one after the other. Raises nothing but what ends the process."""
    with _one_at_a_time:
        if build() != asked.build:
            why = f"it would be examined by another devopslint: {build()}, and not {asked.build}"
            return [Row(one.name, why) for one in batch]
        return [_examined(asked, one) for one in batch]


def _examined(asked: Asked, checkout: Checkout) -> Row:
    try:
        root = Path(os.path.realpath(checkout.path))
        if (obstacle := _obstacle(root)) is None:
            return Row(checkout.name, kept=_examine(asked, checkout, root))
    except ConfigError as error:
        obstacle = "; ".join(error.problems)
    except OSError as error:
        obstacle = f"cannot be examined: {error.strerror or error}" + (f": {error.filename}" if error.filename else "")
    except REFUSALS as error:
        obstacle = str(error)
    except Exception as error:  # the others go on
        obstacle = f"internal error, please report it: {error!r}"
    return Row(checkout.name, _forgotten(asked.folder, checkout, obstacle))


def _forgotten(folder: Folder, checkout: Checkout, why: str) -> str:
    """The reason, once no report of an earlier run stands for a checkout that has none now."""
    try:
        folder.forget(checkout)
    except OSError as error:
        return f"{why}; and what an earlier run said of it cannot be taken away: {error.strerror}"
    return why


def _obstacle(root: Path) -> str | None:
    try:
        if not modes.S_ISDIR(root.stat().st_mode):
            return "is no folder"
        with os.scandir(root):
            return None
    except FileNotFoundError:
        return "is not there"
    except OSError as error:
        return f"cannot be opened: {error.strerror}"


def _examine(asked: Asked, checkout: Checkout, root: Path) -> bool:
    """Write the reports of a checkout; whether those of an earlier run are as good."""
    folder = asked.folder
    key = _key(asked, root, configuration(root, root, asked.config_path, asked.no_config, asked.policy))
    if asked.resume and (known := folder.known(checkout)) is not None:
        if known.key == key and known.day in (None, _today()) and folder.holds(checkout, known):
            return True
    folder.forget(checkout)
    config, outcome = make_run(
        paths=(), no_context=False, stdin_filename=None, no_cache=True, jobs=1, project=root, **asked.of_a_run
    )
    report = report_of(config, outcome)._replace(revision=None)  # that of who runs this, and not of the checkout
    if not (asked.no_suppressions or asked.no_config):
        report = less_baseline(report, config, outcome, None)
    gathered = gathered_in(config, outcome)
    answers = answers_of(config, outcome, gathered)
    report = report._replace(
        rules=()
    )  # what each rule says goes along where it has found something: all of them are 1.4 MB
    sarif, listed = _compact(log_of(report), "sarif"), _compact(data_of(answers), "json")
    record = Record(
        key=key,
        day=_today() if gathered.evidence or _has_days(config, outcome) else None,
        sarif=digest_of(sarif),
        checklist=digest_of(listed),
        files=outcome.files_checked,
        fail_on=str(config.fail_on),
        items="".join(LETTERS[one.status] for one in answers),
        rules=_by_rule(report.counted),
        found_in=_found_in(report, outcome),
        calls=tuple(sorted(set(_called(outcome)))),
        failures=tuple(f"{one.rule_id} broke on {one.path or 'the project'}: {one.message}" for one in report.failures),
    )
    folder.keep(checkout, record, sarif, listed)
    return False


def _compact(data: object, format: str) -> bytes:
    """Without the white space for people: that would take half the time of a small checkout."""
    return encode(json.dumps(data, separators=(",", ":")) + "\n", format)


def _key(asked: Asked, root: Path, config: Config) -> str:
    """A hash of all that the reports depend on, but for the day."""
    said = asked._replace(folder=Folder(""), resume=False, config_path=None, policy=None)
    key = blake2b(repr((said, config)).encode("utf-8", "surrogatepass"), digest_size=16)
    key.update(tree_digest(root).encode())
    return key.hexdigest()


def _today() -> str:
    return datetime.date.today().isoformat()


def _has_days(config: Config, outcome: Outcome) -> bool:
    """Whether anything holds until some day, or from one on."""
    accepted = (one.until for report in outcome.reports for one in report.suppressions)
    if any(accepted) or any(one.until for one in config.allow) or config.attestations:
        return True
    if config.floor is not None and config.floor.most_days is not None:
        return True
    found = baseline.find(outcome.scope.root)
    return found is not None and any(one.until for one in found.entries)


def _by_rule(findings: Iterable[Finding]) -> dict[str, Counts]:
    counts: dict[str, list[int]] = {}
    for finding in findings:
        counts.setdefault(finding.rule.id, [0, 0, 0])[Severity.ERROR - finding.severity] += 1
    return {rule: (errors, warnings, notes) for rule, (errors, warnings, notes) in sorted(counts.items())}


def _found_in(report: Report, outcome: Outcome) -> tuple[tuple[str, str, Mapping[str, Counts]], ...]:
    """(digest, path, counts by rule) of the files in which the most was found."""
    by_path: dict[str, list[Finding]] = {}
    for finding in report.counted:
        by_path.setdefault(finding.location.path, []).append(finding)
    most = sorted(by_path, key=lambda path: (-len(by_path[path]), path))[:MOST_FILES]
    return tuple((digest, path, _by_rule(by_path[path])) for path in sorted(most) if (digest := _digest(outcome, path)))


def _digest(outcome: Outcome, path: str) -> str:
    try:
        return digest_of(outcome.scope.read(path))
    except (OSError, ValueError):
        return ""


def _called(outcome: Outcome) -> Iterator[str]:
    for report in outcome.reports:
        for workflow in report.summaries:
            for job in workflow.jobs if isinstance(workflow, WorkflowSummary) else ():
                if job.uses is not None and job.uses.repository and job.uses.path:
                    yield f"{job.uses.repository}/{job.uses.path}"
