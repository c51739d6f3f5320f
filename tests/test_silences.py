"""What was once passed over in silence: forms that a reader of the language takes, and places that cannot be looked at."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import devopslint

FLOW = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: 'b:latest'}]}}\n"
BLOCK = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: 'b:latest'}]}\n"


@pytest.mark.parametrize(
    "text",
    [
        f"--- {FLOW}",
        f"# a comment\n---   {FLOW}",
        f"kind: x\n--- {FLOW}",
        f"--- !!map {FLOW}",
        f"!!map {FLOW}",
        f"&anchor {FLOW}",
        f"--- &anchor !!map {FLOW}",
        BLOCK.replace("apiVersion", '"apiVersion"').replace("kind", "'kind'"),
        BLOCK.replace("kind:", "kind \t:"),
        "? apiVersion\n: v1\n? kind\n: Pod\n? metadata\n: {name: a}\n? spec\n: {containers: [{name: a, image: 'b:latest'}]}\n",
        "? \"apiVersion\"\n: v1\n? 'kind'\n: Pod\nspec: {containers: [{name: a, image: 'b:latest'}]}\n",
        BLOCK.replace("\n", "\r"),
        BLOCK.replace("\n", "\r\n"),
        f"--- {FLOW}".replace("\n", "\r"),
        f"\ufeff{BLOCK}",
    ],
)
def test_a_manifest_is_one_however_it_is_written(text: str) -> None:
    found = devopslint.check({"a.yaml": text}, select="k8s-latest-tag")

    assert [one.message for one in found] == ["image 'b:latest' changes with every push to latest"]


@pytest.mark.parametrize("text", ["{a: b}\n", "--- {kind: x}\n", "text: |\n  {apiVersion kind}\n", "? kind\n: x\n"])
def test_other_files_are_no_manifests(text: str) -> None:
    assert devopslint.check({"a.yaml": text}, select="all").not_checked == ()


@pytest.mark.parametrize(
    "text",
    [
        "groups:\r- name: a\r  rules:\r  - alert: A\r    expr: up ==\r",
        "'groups':\n- name: a\n  rules:\n  - alert: A\n    expr: up ==\n",
    ],
)
def test_rules_of_prometheus_are_rules_however_they_are_written(text: str) -> None:
    assert devopslint.check({"rules.yaml": text}, select="all")


def test_lines_that_a_backtick_continues_are_one_instruction() -> None:
    text = "# escape=`\nFROM alpine:3.20\nUSER `\n  root\nRUN cd /x `\n  && make\nRUN cd C:\\\n"

    found = devopslint.check({"Dockerfile": text}, select=["docker-root-user", "docker-unknown-instruction"])

    assert [(one.location.line, one.rule.id) for one in found] == [(4, "docker-root-user")]


def run(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "devopslint", "--no-cache", "--format", "concise", *options]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def test_a_dockerfile_that_is_a_link_inside_the_tree_is_checked(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "api.txt").write_text("FROM alpine:3.20\nUSER root\n")
    (tmp_path / "Dockerfile").symlink_to("images/api.txt")

    assert "Dockerfile:2:6: error[docker-root-user]" in run(tmp_path).stdout


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_that_cannot_be_listed_stands_in_the_report() -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        (root / ".git").mkdir()
        (root / "locked").mkdir(mode=0o700)
        code = (
            "import os; from pathlib import Path; from devopslint.config import Config; from devopslint.run import find_scope\n"
            "os.seteuid(65534)\n"
            "print([*find_scope(Path.cwd(), [Path.cwd()], Config(), repository=False).not_checked])\n"
        )

        result = subprocess.run(
            [sys.executable, "-P", "-c", code], cwd=root, capture_output=True, text=True, check=False
        )

    assert "NotChecked(path='locked/', reason='cannot be listed: Permission denied'" in result.stdout, result.stderr
