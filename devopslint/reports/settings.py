"""What `check --show-settings PATH` prints: each rule on a file, and the layer that decides."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from devopslint.config import Config, Selection, Setting
from devopslint.reports.frames import printable

Layers = list[tuple[str, Selection]]
"""What the rules are after each layer, in the order in which they are laid over each other."""


def layers_of(told: Config, final: Config, path: str) -> Layers:
    """`told` is what the configuration says, `final` what holds with the command line and other linters' files."""
    bare = told._replace(overrides=(), peers=(), lower=(), floor=None)
    steps = [("the defaults", Config().selection(path))]
    for index, layer in enumerate(told.extended):
        if layer.holds_at(path):
            below = bare._replace(top=Config().top, extended=told.extended[: index + 1])
            where = "" if layer.everywhere else f", overrides for {', '.join(layer.paths)}"
            steps.append((f"{layer.origin}{where}", below.selection(path)))
    if told.path is not None:
        steps.append((told.path, bare.selection(path)))
    for index, layer in enumerate(told.overrides):
        if layer.holds_at(path):
            step = bare._replace(overrides=told.overrides[: index + 1])
            steps.append((f"{told.path}, overrides for {', '.join(layer.paths)}", step.selection(path)))
    steps.append(
        ("other linters' configurations", told._replace(lower=(), floor=None, peers=final.peers).selection(path))
    )
    if told.lower:
        steps.append((f"{told.path}, lower", told._replace(floor=None, peers=final.peers).selection(path)))
    steps.append(("the command line", final._replace(floor=None).selection(path)))
    if final.floor is not None:
        steps.append((final.floor.path, final.selection(path)))
    return steps


def listing(path: str, layers: Layers, config: Config) -> str:
    """A line for each rule that runs, and for each that would but for a layer."""
    decided: dict[str, str] = {}
    before: Selection = {}
    for name, selection in layers:
        for rule_id in {*before, *selection}:
            if before.get(rule_id) != selection.get(rule_id):
                decided[rule_id] = name
        before = selection
    final = layers[-1][1]
    off = sorted(rule_id for rule_id in decided if rule_id not in final)
    changed = sum(name != layers[0][0] for name in decided.values())
    lines = [
        f"{path}: {len(final)} rules run, {len(off)} of the default ones do not; {changed} are not as by default",
        f"configuration: {config.path or 'none'}; fails on: {config.fail_on}",
        "",
        *_rules(final, decided),
    ]
    if off:
        width = max(map(len, off))
        lines += ["", "not run:", *(f"  {rule_id:{width}}  {decided[rule_id]}" for rule_id in off)]
    return "\n".join(map(printable, lines)) + "\n"


def _rules(selection: Selection, decided: dict[str, str]) -> Iterator[str]:
    width = max(map(len, selection), default=0)
    for rule_id, setting in selection.items():
        yield f"{rule_id:{width}}  {setting.severity!s:7}  {decided[rule_id]}{_parameters(setting)}"


def _parameters(setting: Setting) -> str:
    given: Iterable[str] = (
        f"{name.replace('_', '-')}: {json.dumps(value, ensure_ascii=False, default=str)}"
        for name, value in setting.parameters.items()
    )
    told = ", ".join(given)
    return f"  {{{told if len(told) <= MOST else f'{told[:MOST]}…'}}}" if told else ""


MOST = 120
"""Characters of parameters."""
