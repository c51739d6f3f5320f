"""Whether an index of Git is read as Git wrote it, and anything else is refused in bounded time."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devopslint.readers.git_index import LONGEST_NAME, MOST_BYTES, read_index

PATHS = ("a", "a b/é.yml", "a/b/c.yml", "a/b/cd.yml", "a-b", f"{'d' * 200}/{'e' * 250}/{'f' * 250}", "z" * 255)
LONG = "/".join(["g" * 200] * 20)
"""Longer than the flags can say; it begins a file of its own."""


def git(root: Path, *arguments: str, given: str = "") -> str:
    command = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@b.invalid", *arguments]
    return subprocess.run(command, check=True, capture_output=True, input=given.encode()).stdout.decode()


def listed(root: Path) -> list[bytes]:
    return sorted({os.fsencode(path) for path in git(root, "ls-files", "-z").split("\0")} - {b""})


@pytest.fixture(params=["sha1", "sha256"])
def repository(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    git(tmp_path, "init", "-q", f"--object-format={request.param}")
    return tmp_path


def fill(root: Path, paths: tuple[str, ...] = PATHS) -> None:
    """No file need be there: an entry is a name with the hash of what it holds."""
    blob = git(root, "hash-object", "-w", "--stdin").strip()
    git(root, "update-index", "-z", "--index-info", given="".join(f"100644 {blob}\t{path}\0" for path in paths))


@pytest.mark.parametrize("version", [2, 4])
def test_an_index_holds_the_paths_that_git_lists(repository: Path, version: int) -> None:
    git(repository, "update-index", "--force-write-index", "--index-version", str(version))
    fill(repository, (*PATHS, LONG[:LONGEST_NAME]))
    data = (repository / ".git" / "index").read_bytes()

    assert data[7] == version
    assert list(read_index(data)) == listed(repository)


@pytest.mark.parametrize("version", [3, 4])
def test_what_is_only_meant_to_be_added_is_there(repository: Path, version: int) -> None:
    (repository / "meant.yml").write_text("a: 1\n")
    git(repository, "update-index", "--force-write-index", "--index-version", str(version))
    fill(repository)
    git(repository, "add", "-N", "meant.yml")
    data = (repository / ".git" / "index").read_bytes()

    assert data[7] == version
    assert list(read_index(data)) == listed(repository)
    assert b"meant.yml" in read_index(data)


def test_a_file_in_conflict_is_there_once(repository: Path) -> None:
    fill(repository)
    blob = git(repository, "hash-object", "-w", "--stdin").strip()
    git(repository, "update-index", "--index-info", given="".join(f"100644 {blob} {stage}\tb\n" for stage in (1, 2, 3)))

    assert read_index((repository / ".git" / "index").read_bytes()).count(b"b") == 1


def test_extensions_that_may_be_passed_over_are(repository: Path) -> None:
    git(repository, "config", "index.threads", "2")
    fill(repository, tuple(f"k8s/{number:05}.yml" for number in range(25_000)))
    git(repository, "update-index", "--index-version", "4", "--untracked-cache")
    data = (repository / ".git" / "index").read_bytes()

    assert b"UNTR" in data and b"IEOT" in data
    assert list(read_index(data)) == listed(repository)


def test_a_submodule_is_no_file(repository: Path) -> None:
    fill(repository)
    commit = "1" * len(git(repository, "hash-object", "--stdin").strip())
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{commit},module")

    assert b"module" in listed(repository)
    assert b"module" not in read_index((repository / ".git" / "index").read_bytes())


def test_folders_of_a_sparse_index_are_no_files(repository: Path) -> None:
    for path in ("in/a.yml", "out/b.yml", "out/deep/c.yml", "d.yml"):
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_text("a: 1\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "a")
    git(repository, "sparse-checkout", "set", "--cone", "--sparse-index", "in")
    data = (repository / ".git" / "index").read_bytes()

    assert b"sdir" in data
    assert read_index(data) == (b"d.yml", b"in/a.yml")


def test_a_split_index_is_refused(repository: Path) -> None:
    fill(repository)
    git(repository, "update-index", "--split-index")
    fill(repository, ("a", "new"))

    with pytest.raises(ValueError, match=r"^is split$"):
        read_index((repository / ".git" / "index").read_bytes())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is no index"),
        (b"PACK\0\0\0\2\0\0\0\0", "is no index"),
        (b"DIRC\0\0\0\5\0\0\0\0" + bytes(20), "is an index of version 5"),
        (b"DIRC\0\0\0\2\0\0\0\1" + bytes(20), "is a broken index"),
        (b"DIRC\0\0\0\2\xff\xff\xff\xff" + bytes(200), "is a broken index"),
        (b"DIRC\0\0\0\2\0\0\0\0", "is a broken index"),
        (b"DIRC\0\0\0\2\0\0\0\0" + b"moon\0\0\0\0" + bytes(20), "needs what is called moon"),
        (b"DIRC\0\0\0\2\0\0\0\0" + b"MOON\0\0\0\7" + bytes(20), "is a broken index"),
        (bytes(MOST_BYTES + 1), "is larger than 100 MB"),
    ],
)
def test_what_is_no_index_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said}$"):
        read_index(data)


def entry(name: bytes, removed: bytes, suffix: bytes) -> bytes:
    """One of version 4."""
    flags = min(len(name), 0xFFF).to_bytes(2)
    return bytes(24) + b"\0\0\x81\xa4" + bytes(32) + flags + removed + suffix + b"\0"


def test_names_that_share_what_precedes_them_cannot_grow_without_bound() -> None:
    """Each entry has 64 bytes, and would be a name of 4,000."""
    count = MOST_BYTES // 4_000 + 2
    first = b"a" * 4_000
    entries = [entry(first, b"\0", first), *[entry(first, b"\0", b"")] * (count - 1)]
    header = b"DIRC\0\0\0\4" + count.to_bytes(4)

    with pytest.raises(ValueError, match=r"^is a broken index$"):
        read_index(header + b"".join(entries) + bytes(20))
    fewer = b"DIRC\0\0\0\4" + (count - 3).to_bytes(4)
    assert read_index(fewer + b"".join(entries[:-3]) + bytes(20)) == (first,)


@pytest.mark.parametrize(
    "entries",
    [
        [entry(b"b", b"\0", b"b"), entry(b"a", b"\1", b"a")],  # not in order
        [entry(b"a", b"\1", b"a")],  # takes more away than there is
        [entry(b"ab", b"\0", b"a")],  # another length than the flags say
        [entry(b"a" * 4_097, b"\0", b"a" * 4_097)],
        [entry(b"a", b"\xff" * 1_000_000, b"a")],
    ],
)
def test_entries_that_git_writes_never_are_refused(entries: list[bytes]) -> None:
    with pytest.raises(ValueError, match=r"^is a broken index$"):
        read_index(b"DIRC\0\0\0\4" + len(entries).to_bytes(4) + b"".join(entries) + bytes(20))


@given(st.binary())
def test_any_bytes_are_an_index_or_refused(data: bytes) -> None:
    for head in (b"", b"DIRC\0\0\0\2\0\0\0", b"DIRC\0\0\0\4\0\0\0"):
        try:
            names = read_index(head + data)
        except ValueError:
            continue
        assert list(names) == sorted(set(names))
