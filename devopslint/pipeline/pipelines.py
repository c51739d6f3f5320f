"""The delivery pipelines of a project: GitHub Actions, GitLab CI and Jenkinsfiles as one model."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar, Self

from devopslint.deferred import compiled
from devopslint.github.nested import NestedWorkflows
from devopslint.github.summaries import ActionSummary, JobSummary, WorkflowSummary
from devopslint.gitlab.summaries import GitlabSummary
from devopslint.images.summaries import MadeRegistry
from devopslint.jenkins.summaries import JenkinsSummary, UnreadPipeline
from devopslint.model import ProjectView, StageWords, Summaries
from devopslint.pipeline.evidence import Evidence
from devopslint.pipeline.following import DEEPEST
from devopslint.pipeline.jobs import RANK, Condition, Job, Pipeline, Repository, Start
from devopslint.pipeline.recognizer import Recognizer
from devopslint.pipeline.vocabulary import vocabulary
from devopslint.scripts.coverage import CoverageDemand
from devopslint.scripts.makefile import Makefile
from devopslint.scripts.named import NamedScripts, ShellScript
from devopslint.scripts.resolution import ProjectScripts

if TYPE_CHECKING:
    from devopslint.gitlab.jobs import GitlabJob, GitlabPipeline, GitlabPipelines

NOT_A_MAPPING = "holds no jobs that can be read"

DEEPEST_CHILD = 2
"""Levels of child pipelines that GitLab itself allows."""


class Pipelines(ProjectView):
    """Every pipeline of the project."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("workflow", "gitlab", "jenkinsfile")

    def __init__(
        self,
        pipelines: Iterable[Pipeline],
        demands: Iterable[CoverageDemand] = (),
        unread: Iterable[UnreadPipeline] = (),
        registries: Iterable[MadeRegistry] = (),
    ) -> None:
        self.demands = tuple(demands)
        self.unread = tuple(sorted(unread))
        self.registries = tuple(registries)
        self.pipelines = tuple(sorted(pipelines, key=lambda pipeline: pipeline.path))
        staging = any(job.does("deploy") and job.tier == "staging" for p in self.pipelines for job in p.jobs)
        for pipeline in self.pipelines:
            # What is not read may deploy anywhere.
            pipeline.repository_has_staging = staging or bool(self.unread)
            for start in pipeline.starts_after:
                start.pipeline.followers.append(pipeline)

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        words = vocabulary(tuple(summaries.of(StageWords)))
        scripts = ProjectScripts(summaries.of(NamedScripts), summaries.of(Makefile), summaries.of(ShellScript))
        recognizer = Recognizer.of(words, scripts, summaries.of(ActionSummary))
        nested = summaries.seen_by(NestedWorkflows).paths
        workflows = [one for one in summaries.of(WorkflowSummary) if one.path not in nested]
        pipelines = github_pipelines(workflows, recognizer)
        pipelines.extend(gitlab_pipelines(summaries.of(GitlabSummary), recognizer))
        pipelines.extend(_jenkins(summary, recognizer) for summary in summaries.of(JenkinsSummary))
        unread = list(summaries.of(UnreadPipeline))
        broken = [one.path for one in workflows if not one.readable]
        broken.extend(one.path for one in summaries.of(GitlabSummary) if one.root and not one.readable)
        unread.extend(UnreadPipeline(path, NOT_A_MAPPING) for path in broken)
        return cls(pipelines, summaries.of(CoverageDemand), unread, summaries.of(MadeRegistry))

    def within(self, paths: Collection[str]) -> Pipelines:
        """Only the pipelines of these files, with what the others told of them."""
        chosen = Pipelines((), self.demands, (one for one in self.unread if one.path in paths), self.registries)
        chosen.pipelines = tuple(pipeline for pipeline in self.pipelines if pipeline.path in paths)
        return chosen


def pipelines(view: Pipelines) -> Iterable[Pipeline]:
    return view.pipelines


def pipeline_jobs(view: Pipelines) -> Iterator[Job]:
    for pipeline in view.pipelines:
        yield from pipeline.jobs


def deploys(view: Pipelines) -> Iterator[Job]:
    """Jobs that look like a deploy."""
    return (job for job in pipeline_jobs(view) if job.does("deploy"))


def coverage_demands(view: Pipelines) -> Iterable[CoverageDemand]:
    """The thresholds of a repository with pipelines."""
    return view.demands if view.pipelines else ()


def deliveries(view: Pipelines) -> Iterator[Job]:
    """Jobs that deploy the product, where their pipeline begins; what is only called is judged at its callers."""
    return (job for job in deploys(view) if job.delivers and not job.pipeline.only_called)


def publications(view: Pipelines) -> Iterator[Job]:
    """Jobs that publish the product with a command or an action that does nothing else, where their pipeline begins."""
    for job in pipeline_jobs(view):
        evidence = job.evidence("publish") if job.does("publish") and not job.does("deploy") else None
        if evidence is not None and evidence.strong and not (job.pipeline.only_called or job.preview or job.for_tests):
            yield job


def repositories(view: Pipelines) -> Iterator[Repository]:
    """The repository, where it delivers something."""
    if view.pipelines:
        unread = tuple(one.path for one in view.unread)
        repository = Repository(view.pipelines, view.pipelines[0].location, bool(view.demands), unread, view.registries)
        if repository.delivery is not None:
            repository.location = repository.delivery.location
            yield repository


# GitHub Actions


def github_pipelines(summaries: Iterable[WorkflowSummary], recognizer: Recognizer) -> list[Pipeline]:
    files = {summary.path: summary for summary in summaries if summary.readable}
    made: dict[str, Pipeline] = {}
    for path in files:
        _github(path, files, recognizer, made, ())
    by_name = {files[path].name.text or path: pipeline for path, pipeline in made.items()}
    for path, pipeline in made.items():
        pipeline.starts_after = tuple(_starts(files[path], by_name))
    return list(made.values())


def _github(
    path: str,
    files: dict[str, WorkflowSummary],
    recognizer: Recognizer,
    made: dict[str, Pipeline],
    calling: tuple[str, ...],
) -> Pipeline:
    if path in made:
        return made[path]
    summary = files[path]
    location = next((job.id.location for job in summary.jobs), summary.name.location)
    pipeline = Pipeline(
        path,
        "github",
        summary.name.text or path,
        location,
        triggers=tuple(trigger.event.text for trigger in summary.triggers),
        serialized=summary.serialized,
        defaults=tuple((one.name.text.lower(), one.default) for one in summary.inputs),
    )
    pipeline.jobs = tuple(_github_job(pipeline, job) for job in summary.jobs)
    for job in pipeline.jobs:
        uses = job.called
        known = uses is not None and uses.local and uses.path in files and len(calling) < DEEPEST
        if uses is not None and known and uses.path not in (*calling, path):
            job.callee = _github(uses.path, files, recognizer, made, (*calling, path))
            job.callee.callers.append(job)
        elif uses is not None:
            pipeline.complete = False
        recognizer.recognize(job)
    made[path] = pipeline
    return pipeline


def _github_job(pipeline: Pipeline, job: JobSummary) -> Job:
    state = Condition.read(job.condition)
    return Job(
        pipeline,
        job.id.text,
        job.id.location,
        job.name.text,
        tuple(need.text for need in job.needs),
        job.steps,
        condition=job.condition if job.condition.text else None,
        environment=job.environment if job.environment.text else None,
        timeout=job.timeout if job.timeout.text else None,
        tolerated=job.continue_on_error if job.continue_on_error.text else None,
        matrix=job.matrix,
        matrix_values=job.matrix_values,
        env=job.env,
        after_failure=job.condition.location if state.after_failure and not state.checks_results else None,
        only_after_failure=state.only_after_failure,
        called=job.uses,
        arguments=job.arguments,
        serialized=job.serialized,
        permissions=job.permissions,
        caches="self-hosted" in job.runs_on,
        pull_requests_only=state.pull_requests_only,
        by_hand_only=state.by_hand_only,
        refs=state.refs,
    )


_AFTER_FAILED_RUN = compiled(r"workflow_run\.conclusion\s*==\s*'(?:failure|cancelled|timed_out)'")


def _starts(summary: WorkflowSummary, by_name: dict[str, Pipeline]) -> Iterator[Start]:
    trigger = summary.trigger("workflow_run")
    if trigger is None:
        return
    texts = [text for job in summary.jobs for text in (job.condition, *(step.condition for step in job.steps))]
    scripts = [step.script.text for job in summary.jobs for step in job.steps if step.script is not None]
    looking = [text for text in (*(text.text for text in texts), *scripts) if "workflow_run.conclusion" in text]
    checked = any(not _AFTER_FAILED_RUN.search(text) for text in looking)
    for name in trigger.filter("workflows"):
        if name in by_name:
            yield Start(by_name[name], trigger.event.location, checked)


# GitLab CI


def gitlab_pipelines(summaries: Collection[GitlabSummary], recognizer: Recognizer) -> list[Pipeline]:
    if not summaries:
        return []
    from devopslint.gitlab.jobs import GitlabPipelines  # most trees have no GitLab CI

    known = GitlabPipelines(summaries)
    made: dict[tuple[str, ...], Pipeline] = {}
    for resolved in known.roots():
        made[(resolved.path,)] = _gitlab(resolved, known, recognizer, made, ())
    return list(made.values())


def _gitlab(
    resolved: GitlabPipeline,
    known: GitlabPipelines,
    recognizer: Recognizer,
    made: dict[tuple[str, ...], Pipeline],
    parents: tuple[str, ...],
) -> Pipeline:
    pipeline = Pipeline(
        resolved.path, "gitlab", resolved.path, resolved.location, complete=resolved.complete, child=bool(parents)
    )
    pipeline.inherited = tuple(
        Evidence(stage, f"the template `{name.text}`", name.location, -1)
        for name in resolved.templates
        for stage in recognizer.words.names.of_job(name.text)
        if stage in RANK
    )
    pipeline.jobs = tuple(_gitlab_job(pipeline, job, recognizer) for job in resolved.jobs)
    for job, read in zip(pipeline.jobs, resolved.jobs, strict=True):
        if read.children and len(parents) < DEEPEST_CHILD and not {resolved.path, *parents} & {*read.children}:
            if read.children not in made:
                child = known.child(read.children, parents[0] if parents else resolved.path)
                made[read.children] = _gitlab(child, known, recognizer, made, (*parents, resolved.path))
            job.callee = made[read.children]
            job.callee.callers.append(job)
            pipeline.complete &= job.callee.complete
        recognizer.recognize(job)
        said = {evidence.stage for evidence in job.own}
        job.own += tuple(
            Evidence(stage, f"`{key.text}`", key.location, len(job.steps))
            for stage, key in read.told
            if stage not in said
        )
    return pipeline


def _gitlab_job(pipeline: Pipeline, job: GitlabJob, recognizer: Recognizer) -> Job:
    # Where its id says something, if only that it prepares, the stage that it stands in says nothing.
    name = "" if job.stops or recognizer.words.names.of_job(job.id.text) else job.stage
    return Job(
        pipeline,
        job.id.text,
        job.id.location,
        name,
        job.needs,
        job.steps,
        environment=job.environment,
        declared_tier=job.tier,
        timeout=job.timeout,
        tolerated=job.allow_failure,
        matrix=job.parallel,
        manual=job.manual,
        starts_itself=job.starts_itself,
        after_failure=job.after_failure,
        only_after_failure=job.only_after_failure,
        at_once=job.at_once,
        downstream=job.downstream,
        serialized=job.resource_group,
        caches="cache" in job.keys,
        pull_requests_only=job.merge_requests_only,
        by_hand_only=job.optional,
        refs=job.refs,
    )


# Jenkins


def _jenkins(summary: JenkinsSummary, recognizer: Recognizer) -> Pipeline:
    pipeline = Pipeline(summary.path, "jenkins", summary.path, summary.location, timeout=summary.timeout)
    pipeline.complete = summary.complete
    pipeline.wrapper = summary.wrapper
    pipeline.jobs = tuple(
        Job(
            pipeline,
            stage.name.text,
            stage.name.location,
            "",
            stage.needs,
            stage.steps,
            condition=stage.when,
            timeout=stage.timeout,
            manual=stage.input,
            serialized=summary.serialized or stage.serialized,
            matrix=stage.matrix,
            downstream=stage.downstream,
            pull_requests_only=stage.pull_requests_only,
            refs=stage.refs,
        )
        for stage in summary.stages
    )
    if summary.after_failure:
        pipeline.jobs += (
            Job(
                pipeline,
                "post",
                summary.after_failure[0].location,
                "",
                tuple(job.id for job in pipeline.jobs),
                summary.after_failure,
                after_failure=summary.after_failure[0].location,
                only_after_failure=True,
            ),
        )
    for job in pipeline.jobs:
        recognizer.recognize(job)
    return pipeline
