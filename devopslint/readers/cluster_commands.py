"""What commands put into a cluster, as far as a look at a script's text tells."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from devopslint.deferred import cached_property, compiled
from devopslint.model import LINE_BREAK, EditedImage, Location, MadeFile, Opening

_WORTH_A_LOOK = ("kubectl", "helm", "oc ", "linkerd", "istioctl", "cilium", "skaffold")
_CREATED = compiled(
    r"\b(?:(?:\w+_)?kubectl(?:_\w+)?|oc)\b(?P<before>[^\n|;&]{0,300}?)[ \t]create[ \t]+(?:--?\S{1,200}[ \t]+){0,20}"
    r"(?P<kind>configmap|cm|secret[ \t]+(?:generic|tls|docker-registry)|serviceaccount|sa|service[ \t]+\w+|deployment"
    r"|role|clusterrole|quota|ingress|job|cronjob|pdb|poddisruptionbudget)[ \t]+(?P<name>[\w.$@{}\"'-]+)(?P<after>[^\n]*)"
)
_EXPOSED = compiled(r"\b(?:(?:\w+_)?kubectl(?:_\w+)?|oc)\b[^\n|;&]{0,300}?[ \t]expose[ \t]+\S+[ \t]+(?P<name>[\w.-]+)")
_HELM = compiled(
    r"\b(?:\w+_)?helm(?:_\w+|3)?\b[^\n|;&]{0,300}?[ \t](?:install|upgrade)[ \t]+(?P<rest>(?:[^\n\\]|\\\n)*)", re.DOTALL
)
_PIPED = compiled(
    r"\b(?:(?:\w+_)?kubectl(?:_\w+)?|oc)\b[^\n|;&]{0,300}?[ \t](?:apply|create|replace)\b[^\n|;&]{0,300}?[ \t](?:-f|--filename)[ =]*"
    r"(?:-(?=[\s\"'<]|\Z)|[\"']?(?P<address>https?://[^\s\"']+)|<\()"
)
_FROM_FILES = compiled(r"\b(?:kustomize|cat|sed|envsubst|yq|kubectl)\b.*\|")
"""What comes through a pipe from files of the tree is known."""
_PRINTED = compiled(r"\b(?:cdk8s|cue|dhall-to-yaml|gomplate|helmfile|jsonnet|kcl|kompose|timoni|tk|ytt)\b[^|]*\|")
"""What comes through a pipe from a program that makes manifests of something else is not."""
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

_WRITTEN_TO_VARIABLE = compiled(
    r"(?:>[ \t]*|\btee[ \t]+(?:-a[ \t]+)?|[ \t](?:-o|-O|--output)[ =]*)[\"']?\$\{?(?P<name>\w{1,80})\}?[\"']?(?=[ \t]*(?:[\n;&|)#]|\Z)|[ \t]+[<2-])"
)
_WRITING = (">", "tee", "-o", "-O", "--output")
_HANDED_OVER = compiled(
    r"\n[ \t]+[A-Z][A-Z0-9_]{0,80}:[ \t]*[\"']?(?P<path>[\w./-]{1,200}\.(?:ya?ml|json))[\"']?[ \t]*$", re.MULTILINE
)
"""A file that a job names to what it calls, in its environment: that may write it. No file begins with that line."""
_SET = r"^[ \t]*(?:local[ \t]+|export[ \t]+|readonly[ \t]+)?%s=[\"']?(?P<path>[\w./${}@-]{1,200}\.(?:ya?ml|json))[\"']?"

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
_COPYING = ("cp ", "cp\t", "rsync")
"""One of them is in every text that has such a command: most have none, and are not looked through."""


_FILLED = compiled(
    r"(?:--output-dir|--untardir|--directory-prefix|\bjsonnet\b[^\n;&|]{0,300}?[ \t](?:-m|--multi)|\boutput:[a-z:]{1,40}(?==))[ \t=]+"
    r"[\"']?(?P<folder>[\w./${}@-]{1,200})"
    r"|\b(?:git[ \t]+clone|kpt[ \t]+pkg[ \t]+get)[ \t](?:[^\n;&|]{0,300}?[ \t])?[\"']?[\w.:@/${}-]{0,200}[/:](?P<repository>[\w.-]{1,100})"
    r"[\"']?(?:[ \t]+[\"']?(?P<clone>[\w./${}@-]{1,200}))?[\"']?(?=[ \t]*(?:[\n;&|)#]|\Z))"
)
"""A folder that a program fills: with what a chart renders to, or with another repository."""
_FILLING = ("--output-dir", "--untardir", "--directory-prefix", "jsonnet", "output:", "clone", "kpt")
_GENERATED = compiled(r"\b(?:controller-gen|CONTROLLER_GEN)\b[^\n]{0,300}")
_SCAFFOLDED = compiled(r"\bgenerate[ \t]+kustomize[ \t]+manifests\b")
"""By this operator-sdk writes the description of an operator, which the bundle is made from."""
_BY_CONTROLLER_GEN = {" webhook": "config/webhook/manifests.yaml", " rbac:": "config/rbac/role.yaml"}
"""Where controller-gen writes what markers in a program's sources say, unless it is told where."""


class _Places:
    """Where things stand in a text; its lines are found when the first place is asked for."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in LINE_BREAK.finditer(self._text))]

    def of(self, index: int) -> Location:
        line = bisect_right(self._starts, index)
        column = index - self._starts[line - 1] + 1
        return Location(self._path, line, column, line, column + 1)

    def line_of(self, index: int) -> Location:
        """The begin of the line that the character is in."""
        line = bisect_right(self._starts, index)
        return Location(self._path, line, 1, line, 2)


def files_made_by_commands(path: str, text: str) -> Iterator[MadeFile]:
    """The YAML and JSON files that commands write, by a redirection, an option or a copy, and the folders that they copy."""
    yield from _made_files(text, _Places(path, text))


def _made_files(text: str, places: _Places) -> Iterator[MadeFile]:
    if "generate" in text:
        for found in _SCAFFOLDED.finditer(text):
            yield MadeFile("config/manifests/bases", places.line_of(found.start()))
    yield from _copied_folders(text, places)
    yield from _filled_folders(text, places)
    if "controller-gen" in text or "CONTROLLER_GEN" in text:
        for found in _GENERATED.finditer(text):
            made = (tail for generator, tail in _BY_CONTROLLER_GEN.items() if generator in found[0])
            yield from (MadeFile(tail, places.line_of(found.start())) for tail in made)
    if ".y" not in text and ".json" not in text:
        return
    written, put, to_variables = list[tuple[int, str]](), list[tuple[int, str]](), list[tuple[int, str]]()
    begin = 0
    # Few lines have such a name in them: looked through alone, they take a tenth of the time.
    for line in text.split("\n"):
        if ".y" in line or ".json" in line:
            written += [(begin + found.start(), found["path"]) for found in _WRITTEN.finditer(line)]
            put += [
                (begin + found.start(), f"{found['folder'].rstrip('/')}/{found['name']}")
                for found in _PUT.finditer(line)
            ]
        if "$" in line and any(word in line for word in _WRITING):
            for found in _WRITTEN_TO_VARIABLE.finditer(line):
                if f"{found['name']}=" in text:  # not GITHUB_OUTPUT, which most write to
                    named = re.findall(_SET % found["name"], text, re.MULTILINE)
                    to_variables += [(begin + found.start(), one) for one in named]
        begin += len(line) + 1
    handed_over = [(found.start("path"), found["path"]) for found in _HANDED_OVER.finditer(text)]
    paths = [*written, *put, *handed_over, *to_variables]
    for at, path_written in paths:
        tail = path_written.rpartition("}")[2].lstrip("./")
        if "$" in tail:
            tail = tail.rpartition("$")[2].partition("/")[2]
        if tail:
            yield MadeFile(tail, places.line_of(at))


def _on_lines_with(words: Iterable[str], expression: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Where an expression matches that stays on a line, and that only matches on one that has a word of these."""
    lines: set[tuple[int, int]] = set()
    for word in words:
        at = text.find(word)
        while at >= 0:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            lines.add((text.rfind("\n", 0, at) + 1, end))
            at = text.find(word, end)
    for begin, end in sorted(lines):
        yield from expression.finditer(text, begin, end)


def _copied_folders(text: str, places: _Places) -> Iterator[MadeFile]:
    for found in _on_lines_with(_COPYING, _COPIED, text):
        tail = found["folder"].replace('"', "").replace("'", "").rpartition("}")[2]
        if tail.startswith("$"):
            tail = tail.partition("/")[2]
        tail = tail.strip("./")
        if tail and "$" not in tail and "." not in tail.rpartition("/")[2]:
            yield MadeFile(tail, places.line_of(found.start()))


def _filled_folders(text: str, places: _Places) -> Iterator[MadeFile]:
    for found in _on_lines_with(_FILLING, _FILLED, text):
        written = found["folder"] or found["clone"] or found["repository"].removesuffix(".git")
        tail = written.rpartition("}")[2]
        tail = tail.partition("/")[2] if tail.startswith("$") else tail
        if tail := tail.strip("./"):
            yield MadeFile(tail, places.line_of(found.start()))


_EDITED = compiled(r"\bedit[ \t]+set[ \t]+image((?:[ \t]+[\"']?[\w./-]{1,200}[=:@][^\s;&|]{1,300}){1,20})")
"""`kustomize edit set image NAME=IMAGE`."""


def _edited_images(text: str, places: _Places) -> Iterator[EditedImage]:
    if "edit" not in text:
        return
    for found in _EDITED.finditer(text):
        at = places.line_of(found.start())
        for word in found[1].split():
            yield EditedImage(re.split("[=:@]", word.strip("\"'"))[0], at)


def openings_in_commands(path: str, text: str) -> Iterator[Opening | MadeFile | EditedImage]:
    """What the commands in a text may put into a cluster that no manifest shows, and the files that they write."""
    places = _Places(path, text)
    yield from _made_files(text, places)
    yield from _edited_images(text, places)
    if not any(word in text for word in _WORTH_A_LOOK):
        return
    for found in _CREATED.finditer(text):
        kind = _KINDS[found["kind"].split()[0]]
        name = found["name"].strip("\"'")
        words = frozenset({name}) if _LITERAL.match(name) else None
        at = places.of(found.start())
        options = f"{found['before']} {found['after']}"
        reason = f"a command at {path}:{at.line} makes a {kind if kind != 'Pod' else 'workload'}"
        kinds = frozenset({kind, "Deployment"} if kind == "Pod" else {kind})
        yield Opening(at, reason, _namespaces(options), kinds, words, near=words is None)
    for found in _EXPOSED.finditer(text):
        at = places.of(found.start())
        yield Opening(
            at,
            f"a command at {path}:{at.line} makes a Service",
            None,
            frozenset({"Service"}),
            frozenset({found["name"]}),
        )
    for found in _HELM.finditer(text):
        at = places.of(found.start())
        words = frozenset(_names_of_release(found["rest"]))
        namespaces = _namespaces(found[0])
        reason = f"a command at {path}:{at.line} installs a chart"
        if namespaces is not None:
            yield Opening(at, reason, namespaces)
        if words:
            yield Opening(at, reason, words=words)
    for found in _PIPED.finditer(text):
        at = places.of(found.start())
        reason = f"a command at {path}:{at.line} makes objects that no file shows"
        if found["address"]:
            yield Opening(at, reason, words=frozenset(_WORD.findall(found["address"])))
            continue
        before = text[max(text.rfind("\n", 0, found.start()) + 1, found.start() - 300) : found.start()]
        if not _FROM_FILES.search(before):
            words = frozenset(_NAMED.findall(text[found.start() : found.start() + _LONGEST]))
            if words or _PRINTED.search(before):
                yield Opening(at, reason, words=words or None, near=not words)


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
