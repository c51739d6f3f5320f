"""From the first run to an ordinary day: a repository with many findings, and a change with two new ones."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from devopslint.catalogue import catalogue
from devopslint.cli import main
from devopslint.config_reading import load_config
from tests.reports.test_grouped import DEPLOYMENT
from tests.test_changes import commit, git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not on the PATH")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Thirty services that nobody has ever checked, and tests of their own."""
    monkeypatch.chdir(tmp_path)
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    git("init", "-q")
    for number in range(30):
        folder = tmp_path / "services" / f"s{number}"
        folder.mkdir(parents=True)
        (folder / "deployment.yaml").write_text(DEPLOYMENT.format(name=f"s{number}"))
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "pod.yaml").write_text(DEPLOYMENT.format(name="probe"))
    commit()
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args)


def test_the_first_day_and_the_next(project: Path) -> None:
    first = run("--format=grouped")
    assert first.exit_code == 1
    assert len(first.stdout.splitlines()) < 50
    assert int(run("--format=concise").stdout.splitlines()[-1].split()[0]) > 400
    assert "`devopslint init` writes a configuration" in first.stdout

    begun = run("init")
    assert begun.exit_code == 0
    written = (project / "devopslint.yaml").read_text()
    assert "lower:\n  - tests/**  # 1 file\n" in written
    assert "id: devopslint-all" in begun.stdout and "runs-on: ubuntu-latest" in begun.stdout

    accepted = run("baseline")
    assert accepted.stdout.startswith(".devopslint-baseline.json: ")
    assert run().exit_code == 0
    commit()

    git("checkout", "-qb", "feature")
    file = project / "services" / "s3" / "deployment.yaml"
    git("mv", "services/s4", "services/four")
    added = "          securityContext: {privileged: true}\n          env: [{name: API_TOKEN, value: ghp_0123456789abcdefghijABCDEFGHIJ012345}]\n"
    file.write_text(file.read_text() + added)
    changed = run("--diff=main", "--format=concise")
    rules = [line.split("[")[1].split("]")[0] for line in changed.stdout.splitlines()[:-1] if "error[" in line]
    assert changed.exit_code == 1
    assert "s4" not in changed.stdout and "four" not in changed.stdout
    assert "k8s-privileged-container" in rules and "k8s-env-secret" in rules
    assert {line.split(":")[0] for line in changed.stdout.splitlines()[:-2]} == {"services/s3/deployment.yaml"}
    assert run("--format=concise").exit_code == 1

    file.write_text(file.read_text().removesuffix(added))
    assert run("--diff=main").exit_code == 0
    assert run().exit_code == 0


def test_what_init_writes_is_understood_and_not_written_over(project: Path) -> None:
    run("init")
    text = (project / "devopslint.yaml").read_text()

    assert load_config("devopslint.yaml", text).lower == ("tests/**",)
    refused = run("init")
    assert refused.exit_code == 2
    assert "devopslint.yaml is there: --force writes over it" in refused.stderr
    assert run("init", "--print").stdout.startswith("# yaml-language-server: $schema=")
    # Every line that is commented out is one that can be taken in as it is.
    taken = text.replace("# rules:", "rules:").replace("#   k8s", "  k8s").replace("#   net", "  net")
    taken = taken.replace("#   hpa", "  hpa").replace("#   pdb", "  pdb")
    assert load_config("devopslint.yaml", taken).top.rules


@pytest.mark.parametrize(("command", "name"), [("init", "devopslint.yaml"), ("baseline", ".devopslint-baseline.json")])
def test_nothing_is_written_through_a_link_of_the_tree(
    project: Path, tmp_path_factory: pytest.TempPathFactory, command: str, name: str
) -> None:
    outside = tmp_path_factory.mktemp("elsewhere") / "new"
    (project / name).symlink_to(outside)

    result = run(command, *(["--force"] if command == "init" else []))

    assert result.exit_code == 2
    assert f"{name} is a link, and is not written through" in result.stderr
    assert not outside.exists()


def test_init_waits_for_no_pipe_and_a_folder_name_is_no_key(project: Path) -> None:
    os.mkfifo(project / ".pre-commit-config.yaml")
    (project / ".github" / "workflows").mkdir(parents=True)
    os.mkfifo(project / ".github" / "workflows" / "a.yml")
    odd = project / "odd\nselect: []\n" / "tests"
    odd.mkdir(parents=True)
    (odd / "pod.yaml").write_text(DEPLOYMENT.format(name="odd"))

    assert run("init").exit_code == 0
    written = load_config("devopslint.yaml", (project / "devopslint.yaml").read_text())
    assert written.lower == ("odd\nselect: []\n/tests/**", "tests/**")
    assert written.top.select is None


def test_findings_in_lowered_folders_are_one_step_less_severe_and_the_report_says_so(project: Path) -> None:
    (project / "devopslint.yaml").write_text("lower: [examples/**]\n")
    (project / "examples").mkdir()
    (project / "examples" / "pod.yaml").write_text(DEPLOYMENT.format(name="sample"))

    result = run("examples", "--select=k8s-root-container", "--format=concise")

    assert result.exit_code == 0
    assert "warning[k8s-root-container]" in result.stdout
    assert "turned off by devopslint.yaml: one step of severity in examples/**" in result.stdout
    assert "error[k8s-root-container]" in run("--select=k8s-root-container", "--format=concise").stdout


SOUND = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: pay}
spec:
  replicas: 3
  selector: {matchLabels: {app: pay}}
  template:
    metadata: {labels: {app: pay}}
    spec:
      containers:
        - name: pay  # the only one that sees cards
          image: shop/pay:1.4.2
          securityContext:
            allowPrivilegeEscalation: false
            seccompProfile: {type: RuntimeDefault}
"""


def test_a_change_with_two_new_findings_is_mended_and_green(project: Path) -> None:
    (project / "services" / "pay").mkdir()
    file = project / "services" / "pay" / "deployment.yaml"
    file.write_text(SOUND)
    assert int(run("--format=concise").stdout.splitlines()[-1].split()[0]) > 400
    assert run("init").exit_code == 0
    assert run("baseline").exit_code == 0
    commit()
    git("checkout", "-qb", "feature")
    untouched = {path: path.read_bytes() for path in project.glob("services/s*/*.yaml")}

    changed = SOUND.replace("Escalation: false", "Escalation: true").replace("1.4.2", "1.5.0")
    file.write_text(changed.replace("            seccompProfile: {type: RuntimeDefault}\n", ""))

    seen = run("--diff=main", "--format=concise")
    assert seen.exit_code == 1
    assert [line.split("[")[1].split("]")[0] for line in seen.stdout.splitlines() if "[k8s-" in line] == [
        "k8s-missing-seccomp-profile",
        "k8s-privilege-escalation",
    ]

    looked = run("--diff=main", "--diff-fixes")
    assert (
        "-            allowPrivilegeEscalation: true\n+            allowPrivilegeEscalation: false\n" in looked.stdout
    )
    assert looked.exit_code == 1

    mended = run("--diff=main", "--fix")
    assert mended.exit_code == 0
    assert "fixed 2 findings in 1 file:" in mended.stdout
    block = "            seccompProfile:\n              type: RuntimeDefault\n"
    assert file.read_text() == SOUND.replace("1.4.2", "1.5.0").replace(
        "            seccompProfile: {type: RuntimeDefault}\n", block
    )
    assert untouched == {path: path.read_bytes() for path in untouched}

    assert run("--diff=main").exit_code == 0
    assert run().exit_code == 0
    assert run("baseline").exit_code == 0


def test_init_counts_what_it_has_seen(project: Path) -> None:
    (project / "tests" / "deep").mkdir()
    (project / "tests" / "deep" / "pod.yaml").write_text(DEPLOYMENT.format(name="other"))
    odd = project / 'a "quoted" \\ folder' / "docs"
    odd.mkdir(parents=True)
    (odd / "pod.yaml").write_text(DEPLOYMENT.format(name="odd"))

    text = run("init", "--print").stdout
    blocks = text.split("\n\n")

    assert blocks[0].splitlines()[1] == (
        "# Every key is optional; https://github.com/devopslint/devopslint says what each means."
    )
    assert blocks[1] == "fail-on: error  # or warning, note"
    assert blocks[2].splitlines() == [
        "# Tests, examples, documents and others' code: in these, every finding is one step less severe.",
        "lower:",
        '  - "a \\"quoted\\" \\\\ folder/docs/**"  # 1 file',
        "  - tests/**  # 2 files",
    ]
    assert load_config("devopslint.yaml", text).lower == ('a "quoted" \\ folder/docs/**', "tests/**")
    frequent = blocks[3].splitlines()
    assert frequent[1] == "# rules:"
    counts = [int(line.split("  # ")[1].split()[0]) for line in frequent[2:-1]]
    assert len(counts) == 8 and counts == sorted(counts, reverse=True)
    rule_id, title = frequent[2].removeprefix("#   ").split(":")[0], frequent[2].split(" times: ")[1]
    assert catalogue()[rule_id].rule.title == title[0].upper() + title[1:]
    assert frequent[-1] == "# ignore: [compose-]  # a family, a tag, a rule: not run at all"
    asked = blocks[4].splitlines()
    number = int(asked[0].split()[1])
    assert asked[1:3] == ["# somebody attests, with a last day:", "# attest:"]
    assert len(asked) == 3 + 8 + 1 and asked[-1] == f"#   and {number - 8} more"


def test_init_of_a_tree_without_tests_shows_how_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.md").write_text("# Notes\n")

    lines = run("init", "--print").stdout.splitlines()

    assert "# In these, every finding is one step less severe." in lines
    assert "# lower: [tests/**, examples/**]" in lines


@pytest.mark.parametrize(
    ("path", "hook", "job"),
    [
        ("README.md", True, True),
        (".pre-commit-config.yaml", False, True),
        (".github/workflows/lint.yml", True, False),
        (".github/workflows/lint.yaml", True, False),
        (".github/workflows/lint.txt", True, True),
    ],
)
def test_init_says_what_runs_it_where_nothing_does(
    path: str, hook: bool, job: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("repos: [{repo: https://github.com/devopslint/devopslint}]\n")

    told = run("init").stdout

    assert told.startswith("devopslint.yaml is written: read it, and keep what is right.\n")
    assert ("\nFor .pre-commit-config.yaml:\n\n    repos:\n" in told) is hook
    assert ("\nFor .github/workflows/devopslint.yml:\n\n    name: devopslint\n" in told) is job
    assert told.endswith("\nNext: `devopslint` again, then `devopslint baseline` for what cannot be mended today.\n")
