"""What a pod and its containers may do on their node: users, privileges, capabilities, profiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from devopslint.kubernetes.capabilities import BASELINE_CAPABILITIES, DANGEROUS_CAPABILITIES, DEFAULT_CAPABILITIES
from devopslint.kubernetes.manifests import containers, workloads
from devopslint.kubernetes.names import is_put_in, stands_in
from devopslint.kubernetes.quantity import whole
from devopslint.kubernetes.workloads import Container, Workload, minor_version
from devopslint.model import Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check

SAFE_SYSCTLS: dict[str, int] = {
    "kernel.shm_rmid_forced": 0,
    "net.ipv4.ip_local_port_range": 0,
    "net.ipv4.ip_unprivileged_port_start": 0,
    "net.ipv4.ping_group_range": 0,
    "net.ipv4.tcp_syncookies": 0,
    "net.ipv4.ip_local_reserved_ports": 27,
    "net.ipv4.tcp_fin_timeout": 29,
    "net.ipv4.tcp_keepalive_intvl": 29,
    "net.ipv4.tcp_keepalive_probes": 29,
    "net.ipv4.tcp_keepalive_time": 29,
    "net.ipv4.tcp_rmem": 32,
    "net.ipv4.tcp_wmem": 32,
    "net.ipv4.tcp_notsent_lowat": 37,
    "net.ipv4.tcp_slow_start_after_idle": 37,
}
"""What the baseline level lets a pod set, and the minor version since which it does."""

SELINUX_TYPES: dict[str, int] = {
    "": 0,
    "container_t": 0,
    "container_init_t": 0,
    "container_kvm_t": 0,
    "container_engine_t": 31,
}
CONFINED_PROFILES = frozenset(("RuntimeDefault", "Localhost"))
APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
SECCOMP_ANNOTATION = "seccomp.security.alpha.kubernetes.io/pod"
CONTAINER_SECCOMP_ANNOTATION = "container.seccomp.security.alpha.kubernetes.io/"
SECCOMP_FIELD_SINCE = 19
WINDOWS_EXEMPT_SINCE = 25
HOST_PROBES_SINCE = 34
USER_NAMESPACES_SINCE = 35


@check("k8s-root-container", each=containers)
def root_container(container: Container) -> Iterator[Problem]:
    user = container.security("runAsUser")
    non_root = container.security("runAsNonRoot")
    if is_zero(user):
        yield Problem(user.location, f"container '{container.name}' runs as user 0")
    elif user.present or container.security("windowsOptions", "runAsUserName").present:
        return
    elif non_root.value is not True and not stands_in(non_root.text):
        yield Problem(non_root.location, f"container '{container.name}' may run as root")


@check("k8s-unenforced-non-root", each=workloads)
def unenforced_non_root(workload: Workload, *, kubernetes_version: str) -> Iterator[Problem]:
    if relaxed(workload, kubernetes_version):
        return
    of_pod = workload.pod["securityContext"]["runAsNonRoot"]
    if of_pod.value is False:
        yield Problem(of_pod.location, "the pod sets runAsNonRoot to false, not true")
    for container in workload.containers:
        own = container.node["securityContext"]["runAsNonRoot"]
        if own.value is False:
            yield Problem(own.location, f"container '{container.name}' sets runAsNonRoot to false, not true")
        elif own.value is not True and of_pod.value is not True:
            yield Problem(own.location, f"container '{container.name}' is not held to runAsNonRoot: true")


@check("k8s-root-user", each=workloads)
def root_user(workload: Workload, *, kubernetes_version: str) -> Iterator[Problem]:
    if minor_version(kubernetes_version) < 23 or relaxed(workload, kubernetes_version):
        return
    for who, context in security_contexts(workload):
        if is_zero(context["runAsUser"]):
            yield Problem(context["runAsUser"].location, f"{who} runs as user 0")


@check("k8s-low-user-id", each=containers)
def low_user_id(container: Container, *, minimum: int) -> Iterator[Problem]:
    number = container.security("runAsUser")
    if not is_zero(number) and (problem := below(container, number, "user", minimum)) is not None:
        yield problem  # of user 0 k8s-root-container speaks


@check("k8s-missing-user-id", each=containers)
def missing_user_id(container: Container, *, minimum: int) -> Iterator[Problem]:
    yield from unnamed(container, "runAsUser", "user", minimum)


@check("k8s-low-group-id", each=containers)
def low_group_id(container: Container, *, minimum: int) -> Iterator[Problem]:
    yield from unnamed(container, "runAsGroup", "group", minimum)
    if (problem := below(container, container.security("runAsGroup"), "group", minimum)) is not None:
        yield problem


def unnamed(container: Container, key: str, what: str, minimum: int) -> Iterator[Problem]:
    number = container.security(key)
    if not number.present:
        yield Problem(number.location, f"container '{container.name}' names no {what} id of {minimum} or more")


def below(container: Container, number: Node, what: str, minimum: int) -> Problem | None:
    if (chosen := whole(number)) is None or chosen >= minimum:
        return None
    return Problem(number.location, f"container '{container.name}' runs as {what} {number.text}, lower than {minimum}")


@check("k8s-root-group", each=workloads)
def root_group(workload: Workload) -> Iterator[Problem]:
    for who, context in security_contexts(workload):
        for group in (context["runAsGroup"], context["fsGroup"], *context["supplementalGroups"]):
            if is_zero(group):
                yield Problem(group.location, f"{who} runs with group 0")


@check("k8s-writable-root-filesystem", each=containers)
def writable_root_filesystem(container: Container) -> Iterator[Problem]:
    read_only = container.node["securityContext"]["readOnlyRootFilesystem"]
    if read_only.value is not True and not stands_in(read_only.text) and not container.workload.windows:
        yield Problem(read_only.location, f"container '{container.name}' can write to its root file system")


def added_names(container: Container) -> list[str]:
    return [item.text for item in container.node.get("securityContext", "capabilities", "add").strings()]


@check("k8s-privilege-escalation", each=containers)
def privilege_escalation(container: Container, *, kubernetes_version: str) -> Iterator[Problem]:
    allowed = container.node["securityContext"]["allowPrivilegeEscalation"]
    if container.privileged or "CAP_SYS_ADMIN" in added_names(container):  # the API server refuses `false` beside them
        return
    if allowed.value is False or stands_in(allowed.text):
        return
    if not exempt_windows(container, kubernetes_version):
        yield Problem(allowed.location, f"container '{container.name}' may gain more privileges than its parent")


@check("k8s-privileged-container", each=containers)
def privileged_container(container: Container) -> Iterator[Problem]:
    privileged = container.node["securityContext"]["privileged"]
    if privileged.value is True:
        means = (
            "its user namespace is all that it is kept in"
            if container.workload.user_namespace
            else "it is root on the node"
        )
        yield Problem(
            privileged.location,
            f"container '{container.name}' is privileged: {means}",
            tuple(_beside_privileged(container)),
        )


def _beside_privileged(container: Container) -> Iterator[Related]:
    """What is written beside `privileged: true` and changes nothing, or allows what it allows."""
    context = container.node["securityContext"]
    if context["allowPrivilegeEscalation"].value is True:
        yield Related(context["allowPrivilegeEscalation"].location, "which it may in any case")
    for key, words in (("drop", "it has every capability all the same"), ("add", "it has every capability")):
        if len(context["capabilities"][key]):
            yield Related(context["capabilities"][key].location, words)


@check("k8s-kept-capabilities", each=containers)
def kept_capabilities(container: Container, *, kubernetes_version: str) -> Iterator[Problem]:
    drop = container.node.get("securityContext", "capabilities", "drop")
    dropped = [item.text for item in drop.strings()]
    if "ALL" in dropped or container.privileged or exempt_windows(container, kubernetes_version):
        return
    if any(map(is_put_in, dropped)):
        return
    misspelt = next((name for name in dropped if name.upper() == "ALL"), None)
    if misspelt:
        yield Problem(drop.location, f"container '{container.name}' drops '{misspelt}': pod security reads only ALL")
    else:
        yield Problem(drop.location, f"container '{container.name}' does not drop ALL capabilities")


@check("k8s-kept-net-raw", each=containers)
def kept_net_raw(container: Container) -> Iterator[Problem]:
    if dropped_capabilities(container).isdisjoint(("ALL", "NET_RAW")):
        drop = container.node.get("securityContext", "capabilities", "drop")
        yield Problem(drop.location, f"container '{container.name}' keeps the capability NET_RAW")


@check("k8s-kept-default-capabilities", each=containers)
def kept_default_capabilities(container: Container) -> Iterator[Problem]:
    dropped = dropped_capabilities(container)
    kept = sorted(DEFAULT_CAPABILITIES - dropped)
    if "ALL" not in dropped and kept:
        drop = container.node.get("securityContext", "capabilities", "drop")
        some = ", ".join(kept[:3]) + (", …" if len(kept) > 3 else "")
        yield Problem(drop.location, f"container '{container.name}' keeps the capabilities {some}")


@check("k8s-undropped-capabilities", each=containers)
def undropped_capabilities(container: Container) -> Iterator[Problem]:
    if not dropped_capabilities(container):
        drop = container.node.get("securityContext", "capabilities", "drop")
        yield Problem(drop.location, f"container '{container.name}' drops no capability")


@check("k8s-sys-admin-capability", each=containers)
def sys_admin_capability(container: Container) -> Iterator[Problem]:
    for capability in _adding("SYS_ADMIN", container):
        yield Problem(capability.location, f"container '{container.name}' adds SYS_ADMIN, which is nearly root")


@check("k8s-dangerous-capability", each=containers)
def dangerous_capability(container: Container) -> Iterator[Problem]:
    for capability in added_capabilities(container):
        if plain_capability(capability) in DANGEROUS_CAPABILITIES - {"SYS_MODULE"}:
            yield Problem(capability.location, f"container '{container.name}' adds the capability {capability.text}")


@check("k8s-module-capability", each=containers)
def module_capability(container: Container) -> Iterator[Problem]:
    for capability in _adding("SYS_MODULE", container):
        yield Problem(capability.location, f"container '{container.name}' may load modules into the node's kernel")


@check("k8s-net-raw-capability", each=containers)
def net_raw_capability(container: Container) -> Iterator[Problem]:
    for capability in _adding("NET_RAW", container):
        yield Problem(capability.location, f"container '{container.name}' may forge packets: it adds NET_RAW")


def _adding(name: str, container: Container) -> Iterator[Node]:
    """Where the container adds this capability, in any spelling."""
    return (capability for capability in added_capabilities(container) if plain_capability(capability) == name)


@check("k8s-added-capability", each=containers)
def added_capability(container: Container) -> Iterator[Problem]:
    for capability in added_capabilities(container):
        if capability.text in BASELINE_CAPABILITIES or plain_capability(capability) in (
            DANGEROUS_CAPABILITIES | {"SYS_ADMIN", "NET_RAW"}
        ):
            continue
        if is_put_in(capability.text):
            continue
        said = f"container '{container.name}' adds the capability {capability.text}, "
        plain = plain_capability(capability)
        if plain in BASELINE_CAPABILITIES:  # the runtime may know it under this name
            said += f"which Pod Security does not know: it is called {plain}"
            yield Problem(capability.location, said, certain=False)
        else:
            yield Problem(capability.location, f"{said}beyond the default set")


@check("k8s-needless-capability", each=containers)
def needless_capability(container: Container, *, kubernetes_version: str) -> Iterator[Problem]:
    if exempt_windows(container, kubernetes_version):
        return
    for capability in added_capabilities(container):
        if capability.text in BASELINE_CAPABILITIES - {"NET_BIND_SERVICE"}:
            yield Problem(
                capability.location,
                f"container '{container.name}' adds the capability {capability.text}, not only NET_BIND_SERVICE",
            )


@check("k8s-low-port-capability", each=containers)
def low_port_capability(container: Container) -> Iterator[Problem]:
    for capability in added_capabilities(container):
        if capability.text == "NET_BIND_SERVICE":
            yield Problem(
                capability.location, f"container '{container.name}' adds a capability to use ports below 1024"
            )


@check("k8s-missing-seccomp-profile", each=containers)
def missing_seccomp_profile(container: Container, *, kubernetes_version: str) -> Iterator[Problem]:
    if container.privileged or exempt_windows(container, kubernetes_version):
        return
    profile = container.security("seccompProfile", "type")
    if not profile.present and not legacy_seccomp(container, kubernetes_version):
        yield Problem(profile.location, f"container '{container.name}' has no seccomp profile")


@check("k8s-unconfined-seccomp", each=workloads)
def unconfined_seccomp(workload: Workload, *, kubernetes_version: str) -> Iterator[Problem]:
    if minor_version(kubernetes_version) < SECCOMP_FIELD_SINCE:
        for key, value in workload.template["metadata"]["annotations"].items():
            if key.text.startswith((SECCOMP_ANNOTATION, CONTAINER_SECCOMP_ANNOTATION)):
                if value.text not in ("runtime/default", "docker/default") and not value.text.startswith("localhost/"):
                    yield Problem(value.location, f"the seccomp profile is '{value.text}'")
        return
    for who, context in security_contexts(workload):
        profile = context["seccompProfile"]
        if not profile.is_scalar:
            profile = profile["type"]
        if profile.present and profile.text not in CONFINED_PROFILES and not is_put_in(profile.text):
            yield Problem(profile.location, f"{who} has the seccomp profile '{profile.text}'")


@check("k8s-apparmor-override", each=workloads)
def apparmor_override(workload: Workload) -> Iterator[Problem]:
    for key, value in workload.template["metadata"]["annotations"].items():
        name = key.text.removeprefix(APPARMOR_ANNOTATION)
        if name != key.text and value.text not in ("", "runtime/default") and not value.text.startswith("localhost/"):
            yield Problem(value.location, f"container '{name}' has the AppArmor profile '{value.text}'")
    for who, context in security_contexts(workload):
        profile = context["appArmorProfile"]["type"]
        if profile.present and profile.text not in CONFINED_PROFILES and not is_put_in(profile.text):
            yield Problem(profile.location, f"{who} has the AppArmor profile '{profile.text}'")


@check("k8s-selinux-override", each=workloads)
def selinux_override(workload: Workload, *, kubernetes_version: str) -> Iterator[Problem]:
    minor = minor_version(kubernetes_version)
    for who, context in security_contexts(workload):
        options = context["seLinuxOptions"]
        if SELINUX_TYPES.get(options["type"].text, minor + 1) > minor:
            yield Problem(options["type"].location, f"{who} has the SELinux type '{options['type'].text}'")
        for key in ("user", "role"):
            if options[key].text:
                yield Problem(options[key].location, f"{who} sets the SELinux {key} '{options[key].text}'")


@check("k8s-unmasked-proc", each=containers)
def unmasked_proc(container: Container, *, kubernetes_version: str) -> Iterator[Problem]:
    if not relaxed(container.workload, kubernetes_version):
        yield from unmasked(container)


@check("k8s-unmasked-proc-in-user-namespace", each=containers)
def unmasked_proc_in_user_namespace(container: Container, *, kubernetes_version: str) -> Iterator[Problem]:
    if relaxed(container.workload, kubernetes_version):
        yield from unmasked(container)


def unmasked(container: Container) -> Iterator[Problem]:
    mount = container.node["securityContext"]["procMount"]
    if mount.present and mount.text != "Default" and not is_put_in(mount.text):
        yield Problem(mount.location, f"container '{container.name}' has the procMount '{mount.text}', not Default")


@check("k8s-unsafe-sysctl", each=workloads)
def unsafe_sysctl(workload: Workload, *, kubernetes_version: str) -> Iterator[Problem]:
    minor = minor_version(kubernetes_version)
    for sysctl in workload.pod["securityContext"]["sysctls"]:
        name = sysctl["name"]
        if name.text and SAFE_SYSCTLS.get(name.text, minor + 1) > minor and not is_put_in(name.text):
            yield Problem(name.location, f"sysctl '{name.text}' is not one of the safe ones")


@check("k8s-host-network", each=workloads)
def host_network(workload: Workload) -> Iterator[Problem]:
    # A pod of HostProcess containers has to share it: k8s-windows-host-process says so.
    if not any(context["windowsOptions"]["hostProcess"].value is True for _, context in security_contexts(workload)):
        yield from host_namespace(workload, "hostNetwork", "network")


@check("k8s-host-pid", each=workloads)
def host_pid(workload: Workload) -> Iterator[Problem]:
    yield from host_namespace(workload, "hostPID", "processes")


@check("k8s-host-ipc", each=workloads)
def host_ipc(workload: Workload) -> Iterator[Problem]:
    yield from host_namespace(workload, "hostIPC", "inter-process communication")


def host_namespace(workload: Workload, key: str, what: str) -> Iterator[Problem]:
    if workload.pod[key].value is True:
        yield Problem(workload.pod[key].location, f"the pod shares the node's {what}")


@check("k8s-shared-process-namespace", each=workloads)
def shared_process_namespace(workload: Workload) -> Iterator[Problem]:
    shared = workload.pod["shareProcessNamespace"]
    if shared.value is True:
        yield Problem(shared.location, "the pod's containers see each other's processes")


@check("k8s-host-port", each=containers)
def host_port(container: Container) -> Iterator[Problem]:
    for port in container.ports:
        if port["hostPort"].present and not is_zero(port["hostPort"]):
            yield Problem(
                port["hostPort"].location,
                f"container '{container.name}' takes port {port['hostPort'].text} of the node",
            )


@check("k8s-windows-host-process", each=workloads)
def windows_host_process(workload: Workload) -> Iterator[Problem]:
    for who, context in security_contexts(workload):
        process = context["windowsOptions"]["hostProcess"]
        if process.value is True:
            yield Problem(process.location, f"{who} runs as a process of its Windows node")


@check("k8s-host-probe", each=containers)
def host_probe(container: Container, *, kubernetes_version: str) -> Iterator[Problem]:
    if minor_version(kubernetes_version) < HOST_PROBES_SINCE:
        return
    for handler in container.handlers:
        for action in ("httpGet", "tcpSocket"):
            host = handler[action]["host"]
            if host.text:
                yield Problem(host.location, f"container '{container.name}' has the kubelet call host '{host.text}'")


@check("k8s-host-alias", each=workloads)
def host_alias(workload: Workload) -> Iterator[Problem]:
    aliases = workload.pod["hostAliases"]
    if len(aliases):
        yield Problem(aliases.location, "the pod writes its own entries into /etc/hosts")


@check("k8s-missing-pod-security-context", each=workloads)
def missing_pod_security_context(workload: Workload) -> Iterator[Problem]:
    own = workload.pod["securityContext"]
    if workload.pod.present and not own.items():
        yield Problem(own.location, f"the pod of {workload.label} has no securityContext")


@check("k8s-missing-container-security-context", each=containers)
def missing_container_security_context(container: Container) -> Iterator[Problem]:
    own = container.node["securityContext"]
    if not own.items():
        yield Problem(own.location, f"container '{container.name}' has no securityContext of its own")


@check("k8s-default-security-context", each=containers)
def default_security_context(container: Container) -> Iterator[Problem]:
    own = container.node["securityContext"]
    if not own.items() and not container.workload.pod["securityContext"].items():
        yield Problem(own.location, f"container '{container.name}' has no securityContext, nor has its pod")


@check("k8s-unhardened-container", each=containers)
def unhardened_container(container: Container) -> Iterator[Problem]:
    annotated = container.workload.pod_annotations.get(APPARMOR_ANNOTATION + container.name)
    capabilities = container.node.get("securityContext", "capabilities")
    drops = len(capabilities["drop"]) and "ALL" not in {plain_capability(c) for c in added_capabilities(container)}
    hardened = (
        annotated
        or container.security("appArmorProfile", "type").text in CONFINED_PROFILES
        or container.security("seccompProfile", "type").text in CONFINED_PROFILES
        or container.security("seLinuxOptions").items()
        or drops
    )
    if not hardened:
        context = container.node["securityContext"]
        yield Problem(
            context.location,
            f"container '{container.name}' has neither seccomp, AppArmor, SELinux options nor dropped capabilities",
        )


def security_contexts(workload: Workload) -> Iterable[tuple[str, Node]]:
    """Who has it, and it: the pod's securityContext and those of all its containers."""
    yield "the pod", workload.pod["securityContext"]
    for container in workload.containers:
        yield f"container '{container.name}'", container.node["securityContext"]


def relaxed(workload: Workload, kubernetes_version: str) -> bool:
    """Whether its own user namespace frees the pod from what pod security asks of users."""
    return workload.user_namespace and minor_version(kubernetes_version) >= USER_NAMESPACES_SINCE


def exempt_windows(container: Container, kubernetes_version: str) -> bool:
    """Whether the pod runs on Windows, which has none of Linux's privileges, and pod security knows it."""
    return container.workload.windows and minor_version(kubernetes_version) >= WINDOWS_EXEMPT_SINCE


def added_capabilities(container: Container) -> list[Node]:
    return container.node.get("securityContext", "capabilities", "add").strings()


def dropped_capabilities(container: Container) -> set[str]:
    return {plain_capability(item) for item in container.node.get("securityContext", "capabilities", "drop").strings()}


def plain_capability(node: Node) -> str:
    """The capability's name as the kernel has it, without CAP_."""
    return node.text.upper().removeprefix("CAP_")


def legacy_seccomp(container: Container, kubernetes_version: str) -> bool:
    """Whether a profile is set by annotation, for a Kubernetes that has no field for it."""
    if minor_version(kubernetes_version) >= SECCOMP_FIELD_SINCE:
        return False
    annotations = container.workload.pod_annotations
    return SECCOMP_ANNOTATION in annotations or CONTAINER_SECCOMP_ANNOTATION + container.name in annotations


def is_zero(node: Node) -> bool:
    return node.value == 0 and node.value is not False
