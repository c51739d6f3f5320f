"""What a .dockerignore keeps out of a build."""

import pytest

from devopslint.docker.dockerignore import IgnoreFile, IgnoreRules


def rules(text: str) -> IgnoreRules:
    (found,) = IgnoreFile.read(".dockerignore", text).summaries()
    assert isinstance(found, IgnoreRules)
    return found


@pytest.mark.parametrize(
    ("patterns", "path", "excluded"),
    [
        ("a", "a", True),
        ("a", "a/b", True),
        ("a", "b/a", False),
        ("/a/", "a", True),
        ("./a", "a", True),
        ("*/a", "b/a", True),
        ("*/a", "b/c/a", False),
        ("**/a", "b/c/a", True),
        ("**/a", "a", True),
        ("a/**", "a/b", True),
        ("**.go", "a/b.go", True),
        ("a?", "ab", True),
        ("[a-c]", "b", True),
        ("[^a]", "a", False),
        ("[!a]", "b", False),
        ("[!a]", "!", True),
        ("# a\n\n  a  ", "a", True),
        ("*\n!a", "a", False),
        ("*\n!a", "a/b", False),
        ("!a\n*", "a", True),
        ("*\n!a\na/b", "a/b", True),
        ("*\n! a", "a", False),
        ("\ufeffa", "a", True),
        ("a\r\nb\r\n", "a", True),
        ("", "a", False),
        ("a/../b", "b", True),
    ],
)
def test_the_last_pattern_that_matches_decides(patterns: str, path: str, excluded: bool) -> None:
    assert rules(patterns).excludes(path) is excluded


def test_a_folder_is_hidden_only_where_nothing_below_it_is_taken_back() -> None:
    found = rules("a\nb\n!a/keep\n")

    assert found.excludes("a") and not found.hides("a")
    assert found.hides("b")


@pytest.mark.parametrize("text", ["**/" * 2_000 + "x", "*a" * 2_000 + "b", "!**\n*\n" * 2_000])
def test_patterns_that_invite_backtracking_hide_nothing_else(text: str) -> None:
    assert not rules(text).hides("a" * 200 + "/" + "a/" * 50)


@pytest.mark.parametrize(
    ("patterns", "path", "excluded"),
    [
        ("*/**", ".env", False),
        ("*/**", "a/.env", True),
        (".env**", ".env", True),
        (".env**", ".env.local/a", True),
        ("a/**", "a", False),
        ("a/**/b", "a/b", True),
        ("a\\*", "a*", True),
        ("\\d", "7", True),
        ("a|b*", "alpha", True),
        ("a|b", "a", False),
        ("[*]", "*]", False),
        ("[[:upper:]]*", "A", True),
        ("[[:^upper:]]*", "A", False),
        ("*/**\n!*", "a/b", True),
        ("*\n!*", "a/b", False),
        ("a b ", "a b", True),
        ("//a", "a", True),
    ],
)
def test_patterns_are_read_as_moby_reads_them(patterns: str, path: str, excluded: bool) -> None:
    assert rules(patterns).excludes(path) is excluded


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a\n  [a-]\n", 2, 3), ("!\n", 1, 1), ("\ufeff[]a]", 1, 2), ("a/[z-a]\n", 1, 1), ("\\", 1, 1), ("*\n![b\n", 2, 1)],
)
def test_a_pattern_that_the_builder_refuses_is_a_fault(text: str, line: int, column: int) -> None:
    (fault,) = IgnoreFile.read(".dockerignore", text).faults

    written = text.removeprefix("\ufeff").splitlines()[line - 1].strip()
    assert fault.message == f"'{written}' is no pattern: the builder refuses the file"
    assert (fault.location.line, fault.location.column) == (line, column)


@pytest.mark.parametrize("text", ["*\n[z-a]\n", "b/*a/[a-]", "[a\\-z]", "a^b", "!*/[z-a]"])
def test_a_pattern_that_the_builder_never_asks_is_no_fault(text: str) -> None:
    assert IgnoreFile.read(".dockerignore", text).faults == []
