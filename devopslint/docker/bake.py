"""The files of docker buildx bake: which Dockerfiles they build, and what they give them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from devopslint.deferred import NamedTuple, compiled
from devopslint.images.builds import image_build
from devopslint.images.summaries import GivenContext, ImageBuild
from devopslint.readers.text_file import TextFile
from devopslint.readers.yaml import Node, read_yaml

_TOKEN = compiled(r'"(?:[^"\\\n]|\\.)*"|(?:#|//)[^\n]*|/\*.*?\*/|[{}]', re.DOTALL)
"""What a brace may stand in, and braces."""
_TARGET = compiled(r'(?m)^[ \t]*target[ \t]+"(?P<name>[^"\n]+)"[ \t]*\{')
_ATTRIBUTE = compiled(
    r'(?m)^[ \t]*"?(?P<name>contexts?|dockerfile|target|tags|args|inherits)"?[ \t]*=[ \t]*(?P<value>[^\n]*)'
)
_PAIR = compiled(r'"?(?P<name>[A-Za-z_]\w*)"?[ \t]*[=:][ \t]*(?P<value>"(?:[^"\\\n]|\\.)*"|[^,\n}]+)')
_NAMED = compiled(r'"?(?P<name>[A-Za-z_][\w./:-]*)"?[ \t]*[=:][ \t]*"')
_TEXT = compiled(r'"((?:[^"\\\n]|\\.)*)"')
_DEEPEST = 10
"""Targets that inherit from each other."""
LONGEST = 100_000
"""Characters of a file that is read."""


class Target(NamedTuple):
    """A target as it is written."""

    texts: dict[str, str]
    """context, dockerfile and target."""
    tags: list[str]
    arguments: dict[str, str]
    inherits: list[str]
    inline: bool
    contexts: list[str]
    """The names that it gives to folders, images and other targets."""


class BakeFile(TextFile):
    """A docker-bake.hcl, or one in JSON. It is read for what it builds; nothing in it is judged."""

    kinds: ClassVar[tuple[str, ...]] = ("bake",)
    judged: ClassVar[bool] = False

    def summaries(self) -> Iterable[object]:
        if len(self.text) > LONGEST:
            return ()
        return tuple(bake_builds(self.path, self.text))


def bake_builds(path: str, text: str) -> Iterator[ImageBuild | GivenContext]:
    """What is built of the targets that no other one only takes over from, and what they call what they are given."""
    targets = dict(_of_json(path, text) if path.endswith(".json") else _of_hcl(text))
    parents = {name for target in targets.values() for name in target.inherits}
    folder = posixpath.dirname(path)
    named = dict.fromkeys(name for target in targets.values() for name in target.contexts)
    yield from (GivenContext(name, path) for name in named)
    for name, target in targets.items():
        if name in parents or target.inline:
            continue
        texts: dict[str, str] = {}
        arguments: dict[str, str] = {}
        for one in reversed(_with_parents(target, targets, 0)):
            texts.update(one.texts)
            arguments.update(one.arguments)
        context = posixpath.join(folder, texts.get("context") or ".")
        dockerfile = posixpath.join(context, texts.get("dockerfile") or "Dockerfile")
        given = [f"{key}={value}" for key, value in arguments.items()]
        build = image_build(context, dockerfile, target.tags, texts.get("target", ""), (), given)
        yield build._replace(path=path)


def _with_parents(target: Target, targets: dict[str, Target], depth: int) -> list[Target]:
    """A target and those that it takes over from, the nearest first."""
    found = [target]
    for name in reversed(target.inherits) if depth < _DEEPEST else ():
        if name in targets:
            found += _with_parents(targets[name], targets, depth + 1)
    return found


def _of_hcl(text: str) -> Iterator[tuple[str, Target]]:
    for found in _TARGET.finditer(text):
        body = text[found.end() : _closing(text, found.end())]
        attributes: dict[str, str] = {}
        for one in _ATTRIBUTE.finditer(body):
            value = one["value"]
            if value.startswith(("{", "[")):
                value = body[one.start("value") : _end(body, one.start("value"))]
            attributes.setdefault(one["name"], value)
        plain = {
            name: _plain(value) for name, value in attributes.items() if name in ("context", "dockerfile", "target")
        }
        pairs = {one["name"]: _plain(one["value"]) for one in _PAIR.finditer(attributes.get("args", ""))}
        tags, inherits = (_TEXT.findall(attributes.get(name, "")) for name in ("tags", "inherits"))
        contexts = [one["name"] for one in _NAMED.finditer(attributes.get("contexts", ""))]
        yield found["name"], Target(plain, tags, pairs, inherits, "dockerfile-inline" in body, contexts)


def _plain(value: str) -> str:
    """A text without its quotes; anything else is known when it is built."""
    found = _TEXT.match(value.strip())
    return found[1] if found is not None else "${…}"


def _closing(text: str, at: int) -> int:
    """Where the brace that was opened before `at` closes."""
    depth = 1
    for found in _TOKEN.finditer(text, at):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if not depth:
            return found.start()
    return len(text)


def _end(text: str, at: int) -> int:
    """The end of a list or an object that begins at `at`."""
    if text[at] == "{":
        return _closing(text, at + 1)
    end = text.find("]", at)
    return len(text) if end < 0 else end


def _of_json(path: str, text: str) -> Iterator[tuple[str, Target]]:
    for document in read_yaml(path, text).documents[:1]:
        for name, target in document.root["target"].items():
            texts = {key: target[key].text for key in ("context", "dockerfile", "target") if target[key].text}
            arguments = {key.text: value.text for key, value in target["args"].items()}
            inline = target["dockerfile-inline"].present
            contexts = [key.text for key, _ in target["contexts"].items()]
            inherits = _texts(target["inherits"])
            yield name.text, Target(texts, _texts(target["tags"]), arguments, inherits, inline, contexts)


def _texts(node: Node) -> list[str]:
    return [one.text for one in node.strings()]
