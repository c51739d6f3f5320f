"""Secrets in Jenkinsfiles: written out, or put into a command where others see them."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.jenkins.secrets import Assignment, KeptKey, ShellCall, assignments, kept_keys, shell_calls
from devopslint.model import Problem
from devopslint.registry import check
from devopslint.secrets.cloud_keys import CLOUD_VARIABLES, key_logins
from devopslint.secrets.commands import is_written_out, secrets_in
from devopslint.secrets.judgement import is_evident, shows_secret

_CREDENTIALS = compiled(r"(?i)(?:\A|_)(?:credentials?|creds?)\Z")
_ID = compiled(r"[A-Za-z]+(?:[-_](?:[A-Za-z]+|[0-9]{1,4}))+")


@check("jenkins-literal-secret", each=assignments)
def literal_secret(assignment: Assignment) -> Iterator[Problem]:
    if assignment.thrown_away:
        return
    kind = shows_secret(assignment.value)
    if kind is not None:
        said = f"variable '{assignment.name}' holds {kind}"
        yield Problem(assignment.location, said, certain=is_evident(assignment.value))
    elif _CREDENTIALS.search(assignment.name) and _ID.fullmatch(assignment.value):
        return  # by which id the store of Jenkins has them
    elif is_written_out("password" if assignment.password else assignment.name, assignment.value):
        what, _, name = assignment.label.partition(" ")
        said = f"{what} '{name}' holds a secret in plain text"
        yield Problem(assignment.location, said, certain=is_evident(assignment.value))


@check("jenkins-literal-secret", each=shell_calls)
def literal_secret_in_command(call: ShellCall) -> Iterator[Problem]:
    for found in secrets_in(call.written, call.thrown_away):
        yield Problem(call.at(found.word), found.what, certain=found.certain)


@check("jenkins-interpolated-credential", each=shell_calls)
def interpolated_credential(call: ShellCall) -> Iterator[Problem]:
    for name, at in dict(reversed(call.interpolated)).items():
        if name in call.credentials:
            yield Problem(
                at,
                f"Groovy puts the credential '{name}' into the command, where the process list and the log show it",
            )


@check("jenkins-lasting-cloud-key", each=kept_keys)
def lasting_cloud_key(key: KeptKey) -> Iterator[Problem]:
    yield Problem(key.location, f"{CLOUD_VARIABLES[key.name]} is entered with a key that does not expire: '{key.name}'")


@check("jenkins-lasting-cloud-key", each=shell_calls)
def lasting_cloud_key_in_command(call: ShellCall) -> Iterator[Problem]:
    for found in key_logins(call.commands):
        yield Problem(call.location, f"{found.cloud} is entered with a key that does not expire: `{found.shown}`")
