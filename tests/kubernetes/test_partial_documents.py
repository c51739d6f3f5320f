"""What a patch or a base leaves out is no fault where something else supplies it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import devopslint
from devopslint.config import Config
from devopslint.engine import Settled, check_texts
from devopslint.files import classify, layout_of
from devopslint.run import conclude_scope, examine_all, find_scope

RULES = ("k8s-root-container", "k8s-writable-root-filesystem")
DEPLOYMENT = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
            - name: web
              image: registry.example.org/web:1.4.0
    """
PATCH = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      template:
        spec:
          containers:
            - name: web
              securityContext: {runAsUser: %s}
    """


def run(files: dict[str, str]) -> Settled:
    texts = {path: textwrap.dedent(text) for path, text in files.items()}
    return check_texts(texts, Config().selecting(RULES))


def found(settled: Settled) -> list[tuple[str, int, str]]:
    return [(f.location.path, f.location.line, f.rule.id) for f in settled.findings]


def test_patch_is_not_asked_for_what_it_leaves_out_but_for_what_it_sets() -> None:
    settled = run(
        {
            "base/kustomization.yaml": "resources: [web.yaml]",
            "base/web.yaml": DEPLOYMENT,
            "prod/kustomization.yaml": "resources: [../base]\npatches: [{path: web.yaml}]",
            "prod/web.yaml": PATCH % 0,
        }
    )

    assert found(settled) == [
        ("base/web.yaml", 11, "k8s-writable-root-filesystem"),
        ("prod/web.yaml", 10, "k8s-root-container"),
    ]
    assert ("prod/web.yaml", 1) in [(gap.path, gap.line) for gap in settled.not_checked]


def test_base_is_excused_only_for_the_keys_that_a_patch_sets() -> None:
    settled = run(
        {
            "base/kustomization.yaml": "resources: [web.yaml]",
            "base/web.yaml": DEPLOYMENT,
            "prod/kustomization.yaml": """
                resources: [../base]
                patches:
                  - target: {kind: Deployment}
                    patch: |-
                      - op: add
                        path: /spec/template/spec/securityContext
                        value: {runAsNonRoot: true}
                """,
        }
    )

    assert found(settled) == [("base/web.yaml", 11, "k8s-writable-root-filesystem")]
    assert [(gap.path, gap.reason) for gap in settled.not_checked] == [
        ("prod/kustomization.yaml", "is a patch: what it leaves out stands elsewhere"),
    ]


def test_patch_of_another_object_excuses_nothing() -> None:
    settled = run(
        {
            "kustomization.yaml": "resources: [web.yaml]\npatches: [{target: {name: api}, path: ops.yaml}]",
            "web.yaml": DEPLOYMENT,
            "ops.yaml": "- {op: add, path: /spec/template/spec/securityContext, value: {runAsNonRoot: true}}",
        }
    )

    assert found(settled) == [("web.yaml", 11, "k8s-root-container"), ("web.yaml", 11, "k8s-writable-root-filesystem")]


def test_component_changes_what_the_overlay_beside_it_builds() -> None:
    settled = run(
        {
            "base/kustomization.yaml": "resources: [web.yaml]",
            "base/web.yaml": DEPLOYMENT,
            "hardened/kustomization.yaml": "kind: Component\npatchesStrategicMerge: [web.yaml]",
            "hardened/web.yaml": PATCH % "1000, runAsNonRoot: true, readOnlyRootFilesystem: true",
            "prod/kustomization.yaml": "resources: [../base]\ncomponents: [../hardened]",
        }
    )

    assert found(settled) == []


def test_resource_without_an_image_waits_for_its_overlay() -> None:
    incomplete = DEPLOYMENT.replace("image: registry.example.org/web:1.4.0", "args: [serve]")

    listed = run({"kustomization.yaml": "resources: [web.yaml]", "web.yaml": incomplete})
    alone = run({"web.yaml": incomplete})

    assert found(listed) == []
    assert found(alone) == [("web.yaml", 11, "k8s-root-container"), ("web.yaml", 11, "k8s-writable-root-filesystem")]


def test_document_with_a_patch_directive_is_a_patch_wherever_it_is() -> None:
    settled = run({"one.yaml": (PATCH % 1000).replace("- name: web", "- name: web\n              $patch: merge")})

    assert found(settled) == []


def test_files_below_a_charts_templates_are_templates_whatever_they_look_like() -> None:
    manifest = textwrap.dedent(DEPLOYMENT)
    kinds = {
        "shop/Chart.yaml": "chart",
        "shop/templates/web.yaml": "helm-template",
        "shop/templates/tests/try.yaml": "helm-template",
        "shop/templates/role.tpl": "helm-template",
        "shop/templates/_helpers.tpl": None,
        "shop/templates/NOTES.txt": None,
        "shop/values.yaml": "chart-values",
        "shop/values-prod.yaml": "helm-values",
        "shop/crds/shop.yaml": "manifest",
        "shop/rendered.yaml": "manifest",
        "other/templates/web.yaml": "manifest",
    }

    layout = layout_of(list(kinds), str)

    texts = dict.fromkeys(kinds, manifest) | {"shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0"}
    assert {path: classify(path, texts[path], layout) for path in kinds} == kinds


def test_template_is_listed_as_not_checked() -> None:
    settled = run({"shop/Chart.yaml": "name: shop\nversion: 1.0.0", "shop/templates/web.yaml": DEPLOYMENT})

    assert found(settled) == []
    assert [gap.path for gap in settled.not_checked] == ["shop/templates/web.yaml"]


def test_kustomization_of_flux_is_a_manifest() -> None:
    text = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"

    assert classify("apps/kustomization.yaml", text) == "manifest"
    assert classify("apps/kustomization.yaml", "resources: []") == "kustomization"


def test_namespace_of_a_kustomization_and_its_replicas_excuse_their_absence() -> None:
    from devopslint.kubernetes.kustomize import Kustomization, Kustomizations
    from devopslint.kubernetes.manifests import Manifests
    from devopslint.model import KnownFiles, Location, Summaries

    manifest = Manifests.read("web.yaml", textwrap.dedent(DEPLOYMENT))
    text = "namespace: shop\nresources: [web.yaml]\nreplicas: [{name: web, count: 3}]\n"
    overlay = Kustomization.read("kustomization.yaml", text)
    known = KnownFiles(frozenset({"web.yaml", "kustomization.yaml"}))

    (document,) = Kustomizations.of(Summaries([known, *manifest.summaries(), *overlay.summaries()])).partial_documents

    assert document.excuses(Location("web.yaml", 4, 1, 4, 2, missing=True, wanted="namespace"))
    assert document.excuses(Location("web.yaml", 5, 1, 5, 2, missing=True, wanted="replicas"))
    assert not document.excuses(Location("web.yaml", 5, 1, 5, 2, missing=True, wanted="strategy"))


def test_tag_that_a_kustomization_sets_is_none_that_a_base_lacks() -> None:
    files = {
        "base/kustomization.yaml": "resources: [web.yaml]",
        "base/web.yaml": DEPLOYMENT.replace(":1.4.0", ""),
        "prod/kustomization.yaml": "resources: [../base]\nimages: [{name: registry.example.org/web, newTag: 1.4.0}]",
    }
    texts = {path: textwrap.dedent(text) for path, text in files.items()}
    other = texts | {"prod/kustomization.yaml": "resources: [../base]\nimages: [{name: web, newTag: 1.4.0}]"}

    assert devopslint.check(texts, select=["k8s-latest-tag"]) == []
    assert [(f.location.path, f.location.line) for f in devopslint.check(other, select=["k8s-latest-tag"])] == [
        ("base/web.yaml", 12)
    ]


def test_generated_objects_and_templates_are_known_to_rules_about_references() -> None:
    from devopslint.kubernetes.helm import Template
    from devopslint.kubernetes.kustomize import Kustomization
    from devopslint.kubernetes.summaries import DataSummary
    from devopslint.model import Opening

    text = """
        configMapGenerator:
          - name: settings
            literals: [color=blue]
            files: [app.properties, "motd=texts/hello.txt"]
        secretGenerator:
          - {name: keys, namespace: shop, envs: [keys.env]}
        """
    summaries = list(Kustomization.read("kustomization.yaml", textwrap.dedent(text)).summaries())

    made = [(s.kind, s.name, s.namespace, s.keys) for s in summaries if isinstance(s, DataSummary)]
    assert made == [
        ("ConfigMap", "settings", "", frozenset({"color", "app.properties", "motd"})),
        ("Secret", "keys", "shop", None),
    ]
    (opening,) = Template.read("shop/templates/web.yaml", "a: b").summaries()
    assert isinstance(opening, Opening)
    assert (opening.location.path, opening.near, opening.settled_by) == ("shop/templates/web.yaml", True, "--render")


def test_links_and_excluded_files_are_not_said_to_be_absent(tmp_path: Path) -> None:
    for path, text in {
        "kustomization.yaml": "resources: [link.yaml, linked, vendor/web.yaml, skipped.yaml, absent.yaml]",
        "real/web.yaml": textwrap.dedent(DEPLOYMENT),
        "real/kustomization.yaml": "resources: [web.yaml]",
        "vendor/web.yaml": textwrap.dedent(DEPLOYMENT),
        "skipped.yaml": textwrap.dedent(DEPLOYMENT),
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    (tmp_path / "link.yaml").symlink_to("real/web.yaml")
    (tmp_path / "linked").symlink_to("real")
    config = Config(exclude=("vendor/", "skipped.yaml")).selecting(["kustomize-missing-file"])

    scope = find_scope(tmp_path, [tmp_path], config, repository=True)
    settled = conclude_scope(scope, examine_all(scope, config), config)

    assert [finding.message for finding in settled.findings] == ["absent.yaml is not in the repository"]


def test_strange_kustomizations_are_read_without_harm() -> None:
    for text in (
        "resources: web.yaml",
        "resources: {a: b}\npatches: [1, null, {path: [x]}]\nimages: [x]\nconfigMapGenerator: {}",
        "patches: [{patch: '{{{', target: 1}, {patch: 'a: [1'}]",
        "resources: ['/etc/passwd', '../../..', '', 'https://', '?ref=']",
        "[]",
        "",
        "\t",
    ):
        found = devopslint.check({"a/kustomization.yaml": text})

        assert {finding.location.path for finding in found} <= {"a/kustomization.yaml"}


def test_openshift_decides_for_its_template_and_for_nothing_beside_it() -> None:
    template = "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: web}\nobjects:\n"
    within = textwrap.indent(textwrap.dedent(DEPLOYMENT).strip(), "  ").replace("  ", "- ", 1)
    beside = textwrap.dedent(DEPLOYMENT)
    files = {"app.yaml": f"{template}{within}\n---{beside}", "web.yaml": beside}
    lines = files["app.yaml"].splitlines()
    first, second = (number for number, line in enumerate(lines, 1) if "name: web" in line and "- name" in line)

    assert [one for one in found(run(files)) if one[2] == "k8s-root-container"] == [
        ("app.yaml", second, "k8s-root-container"),
        ("web.yaml", 11, "k8s-root-container"),
    ]
    assert ("app.yaml", first, "k8s-writable-root-filesystem") in found(run(files))


def test_what_lies_in_a_chart_beside_its_templates_is_data() -> None:
    chart = {"shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0", "shop/templates/a.yaml": "kind: A"}

    settled = run({**chart, "shop/files/web.yaml": DEPLOYMENT, "shop/examples/small/web.yaml": DEPLOYMENT})
    beside = run({**chart, "files/web.yaml": DEPLOYMENT})
    built = {"kustomization.yaml": "resources: [shop/files/web.yaml]"}

    assert found(settled) == []
    assert {(gap.path, gap.reason) for gap in settled.not_checked if gap.path.endswith("web.yaml")} == {
        ("shop/files/web.yaml", "lies in files/ of the chart in shop: its templates decide what becomes of it"),
        (
            "shop/examples/small/web.yaml",
            "lies in examples/ of the chart in shop: it shows what the chart makes, or is made with",
        ),
    }
    assert len(found(beside)) == len(found(run({**chart, **built, "shop/files/web.yaml": DEPLOYMENT}))) == 2


def test_a_patch_that_takes_a_volume_away_names_no_type_of_it() -> None:
    patch = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec: {template: {spec: {volumes: [{name: data, %s}]}}}
"""

    def found(volume: str) -> list[str]:
        return [one.message for one in devopslint.check({"p.yaml": patch % volume}, select=["k8s-unrestricted-volume"])]

    assert found("$patch: delete") == []
    assert found("nfs: {server: files, path: /}") == ["volume 'data' is of type nfs, not a PersistentVolumeClaim"]


def test_what_a_package_of_fakes_holds_is_a_tests() -> None:
    assert found(run({"injector/fake/data/web.yaml": DEPLOYMENT})) == []
