"""JUnit XML, which nearly every CI system shows: a failed case for each finding, a passed one for each clean rule."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from devopslint.model import Finding
from devopslint.reports import Report
from devopslint.reports.frames import printable
from devopslint.reports.text import open_question


def render(report: Report, *, color: bool, show_suppressed: bool, statistics: bool) -> str:
    suite = ET.Element("testsuite", name="devopslint")
    violated = {finding.rule.id for finding in report.counted}
    for rule in report.rules:
        if rule.id not in violated:
            _case(suite, rule.id, rule.title)
    for finding in report.counted:
        _failed(suite, finding)
    for gap in report.not_checked:
        case = _case(suite, "not-checked", f"{gap.path}:{gap.line}" if gap.path else "the project", gap.path)
        ET.SubElement(case, "skipped", message=printable(gap.reason))
    for one in report.not_known:
        case = _case(suite, "not-known", f"{one.path}:{one.line}", one.path)
        ET.SubElement(case, "skipped", message=printable(open_question(one)))
    for switch in report.turned_off:
        at = switch.location
        case = _case(suite, "turned-off", f"{at.path}:{at.line}", at.path)
        ET.SubElement(case, "skipped", message=printable(switch.words))
    for failure in report.failures:
        case = _case(suite, failure.rule_id or "reading", f"on {failure.path or 'the project'}", failure.path)
        ET.SubElement(case, "error", type="internal error", message=printable(failure.message))
    for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(1 for _ in suite.iter(tag))))
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _failed(suite: ET.Element, finding: Finding) -> None:
    case = _case(suite, finding.rule.id, str(finding.location), finding.location.path)
    case.set("line", str(finding.location.line))
    failure = ET.SubElement(case, "failure", type=str(finding.severity), message=printable(finding.message))
    places = [f"see {place.location}: {place.message}" for place in finding.related]
    lines = [f"{finding.location}: {finding.message}", *places, finding.rule.remediation.strip()]
    failure.text = "\n".join(map(printable, lines))


def _case(suite: ET.Element, class_name: str, name: str, path: str = "") -> ET.Element:
    case = ET.SubElement(suite, "testcase", classname=class_name, name=printable(name))
    if path:
        case.set("file", printable(path))
    return case
