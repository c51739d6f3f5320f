"""The first look: what is wrong by what it is about, on one screen."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

import devopslint
from devopslint.cli import main
from devopslint.reports import render
from devopslint.reports.frames import width
from devopslint.reports.pasting import SETTINGS, block_for
from tests.reporting import REPORT

CONTAINER_RULES = [rule for rule in SETTINGS if rule.startswith("k8s-")]
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers:
        - name: {name}
          image: {name}:1.2.3
"""
COMPOSE = "services:\n  web:\n    image: web:1.2.3\n"
AUTOSCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 10
  metrics: []
"""
WORKFLOW = "on: push\njobs:\n  lint:\n    runs-on: ubuntu-latest\n    steps: [{run: make lint}]\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return tmp_path


def grouped(*args: str) -> str:
    return CliRunner().invoke(main, ["--format=grouped", *args]).stdout


def found(files: dict[str, str], rules: list[str]) -> set[str]:
    return {one.rule.id for one in devopslint.check(files, select=rules)}


@pytest.mark.parametrize(
    ("path", "text", "indent", "family"),
    [
        ("web.yaml", DEPLOYMENT.format(name="web"), 10, "k8s-"),
        ("compose.yaml", COMPOSE, 4, "compose-"),
        (".github/workflows/ci.yml", WORKFLOW, 4, "pipeline-"),
    ],
)
def test_what_is_pasted_clears_what_it_says_it_does(path: str, text: str, indent: int, family: str) -> None:
    rules = [rule for rule in SETTINGS if rule.startswith(family)]
    block = block_for(rules)

    before = found({path: text}, rules)
    after = found({path: text + textwrap.indent(block.text, " " * indent) + "\n"}, rules)

    assert (before, after) == (set(rules), set())


def test_what_is_pasted_into_an_autoscaler_clears_what_it_says_it_does() -> None:
    rules = [rule for rule in SETTINGS if rule.startswith("hpa-")]
    pasted = block_for(rules).text.removeprefix("spec:\n")

    assert found({"hpa.yaml": AUTOSCALER}, rules) == set(rules)
    assert found({"hpa.yaml": f"{AUTOSCALER}{pasted}\n"}, rules) == set()


def test_what_lacks_the_same_is_said_once_with_what_to_paste(project: Path) -> None:
    for name in ("api", "web"):
        (project / f"{name}.yaml").write_text(DEPLOYMENT.format(name=name))

    text = grouped("--select", ",".join(CONTAINER_RULES))

    assert text.startswith("error Deployment/api container api and 1 more like it, each with 9 settings\n  missing\n")
    assert "  api.yaml:10, web.yaml:10\n  add:\n    securityContext:\n      runAsNonRoot: true\n" in text
    assert "first:      the first block above, which clears 18 of 18 findings\n" in text


def test_copies_are_called_copies(project: Path) -> None:
    for folder in ("dev", "live"):
        (project / folder).mkdir()
        (project / folder / "web.yaml").write_text(DEPLOYMENT.format(name="web"))

    text = grouped("--select=k8s-root-container,k8s-writable-root-filesystem")

    assert text.startswith("error Deployment/web container web and 1 copy, each with 2 settings missing\n")


def test_one_finding_is_told_in_its_own_words(project: Path) -> None:
    (project / "web.yaml").write_text(DEPLOYMENT.format(name="web"))

    text = grouped("--select=k8s-root-container")

    assert text.startswith(
        "error Deployment/web container web: 1 finding\n  container 'web' may run as root [k8s-root-container]\n  web.yaml:10\n"
    )


def test_tests_and_examples_come_after_the_rest_whatever_is_in_them(project: Path) -> None:
    (project / "charts" / "examples").mkdir(parents=True)
    (project / "charts" / "examples" / "web.yaml").write_text(DEPLOYMENT.format(name="web"))
    (project / "Dockerfile").write_text("FROM alpine\n")

    text = grouped("--select=k8s-root-container,docker-untagged-image")

    assert text.startswith("warning stage 0: 1 finding\n  image 'alpine' has no tag")
    assert "in tests, examples, documents and copies of others' code: 1 error:" in text
    assert "charts/examples/ (1)" in " ".join(text.split())


def test_a_tree_of_many_things_fits_on_a_screen(project: Path) -> None:
    for number in range(60):
        (project / f"{number}.yaml").write_text(DEPLOYMENT.format(name=f"with-a-rather-long-name-{number}"))
        (project / f"{number}.Dockerfile").write_text(f"FROM alpine\nRUN sudo true{'; cd x' * (number % 2)}\n")

    lines = grouped().splitlines()

    assert len(lines) < 50
    assert max(map(width, lines)) <= 80
    assert "0 of 54 items" not in lines and any("of 54 items of the Definition of Done hold" in line for line in lines)


def test_what_is_not_known_for_one_reason_is_asked_in_one_sentence(project: Path) -> None:
    service = "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {0}}}\nspec: {{selector: {{app: {0}}}, ports: [{{port: 80}}]}}\n"
    release = "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: gateway}\nspec: {chart: {spec: {chart: x}}}\n"
    (project / "services.yaml").write_text("".join(map(service.format, "abc")) + release)

    told = " ".join(grouped().split())

    question = (
        "not known: whether a pod with app=a exists and whether a pod with app=b exists and 1 more thing,"
        " because HelmRelease/gateway may make it; assume-exists settles it"
    )
    assert question in told
    assert told.count("not known:") == 1


def test_a_clean_tree_is_two_lines(project: Path) -> None:
    (project / "web.yaml").write_text(DEPLOYMENT.format(name="web"))
    (project / "devopslint.yaml").write_text("")

    lines = grouped("--select=k8s-privileged-container").splitlines()

    assert lines[0] == "no findings in 1 file"
    assert lines[2].endswith("`devopslint checklist`")


def test_names_from_files_steer_no_terminal() -> None:
    text = render(REPORT, "grouped", color=True)

    assert "container [x](y)" not in text or "\x07" not in text
    assert "\x1b]" not in text


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_a_terminal_gets_the_screen_and_a_pipe_every_finding(project: Path) -> None:
    import pty

    (project / "web.yaml").write_text(DEPLOYMENT.format(name="web"))
    command = [sys.executable, "-m", "devopslint", "--no-cache", "--select=k8s-root-container"]
    environment = {**os.environ, "PYTHONPATH": str(Path(devopslint.__file__).parent.parent)}
    ours, theirs = pty.openpty()

    subprocess.run(command, stdout=theirs, stderr=subprocess.DEVNULL, env=environment, check=False)
    os.close(theirs)
    seen = b""
    while True:
        try:
            seen += (more := os.read(ours, 65536))
        except OSError:
            break
        if not more:
            break
    piped = subprocess.run(command, stdout=subprocess.PIPE, env=environment, check=False)

    assert b"all places:" in seen and b"  --> " not in seen
    assert b" --> web.yaml:10:" in piped.stdout and b"all places:" not in piped.stdout
