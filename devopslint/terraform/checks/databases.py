"""Databases that the Internet reaches, that nobody backs up, or that anybody deletes."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from devopslint.model import Problem
from devopslint.registry import check
from devopslint.terraform.databases import Setting, settings
from devopslint.terraform.modules import Resource, Terraform
from devopslint.terraform.network import everyone
from devopslint.terraform.values import Value

_PUBLIC = {
    "aws_db_instance": ("publicly_accessible",),
    "aws_rds_cluster_instance": ("publicly_accessible",),
    "aws_mq_broker": ("publicly_accessible",),
    "aws_neptune_cluster_instance": ("publicly_accessible",),
    "aws_redshift_cluster": ("publicly_accessible",),
    "aws_dms_replication_instance": ("publicly_accessible",),
}
_PUBLIC_BY_DEFAULT = {
    "aws_redshift_cluster": ("publicly_accessible",),
    "azurerm_mysql_server": ("public_network_access_enabled",),
    "azurerm_mariadb_server": ("public_network_access_enabled",),
    "azurerm_postgresql_server": ("public_network_access_enabled",),
    "azurerm_mssql_server": ("public_network_access_enabled",),
    "azurerm_mysql_flexible_server": ("public_network_access_enabled",),
    "azurerm_postgresql_flexible_server": ("public_network_access_enabled",),
    "azurerm_cosmosdb_account": ("public_network_access_enabled",),
    "azurerm_redis_cache": ("public_network_access_enabled",),
    "google_sql_database_instance": ("settings.ip_configuration.ipv4_enabled",),
}
_FIREWALLS = (
    "azurerm_sql_firewall_rule",
    "azurerm_mssql_firewall_rule",
    "azurerm_mysql_firewall_rule",
    "azurerm_mysql_flexible_server_firewall_rule",
    "azurerm_mariadb_firewall_rule",
    "azurerm_postgresql_firewall_rule",
    "azurerm_postgresql_flexible_server_firewall_rule",
    "azurerm_synapse_firewall_rule",
    "azurerm_redis_firewall_rule",
)


def exposures(terraform: Terraform) -> Iterator[Setting]:
    yield from settings(terraform, _PUBLIC)


@check("tf-public-database", each=exposures)
def public_database(setting: Setting) -> Iterator[Problem]:
    if setting.value.is_true:
        yield Problem(setting.place, f"{setting.label} has a public address: {setting.path} is true", setting.told)


def default_exposures(terraform: Terraform) -> Iterator[Setting]:
    yield from settings(terraform, _PUBLIC_BY_DEFAULT)


@check("tf-database-public-endpoint", each=default_exposures)
def database_public_endpoint(setting: Setting) -> Iterator[Problem]:
    resource, value = setting.resource, setting.value
    if resource.type == "aws_redshift_cluster" and not value.absent:
        return  # where it is written, it is an error
    if resource.type == "azurerm_cosmosdb_account" and not (
        resource.absent("ip_range_filter") and resource.absent("is_virtual_network_filter_enabled")
    ):
        return
    if resource.type.endswith("_flexible_server") and not (
        resource.absent("delegated_subnet_id")
        and resource.absent("public_network_access")
        and resource.absent("create_mode")
    ):
        return  # what lies in a subnet has no public endpoint
    if value.is_true or value.absent:
        yield Problem(
            setting.place, f"{setting.label} has a public endpoint: {setting.path} is not false", setting.told
        )


def database_firewalls(terraform: Terraform) -> list[Resource]:
    return terraform.of_types((*_FIREWALLS, "google_sql_database_instance"))


@check("tf-public-database", each=database_firewalls)
def database_open_to_all(firewall: Resource) -> Iterator[Problem]:
    if firewall.type.startswith("google"):
        for networks in firewall.blocks("settings"):
            for configuration in networks.blocks("ip_configuration"):
                for network in configuration.blocks("authorized_networks"):
                    value = network.get("value")
                    if everyone((value,)) is not None and not network.maybe:
                        yield Problem(
                            value.location, f"{firewall.label} lets {value.shown} in", (*value.related, *firewall.told)
                        )
        return
    first = firewall.get("start_ip_address") if firewall.written("start_ip_address") else firewall.get("start_ip")
    last = firewall.get("end_ip_address") if firewall.written("end_ip_address") else firewall.get("end_ip")
    if first.equals("0.0.0.0") and last.equals("255.255.255.255"):
        yield Problem(first.location, f"{firewall.label} lets every address in", (*first.related, *firewall.told))
    elif _spanned(first, last) > 2**31:
        said = f"{firewall.label} lets most of the Internet in: {first.shown} to {last.shown}"
        yield Problem(first.location, said, (*first.related, *firewall.told))


def _spanned(first: Value, last: Value) -> int:
    """How many addresses lie between two, where both are known."""
    try:
        return int(ipaddress.IPv4Address(last.text or "")) - int(ipaddress.IPv4Address(first.text or ""))
    except ValueError:
        return 0


@check("tf-database-open-to-azure", each=database_firewalls)
def database_open_to_azure(firewall: Resource) -> Iterator[Problem]:
    first = firewall.get("start_ip_address") if firewall.written("start_ip_address") else firewall.get("start_ip")
    last = firewall.get("end_ip_address") if firewall.written("end_ip_address") else firewall.get("end_ip")
    if firewall.type.startswith("azurerm") and first.equals("0.0.0.0") and last.equals("0.0.0.0"):
        said = f"{firewall.label} lets in whatever runs in Azure, of other customers too"
        yield Problem(first.location, said, (*first.related, *firewall.told))


def mysql_and_postgres(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(("google_sql_database_instance",))


@check("tf-no-point-in-time-recovery", each=mysql_and_postgres)
def no_point_in_time_recovery(instance: Resource) -> Iterator[Problem]:
    version = instance.get("database_version").text or ""
    names = {"MYSQL": "binary_log_enabled", "POSTGRES": "point_in_time_recovery_enabled"}
    name = names.get(version.partition("_")[0])
    backups = instance.get("settings.backup_configuration.enabled")
    if name is None or not instance.absent("master_instance_name") or backups.is_false or backups.unknown:
        return
    value = instance.get(f"settings.backup_configuration.{name}")
    if value.is_false or (value.absent and backups.is_true):
        said = "false" if value.is_false else "not set"
        yield Problem(
            value.location,
            f"{instance.label} can only be restored to when it was last backed up: {name} is {said}",
            (*value.related, *instance.told),
        )


_RETENTION = {
    "aws_db_instance": ("backup_retention_period",),
    "aws_rds_cluster": ("backup_retention_period",),
    "aws_docdb_cluster": ("backup_retention_period",),
    "aws_neptune_cluster": ("backup_retention_period",),
    "aws_elasticache_cluster": ("snapshot_retention_limit",),
    "aws_elasticache_replication_group": ("snapshot_retention_limit",),
    "aws_redshift_cluster": ("automated_snapshot_retention_period",),
    "azurerm_mysql_server": ("backup_retention_days",),
    "azurerm_mysql_flexible_server": ("backup_retention_days",),
    "azurerm_postgresql_server": ("backup_retention_days",),
    "azurerm_postgresql_flexible_server": ("backup_retention_days",),
}
_NONE_BY_DEFAULT = frozenset(("aws_db_instance", "aws_elasticache_cluster", "aws_elasticache_replication_group"))


def retentions(terraform: Terraform) -> Iterator[Setting]:
    for setting in settings(terraform, _RETENTION):
        resource = setting.resource
        if not setting.copy and not (resource.type == "aws_elasticache_cluster" and _is_memcached(resource)):
            yield setting


def _is_memcached(cluster: Resource) -> bool:
    engine = cluster.get("engine")
    if cluster.get("node_type").equals("cache.t1.micro"):  # it cannot be backed up
        return True
    return engine.possibly(lambda one: one.text == "memcached") or not cluster.absent("replication_group_id")


@check("tf-no-backup-retention", each=retentions)
def no_backup_retention(setting: Setting) -> Iterator[Problem]:
    days = setting.value.number
    if days is not None and days > 35 and setting.resource.type in ("aws_db_instance", "aws_rds_cluster"):
        yield Problem(
            setting.place,
            f"{setting.label} asks for backups of {setting.value.shown} days: RDS refuses more than 35",
            setting.told,
        )
    elif setting.value.equals(0) or (setting.value.absent and setting.resource.type in _NONE_BY_DEFAULT):
        yield Problem(
            setting.place, f"{setting.label} keeps no backups: {setting.path} is {_days(setting)}", setting.told
        )


def _days(setting: Setting) -> str:
    return "not set" if setting.value.absent else setting.value.shown


@check("tf-short-backup-retention", each=retentions)
def short_backup_retention(setting: Setting, *, minimum: int) -> Iterator[Problem]:
    value = setting.value
    days = value.number
    if value.absent and setting.resource.type not in _NONE_BY_DEFAULT:
        yield Problem(
            setting.place, f"{setting.label} keeps backups for a few days: {setting.path} is not set", setting.told
        )
    elif days is not None and 0 < days < minimum:
        yield Problem(
            setting.place, f"{setting.label} keeps backups for {value.shown} days, fewer than {minimum}", setting.told
        )


_BACKUPS = {
    "aws_dynamodb_table": ("point_in_time_recovery.enabled",),
    "google_sql_database_instance": ("settings.backup_configuration.enabled",),
}
_GEO_BACKUPS = {
    "azurerm_mysql_server": ("geo_redundant_backup_enabled",),
    "azurerm_mysql_flexible_server": ("geo_redundant_backup_enabled",),
    "azurerm_mariadb_server": ("geo_redundant_backup_enabled",),
    "azurerm_postgresql_server": ("geo_redundant_backup_enabled",),
    "azurerm_postgresql_flexible_server": ("geo_redundant_backup_enabled",),
}


def backups(terraform: Terraform) -> Iterator[Setting]:
    for setting in settings(terraform, _BACKUPS):
        if not setting.copy and not setting.resource.get("hash_key").equals(
            "LockID"
        ):  # Terraform's locks, held for minutes
            yield setting


@check("tf-no-backup", each=backups)
def no_backup(setting: Setting) -> Iterator[Problem]:
    if setting.value.absent or setting.value.is_false:
        yield Problem(setting.place, f"{setting.label} is not backed up: {setting.path} is not true", setting.told)


def geo_backups(terraform: Terraform) -> Iterator[Setting]:
    yield from (setting for setting in settings(terraform, _GEO_BACKUPS) if not setting.copy)


@check("tf-no-geo-backup", each=geo_backups)
def no_geo_backup(setting: Setting) -> Iterator[Problem]:
    if setting.value.absent or setting.value.is_false:
        yield Problem(setting.place, f"backups of {setting.label} are lost with its region", setting.told)


class Stored:
    """Something that a backup plan may select."""

    def __init__(self, resource: Resource, tree: Terraform) -> None:
        self.resource, self.tree = resource, tree
        self.label, self.location = resource.label, resource.location


def planned(terraform: Terraform) -> Iterator[Stored]:
    for resource in terraform.of_types(["aws_rds_cluster", "aws_ebs_volume", "aws_efs_file_system"]):
        yield Stored(resource, terraform)


@check("tf-no-backup-plan", each=planned, complete=True)
def no_backup_plan(stored: Stored) -> Iterator[Problem]:
    selections = stored.tree.by_type.get("aws_backup_selection", [])
    for selection in selections:
        resources = selection.get("resources")
        if resources.unknown or selection.blocks("selection_tag") or selection.blocks("condition"):
            return
        if any(text == "*" or "*" in text for text in resources.texts):
            return
    if stored.resource.target not in stored.tree.referring("aws_backup_selection", "resources"):
        yield Problem(stored.location, f"no backup plan selects {stored.label}", stored.resource.told)


_ZONES = {
    "aws_db_instance": ("multi_az",),
    "aws_elasticache_replication_group": ("automatic_failover_enabled",),
    "google_sql_database_instance": ("settings.availability_type",),
    "azurerm_mssql_database": ("zone_redundant",),
    "aws_dms_replication_instance": ("multi_az",),
}


def zones(terraform: Terraform) -> Iterator[Setting]:
    for setting in settings(terraform, _ZONES):
        replica = any(not setting.resource.absent(name) for name in ("replicate_source_db", "master_instance_name"))
        aurora = setting.resource.get("engine").possibly(lambda one: (one.text or "").startswith("aurora"))
        if not replica and not (
            aurora and setting.resource.type == "aws_db_instance" and not setting.resource.get("engine").unknown
        ):
            yield setting


@check("tf-single-az", each=zones)
def single_az(setting: Setting) -> Iterator[Problem]:
    bad = setting.value.equals("ZONAL") if setting.path.endswith("availability_type") else setting.value.is_false
    if setting.value.absent or bad:
        yield Problem(
            setting.place, f"{setting.label} stands in one zone: {setting.path} is {_days(setting)}", setting.told
        )


def memcached_clusters(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(["aws_elasticache_cluster"])


@check("tf-single-az", each=memcached_clusters)
def memcached_single_az(cluster: Resource) -> Iterator[Problem]:
    nodes, mode = cluster.get("num_cache_nodes").number, cluster.get("az_mode")
    if cluster.get("engine").equals("memcached") and nodes is not None and nodes > 1:
        if mode.absent or mode.equals("single-az"):
            said = "not set" if mode.absent else mode.shown
            yield Problem(
                mode.location, f"all nodes of {cluster.label} stand in one zone: az_mode is {said}", cluster.told
            )


_PROTECTED = {
    "aws_db_instance": ("deletion_protection",),
    "aws_rds_cluster": ("deletion_protection",),
    "aws_rds_global_cluster": ("deletion_protection",),
    "aws_neptune_cluster": ("deletion_protection",),
    "aws_docdb_cluster": ("deletion_protection",),
    "aws_lb": ("enable_deletion_protection",),
    "aws_alb": ("enable_deletion_protection",),
    "aws_dynamodb_table": ("deletion_protection_enabled",),
    "aws_qldb_ledger": ("deletion_protection",),
    "google_spanner_database": ("enable_drop_protection",),
}
_QUIET = frozenset(("aws_dynamodb_table", "aws_docdb_cluster"))
"""Where nobody expects it to be set: only what is switched off is said."""
_PROTECTED_BY_DEFAULT = {
    "aws_qldb_ledger": ("deletion_protection",),
    "google_sql_database_instance": ("deletion_protection",),
    "google_container_cluster": ("deletion_protection",),
    "google_spanner_database": ("deletion_protection",),
    "google_bigquery_table": ("deletion_protection",),
    "google_bigtable_instance": ("deletion_protection",),
}


def protections(terraform: Terraform) -> Iterator[Setting]:
    yield from settings(terraform, _PROTECTED)


@check("tf-no-deletion-protection", each=protections)
def no_deletion_protection(setting: Setting) -> Iterator[Problem]:
    resource = setting.resource
    if resource.type == "aws_db_instance" and not resource.absent("replicate_source_db"):
        return
    if setting.value.is_false or (setting.value.absent and resource.type not in ("aws_qldb_ledger", *_QUIET)):
        yield Problem(
            setting.place, f"{setting.label} is deleted by one wrong run: {setting.path} is not true", setting.told
        )


def default_protections(terraform: Terraform) -> Iterator[Setting]:
    yield from settings(terraform, _PROTECTED_BY_DEFAULT)


@check("tf-deletion-protection-off", each=default_protections)
def deletion_protection_off(setting: Setting) -> Iterator[Problem]:
    if setting.value.is_false and setting.resource.type != "aws_qldb_ledger":
        yield Problem(
            setting.place, f"{setting.label} is deleted by one wrong run: {setting.path} is false", setting.told
        )


_FINAL = {
    "aws_db_instance": ("skip_final_snapshot",),
    "aws_rds_cluster": ("skip_final_snapshot",),
    "aws_docdb_cluster": ("skip_final_snapshot",),
    "aws_neptune_cluster": ("skip_final_snapshot",),
    "aws_redshift_cluster": ("skip_final_snapshot",),
    "aws_s3_bucket": ("force_destroy",),
    "google_storage_bucket": ("force_destroy",),
}


def last_copies(terraform: Terraform) -> Iterator[Setting]:
    yield from settings(terraform, _FINAL)


@check("tf-deleted-without-copy", each=last_copies)
def deleted_without_copy(setting: Setting) -> Iterator[Problem]:
    if setting.value.is_true and setting.resource.absent("replicate_source_db"):
        yield Problem(
            setting.place, f"{setting.label} is deleted with all that is in it: {setting.path} is true", setting.told
        )
