"""What may be there although no manifest shows it: references into it do not dangle, and what is open is listed."""

from __future__ import annotations

import textwrap

import pytest

import devopslint
from devopslint.config import Config
from devopslint.engine import Settled, check_texts

SERVICE = """
    apiVersion: v1
    kind: Service
    metadata: {name: api, namespace: shop}
    spec: {selector: {app: api}, ports: [{port: 80}]}
    """
INGRESS = """
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata: {name: edge, namespace: shop}
    spec: {defaultBackend: {service: {name: cart, port: {number: 80}}}}
    """
NEIGHBOUR = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: site, namespace: shop}
    spec:
      selector: {matchLabels: {app: site}}
      template: {metadata: {labels: {app: site}}, spec: {containers: [{name: site, image: shop/site:1.4.2}]}}
    """


def settled(files: dict[str, str]) -> Settled:
    texts = {path: textwrap.dedent(text) for path, text in files.items()}
    dangling = ["net-dangling-service", "net-dangling-ingress", "net-dangling-monitor", "rbac-missing-role"]
    return check_texts(texts, Config().selecting(dangling))


def said(files: dict[str, str]) -> tuple[list[str], list[str]]:
    """The messages of the findings, and the reasons for what is not known."""
    outcome = settled(files)
    return [finding.message for finding in outcome.findings], [one.reason for one in outcome.not_known]


def test_what_nothing_could_have_made_dangles() -> None:
    assert said({"k8s/service.yaml": SERVICE, "k8s/site.yaml": NEIGHBOUR}) == (
        ["Service 'api' selects no pod: app=api"],
        [],
    )


@pytest.mark.parametrize(
    ("path", "text", "because"),
    [
        (
            "infra/release.yaml",
            """
            apiVersion: helm.toolkit.fluxcd.io/v2
            kind: HelmRelease
            metadata: {name: api, namespace: flux-system}
            spec: {targetNamespace: shop}
            """,
            "HelmRelease/api may make it",
        ),
        (
            "infra/app.yaml",
            """
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: api, namespace: argocd}
            spec: {destination: {namespace: shop}, source: {repoURL: "https://charts.example.com", chart: api}}
            """,
            "Application/api may make it",
        ),
        (
            "k8s/api.yaml.j2",
            "kind: Deployment\nmetadata: {name: {{ name }}}",
            "k8s/api.yaml.j2 is a template of manifests",
        ),
        ("templates/app.yml.tmpl", "kind: Deployment\napp: api", "templates/app.yml.tmpl is a template of manifests"),
        ("k8s/main.jsonnet", '{apiVersion: "apps/v1"}', "k8s/main.jsonnet is a program that prints manifests"),
        ("k8s/main.dhall", "kubernetes.Deployment::{=}", "k8s/main.dhall is a program that prints manifests"),
        ("k8s/main.k", "import k8s.api.apps.v1", "k8s/main.k is a program that prints manifests"),
        (
            "tanka/environments/shop/spec.json",
            '{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "spec": {"namespace": "shop"}}',
            "Environment may make it",
        ),
        (
            "tools/deploy.py",
            'import subprocess\nsubprocess.run(["helm", "upgrade", "--install", "all", "charts/all", "-n", "shop"])\n',
            "tools/deploy.py installs what it names",
        ),
        ("infra/flux.bicep", "extension kubernetes with {\n}\n", "infra/flux.bicep installs what it names"),
        (
            "api/score.yaml",
            "apiVersion: score.dev/v1b1\nmetadata: {name: api}\ncontainers: {api: {image: .}}\n",
            "api/score.yaml installs what it names",
        ),
        (
            "infra/main.tf",
            'resource "kubernetes_deployment_v1" "api" {\n  metadata { name = "api" }\n}\n',
            "kubernetes_deployment_v1 'api' at infra/main.tf:1 may make it",
        ),
        (
            "infra/main.tf",
            'resource "helm_release" "all" {\n  name = "everything"\n  namespace = "shop"\n}\n',
            "helm_release 'all' at infra/main.tf:1 may make it",
        ),
        ("up.sh", "kubectl -n shop create deployment api --image=api:1", "a command at up.sh:1 makes a workload"),
        ("Makefile", "up:\n\thelm upgrade --install api charts/api\n", "a command at Makefile:2 installs a chart"),
        ("k8s/Tiltfile", "k8s_yaml(helm('chart'))", "k8s/Tiltfile makes objects"),
        (
            "helmfile.yaml",
            "releases:\n- {name: api, namespace: shop, chart: acme/api}\n- name: api\n  namespace: shop\n",
            "helmfile.yaml installs what it names",
        ),
        (
            "deploy/helmfile.d/10-api.yaml.gotmpl",
            "releases:\n- name: api\n  namespace: shop\n  chart: {{ .Values.chart }}\n",
            "deploy/helmfile.d/10-api.yaml.gotmpl installs what it names",
        ),
        (
            "apps/api/fleet.yaml",
            "defaultNamespace: shop\nhelm: {chart: api}\n",
            "apps/api/fleet.yaml installs what it names",
        ),
        ("k8s/devspace.yaml", "deployments:\n  api:\n    helm: {}\n", "k8s/devspace.yaml installs what it names"),
        (
            "argo/set.yaml",
            """
            apiVersion: argoproj.io/v1alpha1
            kind: ApplicationSet
            metadata: {name: api}
            spec:
              generators: [{clusters: {}}]
              template:
                spec:
                  destination: {namespace: "{{metadata.labels.shop}}"}
                  source: {repoURL: "https://charts.example.com", chart: api}
            """,
            "ApplicationSet/api may make it",
        ),
        (
            "k8s/values-production.yaml",
            "replicas: 3",
            "k8s/values-production.yaml holds values of a chart that is not in the tree",
        ),
        (
            "ops/kafka.yaml",
            "apiVersion: kafka.strimzi.io/v1\nkind: Kafka\nmetadata: {name: api, namespace: shop}\n",
            "the operator of Kafka 'api' may make it",
        ),
    ],
)
def test_a_reference_into_what_is_open_is_not_known_to_dangle(path: str, text: str, because: str) -> None:
    files = {"k8s/service.yaml": SERVICE, "k8s/site.yaml": NEIGHBOUR, path: text}

    assert said(files) == ([], [f"whether a pod with app=api exists, because {because}"])


def test_a_helm_template_of_an_application_opens_the_namespace_that_it_names() -> None:
    template = """
        {{- if .Values.api.enabled }}
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: api, namespace: argocd}
        spec:
          source:
            repoURL: https://charts.example.com
            chart: api
          destination:
            server: https://kubernetes.default.svc
            namespace: shop
        {{- end }}
        """
    files = {
        "k8s/service.yaml": SERVICE,
        "k8s/site.yaml": NEIGHBOUR,
        "apps/Chart.yaml": "apiVersion: v2\nname: apps\nversion: 1.0.0\n",
        "apps/templates/api.yaml": template,
    }
    elsewhere = template.replace("namespace: shop", "namespace: bank")

    because = "whether a pod with app=api exists, because apps/templates/api.yaml is a Helm template of an Application"
    assert said(files) == ([], [because])
    assert said(files | {"apps/templates/api.yaml": elsewhere})[0] == ["Service 'api' selects no pod: app=api"]


DEFINED = '{{/* Names. */}}\n{{- define "api.name" }}api{{ end }}\n'


@pytest.mark.parametrize(
    ("name", "text", "listed"),
    [
        ("role.tpl", "kind: Role\nmetadata: {name: {{ .Release.Name }}}\n", 1),
        ("names.tpl", DEFINED, 0),
        ("role.tpl", f"{DEFINED}---\nkind: Role\n", 1),
        ("role.yaml", DEFINED, 1),
    ],
)
def test_what_helm_renders_is_listed_whatever_its_name_ends_with(name: str, text: str, listed: int) -> None:
    files = {"apps/Chart.yaml": "apiVersion: v2\nname: apps\nversion: 1.0.0\n", f"apps/templates/{name}": text}

    assert len([one for one in settled(files).not_checked if one.path == f"apps/templates/{name}"]) == listed


def test_a_release_opens_its_own_namespace_alone() -> None:
    release = """
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: {name: mail, namespace: mail}
        """

    assert said({"k8s/a.yaml": SERVICE, "k8s/b.yaml": NEIGHBOUR, "k8s/release.yaml": release})[0] == [
        "Service 'api' selects no pod: app=api"
    ]


def test_terraform_that_makes_a_service_makes_no_pods() -> None:
    module = 'resource "kubernetes_service" "api" {\n  metadata { name = "api" }\n}\n'

    assert said({"k8s/a.yaml": SERVICE, "k8s/b.yaml": NEIGHBOUR, "main.tf": module})[0] == [
        "Service 'api' selects no pod: app=api"
    ]


def test_a_folder_of_this_tree_is_known_to_an_application() -> None:
    application = """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: shop, namespace: argocd}
        spec: {destination: {namespace: shop}, source: {repoURL: "https://git.example.com/shop", path: PATH}}
        """
    files = {"k8s/a.yaml": SERVICE, "k8s/b.yaml": NEIGHBOUR}

    assert said({**files, "argo/app.yaml": application.replace("PATH", "k8s")})[1] == []
    assert said({**files, "argo/app.yaml": application.replace("PATH", "elsewhere")})[0] == []


def test_the_cluster_brings_its_control_plane() -> None:
    monitor = """
        apiVersion: monitoring.coreos.com/v1
        kind: ServiceMonitor
        metadata: {name: dns, namespace: monitoring}
        spec:
          namespaceSelector: {matchNames: [kube-system]}
          selector: {matchLabels: {k8s-app: kube-dns}}
        """
    findings, open_questions = said({"k8s/m.yaml": monitor, "k8s/b.yaml": NEIGHBOUR})

    assert (findings, open_questions) == ([], [])


def test_what_is_not_known_says_what_settles_it_and_does_not_count() -> None:
    (one,) = settled({"k8s/a.yaml": INGRESS, "k8s/b.yaml": NEIGHBOUR, "k8s/c.yaml.tpl": "kind: Service"}).not_known

    assert (one.path, one.line, one.settled_by, one.rule_id) == (
        "k8s/a.yaml",
        5,
        "assume-exists",
        "net-dangling-ingress",
    )


def test_an_unread_template_is_listed_as_not_checked() -> None:
    outcome = settled({"k8s/web.yaml.tmpl": "kind: Deployment\nimage: #IMAGE#", "notes.tmpl": "Hello {{ name }}"})

    assert [(gap.path, gap.reason) for gap in outcome.not_checked] == [
        ("k8s/web.yaml.tmpl", "is a template of manifests: what becomes of it is not known here")
    ]


@pytest.mark.parametrize("placeholder", ["@NAME@", "{NAME}.16", "{% if a %}", "<% name %>", "%NAME%"])
def test_a_file_with_placeholders_that_is_no_yaml_is_a_template(placeholder: str) -> None:
    text = f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {placeholder}\n  labels: [\n"
    broken = text.replace(placeholder, "name")

    assert devopslint.check({"service.yaml": text}, select=["unreadable-file"]) == []
    assert [f.location.path for f in devopslint.check({"service.yaml": broken}, select=["unreadable-file"])] == [
        "service.yaml"
    ]


FRAGMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec: {template: {spec: {hostNetwork: true}}}\n"
)


@pytest.mark.parametrize("other", ["kustomization.yaml", "patches/a.yaml"])
def test_a_fragment_is_judged_by_what_it_says(other: str) -> None:
    path = "shop.yaml" if other == "kustomization.yaml" else other
    files = {path: FRAGMENT, "kustomization.yaml" if path == "shop.yaml" else "x.txt": "resources: []"}

    found = devopslint.check(files)

    assert {finding.rule.id for finding in found} == {"k8s-host-network"}


@pytest.mark.parametrize(
    ("kind", "bare", "whole", "rule"),
    [
        (
            "autoscaling/v2\nkind: HorizontalPodAutoscaler",
            "{minReplicas: 3}",
            "{minReplicas: 3, maxReplicas: 9, scaleTargetRef: {kind: Deployment, name: shop}}",
            "hpa-fast-scale-up",
        ),
        ("networking.k8s.io/v1\nkind: Ingress", "{ingressClassName: nginx}", "{rules: []}", "net-ingress-without-tls"),
    ],
)
def test_an_object_without_what_makes_it_is_a_fragment(kind: str, bare: str, whole: str, rule: str) -> None:
    text = f"apiVersion: {kind}\nmetadata: {{name: shop}}\nspec: "
    files = {"kustomization.yaml": "resources: []", "shop.yaml": text + bare}

    assert devopslint.check(files, select=[rule]) == []
    assert len(devopslint.check({**files, "shop.yaml": text + whole}, select=[rule])) == 1


SIDECAR = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: manager}
    spec:
      template:
        spec:
          containers:
            - {name: proxy, image: "shop/proxy:1.4.2", securityContext: {privileged: true}}
            - {name: manager, args: [--leader-elect]}
    """


def test_a_patch_that_adds_a_sidecar_is_judged_by_what_it_says_though_no_kustomization_names_it() -> None:
    files = {"default/kustomization.yaml": "resources: []", "default/manager_auth_proxy_patch.yaml": SIDECAR}
    texts = {path: textwrap.dedent(text) for path, text in files.items()}

    outcome = check_texts(texts, Config())

    assert {finding.rule.id for finding in outcome.findings} == {"k8s-privileged-container"}
    assert [(gap.path, gap.reason) for gap in outcome.not_checked] == [
        (
            "default/manager_auth_proxy_patch.yaml",
            "is called a patch, and lacks what a workload needs: what it leaves out stands elsewhere",
        )
    ]


def test_a_workload_without_a_selector_is_no_patch_where_nothing_calls_it_one() -> None:
    found = {finding.rule.id for finding in devopslint.check({"default/manager.yaml": textwrap.dedent(SIDECAR)})}

    assert "k8s-writable-root-filesystem" in found


def test_a_workload_that_lacks_its_image_is_no_fragment_where_nothing_completes_it() -> None:
    assert "hpa-missing" in {finding.rule.id for finding in devopslint.check({"shop.yaml": FRAGMENT})}


def test_an_object_as_the_cluster_gave_it_out_is_judged_by_what_it_says() -> None:
    pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: shop, uid: 0d4f1a1e-9a6c-4a38-9f6a-3a0b7f6b3f1d}
        spec: {hostNetwork: true, containers: [{name: shop, image: shop/shop:1.4.2}]}
        status: {phase: Running}
        """
    found = {finding.rule.id for finding in devopslint.check({"pod.yaml": textwrap.dedent(pod)})}

    assert "k8s-host-network" in found
    assert not found & {"k8s-root-container", "net-missing-policy", "k8s-missing-cpu-limit"}


@pytest.mark.parametrize(
    "path",
    [
        "tests/e2e/00-assert.yaml",
        "tests/01-errors.yaml",
        "pkg/testdata/pod.yaml",
        "vendor/x/pod.yaml",
        "a/__snapshots__/b.yaml",
    ],
)
def test_what_nobody_applies_is_listed_and_not_judged(path: str) -> None:
    outcome = check_texts({path: textwrap.dedent(NEIGHBOUR)}, Config())

    assert outcome.findings == ()
    assert [gap.path for gap in outcome.not_checked] == [path]


def test_what_a_test_of_chainsaw_expects_is_not_applied() -> None:
    test = """
        apiVersion: chainsaw.kyverno.io/v1alpha1
        kind: Test
        spec: {steps: [{try: [{apply: {file: install.yaml}}, {assert: {file: wanted.yaml}}]}]}
        """
    files = {"t/test.yaml": test, "t/wanted.yaml": NEIGHBOUR, "t/install.yaml": NEIGHBOUR}

    found = devopslint.check({path: textwrap.dedent(text) for path, text in files.items()})

    assert {finding.location.path for finding in found} == {"t/install.yaml"}


def test_kinds_that_no_rule_looks_at_are_listed() -> None:
    text = (
        "apiVersion: kafka.strimzi.io/v1\nkind: Kafka\nmetadata: {name: events}\n---\nkind: Service\napiVersion: v1\n"
    )
    outcome = check_texts({"events.yaml": text}, Config().selecting(["k8s-host-network"]))

    assert [(gap.line, gap.reason) for gap in outcome.not_checked] == [
        (2, "no rule looks at the kind Kafka of kafka.strimzi.io")
    ]


def test_what_a_command_takes_from_files_of_the_tree_opens_nothing() -> None:
    files = {"k8s/a.yaml": SERVICE, "k8s/b.yaml": NEIGHBOUR}
    made = "kubectl apply -f - <<END\nkind: Deployment\nmetadata:\n  name: api\nEND\n"

    assert said({**files, "up.sh": "kustomize build k8s | kubectl apply -f -\n"})[0] != []
    assert said({**files, "up.sh": made})[0] == []
    assert said({**files, "up.sh": "kubectl apply -f https://example.com/api/v1.2.3/install.yaml\n"})[0] == []
    assert said({**files, "up.sh": "kubectl apply -f https://example.com/queue/install.yaml\n"})[0] != []


def test_a_fragment_of_a_definition_is_not_applied_as_it_stands() -> None:
    patch = (
        "apiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition\nmetadata: {name: a.example.com}\n"
    )
    files = {
        "crd/patches/webhook_in_a.yaml": patch,
        "crd/kustomization.yaml": "resources: []\n# - patches/webhook_in_a.yaml",
    }
    whole = patch + "spec: {group: example.com}\n"

    assert devopslint.check(files, select=["k8s-removed-api-version"]) == []
    assert len(devopslint.check({**files, "crd/a.yaml": whole}, select=["k8s-removed-api-version"])) == 1


@pytest.mark.parametrize(
    ("path", "text", "listed"),
    [
        ("release.yaml", "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: queue\n", True),
        (
            "release.yaml",
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source: {chart: queue}\n",
            True,
        ),
        ("release.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source: {path: k8s}\n", False),
    ],
)
def test_what_a_release_installs_is_listed_as_not_checked(path: str, text: str, listed: bool) -> None:
    reasons = [gap.reason for gap in check_texts({path: text}, Config()).not_checked]

    assert reasons == (["installs a chart: what that renders to is not checked"] if listed else [])


def test_the_requirements_of_a_chart_are_listed() -> None:
    files = {
        "shop/Chart.yaml": "apiVersion: v1\nname: shop\nversion: 1.2.3\n",
        "shop/requirements.yaml": "dependencies: []\n",
    }

    assert [gap.path for gap in check_texts(files, Config()).not_checked] == ["shop/requirements.yaml"]


def findings_of(files: dict[str, str]) -> set[tuple[str, str]]:
    outcome = check_texts({path: textwrap.dedent(text) for path, text in files.items()}, Config())
    return {(finding.location.path, finding.rule.id) for finding in outcome.findings}


@pytest.mark.parametrize(
    "path",
    [
        "test/e2e/site.yaml",
        "tests/site.yaml",
        "hack/test_files/site.yaml",
        "perf-tests/a/site.yaml",
        ".github/kind/site.yaml",
    ],
)
def test_what_a_test_brings_up_is_listed_and_not_judged(path: str) -> None:
    outcome = check_texts({path: textwrap.dedent(NEIGHBOUR)}, Config())

    assert outcome.findings == ()
    assert "what a test brings up is gone with its cluster" in outcome.not_checked[0].reason


def test_a_password_that_a_test_brings_along_is_told_of() -> None:
    secret = """
        apiVersion: v1
        kind: Secret
        metadata: {name: shop}
        stringData: {password: Rx8-kkLq-27vv}
        """

    assert findings_of({"tests/secret.yaml": secret}) == {("tests/secret.yaml", "k8s-committed-secret")}


def test_a_folder_test_among_environments_is_one_of_them() -> None:
    prod = NEIGHBOUR.replace("namespace: shop", "namespace: prod")

    assert ("test/site.yaml", "k8s-root-container") in findings_of(
        {"test/site.yaml": NEIGHBOUR, "prod/site.yaml": prod}
    )


def test_what_a_kustomization_takes_out_of_a_folder_of_tests_is_judged() -> None:
    files = {"tests/site.yaml": NEIGHBOUR, "deploy/kustomization.yaml": "resources: [../tests/site.yaml]"}

    assert ("tests/site.yaml", "k8s-root-container") in findings_of(files)


def test_of_several_releases_the_newest_is_judged() -> None:
    versions = ("2_1_9", "2_1_10", "2_1_10_rc1")

    found = findings_of({f"docs/install/v{version}_full.yaml": NEIGHBOUR for version in versions})

    assert {path for path, rule in found if rule == "k8s-root-container"} == {"docs/install/v2_1_10_full.yaml"}


def test_a_service_behind_a_load_balancer_of_the_cloud_needs_its_port_on_the_nodes() -> None:
    service = """
        apiVersion: v1
        kind: Service
        metadata: {name: NAME, annotations: {WITH: "{}"}}
        spec: {type: NodePort, ports: [{port: 80}]}
        """
    ingress = """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: shop, annotations: {HOW}}
        spec:
          rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}}]
        """

    def ports(how: str, named: str = "shop", beside: str = "x/y") -> set[str]:
        files = {
            "service.yaml": service.replace("NAME", named).replace("WITH", beside),
            "ingress.yaml": ingress.replace("HOW", how),
        }
        return {path for path, rule in findings_of(files) if rule == "net-node-port"}

    aws, google = "kubernetes.io/ingress.class: alb", "kubernetes.io/ingress.class: gce"
    assert ports(aws) == set()
    assert ports(google) == set()
    assert ports(aws, named="other") == {"service.yaml"}
    assert ports(f"{aws}, alb.ingress.kubernetes.io/target-type: ip") == {"service.yaml"}
    assert ports(google, beside="cloud.google.com/neg") == {"service.yaml"}
    assert ports("kubernetes.io/ingress.class: nginx") == {"service.yaml"}


SCAFFOLD = """
    apiVersion: v1
    kind: Service
    metadata: {name: metrics}
    spec: {type: NodePort, selector: {app: site}, ports: [{port: 8443, targetPort: https}]}
    """


def test_what_a_kustomization_has_in_a_comment_alone_is_not_judged() -> None:
    kustomization = "resources:\n- site.yaml\n#- auth_proxy_service.yaml\n"

    def found(text: str) -> set[str]:
        files = {
            "config/kustomization.yaml": text,
            "config/site.yaml": NEIGHBOUR,
            "config/auth_proxy_service.yaml": SCAFFOLD,
        }
        return {rule for path, rule in findings_of(files) if path == "config/auth_proxy_service.yaml"}

    assert found(kustomization) == set()
    assert "net-node-port" in found(kustomization.replace("#-", "-"))
    assert "net-node-port" in found("resources:\n- site.yaml\n")


def test_what_flux_generates_of_itself_is_listed() -> None:
    header = "---\n# This manifest was generated by flux. DO NOT EDIT.\n# Flux Version: v2.8.8\n"
    files = {"flux-system/gotk-components.yaml": header + textwrap.dedent(NEIGHBOUR)}

    outcome = check_texts(files, Config())

    assert outcome.findings == ()
    assert any("flux bootstrap" in gap.reason for gap in outcome.not_checked)


def test_a_file_that_git_crypt_has_encrypted_is_listed() -> None:
    outcome = check_texts({"prod.tfvars": "\0GITCRYPT\0\x13xyz"}, Config())

    assert outcome.findings == ()
    assert [gap.reason for gap in outcome.not_checked] == ["is encrypted by git-crypt"]


def test_what_lies_in_a_folder_that_a_template_names_is_listed() -> None:
    text = "services:\n  {{ cookiecutter.slug }}:\n    image: {{ cookiecutter.slug }}_dev\n"

    outcome = check_texts({"plugin/{{ cookiecutter.slug }}/compose.yml": text}, Config())

    assert outcome.findings == ()
    assert [gap.reason for gap in outcome.not_checked] == [
        "is a part of a template, which gives it another name: what becomes of it is not known here"
    ]


def test_an_image_that_a_command_sets_before_the_build_is_not_judged_by_its_tag() -> None:
    site = NEIGHBOUR.replace("shop/site:1.4.2", "controller:latest")
    files = {
        "config/kustomization.yaml": "resources: [site.yaml]\n",
        "deploy/kustomization.yaml": "resources: [../config]\nimages: [{name: proxy, newName: shop/proxy, newTag: latest}]\n",
        "config/site.yaml": site,
    }
    makefile = "deploy:\n\tcd config && $(KUSTOMIZE) edit set image controller=${IMG} proxy=shop/proxy:${TAG}\n"

    assert {rule for _, rule in findings_of(files)} >= {"k8s-latest-tag", "kustomize-latest-tag"}
    assert not {rule for _, rule in findings_of(files | {"Makefile": makefile})} & {
        "k8s-latest-tag",
        "kustomize-latest-tag",
    }


def test_an_experiment_makes_the_pods_that_its_templates_describe() -> None:
    service = """
        apiVersion: v1
        kind: Service
        metadata: {name: preview}
        spec: {selector: {app: preview}, ports: [{port: 80}]}
        """
    experiment = """
        apiVersion: argoproj.io/v1alpha1
        kind: Experiment
        metadata: {name: trial}
        spec:
          templates: [{name: preview, template: {metadata: {labels: {app: preview}}}}]
        """

    outcome = settled({"a/service.yaml": service, "a/site.yaml": NEIGHBOUR, "a/experiment.yaml": experiment})

    assert outcome.findings == ()
    assert [one.reason for one in outcome.not_known] == [
        "whether a pod with app=preview exists, because an experiment of Experiment/trial may make it"
    ]


def test_an_object_whose_name_a_template_of_a_chart_writes_out_may_be_there() -> None:
    binding = """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: viewers}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: user-view}
        subjects: [{kind: Group, name: viewers, apiGroup: rbac.authorization.k8s.io}]
        """
    template = (
        "{{- if .Values.view }}\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: NAME\n"
    )

    def dangling(name: str) -> set[str]:
        chart = {"charts/rbac/Chart.yaml": "apiVersion: v2\nname: rbac\nversion: 1.0.0\n"}
        files = {"charts/rbac/templates/role.yaml": template.replace("NAME", name), "hooks/viewers.yaml": binding}
        return {finding.rule.id for finding in settled(chart | files).findings}

    assert dangling("user-view") == set()
    assert dangling("user-edit") == {"rbac-missing-role"}


MONITOR = """
    apiVersion: monitoring.coreos.com/v1
    kind: ServiceMonitor
    metadata: {name: manager, namespace: system}
    spec: {selector: {matchLabels: {control-plane: manager}}, endpoints: [{port: https}]}
    """
CHOSEN = {
    "config/manager/kustomization.yaml": "resources: [manager.yaml]",
    "config/manager/manager.yaml": """
    apiVersion: v1
    kind: Service
    metadata: {name: metrics, namespace: system, labels: {control-plane: manager}}
    spec: {selector: {control-plane: manager}, ports: [{name: https, port: 8443}]}
    """,
    "config/prometheus/kustomization.yaml": "resources: [monitor.yaml]",
    "config/prometheus/monitor.yaml": MONITOR,
}


def test_what_only_a_part_that_is_not_chosen_builds_may_find_what_it_asks_for_elsewhere() -> None:
    default = "namespace: shop-system\nresources:\n- ../manager\n%s- ../prometheus\n"
    known = ["ServiceMonitor 'manager' selects no Service: control-plane=manager"]
    other = CHOSEN | {"config/default/kustomization.yaml": default.replace("%s- ../prometheus\n", "")}

    left_out = said(CHOSEN | {"config/default/kustomization.yaml": default % "#"})

    why = "the build of config/prometheus/kustomization.yaml stands in a comment of config/default/kustomization.yaml"
    assert left_out[0] == []
    assert [one for one in left_out[1] if why in one] != []
    assert said(CHOSEN | {"config/default/kustomization.yaml": default % ""})[0] == []
    assert said(other)[0] == known


@pytest.mark.parametrize(
    ("command", "lost"),
    [
        ("kubectl create configmap settings --from-file=a.conf", []),
        ("$ helm install settings charts/settings", []),
        (
            "helm upgrade --install cart charts/cart -n shop",
            ["Deployment/site needs ConfigMap 'settings', which is nowhere"],
        ),
    ],
)
def test_what_a_document_tells_its_readers_to_make_may_be_there(command: str, lost: list[str]) -> None:
    site = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: site, namespace: shop}
    spec:
      selector: {matchLabels: {app: site}}
      template:
        metadata: {labels: {app: site}}
        spec:
          containers: [{name: site, image: "shop/site:1.4.2"}]
          volumes: [{name: settings, configMap: {name: settings}}]
    """
    other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: logging, namespace: shop}\n"
    files = {
        "k8s/site.yaml": textwrap.dedent(site),
        "k8s/logging.yaml": other,
        "README.md": f"# Shop\n\n```\n{command}\n```\n",
    }

    found = devopslint.check(files, select=["k8s-missing-config-map"])

    assert [one.message for one in found] == lost


def test_an_operator_may_make_the_service_whose_port_a_monitor_names() -> None:
    files = {
        "ceph.yaml": """
apiVersion: v1
kind: Service
metadata: {name: dashboard, namespace: ceph, labels: {cluster: ceph}}
spec: {selector: {app: mgr}, ports: [{name: dashboard, port: 7000}]}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: mgr, namespace: ceph}
spec: {selector: {matchLabels: {cluster: ceph}}, endpoints: [{port: metrics}]}
"""
    }
    made = files | {
        "cluster.yaml": "apiVersion: ceph.rook.io/v1\nkind: CephCluster\nmetadata: {name: ceph, namespace: ceph}\n"
    }

    found = devopslint.check(files, select=["net-unknown-monitor-port"])

    message = "ServiceMonitor 'mgr' scrapes port 'metrics', which no Service that it selects has"
    assert [one.message for one in found] == [message]
    assert not devopslint.check(made, select=["net-unknown-monitor-port"])


ROUTE = """
    apiVersion: route.openshift.io/v1
    kind: Route
    metadata: {name: edge, namespace: base}
    spec: {to: {kind: Service, name: api}}
    """


def test_a_route_and_a_monitor_look_into_the_namespace_that_a_kustomization_gives_them() -> None:
    overlay = "namespace: live\nresources: [service.yaml, %s.yaml]\n"
    service = SERVICE.replace("namespace: shop", "namespace: base, labels: {app: api}")
    own = MONITOR.replace("system", "base").replace("control-plane: manager", "app: api")
    other = own.replace("endpoints:", "namespaceSelector: {matchNames: [base]}, endpoints:")

    def found(name: str, text: str) -> list[str]:
        files = {"kustomization.yaml": overlay % name, "service.yaml": service, f"{name}.yaml": text}
        rules = ["net-dangling-monitor", "net-dangling-route"]
        texts = {path: textwrap.dedent(text) for path, text in files.items()}
        return [one.message for one in devopslint.check(texts, select=rules)]

    assert found("route", ROUTE) == []
    assert found("monitor", own) == []
    assert found("monitor", other) == ["ServiceMonitor 'manager' selects no Service: app=api"]


def test_a_listener_of_tekton_makes_a_service_of_its_name() -> None:
    listener = """
    apiVersion: triggers.tekton.dev/v1beta1
    kind: EventListener
    metadata: {name: %s, namespace: ci}
    spec: {triggers: []}
    """
    files = {"k8s/site.yaml": NEIGHBOUR, "k8s/edge.yaml": INGRESS.replace("name: cart", "name: el-push")}

    why = "whether Service 'el-push' exists, because the operator of EventListener 'push' may make it"
    assert said(files | {"ci/listener.yaml": listener % "push"}) == ([], [why])
    assert said(files | {"ci/listener.yaml": listener % "other"})[0] != []


@pytest.mark.parametrize(
    ("host", "path", "text", "known"),
    [
        ("kiali", "r.yaml", "apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {name: kiali-operator, namespace: ops}\n", False),
        ("shop", "r.yaml", "apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {name: kiali-operator, namespace: ops}\n", True),
        ("prometheus-operated", "r.yaml", "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: k8s, namespace: ops}\n", False),
        ("thanos-ruler-operated", "r.yaml", "apiVersion: monitoring.coreos.com/v1\nkind: ThanosRuler\nmetadata: {name: k8s, namespace: ops}\n", False),
        ("alertmanager-operated", "r.yaml", "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: k8s, namespace: ops}\n", True),
        ("grafana", "r.yaml", "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: mesh, namespace: live}\n", False),
        ("grafana", "r.yaml", "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: mesh, namespace: ops}\n", True),
        ("grafana", "r.yaml", "apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: mesh}\nspec: {namespace: live}\n", False),
    ],
)  # fmt: skip
def test_what_an_operator_makes_is_not_known_to_be_missing(host: str, path: str, text: str, known: bool) -> None:
    route = f"""
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: way, namespace: live}}
spec: {{hosts: [a.example.org], http: [{{route: [{{destination: {{host: {host}.live.svc.cluster.local}}}}]}}]}}
"""
    beside = "apiVersion: v1\nkind: Service\nmetadata: {name: site, namespace: live}\nspec: {selector: {app: site}}\n"
    files = {"k8s/way.yaml": route, "k8s/site.yaml": beside, f"k8s/{path}": text}

    found = [one.message for one in devopslint.check(files, select=["net-dangling-route"])]

    assert found == ([f"VirtualService/way sends to Service '{host}', which is nowhere"] if known else [])


@pytest.mark.parametrize(
    ("service", "text", "known"),
    [
        ("argocd-server", "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: shop}\n", False),
        ("argo-server", "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: shop}\n", True),
        ("argo-server", "apiVersion: argoproj.io/v1alpha1\nkind: CronWorkflow\nmetadata: {name: nightly}\n", False),
        ("traefik", "apiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {name: auth}\n", False),
        ("traefik", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: auth}\n", True),
    ],
)
def test_what_reads_the_objects_of_a_tree_is_in_the_cluster(service: str, text: str, known: bool) -> None:
    ingress = INGRESS.replace("cart", service)
    files = {"k8s/ingress.yaml": ingress, "k8s/site.yaml": NEIGHBOUR, "k8s/other.yaml": text}

    assert (said(files)[0] != []) is known


def test_of_what_the_tree_installs_every_name_is_known() -> None:
    files = {
        "k8s/ingress.yaml": INGRESS.replace("cart", "argocd-servr"),
        "k8s/project.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: shop}\n",
        "k8s/install.yaml": NEIGHBOUR.replace("site", "argocd-server"),
    }

    assert said(files)[0] == ["Ingress 'edge' sends to Service 'argocd-servr', which is nowhere"]


@pytest.mark.parametrize(("subjects", "told"), [("[]", 0), ("[{kind: Group, name: admins}]", 1)])
def test_a_binding_without_subjects_lets_nobody_in(subjects: str, told: int) -> None:
    binding = f"""
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {{name: emergency}}
        subjects: {subjects}
        roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}}
        """

    assert len(devopslint.check({"rbac.yaml": textwrap.dedent(binding)}, select=["rbac-cluster-admin"])) == told


def test_a_solver_of_cert_manager_is_there_when_it_is_needed() -> None:
    files = {
        "web.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: live}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}
""",
        "policy.yaml": """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: solver, namespace: live}
spec: {podSelector: {matchLabels: {%s: web}}, policyTypes: [Ingress]}
""",
    }

    def told(label: str) -> int:
        return len(
            devopslint.check(files | {"policy.yaml": files["policy.yaml"] % label}, select=["net-dangling-policy"])
        )

    assert told("acme.cert-manager.io/http01-solver") == 0
    assert told("web.example.org/solver") == 1


@pytest.mark.parametrize("filling", [0, 150_000])
def test_a_chart_is_installed_by_a_function_of_a_script_however_long_that_is(filling: int) -> None:
    files = {
        "k8s/ui.yaml": """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ui, namespace: disks}
spec: {defaultBackend: {service: {name: disks-frontend, port: {number: 80}}}}
---
apiVersion: v1
kind: Service
metadata: {name: other, namespace: disks}
spec: {selector: {app: other}, ports: [{port: 80}]}
""",
        "scripts/bootstrap.sh": f"#!/bin/bash\n{'# ' + 'x' * 76 + chr(10) * 1}" * (filling // 79 or 1)
        + "helm_cmd upgrade --install disks disks/disks \\\n  --namespace disks\n",
    }

    assert devopslint.check(files, select=["net-dangling-ingress"]) == []
    del files["scripts/bootstrap.sh"]
    assert len(devopslint.check(files, select=["net-dangling-ingress"])) == 1


@pytest.mark.parametrize(("others", "told"), [(0, 1), (1, 2), (2, 0), (5, 0)])
def test_what_many_applications_are_reached_by_sends_elsewhere(others: int, told: int) -> None:
    names = ["cart", *(f"app-{number}" for number in range(others))]
    paths = ", ".join(
        f"{{path: /{name}, pathType: Prefix, backend: {{service: {{name: {name}, port: {{number: 80}}}}}}}}"
        for name in names
    )
    ingress = f"""
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {{name: edge, namespace: shop}}
        spec: {{rules: [{{http: {{paths: [{paths}]}}}}]}}
        """
    because = "most of what the Ingress sends to is not in the tree, so that it comes from elsewhere"

    findings, open_questions = said({"k8s/ingress.yaml": ingress, "k8s/site.yaml": NEIGHBOUR})

    assert len(findings) == told
    assert len(open_questions) == (0 if told else len(names))
    assert all(one.endswith(because) for one in open_questions)
