"""Kubernetes quantities are exact numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest

from devopslint.kubernetes.quantity import ONE, quantity


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", Fraction(1)),
        ("0.5", Fraction(1, 2)),
        (".5", Fraction(1, 2)),
        ("500m", Fraction(1, 2)),
        ("1Gi", Fraction(2**30)),
        ("1G", Fraction(10**9)),
        ("1e3", Fraction(1000)),
        ("1E", Fraction(10**18)),
        ("1E-3", Fraction(1, 1000)),
        ("-1", Fraction(-1)),
        ("-.25Mi", Fraction(-(2**18))),
        ("+5.n", Fraction(5, 10**9)),
        ("0." + "1" * 30 + "e-99", Fraction(int("1" * 30), 10**129)),
    ],
)
def test_quantity_is_an_exact_number(text: str, number: Fraction) -> None:
    assert quantity(text) == number * ONE


@pytest.mark.parametrize("text", ["", "512MB", "1 Gi", "Mi", "1ki", "one", "1e999", "1" * 40])
def test_what_kubernetes_cannot_read_is_no_quantity(text: str) -> None:
    assert quantity(text) is None
