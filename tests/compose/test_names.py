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
