"""What becomes of data: whether it is encrypted, kept, backed up, and deleted with the stack."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.cloudformation.template import Resource, resources
from devopslint.model import NotKnown, Problem
from devopslint.registry import check

_ENCRYPTED = {
    "AWS::RDS::DBInstance": "StorageEncrypted",
    "AWS::RDS::DBCluster": "StorageEncrypted",
    "AWS::EFS::FileSystem": "Encrypted",
    "AWS::EC2::Volume": "Encrypted",
    "AWS::Redshift::Cluster": "Encrypted",
    "AWS::DocDB::DBCluster": "StorageEncrypted",
    "AWS::Neptune::DBCluster": "StorageEncrypted",
    "AWS::ElastiCache::ReplicationGroup": "AtRestEncryptionEnabled",
    "AWS::OpenSearchService::Domain": "EncryptionAtRestOptions.Enabled",
    "AWS::Elasticsearch::Domain": "EncryptionAtRestOptions.Enabled",
    "AWS::DAX::Cluster": "SSESpecification.SSEEnabled",
}
_DISKS = {
    "AWS::AutoScaling::LaunchConfiguration": ("BlockDeviceMappings",),
    "AWS::EC2::Instance": ("BlockDeviceMappings",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData", "BlockDeviceMappings"),
}
_STATEFUL = frozenset(
    (
        "AWS::Cognito::UserPool",
        "AWS::DocDB::DBCluster",
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::EC2::Volume",
        "AWS::EFS::FileSystem",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::Elasticsearch::Domain",
        "AWS::KMS::Key",
        "AWS::Neptune::DBCluster",
        "AWS::OpenSearchService::Domain",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::Redshift::Cluster",
    )
)
_BACKED_UP = {"AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::DocDB::DBCluster", "AWS::Neptune::DBCluster"}


@check("cfn-unencrypted-storage", each=resources)
def unencrypted_storage(resource: Resource) -> Iterator[Problem | NotKnown]:
    name = _ENCRYPTED.get(resource.type)
    if name is not None:
        said = f"{resource.label} stores in the clear: {name} is false"
        yield from resource.judged(tuple(name.split(".")), lambda one: one.is_false, lambda _: said)
    path = _DISKS.get(resource.type)
    for disk in resource.items(*path) if path is not None else ():
        every = [
            one
            for settings in resource.below(disk, "Ebs", resource.template.defaults)
            for one in resource.below(settings, "Encrypted", resource.template.defaults)
        ]
        if every and all(one.is_false for one in every):
            said = f"a disk of {resource.label} stores in the clear: Encrypted is false"
            yield Problem(every[0].location, said, every[0].told)


def _in_cluster(resource: Resource) -> bool:
    """Whether it is an instance of a cluster, which holds the data; of a cluster that is its own name."""
    return not resource.type.endswith("::DBCluster") and resource.properties.has("DBClusterIdentifier")


@check("cfn-encryption-unsaid", each=resources)
def encryption_unsaid(resource: Resource) -> Iterator[Problem]:
    name = _ENCRYPTED.get(resource.type)
    if name is None or resource.open:
        return
    inherits = (
        "SnapshotIdentifier",
        "DBSnapshotIdentifier",
        "SourceDBInstanceIdentifier",
        "SnapshotId",
        "SourceDBClusterIdentifier",
        "SnapshotName",
        "SnapshotArns",
        "GlobalReplicationGroupId",
    )
    if _in_cluster(resource) or any(resource.properties.has(other) for other in inherits):
        return
    if any(one.unknown or one.text == "serverless" for one in resource.options("EngineMode")):
        return  # it always is
    path = tuple(name.split("."))
    if resource.certainly(path, lambda one: one.absent) is not None:
        place = resource.properties.get(*path).location if resource.properties.present else resource.location
        yield Problem(place, f"{resource.label} stores in the clear: {name} is not set")


@check("cfn-disk-encryption-unsaid", each=resources)
def disk_encryption_unsaid(resource: Resource) -> Iterator[Problem]:
    path = _DISKS.get(resource.type)
    for disk in resource.items(*path) if path is not None else ():
        for settings in resource.below(disk, "Ebs"):
            if settings.node is None or not settings.node.is_mapping or settings.node["SnapshotId"].exists:
                continue
            if all(one.absent for one in resource.below(settings, "Encrypted")):
                said = f"a disk of {resource.label} is encrypted only where the account's default says so"
                yield Problem(settings.location, said)


_POLICIES = ("DeletionPolicy", "UpdateReplacePolicy")
_GONE = frozenset(
    (
        "AWS::ElastiCache::CacheCluster",
        "AWS::FSx::FileSystem",
        "AWS::Kinesis::Stream",
        "AWS::Logs::LogGroup",
        "AWS::QLDB::Ledger",
        "AWS::SDB::Domain",
        "AWS::SQS::Queue",
        "AWS::SecretsManager::Secret",
    )
)
"""What holds something for a while, or what can be filled anew."""


def _kept(resource: Resource, name: str) -> bool:
    """Whether a policy says something else than that the resource is deleted, in one case of a condition at least."""
    return resource.node[name].exists and resource.node[name].text != "Delete"


def _unsaid(resource: Resource) -> list[str]:
    """The policies that a resource lacks, where none says that it is kept."""
    if resource.open or any(_kept(resource, name) for name in _POLICIES):
        return []
    return [name for name in _POLICIES if not resource.node[name].exists]


@check("cfn-no-deletion-policy", each=resources)
def no_deletion_policy(resource: Resource) -> Iterator[Problem]:
    # AWS deletes no bucket that holds something.
    if resource.type in _STATEFUL and not resource.properties.has("DBClusterIdentifier"):
        if lacking := _unsaid(resource):
            said = f"{resource.label} has no {' and no '.join(lacking)}: it goes with the stack"
            yield Problem(resource.location, said)


@check("cfn-contents-with-stack", each=resources)
def contents_with_stack(resource: Resource) -> Iterator[Problem]:
    if resource.type in _GONE and (lacking := _unsaid(resource)):
        said = f"what {resource.label} holds goes with the stack: it has no {' and no '.join(lacking)}"
        yield Problem(resource.location, said)


@check("cfn-half-kept", each=resources)
def half_kept(resource: Resource) -> Iterator[Problem]:
    # Nobody says of what holds nothing that it is to be kept: whoever does means it in both cases.
    if resource.open or resource.properties.has("DBClusterIdentifier"):
        return
    kept = next((name for name in _POLICIES if _kept(resource, name)), None)
    lacking = next((name for name in _POLICIES if not resource.node[name].exists), None)
    if kept and lacking:
        case = "deleted" if kept == "DeletionPolicy" else "replaced"
        other = "replaced" if case == "deleted" else "deleted"
        said = f"{resource.label} is kept where it is {case}, and gone where it is {other}: it has no {lacking}"
        yield Problem(resource.location, said)


@check("cfn-deleted-with-stack", each=resources)
def deleted_with_stack(resource: Resource) -> Iterator[Problem]:
    if resource.type in _STATEFUL:
        for name in ("DeletionPolicy", "UpdateReplacePolicy"):
            if resource.node[name].text == "Delete":
                yield Problem(
                    resource.node[name].location, f"{resource.label} is deleted with all its data: {name} is Delete"
                )


@check("cfn-short-backup", each=resources)
def short_backup(resource: Resource, *, days: int) -> Iterator[Problem]:
    if resource.type not in _BACKED_UP:
        return
    if _in_cluster(resource) or resource.properties.has("SourceDBInstanceIdentifier"):
        return
    found = resource.certainly(
        ("BackupRetentionPeriod",), lambda one: one.absent or (one.number is not None and one.number < days)
    )
    if found is None:
        return
    if found.absent:
        message = f"{resource.label} keeps its backups 1 day, less than {days} days: BackupRetentionPeriod is not set"
        yield Problem(resource.location, message)
        return
    kept = f"{found.number:g} days" if found.number else "not at all"
    yield Problem(found.location, f"{resource.label} keeps its backups {kept}, less than {days} days", found.told)


_ZONES = {
    "AWS::ElastiCache::ReplicationGroup": ("MultiAZEnabled", "AutomaticFailoverEnabled"),
    "AWS::Elasticsearch::Domain": ("ElasticsearchClusterConfig.ZoneAwarenessEnabled",),
    "AWS::OpenSearchService::Domain": ("ClusterConfig.ZoneAwarenessEnabled",),
    "AWS::RDS::DBInstance": ("MultiAZ",),
    "AWS::Redshift::Cluster": ("MultiAZ",),
}
"""By type: the switches without which it stands in one zone."""


@check("cfn-single-zone", each=resources)
def single_zone(resource: Resource) -> Iterator[Problem]:
    if resource.type == "AWS::EFS::FileSystem":
        kept = resource.certainly(("AvailabilityZoneName",), lambda one: one.text is not None)
        if kept is not None:
            yield Problem(kept.location, f"{resource.label} stands in one zone: AvailabilityZoneName is set", kept.told)
    if _is_replica(resource):
        return
    for name in _ZONES.get(resource.type, ()):
        found = resource.certainly(tuple(name.split(".")), lambda one: one.is_false)
        if found is not None:
            yield Problem(found.location, f"{resource.label} runs in one zone: {name} is false", found.told)
            return
    if resource.type == "AWS::RDS::DBInstance" and not resource.open:
        if resource.certainly(("MultiAZ",), lambda one: one.absent) is not None and not _is_aurora(resource):
            yield Problem(resource.location, f"{resource.label} runs in one zone: MultiAZ is not set")


def _is_replica(resource: Resource) -> bool:
    """Whether it is a copy, or a member of a cluster that has others."""
    names = ("DBClusterIdentifier", "SourceDBInstanceIdentifier", "SourceDBClusterIdentifier")
    return any(resource.properties.has(name) for name in names)


def _is_aurora(resource: Resource) -> bool:
    return any(one.unknown or (one.text or "").startswith("aurora") for one in resource.options("Engine"))


_PROTECTED = {
    "AWS::DocDB::DBCluster": "DeletionProtection",
    "AWS::DynamoDB::Table": "DeletionProtectionEnabled",
    "AWS::Neptune::DBCluster": "DeletionProtection",
    "AWS::RDS::DBCluster": "DeletionProtection",
    "AWS::RDS::DBInstance": "DeletionProtection",
}
_KEEPS = ("Retain", "RetainExceptOnCreate", "Snapshot")


@check("cfn-no-deletion-protection", each=resources)
def no_deletion_protection(resource: Resource) -> Iterator[Problem]:
    if resource.type in _BALANCERS:
        yield from _unprotected_balancer(resource)
        return
    name = _PROTECTED.get(resource.type)
    if name is None or resource.open or _is_replica(resource):
        return
    if all(resource.node[policy].text in _KEEPS for policy in ("DeletionPolicy", "UpdateReplacePolicy")):
        return  # what the stack does leaves it, or a copy of it
    found = resource.certainly((name,), lambda one: one.absent or one.is_false)
    if found is not None:
        place = resource.location if found.absent else found.location
        yield Problem(place, f"{resource.label} is deleted by one wrong update: {name} is not true", found.told)


_BALANCERS = ("AWS::ElasticLoadBalancingV2::LoadBalancer",)


def _unprotected_balancer(resource: Resource) -> Iterator[Problem]:
    for attribute in resource.items("LoadBalancerAttributes"):
        keys = [one.text for one in resource.below(attribute, "Key")]
        values = list(resource.below(attribute, "Value"))
        if keys == ["deletion_protection.enabled"] and len(values) == 1 and values[0].is_false:
            said = f"{resource.label} is deleted by one wrong update: deletion_protection.enabled is false"
            yield Problem(values[0].location, said, values[0].told)


@check("cfn-log-retention", each=resources)
def log_retention(resource: Resource) -> Iterator[Problem]:
    if resource.type == "AWS::Logs::LogGroup" and not resource.open:
        if resource.certainly(("RetentionInDays",), lambda one: one.absent) is not None:
            yield Problem(resource.location, f"{resource.label} keeps its logs for ever: RetentionInDays is not set")


@check("cfn-no-flow-logs", each=resources)
def no_flow_logs(resource: Resource) -> Iterator[Problem | NotKnown]:
    if resource.type != "AWS::EC2::VPC":
        return
    for other in resource.template.resources:
        if other.type in ("AWS::EC2::FlowLog", "AWS::CloudFormation::Stack"):
            names = resource.template.referred(other.properties)
            if resource.name in names or not names:
                return
    question = f"whether anything logs who talks to whom in {resource.label}"
    for key, output in resource.template.root["Outputs"].items():
        if resource.name in resource.template.referred(output):
            yield NotKnown(
                resource.location, question, f"output '{key.text}' hands it to other stacks, which may do so"
            )
            return
    yield Problem(resource.location, f"nothing logs who talks to whom in {resource.label}")


@check("cfn-key-rotation", each=resources)
def key_rotation(resource: Resource) -> Iterator[Problem]:
    if resource.type != "AWS::KMS::Key" or resource.open:
        return
    # Only keys of AWS's own making, for one secret that both sides know, are rotated.
    asked = {"KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS", "KeyUsage": "ENCRYPT_DECRYPT"}
    if not all(one.absent or one.text == wanted for name, wanted in asked.items() for one in resource.options(name)):
        return
    found = resource.certainly(("EnableKeyRotation",), lambda one: one.absent or one.is_false)
    if found is not None:
        said = "not set" if found.absent else "false"
        place = resource.location if found.absent else found.location
        yield Problem(place, f"{resource.label} is never rotated: EnableKeyRotation is {said}", found.told)


@check("cfn-no-backup", each=resources)
def no_backup(resource: Resource) -> Iterator[Problem]:
    if resource.type != "AWS::DynamoDB::Table" or resource.open:
        return
    if any(key["AttributeName"].text == "LockID" for key in resource.properties["KeySchema"]):
        return  # Terraform's locks, which are held for minutes
    path = ("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")
    found = resource.certainly(path, lambda one: one.absent or one.is_false)
    if found is not None:
        said = "not set" if found.absent else "false"
        place = resource.location if found.absent else found.location
        yield Problem(place, f"{resource.label} keeps no backups: {path[1]} is {said}", found.told)
