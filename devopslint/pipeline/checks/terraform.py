"""Pipelines that run Terraform: what is applied, from where, and whether anybody has seen the plan."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import NamedTuple, compiled
from devopslint.model import Location, NotKnown, Problem, Related
from devopslint.pipeline.jobs import Job, Ran, approves, asks_a_person, protection_unseen
from devopslint.pipeline.pipelines import Pipelines, pipeline_jobs
from devopslint.registry import check

_PROGRAMS = frozenset(("terraform", "tofu", "terragrunt"))
_OFF = compiled(r"--?lock=(?:false|0|f|F|False|FALSE)\Z")
_TARGET = compiled(r"--?target(?:=|\Z)")
_APPROVED = compiled(r"--?(?:auto-approve(?:=true)?|terragrunt-non-interactive|non-interactive)\Z")
_FOR_A_WHILE = compiled(r"(?i)preview|ephemeral|review|sandbox|(?:^|[^a-z])(?:pr|test|e2e|ci)(?:[^a-z]|$)")
_PLANNING = compiled(r"(?i)terraform|tofu|terragrunt|tfc?-|atlantis|digger|spacelift|env0")
"""Actions that may show a plan."""
_MERGED = compiled(r"merged|push|refs/heads|github\.ref|closed|issue_comment|comment\.body")


class Applied(NamedTuple):
    """A command that changes what is built, with its job and those that show a plan."""

    job: Job
    ran: Ran
    planning: tuple[Job, ...]

    @property
    def label(self) -> str:
        return self.job.label

    @property
    def location(self) -> Location:
        return self.ran.location

    @property
    def words(self) -> tuple[str, ...]:
        return self.ran.command.texts if self.ran.command is not None else ()

    @property
    def plan(self) -> str | None:
        """The file of the plan that it applies."""
        given = (word for word in self.words if not word.startswith("-"))
        return next((word for word in given if word not in ("apply", "run-all", "run", "&&")), None)

    @property
    def shown(self) -> str:
        return f"`{self.ran.program} apply`"


def applied(view: Pipelines) -> Iterator[Applied]:
    jobs = list(pipeline_jobs(view))
    planning = tuple(job for job in jobs if _shows_plan(job))
    for job in jobs:
        for ran in job.ran:
            if ran.said.stage == "deploy" and ran.command is not None and ran.command.name in _PROGRAMS:
                if "apply" in ran.command.texts:
                    yield Applied(job, ran, planning)


def _shows_plan(job: Job) -> bool:
    if any(ran.said.stage == "plan" and ran.program in _PROGRAMS for ran in job.all_ran):
        return True
    uses = (step.uses.text for step in job.steps if step.uses is not None)
    return any(_PLANNING.search(text) and "setup" not in text for text in uses)


@check("pipeline-terraform-unlocked", each=applied)
def terraform_unlocked(applied: Applied) -> Iterator[Problem]:
    if any(_OFF.match(word) for word in applied.words):
        yield Problem(applied.location, f"{applied.shown} does not lock the state: another run may write it too")


@check("pipeline-terraform-target", each=applied)
def terraform_target(applied: Applied) -> Iterator[Problem]:
    if any(_TARGET.match(word) for word in applied.words):
        yield Problem(applied.location, f"{applied.shown} applies a part: what depends on it is left as it was")


@check("pipeline-terraform-pull-request", each=applied)
def terraform_pull_request(applied: Applied) -> Iterator[Problem]:
    job = applied.job
    if not (job.pull_requests_only or job.pipeline.for_pull_requests):
        return
    path = job.path if job.pipeline.system == "github" else job.path.rpartition("/")[0]  # .gitlab-ci.yml is any
    told = " ".join((job.id, *applied.words, job.environment.text if job.environment is not None else "", path))
    if _FOR_A_WHILE.search(told) or any(_MERGED.search(text) for text in _conditions(applied)):
        return
    if any(_APPROVED.match(word) for word in applied.words):
        yield Problem(
            applied.location, f"{applied.shown} builds what a pull request asks for, before anybody has read it"
        )


def _conditions(applied: Applied) -> Iterator[str]:
    for condition in (applied.job.condition, applied.ran.step.condition):
        if condition is not None and condition.text:
            yield condition.text


@check("pipeline-terraform-unplanned", each=applied, complete=True)
def terraform_unplanned(applied: Applied) -> Iterator[Problem]:
    if applied.planning or not applied.job.delivers or applied.job.unseen:
        return
    if any(_APPROVED.match(word) for word in applied.words) and not applied.plan:
        yield Problem(applied.location, f"{applied.shown} applies what nobody has seen: no job shows a plan")


@check("pipeline-terraform-unapproved", each=applied, complete=True)
def terraform_unapproved(applied: Applied) -> Iterator[Problem | NotKnown]:
    job = applied.job
    if not applied.planning or not job.delivers or job.unseen or job.tier is not None:
        return
    if job.pipeline.only_called or not job.pipeline.complete:
        return
    if not (applied.plan or any(_APPROVED.match(word) for word in applied.words)):
        return
    if job.by_hand_only or job.manual or asks_a_person(job) or job.any_ahead(asks_a_person):
        return
    if any(_may_be_seen_before(planning, applied) for planning in applied.planning):
        return
    guarded = job if job.environment is not None else job.first_ahead(approves)
    if guarded is not None:
        reason = protection_unseen(guarded)
        yield NotKnown(applied.location, f"whether somebody looks at the plan before {applied.shown}", reason)
    else:
        yield Problem(
            applied.location,
            f"{applied.shown} follows its plan at once: nobody looks at it between",
            tuple(Related(one.location, f"job '{one.id}' plans") for one in applied.planning[:1] if one is not job),
        )


def _may_be_seen_before(planning: Job, applied: Applied) -> bool:
    """Whether the plan is made where nothing is applied yet: for a pull request, or on a branch of one's own."""
    job = applied.job
    if planning.pipeline.system == "github":
        return not (planning.pipeline.triggers and set(planning.pipeline.triggers) <= {"push", "schedule"})
    if planning.pull_requests_only or planning.pipeline is not job.pipeline:
        return True
    if any(_conditions(applied)):
        return planning is not job and planning.condition is None
    return planning.refs != job.refs
