"""What is an error of Terraform only where it is certain, and what is a warning."""

from __future__ import annotations

import pytest

import devopslint
from devopslint.model import Severity

POLICY = """resource "aws_s3_bucket_policy" "assets" {{
  bucket = "assets"
  policy = jsonencode({{ Statement = [{{ Effect = "Allow", Principal = "*", Action = {}, Resource = "*" }}] }})
}}
"""


@pytest.mark.parametrize(
    ("actions", "severity"),
    [
        ('"s3:GetObject"', Severity.WARNING),
        ('["s3:GetObject", "s3:GetObjectVersion"]', Severity.WARNING),
        ('["s3:GetObject", "s3:ListBucket"]', Severity.ERROR),
        ('"s3:PutObject"', Severity.ERROR),
        ('"*"', Severity.ERROR),
        ("var.actions", Severity.ERROR),
    ],
)
def test_a_policy_by_which_everybody_only_reads_objects_is_a_warning(actions: str, severity: Severity) -> None:
    (found,) = devopslint.check({"main.tf": POLICY.format(actions)}, select=["tf-public-bucket"])

    assert found.severity == severity


@pytest.mark.parametrize(
    ("description", "told"),
    [("Path for SSH private key", 0), ("The file with your private key", 0), ("Private key of the path finder", 1)],
)
def test_a_variable_that_names_the_file_of_a_key_holds_none(description: str, told: int) -> None:
    text = (
        f'variable "ssh_private_key" {{\n  type = string\n  description = "{description}"\n  default = "identity"\n}}\n'
    )

    for rule in ("tf-secret-not-sensitive", "tf-secret-default"):
        assert len(devopslint.check({"variables.tf": text}, select=[rule])) == told


@pytest.mark.parametrize(
    ("grant", "severity"),
    [
        ('google_storage_default_object_access_control" "web" {\n  role = "READER"', Severity.WARNING),
        ('google_storage_default_object_access_control" "web" {\n  role = "OWNER"', Severity.ERROR),
        ('google_storage_bucket_access_control" "web" {\n  role = "READER"', Severity.ERROR),
    ],
)
def test_objects_that_everybody_may_read_and_not_list_may_be_published(grant: str, severity: Severity) -> None:
    text = f'resource "{grant}\n  bucket = "web"\n  entity = "allUsers"\n}}\n'

    assert [one.severity for one in devopslint.check({"main.tf": text}, select=["tf-public-bucket"])] == [severity]


@pytest.mark.parametrize(
    ("type", "body", "severity"),
    [
        ("aws_network_acl", 'rule_no = 1\n    action = "allow"\n    cidr_block = "0.0.0.0/0"', Severity.WARNING),
        ("aws_security_group", 'cidr_blocks = ["0.0.0.0/0"]', Severity.ERROR),
    ],
)
def test_behind_a_network_acl_security_groups_decide(type: str, body: str, severity: Severity) -> None:
    text = f'''resource "{type}" "web" {{
  vpc_id = "vpc-1"
  ingress {{
    {body}
    protocol = "tcp"
    from_port = 23
    to_port = 23
  }}
}}
'''

    assert [one.severity for one in devopslint.check({"main.tf": text}, select=["tf-open-telnet"])] == [severity]


def test_a_document_by_which_everybody_reads_objects_may_publish_them() -> None:
    text = """data "aws_iam_policy_document" "keys" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::keys/*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
"""
    found = devopslint.check({"main.tf": text}, select=["tf-trust-anyone"])
    written = devopslint.check({"main.tf": text.replace("GetObject", "PutObject")}, select=["tf-trust-anyone"])

    assert [one.severity for one in found] == [Severity.WARNING]
    assert [one.severity for one in written] == [Severity.ERROR]


def test_what_stops_a_reader_the_same_way_many_times_is_told_once() -> None:
    text = 'resource "null_resource" "shop" {\n  a = "ssh",\n  b = "ssh",\n  c = "ssh",\n}\n'

    found = devopslint.check({"main.tf": text}, select=["unreadable-file"])

    assert [(one.location.line, one.message) for one in found] == [
        (2, "expected the end of the expression, and so in 2 more places")
    ]
