"""What the calls of well-known modules of the registry say of what these build, and what nobody knows of it."""

from __future__ import annotations

import pytest

import devopslint


def found(rules: list[str], text: str, **files: str) -> list[str]:
    kept = devopslint.check({"main.tf": text, **files}, select=rules)
    return [f"{one.location.line} {one.message}" for one in kept]


GROUP = 'module "web" {{\n  source = "terraform-aws-modules/security-group/aws"\n  version = "5.3.0"\n{}\n}}\n'


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            '  ingress_with_cidr_blocks = [{ from_port = 20, to_port = 30, protocol = "tcp", cidr_blocks = "0.0.0.0/0" }]',
            "4 module.web lets 0.0.0.0/0 in to port 22, SSH",
        ),
        (
            '  ingress_with_cidr_blocks = [{ rule = "ssh-tcp", cidr_blocks = "10.0.0.0/8, 0.0.0.0/0" }]',
            "4 module.web lets 0.0.0.0/0 in to port 22, SSH",
        ),
        (
            '  ingress_cidr_blocks = ["0.0.0.0/0"]\n  ingress_with_cidr_blocks = [{ rule = "ssh-tcp" }]',
            "4 module.web lets 0.0.0.0/0 in to port 22, SSH",
        ),
        (
            '  ingress_with_ipv6_cidr_blocks = [{ from_port = 22, to_port = 22, protocol = "tcp", ipv6_cidr_blocks = "::/0" }]',
            "4 module.web lets ::/0 in to port 22, SSH",
        ),
        (
            '  ingress_rules = ["https-443-tcp", "ssh-tcp"]\n  ingress_cidr_blocks = ["0.0.0.0/0"]',
            "5 module.web lets 0.0.0.0/0 in to port 22, SSH",
        ),
        ('  ingress_rules = ["https-443-tcp"]\n  ingress_cidr_blocks = ["0.0.0.0/0"]', None),
        ('  ingress_rules = ["ssh-tcp"]\n  ingress_cidr_blocks = ["10.0.0.0/8"]', None),
        ('  ingress_with_cidr_blocks = [{ rule = "consul-tcp", cidr_blocks = "0.0.0.0/0" }]', None),
        ("  create = false\n" + '  ingress_rules = ["ssh-tcp"]\n  ingress_cidr_blocks = ["0.0.0.0/0"]', None),
        ("  count = 0\n" + '  ingress_rules = ["ssh-tcp"]\n  ingress_cidr_blocks = ["0.0.0.0/0"]', None),
    ],
)
def test_a_group_lets_in_what_its_call_says(said: str, expected: str | None) -> None:
    assert found(["tf-open-ssh"], GROUP.format(said)) == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    "source",
    [
        "terraform-aws-modules/rds/aws",
        "registry.terraform.io/terraform-aws-modules/rds/aws",
        "git::https://github.com/terraform-aws-modules/terraform-aws-rds.git?ref=v6.10.0",
        "git@github.com:terraform-aws-modules/terraform-aws-rds.git?ref=v6.10.0",
    ],
)
def test_a_module_is_known_by_each_of_its_sources(source: str) -> None:
    text = f'module "shop" {{\n  source = "{source}"\n  publicly_accessible = true\n}}\n'

    assert found(["tf-public-database"], text) == ["3 module.shop has a public address: publicly_accessible is true"]


@pytest.mark.parametrize(
    "source",
    ["terraform-aws-modules/rds/aws//modules/db_instance", "example/rds/aws", "./terraform-aws-modules/rds/aws"],
)
def test_of_other_modules_nothing_is_known(source: str) -> None:
    text = f'module "shop" {{\n  source = "{source}"\n  publicly_accessible = true\n  storage_encrypted = false\n}}\n'

    assert found(["tf-public-database", "tf-unencrypted-storage"], text) == []


def test_what_a_call_leaves_out_is_not_known() -> None:
    text = 'module "shop" {\n  source = "terraform-aws-modules/rds/aws"\n  engine = "postgres"\n}\n'
    rules = ["tf-encryption-unsaid", "tf-single-az", "tf-no-backup-retention", "tf-no-deletion-protection"]

    assert found(rules, text) == []


def test_a_replica_may_stand_in_one_zone() -> None:
    text = 'module "shop" {{\n  source = "terraform-aws-modules/rds/aws"\n  multi_az = false\n{}}}\n'

    assert found(["tf-single-az"], text.format("")) == ["3 module.shop stands in one zone: multi_az is false"]
    assert found(["tf-single-az"], text.format('  replicate_source_db = "shop"\n')) == []


EKS = 'module "eks" {{\n  source = "terraform-aws-modules/eks/aws"\n{}\n}}\n'


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("  cluster_endpoint_public_access = true", ["1 the API of module.eks is public, and names no addresses"]),
        ("  endpoint_public_access = true", ["1 the API of module.eks is public, and names no addresses"]),
        (
            '  endpoint_public_access = true\n  endpoint_public_access_cidrs = ["0.0.0.0/0"]',
            ["4 the API of module.eks is open to 0.0.0.0/0"],
        ),
        ('  endpoint_public_access = true\n  endpoint_public_access_cidrs = ["198.51.100.0/24"]', []),
        ("  endpoint_public_access = var.public", []),
        ("", []),
    ],
)
def test_a_cluster_is_as_open_as_its_call_says(said: str, expected: list[str]) -> None:
    assert found(["tf-cluster-open-endpoint", "tf-cluster-public-endpoint"], EKS.format(said)) == expected


BUCKET = 'module "files" {{\n  source = "terraform-aws-modules/s3-bucket/aws"\n{}\n}}\n'
OPEN = '  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "*" }] })'


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('  acl = "public-read"', ["3 module.files is open to everybody: public-read"]),
        ("  versioning = { enabled = false }", ["3 module.files keeps no older versions"]),
        ("  versioning = { enabled = true }", []),
        ("  block_public_acls = false", ["3 module.files leaves block_public_acls off"]),
        ("  block_public_acls = true", []),
        (f"  attach_policy = true\n{OPEN}", ["4 module.files is open to everybody: no condition limits its policy"]),
        (OPEN, []),
    ],
)
def test_a_bucket_is_kept_as_its_call_says(said: str, expected: list[str]) -> None:
    rules = ["tf-public-bucket", "tf-bucket-unversioned", "tf-bucket-partial-access-block"]

    assert found(rules, BUCKET.format(said)) == expected


def test_a_function_runs_on_what_its_call_says() -> None:
    text = 'module "orders" {\n  source  = "terraform-aws-modules/lambda/aws"\n  runtime = "nodejs12.x"\n}\n'
    said = "3 module.orders runs on nodejs12.x, with which nothing can be changed since 2023-04-30"

    assert found(["tf-old-runtime", "tf-retired-runtime"], text) == [said]


def test_a_module_called_for_each_name_is_judged_with_its_values() -> None:
    text = """module "shop" {
  source              = "terraform-aws-modules/rds/aws"
  for_each            = { main = true, inner = false }
  publicly_accessible = each.value
}
"""

    assert found(["tf-public-database"], text) == ["4 module.shop has a public address: publicly_accessible is true"]
