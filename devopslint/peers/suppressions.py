"""The suppression comments and annotations of other linters, honoured through the rules' equivalents.

Each peer's own idea of what a comment covers is kept as nearly as lines allow:
https://github.com/hadolint/hadolint#ignoring-rules, https://docs.docker.com/reference/build-checks/,
https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html, https://docs.zizmor.sh/usage/,
https://trivy.dev/latest/docs/configuration/filtering/, https://docs.kubelinter.io/#/configuring-kubelinter,
https://github.com/zegl/kube-score#ignoring-a-test, https://polaris.docs.fairwinds.com/customization/exemptions/.
"""

from __future__ import annotations

import datetime
import fnmatch
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator

from devopslint.catalogue import equivalents, secret_rules
from devopslint.deferred import cached_property, compiled
from devopslint.model import Annotation, Location, Suppression
from devopslint.readers.lines import Lines, says_something

_HADOLINT = compiled(
    r"#[ \t]*hadolint[ \t]+(?:(global|stage)[ \t]+)?ignore[ \t]*=[ \t]*([A-Z0-9, \t]+)(?:#[ \t]*(.*))?"
)
_BUILDKIT = compiled(
    r"[ \t]*#[ \t]*check[ \t]*=[ \t]*(?:[^;]*;)?[ \t]*skip[ \t]*=[ \t]*([\w, \t]+)(?:[^/]*//[ \t]*(.*))?", re.IGNORECASE
)
_DIRECTIVE = compiled(r"\ufeff?#!|\ufeff?[ \t]*#[ \t]*(?:syntax|check|escape)[ \t]*=", re.IGNORECASE)
_CHECKOV = compiled(r"#[ \t]*(?:checkov|bridgecrew|cortex):[ \t]*skip[ \t]*=[ \t]*(\w+)(?:[ \t]*:[ \t]*(.*))?")
_TRIVY = compiled(r"(?<![\w-])(?:trivy|tfsec):ignore:([\w*-]+)((?::\w+:[^:\s]+)*)")
_TRIVY_EXPIRY = compiled(r":exp:(\d{4}-\d{2}-\d{2})(?![^:])")
_ZIZMOR = compiled(r"#[ \t]*zizmor:[ \t]*ignore\[([\w,\- \t]+)\](.*)")
_OF_ZIZMOR = frozenset(("workflow", "action", "dependabot", "pre-commit"))
_TRIVY_ID = compiled(r"(?:AVD-)?([A-Z]+)-?(\d{3,5})\Z", re.IGNORECASE)
_KICS = compiled(r"#[ \t]*kics-scan[ \t]+(?:(ignore-block|ignore-line|ignore)\b|disable[ \t]*=[ \t]*([\w, \t-]+))")
_SEMGREP = compiled(r"#[ \t]*nosemgrep(?:[ \t]*:[ \t]*([\w.,\- \t]+))?")
_IN_HCL = frozenset(("terraform", "tfvars", "terraform-test", "terraform-stack"))
_FROM = compiled(r"\s*FROM\b", re.IGNORECASE)
_DOCUMENT = compiled(r"---")
_OF_SECRETS = compiled(
    r"(?:gitleaks:allow|trufflehog:ignore|ggignore(?:-start|-end)?|pragma:[ \t]*(?:allowlist|whitelist)[ \t]+(?:(nextline)[ \t]+)?secret)(?![\w-])"
)
"""By which gitleaks, TruffleHog, GitGuardian and detect-secrets let a secret stand."""
_BY = {"gitl": "gitleaks", "truf": "trufflehog", "ggig": "ggshield", "prag": "detect-secrets"}
_ANY = compiled(r"#[ \t]*(?:hadolint|(?i:check)[ \t]*=|checkov:|bridgecrew:|cortex:|kics-scan|zizmor:|nosemgrep)")
_ANYWHERE = ("gitleaks:", "trufflehog:", "ggignore", "pragma:", "trivy:ignore:", "tfsec:ignore:")
"""How each of them begins: at `#`, or somewhere behind it."""
_COMMENT = compiled(r"#[^\n]*")
"""What these stand in. To take it out and to look through that is a seventh of looking for each in the whole text."""

_CHECKOV_ANNOTATION = compiled(r"(?:checkov|bridgecrew|cortex)\.io/skip\d+\Z")
_KUBE_LINTER_ANNOTATION = "ignore-check.kube-linter.io/"
_POLARIS_ANNOTATION = "polaris.fairwinds.com/"

Extent = Callable[[int], tuple[int, int]]


def read_peer_comments(path: str, kind: str, text: str, extent: Extent) -> Iterator[Suppression]:
    """What the comments of other linters in a file accept; a rule that we have no equivalent of is passed over."""
    if kind in _IN_HCL:
        from devopslint.peers.hcl_comments import read_hcl_comments  # few trees have any

        yield from read_hcl_comments(path, text, equivalent_rules)
        return
    if kind.startswith("ansible-"):
        from devopslint.peers.ansible_comments import read_ansible_comments  # few trees have any

        yield from read_ansible_comments(path, text, equivalent_rules)
    said = "\n".join(_COMMENT.findall(text)) if "#" in text else ""
    if not (_ANY.search(said) or any(word in said for word in _ANYWHERE)):
        return
    lines = Lines(text)
    layout = _Layout(lines)
    ends: dict[int, int] = {}
    """By the first line of an entry that KICS leaves out: its last."""
    for number, line in enumerate(lines.texts, 1):
        mark = line.find("#")
        if mark < 0:
            continue
        at = Location(path, number, mark + 1, number, len(line.rstrip()) + 1)
        for peer, names, reason, (first, last) in _read(kind, line, number, lines, extent):
            rules = equivalent_rules(peer, names)
            if rules:
                yield Suppression(rules, at, reason or None, None, first, last, origin=peer)
        for word in _OF_SECRETS.finditer(line, mark):
            covered = number + 1 if word[1] else number
            by = _BY[word[0][:4]]
            yield Suppression(tuple(sorted(secret_rules())), at, None, None, covered, covered, origin=by)
        for name, more in _TRIVY.findall(line, mark):
            if rules := equivalent_rules("trivy", _trivy_ids(name)):
                first, last = _next(number, lines, extent)
                yield Suppression(rules, at, None, _last_day(more), first, last, origin="trivy")
        if "kics-scan" in line and (found := _KICS.search(line)):
            yield from _kics(found, number, at, lines, extent, ends)
        if kind in _OF_ZIZMOR and (found := _ZIZMOR.search(line)):
            rules = equivalent_rules("zizmor", found[1].split(","))
            for some, (first, last) in layout.covered(rules, number):
                yield Suppression(some, at, found[2].strip() or None, None, first, last, origin="zizmor")


def _kics(
    found: re.Match[str], number: int, at: Location, lines: Lines, extent: Extent, ends: dict[int, int]
) -> Iterator[Suppression]:
    """KICS knows queries by name for a whole file alone: a line or a block is left out of all of them."""
    if found[2]:
        rules, (first, last) = equivalent_rules("kics", found[2].lower().split(",")), (1, len(lines))
    elif found[1] == "ignore":
        rules, (first, last) = ("*",), (1, len(lines))
    else:
        rules, (first, last) = ("*",), _next(number, lines, extent)
        if found[1] == "ignore-line":
            last = first
        else:
            if first not in ends:
                ends[first] = _end_of_entry(first, last, lines)
            last = ends[first]
    if rules:
        yield Suppression(rules, at, None, None, first, last, origin="kics")


def _end_of_entry(first: int, last: int, lines: Lines) -> int:
    """The last line of what is indented below a line of YAML, or of what begins there anyhow."""
    depth = _indent(lines[first])
    end = first
    for number in range(first + 1, len(lines) + 1):
        line = lines[number]
        if line.strip() and _indent(line) <= depth:
            break
        if line.strip():
            end = number
    return max(end, last)


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
    if key == "cfn-lint/ignore_checks":
        return "cfn-lint", text.split(), None
    if _CHECKOV_ANNOTATION.match(key):
        name, _, reason = text.partition("=")
        return "checkov", [name], reason.strip() or None
    return "", [], None


def equivalent_rules(peer: str, names: Iterable[str]) -> tuple[str, ...]:
    """Our rules that stand for a peer's; `all` stands for all of that peer's."""
    known = equivalents(peer)
    wanted = [name.strip() for name in names]
    if "all" in (name.lower() for name in wanted):
        wanted = list(known)
    return tuple(sorted({rule_id for name in wanted for rule_id in known.get(name, ())}))


def peer_names(peer: str) -> tuple[str, ...]:
    """The names of a peer's rules that ours stand for."""
    return tuple(equivalents(peer))


def _read(
    kind: str, line: str, number: int, lines: Lines, extent: Extent
) -> Iterator[tuple[str, list[str], str | None, tuple[int, int]]]:
    """(peer, its rule ids, the reason, first and last line covered) for each comment on a line."""
    whole = (1, len(lines))
    if kind == "dockerfile":
        if found := _HADOLINT.search(line):
            match found[1]:
                case "global":
                    covered = whole
                case "stage":
                    covered = _stage(number, lines)
                case _:
                    covered = _instruction(number, lines, extent)
            yield "hadolint", found[2].split(","), found[3], covered
        if found := _BUILDKIT.match(line):
            directive = number <= 4 and all(map(_DIRECTIVE.match, lines.texts[:number]))
            yield "buildkit", found[1].split(","), found[2], whole if directive else _instruction(number, lines, extent)
    if found := _CHECKOV.search(line):
        yield "checkov", [found[1]], found[2], whole if kind == "dockerfile" else _block(number, lines)
    if found := _SEMGREP.search(line):
        names = [name.strip().rpartition(".")[2] for name in (found[1] or "all").split(",")]
        yield "semgrep", names, None, (number, number + 1 if line.lstrip().startswith("#") else number)


def _trivy_ids(name: str) -> list[str]:
    if "*" not in name:
        return [name, _plain_trivy_id(name)]
    return [known for known in peer_names("trivy") if fnmatch.fnmatchcase(known, name.removeprefix("AVD-"))]


def _last_day(sections: str) -> datetime.date | None:
    """The last day of trivy's `:exp:DATE`, which ends when that day begins; None where it is for good."""
    found = _TRIVY_EXPIRY.search(sections)
    if found is None:
        return None
    try:
        return datetime.date.fromisoformat(found[1]) - datetime.timedelta(days=1)
    except (ValueError, OverflowError):
        return datetime.date.min


def _plain_trivy_id(name: str) -> str:
    """`KSV-0014` for each form that trivy has given its ids: `AVD-KSV-0014`, `KSV014`."""
    found = _TRIVY_ID.match(name)
    return f"{found[1].upper()}-{found[2].zfill(4)}" if found else name


def _next(number: int, lines: Lines, extent: Extent) -> tuple[int, int]:
    """What begins on the line, or, for a comment alone on its line, on the next one that is no comment."""
    alone = lines[number].lstrip().startswith("#")
    return extent((lines.next_spoken(number) or number) if alone else number)


def _instruction(number: int, lines: Lines, extent: Extent) -> tuple[int, int]:
    """The next instruction; for FROM the line alone, not its stage."""
    first, last = _next(number, lines, extent)
    return (first, first) if _FROM.match(lines[first]) else (first, last)


def _stage(number: int, lines: Lines) -> tuple[int, int]:
    """From the comment to the next FROM but the one that begins the stage itself."""
    following = lines.next_match(_FROM, number)
    if following is not None and following == lines.next_spoken(number - 1):
        following = lines.next_match(_FROM, following + 1)
    return number, (len(lines) if following is None else following - 1)


def _block(number: int, lines: Lines) -> tuple[int, int]:
    """The YAML document around the line."""
    last = lines.next_match(_DOCUMENT, number + 1)
    return lines.last_match(_DOCUMENT, number) or 1, len(lines) if last is None else last


# zizmor takes these for the whole job, a whole job that calls a workflow, the whole file, or the jobs that it names,
# and a comment anywhere there accepts them.
_OF_JOBS = frozenset(("gha-inherited-secrets", "gha-missing-job-permissions", "gha-secret-outside-environment"))
_OF_CALLS = frozenset(("gha-branch-action", "gha-unpinned-action", "gha-unpinned-official-action"))
_OF_FILES = frozenset(("gha-missing-permissions", "gha-missing-top-level-permissions"))
_OF_JOBS_TOGETHER = frozenset(("gha-missing-concurrency",))


class _Layout:
    """Where the parts of a workflow begin and end, by indentation."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._ends: dict[int, int] = {}

    def covered(self, rules: tuple[str, ...], number: int) -> Iterator[tuple[tuple[str, ...], tuple[int, int]]]:
        """The lines that a comment on a line speaks of, for each of the rules that it accepts."""
        spans: dict[tuple[int, int], list[str]] = {}
        for rule_id in rules:
            spans.setdefault(self._span(rule_id, number), []).append(rule_id)
        return ((tuple(found), span) for span, found in spans.items())

    def _span(self, rule_id: str, number: int) -> tuple[int, int]:
        if rule_id in _OF_FILES or (rule_id in _OF_JOBS_TOGETHER and self._begins_job(number)):
            return 1, len(self._lines)
        if rule_id in _OF_JOBS | _OF_CALLS and (job := self._job(number)) is not None:
            if rule_id in _OF_JOBS or job[0] in self._calling:
                return job
        return self._around(number)

    def _around(self, number: int) -> tuple[int, int]:
        """The step, the triggers or the variables around the line; else what is on it."""
        begins = number
        if not says_something(self._lines[number]):
            below = self._lines.next_spoken(number)
            if below is None:
                return number, number
            begins = below
        owner = min((one for one in self._owners.get(begins, ()) if one is not None), default=None)
        if owner is not None:
            return min(owner, number), self._end(owner)
        opens = _OPENS_BLOCK.search(self._lines[begins]) is not None
        return number, begins if opens else self._end(begins)

    def _begins_job(self, number: int) -> bool:
        index = bisect_left(self._jobs, number)
        return index < len(self._jobs) and self._jobs[index] == number

    def _job(self, number: int) -> tuple[int, int] | None:
        index = bisect_right(self._jobs, number) - 1
        if index < 0 or number > (last := self._end(self._jobs[index])):
            return None
        return self._jobs[index], last

    @cached_property
    def _calling(self) -> frozenset[int]:
        """The lines on which the jobs begin that call a workflow."""
        found = set()
        for first in self._jobs:
            keys = [line for line in self._lines.texts[first : self._end(first)] if says_something(line)]
            own = _indent(keys[0]) if keys else 0
            if any(line.startswith("uses:", own) and _indent(line) == own for line in keys):
                found.add(first)
        return frozenset(found)

    def _end(self, begin: int) -> int:
        """The last line of what begins on a line: of those behind it that are indented further."""
        if begin not in self._ends:
            line = self._lines[begin]
            indent, item = _indent(line), line.lstrip().startswith("- ")
            last = begin
            for number in range(begin + 1, len(self._lines) + 1):
                below = self._lines[number]
                if not says_something(below):
                    continue
                if _indent(below) <= indent and (
                    item or _indent(below) < indent or not below.lstrip().startswith("- ")
                ):
                    break
                last = number
            self._ends[begin] = last
        return self._ends[begin]

    @cached_property
    def _owners(self) -> dict[int, tuple[int | None, int | None]]:
        """For each line the outermost item of a list, and the triggers or variables, that it is in or begins."""
        owners: dict[int, tuple[int | None, int | None]] = {}
        around: list[tuple[float, int]] = []
        for number in self._lines.spoken:
            line = self._lines[number]
            item = line.lstrip().startswith("- ")
            indent = _indent(line) + (0.5 if item else 0)  # items may stand below the first letter of their key
            while around and around[-1][0] >= indent:
                around.pop()
            step, block = owners[around[-1][1]] if around else (None, None)
            if step is None and item:
                step = number
            if block is None and _TOGETHER.match(line):
                block = number
            owners[number] = (step, block)
            around.append((indent, number))
        return owners

    @cached_property
    def _jobs(self) -> list[int]:
        """The lines on which the jobs begin."""
        top = next((number for number, line in enumerate(self._lines.texts, 1) if line.startswith("jobs:")), None)
        if top is None:
            return []
        spoken = [n for n in range(top + 1, self._end(top) + 1) if says_something(self._lines[n])]
        indent = _indent(self._lines[spoken[0]]) if spoken else 0
        return [number for number in spoken if _indent(self._lines[number]) == indent]


_OPENS_BLOCK = compiled(r":[ \t]*(?:#.*)?\Z")
_TOGETHER = compiled(r"""(?:["']?on["']?:|[ ]*env:)(?:\s|\Z)""")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
