"""What the API server refuses in a pod, or in what runs pods, whatever cluster it stands before."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

from devopslint.deferred import compiled
from devopslint.kubernetes.manifests import containers, workloads
from devopslint.kubernetes.names import is_put_in, stands_in
from devopslint.kubernetes.quantity import whole
from devopslint.kubernetes.workloads import AS_WRITTEN, PROBES, Container, Workload
from devopslint.model import Problem
from devopslint.readers.yaml import Node
from devopslint.registry import check

_LARGEST_ID = 2**31 - 1
_LARGEST_MODE = 0o777
_LABEL = compiled(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")

_OF_POD: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("restartPolicy",), ("Always", "OnFailure", "Never")),
    (("dnsPolicy",), ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")),
    (("preemptionPolicy",), ("PreemptLowerPriority", "Never")),
    (("securityContext", "fsGroupChangePolicy"), ("OnRootMismatch", "Always")),
    (("securityContext", "seccompProfile", "type"), ("RuntimeDefault", "Unconfined", "Localhost")),
)
_OF_CONTAINER: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("imagePullPolicy",), ("Always", "IfNotPresent", "Never")),
    (("terminationMessagePolicy",), ("File", "FallbackToLogsOnError")),
    (("securityContext", "procMount"), ("Default", "Unmasked")),
    (("securityContext", "seccompProfile", "type"), ("RuntimeDefault", "Unconfined", "Localhost")),
)
_OF_WORKLOAD: dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = {
    "Deployment": ((("strategy", "type"), ("RollingUpdate", "Recreate")),),
    "DaemonSet": ((("updateStrategy", "type"), ("RollingUpdate", "OnDelete")),),
    "StatefulSet": (
        (("updateStrategy", "type"), ("RollingUpdate", "OnDelete")),
        (("podManagementPolicy",), ("OrderedReady", "Parallel")),
    ),
    "Job": ((("completionMode",), ("NonIndexed", "Indexed")),),
    "CronJob": ((("concurrencyPolicy",), ("Allow", "Forbid", "Replace")),),
}
_COUNTS: dict[str, tuple[str, ...]] = {
    "Deployment": ("replicas", "minReadySeconds", "revisionHistoryLimit"),
    "DaemonSet": ("minReadySeconds", "revisionHistoryLimit"),
    "ReplicaSet": ("replicas", "minReadySeconds"),
    "StatefulSet": ("replicas", "minReadySeconds", "revisionHistoryLimit"),
    "Job": ("backoffLimit", "completions", "parallelism", "ttlSecondsAfterFinished"),
    "CronJob": ("failedJobsHistoryLimit", "successfulJobsHistoryLimit", "startingDeadlineSeconds"),
}
_OF_PROBE = ("failureThreshold", "initialDelaySeconds", "periodSeconds", "successThreshold", "timeoutSeconds")
_KEEPS_RUNNING = frozenset({"Deployment", "DaemonSet", "ReplicaSet", "StatefulSet"})
_LONGEST_CRON_JOB = 52
"""The name of a Job is that of the CronJob, and 11 characters more."""
_MOST_NAMESERVERS = 3
_GOES_ON = 600
"""Seconds that a Deployment may take where it says nothing."""

_VOLUMES = frozenset(
    (
        "awsElasticBlockStore",
        "azureDisk",
        "azureFile",
        "cephfs",
        "cinder",
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "fc",
        "flexVolume",
        "flocker",
        "gcePersistentDisk",
        "gitRepo",
        "glusterfs",
        "hostPath",
        "image",
        "iscsi",
        "nfs",
        "persistentVolumeClaim",
        "photonPersistentDisk",
        "portworxVolume",
        "projected",
        "quobyte",
        "rbd",
        "scaleIO",
        "secret",
        "storageos",
        "vsphereVolume",
    )
)
_HOST_PATHS = (
    "DirectoryOrCreate",
    "Directory",
    "FileOrCreate",
    "File",
    "Socket",
    "CharDevice",
    "BlockDevice",
)
_SOURCES = ("configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef")
_OF_POD_ITSELF = compiled(
    r"metadata\.(?:name|namespace|uid|(?:annotations|labels)\['[^']+'\])\Z"
    r"|spec\.(?:nodeName|host|serviceAccountName)\Z|status\.(?:hostIPs?|podIPs?)\Z"
)
_IN_VOLUMES = compiled(r"metadata\.(?:name|namespace|uid|(?:annotations|labels)(?:\['[^']+'\])?)\Z")
_RESOURCES = compiled(r"(?:limits|requests)\.(?:cpu|memory|ephemeral-storage|hugepages-.+)\Z")
_HOOKS = ("postStart", "preStop")
_HANDLERS = ("exec", "httpGet", "sleep", "tcpSocket")
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")


def _said(node: Node) -> str:
    """The text of a scalar that is written out; empty where there is none, or something is put in later."""
    text = node.text if node.is_scalar else ""
    return "" if stands_in(text) or "[[" in text else text


def _one_of(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}"


def _values(of: Node, table: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...], owner: str) -> Iterator[Problem]:
    for path, allowed in table:
        node = of.get(*path)
        if (text := _said(node)) and text not in allowed:
            yield Problem(node.location, f"{path[-1]} of {owner} is '{text}', not {_one_of(allowed)}")


def _counts(of: Node, names: Iterable[str], owner: str) -> Iterator[Problem]:
    for name in names:
        if (number := whole(of[name])) is not None and number < 0:
            yield Problem(of[name].location, f"{name} of {owner} is less than 0")


@check("k8s-refused-pod", each=workloads)
def refused_workload(workload: Workload) -> Iterator[Problem]:
    kind, spec, label = workload.kind, workload.spec, workload.label
    yield from _values(spec, _OF_WORKLOAD.get(kind, ()), label)
    yield from _counts(spec, _COUNTS.get(kind, ()), label)
    if kind == "CronJob":
        job = spec["jobTemplate"]["spec"]
        yield from _values(job, _OF_WORKLOAD["Job"], label)
        yield from _counts(job, _COUNTS["Job"], label)
        name = workload.metadata["name"]
        if len(_said(name)) > _LONGEST_CRON_JOB:
            yield Problem(name.location, f"the name of {label} is longer than {_LONGEST_CRON_JOB} characters")
    if kind == "Deployment":
        yield from _never_done(workload)


def _never_done(deployment: Workload) -> Iterator[Problem]:
    ready, deadline = deployment.spec["minReadySeconds"], deployment.spec["progressDeadlineSeconds"]
    seconds = whole(deadline) if deadline.present else _GOES_ON
    asked = whole(ready) if ready.present else 0
    if seconds is not None and asked is not None and seconds <= asked:
        said = f"{deployment.label} has to go on within {seconds} seconds, and is ready after {asked}"
        yield Problem(deadline.location, said)


@check("k8s-refused-pod", each=workloads)
def refused_policies(workload: Workload) -> Iterator[Problem]:
    if workload.kind not in AS_WRITTEN:
        return
    pod, label = workload.pod, workload.label
    policy = pod["restartPolicy"]
    if workload.kind in _KEEPS_RUNNING and policy.text in ("Never", "OnFailure"):
        yield Problem(policy.location, f"restartPolicy of {label} is '{policy.text}', and may only be Always")
    in_jobs = workload.kind in ("Job", "CronJob")  # k8s-job-restart-policy tells of theirs
    yield from _values(pod, _OF_POD[1:] if in_jobs else _OF_POD, label)
    yield from _counts(pod, ("activeDeadlineSeconds",), label)
    if pod["shareProcessNamespace"].value is True and pod["hostPID"].value is True:
        said = f"{label} shares both the processes of its containers and those of the node"
        yield Problem(pod["shareProcessNamespace"].location, said)
    for name in ("hostname", "subdomain"):
        if (text := _said(pod[name])) and not _LABEL.match(text):
            yield Problem(pod[name].location, f"{name} of {label} is no label of DNS: '{text}'")
    yield from _ids(pod["securityContext"], label)
    yield from _names_to_ask(workload)
    yield from _tolerations(workload)
    yield from _affinities(workload)


def _names_to_ask(workload: Workload) -> Iterator[Problem]:
    servers = workload.pod["dnsConfig"]["nameservers"]
    given = list(servers)
    if workload.pod["dnsPolicy"].text == "None" and not given and not servers.text:
        yield Problem(
            servers.location, f"{workload.label} asks nobody for names: dnsPolicy is None, without nameservers"
        )
    if len(given) > _MOST_NAMESERVERS:
        yield Problem(
            given[_MOST_NAMESERVERS].location, f"{workload.label} has more than {_MOST_NAMESERVERS} nameservers"
        )
    for server in given:
        if (text := _said(server)) and not _is_address(text):
            yield Problem(server.location, f"a nameserver of {workload.label} is no address: '{text}'")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _tolerations(workload: Workload) -> Iterator[Problem]:
    for one in workload.pod["tolerations"]:
        operator, value, effect = one["operator"], one["value"], one["effect"]
        if operator.text == "Exists" and _said(value):
            yield Problem(value.location, f"a toleration of {workload.label} asks for Exists, and has a value")
        if one.is_mapping and not one["key"].text and operator.text in ("", "Equal") and one.items():
            yield Problem(one.location, f"a toleration of {workload.label} has no key, and does not ask for Exists")
        if (text := _said(effect)) and text not in ("NoSchedule", "PreferNoSchedule", "NoExecute"):
            allowed = _one_of(("NoSchedule", "PreferNoSchedule", "NoExecute"))
            yield Problem(effect.location, f"a toleration of {workload.label} has the effect '{text}', not {allowed}")
        elif whole(one["tolerationSeconds"]) is not None and effect.text != "NoExecute" and not stands_in(effect.text):
            said = f"a toleration of {workload.label} has tolerationSeconds, and its effect is not NoExecute"
            yield Problem(one["tolerationSeconds"].location, said)


def _affinities(workload: Workload) -> Iterator[Problem]:
    affinity, label = workload.pod["affinity"], workload.label
    for name in ("nodeAffinity", "podAffinity", "podAntiAffinity"):
        for preferred in affinity[name]["preferredDuringSchedulingIgnoredDuringExecution"]:
            weight = preferred["weight"]
            if (number := whole(weight)) is not None and not 1 <= number <= 100:
                yield Problem(weight.location, f"{name} of {label} has the weight {number}: weights go from 1 to 100")
        for node in affinity[name].walk():
            for expression in node["matchExpressions"] if node.is_mapping else ():
                yield from _expression(expression, name, label)


def _expression(expression: Node, name: str, label: str) -> Iterator[Problem]:
    operator, values = expression["operator"], expression["values"]
    text = _said(operator)
    if text and text not in (_OPERATORS if name == "nodeAffinity" else _OPERATORS[:4]):
        allowed = _one_of(_OPERATORS if name == "nodeAffinity" else _OPERATORS[:4])
        yield Problem(operator.location, f"{name} of {label} asks for '{text}', not {allowed}")
    elif text in ("In", "NotIn") and values.is_sequence and not len(values):
        yield Problem(values.location, f"{name} of {label} asks for {text} of no values")
    elif text in ("Exists", "DoesNotExist") and values.is_sequence and len(values):
        yield Problem(values.location, f"{name} of {label} asks for {text}, and has values")


def _ids(context: Node, owner: str) -> Iterator[Problem]:
    for name in ("runAsUser", "runAsGroup", "fsGroup"):
        number = whole(context[name])
        if number is not None and not 0 <= number <= _LARGEST_ID:
            yield Problem(context[name].location, f"{name} of {owner} is {number}: ids go from 0 to {_LARGEST_ID}")


@check("k8s-refused-pod", each=workloads)
def refused_volume(workload: Workload) -> Iterator[Problem]:
    if workload.kind not in AS_WRITTEN:
        return
    for volume in workload.volumes:
        name = volume["name"]
        shown = f"volume '{name.text}' of {workload.label}"
        if (text := _said(name)) and not _LABEL.match(text):
            yield Problem(
                name.location, f"'{text}' is no name of a volume: at most 63 of a-z, 0-9 and -, no - at either end"
            )
        sources = [key for key, value in volume.items() if key.text in _VOLUMES and value.present]
        if len(sources) > 1:
            yield Problem(sources[1].location, f"{shown} is both {sources[0].text} and {sources[1].text}")
        path = volume["hostPath"]["path"]
        if ".." in _said(path).split("/"):
            yield Problem(path.location, f"{shown} leads out of its path: '{path.text}'")
        kind = volume["hostPath"]["type"]
        if (text := _said(kind)) and text not in _HOST_PATHS:
            yield Problem(kind.location, f"{shown} is a '{text}', not {_one_of(_HOST_PATHS)}")
        yield from _files(volume, shown)


def _files(volume: Node, shown: str) -> Iterator[Problem]:
    projected = list(volume["projected"]["sources"])
    for source in (volume["configMap"], volume["secret"], volume["downwardAPI"], volume["projected"]):
        yield from _mode(source["defaultMode"], shown)
    for one in (volume, *projected):
        for source in (one["configMap"], one["secret"], one["downwardAPI"]):
            for item in source["items"]:
                yield from _mode(item["mode"], shown)
                path = item["path"]
                if (text := _said(path)) and (text.startswith(("/", "..")) or ".." in text.split("/")):
                    yield Problem(path.location, f"{shown} puts a file outside of it: '{text}'")
        for item in one["downwardAPI"]["items"]:
            field = item["fieldRef"]["fieldPath"]
            if (text := _said(field)) and not _IN_VOLUMES.match(text):
                yield Problem(field.location, f"{shown} cannot tell '{text}' of the pod")


def _mode(node: Node, shown: str) -> Iterator[Problem]:
    number = whole(node)
    if number is not None and not 0 <= number <= _LARGEST_MODE:
        hint = f": 0{node.text} is meant" if node.text.isdecimal() and set(node.text) <= set("01234567") else ""
        yield Problem(node.location, f"{shown} has the mode {node.text}, which is more than 0777{hint}")


@check("k8s-refused-pod", each=workloads)
def refused_port(workload: Workload) -> Iterator[Problem]:
    if workload.kind not in AS_WRITTEN:
        return
    of_node = workload.pod["hostNetwork"].value is True
    taken: set[tuple[int, str, str]] = set()
    for container in workload.containers:
        for port in container.ports:
            number, host = whole(port["containerPort"]), whole(port["hostPort"])
            protocol = port["protocol"]
            if (text := _said(protocol)) and text not in ("TCP", "UDP", "SCTP"):
                said = f"a port of container '{container.name}' has the protocol '{text}', not TCP, UDP or SCTP"
                yield Problem(protocol.location, said)
            if container.role == "main" and of_node and host and number is not None and host != number:
                said = f"container '{container.name}' has the node's network, and port {number} as {host} of it"
                yield Problem(port["hostPort"].location, said)
            reached = host or (number if of_node else None)
            if container.role != "main" or not reached:
                continue
            place = port["hostPort"] if host else port["containerPort"]
            told = (reached, port["protocol"].text or "TCP", port["hostIP"].text)
            if told in taken:
                yield Problem(place.location, f"{workload.label} takes port {reached} of the node twice")
            taken.add(told)


@check("k8s-refused-pod", each=containers)
def refused_container(container: Container) -> Iterator[Problem]:
    if container.workload.kind not in AS_WRITTEN:
        return
    node, owner = container.node, f"container '{container.name}'"
    yield from _values(node, _OF_CONTAINER, owner)
    yield from _ids(node["securityContext"], owner)
    kept = node["securityContext"]["allowPrivilegeEscalation"]
    if kept.value is False:
        added = {one.text for one in node["securityContext"]["capabilities"]["add"]}
        if container.privileged:
            yield Problem(kept.location, f"{owner} is privileged, and may not gain privileges")
        elif "CAP_SYS_ADMIN" in added:
            yield Problem(kept.location, f"{owner} is given CAP_SYS_ADMIN, and may not gain privileges")
    yield from _mounts(container, owner)
    yield from _handlers(container, owner)


@check("k8s-refused-pod", each=containers)
def refused_image(container: Container) -> Iterator[Problem]:
    image = container.node["image"]  # by itself, since hundreds of overlays may differ in it alone
    if container.workload.kind in AS_WRITTEN and image.text and image.text != image.text.strip():
        yield Problem(image.location, f"the image of container '{container.name}' has blanks around it")


def _mounts(container: Container, owner: str) -> Iterator[Problem]:
    for mount in container.node["volumeMounts"]:
        path, expression, spread = mount["subPath"], mount["subPathExpr"], mount["mountPropagation"]
        for below in (path, expression):
            text = below.text
            if text.startswith("/") or ".." in text.split("/"):
                yield Problem(below.location, f"{owner} mounts what lies outside of the volume: '{text}'")
        if path.text and expression.text:
            yield Problem(expression.location, f"a mount of {owner} has both a subPath and a subPathExpr")
        allowed = ("None", "HostToContainer", "Bidirectional")
        if (text := _said(spread)) and text not in allowed:
            yield Problem(spread.location, f"mountPropagation of {owner} is '{text}', not {_one_of(allowed)}")
        privileged = container.node["securityContext"]["privileged"]
        if text == "Bidirectional" and (not privileged.present or privileged.value is False):
            yield Problem(privileged.location, f"{owner} hands its mounts to the node, and is not privileged")


def _handlers(container: Container, owner: str) -> Iterator[Problem]:
    node = container.node
    hooks = [node["lifecycle"][name] for name in _HOOKS]
    for name, hook in zip(_HOOKS, hooks, strict=True):
        given = [key.text for key, value in hook.items() if key.text in _HANDLERS and value.present]
        if hook.is_mapping and len(given) != 1:
            done = f"does both {given[0]} and {given[1]}" if given else "does nothing"
            yield Problem(hook.key_location, f"{name} of {owner} {done}")
    if container.role == "init" and not node["restartPolicy"].present:
        for name in (*PROBES, "lifecycle"):
            if node[name].present:
                said = f"{owner} is done before the pod starts, and has a {name}: only a sidecar may"
                yield Problem(node["restartPolicy"].location, said)
    for name in PROBES:
        yield from _counts(node[name], _OF_PROBE, f"{name} of {owner}")
        grace = node[name]["terminationGracePeriodSeconds"]
        if (seconds := whole(grace)) is not None and (seconds < 1 or name == "readinessProbe"):
            said = "is less than 1" if seconds < 1 else "ends nothing"
            yield Problem(grace.location, f"terminationGracePeriodSeconds of {name} of {owner} {said}")
    for asked in (*container.probes, *hooks):
        scheme, command = asked["httpGet"]["scheme"], asked["exec"]["command"]
        if (text := _said(scheme)) and text not in ("HTTP", "HTTPS"):
            yield Problem(scheme.location, f"{owner} is asked by '{text}', not HTTP or HTTPS")
        if command.is_sequence and not len(command):
            yield Problem(command.location, f"{owner} is to run an empty command")


@check("k8s-refused-pod", each=containers)
def refused_source(container: Container) -> Iterator[Problem]:
    if container.workload.kind not in AS_WRITTEN:
        return
    owner = f"container '{container.name}'"
    for variable in container.env:
        name, source = variable["name"], variable["valueFrom"]
        shown = f"variable '{name.text}' of {owner}"
        if "=" in name.text and not is_put_in(name.text) and "[[" not in name.text:
            yield Problem(name.location, f"{shown} has a = in its name")
        if source.is_mapping:
            given = [key for key, value in source.items() if value.present]
            if not given:
                yield Problem(source.location, f"{shown} comes from nowhere: none of {', '.join(_SOURCES)}")
            elif len(given) > 1 and all(key.text in _SOURCES for key in given):
                yield Problem(given[1].location, f"{shown} comes from both {given[0].text} and {given[1].text}")
        field, resource = source["fieldRef"]["fieldPath"], source["resourceFieldRef"]["resource"]
        if (text := _said(field)) and not _OF_POD_ITSELF.match(text):
            yield Problem(field.location, f"{shown} cannot tell '{text}' of the pod")
        if (text := _said(resource)) and not _RESOURCES.match(text):
            yield Problem(resource.location, f"{shown} cannot tell the resource '{text}'")
    for source in container.node["envFrom"]:
        if source.is_mapping:
            given = [key for key, value in source.items() if key.text != "prefix" and value.present]
            known = all(key.text in ("configMapRef", "secretRef") for key in given)
            if not given and source.items():
                yield Problem(source.location, f"an envFrom of {owner} names neither a configMapRef nor a secretRef")
            elif len(given) > 1 and known:
                yield Problem(given[1].location, f"an envFrom of {owner} names both a configMapRef and a secretRef")
