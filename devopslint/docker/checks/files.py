"""Files, folders and ports: COPY, ADD, WORKDIR and EXPOSE."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.docker.dockerfile import Word, copies, exposures, stages, workdirs
from devopslint.docker.packages import BRANCHES
from devopslint.docker.stages import Stage, Step
from devopslint.model import Location, Problem
from devopslint.registry import check

_WINDOWS_PATH = compiled(r"[A-Za-z]:[\\\\/]?|\\\\")
_PORT = compiled(r"([0-9]+)(?:-([0-9]+))?(?:/([A-Za-z]+))?\Z")
_ENDS_OPEN = compiled(r"(?i)\$\{?[a-z0-9_]*(?:archive|ext|file|format|name|package|pkg|suffix|tar|url)[a-z0-9_]*\}?\Z")
"""Ends with a variable whose name says that an ending may stand in it."""
_MAPPING = compiled(r"(?:\[[0-9a-fA-F:]*\]|[^:\s]*):[0-9]")


@check("docker-add-instead-of-copy", each=copies)
def add_instead_of_copy(step: Step, *, archives: list[str]) -> Iterator[Problem]:
    if step.name != "ADD" or "checksum" in step.flags or "unpack" in step.flags:
        return
    for source in step.copied:
        text = source.text if source.resolved else source.word.text
        if not source.resolved and (is_variable(source.word) or _ENDS_OPEN.search(text)):
            continue  # the variable may say that it is an address, or an archive
        if not source.remote and not text.lower().endswith(tuple(archives)):
            yield Problem(source.location, f"ADD takes '{text}', which COPY does without ADD's side effects")


@check("docker-add-used", each=copies)
def add_used(step: Step) -> Iterator[Problem]:
    if step.name == "ADD":
        yield Problem(step.instruction.keyword.location, "ADD stands where COPY or a checked download would do")


@check("docker-unverified-add", each=copies)
def unverified_add(step: Step) -> Iterator[Problem]:
    if step.name != "ADD" or "checksum" in step.flags:
        return
    for source in step.copied:
        if not source.resolved:
            continue
        if _is_git(source.text):
            revision = _REVISION.search(source.text)
            branch = revision[1] if revision is not None else ""
            if branch.lower() in BRANCHES or not branch:
                taken = f"from the branch {branch}" if branch else "from its default branch"
                yield Problem(source.location, f"'{source.text}' is taken {taken}, which moves")
        elif source.text.lower().startswith(("http://", "https://")):
            yield Problem(source.location, f"'{source.text}' is taken as it comes, without --checksum")


_REVISION = compiled(r"(?:#|[?&](?:ref|branch|tag|commit|checksum)=)([^:#&]+)")
"""The branch, tag or commit behind the address of a Git repository."""


def _is_git(address: str) -> bool:
    return re.split("[#?]", address)[0].endswith(".git")


@check("docker-copy-needs-folder", each=copies)
def copy_needs_folder(step: Step) -> Iterator[Problem]:
    if len(step.args) < 3 or len(step.args) - 1 in step.unresolved:
        return
    target = step.args[-1]
    if any(f"{folder}/".startswith(f"{target}/") for folder in _folders_before(step)):
        return
    if not target.endswith(("/", "\\")) and target not in (".", "..") and not target.endswith(("/.", "/..")):
        count = len(step.args) - 1
        yield Problem(step.words[-1].location, f"{count} sources go to '{target}', which does not end with /")


def _folders_before(step: Step) -> Iterator[str]:
    """The folders that a WORKDIR has made by then: a build copies several files into one that is there."""
    below, stage = [], step.stage.parent
    while stage is not None:
        below.append(stage)
        stage = stage.parent
    own = itertools.takewhile(lambda earlier: earlier is not step, step.stage.steps)
    for earlier in itertools.chain(own, *(stage.steps for stage in below)):
        if earlier.name == "WORKDIR" and earlier.args and not earlier.unresolved and is_absolute(earlier.args[0]):
            yield earlier.args[0].rstrip("/")


@check("docker-relative-copy", each=stages)
def relative_copy(stage: Stage) -> Iterator[Problem]:
    if stage.parent is not None and stage.parent.workdir is not None:
        return
    deferred = False  # a WORKDIR of the build above this one, where its COPY runs too
    for step in stage.steps:
        if step.name == "WORKDIR" and not step.deferred:
            return
        deferred = deferred or step.name == "WORKDIR"
        if step.deferred and deferred:
            continue
        if step.name == "COPY" and step.args and not is_variable(step.words[-1]) and not is_absolute(step.args[-1]):
            target = step.words[-1].location
            yield Problem(target, f"'{step.args[-1]}' is relative, and no WORKDIR says to what")


@check("docker-relative-workdir", each=stages)
def relative_workdir(stage: Stage) -> Iterator[Problem]:
    absolute = stage.parent is not None and stage.parent.workdir is not None
    for step in stage.steps:
        if step.name != "WORKDIR" or not step.args:
            continue
        if _anchors(step):
            absolute = absolute or not step.deferred
        elif not absolute:
            absolute = not step.deferred  # what follows is relative to this one
            yield Problem(step.words[0].location, f"'{step.args[0]}' is relative to whatever the base image has")


def _anchors(step: Step) -> bool:
    """Whether the folder does not depend on the one before, or nobody can tell."""
    if step.unresolved and is_variable(step.words[0]):
        return True
    return step.args[0].startswith("$") or is_absolute(step.args[0])


def is_variable(path: Word) -> bool:
    """Whether a variable decides how the path begins."""
    return path.text.lstrip("\"'").startswith("$")


def is_absolute(path: str) -> bool:
    path = path.lstrip("\"'")  # what stands in quotes that do not close
    return path.startswith("/") or _WINDOWS_PATH.match(path) is not None


@check("docker-system-workdir", each=workdirs)
def system_workdir(step: Step, *, folders: list[str]) -> Iterator[Problem]:
    if not step.args or step.unresolved:
        return
    path = posixpath.normpath(step.args[0])
    for folder in folders:
        if path == folder or path.startswith(folder.rstrip("/") + "/"):
            yield Problem(step.words[0].location, f"'{step.args[0]}' belongs to the system")
            return


@check("docker-invalid-port", each=exposures)
def invalid_port(step: Step) -> Iterator[Problem]:
    for location, port in _ports(step):
        if any(len(number) > 6 or int(number) > 65_535 for number in (port[1], port[2]) if number):
            yield Problem(location, f"port {port[0]} is none: the last one is 65535")


@check("docker-ssh-port", each=exposures)
def ssh_port(step: Step, *, ports: list[int]) -> Iterator[Problem]:
    for location, port in _ports(step):
        if len(port[1]) < 6 and int(port[1]) in ports and (port[3] or "tcp").lower() == "tcp":
            yield Problem(location, f"port {port[1]} lets people log in to the container")


def _ports(step: Step) -> Iterator[tuple[Location, re.Match[str]]]:
    for index, (text, word) in enumerate(zip(step.args, step.words, strict=True)):
        port = _PORT.match(text)
        if port is not None and index not in step.unresolved:
            yield word.location, port


@check("docker-expose-mapping", each=exposures)
def expose_mapping(step: Step) -> Iterator[Problem]:
    for text, word in zip(step.args, step.words, strict=True):
        if _MAPPING.match(text):
            yield Problem(word.location, f"'{text}' maps a port, and EXPOSE takes the container's port alone")


@check("docker-expose-protocol-casing", each=exposures)
def expose_protocol_casing(step: Step) -> Iterator[Problem]:
    for text, word in zip(step.args, step.words, strict=True):
        protocol = text.partition("/")[2]
        if protocol != protocol.lower():
            yield Problem(word.location, f"protocol '{protocol}' is not in lower case")
