"""What is accepted by a comment, an annotation or the configuration, and which of them accept nothing."""

from __future__ import annotations

import datetime

import pytest

import devopslint
from devopslint import check
from devopslint.config import Config
from devopslint.config_reading import load_config
from devopslint.engine import check_texts, conclude, examine
from devopslint.files import SourceFile
from devopslint.model import Annotation, Finding, Location, Suppression
from devopslint.project import Project
from devopslint.suppressions import MOST_HINTS, judge, read_annotations, read_comments, settle

SELECT = ["k8s-root-container", "k8s-writable-root-filesystem"]
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: app
      securityContext:
        runAsNonRoot: true
        readOnlyRootFilesystem: false
    - name: proxy
      securityContext:
        runAsUser: 0
        readOnlyRootFilesystem: false
"""


def run(text: str, config: str | None = None, select: list[str] | None = None) -> list[Finding]:
    return devopslint.check({"pod.yaml": text}, select=select or SELECT, config=config)


def counted(findings: list[Finding]) -> list[tuple[int, str]]:
    return [(f.location.line, f.rule.id) for f in findings if f.suppressed is None]


def with_comment(before: str, comment: str) -> str:
    """POD with a comment on a line of its own above the first line that begins with `before`."""
    head, separator, tail = POD.partition(before)
    assert separator
    indent = head[head.rfind("\n") + 1 :]
    return f"{head}{comment}\n{indent}{before}{tail}"


def test_a_comment_on_the_line_accepts_that_line_only() -> None:
    text = POD.replace(
        "Filesystem: false\n", "Filesystem: false  # devopslint: allow k8s-writable-root-filesystem -- cache\n", 1
    )

    findings = run(text)

    assert counted(findings) == [(12, "k8s-root-container"), (13, "k8s-writable-root-filesystem")]
    (accepted,) = [f for f in findings if f.suppressed is not None]
    assert accepted.suppressed is not None
    assert accepted.suppressed.reason == "cache"


def test_a_comment_above_accepts_the_whole_container_that_begins_there() -> None:
    text = with_comment(
        "- name: proxy", "# devopslint: allow k8s-root-container, k8s-writable-root-filesystem -- vendor image"
    )

    assert counted(run(text)) == [(9, "k8s-writable-root-filesystem")]


def test_a_comment_above_the_first_key_accepts_the_whole_object() -> None:
    text = "# devopslint: allow k8s-writable-root-filesystem -- vendor image\n" + POD

    assert counted(run(text)) == [(13, "k8s-root-container")]


def test_an_annotation_accepts_for_its_object() -> None:
    text = POD.replace(
        "{name: web}",
        "{name: web, annotations: {devopslint/allow: 'k8s-writable-root-filesystem -- vendor image'}}",
    )

    findings = run(text)

    assert counted(findings) == [(12, "k8s-root-container")]
    assert {f.suppressed.origin for f in findings if f.suppressed} == {"annotation"}


def test_an_annotation_of_the_pod_template_accepts_for_the_template() -> None:
    text = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  template:
    metadata:
      annotations:
        devopslint/allow: |
          k8s-root-container -- vendor image
          k8s-writable-root-filesystem -- vendor image
    spec:
      containers: [{name: api}]
"""

    assert counted(run(text)) == []


def test_the_configuration_accepts_by_rule_path_and_object() -> None:
    config = """\
allow:
  - rule: k8s-writable-root-filesystem
    path: "*.yaml"
    object: "Pod/web container proxy"
    reason: vendor image
"""

    assert counted(run(POD, config)) == [(9, "k8s-writable-root-filesystem"), (12, "k8s-root-container")]


def test_an_expired_suppression_accepts_nothing_and_is_a_finding() -> None:
    text = "# devopslint: allow k8s-writable-root-filesystem -- until we move until 2020-01-31\n" + POD

    findings = run(text, select=[*SELECT, "suppression-expired"])

    assert (1, "suppression-expired") in counted(findings)
    assert (10, "k8s-writable-root-filesystem") in counted(findings)


def test_a_suppression_in_force_says_until_when() -> None:
    text = "# devopslint: allow k8s-writable-root-filesystem -- vendor image, until 2999-12-31\n" + POD

    accepted = [f.suppressed for f in run(text) if f.suppressed]

    assert {one.until for one in accepted} == {datetime.date(2999, 12, 31)}
    assert {one.reason for one in accepted} == {"vendor image"}


def test_what_is_wrong_with_a_suppression_is_found() -> None:
    text = POD.replace("runAsUser: 0", "runAsUser: 0  # devopslint: allow k8s-rot-container")

    findings = run(text, select=[*SELECT, "suppression-unknown-rule", "suppression-unexplained"])

    messages = [f.message for f in findings if f.rule.id.startswith("suppression-")]
    assert messages == [
        "gives no reason: add -- and why this is accepted",
        "there is no rule 'k8s-rot-container', did you mean k8s-root-container?",
    ]


def test_whether_a_rule_ran_is_asked_of_the_file_that_the_suppression_is_in() -> None:
    config = load_config(
        "devopslint.yaml",
        "select: [k8s-latest-tag, suppression-unused]\noverrides: [{paths: [dev/**], ignore: [k8s-latest-tag]}]\n",
    )
    text = (
        "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: 'a:1'}]} # devopslint: allow k8s-latest-tag\n"
    )

    found = check_texts({"dev/pod.yaml": text, "prod/pod.yaml": text}, config).findings

    assert [(one.rule.id, one.location.path) for one in found] == [("suppression-unused", "prod/pod.yaml")]


def test_a_suppression_of_a_rule_that_did_not_run_is_not_called_unused() -> None:
    text = POD.replace("runAsUser: 0", "runAsUser: 0  # devopslint: allow k8s-root-container -- vendor image")

    assert counted(run(text, select=["suppression-unused"])) == []


def test_the_same_words_in_a_string_suppress_nothing_elsewhere() -> None:
    text = POD.replace("{name: web}", "{name: web, annotations: {note: '# devopslint: allow * -- no'}}")

    assert counted(run(text)) == counted(run(POD)) != []


def test_only_so_many_misspelt_names_are_compared_with_the_rules() -> None:
    lines = [f"# devopslint: allow docker-missing-usr{number} -- x" for number in range(MOST_HINTS + 50)]

    found = check({"Dockerfile": "\n".join([*lines, "FROM scratch", ""])}, select=["suppression-unknown-rule"])

    hints = [", did you mean docker-missing-user?" in one.message for one in found]
    assert hints == [True] * MOST_HINTS + [False] * 50


@pytest.mark.parametrize(("until", "accepts"), [(0, True), (1, True), (-1, False)])
def test_the_last_day_of_a_suppression_is_a_day_of_it(until: int, accepts: bool) -> None:
    last = datetime.date.today() + datetime.timedelta(days=until)
    text = f"# devopslint: allow k8s-writable-root-filesystem -- vendor image, until {last}\n{POD}"

    findings = run(text, select=["k8s-writable-root-filesystem", "suppression-expired"])

    assert ("suppression-expired" in {f.rule.id for f in findings}) is not accepts
    assert bool([f for f in findings if f.suppressed is not None]) is accepts


def test_a_suppression_of_a_rule_over_the_project_is_unused_only_where_all_files_are_known() -> None:
    comment = "# devopslint: allow k8s-missing-service-account -- made by an operator\n"
    files = {"pod.yaml": comment + POD}
    config = Config().selecting(["k8s-missing-service-account", "suppression-unused"])
    report = examine(SourceFile("pod.yaml", "manifest"), files["pod.yaml"], config.selection("pod.yaml"))

    def unused(complete: bool) -> list[str]:
        settled = conclude(Project([report], complete=complete), config, datetime.date.today())
        return [f.message for f in settled.findings if f.rule.id == "suppression-unused"]

    assert unused(complete=True) == ["accepts nothing: no finding of k8s-missing-service-account here"]
    assert unused(complete=False) == []


def remarks(comment: str) -> list[str]:
    """What is said of a comment behind the first `readOnlyRootFilesystem: false`, and whether that is accepted."""
    text = POD.replace("readOnlyRootFilesystem: false\n", f"readOnlyRootFilesystem: false  # {comment}\n", 1)
    findings = run(text, select=["k8s-writable-root-filesystem", "suppression-"])
    said = [f"{f.rule.id}: {f.message}" for f in findings if f.rule.id.startswith("suppression-")]
    return [*said, "accepted" if any(f.suppressed for f in findings) else "counts"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("until: 2999-01-30", "'until: 2999-01-30' stands for a last day: end with until YYYY-MM-DD"),
        ("until 2999-01-30.", "'until 2999-01-30.' stands for a last day: end with until YYYY-MM-DD"),
        ("UNTIL 2999-01-30", "'UNTIL 2999-01-30' stands for a last day: end with until YYYY-MM-DD"),
        ("expires 2999-01-30", "'expires 2999-01-30' stands for a last day: end with until YYYY-MM-DD"),
        ("until 2999-01-30 for the vendor", "'until 2999-01-30' stands for a last day: end with until YYYY-MM-DD"),
    ],
)
def test_a_last_day_in_other_words_holds_and_is_said(words: str, said: str) -> None:
    allow = f"devopslint: allow k8s-writable-root-filesystem -- vendor image, {words}"

    assert remarks(allow) == [f"suppression-malformed: {said}", "accepted"]
    assert "counts" in remarks(allow.replace("2999", "2019"))


@pytest.mark.parametrize(
    "day", ["30.01.2999", "2999/01/30", "01/30/2999", "30 January 2999", "2999-1-30", "2999-01", "29990130"]
)
def test_a_last_day_in_another_form_accepts_nothing(day: str) -> None:
    heard = remarks(f"devopslint: allow k8s-writable-root-filesystem -- vendor image, until {day}")

    assert heard[0].startswith(f"suppression-malformed: accepts nothing: 'until {day}' is not read as a last day")
    assert heard[1:] == ["counts"]


@pytest.mark.parametrize(
    "comment",
    [
        "devopslint: alow k8s-writable-root-filesystem -- vendor image",
        "devopslint: ignore k8s-writable-root-filesystem -- vendor image",
        "devopslint: disable k8s-writable-root-filesystem -- vendor image",
        "devopslint allow k8s-writable-root-filesystem -- vendor image",
        "devopslint:ALLOW k8s-writable-root-filesystem -- vendor image",
        "devopslint: k8s-writable-root-filesystem -- vendor image",
    ],
)
def test_a_comment_that_is_nearly_a_suppression_is_said_to_be_none(comment: str) -> None:
    heard = remarks(comment)

    assert heard[0].startswith("suppression-malformed: accepts nothing: ")
    assert heard[1:] == ["counts"]


@pytest.mark.parametrize(
    "comment",
    [
        "devopslint finds that this is writable",
        "devopslint: see the runbook",
        "devopslint:",
        "devopslint allows it",
        "devopslint runs k8s-writable-root-filesystem here",
        "devopslint below k8s-writable-root-filesystem is right",
        "https://example.org/devopslint/allow-list",
    ],
)
def test_a_comment_that_speaks_of_the_linter_is_no_suppression(comment: str) -> None:
    assert remarks(comment) == ["counts"]


def test_each_rule_of_a_list_that_accepts_nothing_is_said() -> None:
    heard = remarks("devopslint: allow k8s-writable-root-filesystem, k8s-root-container -- vendor image")

    assert heard == ["accepted"]  # the other rule has not run

    text = POD.replace(
        "runAsUser: 0", "runAsUser: 0  # devopslint: allow k8s-root-container, k8s-root-group -- vendor image"
    )
    found = run(text, select=["k8s-root-container", "k8s-root-group", "suppression-unused"])

    assert [f.message for f in found if f.rule.id == "suppression-unused"] == [
        "accepts no finding of k8s-root-group here"
    ]


def test_words_in_place_of_a_reason_are_said_once() -> None:
    heard = remarks("devopslint: allow k8s-writable-root-filesystem because the vendor says so")

    assert heard == [
        "suppression-malformed: 'because' is not understood: write allow RULE, RULE -- REASON, until YYYY-MM-DD",
        "suppression-unexplained: gives no reason: add -- and why this is accepted",
        "accepted",
    ]


TODAY = datetime.date(2026, 11, 28)
FORM = "write allow RULE, RULE -- REASON, until YYYY-MM-DD"


def written(comment: str, before: str = "x: 1  ") -> Suppression:
    """What is read of a comment; an object of three lines begins on every line."""
    (one,) = read_comments("a.yaml", f"{before}# {comment}  \n", lambda line: (line, line + 2))
    return one


@pytest.mark.parametrize(
    ("comment", "rules", "reason", "until", "malformed"),
    [
        ("devopslint: allow a-b -- why", ("a-b",), "why", None, ""),
        ("devopslint: allow a-b, c-d e-f -- why, not", ("a-b", "c-d", "e-f"), "why, not", None, ""),
        ("devopslint:allow * -- why -- so", ("*",), "why -- so", None, ""),
        ("devopslint: allow a-b", ("a-b",), None, None, ""),
        ("devopslint: allow a-b --", ("a-b",), None, None, ""),
        ("devopslint: allow a-b -- why, until 2027-01-31", ("a-b",), "why", "2027-01-31", ""),
        ("devopslint: allow a-b until 2027-01-31", ("a-b",), None, "2027-01-31", ""),
        ("devopslint: allow a-b -- why. Until 2027-01-31", ("a-b",), "why", "2027-01-31", ""),
        ("devopslint: allow a-b -- why; until 2027-02-31", ("a-b",), "why", "0001-01-01", "accepts nothing: 2027-02-31 is no day"),
        ("devopslint: allow a-b until: 2027-01-31 -- why", ("a-b",), "why", "2027-01-31", "'until: 2027-01-31' stands for a last day: end with until YYYY-MM-DD"),
        ("devopslint: allow a-b -- why expires 31.01.2027", ("a-b",), "why", "0001-01-01", "accepts nothing: 'expires 31.01.2027' is not read as a last day: end with until YYYY-MM-DD"),
        ("devopslint: allow a-b because c-d -- why", ("a-b",), "why", None, f"'because' is not understood: {FORM}"),
        ("devopslint: allow a-b because until 2027-02-31", ("a-b",), None, "0001-01-01", "accepts nothing: 2027-02-31 is no day"),
        ("devopslint: allow", (), None, None, ""),
        ("devopslint: Allow a-b -- why", (), None, None, f"accepts nothing: 'Allow' is not 'devopslint: allow'; {FORM}"),
        ("devopslint: ignore=a-b", (), None, None, f"accepts nothing: 'ignore' is not 'devopslint: allow'; {FORM}"),
        ("devopslint: disable[a-b]", (), None, None, f"accepts nothing: 'disable' is not 'devopslint: allow'; {FORM}"),
        ("devopslint:skip:a-b", (), None, None, f"accepts nothing: 'skip' is not 'devopslint: allow'; {FORM}"),
        ("devopslint noqa a-b", (), None, None, f"accepts nothing: 'devopslint noqa' is not 'devopslint: allow'; {FORM}"),
        ("devopslint: k8s-latest-tag", (), None, None, f"accepts nothing: 'k8s-latest-tag' is not 'devopslint: allow'; {FORM}"),
    ],
)  # fmt: skip
def test_a_comment_is_read_to_its_end(
    comment: str, rules: tuple[str, ...], reason: str | None, until: str | None, malformed: str
) -> None:
    one = written(comment)

    assert (one.rules, one.reason, one.malformed) == (rules, reason, malformed)
    assert one.until == (None if until is None else datetime.date.fromisoformat(until))
    assert one.location == Location("a.yaml", 1, 7, 1, 9 + len(comment))
    assert (one.first_line, one.last_line, one.origin) == (1, 1, "comment")


def test_a_comment_alone_on_its_line_speaks_of_what_begins_below() -> None:
    text = "a: 1\n  # devopslint: allow a-b -- why\n\n# more\nb: 1\n# devopslint: allow c-d -- so\n"

    first, last = read_comments("a.yaml", text, lambda line: (line, line + 2))

    assert (first.location, first.first_line, first.last_line) == (Location("a.yaml", 2, 3, 2, 33), 5, 7)
    assert (last.location.line, last.first_line, last.last_line) == (6, 6, 8), "nothing is below it"


def test_a_word_that_only_looks_like_a_rule_is_none() -> None:
    words = ["devopslint: see-below", "devopslint: kube", "devopslint likes a-b", "devopslint k8s-latest-tag"]

    assert [list(read_comments("a", f"# {one}\n", lambda line: (line, line))) for one in words] == [[]] * 4


def test_each_line_of_an_annotation_is_a_suppression_for_its_object() -> None:
    at = Location("a.yaml", 4, 5, 4, 9)
    annotations = [
        Annotation("devopslint/allow", "a-b -- why\n\n  c-d -- so, until 2027-01-31\n", at, 2, 9),
        Annotation("other/allow", "e-f -- no", at, 2, 9),
    ]

    assert list(read_annotations(annotations)) == [
        Suppression(("a-b",), at, "why", None, 2, 9, origin="annotation"),
        Suppression(("c-d",), at, "so", datetime.date(2027, 1, 31), 2, 9, origin="annotation"),
    ]


def finding(rule_id: str, line: int, *, path: str = "a.yaml", subject: str = "Pod/web") -> Finding:
    (rule,) = (one for one in devopslint.rules() if one.id == rule_id)
    return Finding(rule, rule.severity, Location(path, line, 1, line, 2), "is wrong", subject=subject)


def allowance(*rules: str, first: int = 1, last: int = 9, path: str | None = None, **more: object) -> Suppression:
    at = Location("a.yaml", first, 1, first, 2)
    return Suppression(rules, at, "why", None, first, last, paths=path, origin="comment")._replace(**more)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("one", "accepted"),
    [
        (allowance("k8s-latest-tag", first=5, last=7), [5, 6, 7]),
        (allowance("k8s-latest-tag", first=5, last=5), [5]),
        (allowance("k8s-latest-tag", first=5, last=24), [5, 6, 7, 8, 24]),
        (allowance("k8s-latest-tag", first=5, last=25), [5, 6, 7, 8, 24, 25]),
        (allowance("k8s-latest-tag", first=5, last=400), [5, 6, 7, 8, 24, 25]),
        (allowance("*", first=8, last=400), [8, 24, 25]),
        (allowance("k8s-root-container", first=1, last=400), []),
        (allowance("k8s-latest-tag", path="*.yaml", last=400), [4, 5, 6, 7, 8, 24, 25]),
        (allowance("k8s-latest-tag", path="b.yaml", last=400), []),
        (allowance("k8s-latest-tag", path="*.yaml", last=400, object="Pod/w*"), [4, 5, 6, 7, 8, 24, 25]),
        (allowance("k8s-latest-tag", path="*.yaml", last=400, object="Pod/x*"), []),
        (allowance("k8s-latest-tag", last=400, until=TODAY), [4, 5, 6, 7, 8, 24, 25]),
        (allowance("k8s-latest-tag", last=400, until=TODAY - datetime.timedelta(1)), []),
    ],
)
def test_a_suppression_accepts_what_it_names_where_it_says(one: Suppression, accepted: list[int]) -> None:
    findings = [finding("k8s-latest-tag", line) for line in (4, 5, 6, 7, 8, 24, 25)]
    elsewhere = finding("k8s-latest-tag", 6, path="c.txt")

    settled, used = settle([*findings, elsewhere], [one], TODAY)

    assert [f.location.line for f in settled if f.suppressed is not None] == accepted
    assert {f.suppressed for f in settled} - {None} == ({one} if accepted else set())
    assert settled[-1] == elsewhere
    assert used == ({(id(one), "k8s-latest-tag")} if accepted else set())


def test_of_two_suppressions_the_first_is_named_and_both_are_used() -> None:
    one, other = allowance("k8s-latest-tag", first=3, last=9), allowance("*", first=4, last=40)
    third = allowance("k8s-latest-tag", path="*", last=40)

    (settled,), used = settle([finding("k8s-latest-tag", 5)], [third, other, one], TODAY)

    assert settled.suppressed == one
    assert used == {(id(each), "k8s-latest-tag") for each in (one, other, third)}


def test_a_day_that_has_passed_ends_nothing_for_the_next_suppression() -> None:
    past, one = allowance("*", until=datetime.date(2020, 1, 1)), allowance("*")

    (settled,), _ = settle([finding("k8s-latest-tag", 5)], [past, one], TODAY)

    assert settled.suppressed == one


def test_nobody_accepts_what_is_said_of_suppressions() -> None:
    (settled,), used = settle([finding("suppression-unused", 5)], [allowance("*")], TODAY)

    assert (settled.suppressed, used) == (None, set())


def judged(*several: Suppression, used: tuple[str, ...] = (), ran: bool = True) -> list[tuple[str, str]]:
    uses = {(id(one), rule_id) for one in several for rule_id in used}
    return [
        (rule.removeprefix("suppression-"), words) for rule, _, words in judge(several, uses, TODAY, lambda *_: ran)
    ]


def test_what_is_wrong_with_a_suppression_is_said_in_these_words() -> None:
    yesterday = TODAY - datetime.timedelta(1)
    fine = allowance("k8s-latest-tag", "k8s-root-container")
    unused = "accepts nothing: no finding of k8s-latest-tag, k8s-root-container here"

    assert judged(fine, used=("k8s-latest-tag", "k8s-root-container")) == []
    assert judged(fine) == [("unused", unused)]
    assert judged(fine, ran=False) == []
    assert judged(fine, used=("k8s-latest-tag",)) == [("unused", "accepts no finding of k8s-root-container here")]
    assert judged(allowance("*")) == [("unused", "accepts nothing: no finding of * here")]
    assert judged(allowance("*"), used=("k8s-latest-tag",)) == []
    assert judged(fine._replace(reason=None), used=fine.rules) == [
        ("unexplained", "gives no reason: add -- and why this is accepted")
    ]
    assert judged(fine._replace(until=yesterday)) == [("expired", f"has expired: it was accepted until {yesterday}")]
    assert judged(fine._replace(until=TODAY), used=fine.rules) == []
    assert judged(fine._replace(origin="hadolint")) == []
    assert judged(allowance()) == [("unknown-rule", "names no rule: write allow RULE -- REASON")]
    assert judged(allowance(malformed="is odd")) == [("malformed", "is odd")]
    assert judged(fine._replace(malformed="is odd"), used=fine.rules) == [("malformed", "is odd")]
    assert judged(fine._replace(malformed="is odd", until=datetime.date.min)) == [("malformed", "is odd")]
    assert judged(allowance("k8s-latest-tga", "no-such-thing-at-all")) == [
        ("unknown-rule", "there is no rule 'k8s-latest-tga', did you mean k8s-latest-tag?"),
        ("unknown-rule", "there is no rule 'no-such-thing-at-all'"),
    ]


def test_what_is_wrong_with_one_suppression_ends_nothing_for_the_next() -> None:
    several = [
        allowance(malformed="is odd"),
        allowance("a-b", origin="hadolint"),
        allowance("k8s-latest-tag", until=datetime.date(2020, 1, 1)),
        allowance("k8s-latest-tag", first=7),
    ]

    places = [(rule, at.line) for rule, at, _ in judge(several, set(), TODAY, lambda *_: True)]

    assert places == [("suppression-malformed", 1), ("suppression-expired", 1), ("suppression-unused", 7)]
