"""What is said in several ways, or only in some cases: what Terraform makes of it, and what is told of it."""

from __future__ import annotations

import pytest

import devopslint


def found(rule: str, **files: str) -> list[str]:
    texts = {name.replace("__", "/").replace("_tf", ".tf"): text for name, text in files.items()}
    return [f"{one.location.path}:{one.location.line}" for one in devopslint.check(texts, select=[rule])]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (
            "tf-cluster-open-endpoint",
            'resource "aws_eks_cluster" "c" {\n  vpc_config {\n    endpoint_public_access = true\n    public_access_cidrs = V\n  }\n}',
        ),
        ("tf-public-bucket", 'resource "google_storage_bucket_iam_binding" "b" {\n  members = V\n}'),
    ],
)
def test_an_element_of_one_of_two_lists_is_there_only_where_both_have_it(rule: str, text: str) -> None:
    bad = '"allUsers"' if rule == "tf-public-bucket" else '"0.0.0.0/0"'
    variable = '\nvariable "open" {\n  type = bool\n}\n'

    assert found(rule, main_tf=text.replace("V", f'var.open ? [{bad}] : ["x"]') + variable) == []
    assert len(found(rule, main_tf=text.replace("V", f'var.open ? [{bad}] : ["x", {bad}]') + variable)) == 1


def test_who_is_meant_only_in_some_cases_is_not_everybody() -> None:
    policy = """resource "aws_ecr_repository_policy" "p" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = WHO, Action = ["ecr:BatchGetImage"] }] })
}
variable "open" {}
"""

    account = '{ AWS = "arn:aws:iam::111122223333:root" }'
    assert found("tf-trust-anyone", main_tf=policy.replace("WHO", f'var.open ? "*" : {account}')) == []
    assert found("tf-trust-anyone", main_tf=policy.replace("WHO", '"*"')) == ["main.tf:2"]


def test_one_of_two_policies_allows_what_both_allow() -> None:
    text = """resource "aws_iam_policy" "p" {
  policy = var.wide ? jsonencode({ Statement = [A, B] }) : jsonencode({ Statement = [A] })
}
variable "wide" {}
"""
    wide = '{ Effect = "Allow", Action = "s3:*", Resource = "*" }'
    narrow = '{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*" }'

    assert (
        found(
            "tf-iam-wildcard", main_tf=text.replace("A,", f"{narrow},").replace("A]", f"{narrow}]").replace("B", wide)
        )
        == []
    )
    assert (
        len(
            found(
                "tf-iam-wildcard", main_tf=text.replace("A,", f"{wide},").replace("A]", f"{wide}]").replace("B", narrow)
            )
        )
        > 0
    )


@pytest.mark.parametrize(
    ("status", "told"),
    [('"Suspended"', 1), ('var.on ? "Enabled" : "Suspended"', 0), ('var.on ? "Disabled" : "Suspended"', 1)],
)
def test_versions_that_may_be_kept_are_not_missed(status: str, told: int) -> None:
    text = f"""resource "aws_s3_bucket" "b" {{
  bucket = "b"
}}
resource "aws_s3_bucket_versioning" "v" {{
  bucket = aws_s3_bucket.b.id
  versioning_configuration {{
    status = {status}
  }}
}}
variable "on" {{}}
"""

    assert len(found("tf-bucket-unversioned", main_tf=text)) == told


@pytest.mark.parametrize(
    ("rule", "type", "setting"),
    [
        (
            "tf-cluster-public-endpoint",
            "google_container_cluster",
            "private_cluster_config {\n    enable_private_endpoint = V\n  }",
        ),
        ("tf-cluster-public-endpoint", "azurerm_kubernetes_cluster", "private_cluster_enabled = V"),
    ],
)
def test_a_cluster_that_may_be_private_is_not_public(rule: str, type: str, setting: str) -> None:
    text = f'resource "{type}" "c" {{\n  {setting}\n}}\nvariable "private" {{}}\n'

    assert len(found(rule, main_tf=text.replace("V", "false"))) == 1
    assert found(rule, main_tf=text.replace("V", "var.private ? true : false")) == []


_DISK = """resource "aws_ebs_volume" "v" {
  availability_zone = "eu-west-1a"
  encrypted         = var.disk.encrypted
}
"""


@pytest.mark.parametrize(
    ("type", "default", "told"),
    [
        ("object({ encrypted = optional(bool, false) })", "{}", True),
        ("object({ encrypted = optional(bool, true) })", "{}", False),
        ("object({ encrypted = optional(bool, false) })", "{ encrypted = null }", True),
        ("object({ encrypted = optional(bool, false) })", "{ encrypted = true }", False),
        ("object({ encrypted = optional(bool, true) })", "{ encrypted = false }", True),
    ],
)
def test_what_an_object_leaves_out_is_there_by_its_types_default(type: str, default: str, told: bool) -> None:
    variable = f'variable "disk" {{\n  type    = {type}\n  default = {default}\n}}\n'

    assert (found("tf-unencrypted-storage", main_tf=_DISK + variable) == ["main.tf:3"]) is told


def test_an_optional_attribute_without_a_default_is_null_for_who_is_called() -> None:
    declared = 'variable "disk" {\n  type    = object({ encrypted = optional(bool) })\n  default = {}\n}\n'
    called = 'module "m" {\n  source = "./m"\n  disk = {}\n}\n'

    assert found("tf-encryption-unsaid", m__main_tf=_DISK + declared) == []
    assert found("tf-encryption-unsaid", main_tf=called, m__main_tf=_DISK + declared) == ["m/main.tf:3"]


def test_optional_attributes_stand_in_the_objects_of_lists_and_maps_too() -> None:
    text = """variable "disks" {
  type    = map(object({ encrypted = optional(bool, false), zone = object({ name = optional(string, "eu-west-1a") }) }))
  default = { data = { zone = {} } }
}
resource "aws_ebs_volume" "v" {
  for_each          = var.disks
  availability_zone = each.value.zone.name
  encrypted         = each.value.encrypted
}
"""

    assert found("tf-unencrypted-storage", main_tf=text) == ["main.tf:8"]


def test_one_of_several_by_count_has_its_own_element() -> None:
    text = """locals {
  open = ["10.0.0.0/8", "0.0.0.0/0"]
}
resource "aws_security_group_rule" "ssh" {
  count       = length(local.open)
  type        = "ingress"
  from_port   = 22
  to_port     = 22
  protocol    = "tcp"
  cidr_blocks = [local.open[count.index]]
}
"""

    assert found("tf-open-ssh", main_tf=text) == ["main.tf:10"]
    assert found("tf-open-ssh", main_tf=text.replace("0.0.0.0/0", "10.1.0.0/16")) == []


def test_what_is_put_into_a_policys_text_is_read_as_far_as_it_is_known() -> None:
    text = """locals {
  service = "s3"
}
resource "aws_iam_policy" "p" {
  policy = <<-EOF
    {
      "Statement": [
        {"Effect": "Allow", "Action": "${local.service}:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "${var.other}:*", "Resource": "*"}
      ]
    }
  EOF
}
variable "other" {}
"""

    assert found("tf-iam-wildcard", main_tf=text) == ["main.tf:8"]


def test_the_description_that_the_provider_would_write_is_none() -> None:
    group = 'resource "aws_security_group" "g" {\n  description = "Managed by Terraform"\n}\n'

    assert found("tf-security-group-undescribed", main_tf=group) == ["main.tf:2"]


def test_a_dynamic_block_within_an_object_of_json_may_be_there() -> None:
    database = """{"resource": {"google_sql_database_instance": {"d": {"settings": {
  "dynamic": {"backup_configuration": [{"for_each": ["x"], "content": {"enabled": true}}]}
}}}}}"""

    assert found("tf-no-backup", **{"main.tf.json": database}) == []
    assert len(found("tf-no-backup", **{"main.tf.json": database.replace("backup_conf", "ip_conf")})) == 1


def test_a_cluster_whose_logs_a_diagnostic_setting_sends_on_is_no_silent_one() -> None:
    cluster = 'resource "azurerm_kubernetes_cluster" "c" {\n  name = "c"\n}\n'
    sent = """resource "azurerm_monitor_diagnostic_setting" "d" {
  target_resource_id = azurerm_kubernetes_cluster.c.id
}
"""

    assert found("tf-cluster-unlogged", main_tf=cluster) == ["main.tf:1"]
    assert found("tf-cluster-unlogged", main_tf=cluster + sent) == []
