"""Which fields Kustomize sets, and how it merges lists: python -m support.kustomize.

The fields stand as YAML in the constants of its plugins; the merge keys are those of the schemas that it was built
with, which its own program gives out (support/oracles/kustomize).
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from support.packages import go_module, write_table

_VERSION = "v0.21.1"
"""Of kustomize/api and kyaml in kustomize 5.8."""
_CONSTANT = re.compile(r"(\w+FieldSpecs)\s*=\s*((?:`[^`]*`|\w+)(?:\s*\+\s*(?:`[^`]*`|\w+))*)")
_FIELDS = (
    "commonLabels",
    "templateLabels",
    "commonAnnotations",
    "namespace",
    "nameReference",
    "varReference",
    "images",
    "replicas",
)


def main() -> None:
    api = go_module("sigs.k8s.io/kustomize/api", _VERSION)
    schema = json.loads(_schema())
    kinds = {kind: name for kind, name in schema["kinds"].items() if not kind.startswith("/")}
    types, merging = _merging(schema["types"], kinds)
    content = {
        "fields": _fields(api.folder / "internal" / "konfig" / "builtinpluginconsts"),
        "kinds": merging,
        "types": types,
        "cluster": sorted(schema["cluster"]),
    }
    write_table("kustomize", __file__, [api], content)


def _schema() -> str:
    folder = Path(__file__).parent / "oracles" / "kustomize"
    with tempfile.TemporaryDirectory() as place:
        program = Path(place) / "kustomize"
        subprocess.run(["go", "build", "-o", program, "."], cwd=folder, check=True)
        return subprocess.run([program, "schema"], capture_output=True, text=True, check=True).stdout


def _fields(folder: Path) -> dict[str, Any]:
    texts = "".join(path.read_text("utf-8") for path in sorted(folder.glob("*.go")))
    constants = dict(_CONSTANT.findall(texts))

    def text_of(expression: str) -> str:
        parts = re.findall(r"`([^`]*)`|(\w+)", expression)
        return "".join(text_of(constants[name]) if name else text for text, name in parts)

    said: dict[str, Any] = {}
    for name in constants:
        parsed = yaml.safe_load(text_of(constants[name]))
        if isinstance(parsed, dict):
            said |= parsed
    return {name: said[name] for name in _FIELDS}


def _merging(types: Mapping[str, Any], kinds: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Of every type the fields that lead to a list which is merged by keys, and the kinds whose objects have some."""
    leading = {name: fields for name, fields in types.items() if any(map(_is_merged, fields.values()))}
    while True:
        more = {
            name: fields
            for name, fields in types.items()
            if name not in leading and any(not one.get("list") and one.get("of") in leading for one in fields.values())
        }
        if not more:
            break
        leading |= more
    wanted = [name for name in dict.fromkeys(kinds.values()) if name in leading]
    numbers: dict[str, int] = {}
    kept: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        if name in numbers:
            continue
        numbers[name] = len(numbers)
        kept[name] = {}
        for key, one in sorted(leading[name].items()):
            of = one.get("of") if one.get("of") in leading else None
            if _is_merged(one) or (of and not one.get("list")):
                kept[name][key] = (of, one.get("keys", []) if _is_merged(one) else None)
                if of:
                    wanted.append(of)
    short = {name: name.rpartition(".")[2] for name in kept}
    names = {name: text if list(short.values()).count(text) == 1 else name for name, text in short.items()}
    return (
        {
            names[name]: {key: [names.get(of or "", ""), keys] for key, (of, keys) in fields.items()}
            for name, fields in sorted(kept.items())
        },
        {kind: names[name] for kind, name in sorted(kinds.items()) if name in kept},
    )


def _is_merged(field: Mapping[str, Any]) -> bool:
    return bool(field.get("list")) and "merge" in field.get("strategy", "").split(",")


if __name__ == "__main__":
    main()
