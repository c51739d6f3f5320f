"""Templates and programs that manifests are made from: nobody here reads them, so what they make is not known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

from devopslint.deferred import compiled
from devopslint.model import Location, NotChecked, Opening
from devopslint.readers.text_file import TextFile

_OBJECT = compiled(r"""^[ \t]{0,80}[-{]?[ \t]{0,80}["']?(?:apiVersion|kind)["']?[ \t]*:""", re.MULTILINE)
_PROGRAM = compiled(r"\bapiVersion\b|\bkube\.|/k\.libsonnet|ksonnet|k8s\.io/|\bk8s\.api\.|\bkubernetes\.[A-Z]")
_NAME = compiled(
    r"""["']?(?:name|app|component|[\w.-]{1,60}/(?:name|instance|component))["']?[ \t]*[:=][ \t]*["']?([\w.-]+)"""
)
_PROGRAMS = (".jsonnet", ".libsonnet", ".cue", ".dhall", ".k")
_INSTALLS = compiled(r"""(?m)^[ \t-]*(?:chart|charts|containers|deployments|helm|project|releases|type|app)[ \t]*:""")
_NAMESPACE = compiled(r"""(?m)^[ \t-]*(?:defaultNamespace|namespace|targetNamespace)[ \t]*:[ \t]*["']?([^\s"'#]+)""")
_OF_KUBERNETES = compiled(
    r"""(?m)^["']?apiVersion["']?[ \t]*:[ \t]*["']?(?!score\.dev/)[\w.-]+/v[0-9]\w*["']?[ \t]*$"""
)
_BICEP = compiled(r"(?m)^(?:extension|import)[ \t]+'?kubernetes\b|Microsoft\.KubernetesConfiguration/")
_CALLS_HELM = compiled(r"""\bhelm["']?(?:[ \t]*,\s*["']|[ \t]+)(?:install|upgrade)\b""")
_GIVEN_NAMESPACE = compiled(r"""(?:-n|--namespace)(?:["'][ \t]*,\s*["']|[ \t=]+)([\w.${}-]+)""")
_FIXED = compiled(r"[a-z0-9][a-z0-9-]*\Z")
_TILT = compiled(r"\b(?:helm_resource|helm_remote|helm|k8s_yaml|kustomize|blob)\(")


def reads_as_template(name: str, text: str | None) -> bool:
    """Whether manifests are made from it."""
    if text is None:
        return True
    return (_PROGRAM if name.endswith(_PROGRAMS) else _OBJECT).search(text) is not None


class UnreadTemplate(TextFile):
    """A template of manifests, or a program that prints some."""

    kinds: ClassVar[tuple[str, ...]] = ("manifest-template",)
    unchecked = True

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text)
        self._what = "is a program that prints manifests" if path.endswith(_PROGRAMS) else "is a template of manifests"
        self.not_checked.append(NotChecked(path, f"{self._what}: what becomes of it is not known here"))

    def summaries(self) -> Iterable[object]:
        at = Location(self.path, 1, 1, 1, 1)
        reason = f"{self.path} {self._what}"
        yield Opening(at, reason, near=True)
        words = frozenset(_NAME.findall(self.text))
        if words:
            yield Opening(at, reason, words=words)


def reads_as_installer(name: str, text: str | None) -> bool:
    """Whether a file that is called like that of helmfile, Fleet, helmwave, DevSpace, Garden, Score, werf or cdk8s is one.

    Bicep installs by its extension for Kubernetes, or by what Azure brings to a cluster; a program in Python calls helm.
    """
    if name.endswith(".py"):
        return text is not None and _CALLS_HELM.search(text) is not None
    if name.endswith(".bicep"):
        return text is not None and _BICEP.search(text) is not None
    return text is not None and _OF_KUBERNETES.search(text) is None and _INSTALLS.search(text) is not None


class Installer(TextFile):
    """What a program installs charts by, or prints manifests from."""

    kinds: ClassVar[tuple[str, ...]] = ("installer",)
    unchecked = True

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text)
        self.not_checked.append(NotChecked(path, "installs charts, or prints manifests: what that gives is not known"))

    def summaries(self) -> Iterable[object]:
        at, reason = Location(self.path, 1, 1, 1, 1), f"{self.path} installs what it names"
        given = _GIVEN_NAMESPACE if self.path.endswith(".py") else _NAMESPACE
        named = {name if _FIXED.match(name) else "" for name in given.findall(self.text)}
        if self.path.endswith(".bicep"):
            yield Opening(at, reason)
        elif "score.dev/" in self.text:
            yield Opening(at, reason, words=frozenset(_NAME.findall(self.text)))
        else:
            # A release without a namespace goes where whoever installs it says.
            yield Opening(at, reason, tuple(sorted(named)) or ("",))


class Tiltfile(TextFile):
    """What brings a development cluster up, from charts and programs too."""

    kinds: ClassVar[tuple[str, ...]] = ("tiltfile",)
    judged: ClassVar[bool] = False

    def summaries(self) -> Iterable[object]:
        if _TILT.search(self.text):
            yield Opening(Location(self.path, 1, 1, 1, 1), f"{self.path} makes objects", near=True)
