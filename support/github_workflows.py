"""What GitHub takes in workflows and actions, from its own packages: python -m support.github_workflows.

Events with their activity types and filters, the contexts and functions of every key, the properties of contexts,
permissions, and the keys themselves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.packages import npm, write_table

_PARSER, _SERVICE, _EXPRESSIONS = "@actions/workflow-parser", "@actions/languageservice", "@actions/expressions"
_FUNCTION = re.compile(r"(\w+)\((\d+),(\d+|MAX)\)")
_OWN_FORM = ("schedule", "workflow_call", "workflow_dispatch")
# The parser counts arguments up to this: there may be any number.
_MANY = 255
_SCALARS = ("string", "boolean", "number")

Definitions = Mapping[str, Any]
Allowed = dict[str, list[int | None] | None]
"""What may be named: a context -> None, a function -> the least and the most arguments."""


def main() -> None:
    parser = npm(_PARSER)
    service = npm(_SERVICE, parser.version)
    functions = npm(_EXPRESSIONS, parser.version)
    workflow, action = (_definitions(parser.folder, name) for name in ("workflow", "action"))
    described = json.loads((service.folder / "dist/context-providers/descriptions.min.json").read_bytes())
    write_table(
        "github_workflows",
        __file__,
        [parser, service, functions],
        {
            "events": dict(_events(workflow)),
            "permissions": dict(_permissions(workflow)),
            "availability": _availability(workflow, "workflow-root-strict"),
            "action_availability": _availability(action, "action-root-strict"),
            "keys": dict(sorted({**dict(_keys(workflow)), **dict(_keys(action, "action-"))}.items())),
            "contexts": sorted(described["root"]),
            "properties": {
                context: sorted({name.partition(".")[0] for name in described[context]})
                for context in ("github", "job", "runner", "strategy")
            },
            "functions": dict(_functions(functions.folder)),
            "runtimes": action["using"]["allowed-values"],
        },
    )


def _definitions(folder: Path, name: str) -> Definitions:
    document = json.loads((folder / f"dist/{name}-v1.0.min.json").read_bytes())
    definitions: Definitions = document["definitions"]
    return definitions


def _properties(definitions: Definitions, name: str) -> dict[str, str]:
    """The keys of the mapping that a definition is, or may be, and what each of them is."""
    definition = definitions.get(name, {})
    found: dict[str, str] = {}
    for other in definition.get("one-of", ()):
        found |= _properties(definitions, other)
    for key, value in definition.get("mapping", {}).get("properties", {}).items():
        found[key] = value if isinstance(value, str) else value["type"]
    return found


def _values(definitions: Definitions, name: str) -> list[str]:
    """The only texts that a value may be, alone or in a sequence."""
    definition = definitions.get(name, {})
    found = list(definition.get("allowed-values", ()))
    if "constant" in definition.get("string", {}):
        found.append(definition["string"]["constant"])
    for other in definition.get("one-of", ()):
        found += [value for value in _values(definitions, other) if value not in found]
    return found


def _events(definitions: Definitions) -> Iterator[tuple[str, dict[str, Any]]]:
    for event, name in sorted(_properties(definitions, "on-mapping-strict").items()):
        keys = {} if event in _OWN_FORM else _properties(definitions, name)
        types = sorted(_values(definitions, keys["types"])) if "types" in keys else []
        row: dict[str, Any] = {"types": types, "filters": sorted(set(keys) - {"types"})}
        if "types" in keys and not types:
            row["free_types"] = True
        yield event, {part: value for part, value in row.items() if value}


def _keys(definitions: Definitions, prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    """The keys of every mapping whose keys are GitHub's, by the name that its schema has for the mapping."""
    for name in definitions:
        keys = definitions[name].get("mapping", {}).get("properties", {})
        own = not name.startswith(("on-", "permissions")) and "types" not in keys
        if keys and own:
            yield name if name.startswith(prefix) else prefix + name, sorted(keys)


def _permissions(definitions: Definitions) -> Iterator[tuple[str, list[str]]]:
    for scope, name in sorted(_properties(definitions, "permissions-mapping").items()):
        yield scope, sorted(_values(definitions, name))


def _availability(definitions: Definitions, root: str) -> dict[str, Any]:
    """Key -> what an expression may name there, where that differs from the key above; `*` is an id, key or index.

    A key that holds other keys alone is left out: what it takes is said of those.
    """
    found: dict[tuple[str, ...], _Place] = {}
    _walk(definitions, root, (), {}, found, ())
    table: dict[str, Any] = {}
    said: dict[tuple[str, ...], Allowed] = {}
    for path, place in sorted(found.items(), key=lambda item: (len(item[0]), item[0])):
        above = next((said[path[:length]] for length in range(len(path) - 1, -1, -1) if path[:length] in said), None)
        if place.allowed != above and (place.allowed or place.scalar):
            said[path] = place.allowed
            table[".".join(path)] = {
                "contexts": sorted(name for name, arguments in place.allowed.items() if arguments is None),
                "functions": {name: numbers for name, numbers in sorted(place.allowed.items()) if numbers is not None},
            }
    return table


@dataclass
class _Place:
    allowed: Allowed = field(default_factory=dict)
    scalar: bool = False


def _walk(
    definitions: Definitions,
    name: str,
    path: tuple[str, ...],
    above: Allowed,
    found: dict[tuple[str, ...], _Place],
    inside: tuple[str, ...],
) -> None:
    """A definition's contexts are added to those of what holds it, as GitHub's DefinitionInfo does."""
    definition = definitions.get(name, {})
    if name in inside:
        return
    allowed = above | dict(_context(text) for text in definition.get("context", ()))
    place = found.setdefault(path, _Place())
    place.allowed |= allowed
    place.scalar |= name in _SCALARS or any(kind in definition for kind in (*_SCALARS, "allowed-values"))
    within = (*inside, name)
    for other in definition.get("one-of", ()):
        _walk(definitions, other, path, allowed, found, within)
    mapping, sequence = definition.get("mapping", {}), definition.get("sequence", {})
    for key, value in mapping.get("properties", {}).items():
        kind = value if isinstance(value, str) else value["type"]
        _walk(definitions, kind, (*path, key), allowed, found, within)
    for kind in (mapping.get("loose-value-type"), sequence.get("item-type")):
        if kind is not None:
            _walk(definitions, kind, (*path, "*"), allowed, found, within)


def _context(text: str) -> tuple[str, list[int | None] | None]:
    function = _FUNCTION.match(text)
    if function is None:
        return text, None
    most = None if function[3] == "MAX" or int(function[3]) >= _MANY else int(function[3])
    return function[1], [int(function[2]), most]


def _functions(folder: Path) -> Iterator[tuple[str, list[int | None]]]:
    for path in sorted((folder / "dist" / "funcs").glob("*.js")):
        text = path.read_text("utf-8")
        name, least, most = (re.search(rf"\b{key}: \"?([\w.]+)", text) for key in ("name", "minArgs", "maxArgs"))
        if name and least and most:
            limit = int(most[1]) if most[1].isdigit() and int(most[1]) < _MANY else None
            yield name[1], [int(least[1]), limit]


if __name__ == "__main__":
    main()
