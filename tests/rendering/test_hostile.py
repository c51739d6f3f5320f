"""Helm and Kustomize in a stranger's tree: what reaches them is no option, and they reach nothing outside."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from devopslint.config import ChartSetting, Config
from devopslint.config_reading import load_config
from devopslint.model import NotChecked
from devopslint.rendering import programs
from devopslint.rendering.builds import build_all
from devopslint.rendering.programs import render_chart
from devopslint.run import examine_all, find_scope

needs_helm = pytest.mark.skipif(not shutil.which("helm"), reason="helm is not on the PATH")
needs_kustomize = pytest.mark.skipif(not shutil.which("kustomize"), reason="kustomize is not on the PATH")
CHART = "apiVersion: v2\nname: {}\nversion: 1.0.0\n"
TEMPLATE = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}', namespace: '{{ .Release.Namespace }}'}\n"
)

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def gaps(root: Path, config: Config | None = None) -> list[NotChecked]:
    scope = find_scope(root, [root], config or Config(), repository=True)
    return build_all(scope, examine_all(scope, config or Config()), config or Config())[1]


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def stand_in(folder: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program called helm, of which we see what reaches it and what it reaches."""
    (folder / "bin").mkdir()
    (folder / "bin" / "helm").write_text(f"#!{sys.executable} -IS\n{code}")
    (folder / "bin" / "helm").chmod(0o755)
    for program in ("unshare",):
        if found := shutil.which(program):
            (folder / "bin" / program).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder / "bin"))
    programs._without_network.cache_clear()


@needs_helm
@pytest.mark.parametrize("name", ["--help", "-h", "--kubeconfig=x", "a b", "UPPER", "", "..", "x" * 60])
def test_a_charts_name_is_no_option(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"Chart.yaml": CHART.format("fine"), "templates/a.yaml": TEMPLATE})

    output = render_chart(tmp_path, name, [], [], None)

    assert output.error == ""
    assert "metadata: {name: 'release', namespace: 'release'}" in output.text


def test_nothing_of_the_tree_stands_where_an_option_could(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, "import sys; print('\\n'.join(sys.argv[1:]))", monkeypatch)
    values = tmp_path / "a,https:" / "x.yaml"

    output = render_chart(tmp_path, "--post", [values], [ChartSetting("--a", "b,c", True)], "1.30")

    assert output.text.splitlines() == [
        *("template", "--namespace", "release", "--skip-tests"),
        *("--values", f'"{values}"'),
        *("--set-string", "--a=b\\,c"),
        *("--kube-version", "1.30"),
        *("--", "release", str(tmp_path)),
    ]


@needs_helm
def test_a_values_file_with_a_comma_in_its_name_is_one_file(tmp_path: Path) -> None:
    template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Values.name }}'}\n"
    write(tmp_path, {"Chart.yaml": CHART.format("a"), "templates/a.yaml": template, "a,b.yaml": "name: told\n"})

    assert "{name: 'told'}" in render_chart(tmp_path, "a", [tmp_path / "a,b.yaml"], [], None).text


@pytest.mark.skipif(not shutil.which("unshare"), reason="there is no unshare")
@needs_kustomize
def test_nothing_is_built_beside_a_link_that_leads_out(tmp_path: Path) -> None:
    """What a transformer may come to read, none of us can list."""
    (tmp_path / "secret").mkdir()
    project = tmp_path / "project"
    write(project, {"overlay/kustomization.yaml": "resources: [map.yaml]\n", "overlay/map.yaml": MAP})
    assert gaps(project) == []

    (project / "overlay" / "notes").symlink_to(tmp_path / "secret")

    assert [(gap.path, gap.reason) for gap in gaps(project)] == [
        (
            "overlay/kustomization.yaml",
            "is not built: overlay/notes is a symbolic link that leads out of the project",
        )
    ]


def test_a_program_finds_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = subprocess.run(
        ["unshare", "--user", "--map-current-user", "--net", "true"], capture_output=True, check=False
    )
    if tried.returncode:
        pytest.skip("the system gives no network namespace")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"import socket; print(socket.socket().connect_ex(('127.0.0.1', {port})))"
        assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"0\n"
        stand_in(tmp_path, code, monkeypatch)

        output = render_chart(tmp_path, "a", [], [], None)

    assert output.error == ""
    assert output.text != "0\n"


def test_the_environment_is_not_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "do-not-tell")
    stand_in(tmp_path, "import os; print(sorted(os.environ))", monkeypatch)

    told = render_chart(tmp_path, "a", [], [], None).text

    assert "HTTPS_PROXY" in told and "HELM_NO_PLUGINS" in told
    assert "AWS_SECRET_ACCESS_KEY" not in told


def test_a_program_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "TIMEOUT", 1)
    stand_in(tmp_path, "import time; time.sleep(600)", monkeypatch)

    assert render_chart(tmp_path, "a", [], [], None).error == "helm did not finish within 1 seconds"


def test_a_program_that_says_too_much_is_not_heard_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "LARGEST_OUTPUT", 1_000_000)
    stand_in(
        tmp_path, "while True: print('x' * 1000)" if sys.platform == "linux" else "print('x' * 2_000_000)", monkeypatch
    )

    assert render_chart(tmp_path, "a", [], [], None).error == "helm gives more than 1 MB"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux alone")
def test_a_program_gets_so_much_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MOST_MEMORY", 500_000_000)
    waits = "import resource as r, time\nwhile r.getrlimit(r.RLIMIT_AS)[0] != 500_000_000: time.sleep(0.01)\n"
    stand_in(tmp_path, f"{waits}x = bytearray(2_000_000_000)", monkeypatch)

    assert render_chart(tmp_path, "a", [], [], None).error.startswith("helm: ")


@needs_helm
def test_no_chain_of_links_leads_helm_out(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.txt").write_text("hunter2")
    project = tmp_path / "project"
    template = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: '{{ .Files.Get \"files/out/key.txt\" }}'}\n"
    )
    write(project, {"chart/Chart.yaml": CHART.format("a"), "chart/templates/a.yaml": template, "shared/x.txt": "x"})
    (project / "chart" / "files").symlink_to("../shared")
    (project / "shared" / "out").symlink_to("../../secret")

    assert [(gap.path, gap.reason) for gap in gaps(project)] == [
        ("chart/Chart.yaml", "is not rendered: shared/out is a symbolic link that leads out of the project")
    ]


@needs_kustomize
def test_no_link_leads_kustomize_out(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "kustomization.yaml").write_text("namePrefix: hunter2-\n")
    project = tmp_path / "project"
    write(project, {"overlay/kustomization.yaml": "resources: [base]\n"})
    (project / "overlay" / "base").symlink_to(tmp_path / "secret")

    (gap,) = gaps(project)

    assert gap.path == "overlay/kustomization.yaml"
    assert "hunter2" not in gap.reason
    assert (
        "overlay/base is a symbolic link that leads out of the project" in gap.reason or "not in the repo" in gap.reason
    )


@needs_helm
def test_a_values_file_outside_of_the_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("a: hunter2\n")
    project = tmp_path / "project"
    write(project, {"chart/Chart.yaml": CHART.format("a"), "chart/templates/a.yaml": TEMPLATE})
    config = load_config("devopslint.yaml", "helm: [{chart: chart, values: [../secret.yaml]}]\n")

    with pytest.raises(ValueError, match=r"devopslint.yaml:1:16: there is no values file ../secret.yaml"):
        gaps(project, config)
