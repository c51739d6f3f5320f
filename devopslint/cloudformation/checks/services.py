"""Services of AWS: who reaches them, whether what they say is encrypted on its way, and what they keep of it."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.cloudformation.network import Egress, Ingress, network_entries, open_egress_rules, opened
from devopslint.cloudformation.template import Resource, Template, resources, templates, written_text
from devopslint.cloudformation.values import Value
from devopslint.deferred import NamedTuple, compiled
from devopslint.facts.lambda_runtimes import Deprecated, deprecated
from devopslint.facts.network import OLD_PROTOCOLS
from devopslint.model import Location, NotKnown, Problem
from devopslint.readers.shell import read_commands
from devopslint.readers.yaml import Node
from devopslint.registry import check
from devopslint.secrets.commands import secrets_in

_DOMAINS = ("AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain")
_OLD_TLS = compiled(
    r"(?:ELBSecurityPolicy-(?:2015|2016|TLS-1-0|TLS-1-1|TLS13-1-[01]|FS-2018|FS-1-1)|TLSv1(?:\.[01])?(?:_20\d\d)?\Z|SSLv3\Z"
    r"|TLS_1_0\Z|Policy-Min-TLS-1-0)"
)
_TLS = {
    "AWS::ElasticLoadBalancingV2::Listener": ("SslPolicy",),
    "AWS::CloudFront::Distribution": ("DistributionConfig", "ViewerCertificate", "MinimumProtocolVersion"),
    "AWS::ApiGateway::DomainName": ("SecurityPolicy",),
    _DOMAINS[0]: ("DomainEndpointOptions", "TLSSecurityPolicy"),
    _DOMAINS[1]: ("DomainEndpointOptions", "TLSSecurityPolicy"),
}
_METADATA = {
    "AWS::AutoScaling::LaunchConfiguration": ("MetadataOptions",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData", "MetadataOptions"),
}
_ADDRESSES = {
    "AWS::AutoScaling::LaunchConfiguration": "AssociatePublicIpAddress",
    "AWS::EC2::Subnet": "MapPublicIpOnLaunch",
}
_INTERFACES = {
    "AWS::EC2::Instance": ("NetworkInterfaces",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData", "NetworkInterfaces"),
}
_USER_DATA = {
    "AWS::AutoScaling::LaunchConfiguration": ("UserData",),
    "AWS::EC2::Instance": ("UserData",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData", "UserData"),
}
_CLUSTER_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_NO_OTHER_SIDE = ("SourceArn", "SourceAccount", "PrincipalOrgID", "EventSourceToken", "FunctionUrlAuthType")
_FIRST_UNPRIVILEGED = 1024
_ADMINISTRATION = {22: "SSH", 3389: "RDP"}


@check("cfn-imds-v1", each=resources)
def imds_v1(resource: Resource) -> Iterator[Problem]:
    path = _METADATA.get(resource.type)
    if path is None or resource.certainly((*path, "HttpEndpoint"), lambda one: one.text == "disabled") is not None:
        return
    found = resource.certainly((*path, "HttpTokens"), lambda one: one.absent or one.text == "optional")
    if found is not None:
        place = resource.location if found.absent else found.location
        yield Problem(place, f"{resource.label} answers metadata requests without a token", found.told)


@check("cfn-unencrypted-transit", each=resources)
def unencrypted_transit(resource: Resource) -> Iterator[Problem]:
    found: Value | None = None
    what = ""
    if resource.type == "AWS::ElasticLoadBalancingV2::Listener":
        found, what = resource.certainly(("Protocol",), lambda one: one.text == "HTTP"), "listens to HTTP"
        actions = resource.options("DefaultActions")
        every = list(resource.all_items("DefaultActions"))
        types = [one.text for items in every for action in items for one in resource.below(action, "Type")]
        if any(one.unknown for one in actions) or "redirect" in types or None in types or _all_is_sent_on(resource):
            return
    elif resource.type == "AWS::CloudFront::Distribution":
        path = ("DistributionConfig", "DefaultCacheBehavior", "ViewerProtocolPolicy")
        found, what = resource.certainly(path, lambda one: one.text == "allow-all"), "answers over HTTP as well"
    elif resource.type == "AWS::ElastiCache::ReplicationGroup":
        found, what = resource.off("TransitEncryptionEnabled"), "talks in the clear"
    elif resource.type == "AWS::MSK::Cluster":
        path = ("EncryptionInfo", "EncryptionInTransit", "ClientBroker")
        found, what = resource.certainly(path, lambda one: "PLAINTEXT" in (one.text or "")), "talks in the clear"
    elif resource.type in _DOMAINS:
        found, what = resource.off("DomainEndpointOptions", "EnforceHTTPS"), "answers over HTTP as well"
    if found is not None:
        place = resource.location if found.absent else found.location
        yield Problem(place, f"{resource.label} {what}", found.told)


@check("cfn-unencrypted-transit", each=resources)
def files_in_the_clear(resource: Resource) -> Iterator[Problem]:
    for volume in resource.items("Volumes") if resource.type == "AWS::ECS::TaskDefinition" else ():
        for files in resource.below(volume, "EFSVolumeConfiguration"):
            if files.node is not None and files.node.is_mapping:
                settings = list(resource.below(files, "TransitEncryption"))
                if all(one.absent or one.text == "DISABLED" for one in settings):
                    said = "reads files in the clear: TransitEncryption is not ENABLED"
                    yield Problem(files.location, f"{resource.label} {said}")


def _all_is_sent_on(listener: Resource) -> bool:
    """Whether a rule of the listener redirects every path: what it does otherwise answers nobody."""
    for rule in listener.template.resources:
        asked = rule.properties
        if rule.type == "AWS::ElasticLoadBalancingV2::ListenerRule" and any(
            one["Type"].text == "redirect" and one.get("RedirectConfig", "Protocol").text == "HTTPS"
            for one in asked["Actions"]
        ):
            every = all(one["Field"].text == "path-pattern" for one in asked["Conditions"])
            if every and any(one.text in ("*", "/*") for one in asked["Conditions"].walk()):
                if listener.name in rule.template.referred(asked["ListenerArn"]):
                    return True
    return False


@check("cfn-old-tls", each=resources)
def old_tls(resource: Resource) -> Iterator[Problem | NotKnown]:
    if resource.type == "AWS::ElasticLoadBalancing::LoadBalancer":
        yield from _classic_old_tls(resource)
    path = _TLS.get(resource.type)
    if path is None:
        return
    said = f"{resource.label} accepts TLS older than 1.2"
    told = list(resource.judged(path, lambda one: _is_old(one.text), lambda one: f"{said}: {one.text}"))
    yield from told
    if not told and _old_by_default(resource) and resource.certainly(path, lambda one: one.absent) is not None:
        yield Problem(resource.location, f"{said}: {path[-1]} is not set")


def _is_old(policy: str | None) -> bool:
    return _OLD_TLS.match(policy or "") is not None


def _old_by_default(resource: Resource) -> bool:
    if resource.type == "AWS::CloudFront::Distribution":
        return resource.properties["DistributionConfig"].is_mapping
    secure = resource.certainly(("Protocol",), lambda one: one.text in ("HTTPS", "TLS"))
    return resource.type == "AWS::ElasticLoadBalancingV2::Listener" and secure is not None


def _classic_old_tls(balancer: Resource) -> Iterator[Problem]:
    for policy in balancer.items("Policies"):
        for attribute in () if policy.node is None else policy.node["Attributes"]:
            name, value = attribute["Name"], attribute["Value"]
            named = value if name.text == "Reference-Security-Policy" else name
            on = named is value or not value.exists or value.text.lower() == "true"
            if on and named.tag is None and (named.text in OLD_PROTOCOLS or _OLD_TLS.match(named.text)):
                yield Problem(named.location, f"{balancer.label} accepts TLS older than 1.2: {named.text}")


@check("cfn-public-ip", each=resources)
def public_ip(resource: Resource) -> Iterator[Problem]:
    name = _ADDRESSES.get(resource.type)
    if name is not None:
        found = resource.certainly((name,), lambda one: one.is_true)
        if found is not None:
            yield Problem(found.location, f"{resource.label} gives out public addresses: {name} is true", found.told)
    for interface in resource.items(*_INTERFACES[resource.type]) if resource.type in _INTERFACES else ():
        every = list(resource.below(interface, "AssociatePublicIpAddress", resource.template.defaults))
        if every and all(one.is_true for one in every):
            said = f"{resource.label} has a public address: AssociatePublicIpAddress is true"
            yield Problem(every[0].location, said, every[0].told)


@check("cfn-image-scan-off", each=resources)
def image_scan_off(resource: Resource) -> Iterator[Problem]:
    if resource.type == "AWS::ECR::Repository":
        found = resource.off("ImageScanningConfiguration", "ScanOnPush")
        if found is not None:
            place = resource.location if found.absent else found.location
            yield Problem(place, f"images pushed to {resource.label} are not scanned", found.told)


@check("cfn-image-tags-mutable", each=resources)
def image_tags_mutable(resource: Resource) -> Iterator[Problem]:
    if resource.type == "AWS::ECR::Repository":
        found = resource.certainly(("ImageTagMutability",), lambda one: one.absent or one.text == "MUTABLE")
        if found is not None:
            place = resource.location if found.absent else found.location
            yield Problem(place, f"a tag of {resource.label} may be moved to another image", found.told)


@check("cfn-cluster-unlogged", each=resources)
def cluster_unlogged(resource: Resource) -> Iterator[Problem]:
    if resource.type != "AWS::EKS::Cluster":
        return
    path = ("Logging", "ClusterLogging", "EnabledTypes")
    found = resource.options(*path)
    if len(found) != 1 or found[0].unknown:
        return
    if found[0].absent:
        yield Problem(resource.location, f"the control plane of {resource.label} logs nothing")
        return
    every = list(resource.all_items(*path))
    types = [one.text for items in every for item in items for one in resource.below(item, "Type")]
    missing = [name for name in _CLUSTER_LOGS if name not in types]
    if missing and None not in types:
        yield Problem(found[0].location, f"the control plane of {resource.label} does not log {', '.join(missing)}")


@check("cfn-cluster-secrets-unencrypted", each=resources)
def cluster_secrets_unencrypted(resource: Resource) -> Iterator[Problem]:
    if resource.type == "AWS::EKS::Cluster" and resource.certainly(("EncryptionConfig",), lambda one: one.absent):
        yield Problem(resource.location, f"secrets of {resource.label} are encrypted with no key of your own")


@check("cfn-cluster-open-endpoint", each=resources)
def cluster_open_endpoint(resource: Resource) -> Iterator[Problem]:
    for one in _public_ranges(resource):
        if one.text in ("0.0.0.0/0", "::/0"):
            yield Problem(one.location, f"everybody reaches the API of {resource.label}: {one.text}", one.told)


@check("cfn-cluster-public-endpoint", each=resources)
def cluster_public_endpoint(resource: Resource) -> Iterator[Problem]:
    if resource.type == "AWS::EKS::Cluster" and resource.properties.has("ResourcesVpcConfig") and _is_public(resource):
        if resource.certainly(("ResourcesVpcConfig", "PublicAccessCidrs"), lambda one: one.absent) is not None:
            place = resource.properties["ResourcesVpcConfig"].key_location
            yield Problem(place, f"everybody reaches the API of {resource.label}: PublicAccessCidrs is not set")


def _public_ranges(resource: Resource) -> Iterator[Value]:
    if resource.type == "AWS::EKS::Cluster" and _is_public(resource):
        yield from resource.items("ResourcesVpcConfig", "PublicAccessCidrs")


def _is_public(resource: Resource) -> bool:
    path = ("ResourcesVpcConfig", "EndpointPublicAccess")
    return resource.certainly(path, lambda one: one.absent or one.is_true) is not None


@check("cfn-bucket-public-access-block", each=resources)
def bucket_public_access_block(resource: Resource) -> Iterator[Problem]:
    if resource.type != "AWS::S3::Bucket":
        return
    name = "PublicAccessBlockConfiguration"
    if resource.certainly((name,), lambda one: one.absent) is not None:
        yield Problem(resource.location, f"{resource.label} has no public access block of its own")
        return
    off = [one for one in _BLOCKS if resource.off(name, one) is not None]
    if off:
        yield Problem(resource.properties[name].key_location, f"{resource.label} leaves {' and '.join(off)} off")


@check("cfn-bucket-unversioned", each=resources)
def bucket_unversioned(resource: Resource) -> Iterator[Problem]:
    if resource.type == "AWS::S3::Bucket":
        path = ("VersioningConfiguration", "Status")
        found = resource.certainly(path, lambda one: one.absent or one.text == "Suspended")
        if found is not None:
            place = resource.location if found.absent else found.location
            yield Problem(place, f"{resource.label} keeps no older versions", found.told)


@check("cfn-bucket-unlogged", each=templates)
def bucket_unlogged(template: Template) -> Iterator[Problem]:
    buckets = [resource for resource in template.resources if resource.type == "AWS::S3::Bucket"]
    path = ("LoggingConfiguration", "DestinationBucketName")
    kept = {name for one in buckets if (name := _named(one.properties.get(*path)))}
    for bucket in buckets:
        if bucket.name in kept or bucket.properties["BucketName"].text in kept:
            continue
        if bucket.certainly(("AccessControl",), lambda one: one.text == "LogDeliveryWrite") is not None:
            continue  # it keeps the logs of others
        if bucket.certainly(("LoggingConfiguration",), lambda one: one.absent) is not None:
            yield Problem(bucket.location, f"nobody knows who reads {bucket.label}: it has no access log")


def _named(node: Node) -> str:
    """The bucket that a property names, by its own name or by that of its resource."""
    return node.text or node["Ref"].text


@check("cfn-open-network-acl", each=network_entries)
def open_network_acl(entry: Ingress) -> Iterator[Problem | NotKnown]:
    if entry.all_ports:
        yield opened(entry, f"{entry.owner} lets everybody in to all ports")
        return
    if entry.low >= _FIRST_UNPRIVILEGED and entry.high - entry.low > _FIRST_UNPRIVILEGED:
        return  # an ACL keeps no state: without these ports no answer comes back
    for port, name in _ADMINISTRATION.items():
        if entry.reaches(port):
            yield opened(entry, f"{entry.owner} lets everybody in to {name}, port {port}")


@check("cfn-open-egress", each=open_egress_rules)
def open_egress(rule: Egress) -> Iterator[Problem]:
    yield Problem(rule.location, f"{rule.owner} lets traffic out to everywhere", rule.related)


@check("cfn-open-function", each=resources)
def open_function(resource: Resource) -> Iterator[Problem | NotKnown]:
    if resource.type == "AWS::Lambda::Url":
        said = f"{resource.label} asks nobody who calls"
        yield from resource.judged(("AuthType",), lambda one: one.text == "NONE", lambda _: said)
    elif resource.type == "AWS::Lambda::Permission":
        if any(not one.absent for name in _NO_OTHER_SIDE for one in resource.options(name)):
            return
        found = resource.certainly(("Principal",), lambda one: one.text == "*")
        if found is not None:
            yield Problem(found.location, f"{resource.label} lets everybody call", found.told)
            return
        found = resource.certainly(("Principal",), lambda one: (one.text or "").endswith(".amazonaws.com"))
        if found is not None:
            message = f"{resource.label} lets {found.text} call for anybody's account: SourceArn is not set"
            yield Problem(found.location, message, found.told)


@check("cfn-no-snapshots", each=resources)
def no_snapshots(resource: Resource) -> Iterator[Problem]:
    if resource.type == "AWS::ElastiCache::CacheCluster":
        if resource.certainly(("Engine",), lambda one: one.text in ("redis", "valkey")) is None:
            return
        if not resource.properties.has("Engine") or resource.properties.has("ReplicationGroupId"):
            return
        if resource.properties["CacheNodeType"].text.startswith("cache.t1."):
            return  # these nodes take none
    elif resource.type != "AWS::ElastiCache::ReplicationGroup":
        return
    name = "SnapshotRetentionLimit"
    found = resource.certainly((name,), lambda one: one.absent or one.number == 0)
    if found is not None:
        place = resource.location if found.absent else found.location
        said = "is not set" if found.absent else "is 0"
        yield Problem(place, f"{resource.label} keeps no backups: {name} {said}", found.told)


@check("cfn-missing-group-description", each=resources)
def missing_group_description(resource: Resource) -> Iterator[Problem]:
    if resource.type == "AWS::EC2::SecurityGroup":
        if resource.certainly(("GroupDescription",), lambda one: one.absent) is not None:
            yield Problem(resource.location, f"{resource.label} has no GroupDescription, which CloudFormation asks for")


@check("cfn-security-group-undescribed", each=resources)
def security_group_undescribed(resource: Resource) -> Iterator[Problem]:
    if resource.type == "AWS::EC2::SecurityGroup":
        for name in ("SecurityGroupIngress", "SecurityGroupEgress"):
            for item in resource.items(name):
                if item.node is not None and item.node.is_mapping and not item.node["Description"].exists:
                    yield Problem(item.location, f"a rule of {resource.label} has no description")
                    return
    elif resource.type in ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"):
        if resource.certainly(("Description",), lambda one: one.absent) is not None:
            yield Problem(resource.location, f"{resource.label} has no description")


@check("cfn-written-secret", each=resources)
def written_secret_in_user_data(resource: Resource) -> Iterator[Problem]:
    path = _USER_DATA.get(resource.type)
    node = written_text(resource.properties.get(*path)) if path is not None else None
    if node is not None:
        for secret in secrets_in(read_commands(node.text)):
            place = node.span(secret.word.start, secret.word.end)
            said = f"the user data of {resource.label} holds a secret: {secret.what}"
            yield Problem(place, said, certain=secret.certain)


class Runtime(NamedTuple):
    """What functions are run by."""

    label: str
    location: Location
    life: Deprecated


_FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")


def runtimes(template: Template) -> Iterator[Runtime]:
    """The runtimes that are deprecated."""
    for resource in template.resources:
        if resource.type in _FUNCTIONS:
            found = resource.certainly(("Runtime",), lambda one: deprecated(one.text) is not None)
            if found is not None and (life := deprecated(found.text)) is not None:
                yield Runtime(resource.label, found.location, life)
    every = template.options(template.root["Globals"]["Function"]["Runtime"])
    if len(every) == 1 and (life := deprecated(every[0].text)) is not None:
        yield Runtime("every function of the template", every[0].location, life)


@check("cfn-old-runtime", each=runtimes)
def old_runtime(runtime: Runtime) -> Iterator[Problem]:
    if not runtime.life.gone:
        yield Problem(runtime.location, f"{runtime.label} runs on {runtime.life.said}")


@check("cfn-retired-runtime", each=runtimes)
def retired_runtime(runtime: Runtime) -> Iterator[Problem]:
    if runtime.life.gone:
        yield Problem(runtime.location, f"{runtime.label} runs on {runtime.life.said}")


def resolved_texts(template: Template) -> Iterator[Node]:
    """The texts into which CloudFormation puts values."""
    for resource in template.resources:
        for node in resource.properties.walk():
            if node.tag == "!Sub":
                yield node if node.is_scalar else next(iter(node), node)
            elif node.has("Fn::Sub"):
                text = node["Fn::Sub"]
                yield text if text.is_scalar else next(iter(text), text)


@check("cfn-hardcoded-partition", each=resolved_texts)
def hardcoded_partition(text: Node) -> Iterator[Problem]:
    if text.is_scalar and text.text.startswith("arn:aws:"):
        yield Problem(text.location, "an ARN of the partition aws alone: ${AWS::Partition} holds in all of them")
