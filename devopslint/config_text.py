"""What a configuration may say, for editors (a JSON Schema with every rule) and for people (a page)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from devopslint.catalogue import Entry, catalogue, items
from devopslint.config_reading import NAMES, schema_of
from devopslint.reports import HOMEPAGE

SCHEMA_ID = "https://raw.githubusercontent.com/devopslint/devopslint/main/docs/devopslint.schema.json"
DOCS = Path(__file__).parent.parent / "docs"
SHARING = (
    "## One configuration for many repositories",
    "",
    "```yaml",
    "extends:",
    "  - package:acme_devopslint          # devopslint.yaml of an installed Python package, or package:acme_devopslint/strict.yaml",
    "  - ../../devopslint.yaml            # a file of this repository, relative to this one",
    "ignore: [k8s-missing-seccomp-profile]",
    "```",
    "",
    "What is extended is laid down first, in the order in which it is named, with its own `overrides`; then comes what the file itself says, which wins.",
    "`select` replaces, `extend-select` and `ignore` go on from there, the settings of a rule are merged by their names, and of `fail-on`, `render` and",
    "`peer-suppressions` the last one that is given holds. `exclude`, `lower`, `judge`, `allow`, `attest`, `helm`, `stages` and `rule-files` grow. Globs and folders are those of the",
    "project that is linted, but for `rule-files`, which are found beside the file that names them. An override of a file that is extended is below the top of the one",
    "that extends it: a repository can turn off what its team's configuration asks for. What it cannot turn off is what a [policy](policy.md) asks for.",
    "",
    "A file that is extended lies in the project, or where a file from outside (`--config`, a package) names it. A package is found where devopslint itself is installed and is never",
    "imported; its files have to be part of it as data: with pre-commit, name it under `additional_dependencies`. `devopslint --show-settings PATH` says which file decides about a rule.",
)
SEVERITIES = {"enum": ["error", "warning", "note"]}


def schema() -> str:
    """docs/devopslint.schema.json: one line a rule, so that a diff shows rules."""
    own = schema_of("configuration")
    own_name = f"^(?!({'|'.join(_families())})-)[a-z][a-z0-9]*-"  # of a rule of one's own, or a family of them
    rules = {rule_id: _rule(entry) for rule_id, entry in catalogue().items()}
    own["properties"]["rules"] |= {"$ref": "#/$defs/rules"}
    own["properties"]["overrides"]["items"]["properties"]["rules"] |= {"$ref": "#/$defs/rules"}
    for layer in (own["properties"], own["properties"]["overrides"]["items"]["properties"]):
        for key in ("select", "extend-select", "ignore"):
            layer[key]["$ref"] = "#/$defs/selection"
    own["properties"]["attest"]["items"]["properties"]["item"]["enum"] = list(items())
    definitions = {
        "selection": {
            "type": "array",
            "items": {"anyOf": [{"enum": _names()}, {"pattern": f"^dod:|^[a-z-]+:.|^pss-|{own_name}"}]},
        },
        **own.pop("$defs"),
    }
    head = {
        "$schema": own.pop("$schema"),
        "$id": SCHEMA_ID,
        "description": f"The configuration of devopslint, {HOMEPAGE}",
        **own,
    }
    lines = [f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    defined = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in definitions.items()]
    told = ",\n".join(f"   {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in rules.items())
    own_rules = json.dumps({own_name: {}})
    defined.append(
        f'  "rules": {{"type": "object", "additionalProperties": false, "patternProperties": {own_rules}, "properties": {{\n{told}\n  }}}}'
    )
    lines.append(' "$defs": {\n' + ",\n".join(defined) + "\n }")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _names() -> list[str]:
    rules = [entry.rule for entry in catalogue().values()]
    tags = {tag for rule in rules for tag in rule.tags}
    return ["all", "default", *(f"{family}-" for family in _families()), *sorted(tags), *catalogue()]


def _families() -> list[str]:
    return sorted({entry.rule.family for entry in catalogue().values()})


def _rule(entry: Entry) -> dict[str, Any]:
    rule = entry.rule
    properties = {"severity": SEVERITIES, **rule.parameters}
    off = "" if rule.enabled else ", off by default"
    return {
        "description": f"{rule.title} ({rule.severity}{off}).",
        "anyOf": [SEVERITIES, {"type": "object", "additionalProperties": False, "properties": properties}],
    }


def page() -> str:
    """docs/configuration.md: every key, and every parameter of a rule."""
    own = schema_of("configuration")
    lines = [
        "# Configuration",
        "",
        "Written by `make docs` from the schema that the configuration is checked with.",
        "",
        f"`{NAMES[0]}` (or {', '.join(f'`{name}`' for name in NAMES[1:])}) stands beside the files or in a folder above, up to the root of the repository. Every key is optional.",
        "An editor with a YAML language server completes keys, rules and parameters with this line on top:",
        "",
        "```yaml",
        f"# yaml-language-server: $schema={SCHEMA_ID}",
        "```",
        "",
        "`devopslint --show-settings PATH` says which rules run on a file, and which layer says so. What is not understood is an error with its line, all of them at once.",
        "",
        "| key | takes | what it says |",
        "|---|---|---|",
        *_keys(own, own["properties"], ""),
        "",
        *SHARING,
        "",
        "## Environment",
        "",
        "Every option of `devopslint check` can be given as a variable: `DEVOPSLINT_FAIL_ON=warning` for `--fail-on warning`, `DEVOPSLINT_NO_CACHE=1` for `--no-cache`.",
        "What is on the command line wins. `DEVOPSLINT_CACHE_DIR` names the cache's folder.",
        "",
        "## Parameters of rules",
        "",
        "| rule | parameter | default | |",
        "|---|---|---|---|",
    ]
    for entry in catalogue().values():
        for name, schema in entry.rule.parameters.items():
            default = json.dumps(schema["default"], ensure_ascii=False).replace("|", "\\|")
            shown = default if len(default) <= 60 else f"{len(schema['default'])} entries"
            lines.append(
                f"| [{entry.rule.id}](rules.md#{entry.rule.id}) | `{name}` | `{shown}` | {_cell(schema['description'])} |"
            )
    return "\n".join(lines) + "\n"


def _keys(schema: Mapping[str, Any], properties: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for key, raw in properties.items():
        value = {**schema["$defs"].get(raw.get("$ref", "").rpartition("/")[2], {}), **raw}
        yield f"| `{prefix}{key}` | {_taken(value)} | {_cell(value.get('description', ''))} |"
        inner = value["items"] if value.get("type") == "array" and isinstance(value.get("items"), dict) else value
        if prefix == "" and inner.get("properties") and key != "stages":
            yield from _keys(schema, inner["properties"], f"{key}.")


def _taken(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if "anyOf" in schema:
        return "text, or a list"
    kind = schema.get("type", "")
    if kind == "array":
        return "a list of mappings" if schema["items"].get("type") == "object" else "a list"
    if isinstance(kind, list):
        return "text"
    return {"object": "a mapping", "boolean": "`true`, `false`", "string": "text"}.get(kind, str(kind))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def write_docs() -> None:
    """Write both files of a checkout anew."""
    (DOCS / "devopslint.schema.json").write_text(schema(), "utf-8")
    (DOCS / "configuration.md").write_text(page(), "utf-8")
