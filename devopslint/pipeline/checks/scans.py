"""What scans and tests must show for a pipeline to go on: thresholds, and results that somebody sees."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.model import NotKnown, Problem, Related
from devopslint.pipeline.coverage import coverage_gates
from devopslint.pipeline.jobs import Job, Ran, Repository
from devopslint.pipeline.pipelines import coverage_demands, pipeline_jobs, repositories
from devopslint.pipeline.script_names import is_vague
from devopslint.registry import check
from devopslint.scripts.coverage import CoverageDemand
from devopslint.scripts.steps import StepSummary, Text

IMAGE_SCANS = compiled(
    r"`(?:trivy(?: image)?|grype|docker scout|docker scan|snyk(?: container)?|dockle|syft|clair\S*"
    r"|aquasecurity/trivy-action"
    r"|anchore/\S+|snyk/actions/docker|docker/scout-action|azure/container-scan|crazy-max/ghaction-container-scan"
    r"|sysdiglabs/\S+|goodwithtech/\S+|erzz/dockle-action|lacework/\S+|prismacloud\S*"
    r"|paloaltonetworks/\S+|jfrog/\S+|aquasecurity/\S+)`"
)
UPLOADS = ("github/codeql-action/upload-sarif",)


@check("pipeline-toothless-scan", each=pipeline_jobs)
def toothless_scan(job: Job) -> Iterator[Problem]:
    if uploads_results(job):
        return
    yield from scans_without_failure(job)


@check("pipeline-scan-reports-only", each=pipeline_jobs)
def scan_reports_only(job: Job) -> Iterator[Problem]:
    if uploads_results(job):
        yield from scans_without_failure(job)


def uploads_results(job: Job) -> bool:
    return any(job.actions(*UPLOADS))


def scans_without_failure(job: Job) -> Iterator[Problem]:
    """Scans that pass whatever they find; one beside them that can fail is enough."""
    found: list[Problem] = []
    for step in job.steps:
        problem = action_without_failure(step)
        if problem is None and step.uses is not None and step.uses.action.lower() in CAN_FAIL:
            return
        if problem is not None:
            found.append(problem)
    for ran in job.ran:
        if ran.said.stage == "security" and ran.command is not None and (option := NEEDS_OPTION.get(ran.command.name)):
            if any(text.startswith(option) for text in ran.command.texts):
                return
            if any(_GIVEN.fullmatch(text) for text in ran.command.texts):
                return  # options that stand in a variable
            if not INVENTORIES & {*ran.command.texts}:
                found.append(
                    Problem(ran.location, f"{ran.said.words} passes whatever it finds: it has no `{option[0]}`")
                )
    yield from found[:1]


_GIVEN = compiled(
    r"\$\{?[A-Z_]*(?:FLAG|OPT|ARG)[A-Z_]*\}?|\$\{?[a-z_]*(?:flag|opt|arg)[a-z_]*\}?|\"?\$@\"?|\"?\$\{\w+\[@\]\}\"?"
)
INVENTORIES = frozenset(("cyclonedx", "spdx", "spdx-json", "github", "convert", "server", "plugin", "sbom"))
"""Formats and subcommands that list what is there, without a judgement."""
NEEDS_OPTION = {"trivy": ("--exit-code",), "grype": ("--fail-on", "-f"), "docker-scout": ("--exit-code",)}
CAN_FAIL = ("aquasecurity/trivy-action", "anchore/scan-action")


def action_without_failure(step: StepSummary) -> Problem | None:
    if step.uses is None:
        return None
    given = {key.text: value for key, value in step.arguments}
    action = step.uses.action.lower()
    if action == "aquasecurity/trivy-action":
        code = given.get("exit-code")
        if code is not None and code.text not in ("0", ""):
            return None
        # Trivy's own configuration may say it; a list of what is in an image is no scan.
        if "trivy-config" in given or ("format" in given and given["format"].text in INVENTORIES):
            return None
        if code is not None:
            return Problem(code.location, f"`{step.uses.action}` passes whatever it finds: `exit-code` is 0")
        return Problem(step.uses.location, f"`{step.uses.action}` passes whatever it finds: it has no `exit-code: 1`")
    if action == "anchore/scan-action" and "fail-build" in given and given["fail-build"].text == "false":
        return Problem(
            given["fail-build"].location, f"`{step.uses.action}` passes whatever it finds: `fail-build` is false"
        )
    return None


@check("pipeline-unscanned-image", each=repositories, complete=True)
def unscanned_image(repository: Repository) -> Iterator[Problem]:
    if not repository.complete or "security" not in repository.stages:
        return
    everything = [evidence for job in repository.jobs for evidence in (*job.own, *job.content)]
    if any(
        evidence.stage == "security" and (IMAGE_SCANS.search(evidence.said.lower()) or not evidence.strong)
        for evidence in everything
    ):
        return
    pushed = next((ran for job in repository.jobs for ran in pushes(job)), None)
    if pushed is None or any(registry.scans is not False for registry in repository.registries):
        return
    yield Problem(
        pushed.location,
        f"{pushed.said.words} publishes an image, and no job scans images for vulnerabilities",
        tuple(Related(one.location, f"{one.label} does not scan either") for one in repository.registries[:1]),
    )


def pushes(job: Job) -> Iterator[Ran]:
    return (ran for ran in job.ran if ran.said.words == "`docker push`")


@check("pipeline-unuploaded-sarif", each=pipeline_jobs)
def unuploaded_sarif(job: Job) -> Iterator[Problem]:
    for step in job.steps:
        form = sarif_format(step) if job.pipeline.system == "github" else None
        if form is not None and step.uses is not None and not (keeps_results(job) or job.any_behind(keeps_results)):
            yield Problem(form.location, f"`{step.uses.action}` writes SARIF, and nothing uploads it")


def sarif_format(step: StepSummary) -> Text | None:
    """Where a step is told to write SARIF, and only that."""
    if step.uses is None or step.uses.action.lower() in UPLOADING:
        return None
    return next(
        (v for k, v in step.arguments if k.text in ("format", "output-format") and v.text.lower() == "sarif"), None
    )


def keeps_results(job: Job) -> bool:
    if any(job.actions(*UPLOADS, "actions/upload-artifact")):
        return True
    return any(step.uses is not None and step.uses.local for step in job.steps)


UPLOADING = ("ossf/scorecard-action", "microsoft/security-devops-action", "zizmorcore/zizmor-action")
"""Actions that write SARIF for more than one purpose, or upload it themselves."""


@check("pipeline-sarif-permission", each=pipeline_jobs)
def sarif_permission(job: Job) -> Iterator[Problem | NotKnown]:
    for step in job.actions(*UPLOADS, "github/codeql-action/analyze"):
        if step.uses is None:
            continue
        granted = job.permissions
        if granted is None:
            if not job.pipeline.only_called:
                yield NotKnown(
                    step.uses.location,
                    f"whether job '{job.id}' may upload SARIF",
                    "neither the job nor the workflow says `permissions`, so that the repository's default holds",
                )
        elif granted.all not in ("write-all",) and dict(granted.scopes).get("security-events") != "write":
            yield Problem(
                step.uses.location,
                f"job '{job.id}' uploads SARIF, and its permissions leave out `security-events: write`",
            )
        return


@check("pipeline-missing-coverage-threshold", each=repositories, complete=True)
def missing_coverage_threshold(repository: Repository) -> Iterator[Problem]:
    if repository.demands_coverage or not repository.complete:
        return
    first: Ran | None = None
    for job in repository.jobs:
        if any(True for _ in coverage_gates(job)):
            return
        first = first or next((ran for ran in job.ran if ran.said.stage == "test" and not may_only_look(ran)), None)
    if first is not None:
        yield Problem(first.location, f"{first.said.words} runs tests, and no coverage is demanded of them")


def may_only_look(ran: Ran) -> bool:
    """Whether only a word like `verify.sh` says that tests run, which may as well look at what was deployed."""
    return ran.said.by_file and is_vague(ran.said.words.strip("`").rpartition(".")[0])


@check("pipeline-low-coverage-threshold", each=coverage_demands)
def low_coverage_threshold(demand: CoverageDemand, *, minimum: float) -> Iterator[Problem]:
    if demand.percent is not None and demand.percent < minimum:
        yield Problem(demand.location, f"demands a test coverage of {demand.percent:g} %, less than {minimum:g} %")
