"""The fields of custom resources, from the definitions of those who serve them: python -m support.custom_resources.

A field that any of the versions read here has is known: the cluster may run another release than the newest.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from support.packages import Package, go_module, write_table

_MODULES = {
    "github.com/argoproj/argo-rollouts": (("v1.7.2", "v1.10.1"), ("manifests/crds/*.yaml",)),
    "github.com/argoproj/argo-cd/v2": (("v2.10.0",), ("manifests/crds/app*-crd.yaml",)),
    "github.com/argoproj/argo-cd/v3": (("v3.5.7",), ("manifests/crds/app*-crd.yaml",)),
    "github.com/kedacore/keda/v2": (("v2.14.0", "v2.21.0"), ("config/crd/bases/keda.sh_*.yaml",)),
    "github.com/fluxcd/source-controller": (("v1.3.0", "v1.9.6"), ("config/crd/bases/*.yaml",)),
    "github.com/fluxcd/kustomize-controller": (("v1.7.3", "v1.9.6"), ("config/crd/bases/*.yaml",)),
    "github.com/fluxcd/flagger": (("v1.36.1",), ("artifacts/flagger/crd.yaml",)),
    "istio.io/api": (("v1.24.0", "v1.32.0"), ("kubernetes/customresourcedefinitions.gen.yaml",)),
    "sigs.k8s.io/gateway-api": (("v1.1.0", "v1.6.3"), ("config/crd/experimental/gateway.networking.k8s.io_*.yaml",)),
}
"""The versions that are read of each module, the newest that Go 1.26 takes last, and where its definitions stand in it."""
_SCALARS = {"string": "s", "boolean": "b", "integer": "i", "number": "n"}
_POD_FIELDS = frozenset({"containers", "initContainers", "volumes"})


def main() -> None:
    kinds: dict[str, Any] = {}
    packages: list[Package] = []
    for name, (versions, patterns) in _MODULES.items():
        for version in versions:
            module = go_module(name, version)
            for pattern in patterns:
                for path in sorted(module.folder.glob(pattern)):
                    _read(path, kinds)
        packages.append(module)
    # Generators hold generators and templates, again and again: half of all that is known.
    kinds["argoproj.io/ApplicationSet"]["spec"]["generators"] = None
    write_table("custom_resources", __file__, packages, {"kinds": dict(sorted(kinds.items()))})


def _read(path: Path, kinds: dict[str, Any]) -> None:
    for document in yaml.load_all(path.read_text("utf-8"), yaml.CSafeLoader):
        if not document or document.get("kind") != "CustomResourceDefinition":
            continue
        spec = document["spec"]
        for version in spec["versions"]:
            schema = version["schema"]["openAPIV3Schema"]
            name = f"{spec['group']}/{spec['names']['kind']}"
            fields = {key: _fields(value) for key, value in schema["properties"].items()}
            fields.update({"apiVersion": "s", "kind": "s", "metadata": None, "status": None})
            kinds[name] = _both(kinds.get(name, fields), fields)


def _fields(schema: dict[str, Any]) -> Any:
    """A mapping of fields, `{"*": …}` for any keys, a list of one for an array, a letter for a scalar, None for anything."""
    if schema.get("x-kubernetes-preserve-unknown-fields") or schema.get("x-kubernetes-embedded-resource"):
        return None
    if schema.get("x-kubernetes-int-or-string"):
        return "x"
    kind = schema.get("type")
    if kind == "array":
        return [_fields(schema.get("items", {}))]
    if kind == "object":
        known = schema.get("properties")
        if known is None:
            others = schema.get("additionalProperties")
            return {"*": _fields(others)} if isinstance(others, dict) else None
        if len(_POD_FIELDS & set(known)) > 1:
            return None  # a pod's own schema says more of it
        return {key: _fields(value) for key, value in known.items()}
    return _SCALARS.get(kind or "")


def _both(one: Any, other: Any) -> Any:
    """What either of two versions allows."""
    if isinstance(one, dict) and isinstance(other, dict):
        if "*" in one or "*" in other:
            return one if one == other else None
        both = {key: _both(one[key], other[key]) for key in one if key in other}
        return {**one, **other, **both}
    if isinstance(one, list) and isinstance(other, list):
        return [_both(one[0], other[0])]
    return one if one == other else None


if __name__ == "__main__":
    main()
