"""What containers are told: environment variables, ConfigMaps, Secrets."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from devopslint.kubernetes.manifests import containers
from devopslint.kubernetes.objects import config_maps, secrets
from devopslint.kubernetes.workloads import Container, Manifest
from devopslint.model import Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check
from devopslint.secrets.judgement import holds_value, is_placeholder, names_no_secret, names_secret, shows_secret

_ASSIGNMENT = re.compile(
    r"""^[ \t]*["']?(?P<name>[A-Za-z_][A-Za-z0-9_.-]{0,60})["']?[ \t]*[:=][ \t]*(?P<value>[^\s][^\r\n]{0,200})""",
    re.MULTILINE,
)
_CODE = re.compile(r"\.(?:go|html?|java|jsx?|lua|md|py|rb|tmpl|tpl|tsx?)\Z")
"""Keys that hold programs and pages, in which `token = x` says nothing."""
_EXPRESSION = re.compile(r"[\s(){}\[\]$|&<>]")
_OBJECT_NAME = re.compile(r"[a-z0-9]+(?:[-./][a-z0-9]+)*\Z")
PUBLIC_SECRET_TYPES = frozenset(("kubernetes.io/service-account-token",))


@check("k8s-env-secret", each=containers)
def env_secret(container: Container) -> Iterator[Problem]:
    for variable in container.env:
        name, value = variable["name"].text, variable["value"]
        kind = shows_secret(value.text)
        if kind:
            yield Problem(value.location, f"variable '{name}' of container '{container.name}' holds {kind}")
        elif names_secret(name) and holds_value(value.text):
            yield Problem(
                value.location, f"variable '{name}' of container '{container.name}' has its secret written out"
            )


@check("k8s-secret-in-environment", each=containers)
def secret_in_environment(container: Container) -> Iterator[Problem]:
    for variable in container.env:
        reference = variable["valueFrom"]["secretKeyRef"]
        if reference.present:
            yield Problem(
                reference.key_location,
                f"variable '{variable['name'].text}' of container '{container.name}' is read from a Secret, not mounted",
            )
    for source in container.node["envFrom"]:
        if source["secretRef"].present:
            yield Problem(
                source["secretRef"].key_location,
                f"container '{container.name}' has a whole Secret in its environment",
            )


@check("k8s-duplicate-variable", each=containers)
def duplicate_variable(container: Container) -> Iterator[Problem]:
    seen: dict[str, Node] = {}
    for variable in container.env:
        name = variable["name"]
        if name.text in seen:
            yield Problem(
                name.location,
                f"variable '{name.text}' of container '{container.name}' is set again",
                (Related(seen[name.text].location, "first set here, without effect"),),
            )
        elif name.text:
            seen[name.text] = name


@check("k8s-configmap-secret", each=config_maps)
def configmap_secret(config_map: Manifest) -> Iterator[Problem]:
    for key, value in config_map.node["data"].items():
        kind = shows_secret(value.text)
        if kind:
            yield Problem(value.location, f"key '{key.text}' of ConfigMap '{config_map.name}' holds {kind}")
        elif names_secret(key.text) and holds_value(value.text) and "\n" not in value.text.strip():
            yield Problem(
                value.location, f"key '{key.text}' of ConfigMap '{config_map.name}' has its secret written out"
            )
        else:
            yield from secrets_in_text(config_map, key, value)


def secrets_in_text(config_map: Manifest, key: Node, value: Node) -> Iterator[Problem]:
    """The assignments of literal secrets in a configuration file that a ConfigMap holds."""
    if _CODE.search(key.text):
        return
    for found in _ASSIGNMENT.finditer(value.text):
        name, literal = found["name"], found["value"].strip().strip("\"',;")
        if names_secret(name) and not is_placeholder(literal) and not is_reference(name, literal):
            at = value.span(found.start("value"), found.end("value"))
            yield Problem(
                at, f"'{name}' in key '{key.text}' of ConfigMap '{config_map.name}' has its secret written out"
            )


def is_reference(name: str, literal: str) -> bool:
    """Whether it is an expression, or the name of an object that holds the secret."""
    return _EXPRESSION.search(literal) is not None or (
        name.lower().endswith(("secret", "credentials")) and _OBJECT_NAME.match(literal) is not None
    )


@check("k8s-committed-secret", each=secrets)
def committed_secret(secret: Manifest) -> Iterator[Problem]:
    if secret.node["type"].text in PUBLIC_SECRET_TYPES:
        return
    for key, value in secret.node["stringData"].items():
        if keeps_secret(key.text, value.text):
            yield Problem(value.location, f"key '{key.text}' of Secret '{secret.name}' has its value written out")
    for key, value in secret.node["data"].items():
        if keeps_secret(key.text, decoded(value.text)):
            yield Problem(value.location, f"key '{key.text}' of Secret '{secret.name}' is only encoded, not encrypted")


def keeps_secret(key: str, value: str) -> bool:
    if shows_secret(value):
        return True
    return not is_placeholder(value) and not names_no_secret(key) and "PRIVATE KEY" not in value


def decoded(text: str) -> str:
    """What base64 text stands for; empty where it is none."""
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
