"""No report shows what is suspected of being a secret, whatever is selected and wherever it is quoted."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from devopslint.cli import main
from devopslint.reports import FORMATS
from devopslint.secrets.hiding import hide_by_looks

SECRET, REST = "Gr4vel-Kiwi-77", "Qu4rtz-Plum-88"
POD = f"""\
apiVersion: v1
kind: Pod
metadata: {{name: web}}
spec:
  containers:
    - {{name: app, image: "a:latest", env: [{{name: DB_PASSWORD, value: {SECRET}}}]}}
"""
DOCKERFILE = f"""\
FROM debian:12
RUN sudo AWS_SECRET_ACCESS_KEY="{SECRET} \\
{REST}" make
"""
COMPOSE = f"services:\n  db: {{image: postgres, privileged: true, environment: {{POSTGRES_PASSWORD: {SECRET}}}}}\n"
WORKFLOW = f"""\
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - {{uses: "docker/login-action@main", with: {{username: shop, password: {SECRET}}}}}
"""


def printed(folder: Path, path: str, text: str, format: str, *options: str) -> str:
    (folder / ".git").mkdir(exist_ok=True)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)
    return CliRunner().invoke(main, [str(folder), "--no-config", "--no-cache", "--format", format, *options]).stdout


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("path", "text"),
    [("pod.yaml", POD), ("Dockerfile", DOCKERFILE), ("compose.yaml", COMPOSE), (".github/workflows/ci.yml", WORKFLOW)],
)
@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--min-severity", "error"),
        ("--ignore", "k8s-env-secret,docker-run-secret,compose-literal-secret,gha-literal-secret"),
        ("--select", "k8s-latest-tag,docker-sudo,compose-privileged,gha-branch-action"),
    ],
)
def test_a_secret_is_in_no_report(path: str, text: str, options: tuple[str, ...], format: str, tmp_path: Path) -> None:
    report = printed(tmp_path, path, text, format, *options)

    assert path in report  # something is said of the file
    assert SECRET not in report
    assert REST not in report


def test_a_message_that_quotes_a_secret_is_starred(tmp_path: Path) -> None:
    text = f"FROM debian:12\nENV API_TOKEN={SECRET}\nRUN apt-get install {SECRET}\n"

    report = printed(tmp_path, "Dockerfile", text, "concise", "--select", "docker-unpinned-packages,docker-run-cd")

    assert "docker-unpinned-packages" in report
    assert SECRET not in report


LOOKS_SECRET = "Zq1xMade7UpKw1vRt9"


@pytest.mark.parametrize(
    "line",
    [
        "    db.password=@",
        '{"clientSecret": "@", "a": 1}',
        'ENTRYPOINT ["server", "--db-password=@"]',
        "CMD server --token @",
        "url: postgres://app:@@db/x",
        'db_password = "@"',
        "curl -u admin:@ https://example.com",
        "mysqladmin -p@ ping",
        "test: [CMD, redis-cli, -a, @, ping]",
        "sshpass -p @ ssh root@host",
        "    annotations: {token: @}",
    ],
)
def test_what_looks_like_a_secret_is_starred_and_nothing_else(line: str) -> None:
    assert hide_by_looks(line.replace("@", LOOKS_SECRET, 1)) == line.replace("@", "*" * len(LOOKS_SECRET), 1)


@pytest.mark.parametrize(
    "line",
    [
        "password: ${{ secrets.DB_PASSWORD }}",
        "secretKeyRef: {name: db-1, key: password}",
        "image: ghcr.io/example/app@sha256:abcdef0123456789",
        "curl -u $USER:$PASSWORD2 https://example.com",
        "mysql -p$PASSWORD1 -u root",
        "docker run -p 18080:18080 mysql",
        "passwordFile: /run/secrets/db1",
        "password tr0ub4dor3 in a sentence",
        "tokens: 123456",
    ],
)
def test_what_says_no_secret_stays(line: str) -> None:
    assert hide_by_looks(line) == line
