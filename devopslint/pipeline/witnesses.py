"""What in the pipelines shows that an item of the Definition of Done is addressed, or calls for it."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.model import Summaries, Witness
from devopslint.pipeline.coverage import coverage_gates
from devopslint.pipeline.evidence import Evidence
from devopslint.pipeline.jobs import Job, going_back, tells_of_failure
from devopslint.pipeline.pipelines import Pipelines, deliveries, pipeline_jobs
from devopslint.scripts.steps import StepSummary

_IN_ORDER = ("lint", "test", "security", "build", "deploy")
_OF_ANY_JOB = ("pipeline.stages", "pipeline.execution-time", "pipeline.least-privilege")
_OF_TESTS = ("pipeline.quality-gates", "pipeline.parallel", "pipeline.caching")
_OF_DEPLOYS = (
    "pipeline.notifications",
    "pipeline.rollback",
    "pipeline.approval",
    "documentation.rollback",
    "change.record",
)
_IMAGE_SCAN = compiled(
    r"trivy|grype|snyk|clair|anchore|docker scout|scout-action|scan-action|container-scan|xray|twistcli"
)
_IMAGE_BUILD = compiled(r"docker|buildx|kaniko|podman|buildah")
_CACHE_ACTION = compiled(r"\bactions/cache|rust-cache|cache-cargo|setup-gradle|gradle-build-action|turbo-?cache")


def witnesses(summaries: Summaries) -> Iterator[Witness]:
    view = summaries.seen_by(Pipelines)
    for demand in view.demands:
        least = f"of {demand.percent}" if demand.percent else "no lower than before"
        yield Witness("pipeline.quality-gates", demand.location, f"a coverage {least} is demanded")
    jobs = list(pipeline_jobs(view))
    for job in jobs:
        yield from _of_job(job)
    yield from _of_tests([job for job in jobs if job.does("test")])
    for job in deliveries(view):
        yield from _of_deploy(job)


def _of_tests(tests: list[Job]) -> Iterator[Witness]:
    for job in tests:
        for item in _OF_TESTS:
            yield Witness(item, job.location, f"job '{job.id}'", calls=True)
        if job.matrix:
            yield Witness("pipeline.parallel", job.location, f"the matrix of job '{job.id}'")
    for pipeline in {id(job.pipeline): job.pipeline for job in tests}.values():
        apart = [job for job in tests if job.pipeline is pipeline]
        if len(apart) > 1 and not pipeline.waits_for(apart[1], apart[0]) and not pipeline.waits_for(apart[0], apart[1]):
            yield Witness(
                "pipeline.parallel", apart[0].location, f"jobs '{apart[0].id}' and '{apart[1].id}' side by side"
            )


def _of_deploy(job: Job) -> Iterator[Witness]:
    for item in _OF_DEPLOYS:
        yield Witness(item, job.location, f"job '{job.id}'", calls=True)
    ahead = job.pipeline.stages_ahead(job) | job.all_stages
    if set(_IN_ORDER) <= ahead:
        said = job.said(job.evidence("deploy"))
        yield Witness("pipeline.stages", job.location, f"lint, test, security and build stand ahead of {said}")
    if (tier := job.environment) is not None and tier.text and job.tier == "production":
        yield Witness("pipeline.approval", tier.location, f"environment '{tier.text}' of job '{job.id}'")
    elif job.manual:
        yield Witness("pipeline.approval", job.location, f"job '{job.id}' waits for somebody")


def _of_job(job: Job) -> Iterator[Witness]:
    for item in _OF_ANY_JOB:
        yield Witness(item, job.location, f"job '{job.id}'", calls=True)
    if job.timeout is not None and job.timeout.text:
        yield Witness("pipeline.execution-time", job.timeout.location, f"job '{job.id}' ends after {job.timeout.text}")
    if job.permissions is not None:
        yield Witness("pipeline.least-privilege", job.permissions.location, f"permissions of job '{job.id}'")
    for evidence in (*job.own, *job.content):
        if evidence.strong:
            for item in _shown_by(job, evidence):
                yield Witness(item, evidence.location, evidence.said)
    for ran in job.all_ran:
        if words := going_back(ran):
            yield Witness("pipeline.rollback", ran.location, f"{ran.said.words} with `{words}`")
    for location, words in coverage_gates(job):
        yield Witness("pipeline.quality-gates", location, words)
    if job.caches:
        yield Witness("pipeline.caching", job.location, f"cache of job '{job.id}'")
    for step in job.steps:
        yield from _caching(step)


def _shown_by(job: Job, evidence: Evidence) -> tuple[str, ...]:
    if evidence.stage == "security" and _IMAGE_SCAN.search(evidence.said.lower()):
        return ("containerization.vulnerability", "security.scan")
    if evidence.stage == "build" and _IMAGE_BUILD.search(evidence.said):
        return ("containerization.build",)
    if evidence.stage == "rollback":
        return ("pipeline.rollback",)
    return ("pipeline.notifications",) if evidence.stage == "notify" and tells_of_failure(job) else ()


def _caching(step: StepSummary) -> Iterator[Witness]:
    if step.uses is None:
        return
    if _CACHE_ACTION.search(step.uses.action.lower()):
        yield Witness("pipeline.caching", step.uses.location, f"`{step.uses.action}`")
    for name, value in step.arguments:
        if name.text in ("cache", "cache-from") and value.text not in ("", "false"):
            yield Witness("pipeline.caching", value.location, f"`{name.text}: {value.text}`")
