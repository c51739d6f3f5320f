"""What is no object of a cluster as it stands, and what others complete: it is listed, and nothing false is said of it."""

from __future__ import annotations

import textwrap

import pytest

from devopslint.config import Config
from devopslint.config_reading import load_config
from devopslint.engine import Settled, check_texts

SITE = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: site}
    spec:
      selector: {matchLabels: {app: site}}
      template:
        metadata: {labels: {app: site}}
        spec:
          containers: [{name: site, image: "registry.example.org/site:1.4.0"}]
    """


def settled(files: dict[str, str], *rules: str) -> Settled:
    texts = {path: textwrap.dedent(text).lstrip("\n") for path, text in files.items()}
    return check_texts(texts, Config().selecting(rules))


def found(outcome: Settled) -> list[tuple[str, str]]:
    return [(one.location.path, one.message) for one in outcome.findings]


FLUX = """
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata: {name: shop}
    spec:
      path: ./apps/shop
      components: [../../components/database]
    """
DATABASE = {
    "components/database/kustomization.yaml": "kind: Component\nresources: [cluster.yaml]\n",
    "components/database/cluster.yaml": "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: '${APP}'}\n",
}
SHOP = {
    "apps/shop/kustomization.yaml": "resources: [site.yaml]\npatches: [{path: patch.yaml}]\n",
    "apps/shop/site.yaml": SITE,
    "apps/shop/patch.yaml": "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: '${APP}'}\nspec: {instances: 3}\n",
}


def test_a_patch_may_meet_what_flux_adds_by_a_component() -> None:
    dangling = "changes Cluster ${APP}, which the build of apps/shop/kustomization.yaml does not have"

    alone = settled(SHOP | DATABASE, "kustomize-dangling-patch")
    completed = settled(SHOP | DATABASE | {"flux/shop.yaml": FLUX}, "kustomize-dangling-patch")
    elsewhere = settled(SHOP | {"flux/shop.yaml": FLUX}, "kustomize-dangling-patch")

    assert found(alone) == [("apps/shop/kustomization.yaml", dangling)]
    assert found(completed) == found(elsewhere) == []


def test_a_component_of_flux_completes_what_the_base_leaves_out() -> None:
    patch = """
        kind: Component
        patches:
          - target: {kind: Deployment}
            patch: |-
              - op: add
                path: /spec/replicas
                value: 3
        """
    files = {
        "apps/shop/kustomization.yaml": "resources: [site.yaml]\n",
        "apps/shop/site.yaml": SITE,
        "components/database/kustomization.yaml": patch,
    }

    assert [path for path, _ in found(settled(files, "k8s-missing-replicas"))] == ["apps/shop/site.yaml"]
    completed = settled(files | {"flux/shop.yaml": FLUX}, "k8s-missing-replicas")
    assert found(completed) == []
    assert ("flux/shop.yaml", "what apps/shop builds, because Flux adds a component to it") in [
        (one.location.path, one.reason) for one in completed.not_known
    ]


def test_what_a_generator_makes_is_not_known_to_be_absent() -> None:
    generator = """
        apiVersion: builtin
        kind: HelmChartInflationGenerator
        metadata: {name: policies}
        name: policies
        repo: https://charts.example.org
        version: 1.2.0
        """
    patch = "resources: [site.yaml]\n%spatches: [{target: {kind: Job, name: migrate}, patch: '[]'}]\n"
    files = {"site.yaml": SITE, "chart.yaml": generator}

    plain = settled(files | {"kustomization.yaml": patch % ""}, "kustomize-dangling-patch")
    generated = settled(
        files | {"kustomization.yaml": patch % "generators: [chart.yaml]\n"}, "kustomize-dangling-patch"
    )

    assert len(plain.findings) == 1
    assert generated.findings == ()


@pytest.mark.parametrize(
    ("path", "entry", "because"),
    [
        (
            "hack/templates/shop/kustomization.yaml",
            "../base",
            "templates/ holds what is copied elsewhere before it is built",
        ),
        ("skeleton/kustomization.yaml", "../base", "skeleton/ holds what is copied elsewhere before it is built"),
        ("shop/kustomization.yaml", "../${RING}", "its name is filled in later"),
        ("shop/kustomization.yaml", "../base", ""),
    ],
)
def test_what_a_template_names_may_be_there_once_it_is_copied(path: str, entry: str, because: str) -> None:
    outcome = settled({path: f"resources: ['{entry}']\n"}, "kustomize-missing-file")

    assert [one.reason.partition(", because ")[2] for one in outcome.not_known] == ([because] if because else [])
    assert len(outcome.findings) == (not because)


def test_a_template_of_ytt_is_listed() -> None:
    text = SITE.replace("labels: {app: site}", "labels: {app: #@ data.values.name\n        }")

    outcome = settled(
        {"site.yaml": '    #@ load("@ytt:data", "data")\n    ---' + text},
        "k8s-mismatched-selector",
        "k8s-root-container",
    )

    assert outcome.findings == ()
    assert [one.reason for one in outcome.not_checked] == ["is a template of ytt: what it renders to is not known here"]
    assert len(settled({"site.yaml": "    #@todo: more of them" + SITE}, "k8s-root-container").findings) == 1


@pytest.mark.parametrize(
    ("path", "judged"),
    [
        ("release/test_release.yaml", False),
        ("release/release_test.yaml", False),
        ("policies/.chainsaw-test/pod.yaml", False),
        ("policies/.kyverno-test/pod.yaml", False),
        ("release/test-server.yaml", True),
        ("release/latest_release.yaml", True),
    ],
)
def test_what_is_called_a_test_is_listed_and_not_judged(path: str, judged: bool) -> None:
    outcome = settled({path: SITE}, "k8s-root-container")

    assert bool(outcome.findings) == judged
    assert bool(outcome.not_checked) != judged


def test_what_is_called_a_test_is_judged_where_a_kustomization_builds_with_it() -> None:
    outcome = settled(
        {"test_site.yaml": SITE, "kustomization.yaml": "resources: [test_site.yaml]\n"}, "k8s-root-container"
    )

    assert [path for path, _ in found(outcome)] == ["test_site.yaml"]


def test_an_image_that_ko_builds_has_no_tag() -> None:
    def told(image: str) -> int:
        return len(
            settled({"site.yaml": SITE.replace("registry.example.org/site:1.4.0", image)}, "k8s-latest-tag").findings
        )

    assert told("ko://example.org/shop/cmd/site") == 0
    assert told("example.org/shop/cmd/site") == 1


APPLICATION = """
    apiVersion: argoproj.io/v1alpha1
    kind: Application
    metadata: {name: %s}
    spec:
      source: {repoURL: https://git.example.org/shop.git, path: %s, targetRevision: main}
    """


def test_the_folder_of_an_application_may_be_another_one_in_each_overlay() -> None:
    files = {
        "apps/all.yaml": APPLICATION % ("all", "sets/staging"),
        "one/site.yaml": SITE,
        "two/site.yaml": SITE,
        "argo/others.yaml": APPLICATION % ("one", "one") + "---" + APPLICATION % ("two", "two"),
        "apps/kustomization.yaml": "resources: [all.yaml]\n",
    }
    overlay = "resources: [../apps]\npatches: [{path: path.yaml, target: {kind: Application}}]\n"
    other = {
        "live/kustomization.yaml": overlay,
        "live/path.yaml": "- {op: replace, path: /spec/source/path, value: one}\n",
    }

    words = "Application/all takes its objects from sets/staging, which the tree does not have"
    assert found(settled(files, "flux-missing-folder")) == [("apps/all.yaml", words)]
    outcome = settled(files | other, "flux-missing-folder")
    assert found(outcome) == []
    assert [one.reason for one in outcome.not_known] == [
        f"whether {words}, because a kustomization may name another folder"
    ]


def test_a_service_beside_the_version_of_an_operator_is_for_the_pods_of_that() -> None:
    service = """
        apiVersion: v1
        kind: Service
        metadata: {name: operator}
        spec: {selector: {app: site}, ports: [{port: 8443, targetPort: https}]}
        """
    version = "apiVersion: operators.coreos.com/v1alpha1\nkind: ClusterServiceVersion\nmetadata: {name: operator.v1}\n"
    files = {"bundle/service.yaml": service, "examples/site.yaml": SITE}

    assert len(settled(files, "net-missing-target-port").findings) == 1
    assert settled(files | {"bundle/operator.yaml": version}, "net-missing-target-port").findings == ()
    beside = files | {"bundle/operator.yaml": version, "bundle/site.yaml": SITE}
    assert len(settled(beside, "net-missing-target-port").findings) == 1


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("WEBHOOK_SECRET", "search-webhook-server-cert", False),
        ("PIPELINE_SECRET", "pipelines-of-ours-secret", False),
        ("WEBHOOK_SECRET", "correct-horse-battery", True),
        ("ADMIN_PASSWORD", "search-webhook-server-cert", True),
    ],
)
def test_the_name_of_a_secret_is_none(name: str, value: str, told: bool) -> None:
    site = SITE.replace('site:1.4.0"}', f'site:1.4.0", env: [{{name: {name}, value: {value}}}]}}')

    assert bool(settled({"site.yaml": site}, "k8s-env-secret").findings) == told


DUMMY = """
    apiVersion: v1
    kind: Secret
    metadata: {name: shop}
    stringData: {token: %s}
    """


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("examples/github/secret.yaml", "'1234567'", False),
        ("docs/getting-started/secret.yaml", "random-string-data", False),
        ("tests/kuttl/secret.yaml", "kafka-password", False),
        ("deploy/secret.yaml", "kafka-password", True),
        ("examples/secret.yaml", "Rx8kkLq27vvT0p", True),
        ("examples/secret.yaml", "postgres://shop:Rx8kkLq27vv@db.example.net/shop", True),
        ("tests/kuttl/secret.yaml", "shop-bucket-s3", False),
        ("testing/secret.yaml", "kafka-password", False),
        ("devenv/apps/secret.yaml", "kafka-password", False),
        ("testing/secret.yaml", "postgres://shop:shop123@db.example.net/shop", False),
    ],
)
def test_a_word_in_the_secret_of_an_example_is_nobodys(path: str, value: str, told: bool) -> None:
    assert bool(settled({path: DUMMY % value}, "k8s-committed-secret").findings) == told


def test_a_default_with_a_variable_in_it_is_no_password_of_a_url() -> None:
    text = DUMMY.replace("token", "uri") % "'postgres://${OWNER:=${APP}}@db.shop.svc/${APP}'"

    assert settled({"secret.yaml": text}, "k8s-committed-secret").findings == ()


def test_what_is_put_away_is_listed_unless_something_takes_it_from_there() -> None:
    files = {"archive/shop/site.yaml": SITE, "archive/shop/secret.yaml": DUMMY % "Rx8kkLq27vvT0p"}
    rules = ("k8s-root-container", "k8s-committed-secret")

    alone = settled(files, *rules)
    built = settled(files | {"shop/kustomization.yaml": "resources: [../archive/shop/site.yaml]\n"}, *rules)
    flux = FLUX.replace("apps/shop", "archive/shop").replace(
        "components: [../../components/database]", "sourceRef: {kind: GitRepository, name: shop}"
    )
    delivered = settled(files | {"flux/shop.yaml": flux}, *rules)

    assert [path for path, _ in found(alone)] == ["archive/shop/secret.yaml"]
    reason = "lies in archive/: it is put away, and nothing in the tree takes it from there"
    assert ("archive/shop/site.yaml", reason) in [(one.path, one.reason) for one in alone.not_checked]
    assert "archive/shop/site.yaml" in [path for path, _ in found(built)]
    assert "archive/shop/site.yaml" in [path for path, _ in found(delivered)]


def test_the_configuration_has_tests_judged() -> None:
    files = {"tests/site.yaml": textwrap.dedent(SITE), "e2e/site.yaml": textwrap.dedent(SITE)}

    config = load_config("devopslint.yaml", "judge: [tests/]\nselect: [k8s-root-container]\n")

    assert [path for path, _ in found(check_texts(files, config))] == ["tests/site.yaml"]
    assert [one.path for one in check_texts(files, config).not_checked] == ["e2e/site.yaml"]


def test_a_key_may_be_in_another_of_several_secrets_of_one_name() -> None:
    site = SITE.replace(
        'site:1.4.0"}', 'site:1.4.0", env: [{name: A, valueFrom: {secretKeyRef: {name: shop, key: other}}}]}'
    )
    here, there = {"one/site.yaml": site, "two/secret.yaml": DUMMY % "a"}, {"three/secret.yaml": DUMMY % "b"}

    assert len(settled(here, "k8s-missing-key").findings) == 1
    outcome = settled(here | there, "k8s-missing-key")
    assert outcome.findings == ()
    assert [one.reason for one in outcome.not_known] == [
        "whether Deployment/site finds key 'other' in Secret 'shop', because 2 of that name are there, each for itself"
    ]
    assert len(settled(here | there | {"one/secret.yaml": DUMMY % "c"}, "k8s-missing-key").findings) == 1


def test_conditions_between_lines_make_a_template() -> None:
    repeated = SITE + "    # {{ if .Live }}\n    metadata: {name: live}\n    # {{ end }}\n"
    stack = "AWSTemplateFormatVersion: 2010-09-09\nResources:\n{{ if .Live }}\n  Bucket:\n    Type: AWS::S3::Bucket\n{{ end }}\n"

    outcome = settled({"site.yaml": repeated, "stack.yaml": stack}, "duplicate-key", "unreadable-file")
    plain = settled({"site.yaml": SITE + "    metadata: {name: live}\n"}, "duplicate-key")

    assert outcome.findings == ()
    assert {one.path for one in outcome.not_checked} == {"site.yaml", "stack.yaml"}
    assert len(plain.findings) == 1


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("examples/site.yaml", "admin", False),
        ("testing/site.yaml", "https://shop:shop123@registry.example.net", False),
        ("deploy/site.yaml", "https://shop:shop123@registry.example.net", True),
        ("examples/site.yaml", "Rx8kkLq27vvT0p", True),
        ("deploy/site.yaml", "admin", True),
        ("deploy/site.yaml", "SECRET", False),
        ("deploy/site.yaml", "MARGARITA", True),
    ],
)
def test_a_word_in_the_environment_of_an_example_is_nobodys(path: str, value: str, told: bool) -> None:
    site = SITE.replace('site:1.4.0"}', f'site:1.4.0", env: [{{name: COOKIE_SECRET, value: "{value}"}}]}}')
    configuration = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: shop}}\ndata: {{COOKIE_SECRET: '{value}'}}\n"

    assert bool(settled({path: site}, "k8s-env-secret").findings) == told
    assert bool(settled({path: configuration}, "k8s-configmap-secret").findings) == told


@pytest.mark.parametrize(
    "folder",
    [
        "old",
        "_old",
        "deprecated",
        ".archive",
        "Archive",
        "obsolete",
        "definitions.bak",
        "trashbox",
        "move-backup-20260914-2349",
        "backup/shop-20251224_2156",
    ],
)
def test_a_folder_says_that_something_is_put_away(folder: str) -> None:
    outcome = settled({f"apps/{folder}/site.yaml": SITE}, "k8s-root-container")

    assert outcome.findings == ()
    assert [one.reason for one in outcome.not_checked] == [
        f"lies in {folder}/: it is put away, and nothing in the tree takes it from there"
    ]
    assert len(settled({"apps/golden-oldies/site.yaml": SITE}, "k8s-root-container").findings) == 1


def test_a_folder_called_testing_may_be_an_environment() -> None:
    environments = {"testing/site.yaml": SITE, "production/site.yaml": SITE}

    assert settled({"testing/site.yaml": SITE}, "k8s-root-container").findings == ()
    assert len(settled(environments, "k8s-root-container").findings) == 2


@pytest.mark.parametrize("port", ["${{HEALTH_PORT}}", "$(HEALTH_PORT)", "HEALTH_PORT"])
def test_the_port_of_a_probe_may_be_put_in_later(port: str) -> None:
    site = SITE.replace('site:1.4.0"}', f'site:1.4.0", livenessProbe: {{httpGet: {{port: "{port}"}}}}}}')

    assert settled({"site.yaml": site}, "k8s-unknown-probe-port").findings == ()
    assert len(settled({"site.yaml": site.replace(port, "health")}, "k8s-unknown-probe-port").findings) == 1


def test_steps_of_a_test_are_listed_wherever_its_folder_lies() -> None:
    files = {"charts/shop/test/restore/01-site.yaml": SITE, "charts/shop/test/restore/chainsaw-test.yaml": "{}\n"}

    outcome = settled(files, "k8s-root-container")

    assert found(outcome) == []
    assert [(one.path, one.reason) for one in outcome.not_checked] == [
        (
            "charts/shop/test/restore/01-site.yaml",
            "lies beside a test of chainsaw or kuttl: what it brings up is gone with the test",
        )
    ]


def test_what_a_kustomization_builds_is_judged_beside_a_test_too() -> None:
    files = {
        "deploy/site.yaml": SITE,
        "deploy/kuttl-test.yaml": "{}\n",
        "deploy/kustomization.yaml": "resources: [site.yaml]\n",
    }

    outcome = settled(files, "k8s-root-container")

    assert found(outcome) == [("deploy/site.yaml", "container 'site' may run as root")]


DEFINITION = """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: pipelines.example.org}
    ---"""


BY_PROGRAM = """apiVersion: v1
kind: Namespace
metadata:
  name: linkerd
  annotations:
    linkerd.io/created-by: %s
---
"""


@pytest.mark.parametrize(
    ("path", "head", "judged"),
    [
        ("install.yaml", "# This is an auto-generated file. DO NOT EDIT\n", False),
        ("infra/pipelines-v1.16.7.yaml", "", False),
        ("install.yaml", "", True),
        ("install.yaml", "# Downloaded from https://example.org/raw/v0.13.12/install.yaml\n", False),
        ("install.yaml", "# Start it with what is downloaded from the page\n", True),
        ("mesh.yaml", BY_PROGRAM % "linkerd/cli edge-19.5.2", False),
        ("mesh.yaml", BY_PROGRAM % "somebody", True),
    ],
)
def test_the_release_of_another_project_is_listed(path: str, head: str, judged: bool) -> None:
    text = head + textwrap.dedent(DEFINITION + SITE)

    alone = settled({path: text}, "k8s-root-container")
    built = settled({path: text, "kustomization.yaml": f"resources: [{path}]\n"}, "k8s-root-container")

    assert bool(alone.findings) == judged
    assert [one.reason.partition(":")[0].startswith("is another project's") for one in alone.not_checked] == [True] * (
        not judged
    )
    assert [one for one, _ in found(built)] == [path]


def test_the_release_of_this_project_is_judged() -> None:
    head = "# This is an auto-generated file. DO NOT EDIT\n"
    own = {
        "crds/pipelines.yaml": DEFINITION.removesuffix("---"),
        "install.yaml": head + textwrap.dedent(DEFINITION + SITE),
    }

    assert [one for one, _ in found(settled(own, "k8s-root-container"))] == ["install.yaml"]
    assert len(settled({"install.yaml": head + textwrap.dedent(SITE)}, "k8s-root-container").findings) == 1


BUDGET = """
    apiVersion: policy/v1beta1
    kind: PodDisruptionBudget
    metadata: {name: shop}
    """


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("crds/budget_v1beta1.yaml", "crds/budget.yaml"),
        ("crds/budget-v1beta1.yaml", "crds/budget-v1.yaml"),
        ("v1beta1/budget.yaml", "v1/budget.yaml"),
        ("ha/budget.yaml", "ha-1.21+/budget.yaml"),
        ("budget.yaml", "budget_k8s_1.25.yaml"),
        ("budget-kubernetes-v1.9-all.yaml", "budget-kubernetes-v1.25-all.yaml"),
    ],
)
def test_what_is_for_older_clusters_is_listed(old: str, new: str) -> None:
    outcome = settled({old: BUDGET, new: BUDGET.replace("v1beta1", "v1")}, "k8s-removed-api-version")

    assert outcome.findings == ()
    (listed,) = outcome.not_checked
    assert (listed.path, listed.reason) == (
        old,
        f"is for older clusters: {new if '+' not in new else 'ha-1.21+/'} is for newer ones",
    )
    assert len(settled({old: BUDGET}, "k8s-removed-api-version").findings) == 1


def test_a_kustomization_that_is_put_away_names_what_is_gone() -> None:
    def told(path: str) -> list[tuple[str, str]]:
        return found(settled({path: "resources: [gone.yaml]\n"}, "kustomize-missing-file"))

    assert told("archive/shop/kustomization.yaml") == []
    assert len(told("shop/kustomization.yaml")) == 1


def test_a_workload_without_selector_is_a_part_of_the_whole_one() -> None:
    part = SITE.replace("selector: {matchLabels: {app: site}}", "")
    assert part != SITE

    outcome = settled({"site.yaml": SITE, "tilt/site.yaml": part}, "k8s-missing-replicas")

    assert [path for path, _ in found(outcome)] == ["site.yaml"]
    assert [path for path, _ in found(settled({"tilt/site.yaml": part}, "k8s-missing-replicas"))] == ["tilt/site.yaml"]


def test_istio_puts_in_the_image_that_is_called_auto() -> None:
    image = "registry.example.org/site:1.4.0"

    assert settled({"site.yaml": SITE.replace(image, "auto")}, "k8s-latest-tag").findings == ()
    assert len(settled({"site.yaml": SITE.replace(image, "automatic")}, "k8s-latest-tag").findings) == 1


def test_a_file_that_a_script_writes_through_a_variable_is_made() -> None:
    script = '#!/bin/sh\nTARGET="${ROOT}/shop/all.yaml"\nhelm template shop . > $TARGET\n'
    files = {"shop/kustomization.yaml": "resources: [all.yaml]\n"}

    assert len(settled(files, "kustomize-missing-file").findings) == 1
    assert settled(files | {"make.sh": script}, "kustomize-missing-file").findings == ()
    assert (
        len(settled(files | {"make.sh": script.replace("> $TARGET", "> $OTHER")}, "kustomize-missing-file").findings)
        == 1
    )


def test_a_file_that_a_job_names_in_its_environment_may_be_made() -> None:
    workflow = """
        on: push
        jobs:
          end-to-end:
            runs-on: ubuntu-24.04
            steps:
              - run: make resolve
                env:
                  RELEASE_YAML: test/shop/all.yaml
        """
    files = {"test/shop/kustomization.yaml": "resources: [all.yaml]\n"}

    def told(path: str) -> int:
        named = workflow.replace("test/shop/all.yaml", path)
        return len(settled(files | {".github/workflows/test.yml": named}, "kustomize-missing-file").findings)

    assert told("test/shop/all.yaml") == 0
    assert told("test/shop/other.yaml") == 1


@pytest.mark.parametrize(
    ("name", "found"), [("generated-manifest.yaml", 0), ("crds.gen.yaml", 0), ("generator.yaml", 1)]
)
def test_what_is_called_generated_may_be_made_before_the_build(name: str, found: int) -> None:
    files = {"all/kustomization.yaml": f"resources: [{name}]\n"}

    assert len(settled(files, "kustomize-missing-file").findings) == found


def test_a_chart_among_what_tests_of_java_read_is_listed() -> None:
    outcome = settled({"app/src/test/resources/Chart.yaml": "name: shop\nversion: 0.1\n"}, "helm-numeric-app-version")

    assert outcome.findings == ()
    assert [one.reason for one in outcome.not_checked] == ["is what a test reads: it lies in src/test/resources/"]
    assert (
        len(settled({"app/src/main/Chart.yaml": "name: shop\nversion: 0.1\n"}, "helm-numeric-app-version").findings)
        == 1
    )


def test_what_tests_of_go_read_is_listed() -> None:
    outcome = settled({"test/testdata/plain.Dockerfile": "FROM ubuntu\n"}, "docker-untagged-image")

    assert outcome.findings == ()
    assert [one.reason for one in outcome.not_checked] == ["is what a test reads: it lies in testdata/"]
    assert len(settled({"test/data/plain.Dockerfile": "FROM ubuntu\n"}, "docker-untagged-image").findings) == 1


def test_the_password_of_the_documentation_is_nobodys() -> None:
    assert settled({"secret.yaml": DUMMY % "1f2d1e2e67df"}, "k8s-committed-secret").findings == ()
    assert len(settled({"secret.yaml": DUMMY % "1f2d1e2e67de"}, "k8s-committed-secret").findings) == 1


def test_a_folder_of_a_former_release_is_listed_whatever_its_files_are_called() -> None:
    files = {"install/v0.9.0/shop.yaml": SITE, "install/v0.10.0/store.yaml": SITE, "install/v0.10.0/other.yaml": SITE}

    outcome = settled(files, "k8s-root-container")

    assert [path for path, _ in found(outcome)] == ["install/v0.10.0/other.yaml", "install/v0.10.0/store.yaml"]
    assert [(one.path, one.reason) for one in outcome.not_checked] == [
        ("install/v0.9.0/shop.yaml", "is a former release: install/v0.10.0/store.yaml has come after it")
    ]


def test_a_name_in_braces_before_an_image_waits_to_be_put_in() -> None:
    text = SITE.replace('"registry.example.org/site:1.4.0"}', "{username}/site:1.4.0}")

    outcome = settled({"site.yaml": text}, "unreadable-file")

    assert outcome.findings == ()
    assert [one.path for one in outcome.not_checked] == ["site.yaml"]


SEVERAL = ("k8s-committed-secret", "k8s-env-secret", "k8s-configmap-secret")


def said(outcome: Settled) -> set[tuple[str, str]]:
    return {(one.rule.id, str(one.severity)) for one in outcome.findings}


@pytest.mark.parametrize(
    ("value", "severity"), [("Rx8kkLq27vvT0p", "error"), ("shop", "warning"), ("s3admin123", "warning")]
)
def test_a_secret_is_an_error_where_its_value_shows_one(value: str, severity: str) -> None:
    variable = SITE.replace('site:1.4.0"}', f'site:1.4.0", env: [{{name: DB_PASSWORD, value: "{value}"}}]}}')
    settings = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: shop}}\ndata: {{DB_PASSWORD: '{value}'}}\n"
    files = {"site.yaml": variable, "settings.yaml": settings, "secret.yaml": DUMMY % value}

    assert said(settled(files, *SEVERAL)) == {(rule, severity) for rule in SEVERAL}


def test_keys_that_tests_made_for_themselves_are_no_error() -> None:
    key = "'-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\\n-----END PRIVATE KEY-----'"
    token = "ghp_" + "aB3dE5fG7h" * 4

    made = settled({"tests/e2e/secret.yaml": DUMMY % key}, *SEVERAL)
    issued = settled({"tests/e2e/secret.yaml": DUMMY % token[:40]}, *SEVERAL)
    deployed = settled({"deploy/secret.yaml": DUMMY % key}, *SEVERAL)

    assert [str(one.severity) for one in (*made.findings, *issued.findings, *deployed.findings)] == [
        "warning",
        "error",
        "error",
    ]


@pytest.mark.parametrize("value", ['\'[{"name": "web-1", "paused": false}]\'', "PFRoaXJ0eVR3b0NoYXJhY3RlcnNIZXJlPg=="])
def test_json_and_an_encoded_placeholder_are_no_secrets(value: str) -> None:
    assert settled({"secret.yaml": DUMMY.replace("token", "state") % value}, *SEVERAL).findings == ()


LOCAL = "is for a cluster on somebody's own machine"


@pytest.mark.parametrize(
    "folder", ["overlays/local", "env/dev-kind", "tools/kind", "k8s/minikube", "k3d-localdev-cluster"]
)
def test_a_cluster_on_ones_own_machine_is_told_by_its_folder(folder: str) -> None:
    outcome = settled({f"{folder}/site.yaml": SITE}, "k8s-root-container")

    assert outcome.findings == ()
    assert [one.path for one in outcome.not_checked if LOCAL in one.reason] == [f"{folder}/site.yaml"]
    built = {"prod/kustomization.yaml": f"resources: [../{folder}/site.yaml]\n"}
    assert found(settled({f"{folder}/site.yaml": SITE} | built, "k8s-root-container")) != []


@pytest.mark.parametrize("folder", ["kinds", "apps/local-path-provisioner", "charts/local", "mankind"])
def test_other_folders_are_no_cluster_on_ones_own_machine(folder: str) -> None:
    assert len(settled({f"{folder}/site.yaml": SITE}, "k8s-root-container").findings) == 1


def test_images_that_no_node_pulls_are_on_ones_own_machine() -> None:
    never = SITE.replace('site:1.4.0"}', 'site:1.4.0", imagePullPolicy: Never}')

    assert settled({"k8s/site.yaml": never, "live/other.yaml": never}, "k8s-root-container").findings == ()


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("shop.localhost", False),
        ("shop.127.0.0.1.nip.io", False),
        ("shop.localdev.me", False),
        ("localhost.example.net", True),
        ("10.2.3.4.nip.io", True),
    ],
)
def test_what_lies_beside_an_ingress_for_localhost_is_on_ones_own_machine(host: str, told: bool) -> None:
    ingress = f"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: shop}}\nspec: {{rules: [{{host: {host}}}]}}\n"
    files = {"run/site.yaml": SITE, "run/ingress.yaml": ingress, "live/site.yaml": SITE}

    paths = {path for path, _ in found(settled(files, "k8s-root-container"))}

    assert paths == {"live/site.yaml"} | ({"run/site.yaml"} if told else set())


def test_earlier_states_are_kept_beside_what_is_applied() -> None:
    files = {"site/backup/site-01.yaml": SITE, "site/site.yaml": SITE, "backup/site.yaml": SITE}

    outcome = settled(files, "k8s-root-container")

    assert {path for path, _ in found(outcome)} == {"site/site.yaml", "backup/site.yaml"}
    assert (
        "site/backup/site-01.yaml",
        "lies in backup/: what it defines is there as it is now in the folder above",
    ) in [(one.path, one.reason) for one in outcome.not_checked]


def test_a_kustomization_of_files_that_are_mostly_elsewhere_is_one_warning() -> None:
    several = "resources:\n" + "".join(f"  - crds/{name}.yaml\n" for name in "abcde")
    here = {"src/site.yaml": SITE, "src/kustomization.yaml": several + "  - site.yaml\n"}

    outcome = settled(here, "kustomize-missing-file")
    slip = settled(here | {"src/kustomization.yaml": "resources: [site.yaml, sight.yaml]\n"}, "kustomize-missing-file")

    assert [(str(one.severity), one.message) for one in outcome.findings] == [
        ("warning", "src/crds/a.yaml and 4 more of what it names are not in the repository")
    ]
    assert len(outcome.findings[0].related) == 4
    assert [str(one.severity) for one in slip.findings] == ["error"]


@pytest.mark.parametrize(("path", "severity"), [("shop/site.yaml", "error"), ("docs/examples/site.yaml", "warning")])
def test_what_is_only_shown_runs_nowhere(path: str, severity: str) -> None:
    few = SITE.replace("selector:", "replicas: 1\n      selector:")
    assert few != SITE

    assert [str(one.severity) for one in settled({path: few}, "k8s-few-replicas").findings] == [severity]


BINDING = """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: everyone, namespace: shop}
    subjects: [{kind: Group, name: "system:authenticated"}]
    roleRef: {kind: Role, name: reader, apiGroup: rbac.authorization.k8s.io}
    """
ROLE = """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: {name: reader, namespace: shop}
    rules: [{apiGroups: [""], resources: [secrets], verbs: [get], resourceNames: [%s]}]
    """


def test_what_everyone_may_do_is_an_error_where_the_role_says_so() -> None:
    unknown = settled({"binding.yaml": BINDING}, "rbac-any-login")
    private = settled({"binding.yaml": BINDING, "role.yaml": ROLE % "signing-key"}, "rbac-any-login")
    public = settled({"binding.yaml": BINDING, "role.yaml": ROLE % "signing-public-key"}, "rbac-any-login")

    assert [str(one.severity) for one in (*unknown.findings, *private.findings)] == ["warning", "error"]
    assert public.findings == ()


@pytest.mark.parametrize(
    ("patch", "severity"),
    [
        ("{target: {name: billing}, patch: '- {op: remove, path: /spec/replicas}'}", "warning"),
        ("{target: {kind: Deployment, name: billing}, patch: '- {op: remove, path: /spec/replicas}'}", "warning"),
        ("{target: {kind: Deployment, name: sites}, patch: '- {op: remove, path: /spec/replicas}'}", "error"),
        ("{target: {kind: StatefulSet, name: site}, patch: '- {op: remove, path: /spec/replicas}'}", "error"),
        ("{path: billing.yaml}", "error"),
        ("{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: billing}}'}", "error"),
    ],
)
def test_a_patch_that_stops_the_build_or_nearly_meets_something_is_an_error(patch: str, severity: str) -> None:
    files = {
        "site.yaml": SITE,
        "billing.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: billing}\nspec: {replicas: 3}\n",
        "kustomization.yaml": f"resources: [site.yaml]\npatches: [{patch}]\n",
    }

    assert [str(one.severity) for one in settled(files, "kustomize-dangling-patch").findings] == [severity]


def test_what_is_sealed_is_no_secret_wherever_it_stands() -> None:
    sealed = "AgBcIv43IBVpzVb2oWMtHqBoYzgIP7YkQCKIoLOa" * 10

    assert settled({"secret.yaml": DUMMY % sealed}, *SEVERAL).findings == ()
    assert len(settled({"secret.yaml": DUMMY % sealed[3:]}, *SEVERAL).findings) == 1


def test_a_file_that_git_does_not_keep_is_made() -> None:
    files = {
        "shop/kustomization.yaml": "resources: [site.yaml, params.yaml, rendered/web.yaml, kept.yaml]\n",
        "shop/site.yaml": SITE,
        "shop/.gitignore": "/params.*\nrendered/\n*.yaml.orig\n",
    }

    outcome = settled(files, "kustomize-missing-file")

    assert [one.message for one in outcome.findings] == ["shop/kept.yaml is not in the repository"]
    assert [one.reason for one in outcome.not_known] == [
        f"whether shop/{path} is there when it is built, because shop/.gitignore keeps it out of Git"
        for path in ("params.yaml", "rendered/web.yaml")
    ]


@pytest.mark.parametrize(("port", "told"), [("PORT", False), ("WEB_PORT", False), ("HTTP", True), ("web_port", True)])
def test_a_port_in_capitals_is_put_in_later(port: str, told: bool) -> None:
    service = f"apiVersion: v1\nkind: Service\nmetadata: {{name: site}}\nspec: {{selector: {{app: site}}, ports: [{{port: 80, targetPort: {port}}}]}}\n"

    outcome = settled({"site.yaml": SITE, "service.yaml": service}, "k8s-invalid-port", "net-missing-target-port")

    assert bool(outcome.findings) == told


CALLING = """
    apiVersion: v1
    kind: Service
    metadata: {name: %s}
    spec: {selector: {app: %s}, ports: [{port: 80}]}
    """


@pytest.mark.parametrize(
    ("path", "name", "severity"),
    [
        ("shop/service.yaml", "billing", "error"),  # its folder has what runs
        ("shop/network/service.yaml", "billing", "error"),  # a folder around it has
        ("samples-of-services/service.yaml", "billing", "warning"),
        ("samples-of-services/service.yaml", "sites", "error"),  # misspelt
    ],
)
def test_what_is_missing_is_an_error_where_the_tree_keeps_others_of_its_kind(
    path: str, name: str, severity: str
) -> None:
    outcome = settled({"shop/site.yaml": SITE, path: CALLING % (name, name)}, "net-dangling-service")

    assert [str(one.severity) for one in outcome.findings] == [severity]


def test_a_role_that_is_missing_is_an_error_where_the_tree_keeps_roles() -> None:
    role = ROLE.replace("name: reader", "name: writer") % "signing-key"

    beside = settled({"shop/binding.yaml": BINDING, "shop/role.yaml": role}, "rbac-missing-role")
    alone = settled(
        {"shop/binding.yaml": BINDING, "live/role.yaml": role.replace("namespace: shop", "namespace: live")},
        "rbac-missing-role",
    )

    assert [str(one.severity) for one in (*beside.findings, *alone.findings)] == ["error", "warning"]


@pytest.mark.parametrize("folder", ["cmd/operator/kodata/serving", "integration/fixtures"])
def test_data_of_programs_and_tests_is_listed(folder: str) -> None:
    assert settled({f"{folder}/site.yaml": SITE}, "k8s-root-container").findings == ()


def test_a_kustomization_of_nothing_that_is_there_is_one_warning() -> None:
    outcome = settled(
        {"kopia/kustomization.yaml": "resources: [release.yaml, secret.yaml]\n"}, "kustomize-missing-file"
    )

    assert [str(one.severity) for one in outcome.findings] == ["warning"]


def delivered(path: str) -> str:
    return f"""
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {{name: apps, namespace: flux-system}}
        spec: {{path: {path}, sourceRef: {{kind: GitRepository, name: flux-system}}}}
        """


@pytest.mark.parametrize(
    ("files", "judged"),
    [
        ({}, False),
        ({"apps/live/kustomization.yaml": "resources: [../base/site]\n"}, True),
        ({"clusters/live/all.yaml": delivered("./")}, True),
        ({"clusters/live/all.yaml": delivered("./apps/${CLUSTER}")}, True),
        ({"clusters/live/all.yaml": delivered("./infrastructure")}, True),
    ],
)
def test_what_flux_takes_from_no_folder_is_listed(files: dict[str, str], judged: bool) -> None:
    """`apps/base/site` beside `apps/live`, which is delivered."""
    tree = {
        "clusters/live/flux-system/gotk-sync.yaml": delivered("./clusters/live"),
        "clusters/live/all.yaml": delivered("./apps/live"),
        "apps/live/kustomization.yaml": "resources: []\n",
        "apps/base/site/kustomization.yaml": "resources: [site.yaml]\n",
        "apps/base/site/site.yaml": SITE,
    }

    outcome = settled(tree | files, "k8s-missing-replicas")

    assert bool(found(outcome)) is judged
    assert any("no Kustomization of Flux takes" in one.reason for one in outcome.not_checked) is not judged


def test_a_definition_for_older_clusters_is_known_by_its_name_wherever_the_version_stands() -> None:
    definition = """
        apiVersion: apiextensions.k8s.io/%s
        kind: CustomResourceDefinition
        metadata: {name: addons.shop.example.org}
        """
    files = {"crds/addon_v1beta1_crd.yaml": definition % "v1beta1", "crds/addon_crd.yaml": definition % "v1"}

    both = settled(files, "k8s-removed-api-version")
    alone = settled({"crds/addon_v1beta1_crd.yaml": files["crds/addon_v1beta1_crd.yaml"]}, "k8s-removed-api-version")

    assert found(both) == []
    assert len(found(alone)) == 1


def test_a_record_of_an_object_in_a_cluster_is_listed_and_not_judged() -> None:
    live = (
        '{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "site", "uid": "8f1c"},\n'
        ' "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "site"}}, "template": {"metadata": {"labels":\n'
        '  {"app": "site"}}, "spec": {"containers": [{"name": "site", "image": "shop/site:1.4.0"}]}}}%s}\n'
    )
    recorded = settled({"runs/site.json": live % ', "status": {"replicas": 1}'}, "k8s-few-replicas")

    assert found(recorded) == []
    assert any("nobody applies it" in one.reason for one in recorded.not_checked)
    assert len(found(settled({"runs/site.json": live % ""}, "k8s-few-replicas"))) == 1


def test_flux_bootstrap_writes_its_own_folder() -> None:
    files = {"clusters/live/kustomization.yaml": "resources: [%s]\n"}

    def missing(name: str) -> int:
        return len(found(settled({path: text % name for path, text in files.items()}, "kustomize-missing-file")))

    assert missing("flux-system") == 0
    assert missing("flux-apps") == 1


@pytest.mark.parametrize(("kind", "found"), [("SHOP_STRATEGY_TYPE", 0), ("Custom", 1)])
def test_a_strategy_in_capitals_is_filled_in_later(kind: str, found: int) -> None:
    text = f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: shop}}\nspec: {{strategy: {{type: {kind}}}}}\n"

    assert len(settled({"shop.yaml": text}, "k8s-recreate-strategy").findings) == found


def test_what_flux_writes_is_known_behind_a_byte_order_mark() -> None:
    role = (
        "---\n# This manifest was generated by flux. DO NOT EDIT.\napiVersion: rbac.authorization.k8s.io/v1\n"
        "kind: ClusterRole\nmetadata: {name: reader}\nrules: [{apiGroups: [a.io], resources: ['*'], verbs: [get]}]\n"
    )
    path = "flux-system/gotk-components.yaml"

    for text in (role, f"\ufeff{role}"):
        assert check_texts({path: text}, Config().selecting(["rbac-wildcard"])).findings == ()
    assert (
        len(check_texts({path: role.replace("by flux", "by us")}, Config().selecting(["rbac-wildcard"])).findings) == 1
    )


@pytest.mark.parametrize(
    ("path", "listed"),
    [
        ("hack/invalid-examples/route.yaml", True),
        ("tests/smoke/basic-invalid.yaml", True),
        ("deploy/validator.yaml", False),
        ("deploy/basic-invalid.yaml", False),
    ],
)
def test_what_is_called_invalid_is_there_to_be_refused(path: str, listed: bool) -> None:
    outcome = settled({path: "apiVersion: v1\nkind: Pod\nmetadata: {name: [a]}\n  spec: {}\n"}, "unreadable-file")

    assert bool(outcome.findings) != listed
    if listed:
        assert [one.reason for one in outcome.not_checked] == ["is called invalid: a test expects that it is refused"]


@pytest.mark.parametrize(
    ("route", "service", "found"),
    [
        ("examples/route.yaml", "conformance/service.yaml", 0),
        ("examples/one/route.yaml", "examples/two/service.yaml", 0),
        ("examples/one/route.yaml", "examples/service.yaml", 1),
        ("apps/one/route.yaml", "apps/two/service.yaml", 1),
    ],
)
def test_samples_are_each_for_themselves(route: str, service: str, found: int) -> None:
    files = {
        route: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\n"
        "spec: {defaultBackend: {service: {name: shop, port: {number: 8080}}}}\n",
        service: "apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {selector: {app: a}, ports: [{port: 80}]}\n",
    }

    assert len(settled(files, "net-dangling-ingress").findings) == found


def test_patches_of_a_kustomization_that_builds_with_nothing_yet_are_not_known_to_miss() -> None:
    patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n"
    files = {"prod/kustomization.yaml": "patchesStrategicMerge: [web.yaml]", "prod/web.yaml": patch}

    done = settled(files, "kustomize-dangling-patch")

    assert done.findings == ()
    (one,) = done.not_known
    assert one.reason == (
        "whether Deployment web is there when it is built, because prod/kustomization.yaml builds with nothing yet"
    )


@pytest.mark.parametrize(
    ("port", "service", "count"),
    [("${PORT}", "${PORT}", 0), ("8080", "${PORT}", 0), ("8080", "80", 1), ("http", "80", 1)],
)
def test_a_port_that_is_put_in_later_may_be_there(port: str, service: str, count: int) -> None:
    files = {
        "route.yaml": f"""
            apiVersion: traefik.io/v1alpha1
            kind: IngressRoute
            metadata: {{name: web, namespace: shop}}
            spec: {{routes: [{{kind: Rule, services: [{{name: web, port: {port}}}]}}]}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {{name: web, namespace: shop}}
            spec: {{ports: [{{name: web, port: {service}}}]}}
            """
    }

    assert len(settled(files, "net-dangling-route").findings) == count


@pytest.mark.parametrize(("kind", "count"), [("ConfigMap", 0), ("Secret", 1)])
def test_what_a_document_shows_its_readers_they_may_make(kind: str, count: int) -> None:
    files = {
        "shop/site.yaml": SITE.replace("containers: [{", "containers: [{envFrom: [{configMapRef: {name: gate}}], "),
        "shop/other.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n",
        "RUNBOOK.md": f"# Runbook\n\nFirst make it:\n\n```yaml\napiVersion: v1\nkind: {kind}\nmetadata:\n  name: gate\n```\n",
    }

    assert len(settled(files, "k8s-missing-config-map").findings) == count


@pytest.mark.parametrize(
    ("names", "judged"),
    [
        (["operator-v1.9", "operator-v1.15", "operator-v1.16"], ["operator-v1.16"]),
        (["operator-v1.15", "operator-v1.16"], ["operator-v1.15", "operator-v1.16"]),
        (["operator-v1.15", "operator-v1.16", "other-v1.17"], ["operator-v1.15", "operator-v1.16", "other-v1.17"]),
        (["operator-1.9", "operator-1.15", "operator-1.16"], ["operator-1.15", "operator-1.16", "operator-1.9"]),
    ],
)
def test_of_a_series_of_releases_the_last_is_judged(names: list[str], judged: list[str]) -> None:
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostPID: true, containers: [{name: a, image: a:1}]}\n"
    )

    report = settled({f"docs/{name}.yaml": text for name in names}, "k8s-host-pid")

    assert sorted(one.location.path for one in report.findings) == [f"docs/{name}.yaml" for name in judged]
