"""Buckets that everybody may read, and what is kept of what was in them."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.model import Problem
from devopslint.registry import check
from devopslint.terraform.modules import Resource, Terraform
from devopslint.terraform.policies import BUCKET_POLICIES, Statement, statements, statements_of
from devopslint.terraform.storage import Bucket, buckets
from devopslint.terraform.subjects import backends
from devopslint.terraform.values import Value

_PUBLIC_ACLS = ("public-read", "public-read-write", "authenticated-read", "website")
_EVERYBODY = ("allUsers", "allAuthenticatedUsers")
_PUBLIC_GROUPS = ("AllUsers", "AuthenticatedUsers")


def public_grants(terraform: Terraform) -> list[Resource]:
    """What may make a bucket public by itself."""
    return terraform.told_of(
        [
            "aws_s3_bucket",
            "aws_s3_bucket_acl",
            "google_storage_bucket_iam_member",
            "google_storage_bucket_iam_binding",
            "google_storage_bucket_access_control",
            "google_storage_default_object_access_control",
            "google_storage_bucket_acl",
            "azurerm_storage_container",
        ]
    )


@check("tf-public-bucket", each=public_grants)
def public_bucket(grant: Resource) -> Iterator[Problem]:
    for value, writes in _openers(grant):
        if not writes:
            said = f"{grant.label} is open to everybody: {value.shown}"
            yield Problem(value.location, said, (*value.related, *grant.told), certain=not _publishes(grant))


def _publishes(grant: Resource) -> bool:
    """Whether it lets people read objects whose names they know, and list none: so do those who publish them."""
    if grant.type == "aws_s3_bucket" and any(grant.blocks("website")):
        return True
    role = grant.get("role")
    return role.equals("roles/storage.legacyObjectReader") or (
        grant.type == "google_storage_default_object_access_control" and role.equals("READER")
    )


@check("tf-writable-bucket", each=public_grants)
def writable_bucket(grant: Resource) -> Iterator[Problem]:
    for value, writes in _openers(grant):
        if writes:
            said = f"{grant.label} is written to by everybody: {value.shown}"
            yield Problem(value.location, said, (*value.related, *grant.told))


def _openers(grant: Resource) -> Iterator[tuple[Value, bool]]:
    """What lets everybody in, and whether to write."""
    match grant.type:
        case "aws_s3_bucket" | "aws_s3_bucket_acl":
            if grant.get("acl").equals(*_PUBLIC_ACLS):
                yield grant.get("acl"), grant.get("acl").equals("public-read-write")
            bodies = [grant, *grant.blocks("access_control_policy")]
            for given in (one for body in bodies for one in body.blocks("grant")):
                permissions = (given.get("permission"), *given.get("permissions").items)
                writes = any(one.equals("WRITE", "FULL_CONTROL", "WRITE_ACP") for one in permissions)
                for address in (given.get("uri"), given.get("grantee.uri")):
                    if address.certainly(lambda one: (one.text or "").rpartition("/")[2] in _PUBLIC_GROUPS):
                        yield address, writes
        case "azurerm_storage_container":
            access = grant.get("container_access_type")
            if access.equals("blob", "container"):
                yield access, False
        case _:
            values = (grant.get("member"), grant.get("entity"), *grant.get("members").items)
            for value in values:
                if value.equals(*_EVERYBODY):
                    yield value, False
            for value in grant.get("role_entity").items:
                if value.certainly(lambda one: (one.text or "").partition(":")[2] in _EVERYBODY):
                    yield value, False


def bucket_policies(terraform: Terraform) -> Iterator[Statement]:
    yield from statements(terraform, BUCKET_POLICIES)


@check("tf-public-bucket", each=bucket_policies)
def public_bucket_by_policy(statement: Statement) -> Iterator[Problem]:
    if statement.opens:
        said = f"{statement.label} is open to {statement.opens}: no condition limits its policy"
        yield Problem(statement.place, said, statement.told, certain=not statement.publishes)


def storage_accounts(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(["azurerm_storage_account"])


@check("tf-storage-account-public-items", each=storage_accounts)
def storage_account_public_items(account: Resource) -> Iterator[Problem]:
    allowed = account.get("allow_nested_items_to_be_public")
    old = account.get("allow_blob_public_access")
    if old.is_false or (old.unknown and not old.absent):
        return
    if allowed.absent or allowed.is_true:
        yield Problem(allowed.location, f"a container of {account.label} may be made public", account.told)


def aws_buckets(terraform: Terraform) -> Iterator[Bucket]:
    return (bucket for bucket in buckets(terraform) if bucket.aws)


@check("tf-bucket-public-access-block", each=aws_buckets, complete=True)
def bucket_public_access_block(bucket: Bucket) -> Iterator[Problem]:
    if bucket.open:
        return
    blocks = bucket.companions("aws_s3_bucket_public_access_block")
    if not blocks:
        if not bucket.tree.by_type.get("aws_s3_account_public_access_block"):
            yield Problem(
                bucket.location, f"{bucket.label} has no public access block of its own", bucket.resource.told
            )
    elif all(_lets_through(block, ("block_public_acls", "block_public_policy")) for block in blocks):
        yield Problem(
            blocks[0].location,
            f"the public access block of {bucket.label} lets new ACLs or policies through",
            blocks[0].told,
        )


def access_blocks(terraform: Terraform) -> list[Resource]:
    return terraform.told_of(["aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"])


@check("tf-bucket-partial-access-block", each=access_blocks)
def bucket_partial_access_block(block: Resource) -> Iterator[Problem]:
    for name in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"):
        value = block.get(name)
        if value.absent or value.is_false:
            yield Problem(value.location, f"{block.label} leaves {name} off", (*value.related, *block.told))


def _lets_through(block: Resource, names: tuple[str, ...]) -> bool:
    return any(block.get(name).absent or block.get(name).is_false for name in names)


def google_buckets(terraform: Terraform) -> Iterator[Bucket]:
    return (bucket for bucket in buckets(terraform) if not bucket.aws)


@check("tf-bucket-public-prevention", each=google_buckets)
def bucket_public_prevention(bucket: Bucket) -> Iterator[Problem]:
    value = bucket.resource.get("public_access_prevention")
    if value.absent or value.equals("inherited", "unspecified"):
        yield Problem(value.location, f"{bucket.label} may be made public", (*value.related, *bucket.resource.told))


@check("tf-bucket-uniform-access", each=google_buckets)
def bucket_uniform_access(bucket: Bucket) -> Iterator[Problem]:
    value = bucket.resource.get("uniform_bucket_level_access")
    if value.absent or value.is_false:
        yield Problem(value.location, f"objects of {bucket.label} have access lists of their own", bucket.resource.told)


def owners_of_objects(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(["aws_s3_bucket_ownership_controls"])


@check("tf-bucket-uniform-access", each=owners_of_objects)
def bucket_acls(controls: Resource) -> Iterator[Problem]:
    value = controls.get("rule.object_ownership")
    if value.equals("ObjectWriter", "BucketOwnerPreferred"):
        message = f"{controls.label} lets objects have access lists of their own: object_ownership is {value.shown}"
        yield Problem(value.location, message, (*value.related, *controls.told))


@check("tf-storage-shared-key", each=storage_accounts)
def storage_shared_key(account: Resource) -> Iterator[Problem]:
    value = account.get("shared_access_key_enabled")
    if value.absent or value.is_true:
        yield Problem(
            value.location, f"{account.label} takes its keys, which do not expire", (*value.related, *account.told)
        )


@check("tf-blob-soft-delete", each=storage_accounts)
def blob_soft_delete(account: Resource) -> Iterator[Problem]:
    kind = account.get("account_kind")
    if not (kind.absent or kind.equals("StorageV2", "BlobStorage", "BlockBlobStorage", "Storage")):
        return  # it holds no blobs
    if account.blocks("blob_properties") and any(one.maybe for one in account.blocks("blob_properties")):
        return
    if not account.says("blob_properties") or not any(
        one.blocks("delete_retention_policy") for one in account.blocks("blob_properties")
    ):
        yield Problem(account.location, f"a blob that is deleted in {account.label} is gone at once", account.told)


@check("tf-bucket-unversioned", each=buckets, complete=True)
def bucket_unversioned(bucket: Bucket) -> Iterator[Problem]:
    if bucket.versioned is False:
        yield Problem(bucket.location, f"{bucket.label} keeps no older versions", bucket.resource.told)


def buckets_elsewhere(terraform: Terraform) -> list[Resource]:
    return terraform.built_elsewhere.get("aws_s3_bucket", [])


@check("tf-bucket-unversioned", each=buckets_elsewhere)
def bucket_unversioned_by_its_module(bucket: Resource) -> Iterator[Problem]:
    for value in (bucket.get("versioning.enabled"), bucket.get("versioning.status")):
        if value.equals(False, "Disabled", "Suspended"):
            yield Problem(value.location, f"{bucket.label} keeps no older versions", (*value.related, *bucket.told))


@check("tf-bucket-unlogged", each=buckets, complete=True)
def bucket_unlogged(bucket: Bucket) -> Iterator[Problem]:
    if bucket.logged is False and not bucket.keeps_logs:
        yield Problem(
            bucket.location, f"nobody knows who reads {bucket.label}: it has no access log", bucket.resource.told
        )


@check("tf-bucket-no-tls-policy", each=aws_buckets, complete=True)
def bucket_no_tls_policy(bucket: Bucket) -> Iterator[Problem]:
    if bucket.open:
        return
    policies = [
        bucket.resource.get("policy"),
        *(one.get("policy") for one in bucket.companions("aws_s3_bucket_policy")),
    ]
    if not any(value.unknown or value.kind == "choice" for value in policies) and not _asks_for_tls(bucket):
        yield Problem(bucket.location, f"{bucket.label} answers requests without TLS", bucket.resource.told)


def _asks_for_tls(bucket: Bucket) -> bool:
    owners = [bucket.resource, *bucket.companions("aws_s3_bucket_policy")]
    return any(
        key.lower() == "aws:securetransport"
        for owner in owners
        for statement in statements_of(owner, BUCKET_POLICIES)
        for _, key, _ in statement.conditions
    )


@check("tf-state-bucket-unversioned", each=buckets)
def state_bucket_unversioned(bucket: Bucket) -> Iterator[Problem]:
    name = bucket.resource.get("bucket").text
    if name is None or bucket.versioned is not False:
        return
    for backend in backends(bucket.tree):
        if backend.type in ("s3", "gcs") and backend.body.get("bucket").text == name:
            yield Problem(bucket.location, f"bucket '{name}' keeps a state and no older versions of it")
            return
