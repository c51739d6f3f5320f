"""What runs in a cluster: the objects that `kubectl get … -o json` gives, judged by the rules that judge manifests."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any

from devopslint.catalogue import catalogue, items
from devopslint.config import Config
from devopslint.engine import check_texts
from devopslint.evidence.model import Evidence, NotEvidence
from devopslint.evidence.reading import listed
from devopslint.kubernetes.openings import CLUSTER_NAMESPACES
from devopslint.model import Severity

_SECTION = "kubernetes."
_ADDED = frozenset(("uid", "resourceVersion", "managedFields", "generation", "creationTimestamp"))
_NAME = "objects of the cluster"


def objects(data: dict[str, Any], written: datetime.date) -> Iterator[Evidence]:
    """An object or a List of them: of each item whose rules have looked at some, whether they found something.

    What the cluster runs for itself is left out.
    """
    shown = listed(data["items"]) if data["kind"] == "List" else [data]
    own = [one for one in shown if (one.get("metadata") or {}).get("namespace") not in CLUSTER_NAMESPACES]
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [_as_written(one) for one in own]})
    asked = {item.id: item.rules for item in items().values() if item.rules and item.id.startswith(_SECTION)}
    rules = {
        rule_id: [item for item in asked if item in catalogue()[rule_id].rule.dod]
        for rule_id in catalogue()
        if not catalogue()[rule_id].project
    }
    settled = check_texts({"cluster.json": text}, Config().selecting(sorted(r for r, told in rules.items() if told)))
    answered = False
    for item, lookers in asked.items():
        found = [
            finding
            for finding in settled.findings
            if item in finding.rule.dod and finding.suppressed is None and finding.severity > Severity.NOTE
        ]
        subjects = max((settled.subjects.get(rule_id, 0) for rule_id in lookers), default=0)
        if found:
            more = f", and {len(found) - 1} more finding{'s' * (len(found) > 2)}" if len(found) > 1 else ""
            yield Evidence(item, False, f"in the cluster {found[0].message}{more}", _NAME, written)
        elif subjects:
            yield Evidence(
                item,
                True,
                f"nothing is wrong in {subjects} place{'s' * (subjects != 1)} of the cluster",
                _NAME,
                written,
            )
        answered = answered or bool(found) or bool(subjects)
    if not answered:
        raise NotEvidence("none of its objects is one that an item asks for")


def _as_written(one: dict[str, Any]) -> dict[str, Any]:
    """The object without what the cluster adds, by which the rules tell a copy that nobody deploys from."""
    metadata = {key: value for key, value in (one.get("metadata") or {}).items() if key not in _ADDED}
    return {**{key: value for key, value in one.items() if key != "status"}, "metadata": metadata}
