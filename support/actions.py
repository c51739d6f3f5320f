"""The inputs and outputs of well-known actions: python -m support.actions.

The module actionlint keeps them, as read from the actions' own action.yml files; the facts alone are taken. Which
versions ask for a Node.js that GitHub has retired, its list of outdated ones says.
"""

from __future__ import annotations

import json
import re
from typing import Any

from support.packages import go_module, write_table

_ACTION = re.compile(r'^\t"([^"]+)@([^"]+)": \{\n(.*?)^\t\},$', re.DOTALL | re.MULTILINE)
_OUTDATED = re.compile(r'^\t"([^"]+)@([^"]+)": +\{\},$', re.MULTILINE)
_TEXT = r'"(?:[^"\\]|\\.)*"'
_INPUT = re.compile(rf"^\t+{_TEXT}: +\{{({_TEXT}), (true|false), (true|false), ({_TEXT})\}},$", re.MULTILINE)
_OUTPUTS = re.compile(r"Outputs: ActionMetadataOutputs\{(.*?)^\t\t\}", re.DOTALL | re.MULTILINE)
_OUTPUT = re.compile(rf"\{{({_TEXT})\}},$", re.MULTILINE)
# A branch or a whole version is no major version: only what a major version is known for is taken.
_MAJOR = re.compile(r"(?:release/)?v([0-9]+)(?:\.x)?\Z")


def main() -> None:
    module = go_module("github.com/rhysd/actionlint")
    text = (module.folder / "popular_actions.go").read_text("utf-8")
    actions: dict[str, Any] = {}
    for name, ref, body in _ACTION.findall(text):
        major = _MAJOR.match(ref)
        if major is None or "SkipInputs: true" in body:
            continue
        entry = actions.setdefault(name.lower(), {"retired": 0, "versions": {}})
        entry["versions"][major[1]] = _version(body)
    for name, ref in _OUTDATED.findall(text):
        major = _MAJOR.match(ref)
        if major is not None:
            entry = actions.setdefault(name.lower(), {"retired": 0, "versions": {}})
            entry["retired"] = max(entry["retired"], int(major[1]))
    for entry in actions.values():
        entry["versions"] = dict(sorted(entry["versions"].items(), key=lambda item: int(item[0])))
    write_table("actions", __file__, [module], {"actions": dict(sorted(actions.items()))})


def _version(body: str) -> dict[str, Any]:
    inputs = [
        (json.loads(name), required, deprecated, json.loads(message))
        for name, required, deprecated, message in _INPUT.findall(body)
    ]
    outputs = _OUTPUTS.search(body)
    row: dict[str, Any] = {
        "inputs": sorted(name for name, *_ in inputs),
        "required": sorted(name for name, required, *_ in inputs if required == "true"),
        "deprecated": {
            name: " ".join(message.split()) for name, _, deprecated, message in inputs if deprecated == "true"
        },
        "outputs": sorted(json.loads(name) for name in _OUTPUT.findall(outputs[1])) if outputs else [],
    }
    return {part: value for part, value in row.items() if value}


if __name__ == "__main__":
    main()
