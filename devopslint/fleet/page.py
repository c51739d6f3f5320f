"""The scorecard as a page: one file with nothing from elsewhere and no script, for a browser, a phone, paper and a screen reader."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from devopslint.catalogue import Item, catalogue, items
from devopslint.checklist import Status
from devopslint.fleet.former import Former, change, changed
from devopslint.fleet.scorecard import LETTERS, MOST_FAILED, Line, RuleTotal, Scorecard
from devopslint.fleet.shared import CalledWorkflow, Template, total
from devopslint.reports import page_of
from devopslint.reports.checklist_page import CLASSES, SIGNS, opening, text

MOST_LINES = 5_000
"""Repositories that a browser shows with ease; the tables have all."""
MOST_RULES = 40
MOST_SHARED = 40
_WORDS = ("rules", "stands in", "callers")
"""Columns that hold no numbers."""
_WHERE_KNOWN = (
    "<p>What is found in one is known where its repository is among the checkouts, under the name OWNER/NAME.</p>"
)
_STATUSES = {letter: status for status, letter in LETTERS.items()}

_STYLE = """
body{max-width:90rem}.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:normal}
td{white-space:nowrap}.words,th:first-child{text-align:left;min-width:10rem;overflow-wrap:anywhere;white-space:normal}tbody th{font-weight:400}
.signs{font-family:ui-monospace,monospace;white-space:nowrap;text-align:left}.signs b{font-weight:700}
.bar{display:flex;width:8rem;height:.8rem;margin-top:.4rem}.bar i{display:block;height:100%}
.bar .met{background:var(--met)}.bar .violated{background:var(--violated)}.bar .open{background:var(--open)}.bar .none{background:var(--line)}
@media(max-width:40rem){th,td{padding:.25rem .3rem}.bar{display:none}}
"""


def page(scorecard: Scorecard, former: Former | None = None) -> str:
    """All of the scorecard, with what has become of a former one."""
    count = len(scorecard.lines)
    title = f"Definition of Done in {count:,} repositor{'y' if count == 1 else 'ies'}"
    errors, warnings, notes = total(line.counts for line in scorecard.lines)
    lines = [
        *opening(title, _STYLE),
        f"<p>{len(scorecard.examined):,} examined, {count - len(scorecard.examined):,} not."
        f" {errors:,} errors, {warnings:,} warnings, {notes:,} notes.</p>",
    ]
    if former is not None:
        lines.append(f"<p>{text(changed(scorecard, former))}</p>")
    lines += _failed(scorecard.failed)
    lines += _items(scorecard, former)
    lines += _rules(scorecard.rules, former)
    files = "What one fix would mend: the same file in several repositories"
    lines += _sharing("shared", files, ("file", "repositories", "stands in"), scorecard.templates)
    called = "Reusable workflows that are called"
    lines += _sharing("workflows", called, ("workflow", "called by", "callers"), scorecard.workflows, _WHERE_KNOWN)
    lines += _repositories(scorecard, former)
    return "\n".join([*lines, "</main></body></html>"]) + "\n"


def _section(name: str, title: str) -> str:
    return f'<section aria-labelledby="{name}"><h2 id="{name}">{title}</h2>'


def _table(name: str, columns: Iterable[str]) -> str:
    heads = "".join(
        f'<th scope="col" class="{"words" if column in _WORDS else "number"}">{column}</th>' for column in columns
    )
    return f'<div class="wide" role="group" tabindex="0" aria-labelledby="{name}"><table><thead><tr>{heads}</tr></thead><tbody>'


def _head(status: Status) -> str:
    return f'<span class="{CLASSES[status]}"><span aria-hidden="true">{SIGNS[status]}</span> {status.value}</span>'


def _numbers(values: Iterable[int]) -> str:
    return "".join(f"<td>{value:,}</td>" for value in values)


def _more(count: int, table: str) -> Iterator[str]:
    if count > 0:
        yield f'<p>and {count:,} more, in <a href="{table}">{table}</a></p>'


def _failed(failed: list[Line]) -> Iterator[str]:
    if not failed:
        return
    yield _section("failed", "Not examined, or not in whole")
    yield "<ul>"
    for line in failed[:MOST_FAILED]:
        at = f'<span class="soft"><code>{text(line.checkout.path)}</code></span>'
        yield f"<li>{text(line.checkout.name)}: {text(line.failure)} {at}</li>"
    yield "</ul>"
    yield from _more(len(failed) - MOST_FAILED, "scorecard.csv")
    yield "</section>"


def _items(scorecard: Scorecard, former: Former | None) -> Iterator[str]:
    examined = max(len(scorecard.examined), 1)
    yield _section("items", "Items of the Definition of Done")
    since = ["violated since then"] if former is not None else []
    yield _table("items", ["item", *map(_head, Status), *since])
    for number, item in enumerate(items().values()):
        counts = scorecard.statuses_of(number)
        bar = "".join(
            f'<i class="{CLASSES[status]}" style="width:{100 * count / examined:.1f}%"></i>'
            for status, count in counts.items()
            if count
        )
        trend = ""
        if former is not None:
            trend = f"<td>{counts[Status.VIOLATED] - former.violated(item.id):+,d}</td>"
        yield (
            f'<tr><th scope="row">{text(item.title)}<div><code class="soft">{text(item.id)}</code></div>'
            f'<div class="bar" aria-hidden="true">{bar}</div></th>{_numbers(counts.values())}{trend}</tr>'
        )
    yield "</tbody></table></div></section>"


def _rules(rules: tuple[RuleTotal, ...], former: Former | None) -> Iterator[str]:
    if not rules:
        return
    then = None if former is None else former.rules
    yield _section("rules", "Worst rules")
    since = ["repositories since then"] if then is not None else []
    yield _table("rules", ["rule", "repositories", "errors", "warnings", "notes", *since])
    for one in rules[:MOST_RULES]:
        trend = "" if then is None else f"<td>{one.repositories - then.get(one.rule, 0):+,d}</td>"
        yield (
            f'<tr><th scope="row">{_rule(one.rule)}</th>'
            f"{_numbers((one.repositories, one.errors, one.warnings, one.notes))}{trend}</tr>"
        )
    yield "</tbody></table></div>"
    yield from _more(len(rules) - MOST_RULES, "rules.csv")
    yield "</section>"


def _rule(rule: str) -> str:
    entry = catalogue().get(rule)  # a repository's own rule is in force there only
    if entry is None:
        return f"<code>{text(rule)}</code>"
    return f'{text(entry.rule.title)}<div><a href="{text(page_of(entry.rule))}"><code>{text(rule)}</code></a></div>'


def _sharing(
    name: str,
    title: str,
    columns: tuple[str, str, str],
    told: Sequence[Template | CalledWorkflow],
    more: str = "",
) -> Iterator[str]:
    """What many repositories have in common, with what is found in it."""
    if not told:
        return
    what, repositories, names = columns
    yield _section(name, title)
    if more:
        yield more
    yield _table(name, [what, repositories, "errors", "warnings", "notes", "rules", names])
    yield from map(_shared, told[:MOST_SHARED])
    yield "</tbody></table></div>"
    yield from _more(len(told) - MOST_SHARED, "shared.csv")
    yield "</section>"


def _shared(one: Template | CalledWorkflow) -> str:
    found = _numbers(one.counts) if one.counts is not None else "<td>–</td>" * 3
    names = ", ".join(map(text, one.names))
    more = f" and {one.repositories - len(one.names):,} more" if one.repositories > len(one.names) else ""
    rules = ", ".join(f"<code>{text(rule)}</code>" for rule in one.rules)
    return (
        f'<tr><th scope="row"><code>{text(one.path)}</code></th><td>{one.repositories:,}</td>{found}'
        f'<td class="words">{rules}</td><td class="words">{names}{more}</td></tr>'
    )


def _repositories(scorecard: Scorecard, former: Former | None) -> Iterator[str]:
    yield _section("repositories", "Items by repository")
    sections = [
        (section, [*group]) for section, group in itertools.groupby(items().values(), key=lambda item: item.section)
    ]
    yield "<details><summary>The order of the items in each column</summary>"
    for section, group in sections:
        yield f"<p>{text(section)}: {', '.join(text(item.title) for item in group)}</p>"
    yield "</details>"
    since = ["since then"] if former is not None else []
    yield _table(
        "repositories",
        [
            "repository",
            *map(_head, Status),
            "errors",
            "warnings",
            "notes",
            *since,
            *(text(section) for section, _ in sections),
        ],
    )
    for line in scorecard.examined[:MOST_LINES]:
        yield _repository(line, sections, former)
    yield "</tbody></table></div>"
    yield from _more(len(scorecard.examined) - MOST_LINES, "scorecard.csv")
    yield "</section>"


def _repository(line: Line, sections: list[tuple[str, list[Item]]], former: Former | None) -> str:
    stem = line.checkout.stem
    links = f'<a href="sarif/{stem}.sarif">SARIF</a> <a href="checklists/{stem}.json">checklist</a>'
    trend = ""
    if former is not None:
        then = former.of(line)
        trend = "<td>new</td>"
        if then is not None:
            mended, broken = change(line, then)
            trend = f"<td>+{len(broken)} &minus;{len(mended)}</td>"
    cells, first = [], 0
    for _, group in sections:
        cells.append(f'<td class="signs" aria-hidden="true">{_signs(line.items[first : first + len(group)])}</td>')
        first += len(group)
    violated = [
        item.id for item, letter in zip(items().values(), line.items, strict=True) if letter == LETTERS[Status.VIOLATED]
    ]
    listed = (
        f"<details><summary>{len(violated)} violated</summary>{', '.join(map(text, violated))}</details>"
        if violated
        else ""
    )
    return (
        f'<tr><th scope="row">{text(line.checkout.name)}<div class="soft">{links}</div>{listed}</th>'
        f"{_numbers(line.statuses.values())}{_numbers(line.counts)}{trend}{''.join(cells)}</tr>"
    )


def _signs(letters: str) -> str:
    runs = ((_STATUSES[letter], len([*group])) for letter, group in itertools.groupby(letters))
    return "".join(f'<b class="{CLASSES[status]}">{SIGNS[status] * count}</b>' for status, count in runs)
