"""What commands put into a cluster, as far as a look at a script's text tells."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.model import LINE_BREAK, EditedImage, Location, MadeFile, Opening

_WORTH_A_LOOK = ("kubectl", "helm", "oc ", "linkerd", "istioctl", "cilium", "skaffold")
_CREATED = compiled(
    r"\b(?:kubectl|oc)\b(?P<before>[^\n|;&]{0,300}?)[ \t]create[ \t]+(?:--?\S{1,200}[ \t]+){0,20}"
    r"(?P<kind>configmap|cm|secret[ \t]+(?:generic|tls|docker-registry)|serviceaccount|sa|service[ \t]+\w+|deployment"
    r"|role|clusterrole|quota|ingress|job|cronjob|pdb|poddisruptionbudget)[ \t]+(?P<name>[\w.$@{}\"'-]+)(?P<after>[^\n]*)"
)
_EXPOSED = compiled(r"\b(?:kubectl|oc)\b[^\n|;&]{0,300}?[ \t]expose[ \t]+\S+[ \t]+(?P<name>[\w.-]+)")
_HELM = compiled(r"\bhelm\b[^\n|;&]{0,300}?[ \t](?:install|upgrade)[ \t]+(?P<rest>(?:[^\n\\]|\\\n)*)", re.DOTALL)
_PIPED = compiled(
    r"\b(?:kubectl|oc)\b[^\n|;&]{0,300}?[ \t](?:apply|create|replace)\b[^\n|;&]{0,300}?[ \t](?:-f|--filename)[ =]*"
    r"(?:-(?=[\s\"'<]|\Z)|[\"']?(?P<address>https?://[^\s\"']+)|<\()"
)
_FROM_FILES = compiled(r"\b(?:kustomize|cat|sed|envsubst|yq|kubectl)\b.*\|")
"""What comes through a pipe from files of the tree is known."""
_NAMED = compiled(r"^[ \t]*(?:name|app|[\w./-]+/name)[ \t]*:[ \t]*[\"']?([a-z0-9][a-z0-9.-]*)", re.MULTILINE)
_WORD = compiled(r"[a-z][a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST = 4000
"""Characters behind a command in which what it is given is looked for."""
_NAMESPACE = compiled(r"(?:^|\s)(?:-n|--namespace)[ =]*[\"']?(?P<name>[\w.$@{}-]+)")
_SPLIT = compiled(r"\\?\n|[ \t]+")
_LITERAL = compiled(r"[a-z0-9][a-z0-9.-]*\Z")
_KINDS = {
    "cm": "ConfigMap",
    "clusterrole": "ClusterRole",
    "configmap": "ConfigMap",
    "deployment": "Pod",
    "job": "Pod",
    "cronjob": "Pod",
    "ingress": "Ingress",
    "pdb": "PodDisruptionBudget",
    "poddisruptionbudget": "PodDisruptionBudget",
    "quota": "ResourceQuota",
    "role": "Role",
    "sa": "ServiceAccount",
    "secret": "Secret",
    "service": "Service",
    "serviceaccount": "ServiceAccount",
}


_WRITTEN = compiled(
    r"(?:>[ \t]*|\btee[ \t]+(?:-a[ \t]+)?|[ \t](?:-o|-O|--output)[ =]*|\b(?:cp|mv|ln)[ \t][^\n;&|]{0,300}?[ \t])"
    r"[\"']?(?P<path>[\w./${}@-]{1,200}\.(?:ya?ml|json))[\"']?(?=[ \t]*(?:[\n;&|)#]|\Z)|[ \t]+[<2-])"
)

_PUT = compiled(
    r"\b(?:cp|mv|install)[ \t]+(?:-[\w-]+[ \t]+){0,5}[\"']?(?:[\w./${}@-]{1,200}/)?(?P<name>[\w.-]{1,100}\.(?:ya?ml|json))[\"']?[ \t]+"
    r"[\"']?(?P<folder>[\w./${}@-]{1,200})[\"']?(?=[ \t]*(?:[\n;&|)#]|\Z)|[ \t]+[<2-])"
)
"""A file that goes into a folder under its own name."""


_COPIED = compiled(
    r"\b(?:cp|rsync)[ \t]+(?:-[\w-]+[ \t]+){0,5}?-(?:[A-Za-z]*[rRa][A-Za-z]*|-recursive|-archive)[ \t]+(?:-[\w-]+[ \t]+){0,5}"
    r"[\"']?[\w./${}@*-]{1,200}[\"']?[ \t]+(?P<folder>[\w./${}@\"'-]{1,200})(?=[ \t]*(?:[\n;&|)#]|\Z))"
)
"""A folder that is copied to another place with all that is in it."""


def files_made_by_commands(path: str, text: str) -> Iterator[MadeFile]:
    """The YAML and JSON files that commands write, by a redirection, an option or a copy, and the folders that they copy."""
    yield from _copied_folders(path, text)
    if ".y" not in text and ".json" not in text:
        return
    starts = [0, *(found.end() for found in LINE_BREAK.finditer(text))]
    paths = [(found.start(), found["path"]) for found in _WRITTEN.finditer(text)]
    paths += [(found.start(), f"{found['folder'].rstrip('/')}/{found['name']}") for found in _PUT.finditer(text)]
    for at, path_written in paths:
        tail = path_written.rpartition("}")[2].lstrip("./")
        if "$" in tail:
            tail = tail.rpartition("$")[2].partition("/")[2]
        if tail:
            line = bisect_right(starts, at)
            yield MadeFile(tail, Location(path, line, 1, line, 2))


def _copied_folders(path: str, text: str) -> Iterator[MadeFile]:
    starts: list[int] = []
    for found in _COPIED.finditer(text):
        tail = found["folder"].replace('"', "").replace("'", "").rpartition("}")[2]
        if tail.startswith("$"):
            tail = tail.partition("/")[2]
        tail = tail.strip("./")
        if tail and "$" not in tail and "." not in tail.rpartition("/")[2]:
            starts = starts or [0, *(one.end() for one in LINE_BREAK.finditer(text))]
            line = bisect_right(starts, found.start())
            yield MadeFile(tail, Location(path, line, 1, line, 2))


_EDITED = compiled(r"\bedit[ \t]+set[ \t]+image((?:[ \t]+[\"']?[\w./-]{1,200}[=:@][^\s;&|]{1,300}){1,20})")
"""`kustomize edit set image NAME=IMAGE`."""


def _edited_images(path: str, text: str) -> Iterator[EditedImage]:
    starts: list[int] = []
    for found in _EDITED.finditer(text):
        starts = starts or [0, *(one.end() for one in LINE_BREAK.finditer(text))]
        line = bisect_right(starts, found.start())
        for word in found[1].split():
            name = re.split("[=:@]", word.strip("\"'"))[0]
            yield EditedImage(name, Location(path, line, 1, line, 2))


def openings_in_commands(path: str, text: str) -> Iterator[Opening | MadeFile | EditedImage]:
    """What the commands in a text may put into a cluster that no manifest shows, and the files that they write."""
    yield from files_made_by_commands(path, text)
    yield from _edited_images(path, text)
    if not any(word in text for word in _WORTH_A_LOOK):
        return
    starts = [0, *(found.end() for found in LINE_BREAK.finditer(text))]

    def place(index: int) -> Location:
        line = bisect_right(starts, index)
        column = index - starts[line - 1] + 1
        return Location(path, line, column, line, column + 1)

    for found in _CREATED.finditer(text):
        kind = _KINDS[found["kind"].split()[0]]
        name = found["name"].strip("\"'")
        words = frozenset({name}) if _LITERAL.match(name) else None
        at = place(found.start())
        options = f"{found['before']} {found['after']}"
        reason = f"a command at {path}:{at.line} makes a {kind if kind != 'Pod' else 'workload'}"
        kinds = frozenset({kind, "Deployment"} if kind == "Pod" else {kind})
        yield Opening(at, reason, _namespaces(options), kinds, words, near=words is None)
    for found in _EXPOSED.finditer(text):
        at = place(found.start())
        yield Opening(
            at,
            f"a command at {path}:{at.line} makes a Service",
            None,
            frozenset({"Service"}),
            frozenset({found["name"]}),
        )
    for found in _HELM.finditer(text):
        at = place(found.start())
        words = frozenset(_names_of_release(found["rest"]))
        namespaces = _namespaces(found[0])
        reason = f"a command at {path}:{at.line} installs a chart"
        if namespaces is not None:
            yield Opening(at, reason, namespaces)
        if words:
            yield Opening(at, reason, words=words)
    for found in _PIPED.finditer(text):
        at = place(found.start())
        reason = f"a command at {path}:{at.line} makes objects that no file shows"
        if found["address"]:
            yield Opening(at, reason, words=frozenset(_WORD.findall(found["address"])))
        elif not _FROM_FILES.search(
            text[max(text.rfind("\n", 0, found.start()) + 1, found.start() - 300) : found.start()]
        ):
            yield Opening(at, reason, words=frozenset(_NAMED.findall(text[found.start() : found.start() + _LONGEST])))


def _namespaces(options: str) -> tuple[str, ...] | None:
    name = next(namespaces_in(options), "")
    return (name,) if _LITERAL.match(name) else None


def namespaces_in(options: str) -> Iterator[str]:
    """What `-n` and `--namespace` are given; it may be a variable."""
    return (found["name"] for found in _NAMESPACE.finditer(options))


def _names_of_release(rest: str) -> Iterator[str]:
    """The release and its chart: `--install shop stable/postgresql` gives `shop` and `postgresql`."""
    words = [word for word in _SPLIT.split(rest) if word]
    plain = [
        word
        for index, word in enumerate(words)
        if not word.startswith("-") and not (index and _takes_value(words[index - 1]))
    ]
    for word in plain[:2]:
        name = word.rpartition("/")[2]
        if _LITERAL.match(name):
            yield name


def _takes_value(option: str) -> bool:
    return option in (
        "-n",
        "--namespace",
        "-f",
        "--values",
        "--version",
        "--set",
        "--repo",
        "--timeout",
        "--set-string",
    )
