"""The configuration of Prometheus and Alertmanager: which keys there are, what each takes, what cannot stand together.

The keys are read from the programs' own sources (facts/monitoring_configuration.json); what they check beyond those is told here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from devopslint.deferred import NamedTuple, compiled
from devopslint.facts import table
from devopslint.model import Location
from devopslint.monitoring.durations import DurationError, seconds_of
from devopslint.monitoring.re2 import fault_when_anchored
from devopslint.readers.yaml import Mapping as YamlMapping
from devopslint.readers.yaml import Node, Scalar
from devopslint.secrets.judgement import is_placeholder

_UNKNOWN = compiled(
    r"\$\{|\{\{|\$\(|<%|%\(|\{%|\A(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|@\w+@|__\w+__|<[^<>]+>|\(\([\w.-]+\)\))\Z"
)
"""Of values that something, or somebody, writes before the program reads them."""
_BYTES = compiled(r"(?:[0-9]*(?:\.[0-9]*)?[A-Za-z])+\Z")
_BYTE_UNITS = compiled(r"(?:[KMGTPE]i?)?B?\Z", re.IGNORECASE)
_BOOLEANS = frozenset("y yes no n true false on off".split())  # noqa: SIM905  # words read better than quotes
_WHOLE = compiled(r"[-+]?(?:[0-9][0-9_]*|0x[0-9a-fA-F_]+|0o?[0-7_]+|0b[01_]+)\Z")
_PLACEHOLDERS = frozenset(("<secret>", "changeme", "xxx", "todo", "example"))
_ESCAPE = compiled(r"%(?![0-9A-Fa-f]{2})")


class Complaint(NamedTuple):
    """What a program refuses."""

    location: Location
    message: str
    kind: str = "configuration"
    """What sort of fault it is: some have a rule of their own."""


Validator = Callable[[Node], Iterator[Complaint]]


def open_value(node: Node) -> bool:
    """Whether it is written by something that is not known here."""
    if isinstance(node, YamlMapping):  # `{interval}`, which a program replaces, is a key without a value to YAML
        return node.flow and len(node.entries) == 1 and all(_is_name(key, value) for key, value in node.items())
    return node.is_scalar and _UNKNOWN.search(node.text) is not None


def _is_name(key: Scalar, value: Node) -> bool:
    return not value.present and key.style is None and key.text.isidentifier()


class Configuration:
    """One program's configuration in one file."""

    def __init__(self, program: str, validators: Mapping[str, Validator]) -> None:
        self._fields: Mapping[str, Mapping[str, str]] = table("monitoring_configuration")[program]
        self._validators = validators

    def complaints(self, node: Node, part: str = "config.Config") -> Iterator[Complaint]:
        yield from self._holds(node, part, "the file")

    def _holds(self, node: Node, wanted: str, said: str) -> Iterator[Complaint]:
        first, _, rest = wanted.partition(" ")
        if first == "list":
            if node.is_sequence:
                for one in node:
                    yield from self._holds(one, rest, said)
            elif node.present and not open_value(node):
                yield Complaint(_at(node), f"{said} is no list", "type")
        elif first == "map":
            if node.is_mapping:
                for key, value in node.items():
                    yield from self._holds(value, rest, f"'{key.text}'")
            elif node.present and not open_value(node):
                yield Complaint(_at(node), f"{said} is no mapping", "type")
        elif first in self._fields:
            yield from self._part(node, first, said)
        elif first != "any":
            yield from _scalar(node, first, said)

    def _part(self, node: Node, part: str, said: str) -> Iterator[Complaint]:
        if not node.is_mapping:
            if node.present and not open_value(node):
                yield Complaint(_at(node), f"{said} is no mapping", "type")
            return
        fields = self._fields[part]
        for key, value in node.items():
            if key.tag == "tag:yaml.org,2002:binary":
                yield Complaint(key.location, "a key is binary")
            elif key.text not in fields:
                if not _UNKNOWN.search(key.text):
                    near = _nearest(key.text, fields)
                    yield Complaint(key.location, f"'{key.text}' is no key that is known here{near}", "unknown")
            else:
                yield from self._holds(value, fields[key.text], f"'{key.text}'")
        if part in self._validators:
            yield from self._validators[part](node)


def _nearest(word: str, known: Mapping[str, str]) -> str:
    from difflib import get_close_matches  # only where something is wrong

    near = get_close_matches(word, sorted(known), 1, 0.75)
    return f": '{near[0]}' is" if near else ""


def _at(node: Node) -> Location:
    return node.location


def _scalar(node: Node, wanted: str, said: str) -> Iterator[Complaint]:
    if not node.exists or open_value(node) or node.source.text.startswith("{{", node.start):
        return  # {{ .url }} is what a program for templates puts there
    if not isinstance(node, Scalar):
        yield Complaint(_at(node), f"{said} holds more than one value", "type")
        return
    if node.tag == "tag:yaml.org,2002:binary":
        yield Complaint(_at(node), f"{said} is binary")
        return
    text = node.text
    plain = node.style is None
    if plain and text in ("", "~", "null", "Null", "NULL"):
        return
    why = _refused(text, plain, wanted)
    if why:
        kind = "type" if wanted in ("bool", "int", "uint", "number") else "configuration"
        yield Complaint(_at(node), f"{said} {why}", kind)


def _refused(text: str, plain: bool, wanted: str) -> str:
    """Why a text does not do; empty where it does."""
    if wanted == "bool":
        return "" if text.lower() in _BOOLEANS and plain else f"is no truth value: '{text}'"
    if wanted in ("int", "uint"):
        if not _WHOLE.match(text) or not plain:
            return f"is no whole number: '{text}'"
        return f"is negative: {text}" if wanted == "uint" and text.startswith("-") else ""
    if wanted == "number":
        try:
            float(text.replace("_", "").lstrip("+").replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:
            return f"is no number: '{text}'"
        return ""
    if wanted == "duration":
        try:
            seconds_of(text)
        except DurationError as error:
            return f"'{text}' {error}"
        return ""
    if wanted == "regex":
        found = fault_when_anchored(text)
        return f"is refused as a regular expression: {found[1]}" if found is not None else ""
    if wanted == "bytes":
        if text == "0":
            return ""
        units = re.split(r"[0-9.]+", text)[1:]
        good = _BYTES.match(text) is not None and all(_BYTE_UNITS.match(unit) and unit for unit in units)
        return "" if good else f"'{text}' is no size like 10MB"
    if wanted in ("url", "address"):
        return url_refused(text, wanted == "address")
    return ""


def url_refused(text: str, absolute: bool) -> str:
    """Why Go takes a text for no URL; empty where it does. An absolute one has http or https, and a host."""
    if absolute and (text.startswith("<secret>") or re.fullmatch(r"\$(?:\w+|\{\w+\})", text)):
        return ""  # a script puts the address in
    before, colon, _ = text.partition(":")
    if colon and not before:
        return f"'{text}' is no URL: it has no scheme before its ':'"
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        return "is no URL: it holds a control character"
    if colon and "/" not in before and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*\Z", before):
        return f"'{text}' is no URL: '{before}' is no scheme"
    if _ESCAPE.search(text.partition("?")[0]):
        return f"'{text}' is no URL: '%' is followed by no number"
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        return f"'{text}' is no URL: {str(error).lower()}"
    if " " in parts.netloc:
        return f"'{text}' is no URL: its host holds a space"
    if absolute and parts.scheme not in ("http", "https"):
        return f"'{text}' is no URL of http or https"
    if absolute and not parts.netloc:
        return f"'{text}' is no URL: it names no host"
    return ""


def given(node: Node, key: str) -> bool:
    """Whether something other than nothing is written there."""
    value = node[key]
    return bool(value.text) or value.is_mapping or (value.is_sequence and len(value) > 0)


def exclusive(node: Node, *keys: str) -> Iterator[Complaint]:
    """A complaint where more than one of these keys is given."""
    found = [key for key in keys if given(node, key)]
    if len(found) > 1:
        at = node[found[1]].key_location
        yield Complaint(at, f"'{found[1]}' stands beside '{found[0]}': only one of them may")


def required(node: Node, *keys: str) -> Iterator[Complaint]:
    """A complaint for each of these keys that is not given."""
    for key in keys:
        if not given(node, key):
            yield Complaint(node[key].location, f"'{key}' is missing")


def one_of(node: Node, *keys: str) -> Iterator[Complaint]:
    """A complaint where none of these keys is given, or more than one."""
    if not any(given(node, key) for key in keys):
        said = " or ".join(f"'{key}'" for key in keys)
        yield Complaint(node[keys[0]].location, f"{said} is missing")
    yield from exclusive(node, *keys)


def among(node: Node, key: str, *words: str, default: str | None = None) -> Iterator[Complaint]:
    """A complaint where the value is none of these words; without a default it has to be there."""
    value = node[key]
    if open_value(value) or value.text in words or (not value.text and default is not None):
        return
    if not value.text:
        yield Complaint(value.location, f"'{key}' is missing: it is one of {', '.join(words)}")
    else:
        yield Complaint(value.location, f"'{key}' is none of {', '.join(words)}: '{value.text}'")


def http_client(node: Node) -> Iterator[Complaint]:
    """What every client of HTTP checks of its credentials, TLS and proxy."""
    yield from exclusive(node, "bearer_token", "bearer_token_file")
    bearer = next((key for key in ("bearer_token", "bearer_token_file") if given(node, key)), None)
    ways = [key for key in ("basic_auth", "authorization", "oauth2") if node[key].present]
    if bearer is not None:
        ways.append(bearer)
    if len(ways) > 1:
        yield Complaint(node[ways[1]].key_location, f"'{ways[1]}' stands beside '{ways[0]}': only one of them may")
    if given(node, "proxy_url"):
        if node["proxy_from_environment"].value is True:
            yield from exclusive(node, "proxy_from_environment", "proxy_url")
    elif node["proxy_from_environment"].value is True:
        if given(node, "no_proxy"):
            yield from exclusive(node, "proxy_from_environment", "no_proxy")
    else:
        for key in ("no_proxy", "proxy_connect_header"):
            if given(node, key):
                yield Complaint(node[key].key_location, f"'{key}' stands without 'proxy_url'")


def basic_auth(node: Node) -> Iterator[Complaint]:
    yield from exclusive(node, "username", "username_file", "username_ref")
    yield from exclusive(node, "password", "password_file", "password_ref")


def authorization(node: Node) -> Iterator[Complaint]:
    yield from exclusive(node, "credentials", "credentials_file", "credentials_ref")
    if node["type"].text.strip().lower() == "basic":
        yield Complaint(node["type"].location, "'type' cannot be basic: that is 'basic_auth'")


def oauth2(node: Node) -> Iterator[Complaint]:
    yield from required(node, "client_id", "token_url")
    if node["grant_type"].text != "urn:ietf:params:oauth:grant-type:jwt-bearer":
        yield from exclusive(node, "client_secret", "client_secret_file", "client_secret_ref")
    else:
        yield from exclusive(
            node, "client_certificate_key", "client_certificate_key_file", "client_certificate_key_ref"
        )
        yield from among(node, "signature_algorithm", "RS256", "RS384", "RS512", default="")


def tls(node: Node) -> Iterator[Complaint]:
    for name in ("ca", "cert", "key"):
        yield from exclusive(node, name, f"{name}_file", f"{name}_ref")
    certificate, key = (any(given(node, f"{name}{end}") for end in ("", "_file", "_ref")) for name in ("cert", "key"))
    if certificate != key:
        written, lacking = ("cert", "key") if certificate else ("key", "cert")
        at = next(node[f"{written}{end}"] for end in ("", "_file", "_ref") if given(node, f"{written}{end}"))
        yield Complaint(at.key_location, f"'{at.key.text if at.key else written}' stands without '{lacking}_file'")
    for bound in ("min_version", "max_version"):
        yield from among(node, bound, "TLS10", "TLS11", "TLS12", "TLS13", default="")


def literal(value: Node) -> bool:
    """Whether a secret itself is written, and not a place where it will stand."""
    text = value.text.strip()
    if not value.is_scalar or not text or "$" in text or "{{" in text or re.search(r"<[^>]+>", text):
        return False
    if "://" not in text and is_placeholder(text):
        return False
    # A part of the address that a script puts in, or that asks for it.
    if re.search(
        r"/[A-Z]+(?:_[A-Z]+)+/?\Z|/(?i:your|my|example|x{3,}|path|webhook|replace|change|insert|dummy|fake|placeholder|todo)(?=[/_-]|\Z)",
        text,
    ):
        return False
    return text.lower() not in _PLACEHOLDERS and not set(text.lower()) <= set("x*.")


CLIENT: dict[str, Validator] = {
    "config.BasicAuth": basic_auth,
    "config.Authorization": authorization,
    "config.OAuth2": oauth2,
    "config.TLSConfig": tls,
}
