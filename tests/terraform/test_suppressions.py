"""Comments of tflint, checkov, trivy and KICS in HCL accept what they would accept there."""

from __future__ import annotations

import pytest

import devopslint

GROUP = """resource "aws_security_group" "app" {{
{inside}
  ingress {{
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]{behind}
  }}
}}
"""


def accepted(text: str, rule: str, **files: str) -> list[tuple[str, int, str | None]]:
    """The line of each finding, who accepts it and why; `-` where nobody does."""
    found = devopslint.check({"main.tf": text, **files}, select=[rule])
    return [
        (f.suppressed.origin if f.suppressed else "-", f.location.line, f.suppressed.reason if f.suppressed else None)
        for f in found
    ]


@pytest.mark.parametrize(
    ("before", "inside", "behind", "expected"),
    [
        ("", "", "", ("-", None)),
        ("", "  #checkov:skip=CKV_AWS_24:the bastion", "", ("checkov", "the bastion")),
        ("", "  # checkov:skip=CKV_AWS_25", "", ("-", None)),
        ("#trivy:ignore:AVD-AWS-0107\n", "", "", ("trivy", None)),
        ("#trivy:ignore:AVD-AWS-*\n", "", "", ("trivy", None)),
        ("#trivy:ignore:AVD-GCP-*\n", "", "", ("-", None)),
        ("# trivy:ignore:aws-0999 tfsec:ignore:AWS-0107\n", "", "", ("trivy", None)),
        ("#trivy:ignore:AWS-0107:exp:2020-01-01\n", "", "", ("-", None)),
        ("#trivy:ignore:AWS-0107:exp:2999-01-01\n", "", "", ("trivy", None)),
        ("#trivy:ignore:*\n", "", "", ("trivy", None)),
        ("", "", " #tfsec:ignore:AWS-0107", ("trivy", None)),
        ("", "", " #tfsec:ignore:aws-ec2-no-public-ingress-sgr", ("trivy", None)),
        ("# tfsec:ignore:aws-vpc-no-public-*\n", "", "", ("trivy", None)),
        ("# tfsec:ignore:AWS008\n", "", "", ("trivy", None)),
        ("# tfsec:ignore:AWS107\n", "", "", ("-", None)),  # its first numbers are none of today's
        ("", "  #trivy:ignore:AWS-0107\n  name = 1", "", ("-", None)),
        ("# kics-scan ignore-block\n", "", "", ("kics", None)),
        ("# kics-scan ignore-line\n", "", "", ("-", None)),
        ("# kics-scan disable=65905cec-d691-4320-b320-2000436cb696\n", "", "", ("kics", None)),
        (
            "// kics-scan disable=000,4728CD65-A20C-49DA-8B31-9C08B423E4DB\nlocals {}\n",
            "",
            "",
            ("kics", None),
        ),
        ("# kics-scan disable=ffac8a12-322e-42c1-b9b9-81ff85c39ef7\n", "", "", ("-", None)),
        ("# devopslint: allow tf-open-ssh -- the bastion\n", "", "", ("comment", "the bastion")),
    ],
)
def test_a_comment_accepts_what_it_means(before: str, inside: str, behind: str, expected: tuple[str, str]) -> None:
    text = before + GROUP.format(inside=inside, behind=behind)

    ((origin, _, reason),) = accepted(text, "tf-open-ssh")

    assert (origin, reason) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('# tflint-ignore: terraform_typed_variables\nvariable "a" {}\nvariable "b" {}\n', [("tflint", 2), ("-", 3)]),
        ('variable "a" {} # tflint-ignore: all\n', [("tflint", 1)]),
        ('variable "a" {\n  # tflint-ignore: terraform_typed_variables\n}\n', [("-", 1)]),
        (
            '# tflint-ignore-file: terraform_typed_variables\nvariable "a" {}\nvariable "b" {}\n',
            [("tflint", 2), ("tflint", 3)],
        ),
        ('# tflint-ignore: terraform_documented_variables\nvariable "a" {}\n', [("-", 2)]),
    ],
)
def test_tflint_speaks_of_a_line_and_the_next(text: str, expected: list[tuple[str, int]]) -> None:
    assert [(origin, line) for origin, line, _ in accepted(text, "tf-untyped-variable")] == expected


def test_a_comment_at_a_call_accepts_what_the_call_brings_about() -> None:
    call = 'module "app" {\n  #checkov:skip=CKV_AWS_24:the bastion\n  source = "./app"\n  from   = ["0.0.0.0/0"]\n}\n'
    child = 'variable "from" {\n  type = list(string)\n}\n' + GROUP.format(inside="", behind="").replace(
        '["0.0.0.0/0"]', "var.from"
    )

    assert accepted(call, "tf-open-ssh", **{"app/main.tf": child}) == [("checkov", 10, "the bastion")]
