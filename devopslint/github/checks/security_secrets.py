"""How secrets and tokens get into jobs, and out of them."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.github.enabled import (
    live_action_expressions,
    live_action_steps,
    live_calls,
    live_expressions,
    live_job_expressions,
    live_job_steps,
    live_jobs,
    live_steps,
)
from devopslint.github.expressions import Call, Context, Index, Literal, path_of, walk
from devopslint.github.files import actions, workflows
from devopslint.github.uses import version_of
from devopslint.github.workflow import Action, Embedded, Job, Step, Workflow, embedded
from devopslint.model import Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check
from devopslint.secrets.cloud_keys import CLOUD_VARIABLES, ELSEWHERE
from devopslint.secrets.judgement import token_spans

_OF_ORGANISATIONS = ("permission-members", "permission-organization-", "permission-team-", "permission-enterprise-")
_OLD_UPLOAD = compiled(r"v(?:[1-3](?:\.|\Z)|4\.[0-3](?:\.|\Z))")
_WHOLE_FOLDER = frozenset((".", "./", "..", "../"))


_CLOUD_KEYS = {
    "aws-actions/configure-aws-credentials": ("aws-access-key-id", "AWS"),
    "google-github-actions/auth": ("credentials_json", "Google Cloud"),
    "azure/login": ("creds", "Azure"),
}
"""By the action that logs in: its input that takes a key, and whose key that is."""
_BUILDERS = frozenset(("cdk", "pulumi", "sam", "terraform", "terragrunt", "tofu"))


@check("gha-lasting-cloud-key", each=live_steps)
def lasting_cloud_key(step: Step) -> Iterator[Problem]:
    if step.uses is None:
        return
    name, cloud = _CLOUD_KEYS.get(step.uses.action.lower(), ("", ""))
    given = step.arguments[name]
    if name and "secrets." in given.text:
        yield Problem(given.location, f"{cloud} is entered with a key that does not expire: '{name}'")


@check("gha-lasting-cloud-key", each=live_jobs)
def lasting_cloud_key_in_environment(job: Job) -> Iterator[Problem]:
    if not any(command.name in _BUILDERS for step in job.steps for command in step.commands):
        return
    places = (job.workflow.env, job.env, *(step.env for step in job.steps))
    if any(env.has(name) for env in places for name in ELSEWHERE):
        return  # what speaks as S3 does has no tokens to ask for
    for env in places:
        for name, cloud in CLOUD_VARIABLES.items():
            given = env[name]
            if "secrets." in given.text:
                yield Problem(given.location, f"{cloud} is entered with a key that does not expire: '{name}'")


@check("gha-inherited-secrets", each=live_calls)
def inherited_secrets(job: Job) -> Iterator[Problem]:
    if job.secrets.text == "inherit" and job.uses is not None:
        related = (Related(job.secrets.location, "all of them"),)
        yield Problem(
            job.uses.location, "every secret of the repository is passed to this workflow, needed or not", related
        )


@check("gha-whole-secrets-context", each=(live_expressions, live_action_expressions))
def whole_secrets_context(expression: Embedded) -> Iterator[Problem]:
    for part in walk(expression.tree) if expression.tree is not None else ():
        match part:
            case Call(arguments=arguments) if part.name.lower() == "tojson" and any(map(_is_secrets, arguments)):
                yield Problem(expression.at(part), "every secret of the repository is given to the job, as one text")
            case Index(of=of, index=index) if _is_secrets(of) and not isinstance(index, Literal):
                yield Problem(expression.at(part), "a secret by a computed name: GitHub gives the job every secret")


def _is_secrets(tree: object) -> bool:
    return isinstance(tree, Context) and tree.name.lower() == "secrets"


@check("gha-unredacted-secret", each=(live_expressions, live_action_expressions))
def unredacted_secret(expression: Embedded) -> Iterator[Problem]:
    for part in walk(expression.tree) if expression.tree is not None else ():
        if isinstance(part, Call) and part.name.lower() == "fromjson":
            if any(path_of(argument)[0][:1] == ("secrets",) for argument in part.arguments):
                yield Problem(expression.at(part), "what is taken out of this secret is not masked in the log")


@check("gha-secret-outside-environment", each=live_jobs)
def secret_outside_environment(job: Job, *, allow: list[str]) -> Iterator[Problem]:
    if job.workflow.reusable or job.uses is not None or job.node.has("environment"):
        return
    harmless = {("github_token",), *((name.lower(),) for name in allow)}
    for one in live_job_expressions(job):
        for reference in one.references():
            if reference.path[0] == "secrets" and reference.path[1:] not in harmless:
                written = one.node.text[reference.start : reference.end]
                yield Problem(one.at(reference), f"'{written}' is not guarded by an 'environment' of the job")


@check("gha-broad-app-token", each=(live_steps, live_action_steps))
def broad_app_token(step: Step) -> Iterator[Problem]:
    inputs = step.arguments
    if step.uses is None or not step.using("actions/create-github-app-token") or (inputs.is_scalar and inputs.present):
        return
    revoke = inputs["skip-token-revoke"]
    if revoke.text.strip().lower() == "true" or "${{" in revoke.text:
        yield Problem(revoke.location, "the token stays valid after the job: it may not be revoked")
    wanted = [name for name in inputs.keys() if name.startswith("permission-")]  # noqa: SIM118  # a Node's own keys()
    in_repositories = not wanted or any(not name.startswith(_OF_ORGANISATIONS) for name in wanted)
    if inputs.has("owner") and in_repositories and not (inputs.has("repositories") or inputs.has("repository")):
        yield Problem(inputs["owner"].location, "the token works in every repository that the app is installed in")
    if not wanted:
        yield Problem(step.uses.location, "the token has every permission of the app: no 'permission-…' narrows it")


@check("gha-persisted-credentials", each=(live_jobs, actions))
def persisted_credentials(owner: Job | Action) -> Iterator[Problem]:
    for step, uploads in _persisting(owner):
        if not uploads and step.arguments["persist-credentials"].text.lower() != "true":
            yield Problem(step.location, "the checkout leaves its token where every later step can read it")


@check("gha-kept-credentials", each=(live_jobs, actions))
def kept_credentials(owner: Job | Action) -> Iterator[Problem]:
    for step, _ in _persisting(owner):
        if step.arguments["persist-credentials"].text.lower() == "true":
            yield Problem(step.location, "the checkout is told to leave its token where every later step can read it")


@check("gha-uploaded-credentials", each=(live_jobs, actions))
def uploaded_credentials(owner: Job | Action) -> Iterator[Problem]:
    for step, uploads in _persisting(owner):
        if uploads:
            related = tuple(Related(upload.location, "uploaded here") for upload in uploads)
            yield Problem(
                step.location, "the token that the checkout leaves is uploaded with the whole folder", related
            )


def _persisting(owner: Job | Action) -> Iterator[tuple[Step, list[Step]]]:
    """The checkouts that leave their token behind, each with a later step that uploads it, if there is one."""
    order = live_job_steps(owner)
    uploads = {number: step for number, step in enumerate(order) if _uploads_workspace(step)}
    last = max(uploads, default=-1)
    for number, step in enumerate(order):
        opaque = step.arguments.is_scalar and step.arguments.present
        if step.using("actions/checkout") and not opaque and _keeps_token(step.arguments["persist-credentials"]):
            yield step, [uploads[last]] if number < last and _keeps_token_in_folder(step) else []


def _keeps_token(given: Node) -> bool:
    """Whether the action takes it for true, which it is where nothing is given: any other text is false."""
    return not given.present or given.text.strip().upper() == "TRUE" or "${{" in given.text


def _uploads_workspace(step: Step) -> bool:
    """Whether it uploads the folder that the repository is checked out to."""
    if not step.using("actions/upload-artifact") or not _uploads_hidden(step):
        return False
    path = step.arguments["path"]
    if any(line.strip() in _WHOLE_FOLDER for line in path.text.splitlines()):
        return True
    return any(
        reference.text == "github.workspace" and _ends(path.text, one)
        for one in embedded(path, ("with", "path"), step)
        for reference in one.references()
    )


def _uploads_hidden(step: Step) -> bool:
    """Whether it takes `.git` along: since version 4.4 only where it is told so."""
    if step.arguments["include-hidden-files"].text.lower() == "true":
        return True
    comment = step.node["uses"].comment
    return step.uses is not None and any(_OLD_UPLOAD.match(text) for text in (step.uses.ref, comment))


def _ends(text: str, one: Embedded) -> bool:
    """Whether the expression is all of its line."""
    before, behind = text[: one.span.start].rpartition("\n")[2], text[one.span.end :].partition("\n")[0]
    return not before.strip() and not behind.strip(" /")


def _keeps_token_in_folder(checkout: Step) -> bool:
    """Whether the token gets into `.git/config`: from version 6 on it is kept outside of the folder."""
    version = version_of(checkout)
    if version is None:
        return checkout.uses is not None and checkout.uses.pinned
    return version < 6


@check("gha-literal-token", each=(workflows, actions))
def literal_token(owner: Workflow | Action) -> Iterator[Problem]:
    for node in owner.shown_secrets.get("an access token", ()):
        for start, end in token_spans(node.text):
            yield Problem(node.span(start, end), "the text holds an access token")


@check("gha-literal-private-key", each=(workflows, actions))
def literal_private_key(owner: Workflow | Action) -> Iterator[Problem]:
    for node in owner.shown_secrets.get("a private key", ()):
        yield Problem(node.location, "the text holds a private key")
