"""How Swarm replaces the containers of a service: in what order, how long it looks, and what follows a failure."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.compose.composition import Service, production_services
from devopslint.compose.values import Value
from devopslint.deferred import compiled
from devopslint.model import Problem
from devopslint.registry import check

_SECONDS = compiled(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})(?:\.\d+)?s)?")
_MONITOR = 5
"""How long Swarm looks at a new container, in seconds, unless it is told."""


@check("compose-update-without-rollback", each=production_services)
def update_without_rollback(service: Service) -> Iterator[Problem]:
    update = service.node.get("deploy", "update_config")
    action = update["failure_action"]
    if update.present and action.known and action.text != "rollback":
        what = f"'{action.text}'" if action.text else "pause, the default"
        message = f"service '{service.name}' leaves a failed update half done: failure_action is {what}"
        yield Problem(action.location, message)


@check("compose-stop-first-update", each=production_services)
def stop_first_update(service: Service) -> Iterator[Problem]:
    deploy = service.node["deploy"]
    if any(port["mode"].text == "host" for port in service.node["ports"]):
        return  # the node has the port once: the old container has to go first
    for part, what in (("update_config", "an update"), ("rollback_config", "a rollback")):
        order = deploy[part]["order"]
        if deploy[part].present and order.known and order.text != "start-first":
            message = f"service '{service.name}' stops its containers before {what} has started new ones"
            yield Problem(order.location, message)


@check("compose-unmonitored-update", each=production_services)
def unmonitored_update(service: Service, *, minimum: int) -> Iterator[Problem]:
    update = service.node.get("deploy", "update_config")
    monitor = update["monitor"]
    length = _seconds(monitor)
    if update.present and length is not None and length < minimum:
        message = f"service '{service.name}' looks at a new container for {length} s, less than {minimum} s"
        yield Problem(monitor.location, message)


def _seconds(monitor: Value) -> int | None:
    """The length of a duration such as `1m30s`, whole seconds of it; None where it is none."""
    if not monitor.present:
        return _MONITOR
    found = _SECONDS.fullmatch(monitor.text) if monitor.known and monitor.text else None
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds
