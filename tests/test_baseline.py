"""A baseline holds what was accepted, wherever it has moved to, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from devopslint.cli import main

FILE = ".devopslint-baseline.json"
POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  containers:
    - name: app
      image: shop:1.2.3
      securityContext: {{readOnlyRootFilesystem: {readonly}}}
"""
SELECT = "--select=k8s-writable-root-filesystem,docker-untagged-image,unreadable-file"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one finding, in k8s/web.yaml."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "k8s").mkdir()
    (tmp_path / "k8s" / "web.yaml").write_text(pod("web"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pod(name: str, *, readonly: bool = False) -> str:
    return POD.format(name=name, readonly=str(readonly).lower())


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args)


def check(*args: str) -> Result:
    return run("check", SELECT, "--format=concise", *args)


def test_what_is_in_the_baseline_does_not_fail_and_is_counted(project: Path) -> None:
    assert check().exit_code == 1

    written = run("baseline", SELECT)

    assert written.stdout.startswith(f"{FILE}: 1 findings are accepted for now")
    assert check().stdout == "no findings (1 in the baseline) in 1 file\n"
    assert check("--no-baseline").exit_code == 1
    assert check("--no-config").exit_code == 1


def test_a_new_finding_counts_beside_the_old_ones(project: Path) -> None:
    run("baseline", SELECT)
    (project / "k8s" / "api.yaml").write_text(pod("api"))

    result = check()

    assert result.exit_code == 1
    assert result.stdout.splitlines()[0].startswith("k8s/api.yaml:8:49: error[k8s-writable-root-filesystem]")
    assert result.stdout.endswith("1 finding (1 error; 1 in the baseline) in 2 files\n")


def test_an_entry_follows_lines_documents_and_names_of_files(project: Path) -> None:
    (project / "k8s" / "web.yaml").write_text(pod("web") + "---\n" + pod("api"))
    run("baseline", SELECT)
    before = (project / FILE).read_text()

    (project / "k8s" / "web.yaml").unlink()
    (project / "k8s" / "all.yaml").write_text("# moved\n\n" + pod("api") + "---\n" + pod("web"))

    assert check().exit_code == 0
    assert run("baseline", SELECT).stdout.startswith(f"{FILE}: 2 still there, 0 gone, 0 new")
    assert (project / FILE).read_text() == before


def test_a_copy_of_a_manifest_is_not_held_by_what_its_original_owes(project: Path) -> None:
    run("baseline", SELECT)
    (project / "k8s" / "copy.yaml").write_text(pod("web"))

    whole, alone = check(), check("k8s/copy.yaml")

    assert "k8s/copy.yaml:8" in whole.stdout and "k8s/web.yaml" not in whole.stdout
    assert alone.exit_code == 1


def test_a_baseline_never_grows_by_itself(project: Path) -> None:
    run("baseline", SELECT)
    before = (project / FILE).read_text()
    (project / "k8s" / "api.yaml").write_text(pod("api"))

    refused = run("baseline", SELECT)

    assert refused.exit_code == 1
    assert "1 still there, 0 gone, 1 new" in refused.stdout
    assert "k8s/api.yaml: k8s-writable-root-filesystem: " in refused.stdout
    assert (project / FILE).read_text() == before
    assert run("baseline", SELECT, "--update").exit_code == 0
    assert check().exit_code == 0


def test_what_is_gone_is_said_and_pruned(project: Path) -> None:
    run("baseline", SELECT)
    (project / "k8s" / "web.yaml").write_text(pod("web", readonly=True))

    report = check()
    elsewhere = check("--ignore=k8s-writable-root-filesystem")
    pruned = run("baseline", SELECT, "--prune")

    assert f"gone from what {FILE} accepts; `devopslint baseline --prune` takes it out:" in report.stdout
    assert "  k8s/web.yaml: k8s-writable-root-filesystem: " in report.stdout
    assert "gone" not in elsewhere.stdout
    assert "0 still there, 1 gone, 0 new" in pruned.stdout
    assert json.loads((project / FILE).read_text())["findings"] == []


def test_an_entry_is_one_line_with_no_number_in_it(project: Path) -> None:
    (project / "k8s" / "api.yaml").write_text(pod("api"))
    run("baseline", SELECT)
    before = (project / FILE).read_text().splitlines()
    (project / "k8s" / "web.yaml").write_text("\n\n\n" + pod("web"))
    (project / "k8s" / "db.yaml").write_text(pod("db"))

    run("baseline", SELECT, "--update")

    after = (project / FILE).read_text().splitlines()
    assert [line for line in before if line not in after] == []
    assert [line for line in after if line not in before] == [after[4]]
    assert '"path": "k8s/db.yaml"' in after[4]


def test_a_reason_and_a_last_day_are_kept_and_heeded(project: Path) -> None:
    run("baseline", SELECT)
    data = json.loads((project / FILE).read_text())
    data["findings"][0] |= {"reason": "SHOP-412", "until": "2999-12-31"}
    (project / FILE).write_text(json.dumps(data))
    (project / "k8s" / "api.yaml").write_text(pod("api"))

    run("baseline", SELECT, "--update")

    assert "(in the baseline until 2999-12-31: SHOP-412)" in check("--show-suppressed").stdout
    data["findings"][0]["until"] = "2020-01-01"
    (project / FILE).write_text(json.dumps(data))
    expired = check("k8s/web.yaml")
    assert expired.exit_code == 1
    assert f"1 day in {FILE} passed: what was accepted until then counts again" in expired.stdout


def test_entries_of_files_that_were_not_looked_at_stay(project: Path) -> None:
    (project / "k8s" / "api.yaml").write_text(pod("api"))
    run("baseline", SELECT)
    (project / "k8s" / "api.yaml").write_text(pod("api", readonly=True))
    (project / "k8s" / "web.yaml").write_text(pod("web", readonly=True))

    run("baseline", SELECT, "k8s/web.yaml", "--prune")

    assert [one["path"] for one in json.loads((project / FILE).read_text())["findings"]] == ["k8s/api.yaml"]


def test_sarif_tells_old_from_new(project: Path) -> None:
    run("baseline", SELECT)
    (project / "k8s" / "api.yaml").write_text(pod("api"))

    shown = json.loads(run("check", SELECT, "--format=sarif", "--show-suppressed").stdout)["runs"][0]["results"]
    sent = json.loads(run("check", SELECT, "--format=sarif").stdout)["runs"][0]["results"]

    states = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]: one for one in shown}
    assert states["k8s/api.yaml"]["baselineState"] == "new"
    assert "suppressions" not in states["k8s/api.yaml"]
    assert states["k8s/web.yaml"]["baselineState"] == "unchanged"
    assert [one["kind"] for one in states["k8s/web.yaml"]["suppressions"]] == ["external"]
    assert [one["baselineState"] for one in sent] == ["new"]


def test_json_says_what_is_held_and_what_is_gone(project: Path) -> None:
    run("baseline", SELECT)
    (project / "Dockerfile").write_text("FROM alpine\n")
    held = json.loads(run("check", SELECT, "--format=json").stdout)
    (project / "k8s" / "web.yaml").unlink()
    gone = json.loads(run("check", SELECT, "--format=json").stdout)

    assert (held["summary"]["in_baseline"], held["summary"]["findings"]) == (1, 1)
    assert held["findings"][1]["suppression"]["origin"] == "baseline"
    assert gone["baseline"]["path"] == FILE
    assert [one.split(": ")[0] for one in gone["baseline"]["gone"]] == ["k8s/web.yaml"]


def test_the_checklist_heeds_no_baseline(project: Path) -> None:
    run("baseline", SELECT)

    answers = json.loads(run("checklist", SELECT, "--format=json").stdout)

    assert next(one for one in answers if one["item"] == "containerization.read-only")["status"] == "violated"


def test_a_policy_takes_no_entry_without_what_it_asks_for(project: Path) -> None:
    (project / "policy.yaml").write_text("suppressions: {reason: true}\nrequire: [k8s-writable-root-filesystem]\n")
    run("baseline", SELECT)

    result = run("check", SELECT, "--policy=policy.yaml", "--format=concise")

    assert "k8s/web.yaml:8:49: error[k8s-writable-root-filesystem]" in result.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", f"{FILE}:1:2: no baseline: "),
        ("[]", f"{FILE}:1:1: no baseline: it has no list of findings"),
        ('{"version": 2, "findings": []}', f"{FILE}:1:1: version 2 of baselines is not understood; 1 is"),
        (
            '{"version": 1, "findings": [\n {"path": "a", "rule": "b", "fingerprint": "c", "until": "soon"}]}',
            f"{FILE}:2:1: entry 1: until is 'soon'; write YYYY-MM-DD",
        ),
        ('{"version": 1, "findings": [{"path": "a"}]}', f"{FILE}:1:1: entry 1: has no rule"),
        (
            '{"version": 1, "findings": [{"path": "a", "rule": "b", "fingerprint": "c", "why": ""}]}',
            f"{FILE}:1:1: entry 1: unknown key 'why'; allowed: ",
        ),
    ],
)
def test_a_baseline_that_is_not_understood_is_an_error_with_its_line(project: Path, text: str, message: str) -> None:
    (project / FILE).write_text(text)

    result = check()

    assert result.exit_code == 2
    assert message in result.stderr


def test_a_link_out_of_the_project_is_no_baseline(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "baseline.json"
    outside.write_text('{"version": 1, "findings": []}')
    (project / FILE).symlink_to(outside)

    assert "is a link that leads out of the project" in check().stderr
    assert check("--baseline", str(outside)).exit_code == 1


def test_what_a_baseline_holds_is_told_line_by_line(project: Path) -> None:
    (project / "k8s" / "api.yaml").write_text(pod("api"))
    (project / "k8s" / "db.yaml").write_text(pod("db"))
    first = run("baseline", SELECT)
    whole = json.loads((project / FILE).read_text())
    for entry in whole["findings"]:
        if "k8s/db.yaml" in entry.values():
            entry["until"] = "2020-01-01"
    (project / FILE).write_text(json.dumps(whole))
    (project / "k8s" / "web.yaml").write_text(pod("web", readonly=True))
    (project / "k8s" / "new.yaml").write_text(pod("new"))
    said = ": k8s-writable-root-filesystem: container 'app' can write to its root file system\n"

    shown = run("baseline", SELECT)
    grown = run("baseline", SELECT, "--update")

    assert first.stdout == (
        f"{FILE}: 3 findings are accepted for now; from here on only new ones count.\n"
        "Commit it. `devopslint baseline --prune` makes it smaller as findings go away.\n"
    )
    assert shown.exit_code == 1
    assert shown.stdout == (
        f"{FILE}: 1 still there, 1 gone, 2 new\n"
        f"gone:\n  k8s/web.yaml{said}--prune takes out what is gone.\n"
        f"the day has passed of:\n  k8s/db.yaml{said}"
        f"new:\n  k8s/db.yaml{said}  k8s/new.yaml{said}--update takes in what is new; mending it is better.\n"
    )
    assert grown.exit_code == 0
    assert grown.stdout == (
        f"{FILE}: 1 still there, 1 gone, 2 new\n"
        f"taken out:\n  k8s/web.yaml{said}"
        f"the day has passed of:\n  k8s/db.yaml{said}"
        f"taken in:\n  k8s/db.yaml{said}  k8s/new.yaml{said}"
    )
    assert run("baseline", SELECT).stdout == f"{FILE}: 3 still there, 0 gone, 0 new\n"


def test_what_is_pruned_is_told_to_be_taken_out(project: Path) -> None:
    run("baseline", SELECT)
    (project / "k8s" / "web.yaml").write_text(pod("web", readonly=True))

    assert "taken out:\n" in run("baseline", SELECT, "--prune").stdout
    assert run("baseline", SELECT, "--prune").stdout == f"{FILE}: 0 still there, 0 gone, 0 new\n"
    (project / FILE).unlink()
    refused = run("baseline", SELECT, "--prune")
    assert refused.exit_code == 2
    assert f"there is no {FILE} to prune" in refused.stderr
