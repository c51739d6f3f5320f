"""The hooks, run by the real pre-commit in a real repository, installed from this checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
SHOP = PROJECT / "fixtures" / "shop"

pytestmark = [
    pytest.mark.skipif(not (PROJECT / ".git").exists(), reason="hooks are installed from a Git checkout"),
    pytest.mark.skipif(not shutil.which("pre-commit"), reason="pre-commit is not installed"),
]


def git(folder: Path, *arguments: str) -> None:
    command: list[str | Path] = [
        "git",
        "-C",
        folder,
        "-c",
        "user.name=test",
        "-c",
        "user.email=test@example.com",
        *arguments,
    ]
    subprocess.run(command, check=True, capture_output=True)


def test_the_hook_judges_a_changed_file_with_the_repository_around_it(tmp_path: Path) -> None:
    shutil.copytree(SHOP, tmp_path / "shop", ignore=shutil.ignore_patterns("expected.txt"))
    repository = tmp_path / "shop"
    git(repository, "init", "--quiet")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Begin")
    network = repository / "k8s" / "network.yaml"
    network.write_text(network.read_text().replace("targetPort: 3000", "targetPort: 3001"))
    git(repository, "add", ".")

    result = subprocess.run(
        ["pre-commit", "try-repo", PROJECT, "devopslint", "--verbose"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "home")},
    )

    if "An unexpected error has occurred" in result.stdout and "pip" in result.stdout:
        pytest.skip("the hook's environment could not be installed: no package registry is reachable")
    assert result.returncode == 1, result.stdout
    assert "sends to port 3001, which no container of its pods lists" in result.stdout
    assert "k8s/shop.yaml:17:17: Deployment/shop is selected" in result.stdout
    assert "k8s-missing-cpu-limit" not in result.stdout
