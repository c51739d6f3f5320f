"""Which files a run sees, of which kind they are, and how their bytes become text."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devopslint.files import (
    BEGINNING,
    COARSEST,
    LARGEST,
    Tree,
    beginning_of,
    characters,
    classify,
    could_be_known,
    decode,
    find_files,
    find_root,
    glob_finder,
    glob_matcher,
    is_settled,
    may_be_link_as_text,
    place,
    read_file,
    read_named,
    status_of,
)
from devopslint.model import NotChecked
from devopslint.readers.gitignore import MOST_WILDCARDS

MANIFEST = "apiVersion: v1\nkind: Pod\n"


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("Dockerfile", None, "dockerfile"),
        ("jenkinsfiles/nightly", None, "jenkinsfile"),
        ("Jenkinsfiles/release.groovy", None, "jenkinsfile"),
        ("docker/Dockerfile.prod", None, "dockerfile"),
        ("api.dockerfile", None, "dockerfile"),
        ("Containerfile", None, "dockerfile"),
        ("Dockerfile.md", None, None),
        ("Dockerfile.prod", "RUN make\n", "dockerfile"),
        ("Dockerfile.prod", "", "dockerfile"),
        ("Dockerfile.rego", "package docker\n\nimport rego.v1\n", None),
        ("Dockerfile.broken", "FORM alpine\n\nFROM alpine\n", "dockerfile"),
        ("Dockerfile.go", "# syntax=docker/dockerfile:1\n\nFROM golang:1.25\n", "dockerfile"),
        ("dockerfile.go", "package dockerfile\n", None),
        ("dockerfile.go", None, None),
        ("Dockerfile.py", "FROM python:3.13\n", None),
        ("Dockerfile.dockerignore", None, "dockerignore"),
        (".dockerignore", None, "dockerignore"),
        (".github/workflows/ci.yml", None, "workflow"),
        ("sub/.github/workflows/ci.yaml", None, "workflow"),
        (".github/workflows/nested/ci.yml", "on: push\n", None),
        ("action.yml", None, "action"),
        ("compose.yaml", None, "compose"),
        ("docker-compose.prod.yml", None, "compose"),
        ("k8s/app.yaml", MANIFEST, "manifest"),
        ("k8s/app.yaml", "kind: Pod\n", None),
        ("k8s/app.json", '{"apiVersion": "v1", "kind": "Pod"}', "manifest"),
        ("k8s/app.yaml", "# apiVersion and kind in words\nname: x\n", None),
        ("k8s/list.yaml", "- apiVersion: v1\n  kind: Pod\n", "manifest"),
        ("k8s/app.yaml", "# words\n---\nmetadata: {}\nkind: Pod\napiVersion: v1\n", "manifest"),
        ("k8s/app.yaml", "\ufeff  apiVersion: v1\n  kind: Pod\n", "manifest"),
        ("k8s/app.yaml", "{apiVersion: v1, kind: Pod}\n", "manifest"),
        ("k8s/app.yaml", "a: 1\n---\napiVersion: v1\nkind: Pod\n", "manifest"),
        ("k8s/app.yaml", "%YAML 1.1\n---\napiVersion: v1\nkind: Pod\n", "manifest"),
        ("rules/app.yaml", "bad:\n  - pod.yaml: |\n      apiVersion: v1\n      kind: Pod\n", None),
        ("values.yaml", "extra:\n  apiVersion: v1\n  kind: Pod\n", "helm-values"),
        ("kustomization.yaml", None, "kustomization"),
        ("README.md", MANIFEST, "document"),
    ],
)
def test_a_files_kind_follows_from_its_name_and_its_first_words(path: str, text: str | None, kind: str | None) -> None:
    assert classify(path, text) == kind


@pytest.mark.parametrize(
    ("data", "text", "first_bad"),
    [
        ("grüße".encode(), "grüße", None),
        ("\ufeffa".encode(), "\ufeffa", None),
        ("a: ü".encode("utf-16"), "a: ü", None),
        (b"a: \xe9b", "a: \ufffdb", 3),
        ("ä: ".encode() + b"\xff", "ä: \ufffd", 3),
        (b"", "", None),
    ],
)
def test_text_is_read_whatever_its_encoding(data: bytes, text: str, first_bad: int | None) -> None:
    assert decode(data) == (text, first_bad)


@given(st.binary())
def test_any_bytes_are_some_text(data: bytes) -> None:
    text, first_bad = decode(data)

    assert first_bad is None or first_bad < len(text)


def make(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(MANIFEST)


def test_gitignore_is_heeded_as_git_does(tmp_path: Path) -> None:
    make(
        tmp_path, "a.yaml", "build/b.yaml", "keep/build/c.yaml", "sub/d.yaml", "sub/e.yaml", "sub/deep/f.yaml", "g.yaml"
    )
    (tmp_path / ".gitignore").write_text("/build/\ng.yaml\n!keep/g.yaml\n")
    (tmp_path / "sub" / ".gitignore").write_text("*.yaml\n!e.yaml\n")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    listed = subprocess.run(
        ["git", "-C", tmp_path, "ls-files", "--others", "--exclude-standard", "*.yaml"],
        check=True,
        capture_output=True,
        text=True,
    )

    found = find_files(tmp_path, tmp_path).files

    assert sorted(found) == sorted(listed.stdout.split())
    assert "sub/e.yaml" in found


def test_a_walk_below_the_root_heeds_the_ignore_files_above(tmp_path: Path) -> None:
    make(tmp_path, "sub/a.yaml", "sub/b.yaml")
    (tmp_path / ".gitignore").write_text("sub/b.yaml\n")

    assert find_files(tmp_path, tmp_path / "sub").files == ("sub/a.yaml",)


@pytest.mark.parametrize(
    "content",
    [
        b"*\n!*/\n!*.yml\n",
        b"in/**\n!in/a.yml\n",
        b"in/\n!in/a.yml\n",
        b"!\nin/\n",
        b"in\\\n[z-a].yml\n",
        b"[^[:upper:]].yml\n",
        b"[![:lower:]].y?l\n[[:foo:]]*\n",
        b"a.yml\t\nb.yml  \n\\ .yml\n",
        b"\xef\xbb\xbfa.yml\r\n!b.yml\r\n",
        b"in/a**/b.yml\nin/ab**\n",
        b"/*\n!/in\n/in/*\n!/in/ab\n",
        b"**/ab/*\n!a.yml\nI*/\n",
        "?.yml\n[é].yml\n".encode(),
        b"i[/]n\n*[a/b]*.yml\n",
        b"\\#a.yml\n\\!a.yml\n",
        b"in//a.yml\n./a.yml\n//\n",
        b"*.yml\n!*.yml/\n!b.yml/\n",
        b"*b.yml\n!*.yml\n*b.yml/\na.yml\na.yml/\n!a.yml/\n",
    ],
)
def test_a_gitignore_keeps_what_git_keeps(tmp_path: Path, content: bytes) -> None:
    names = ("a.yml", "b.yml", "A.yml", "é.yml", "#a.yml", "!a.yml", " .yml", "z.yml")
    make(tmp_path, *(f"{folder}{name}" for folder in ("", "in/", "in/ab/", "In/") for name in names))
    (tmp_path / ".gitignore").write_bytes(content)
    (tmp_path / "in" / "ab" / ".gitignore").write_bytes(b"b*\n!A.yml\n")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    listed = subprocess.run(
        ["git", "-C", tmp_path, "ls-files", "-z", "--others", "--exclude-standard", "*.yml"],
        check=True,
        capture_output=True,
    )

    assert set(find_files(tmp_path, tmp_path).files) == set(os.fsdecode(listed.stdout).split("\0")) - {""}


def test_patterns_beyond_what_each_path_is_held_against_ignore_nothing_and_are_listed(tmp_path: Path) -> None:
    make(tmp_path, "a.yaml", "sub/a.yaml", "sub/x.yaml")
    wildcards = "".join(f"x{number}*y\n" for number in range(MOST_WILDCARDS - 1))
    (tmp_path / ".gitignore").write_text(f"{wildcards}[a].yaml\n")
    (tmp_path / "sub" / ".gitignore").write_text("[x].yaml\n")

    found = find_files(tmp_path, tmp_path)

    assert found.files == ("sub/x.yaml",)
    assert found.not_checked == (
        NotChecked("sub/.gitignore", "it makes more than 1,000 patterns with wildcards: what it ignores is looked at"),
    )


def test_an_ignored_folder_that_is_named_is_walked(tmp_path: Path) -> None:
    make(tmp_path, "build/deep/a.yaml", "build/b.yaml")
    (tmp_path / ".gitignore").write_text("build/\n")

    assert find_files(tmp_path, tmp_path).files == ()
    assert find_files(tmp_path, tmp_path / "build").files == ("build/b.yaml", "build/deep/a.yaml")
    assert find_files(tmp_path, tmp_path).ignored
    assert not find_files(tmp_path, tmp_path / "build").ignored


def test_a_link_that_names_a_dockerfile_is_followed_within_the_tree(tmp_path: Path) -> None:
    make(tmp_path, "in/recipe.txt", "in/Dockerfile.base", "in/k8s/a.yaml", "out.txt")
    root = tmp_path / "in"
    (root / "Dockerfile").symlink_to("recipe.txt")
    (root / "dev.Dockerfile").symlink_to("Dockerfile.base")
    (root / "prod.Dockerfile").symlink_to("../out.txt")
    (root / "gone.Dockerfile").symlink_to("gone")
    (root / "k8s" / "b.yaml").symlink_to("a.yaml")
    (root / "k8s" / "c.yaml").symlink_to("../recipe.txt")
    (root / "shared").symlink_to("..")

    found = find_files(root, root)

    assert found.files == ("Dockerfile", "Dockerfile.base", "k8s/a.yaml")
    assert found.passed_over == (
        "dev.Dockerfile",
        "gone.Dockerfile",
        "k8s/b.yaml",
        "k8s/c.yaml",
        "prod.Dockerfile",
        "shared/",
    )
    assert [(gap.path, gap.reason) for gap in found.not_checked] == [
        ("gone.Dockerfile", "is a symbolic link that leads nowhere"),
        ("k8s/c.yaml", "is a symbolic link to recipe.txt, which is not read under that name"),
        ("prod.Dockerfile", "is a symbolic link that leads out of the project"),
        ("shared", "is a symbolic link that leads out of the project"),
    ]


def test_a_link_that_git_wrote_as_text_is_followed_too(tmp_path: Path) -> None:
    make(tmp_path, "build/recipe.txt")
    (tmp_path / "Dockerfile").write_text("build/recipe.txt")
    (tmp_path / "web.Dockerfile").write_text("../recipe.txt")
    (tmp_path / "api.Dockerfile").write_text("recipe.txt")

    assert read_named(tmp_path, "Dockerfile").decode() == MANIFEST
    assert read_named(tmp_path, "api.Dockerfile") == b"recipe.txt"
    with pytest.raises(ValueError, match="is a symbolic link that leads out of the project"):
        read_named(tmp_path, "web.Dockerfile")


def test_links_are_not_followed(tmp_path: Path) -> None:
    make(tmp_path, "in/a.yaml", "out/b.yaml")
    (tmp_path / "in" / "elsewhere").symlink_to(tmp_path / "out")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")

    assert find_files(tmp_path / "in", tmp_path / "in").files == ("a.yaml",)


def test_the_root_is_the_repository_around_the_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "repo/k8s/a.yaml")
    monkeypatch.chdir(tmp_path)
    assert find_root([Path("repo/k8s/a.yaml")]) == (tmp_path.resolve(), False)

    (tmp_path / "repo" / ".git").mkdir()

    assert find_root([Path("repo/k8s/a.yaml")]) == ((tmp_path / "repo").resolve(), True)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("a*b*c", "aXbbXcYc", True),
        ("a*b*c", "aXcXb", False),
        ("*.test.*.ts", "web/login.test.a.test.ts", True),
        ("a*[bc]?*d", "a1b2d", True),
        ("x[!a]y", "x/y", False),
        ("x*[!a]*y", "xx/yy", False),
        ("**/gen/**/*_pb2*.py", "a/gen/b/c_pb2_grpc.py", True),
        ("a*" * 40 + "b", "a" * 250, False),
        ("**/a/" * 20 + "b", "a/" * 200 + "b", True),
        ("**/a*/" * 20 + "b", "a/" * 200 + "c", False),
        ("a/**", "a/b", True),
        ("a/**/b", "a/b", True),
        ("é?", "é/", False),
    ],
)
def test_patterns_match_as_git_does_in_bounded_time(pattern: str, path: str, matches: bool) -> None:
    assert bool(glob_matcher((pattern,))(path)) is matches


def test_the_beginning_of_a_file_that_git_keeps_is_given(tmp_path: Path) -> None:
    make(tmp_path, "docs/plan/a.md", "docs/b.md", "gone/c.md", "docs/plan/deep/d.md", ".git/e.md", "tmp/own/f.md")
    (tmp_path / ".git" / "info").mkdir()
    (tmp_path / ".git" / "info" / "exclude").write_text("/docs/b.md\n")
    (tmp_path / ".gitignore").write_text("gone/\n/tmp/own\n")
    (tmp_path / "docs" / ".gitignore").write_text("deep/\n")
    (tmp_path / "docs" / "long.md").write_bytes(b"\xff" + b"a" * BEGINNING)
    (tmp_path / "docs" / "link.md").symlink_to("plan/a.md")
    (tmp_path / "linked").symlink_to("docs")

    assert beginning_of(tmp_path, "docs/plan/a.md") == MANIFEST
    assert beginning_of(tmp_path, "docs/long.md") == "\ufffd" + "a" * (BEGINNING - 1)
    for path in (
        *("docs/none.md", "docs", "docs/b.md", "gone/c.md", "docs/plan/deep/d.md", ".git/e.md", "tmp/own/f.md"),
        *(
            "docs/link.md",
            "linked/plan/a.md",
            f"{tmp_path}/docs/plan/a.md",
            "docs/../docs/plan/a.md",
            "./docs/plan/a.md",
        ),
    ):
        assert beginning_of(tmp_path, path) is None, path


def test_what_the_repository_itself_excludes_is_ignored(tmp_path: Path) -> None:
    make(tmp_path, "a.yaml", "b.yaml", "sub/b.yaml", ".git/info/c.yaml")
    (tmp_path / ".git" / "info" / "exclude").write_text("b.yaml\n!/sub/b.yaml\n")

    found = find_files(tmp_path, tmp_path)

    assert found.files == ("a.yaml", "sub/b.yaml")
    assert found.ignored


def test_a_folder_that_cannot_be_listed_is_said_and_the_others_are_walked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "a/a.yaml", "locked/b.yaml", "z/z.yaml")
    scandir = os.scandir

    def guarded(folder: str) -> object:
        if Path(folder).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", guarded)  # root, who runs the tests in a container, may enter every folder

    found = find_files(tmp_path, tmp_path)

    assert found.files == ("a/a.yaml", "z/z.yaml")
    assert found.not_checked == (NotChecked("locked/", "cannot be listed: Permission denied"),)


def test_of_a_link_whose_name_says_nothing_there_is_nothing_to_say(tmp_path: Path) -> None:
    (tmp_path / "logo.png").symlink_to("/nowhere/logo.png")
    (tmp_path / "pod.yaml").symlink_to("/nowhere/pod.yaml")

    found = find_files(tmp_path, tmp_path)

    assert found.passed_over == ("logo.png", "pod.yaml")
    assert found.not_checked == (NotChecked("pod.yaml", "is a symbolic link that leads out of the project"),)


def test_a_pattern_for_folders_names_no_file() -> None:
    named = glob_matcher(("build/", "*.d/"))

    assert named("build/a.yaml") and named("sub/build/") and named("x/conf.d/y/z.yaml")
    assert not named("build") and not named("sub/conf.d")


def test_what_git_wrote_of_a_link_that_leads_out_is_said(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("../../elsewhere/Dockerfile")

    with pytest.raises(ValueError, match=r"^is a symbolic link that leads out of the project$"):
        read_named(tmp_path, "Dockerfile")


def test_a_file_that_is_too_large_or_none_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a" * (LARGEST + 1))
    (tmp_path / "b.yaml").write_bytes(b"a" * LARGEST)

    with pytest.raises(ValueError, match=r"^is larger than 5 MB \(5\.0 MB\)$"):
        read_file(tmp_path / "a.yaml")
    with pytest.raises(ValueError, match=r"^is no regular file$"):
        read_file(tmp_path)
    assert len(read_file(tmp_path / "b.yaml")) == LARGEST


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_byte_order_mark_names_the_encoding(encoding: str) -> None:
    assert decode("\ufeffa: ü".encode(encoding)) == ("a: ü", None)


def test_a_mark_that_the_rest_belies_is_no_mark() -> None:
    assert decode(b"\xff\xfea") == ("\ufffd\ufffda", 0)


def test_the_root_of_several_folders_holds_them_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "one/a.yaml", "two/deep/b.yaml", "here/c.yaml")
    monkeypatch.chdir(tmp_path / "here")

    assert find_root([tmp_path / "one" / "a.yaml", tmp_path / "two" / "deep"]) == (tmp_path, False)
    assert find_root([tmp_path / "here" / "c.yaml"]) == (tmp_path / "here", False)
    assert find_root([]) == (tmp_path / "here", False)


def test_the_root_is_a_repository_only_where_it_holds_every_path(tmp_path: Path) -> None:
    make(tmp_path, "one/.git/HEAD", "one/a.yaml", "two/b.yaml")

    assert find_root([tmp_path / "one" / "a.yaml"]) == (tmp_path / "one", True)
    assert find_root([tmp_path / "one" / "a.yaml", tmp_path / "two" / "b.yaml"]) == (tmp_path, False)


def test_the_innermost_word_on_a_path_counts(tmp_path: Path) -> None:
    make(tmp_path, "a.yaml", "sub/a.yaml", "sub/b.yaml", "sub/build/c.yaml")
    (tmp_path / ".gitignore").write_text("a.yaml\n")
    (tmp_path / "sub" / ".gitignore").write_text("!a.yaml\nb.yaml\nbuild/\n")

    assert find_files(tmp_path, tmp_path).files == ("sub/a.yaml",)
    assert not find_files(tmp_path, tmp_path / "sub" / "build").ignored


def test_a_gitignore_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    make(tmp_path, "a.yaml")
    (tmp_path / "patterns").write_text("a.yaml\n")
    (tmp_path / ".gitignore").symlink_to("patterns")

    assert find_files(tmp_path, tmp_path).files == ("a.yaml",)


def test_what_is_excluded_is_known_to_be_there(tmp_path: Path) -> None:
    make(tmp_path, "a.yaml", "out/b.yaml", "c.yaml", "node_modules/d.yaml", "e.bin")

    found = find_files(tmp_path, tmp_path, ["out", "c.*"])

    assert found == Tree(tmp_path, ("a.yaml",), (), ("c.yaml", "out/"), False)


def test_a_layout_tells_what_a_file_is_before_its_name_does() -> None:
    layout = {"Dockerfile": "", "notes.txt": "manifest"}

    assert classify("Dockerfile", "FROM a\n", layout) is None
    assert classify("notes.txt", None, layout) == "manifest"
    assert classify("api/Dockerfile", None, layout) == "dockerfile"


PARTS = ("a", "b.yaml", "x1", "*", "**", "x*", "[a]", "", ".", "!a", "#a", "a ", "\\a", "a\nb")


@given(
    st.lists(st.lists(st.lists(st.sampled_from(PARTS), max_size=4).map("/".join), max_size=3).map(tuple), max_size=5),
    st.lists(st.sampled_from(("a", "b.yaml", "x1", "b", ".")), min_size=1, max_size=4).map("/".join),
)
def test_lists_of_patterns_are_found_as_each_would_say(lists: list[tuple[str, ...]], path: str) -> None:
    named = tuple(index for index, patterns in enumerate(lists) if glob_matcher(patterns)(path))

    assert glob_finder(tuple(lists))(path) == named


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("Dockerfile", True),
        ("a/b/compose.yaml", True),
        ("x.yaml", True),
        (".github/workflows/x.yml", True),
        ("api.dockerfile", True),
        ("x.bin", False),
        ("yaml", False),
        ("Dockerfile/x.bin", False),
    ],
)
def test_a_file_is_worth_opening_where_its_name_or_its_place_may_say_something(path: str, known: bool) -> None:
    assert could_be_known(path) is known


@pytest.mark.parametrize("text", ["apiVersion: v1\rkind: Pod\r", "apiVersion: v1\r\nkind: Pod\r\n"])
def test_the_lines_of_other_systems_are_lines(text: str) -> None:
    assert classify("app.yaml", text) == "manifest"


def test_a_file_is_settled_some_time_after_its_last_change() -> None:
    assert is_settled((1, 10, 20, 4), 20 + COARSEST + 1)
    assert not is_settled((1, 10, 20, 4), 20 + COARSEST)
    assert not is_settled((1, 20, 10, 4), 20 + COARSEST)


def test_the_status_of_a_file_is_what_the_system_says_of_what_it_leads_to(tmp_path: Path) -> None:
    make(tmp_path, "a.yaml")
    (tmp_path / "b.yaml").symlink_to("a.yaml")
    told = (tmp_path / "a.yaml").stat()

    for name in ("a.yaml", "b.yaml"):
        assert status_of(str(tmp_path / name)) == (len(MANIFEST), told.st_mtime_ns, told.st_ctime_ns, told.st_ino)
    with pytest.raises(FileNotFoundError):
        status_of(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize(
    ("path", "size", "may"),
    [
        ("Dockerfile", 4_096, True),
        ("Dockerfile", 4_097, False),
        (".dockerignore", 3, True),
        ("compose.yaml", 3, True),
        ("action.yml", 3, False),
        ("a.txt", 3, False),
    ],
)
def test_only_a_short_file_that_is_opened_by_name_may_be_a_link_as_text(path: str, size: int, may: bool) -> None:
    assert may_be_link_as_text(path, size) is may


def test_links_as_text_are_followed_from_one_to_the_next_and_not_for_ever(tmp_path: Path) -> None:
    make(tmp_path, "deep/end.txt")
    (tmp_path / "Dockerfile").write_text("deep/1")
    for number in range(1, 12):
        (tmp_path / "deep" / str(number)).write_text("end.txt" if number == 11 else str(number + 1))
    (tmp_path / "short.Dockerfile").write_text("deep/9")
    (tmp_path / "loop.Dockerfile").write_text("loop.Dockerfile")
    (tmp_path / "folder.Dockerfile").write_text("deep")
    (tmp_path / "pod.yaml").write_text("deep/end.txt")

    assert read_named(tmp_path, "Dockerfile") == b"9"
    assert read_named(tmp_path, "short.Dockerfile").decode() == MANIFEST
    assert read_named(tmp_path, "loop.Dockerfile") == b"loop.Dockerfile"
    assert read_named(tmp_path, "folder.Dockerfile") == b"deep"
    assert read_named(tmp_path, "pod.yaml") == b"deep/end.txt"


@pytest.mark.parametrize(
    ("text", "read"),
    [("a", ("a", None)), ("a\ud800b\udfff", ("a\ufffdb\ufffd", 1)), ("\ud7ff\ue000", ("\ud7ff\ue000", None))],
)
def test_halves_of_characters_are_replaced(text: str, read: tuple[str, int | None]) -> None:
    assert characters(text) == read


def test_a_folder_that_a_user_names_by_a_link_is_the_one_it_leads_to(tmp_path: Path) -> None:
    make(tmp_path, "there/a.yaml", "repository/.git/HEAD", "repository/in/b.yaml")
    (tmp_path / "link").symlink_to("there")
    (tmp_path / "file").symlink_to("there/a.yaml")
    (tmp_path / "repository" / "link").symlink_to("../there")

    assert place(tmp_path / "link") == tmp_path / "there"
    assert place(tmp_path / "file") == tmp_path / "file"
    assert place(tmp_path / "there" / "a.yaml") == tmp_path / "there" / "a.yaml"
    assert place(tmp_path / "repository" / "link") == tmp_path / "repository" / "link"
    assert place(tmp_path / "link" / "a.yaml") == tmp_path / "there" / "a.yaml"


def test_patterns_of_every_ignore_file_count_towards_the_bound(tmp_path: Path) -> None:
    make(tmp_path, "a/b/x.yaml")
    half = "".join(f"q{number}*y\n" for number in range(MOST_WILDCARDS // 2))
    (tmp_path / ".gitignore").write_text(half)
    (tmp_path / "a" / ".gitignore").write_text(half)
    (tmp_path / "a" / "b" / ".gitignore").write_text("[x].yaml\n")

    found = find_files(tmp_path, tmp_path / "a" / "b")

    assert found.files == ("a/b/x.yaml",)
    assert [gap.path for gap in found.not_checked] == ["a/b/.gitignore"]
    (tmp_path / "a" / ".gitignore").write_text(half.replace("q1*y\n", ""))
    assert find_files(tmp_path, tmp_path / "a" / "b") == Tree(tmp_path, (), ignored=True)


def test_folders_of_tools_are_passed_over_in_silence(tmp_path: Path) -> None:
    skipped = (
        ".git",
        ".hg",
        ".svn",
        "node_modules",
        ".venv",
        ".tox",
        ".mypy_cache",
        "__pycache__",
        "megalinter-reports",
    )
    make(tmp_path, *(f"{name}/a.yaml" for name in skipped), "git/a.yaml")

    assert find_files(tmp_path, tmp_path) == Tree(tmp_path, ("git/a.yaml",), passed_over=(".git/",))


def test_what_cannot_be_listed_at_the_root_is_the_root(tmp_path: Path) -> None:
    gone = tmp_path / "gone"

    assert find_files(gone, gone) == Tree(gone, (), (NotChecked(".", "cannot be listed: No such file or directory"),))


def test_a_link_that_is_ignored_or_excluded_is_not_followed(tmp_path: Path) -> None:
    make(tmp_path, "recipe.txt", "other.txt")
    for name in ("a.Dockerfile", "b.Dockerfile", "c.Dockerfile"):
        (tmp_path / name).symlink_to("recipe.txt")
    (tmp_path / ".gitignore").write_text("a.Dockerfile\n")

    found = find_files(tmp_path, tmp_path, ["b.*"])

    assert found == Tree(tmp_path, ("c.Dockerfile",), (), ("b.Dockerfile",), True)


def test_a_part_that_a_list_of_patterns_spells_out_is_looked_for_alone() -> None:
    lists = (("**/x/*.yaml", "y/z"), ("*",), ("a/long-name/b",), ())

    find = glob_finder(lists)

    assert find("x/a.yaml") == (0, 1)
    assert find("q/x/a.yaml") == (0, 1)
    assert find("y/z") == (0, 1)
    assert find("a/long-name/b") == (1, 2)
    assert find("long-name") == (1,)
    assert glob_finder(())("a") == ()


def test_a_name_alone_in_an_ignore_file_is_a_pattern_and_a_path_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / ".dockerignore").write_text("Dockerfile")
    (tmp_path / "web/.dockerignore").write_text("../.dockerignore")

    assert read_named(tmp_path, ".dockerignore") == b"Dockerfile"
    assert read_named(tmp_path, "web/.dockerignore") == b"Dockerfile"
