"""Only what has changed: in a real repository, with the git that is there."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from devopslint.cli import main

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not on the PATH")

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
spec:
  containers:
    - name: one
      image: shop:1.2.3
      securityContext:
        readOnlyRootFilesystem: true
    - name: two
      image: shop:1.2.3
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80}]
"""
SELECT = "--select=k8s-writable-root-filesystem,net-dangling-service"


def git(*args: str, folder: Path | None = None) -> None:
    names = ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL")
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
        **{f"GIT_{name}": "someone@example.org" for name in names},
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    command = ["git", "-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main", *args]
    subprocess.run(command, check=True, cwd=folder, env=environment, capture_output=True)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit: a pod with a finding in its second container, and its Service."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    git("init", "-q")
    (folder / "pod.yaml").write_text(POD)
    (folder / "service.yaml").write_text(SERVICE)
    commit()
    return folder


def commit() -> None:
    git("add", "-A")
    git("commit", "-qm", "Change something")


def check(*args: str) -> Result:
    return CliRunner().invoke(main, ["check", SELECT, "--format=concise", *args])


def test_nothing_changed_is_nothing_found(project: Path) -> None:
    assert check().exit_code == 1

    result = check("--diff", "HEAD")

    assert (result.exit_code, result.stdout) == (0, "no findings in what changed since HEAD; 1 elsewhere not shown\n")


def test_a_finding_in_a_changed_line_counts(project: Path) -> None:
    (project / "pod.yaml").write_text(POD.replace("Filesystem: true", "Filesystem: false"))

    result = check("--diff", "HEAD")

    assert result.exit_code == 1
    assert result.stdout.splitlines()[0].startswith("pod.yaml:11:33: error[k8s-writable-root-filesystem]")
    assert result.stdout.endswith("1 finding (1 error) in what changed since HEAD; 1 elsewhere not shown\n")


def test_lines_that_are_gone_show_what_misses_them(project: Path) -> None:
    kept = POD.replace("      securityContext:\n        readOnlyRootFilesystem: true\n", "")
    (project / "pod.yaml").write_text(kept)

    result = check("--diff", "HEAD")

    assert result.exit_code == 1
    assert "container 'one' can write to its root file system" in result.stdout
    assert "container 'two'" not in result.stdout


def test_a_change_in_one_file_shows_what_it_breaks_in_another(project: Path) -> None:
    (project / "pod.yaml").write_text(POD.replace("{app: web}", "{app: shop}"))

    broken = check("--diff", "HEAD")
    (project / "service.yaml").write_text(SERVICE.replace("{app: web}", "{app: shop }"))
    mended = check("--diff", "HEAD")

    assert broken.stdout.startswith("service.yaml:5:3: error[net-dangling-service]: ")
    assert mended.stdout.startswith("no findings in what changed")


def test_a_file_that_is_gone_shows_what_misses_it(project: Path) -> None:
    (project / "pod.yaml").unlink()

    worktree = check("--diff", "HEAD")
    git("add", "-A")
    index = check("--staged")

    for result in (worktree, index):
        assert result.stdout.startswith("service.yaml:5:3: warning[net-dangling-service]: "), result.stdout


def test_a_suppression_that_is_taken_away_shows_what_it_accepted(project: Path) -> None:
    accepted = "    # devopslint: allow k8s-writable-root-filesystem -- SHOP-412\n    - name: two"
    (project / "pod.yaml").write_text(POD.replace("    - name: two", accepted))
    commit()
    (project / "pod.yaml").write_text(POD)

    assert "pod.yaml:12:7: error[k8s-writable-root-filesystem]" in check("--diff", "HEAD").stdout


def test_new_files_count_whether_git_knows_them_or_not(project: Path) -> None:
    (project / "other file.yaml").write_text(POD.replace("name: web", "name: other"))

    untracked = check("--diff", "HEAD")
    git("add", "-A")
    added = check("--diff", "HEAD")

    assert "other file.yaml:12:7: error" in untracked.stdout
    assert untracked.stdout == added.stdout


def test_a_renamed_file_is_not_new(project: Path) -> None:
    git("mv", "pod.yaml", "web.yaml")

    assert check("--diff", "HEAD").exit_code == 0


def test_what_a_branch_has_changed_is_held_against_where_it_began(project: Path) -> None:
    git("checkout", "-qb", "feature")
    (project / "feature.yaml").write_text(POD.replace("name: web", "name: feature"))
    commit()
    git("checkout", "-q", "main")
    (project / "main.yaml").write_text(POD.replace("name: web", "name: main"))
    commit()
    git("checkout", "-q", "feature")

    result = check("--diff", "main")

    assert "feature.yaml:12:7" in result.stdout
    assert "main.yaml" not in result.stdout.replace("since main", "")


def test_what_is_staged_is_judged_as_it_is_staged(project: Path) -> None:
    (project / "pod.yaml").write_text(POD.replace("Filesystem: true", "Filesystem: false"))
    git("add", "pod.yaml")
    (project / "pod.yaml").write_text("# mended, but not staged\n" + POD)
    (project / "untracked.yaml").write_text(POD)

    result = check("--staged")

    assert result.exit_code == 1
    assert result.stdout.splitlines()[0].startswith("pod.yaml:11:33: error")
    assert "untracked.yaml" not in result.stdout
    assert "pod.yaml:12" not in check("--diff", "HEAD").stdout


def test_a_file_name_that_git_quotes_is_found(project: Path) -> None:
    (project / 'a "quoted"\tname.yaml').write_text(POD)
    git("add", "-A")

    assert 'a "quoted"␉name.yaml:12:7' in check("--diff", "HEAD").stdout


def test_an_unknown_revision_is_an_error(project: Path) -> None:
    for name in ("nowhere", "--output=x", "HEAD:pod.yaml"):
        result = check(f"--diff={name}")

        assert result.exit_code == 2
        assert f"no revision is named {name!r}" in result.stderr
    assert not (project / "x").exists()


def test_a_shallow_clone_is_told_so(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git("branch", "start")
    (project / "pod.yaml").write_text(POD + "\n")
    commit()
    git("clone", "-q", "--depth=1", "--no-single-branch", f"file://{project}", "shallow", folder=tmp_path)
    monkeypatch.chdir(tmp_path / "shallow")

    unrelated, unknown = check("--diff", "origin/start"), check("--diff", "HEAD~1")

    for result in (unrelated, unknown):
        assert result.exit_code == 2
        assert "this clone is shallow; fetch its history first" in result.stderr


def test_without_a_repository_only_changed_lines_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pod.yaml").write_text(POD)

    assert check().exit_code == 1
    result = check("--diff", "HEAD")
    assert result.exit_code == 2
    assert "is in no Git repository" in result.stderr


def test_without_git_only_changed_lines_are_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project))

    assert check().exit_code == 1
    for option in ("--staged", "--diff=HEAD"):
        assert "it is not on the PATH" in check(option).stderr


def test_the_two_ways_exclude_each_other(project: Path) -> None:
    assert check("--diff", "HEAD", "--staged").exit_code == 2


def test_no_program_runs_that_the_repository_configures(project: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    ran.mkdir()
    (project / ".gitattributes").write_text("* filter=x diff=y\n")
    commit()
    for key, name in {
        "filter.x.clean": "clean",
        "filter.x.process": "process",
        "filter.x=1.clean": "clean of another",
        "diff.y.textconv": "textconv",
        "diff.y.command": "driver",
        "diff.external": "external",
        "core.fsmonitor": "fsmonitor",
        "core.pager": "pager",
        "core.sshCommand": "ssh",
    }.items():
        git("config", key, f"touch '{ran}/{name}'; cat")
    git("config", "filter.x.required", "true")
    hook = project / ".git" / "hooks" / "post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{ran}/hook'\n")
    hook.chmod(0o755)
    (project / "pod.yaml").write_text(POD.replace("name: two", "name: three"))
    os.utime(project / "service.yaml", (0, 0))  # Git compares what it is not sure of

    for option in ("--diff=HEAD", "--staged"):
        assert check(option).exit_code in (0, 1)

    assert sorted(path.name for path in ran.iterdir()) == []


def test_a_clone_that_lacks_what_is_asked_for_fetches_nothing(project: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    blob = subprocess.run(["git", "rev-parse", "HEAD:pod.yaml"], check=True, capture_output=True, text=True).stdout
    (project / ".git" / "objects" / blob[:2] / blob[2:].strip()).unlink()
    for key, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.url": str(tmp_path),
        "remote.origin.promisor": "true",
        "remote.origin.uploadpack": f"touch {ran};",
    }.items():
        git("config", key, value)
    (project / "pod.yaml").write_text(POD.replace("name: two", "name: three"))

    result = check("--diff=HEAD")

    assert result.exit_code == 2
    assert "this clone is partial, and nothing is fetched" in result.output
    assert not ran.exists()


TOUCHED = POD.replace("name: two", "name: two  # as it was")


@pytest.mark.parametrize("attribute", ["-diff", "binary", "diff=y"])
def test_no_attribute_of_the_tree_hides_a_change(project: Path, attribute: str) -> None:
    (project / ".gitattributes").write_text(f"* {attribute}\n")
    git("config", "diff.y.binary", "true")
    (project / "pod.yaml").write_text(TOUCHED)

    since = check("--diff=HEAD").stdout
    git("add", "-A")
    staged = check("--staged").stdout

    for shown in (since, staged):
        assert shown.startswith("pod.yaml:12:7: error[k8s-writable-root-filesystem]")


@pytest.mark.parametrize(
    ("key", "value"),
    [("diff.interHunkContext", "50"), ("diff.noprefix", "true"), ("diff.relative", "true")],
)
def test_no_setting_of_the_repository_hides_a_change(project: Path, key: str, value: str) -> None:
    (project / "worker.yaml").write_text(POD.replace("web", "worker"))
    commit()
    git("config", key, value)
    (project / "pod.yaml").write_text(TOUCHED.replace("name: web\n", "name: web  # too\n", 1))
    (project / "worker.yaml").write_text(TOUCHED.replace("web", "worker"))

    found = check("--diff=HEAD").stdout.splitlines()

    assert [line.partition(" ")[0] for line in found[:2]] == ["pod.yaml:12:7:", "worker.yaml:12:7:"]


def test_what_is_compared_is_the_tree_that_is_looked_at(project: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "pod.yaml").write_text(POD)
    git("config", "core.worktree", str(elsewhere))
    (project / "pod.yaml").write_text(TOUCHED)

    assert check("--diff=HEAD").stdout.startswith("pod.yaml:12:7: error")


def test_a_file_name_that_looks_like_a_stage_of_another_file_is_its_own(project: Path) -> None:
    (project / "0:pod.yaml").write_text("kind: Pod\n")
    git("add", "-A")
    (project / "0:pod.yaml").write_text("kind: Pod\nmetadata: {name: changed}\n")

    assert "0:pod.yaml" not in check("--staged").stdout
