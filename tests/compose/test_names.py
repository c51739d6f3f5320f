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
