"""Whom policies let in."""

from __future__ import annotations

import pytest

import devopslint
from devopslint.facts.iam import anybody_has


def policy(statement: str) -> dict[str, str]:
    text = f'resource "aws_s3_bucket_policy" "files" {{\n  policy = jsonencode({{ Statement = [{statement}] }})\n}}\n'
    return {"main.tf": text}


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ('{ IpAddress = { "aws:SourceIp" = "0.0.0.0/0" } }', True),
        ('{ IpAddress = { "aws:SourceIp" = ["10.0.0.0/8", "0.0.0.0/0"] } }', True),
        ('{ IpAddress = { "aws:SourceIp" = ["0.0.0.0/1", "128.0.0.0/1"] } }', True),
        ('{ "ForAllValues:StringEquals" = { "aws:PrincipalOrgID" = "o-1" } }', True),
        ('{ IpAddress = { "aws:SourceIp" = "10.0.0.0/8" } }', False),
        ('{ NotIpAddress = { "aws:SourceIp" = "0.0.0.0/0" } }', False),
        ('{ IpAddress = { "aws:SourceIp" = var.office } }', False),
    ],
)
def test_a_condition_that_everybody_meets_limits_no_policy(condition: str, told: bool) -> None:
    files = policy(f'{{ Effect = "Allow", Principal = "*", Action = "s3:*", Resource = "*", Condition = {condition} }}')

    found = devopslint.check(files, select=["tf-public-bucket"])

    said = "aws_s3_bucket_policy.files is open to everybody: no condition limits its policy"
    assert [one.message for one in found] == ([said] if told else [])


@pytest.mark.parametrize(
    ("effect", "limit", "told"),
    [
        ("Allow", "", True),
        ("Deny", "", False),
        ("Allow", ', Condition = { Bool = { "aws:ViaAWSService" = "true" } }', False),
    ],
)
def test_all_but_those_who_are_named_are_everybody(effect: str, limit: str, told: bool) -> None:
    files = policy(
        f'{{ Effect = "{effect}", NotPrincipal = {{ AWS = "arn:aws:iam::123456789012:root" }}, Action = "s3:*", '
        f'Resource = "*"{limit} }}'
    )

    found = devopslint.check(files, select=["tf-public-bucket"])

    said = (
        "aws_s3_bucket_policy.files is open to everybody but those whom it leaves out: no condition limits its policy"
    )
    assert [one.message for one in found] == ([said] if told else [])


@pytest.mark.parametrize(
    ("operator", "values", "has"),
    [
        ("IpAddress", ["::/0"], True),
        ("IpAddress", ["::/1", "8000::/1"], True),
        ("IpAddress", ["::/1", "128.0.0.0/1"], False),
        ("ForAnyValue:IpAddressIfExists", ["0.0.0.0/0"], True),
        ("IpAddress", ["office"], False),
        ("IpAddress", [None], False),
        ("StringLike", ["*"], True),
        ("StringLike", ["o-*"], False),
        ("StringEquals", ["*"], False),
        ("ArnLike", ["arn:aws:iam::*:*"], True),
    ],
)
def test_what_anybody_has(operator: str, values: list[str | None], has: bool) -> None:
    assert anybody_has(operator, values) is has
