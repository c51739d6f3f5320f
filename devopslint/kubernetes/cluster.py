"""The cluster that a repository's manifests describe: its objects, and what each has to do with the others.

Which object a reference means is decided by nearness. The same names stand in a base and its overlays, in charts
and in several demonstrations side by side, so the counterparts in the closest folder are meant, and something is
missing only where the whole tree has none. An object that names no namespace may be in any: an overlay, a chart
or `kubectl -n` decides that.
"""

from __future__ import annotations

import functools
import posixpath
import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import accumulate, chain
from operator import itemgetter
from typing import Any, ClassVar, Generic, Self, TypeVar

from devopslint.deferred import NamedTuple, cached_property, compiled, dataclass, replace
from devopslint.kubernetes.crowds import Crowds, Standing, meet
from devopslint.kubernetes.deliveries import DeliveryWords, Tree, name_of_repository, own_repositories
from devopslint.kubernetes.fragments import fragments
from devopslint.kubernetes.kustomize import Kustomizations, Replicas
from devopslint.kubernetes.names import stands_in
from devopslint.kubernetes.objects import comes_with_cluster
from devopslint.kubernetes.openings import (
    CLUSTER_NAMESPACES,
    Custom,
    Openings,
    Wanted,
    folders_of,
    is_custom,
    is_near,
    of_controllers,
)
from devopslint.kubernetes.summaries import (
    COLOURS,
    AccountSummary,
    AutoscalerSummary,
    Backend,
    BindingSummary,
    BudgetSummary,
    DataSummary,
    Deletion,
    Destination,
    DestinationRuleSummary,
    GatewaySummary,
    IngressSummary,
    LabelSelector,
    MonitorSummary,
    ObjectSummary,
    Placed,
    PolicySummary,
    Requirement,
    ResizerSummary,
    RoleSummary,
    RouteSummary,
    ServiceSummary,
    Target,
    VirtualServiceSummary,
    WorkloadSummary,
)
from devopslint.kubernetes.workloads import Placement
from devopslint.model import (
    KnownFiles,
    Location,
    NotKnown,
    Opening,
    PartialDocument,
    Problem,
    ProjectView,
    Related,
    Summaries,
)

S = TypeVar("S", bound=ObjectSummary)
Selecting = BudgetSummary | ServiceSummary | PolicySummary

_KINDS: tuple[type[ObjectSummary], ...] = (
    ObjectSummary,
    WorkloadSummary,
    AutoscalerSummary,
    ResizerSummary,
    BudgetSummary,
    ServiceSummary,
    PolicySummary,
    IngressSummary,
    AccountSummary,
    RoleSummary,
    BindingSummary,
    DataSummary,
    MonitorSummary,
    VirtualServiceSummary,
    DestinationRuleSummary,
    RouteSummary,
    GatewaySummary,
)
_VALUES = compiled(r"(?:[\w.-]*[-_.])?values(?:[-_.][\w.-]*)?\.ya?ml")
_RUNNING_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "Pod", "Rollout", "Job", "CronJob")
SYSTEM_NAMESPACES = CLUSTER_NAMESPACES
_PODS = frozenset({"Pod"})
_BY_HAND = frozenset(
    {"AppProject", "AnalysisTemplate", "Bucket", "GitRepository", "HelmRepository", "MetricTemplate", "OCIRepository"}
)
_NO_NAMESPACE = frozenset({"ClusterRole", "ClusterRoleBinding", "Namespace"})


class HostRules(NamedTuple):
    """What DestinationRules say of one host."""

    rules: tuple[DestinationRuleSummary, ...]
    subsets: frozenset[str]
    """The names that they give."""


class Cluster(ProjectView):
    """All objects of the project, and where to look for one."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("manifest",)

    def __init__(self, summaries: Summaries) -> None:
        kustomizations = summaries.seen_by(Kustomizations)
        self._parts = _parts(summaries, kustomizations)
        changed: dict[str, dict[tuple[int, int], frozenset[str] | None]] = defaultdict(dict)
        for document in kustomizations.partial_documents:
            rows, lines = changed[document.path], (document.first_line, document.last_line)
            before = rows.get(lines, frozenset())
            rows[lines] = None if before is None or document.keys is None else before | document.keys
        self._changed = {path: _Lines(rows) for path, rows in changed.items()}
        """Of each file the lines of which some keys are set to something else; None stands for all keys."""
        self._crowds = Crowds(self.is_partial)
        self._members: dict[int, ClusterWorkload] = {}
        self._near: dict[tuple[str, str, str], list[ObjectSummary]] = {}
        self._kept: dict[tuple[str, str, str], bool] = {}
        self._rules: dict[tuple[str, str], dict[str, list[DestinationRuleSummary]]] = {}
        """By namespace and folder, and by the first label of a host and by the first two."""
        self._rules_of_host: dict[tuple[str, str, str], HostRules] = {}
        self._selections: dict[tuple[object, ...], list[WorkloadSummary]] = {}
        self.kustomizations = kustomizations
        written = {label for one in summaries.of(WorkloadSummary) for label in one.pod_labels.items()}
        built = TransformedObjects(kustomizations, written)
        self._built, self._summaries = built, summaries
        self._others: dict[type[ObjectSummary], list[Any]] = {}
        self._others_named: dict[type[ObjectSummary], dict[str, list[Any]]] = {}
        self._objects: dict[type[ObjectSummary], list[Any]] = {
            kind: [built.of(one) for one in summaries.of(kind)] for kind in _KINDS
        }
        self._named: dict[tuple[str, str], list[ObjectSummary]] = defaultdict(list)
        for objects in self._objects.values():
            for one in objects:
                self._named[one.kind, one.name].append(one)

        self.files = files = {path for known in summaries.of(KnownFiles) for path in known.paths}
        customs = (
            Custom(one.kind, one.group, one.name, one.namespace, one.folder)
            for one in summaries.of(ObjectSummary)
            if is_custom(one.kind, one.group)
        )
        opened = self._beyond_the_tree(summaries.of(Opening))
        installed = {name for kind, name in self._named if kind in ("DaemonSet", "Deployment", "StatefulSet")}
        named = ((one.kind, one.group, one.label, one.location) for one in summaries.of(ObjectSummary))
        read = of_controllers(named, installed)
        self.openings = Openings([*opened, *of_values_files(files), *read], files, customs)
        self._standing_of_kind: dict[str, Standing] = {}
        self._of_kind: dict[str, list[ObjectSummary]] = defaultdict(list)
        self._kept_kinds: dict[str, _Kept] = {}
        for (kind, _), objects in self._named.items():
            self._of_kind[kind].extend(objects)

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        return cls(summaries)

    def _beyond_the_tree(self, openings: Iterable[Opening]) -> Iterator[Opening]:
        """What is open; a folder of another repository is, though the tree may have one of that name."""
        pairs = [(one, folder) for one in self.others(DeliveryWords) for folder in one.folders]
        own = own_repositories((folder for _, folder in pairs), Tree(self.folders, self.files)) if pairs else ()
        names = {name_of_repository(one) for one in own}
        foreign = {
            one.location for one, folder in pairs if names and name_of_repository(folder.repository) not in names
        }
        for opening in openings:
            yield opening._replace(folder="") if opening.folder and opening.location in foreign else opening

    def all(self, kind: type[S]) -> list[S]:
        return self._objects[kind]

    @property
    def deletions(self) -> list[Deletion]:
        """What the build takes out that is asked about; none where the whole tree is."""
        return list(self._summaries.of(Deletion))

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """Every namespace that an object is in, or is."""
        objects = [one for named in self._named.values() for one in named]
        names = (one.name if one.kind == "Namespace" else one.namespace for one in objects)
        return frozenset(name for name in names if name)

    def others(self, kind: type[S]) -> list[S]:
        """What is said of some objects beside their own summaries: of a Rollout, of a route of the mesh."""
        if kind not in self._others:
            self._others[kind] = [self._built.of(one) for one in self._summaries.of(kind)]
        return self._others[kind]

    def others_named(self, kind: type[S], name: str) -> list[S]:
        """Those among them that are called so."""
        if kind not in self._others_named:
            named: dict[str, list[Any]] = defaultdict(list)
            for one in self.others(kind):
                named[one.name].append(one)
            self._others_named[kind] = named
        return self._others_named[kind].get(name, [])

    def nearest(self, found: Iterable[S], seeker: ObjectSummary) -> list[S]:
        """Those among objects of one name that a reference means."""
        return self._nearest((one for one in found if meet(one.namespace, seeker.namespace)), seeker, tight=True)

    def closest(self, found: Iterable[S], seeker: ObjectSummary) -> list[S]:
        """Those that stand closest to the seeker, in whatever namespace."""
        return self._nearest(found, seeker, tight=True)

    def with_labels(self, selector: LabelSelector, namespace: str) -> list[WorkloadSummary]:
        """The workloads whose pods have these labels, wherever in the tree; an empty namespace is any."""
        return self._pods.matching(selector, namespace)

    def labels_pods_with(self, keys: Collection[str]) -> bool:
        """Whether any pod of the tree has a label of one of these keys."""
        return any(not one.pod_labels.keys().isdisjoint(keys) for one in self.all(WorkloadSummary))

    def member(self, one: WorkloadSummary) -> ClusterWorkload:
        """The workload with what the cluster says of it; many ask for the same."""
        known = self._members.get(id(one))
        if known is None or known.own is not one:
            known = self._members[id(one)] = ClusterWorkload(one, self)
        return known

    def is_partial(self, one: ObjectSummary) -> bool:
        """Whether the object as written is a patch, or waits for one."""
        lines = self._parts.get(one.location.path)
        return lines is not None and any(True for _ in lines.around(one.location.line))

    def is_changed(self, one: ObjectSummary, key: str) -> bool:
        """Whether a kustomization may set this key, at any depth, to something else than what is written."""
        lines = self._changed.get(one.location.path)
        return lines is not None and any(keys is None or key in keys for keys in lines.around(one.location.line))

    def named(self, kind: str, name: str, namespace: str, seeker: ObjectSummary) -> list[Any]:
        """The objects that a reference means; empty only where the whole tree has none."""
        within = "" if kind in _NO_NAMESPACE else namespace
        return self._nearest_in(self._named.get((kind, name), []), within, seeker, tight=True)

    def beside(self, kind: str, seeker: ObjectSummary) -> list[Any]:
        """The objects of a kind that may be in one namespace with the seeker, closest first found."""
        key = kind, seeker.namespace, seeker.folder
        if key not in self._near:
            found = self._of_kind.get(kind, [])
            self._near[key] = self._nearest_in(found, seeker.namespace, seeker, tight=False)
        return self._near[key]

    def rules_beside(self, host: str, seeker: ObjectSummary) -> HostRules:
        """The DestinationRules that may be in one namespace with the seeker, and that are for a host."""
        asked = seeker.namespace, seeker.folder, host
        if asked not in self._rules_of_host:
            if asked[:2] not in self._rules:
                by_front: dict[str, list[DestinationRuleSummary]] = defaultdict(list)
                for one in self.beside("DestinationRule", seeker):
                    if isinstance(one, DestinationRuleSummary):
                        for name in ("*",) if "*" in one.host else {_front(one.host, 1), _front(one.host, 2)}:
                            by_front[name].append(one)
                self._rules[asked[:2]] = by_front
            rules = self._rules[asked[:2]]
            near = [*rules.get("*", ()), *rules.get(_front(host, 2), ())]
            if "." in host:
                near += (one for one in rules.get(_front(host, 1), ()) if "." not in one.host)
            found = tuple(one for one in near if _same_host(one.host, host))
            self._rules_of_host[asked] = HostRules(found, frozenset(name for one in found for name in one.subsets))
        return self._rules_of_host[asked]

    def anywhere(self, kind: str, name: str, namespace: str) -> list[Any]:
        """All objects that a reference may mean, in whatever folder: patches too."""
        return self._crowds.meeting(self._named.get((kind, name), []), namespace)

    def keeps(self, kind: str, seeker: ObjectSummary) -> bool:
        """Whether objects of this kind are written down where the seeker is: beside, above or below it."""
        here = seeker.folder
        asked = kind, seeker.namespace, here
        if asked not in self._kept:
            self._kept[asked] = self._standing(kind).is_around(here, seeker.namespace)
        return self._kept[asked]

    def _standing(self, kind: str) -> Standing:
        if kind not in self._standing_of_kind:
            self._standing_of_kind[kind] = Standing(self._of_kind.get(kind, ()))
        return self._standing_of_kind[kind]

    def in_one_world(self, one: ObjectSummary, other: ObjectSummary) -> bool:
        """Whether two objects go into the cluster together: from one folder, or by one build that nothing else includes."""
        if one.folder == other.folder:
            return True
        users = self.kustomizations.users
        ours = {overlay.path for overlay in users.get(one.location.path, ()) if not overlay.component}
        theirs = {overlay.path for overlay in users.get(other.location.path, ()) if not overlay.component}
        return not ours.isdisjoint(theirs)

    def has_kind(self, kind: str) -> bool:
        """Whether the tree has any object of this kind."""
        return bool(self._of_kind.get(kind))

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder of the tree."""
        return folders_of(self.files)

    def knows_kind(self, kind: str, namespace: str, seeker: ObjectSummary) -> bool:
        """Whether the tree keeps objects of this kind where one is looked for: beside the seeker, or in that namespace."""
        return self.keeps(kind, seeker) or (namespace != "" and namespace in self._kept_of(kind).namespaces)

    def within(self, kind: str, namespace: str) -> bool:
        """Whether any object of this kind may be in the namespace."""
        return bool(self._crowds.meeting(self._of_kind.get(kind, []), namespace))

    def denies_by_default(self, namespace: str) -> bool:
        """Whether a policy that may be in the namespace lets none of its pods do anything."""
        return bool(self._crowds.meeting(self._denying, namespace))

    @cached_property
    def _denying(self) -> list[PolicySummary]:
        return [one for one in self.all(PolicySummary) if one.denies]

    def pods(self, selecting: Selecting, *, tight: bool = True) -> list[WorkloadSummary]:
        """The workloads whose pods a selector means; one without requirements means all of its namespace near it."""
        if selecting.selector is None:
            return []
        selector = selecting.selector
        tight = tight and bool(selector.requirements)
        place = selecting.location.path if tight else selecting.folder
        known = (selector.requirements, selecting.namespace, place, tight)
        if known not in self._selections:
            found = self._pods.matching(selector, selecting.namespace)
            if selector.requirements:
                found = self._nearest_in(found, selecting.namespace, selecting, tight=tight)
            else:
                found = [one for one in found if is_near(one.folder, selecting.folder)]
            self._selections[known] = found
        return self._selections[known]

    def selects_nothing(
        self, selector: LabelSelector, namespace: str, seeker: ObjectSummary, assume_exists: Iterable[str]
    ) -> Absence | None:
        """What there is to say where no pod of the tree is selected, though the tree could hold one.

        A namespace for which the tree has no workload that shares a label key, a value or its name with the selector
        has pods of somebody else.
        """
        if self.is_partial(seeker):
            return None
        if namespace and not self._pods.matching(selector, "") and not self._kin(selector, namespace, seeker.folder):
            return None
        values = [value for _, value in selector.equalities]
        if (
            any(requirement.key.startswith(_OF_MADE_PODS) for requirement in selector.requirements)
            or self._pods.matching(selector, namespace)
            or any(map(stands_in, values))
            or any(assumed(assume_exists, kind, namespace, value) for kind in _RUNNING_KINDS for value in values)
        ):
            return None
        return self.absence(f"a pod with {selector}", _PODS, selector, namespace, seeker)

    def absence(
        self, what: str, kinds: frozenset[str], sought: LabelSelector | str, namespace: str, seeker: ObjectSummary
    ) -> Absence:
        """What there is to say of an object that is not in the tree: `sought` is its name, or the labels asked for."""
        names: tuple[str, ...] = (sought,) if isinstance(sought, str) else ()
        keys: tuple[str, ...] = ()
        if isinstance(sought, LabelSelector):
            names = tuple(value for _, value in sought.equalities)
            keys = tuple(requirement.key for requirement in sought.requirements)
        placed = kinds.isdisjoint(_NO_NAMESPACE)
        users = self.kustomizations.users.get(seeker.location.path, ())
        built_in = tuple(overlay.folder for overlay in users)
        wanted = Wanted(kinds, names, keys, namespace if placed else "", seeker.folder, placed, built_in)
        unknown = self.openings.reason(wanted) or self._waits(seeker)
        return Absence(what, unknown, unknown is not None or self._is_kept(kinds, names, namespace, seeker))

    def _is_kept(self, kinds: frozenset[str], names: tuple[str, ...], namespace: str, seeker: ObjectSummary) -> bool:
        """Whether the tree shows that it would have the object: it has others there, or one that is nearly called so."""
        here = seeker.folder
        above = posixpath.dirname(here)
        for kind in _RUNNING_KINDS if kinds == _PODS else kinds:
            kept = self._kept_of(kind)
            if (
                (namespace and namespace in kept.namespaces)
                or here in kept.around
                or (above and above in kept.parents)
                or any(folder in kept.folders for folder in _above_it(here))
                or any(_is_misspelt(name, kept.names) for name in names)
            ):
                return True
        return False

    def _kept_of(self, kind: str) -> _Kept:
        if kind not in self._kept_kinds:
            found = self._of_kind.get(kind, ())
            folders = frozenset(one.folder for one in found)
            names: dict[str, list[str]] = defaultdict(list)
            for name in sorted({one.name for one in found}):
                names[name[:2]].append(name)
            self._kept_kinds[kind] = _Kept(
                frozenset(one.namespace for one in found if one.namespace),
                folders,
                folders.union(*(_above_it(folder) for folder in folders), [""] if found else []),
                frozenset(posixpath.dirname(folder) for folder in folders),
                {start: near[:_MOST_NEAR] for start, near in names.items()},
            )
        return self._kept_kinds[kind]

    def _waits(self, seeker: ObjectSummary) -> tuple[str, str] | None:
        """Why what goes into components, or into parts that are not chosen, alone may find it: in builds that are not there."""
        users = self.kustomizations.users.get(seeker.location.path, [])
        if users and all(overlay.component for overlay in users):
            return f"the component of {users[0].path} goes into no build of the tree", "assume-exists"
        by = next((self.kustomizations.left_out.get(overlay.folder) for overlay in users), None)
        if by is not None and all(overlay.folder in self.kustomizations.left_out for overlay in users):
            return f"the build of {users[0].path} stands in a comment of {by}", "assume-exists"
        return None

    def _kin(self, selector: LabelSelector, namespace: str, folder: str) -> bool:
        """Whether the namespace has a workload that is labelled as those are that the selector looks for."""
        keys = {requirement.key for requirement in selector.requirements}
        values = {value for _, value in selector.equalities}
        return any(
            not (keys.isdisjoint(own.keys) and values.isdisjoint(own.values))
            for place in ((namespace, ""), ("", folder))
            if (own := self._labels_in.get(place)) is not None
        )

    @cached_property
    def _labels_in(self) -> Mapping[tuple[str, str], _Labels]:
        """By namespace, and by folder of those that name none, how workloads are labelled."""
        found: dict[tuple[str, str], _Labels] = {}
        for one in self.all(WorkloadSummary):
            for namespace in self._namespaces_of(one):
                own = found.setdefault((namespace, "" if namespace else one.folder), _Labels(set(), set()))
                own.keys.update(one.pod_labels)
                own.values.update(one.pod_labels.values(), [one.name])
        return found

    def _namespaces_of(self, one: ObjectSummary) -> Collection[str]:
        """The one that it names, or those that builds put it into; an empty one stands for any."""
        given = () if one.namespace else self.kustomizations.namespaces_of(one.location.path)
        return given or (one.namespace,)

    def knows(self, kind: str, name: str, namespace: str, seeker: ObjectSummary) -> bool:
        """Whether the tree has such an object in some namespace, or could have it in this one."""
        return (kind, name) in self._named or self.fills(namespace, seeker) or self._has_beside(kind, namespace)

    def knows_in(self, kind: str, name: str, namespace: str) -> bool:
        """Whether the tree has such an object in some namespace, or says of workloads or Services that they are in this one."""
        return (kind, name) in self._named or namespace in self._filled or self._has_beside(kind, namespace)

    def _has_beside(self, kind: str, namespace: str) -> bool:
        """Whether the namespace, in which the tree may have no workload, has others of a kind that is only written by hand."""
        return kind in _BY_HAND and any(one.namespace == namespace for one in self._of_kind.get(kind, ()))

    def fills(self, namespace: str, seeker: ObjectSummary) -> bool:
        """Whether the tree puts workloads or Services into this namespace; if it does so only into others, it does not."""
        if not namespace or namespace in self._filled:
            return True
        beside = self._filled.get("", frozenset())
        return not self._filled or any(is_near(folder, seeker.folder) for folder in beside)

    @cached_property
    def _filled(self) -> dict[str, frozenset[str]]:
        """Namespace that workloads or Services are put into, empty where none is said -> the folders that they are in."""
        found: dict[str, set[str]] = {}
        for one in (*self.all(WorkloadSummary), *self.all(ServiceSummary)):
            for namespace in self._namespaces_of(one):
                found.setdefault(namespace, set()).add(one.folder)
        return {namespace: frozenset(folders) for namespace, folders in found.items()}

    def scaled(self, autoscaler: AutoscalerSummary | ResizerSummary) -> list[Any]:
        """What an autoscaler scales."""
        found = self.named(autoscaler.target_kind, autoscaler.target.value, autoscaler.namespace, autoscaler)
        owners = [one.template_of for one in found if isinstance(one, WorkloadSummary) and one.template_of]
        return found + [one for owner in owners for one in self.named(*owner, autoscaler.namespace, autoscaler)]

    def watched(self, monitor: MonitorSummary) -> list[Any]:
        """The Services, or the workloads, that a monitor selects, those closest to it."""
        return self._nearest(self.selected(monitor), monitor, tight=False)

    def selected(self, monitor: MonitorSummary) -> list[Any]:
        """The Services, or the workloads, that a monitor may select, wherever in the tree."""
        within = monitor.namespaces if monitor.namespaces is not None else ("",)
        return [one for namespace in within for one in self._watchable(monitor).matching(monitor.selector, namespace)]

    def watches_nothing(self, monitor: MonitorSummary) -> Absence | None:
        """What there is to say where a monitor selects nothing of the tree, though the tree could hold what it is for."""
        namespaces = monitor.namespaces
        possible = (
            namespaces is None
            or any(self.fills(namespace, monitor) for namespace in namespaces)
            or bool(self._watchable(monitor).matching(monitor.selector, ""))
        )
        if self.watched(monitor) or not possible or self.is_partial(monitor):
            return None
        kind = "Pod" if monitor.kind == "PodMonitor" else "Service"
        what = f"a {'pod' if kind == 'Pod' else kind} with {monitor.selector}"
        absences = [
            self.absence(what, frozenset({kind}), monitor.selector, namespace, monitor)
            for namespace in namespaces or ("",)
        ]
        return next((one for one in absences if one.unknown), absences[0])

    def _watchable(self, monitor: MonitorSummary) -> _ByLabel[Any]:
        return self._pods if monitor.kind == "PodMonitor" else self._services

    @cached_property
    def autoscalers(self) -> Mapping[Location, list[AutoscalerSummary]]:
        """Autoscalers by the place of what they scale."""
        return _reversed(self.all(AutoscalerSummary), self.scaled)

    @cached_property
    def resizers(self) -> Mapping[Location, list[ResizerSummary]]:
        return _reversed(self.all(ResizerSummary), self.scaled)

    @cached_property
    def budgets(self) -> Mapping[Location, list[BudgetSummary]]:
        return _reversed(self.all(BudgetSummary), functools.partial(self.pods, tight=False))

    @cached_property
    def services(self) -> Mapping[Location, list[ServiceSummary]]:
        return _reversed(self.all(ServiceSummary), functools.partial(self.pods, tight=False))

    @cached_property
    def policies(self) -> Mapping[Location, list[PolicySummary]]:
        return _reversed(self.all(PolicySummary), self._restricted)

    def _restricted(self, policy: PolicySummary) -> list[WorkloadSummary]:
        found = self.pods(policy, tight=False)
        if policy.selector is None or not any(one.by_controller for one in policy.selector.requirements):
            return found
        return [one for one in found if policy.selector.may_mean(one.name, one.pod_labels)]

    @cached_property
    def monitored(self) -> set[Location]:
        """The places of the workloads that a ServiceMonitor or a PodMonitor reaches."""
        found: set[Location] = set()
        for monitor in self.all(MonitorSummary):
            for target in self.watched(monitor):
                pods = [target] if isinstance(target, WorkloadSummary) else self.pods(target, tight=False)
                found.update(pod.location for pod in pods)
        return found

    @cached_property
    def _pods(self) -> _ByLabel[WorkloadSummary]:
        return self._by_label((workload, workload.pod_labels) for workload in self.all(WorkloadSummary))

    @cached_property
    def _services(self) -> _ByLabel[ServiceSummary]:
        return self._by_label((service, service.labels) for service in self.all(ServiceSummary))

    def _by_label(self, labelled: Iterable[tuple[S, Mapping[str, str]]]) -> _ByLabel[S]:
        return _ByLabel(labelled, self._crowds, self.kustomizations.label_choices)

    def _nearest_in(self, found: list[S], namespace: str, seeker: ObjectSummary, *, tight: bool) -> list[S]:
        """The nearest of those that may be in a namespace."""
        return self._nearest(self._crowds.around(found, namespace, seeker.folder), seeker, tight=tight)

    def _nearest(self, found: Iterable[S], seeker: ObjectSummary, *, tight: bool) -> list[S]:
        """Those that stand closest to the seeker; an object written in full comes before parts of one.

        Close is what shares most of the folder. `tight` also prefers the seeker's own file, and the shortest way
        down from the shared folder.
        """
        path = seeker.location.path
        here = _steps(path)
        nearest: list[S] = []
        best: tuple[int, ...] = ()
        for one in found:
            there = _steps(one.location.path)
            shared = _shared(here, there)
            rank: tuple[int, ...] = (not self.is_partial(one), shared)
            if tight:
                rank = (rank[0], one.location.path == path, shared, -len(there))
            if not nearest or rank > best:
                nearest, best = [one], rank
            elif rank == best:
                nearest.append(one)
        return nearest


class _Lines:
    """What is said of ranges of lines, by their first and last one."""

    def __init__(self, said: Mapping[tuple[int, int], frozenset[str] | None]) -> None:
        ranges = sorted(said)
        self._whole = [said[one] for one in ranges if one[1] == sys.maxsize]
        self._ranges = [one for one in ranges if one[1] != sys.maxsize]
        self._said = said
        self._furthest = list(accumulate((last for _, last in self._ranges), max))

    def around(self, line: int) -> Iterator[frozenset[str] | None]:
        """What is said of the ranges that a line is in."""
        yield from self._whole
        at = bisect_right(self._ranges, (line, sys.maxsize)) - 1
        while at >= 0 and self._furthest[at] >= line:
            if self._ranges[at][1] >= line:
                yield self._said[self._ranges[at]]
            at -= 1


def _parts(summaries: Summaries, kustomizations: Kustomizations) -> Mapping[str, _Lines]:
    """The lines of each file on which patches stand, and objects that wait for one."""
    found: dict[str, dict[tuple[int, int], None]] = defaultdict(dict)
    for document in (*summaries.of(PartialDocument), *fragments(summaries)):
        if document.keys is None:
            found[document.path][document.first_line, document.last_line] = None
    patches = {patch.path for overlay in kustomizations.overlays for patch in overlay.patches}
    for one in summaries.of(Placement) if kustomizations.overlays else ():
        if one.path in patches or (one.keys is not None and one.path in kustomizations.users):
            found[one.path][one.first_line, one.last_line] = None
    return {path: _Lines(lines) for path, lines in found.items()}


class TransformedObjects:
    """Objects as kustomizations give them out: with the labels and the namespace that they set on everything."""

    def __init__(self, kustomizations: Kustomizations, written: Collection[tuple[str, str]]) -> None:
        self._kustomizations = kustomizations
        self._written = written
        self._changes: dict[str, tuple[dict[str, str], dict[str, str], dict[str, str], str | None]] = {}

    def of(self, one: S) -> S:
        path = one.location.path
        if path not in self._kustomizations.users:
            return one
        if path not in self._changes:
            self._changes[path] = self._changes_of(path)
        everywhere, templates, selectors, namespace = self._changes[path]
        changed: dict[str, Any] = {"labels": {**one.labels, **everywhere}} if everywhere else {}
        if namespace is not None and one.kind not in _NO_NAMESPACE:
            changed["namespace"] = namespace
        if templates and isinstance(one, WorkloadSummary):
            changed["pod_labels"] = {**one.pod_labels, **templates}
        if selectors and isinstance(one, (WorkloadSummary, ServiceSummary, BudgetSummary, PolicySummary)):
            if one.selector is not None:
                changed["selector"] = one.selector.also(selectors, self._written)
        return replace(one, **changed) if changed else one

    def _changes_of(self, path: str) -> tuple[dict[str, str], dict[str, str], dict[str, str], str | None]:
        if self._kustomizations.is_built(path):
            return {}, {}, {}, None
        users = self._kustomizations.users[path]
        labels = [one for overlay in users for one in self._kustomizations.labels_of(overlay)]
        return (
            {key: value for one in labels for key, value in one.pairs},
            {key: value for one in labels if one.in_templates for key, value in one.pairs},
            {key: value for one in labels if one.in_selectors for key, value in one.pairs},
            self._namespace(path),
        )

    def _namespace(self, path: str) -> str | None:
        """What it is for all objects of a file, empty where builds put them into several; None where they stay in theirs."""
        given = self._kustomizations.namespaces_of(path)
        return "" if len(given) > 1 else next(filter(None, given), None)


class OverlayReplicas(NamedTuple):
    """A number of pods that an overlay sets, and the workload that gets it."""

    replicas: Replicas
    workload: ClusterWorkload

    @property
    def label(self) -> str:
        return self.workload.label

    @property
    def location(self) -> Location:
        return self.replicas.location


def overlay_replicas(cluster: Cluster) -> list[OverlayReplicas]:
    """Every number of pods that an overlay sets for a workload of its build."""
    kustomizations = cluster.kustomizations
    found = []
    setting = [overlay for overlay in kustomizations.overlays if overlay.replicas]
    in_file: dict[str, list[tuple[int, WorkloadSummary]]] = defaultdict(list)
    for number, one in enumerate(cluster.all(WorkloadSummary) if setting else ()):
        in_file[one.location.path].append((number, one))
    for overlay in setting:
        paths = kustomizations.resources_of(overlay)
        numbered = (one for path in paths for one in in_file.get(path, ()))
        inside = [one for _, one in sorted(numbered, key=itemgetter(0))]
        for replicas in overlay.replicas:
            named = [one for one in inside if one.name == replicas.name or replicas.sets(one.kind, one.name)]
            for one in named or [one for one in inside if one.name and one.name in replicas.name]:
                found.append(OverlayReplicas(replicas, ClusterWorkload(one, cluster)))
    return found


class _ByLabel(Generic[S]):
    """Objects to be found by a selector."""

    def __init__(
        self,
        labelled: Iterable[tuple[S, Mapping[str, str]]],
        crowds: Crowds,
        choices: Mapping[str, frozenset[str]],
    ) -> None:
        self._choices = choices
        self._all: list[S] = []
        self._labels: dict[int, tuple[int, Mapping[str, str]]] = {}
        """By the id of each: its number among all, and its labels."""
        self._with: dict[tuple[str, str], list[S]] = defaultdict(list)
        for number, (one, labels) in enumerate(labelled):
            self._all.append(one)
            self._labels[id(one)] = number, labels
            for label in labels.items():
                self._with[label].append(one)
        self._crowds = crowds
        self._known: dict[tuple[object, ...], list[S]] = {}

    def matching(self, selector: LabelSelector, namespace: str) -> list[S]:
        key = (selector.requirements, namespace)
        if key not in self._known:
            self._known[key] = self._matching(selector, namespace)
        return self._known[key]

    def _matching(self, selector: LabelSelector, namespace: str) -> list[S]:
        if self._choices:
            selector = selector.choosing(self._choices)
        chosen = (one for one in selector.requirements if one.operator == "In" and not one.by_controller)
        fewest = min(map(self._labelled, chosen), key=len, default=self._all)
        meeting = self._crowds.meeting(fewest, namespace)
        return [one for one in meeting if selector.matches(self._labels[id(one)][1])]

    def _labelled(self, wanted: Requirement) -> list[S]:
        """Those with one of the values, in the order of all."""
        found = [those for value in wanted.values if (those := self._with.get((wanted.key, value)))]
        if len(found) == 1:
            return found[0]
        return sorted(chain.from_iterable(found), key=lambda one: self._labels[id(one)][0])


@functools.cache
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("/")[:-1])


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _reversed(sources: Iterable[S], targets: Callable[[S], Iterable[Any]]) -> Mapping[Location, list[S]]:
    found: dict[Location, list[S]] = defaultdict(list)
    for source in sources:
        for target in targets(source):
            found[target.location].append(source)
    return found


def assumed(patterns: Iterable[str], kind: str, namespace: str, name: str) -> bool:
    """Whether `assume-exists` names this object: globs of Kind/name, or of Kind/namespace/name."""
    forms = (f"{kind}/{name}", f"{kind}/{namespace}/{name}")
    return any(fnmatchcase(form, pattern) for pattern in patterns for form in forms)


class _Kept(NamedTuple):
    """Where objects of one kind are written down, and what they are called."""

    namespaces: frozenset[str]
    folders: frozenset[str]
    around: frozenset[str]
    """The folders and all above them."""
    parents: frozenset[str]
    names: Mapping[str, list[str]]
    """By their first characters."""


class _Labels(NamedTuple):
    keys: set[str]
    values: set[str]
    """Those of labels, and the workloads' names."""


_MOST_NEAR = 50


def _above_it(folder: str) -> list[str]:
    """The folders above one, but for the root."""
    parts = folder.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _is_misspelt(name: str, names: Mapping[str, list[str]]) -> bool:
    near = names.get(name[:2])
    if not near:
        return False
    from difflib import get_close_matches  # only where something is wrong

    return bool(get_close_matches(name, near, 1, 0.8))


class Absence(NamedTuple):
    """An object that is not in the tree."""

    what: str
    """`Service 'shop'`, or `a pod with app=shop`."""
    unknown: tuple[str, str] | None
    """Why it may be there all the same, and what would settle that; None where nothing could have made it."""
    near: bool
    """Whether the tree has others where it is looked for: one that stands alone may be for what somebody else has."""

    def at(self, location: Location, message: str, related: tuple[Related, ...] = ()) -> Problem | NotKnown:
        """The problem of a reference to it, where it is known to be nowhere."""
        if self.unknown is None:
            return Problem(location, message, related, certain=self.near)
        return NotKnown(location, f"whether {self.what} exists", *self.unknown)


def of_values_files(files: Iterable[str]) -> list[Opening]:
    """What values for charts open that come from elsewhere: the folders that they stand in."""
    found = []
    for path in sorted(files):
        folder, name = posixpath.split(path)
        if _VALUES.fullmatch(name) and not any(f"{above}Chart.yaml" in files for above in _above(folder)):
            reason = f"{path} holds values of a chart that is not in the tree"
            found.append(Opening(Location(path, 1, 1, 1, 1), reason, near=True))
    return found


def _above(folder: str) -> Iterator[str]:
    while folder:
        yield f"{folder}/"
        folder = posixpath.dirname(folder)
    yield ""


@dataclass(frozen=True, eq=False)
class Member(Generic[S]):
    """One object, and the cluster that it is in."""

    own: S
    cluster: Cluster

    @property
    def label(self) -> str:
        return self.own.label

    @property
    def location(self) -> Location:
        return self.own.location

    def lacks(self, kind: str, name: str, assume_exists: Iterable[str], namespace: str | None = None) -> Absence | None:
        """What there is to say where no object of this kind and name is anywhere, though the tree could hold it."""
        within = self.own.namespace if namespace is None else namespace
        if (
            name
            and not self.cluster.is_partial(self.own)
            and not stands_in(name)
            and not self.cluster.named(kind, name, within, self.own)
            and not assumed(assume_exists, kind, within, name)
            and (kind in _NO_NAMESPACE or self._may_know(kind, name, within))
        ):
            return self.cluster.absence(f"{kind} '{name}'", frozenset({kind}), name, within, self.own)
        return None

    def _may_know(self, kind: str, name: str, namespace: str) -> bool:
        """Whether the tree could have it there; what says no namespace is beside it, and not where it names another."""
        if namespace in ("", "default") or self.own.namespace:
            return self.cluster.knows(kind, name, namespace, self.own)
        return self.cluster.knows_in(kind, name, namespace)

    def is_assumed(self, kind: str, name: str, assume_exists: Iterable[str]) -> bool:
        return stands_in(name) or assumed(assume_exists, kind, self.own.namespace, name)


_OF_MADE_PODS = ("acme.cert-manager.io/", "batch.kubernetes.io/", "tekton.dev/", "workflows.argoproj.io/")
"""Labels of pods that a controller makes and throws away: cert-manager's solvers, those of jobs, of steps of pipelines."""
_KEEP_DATA = frozenset(
    (
        *("activemq", "artemis", "cassandra", "clickhouse", "clickhouse-server", "consul", "couchbase", "couchdb"),
        *("dragonfly", "elasticsearch", "etcd", "influxdb", "kafka", "keydb", "loki", "mariadb"),
        *("memcached", "minio", "mongo", "mongodb", "mysql", "nats", "neo4j", "opensearch"),
        *("percona", "postgis", "postgres", "postgresql", "prometheus", "rabbitmq", "redis", "redis-stack"),
        *("scylla", "tempo", "timescaledb", "valkey", "vault", "zookeeper"),
    )
)
"""The last names of images of databases, caches, queues and stores: a further pod is one more of them, and empty."""
_LED = ("operator", "controller-manager", "cluster-autoscaler")
"""What the names of workloads end with of whose pods one works at a time."""


class ClusterWorkload(Member[WorkloadSummary]):
    @property
    def stateless(self) -> bool:
        return self.own.kind in ("Deployment", "Rollout", "DeploymentConfig")

    @property
    def replicated(self) -> bool:
        """Whether its replicas are a number that it, or an autoscaler, says."""
        return self.stateless or self.own.kind in ("StatefulSet", "ReplicaSet", "ReplicationController")

    @property
    def gains_nothing(self) -> bool:
        """Whether more pods do no more of its work: each keeps data of its own, or one of them leads."""
        images = (one.image.partition("@")[0].rpartition("/")[2] for one in self.own.containers)
        return self.own.name.endswith(_LED) or not _KEEP_DATA.isdisjoint(images)

    @property
    def single(self) -> bool:
        """Whether it is meant to be one pod: its data is claimed, and a new pod waits until the old one is gone."""
        return self.own.claims and self.own.strategy.value == "Recreate"

    @property
    def stopped(self) -> bool:
        return self.own.replicas.value == 0

    @property
    def running(self) -> bool:
        """Whether it runs pods of its own: it is a whole object, not scaled to none, and no mere template of pods."""
        own = self.own
        return (
            not self.stopped
            and own.kind != "PodTemplate"
            and own.template_of is None
            and not self.cluster.is_partial(own)
        )

    @property
    def labels_known(self) -> bool:
        """Whether its pods have just the labels that are written."""
        return not self.cluster.is_changed(self.own, "labels")

    @property
    def replicas_known(self) -> bool:
        """Whether no kustomization sets another number of replicas."""
        return not self.cluster.is_changed(self.own, "replicas")

    @cached_property
    def fewest(self) -> int | None:
        """The pods that it has at the least; None where that cannot be known."""
        if not self.replicas_known:
            return None
        if not self.autoscalers:
            replicas = self.own.replicas
            return 1 if replicas.location.missing and not self.cluster.is_partial(self.own) else replicas.value
        minima = [one.minimum.value for one in self.autoscalers if one.kind == "HorizontalPodAutoscaler"]
        return min((1 if minimum is None else minimum for minimum in minima), default=None)

    @property
    def autoscalers(self) -> list[AutoscalerSummary]:
        return self.cluster.autoscalers.get(self.own.location, [])

    @property
    def resizers(self) -> list[ResizerSummary]:
        return self.cluster.resizers.get(self.own.location, [])

    @property
    def budgets(self) -> list[BudgetSummary]:
        return self.cluster.budgets.get(self.own.location, [])

    @property
    def services(self) -> list[ServiceSummary]:
        return self.cluster.services.get(self.own.location, [])

    @property
    def policies(self) -> list[PolicySummary]:
        return self.cluster.policies.get(self.own.location, [])

    @property
    def monitored(self) -> bool:
        return self.own.location in self.cluster.monitored

    @property
    def account(self) -> AccountSummary | None:
        """The ServiceAccount that it runs as, where the tree has it."""
        name = self.own.account.value or "default"
        found = self.cluster.named("ServiceAccount", name, self.own.namespace, self.own)
        return next((one for one in found if isinstance(one, AccountSummary)), None)


class ClusterAutoscaler(Member[AutoscalerSummary]):
    @property
    def target(self) -> WorkloadSummary | None:
        found = self.cluster.scaled(self.own)
        return next((one for one in found if isinstance(one, WorkloadSummary)), None)

    @property
    def request_defaults(self) -> bool:
        """Whether a LimitRange may give containers the requests that they do not write."""
        return bool(self.cluster.beside("LimitRange", self.own))


class ClusterBudget(Member[BudgetSummary]):
    @cached_property
    def workloads(self) -> list[ClusterWorkload]:
        return [self.cluster.member(one) for one in self.cluster.pods(self.own)]

    def selects_nothing(self, assume_exists: Iterable[str]) -> Absence | None:
        return _selects_nothing(self, assume_exists)


class ClusterService(Member[ServiceSummary]):
    @cached_property
    def workloads(self) -> list[WorkloadSummary]:
        return self.cluster.pods(self.own)

    def selects_nothing(self, assume_exists: Iterable[str]) -> Absence | None:
        return _selects_nothing(self, assume_exists)


class ClusterPolicy(Member[PolicySummary]):
    def selects_nothing(self, assume_exists: Iterable[str]) -> Absence | None:
        return _selects_nothing(self, assume_exists)

    def empty_peers(self, assume_exists: Iterable[str]) -> Iterator[tuple[LabelSelector, Absence]]:
        """The selectors of its rules that mean no pod."""
        own = self.own
        for peer in own.peers:
            absence = self.cluster.selects_nothing(peer, own.namespace, own, assume_exists)
            if absence is not None:
                yield peer, absence


class ClusterIngress(Member[IngressSummary]):
    def services(self, backend: Backend) -> list[ServiceSummary]:
        found = self.cluster.named("Service", backend.service.value, self.own.namespace, self.own)
        return [one for one in found if isinstance(one, ServiceSummary)]


class ClusterMonitor(Member[MonitorSummary]):
    @property
    def unknown_ports(self) -> Iterator[Placed[str]]:
        """The ports that it names and that nothing which it selects has."""
        found = self.cluster.selected(self.own)  # in whatever folder: it names labels, and no object
        key = "containerPort" if self.own.kind == "PodMonitor" else "ports"
        if any(self.cluster.is_partial(one) or self.cluster.is_changed(one, key) for one in found):
            return
        if self.cluster.openings.is_operated([value for _, value in self.own.selector.equalities]):
            return  # what it is for may be made by an operator, and only other things with these labels be written here
        names = {port.name for one in found for port in one.ports}
        for port in self.own.ports if found else ():
            if port.value not in names and not stands_in(port.value):
                yield port

    @property
    def contradicted(self) -> Iterator[tuple[Placed[str], WorkloadSummary]]:
        """The path that it scrapes, with each workload whose pods say another: not where either has several ports."""
        if len(self.own.paths) != 1 or stands_in(self.own.paths[0].value):
            return
        for target in self.cluster.watched(self.own):
            pods = [target] if isinstance(target, WorkloadSummary) else self.cluster.pods(target, tight=False)
            for pod in pods:
                path, port = (pod.pod_annotations.get(f"prometheus.io/{one}", "") for one in ("path", "port"))
                known = not port or [str(one.number) for one in pod.ports] in ([], [port])
                if path and path != self.own.paths[0].value and known and not stands_in(path):
                    yield self.own.paths[0], pod

    @property
    def selects_nothing(self) -> Absence | None:
        return self.cluster.watches_nothing(self.own)


class ClusterBinding(Member[BindingSummary]):
    @property
    def roles(self) -> list[RoleSummary]:
        """What it binds; more than one where several folders have a role of this name."""
        own = self.own
        found = self.cluster.named(own.role_kind, own.role.value, own.namespace, own)
        return [one for one in found if isinstance(one, RoleSummary)]


class ClusterTarget(NamedTuple):
    """A Service that a route names, and the route."""

    route: Member[RouteSummary] | Member[VirtualServiceSummary]
    target: Target

    @property
    def label(self) -> str:
        return self.route.label

    @property
    def location(self) -> Location:
        return self.target.service.location

    @property
    def namespace(self) -> str:
        return self.target.namespace or self.route.own.namespace

    def absence(self, assume_exists: Iterable[str]) -> Absence | None:
        return self.route.lacks("Service", self.target.service.value, assume_exists, self.namespace)

    @property
    def services(self) -> list[ServiceSummary]:
        cluster, own = self.route.cluster, self.route.own
        found = cluster.named("Service", self.target.service.value, self.namespace, own)
        return [one for one in found if isinstance(one, ServiceSummary) and not cluster.is_changed(one, "ports")]


class ClusterRoute(Member[VirtualServiceSummary]):
    def rules(self, destination: Destination) -> HostRules:
        """The DestinationRules for the host that a route sends to."""
        return self.cluster.rules_beside(destination.host, self.own)


def _front(host: str, labels: int) -> str:
    return ".".join(host.split(".", labels)[:labels])


def _same_host(one: str, other: str) -> bool:
    """Whether two names of a service mean the same: `shop` is `shop.live` and `shop.live.svc.cluster.local`."""
    ours, theirs = one.split("."), other.split(".")
    return "*" in one or all(left == right for left, right in zip(ours, theirs, strict=False))


class Colour(NamedTuple):
    """The label by which pods of two versions are told apart."""

    key: str
    value: str


class ColourPair(NamedTuple):
    """The two workloads of a blue-green deployment."""

    blue: WorkloadSummary
    green: WorkloadSummary

    @property
    def label(self) -> str:
        return self.green.label

    @property
    def location(self) -> Location:
        return self.green.location


def colour_of(workload: WorkloadSummary) -> Colour | None:
    """The colour in a workload's pod labels."""
    return next((Colour(key, value) for key, value in workload.pod_labels.items() if value in COLOURS), None)


def colour_pairs(cluster: Cluster) -> list[ColourPair]:
    """Every two workloads of one folder whose pods have the same labels but for their colour."""
    found: dict[tuple[object, ...], dict[str, WorkloadSummary]] = defaultdict(dict)
    for workload in cluster.all(WorkloadSummary):
        colour = colour_of(workload)
        if colour is not None:
            others = frozenset(label for label in workload.pod_labels.items() if label != (colour.key, colour.value))
            identity = (workload.folder, workload.namespace, workload.kind, colour.key, others)
            found[identity][colour.value] = workload
    return [ColourPair(pair["blue"], pair["green"]) for pair in found.values() if len(pair) == 2]


def _selects_nothing(member: Member[Any], assume_exists: Iterable[str]) -> Absence | None:
    own = member.own
    if own.selector is None:
        return None
    return member.cluster.selects_nothing(own.selector, own.namespace, own, assume_exists)


def cluster_workloads(cluster: Cluster) -> list[ClusterWorkload]:
    return [ClusterWorkload(one, cluster) for one in cluster.all(WorkloadSummary)]


def leading_workloads(cluster: Cluster) -> list[ClusterWorkload]:
    """The first running workload of each namespace, which stands for all; one without a namespace is in `default`."""
    found: dict[str, ClusterWorkload] = {}
    for workload in sorted(cluster_workloads(cluster), key=lambda one: (one.location.path, one.location.line)):
        if workload.running and workload.own.namespace not in SYSTEM_NAMESPACES:
            found.setdefault(workload.own.namespace or "default", workload)
    return list(found.values())


def cluster_autoscalers(cluster: Cluster) -> list[ClusterAutoscaler]:
    return [ClusterAutoscaler(one, cluster) for one in cluster.all(AutoscalerSummary)]


def cluster_services(cluster: Cluster) -> list[ClusterService]:
    return [ClusterService(one, cluster) for one in cluster.all(ServiceSummary)]


def cluster_policies(cluster: Cluster) -> list[ClusterPolicy]:
    """Every NetworkPolicy of Kubernetes itself."""
    return [ClusterPolicy(one, cluster) for one in cluster.all(PolicySummary) if one.own]


def cluster_ingresses(cluster: Cluster) -> list[ClusterIngress]:
    return [ClusterIngress(one, cluster) for one in cluster.all(IngressSummary)]


def cluster_monitors(cluster: Cluster) -> list[ClusterMonitor]:
    return [ClusterMonitor(one, cluster) for one in cluster.all(MonitorSummary)]


def cluster_routes(cluster: Cluster) -> list[ClusterRoute]:
    return [ClusterRoute(one, cluster) for one in cluster.all(VirtualServiceSummary)]


def route_targets(cluster: Cluster) -> list[ClusterTarget]:
    """Every Service that a route sends requests to."""
    plain = [ClusterTarget(Member(one, cluster), to) for one in cluster.all(RouteSummary) for to in one.targets]
    meshed = [
        ClusterTarget(Member(one, cluster), to) for one in cluster.all(VirtualServiceSummary) for to in one.targets
    ]
    return [*plain, *meshed]


def plain_gateways(cluster: Cluster) -> list[Member[GatewaySummary]]:
    """Every Gateway that serves plain HTTP alone, and from which no route sends on to HTTPS."""
    redirected = {name for route in cluster.all(RouteSummary) for name in route.redirects_from}
    redirected |= {name for route in cluster.all(VirtualServiceSummary) for name in route.redirects_from}
    return [
        Member(one, cluster)
        for one in cluster.all(GatewaySummary)
        if one.plain is not None and one.name not in redirected and not cluster.is_partial(one)
    ]


def cluster_bindings(cluster: Cluster) -> list[ClusterBinding]:
    """Every RoleBinding and ClusterRoleBinding, but not those that come with every cluster."""
    found = cluster.all(BindingSummary)
    return [ClusterBinding(one, cluster) for one in found if not comes_with_cluster(one.name)]


def cluster_namespaces(cluster: Cluster) -> list[Member[ObjectSummary]]:
    return [Member(one, cluster) for one in cluster.all(ObjectSummary) if one.kind == "Namespace"]


def cluster_budgets(cluster: Cluster) -> list[ClusterBudget]:
    return [ClusterBudget(one, cluster) for one in cluster.all(BudgetSummary)]
