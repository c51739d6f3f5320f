"""Which ports a template lets everybody reach."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from devopslint.cloudformation.template import Resource, Template, Value
from devopslint.deferred import NamedTuple
from devopslint.model import Location, Related
from devopslint.readers.yaml import Node

_PROTOCOLS = {"-1": "any", "all": "any", "6": "tcp", "tcp": "tcp", "17": "udp", "udp": "udp"}


class Ingress(NamedTuple):
    """A rule of a security group, or an entry of a network ACL, that certainly lets everybody in."""

    owner: str
    protocol: str
    low: int
    high: int
    location: Location
    related: tuple[Related, ...]

    @property
    def label(self) -> str:
        return self.owner

    @property
    def all_ports(self) -> bool:
        return self.protocol == "any" or (self.low <= 1 and self.high >= 65535)

    def reaches(self, port: int) -> bool:
        return self.protocol == "any" or (self.protocol == "tcp" and self.low <= port <= self.high)


class Egress(NamedTuple):
    """A rule of a security group that certainly lets traffic out to everywhere."""

    owner: str
    location: Location
    related: tuple[Related, ...]

    @property
    def label(self) -> str:
        return self.owner


def network_entries(template: Template) -> Iterator[Ingress]:
    """Every entry of a network ACL that lets everybody in."""
    for resource in template.resources:
        rule = resource.properties
        if resource.type != "AWS::EC2::NetworkAclEntry" or resource.node["Condition"].present:
            continue
        if rule["Egress"].text.lower() == "true" or rule["Egress"].tag or rule["RuleAction"].text != "allow":
            continue
        protocol = _PROTOCOLS.get(_only(template, rule["Protocol"]).text or "")
        source = next((one for key in ("CidrBlock", "Ipv6CidrBlock") if (one := _everyone(template, rule[key]))), None)
        if protocol is None or source is None:
            continue
        low, high = (_only(template, rule.get("PortRange", key)).number for key in ("From", "To"))
        if protocol == "any":
            low, high = 0, 65535
        if low is not None and high is not None:
            yield Ingress(resource.label, protocol, int(low), int(high), source.location, source.told)


def open_egress_rules(template: Template) -> Iterator[Egress]:
    """Every rule that lets traffic out to everywhere."""
    for resource in template.resources:
        if resource.type == "AWS::EC2::SecurityGroup":
            rules = [one.node for one in resource.items("SecurityGroupEgress") if one.node is not None]
        elif resource.type == "AWS::EC2::SecurityGroupEgress":
            rules = [resource.properties]
        else:
            continue
        for rule in rules:
            to = next((one for key in ("CidrIp", "CidrIpv6") if (one := _everyone(template, rule[key]))), None)
            if to is not None:
                yield Egress(resource.label, to.location, to.told)


def open_rules(template: Template) -> Iterator[Ingress]:
    """Every rule that lets everybody in, whatever the conditions come to; what is not known lets nobody in."""
    for resource in template.resources:
        if resource.type == "AWS::EC2::SecurityGroup":
            for item in resource.items("SecurityGroupIngress"):
                if item.node is not None and item.node.is_mapping:
                    yield from _of(resource, template, item.node)
        elif resource.type == "AWS::EC2::SecurityGroupIngress" and not resource.node["Condition"].present:
            yield from _of(resource, template, resource.properties)


def _of(resource: Resource, template: Template, rule: Node) -> Iterator[Ingress]:
    protocol = _PROTOCOLS.get(_only(template, rule["IpProtocol"]).text or "")
    source = next((value for key in ("CidrIp", "CidrIpv6") if (value := _everyone(template, rule[key]))), None)
    if protocol is None or source is None:
        return
    low, high = _only(template, rule["FromPort"]).number, _only(template, rule["ToPort"]).number
    if protocol == "any" or (low is not None and low == -1):
        low, high = 0, 65535
    if low is not None and high is not None:
        yield Ingress(resource.label, protocol, int(low), int(high), source.location, source.told)


def _only(template: Template, node: Node) -> Value:
    found = template.options(node) if node.exists else []
    return found[0] if len(found) == 1 else Value(None)


def _everyone(template: Template, node: Node) -> Value | None:
    found = template.options(node) if node.exists else []
    return found[0] if found and all(_is_everyone(one.text) for one in found) else None


def _is_everyone(text: str | None) -> bool:
    try:
        return text is not None and ipaddress.ip_network(text, strict=False).prefixlen == 0
    except ValueError:
        return False
