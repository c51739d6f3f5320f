"""Kept reports: they change how long a run takes, and nothing else."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from devopslint import plain
from devopslint.cache import (
    KEPT_DAYS,
    MOST_JOINS,
    VARIABLE,
    Cache,
    KeptJoin,
    Seen,
    Written,
    clear,
    digest_of,
    folder,
    read_report,
    written_report,
)
from devopslint.catalogue import catalogue
from devopslint.cli import main
from devopslint.config import Config
from devopslint.files import SourceFile
from devopslint.model import Finding, Location, NotChecked, Related, Severity, Suppression, Witness
from devopslint.project import FileReport, Head
from devopslint.run import examine_all, find_scope

FIXTURES = Path(__file__).parent.parent / "fixtures"
TODAY = int(time.time() // 86_400)
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: 'b:1'}]}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pod.yaml").write_text(POD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*options: str) -> tuple[str, int]:
    result = CliRunner().invoke(main, ["--format", "json", *options])
    return result.stdout, result.exit_code


def kept(folder: Path) -> Path:
    (file,) = folder.glob("*.reports")
    return file


@pytest.mark.parametrize("story", sorted(path.name for path in FIXTURES.iterdir() if path.is_dir()))
def test_a_second_run_says_the_same(story: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(FIXTURES / story, tmp_path / story)
    monkeypatch.chdir(tmp_path / story)

    alone, first, second = run("--no-cache"), run(), run()

    assert alone == first == second


def test_what_is_kept_is_not_found_out_again(project: Path, own_cache: Path) -> None:
    scope, config = find_scope(project, [project], Config(), repository=True), Config()
    cache = Cache.of(project)
    assert cache is not None
    marked = FileReport(SourceFile("pod.yaml", "manifest"), not_checked=(NotChecked("pod.yaml", "from the cache"),))
    cache.remember(cache.key(marked.file, digest_of(POD), config.selection("pod.yaml")), written_report(marked))
    cache.save()

    assert examine_all(scope, config, 1, cache=Cache.of(project)) == (marked,)
    assert examine_all(scope, config, 1)[0].not_checked == ()


def test_a_file_that_changes_in_the_course_of_a_run_is_kept_as_it_was(project: Path) -> None:
    (project / "second.yaml").write_text(POD.replace("name: a", "name: second"))
    scope, config = find_scope(project, [project], Config(), repository=True), Config()

    def edit(done: int) -> None:
        if done:
            (project / "pod.yaml").write_text(POD.replace("b:1", "b:latest"))

    before = examine_all(scope, config, 1, edit, Cache.of(project))

    assert examine_all(scope, config, 1, cache=Cache.of(project)) == examine_all(scope, config, 1) != before


def test_a_change_of_the_text_or_of_the_rules_is_found_out(project: Path) -> None:
    before = run()

    assert run("--select", "k8s-latest-tag") == run("--select", "k8s-latest-tag", "--no-cache") != before
    (project / "devopslint.yaml").write_text("rules: {k8s-root-container: note}\n")
    assert run() == run("--no-cache") != before
    (project / "pod.yaml").write_text(POD.replace("b:1", "b:latest"))
    assert run() == run("--no-cache") != before


def test_a_file_that_moves_is_reported_where_it_is(project: Path) -> None:
    run()
    (project / "pod.yaml").rename(project / "moved.yaml")

    report, _ = run()

    assert '"moved.yaml"' in report and '"pod.yaml"' not in report


def test_no_cache_keeps_nothing(project: Path, own_cache: Path) -> None:
    run("--no-cache")

    assert not own_cache.exists()


@pytest.mark.parametrize(
    "damage", [b"", b"nonsense", b"devopslint reports 2\n\0\0\0\0", b"devopslint reports 2\n\0\0\0\0half"]
)
def test_damaged_reports_are_found_out_again(project: Path, own_cache: Path, damage: bytes) -> None:
    expected = run()
    kept(own_cache).write_bytes(damage)

    assert run() == expected
    assert kept(own_cache).read_bytes() != damage


@pytest.mark.skipif(sys.platform == "win32", reason="no such modes")
@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_reports_that_others_may_write_are_not_read(project: Path, own_cache: Path, mode: int) -> None:
    run()
    kept(own_cache).chmod(mode)

    cache = Cache.of(project)

    assert cache is not None and cache.empty


@pytest.mark.skipif(sys.platform == "win32", reason="no such path")
def test_a_place_that_cannot_be_written_to_changes_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = run("--no-cache")
    monkeypatch.setenv(VARIABLE, "/dev/null/reports")

    assert run() == expected


def test_a_user_without_a_home_has_no_cache(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "~/reports")

    assert Cache.of(project) is None
    assert run() == run("--no-cache")
    assert sorted(path.name for path in project.iterdir()) == [".git", "pod.yaml"]


def test_reports_that_nobody_asks_for_are_dropped_in_time(tmp_path: Path) -> None:
    report = FileReport(SourceFile("a", "manifest"))
    asked_for, new, forgotten = (bytes([number]) * 16 for number in range(3))
    long_ago = Cache(tmp_path / "a.reports", TODAY - KEPT_DAYS - 1)
    long_ago.remember(asked_for, written_report(report))
    long_ago.remember(forgotten, written_report(report))
    long_ago.save()
    cache = Cache(tmp_path / "a.reports", TODAY)
    assert cache.recall(asked_for) == report
    cache.remember(new, written_report(report))

    cache.save()

    later = Cache(tmp_path / "a.reports", TODAY)
    assert [later.recall(key) for key in (asked_for, new, forgotten)] == [report, report, None]


def test_projects_that_are_gone_are_dropped_in_time(project: Path, own_cache: Path) -> None:
    own_cache.mkdir()
    gone, interrupted, letter = (own_cache / name for name in ("a.reports", "a.reports.71", "letter.txt"))
    for old in (gone, interrupted, letter):
        old.write_bytes(b"")
        os.utime(old, (0, 0))

    run()

    assert letter.exists(), "it is none of ours"
    assert not gone.exists() and not interrupted.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no such modes")
def test_reports_are_their_users_alone_whatever_is_usual(project: Path, own_cache: Path) -> None:
    usual = os.umask(0)
    try:
        run()
    finally:
        os.umask(usual)

    assert kept(own_cache).stat().st_mode & 0o777 == 0o600
    assert own_cache.stat().st_mode & 0o777 == 0o700


def test_processes_change_nothing(tmp_path: Path) -> None:
    """In a program of its own: beside the threads of a test run none is forked."""
    for number in range(40):
        (tmp_path / f"pod{number}.yaml").write_text(POD.replace("name: a", f"name: a{number}"))
    command = [sys.executable, "-m", "devopslint", "--no-config", "--no-cache", "--format", "json"]

    reports = [
        subprocess.run([*command, "--jobs", jobs, tmp_path], capture_output=True, text=True, check=False).stdout
        for jobs in ("1", "2", "5")
    ]

    assert '"pod39.yaml"' in reports[0]
    assert reports[0] == reports[1] == reports[2]


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may become a user whom nobody knows"
)
def test_a_user_whom_the_system_does_not_know_has_no_cache() -> None:
    code = "import os, platformdirs.unix; from devopslint.cache import folder; os.setuid(54321); print(folder())"
    nowhere = {key: value for key, value in os.environ.items() if key not in ("HOME", "XDG_CACHE_HOME", VARIABLE)}

    result = subprocess.run([sys.executable, "-c", code], env=nowhere, capture_output=True, text=True, check=False)

    assert result.stdout == "None\n", result.stderr


def test_a_report_is_kept_for_the_kind_that_the_file_had(project: Path) -> None:
    cache = Cache.of(project)
    assert cache is not None
    selection, digest = Config().selection("pod.yaml"), digest_of(POD)

    keys = {cache.key(SourceFile("pod.yaml", kind), digest, selection) for kind in ("manifest", "compose")}

    assert len(keys) == 2


def test_reports_of_another_user_are_not_read(project: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    assert Cache.of(project).empty is False  # type: ignore[union-attr]  # the folder is there

    somebody = own_cache.stat().st_uid + 1
    monkeypatch.setattr(os, "getuid", lambda: somebody)

    assert Cache.of(project).empty is True  # type: ignore[union-attr]


@pytest.mark.parametrize("place", [".cache", "link/cache"])
def test_a_folder_inside_the_project_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    (project / "real").mkdir()
    (project / "link").symlink_to("real")
    monkeypatch.setenv(VARIABLE, str(project / place))

    result = CliRunner().invoke(main, ["pod.yaml", "--format", "json"])

    assert result.stderr == (
        f"note: nothing is kept for the next run: the cache folder {project / place} lies inside the project, "
        "where a commit could put reports into it; DEVOPSLINT_CACHE_DIR names another\n"
    )
    assert not (project / place).exists()
    assert result.stdout == run("pod.yaml", "--no-cache")[0]


def test_a_report_that_was_planted_in_the_project_is_not_believed(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    expected = run("--no-cache")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.setenv(VARIABLE, str(elsewhere))
    cache, config = Cache.of(project), Config()
    assert cache is not None
    harmless = FileReport(SourceFile("pod.yaml", "manifest"))
    cache.remember(cache.key(harmless.file, digest_of(POD), config.selection("pod.yaml")), written_report(harmless))
    cache.save()
    assert run() != expected
    shutil.copytree(elsewhere, project / ".cache")

    monkeypatch.setenv(VARIABLE, str(project / ".cache"))

    assert run() == expected


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_in_the_place_of_kept_reports_stops_no_run(project: Path, own_cache: Path) -> None:
    expected = run()
    file = kept(own_cache)
    file.unlink()
    os.mkfifo(file)

    command = [sys.executable, "-m", "devopslint", "--format", "json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert (result.stdout, result.returncode) == expected
    assert file.is_file()


def test_a_draft_that_was_left_behind_keeps_nobody_from_saving(project: Path, own_cache: Path) -> None:
    run()
    file = kept(own_cache)
    file.with_name(f"{file.name}.{os.getpid()}").write_bytes(b"half")
    file.unlink()

    run()

    assert file.is_file()


def two_reports(folder: Path) -> tuple[Path, bytes, FileReport]:
    """A file of kept reports with two in it, the key of the first, and that report."""
    file, report = folder / "a.reports", FileReport(SourceFile("a", "manifest"))
    cache = Cache(file, TODAY)
    for key in (b"a" * 16, b"b" * 16):
        cache.remember(key, written_report(report))
    cache.save()
    return file, b"a" * 16, report


@pytest.mark.parametrize(("old", "new"), [(b"manifest", b"mamifest"), (b"a" * 16, b"c" * 16)])
def test_reports_that_are_not_as_they_were_written_are_not_believed(tmp_path: Path, old: bytes, new: bytes) -> None:
    file, key, report = two_reports(tmp_path)
    assert Cache(file, TODAY).recall(key) == report
    assert old in file.read_bytes()

    file.write_bytes(file.read_bytes().replace(old, new, 1))

    found = [Cache(file, TODAY).recall(letter * 16) for letter in (b"a", b"b", b"c")]
    assert found[2] is None and found.count(report) == 1


def test_reports_of_another_form_are_not_read(tmp_path: Path) -> None:
    file, _, _ = two_reports(tmp_path)
    assert not Cache(file, TODAY).empty
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA user_version = 2")

    assert Cache(file, TODAY).empty


@pytest.mark.parametrize("table", ["files", "reports", "bodies", "told"])
def test_tables_that_are_not_there_are_made_anew(project: Path, own_cache: Path, table: str) -> None:
    expected = run()
    with contextlib.closing(sqlite3.connect(kept(own_cache))) as database:
        database.execute(f"DROP TABLE {table}")

    assert run() == expected
    assert run() == expected
    with contextlib.closing(sqlite3.connect(kept(own_cache))) as database:
        assert database.execute("SELECT count(*) FROM bodies").fetchone() == (1,)


def test_reports_beyond_some_size_are_dropped_and_the_last_asked_for_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = FileReport(SourceFile("a", "manifest"), not_checked=(NotChecked("a", "long" * 100_000),))
    written = written_report(report)
    assert written is not None
    monkeypatch.setattr("devopslint.cache.LARGEST", 2 * written.size)
    for key, day in ((b"a" * 16, TODAY - 2), (b"b" * 16, TODAY), (b"c" * 16, TODAY - 1)):
        cache = Cache(tmp_path / "a.reports", day)
        cache.remember(key, written)
        cache.save()

    kept = Cache(tmp_path / "a.reports", TODAY)

    assert [kept.recall(letter * 16) for letter in (b"a", b"b", b"c")] == [None, report, report]


def test_of_one_day_those_that_were_written_last_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = FileReport(SourceFile("a", "manifest"), not_checked=(NotChecked("a", "long" * 100_000),))
    written = written_report(report)
    assert written is not None
    monkeypatch.setattr("devopslint.cache.LARGEST", 2 * written.size)
    for key in (b"a" * 16, b"b" * 16, b"c" * 16):
        cache = Cache(tmp_path / "a.reports", TODAY)
        cache.remember(key, written)
        cache.save()

    kept = Cache(tmp_path / "a.reports", TODAY)

    assert [kept.recall(letter * 16) for letter in (b"a", b"b", b"c")] == [None, report, report]


@pytest.mark.parametrize(("days", "stays"), [(KEPT_DAYS, True), (KEPT_DAYS + 1, False)])
def test_a_report_is_kept_for_so_many_days(tmp_path: Path, days: int, stays: bool) -> None:
    report = FileReport(SourceFile("a", "manifest"))
    old = Cache(tmp_path / "a.reports", TODAY - days)
    old.remember(b"a" * 16, written_report(report))
    old.save()
    between = Cache(tmp_path / "a.reports", TODAY)
    between.remember(b"b" * 16, written_report(report))
    between.save()

    assert (Cache(tmp_path / "a.reports", TODAY).recall(b"a" * 16) == report) is stays


def test_where_nothing_is_new_nothing_is_written(tmp_path: Path) -> None:
    Cache(tmp_path / "a.reports", TODAY).save()
    assert not (tmp_path / "a.reports").exists()

    file, key, _ = two_reports(tmp_path)
    before = file.stat()
    cache = Cache(file, TODAY)
    cache.recall(key)
    cache.save()

    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_is_saved_is_saved_once(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "a.reports", TODAY)
    cache.remember(b"a" * 16, written_report(FileReport(SourceFile("a", "manifest"))))
    cache.save()
    (tmp_path / "a.reports").unlink()

    cache.save()

    assert not (tmp_path / "a.reports").exists()


@pytest.mark.parametrize("missing", ["", "deeper/and/deeper"])
def test_a_draft_lies_where_the_reports_will(tmp_path: Path, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file can take another's place only on one disk."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    file = tmp_path / missing / "a.reports"
    cache = Cache(file, TODAY)
    cache.remember(b"a" * 16, written_report(FileReport(SourceFile("a", "manifest"))))

    cache.save()

    assert [path.name for path in file.parent.iterdir()] == ["a.reports"]


def test_each_project_has_reports_of_its_own(tmp_path: Path, own_cache: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        cache = Cache.of(tmp_path / name)
        assert cache is not None
        cache.remember(name.encode() + b"a" * 13, written_report(FileReport(SourceFile(name, "manifest"))))
        cache.save()

    again = Cache.of(tmp_path / "one")

    assert again is not None
    assert again.recall(b"onea" + b"a" * 12) == FileReport(SourceFile("one", "manifest"))
    assert again.recall(b"twoa" + b"a" * 12) is None
    assert len([*own_cache.iterdir()]) == 2


def test_what_is_no_report_is_found_out_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "a.reports", TODAY)
    cache.remember(b"a" * 16, Written(b"[]", b'["a","manifest","",[],[]]\n' + plain.write(SourceFile("a", "manifest"))))
    cache.remember(b"c" * 16, Written(plain.write("nothing"), b'["a","manifest","",[],[]]'))

    assert [cache.recall(letter * 16) for letter in (b"a", b"b", b"c")] == [None] * 3
    assert [cache.recall_told(letter * 16) for letter in (b"a", b"b", b"c")] == [(), None, None]


def test_a_report_is_kept_whole() -> None:
    at = Location("a", 1, 2, 3, 4, True, "\udcff")
    rule = catalogue()["k8s-latest-tag"].rule
    plain_one = FileReport(
        SourceFile("\udcff.yaml", "manifest"), subjects=(("k8s-latest-tag", 2),), sound=(("a", "b", at),)
    )
    full = Finding(rule, Severity.NOTE, at, "says '\u2028'", (Related(at, "here"),), "Pod/a", "", None, (at, at))

    for report in (
        plain_one,
        plain_one._replace(findings=(full, full._replace(related=(), bases=(), severity=Severity.ERROR))),
        plain_one._replace(hidden=(at,), aspects=("monitoring-objects",), summaries=(Witness("a", at, "b"),)),
        plain_one._replace(suppressions=(Suppression(("*",), at, None),), findings=(full,)),
    ):
        written = written_report(report)
        assert written is not None
        assert read_report(written) == report
    settled = full._replace(suppressed=Suppression(("*",), at, None))
    assert written_report(plain_one._replace(findings=(settled,))) is None


def test_what_reports_tell_is_had_of_one_and_of_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devopslint.cache.FEW", 2)
    keys, at = [bytes([number]) * 16 for number in range(6)], Location("a", 1, 1, 1, 2)
    cache = Cache(tmp_path / "a.reports", TODAY)
    for number, key in enumerate(keys):
        told = (Witness("kubernetes.probes", at, f"witness {number}"),) * min(number, 1)
        cache.remember(key, written_report(FileReport(SourceFile("a", "manifest"), summaries=told)))
    cache.save()
    with contextlib.closing(sqlite3.connect(tmp_path / "a.reports")) as database, database:
        database.execute("UPDATE told SET written = ? WHERE id = 5", (b"[]",))
        assert database.execute("SELECT count(*) FROM told").fetchone() == (6,)

    again = Cache(tmp_path / "a.reports", TODAY)
    heard = [again.recall_told(key) for key in (*keys[:5], keys[3])]

    one, two, three = ((Witness("kubernetes.probes", at, f"witness {number}"),) for number in (1, 2, 3))
    assert heard == [(), one, two, three, None, three]
    assert again.recall(keys[4]) is None


def test_a_name_that_is_no_text_has_a_key_too(project: Path) -> None:
    cache = Cache.of(project)
    assert cache is not None
    selection, digest = Config().selection(""), digest_of(POD)

    keys = {
        cache.key(SourceFile(os.fsdecode(name), "manifest"), digest, selection)
        for name in (b"a\xff.yaml", b"a\xfe.yaml")
    }

    assert len(keys) == 2


@pytest.mark.parametrize(("days", "stays"), [(2 * KEPT_DAYS - 1, True), (2 * KEPT_DAYS + 1, False)])
def test_reports_of_projects_stay_for_so_many_days(project: Path, own_cache: Path, days: int, stays: bool) -> None:
    own_cache.mkdir()
    other = own_cache / "other.reports"
    other.write_bytes(b"")
    os.utime(other, ((TODAY - days) * 86_400, (TODAY - days) * 86_400))

    run()

    assert other.exists() is stays


def test_what_is_kept_can_be_cleared(project: Path, own_cache: Path) -> None:
    assert clear() == (0, 0)
    run()
    (own_cache / "letter.txt").write_text("not ours")
    size = kept(own_cache).stat().st_size

    assert clear() == (1, size)
    assert [path.name for path in own_cache.iterdir()] == ["letter.txt"]


def test_texts_that_differ_in_what_no_encoding_explains_differ_in_their_digest() -> None:
    digests = {digest_of(POD), digest_of(POD, 3), digest_of(POD, 4), digest_of(f"{POD}\ud800"), digest_of("")}

    assert len(digests) == 5
    assert {len(one) for one in digests} == {16}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere caches lie elsewhere")
def test_reports_are_kept_among_the_users_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert folder() == tmp_path / "devopslint"


def test_a_user_without_a_home_has_nothing_to_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "~/reports")

    assert clear() == (0, 0)


def test_a_file_of_reports_that_is_far_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, _, _ = two_reports(tmp_path)
    size = file.stat().st_size

    monkeypatch.setattr("devopslint.cache.LARGEST", size // 2 + 1)
    assert not Cache(file, TODAY).empty
    monkeypatch.setattr("devopslint.cache.LARGEST", size // 2 - 1)
    assert Cache(file, TODAY).empty


def seen(number: int, kind: str | None = "manifest", claimed: str | None = None) -> Seen:
    return Seen((number, 2, 3, 4), bytes([number]) * 16, kind, claimed)


def test_what_a_file_was_is_known_to_later_runs(tmp_path: Path) -> None:
    files = {"a": seen(1), os.fsdecode(b"b\xff"): seen(2, None, ""), "c": seen(3, "dockerfile", "compose")}
    cache = Cache(tmp_path / "a.reports", TODAY)
    for path, one in files.items():
        cache.note(path, one)
    assert cache.seen("a") is None, "it is what earlier runs have seen"

    cache.save()

    again = Cache(tmp_path / "a.reports", TODAY)
    assert {path: again.seen(path) for path in files} == files
    assert again.seen("d") is None
    assert again.empty, "there is no report"


def kept_after(folder: Path, *, asked: bool, days: int) -> bool:
    """Whether a file that was seen once is known so many days later, where a run in between asks for it or not."""
    file = folder / f"{asked}{days}.reports"
    for day, path in ((TODAY, "a"), (TODAY + 20, "b"), (TODAY + days, "c")):
        cache = Cache(file, day)
        if asked and path == "b":
            assert cache.seen("a") == seen(1)
        cache.note(path, seen(1))
        cache.save()
    return Cache(file, TODAY + days).seen("a") is not None


def test_a_file_that_no_run_asks_for_is_forgotten_in_time(tmp_path: Path) -> None:
    assert kept_after(tmp_path, asked=False, days=KEPT_DAYS)
    assert not kept_after(tmp_path, asked=False, days=KEPT_DAYS + 1)
    assert kept_after(tmp_path, asked=True, days=KEPT_DAYS + 20)
    assert not kept_after(tmp_path, asked=True, days=KEPT_DAYS + 21)


@pytest.mark.parametrize(
    "change",
    [
        "size = 9",
        "modified = 9",
        "changed = 9",
        "number = 9",
        "digest = x'00'",
        "kind = 'compose'",
        "claimed = 'compose'",
        "path = x'62'",
    ],
)
def test_what_is_kept_of_a_file_is_believed_as_it_was_written(tmp_path: Path, change: str) -> None:
    cache = Cache(tmp_path / "a.reports", TODAY)
    cache.note("a", seen(1))
    cache.note("z", seen(2))
    cache.save()
    with contextlib.closing(sqlite3.connect(tmp_path / "a.reports")) as database, database:
        database.execute(f"UPDATE files SET {change} WHERE path = x'61'")

    again = Cache(tmp_path / "a.reports", TODAY)

    assert (again.seen("a"), again.seen("b"), again.seen("z")) == (None, None, seen(2))


def test_the_head_of_a_report_is_known_without_reading_it(tmp_path: Path) -> None:
    heads = {b"a" * 16: Head(("monitoring-objects",), True, False), b"b" * 16: Head((), False, True)}
    written = written_report(FileReport(SourceFile("a", "manifest")))
    cache = Cache(tmp_path / "a.reports", TODAY)
    for key, head in heads.items():
        cache.remember(key, written, head)
    cache.remember(b"c" * 16, written)

    cache.save()

    for one in (cache, Cache(tmp_path / "a.reports", TODAY)):
        assert {key: one.head(key) for key in heads} == heads
        assert (one.head(b"c" * 16), one.head(b"d" * 16)) == (Head(), None)
        assert not one.empty


def test_a_report_that_is_remembered_again_takes_the_place_of_the_first(tmp_path: Path) -> None:
    first, second = (FileReport(SourceFile(path, "manifest")) for path in ("a", "b"))
    for report in (first, second):
        cache = Cache(tmp_path / "a.reports", TODAY)
        cache.remember(b"a" * 16, written_report(report))
        assert cache.recall(b"a" * 16) == report
        cache.save()

    assert Cache(tmp_path / "a.reports", TODAY).recall(b"a" * 16) == second
    with contextlib.closing(sqlite3.connect(tmp_path / "a.reports")) as database:
        assert database.execute("SELECT count(*) FROM bodies").fetchone() == (1,)


def joining(scope: bytes, cache: Cache) -> Callable[..., list[tuple[str, int | None, bytes]]]:
    return lambda *paths: sorted(cache.joined_with(scope, paths))


ROWS: dict[str, tuple[int | None, bytes]] = {"a": (0, b"of a"), "b": (None, b"of b"), "c": (1, b""), "": (2, b"all")}


def test_what_files_say_together_is_kept_at_once_by_scope(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "a.reports", TODAY)
    cache.keep_join(KeptJoin(b"one", b"parts", b"whole"), ROWS)
    assert cache.kept_join(b"one") is None, "there is no file yet"
    cache.note("a", seen(1))
    cache.save()

    cache.keep_join(KeptJoin(b"one", b"parts", b"whole"), ROWS)
    cache.keep_join(KeptJoin(b"two", b"others", b"all"), {"a": (5, b"else")})

    for one in (cache, Cache(tmp_path / "a.reports", TODAY)):
        assert one.kept_join(b"one") == (b"one", b"parts", b"whole")
        assert one.kept_join(b"two") == (b"two", b"others", b"all")
        assert one.kept_join(b"three") is None
        told = joining(b"one", one)
        assert told("a", "b", "none") == [("a", 0, b"of a"), ("b", None, b"of b")]
        assert told("") == [("", 2, b"all")]
        assert joining(b"two", one)("a", "b", "c") == [("a", 5, b"else")]


def test_of_many_files_as_much_is_told_as_of_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path / "a.reports", TODAY)
    cache.note("a", seen(1))
    cache.save()
    cache.keep_join(KeptJoin(b"one", b"parts", b"whole"), ROWS)
    cache.keep_join(KeptJoin(b"two", b"parts", b"whole"), {"a": (7, b"x")})
    few = joining(b"one", cache)("a", "c", "none")

    monkeypatch.setattr("devopslint.cache.FEW", 3)

    assert joining(b"one", cache)("a", "c", "none") == few == [("a", 0, b"of a"), ("c", 1, b"")]


def test_of_what_files_say_together_the_last_few_configurations_are_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "a.reports", TODAY)
    cache.note("a", seen(1))
    cache.save()
    for number in range(MOST_JOINS + 1):
        cache.keep_join(KeptJoin(bytes([number]), b"parts", b"first"), ROWS)
    cache.keep_join(KeptJoin(bytes([MOST_JOINS]), b"others", b"second"), {"b": (3, b"new")})

    kept = [cache.kept_join(bytes([number])) for number in range(MOST_JOINS + 1)]
    assert kept == [
        None,
        *((bytes([number]), b"parts", b"first") for number in range(1, MOST_JOINS)),
        (bytes([MOST_JOINS]), b"others", b"second"),
    ]
    assert joining(bytes([MOST_JOINS]), cache)("a", "b") == [("b", 3, b"new")]
    assert joining(b"\0", cache)("a", "b") == []
    with contextlib.closing(sqlite3.connect(tmp_path / "a.reports")) as database:
        (rows,) = database.execute("SELECT count(*) FROM joined").fetchone()
    assert rows == (MOST_JOINS - 1) * len(ROWS) + 1


@pytest.mark.parametrize("change", ["written = x'00'", "profile = 9", "path = x'62'"])
def test_a_part_of_what_is_said_together_that_is_damaged_is_said_to_be(tmp_path: Path, change: str) -> None:
    cache = Cache(tmp_path / "a.reports", TODAY)
    cache.note("a", seen(1))
    cache.save()
    cache.keep_join(KeptJoin(b"one", b"parts", b"whole"), {"a": (0, b"of a")})
    with contextlib.closing(sqlite3.connect(tmp_path / "a.reports")) as database, database:
        database.execute(f"UPDATE joined SET {change}")

    with pytest.raises(ValueError, match=r"^is damaged$"):
        joining(b"one", cache)("a", "b")


@pytest.mark.parametrize("change", ["written = x'00'", "parts = x'00'", "scope = x'6f6e65', checksum = 1"])
def test_what_is_said_together_and_damaged_is_not_believed(tmp_path: Path, change: str) -> None:
    cache = Cache(tmp_path / "a.reports", TODAY)
    cache.note("a", seen(1))
    cache.save()
    cache.keep_join(KeptJoin(b"one", b"parts", b"whole"), {})
    assert cache.kept_join(b"one") is not None
    with contextlib.closing(sqlite3.connect(tmp_path / "a.reports")) as database, database:
        database.execute(f"UPDATE joins SET {change}")

    assert cache.kept_join(b"one") is None


def test_a_file_that_another_run_holds_is_left_to_it_and_what_is_damaged_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devopslint.cache.PATIENCE", 0.0)
    file, key, report = two_reports(tmp_path)
    cache = Cache(file, TODAY)
    cache.remember(b"c" * 16, written_report(report))
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        cache.save()
        other.execute("ROLLBACK")

    assert Cache(file, TODAY).recall(key) == report
    assert Cache(file, TODAY).recall(b"c" * 16) is None
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        database.execute("ALTER TABLE bodies RENAME COLUMN written TO other")
    assert Cache(file, TODAY).recall(key) is None
    assert not file.exists()


def test_what_this_run_has_found_out_outlives_a_damaged_file(tmp_path: Path) -> None:
    file, key, report = two_reports(tmp_path)
    cache = Cache(file, TODAY)
    cache.remember(b"c" * 16, written_report(report))
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        database.execute("DROP TABLE bodies")
    assert cache.recall(key) is None

    assert cache.recall(b"c" * 16) == report
    cache.save()

    again = Cache(file, TODAY)
    assert [again.recall(one) for one in (key, b"b" * 16, b"c" * 16)] == [None, None, report]


def test_reports_of_other_rules_programs_and_texts_have_other_keys(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, file, digest = Cache.of(project), SourceFile("pod.yaml", "manifest"), digest_of(POD)
    assert cache is not None
    selection, other = (Config().selecting([name]).selection("") for name in ("k8s-latest-tag", "k8s-root-container"))

    keys = [
        cache.key(file, digest, selection),
        cache.key(file, digest_of(f"{POD} "), selection),
        cache.key(file, digest, other),
        cache.key(SourceFile("pod2.yaml", "manifest"), digest, selection),
    ]
    for name, value in (("__version__", "9.9"), ("stamp", lambda: "other")):
        with monkeypatch.context() as patch:
            patch.setattr(f"devopslint.cache.{name}", value)
            keys.append(Cache(project / "x.reports", TODAY).key(file, digest, selection))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version", "4.0")
        keys.append(Cache(project / "x.reports", TODAY).key(file, digest, selection))

    assert len(set(keys)) == len(keys)
    assert {len(key) for key in keys} == {16}
    assert Cache(project / "x.reports", TODAY).key(file, digest, dict(selection)) == keys[0]


def test_a_report_that_nothing_can_write_down_is_none() -> None:
    assert written_report(FileReport(SourceFile("a", "manifest"), summaries=(object(),))) is None


def test_a_python_without_a_database_keeps_nothing_and_says_the_same(project: Path, own_cache: Path) -> None:
    expected = run("--no-cache")
    program = "import sys; sys.modules['sqlite3'] = None; from devopslint.cli import main; main(['--format', 'json'])"

    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (result.stdout, result.returncode) == expected, result.stderr
    assert not own_cache.exists()


def test_the_cache_of_today_knows_which_day_it_is(project: Path) -> None:
    written = written_report(FileReport(SourceFile("a", "manifest")))
    cache = Cache.of(project)
    assert cache is not None
    cache.remember(b"a" * 16, written)
    cache.save()
    (file,) = Path(os.environ[VARIABLE]).iterdir()

    with contextlib.closing(sqlite3.connect(file)) as database:
        (day,) = database.execute("SELECT day FROM reports").fetchone()
    assert TODAY <= day <= int(time.time() // 86_400)
    assert len(file.name) == 32 + len(".reports")
