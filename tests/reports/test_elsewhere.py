"""Reports for other places: a step summary, GitLab, JUnit."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from devopslint.model import Failure, NotChecked
from devopslint.reports import Report, render
from tests.reporting import REPORT, TAG, at, finding

MARKDOWN = r"""## devopslint

3 findings (2 errors, 1 warning; 1 suppressed) in 2 files; 1 file not checked; 1 question left open; 1 internal error

| | finding | rule | where |
|---|---|---|---|
| 🔴 error | container '🚀日本' may run as root | <code>k8s-root-container</code> | [deploy/web ü.yaml:4](https://example.com/acme/shop/blob/0123456789abcdef0123456789abcdef01234567/deploy/web%20%C3%BC.yaml#L4) |
| 🔴 error | container \[x\]\(y\) may run as root | <code>k8s-root-container</code> | [deploy/web ü.yaml:4](https://example.com/acme/shop/blob/0123456789abcdef0123456789abcdef01234567/deploy/web%20%C3%BC.yaml#L4) |
| 🟡 warning | image 'alpine' has no tag<br>suppressed: built weekly \[see wiki\] | <code>docker-latest-tag</code> | [Dockerfile:1](https://example.com/acme/shop/blob/0123456789abcdef0123456789abcdef01234567/Dockerfile#L1) |
| 🟡 warning | tag 'latest' moves | <code>docker-latest-tag</code> | [deploy/web ü.yaml:5](https://example.com/acme/shop/blob/0123456789abcdef0123456789abcdef01234567/deploy/web%20%C3%BC.yaml#L5) |

<details><summary>How to fix them</summary>

- <code>k8s-root-container</code>: Set runAsNonRoot to true on the pod.
- <code>docker-latest-tag</code>: Pin the image by digest.

</details>

<details><summary>Not checked</summary>

- <code>chart/templates/web.yaml</code>: is a Helm template
- not run, because the repository around these files is not known: hpa-missing

</details>

<details><summary>Not known</summary>

- <code>deploy/web ü.yaml:4</code>: whether Service 'shop' exists, because shop.yml.tmpl is a template; assume-exists settles it

</details>

turned off by devopslint.yaml: hpa-, k8s-latest-tag \(14 rules\); files that match \[vendor\]/\*\*

turned off by .checkov.yaml: 84 rules, as checkov is told

<details><summary>Internal errors, please report them</summary>

- <code>k8s-broken</code> on <code>deploy/web ü.yaml</code>: KeyError: 'spec' \(broken, line 3\)

</details>
"""


def test_markdown_is_a_table_that_links_into_the_revision() -> None:
    assert render(REPORT, "markdown", show_suppressed=True) == MARKDOWN


def test_markdown_without_revision_names_the_place() -> None:
    assert "| deploy/web ü.yaml:5 |" in render(REPORT._replace(revision=None), "markdown")


def test_markdown_makes_no_link_of_an_address_in_a_message() -> None:
    strange = finding(TAG, at("Dockerfile", 1, 1, 2), "pulls https://evil.example www.evil.example `x` @you")

    assert r"pulls https\://evil.example www\.evil.example \`x\` \@you" in render(Report((strange,)), "markdown")


def test_markdown_shows_so_many_findings_and_counts_the_others() -> None:
    many = tuple(finding(TAG, at("Dockerfile", 1, 1, 2), f"number {number}") for number in range(250))

    printed = render(Report(many), "markdown")

    assert printed.count("<code>docker-latest-tag</code> |") == 200
    assert "\nand 50 more\n" in printed


def test_gitlab_gets_findings_and_what_was_not_checked() -> None:
    issues = json.loads(render(REPORT, "gitlab"))

    assert issues[0] == {
        "description": "container '🚀日本' may run as root. Set runAsNonRoot to true on the pod.",
        "check_name": "k8s-root-container",
        "fingerprint": "31:1",
        "severity": "critical",
        "location": {
            "path": "deploy/web ü.yaml",
            "positions": {"begin": {"line": 4, "column": 12}, "end": {"line": 4, "column": 15}},
        },
    }
    assert [(issue["check_name"], issue["severity"], issue["location"]["path"]) for issue in issues[1:]] == [
        ("k8s-root-container", "critical", "deploy/web ü.yaml"),
        ("docker-latest-tag", "major", "deploy/web ü.yaml"),
        ("not-checked", "info", "chart/templates/web.yaml"),
        ("not-checked", "info", "."),
        ("not-known", "info", "deploy/web ü.yaml"),
        ("turned-off", "info", "devopslint.yaml"),
        ("turned-off", "info", "devopslint.yaml"),
        ("turned-off", "info", ".checkov.yaml"),
        ("internal-error", "blocker", "deploy/web ü.yaml"),
    ]
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


def test_junit_has_a_case_for_each_finding_and_each_clean_rule() -> None:
    (suite,) = ET.fromstring(render(REPORT, "junit"))

    assert suite.attrib == {"name": "devopslint", "tests": "11", "failures": "3", "errors": "1", "skipped": "6"}
    assert [(case.get("classname"), case.get("name"), [child.tag for child in case]) for case in suite] == [
        ("docker-secret-in-env", "Secret in ENV", []),
        ("k8s-root-container", "deploy/web ü.yaml:4:12", ["failure"]),
        ("k8s-root-container", "deploy/web ü.yaml:4:5", ["failure"]),
        ("docker-latest-tag", "deploy/web ü.yaml:5:12", ["failure"]),
        ("not-checked", "chart/templates/web.yaml:1", ["skipped"]),
        ("not-checked", "the project", ["skipped"]),
        ("not-known", "deploy/web ü.yaml:4", ["skipped"]),
        ("turned-off", "devopslint.yaml:3", ["skipped"]),
        ("turned-off", "devopslint.yaml:5", ["skipped"]),
        ("turned-off", ".checkov.yaml:1", ["skipped"]),
        ("k8s-broken", "on deploy/web ü.yaml", ["error"]),
    ]
    assert suite[1][0].text == (
        "deploy/web ü.yaml:4:12: container '🚀日本' may run as root\n"
        "see Dockerfile:2:6: its image [alpine] runs as root\n"
        "Set runAsNonRoot to true on the pod."
    )


STRANGE = st.text(st.characters() | st.sampled_from("\0\x1b\r\n|<>&]\ufffe\uffff\ud800`[](){}"), max_size=20)


@given(STRANGE, STRANGE)
def test_any_text_gives_well_formed_documents(path: str, text: str) -> None:
    strange = finding(TAG, at(path, 1, 1, 2), text)
    report = Report((strange,), (NotChecked(path, text),), (Failure("", path, text),), (TAG,), revision=REPORT.revision)

    (suite,) = ET.fromstring(render(report, "junit"))
    issues = json.loads(render(report, "gitlab"))
    markdown = render(report, "markdown")

    assert len(suite) == len(issues) == 3
    assert "<" not in markdown.replace("<code>", "").replace("</code>", "").replace("<details><summary>", "").replace(
        "</summary>", ""
    ).replace("</details>", "")
    assert sum(line.startswith("| ") for line in markdown.split("\n")) == 2
