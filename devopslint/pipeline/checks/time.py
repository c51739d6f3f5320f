"""How long a pipeline may take: time limits, and what a run does again that it could keep or do side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter

from devopslint.deferred import compiled
from devopslint.model import Location, NotKnown, Problem
from devopslint.pipeline.jobs import Job, Pipeline, Ran
from devopslint.pipeline.pipelines import pipeline_jobs, pipelines
from devopslint.registry import check
from devopslint.scripts.steps import StepSummary

Way = tuple[Job, "Way"] | None
"""The last job of a way through a pipeline, and the way to it."""

CI_STAGES = frozenset(("lint", "test", "security", "build"))
"""What a change waits for; deploys and nightly work take what they take."""
UNITS = {"y": 525_960, "mo": 43_200, "w": 10_080, "d": 1440, "h": 60, "m": 1, "s": 1 / 60}
DURATION = compiled(
    r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>years?|yrs?|y|months?|mos?|weeks?|wks?|w|days?|dys?|d|hours?|hrs?|h|minutes?"
    r"|mins?|m|seconds?|secs?|s)?(?![a-z])",
    re.ASCII,
)
"""One part of a duration. GitLab's ChronicDuration reads them without spaces between, and in capitals, too."""
CLOCK = compiled(r"(?:(?P<hours>\d+):)?(?P<minutes>\d+):(?P<seconds>\d+)", re.ASCII)
ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
TENS = {"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90}
NUMBER = compiled(
    rf"\b(?:(?P<tens>{'|'.join(TENS)})(?:[ -](?P<more>{'|'.join(ONES[:9])}))?|(?P<ones>{'|'.join(ONES)}))\b"
)
JOINING = compiled(r"\b(?:and|with|plus)\b|[\s,]")

CACHING_ACTIONS = compiled(
    r"cache|^actions/setup-go$|^astral-sh/setup-uv$|^gradle/(?:actions/setup-gradle"
    r"|gradle-build-action)$|^jdx/mise-action$"
    r"|^golangci/golangci-lint-action$|^pnpm/action-setup$|^bahmutov/npm-install$"
    r"|^cypress-io/github-action$|^pre-commit/action$"
    r"|^moonrepo/setup-|^prefix-dev/setup-pixi$|^mamba-org/|^useblacksmith/|^bazel-contrib/"
)
"""Actions that keep dependencies without being asked to."""
EARLY_SETUP_NODE = compiled(r"v?[1-4](?:\.|\Z)")
MEASURING = compiled(r"coverage|jacoco|kover|report|bench", re.IGNORECASE)
"""What judges or reports the run of another suite, or is true only while nothing runs beside it."""
PARALLEL = compiled(
    r"(?:^|\s)(?:-n|--numprocesses|--shard|--shards|--parallel|--workers|--maxWorkers|-w|-T|--jobs"
    r"|-j|--split|--partition)(?:[ =]|$)"
)


def minutes(text: str, unit: str = "m") -> float | None:
    """A time limit in minutes: `30`, `1h30m`, `90 minutes`; None where an expression decides. A bare number is in `unit`."""
    text = NUMBER.sub(in_digits, text.lower())
    clock = CLOCK.fullmatch(text.strip())
    if clock is not None:
        hours, of_hour, of_minute = (float(part or 0) for part in clock.group("hours", "minutes", "seconds"))
        return hours * 60 + of_hour + of_minute / 60
    found = list(DURATION.finditer(text))
    if not found or JOINING.sub("", DURATION.sub("", text)):
        return None
    return sum(float(one["number"]) * UNITS[unit_of(one["unit"] or unit)] for one in found)


def in_digits(found: re.Match[str]) -> str:
    """`forty-five` -> `45`."""
    word = found["ones"] or found["more"]
    return str(TENS.get(found["tens"], 0) + (ONES.index(word) + 1 if word else 0))


def unit_of(word: str) -> str:
    return "mo" if word.startswith("mo") else word[0]


def limit_of(job: Job) -> float | None:
    """The minutes that it may take at most, as far as that is declared."""
    if job.timeout is None:
        return None
    return minutes(job.timeout.text, "s" if job.pipeline.system == "gitlab" else "m")


@check("pipeline-missing-timeout", each=pipeline_jobs)
def missing_timeout(job: Job) -> Iterator[Problem]:
    if job.pipeline.system != "github" or job.called is not None or job.timeout is not None or not job.steps:
        return
    if all(step.timeout.text for step in job.steps if step.script is not None or step.uses is not None):
        return
    yield Problem(job.location, f"job '{job.id}' has no `timeout-minutes`: it may hang for 6 hours")


@check("pipeline-missing-timeout", each=pipelines)
def missing_pipeline_timeout(pipeline: Pipeline) -> Iterator[Problem | NotKnown]:
    if pipeline.system != "jenkins" or not pipeline.jobs:
        return
    if pipeline.timeout is not None or any(job.timeout is not None for job in pipeline.jobs):
        return
    if pipeline.wrapper:
        because = f"'{pipeline.wrapper}' of a library runs it, and may set a limit"
        yield NotKnown(pipeline.location, "whether the pipeline may hang for ever", because)
    else:
        yield Problem(pipeline.location, "has no `timeout` in its options: it may hang for ever")


@check("pipeline-excessive-timeout", each=pipeline_jobs)
def excessive_timeout(job: Job, *, maximum: float) -> Iterator[Problem]:
    if job.manual and not job.stages:
        return  # it waits for a person
    limit = limit_of(job)
    if job.timeout is not None and limit is not None and limit > maximum:
        yield Problem(job.timeout.location, f"job '{job.id}' may take {limit:g} minutes, more than {maximum:g}")


@check("pipeline-excessive-timeout", each=pipelines)
def excessive_pipeline_timeout(pipeline: Pipeline, *, maximum: float) -> Iterator[Problem]:
    limit = minutes(pipeline.timeout.text) if pipeline.timeout is not None else None
    if pipeline.timeout is not None and limit is not None and limit > maximum:
        yield Problem(pipeline.timeout.location, f"the pipeline may take {limit:g} minutes, more than {maximum:g}")


@check("pipeline-long-critical-path", each=pipelines)
def long_critical_path(pipeline: Pipeline, *, budget: float) -> Iterator[Problem]:
    """The slowest way through, as far as time limits are declared."""
    longest: dict[Job, tuple[float, Way]] = {}
    for job in in_order(pipeline):
        counts = CI_STAGES.intersection(job.stages)
        own = limit_of(job) if counts else None
        before = max(
            (longest[one] for one in pipeline.needed(job)),
            key=lambda p: p[0],
            default=(0.0, None),
        )
        longest[job] = (before[0] + own, (job, before[1])) if own else before
    total, way = max(longest.values(), key=lambda found: found[0], default=(0.0, None))
    whole = minutes(pipeline.timeout.text) if pipeline.timeout is not None else None
    if total > budget and way is not None and (whole is None or whole > budget):
        names = ", ".join(f"'{job.id}'" for job in reversed(list(jobs_on(way))))
        yield Problem(way[0].location, f"the time limits of {names} add up to {total:g} minutes, more than {budget:g}")


def in_order(pipeline: Pipeline) -> list[Job]:
    """Every job behind those that it needs; jobs in a circle, and those behind it, are left out."""
    sorter = TopologicalSorter({job: pipeline.needed(job) for job in pipeline.jobs})
    with suppress(CycleError):  # which tells of the circle; what is outside of it is sorted all the same
        sorter.prepare()
    ordered: list[Job] = []
    while ready := sorter.get_ready():
        ordered.extend(ready)
        sorter.done(*ready)
    return ordered


def jobs_on(way: Way) -> Iterator[Job]:
    """The last job first."""
    while way is not None:
        job, way = way
        yield job


@check("pipeline-missing-cache", each=pipelines)
def missing_cache(pipeline: Pipeline) -> Iterator[Problem]:
    if set(pipeline.triggers) <= {"release", "workflow_dispatch", "schedule"} and pipeline.triggers:
        return
    fetching: dict[Location, list[tuple[Job, Ran]]] = {}
    for job in pipeline.jobs if pipeline.system != "jenkins" else ():
        if job.does("publish") or job.does("deploy") or keeps_dependencies(job):
            continue
        fetch = next((ran for ran in job.ran if fetches_dependencies(ran)), None)
        if fetch is not None:
            fetching.setdefault(fetch.location, []).append((job, fetch))
    for location, ((job, fetch), *more) in fetching.items():
        others = f" and {len(more)} more, which share the line," if more else ""
        verb, their = ("fetch", "their") if more else ("fetches", "its")
        yield Problem(
            location,
            f"job '{job.id}'{others} {verb} {their} dependencies anew in every run ({fetch.said.words})",
        )


def fetches_dependencies(ran: Ran) -> bool:
    """Whether all of a project's dependencies are fetched; a tool or two is fetched faster than a cache."""
    if ran.command is None:
        return False
    if ran.said.stage == "fetch":
        operands = [text for text in ran.command.texts if not text.startswith("-")]
        return ran.said.words.startswith("`pip") or len(operands) < 2
    runner = ran.said.task.runner if ran.said.task is not None else ""
    return runner in ("mvn", "gradle") or ran.said.words in ("`cargo build`", "`cargo test`", "`cargo clippy`")


def keeps_dependencies(job: Job) -> bool:
    if job.caches or job.called is not None:
        return True
    for step in job.steps:
        if step.uses is None:
            continue
        if step.uses.local or CACHING_ACTIONS.search(step.uses.action.lower()) or keeps_npm_packages(step):
            return True
        if any("cache" in key.text.lower() and value.text not in ("", "false") for key, value in step.arguments):
            return True
    return False


def keeps_npm_packages(step: StepSummary) -> bool:
    """setup-node does so unasked since its version 5, where package.json names a packageManager."""
    if step.uses is None or step.uses.action.lower() != "actions/setup-node" or EARLY_SETUP_NODE.match(step.uses.ref):
        return False
    return {key.text: value.text for key, value in step.arguments}.get("package-manager-cache") != "false"


@check("pipeline-uncached-image-build", each=pipeline_jobs)
def uncached_image_build(job: Job) -> Iterator[Problem]:
    for step in job.actions("docker/build-push-action") if not job.caches else ():
        given = {key.text: value.text for key, value in step.arguments}
        if not given.get("cache-from") and given.get("no-cache") != "true" and step.uses is not None:
            yield Problem(step.uses.location, f"`{step.uses.action}` builds every layer anew: it has no `cache-from`")


@check("pipeline-serial-tests", each=pipelines)
def serial_tests(pipeline: Pipeline) -> Iterator[Problem]:
    testing = pipeline.gates.get("test", [])
    if len(testing) != 1 or testing[0].matrix or testing[0].called is not None:
        return
    job = testing[0]
    runs = [
        ran
        for ran in job.ran
        if ran.said.stage == "test"
        and ran.command is not None
        and not ran.said.vague
        and not MEASURING.search(ran.said.words)
    ]
    # A script of the project and what is known to stand in it are one run.
    distinct = {(ran.index, ran.said.offset): ran for ran in reversed(runs)}
    by_words = {ran.said.words: ran for ran in reversed(distinct.values())}
    if len(by_words) < 2 or any(is_parallel(ran) for ran in runs):
        return
    shown = list(by_words.values())[:3]
    words = " and ".join(ran.said.words for ran in shown)
    yield Problem(shown[1].location, f"job '{job.id}' runs {words} one after the other")


def is_parallel(ran: Ran) -> bool:
    return ran.command is not None and (
        PARALLEL.search(" ".join(ran.command.texts)) is not None or ran.command.after == "&"
    )
