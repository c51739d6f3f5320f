"""What the Definition of Done asks of the services of a Compose file."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.compose.composition import (
    ComposeProject,
    SecretFile,
    Service,
    main_projects,
    production_services,
    secret_files,
    services,
)
from devopslint.compose.values import Value
from devopslint.images.users import names_root
from devopslint.model import Location, Problem, Related
from devopslint.readers.shell import read_commands
from devopslint.registry import check
from devopslint.secrets.commands import secrets_in, secrets_in_words
from devopslint.secrets.judgement import (
    holds_value,
    is_evident,
    is_mode,
    is_placeholder,
    names_no_secret,
    names_secret,
    shows_secret,
)

_DANGEROUS = frozenset(
    {"ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "NET_ADMIN", "BPF", "DAC_READ_SEARCH"}
)
_PUBLIC = ("-----BEGIN TRUSTED CERTIFICATE", "ssh-", "ecdsa-")
"""What certificates and public keys begin with, beside those that are told everywhere."""
_TAKEN_BY_ITSELF = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_SOCKETS = ("docker.sock", "containerd.sock", "podman.sock", "crio.sock")


def said(service: Service, at: Location, message: str) -> Iterator[Problem]:
    """A problem where the value stands: in another file, which the service takes it from, it is related to the service.

    What a file for development or tests allows, it allows on a machine whose user may do all that anyway.
    """
    related = (Related(service.location, f"{service.label} takes it from there"),) if at.path != service.path else ()
    yield Problem(at, message, related, certain=not service.for_development)


@check("compose-root-user", each=services)
def root_user(service: Service) -> Iterator[Problem]:
    user = service.user
    if user.known and names_root(user.text):
        yield from said(service, user.location, f"service '{service.name}' runs as root")


@check("compose-missing-user", each=production_services)
def missing_user(service: Service) -> Iterator[Problem]:
    user = service.user
    if not user.present and not service.node["build"].present:
        yield Problem(user.location, f"service '{service.name}' names no user: its image decides")


@check("compose-writable-root-filesystem", each=production_services)
def writable_root_filesystem(service: Service) -> Iterator[Problem]:
    read_only = service.node["read_only"]
    if read_only.boolean is not True and read_only.known:
        yield from said(service, read_only.location, f"service '{service.name}' can write to its root file system")


@check("compose-disabled-healthcheck", each=services)
def disabled_healthcheck(service: Service) -> Iterator[Problem]:
    if service.occasional:
        return  # what runs to its end is healthy when it has ended well
    healthcheck = service.node["healthcheck"]
    words = [item.text for item in healthcheck["test"].strings()]
    if healthcheck["disable"].boolean:
        yield from said(
            service, healthcheck["disable"].location, f"service '{service.name}' switches its health check off"
        )
    elif words[:1] == ["NONE"]:
        yield from said(
            service, healthcheck["test"].location, f"service '{service.name}' switches its health check off"
        )


@check("compose-latest-tag", each=services)
def latest_tag(service: Service) -> Iterator[Problem]:
    image = service.image
    if image is None or image.digest or not image.well_formed:
        return
    at = service.node["image"].location._replace(wanted="image")
    if image.tag is None:
        yield from said(service, at, f"image '{image.text}' has no tag, so it is whatever is newest")
    elif image.tag == "latest":
        yield from said(service, at, f"image '{image.text}' is whatever is newest")


@check("compose-privileged", each=services)
def privileged(service: Service) -> Iterator[Problem]:
    privileged = service.node["privileged"]
    if privileged.boolean:
        yield from said(service, privileged.location, f"service '{service.name}' is privileged")


@check("compose-undropped-capabilities", each=production_services)
def undropped_capabilities(service: Service) -> Iterator[Problem]:
    drop = service.node["cap_drop"]
    if "ALL" not in (item.text.upper() for item in drop.strings()):
        yield from said(service, drop.location, f"service '{service.name}' does not drop all capabilities")


@check("compose-dangerous-capability", each=services)
def dangerous_capability(service: Service) -> Iterator[Problem]:
    for item in service.node["cap_add"].strings():
        name = item.text.upper().removeprefix("CAP_")
        if name in _DANGEROUS:
            yield from said(service, item.location, f"service '{service.name}' adds the capability {name}")


@check("compose-privilege-escalation", each=production_services)
def privilege_escalation(service: Service) -> Iterator[Problem]:
    options = service.node["security_opt"]
    spoken = {item.text.replace("=", ":").replace(" ", "") for item in options.strings()}
    if spoken.isdisjoint({"no-new-privileges:true", "no-new-privileges"}):
        message = f"service '{service.name}' may gain privileges: no-new-privileges is not set"
        yield from said(service, options.location, message)


@check("compose-unconfined", each=services)
def unconfined(service: Service) -> Iterator[Problem]:
    for item in service.node["security_opt"].strings():
        profile, _, value = item.text.replace("=", ":").partition(":")
        if value == "unconfined":
            yield from said(service, item.location, f"service '{service.name}' runs without its {profile} profile")


def _is_meant(value: str, path: str) -> bool:
    """Whether the value, or the name of the file, shows that it is for more than a developer's own machine."""
    return is_evident(value) or "prod" in path.lower()


@check("compose-literal-secret", each=services)
def literal_secret(service: Service) -> Iterator[Problem]:
    for name, value, location in (*service.environment, *service.build_arguments):
        shown = shows_secret(value)
        if shown is not None:
            yield Problem(location, f"'{name}' holds {shown} in the file", certain=_is_meant(value, location.path))
        elif service.for_development and value.isalpha():
            continue  # POSTGRES_PASSWORD: postgres, on a developer's machine
        elif names_secret(name) and holds_value(value) and not is_placeholder(value, name) and not is_mode(name, value):
            yield Problem(location, f"'{name}' holds a secret in the file", certain=_is_meant(value, location.path))


@check("compose-literal-secret", each=services)
def literal_secret_in_command(service: Service) -> Iterator[Problem]:
    """A command that is one text is split as a shell splits it."""
    for value in (service.node["entrypoint"], service.node["command"], service.node["healthcheck"]["test"]):
        words = value.strings()
        script = value.is_scalar
        if words and words[0].text in ("CMD", "CMD-SHELL"):
            script = words[0].text == "CMD-SHELL"
            words = words[1:]
        if script:
            for found in secrets_in([command for word in words for command in read_commands(word.text)]):
                yield Problem(words[0].location, found.what, certain=found.certain)
        else:
            for index, found in secrets_in_words([word.text for word in words], f"service '{service.name}'"):
                yield Problem(words[index].location, found.what, certain=found.certain)


@check("compose-committed-secret", each=secret_files)
def committed_secret(secret: SecretFile) -> Iterator[Problem]:
    value = secret.file.beginning.strip()
    if "ENC[AES256_GCM," in value or "GITCRYPT" in value[:10]:
        return
    if shows_secret(value) is None:
        if names_no_secret(secret.name) or is_placeholder(value, secret.name) or value.startswith(_PUBLIC):
            return
        if secret.for_development and value.isalpha():
            return
    said = f"the file of secret '{secret.name}' is kept in the repository"
    yield Problem(secret.named, said, certain=is_evident(value))


def limits(limit: Value) -> bool:
    """Whether there is a limit: zero is none."""
    return limit.said and not limit.zero


@check("compose-missing-memory-limit", each=production_services)
def missing_memory_limit(service: Service) -> Iterator[Problem]:
    limit = service.node.get("deploy", "resources", "limits", "memory")
    if not limits(limit) and not limits(service.node["mem_limit"]):
        yield from said(service, limit.location, f"service '{service.name}' has no memory limit")


@check("compose-missing-cpu-limit", each=production_services)
def missing_cpu_limit(service: Service) -> Iterator[Problem]:
    limit = service.node.get("deploy", "resources", "limits", "cpus")
    if not limits(limit) and not limits(service.node["cpus"]) and not limits(service.node["cpu_quota"]):
        yield from said(service, limit.location, f"service '{service.name}' has no cpu limit")


@check("compose-missing-restart", each=production_services)
def missing_restart(service: Service) -> Iterator[Problem]:
    restart = service.node["restart"]
    policy = service.node.get("deploy", "restart_policy")
    if not policy.present and not restart.said and not service.occasional:
        yield from said(service, restart.location, f"service '{service.name}' is not restarted when it stops")


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
            yield from said(service, node.location, f"service '{service.name}' shares the host's {what} namespace")


@check("compose-container-socket", each=services)
def container_socket(service: Service) -> Iterator[Problem]:
    own = service.node["use_api_socket"]
    if own.boolean:
        yield from said(service, own.location, f"service '{service.name}' gets the engine's socket and its login")
    for source, location in service.volumes:
        if source.endswith(_SOCKETS) and "/" in source:
            name = source.rpartition("/")[2]
            if "/run/user/" in source:  # of an engine without root: whoever has it is its user, and no more
                yield Problem(location, f"service '{service.name}' mounts a user's {name}", certain=False)
                continue
            message = f"service '{service.name}' mounts the host's {name}"
            if service.image is not None and service.image.name.endswith("socket-proxy"):
                yield Problem(location, message, certain=False)  # it is there to limit what others ask
            else:
                yield from said(service, location, message)


@check("compose-container-socket", each=main_projects)
def container_socket_in_a_volume(project: ComposeProject) -> Iterator[Problem]:
    """A volume of the driver local may stand for a path of the host."""
    for service in project.services:
        for name, location in service.named_volumes:
            device = project.root["volumes"][name]["driver_opts"]["device"]
            if device.text.endswith(_SOCKETS) and "/" in device.text:
                what = device.text.rpartition("/")[2]
                yield from said(
                    service, location, f"service '{service.name}' mounts the host's {what} as volume '{name}'"
                )


@check("compose-host-path", each=services)
def host_path(service: Service) -> Iterator[Problem]:
    for source, location in service.volumes:
        if source in ("/", "/etc", "/proc", "/sys", "/boot", "/root", "/var/run", "/var/lib/docker", "/dev"):
            yield from said(service, location, f"service '{service.name}' mounts the host's {source}")


def _is_missed(project: ComposeProject, section: str, name: str, path: str) -> bool:
    """Whether nothing may be put beside the file that has the name: Compose takes it where nobody names one, and no other
    file of the repository declares it."""
    return path.rpartition("/")[2] in _TAKEN_BY_ITSELF and (section, name) not in project.elsewhere


@check("compose-dangling-service", each=main_projects)
def dangling_service(project: ComposeProject) -> Iterator[Problem]:
    known = project.declared("services")
    for service in project.services:
        for name, location in service.dependencies:
            if name not in known:
                said = f"service '{service.name}' depends on '{name}', which is no service of this file"
                yield Problem(location, said, certain=_is_missed(project, "services", name, location.path))


@check("compose-dangling-volume", each=main_projects)
def dangling_volume(project: ComposeProject) -> Iterator[Problem]:
    known = project.declared("volumes")
    for service in project.services:
        for name, location in service.named_volumes:
            if name not in known:
                said = f"volume '{name}' is declared nowhere in this file"
                yield Problem(location, said, certain=_is_missed(project, "volumes", name, location.path))


@check("compose-undeclared-name", each=main_projects)
def undeclared_name(project: ComposeProject) -> Iterator[Problem]:
    for section in ("networks", "secrets", "configs"):
        known = project.declared(section)
        for service in project.services:
            for name, location in service.uses(section):
                if not name or "$" in name or "{{" in name:  # put in later
                    continue
                if name not in known and (section, name) != ("networks", "default"):
                    said = f"{section[:-1]} '{name}' is declared nowhere in this file"
                    yield Problem(location, said, certain=_is_missed(project, section, name, location.path))
