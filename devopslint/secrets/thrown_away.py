"""Passwords of servers that a job starts for itself and throws away: whoever reads them there can do nothing with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from devopslint.deferred import compiled
from devopslint.readers.shell_words import Command
from devopslint.secrets.judgement import holds_value, names_secret

SERVERS = compiled(
    r"(?:ARANGO|CASSANDRA|CLICKHOUSE|COUCHDB|DB2INST1|ELASTIC|GF_SECURITY|INFLUXDB|KC_BOOTSTRAP|KEYCLOAK|LDAP|MARIADB|MINIO"
    r"|MONGO(?:DB|_INITDB)?|(?:MS)?SQL|SA|MYSQL|NEO4J|OPENSEARCH|ORACLE|PG(?=PASS)|POSTGRES(?:QL)?|RABBITMQ|REDIS|RUSTFS|VALKEY|VAULT_DEV)"
    r"(?:_|PASS)"
)
"""What the variables begin with that the images of servers take their first password from."""
_RUNNERS = frozenset(("docker", "nerdctl", "podman"))
_STARTING = frozenset(("create", "run"))
_REQUIRED = "--requirepass"
_HERE = compiled(
    r"(?i)(?:[a-z][a-z0-9+.-]{1,20}://(?:[^@/]*@)?)?(?:localhost|127\.[0-9.]+|0\.0\.0\.0|\[?::1\]?|host\.docker\.internal)(?=[:/?#]|\Z)"
)
_PLACES = frozenset("addr address dsn endpoint host hostname hosts server uri url".split())  # noqa: SIM905


def of_servers(commands: Iterable[Command]) -> Iterator[str]:
    """The passwords that servers get which the commands start in containers: `docker run -e POSTGRES_PASSWORD=x`."""
    for command in commands:
        if command.name in _RUNNERS and not _STARTING.isdisjoint(command.texts[:3]):
            yield from _given(command.texts)


def _given(words: Sequence[str]) -> Iterator[str]:
    for index, word in enumerate(words):
        option, _, rest = word.partition("=")
        following = words[index + 1] if index + 1 < len(words) else ""
        if option == _REQUIRED:
            yield rest or following
            continue
        if option in ("-e", "--env"):
            given = rest or following
        elif word.startswith("-e") and "=" in word:
            given = word[2:]
        else:
            continue
        name, _, value = given.partition("=")
        if SERVERS.match(name) and holds_value(value):
            yield value


def beside_this_machine(variables: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The secrets of what listens on the very machine, as the variables beside them say: DB_HOST=localhost."""
    here = {_of(name) for name, value in variables if _HERE.match(value.strip()) and _is_place(name)}
    if not here:
        return
    for name, value in variables:
        if names_secret(name) and _of(name) in here:
            yield value


def is_local(url: str) -> bool:
    """Whether a URL leads to a service that the job itself starts, and throws away."""
    host = url.rpartition("@")[2].lower()
    return host.startswith(("localhost", "127.0.0.1", "[::1]", "0.0.0.0")) or "." not in host.partition("/")[0]


def _is_place(name: str) -> bool:
    return name.lower().replace("-", "_").rpartition("_")[2] in _PLACES


def _of(name: str) -> str:
    """Of whom a variable speaks: MSSQL of MSSQL_PASSWORD; empty where it is the only word."""
    first, behind, _ = name.lower().replace("-", "_").partition("_")
    return first if behind else ""
