"""Who a template lets in, and who may do what."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.cloudformation.network import Ingress, open_rules, opened
from devopslint.cloudformation.policies import Statement, identity_statements, resource_statements
from devopslint.cloudformation.template import Resource, resources
from devopslint.cloudformation.values import Value
from devopslint.deferred import compiled
from devopslint.facts.network import reached_databases
from devopslint.model import Location, NotKnown, Problem, Related
from devopslint.registry import check

_DATABASES = {
    "AWS::AmazonMQ::Broker",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBCluster",
    "AWS::Redshift::Cluster",
    "AWS::DMS::ReplicationInstance",
}


@check("cfn-open-ssh", each=open_rules)
def open_ssh(rule: Ingress) -> Iterator[Problem | NotKnown]:
    yield from _to_port(rule, "SSH", 22)


@check("cfn-open-rdp", each=open_rules)
def open_rdp(rule: Ingress) -> Iterator[Problem | NotKnown]:
    yield from _to_port(rule, "RDP", 3389)


def _to_port(rule: Ingress, name: str, port: int) -> Iterator[Problem | NotKnown]:
    if not rule.all_ports and rule.reaches(port):
        yield opened(rule, f"{rule.owner} lets everybody reach {name}, port {port}")


@check("cfn-open-database-port", each=open_rules)
def open_database_port(rule: Ingress, *, ports: list[int]) -> Iterator[Problem | NotKnown]:
    listed = "" if rule.all_ports else reached_databases(ports, rule.reaches)
    if listed:
        yield opened(rule, f"{rule.owner} lets everybody reach port {listed}, where databases listen")


@check("cfn-open-all-ports", each=open_rules)
def open_all_ports(rule: Ingress) -> Iterator[Problem | NotKnown]:
    if rule.all_ports:
        yield opened(rule, f"{rule.owner} lets everybody reach all ports")


@check("cfn-public-bucket", each=resources)
def public_bucket(resource: Resource) -> Iterator[Problem | NotKnown]:
    yield from _by_list(resource, ("PublicRead", "AuthenticatedRead"), "read")


@check("cfn-writable-bucket", each=resources)
def writable_bucket(resource: Resource) -> Iterator[Problem | NotKnown]:
    yield from _by_list(resource, ("PublicReadWrite",), "write to")


def _by_list(bucket: Resource, lists: tuple[str, ...], does: str) -> Iterator[Problem | NotKnown]:
    """The access list by which a bucket is open, where nothing keeps it from being heeded."""
    if bucket.type != "AWS::S3::Bucket":
        return
    if bucket.by_default(("PublicAccessBlockConfiguration", "IgnorePublicAcls"), lambda one: one.is_true) is not None:
        return

    def said(found: Value) -> str:
        who = "everybody with an account of AWS" if found.text == "AuthenticatedRead" else "everybody"
        return f"{who} may {does} {bucket.label}: {found.text}"

    site = does == "read" and bucket.properties["WebsiteConfiguration"].present  # who has one publishes what is in it
    for told in bucket.judged(("AccessControl",), lambda one: one.text in lists, said):
        yield told._replace(certain=False) if site and isinstance(told, Problem) else told


@check("cfn-public-bucket", each=resource_statements)
def public_bucket_by_policy(statement: Statement) -> Iterator[Problem]:
    policy = statement.owner
    found = statement.opens if policy.type == "AWS::S3::BucketPolicy" else None
    if found is None:
        return
    bucket = _named_bucket(policy)
    if bucket is not None and any(
        bucket.off("PublicAccessBlockConfiguration", name) is None
        for name in ("BlockPublicPolicy", "RestrictPublicBuckets")
    ):
        return  # S3 refuses such a policy, or lets nobody in by it
    # Who lets everybody read objects, and do nothing else, may publish them.
    actions = statement.texts("Action")
    publishes = bool(actions) and all(one.text.lower().startswith("s3:getobject") for one in actions)
    place, who = found
    yield Problem(place.location, f"{statement.label} is open to {who}: no condition limits it", certain=not publishes)


def _named_bucket(policy: Resource) -> Resource | None:
    """The bucket of the template that a policy is for."""
    named = policy.template.referred(policy.properties["Bucket"])
    buckets = (one for one in policy.template.resources if one.type == "AWS::S3::Bucket")
    return next((one for one in buckets if one.name in named), None)


@check("cfn-public-database", each=resources)
def public_database(resource: Resource) -> Iterator[Problem | NotKnown]:
    if resource.type in _DATABASES:
        said = f"{resource.label} has an address on the Internet"
        yield from resource.judged(("PubliclyAccessible",), lambda one: one.is_true, lambda _: said)
        if resource.type == "AWS::DMS::ReplicationInstance" and not resource.open:
            if resource.certainly(("PubliclyAccessible",), lambda one: one.absent) is not None:
                yield Problem(resource.location, f"{said}: PubliclyAccessible is not set", certain=False)


@check("cfn-iam-admin", each=identity_statements)
def iam_admin(statement: Statement) -> Iterator[Problem]:
    if "boundary" in statement.owner.name.lower():
        return  # it gives nothing: what it leaves out is denied whatever else allows it
    action = next((one for one in statement.texts("Action") if one.text == "*"), None)
    if action is not None and any(one.text == "*" for one in statement.texts("Resource")):
        yield Problem(action.location, f"{statement.label} may do everything with everything")


_GIVES_ALL = compiled(r"arn:aws[\w-]*:iam::aws:policy/(AdministratorAccess|IAMFullAccess)\Z")


@check("cfn-iam-admin", each=resources)
def managed_admin(resource: Resource) -> Iterator[Problem]:
    if resource.type in ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"):
        for policy in resource.items("ManagedPolicyArns"):
            found = _GIVES_ALL.match(policy.text or "")
            if found is not None:
                yield Problem(policy.location, f"{resource.label} is given {found[1]}", policy.told)


_WITHOUT_RESOURCES = ("ec2messages", "ssmmessages")
"""What sessions of Systems Manager ask for: nothing of it can be narrowed to a resource."""

_NAMED = 2
"""Services of one statement that a message names besides the first."""


@check("cfn-iam-wildcard", each=identity_statements)
def iam_wildcard(statement: Statement) -> Iterator[Problem]:
    if statement.conditional or not any(one.text == "*" for one in statement.texts("Resource")):
        return
    found: dict[str, Location] = {}
    for action in statement.texts("Action"):
        service, _, name = action.text.partition(":")
        if name == "*" and service.lower() not in _WITHOUT_RESOURCES:
            found.setdefault(service, action.location)
    if found:
        first, *others = found
        named = [first, *others[:_NAMED], f"{len(others) - _NAMED} more"] if len(others) > _NAMED + 1 else [*found]
        said = " and ".join(filter(None, (", ".join(named[:-1]), named[-1])))
        related = tuple(Related(found[service], f"all of {service}") for service in others)
        yield Problem(found[first], f"{statement.label} may do all of {said} with every resource", related)


@check("cfn-trust-anyone", each=resource_statements)
def trust_anyone(statement: Statement) -> Iterator[Problem]:
    found = statement.opens if statement.owner.type != "AWS::S3::BucketPolicy" else None
    if found is not None:
        place, who = found
        yield Problem(place.location, f"{statement.label} trusts {who}, and no condition says otherwise")
