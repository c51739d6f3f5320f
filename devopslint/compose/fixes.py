"""How Compose files are mended: what a service may do, take and survive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from devopslint.compose.files import ComposeFile
from devopslint.deferred import NamedTuple
from devopslint.model import Location, Problem
from devopslint.readers.rewriting import UNSAFE
from devopslint.readers.yaml import Node
from devopslint.readers.yaml_changes import Append, Change, Drop, Put, Rewrite
from devopslint.registry import fix

Mended = Iterator[Change | str]


class WrittenService(NamedTuple):
    """A service as this file has it, whatever others add."""

    name: str
    node: Node

    @property
    def label(self) -> str:
        return f"service {self.name}"

    @property
    def location(self) -> Location:
        return self.node.key_location


def written_services(file: ComposeFile) -> list[WrittenService]:
    """Every service with something in it."""
    return [WrittenService(key.text, node) for key, node in file.root["services"].items() if node.is_mapping]


@fix("compose-privilege-escalation", each=written_services)
def privilege_escalation(service: WrittenService, problem: Problem) -> Mended:
    for option in service.node["security_opt"].strings():
        if option.text.replace("=", ":") == "no-new-privileges:false":
            yield Rewrite(option, len("no-new-privileges:"), len(option.text), "true")
            return
    yield from _with(service, "security_opt", "no-new-privileges:true")


@fix("compose-undropped-capabilities", each=written_services)
def undropped_capabilities(service: WrittenService, problem: Problem) -> Mended:
    yield from _with(service, "cap_drop", "ALL")


def _with(service: WrittenService, key: str, value: str) -> Mended:
    present = service.node[key]
    if present.is_sequence:
        yield Append(present, value)
    elif not present.exists:
        yield Put(service.node, (key,), [value])


@fix("compose-writable-root-filesystem", each=written_services)
def writable_root_filesystem(service: WrittenService, problem: Problem) -> Mended:
    yield Put(service.node, ("read_only",), True)


@fix("compose-privileged", each=written_services)
def privileged(service: WrittenService, problem: Problem) -> Mended:
    if service.node["privileged"].present and "$" not in service.node["privileged"].text:
        yield Put(service.node, ("privileged",), False)


@fix("compose-missing-restart", each=written_services)
def missing_restart(service: WrittenService, problem: Problem) -> Mended:
    yield Put(service.node, ("restart",), "unless-stopped", after=("image", "build"))


@fix("compose-missing-user", each=written_services)
def missing_user(service: WrittenService, problem: Problem) -> Mended:
    yield Put(service.node, ("user",), "10001:10001", after=("image",))


@fix("compose-missing-memory-limit", each=written_services)
def missing_memory_limit(
    service: WrittenService, problem: Problem, *, limits: Mapping[str, Any] | None = None
) -> Mended:
    amount = (limits or {}).get("memory")
    if amount is None:
        yield UNSAFE
    yield from _limited(service, "memory", "mem_limit", (amount and _in_bytes(str(amount))) or "256m")


@fix("compose-missing-cpu-limit", each=written_services)
def missing_cpu_limit(service: WrittenService, problem: Problem, *, limits: Mapping[str, Any] | None = None) -> Mended:
    amount = (limits or {}).get("cpu")
    if amount is None:
        yield UNSAFE
    yield from _limited(service, "cpus", "cpus", (amount and _in_cores(str(amount))) or "0.5")


def _limited(service: WrittenService, key: str, short: str, amount: str) -> Mended:
    """Where the service has limits of a deploy already, among them: beside those, Compose takes no other."""
    if service.node["deploy"].present:
        yield Put(service.node, ("deploy", "resources", "limits", key), amount)
    else:
        yield Put(service.node, (short,), amount)


def _in_bytes(quantity: str) -> str:
    """`256Mi`, as Kubernetes and the configuration have it, as Compose has it."""
    return quantity.removesuffix("i").lower()


def _in_cores(quantity: str) -> str:
    return f"{int(quantity[:-1]) / 1000:g}" if quantity.endswith("m") and quantity[:-1].isdecimal() else quantity


@fix("compose-disabled-healthcheck", each=written_services)
def disabled_healthcheck(service: WrittenService, problem: Problem) -> Mended:
    """What the image checks is checked again."""
    own = service.node["healthcheck"]
    if own["disable"].exists and len(own.items()) == 1 and len(service.node.items()) > 1:
        yield Drop(service.node, "healthcheck")
    elif own["disable"].exists:
        yield Drop(own, "disable")


@fix("compose-update-without-rollback", each=written_services)
def update_without_rollback(service: WrittenService, problem: Problem) -> Mended:
    yield Put(service.node, ("deploy", "update_config", "failure_action"), "rollback")


@fix("compose-stop-first-update", each=written_services)
def stop_first_update(service: WrittenService, problem: Problem) -> Mended:
    key = "rollback_config" if " a rollback " in problem.message else "update_config"
    yield Put(service.node, ("deploy", key, "order"), "start-first")
