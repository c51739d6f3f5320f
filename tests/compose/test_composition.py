"""Compose files as compose-go joins them: values, documents, override files, `extends` and `include`."""

from __future__ import annotations

import pytest

import devopslint
from devopslint.compose.values import interpolated, mount_of


def said(files: dict[str, str], *rules: str) -> list[str]:
    return [f"{f.location.path}:{f.location.line} {f.message}" for f in devopslint.check(files, select=list(rules))]


@pytest.mark.parametrize(
    ("text", "filled", "known"),
    [
        ("${TAG:-latest}", "latest", True),
        ("${TAG-latest}", "latest", True),
        ("${A:-${B:-0}}:${C:-1}", "0:1", True),
        ("${TAG}", "${TAG}", False),
        ("$TAG", "${TAG}", False),
        ("${TAG:?set it}", "${TAG}", False),
        ("image${TAG:+:$TAG}", "image", True),
        ("$$HOME", "$HOME", True),
        ("5 $ and $1", "5 $ and $1", True),
        ("${OPEN", "${OPEN}", False),
        ("${SET:-other}/$SET", "value/value", True),
        ("${EMPTY:-other}/${EMPTY-other}", "other/", True),
        ("${SET:+yes}", "yes", True),
    ],
)
def test_a_variable_is_its_default_where_nobody_sets_it(text: str, filled: str, known: bool) -> None:
    assert interpolated(text, {"SET": "value", "EMPTY": ""}) == (filled, known)


@pytest.mark.parametrize(
    ("text", "source", "target"),
    [
        ("./data:/data:ro", "./data", "/data"),
        ("/data", "", "/data"),
        (r"C:\data:/data", r"C:\data", "/data"),
        ("data:/data", "data", "/data"),
    ],
)
def test_a_mount_in_its_short_form_has_two_sides(text: str, source: str, target: str) -> None:
    assert mount_of(text) == (source, target)


def test_a_volume_of_an_override_file_replaces_the_one_with_its_target() -> None:
    files = {
        "compose.yaml": "services:\n  a:\n    image: x/a:1\n    volumes: ['/etc:/host']\n",
        "compose.override.yaml": "services:\n  a:\n    volumes: ['./etc:/host', '/proc:/p']\n",
    }

    assert said(files, "compose-host-path") == ["compose.override.yaml:3 service 'a' mounts the host's /proc"]


def test_lists_of_an_override_file_are_added_and_commands_are_replaced() -> None:
    files = {
        "compose.yaml": "services:\n  a:\n    image: x/a:1\n    cap_add: [BPF]\n    healthcheck: {test: [NONE]}\n",
        "compose.override.yml": "services:\n  a:\n    cap_add: [ALL]\n    healthcheck: {test: [CMD, ok]}\n",
    }

    assert said(files, "compose-dangerous-capability", "compose-disabled-healthcheck") == [
        "compose.override.yml:3 service 'a' adds the capability ALL",
        "compose.yaml:4 service 'a' adds the capability BPF",
    ]


def test_a_file_that_nobody_lays_over_is_judged_by_itself() -> None:
    files = {
        "compose.yaml": "services:\n  a:\n    image: x/a:1\n    privileged: true\n",
        "compose.prod.yaml": "services:\n  a:\n    privileged: false\n    user: root\n",
    }

    assert said(files, "compose-privileged", "compose-root-user", "compose-missing-user") == [
        "compose.prod.yaml:4 service 'a' runs as root",
        "compose.yaml:4 service 'a' is privileged",
    ]


def test_a_lone_file_for_production_is_a_whole_one() -> None:
    files = {"docker-compose.prod.yml": "services:\n  a:\n    image: x/a:1\n"}

    assert said(files, "compose-missing-user") == [
        "docker-compose.prod.yml:2 service 'a' names no user: its image decides"
    ]


def test_services_extend_one_another_through_files_whatever_they_are_called() -> None:
    files = {
        "compose.yaml": "services:\n  a:\n    extends: {file: parts/b.yml, service: b}\n    image: x/a:1\n",
        "parts/b.yml": "services:\n  b:\n    extends: {file: c.txt.yml, service: c}\n",
        "parts/c.txt.yml": "services:\n  c:\n    cap_add: [SYS_ADMIN]\n    pid: host\n",
    }

    assert said(files, "compose-dangerous-capability", "compose-host-namespace", "compose-missing-user") == [
        "compose.yaml:2 service 'a' names no user: its image decides",
        "parts/c.txt.yml:3 service 'a' adds the capability SYS_ADMIN",
        "parts/c.txt.yml:4 service 'a' shares the host's process namespace",
    ]


def test_a_service_that_extends_what_is_not_known_is_judged_by_what_it_says() -> None:
    files = {"compose.yaml": "services:\n  a:\n    extends: {file: '${WHERE}', service: b}\n    privileged: y\n"}

    seen = devopslint.check(files, select=["compose-privileged", "compose-missing-user"])

    assert [f.message for f in seen] == ["service 'a' is privileged"]
    assert [gap.reason for gap in seen.not_checked] == ["service a extends one that is not known"]


def test_services_that_extend_one_another_in_a_circle_end() -> None:
    text = "services:\n  a: {extends: b, image: x/a:1}\n  b: {extends: {service: a}, image: x/b:1, privileged: yes}\n"

    assert said({"compose.yaml": text}, "compose-privileged") == [
        "compose.yaml:3 service 'b' is privileged",
    ]


def test_aliases_of_aliases_cost_no_more_than_they_are_written() -> None:
    bomb = "x-0: &b0 {image: x/a:1, privileged: yes}\n" + "".join(
        f"x-{n}: &b{n} {{{', '.join(f'k{m}: *b{n - 1}' for m in range(9))}}}\n" for n in range(1, 30)
    )
    text = f"{bomb}services:\n  a: {{<<: *b0, labels: *b29}}\n---\n{bomb}services:\n  a: {{labels: *b29}}\n"

    assert said({"compose.yaml": text}, "compose-privileged") == ["compose.yaml:1 service 'a' is privileged"]


def test_a_build_context_is_relative_to_the_file_that_names_it() -> None:
    files = {
        "compose.yaml": "services:\n  a:\n    extends: {file: parts/base.yml, service: b}\n",
        "parts/base.yml": "services:\n  b:\n    build: app\n",
        "parts/app/Dockerfile": "FROM debian:12\nCMD ['sh']\n",
    }

    assert said(files, "compose-root-image") == [
        "compose.yaml:2 service 'a' runs as root: neither it nor its Dockerfile says otherwise"
    ]


def test_the_first_value_of_a_key_that_stands_twice_counts_too() -> None:
    text = "services:\n  a:\n    image: x/a:1\n    privileged: true\n    privileged: false\n"

    assert said({"compose.yaml": text}, "compose-privileged") == ["compose.yaml:4 service 'a' is privileged"]


def test_a_service_is_extended_before_an_override_file_changes_its_base() -> None:
    files = {
        "compose.yaml": "services:\n  a: {image: x/a:1, cap_add: [BPF]}\n  b: {extends: a, image: x/b:1}\n",
        "compose.override.yaml": "services:\n  a: {cap_add: !override [ALL]}\n",
    }

    assert said(files, "compose-dangerous-capability") == [
        "compose.override.yaml:2 service 'a' adds the capability ALL",
        "compose.yaml:2 service 'b' adds the capability BPF",
    ]


def test_what_a_service_takes_over_is_told_once_with_those_that_take_it_over() -> None:
    text = """
services:
  base: {image: 'shop:1', privileged: true}
  one: {extends: base}
  two: {extends: {service: one}}
  other: {image: 'shop:1'}
  unfinished: {restart: always}
  whole: {extends: unfinished, image: 'shop:1'}
"""

    found = devopslint.check({"compose.yaml": text}, select=["compose-privileged", "compose-missing-memory-limit"])

    assert [(f.location.line, f.message, [r.location.line for r in f.related]) for f in found] == [
        (3, "service 'base' has no memory limit", [4, 5]),
        (3, "service 'base' is privileged", [4, 5]),
        (6, "service 'other' has no memory limit", []),
        (8, "service 'whole' has no memory limit", []),
    ]


@pytest.mark.parametrize(("beside", "found"), [("extensions/apm/fleet-compose.yml", 0), ("other/fleet-compose.yml", 1)])
def test_what_is_laid_over_a_file_above_may_need_one_beside_it(beside: str, found: int) -> None:
    files = {
        "compose.yaml": "services: {search: {image: 'search:1.0'}}\n",
        "extensions/apm/agent-compose.yml": "services: {apm: {image: 'apm:1.0', depends_on: [search, fleet]}}\n",
        beside: "services: {fleet: {image: 'fleet:1.0'}}\n",
    }

    assert bool(devopslint.check(files, select=["compose-dangling-service"])) == found
