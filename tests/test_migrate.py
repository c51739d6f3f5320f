"""What other linters were told, as a configuration that is understood."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from devopslint.cli import main
from devopslint.config_reading import load_config
from devopslint.suppressions import read_comments

FILES = {
    ".hadolint.yaml": "ignored:\n  - DL3008 # pinned by the base image\ntrustedRegistries: [ghcr.io]\noverride: {error: [DL3007]}\n",
    ".kube-linter.yaml": "checks:\n  exclude: [run-as-non-root]\n",
    ".checkov.yaml": "skip-check: [CKV_K8S_22]\n",
    ".trivyignore": "# why not\nAVD-KSV-0014 exp:2999-12-31\nCVE-2024-0001\n",
    ".trivyignore.yaml": "misconfigurations:\n  - {id: KSV-0012, paths: [k8s/web.yaml], statement: vendor image}\n",
    "polaris.yaml": (
        "checks:\n  runAsRootAllowed: ignore\n  notReadOnlyRootFilesystem: danger\n  somethingElse: danger\n"
        "exemptions:\n  - controllerNames: [agent]\n    rules: [hostNetworkSet]\n"
    ),
    ".github/zizmor.yml": "rules:\n  unpinned-uses: {disable: true}\n",
    ".github/actionlint.yaml": "self-hosted-runner: {labels: [big]}\n",
    ".github/workflows/ci.yml": "on: push\njobs: {}\n",
    "Dockerfile": "FROM alpine:3\n# hadolint ignore=DL3018\nRUN apk add curl\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_the_others_say_is_carried_over(project: Path) -> None:
    result = CliRunner().invoke(main, ["migrate"])
    text = result.stdout
    config = load_config("devopslint.yaml", text)

    assert result.exit_code == 0
    accepted = {rule: one for one in config.allow for rule in one.rules}
    assert accepted["docker-unpinned-packages"].reason == "pinned by the base image"
    assert str(accepted["k8s-writable-root-filesystem"].until) in ("2999-12-31", "None")
    assert any(str(one.until) == "2999-12-31" and "k8s-writable-root-filesystem" in one.rules for one in config.allow)
    assert any(one.reason == "vendor image" and one.paths == "k8s/web.yaml" for one in config.allow)
    assert any(one.object == "*/agent*" and "k8s-host-network" in one.rules for one in config.allow)
    assert any("gha-unpinned-action" in one.rules for one in config.allow)
    assert "k8s-root-container" in config.top.ignore
    assert config.top.rules["k8s-writable-root-filesystem"] == {"severity": "error"}
    assert any("docker-untrusted-registry" in layer.extend_select for layer in config.overrides)
    assert any("gha-unknown-runner" in layer.rules for layer in config.overrides)
    assert "# .trivyignore: trivy's CVE-2024-0001 has no rule here" in text
    assert "# polaris.yaml: polaris' somethingElse has no rule here" in text
    assert "#   Dockerfile:2 (hadolint): devopslint: allow " in text


def test_a_tree_without_other_linters_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(main, ["migrate"])

    assert result.stdout == (
        "# What other linters are told in this repository.\n# None of them has a configuration here.\n"
    )


def test_nothing_is_said_of_what_lies_behind_a_link_out_of_the_project(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("elsewhere") / "accounts"
    outside.write_text("hunter2:x:0:0\n")
    (project / ".trivyignore").unlink()
    (project / ".trivyignore").symlink_to(outside)

    result = CliRunner().invoke(main, ["migrate"])

    assert result.exit_code == 0
    assert "hunter2" not in result.output


def test_a_line_break_in_what_others_say_begins_no_key_of_ours(project: Path) -> None:
    (project / "polaris.yaml").write_text('checks: {"odd\\nselect: []\\nx": danger}\n')

    text = CliRunner().invoke(main, ["migrate"]).stdout

    assert "# polaris.yaml: polaris' odd\u240aselect: []\u240ax has no rule here\n" in text
    assert load_config("devopslint.yaml", text).top.select is None


def test_a_comment_of_another_linter_is_written_as_one_that_is_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    lines = "".join(
        f"# trivy:ignore:AVD-DS-0002:exp:2999-12-31\n# hadolint ignore=DL3018\nRUN apk add a{n}\n" for n in range(40)
    )
    (tmp_path / "Dockerfile").write_text(f"FROM alpine:3\n{lines}")

    short, whole = (CliRunner().invoke(main, ["migrate", *options]).stdout for options in ([], ["--comments"]))

    said = [line for line in whole.splitlines() if line.startswith("#   Dockerfile:")]
    shown = [line for line in short.splitlines() if line.startswith("#   Dockerfile:")]
    assert shown == said[: len(shown)] and 0 < len(shown) < len(said)
    assert f"#   and {len(said) - len(shown)} more: --comments" in short
    assert "more: --comments" not in whole
    for line in said:
        _, _, comment = line.partition("devopslint: ")
        (read,) = read_comments("Dockerfile", f"# devopslint: {comment}\nRUN a\n", lambda line: (2, 2))
        assert read.malformed == "", comment


def test_what_trivy_leaves_out_is_carried_over_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".trivyignore").write_text("  # why\nCVE-2024-0001\nKSV014 exp:2999-12-31\nDS002\n")
    (tmp_path / ".trivyignore.yaml").write_text(
        "misconfigurations: [{id: DS002, statement: abc}, {id: DS002, statement: ab}]\n"
    )

    text = CliRunner().invoke(main, ["migrate"]).stdout
    allow = load_config("devopslint.yaml", text).allow

    assert "# .trivyignore: trivy's CVE-2024-0001 has no rule here" in text
    assert [(str(one.until), one.reason) for one in allow] == [
        ("2999-12-31", "left out by trivy, .trivyignore: KSV014"),
        ("None", "left out by trivy, .trivyignore: DS002"),
        ("None", "abc"),
        ("None", "left out by trivy, .trivyignore.yaml: DS002"),
    ]


def test_polaris_severities_are_carried_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "polaris.yaml").write_text("checks: {notReadOnlyRootFilesystem: warning, runAsRootAllowed: danger}\n")

    rules = load_config("devopslint.yaml", CliRunner().invoke(main, ["migrate"]).stdout).top.rules

    assert rules["k8s-writable-root-filesystem"] == {"severity": "warning"}
    assert rules["k8s-root-container"] == {"severity": "error"}
