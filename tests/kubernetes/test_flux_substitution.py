"""Variables that Flux fills in after a build: what it is given is what the cluster gets; what others give is not known."""

from __future__ import annotations

import textwrap

import pytest

from devopslint.config import Config
from devopslint.engine import check_texts
from devopslint.kubernetes.kustomize.resources import Resource
from devopslint.kubernetes.kustomize.substitution import Given, substituted
from devopslint.readers.yaml import read_yaml

FLUX = """
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata: {name: shop, namespace: flux-system}
    spec:
      path: ./apps/shop
      sourceRef: {kind: GitRepository, name: flux-system}
      postBuild:
        substitute:
          REPLICAS: "1"
          IMAGE: shop/web:latest
          NAME: web
          NOTHING: ""
    """
FROM_OTHERS = FLUX.replace(
    "        substitute:", "        substituteFrom: [{kind: ConfigMap, name: settings}]\n        substitute:"
)
WEB = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: "${NAME}-server"}
    spec:
      replicas: %s
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
            - name: web
              image: %s
    """
OTHER = FLUX.replace("name: shop", "name: other").replace('"1"', '"3"')
PARENT = """
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata: {name: cluster}
    spec:
      path: ./flux
      patches:
        - target: {kind: Kustomization}
          patch: |-
            kind: Kustomization
            metadata: {name: any}
            spec: {postBuild: {%s}}
    """


def places(files: dict[str, str], rule: str) -> list[tuple[str, int]]:
    texts = {path: textwrap.dedent(text).lstrip("\n") for path, text in files.items()}
    result = check_texts(texts, Config().selecting([rule]))
    return [(one.location.path, one.location.line) for one in result.findings]


def shop(replicas: str = "3", image: str = "shop/web:1.0", /, **flux: str) -> dict[str, str]:
    return {
        "apps/shop/kustomization.yaml": "resources: [web.yaml]\n",
        "apps/shop/web.yaml": WEB % (replicas, image),
        **{f"flux/{name}.yaml": text for name, text in flux.items()},
    }


def found(rule: str, replicas: str = "3", image: str = "shop/web:1.0", /, **flux: str) -> list[tuple[str, int]]:
    return places(shop(replicas, image, **flux), rule)


@pytest.mark.parametrize(
    "written", ["${REPLICAS}", '"${REPLICAS}"', "${REPLICAS:=3}", "${REPLICAS:-3}", "${REPLICAS=3}"]
)
def test_what_flux_is_given_is_told_where_it_is_given(written: str) -> None:
    assert found("k8s-few-replicas", written, shop=FLUX) == [("flux/shop.yaml", 9)]
    assert found("k8s-few-replicas", written, shop=FROM_OTHERS) == [("flux/shop.yaml", 10)]
    assert found("k8s-few-replicas", written) == []


def test_a_whole_image_is_told_where_it_is_given_and_a_tag_where_it_is_used() -> None:
    assert found("k8s-latest-tag", "3", '"${IMAGE}"', shop=FLUX) == [("flux/shop.yaml", 10)]
    assert found("k8s-latest-tag", "3", '"shop/${NAME}:${TAG:=latest}"', shop=FLUX) == [("apps/shop/web.yaml", 12)]


def test_a_default_holds_where_nothing_else_gives_a_value() -> None:
    for written in ("${OTHER:=1}", "${OTHER=1}", "${OTHER:-1}", "${NOTHING:=1}"):
        assert found("k8s-few-replicas", written, shop=FLUX) == [("apps/shop/web.yaml", 5)]
    assert found("k8s-few-replicas", "${OTHER:=1}", shop=FROM_OTHERS) == []
    assert found("k8s-few-replicas", "${OTHER:=1}", shop=FLUX, cluster=PARENT % "substituteFrom: []") == []


def test_what_is_given_in_several_ways_is_not_known() -> None:
    assert found("k8s-few-replicas", "${REPLICAS}", shop=FLUX, other=OTHER) == []
    assert found("k8s-few-replicas", "${REPLICAS}", shop=FLUX, cluster=PARENT % "substitute: {REPLICAS: '3'}") == []


def test_what_a_kustomization_may_patch_is_not_known() -> None:
    files = shop("${REPLICAS}", shop=FLUX)
    patched = "resources: [shop.yaml]\npatches: [{target: {kind: Kustomization}, patch: '[]'}]\n"

    assert places({**files, "flux/kustomization.yaml": "resources: [shop.yaml]\n"}, "k8s-few-replicas")
    assert places({**files, "flux/kustomization.yaml": patched}, "k8s-few-replicas") == []


def test_an_object_may_be_left_as_it_is() -> None:
    off = "{name: web, annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}}"
    files = shop("${REPLICAS}", shop=FLUX)
    files["apps/shop/web.yaml"] = files["apps/shop/web.yaml"].replace('{name: "${NAME}-server"}', off)

    assert places(files, "k8s-few-replicas") == []


AUTOSCALER = """
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata: {name: web}
    spec:
      minReplicas: 3
      maxReplicas: 10
      scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %s}
    """


@pytest.mark.parametrize(
    ("name", "flux", "lines"),
    [
        ("web-server", FLUX, []),
        ("web-server", None, []),
        ("shop", None, []),
        ("shop", FLUX, [7]),
    ],
)
def test_a_name_that_is_put_in_later_may_be_the_one_that_is_looked_for(
    name: str, flux: str | None, lines: list[int]
) -> None:
    files = shop() if flux is None else shop(shop=flux)
    files["apps/shop/kustomization.yaml"] = "resources: [web.yaml, autoscaler.yaml]\n"
    files["apps/shop/autoscaler.yaml"] = AUTOSCALER % name

    assert [line for _, line in places(files, "hpa-dangling")] == lines


def test_a_name_that_begins_otherwise_is_not_the_one_that_is_looked_for() -> None:
    named = WEB.replace("${NAME}-server", "shop-${NAME}") % ("3", "shop/web:1.0")
    assert places({"web.yaml": named, "autoscaler.yaml": AUTOSCALER % "cart"}, "hpa-dangling") == [
        ("autoscaler.yaml", 7)
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        # As fluxcd/pkg/envsubst 1.5.0 has it, read as YAML.
        ("${A}", "v"),
        ("${A}${N}", "v3"),
        ("${N}", 3),
        ("${N}0", 30),
        ("${T}", True),
        ("${E}", None),
        ("${U:=a b}", "a b"),
        ("${U:=}", None),
        ("${U:=http://x:80}", "http://x:80"),
        ("$A", "$A"),
        ("$(A)", "$(A)"),
        # What it stops at, or what may be more than a text, stays.
        ("${U}", "${U}"),
        ("${U-d}", "${U-d}"),
        ("${ A }", "${ A }"),
        ("${A-b}", "${A-b}"),
        ("${U:=${A}}", "${U:=v}"),
        ("$${A}", "$${A}"),
        ("${M}", "${M}"),
    ],
)
def test_variables_are_those_of_flux(written: str, value: object) -> None:
    said = read_yaml("flux.yaml", "A: v\nN: '3'\nT: 'true'\nE: ''\nM: '{a: b}'\nNUMBER: 3\n").documents[0].root
    node = read_yaml("a.yaml", f"kind: ConfigMap\ndata:\n  key: '{written}'\n").documents[0].root
    (made,) = substituted((Resource(node),), Given(said, alone=True))
    assert made.node["data"]["key"].value == value


@pytest.mark.parametrize(("count", "said"), [(100, "ab" * 100), (101, "${NAME}" * 101)])
def test_a_text_of_more_variables_than_anybody_writes_stays_as_it_is(count: int, said: str) -> None:
    stream = read_yaml(
        "all.yaml", f"given: {{NAME: ab}}\nobject: {{kind: ConfigMap, data: {{A: '{'${NAME}' * count}'}}}}\n"
    )
    root = stream.documents[0].root
    resource = Resource(root["object"])

    (made,) = substituted((resource,), Given(root["given"], alone=True))

    assert made.node["data"]["A"].text == said


def test_what_is_accepted_of_an_object_is_accepted_where_flux_gives_the_value_too() -> None:
    files = {path: textwrap.dedent(text).lstrip("\n") for path, text in shop("${REPLICAS}", shop=FLUX).items()}
    annotation = "annotations: {ignore-check.kube-linter.io/minimum-three-replicas: one will do}"
    accepting = files["apps/shop/web.yaml"].replace("metadata: {name:", f"metadata: {{{annotation}, name:")
    few = Config().selecting(["k8s-few-replicas"])

    (told,) = check_texts(files, few).findings
    (accepted,) = check_texts({**files, "apps/shop/web.yaml": accepting}, few).findings

    assert told.suppressed is None
    assert accepted.suppressed is not None
    assert accepted.location == told.location
