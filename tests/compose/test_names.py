"""Names that a Compose file uses and does not declare."""

from __future__ import annotations

import pytest

from devopslint import check
from devopslint.model import Severity


@pytest.mark.parametrize(
    ("path", "severity"), [("compose.yaml", Severity.ERROR), ("tests/docker-compose-acceptance.yml", Severity.WARNING)]
)
@pytest.mark.parametrize(
    ("service", "rule"),
    [
        ("networks: [backend]", "compose-undeclared-name"),
        ("depends_on: [queue]", "compose-dangling-service"),
        ("volumes: ['data:/data']", "compose-dangling-volume"),
    ],
)
def test_what_only_a_file_of_another_name_may_declare_is_a_warning(
    path: str, severity: Severity, service: str, rule: str
) -> None:
    text = f"services:\n  api: {{image: 'example/api:1.4', {service}}}\n"

    assert [one.severity for one in check({path: text}, select=[rule])] == [severity]


@pytest.mark.parametrize(
    ("service", "elsewhere", "rule"),
    [
        ("networks: [backend]", "networks: {backend: {}}", "compose-undeclared-name"),
        ("secrets: [key]", "secrets: {key: {environment: KEY}}", "compose-undeclared-name"),
        ("depends_on: [queue]", "services: {queue: {image: 'example/queue:2.1'}}", "compose-dangling-service"),
        ("volumes: ['data:/data']", "volumes: {data: {}}", "compose-dangling-volume"),
    ],
)
def test_what_another_file_of_the_repository_declares_is_a_warning(service: str, elsewhere: str, rule: str) -> None:
    """A program of the project may put files of several folders together."""
    files = {
        "suites/web/compose.yaml": f"services:\n  api: {{image: 'example/api:1.4', {service}}}\n",
        "suites/queue/compose.yaml": f"{elsewhere}\n",
    }

    found = check(files, select=[rule])

    assert [(one.location.path, one.severity) for one in found] == [("suites/web/compose.yaml", Severity.WARNING)]


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("stack.yml", "services:\n  api:\n    image: 'example/api:1.4'\n    privileged: true\n", 1),
        ("deploy/shop-stack.yaml", "version: '3.8'\nservices:\n  api:\n    image: a:1\n    privileged: true\n", 1),
        ("stack.yaml", "resolver: lts-22.0\npackages: [.]\n", 0),
        ("stack.yml", "provider: {name: openfaas}\nfunctions: {a: {image: a, privileged: true}}\n", 0),
    ],
)
def test_what_docker_stack_is_given_is_told_by_what_it_says(path: str, text: str, count: int) -> None:
    assert len(check({path: text}, select=["compose-privileged"])) == count


@pytest.mark.parametrize(("mode", "count"), [("host", 0), ("ingress", 1)])
def test_a_service_that_has_a_port_of_its_node_cannot_start_first(mode: str, count: int) -> None:
    text = (
        "services:\n  api:\n    image: 'example/api:1.4'\n    ports: [{target: 80, published: 80, mode: %s}]\n"
        "    deploy: {update_config: {order: stop-first}}\n"
    )

    assert len(check({"compose.yaml": text % mode}, select=["compose-stop-first-update"])) == count
