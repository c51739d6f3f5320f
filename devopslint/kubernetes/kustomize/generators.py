"""ConfigMaps and Secrets that a kustomization makes, and the hash behind their names."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Iterator
from typing import Any

from devopslint.deferred import NamedTuple, compiled
from devopslint.digests import sha256
from devopslint.kubernetes.kustomize.editing import Unbuilt, empty_mapping, named, scalar, with_value
from devopslint.kubernetes.kustomize.resources import Resource
from devopslint.readers.yaml import Mapping, Node, Scalar

_LINE_OF_BASE64 = 70
_KEY = compiled(r"[-._a-zA-Z0-9]+\Z")
_VARIABLE = compiled(r"[-._a-zA-Z][-._a-zA-Z0-9]*\Z")
_LETTERS_OF_HASHES = str.maketrans("013ae", "ghkmt")
Reader = Callable[[Node, str], bytes]
"""From an entry and the path in it to what the file holds; raises Unbuilt."""


class Generated(NamedTuple):
    """What a generator makes, and what becomes of an object of the same name."""

    resource: Resource
    behavior: str


def generated(root: Node, read: Reader) -> Iterator[Generated]:
    """The objects that the generators of a kustomization make."""
    for field, kind in (("secretGenerator", "Secret"), ("configMapGenerator", "ConfigMap")):
        for item in root[field]:
            yield _made(item, kind, root["generatorOptions"], read)


def _made(item: Node, kind: str, everywhere: Node, read: Reader) -> Generated:
    name = item["name"]
    if not name.text:
        raise Unbuilt("a generator has no name", item.location)
    options = item["options"]
    metadata = _mapping(name, "metadata")
    metadata = with_value(metadata, "name", scalar(name, name.text, named(name, "name")))
    if item["namespace"].text:
        at = item["namespace"]
        metadata = with_value(metadata, "namespace", scalar(at, at.text, named(at, "namespace")))
    for field in ("labels", "annotations"):
        pairs = {key.text: (key, value) for node in (everywhere[field], options[field]) for key, value in node.items()}
        if pairs:
            part = _mapping(next(iter(pairs.values()))[1], field)
            for key, value in pairs.values():
                part.add(key, scalar(value, value.text, key))
            metadata = with_value(metadata, field, part)
    root = Mapping(name.source, name.start, None, False)
    root.end, root.key = name.end, None
    object_ = with_value(root, "apiVersion", scalar(name, "v1", named(name, "apiVersion")))
    object_ = with_value(object_, "kind", scalar(name, kind, named(name, "kind")))
    object_ = with_value(object_, "metadata", metadata)
    if kind == "Secret":
        type_ = item["type"]
        at = type_ if type_.text else name
        object_ = with_value(object_, "type", scalar(at, type_.text or "Opaque", named(at, "type")))
    for field, entries in _data(item, kind, read).items():
        at = entries[0][1] if entries else name
        part = _mapping(at, field)
        for key, value in sorted(entries, key=lambda entry: entry[0].text):
            part.add(key, value)
        object_ = with_value(object_, field, part)
    immutable = next((one["immutable"] for one in (options, everywhere) if one["immutable"].value is True), None)
    if isinstance(immutable, Scalar):
        object_ = with_value(object_, "immutable", immutable)
    plain = any(one["disableNameSuffixHash"].value is True for one in (options, everywhere))
    behavior = item["behavior"].text or "create"
    if behavior not in ("create", "merge", "replace"):
        behavior = "create"
    return Generated(Resource(object_, hashed=not plain, origin=name, made=True), behavior)


def _mapping(at: Node, name: str) -> Any:
    return empty_mapping(at, name)


def _data(item: Node, kind: str, read: Reader) -> dict[str, list[tuple[Scalar, Scalar]]]:
    """What goes into `data` and `binaryData`, each value where its entry stands."""
    found: dict[str, list[tuple[Scalar, Scalar]]] = {"data": []} if kind == "Secret" else {}
    seen: set[str] = set()
    for entry, key, value in _entries(item, read):
        if not _KEY.match(key) or key in seen:
            raise Unbuilt(
                f"'{key}' cannot be a key" if key not in seen else f"the key '{key}' stands twice", entry.location
            )
        seen.add(key)
        field, text = "data", ""
        if kind == "Secret":
            text = base64_lines(value)
        else:
            try:
                text = value.decode("utf-8")
            except UnicodeDecodeError:
                field, text = "binaryData", base64_lines(value)
        place = named(entry, key)
        found.setdefault(field, []).append((place, scalar(entry, text, place)))
    return found


def _entries(item: Node, read: Reader) -> Iterator[tuple[Node, str, bytes]]:
    for entry in (*item["envs"].strings(), *item["env"].strings()):
        for key, value in _variables(entry, read(entry, entry.text)):
            yield entry, key, value
    for entry in item["literals"].strings():
        key, equals, text = entry.text.partition("=")
        if not key or not equals:
            raise Unbuilt(f"'{entry.text}' is no literal", entry.location)
        yield entry, key, _unquoted(text).encode("utf-8", "surrogatepass")
    for entry in item["files"].strings():
        key, equals, path = entry.text.partition("=")
        if "=" in path or (equals and not (key and path)):
            raise Unbuilt(f"'{entry.text}' names no file", entry.location)
        path = path if equals else key
        yield entry, key if equals else posixpath.basename(path), read(entry, path)


def _variables(entry: Node, text: bytes) -> Iterator[tuple[str, bytes]]:
    for number, line in enumerate(text.split(b"\n")):
        line = line.removesuffix(b"\r")
        line = (line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line).lstrip(b" \t\v\f\r\x85\xa0")
        if not line or line.startswith(b"#"):
            continue
        key, _, value = line.partition(b"=")
        name = key.decode("utf-8", "replace")
        if not _VARIABLE.match(name):
            raise Unbuilt(f"'{name}' in {entry.text} is no name of a variable", entry.location)
        yield name, value


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def base64_lines(value: bytes) -> str:
    """Base64 as kustomize writes it: a long one on several lines."""
    from base64 import b64encode  # most builds make no Secret

    text = b64encode(value).decode("ascii")
    if len(text) < _LINE_OF_BASE64:
        return text
    return "".join(f"{text[at : at + _LINE_OF_BASE64]}\n" for at in range(0, len(text), _LINE_OF_BASE64))


def hash_of(resource: Resource) -> str:
    """What kustomize puts behind the name of a ConfigMap or a Secret, so that pods see a new one."""
    node = resource.node
    # kustomize looks for a field that is called `metadata/name`, and finds none: the name is no part of the hash.
    said: dict[str, Any] = {"kind": resource.kind, "name": "", "data": _plain(node["data"], "")}
    if resource.kind == "Secret":
        said["type"] = node["type"].text
    other = "stringData" if resource.kind == "Secret" else "binaryData"
    if node[other].is_mapping:
        said[other] = _plain(node[other], None)
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:10].translate(_LETTERS_OF_HASHES)


def _plain(node: Node, absent: Any) -> Any:
    return {key.text: value.text for key, value in node.items()} if node.is_mapping else absent
