"""Calls of modules: what is called, in which version, and with which arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import NamedTuple, compiled
from devopslint.model import NotKnown, Problem
from devopslint.registry import check
from devopslint.terraform.modules import Module, local_folder
from devopslint.terraform.subjects import CalledModule, calls
from devopslint.terraform.versions import conditions, is_exact

_REGISTRY = compiled(r"(?:[\w.-]+\.[\w-]+(?::\d+)?/)?[\w-]+/[\w-]+/[\w-]+(?://.*)?\Z")
_SHORT_REGISTRY = compiled(r"[\w-]+/[\w-]+\Z")
_GIT_HOSTS = compiled(
    r"(?:www\.)?(?:(?:github\.com|bitbucket\.org)/|gitlab\.com/(?![\w-]+/[\w-]+/[0-9a-z]+(?://[^?]*)?\Z))"
)
"""Hosts whose addresses stand for Git's; three names behind gitlab.com/ are a module of its registry."""
_GIT = compiled(r"git::|git@|git://|ssh://git@|[^?]*\.git(?:[/?]|\Z)")
_QUERY = compiled(r"[?&](ref|rev|depth)=([^&]*)")
_COMMIT = compiled(r"[0-9a-f]{40}\Z|[0-9a-f]{64}\Z|(?=\d*[a-f])[0-9a-f]{7,39}\Z")
"""A commit, in full or shortened; digits alone may be a date that somebody tagged."""
_SHORT_SHA = compiled(r"[0-9a-f]{4,64}\Z")
_ARGUMENTS_OF_CALLS = frozenset(
    ("source", "version", "providers", "count", "for_each", "depends_on", "ignore_nested_deprecations")
)

_FETCHED = frozenset(("vendor", "vendored", "third_party", "third-party", "external_modules", ".external_modules"))
"""Folders that a program fills, and that Git seldom keeps."""


class Source(NamedTuple):
    """A module's source: `registry`, `git`, `hg`, `local`, or `other`, with what pins it."""

    kind: str
    text: str
    ref: str | None
    shallow: bool = False


def _source(text: str) -> Source:
    query = dict(_QUERY.findall(text))
    shallow = query.get("depth") == "1"
    if text.startswith(("./", "../", "/")):
        return Source("local", text, None)
    if text.startswith("hg::"):
        return Source("hg", text, query.get("rev"))
    if _GIT.match(text) or _GIT_HOSTS.match(text):
        return Source("git", text, query.get("ref"), shallow)
    if "::" not in text and "://" not in text and _REGISTRY.match(text):
        return Source("registry", text, None)
    return Source("other", text, None)


def _known(call: CalledModule) -> Iterator[Source]:
    text = call.source.text
    if text:
        yield _source(text)


@check("tf-unpinned-module", each=calls)
def unpinned_module(call: CalledModule) -> Iterator[Problem]:
    for source in _known(call):
        if source.kind == "registry" and call.version.absent and not call.version.unknown:
            said = f"module '{call.call.name}' from a registry has no version"
            yield Problem(call.location, said, certain=not call.owner.module.aside)
        elif source.kind in ("git", "hg") and not source.ref:
            yield Problem(
                call.source.location,
                f"module '{call.call.name}' is whatever {source.text} holds today: no {_pin(source)} pins it",
                call.source.related,
                certain=not call.owner.module.aside,  # an example shows its own module, whichever version that has
            )


def _pin(source: Source) -> str:
    return "rev" if source.kind == "hg" else "ref"


@check("tf-module-branch-ref", each=calls)
def module_branch_ref(call: CalledModule, *, branches: list[str]) -> Iterator[Problem]:
    for source in _known(call):
        if source.ref in branches:
            yield Problem(
                call.source.location,
                f"module '{call.call.name}' is pinned to {source.ref}, which moves",
                call.source.related,
            )


@check("tf-module-version-range", each=calls)
def module_version_range(call: CalledModule) -> Iterator[Problem]:
    version = call.version.text
    for source in _known(call):
        if source.kind == "registry" and version and conditions(version) and not is_exact(version):
            yield Problem(
                call.version.location,
                f"module '{call.call.name}' may be any version {version}: no lock file keeps one of them",
            )


@check("tf-module-not-a-commit", each=calls)
def module_not_a_commit(call: CalledModule) -> Iterator[Problem]:
    for source in _known(call):
        if source.kind == "git" and not (source.ref and _COMMIT.match(source.ref)):
            yield Problem(
                call.source.location, f"module '{call.call.name}' is pinned to no commit, and a tag can be moved"
            )


@check("tf-module-full-clone", each=calls)
def module_full_clone(call: CalledModule) -> Iterator[Problem]:
    for source in _known(call):
        if source.kind == "git" and source.ref and not source.shallow and not _SHORT_SHA.match(source.ref):
            yield Problem(
                call.source.location, f"module '{call.call.name}' is cloned with its whole history: depth=1 is not set"
            )


@check("tf-module-insecure-source", each=calls)
def module_insecure_source(call: CalledModule) -> Iterator[Problem]:
    for source in _known(call):
        if re.match(r"(?:git::|hg::)?(?:http|git)://", source.text):
            yield Problem(
                call.source.location, f"module '{call.call.name}' comes over a connection that anybody may change"
            )


_TESTS = frozenset(("test", "tests"))
"""Folders of modules that only a harness applies, often with the repository checked out under another name."""


@check("tf-module-missing", each=calls, complete=True)
def module_missing(call: CalledModule) -> Iterator[Problem | NotKnown]:
    folder = local_folder(call.call)
    if folder is None or call.meant is not None or call.owner.open or call.owner.tree.terragrunt:
        return
    if folder.startswith("..") or is_fetched(call, folder) or _may_be_there(call, folder):
        return
    submodule = call.owner.tree.submodule(folder)
    if submodule is not None:
        question = f"whether module '{call.call.name}' is at {call.source.shown} when it is called"
        yield NotKnown(
            call.source.location, question, f"Git fills that folder from another repository ({submodule.path})"
        )
        return
    if not _TESTS.isdisjoint(call.owner.module.folder.lower().split("/")) and call.source.shown.startswith("../"):
        question = f"whether module '{call.call.name}' is at {call.source.shown} when it is called"
        yield NotKnown(call.source.location, question, "what runs the test may put it there")
        return
    cache = next((part for part in folder.split("/") if part in _FETCHED), None)
    if cache is not None:
        question = f"whether module '{call.call.name}' is at {call.source.shown} when it is called"
        yield NotKnown(call.source.location, question, f"what lies in {cache}/ is fetched before init as a rule")
        return
    yield Problem(
        call.source.location, f"module '{call.call.name}' is called from {call.source.shown}, which is not there"
    )


def is_fetched(call: CalledModule, folder: str) -> bool:
    """Whether `init` puts the module there, or has put the call there: what it fetches is nobody's to mend."""
    return any(".terraform" in path.split("/") for path in (folder, call.source.location.path))


def _may_be_there(call: CalledModule, folder: str) -> bool:
    """Whether something stands there that was not read, or a link leads there."""
    prefix = f"{folder}/" if folder else ""
    above = [folder[:index] for index in range(len(folder)) if folder[index] == "/"]
    return folder in call.owner.tree.half_known or any(
        (path.startswith(prefix) and path.endswith((".tf", ".tofu", ".json"))) or path.rstrip("/") in (folder, *above)
        for path in call.owner.tree.paths
    )


def _settled(call: CalledModule) -> Module | None:
    """The module that is called, where all that declares its variables is read and nothing else is called by the name."""
    meant = call.meant
    if meant is None or meant.broken or meant.folder in call.owner.tree.half_known:
        return None
    return None if call.call.name in call.owner.module.chosen_calls else meant


@check("tf-module-unknown-argument", each=calls)
def module_unknown_argument(call: CalledModule) -> Iterator[Problem]:
    meant = _settled(call)
    if meant is None:
        return
    for source, attribute in call.call.declared.attributes:
        if attribute.name not in _ARGUMENTS_OF_CALLS and attribute.name not in meant.variables:
            said = f"module '{call.call.name}' has no variable '{attribute.name}'"
            yield Problem(source.of_attribute(attribute), said)


@check("tf-module-missing-argument", each=calls)
def module_missing_argument(call: CalledModule) -> Iterator[Problem]:
    meant = _settled(call)
    if meant is None or call.call.declared.block.broken:
        return
    given = {attribute.name for _, attribute in call.call.declared.attributes}
    for name, declared in meant.variables.items():
        if name not in given and declared.attribute("default") is None and not declared.block.broken:
            yield Problem(call.location, f"module '{call.call.name}' is called without its argument '{name}'")
