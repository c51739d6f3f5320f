"""The configuration files of other linters, heeded here."""

from __future__ import annotations

from pathlib import Path

import pytest

import devopslint
from devopslint.cli import main
from devopslint.shellcheck import find_program

WORKFLOW = """\
on: push
jobs:
  unit:
    runs-on: ubuntu-7
    steps: [{run: "make ${{ vars.REGION }}"}]
"""
LABELS = "self-hosted-runner: {labels: ['ubuntu-[^a-z]']}\n"
SELECT = ["gha-unknown-runner", "gha-unknown-variable", "peer-configuration", "unreadable-file"]


def run(files: dict[str, str], config: str = "") -> list[str]:
    found = devopslint.check({".github/workflows/ci.yml": WORKFLOW} | files, select=SELECT, config=config)
    return [f"{f.location.path}:{f.location.line} {f.rule.id}" for f in found if f.suppressed is None]


def test_labels_of_actionlints_configuration_are_known() -> None:
    assert run({}) == [".github/workflows/ci.yml:4 gha-unknown-runner"]
    assert run({".github/actionlint.yaml": LABELS}) == []
    assert run({".github/actionlint.yml": LABELS}) == []


def test_the_first_of_two_files_counts() -> None:
    files = {".github/actionlint.yaml": "config-variables: [REGION]\n", ".github/actionlint.yml": LABELS}

    assert run(files) == [".github/workflows/ci.yml:4 gha-unknown-runner"]


def test_a_configuration_speaks_of_its_own_repository() -> None:
    files = {"other [one]/.github/actionlint.yaml": LABELS, "other [one]/.github/workflows/ci.yml": WORKFLOW}

    assert run(files) == [".github/workflows/ci.yml:4 gha-unknown-runner"]


def test_our_own_configuration_has_the_last_word() -> None:
    files = {".github/actionlint.yaml": LABELS}

    assert run(files, "rules: {gha-unknown-runner: {labels: [macos-*]}}\n") == [
        ".github/workflows/ci.yml:4 gha-unknown-runner"
    ]


def test_the_configuration_can_switch_them_off() -> None:
    files = {".github/actionlint.yaml": LABELS + "config-variables: []\n"}

    assert run(files) == [".github/workflows/ci.yml:5 gha-unknown-variable"]
    assert run(files, "peer-suppressions: false\n") == [".github/workflows/ci.yml:4 gha-unknown-runner"]


@pytest.mark.parametrize(
    "text", ["self-hosted-runner: [", "- a", "self-hosted-runner: {labels: {a: b}}", "config-variables: [[]]"]
)
def test_a_broken_configuration_is_a_finding_and_stops_nothing(text: str) -> None:
    found = run({".github/actionlint.yaml": text})

    assert {line.split(":")[0] for line in found} == {".github/actionlint.yaml", ".github/workflows/ci.yml"}


def test_a_run_over_one_file_heeds_the_configuration_of_its_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "ci.yml").write_text(WORKFLOW)
    (tmp_path / ".github" / "actionlint.yaml").write_text(LABELS)
    monkeypatch.chdir(tmp_path)

    reports = []
    for options in ([], ["--no-config"]):
        with pytest.raises(SystemExit):
            main([".github/workflows/ci.yml", "--select=gha-unknown-runner", "--format=concise", *options])
        reports.append(capsysbinary.readouterr().out.decode())

    assert "ubuntu-7" not in reports[0]
    assert "ubuntu-7" in reports[1]


NOISY = """\
on: push
jobs:
  unit:
    runs-on: macos-7
    steps:
      - run: echo $A ${{ github.nope }}
      - run: make
        runn: make
"""


def ignoring(*patterns: str, glob: str = ".github/workflows/**/*.{yml,yaml}") -> str:
    return f"paths:\n  '{glob}':\n    ignore:\n" + "".join(f"      - '{pattern}'\n" for pattern in patterns)


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ('label "macos-.+" is unknown', ["gha-undefined-property", "gha-unknown-key"]),
        ('property "nope" is not defined', ["gha-unknown-runner", "gha-unknown-key"]),
        ("property .+ is not defined in object type .+", ["gha-unknown-runner", "gha-unknown-key"]),
        ('unexpected key "(runn|x)" for', ["gha-unknown-runner", "gha-undefined-property"]),
        (".*", []),
        ("no such message", ["gha-unknown-runner", "gha-undefined-property", "gha-unknown-key"]),
    ],
)
def test_what_actionlint_is_not_to_say_is_suppressed_here(pattern: str, left: list[str]) -> None:
    files = {".github/workflows/ci.yml": NOISY, ".github/actionlint.yaml": ignoring(pattern)}

    found = devopslint.check(files, select=["gha-unknown-runner", "gha-undefined-property", "gha-unknown-key"])

    assert [f.rule.id for f in found if f.suppressed is None] == left
    assert {f.suppressed.origin for f in found if f.suppressed is not None} <= {"actionlint"}
    assert len(found) == 3


def test_an_ignored_message_is_ignored_on_its_paths_alone() -> None:
    files = {
        ".github/workflows/ci.yml": WORKFLOW,
        ".github/workflows/old.yaml": WORKFLOW,
        ".github/actionlint.yaml": ignoring("label .+ is unknown", glob=".github/workflows/{old,older}.{yml,yaml}"),
    }

    assert run(files) == [".github/workflows/ci.yml:4 gha-unknown-runner"]


def test_other_linters_rules_are_not_meant() -> None:
    files = {".github/workflows/ci.yml": NOISY, ".github/actionlint.yaml": ignoring(".*")}

    found = devopslint.check(files, select=["gha-missing-permissions"])

    assert [f.suppressed for f in found] == [None]


@pytest.mark.skipif(find_program() is None, reason="ShellCheck is not installed")
def test_codes_of_shellcheck_are_heeded() -> None:
    files = {
        ".github/workflows/ci.yml": NOISY,
        ".github/actionlint.yaml": ignoring("shellcheck reported issue in this script: SC2086:.+"),
    }

    found = devopslint.check(files, select=["gha-shellcheck"])

    assert [(f.message.partition(":")[0], f.suppressed is not None) for f in found] == [("SC2086", True)]


ZIZMOR_WORKFLOW = """\
on: pull_request_target
jobs:
  label:
    runs-on: ubuntu-latest
    steps:
      - uses: octo-org/label@v1
      - uses: octo-org/label/more@v1
      - uses: other/tool@v2
      - uses: actions/checkout@v6
        with: {persist-credentials: false}
      - run: |
          echo "TITLE=$(gh pr view)" >> "$GITHUB_ENV"
"""
ZIZMOR_RULES = [
    "gha-dangerous-trigger",
    "gha-environment-file-write",
    "gha-missing-permissions",
    "gha-unpinned-action",
    "gha-unpinned-official-action",
]
TRIGGER = "1 gha-dangerous-trigger"
PERMISSIONS = "1 gha-missing-permissions"
WRITE = "12 gha-environment-file-write"
PINS = ["6 gha-unpinned-action", "7 gha-unpinned-action", "8 gha-unpinned-action", "9 gha-unpinned-official-action"]
EVERY = sorted([TRIGGER, PERMISSIONS, WRITE, *PINS])


def left(
    configuration: str, path: str = ".github/zizmor.yml", workflow: str = ".github/workflows/label.yml"
) -> list[str]:
    """What zizmor's configuration leaves of the findings."""
    files = {workflow: ZIZMOR_WORKFLOW, path: configuration}
    found = devopslint.check(files, select=ZIZMOR_RULES)
    assert all(f.suppressed.origin == "zizmor" for f in found if f.suppressed is not None)
    return sorted(f"{f.location.line} {f.rule.id}" for f in found if f.suppressed is None)


def without(*lines: str) -> list[str]:
    return [line for line in EVERY if line not in lines]


@pytest.mark.parametrize(
    ("configuration", "gone"),
    [
        ("rules: {}", []),
        ("rules: {unpinned-uses: {disable: true}}", PINS),
        ("rules: {unpinned-uses: {disable: false}}", []),
        ("rules: {unpinned-uses: {ignore: [label.yml]}}", PINS),
        ("rules: {unpinned-uses: {ignore: [other.yml, abel.yml]}}", []),
        ('rules: {unpinned-uses: {ignore: ["label.yml:7", "label.yml:8:15"]}}', PINS[1:3]),
        ('rules: {dangerous-triggers: {ignore: ["label.yml:2"]}}', []),
        ('rules: {github-env: {ignore: ["label.yml:11"]}}', [WRITE]),
        ('rules: {github-env: {ignore: ["label.yml:6"]}}', []),
        ('rules: {excessive-permissions: {ignore: ["label.yml:3"]}}', [PERMISSIONS]),
        ("rules: {no-such-audit: {disable: true}}", []),
        ('rules: {unpinned-uses: {config: {policies: {"*": ref-pin}}}}', PINS),
        ('rules: {unpinned-uses: {config: {policies: {"octo-org/*": any}}}}', PINS[:2]),
        ('rules: {unpinned-uses: {config: {policies: {"octo-org/label": ref-pin}}}}', PINS[:1]),
        ('rules: {unpinned-uses: {config: {policies: {"octo-org/label/*": ref-pin}}}}', PINS[:2]),
        ('rules: {unpinned-uses: {config: {policies: {"other/tool": hash-pin, "*": any}}}}', [*PINS[:2], PINS[3]]),
    ],
)
def test_what_zizmor_is_told_to_leave_out_is_marked(configuration: str, gone: list[str]) -> None:
    assert left(configuration) == without(*gone)


@pytest.mark.parametrize("path", [".github/zizmor.yml", ".github/zizmor.yaml", "zizmor.yml", "zizmor.yaml"])
def test_zizmors_configuration_has_four_places(path: str) -> None:
    assert left("rules: {dangerous-triggers: {disable: true}}", path) == without(TRIGGER)


def test_zizmors_configuration_speaks_of_its_own_folder() -> None:
    configuration = "rules: {dangerous-triggers: {disable: true}}"

    assert left(configuration, "shop/zizmor.yml", "shop/.github/workflows/label.yml") == without(TRIGGER)
    assert left(configuration, "shop/zizmor.yml") == EVERY


def test_a_finding_says_where_zizmor_was_told_and_why() -> None:
    configuration = "rules:\n  dangerous-triggers:\n    ignore:\n      - label.yml # only labels\n"
    files = {".github/workflows/label.yml": ZIZMOR_WORKFLOW, "zizmor.yml": configuration}

    (found,) = devopslint.check(files, select=["gha-dangerous-trigger"])

    assert found.suppressed is not None
    assert (found.suppressed.location.path, found.suppressed.location.line) == ("zizmor.yml", 4)
    assert found.suppressed.reason == "only labels"


def test_zizmors_settings_are_those_of_the_rules() -> None:
    files = {
        ".github/workflows/label.yml": ZIZMOR_WORKFLOW.replace("TITLE", "${{ secrets.A }} ${{ secrets.B }}"),
        ".github/dependabot.yml": "updates: [{package-ecosystem: npm, cooldown: {default-days: 9}}]\n",
        "zizmor.yml": """\
rules:
  forbidden-uses: {config: {deny: [other/*]}}
  dependabot-cooldown: {config: {days: 14}, remap: {severity: high}}
  secrets-outside-env: {config: {allow: [a]}}
""",
    }
    rules = ("gha-forbidden-action", "dependabot-missing-cooldown")

    found = [f for f in devopslint.check(files) if f.rule.id in rules]
    secrets = devopslint.check(files, select=["gha-secret-outside-environment"])

    assert [(f.severity.name, f.message) for f in found] == [
        ("ERROR", "a new release is taken after 9 days; 14 are wanted"),
        ("ERROR", "other/tool is forbidden here"),
    ]
    assert [f.message for f in secrets] == ["'secrets.B' is not guarded by an 'environment' of the job"]


def test_what_our_configuration_ignores_is_not_asked_for_by_zizmors() -> None:
    files = {
        ".github/workflows/label.yml": ZIZMOR_WORKFLOW,
        "zizmor.yml": "rules: {forbidden-uses: {config: {deny: [other/*]}}}",
    }

    for config in ("ignore: [gha-forbidden-action]", "select: [gha-]", "peer-suppressions: false"):
        assert not [f for f in devopslint.check(files, config=config) if f.rule.id == "gha-forbidden-action"]


@pytest.mark.parametrize(
    "text", ["rules: [", "- a", "rules: [a]", "rules: {a: [b]}", "rules: {artipacked: {ignore: {}}}"]
)
def test_a_broken_configuration_of_zizmor_is_a_finding_and_stops_nothing(text: str) -> None:
    files = {".github/workflows/label.yml": ZIZMOR_WORKFLOW, "zizmor.yml": text}

    found = devopslint.check(files, select=["gha-dangerous-trigger", "peer-configuration", "unreadable-file"])

    assert {f.location.path for f in found} == set(files)


DOCKERFILE = """\
FROM ghcr.io/octo-org/base:latest
LABEL maintainer="Web Team" org.opencontainers.image.title=shop
RUN apt-get update && apt-get install -y curl
"""
HADOLINT_RULES = ["docker-apt-lists", "docker-latest-tag", "docker-recommended-packages"]
RECOMMENDED = "3 docker-recommended-packages note"
LISTS = "3 docker-apt-lists note"
LATEST = "1 docker-latest-tag warning"


def of_dockerfile(
    configuration: str, path: str = ".hadolint.yaml", dockerfile: str = "Dockerfile", config: str = ""
) -> list[str]:
    """What hadolint's configuration leaves of the findings."""
    files = {dockerfile: DOCKERFILE, path: configuration}
    rules = [*HADOLINT_RULES, "docker-untrusted-registry", "docker-missing-label", "docker-superfluous-label"]
    wanted = {*rules, "docker-label-email"}
    found = [f for f in devopslint.check(files, config=config) if f.rule.id in wanted]
    assert all(f.suppressed.origin == "hadolint" for f in found if f.suppressed is not None)
    return sorted(f"{f.location.line} {f.rule.id} {f.severity}" for f in found if f.suppressed is None)


@pytest.mark.parametrize(
    ("configuration", "left"),
    [
        ("ignored: []", [LATEST, LISTS, RECOMMENDED]),
        ("ignored: [DL3007, DL3009]", [RECOMMENDED]),
        ("ignored: [dl3007, DL9999]", [LATEST, LISTS, RECOMMENDED]),
        (
            "override: {error: [DL3015], info: [DL3007, DL3015]}",
            ["1 docker-latest-tag note", LISTS, "3 docker-recommended-packages error"],
        ),
        ("trustedRegistries: [docker.io]", [LATEST, "1 docker-untrusted-registry error", LISTS, RECOMMENDED]),
        ("trustedRegistries: ['ghcr.io']", [LATEST, LISTS, RECOMMENDED]),
        (
            "label-schema: {maintainer: email, vendor: text}",
            [LATEST, "1 docker-missing-label note", "2 docker-label-email note", LISTS, RECOMMENDED],
        ),
        (
            "{strict-labels: true, label-schema: {maintainer: text}}",
            [LATEST, "2 docker-superfluous-label note", LISTS, RECOMMENDED],
        ),
        ("failure-threshold: error", [LATEST, LISTS, RECOMMENDED]),
    ],
)
def test_what_hadolint_is_told_is_heeded(configuration: str, left: list[str]) -> None:
    assert of_dockerfile(configuration) == sorted(left)


def test_hadolints_configuration_speaks_of_its_own_folder() -> None:
    every = sorted([LATEST, LISTS, RECOMMENDED])

    assert of_dockerfile("ignored: [DL3007]", ".hadolint.yml") == sorted([LISTS, RECOMMENDED])
    assert of_dockerfile("ignored: [DL3007]", "api/.hadolint.yaml") == every
    assert of_dockerfile("ignored: [DL3007]", "api/.hadolint.yaml", "api/web/Dockerfile") == sorted(
        [LISTS, RECOMMENDED]
    )
    assert of_dockerfile("ignored: [DL3007]", "ahadolint.yaml") == every


def test_our_own_configuration_goes_before_hadolints() -> None:
    every = sorted([LATEST, LISTS, RECOMMENDED])

    assert of_dockerfile("ignored: [DL3007]", config="peer-suppressions: false") == every
    assert of_dockerfile("trustedRegistries: [docker.io]", config="ignore: [docker-untrusted-registry]") == every
    assert (
        of_dockerfile(
            "trustedRegistries: [docker.io]", config="rules: {docker-untrusted-registry: {registries: [ghcr.io]}}"
        )
        == every
    )


@pytest.mark.skipif(find_program() is None, reason="ShellCheck is not installed")
def test_hadolint_ignores_single_codes_of_shellcheck() -> None:
    files = {
        "Dockerfile": "FROM debian:12-slim\nRUN echo $A $(ls)\n",
        ".hadolint.yaml": "ignored: [SC2086]\n",
    }

    found = devopslint.check(files, select=["docker-shellcheck"])

    assert {(f.message.partition(":")[0], f.suppressed is not None) for f in found} == {
        ("SC2086", True),
        ("SC2046", False),
    }


POD = "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: web, image: web}]}}\n"
POD_RULES = ["k8s-latest-tag", "k8s-missing-liveness-probe", "k8s-missing-readiness-probe"]


@pytest.mark.parametrize(
    ("path", "configuration", "left"),
    [
        (".kube-linter.yaml", "checks: {exclude: [latest-tag, no-readiness-probe]}", [1]),
        (".kube-linter.yml", "checks: {exclude: [latest-tag], addAllBuiltIn: true, include: [all]}", [1, 2]),
        (".kube-linter.yaml", "checks: {exclude: [all, no-such-check]}", [0, 1, 2]),
        ("other/.kube-linter.yaml", "checks: {exclude: [latest-tag]}", [0, 1, 2]),
        (".checkov.yaml", "skip-check: [CKV_K8S_14, CKV_K8S_8]", [2]),
        (".checkov.yml", "skip-check: CKV_K8S_8,CKV_K8S_9", [0]),
        (".checkov.yaml", "skip-check: ['CKV_K8S_*', HIGH]", []),
        (".checkov.yaml", "skip-check: [LOW]", [0, 1, 2]),
    ],
)
def test_what_kube_linter_and_checkov_leave_out_is_marked(path: str, configuration: str, left: list[int]) -> None:
    found = devopslint.check({"k8s/pod.yaml": POD, path: configuration + "  # for now\n"}, select=POD_RULES)

    assert sorted(f.rule.id for f in found if f.suppressed is None) == [POD_RULES[index] for index in left]
    for finding in found:
        assert finding.suppressed is None or finding.suppressed.location.path == path
    assert len(found) == 3


@pytest.mark.parametrize("path", [".hadolint.yaml", ".kube-linter.yaml", ".checkov.yaml"])
@pytest.mark.parametrize("text", ["", "- a", "ignored: [", "checks: [a]", "skip-check: [{a: b}]", "a: &a [*a]"])
def test_a_broken_configuration_stops_nothing(path: str, text: str) -> None:
    found = devopslint.check({"k8s/pod.yaml": POD, "Dockerfile": DOCKERFILE, path: text})

    assert {"k8s/pod.yaml", "Dockerfile"} <= {f.location.path for f in found if f.suppressed is None}
