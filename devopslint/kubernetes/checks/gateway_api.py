"""Routes and Gateways of the Gateway API: what they hang on, whom they may refer to, certificates."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from devopslint.kubernetes.cluster import Member
from devopslint.kubernetes.manifests import objects
from devopslint.kubernetes.mesh import GATEWAY_API, CrossingWords, ListenersWords, Parent
from devopslint.kubernetes.mesh_in_cluster import crossing_routes, grants
from devopslint.kubernetes.quantity import whole
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import NotKnown, Problem, Related
from devopslint.registry import check

_TERMINATED = ("HTTPS", "TLS")


@check("net-ungranted-reference", each=crossing_routes, complete=True)
def ungranted_reference(route: Member[CrossingWords]) -> Iterator[Problem | NotKnown]:
    own = route.own
    for crossing in own.crossings:
        if not own.namespace or crossing.namespace == own.namespace or "$" in crossing.namespace:
            continue
        granting = grants(route.cluster, crossing.namespace)
        granted = any(
            (own.kind, own.namespace) in one.sources
            and not {(crossing.kind, ""), (crossing.kind, crossing.name.value)}.isdisjoint(one.targets)
            for one in granting
        )
        kept = granting or route.cluster.anywhere(crossing.kind, crossing.name.value, crossing.namespace)
        if granted or not kept:
            continue
        grant = frozenset({"ReferenceGrant"})
        lacking = route.cluster.absence("a ReferenceGrant", grant, crossing.name.value, crossing.namespace, own)
        if lacking.unknown is not None:
            question = f"whether a ReferenceGrant of namespace {crossing.namespace} allows it"
            yield NotKnown(crossing.name.location, question, *lacking.unknown)
        else:
            yield Problem(
                crossing.name.location,
                f"{route.label} refers to {crossing.kind} '{crossing.name.value}' of namespace {crossing.namespace}, "
                f"which no ReferenceGrant there allows",
                tuple(Related(one.location, one.label) for one in granting[:3]),
            )


@check("net-dangling-parent", each=crossing_routes, complete=True)
def dangling_parent(route: Member[CrossingWords], *, assume_exists: list[str]) -> Iterator[Problem | NotKnown]:
    for parent in route.own.parents:
        if parent.kind != "Gateway" or not parent.name.value:
            continue
        namespace = parent.namespace or route.own.namespace
        if not route.cluster.knows_kind("Gateway", namespace, route.own):
            continue  # whoever keeps the gateways keeps them elsewhere
        if absence := route.lacks("Gateway", parent.name.value, assume_exists, namespace):
            message = f"{route.label} hangs on Gateway '{parent.name.value}', which is nowhere"
            yield absence.at(parent.name.location, message)


@check("net-missing-listener", each=crossing_routes)
def missing_listener(route: Member[CrossingWords]) -> Iterator[Problem]:
    for parent in route.own.parents:
        for gateway in _gateways(route, parent, _takes)[:1]:
            names = {listener.name for listener in gateway.listeners}
            ports = {listener.port for listener in gateway.listeners}
            if parent.section.value and parent.section.value not in names and "$" not in parent.section.value:
                message = (
                    f"{route.label} hangs on listener '{parent.section.value}', which {gateway.label} does not have"
                )
                yield Problem(parent.section.location, message, (Related(gateway.location, gateway.label),))
            elif parent.port.value is not None and parent.port.value not in ports:
                message = f"{route.label} hangs on port {parent.port.value}, which {gateway.label} does not open"
                yield Problem(parent.port.location, message, (Related(gateway.location, gateway.label),))


@check("net-refused-route", each=crossing_routes)
def refused_route(route: Member[CrossingWords]) -> Iterator[Problem]:
    for parent in route.own.parents:
        if not parent.namespace or not route.own.namespace or parent.namespace == route.own.namespace:
            continue
        for gateway in _gateways(route, parent, _is_open)[:1]:
            if gateway.namespace == parent.namespace:
                yield Problem(
                    parent.name.location,
                    f"{route.label} of namespace {route.own.namespace} hangs on {gateway.label}, "
                    f"which takes routes of its own namespace alone",
                    (Related(gateway.location, gateway.label),),
                )


def _takes(gateway: ListenersWords, parent: Parent) -> bool:
    """Whether it has the listener that is asked for, by its name or else by its port."""
    section, port = parent.section.value, parent.port.value
    if section and "$" not in section and section not in {listener.name for listener in gateway.listeners}:
        return False
    return bool(section) or port is None or port in {listener.port for listener in gateway.listeners}


def _is_open(gateway: ListenersWords, parent: Parent) -> bool:
    """Whether a listener that is meant takes routes of other namespaces."""
    meant = [one for one in gateway.listeners if parent.section.value in ("", one.name)]
    return not meant or any(one.allows != "Same" for one in meant)


def _gateways(
    route: Member[CrossingWords], parent: Parent, fits: Callable[[ListenersWords, Parent], bool]
) -> list[ListenersWords]:
    """The Gateways that are meant; none where one fits, for each of several clusters may have one of that name."""
    if parent.kind != "Gateway":
        return []
    namespace = parent.namespace or route.own.namespace
    named = route.cluster.others_named(ListenersWords, parent.name.value)
    found = [one for one in named if one.namespace == namespace or not one.namespace or not namespace]
    closest = route.cluster.closest(found, route.own)
    cluster = route.cluster
    if any(
        not one.listeners or cluster.is_partial(one) or cluster.is_changed(one, "listeners") or fits(one, parent)
        for one in closest
    ):
        return []
    return list(closest)


@check("net-listener-without-certificate", each=objects)
def listener_without_certificate(manifest: Manifest) -> Iterator[Problem]:
    if manifest.kind != "Gateway" or manifest.group != GATEWAY_API:
        return
    for listener in manifest.spec["listeners"]:
        tls = listener["tls"]
        terminates = listener["protocol"].text in _TERMINATED and tls["mode"].text in ("", "Terminate")
        if terminates and not len(tls["certificateRefs"]) and not tls["options"].present and not _issued(manifest):
            message = f"listener '{listener['name'].text}' of {manifest.label} ends TLS and has no certificate"
            yield Problem(tls["certificateRefs"].location, message)


def _issued(gateway: Manifest) -> bool:
    """Whether whoever runs the Gateway brings the certificate: a cloud's load balancer."""
    words = (*gateway.annotations, gateway.spec["gatewayClassName"].text)
    return any(word.startswith(("gke-", "networking.gke.io", "amazon-", "azure-", "cert-manager.io")) for word in words)


@check("net-weightless-route", each=objects)
def weightless_route(manifest: Manifest) -> Iterator[Problem]:
    if not manifest.kind.endswith("Route") or manifest.group != GATEWAY_API:
        return
    for rule in manifest.spec["rules"]:
        references = list(rule["backendRefs"])
        if references and all(whole(reference["weight"]) == 0 for reference in references):
            message = f"{manifest.label} sends to nobody: the weights of all its backends are 0"
            yield Problem(references[0]["weight"].location, message)
