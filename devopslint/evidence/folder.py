"""A folder of evidence: which formats its files are of, told by what they hold."""

from __future__ import annotations

import base64
import datetime
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from devopslint.config import EvidenceLimits
from devopslint.deferred import NamedTuple
from devopslint.evidence import cluster, quality, scans, sizes
from devopslint.evidence.model import Evidence, NotEvidence
from devopslint.evidence.reading import listed

LARGEST = 100_000_000
"""Bytes of a file that is read whole; the largest report of a scanner seen has 40 MB."""
MOST_FILES = 2_000


_UNREADABLE = (
    *(OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, EOFError, RecursionError),
    tarfile.TarError,
)
"""What reading a file raises that is not what it looks like: others wrote it, and any key may hold anything."""


class Gathered(NamedTuple):
    """What a folder says."""

    evidence: tuple[Evidence, ...] = ()
    passed_over: tuple[tuple[str, str], ...] = ()
    """(path, why) of each file that says nothing."""


def gather(folder: Path, limits: EvidenceLimits = EvidenceLimits()) -> Gathered:  # noqa: B008  # a tuple of numbers
    """All evidence below a folder. Links are not followed; what cannot be read is listed, and never raised."""
    found: list[Evidence] = []
    passed: list[tuple[str, str]] = []
    for path, name in _files(folder, passed):
        try:
            found += [one._replace(path=name) for one in _read(path, limits)]
        except NotEvidence as error:
            passed.append((name, str(error)))
        except _UNREADABLE as error:
            passed.append((name, f"cannot be read: {_first_line(error)}"))
        except ElementTree.ParseError as error:
            passed.append((name, f"is no XML: {_first_line(error)}"))
    return Gathered(tuple(found), tuple(passed))


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]


def _files(folder: Path, passed: list[tuple[str, str]]) -> Iterator[tuple[Path, str]]:
    count = 0
    for above, folders, names in os.walk(folder, followlinks=False):
        where = Path(above)
        if "oci-layout" in names and "index.json" in names:
            folders.clear()
            names = ["oci-layout"]
        folders[:] = sorted(one for one in folders if not one.startswith(".") and not (where / one).is_symlink())
        for name in sorted(names):
            path = where / name
            said = path.relative_to(folder.parent).as_posix()
            if path.is_symlink() or not path.is_file():
                passed.append((said, "is a link, or no file"))
                continue
            count += 1
            if count > MOST_FILES:
                passed.append((folder.name, f"has more than {MOST_FILES:,} files: the rest is not read"))
                return
            yield path, said


def _read(path: Path, limits: EvidenceLimits) -> Iterator[Evidence]:
    status = path.stat()
    written = datetime.datetime.fromtimestamp(status.st_mtime, datetime.UTC).date()
    if path.name == "oci-layout":
        yield from sizes.layout(path.parent, written, limits)
        return
    if path.suffix == ".tar":
        yield from sizes.saved(path, written, limits)
        return
    if status.st_size > LARGEST:
        raise NotEvidence(f"has more than {LARGEST // 1_000_000} MB")
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    start = data[:200].lstrip()
    if start[:1] in (b"{", b"["):
        yield from _of_json(json.loads(data), path, written, limits)
    elif start[:1] == b"<":
        yield from _of_xml(data, written, limits)
    elif data.startswith(b"mode: "):
        yield from quality.go_profile(data.decode("utf-8", "replace"), written, limits)
    elif re.search(rb"(?m)^LF:\d", data):
        yield from quality.lcov(data.decode("utf-8", "replace"), written, limits)
    else:
        raise NotEvidence("is of no format that is known")


Reader = Callable[[Any, datetime.date, EvidenceLimits], Iterator[Evidence]]
_OBJECTS: tuple[tuple[frozenset[str], Reader], ...] = (
    (frozenset(("SchemaVersion", "Results")), scans.trivy),
    (frozenset(("SchemaVersion", "ArtifactName")), scans.trivy),
    (frozenset(("matches", "descriptor")), scans.grype),
    (frozenset(("runs", "version")), lambda data, day, _: scans.sarif(data, day)),
    (frozenset(("bomFormat", "specVersion")), lambda data, day, _: scans.cyclonedx(data, day)),
    (frozenset(("totals", "files", "meta")), quality.coverage_py),
    (frozenset(("_type", "predicateType", "subject")), lambda data, day, _: _statement(data, day)),
)
"""By the keys that stand together at the top: what reads such an object."""


def _of_json(data: Any, path: Path, written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    if isinstance(data, list):
        yield from _of_list(listed(data), written, limits)
        return
    if "payload" in data and "payloadType" in data:  # a DSSE envelope, as cosign writes it
        data = json.loads(base64.b64decode(data["payload"]))
    if {"apiVersion", "kind"} <= data.keys() and ("items" in data or "spec" in data):
        yield from cluster.objects(data, written)
        return
    if "layers" in data or "LayersData" in data:
        yield from sizes.manifest(data, written, limits, path.name)
        return
    for keys, reader in _OBJECTS:
        if keys <= data.keys():
            yield from reader(data, written, limits)
            return
    raise NotEvidence("is JSON of no format that is known")


def _of_list(data: list[dict[str, Any]], written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    first = data[0] if data else {}
    if {"Id", "Size"} <= first.keys():
        yield from sizes.inspected(data, written, limits)
    elif "updatedAt" in first:
        yield from quality.github_runs(data, written, limits)
    elif {"status", "sha"} <= first.keys():
        yield from quality.gitlab_pipelines(data, written, limits)
    else:
        raise NotEvidence("is a list of JSON of no format that is known")


def _statement(data: dict[str, Any], written: datetime.date) -> Iterator[Evidence]:
    if "slsa.dev/provenance" not in str(data["predicateType"]):
        raise NotEvidence("is a statement about something else than how an image was built")
    yield from quality.provenance(data, written)


def _of_xml(data: bytes, written: datetime.date, limits: EvidenceLimits) -> Iterator[Evidence]:
    if b"\0" in data[:200]:
        raise NotEvidence("is no UTF-8")
    if b"<!ENTITY" in data:
        raise NotEvidence("declares entities, which no report does")
    root = ElementTree.fromstring(data)
    if root.tag == "coverage" and root.get("line-rate"):
        yield from quality.cobertura(root, written, limits)
    elif root.tag == "report":
        yield from quality.jacoco(root, written, limits)
    elif root.tag in ("testsuites", "testsuite"):
        yield from quality.junit(root, written)
    else:
        raise NotEvidence("is XML of no format that is known")
