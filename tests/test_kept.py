"""Unchanged files are not read again, and nobody can tell: every report is that of a run without a cache."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as some

from devopslint import cli, files
from devopslint.cache import VARIABLE, Cache
from devopslint.cli import main
from devopslint.config import Config
from devopslint.run import conclude_scope, examine_all, find_scope

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers:
        - name: web
          image: registry.example.org/NAME:1.0
          ports: [{containerPort: 8080}]
          resources: {requests: {cpu: 100m}}
"""
SERVICE = """apiVersion: v1
kind: Service
metadata: {name: NAME, namespace: shop}
spec:
  selector: {app: NAME}
  ports: [{port: 80, targetPort: 8080}]
"""
AUTOSCALER = """apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: NAME, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: NAME}
  minReplicas: 2
  maxReplicas: 4
"""
TREE = {
    "base/api.yaml": DEPLOYMENT.replace("NAME", "api"),
    "base/service.yaml": SERVICE.replace("NAME", "api"),
    "base/kustomization.yaml": "resources: [api.yaml, service.yaml]\n",
    "live/kustomization.yaml": "resources: [../base]\nnamePrefix: live-\n",
    "web/web.yaml": DEPLOYMENT.replace("NAME", "web"),
    "web/service.yaml": SERVICE.replace("NAME", "web"),
    "web/scaled.yaml": AUTOSCALER.replace("NAME", "web"),
    "Dockerfile": 'FROM alpine:3.20\nUSER 1000\nCMD ["sh"]\n',
    "notes.yaml": "of: no kind\n",
}
TICK = 0.02
"""Seconds after which the times of two changes differ, here."""


class Run(NamedTuple):
    report: str
    complaints: str
    exit_code: int


def run(*arguments: str) -> Run:
    result = CliRunner().invoke(main, ["--format", "json", *arguments])
    return Run(result.stdout, result.stderr, result.exit_code)


def plant(root: Path) -> None:
    (root / ".git").mkdir()
    for path, text in TREE.items():
        put(root / path, text)


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree that an earlier run has seen."""
    monkeypatch.setattr(files, "COARSEST", 0)
    plant(tmp_path)
    time.sleep(TICK)
    monkeypatch.chdir(tmp_path)
    run()
    time.sleep(TICK)
    return tmp_path


def append(path: Path) -> None:
    put(path, f"{path.read_text()}# more\n")


def lift(path: Path) -> None:
    put(path, f"# above\n\n{path.read_text()}")


def insert(path: Path) -> None:
    put(path, path.read_text().replace("\nspec:", "\n\n# between\nspec:", 1))


def another_image(path: Path) -> None:
    put(path, path.read_text().replace(":1.0", ":latest"))


def another_repository(path: Path) -> None:
    put(path, path.read_text().replace("example.org/", "example.org/team/", 1))


def more_cpu(path: Path) -> None:
    put(path, path.read_text().replace("cpu: 100m", "cpu: 2500m"))


def a_checksum(path: Path) -> None:
    put(path, path.read_text().replace("metadata: {labels:", "metadata: {annotations: {checksum: abc}, labels:"))


def a_digest(path: Path) -> None:
    put(path, path.read_text().replace(":1.0", f"@sha256:{'0123456789abcdef' * 4}", 1))


def as_long_and_as_old(path: Path) -> None:
    before = path.stat()
    put(path, path.read_text().replace("8080", "8081"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def another_file_of_the_same_age(path: Path) -> None:
    before = path.stat()
    other = path.with_name("draft")
    put(other, path.read_text().replace("8080", "8081"))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


def rename(path: Path) -> None:
    path.rename(path.with_name("renamed.yaml"))


def of_another_kind(path: Path) -> None:
    put(path, "name: stack\nservices: {web: {image: 'a:1'}}\n")


def unreadable(path: Path) -> None:
    path.write_bytes(b"kind: Pod\nmetadata: {name: \xff\n")


def another_name(path: Path) -> None:
    put(path, path.read_text().replace("name: web", "name: shelf").replace("app: api", "app: web"))


def another_namespace(path: Path) -> None:
    put(path, path.read_text().replace("namespace: shop", "namespace: store"))


EDITS: list[Callable[[Path], None]] = [
    another_name,
    another_namespace,
    append,
    lift,
    insert,
    another_image,
    another_repository,
    a_digest,
    a_checksum,
    more_cpu,
    as_long_and_as_old,
    another_file_of_the_same_age,
    rename,
    Path.unlink,
    Path.touch,
    of_another_kind,
    unreadable,
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
@pytest.mark.parametrize("path", ["web/web.yaml", "web/service.yaml", "base/api.yaml"])
def test_an_edit_is_seen_as_by_a_run_without_a_cache(tree: Path, edit: Callable[[Path], None], path: str) -> None:
    edit(tree / path)

    for asked in (".", "web/scaled.yaml", "base", *([path] if (tree / path).exists() else [])):
        assert run(asked) == run(asked, "--no-cache")
    assert run() == run("--no-cache")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("devopslint.yaml", "ignore: [k8s-]\n"),
        ("devopslint.yaml", "overrides: [{paths: [web/], ignore: [k8s-]}]\n"),
        ("devopslint.yaml", "exclude: [web/web.yaml]\n"),
        (".gitignore", "web/web.yaml\n"),
        (
            "live/kustomization.yaml",
            "resources: [../base]\nimages: [{name: registry.example.org/api, newTag: latest}]\n",
        ),
        ("base/kustomization.yaml", "resources: [api.yaml, service.yaml, gone.yaml]\n"),
        ("web/policy.yaml", SERVICE.replace("NAME", "web")),
        ("Dockerfile", "FROM alpine\n"),
    ],
)
def test_what_others_say_of_a_file_is_heeded(tree: Path, path: str, text: str) -> None:
    before = run()
    put(tree / path, text)

    for asked in (".", "web/service.yaml", "base/api.yaml"):
        assert run(asked) == run(asked, "--no-cache")
    assert run() != before


OPENED = """
import sys
opened = []
sys.addaudithook(lambda event, told: opened.append(str(told[0])) if event == "open" else None)
from devopslint import files
from devopslint.cli import main
files.COARSEST = 0
main([*sys.argv[1:], "--output", "/dev/null", "--exit-zero"], standalone_mode=False)
print(*opened, sep="\\n")
"""
"""Runs the command, and prints the path of each file that it opens."""


def opened_in(tree: Path, *arguments: str, format: str = "json") -> list[str]:
    command = [sys.executable, "-c", OPENED, *arguments, "--format", format]
    told = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=True).stdout.splitlines()
    return sorted({path.removeprefix(f"{tree}/") for path in told if path.startswith(f"{tree}/")})


@pytest.mark.skipif(sys.platform == "win32", reason="no such device")
def test_what_has_not_changed_is_not_read(tree: Path) -> None:
    append(tree / "web/web.yaml")
    time.sleep(TICK)

    opened = opened_in(tree, "web/web.yaml")

    assert [path for path in opened if path not in BUILT] == ["Dockerfile", "web/web.yaml"]


@pytest.mark.skipif(sys.platform == "win32", reason="no such device")
def test_of_many_files_that_have_not_changed_none_is_read(tree: Path) -> None:
    for number in range(cli.WORTH_KEEPING):
        put(tree / f"more/{number}.yaml", SERVICE.replace("NAME", f"more{number}"))
    time.sleep(TICK)
    opened_in(tree, ".", format="full")

    opened = opened_in(tree, ".", format="full")

    assert [path for path in opened if path not in BUILT and not path.startswith("more/")] == ["Dockerfile"]


@pytest.fixture
def keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed is kept, of however few files."""
    monkeypatch.setattr(cli, "WORTH_KEEPING", 1)


@pytest.mark.usefixtures("keeping")
@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["web"],
        ["--format", "full", "--statistics"],
        ["--format", "full", "--color", "always"],
        ["--format", "full", "--min-severity", "error"],
        ["--fail-on", "note", "--exit-zero"],
        ["--fail-on", "note"],
        ["--select", "k8s-latest-tag"],
        ["--no-suppressions"],
        ["--no-context"],
        ["--exclude", "web"],
        ["--format", "full", "--show-suppressed"],
        ["--output", "report.json"],
        ["--format", "json", "--format", "concise", "--output", "report.json", "--output", "-"],
    ],
    ids=" ".join,
)
def test_what_was_printed_is_for_who_asks_the_same_alone(tree: Path, arguments: list[str]) -> None:
    asked: list[tuple[str, ...]] = [(), ("web", "--format", "full"), ("--format", "full"), ("--fail-on", "note")]
    for one in asked:
        CliRunner().invoke(main, [*one])
    expected = CliRunner().invoke(main, [*arguments, "--no-cache"])
    written = (tree / "report.json").read_bytes() if "report.json" in arguments else b""

    for _ in range(2):
        found = CliRunner().invoke(main, arguments)
        assert (found.stdout, found.stderr, found.exit_code) == (expected.stdout, expected.stderr, expected.exit_code)
        assert not written or (tree / "report.json").read_bytes() == written


@pytest.mark.usefixtures("keeping")
def test_what_was_printed_is_held_against_a_baseline_that_is_new(tree: Path) -> None:
    run()
    assert CliRunner().invoke(main, ["baseline"]).exit_code == 0

    for _ in range(2):
        assert run() == run("--no-cache")


@pytest.mark.usefixtures("keeping")
def test_what_was_printed_shows_the_lines_that_are_there_now(tree: Path) -> None:
    """A chart's template is built with values that no report is on."""
    put(tree / "chart/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n")
    put(tree / "chart/values.yaml", "image: busybox\n")
    put(tree / "chart/templates/pod.yaml", POD_OF_A_CHART)
    for value in ("busybox", "busybox:latest", "busybox:1.37", "busybox:latest"):
        put(tree / "chart/values.yaml", f"image: {value}\n")
        time.sleep(TICK)

        for _ in range(2):
            assert run("--format", "full") == run("--format", "full", "--no-cache")


POD_OF_A_CHART = """apiVersion: v1
kind: Pod
metadata: {name: c}
spec: {containers: [{name: c, image: "{{ .Values.image }}"}]}
"""


@pytest.mark.usefixtures("keeping")
def test_damage_to_what_was_printed_changes_nothing(tree: Path, own_cache: Path) -> None:
    run()
    expected = run()
    (file,) = own_cache.glob("*.reports")
    for damage in ("written = zeroblob(9)", "status = 0", "reads = '[1]'", "written = x'00'"):
        with contextlib.closing(sqlite3.connect(file)) as database, database:
            assert database.execute(f"UPDATE outcomes SET {damage}").rowcount > 0

        assert run() == expected


BUILT = {path for path in TREE if path.startswith(("base/", "live/"))}
"""What goes into builds is read for them."""


def test_a_file_that_may_change_unseen_is_read_again(tmp_path: Path) -> None:
    """A change within the time that a system's clocks do not tell apart leaves size and times as they are."""
    plant(tmp_path)
    examine_all(find_scope(tmp_path, [tmp_path], Config(), repository=True), Config(), 1, cache=Cache.of(tmp_path))

    cache = Cache.of(tmp_path)

    assert cache is not None and not cache.empty
    assert [path for path in TREE if cache.seen(path) is not None] == []


def test_a_change_at_once_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path)
    monkeypatch.chdir(tmp_path)
    for number in range(5):
        run()
        put(tmp_path / "web/web.yaml", TREE["web/web.yaml"].replace("8080", f"800{number}"))

        assert run() == run("--no-cache")


@pytest.mark.parametrize("length", [0, 100, 5_000])
def test_half_a_file_of_reports_is_made_anew(tree: Path, own_cache: Path, length: int) -> None:
    expected = run()
    (file,) = own_cache.glob("*.reports")
    file.write_bytes(file.read_bytes()[:length])

    assert run() == expected
    assert run() == expected


def test_a_damaged_page_changes_nothing(tree: Path, own_cache: Path) -> None:
    expected = run()
    (file,) = own_cache.glob("*.reports")
    whole = file.read_bytes()
    for start in range(0, len(whole), 4_096):
        file.write_bytes(whole[: start + 512] + b"\xa5" * 256 + whole[start + 768 :])

        assert run() == expected, start
        assert run() == expected, start


def test_runs_at_once_say_the_same(tree: Path, own_cache: Path) -> None:
    another_image(tree / "web/web.yaml")
    expected = run("--no-cache")
    command = [sys.executable, "-m", "devopslint", "--format", "json"]

    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]

    assert [one.communicate()[0] for one in runs] == [expected.report] * 3
    assert run() == expected
    assert [path.suffix for path in own_cache.iterdir()] == [".reports"]


def test_a_run_does_not_wait_for_ever_for_another_that_writes(
    tree: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devopslint.cache.PATIENCE", 0.0)
    another_image(tree / "web/web.yaml")
    expected = run("--no-cache")
    (file,) = own_cache.glob("*.reports")
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        assert run() == expected

        other.execute("ROLLBACK")
    assert run() == expected


OTHERS = {"web/service.yaml", "web/scaled.yaml"}


@pytest.mark.parametrize(
    ("edit", "heard"),
    [
        (append, 0),
        (lift, 0),
        (insert, 0),
        (Path.touch, 0),
        (another_image, 0),
        (a_checksum, 0),
        (more_cpu, 0),
        (another_repository, len(OTHERS)),
        (a_digest, len(OTHERS)),
    ],
)
def test_what_files_say_together_is_found_out_anew_where_one_says_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: Callable[[Path], None], heard: int
) -> None:
    monkeypatch.setattr(files, "COARSEST", 0)
    (tmp_path / ".git").mkdir()
    for path in ("web/web.yaml", *OTHERS):
        put(tmp_path / path, TREE[path])
    everything = find_scope(tmp_path, [tmp_path], Config(), repository=True)
    first = Cache.of(tmp_path)
    conclude_scope(everything, examine_all(everything, Config(), 1, cache=first), Config(), first)
    edit(tmp_path / "web/web.yaml")
    scope = find_scope(tmp_path, [tmp_path / "web/web.yaml"], Config(), repository=True)
    cache = Cache.of(tmp_path)
    reports = examine_all(scope, Config(), 1, cache=cache)

    settled = conclude_scope(scope, reports, Config(), cache)

    assert cache is not None
    assert cache.tellings == heard
    assert reports.unread == OTHERS
    assert settled == conclude_scope(scope, examine_all(scope, Config(), 1), Config())


PRIVILEGED = """resources: [../base]
patches:
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: api, namespace: shop}
      spec: {template: {spec: {containers: [{name: web, securityContext: {privileged: true}}]}}}
"""


@pytest.mark.parametrize("arguments", [(), ("--no-cache",)])
@pytest.mark.parametrize("asked", ["base", "base/api.yaml"])
def test_a_word_in_a_base_is_used_by_an_overlay_that_is_not_reported_on(
    tree: Path, asked: str, arguments: tuple[str, ...]
) -> None:
    word = "# devopslint: allow k8s-privileged-container -- a demo\n        - name: web"
    put(tree / "base/api.yaml", TREE["base/api.yaml"].replace("- name: web", word))
    put(tree / "live/kustomization.yaml", PRIVILEGED)
    time.sleep(TICK)
    run()
    time.sleep(TICK)

    told = run(asked, "--select", "k8s-privileged-container,suppression-", *arguments)

    assert '"findings": []' in told.report
    lift(tree / "base/api.yaml")
    assert run(asked) == run(asked, "--no-cache")


def test_what_a_file_is_as_a_whole_stays_at_its_top(tree: Path) -> None:
    """A Service that selects nothing is told at its selector, a chart without a lock file at its first line."""
    put(tree / "chart/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n" + DEPENDENCIES)
    time.sleep(TICK)
    run()
    time.sleep(TICK)
    lift(tree / "chart/Chart.yaml")

    assert run("chart") == run("chart", "--no-cache")


DEPENDENCIES = "dependencies: [{name: b, version: '1', repository: 'https://example.org'}]\n"


@contextlib.contextmanager
def planted() -> Iterator[Path]:
    """A tree and a cache of its own, for each of many examples."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        root = Path(os.path.realpath(folder)) / "tree"
        root.mkdir()
        plant(root)
        patch.chdir(root)
        patch.setenv(VARIABLE, str(root.parent / "cache"))
        patch.setattr(files, "COARSEST", 0)
        patch.setattr(cli, "WORTH_KEEPING", 1)
        patch.setattr("devopslint.run.BATCH", 3)
        patch.setattr("devopslint.cache.FEW", 2)
        yield root
        patch.undo()


FURTHER = {
    "web/policy.yaml": "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web, namespace: shop}\n"
    "spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}\n",
    "web/space.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\napiVersion: v1\nkind: LimitRange\n"
    "metadata: {name: defaults, namespace: shop}\nspec: {limits: [{type: Container, default: {cpu: 1, memory: 1Gi}}]}\n",
    "web/denied.yaml": "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: all, namespace: shop}\n"
    "spec: {podSelector: {}, policyTypes: [Ingress, Egress]}\n",
    "web/budget.yaml": "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web, namespace: shop}\n"
    "spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}\n",
    "more/scaled.yaml": AUTOSCALER.replace("NAME", "api"),
    "more/service.yaml": SERVICE.replace("app: NAME", "app: elsewhere").replace("NAME", "web"),
    "web/two.yaml": f"{SERVICE.replace('NAME', 'api')}---\n{DEPLOYMENT.replace('NAME', 'two')}",
    "live/patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\nspec: {replicas: 3}\n",
    "live/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n",
    "devopslint.yaml": "ignore: [k8s-latest-tag]\n",
    "src/web/Dockerfile": 'FROM node:22-slim\nCMD ["node", "server.js"]\n',
    "web/registry.tf": 'resource "aws_ecr_repository" "web" {\n  name = "webb"\n}\n',
    "web/ecr.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: one, namespace: shop}\nspec:\n  containers:\n"
    "    - {name: web, image: '1234567890.dkr.ecr.eu-west-1.amazonaws.com/web:1.0', livenessProbe: {tcpSocket: {port: 80}}}\n",
    "skaffold.yaml": "apiVersion: skaffold/v4beta7\nkind: Config\n"
    "build: {artifacts: [{image: registry.example.org/web, context: src/web}]}\n",
    "live/kustomization.yml": "resources: [../base]\nimages: [{name: registry.example.org/api, newTag: '2.0'}]\n",
    ".gitlab-ci.yml": "deploy:\n  script: kustomize edit set image registry.example.org/api:$CI_COMMIT_SHA\n",
}
WHERE_IMAGES_COUNT = ("src/web/Dockerfile", "web/registry.tf", "web/ecr.yaml", "skaffold.yaml", ".gitlab-ci.yml")
steps = some.one_of(
    some.tuples(some.sampled_from(sorted({*TREE, *FURTHER})), some.sampled_from(EDITS)),
    some.tuples(some.sampled_from(sorted(FURTHER)), some.none()),
)


@pytest.mark.parametrize("edit", [another_image, another_repository, a_digest])
def test_another_image_is_seen_where_others_ask_for_images(tree: Path, edit: Callable[[Path], None]) -> None:
    for path in WHERE_IMAGES_COUNT:
        put(tree / path, FURTHER[path])
    time.sleep(TICK)
    run()
    for path in ("web/web.yaml", "base/api.yaml", "web/ecr.yaml"):
        time.sleep(TICK)
        edit(tree / path)

        assert run(path) == run(path, "--no-cache")
    assert run() == run("--no-cache")


@settings(max_examples=12)
@given(some.lists(some.tuples(steps, some.sampled_from([".", "web", "base/api.yaml", "web/service.yaml"])), max_size=6))
def test_whatever_is_edited_reports_are_those_of_a_run_without_a_cache(
    edits: list[tuple[tuple[str, Callable[[Path], None] | None], str]],
) -> None:
    with planted() as root:
        run()
        for (path, edit), asked in edits:
            time.sleep(TICK)
            if edit is None:
                put(root / path, FURTHER[path])
            elif (root / path).is_file():
                with contextlib.suppress(UnicodeDecodeError):
                    edit(root / path)
            asked = asked if (root / asked).exists() else "."

            expected = run(asked, "--no-cache")
            assert run(asked) == expected
            assert run(asked) == expected
