"""Values that charts are installed with: which files and objects give them, and what hides in them."""

from __future__ import annotations

import pytest

import devopslint

RISKY = "securityContext: {privileged: true}\n"
CHART = {"chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n", "chart/templates/a.yaml": "kind: Pod\n"}


def said(files: dict[str, str], *rules: str) -> list[tuple[str, int, str]]:
    return [(f.location.path, f.location.line, f.rule.id) for f in devopslint.check(files, select=[*rules])]


def test_values_of_an_environment_are_deployed_and_those_of_the_chart_are_defaults() -> None:
    names = ("values.yaml", "values-prod.yaml", "prod.values.yml", "values.schema.yaml", "ci/test-values.yaml")
    files = CHART | {f"chart/{name}": RISKY for name in names} | {"deploy/shop-values.yaml": RISKY}

    found = said(files, "helm-privileged-container", "helm-risky-default")

    assert found == [
        ("chart/prod.values.yml", 1, "helm-privileged-container"),
        ("chart/values-prod.yaml", 1, "helm-privileged-container"),
        ("chart/values.yaml", 1, "helm-risky-default"),
        ("deploy/shop-values.yaml", 1, "helm-privileged-container"),
    ]


def test_a_manifest_that_is_called_values_is_a_manifest() -> None:
    files = {"deploy/values.yaml": f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\n{RISKY}"}

    assert said(files, "helm-privileged-container") == []


def test_a_values_file_that_is_a_template_is_listed_and_no_fault() -> None:
    seen = devopslint.check({"deploy/values.yaml": "image: {{ image }}\n  tag: x\n"}, select=["unreadable-file"])

    assert list(seen) == []
    assert [(gap.path, gap.reason) for gap in seen.not_checked] == [
        ("deploy/values.yaml", "is a template: what it renders to is not known here")
    ]


def test_what_an_overlay_patches_into_a_release_stands_in_the_patch() -> None:
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop}\n"
        "spec:\n  values:\n    securityContext: {privileged: true}\n    hostNetwork: false\n"
    )
    patch = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop}\n"
        "spec:\n  values:\n    securityContext: {privileged: false}\n    hostNetwork: true\n"
    )
    files = {
        "base/kustomization.yaml": "resources: [release.yaml]\n",
        "base/release.yaml": release,
        "prod/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n",
        "prod/patch.yaml": patch,
    }

    found = said(files, "helm-privileged-container", "helm-host-namespace")

    assert found == [("prod/patch.yaml", 7, "helm-host-namespace")]


def test_a_value_within_many_others_ends_the_search() -> None:
    deep = "a: " + "{b: " * 80 + "{privileged: true}" + "}" * 80 + "\n"

    assert said({"deploy/values.yaml": deep + RISKY}, "helm-privileged-container") == [
        ("deploy/values.yaml", 2, "helm-privileged-container")
    ]


def test_the_secret_in_values_is_shown_in_no_message() -> None:
    files = {"deploy/values.yaml": "db: {password: Vq3-orchard-71}\nurl: postgres://shop:Vq3-orchard-71@db/shop\n"}

    seen = devopslint.check(files)

    assert ("deploy/values.yaml", 1) in {(f.location.path, f.location.line) for f in seen}
    assert not any("Vq3-orchard-71" in f.message for f in seen)


def test_what_stands_among_the_keys_of_a_secret_names_one_of_them() -> None:
    def found(*lines: str) -> list[tuple[str, int, str]]:
        return said({"deploy/shop-values.yaml": "replicas: 3\ndatabase:\n" + "\n".join(lines)}, "helm-literal-secret")

    assert found("  existingSecretKeys: {password: pg-password}", "  secretKeys: {root_password: mysql-root}") == []
    assert found("  secretRefKeys: {accessKey: S3_ACCESS_KEY}", "  adminSecretKey: admin", "  auth: SHA512") == []
    assert len(found("  password: pg-password")) == 1


def test_what_an_external_secret_in_values_calls_a_key_is_no_secret() -> None:
    values = "app:\n  rawResources:\n    data:\n      - {secretKey: attic_token_secret%s}\n"
    release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec:\n  values:\n"

    def found(beside: str) -> list[tuple[str, int, str]]:
        text = release + "".join(f"    {line}\n" for line in (values % beside).splitlines())
        return said({"release.yaml": text}, "helm-literal-secret")

    assert found(", remoteRef: {key: attic}") == []
    assert found("") == [("release.yaml", 9, "helm-literal-secret")]


def test_what_an_application_set_is_made_from_is_no_setting_of_a_container() -> None:
    sets = "applicationsets: {shop: {generators: [{list: {elements: [{name: a, privileged: true}]}}]}}\n"
    files = {"deploy/shop-values.yaml": sets, "deploy/web-values.yaml": RISKY}

    assert said(files, "helm-privileged-container") == [("deploy/web-values.yaml", 1, "helm-privileged-container")]


@pytest.mark.parametrize(("version", "told"), [("${VERSION}", 0), ("@project.version@", 0), ("first", 1)])
def test_the_version_of_a_chart_may_be_put_in_later(version: str, told: int) -> None:
    text = f'apiVersion: v2\nname: shop\nversion: "{version}"\n'

    found = devopslint.check({"shop/Chart.yaml": text}, select=["helm-incomplete-chart"])

    assert len([one for one in found if "1.2.3" in one.message]) == told
