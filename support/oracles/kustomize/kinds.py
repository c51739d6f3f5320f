"""Trees of kustomizations by what they try: each kind stresses one feature, with whatever else stands around it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from generating import _text

Files = dict[str, str]
KINDS: dict[str, Callable[[random.Random], Files]] = {}
"""Name -> what makes the files of a tree, of which `prod` is built."""

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "ReplicationController", "Pod")
VERSIONS = {"Job": "batch/v1", "CronJob": "batch/v1", "ReplicationController": "v1", "Pod": "v1"}
IMAGES = ("nginx", "nginx:1.25", "ghcr.io/shop/api:v1", "registry:5000/shop/web", "registry:5000/shop/web@sha256:" + "a" * 64, "busybox:1.36")  # fmt: skip
TEXTS = ("web", "a-b-c", "http://web:80/x", "1.2.3", "x=y=z", "7", "true", "a b", "")


def kind(make: Callable[[random.Random], Files]) -> Callable[[random.Random], Files]:
    KINDS[make.__name__.replace("_", " ")] = make
    return make


def tree(name: str, seed: int) -> Files:
    return KINDS[name](random.Random(seed))  # nothing secret is made of it


def _workload(chance: random.Random, name: str = "web", of: tuple[str, ...] = WORKLOADS) -> dict[str, Any]:
    said = chance.choice(of)
    pod: dict[str, Any] = {
        "containers": [
            {
                "name": name,
                "image": chance.choice(IMAGES),
                "env": [{"name": "A", "value": chance.choice(TEXTS)}, {"name": "B", "value": "b"}],
                "ports": [{"containerPort": 80, "name": "http"}],
                "envFrom": [{"configMapRef": {"name": "settings"}}],
                "args": ["--one", "--two=2"],
            },
            {"name": "side", "image": chance.choice(IMAGES)},
        ],
        "serviceAccountName": "web",
        "volumes": [{"name": "v", "configMap": {"name": "settings"}}, {"name": "s", "secret": {"secretName": "keys"}}],
        "imagePullSecrets": [{"name": "keys"}],
    }
    if chance.random() < 0.3:
        pod["initContainers"] = [{"name": "init", "image": chance.choice(IMAGES)}]
    template: dict[str, Any] = {"metadata": {"labels": {"app": name}}, "spec": pod}
    if said == "Pod":
        spec = pod
    elif said == "CronJob":
        spec = {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": template}}}
    elif said == "Job":
        spec = {"template": template}
    else:
        selector = {"app": name} if said == "ReplicationController" else {"matchLabels": {"app": name}}
        spec = {"selector": selector, "template": template}
        if said != "DaemonSet" and chance.random() < 0.7:
            spec["replicas"] = chance.randint(0, 3)
        if said == "StatefulSet":
            spec["serviceName"] = name
            spec["volumeClaimTemplates"] = [{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": {"storageClassName": "fast"}}]  # fmt: skip
    metadata: dict[str, Any] = {"name": name}
    if chance.random() < 0.5:
        metadata["labels"] = {"app": name, "tier": "front"}
    if chance.random() < 0.3:
        metadata["annotations"] = {"note": "x", "a/b": "1"}
    return {"apiVersion": VERSIONS.get(said, "apps/v1"), "kind": said, "metadata": metadata, "spec": spec}


def _settings(name: str = "settings", **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name},
        "data": data or {"url": "http://web:80/x", "key": "a.b.c", "num": "7"},
    }


def _service(name: str = "web") -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {"selector": {"app": name}, "ports": [{"port": 80, "name": "http"}, {"port": 443, "name": "https"}]}}  # fmt: skip


def _widget(name: str = "w") -> dict[str, Any]:
    return {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": name},
        "spec": {
            "image": "nginx:1",
            "replicas": 2,
            "configName": "settings",
            "refs": [{"name": "settings"}, {"name": "other"}],
            "items": [{"name": "a", "v": 1}, {"name": "b", "v": 2}],
            "template": {"metadata": {"labels": {"app": "web"}}},
            "selector": {"app": "web"},
            "deep": {"list": [["x", "z"], ["z"]], "a.b": "dotted", "c/d": "slashed"},
        },
    }


def _role_binding() -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "rb"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "web"},
        "subjects": [{"kind": "ServiceAccount", "name": "web", "namespace": "old"}, {"kind": "ServiceAccount", "name": "default"}],
    }  # fmt: skip


def _account(name: str = "web", **more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}, **more}


def _base(files: Files, folder: str, *objects: dict[str, Any], **said: Any) -> None:
    files[f"{folder}/all.yaml"] = "---\n".join(map(_text, objects))
    files[f"{folder}/kustomization.yaml"] = _text({"resources": ["all.yaml"], **said})


def _over(files: Files, folder: str, *below: str, **said: Any) -> None:
    files[f"{folder}/kustomization.yaml"] = _text({"resources": [f"../{one}" for one in below], **said})


def _some(chance: random.Random, *choices: Any, least: int = 1, most: int = 3) -> list[Any]:
    return chance.sample(choices, chance.randint(least, min(most, len(choices))))


@kind
def replacements(chance: random.Random) -> Files:
    files: Files = {}
    work = _workload(chance, of=("Deployment", "StatefulSet", "DaemonSet"))
    _base(files, "base", work, _settings(), _service(), _widget(), _widget("w2"))
    made = []
    for _ in range(chance.randint(1, 3)):
        source: dict[str, Any] = chance.choice(
            (
                {"kind": "ConfigMap", "name": "settings", "fieldPath": chance.choice(("data.url", "data.key", "data.num", "metadata.name"))},
                {"kind": "Service", "fieldPath": chance.choice(("metadata.name", "spec.ports.0.port", "spec.ports.[name=https].port"))},
                {"kind": "Widget", "name": "w", "fieldPath": chance.choice(("spec.items.[name=b].v", "spec.deep.[a.b]", "spec.deep.a\\.b", "spec.image", "spec.items.1", "spec.template.metadata"))},
                {"kind": "Service"},
            )
        )  # fmt: skip
        if chance.random() < 0.3:
            source["options"] = {"delimiter": chance.choice((".", ":", "/", "-")), "index": chance.randint(0, 1)}
        targets = []
        for _ in range(chance.randint(1, 2)):
            # Paths that are there, each with what it is in; now and then one that is nowhere, or made.
            select, paths = chance.choice(
                (
                    ({"kind": work["kind"]}, ("spec.template.spec.containers.[name=web].image", "spec.template.spec.containers.*.image", "spec.template.spec.containers.*.env.[name=A].value", "spec.template.spec.containers.0.env.0.value", "spec.template.spec.containers.[name=web].args.1", "spec.template.spec.serviceAccountName", "spec.template.metadata.labels.app")),
                    ({"kind": "Widget"}, ("spec.items.*.name", "spec.items.[name=a].name", "spec.image", "spec.refs.*.name", "spec.refs.[name=.*].name", "spec.deep.[a.b]", "spec.deep.list.0.1", "spec.items.[name=new].v", ".spec.configName")),
                    ({"kind": "Widget", "name": "w"}, ("spec.items.-.name", "spec.replicas", "spec.items.0.v", "spec.template.metadata.labels.[app]")),
                    ({"name": "web"}, ("metadata.annotations.[example.com/x]", "metadata.annotations.example\\.com/y", "metadata.labels.made", "metadata.name")),
                    ({"group": "example.com"}, ("metadata.labels.made", "spec.selector.app")),
                    ({"kind": "ConfigMap"}, ("data.url", "data.key", "data.new", "metadata.name")),
                    ({"kind": "Service"}, ("spec.ports.[port=80].targetPort", "spec.ports.[name=http].name", "spec.selector.app", "spec.ports.*.name")),
                    ({"kind": f"{work['kind']}|Service"}, ("metadata.labels.made", "metadata.name")),
                )
            )  # fmt: skip
            target: dict[str, Any] = {"select": select}
            if chance.random() < 0.2:
                target["reject"] = [
                    chance.choice(({"name": "w2"}, {"kind": "Service"}, {"name": "w", "kind": "Widget"}))
                ]
            target["fieldPaths"] = _some(chance, *paths, most=2)
            if chance.random() < 0.7:
                target["options"] = {"create": chance.random() < 0.8}
                if chance.random() < 0.4:
                    target["options"] |= {"delimiter": chance.choice((":", "/", ".")), "index": chance.randint(-1, 3)}
            targets.append(target)
        made.append({"source": source, "targets": targets})
    if chance.random() < 0.3:
        files["prod/r.yaml"] = _text(made if chance.random() < 0.7 or len(made) > 1 else made[0])
        made = [{"path": "r.yaml"}]
    _over(files, "prod", "base", replacements=made, **({"namePrefix": "p-"} if chance.random() < 0.3 else {}))
    return files


@kind
def documents_of_patches(chance: random.Random) -> Files:
    files: Files = {}
    work = _workload(chance)
    _base(files, "base", work, _service(), _settings(), _widget())
    about = [work, _service(), _settings(), _widget()]
    parts = []
    for one in _some(chance, *about, most=3):
        part: dict[str, Any] = {key: one[key] for key in ("apiVersion", "kind")}
        part["metadata"] = {"name": one["metadata"]["name"], "labels": {"patched": chance.choice(("yes", "1"))}}
        if one["kind"] == "ConfigMap":
            part["data"] = {"url": None, "new": "x"}
        if one["kind"] == "Widget":
            part["spec"] = {"items": [{"name": "c"}], "size": 2}
        if chance.random() < 0.15:
            part["$patch"] = "delete"
        parts.append(part)
    text = chance.choice(("---\n", "--- \n# note\n", "---\n---\n")).join(map(_text, parts))
    if chance.random() < 0.3:
        text = _text({"apiVersion": "v1", "kind": "List", "items": parts})
    files["prod/p.yaml"] = text
    said: dict[str, Any] = chance.choice(
        (
            {"patches": [{"path": "p.yaml"}]},
            {"patches": [{"patch": text}]},
            {"patchesStrategicMerge": ["p.yaml"]},
            {"patchesStrategicMerge": [text]},
            {"patches": [{"path": "p.yaml", "target": {"kind": work["kind"]}}]},
            {"patches": [{"path": "p.yaml", "target": {"name": ".*e.*"}}]},
        )
    )
    _over(files, "prod", "base", **said)
    return files


@kind
def directives_of_patches(chance: random.Random) -> Files:
    files: Files = {}
    work = _workload(chance, of=("Deployment", "StatefulSet", "DaemonSet"))
    work["spec"]["template"]["spec"]["tolerations"] = [{"key": "a"}, {"key": "b"}]
    work["spec"]["template"]["spec"]["topologySpreadConstraints"] = [{"topologyKey": "zone", "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway"}]  # fmt: skip
    work["metadata"]["finalizers"] = ["one", "two"]
    _base(files, "base", work, _service(), _widget(), _settings())
    container: dict[str, Any] = {"name": "web"}
    for part in _some(
        chance,
        {"env": [{"name": "A", "$patch": "delete"}, {"name": "C", "value": "c"}]},
        {"env": [{"$patch": "replace"}, {"name": "C", "value": "c"}]},
        {"env": [{"name": "A", "value": None, "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]},
        {"env": [{"name": "B", "$patch": "replace", "value": "other"}]},
        {"env": [{"name": "B", "$patch": "merge", "value": "other"}]},
        {"env": None},
        {"ports": [{"containerPort": 80, "protocol": "UDP"}]},
        {"ports": [{"containerPort": 80, "name": "other"}, {"containerPort": 81}]},
        {"ports": [{"containerPort": 80, "$patch": "delete"}]},
        {"resources": {"$patch": "replace", "limits": {"cpu": "1"}}},
        {"$setElementOrder/env": [{"name": "B"}, {"name": "A"}], "env": [{"name": "B", "value": "z"}]},
        {"args": ["--three"]},
        {"args": []},
        {"securityContext": {"$patch": "delete"}},
        {"envFrom": [{"secretRef": {"name": "keys"}}]},
        {"volumeMounts": [{"name": "v", "mountPath": "/v"}]},
        {"command": ["a"], "image": None},
    ):
        container |= part
    pod: dict[str, Any] = {"containers": [container]}
    for part in _some(
        chance,
        {"containers": [container, {"name": "side", "$patch": "delete"}]},
        {"containers": [{"$patch": "replace"}, {"name": "only", "image": "x"}]},
        {"containers": [{"name": "new", "image": "x"}, container]},
        {"volumes": [{"name": "v", "$patch": "delete"}]},
        {"volumes": [{"name": "v", "configMap": None, "emptyDir": {}}]},
        {"volumes": [{"name": "v", "$patch": "replace", "emptyDir": {}}, {"name": "w", "emptyDir": {}}]},
        {"volumes": [{"name": "v", "$retainKeys": ["name", "emptyDir"], "emptyDir": {}}]},
        {"tolerations": [{"key": "c"}]},
        {"tolerations": [{"$patch": "replace"}, {"key": "c"}]},
        {"imagePullSecrets": [{"name": "more"}]},
        {"imagePullSecrets": [{"name": "keys", "$patch": "delete"}]},
        {"topologySpreadConstraints": [{"topologyKey": "host", "maxSkew": 2, "whenUnsatisfiable": "DoNotSchedule"}]},
        {"$patch": "replace", "containers": [{"name": "z", "image": "z"}]},
        {"hostAliases": [{"ip": "1.1.1.1", "hostnames": ["a"]}]},
        {"nodeSelector": {"a": "b", "$patch": "replace"}},
        least=0,
    ):
        pod |= part
    metadata: dict[str, Any] = {"name": "web"}
    metadata |= chance.choice(({}, {"labels": None}, {"labels": {"$patch": "replace", "only": "x"}}, {"finalizers": ["three"]}, {"$deleteFromPrimitiveList/finalizers": ["one"]}, {"annotations": {"note": None, "num": 5}}))  # fmt: skip
    patches: list[dict[str, Any]] = [
        {"apiVersion": "apps/v1", "kind": work["kind"], "metadata": metadata, "spec": {"template": {"spec": pod}}}
    ]
    if chance.random() < 0.5:
        patches.append(
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "web"},
                "spec": chance.choice(
                    (
                        {"ports": [{"port": 80, "$patch": "delete"}]},
                        {"ports": [{"port": 80, "targetPort": 8080}, {"port": 81}]},
                        {"ports": [{"$patch": "replace"}, {"port": 1}]},
                        {"selector": None},
                        {"selector": {"$patch": "replace", "x": "z"}},
                        {"ports": []},
                        {"ports": [{"name": "http", "port": 8080}]},
                    )
                ),
            }
        )
    if chance.random() < 0.5:
        patches.append(
            {
                "apiVersion": "example.com/v1",
                "kind": "Widget",
                "metadata": {"name": "w"},
                "spec": chance.choice(
                    (
                        {"items": [{"name": "a", "$patch": "delete"}]},
                        {"items": []},
                        {"items": None},
                        {"$patch": "replace", "x": 1},
                        {"deep": {"$patch": "delete"}},
                        {"deep": {"a.b": None}},
                        {"refs": [{"name": "z"}]},
                    )
                ),
            }
        )
    _over(files, "prod", "base", patches=[{"patch": _text(one)} for one in patches])
    return files


@kind
def operations(chance: random.Random) -> Files:
    files: Files = {}
    work = _workload(chance, of=("Deployment", "StatefulSet", "DaemonSet"))
    work["metadata"]["annotations"] = {"a/b": "1", "c~d": "2", "plain": "x"}
    _base(files, "base", work, _widget(), _service())
    containers = "/spec/template/spec/containers"
    mine = _some(
        chance,
        {"op": "add", "path": "/metadata/annotations/a~1b", "value": "2"},
        {"op": "replace", "path": "/metadata/annotations/c~0d", "value": "3"},
        {"op": "remove", "path": "/metadata/annotations/a~1b"},
        {"op": "remove", "path": "/metadata/annotations/missing"},
        {"op": "add", "path": f"{containers}/-", "value": {"name": "new", "image": "x"}},
        {"op": "add", "path": f"{containers}/0", "value": {"name": "new", "image": "x"}},
        {"op": "add", "path": f"{containers}/2", "value": {"name": "new", "image": "x"}},
        {"op": "add", "path": f"{containers}/0/env/-", "value": {"name": "Z", "value": "z"}},
        {"op": "remove", "path": f"{containers}/1"},
        *(
            [{"op": "remove", "path": f"{containers}/-1"}, {"op": "add", "path": f"{containers}/9", "value": {}}]
            if chance.random() < 0.2
            else []
        ),
        {"op": "replace", "path": f"{containers}/0/args", "value": ["x"]},
        {"op": "replace", "path": f"{containers}/0/args/1", "value": "--x"},
        {"op": "move", "from": f"{containers}/0", "path": f"{containers}/1"},
        {"op": "copy", "from": f"{containers}/0/env/0", "path": f"{containers}/1/env"},
        {"op": "copy", "from": "/metadata/annotations/plain", "path": "/metadata/annotations/copied"},
        {"op": "test", "path": "/metadata/annotations/plain", "value": chance.choice(("x", "z"))},
        {"op": "test", "path": f"{containers}/0/name", "value": "web"},
        {"op": "add", "path": "/metadata/labels/x", "value": chance.choice(("z", 1, True, None))},
        {"op": "add", "path": "/spec/template/spec/nodeSelector/a", "value": "b"},
        {"op": "replace", "path": "/metadata/name", "value": "renamed"},
        {"op": "add", "path": "/metadata/namespace", "value": "put"},
        {"op": "replace", "path": "/spec/template", "value": {"spec": {}}},
        {"op": "replace", "path": "", "value": {"apiVersion": "v1", "kind": "X", "metadata": {"name": "nn"}}},
        most=4,
    )
    target: dict[str, Any] = chance.choice(({"kind": work["kind"], "name": "web"}, {"name": "web"}, {"kind": work["kind"]}, {"group": "apps", "version": "v1", "kind": work["kind"]}, {"name": "we.*", "kind": work["kind"]}, {"kind": work["kind"], "annotationSelector": "plain=x"}))  # fmt: skip
    as_json = chance.random() < 0.3
    import json

    text = json.dumps(mine) if as_json else _text(mine)
    said: dict[str, Any] = {}
    if chance.random() < 0.5:
        files["prod/p.json" if as_json else "prod/p.yaml"] = text
        one = {"target": target, "path": "p.json" if as_json else "p.yaml"}
    else:
        one = {"target": target, "patch": text}
    if chance.random() < 0.4 and target.get("name") == "web" and target.get("kind"):
        said["patchesJson6902"] = [{**one, "target": {"group": "apps", "version": "v1", **target}}]
    else:
        said["patches"] = [one]
    if chance.random() < 0.3:
        said["namePrefix"] = "p-"
    _over(files, "prod", "base", **said)
    return files


@kind
def names_in_custom_resources(chance: random.Random) -> Files:
    files: Files = {}
    _base(files, "base", _workload(chance), _settings(), _widget(), _account(), _service(), _role_binding())
    fields = _some(
        chance,
        {"kind": "Widget", "path": "spec/configName"},
        {"kind": "Widget", "path": "spec/refs/name"},
        {"kind": "Widget", "group": "example.com", "version": "v1", "path": "spec/refs[]/name"},
        {"kind": "Widget", "path": "spec/missing", "create": True},
        {"path": "spec/configName"},
    )
    files["prod/c.yaml"] = _text({"nameReference": [{"kind": "ConfigMap", "version": "v1", "fieldSpecs": fields}]})
    said: dict[str, Any] = {"configurations": ["c.yaml"]}
    if chance.random() < 0.8:
        said["namePrefix"] = "p-"
    if chance.random() < 0.4:
        said["nameSuffix"] = "-s"
    if chance.random() < 0.4:
        said["configMapGenerator"] = [{"name": "other", "literals": ["a=b"]}]
    if chance.random() < 0.3:
        said["namespace"] = "ns"
    _over(files, "prod", "base", **said)
    return files


@kind
def labels(chance: random.Random) -> Files:
    files: Files = {}
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "nn"},
        "spec": {"podSelector": {}, "ingress": [{"from": [{"podSelector": {"matchLabels": {"a": "b"}}}, {"namespaceSelector": {}}]}]},
    }  # fmt: skip
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"}, "spec": {"selector": {"matchLabels": {"app": "web"}}}}  # fmt: skip
    work = _workload(chance)
    if work["kind"] == "Deployment" and chance.random() < 0.5:
        work["spec"]["template"]["spec"]["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "z", "labelSelector": {"matchLabels": {"app": "web"}}}]}}  # fmt: skip
    _base(files, "base", work, _service(), _widget(), policy, budget)

    def made() -> dict[str, Any]:
        one: dict[str, Any] = {"pairs": {chance.choice(("app", "team", "a.b/c")): chance.choice(("x", "1", "true"))}}
        for field in ("includeSelectors", "includeTemplates"):
            if chance.random() < 0.4:
                one[field] = chance.random() < 0.8
        if chance.random() < 0.4:
            one["fields"] = _some(
                chance,
                {"kind": "Widget", "path": "spec/selector", "create": chance.random() < 0.5},
                {"kind": "Widget", "path": "spec/template/metadata/labels", "create": True},
                {"path": "spec/made/labels", "create": True},
                {"group": "apps", "path": "spec/template/metadata/annotations", "create": True},
                {"kind": "Service", "version": "v1", "path": "spec/selector"},
                {"kind": work["kind"], "path": "spec/template/spec/containers/labels", "create": True},
                most=2,
            )
        return one

    said: dict[str, Any] = {"labels": [made() for _ in range(chance.randint(1, 3))]}
    if chance.random() < 0.4:
        said["commonLabels"] = {"common": "x"}
    _over(files, "prod", "base", **said)
    return files


def _generator(chance: random.Random, files: Files, folder: str, name: str) -> dict[str, Any]:
    one: dict[str, Any] = {"name": name}
    for part in _some(chance, "literals", "files", "envs", "env", least=1, most=3):
        if part == "literals":
            one[part] = _some(chance, "a=b", "c='quoted'", 'd="double"', "e=", "url=http://x?y=z", "num=7", "multi=a b", "t=true", "f=1.50", "x= spaced ")  # fmt: skip
        elif part == "files":
            files[f"{folder}/f.txt"] = chance.choice(("x\n", "a: b\nc: d\n", "", "é\n", "no newline", "tab\there\n", "trail  \n", "\n\nlead\n"))  # fmt: skip
            one[part] = _some(chance, "f.txt", "k.txt=f.txt", "sub.d=f.txt", most=2)
        elif part == "envs":
            files[f"{folder}/e.env"] = chance.choice(("E1=1\nE2=two\n", "# c\n\nE1='q'\nE2=\"d\"\n", "E1= v \nexport E2=x\n", "\ufeffE1=b\n"))  # fmt: skip
            one[part] = ["e.env"]
        else:
            files[f"{folder}/e1.env"] = "ONE=1\n"
            one[part] = "e1.env"
    if chance.random() < 0.4:
        one["options"] = {}
        for key, value in _some(chance, ("disableNameSuffixHash", True), ("labels", {"l": "m"}), ("annotations", {"k": "o"}), ("immutable", True)):  # fmt: skip
            one["options"][key] = value
    return one


@kind
def generators(chance: random.Random) -> Files:
    files: Files = {}
    field, other = chance.sample(("configMapGenerator", "secretGenerator"), 2)
    name = "settings" if field == "configMapGenerator" else "keys"
    first = _generator(chance, files, "base", name)
    if field == "secretGenerator" and chance.random() < 0.4:
        first["type"] = "Opaque"
    written = [] if chance.random() < 0.8 else [_settings("written", url="x")]
    _base(files, "base", _workload(chance), *written, **{field: [first]})
    below = "base"
    if chance.random() < 0.4:
        second = _generator(chance, files, "middle", name) | {"behavior": chance.choice(("merge", "replace"))}
        _over(files, "middle", "base", **{field: [second]}, **({"namePrefix": "m-"} if chance.random() < 0.3 else {}))
        below = "middle"
    said: dict[str, Any] = {
        field: [_generator(chance, files, "prod", name) | {"behavior": chance.choice(("merge", "replace"))}]
    }
    if chance.random() < 0.3:
        said[other] = [_generator(chance, files, "prod", "another")]
    if written and field == "configMapGenerator":
        said[field].append({"name": "written", "behavior": chance.choice(("merge", "replace")), "literals": ["k=v"]})
    if chance.random() < 0.3:
        said["generatorOptions"] = chance.choice(({"disableNameSuffixHash": True}, {"labels": {"g": "h"}, "immutable": True}, {"annotations": {"g": "h"}}))  # fmt: skip
    if chance.random() < 0.3:
        said["namespace"] = "ns"
    if chance.random() < 0.3:
        said["namePrefix"] = "p-"
    _over(files, "prod", below, **said)
    return files


@kind
def images(chance: random.Random) -> Files:
    files: Files = {}
    _base(files, "base", _workload(chance), _workload(chance, "api"), _widget())
    said: dict[str, Any] = {"images": []}
    for name in _some(
        chance, "nginx", "ghcr.io/shop/api", "registry:5000/shop/web", "busybox", "*", "shop/web", "ghcr.io/shop/.*"
    ):
        one: dict[str, Any] = {"name": name}
        one |= dict(_some(chance, ("newName", chance.choice(("mirror/x", "m:5000/y"))), ("newTag", chance.choice(("1", "v2", "1.10", "007"))), ("digest", "sha256:" + "b" * 64), ("tagSuffix", "-alpine"), most=2))  # fmt: skip
        said["images"].append(one)
    if chance.random() < 0.3:
        files["prod/c.yaml"] = _text({"images": [{"kind": "Widget", "path": "spec/image"}]})
        said["configurations"] = ["c.yaml"]
    _over(files, "prod", "base", **said)
    return files


@kind
def replicas(chance: random.Random) -> Files:
    files: Files = {}
    scaled = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController")
    one, two = _workload(chance, of=scaled), _workload(chance, "api", of=(*scaled, "DaemonSet"))
    _base(files, "base", one, two, _widget("web"), namePrefix=chance.choice(("", "b-")) or None)
    if "b-" not in files["base/kustomization.yaml"]:
        files["base/kustomization.yaml"] = _text({"resources": ["all.yaml"]})
    said: dict[str, Any] = {"replicas": [{"name": chance.choice(("web", "api")), "count": chance.randint(0, 9)} for _ in range(chance.randint(1, 2))]}  # fmt: skip
    if chance.random() < 0.3:
        files["prod/c.yaml"] = _text({"replicas": [{"kind": "Widget", "path": "spec/replicas", "create": True}]})
        said["configurations"] = ["c.yaml"]
    if chance.random() < 0.3:
        said["nameSuffix"] = "-p"
    _over(files, "prod", "base", **said)
    return files


@kind
def components(chance: random.Random) -> Files:
    files: Files = {}
    work = _workload(chance, of=("Deployment", "StatefulSet"))
    _base(files, "base", work, _settings(), _service(), configMapGenerator=[{"name": "made", "literals": ["a=b"]}])
    kept: dict[str, Any] = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}

    def changes(number: int) -> dict[str, Any]:
        patch = {
            "apiVersion": "apps/v1",
            "kind": work["kind"],
            "metadata": {"name": "web", "annotations": {f"c{number}": "x"}},
        }
        every: list[dict[str, Any]] = [
            {"patches": [{"patch": _text(patch)}]},
            {"namePrefix": f"c{number}-"},
            {"namespace": f"ns{number}"},
            {"labels": [{"pairs": {f"l{number}": "x"}, "includeSelectors": chance.random() < 0.3}]},
            {"commonAnnotations": {f"a{number}": "x"}},
            {"configMapGenerator": [{"name": "made", "behavior": chance.choice(("merge", "replace")), "literals": [f"k{number}=v"]}]},
            {"configMapGenerator": [{"name": f"new{number}", "literals": ["k=v"]}]},
            {"images": [{"name": "nginx", "newTag": str(number)}]},
            {"replicas": [{"name": "web", "count": number}]},
            {"replacements": [{"source": {"kind": "Service", "fieldPath": "metadata.name"}, "targets": [{"select": {"kind": work["kind"]}, "fieldPaths": ["metadata.annotations.svc"], "options": {"create": True}}]}]},
        ]  # fmt: skip
        said: dict[str, Any] = {}
        for one in _some(chance, *every, least=1, most=3):
            said |= one
        if chance.random() < 0.3:
            files[f"c{number}/extra.yaml"] = _text(_account(f"extra{number}"))
            said["resources"] = ["extra.yaml"]
        return said

    files["c1/kustomization.yaml"] = _text(
        {**kept, **changes(1), "components": ["../c2"] if chance.random() < 0.6 else ["../c2", "../c3"]}
    )
    files["c2/kustomization.yaml"] = _text(
        {**kept, **changes(2), **({"components": ["../c3"]} if chance.random() < 0.3 else {})}
    )
    files["c3/kustomization.yaml"] = _text({**kept, **changes(3)})
    _over(
        files,
        "prod",
        "base",
        components=chance.choice((["../c1"], ["../c1", "../c3"], ["../c3", "../c1"])),
        **changes(4),
    )
    return files


@kind
def namespaces(chance: random.Random) -> Files:
    files: Files = {}
    hook = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": chance.choice(("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")),
        "metadata": {"name": "h"},
        "webhooks": [{"name": "a.b.c", "clientConfig": {"service": {"name": "web", "namespace": "old", "path": "/x"}}}],
    }
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {"group": "example.com", "scope": chance.choice(("Cluster", "Namespaced")), "conversion": {"webhook": {"clientConfig": {"service": {"name": "web", "namespace": "old"}}}}},
    }  # fmt: skip
    cluster = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "crb"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cr"},
        "subjects": [{"kind": "ServiceAccount", "name": chance.choice(("web", "default", "elsewhere")), **({"namespace": "old"} if chance.random() < 0.5 else {})}, {"kind": "User", "name": "u"}],
    }  # fmt: skip
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "cr"},
        "rules": [],
    }
    service = {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": "v1.example.com"}, "spec": {"service": {"name": "web", "namespace": "old"}}}  # fmt: skip
    volume = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv"}, "spec": {"claimRef": {"name": "c", "namespace": "old"}}}  # fmt: skip
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": chance.choice(("old", "a", "web"))}}
    all_of = _some(
        chance, hook, definition, cluster, role, service, volume, space, _role_binding(), _widget(), least=2, most=6
    )
    account, front = _account(), _service()
    if chance.random() < 0.5:
        account["metadata"]["namespace"] = front["metadata"]["namespace"] = "old"
    _base(
        files,
        "one",
        account,
        front,
        _workload(chance),
        *all_of,
        **({"namespace": "one"} if chance.random() < 0.5 else {}),
    )
    second = [_service("second"), _settings("second")]
    _base(files, "two", *second, **({"namespace": "two"} if chance.random() < 0.5 else {}))
    below = ["one", "two"] if chance.random() < 0.5 else ["one"]
    if chance.random() < 0.4:
        _over(files, "middle", *below, namespace="middle", namePrefix="m-")
        below = ["middle"]
    said: dict[str, Any] = {}
    if chance.random() < 0.8:
        said["namespace"] = "prod"
    said["namePrefix"] = "p-"
    if chance.random() < 0.3:
        files["prod/c.yaml"] = _text({"namespace": [{"kind": "Widget", "path": "spec/ns", "create": True}]})
        said["configurations"] = ["c.yaml"]
    _over(files, "prod", *below, **said)
    return files


@kind
def metadata_of_builds(chance: random.Random) -> Files:
    files: Files = {}
    _base(files, "base", _workload(chance), _settings(), configMapGenerator=[{"name": "made", "literals": ["a=b"]}])
    said: dict[str, Any] = {"buildMetadata": _some(chance, "originAnnotations", "managedByLabel", least=1)}
    if chance.random() < 0.2:
        said["buildMetadata"].append("transformerAnnotations")
    files["prod/more.yaml"] = _text(_account())
    for part in _some(chance, {"namePrefix": "p-"}, {"namespace": "ns"}, {"configMapGenerator": [{"name": "here", "literals": ["x=y"]}]}, {"configMapGenerator": [{"name": "made", "behavior": "merge", "literals": ["x=y"]}]}, {"commonAnnotations": {"a": "b"}}):  # fmt: skip
        said |= part
    if chance.random() < 0.3:
        _over(files, "middle", "base", buildMetadata=["managedByLabel"], nameSuffix="-m")
        _over(files, "prod", "middle", **said)
    else:
        files["prod/kustomization.yaml"] = _text({"resources": ["../base", "more.yaml"], **said})
    return files


@kind
def configurations(chance: random.Random) -> Files:
    files: Files = {}
    _base(files, "base", _workload(chance), _widget(), _settings(), _service())
    made: dict[str, Any] = {}
    for part in _some(
        chance,
        {"commonLabels": [{"path": "spec/selector", "create": True, "kind": "Widget"}]},
        {"commonAnnotations": [{"path": "spec/annotations", "create": True, "kind": "Widget"}]},
        {"namePrefix": [{"path": "spec/configName", "kind": "Widget"}]},
        {"nameSuffix": [{"path": "metadata/name"}]},
        {"namespace": [{"path": "spec/namespace", "create": True, "kind": "Widget"}]},
        {"images": [{"path": "spec/image", "kind": "Widget"}]},
        {"replicas": [{"path": "spec/replicas", "kind": "Widget"}]},
        {"varReference": [{"path": "spec/configName", "kind": "Widget"}]},
        {"nameReference": [{"kind": "Service", "fieldSpecs": [{"path": "spec/configName", "kind": "Widget"}]}]},
        {"templateLabels": [{"path": "spec/template/metadata/labels", "create": True, "kind": "Widget"}]},
        {"labels": [{"path": "spec/selector", "create": True, "kind": "Widget"}]},
        most=4,
    ):
        made |= part
    files["prod/c.yaml"] = _text(made)
    said: dict[str, Any] = {"configurations": ["c.yaml"]}
    for part in _some(
        chance,
        {"commonLabels": {"x": "z"}},
        {"commonAnnotations": {"x": "z"}},
        {"namePrefix": "p-"},
        {"nameSuffix": "-s"},
        {"namespace": "ns"},
        {"images": [{"name": "nginx", "newTag": "9"}]},
        {"replicas": [{"name": "w", "count": 5}]},
        {"labels": [{"pairs": {"q": "r"}, "includeTemplates": True}]},
        least=2,
        most=5,
    ):
        said |= part
    _over(files, "prod", "base", **said)
    return files


@kind
def orders(chance: random.Random) -> Files:
    files: Files = {}
    _base(files, "base", _workload(chance), _service(), _settings(), _account(), _role_binding(), _widget())
    order = chance.choice(({"order": "fifo"}, {"order": "legacy"}, {"order": "legacy", "legacySortOptions": {"orderFirst": ["Service"], "orderLast": ["Deployment"]}}))  # fmt: skip
    _over(files, "prod", "base", sortOptions=order, namePrefix="p-")
    return files


@kind
def annotations(chance: random.Random) -> Files:
    files: Files = {}
    _base(files, "base", _workload(chance), _service(), _widget(), _settings(), **({"commonAnnotations": {"base": "x"}} if chance.random() < 0.5 else {}))  # fmt: skip
    pairs = dict(_some(chance, ("a", "b"), ("num", "5"), ("t", "true"), ("long/key", "x y"), ("note", "other"), ("multi", "a\nb"), ("empty", ""), ("base", "z")))  # fmt: skip
    _over(files, "prod", "base", commonAnnotations=pairs)
    return files


@kind
def lists_and_documents(chance: random.Random) -> Files:
    files: Files = {}
    import json

    objects = [_workload(chance), _service(), _settings(), _account(), _widget()]
    chance.shuffle(objects)
    listed = {"apiVersion": "v1", "kind": "List", "items": objects[:2]}
    named = {"apiVersion": "v1", "kind": "ConfigMapList", "items": [_settings("one"), _settings("two")]}
    inner = {
        "apiVersion": "v1",
        "kind": "List",
        "items": [{"apiVersion": "v1", "kind": "List", "items": [_settings("deep")]}],
    }
    empty = {"apiVersion": "v1", "kind": "List", "items": []}
    texts = [
        chance.choice((_text, json.dumps))(one)
        for one in _some(chance, listed, named, inner, empty, *objects[2:], least=2, most=6)
    ]
    files["base/all.yaml"] = chance.choice(("", "---\n", "# note\n---\n")) + "\n---\n".join(texts) + chance.choice(("", "\n---\n", "\n---\n# end\n", "\n...\n"))  # fmt: skip
    if chance.random() < 0.3:
        files["base/all.yaml"] = files["base/all.yaml"].replace("\n---\n", "\n---\n---\n# only a comment\n---\n", 1)
    files["base/kustomization.yaml"] = _text({"resources": ["all.yaml"]})
    if chance.random() < 0.3:
        files["base/one.json"] = json.dumps(_account("json"))
        files["base/kustomization.yaml"] = _text({"resources": ["all.yaml", "one.json"]})
    _over(files, "prod", "base", namePrefix="p-", commonLabels={"x": "z"})
    return files


@kind
def variables(chance: random.Random) -> Files:
    files: Files = {}
    certificate = {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": "c"}, "spec": {"dnsNames": ["$(NAME).$(SPACE).svc", "x"], "secretName": "keys"}}  # fmt: skip
    work = _workload(chance)
    pod = work["spec"]["jobTemplate"]["spec"]["template"]["spec"] if work["kind"] == "CronJob" else work["spec"] if work["kind"] == "Pod" else work["spec"]["template"]["spec"]  # fmt: skip
    pod["containers"][0]["args"] = ["$(NAME)", "--at=$(SPACE)", "$$(NAME)", "$(MISSING)"]
    objref = {"kind": "Service", "version": "v1", "name": "web"}
    spelled = chance.choice(("fieldPath", "fieldpath"))
    said = [
        {
            "name": "NAME",
            "objref": objref,
            **({"fieldref": {spelled: "metadata.name"}} if chance.random() < 0.5 else {}),
        },
        {"name": "SPACE", "objref": objref, "fieldref": {spelled: "metadata.namespace"}},
    ]
    _base(files, "base", work, _service(), certificate)
    files["prod/c.yaml"] = _text(
        {"varReference": [{"kind": "Certificate", "group": "cert-manager.io", "path": "spec/dnsNames"}]}
    )
    _over(files, "prod", "base", vars=said, configurations=["c.yaml"], namePrefix="p-", **({"namespace": "ns"} if chance.random() < 0.8 else {}))  # fmt: skip
    return files
