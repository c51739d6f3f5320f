"""The checklist as a page: one file with nothing from elsewhere, for a browser, a phone, paper and a screen reader."""

from __future__ import annotations

import datetime
import html
from collections.abc import Iterable, Iterator

from devopslint.checklist import Answer, Status
from devopslint.deferred import NamedTuple
from devopslint.model import Finding
from devopslint.reports.frames import printable

MOST_FINDINGS = 30
"""Of an item; the others are counted."""
SOON = datetime.timedelta(30)
"""An attestation that ends within this is pointed out."""

SIGNS = {Status.MET: "✓", Status.VIOLATED: "✗", Status.NEEDS_EVIDENCE: "?", Status.NOT_APPLICABLE: "–"}
CLASSES = {
    Status.MET: "met",
    Status.VIOLATED: "violated",
    Status.NEEDS_EVIDENCE: "open",
    Status.NOT_APPLICABLE: "none",
}

STYLE = """
:root{color-scheme:light dark;--ink:#1a1a1a;--paper:#fff;--soft:#595959;--line:#d0d0d0;--met:#1a6b2d;--violated:#a81e1e;--open:#7a4f00;--none:#595959}
@media(prefers-color-scheme:dark){:root{--ink:#eee;--paper:#161616;--soft:#b8b8b8;--line:#444;--met:#7ddb93;--violated:#ff9d9d;--open:#f0c36a;--none:#b8b8b8}}
*{box-sizing:border-box}body{margin:0 auto;max-width:60rem;padding:1rem;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:0}
.totals{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;padding:0;list-style:none;font-size:1.1rem}
.items{padding:0;list-style:none}.items>li{padding:.6rem 0;border-bottom:1px solid var(--line)}
.status{font-weight:700}.met{color:var(--met)}.violated{color:var(--violated)}.open{color:var(--open)}.none{color:var(--none)}
code{font-size:.9em}p{margin:.2rem 0}.soft{color:var(--soft)}summary{cursor:pointer}details ul{margin:.3rem 0;padding-left:1.2rem}
@media print{body{max-width:none;font-size:10pt}.items>li{break-inside:avoid}details::details-content{content-visibility:visible;display:block}}
"""


class Trend(NamedTuple):
    """What has become of the findings that a baseline holds."""

    there: int
    gone: int
    fresh: int


def page(answers: Iterable[Answer], today: datetime.date, trend: Trend | None = None) -> str:
    """The answers by section, each with its witness, findings and attestation."""
    answers = list(answers)
    met = sum(one.status is Status.MET for one in answers)
    sections: dict[str, list[Answer]] = {}
    for one in answers:
        sections.setdefault(one.item.section, []).append(one)
    lines = [
        *opening(f"Definition of Done: {met} of {len(answers)} items hold"),
        '<ul class="totals">',
        *(f"<li>{_status(status)}: {sum(one.status is status for one in answers)}</li>" for status in Status),
        "</ul>",
        *_trend(trend),
    ]
    for number, (section, inside) in enumerate(sections.items(), 1):
        held = sum(one.status is Status.MET for one in inside)
        lines.append(
            f'<section aria-labelledby="section-{number}"><h2 id="section-{number}">{text(section)} ({held} of {len(inside)})</h2>'
        )
        lines.append('<ul class="items">')
        for one in inside:
            lines += _item(one, today)
        lines.append("</ul></section>")
    return "\n".join([*lines, "</main></body></html>"]) + "\n"


def opening(title: str, style: str = "") -> list[str]:
    """What a page begins with."""
    return [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
        # Were there markup of a linted file in it, no browser would run it or fetch what it names.
        """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">""",
        f"<title>{title}</title>",
        f"<style>{STYLE}{style}</style></head><body><main>",
        f"<h1>{title}</h1>",
    ]


def _trend(trend: Trend | None) -> Iterator[str]:
    if trend is not None:
        before = trend.there + trend.gone
        yield f"<p>Against the baseline: of {before} findings {trend.gone} are gone and {trend.there} still there; {trend.fresh} are new.</p>"


def _item(one: Answer, today: datetime.date) -> Iterator[str]:
    yield f'<li id="{text(one.item.id)}"><h3>{_status(one.status)} {text(one.item.title)}</h3>'
    yield f'<p>{text(one.reason)}</p><p class="soft"><code>{text(one.item.id)}</code></p>'
    if one.attestation is not None and today <= one.attestation.until <= today + SOON:
        yield f'<p class="open">The attestation ends on {one.attestation.until.isoformat()}.</p>'
    counted = [finding for finding in one.findings if finding.suppressed is None]
    if counted:
        yield f"<details><summary>{len(counted)} finding{'s' * (len(counted) != 1)} of {text(one.item.title)}</summary><ul>"
        yield from (_finding(finding) for finding in counted[:MOST_FINDINGS])
        if len(counted) > MOST_FINDINGS:
            yield f"<li>and {len(counted) - MOST_FINDINGS} more</li>"
        yield "</ul></details>"
    yield "</li>"


def _finding(finding: Finding) -> str:
    at = finding.location
    return (
        f"<li>{finding.severity}: {text(finding.message)}"
        f' <span class="soft"><code>{text(f"{at.path}:{at.line}")}</code> {text(finding.rule.id)}</span></li>'
    )


def _status(status: Status) -> str:
    """In words and with a sign: a colour alone says nothing to everybody."""
    return (
        f'<span class="status {CLASSES[status]}"><span aria-hidden="true">{SIGNS[status]}</span> {status.value}</span>'
    )


def text(said: str) -> str:
    """What is said, in HTML's terms."""
    return html.escape(printable(said))


def badge(answers: Iterable[Answer]) -> str:
    """An SVG that says how many of the items that apply hold."""
    asked = [one for one in answers if one.status is not Status.NOT_APPLICABLE]
    met = sum(one.status is Status.MET for one in asked)
    label, value = "definition of done", f"{met}/{len(asked)}"
    share = met / len(asked) if asked else 0
    colour = "#1a6b2d" if share >= 0.9 else "#7a4f00" if share >= 0.5 else "#a81e1e"
    left, right = 7 * len(label) + 10, 8 * len(value) + 10
    words = f"{label}: {value}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{words}">'
        f"<title>{words}</title>"
        f'<rect width="{left}" height="20" fill="#444"/><rect x="{left}" width="{right}" height="20" fill="{colour}"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="{left / 2}" y="14">{label}</text><text x="{left + right / 2}" y="14">{value}</text></g></svg>\n'
    )
