"""A base is judged through its overlays: what they mend is not said, what they break is said where they do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

import pytest

from devopslint import Finding
from devopslint.config import Config
from devopslint.engine import Settled, check_texts, examine
from devopslint.files import SourceFile
from devopslint.kubernetes.kustomize.worlds import builds
from devopslint.project import Project

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
              image: shop/web:1.0
              readinessProbe: {httpGet: {path: /, port: 80}}
    """
BASE = {"base/kustomization.yaml": "resources: [web.yaml]", "base/web.yaml": WEB}
PROBE = """
    resources: [../base]
    patches:
      - target: {kind: Deployment}
        patch: |-
          - op: add
            path: /spec/template/spec/containers/0/livenessProbe
            value: {httpGet: {path: /, port: 80}}
    """
TAG = "resources: [../base]\nimages:\n  - name: shop/web\n    newTag: latest\n"


def run(files: dict[str, str], *rules: str) -> Settled:
    texts = {path: textwrap.dedent(text).lstrip("\n") for path, text in files.items()}
    return check_texts(texts, Config().selecting(rules))


def found(files: dict[str, str], *rules: str) -> list[tuple[str, int, str]]:
    return [(one.location.path, one.location.line, one.message) for one in run(files, *rules).findings]


def test_what_every_overlay_mends_is_not_said_of_the_base() -> None:
    files = {**BASE, "a/kustomization.yaml": PROBE, "b/kustomization.yaml": PROBE}

    assert found(files, "k8s-missing-liveness-probe") == []


def test_what_one_of_two_overlays_does_not_mend_is_said_once_in_the_base_with_that_overlay() -> None:
    files = {**BASE, "a/kustomization.yaml": PROBE, "b/kustomization.yaml": TAG}

    (finding,) = run(files, "k8s-missing-liveness-probe").findings

    assert finding.location[:2] == ("base/web.yaml", 11)
    assert [(one.location.path, one.message) for one in finding.related] == [
        ("b/kustomization.yaml", "in what b builds")
    ]


def test_what_holds_in_all_overlays_is_said_once_without_naming_any() -> None:
    files = {**BASE, "a/kustomization.yaml": PROBE, "b/kustomization.yaml": PROBE}

    (finding,) = run(files, "k8s-root-container").findings

    assert finding.location[:2] == ("base/web.yaml", 11)
    assert finding.related == ()


def test_what_an_overlay_breaks_is_said_at_the_line_of_the_overlay() -> None:
    files = {**BASE, "prod/kustomization.yaml": TAG}

    (one,) = found(files, "k8s-latest-tag")

    assert one[:2] == ("prod/kustomization.yaml", 4)


def test_what_an_overlay_takes_away_is_missing_at_its_line() -> None:
    patch = """
        resources: [../base]
        patches:
          - target: {kind: Deployment}
            patch: |-
              - {op: remove, path: /spec/template/spec/containers/0/readinessProbe}
        """

    (one,) = found({**BASE, "prod/kustomization.yaml": patch}, "k8s-missing-readiness-probe")

    assert one[:2] == ("prod/kustomization.yaml", 5)


def test_what_a_patch_adds_beside_the_fault_leaves_the_fault_in_the_base() -> None:
    patch = """
        resources: [../base]
        patches:
          - patch: |-
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: web}
              spec: {template: {spec: {containers: [{name: web, securityContext: {runAsNonRoot: true}}]}}}
        """

    (one,) = found({**BASE, "prod/kustomization.yaml": patch}, "k8s-writable-root-filesystem")

    assert one[:2] == ("base/web.yaml", 11)


def test_what_an_overlay_only_renames_is_judged_where_it_is_written() -> None:
    files = {**BASE, "prod/kustomization.yaml": "namePrefix: live-\nresources: [../base]"}

    (one,) = found(files, "k8s-missing-liveness-probe")

    assert one[:2] == ("base/web.yaml", 11)


@pytest.mark.parametrize(
    ("more", "question"),
    [
        (
            "transformers: ['{apiVersion: example.org/v1, kind: Own, metadata: {name: a}}']",
            "what prod builds, because runs transformers",
        ),
        (
            "replicas: [{name: gone, count: 1}]",
            "what prod builds, because nothing is called gone, of which there are to be more",
        ),
    ],
)
def test_what_cannot_be_built_is_not_known_and_leaves_the_base_as_it_was(more: str, question: str) -> None:
    files = {**BASE, "prod/kustomization.yaml": f"resources: [../base]\n{more}\n"}

    settled = run(files, "k8s-missing-liveness-probe")

    assert [(one.path, one.line, one.reason) for one in settled.not_known] == [("prod/kustomization.yaml", 2, question)]
    assert [one.location.path for one in settled.findings] == ["base/web.yaml"]


def test_no_finding_about_a_build_quotes_a_secret_of_its_files() -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
    web = WEB.replace(
        "image: shop/web:1.0", f"image: shop/web:1.0\n              env: [{{name: TOKEN, value: {secret}}}]"
    )
    settled = run({**BASE, "base/web.yaml": web, "prod/kustomization.yaml": TAG}, "all")

    assert any(one.location.path == "prod/kustomization.yaml" for one in settled.findings)
    assert not [one for one in settled.findings if secret in one.message or secret in one.subject]


def test_what_a_build_leaves_incomplete_is_asked_for_nothing_that_it_leaves_out() -> None:
    part = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec: {template: {spec: {containers: [{name: web, args: [a]}]}}}
        """
    files = {"web.yaml": part, "kustomization.yaml": "resources: [web.yaml]\nreplicas: [{name: web, count: 0}]"}

    assert found(files, "k8s-root-container", "k8s-missing-liveness-probe") == []


SCALED = "resources: [../base]\nreplicas:\n  - {name: web, count: 1}\n"
FEW = "Deployment 'web' runs 1 pod, fewer than 3"


def accepted_in(base: str, overlay: str, rule: str) -> list[tuple[str, int, str | None]]:
    """Path and line of each finding of a rule, and the reason for which it is accepted."""
    files = {**BASE, "base/web.yaml": base, "prod/kustomization.yaml": overlay}
    found = run(files, rule, "suppression-unused").findings
    return [(one.location.path, one.location.line, one.suppressed and one.suppressed.reason) for one in found]


def test_a_comment_at_the_value_of_the_base_accepts_what_an_overlay_makes_of_it() -> None:
    base = WEB.replace("replicas: 3", "replicas: 3  # devopslint: allow k8s-few-replicas -- a demo")

    assert accepted_in(base, SCALED, "k8s-few-replicas") == [("prod/kustomization.yaml", 3, "a demo")]


def test_an_annotation_of_the_object_in_the_base_accepts_what_an_overlay_makes_of_it() -> None:
    allowed = "{name: web, annotations: {devopslint/allow: k8s-few-replicas -- a demo}}"

    assert accepted_in(WEB.replace("{name: web}", allowed, 1), SCALED, "k8s-few-replicas") == [
        ("prod/kustomization.yaml", 3, "a demo")
    ]


def test_a_comment_at_the_line_of_the_overlay_accepts_what_that_changes() -> None:
    overlay = SCALED.replace("count: 1}", "count: 1}  # devopslint: allow k8s-few-replicas -- a demo")

    assert accepted_in(WEB, overlay, "k8s-few-replicas") == [("prod/kustomization.yaml", 3, "a demo")]


def test_a_comment_at_a_container_of_the_base_accepts_the_tag_that_an_overlay_gives_its_image() -> None:
    base = WEB.replace("- name: web", "# devopslint: allow k8s-latest-tag -- built anew\n            - name: web")

    assert accepted_in(base, TAG, "k8s-latest-tag") == [("prod/kustomization.yaml", 4, "built anew")]


def test_a_comment_elsewhere_in_the_base_accepts_nothing_of_an_overlay() -> None:
    base = WEB.replace("kind: Deployment", "kind: Deployment  # devopslint: allow k8s-few-replicas -- a demo")

    assert accepted_in(base, SCALED, "k8s-few-replicas") == [
        ("base/web.yaml", 2, None),
        ("prod/kustomization.yaml", 3, None),
    ]


TWO = {
    "base/kustomization.yaml": "resources: [web.yaml, api.yaml]",
    "base/api.yaml": WEB.replace("name: web}", "name: api}", 1),
}
OF_BOTH = "resources: [../base]\npatches:\n  - target: {kind: Deployment}\n    patch: |-\n      - "


def test_the_base_of_one_object_accepts_nothing_of_another_that_the_same_line_changes() -> None:
    base = WEB.replace("replicas: 3", "replicas: 3  # devopslint: allow k8s-few-replicas -- a demo")
    overlay = f"{OF_BOTH}{{op: replace, path: /spec/replicas, value: 1}}\n"

    found = run({**TWO, "base/web.yaml": base, "prod/kustomization.yaml": overlay}, "k8s-few-replicas").findings

    assert [(one.message[:16], one.suppressed is not None) for one in found] == [
        ("Deployment 'api'", False),
        ("Deployment 'web'", True),
    ]


def test_what_one_line_does_to_two_objects_in_the_same_words_is_accepted_by_neither_base() -> None:
    base = WEB.replace("- name: web", "# devopslint: allow k8s-privileged-container -- a demo\n            - name: web")
    added = "path: /spec/template/spec/containers/0/securityContext, value: {privileged: true}"

    found = run(
        {**TWO, "base/web.yaml": base, "prod/kustomization.yaml": f"{OF_BOTH}{{op: add, {added}}}\n"},
        "k8s-privileged-container",
    ).findings

    assert [(one.location.path, one.suppressed) for one in found] == [("prod/kustomization.yaml", None)]


HISTORY = "Deployment '%s' keeps 10 old revisions, the default, more than 3"
SCALED_TO = "resources: [../base]\nnamePrefix: %s\nreplicas: [{name: web, count: %d}]\n"


def test_what_holds_of_every_name_that_builds_give_an_object_is_said_once_by_the_shortest() -> None:
    files = {
        **BASE,
        "a/kustomization.yaml": SCALED_TO % ("long-", 4),
        "b/kustomization.yaml": SCALED_TO % ("b-", 5),
    }

    (finding,) = run(files, "k8s-missing-revision-history").findings

    assert (finding.location[:2], finding.message) == (("base/web.yaml", 4), HISTORY % "b-web")
    assert finding.related == ()


def test_what_is_said_of_an_object_as_it_stands_is_not_said_of_its_builds_by_other_names() -> None:
    as_it_stands = "resources: [../base]\nlabels: [{pairs: {env: live}}]\n"
    files = {**BASE, "a/kustomization.yaml": as_it_stands, "b/kustomization.yaml": SCALED_TO % ("b-", 5)}

    assert found(files, "k8s-missing-revision-history") == [("base/web.yaml", 4, HISTORY % "web")]


PLAIN = WEB.replace(
    "readinessProbe: {httpGet: {path: /, port: 80}}",
    "resources: {limits: {memory: 64Mi}}\n"
    "              env: [{name: COLOR, valueFrom: {configMapKeyRef: {name: gone, key: color}}}]",
)
REFERRING = {
    "base/kustomization.yaml": "resources: [web.yaml, other.yaml]",
    "base/web.yaml": PLAIN,
    "base/other.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: other}, data: {color: red}}",
}
REPLACED = """
    resources: [../base]
    patches:
      - patch: |-
          apiVersion: apps/v1
          kind: Deployment
          metadata: {name: web}
          spec: {template: {spec: {containers: [{name: web, env: [{$patch: replace}, {name: COLOR, value: red}]}]}}}
    """


def test_a_reference_that_every_overlay_takes_away_does_not_dangle() -> None:
    assert found({**REFERRING, "a/kustomization.yaml": REPLACED}, "k8s-missing-config-map") == []


def test_a_reference_that_one_of_two_overlays_keeps_dangles() -> None:
    files = {**REFERRING, "a/kustomization.yaml": REPLACED, "b/kustomization.yaml": "resources: [../base]"}

    (one,) = found(files, "k8s-missing-config-map")

    assert one[:2] == ("base/web.yaml", 14)


def test_a_reference_that_an_overlay_adds_dangles_at_its_line() -> None:
    added = """
        resources: [../base]
        patches:
          - target: {kind: Deployment}
            patch: |-
              - op: add
                path: /spec/template/spec/containers/0/envFrom
                value: [{configMapRef: {name: nowhere}}]
        """
    messages = [one[:2] for one in found({**REFERRING, "a/kustomization.yaml": added}, "k8s-missing-config-map")]

    assert messages == [("a/kustomization.yaml", 7), ("base/web.yaml", 14)]


def test_a_key_that_the_config_map_of_one_overlay_lacks_is_missing() -> None:
    generated = "resources: [../base]\nconfigMapGenerator: [{name: gone, literals: [%s=red]}]\n"
    files = {**REFERRING, "a/kustomization.yaml": generated % "color", "b/kustomization.yaml": generated % "colour"}

    (finding,) = run(files, "k8s-missing-key").findings

    assert finding.location[:2] == ("base/web.yaml", 14)
    assert [one.location.path for one in finding.related][-1] == "b/kustomization.yaml"


@pytest.mark.parametrize(
    ("overlay", "more", "at"),
    [
        (
            "resources: [../base]\ncomponents: [../small]",
            {"small/kustomization.yaml": "kind: Component\nreplicas:\n  - name: web\n    count: 1"},
            ("small/kustomization.yaml", 4),
        ),
        (
            "resources: [../base]\npatches:\n  - target: {kind: Deployment}\n    path: ops.yaml",
            {"a/ops.yaml": "- op: replace\n  path: /spec/replicas\n  value: 1\n"},
            ("a/ops.yaml", 3),
        ),
        (
            "resources: [../base]\npatches:\n  - target: {kind: Deployment, labelSelector: tier!=back}\n"
            "    patch: |-\n      - op: replace\n        path: /spec/replicas\n        value: 1\n",
            {},
            ("a/kustomization.yaml", 7),
        ),
    ],
    ids=["component", "file of operations", "label selector"],
)
def test_a_number_of_pods_is_judged_wherever_it_comes_from(
    overlay: str, more: dict[str, str], at: tuple[str, int]
) -> None:
    files = {**REFERRING, "a/kustomization.yaml": overlay, **more}

    assert [one[:2] for one in found(files, "k8s-few-replicas")] == [at]


def _of_one_form(count: int, **base: str) -> dict[str, str]:
    """Overlays that say the same but for the namespace, and take a number of pods from a component."""
    overlay = "resources: [../base]\ncomponents: [../small]\nnamespace: n{}\n"
    return {
        "base/web.yaml": WEB,
        **{f"base/{name}.yaml": text for name, text in base.items()},
        "base/kustomization.yaml": f"resources: [{', '.join(f'{name}.yaml' for name in ('web', *base))}]",
        "small/kustomization.yaml": "kind: Component\nreplicas:\n  - name: web\n    count: 1",
        **{f"o{number}/kustomization.yaml": overlay.format(number) for number in range(count)},
    }


AUTOSCALER = """
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata: {name: web, namespace: n%d}
    spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 4}
    """


@pytest.mark.parametrize(("scaled", "told"), [(range(2), ["o2/kustomization.yaml"]), (range(5), [])])
def test_a_number_of_pods_in_overlays_of_one_form_is_told_of_the_first_that_nothing_scales(
    scaled: Iterable[int], told: list[str]
) -> None:
    autoscalers = {f"scaling/n{number}.yaml": AUTOSCALER % number for number in scaled}

    findings = run({**_of_one_form(5), **autoscalers}, "k8s-few-replicas").findings

    assert [one.location[:2] for one in findings] == [("small/kustomization.yaml", 4)] * len(told)
    assert [at.location.path for one in findings for at in one.related] == told


def test_between_objects_of_overlays_of_one_form_the_same_is_asked_once_unless_one_is_named() -> None:
    release = """
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: {name: extra}
        spec: {targetNamespace: n3, chart: {spec: {chart: extra, sourceRef: {kind: HelmRepository, name: charts}}}}
        """
    files = {path: textwrap.dedent(text) for path, text in _of_one_form(5, release=release).items()}
    reports = [
        examine(SourceFile(path, "kustomization" if "kust" in path else "manifest"), files[path], {}) for path in files
    ]

    built = [*builds(Project(reports).summaries, lambda path: files[path].encode(), ())]

    alike = {one.path: one.alike for one in built}
    assert (
        alike["o1/kustomization.yaml"] is alike["o2/kustomization.yaml"] is alike["o4/kustomization.yaml"] is not None
    )
    assert alike["o3/kustomization.yaml"] is None


def test_a_limit_that_a_null_takes_away_is_missing_at_the_null() -> None:
    patch = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          template:
            spec:
              containers:
                - name: web
                  resources:
                    limits: null
        """
    files = {**REFERRING, "a/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]", "a/p.yaml": patch}

    assert [one[:2] for one in found(files, "k8s-missing-memory-limit")] == [("a/p.yaml", 10)]


def test_a_selector_to_which_an_overlay_adds_a_label_stands_at_that_label() -> None:
    files = {
        **BASE,
        "base/kustomization.yaml": "resources: [web.yaml, service.yaml]",
        "base/service.yaml": "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}}}",
        "a/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]",
        "a/p.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {env: live}\n",
    }

    assert found(files, "net-dangling-service") == [("a/p.yaml", 5, "Service 'web' selects no pod: app=web, env=live")]


def test_a_chart_whose_source_only_an_overlay_names_is_looked_for() -> None:
    release = """
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: HelmRepository
        metadata: {name: charts, namespace: shop}
        ---
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: {name: redis, namespace: shop}
        spec: {chart: {spec: {chart: redis, sourceRef: {kind: HelmRepository, name: charts}}}}
        """
    patch = """
        resources: [../base]
        patches:
          - target: {kind: HelmRelease}
            patch: |-
              - op: replace
                path: /spec/chart/spec/sourceRef/name
                value: chats
        """
    files = {"base/kustomization.yaml": "resources: [r.yaml]", "base/r.yaml": release, "a/kustomization.yaml": patch}

    (one,) = found(files, "flux-missing-chart-source")

    assert one[:2] == ("a/kustomization.yaml", 7)


OF_MANY = """
    namespace: %s
    resources: [../base]
    images: [{name: shop/web, newTag: "%s"}]
    replicas: [{name: api, count: %d}]
    labels: [{pairs: {env: %s}}]
    patches:
      - target: {kind: Service}
        patch: |-
          - {op: replace, path: /spec/ports/0/port, value: 81}
    """
SERVICE = """
    apiVersion: v1
    kind: Service
    metadata: {name: web}
    spec: {selector: {app: web}, ports: [{port: 80}]}
    """
OF_THREE = {
    "base/kustomization.yaml": "resources: [web.yaml, api.yaml, service.yaml]",
    "base/web.yaml": WEB,
    "base/api.yaml": WEB.replace("web", "api"),
    "base/service.yaml": SERVICE,
}


@pytest.mark.parametrize(
    "rules", [("all",), ("k8s-default-namespace", "k8s-invalid-label", "k8s-latest-tag", "k8s-no-rollback")]
)
def test_each_of_many_overlays_that_say_nearly_the_same_is_judged_as_if_it_were_alone(rules: tuple[str, ...]) -> None:
    said = [(f"n{number}", "2.0", 1 + number % 3, f"e{number}") for number in range(16)]
    said[9] = "default", "2.0", 1, "e9"
    said[11] = "n11", "latest", 2, "-e-"
    said[13] = "n13", "1.0", 3, "e13"  # the tag of the base
    overlays = {f"o{number}/kustomization.yaml": OF_MANY % words for number, words in enumerate(said)}

    def told(findings: Iterable[Finding], path: str) -> list[tuple[int, str]]:
        return [(one.location.line, one.message) for one in findings if one.location.path == path]

    together = run({**OF_THREE, **overlays}, *rules).findings

    for path, text in overlays.items():
        assert told(together, path) == told(run({**OF_THREE, path: text}, *rules).findings, path)
    found = {(one.rule.id, one.location.path) for one in together}
    assert ("k8s-latest-tag", "o11/kustomization.yaml") in found
    assert ("k8s-invalid-label", "o11/kustomization.yaml") in found
    in_default = {one.subject for one in together if one.rule.id == "k8s-default-namespace"}
    assert in_default == {"Deployment/api", "Service/web", "Deployment/web"}


def test_an_error_in_one_of_many_overlays_is_asked_about_that_one() -> None:
    overlays = {
        f"o{number}/kustomization.yaml": f"resources: [../base]\nreplicas: [{{name: {name}, count: 4}}]\n"
        for number, name in enumerate(["web"] * 8 + ["wob"])
    }

    questions = run({**BASE, **overlays}, "all").not_known

    assert [one.path for one in questions if "nothing is called wob" in one.reason] == ["o8/kustomization.yaml"]


API = """apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: api, image: shop/api}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec:
  selector: {app: api}
  ports: [{port: 80}]
"""
INGRESS = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  rules:
    - http:
        paths: [{path: /, pathType: Prefix, backend: {service: {name: SERVICE, port: {number: 80}}}}]
"""
POLICY = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  podSelector: SELECTOR
  policyTypes: [Ingress]
"""


def _of_stages(**more: str) -> dict[str, str]:
    """A base that two overlays put into namespaces of their own, with a label for each; `prod` has files of its own."""
    labels = "labels: [{{includeSelectors: true, pairs: {{stage: {0}}}}}]\nnamespace: {0}\nresources: [../base{1}]\n"
    return {
        "base/api.yaml": API,
        "base/kustomization.yaml": "resources: [api.yaml]\n",
        "prod/kustomization.yaml": labels.format("prod", "".join(f", {name}.yaml" for name in more)),
        "test/kustomization.yaml": labels.format("test", ""),
        **{f"prod/{name}.yaml": text for name, text in more.items()},
    }


@pytest.mark.parametrize(("service", "told"), [("api", []), ("shop", ["prod/ingress.yaml"])])
def test_what_is_put_into_several_namespaces_is_in_that_of_each(service: str, told: list[str]) -> None:
    files = _of_stages(ingress=INGRESS.replace("SERVICE", service))

    assert [path for path, _, _ in found(files, "net-dangling-ingress")] == told


@pytest.mark.parametrize(
    ("selector", "is_told"),
    [("{}", False), ("{matchLabels: {app: api, stage: prod}}", False), ("{matchLabels: {app: web}}", True)],
)
def test_a_label_that_overlays_set_to_their_own_values_has_that_of_each(selector: str, is_told: bool) -> None:
    files = _of_stages(policy=POLICY.replace("SELECTOR", selector))

    assert bool(found(files, "net-dangling-policy")) is is_told


BUDGET = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: api}\nspec: {minAvailable: 2, selector: {matchLabels: {app: NAME}}}\n"


@pytest.mark.parametrize(
    "labels", ["labels: [{includeSelectors: true, pairs: {tier: front}}]", "commonLabels: {tier: front}"]
)
@pytest.mark.parametrize(("name", "told"), [("api", []), ("web", ["labelled/budget.yaml"])])
def test_a_component_labels_what_others_bring(labels: str, name: str, told: list[str]) -> None:
    component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [budget.yaml]\n"
    files = {
        "base/api.yaml": API,
        "base/kustomization.yaml": "resources: [api.yaml]\n",
        "labelled/kustomization.yaml": f"{component}{labels}\n",
        "labelled/budget.yaml": BUDGET.replace("NAME", name),
        "prod/kustomization.yaml": "resources: [../base]\ncomponents: [../labelled]\n",
    }

    assert [path for path, _, _ in found(files, "pdb-selects-nothing")] == told


def test_of_a_patch_only_what_it_says_is_noted_and_not_what_stands_elsewhere() -> None:
    patch = """
        resources: [../base]
        patches:
          - patch: |-
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: web}
              spec: {template: {spec: {containers: [{name: web, securityContext: {privileged: true}}]}}}
        """
    path, text, selection = "a/kustomization.yaml", textwrap.dedent(patch), Config().selection("")

    there = [examine(SourceFile(each, "kustomization"), text, selection).findings for each in (path, "b/" + path)]

    assert [[one.rule.id for one in found] for found in there] == [["k8s-privileged-container"]] * 2
    assert [one.location[:2] for found in there for one in found] == [(path, 8), ("b/" + path, 8)]
