"""What an adversary multiplies stays bounded: findings on one line, the length of a message, the width of a frame."""

from __future__ import annotations

import devopslint
from devopslint.engine import LONGEST_MESSAGE, MOST_ON_A_LINE
from devopslint.model import Location
from devopslint.reports.frames import frames


def test_what_a_rule_says_of_one_line_is_counted_beyond_some() -> None:
    keys = ", ".join(f"{{name: a{number}, image: 'b:latest'}}" for number in range(MOST_ON_A_LINE + 30))
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{keys}]}}\n"

    found = devopslint.check({"pod.yaml": pod}, select="k8s-latest-tag")

    assert len(found) == MOST_ON_A_LINE + 1
    assert found[-1].message == "and 30 more findings of this rule on this line"
    assert len({one.fingerprint for one in found}) == len(found)


def test_findings_on_several_lines_are_told_one_by_one() -> None:
    keys = ",\n".join(f"{{name: a{number}, image: 'b:latest'}}" for number in range(MOST_ON_A_LINE + 30))
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{keys}]}}\n"

    assert len(devopslint.check({"pod.yaml": pod}, select="k8s-latest-tag")) == MOST_ON_A_LINE + 30


def test_a_message_is_no_longer_than_somebody_reads() -> None:
    name = "long" * LONGEST_MESSAGE
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{{name: {name}, image: 'b:latest'}}]}}\n"

    (found,) = devopslint.check({"pod.yaml": pod}, select="k8s-root-container")

    assert len(found.message) == LONGEST_MESSAGE + 1
    assert found.message.startswith("container 'longlong") and found.message.endswith("long' may run as root")


def test_a_frame_of_a_long_line_shows_what_is_around_the_region() -> None:
    line = "ab" * 50_000 + "HERE" + "cd" * 50_000

    (frame,) = frames([line], Location("a", 1, 100_001, 1, 100_005))

    assert frame.code.startswith("…") and frame.code.endswith("…")
    assert "abHEREcd" in frame.code
    assert frame.code[len(frame.indent) :].startswith("HERE")
    assert frame.carets == "^^^^"
