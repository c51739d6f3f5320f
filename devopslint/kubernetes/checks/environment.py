"""What containers are told: environment variables, ConfigMaps, Secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.kubernetes.manifests import containers
from devopslint.kubernetes.objects import config_maps, secrets
from devopslint.kubernetes.workloads import AS_WRITTEN, Container, Manifest, decoded
from devopslint.model import Problem, Related
from devopslint.readers.folders import is_shown
from devopslint.readers.yaml import Node
from devopslint.registry import check
from devopslint.secrets.judgement import (
    A_URL,
    holds_value,
    is_blank,
    is_evident,
    is_mode,
    is_placeholder,
    is_strong,
    names_no_secret,
    names_object,
    names_secret,
    passwords_in_urls,
    shows_secret,
)

_PLAIN_WORDS = compiled(
    r"(?:[a-z]{2,}[0-9]{0,3}|[a-z]?[0-9]{1,3})(?:[-_., ](?:[a-z]{2,}[0-9]{0,3}|[a-z]?[0-9]{1,3}))*+"
)
"""Small words and numbers in a row: shop-bucket-s3."""
_ASSIGNMENT = compiled(
    r"""^[ \t]*["']?(?P<name>[A-Za-z_][A-Za-z0-9_.-]{0,60})["']?[ \t]*[:=][ \t]*(?P<value>[^\s][^\r\n]{0,200})""",
    re.MULTILINE,
)
_CODE = compiled(r"\.(?:go|html?|java|jsx?|lua|md|py|rb|tmpl|tpl|tsx?)\Z")
"""Keys that hold programs and pages, in which `token = x` says nothing."""
_EXPRESSION = compiled(r"[\s(){}\[\]$|&<>]")
_OBJECT_NAME = compiled(r"[a-z0-9]+(?:[-./][a-z0-9]+)*\Z")
_AUTH_OF_REGISTRY = compiled(
    r"[\"']auths?[\"']\s*:\s*(?:\{[^{}]*\{[^{}]*[\"'](?:auth|password)[\"']\s*:\s*)?[\"'](?P<login>[A-Za-z0-9+/=_-]{8,})"
)
"""A .dockerconfigjson with a login in it."""
_EXAMPLE_LOGINS = {("user", "pass"), ("username", "password"), ("foo", "bar"), ("test", "test")}
_CONFIGURATION = compiled(r"(?i)\.(?:cfg|conf|config|env|ini|json|properties|sh|sql|toml|xml|ya?ml)\Z")
_WORDLIKE = compiled(r"(?:[A-Za-z]+|[0-9]{1,4})(?:[-_./:@](?:[A-Za-z]+|[0-9]{1,5}))*")
"""Words and numbers with marks between: a host, a name, a version, an address."""
_IMAGE = compiled(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::[0-9]+)?(?:/[a-z0-9._-]+)+:[\w.-]+(?:@sha256:[0-9a-f]{64})?")
_STRUCTURED = compiled(r"[ \"{}]")
"""What is in sentences and in JSON: what a generator makes is one word."""
PUBLIC_SECRET_TYPES = frozenset(("kubernetes.io/service-account-token",))


@check("k8s-env-secret", each=containers)
def env_secret(container: Container) -> Iterator[Problem]:
    shown = is_shown(container.node.source.path)
    for variable in container.env:
        name, value = variable["name"].text, variable["value"]
        if shown and is_nobodys(value.text):
            continue
        kind = shows_secret(value.text)
        if kind:
            said = f"variable '{name}' of container '{container.name}' holds {kind}"
            yield Problem(value.location, said, certain=is_certain(value.text, value))
        elif (
            names_secret(name)
            and holds_value(value.text)
            and not is_blank(value.text)
            and not is_mode(name, value.text)
            and not names_object(value.text, name)
        ):
            said = f"variable '{name}' of container '{container.name}' has its secret written out"
            yield Problem(value.location, said, certain=is_certain(value.text, value))


@check("k8s-command-secret", each=containers)
def command_secret(container: Container) -> Iterator[Problem]:
    node = container.node
    given = [[*node["command"].strings(), *node["args"].strings()]]
    given += [handler["exec"]["command"].strings() for handler in container.handlers]
    given = [words for words in given if words]
    if not given:
        return
    from devopslint.secrets.commands import secrets_in_words  # a reader of shells, which most containers need none of

    for words in given:
        for index, found in secrets_in_words([word.text for word in words], f"container '{container.name}'"):
            word, text = words[index], found.word.text
            at = word.text.find(text)
            place = word.span(at, at + len(text)) if at >= 0 and text != word.text else word.location
            yield Problem(place, found.what, certain=found.certain)


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
    shown = is_shown(config_map.node.source.path)
    for key, value in config_map.node["data"].items():
        if shown and "\n" not in value.text.strip() and is_nobodys(value.text):
            continue
        kind = shows_secret(value.text)
        if kind:
            said = f"key '{key.text}' of ConfigMap '{config_map.name}' holds {kind}"
            yield Problem(value.location, said, certain=is_certain(value.text, value))
        elif (
            names_secret(key.text)
            and holds_value(value.text)
            and "\n" not in value.text.strip()
            and not is_blank(value.text)
            and not is_mode(key.text, value.text)
            and not names_object(value.text, key.text)
        ):
            said = f"key '{key.text}' of ConfigMap '{config_map.name}' has its secret written out"
            yield Problem(value.location, said, certain=is_certain(value.text, value))
        else:
            yield from secrets_in_text(config_map, key, value)


def secrets_in_text(config_map: Manifest, key: Node, value: Node) -> Iterator[Problem]:
    """The assignments of literal secrets in a configuration file that a ConfigMap holds."""
    if _CODE.search(key.text):
        return
    shown = is_shown(config_map.node.source.path)
    for found in _ASSIGNMENT.finditer(value.text):
        name, literal = found["name"], found["value"].strip().strip("\"',;")
        if not names_secret(name) or is_placeholder(literal, name) or is_mode(name, literal):
            continue
        if not is_reference(name, literal) and not (shown and is_nobodys(literal)):
            at = value.span(found.start("value"), found.end("value"))
            said = f"'{name}' in key '{key.text}' of ConfigMap '{config_map.name}' has its secret written out"
            yield Problem(at, said, certain=is_certain(literal, value))


def is_reference(name: str, literal: str) -> bool:
    """Whether it is an expression, or the name of an object that holds the secret."""
    return _EXPRESSION.search(literal) is not None or (
        name.lower().endswith(("secret", "credentials")) and _OBJECT_NAME.match(literal) is not None
    )


_GOES_ON = compiled(r"\s*[^\s:=#]+=*\s*")
"""A line of a value that goes on over several: one word, and no assignment."""


@check("k8s-committed-secret", each=secrets)
def committed_secret(secret: Manifest) -> Iterator[Problem]:
    if secret.node["type"].text in PUBLIC_SECRET_TYPES:
        return
    shown = is_shown(secret.node.source.path)
    written = [
        (key, value, value.text, "has its value written out") for key, value in secret.node["stringData"].items()
    ]
    written += [
        (key, value, decoded(value.text), "is only encoded, not encrypted")
        for key, value in secret.node["data"].items()
    ]
    kept = [
        (key, value, text, what)
        for key, value, text, what in written
        if keeps_secret(key.text, text) and not (shown and is_nobodys(text))
    ]
    if kept:
        (key, value, _, what), *others = kept
        related = tuple(Related(one.location, f"key '{name.text}' {how}") for name, one, _, how in others)
        certain = any(is_certain(text, one) for _, one, text, _ in kept)
        yield Problem(value.location, f"key '{key.text}' of Secret '{secret.name}' {what}", related, certain=certain)


def is_certain(text: str, value: Node) -> bool:
    """Whether a text shows of itself that it is a secret, or a line of it does, and it is of no test and no example.

    Those make keys for themselves, which look like any other; what a service has issued is nobody's example.
    """
    if is_shown(value.source.path):
        return shows_secret(text) == "an access token"
    login = _AUTH_OF_REGISTRY.search(text)
    if login is not None:
        return is_evident(decoded(login["login"]).partition(":")[2])
    return is_evident(text) or any(
        names_secret(found["name"]) and is_evident(found["value"].strip().strip("\"',;"))
        for found in _ASSIGNMENT.finditer(text)
    )


def is_example_login(encoded: str) -> bool:
    """Whether a registry's login is one that documentation shows: user:password in base64, or a placeholder."""
    if is_placeholder(encoded):
        return True
    from base64 import b64decode  # most runs see none

    try:
        user, colon, password = b64decode(encoded + "=" * (-len(encoded) % 4)).decode().strip().partition(":")
    except ValueError:
        return False
    return bool(colon) and (is_placeholder(password, "password") or (user, password) in _EXAMPLE_LOGINS)


def keeps_secret(key: str, value: str) -> bool:
    """Whether a value holds a credential: by what it is, by what its key says, or by an assignment in it."""
    login = _AUTH_OF_REGISTRY.search(value)
    if shows_secret(value) or (login is not None and not is_example_login(login["login"])):
        return True
    if login is not None:
        return False
    if is_placeholder(value, key) or names_no_secret(key):
        return False
    if "\n" in value.strip() or _CONFIGURATION.search(key):
        lines = value.strip().splitlines()
        if names_secret(key) and not _CONFIGURATION.search(key) and all(map(_GOES_ON.fullmatch, lines)):
            return True
        return any(
            names_secret(found["name"]) and is_strong(found["value"].strip().strip("\"',;"))
            for found in _ASSIGNMENT.finditer(value)
        )
    return names_secret(key) or is_random(value)


def is_nobodys(value: str) -> bool:
    """Whether a value in a test or an example is made up: words and counted digits, and not what a generator makes."""
    made = is_random(value) and _PLAIN_WORDS.fullmatch(value.strip()) is None
    kind = shows_secret(value)
    if kind == A_URL:
        return all(_PLAIN_WORDS.fullmatch(value[begin:end]) for begin, end in passwords_in_urls(value))
    return not made and not kind and _AUTH_OF_REGISTRY.search(value) is None


def is_random(value: str) -> bool:
    """Whether a value looks made by a generator: long, of letters and digits, without words."""
    value = value.strip()
    return (
        len(value) >= 12
        and _STRUCTURED.search(value) is None
        and any(map(str.isdigit, value))
        and any(map(str.isalpha, value))
        and _WORDLIKE.fullmatch(value) is None
        and _IMAGE.fullmatch(value) is None
    )


@check("k8s-refused-pod", each=containers)
def refused_variable(container: Container) -> Iterator[Problem]:
    for variable in container.node["env"] if container.workload.kind in AS_WRITTEN else ():
        source = variable["valueFrom"]
        if variable["value"].text and source.present:
            name = variable["name"].text
            said = f"variable '{name}' of container '{container.name}' has both a value and a valueFrom"
            yield Problem(source.location, said)
