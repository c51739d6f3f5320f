"""Where documents lead to, and what leads to them: links, alerts, runbooks, backups."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote

from devopslint.deferred import compiled
from devopslint.documentation.handbook import (
    Followed,
    Handbook,
    Named,
    Page,
    Titled,
    alert_titles,
    mentions,
    pages,
    runbooks,
    whole,
)
from devopslint.model import NotKnown, Problem, Related
from devopslint.registry import check

_LISTED = compiled(r"[\w./@+ -]*\.(?:md|markdown|ya?ml|json|tf)")
"""Of files with other names, not all are listed."""
_RUNNERS = ("makefile", "gnumakefile", "justfile", "taskfile.yml", "taskfile.yaml", "package.json")
"""What may hold a command that restores."""
_OF_OTHERS = compiled(
    r"(?i)template|archetype|cookiecutter|scaffold|(?:^|/)(?:vendor|vendored|node_modules|third[_-]party)/"
)
"""Paths of what is filled in, or kept by somebody else."""


@check("doc-broken-link", each=pages, complete=True)
def broken_link(page: Page) -> Iterator[Problem]:
    own, handbook = page.own, page.handbook
    if not own.path.endswith((".md", ".markdown")) or _OF_OTHERS.search(own.path):
        return
    for _, address, at in own.links:
        path, _, anchor = address.partition("#")
        if not path:
            if anchor and not handbook.leads_to(own, anchor):
                yield Problem(at, f"the link leads to #{anchor}, and the document has no such heading")
            continue
        path = unquote(path.partition("?")[0])
        if not _LISTED.fullmatch(path):
            continue
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(own.path), path))
        if path.startswith("/") or beside.startswith(".."):
            continue  # a site, or another repository
        if beside in handbook.by_path:
            if anchor and not handbook.leads_to(handbook.by_path[beside], anchor):
                yield Problem(at, f"the link leads to #{anchor} of {beside}, which has no such heading")
        elif beside not in handbook.files and not beside.startswith(handbook.unread_folders):
            yield Problem(at, f"the link leads to {beside}, which is not there{_elsewhere(handbook, beside)}")


def _elsewhere(handbook: Handbook, path: str) -> str:
    name = posixpath.basename(path)
    found = [file for file in handbook.files if posixpath.basename(file) == name]
    return f": {found[0]} is" if len(found) == 1 and not name.lower().startswith("readme") else ""


@check("doc-unknown-alert", each=alert_titles, complete=True)
def unknown_alert(titled: Titled) -> Iterator[Problem | NotKnown]:
    name, handbook = titled.own.name, titled.handbook
    if name in handbook.alerts:
        return
    from difflib import get_close_matches  # only where something is wrong

    near = get_close_matches(name, sorted(handbook.alerts), 1, 0.85)
    opening = handbook.cluster.openings.may_bring("PrometheusRule")
    if near:
        related = (Related(handbook.alerts[near[0]].location, "stands here"),)
        yield Problem(titled.location, f"no rule has an alert '{name}': '{near[0]}' is one", related)
    elif opening is not None:
        yield NotKnown(titled.location, f"whether there is an alert '{name}'", opening.reason, opening.settled_by)
    else:
        yield Problem(titled.location, f"no rule has an alert '{name}', as the others here are")


@check("prom-stub-runbook", each=runbooks)
def stub_runbook(followed: Followed) -> Iterator[Problem]:
    if followed.document.stub:
        related = (Related(followed.document.location, "is still to be written"),)
        said = f"the runbook of '{followed.alert.name}' is still to be written: {followed.document.path}"
        yield Problem(followed.location, said, related)


@check("prom-dangling-runbook", each=runbooks, complete=True)
def lost_heading(followed: Followed) -> Iterator[Problem]:
    if followed.anchor and not followed.handbook.leads_to(followed.document, followed.anchor):
        said = f"the runbook of '{followed.alert.name}' has no heading #{followed.anchor}: {followed.document.path}"
        yield Problem(followed.location, said, certain=False)  # whoever is called does get to read the document


@check("backup-not-restored", each=whole, complete=True)
def backup_not_restored(handbook: Handbook) -> Iterator[Problem | NotKnown]:
    if not handbook.backups or handbook.restores or (handbook.serves and handbook.keepers):
        return  # that no document says how to restore has been said then
    if any(document.restores for document in handbook.documents):
        return
    paths = [path.lower() for path in handbook.files]
    if any("restor" in posixpath.basename(path) or "recover" in posixpath.basename(path) for path in paths):
        return
    first = min(handbook.backups, key=lambda one: one.location)
    runner = next((path for path in sorted(handbook.files) if posixpath.basename(path).lower() in _RUNNERS), None)
    if runner is not None:
        question = "whether somebody knows how to restore"
        yield NotKnown(first.location, question, f"{runner} may do it", "an attestation in devopslint.yaml")
    else:
        said = f"{first.label} makes backups, and no document and no job says how they are restored"
        yield Problem(first.location, said)


@check("doc-contradicted-target", each=pages, complete=True)
def contradicted_target(page: Page) -> Iterator[Problem]:
    points = [one for one in page.own.recovers if one[0] == "RPO"]
    backups = page.handbook.backups
    if not points or not backups:
        return
    times = [one.hours for one in backups if one.hours is not None]
    if len(times) != len(backups):
        return  # what is written as it happens is in no schedule
    _, seconds, at = max(points, key=lambda one: one[1])
    if seconds < min(times) * 3600:
        often = min((one for one in backups if one.hours is not None), key=lambda one: one.hours or 0)
        related = (Related(often.schedule or often.location, f"{often.label} is the most frequent one"),)
        said = f"no more than {_time(seconds)} may be lost, and {min(times):g} h pass between two backups"
        yield Problem(at, said, related)


def _time(seconds: float) -> str:
    return f"{seconds / 3600:g} h" if seconds >= 3600 else f"{seconds / 60:g} min"


@check("doc-lost-revision", each=mentions)
def lost_revision(named: Named) -> Iterator[Problem]:
    own = named.own
    if own.verb != "rollout undo" or own.kind == "Namespace":
        return
    for one in named.handbook.workloads:
        meant = one.kind == own.kind and one.name == own.name
        if meant and (not own.namespace or one.namespace in ("", own.namespace)) and one.history.value == 0:
            related: tuple[Related, ...] = (Related(one.history.location, "no old version is kept"),)
            yield Problem(own.location, f"{one.label} keeps no version to go back to", related)
            return
