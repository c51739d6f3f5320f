"""A secret that its value shows is an error; words that may stand for one are a warning."""

from __future__ import annotations

import pytest

from devopslint import check
from devopslint.model import Severity

MADE, WORDS = "Vq4-heron-Zt91", "signing-key-of-the-shop-12"

FILES = {
    "Dockerfile": "FROM debian:12\nENV API_TOKEN={}\n",
    "run/Dockerfile": "FROM debian:12\nRUN API_TOKEN={} make\n",
    ".gitlab-ci.yml": "push: {{variables: {{API_TOKEN: {}}}, script: [make]}}\n",
    ".github/workflows/ci.yml": "on: push\njobs: {{push: {{runs-on: x, env: {{API_TOKEN: {}}}, steps: [{{run: make}}]}}}}\n",
    "Jenkinsfile": "pipeline {{ agent any\nenvironment {{ API_TOKEN = '{}' }}\nstages {{ stage('a') {{ steps {{ sh 'make' }} }} }} }}\n",
    "main.tf": 'variable "api_token" {{\n  type = string\n  default = "{}"\n}}\n',
    "terraform.tfvars": 'api_token = "{}"\n',
    "playbook.yml": "- hosts: all\n  vars: {{api_token: {}}}\n  tasks: []\n",
    "prometheus.yml": "scrape_configs: [{{job_name: a, basic_auth: {{username: shop, password: {}}}}}]\n",
}
RULES = [
    "docker-secret-value",
    "docker-run-secret",
    "gitlab-literal-secret",
    "gha-literal-secret",
    "jenkins-literal-secret",
    "tf-secret-default",
    "tf-tfvars-secret",
    "ansible-written-secret",
    "prom-plain-credential",
]


@pytest.mark.parametrize(("value", "severity"), [(MADE, Severity.ERROR), (WORDS, Severity.WARNING)])
@pytest.mark.parametrize("path", FILES)
def test_a_secret_is_as_severe_as_its_value_shows(path: str, value: str, severity: Severity) -> None:
    found = check({path: FILES[path].format(value)}, select=RULES)

    assert [one.severity for one in found] == [severity]


def test_a_rule_that_is_a_note_stays_one() -> None:
    files = {"Dockerfile": FILES["Dockerfile"].format(WORDS)}

    found = check(files, select=["docker-secret-value"], config="rules: {docker-secret-value: note}")

    assert [one.severity for one in found] == [Severity.NOTE]


@pytest.mark.parametrize(("password", "told"), [("shop", False), (MADE, True)])
def test_a_service_of_the_job_is_told_a_word_for_its_password(password: str, told: bool) -> None:
    text = f"test:\n  variables: {{DATABASE_URL: 'postgres://shop:{password}@test-db:5432/shop'}}\n  script: [make]\n"
    command = f"test:\n  script:\n    - atlas lint --dev-url=postgres://shop:{password}@dev-db:5432/test\n"

    for written in (text, command):
        assert bool(check({".gitlab-ci.yml": written}, select=["gitlab-literal-secret"])) == told


@pytest.mark.parametrize(
    ("path", "value", "severity"),
    [
        ("compose.yaml", MADE, Severity.WARNING),
        ("compose.yaml", WORDS, Severity.NOTE),
        ("compose.prod.yaml", WORDS, Severity.WARNING),
    ],
)
def test_a_word_in_a_compose_file_is_a_note_unless_that_is_for_production(
    path: str, value: str, severity: Severity
) -> None:
    text = f"services: {{db: {{image: postgres, environment: {{POSTGRES_PASSWORD: {value}}}}}}}\n"

    assert [one.severity for one in check({path: text}, select=["compose-literal-secret"])] == [severity]


@pytest.mark.parametrize(("action", "told"), [("Swatinem/rust-cache@v2", False), ("example/upload@v2", True)])
def test_the_key_of_a_cache_is_no_secret(action: str, told: bool) -> None:
    step = f"{{uses: '{action}', with: {{shared-key: {WORDS}}}}}"
    text = f"on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps: [{step}]\n"

    assert bool(check({".github/workflows/ci.yml": text}, select=["gha-literal-secret"])) == told
