"""A policy: what no configuration in the tree can go below."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from devopslint.cli import main
from devopslint.config import ConfigError
from devopslint.config_reading import load_policy

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: app
      image: example.com/app:1
      securityContext: {privileged: true}
"""
POLICY = "require: [k8s-privileged-container]\n"
SELECT = "--select=k8s-privileged-container,suppression-malformed,suppression-unused"
PRIVILEGED = "pod.yaml:8:37: error[k8s-privileged-container]: container 'app' is privileged: it is root on the node\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a privileged pod, and a policy beside it."""
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    (tmp_path / "repository" / "pod.yaml").write_text(POD)
    (tmp_path / "policy.yaml").write_text(POLICY)
    monkeypatch.chdir(tmp_path / "repository")
    return tmp_path / "repository"


def run(*options: str) -> Result:
    return CliRunner().invoke(main, ["--format", "concise", "--no-cache", "--policy", "../policy.yaml", *options])


def in_days(days: int) -> str:
    return (datetime.date.today() + datetime.timedelta(days)).isoformat()


@pytest.mark.parametrize(
    "configuration",
    [
        "select: [hpa-]",
        "select: []",
        "ignore: [all]",
        "ignore: [k8s-]",
        "exclude: ['**']",
        "exclude: [pod.yaml]",
        "rules: {k8s-privileged-container: note}",
        "overrides: [{paths: ['**'], select: []}]",
        "overrides: [{paths: ['*.yaml'], ignore: [all], rules: {k8s-privileged-container: note}}]",
    ],
)
def test_a_rule_that_stays_on_cannot_be_turned_off(project: Path, configuration: str) -> None:
    (project / "devopslint.yaml").write_text(configuration)

    result = run()

    assert result.exit_code == 1
    assert PRIVILEGED in result.stdout


def test_what_is_excluded_is_left_to_the_rules_that_stay_on(project: Path) -> None:
    (project / "devopslint.yaml").write_text("exclude: [pod.yaml]")

    assert run().stdout == (
        f"{PRIVILEGED}turned off by devopslint.yaml: files that match pod.yaml, but for what the policy keeps\n1 finding (1 error) in 1 file\n"
    )


def test_the_numbers_of_a_rule_that_stays_on_are_those_of_the_policy(project: Path) -> None:
    (project / "hpa.yaml").write_text(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n"
        "spec: {scaleTargetRef: {kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 9}\n"
    )
    (project / "devopslint.yaml").write_text("rules: {hpa-low-minimum: {minimum: 1, severity: note}}")
    (project.parent / "policy.yaml").write_text(
        "require: [hpa-low-minimum]\nrules: {hpa-low-minimum: {minimum: 5, severity: error}}\n"
    )

    assert (
        "error[hpa-low-minimum]: autoscaler 'web' may scale down to 2, fewer than 5"
        in run("hpa.yaml", "--select=hpa-").stdout
    )


def test_peers_turn_nothing_off_that_stays_on(project: Path) -> None:
    (project / ".checkov.yaml").write_text("skip-check: ['*']\n")
    (project.parent / "policy.yaml").write_text(f"{POLICY}suppressions: {{until: true}}\n")

    result = run(SELECT)

    assert PRIVILEGED in result.stdout
    assert "turned off by .checkov.yaml: " in result.stdout


@pytest.mark.parametrize(
    ("asked", "written", "lacking"),
    [
        ("reason: true", "", "a reason"),
        ("until: true", "-- legacy", "a last day, until YYYY-MM-DD"),
        ("days: 30", "-- legacy", "a last day, until YYYY-MM-DD"),
        ("days: 30", f"-- legacy until {in_days(31)}", f"a last day within 30 days, so by {in_days(30)}"),
    ],
)
def test_a_suppression_that_lacks_what_the_policy_asks_for_accepts_nothing(
    project: Path, asked: str, written: str, lacking: str
) -> None:
    (project.parent / "policy.yaml").write_text(f"suppressions: {{{asked}}}")
    comment = f"# devopslint: allow k8s-privileged-container {written}".rstrip()
    (project / "pod.yaml").write_text(POD.replace("privileged: true}", f"privileged: true}}  {comment}"))

    result = run(SELECT)

    assert result.stdout.startswith(PRIVILEGED)
    assert f"[suppression-malformed]: accepts nothing: the policy asks for {lacking}\n" in result.stdout
    assert "suppression-unused" not in result.stdout


def test_a_suppression_with_all_that_the_policy_asks_for_is_taken(project: Path) -> None:
    (project.parent / "policy.yaml").write_text("suppressions: {reason: true, until: true, days: 30}")
    comment = f"# devopslint: allow k8s-privileged-container -- legacy until {in_days(30)}"
    (project / "pod.yaml").write_text(POD.replace("privileged: true}", f"privileged: true}}  {comment}"))

    assert run(SELECT).stdout == "no findings (1 suppressed) in 1 file\n"


def test_what_fails_a_run_fails_it_under_a_policy_too(project: Path) -> None:
    (project.parent / "policy.yaml").write_text("fail-on: note")
    (project / "devopslint.yaml").write_text("fail-on: error\nrules: {k8s-privileged-container: note}")

    assert run("--select=k8s-privileged-container").exit_code == 1
    assert run("--select=k8s-privileged-container", "--fail-on", "error").exit_code == 0


def test_a_configuration_does_not_ask_for_other_programs_under_a_policy(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "Chart.yaml").write_text("apiVersion: v2\nname: a\nversion: 1.0.0\n")
    (project / "devopslint.yaml").write_text("render: true")
    monkeypatch.setenv("PATH", "")

    assert "needs helm, and it is not on the PATH" not in run().stdout
    (project.parent / "policy.yaml").write_text("render: true")
    assert "needs helm, and it is not on the PATH" in run().stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "policy.yaml: a policy that asks for nothing"),
        ("{}", "policy.yaml:1:1: the policy: {} should be non-empty"),
        ("requires: [all]", "policy.yaml:1:1: unknown key 'requires'; did you mean 'require'?"),
        ("require: [nothing-like-it]", "policy.yaml:1:11: no rule, family or tag is named 'nothing-like-it'"),
        ("ignore: [all]", "policy.yaml:1:1: unknown key 'ignore'; allowed: assume-exists, fail-on, kubernetes-version"),
        ("suppressions: {days: 0}", "policy.yaml:1:22: suppressions.days: 0 is less than the minimum of 1"),
    ],
)
def test_a_policy_that_is_not_understood_is_an_error(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_policy("policy.yaml", text)

    assert str(caught.value).startswith(message)


def test_a_policy_that_is_not_there_ends_the_run(project: Path) -> None:
    (project.parent / "policy.yaml").unlink()

    result = run()

    assert result.exit_code == 2
    assert "Error: cannot read the policy ../policy.yaml: No such file or directory" in result.stderr


def test_a_baseline_in_the_project_accepts_nothing_that_stays_on(project: Path) -> None:
    assert CliRunner().invoke(main, ["baseline"]).exit_code == 0
    assert "k8s-privileged-container" not in CliRunner().invoke(main, ["--format", "concise"]).stdout

    result = run()

    assert PRIVILEGED in result.stdout
    assert "k8s-privileged-container" not in run("--baseline", ".devopslint-baseline.json").stdout


def test_a_baseline_in_the_project_is_held_to_what_suppressions_need(project: Path) -> None:
    assert CliRunner().invoke(main, ["baseline"]).exit_code == 0
    (project.parent / "policy.yaml").write_text("suppressions: {until: true}")

    assert PRIVILEGED in run().stdout
