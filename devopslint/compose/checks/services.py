"""What the Definition of Done asks of the services of a Compose file."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.compose.services import (
    BuiltService,
    ComposeFile,
    Service,
    built_services,
    main_files,
    production_services,
    services,
)
from devopslint.model import Problem, Related
from devopslint.registry import check
from devopslint.secrets.judgement import holds_value, is_placeholder, names_secret, shows_secret

_DANGEROUS = frozenset(
    {"ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "NET_ADMIN", "BPF", "DAC_READ_SEARCH"}
)
_SOCKETS = ("docker.sock", "containerd.sock", "podman.sock", "crio.sock")


@check("compose-root-user", each=services)
def root_user(service: Service) -> Iterator[Problem]:
    user = service.node["user"]
    if user.text.partition(":")[0] in ("root", "0"):
        yield Problem(user.location, f"service '{service.name}' runs as root")


@check("compose-missing-user", each=production_services)
def missing_user(service: Service) -> Iterator[Problem]:
    user = service.node["user"]
    if not user.present and not service.node["build"].present:
        yield Problem(user.location, f"service '{service.name}' names no user: its image decides")


@check("compose-root-image", each=built_services)
def root_image(built: BuiltService) -> Iterator[Problem]:
    service, image = built.service, built.image
    if service.user is None or image is None or image.steps_down or (service.target and image.development):
        return
    if image.user is None or image.user.partition(":")[0] in ("root", "0"):
        related = (Related(image.user_location, "the image that it builds runs as root"),)
        yield Problem(
            service.user,
            f"service '{service.name}' runs as root: neither it nor its Dockerfile says otherwise",
            related,
        )


@check("compose-writable-root-filesystem", each=production_services)
def writable_root_filesystem(service: Service) -> Iterator[Problem]:
    read_only = service.node["read_only"]
    if read_only.value is not True and "$" not in read_only.text:
        yield Problem(read_only.location, f"service '{service.name}' can write to its root file system")


@check("compose-missing-healthcheck", each=built_services)
def missing_healthcheck(built: BuiltService) -> Iterator[Problem]:
    service, image = built.service, built.image
    if service.healthcheck is None or (image is not None and image.healthcheck == "CMD"):
        return
    yield Problem(service.healthcheck, f"service '{service.name}' has no health check")


@check("compose-disabled-healthcheck", each=services)
def disabled_healthcheck(service: Service) -> Iterator[Problem]:
    healthcheck = service.node["healthcheck"]
    words = [item.text for item in healthcheck["test"].strings()]
    if healthcheck["disable"].value is True:
        yield Problem(healthcheck["disable"].location, f"service '{service.name}' switches its health check off")
    elif words[:1] == ["NONE"]:
        yield Problem(healthcheck["test"].location, f"service '{service.name}' switches its health check off")


@check("compose-latest-tag", each=services)
def latest_tag(service: Service) -> Iterator[Problem]:
    image = service.image
    if image is None or image.digest or not image.well_formed:
        return
    if image.tag is None:
        yield Problem(service.node["image"].location, f"image '{image.text}' has no tag, so it is whatever is newest")
    elif image.tag == "latest":
        yield Problem(service.node["image"].location, f"image '{image.text}' is whatever is newest")


@check("compose-privileged", each=services)
def privileged(service: Service) -> Iterator[Problem]:
    if service.node["privileged"].value is True:
        yield Problem(service.node["privileged"].location, f"service '{service.name}' is privileged")


@check("compose-undropped-capabilities", each=production_services)
def undropped_capabilities(service: Service) -> Iterator[Problem]:
    drop = service.node["cap_drop"]
    if "ALL" not in (item.text.upper() for item in drop.strings()):
        yield Problem(drop.location, f"service '{service.name}' does not drop all capabilities")


@check("compose-dangerous-capability", each=services)
def dangerous_capability(service: Service) -> Iterator[Problem]:
    for item in service.node["cap_add"].strings():
        name = item.text.upper().removeprefix("CAP_")
        if name in _DANGEROUS:
            yield Problem(item.location, f"service '{service.name}' adds the capability {name}")


@check("compose-privilege-escalation", each=production_services)
def privilege_escalation(service: Service) -> Iterator[Problem]:
    options = service.node["security_opt"]
    said = {item.text.replace("=", ":").replace(" ", "") for item in options.strings()}
    if said.isdisjoint({"no-new-privileges:true", "no-new-privileges"}):
        yield Problem(options.location, f"service '{service.name}' may gain privileges: no-new-privileges is not set")


@check("compose-unconfined", each=services)
def unconfined(service: Service) -> Iterator[Problem]:
    for item in service.node["security_opt"].strings():
        profile, _, value = item.text.replace("=", ":").partition(":")
        if value == "unconfined":
            yield Problem(item.location, f"service '{service.name}' runs without its {profile} profile")


@check("compose-literal-secret", each=services)
def literal_secret(service: Service) -> Iterator[Problem]:
    for name, value, location in service.environment:
        shown = shows_secret(value)
        if shown is not None:
            yield Problem(location, f"'{name}' holds {shown} in the file")
        elif service.file.for_development and value.isalpha():
            continue  # POSTGRES_PASSWORD: postgres, on a developer's machine
        elif names_secret(name) and holds_value(value) and not is_placeholder(value):
            yield Problem(location, f"'{name}' holds a secret in the file")


@check("compose-missing-memory-limit", each=production_services)
def missing_memory_limit(service: Service) -> Iterator[Problem]:
    limit = service.node.get("deploy", "resources", "limits", "memory")
    if not limit.present and not service.node["mem_limit"].present:
        yield Problem(limit.location, f"service '{service.name}' has no memory limit")


@check("compose-missing-cpu-limit", each=production_services)
def missing_cpu_limit(service: Service) -> Iterator[Problem]:
    limit = service.node.get("deploy", "resources", "limits", "cpus")
    if not limit.present and not service.node["cpus"].present and not service.node["cpu_quota"].present:
        yield Problem(limit.location, f"service '{service.name}' has no cpu limit")


@check("compose-missing-restart", each=production_services)
def missing_restart(service: Service) -> Iterator[Problem]:
    restart = service.node["restart"]
    policy = service.node.get("deploy", "restart_policy")
    if not policy.present and not restart.present and not service.occasional:
        yield Problem(restart.location, f"service '{service.name}' is not restarted when it stops")


@check("compose-host-namespace", each=services)
def host_namespace(service: Service) -> Iterator[Problem]:
    for key, what in (
        ("network_mode", "network"),
        ("pid", "process"),
        ("ipc", "IPC"),
        ("uts", "UTS"),
        ("userns_mode", "user"),
    ):
        node = service.node[key]
        if node.text == "host":
            yield Problem(node.location, f"service '{service.name}' shares the host's {what} namespace")


@check("compose-container-socket", each=services)
def container_socket(service: Service) -> Iterator[Problem]:
    for source, location in service.volumes:
        if source.endswith(_SOCKETS):
            yield Problem(location, f"service '{service.name}' mounts the host's {source.rpartition('/')[2]}")


@check("compose-host-path", each=services)
def host_path(service: Service) -> Iterator[Problem]:
    for source, location in service.volumes:
        if source in ("/", "/etc", "/proc", "/sys", "/boot", "/root", "/var/run", "/var/lib/docker", "/dev"):
            yield Problem(location, f"service '{service.name}' mounts the host's {source}")


@check("compose-dangling-service", each=main_files)
def dangling_service(file: ComposeFile) -> Iterator[Problem]:
    known = file.declared("services")
    for service in file.services:
        for name, location in service.dependencies:
            if name not in known:
                yield Problem(
                    location, f"service '{service.name}' depends on '{name}', which is no service of this file"
                )


@check("compose-dangling-volume", each=main_files)
def dangling_volume(file: ComposeFile) -> Iterator[Problem]:
    known = file.declared("volumes")
    for service in file.services:
        for name, location in service.named_volumes:
            if name not in known:
                yield Problem(location, f"volume '{name}' is declared nowhere in this file")


@check("compose-undeclared-name", each=main_files)
def undeclared_name(file: ComposeFile) -> Iterator[Problem]:
    for section in ("networks", "secrets", "configs"):
        known = file.declared(section)
        for service in file.services:
            for name, location in service.uses(section):
                if name and "$" not in name and name not in known and (section, name) != ("networks", "default"):
                    yield Problem(location, f"{section[:-1]} '{name}' is declared nowhere in this file")
