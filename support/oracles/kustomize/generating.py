"""Random trees of kustomizations: a base or two, overlays and components over them, with every feature that is local."""

from __future__ import annotations

import json
import random
from typing import Any

IMAGES = ("nginx", "nginx:1.25", "ghcr.io/shop/api:v1", "registry:5000/shop/web@sha256:" + "a" * 64, "busybox:1.36")
KEYS = ("app", "tier", "team", "app.kubernetes.io/name")
REFERRING = ("$(A)", "$(B)", "http://$(NAME):$(A)/$$(B)", "$(OTHER)", "5$ $(")
WORDS = ("web", "api", "db", "cache", "blue", "7", "true", "on", "0x10", "1e3", "front end")


def tree(seed: int) -> tuple[dict[str, str], str]:
    """The files of a tree, and the folder of the kustomization to build."""
    return _Tree(random.Random(seed)).made()  # nothing secret is made of it


class _Tree:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.files: dict[str, str] = {}
        self.objects: list[dict[str, Any]] = []
        self.generated: set[str] = set()
        self.placed: dict[str, list[dict[str, Any]]] = {}

    def some(self, most: int, least: int = 0) -> range:
        return range(self.chance.randint(least, most))

    def maybe(self, share: float = 0.5) -> bool:
        return self.chance.random() < share

    def made(self) -> tuple[dict[str, str], str]:
        self._kustomization("base", resources=self._resources("base"), depth=0)
        below = ["../base"]
        if self.maybe(0.3):
            self._kustomization("second", resources=self._resources("second"), depth=0)
            below.append("../second")
        if self.maybe(0.4):
            self._kustomization("middle", resources=below, depth=1)
            below = ["../middle"]
        components = []
        if self.maybe(0.35):
            self._kustomization("part", resources=[], depth=1, component=True)
            components.append("../part")
        self._kustomization("prod", resources=below, depth=1, components=components)
        return self.files, "prod"

    def _resources(self, folder: str) -> list[str]:
        names = []
        for number in self.some(4, 1):
            made = [self._object(number) for _ in self.some(2, 1)]
            made = [one for one in made if not any(_same(one, known) for known in self.objects)]
            self.objects += made
            if made:
                self.placed[folder] = [*self.placed.get(folder, []), *made]
                name = f"r{number}.yaml"
                self.files[f"{folder}/{name}"] = "---\n".join(_text(one) for one in made)
                names.append(name)
        return names

    def _object(self, number: int) -> dict[str, Any]:
        name = self.chance.choice(("web", "api", "db", "web-api"))
        metadata: dict[str, Any] = {"name": name}
        if self.maybe(0.3):
            metadata["namespace"] = self.chance.choice(("shop", "default"))
        if self.maybe():
            metadata["labels"] = self._pairs()
        if self.maybe(0.3):
            metadata["annotations"] = self._pairs()
        kind, version = self.chance.choice(
            (
                ("Deployment", "apps/v1"),
                ("Deployment", "apps/v1"),
                ("StatefulSet", "apps/v1"),
                ("Service", "v1"),
                ("ConfigMap", "v1"),
                ("Secret", "v1"),
                ("ServiceAccount", "v1"),
                ("RoleBinding", "rbac.authorization.k8s.io/v1"),
                ("ClusterRole", "rbac.authorization.k8s.io/v1"),
                ("Role", "rbac.authorization.k8s.io/v1"),
                ("CronJob", "batch/v1"),
                ("HorizontalPodAutoscaler", "autoscaling/v2"),
                ("Ingress", "networking.k8s.io/v1"),
                ("NetworkPolicy", "networking.k8s.io/v1"),
                ("PodDisruptionBudget", "policy/v1"),
                ("Namespace", "v1"),
                ("Widget", "example.com/v1"),
            )
        )
        if kind == "Namespace":
            metadata.pop("namespace", None)
        made: dict[str, Any] = {"apiVersion": version, "kind": kind, "metadata": metadata}
        made.update(self._body(kind))
        return made

    def _body(self, kind: str) -> dict[str, Any]:
        name = self.chance.choice(("web", "api", "db"))
        match kind:
            case "Deployment" | "StatefulSet":
                template = {"metadata": {"labels": self._pairs()}, "spec": self._pod()}
                spec: dict[str, Any] = {"selector": {"matchLabels": self._pairs()}, "template": template}
                if self.maybe():
                    spec["replicas"] = self.chance.randint(0, 5)
                if kind == "StatefulSet":
                    spec["serviceName"] = name
                    if self.maybe(0.4):
                        spec["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": {}}]
                return {"spec": spec}
            case "Service":
                ports = [
                    {"port": 80 + n, "name": f"p{n}", **({"protocol": "TCP"} if self.maybe() else {})}
                    for n in self.some(3, 1)
                ]
                return {"spec": {"selector": self._pairs(), "ports": ports}}
            case "ConfigMap" | "Secret":
                field = "stringData" if kind == "Secret" else "data"
                return {field: {f"k{n}": self.chance.choice(WORDS) for n in self.some(3)}}
            case "RoleBinding":
                role = {
                    "apiGroup": "rbac.authorization.k8s.io",
                    "kind": self.chance.choice(("Role", "ClusterRole")),
                    "name": name,
                }
                subjects = [
                    {
                        "kind": "ServiceAccount",
                        "name": self.chance.choice(("default", "web", "api")),
                        **({"namespace": "shop"} if self.maybe() else {}),
                    }
                    for _ in self.some(2, 1)
                ]
                return {"roleRef": role, "subjects": subjects}
            case "ClusterRole" | "Role":
                return {
                    "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": [name]}]
                }
            case "CronJob":
                return {"spec": {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": {"spec": self._pod()}}}}}
            case "HorizontalPodAutoscaler":
                return {
                    "spec": {
                        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
                        "minReplicas": 2,
                        "maxReplicas": 5,
                    }
                }
            case "Ingress":
                backend = {"service": {"name": name, "port": {"number": 80}}}
                return {
                    "spec": {
                        "tls": [{"secretName": name}],
                        "rules": [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}],
                    }
                }
            case "NetworkPolicy":
                return {
                    "spec": {
                        "podSelector": {"matchLabels": self._pairs()},
                        "ingress": [{"from": [{"podSelector": {"matchLabels": self._pairs()}}]}],
                    }
                }
            case "PodDisruptionBudget":
                return {"spec": {"minAvailable": 1, "selector": {"matchLabels": self._pairs()}}}
            case "Widget":
                return {
                    "spec": {
                        "size": 3,
                        "items": [{"name": "a", "v": 1}, {"name": "b", "v": 2}],
                        "containers": [{"name": "c", "image": self.chance.choice(IMAGES)}],
                    }
                }
        return {}

    def _pod(self) -> dict[str, Any]:
        pod: dict[str, Any] = {
            "containers": [self._container(name) for name in ("web", "proxy", "log")[: self.chance.randint(1, 3)]]
        }
        if self.maybe(0.3):
            pod["initContainers"] = [self._container("setup")]
        if self.maybe(0.4):
            pod["serviceAccountName"] = self.chance.choice(("web", "api", "default"))
        if self.maybe(0.4):
            source = self.chance.choice(
                ({"configMap": {"name": "settings"}}, {"secret": {"secretName": "db"}}, {"emptyDir": {}})
            )
            pod["volumes"] = [{"name": "data", **source}]
        if self.maybe(0.2):
            pod["tolerations"] = [{"key": "a", "operator": "Exists"}]
        if self.maybe(0.2):
            pod["imagePullSecrets"] = [{"name": "db"}]
        return pod

    def _container(self, name: str) -> dict[str, Any]:
        made: dict[str, Any] = {"name": name, "image": self.chance.choice(IMAGES)}
        if self.maybe(0.5):
            made["env"] = [
                {"name": "A", "value": self.chance.choice((*WORDS, *REFERRING))},
                {
                    "name": "B",
                    "valueFrom": {"configMapKeyRef": {"name": self.chance.choice(("settings", "web")), "key": "k0"}},
                },
            ][: self.chance.randint(1, 2)]
        if self.maybe(0.3):
            made["envFrom"] = [{"secretRef": {"name": self.chance.choice(("db", "web"))}}]
        if self.maybe(0.4):
            made["ports"] = [
                {"containerPort": 8080 + n, **({"protocol": "TCP"} if self.maybe() else {})} for n in self.some(2, 1)
            ]
        if self.maybe(0.3):
            made["resources"] = {"limits": {"memory": "64Mi"}}
        if self.maybe(0.2):
            made["args"] = ["--a", self.chance.choice(("--b", *REFERRING))]
        return made

    def _pairs(self) -> dict[str, str]:
        return {key: self.chance.choice(WORDS[:6]) for key in self.chance.sample(KEYS, self.chance.randint(1, 2))}

    def _kustomization(
        self,
        folder: str,
        *,
        resources: list[str],
        depth: int,
        component: bool = False,
        components: list[str] | None = None,
    ) -> None:
        said: dict[str, Any] = {}
        if component:
            said = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}
        if resources:
            said["resources" if self.maybe(0.9) else "bases"] = resources
        if components:
            said["components"] = components
        share = 0.25 if depth else 0.12
        for field, made in (
            ("namespace", lambda: self.chance.choice(("shop", "prod"))),
            ("namePrefix", lambda: self.chance.choice(("dev-", "x"))),
            ("nameSuffix", lambda: self.chance.choice(("-v2", "-prod"))),
            ("commonLabels", self._pairs),
            ("labels", self._labels),
            ("commonAnnotations", self._pairs),
            ("images", self._images),
            ("patches", lambda: [one for _ in self.some(3, 1) if (one := self._patch(folder)) is not None]),
            ("configMapGenerator", lambda: self._generators(folder, "settings")),
            ("secretGenerator", lambda: self._generators(folder, "db")),
            ("replicas", self._replicas),
            ("replacements", self._replacements),
            ("vars", lambda: self._variables(folder)),
            ("buildMetadata", lambda: ["originAnnotations", "managedByLabel"][: self.chance.randint(1, 2)]),
        ):
            if self.maybe(share) and (value := made()):
                said[field] = value
        if self.maybe(0.1):
            said["generatorOptions"] = {"disableNameSuffixHash": self.maybe(), "labels": self._pairs()}
        if not any(field not in ("apiVersion", "kind") for field in said):
            said["namePrefix"] = "y-"
        self.files[f"{folder}/kustomization.yaml"] = _text(said)

    def _labels(self) -> list[dict[str, Any]]:
        return [
            {
                "pairs": self._pairs(),
                **({"includeSelectors": True} if self.maybe(0.3) else {}),
                **({"includeTemplates": True} if self.maybe(0.3) else {}),
            }
            for _ in self.some(2, 1)
        ]

    def _images(self) -> list[dict[str, Any]]:
        made = []
        for _ in self.some(2, 1):
            one: dict[str, Any] = {
                "name": self.chance.choice(("nginx", "ghcr.io/shop/api", "registry:5000/shop/web", "busybox"))
            }
            if self.maybe(0.4):
                one["newName"] = "mirror.example.com/x"
            if self.maybe(0.6):
                one["newTag"] = self.chance.choice(("1.0", "v2", "latest"))
            if self.maybe(0.2):
                one["digest"] = "sha256:" + "b" * 64
            made.append(one)
        return made

    def _replicas(self) -> list[dict[str, Any]]:
        names = [one["metadata"]["name"] for one in self.objects if one["kind"] in ("Deployment", "StatefulSet")]
        return [{"name": self.chance.choice(names), "count": self.chance.randint(1, 9)}] if names else []

    def _generators(self, folder: str, name: str) -> list[dict[str, Any]]:
        one: dict[str, Any] = {"name": name}
        if self.maybe(0.8):
            one["literals"] = [f"k{n}={self.chance.choice(WORDS)}" for n in self.some(2, 1)]
        if self.maybe(0.3):
            self.files[f"{folder}/app.properties"] = self.chance.choice(("a=b\n", "<x>&\té\n", "x: |\n  y\n\n"))
            one["files"] = [self.chance.choice(("app.properties", "other.txt=app.properties"))]
        if self.maybe(0.2):
            self.files[f"{folder}/a.env"] = "# no\nE1=v\n  E2=w=x\nE3\n"
            one["envs"] = ["a.env"]
        if self.maybe(0.3):
            one["options"] = {"disableNameSuffixHash": self.maybe(), "annotations": self._pairs()}
            if self.maybe(0.3):
                one["options"]["immutable"] = True
        if name in self.generated or self.maybe(0.03):
            one["behavior"] = self.chance.choice(("merge", "merge", "replace", "create"))
        self.generated.add(name)
        if self.maybe(0.1):
            one["namespace"] = "shop"
        return [one]

    def _variables(self, folder: str) -> list[dict[str, Any]]:
        made = []
        for name in self.chance.sample(("A", "B", "NAME"), self.chance.randint(1, 2)):
            one = self.chance.choice(self.placed.get(folder) or self.objects or [{}])
            if not one:
                break
            group, _, version = one["apiVersion"].rpartition("/")
            said: dict[str, Any] = {"kind": one["kind"], "name": one["metadata"]["name"]}
            said |= {"apiVersion": one["apiVersion"]} if self.maybe() else {"group": group, "version": version}
            if self.maybe(0.2) and "namespace" in one["metadata"]:
                said["namespace"] = one["metadata"]["namespace"]
            paths = {
                "Deployment": ("spec.replicas", "spec.template.spec.containers[0].image"),
                "Service": ("spec.ports[0].port", "spec.ports.[name=p0].port"),
                "ConfigMap": ("data.k0",),
                "NetworkPolicy": ("spec.podSelector",),
            }
            known: dict[str, Any] = {"name": name, "objref": said}
            if self.maybe(0.6):
                known["fieldref"] = {
                    "fieldPath": self.chance.choice(
                        ("metadata.name", "metadata.namespace", *paths.get(one["kind"], ()))
                    )
                }
            made.append(known)
        return made

    def _target(self, one: dict[str, Any]) -> dict[str, Any]:
        name = one["metadata"]["name"]
        return self.chance.choice(
            (
                {"kind": one["kind"], "name": name},
                {"kind": one["kind"]},
                {"name": self.chance.choice((name, f"{name[0]}.*", ".*"))},
                {"kind": "Deployment|StatefulSet"},
                {"labelSelector": self.chance.choice(("app=web", "app in (web,api),tier!=db", "!team", "app"))},
                {"annotationSelector": "app"},
                {"version": "v1", "kind": one["kind"]},
                {"namespace": "shop"},
            )
        )

    def _patch(self, folder: str) -> dict[str, Any] | None:
        if not self.objects:
            return None
        one = self.chance.choice(self.placed.get(folder) or self.objects)
        operations = self.maybe(0.4)
        body: Any = self._operations(one) if operations else self._merge(one)
        made: dict[str, Any] = {}
        if operations or self.maybe(0.3):
            made["target"] = {"kind": one["kind"], "name": one["metadata"]["name"]} if operations else self._target(one)
        if not operations and self.maybe(0.1):
            made["options"] = {"allowNameChange": True, "allowKindChange": self.maybe()}
            made.setdefault("target", {"kind": one["kind"], "name": one["metadata"]["name"]})
            body["metadata"]["name"] = "renamed"
        if self.maybe():
            made["patch"] = _text(body)
        else:
            name = f"patch{len(self.files)}.yaml"
            self.files[f"{folder}/{name}"] = _text(body)
            made["path"] = name
        return made

    def _operations(self, one: dict[str, Any]) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        workload = one["kind"] in ("Deployment", "StatefulSet")
        for _ in self.some(2, 1):
            made.append(
                self.chance.choice(
                    (
                        {"op": "add", "path": "/metadata/annotations/a~1b", "value": "c"},
                        {"op": "add", "path": "/metadata/labels", "value": self._pairs()},
                        {"op": "replace", "path": "/metadata/labels", "value": self._pairs()},
                    )
                    if not workload and self.maybe(0.9)
                    else (
                        {"op": "add", "path": "/metadata/labels", "value": self._pairs()},
                        {"op": "add", "path": "/metadata/annotations/a~1b", "value": "c"},
                        {"op": "replace", "path": "/spec/replicas", "value": 7},
                        {"op": "add", "path": "/spec/template/spec/containers/-", "value": self._container("extra")},
                        {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "nginx:9"},
                        {"op": "remove", "path": "/spec/template/spec/containers/0"},
                        {"op": "remove", "path": "/metadata/labels"},
                        {"op": "add", "path": "/spec/ports/0", "value": {"port": 443}},
                        {"op": "copy", "from": "/metadata/name", "path": "/metadata/labels"},
                        {"op": "move", "from": "/spec/replicas", "path": "/spec/revisionHistoryLimit"},
                        {"op": "test", "path": "/metadata/name", "value": one["metadata"]["name"]},
                    )
                )
            )
        return made

    def _merge(self, one: dict[str, Any]) -> dict[str, Any]:
        metadata = {key: one["metadata"][key] for key in ("name", "namespace") if key in one["metadata"]}
        body: dict[str, Any] = {"apiVersion": one["apiVersion"], "kind": one["kind"], "metadata": metadata}
        if self.maybe(0.07):
            return {**body, "$patch": "delete"}
        if self.maybe(0.3):
            metadata["labels"] = {self.chance.choice(KEYS): self.chance.choice((None, "new"))}
        match one["kind"]:
            case "Deployment" | "StatefulSet":
                pod: dict[str, Any] = {}
                if self.maybe():
                    container = self._container(self.chance.choice(("web", "proxy", "other")))
                    if self.maybe():
                        container.pop("image")
                    if self.maybe(0.2):
                        container["env"] = [{"name": "A", "$patch": "delete"}, {"name": "C", "value": "d"}]
                    if self.maybe(0.2):
                        container["resources"] = self.chance.choice(
                            (None, {"$patch": "replace", "requests": {"cpu": "1"}})
                        )
                    pod["containers"] = [container]
                    if self.maybe(0.15):
                        pod["containers"].append({"name": "proxy", "$patch": "delete"})
                    if self.maybe(0.1):
                        pod["containers"].append({"$patch": "replace"})
                if self.maybe(0.3):
                    pod["volumes"] = [{"name": self.chance.choice(("data", "more")), "emptyDir": {}}]
                if self.maybe(0.2):
                    pod["tolerations"] = [{"key": "b"}]
                if self.maybe(0.2):
                    pod["securityContext"] = {"runAsNonRoot": True, "fsGroup": None}
                body["spec"] = {"template": {"spec": pod}}
                if self.maybe(0.4):
                    body["spec"]["replicas"] = self.chance.choice((None, 4))
            case "Service":
                body["spec"] = {
                    "ports": [
                        {
                            "port": self.chance.choice((80, 81, 443)),
                            **({"protocol": "TCP"} if self.maybe() else {}),
                            "nodePort": 30000,
                        }
                    ]
                }
            case "ConfigMap":
                body["data"] = {"k0": self.chance.choice((None, "new")), "k9": "x"}
            case "Widget":
                body["spec"] = {"items": [{"name": "a", "w": 1}], "size": self.chance.choice((None, 5))}
            case "RoleBinding":
                body["subjects"] = [{"kind": "User", "name": "ann"}]
        return body

    def _replacements(self) -> list[dict[str, Any]]:
        workloads = [one for one in self.objects if one["kind"] in ("Deployment", "StatefulSet")]
        if not workloads:
            return []
        source = self.chance.choice(workloads)
        path, target = self.chance.choice(
            (
                ("metadata.name", "spec.template.spec.containers.[name=web].env.[name=A].value"),
                ("metadata.name", "metadata.annotations.[example.com/from]"),
                ("spec.template.spec.containers.0.image", "spec.template.spec.containers.*.image"),
                ("metadata.namespace", "metadata.labels.app"),
                ("spec.replicas", "spec.revisionHistoryLimit"),
            )
        )
        one: dict[str, Any] = {
            "source": {"kind": source["kind"], "name": source["metadata"]["name"], "fieldPath": path},
            "targets": [
                {
                    "select": self.chance.choice(
                        (
                            {"kind": "Deployment"},
                            {"kind": source["kind"]},
                            {"kind": source["kind"], "name": source["metadata"]["name"]},
                        )
                    ),
                    "fieldPaths": [target],
                    "options": {"create": self.maybe(0.8)},
                }
            ],
        }
        if self.maybe(0.2):
            one["targets"][0]["options"].update({"delimiter": ":", "index": self.chance.randint(-1, 2)})
        return [one]


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(one["kind"] == other["kind"] and one["metadata"]["name"] == other["metadata"]["name"])


def _text(value: Any) -> str:
    """As YAML in blocks; texts in quotes as JSON writes them, most of them plain where that means the same."""
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        lines = []
        for key, item in value.items():
            inner = _lines(item)
            if isinstance(item, (dict, list)) and item:
                lines += [f"{key}:", *(f"  {line}" for line in inner)]
            elif isinstance(item, str) and "\n" in item:
                lines += [f"{key}: |-", *(f"  {line}" for line in item.rstrip("\n").split("\n"))]
            else:
                lines.append(f"{key}: {inner[0]}")
        return lines
    if isinstance(value, list) and value:
        return [f"{'- ' if number == 0 else '  '}{line}" for item in value for number, line in enumerate(_lines(item))]
    if isinstance(value, str) and value.replace("-", "").isalpha() and value not in ("true", "on"):
        return [value]
    return [json.dumps(value, ensure_ascii=False)]
