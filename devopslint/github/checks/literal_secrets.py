"""Secrets that are written out: in commands, variables and inputs."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.github.enabled import live_action_steps, live_steps
from devopslint.github.files import action_environments, environments
from devopslint.github.workflow import Environment, Step
from devopslint.model import Problem
from devopslint.registry import check
from devopslint.secrets.commands import is_written_out, secrets_in
from devopslint.secrets.judgement import is_evident, shows_secret
from devopslint.secrets.thrown_away import is_local

_ELSEWHERE = ("an access token", "a private key")
"""Rules of their own look for these, wherever in the file they stand."""


@check("gha-literal-secret", each=(live_steps, live_action_steps))
def literal_secret(step: Step) -> Iterator[Problem]:
    if step.script is not None:
        for one in secrets_in(list(step.commands), step.file.thrown_away):
            if not any(kind in one.what for kind in _ELSEWHERE):
                at = step.script.span(one.word.start, one.word.end)
                yield Problem(at, one.what, certain=one.certain)
    for name, value in step.arguments.items():
        if not value.is_scalar or value.text in step.file.thrown_away or shows_secret(value.text) in _ELSEWHERE:
            continue
        if step.uses is not None and "cache" in step.uses.action and name.text.endswith("-key"):
            continue  # it names what is kept: `shared-key` of Swatinem/rust-cache
        if is_written_out(name.text, value.text):
            said = f"input '{name.text}' holds a secret in plain text"
            yield Problem(value.location, said, certain=is_evident(value.text))


@check("gha-literal-secret", each=(environments, action_environments))
def literal_variable(environment: Environment) -> Iterator[Problem]:
    for name, value in environment.node.items():
        kind = shows_secret(value.text) if value.is_scalar else None
        if kind in _ELSEWHERE or not value.is_scalar or value.text in environment.owner.thrown_away:
            continue
        if kind is not None and not is_local(value.text):
            yield Problem(value.location, f"variable '{name.text}' holds {kind}", certain=is_evident(value.text))
        elif kind is None and is_written_out(name.text, value.text):
            said = f"variable '{name.text}' holds a secret in plain text"
            yield Problem(value.location, said, certain=is_evident(value.text))
