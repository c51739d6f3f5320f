"""What the commands of a document name in a cluster: workloads, namespaces and files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from devopslint.deferred import NamedTuple, compiled
from devopslint.documentation.markup import Part
from devopslint.model import Location
from devopslint.readers.cluster_commands import namespaces_in

WORKLOAD_KINDS = {
    "deploy": "Deployment",
    "deployment": "Deployment",
    "deployments": "Deployment",
    "ds": "DaemonSet",
    "daemonset": "DaemonSet",
    "daemonsets": "DaemonSet",
    "rollout": "Rollout",
    "rollouts": "Rollout",
    "sts": "StatefulSet",
    "statefulset": "StatefulSet",
    "statefulsets": "StatefulSet",
}
_SHELLS = frozenset(("", "sh", "bash", "shell", "zsh", "console", "shell-session", "shellsession", "terminal", "text"))
_COMMAND = compiled(r"\b(?:kubectl|oc)\b(?P<rest>(?:[^\n|;&\\]|\\\n)*)")
_KIND = r"(?P<kind>" + "|".join(sorted(WORKLOAD_KINDS, key=len, reverse=True)) + r")(?:\.apps)?"
_NAME = r"(?P<name>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?=[\s\"'`)]|$)"
_TARGET = compiled(r"(?<![\w/.<-])" + _KIND + r"(?:/| +)[\"']?" + _NAME)
_LITERAL = compiled(r"[a-z0-9][a-z0-9-]*")
_FILE = compiled(
    r"(?:^|\s)(?:-f|--filename|-k|--kustomize)[ =]*[\"']?(?P<name>[\w./@-]+\.(?:ya?ml|json))(?=[\s\"'`)]|$)"
)
_VERBS = compiled(
    r"\s(?:rollout|undo|restart|status|history|scale|set|logs|exec|describe|get|delete|edit|patch|annotate|autoscale|top|port-forward|expose|cp)\s"
)


class Mention(NamedTuple):
    """A summary: a command of a document names something of the cluster or of the tree."""

    kind: str
    """A kind of workload, `Namespace` or `file`."""
    name: str
    namespace: str
    """Where the command says that a workload is; empty where it does not."""
    verb: str
    """What the command does to it, such as `rollout undo`."""
    location: Location

    @property
    def label(self) -> str:
        return self.name


def mentions(parts: list[Part], at: Callable[[int], Location]) -> Iterator[Mention]:
    """Every name in the commands of a document. A placeholder is none: `<name>`, `$NAME`, `NAME`."""
    for part in parts:
        texts = part.commands
        if part.kind == "code":
            texts = (part.text,) if part.language in _SHELLS else ()
        for text in texts:
            for found in _COMMAND.finditer(text):
                line = part.line + (text.count("\n", 0, found.start()) if part.kind == "code" else 0)
                yield from _of_command(found["rest"].replace("\\\n", "  "), at(line))


def _of_command(rest: str, location: Location) -> Iterator[Mention]:
    namespace = next((name for name in namespaces_in(rest) if _LITERAL.fullmatch(name)), "")
    verb = "rollout undo" if re.search(r"\brollout +undo\b", rest) else ""
    if _VERBS.search(rest) is not None:
        # `rollout undo deployment x`: the verb is no kind here.
        words = re.sub(r"(^|\s)rollout +(undo|restart|status|history|pause|resume)\b", " ", rest)
        for target in _TARGET.finditer(words):
            yield Mention(WORKLOAD_KINDS[target["kind"]], target["name"], namespace, verb, location)
    if namespace:
        yield Mention("Namespace", namespace, "", verb, location)
    for file in _FILE.finditer(rest):
        if "//" not in file["name"]:
            yield Mention("file", file["name"], "", verb, location)
