"""What a Compose file for development or tests allows is a step less severe."""

from __future__ import annotations

import pytest

from devopslint import check
from devopslint.model import Severity


@pytest.mark.parametrize(
    ("path", "severity"),
    [
        ("compose.yaml", Severity.ERROR),
        ("deploy/docker-compose.prod.yml", Severity.ERROR),
        ("docker-compose.dev.yml", Severity.WARNING),
        ("docker-compose.develop.yml", Severity.WARNING),
        (".devcontainer/docker-compose.yml", Severity.WARNING),
        ("tests/compose.yaml", Severity.WARNING),
    ],
)
@pytest.mark.parametrize(
    ("service", "rule"),
    [
        ("volumes: ['/var/run/docker.sock:/var/run/docker.sock']", "compose-container-socket"),
        ("cap_add: [SYS_PTRACE]", "compose-dangerous-capability"),
        ("security_opt: ['seccomp:unconfined']", "compose-unconfined"),
        ("privileged: true", "compose-privileged"),
    ],
)
def test_what_a_service_is_allowed_weighs_less_in_a_file_for_development(
    path: str, severity: Severity, service: str, rule: str
) -> None:
    text = f"services:\n  app: {{image: 'example/app:1.4', {service}}}\n"

    assert [one.severity for one in check({path: text}, select=[rule])] == [severity]


def test_the_socket_of_an_engine_without_root_is_a_warning() -> None:
    text = "services: {proxy: {image: 'example/proxy:3', volumes: ['/run/user/1000/docker.sock:/var/run/docker.sock']}}"

    (found,) = check({"compose.yaml": text}, select=["compose-container-socket"])

    assert found.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("service", "found"),
    [
        ("image: 'flyway/flyway:10', command: -url=jdbc:postgresql://db/app -connectRetries=60 migrate", False),
        ("image: 'example/node:22', entrypoint: npm, command: run install-and-build", False),
        ("image: 'example/node:22', command: npm ci", False),
        ("image: 'example/python:3.13', command: python manage.py migrate --noinput", False),
        ("image: 'example/python:3.13', command: python manage.py migrate && gunicorn app", True),
        ("image: 'example/node:22', command: npm run build, restart: always", True),
        ("image: 'example/node:22', command: npm start", True),
        ("image: 'example/java:25', command: ls /work/target && ls /root/.m2", False),
        ("image: 'example/java:25', command: ./gradlew --no-daemon clean build", False),
        ("image: 'example/java:25', command: ./gradlew bootRun", True),
        ("image: 'example/node:22', command: npm install & node server.js; ls", True),
    ],
)
def test_a_service_whose_command_ends_needs_no_health_check(service: str, found: bool) -> None:
    files = {
        "compose.yaml": f"services:\n  app: {{{service}}}\n  web: {{build: web}}\n",
        "web/Dockerfile": "FROM nginx:1.27\nHEALTHCHECK CMD curl --fail http://localhost/\n",
    }

    assert [one.message for one in check(files, select=["compose-missing-healthcheck"])] == (
        ["service 'app' has no health check"] if found else []
    )


def test_an_image_that_no_registry_is_known_to_have_is_built_and_names_no_version() -> None:
    def found(image: str) -> int:
        text = f"services: {{shop: {{image: {image}}}}}\n"
        return len(check({"compose.yaml": text}, select=["compose-latest-tag"]))

    assert found("shop-runtime") == found("shop_runtime") == 0
    assert found("example/shop-runtime") == 1
    assert found("eclipse-mosquitto") == 1
    assert found("postgres") == 1
