"""Deploys: approval and staging ahead of production, and what happens when a rollout fails."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from devopslint.deferred import compiled
from devopslint.model import NotKnown, Problem, Related
from devopslint.pipeline.applied_files import applied_files, rolls_nothing_out
from devopslint.pipeline.evidence import Evidence
from devopslint.pipeline.jobs import (
    Condition,
    Job,
    Pipeline,
    Ran,
    approves,
    asks_a_person,
    going_back,
    protection_unseen,
)
from devopslint.pipeline.pipelines import deliveries, pipelines
from devopslint.readers.shell_words import Command
from devopslint.registry import check
from devopslint.scripts.steps import StepSummary

ROLLOUTS = {
    "kubectl": ("apply", "set", "patch", "replace", "rollout"),
    "helm": ("upgrade", "install"),
    "oc": ("apply", "rollout", "set", "patch", "replace"),
    "argocd": ("app",),
    "aws": ("ecs",),
}
"""Commands that return before what they started is up: program -> its first word."""
ROLLOUT_ACTIONS = ("aws-actions/amazon-ecs-deploy-task-definition",)
REVERTIBLE = {**ROLLOUTS, "helmfile": ("apply", "sync"), "docker": ("stack", "service"), "nomad": ("job", "run")}
UNDONE_BY_THE_PLATFORM = {"aws": "a deployment circuit breaker", "docker": "a failure action", "nomad": "auto_revert"}
"""What the platform itself goes back by, which stands where the service is defined, and not where it is deployed."""
WAITING = ("--wait", "--wait-for-jobs", "--atomic", "--rollback-on-failure")
SWAPPED = ("`az … deployment slot swap`",)
"""What comes behind a deploy to a slot of its own, which is the stage before production."""
MOST_RELATED = 10
"""Places that one finding names, of any number."""
HEALTH_CHECK = compiled(
    r"\b(?:curl|wget)\b[^\n]*(?:health|ready|live|status|ping)|\bwait-on\b|\bwait-for"
    r"|\b(?:ready|available|updated)Replicas\b|\b(?:while|until)\b[^;\n]*[;\n][\s\S]{0,400}?\b(?:kubectl|oc)\b[^|;\n]*\bget\b",
    re.IGNORECASE,
)
WORKLOADS = compiled(r"(?:deploy|sts|statefulset|ds|daemonset|rollout|dc|deploymentconfig|pod|po|rs|replicaset)")


@check("pipeline-unprotected-production", each=deliveries)
def unprotected_production(job: Job) -> Iterator[Problem | NotKnown]:
    if job.tier != "production" or job.unseen or includes_unknown(job.pipeline):
        return
    inner = [one for one in job.inner if one.does("deploy")] or [job]
    if any(one.manual or asks_a_person(one) for one in (job, *inner)) or job.any_ahead(asks_a_person):
        return
    guarded = next((one for one in (job, *inner) if one.environment is not None), None)
    guarded = guarded or job.first_ahead(approves)
    if guarded is not None:
        if job.by_hand_only or job.pipeline.only_by_hand:
            return  # a person begins it
        question = f"whether a person lets job '{job.id}' go to production"
        yield NotKnown(guarded.location, question, protection_unseen(guarded))
        return
    wanted = {"github": "has no `environment`", "gitlab": "has neither `environment` nor `when: manual`"}
    missing = wanted.get(job.pipeline.system, "has no `input`")
    yield Problem(
        inner[0].location if job.callee is not None else job.location,
        f"job '{job.id}' {job.looks_like('deploy')}, goes to production and {missing}",
    )


@check("pipeline-production-without-staging", each=deliveries, complete=True)
def production_without_staging(job: Job) -> Iterator[Problem]:
    if job.tier != "production" or job.matrix or any(ran.said.words in SWAPPED for ran in job.all_ran):
        return
    before = (start.pipeline.passing(goes_before_production) for start in job.pipeline.starts_after)
    if job.any_ahead(goes_before_production) or any(before):
        return
    before_it = [one for one in job.pipeline.passing(goes_before_production) if one is not job and not one.preview]
    unconnected = [one for one in before_it if one.meets(job)]
    if unconnected:
        skipped = " and is skipped until somebody starts it" if is_skipped(unconnected[0]) else ""
        yield Problem(
            job.location,
            f"job '{job.id}' {job.looks_like('deploy')} and goes to production without waiting for "
            f"job '{unconnected[0].id}', which deploys to a stage before it{skipped}",
            tuple(
                Related(one.location, f"job '{one.id}' deploys to a stage before production")
                for one in unconnected[:MOST_RELATED]
            ),
        )
    elif not job.pipeline.repository_has_staging and not hides_jobs(job.pipeline):
        yield Problem(
            job.location,
            f"job '{job.id}' {job.looks_like('deploy')} and goes to production, and no job deploys to a stage before it",
        )


def is_skipped(job: Job) -> bool:
    """Whether the stages behind it begin without it: GitLab's manual jobs, unless they may not fail."""
    return job.pipeline.system == "gitlab" and job.manual and job.by_hand_only


def hides_jobs(pipeline: Pipeline) -> bool:
    """Whether something of another repository, which nothing tells of, may be the staging deploy."""
    return includes_unknown(pipeline) or bool(pipeline.passing(is_opaque))


def includes_unknown(pipeline: Pipeline) -> bool:
    """Whether another repository may hold keys and jobs of this GitLab pipeline."""
    return pipeline.system == "gitlab" and not pipeline.complete


def is_opaque(job: Job) -> bool:
    return job.opaque


def goes_before_production(job: Job) -> bool:
    return any(one.does("deploy") and one.tier == "staging" for one in (job, *job.inner)) or (
        job.tier is None and job.does("deploy") and any(words_name_no_tier(one) for one in job.inner)
    )


def words_name_no_tier(job: Job) -> bool:
    """Whether an expression names the environment, so that it may be any."""
    return job.environment is not None and "${{" in job.environment.text


@check("pipeline-unchecked-rollout", each=deliveries)
def unchecked_rollout(job: Job) -> Iterator[Problem]:
    if includes_unknown(job.pipeline):
        return
    for one in job.inner:
        # What a job applies behind its first rollout is the rest of it: a Service, an Ingress.
        ran = next((ran for ran in one.all_ran if starts_rollout(ran, ROLLOUTS)), None)
        if ran is not None and not (watched(one, ran) or checked_behind(job, one, looks_at_rollouts)):
            yield Problem(ran.location, f"{shown(ran)} starts a rollout, and nothing waits for it to succeed")
        for step in one.actions(*ROLLOUT_ACTIONS):
            waits = {key.text: value.text for key, value in step.arguments}.get("wait-for-service-stability")
            if waits != "true" and not checked_behind(job, one, tests):
                yield Problem(
                    step.uses.location if step.uses is not None else step.location,
                    "the action starts a rollout and does not wait for it: `wait-for-service-stability` is not true",
                )


def shown(ran: Ran) -> str:
    return ran.said.words.rpartition(": ")[2]


def starts_rollout(ran: Ran, commands: dict[str, tuple[str, ...]]) -> bool:
    words = ran.said.words.rpartition("`: `")[2].strip("`").split()
    if ran.said.stage != "deploy" or len(words) < 2 or words[1] not in commands.get(words[0], ()):
        return False
    return ran.command is None or ran.command.name not in ("kubectl", "oc") or changes_pods(ran.command.texts)


def changes_pods(words: tuple[str, ...]) -> bool:
    """Whether what kubectl changes may start pods; a Service or a ConfigMap starts none."""
    if "patch" in words:
        return any(WORKLOADS.match(word) for word in words[words.index("patch") + 1 :])
    files = applied_files(words)
    return not files or not all(rolls_nothing_out(file) for file in files)


def checked_behind(job: Job, inner: Job, test: Callable[[Job], bool]) -> bool:
    """Whether a job passes the test that comes behind a deploy, or behind that part of it in the workflow it calls."""
    beside = job.callee is not None and bool(job.pipeline.passing(test))
    return beside or job.any_behind(test) or inner.any_behind(test)


def tests(job: Job) -> bool:
    return job.does("test")


def looks_at_rollouts(job: Job) -> bool:
    return job.does("test") or any(ran.said.stage == "rollout" for ran in job.all_ran)


def watched(job: Job, ran: Ran) -> bool:
    """Whether the command waits itself, or something behind it in its job looks at the rollout or tests it."""
    command = ran.command
    if command is not None and any(text.split("=")[0] in WAITING for text in command.texts):
        return True
    if any(
        e.stage in ("test", "rollback") and e.step >= ran.index and not after_failure(job.steps[e.step : e.step + 1])
        for e in (*job.own, *job.content)
    ):
        return True
    if any(
        r.said.stage in ("rollout", "rollback", "test")
        and (r.index, r.said.offset) >= (ran.index, ran.said.offset)
        and not after_failure((*job.steps[r.index : r.index + 1], r.step))
        for r in job.all_ran
    ):
        return True
    if any(r.said.stage == "deploy" and r.command is not None and WAITING[0] in r.command.texts for r in job.all_ran):
        return True
    behind = (*job.steps[ran.index :], *(r.step for r in job.through if r.index >= ran.index))
    return any(HEALTH_CHECK.search(script_of(step)) for step in behind)


def after_failure(steps: Iterable[StepSummary]) -> bool:
    """Whether they run only where something has failed: what starts a rollout and returns fails nothing."""
    return any(Condition.read(step.condition).only_after_failure for step in steps)


def script_of(step: StepSummary) -> str:
    return step.script.text if step.script is not None else ""


@check("pipeline-missing-rollback", each=deliveries)
def missing_rollback(job: Job) -> Iterator[Problem | NotKnown]:
    if job.tier == "staging" or includes_unknown(job.pipeline):
        return
    inner = job.inner
    first = next((ran for one in inner for ran in one.all_ran if starts_rollout(ran, REVERTIBLE)), None)
    if first is None or any(undoes(one) or one.any_behind(undoes) for one in (job, *inner)):
        return
    callers = [] if job.callee is None else [one for one in job.callee.callers if one.delivers and one.tier == job.tier]
    if callers and callers[0] is not job:
        return  # the workflow that is called needs it once
    if first.program in UNDONE_BY_THE_PLATFORM:
        because = f"the service itself may go back, by {UNDONE_BY_THE_PLATFORM[first.program]}"
        yield NotKnown(first.location, f"whether something undoes what {shown(first)} deploys, when it fails", because)
        return
    yield Problem(
        first.location,
        f"job '{job.id}' deploys with {shown(first)}, and nothing undoes that when it fails",
        tuple(Related(one.location, f"job '{one.id}' calls it, too") for one in callers[1 : MOST_RELATED + 1]),
    )


def undoes(job: Job) -> bool:
    if "rollback" in job.all_stages or any(ran.said.stage == "rollback" for ran in job.all_ran):
        return True
    if any(going_back(ran) for ran in job.all_ran) or falls_back(job):
        return True
    return any(deploys_again(job, evidence) for evidence in (*job.own, *job.content))


def falls_back(job: Job) -> bool:
    """Whether it deploys once more where a command behind the first deploy has failed."""
    first: Ran | None = None
    for ran in job.ran:
        if ran.said.stage != "deploy" or ran.command is None:
            continue
        if first is not None and first.command is not None and ran.command is not first.command:
            # `kubectl replace … || kubectl apply …` is one deploy, in two ways.
            if first.command.after != "||" and after_or(ran.command, ran.said.script or script_of(ran.step)):
                return True
        first = first or ran
    return False


def after_or(command: Command, script: str) -> bool:
    """Whether it stands behind `||`, or in braces there."""
    group = command.group
    while group is not None:
        if group.kind in ("brace", "subshell") and script[: group.start].rstrip().endswith("||"):
            return True
        group = group.outer
    return command.before == "||"


def deploys_again(job: Job, evidence: Evidence) -> bool:
    """Whether it deploys only where something has failed: the version before, then."""
    if evidence.stage != "deploy":
        return False
    if job.only_after_failure:
        return True
    return evidence.step >= 0 and Condition.read(job.steps[evidence.step].condition).only_after_failure


@check("pipeline-concurrent-deploys", each=deliveries)
def concurrent_deploys(job: Job) -> Iterator[Problem]:
    if job.serialized or job.pipeline.serialized or any(one.serialized or one.pipeline.serialized for one in job.inner):
        return
    if job.unseen or includes_unknown(job.pipeline):
        return
    if job.pipeline.system == "jenkins" and job.any_ahead(is_delivery):
        return  # one option serves all stages
    means = {"github": "`concurrency`", "gitlab": "`resource_group`"}.get(
        job.pipeline.system, "`disableConcurrentBuilds()`"
    )
    yield Problem(
        job.location, f"job '{job.id}' {job.looks_like('deploy')} and may run twice at once: it has no {means}"
    )


def is_delivery(job: Job) -> bool:
    return job.delivers


@check("pipeline-missing-failure-notification", each=pipelines)
def missing_failure_notification(pipeline: Pipeline) -> Iterator[Problem]:
    delivering = next((job for job in pipeline.jobs if job.delivers), None)
    if delivering is None or pipeline.only_called or pipeline.told_on_failure or includes_unknown(pipeline):
        return
    for job in pipeline.with_called():
        told = next((evidence for evidence in (*job.own, *job.content) if evidence.stage == "notify"), None)
        if told is not None:
            yield Problem(told.location, f"tells of a success only: {told.said} does not run when something has failed")
            return
    yield Problem(
        delivering.location,
        f"job '{delivering.id}' {delivering.looks_like('deploy')}, and nobody is told when it fails",
    )
