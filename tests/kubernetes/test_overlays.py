"""What kustomizations make of their bases, as far as it is read without a program."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

import devopslint
from devopslint.config import Config
from devopslint.engine import check_texts

WEB = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      replicas: 3
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
            - name: web
              image: shop/web
            - name: side
              image: shop/side
    """


def found(files: dict[str, str], *rules: str) -> list[tuple[str, int, str]]:
    texts = {path: textwrap.dedent(text) for path, text in files.items()}
    return [(f.location.path, f.location.line, f.message) for f in devopslint.check(texts, select=list(rules))]


def test_a_patch_that_is_written_in_the_kustomization_is_judged_by_what_it_says() -> None:
    kustomization = """
        resources: [web.yaml]
        patches:
          - patch: |-
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: web}
              spec:
                template:
                  spec:
                    hostNetwork: true
                    containers: [{name: web, securityContext: {privileged: true}}]
        """
    findings = found(
        {"web.yaml": WEB, "kustomization.yaml": kustomization}, "k8s-host-network", "k8s-privileged-container"
    )

    assert findings == [
        ("kustomization.yaml", 11, "the pod shares the node's network"),
        ("kustomization.yaml", 12, "container 'web' is privileged: it is root on the node"),
    ]


def test_the_operations_of_a_json_patch_are_judged() -> None:
    kustomization = """
        resources: [web.yaml]
        patches:
          - target: {kind: Deployment, name: web}
            patch: |-
              - {op: remove, path: /spec/replicas}
              - op: add
                path: /spec/template/spec/containers/0/securityContext
                value: {privileged: true}
        """
    files = {"web.yaml": WEB, "kustomization.yaml": kustomization}

    assert [finding[:2] for finding in found(files, "k8s-privileged-container")] == [("kustomization.yaml", 9)]


def test_what_a_patch_in_the_kustomization_leaves_out_is_no_fault() -> None:
    kustomization = """
        resources: [web.yaml]
        patches:
          - patch: "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {minReadySeconds: 9}}"
        """
    texts = {"web.yaml": textwrap.dedent(WEB), "kustomization.yaml": textwrap.dedent(kustomization)}

    assert not [f for f in devopslint.check(texts) if f.location.path == "kustomization.yaml"]


def test_an_object_that_every_build_deletes_is_not_judged() -> None:
    delete = "$patch: delete\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
    files = {
        "base/web.yaml": WEB.replace("replicas: 3", "replicas: 1"),
        "base/kustomization.yaml": "resources: [web.yaml]",
        "prod/kustomization.yaml": "resources: [../base]\npatches: [{path: gone.yaml}]",
        "prod/gone.yaml": delete,
    }

    assert found(files, "k8s-few-replicas") == []
    assert len(found({**files, "test/kustomization.yaml": "resources: [../base]"}, "k8s-few-replicas")) == 1


def test_the_replicas_of_an_overlay_are_judged_where_they_are_set() -> None:
    files = {
        "base/web.yaml": WEB,
        "base/kustomization.yaml": "resources: [web.yaml]",
        "prod/kustomization.yaml": "resources: [../base]\nreplicas:\n  - {name: web, count: 1}",
        "stage/kustomization.yaml": "resources: [../base]\nreplicas:\n  - {name: web, count: 4}",
    }

    assert found(files, "k8s-few-replicas") == [
        ("prod/kustomization.yaml", 3, "Deployment 'web' runs 1 pod, fewer than 3")
    ]


@pytest.mark.parametrize(
    ("image", "kept"),
    [("shop/web", [15]), ("shop/side", [13]), ("docker.io/shop/web", [13, 15])],
)
def test_a_new_tag_is_for_the_image_of_that_very_name(image: str, kept: list[int]) -> None:
    files = {
        "web.yaml": WEB,
        "kustomization.yaml": f"resources: [web.yaml]\nimages: [{{name: {image}, newTag: 1.4.2}}]",
    }

    assert [line for _, line, _ in found(files, "k8s-latest-tag")] == kept


def test_labels_reach_pods_services_and_their_selectors() -> None:
    service = """
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web, team: shop}, ports: [{port: 80}]}
        """
    monitor = """
        apiVersion: monitoring.coreos.com/v1
        kind: ServiceMonitor
        metadata: {name: web}
        spec: {selector: {matchLabels: {stage: prod}}, endpoints: []}
        """
    files = {"web.yaml": WEB, "service.yaml": service, "monitor.yaml": monitor}
    names = "[web.yaml, service.yaml, monitor.yaml]"
    labels = "labels: [{pairs: {team: shop}, includeSelectors: true}, {pairs: {stage: prod}}]"
    rules = ("net-dangling-service", "net-dangling-monitor")

    assert len(found({**files, "kustomization.yaml": f"resources: {names}"}, *rules)) == 2
    assert found({**files, "kustomization.yaml": f"resources: {names}\n{labels}"}, *rules) == []


def test_a_common_label_takes_the_place_of_the_one_that_pods_and_selectors_have() -> None:
    service = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n"
    )
    kustomization = "resources: [web.yaml, service.yaml]\ncommonLabels: {app: shop-web}"

    assert (
        found({"web.yaml": WEB, "service.yaml": service, "kustomization.yaml": kustomization}, "net-dangling-service")
        == []
    )


def test_the_namespace_of_every_build_is_that_of_its_objects() -> None:
    policy = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: web, namespace: live}
        spec: {podSelector: {}}
        """
    files = {
        "a/web.yaml": WEB,
        "a/policy.yaml": policy,
        "a/kustomization.yaml": "resources: [web.yaml]\nnamespace: NAME",
    }

    def in_namespace(name: str) -> list[tuple[str, int, str]]:
        return found(
            {**files, "a/kustomization.yaml": files["a/kustomization.yaml"].replace("NAME", name)}, "net-missing-policy"
        )

    assert in_namespace("live") == []
    assert len(in_namespace("test")) == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("web", None),
        ("prod-web", "changes Deployment prod-web, which the build of prod/kustomization.yaml does not have"),
    ],
)
def test_a_patch_meets_names_before_its_own_prefix(name: str, message: str | None) -> None:
    files = {
        "base/web.yaml": WEB,
        "base/kustomization.yaml": "resources: [web.yaml]",
        "prod/kustomization.yaml": "resources: [../base]\nnamePrefix: prod-\npatches: [{path: p.yaml}]",
        "prod/p.yaml": f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec: {{replicas: 4}}\n",
    }

    assert [said for _, _, said in found(files, "kustomize-dangling-patch")] == ([message] if message else [])


def test_a_component_is_right_where_one_of_its_builds_has_the_object() -> None:
    files = {
        "web/web.yaml": WEB,
        "web/kustomization.yaml": "resources: [web.yaml]\ncomponents: [../shared]",
        "api/api.yaml": WEB.replace("web", "api"),
        "api/kustomization.yaml": "resources: [api.yaml]\ncomponents: [../shared]",
        "shared/kustomization.yaml": """
            kind: Component
            patches:
              - {patch: "[]", target: {kind: Deployment, name: web}}
              - {patch: "[]", target: {kind: Deployment, name: cart}}
            """,
    }

    assert [line for _, line, _ in found(files, "kustomize-dangling-patch")] == [5]


def test_charts_of_a_kustomization_are_listed_as_not_checked() -> None:
    text = "helmCharts:\n  - {name: queue, repo: https://charts.example.com, version: 1.2.3}\n"
    settled = check_texts({"kustomization.yaml": text}, Config())

    assert [(gap.path, gap.line, gap.reason) for gap in settled.not_checked] == [
        ("kustomization.yaml", 2, "builds with queue, which is not fetched: what it makes is not known here")
    ]


def test_the_replicas_that_a_json_patch_sets_are_judged() -> None:
    kustomization = """
        resources: [web.yaml]
        patches:
          - target: {kind: Deployment, name: web}
            patch: |-
              - op: replace
                path: /spec/replicas
                value: 1
        """
    files = {"web.yaml": WEB, "kustomization.yaml": kustomization}

    assert [finding[:2] for finding in found(files, "k8s-few-replicas")] == [("kustomization.yaml", 8)]


def test_what_flux_patches_into_every_release_is_not_missing() -> None:
    release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop}\nspec: {interval: 1h}\n"
    parent = """
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: apps}
        spec:
          patches:
            - target: {kind: Kustomization}
              patch: |-
                apiVersion: kustomize.toolkit.fluxcd.io/v1
                kind: Kustomization
                metadata: {name: any}
                spec:
                  patches:
                    - target: {kind: HelmRelease}
                      patch: |-
                        apiVersion: helm.toolkit.fluxcd.io/v2
                        kind: HelmRelease
                        metadata: {name: any}
                        spec: {upgrade: {remediation: {retries: 3}}}
        """

    overlay = {
        "prod/kustomization.yaml": """
            resources: [../apps/shop.yaml]
            patches: [{target: {kind: HelmRelease}, patch: '- {op: add, path: /spec/upgrade, value: {disableWait: true}}'}]
            """
    }

    for files in ({"apps/shop.yaml": release}, {"apps/shop.yaml": release} | overlay):
        assert len(found(files, "k8s-gitops-missing-remediation")) == 1
        assert found(files | {"cluster/apps.yaml": parent}, "k8s-gitops-missing-remediation") == []


def test_folders_that_build_on_each_other_again_and_again_are_read_in_bounded_time() -> None:
    files = {"f0/kustomization.yaml": "resources: [web.yaml]", "f0/web.yaml": textwrap.dedent(WEB)}
    for level in range(1, 41):
        below = f"../f{level - 1}" if level == 1 else f"../a{level - 1}, ../b{level - 1}"
        for side in ("a", "b"):
            files[f"{side}{level}/kustomization.yaml"] = f"namePrefix: {side}-\nresources: [{below}]"
    files["top/kustomization.yaml"] = "resources: [../a40]\npatches: [{path: p.yaml}]"
    files["top/p.yaml"] = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: nowhere}\n"

    assert found(files, "kustomize-dangling-patch") == []


def test_a_component_that_replaces_where_an_ingress_sends_to_is_no_dangling_one() -> None:
    ingress = (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: example}\n"
        "spec: {rules: [{http: {paths: [{path: /, backend: {service: {name: example, port: {name: web}}}}]}}]}\n"
    )
    service = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: example}\n"
        "spec: {ports: [{name: http, port: 80}], selector: {app: example}}\n"
    )
    component = (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [ingress.yaml, service.yaml]\n"
        "replacements:\n- source: {kind: Deployment, fieldPath: spec.template.spec.containers.0.ports.0.name}\n"
        "  targets:\n  - {select: {kind: Ingress}, fieldPaths: [spec.rules.0.http.paths.0.backend.service.port.name]}\n"
    )
    files = {"lb/kustomization.yaml": component, "lb/ingress.yaml": ingress, "lb/service.yaml": service}

    replaced = devopslint.check(files, select=["net-dangling-ingress"])
    as_it_stands = devopslint.check(
        files | {"lb/kustomization.yaml": component.partition("replacements")[0]}, select=["net-dangling-ingress"]
    )

    assert [f.message for f in replaced] == []
    assert [f.message for f in as_it_stands] == [
        "Ingress 'example' sends to port 'web', which Service 'example' does not have"
    ]


def test_a_patch_for_whatever_has_a_kind_is_called_by_a_star() -> None:
    kustomization = (
        "resources: [https://example.org/shop?ref=v1.0.0]\npatches:\n- target: {kind: Deployment}\n  patch: |-\n"
        "    - {op: add, path: /spec/strategy, value: {type: Recreate}}\n"
    )

    found = devopslint.check({"kustomization.yaml": kustomization}, select=["k8s-recreate-strategy"])

    assert [(f.location.line, f.message) for f in found] == [
        (5, "Deployment '*' stops every old pod before it starts a new one")
    ]


COUNTED = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: {}\n"
    "  selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n"
    "    spec: {{containers: [{{name: web, image: 'shop/web:1.0'}}]}}\n"
)


@pytest.mark.parametrize(
    ("base", "change", "lines"),
    [
        (1, "replicas: [{name: web, count: 3}]", []),
        (1, "patches: [{target: {kind: Deployment}, patch: '- {op: replace, path: /spec/replicas, value: 3}'}]", []),
        (3, "patches: [{target: {kind: Deployment}, patch: '- {op: replace, path: /spec/replicas, value: 1}'}]", [2]),
        (3, "patches: [{target: {name: w.*}, patch: '- {op: replace, path: /spec/replicas, value: 1}'}]", [2]),
        (3, "patches: [{target: {kind: StatefulSet}, patch: '- {op: replace, path: /spec/replicas, value: 1}'}]", []),
    ],
)
def test_the_number_of_pods_that_an_overlay_sets_is_the_one_that_counts(
    base: int, change: str, lines: list[int]
) -> None:
    files = {
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "base/web.yaml": COUNTED.format(base),
        "prod/kustomization.yaml": f"resources: [../base]\n{change}\n",
    }

    found = devopslint.check(files, select=["k8s-few-replicas", "k8s-single-replica"])

    assert [(f.location.path, f.location.line) for f in found] == [("prod/kustomization.yaml", line) for line in lines]


def test_equal_patches_are_judged_each_in_its_own_file_and_folder() -> None:
    patch = """
patches:
  - target: {kind: Deployment, name: web}
    patch: |-
      - op: add
        path: /spec/template/spec/containers/0/env
        value: [{name: DB_PASSWORD, value: password}]
"""
    files = {
        "prod/kustomization.yaml": f"resources: [github.com/shop/web]{patch}",
        "live/kustomization.yaml": f"# Two lines more\nnamePrefix: a-\nresources: [github.com/shop/web]{patch}",
        "examples/kustomization.yaml": f"resources: [github.com/shop/web]{patch}",
    }

    alone = [one for path, text in files.items() for one in found({path: text}, "k8s-env-secret")]
    together = found(files, "k8s-env-secret")

    said = "variable 'DB_PASSWORD' of container '' has its secret written out"
    assert together == sorted(alone) == [("live/kustomization.yaml", 9, said), ("prod/kustomization.yaml", 7, said)]


def test_what_a_patch_with_a_target_deletes_is_what_the_target_says() -> None:
    kustomization = """
        resources: [web.yaml]
        patches:
          - target: {kind: Deployment, name: %s}
            patch: |-
              $patch: delete
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: %s}
        """
    rule = "k8s-privilege-escalation"

    def count(target: str, written: str) -> int:
        return len(found({"web.yaml": WEB, "kustomization.yaml": kustomization % (target, written)}, rule))

    assert count("web", "whatever") == count("w.*", "whatever") == 0
    assert count("api", "web") == 2


def test_the_build_stops_where_replicas_are_set_of_what_it_does_not_have() -> None:
    files = {
        "web.yaml": WEB,
        "kustomization.yaml": """
            resources: [web.yaml]
            replicas:
              - {name: web, count: 4}
              - {name: wbe, count: 4}
            """,
    }

    assert found(files, "kustomize-dangling-patch") == [
        ("kustomization.yaml", 5, "changes the replicas of wbe, which the build of kustomization.yaml does not have")
    ]


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("1.2.3", []),
        ("${CHART_VERSION}", []),
        (">=1.2.0", ["chart shop takes the newest version that >=1.2.0 allows"]),
        ("1.x", ["chart shop takes the newest version that 1.x allows"]),
        ("", ["chart shop names no version: the newest is built"]),
    ],
)
def test_a_chart_of_a_kustomization_is_pinned_to_one_version(version: str, said: list[str]) -> None:
    text = f"helmCharts: [{{name: shop, repo: https://charts.example.org, version: '{version}'}}]"

    assert [message for _, _, message in found({"kustomization.yaml": text}, "kustomize-unpinned-base")] == said


def test_a_generator_that_only_a_build_runs_is_listed() -> None:
    files = {
        "kustomization.yaml": "generators: [chart.yaml]",
        "chart.yaml": "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: shop}\nname: shop\n",
    }

    listed = {gap.path: gap.reason for gap in check_texts(files, Config()).not_checked}

    assert listed["kustomization.yaml"] == "runs the generator chart.yaml: what that makes is not known here"


def test_a_chart_of_the_former_field_is_listed_by_its_name() -> None:
    text = "helmChartInflationGenerator: [{chartName: shop, chartRepoUrl: https://charts.example.org}]"

    listed = [gap.reason for gap in check_texts({"kustomization.yaml": text}, Config()).not_checked]

    assert listed == ["builds with shop, which is not fetched: what it makes is not known here"]


def test_what_a_generator_takes_from_a_file_that_git_keeps_is_a_committed_secret(tmp_path: Path) -> None:
    kustomization = """\
        secretGenerator:
          - name: shop
            files: [password=db/word.txt, db/token, tls.crt=db/shop.crt, db/gone.txt]
            envs: [shop.env, example.env, kept.env]
        configMapGenerator:
          - name: settings
            envs: [shop.env]
        """
    files = {
        "kustomization.yaml": textwrap.dedent(kustomization),
        "db/word.txt": "Kq7-made-up-Pw42\n",
        "db/token": "tok-9f31-Kd82-qq7\n",
        "db/shop.crt": "-----BEGIN CERTIFICATE-----\n",
        "shop.env": "# DB_PASSWORD=old-Kq7-made-up\nLEVEL=info\nDB_PASSWORD=Kq7-made-up-Pw42\n",
        "example.env": "DB_PASSWORD=changeme\n",
        "kept.env": "DB_PASSWORD=Kq7-made-up-Pw42\n",
        ".gitignore": "kept.env\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)

    said = [
        (one.location.line, one.message) for one in devopslint.check_paths(tmp_path, select="kustomize-literal-secret")
    ]

    assert said == [
        (3, "password of the Secret shop is written in db/word.txt, which Git keeps"),
        (3, "token of the Secret shop is written in db/token, which Git keeps"),
        (4, "DB_PASSWORD of the Secret shop is written in shop.env, which Git keeps"),
        (7, "DB_PASSWORD of the ConfigMap settings is written in shop.env, which Git keeps"),
    ]


def test_what_operator_sdk_generates_is_made_before_the_build() -> None:
    files = {
        "config/manifests/kustomization.yaml": "resources: [bases/shop.clusterserviceversion.yaml]\n",
        "Makefile": "bundle:\n\toperator-sdk generate %s -q\n",
    }

    def found(command: str) -> int:
        texts = files | {"Makefile": files["Makefile"] % command}
        return len(devopslint.check(texts, select=["kustomize-missing-file"]))

    assert found("kustomize manifests") == 0
    assert found("bundle") == 1


SERVED = {
    "base/kustomization.yaml": "resources: [web.yaml, service.yaml, ingress.yaml, budget.yaml]",
    "base/web.yaml": WEB,
    "base/service.yaml": """
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{port: 80}]}
        """,
    "base/ingress.yaml": """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web}
        spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
        """,
    "base/budget.yaml": """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: web}
        spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
        """,
    "live/kustomization.yaml": "resources: [../base]\nnamespace: live",
}


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("replicas: [{name: web, count: 4}]", None),
        ("commonLabels: {stage: test}", None),
        (
            "replicas: [{name: web, count: 1}]",
            ("base/budget.yaml", 5, "budget 'web' lets no pod go: it keeps 2 of at least 1"),
        ),
        (
            "patches: [{target: {kind: Service}, patch: '- {op: replace, path: /spec/selector/app, value: api}'}]",
            ("test/kustomization.yaml", 3, "Service 'web' selects no pod: app=api"),
        ),
        (
            "patches: [{target: {kind: Service}, patch: '- {op: replace, path: /spec/ports/0/port, value: 8080}'}]",
            ("base/ingress.yaml", 5, "Ingress 'web' sends to port 80, which Service 'web' does not have"),
        ),
    ],
)
def test_what_one_overlay_breaks_between_objects_is_found_there(
    change: str, broken: tuple[str, int, str] | None
) -> None:
    files = SERVED | {"test/kustomization.yaml": f"resources: [../base]\nnamespace: test\n{change}"}

    findings = found(files, "net-dangling-service", "net-dangling-ingress", "pdb-minimum-not-below-replicas")

    assert findings == ([broken] if broken else [])


def test_what_an_overlay_refers_to_in_another_folder_is_not_broken() -> None:
    patch = "patches: [{target: {kind: Service}, patch: '- {op: replace, path: /spec/selector/app, value: api}'}]"
    files = SERVED | {
        "test/kustomization.yaml": f"resources: [../base]\nnamespace: test\n{patch}",
        "test/api.yaml": WEB.replace("web", "api").replace("{name: api}", "{name: api, namespace: test}"),
    }

    assert found(files, "net-dangling-service") == []


@pytest.mark.parametrize(
    ("name", "severity"), [("web-deployment", "error"), ("wep", "error"), ("web-cache", "warning"), ("api", "warning")]
)
def test_a_patch_of_nearly_the_same_name_is_a_slip_and_one_of_another_part_is_none(name: str, severity: str) -> None:
    patch = f"patches: [{{target: {{kind: Deployment, name: {name}}}, patch: '[]'}}]"
    files = {"web.yaml": textwrap.dedent(WEB), "kustomization.yaml": f"resources: [web.yaml]\n{patch}"}

    assert [str(f.severity) for f in devopslint.check(files, select=["kustomize-dangling-patch"])] == [severity]


def test_a_secret_key_beside_the_name_of_a_secret_says_which_key_is_read() -> None:
    def literals(*said: str) -> list[tuple[str, int, str]]:
        text = f"configMapGenerator: [{{name: db, literals: [{', '.join(said)}]}}]"
        return found({"kustomization.yaml": text}, "kustomize-literal-secret")

    assert literals("SECRET_NAME=shop-db", "DB_SECRET_KEY=shop-orders") == []
    assert len(literals("DB_SECRET_KEY=shop-orders")) == 1


def test_what_a_patch_brings_that_git_does_not_keep_is_not_known() -> None:
    workload = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: shop/web, volumeMounts: [{name: files, mountPath: /files}]}]}
        """
    patched = {"web.yaml": workload, "kustomization.yaml": "resources: [web.yaml]\npatches: [{path: env/own.yaml}]"}
    alone = {"web.yaml": workload, "kustomization.yaml": "resources: [web.yaml]"}

    assert found(patched, "k8s-refused-pod") == []
    assert [message for _, _, message in found(alone, "k8s-refused-pod")] == [
        "container 'web' mounts volume 'files', which Deployment/web does not have"
    ]


def test_a_file_that_is_called_rendered_is_made_before_the_build() -> None:
    files = {"kustomization.yaml": "resources: [helm-rendered.yaml, settings.yaml]"}

    assert [message for _, _, message in found(files, "kustomize-missing-file")] == [
        "settings.yaml is not in the repository"
    ]


def test_what_one_patch_names_in_vain_is_told_at_once() -> None:
    patch = "\n---\n".join(
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}" for name in ("web", "cart", "search")
    )
    files = {"web.yaml": WEB, "kustomization.yaml": "resources: [web.yaml]\npatches: [{path: p.yaml}]", "p.yaml": patch}

    assert [message for _, _, message in found(files, "kustomize-dangling-patch")] == [
        "changes Deployment cart and 1 more, which the build of kustomization.yaml does not have"
    ]


def test_a_file_about_objects_of_the_kind_chart_is_no_chart() -> None:
    files = {
        "crds/Chart.yaml": """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: charts.example.org}
            """,
        "config/Chart.yaml": "nameReference:\n- {kind: Secret, fieldSpecs: [{kind: Chart, path: spec/secret}]}",
        "shop/Chart.yaml": "apiVersion: v2\nname: shop",
    }

    assert found(files, "helm-incomplete-chart") == [("shop/Chart.yaml", 1, "has no version, Helm refuses the chart")]


SHOP = """
    apiVersion: v1
    kind: Service
    metadata: {name: shop, namespace: live}
    spec: {clusterIP: None, selector: {app: shop}, ports: [{name: http, port: 80}]}
    ---
    apiVersion: apps/v1
    kind: StatefulSet
    metadata: {name: shop, namespace: live}
    spec:
      serviceName: shop
      selector: {matchLabels: {app: shop}}
      template:
        metadata: {labels: {app: shop}}
        spec: {containers: [{name: shop, image: shop/shop}]}
    """


@pytest.mark.parametrize(
    ("rule", "objects", "kind", "path", "value"),
    [
        (
            "rbac-missing-role",
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: shop, namespace: live}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: read}
            subjects: [{kind: ServiceAccount, name: shop, namespace: live}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: reader, namespace: live}
            rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]
            """,
            "RoleBinding",
            "/roleRef/name",
            "reader",
        ),
        (
            "net-dangling-gateway",
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: shop, namespace: live}
            spec: {hosts: [shop.example.org], gateways: [door], http: [{route: [{destination: {host: shop}}]}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge, namespace: live}
            spec: {selector: {app: shop}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}
            """,
            "VirtualService",
            "/spec/gateways/0",
            "edge",
        ),
        (
            "argo-missing-project",
            """
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: shop, namespace: argocd}
            spec:
              project: shops
              source: {repoURL: https://git.example.org/shop.git, path: shop}
              destination: {server: https://kubernetes.default.svc, namespace: live}
            ---
            apiVersion: argoproj.io/v1alpha1
            kind: AppProject
            metadata: {name: shop, namespace: argocd}
            """,
            "Application",
            "/spec/project",
            "shop",
        ),
        ("k8s-missing-headless-service", SHOP.replace("serviceName: shop", "serviceName: shops"), "StatefulSet", "/spec/serviceName", "shop"),
    ],
)  # fmt: skip
def test_a_name_that_an_overlay_corrects_does_not_dangle(
    rule: str, objects: str, kind: str, path: str, value: str
) -> None:
    operation = f'[{{"op": "replace", "path": "{path}", "value": "{value}"}}]'
    base = {"base/kustomization.yaml": "resources: [all.yaml]", "base/all.yaml": objects}
    live = {
        "live/kustomization.yaml": f"resources: [../base]\npatches: [{{path: p.json, target: {{kind: {kind}}}}}]",
        "live/p.json": operation,
    }

    assert len(found(base, rule)) == 1
    assert found(base | live, rule) == []


def test_a_subset_may_be_added_by_an_overlay() -> None:
    files = {
        "base/kustomization.yaml": "resources: [rule.yaml]",
        "base/rule.yaml": """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: shop, namespace: live}
            spec: {host: shop, subsets: [{name: v1, labels: {version: v1}}]}
            """,
        "app/route.yaml": """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: shop, namespace: live}
            spec: {hosts: [shop], http: [{route: [{destination: {host: shop, subset: v2}}]}]}
            """,
    }
    live = {
        "live/kustomization.yaml": "resources: [../base]\npatches: [{path: p.json, target: {kind: DestinationRule}}]",
        "live/p.json": '[{"op": "add", "path": "/spec/subsets/-", "value": {"name": "v2", "labels": {"version": "v2"}}}]',
    }

    assert len(found(files, "net-missing-subset")) == 1
    assert found(files | live, "net-missing-subset") == []


def test_what_a_component_says_of_objects_that_flux_names_is_told_once() -> None:
    files = {
        "comp/kustomization.yaml": "kind: Component\nresources: [s.yaml]",
        "comp/s.yaml": """
            apiVersion: keda.sh/v1alpha1
            kind: ScaledObject
            metadata: {name: "${APP}"}
            spec: {minReplicaCount: 0, maxReplicaCount: 5, scaleTargetRef: {name: "${APP}"}, triggers: [{type: cron}]}
            """,
    }
    for name in ("cart", "shop"):
        files[f"{name}/app/kustomization.yaml"] = "components: [../../comp]"
        files[f"{name}/ks.yaml"] = f"""
            apiVersion: kustomize.toolkit.fluxcd.io/v1
            kind: Kustomization
            metadata: {{name: {name}, namespace: flux-system}}
            spec:
              path: ./{name}/app
              sourceRef: {{kind: GitRepository, name: flux-system}}
              postBuild: {{substitute: {{APP: the-{name}}}}}
            """

    assert [path for path, _, _ in found(files, "hpa-low-minimum")] == ["comp/s.yaml"]


def test_a_file_that_ansible_writes_is_made_before_the_build() -> None:
    files = {
        "boot/kustomization.yaml": "resources: [application.yaml]",
        "ansible/roles/boot/tasks/main.yml": """
            - name: Write the application
              ansible.builtin.template:
                src: application.yaml.j2
                dest: "{{ root }}/application.yaml"
            """,
    }

    assert found({"boot/kustomization.yaml": files["boot/kustomization.yaml"]}, "kustomize-missing-file") != []
    assert found(files, "kustomize-missing-file") == []
