"""The command: exit codes, options, and what it says of those it does not understand."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from devopslint import __version__, check_paths
from devopslint.cli import LAZY, MANY_FINDINGS, DefaultCommand, config_here, main, tokens
from devopslint.config import ConfigError

SELECT = "--select=k8s-writable-root-filesystem,unreadable-file"
GOOD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: app
      securityContext: {readOnlyRootFilesystem: true}
"""
BAD = GOOD.replace("true", "false")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository that is the current folder."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return tmp_path


def run(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, args, input=stdin)


def test_a_clean_tree_exits_with_0(project: Path) -> None:
    (project / "pod.yaml").write_text(GOOD)

    result = run(SELECT)

    assert (result.exit_code, result.stdout) == (0, "no findings in 1 file\n")


def test_a_finding_exits_with_1_and_shows_its_place(project: Path) -> None:
    (project / "pod.yaml").write_text(BAD)

    result = run(".", SELECT)

    assert result.exit_code == 1
    assert "pod.yaml:7:49" in result.stdout
    assert "container 'app' can write to its root file system" in result.stdout


def test_fail_on_and_exit_zero_decide_the_exit_code(project: Path) -> None:
    (project / "pod.yaml").write_text(BAD)
    (project / "devopslint.yaml").write_text("rules: {k8s-writable-root-filesystem: warning}\n")

    assert run(SELECT).exit_code == 0
    assert run(SELECT, "--fail-on", "warning").exit_code == 1
    assert run(SELECT, "--fail-on", "warning", "--exit-zero").exit_code == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["nowhere.yaml"], "no such file or folder: nowhere.yaml"),
        (["--select", "hpa-nonsense"], "no rule, family or tag is named 'hpa-nonsense'"),
        (["--fail-on", "fatal"], "'fatal' is not one of 'error', 'warning', 'note'"),
        (["--format", "yaml"], "'yaml' is not one of"),
        (["-"], "standard input has no name"),
        (["--config", "absent.yaml"], "cannot read the configuration absent.yaml"),
        (["--format", "json", "--output", "nowhere/report.json"], "cannot write nowhere/report.json"),
        (["--format", "json", "--format", "text"], "give one --output for each --format"),
    ],
)
def test_what_is_not_understood_exits_with_2_and_says_so(project: Path, args: list[str], message: str) -> None:
    (project / "pod.yaml").write_text(GOOD)

    result = run(*args)

    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_broken_configuration_never_exits_with_0(project: Path) -> None:
    (project / "devopslint.yaml").write_text("ignore: [k8s-\n")

    result = run()

    assert result.exit_code == 2
    assert "devopslint.yaml:" in result.stderr


def test_several_formats_go_to_several_files(project: Path) -> None:
    (project / "pod.yaml").write_text(BAD)

    result = run(SELECT, "--format", "concise", "--format", "json", "--output", "report.json")

    assert result.exit_code == 1
    assert result.stdout.startswith("pod.yaml:7:49: error[k8s-writable-root-filesystem]")
    assert json.loads((project / "report.json").read_text())["version"] == 1


def test_standard_input_takes_the_place_of_a_file(project: Path) -> None:
    (project / "pod.yaml").write_text(GOOD)

    result = run("-", "--stdin-filename", "pod.yaml", SELECT, "--format", "concise", stdin=BAD)

    assert result.exit_code == 1
    assert result.stdout.startswith("pod.yaml:7:49:")


def test_a_file_of_no_known_kind_is_listed_when_named(project: Path) -> None:
    (project / "notes.txt").write_text("nothing")

    result = run("notes.txt", SELECT)

    assert result.exit_code == 0
    assert "is of no kind that any rule knows" in result.stdout


def test_a_link_that_leads_out_is_not_read(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "pod.yaml"
    outside.write_text(BAD)
    (project / "pod.yaml").symlink_to(outside)

    result = run("pod.yaml", SELECT)

    assert result.exit_code == 0
    assert "leads out of the project" in result.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
def test_a_file_that_cannot_be_opened_is_a_finding(project: Path) -> None:
    (project / "Dockerfile").write_text("FROM scratch\n")
    (project / "Dockerfile").chmod(0)

    result = run(SELECT)

    assert result.exit_code == 1
    assert "cannot be opened" in result.stdout


def test_globs_are_expanded_where_no_shell_has(project: Path) -> None:
    (project / "k8s").mkdir()
    (project / "k8s" / "pod.yaml").write_text(BAD)

    assert run("k8s/*.yaml", SELECT).exit_code == 1


def test_the_exclusions_of_the_configuration_hold_for_named_files_too(project: Path) -> None:
    (project / "pod.yaml").write_text(BAD)
    (project / "devopslint.yaml").write_text("exclude: ['*.yaml']\n")

    result = run("pod.yaml", SELECT)

    assert result.exit_code == 0
    assert "is excluded" in result.stdout


def test_rules_are_listed_and_explained() -> None:
    listed = run("rules", "k8s-writable-root-filesystem")
    explained = run("explain", "k8s-writable-root-filesystem")
    data = json.loads(run("rules", "--format", "json").stdout)

    assert listed.stdout.startswith("k8s-writable-root-filesystem  error")
    assert "## What to do" in explained.stdout
    assert {"id", "severity", "equivalents"} <= set(data[0])


def test_the_checklist_meets_nothing_that_nothing_was_looked_at_for(project: Path) -> None:
    empty = json.loads(run("checklist", "--format", "json").stdout)
    (project / "pod.yaml").write_text(GOOD)
    good = {one["item"]: one for one in json.loads(run("checklist", "--format", "json").stdout)}

    assert "met" not in {one["status"] for one in empty}
    assert good["containerization.read-only"]["status"] == "met"


def test_an_attested_item_is_met_until_its_day(project: Path) -> None:
    config = "attest:\n  - {item: monitoring.logs, reason: Loki since 2024, until: %s}\n"

    def status(until: str) -> str:
        (project / "devopslint.yaml").write_text(config % until)
        answers = json.loads(run("checklist", "--format", "json").stdout)
        return next(str(one["status"]) for one in answers if one["item"] == "monitoring.logs")

    assert status("2999-01-01") == "met"
    assert status("2020-01-01") == "not applicable"


def test_the_module_runs_as_the_command_does(project: Path) -> None:
    (project / "pod.yaml").write_text(BAD)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}

    result = subprocess.run(
        [sys.executable, "-m", "devopslint", SELECT, "--color", "always"],
        capture_output=True,
        env=environment,
        check=False,
    )

    assert result.returncode == 1
    assert b"\x1b[" in result.stdout


def test_less_severe_findings_are_left_out_and_counted_and_decide_as_before(project: Path) -> None:
    (project / "Dockerfile").write_text("FROM alpine\nUSER 1\n")
    select = "--select=docker-untagged-image,docker-missing-healthcheck,docker-root-user"

    result = run(select, "--min-severity", "error", "--fail-on", "warning")

    assert result.exit_code == 1
    assert result.stdout == "no findings in 1 file; 2 less severe not shown\n"
    assert run(select, "--min-severity", "warning").stdout == run(select).stdout


def test_an_error_that_nothing_caught_exits_with_2() -> None:
    @click.group(cls=DefaultCommand)
    def group() -> None:
        pass

    @group.command()
    def check() -> None:
        raise RuntimeError("a worker died")

    result = CliRunner().invoke(group, [])

    assert result.exit_code == 2
    assert "RuntimeError: a worker died" in result.stderr
    assert "internal error, please report it" in result.stderr


def test_a_run_on_a_dockerfile_imports_nothing_for_other_files(project: Path) -> None:
    (project / "Dockerfile").write_text("FROM alpine\n")
    code = """
import sys
from devopslint.cli import main
try:
    main(["--no-config", "--exit-zero", "--format", "json"])
finally:
    print(sorted({"yaml", "jsonschema", "devopslint.kubernetes.cluster", "devopslint.kubernetes.summaries"} & set(sys.modules)))
"""

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert result.stdout.endswith("}\n[]\n")


def test_start_up_imports_nothing_heavy() -> None:
    code = "import sys, devopslint.cli; print(sorted({'yaml', 'jsonschema', 'dockerfile_parse'} & set(sys.modules)))"

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent
    )

    assert result.stdout == "[]\n"


def test_a_folder_that_is_excluded_is_said_to_be(project: Path) -> None:
    (project / "k8s").mkdir()
    (project / "k8s" / "pod.yaml").write_text(BAD)
    (project / "devopslint.yaml").write_text("exclude: [/k8s/]\n")

    printed = run("k8s", SELECT).stdout

    assert "k8s/:1" in printed and "is excluded, by --exclude or the configuration" in printed
    assert printed.endswith("nothing was checked\n")


def test_an_absolute_glob_is_expanded_too(project: Path) -> None:
    (project / "pod.yaml").write_text(BAD)

    assert run(f"{project}/*.yaml", SELECT).exit_code == 1


def test_a_link_of_the_users_own_leads_to_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "there" / ".git").mkdir(parents=True)
    (tmp_path / "there" / "pod.yaml").write_text(BAD)
    (tmp_path / "here").symlink_to("there")
    monkeypatch.chdir(tmp_path)

    assert "pod.yaml:7:49" in run("here", SELECT, "--format=concise").stdout


def test_a_link_of_a_repository_is_not_followed_out_of_it(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "pod.yaml").write_text(BAD)
    (project / "link").symlink_to(outside)

    result = run("link", SELECT)

    assert result.exit_code == 0
    assert "is a symbolic link that leads out of the project" in result.stdout


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (("chek",), "did you mean the command check?"),
        (("explain", "DL3008"), "did you mean hadolint:DL3008?"),
        (("check", "--ignore", "CKV_K8S_8"), "did you mean checkov:CKV_K8S_8?"),
    ],
)
def test_what_is_nearly_right_is_guessed(project: Path, args: tuple[str, ...], hint: str) -> None:
    result = run(*args)

    assert result.exit_code == 2
    assert hint in result.stderr


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ch", ["plain,check", "plain,checklist"]),
        ("k8", ["file,k8"]),
        ("--exit", ["plain,--exit-zero"]),
        ("check --exit", ["plain,--exit-zero"]),
        ("check k8", ["file,k8"]),
        ("explain docker-apt-l", ["plain,docker-apt-lists"]),
    ],
)
def test_a_shell_is_told_how_words_go_on(words: str, found: list[str]) -> None:
    asked = {"_DEVOPSLINT_COMPLETE": "bash_complete", "COMP_WORDS": f"devopslint {words}"}
    count = str(len(words.split()))

    result = CliRunner().invoke(main, env=asked | {"COMP_CWORD": count}, prog_name="devopslint")

    assert result.stdout.split() == found


def test_the_checklist_counts_what_it_was_asked_about(project: Path) -> None:
    (project / "docs").mkdir()
    (project / "pod.yaml").write_text(BAD)

    answers = json.loads(run("checklist", "docs", "--format", "json").stdout)

    assert not [one["item"] for one in answers if one["status"] == "met"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_report_that_cannot_be_written_is_a_failure_and_no_defect(project: Path) -> None:
    (project / "pod.yaml").write_text(BAD)
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "devopslint", "--no-cache"], stdout=full, stderr=subprocess.PIPE, check=False
        )

    assert result.returncode == 2
    assert result.stderr.startswith(b"Error: cannot write the report: ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_pipes_and_links_to_themselves_stop_no_run(project: Path) -> None:
    (project / "pod.yaml").write_text(BAD)
    (project / "loop.yaml").symlink_to("loop.yaml")
    (project / "all").symlink_to(".")
    for name in ("pipe.yaml", "devopslint.yaml", ".hadolint.yaml", ".gitignore"):
        os.mkfifo(project / name)

    printed = [run(path, SELECT, "--format=concise").stdout for path in (".", "all", "loop.yaml")]

    for text in printed[:2]:
        assert "pod.yaml:7:49" in text
        assert "is no regular file" in text and "pipe.yaml:1" in text
    assert "loop.yaml:1:1: error[unreadable-file]: cannot be opened" in printed[2]


def test_everything_excluded_is_not_nothing_there(project: Path) -> None:
    (project / "pod.yaml").write_text(BAD)

    assert run("--exclude", "*", SELECT).stdout.endswith("nothing was checked\n")


@pytest.mark.skipif(sys.platform == "win32", reason="the current folder cannot be removed there")
def test_a_current_folder_that_is_gone_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    result = run()

    assert result.exit_code == 2
    assert "Error: the current folder cannot be entered: " in result.stderr


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="there are no users to become")
def test_a_folder_that_may_not_be_entered_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as name:  # its parents may be entered by everyone
        monkeypatch.chdir(name)
        closed = Path("closed")
        closed.mkdir()
        (closed / "pod.yaml").write_text(BAD)
        Path(name).chmod(0o755)
        assert "closed/pod.yaml:7:49" in run(SELECT).stdout
        closed.chmod(0)
        was_root = os.geteuid() == 0
        if was_root:
            os.seteuid(65534)

        try:
            named = [run(path, SELECT) for path in ("closed", "closed/pod.yaml", "closed/*.yaml")]
            around = run(SELECT)
        finally:
            if was_root:
                os.seteuid(0)
            closed.chmod(0o755)

        assert [result.exit_code for result in named] == [2, 2, 2]
        assert all("Error: cannot open closed" in result.stderr for result in named)
        assert "cannot be listed: Permission denied\n    closed/:1" in around.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_report_goes_through_links_and_pipes_and_leaves_them_there(project: Path) -> None:
    (project / "pod.yaml").write_text(GOOD)
    (project / "link.txt").symlink_to("kept.txt")
    (project / "kept.txt").write_text("an older report")
    os.mkfifo(project / "pipe.txt")
    reader = os.open(project / "pipe.txt", os.O_RDONLY | os.O_NONBLOCK)

    codes = [run("pod.yaml", SELECT, "-o", name).exit_code for name in ("link.txt", "pipe.txt")]

    assert codes == [0, 0]
    assert (project / "link.txt").is_symlink()
    assert (project / "kept.txt").read_text() == "no findings in 1 file\n"
    assert (project / "pipe.txt").is_fifo()
    assert os.read(reader, 100) == b"no findings in 1 file\n"
    os.close(reader)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no terminals of this kind there")
def test_a_report_goes_to_a_device_and_leaves_it_there(project: Path) -> None:
    import pty
    import stat

    (project / "pod.yaml").write_text(GOOD)
    reader, terminal = pty.openpty()
    device = os.ttyname(terminal)

    result = run("pod.yaml", SELECT, "-o", device)

    assert result.exit_code == 0
    assert stat.S_ISCHR(Path(device).lstat().st_mode)
    assert os.read(reader, 100) == b"no findings in 1 file\r\n"
    os.close(reader)
    os.close(terminal)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_device_that_takes_nothing_is_a_failure_and_stays(project: Path) -> None:
    (project / "pod.yaml").write_text(GOOD)
    (project / "full").symlink_to("/dev/full")  # a defect would take the place of the link, and of nothing else

    result = run("pod.yaml", SELECT, "-o", "full")

    assert result.exit_code == 2
    assert "cannot write full: No space left on device" in result.stderr
    assert (project / "full").is_symlink() and Path("/dev/full").is_char_device()
    assert sorted(path.name for path in project.iterdir() if path.name != ".git") == ["full", "pod.yaml"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits on the size of files there")
def test_a_report_that_does_not_fit_leaves_nothing_behind(project: Path) -> None:
    import resource

    (project / "pod.yaml").write_text(BAD)
    (project / "report.txt").write_text("the last one")

    result = subprocess.run(
        [sys.executable, "-m", "devopslint", "--no-cache", "-o", "report.txt", "pod.yaml"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16)),
    )

    assert result.returncode == 2
    assert "Error: cannot write report.txt: File too large" in result.stderr
    assert (project / "report.txt").read_text() == "the last one"
    assert sorted(path.name for path in project.iterdir()) == [".git", "pod.yaml", "report.txt"]


@pytest.mark.parametrize(("text", "code"), [(GOOD, 0), (BAD, 1)])
def test_a_reader_that_has_gone_away_does_not_change_the_exit_code(project: Path, text: str, code: int) -> None:
    (project / "pod.yaml").write_text(text)
    reading, writing = os.pipe()
    os.close(reading)

    result = subprocess.run(
        [sys.executable, "-m", "devopslint", "--no-cache", SELECT, "pod.yaml", "--fail-on", "warning"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)

    assert (result.returncode, result.stderr) == (code, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such shell there")
def test_a_closed_standard_output_is_said_to_be_closed(project: Path) -> None:
    (project / "pod.yaml").write_text(GOOD)

    result = subprocess.run(
        ["sh", "-c", '"$0" -m devopslint --no-cache pod.yaml >&-', sys.executable],
        stderr=subprocess.PIPE,
        check=False,
    )

    assert result.returncode == 2
    assert result.stderr == b"Error: cannot write the report: standard output is closed\n"


def test_a_configuration_that_leads_out_is_not_read_unless_it_is_named(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.write_text("hunter2: [a\n")
    (project / "pod.yaml").write_text(GOOD)
    (project / "devopslint.yaml").symlink_to(outside)

    found, named = run("pod.yaml"), run("pod.yaml", "--config", "devopslint.yaml")

    assert found.exit_code == 2
    assert "Error: devopslint.yaml: is a link that leads out of the project, so it is not read" in found.stderr
    assert "hunter2" not in found.stdout + found.stderr
    assert named.exit_code == 2 and "is a link" not in named.stderr
    with pytest.raises(ConfigError, match=r"^devopslint.yaml: is a link that leads out of the project"):
        check_paths(["pod.yaml"])


@pytest.mark.parametrize("name", [".checkov.yaml", ".hadolint.yaml", ".gitignore", ".dockerignore", "zizmor.yml"])
def test_what_others_are_told_outside_of_the_project_is_not_read(
    project: Path, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.write_text("hunter2: [*\n")
    (project / "pod.yaml").write_text(BAD)
    (project / name).symlink_to(outside)

    result = run(".", "--format", "json")

    assert '"pod.yaml"' in result.stdout
    assert "hunter2" not in result.stdout + result.stderr


def test_a_configuration_that_is_a_link_within_the_project_holds(project: Path) -> None:
    (project / "ci").mkdir()
    (project / "ci" / "lint.yaml").write_text("exclude: [pod.yaml, ci]\n")
    (project / "devopslint.yaml").symlink_to("ci/lint.yaml")
    (project / "pod.yaml").write_text(BAD)

    assert run().stdout == (
        "not checked:\n  is excluded, by --exclude or the configuration\n    ./:1\n\n"
        "turned off by ci/lint.yaml: files that match pod.yaml, ci\n\nnothing was checked\n"
    )


@pytest.mark.parametrize("pattern", ["'**'", "'*'", "pod.yaml"])
def test_a_configuration_that_excludes_everything_is_seen(project: Path, pattern: str) -> None:
    (project / "devopslint.yaml").write_text(f"exclude: [{pattern}, devopslint.yaml]\n")
    (project / "pod.yaml").write_text(BAD)

    result = run(".")

    assert "is excluded, by --exclude or the configuration\n    ./:1\n" in result.stdout
    assert f"turned off by devopslint.yaml: files that match {pattern.strip(chr(39))}, devopslint.yaml" in result.stdout
    assert result.stdout.endswith("nothing was checked\n")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
@pytest.mark.parametrize("option", ["--config", "--policy"])
def test_a_pipe_is_no_configuration_and_is_not_waited_for(project: Path, option: str) -> None:
    os.mkfifo(project / "pipe")
    (project / "pod.yaml").write_text(GOOD)

    command = [sys.executable, "-m", "devopslint", "pod.yaml", option, "pipe"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert result.returncode == 2
    assert (
        f"Error: cannot read the {'configuration' if option == '--config' else 'policy'} pipe: is no regular file"
        in (result.stderr)
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
@pytest.mark.parametrize("name", ["devopslint.yaml", ".checkov.yaml", ".gitignore", ".dockerignore", "Dockerfile"])
def test_a_pipe_in_the_tree_is_not_waited_for(project: Path, name: str) -> None:
    os.mkfifo(project / name)
    (project / "pod.yaml").write_text(BAD)

    command = [sys.executable, "-m", "devopslint", "--format", "concise"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert "pod.yaml:7:49" in result.stdout, result.stderr


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_is_of_all_commands(option: str) -> None:
    said = run(option).stdout

    assert said.startswith("Usage: main [PATHS]... | COMMAND [ARGS]...\n")
    assert "migrate" in said and "--fail-on" not in said


def test_the_version_is_the_programs() -> None:
    assert run("--version").stdout == f"devopslint, version {__version__}\n"


def test_an_interruption_is_one_line_and_130(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*told: object, **named: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("devopslint.run.find_scope", interrupted)

    result = run(".")

    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "\ninterrupted\n")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a name is a text")
def test_a_name_that_is_no_text_is_written_all_the_same(project: Path) -> None:
    (project / os.fsdecode(b"pod\xff.yaml")).write_text(BAD)

    result = run(".", SELECT, "--format", "concise", "-o", "out.txt")

    assert result.exit_code == 1, result.output
    assert (project / "out.txt").read_bytes().startswith("pod\ufffd.yaml:7:49: ".encode())


def test_the_screen_says_how_many_items_hold_and_what_comes_next(project: Path) -> None:
    (project / "pod.yaml").write_text(BAD)

    first = run(".", "--format", "grouped").stdout
    (project / "devopslint.yaml").write_text("rules: {}\n")
    then = run(".", "--format", "grouped").stdout
    many = [BAD.replace("name: web", f"name: web{number}") for number in range(30)]
    (project / "many.yaml").write_text("---\n".join(many))
    later = run(".", "--format", "grouped").stdout

    assert re.search(
        r"^\d+ of \d+ items of the Definition of Done hold, [1-9]\d* do not: `devopslint checklist`$", first, re.M
    )
    assert "next:       `devopslint init` writes a configuration with what it sees here\n" in first
    assert "devopslint init" not in then
    assert "next:       `devopslint --diff-fixes` shows how " in then
    assert "next:       `devopslint baseline` accepts what is there today, so that only new\n" in later


def test_what_other_programs_measured_is_looked_for_beside_the_configuration(project: Path) -> None:
    (project / "ci" / "measured").mkdir(parents=True)
    size = [{"Id": "sha256:0", "RepoTags": ["shop"], "Size": 300_000_000}]
    (project / "ci" / "measured" / "size.json").write_text(json.dumps(size))
    (project / "ci" / "devopslint.yaml").write_text("evidence: {path: measured, megabytes: 200}\n")
    (project / "Dockerfile").write_text("FROM alpine:3.22\nUSER 1000\n")

    result = run("checklist", ".", "--config", "ci/devopslint.yaml")

    assert "image shop has 300 MB, not less than 200 MB, measured/size.json" in result.stdout


@pytest.mark.parametrize("told", ["../elsewhere", "nowhere"])
def test_a_folder_of_evidence_that_is_none_of_the_projects_is_refused(project: Path, told: str) -> None:
    (project.parent / "elsewhere").mkdir(exist_ok=True)
    (project / "devopslint.yaml").write_text(f"evidence: {{path: {told}}}\n")
    (project / "pod.yaml").write_text(GOOD)

    result = run("checklist", ".")

    assert result.exit_code == 2
    assert f"devopslint.yaml: evidence: '{told}' is no folder of the project" in result.stderr


@pytest.mark.parametrize(
    ("options", "written"),
    [
        (
            ("--format", "json", "--format", "text", "-o", "a.json", "-o", "a.txt"),
            {"a.json": "{", "a.txt": "no findings"},
        ),
        (
            ("--format", "json", "--format", "text", "-o", "a.txt", "-o", "a.json"),
            {"a.txt": "{", "a.json": "no findings"},
        ),
        (("--format", "json", "--format", "text", "-o", "a.json"), {"a.json": "{", "": "no findings"}),
        (("-o", "a.sarif", "-o", "a.md"), {"a.sarif": "{", "a.md": "#"}),
        (
            (
                "-o",
                "a.xml",
            ),
            {"a.xml": "<?xml"},
        ),
        (
            (
                "-o",
                "report",
            ),
            {"report": "no findings"},
        ),
    ],
)
def test_each_report_goes_where_its_format_or_its_place_says(
    project: Path, options: tuple[str, ...], written: dict[str, str]
) -> None:
    (project / "pod.yaml").write_text(GOOD)

    result = run(".", SELECT, *options)

    assert result.exit_code == 0, result.output
    for name, beginning in written.items():
        text = (project / name).read_text() if name else result.stdout
        assert text.startswith(beginning), (name, text[:20])


@pytest.mark.parametrize(
    "options",
    [("--format", "json", "--format", "text"), ("--format", "json", "-o", "a.json", "-o", "b.json")],
)
def test_reports_that_have_no_place_of_their_own_are_refused(project: Path, options: tuple[str, ...]) -> None:
    (project / "pod.yaml").write_text(GOOD)

    result = run(".", *options)

    assert result.exit_code == 2
    assert "give one --output for each --format, in the same order; - is standard output" in result.stderr
    assert not (project / "a.json").exists()


def test_a_report_takes_the_mode_of_the_one_before_it_or_what_is_usual(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(project / "nowhere"))  # a file takes another's place on one disk alone
    (project / "pod.yaml").write_text(GOOD)
    (project / "old.json").write_text("")
    (project / "old.json").chmod(0o600)
    usual = os.umask(0o020)
    try:
        run(".", "-o", "old.json", "-o", "new.sarif")
    finally:
        os.umask(usual)

    assert json.loads((project / "old.json").read_text())["version"] == 1
    assert (project / "old.json").stat().st_mode & 0o777 == 0o600
    assert (project / "new.sarif").stat().st_mode & 0o777 == 0o646
    assert sorted(path.name for path in project.iterdir()) == [".git", "new.sarif", "old.json", "pod.yaml"]


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colours_are_as_the_environment_says(
    project: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], coloured: bool
) -> None:
    (project / "pod.yaml").write_text(BAD)
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert ("\x1b[" in run(".", SELECT).stdout) is coloured
    assert "\x1b[" in run(".", SELECT, "--color", "always").stdout
    assert "\x1b[" not in run(".", SELECT, "--color", "never").stdout
    run(".", SELECT, "-o", "a.txt")
    assert "\x1b" not in (project / "a.txt").read_text(), "a file is no terminal"


def test_nothing_checked_can_be_a_failure(project: Path) -> None:
    assert run(".").exit_code == 0
    result = run(".", "--fail-if-nothing")

    assert result.exit_code == 2
    assert "nothing was checked, and --fail-if-nothing was given" in result.stderr


def test_an_option_can_be_given_as_a_variable(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "pod.yaml").write_text(BAD)
    (project / "devopslint.yaml").write_text("rules: {k8s-writable-root-filesystem: warning}\n")
    assert run(".", SELECT).exit_code == 0

    monkeypatch.setenv("DEVOPSLINT_FAIL_ON", "warning")

    assert run(".", SELECT).exit_code == 1


def with_closed_input(*args: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["sh", "-c", '"$0" -m devopslint --no-cache "$@" <&-', sys.executable, *args], capture_output=True, check=False
    )


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such shell there")
def test_a_closed_standard_input_matters_to_who_reads_it_alone(project: Path) -> None:
    (project / "pod.yaml").write_text(GOOD)

    beside, read = with_closed_input("pod.yaml", SELECT), with_closed_input("-", "--stdin-filename", "pod.yaml", SELECT)

    assert (beside.returncode, beside.stdout, beside.stderr) == (0, b"no findings in 1 file\n", b"")
    assert (read.returncode, read.stdout) == (2, b"")
    assert read.stderr == b"Error: cannot read standard input: it is closed\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--diff", "HEAD", "--staged"], "--diff and --staged exclude each other: the first has what is staged, too"),
        (["--fix", "--staged"], "--fix mends files as they are on the disk, not --staged"),
        (["--diff-fixes", "--render"], "--diff-fixes mends files as they are on the disk, not --render"),
        (["--fix", "-", "--stdin-filename", "a"], "--fix mends files as they are on the disk, not standard input"),
        (["--unsafe-fixes"], "--unsafe-fixes goes with --fix, --diff-fixes or --show-fixes"),
        (["--fix", "--diff-fixes"], "--fix and --diff-fixes exclude each other: the second writes nothing"),
        (["-"], "standard input has no name: add --stdin-filename, such as k8s/api.yaml"),
        (["nowhere.yaml"], "no such file or folder: nowhere.yaml"),
        (["chekk"], "no such file or folder: chekk, and no command; did you mean the command check?"),
        (["./exlain"], "no such file or folder: ./exlain; did you mean the command explain?"),
        (["zzzz"], "no such file or folder: zzzz, and no command"),
        (["none/*.yaml"], "no such file or folder: none/*.yaml"),
        (["a\0b"], "no such file or folder: a"),
    ],
)
def test_what_does_not_go_together_or_is_not_there_is_told_in_whole_sentences(
    project: Path, args: list[str], message: str
) -> None:
    result = run(*args)

    assert result.exit_code == 2
    (told,) = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert told == f"Error: {message}" or (message.endswith(": a") and told.startswith(f"Error: {message}"))


@pytest.mark.parametrize("options", [("--show-fixes",), ("--diff-fixes",), ("--fix",)])
def test_fixes_that_somebody_has_to_look_at_go_with_each_way_of_mending(
    project: Path, options: tuple[str, ...]
) -> None:
    (project / "pod.yaml").write_text(GOOD)

    assert run(SELECT, "--unsafe-fixes", *options).exit_code == 0
    assert run(SELECT, *options).exit_code == 0


def test_a_configuration_that_asks_for_rendering_says_what_fixes_leave(project: Path) -> None:
    (project / "pod.yaml").write_text(GOOD)
    (project / "devopslint.yaml").write_text("render: true\n")

    assert run(SELECT, "--fix").stderr == "note: what is rendered is judged as it was before the fixes\n"
    assert run(SELECT).stderr == ""


def test_the_globs_of_a_command_line_are_expanded_in_order(project: Path) -> None:
    for name in ("b1.yaml", "a1.yaml", "c2.yaml"):
        (project / name).write_text(BAD)

    def told(pattern: str) -> list[str]:
        return [line.split(":")[0] for line in run(pattern, SELECT, "--format=concise").stdout.splitlines()[:-1]]

    assert told("*1.yaml") == ["a1.yaml", "b1.yaml"]
    assert told("?1.yaml") == ["a1.yaml", "b1.yaml"]
    assert told("[ac]*.yaml") == ["a1.yaml", "c2.yaml"]
    assert told(f"{project}/[c]2.yaml") == ["c2.yaml"]


def test_a_file_that_is_named_as_a_pattern_is_that_file(project: Path) -> None:
    (project / "[a].yaml").write_text(BAD)

    assert run("[a].yaml", SELECT, "--format=concise").stdout.startswith("[a].yaml:7:49: ")


def test_tokens_are_taken_with_commas_and_blanks(project: Path) -> None:
    assert tokens(["a, b", ",", " c ", "d"]) == ("a", "b", "c", "d")
    assert tokens([]) == ()


def test_the_options_that_choose_rules_do_so_together(project: Path) -> None:
    (project / "pod.yaml").write_text(BAD)
    (project / "skipped.yaml").write_text(BAD)

    def rules(*options: str) -> set[str]:
        told = json.loads(run(".", "--format=json", "--exclude=skipped.yaml", *options).stdout)
        assert {one["path"] for one in told["findings"]} <= {"pod.yaml"}
        return {one["rule"] for one in told["findings"]}

    assert rules("--select=k8s-latest-tag", "--extend-select=k8s-writable-root-filesystem") == {
        "k8s-writable-root-filesystem"
    }
    assert "k8s-writable-root-filesystem" not in rules("--ignore=k8s-writable-root-filesystem")
    assert rules(SELECT, "--ignore=k8s-writable-root-filesystem") == set()


def test_a_configuration_is_that_of_the_first_path_and_of_the_current_folder_for_commands(project: Path) -> None:
    for folder in ("app", "other"):
        (project / folder).mkdir()
        (project / folder / "pod.yaml").write_text(BAD)
    (project / "app" / "devopslint.yaml").write_text("ignore: [k8s-writable-root-filesystem]\n")

    assert ": error[k8s-writable-root-filesystem]" not in run("app", "other", "--format=concise").stdout
    assert "other/pod.yaml:7:49: error[k8s-writable-root-filesystem]" in run("other", "app", "--format=concise").stdout
    assert config_here().path is None
    os.chdir(project / "app")
    assert config_here().path == "app/devopslint.yaml"
    assert config_here(none=True).path is None
    assert config_here(project / "app" / "devopslint.yaml").path == "app/devopslint.yaml"


def test_evidence_of_a_folder_that_is_named_stands_above_that_of_the_configuration(project: Path) -> None:
    for name, size in (("told", 100_000_000), ("measured", 900_000_000)):
        (project / name).mkdir()
        image = [{"Id": "sha256:0", "RepoTags": ["shop"], "Size": size}]
        (project / name / "size.json").write_text(json.dumps(image))
    (project / "devopslint.yaml").write_text("evidence: {path: measured}\n")
    (project / "Dockerfile").write_text("FROM alpine:3.22\nUSER 1000\n")

    assert "image shop has 900 MB" in run("checklist").stdout
    assert "image shop has 100 MB" in run("checklist", "--evidence", "told").stdout


def test_what_comes_next_is_told_by_what_is_there(project: Path) -> None:
    (project / "devopslint.yaml").write_text("select: [k8s-latest-tag]\n")
    (project / "pod.yaml").write_text(GOOD)
    assert "next:" not in run(".", "--format=grouped").stdout

    text = GOOD.replace("name: app", "name: app\n      image: a:latest")
    (project / "pod.yaml").write_text("---\n".join([text] * MANY_FINDINGS))
    assert "devopslint baseline" not in run(".", "--format=grouped").stdout
    (project / "pod.yaml").write_text("---\n".join([text] * (MANY_FINDINGS + 1)))
    assert "`devopslint baseline` accepts" in run(".", "--format=grouped").stdout
    assert run("baseline").exit_code == 0
    (project / "pod.yaml").write_text("---\n".join([text.replace("a:", f"b{n}:") for n in range(MANY_FINDINGS + 1)]))
    assert "`devopslint baseline` accepts" not in run(".", "--format=grouped").stdout


def test_the_command_ends_when_all_that_waits_for_its_end_is_done(project: Path) -> None:
    (project / "pod.yaml").write_text(BAD)
    code = """
import atexit, sys, threading, time
atexit.register(print, "at the end")
if sys.argv[1:]:
    threading.Thread(target=lambda: (time.sleep(0.5), print("in a thread"))).start()
sys.argv = ["devopslint", "--format", "concise", "--no-config"]
from devopslint.__main__ import run
run()
"""
    alone, beside = (
        subprocess.run([sys.executable, "-c", code, *more], capture_output=True, text=True, check=False)
        for more in ([], ["thread"])
    )

    assert (alone.returncode, beside.returncode) == (1, 1)
    assert "pod.yaml:7:49" in alone.stdout
    assert alone.stdout.endswith("at the end\n")
    assert beside.stdout.endswith("in a thread\nat the end\n")
    assert not (alone.stderr or beside.stderr)


def test_a_broken_pipe_and_the_end_that_a_command_asks_for_are_no_errors() -> None:
    @click.group(cls=DefaultCommand)
    def group() -> None:
        pass

    @group.command()
    @click.option("--how")
    def check(how: str) -> None:
        if how == "exit":
            click.get_current_context().exit(7)
        if how == "abort":
            raise click.Abort
        raise click.ClickException(f"quotes \x1b[31m{how}\ud800")

    ended, aborted, refused = (CliRunner().invoke(group, ["--how", how]) for how in ("exit", "abort", "other"))

    assert (ended.exit_code, ended.output) == (7, "")
    assert (aborted.exit_code, aborted.stderr) == (130, "\ninterrupted\n")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: quotes ") and "\x1b" not in refused.stderr


def test_commands_are_listed_with_those_that_are_imported_late() -> None:
    with click.Context(main) as context:
        assert main.list_commands(context) == sorted({"check", *LAZY})
        assert [main.get_command(context, name).name for name in ("check", "test-rules")] == ["check", "test-rules"]  # type: ignore[union-attr]  # they are there
        assert main.get_command(context, "nothing") is None
