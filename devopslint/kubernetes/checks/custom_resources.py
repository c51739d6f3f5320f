"""Whether the API server takes a custom resource: its fields, and their types."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.kubernetes.custom_resources import CustomResource, custom_resources
from devopslint.kubernetes.schema import Unknown, WrongType
from devopslint.model import Problem
from devopslint.registry import check


@check("k8s-unknown-custom-field", each=custom_resources)
def unknown_custom_field(resource: CustomResource) -> Iterator[Problem]:
    for violation in resource.violations:
        if isinstance(violation, Unknown):
            from difflib import get_close_matches  # only where something is wrong

            close = get_close_matches(violation.key.text, violation.fields, 1, 0.7)
            hint = f": did you mean {close[0]}?" if close else ""
            message = f"{violation.owner} of {resource.label} has no field '{violation.key.text}'{hint}"
            if violation.owner == resource.manifest.kind:
                message = f"{resource.label} has no field '{violation.key.text}'{hint}"
            yield Problem(violation.key.location, message)


@check("k8s-wrong-custom-type", each=custom_resources)
def wrong_custom_type(resource: CustomResource) -> Iterator[Problem]:
    for violation in resource.violations:
        if isinstance(violation, WrongType):
            wanted = " or ".join(violation.wanted)
            message = f"{violation.name} of {resource.label} is of type {violation.given}, not {wanted}"
            yield Problem(violation.node.location, message)
