"""What an adversary multiplies stays bounded: findings on one line, the length of a message, the width of a frame."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import devopslint
from devopslint.catalogue import catalogue
from devopslint.engine import LONGEST_MESSAGE, MOST_IN_A_FILE, MOST_ON_A_LINE, MOST_RELATED, check_texts, finished
from devopslint.model import Finding, Location, Related
from devopslint.reports.frames import frames
from tests.work import lines_run

PROJECT = Path(__file__).parent.parent


def test_what_a_rule_says_of_one_line_is_counted_beyond_some() -> None:
    keys = ", ".join(f"{{name: a{number}, image: 'b:latest'}}" for number in range(MOST_ON_A_LINE + 30))
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{keys}]}}\n"

    found = devopslint.check({"pod.yaml": pod}, select="k8s-latest-tag")

    assert len(found) == MOST_ON_A_LINE + 1
    assert found[-1].message == "and 30 more findings of this rule on this line"
    assert len({one.fingerprint for one in found}) == len(found)


def test_findings_on_several_lines_are_told_one_by_one() -> None:
    keys = ",\n".join(f"{{name: a{number}, image: 'b:latest'}}" for number in range(MOST_ON_A_LINE + 30))
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{keys}]}}\n"

    assert len(devopslint.check({"pod.yaml": pod}, select="k8s-latest-tag")) == MOST_ON_A_LINE + 30


def test_a_message_is_no_longer_than_somebody_reads() -> None:
    name = "long" * LONGEST_MESSAGE
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{{name: {name}, image: 'b:latest'}}]}}\n"

    (found,) = devopslint.check({"pod.yaml": pod}, select="k8s-root-container")

    assert len(found.message) == LONGEST_MESSAGE + 1
    assert found.message.startswith("container 'longlong") and found.message.endswith("long' may run as root")


def test_a_frame_of_a_long_line_shows_what_is_around_the_region() -> None:
    line = "ab" * 50_000 + "HERE" + "cd" * 50_000

    (frame,) = frames([line], Location("a", 1, 100_001, 1, 100_005))

    assert frame.code.startswith("…") and frame.code.endswith("…")
    assert "abHEREcd" in frame.code
    assert frame.code[len(frame.indent) :].startswith("HERE")
    assert frame.carets == "^^^^"


def test_places_beyond_those_that_are_shown_are_counted() -> None:
    at = Location("a.yaml", 1, 1, 1, 2)
    rule = catalogue()["k8s-latest-tag"].rule
    places = tuple(Related(at, f"here, {number}") for number in range(MOST_RELATED + 7))

    (told,) = finished([Finding(rule, rule.severity, at, "said", places)])

    assert told.message == "said (and 7 more places)"
    assert len(told.related) == MOST_RELATED


def growth() -> ModuleType:
    """benchmarks/growth.py, whose inputs are hostile ones."""
    specification = importlib.util.spec_from_file_location("growth", PROJECT / "benchmarks" / "growth.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


GENERATORS = growth().GENERATORS
DEEP = 400
"""Too long for a recursion of three calls a step."""


@pytest.mark.parametrize("name", [name for name in GENERATORS if "chain" in name or name.endswith("across-files")])
def test_a_long_chain_breaks_no_rule(name: str) -> None:
    settled = check_texts(GENERATORS[name](DEEP), growth().EVERY)

    assert settled.failures == ()


def test_includes_beyond_what_gitlab_takes_are_listed() -> None:
    result = devopslint.check(GENERATORS["gitlab-include-chain"](200))

    assert [(gap.path, gap.line, gap.reason) for gap in result.not_checked] == [
        (
            ".gitlab-ci.yml",
            1,
            "the pipeline includes more than 150 files, as many as GitLab takes: the others are not read",
        )
    ]


def test_compose_files_beyond_what_is_read_are_listed() -> None:
    result = devopslint.check(GENERATORS["compose-include-chain"](201))

    assert [(gap.path, gap.reason) for gap in result.not_checked] == [
        ("c0/compose.yaml", "includes more than 200 files, one by another: what is in the others is not known")
    ]


def test_a_service_is_known_however_many_files_it_extends_through() -> None:
    files = GENERATORS["compose-extends-across-files"](DEEP)
    files[f"c{DEEP}/compose.yaml"] = "services: {a: {image: 'x:1', privileged: true}}\n"

    found = devopslint.check(files, select="compose-privileged")

    assert f"c{DEEP}/compose.yaml" in {one.location.path for one in found}


def test_what_a_rule_says_of_one_file_is_counted_beyond_what_anybody_reads() -> None:
    locals_ = "".join(f"  v{number} = {number}\n" for number in range(MOST_IN_A_FILE + 30))

    found = devopslint.check({"main.tf": f"locals {{\n{locals_}}}\n"}, select="tf-unused-local")

    assert [one.location.line for one in found] == [*range(2, MOST_IN_A_FILE + 3)]
    assert found[-2].message == f"local 'v{MOST_IN_A_FILE - 1}' is set, and nothing uses it"
    assert found[-1].message == "and 30 more findings of this rule in this file"


def test_one_finding_beyond_the_bound_is_told_as_it_is() -> None:
    keys = ",\n".join(f"{{name: a{number}, image: 'b:latest'}}" for number in range(MOST_IN_A_FILE + 1))
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{keys}]}}\n"

    found = devopslint.check({"pod.yaml": pod}, select="k8s-latest-tag")

    assert len(found) == MOST_IN_A_FILE + 1
    assert len({one.message.replace(f"a{number}", "") for number, one in enumerate(found)}) == 1


def test_what_many_calls_of_a_module_say_of_one_place_is_one_finding() -> None:
    module = 'resource "aws_s3_bucket" "a" {\n  acl = "public-read"\n}\n'
    calls = "".join(f'module "m{number}" {{\n  source = "./m"\n}}\n' for number in range(MOST_IN_A_FILE + 30))

    (found,) = devopslint.check({"main.tf": calls, "m/main.tf": module}, select="tf-public-bucket")

    assert found.location.path == "m/main.tf"


def test_secrets_beyond_the_bound_are_shown_nowhere() -> None:
    values = "".join(f'password_{number} = "hR7kq9Zt{number:05}"\n' for number in range(MOST_IN_A_FILE + 30))

    settled = check_texts({"a.tfvars": values, "main.tf": 'variable "a" {}\n'}, growth().EVERY)

    assert {at.line for at in settled.hidden if at.path == "a.tfvars"} == {*range(1, MOST_IN_A_FILE + 31)}


def _jobs(count: int) -> str:
    jobs = "".join(f"  j{n}: {{runs-on: x, needs: j{n - 1}, steps: [{{run: make}}]}}\n" for n in range(1, count))
    return f"on: push\njobs:\n  j0: {{runs-on: x, steps: [{{run: make}}]}}\n{jobs}"


def _routes(count: int) -> str:
    head = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: shop}\nspec:\n  hosts: [shop]\n  http:\n"
    route = "    - {{match: [{{uri: {{prefix: /a{0}}}}}], route: [{{destination: {{host: shop}}}}]}}\n"
    return head + "".join(map(route.format, range(count)))


@pytest.mark.parametrize(
    ("path", "few", "text"),
    [
        ("Dockerfile", 200, lambda count: "FROM debian:12\n" + "RUN make\n" * count),
        (".github/workflows/ci.yml", 800, _jobs),
        ("shop.yaml", 100, _routes),
    ],
)
def test_the_work_over_a_file_grows_with_its_steps_jobs_and_routes(
    path: str, few: int, text: Callable[[int], str]
) -> None:
    def work(count: int) -> int:
        return lines_run(lambda: devopslint.check({path: text(count)}))

    work(2)  # what is only made once

    assert work(2 * few) < 2.5 * work(few)
