"""What ansible-lint's comments and configuration accept."""

from __future__ import annotations

import pytest

import devopslint

TASKS = """\
- hosts: web
  tasks:
    - name: First{first}
      ansible.builtin.apt:
        name: nginx
        state: latest{state}
    - name: Second
      ansible.builtin.apt:
        name:
          - git{item}
        state: latest
"""


def accepted(files: dict[str, str]) -> list[tuple[int, str]]:
    """(line, who accepts it) of each package that is not pinned."""
    found = devopslint.check(files, select=["ansible-latest-package"])
    return [(one.location.line, one.suppressed.origin if one.suppressed is not None else "-") for one in found]


@pytest.mark.parametrize(
    ("comments", "expected"),
    [
        ({}, ["-", "-"]),
        ({"first": "  # noqa: package-latest"}, ["ansible-lint", "-"]),
        ({"state": "  # noqa package-latest, no-handler"}, ["ansible-lint", "-"]),
        ({"item": "  # noqa: package-latest"}, ["-", "ansible-lint"]),
        ({"state": "  # noqa: no-handler"}, ["-", "-"]),
        ({"state": "  # noqa: E501"}, ["-", "-"]),
    ],
)
def test_a_comment_speaks_of_its_task(comments: dict[str, str], expected: list[str]) -> None:
    text = TASKS.format(**({"first": "", "state": "", "item": ""} | comments))

    found = accepted({"site.yml": text})

    assert found == [(6, expected[0]), (11, expected[1])]


@pytest.mark.parametrize("path", [".ansible-lint", ".config/ansible-lint.yml"])
def test_what_the_configuration_skips_is_marked(path: str) -> None:
    text = TASKS.format(first="", state="", item="")

    found = accepted({"site.yml": text, path: "skip_list: [package-latest, yaml]\n"})

    assert found == [(6, "ansible-lint"), (11, "ansible-lint")]
