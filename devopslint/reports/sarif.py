"""SARIF 2.1.0, as GitHub code scanning wants it; other viewers find what they need too.

What GitHub reads: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from devopslint import __version__
from devopslint.deferred import compiled
from devopslint.model import Finding, Location, Rule, Severity, Suppression
from devopslint.reports import HOMEPAGE, Report, Revision, Suggestion, page_of
from devopslint.reports.linehash import line_hashes
from devopslint.reports.sources import lines_of, shown_lines
from devopslint.reports.text import open_question

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
MOST_RESULTS = 5000
"""GitHub keeps so many results of a run."""
MOST_TAGS = 10
"""GitHub shows so many tags of a rule."""
CONTEXT = 2
"""Lines before and after a region that its context has."""
LONGEST = 4000
"""Characters of code that one result shows; a minified file has lines that would burst the upload's 10 MB."""

NOTIFICATIONS = {
    "not-checked": "A file, or a part of one, was not checked.",
    "not-known": "The files leave open whether something is wrong.",
    "turned-off": "A configuration in the repository turns something off.",
    "internal-error": "A rule failed on a file; the other rules have run.",
    "results-left-out": "There are more results than GitHub accepts; the least severe are left out.",
}

_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_LONE_SURROGATE = compiled("[\ud800-\udc7f\udd00-\udfff]")
_UNPRINTABLE = compiled("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

Json = dict[str, Any]


def render(report: Report, *, color: bool, show_suppressed: bool, statistics: bool) -> str:
    return json.dumps(log_of(report, show_suppressed=show_suppressed), indent=2) + "\n"


def log_of(report: Report, *, show_suppressed: bool = False) -> Json:
    findings = report.findings if show_suppressed else report.counted
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, findings)]}


def _run(report: Report, findings: tuple[Finding, ...]) -> Json:
    by_id = {rule.id: rule for rule in (*report.rules, *(finding.rule for finding in findings))}
    rules = [by_id[rule_id] for rule_id in sorted(by_id)]
    index = {rule.id: number for number, rule in enumerate(rules)}
    kept = _most_severe(findings)
    places = Places(report)
    run: Json = {
        "tool": {"driver": _driver(rules)},
        "invocations": [
            {
                "executionSuccessful": not report.failures,
                "toolExecutionNotifications": list(_notifications(report, index, len(findings) - len(kept))),
            }
        ],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "utf16CodeUnits",
        "automationDetails": {"id": "devopslint/"},
        "results": [_result(finding, index[finding.rule.id], places, report) for finding in kept],
    }
    if report.revision is not None:
        run["versionControlProvenance"] = [_provenance(report.revision)]
    return run


def _most_severe(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """All findings in their order, or as many of the most severe ones as GitHub keeps."""
    if len(findings) <= MOST_RESULTS:
        return findings
    return tuple(sorted(findings, key=lambda finding: -finding.severity)[:MOST_RESULTS])


def _driver(rules: list[Rule]) -> Json:
    return {
        "name": "devopslint",
        "fullName": f"devopslint {__version__}",
        "semanticVersion": __version__,
        "informationUri": HOMEPAGE,
        "rules": [_rule(rule) for rule in rules],
        "notifications": [_notification_descriptor(name, text) for name, text in NOTIFICATIONS.items()],
    }


def _notification_descriptor(name: str, text: str) -> Json:
    words = {"text": text}
    return {
        "id": name,
        "name": _pascal_case(name),
        "shortDescription": words,
        "fullDescription": words,
        "help": words,
    }


def _rule(rule: Rule) -> Json:
    properties: Json = {
        "tags": _tags(rule),
        "precision": "high",
        "problem.severity": "recommendation" if rule.severity is Severity.NOTE else str(rule.severity),
    }
    if rule.security_severity is not None:
        properties["security-severity"] = f"{rule.security_severity:.1f}"
    return {
        "id": rule.id,
        "name": _pascal_case(rule.id),
        "shortDescription": {"text": f"{rule.title}."},
        "fullDescription": {"text": rule.rationale.strip()},
        "help": {"text": f"{rule.rationale.strip()}\n\n{rule.remediation.strip()}", "markdown": _help(rule)},
        **({"helpUri": page} if (page := page_of(rule)) else {}),
        "messageStrings": {"default": {"text": f"{_without_placeholders(rule.title)}: '{{0}}'."}},
        "defaultConfiguration": {"level": str(rule.severity)},
        "properties": properties,
    }


def _tags(rule: Rule) -> list[str]:
    security = ("security",) if rule.security_severity is not None else ()
    return list(dict.fromkeys((*security, *rule.tags, *rule.dod)))[:MOST_TAGS]


def _help(rule: Rule) -> str:
    parts = [rule.rationale.strip(), f"**Fix:** {rule.remediation.strip()}"]
    if rule.dod:
        parts.append(f"**Definition of Done:** {', '.join(f'`{item}`' for item in rule.dod)}")
    if rule.references:
        parts.append("\n".join(["**References**", "", *(f"- <{reference}>" for reference in rule.references)]))
    if rule.equivalents:
        peers = (f"{peer} {', '.join(f'`{name}`' for name in ids)}" for peer, ids in sorted(rule.equivalents.items()))
        parts.append(f"**Like** {'; '.join(peers)}")
    if not rule.id.startswith("suppression-"):  # which nothing can accept
        parts.append(f"To accept a finding: `# devopslint: allow {rule.id} -- REASON`")
    return "\n\n".join(parts)


def _result(finding: Finding, rule_index: int, places: Places, report: Report) -> Json:
    related = [
        {**places.location(place.location), "id": number, "message": {"text": _clean(place.message)}}
        for number, place in enumerate(finding.related, 1)
    ]
    result: Json = {
        "ruleId": finding.rule.id,
        "ruleIndex": rule_index,
        "level": str(finding.severity),
        "message": {"text": _message(finding), "id": "default", "arguments": [_clean(finding.message)]},
        "locations": [places.location(finding.location)],
        "partialFingerprints": {
            "primaryLocationLineHash": places.line_hash(finding.location),
            "devopslint/v1": finding.fingerprint,
        },
    }
    if finding.subject:
        result["locations"][0]["logicalLocations"] = [{"fullyQualifiedName": _clean(finding.subject)}]
    if related:
        result["relatedLocations"] = related
    if suggestion := report.suggestions.get(finding.fingerprint):
        result["fixes"] = [_fix(finding, suggestion, places)]
    if report.baseline:
        known = finding.suppressed is not None and finding.suppressed.origin == "baseline"
        result["baselineState"] = "unchanged" if known else "new"
    if finding.suppressed is not None:
        result["suppressions"] = [_suppression(finding.suppressed)]
    return result


def _fix(finding: Finding, suggestion: Suggestion, places: Places) -> Json:
    words = finding.rule.remediation.strip()
    return {
        "description": {"text": words if suggestion.safe else f"{words} (Look at what the program makes of it.)"},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(finding.location.path),
                "replacements": [
                    {"deletedRegion": places.bare_region(one.location), "insertedContent": {"text": one.text}}
                    for one in suggestion.edits
                ],
            }
        ],
    }


def _message(finding: Finding) -> str:
    """The message, with a link to each related location; nothing else in it can pass for a link."""
    text = _clean(finding.message)
    if not finding.related:  # without links of ours, brackets are just brackets
        return _escaped(text) if "](" in text else text
    links = (f"[{_escaped(_clean(place.message))}]({number})" for number, place in enumerate(finding.related, 1))
    return f"{_escaped(text)}: {', '.join(links)}"


def _suppression(suppression: Suppression) -> Json:
    until = f" (until {suppression.until.isoformat()})" if suppression.until else ""
    return {
        "kind": "inSource" if suppression.paths is None else "external",
        "status": "accepted",
        "justification": _clean(suppression.reason or "no reason given") + until,
    }


class Places:
    """The report's locations in SARIF's terms; each file is split and hashed once, and only if it has a result."""

    def __init__(self, report: Report) -> None:
        self._lines = functools.cache(lambda path: lines_of(report.source(path)))
        self._shown = shown_lines(report)
        self._hashes = functools.cache(lambda path: line_hashes(report.source(path)))

    def line_hash(self, location: Location) -> str:
        hashes = self._hashes(location.path)
        return hashes[min(location.line, len(hashes)) - 1]

    def bare_region(self, location: Location) -> Json:
        lines = self._lines(location.path)
        return {
            "startLine": location.line,
            "startColumn": _column(lines, location.line, location.column),
            "endLine": location.end_line,
            "endColumn": _column(lines, location.end_line, location.end_column),
        }

    def location(self, location: Location) -> Json:
        lines, shown = self._lines(location.path), self._shown(location.path)
        return {"physicalLocation": {"artifactLocation": _artifact(location.path), **_regions(location, lines, shown)}}


def _regions(location: Location, lines: list[str], shown: Sequence[str]) -> Json:
    """The region, and the lines around it as its context."""
    region: Json = {
        "startLine": location.line,
        "startColumn": _column(lines, location.line, location.column),
        "endLine": location.end_line,
        "endColumn": _column(lines, location.end_line, location.end_column),
    }
    snippet = _snippet(shown, location)
    if len(snippet) <= LONGEST:
        region["snippet"] = {"text": snippet}
    length = len(lines) - (len(lines) > location.end_line and not lines[-1])  # a final line break begins no line
    first, last = max(location.line - CONTEXT, 1), min(location.end_line + CONTEXT, length)
    if last < location.end_line:
        return {"region": region}
    context: Json = {"startLine": first, "endLine": last}
    around = _clean("\n".join(shown[first - 1 : last]))
    if len(around) <= LONGEST:
        context["snippet"] = {"text": around}
    return {"region": region, "contextRegion": context}


def _column(lines: list[str], line: int, column: int) -> int:
    """A column in UTF-16 code units; a byte order mark is none, says SARIF."""
    if line > len(lines):
        return column
    before = lines[line - 1][: column - 1]
    if line == 1:
        before = before.removeprefix(_BOM)
    return len(before.encode("utf-16-le", "surrogatepass")) // 2 + 1


def _snippet(shown: Sequence[str], location: Location) -> str:
    covered = [*shown[location.line - 1 : location.end_line]]
    if not covered:
        return ""
    if len(covered) == location.end_line - location.line + 1:
        covered[-1] = covered[-1][: location.end_column - 1]
    covered[0] = covered[0][location.column - 1 :]
    return _clean("\n".join(covered))


def _artifact(path: str) -> Json:
    """File names are bytes: those that are not UTF-8 come back out of Python's stand-ins for them."""
    encoded = _LONE_SURROGATE.sub("\ufffd", path).encode("utf-8", "surrogateescape")
    return {"uri": quote(encoded), "uriBaseId": ROOT}


def _notifications(report: Report, index: dict[str, int], left_out: int) -> Iterator[Json]:
    for failure in report.failures:
        message = f"{failure.rule_id or 'reading'} failed: {failure.message}"
        notification = _notification("internal-error", "error", message, failure.path)
        if failure.rule_id in index:
            notification["associatedRule"] = {"id": failure.rule_id, "index": index[failure.rule_id]}
        yield notification
    for gap in report.not_checked:
        yield _notification("not-checked", "note", gap.reason, gap.path, gap.line)
    for one in report.not_known:
        yield _notification("not-known", "note", open_question(one), one.path, one.line)
    for switch in report.turned_off:
        yield _notification("turned-off", "note", switch.words, switch.location.path, switch.location.line)
    if left_out:
        message = f"{left_out} of the least severe findings are left out: GitHub accepts {MOST_RESULTS}"
        yield _notification("results-left-out", "warning", message)


def _notification(name: str, level: str, message: str, path: str = "", line: int = 1) -> Json:
    descriptor = {"id": name, "index": list(NOTIFICATIONS).index(name)}
    notification: Json = {"descriptor": descriptor, "level": level, "message": {"text": _clean(message)}}
    if path:
        place = {"artifactLocation": _artifact(path), "region": {"startLine": line}}
        notification["locations"] = [{"physicalLocation": place}]
    return notification


def _provenance(revision: Revision) -> Json:
    branch = {"branch": revision.branch} if revision.branch else {}
    return {
        "repositoryUri": revision.repository,
        "revisionId": revision.commit,
        **branch,
        "mappedTo": {"uriBaseId": ROOT},
    }


def _pascal_case(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


def _clean(text: str) -> str:
    """Without the characters that no viewer can show."""
    return _UNPRINTABLE.sub("\ufffd", text.replace(_BOM, ""))


def _escaped(text: str) -> str:
    """Plain text in which no bracket begins or ends a link."""
    return re.sub(r"([\\\[\]])", r"\\\1", text)


def _without_placeholders(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
