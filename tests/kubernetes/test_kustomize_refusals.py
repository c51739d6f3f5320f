"""Kustomizations that kustomize 5 refuses: each was given to it."""

from __future__ import annotations

from pathlib import Path

import pytest

import devopslint

SHOP = "resources: [shop.yaml]\n"
JSON = "kustomize reads a patch that begins with [ as JSON, which this is not: names and texts stand in quotes"
EMPTY = "kustomize takes no kustomization that says nothing"


def told(folder: Path, text: str) -> list[tuple[int, str]]:
    (folder / "shop.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\n")
    (folder / "kustomization.yaml").write_text(text)
    found = devopslint.check_paths([folder], select=["kustomize-refused-kustomization"])
    return [(one.location.line, one.message) for one in found]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SHOP + "images: [{name: shop, newTag: 1.10}]\n", "kustomize takes no 1.10 for 'newTag': it wants a text, in quotes"),
        (SHOP + "namespace: on\n", "kustomize takes no on for 'namespace': it wants a text, in quotes"),
        (SHOP + "labels: [{pairs: {tier: 1}}]\n", "kustomize takes no 1 for 'tier': it wants a text, in quotes"),
        (SHOP + 'replicas: [{name: shop, count: "3"}]\n', "kustomize takes no text for 'count'"),
        (SHOP + "patches: [{patch: '[{op: add, path: /data/a, value: b}]', target: {kind: ConfigMap}}]\n", JSON),
        (SHOP + "patchesJson6902: [{patch: \"[{'op': 'remove'}]\", target: {kind: ConfigMap}}]\n", JSON),
        (
            SHOP + "patches: [{patch: [{op: remove, path: /data}], target: {kind: ConfigMap}}]\n",
            "kustomize takes no list or object for 'patch': it wants a text",
        ),
        (
            SHOP + "labels: [{pairs: {a: b}, fields: [{path: metadata/labels, create: false}]}]\n",
            "metadata/labels is made where it is not there, and is said not to be",
        ),
        ("", EMPTY),
        ("# later\n", EMPTY),
        ("{}\n", EMPTY),
        ("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n", EMPTY),
    ],
)  # fmt: skip
def test_what_kustomize_refuses(tmp_path: Path, text: str, message: str) -> None:
    assert [said for _, said in told(tmp_path, text)] == [message]


@pytest.mark.parametrize(
    "text",
    [
        "resources: []\n",
        "namespace: shop\n",
        SHOP + 'images: [{name: shop, newTag: "1.10"}]\n',
        SHOP + "images: [{name: shop, newTag: 1.10.0}]\n",
        SHOP + 'replicas: [{name: shop, count: "${COUNT}"}]\n',
        SHOP + 'patches: [{patch: \'[{"op": "remove", "path": "/data"}]\', target: {kind: ConfigMap}}]\n',
        SHOP + "patches: [{patch: '- {op: remove, path: /data}', target: {kind: ConfigMap}}]\n",
        SHOP + "patches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: shop}}'}]\n",
        SHOP + "patches: [{patch: '[{\"op\": \"add\", \"value\": ${VALUE}}]', target: {kind: ConfigMap}}]\n",
        SHOP + "labels: [{pairs: {a: b}, fields: [{path: metadata/labels, create: true}, {path: spec/x, create: false}]}]\n",
    ],
)  # fmt: skip
def test_what_kustomize_takes(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, text) == []


def test_a_refusal_stands_where_it_is_written(tmp_path: Path) -> None:
    assert [line for line, _ in told(tmp_path, SHOP + "images:\n  - name: shop\n    newTag: 1.10\n")] == [4]


def test_what_a_patch_in_a_file_makes_is_not_known_where_kustomize_stops_at_it(tmp_path: Path) -> None:
    (tmp_path / "patch.yaml").write_text("[{op: add, path: /data, value: {}}]\n")
    told(tmp_path, SHOP + "patches: [{path: patch.yaml, target: {kind: ConfigMap}}]\n")

    found = devopslint.check_paths([tmp_path], select=["kustomize-refused-kustomization"])

    reasons = [one.because.rpartition("/")[2] for one in found.not_known]
    assert reasons == ["patch.yaml begins with [ and is no JSON, as which kustomize reads it"]
