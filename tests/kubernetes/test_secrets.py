"""Which values of a Secret are secrets, by their keys and by what they hold."""

from __future__ import annotations

import pytest

import devopslint


@pytest.mark.parametrize(
    ("key", "lines", "wrong"),
    [
        ("password", ["Zq1xMade7UpKw1vRt9", "Zq2xMade7UpKw2vRt9"], True),
        ("token", ["WnExTWFkZTdVcEt3MXZSdDk=", "WnEyeE1hZGU3VXBLdzJ2UnQ5"], True),
        ("reset-password", ["#!/bin/sh", "set -e", "exec reset"], False),
        ("password-policy", ["length", "digits"], False),
        ("password", ["length: 12", "digits: 2"], False),
    ],
)
def test_a_secret_may_go_on_over_several_lines(key: str, lines: list[str], wrong: bool) -> None:
    text = "\n".join(f"    {line}" for line in lines)
    secret = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: shop}}\nstringData:\n  {key}: |\n{text}\n"

    assert len(devopslint.check({"shop.yaml": secret}, select=["k8s-committed-secret"])) == wrong
