"""Who is let in from where, in one vocabulary for all clouds' firewalls."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from devopslint.deferred import NamedTuple
from devopslint.model import Location, Related
from devopslint.terraform.modules import AnyBody, Resource, Terraform
from devopslint.terraform.registry_modules import NAMED_RULES
from devopslint.terraform.values import Value

if TYPE_CHECKING:
    import ipaddress

Ports: TypeAlias = tuple[int, int]

ALL: Ports = (0, 65535)
TCP, UDP, ICMP, ANY = "tcp", "udp", "icmp", "any"

_PROTOCOLS = {
    "-1": ANY,
    "all": ANY,
    "*": ANY,
    "any": ANY,
    "6": TCP,
    "tcp": TCP,
    "17": UDP,
    "udp": UDP,
    "1": ICMP,
    "icmp": ICMP,
    "58": ICMP,
    "icmpv6": ICMP,
}
_EVERYONE = frozenset(("*", "internet", "any", "/0", "<nw>/0", "all"))
"""What Azure takes for the whole Internet."""


class FirewallRule(NamedTuple):
    """One permission: from where, with which protocol, to which ports; a question about it is answered or None."""

    owner: str
    """The group, list or firewall that it belongs to, as a user would name it."""
    inbound: bool
    allows: bool
    protocol: str | None
    """tcp, udp, icmp or any; None where nobody knows."""
    ports: tuple[Ports, ...] | None
    """None where nobody knows."""
    everyone: Value | None
    """The value that lets everybody in, or reaches everybody; None where no known one does."""
    place: Location
    priority: float | None = None
    sort: str = "group"
    """`group` for what stands before a machine, `sftp` for what stands before a service that transfers files over SSH,
    `list` for a network ACL of AWS, which is a second line."""
    told: tuple[Related, ...] = ()
    maybe: bool = False

    @property
    def label(self) -> str:
        return self.owner

    @property
    def location(self) -> Location:
        return self.everyone.location if self.everyone is not None else self.place

    @property
    def related(self) -> tuple[Related, ...]:
        return (*(() if self.everyone is None else self.everyone.related), *self.told)

    @property
    def open(self) -> bool:
        """Whether it certainly lets everybody in."""
        return self.inbound and self.allows and self.everyone is not None and not self.maybe

    @property
    def all_ports(self) -> bool:
        if self.protocol == ANY:
            return True
        ports = self.ports or ()
        return self.protocol in (TCP, UDP) and any(low <= 1 and high >= 65535 for low, high in ports)

    def reaches(self, port: int) -> bool:
        """Whether it certainly allows a TCP connection to a port."""
        if self.protocol == ANY:
            return True
        return self.protocol == TCP and any(low <= port <= high for low, high in self.ports or ())


def everyone(values: Iterable[Value]) -> Value | None:
    """Of addresses, one that is everybody's; two halves are the whole, too."""
    networks: dict[int, list[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, Value]]] = {4: [], 6: []}
    for value in values:
        options = value.options
        if not options:
            continue
        if value.certainly(lambda one: _is_everyone(one.text)):
            return value
        if len(options) == 1 and (network := _network(value.text)) is not None:
            networks[network.version].append((network, value))
    for found in networks.values():
        if len(found) > 1 and sum(network.num_addresses for network, _ in found) >= 2 ** found[0][0].max_prefixlen:
            import ipaddress

            joined = list(ipaddress.collapse_addresses(network for network, _ in found))  # type: ignore[type-var]
            if joined[0].prefixlen == 0:
                return found[0][1]
    return None


@functools.lru_cache(maxsize=4096)
def _network(text: str | None) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    if not text or "/" not in text:
        return None
    import ipaddress  # a hundredth of a small run

    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _is_everyone(text: str | None) -> bool:
    if text is None:
        return False
    network = _network(text)
    return network.prefixlen == 0 if network is not None else text.lower() in _EVERYONE


def _elements(value: Value) -> tuple[Value, ...]:
    """The elements that a list certainly has."""
    if value.kind == "choice":
        open = [everyone(option.items) for option in value.options]
        return tuple(one for one in open if one is not None) if all(open) else ()
    return value.items


def _protocol(value: Value, default: str | None) -> str | None:
    if value.absent:
        return default
    names = {_PROTOCOLS.get((option.text or "?").lower(), "other") for option in value.options if not option.unknown}
    return names.pop() if len(names) == 1 else None


def _number(value: Value) -> int | None:
    number = value.number
    return int(number) if number is not None else None


def _range(low: Value, high: Value) -> tuple[Ports, ...] | None:
    """Ports as AWS writes them: two numbers, -1 for all."""
    first, last = _number(low), _number(high)
    if low.absent and high.absent:
        return ()
    if first is None or last is None:
        return None
    return (ALL,) if first == -1 else ((first, last),)


def _named_ports(values: Iterable[Value]) -> tuple[Ports, ...] | None:
    """Ports as texts: `22`, `1000-2000`, `*`."""
    found: list[Ports] = []
    for value in values:
        text = value.text
        if text is None:
            continue
        low, _, high = text.partition("-")
        if text == "*":
            found.append(ALL)
        elif low.strip().isdigit() and (not high or high.strip().isdigit()):
            found.append((int(low), int(high or low)))
    return tuple(found)


def _in_group(owner: Resource, body: AnyBody, inbound: bool) -> FirewallRule:
    sources = (*_elements(body.get("cidr_blocks")), *_elements(body.get("ipv6_cidr_blocks")))
    return FirewallRule(
        owner.label,
        inbound,
        True,
        _protocol(body.get("protocol"), ANY if body.get("from_port").absent else TCP),
        _range(body.get("from_port"), body.get("to_port")),
        everyone(sources),
        body.location,
        sort="sftp" if _stands_before_transfers(owner) else "group",
        told=owner.told,
        maybe=body.maybe or owner.maybe,
    )


def _in_module(group: Resource) -> Iterator[FirewallRule]:
    """What the registry's module of security groups is told to let in."""
    for blocks, addresses, every in (
        ("ingress_with_cidr_blocks", "cidr_blocks", "ingress_cidr_blocks"),
        ("ingress_with_ipv6_cidr_blocks", "ipv6_cidr_blocks", "ingress_ipv6_cidr_blocks"),
    ):
        for body in group.blocks(blocks):
            own = body.get(addresses)
            sources = [one for item in _elements(group.get(every) if own.absent else own) for one in _separated(item)]
            rule = _in_group(group, body, inbound=True)
            if (named := NAMED_RULES.get(body.get("rule").text or "")) is not None:
                rule = rule._replace(protocol=_PROTOCOLS[named[0]], ports=((named[1], named[2]),))
            elif not body.get("rule").absent:
                continue
            yield rule._replace(everyone=everyone(sources))
        open_to = everyone(_elements(group.get(every)))
        for name in _elements(group.get("ingress_rules")):
            if open_to is not None and (named := NAMED_RULES.get(name.text or "")) is not None:
                ports = ((named[1], named[2]),)
                yield FirewallRule(
                    group.label, True, True, _PROTOCOLS[named[0]], ports, open_to, open_to.location,
                    told=group.told, maybe=group.maybe,
                )  # fmt: skip


def _separated(addresses: Value) -> list[Value]:
    """The module takes several addresses in one text."""
    if not addresses.known or "," not in str(addresses.data):
        return [addresses]
    return [addresses._replace(data=one.strip()) for one in str(addresses.data).split(",")]


def _stands_before_transfers(owner: Resource) -> bool:
    servers = owner.instance.tree.referring("aws_transfer_server", "endpoint_details.security_group_ids")
    group = owner.get("security_group_id").target if owner.says("security_group_id") else owner.target
    return group is not None and group.resource in servers


def _aws(resource: Resource) -> Iterator[FirewallRule]:
    match resource.type:
        case "aws_security_group" | "aws_default_security_group":
            for name in ("ingress", "egress"):
                for body in resource.blocks(name):
                    yield _in_group(resource, body, name == "ingress")
        case "aws_security_group_rule":
            kind = resource.get("type")
            if kind.equals("ingress") or kind.equals("egress"):
                yield _in_group(resource, resource, kind.equals("ingress"))
        case "aws_vpc_security_group_ingress_rule" | "aws_vpc_security_group_egress_rule":
            rule = _in_group(resource, resource, "ingress" in resource.type)
            sources = (resource.get("cidr_ipv4"), resource.get("cidr_ipv6"))
            yield rule._replace(protocol=_protocol(resource.get("ip_protocol"), None), everyone=everyone(sources))
        case "aws_network_acl_rule":
            outbound = resource.get("egress")
            if not outbound.unknown:
                yield _in_list(resource, resource, not outbound.is_true, "rule_action", "rule_number")
        case "aws_network_acl" | "aws_default_network_acl":
            for name in ("ingress", "egress"):
                rules = [
                    _in_list(resource, body, name == "ingress", "action", "rule_no") for body in resource.blocks(name)
                ]
                yield from _still_open(rules)


def _in_list(owner: Resource, body: AnyBody, inbound: bool, action: str, number: str) -> FirewallRule:
    return FirewallRule(
        owner.label,
        inbound,
        body.get(action).equals("allow"),
        _protocol(body.get("protocol"), ANY),
        _range(body.get("from_port"), body.get("to_port")),
        everyone((body.get("cidr_block"), body.get("ipv6_cidr_block"))),
        body.location,
        body.get(number).number,
        "list",
        owner.told,
        body.maybe or owner.maybe,
    )


def _still_open(rules: list[FirewallRule]) -> Iterator[FirewallRule]:
    """The rules without the ports that one before them denies to everybody."""
    denying = [rule for rule in rules if not rule.allows and rule.everyone is not None]
    for rule in rules:
        before = [
            one
            for one in denying
            if rule.allows
            and one.inbound == rule.inbound
            and one.priority is not None
            and (rule.priority is None or one.priority < rule.priority)
        ]
        if not before:
            yield rule
            continue
        ports: list[Ports] = [ALL] if rule.protocol == ANY else list(rule.ports or ())
        for one in before:
            closed = (ALL,) if one.protocol == ANY else one.ports or ()
            if one.protocol in (rule.protocol, ANY) or rule.protocol == ANY:
                ports = [left for port in ports for left in _without(port, closed)]
        if ports:
            yield rule._replace(ports=tuple(ports), protocol=TCP if rule.protocol == ANY else rule.protocol)


def _without(ports: Ports, closed: Iterable[Ports]) -> list[Ports]:
    left = [ports]
    for low, high in closed:
        left = [
            part
            for first, last in left
            for part in ((first, min(last, low - 1)), (max(first, high + 1), last))
            if part[0] <= part[1]
        ]
    return left


def _azure(resource: Resource, tree: Terraform) -> Iterator[FirewallRule]:
    if resource.type == "azurerm_network_security_rule":
        yield _azure_rule(resource, resource)
    else:
        yield from _still_open([_azure_rule(resource, body) for body in resource.blocks("security_rule")])


def _azure_rule(owner: Resource, body: AnyBody) -> FirewallRule:
    ports = (body.get("destination_port_range"), *_elements(body.get("destination_port_ranges")))
    inbound = body.get("direction").equals("Inbound")
    side = "source" if inbound else "destination"
    others = (body.get(f"{side}_address_prefix"), *_elements(body.get(f"{side}_address_prefixes")))
    named = _named_ports(ports)
    if all(one.absent for one in (body.get("destination_port_range"), body.get("destination_port_ranges"))):
        named = (ALL,)
    protocol = _protocol(body.get("protocol"), ANY)
    if protocol == ANY and named != (ALL,):
        protocol = TCP  # any protocol to some ports
    return FirewallRule(
        owner.label,
        inbound,
        body.get("access").equals("Allow"),
        protocol,
        named,
        everyone(others),
        body.location,
        body.get("priority").number,
        told=owner.told,
        maybe=body.maybe or owner.maybe,
    )


def _google(resource: Resource) -> Iterator[FirewallRule]:
    direction = resource.get("direction")
    if resource.get("disabled").is_true or direction.unknown:
        return
    if resource.type == "google_compute_firewall":
        inbound = direction.absent or direction.equals("INGRESS")
        addresses = everyone(_elements(resource.get("source_ranges" if inbound else "destination_ranges")))
        for allows, name in ((True, "allow"), (False, "deny")):
            for body in resource.blocks(name):
                yield _google_rule(resource, body, inbound, allows, addresses, "protocol")
        return
    inbound = direction.absent or direction.equals("INGRESS")
    for match in resource.blocks("match"):
        addresses = everyone(_elements(match.get("src_ip_ranges" if inbound else "dest_ip_ranges")))
        for body in match.blocks("layer4_configs"):
            yield _google_rule(
                resource, body, inbound, resource.get("action").equals("allow"), addresses, "ip_protocol"
            )


def _google_rule(
    owner: Resource, body: AnyBody, inbound: bool, allows: bool, addresses: Value | None, name: str
) -> FirewallRule:
    ports = body.get("ports")
    return FirewallRule(
        owner.label,
        inbound,
        allows,
        _protocol(body.get(name), None),
        (ALL,)
        if ports.absent or (ports.kind == "list" and not ports.data and not ports.open)
        else _named_ports(_elements(ports)),
        addresses,
        body.location,
        owner.get("priority").number,
        told=owner.told,
        maybe=body.maybe or owner.maybe,
    )


_AWS = (
    "aws_security_group",
    "aws_default_security_group",
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
    "aws_network_acl",
    "aws_default_network_acl",
    "aws_network_acl_rule",
)
_AZURE = ("azurerm_network_security_group", "azurerm_network_security_rule")
_GOOGLE = (
    "google_compute_firewall",
    "google_compute_firewall_policy_rule",
    "google_compute_network_firewall_policy_rule",
    "google_compute_region_network_firewall_policy_rule",
)


def firewall_rules(terraform: Terraform) -> Iterator[FirewallRule]:
    """Every rule of every firewall that is, or may be, built."""
    for resource in terraform.of_types(_AWS):
        yield from _aws(resource)
    for resource in terraform.built_elsewhere.get("aws_security_group", ()):
        yield from _in_module(resource)
    for resource in terraform.of_types(_AZURE):
        yield from _azure(resource, terraform)
    for resource in terraform.of_types(_GOOGLE):
        yield from _google(resource)
