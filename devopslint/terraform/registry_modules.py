"""What well-known modules of the public registry build, as far as the call of one says it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from devopslint.deferred import NamedTuple, compiled

_SOURCE = compiled(
    r"(?:registry\.(?:terraform\.io|opentofu\.org)/)?terraform-aws-modules/(?P<registry>[\w-]+)/aws\Z"
    r"|(?:git::)?(?:https://|ssh://git@|git@)?github\.com[/:]terraform-aws-modules/terraform-aws-(?P<git>[\w-]+?)"
    r"(?:\.git)?(?:\?.*)?\Z"
)


class Built(NamedTuple):
    """A resource that a module builds, and where its attributes come from.

    Only what is named here is known of it; what its module does where an argument is missing is known of none.
    """

    type: str
    passed: frozenset[str] = frozenset()
    """Arguments that are called like the attribute, or block, that they set."""
    renamed: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """Attributes by path, with the arguments that set them: their names change with the module's version."""
    unless_said: frozenset[str] = frozenset()
    """Paths that are missing in the resource where no argument sets them."""
    wanted: str = ""
    """The argument that has to be true for this one to be built."""


CREATES = ("create", "create_bucket", "create_db_instance", "create_cluster", "create_sg", "create_table")
"""Arguments that keep a module from building anything."""

_EKS = Built(
    "aws_eks_cluster",
    renamed={
        "vpc_config.endpoint_public_access": ("endpoint_public_access", "cluster_endpoint_public_access"),
        "vpc_config.public_access_cidrs": ("endpoint_public_access_cidrs", "cluster_endpoint_public_access_cidrs"),
    },
    unless_said=frozenset(("vpc_config.public_access_cidrs",)),
)
_ACCESS = frozenset(("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"))
_COPIES = frozenset(
    ("replicate_source_db", "replication_source_identifier", "snapshot_identifier", "restore_to_point_in_time")
)
_ENDPOINT = frozenset(("metadata_options.http_endpoint",))
_MODULES = {
    "alb": (Built("aws_lb", frozenset(("enable_deletion_protection",))),),
    "autoscaling": (Built("aws_launch_template", frozenset(("metadata_options",)), unless_said=_ENDPOINT),),
    "dynamodb-table": (
        Built(
            "aws_dynamodb_table",
            frozenset(("deletion_protection_enabled", "hash_key")),
            {"point_in_time_recovery.enabled": ("point_in_time_recovery_enabled",)},
        ),
    ),
    "ec2-instance": (Built("aws_instance", frozenset(("metadata_options",)), unless_said=_ENDPOINT),),
    "efs": (Built("aws_efs_file_system", frozenset(("encrypted",))),),
    "eks": (_EKS,),
    "elasticache": (
        Built(
            "aws_elasticache_replication_group",
            frozenset(("at_rest_encryption_enabled", "transit_encryption_enabled", "snapshot_retention_limit")),
        ),
    ),
    "lambda": (Built("aws_lambda_function", frozenset(("runtime",))),),
    "opensearch": (Built("aws_opensearch_domain", frozenset(("domain_endpoint_options", "encrypt_at_rest"))),),
    "rds": (
        Built(
            "aws_db_instance",
            frozenset(
                (
                    "backup_retention_period",
                    "deletion_protection",
                    "engine",
                    "multi_az",
                    "publicly_accessible",
                    "skip_final_snapshot",
                    "storage_encrypted",
                )
            )
            | _COPIES,
            unless_said=_COPIES | {"master_instance_name"},
        ),
    ),
    "rds-aurora": (
        Built(
            "aws_rds_cluster",
            frozenset(
                (
                    "backup_retention_period",
                    "deletion_protection",
                    "engine_mode",
                    "skip_final_snapshot",
                    "storage_encrypted",
                )
            )
            | _COPIES,
            unless_said=_COPIES,
        ),
        Built("aws_rds_cluster_instance", frozenset(("publicly_accessible",))),
    ),
    "redshift": (
        Built("aws_redshift_cluster", frozenset(("encrypted", "publicly_accessible", "skip_final_snapshot"))),
    ),
    "s3-bucket": (
        Built("aws_s3_bucket", frozenset(("acl", "force_destroy", "versioning"))),
        Built("aws_s3_bucket_policy", frozenset(("policy",)), wanted="attach_policy"),
        Built("aws_s3_bucket_public_access_block", _ACCESS),
    ),
    "security-group": (
        Built(
            "aws_security_group",
            frozenset(
                (
                    "ingress_cidr_blocks",
                    "ingress_ipv6_cidr_blocks",
                    "ingress_rules",
                    "ingress_with_cidr_blocks",
                    "ingress_with_ipv6_cidr_blocks",
                )
            ),
        ),
    ),
    "sns": (Built("aws_sns_topic_policy", renamed={"policy": ("topic_policy",)}),),
}
"""Read from the modules' own variables, https://registry.terraform.io/namespaces/terraform-aws-modules, 2026-11-30."""


def built_from(source: str | None) -> tuple[Built, ...]:
    """What the module of a source builds; nothing where it is not known, or only a part of one is called."""
    found = _SOURCE.match(source or "")
    return () if found is None else _MODULES.get(found["registry"] or found["git"], ())


NAMED_RULES = {
    "all-all": ("-1", 0, 65535),
    "all-tcp": ("tcp", 0, 65535),
    "elasticsearch-rest-tcp": ("tcp", 9200, 9200),
    "http-80-tcp": ("tcp", 80, 80),
    "memcached-tcp": ("tcp", 11211, 11211),
    "mongodb-27017-tcp": ("tcp", 27017, 27017),
    "mssql-tcp": ("tcp", 1433, 1433),
    "mysql-tcp": ("tcp", 3306, 3306),
    "oracle-db-tcp": ("tcp", 1521, 1521),
    "postgresql-tcp": ("tcp", 5432, 5432),
    "rdp-tcp": ("tcp", 3389, 3389),
    "redis-tcp": ("tcp", 6379, 6379),
    "ssh-tcp": ("tcp", 22, 22),
}
"""Rules that the module of security groups has names for, those that a rule of ours asks about."""
