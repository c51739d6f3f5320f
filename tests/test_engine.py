"""What a run promises whatever it is given."""

from __future__ import annotations

import datetime
import gc
import json
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from devopslint.catalogue import catalogue, checks_of, project_checks_of, rules_over_projects
from devopslint.cli import main
from devopslint.config import Config
from devopslint.config_reading import load_config
from devopslint.engine import (
    LONGEST_MESSAGE,
    MOST_ON_A_LINE,
    MOST_RELATED,
    check_texts,
    conclude,
    examine,
    file_checks,
    finished,
    join,
    judge_builds,
    run_project_checks,
)
from devopslint.files import SourceFile, decode
from devopslint.kubernetes.workloads import Container
from devopslint.model import (
    Finding,
    Location,
    NotChecked,
    NotKnown,
    PartialDocument,
    Problem,
    Related,
    Severity,
    Suppression,
)
from devopslint.project import FileReport, Project, Reports
from devopslint.registry import CHECKS, Check, kinds, view_of_kind
from devopslint.run import Scope, conclude_scope, examine_all, find_scope
from devopslint.shares import join_in_shares
from devopslint.workers import FORKS

EVERYTHING = Config().selecting(["all"])
NAMES = {
    "dockerfile": "Dockerfile",
    "manifest": "app.yaml",
    "workflow": ".github/workflows/ci.yml",
    "action": "action.yml",
}
"""A path for each kind; kinds without one here get `file`."""

LINES = st.lists(
    st.sampled_from(
        [line for entry in catalogue().values() for files in (*entry.bad, *entry.good) for text in files.values() for line in text.split("\n")]
    )
    | st.text(max_size=12),
    max_size=40,
).map("\n".join)  # fmt: skip
"""Texts made of our own examples' lines in any order: close enough to the real thing to reach the checks."""


def assert_inside(lines: list[str], at: Location) -> None:
    assert 1 <= at.line <= at.end_line <= len(lines)
    assert 1 <= at.column <= len(lines[at.line - 1]) + 1
    assert 1 <= at.end_column <= len(lines[at.end_line - 1]) + 1
    assert (at.line, at.column) <= (at.end_line, at.end_column)


def examine_safely(kind: str, data: bytes) -> None:
    text, undecodable = decode(data)
    path = NAMES.get(kind, "file")

    report = examine(SourceFile(path, kind), text, EVERYTHING.selection(path), undecodable=undecodable)

    lines = re.split(r"\r\n|\n|\r", text)
    assert report.failures == ()
    assert pickle.loads(pickle.dumps(report)) == report
    for finding in report.findings:
        for at in (finding.location, *(related.location for related in finding.related)):
            assert at.path == path
            assert_inside(lines, at)


@pytest.mark.parametrize("kind", sorted(kinds()))
@given(data=st.binary(max_size=300))
@settings(max_examples=40)
def test_any_bytes_give_a_report_with_places_inside_the_file(kind: str, data: bytes) -> None:
    examine_safely(kind, data)


@pytest.mark.parametrize("kind", sorted(kinds()))
@given(text=LINES)
@settings(max_examples=60)
def test_any_lines_give_a_report_with_places_inside_the_file(kind: str, text: str) -> None:
    examine_safely(kind, text.encode("utf-8", "replace"))


@given(texts=st.lists(LINES, max_size=4))
@settings(max_examples=30)
def test_the_order_of_files_changes_nothing(texts: list[str]) -> None:
    files = {f"{number}/app.yaml": "apiVersion: v1\nkind: Pod\n" + text for number, text in enumerate(texts)}

    forth = check_texts(files, EVERYTHING)
    back = check_texts(dict(reversed(files.items())), EVERYTHING)

    assert forth == back
    assert forth.failures == ()


def repository(root: Path, copies: int = 1) -> Path:
    """A repository made of every rule's bad examples."""
    (root / ".git").mkdir()
    for copy in range(copies):
        for rule_id, entry in catalogue().items():
            for number, files in enumerate(entry.bad):
                for path, text in files.items():
                    target = root / str(copy) / rule_id / str(number) / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_text(text, encoding="utf-8")
    return root


def scope_of(root: Path, *paths: str, context: bool = True) -> Scope:
    return find_scope(root, [root / path for path in paths] or [root], EVERYTHING, repository=context)


@pytest.fixture(scope="module")
def examined(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scope, Reports]:
    """Every file of such a repository, examined in one process."""
    scope = scope_of(repository(tmp_path_factory.mktemp("examples")))
    return scope, examine_all(scope, EVERYTHING, jobs=1)


def test_the_number_of_processes_changes_nothing(examined: tuple[Scope, tuple[FileReport, ...]]) -> None:
    scope, reports = examined

    alone = conclude_scope(scope, reports, EVERYTHING)
    together = conclude_scope(scope, examine_all(scope, EVERYTHING, jobs=2), EVERYTHING)

    assert alone.findings == together.findings
    assert alone.not_checked == together.not_checked
    assert alone.failures == ()


def test_rules_that_are_asked_in_shares_say_what_they_say_together(
    examined: tuple[Scope, tuple[FileReport, ...]],
) -> None:
    scope, reports = examined
    project = Project(reports, complete=False, others=scope.files)
    together = join(project, EVERYTHING, scope.wanted.__contains__, judge_builds(project, EVERYTHING, scope.read))

    shared = join_in_shares(project, EVERYTHING, scope.wanted.__contains__, scope.read, 1)

    assert shared is not None
    assert together.across.findings
    assert shared._replace(across=shared.across._replace(hidden=())) == together._replace(
        across=together.across._replace(hidden=())
    )
    assert set(shared.across.hidden) == set(together.across.hidden)


@pytest.mark.skipif(not FORKS, reason="no process is forked here")
def test_processes_that_share_what_files_say_together_print_what_one_prints(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    workflows = tmp_path / ".github" / "workflows"
    workflows.mkdir(parents=True)
    for number in range(120):
        (workflows / f"{number}.yml").write_text(
            "on: push\njobs: {deploy: {runs-on: a, steps: [{run: helm upgrade a}]}}\n"
        )
        (tmp_path / f"{number}.yaml").write_text(
            f"apiVersion: v1\nkind: Service\nmetadata: {{name: a{number}}}\nspec: {{selector: {{app: b}}, ports: [{{port: 80}}]}}\n"
        )

    def printed(jobs: str) -> str:
        command = [sys.executable, "-m", "devopslint", "--no-cache", "--jobs", jobs, "--format", "json", str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    assert '"pipeline-' in printed("1")
    assert printed("2") == printed("1")


def test_some_paths_give_the_findings_of_a_full_run_that_touch_them(
    examined: tuple[Scope, tuple[FileReport, ...]],
) -> None:
    everything, reports = examined
    full = conclude_scope(everything, reports, EVERYTHING)
    some = everything.files[:: max(1, len(everything.files) // 25)]

    scope = scope_of(everything.root, *some)
    part = conclude_scope(scope, examine_all(scope, EVERYTHING), EVERYTHING)

    touching = [f for f in full.findings if {f.location.path, *(r.location.path for r in f.related)} & set(some)]
    assert [(f.rule.id, f.location, f.message) for f in part.findings] == [
        (f.rule.id, f.location, f.message) for f in touching
    ]


def test_what_was_seen_was_checked_or_is_listed(examined: tuple[Scope, tuple[FileReport, ...]]) -> None:
    _, reports = examined

    for report in reports:
        if report.unchecked:
            assert report.not_checked and not report.findings, report.file.path


HOSTILE = {
    "nested brackets": b"apiVersion: v1\nkind: " + b"[" * 20_000,
    "nested braces": b"apiVersion: v1\nkind: Pod\nx: " + b"{a: " * 20_000,
    "nested blocks": b"apiVersion: v1\nkind: Pod\n" + b"".join(b" " * n + b"a:\n" for n in range(1500)),
    "alias bomb": b"apiVersion: v1\nkind: Pod\na: &a [x,x]\n"
    + b"".join(b"%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n" % (c, c, *[c - 1] * 9) for c in range(98, 122)),
    "merge bomb": b"apiVersion: v1\nkind: Pod\na: &a {x: 1}\n"
    + b"".join(b"%c: &%c {<<: [*%c, *%c]}\n" % (c, c, c - 1, c - 1) for c in range(98, 122))
    + b"spec: *y\nmetadata: *y\n",
    "recursive alias": b"apiVersion: v1\nkind: Pod\nspec: &s\n  containers: [*s]\n  initContainers: *s\n",
    "recursive merge": b"apiVersion: v1\nkind: Pod\nspec: &s\n  <<: *s\n  containers: []\n",
    "not UTF-8": b"apiVersion: v1\nkind: Pod\nmetadata: {name: caf\xe9}\n",
    "NUL bytes": b"apiVersion: v1\nkind: Pod\nmetadata: {name: a\0b}\n",
    "unclosed flow": b"apiVersion: v1\nkind: Pod\nspec: {containers: [",
    "tabs": b"apiVersion: v1\nkind: Pod\nspec:\n\tcontainers: []\n",
    "unknown tag": b"apiVersion: v1\nkind: Pod\nspec: !unknown {containers: [{name: a}]}\n",
    "wrong types": b"apiVersion: v1\nkind: Pod\nmetadata: x\nspec: [1]\n",
    "null everywhere": b"apiVersion: v1\nkind: Deployment\nmetadata:\nspec:\n  template:\n    spec:\n      containers:\n",
    "many documents": b"apiVersion: v1\nkind: Pod\n---\n" * 500,
    "many broken documents": b"apiVersion: v1\nkind: [\n---\n" * 5_000,
    "long line": b"apiVersion: v1\nkind: Pod\nmetadata: {name: " + b"a" * 1_000_000 + b"}\n",
    "a list that is none": b"apiVersion: v1\nkind: List\nitems: {a: 1}\n---\napiVersion: v1\nkind: PodList\nitems:\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_yaml_gives_a_report(name: str) -> None:
    for kind in ("manifest", "workflow", "action"):
        examine_safely(kind, HOSTILE[name])


def test_a_duplicate_key_hides_nothing() -> None:
    text = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: app, securityContext: {runAsUser: 0}}]
spec: {}
"""

    found = check_texts({"pod.yaml": text}, EVERYTHING.selecting(["k8s-root-container", "duplicate-key"])).findings

    assert [(f.location.line, f.rule.id) for f in found] == [(5, "k8s-root-container"), (6, "duplicate-key")]


def test_what_follows_a_broken_document_is_checked() -> None:
    pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers: [{name: app, securityContext: {runAsUser: 0}}]\n"

    found = check_texts(
        {"pods.yaml": f"{pod}---\na: [\n---\n{pod}"}, Config().selecting(["k8s-root-container"])
    ).findings

    assert [f.location.line for f in found] == [4, 11]


def test_a_template_is_listed_as_not_checked_and_a_string_with_braces_is_none() -> None:
    template = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n{{- if .x }}\nspec: {}\n{{- end }}\n"
    plain = "apiVersion: v1\nkind: Pod\nmetadata: {name: '{{ name }}'}\nspec: {containers: [{name: a}]}\n"

    settled = check_texts(
        {"t.yaml": template, "p.yaml": plain}, Config().selecting(["k8s-root-container", "unreadable-file"])
    )

    assert [(gap.path, gap.reason) for gap in settled.not_checked] == [
        ("t.yaml", "is a template: what it renders to is not known here")
    ]
    assert [f.location.path for f in settled.findings] == ["p.yaml"]


def test_a_message_is_one_line_whatever_it_quotes() -> None:
    text = 'on: push\njobs: {"a\\nb": {runs-on: x, steps: [{run: make}]}}\n'

    settled = check_texts({".github/workflows/ci.yml": text}, EVERYTHING)

    assert "job 'a b' has no `timeout-minutes`: it may hang for 6 hours" in {f.message for f in settled.findings}


POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: app\n"
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, resources: {requests: {memory: 64Mi}}}]
"""
HPA = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
"""


def test_a_finding_is_kept_where_a_related_place_of_it_is_wanted() -> None:
    files = {"hpa.yaml": HPA, "web.yaml": WEB}
    config = Config().selecting(["hpa-unrequested-resource"])
    reports = [examine(SourceFile(p, "manifest"), text, config.selection(p)) for p, text in files.items()]

    def found(path: str) -> list[str]:
        settled = conclude(Project(reports), config, datetime.date.today(), path.__eq__)
        return [f.location.path for f in settled.findings]

    assert found("hpa.yaml") == ["hpa.yaml"]
    assert found("web.yaml") == ["hpa.yaml"]
    assert found("other.yaml") == []


def checks_named(rule_id: str) -> list[Check]:
    """Those of a rule, imported with the room that they are in."""
    for kind in catalogue()[rule_id].kinds:
        checks_of(rule_id, kind)
    project_checks_of(rule_id, frozenset().union(*rules_over_projects().get(rule_id, {}).values()))
    return CHECKS[rule_id]


def test_a_check_that_raises_is_reported_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(container: Container) -> Iterator[Problem]:
        raise ZeroDivisionError("on purpose")
        yield

    made = checks_named("k8s-root-container")
    monkeypatch.setitem(CHECKS, "k8s-root-container", [one._replace(function=broken) for one in made])
    file_checks.cache_clear()
    (tmp_path / "pod.yaml").write_text(POD)
    try:
        options = [
            "--no-config",
            "--no-cache",
            "--format",
            "json",
            "--select",
            "k8s-root-container,k8s-writable-root-filesystem",
        ]
        result = CliRunner().invoke(main, [str(tmp_path), *options])
    finally:
        file_checks.cache_clear()

    report = json.loads(result.stdout)
    assert result.exit_code == 2
    assert [f["rule"] for f in report["findings"]] == ["k8s-writable-root-filesystem"]
    assert [
        (one["rule"], "ZeroDivisionError: on purpose (broken, line" in one["message"])
        for one in report["internal_errors"]
    ] == [("k8s-root-container", True)]


def test_two_findings_that_differ_in_their_subject_differ_in_their_fingerprint() -> None:
    rule = catalogue()["k8s-root-container"].rule
    one, other = (
        Finding(rule, Severity.ERROR, Location("pod.yaml", line, 1, line, 2), "may run as root", subject=subject)
        for line, subject in ((3, "Pod/a container app"), (4, "Pod/b container app"))
    )

    first, second = finished([one, other])

    assert first.fingerprint.endswith(":1")
    assert second.fingerprint.endswith(":1")
    assert first.fingerprint != second.fingerprint


@pytest.mark.parametrize("command", ["check", "checklist"])
@pytest.mark.parametrize("rule_id", ["k8s-root-container", "net-missing-policy"])
def test_a_check_over_a_file_or_the_project_that_raises_ends_every_command_with_2(
    command: str, rule_id: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(subject: object) -> Iterator[Problem]:
        raise ZeroDivisionError("on purpose")
        yield

    monkeypatch.setitem(CHECKS, rule_id, [one._replace(function=broken) for one in checks_named(rule_id)])
    file_checks.cache_clear()
    (tmp_path / ".git").mkdir()
    (tmp_path / "pod.yaml").write_text(POD)
    try:
        result = CliRunner().invoke(main, [command, str(tmp_path), "--no-config", "--no-cache", "--select", rule_id])
    finally:
        file_checks.cache_clear()

    assert result.exit_code == 2
    if command == "check":
        assert f"{rule_id}" in result.stdout
        assert "ZeroDivisionError: on purpose (broken, line" in result.stdout


SECRET = "Gr4vel-Kiwi-77"
TWO = f"""\
apiVersion: v1
kind: Pod
metadata: {{name: web, annotations: {{devopslint/allow: 'k8s-latest-tag -- ours'}}}}
spec:
  containers:
    # devopslint: allow k8s-root-container -- vendor, until 2999-01-01
    - {{name: app, image: 'a:latest', env: [{{name: DB_PASSWORD, value: {SECRET}}}]}}
    - {{name: b, image: 'a:1', securityContext: {{runAsNonRoot: true}}}}
"""


def place(line: int, column: int, end_column: int) -> Location:
    return Location("pod.yaml", line, column, line, end_column)


def test_the_report_of_a_file_holds_all_that_a_run_asks_of_it() -> None:
    selection = Config().selecting(["k8s-root-container", "k8s-latest-tag"]).selection("pod.yaml")

    report = examine(SourceFile("pod.yaml", "manifest"), TWO, selection)

    assert report.file == ("pod.yaml", "manifest")
    assert [
        (f.rule.id, f.severity, f.location.region, f.message, f.subject, f.suppressed) for f in report.findings
    ] == [
        (
            "k8s-latest-tag",
            Severity.WARNING,
            place(7, 26, 36).region,
            "image 'a:latest' changes with every push to latest",
            "Pod/web container app",
            None,
        ),
        (
            "k8s-root-container",
            Severity.ERROR,
            place(7, 8, 17).region,
            "container 'app' may run as root",
            "Pod/web container app",
            None,
        ),
    ]
    assert report.suppressions == (
        Suppression(
            ("k8s-root-container",), place(6, 5, 71), "vendor", datetime.date(2999, 1, 1), 7, 7, origin="comment"
        ),
        Suppression(("k8s-latest-tag",), place(3, 55, 79), "ours", None, 1, 8, origin="annotation"),
    )
    assert report.subjects == (("k8s-latest-tag", 2), ("k8s-root-container", 2))
    assert report.sound == (("k8s-root-container", "Pod/web container b", place(8, 8, 15)),)
    assert report.hidden == (place(7, 71, 85),), "the rule about secrets is not selected, and what it suspects is known"
    assert (report.not_checked, report.not_known, report.failures, report.unchecked) == ((), (), (), False)
    assert [type(one).__name__ for one in report.summaries] == ["WorkloadSummary", "ImageRun", "ImageRun", "Placement"]


def test_a_secret_is_in_none_of_the_words_of_a_report() -> None:
    text = TWO.replace("image: 'a:latest'", f"image: 'a/{SECRET}:latest'").replace("name: app,", f"name: {SECRET},")

    report = examine(SourceFile("pod.yaml", "manifest"), text, EVERYTHING.selection("pod.yaml"))

    assert any("***" in f.message for f in report.findings)
    for finding in report.findings:
        words = [finding.message, finding.subject, *(one.message for one in finding.related)]
        assert not [word for word in words if SECRET in word], finding.rule.id


def test_a_kind_that_no_rule_looks_at_is_listed() -> None:
    assert examine(SourceFile("a.x", "nonsense"), "", {}) == FileReport(
        SourceFile("a.x", "nonsense"), not_checked=(NotChecked("a.x", "no rule looks at a nonsense"),), unchecked=True
    )


@pytest.mark.parametrize(
    ("file", "severity"), [(("pod.yaml", "manifest"), "error"), (("README.md", "document"), "warning")]
)
def test_a_byte_that_is_no_character_keeps_nobody_from_reading_a_document(file: tuple[str, str], severity: str) -> None:
    report = examine(SourceFile(*file), "\ufffd\n", EVERYTHING.selection(file[0]), undecodable=0)

    assert [str(one.severity) for one in report.findings if one.rule.id == "unreadable-file"] == [severity]


@pytest.mark.parametrize(("before", "line", "column"), [("", 1, 1), ("# a\n# b", 2, 4), ("# a\r# b\r\n", 3, 1)])
def test_a_byte_that_is_no_character_is_found_where_it_stands(before: str, line: int, column: int) -> None:
    text = f"{before}\ufffd\n"

    report = examine(
        SourceFile("pod.yaml", "manifest"), text, EVERYTHING.selection("pod.yaml"), undecodable=len(before)
    )

    (found,) = [f for f in report.findings if f.message == "is not UTF-8: a byte here is no character"]
    assert found.location == Location("pod.yaml", line, column, line, column + 1)
    assert found.rule.id == "unreadable-file"
    assert not examine(SourceFile("pod.yaml", "manifest"), text, {}, undecodable=len(before)).findings


def finding_at(
    line: int, message: str = "may run as root", *, column: int = 1, related: tuple[int, ...] = ()
) -> Finding:
    return Finding(
        catalogue()["k8s-root-container"].rule,
        Severity.ERROR,
        Location("pod.yaml", line, column, line, column + 1),
        message,
        tuple(Related(Location("web.yaml", one, 1, one, 2), "here") for one in related),
        subject="Pod/web",
    )


def test_findings_come_once_in_the_order_of_their_places_and_equal_ones_are_numbered() -> None:
    found = finished([finding_at(9), finding_at(2, "z"), finding_at(2, "a"), finding_at(2), finding_at(9)])

    assert [(f.location.line, f.message, f.fingerprint.partition(":")[2]) for f in found] == [
        (2, "a", "1"),
        (2, "may run as root", "1"),
        (2, "z", "1"),
        (9, "may run as root", "2"),
    ]
    assert found[1].fingerprint.partition(":")[0] == found[3].fingerprint.partition(":")[0]
    assert len(found[1].fingerprint) == 32 + len(":1")
    assert found[1]._replace(fingerprint="") == finding_at(2)


def test_two_findings_that_say_the_same_show_the_places_of_both() -> None:
    (one,) = finished([finding_at(2, related=(1, 3)), finding_at(2, related=(3, 5))])

    assert [related.location.line for related in one.related] == [1, 3, 5]


def test_a_finding_shows_so_many_places_and_no_more() -> None:
    (most,) = finished([finding_at(2, related=tuple(range(1, MOST_RELATED + 1)))])
    (more,) = finished([finding_at(2, related=tuple(range(1, MOST_RELATED + 20)))])

    assert [one.location.line for one in more.related] == [one.location.line for one in most.related]
    assert len(most.related) == MOST_RELATED


def test_a_long_message_loses_its_middle() -> None:
    longest, longer = "a" * LONGEST_MESSAGE, "a" * LONGEST_MESSAGE + "b"
    related = (Related(Location("web.yaml", 1, 1, 1, 2), longer),)

    whole, cut = finished([finding_at(1, longest), finding_at(2, longer)._replace(related=related)])

    half = LONGEST_MESSAGE // 2
    assert whole.message == longest
    assert cut.message == f"{'a' * half}…{'a' * (half - 1)}b"
    assert cut.related[0].message == cut.message


def test_what_one_line_holds_too_often_is_counted() -> None:
    several = [finding_at(3, f"m{number:04}", column=number + 1) for number in range(MOST_ON_A_LINE + 1200)]

    exact, found = finished(several[:MOST_ON_A_LINE]), finished([*several, finding_at(4)])

    assert len(exact) == MOST_ON_A_LINE
    assert [f.message for f in found[: MOST_ON_A_LINE + 1]] == [
        *(f"m{number:04}" for number in range(MOST_ON_A_LINE)),
        "and 1,200 more findings of this rule on this line",
    ]
    assert [f.location.line for f in found[MOST_ON_A_LINE:]] == [3, 4]


def test_what_is_wrong_outside_of_overlays_is_wrong_only_where_it_is_in_each_of_them() -> None:
    """Two builds of one base are two worlds: the autoscaler of the tree finds its target in one of them alone."""
    selection = EVERYTHING.selecting(["hpa-unrequested-resource", "hpa-dangling"])
    other = HPA.replace("name: web", "name: other")
    here = [
        examine(SourceFile(path, "manifest"), text, selection.selection(path))
        for path, text in {"hpa.yaml": HPA, "other.yaml": other}.items()
    ]
    builds = [
        examine(SourceFile(f"{name}/web.yaml", "manifest"), text, selection.selection(""))._replace(
            sources=frozenset({"base/web.yaml", f"{name}/web.yaml"})
        )
        for name, text in (("a", WEB), ("b", WEB.replace("memory: 64Mi", "cpu: 1")))
    ]

    def found(*reports: FileReport) -> list[tuple[str, str]]:
        across = run_project_checks(Project([*here, *reports]), selection)
        assert across.failures == ()
        return sorted((f.location.path, f.rule.id) for f in across.findings)

    unrequested = ("hpa.yaml", "hpa-unrequested-resource")
    missing = [one for one in found(builds[0]) if one != unrequested]
    assert unrequested in found(builds[0])
    assert unrequested not in found(builds[1])
    assert found(*builds) == missing
    assert dict(run_project_checks(Project([*here, *builds]), selection).subjects)["hpa-unrequested-resource"] == 2


def test_a_rule_that_waits_for_the_whole_repository_is_listed_once() -> None:
    config = EVERYTHING.selecting(["net-missing-policy", "hpa-missing"])
    reports = [examine(SourceFile("pod.yaml", "manifest"), WEB, config.selection("pod.yaml"))]

    across = run_project_checks(Project(reports, complete=False), config)

    assert across.findings == ()
    assert across.not_checked == (
        NotChecked(
            "",
            "not run, because the repository around these files is not known: hpa-missing, net-missing-policy",
        ),
    )


def test_what_every_room_says_of_one_file_is_told_to_the_project() -> None:
    text = (
        "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: a, namespace: b}\n"
        "spec: {groups: [{name: g, rules: [{alert: Down, expr: up == 0}]}]}\n"
        "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: sa}\n"
    )

    report = examine(SourceFile("a.yaml", "manifest"), text, Config().selection(""))

    assert report.aspects == ("monitoring-objects", "operator-objects")
    told = [type(one).__name__ for one in report.summaries]
    assert "AccountSummary" in told, "of the manifests"
    assert "GroupSummary" in told, "of the rules of Prometheus in them"


@pytest.mark.parametrize(("method", "findings"), [("summaries", 1), ("read", 0)])
def test_a_view_that_raises_is_said_with_its_file(method: str, findings: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*told: object) -> object:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(view_of_kind("manifest"), method, broken)
    selection = Config().selecting(["k8s-root-container"]).selection("")

    report = examine(SourceFile("deep/pod.yaml", "manifest"), POD, selection)

    assert len(report.findings) == findings
    (failure,) = report.failures
    assert failure[:2] == ("", "deep/pod.yaml")
    assert failure.message.startswith("ZeroDivisionError: on purpose (broken, line ")
    assert gc.isenabled()


def test_open_questions_come_once_in_the_order_of_their_places() -> None:
    def asked(path: str, line: int, why: str, rule_id: str) -> NotKnown:
        return NotKnown(Location(path, line, 1, line, 2), "whether it is there", why, "", rule_id)

    first, second, third = asked("a", 2, "y", "one"), asked("b", 1, "x", "one"), asked("b", 1, "z", "one")
    reports = [
        FileReport(SourceFile("b", "manifest"), not_known=(third, second, third._replace(rule_id="other"))),
        FileReport(
            SourceFile("a", "manifest"), not_known=(first, first._replace(question="whether it is not", because="a"))
        ),
        FileReport(SourceFile("c", "manifest"), not_known=(asked("c", 1, "x", "one"),)),
    ]

    settled = conclude(Project(reports), Config(), datetime.date.today(), lambda path: path != "c")

    assert settled.not_known == (first._replace(question="whether it is not", because="a"), first, second, third)


BASE = {
    "base/kustomization.yaml": "resources: [pod.yaml]\n",
    "base/pod.yaml": TWO.replace("image: 'a:latest'", "image: 'a:1'"),
}


def overlay(image: str, name: str = "app") -> str:
    patch = f"{{name: {name}, image: '{image}'}}"
    return (
        "resources: [../base]\npatches:\n  - patch: |\n      apiVersion: v1\n      kind: Pod\n"
        f"      metadata: {{name: web}}\n      spec: {{containers: [{patch}]}}\n"
    )


def test_what_is_said_of_a_build_quotes_no_secret_of_the_files_that_go_into_it() -> None:
    files = {**BASE, "live/kustomization.yaml": overlay(f"a/{SECRET}:latest")}
    other = {"other.yaml": files["base/pod.yaml"], "live/kustomization.yaml": f"{overlay('a/shop-2024-06:latest')}"}
    told = {
        name: [f.message for f in check_texts(several, Config().selecting(["k8s-latest-tag"])).findings]
        for name, several in (("own", files), ("other", {**BASE, **other}))
    }

    assert told["own"] == ["image 'a/**************:latest' changes with every push to latest"]
    assert told["other"] == ["image 'a/shop-2024-06:latest' changes with every push to latest"]


def test_a_secret_of_a_file_that_goes_into_no_build_is_no_secret_of_one() -> None:
    stranger = TWO.replace("name: web,", "name: stranger,").replace(SECRET, "Other-Kiwi-88")
    files = {
        **BASE,
        "strangers/pod.yaml": stranger.replace("a:latest", "a:1"),
        "live/kustomization.yaml": overlay("a/Other-Kiwi-88:latest"),
    }

    found = check_texts(files, Config().selecting(["k8s-latest-tag"])).findings

    assert [f.message for f in found] == ["image 'a/Other-Kiwi-88:latest' changes with every push to latest"]


def test_a_check_that_raises_over_a_build_is_reported_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(container: Container) -> Iterator[Problem]:
        raise ZeroDivisionError("on purpose")
        yield

    made = checks_named("k8s-root-container")
    monkeypatch.setitem(CHECKS, "k8s-root-container", [one._replace(function=broken) for one in made])
    file_checks.cache_clear()
    config = Config().selecting(["k8s-root-container", "k8s-latest-tag"])
    try:
        settled = check_texts({**BASE, "live/kustomization.yaml": overlay("a:latest")}, config)
    finally:
        file_checks.cache_clear()

    assert [f.rule.id for f in settled.findings] == ["k8s-latest-tag"]
    assert {(one.rule_id, one.path) for one in settled.failures} == {
        ("k8s-root-container", "base/pod.yaml"),
        ("k8s-root-container", "live/kustomization.yaml"),
        ("k8s-root-container", ""),
    }


@pytest.mark.parametrize(
    ("path", "kind", "text", "why"),
    [
        ("vendor/github.com/x/Dockerfile", "dockerfile", "FROM a\n", "is another project's file: it lies in vendor/"),
        ("pod.yaml", "manifest", "\0GITCRYPT\0\1\2", "is encrypted by git-crypt"),
    ],
)
def test_a_file_that_no_rule_may_look_at_says_why(path: str, kind: str, text: str, why: str) -> None:
    file = SourceFile(path, kind)

    assert examine(file, text, EVERYTHING.selection(path)) == FileReport(
        file, not_checked=(NotChecked(path, why),), unchecked=True
    )


def test_the_collector_is_left_as_it_was() -> None:
    gc.disable()
    try:
        examine(SourceFile("pod.yaml", "manifest"), POD, {})
        assert not gc.isenabled()
    finally:
        gc.enable()
    examine(SourceFile("pod.yaml", "manifest"), POD, {})

    assert gc.isenabled()


def test_nodes_are_looked_through_after_many_files_and_not_after_each() -> None:
    file, few, many = SourceFile("pod.yaml", "manifest"), f"{POD}# {'-' * 20_000}\n", f"{POD}# {'-' * 200_000}\n"
    examine(file, many, {})
    looked: list[int] = []

    def note(phase: str, told: dict[str, int]) -> None:
        looked.extend([told["generation"]] if phase == "start" else ())

    gc.disable()
    gc.callbacks.append(note)
    try:
        counts = [(examine(file, few, {}), len(looked))[1] for _ in range(11)]
    finally:
        gc.callbacks.remove(note)
        gc.enable()

    assert counts == [0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2]


def test_places_that_are_not_shown_are_counted_in_the_message() -> None:
    (most,) = finished([finding_at(2, related=tuple(range(1, MOST_RELATED + 1)))])
    (more,) = finished([finding_at(2, related=tuple(range(1, MOST_RELATED + 1_235)))])

    assert most.message == "may run as root"
    assert more.message == "may run as root (and 1,234 more places)"


def test_a_finding_that_has_many_places_takes_no_more_of_another() -> None:
    many, more = tuple(range(1, MOST_RELATED + 1)), (900,)

    (full,) = finished([finding_at(2, related=many), finding_at(2, related=more)])
    (not_full,) = finished([finding_at(2, related=many[1:]), finding_at(2, related=more)])

    assert [one.location.line for one in full.related] == [*many]
    assert [one.location.line for one in not_full.related] == [*many[1:], 900]


def test_a_name_that_is_half_a_character_has_a_fingerprint() -> None:
    (found,) = finished([finding_at(2, "job '\ud800' may run as root")])

    assert len(found.fingerprint) == 32 + len(":1")


def test_what_another_linter_is_told_in_memory_is_heeded() -> None:
    files = {"Dockerfile": "FROM ghcr.io/a/b:1\nUSER 1\n", ".hadolint.yaml": "trustedRegistries: [docker.io]\n"}

    found = check_texts(files, Config()).findings

    assert "docker-untrusted-registry" in {f.rule.id for f in found}
    assert "docker-untrusted-registry" not in {
        f.rule.id for f in check_texts({"Dockerfile": files["Dockerfile"]}, Config()).findings
    }


def test_half_a_character_in_memory_is_found_where_it_stands() -> None:
    (found,) = check_texts({"pod.yaml": f"{POD}# \ud800\n"}, Config().selecting(["unreadable-file"])).findings

    assert (found.location.line, found.location.column) == (7, 3)


def test_another_file_tells_what_a_text_in_memory_is() -> None:
    files = {".gitlab-ci.yml": "include: ci/jobs.yml\n", "ci/jobs.yml": "a: {image: 'a:latest', script: [make]}\n"}

    told = check_texts(files, EVERYTHING).findings

    assert "ci/jobs.yml" in {f.location.path for f in told}
    assert not check_texts({"ci/jobs.yml": files["ci/jobs.yml"]}, EVERYTHING).findings


TWICE = """\
services:
  web:
    image: a:1
    environment: {DB_PASSWORD: Gr4vel-Kiwi-77}
"""


def test_a_secret_that_only_the_project_sees_is_known_whether_or_not_its_rule_runs() -> None:
    rules = "select: [compose-literal-secret, k8s-latest-tag]\n"
    configurations = {
        "selected": load_config("c", rules),
        "elsewhere": load_config(
            "c", f"{rules}overrides: [{{paths: [compose.yaml], ignore: [compose-literal-secret]}}]"
        ),
        "not selected": load_config("c", "select: [k8s-latest-tag]\n"),
    }

    told = {name: check_texts({"compose.yaml": TWICE}, config) for name, config in configurations.items()}

    assert [f.rule.id for f in told["selected"].findings] == ["compose-literal-secret"]
    assert not told["elsewhere"].findings and not told["not selected"].findings
    places = {name: {at.line for at in settled.hidden} for name, settled in told.items()}
    assert places == {name: {4} for name in configurations}


def report_of(path: str, text: str, config: Config) -> FileReport:
    return examine(SourceFile(path, "manifest"), text, config.selection(path))


def test_subjects_of_a_rule_over_the_project_are_counted_by_path_where_it_runs() -> None:
    config = load_config(
        "c",
        "select: [hpa-unrequested-resource, hpa-dangling]\noverrides: [{paths: [dev/**], ignore: [hpa-dangling]}]\n",
    )
    two = f"{HPA}---{HPA.replace('name: web', 'name: two')}"
    reports = [
        report_of(path, text, config) for path, text in (("dev/hpa.yaml", two), ("hpa.yaml", HPA), ("w.yaml", WEB))
    ]

    across = run_project_checks(Project(reports), config, lambda path: path != "hpa.yaml")

    assert across.asked == {
        "dev/hpa.yaml": (("hpa-unrequested-resource", 2),),
        "hpa.yaml": (("hpa-dangling", 1), ("hpa-unrequested-resource", 1)),
    }
    assert across.subjects == (("hpa-unrequested-resource", 2),)
    everywhere = run_project_checks(Project(reports), config)
    assert everywhere.subjects == (("hpa-dangling", 1), ("hpa-unrequested-resource", 3))


def test_a_rule_that_has_nothing_to_look_at_waits_for_nothing() -> None:
    config = Config().selecting(["net-missing-policy", "hpa-missing", "pdb-missing"])
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n"

    across = run_project_checks(Project([report_of("a.yaml", account, config)], complete=False), config)

    assert across.not_checked == ()


def test_what_several_worlds_wait_for_is_said_once() -> None:
    config = Config().selecting(["net-missing-policy", "hpa-missing"])
    builds = [
        examine(SourceFile(f"{name}/web.yaml", "manifest"), WEB, config.selection(""))._replace(
            sources=frozenset({"base/web.yaml", f"{name}/web.yaml"})
        )
        for name in ("a", "b")
    ]

    across = run_project_checks(Project(builds, complete=False), config)

    assert across.not_checked == (
        NotChecked(
            "", "not run, because the repository around these files is not known: hpa-missing, net-missing-policy"
        ),
    )


def test_what_is_broken_or_open_in_several_worlds_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(subject: object) -> Iterator[Problem]:
        raise ZeroDivisionError("on purpose")
        yield

    monkeypatch.setitem(CHECKS, "hpa-missing", [one._replace(function=broken) for one in checks_named("hpa-missing")])
    config = Config().selecting(["hpa-missing", "k8s-latest-tag"])
    builds = [
        examine(SourceFile(f"{name}/web.yaml", "manifest"), WEB, config.selection(""))._replace(
            sources=frozenset({"base/web.yaml", f"{name}/web.yaml"})
        )
        for name in ("a", "b")
    ]

    (failure,) = run_project_checks(Project(builds), config).failures

    assert failure[:2] == ("hpa-missing", "")
    assert failure.message.startswith("ZeroDivisionError: on purpose (broken, line ")


def test_only_what_is_not_read_of_the_files_that_are_asked_for_is_listed() -> None:
    reports = [
        FileReport(SourceFile(path, "manifest"), not_checked=(NotChecked(path, "is a template"),), subjects=(("a", 2),))
        for path in ("a.yaml", "b.yaml")
    ]

    settled = conclude(Project(reports), Config(), datetime.date.today(), "a.yaml".__eq__)

    assert settled.not_checked == (NotChecked("a.yaml", "is a template"),)
    assert settled.subjects == {"a": 2}


def missing_at(line: int, path: str = "pod.yaml", *, column: int = 1, wanted: str = "") -> Finding:
    at = Location(path, line, column, line, column + 1, missing=True, wanted=wanted)
    return finding_at(line)._replace(location=at)


@pytest.mark.parametrize("last", [40, 5_000])
def test_what_a_document_leaves_out_that_is_completed_elsewhere_is_no_fault(last: int) -> None:
    """Whether it is looked up by its lines, or among the few that are long."""
    document = PartialDocument("pod.yaml", "is patched by an overlay", 3, last)
    findings = (
        *(missing_at(line) for line in (2, 3, last, last + 1)),
        finding_at(5),
        missing_at(5, "other.yaml"),
    )
    reports = [
        FileReport(SourceFile("pod.yaml", "manifest"), findings, summaries=(document,)),
        FileReport(SourceFile("other.yaml", "manifest")),
    ]

    settled = conclude(Project(reports), Config(), datetime.date.today())

    assert [(f.location.path, f.location.line) for f in settled.findings] == [
        ("other.yaml", 5),
        ("pod.yaml", 2),
        ("pod.yaml", 5),
        ("pod.yaml", last + 1),
    ]
    assert settled.not_checked == (NotChecked("pod.yaml", "is patched by an overlay", 3),)


def test_a_document_of_which_some_keys_are_set_elsewhere_is_told_where_that_excuses_something() -> None:
    kept, told = (
        PartialDocument(path, "sets replicas elsewhere", keys=frozenset({"replicas"})) for path in ("a.yaml", "b.yaml")
    )
    later = PartialDocument("b.yaml", "and again", keys=frozenset({"image"}))
    secret = catalogue()["k8s-env-secret"].rule
    whole = PartialDocument("c.yaml", "is a patch", whole=True, but_secrets=True)
    findings = (
        missing_at(1, "a.yaml", wanted="image"),
        missing_at(1, "b.yaml", wanted="replicas"),
        missing_at(2, "b.yaml", wanted="image"),
        finding_at(4)._replace(location=Location("c.yaml", 4, 1, 4, 2)),
        finding_at(5)._replace(location=Location("c.yaml", 5, 1, 5, 2), rule=secret),
    )
    reports = [
        FileReport(SourceFile("a.yaml", "manifest"), findings, summaries=(kept, told, later, whole)),
        *(FileReport(SourceFile(path, "manifest")) for path in ("b.yaml", "c.yaml")),
    ]

    settled = conclude(Project(reports), Config(), datetime.date.today())

    assert [(f.location.path, f.rule.id) for f in settled.findings] == [
        ("a.yaml", "k8s-root-container"),
        ("c.yaml", "k8s-env-secret"),
    ]
    assert settled.not_checked == (NotChecked("b.yaml", "and again", 1), NotChecked("c.yaml", "is a patch", 1))


def test_a_word_for_every_rule_is_unused_only_where_all_files_are_known() -> None:
    config = Config().selecting(["k8s-latest-tag", "suppression-unused"])
    text = f"# devopslint: allow * -- a demo\n{POD}"
    report = report_of("pod.yaml", text, config)

    def unused(complete: bool) -> list[str]:
        return [
            f.message
            for f in conclude(Project([report], complete=complete), config, datetime.date.today()).findings
            if f.rule.id == "suppression-unused"
        ]

    assert unused(True) == ["accepts nothing: no finding of * here"]
    assert unused(False) == []


def test_what_is_wrong_with_a_word_in_a_file_is_said_to_who_asks_for_that_file() -> None:
    config = Config().selecting(["k8s-latest-tag", "suppression-unused"])
    text = f"# devopslint: allow k8s-latest-tag -- a demo\n{POD}"
    reports = [report_of(path, text, config) for path in ("a.yaml", "b.yaml")]

    settled = conclude(Project(reports), config, datetime.date.today(), "b.yaml".__eq__)

    assert [f.location.path for f in settled.findings] == ["b.yaml"]


def test_other_linters_words_are_heeded_where_the_configuration_lets_them() -> None:
    text = "FROM alpine  # hadolint ignore=DL3006\nUSER 1\n"
    files = {"Dockerfile": f"# hadolint ignore=DL3006\n{text.replace('  # hadolint ignore=DL3006', '')}"}

    def accepted(said: str) -> list[bool]:
        config = load_config("c", f"select: [docker-untagged-image]\n{said}")
        return [f.suppressed is not None for f in check_texts(files, config).findings]

    assert accepted("") == [True]
    assert accepted("peer-suppressions: false\n") == [False]
