"""How large images are: `docker image inspect`, `docker save`, OCI layouts, manifests and `skopeo inspect`."""

from __future__ import annotations

import datetime
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from devopslint.config import EvidenceLimits
from devopslint.evidence.model import Evidence, NotEvidence
from devopslint.evidence.reading import day, listed, text

_MEGABYTE = 1_000_000
_ITEM = "containerization.size"
_MOST_MEMBERS = 20_000
_LARGEST = 5_000_000
"""Bytes of a manifest or an index."""
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
"""What such streams begin with: names and media types tell less."""


def inspected(data: list[dict[str, Any]], written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    """`docker image inspect IMAGE`: Size in bytes, unpacked. When the image was made says nothing of the look at it."""
    for one in data:
        name = next(iter([text(tag) for tag in one.get("RepoTags") or ()]), text(one.get("Id"))[:19])
        yield _unpacked(name, int(one["Size"]), written, limits)


def packed(sizes: list[int], name: str, written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    """Sizes of packed layers, as manifests have them: they speak against an image, and never for it."""
    total = sum(sizes)
    if total < limits.megabytes * _MEGABYTE:
        raise NotEvidence(
            f"its layers have {total / _MEGABYTE:,.0f} MB packed, which does not say what they have unpacked"
        )
    words = f"image {name} has {total / _MEGABYTE:,.0f} MB packed, more than {limits.megabytes:g} MB"
    yield Evidence(_ITEM, False, words, name, written)


def manifest(data: dict[str, Any], written: datetime.date, limits: EvidenceLimits, name: str) -> Iterator[Evidence]:
    """An image manifest (OCI or Docker, `crane manifest`), or `skopeo inspect` with its LayersData."""
    layers = listed(data.get("LayersData")) or listed(data.get("layers"))
    sizes = [int(layer.get("size", layer.get("Size", 0))) for layer in layers]
    yield from packed(sizes, text(data.get("Name")) or name, day(None) or written, limits)


class _Member(tarfile.TarInfo):
    """A member whose header is no larger than somebody's memory: of its extensions, all is read at once."""

    def _proc_member(self, tarfile: tarfile.TarFile) -> tarfile.TarInfo:
        if self.size > _LARGEST and self.type in _EXTENSIONS:
            raise NotEvidence("the archive has a header that is too large")
        return super()._proc_member(tarfile)  # type: ignore[misc,no-any-return]  # the stubs leave it out


_EXTENSIONS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


def saved(path: Path, written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    """A tar of `docker save` or `crane pull`: the sizes of what its manifest.json calls layers, packed or not."""
    with tarfile.open(path, "r:", tarinfo=_Member) as archive:
        members: dict[str, tarfile.TarInfo] = {}
        for number, member in enumerate(archive):
            if number > _MOST_MEMBERS:
                raise NotEvidence(f"the archive has more than {_MOST_MEMBERS:,} members")
            members[member.name] = member
        listing = _listing(archive, members.get("manifest.json"))
        for one in listed(listing):
            name = next(iter([text(tag) for tag in one.get("RepoTags") or ()]), path.name)
            layers = [members[text(layer)] for layer in one.get("Layers") or ()]
            yield _unpacked(name, sum(_size_of_member(archive, layer) for layer in layers), written, limits)


def _listing(archive: tarfile.TarFile, member: tarfile.TarInfo | None) -> Any:
    file = archive.extractfile(member) if member is not None and member.size < _LARGEST else None
    listing = json.load(file) if file is not None else None
    if not isinstance(listing, list):
        raise NotEvidence("the archive has no manifest.json: it is none of `docker save`")
    return listing


def _size_of_member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> int:
    """Bytes of a layer, unpacked."""
    file = archive.extractfile(member) if member.isfile() else None
    return member.size if file is None else _size_unpacked(file, member.size)


def _size_unpacked(file: IO[bytes], size: int) -> int:
    """The end of a gzip stream has the bytes modulo 4 GiB; a larger layer is too large anyway."""
    start = file.read(4)
    if start == _ZSTD:
        raise NotEvidence("its layers are packed with zstd, which does not say what they have unpacked")
    if start[:2] != _GZIP or size < 18:  # the shortest stream
        return size
    file.seek(-4, 2)
    return max(int.from_bytes(file.read(4), "little"), size)


def layout(folder: Path, written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    """An OCI image layout: of each layer its unpacked size, from the end of its gzip stream."""
    index = _json(folder / "index.json")
    for entry in listed(index.get("manifests")):
        content = _json(_blob(folder, text(entry.get("digest"))))
        if "layers" not in content:  # an index of several platforms: any of them speaks for the others
            first = next(iter(listed(content.get("manifests"))), {})
            content = _json(_blob(folder, text(first.get("digest"))))
        name = text((entry.get("annotations") or {}).get("org.opencontainers.image.ref.name")) or folder.name
        total = sum(_size_of_layer(folder, layer) for layer in listed(content.get("layers")))
        yield _unpacked(name, total, written, limits)


def _unpacked(name: str, size: int, written: datetime.date, limits: EvidenceLimits) -> Evidence:
    if size < 0:
        raise NotEvidence(f"says that image {name} has {size} bytes")
    holds = size < limits.megabytes * _MEGABYTE
    more = "" if holds else f", not less than {limits.megabytes:g} MB"
    return Evidence(_ITEM, holds, f"image {name} has {size / _MEGABYTE:,.0f} MB{more}", name, written)


def _blob(folder: Path, digest: str) -> Path:
    algorithm, _, value = digest.partition(":")
    if not (algorithm.isalnum() and value.isalnum()):
        raise NotEvidence("the index of the layout names no digest")
    blobs = folder / "blobs"
    if blobs.is_symlink() or (blobs / algorithm).is_symlink():
        raise NotEvidence("its blobs are behind a link")
    return blobs / algorithm / value


def _json(path: Path) -> dict[str, Any]:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
        raise NotEvidence(f"{path.name} is a link, no file, or too large")
    found = json.loads(path.read_bytes())
    if not isinstance(found, dict):
        raise NotEvidence(f"{path.name} is no object")
    return found


def _size_of_layer(folder: Path, layer: dict[str, Any]) -> int:
    blob = _blob(folder, text(layer.get("digest")))
    if blob.is_symlink() or not blob.is_file():
        raise NotEvidence("a layer is not in the layout")
    with blob.open("rb") as file:
        return _size_unpacked(file, blob.stat().st_size)


def measured(name: str, size: Any, written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    """The size that a scanner tells of the image that it looked into, in bytes and unpacked."""
    if isinstance(size, int) and size > 0:
        yield _unpacked(name, size, written, limits)
