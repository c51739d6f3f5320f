"""The suppression comments of other linters, honoured here."""

from __future__ import annotations

import datetime

import pytest

import devopslint
from devopslint.catalogue import catalogue, equivalents
from devopslint.model import Finding
from tests.work import lines_run

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: app
    - name: proxy
"""


def run(
    text: str, path: str = "pod.yaml", select: str = "k8s-writable-root-filesystem", config: str = ""
) -> list[Finding]:
    return devopslint.check({path: text}, select=[select], config=config)


def counted(findings: list[Finding]) -> list[int]:
    return [f.location.line for f in findings if f.suppressed is None]


def test_a_checkov_comment_covers_its_document_and_keeps_its_reason() -> None:
    text = POD.replace("spec:", "# checkov:skip=CKV_K8S_22:vendor image\nspec:") + "---\n" + POD

    findings = run(text)

    assert counted(findings) == [15, 16]
    assert {(f.suppressed.origin, f.suppressed.reason) for f in findings if f.suppressed} == {
        ("checkov", "vendor image")
    }


@pytest.mark.parametrize("name", ["KSV-0014", "AVD-KSV-0014", "KSV014", "avd-ksv-0014"])
def test_a_trivy_comment_covers_what_begins_below_it(name: str) -> None:
    text = POD.replace("- name: app", f"# trivy:ignore:{name}\n    - name: app")

    assert counted(run(text)) == [8]


def test_a_peers_rule_without_an_equivalent_accepts_nothing() -> None:
    text = POD.replace("- name: app", "# trivy:ignore:KSV-9999\n    - name: app")

    assert counted(run(text)) == [7, 8]


def test_the_configuration_can_switch_them_off() -> None:
    text = "# checkov:skip=CKV_K8S_22:vendor image\n" + POD

    assert counted(run(text)) == []
    assert counted(run(text, config="peer-suppressions: false\n")) == [7, 8]


def test_a_peers_comment_is_never_called_unused() -> None:
    text = POD.replace("- name: app", "- name: app  # nosemgrep")

    assert devopslint.check({"pod.yaml": text}, select=["suppression-unused"]) == []


def test_a_check_comment_of_buildkit_covers_one_instruction_below_the_directives_and_else_the_file() -> None:
    text = "FROM debian:12\n# check=skip=JSONArgsRecommended // a shell is wanted\nCMD a\nENTRYPOINT b\n"

    below = run(text, "Dockerfile", "docker-shell-form-command")
    above = run("# syntax=docker/dockerfile:1\n# check=skip=all\n" + text, "Dockerfile", "docker-shell-form-command")

    assert counted(below) == [4]
    assert [f.suppressed.reason for f in below if f.suppressed] == ["a shell is wanted"]
    assert counted(above) == []


ANNOTATED = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    KEY: VALUE
spec:
  containers:
    - name: app
---
apiVersion: v1
kind: Pod
metadata: {name: other}
spec:
  containers:
    - name: app
"""


@pytest.mark.parametrize(
    ("key", "value", "origin", "reason"),
    [
        ("ignore-check.kube-linter.io/no-read-only-root-fs", "writes a cache", "kube-linter", "writes a cache"),
        ("kube-linter.io/ignore-all", "vendor image", "kube-linter", "vendor image"),
        ("kube-score/ignore", "x, container-security-context-readonlyrootfilesystem", "kube-score", None),
        ("polaris.fairwinds.com/notReadOnlyRootFilesystem-exempt", '"true"', "polaris", None),
        ("polaris.fairwinds.com/exempt", "'true'", "polaris", None),
        ("checkov.io/skip1", "CKV_K8S_22=needs a = sign", "checkov", "needs a = sign"),
        ("cortex.io/skip2", "CKV_K8S_22", "checkov", None),
    ],
)
def test_a_peers_annotation_covers_its_object(key: str, value: str, origin: str, reason: str | None) -> None:
    findings = run(ANNOTATED.replace("KEY", key).replace("VALUE", value))

    assert counted(findings) == [16]
    assert [(f.suppressed.origin, f.suppressed.reason) for f in findings if f.suppressed] == [(origin, reason)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("polaris.fairwinds.com/notReadOnlyRootFilesystem-exempt", '"false"'),
        ("ignore-check.kube-linter.io/run-as-non-root", "another rule"),
        ("checkov.io/skip", "CKV_K8S_22=no number"),
        ("kube-score/ignore", "''"),
    ],
)
def test_an_annotation_that_names_nothing_of_ours_accepts_nothing(key: str, value: str) -> None:
    assert counted(run(ANNOTATED.replace("KEY", key).replace("VALUE", value))) == [9, 16]


DOCKERFILE = """\
FROM alpine:3.20 AS build
RUN sudo make
RUN sudo make install

FROM alpine:3.20
RUN sudo ls
"""


def sudo(text: str) -> list[int]:
    return counted(run(text, "Dockerfile", "docker-sudo"))


def above(line: str, comment: str) -> str:
    """DOCKERFILE with a comment above the first such line."""
    return DOCKERFILE.replace(f"{line}\n", f"{comment}\n{line}\n", 1)


def test_without_a_comment_every_sudo_is_found() -> None:
    assert sudo(DOCKERFILE) == [2, 3, 6]


def test_a_hadolint_comment_covers_the_next_instruction() -> None:
    assert sudo(above("RUN sudo make", "# hadolint ignore=DL3004")) == [4, 7]


def test_a_hadolint_comment_above_from_does_not_cover_its_stage() -> None:
    assert sudo("# hadolint ignore=DL3004\n" + DOCKERFILE) == [3, 4, 7]


def test_a_global_hadolint_comment_covers_the_file_and_a_stage_comment_its_stage() -> None:
    assert sudo("# hadolint global ignore=DL3004\n" + DOCKERFILE) == []
    assert sudo(above("FROM alpine:3.20", "# hadolint stage ignore=DL3004 # vendor image")) == [2, 3]


def test_a_buildkit_directive_covers_the_file() -> None:
    text = "# check=skip=MaintainerDeprecated\nFROM alpine:3.20\nMAINTAINER me\n"

    assert counted(run(text, "Dockerfile", "docker-maintainer")) == []
    assert counted(run(text.replace("MaintainerDeprecated", "StageNameCasing"), "Dockerfile", "docker-maintainer")) == [
        3
    ]
    assert counted(run(text.replace("MaintainerDeprecated", "all"), "Dockerfile", "docker-maintainer")) == []


WORKFLOW = """\
on: push
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - uses: someone/something@v1
"""


def test_a_zizmor_comment_covers_its_step() -> None:
    path, select = ".github/workflows/ci.yml", "zizmor:unpinned-uses"
    text = WORKFLOW.replace("something@v1", "something@v1 # zizmor: ignore[unpinned-uses] reviewed")

    assert 7 in counted(run(WORKFLOW, path, select))
    assert 7 not in counted(run(text, path, select))
    assert 6 in counted(run(text, path, select))


ZIZMOR_WORKFLOW = """\
on:
  pull_request_target:
    types: [opened]
jobs:
  test:
    runs-on: self-hosted
    env:
      A: b
      ACTIONS_ALLOW_UNSECURE_COMMANDS: true
    steps:
      - name: fetch
        uses: someone/something@v1
        with:
          depth: 0
      - env:
          B: c
        run: |
          echo ${{ github.head_ref }}
  call:
    name: call
    uses: octo-org/ci/.github/workflows/test.yml@v1
"""


@pytest.mark.parametrize(
    ("audit", "rule", "finding", "lines"),
    [
        ("dangerous-triggers", "gha-dangerous-trigger", 2, [1, 2, 3]),
        ("concurrency-limits", "gha-missing-concurrency", 1, [1, 2, 3, 5, 19]),
        ("excessive-permissions", "gha-missing-permissions", 1, [*range(1, 18), 19, 20, 21]),
        ("excessive-permissions", "gha-missing-job-permissions", 5, list(range(5, 18))),
        ("self-hosted-runner", "gha-self-hosted-runner", 6, [6]),
        ("insecure-commands", "gha-insecure-commands", 9, [7, 8, 9]),
        ("unpinned-uses", "gha-unpinned-action", 12, [11, 12, 13, 14]),
        ("unpinned-uses", "gha-unpinned-action", 21, [19, 20, 21]),
        ("template-injection", "gha-script-injection", 18, [15, 16, 17]),
        ("anonymous-definition", "gha-anonymous-definition", 5, [5]),
    ],
)
def test_a_zizmor_comment_covers_what_zizmor_points_at(audit: str, rule: str, finding: int, lines: list[int]) -> None:
    text = ZIZMOR_WORKFLOW.splitlines()
    accepting = []
    for number in [n for n in range(1, len(text) + 1) if n != 18]:  # a comment in a script is the script's
        commented = [line + f" # zizmor: ignore[{audit}]" * (n == number) for n, line in enumerate(text, 1)]
        if finding not in counted(run("\n".join(commented), ".github/workflows/ci.yml", rule)):
            accepting.append(number)

    assert finding in counted(run(ZIZMOR_WORKFLOW, ".github/workflows/ci.yml", rule))
    assert accepting == lines


def test_a_zizmor_comment_at_one_trigger_of_a_list_covers_all_triggers() -> None:
    text = (
        "on:\n- push\n- pull_request_target # zizmor: ignore[concurrency-limits]\njobs: {a: {runs-on: x, steps: []}}\n"
    )

    assert counted(run(text, ".github/workflows/ci.yml", "gha-missing-concurrency")) == []


def test_a_zizmor_comment_alone_on_its_line_covers_what_is_below() -> None:
    text = ZIZMOR_WORKFLOW.replace("      - name: fetch", "      # zizmor: ignore[unpinned-uses]\n      - name: fetch")

    assert counted(run(text, ".github/workflows/ci.yml", "gha-unpinned-action")) == [22]


def test_the_work_over_zizmor_comments_grows_with_their_number() -> None:
    def with_comments(count: int) -> list[Finding]:
        steps = "      - uses: a/b@v1 # zizmor: ignore[artipacked]\n" * count
        text = f"on: push\njobs:\n  test:\n    steps:\n{steps}" + "  x: {} # zizmor: ignore[unpinned-uses]\n" * count
        return run(text, ".github/workflows/ci.yml", "gha-unpinned-action")

    assert counted(with_comments(300)) == list(range(5, 305))
    assert lines_run(lambda: with_comments(300)) < 2.5 * lines_run(lambda: with_comments(150))


@pytest.mark.parametrize(
    ("path", "begin", "comment", "rule"),
    [
        ("Dockerfile", "FROM a\n", "# hadolint ignore=DL3006", "docker-untagged-image"),
        ("Dockerfile", "FROM a\n", "# hadolint stage ignore=DL3006", "docker-untagged-image"),
        ("pod.yaml", POD, "# checkov:skip=CKV_K8S_22:ours", "k8s-writable-root-filesystem"),
        ("pod.yaml", POD, "# trivy:ignore:KSV-0014", "k8s-writable-root-filesystem"),
        ("pod.yaml", POD, "# devopslint: allow k8s-latest-tag -- ours", "k8s-writable-root-filesystem"),
    ],
)
def test_the_work_over_comments_below_one_another_grows_with_their_number(
    path: str, begin: str, comment: str, rule: str
) -> None:
    def with_comments(count: int) -> list[Finding]:
        findings = run(begin + f"{comment}\n" * count, path, rule)
        return [finding._replace(suppressed=None) for finding in findings]

    assert with_comments(2_000) == with_comments(0) != []
    assert lines_run(lambda: with_comments(2_000)) < 2.5 * lines_run(lambda: with_comments(1_000))


@pytest.mark.parametrize("line", [4, 5, 6])
def test_a_zizmor_comment_of_a_jobs_own_audit_covers_the_job(line: int) -> None:
    lines = [
        "on: push",
        "jobs:",
        "  one: {uses: a/b/.github/workflows/c.yml@v1, secrets: inherit}",
        "  two:",
        "    uses: a/b/.github/workflows/c.yml@v1",
        "    secrets: inherit",
    ]
    lines[line - 1] += "  # zizmor: ignore[secrets-inherit] ours"

    findings = run("\n".join(lines), ".github/workflows/ci.yml", "gha-inherited-secrets")

    assert counted(findings) == [3]
    assert [f.suppressed.reason for f in findings if f.suppressed] == ["ours"]


def test_a_trivy_comment_may_name_several_rules_and_end_on_a_day() -> None:
    def lines(comment: str) -> list[int]:
        return counted(run(POD.replace("- name: app", f"# {comment}\n    - name: app")))

    assert lines("trivy:ignore:KSV-0001 trivy:ignore:KSV-0014") == [8]
    assert lines("trivy:ignore:KSV-0014:exp:2999-01-31") == [8]
    assert lines("trivy:ignore:KSV-0014:exp:2019-01-31") == [7, 8]
    assert lines("trivy:ignore:*") == [8]
    assert lines("trivy:ignore:KSV-*") == [8]
    assert lines("trivy:ignore:DS-*") == [7, 8]


def test_the_day_on_which_a_trivy_comment_ends_is_no_day_of_it() -> None:
    today = datetime.date.today()
    text = POD.replace("- name: app", f"# trivy:ignore:KSV-0014:exp:{today}\n    - name: app")

    assert counted(run(text)) == [7, 8]


@pytest.mark.parametrize(
    ("comment", "peer"),
    [
        ("gitleaks:allow", "gitleaks"),
        ("notsecret, gitleaks:allow", "gitleaks"),
        ("trufflehog:ignore", "trufflehog"),
        ("ggignore", "ggshield"),
        ("pragma: allowlist secret", "detect-secrets"),
        ("pragma: whitelist secret", "detect-secrets"),
    ],
)
def test_what_scanners_for_secrets_let_stand_is_accepted_on_its_line(comment: str, peer: str) -> None:
    text = (
        f"apiVersion: v1\nkind: Secret\nmetadata: {{name: db}}\nstringData:\n  password: hunter2hunter2 # {comment}\n"
    )

    findings = run(text, select="k8s-committed-secret")

    assert [(f.location.line, f.suppressed and f.suppressed.origin) for f in findings] == [(5, peer)]


def test_detect_secrets_lets_the_next_line_stand_and_no_other_rule() -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  # pragma: allowlist nextline secret\n  password: hunter2hunter2\n"

    assert counted(run(text, select="k8s-committed-secret")) == []
    assert counted(run(POD.replace("name: app", "name: app # gitleaks:allow"))) == [6, 7]


STACK = """\
Resources:
  Shop:
    Type: AWS::RDS::DBInstance
    Properties:
      StorageEncrypted: false

  Wiki:
    Type: AWS::RDS::DBInstance
    Properties:
      StorageEncrypted: false
"""


@pytest.mark.parametrize(
    ("before", "comment", "expected"),
    [
        ("Shop:", "# kics-scan ignore-block", [11]),
        ("    Properties:", "# kics-scan ignore-block", [11]),
        ("Shop:", "# kics-scan ignore-line", [6, 11]),
        ("  StorageEncrypted", "# kics-scan ignore-line", [11]),
        ("Resources:", "# kics-scan ignore", []),
        ("Resources:", "# kics-scan disable=5beacce3-4020-4a3d-9e1d-a36f953df630", []),
        ("Resources:", "# kics-scan disable=de38e1d5-54cb-4111-a868-6f7722695007", [6, 11]),
    ],
)
def test_kics_leaves_out_a_line_a_block_or_queries_of_a_file(before: str, comment: str, expected: list[int]) -> None:
    lines = STACK.split("\n")
    index = next(number for number, line in enumerate(lines) if before.strip() in line)
    indent = lines[index][: len(lines[index]) - len(lines[index].lstrip())]
    text = "\n".join([*lines[:index], f"{indent}{comment}", *lines[index:]])

    assert counted(run(text, "stack.yaml", "cfn-unencrypted-storage")) == expected


@pytest.mark.parametrize("peer", ["checkov", "kics", "tflint", "trivy"])
def test_the_names_of_a_peer_are_those_that_the_rules_have(peer: str) -> None:
    said = {(name, rule_id) for rule_id, one in catalogue().items() for name in one.rule.equivalents.get(peer, ())}

    found = equivalents(peer)

    assert said
    assert {(name, rule_id) for name, rule_ids in found.items() for rule_id in rule_ids} == said
