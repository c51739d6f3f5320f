"""The report for a first look: findings by what they are about, on one screen of a terminal."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator

from devopslint.deferred import NamedTuple
from devopslint.model import Finding, Severity
from devopslint.readers.folders import ASIDE, uppermost
from devopslint.reports import Report
from devopslint.reports.frames import printable
from devopslint.reports.pasting import block_for
from devopslint.reports.text import Paint, coloured, many, of_fixes, open_question, plain, summary, turned_off

WIDTH = 80
SCREEN = 50
"""Lines that a screen has."""
MOST_IN_FULL = 2
"""Groups that are shown with their places and what to paste; one where a screen does not hold them."""
MOST_IN_A_LINE = 8
"""Groups after these: with what stands around them, a screen of 50 lines is not left."""
MOST_PLACES = 2
MOST_QUESTIONS = 2
MOST_ASKED = 2
"""Things that are not known for one reason."""
LEAST_OF_A_PLACE = 15
"""Columns of a path's end that are still worth showing."""


class Group(NamedTuple):
    """Things that have the same faults: copies of a manifest, containers that lack the same settings."""

    subjects: tuple[tuple[str, str], ...]
    """(path, label) of each."""
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity:
        return max(finding.severity for finding in self.findings)

    @property
    def rules(self) -> list[str]:
        """Their rules, the most severe first."""
        severities = {finding.rule.id: finding.severity for finding in self.findings}
        return sorted(severities, key=lambda rule_id: (-severities[rule_id], rule_id))


def render(report: Report, *, color: bool, show_suppressed: bool, statistics: bool) -> str:
    text = _rendered(report, MOST_IN_FULL, color, show_suppressed)
    return text if text.count("\n") < SCREEN else _rendered(report, 1, color, show_suppressed)


def _rendered(report: Report, full: int, color: bool, show_suppressed: bool) -> str:
    paint = coloured if color else plain
    findings = report.findings if show_suppressed else report.counted
    main = [finding for finding in findings if not uppermost(finding.location.path, ASIDE)]
    groups = groups_of(main)
    blocks = [
        *_groups(groups, full, paint),
        *_aside([one for one in findings if uppermost(one.location.path, ASIDE)], paint),
    ]
    blocks.append([*_gaps(report), *(_shortened(line, WIDTH) for line in turned_off(report))])
    if report.fixed or report.unmended:
        blocks.append([*of_fixes(report, paint)])
    if report.failures:
        blocks.append(
            [paint(f"{many(len(report.failures), 'internal error')}: please report them (--format full)", "error")]
        )
    blocks.append([paint(line, "bold") for line in textwrap.wrap(summary(report), WIDTH)])
    blocks.append([*_next(report, groups or groups_of(findings), paint)])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def groups_of(findings: Iterable[Finding]) -> list[Group]:
    """The findings by what they are about; the worst first, then what is most frequent."""
    by_subject: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        by_subject.setdefault((finding.location.path, finding.subject), []).append(finding)
    alike: dict[tuple[str, frozenset[str]], list[tuple[str, str]]] = {}
    for (path, label), found in by_subject.items():
        alike.setdefault((_shape(label), frozenset(one.rule.id for one in found)), []).append((path, label))
    groups = [
        Group(tuple(subjects), tuple(one for subject in subjects for one in by_subject[subject]))
        for subjects in alike.values()
    ]
    return sorted(groups, key=lambda group: (-group.severity, -len(group.findings), group.subjects))


def _shape(label: str) -> str:
    """What kind of thing has this label: `container`, `Deployment`, `job`."""
    words = label.split()
    return words[-2] if len(words) > 1 else label.partition("/")[0]


def _groups(groups: list[Group], full: int, paint: Paint) -> Iterator[list[str]]:
    """The worst with all about them, the next in a line each, then how many are left."""
    serious = [group for group in groups if group.severity > Severity.NOTE]
    for group in serious[:full]:
        yield [*_group(group, paint)]
    left = serious[full + MOST_IN_A_LINE :]
    lines = [_in_a_line(group, paint) for group in serious[full : full + MOST_IN_A_LINE]]
    if left:
        found = _counted(one for group in left for one in group.findings)
        lines.append(f"and {found} about {many(len(left), 'other thing')}")
    yield lines
    notes = sum(len(group.findings) for group in groups if group.severity is Severity.NOTE)
    if notes:
        yield [f"and {many(notes, 'note')} about the rest: advice, which fails nothing"]


def _in_a_line(group: Group, paint: Paint) -> str:
    """What it is, its worst rule, and where it is first, as far as there is room."""
    severity = str(group.severity)
    more = f" and {len(group.rules) - 1} more" if len(group.rules) > 1 else ""
    path, label = group.subjects[0]
    times = f" ×{len(group.subjects)}" if len(group.subjects) > 1 else ""
    text = printable(f"{label or path}{times}: {group.rules[0]}{more}")
    room = WIDTH - len(severity) - 1
    place = printable(f"{path}:{group.findings[0].location.line}") if label else ""
    left = room - len(text) - 2
    if place and left >= len(place):
        text = f"{text}  {paint(place, 'dim')}"
    elif place and left > LEAST_OF_A_PLACE:
        text = f"{text}  {paint(f'…{place[1 - left :]}', 'dim')}"
    else:
        text = _shortened(text, room)
    return f"{paint(severity, severity)} {text}"


def _shortened(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _group(group: Group, paint: Paint) -> Iterator[str]:
    severity = str(group.severity)
    settings = block_for(group.rules)
    own = [one for one in group.findings if (one.location.path, one.subject) == group.subjects[0]]
    missing = len(settings.rules) == len(group.rules) > 1
    what = many(len(group.rules), "setting") + " missing" if missing else many(len(own), "finding")
    each = ", each with " if len(group.subjects) > 1 else ": "
    first, *more = textwrap.wrap(
        f"{severity} {_title(group)}{each}{what}", WIDTH, subsequent_indent="  ", break_on_hyphens=False
    )
    yield f"{paint(severity, severity)}{paint(first.removeprefix(severity), 'bold')}"
    yield from (paint(line, "bold") for line in more)
    if len(group.rules) == 1:
        yield from _wrapped(f"{own[0].message} [{own[0].rule.id}]")
    else:
        yield from _wrapped(", ".join(group.rules))
    yield from _wrapped(_places(group))
    if len(settings.rules) > 1:
        yield f"  {paint('add:', 'dim')}"
        yield from (f"    {line}" for line in settings.text.splitlines())


def _title(group: Group) -> str:
    path, label = group.subjects[0]
    others = len(group.subjects) - 1
    if not others:
        return printable(label or path)
    same = len({other for _, other in group.subjects}) == 1
    more = many(others, "copy") if same and label else f"{others} more like it"
    return printable(f"{label or path} and {more}")


def _places(group: Group) -> str:
    firsts: dict[tuple[str, str], str] = {}
    for finding in group.findings:
        at = finding.location
        firsts.setdefault((at.path, finding.subject), f"{at.path}:{at.line}")
    places = list(firsts.values())
    more = f", and {len(places) - MOST_PLACES} more" if len(places) > MOST_PLACES else ""
    return f"{', '.join(places[:MOST_PLACES])}{more}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(printable(text), WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def _aside(findings: list[Finding], paint: Paint) -> Iterator[list[str]]:
    if findings:
        folders = Counter(f"{uppermost(finding.location.path, ASIDE)}/" for finding in findings)
        named = ", ".join(f"{printable(folder)} ({count})" for folder, count in folders.most_common(3))
        more = f" and {len(folders) - 3} more" if len(folders) > 3 else ""
        told = f"in tests, examples, documents and copies of others' code: {_counted(findings)}: {named}{more}"
        yield textwrap.wrap(told, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _counted(findings: Iterable[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(many(counts[severity], str(severity)) for severity in reversed(Severity) if counts[severity])


def _gaps(report: Report) -> Iterator[str]:
    reasons = Counter(gap.reason for gap in report.not_checked)
    shown = reasons.most_common(2)
    for reason, count in shown:
        yield _shortened(printable(f"not checked, {many(count, 'time')}: {reason}"), WIDTH)
    if len(reasons) > len(shown):
        yield f"not checked for {many(len(reasons) - len(shown), 'other reason')}"
    questions: dict[str, list[str]] = {}
    for one in report.not_known:
        what, because, why = open_question(one).partition(", because ")
        asked = questions.setdefault(because + why, [])
        if what not in asked:
            asked.append(what)
    for because, asked in [*questions.items()][:MOST_QUESTIONS]:
        more = f" and {many(len(asked) - MOST_ASKED, 'more thing')}" if len(asked) > MOST_ASKED else ""
        yield from textwrap.wrap(
            printable(f"not known: {' and '.join(asked[:MOST_ASKED])}{more}{because}"),
            WIDTH,
            subsequent_indent="  ",
            break_on_hyphens=False,
        )


def _next(report: Report, groups: list[Group], paint: Paint) -> Iterator[str]:
    """What holds, what to do first, and the command after that."""
    if report.items:
        items = report.items
        yield f"{items.met} of {items.all} items of the Definition of Done hold, {items.violated} do not: `devopslint checklist`"
    if not groups:
        return
    worst = groups[0]
    settings = block_for(worst.rules)
    if len(settings.rules) > 1:
        cleared = sum(one.rule.id in settings.rules for one in worst.findings)
        first = f"the first block above, which clears {cleared} of {len(report.counted)} findings"
    else:
        first = f"`devopslint explain {worst.rules[0]}`"
    yield from _labelled("first:", first, paint)
    yield from _labelled("all places:", "`devopslint --format full`", paint)
    if report.next:
        yield from _labelled("next:", report.next, paint)


def _labelled(label: str, text: str, paint: Paint) -> list[str]:
    lines = textwrap.wrap(text, WIDTH - 12, break_on_hyphens=False)
    return [f"{paint(f'{label:<12}', 'dim')}{lines[0]}", *(f"{'':12}{line}" for line in lines[1:])]
