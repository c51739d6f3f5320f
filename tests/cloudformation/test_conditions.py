"""What conditions, mappings and parameters of a template come to, and what is said of what only some cases bring."""

from __future__ import annotations

import pytest

import devopslint
from devopslint.cloudformation.template import Template

HEAD = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Env: {Type: String, Default: dev}
  Given: {Type: String}
  Pick: {Type: String, AllowedValues: [0.0.0.0/0, 10.0.0.0/8]}
  Open: {Type: String, AllowedValues: [0.0.0.0/0, '::/0']}
  Many: {Type: CommaDelimitedList, Default: 'a, b'}
  Kept: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /from}
Conditions:
  IsDev: !Equals [!Ref Env, dev]
  IsProd: !Not [!Condition IsDev]
  Both: !And [!Condition IsDev, {Condition: IsProd}]
  Either: !Or [!Condition IsProd, !Equals [!Ref Given, x], !Condition IsDev]
  Asked: !Equals [!Ref Given, x]
  Round: !Not [!Condition Round]
  Empty: !Equals [!Join ['', !Ref Many], ab]
  Here: !Equals [!Ref AWS::Region, eu-central-1]
Mappings:
  Of: {dev: {Port: 22, From: 0.0.0.0/0}, prod: {Port: 443, From: 10.0.0.0/8}}
"""


def values(written: str, *, by_default: bool = False) -> list[str | None]:
    """What a property comes to in each case; `?` where nobody knows, None where it is absent."""
    text = f"{HEAD}Resources:\n  Shop:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      A: {written}\n"
    template = Template.read("stack.yaml", text)
    found = template.resources[0].options("A", case=template.defaults if by_default else None)
    return [None if one.absent else "?" if one.unknown else one.text for one in found]


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        ("IsDev", True),
        ("IsProd", False),
        ("Both", False),
        ("Either", True),
        ("Asked", None),
        ("Round", None),
        ("Empty", True),
        ("Here", None),
        ("Nowhere", None),
    ],
)
def test_a_condition_holds_or_not_where_nobody_gives_a_parameter(condition: str, held: bool | None) -> None:
    template = Template.read("stack.yaml", HEAD + "Resources: {Q: {Type: 'AWS::SQS::Queue'}}\n")

    assert template.evaluation.holds(condition) is held


@pytest.mark.parametrize(
    ("written", "every", "default"),
    [
        ("!If [IsDev, a, b]", ["a", "b"], ["a"]),
        ("!If [IsProd, a, !Ref AWS::NoValue]", ["a", None], [None]),
        ("!If [Asked, a, !If [IsDev, b, c]]", ["a", "b", "c"], ["a", "b"]),
        ("!Ref Pick", ["0.0.0.0/0", "10.0.0.0/8"], ["0.0.0.0/0", "10.0.0.0/8"]),
        ("!Ref Kept", ["?"], ["?"]),
        ("!FindInMap [Of, !Ref Env, Port]", ["22"], ["22"]),
        ("!FindInMap [Of, !Ref Given, Port]", ["22", "443"], ["22", "443"]),
        ("!FindInMap [Of, prod, !If [IsDev, Port, From]]", ["443", "10.0.0.0/8"], ["443"]),
        ("!FindInMap [Of, nowhere, Port]", ["?"], ["?"]),
        ("!FindInMap [!Ref Env, dev, Port]", ["?"], ["?"]),
        ("!Sub '${Env}-x'", ["dev-x"], ["dev-x"]),
        ("!Sub ['${Env}-${B}', {B: !Ref Env}]", ["dev-dev"], ["dev-dev"]),
        ("!Sub '${Given}-x'", ["?"], ["?"]),
        ("!Sub '${!Env}-${Env}'", ["?"], ["?"]),
        ("!Join ['-', [a, !Ref Env, !Ref AWS::NoValue]]", ["a-dev"], ["a-dev"]),
        ("!Join ['-', [a, !Ref Given]]", ["?"], ["?"]),
        ("!Select [1, !Ref Many]", ["b"], ["b"]),
        ("!Select [2, !Ref Many]", ["?"], ["?"]),
        ("!Select [0, [!Ref Env, c]]", ["dev"], ["dev"]),
        ("!Split [',', 'a,b']", ["?"], ["?"]),
    ],
)
def test_a_value_in_every_case_and_by_default(written: str, every: list[str | None], default: list[str | None]) -> None:
    assert values(written) == every
    assert values(written, by_default=True) == default


SSH = "{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: %s}"
OPEN = SSH % "0.0.0.0/0"
CLOSED = SSH % "10.0.0.0/8"
FOUND = "Web (AWS::EC2::SecurityGroup) lets everybody reach SSH, port 22"


@pytest.mark.parametrize(
    ("rules", "found", "asked"),
    [
        (f"[!If [IsDev, {OPEN}, !Ref AWS::NoValue]]", [FOUND], []),
        (f"[!If [IsProd, {OPEN}, !Ref AWS::NoValue]]", [], []),
        (f"[!If [Asked, {OPEN}, !Ref AWS::NoValue]]", [], ["condition 'Asked' decides it"]),
        (f"!If [Asked, [{OPEN}], [{CLOSED}]]", [], ["condition 'Asked' decides it"]),
        (f"!If [IsDev, [{OPEN}], [{CLOSED}]]", [FOUND], []),
        (f"!If [IsProd, [{OPEN}], !Ref AWS::NoValue]", [], []),
        (f"[!If [Asked, {OPEN}, {OPEN}]]", [FOUND], []),
        (f"[{SSH % '!If [Asked, 0.0.0.0/0, 10.0.0.0/8]'}]", [], ["condition 'Asked' decides it"]),
        (f"[{SSH % '!If [IsDev, 0.0.0.0/0, 10.0.0.0/8]'}]", [FOUND], []),
        (f"[{SSH % '!If [Asked, 0.0.0.0/0, 0.0.0.0/0]'}]", [FOUND], []),
        (
            f"[!If [Asked, {OPEN}, !Ref AWS::NoValue], !If [Here, {OPEN}, !Ref AWS::NoValue]]",
            [],
            ["conditions 'Asked', 'Here' decide it"] * 2,
        ),
        (f"[{SSH % '!Ref Pick'}]", [], ["CidrIp is one of several values"]),
        (f"[{SSH % '!Ref Open'}]", [FOUND], []),
        (f"[{SSH % '!Ref Given'}]", [], []),
        (f"[{SSH % '!FindInMap [Of, !Ref Env, From]'}]", [FOUND], []),
        (f"[{SSH % '!FindInMap [Of, !Ref Given, From]'}]", [], ["CidrIp is one of several values"]),
        (f"[{SSH % '!Join [/, [0.0.0.0, 0]]'}]", [FOUND], []),
        (
            "[{IpProtocol: tcp, FromPort: !If [Asked, 22, 80], ToPort: !If [Asked, 22, 80], CidrIp: 0.0.0.0/0}]",
            [],
            ["condition 'Asked' decides it"],
        ),
        (
            "[{IpProtocol: tcp, FromPort: !If [Asked, 80, 8080], ToPort: !If [Asked, 80, 8080], CidrIp: 0.0.0.0/0}]",
            [],
            [],
        ),
    ],
)
def test_a_rule_under_a_condition_is_open_by_default_or_asked_about(
    rules: str, found: list[str], asked: list[str]
) -> None:
    text = f"{HEAD}Resources:\n  Web:\n    Type: AWS::EC2::SecurityGroup\n    Properties: {{SecurityGroupIngress: {rules}}}\n"

    report = devopslint.check({"stack.yaml": text}, select=["cfn-open-ssh"])

    assert [one.message for one in report] == found
    assert [(one.question, one.because) for one in report.not_known] == [(f"whether {FOUND}", one) for one in asked]


@pytest.mark.parametrize(("condition", "found", "asked"), [("IsDev", 1, 0), ("IsProd", 0, 0), ("Asked", 0, 1)])
def test_a_rule_of_its_own_is_there_where_its_condition_holds(condition: str, found: int, asked: int) -> None:
    text = (
        f"{HEAD}Resources:\n  Web:\n    Type: AWS::EC2::SecurityGroupIngress\n    Condition: {condition}\n"
        f"    Properties: {OPEN}\n"
    )

    report = devopslint.check({"stack.yaml": text}, select=["cfn-open-ssh"])

    assert (len(report), len(report.not_known)) == (found, asked)


@pytest.mark.parametrize(
    ("type", "written", "rule", "found", "asked"),
    [
        ("AWS::RDS::DBInstance", "PubliclyAccessible: !If [IsDev, true, false]", "cfn-public-database", 1, 0),
        ("AWS::RDS::DBInstance", "PubliclyAccessible: !If [IsProd, true, false]", "cfn-public-database", 0, 0),
        ("AWS::RDS::DBInstance", "PubliclyAccessible: !If [Asked, true, false]", "cfn-public-database", 0, 1),
        ("AWS::RDS::DBInstance", "StorageEncrypted: !If [IsDev, false, true]", "cfn-unencrypted-storage", 1, 0),
        ("AWS::RDS::DBInstance", "StorageEncrypted: !If [Asked, false, true]", "cfn-unencrypted-storage", 0, 1),
        # What only development does without is right in production.
        ("AWS::RDS::DBInstance", "MultiAZ: !If [IsDev, false, true]", "cfn-single-zone", 0, 0),
        ("AWS::RDS::DBInstance", "MasterUserPassword: !If [Asked, t7Gq9xLm2, !Ref Given]", "cfn-written-secret", 1, 0),
        ("AWS::S3::Bucket", "AccessControl: !If [IsDev, PublicRead, Private]", "cfn-public-bucket", 1, 0),
        ("AWS::S3::Bucket", "AccessControl: !If [Asked, PublicRead, Private]", "cfn-public-bucket", 0, 1),
        ("AWS::Lambda::Url", "AuthType: !If [Asked, NONE, AWS_IAM]", "cfn-open-function", 0, 1),
        (
            "AWS::ElasticLoadBalancingV2::Listener",
            "{Protocol: HTTP, DefaultActions: [!If [Asked, {Type: redirect}, {Type: forward}]]}",
            "cfn-unencrypted-transit",
            0,
            0,
        ),
        (
            "AWS::EKS::Cluster",
            "{ResourcesVpcConfig: {PublicAccessCidrs: !Ref From}}",
            "cfn-cluster-open-endpoint",
            1,
            0,
        ),
        (
            "AWS::IAM::Role",
            "Policies: [!If [IsDev, {PolicyDocument: {Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}}, x]]",
            "cfn-iam-admin",
            1,
            0,
        ),
        (
            "AWS::IAM::Role",
            "Policies: [{PolicyDocument: {Statement: [!If [IsProd, {Effect: Allow, Action: '*', Resource: '*'}, x]]}}]",
            "cfn-iam-admin",
            0,
            0,
        ),
    ],
)
def test_a_property_is_wrong_by_default_or_asked_about(
    type: str, written: str, rule: str, found: int, asked: int
) -> None:
    head = HEAD.replace(
        "Conditions:", "  From: {Type: CommaDelimitedList, Default: '10.0.0.0/8,0.0.0.0/0'}\nConditions:"
    )
    properties = written if written.startswith("{") else f"{{{written}}}"
    text = f"{head}Resources:\n  Shop:\n    Type: {type}\n    Properties: {properties}\n"

    report = devopslint.check({"stack.yaml": text}, select=[rule])

    assert (len(report), len(report.not_known)) == (found, asked)


def test_a_finding_tells_the_condition_that_holds_by_default() -> None:
    text = f"{HEAD}Resources:\n  Web:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n"
    text += f"      SecurityGroupIngress: [!If [IsDev, {OPEN}, !Ref AWS::NoValue]]\n"

    (found,) = devopslint.check({"stack.yaml": text}, select=["cfn-open-ssh"])

    assert [(one.location.line, one.message) for one in found.related] == [(10, "holds by default")]


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ("", True),
        ("Condition: {IpAddress: {'aws:SourceIp': 0.0.0.0/0}}", True),
        ("Condition: {IpAddress: {'aws:SourceIp': ['10.0.0.0/8', '::/0']}}", True),
        ("Condition: {IpAddress: {'aws:SourceIp': [0.0.0.0/1, 128.0.0.0/1]}}", True),
        ("Condition: {IpAddressIfExists: {'aws:SourceIp': !Ref From}}", True),
        ("Condition: {StringLike: {'aws:PrincipalArn': '*'}}", True),
        ("Condition: {'ForAllValues:StringEquals': {'aws:PrincipalOrgID': o-1}}", True),
        ("Condition: !If [IsDev, !Ref AWS::NoValue, {IpAddress: {'aws:SourceIp': 10.0.0.0/8}}]", True),
        ("Condition: {IpAddress: {'aws:SourceIp': 10.0.0.0/8}}", False),
        ("Condition: {IpAddress: {'aws:SourceIp': !Ref Given}}", False),
        ("Condition: {NotIpAddress: {'aws:SourceIp': 0.0.0.0/0}}", False),
        ("Condition: {StringEquals: {'aws:PrincipalOrgID': '*'}}", False),
        ("Condition: {IpAddress: {'aws:SourceIp': 0.0.0.0/0}, StringEquals: {'aws:PrincipalOrgID': o-1}}", False),
        ("Condition: !If [Asked, !Ref AWS::NoValue, {IpAddress: {'aws:SourceIp': 10.0.0.0/8}}]", False),
    ],
)
def test_a_condition_that_everybody_meets_limits_no_policy(limit: str, told: bool) -> None:
    head = HEAD.replace(
        "Conditions:", "  From: {Type: CommaDelimitedList, Default: '10.0.0.0/8,0.0.0.0/0'}\nConditions:"
    )
    statement = f"{{Effect: Allow, Principal: '*', Action: 's3:*', Resource: '*'{', ' if limit else ''}{limit}}}"
    text = f"{head}Resources:\n  Open:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n"
    text += f"      PolicyDocument: {{Statement: [{statement}]}}\n"

    found = devopslint.check({"stack.yaml": text}, select=["cfn-public-bucket"])

    said = "Open (AWS::S3::BucketPolicy) is open to everybody: no condition limits it"
    assert [one.message for one in found] == ([said] if told else [])


@pytest.mark.parametrize(
    ("type", "rule", "said"),
    [
        ("AWS::S3::BucketPolicy", "cfn-public-bucket", "is open to"),
        ("AWS::SQS::QueuePolicy", "cfn-trust-anyone", "trusts"),
    ],
)
def test_all_but_those_who_are_named_are_everybody(type: str, rule: str, said: str) -> None:
    statement = "{Effect: %s, NotPrincipal: {AWS: 'arn:aws:iam::123456789012:root'}, Action: '*', Resource: '*'}"
    text = (
        f"Resources:\n  Open:\n    Type: {type}\n    Properties:\n      PolicyDocument: {{Statement: [{statement}]}}\n"
    )

    allowed = devopslint.check({"stack.yaml": text % "Allow"}, select=[rule])
    denied = devopslint.check({"stack.yaml": text % "Deny"}, select=[rule])

    start = f"Open ({type}) {said} everybody but those whom NotPrincipal names"
    assert [one.message.startswith(start) for one in allowed] == [True]
    assert denied == []


@pytest.mark.parametrize(
    "written",
    [
        *("!If []", "!If x", "!If {}", "!If", "{Fn::If: null}", "!Sub []", "!Sub {}", "!Join []", "!Join x"),
        *(
            "!Join",
            "{Fn::Join: {a: b}}",
            "!Select []",
            "!Select ['²', [a]]",
            "!Select [0, []]",
            "!FindInMap [[], [], []]",
        ),
    ],
)
def test_a_function_that_is_not_given_what_it_takes_is_not_known(written: str) -> None:
    assert values(written) == ["?"]


@pytest.mark.parametrize(("length", "held"), [(10, True), (2_000, None)])
def test_conditions_ask_for_each_other_no_deeper_than_templates_do(length: int, held: bool | None) -> None:
    chain = "".join(f"  C{n}: {{Condition: C{n + 1}}}\n" for n in range(length))
    text = f"{HEAD}Resources: {{Q: {{Type: 'AWS::SQS::Queue'}}}}\nConditions:\n{chain}  C{length}: !Equals [a, a]\n"

    assert (
        Template.read("stack.yaml", text.replace("Conditions:\n  IsDev", "Old:\n  IsDev")).evaluation.holds("C0")
        is held
    )


def test_texts_that_multiply_are_not_known() -> None:
    twice, growing = "ab", "'abc'"
    for _ in range(19):
        twice, growing = f'!Sub ["${{A}}", {{A: {twice}}}]', f'!Sub ["${{A}}${{A}}${{A}}", {{A: {growing}}}]'

    assert values(twice) == ["ab"]
    assert values(growing) == ["?"]


@pytest.mark.parametrize(("written", "said"), [("${Env}", "dev"), ("${${Env}", "?"), ("a ${ ${Env}", "?")])
def test_a_hole_that_does_not_close_leaves_the_text_unknown(written: str, said: str) -> None:
    assert values(f"!Sub '{written}'") == [said]


@pytest.mark.parametrize(("count", "said"), [(3, "b"), (200, "b"), (201, "?")])
def test_of_a_list_that_no_template_has_nothing_is_taken(count: int, said: str) -> None:
    assert values(f"!Select [1, [a, b{', c' * (count - 2)}]]") == [said]


@pytest.mark.parametrize(("length", "said"), [(4_096, "x" * 4_096), (4_097, "?")])
def test_a_default_that_no_parameter_may_have_is_not_known(length: int, said: str) -> None:
    text = HEAD.replace("Default: dev", f"Default: {'x' * length}")
    template = Template.read(
        "s.yaml", f"{text}Resources: {{D: {{Type: 'AWS::RDS::DBInstance', Properties: {{A: !Ref Env}}}}}}\n"
    )

    assert [one.text or "?" for one in template.resources[0].options("A")] == [said]


@pytest.mark.parametrize(("count", "found"), [(200, 1), (201, 0)])
def test_a_long_list_that_many_may_look_up_is_not_known(count: int, found: int) -> None:
    rule = "{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}"
    rules = ", ".join([rule, *["{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}"] * (count - 1)])
    group = "{Type: 'AWS::EC2::SecurityGroup', Properties: {SecurityGroupIngress: !FindInMap [Of, dev, Rules]}}"
    text = HEAD.replace("{dev: {Port: 22,", f"{{dev: {{Rules: [{rules}], Port: 22,") + f"Resources: {{G: {group}}}\n"

    assert len(devopslint.check({"stack.yaml": text}, select=["cfn-open-ssh"])) == found
