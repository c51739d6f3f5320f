"""What roles allow, and whom bindings give it to."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import NamedTuple
from devopslint.kubernetes.cluster import ClusterBinding, cluster_bindings
from devopslint.kubernetes.objects import BUILT_IN_ROLES, comes_with_cluster, roles
from devopslint.kubernetes.summaries import Permission, Placed, RoleSummary, permission
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import NotKnown, Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check

_ALL_VERBS = frozenset({"get", "list", "watch", "create", "update", "patch", "delete"})
_CHANGE = frozenset({"create", "update", "patch", "delete", "deletecollection"})


class Right(NamedTuple):
    """Some verbs on some resources of one API group."""

    group: str
    resources: frozenset[str]
    verbs: frozenset[str]

    def given_by(self, rule: Permission, *, by_wildcard: bool = False) -> Placed[str] | None:
        """The word of a role's rule that gives this right.

        What a wildcard gives stands under the finding for the wildcard, unless `by_wildcard`.
        """
        if rule.named or not {self.group, "*"} & rule.groups:
            return None
        if not by_wildcard and any(verb.value == "*" for verb in rule.verbs):
            return None  # what follows stands under the finding for the wildcard
        if not any(verb.value in self.verbs or verb.value == "*" for verb in rule.verbs):
            return None
        for resource in rule.resources:
            if resource.value in self.resources or (resource.value == "*" and by_wildcard):
                return resource
            whole, _, part = resource.value.partition("/")
            if (part == "*" and any(one.startswith(f"{whole}/") for one in self.resources)) or (
                whole == "*" and any(one.endswith(f"/{part}") for one in self.resources if part)
            ):
                return resource
        return None


def _right(group: str, resources: str, verbs: str | frozenset[str]) -> Right:
    return Right(
        group, frozenset(resources.split()), verbs if isinstance(verbs, frozenset) else frozenset(verbs.split())
    )


_READ = frozenset(("get", "list", "watch"))
_DISCOVERED = frozenset(
    (
        "apiservices",
        "customresourcedefinitions",
        "ingressclasses",
        "priorityclasses",
        "runtimeclasses",
        "storageclasses",
    )
)
READ_SECRETS = _right("", "secrets", "get list watch")
USE_SECRETS = _right("", "secrets", "get list watch update patch delete deletecollection")
CREATE_SECRETS = _right("", "secrets", "create")
_WORKLOADS = (
    ("", "pods replicationcontrollers"),
    ("apps", "deployments daemonsets statefulsets replicasets"),
    ("batch", "jobs cronjobs"),
)
RUN_PODS = [
    _right("", "pods", "create"),  # of a pod that is there, nothing that matters can be changed
    _right("", "replicationcontrollers", "create update patch"),
    *(_right(group, resources, "create update patch") for group, resources in _WORKLOADS[1:]),
]
CREATE_PODS = [_right(group, resources, "create") for group, resources in _WORKLOADS]
EXEC = _right("", "pods/exec pods/attach", "create get")
ESCALATE = _right("rbac.authorization.k8s.io", "roles clusterroles", "escalate")
BIND = _right("rbac.authorization.k8s.io", "roles clusterroles rolebindings clusterrolebindings", "bind")
IMPERSONATE = _right("", "users groups serviceaccounts userextras", "impersonate")
CHANGE_RBAC = _right("rbac.authorization.k8s.io", "roles clusterroles rolebindings clusterrolebindings", _CHANGE)
CHANGE_WEBHOOKS = _right(
    "admissionregistration.k8s.io", "mutatingwebhookconfigurations validatingwebhookconfigurations", _CHANGE
)
APPROVE_REQUESTS = _right("certificates.k8s.io", "certificatesigningrequests/approval", "update patch")
APPROVE_FOR_SIGNERS = _right("certificates.k8s.io", "signers", "approve")
NODE_PROXY = _right("", "nodes/proxy", "get create update patch delete")
SERVICE_STATUS = _right("", "services/status", "update patch")
CHANGE_CONFIG = _right("", "configmaps", _CHANGE)
CHANGE_NETWORK = [
    _right("", "services endpoints", _CHANGE),
    _right("discovery.k8s.io", "endpointslices", _CHANGE),
    _right("networking.k8s.io", "networkpolicies ingresses", _CHANGE),
]
DELETE_LOGS = _right("", "pods/log", "delete deletecollection")
_WORST = (
    ("use every Secret", [USE_SECRETS]),
    ("run pods, and with them as any ServiceAccount", RUN_PODS),
    ("run commands in every pod", [EXEC]),
    ("give roles more rights than it has", [ESCALATE, BIND]),
    ("act as somebody else", [IMPERSONATE]),
    ("change roles and bindings", [CHANGE_RBAC]),
    ("change webhooks, which see and alter every request", [CHANGE_WEBHOOKS]),
    ("call the kubelet of every node", [NODE_PROXY]),
    ("change where traffic goes", CHANGE_NETWORK),
)


def _given(role: Manifest, *rights: Right, by_wildcard: bool = False) -> Iterator[Placed[str]]:
    """Each word in a role's rules that gives one of the rights."""
    for rule in role.node["rules"]:
        allowed = permission(rule)
        found = [place for right in rights if (place := right.given_by(allowed, by_wildcard=by_wildcard)) is not None]
        yield from found[:1]


@check("rbac-wildcard-verb", each=roles)
def wildcard_verb(role: Manifest) -> Iterator[Problem]:
    rules = list(role.node["rules"])
    whole = any(one.text == "*" for rule in rules for one in rule["resources"].strings())
    found: list[tuple[Node, Node]] = []
    for rule in rules:
        if any(resource.text == "*" for resource in rule["resources"].strings()):
            continue  # rbac-wildcard says it
        if whole and rule["nonResourceURLs"].present:
            continue
        found += ((rule, verb) for verb in rule["verbs"].strings() if verb.text == "*")
    if found:
        found.sort(key=lambda one: one[0].has("resourceNames"))
        (rule, verb), *others = found
        what = "URLs" if rule["nonResourceURLs"].present else "resources"
        message = f"{role.label} may do everything with its {what}: verbs has '*'"
        related = [*_consequences(*(permission(one) for one, _ in found))]
        related += (Related(other.location, "here too") for _, other in others)
        # Whoever may do everything with an object that is named may make and list nothing.
        yield Problem(verb.location, message, tuple(related), certain=not rule.has("resourceNames"))


def _consequences(*rules: Permission) -> Iterator[Related]:
    """The worst that rules with a wildcard allow, at the words that name it."""
    seen = set()
    for what, rights in _WORST:
        places = [right.given_by(rule, by_wildcard=True) for rule in rules for right in rights]
        place = next((one for one in places if one is not None), None)
        if place is not None and what not in seen:
            seen.add(what)
            yield Related(place.location, f"so it may {what}")


@check("rbac-wildcard-subresource", each=roles)
def wildcard_subresource(role: Manifest) -> Iterator[Problem]:
    for rule in role.node["rules"]:
        for resource in rule["resources"].strings():
            whole, slash, part = resource.text.partition("/")
            if slash and part == "*":
                yield Problem(resource.location, f"{role.label} reaches all that belongs to {whole}: '{resource.text}'")


@check("rbac-wildcard", each=roles)
def wildcard(role: Manifest) -> Iterator[Problem]:
    found = [(rule, one) for rule in role.node["rules"] for one in rule["resources"].strings() if one.text == "*"]
    if found:
        (_, resource), *others = found
        message = f"{role.label} reaches every resource of its API groups: resources has '*'"
        related = [*_consequences(*(permission(rule) for rule, _ in found))]
        related += (Related(other.location, "here too") for _, other in others)
        yield Problem(
            resource.location, message, tuple(related), certain=not all(_reads_named(rule) for rule, _ in found)
        )


def _reads_named(rule: Node) -> bool:
    """Whether it only looks at all of groups that it names: not at the core's, whose Secrets are read with the rest."""
    groups = {group.text for group in rule["apiGroups"].strings()}
    verbs = {verb.text for verb in rule["verbs"].strings()}
    return bool(groups) and groups.isdisjoint(("", "*")) and bool(verbs) and verbs <= {"get", "list", "watch"}


@check("rbac-everything", each=roles)
def everything(role: Manifest) -> Iterator[Problem]:
    for rule in role.node["rules"]:
        if _everything(permission(rule)):
            yield Problem(rule["resources"].location, f"{role.label} may do everything with everything")


@check("rbac-whole-group", each=roles)
def whole_group(role: Manifest) -> Iterator[Problem]:
    for rule in role.node["rules"]:
        verbs, resources = rule["verbs"].strings(), rule["resources"].strings()
        if any(verb.text == "*" for verb in verbs) and any(resource.text == "*" for resource in resources):
            yield Problem(rule["resources"].location, f"{role.label} may do everything with all of an API group")


@check("rbac-wildcard-group", each=roles)
def wildcard_group(role: Manifest) -> Iterator[Problem]:
    for rule in role.node["rules"]:
        for group in rule["apiGroups"].strings():
            if group.text == "*":
                yield Problem(group.location, f"{role.label} means its resources in every API group: apiGroups has '*'")


@check("rbac-secret-access", each=roles)
def secret_access(role: Manifest) -> Iterator[Problem]:
    for place in _given(role, USE_SECRETS):
        yield Problem(place.location, f"{role.label} may use every Secret{_reach(role)}")


@check("rbac-secret-creation", each=roles)
def secret_creation(role: Manifest) -> Iterator[Problem]:
    used = [place.location for place in _given(role, USE_SECRETS)]
    for place in _given(role, CREATE_SECRETS):
        if place.location not in used:
            yield Problem(place.location, f"{role.label} may make any Secret{_reach(role)}")


@check("rbac-wildcard-secret-access", each=roles)
def wildcard_secret_access(role: Manifest) -> Iterator[Problem]:
    for place in _given(role, USE_SECRETS, by_wildcard=True):
        yield Problem(place.location, f"{role.label} may use every Secret{_reach(role)}")


@check("rbac-pod-creation", each=roles)
def pod_creation(role: Manifest) -> Iterator[Problem]:
    for place in _given(role, *RUN_PODS):
        yield Problem(place.location, f"{role.label} may run pods, and with them as any ServiceAccount{_reach(role)}")


@check("rbac-pod-exec", each=roles)
def pod_exec(role: Manifest) -> Iterator[Problem]:
    for place in _given(role, EXEC):
        yield Problem(place.location, f"{role.label} may run commands in every pod{_reach(role)}")


@check("rbac-wildcard-pod-exec", each=roles)
def wildcard_pod_exec(role: Manifest) -> Iterator[Problem]:
    for place in _given(role, EXEC, by_wildcard=True):
        yield Problem(place.location, f"{role.label} may run commands in every pod{_reach(role)}")


@check("rbac-escalation", each=roles)
def escalation(role: Manifest) -> Iterator[Problem]:
    for place in _given(role, ESCALATE):
        yield Problem(place.location, f"{role.label} may give roles more rights than it has: verb escalate")


@check("rbac-bind", each=roles)
def bind(role: Manifest) -> Iterator[Problem]:
    for place in _given(role, BIND):
        yield Problem(place.location, f"{role.label} may bind roles with more rights than it has: verb bind")


@check("rbac-impersonation", each=roles)
def impersonation(role: Manifest) -> Iterator[Problem]:
    for place in _given(role, IMPERSONATE):
        yield Problem(place.location, f"{role.label} may act as somebody else: verb impersonate")


@check("rbac-role-management", each=roles)
def role_management(role: Manifest) -> Iterator[Problem]:
    for place in _given(role, CHANGE_RBAC):
        yield Problem(place.location, f"{role.label} may change {place.value}")


@check("rbac-webhook-control", each=roles)
def webhook_control(role: Manifest) -> Iterator[Problem]:
    for place in _given(role, CHANGE_WEBHOOKS):
        yield Problem(place.location, f"{role.label} may change {place.value}, which see and alter every request")


@check("rbac-certificate-approval", each=roles)
def certificate_approval(role: Manifest) -> Iterator[Problem]:
    if any(_given(role, APPROVE_FOR_SIGNERS)):
        for place in _given(role, APPROVE_REQUESTS):
            yield Problem(place.location, f"{role.label} may approve certificates, and with one be anybody")


@check("rbac-node-proxy", each=roles)
def node_proxy(role: Manifest) -> Iterator[Problem]:
    for place in _given(role, NODE_PROXY):
        yield Problem(place.location, f"{role.label} may call the kubelet of every node: nodes/proxy")


@check("rbac-service-status", each=roles)
def service_status(role: Manifest) -> Iterator[Problem]:
    for place in _given(role, SERVICE_STATUS):
        yield Problem(place.location, f"{role.label} may claim any address for a Service: services/status")


@check("rbac-config-changes", each=roles)
def config_changes(role: Manifest) -> Iterator[Problem]:
    for place in _given(role, CHANGE_CONFIG):
        yield Problem(place.location, f"{role.label} may change every ConfigMap{_reach(role)}")


@check("rbac-cluster-access-map", each=roles)
def cluster_access_map(role: Manifest) -> Iterator[Problem]:
    for rule in role.node["rules"]:
        verbs = {verb.text for verb in rule["verbs"].strings()}
        core = {group.text for group in rule["apiGroups"].strings()} & {"", "*"}
        resources = {resource.text for resource in rule["resources"].strings()} & {"configmaps", "*"}
        if core and resources and verbs & (_CHANGE | {"*"}):
            for name in rule["resourceNames"].strings():
                if name.text == "aws-auth":
                    message = f"{role.label} may say who is administrator of the cluster: ConfigMap aws-auth"
                    yield Problem(name.location, message)


@check("rbac-network-changes", each=roles)
def network_changes(role: Manifest) -> Iterator[Problem]:
    for place in _given(role, *CHANGE_NETWORK):
        yield Problem(place.location, f"{role.label} may change where traffic goes: {place.value}")


@check("rbac-log-deletion", each=roles)
def log_deletion(role: Manifest) -> Iterator[Problem]:
    for place in _given(role, DELETE_LOGS):
        yield Problem(place.location, f"{role.label} may delete the logs of pods")


def _reach(role: Manifest) -> str:
    return " of the cluster" if role.kind == "ClusterRole" else " of its namespace"


@check("rbac-missing-role", each=cluster_bindings, complete=True)
def missing_role(binding: ClusterBinding, *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    own = binding.own
    name = own.role.value
    if not comes_with_cluster(name) and (absence := binding.lacks(own.role_kind, name, assume_exists)):
        yield absence.at(own.role.location, f"{own.label} binds {own.role_kind} '{name}', which is nowhere")


@check("rbac-cluster-admin", each=cluster_bindings)
def cluster_admin(binding: ClusterBinding) -> Iterator[Problem]:
    yield from _as_admin(binding, "ClusterRoleBinding", "ClusterRole", "everything in the cluster")


@check("rbac-namespace-admin", each=cluster_bindings)
def namespace_admin(binding: ClusterBinding) -> Iterator[Problem]:
    yield from _as_admin(binding, "RoleBinding", "ClusterRole", "everything in its namespace")


@check("rbac-namespace-admin-role", each=cluster_bindings)
def namespace_admin_role(binding: ClusterBinding) -> Iterator[Problem]:
    yield from _as_admin(binding, "RoleBinding", "Role", "everything in its namespace")


def _as_admin(binding: ClusterBinding, kind: str, role_kind: str, what: str) -> Iterator[Problem]:
    own = binding.own
    if own.kind != kind or own.role_kind != role_kind or not own.subjects:
        return  # a binding without subjects lets nobody do anything
    almighty = [role for role in binding.roles if any(_everything(rule) for rule in role.permissions)]
    if almighty or (own.role.value == "cluster-admin" and role_kind == "ClusterRole"):
        related = tuple(Related(role.location, f"{role.label} allows everything") for role in almighty)
        yield Problem(own.role.location, f"{own.label} allows {what}: {role_kind} '{own.role.value}'", related)


def _everything(rule: Permission) -> bool:
    verbs = {verb.value for verb in rule.verbs}
    every = "*" in verbs or verbs >= _ALL_VERBS
    return every and "*" in rule.groups and "*" in {resource.value for resource in rule.resources}


@check("rbac-every-namespace-admin", each=cluster_bindings)
def every_namespace_admin(binding: ClusterBinding) -> Iterator[Problem]:
    own = binding.own
    if own.kind == "ClusterRoleBinding" and own.role.value == "admin" and own.subjects:
        yield Problem(own.role.location, f"{own.label} gives ClusterRole 'admin' in every namespace")


@check("rbac-broad-namespace-role", each=cluster_bindings)
def broad_namespace_role(binding: ClusterBinding) -> Iterator[Problem]:
    own = binding.own
    of_admin = own.role.value == "admin" and own.kind == "RoleBinding"
    if own.role_kind == "ClusterRole" and (of_admin or own.role.value == "edit"):
        yield Problem(own.role.location, f"{own.label} gives the built-in ClusterRole '{own.role.value}'")


@check("rbac-privileged-group", each=cluster_bindings)
def privileged_group(binding: ClusterBinding) -> Iterator[Problem]:
    yield from _given_to(binding, "the group that no rule can restrict", "system:masters")


@check("rbac-anonymous-access", each=cluster_bindings)
def anonymous_access(binding: ClusterBinding) -> Iterator[Problem]:
    if not _is_public(binding, custom=False):
        yield from _given_to(binding, "every caller without a login", "system:anonymous", "system:unauthenticated")


@check("rbac-any-login", each=cluster_bindings)
def any_login(binding: ClusterBinding) -> Iterator[Problem]:
    if not _is_public(binding, custom=True):
        known = bool(binding.roles) or comes_with_cluster(binding.own.role.value)
        yield from _given_to(binding, "everyone with any login", "system:authenticated", certain=known)


def _is_public(binding: ClusterBinding, *, custom: bool) -> bool:
    """Whether its roles only let read what is there to be found: certain objects, kinds of the cluster, custom resources."""
    return bool(binding.roles) and all(
        role.permissions and all(_discovers(rule, custom) for rule in role.permissions) for role in binding.roles
    )


def _discovers(rule: Permission, custom: bool) -> bool:
    resources = {one.value for one in rule.resources}
    if not {one.value for one in rule.verbs} <= _READ or any("*" in one for one in resources):
        return False
    if any("secret" in one for one in resources) and not rule.public:
        return False
    return rule.named or resources <= _DISCOVERED or (custom and all("." in group for group in rule.groups))


def _given_to(binding: ClusterBinding, meaning: str, *names: str, certain: bool = True) -> Iterator[Problem]:
    own = binding.own
    for subject in own.subjects:
        if subject.kind in ("Group", "User") and subject.name in names:
            said = f"{own.label} gives {own.role_kind} '{own.role.value}' to {subject.name}, {meaning}"
            yield Problem(subject.location, said, certain=certain)


@check("rbac-bound-secret-access", each=cluster_bindings)
def bound_secret_access(binding: ClusterBinding) -> Iterator[Problem]:
    yield from _bound(binding, "use every Secret", USE_SECRETS)


@check("rbac-bound-secret-reading", each=cluster_bindings)
def bound_secret_reading(binding: ClusterBinding) -> Iterator[Problem]:
    if _is_for_programs(binding):
        yield from _bound(binding, "read every Secret", READ_SECRETS)


@check("rbac-bound-pod-creation", each=cluster_bindings)
def bound_pod_creation(binding: ClusterBinding) -> Iterator[Problem]:
    yield from _bound(binding, "run pods", *CREATE_PODS)


@check("rbac-bound-pod-exec", each=cluster_bindings)
def bound_pod_exec(binding: ClusterBinding) -> Iterator[Problem]:
    if (binding.own.kind, binding.own.role_kind) == ("RoleBinding", "Role"):
        yield from _bound(binding, "run commands in every pod", EXEC)


@check("rbac-bound-cluster-role-exec", each=cluster_bindings)
def bound_cluster_role_exec(binding: ClusterBinding) -> Iterator[Problem]:
    if (binding.own.kind, binding.own.role_kind) == ("RoleBinding", "ClusterRole"):
        yield from _bound(binding, "run commands in every pod", EXEC)


@check("rbac-bound-cluster-exec", each=cluster_bindings)
def bound_cluster_exec(binding: ClusterBinding) -> Iterator[Problem]:
    if binding.own.kind == "ClusterRoleBinding":
        yield from _bound(binding, "run commands in every pod of the cluster", EXEC)


@check("rbac-bound-node-proxy", each=cluster_bindings)
def bound_node_proxy(binding: ClusterBinding) -> Iterator[Problem]:
    create = frozenset({"create"})
    rights = [Right("", right.resources, create) for right in (NODE_PROXY, _right("", "pods/exec", "create"))]
    if _is_for_programs(binding):
        yield from _bound(binding, "run commands through nodes/proxy or pods/exec", *rights)


@check("rbac-bound-impersonation", each=cluster_bindings)
def bound_impersonation(binding: ClusterBinding) -> Iterator[Problem]:
    if _is_for_programs(binding):
        yield from _bound(binding, "act as somebody else", IMPERSONATE)


@check("rbac-bound-service-status", each=cluster_bindings)
def bound_service_status(binding: ClusterBinding) -> Iterator[Problem]:
    if _is_for_programs(binding):
        yield from _bound(binding, "claim any address for a Service", SERVICE_STATUS)


@check("rbac-bound-role-management", each=cluster_bindings)
def bound_role_management(binding: ClusterBinding) -> Iterator[Problem]:
    if _is_for_programs(binding):
        yield from _bound(binding, "give themselves other roles", BIND)


def _is_for_programs(binding: ClusterBinding) -> bool:
    """Whether it gives its role to pods or nodes, not only to people."""
    return any(subject.kind in ("ServiceAccount", "Node") for subject in binding.own.subjects)


def _bound(binding: ClusterBinding, what: str, *rights: Right) -> Iterator[Problem]:
    """One problem where a role that is bound gives one of the rights."""
    for role in binding.roles:
        places = _places(role, rights)
        if places and role.name not in BUILT_IN_ROLES:
            yield Problem(
                binding.own.role.location,
                f"{binding.own.label} lets its subjects {what}",
                (Related(places[0].location, f"{role.label} allows it"),),
            )
            return


def _places(role: RoleSummary, rights: tuple[Right, ...]) -> list[Placed[str]]:
    found = [right.given_by(rule, by_wildcard=True) for rule in role.permissions for right in rights]
    return [place for place in found if place is not None]
