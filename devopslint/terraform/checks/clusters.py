"""Kubernetes clusters, image registries, and what functions run on."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from devopslint.facts.lambda_runtimes import deprecated
from devopslint.model import Problem
from devopslint.registry import check
from devopslint.terraform.databases import Setting, settings
from devopslint.terraform.modules import Resource, Terraform
from devopslint.terraform.network import everyone
from devopslint.terraform.subjects import provider_of, requirements
from devopslint.terraform.versions import lowest, parsed

EKS_STANDARD_SUPPORT = {
    "1.31": datetime.date(2025, 11, 26),
    "1.32": datetime.date(2026, 3, 23),
    "1.33": datetime.date(2026, 7, 29),
    "1.34": datetime.date(2026, 12, 2),
}
"""End of standard support, from https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html, read 2026-11-28."""
_OLDEST_SUPPORTED = "1.34"


_CLUSTERS = ("aws_eks_cluster", "google_container_cluster", "azurerm_kubernetes_cluster")


def clusters(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(_CLUSTERS)


def reached_clusters(terraform: Terraform) -> list[Resource]:
    """Those of modules that are called, too, as far as their calls say who reaches them."""
    return terraform.told_of(_CLUSTERS)


@check("tf-cluster-open-endpoint", each=reached_clusters)
def cluster_open_endpoint(cluster: Resource) -> Iterator[Problem]:
    if cluster.type == "aws_eks_cluster":
        public = cluster.get("vpc_config.endpoint_public_access")
        found = everyone(cluster.get("vpc_config.public_access_cidrs").items)
        if found is not None and (public.absent or public.is_true):
            yield Problem(
                found.location, f"the API of {cluster.label} is open to {found.shown}", (*found.related, *cluster.told)
            )
    elif cluster.type == "google_container_cluster":
        for block in cluster.blocks("master_authorized_networks_config"):
            for network in block.blocks("cidr_blocks"):
                value = network.get("cidr_block")
                if everyone((value,)) is not None and not network.maybe:
                    yield Problem(
                        value.location,
                        f"the API of {cluster.label} is open to {value.shown}",
                        (*value.related, *cluster.told),
                    )
    else:
        for path in ("api_server_access_profile.authorized_ip_ranges", "api_server_authorized_ip_ranges"):
            found = everyone(cluster.get(path).items)
            if found is not None:
                yield Problem(
                    found.location,
                    f"the API of {cluster.label} is open to {found.shown}",
                    (*found.related, *cluster.told),
                )


@check("tf-cluster-public-endpoint", each=reached_clusters)
def cluster_public_endpoint(cluster: Resource) -> Iterator[Problem]:
    if cluster.type == "aws_eks_cluster":
        public = cluster.get("vpc_config.endpoint_public_access")
        cidrs = cluster.get("vpc_config.public_access_cidrs")
        if (public.absent or public.is_true) and (
            cidrs.absent or (cidrs.kind == "list" and not cidrs.data and not cidrs.open)
        ):
            yield Problem(
                cidrs.location if cidrs.absent else public.location,
                f"the API of {cluster.label} is public, and names no addresses",
                cluster.told,
            )
    elif cluster.type == "google_container_cluster":
        private = cluster.get("private_cluster_config.enable_private_endpoint")
        if not cluster.blocks("master_authorized_networks_config") and (private.absent or private.is_false):
            if not cluster.written("master_authorized_networks_config"):
                yield Problem(
                    cluster.location, f"the API of {cluster.label} is public, and names no addresses", cluster.told
                )
    else:
        private = cluster.get("private_cluster_enabled")
        ranges = [
            cluster.get("api_server_access_profile.authorized_ip_ranges"),
            cluster.get("api_server_authorized_ip_ranges"),
        ]
        if (private.absent or private.is_false) and all(
            one.absent or (one.kind == "list" and not one.data and not one.open) for one in ranges
        ):
            yield Problem(
                cluster.location, f"the API of {cluster.label} is public, and names no addresses", cluster.told
            )


@check("tf-cluster-not-private", each=clusters)
def cluster_not_private(cluster: Resource) -> Iterator[Problem]:
    if cluster.type == "aws_eks_cluster":
        public = cluster.get("vpc_config.endpoint_public_access")
        if public.absent or public.is_true:
            yield Problem(
                public.location, f"the API of {cluster.label} has a public endpoint", (*public.related, *cluster.told)
            )
    elif cluster.type == "google_container_cluster":
        nodes = cluster.get("private_cluster_config.enable_private_nodes")
        if nodes.absent or nodes.is_false:
            yield Problem(
                nodes.location, f"the nodes of {cluster.label} have public addresses", (*nodes.related, *cluster.told)
            )
    else:
        private = cluster.get("private_cluster_enabled")
        if private.absent or private.is_false:
            yield Problem(
                private.location, f"the API of {cluster.label} has a public endpoint", (*private.related, *cluster.told)
            )


@check("tf-cluster-unlogged", each=clusters)
def cluster_unlogged(cluster: Resource) -> Iterator[Problem]:
    if cluster.type == "aws_eks_cluster":
        types = cluster.get("enabled_cluster_log_types")
        wanted = ("api", "audit", "authenticator", "controllerManager", "scheduler")
        if types.absent:
            yield Problem(types.location, f"the control plane of {cluster.label} logs nothing", cluster.told)
        elif types.kind == "list" and types.complete and all(one.known for one in types.items):
            missing = [one for one in wanted if one not in types.texts]
            if missing:
                yield Problem(
                    types.location,
                    f"the control plane of {cluster.label} does not log {', '.join(missing)}",
                    (*types.related, *cluster.told),
                )
    elif cluster.type == "google_container_cluster":
        service = cluster.get("logging_service")
        if service.equals("none"):
            yield Problem(service.location, f"{cluster.label} logs nothing", cluster.told)
    elif not cluster.blocks("oms_agent") and not cluster.get("addon_profile.oms_agent.enabled").possibly(
        lambda one: one.is_true
    ):
        watched = cluster.instance.tree.referring("azurerm_monitor_diagnostic_setting", "target_resource_id")
        if not cluster.written("oms_agent") and cluster.target not in watched:
            yield Problem(cluster.location, f"{cluster.label} sends no logs", cluster.told)


def eks_clusters(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(["aws_eks_cluster"])


@check("tf-cluster-secrets-unencrypted", each=eks_clusters)
def cluster_secrets_unencrypted(cluster: Resource) -> Iterator[Problem]:
    found = cluster.blocks("encryption_config")
    resources = cluster.get("encryption_config.resources")
    if not found and not cluster.written("encryption_config"):
        yield Problem(
            cluster.location, f"secrets of {cluster.label} are encrypted with no key of your own", cluster.told
        )
    elif (
        found
        and resources.complete
        and not resources.absent
        and "secrets" not in resources.texts
        and not found[0].maybe
    ):
        yield Problem(
            resources.location, f"secrets of {cluster.label} are encrypted with no key of your own", cluster.told
        )


@check("tf-cluster-old-version", each=eks_clusters)
def cluster_old_version(cluster: Resource, *, oldest: str) -> Iterator[Problem]:
    version = cluster.get("version")
    text = version.text
    if text is not None and parsed(text) and parsed(text)[:2] < parsed(oldest):
        yield Problem(
            version.location,
            f"{cluster.label} runs Kubernetes {text}, older than {oldest}",
            (*version.related, *cluster.told),
        )


def hosted_clusters(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(["google_container_cluster", "azurerm_kubernetes_cluster"])


def _is_autopilot(cluster: Resource) -> bool:
    return not cluster.absent("enable_autopilot") and not cluster.get("enable_autopilot").is_false


@check("tf-cluster-no-network-policy", each=hosted_clusters)
def cluster_no_network_policy(cluster: Resource) -> Iterator[Problem]:
    if cluster.type == "google_container_cluster":
        if _is_autopilot(cluster) or not cluster.get("datapath_provider").possibly(
            lambda one: one.text != "ADVANCED_DATAPATH"
        ):
            return
        value = cluster.get("network_policy.enabled")
        provider = cluster.get("datapath_provider")
        if provider.unknown or provider.equals("ADVANCED_DATAPATH"):
            return
    else:
        value = cluster.get("network_profile.network_policy")
    if value.absent or value.is_false:
        yield Problem(value.location, f"{cluster.label} enforces no network policies", (*value.related, *cluster.told))


@check("tf-cluster-legacy-auth", each=hosted_clusters)
def cluster_legacy_auth(cluster: Resource) -> Iterator[Problem]:
    if cluster.type == "google_container_cluster":
        for path, word in (
            ("enable_legacy_abac", "rights by attributes, beside RBAC"),
            (
                "master_auth.client_certificate_config.issue_client_certificate",
                "client certificates, which cannot be revoked",
            ),
        ):
            value = cluster.get(path)
            if value.is_true:
                yield Problem(value.location, f"{cluster.label} gives {word}", (*value.related, *cluster.told))
        password = cluster.get("master_auth.password")
        if password.text:
            yield Problem(password.location, f"{cluster.label} is signed in to with a password", cluster.told)
        return
    for path in ("role_based_access_control_enabled", "role_based_access_control.enabled"):
        value = cluster.get(path)
        if value.is_false:
            yield Problem(value.location, f"{cluster.label} gives everybody all rights: {path} is false", cluster.told)


@check("tf-cluster-local-accounts", each=hosted_clusters)
def cluster_local_accounts(cluster: Resource) -> Iterator[Problem]:
    if cluster.type == "azurerm_kubernetes_cluster":
        value = cluster.get("local_account_disabled")
        if value.absent or value.is_false:
            yield Problem(
                value.location,
                f"{cluster.label} has an administrator's account of its own",
                (*value.related, *cluster.told),
            )


def nodes(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(["google_container_cluster", "google_container_node_pool"])


@check("tf-cluster-no-workload-identity", each=nodes)
def cluster_no_workload_identity(cluster: Resource) -> Iterator[Problem]:
    if _is_autopilot(cluster):
        return
    if cluster.type == "google_container_cluster" and (
        not cluster.blocks("node_config") or cluster.get("remove_default_node_pool").is_true
    ):
        return  # its nodes are in pools of their own
    mode = cluster.get("node_config.workload_metadata_config.mode")
    old = cluster.get("node_config.workload_metadata_config.node_metadata")
    if (
        (mode.absent and old.absent)
        or mode.equals("GCE_METADATA", "MODE_UNSPECIFIED", "EXPOSE")
        or old.equals("EXPOSE", "UNSPECIFIED")
    ):
        yield Problem(
            mode.location if old.absent else old.location,
            f"pods of {cluster.label} have the rights of their node",
            cluster.told,
        )


def pools(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(["google_container_node_pool"])


def _tended(pool: Resource) -> bool:
    """Whether nodes are updated and repaired where nothing is said of it: Google's provider does both since 5.0."""
    required = requirements(pool.instance.module).get(provider_of(pool))
    return required is not None and (lowest(required.version or "") or (0,)) >= (5,)


@check("tf-cluster-no-auto-upgrade", each=pools)
def cluster_no_auto_upgrade(pool: Resource) -> Iterator[Problem]:
    value = pool.get("management.auto_upgrade")
    if value.is_false or (value.absent and not _tended(pool)):
        yield Problem(
            value.location, f"nodes of {pool.label} are not updated by themselves", (*value.related, *pool.told)
        )


@check("tf-cluster-no-auto-repair", each=pools)
def cluster_no_auto_repair(pool: Resource) -> Iterator[Problem]:
    value = pool.get("management.auto_repair")
    if value.is_false or (value.absent and not _tended(pool)):
        yield Problem(
            value.location, f"nodes of {pool.label} are not repaired by themselves", (*value.related, *pool.told)
        )


_SHIELDED = {"google_container_cluster": ("enable_shielded_nodes",)}


def shields(terraform: Terraform) -> Iterator[Setting]:
    yield from settings(terraform, _SHIELDED)


@check("tf-cluster-unshielded", each=shields)
def cluster_unshielded(setting: Setting) -> Iterator[Problem]:
    if setting.value.is_false:
        yield Problem(setting.place, f"nodes of {setting.label} start what anybody may have changed", setting.told)


def registries(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(["aws_ecr_repository"])


@check("tf-image-tags-mutable", each=registries)
def image_tags_mutable(registry: Resource) -> Iterator[Problem]:
    value = registry.get("image_tag_mutability")
    if value.absent or value.equals("MUTABLE"):
        yield Problem(
            value.location, f"a tag of {registry.label} may be moved to another image", (*value.related, *registry.told)
        )


@check("tf-image-scan-off", each=registries)
def image_scan_off(registry: Resource) -> Iterator[Problem]:
    value = registry.get("image_scanning_configuration.scan_on_push")
    if value.absent or value.is_false:
        yield Problem(
            value.location, f"images pushed to {registry.label} are not scanned", (*value.related, *registry.told)
        )


def functions(terraform: Terraform) -> Iterator[Setting]:
    yield from settings(terraform, {"aws_lambda_function": ("runtime",)})


@check("tf-old-runtime", each=functions)
def old_runtime(setting: Setting) -> Iterator[Problem]:
    life = deprecated(setting.value.text)
    if life is not None and not life.gone:
        yield Problem(setting.place, f"{setting.label} runs on {life.said}", setting.told)


@check("tf-retired-runtime", each=functions)
def retired_runtime(setting: Setting) -> Iterator[Problem]:
    life = deprecated(setting.value.text)
    if life is not None and life.gone:
        yield Problem(setting.place, f"{setting.label} runs on {life.said}", setting.told)
