"""Secrets among the settings of a stack."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.model import Problem
from devopslint.programs.projects import Setting, program_settings, settings
from devopslint.registry import check
from devopslint.secrets.judgement import holds_value, is_evident, is_placeholder, names_secret, shows_secret


@check("pulumi-written-secret", each=(settings, program_settings))
def written_secret(setting: Setting) -> Iterator[Problem]:
    name = setting.name.rpartition(":")[2]
    kind = shows_secret(setting.text)
    if kind is not None:
        said = f"'{setting.name}' holds {kind} that everyone can read"
        yield Problem(setting.location, said, certain=is_evident(setting.text))
    elif names_secret(name) and holds_value(setting.text) and not is_placeholder(setting.text, name):
        said = f"'{setting.name}' is a secret that everyone can read"
        yield Problem(setting.location, said, certain=is_evident(setting.text))
