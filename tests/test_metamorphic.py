"""What changes nothing in meaning changes nothing in a report: line ends, comments, style, quotes, key order, files."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

import devopslint
from devopslint.catalogue import catalogue

FAMILIES = ("k8s", "hpa", "pdb", "net", "rbac", "rollout", "compose", "gha", "gitlab", "docker")
EXAMPLES = [
    pytest.param(rule_id, dict(example), id=f"{rule_id}-{number}")
    for rule_id, entry in catalogue().items()
    if entry.rule.family in FAMILIES
    for number, example in enumerate(entry.bad[:1])
    if not any("\r" in text or "\t" in text for text in example.values())
][::5]
Said = Counter[tuple[str, str]]


def said(files: Mapping[str, str], rule_id: str) -> Said:
    """Messages and the files that they stand in, whatever the line."""
    found = devopslint.check(files, select=rule_id)
    return Counter((one.location.path, re.sub(r"line \d+", "line N", one.message)) for one in found)


def places(files: Mapping[str, str], rule_id: str) -> list[tuple[str, int, int, str]]:
    found = devopslint.check(files, select=rule_id)
    return [(one.location.path, one.location.line, one.location.column, one.message) for one in found]


# BuildKit 0.34.2 hands a heredoc's carriage returns on to the shell, which is what ShellCheck then warns of.
@pytest.mark.parametrize(("rule_id", "files"), [one for one in EXAMPLES if one.values[0] != "docker-shellcheck"])
def test_line_ends_of_windows_move_nothing(rule_id: str, files: dict[str, str]) -> None:
    changed = {path: text.replace("\n", "\r\n") for path, text in files.items()}

    assert places(changed, rule_id) == places(files, rule_id)


@pytest.mark.parametrize(("rule_id", "files"), EXAMPLES)
def test_a_comment_and_a_blank_line_above_move_lines_and_nothing_else(rule_id: str, files: dict[str, str]) -> None:
    changed = {
        path: f"# nothing\n\n{text}" if path.endswith((".yaml", ".yml")) and not text.startswith("%") else text
        for path, text in files.items()
    }

    assert said(changed, rule_id) == said(files, rule_id)


@pytest.mark.parametrize(("rule_id", "files"), EXAMPLES)
def test_a_file_that_has_nothing_to_do_with_it_changes_nothing(rule_id: str, files: dict[str, str]) -> None:
    others = {"notes/unrelated.txt": "FROM nothing\n", "src/main.py": "print('kind: Pod')\n", "LICENSE": "MIT\n"}

    assert places({**files, **others}, rule_id) == places(files, rule_id)


MANIFESTS = [
    parameter
    for parameter in EXAMPLES
    if parameter.values[0] != "k8s-unsorted-keys"  # which is about the order
    and str(parameter.values[0]).partition("-")[0] in ("k8s", "hpa", "pdb", "net", "rbac")
    and all(path.endswith((".yaml", ".yml")) and not path.startswith((".", "kust")) for path in parameter.values[1])  # type: ignore[union-attr]  # the files
]


def rewritten(text: str, write: Any) -> str:
    return "".join(f"---\n{write(document)}\n" for document in yaml.safe_load_all(text) if document is not None)


@pytest.mark.parametrize(("rule_id", "files"), MANIFESTS)
def test_flow_style_and_quotes_change_nothing(rule_id: str, files: dict[str, str]) -> None:
    changed = {path: rewritten(text, lambda one: json.dumps(one, default=str)) for path, text in files.items()}

    assert said(changed, rule_id) == said(files, rule_id)


@pytest.mark.parametrize(("rule_id", "files"), MANIFESTS)
def test_the_order_of_keys_changes_nothing(rule_id: str, files: dict[str, str]) -> None:
    changed = {path: rewritten(text, lambda one: yaml.safe_dump(one, sort_keys=True)) for path, text in files.items()}

    assert said(changed, rule_id) == said(files, rule_id)


@pytest.mark.parametrize(("rule_id", "files"), MANIFESTS)
def test_documents_in_files_of_their_own_say_the_same(rule_id: str, files: dict[str, str]) -> None:
    apart = {
        f"{path.removesuffix('.yaml').removesuffix('.yml')}-{number}.yaml": yaml.safe_dump(document)
        for path, text in files.items()
        for number, document in enumerate(yaml.safe_load_all(text))
        if document is not None
    }

    def messages(of: Mapping[str, str]) -> Counter[str]:
        return Counter(message for (_, message), count in said(of, rule_id).items() for _ in range(count))

    assert messages(apart) == messages(files)


def test_one_suppression_removes_exactly_its_findings() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - {name: a, image: 'b:latest'}\n  - {name: c, image: 'd:latest'}\n"
    comment = "  # devopslint: allow k8s-latest-tag -- tried\n"
    before = devopslint.check({"pod.yaml": pod})

    after = devopslint.check({"pod.yaml": pod.replace("'b:latest'}\n", f"'b:latest'}}{comment}")})

    gone = [one for one in after if one.suppressed is not None]
    assert [(one.rule.id, one.location.line) for one in gone] == [("k8s-latest-tag", 6)]
    assert [one._replace(suppressed=None) for one in after] == list(before)
