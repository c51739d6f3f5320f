"""What a Jenkinsfile puts into variables and commands, where secrets may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import NamedTuple, compiled
from devopslint.jenkins.jenkinsfile import Jenkinsfile
from devopslint.jenkins.reader import Statement, Token
from devopslint.model import Location
from devopslint.readers.shell import read_commands
from devopslint.readers.shell_words import Command, Word
from devopslint.readers.yaml import Source
from devopslint.secrets.cloud_keys import CLOUD_VARIABLES, ELSEWHERE
from devopslint.secrets.thrown_away import beside_this_machine, of_servers

_SHELLS = frozenset(("sh", "bat", "powershell", "pwsh"))
_VARIABLE = compiled(r"(?:password|username|token|keyFile|passphrase|accessKey|secretKey|keystore)?[vV]ariable\Z")
_PUBLIC = compiled(r"(?:username|keyFile|keystore)Variable\Z|file\Z", re.IGNORECASE)
_BINDINGS = frozenset(
    "certificate dockerCert file gitUsernamePassword sshUserPrivateKey string usernameColonPassword usernamePassword zip".split()  # noqa: SIM905
)
_OF_FILES = frozenset(("file", "zip", "dockerCert", "FileBinding", "ZipFileBinding", "DockerServerCredentialsBinding"))
"""Bindings whose variable holds the path of what they have laid out."""
_INTERPOLATED = compiled(r"(?<!\\)\$(?:\{\s*)?(?:env\.)?([A-Za-z_]\w*)")


class Assignment(NamedTuple):
    """A variable of an `environment` block, of withEnv or of a parameter that is given a text."""

    label: str
    name: str
    value: str
    location: Location
    thrown_away: bool = False
    """Whether it is the password of a server that the steps of the file start for themselves."""
    password: bool = False
    """Whether it is said to be one, whatever it is called."""


class Places(NamedTuple):
    """Where the characters of a text stand in its file."""

    source: Source
    first: int | None
    """The place of the first one; None where escapes are in the text."""


class ShellCall(NamedTuple):
    """A step that runs a script which stands in the file."""

    label: str
    program: str
    text: str
    location: Location
    places: Places
    interpolated: tuple[tuple[str, Location], ...]
    """The variables that Groovy, not the shell, puts into the text, and where."""
    credentials: frozenset[str]
    """Those that hold a credential here."""
    thrown_away: frozenset[str] = frozenset()
    """The passwords of servers that the steps of the file start for themselves."""

    @property
    def commands(self) -> list[Command]:
        return self.written if self.program == "sh" else []

    @property
    def written(self) -> list[Command]:
        """Its commands as far as they are words, whatever shell reads them."""
        return list(read_commands(self.text))

    def at(self, word: Word) -> Location:
        """Where a word of a command stands; the whole text, where escapes have moved it."""
        if word.host is not None or self.places.first is None:
            return self.location
        return self.places.source.location(self.places.first + word.start, self.places.first + word.end)


def thrown_away(file: Jenkinsfile) -> frozenset[str]:
    """The passwords of servers that its steps start for themselves."""
    found = [value for call in _calls(file) for value in of_servers(call.commands)]
    found.extend(beside_this_machine([(one.name, one.value) for one in _assignments(file)]))
    return frozenset(filter(None, found))


def assignments(file: Jenkinsfile) -> Iterator[Assignment]:
    """Every variable of every `environment` block that is given a text."""
    known = thrown_away(file)
    return (one._replace(thrown_away=one.value in known) for one in _assignments(file))


def _assignments(file: Jenkinsfile) -> Iterator[Assignment]:
    for block in _all(file.statements):
        if block.name.text == "environment":
            for one in block.body or ():
                values = [token for token in one.tokens if token.kind == "text"]
                marks = [token.text for token in one.tokens if token.kind in ("mark", "name")]
                if len(values) == 1 and marks == ["="]:
                    yield Assignment(
                        f"variable {one.name.text}", one.name.text, values[0].text, file.location(values[0])
                    )
        elif block.name.text == "withEnv":
            for token in block.tokens:
                name, equals, value = token.text.partition("=")
                if token.kind == "text" and equals:
                    yield Assignment(f"variable {name}", name, value, file.location(token))
        elif block.name.text == "parameters":
            for one in block.body or ():
                named, default = one.argument("name"), one.argument("defaultValue")
                if named is not None and default is not None and default.kind == "text":
                    at, asked = file.location(default), one.name.text == "password"
                    yield Assignment(f"parameter {named.text}", named.text, default.text, at, password=asked)


def shell_calls(file: Jenkinsfile) -> Iterator[ShellCall]:
    """Every `sh`, `bat` or `powershell` with a text."""
    known = thrown_away(file)
    return (call._replace(thrown_away=known) for call in _calls(file))


def _calls(file: Jenkinsfile) -> Iterator[ShellCall]:
    pending = [(statement, frozenset(_given(file.statements))) for statement in reversed(file.statements)]
    while pending:
        statement, credentials = pending.pop()
        inside = credentials | frozenset(_bound(statement)) if statement.name.text == "withCredentials" else credentials
        pending.extend((one, inside) for one in reversed(statement.body or ()))
        script = statement.argument("script", "") if statement.name.text in _SHELLS else None
        if script is not None and script.kind == "text":
            quotes = 3 if file.text.startswith(("'''", '"""'), script.start) else 1
            first = script.start + quotes
            plain = file.text.startswith(script.text, first)
            names = (
                tuple(
                    (one[1], file.source.location(*one.span()))
                    for one in _INTERPOLATED.finditer(file.text, script.start, script.end)
                )
                if _is_double(file, script)
                else ()
            )
            yield ShellCall(
                statement.name.text,
                statement.name.text,
                script.text,
                file.location(script),
                Places(file.source, first if plain else None),
                names,
                credentials,
            )


def _all(statements: list[Statement]) -> Iterator[Statement]:
    for statement in statements:
        yield statement
        yield from statement.walk()


def _is_double(file: Jenkinsfile, token: Token) -> bool:
    return file.text[token.start : token.start + 1] == '"'


def _bound(statement: Statement) -> Iterator[str]:
    """The variables of withCredentials that hold something secret; those of files hold paths."""
    tokens = [token for token in statement.tokens if token.kind != "mark" or token.text == ":"]
    binding = ""
    for key, colon, value in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if key.text in _BINDINGS or key.text.endswith("Binding"):
            binding = key.text
        of_file = binding in _OF_FILES and key.text == "variable"
        secret = _VARIABLE.fullmatch(key.text) and not _PUBLIC.match(key.text) and not of_file
        if colon.text == ":" and value.kind == "text" and secret:
            yield value.text


class KeptKey(NamedTuple):
    """A credential of Jenkins that becomes the variable from which programs read a cloud's key."""

    name: str
    location: Location

    @property
    def label(self) -> str:
        return f"variable {self.name}"


def kept_keys(file: Jenkinsfile) -> Iterator[KeptKey]:
    """Of files that give AWS no session and no other address: with these, its key ends by itself or is another's."""
    found = []
    for block in _all(file.statements):
        if block.name.text == "environment":
            for one in block.body or ():
                if any(token.kind == "name" and token.text == "credentials" for token in one.tokens):
                    found.append(KeptKey(one.name.text, file.location(one.name)))
        elif block.name.text == "withCredentials":
            found += [
                KeptKey(token.text, file.location(token))
                for before, token in zip(block.tokens[1:], block.tokens[2:], strict=False)
                if token.kind == "text" and before.text == ":" and token.text in CLOUD_VARIABLES
            ]
    if not any(name in file.text for name in ELSEWHERE):
        yield from (one for one in found if one.name in CLOUD_VARIABLES)


def _given(statements: list[Statement]) -> Iterator[str]:
    """The variables of `environment` blocks that are given credentials."""
    for block in _all(statements):
        if block.name.text == "environment":
            for one in block.body or ():
                if any(token.kind == "name" and token.text == "credentials" for token in one.tokens):
                    yield from (one.name.text, f"{one.name.text}_PSW")
