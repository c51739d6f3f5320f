"""What the documents of a tree lack together, and what they name that is not there."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator

from devopslint.documentation.documents import DocumentSummary
from devopslint.documentation.handbook import Handbook, Named, mentions, whole
from devopslint.documentation.names import ARCHITECTURE, DEPLOY, RECOVERY, ROLLBACK, RUNBOOK
from devopslint.kubernetes.summaries import ServiceSummary
from devopslint.model import Location, NotKnown, Problem, Related
from devopslint.readers.folders import tried_in
from devopslint.registry import check

_ATTESTED = "an attestation in devopslint.yaml"


@check("doc-missing-deploy", each=whole, complete=True)
def missing_deploy(handbook: Handbook, *, headings: list[str]) -> Iterator[Problem | NotKnown]:
    readme = handbook.readme
    if readme is None or not handbook.deployed:
        return
    empty = None
    for document, section in handbook.about(DEPLOY, tuple(headings)):
        if section.steps or section.links:
            return
        if document is readme and empty is None:
            empty = section
    if any(DEPLOY in purposes_of_link for purposes_of_link in _linked(handbook, readme)):
        return
    if empty is not None:
        yield Problem(empty.location, f"'{empty.title}' gives no step and no command")
    elif open_ := _open(handbook, DEPLOY, "how to deploy is written down"):
        yield open_
    else:
        related = (Related(handbook.deployed[0].location, "is deployed"),)
        yield Problem(readme.location, "no document says how this is deployed", related)


def _linked(handbook: Handbook, readme: DocumentSummary) -> Iterator[frozenset[str]]:
    """What the documents are about that the README leads to, and that say something."""
    by_path = {document.path: document for document in handbook.documents}
    for _, address, _ in readme.links:
        path = posixpath.normpath(address.partition("#")[0].lstrip("/"))
        found = by_path.get(path)
        if found is not None and not found.stub:
            yield found.purposes


@check("doc-missing-runbook", each=whole, complete=True)
def missing_runbook(handbook: Handbook, *, headings: list[str]) -> Iterator[Problem | NotKnown]:
    if handbook.serves and not _is_written(handbook, RUNBOOK, headings):
        yield _missing(handbook, RUNBOOK, "what to do when something fails is written down", "no runbook")


@check("doc-missing-rollback", each=whole, complete=True)
def missing_rollback(handbook: Handbook, *, headings: list[str]) -> Iterator[Problem | NotKnown]:
    if handbook.serves and not _is_written(handbook, ROLLBACK, headings):
        yield _missing(handbook, ROLLBACK, "how to roll back is written down", "no document that says how to roll back")


@check("doc-missing-recovery", each=whole, complete=True)
def missing_recovery(handbook: Handbook, *, headings: list[str]) -> Iterator[Problem | NotKnown]:
    keepers = handbook.keepers
    if handbook.serves and keepers and not _is_written(handbook, RECOVERY, headings):
        words = "no document that says how to restore"
        yield _missing(handbook, RECOVERY, "how to restore is written down", words, keepers[0].location)


@check("doc-missing-diagram", each=whole, complete=True)
def missing_diagram(handbook: Handbook) -> Iterator[Problem | NotKnown]:
    shown = (document for document in handbook.documents if document.diagram is not None)
    if not handbook.serves or not all(tried_in(document.path) for document in shown):
        return
    drawn = (".drawio", ".puml", ".plantuml", ".mmd", ".mermaid", ".excalidraw")
    if not any(path.endswith(drawn) for path in handbook.files):
        yield _missing(handbook, ARCHITECTURE, "a diagram is there", "no diagram of what is deployed")


def _is_written(handbook: Handbook, purpose: str, headings: list[str]) -> bool:
    return any(section.steps or section.links for _, section in handbook.about(purpose, tuple(headings)))


def _missing(
    handbook: Handbook, purpose: str, question: str, words: str, seen: Location | None = None
) -> Problem | NotKnown:
    assert handbook.readme is not None
    related = (Related(seen or handbook.deployed[0].location, "is deployed"),)
    return _open(handbook, purpose, question) or Problem(handbook.readme.location, f"the tree has {words}", related)


def _open(handbook: Handbook, purpose: str, question: str) -> NotKnown | None:
    """What leaves it open: documents elsewhere, or ones that are not read."""
    if outside := handbook.outside(purpose):
        address, at = outside
        return NotKnown(at, f"whether {question}", f"{address} is not in the tree", _ATTESTED)
    if path := handbook.unread(purpose):
        return NotKnown(Location(path, 1, 1, 1, 1), f"whether {question}", f"{path} is not read", _ATTESTED)
    return None


@check("doc-unknown-workload", each=mentions)
def unknown_workload(named: Named) -> Iterator[Problem]:
    own, handbook = named.own, named.handbook
    if own.kind in ("Namespace", "file"):
        return
    same = [one for one in handbook.workloads if one.name == own.name]
    if any(one.kind == own.kind for one in same) or (not same and _may_be_made(handbook, own.name)):
        return
    if same:
        kinds = sorted({one.kind for one in same})
        related = (Related(same[0].location, "stands here"),)
        yield Problem(own.location, f"'{own.name}' is a {' and a '.join(kinds)}, not a {own.kind}", related)
        return
    near = _slip(own.name, {one.name for one in handbook.workloads if one.kind == own.kind})
    if near:
        at = next(one.location for one in handbook.workloads if one.name == near)
        yield Problem(
            own.location, f"the tree has no {own.kind} '{own.name}', and has '{near}'", (Related(at, "stands here"),)
        )


def _may_be_made(handbook: Handbook, name: str) -> bool:
    """Whether something of that name is there under another kind, or a chart is called so."""
    return any(one.name == name for one in handbook.cluster.all(ServiceSummary)) or any(
        one.words is not None and name in one.words for one in handbook.openings
    )


@check("doc-unknown-namespace", each=mentions)
def unknown_namespace(named: Named) -> Iterator[Problem]:
    if named.own.kind == "Namespace" and named.own.name not in named.handbook.namespaces:
        near = _slip(named.own.name, named.handbook.namespaces)
        if near:
            yield Problem(
                named.own.location, f"nothing in the tree is in namespace '{named.own.name}', and some is in '{near}'"
            )


@check("doc-unknown-file", each=mentions, complete=True)
def unknown_file(named: Named) -> Iterator[Problem]:
    if named.own.kind != "file":
        return
    files, path = named.handbook.files, posixpath.normpath(named.own.name)
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(named.location.path), path))
    tails = {file for file in files if file == path or file.endswith(f"/{path}")}
    if path.startswith(("/", "..")) or beside in files or tails:
        return
    folder, _, name = path.rpartition("/")
    siblings = {posixpath.basename(file) for file in files if posixpath.dirname(file) == folder}
    elsewhere = sorted(file for file in files if posixpath.basename(file) == name)
    near = _slip(name, siblings)
    if near:
        yield Problem(named.location, f"the tree has no {path}, and has {posixpath.join(folder, near)}")
    elif folder and len(elsewhere) == 1 and any(file.startswith(f"{folder.partition('/')[0]}/") for file in files):
        yield Problem(named.location, f"the tree has no {path}, and has {elsewhere[0]}")


def _slip(name: str, known: Collection[str]) -> str:
    """The name that is meant where one letter is wrong, lacks, is too many, or has changed places; empty for none."""
    if len(name) < 4 or name in known:
        return ""
    return next((other for other in sorted(known) if len(other) >= 4 and _is_slip(name, other)), "")


def _is_slip(name: str, other: str) -> bool:
    if abs(len(name) - len(other)) > 1:
        return False
    first = len(posixpath.commonprefix((name, other)))
    rest = len(posixpath.commonprefix((name[first:][::-1], other[first:][::-1])))
    ours, theirs = name[first : len(name) - rest], other[first : len(other) - rest]
    if len(ours) == len(theirs) == 2:
        return ours == theirs[::-1] and ours.isalpha()
    return len(ours) <= 1 and len(theirs) <= 1 and f"{ours}{theirs}".replace("-", "a").isalpha()
