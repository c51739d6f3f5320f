"""Logins to clouds with keys that do not expire, where OpenID Connect would give an hour: what commands show of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from devopslint.deferred import NamedTuple, compiled
from devopslint.readers.shell_words import Command

CLOUD_VARIABLES = {
    "AWS_SECRET_ACCESS_KEY": "AWS",
    "GOOGLE_CREDENTIALS": "Google Cloud",
    "ARM_CLIENT_SECRET": "Azure",
}
"""By the variable that programs read a key from: whose key that is."""
ELSEWHERE = frozenset(("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_SESSION_TOKEN"))
"""Beside one of these an AWS key is another server's, or ends by itself."""
_PLAIN_VARIABLE = compiled(r"\$(?:\w+|\{\w+\})\Z")


class KeyLogin(NamedTuple):
    """A command that enters a cloud with a key."""

    cloud: str
    shown: str
    command: Command


def key_logins(commands: Sequence[Command]) -> Iterator[KeyLogin]:
    """Those of one script. A key of AWS that the script asks for, or that a token comes with, ends by itself."""
    asked = any(_asks_for_a_key(command) for command in commands)
    for command in commands:
        words = command.texts
        if command.name == "gcloud" and "activate-service-account" in words:
            yield KeyLogin("Google Cloud", "gcloud auth activate-service-account", command)
        elif command.name == "az" and words[:1] == ("login",) and "--service-principal" in words:
            if any(word in ("-p", "--password") or word.startswith("--password=") for word in words):
                yield KeyLogin("Azure", "az login --service-principal --password", command)
        elif command.name == "aws" and words[:2] == ("configure", "set") and not asked:
            if words[2:3] == ("aws_secret_access_key",) and _PLAIN_VARIABLE.match(words[-1]):
                yield KeyLogin("AWS", "aws configure set aws_secret_access_key", command)
        elif command.name == "export" and not asked:
            for word in words:
                name, _, value = word.partition("=")
                if name == "AWS_SECRET_ACCESS_KEY" and _PLAIN_VARIABLE.match(value):
                    yield KeyLogin("AWS", f"export {name}", command)


def _asks_for_a_key(command: Command) -> bool:
    words = command.texts
    return (
        (command.name == "aws" and "sts" in words)
        or "aws_session_token" in words
        or any(word.partition("=")[0] in ELSEWHERE for word in words)
        or any(one.name in ELSEWHERE for one in command.assignments)
    )
