"""What a template's values come to, and which files are templates."""

from __future__ import annotations

import json

import pytest

import devopslint
from devopslint.cloudformation.template import Template
from devopslint.files import classify

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  From: {Type: String, Default: 0.0.0.0/0}
  Given: {Type: String}
Resources:
  Shop:
    Type: AWS::RDS::DBInstance
    Properties:
      A: %s
"""


def values(text: str) -> list[str | None]:
    """What property A comes to in each case; `?` where nobody knows, None where it is absent."""
    (resource,) = Template.read("stack.yaml", TEMPLATE % text).resources
    return [None if one.absent else one.text if not one.unknown else "?" for one in resource.options("A")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", ["true"]),
        ("!Ref From", ["0.0.0.0/0"]),
        ("{Ref: From}", ["0.0.0.0/0"]),
        ("!Ref Given", ["?"]),
        ("!Ref Other", ["?"]),
        ("!Ref AWS::NoValue", [None]),
        ("!If [Live, a, b]", ["a", "b"]),
        ("{'Fn::If': [Live, a, !If [Test, b, !Ref AWS::NoValue]]}", ["a", "b", None]),
        ("!Sub plain", ["plain"]),
        ("!Sub '${AWS::Region}-x'", ["?"]),
        ("!ImportValue x", ["?"]),
        ("!GetAtt X.Arn", ["?"]),
        ("{'Fn::FindInMap': [A, b, c]}", ["?"]),
    ],
)
def test_a_value_is_known_absent_unknown_or_one_of_several(text: str, expected: list[str | None]) -> None:
    assert values(text) == expected


def test_conditionals_inside_each_other_end_as_unknown() -> None:
    deep = "!If [Live, a, " * 40 + "b" + "]" * 40

    assert values(deep)[-1] == "?"


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("stack.yaml", TEMPLATE % "1", "cloudformation"),
        ("stack.template", TEMPLATE % "1", "cloudformation"),
        ("stack.yml", "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n", "cloudformation"),
        ("stack.json", json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}), "cloudformation"),
        ("stack.json", json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}, indent=2), "cloudformation"),
        ("other.yaml", "Resources:\n  - a\n", None),
        ("other.yaml", "example: AWS::SQS::Queue\n", None),
        ("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", "manifest"),
    ],
)
def test_templates_are_told_by_resources_of_aws(path: str, text: str, kind: str | None) -> None:
    assert classify(path, text) == kind


def test_what_cfn_lint_is_told_to_leave_out_is_accepted() -> None:
    text = """\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Metadata: {cfn-lint: {config: {ignore_checks: [I3011]}}}
  Others:
    Type: AWS::DynamoDB::Table
"""

    found = devopslint.check({"stack.yaml": text}, select=["cfn-no-deletion-policy"])

    assert [(one.subject, one.suppressed is not None) for one in found] == [
        ("Orders (AWS::DynamoDB::Table)", True),
        ("Others (AWS::DynamoDB::Table)", False),
    ]


def test_a_secret_of_a_template_is_hidden_in_reports() -> None:
    text = "Resources:\n  Shop:\n    Type: AWS::RDS::DBInstance\n    Properties: {MasterUserPassword: t7Gq9xLm2}\n"

    (one,) = devopslint.check({"stack.yaml": text}, select=["cfn-written-secret"])

    assert "t7Gq9xLm2" not in one.message
