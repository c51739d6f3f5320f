"""Autoscalers that others make: what KEDA hands on is judged as if it were written in theirs."""

from __future__ import annotations

import pytest

import devopslint

SCALED = (
    "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: shop, namespace: shop}\nspec:\n"
    "  scaleTargetRef: {name: shop}\n  minReplicaCount: 3\n  maxReplicaCount: 9\n"
    "  triggers: [{type: cpu, metricType: Utilization, metadata: {value: '70'}}]\n"
)
ADVANCED = "  advanced: {horizontalPodAutoscalerConfig: {behavior: {%s}}}\n"


@pytest.mark.parametrize(
    ("behaviour", "rules"),
    [
        ("", set()),
        (ADVANCED % "scaleDown: {stabilizationWindowSeconds: 0}", {"hpa-fast-scale-down"}),
        (ADVANCED % "scaleDown: {policies: [{type: Pods, value: 1, periodSeconds: 60}]}", set()),
        (ADVANCED % "scaleUp: {policies: [{type: Percent, value: 900, periodSeconds: 15}]}", {"hpa-fast-scale-up"}),
    ],
)
def test_what_keda_hands_on_says_how_fast_it_scales(behaviour: str, rules: set[str]) -> None:
    found = devopslint.check({"shop.yaml": SCALED + behaviour}, select=["hpa-fast-scale-down", "hpa-fast-scale-up"])

    assert {one.rule.id for one in found} == rules
