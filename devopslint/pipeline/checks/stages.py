"""The stages of a pipeline: that they are there, that what is delivered has passed them, and that they can fail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from devopslint.deferred import compiled
from devopslint.model import NotKnown, Problem, Related
from devopslint.pipeline.jobs import Condition, Job, Pipeline, Ran, Repository
from devopslint.pipeline.pipelines import deliveries, pipeline_jobs, pipelines, publications, repositories
from devopslint.pipeline.stage_words import GATES
from devopslint.pipeline.vocabulary import reports_only
from devopslint.registry import check
from devopslint.scripts.steps import MARKED, StepSummary

BEFORE_DEPLOY = ("lint", "test", "security", "build")
AGGREGATES = ("`gradle check`", "`gradle build`", "`tox`", "`nox`", "`rake`", "`nix flake check`", "`pants check`")
"""Commands that run every check of a project."""
INFRASTRUCTURE = (
    "terraform",
    "tofu",
    "terragrunt",
    "pulumi",
    "cdk",
    "cdktf",
    "ansible-playbook",
    "flyway",
    "liquibase",
)
"""What these deploy is not what a build job makes."""
_WORD = compiled(r"[a-z]+")
_FRONT = frozenset(("frontend", "front", "ui", "webapp"))
_BACK = frozenset(("backend", "back", "api", "server"))
_TEMPLATES = ("`az deployment`", "`az deployment group create`")
"""Which templates of Azure, or Bicep, are applied by."""
BUILDING = frozenset(
    (
        "amplify", "azd", "cap", "cf", "chalice", "convex", "copilot", "dep", "eb", "faas-cli", "firebase", "fly", "flyctl",
        "func", "heroku", "kamal", "mina", "netlify", "railway", "sam", "serverless", "shopify", "skaffold", "sls",
        "ssh", "sst", "supabase", "vercel", "waypoint", "wrangler", "zappa",
    )
)  # fmt: skip
"""What these deploy, they build themselves, or on the machine that they deploy to."""
COPYING = frozenset(("rsync", "scp", "gsutil", "aws", "gcloud"))
_REPORTS = compiled(r"\bgradle \S*Report\b")
"""What writes down how the tests went: jacocoTestReport."""
UNIT = compiled(r"\bunit\b")
OUTPUTS = frozenset(
    (".next", ".output", "_site", "artifacts", "bin", "build", "dist", "out", "output", "public", "release", "site",
     "target", "www")
)  # fmt: skip
"""Folders in which builds put their results."""
BUILDING_OPTIONS = ("--source", "--build", "--deploy-from-source")
BUILDING_ACTIONS = compiled(
    r"/(?:ssh-|wrangler|vercel|netlify|actions-netlify|flyctl|superfly|heroku|static-web-apps|pages-action|serverless"
    r"|deploy-appengine|deploy-cloud-functions)"
)


_DONE_ON_THE_WAY = frozenset(("lint", "security"))
"""What a workflow does too that is only called after its tests or its build."""


def missing_stage(repository: Repository, stage: str, does: str) -> Iterator[Problem | NotKnown]:
    job = repository.delivery
    if job is None or stage in repository.stages:
        return
    if repository.may_do_more:
        yield NotKnown(job.location, f"whether some job {does}", repository.may_do_more)
        return
    unseen = next((one for one in repository.jobs if one.unseen), None) if stage in _DONE_ON_THE_WAY else None
    if unseen is not None:
        yield NotKnown(job.location, f"whether some job {does}", f"job '{unseen.id}' runs a workflow that is not here")
        return
    delivery = "deploy" if job.does("deploy") else "publish"
    count = len(repository.pipelines)
    searched = f"{count} pipeline file" + ("s" if count > 1 else "")
    yield Problem(job.location, f"no job in {searched} {does}, and job '{job.id}' {job.looks_like(delivery)}")


@check("pipeline-missing-lint", each=repositories, complete=True)
def missing_lint(repository: Repository) -> Iterator[Problem | NotKnown]:
    if not any(checks_all(ran) for job in repository.jobs for ran in job.all_ran):
        yield from missing_stage(repository, "lint", "lints")


def checks_all(ran: Ran) -> bool:
    """Whether a command runs whatever checks the project has: which ones is told elsewhere."""
    return ran.said.vague or ran.said.words in AGGREGATES


@check("pipeline-missing-test", each=repositories, complete=True)
def missing_test(repository: Repository) -> Iterator[Problem | NotKnown]:
    if repository.delivery is not None and deploys_infrastructure(repository.delivery):
        return
    yield from missing_stage(repository, "test", "runs tests")


@check("pipeline-missing-security", each=repositories, complete=True)
def missing_security(repository: Repository) -> Iterator[Problem | NotKnown]:
    yield from missing_stage(repository, "security", "scans for vulnerabilities")


@check("pipeline-missing-build", each=repositories, complete=True)
def missing_build(repository: Repository) -> Iterator[Problem | NotKnown]:
    job = repository.delivery
    if job is not None and job.does("deploy") and not (deploys_infrastructure(job) or builds_too(job)):
        yield from missing_stage(repository, "build", "builds")


def builds_too(job: Job) -> bool:
    """Whether what deploys builds on its way, or on the machine that it deploys to."""
    deploys = [ran for ran in job.ran if ran.said.stage == "deploy"]
    if any(ran.command is None for ran in deploys):
        return True  # a hook, behind which the platform builds
    if any(ran.said.unread and ran.said.task is not None for ran in deploys):
        return True  # a script that runs what is not known
    for ran in deploys:
        texts = ran.command.texts if ran.command is not None else ()
        if ran.program in BUILDING or any(text.partition("=")[0] in BUILDING_OPTIONS for text in texts):
            return True
    for step in job.steps:
        if step.uses is None:
            continue
        if BUILDING_ACTIONS.search(step.uses.action.lower()) or any(key.text == "source" for key, _ in step.arguments):
            return True
    return bool(deploys) and all(copies_sources(ran) for ran in deploys)


def copies_sources(ran: Ran) -> bool:
    """Whether files are copied as they are, not from where a build puts its results."""
    return (
        ran.program in COPYING
        and ran.command is not None
        and all(OUTPUTS.isdisjoint(re.split(r"[/\\]", text)) for text in ran.command.texts)
    )


@check("pipeline-missing-deploy", each=pipelines, complete=True)
def missing_deploy(pipeline: Pipeline) -> Iterator[Problem]:
    """An image that is pushed and goes nowhere; other results of a build may be all that is wanted."""
    for job in pipeline.jobs:
        for ran in job.ran:
            if ran.said.words == "`docker push`" and not any(
                p.does("deploy") or p.does("publish") for p in pipeline.jobs
            ):
                yield Problem(ran.location, f"job '{job.id}' pushes an image, and no job of this pipeline deploys it")
                return


def deploys_infrastructure(job: Job) -> bool:
    ran = [one for one in job.ran if one.said.stage == "deploy" and one.command is not None]
    return bool(ran) and all(one.program in INFRASTRUCTURE or one.said.words.endswith(_TEMPLATES) for one in ran)


@check("pipeline-ungated-deploy", each=deliveries)
def ungated_deploy(job: Job) -> Iterator[Problem]:
    if runs_alone(job) or job.for_tests or job.at_once:
        return
    passed = job.pipeline.stages_ahead(job)
    wanted = ("lint", "security") if deploys_infrastructure(job) else BEFORE_DEPLOY
    for stage in wanted:
        if stage not in passed:
            yield from gates_left_out(job, "deploy", stage)
    late = next((one for one in job.pipeline.jobs if runs_unit_tests(one) and comes_later(one, job)), None)
    if late is not None:
        yield Problem(
            job.location,
            f"job '{job.id}' {job.looks_like('deploy')} and goes ahead of job '{late.id}', which runs unit tests",
            (Related(late.location, f"job '{late.id}' {late.looks_like('test')}"),),
        )


def comes_later(one: Job, job: Job) -> bool:
    """Whether it waits for the other, or for all that the other waits for while that does not wait for it."""
    pipeline = job.pipeline
    if one is job or pipeline.waits_for(job, one):
        return False
    needed = pipeline.needed(job)
    return pipeline.waits_for(one, job) or (bool(needed) and all(pipeline.waits_for(one, each) for each in needed))


def runs_unit_tests(job: Job) -> bool:
    """Whether its commands say so: such tests look at no deployment, so behind one they guard nothing."""
    return not job.does("deploy") and any(
        ran.said.stage == "test" and ran.command is not None and UNIT.search(ran.said.words) for ran in job.ran
    )


def runs_alone(job: Job) -> bool:
    """Whether something else starts it than what starts the gates; a manual job of GitLab stands beside them."""
    return (job.by_hand_only and not job.manual) or job.pull_requests_only or job.pipeline.only_by_hand


def gates_left_out(job: Job, delivery: str, stage: str) -> Iterator[Problem]:
    """The jobs of a stage that may run beside it and that it does not wait for, as one problem."""
    waiting = job.pipeline.waits_for
    gates = (one for one in job.pipeline.gates.get(stage, ()) if one.meets(job) and not waiting(one, job))
    ahead = list(islice((one for one in gates if one is not job and not _are_of_two_halves(job.id, one.id)), 3))
    if not ahead:
        return
    names = [f"'{one.id}'" for one in ahead]
    needed = f"job {names[0]}, which" if len(names) == 1 else f"jobs {', '.join(names)}, of which the first"
    yield Problem(
        job.location,
        f"job '{job.id}' {job.looks_like(delivery)} and does not need {needed} {ahead[0].looks_like(stage)}",
        tuple(Related(one.location, f"job '{one.id}' {one.looks_like(stage)}") for one in ahead),
    )


def _are_of_two_halves(name: str, other: str) -> bool:
    """Whether by their names one job is of what people see, and the other of what answers it."""
    words = [frozenset(_WORD.findall(one.lower())) for one in (name, other)]
    front, back = ([not half.isdisjoint(one) for one in words] for half in (_FRONT, _BACK))
    return (front[0] and back[1] and not front[1]) or (back[0] and front[1] and not back[1])


@check("pipeline-ungated-deploy", each=publications)
def untested_publication(job: Job) -> Iterator[Problem]:
    """What is published cannot be taken back. Linters and scanners may well look at it elsewhere."""
    if runs_alone(job) or job.at_once:
        return
    if job.after_failure is None and "test" not in job.pipeline.stages_ahead(job):
        yield from gates_left_out(job, "publish", "test")


def _has_stages(job: Job) -> bool:
    return bool(job.all_stages)


@check("pipeline-defeated-gate", each=pipeline_jobs)
def defeated_gate(job: Job) -> Iterator[Problem]:
    asked = job.pipeline.any_ahead(job, _has_stages)  # what only tells what has changed is no gate
    if job.delivers and job.after_failure is not None and asked and not job.only_after_failure:
        yield Problem(
            job.after_failure, f"job '{job.id}' {job.looks_like('deploy')} and runs though what it needs has failed"
        )
    if job.delivers and job.at_once is not None:
        yield Problem(job.at_once, f"job '{job.id}' {job.looks_like('deploy')} and starts at once: its needs are empty")
    behind = job.pipeline.delivery_behind(job)
    if behind is None:
        return
    if job.after_failure is not None and cuts_off(job, behind):
        yield Problem(
            job.after_failure,
            f"job '{job.id}' runs though what it needs has failed, and job '{behind.id}' looks no further than that",
            (Related(behind.location, f"job '{behind.id}' needs it"),),
        )
    stages = [stage for stage in job.stages if stage in GATES and not gated_by_another(job, stage, behind)]
    if job.tolerated is not None and job.tolerated.text == "true" and stages and not delivers_itself(job):
        yield Problem(
            job.tolerated.location,
            f"job '{job.id}' {job.looks_like(stages[0])} and may fail, and job '{behind.id}' goes on all the same",
            (Related(behind.location, f"job '{behind.id}' needs it"),),
        )
    elif job.tolerated is None:
        for problem in ignored_failures(job, stages):
            yield Problem(
                problem.location,
                f"{problem.message}, and job '{behind.id}' goes on",
                (Related(behind.location, f"job '{behind.id}' needs it"),),
            )


def cuts_off(job: Job, behind: Job) -> bool:
    """Whether gates ahead of a build are lost on what is delivered behind it.

    GitHub asks all that a job waits for, directly or not, unless the job's own condition asks for something else.
    """
    condition = Condition.read(behind.condition)
    if job.only_after_failure or not job.does("build") or not (condition.after_failure and condition.checks_results):
        return False
    gates = [
        one
        for one in job.pipeline.jobs
        if GATES.intersection(one.stages) and one is not job and job.pipeline.waits_for(job, one)
    ]
    return bool(gates) and not any(one.id in behind.needs for one in gates)


@check("pipeline-ignored-failure", each=pipeline_jobs)
def ignored_failure(job: Job) -> Iterator[Problem]:
    if job.pipeline.delivery_behind(job) is None:
        gates = [stage for stage in job.stages if stage in GATES]
        yield from ignored_failures(job, gates, ("true",))


def gated_by_another(job: Job, stage: str, behind: Job) -> bool:
    """Whether another job of this stage, one that may not fail, stands before what is delivered."""
    return any(
        one is not job and one.tolerated is None and behind.pipeline.waits_for(behind, one)
        for one in job.pipeline.gates.get(stage, ())
    )


def delivers_itself(job: Job) -> bool:
    return job.does("deploy") or job.does("publish")


def ignored_failures(
    job: Job, stages: Iterable[str], tolerating: tuple[str, ...] = ("true", MARKED)
) -> Iterator[Problem]:
    """Steps of a gate that cannot fail, where every step of that stage in the job is such a one."""
    if any(job.actions("github/codeql-action/upload-sarif")):
        return  # code scanning reads the results, and decides
    for stage in stages:
        ran = [
            one
            for one in job.ran
            if one.said.stage == stage
            and one.command is not None
            and is_evidence(job, one.location, stage)
            and not one.said.by_file
            and _REPORTS.search(one.said.words) is None
        ]
        uses = [
            step
            for step in job.steps
            if step.uses is not None
            and not reports_only(step.uses.action)
            and is_evidence(job, step.uses.location, stage)
        ]
        if not ran and not uses:
            continue
        ignoring = [how for one in ran if (how := how_ignored(job, one, tolerating)) is not None]
        ignoring.extend(
            Problem(step.continue_on_error.location, f"`{step.uses.action}` may fail: `continue-on-error`")
            for step in uses
            if step.uses is not None and tolerated(job, step, tolerating)
        )
        if len(ignoring) == len(ran) + len(uses):
            yield from ignoring[:1]


def is_evidence(job: Job, location: object, stage: str) -> bool:
    return any(evidence.location == location and evidence.stage == stage for evidence in job.own)


def how_ignored(job: Job, ran: Ran, tolerating: tuple[str, ...]) -> Problem | None:
    """What keeps the failure of a command from being one."""
    step, command = ran.step, ran.command
    if tolerated(job, step, tolerating):
        mark = "its failure is caught" if job.pipeline.system == "jenkins" else "`continue-on-error`"
        return Problem(step.continue_on_error.location, f"{ran.said.words} may fail: {mark}")
    if command is None or command.after != "||" or step.script is None:
        return None
    rest = (ran.said.script or step.script.text)[command.end :].lstrip().removeprefix("||").lstrip()
    if rest.startswith(("true", ": ", ":\n", "exit 0")) or rest == ":":
        ignoring = "exit 0" if rest.startswith("exit") else rest.split()[0]
        return Problem(ran.location, f"{ran.said.words} may fail: `|| {ignoring}`")
    return None


def tolerated(job: Job, tried: StepSummary, tolerating: tuple[str, ...]) -> bool:
    """Whether a step may fail and nothing looks at its outcome afterwards."""
    if tried.continue_on_error.text not in tolerating:
        return False
    outcome = f"steps.{tried.id.text}."
    texts = [step.condition.text for step in job.steps]
    texts.extend(step.script.text for step in job.steps if step.script is not None)
    return not tried.id.text or not any(outcome in text for text in texts)


@check("pipeline-unchecked-workflow-run", each=pipelines)
def unchecked_workflow_run(pipeline: Pipeline) -> Iterator[Problem]:
    if not any(job.delivers or job.does("publish") for job in pipeline.jobs):
        return
    for start in pipeline.starts_after:
        if not start.checked:
            yield Problem(start.location, f"starts after '{start.pipeline.name}' whether that succeeded or failed")
            return
