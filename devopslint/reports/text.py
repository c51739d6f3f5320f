"""The report for people: each finding with its code, and the remediation of each rule once."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from devopslint.model import Finding, Location, NotKnown, Rule, Severity
from devopslint.reports import Report
from devopslint.reports.frames import frames, printable
from devopslint.reports.sources import shown_lines
from devopslint.suppressions import OWN_ORIGINS

WIDTH = 100
MOST_PLACES = 10
"""Places not checked for one reason that are listed; the others are counted."""
MOST_QUESTIONS = 20
"""Questions left open that are listed; json has them all."""

Paint = Callable[[str, str], str]
"""(text, what it is: a severity's name, "bold" or "dim") -> the text in its colours."""

_STYLES = {"error": "1;31", "warning": "1;33", "note": "1;36", "bold": "1", "dim": "2"}


def coloured(text: str, style: str) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def plain(text: str, style: str) -> str:
    return text


def render(report: Report, *, color: bool, show_suppressed: bool, statistics: bool) -> str:
    paint = coloured if color else plain
    lines_at = shown_lines(report)
    explained: set[str] = set()
    blocks = []
    for finding in report.findings if show_suppressed else report.counted:
        block = [headline(finding, paint), *_story(finding, lines_at, paint)]
        if finding.rule.id not in explained:
            explained.add(finding.rule.id)
            block += _advice(finding.rule, paint)
        blocks.append("\n".join(block))
    blocks += map("\n".join, ending(report, paint, statistics))
    return "\n\n".join(blocks) + "\n"


def headline(finding: Finding, paint: Paint) -> str:
    severity = paint(f"{finding.severity}[{finding.rule.id}]", str(finding.severity))
    message = paint(printable(finding.message), "bold")
    return f"{severity}: {message}{_acceptance(finding)}"


def _acceptance(finding: Finding) -> str:
    """How it came to be suppressed: by whose word, where that is not beside the finding, and why."""
    suppression = finding.suppressed
    if suppression is None:
        return ""
    if suppression.origin == "baseline":
        until = f" until {suppression.until.isoformat()}" if suppression.until else ""
        reason = f": {printable(suppression.reason)}" if suppression.reason else ""
        return f" (in the baseline{until}{reason})"
    by = "" if suppression.origin in OWN_ORIGINS else f" by {suppression.origin}"
    at = suppression.location
    where = "" if at.path == finding.location.path else f" in {at.path}:{at.line}"
    until = f" until {suppression.until.isoformat()}" if suppression.until else ""
    return f" (suppressed{by}{printable(where)}{until}: {printable(suppression.reason or 'no reason given')})"


def _story(finding: Finding, lines_at: Callable[[str], Sequence[str]], paint: Paint) -> Iterator[str]:
    """The finding's place, then the related ones, each with its code."""
    places = [(finding.location, ""), *((related.location, related.message) for related in finding.related)]
    gutter = max(len(str(place.end_line)) for place, _ in places)
    for number, (place, message) in enumerate(places):
        arrow = paint(":::" if number else "-->", "dim")  # a related place may be the finding's own
        yield f"{' ' * gutter}{arrow} {printable(str(place))}{': ' if message else ''}{printable(message)}"
        yield from _code(place, lines_at(place.path), gutter, str(finding.severity), paint)


def _code(place: Location, lines: Sequence[str], gutter: int, style: str, paint: Paint) -> Iterator[str]:
    for frame in frames(lines, place):
        number, blank = (paint(f"{label:>{gutter}} |", "dim") for label in (frame.number, ""))
        yield f"{number} {frame.code}".rstrip()
        yield f"{blank} {frame.indent}{paint(frame.carets, style)}"


def _advice(rule: Rule, paint: Paint) -> list[str]:
    label = "  fix: "
    wrapped = textwrap.wrap(rule.remediation, WIDTH, initial_indent=label, subsequent_indent=" " * len(label))
    return [line.replace(label, paint(label, "dim"), 1) for line in wrapped]


def ending(report: Report, paint: Paint, statistics: bool) -> Iterator[list[str]]:
    """What is said after the findings: by blocks of lines, the summary last."""
    if report.not_checked:
        gaps = ((gap.reason, f"{gap.path}:{gap.line}" if gap.path else "the project") for gap in report.not_checked)
        yield [paint("not checked:", "bold"), *_by_reason(gaps)]
    if report.not_known:
        yield [paint("not known:", "bold"), *_not_known(report.not_known)]
    if report.turned_off:
        yield [*turned_off(report)]
    if report.gone or report.expired:
        yield [*_of_baseline(report, paint)]
    if report.failures:
        yield [
            paint("internal errors, please report them:", "error"),
            *(
                f"  {failure.rule_id or 'reading'} on {printable(failure.path or 'the project')}: {printable(failure.message)}"
                for failure in report.failures
            ),
        ]
    if report.fixed or report.unmended:
        yield [*of_fixes(report, paint)]
    if statistics and report.counted:
        yield list(_statistics(report, paint))
    yield [paint(summary(report), "bold")]


def of_fixes(report: Report, paint: Paint) -> Iterator[str]:
    """What was mended, by rule, and what was not."""
    if report.fixed:
        files = len({one.location.path for one in report.fixed})
        yield paint(f"fixed {many(len(report.fixed), 'finding')} in {many(files, 'file')}:", "bold")
        counts = Counter(one.rule.id for one in report.fixed)
        yield from (
            f"{count:>6}  {rule_id}" for rule_id, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        )
    if report.unmended:
        yield paint("not fixed:", "bold")
        yield from (f"  {printable(one)}" for one in report.unmended[:MOST_PLACES])
        if len(report.unmended) > MOST_PLACES:
            yield f"  and {len(report.unmended) - MOST_PLACES} more"


def _of_baseline(report: Report, paint: Paint) -> Iterator[str]:
    if report.gone:
        yield f"{paint('gone', 'bold')} from what {printable(report.baseline)} accepts; `devopslint baseline --prune` takes it out:"
        yield from (f"  {printable(one)}" for one in report.gone[:MOST_PLACES])
        if len(report.gone) > MOST_PLACES:
            yield f"  and {len(report.gone) - MOST_PLACES} more"
    if report.expired:
        yield f"{many(report.expired, 'day')} in {printable(report.baseline)} passed: what was accepted until then counts again"


def turned_off(report: Report) -> Iterator[str]:
    """A line for each configuration that turns something off."""
    by_path: dict[str, list[str]] = {}
    for switch in report.turned_off:
        by_path.setdefault(switch.location.path, []).append(switch.words)
    for path, words in by_path.items():
        more = [f"and {len(words) - MOST_PLACES} more"] if len(words) > MOST_PLACES else []
        yield printable(f"turned off by {path}: {'; '.join([*words[:MOST_PLACES], *more])}")


def open_question(one: NotKnown) -> str:
    """The question, why it is open, and what closes it, in one sentence."""
    return f"{one.reason}; {one.settled_by} settles it" if one.settled_by else one.reason


def _not_known(questions: Sequence[NotKnown]) -> Iterator[str]:
    shown = questions[:MOST_QUESTIONS]
    yield from _by_reason((open_question(one), f"{one.path}:{one.line}") for one in shown)
    if len(questions) > len(shown):
        yield f"  and {len(questions) - len(shown)} more"


def _by_reason(gaps: Iterable[tuple[str, str]]) -> Iterator[str]:
    """(reason, place) by reason, so that a chart of a hundred templates takes a few lines; json has them all."""
    reasons: dict[str, list[str]] = {}
    for reason, place in gaps:
        reasons.setdefault(reason, []).append(place)
    for reason, places in reasons.items():
        yield f"  {printable(reason)}"
        yield from (f"    {printable(place)}" for place in places[:MOST_PLACES])
        if len(places) > MOST_PLACES:
            yield f"    and {len(places) - MOST_PLACES} more"


def _statistics(report: Report, paint: Paint) -> Iterator[str]:
    """A line for each rule that found something, the most frequent first."""
    counts = Counter((finding.rule.id, finding.severity) for finding in report.counted)
    titles = {finding.rule.id: finding.rule.title for finding in report.counted}
    columns = max(len(rule_id) for rule_id, _ in counts)
    for (rule_id, severity), count in sorted(counts.items(), key=lambda item: (-item[1], -item[0][1], item[0][0])):
        yield f"{count:>6}  {paint(f'{severity!s:<7}', str(severity))}  {rule_id:<{columns}}  {titles[rule_id]}"


def summary(report: Report) -> str:
    """One line: `3 findings (1 error, 2 warnings; 1 suppressed) in 14 files; 2 files not checked`."""
    counts = Counter(finding.severity for finding in report.counted)
    parts = [", ".join(many(counts[severity], str(severity)) for severity in reversed(Severity) if counts[severity])]
    if suppressed := len(report.suppressed) - len(report.baselined):
        parts.append(f"{suppressed} suppressed")
    if report.baselined:
        parts.append(f"{len(report.baselined)} in the baseline")
    detail = "; ".join(part for part in parts if part)
    if not report.files_seen and not report.findings and not report.hidden:
        said = any(gap.path for gap in report.not_checked)
        return "nothing was checked" if said else "nothing to check: no file of a known kind here"
    found = many(len(report.counted), "finding") if report.counted else "no findings"
    where = f"what changed {report.changes}" if report.changes else many(report.files_checked, "file")
    return "; ".join([f"{found}{f' ({detail})' if detail else ''} in {where}", *_left_out(report), *_gaps(report)])


def _left_out(report: Report) -> Iterator[str]:
    if report.fixed:
        yield f"{len(report.fixed)} fixed"
    if report.hidden:
        yield f"{report.hidden} less severe not shown"
    if report.outside:
        yield f"{report.outside} elsewhere not shown"


def _gaps(report: Report) -> Iterator[str]:
    unseen = 0 if report.changes else report.files_seen - report.files_checked
    partial = len({gap.path for gap in report.not_checked if gap.path}) - unseen
    if unseen > 0:
        yield f"{many(unseen, 'file')} not checked"
    if partial > 0:
        yield f"{many(partial, 'file')} checked in part"
    if report.not_known:
        yield f"{many(len(report.not_known), 'question')} left open"
    if report.failures:
        yield many(len(report.failures), "internal error")


def many(count: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {noun if count == 1 else plural}"
