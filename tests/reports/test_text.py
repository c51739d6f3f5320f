"""What people read: code frames, advice, the summary."""

from __future__ import annotations

import html
import textwrap
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devopslint.model import Finding, Location, NotChecked, Related, Suppression
from devopslint.reports import FORMATS, Report, render
from devopslint.reports.frames import WIDEST, width
from tests.reporting import REPORT, ROOT, SECRET, TAG, at, finding, report_on


def frame(text: str, location: Location) -> list[str]:
    """The frame's lines under the arrow of a finding at this location."""
    printed = render(report_on(text, finding(TAG, location, "moves")), "text").splitlines()
    return printed[2 : printed.index("  fix: Pin the image by digest.")]


def test_text_tells_the_story_of_each_finding_and_sums_up() -> None:
    printed = render(REPORT, "text", show_suppressed=True, statistics=True)

    assert printed == textwrap.dedent("""\
        warning[docker-latest-tag]: image 'alpine' has no tag (suppressed until 2027-01-31: built weekly [see wiki])
         --> Dockerfile:1:6
        1 | FROM alpine
          |      ^^^^^^
          fix: Pin the image by digest.

        error[k8s-root-container]: container '🚀日本' may run as root
         --> deploy/web ü.yaml:4:12
        4 |   - name: '🚀日本' # the web
          |            ^^^^^^
         ::: Dockerfile:2:6: its image [alpine] runs as root
        2 | USER root
          |      ^^^^
          fix: Set runAsNonRoot to true on the pod.

        error[k8s-root-container]: container [x](y) may run as root
         --> deploy/web ü.yaml:4:5
        4 |   - name: '🚀日本' # the web
          |     ^^^^

        warning[docker-latest-tag]: tag 'latest' moves
         --> deploy/web ü.yaml:5:12
        5 |     image: web:latest
          |            ^^^^^^^^^^

        not checked:
          is a Helm template
            chart/templates/web.yaml:1
          not run, because the repository around these files is not known: hpa-missing
            the project

        not known:
          whether Service 'shop' exists, because shop.yml.tmpl is a template; assume-exists settles it
            deploy/web ü.yaml:4

        turned off by devopslint.yaml: hpa-, k8s-latest-tag (14 rules); files that match [vendor]/**
        turned off by .checkov.yaml: 84 rules, as checkov is told

        internal errors, please report them:
          k8s-broken on deploy/web ü.yaml: KeyError: 'spec' (broken, line 3)

             2  error    k8s-root-container  Container may run as root
             1  warning  docker-latest-tag   Moving tag

        3 findings (2 errors, 1 warning; 1 suppressed) in 2 files; 1 file not checked; 1 question left open; 1 internal error
        """)


def test_only_the_first_place_of_a_finding_has_its_arrow() -> None:
    """A related place that is the finding's own may be one object with it, as a kept report has it, or two."""
    place = at("Dockerfile", 1, 1, 5)
    stories = [
        render(report_on("FROM a\n", finding(ROOT, place, "a", Related(one, "b"))), "text")
        for one in (place, place._replace())
    ]

    assert stories[0] == stories[1]
    assert (stories[0].count("-->"), stories[0].count(":::")) == (1, 1)


def test_concise_is_one_line_per_finding() -> None:
    printed = render(REPORT, "concise").splitlines()

    assert printed[:3] == [
        "deploy/web ü.yaml:4:12: error[k8s-root-container]: container '🚀日本' may run as root",
        "deploy/web ü.yaml:4:5: error[k8s-root-container]: container [x](y) may run as root",
        "deploy/web ü.yaml:5:12: warning[docker-latest-tag]: tag 'latest' moves",
    ]
    assert printed[-1].startswith("3 findings (2 errors, 1 warning; 1 suppressed) in 2 files")


@pytest.mark.parametrize(
    ("report", "summary"),
    [
        (Report(files_seen=1, files_checked=1), "no findings in 1 file"),
        (Report(), "nothing to check: no file of a known kind here"),
        (
            Report(files_seen=3, files_checked=3, not_checked=(NotChecked("a", "b", 7),)),
            "no findings in 3 files; 1 file checked in part",
        ),
        (
            Report(files_seen=1, files_checked=1, findings=REPORT.findings[:1]),
            "no findings (1 suppressed) in 1 file",
        ),
    ],
)
def test_summary_counts_what_was_found_and_what_was_not_looked_at(report: Report, summary: str) -> None:
    assert render(report, "text").splitlines()[-1] == summary


def test_suppressed_findings_are_shown_only_on_request() -> None:
    assert "no tag" not in render(REPORT, "text")
    assert "no tag" in render(REPORT, "text", show_suppressed=True)


def test_many_places_not_checked_for_one_reason_are_counted() -> None:
    gaps = tuple(NotChecked(f"t{number}.yaml", "is a Helm template") for number in range(14))

    printed = render(Report(not_checked=gaps, files_seen=14), "text").splitlines()

    assert printed[1:13] == [
        "  is a Helm template",
        *(f"    t{number}.yaml:1" for number in range(10)),
        "    and 4 more",
    ]


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_lists_what_is_not_known_and_what_would_settle_it(format: str) -> None:
    said = html.unescape(render(REPORT, format)).replace("\\", "")

    assert "because shop.yml.tmpl is a template" in said
    assert "assume-exists" in said


def test_what_is_not_known_stands_behind_the_findings_and_counts_as_none() -> None:
    printed = render(REPORT, "text")

    assert (
        "not known:\n"
        "  whether Service 'shop' exists, because shop.yml.tmpl is a template; assume-exists settles it\n"
        "    deploy/web ü.yaml:4\n"
    ) in printed
    assert printed.splitlines()[-1] == (
        "3 findings (2 errors, 1 warning; 1 suppressed) in 2 files; "
        "1 file not checked; 1 question left open; 1 internal error"
    )


@pytest.mark.parametrize(
    ("text", "location", "expected"),
    [
        ("\tUSER\troot", at("Dockerfile", 1, 7, 11), ["1 |     USER    root", "  |             ^^^^"]),
        ("# 👍🏽 é 日本 x", at("Dockerfile", 1, 11, 12), ["1 | # 👍🏽 é 日本 x", "  |             ^"]),
        ("e\u0301 x", at("Dockerfile", 1, 4, 5), ["1 | e\u0301 x", "  |   ^"]),
        ("\ufeffFROM x\r\n", at("Dockerfile", 1, 2, 6), ["1 | FROM x", "  | ^^^^"]),
        ("a\r\nb c\r\n", at("Dockerfile", 2, 3, 4), ["2 | b c", "  |   ^"]),
        ("a\rb c", at("Dockerfile", 2, 3, 4), ["2 | b c", "  |   ^"]),
        ("a\u2028b", at("Dockerfile", 1, 3, 4), ["1 | a�b", "  |   ^"]),
        ("RUN \x1b[31mx\x07\x7f\x9b", at("Dockerfile", 1, 5, 6), ["1 | RUN ␛[31mx␇␡�", "  |     ^"]),
        ("a\u202eb\u200d", at("Dockerfile", 1, 3, 4), ["1 | a�b\u200d", "  |   ^"]),
        ("USER x", at("Dockerfile", 1, 7, 7), ["1 | USER x", "  |       ^"]),
        ("", at("Dockerfile", 1, 1, 1), []),
        ("one", at("Dockerfile", 9, 1, 5), []),
        (
            "RUN a\n  b c\nd",
            at("Dockerfile", 1, 5, 4, end_line=2),
            ["1 | RUN a", "  |     ^", "2 |   b c", "  |   ^"],
        ),
    ],
)
def test_carets_stand_under_the_region(text: str, location: Location, expected: list[str]) -> None:
    assert frame(text, location) == expected


def test_long_line_is_cut_around_the_region() -> None:
    code, carets = frame("a" * 5000 + "ROOT" + "b" * 5000, at("Dockerfile", 1, 5001, 5005))

    assert width(code) <= WIDEST + len("1 | ")
    assert code[carets.index("^") : carets.rindex("^") + 1] == "ROOT"
    assert code.startswith("1 | …a") and code.endswith("b…")


@pytest.mark.parametrize("format", ["text", "sarif"])
@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("ENV USER=a DB_PASSWORD=hunter2\nUSER x\n", 1, 24),
        ("data:\n  password: hunter2\n  user: x\n", 2, 3),
        ("data:\n  key: |\n    hunter2\n\n    hunter2\n  user: x\n", 2, 8),
    ],
)
def test_suspected_secret_is_not_repeated(format: str, text: str, line: int, column: int) -> None:
    secret = finding(SECRET, at("Dockerfile", line, column, column + 4), "holds what looks like a password")
    others = [finding(TAG, at("Dockerfile", number, 1, 3), "moves") for number in range(1, text.count("\n") + 1)]

    printed = render(report_on(text, secret, *others)._replace(secrets=(secret.location,)), format)

    assert "hunter2" not in printed
    assert "*" in printed
    assert "user" in printed.lower()


def test_code_is_shown_where_no_secret_is_suspected() -> None:
    printed = render(report_on("ENV A=$DB_PASSWORD", finding(SECRET, at("Dockerfile", 1, 7, 19), "is not set")), "text")

    assert "ENV A=$DB_PASSWORD" in printed


def test_the_lines_of_no_more_files_are_held_than_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devopslint.reports.sources.MOST_FILES", 2)
    texts = {f"{name}/Dockerfile": f"FROM {name}" for name in ("a", "b", "c", "d")}
    read: list[str] = []

    def source(path: str) -> str:
        read.append(path)
        return texts[path]

    base = Related(at("a/Dockerfile", 1, 6, 7), "as here")
    findings = tuple(finding(TAG, at(path, 1, 6, 7), "has no tag", base) for path in texts for _ in range(2))

    printed = render(Report(findings, rules=(TAG,), source=source), "full")

    assert [printed.count(f"1 | {text}") for text in texts.values()] == [10, 2, 2, 2]
    assert read == ["a/Dockerfile", "b/Dockerfile", "c/Dockerfile", "d/Dockerfile"]


def test_colours_change_nothing_but_colours() -> None:
    coloured = render(REPORT, "text", color=True, statistics=True)

    for code in ("0", "1", "2", "1;31", "1;33"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == render(REPORT, "text", statistics=True)


STRANGE_TEXT = st.text(st.characters() | st.sampled_from("\t\r\n\x1b\x85\u2028\u202e\ufeff🚀日%:,[](){}"), max_size=40)
PLACES = st.builds(
    lambda line, column, lines, columns: Location("Dockerfile", line, column, line + lines, column + columns),
    *[st.integers(1, 12), st.integers(1, 30), st.integers(0, 5), st.integers(0, 30)],
)


@given(text=STRANGE_TEXT, place=PLACES, related=PLACES, message=STRANGE_TEXT)
def test_no_text_puts_a_control_character_on_the_terminal(
    text: str, place: Location, related: Location, message: str
) -> None:
    strange = Finding(ROOT, ROOT.severity, place._replace(path=message), message, (Related(related, message),))
    report = Report((strange,), (NotChecked(message, message),), source=lambda path: text)

    for format in FORMATS:
        printed = render(report, format, statistics=True)
        assert {c for c in printed if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")} <= {"\n"}
        printed.encode()


def test_a_suppressed_finding_says_by_whose_word_and_where() -> None:
    found = finding(TAG, at("Dockerfile", 1, 6, 12), "image 'alpine' has no tag")
    place = at(".hadolint.yaml", 4, 5, 11)
    words = [
        (Suppression((TAG.id,), place, None, origin="hadolint"), "by hadolint in .hadolint.yaml:4: no reason given"),
        (Suppression((TAG.id,), place, "a mirror", origin="configuration"), "in .hadolint.yaml:4: a mirror"),
        (Suppression((TAG.id,), found.location, "a mirror", origin="zizmor"), "by zizmor: a mirror"),
    ]

    for suppression, said in words:
        report = Report((found._replace(suppressed=suppression),))
        printed = render(report, "concise", show_suppressed=True).splitlines()[0]
        assert printed.endswith(f"has no tag (suppressed {said})")
