"""What of documents shows that an item of the Definition of Done is addressed, and what calls for it."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.documentation.documents import DocumentSummary
from devopslint.documentation.handbook import Handbook
from devopslint.documentation.names import DEPLOY, ROLLBACK, RUNBOOK
from devopslint.model import Summaries, Witness
from devopslint.readers.folders import tried_in

_HOUR = 3600.0
_RECOVERY_POINT, _RECOVERY_TIME = 1 * _HOUR, 4 * _HOUR


def witnesses(summaries: Summaries) -> Iterator[Witness]:
    """Documents that give steps, and the workloads that ask for them."""
    handbook = summaries.seen_by(Handbook)
    if not summaries.of(DocumentSummary) and not handbook.deployed:
        return
    for item, purpose in (
        ("documentation.readme", DEPLOY),
        ("documentation.runbook", RUNBOOK),
        ("documentation.rollback", ROLLBACK),
    ):
        for document, section in handbook.about(purpose):
            if section.steps and not document.stub:
                yield Witness(item, section.location, f"'{section.title}'")
    for document in handbook.documents:
        if document.diagram is not None and not tried_in(document.path):
            yield Witness("documentation.architecture", document.diagram, f"a diagram in {document.path}")
        if document.restores and _holds(document):
            yield Witness("documentation.disaster-recovery", document.location, "targets, and steps that restore")
    for workload in handbook.deployed[:1]:
        for item in ("readme", "runbook", "rollback", "architecture"):
            yield Witness(f"documentation.{item}", workload.location, f"{workload.label} is deployed", calls=True)
    for workload in handbook.keepers[:1]:
        yield Witness("documentation.disaster-recovery", workload.location, f"{workload.label} keeps data", calls=True)


def _holds(document: DocumentSummary) -> bool:
    """Whether a time is stated for both targets, and neither is too long."""
    limits = {"RPO": _RECOVERY_POINT, "RTO": _RECOVERY_TIME}
    stated = {name: [seconds for one, seconds, _ in document.recovers if one == name] for name in limits}
    return all(stated[name] and max(stated[name]) <= limits[name] for name in limits)
