"""Small Terraform projects, each one fault or none: what is asked for stands in a template, and how it is said in a form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from devopslint.terraform.reader import Block, read_structure

VALUE, META = "@V@", "@M@"
"""Where the value stands, and where the resource may say how often it is there."""
_DYNAMIC = re.compile(r"«(\w+)» \{(.*?)\n »\}", re.DOTALL)
"""A block that may be written as a dynamic one."""


class Template(NamedTuple):
    """What one check of trivy asks about: `text` is at fault with `wrong` in it, and not with `right`."""

    check: str
    name: str
    wrong: str
    right: str
    text: str


class Variant(NamedTuple):
    """A project, and whether it is at fault; None where nobody knows before it is applied."""

    check: str
    template: str
    form: str
    files: Mapping[str, str]
    expected: bool | None


_CLUSTER = 'name = "n"\n role_arn = "arn:aws:iam::111122223333:role/r"\n'
_SUBNETS = 'subnet_ids = ["subnet-1"]\n'
_ECR = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":%s,"Action":["ecr:BatchGetImage"]}]}'
_ROLE = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":%s,"Resource":%s}]}'
_AZURE = 'name = "n"\n resource_group_name = "r"\n location = "westeurope"\n'
_GKE = 'name = "n"\n location = "europe-west1"\n'
_MACHINE = 'ami = "ami-1"\n instance_type = "t3.micro"\n'
_LISTENER = 'load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/1"\n'
_FORWARD = 'default_action {\n type = "forward"\n target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/a/1"\n }\n'
_FRONT = (
    'enabled = true\n origin {\n domain_name = "a.example.org"\n origin_id = "o"\n }\n'
    'restrictions {\n geo_restriction {\n restriction_type = "none"\n }\n }\n'
)
_BEHAVIOUR = (
    'default_cache_behavior {\n allowed_methods = ["GET", "HEAD"]\n cached_methods = ["GET", "HEAD"]\n target_origin_id = "o"\n'
    " viewer_protocol_policy = %s\n }\n"
)
_CACHE = 'replication_group_id = "c"\n description = "d"\n node_type = "cache.t3.small"\n'
_LOGS = '["api", "audit", "authenticator", "controllerManager", "scheduler"]'
_BLOCK = "block_public_acls = %s\n block_public_policy = %s\n ignore_public_acls = %s\n restrict_public_buckets = %s\n"
_DB = 'engine = "postgres"\n instance_class = "db.t3.micro"\n allocated_storage = 20\n username = "u"\n manage_master_user_password = true\n'


def _resource(type: str, body: str, name: str = "this") -> str:
    return f'resource "{type}" "{name}" {{\n {META}\n {body}}}\n'


def _set(type: str, given: str, name: str) -> str:
    return _resource(type, f"{given} {name} = {VALUE}\n")


def _in(type: str, given: str, block: str, inner: str) -> str:
    return _resource(type, f"{given} «{block}» {{\n {inner}\n »}}\n")


def _access(name: str) -> str:
    names = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    block = "".join(f" {one} = {VALUE if one == name else 'true'}\n" for one in names)
    return _S3 + _resource("aws_s3_bucket_public_access_block", f" bucket = aws_s3_bucket.b.id\n{block}")


_S3 = 'resource "aws_s3_bucket" "b" {\n bucket = "some-bucket"\n}\n'
_GROUP = 'resource "aws_security_group" "g" {\n name = "g"\n description = "of the web servers"\n vpc_id = "vpc-1"\n}\n'
_OPEN, _CLOSED = '"0.0.0.0/0"', '"10.0.0.0/8"'
_FALSE = ("false", "true")
_TRUE = ("true", "false")

TEMPLATES = [
    Template("AWS-0005", "api-domain", '"TLS_1_0"', '"TLS_1_2"', _set("aws_api_gateway_domain_name", 'domain_name = "a.example.org"\n', "security_policy")),
    Template("AWS-0008", "launch-disk", *_FALSE, _in("aws_launch_configuration", 'image_id = "ami-1"\n instance_type = "t3.micro"\n metadata_options {\n http_tokens = "required"\n }\n', "root_block_device", f"encrypted = {VALUE}")),
    Template("AWS-0009", "launch-address", *_TRUE, _set("aws_launch_configuration", 'image_id = "ami-1"\n instance_type = "t3.micro"\n', "associate_public_ip_address")),
    Template("AWS-0009", "machine-address", *_TRUE, _set("aws_instance", _MACHINE, "associate_public_ip_address")),
    Template("AWS-0012", "front-http", '"allow-all"', '"redirect-to-https"', _resource("aws_cloudfront_distribution", _FRONT + _BEHAVIOUR % VALUE)),
    Template("AWS-0013", "front-tls", '"TLSv1.1_2016"', '"TLSv1.2_2021"', _resource("aws_cloudfront_distribution", _FRONT + _BEHAVIOUR % '"https-only"' + f'viewer_certificate {{\n acm_certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/1"\n ssl_support_method = "sni-only"\n minimum_protocol_version = {VALUE}\n }}\n')),
    Template("AWS-0021", "documents", *_FALSE, _set("aws_docdb_cluster", 'cluster_identifier = "c"\n', "storage_encrypted")),
    Template("AWS-0023", "table-cache", *_FALSE, _in("aws_dax_cluster", 'cluster_name = "c"\n node_type = "dax.t3.small"\n replication_factor = 1\n iam_role_arn = "arn:aws:iam::111122223333:role/r"\n', "server_side_encryption", f"enabled = {VALUE}")),
    Template("AWS-0035", "task-files", '"DISABLED"', '"ENABLED"', _in("aws_ecs_task_definition", 'family = "f"\n container_definitions = "[]"\n', "volume", f'name = "v"\n efs_volume_configuration {{\n file_system_id = "fs-1"\n transit_encryption = {VALUE}\n }}')),
    Template("AWS-0024", "table-recovery", *_FALSE, _in("aws_dynamodb_table", 'name = "t"\n hash_key = "id"\n attribute {\n name = "id"\n type = "S"\n }\n', "point_in_time_recovery", f"enabled = {VALUE}")),
    Template("AWS-0026", "volume", *_FALSE, _set("aws_ebs_volume", 'availability_zone = "eu-west-1a"\n size = 10\n', "encrypted")),
    Template("AWS-0028", "machine-tokens", '"optional"', '"required"', _in("aws_instance", _MACHINE, "metadata_options", f"http_tokens = {VALUE}")),
    Template("AWS-0029", "machine-secret", '"export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYn3o0Plm7Qz1x"', '"echo hello"', _set("aws_instance", _MACHINE, "user_data")),
    Template("AWS-0030", "registry-scan", *_FALSE, _in("aws_ecr_repository", 'name = "n"\n', "image_scanning_configuration", f"scan_on_push = {VALUE}")),
    Template("AWS-0031", "registry-tags", '"MUTABLE"', '"IMMUTABLE"', _set("aws_ecr_repository", 'name = "n"\n', "image_tag_mutability")),
    Template("AWS-0032", "registry-policy", '"*"', '{ AWS = "arn:aws:iam::111122223333:root" }', _resource("aws_ecr_repository_policy", f'repository = "n"\n policy = jsonencode({{\n Version = "2012-10-17"\n Statement = [{{ Effect = "Allow", Principal = {VALUE}, Action = ["ecr:BatchGetImage"] }}]\n }})\n')),
    Template("AWS-0037", "files", *_FALSE, _set("aws_efs_file_system", "", "encrypted")),
    Template("AWS-0038", "eks-logs", "[]", _LOGS, _set("aws_eks_cluster", _CLUSTER + f"vpc_config {{\n {_SUBNETS} }}\n", "enabled_cluster_log_types")),
    Template("AWS-0039", "eks-secrets", '["other"]', '["secrets"]', _resource("aws_eks_cluster", _CLUSTER + f'vpc_config {{\n {_SUBNETS} }}\n encryption_config {{\n resources = {VALUE}\n provider {{\n key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1"\n }}\n }}\n')),
    Template("AWS-0040", "eks-public", *_TRUE, _in("aws_eks_cluster", _CLUSTER, "vpc_config", f'{_SUBNETS} endpoint_public_access = {VALUE}\n public_access_cidrs = ["10.0.0.0/8"]')),
    Template("AWS-0041", "eks-open", '["0.0.0.0/0"]', '["203.0.113.0/24"]', _in("aws_eks_cluster", _CLUSTER, "vpc_config", f"{_SUBNETS} endpoint_public_access = true\n public_access_cidrs = {VALUE}")),
    Template("AWS-0041", "eks-cidr", _OPEN, '"203.0.113.0/24"', _in("aws_eks_cluster", _CLUSTER, "vpc_config", f"{_SUBNETS} endpoint_public_access = true\n public_access_cidrs = [{VALUE}]")),
    Template("AWS-0045", "cache-rest", *_FALSE, _set("aws_elasticache_replication_group", _CACHE, "at_rest_encryption_enabled")),
    Template("AWS-0046", "search-http", *_FALSE, _in("aws_elasticsearch_domain", 'domain_name = "d"\n', "domain_endpoint_options", f'enforce_https = {VALUE}\n tls_security_policy = "Policy-Min-TLS-1-2-2019-07"')),
    Template("AWS-0046", "opensearch-http", *_FALSE, _in("aws_opensearch_domain", 'domain_name = "d"\n', "domain_endpoint_options", f'enforce_https = {VALUE}\n tls_security_policy = "Policy-Min-TLS-1-2-2019-07"')),
    Template("AWS-0047", "listener-tls", '"ELBSecurityPolicy-2016-08"', '"ELBSecurityPolicy-TLS13-1-2-2021-06"', _resource("aws_lb_listener", _LISTENER + f'port = 443\n protocol = "HTTPS"\n certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1"\n ssl_policy = {VALUE}\n {_FORWARD}')),
    Template("AWS-0048", "search-rest", *_FALSE, _in("aws_elasticsearch_domain", 'domain_name = "d"\n', "encrypt_at_rest", f"enabled = {VALUE}")),
    Template("AWS-0048", "opensearch-rest", *_FALSE, _in("aws_opensearch_domain", 'domain_name = "d"\n', "encrypt_at_rest", f"enabled = {VALUE}")),
    Template("AWS-0050", "cache-backups", "0", "5", _set("aws_elasticache_cluster", 'cluster_id = "c"\n engine = "redis"\n node_type = "cache.m4.large"\n', "snapshot_retention_limit")),
    Template("AWS-0051", "cache-transit", *_FALSE, _set("aws_elasticache_replication_group", _CACHE, "transit_encryption_enabled")),
    Template("AWS-0054", "listener-http", '"HTTP"', '"HTTPS"', _resource("aws_lb_listener", _LISTENER + f"port = 80\n protocol = {VALUE}\n {_FORWARD}")),
    Template("AWS-0054", "listener-redirect", '"HTTP"', '"HTTPS"', _resource("aws_lb_listener", _LISTENER + f'port = 80\n protocol = "HTTP"\n default_action {{\n type = "redirect"\n redirect {{\n port = "443"\n protocol = {VALUE}\n status_code = "HTTP_301"\n }}\n }}\n')),
    Template("AWS-0345", "policy-s3", '"s3:*"', '"s3:GetObject"', _resource("aws_iam_policy", f'name = "p"\n policy = jsonencode({{\n Version = "2012-10-17"\n Statement = [{{ Effect = "Allow", Action = [{VALUE}], Resource = "*" }}]\n }})\n')),
    Template("AWS-0345", "policy-text", '"*"', '"GetObject"', _resource("aws_iam_policy", f'name = "p"\n policy = <<EOF\n{_ROLE % (chr(34) + "s3:${" + VALUE + "}" + chr(34), chr(34) + "*" + chr(34))}\nEOF\n')),
    Template("AWS-0345", "policy-data", '"s3:*"', '"s3:GetObject"', f'data "aws_iam_policy_document" "d" {{\n {META}\n statement {{\n actions = [{VALUE}]\n resources = ["*"]\n }}\n}}\n'),
    Template("AWS-0065", "key", *_FALSE, _set("aws_kms_key", "", "enable_key_rotation")),
    Template("AWS-0067", "function-source", "null", '"arn:aws:s3:::some-bucket"', _set("aws_lambda_permission", 'action = "lambda:InvokeFunction"\n function_name = "f"\n principal = "s3.amazonaws.com"\n', "source_arn")),
    Template("AWS-0072", "broker", *_TRUE, _set("aws_mq_broker", 'broker_name = "b"\n engine_type = "ActiveMQ"\n engine_version = "5.18"\n host_instance_type = "mq.t3.micro"\n user {\n username = "u"\n password = var.password\n }\n', "publicly_accessible") + 'variable "password" {\n type = string\n sensitive = true\n}\n'),
    Template("AWS-0073", "stream-transit", '"TLS_PLAINTEXT"', '"TLS"', _in("aws_msk_cluster", 'cluster_name = "c"\n kafka_version = "3.6.0"\n number_of_broker_nodes = 3\n', "encryption_info", f"encryption_in_transit {{\n client_broker = {VALUE}\n in_cluster = true\n }}")),
    Template("AWS-0073", "stream-inside", *_FALSE, _in("aws_msk_cluster", 'cluster_name = "c"\n kafka_version = "3.6.0"\n number_of_broker_nodes = 3\n', "encryption_info", f'encryption_in_transit {{\n client_broker = "TLS"\n in_cluster = {VALUE}\n }}')),
    Template("AWS-0076", "graph", *_FALSE, _set("aws_neptune_cluster", "", "storage_encrypted")),
    Template("AWS-0077", "database-backups", "0", "14", _set("aws_db_instance", _DB, "backup_retention_period")),
    Template("AWS-0079", "cluster-rest", *_FALSE, _set("aws_rds_cluster", 'engine = "aurora-mysql"\n kms_key_id = "arn:aws:kms:eu-west-1:111122223333:key/1"\n', "storage_encrypted")),
    Template("AWS-0080", "database-rest", *_FALSE, _set("aws_db_instance", _DB, "storage_encrypted")),
    Template("AWS-0084", "warehouse", *_FALSE, _set("aws_redshift_cluster", 'cluster_identifier = "c"\n node_type = "ra3.large"\n kms_key_id = "arn:aws:kms:eu-west-1:111122223333:key/1"\n', "encrypted")),
    Template("AWS-0086", "acls", *_FALSE, _access("block_public_acls")),
    Template("AWS-0087", "bucket-policies", *_FALSE, _access("block_public_policy")),
    Template("AWS-0091", "ignored-acls", *_FALSE, _access("ignore_public_acls")),
    Template("AWS-0093", "public-buckets", *_FALSE, _access("restrict_public_buckets")),
    Template("AWS-0089", "bucket-log", "0", "1", _S3 + f'resource "aws_s3_bucket_logging" "this" {{\n count = {VALUE}\n bucket = aws_s3_bucket.b.id\n target_bucket = "logs"\n target_prefix = "b/"\n}}\n'),
    Template("AWS-0090", "bucket-versions", '"Suspended"', '"Enabled"', _S3 + f'resource "aws_s3_bucket_versioning" "this" {{\n bucket = aws_s3_bucket.b.id\n versioning_configuration {{\n status = {VALUE}\n }}\n}}\n'),
    Template("AWS-0090", "bucket-versions-inside", *_FALSE, f'resource "aws_s3_bucket" "b" {{\n {META}\n bucket = "some-bucket"\n versioning {{\n enabled = {VALUE}\n }}\n}}\n'),
    Template("AWS-0092", "bucket-acl", '"public-read"', '"private"', _S3 + _resource("aws_s3_bucket_acl", f"bucket = aws_s3_bucket.b.id\n acl = {VALUE}\n")),
    Template("AWS-0092", "bucket-acl-inside", '"public-read"', '"private"', _set("aws_s3_bucket", 'bucket = "some-bucket"\n', "acl")),
    Template("AWS-0094", "bucket-block", "0", "1", _S3 + f'resource "aws_s3_bucket_public_access_block" "this" {{\n count = {VALUE}\n bucket = aws_s3_bucket.b.id\n {_BLOCK % (("true",) * 4)}}}\n'),
    Template("AWS-0099", "group-text", '"Managed by Terraform"', '"of the web servers"', _set("aws_security_group", 'name = "g"\n vpc_id = "vpc-1"\n', "description")),
    Template("AWS-0101", "default-vpc", "1", "0", f'resource "aws_default_vpc" "this" {{\n count = {VALUE}\n}}\n'),
    Template("AWS-0102", "list-all", _OPEN, _CLOSED, _set("aws_network_acl_rule", 'network_acl_id = "acl-1"\n rule_number = 100\n rule_action = "allow"\n egress = false\n protocol = "-1"\n', "cidr_block")),
    Template("AWS-0102", "list-protocol", '"-1"', '"17"', _set("aws_network_acl_rule", 'network_acl_id = "acl-1"\n rule_number = 100\n rule_action = "allow"\n egress = false\n cidr_block = "0.0.0.0/0"\n from_port = 53\n to_port = 53\n', "protocol")),
    Template("AWS-0105", "list-ssh", _OPEN, _CLOSED, _set("aws_network_acl_rule", 'network_acl_id = "acl-1"\n rule_number = 100\n rule_action = "allow"\n egress = false\n protocol = "tcp"\n from_port = 22\n to_port = 22\n', "cidr_block")),
    Template("AWS-0105", "list-inside", _OPEN, _CLOSED, _in("aws_network_acl", 'vpc_id = "vpc-1"\n', "ingress", f'rule_no = 100\n action = "allow"\n protocol = "tcp"\n from_port = 22\n to_port = 22\n cidr_block = {VALUE}')),
    Template("AWS-0104", "group-out", '["0.0.0.0/0"]', '["10.0.0.0/8"]', _in("aws_security_group", 'name = "g"\n description = "of the web servers"\n', "egress", f'description = "out"\n from_port = 0\n to_port = 0\n protocol = "-1"\n cidr_blocks = {VALUE}')),
    Template("AWS-0104", "rule-out", _OPEN, _CLOSED, _GROUP + _set("aws_vpc_security_group_egress_rule", 'description = "out"\n security_group_id = aws_security_group.g.id\n ip_protocol = "-1"\n', "cidr_ipv4")),
    Template("AWS-0107", "group-ssh", '["0.0.0.0/0"]', '["10.0.0.0/8"]', _in("aws_security_group", 'name = "g"\n description = "of the web servers"\n', "ingress", f'description = "in"\n from_port = 22\n to_port = 22\n protocol = "tcp"\n cidr_blocks = {VALUE}')),
    Template("AWS-0107", "group-port", "22", "443", _in("aws_security_group", 'name = "g"\n description = "of the web servers"\n', "ingress", f'description = "in"\n from_port = {VALUE}\n to_port = {VALUE}\n protocol = "tcp"\n cidr_blocks = ["0.0.0.0/0"]')),
    Template("AWS-0107", "group-cidr", _OPEN, _CLOSED, _in("aws_security_group", 'name = "g"\n description = "of the web servers"\n', "ingress", f'description = "in"\n from_port = 3389\n to_port = 3389\n protocol = "tcp"\n cidr_blocks = [{VALUE}, "10.1.0.0/16"]')),
    Template("AWS-0107", "rule-ssh", '["0.0.0.0/0"]', '["10.0.0.0/8"]', _GROUP + _set("aws_security_group_rule", 'description = "in"\n security_group_id = aws_security_group.g.id\n type = "ingress"\n from_port = 22\n to_port = 22\n protocol = "tcp"\n', "cidr_blocks")),
    Template("AWS-0107", "rule-all", '["::/0"]', '["fd00::/8"]', _GROUP + _set("aws_security_group_rule", 'description = "in"\n security_group_id = aws_security_group.g.id\n type = "ingress"\n from_port = 0\n to_port = 0\n protocol = "-1"\n', "ipv6_cidr_blocks")),
    Template("AWS-0107", "rule-alone", _OPEN, _CLOSED, _GROUP + _set("aws_vpc_security_group_ingress_rule", 'description = "in"\n security_group_id = aws_security_group.g.id\n from_port = 22\n to_port = 22\n ip_protocol = "tcp"\n', "cidr_ipv4")),
    Template("AWS-0107", "rule-range", "0", "443", _GROUP + _resource("aws_security_group_rule", f'description = "in"\n security_group_id = aws_security_group.g.id\n type = "ingress"\n from_port = {VALUE}\n to_port = 1024\n protocol = "tcp"\n cidr_blocks = ["0.0.0.0/0"]\n')),
    Template("AWS-0124", "rule-text", "null", '"in"', _GROUP + _set("aws_security_group_rule", 'security_group_id = aws_security_group.g.id\n type = "ingress"\n from_port = 443\n to_port = 443\n protocol = "tcp"\n cidr_blocks = ["10.0.0.0/8"]\n', "description")),
    Template("AWS-0126", "search-tls", '"Policy-Min-TLS-1-0-2019-07"', '"Policy-Min-TLS-1-2-2019-07"', _in("aws_elasticsearch_domain", 'domain_name = "d"\n', "domain_endpoint_options", f"enforce_https = true\n tls_security_policy = {VALUE}")),
    Template("AWS-0129", "template-secret", '"export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYn3o0Plm7Qz1x"', '"echo hello"', _resource("aws_launch_template", f'image_id = "ami-1"\n instance_type = "t3.micro"\n user_data = base64encode({VALUE})\n')),
    Template("AWS-0130", "template-tokens", '"optional"', '"required"', _in("aws_launch_template", 'image_id = "ami-1"\n instance_type = "t3.micro"\n', "metadata_options", f'http_endpoint = "enabled"\n http_tokens = {VALUE}')),
    Template("AWS-0131", "machine-disk", *_FALSE, _in("aws_instance", _MACHINE, "root_block_device", f"encrypted = {VALUE}")),
    Template("AWS-0131", "machine-disks", *_FALSE, _in("aws_instance", _MACHINE + "root_block_device {\n encrypted = true\n }\n", "ebs_block_device", f'device_name = "/dev/sdb"\n encrypted = {VALUE}')),
    Template("AWS-0143", "user-policy", "1", "0", f'resource "aws_iam_user" "u" {{\n name = "u"\n}}\nresource "aws_iam_user_policy_attachment" "this" {{\n count = {VALUE}\n user = aws_iam_user.u.name\n policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"\n}}\n'),
    Template("AWS-0161", "trail-bucket", '"public-read"', '"private"', f'resource "aws_cloudtrail" "t" {{\n name = "t"\n s3_bucket_name = aws_s3_bucket.b.id\n}}\nresource "aws_s3_bucket" "b" {{\n bucket = "trail"\n acl = {VALUE}\n}}\n'),
    Template("AWS-0164", "subnet", *_TRUE, _set("aws_subnet", 'vpc_id = "vpc-1"\n cidr_block = "10.0.1.0/24"\n', "map_public_ip_on_launch")),
    Template("AWS-0177", "database-kept", *_FALSE, _set("aws_db_instance", _DB, "deletion_protection")),
    Template("AWS-0178", "network-log", "0", "1", f'resource "aws_vpc" "v" {{\n cidr_block = "10.0.0.0/16"\n}}\nresource "aws_flow_log" "this" {{\n count = {VALUE}\n vpc_id = aws_vpc.v.id\n traffic_type = "ALL"\n log_destination = "arn:aws:s3:::logs"\n log_destination_type = "s3"\n}}\n'),
    Template("AWS-0180", "database-public", *_TRUE, _set("aws_db_instance", _DB, "publicly_accessible")),
    Template("AZU-0006", "web-tls", '"1.0"', '"1.2"', _in("azurerm_app_service", _AZURE + 'app_service_plan_id = "p"\n', "site_config", f"min_tls_version = {VALUE}")),
    Template("AZU-0007", "container", '"blob"', '"private"', _set("azurerm_storage_container", 'name = "c"\n storage_account_name = "a"\n', "container_access_type")),
    Template("AZU-0008", "storage-http", *_FALSE, _set("azurerm_storage_account", _AZURE + 'account_tier = "Standard"\n account_replication_type = "GRS"\n', "https_traffic_only_enabled")),
    Template("AZU-0008", "storage-http-old", *_FALSE, _set("azurerm_storage_account", _AZURE + 'account_tier = "Standard"\n account_replication_type = "GRS"\n', "enable_https_traffic_only")),
    Template("AZU-0011", "storage-tls", '"TLS1_0"', '"TLS1_2"', _set("azurerm_storage_account", _AZURE + 'account_tier = "Standard"\n account_replication_type = "GRS"\n', "min_tls_version")),
    Template("AZU-0020", "postgres-tls", *_FALSE, _set("azurerm_postgresql_server", _AZURE + 'version = "11"\n sku_name = "GP_Gen5_4"\n', "ssl_enforcement_enabled")),
    Template("AZU-0022", "postgres-public", *_TRUE, _set("azurerm_postgresql_server", _AZURE + 'version = "11"\n sku_name = "GP_Gen5_4"\n ssl_enforcement_enabled = true\n', "public_network_access_enabled")),
    Template("AZU-0022", "sql-public", *_TRUE, _set("azurerm_mssql_server", _AZURE + 'version = "12.0"\n', "public_network_access_enabled")),
    Template("AZU-0026", "sql-tls", '"1.0"', '"1.2"', _set("azurerm_mssql_server", _AZURE + 'version = "12.0"\n', "minimum_tls_version")),
    Template("AZU-0029", "sql-firewall", '"255.255.255.255"', '"0.0.0.0"', _set("azurerm_mssql_firewall_rule", 'name = "n"\n server_id = "s"\n start_ip_address = "0.0.0.0"\n', "end_ip_address")),
    Template("AZU-0040", "aks-logs", "[]", '["w"]', _resource("azurerm_kubernetes_cluster", _AZURE + f'dns_prefix = "d"\n dynamic "oms_agent" {{\n for_each = {VALUE}\n content {{\n log_analytics_workspace_id = oms_agent.value\n }}\n }}\n')),
    Template("AZU-0041", "aks-ranges", "[]", '["203.0.113.0/24"]', _in("azurerm_kubernetes_cluster", _AZURE + 'dns_prefix = "d"\n', "api_server_access_profile", f"authorized_ip_ranges = {VALUE}")),
    Template("AZU-0042", "aks-rights", *_FALSE, _set("azurerm_kubernetes_cluster", _AZURE + 'dns_prefix = "d"\n', "role_based_access_control_enabled")),
    Template("AZU-0043", "aks-policies", "null", '"calico"', _in("azurerm_kubernetes_cluster", _AZURE + 'dns_prefix = "d"\n', "network_profile", f'network_plugin = "azure"\n network_policy = {VALUE}')),
    Template("AZU-0065", "aks-private", *_FALSE, _set("azurerm_kubernetes_cluster", _AZURE + 'dns_prefix = "d"\n', "private_cluster_enabled")),
    Template("AZU-0047", "nsg-inside", '"*"', '"10.0.0.0/8"', _in("azurerm_network_security_group", _AZURE, "security_rule", f'name = "all"\n priority = 100\n direction = "Inbound"\n access = "Allow"\n protocol = "*"\n source_port_range = "*"\n destination_port_range = "*"\n source_address_prefix = {VALUE}\n destination_address_prefix = "*"')),
    Template("AZU-0050", "nsg-ssh", '"Internet"', '"10.0.0.0/8"', _set("azurerm_network_security_rule", 'name = "ssh"\n priority = 100\n direction = "Inbound"\n access = "Allow"\n protocol = "Tcp"\n source_port_range = "*"\n destination_port_range = "22"\n destination_address_prefix = "*"\n resource_group_name = "r"\n network_security_group_name = "n"\n', "source_address_prefix")),
    Template("AZU-0048", "nsg-rdp", '["3389"]', '["443"]', _set("azurerm_network_security_rule", 'name = "rdp"\n priority = 100\n direction = "Inbound"\n access = "Allow"\n protocol = "Tcp"\n source_port_range = "*"\n source_address_prefix = "0.0.0.0/0"\n destination_address_prefix = "*"\n resource_group_name = "r"\n network_security_group_name = "n"\n', "destination_port_ranges")),
    Template("AZU-0050", "nsg-access", '"Allow"', '"Deny"', _set("azurerm_network_security_rule", 'name = "ssh"\n priority = 100\n direction = "Inbound"\n protocol = "Tcp"\n source_port_range = "*"\n source_address_prefix = "*"\n destination_port_range = "20-30"\n destination_address_prefix = "*"\n resource_group_name = "r"\n network_security_group_name = "n"\n', "access")),
    Template("AZU-0074", "nsg-database", '"*"', '"10.0.0.0/8"', _set("azurerm_network_security_rule", 'name = "db"\n priority = 100\n direction = "Inbound"\n access = "Allow"\n protocol = "Tcp"\n source_port_range = "*"\n destination_port_range = "5432"\n destination_address_prefix = "*"\n resource_group_name = "r"\n network_security_group_name = "n"\n', "source_address_prefix")),
    Template("AZU-0004", "function-http", *_FALSE, _set("azurerm_linux_function_app", _AZURE + 'service_plan_id = "p"\n site_config {}\n', "https_only")),
    Template("AZU-0039", "password", *_FALSE, _set("azurerm_linux_virtual_machine", _AZURE + 'size = "Standard_B1s"\n admin_username = "u"\n', "disable_password_authentication")),
    Template("AZU-0051", "nsg-out", '"Internet"', '"10.0.0.0/8"', _set("azurerm_network_security_rule", 'name = "out"\n priority = 100\n direction = "Outbound"\n access = "Allow"\n protocol = "*"\n source_port_range = "*"\n source_address_prefix = "*"\n destination_port_range = "*"\n resource_group_name = "r"\n network_security_group_name = "n"\n', "destination_address_prefix")),
    Template("AZU-0072", "web-http", *_FALSE, _set("azurerm_linux_web_app", _AZURE + 'service_plan_id = "p"\n site_config {}\n', "https_only")),
    Template("GCP-0001", "bucket-member", '"allUsers"', '"user:a@example.org"', _set("google_storage_bucket_iam_member", 'bucket = "b"\n role = "roles/storage.objectViewer"\n', "member")),
    Template("GCP-0001", "bucket-members", '["allAuthenticatedUsers"]', '["user:a@example.org"]', _set("google_storage_bucket_iam_binding", 'bucket = "b"\n role = "roles/storage.objectViewer"\n', "members")),
    Template("GCP-0002", "bucket-uniform", *_FALSE, _set("google_storage_bucket", 'name = "b"\n location = "EU"\n', "uniform_bucket_level_access")),
    Template("GCP-0006", "default-account", '"serviceAccount:123-compute@developer.gserviceaccount.com"', '"group:a@example.org"', _set("google_project_iam_member", 'project = "p"\n role = "roles/storage.objectViewer"\n', "member")),
    Template("GCP-0007", "project-role", '"roles/owner"', '"roles/logging.viewer"', _set("google_project_iam_member", 'project = "p"\n member = "serviceAccount:a@p.iam.gserviceaccount.com"\n', "role")),
    Template("GCP-0011", "project-user", '"roles/iam.serviceAccountUser"', '"roles/logging.viewer"', _set("google_project_iam_member", 'project = "p"\n member = "group:a@example.org"\n', "role")),
    Template("GCP-0005", "folder-user", '"roles/iam.serviceAccountTokenCreator"', '"roles/logging.viewer"', _set("google_folder_iam_binding", 'folder = "folders/1"\n members = ["group:a@example.org"]\n', "role")),
    Template("GCP-0010", "project-network", *_TRUE, _set("google_project", 'name = "p"\n project_id = "p"\n', "auto_create_network")),
    Template("GCP-0015", "sql-transit", '"ALLOW_UNENCRYPTED_AND_ENCRYPTED"', '"ENCRYPTED_ONLY"', _in("google_sql_database_instance", 'database_version = "POSTGRES_16"\n', "settings", f'tier = "db-f1-micro"\n ip_configuration {{\n ipv4_enabled = false\n private_network = "n"\n ssl_mode = {VALUE}\n }}')),
    Template("GCP-0015", "sql-transit-old", *_FALSE, _in("google_sql_database_instance", 'database_version = "POSTGRES_16"\n', "settings", f'tier = "db-f1-micro"\n ip_configuration {{\n ipv4_enabled = false\n private_network = "n"\n require_ssl = {VALUE}\n }}')),
    Template("GCP-0017", "sql-address", *_TRUE, _in("google_sql_database_instance", 'database_version = "POSTGRES_16"\n', "settings", f'tier = "db-f1-micro"\n ip_configuration {{\n ipv4_enabled = {VALUE}\n ssl_mode = "ENCRYPTED_ONLY"\n }}')),
    Template("GCP-0024", "sql-backups", *_FALSE, _in("google_sql_database_instance", 'database_version = "POSTGRES_16"\n', "settings", f'tier = "db-f1-micro"\n backup_configuration {{\n enabled = {VALUE}\n }}')),
    Template("GCP-0029", "subnet-log", "[]", '["INTERVAL_5_SEC"]', _resource("google_compute_subnetwork", f'name = "s"\n network = "n"\n ip_cidr_range = "10.0.0.0/16"\n dynamic "log_config" {{\n for_each = {VALUE}\n content {{\n aggregation_interval = log_config.value\n }}\n }}\n')),
    Template("GCP-0031", "machine-address-google", '["x"]', "[]", _resource("google_compute_instance", f'name = "m"\n machine_type = "e2-small"\n zone = "europe-west1-b"\n network_interface {{\n network = "n"\n dynamic "access_config" {{\n for_each = {VALUE}\n content {{}}\n }}\n }}\n')),
    Template("GCP-0039", "google-tls", '"TLS_1_1"', '"TLS_1_2"', _set("google_compute_ssl_policy", 'name = "n"\n profile = "MODERN"\n', "min_tls_version")),
    Template("GCP-0035", "firewall-out", '["0.0.0.0/0"]', '["10.0.0.0/8"]', _resource("google_compute_firewall", f'name = "f"\n network = "n"\n direction = "EGRESS"\n allow {{\n protocol = "all"\n }}\n destination_ranges = {VALUE}\n')),
    Template("GCP-0044", "machine-account", '"123456789012-compute@developer.gserviceaccount.com"', '"shop@p.iam.gserviceaccount.com"', _in("google_compute_instance", 'name = "m"\n machine_type = "e2-small"\n zone = "europe-west1-b"\n', "service_account", f'scopes = ["cloud-platform"]\n email = {VALUE}')),
    Template("GCP-0046", "dataset", '"allAuthenticatedUsers"', '"projectReaders"', _in("google_bigquery_dataset", 'dataset_id = "d"\n', "access", f'role = "READER"\n special_group = {VALUE}')),
    Template("GCP-0053", "gke-open", _OPEN, '"203.0.113.0/24"', _in("google_container_cluster", _GKE, "master_authorized_networks_config", f"cidr_blocks {{\n cidr_block = {VALUE}\n }}")),
    Template("GCP-0055", "gke-shielded", *_FALSE, _set("google_container_cluster", _GKE, "enable_shielded_nodes")),
    Template("GCP-0056", "gke-policies", *_FALSE, _in("google_container_cluster", _GKE, "network_policy", f"enabled = {VALUE}")),
    Template("GCP-0057", "gke-identity", '"GCE_METADATA"', '"GKE_METADATA"', _in("google_container_node_pool", 'cluster = "c"\n', "node_config", f"workload_metadata_config {{\n mode = {VALUE}\n }}")),
    Template("GCP-0058", "pool-upgrade", *_FALSE, _in("google_container_node_pool", 'cluster = "c"\n', "management", f"auto_upgrade = {VALUE}\n auto_repair = true")),
    Template("GCP-0063", "pool-repair", *_FALSE, _in("google_container_node_pool", 'cluster = "c"\n', "management", f"auto_repair = {VALUE}\n auto_upgrade = true")),
    Template("GCP-0059", "gke-private", *_FALSE, _in("google_container_cluster", _GKE, "private_cluster_config", f'enable_private_nodes = {VALUE}\n master_ipv4_cidr_block = "10.9.0.0/28"')),
    Template("GCP-0061", "gke-public", "[]", '["203.0.113.0/24"]', _resource("google_container_cluster", _GKE + f'dynamic "master_authorized_networks_config" {{\n for_each = {VALUE}\n content {{\n cidr_blocks {{\n cidr_block = master_authorized_networks_config.value\n }}\n }}\n }}\n')),
    Template("GCP-0061", "gke-private-endpoint", *_FALSE, _in("google_container_cluster", _GKE, "private_cluster_config", f'enable_private_nodes = true\n enable_private_endpoint = {VALUE}\n master_ipv4_cidr_block = "10.9.0.0/28"')),
    Template("AZU-0041", "aks-private-endpoint", *_FALSE, _set("azurerm_kubernetes_cluster", _AZURE + 'dns_prefix = "d"\n', "private_cluster_enabled")),
    Template("AWS-0041", "eks-public-endpoint", *_TRUE, _in("aws_eks_cluster", _CLUSTER, "vpc_config", f'{_SUBNETS} endpoint_public_access = {VALUE}\n public_access_cidrs = ["0.0.0.0/0"]')),
    Template("AWS-0092", "bucket-grant", '"http://acs.amazonaws.com/groups/global/AllUsers"', '"http://acs.amazonaws.com/groups/s3/LogDelivery"', _in("aws_s3_bucket", 'bucket = "some-bucket"\n', "grant", f'type = "Group"\n permissions = ["READ"]\n uri = {VALUE}')),
    Template("AWS-0107", "group-each", "0", "10000", _in("aws_security_group", 'name = "g"\n description = "of the web servers"\n', "ingress", f'description = "in"\n from_port = {VALUE}\n to_port = 65535\n protocol = "tcp"\n cidr_blocks = ["::/0", "0.0.0.0/0"]')),
    Template("AWS-0054", "listener-default", "null", '"HTTPS"', _resource("aws_lb_listener", _LISTENER + f"port = 80\n protocol = {VALUE}\n {_FORWARD}")),
    Template("AZU-0007", "container-all", '"container"', '"private"', _set("azurerm_storage_container", 'name = "c"\n storage_account_id = "a"\n', "container_access_type")),
    Template("GCP-0017", "sql-network", _OPEN, '"203.0.113.0/24"', _in("google_sql_database_instance", 'database_version = "POSTGRES_16"\n', "settings", f'tier = "db-f1-micro"\n ip_configuration {{\n ipv4_enabled = false\n private_network = "n"\n ssl_mode = "ENCRYPTED_ONLY"\n authorized_networks {{\n value = {VALUE}\n }}\n }}')),
    Template("GCP-0062", "gke-abac", *_TRUE, _set("google_container_cluster", _GKE, "enable_legacy_abac")),
    Template("GCP-0064", "gke-certificate", *_TRUE, _in("google_container_cluster", _GKE, "master_auth", f"client_certificate_config {{\n issue_client_certificate = {VALUE}\n }}")),
    Template("GCP-0065", "google-key", '"31536000s"', '"7776000s"', _set("google_kms_crypto_key", 'name = "k"\n key_ring = "r"\n', "rotation_period")),
    Template("GCP-0068", "pool-condition", "null", "\"assertion.repository_owner == 'acme'\"", _resource("google_iam_workload_identity_pool_provider", f'workload_identity_pool_id = "p"\n workload_identity_pool_provider_id = "g"\n attribute_mapping = {{\n "google.subject" = "assertion.sub"\n }}\n attribute_condition = {VALUE}\n oidc {{\n issuer_uri = "https://token.actions.githubusercontent.com"\n }}\n')),
    Template("GCP-0070", "firewall-rdp", '["0.0.0.0/0"]', '["10.0.0.0/8"]', _resource("google_compute_firewall", f'name = "f"\n network = "n"\n allow {{\n protocol = "tcp"\n ports = ["3389"]\n }}\n source_ranges = {VALUE}\n')),
    Template("GCP-0071", "firewall-ssh", '"22"', '"443"', _resource("google_compute_firewall", f'name = "f"\n network = "n"\n allow {{\n protocol = "tcp"\n ports = [{VALUE}]\n }}\n source_ranges = ["0.0.0.0/0"]\n')),
    Template("GCP-0077", "google-bucket-log", "[]", '["logs"]', _resource("google_storage_bucket", f'name = "b"\n location = "EU"\n uniform_bucket_level_access = true\n dynamic "logging" {{\n for_each = {VALUE}\n content {{\n log_bucket = logging.value\n }}\n }}\n')),
]  # fmt: skip

_MISSING = frozenset(("AWS-0086", "AWS-0087", "AWS-0091", "AWS-0093"))
"""What is wrong, too, where the resource is not there."""


def _plain(text: str) -> str:
    return text.replace("«", "").replace("»", "")


def _with(template: Template, value: str, meta: str = "") -> str:
    return _plain(template.text.replace(META, meta).replace(VALUE, value))


def _variable(default: str | None, name: str = "v") -> str:
    return f'variable "{name}" {{\n' + ("" if default is None else f" default = {default}\n") + "}\n"


def _repeated(template: Template, value: str, inner: str, each: str) -> str:
    """The block as a dynamic one."""
    text = template.text.replace(META, "").replace(VALUE, inner)
    return _plain(
        _DYNAMIC.sub(
            lambda found: f'dynamic "{found[1]}" {{\n for_each = {each}\n content {{{found[2]}\n }}\n }}',
            text,
        ).replace("@name@", found[1] if (found := _DYNAMIC.search(template.text)) else "")
    )


def _forms(template: Template, value: str, other: str) -> Iterator[tuple[str, Mapping[str, str], str]]:
    """The name of each form, its files, and what it comes to: `value`, `other`, `absent` or `unknown`."""
    said = _with(template, "var.v")
    yield "literal", {"main.tf": _with(template, value)}, "value"
    yield "OpenTofu", {"main.tofu": _with(template, value)}, "value"
    yield "default", {"main.tf": said + _variable(value)}, "value"
    yield "local", {"main.tf": _with(template, "local.v") + f"locals {{\n v = {value}\n}}\n"}, "value"
    chain = f"locals {{\n u = var.v\n v = local.u\n}}\n{_variable(value)}"
    yield "local of a variable", {"main.tf": _with(template, "local.v"), "more.tf": chain}, "value"
    yield (
        "map",
        {"main.tf": _with(template, 'local.m["prod"]') + f"locals {{\n m = {{ prod = {value}, test = {other} }}\n}}\n"},
        "value",
    )
    yield (
        "object",
        {"main.tf": _with(template, "var.o.v") + f'variable "o" {{\n default = {{ v = {value} }}\n}}\n'},
        "value",
    )
    yield "lookup", {"main.tf": _with(template, f'lookup({{ a = {value} }}, "a", {other})')}, "value"
    if "null" not in (value, other):
        yield (
            "try",
            {"main.tf": _with(template, f"try(local.m.v, {other})") + f"locals {{\n m = {{ v = {value} }}\n}}\n"},
            "value",
        )
        yield "coalesce", {"main.tf": _with(template, f"coalesce(null, {value})")}, "value"
        yield (
            "optional",
            {
                "main.tf": _with(template, "var.o.v")
                + f'variable "o" {{\n type = object({{ v = optional({_type(value)}, {value}) }})\n default = {{}}\n}}\n'
            },
            "value",
        )
    yield "merge", {"main.tf": _with(template, f"merge({{ v = {other} }}, {{ v = {value} }}).v")}, "value"
    yield "condition", {"main.tf": _with(template, f"var.on ? {value} : {other}") + _variable("true", "on")}, "value"
    yield (
        "condition of a text",
        {"main.tf": _with(template, f'var.env == "prod" ? {other} : {value}') + _variable('"test"', "env")},
        "value",
    )
    yield (
        "condition not known",
        {"main.tf": _with(template, f"var.on ? {value} : {other}") + 'variable "on" {\n type = bool\n}\n'},
        "unknown",
    )
    yield "workspace", {"main.tf": _with(template, f'terraform.workspace == "prod" ? {value} : {other}')}, "unknown"
    yield "file", {"main.tf": _with(template, 'yamldecode(file("${path.module}/values.yaml")).v')}, "unknown"
    yield "element", {"main.tf": _with(template, f"element([{value}], 0)")}, "value"
    yield "one", {"main.tf": _with(template, f"one([{value}])")}, "value"
    if value.startswith('"') and not value.startswith('"${'):
        yield (
            "parts of a text",
            {"main.tf": _with(template, f'"${{local.a}}{value[2:]}') + f'locals {{\n a = "{value[1]}"\n}}\n'},
            "value",
        )
        yield "format", {"main.tf": _with(template, f'format("%s%s", {value[:2]}", "{value[2:]})')}, "value"
    if value in ("true", "false") or value.isdigit():
        yield "text", {"main.tf": _with(template, f'"{value}"')}, "value"
        yield (
            "condition of an empty text",
            {"main.tf": _with(template, f'var.s == "" ? {other} : {value}') + _variable('"x"', "s")},
            "value",
        )
    yield "variable without default", {"main.tf": said + 'variable "v" {}\n'}, "unknown"
    yield (
        "data source",
        {"main.tf": _with(template, "data.external.d.result.v") + 'data "external" "d" {\n program = ["x"]\n}\n'},
        "unknown",
    )
    yield "values", {"main.tf": said + _variable(None), "terraform.tfvars": f"v = {value}\n"}, "value"
    yield "values before default", {"main.tf": said + _variable(other), "a.auto.tfvars": f"v = {value}\n"}, "value"
    yield "override", {"main.tf": said + _variable(other), "override.tf": _variable(value)}, "value"
    yield (
        "module",
        {"main.tf": f'module "m" {{\n source = "./m"\n v = {value}\n}}\n', "m/main.tf": said + _variable(None)},
        "value",
    )
    yield (
        "module with a default",
        {"main.tf": f'module "m" {{\n source = "./m"\n v = {value}\n}}\n', "m/main.tf": said + _variable(other)},
        "value",
    )
    yield (
        "module by default",
        {"main.tf": 'module "m" {\n source = "./m"\n}\n', "m/main.tf": said + _variable(value)},
        "value",
    )
    yield (
        "module in a module",
        {
            "main.tf": 'module "a" {\n source = "./a"\n w = local.w\n}\nlocals {\n w = ' + value + "\n}\n",
            "a/main.tf": 'module "b" {\n source = "./b"\n v = var.w\n}\n' + _variable(None, "w"),
            "a/b/main.tf": said + _variable(None),
        },
        "value",
    )
    yield (
        "module twice",
        {
            "main.tf": "".join(
                f'module "{name}" {{\n source = "./m"\n v = {one}\n}}\n' for name, one in (("a", other), ("b", value))
            ),
            "m/main.tf": said + _variable(None),
        },
        "both",
    )
    yield (
        "module not called",
        {
            "main.tf": f'module "m" {{\n source = "./m"\n count = 0\n v = {value}\n}}\n',
            "m/main.tf": said + _variable(None),
        },
        "nothing",
    )
    yield (
        "module for each",
        {
            "main.tf": f'module "m" {{\n source = "./m"\n for_each = {{ a = {value} }}\n v = each.value\n}}\n',
            "m/main.tf": said + _variable(None),
        },
        "value",
    )
    yield (
        "output of a module",
        {
            "main.tf": _with(template, "module.m.v") + 'module "m" {\n source = "./m"\n}\n',
            "m/main.tf": f'output "v" {{\n value = {value}\n}}\n',
        },
        "value",
    )
    yield "JSON", {"main.tf.json": _as_json(_with(template, value))}, "value"
    yield "JSON with a variable", {"main.tf.json": _as_json(said + _variable(value))}, "value"
    if META in template.text:
        yield "count 0", {"main.tf": _with(template, value, "count = 0\n")}, "absent"
        yield "count 1", {"main.tf": _with(template, value, "count = 1\n")}, "value"
        yield (
            "count by a variable",
            {"main.tf": _with(template, value, "count = var.on ? 1 : 0\n") + _variable("true", "on")},
            "value",
        )
        yield (
            "count by a variable, off",
            {"main.tf": _with(template, value, "count = var.on ? 1 : 0\n") + _variable("false", "on")},
            "absent",
        )
        yield "for each", {"main.tf": _with(template, "each.value", f"for_each = {{ a = {value} }}\n")}, "value"
        yield "for each of a set", {"main.tf": _with(template, value, 'for_each = toset(["a", "b"])\n')}, "value"
        yield (
            "for each, one of two",
            {"main.tf": _with(template, "each.value", f"for_each = {{ a = {other}, b = {value} }}\n")},
            "both",
        )
        yield (
            "for each of objects",
            {
                "main.tf": _with(template, "each.value.v", "for_each = var.all\n")
                + f'variable "all" {{\n type = map(object({{ v = optional({_type(value)}) }}))\n default = {{ a = {{ v = {value} }} }}\n}}\n'
            },
            "value",
        )
        yield (
            "for each of nobody knows",
            {
                "main.tf": _with(template, "each.value.v", "for_each = var.all\n")
                + 'variable "all" {\n type = map(object({ v = any }))\n}\n'
            },
            "unknown",
        )
        yield "for each of nothing", {"main.tf": _with(template, value, "for_each = {}\n")}, "absent"
        yield (
            "for each, made",
            {
                "main.tf": _with(
                    template, "each.value.v", 'for_each = { for one in ["a", "b"] : one => { v = local.v } }\n'
                )
                + f"locals {{\n v = {value}\n}}\n"
            },
            "value",
        )
        yield (
            "count.index",
            {
                "main.tf": _with(template, "local.l[count.index]", "count = 2\n")
                + f"locals {{\n l = [{other}, {value}]\n}}\n"
            },
            "both",
        )
    if "«" in template.text:
        yield "dynamic", {"main.tf": _repeated(template, value, value, "[1]")}, "value"
        yield (
            "dynamic of a variable",
            {
                "main.tf": _repeated(template, value, "@name@.value.v", "var.l")
                + f'variable "l" {{\n default = [{{ v = {value} }}]\n}}\n'
            },
            "value",
        )
        yield (
            "dynamic by a condition",
            {"main.tf": _repeated(template, value, value, "var.on ? [1] : []") + _variable("true", "on")},
            "value",
        )
        yield (
            "dynamic of nobody knows",
            {
                "main.tf": _repeated(template, value, "@name@.value.v", "var.l")
                + 'variable "l" {\n type = list(object({ v = any }))\n}\n'
            },
            "unknown",
        )


def _type(value: str) -> str:
    if value.startswith("["):
        return "list(string)"
    return {'"': "string", "{": "any", "t": "bool", "f": "bool"}.get(value[0], "number")


def _as_json(text: str) -> str:
    """HCL's JSON syntax for a text in its native one."""
    return json.dumps(_of_block(read_structure(text).body, text), indent=1)


def _of_block(block: Block, text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute in block.attributes:
        written = text[attribute.value_start : attribute.value_end]
        try:
            found[attribute.name] = json.loads(written)
        except ValueError:
            found[attribute.name] = written[6:-4] if written.startswith("<<EOF\n") else f"${{{written}}}"
    for inner in block.blocks:
        place = found
        for name in (inner.type, *inner.labels)[:-1]:
            place = place.setdefault(name, {})
        place.setdefault((inner.type, *inner.labels)[-1], []).append(_of_block(inner, text))
    return found


def variants() -> Iterator[Variant]:
    for template in TEMPLATES:
        for value, other, wrong in ((template.wrong, template.right, True), (template.right, template.wrong, False)):
            for form, files, comes_to in _forms(template, value, other):
                expected = {
                    "value": wrong, "both": True, "nothing": False, "unknown": None,
                    "absent": template.check in _MISSING,
                }[comes_to]  # fmt: skip
                yield Variant(template.check, template.name, f"{form}{'' if wrong else ', right'}", files, expected)
