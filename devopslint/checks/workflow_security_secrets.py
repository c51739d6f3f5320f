"""How secrets and tokens get into jobs, and out of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from devopslint.model import Problem, Related
from devopslint.readers.expression import Call, Context, Index, Literal, path_of, walk
from devopslint.registry import check
from devopslint.views.live import (
    live_action_expressions,
    live_action_steps,
    live_calls,
    live_expressions,
    live_job_expressions,
    live_job_steps,
    live_jobs,
    live_steps,
)
from devopslint.views.workflow import (
    Action,
    Embedded,
    Job,
    Step,
    actions,
    embedded,
)

_OF_ORGANISATIONS = ("permission-members", "permission-organization-", "permission-team-", "permission-enterprise-")
_WHOLE_FOLDER = frozenset((".", "./", "..", "../"))


@check("gha-inherited-secrets", each=live_calls)
def inherited_secrets(job: Job) -> Iterator[Problem]:
    if job.secrets.text == "inherit" and job.uses is not None:
        related = (Related(job.uses.location, "to this workflow"),)
        yield Problem(job.secrets.location, "every secret of the repository is passed on, needed or not", related)


@check("gha-whole-secrets-context", each=live_expressions)
@check("gha-whole-secrets-context", each=live_action_expressions)
def whole_secrets_context(expression: Embedded) -> Iterator[Problem]:
    for part in walk(expression.tree) if expression.tree is not None else ():
        match part:
            case Call(arguments=arguments) if part.name.lower() == "tojson" and any(map(_is_secrets, arguments)):
                yield Problem(expression.at(part), "every secret of the repository is given to the job, as one text")
            case Index(of=of, index=index) if _is_secrets(of) and not isinstance(index, Literal):
                yield Problem(expression.at(part), "a secret by a computed name: GitHub gives the job every secret")


def _is_secrets(tree: object) -> bool:
    return isinstance(tree, Context) and tree.name.lower() == "secrets"


@check("gha-unredacted-secret", each=live_expressions)
@check("gha-unredacted-secret", each=live_action_expressions)
def unredacted_secret(expression: Embedded) -> Iterator[Problem]:
    for part in walk(expression.tree) if expression.tree is not None else ():
        if isinstance(part, Call) and part.name.lower() == "fromjson":
            if any(path_of(argument)[0][:1] == ("secrets",) for argument in part.arguments):
                yield Problem(expression.at(part), "what is taken out of this secret is not masked in the log")


@check("gha-secret-outside-environment", each=live_jobs)
def secret_outside_environment(job: Job) -> Iterator[Problem]:
    if job.workflow.reusable or job.uses is not None or job.node.has("environment"):
        return
    for one in live_job_expressions(job):
        for reference in one.references():
            if reference.path[0] == "secrets" and reference.path[1:] != ("github_token",):
                yield Problem(one.at(reference), f"'{reference.text}' is not guarded by an 'environment' of the job")


@check("gha-broad-app-token", each=live_steps)
@check("gha-broad-app-token", each=live_action_steps)
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


@check("gha-persisted-credentials", each=live_jobs)
@check("gha-persisted-credentials", each=actions)
def persisted_credentials(owner: Job | Action) -> Iterator[Problem]:
    uploads = [step for step in live_job_steps(owner) if _uploads_workspace(step)]
    for step in _persisting(live_job_steps(owner)):
        if step.arguments["persist-credentials"].text.lower() != "true" and not _leaked_by(step, uploads, owner.steps):
            yield Problem(step.location, "the checkout leaves its token where every later step can read it")


@check("gha-kept-credentials", each=live_jobs)
@check("gha-kept-credentials", each=actions)
def kept_credentials(owner: Job | Action) -> Iterator[Problem]:
    for step in _persisting(live_job_steps(owner)):
        if step.arguments["persist-credentials"].text.lower() == "true":
            yield Problem(step.location, "the checkout is told to leave its token where every later step can read it")


@check("gha-uploaded-credentials", each=live_jobs)
@check("gha-uploaded-credentials", each=actions)
def uploaded_credentials(owner: Job | Action) -> Iterator[Problem]:
    uploads = [step for step in live_job_steps(owner) if _uploads_workspace(step)]
    for step in _persisting(live_job_steps(owner)):
        found = _leaked_by(step, uploads, owner.steps)
        if found:
            related = tuple(Related(upload.location, "uploaded here") for upload in found[:3])
            yield Problem(
                step.location, "the token that the checkout leaves is uploaded with the whole folder", related
            )


def _persisting(found: Iterable[Step]) -> Iterator[Step]:
    for step in found:
        if step.arguments.is_scalar and step.arguments.present:
            continue
        if step.using("actions/checkout") and step.arguments["persist-credentials"].text.lower() != "false":
            yield step


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


# From version 6 on the token is kept outside of the checked out folder.
_OLD_UPLOAD = re.compile(r"v(?:[1-3](?:\.|\Z)|4\.[0-3](?:\.|\Z))")
_OLD_CHECKOUT = re.compile(r"v[1-5](?:\.|\Z)")


def _leaked_by(checkout: Step, uploads: list[Step], order: tuple[Step, ...]) -> list[Step]:
    """The uploads after the checkout; none for a version that keeps the token elsewhere."""
    uses = checkout.uses
    if uses is None or not (_OLD_CHECKOUT.match(uses.ref) or uses.pinned):
        return []
    return [upload for upload in uploads if order.index(upload) > order.index(checkout)]
