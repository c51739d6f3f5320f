"""What a template's values come to, and which files are templates."""

from __future__ import annotations

import json

import pytest

import devopslint
from devopslint.cloudformation.template import Template, witnesses, written_text
from devopslint.files import classify
from devopslint.model import Severity, Witness

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
        (
            "stack.yaml",
            "# ours\n  Description: q\n  Resources:\n    Q:\n      Type: AWS::SQS::Queue\n",
            "cloudformation",
        ),
        ("other.yaml", "service: q\nresources:\n  Resources:\n    Q:\n      Type: AWS::SQS::Queue\n", None),
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


def test_what_checkov_is_told_to_leave_out_is_accepted_with_its_reason() -> None:
    text = """\
Resources:
  Bastion:
    Type: AWS::EC2::SecurityGroup
    Metadata: {checkov: {skip: [{id: CKV_AWS_24, comment: for the bastion}, {id: CKV_AWS_1}]}}
    Properties:
      GroupDescription: The bastion
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}]
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: The shop
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}]
"""

    found = devopslint.check({"stack.yaml": text}, select=["cfn-open-ssh", "cfn-open-rdp"])

    assert [one.suppressed.reason if one.suppressed else None for one in found] == ["for the bastion", None]


def test_a_secret_of_a_template_is_hidden_in_reports() -> None:
    text = "Resources:\n  Shop:\n    Type: AWS::RDS::DBInstance\n    Properties: {MasterUserPassword: t7Gq9xLm2}\n"

    (one,) = devopslint.check({"stack.yaml": text}, select=["cfn-written-secret"])

    assert "t7Gq9xLm2" not in one.message


def test_a_template_shows_what_it_describes_and_whom_it_lets_in() -> None:
    text = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Name: {Type: String, Description: Of the shop}
  Size: {Type: String}
Resources:
  App:
    Type: AWS::EC2::SecurityGroup
    Properties:
      SecurityGroupIngress: [{SourceSecurityGroupId: !Ref Balancer, IpProtocol: tcp, FromPort: 80, ToPort: 80}]
Outputs:
  Url: {Value: !Ref App, Description: Where it is}
  Id: {Value: !Ref App}
"""

    told = [one for one in Template.read("stack.yaml", text).summaries() if isinstance(one, Witness)]

    assert [(one.item, one.words, one.location.line, one.calls) for one in told] == [
        ("iac.terraform", "CloudFormation makes the resources of the template", 5, False),
        ("iac.state", "CloudFormation keeps the state of the stack", 5, False),
        ("iac.variables", "parameter 'Name' is described", 3, False),
        ("iac.outputs", "output 'Url' is described", 11, False),
        ("iac.outputs", "output 'Id'", 12, True),
        ("iac.network", "a rule of App (AWS::EC2::SecurityGroup) names who is let in", 6, False),
    ]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("plain text", "plain text"),
        ("!Base64 a", "a"),
        ("{'Fn::Base64': !Sub '${A} b'}", "${A} b"),
        ("{'Fn::Base64': {'Fn::Sub': ['${A} c', {A: !Ref B}]}}", "${A} c"),
        ("!Ref Text", None),
        ("{'Fn::Base64': {'Fn::Join': ['', [a, b]]}}", None),
    ],
)
def test_a_text_is_found_within_base64_and_sub(written: str, text: str | None) -> None:
    (resource,) = Template.read("stack.yaml", TEMPLATE % written).resources

    found = written_text(resource.properties["A"])

    assert (found.text if found is not None else None) == text


def test_a_rule_names_who_is_let_in_by_group_list_or_addresses_that_are_not_all() -> None:
    def rules(*given: str) -> int:
        text = "".join(
            f"  G{number}:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupIngress: [{{{one}}}]\n"
            for number, one in enumerate(given)
        )
        template = Template.read("stack.yaml", f"Resources:\n{text}")
        return sum(one.item == "iac.network" for one in witnesses(template))

    assert rules("CidrIp: 10.0.0.0/8", "CidrIpv6: 'fd00::/8'", "SourcePrefixListId: pl-1") == 3
    assert rules("CidrIp: 0.0.0.0/0", "CidrIpv6: '::/0'", "CidrIp: !Ref Office") == 0


@pytest.mark.parametrize(
    ("description", "told"),
    [
        ("SSM parameter name for the analytics API key", 0),
        ("The ARN of the secret that holds the key", 0),
        ("Name for your database's secret", 1),
        ("API key of the analytics service", 1),
    ],
)
def test_a_parameter_that_names_where_a_secret_is_kept_may_be_seen(description: str, told: int) -> None:
    text = f'Parameters:\n  AnalyticsApiKey: {{Type: String, Description: "{description}"}}\nResources: {{}}\n'

    found = devopslint.check(
        {"stack.yaml": 'AWSTemplateFormatVersion: "2010-09-09"\n' + text}, select=["cfn-secret-parameter"]
    )

    assert len(found) == told


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        (["s3:*", "sqs:Send", "s3:*"], "s3"),
        (["s3:*", "sqs:*"], "s3 and sqs"),
        (["s3:*", "sqs:*", "sns:*", "ecr:*"], "s3, sqs, sns and ecr"),
        (["s3:*", "sqs:*", "sns:*", "ecr:*", "eks:*", "ecs:*"], "s3, sqs, sns and 3 more"),
    ],
)
def test_the_services_of_one_statement_are_told_at_once(actions: list[str], said: str) -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyName": "all", "PolicyDocument": {}}]}}
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    role["Properties"]["Policies"][0]["PolicyDocument"] = {"Statement": [statement]}  # type: ignore[index]
    text = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Worker": role}}, indent=1)

    (found,) = devopslint.check({"stack.json": text}, select=["cfn-iam-wildcard"])

    assert found.message == f"Worker (AWS::IAM::Role) may do all of {said} with every resource"
    assert '"s3:*"' in text.splitlines()[found.location.line - 1]
    assert len(found.related) == len({one for one in actions if one.endswith(":*")}) - 1


@pytest.mark.parametrize(
    ("path", "site", "severities"),
    [
        ("site.yaml", "", [Severity.ERROR]),
        ("site.yaml", "WebsiteConfiguration: {IndexDocument: index.html}", [Severity.WARNING]),
        ("000_deprecated/site.yaml", "", []),
    ],
)
def test_a_site_is_read_by_everybody_and_what_is_put_away_by_nobody(
    path: str, site: str, severities: list[Severity]
) -> None:
    text = f"""\
Resources:
  Site:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: PublicRead
      {site}
"""

    assert [one.severity for one in devopslint.check({path: text}, select=["cfn-public-bucket"])] == severities
