"""Databases of all clouds: what keeps them safe, by the name that each provider has for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from devopslint.deferred import NamedTuple
from devopslint.model import Location, Related
from devopslint.terraform.modules import Resource, Terraform
from devopslint.terraform.values import Value

COPIES = (
    "replicate_source_db",
    "replication_source_identifier",
    "snapshot_identifier",
    "snapshot_arn",
    "snapshot_name",
    "source_db_cluster_identifier",
    "global_cluster_identifier",
    "global_replication_group_id",
    "restore_to_point_in_time.source_db_instance_identifier",
    "restore_to_point_in_time.source_cluster_identifier",
    "master_instance_name",
    "source_server_id",
    "create_source_id",
    "creation_source_server_id",
    "snapshot_id",
    "root_block_device.snapshot_id",
)
"""Where one of these is set, it is a copy of another: what that one has is its own."""
_FIRST_OF_COPIES = tuple((path.partition(".")[0], path) for path in COPIES)
_COPY = frozenset(first for first, _ in _FIRST_OF_COPIES)


class Setting(NamedTuple):
    """An attribute of a resource that a rule asks about."""

    resource: Resource
    value: Value
    path: str

    @property
    def label(self) -> str:
        return self.resource.label

    @property
    def location(self) -> Location:
        return self.resource.location

    @property
    def file_path(self) -> str:
        return self.resource.file_path

    @property
    def place(self) -> Location:
        return self.value.location

    @property
    def told(self) -> tuple[Related, ...]:
        return (*self.value.related, *self.resource.told)

    @property
    def copy(self) -> bool:
        """Whether it is, or may be, a copy of another."""
        resource = self.resource
        if not resource.says_any(_COPY):
            return False
        return any(resource.says(first) and not resource.get(path).absent for first, path in _FIRST_OF_COPIES)


def settings(terraform: Terraform, table: Mapping[str, tuple[str, ...]]) -> Iterator[Setting]:
    """The named attributes of all resources of the table's types, those of modules that are called included."""
    elsewhere = terraform.built_elsewhere
    for type, paths in table.items():
        for resource in (*terraform.by_type.get(type, ()), *elsewhere.get(type, ())):
            for path in paths:
                first, _, rest = path.partition("[].")
                if rest:
                    for body in resource.blocks(first):
                        yield Setting(resource, body.get(rest), rest)
                else:
                    yield Setting(resource, resource.get(path), path)
