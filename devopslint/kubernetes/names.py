"""Which YAML and JSON files are manifests, kustomizations, or parts of a Helm chart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from devopslint.deferred import compiled

if TYPE_CHECKING:
    from devopslint.readers.yaml import Node

_KEY = compiled(r"""^( *)(- )?["']?(apiVersion|kind)["']?[ \t]*:""", re.MULTILINE)
_BEGIN = compiled(r"(?:[ \t]*(?:#[^\n]*|---[^\n]*|%[^\n]*|\r)?\n)*( *)([^ ]?)")
"""Comments, separators and directives, then how far the first key is indented, and its first character."""
_FLOW = compiled(r"^(?:---[ \t]+)?(?:[!&][^\s{]*[ \t]+)*\{", re.MULTILINE)
"""A document in braces: behind a separator, a tag or an anchor."""
_EXPLICIT_KEY = compiled(r"""^\?[ \t]+["']?(apiVersion|kind)["']?[ \t]*$""", re.MULTILINE)
_FLUX_KUSTOMIZATION = compiled(
    r"""^["']?apiVersion["']?[ \t]*:[ \t]*["']?kustomize\.toolkit\.fluxcd\.io/""", re.MULTILINE
)

_OF_CHART = compiled(
    r"""^["']?(?:apiVersion["']?[ \t]*:[ \t]*["']?v[12]["']?[ \t]*(?:#|\r?$)|(?:name|version|appVersion|dependencies|description)["']?[ \t]*:)""",
    re.MULTILINE,
)
_OF_OBJECTS = compiled(
    r"""^["']?(?:kind|metadata|spec|(?:name|var)Reference|commonLabels|namespace)["']?[ \t]*:""", re.MULTILINE
)
"""What no chart says of itself: fields of objects, and those of a configuration of kustomize's."""

_TRIED = compiled(
    r"(?i)(?:^|[/._-])(?:ci|docs?|e2e|examples?|fixtures?|hack|samples?|schemas?|templates?|testdata|tests?|testing|kind|minikube|local)(?=[/._-])"
)
"""Names of what is tried out, shown, or filled in later."""

_STAND_IN = compiled(
    r"[^${}<>%@#]*[${}<>%@#]|\[\[.*\]\]|[A-Z][A-Z0-9]*(?:[_-][A-Z0-9]+)+\Z|(?:TODO|FIXME|TBD|PLACEHOLDER)\Z"
    r"|.*(?:__[A-Z][A-Z0-9_]*__|(?:\A|[^A-Za-z])(?:[A-Z][A-Z0-9]*_[A-Z0-9_]+|(?:REPLACE|CHANGE|FILL|SET)[_-]?(?:ME|THIS))(?![a-z]))"
    r"|(?:.*[-_])?placeholder(?:[-_]|\Z)|(?i:your)[-_][A-Za-z]|(?:.*[^A-Za-z])?replace_[a-z]|(?:.*[-_.])?(?i:x{3,}(?:[-_.]|(?:m|[kmgt]i?)?\Z))"
)
"""What stands for a name that is put in later: `${NAME}`, `<name>`, `REPLACE_IN_OVERLAY`, `replace_name`, `__NAME__`, `xxx`, `xxxMi`."""


_CAPITALS = compiled(r"[A-Z]{3,}")
"""No name that a cluster takes, and a word that somebody writes who means another."""

_SERVES_SSH = compiled(
    r"(?i)(?<![a-z])(?:bitbucket|forgejo|gerrit|gitea|gitlab|gogs|onedev|sftp(?:go)?|soft-serve)(?![a-z])"
)
"""What talks SSH to whoever uses it, and is not entered by it: forges and servers for files."""


def serves_ssh(*names: str) -> bool:
    """Whether something of one of these names, an image or a Service, is reached by SSH on purpose."""
    return any(map(_SERVES_SSH.search, names))


_MARKS = frozenset("${}<>%@")


def is_put_in(text: str) -> bool:
    """Whether it has the marks of what a program puts in: of a word in capitals alone that cannot be told everywhere."""
    return not _MARKS.isdisjoint(text)


def stands_in(name: str) -> bool:
    """Whether it stands for a name that is put in later."""
    return _STAND_IN.match(name) is not None


def is_form(name: str, path: str) -> bool:
    """Whether an object of this name is there to be filled in: it is called `NAME`, or `service_name` in a template."""
    return _CAPITALS.fullmatch(name) is not None or ("_" in name and "template" in path.lower())


def repeated(nodes: Iterable[Node]) -> Iterator[Node]:
    """The names that stand again, but for those that are put in later."""
    seen: set[str] = set()
    for node in nodes:
        if node.text and node.text in seen and not stands_in(node.text):
            yield node
        seen.add(node.text)


def reads_as_kustomization(name: str, text: str | None) -> bool:
    """Whether it is kustomize's, and not an object of Flux's in a file of that name."""
    return text is None or _FLUX_KUSTOMIZATION.search(text) is None


def reads_as_chart(name: str, text: str | None) -> bool:
    """Whether it is Helm's, and not something about objects of the kind Chart in a file of that name."""
    return text is None or _OF_CHART.search(text) is not None or _OF_OBJECTS.search(text) is None


def reads_as_manifest(name: str, text: str | None) -> bool:
    """Whether `apiVersion` and `kind` stand at the top level of a document, or of an item of a list."""
    if text is None:
        return False
    text = text.removeprefix("\ufeff")
    begin = _BEGIN.match(text)
    if begin is None or begin[2] in ("{", "["):
        return ('"apiVersion"' in text and '"kind"' in text) or ("apiVersion:" in text and "kind:" in text)
    indents = {len(begin[1]), len(begin[1]) + 2 if begin[2] == "-" else 0}
    found: set[str] = set()
    for indent, _, key in (one.groups() for one in _KEY.finditer(text)):
        if len(indent) in indents:
            found.add(key)
            if len(found) == 2:
                return True
    found.update(_EXPLICIT_KEY.findall(text))
    if len(found) == 2:
        return True
    return _FLOW.search(text) is not None and "apiVersion" in text and "kind" in text


def chart_folders(paths: Iterable[str]) -> frozenset[str]:
    """The folders of the Helm charts among these files; the project's root is `.`."""
    return frozenset(str(PurePosixPath(path).parent) for path in paths if PurePosixPath(path).name == "Chart.yaml")


def kinds_in_charts(paths: Iterable[str], read: Callable[[str], str]) -> dict[str, str]:
    """The kinds of those files that are parts of a chart, empty where no rule looks at them."""
    paths = list(paths)
    charts = chart_folders(paths)
    templated = frozenset(path.partition("templates/")[0].rstrip("/") or "." for path in paths if "templates/" in path)
    return {path: kind for path in paths if (kind := _kind_in_chart(path, charts, templated)) is not None}


def _kind_in_chart(path: str, charts: frozenset[str], templated: frozenset[str]) -> str | None:
    place = PurePosixPath(path)
    for folder in place.parents:
        if str(folder) in charts:
            inside = place.relative_to(folder)
            is_yaml = place.suffix in (".yaml", ".yml", ".json")
            if inside.parts[0] == "templates":  # Helm renders whatever does not begin with an underscore
                return "helm-template" if (is_yaml or place.suffix == ".tpl") and place.name[0] != "_" else ""
            if inside.parts == ("requirements.yaml",):
                return "chart-requirements"
            if len(inside.parts) > 1 or not is_yaml or "values" not in place.name:
                return None
            return _kind_of_values(place, charts, templated)
    return None


def _kind_of_values(place: PurePosixPath, charts: frozenset[str], templated: frozenset[str]) -> str:
    """The kind of a values file beside a Chart.yaml; empty for that of a chart within a chart, which is often another's.

    A chart without templates is there to install other charts: its values are no mere defaults.
    """
    folder, *outer = map(str, place.parents)
    if place.suffix == ".json" or not charts.isdisjoint(outer):
        return ""
    own = place.name in ("values.yaml", "values.yml") and folder in templated
    return "chart-values" if own else "helm-values"


def reads_as_values(name: str, text: str | None) -> bool:
    """Whether it holds values for a chart: a manifest may be called so as well."""
    return text is None or not (reads_as_manifest(name, text) or text.startswith("#@"))


def is_deployed_values(path: str) -> bool:
    """Whether somebody installs a chart with them, and not in a test or by way of example."""
    return _TRIED.search(path) is None
