"""Where the steps of a job demand a test coverage."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.model import Location
from devopslint.pipeline.jobs import Job

_GATES = compiled(
    r"--cov-fail-under|--fail-under|--coverage\.thresholds|--coverageThreshold|--check-coverage"
    r"|--threshold|--fail-below"
    r"|--coverage-min|--min=|minimum_coverage|/p:Threshold|coverage report .*--fail"
    r"|--fail-under-lines|--minimum-coverage|[Cc]overageVerification|koverVerify|jacoco:check"
)
_ACTIONS = compiled(
    r"^(?:vladopajic/go-test-coverage|sonarsource/.*|insightsengineering/coverage-action"
    r"|orgoro/coverage|k1low/octocov-action"
    r"|codacy/.*|py-cov-action/.*|coverallsapp/.*|qltysh/.*|paambaati/codeclimate-action"
    r"|madrapps/jacoco-report|barecheck/.*"
    r"|davelosert/vitest-coverage-report-action|irongut/codecoveragesummary|simplecov-.*)$"
)


def coverage_gates(job: Job) -> Iterator[tuple[Location, str]]:
    """Each step that fails below some coverage, and the words that say so."""
    for step in job.steps:
        if step.script is not None and (found := _GATES.search(step.script.text)) is not None:
            yield step.script.at(step.script.text.count("\n", 0, found.start()) + 1), f"`{found[0].strip()}`"
        for _, value in step.arguments:
            if (found := _GATES.search(value.text)) is not None:
                yield value.location, f"`{found[0].strip()}`"
        if step.uses is not None and _ACTIONS.match(step.uses.action.lower()):
            yield step.uses.location, f"`{step.uses.action}`"
