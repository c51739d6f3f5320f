"""What tests covered, whether they passed, and how long the pipeline takes."""

from __future__ import annotations

import datetime
import math
import statistics
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from devopslint.config import EvidenceLimits
from devopslint.evidence.model import Evidence, NotEvidence
from devopslint.evidence.reading import day, listed, moment, text

_GATES, _TIME = "pipeline.quality-gates", "pipeline.execution-time"


def coverage_py(data: dict[str, Any], written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    """`coverage json`: totals.percent_covered."""
    taken = day((data.get("meta") or {}).get("timestamp")) or written
    yield _covered(float(data["totals"]["percent_covered"]), "coverage.py", taken, limits)


def cobertura(root: Element, written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    """`<coverage line-rate="0.93" timestamp="…">`; the timestamp is in seconds or milliseconds."""
    taken = written
    stamp = root.get("timestamp", "")
    if stamp.isdigit():
        seconds = int(stamp) / (1000 if len(stamp) > 11 else 1)
        taken = datetime.datetime.fromtimestamp(seconds, datetime.UTC).date() if seconds < 4e9 else written
    yield _covered(100 * float(root.get("line-rate", "")), "Cobertura", taken, limits)


def jacoco(root: Element, written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    """`<report>` with `<counter type="LINE" missed="…" covered="…"/>` at its top."""
    for counter in root.findall("counter"):
        if counter.get("type") == "LINE":
            missed, covered = int(counter.get("missed", "0")), int(counter.get("covered", "0"))
            yield _covered(_share(covered, missed + covered), "JaCoCo", written, limits)
            return
    raise NotEvidence("the report counts no lines")


def lcov(text: str, written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    """LF (lines that can run) and LH (lines that ran) of each file."""
    found = {"LF": 0, "LH": 0}
    for line in text.splitlines():
        name, _, number = line.partition(":")
        if name in found and number.strip().isdigit():
            found[name] += int(number)
    yield _covered(_share(found["LH"], found["LF"]), "lcov", written, limits)


def go_profile(text: str, written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    """`file:from,to statements count`: the share of statements that ran, a block counted once."""
    blocks: dict[str, tuple[int, bool]] = {}
    for line in text.splitlines()[1:]:
        place, _, numbers = line.partition(" ")
        statements, _, count = numbers.partition(" ")
        if statements.isdigit() and count.strip().isdigit():
            ran = blocks.get(place, (0, False))[1] or int(count) > 0
            blocks[place] = int(statements), ran
    total = sum(statements for statements, _ in blocks.values())
    yield _covered(_share(sum(n for n, ran in blocks.values() if ran), total), "go test", written, limits)


def junit(root: Element, written: datetime.date) -> Iterator[Evidence]:
    """`<testsuites>` or one `<testsuite>`: that all tests pass is a part of the gate, and that one fails is against it."""
    suites = [root] if root.tag == "testsuite" else list(root.iter("testsuite"))
    cases = [case for suite in suites for case in suite.findall("testcase")]
    if not cases:
        raise NotEvidence("there is no test in it")
    bad = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    name = root.get("name") or (suites[0].get("name") if suites else "") or "tests"
    taken = day(suites[0].get("timestamp")) or written
    words = f"{bad} of {len(cases)} tests failed" if bad else f"{len(cases)} tests passed"
    yield Evidence(_GATES, not bad, words, f"tests {name}", taken, whole=False)


def github_runs(data: list[dict[str, Any]], written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    """`gh run list --json conclusion,startedAt,createdAt,updatedAt,workflowName`: the median of runs that succeeded."""
    by_name: dict[str, list[tuple[float, datetime.datetime]]] = {}
    for run in data:
        began, ended = moment(run.get("startedAt") or run.get("createdAt")), moment(run.get("updatedAt"))
        if run.get("conclusion", "success") == "success" and began and ended:
            by_name.setdefault(text(run.get("workflowName")) or "workflow", []).append(
                ((ended - began).total_seconds(), ended)
            )
    yield from _times(by_name, limits)


def gitlab_pipelines(data: list[dict[str, Any]], written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    """The pipelines of GitLab's API: `duration` in seconds, or the time between `started_at` and `finished_at`."""
    by_name: dict[str, list[tuple[float, datetime.datetime]]] = {}
    for run in data:
        began = moment(run.get("started_at") or run.get("created_at"))
        ended = moment(run.get("finished_at") or run.get("updated_at"))
        if run.get("status") != "success" or began is None or ended is None:
            continue
        seconds = run["duration"] if isinstance(run.get("duration"), int | float) else (ended - began).total_seconds()
        by_name.setdefault("pipeline", []).append((float(seconds), ended))
    yield from _times(by_name, limits)


def _times(by_name: dict[str, list[tuple[float, datetime.datetime]]], limits: EvidenceLimits) -> Iterator[Evidence]:
    if not by_name:
        raise NotEvidence("no run in it has succeeded")
    for name, runs in sorted(by_name.items()):
        minutes = statistics.median(seconds for seconds, _ in runs) / 60
        if not 0 <= minutes < math.inf:
            raise NotEvidence(f"says that {name} takes {minutes:.3g} minutes")
        words = f"{name} takes {minutes:.1f} minutes, the median of {len(runs)} run{'s' * (len(runs) != 1)}"
        yield Evidence(_TIME, minutes < limits.minutes, words, name, max(ended for _, ended in runs).date())


def _covered(percent: float, by: str, taken: datetime.date, limits: EvidenceLimits) -> Evidence:
    if not 0 <= percent <= 100:  # nor is what is no number
        raise NotEvidence(f"says that {percent:.3g} % of the lines are covered")
    words = f"{percent:.1f} % of the lines are covered by tests"
    return Evidence(_GATES, percent >= limits.coverage, words, f"coverage {by}", taken)


def _share(part: int, whole: int) -> float:
    if not whole:
        raise NotEvidence("there is nothing that could be covered")
    return 100 * part / whole


def provenance(data: dict[str, Any], written: datetime.date) -> Iterator[Evidence]:
    """An in-toto statement with SLSA provenance: some builder has made the image."""
    subjects = [text(one.get("name")) for one in listed(data.get("subject"))]
    predicate = data.get("predicate") if isinstance(data.get("predicate"), dict) else {}
    assert isinstance(predicate, dict)
    details = predicate.get("runDetails") or predicate
    builder = text((details.get("builder") or {}).get("id")) if isinstance(details, dict) else ""
    words = f"{', '.join(subjects[:3]) or 'the image'} was built by {builder or 'a builder that is not named'}"
    yield Evidence("containerization.build", bool(subjects), words, ", ".join(subjects), written)
