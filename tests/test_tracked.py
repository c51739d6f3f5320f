"""Whether what Git tracks is read though a .gitignore names it, and whose index is believed."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest

from devopslint.files import beginning_of, find_files
from devopslint.fleet.content import tree_digest
from devopslint.model import NotChecked
from devopslint.readers.git_index import MOST_BYTES
from devopslint.tracked import tracked_paths

POD = "apiVersion: v1\nkind: Pod\n"
UNTOLD = "what is ignored is taken for untracked"


def git(root: Path, *arguments: str, given: bytes = b"", codes: tuple[int, ...] = (0,)) -> set[str]:
    """The paths that it prints."""
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.invalid", "-c", "protocol.file.allow=always"]
    done = subprocess.run([*command, "-C", str(root), *arguments], capture_output=True, input=given, check=False)
    assert done.returncode in codes, done.stderr
    return {os.fsdecode(path) for path in done.stdout.split(b"\0") if path}


def make(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(POD)


def repository(root: Path, ignored: str, *paths: str, add: tuple[str, ...]) -> Path:
    """One that ignores and has some paths, and tracks those to add all the same."""
    make(root, ".gitignore", *paths)
    (root / ".gitignore").write_text(ignored)
    git(root, "init", "-q")
    git(root, "add", "-f", *add)
    return root


def test_what_is_tracked_is_read_though_it_is_ignored(tmp_path: Path) -> None:
    root = repository(
        tmp_path,
        ".*\nout/\n*.tfvars\n",
        *(".gitlab-ci.yml", "terraform.tfvars", "out/k8s/a.yaml", "out/k8s/b.yaml", "out/c.yaml", "other.tfvars"),
        *("outer/d.yaml", ".github/workflows/ci.yml", ".github/workflows/local.yml"),
        add=(".gitlab-ci.yml", "terraform.tfvars", "out/k8s/a.yaml", ".github/workflows/ci.yml"),
    )
    (root / "out" / "k8s" / ".gitignore").write_text("!b.yaml\n")

    found = find_files(root, root)

    assert found.files == (
        *(".github/workflows/ci.yml", ".gitlab-ci.yml", "out/k8s/a.yaml", "outer/d.yaml", "terraform.tfvars"),
    )
    assert found.ignored
    assert find_files(root, root / "out" / "k8s").files == ("out/k8s/a.yaml", "out/k8s/b.yaml")
    assert find_files(root, root, ["out/"]).passed_over == (".git/", "out/")
    assert beginning_of(root, "out/k8s/a.yaml") == POD
    assert beginning_of(root, "out/k8s/b.yaml") is None


def test_a_link_that_is_tracked_is_followed_though_it_is_ignored(tmp_path: Path) -> None:
    make(tmp_path, "recipe.txt")
    for name in ("Dockerfile", "web.Dockerfile"):
        (tmp_path / name).symlink_to("recipe.txt")
    repository(tmp_path, "*Dockerfile\n", add=("Dockerfile",))

    assert find_files(tmp_path, tmp_path).files == ("Dockerfile",)


def test_what_was_taken_out_of_the_index_is_not_tracked(tmp_path: Path) -> None:
    root = repository(tmp_path, "*.yaml\n", "a.yaml", "b.yaml", add=("a.yaml", "b.yaml"))
    assert find_files(root, root).files == ("a.yaml", "b.yaml")

    git(root, "rm", "-q", "--cached", "a.yaml")

    assert find_files(root, root).files == ("b.yaml",)


@pytest.mark.parametrize("seed", range(12))
def test_random_trees_are_read_as_git_keeps_them(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    parts = ("a", "b", "ab", "a b", "é", ".a", "A")
    paths = {
        "/".join([*dice.choices(parts, k=dice.randrange(4)), f"{dice.choice(parts)}{dice.choice(('.yml', '.json'))}"])
        for _ in range(60)
    }
    make(tmp_path, *paths)
    for folder in ("", *dice.sample(sorted({path.rpartition("/")[0] for path in paths}), 4)):
        lines = dice.choices(("a", "a/", "*.yml", "!b.yml", "/b/*", ".*", "**/A", "!a", "é*/", "ab/**", "*b"), k=3)
        (tmp_path / folder / ".gitignore").write_text("\n".join(lines))
    git(tmp_path, "init", "-q", f"--object-format={dice.choice(('sha1', 'sha256'))}")
    git(tmp_path, "update-index", "--force-write-index", "--index-version", str(2 + seed % 2 * 2))
    git(tmp_path, "add", "-f", "--", *dice.sample(sorted(paths), 15))
    named = "\0".join(sorted(paths)).encode()
    check = ("check-ignore", "-z", "--stdin")
    saved = git(tmp_path, *check, "--no-index", given=named, codes=(0, 1)) - git(
        tmp_path, *check, given=named, codes=(0, 1)
    )

    files = find_files(tmp_path, tmp_path).files

    assert set(files) == git(tmp_path, "ls-files", "-z", "--cached", "--others", "--exclude-standard") & paths
    assert saved <= set(files) and saved
    assert set(map(os.fsdecode, tracked_paths(tmp_path).names)) == git(tmp_path, "ls-files", "-z")


def test_a_work_tree_beside_another_one_has_its_own_index(tmp_path: Path) -> None:
    first = repository(tmp_path / "first", "*.yaml\n", "a.yaml", "b.yaml", add=("a.yaml", ".gitignore"))
    git(first, "commit", "-qm", "a")
    second = tmp_path / "second"
    git(first, "worktree", "add", "-q", str(second))
    make(second, "b.yaml", "c.yaml")
    git(second, "add", "-f", "c.yaml")

    assert find_files(second, second).files == ("a.yaml", "c.yaml")
    assert find_files(first, first).files == ("a.yaml",)


def test_a_submodule_has_its_own_index(tmp_path: Path) -> None:
    module = repository(tmp_path / "module", "*.yaml\n", "a.yaml", add=("a.yaml", ".gitignore"))
    git(module, "commit", "-qm", "a")
    outer = repository(tmp_path / "outer", "", add=(".gitignore",))
    git(outer, "submodule", "--quiet", "add", str(module), "in/sub")
    make(outer, "in/sub/b.yaml")

    inner = outer / "in" / "sub"

    assert (inner / ".git").is_file()
    assert find_files(inner, inner).files == ("a.yaml",)
    assert find_files(inner, inner).not_checked == ()


@pytest.mark.parametrize("how", ["a file", "a link"])
def test_a_repository_that_does_not_name_the_tree_is_not_believed(tmp_path: Path, how: str) -> None:
    foreign = repository(tmp_path / "foreign", "*.yaml\n", "a.yaml", add=("a.yaml",))
    tree = tmp_path / "tree"
    make(tree, "a.yaml")
    (tree / ".gitignore").write_text("*.yaml\n")
    if how == "a file":
        (tree / ".git").write_text(f"gitdir: {foreign / '.git'}\n")
    else:
        (tree / ".git").symlink_to(foreign / ".git")

    found = find_files(tree, tree)

    reason = f"is not looked for: .git leads out of the project, to what does not name it: {UNTOLD}"
    assert found.files == ()
    assert NotChecked(".git/index", reason) in found.not_checked


def test_a_repository_elsewhere_in_the_tree_is_believed(tmp_path: Path) -> None:
    make(tmp_path, "a.yaml", "b.yaml")
    (tmp_path / ".gitignore").write_text("*.yaml\n")
    git(tmp_path, "init", "-q", "--separate-git-dir", str(tmp_path / "own"))
    git(tmp_path, "add", "-f", "a.yaml")

    assert find_files(tmp_path, tmp_path).files == ("a.yaml",)


def test_an_index_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    foreign = repository(tmp_path / "foreign", "*.yaml\n", "a.yaml", add=("a.yaml",))
    tree = repository(tmp_path / "tree", "*.yaml\n", "a.yaml", add=("a.yaml",))
    (tree / ".git" / "index").unlink()
    (tree / ".git" / "index").symlink_to(foreign / ".git" / "index")

    found = find_files(tree, tree)

    assert found.files == ()
    assert found.not_checked == (NotChecked(".git/index", f"is no regular file: {UNTOLD}"),)


def test_an_index_that_cannot_be_read_is_listed_where_something_is_ignored(tmp_path: Path) -> None:
    root = repository(tmp_path, "a.yaml\n", "a.yaml", "b.yaml", add=("a.yaml",))
    index = root / ".git" / "index"
    whole = index.read_bytes()

    def said() -> tuple[str, ...]:
        found = find_files(root, root)
        assert found.files == ("b.yaml",)
        return tuple(gap.reason for gap in found.not_checked)

    index.write_bytes(whole[:50])
    assert said() == (f"is a broken index: {UNTOLD}",)
    with index.open("wb") as opened:
        opened.truncate(MOST_BYTES + 1)
    assert said() == (f"is larger than 100 MB: {UNTOLD}",)
    index.unlink()
    os.mkfifo(index)
    assert said() == (f"is no regular file: {UNTOLD}",)
    index.unlink()
    assert said() == ()
    index.write_bytes(b"broken")
    (root / ".gitignore").write_text("")
    assert find_files(root, root).not_checked == ()


@pytest.mark.parametrize("told", [b"", b"elsewhere\n", b"gitdir: \n", b"gitdir: /dev\0/x\n", b"gitdir: a\nb\n"])
def test_a_git_file_that_names_nothing_is_listed(tmp_path: Path, told: bytes) -> None:
    make(tmp_path, "a.yaml")
    (tmp_path / ".gitignore").write_text("a.yaml\n")
    (tmp_path / ".git").write_bytes(told)

    reason = f"is not found: .git is neither a folder nor the name of one: {UNTOLD}"
    assert find_files(tmp_path, tmp_path).not_checked == (NotChecked(".git/index", reason),)


def test_a_tree_is_another_one_where_other_files_are_tracked(tmp_path: Path) -> None:
    root = repository(tmp_path, "*.yaml\n", "a.yaml", add=(".gitignore",))
    before = tree_digest(root)
    os.utime(root / ".gitignore", (1, 1))
    git(root, "update-index", "--refresh")
    assert tree_digest(root) == before

    git(root, "add", "-f", "a.yaml")

    assert tree_digest(root) != before
