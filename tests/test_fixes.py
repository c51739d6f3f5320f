"""`--fix`: what is written, what is said, and what stays as it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from devopslint.cli import _written, main
from devopslint.config import Config
from devopslint.fixes import mend
from devopslint.run import Outcome, conclude_scope, examine_all, find_scope

POD = """\
# the shop's own
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web  # in front
      image: "shop/web:1.4.2"
"""
SAFE = "k8s-privilege-escalation,k8s-missing-seccomp-profile,k8s-writable-root-filesystem"


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["--no-cache", *args])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pod.yaml").write_text(POD)
    return tmp_path


def test_safe_fixes_are_applied_and_the_rest_decides_the_exit_code(project: Path) -> None:
    done = run("--fix", f"--select={SAFE}")

    assert (project / "pod.yaml").read_text() == POD + (
        "      securityContext:\n        seccompProfile:\n          type: RuntimeDefault\n        allowPrivilegeEscalation: false\n"
    )
    assert done.exit_code == 1
    assert (
        "fixed 2 findings in 1 file:\n     1  k8s-missing-seccomp-profile\n     1  k8s-privilege-escalation\n"
        in done.stdout
    )
    assert done.stdout.endswith("1 finding (1 error) in 1 file; 2 fixed\n")


def test_unsafe_fixes_are_asked_for_by_name(project: Path) -> None:
    done = run("--fix", "--unsafe-fixes", f"--select={SAFE}")

    assert "readOnlyRootFilesystem: true\n" in (project / "pod.yaml").read_text()
    assert done.exit_code == 0
    assert done.stdout.endswith("no findings in 1 file; 3 fixed\n")


def test_twice_gives_the_same_as_once(project: Path) -> None:
    run("--fix", f"--select={SAFE}")
    once = (project / "pod.yaml").read_bytes()

    again = run("--fix", f"--select={SAFE}")

    assert (project / "pod.yaml").read_bytes() == once
    assert again.stdout.endswith("1 finding (1 error) in 1 file\n")


def test_the_difference_is_shown_and_nothing_is_written(project: Path) -> None:
    shown = run("--diff-fixes", "--select=k8s-privilege-escalation")

    assert shown.stdout == (
        "--- a/pod.yaml\n+++ b/pod.yaml\n@@ -6,3 +6,5 @@\n   containers:\n     - name: web  # in front\n"
        '       image: "shop/web:1.4.2"\n+      securityContext:\n+        allowPrivilegeEscalation: false\n'
    )
    assert shown.exit_code == 1
    assert (project / "pod.yaml").read_text() == POD


def test_what_is_accepted_is_not_mended(project: Path) -> None:
    text = POD.replace("# in front", "# devopslint: allow k8s-privilege-escalation -- it calls sudo")
    (project / "pod.yaml").write_text(text)

    done = run("--fix", "--select=k8s-privilege-escalation")

    assert (project / "pod.yaml").read_text() == text
    assert done.exit_code == 0


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_line_ends_and_a_byte_order_mark_stay(project: Path, ending: str, mark: str) -> None:
    (project / "pod.yaml").write_bytes((mark + POD.replace("\n", ending)).encode())

    run("--fix", "--select=k8s-privilege-escalation")

    added = "      securityContext:\n        allowPrivilegeEscalation: false\n"
    assert (project / "pod.yaml").read_bytes() == (mark + (POD + added).replace("\n", ending)).encode()


def test_a_place_that_others_use_is_not_changed_and_it_is_said(project: Path) -> None:
    text = "kind: Pod\napiVersion: v1\nmetadata: {name: web}\nspec:\n  containers:\n    - &c {name: web, image: a}\n  initContainers:\n    - *c\n"
    (project / "pod.yaml").write_text(text)

    done = run("--fix", "--select=k8s-privilege-escalation")

    assert (project / "pod.yaml").read_text() == text
    assert (
        "not fixed:\n  pod.yaml:6:11: k8s-privilege-escalation: its value is used in several places, by an alias or a merge\n"
        in done.stdout
    )
    assert done.exit_code == 1


def test_links_are_not_written_through(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (project / "pod.yaml").rename(elsewhere / "pod.yaml")
    (project / "pod.yaml").symlink_to(elsewhere / "pod.yaml")

    run("--fix", "--select=k8s-privilege-escalation")
    run("--fix", "--select=k8s-privilege-escalation", "pod.yaml")

    assert (elsewhere / "pod.yaml").read_text() == POD
    assert (project / "pod.yaml").is_symlink()


def test_another_name_of_the_same_file_keeps_its_content(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "shared.yaml"
    elsewhere.hardlink_to(project / "pod.yaml")

    run("--fix", "--select=k8s-privilege-escalation")

    assert elsewhere.read_text() == POD
    assert "allowPrivilegeEscalation" in (project / "pod.yaml").read_text()


def into_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def into_a_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/null")


@pytest.mark.parametrize(
    ("become", "reason"),
    [
        (lambda path: path.write_text("# edited\n" + POD), "it has changed since it was read"),
        (into_a_pipe, "it is no plain file of the project"),
        (into_a_link, "it is no plain file of the project"),
        (lambda path: path.unlink(), "it cannot be written: No such file or directory"),
    ],
    ids=["edited", "a pipe", "a link", "gone"],
)
def test_a_file_that_became_another_one_meanwhile_stays(
    project: Path, become: Callable[[Path], object], reason: str
) -> None:
    path = project / "pod.yaml"
    config = Config().selecting(["k8s-privilege-escalation"])
    scope = find_scope(project, [path], config, repository=False)
    reports = examine_all(scope, config, 1)
    outcome = Outcome(scope, reports, conclude_scope(scope, reports, config))
    mending = mend(outcome, config, outcome.settled.findings)
    assert [one.path for one in mending.changes] == ["pod.yaml"]
    become(path)
    before = path.lstat().st_mode if os.path.lexists(path) else None

    written = _written(mending, outcome)

    assert [one.reason for one in written.unmended] == [reason]
    assert (path.lstat().st_mode if os.path.lexists(path) else None) == before
    assert not path.is_file() or path.read_text() == "# edited\n" + POD


def test_what_the_configuration_names_is_filled_in_without_a_question(project: Path) -> None:
    (project / "devopslint.yaml").write_text("select: [k8s-missing-memory-limit]\nfixes:\n  limits: {memory: 64Mi}\n")

    run("--fix")

    assert (project / "pod.yaml").read_text().endswith("      resources:\n        limits:\n          memory: 64Mi\n")


def test_what_is_not_named_there_is_a_guess_and_not_safe(project: Path) -> None:
    run("--fix", "--select=k8s-missing-memory-limit")

    assert (project / "pod.yaml").read_text() == POD


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--fix", "--staged"], "--fix mends files as they are on the disk, not --staged"),
        (["--diff-fixes", "--render"], "--diff-fixes mends files as they are on the disk, not --render"),
        (["--unsafe-fixes"], "--unsafe-fixes goes with --fix, --diff-fixes or --show-fixes"),
        (["--fix", "--diff-fixes"], "--fix and --diff-fixes exclude each other: the second writes nothing"),
    ],
)
def test_options_that_do_not_go_together_are_said(project: Path, options: list[str], reason: str) -> None:
    done = run(*options)

    assert done.exit_code == 2
    assert reason in done.stderr


def test_a_file_that_is_not_utf_8_stays(project: Path) -> None:
    (project / "pod.yaml").write_bytes(POD.encode("utf-16"))

    done = run("--fix", "--select=k8s-privilege-escalation")

    assert (project / "pod.yaml").read_bytes() == POD.encode("utf-16")
    assert "k8s-privilege-escalation: the file is not UTF-8" in done.stdout


def test_a_secret_is_not_shown_in_the_difference(project: Path) -> None:
    secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
    (project / "pod.yaml").write_text(f"{POD}      env: [{{name: TOKEN, value: {secret}}}]\n")

    shown = run("--diff-fixes", "--select=k8s-privilege-escalation")

    assert "allowPrivilegeEscalation" in shown.stdout
    assert secret not in shown.stdout


def test_a_run_without_fixes_imports_nothing_of_them(project: Path) -> None:
    code = (
        "import sys\nfrom devopslint.cli import main\ntry: main(['--no-cache', 'pod.yaml'])\nexcept SystemExit: pass\n"
    )
    code += "print([name for name in sys.modules if 'fixes' in name or 'ruamel' in name or 'yaml_changes' in name])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_the_catalogue_says_which_rules_have_a_fix() -> None:
    rules = {one["id"]: one["fix"] for one in json.loads(run_rules().stdout)}

    assert rules["k8s-privilege-escalation"] == "safe"
    assert rules["k8s-writable-root-filesystem"] == "unsafe"
    assert rules["k8s-naked-pod"] == ""


def run_rules() -> Result:
    return CliRunner().invoke(main, ["rules", "--format=json"])


EDIT = "      securityContext:\n        allowPrivilegeEscalation: false\n"


def test_sarif_says_with_which_edits_a_finding_can_be_mended(project: Path) -> None:
    log = json.loads(run("--show-fixes", "--format=sarif", "--select=k8s-privilege-escalation").stdout)

    [change] = log["runs"][0]["results"][0]["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "pod.yaml"
    region = {"startLine": 9, "startColumn": 1, "endLine": 9, "endColumn": 1}
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": EDIT}}]
    assert (project / "pod.yaml").read_text() == POD


def test_rdjson_has_suggestions_that_become_suggested_changes(project: Path) -> None:
    told = json.loads(run("--show-fixes", "--format=rdjson", "--select=k8s-privilege-escalation").stdout)

    place = {"line": 9, "column": 1}
    assert told["diagnostics"][0]["suggestions"] == [{"range": {"start": place, "end": place}, "text": EDIT}]


def test_json_says_what_is_safe_what_is_mended_and_what_is_not(project: Path) -> None:
    rules = "--select=k8s-privilege-escalation,k8s-writable-root-filesystem"

    shown = json.loads(run("--show-fixes", "--unsafe-fixes", "--format=json", rules).stdout)
    mended = json.loads(run("--fix", "--format=json", rules).stdout)

    assert [(one["rule"], one["fix"]["safe"]) for one in shown["findings"]] == [
        ("k8s-privilege-escalation", True),
        ("k8s-writable-root-filesystem", False),
    ]
    assert [one["rule"] for one in mended["fixed"]] == ["k8s-privilege-escalation"]
    assert [(one["rule"], one["fix"]) for one in mended["findings"]] == [("k8s-writable-root-filesystem", None)]
    assert mended["not_fixed"] == []


def test_no_secret_is_shown_in_an_edit(project: Path) -> None:
    (project / ".github" / "workflows").mkdir(parents=True)
    secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
    script = f'echo "::set-output name=token::{secret}"'
    (project / ".github" / "workflows" / "ci.yml").write_text(
        f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          {script}\n"
    )

    told = run("--show-fixes", "--format=sarif", "--select=gha-deprecated-command,gha-literal-token").stdout

    assert "gha-deprecated-command" in told
    assert secret not in told


def test_what_would_break_something_elsewhere_is_left_and_said(project: Path) -> None:
    (project / "Dockerfile").write_text("FROM debian:12\nUSER app\n")
    (project / ".github" / "workflows").mkdir(parents=True)
    workflow = (
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker build -t shop/web:1.4.2 .\n"
    )
    (project / ".github" / "workflows" / "ci.yml").write_text(workflow)
    rules = "--select=k8s-root-container,k8s-privilege-escalation,docker-unverifiable-user"

    done = run("--fix", "--unsafe-fixes", rules)

    assert (project / "pod.yaml").read_text() == POD + EDIT
    assert "not fixed:\n  pod.yaml:7:7: k8s-root-container: it would bring docker-unverifiable-user\n" in done.stdout
    assert done.exit_code == 1
