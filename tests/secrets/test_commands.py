"""Which words of a command are secrets that stand there for everybody."""

from __future__ import annotations

import pytest

from devopslint.readers.shell import read_commands
from devopslint.secrets.commands import secrets_in


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            "npm config set //npm.example.org/:_authToken Kq7madeupPw42Zz91",
            ["npm is given a token of npm in plain text"],
        ),
        ("pnpm config set _auth Kq7madeupPw42Zz91", ["pnpm is given a token of npm in plain text"]),
        ("npm config set //npm.example.org/:_authToken $NPM_TOKEN", []),
        ("npm config set registry https://npm.example.org", []),
    ],
)
def test_a_token_that_npm_is_to_keep(command: str, said: list[str]) -> None:
    assert [found.what for found in secrets_in(list(read_commands(command)))] == said


def test_the_name_of_a_secret_in_secret_manager_is_none() -> None:
    command = "gcloud secrets versions access latest --secret=terraform-prod-4a7Qk-vars"

    assert list(secrets_in(list(read_commands(command)))) == []
    assert len(list(secrets_in(list(read_commands(command.replace("gcloud", "shopctl")))))) == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("amqp://guest:guest@rabbitmq:5672", []),
        ("postgres://shop:k8Jq2xPz7wVn@orders/shop", []),
        ("amqp://guest:guest@queue.example-shop.io:5672", [("the heredoc holds a URL with a password", False)]),
        ("postgres://shop:k8Jq2xPz7wVn@db.shop.io/shop", [("the heredoc holds a URL with a password", True)]),
    ],
)
def test_a_heredoc_with_the_url_of_a_service(url: str, said: list[tuple[str, bool]]) -> None:
    """What is reached by one bare name is started beside the script; words may stand for a secret."""
    commands = read_commands(f"cat > .env << 'EOF'\nREDIS_URL=redis://redis:6379\nURL={url}\nEOF\n")

    assert [(one.what, one.certain) for one in secrets_in(commands)] == said


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("helm template shop --set db.password=test123", 0),
        ("helm lint charts/shop --set db.password=test123", 0),
        ("helm upgrade -i shop charts/shop --set db.password=test123", 1),
        ("helm template shop --set db.password=k8Jq2xPz7wVn4RtY", 1),
    ],
)
def test_a_word_that_a_chart_is_only_rendered_with_is_nobodys_password(command: str, found: int) -> None:
    assert len(list(secrets_in(read_commands(command)))) == found
