"""SARIF of several tools joined into one log: what two tools say of one line is said once."""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any

from devopslint.catalogue import catalogue
from devopslint.deferred import NamedTuple, compiled
from devopslint.model import LINE_BREAK

OURS = "devopslint"
_PREFIX = compiled(r"(?i)\A(?:avd-|.*[./])")
"""What some tools write before the ids of their own rules: `AVD-DS-0002`, `zizmor/unpinned-uses`, `dockerfile.security.x`."""
_NUMBERED = compiled(r"([a-z]+)-?0*([1-9][0-9]*)")


class MergeError(ValueError):
    """A file is no SARIF that can be joined; the message names it and says why."""


class Tool(NamedTuple):
    """What one tool brought."""

    name: str
    levels: Counter[str]
    """How many results of each level are in the joined log."""
    told: int
    """Results that another tool has already told."""


class Merged(NamedTuple):
    log: dict[str, Any]
    """SARIF 2.1.0 with one run for each tool."""
    tools: tuple[Tool, ...]


def merge(texts: Iterable[tuple[str, str]]) -> Merged:
    """Join logs, given as (name of the file, text). Raises MergeError.

    Our own findings come first: a result of another tool is left out where one of ours stands on the same line, and
    our rule names the tool's as its equivalent. A result that stands in two files of one tool is kept once.
    """
    runs: dict[str, dict[str, Any]] = {}
    rules: dict[str, set[Any]] = {}
    for name, text in texts:
        for run in _runs(name, text):
            tool = str(run["tool"]["driver"].get("name", "")) or name
            if tool in runs:
                _extend(runs[tool], run, rules[tool])
            else:
                runs[tool] = run
                rules[tool] = {rule.get("id") for rule in run["tool"]["driver"].get("rules") or ()}
    ordered = sorted(runs.items(), key=lambda one: (one[0].lower() != OURS, one[0].lower()))
    known: set[tuple[str, int, str, str]] = set()
    tools = []
    for tool, run in ordered:
        results = run.get("results") or []
        kept = _once(results)
        if tool.lower() == OURS:
            known = {told for result in kept for told in _also_told(result)}
        else:
            kept = [result for result in kept if not _is_told(result, tool, known)]
        run["results"] = kept
        counted = Counter(str(result.get("level", "warning")) for result in kept if not result.get("suppressions"))
        tools.append(Tool(tool, counted, len(results) - len(kept)))
    return Merged(
        {
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            "version": "2.1.0",
            "runs": [run for _, run in ordered],
        },
        tuple(tools),
    )


def render(merged: Merged) -> str:
    """What each tool brought, as a table."""
    width = max([len(tool.name) for tool in merged.tools] + [4])
    lines = [f"{'tool':{width}}  errors  warnings  notes  told already"]
    for tool in merged.tools:
        level = tool.levels
        lines.append(
            f"{tool.name:{width}}  {level['error']:6}  {level['warning']:8}  {level['note']:5}  {tool.told:12}"
        )
    return "\n".join(lines) + "\n"


def _no_number(said: str) -> float:
    raise ValueError(f"{said} is no number")  # and so the joined log would be no JSON


def _number(said: str) -> float:
    number = float(said)
    return number if math.isfinite(number) else math.copysign(sys.float_info.max, number)


def _runs(name: str, text: str) -> list[dict[str, Any]]:
    try:
        log = json.loads(text, parse_constant=_no_number, parse_float=_number)
    except (ValueError, RecursionError) as error:
        raise MergeError(f"{name} is no JSON: {str(error).splitlines()[0]}") from None
    if not isinstance(log, dict) or not isinstance(log.get("runs"), list) or str(log.get("version")) != "2.1.0":
        raise MergeError(f"{name} is no SARIF 2.1.0")
    for run in log["runs"]:
        if not isinstance(run, dict) or not isinstance(run.get("tool"), dict):
            raise MergeError(f"{name} has a run without tool.driver")
        driver = run["tool"].get("driver")
        if not isinstance(driver, dict):
            raise MergeError(f"{name} has a run without tool.driver")
        if not all(_is_list(run.get(key)) for key in ("results", "artifacts", "invocations")):
            raise MergeError(f"{name} has results, artifacts or invocations that are no list of objects")
        if not _is_list(driver.get("rules")) or not all(map(_is_rule, driver.get("rules") or ())):
            raise MergeError(f"{name} has rules that are none")
        if not all(map(_is_result, run.get("results") or ())):
            raise MergeError(f"{name} has results that are none")
    return list(log["runs"])


def _is_list(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(one, dict) for one in value))


def _is_rule(rule: dict[str, Any]) -> bool:
    return isinstance(rule.get("id", ""), str)


def _is_result(result: dict[str, Any]) -> bool:
    message = result.get("message") or {}
    return (
        isinstance(result.get("ruleId", ""), str)
        and isinstance(message, dict)
        and isinstance(message.get("text", ""), str)
    )


def _extend(run: dict[str, Any], other: dict[str, Any], known: set[Any]) -> None:
    """The results and rules of another run of the same tool, whose indices are left out: ids name the rules.

    `known` are the ids of the rules that are there.
    """
    driver = run["tool"]["driver"]
    driver["rules"] = rules = driver.get("rules") or []
    for rule in other["tool"]["driver"].get("rules") or ():
        if rule.get("id") not in known:
            known.add(rule.get("id"))
            rules.append(rule)
    run["results"] = results = run.get("results") or []
    for result in other.get("results") or ():
        if "ruleId" not in result and "ruleIndex" in result:
            result["ruleId"] = _rule_of(result, other)
        results.append({key: value for key, value in result.items() if key != "ruleIndex"})
    for key in ("artifacts", "invocations"):
        if other.get(key):
            run[key] = run.get(key) or []
            run[key] += other[key]


def _rule_of(result: dict[str, Any], run: dict[str, Any]) -> str:
    rules = run["tool"]["driver"].get("rules") or []
    index = result["ruleIndex"]
    return str(rules[index].get("id", "")) if isinstance(index, int) and 0 <= index < len(rules) else ""


def _place(result: dict[str, Any]) -> tuple[str, int]:
    """(path, line) of a result; its path without `./` and `file:`."""
    try:
        physical = result["locations"][0]["physicalLocation"]
        uri = str(physical["artifactLocation"]["uri"])
        return re.sub(r"\A(?:file:/*(?=/)|\./)", "", uri), int(physical.get("region", {}).get("startLine", 1))
    except (AttributeError, KeyError, IndexError, TypeError, ValueError, OverflowError):
        return "", 0


def _once(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept: dict[tuple[object, ...], dict[str, Any]] = {}
    for result in results:
        message = result.get("message") or {}
        region = json.dumps(result.get("locations"), sort_keys=True)
        kept.setdefault((result.get("ruleId"), region, message.get("text")), result)
    return list(kept.values())


def _also_told(result: dict[str, Any]) -> Iterable[tuple[str, int, str, str]]:
    """(path, line, tool, its rule) of what our result says as well."""
    entry = catalogue().get(str(result.get("ruleId")))
    path, line = _place(result)
    if entry is not None and path:
        for peer, names in entry.rule.equivalents.items():
            for name in names:
                yield path, line, peer, _plain(name)


def _is_told(result: dict[str, Any], tool: str, known: set[tuple[str, int, str, str]]) -> bool:
    path, line = _place(result)
    rule = _plain(str(result.get("ruleId", "")))
    return any((path, line, peer, rule) in known for peer in _peers(tool))


def _peers(tool: str) -> Iterable[str]:
    name = LINE_BREAK.split(tool.lower())[0]
    yield name
    yield name.replace(" ", "-")
    yield name.partition(" ")[0]


def _plain(rule: str) -> str:
    """A rule's id as tools write it in one place and another: `AVD-DS-0002` and `DS002` are one, `zizmor/x` is `x`."""
    name = _PREFIX.sub("", rule).lower()
    numbered = _NUMBERED.fullmatch(name)
    return f"{numbered[1]}{numbered[2]}" if numbered else name
