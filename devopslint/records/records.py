"""The record of a change, and what tells that it changes production."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from devopslint.deferred import NamedTuple, cached_property, compiled, dataclass
from devopslint.model import Location
from devopslint.readers.cluster_commands import namespaces_in
from devopslint.readers.yaml import Node
from devopslint.readers.yaml_file import YamlFile
from devopslint.records.names import TELLING

STATUSES = ("complete", "blocked", "failed", "needs_approval")
RISKS = ("low", "medium", "high")
_PLACEHOLDER = compiled(r"\{\{|\$\{|<[^<>]*>|\S \| \S")
_PRODUCTION = frozenset(("prod", "prd", "production"))
_NOT_PRODUCTION = frozenset(("non", "no", "not", "pre", "like", "docs", "doc", "test", "tests", "fixtures", "examples"))
_CONFIGURES = compiled(
    r"(?:\.(?:ya?ml|json|tf|tfvars|hcl|env|toml|conf|cfg|ini|properties|sh)|(?:^|/)[\w.-]*(?:Dockerfile|Containerfile)[\w.-]*)$"
)
_PIPELINE = compiled(
    r"(?:^|/)(?:\.github|\.gitlab|\.circleci)/|\.gitlab-ci\.ya?ml$|(?:^|/)Jenkinsfile|\.(?:md|rst|adoc|txt)$"
)
_IN_PRODUCTION = compiled(
    r"(?i)\b(?:to|into|in|on|from) (?:the |our )?(?:live )?prod(?:uction)?\b(?![-/\w]| (?:ready|like|grade|mode|build|quality))"
    r"|\b(?:deploy|release|roll out|promote|update|upgrade|scale|restart|migrate|rotate|patch)\w* (?:the |our )?"
    r"prod(?:uction)? (?:cluster|database|db|namespace|environment|deployment|service|api|servers?|replicas|secrets?)\b"
    r"|^prod(?:uction)? (?:deployment|release|rollout|hotfix|upgrade|migration) of\b"
    r"|^(?:deploy|releas|roll|promot)\w* [^()]*\(prod(?:uction)?\)"
)
_MAKES = compiled(
    r"(?i)(?:implement|add|creat|writ|wrote|document|prepar|plan|draft|design|set(?:ting)? up|configur|buil[dt]|review"
    r"|propos|test|simulat|defin|introduc|describ|generat)"
)
_NEGATED = compiled(r"(?i)\b(?:not|never|nothing|without|no changes?|before|until|n't)\b")
_SENTENCE = compiled(r"[.;!]\s+|\n+")


class Sign(NamedTuple):
    """What tells that production is changed."""

    location: Location
    words: str


@dataclass(frozen=True)
class Record:
    """One change."""

    node: Node

    @property
    def label(self) -> str:
        return f"record {self.node['taskId'].text or f'of line {self.location.line}'}"

    @property
    def location(self) -> Location:
        return self.node.location

    @property
    def status(self) -> str:
        return self.node["status"].text

    @property
    def steps(self) -> list[Node]:
        """How it is undone, without what is left empty."""
        return [step for step in self.node["rollbackSteps"].strings() if step.text.strip()]

    @property
    def paths(self) -> list[Node]:
        """The files that it has changed and made."""
        return [path for key in ("filesChanged", "filesCreated") for path in self.node[key].strings() if path.text]

    @property
    def reason(self) -> str:
        """Why it waits for somebody: a reason, or a note."""
        return self.approval_reason or " ".join(note.text for note in self.node["notes"].strings()).strip()

    @property
    def approval_reason(self) -> str:
        return self.node["approvalReason"].text.strip()

    def says(self, key: str) -> bool | None:
        """What a field answers; None where it answers neither yes nor no."""
        value = self.node[key].value
        return value if isinstance(value, bool) else None

    @property
    def under_way(self) -> bool:
        """Whether something is changed, or waits to be: what is blocked or has failed may have touched nothing."""
        return self.status not in ("blocked", "failed") or bool(self.paths)

    @cached_property
    def production(self) -> Sign | None:
        """What tells that it changes production; None where nothing does."""
        return next(self._signs(), None)

    def _signs(self) -> Iterator[Sign]:
        for path in self.paths:
            if _lies_in_production(path.text):
                yield Sign(path.location, path.text)
        for key in ("environment", "namespace", "target"):
            if self.node[key].text.lower() in _PRODUCTION:
                yield Sign(self.node[key].location, f"{key} {self.node[key].text}")
        summary = self.node["summary"]
        sentences = [sentence.strip() for sentence in _SENTENCE.split(summary.text)]
        makes = _MAKES.match(summary.text.strip()) is not None
        for sentence in sentences:
            found = _IN_PRODUCTION.search(sentence)
            if found and not makes and not _MAKES.match(sentence) and not _NEGATED.search(sentence):
                yield Sign(summary.location, f"'{found[0].strip()}'")
        if makes or all(_PIPELINE.search(path.text) for path in self.paths):
            return
        for step in self.steps:
            for name in namespaces_in(step.text):
                if _words(name) & _PRODUCTION and not _words(name) & _NOT_PRODUCTION:
                    yield Sign(step.location, f"namespace {name}")


def _words(name: str) -> set[str]:
    return set(re.split(r"[-_./]", name.lower()))


def _lies_in_production(path: str) -> bool:
    words = _words(path)
    return bool(words & _PRODUCTION) and not words & _NOT_PRODUCTION and _CONFIGURES.search(path) is not None


def is_placeholder(node: Node) -> bool:
    """Whether a template's author left the value to others."""
    return _PLACEHOLDER.search(node.text) is not None


class RecordFile(YamlFile):
    """A file of change records."""

    kinds: ClassVar[tuple[str, ...]] = ("change-record",)

    @cached_property
    def records(self) -> list[Record]:
        found: list[Node] = []
        for document in self.stream.documents:
            root = document.root
            found += [root, *root, *(item for _, value in root.items() for item in value)]
        told = (node for node in found if all(node.has(key) for key in TELLING))
        return [Record(node) for node in told if node["agentName"].is_scalar]  # a schema has more to say of it

    def summaries(self) -> Iterator[object]:
        for record in self.records if self.readable else ():
            yield RecordSummary(self.path, record.label, record.location.line, record.node.last_line)
            for path in record.paths:
                yield RecordedPath(path.text, path.location)


class RecordSummary(NamedTuple):
    """A summary: a record, and the lines that it takes."""

    path: str
    label: str
    first_line: int
    last_line: int


class RecordedPath(NamedTuple):
    """A summary: a file that a record names."""

    name: str
    location: Location


def records(file: RecordFile) -> list[Record]:
    return file.records if file.readable else []
