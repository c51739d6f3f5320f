"""Which repository is this one, as the folders tell that are taken from it, and what goes into a cluster together."""

from __future__ import annotations

import pytest

import devopslint
from devopslint.kubernetes.deliveries import Folder, normal, own_repositories
from devopslint.kubernetes.summaries import Placed
from devopslint.model import Location

HERE = Location("apps.yaml", 1, 1, 1, 1)


def folders(*paths: str) -> list[Folder]:
    return [Folder("repository", Placed(path, HERE)) for path in paths]


@pytest.mark.parametrize(
    ("paths", "own"),
    [
        (("./apps", "./infrastructure"), True),
        (("./apps", "infrastructure/", "./gone"), True),
        (("./apps", "./gone"), False),  # one folder of a common name says nothing
        (("./apps", "./infrastructure", "./a", "./b"), False),
        (("./apps", "./${cluster}"), False),
        ((), False),
    ],
)
def test_a_repository_is_this_one_where_most_of_its_folders_are_here(paths: tuple[str, ...], own: bool) -> None:
    found = own_repositories(folders(*paths), frozenset({"apps", "infrastructure"}))

    assert found == (frozenset({"repository"}) if own else frozenset())


def test_the_root_of_a_repository_and_what_is_made_later_have_no_folder() -> None:
    assert [normal(path) for path in ("./", ".", "", "./${name}", "{{path}}", "./a//b/")] == ["", "", "", "", "", "a/b"]


SCALED = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: shop, image: "registry.example.org/shop:1.4.0"}]}
"""


def autoscaler(name: str) -> str:
    return f"""
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: {name}}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: shop}}
"""


@pytest.mark.parametrize(
    ("kustomization", "expected"),
    [
        (
            "resources: [shop/shop.yaml, a/scaler.yaml, b/scaler.yaml]",
            ["autoscaler 'b' scales Deployment 'shop', as 'a' does"],
        ),
        ("resources: [shop/shop.yaml, a/scaler.yaml]", []),
    ],
)
def test_two_autoscalers_of_one_build_are_found_in_two_folders(kustomization: str, expected: list[str]) -> None:
    files = {
        "kustomization.yaml": kustomization,
        "shop/shop.yaml": SCALED,
        "a/scaler.yaml": autoscaler("a"),
        "b/scaler.yaml": autoscaler("b"),
    }

    assert [one.message for one in devopslint.check(files, select=["hpa-duplicate-target"])] == expected
