"""Secrets in templates, and names that nothing uses."""

from __future__ import annotations

import json
from collections.abc import Iterator

from devopslint.cloudformation.template import Resource, Template, resources, templates
from devopslint.cloudformation.values import branches
from devopslint.deferred import compiled
from devopslint.model import Problem
from devopslint.readers.yaml import Node
from devopslint.registry import check
from devopslint.secrets.judgement import holds_value, is_placeholder, names_secret, shows_secret

_PASSWORDS = (
    "MasterUserPassword",
    "AuthToken",
    "AdminPassword",
    "OAuthToken",
    "SecretString",
    "UserPassword",
    "Password",
)
_NAMES_KEY = compiled(r"(?i)(?:kms|encryption)[-_]?key\Z")
"""Parameters that name a key of KMS, and do not hold it."""
_NAMES_OTHER = compiled(r"\w*(?:Stack(?:Name)?|Policy)\Z|(?:Allow|Enable|Require|Use|Create|Rotate|Generate)[A-Z]")
"""Parameters that name a stack, or turn something on."""
_SAYS_NAME = compiled(
    r"(?i)\b(?:ssm|systems manager|parameter store|secrets manager)\b[^.;]{0,40}\b(?:arn|name|path)\b"
    r"|\b(?:arn|name|path)\s+(?:of|to|for)\s+(?:(?:an?|the)\s+)?(?:[\w-]+\s+){0,3}(?:parameter|secret)\b"
    r"|\b(?:json )?key\s+(?:to\s+(?:extract|look\s+up|pick|read|select)|(?:in|inside|within)\s+the\s+secret)\b"
)
"""Descriptions of parameters that are given the name of what holds the secret."""
_SWITCHES = frozenset(("true", "false", "yes", "no", "on", "off", "enabled", "disabled", "enable", "disable", ""))
_PUBLIC_KEY = compiled(r"(?i)\bpublic (?:ssh )?key\b")
"""In the description of a parameter, whatever it is called."""
_DYNAMIC = "{{resolve:"


@check("cfn-secret-parameter", each=templates)
def secret_parameter(template: Template) -> Iterator[Problem]:
    for key, parameter in template.parameters.items():
        if (
            not names_secret(key.text)
            or _NAMES_KEY.search(key.text)
            or _NAMES_OTHER.match(key.text)
            or parameter["Type"].text.startswith("AWS::")
            or _SAYS_NAME.search(parameter["Description"].text)
            or _is_switch(parameter)
            or _PUBLIC_KEY.search(parameter["Description"].text)
        ):
            continue  # a parameter of AWS' own types names something that is there: a key pair, a parameter of SSM
        default = parameter["Default"]
        if default.is_scalar and holds_value(default.text) and not is_placeholder(default.text, key.text):
            yield Problem(default.location, f"the default of parameter '{key.text}' is a secret that is written out")
        elif parameter["NoEcho"].text.lower() != "true" and parameter["NoEcho"].tag is None:
            yield Problem(
                key.location, f"parameter '{key.text}' is shown to whoever may look at the stack: NoEcho is not true"
            )


def _is_switch(parameter: Node) -> bool:
    """Whether it only turns something on: `CreateSecret`, which is true or false."""
    allowed = [one.text.lower() for one in parameter["AllowedValues"]]
    return bool(allowed) and _SWITCHES.issuperset(allowed)


@check("cfn-written-secret", each=resources)
def written_secret(resource: Resource) -> Iterator[Problem]:
    for name in _PASSWORDS:
        for node in branches(resource.properties[name]):
            if node.is_scalar and node.tag is None and not node.text.startswith(_DYNAMIC):
                if holds_value(node.text) and not is_placeholder(node.text, name) and not _only_fills(node.text):
                    yield Problem(node.location, f"{name} of {resource.label} is written out")
    for container in resource.properties["ContainerDefinitions"]:
        for pair in container["Environment"]:
            yield from _written_variable(resource, pair["Name"].text, pair["Value"])
    for environment in branches(resource.properties["Environment"]):
        for variables in branches(environment["Variables"]):
            for key, node in variables.items():
                yield from _written_variable(resource, key.text, node)


def _written_variable(resource: Resource, name: str, value: Node) -> Iterator[Problem]:
    for node in branches(value):
        if node.is_scalar and node.tag is None and _is_secret(name, node.text):
            yield Problem(node.location, f"{name} of {resource.label} is written out")


def _only_fills(text: str) -> bool:
    """Whether it is an object all of whose secrets are to be replaced: `{"password": "changeme"}`."""
    try:
        given = json.loads(text) if text.startswith("{") else None
    except (ValueError, RecursionError):
        return False
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        return False
    kept = {name: value for name, value in given.items() if names_secret(name)}
    return bool(kept) and all(not holds_value(value) or is_placeholder(value, name) for name, value in kept.items())


def _is_secret(name: str, text: str) -> bool:
    if text.startswith(_DYNAMIC):
        return False
    return shows_secret(text) is not None or (
        names_secret(name) and holds_value(text) and not is_placeholder(text, name)
    )


@check("cfn-unused-parameter", each=templates)
def unused_parameter(template: Template) -> Iterator[Problem]:
    if template.is_transformed:
        return
    for key in template.names("Parameters"):
        if key.text not in template.used:
            yield Problem(key.location, f"parameter '{key.text}' is asked for, and nothing uses it")


@check("cfn-unused-mapping", each=templates)
def unused_mapping(template: Template) -> Iterator[Problem]:
    if template.is_transformed or template.looks_up_by_value:
        return
    for key in template.names("Mappings"):
        if key.text not in template.used and key.text != "Fn::Transform":
            yield Problem(key.location, f"mapping '{key.text}' is there, and nothing looks into it")


@check("cfn-unused-condition", each=templates)
def unused_condition(template: Template) -> Iterator[Problem]:
    if template.is_transformed:
        return
    for key in template.names("Conditions"):
        if key.text not in template.used:
            yield Problem(key.location, f"condition '{key.text}' is there, and nothing asks for it")
