"""Annotations of a pull request, safe against what a linted file says."""

from __future__ import annotations

from devopslint.model import NotChecked, Related
from devopslint.reports import Report, render
from tests.reporting import REPORT, TAG, at, finding, report_on


def test_github_annotates_what_counts() -> None:
    assert render(REPORT, "github").splitlines() == [
        "::error file=deploy/web ü.yaml,line=4,endLine=4,col=12,endColumn=15,title=k8s-root-container"
        "::container '🚀日本' may run as root; its image [alpine] runs as root (Dockerfile:2:6)",
        "::error file=deploy/web ü.yaml,line=4,endLine=4,col=5,endColumn=9,title=k8s-root-container"
        "::container [x](y) may run as root",
        "::warning file=deploy/web ü.yaml,line=5,endLine=5,col=12,endColumn=22,title=docker-latest-tag"
        "::tag 'latest' moves",
        "::warning file=chart/templates/web.yaml,line=1,title=not checked::is a Helm template",
        "::warning title=not checked::not run, because the repository around these files is not known: hpa-missing",
        "::notice file=deploy/web ü.yaml,line=4,title=not known"
        "::whether Service 'shop' exists, because shop.yml.tmpl is a template; assume-exists settles it",
        "::error file=deploy/web ü.yaml,title=internal error::k8s-broken: KeyError: 'spec' (broken, line 3)",
        "turned off by devopslint.yaml: hpa-, k8s-latest-tag (14 rules); files that match [vendor]/**",
        "turned off by .checkov.yaml: 84 rules, as checkov is told",
        "3 findings (2 errors, 1 warning; 1 suppressed) in 2 files; 1 file not checked; 1 question left open; 1 internal error",
    ]


def test_what_was_not_checked_for_one_reason_is_one_annotation() -> None:
    gaps = tuple(NotChecked(f"charts/{number}.yaml", "is a Helm template") for number in range(3))

    assert render(Report(not_checked=gaps, files_seen=3), "github").splitlines()[:-1] == [
        "::warning file=charts/0.yaml,line=1,title=not checked::is a Helm template (and in 2 more places)"
    ]


def test_github_command_cannot_be_forged_from_a_linted_file() -> None:
    strange = finding(TAG, at("a,b:c%.yaml", 1, 1, 2), "100%\n::stop-commands::x\r::error::y")

    annotation, _ = render(report_on("", strange), "github").splitlines()

    assert annotation == (
        "::warning file=a%2Cb%3Ac%25.yaml,line=1,endLine=1,col=1,endColumn=2,title=docker-latest-tag"
        "::100%25␊::stop-commands::x␍::error::y"
    )


def test_github_region_of_several_lines_has_no_columns() -> None:
    wide = finding(TAG, at("Dockerfile", 1, 3, 5, end_line=2), "moves", Related(at("Dockerfile", 1, 1, 2), "here"))

    annotation, _ = render(report_on("", wide), "github").splitlines()

    assert (
        annotation == "::warning file=Dockerfile,line=1,endLine=2,title=docker-latest-tag::moves; here (Dockerfile:1:1)"
    )
