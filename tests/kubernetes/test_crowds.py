"""Many objects of one name or label: what stands nearest is found without asking each of them."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as some

import devopslint
from devopslint.kubernetes import crowds
from devopslint.kubernetes.crowds import Crowds, Standing, meet
from devopslint.kubernetes.openings import is_within
from devopslint.kubernetes.summaries import ANY_NAMESPACE, ObjectSummary
from devopslint.model import Location

FOLDERS = ["", "a", "a/b", "a/b/c", "a/d", "ab", "e/b"]
NAMESPACES = ["", "shop", "store", ANY_NAMESPACE]
objects = some.lists(
    some.builds(
        lambda folder, namespace, label: ObjectSummary(
            kind="Service",
            group="",
            name="web",
            namespace=namespace,
            labels={"is": label},
            location=Location(f"{folder}/web.yaml".lstrip("/"), 1, 1, 1, 1),
        ),
        some.sampled_from(FOLDERS),
        some.sampled_from(NAMESPACES),
        some.sampled_from(["whole", "part"]),
    ),
    max_size=12,
)


def is_partial(one: ObjectSummary) -> bool:
    return one.labels["is"] == "part"


def nearest(found: Iterable[ObjectSummary], folder: str) -> list[ObjectSummary]:
    def rank(one: ObjectSummary) -> tuple[bool, int]:
        shared = 0
        for ours, theirs in zip(folder.split("/"), one.folder.split("/"), strict=False):
            if not ours or ours != theirs:
                break
            shared += 1
        return not is_partial(one), shared

    ranked = [(rank(one), one) for one in found]
    best = max((rank for rank, _ in ranked), default=None)
    return [one for rank, one in ranked if rank == best]


@pytest.mark.parametrize("few", [0, 3, 16])
@given(objects, some.sampled_from(NAMESPACES), some.sampled_from(FOLDERS))
def test_a_crowd_has_those_that_each_would_be_asked_for(
    few: int, known: list[ObjectSummary], namespace: str, folder: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crowds, "FEW", few)
        asked = Crowds(is_partial)
        meeting = [one for one in known if meet(one.namespace, namespace)]

        assert asked.meeting(known, namespace) == meeting
        assert nearest(asked.around(known, namespace, folder), folder) == nearest(meeting, folder)


@given(objects, some.sampled_from(NAMESPACES), some.sampled_from(FOLDERS))
def test_what_stands_around_a_folder_is_beside_above_or_below_it(
    known: list[ObjectSummary], namespace: str, folder: str
) -> None:
    above = folder.rpartition("/")[0]

    assert Standing(known).is_around(folder, namespace) == any(
        is_within(one.folder, folder) or is_within(folder, one.folder) or one.folder.rpartition("/")[0] == above
        for one in known
        if meet(one.namespace, namespace)
    )


SERVICE = """apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: PORT}]
"""
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'registry.example.org/web:1.0', ports: [{containerPort: PORT}]}]}
"""


def test_of_a_crowd_of_one_name_a_service_means_the_workload_in_its_folder() -> None:
    files = {
        f"apps/customer{n}/{name}.yaml": text.replace("PORT", str(8000 + n))
        for n in range(crowds.FEW + 4)
        for name, text in (("service", SERVICE), ("deployment", DEPLOYMENT))
    }
    files["apps/customer7/service.yaml"] = SERVICE.replace("PORT", "8008")

    found = [one for one in devopslint.check(files) if one.rule.id == "net-unlisted-target-port"]

    assert [(one.location.path, one.message) for one in found] == [
        (
            "apps/customer7/service.yaml",
            "Service 'web' sends to port 8008, which no container of its pods lists",
        )
    ]
