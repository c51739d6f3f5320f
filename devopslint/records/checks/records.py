"""What a change record leaves out, and what it must not say of a change to production."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.model import Location, Problem, Related
from devopslint.readers.yaml import Node
from devopslint.records.records import RISKS, STATUSES, Record, Sign, is_placeholder, records
from devopslint.registry import check

_NEEDED = ("taskId", "summary", "rollbackRequired", "approvalNeeded", "riskLevel")
_TEXTS = ("taskId", "agentName", "status", "summary", "riskLevel", "approvalReason")
_ANSWERS = ("rollbackRequired", "approvalNeeded")
_LISTS = ("filesChanged", "filesCreated", "rollbackSteps", "notes")
_WORDS_OF_YAML = ("yes", "no", "on", "off")  # as YAML 1.1 has them, these are answers
_TASK_ID = compiled(r"[0-9A-Za-z]{8}(?:-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}")
_PROGRAM = compiled(
    r"(?<![\w./-])(?:\./|/)?(?:sudo )?(?:[\w./-]+\.(?:sh|py|ps1)\b"
    r"|(?:kubectl|oc|helm|helmfile|kustomize|git|gh|glab|terraform|tofu|terragrunt|pulumi|cdk|docker|docker-compose|podman"
    r"|argocd|flux|velero|istioctl|linkerd|nomad|aws|gcloud|az|doctl|fly|flyctl|heroku|eksctl|ansible|ansible-playbook"
    r"|systemctl|service|npm|npx|yarn|pnpm|psql|mysql|mongosh|mongorestore|pg_restore|redis-cli|alembic|flyway|liquibase"
    r"|curl|ssh|scp|rsync|just|skaffold|kubectl-argo-rollouts)"
    r"(?: -{1,2}[\w-]+(?:[= ][\w./:-]+)?)* (?!(?:to|and|or|is|are|was|the|a|an|for|with|if|again|has|history|via|in|on|of"
    r"|command|commands|chart|charts|release|repository|repo|image|images|tag)\b)[a-z-])"
)
_BEGINS = compiled(
    r"\s*(?:\d+[.)] *|[-*] +)?(?:\$ *)?`?(?:make|bash|sh|python3?|cp|mv|rm|sed|go|export|cd|node|php|java) [\w./-]"
)
_CHECKLISTS = ("deployment_checklist", "deploymentChecklist", "checklist")
_BOX = compiled(r"(?m)^[ \t]*(?:[-*+][ \t]+)?(?P<box>\[[ _]?\])[ \t]+(?P<words>\S.*)$")
_QUOTED = compiled(r"`[^`\n]+ [^`\n]+`")
_COMMIT = compiled(r"(?i)\b(?:revert|reset|check ?out|redeploy)\b.*(?:\b(?=[a-f]*\d)[0-9a-f]{7,40}\b|#\d+)")


@check("change-missing-field", each=records)
def missing_field(record: Record) -> Iterator[Problem]:
    for key in _NEEDED:
        if not record.node[key].present:
            yield Problem(record.node[key].location, f"the record has no {key}")


@check("change-wrong-type", each=records)
def wrong_type(record: Record) -> Iterator[Problem]:
    for key in _TEXTS:
        found = record.node[key]
        if found.present and (not found.is_scalar or isinstance(found.value, bool)):
            yield Problem(found.location, f"{key} is {_named(found)}, not text")
    for key in _ANSWERS:
        found = record.node[key]
        answers = isinstance(found.value, bool) or found.text.lower() in _WORDS_OF_YAML or is_placeholder(found)
        if found.present and not answers:
            yield Problem(found.location, f"{key} is {_named(found)}, neither true nor false")
    for key in _LISTS:
        found = record.node[key]
        if found.present and not found.is_sequence and not is_placeholder(found):
            yield Problem(found.location, f"{key} is {_named(found)}, not a list")
        for item in found:
            if not item.is_scalar and key != "notes":
                yield Problem(item.location, f"{key} holds {_named(item)}, not text alone")


def _named(node: Node) -> str:
    if node.is_mapping or node.is_sequence:
        return "a mapping" if node.is_mapping else "a list"
    return f"'{node.text}'"


@check("change-invalid-status", each=records)
def invalid_status(record: Record) -> Iterator[Problem]:
    found = record.node["status"]
    if found.is_scalar and found.value is not True and found.text not in STATUSES and not is_placeholder(found):
        yield Problem(found.location, f"status is '{found.text}', none of {', '.join(STATUSES)}")


@check("change-invalid-risk", each=records)
def invalid_risk(record: Record) -> Iterator[Problem]:
    found = record.node["riskLevel"]
    if found.present and found.is_scalar and found.text not in RISKS and not is_placeholder(found):
        yield Problem(found.location, f"riskLevel is '{found.text}', none of {', '.join(RISKS)}")


@check("change-invalid-task-id", each=records)
def invalid_task_id(record: Record) -> Iterator[Problem]:
    found = record.node["taskId"]
    if found.present and found.is_scalar and not _TASK_ID.fullmatch(found.text) and not is_placeholder(found):
        yield Problem(found.location, f"taskId '{found.text}' is not of the form of a UUID")


@check("change-missing-rollback", each=records)
def missing_rollback(record: Record) -> Iterator[Problem]:
    if not record.under_way:
        return
    if record.says("rollbackRequired") is False and (sign := record.production):
        message = f"rollbackRequired is false, and {sign.words} is production"
        yield Problem(record.node["rollbackRequired"].location, message, _story(sign))
    steps = record.node["rollbackSteps"]
    if record.says("rollbackRequired") and not record.steps and (not steps.present or steps.is_sequence):
        yield Problem(steps.location, "a rollback is required, and no step of it is written down")


@check("change-vague-rollback", each=records)
def vague_rollback(record: Record) -> Iterator[Problem]:
    if record.says("rollbackRequired") and record.steps and not any(_is_concrete(step) for step in record.steps):
        first = record.steps[0]
        yield Problem(first.location, f"no step of the rollback is a command: '{_short(first.text)}'")


def _is_concrete(step: Node) -> bool:
    text = step.text
    return (
        is_placeholder(step)
        or any(one.search(text) for one in (_PROGRAM, _QUOTED, _COMMIT))
        or bool(_BEGINS.match(text))
    )


def _short(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= 60 else f"{line[:59]}…"


@check("change-production-approval", each=records)
def production_approval(record: Record) -> Iterator[Problem]:
    sign = record.production
    if sign is None or not record.under_way:
        return
    needed = record.node["approvalNeeded"]
    if record.says("approvalNeeded") is False:
        yield Problem(needed.location, f"approvalNeeded is false, and {sign.words} is production", _story(sign))
    elif record.says("approvalNeeded") and not record.approval_reason:
        message = f"{sign.words} is production, and approvalReason gives no reason"
        yield Problem(record.node["approvalReason"].location, message, _story(sign))


@check("change-low-risk", each=records)
def low_risk(record: Record) -> Iterator[Problem]:
    sign = record.production
    if sign is not None and record.under_way and record.node["riskLevel"].text == "low":
        yield Problem(
            record.node["riskLevel"].location, f"riskLevel is low, and {sign.words} is production", _story(sign)
        )


def _story(sign: Sign) -> tuple[Related, ...]:
    return (Related(sign.location, "tells that production is changed"),)


@check("change-missing-reason", each=records)
def missing_reason(record: Record) -> Iterator[Problem]:
    if record.status in ("blocked", "needs_approval") and not record.reason:
        yield Problem(
            record.node["status"].location, f"status is {record.status}, and neither approvalReason nor notes say why"
        )
    elif record.status == "needs_approval" and record.says("approvalNeeded") is False:
        yield Problem(record.node["approvalNeeded"].location, "status is needs_approval, and approvalNeeded is false")
    elif record.says("approvalNeeded") and record.production is None and not record.reason:
        message = "approvalNeeded is true, and neither approvalReason nor notes say why"
        yield Problem(record.node["approvalNeeded"].location, message)


@check("change-incomplete-checklist", each=records)
def incomplete_checklist(record: Record, *, topics: list[str]) -> Iterator[Problem]:
    for key in _CHECKLISTS:
        checklist = record.node[key]
        if not checklist.present or is_placeholder(checklist):
            continue
        said = " ".join(_said_in(checklist)).casefold()
        lacking = [f"'{topic}'" for topic in topics if topic.casefold() not in said]
        if lacking:
            yield Problem(checklist.location, f"the checklist says nothing of {' or '.join(lacking)}")


def _said_in(checklist: Node) -> Iterator[str]:
    """The headings and boxes of a checklist, in a text or in keys and lists."""
    for one in (checklist, *checklist.walk()):
        yield from (key.text.replace("_", " ") for key, _ in one.items())
        if one.is_scalar:
            yield one.text


@check("change-unticked-box", each=records)
def unticked_box(record: Record) -> Iterator[Problem]:
    if record.status != "complete":
        return
    found = [one for key in _CHECKLISTS for one in _unticked(record.node[key])]
    if found:
        at, words = found[0]
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        yield Problem(at, f"status is complete, and a box of the checklist is not ticked: {words}{more}")


def _unticked(checklist: Node) -> Iterator[tuple[Location, str]]:
    """The boxes that are empty: `[ ] words` in a text, or what YAML makes of a lone `- [ ]`, an empty list."""
    for one in checklist.walk():
        if one.is_scalar:
            for found in _BOX.finditer(one.text):
                yield one.span(found.start("box"), found.end()), f"'{_short(found['words'])}'"
        elif one.is_sequence and one is not checklist and not len(one):
            yield one.location, "one without words"
