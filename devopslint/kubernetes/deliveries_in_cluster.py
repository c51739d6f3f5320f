"""Flux's and Argo CD's objects among those of the tree that they deliver."""

from __future__ import annotations

from devopslint.deferred import NamedTuple
from devopslint.kubernetes.cluster import Cluster, Member
from devopslint.kubernetes.deliveries import DeliveryWords, Folder, normal, own_repositories
from devopslint.model import Location


class MissingFolder(NamedTuple):
    """A folder of this repository that something delivers, and that is not there."""

    delivery: DeliveryWords
    folder: Folder
    changed: bool
    """Whether a kustomization may have it take another folder."""

    @property
    def label(self) -> str:
        return self.delivery.label

    @property
    def location(self) -> Location:
        return self.folder.path.location


def deliveries(cluster: Cluster) -> list[Member[DeliveryWords]]:
    return [Member(one, cluster) for one in cluster.others(DeliveryWords) if not cluster.is_partial(one)]


def missing_folders(cluster: Cluster) -> list[MissingFolder]:
    """Every folder that is delivered from this repository, as the other folders tell, and that it lacks."""
    pairs = [(one.own, folder) for one in deliveries(cluster) for folder in one.own.folders]
    if not pairs:
        return []
    known = cluster.folders
    own = own_repositories((folder for _, folder in pairs), known)
    return [
        MissingFolder(delivery, folder, cluster.is_changed(delivery, "path"))
        for delivery, folder in pairs
        if folder.repository in own and normal(folder.path.value) and normal(folder.path.value) not in known
    ]
