"""What is stored or sent in the clear, keys that nobody changes, and logs that are kept too long or too short."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.facts.network import OLD_PROTOCOLS
from devopslint.model import Problem
from devopslint.registry import check
from devopslint.terraform.databases import Setting, settings
from devopslint.terraform.modules import Resource, Terraform

_AT_REST = {
    "aws_db_instance": ("storage_encrypted",),
    "aws_rds_cluster": ("storage_encrypted",),
    "aws_rds_global_cluster": ("storage_encrypted",),
    "aws_neptune_cluster": ("storage_encrypted",),
    "aws_docdb_cluster": ("storage_encrypted",),
    "aws_ebs_volume": ("encrypted",),
    "aws_efs_file_system": ("encrypted",),
    "aws_elasticache_replication_group": ("at_rest_encryption_enabled",),
    "aws_redshift_cluster": ("encrypted",),
    "aws_elasticsearch_domain": ("encrypt_at_rest.enabled",),
    "aws_opensearch_domain": ("encrypt_at_rest.enabled",),
    "aws_dax_cluster": ("server_side_encryption.enabled",),
    "aws_instance": ("root_block_device.encrypted", "ebs_block_device[].encrypted"),
    "aws_launch_configuration": ("root_block_device.encrypted", "ebs_block_device[].encrypted"),
    "aws_launch_template": ("block_device_mappings[].ebs.encrypted",),
    "aws_ami": ("ebs_block_device[].encrypted",),
    "aws_sqs_queue": ("sqs_managed_sse_enabled",),
    "azurerm_mssql_database": ("transparent_data_encryption_enabled",),
}
_ENCRYPTED_BY_DEFAULT = frozenset(
    (
        "aws_sqs_queue",
        "aws_instance",
        "aws_launch_configuration",
        "aws_launch_template",
        "aws_ami",
        "azurerm_mssql_database",
    )
)


def at_rest(terraform: Terraform) -> Iterator[Setting]:
    yield from settings(terraform, _AT_REST)


@check("tf-unencrypted-storage", each=at_rest)
def unencrypted_storage(setting: Setting) -> Iterator[Problem]:
    if (
        setting.value.is_false
        and not setting.resource.get("engine_mode").equals("serverless")
        and not (setting.resource.type == "aws_sqs_queue" and not setting.resource.absent("kms_master_key_id"))
    ):
        yield Problem(setting.place, f"{setting.label} stores in the clear: {setting.path} is false", setting.told)


def unsaid(terraform: Terraform) -> Iterator[Setting]:
    default = any(not one.get("enabled").is_false for one in terraform.by_type.get("aws_ebs_encryption_by_default", ()))
    unencrypted = {type: paths for type, paths in _AT_REST.items() if type not in _ENCRYPTED_BY_DEFAULT}
    for setting in settings(terraform, unencrypted):
        disk = setting.resource.type == "aws_ebs_volume"
        if setting.resource.get("engine_mode").equals("serverless"):
            continue  # it always is
        if not setting.copy and not (disk and default):
            yield setting


@check("tf-encryption-unsaid", each=unsaid)
def encryption_unsaid(setting: Setting) -> Iterator[Problem]:
    if setting.value.absent:
        yield Problem(setting.place, f"{setting.label} stores in the clear: {setting.path} is not set", setting.told)


_DISKS = {
    "aws_instance": ("root_block_device.encrypted",),
    "aws_launch_configuration": ("root_block_device.encrypted", "ebs_block_device[].encrypted"),
    "aws_launch_template": ("block_device_mappings[].ebs.encrypted",),
}


def disks(terraform: Terraform) -> Iterator[Setting]:
    if any(not one.get("enabled").is_false for one in terraform.by_type.get("aws_ebs_encryption_by_default", ())):
        return
    yield from (setting for setting in settings(terraform, _DISKS) if not setting.copy)


@check("tf-disk-encryption-unsaid", each=disks)
def disk_encryption_unsaid(setting: Setting) -> Iterator[Problem]:
    if setting.value.absent:
        yield Problem(
            setting.place,
            f"the disk of {setting.label} is encrypted only where the account's default says so",
            setting.told,
        )


_NOT_TLS_1_2 = compiled(
    r"(?i)(?:ELBSecurityPolicy-(?:2015|2016|TLS-1-0|TLS-1-1|TLS13-1-[01]|FS-2018|FS-1-1)|TLSv1(?:_2016|\.1_2016|\Z)|SSLv3|TLS_?1[._]?[01]\Z|1\.[01]\Z|TLSv?1\.?[01]?\Z|TLS_1_0|TLSEnforcementDisabled|Policy-Min-TLS-1-0)"
)
_VERSIONS = {
    "aws_lb_listener": ("ssl_policy",),
    "aws_alb_listener": ("ssl_policy",),
    "aws_cloudfront_distribution": ("viewer_certificate.minimum_protocol_version",),
    "aws_elasticsearch_domain": ("domain_endpoint_options.tls_security_policy",),
    "aws_opensearch_domain": ("domain_endpoint_options.tls_security_policy",),
    "aws_api_gateway_domain_name": ("security_policy",),
    "azurerm_storage_account": ("min_tls_version",),
    "azurerm_mssql_server": ("minimum_tls_version",),
    "azurerm_mysql_server": ("ssl_minimal_tls_version_enforced",),
    "azurerm_postgresql_server": ("ssl_minimal_tls_version_enforced",),
    "azurerm_mariadb_server": ("ssl_minimal_tls_version_enforced",),
    "azurerm_redis_cache": ("minimum_tls_version",),
    "azurerm_app_service": ("site_config.min_tls_version",),
    "azurerm_linux_web_app": ("site_config.minimum_tls_version",),
    "azurerm_windows_web_app": ("site_config.minimum_tls_version",),
    "azurerm_function_app": ("site_config.min_tls_version",),
    "azurerm_linux_function_app": ("site_config.minimum_tls_version",),
    "azurerm_windows_function_app": ("site_config.minimum_tls_version",),
    "google_compute_ssl_policy": ("min_tls_version",),
}
_OLD_BY_DEFAULT = frozenset(("google_compute_ssl_policy",))


def tls_versions(terraform: Terraform) -> Iterator[Setting]:
    yield from settings(terraform, _VERSIONS)


@check("tf-old-tls", each=tls_versions)
def old_tls(setting: Setting) -> Iterator[Problem]:
    resource, value = setting.resource, setting.value
    if _speaks_no_tls(resource) or resource.get("profile").equals("RESTRICTED"):
        return  # whatever the version says, the ciphers of the profile RESTRICTED belong to TLS 1.2
    if resource.get("viewer_certificate.cloudfront_default_certificate").is_true and not value.absent:
        said = "CloudFront's own certificate comes with TLSv1"
        yield Problem(setting.place, f"{setting.label} accepts TLS older than 1.2: {said}", setting.told)
    elif value.certainly(lambda one: bool(_NOT_TLS_1_2.match(one.text or ""))):
        yield Problem(setting.place, f"{setting.label} accepts TLS older than 1.2: {value.shown}", setting.told)
    elif value.absent and _old_by_default(resource):
        yield Problem(
            setting.place, f"{setting.label} accepts TLS older than 1.2: {setting.path} is not set", setting.told
        )


def _speaks_no_tls(resource: Resource) -> bool:
    """Whether it is a listener of a protocol to which its policy says nothing."""
    return resource.type.endswith("_listener") and resource.get("protocol").certainly(
        lambda one: one.text in ("HTTP", "TCP", "UDP", "TCP_UDP", "GENEVE")
    )


def _old_by_default(resource: Resource) -> bool:
    if resource.type in ("aws_lb_listener", "aws_alb_listener"):
        return resource.get("protocol").equals("HTTPS", "TLS")
    if resource.type == "aws_cloudfront_distribution":
        return True
    if resource.type.startswith(("aws_elasticsearch", "aws_opensearch")):
        return resource.get("domain_endpoint_options.enforce_https").is_true
    return resource.type in _OLD_BY_DEFAULT


_CLASSIC = {"aws_load_balancer_policy": "policy_attribute", "aws_lb_ssl_negotiation_policy": "attribute"}
_BROKEN_CIPHER = compiled(r"(?i)(?:.*[-_])?(?:RC[24]|ARCFOUR|DES|3DES|NULL|MD5|EXP|EXPORT|IDEA|SEED|ADH)(?:[-_]|\Z)")


def classic_policies(terraform: Terraform) -> Iterator[Setting]:
    """What policies of classic load balancers turn on: protocols, ciphers, or a policy of AWS."""
    for policy in terraform.of_types(_CLASSIC):
        for attribute in policy.blocks(_CLASSIC[policy.type]):
            named, value = attribute.get("name"), attribute.get("value")
            if named.text == "Reference-Security-Policy" and not attribute.maybe:
                yield Setting(policy, value, "")
            elif named.known and value.is_true and not attribute.maybe:
                yield Setting(policy, named, "")


@check("tf-old-tls", each=classic_policies)
def classic_old_tls(setting: Setting) -> Iterator[Problem]:
    if setting.value.equals(*OLD_PROTOCOLS) or setting.value.certainly(
        lambda one: (one.text or "").startswith("ELBSecurityPolicy-") and _NOT_TLS_1_2.match(one.text or "")
    ):
        yield Problem(setting.place, f"{setting.label} accepts TLS older than 1.2: {setting.value.shown}", setting.told)


@check("tf-weak-cipher", each=classic_policies)
def classic_weak_cipher(setting: Setting) -> Iterator[Problem]:
    if setting.value.certainly(lambda one: _BROKEN_CIPHER.match(one.text or "")):
        yield Problem(setting.place, f"{setting.label} accepts {setting.value.shown}, which is broken", setting.told)


def tls_policies(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(["google_compute_ssl_policy"])


@check("tf-weak-cipher", each=tls_policies)
def weak_cipher(policy: Resource) -> Iterator[Problem]:
    profile = policy.get("profile")
    if profile.absent or profile.equals("COMPATIBLE"):
        said = "every cipher that clients may ask for: its profile is COMPATIBLE"
        yield Problem(profile.location, f"{policy.label} accepts {said}", (*profile.related, *policy.told))
    for feature in policy.get("custom_features").items:
        if feature.certainly(lambda one: (one.text or "").startswith("TLS_RSA_")):
            message = f"{policy.label} accepts {feature.shown}, which keeps nothing secret once the key is out"
            yield Problem(feature.location, message, policy.told)


_IN_TRANSIT = {
    "aws_elasticache_replication_group": ("transit_encryption_enabled",),
    "aws_elasticsearch_domain": ("domain_endpoint_options.enforce_https",),
    "aws_opensearch_domain": ("domain_endpoint_options.enforce_https",),
    "azurerm_storage_account": ("https_traffic_only_enabled", "enable_https_traffic_only"),
    "azurerm_mysql_server": ("ssl_enforcement_enabled",),
    "azurerm_mariadb_server": ("ssl_enforcement_enabled",),
    "azurerm_postgresql_server": ("ssl_enforcement_enabled",),
    "azurerm_app_service": ("https_only",),
    "azurerm_function_app": ("https_only",),
    "azurerm_linux_function_app": ("https_only",),
    "azurerm_windows_function_app": ("https_only",),
    "azurerm_linux_web_app": ("https_only",),
    "azurerm_windows_web_app": ("https_only",),
    "aws_msk_cluster": ("encryption_info.encryption_in_transit.in_cluster",),
}
_ENCRYPTED_UNLESS_SAID = frozenset(
    (
        "azurerm_storage_account",
        "azurerm_mysql_server",
        "azurerm_mariadb_server",
        "azurerm_postgresql_server",
        "aws_msk_cluster",
    )
)


def transports(terraform: Terraform) -> Iterator[Setting]:
    yield from settings(terraform, _IN_TRANSIT)


@check("tf-unencrypted-transit", each=transports)
def unencrypted_transit(setting: Setting) -> Iterator[Problem]:
    absent = setting.value.absent and setting.resource.type not in _ENCRYPTED_UNLESS_SAID
    if setting.value.is_false or (absent and not setting.copy):
        yield Problem(
            setting.place, f"{setting.label} is talked to in the clear: {setting.path} is not true", setting.told
        )


def _rules_of(listener: Resource) -> list[Resource]:
    return listener.instance.tree.referring(f"{listener.type}_rule", "listener_arn").get(listener.target, [])


def _sends_all_on(rule: Resource) -> bool:
    """Whether a rule of a listener redirects every path to HTTPS, so that what comes behind it answers nobody."""
    conditions = rule.blocks("condition")
    patterns = [one.get("path_pattern.values") for one in conditions]
    return (
        rule.get("action.redirect.protocol").equals("HTTPS")
        and bool(patterns)
        and all(not {"*", "/*"}.isdisjoint(one.texts) for one in patterns)
    )


def plain_protocols(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(
        [
            "aws_lb_listener",
            "aws_alb_listener",
            "aws_msk_cluster",
            "google_sql_database_instance",
            "aws_cloudfront_distribution",
            "azurerm_redis_cache",
        ]
    )


@check("tf-unencrypted-transit", each=plain_protocols)
def plain_protocol(resource: Resource) -> Iterator[Problem]:
    if resource.type == "azurerm_redis_cache":
        for name in ("non_ssl_port_enabled", "enable_non_ssl_port"):
            value = resource.get(name)
            if value.is_true:
                yield Problem(
                    value.location,
                    f"{resource.label} is talked to in the clear: {name} is true",
                    (*value.related, *resource.told),
                )
    elif resource.type.endswith("_listener"):
        protocol = resource.get("protocol")
        redirect = resource.get("default_action.redirect.protocol")
        kind = resource.get("default_action.type")
        if (protocol.equals("HTTP") or (protocol.absent and not resource.absent("port"))) and resource.get(
            "port"
        ).possibly(lambda one: True):
            if (
                not redirect.possibly(lambda one: one.text == "HTTPS")
                and not kind.unknown
                and not kind.equals("redirect")
            ) or (
                kind.equals("redirect")
                and redirect.certainly(lambda one: one.text not in ("HTTPS", "#{protocol}"))
                and not redirect.absent
            ):
                if not any(_sends_all_on(rule) for rule in _rules_of(resource)):
                    said = f"{resource.label} answers HTTP, and sends nobody on to HTTPS"
                    yield Problem(protocol.location, said, resource.told)
    elif resource.type == "aws_msk_cluster":
        value = resource.get("encryption_info.encryption_in_transit.client_broker")
        if value.equals("PLAINTEXT", "TLS_PLAINTEXT"):
            yield Problem(
                value.location,
                f"{resource.label} is talked to in the clear: client_broker is {value.shown}",
                resource.told,
            )
    elif resource.type == "google_sql_database_instance":
        mode, required = (
            resource.get("settings.ip_configuration.ssl_mode"),
            resource.get("settings.ip_configuration.require_ssl"),
        )
        if mode.equals("ALLOW_UNENCRYPTED_AND_ENCRYPTED") or (mode.absent and (required.absent or required.is_false)):
            at = required if required.is_false else mode
            yield Problem(
                at.location, f"{resource.label} is talked to in the clear: ssl_mode asks for nothing", resource.told
            )
    elif not resource.get("enabled").is_false:
        for name in ("default_cache_behavior", "ordered_cache_behavior"):
            for behaviour in resource.blocks(name):
                value = behaviour.get("viewer_protocol_policy")
                if value.equals("allow-all"):
                    yield Problem(
                        value.location, f"{resource.label} answers HTTP, and sends nobody on to HTTPS", resource.told
                    )


_DMS_ENGINES = frozenset(
    (
        *("aurora", "aurora-postgresql", "azuredb", "azure-sql-managed-instance", "db2", "db2-zos", "docdb"),
        *("mariadb", "mongodb", "mysql", "oracle", "postgres", "sqlserver", "sybase"),
    )
)
"""Engines that clients speak to over a connection of their own; Redshift is always spoken to over TLS."""


def senders(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(
        ["aws_dms_endpoint", "azurerm_container_registry_webhook", "google_cloudfunctions_function"]
    )


@check("tf-unencrypted-transit", each=senders)
def plain_sender(resource: Resource) -> Iterator[Problem]:
    if resource.type == "aws_dms_endpoint":
        mode = resource.get("ssl_mode")
        known = (resource.get("engine_name").text or "") in _DMS_ENGINES
        if known and resource.get("endpoint_type").equals("source", "target") and (mode.absent or mode.equals("none")):
            yield Problem(mode.location, f"{resource.label} sends in the clear: ssl_mode is none", resource.told)
    elif resource.type == "azurerm_container_registry_webhook":
        address = resource.get("service_uri")
        if (address.text or "").startswith("http://"):
            yield Problem(address.location, f"{resource.label} sends in the clear, to http://", resource.told)
    else:
        level = resource.get("https_trigger_security_level")
        if resource.get("trigger_http").is_true and (level.absent or level.equals("SECURE_OPTIONAL")):
            message = f"{resource.label} answers HTTP: https_trigger_security_level is not SECURE_ALWAYS"
            yield Problem(level.location, message, resource.told)


def tasks(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(["aws_ecs_task_definition"])


@check("tf-unencrypted-transit", each=tasks)
def files_in_the_clear(task: Resource) -> Iterator[Problem]:
    for files in (one for volume in task.blocks("volume") for one in volume.blocks("efs_volume_configuration")):
        value = files.get("transit_encryption")
        if not files.maybe and (value.absent or value.equals("DISABLED")):
            said = f"{task.label} reads files in the clear: transit_encryption is not ENABLED"
            yield Problem(value.location, said, (*value.related, *task.told))


def distributions(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(["aws_cloudfront_distribution"])


@check("tf-origin-unencrypted", each=distributions)
def origin_unencrypted(distribution: Resource) -> Iterator[Problem]:
    behaviours = [
        one for name in ("default_cache_behavior", "ordered_cache_behavior") for one in distribution.blocks(name)
    ]
    plain = any(one.get("viewer_protocol_policy").equals("allow-all") for one in behaviours)
    if distribution.get("enabled").is_false:
        return  # it asks nobody
    for origin in distribution.blocks("origin"):
        host = origin.get("domain_name").text
        policy = origin.get("custom_origin_config.origin_protocol_policy")
        if host is None or "s3-website" in host:
            continue  # a bucket's website answers HTTP alone
        if policy.equals("http-only") or (policy.equals("match-viewer") and plain):
            message = f"{distribution.label} may ask {host} in the clear: origin_protocol_policy is {policy.shown}"
            yield Problem(policy.location, message, (*policy.related, *distribution.told))


@check("tf-origin-old-tls", each=distributions)
def origin_old_tls(distribution: Resource) -> Iterator[Problem]:
    for origin in distribution.blocks("origin"):
        protocols = origin.get("custom_origin_config.origin_ssl_protocols")
        if any(one.equals("SSLv3") for one in protocols.items):
            yield Problem(protocols.location, f"{distribution.label} speaks SSLv3 with an origin", distribution.told)


def secrets(terraform: Terraform) -> Iterator[Resource]:
    return terraform.without("aws_secretsmanager_secret", "aws_secretsmanager_secret_rotation", "secret_id")


@check("tf-secret-unrotated", each=secrets, complete=True)
def secret_unrotated(secret: Resource) -> Iterator[Problem]:
    if not secret.says("rotation_rules") and not secret.says("rotation_lambda_arn"):
        yield Problem(secret.location, f"{secret.label} is never changed: nothing rotates it", secret.told)


def keys(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(["aws_kms_key", "google_kms_crypto_key"])


@check("tf-key-rotation", each=keys)
def key_rotation(key: Resource, *, days: int) -> Iterator[Problem]:
    if key.type == "aws_kms_key":
        spec, usage = key.get("customer_master_key_spec"), key.get("key_usage")
        if not (spec.absent or spec.equals("SYMMETRIC_DEFAULT")) or usage.possibly(
            lambda one: (one.text or "").upper() in ("SIGN_VERIFY", "GENERATE_VERIFY_MAC")
        ):
            return
        value = key.get("enable_key_rotation")
        if value.absent or value.is_false:
            yield Problem(value.location, f"{key.label} is never rotated", (*value.related, *key.told))
        return
    purpose = key.get("purpose")
    if not (purpose.absent or purpose.equals("ENCRYPT_DECRYPT")):
        return
    value = key.get("rotation_period")
    seconds = re.match(r"(\d+(?:\.\d+)?)s\Z", value.text or "")
    if value.absent:
        yield Problem(value.location, f"{key.label} is never rotated", key.told)
    elif value.known and (seconds is None or float(seconds[1]) > days * 86400):
        yield Problem(
            value.location, f"{key.label} is rotated less often than every {days} days", (*value.related, *key.told)
        )


_LOGS = {"aws_cloudwatch_log_group": ("retention_in_days",)}


def log_groups(terraform: Terraform) -> Iterator[Setting]:
    yield from settings(terraform, _LOGS)


@check("tf-log-retention", each=log_groups)
def log_retention(setting: Setting) -> Iterator[Problem]:
    if setting.value.absent:
        yield Problem(setting.place, f"{setting.label} keeps logs for ever: retention_in_days is not set", setting.told)


@check("tf-short-log-retention", each=log_groups)
def short_log_retention(setting: Setting, *, minimum: int) -> Iterator[Problem]:
    days = setting.value.number
    if days is not None and 0 < days < minimum:
        yield Problem(
            setting.place,
            f"{setting.label} keeps logs for {setting.value.shown} days, fewer than {minimum}",
            setting.told,
        )


def caches(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(["aws_elasticache_replication_group"])


@check("tf-cache-without-login", each=caches)
def cache_without_login(cache: Resource) -> Iterator[Problem]:
    copied = not cache.absent("global_replication_group_id")
    transit = cache.get("transit_encryption_enabled")
    if not copied and cache.absent("auth_token") and cache.absent("user_group_ids"):
        yield Problem(cache.location, f"{cache.label} asks nobody who reads it", cache.told)
    elif transit.is_false or (transit.absent and not copied):
        yield Problem(
            transit.location, f"{cache.label} is sent its passwords in the clear", (*transit.related, *cache.told)
        )


_PLAIN_PARAMETERS = {"rds.force_ssl": ("0",), "require_secure_transport": ("0", "OFF")}
"""Parameters of a database server that let clients in who speak in the clear."""


def parameter_groups(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(("aws_db_parameter_group", "aws_rds_cluster_parameter_group"))


@check("tf-unencrypted-transit", each=parameter_groups)
def plain_parameter(group: Resource) -> Iterator[Problem]:
    for parameter in group.blocks("parameter"):
        name, value = parameter.get("name").text or "", parameter.get("value")
        off = _PLAIN_PARAMETERS.get(name, ())
        plain = bool(off) and (value.text or "").upper() in off
        if name == "db2comm":
            plain = value.text is not None and "SSL" not in value.text.upper()
        if plain and not parameter.maybe:
            said = f"{group.label} lets clients in who speak in the clear: {name} is {value.shown}"
            yield Problem(value.location, said, (*value.related, *group.told))
