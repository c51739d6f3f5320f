"""What kustomizations build, held to what kustomize itself builds (docs/oracles.md), and where each value stands."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from devopslint import Finding, check, check_paths
from devopslint.kubernetes.kustomize.building import Builder
from devopslint.kubernetes.kustomize.editing import Unbuilt
from devopslint.readers.yaml import Node

BASE = {
    "base/kustomization.yaml": "resources: [web.yaml, service.yaml]",
    "base/web.yaml": """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
          labels: {tier: front}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              serviceAccountName: web
              containers:
                - name: web
                  image: shop/web:1.0
                  env: [{name: A, value: b}]
                  securityContext: {runAsNonRoot: true}
                - name: side
                  image: shop/side:1.0
        """,
    "base/service.yaml": """
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{port: 80}]}
        """,
}


def build(files: dict[str, str], path: str = "prod/kustomization.yaml") -> dict[str, Node]:
    """The objects by their kinds."""
    texts = {name: textwrap.dedent(text).lstrip("\n").encode() for name, text in files.items()}

    def read(name: str) -> bytes:
        if name not in texts:
            raise FileNotFoundError(name)
        return texts[name]

    folders = {name.rpartition("/")[0]: name for name in texts if name.endswith("kustomization.yaml")}
    return {node["kind"].text: node for node in Builder(folders, read).build(path).objects}


def over_base(kustomization: str, more: dict[str, str] | None = None) -> dict[str, Node]:
    text = f"resources: [../base]\n{textwrap.dedent(kustomization)}"
    return build({**BASE, "prod/kustomization.yaml": text, **(more or {})})


def place(node: Node) -> tuple[str, int]:
    return node.location.path, node.location.line


def first_container(objects: dict[str, Node]) -> Node:
    return next(iter(objects["Deployment"]["spec"]["template"]["spec"]["containers"]))


def test_a_number_of_replicas_stands_where_the_overlay_says_it() -> None:
    built = over_base("replicas:\n  - name: web\n    count: 1\n")

    replicas = built["Deployment"]["spec"]["replicas"]

    assert replicas.value == 1
    assert place(replicas) == ("prod/kustomization.yaml", 4)


def test_what_no_overlay_touches_is_the_very_node_of_the_base() -> None:
    texts = {name: textwrap.dedent(text).encode() for name, text in BASE.items()}
    texts |= {f"{name}/kustomization.yaml": f"namespace: {name}\nresources: [../base]".encode() for name in ("a", "b")}
    builder = Builder({name.rpartition("/")[0]: name for name in texts if "kustomization" in name}, texts.__getitem__)

    one, other = (builder.build(f"{name}/kustomization.yaml").objects[0] for name in ("a", "b"))

    assert one["spec"] is other["spec"]
    assert (one["metadata"]["namespace"].text, other["metadata"]["namespace"].text) == ("a", "b")


MORE = {
    "base/kustomization.yaml": "resources: [web.yaml, service.yaml, config.yaml]",
    "base/config.yaml": """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings}
        data: {A: b}
        """,
    "prod/extra.yaml": """
        apiVersion: v1
        kind: Secret
        metadata: {name: extra}
        """,
    "part/kustomization.yaml": """
        apiVersion: kustomize.config.k8s.io/v1alpha1
        kind: Component
        patches:
          - target: {kind: ConfigMap}
            patch: '- {op: replace, path: /data/A, value: c}'
        """,
}


def written(node: Node) -> object:
    within: list[object] = [(key.text, written(value)) for key, value in node.items()]
    within += [written(item) for item in node]
    return node.location, node.text, within


@pytest.mark.parametrize(
    ("said", "touched"),
    [
        ("images: [{name: shop/side, newTag: '2.0'}]", ["Deployment"]),
        ("replicas: [{name: web, count: 1}]", ["Deployment", "Service"]),
        ("namespace: shop\nlabels: [{pairs: {env: live}}]", []),
        ("namespace: shop\nresources: [../base, extra.yaml]", ["Secret"]),
        ("components: [../part]\nimages: [{name: shop/web, newName: shop/front}]", ["Deployment", "ConfigMap"]),
        (
            "patches:\n  - patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {A: null}}'",
            ["ConfigMap"],
        ),
        ("patches:\n  - target: {name: w.*}\n    patch: '- {op: remove, path: /spec}'", ["Deployment", "Service"]),
    ],
)
def test_what_an_overlay_touches_comes_out_as_in_the_whole_of_it(said: str, touched: list[str]) -> None:
    resources = "" if "resources" in said else "resources: [../base]\n"
    files = {**BASE, **MORE, "prod/kustomization.yaml": f"{resources}{said}"}
    texts = {name: textwrap.dedent(text).lstrip("\n").encode() for name, text in files.items()}
    builder = Builder({name.rpartition("/")[0]: name for name in texts if "kustomization" in name}, texts.__getitem__)

    found = builder.build_touched("prod/kustomization.yaml")

    whole = builder.build("prod/kustomization.yaml")
    assert found is not None
    assert [one.kind for one in found.resources] == touched
    assert found.files == whole.files
    built = {one.kind: one for one in whole.resources}
    assert all(written(one.node) == written(built[one.kind].node) for one in found.resources)
    left = set(built) - set(touched)
    assert all(built[kind].node["spec"] is built[kind].origin["spec"] for kind in left & {"Deployment", "Service"})  # type: ignore[index]


@pytest.mark.parametrize(
    "said",
    [
        "namePrefix: a-",
        "commonLabels: {env: live}",
        "commonAnnotations: {env: live}",
        "configMapGenerator: [{name: a, literals: [a=b]}]",
        "replicas: [{name: nobody, count: 1}]",
        "patchesJson6902:\n  - target: {kind: Service, labelSelector: a=b}\n    patch: '[]'",
        "patches:\n  - target: {kind: ConfigMap}\n    patch: '- {op: replace, path: /metadata/name, value: other}'",
    ],
)
def test_an_overlay_that_may_change_more_than_it_names_is_built_as_a_whole(said: str) -> None:
    files = {**BASE, **MORE, "prod/kustomization.yaml": f"resources: [../base]\n{said}"}
    texts = {name: textwrap.dedent(text).lstrip("\n").encode() for name, text in files.items()}
    builder = Builder({name.rpartition("/")[0]: name for name in texts if "kustomization" in name}, texts.__getitem__)

    assert builder.build_touched("prod/kustomization.yaml") is None


def test_a_strategic_merge_patch_merges_containers_by_name_and_keeps_their_places() -> None:
    patch = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          template:
            spec:
              containers:
                - name: side
                  resources: {limits: {memory: 1Gi}}
                - name: new
                  image: shop/new:1.0
        """
    built = over_base("patches:\n  - path: patch.yaml\n", {"prod/patch.yaml": patch})

    containers = list(built["Deployment"]["spec"]["template"]["spec"]["containers"])

    assert [one["name"].text for one in containers] == ["side", "new", "web"]
    assert place(containers[0]["image"]) == ("base/web.yaml", 19)
    assert place(containers[0]["resources"]["limits"]["memory"]) == ("prod/patch.yaml", 9)
    assert place(containers[1]["image"]) == ("prod/patch.yaml", 11)


@pytest.mark.parametrize(
    "patch",
    [
        """
        patches:
          - patch: |-
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: web}
              spec: {template: {spec: {containers: [{name: web, securityContext: null}]}}}
        """,
        """
        patches:
          - target: {kind: Deployment}
            patch: |-
              - op: test
                path: /metadata/name
                value: web
              - {op: remove, path: /spec/template/spec/containers/0/securityContext}
        """,
    ],
)
def test_what_a_patch_takes_away_is_missing_where_the_patch_says_so(patch: str) -> None:
    built = over_base(patch.strip("\n"))

    gone = first_container(built)["securityContext"]

    assert not gone.exists
    assert gone.location.missing
    assert gone.location.path == "prod/kustomization.yaml"
    assert gone.location.line >= 7


def test_a_deleted_object_is_not_built() -> None:
    built = over_base("""
        patches:
          - patch: |-
              apiVersion: v1
              kind: Service
              metadata: {name: web}
              $patch: delete
        """)

    assert set(built) == {"Deployment"}


def test_an_image_stands_at_the_tag_that_replaces_its_own() -> None:
    built = over_base("images:\n  - name: shop/web\n    newTag: latest\n")

    image = first_container(built)["image"]

    assert image.text == "shop/web:latest"
    assert place(image) == ("prod/kustomization.yaml", 4)


def test_labels_go_into_selectors_and_templates_only_where_they_are_asked_to() -> None:
    built = over_base("""
        labels:
          - pairs: {team: shop}
          - pairs: {env: prod}
            includeSelectors: true
        """)

    spec = built["Deployment"]["spec"]

    assert built["Deployment"]["metadata"]["labels"].plain() == {"tier": "front", "team": "shop", "env": "prod"}
    assert spec["selector"]["matchLabels"].plain() == {"app": "web", "env": "prod"}
    assert spec["template"]["metadata"]["labels"].plain() == {"app": "web", "env": "prod"}
    assert built["Service"]["spec"]["selector"].plain() == {"app": "web", "env": "prod"}


def test_a_label_that_kustomize_shares_between_fields_changes_in_all_of_them() -> None:
    files = {**BASE, "base/kustomization.yaml": "commonLabels: {run: one}\nresources: [web.yaml]"}
    built = build({**files, "prod/kustomization.yaml": "resources: [../base]\nlabels: [{pairs: {run: two}}]"})

    assert built["Deployment"]["spec"]["selector"]["matchLabels"]["run"].text == "two"


def test_references_follow_names_with_prefixes_and_hashes() -> None:
    files = {
        **BASE,
        "base/kustomization.yaml": """
            resources: [web.yaml]
            configMapGenerator:
              - name: settings
                literals: [a=b]
            """,
        "prod/kustomization.yaml": """
            namePrefix: live-
            resources: [../base]
            patches:
              - patch: |-
                  apiVersion: apps/v1
                  kind: Deployment
                  metadata: {name: web}
                  spec: {template: {spec: {containers: [{name: web, envFrom: [{configMapRef: {name: settings}}]}]}}}
            """,
    }
    built = build(files)

    name = built["ConfigMap"]["metadata"]["name"].text

    assert name.startswith("live-settings-")
    assert len(name) == len("live-settings-") + 10
    assert next(iter(first_container(built)["envFrom"]))["configMapRef"]["name"].text == name


def test_the_hash_of_a_config_map_is_that_of_kustomize() -> None:
    built = build(
        {"prod/kustomization.yaml": "configMapGenerator: [{name: c, files: [v.yaml]}]", "prod/v.yaml": "a: b\n"}
    )

    assert built["ConfigMap"]["metadata"]["name"].text == "c-cb87t492m8"


def test_a_generator_that_merges_adds_to_that_of_the_base() -> None:
    files = {
        "base/kustomization.yaml": "configMapGenerator: [{name: c, literals: [a=1, b=2]}]",
        "prod/kustomization.yaml": """
            resources: [../base]
            configMapGenerator:
              - name: c
                behavior: merge
                literals: [b=3]
            """,
    }

    data = build(files)["ConfigMap"]["data"]

    assert data.plain() == {"a": "1", "b": "3"}
    assert place(data["b"]) == ("prod/kustomization.yaml", 5)


def test_a_replacement_stands_where_its_value_is_written() -> None:
    built = over_base("""
        replacements:
          - source: {kind: Service, fieldPath: metadata.name}
            targets:
              - select: {kind: Deployment}
                fieldPaths: ["spec.template.spec.containers.[name=web].env.[name=A].value"]
        """)

    value = next(iter(first_container(built)["env"]))["value"]

    assert value.text == "web"
    assert place(value) == ("base/service.yaml", 3)


@pytest.mark.parametrize(
    ("target", "matches"),
    [
        ("{kind: Deploy.*}", True),
        ("{kind: Deploy}", False),
        ("{name: 'w[a-f]b'}", True),
        ("{labelSelector: 'tier in (front, back),!gone'}", True),
        ("{labelSelector: tier!=front}", False),
        ("{annotationSelector: a}", False),
        ("{namespace: default}", True),
        ("{group: apps, version: v1}", True),
    ],
)
def test_a_target_selects_by_expressions_and_selectors(target: str, matches: bool) -> None:
    built = over_base(f"""
        patches:
          - target: {target}
            patch: |-
              - {{op: add, path: /metadata/annotations/seen, value: "yes"}}
        """)

    assert built["Deployment"]["metadata"]["annotations"]["seen"].exists is matches


def test_a_component_changes_what_stands_beside_it() -> None:
    files = {
        **BASE,
        "prod/kustomization.yaml": "resources: [../base]\ncomponents: [../small]",
        "small/kustomization.yaml": """
            apiVersion: kustomize.config.k8s.io/v1alpha1
            kind: Component
            replicas: [{name: web, count: 1}]
            """,
    }

    assert build(files)["Deployment"]["spec"]["replicas"].value == 1


def test_words_that_older_yaml_takes_for_booleans_are_texts_in_what_is_built() -> None:
    patch = "{kind: Deployment, apiVersion: apps/v1, metadata: {name: web}, spec: {paused: off}}"
    pod = BASE["base/web.yaml"].replace("serviceAccountName: web", "hostNetwork: yes")
    files = {
        **BASE,
        "base/web.yaml": pod,
        "prod/kustomization.yaml": (
            f"resources: [../base]\npatches: [{{patch: '{patch}'}}]\n"
            "labels: [{pairs: {team: shop}, includeTemplates: yes}]\n"
        ),
    }

    web = build(files)["Deployment"]

    assert web["spec"]["template"]["spec"]["hostNetwork"].value == "yes"
    assert web["spec"]["paused"].value == "off"
    assert web["spec"]["template"]["metadata"]["labels"]["team"].text == "shop"


def test_transformers_of_kustomizes_own_run_behind_all_else() -> None:
    labels = """
        apiVersion: builtin
        kind: LabelTransformer
        metadata: {name: labels}
        labels: {team: shop}
        fieldSpecs: [{path: metadata/labels, create: true}]
        ---
        apiVersion: builtin
        kind: AnnotationsTransformer
        metadata: {name: notes}
        annotations: {note: seen}
        fieldSpecs: [{path: metadata/annotations, create: true, kind: Service}]
        ---
        apiVersion: builtin
        kind: PrefixSuffixTransformer
        metadata: {name: names}
        prefix: b-
        suffix: -c
        fieldSpecs: [{path: metadata/name}]
        """
    patch = """
        apiVersion: builtin
        kind: PatchTransformer
        metadata: {name: five}
        target: {kind: Deployment, name: b-a-web-c}
        patch: "- {op: replace, path: /spec/replicas, value: 5}"
        """
    files = {"prod/labels.yaml": labels, "prod/patch.yaml": patch}

    built = over_base("namePrefix: a-\ntransformers: [labels.yaml, patch.yaml]", files)

    web, service = built["Deployment"], built["Service"]
    assert web["metadata"]["name"].text == service["metadata"]["name"].text == "b-a-web-c"
    assert web["spec"]["replicas"].value == 5
    assert web["spec"]["replicas"].location.path == "prod/patch.yaml"
    assert service["metadata"]["labels"]["team"].text == "shop"
    assert service["metadata"]["annotations"]["note"].text == "seen"
    assert not web["metadata"]["annotations"].exists


def test_a_variable_is_put_in_where_it_is_named_and_keeps_its_type_alone() -> None:
    variables = """
        namePrefix: a-
        vars:
        - {name: HOST, objref: {apiVersion: v1, kind: Service, name: web}}
        - {name: PORT, objref: {apiVersion: v1, kind: Service, name: web}, fieldref: {fieldPath: "spec.ports[0].port"}}
        patches:
        - target: {kind: Deployment}
          patch: |-
            - op: replace
              path: /spec/template/spec/containers/0/env
              value:
              - {name: URL, value: "http://$(HOST):$(PORT)/$$(HOST)$(OTHER)"}
              - {name: PORT, value: $(PORT)}
        """

    url, port = first_container(over_base(variables))["env"]

    assert url["value"].text == "http://a-web:80/$(HOST)$(OTHER)"
    assert place(url["value"]) == ("prod/kustomization.yaml", 13)
    assert port["value"].value == 80


def test_a_variable_of_a_base_has_the_value_that_the_overlay_gives_it() -> None:
    base = {
        **BASE,
        "base/kustomization.yaml": """
            resources: [web.yaml, service.yaml]
            vars:
            - {name: NAME, objref: {apiVersion: apps/v1, kind: Deployment, name: web}, fieldref: {fieldPath: spec.replicas}}
            """,
        "prod/kustomization.yaml": """
            resources: [../base]
            replicas: [{name: web, count: 7}]
            patches: [{target: {kind: Deployment}, patch: '- {op: add, path: /spec/template/spec/containers/0/args, value: [--n=$(NAME)]}'}]
            """,
    }

    (arg,) = first_container(build(base))["args"]

    assert arg.text == "--n=7"


def test_annotations_are_texts_in_what_is_built() -> None:
    note = {**BASE, "prod/kustomization.yaml": "resources: [note.yaml]"}
    note["prod/note.yaml"] = "{apiVersion: v1, kind: Namespace, metadata: {name: a, annotations: {keep: 1440}}}"

    assert build(note)["Namespace"]["metadata"]["annotations"]["keep"].value == "1440"


def test_a_kustomization_that_says_nothing_builds_nothing() -> None:
    with pytest.raises(Unbuilt, match="says nothing"):
        build({"prod/kustomization.yaml": "kind: Kustomization\nresources:\n"})


@pytest.mark.parametrize(
    ("kustomization", "reason", "line"),
    [
        ("helmCharts: [{name: redis}]", "renders charts", 2),
        ("transformers: ['{apiVersion: example.org/v1, kind: Own, metadata: {name: a}}']", "runs transformers", 2),
        (
            "transformers: ['{apiVersion: builtin, kind: NamespaceTransformer, metadata: {name: a}}']",
            "runs transformers",
            2,
        ),
        ("generators: [all.yaml]", "runs generators", 2),
        (
            "components: [https://github.com/o/r//x?ref=v1]",
            "https://github.com/o/r//x?ref=v1 comes from outside, and nothing is fetched",
            2,
        ),
        ("patches: [{path: gone.yaml}]", "prod/gone.yaml is not in the repository", 2),
        ("replicas: [{name: gone, count: 1}]", "nothing is called gone, of which there are to be more", 2),
        ("vars: [{name: A, objref: {apiVersion: v1, kind: Pod, name: x}}]", "no object is that of the variable 'A'", 2),
        (
            "vars: [{name: A, objref: {apiVersion: v1, kind: Service, name: web}, fieldref: {fieldPath: spec.type}}]",
            "there is no spec.type for the variable 'A'",
            2,
        ),
        ("resorces: [x]", "kustomize knows no field 'resorces'", 2),
        (
            "images: [{name: shop/web, newTag: 1.10}]",
            "kustomize takes no 1.10 for 'newTag': it wants a text, in quotes",
            2,
        ),
        ("commonLabels: {a: on}", "kustomize takes no on for 'a': it wants a text, in quotes", 2),
        ("labels: [{pairs: {a: b}, includeSelectors: 'true'}]", "kustomize takes no text for 'includeSelectors'", 2),
        (
            "patches: [{target: {kind: Service}, patch: '- {op: remove, path: /a/b}'}]",
            "there is nothing at '/a/b', which a patch speaks of",
            2,
        ),
    ],
)
def test_what_cannot_be_built_says_why_and_where(kustomization: str, reason: str, line: int) -> None:
    with pytest.raises(Unbuilt) as caught:
        over_base(kustomization)

    assert caught.value.reason == reason
    assert caught.value.location is not None
    assert caught.value.location[:2] == ("prod/kustomization.yaml", line)


def test_kustomizations_that_are_built_from_each_other_end() -> None:
    files = {"a/kustomization.yaml": "resources: [../b]", "b/kustomization.yaml": "resources: [../a]"}

    with pytest.raises(Unbuilt, match="is built from itself"):
        build(files, "a/kustomization.yaml")


def test_folders_that_each_build_on_two_others_end() -> None:
    files: dict[str, str] = {"f0/kustomization.yaml": "resources: [a.yaml]", "f0/a.yaml": BASE["base/service.yaml"]}
    for number in range(1, 40):
        files[f"f{number}/kustomization.yaml"] = f"namePrefix: x\nresources: [../f{number - 1}, ../g{number - 1}]"
        files[f"g{number}/kustomization.yaml"] = f"namePrefix: y-\nresources: [../f{number - 1}, ../g{number - 1}]"
    files["g0/kustomization.yaml"] = "namePrefix: z\nresources: [../f0]"

    with pytest.raises(Unbuilt, match="too many objects"):
        build(files, "f39/kustomization.yaml")


def plain(nodes: dict[str, Node]) -> dict[str, Any]:
    return {kind: node.plain() for kind, node in nodes.items()}


def test_an_item_of_a_list_that_a_patch_is_to_replace_stays_as_it_was() -> None:
    built = over_base("""
        patches:
          - patch: |-
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: web}
              spec: {template: {spec: {containers: [{name: side, $patch: replace, image: other}]}}}
        """)

    containers = plain(built)["Deployment"]["spec"]["template"]["spec"]["containers"]

    assert {"name": "side", "image": "shop/side:1.0"} in containers


CRD = """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: backups.example.org}
    spec:
      group: example.org
      versions:
        - name: v1
          schema:
            openAPIV3Schema:
              properties:
                status: {type: object}
    """


@pytest.mark.parametrize("removed", ["status", "absent"])
def test_a_patch_may_reach_into_the_schema_of_a_custom_resource(removed: str) -> None:
    patch = f"""
        resources: [../base, crd.yaml]
        patches:
          - target: {{kind: CustomResourceDefinition}}
            patch: |
              - op: remove
                path: /spec/versions/0/schema/openAPIV3Schema/properties/{removed}
        """
    files = {**BASE, "prod/crd.yaml": CRD, "prod/kustomization.yaml": patch}

    result = check(
        {path: textwrap.dedent(text).lstrip("\n") for path, text in files.items()}, select=["k8s-few-replicas"]
    )

    assert bool(result.not_known) is (removed == "absent")


@pytest.mark.parametrize(
    ("kustomization", "reason"),
    [
        ("configMapGenerator:\n- {name: a, files: [KEYS]}\n", "its generators make too much"),
        ("patches:\n" + "- {target: {name: a}, patch: '[]'}\n" * 201, "it has too many changes of too many objects"),
        ("images:\n" + "- {name: a, newTag: b}\n" * 201, "it has too many changes of too many objects"),
    ],
    ids=["generators", "patches", "images"],
)
def test_what_multiplies_in_a_build_has_a_bound(kustomization: str, reason: str) -> None:
    keys = ", ".join(f"k{number}=big.txt" for number in range(60))
    maps = "".join(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m{number}}}\n---\n" for number in range(1_000))
    files = {
        "kustomization.yaml": f"resources: [many.yaml]\n{kustomization.replace('KEYS', keys)}",
        "many.yaml": maps,
        "big.txt": "x" * 100_000,
    }

    with pytest.raises(Unbuilt, match=reason):
        build(files, "kustomization.yaml")


CHANGES = [
    "images: [{name: shop/web, newTag: latest}]",
    "images: [{name: shop/web, newTag: '2.0'}]",
    "replicas: [{name: web, count: 1}]",
    "namePrefix: a-\nnamespace: kube-system",
    "patches: [{target: {kind: Deployment}, patch: '- {op: remove, path: /spec/template/spec/containers/0/securityContext}'}]",
    "patches: [{target: {kind: Deployment}, patch: '- {op: remove, path: /spec/template/spec/containers/0}'}]",
    """patches: [{target: {kind: Deployment}, patch: '- {op: add, path: /spec/template/spec/hostPID, value: true}'}]""",
    """
patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      template:
        spec:
          containers:
          - {name: first, image: shop/first, securityContext: {privileged: true}}
          - {name: side, ports: [{containerPort: 22}], livenessProbe: {exec: {command: ["true"]}}}
    """,
    "patches: [{target: {kind: Service}, patch: '- {op: add, path: /spec/type, value: NodePort}'}]",
    "patches: [{target: {kind: Deployment}, patch: '- {op: replace, path: /spec/template/spec, value: {containers: []}}'}]",
]


def test_what_is_said_of_an_overlay_is_the_same_whether_there_are_many_or_one() -> None:
    overlays = {
        f"o{number}/kustomization.yaml": f"resources: [../base]\n{change}" for number, change in enumerate(CHANGES)
    }
    base = {path: textwrap.dedent(text).lstrip("\n") for path, text in BASE.items()}

    together = check({**base, **overlays})

    for path, text in overlays.items():
        alone = check({**base, path: text})
        assert said_in(path, together) == said_in(path, alone)
    assert [path[1] for path in overlays if said_in(path, together)] == ["0", "2", "4", "6", "7", "8"]


def said_in(path: str, findings: list[Finding]) -> list[tuple[str, int, int, str, str]]:
    return [
        (f.rule.id, f.location.line, f.location.column, f.message, f.subject)
        for f in findings
        if f.location.path == path
    ]


def test_a_resource_of_another_name_is_there_and_not_read(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [task/0.9/raw, task/1.0/raw]\n")
    (tmp_path / "task/0.9").mkdir(parents=True)
    (tmp_path / "task/0.9/raw").write_text("apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: clone}\n")

    done = check_paths([tmp_path], select=["kustomize-missing-file"])

    assert [one.message for one in done] == ["task/1.0/raw is not in the repository"]
    assert [one.question for one in done.not_known] == ["what task/0.9/raw holds"]


def test_a_field_is_read_however_it_is_spelled() -> None:
    built = build(
        {
            **BASE,
            "prod/kustomization.yaml": """
                resources: [../base]
                NamePrefix: p-
                namespace: shop
                vars:
                  - {name: SPACE, objref: {apiVersion: v1, kind: Service, name: web}, fieldref: {fieldpath: metadata.namespace}}
                patches:
                  - target: {kind: Deployment}
                    patch: |
                      - {op: add, path: /spec/template/spec/containers/0/args, value: [$(SPACE)]}
                """,
        }
    )

    assert built["Service"]["metadata"]["name"].text == "p-web"
    assert [item.text for item in first_container(built)["args"]] == ["shop"]


def test_no_folder_is_a_base_that_holds_what_is_built_from_it() -> None:
    files = {
        "kustomization.yaml": "resources: [base]",
        "base/kustomization.yaml": "resources: [service.yaml]",
        "base/service.yaml": BASE["base/service.yaml"],
        "overlays/prod/kustomization.yaml": "resources: [../..]",
    }

    with pytest.raises(Unbuilt, match="its folder holds what is built from it"):
        build(files, "overlays/prod/kustomization.yaml")


@pytest.mark.parametrize(("name", "image"), [("'*'", "mirror/web:1.0"), ("shop/.*", "mirror/web:1.0"), ("shop/x.*", "shop/web:1.0")])  # fmt: skip
def test_the_name_of_an_image_is_an_expression(name: str, image: str) -> None:
    built = over_base(f"images: [{{name: {name}, newName: mirror/web}}]")

    assert first_container(built)["image"].text == image


def test_yes_is_true_in_a_json_patch_and_a_text_in_another() -> None:
    built = over_base(
        """
        patches:
          - target: {kind: Deployment}
            patch: |
              - {op: add, path: /spec/paused, value: yes}
          - patch: |
              {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {publishNotReadyAddresses: yes}}
        """
    )

    assert built["Deployment"]["spec"]["paused"].value is True
    assert built["Service"]["spec"]["publishNotReadyAddresses"].value == "yes"


def test_what_a_replacement_finds_an_item_by_is_a_number_in_what_it_makes() -> None:
    built = over_base(
        """
        replacements:
          - source: {kind: Service}
            targets:
              - select: {kind: Service}
                fieldPaths: ['spec.ports.[port=443].name']
                options: {create: true}
        """
    )

    assert plain(built)["Service"]["spec"]["ports"] == [{"port": 80}, {"port": 443, "name": "web"}]


def test_a_text_among_patches_is_cut_at_its_end_and_a_file_is_not() -> None:
    settings = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: x, b: x, c: x}"
    kustomization = """
        resources: [settings.yaml]
        patches:
          - target: {kind: ConfigMap}
            patch: |
              - op: replace
                path: /data/a
                value: |
                  one
                  two
          - patch: |
              apiVersion: v1
              kind: ConfigMap
              metadata: {name: settings}
              data:
                b: |
                  one
                  two
          - path: c.yaml
            target: {kind: ConfigMap}
        """
    patch = "- op: replace\n  path: /data/c\n  value: |\n    one\n    two\n"

    built = build({"prod/kustomization.yaml": kustomization, "prod/settings.yaml": settings, "prod/c.yaml": patch})

    assert plain(built)["ConfigMap"]["data"] == {"a": "one\ntwo", "b": "one\ntwo", "c": "one\ntwo\n"}


def test_a_resource_that_is_a_text_is_no_object() -> None:
    files = {"prod/kustomization.yaml": "resources: [a.yaml]", "prod/a.yaml": "what curl should have brought"}

    with pytest.raises(Unbuilt, match="holds what is no object"):
        build(files)


@pytest.mark.parametrize(
    ("path", "labels"),
    [(".metadata.labels.app", {"tier": "front", "app": "web"}), ("metadata.labels.[app]", None)],
)
def test_a_path_of_a_replacement_may_begin_with_a_dot_and_its_brackets_find_items(
    path: str, labels: dict[str, str] | None
) -> None:
    said = f"""
        replacements:
          - source: {{kind: Service, fieldPath: .metadata.name}}
            targets: [{{select: {{kind: Deployment}}, fieldPaths: ['{path}'], options: {{create: true}}}}]
        """

    if labels is None:
        with pytest.raises(Unbuilt, match="says no field and value"):
            over_base(said)
    else:
        assert plain(over_base(said))["Deployment"]["metadata"]["labels"] == labels


def test_a_configuration_says_what_else_gets_a_prefix_and_labels() -> None:
    built = over_base(
        "namePrefix: p-\nnameSuffix: -s\nconfigurations: [fields.yaml]\nlabels: [{pairs: {team: shop}}]\n",
        {
            "prod/fields.yaml": """
                namePrefix: [{path: spec/template/spec/containers/name, kind: Deployment}]
                nameSuffix: [{path: metadata/name}, {path: spec/template/spec/hostname}]
                labels: [{path: spec/selector, kind: Service}]
                """
        },
    )

    assert first_container(built)["name"].text == "p-web"
    assert built["Deployment"]["metadata"]["name"].text == "p-web-s"
    assert plain(built)["Service"]["spec"]["selector"] == {"app": "web", "team": "shop"}


def test_a_null_among_annotations_is_the_text_that_stands_there() -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  annotations:\n    a:\n    b: null\n    c: ~\n"

    built = build({"prod/kustomization.yaml": "resources: [a.yaml]", "prod/a.yaml": service})

    assert plain(built)["Service"]["metadata"]["annotations"] == {"a": "", "b": "null", "c": "~"}


def test_a_patch_leaves_what_a_json_patch_has_added_twice_once() -> None:
    operations = """
        patches:
          - target: {kind: Deployment}
            patch: |
              - {op: add, path: /spec/template/spec/containers/0/env/-, value: {name: A, value: last}}
        """
    other = """
          - patch: |
              {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {paused: true}}
        """

    alone, both = over_base(operations), over_base(f"{operations.rstrip()}{other}")

    assert [one["value"].text for one in first_container(alone)["env"]] == ["b", "last"]
    assert [one["value"].text for one in first_container(both)["env"]] == ["last"]


def test_a_patch_leaves_what_a_file_says_twice_once() -> None:
    twice = {**BASE, "base/web.yaml": BASE["base/web.yaml"].replace("[{name: A", "[{name: A, value: first}, {name: A")}
    patch = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {paused: true}}"

    built = build({**twice, "prod/kustomization.yaml": f"resources: [../base]\npatches: [{{patch: '{patch}'}}]"})

    assert [one["value"].text for one in first_container(built)["env"]] == ["b"]
