"""Firewalls that let everybody in, and what makes machines reachable."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import NamedTuple, compiled
from devopslint.facts.network import reached_databases
from devopslint.model import Location, Problem
from devopslint.registry import check
from devopslint.terraform.databases import Setting, settings
from devopslint.terraform.modules import Resource, Terraform
from devopslint.terraform.network import ANY, FirewallRule, firewall_rules
from devopslint.terraform.references import references_in
from devopslint.terraform.source import all_attributes
from devopslint.terraform.subjects import ModuleSubject, modules
from devopslint.terraform.values import Value

_GROUP = "aws_security_group"
_HTTP = (80, 8080)
_FTP = (20, 21)


def problem(resource: Resource, value: Value, message: str) -> Problem:
    return Problem(value.location, message, (*value.related, *resource.told))


def _to_port(rule: FirewallRule, name: str, *ports: int) -> Iterator[Problem]:
    reached = [str(port) for port in ports if rule.reaches(port)]
    if rule.open and not rule.all_ports and reached:
        said = rule.everyone.shown if rule.everyone is not None else ""
        listed = f"port{'s'[: len(reached) - 1]} {' and '.join(reached)}"
        # What a network ACL lets through, security groups still may stop.
        message, certain = f"{rule.owner} lets {said} in to {listed}, {name}", rule.sort != "list"
        yield Problem(rule.location, message, rule.related, certain=certain)


@check("tf-open-ssh", each=firewall_rules)
def open_ssh(rule: FirewallRule) -> Iterator[Problem]:
    if rule.sort != "sftp":
        yield from _to_port(rule, "SSH", 22)


@check("tf-open-rdp", each=firewall_rules)
def open_rdp(rule: FirewallRule) -> Iterator[Problem]:
    yield from _to_port(rule, "RDP", 3389)


@check("tf-open-ftp", each=firewall_rules)
def open_ftp(rule: FirewallRule) -> Iterator[Problem]:
    yield from _to_port(rule, "FTP without encryption", *_FTP)


@check("tf-open-telnet", each=firewall_rules)
def open_telnet(rule: FirewallRule) -> Iterator[Problem]:
    yield from _to_port(rule, "Telnet without encryption", 23)


@check("tf-open-all-ports", each=firewall_rules)
def open_all_ports(rule: FirewallRule) -> Iterator[Problem]:
    if rule.open and rule.all_ports and rule.sort != "list":
        said = rule.everyone.shown if rule.everyone is not None else ""
        yield Problem(rule.location, f"{rule.owner} lets {said} in to every port", rule.related)


@check("tf-open-network-acl", each=firewall_rules)
def open_network_acl(rule: FirewallRule) -> Iterator[Problem]:
    if rule.open and rule.all_ports and rule.sort == "list":
        yield Problem(rule.location, f"{rule.owner} lets everybody in to every port", rule.related)


@check("tf-open-database-port", each=firewall_rules)
def open_database_port(rule: FirewallRule, *, ports: list[int]) -> Iterator[Problem]:
    if rule.open and not rule.all_ports and rule.sort != "list":
        listed = reached_databases(ports, rule.reaches)
        if listed:
            said = rule.everyone.shown if rule.everyone is not None else ""
            yield Problem(
                rule.location, f"{rule.owner} lets {said} in to port {listed}, where databases listen", rule.related
            )


@check("tf-open-http", each=firewall_rules)
def open_http(rule: FirewallRule) -> Iterator[Problem]:
    if rule.sort != "list":
        yield from _to_port(rule, "HTTP without encryption", 80)


@check("tf-open-egress", each=firewall_rules)
def open_egress(rule: FirewallRule) -> Iterator[Problem]:
    if not rule.inbound and rule.allows and rule.everyone is not None and not rule.maybe and rule.sort != "list":
        if rule.protocol == ANY or rule.all_ports or not rule.ports:
            yield Problem(rule.location, f"{rule.owner} lets everything out to {rule.everyone.shown}", rule.related)


class DefaultGroup(NamedTuple):
    """The default security group of a network, with its tree."""

    resource: Resource
    tree: Terraform

    @property
    def label(self) -> str:
        return self.resource.label

    @property
    def location(self) -> Location:
        return self.resource.location


def default_groups(terraform: Terraform) -> Iterator[DefaultGroup]:
    for resource in terraform.of_types(["aws_default_security_group"]):
        yield DefaultGroup(resource, terraform)


@check("tf-default-security-group", each=default_groups)
def default_security_group(group: DefaultGroup) -> Iterator[Problem]:
    resource = group.resource
    for name in ("ingress", "egress"):
        for body in resource.blocks(name):
            if not body.maybe:
                yield Problem(
                    body.location, f"{group.label} has a rule for {name}: what names no group gets it", resource.told
                )
    for type in (
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
        "aws_vpc_security_group_egress_rule",
    ):
        for rule in group.tree.referring(type, "security_group_id").get(resource.target, ()):
            yield Problem(rule.location, f"{group.label} has a rule: what names no group gets it", rule.told)


def private_networks(terraform: Terraform) -> Iterator[Network]:
    for resource in terraform.of_types(["aws_vpc"]):
        yield Network(resource, terraform)


@check("tf-default-security-group-kept", each=private_networks, complete=True)
def default_security_group_kept(network: Network) -> Iterator[Problem]:
    target = network.resource.target
    if target not in network.tree.referring("aws_default_security_group", "vpc_id"):
        if target not in network.tree.handed_out:
            yield Problem(
                network.location,
                f"the default security group of {network.label} keeps its rules",
                network.resource.told,
            )


def default_networks(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(["aws_default_vpc", "google_compute_network", "google_project"])


@check("tf-default-network", each=default_networks)
def default_network(network: Resource) -> Iterator[Problem]:
    if network.type == "aws_default_vpc":
        yield Problem(network.location, "the default VPC is used, whose subnets are all public", network.told)
    else:
        auto = network.get("auto_create_network" if network.type == "google_project" else "auto_create_subnetworks")
        if network.type == "google_project" and (auto.absent or auto.is_true):
            yield problem(network, auto, f"{network.label} gets a default network with open rules")
        elif auto.is_true:
            said = f"{network.label} gets a subnet in every region, with the ranges that all such networks have"
            yield problem(network, auto, said)
        elif network.type == "google_compute_network" and network.get("name").equals("default"):
            yield problem(network, network.get("name"), f"{network.label} is the default network")


_SPECIAL_SUBNETS = frozenset(
    ("gatewaysubnet", "azurefirewallsubnet", "azurefirewallmanagementsubnet", "azurebastionsubnet", "routeserversubnet")
)
"""Azure's own names: such a subnet takes no security group, or one of Azure's own making."""


def subnets(terraform: Terraform) -> Iterator[Resource]:
    return terraform.without("azurerm_subnet", "azurerm_subnet_network_security_group_association", "subnet_id")


@check("tf-subnet-unguarded", each=subnets, complete=True)
def subnet_unguarded(subnet: Resource) -> Iterator[Problem]:
    name = subnet.get("name").text
    delegated = any(
        "netapp" in (one.get("service_delegation.name").text or "").lower() for one in subnet.blocks("delegation")
    )
    if name is not None and name.lower() not in _SPECIAL_SUBNETS and not delegated:
        yield Problem(subnet.location, f"no security group says who reaches {subnet.label}", subnet.told)


_PUBLIC_SERVICES = {"azurerm_automation_account": True, "azurerm_machine_learning_workspace": False}
"""By type: whether it answers on the Internet where nothing is said."""


def public_services(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(_PUBLIC_SERVICES)


@check("tf-service-public-endpoint", each=public_services)
def service_public_endpoint(service: Resource) -> Iterator[Problem]:
    value = service.get("public_network_access_enabled")
    if value.is_true or (value.absent and _PUBLIC_SERVICES[service.type]):
        yield problem(service, value, f"{service.label} answers on the Internet")


def described(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(
        [
            "aws_security_group",
            "aws_security_group_rule",
            "aws_vpc_security_group_ingress_rule",
            "aws_vpc_security_group_egress_rule",
            "aws_elasticache_security_group",
            "aws_db_security_group",
            "aws_redshift_security_group",
        ]
    )


@check("tf-security-group-undescribed", each=described)
def security_group_undescribed(resource: Resource) -> Iterator[Problem]:
    text = resource.get("description")
    if text.absent or text.equals("", "Managed by Terraform"):  # what the provider writes where nothing is said
        yield Problem(text.location, f"{resource.label} has no description", resource.told)
    for name in ("ingress", "egress"):
        for body in resource.blocks(name) if resource.type == "aws_security_group" else ():
            said = body.get("description")
            if said.absent and not body.maybe:
                yield Problem(body.location, f"a rule of {resource.label} has no description", resource.told)


def machines(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(
        [
            "aws_instance",
            "aws_launch_configuration",
            "aws_launch_template",
            "aws_subnet",
            "google_compute_instance",
            "google_compute_instance_template",
            "google_compute_instance_from_template",
            "azurerm_network_interface",
            "google_notebooks_runtime",
        ]
    )


@check("tf-public-ip", each=machines)
def public_ip(machine: Resource) -> Iterator[Problem]:
    if machine.type == "aws_subnet":
        value = machine.get("map_public_ip_on_launch")
        if value.is_true:
            yield problem(machine, value, f"machines in {machine.label} get a public address")
    elif machine.type == "azurerm_network_interface":
        for configuration in machine.blocks("ip_configuration"):
            address = configuration.get("public_ip_address_id")
            if not (address.absent or configuration.maybe) and (address.target is not None or address.known):
                yield problem(machine, address, f"{machine.label} gets a public address")
    elif machine.type == "google_notebooks_runtime":
        inside = machine.get("virtual_machine.virtual_machine_config.internal_ip_only")
        if machine.says("virtual_machine") and (inside.absent or inside.is_false):
            yield problem(machine, inside, f"{machine.label} gets a public address")
    elif machine.type.startswith("google"):
        for interface in machine.blocks("network_interface"):
            for access in interface.blocks("access_config"):
                if not access.maybe:
                    yield Problem(access.location, f"{machine.label} gets a public address", machine.told)
    else:
        values = [machine.get("associate_public_ip_address")]
        if machine.type == "aws_launch_template":
            values = [body.get("associate_public_ip_address") for body in machine.blocks("network_interfaces")]
        for value in values:
            if value.is_true:
                yield problem(machine, value, f"{machine.label} gets a public address")


def networks(terraform: Terraform) -> Iterator[Network]:
    for resource in terraform.of_types(["aws_vpc", "google_compute_subnetwork"]):
        yield Network(resource, terraform)


class Network:
    """A network whose traffic may be logged."""

    def __init__(self, resource: Resource, tree: Terraform) -> None:
        self.resource, self.tree = resource, tree
        self.label, self.location = resource.label, resource.location


@check("tf-no-flow-logs", each=networks)
def no_flow_logs(network: Network) -> Iterator[Problem]:
    resource = network.resource
    if resource.type == "aws_vpc":
        logged = network.tree.referring("aws_flow_log", "vpc_id").get(resource.target)
        if logged or resource.target in network.tree.handed_out:
            return
    elif (
        resource.blocks("log_config")
        or resource.get("enable_flow_logs").is_true
        or resource.get("purpose").possibly(
            lambda one: (one.text or "").endswith(("PROXY", "LOAD_BALANCER", "PRIVATE_SERVICE_CONNECT"))
        )
    ):
        return
    yield Problem(network.location, f"nothing logs who talks to whom in {network.label}", resource.told)


def metadata_services(terraform: Terraform) -> list[Resource]:
    return terraform.told_of(["aws_instance", "aws_launch_template", "aws_launch_configuration"])


@check("tf-imds-v1", each=metadata_services)
def imds_v1(machine: Resource) -> Iterator[Problem]:
    endpoint = machine.get("metadata_options.http_endpoint")
    tokens = machine.get("metadata_options.http_tokens")
    if endpoint.equals("disabled") or endpoint.unknown or tokens.unknown:
        return
    if tokens.absent and (machine.source.body.broken or (machine.written("ami") and _ami_asks(machine))):
        return
    if tokens.absent or tokens.certainly(lambda one: not one.equals("required")):
        yield problem(machine, tokens, f"{machine.label} answers metadata requests without a token")


def _ami_asks(machine: Resource) -> bool:
    """Whether nothing can be said because a template of the tree may bring the options."""
    return bool(machine.blocks("launch_template"))


_LINUX = {
    "azurerm_linux_virtual_machine": "disable_password_authentication",
    "azurerm_linux_virtual_machine_scale_set": "disable_password_authentication",
    "azurerm_virtual_machine": "os_profile_linux_config.disable_password_authentication",
    "azurerm_virtual_machine_scale_set": "os_profile_linux_config.disable_password_authentication",
}


def linux_machines(terraform: Terraform) -> Iterator[Setting]:
    yield from settings(terraform, {type: (path,) for type, path in _LINUX.items()})


@check("tf-password-login", each=linux_machines)
def password_login(setting: Setting) -> Iterator[Problem]:
    if setting.value.is_false:
        said = f"{setting.label} is logged in to with a password: disable_password_authentication is false"
        yield Problem(setting.place, said, setting.told)


_DEFAULT_ACCOUNT = compiled(r"\d+-compute@developer\.gserviceaccount\.com\Z")


def google_machines(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(
        [
            "google_compute_instance",
            "google_compute_instance_from_template",
            "google_compute_instance_template",
            "google_compute_region_instance_template",
        ]
    )


@check("tf-machine-default-account", each=google_machines)
def machine_default_account(machine: Resource) -> Iterator[Problem]:
    if (machine.get("name").text or "").startswith("gke-"):
        return  # GKE has made it
    for account in machine.blocks("service_account"):
        email = account.get("email")
        default = email.target is not None and email.target.type == "google_compute_default_service_account"
        if default or email.certainly(lambda one: one.absent or _DEFAULT_ACCOUNT.match(one.text or "")):
            if not account.maybe:
                yield problem(machine, email, f"{machine.label} runs as the default service account of its project")


_OWN_RULES = ("aws_security_group_rule", "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")


@check("tf-unused-security-group", each=modules, complete=True)
def unused_security_group(subject: ModuleSubject) -> Iterator[Problem]:
    groups = {name for mode, type, name in subject.module.resources if mode == "resource" and type == _GROUP}
    if not groups or subject.open or any(file.is_json for file in subject.module.files):
        return
    used: set[str] = set()
    for file in subject.module.files:
        for block in file.body.blocks:
            rule = block.type == "resource" and block.labels[:1] and block.labels[0] in _OWN_RULES
            own = block.labels[1] if block.type == "resource" and block.labels[:1] == (_GROUP,) else ""
            for attribute in all_attributes(block):
                named = file.text.find(_GROUP, attribute.value_start, attribute.value_end) >= 0
                if named and not (rule and attribute.name == "security_group_id"):
                    found = (node for node in references_in(file.value(attribute)) if node.root == _GROUP)
                    used.update(str(node.steps[0]) for node in found if node.steps and node.steps[0] != own)
    for name in groups - used:
        declared = subject.module.resources["resource", _GROUP, name]
        yield Problem(declared.location, f"{_GROUP}.{name} is a group of nothing: nothing in the module is given it")
