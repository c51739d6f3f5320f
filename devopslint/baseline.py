"""The findings that a project has accepted for now, in a file: reading it, holding findings against it, writing it."""

from __future__ import annotations

import datetime
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devopslint.catalogue import catalogue
from devopslint.config import Config, ConfigError
from devopslint.deferred import NamedTuple, compiled
from devopslint.digests import sha256
from devopslint.files import is_file, read_file
from devopslint.model import Finding, Location, Suppression

if TYPE_CHECKING:
    from devopslint.run import Outcome

NAME = ".devopslint-baseline.json"
VERSION = 1

_LINE = compiled(r"\b(lines?) \d+(?:-\d+)?|:\d+(?::\d+)?\b")
_KEYS = {"path", "rule", "subject", "message", "fingerprint", "count", "reason", "until"}


class BaselineEntry(NamedTuple):
    """What is accepted: a finding, or several that say the same, in one file."""

    path: str
    rule: str
    subject: str
    message: str
    """As it was when the entry was written: for people, nothing is compared with it."""
    fingerprint: str
    times: int = 1
    reason: str = ""
    until: datetime.date | None = None
    """The last day; None where there is none."""
    line: int = 1
    """Of the entry in its file."""


class Baseline(NamedTuple):
    path: str
    """Of its own file, relative to the root where it lies below that."""
    entries: tuple[BaselineEntry, ...] = ()


class Held(NamedTuple):
    """Findings that were held against a baseline."""

    findings: tuple[Finding, ...]
    """The same, those that it holds marked."""
    gone: tuple[BaselineEntry, ...] = ()
    """What it holds and nothing finds any more, with how often."""
    expired: tuple[BaselineEntry, ...] = ()
    """What it holds no longer: the day has passed."""
    unseen: tuple[BaselineEntry, ...] = ()
    """What this run could not look for: other files, rules that did not run."""


def fingerprint(finding: Finding) -> str:
    """What stays the same while lines move, documents change places and files get other names."""
    message = _LINE.sub(lambda found: found[1] or "", finding.message)
    for place in (finding.location, *(related.location for related in finding.related)):
        message = message.replace(place.path, "")
    identity = "\0".join((finding.rule.id, finding.subject, message))
    return sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def of_findings(
    findings: Iterable[Finding], before: Iterable[BaselineEntry] = (), today: datetime.date | None = None
) -> tuple[BaselineEntry, ...]:
    """An entry for each finding that no suppression covers, sorted; reasons and days are those of `before`."""
    said = {key: entry for entry in before for key in (("", entry.fingerprint), (entry.path, entry.fingerprint))}
    made: dict[tuple[str, str], BaselineEntry] = {}
    for finding in findings:
        if finding.suppressed is not None and finding.suppressed.origin != "baseline":
            continue
        key = (finding.location.path, fingerprint(finding))
        if key in made:
            made[key] = made[key]._replace(times=made[key].times + 1)
            continue
        entry = BaselineEntry(key[0], finding.rule.id, finding.subject, finding.message, key[1])
        old = said.get(key) or said.get(("", key[1]))
        if old is not None:
            lapsed = old.until is not None and today is not None and old.until < today
            entry = entry._replace(message=old.message, reason=old.reason, until=None if lapsed else old.until)
        made[key] = entry
    return tuple(sorted(made.values(), key=_order))


def joined(entries: Iterable[BaselineEntry], others: Iterable[BaselineEntry]) -> tuple[BaselineEntry, ...]:
    """Both, each once, with the larger count."""
    made = {(entry.path, entry.fingerprint): entry for entry in entries}
    for other in others:
        same = made.setdefault((other.path, other.fingerprint), other)
        made[(other.path, other.fingerprint)] = same._replace(times=max(same.times, other.times))
    return tuple(sorted(made.values(), key=_order))


def _order(entry: BaselineEntry) -> tuple[str, str, str, str]:
    return entry.path, entry.rule, entry.subject, entry.fingerprint


def hold(
    findings: Iterable[Finding], baseline: Baseline, today: datetime.date, is_settled: Callable[[BaselineEntry], bool]
) -> Held:
    """Mark the findings that the baseline holds. `is_settled` says whether all that an entry could hold was looked for.

    A finding is held by an entry of its own file first; what is left of an entry holds what moved to another file,
    but only where the file of the entry was looked at too: a copy of a manifest is not held by what its original owes.
    """
    findings = list(findings)
    left: Counter[tuple[str, str]] = Counter()
    for entry in baseline.entries:  # a merge may have left one twice
        left[(entry.path, entry.fingerprint)] += entry.times
    expired = tuple(entry for entry in baseline.entries if entry.until is not None and entry.until < today)
    valid = [entry for entry in baseline.entries if entry.until is None or entry.until >= today]
    by_place = {(entry.path, entry.fingerprint): entry for entry in valid}
    prints = {index: fingerprint(one) for index, one in enumerate(findings) if one.suppressed is None}
    holders: dict[int, BaselineEntry] = {}
    for index, print_ in prints.items():
        key = (findings[index].location.path, print_)
        if key in by_place and left[key]:
            left[key] -= 1
            holders[index] = by_place[key]
    movable: dict[str, list[BaselineEntry]] = {}
    for entry in valid:
        if left[(entry.path, entry.fingerprint)] and is_settled(entry):
            movable.setdefault(entry.fingerprint, []).append(entry)
    for index, print_ in prints.items():
        entries = movable.get(print_, []) if index not in holders else []
        while entries and not left[(entries[0].path, print_)]:
            del entries[0]
        if entries:
            left[(entries[0].path, print_)] -= 1
            holders[index] = entries[0]
    marked = tuple(
        one._replace(suppressed=_suppression(baseline, holders[index])) if index in holders else one
        for index, one in enumerate(findings)
    )
    gone = (entry._replace(times=left[(entry.path, entry.fingerprint)]) for entry in valid if is_settled(entry))
    unseen = tuple(entry for entry in valid if not is_settled(entry))
    return Held(marked, tuple(entry for entry in gone if entry.times), expired, unseen)


def find(root: Path, named: Path | None = None) -> Baseline | None:
    """The baseline at the root, if there is one, or the one that was named. Raises ConfigError."""
    path = named or root / NAME
    if named is None and not is_file(path):
        return None
    real = path.resolve()
    if named is None and not real.is_relative_to(root):
        raise ConfigError(
            f"{NAME}: is a link that leads out of the project, so it is not read; --baseline names any file"
        )
    name = real.relative_to(root).as_posix() if real.is_relative_to(root) else str(path)
    try:
        return read(name, read_file(path).decode("utf-8"))
    except UnicodeDecodeError:
        why = "is not UTF-8"
    except OSError as error:
        why = error.strerror or str(error)
    except ValueError as error:
        if isinstance(error, ConfigError):
            raise
        why = str(error)
    raise ConfigError(f"cannot read the baseline {path}: {why}")


def hold_outcome(baseline: Baseline, config: Config, outcome: Outcome) -> Held:
    """Hold the findings of a run against a baseline, as far as a policy lets it."""
    today = datetime.date.today()
    scope = outcome.scope
    if config.floor is not None:
        kept = (e for e in baseline.entries if config.floor.refusal(_suppression(baseline, e), today) is None)
        baseline = Baseline(baseline.path, tuple(kept))

    def is_settled(entry: BaselineEntry) -> bool:
        known = catalogue().get(entry.rule)
        if known is None:
            return True
        if entry.rule not in config.selection(entry.path) or (known.project and not scope.complete):
            return False
        outside = entry.path.startswith("/") or ".." in entry.path.split("/")
        return entry.path in scope.wanted or outside or not (scope.root / entry.path).exists()

    return hold(outcome.settled.findings, baseline, today, is_settled)


def new_to(findings: Iterable[Finding], entries: tuple[BaselineEntry, ...]) -> tuple[Finding, ...]:
    """The findings that count and that no entry stands for."""
    held = hold(findings, Baseline("", entries), datetime.date.min, lambda entry: True)
    return tuple(finding for finding in held.findings if finding.suppressed is None)


def _suppression(baseline: Baseline, entry: BaselineEntry) -> Suppression:
    at = Location(baseline.path, entry.line, 1, entry.line, 1)
    return Suppression((entry.rule,), at, entry.reason or None, entry.until, paths=entry.path, origin="baseline")


def write(entries: Iterable[BaselineEntry]) -> str:
    """The text of a baseline: one line an entry, in an order that does not depend on lines."""
    lines = ",\n".join(f"  {json.dumps(_data(entry), ensure_ascii=False)}" for entry in sorted(entries, key=_order))
    return (
        f'{{\n "version": {VERSION},\n "findings": [\n{lines}\n ]\n}}\n'
        if lines
        else f'{{"version": {VERSION}, "findings": []}}\n'
    )


def _data(entry: BaselineEntry) -> dict[str, Any]:
    data: dict[str, Any] = {"path": entry.path, "rule": entry.rule}
    if entry.subject:
        data["subject"] = entry.subject
    data |= {"message": entry.message, "fingerprint": entry.fingerprint}
    if entry.times > 1:
        data["count"] = entry.times
    if entry.reason:
        data["reason"] = entry.reason
    if entry.until is not None:
        data["until"] = entry.until.isoformat()
    return data


def read(path: str, text: str) -> Baseline:
    """A baseline as it was written, or edited since. Raises ConfigError with path, line and what is wrong."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{error.lineno}:{error.colno}: no baseline: {error.msg}") from None
    except RecursionError:
        raise ConfigError(f"{path}:1:1: no baseline: it is nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits
        raise ConfigError(f"{path}:1:1: no baseline: {error}") from None
    if not isinstance(data, dict) or not isinstance(data.get("findings"), list):
        raise ConfigError(f"{path}:1:1: no baseline: it has no list of findings; `devopslint baseline` writes one")
    if data.get("version") != VERSION:
        raise ConfigError(f"{path}:1:1: version {data.get('version')!r} of baselines is not understood; {VERSION} is")
    lines = _lines_of(text)
    entries = []
    for number, raw in enumerate(data["findings"], 1):
        line = lines.get(str(raw.get("fingerprint", "")) if isinstance(raw, dict) else "", [1])
        at = line.pop(0) if len(line) > 1 else line[0]
        try:
            entries.append(_entry(raw, at))
        except ValueError as error:
            raise ConfigError(f"{path}:{at}:1: entry {number}: {error}") from None
    return Baseline(path, tuple(entries))


def _lines_of(text: str) -> dict[str, list[int]]:
    """Where each fingerprint stands."""
    found: dict[str, list[int]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        for match in re.finditer(r'"fingerprint":\s*"(\w+)"', line):
            found.setdefault(match[1], []).append(number)
    return found


def _entry(raw: Any, line: int) -> BaselineEntry:
    if not isinstance(raw, dict):
        raise ValueError("is no mapping")
    for key in ("path", "rule", "fingerprint"):
        if not isinstance(raw.get(key), str) or not raw[key]:
            raise ValueError(f"has no {key}")
    for key in raw.keys() - _KEYS:
        raise ValueError(f"unknown key {key!r}; allowed: {', '.join(sorted(_KEYS))}")
    for key in ("subject", "message", "reason", "until"):
        if not isinstance(raw.get(key, ""), str):
            raise ValueError(f"{key} is no text")
    count = raw.get("count", 1)
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ValueError("count is no number from 1")
    until = None
    if raw.get("until"):
        try:
            until = datetime.date.fromisoformat(raw["until"])
        except ValueError:
            raise ValueError(f"until is {raw['until']!r}; write YYYY-MM-DD") from None
    subject, message, reason = (raw.get(key, "") for key in ("subject", "message", "reason"))
    return BaselineEntry(raw["path"], raw["rule"], subject, message, raw["fingerprint"], count, reason, until, line)


def told(entries: Iterable[BaselineEntry]) -> Iterator[str]:
    """What stands in entries, a line each."""
    for entry in entries:
        times = f" ({entry.times} times)" if entry.times > 1 else ""
        yield f"{entry.path}: {entry.rule}: {entry.message or entry.subject}{times}"
