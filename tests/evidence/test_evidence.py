"""What other programs have measured answers items, with its day, until it lapses; files are data and nothing more."""

from __future__ import annotations

import datetime
import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from devopslint.cli import main
from devopslint.config import EvidenceLimits as Limits
from devopslint.evidence.folder import gather
from devopslint.evidence.model import Evidence
from devopslint.reports.frames import printable

MODULE = "def half(number):\n    if number > 1:\n        return number / 2\n    return 0\n"
TEST = "from shop import half\n\n\ndef test_half():\n    assert half(4) == 2\n"


def said(folder: Path, limits: Limits = Limits()) -> list[tuple[str, bool, str]]:  # noqa: B008
    return [(one.item, one.holds, one.words) for one in gather(folder, limits).evidence]


def passed_over(folder: Path) -> list[tuple[str, str]]:
    return list(gather(folder).passed_over)


def written(folder: Path, name: str, data: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(data if isinstance(data, str) else json.dumps(data))
    return folder


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What coverage.py and pytest really write of a module with one line that no test reaches."""
    folder = tmp_path_factory.mktemp("measured")
    (folder / "shop.py").write_text(MODULE)
    (folder / "test_shop.py").write_text(TEST)
    (folder / "evidence").mkdir()
    reports = ["json:evidence/coverage.json", "xml:evidence/coverage.xml", "lcov:evidence/coverage.info"]
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            "--junitxml=evidence/junit.xml",
            "--cov=shop",
        ]
        + [f"--cov-report={report}" for report in reports],
        cwd=folder,
        check=True,
        capture_output=True,
        env={name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PYTEST_"))},
    )
    return folder / "evidence"


def test_reports_of_coverage_py_and_pytest_are_read(measured: Path) -> None:
    gates = "pipeline.quality-gates"

    assert said(measured) == [(gates, False, "75.0 % of the lines are covered by tests")] * 3 + [
        (gates, True, "1 tests passed")
    ]
    assert said(measured, Limits(coverage=75))[0] == (gates, True, "75.0 % of the lines are covered by tests")
    assert passed_over(measured) == []
    assert {one.taken for one in gather(measured).evidence} == {datetime.datetime.now(datetime.UTC).date()}


@pytest.mark.skipif(shutil.which("go") is None, reason="go is not installed")
def test_a_profile_of_go_test_is_read(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module shop\n\ngo 1.21\n")
    (tmp_path / "shop.go").write_text(
        "package shop\n\nfunc Half(n int) int {\n\tif n > 1 {\n\t\treturn n / 2\n\t}\n\treturn 0\n}\n"
    )
    (tmp_path / "shop_test.go").write_text(
        'package shop\n\nimport "testing"\n\nfunc TestHalf(t *testing.T) {\n\tif Half(4) != 2 {\n\t\tt.Fail()\n\t}\n}\n'
    )
    (tmp_path / "evidence").mkdir()
    subprocess.run(["go", "test", "-coverprofile=evidence/cover.out"], cwd=tmp_path, check=True, capture_output=True)

    assert said(tmp_path / "evidence") == [
        ("pipeline.quality-gates", False, "66.7 % of the lines are covered by tests")
    ]


def trivy(*severities: str, **more: Any) -> dict[str, Any]:
    found = [{"VulnerabilityID": f"CVE-2026-{n}", "Severity": severity} for n, severity in enumerate(severities)]
    report = {
        "SchemaVersion": 2,
        "CreatedAt": "2026-11-20T10:00:00.123456789Z",
        "ArtifactName": "shop:1.4",
        "ArtifactType": "container_image",
    }
    return {**report, "Results": [{"Target": "shop:1.4", "Vulnerabilities": found}], **more}


def grype(*severities: str) -> dict[str, Any]:
    matches = [{"vulnerability": {"id": "CVE", "severity": severity}} for severity in severities]
    source = {"type": "image", "target": {"userInput": "shop:1.4"}}
    return {"matches": matches, "source": source, "descriptor": {"name": "grype", "timestamp": "2026-11-20T10:00:00Z"}}


def sarif(name: str, *scores: str) -> dict[str, Any]:
    rules = [{"id": f"CVE-{n}", "properties": {"security-severity": score}} for n, score in enumerate(scores)]
    results = [{"ruleId": rule["id"], "level": "error"} for rule in rules]
    return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": name, "rules": rules}}, "results": results}]}


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (trivy("LOW", "MEDIUM"), (True, "no critical and no high vulnerability in shop:1.4")),
        (trivy("CRITICAL", "HIGH", "HIGH"), (False, "1 critical and 2 high vulnerabilities in shop:1.4")),
        (trivy(Results=None), (True, "no critical and no high vulnerability in shop:1.4")),
        (grype("Critical", "Low"), (False, "1 critical and 0 high vulnerabilities in shop:1.4")),
        (sarif("Trivy", "6.9"), (True, "no critical and no high vulnerability in Trivy")),
        (sarif("Snyk Container", "7.0", "9.8"), (False, "1 critical and 1 high vulnerabilities in Snyk Container")),
    ],
)
def test_scans_of_an_image_answer_two_items(tmp_path: Path, report: Any, expected: tuple[bool, str]) -> None:
    folder = written(tmp_path / "evidence", "scan.json", report)

    assert said(folder) == [("containerization.vulnerability", *expected), ("security.scan", *expected)]


def test_sarif_of_trivy_says_whether_an_image_was_scanned(tmp_path: Path) -> None:
    of_folder, of_image = sarif("Trivy", "9.8"), sarif("Trivy", "9.8")
    of_folder["runs"][0]["originalUriBaseIds"] = {"ROOTPATH": {"uri": "file:///src/"}}
    of_image["runs"][0]["originalUriBaseIds"] = {"ROOTPATH": {"uri": "file:///"}}
    of_image["runs"][0]["properties"] = {"imageName": "shop:1.4", "repoTags": ["shop:1.4"]}
    words = "1 critical and 0 high vulnerabilities in"

    assert said(written(tmp_path / "a", "scan.sarif", of_folder)) == [("security.scan", False, f"{words} Trivy")]
    assert said(written(tmp_path / "b", "scan.sarif", of_image)) == [
        ("containerization.vulnerability", False, f"{words} shop:1.4"),
        ("security.scan", False, f"{words} shop:1.4"),
    ]


@pytest.mark.parametrize(
    ("place", "items"),
    [
        ("shop.tar@sha256:102bda1b6ae2:/site/METADATA", ["containerization.vulnerability", "security.scan"]),
        ("/site/METADATA", ["security.scan"]),
    ],
)
def test_sarif_of_grype_names_a_layer_where_an_image_was_scanned(tmp_path: Path, place: str, items: list[str]) -> None:
    report = sarif("grype", "7.0")
    report["runs"][0]["results"][0]["locations"] = [{"logicalLocations": [{"fullyQualifiedName": place}]}]

    assert [item for item, _, _ in said(written(tmp_path / "a", "scan.sarif", report))] == items


def test_sarif_of_grype_that_found_nothing_says_nothing_of_an_image(tmp_path: Path) -> None:
    assert said(written(tmp_path / "a", "scan.sarif", sarif("grype"))) == [
        ("security.scan", True, "no critical and no high vulnerability in grype")
    ]


def cyclonedx(tool: str, *severities: str) -> dict[str, Any]:
    metadata = {
        "timestamp": "2026-11-20T10:00:00Z",
        "tools": {"components": [{"type": "application", "name": tool}]},
        "component": {"type": "container", "name": "shop:1.4"},
    }
    report: dict[str, Any] = {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": metadata, "components": []}
    if severities:
        report["vulnerabilities"] = [{"id": "CVE", "ratings": [{"severity": one}]} for one in severities]
    return report


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (cyclonedx("trivy", "high", "low"), (False, "0 critical and 1 high vulnerabilities in shop:1.4")),
        (cyclonedx("grype"), (True, "no critical and no high vulnerability in shop:1.4")),
    ],
)
def test_cyclonedx_with_vulnerabilities_is_a_scan(tmp_path: Path, report: Any, expected: tuple[bool, str]) -> None:
    folder = written(tmp_path / "evidence", "scan.cdx.json", report)

    assert said(folder) == [("containerization.vulnerability", *expected), ("security.scan", *expected)]


def test_a_list_of_components_is_no_scan(tmp_path: Path) -> None:
    folder = written(tmp_path / "evidence", "sbom.json", cyclonedx("syft"))

    assert gather(folder).passed_over == (
        ("evidence/sbom.json", "lists components, and says nothing of their vulnerabilities"),
    )


def test_a_finding_that_was_weighed_counts_no_more(tmp_path: Path) -> None:
    report = cyclonedx("trivy", "critical")
    report["vulnerabilities"][0]["analysis"] = {"state": "not_affected"}

    assert [good for _, good, _ in said(written(tmp_path / "a", "scan.json", report))] == [True, True]


def test_a_scan_of_a_file_system_says_nothing_of_an_image(tmp_path: Path) -> None:
    folder = written(tmp_path / "evidence", "scan.json", trivy(ArtifactType="filesystem"))

    assert [item for item, _, _ in said(folder)] == ["security.scan"]


def layer(size: int) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo("data")
        member.size = size
        archive.addfile(member, io.BytesIO(bytes(size)))
    return file.getvalue()


def blob(folder: Path, data: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    (folder / "blobs/sha256").mkdir(parents=True, exist_ok=True)
    (folder / "blobs/sha256" / digest).write_bytes(data)
    return {"digest": f"sha256:{digest}", "size": len(data)}


def test_the_layers_of_an_oci_layout_are_measured_unpacked(tmp_path: Path) -> None:
    folder = tmp_path / "evidence" / "shop"
    folder.mkdir(parents=True)
    packed = {
        "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
        **blob(folder, gzip.compress(layer(30_000_000))),
    }
    manifest = {
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        **blob(folder, json.dumps({"layers": [packed]}).encode()),
    }
    (folder / "index.json").write_text(json.dumps({"manifests": [manifest]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    assert said(folder.parent) == [("containerization.size", True, "image shop has 30 MB")]
    assert said(folder.parent, Limits(megabytes=20))[0][1:] == (False, "image shop has 30 MB, not less than 20 MB")
    assert packed["size"] < 100_000


def test_an_archive_of_docker_save_is_measured(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    content = layer(2_000_000)
    listing = json.dumps([{"RepoTags": ["shop:1.4"], "Layers": ["a/layer.tar", "b/layer.tar"]}]).encode()
    with tarfile.open(tmp_path / "evidence/shop.tar", "w") as archive:
        for name, data in (("a/layer.tar", content), ("b/layer.tar", content), ("manifest.json", listing)):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))

    assert said(tmp_path / "evidence") == [("containerization.size", True, "image shop:1.4 has 4 MB")]


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ([{"Id": "sha256:0", "RepoTags": ["shop:1.4"], "Size": 84_000_000}], (True, "image shop:1.4 has 84 MB")),
        (
            [{"Id": "sha256:0", "RepoTags": [], "Size": 700_000_000}],
            (False, "image sha256:0 has 700 MB, not less than 500 MB"),
        ),
        ({"layers": [{"size": 600_000_000}]}, (False, "image size.json has 600 MB packed, more than 500 MB")),
        (
            {"Name": "shop", "LayersData": [{"Size": 600_000_000}]},
            (False, "image shop has 600 MB packed, more than 500 MB"),
        ),
    ],
)
def test_the_size_of_an_image_is_read(tmp_path: Path, report: Any, expected: tuple[bool, str]) -> None:
    assert said(written(tmp_path / "evidence", "size.json", report)) == [("containerization.size", *expected)]


def test_reports_of_trivy_and_grype_themselves_are_read() -> None:
    folder = Path(__file__).parent.parent / "data/scans"
    found = {(one.path, one.item): (one.holds, one.words) for one in gather(folder).evidence}
    image = "testdata/fixtures/images/alpine-39.tar.gz"
    scan, size = "containerization.vulnerability", "containerization.size"

    assert found["scans/trivy-alpine.json", scan] == (False, f"2 critical and 0 high vulnerabilities in {image}")
    assert found["scans/trivy-alpine.json", size] == (True, f"image {image} has 6 MB")
    assert found["scans/trivy-distroless.json", scan][0]
    assert found["scans/trivy.sarif", scan] == (
        True,
        "no critical and no high vulnerability in testdata/fixtures/images/alpine-310.tar.gz",
    )
    assert found["scans/grype.json", scan] == (False, "1 critical and 0 high vulnerabilities in user-input")
    assert passed_over(folder) == []


def test_an_image_of_crane_has_one_size_however_it_is_pulled() -> None:
    folder = Path(__file__).parent.parent / "data/image"

    assert [words.rpartition(" has ")[2] for _, _, words in said(folder)] == ["5 MB", "5 MB"]
    assert [why for name, why in passed_over(folder) if name.endswith("manifest.json")] == [
        "its layers have 0 MB packed, which does not say what they have unpacked"
    ]


def test_layers_packed_with_zstd_say_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "evidence" / "shop"
    folder.mkdir(parents=True)
    content = json.dumps({"layers": [blob(folder, b"\x28\xb5\x2f\xfd" + bytes(100))]}).encode()
    (folder / "index.json").write_text(json.dumps({"manifests": [blob(folder, content)]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    assert said(folder.parent) == []
    assert "packed with zstd" in passed_over(folder.parent)[0][1]


LIMITED = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "1Gi"}}


def deployment(namespace: str, **more: Any) -> dict[str, Any]:
    """A Deployment as `kubectl get -o json` gives it."""
    pod = {
        "metadata": {"labels": {"app": "shop"}},
        "spec": {"containers": [{"name": "shop", "image": "x/shop:1", **more}]},
    }
    spec = {"replicas": 3, "selector": {"matchLabels": {"app": "shop"}}, "template": pod}
    metadata = {"name": "shop", "namespace": namespace, "uid": "5c3d2f0e", "resourceVersion": "41"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": spec,
        "status": {"replicas": 3},
    }


def test_objects_of_a_cluster_answer_the_items_that_ask_for_them(tmp_path: Path) -> None:
    objects = [deployment("live", resources=LIMITED), deployment("kube-system")]
    folder = written(tmp_path / "evidence", "cluster.json", {"apiVersion": "v1", "kind": "List", "items": objects})

    found = {item: (holds, words) for item, holds, words in said(folder)}

    assert found["kubernetes.resources"] == (True, "nothing is wrong in 1 place of the cluster")
    holds, words = found["kubernetes.probes"]
    assert not holds
    assert words.startswith("in the cluster container 'shop' has no liveness probe")


def test_one_object_of_a_cluster_is_read_and_one_that_nobody_asks_for_is_listed(tmp_path: Path) -> None:
    folder = written(tmp_path / "evidence", "a.json", deployment("live", resources=LIMITED))
    written(folder, "b.json", {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Node"}]})

    assert ("kubernetes.resources", True, "nothing is wrong in 1 place of the cluster") in said(folder)
    assert passed_over(folder) == [("evidence/b.json", "none of its objects is one that an item asks for")]


def test_tests_of_promtool_are_read(tmp_path: Path) -> None:
    """As Prometheus' util/junitxml writes it."""
    text = (
        '<testsuites><testsuite name="rules_test.yml" tests="2" failures="1" errors="1" skipped="0" timestamp="2026-11-20T10:00:00Z">'
        '<testcase name="errors"></testcase><testcase name="latency"><failure>exp: 1, got: 0</failure></testcase></testsuite></testsuites>'
    )

    assert said(written(tmp_path / "evidence", "rules.xml", text)) == [
        ("pipeline.quality-gates", False, "1 of 2 tests failed")
    ]


def test_packed_sizes_never_speak_for_an_image(tmp_path: Path) -> None:
    folder = written(tmp_path / "evidence", "size.json", {"layers": [{"size": 200_000_000}]})

    assert said(folder) == []
    assert passed_over(folder) == [
        ("evidence/size.json", "its layers have 200 MB packed, which does not say what they have unpacked")
    ]


def test_the_median_of_runs_that_succeeded_counts(tmp_path: Path) -> None:
    def run(minutes: int, conclusion: str = "success") -> dict[str, str]:
        return {
            "workflowName": "CI",
            "conclusion": conclusion,
            "startedAt": "2026-11-20T10:00:00Z",
            "updatedAt": f"2026-11-20T10:{minutes:02}:00Z",
        }

    folder = written(tmp_path / "evidence", "runs.json", [run(3), run(4), run(30), run(59, "failure"), run(4)])

    assert said(folder) == [("pipeline.execution-time", True, "CI takes 4.0 minutes, the median of 4 runs")]


def test_pipelines_of_gitlab_have_durations(tmp_path: Path) -> None:
    one = {
        "id": 1,
        "sha": "0",
        "status": "success",
        "created_at": "2026-11-20T10:00:00Z",
        "updated_at": "2026-11-20T11:00:00Z",
        "duration": 420,
    }

    folder = written(tmp_path / "evidence", "pipelines.json", [one])

    assert said(folder) == [("pipeline.execution-time", False, "pipeline takes 7.0 minutes, the median of 1 run")]


def test_a_report_of_jacoco_counts_lines(tmp_path: Path) -> None:
    text = (
        '<?xml version="1.0"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">'
        '<report name="shop"><package name="a"><counter type="LINE" missed="9" covered="1"/></package>'
        '<counter type="LINE" missed="4" covered="96"/></report>'
    )

    assert said(written(tmp_path / "evidence", "jacoco.xml", text)) == [
        ("pipeline.quality-gates", True, "96.0 % of the lines are covered by tests")
    ]


def test_provenance_says_that_a_pipeline_built_the_image(tmp_path: Path) -> None:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "shop"}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {"runDetails": {"builder": {"id": "https://github.com/actions/runner"}}},
    }

    assert said(written(tmp_path / "evidence", "provenance.json", statement)) == [
        ("containerization.build", True, "shop was built by https://github.com/actions/runner")
    ]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.json", "{", "cannot be read: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("a.json", '{"a": 1}', "is JSON of no format that is known"),
        ("a.json", json.dumps(sarif("ruff")), "its tools look for no vulnerabilities of images"),
        ("a.json", '{"SchemaVersion": 2, "Results": 3}', ""),
        ("a.json", "[" * 100_000, "cannot be read: "),
        ("a.txt", "hello", "is of no format that is known"),
        ("a.tar", "no archive", "cannot be read: "),
        ("a.xml", '<!DOCTYPE a [<!ENTITY b "c">]><testsuite/>', "declares entities, which no report does"),
        ("a.xml", "<a>", "is no XML: "),
        ("a.xml", '<testsuite name="a"/>', "there is no test in it"),
        ("a.xml", "<testsuite>" * 100_000, "is no XML: "),
        ("a.xml", '<coverage line-rate="nan"/>', "says that nan % of the lines are covered"),
        ("a.xml", '<report><counter type="LINE" missed="-5" covered="9"/></report>', "says that 225 % of the lines"),
        (
            "a.json",
            '{"totals": {"percent_covered": 1e308}, "files": {}, "meta": {}}',
            "says that 1e+308 % of the lines",
        ),
        ("a.json", '[{"Id": "a", "Size": -1}]', "says that image a has -1 bytes"),
        ("a.json", '[{"Id": "a", "Size": 1e999}]', "cannot be read: cannot convert float infinity to integer"),
        (
            "a.json",
            '[{"startedAt": "2026-01-02T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "conclusion": "success"}]',
            "says that workflow takes -1.44e+03 minutes",
        ),
    ],
)
def test_what_cannot_be_used_is_listed_and_ends_nothing(tmp_path: Path, name: str, text: str, why: str) -> None:
    folder = written(tmp_path / "evidence", name, text)
    written(folder, "z.json", [{"Id": "sha256:0", "RepoTags": ["shop"], "Size": 1_000_000}])

    assert ("containerization.size", True, "image shop has 1 MB") in said(folder)
    if why:
        (one,) = passed_over(folder)
        assert one[0] == f"evidence/{name}"
        assert one[1].startswith(why)


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = written(tmp_path / "elsewhere", "size.json", [{"Id": "sha256:0", "Size": 1}])
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence/link.json").symlink_to(secret / "size.json")
    (tmp_path / "evidence/folder").symlink_to(secret)

    assert gather(tmp_path / "evidence") == ((), (("evidence/link.json", "is a link, or no file"),))


def checklist(folder: Path, *options: str) -> dict[str, tuple[str, str]]:
    result = CliRunner().invoke(main, ["checklist", "--format", "json", *options, str(folder)])
    assert result.exit_code == 0, result.output
    return {one["item"]: (one["status"], one["reason"]) for one in json.loads(result.stdout)}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text('FROM registry.example.org/base:1.4\nUSER 1000\nCMD ["/shop"]\n')
    return tmp_path


def test_evidence_answers_an_item_and_lapses(project: Path) -> None:
    today = datetime.date.today()
    taken = (today - datetime.timedelta(20)).isoformat()
    written(project / "reports", "trivy.json", trivy(CreatedAt=f"{taken}T10:00:00Z"))
    item = "containerization.vulnerability"

    assert checklist(project)[item][0] == "needs evidence"
    words = "no critical and no high vulnerability in shop:1.4"
    assert checklist(project, "--evidence", str(project / "reports"))[item] == (
        "met",
        f"{words}, reports/trivy.json of {taken}",
    )
    (project / "devopslint.yaml").write_text("evidence: {path: reports, days: 10}\n")
    status, reason = checklist(project)[item]
    assert status == "needs evidence"
    assert reason.endswith(f"reports/trivy.json of {taken} has lapsed")


def test_evidence_counts_on_its_last_day_and_of_each_thing_by_itself(project: Path) -> None:
    last = (datetime.date.today() - datetime.timedelta(10)).isoformat()
    written(project / "reports", "a.json", trivy(CreatedAt=f"{last}T10:00:00Z"))
    written(project / "reports", "b.json", trivy(CreatedAt=f"{last}T11:00:00Z", ArtifactName="till:2.0"))
    (project / "devopslint.yaml").write_text("evidence: {path: reports, days: 10}\n")

    result = CliRunner().invoke(main, ["checklist", "--format", "json", str(project)])

    answers = {one["item"]: one for one in json.loads(result.stdout)}
    answer = answers["containerization.vulnerability"]
    assert answer["status"] == "met"
    words = "no critical and no high vulnerability in"
    assert answer["evidence"] == [
        {"words": f"{words} shop:1.4", "holds": True, "path": "reports/a.json", "taken": last},
        {"words": f"{words} till:2.0", "holds": True, "path": "reports/b.json", "taken": last},
    ]


def test_evidence_against_an_item_goes_above_what_the_files_show(project: Path) -> None:
    (project / "Dockerfile").write_text('FROM alpine:3.22\nUSER 1000\nCMD ["/shop"]\n')
    written(project / "reports", "size.json", [{"Id": "sha256:0", "RepoTags": ["shop"], "Size": 700_000_000}])

    assert checklist(project)["containerization.size"][0] == "met"
    status, reason = checklist(project, "--evidence", str(project / "reports"))["containerization.size"]
    assert status == "violated"
    assert reason.startswith("image shop has 700 MB, not less than 500 MB, reports/size.json of ")


def test_the_later_of_two_measurements_of_one_thing_counts(project: Path) -> None:
    today = datetime.date.today()
    for name, day, severities in (("a", today, ()), ("b", today - datetime.timedelta(3), ("CRITICAL",))):
        written(project / "reports", f"{name}.json", trivy(*severities, CreatedAt=f"{day.isoformat()}T10:00:00Z"))

    assert checklist(project, "--evidence", str(project / "reports"))["security.scan"][0] == "met"


def test_a_configuration_names_no_folder_outside_of_the_project(project: Path) -> None:
    (project / "loop").symlink_to("loop")
    for path in ("../..", "/", "loop", "x" * 5_000, "a\0b"):
        (project / "devopslint.yaml").write_text(f"evidence: {{path: {json.dumps(path)}}}\n")

        result = CliRunner().invoke(main, ["checklist", str(project)])

        assert result.exit_code == 2
        assert f"evidence: '{printable(path)}' is no folder of the project" in result.stderr


def test_passing_tests_alone_do_not_meet_the_gate(project: Path) -> None:
    today = datetime.date.today()
    suite = f'<testsuite name="a" timestamp="{today}T10:00:00"><testcase name="b"/></testsuite>'
    written(project / "reports", "junit.xml", suite)

    (one,) = gather(project / "reports").evidence

    assert isinstance(one, Evidence)
    assert (one.holds, one.whole) == (True, False)
    assert checklist(project, "--evidence", str(project / "reports"))["pipeline.quality-gates"][0] != "met"


def test_the_name_of_a_file_commands_no_terminal_and_no_runner(project: Path) -> None:
    written(project / "reports", "a\n::error::x\x1b[31m.txt", "hello")

    result = CliRunner().invoke(main, ["checklist", "--evidence", str(project / "reports"), str(project)])

    assert "is of no format that is known" in result.stderr
    assert "\x1b" not in result.stderr
    assert not any(line.startswith("::") for line in result.stderr.splitlines())


def test_a_layout_whose_index_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "evidence" / "layout"
    folder.mkdir(parents=True)
    (folder / "oci-layout").write_text("{}")
    os.mkfifo(folder / "index.json")

    assert passed_over(tmp_path / "evidence") == [
        ("evidence/layout/oci-layout", "index.json is a link, no file, or too large")
    ]


def test_blobs_behind_a_link_are_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "evidence" / "layout"
    outside = tmp_path / "outside"
    for made in (folder, outside / "sha256"):
        made.mkdir(parents=True)
    (outside / "sha256" / "a").write_text('{"layers": []}')
    (folder / "oci-layout").write_text("{}")
    (folder / "index.json").write_text('{"manifests": [{"digest": "sha256:a"}]}')
    (folder / "blobs").symlink_to(outside)

    assert gather(tmp_path / "evidence").evidence == ()
    assert passed_over(tmp_path / "evidence") == [("evidence/layout/oci-layout", "its blobs are behind a link")]

    (folder / "blobs").unlink()
    (folder / "blobs").mkdir()
    (folder / "blobs" / "sha256").symlink_to(outside / "sha256")
    assert passed_over(tmp_path / "evidence") == [("evidence/layout/oci-layout", "its blobs are behind a link")]


def test_entities_in_another_encoding_are_not_declared_either(tmp_path: Path) -> None:
    entities = '<!DOCTYPE testsuite [<!ENTITY a "b">]><testsuite tests="1" name="&a;"/>'
    (tmp_path / "a.xml").write_bytes(entities.encode("utf-16-le"))

    assert passed_over(tmp_path) == [(f"{tmp_path.name}/a.xml", "is no UTF-8")]


def test_an_archive_does_not_choose_how_much_of_it_is_read_at_once(tmp_path: Path) -> None:
    header = tarfile.TarInfo("long")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 6_000_000
    with (tmp_path / "a.tar").open("wb") as archive:
        archive.write(header.tobuf(tarfile.GNU_FORMAT))
        archive.truncate(6_002_048)

    assert passed_over(tmp_path) == [(f"{tmp_path.name}/a.tar", "the archive has a header that is too large")]
