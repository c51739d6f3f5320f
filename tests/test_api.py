"""The public API: what `check` and `rules` take, give and refuse."""

from __future__ import annotations

import pytest

import devopslint
from devopslint.config import ConfigError

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: app\n"


def test_rules_can_be_asked_for_twice() -> None:
    assert devopslint.rules() == devopslint.rules()


def test_findings_come_sorted_and_with_their_rule() -> None:
    findings = devopslint.check({"b.yaml": POD, "a.yaml": POD}, select=["k8s-writable-root-filesystem"])

    assert [(f.location.path, f.location.line, f.rule.id) for f in findings] == [
        ("a.yaml", 6, "k8s-writable-root-filesystem"),
        ("b.yaml", 6, "k8s-writable-root-filesystem"),
    ]


def test_files_of_no_known_kind_are_passed_over() -> None:
    assert devopslint.check({"notes.txt": "kind: Pod", "values.yaml": "replicas: 1"}) == []


def test_a_peers_name_selects_our_equivalent() -> None:
    findings = devopslint.check({"pod.yaml": POD}, select=["checkov:CKV_K8S_22"])

    assert {f.rule.id for f in findings} == {"k8s-writable-root-filesystem"}


@pytest.mark.parametrize("token", ["no-such-rule", "nofamily-", "dod:nothing", "hadolint:DL9999"])
def test_a_selection_that_names_nothing_is_an_error(token: str) -> None:
    with pytest.raises(ConfigError, match="named"):
        devopslint.check({}, select=[token])


def test_a_fingerprint_does_not_move_with_the_line() -> None:
    select = ["k8s-writable-root-filesystem"]
    (before,) = devopslint.check({"pod.yaml": POD}, select=select)
    (after,) = devopslint.check({"pod.yaml": "# a comment\n\n" + POD}, select=select)

    assert before.fingerprint == after.fingerprint
    assert before.location.line + 2 == after.location.line
