"""Objects that no cluster takes as they are, in a tree that completes them somewhere: they are judged by what they say."""

from __future__ import annotations

import posixpath
from collections.abc import Container, Iterator
from pathlib import PurePosixPath

from devopslint.deferred import compiled
from devopslint.kubernetes.deliveries import DeliveryWords, normal
from devopslint.kubernetes.flux import FluxPatch
from devopslint.kubernetes.kustomize import Kustomizations, target_matches
from devopslint.kubernetes.names import chart_folders
from devopslint.kubernetes.unapplied import (
    CommentedOut,
    Early,
    Local,
    PutAway,
    Release,
    Tried,
    for_older_clusters,
    is_test_case,
    newer_release,
)
from devopslint.kubernetes.workloads import Placement, Vendored
from devopslint.model import JudgedFiles, KnownFiles, PartialDocument, Summaries
from devopslint.readers.folders import is_environment, local_in, put_away_in, tried_in

_PATCH = compiled(r"(?:^|[/._-])(?:patch(?:es|ed)?|overlays?|kubeadm|mixins?|partials?|fragments?)(?=[/._-])")
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_STATIC_PODS = frozenset({"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"})


def fragments(summaries: Summaries) -> Iterator[PartialDocument]:
    """The workloads that run no image and select nothing, where something in the tree says what they are for.

    That is a kustomization, a whole object of the same name, or a name of theirs that speaks of patches; a file of
    such a name is one too where it brings an image along, as the patch that adds a sidecar does.
    """
    placements = summaries.of(Placement)
    whole = {(one.kind, one.name) for one in placements if not one.fragment and one.keys is None}
    # A repeated key has an object read twice, and one reading may be whole.
    places = {(one.path, one.first_line) for one in placements if not _is_part(one, whole)}
    bare = [
        one
        for one in placements
        if _is_part(one, whole)
        and not one.built
        and not one.path.endswith(_KUSTOMIZATIONS)
        and (one.path, one.first_line) not in places
    ]
    if not bare:
        return
    paths = (path for known in summaries.of(KnownFiles) for path in known.paths)
    built = any(path.endswith(_KUSTOMIZATIONS) for path in paths)
    seen = {(one.kind, one.name) for one in placements if not one.fragment}
    for one in bare:
        if built or (one.kind, one.name) in seen or one.name in _STATIC_PODS or _PATCH.search(one.path):
            reason = "runs no image and selects no pods: it is a fragment, what it leaves out stands elsewhere"
            if not one.fragment:
                said = "is called a patch" if _PATCH.search(one.path) else "is there as a whole in another file"
                reason = f"{said}, and lacks what a workload needs: what it leaves out stands elsewhere"
            elif one.keys is None:
                reason = f"is a fragment of a {one.kind}: nothing of it is applied as it stands"
            yield PartialDocument(one.path, reason, one.first_line, one.last_line, whole=one.keys is None)


def _is_part(one: Placement, whole: Container[tuple[str, str]]) -> bool:
    """Whether no cluster takes the object as it is, and neither its place nor its name says that it is meant to."""
    return one.fragment or (
        one.keys is not None and (_PATCH.search(one.path) is not None or (one.kind, one.name) in whole)
    )


def vendored(summaries: Summaries) -> Iterator[PartialDocument]:
    """The files of other projects that no kustomization of this one builds with."""
    foreign = summaries.of(Vendored)
    if not foreign:
        return
    applied = summaries.seen_by(Kustomizations).users
    for one in foreign:
        if one.path not in applied:
            yield PartialDocument(one.path, one.reason, whole=True)


def released_by_others(summaries: Summaries) -> Iterator[PartialDocument]:
    """The releases of other projects: they define kinds that the tree defines nowhere else, and no kustomization builds with them."""
    found = {one.path: one for one in summaries.of(Release)}
    if not found:
        return
    defined: dict[str, set[str]] = {}
    elsewhere: set[str] = set()
    for one in summaries.of(Placement):
        if one.kind == "CustomResourceDefinition" and one.path in found:
            defined.setdefault(one.path, set()).add(one.name)
        elif one.kind == "CustomResourceDefinition":
            elsewhere.add(one.name)
    users = summaries.seen_by(Kustomizations).users
    for path, names in defined.items():
        if path not in users and elsewhere.isdisjoint(names):
            yield PartialDocument(path, found[path].reason, whole=True, but_secrets=True)


def tried(summaries: Summaries) -> Iterator[PartialDocument]:
    """What tests bring up and throw away, unless a kustomization that is no test builds with it.

    A secret that anybody can read there is one all the same.
    """
    asked = {path for one in summaries.of(JudgedFiles) for path in one.paths}
    users = summaries.seen_by(Kustomizations).users
    cases = {
        posixpath.dirname(path)
        for known in summaries.of(KnownFiles)
        for path in known.paths
        if path.endswith((".yaml", ".yml")) and is_test_case(path)
    }
    for path in sorted({one.path for one in summaries.of(Placement)} - asked - users.keys()) if cases else ():
        if posixpath.dirname(path) in cases:
            reason = "lies beside a test of chainsaw or kuttl: what it brings up is gone with the test"
            yield PartialDocument(path, reason, whole=True, but_secrets=True)
    found = [one for one in summaries.of(Tried) if one.path not in asked]
    if not found:
        return
    tops = {path.partition("/")[0] for known in summaries.of(KnownFiles) for path in known.paths if "/" in path}
    for one in found:
        if not one.folder:
            if one.path not in users:
                reason = "is called a test: nothing in it is applied to stay"
                yield PartialDocument(one.path, reason, whole=True, but_secrets=True)
            continue
        if is_environment(one.folder, tops) or any(not tried_in(by.path) for by in users.get(one.path, ())):
            continue
        reason = f"lies in {one.folder}/: what a test brings up is gone with its cluster"
        yield PartialDocument(one.path, reason, whole=True, but_secrets=True)


def on_own_machine(summaries: Summaries) -> Iterator[PartialDocument]:
    """What a cluster on somebody's own machine gets, unless a kustomization for another builds with it."""
    found = {one.path: one for one in summaries.of(Local)}
    if not found:
        return
    asked = {path for one in summaries.of(JudgedFiles) for path in one.paths}
    users = summaries.seen_by(Kustomizations).users
    folders = {posixpath.dirname(one.path): one for one in found.values() if one.beside}
    for path in sorted({one.path for one in summaries.of(Placement)} | found.keys()) if folders else sorted(found):
        local = found.get(path) or folders.get(posixpath.dirname(path))
        built = (*users.get(path, ()), *users.get(posixpath.dirname(path), ()))
        if local is None or path in asked or any(not local_in(by.path) for by in built):
            continue
        yield PartialDocument(path, local.reason, whole=True, but_secrets=True)


_COPIES = compiled(r"(?i)(?:^|/)(?P<folder>backups?|copy|orig(?:inals?)?|previous|saved?)/[^/]+\Z")


def kept_copies(summaries: Summaries) -> Iterator[PartialDocument]:
    """Earlier states of what lies in the folder above, kept in `backup/`."""
    defined: dict[str, set[tuple[str, str]]] = {}
    for one in summaries.of(Placement):
        if one.kind and one.name:
            defined.setdefault(one.path, set()).add((one.kind, one.name))
    copies = [(path, found) for path in sorted(defined) if (found := _COPIES.search(path))]
    if not copies:
        return
    above: dict[str, set[tuple[str, str]]] = {}
    for path, objects in defined.items():
        above.setdefault(posixpath.dirname(path), set()).update(objects)
    users = summaries.seen_by(Kustomizations).users
    for path, found in copies:
        folder = path[: found.start("folder")].rstrip("/")
        if path not in users and not defined[path].isdisjoint(above.get(folder, ())):
            reason = f"lies in {found['folder']}/: what it defines is there as it is now in the folder above"
            yield PartialDocument(path, reason, whole=True, but_secrets=True)


def put_away(summaries: Summaries) -> Iterator[PartialDocument]:
    """What lies in an archive, unless a kustomization or a delivery from outside takes it from there."""
    found = summaries.of(PutAway)
    if not found:
        return
    users = summaries.seen_by(Kustomizations).users
    delivered = {
        f"{normal(folder.path.value)}/"
        for one in summaries.of(DeliveryWords)
        for folder in one.folders
        if not put_away_in(one.location.path)
    } - {"/"}
    for one in found:
        built = (*users.get(one.path, ()), *users.get(posixpath.dirname(one.path), ()))
        taken = any(not put_away_in(by.path) for by in built)
        if not taken and not any(one.path.startswith(folder) and put_away_in(folder) for folder in delivered):
            reason = f"lies in {one.folder}/: it is put away, and nothing in the tree takes it from there"
            yield PartialDocument(one.path, reason, whole=True, but_secrets=True)


def in_charts(summaries: Summaries) -> Iterator[PartialDocument]:
    """What lies in a chart and is no template of it: data that templates read, and what it may look like rendered."""
    files = (path for known in summaries.of(KnownFiles) for path in known.paths)
    charts = chart_folders(path for path in files if path.endswith("Chart.yaml"))
    users = summaries.seen_by(Kustomizations).users if charts else {}
    for path in sorted({one.path for one in summaries.of(Placement)} - users.keys()) if charts else ():
        chart = next((str(folder) for folder in PurePosixPath(path).parents if str(folder) in charts), None)
        folder = path.removeprefix(f"{chart}/").partition("/")[0]
        if chart is not None and folder in _OF_CHARTS:
            reason = f"lies in {folder}/ of the chart in {chart}: {_OF_CHARTS[folder]}"
            yield PartialDocument(path, reason, whole=True, but_secrets=True)


_OF_CHARTS = {
    "files": "its templates decide what becomes of it",
    "examples": "it shows what the chart makes, or is made with",
}


def undelivered(summaries: Summaries) -> Iterator[PartialDocument]:
    """What Flux, which applies a tree, takes from none of the folders that it is told, beside what it takes.

    Flux has been bootstrapped into the tree where it has a `gotk-sync.yaml`. What lies elsewhere than all that is
    delivered, a script may apply.
    """
    files = {path for known in summaries.of(KnownFiles) for path in known.paths}
    words = summaries.of(DeliveryWords) if any(path.endswith("/gotk-sync.yaml") for path in files) else []
    folders = [folder.path.value for one in words for folder in one.folders]
    delivered = {f"{normal(path)}/" for path in folders}
    if "/" in delivered or any(one.group == "argoproj.io" for one in words) or not delivered:
        return  # all of it is delivered, or something that is not known
    tops = {path.partition("/")[0] for path in delivered}
    kustomizations = summaries.seen_by(Kustomizations)
    patches = {patch.path for overlay in kustomizations.overlays for patch in overlay.patches}
    applied = tuple(delivered)
    for path in sorted({one.path for one in summaries.of(Placement)} - patches - {one.location.path for one in words}):
        built = (f"{by.folder}/".startswith(applied) for by in kustomizations.users.get(path, ()))
        if path.partition("/")[0] in tops and not path.startswith(applied) and not any(built):
            reason = f"lies in {posixpath.dirname(path)}/: no Kustomization of Flux takes anything from there"
            yield PartialDocument(path, reason, whole=True, but_secrets=True)


def superseded(summaries: Summaries) -> Iterator[PartialDocument]:
    """Former releases, which lie beside newer ones and are changed no more."""
    paths = sorted({one.path for one in summaries.of(Placement)})
    newer = newer_release(paths)
    users = summaries.seen_by(Kustomizations).users if newer else {}
    for path, by in newer.items():
        if path not in users:
            yield PartialDocument(path, f"is a former release: {by} has come after it", whole=True, but_secrets=True)


def for_older(summaries: Summaries) -> Iterator[PartialDocument]:
    """What is there for older clusters, in versions that newer ones do not know, beside what newer ones get."""
    early = summaries.of(Early)
    if not early:
        return
    newer = dict(for_older_clusters(path for known in summaries.of(KnownFiles) for path in known.paths))
    for one in early:
        if one.path in newer:
            reason = f"is for older clusters: {newer[one.path]} is for newer ones"
            yield PartialDocument(one.path, reason, one.first_line, one.last_line, whole=True, but_secrets=True)


def commented_out(summaries: Summaries) -> Iterator[PartialDocument]:
    """What a kustomization has in a comment, and none builds with: the parts of a scaffold that are not chosen."""
    for one in summaries.seen_by(Kustomizations).not_chosen if summaries.of(CommentedOut) else ():
        if one.path.endswith((".yaml", ".yml")):
            yield PartialDocument(
                one.path,
                f"stands in a comment of {one.by}, and no kustomization builds with it",
                whole=True,
                but_secrets=True,
            )


def patched_by_flux(summaries: Summaries) -> Iterator[PartialDocument]:
    """The objects whose missing keys a Kustomization of Flux may set."""
    patches = summaries.of(FluxPatch)
    for one in summaries.of(Placement) if patches else ():
        for patch in patches:
            if patch.kind == one.kind and target_matches(patch.name, one.name):
                reason = f"is changed by {patch.path}: what it leaves out may stand there"
                yield PartialDocument(one.path, reason, one.first_line, one.last_line, patch.keys, built=True)
