"""Many checkouts: the same bytes however they are examined, and nothing of the others lost with one that fails."""

from __future__ import annotations

import csv
import datetime
import io
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from devopslint.fleet.content import build, tree_digest
from devopslint.fleet.examination import Asked, examine_batch
from devopslint.fleet.listing import Checkout, read_list
from devopslint.fleet.records import Folder
from devopslint.fleet.scorecard import score
from tests.fleet.checkouts import (
    DEPLOYMENT,
    DOCKERFILE,
    caught,
    children,
    command,
    contents,
    environment,
    examined,
    go,
    make,
    make_fleet,
    run,
)

ON_LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc tells who runs")


OWN_RULE = """title: A Deployment without labels
severity: error
rationale: Somebody has to answer for it at night.
remediation: Give it labels that name a team.
match: {kinds: [Deployment]}
expression: has(object.metadata.labels)
message: has no labels
bad:
  - web.yaml: |
      apiVersion: apps/v1
      # finding: has no labels
      kind: Deployment
      metadata: {name: web}
good:
  - web.yaml: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, labels: {team: shop}}
"""


def table(path: Path) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(path.read_text()))]


def test_each_checkout_has_the_report_and_the_checklist_that_it_has_alone(tmp_path: Path) -> None:
    repos = make_fleet(tmp_path / "repos", 2)
    (tmp_path / "repos/team-1/service-1/.git").mkdir()

    assert run(repos, "-o", tmp_path / "out")[0] == 1

    def alone(*arguments: str) -> Any:
        where = tmp_path / "repos/team-1/service-1"
        asked = [sys.executable, "-m", "devopslint", *arguments, "--no-cache"]
        said = subprocess.run(asked, cwd=where, env=environment(), capture_output=True, text=True, check=False)
        return json.loads(said.stdout)

    [sarif] = (tmp_path / "out/sarif").glob("team-1-service-1-*.sarif")
    [checklist] = (tmp_path / "out/checklists").glob("team-1-service-1-*.json")
    own, other = (told["runs"][0] for told in (json.loads(sarif.read_text()), alone("--format", "sarif")))
    assert [result.pop("ruleIndex") for result in own["results"]] != []
    assert [result.pop("ruleIndex") for result in other["results"]] != []
    assert own["results"] == other["results"]
    assert own["invocations"] == other["invocations"]
    known = {rule["id"]: rule for rule in other["tool"]["driver"]["rules"]}
    assert {rule["id"] for rule in own["tool"]["driver"]["rules"]} == {result["ruleId"] for result in own["results"]}
    assert all(known[rule["id"]] == rule for rule in own["tool"]["driver"]["rules"])
    assert json.loads(checklist.read_text()) == alone("checklist", "--format", "json")


def test_one_process_and_two_write_the_same_bytes_in_the_order_of_the_list(tmp_path: Path) -> None:
    repos = make_fleet(tmp_path / "repos", 12)

    one = run(repos, "-o", tmp_path / "one", "--jobs", 1)
    two = run(repos, "-o", tmp_path / "two", "--jobs", 2, PYTHONHASHSEED="7")

    assert one == two
    assert one[0] == 1
    assert one[1].splitlines()[-2] == "12 checkouts: 12 examined, 0 not"
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert len(contents(tmp_path / "one")) >= 3 * 12
    rows = table(tmp_path / "one/scorecard.csv")
    assert [row["repository"] for row in rows] == [f"team-{n % 3}/service-{n}" for n in range(12)]
    assert rows[0]["containerization.non-root"] == "violated"
    assert rows[0]["pipeline.stages"] == "not applicable"
    assert rows[1]["pipeline.stages"] == "violated"


def test_what_cannot_be_examined_is_said_with_its_path_and_the_others_go_on(tmp_path: Path) -> None:
    repos = make_fleet(tmp_path / "repos", 2)
    make(
        tmp_path / "repos", {"broken/devopslint.yaml": "ignroe: [k8s-]\n", "broken/Dockerfile": DOCKERFILE, "file": ""}
    )
    repos.write_text(repos.read_text() + "broken\nfile\ngone = acme/gone\n")
    stale = tmp_path / "out/sarif/broken.sarif"
    make(tmp_path / "out", {"sarif/broken.sarif": "{}"})

    code, said, _ = run(repos, "-o", tmp_path / "out", "--exit-zero")

    assert code == 2
    where = tmp_path / "repos"
    assert said.splitlines()[:4] == [
        f"broken: devopslint.yaml:1:1: unknown key 'ignroe'; did you mean 'ignore'? ({where}/broken)",
        f"file: is no folder ({where}/file)",
        f"acme/gone: is not there ({where}/gone)",
        "5 checkouts: 2 examined, 3 not",
    ]
    assert not stale.exists()
    rows = table(tmp_path / "out/scorecard.csv")
    assert [(row["examined"], row["failure"]) for row in rows[1:]] == [
        ("yes", ""),
        ("no", rows[2]["failure"]),
        ("no", "is no folder"),
        ("no", "is not there"),
    ]
    assert rows[4]["errors"] == rows[4]["containerization.size"] == ""


def test_whether_a_run_fails_is_as_each_configuration_says_or_the_command_line(tmp_path: Path) -> None:
    files = {"Dockerfile": 'FROM alpine:3.20\nUSER 1000\nRUN sudo true\nCMD ["sh"]\n'}
    make(tmp_path / "repos/a", files)
    make(tmp_path / "repos/b", files | {"devopslint.yaml": "fail-on: warning\n"})
    out = tmp_path / "out"
    examined(tmp_path / "repos", ["a", "b"], out, select=("docker-sudo",))
    a, b = read_list("a\nb\n", "REPOS.txt", tmp_path / "repos")

    def fails(*checkouts: Checkout, fail_on: str | None = None) -> bool:
        return score(checkouts, {}, Folder(str(out)), fail_on).fails

    assert score([a], {}, Folder(str(out))).lines[0].counts == (0, 1, 0)
    assert not fails(a)
    assert fails(b)
    assert fails(a, b)
    assert fails(a, fail_on="note")
    assert not fails(a, b, fail_on="error")


def test_the_configuration_of_one_repository_is_not_that_of_the_next(tmp_path: Path) -> None:
    pytest.importorskip("cel_expr_python", reason="the extra cel brings rules of one's own")
    own = {
        "devopslint.yaml": "rule-files: [team-missing.yaml]\nignore: [k8s-]\n",
        "team-missing.yaml": OWN_RULE,
        "k8s.yaml": DEPLOYMENT.format(replicas=3),
    }
    make(tmp_path / "repos/a", own)
    make(tmp_path / "repos/b", {"k8s.yaml": DEPLOYMENT.format(replicas=3)})
    repos, alone = tmp_path / "repos", tmp_path / "alone"

    examined(repos, ["b"], alone)
    assert [row.failure for row in examined(repos, ["a", "b"], tmp_path / "out")] == ["", ""]

    first, second = (json.loads((tmp_path / f"out/records/{name}.json").read_text())["rules"] for name in "ab")
    assert first["team-missing"] == [1, 0, 0]
    assert "team-missing" not in second
    assert (tmp_path / "out/sarif/b.sarif").read_bytes() == (alone / "sarif/b.sarif").read_bytes()


def test_a_configuration_and_a_policy_are_named_from_where_the_command_is_given(tmp_path: Path) -> None:
    repos = make_fleet(tmp_path / "repos", 2)
    make(tmp_path / "here", {"fleet.yaml": "select: [docker-missing-user]\n"})
    arguments = command(repos, "--config", "fleet.yaml", "-o", "out")

    subprocess.run(arguments, cwd=tmp_path / "here", env=environment(), capture_output=True, check=False)

    assert [row["rule"] for row in table(tmp_path / "here/out/rules.csv")] == ["docker-missing-user"]
    assert run(repos, "-o", tmp_path / "out", "--config", tmp_path / "no.yaml")[0] == 2


def test_the_folder_of_the_reports_lies_in_no_checkout(tmp_path: Path) -> None:
    repos = make_fleet(tmp_path / "repos", 2)

    code, _, said = run(repos, "-o", tmp_path / "repos/team-0/service-0/out")

    assert code == 2
    assert f"lies in {tmp_path}/repos/team-0/service-0, which would change with every run: name another folder" in said


class TestResuming:
    def test_only_what_has_changed_is_examined_again(self, tmp_path: Path) -> None:
        repos, out = tmp_path / "repos", tmp_path / "out"
        make_fleet(repos, 5)
        names = [f"team-{number % 3}/service-{number}" for number in range(5)]
        examined(repos, names, out)
        before = {path: path.stat().st_mtime_ns for path in (out / "records").iterdir()}

        assert [row.kept for row in examined(repos, names, out, resume=True)] == [True] * 5
        assert {path: path.stat().st_mtime_ns for path in before} == before

        (repos / "team-0/service-0/Dockerfile").write_text(DOCKERFILE + "USER 1000\n")
        [report] = (out / "sarif").glob("team-1-service-1-*")
        report.write_bytes(report.read_bytes()[:-10])
        [checklist] = (out / "checklists").glob("team-2-service-2-*")
        checklist.unlink()
        assert [row.kept for row in examined(repos, names, out, resume=True)] == [False, False, False, True, True]
        examined(repos, names, tmp_path / "fresh")
        assert contents(out) == contents(tmp_path / "fresh")

        rows = examined(repos, names, out, resume=True, ignore=("docker-missing-user",))
        assert [row.kept for row in rows] == [False] * 5

    def test_without_being_asked_nothing_is_taken_over(self, tmp_path: Path) -> None:
        make(tmp_path / "repos/a", {"Dockerfile": DOCKERFILE})

        rows = [examined(tmp_path / "repos", ["a"], tmp_path / "out", resume=asked) for asked in (False, False, True)]

        assert [row.kept for [row] in rows] == [False, False, True]

    def test_what_has_a_last_day_holds_for_its_own_day_only(self, tmp_path: Path) -> None:
        accepted = "# devopslint: allow docker-missing-user -- it is a base, until 2999-01-01\n" + DOCKERFILE
        make(tmp_path / "repos/a", {"Dockerfile": accepted})
        make(tmp_path / "repos/b", {"Dockerfile": DOCKERFILE})
        examined(tmp_path / "repos", ["a", "b"], tmp_path / "out")
        record = tmp_path / "out/records/a.json"
        told = json.loads(record.read_text())
        assert told["day"] == datetime.date.today().isoformat()
        assert json.loads((tmp_path / "out/records/b.json").read_text())["day"] is None

        record.write_text(json.dumps(told | {"day": "2026-01-01"}))

        rows = examined(tmp_path / "repos", ["a", "b"], tmp_path / "out", resume=True)
        assert [row.kept for row in rows] == [False, True]

    @pytest.mark.parametrize("damage", ["{", "[]", '{"form": 0}', '{"form": 1}', "null"])
    def test_a_record_that_is_none_is_made_anew(self, tmp_path: Path, damage: str) -> None:
        make(tmp_path / "repos/a", {"Dockerfile": DOCKERFILE})
        examined(tmp_path / "repos", ["a"], tmp_path / "out")
        before = contents(tmp_path / "out")
        (tmp_path / "out/records/a.json").write_text(damage)

        [row] = examined(tmp_path / "repos", ["a"], tmp_path / "out", resume=True)

        assert not row.kept
        assert not row.failure
        assert contents(tmp_path / "out") == before


@ON_LINUX
class TestInterrupted:
    def test_a_process_that_is_killed_takes_no_report_with_it(self, tmp_path: Path) -> None:
        repos = make_fleet(tmp_path / "repos", 24)
        run(repos, "-o", tmp_path / "whole")
        process = caught(24, tmp_path / "out", repos, "--jobs", 2)

        os.kill(min(children(process.pid)), signal.SIGKILL)
        go(process)

        said, _ = process.communicate()
        assert process.returncode == 1
        assert said.splitlines()[-2] == "24 checkouts: 24 examined, 0 not"
        assert contents(tmp_path / "out") == contents(tmp_path / "whole")

    def test_control_c_ends_it_clean_and_it_goes_on_from_there(self, tmp_path: Path) -> None:
        repos = make_fleet(tmp_path / "repos", 60)
        process = caught(60, tmp_path / "out", repos, "--jobs", 2)

        go(process, signal.SIGINT)  # to all of them, as a terminal does

        # Both pipes have come to their end: no process holds them any more.
        assert process.communicate() == ("", "\ninterrupted\n")
        assert process.returncode == 130
        written = len([*(tmp_path / "out/records").iterdir()])
        assert 0 < written < 60
        assert not (tmp_path / "out/drafts").exists()

        _, _, told = run(repos, "-o", tmp_path / "out", "--resume")
        run(repos, "-o", tmp_path / "whole")
        assert told == f"note: {written} of 60 were examined by an earlier run\n"
        assert contents(tmp_path / "out") == contents(tmp_path / "whole")

    def test_a_run_that_is_killed_leaves_no_process_behind(self, tmp_path: Path) -> None:
        repos = make_fleet(tmp_path / "repos", 60)
        process = caught(60, tmp_path / "out", repos, "--jobs", 2)
        helpers = children(process.pid)
        ends = [os.pidfd_open(child) for child in helpers]

        process.kill()
        go(process)

        import select

        assert len(ends) == 2
        for end in ends:
            assert select.select([end], [], [], 60)[0] == [end]
        process.communicate()


class TestContent:
    def test_all_that_a_run_could_read_tells_one_content_from_another(self, tmp_path: Path) -> None:
        files = {"a/b.txt": "1", "c": "2", ".git/HEAD": "x", "node_modules/x/y.yaml": "3"}
        before = tree_digest(make(tmp_path / "a", files))
        assert tree_digest(make(tmp_path / "b", files)) == before

        for change in ({"a/b.txt": "2"}, {"d": ""}, {".git/info/exclude": "*.yaml"}):
            changed = make(tmp_path / "c", files | change)
            assert tree_digest(changed) != before, change
            shutil.rmtree(changed)
        moved = make(tmp_path / "d", {"a/c": "2", "b.txt": "1", ".git/HEAD": "x", "node_modules/x/y.yaml": "3"})
        assert tree_digest(moved) != before
        (tmp_path / "b/link").symlink_to("c")
        linked = tree_digest(tmp_path / "b")
        (tmp_path / "b/link").unlink()
        (tmp_path / "b/link").symlink_to("a")
        assert before != linked != tree_digest(tmp_path / "b")

    def test_what_no_run_looks_into_does_not_count(self, tmp_path: Path) -> None:
        files = {"a": "1", ".git/HEAD": "x", "node_modules/x/y.yaml": "3"}
        before = tree_digest(make(tmp_path, files))

        make(tmp_path, {".git/HEAD": "y", "node_modules/x/y.yaml": "4"})

        assert tree_digest(tmp_path) == before

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        before = tree_digest(make(tmp_path, {"a": "1"}))

        os.mkfifo(tmp_path / "pipe")

        assert tree_digest(tmp_path) != before


def test_what_comes_back_of_a_checkout_is_small_however_much_is_found(tmp_path: Path) -> None:
    make(tmp_path / "repos/a", {f"svc-{n}/Dockerfile": DOCKERFILE for n in range(200)})

    [row] = examined(tmp_path / "repos", ["a"], tmp_path / "out")

    record = json.loads((tmp_path / "out/records/a.json").read_text())
    assert sum(map(sum, record["rules"].values())) >= 600
    assert len(pickle.dumps(row)) < 300


def test_another_build_examines_nothing(tmp_path: Path) -> None:
    make(tmp_path / "repos/a", {"Dockerfile": DOCKERFILE})
    checkouts = read_list("a\n", "REPOS.txt", tmp_path / "repos")

    [row] = examine_batch(Asked(Folder(str(tmp_path)), "0.0.1+other", False), checkouts)

    assert row.failure == f"it would be examined by another devopslint: {build()}, and not 0.0.1+other"


def test_without_the_extra_the_command_that_installs_it_is_said(tmp_path: Path) -> None:
    repos = make_fleet(tmp_path / "repos", 1)
    without = "import sys; sys.modules['distributed'] = None; sys.argv[0] = 'devopslint'; from devopslint.cli import main; main()"
    arguments = command(repos, "-o", tmp_path / "out", "--scheduler", "tcp://127.0.0.1:1")[3:]

    told = subprocess.run(
        [sys.executable, "-c", without, *arguments], env=environment(), capture_output=True, text=True, check=False
    )

    assert told.returncode == 2
    assert told.stderr.endswith(
        "Error: a scheduler needs Dask, and distributed is not installed: pip install 'devopslint[dask]'\n"
    )
