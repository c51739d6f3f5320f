"""Which ports a template lets everybody reach."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator

from devopslint.cloudformation.template import Resource, Template
from devopslint.cloudformation.values import Case, Value
from devopslint.deferred import NamedTuple
from devopslint.model import Location, NotKnown, Problem, Related
from devopslint.readers.yaml import Node

_PROTOCOLS = {"-1": "any", "all": "any", "6": "tcp", "tcp": "tcp", "17": "udp", "udp": "udp"}


class Ingress(NamedTuple):
    """A rule of a security group, or an entry of a network ACL, that lets everybody in."""

    owner: str
    protocol: str
    low: int
    high: int
    location: Location
    related: tuple[Related, ...]
    doubt: str = ""
    """What decides whether it does; empty where it certainly does, or where nobody gives a parameter."""

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


def opened(rule: Ingress, said: str) -> Problem | NotKnown:
    """What is said of a rule that is open, or asked of one that only may be."""
    return (
        NotKnown(rule.location, f"whether {said}", rule.doubt)
        if rule.doubt
        else Problem(rule.location, said, rule.related)
    )


def network_entries(template: Template) -> Iterator[Ingress]:
    """Every entry of a network ACL that lets everybody in."""
    for resource in template.resources:
        if resource.type == "AWS::EC2::NetworkAclEntry":
            yield from _in_cases(resource, _entry)


def _entry(resource: Resource, case: Case) -> Iterator[Ingress]:
    template, rule = resource.template, resource.properties
    egress, action = template.evaluation.only(rule["Egress"], case), template.evaluation.only(rule["RuleAction"], case)
    if egress.is_true or (rule["Egress"].exists and egress.unknown) or action.text != "allow":
        return
    protocol = _PROTOCOLS.get(template.evaluation.only(rule["Protocol"], case).text or "")
    low, high = (template.evaluation.only(rule.get("PortRange", key), case).number for key in ("From", "To"))
    if protocol == "any":
        low, high = 0, 65535
    if protocol is not None and low is not None and high is not None:
        for source, doubt in _everyone(template, rule, ("CidrBlock", "Ipv6CidrBlock"), case):
            yield Ingress(resource.label, protocol, int(low), int(high), source.location, source.told, doubt)


def open_egress_rules(template: Template) -> Iterator[Egress]:
    """Every rule that lets traffic out to everywhere."""
    for resource in template.resources:
        if resource.type == "AWS::EC2::SecurityGroup":
            rules = list(resource.items("SecurityGroupEgress"))
        elif resource.type == "AWS::EC2::SecurityGroupEgress":
            rules = [Value(resource.properties)]
        else:
            continue
        for rule in rules:
            if rule.node is not None:
                for to, doubt in _everyone(template, rule.node, ("CidrIp", "CidrIpv6"), template.defaults):
                    if not doubt:
                        yield Egress(resource.label, to.location, (*rule.told, *to.told))


def open_rules(template: Template) -> Iterator[Ingress]:
    """Every rule that lets everybody in: whatever the conditions come to, by default, or where something decides so."""
    for resource in template.resources:
        if resource.type == "AWS::EC2::SecurityGroup":
            yield from _in_cases(resource, _of_group)
        elif resource.type == "AWS::EC2::SecurityGroupIngress":
            yield from _in_cases(resource, _of_rule)


def _in_cases(resource: Resource, rules: Callable[[Resource, Case], Iterator[Ingress]]) -> Iterator[Ingress]:
    """The rules of a resource that are open, with what decides of those that its conditions may leave out."""
    template, own = resource.template, resource.node["Condition"].text
    alone = resource.type != "AWS::EC2::SecurityGroup"
    if alone and template.defaults.get(own) is False:
        return
    asked, cases = template.evaluation.cases(resource.node, own)
    if alone and own and own not in template.defaults:
        asked = [own, *asked]
        always = len(cases) + 1
    else:
        always = len(cases)
    brought: dict[Ingress, int] = {}
    reached: dict[tuple[str, int, int], set[int]] = {}
    for number, case in enumerate(cases):
        for rule in rules(resource, case):
            brought[rule] = brought.get(rule, 0) + 1
            reached.setdefault(rule[1:4], set()).add(number)
    settled = {rule[1:4] for rule, times in brought.items() if times == always}
    for rule, times in brought.items():
        ports = rule[1:4]
        if times == always:
            yield rule
        elif ports not in settled and len(reached[ports]) == always:
            settled.add(ports)  # one of several, all of which are open
            yield rule
        elif ports not in settled:
            yield rule._replace(doubt=rule.doubt or _said(asked))


def _said(conditions: list[str]) -> str:
    names = ", ".join(f"'{name}'" for name in conditions)
    return f"conditions {names} decide it" if len(conditions) > 1 else f"condition {names} decides it"


def _of_group(resource: Resource, case: Case) -> Iterator[Ingress]:
    for item in resource.items("SecurityGroupIngress", case=case):
        yield from _of(resource, item, case)


def _of_rule(resource: Resource, case: Case) -> Iterator[Ingress]:
    return _of(resource, Value(resource.properties), case)


def _of(resource: Resource, item: Value, case: Case) -> Iterator[Ingress]:
    template, rule = resource.template, item.node
    if rule is None or not rule.is_mapping:
        return
    protocol = _PROTOCOLS.get(template.evaluation.only(rule["IpProtocol"], case).text or "")
    low, high = (template.evaluation.only(rule[key], case).number for key in ("FromPort", "ToPort"))
    if protocol == "any" or low == -1:
        low, high = 0, 65535
    if protocol is not None and low is not None and high is not None:
        for source, doubt in _everyone(template, rule, ("CidrIp", "CidrIpv6"), case):
            related = tuple(dict.fromkeys((*item.told, *source.told)))
            yield Ingress(resource.label, protocol, int(low), int(high), source.location, related, doubt)


def _everyone(template: Template, rule: Node, keys: tuple[str, ...], case: Case) -> list[tuple[Value, str]]:
    """The value by which a rule means everybody, if any, with what decides whether it does."""
    found: list[tuple[Value, str]] = []
    for key in keys:
        options = template.options(rule[key], case) if rule[key].exists else []
        everybody = [one for one in options if _is_everyone(one.text)]
        if everybody:
            found.append((everybody[0], "" if len(everybody) == len(options) else f"{key} is one of several values"))
    return sorted(found, key=lambda one: one[1])[:1]


def _is_everyone(text: str | None) -> bool:
    try:
        return text is not None and ipaddress.ip_network(text, strict=False).prefixlen == 0
    except ValueError:
        return False
