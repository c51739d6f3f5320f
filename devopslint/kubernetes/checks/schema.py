"""Whether the API server takes an object at all: its API version, its fields, their types."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.kubernetes.api_versions import RetiredObject, retired_objects
from devopslint.kubernetes.schema import missing_schemas
from devopslint.kubernetes.validation import Lacking, TypedObject, Unknown, WrongType, typed_objects
from devopslint.kubernetes.workloads import minor_version
from devopslint.model import Problem
from devopslint.readers.folders import is_shown
from devopslint.registry import check


@check("k8s-removed-api-version", each=retired_objects)
def removed_api_version(retired: RetiredObject, *, kubernetes_version: str) -> Iterator[Problem]:
    removed = retired.retirement.removed
    if removed is not None and minor_version(kubernetes_version) >= removed:
        said = f"{retired.name} is gone since Kubernetes 1.{removed}: {retired.advice}"
        yield Problem(retired.location, said, certain=not is_shown(retired.location.path))


@check("k8s-deprecated-api-version", each=retired_objects)
def deprecated_api_version(retired: RetiredObject, *, kubernetes_version: str) -> Iterator[Problem]:
    removed, since = retired.retirement.removed, retired.retirement.since
    minor = minor_version(kubernetes_version)
    if since <= minor and (removed is None or minor < removed):
        end = f", and gone from 1.{removed} on" if removed is not None else ""
        yield Problem(
            retired.location, f"{retired.name} is deprecated since Kubernetes 1.{since}{end}: {retired.advice}"
        )


@check("k8s-schema-unknown-field", each=typed_objects, needs=missing_schemas)
def schema_unknown_field(typed: TypedObject, *, kubernetes_version: str) -> Iterator[Problem]:
    for violation in typed.violations(kubernetes_version):
        if isinstance(violation, Unknown):
            import difflib  # only where a name is wrong

            close = difflib.get_close_matches(violation.key.text, violation.fields, 1, 0.7)
            hint = f": did you mean {close[0]}?" if close else ""
            yield Problem(violation.key.location, f"{violation.owner} has no field {violation.key.text!r}{hint}")


@check("k8s-schema-wrong-type", each=typed_objects, needs=missing_schemas)
def schema_wrong_type(typed: TypedObject, *, kubernetes_version: str) -> Iterator[Problem]:
    for violation in typed.violations(kubernetes_version):
        if isinstance(violation, WrongType):
            given = "empty" if violation.given == "null" else f"of type {violation.given}"
            wanted = " or ".join(violation.wanted)
            yield Problem(violation.node.location, f"{violation.name} is {given}, not {wanted}")


@check("k8s-schema-missing-field", each=typed_objects, needs=missing_schemas)
def schema_missing_field(typed: TypedObject, *, kubernetes_version: str) -> Iterator[Problem]:
    for violation in typed.violations(kubernetes_version):
        if isinstance(violation, Lacking):
            yield Problem(violation.node.location, f"{violation.owner} has no {violation.name}, which it needs")
