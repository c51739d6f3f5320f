"""The rules that an API server can hold one object against by itself, as policies of the cluster.

Kubernetes' own ValidatingAdmissionPolicy and Kyverno's ValidatingPolicy take the same expressions in CEL. Rules that
need a second object, a file of the repository or a folder's name stay with the linter.
https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
https://kyverno.io/docs/policy-types/validating-policy/
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from devopslint.catalogue import catalogue
from devopslint.config import Selection
from devopslint.deferred import NamedTuple
from devopslint.kubernetes.capabilities import DANGEROUS_CAPABILITIES
from devopslint.model import Severity
from devopslint.reports import page_of

WORKLOADS = (
    ("", "v1", ("pods", "replicationcontrollers")),
    ("apps", "v1", ("deployments", "statefulsets", "daemonsets", "replicasets")),
    ("batch", "v1", ("jobs", "cronjobs")),
)
RESOURCES = {
    "workloads": WORKLOADS,
    "deployments": (("apps", "v1", ("deployments",)),),
    "horizontalpodautoscalers": (("autoscaling", "*", ("horizontalpodautoscalers",)),),
    "ingresses": (("networking.k8s.io", "v1", ("ingresses",)),),
    "services": (("", "v1", ("services",)),),
}
"""What a row is on: groups, versions and resources."""

SYSTEM_NAMESPACES = ("kube-node-lease", "kube-public", "kube-system")

VARIABLES = {
    # An API server checks types for each kind that a policy names: to it a Pod has no template.
    "spec": (
        "object.kind == 'Pod' ? dyn(object).spec : "
        "object.kind == 'CronJob' ? dyn(object).?spec.?jobTemplate.?spec.?template.?spec.orValue({}) : "
        "dyn(object).?spec.?template.?spec.orValue({})"
    ),
    "containers": (
        "variables.spec.?containers.orValue([]) + variables.spec.?initContainers.orValue([]) + "
        "variables.spec.?ephemeralContainers.orValue([])"
    ),
    "lasting": "variables.spec.?containers.orValue([]) + variables.spec.?initContainers.orValue([])",
    "serving": (
        "object.kind in ['Job', 'CronJob'] || variables.spec.?restartPolicy.orValue('Always') != 'Always' ? [] : "
        "variables.spec.?containers.orValue([])"
    ),
    "dangerous": json.dumps(sorted(DANGEROUS_CAPABILITIES - {"SYS_MODULE"})),
}
"""What expressions may ask for, in the order in which one needs another."""

CONDITIONS = (
    # Who refuses these keeps an object from ever going, and a controller from setting a finalizer on an old one.
    ("is-not-going", "!has(object.metadata.deletionTimestamp)"),
    ("says-something-new", "oldObject == null || dyn(object).?spec != dyn(oldObject).?spec"),
)

_USED = re.compile(r"\bvariables\.(\w+)")


class Policy(NamedTuple):
    """A rule as the cluster can ask it."""

    rule_id: str
    severity: Severity
    on: str
    variables: Mapping[str, str]
    expression: str
    message: str
    message_expression: str | None
    """Names the containers; None where the rule is about the whole object."""


@functools.cache
def rows() -> Mapping[str, Mapping[str, str]]:
    """policies.yaml, by the rule's id."""
    from devopslint.readers.yaml import read_yaml

    path = Path(__file__).parent / "policies.yaml"
    return read_yaml(path.name, path.read_text("utf-8")).documents[0].root.plain()  # type: ignore[no-any-return]  # ours


def policies(selection: Selection) -> list[Policy]:
    """The rules of a selection that a cluster can ask, with their parameters and severities."""
    return [
        _policy(rule_id, row, selection[rule_id].severity, selection[rule_id].parameters)
        for rule_id, row in sorted(rows().items())
        if rule_id in selection
    ]


def _policy(rule_id: str, row: Mapping[str, str], severity: Severity, parameters: Mapping[str, Any]) -> Policy:
    known = {**VARIABLES, **{name: json.dumps(value) for name, value in parameters.items()}}
    expression, message, message_expression = row["expression"], row["message"], None
    if "each" in row:
        each = f"variables.{row['each']}"
        names = f"{each}.filter(c, !({expression})).map(c, c.?name.orValue('')).join(', ')"
        message_expression = f"'container ' + {names} + {_quoted(' ' + message)}"
        expression = f"{each}.all(c, {expression})"
        message = f"a container {message}"
    used = _needed(expression, known)
    return Policy(
        rule_id,
        severity,
        row["on"],
        {name: value for name, value in known.items() if name in used},
        expression,
        message,
        message_expression,
    )


def _needed(expression: str, known: Mapping[str, str]) -> set[str]:
    direct = set(_USED.findall(expression))
    return direct.union(*(_needed(known[name], known) for name in direct))


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def admission_policies(chosen: Iterable[Policy], action: str, spared: Iterable[str]) -> Iterator[dict[str, Any]]:
    """ValidatingAdmissionPolicies, each with its binding. `action` is audit, warn, deny or severity."""
    for policy in chosen:
        actions = _actions(policy, action)
        yield {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicy",
            "metadata": _metadata(policy),
            "spec": {"failurePolicy": "Fail" if "Deny" in actions else "Ignore", **_asked(policy)},
        }
        yield {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": _metadata(policy),
            "spec": {
                "policyName": _name(policy),
                "validationActions": actions,
                **({"matchResources": {"namespaceSelector": _outside(spared)}} if spared else {}),
            },
        }


def kyverno_policies(chosen: Iterable[Policy], action: str, spared: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Kyverno's ValidatingPolicies, of 1.17 and later."""
    for policy in chosen:
        asked = _asked(policy)
        if spared:
            asked["matchConstraints"] = {"namespaceSelector": _outside(spared), **asked["matchConstraints"]}
        yield {
            "apiVersion": "policies.kyverno.io/v1",
            "kind": "ValidatingPolicy",
            "metadata": _metadata(policy),
            "spec": {"validationActions": _actions(policy, action), **asked},
        }


def _actions(policy: Policy, action: str) -> list[str]:
    if action == "severity":
        return ["Deny"] if policy.severity is Severity.ERROR else ["Warn", "Audit"]
    return {"audit": ["Audit"], "warn": ["Warn", "Audit"], "deny": ["Deny"]}[action]


def _name(policy: Policy) -> str:
    return f"devopslint-{policy.rule_id}"


def _metadata(policy: Policy) -> dict[str, Any]:
    rule = catalogue()[policy.rule_id].rule
    return {
        "name": _name(policy),
        "annotations": {"devopslint/title": rule.title, "devopslint/rule": page_of(rule)},
    }


def _outside(namespaces: Iterable[str]) -> dict[str, Any]:
    return {
        "matchExpressions": [
            {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": sorted(namespaces)},
        ]
    }


def _asked(policy: Policy) -> dict[str, Any]:
    validation = {"expression": policy.expression, "message": policy.message, "reason": "Invalid"}
    if policy.message_expression is not None:
        validation["messageExpression"] = policy.message_expression
    asked: dict[str, Any] = {
        "matchConstraints": {
            "resourceRules": [
                {
                    "apiGroups": [group],
                    "apiVersions": [version],
                    "operations": ["CREATE", "UPDATE"],
                    "resources": [*names],
                }
                for group, version, names in RESOURCES[policy.on]
            ]
        },
        "matchConditions": [{"name": name, "expression": expression} for name, expression in CONDITIONS],
    }
    if policy.variables:
        asked["variables"] = [{"name": name, "expression": value} for name, value in policy.variables.items()]
    return {**asked, "validations": [validation]}


FORMATS = {"vap": admission_policies, "kyverno": kyverno_policies}


def text(format: str, chosen: Iterable[Policy], action: str, spared: Iterable[str]) -> str:
    """The policies as documents of YAML."""
    import yaml

    objects = FORMATS[format](chosen, action, spared)
    return yaml.safe_dump_all(objects, sort_keys=False, width=120, explicit_start=True, allow_unicode=True)
