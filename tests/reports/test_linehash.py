"""Line hashes against those that Microsoft's SARIF Multitool 5.7.0 gives for the same files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devopslint.reports.linehash import line_hashes

HASHES: list[tuple[str, list[str]]] = [
    (
        "kind: Pod\nspec:\n  containers: []\n",
        ["e2573db3e3c78025:1", "d0b1e2c491dbd118:1", "df2c8b0e0ec02ca1:1", "c129715d7a2bc9a3:1"],
    ),
    (
        "kind: Pod\r\nspec:\r\n\tcontainers: []\r\n",
        ["e2573db3e3c78025:1", "d0b1e2c491dbd118:1", "df2c8b0e0ec02ca1:1", "c129715d7a2bc9a3:1"],
    ),
    (
        "kind: Pod\rspec:\r\rcontainers: []\r",
        ["33c88306a197216b:1", "1a2bd884c8257676:1", "ea24aad7074b436f:1", "df2c8b0e0ec02ca1:1", "c129715d7a2bc9a3:1"],
    ),
    (
        "- a\n- b\n- a\n- a\n",
        ["7aa7900eeb077e50:1", "cb472c9b17a7319c:1", "8df09ab1f52bee3:1", "41c05cb2254f0f83:1", "c129715d7a2bc9a3:1"],
    ),
    (
        "# \U0001f680 na\xefve \u65e5\u672c\nname: '\U0001f469\u200d\U0001f469\u200d\U0001f467'",
        ["a1008d4ef284618a:1", "77952138e0f0a402:1"],
    ),
    ("", ["c129715d7a2bc9a3:1"]),
    (
        "\n\n \n\t\n",
        ["8d2f5848087196b:1", "4e5d562094661a0d:1", "5b5d4caf73a13177:1", "3c5bef55b72b93c9:1", "c129715d7a2bc9a3:1"],
    ),
    ("a: " + "0123456789" * 50 + "\nb: 1\n", ["792d12de5ce31838:1", "c9e1e35156b45736:1", "c129715d7a2bc9a3:1"]),
    (
        "a: '\u2028'\nb: '\x0c'\nc: '\x85'\n",
        ["a3f870ef801e4448:1", "21548d501546a769:1", "852b4dcf0ccb5949:1", "c129715d7a2bc9a3:1"],
    ),
]


@pytest.mark.parametrize(("text", "expected"), HASHES)
def test_line_hashes_are_those_of_the_multitool(text: str, expected: list[str]) -> None:
    assert line_hashes(text) == expected


def test_equal_lines_are_told_apart_by_their_number() -> None:
    counts = [value.partition(":")[2] for value in line_hashes("x\n" * 60)]

    assert counts == [*map(str, range(1, 12)), *["1"] * 50]


def test_byte_order_mark_counts_in_the_first_line_only() -> None:
    """The upload to GitHub reads a file with its mark; the Multitool drops it."""
    plain, marked = line_hashes("kind: Pod\nspec: {}\n"), line_hashes("\ufeffkind: Pod\nspec: {}\n")

    assert marked[0] != plain[0]
    assert marked[1:] == plain[1:]


@given(st.text(st.sampled_from("ab \t\r\n🚀\ufeff\u2028\udc80"), max_size=300))
def test_every_line_has_a_hash_of_its_own(text: str) -> None:
    hashes = line_hashes(text)

    assert len(hashes) == text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert len(set(hashes)) == len(hashes)
