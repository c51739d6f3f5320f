"""The suppression comments and annotations of other linters, honoured through the rules' equivalents.

Each peer's own idea of what a comment covers is kept as nearly as lines allow:
https://github.com/hadolint/hadolint#ignoring-rules, https://docs.docker.com/reference/build-checks/,
https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html, https://docs.zizmor.sh/usage/,
https://trivy.dev/latest/docs/configuration/filtering/, https://docs.kubelinter.io/#/configuring-kubelinter,
https://github.com/zegl/kube-score#ignoring-a-test, https://polaris.docs.fairwinds.com/customization/exemptions/.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator

from devopslint.catalogue import catalogue
from devopslint.model import LINE_BREAK, Annotation, Location, Suppression

_HADOLINT = re.compile(
    r"#[ \t]*hadolint[ \t]+(?:(global|stage)[ \t]+)?ignore[ \t]*=[ \t]*([A-Z0-9, \t]+)(?:#[ \t]*(.*))?"
)
_BUILDKIT = re.compile(
    r"[ \t]*#[ \t]*check[ \t]*=[ \t]*(?:[^;]*;)?[ \t]*skip[ \t]*=[ \t]*([\w, \t]+)(?:[^/]*//[ \t]*(.*))?", re.IGNORECASE
)
_DIRECTIVE = re.compile(r"\ufeff?#!|\ufeff?[ \t]*#[ \t]*(?:syntax|check|escape)[ \t]*=", re.IGNORECASE)
_CHECKOV = re.compile(r"#[ \t]*(?:checkov|bridgecrew|cortex):[ \t]*skip[ \t]*=[ \t]*(\w+)(?:[ \t]*:[ \t]*(.*))?")
_TRIVY = re.compile(r"#[ \t]*(?:trivy|tfsec):ignore:([\w-]+)")
_ZIZMOR = re.compile(r"#[ \t]*zizmor:[ \t]*ignore\[([\w,\- \t]+)\](.*)")
_SEMGREP = re.compile(r"#[ \t]*nosemgrep(?:[ \t]*:[ \t]*([\w.,\- \t]+))?")
_ANY = re.compile(r"#[ \t]*(?:hadolint|(?i:check)|bridgecrew|cortex|trivy|tfsec|zizmor|nosemgrep)")
"""How each of them begins; a search for `#` first is a fiftieth of one for the words."""

_CHECKOV_ANNOTATION = re.compile(r"(?:checkov|bridgecrew|cortex)\.io/skip\d+\Z")
_KUBE_LINTER_ANNOTATION = "ignore-check.kube-linter.io/"
_POLARIS_ANNOTATION = "polaris.fairwinds.com/"

Extent = Callable[[int], tuple[int, int]]


def read_peer_comments(path: str, kind: str, text: str, extent: Extent) -> Iterator[Suppression]:
    """What the comments of other linters in a file accept; a rule that we have no equivalent of is passed over."""
    if not _ANY.search(text):
        return
    lines = LINE_BREAK.split(text)
    for number, line in enumerate(lines, 1):
        mark = line.find("#")
        if mark < 0:
            continue
        for peer, names, reason, (first, last) in _read(kind, line, number, lines, extent):
            rules = equivalent_rules(peer, names)
            if rules:
                at = Location(path, number, mark + 1, number, len(line.rstrip()) + 1)
                yield Suppression(rules, at, reason or None, None, first, last, origin=peer)


def read_peer_annotations(annotations: Iterable[Annotation]) -> Iterator[Suppression]:
    """What the annotations of other linters accept, each on the object that carries it."""
    for annotation in annotations:
        peer, names, reason = _read_annotation(annotation.key, annotation.text)
        rules = equivalent_rules(peer, names)
        if rules:
            at = annotation.location
            yield Suppression(rules, at, reason, None, annotation.first_line, annotation.last_line, origin=peer)


def _read_annotation(key: str, text: str) -> tuple[str, list[str], str | None]:
    """The peer, its rule ids and the reason; no ids where the annotation is none of theirs."""
    if key.startswith(_KUBE_LINTER_ANNOTATION):
        return "kube-linter", [key.removeprefix(_KUBE_LINTER_ANNOTATION)], text.strip() or None
    if key == "kube-linter.io/ignore-all":
        return "kube-linter", ["all"], text.strip() or None
    if key == "kube-score/ignore":
        return "kube-score", ["all" if name.strip() == "*" else name for name in text.split(",")], None
    if key.startswith(_POLARIS_ANNOTATION) and text.strip().lower() == "true":
        name = key.removeprefix(_POLARIS_ANNOTATION)
        if name == "exempt":
            return "polaris", ["all"], None
        if name.endswith("-exempt"):
            return "polaris", [name.removesuffix("-exempt")], None
    if _CHECKOV_ANNOTATION.match(key):
        name, _, reason = text.partition("=")
        return "checkov", [name], reason.strip() or None
    return "", [], None


def equivalent_rules(peer: str, names: Iterable[str]) -> tuple[str, ...]:
    """Our rules that stand for a peer's; `all` stands for all of that peer's."""
    known = _equivalents(peer)
    wanted = [name.strip() for name in names]
    if "all" in (name.lower() for name in wanted):
        wanted = list(known)
    return tuple(sorted({rule_id for name in wanted for rule_id in known.get(name, ())}))


@functools.cache
def _equivalents(peer: str) -> dict[str, tuple[str, ...]]:
    known: dict[str, tuple[str, ...]] = {}
    for rule_id, entry in catalogue().items():
        for name in entry.rule.equivalents.get(peer, ()):
            known[name] = (*known.get(name, ()), rule_id)
    return known


def _read(
    kind: str, line: str, number: int, lines: list[str], extent: Extent
) -> Iterator[tuple[str, list[str], str | None, tuple[int, int]]]:
    """(peer, its rule ids, the reason, first and last line covered) for each comment on a line."""
    whole = (1, len(lines))
    if kind == "dockerfile":
        if found := _HADOLINT.search(line):
            covered = {"global": whole, "stage": _stage(number, lines)}.get(
                found[1], _instruction(number, lines, extent)
            )
            yield "hadolint", found[2].split(","), found[3], covered
        if found := _BUILDKIT.match(line):
            directive = number <= 4 and all(_DIRECTIVE.match(above) for above in lines[:number])
            yield "buildkit", found[1].split(","), found[2], whole if directive else _instruction(number, lines, extent)
    if found := _CHECKOV.search(line):
        yield "checkov", [found[1]], found[2], whole if kind == "dockerfile" else _block(number, lines)
    if found := _TRIVY.search(line):
        yield "trivy", [found[1], found[1].replace("AVD-", "")], None, _next(number, lines, extent)
    if kind in ("workflow", "action", "dependabot") and (found := _ZIZMOR.search(line)):
        names = [name.strip() for name in found[1].split(",")]
        of_jobs = [name for name in names if name in _OF_JOBS]
        if of_jobs:
            yield "zizmor", of_jobs, found[2].strip(), _job(number, lines, extent)
        if len(of_jobs) < len(names):
            yield "zizmor", sorted({*names} - {*of_jobs}), found[2].strip(), _step(number, lines, extent)
    if found := _SEMGREP.search(line):
        names = [name.strip().rpartition(".")[2] for name in (found[1] or "all").split(",")]
        yield "semgrep", names, None, (number, number + 1 if line.lstrip().startswith("#") else number)


def _next(number: int, lines: list[str], extent: Extent) -> tuple[int, int]:
    """What begins on the line, or, for a comment alone on its line, on the next one that is no comment."""
    if not lines[number - 1].lstrip().startswith("#"):
        return extent(number)
    below = next((n for n in range(number + 1, len(lines) + 1) if _says_something(lines[n - 1])), number)
    return extent(below)


def _instruction(number: int, lines: list[str], extent: Extent) -> tuple[int, int]:
    """The next instruction; for FROM the line alone, not its stage."""
    first, last = _next(number, lines, extent)
    return (first, first) if re.match(r"\s*FROM\b", lines[first - 1], re.IGNORECASE) else (first, last)


def _stage(number: int, lines: list[str]) -> tuple[int, int]:
    """From the comment to the next FROM but the one that begins the stage itself."""
    starts = [n for n in range(number, len(lines) + 1) if re.match(r"\s*FROM\b", lines[n - 1], re.IGNORECASE)]
    own = bool(starts) and not any(_says_something(lines[n - 1]) for n in range(number, starts[0]))
    following = starts[1:] if own else starts
    return number, (following[0] - 1 if following else len(lines))


def _block(number: int, lines: list[str]) -> tuple[int, int]:
    """The YAML document around the line."""
    first = next((n for n in range(number, 0, -1) if lines[n - 1].startswith("---")), 1)
    last = next((n for n in range(number + 1, len(lines) + 1) if lines[n - 1].startswith("---")), len(lines))
    return first, last


def _step(number: int, lines: list[str], extent: Extent) -> tuple[int, int]:
    """The step around the line, by its indentation; elsewhere what begins on the line."""
    if lines[number - 1].lstrip().startswith("#"):
        first, last = _next(number, lines, extent)
        last = max(first, last)
    else:
        first, last = extent(number)
    indent = _indent(lines[first - 1])
    for above in range(first, 0, -1):
        line = lines[above - 1]
        if not _says_something(line):
            continue
        if line.lstrip().startswith("- ") and (above == first or _indent(line) < indent):
            begin, end = extent(above)
            return (min(begin, number), end) if end >= number else (number, last)
        if _indent(line) < indent:
            indent = _indent(line)
        if indent <= 4:  # a job's own keys: no step is around it
            break
    return min(number, first), last


# zizmor speaks of the whole job in these, and so does a comment anywhere in it.
_OF_JOBS = frozenset(("secrets-inherit", "secrets-outside-env", "self-hosted-runner"))


def _job(number: int, lines: list[str], extent: Extent) -> tuple[int, int]:
    """The job around the line, by its indentation; elsewhere the step, or what begins on the line."""
    top = next((n for n in range(number, 0, -1) if lines[n - 1].startswith("jobs:")), None)
    first = next((n for n in range((top or number) + 1, len(lines) + 1) if _says_something(lines[n - 1])), None)
    if top is None or first is None or first > number:
        return _step(number, lines, extent)
    indent = _indent(lines[first - 1])
    keys = (n for n in range(number, top, -1) if _says_something(lines[n - 1]) and _indent(lines[n - 1]) == indent)
    begin, end = extent(next(keys, first))
    return (begin, end) if begin <= number <= end else _step(number, lines, extent)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
