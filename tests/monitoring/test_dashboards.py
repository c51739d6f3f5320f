"""Dashboards as files of their own, and in objects that hold them."""

from __future__ import annotations

import json
import textwrap

import devopslint


def board(title: str) -> str:
    return json.dumps({"title": title, "uid": "shop", "schemaVersion": 39, "panels": []})


def duplicates(files: dict[str, str]) -> int:
    return len(devopslint.check(files, select=["grafana-duplicate-uid"]))


def test_the_file_from_which_a_config_map_is_made_is_no_second_dashboard() -> None:
    held = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop, labels: {grafana_dashboard: '1'}}\ndata:\n  shop.json: |\n"
    held += textwrap.indent(board("Shop"), "    ") + "\n"

    assert duplicates({"boards/shop.json": board("Shop"), "boards/shop.yaml": held}) == 0
    assert duplicates({"boards/shop.json": board("Errors"), "boards/shop.yaml": held}) == 1
    assert duplicates({"boards/a.json": board("Shop"), "boards/b.json": board("Shop")}) == 1
