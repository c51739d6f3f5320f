"""GitLab CI: the jobs of `.gitlab-ci.yml` as they run, with what they extend, include and inherit put together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from devopslint.model import Location
from devopslint.readers.yaml import Node, Scalar
from devopslint.views.workflow import Script, StepSummary, Text, line_locations
from devopslint.views.yaml_file import YamlFile

DEEPEST = 11
"""Levels of `extends` that GitLab itself allows."""
MOST_JOBS = 500
"""Jobs that GitLab allows in a pipeline by default."""
MOST_LINES = 50_000
"""Lines of scripts of one pipeline, references followed; what is beyond is not looked at."""

_GLOBAL = frozenset(
    (
        "default",
        "include",
        "stages",
        "variables",
        "workflow",
        "image",
        "services",
        "cache",
        "before_script",
        "after_script",
        "spec",
    )
)
_INHERITED = (
    "image",
    "services",
    "cache",
    "before_script",
    "after_script",
    "timeout",
    "retry",
    "artifacts",
    "tags",
    "interruptible",
)
_DEFAULT_STAGES = (".pre", "build", "test", "deploy", ".post")


@dataclass(frozen=True, slots=True)
class Value:
    """A value of the file with its place: a text, a list, a mapping, or a `!reference`."""

    location: Location
    text: str = ""
    lines: tuple[Location, ...] = ()
    """The place of each line of a text over several lines."""
    items: tuple[Value, ...] = ()
    entries: tuple[tuple[Text, Value], ...] = ()
    reference: bool = False
    kind: str = "text"
    """text, list or mapping."""

    def __getitem__(self, key: str) -> Value | None:
        return next((value for name, value in reversed(self.entries) if name.text == key), None)

    def strings(self) -> tuple[Value, ...]:
        if self.kind == "text":
            return (self,) if self.text else ()
        return tuple(item for item in self.items if item.kind == "text")


@dataclass(frozen=True, slots=True)
class GitlabSummary:
    """One file: its top-level entries."""

    path: str
    location: Location
    entries: tuple[tuple[Text, Value], ...]
    readable: bool

    @property
    def root(self) -> bool:
        """Whether GitLab starts with this file; others only run where they are included."""
        return self.path.rpartition("/")[2] in (".gitlab-ci.yml", ".gitlab-ci.yaml")


class GitlabFile(YamlFile):
    """A file with GitLab CI jobs."""

    kinds: ClassVar[tuple[str, ...]] = ("gitlab",)

    @property
    def root(self) -> Node:
        """The last document: a component's inputs stand in one of their own, ahead of the jobs."""
        return self.stream.documents[-1].root if self.stream.documents else super().root

    def summaries(self) -> Iterable[object]:
        budget = [20_000]
        root = self.root
        entries = tuple((_text(key), _value(value, 0, budget)) for key, value in root.items())
        return (GitlabSummary(self.path, root.location, entries, root.is_mapping),)


def _text(node: Node) -> Text:
    return Text(node.text, node.location)


def _value(node: Node, depth: int, budget: list[int]) -> Value:
    """The node as a value; what is nested or repeated by aliases beyond any real file is cut off."""
    budget[0] -= 1
    if depth > 20 or budget[0] < 0:
        return Value(node.location)
    if node.is_mapping:
        entries = tuple((_text(key), _value(value, depth + 1, budget)) for key, value in node.items())
        return Value(node.location, entries=entries, kind="mapping")
    if node.is_sequence:
        items = tuple(_value(item, depth + 1, budget) for item in node)
        return Value(node.location, items=items, reference=node.tag == "!reference", kind="list")
    lines = line_locations(node) if isinstance(node, Scalar) and "\n" in node.text else ()
    return Value(node.location, text=node.text, lines=lines)


@dataclass(frozen=True, slots=True)
class GitlabJob:
    """A job as it runs."""

    id: Text
    stage: str
    needs: tuple[str, ...]
    steps: tuple[StepSummary, ...]
    environment: Text | None
    timeout: Text | None
    allow_failure: Text | None
    parallel: bool
    manual: bool
    after_failure: Location | None
    only_after_failure: bool
    at_once: Location | None
    resource_group: bool
    keys: frozenset[str]
    """The keywords that it has or inherits."""


@dataclass(frozen=True, slots=True)
class GitlabPipeline:
    path: str
    location: Location
    jobs: tuple[GitlabJob, ...]
    templates: tuple[Text, ...]
    """The names of GitLab's own templates that are included."""
    complete: bool
    """False where something is included from elsewhere."""


def resolve(summaries: Iterable[GitlabSummary]) -> Iterator[GitlabPipeline]:
    """The pipelines of the files that GitLab starts with."""
    files = {summary.path: summary for summary in summaries}
    for summary in files.values():
        if summary.root and summary.readable:
            yield _Pipeline(summary, files).resolved()


class _Pipeline:
    """The entries of a file and of all that it includes."""

    def __init__(self, summary: GitlabSummary, files: Mapping[str, GitlabSummary]) -> None:
        self.summary = summary
        self.files = files
        self.templates: list[Text] = []
        self.complete = True
        self.entries: dict[str, tuple[Text, Value]] = {}
        self._whole: dict[str, Value] = {}
        self._lines_left = MOST_LINES
        self._jobs_of: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._include(summary, set())

    def _include(self, summary: GitlabSummary, seen: set[str]) -> None:
        if summary.path in seen:
            return
        seen.add(summary.path)
        own = {name.text: (name, value) for name, value in summary.entries}
        if "include" in own:
            self._included(own["include"][1], seen)
        for name, (at, value) in own.items():
            before = self.entries.get(name)
            # The file that includes wins over what it includes, key by key.
            self.entries[name] = (at, _merged(before[1], value) if before is not None else value)

    def _included(self, include: Value, seen: set[str]) -> None:
        for one in include.items if include.kind == "list" else (include,):
            if one.kind == "text":
                self._local(one, seen) if "://" not in one.text else self._unknown()
                continue
            local, template = one["local"], one["template"]
            if local is not None:
                self._local(local, seen)
            elif template is not None:
                self.templates.append(Text(_template_words(template.text), template.location))
            else:
                self._unknown()

    def _unknown(self) -> None:
        self.complete = False

    def _local(self, path: Value, seen: set[str]) -> None:
        base = self.summary.path.rpartition("/")[0]
        wanted = "/".join(part for part in (base, path.text.strip("/")) if part)
        pattern = _path_pattern(wanted) if "*" in wanted else None
        found = [s for p, s in sorted(self.files.items()) if (pattern.fullmatch(p) if pattern else p == wanted)]
        if not found:
            self.complete = False
        for summary in found:
            self._include(summary, seen)

    def resolved(self) -> GitlabPipeline:
        names = [name for name in self.entries if name not in _GLOBAL and not name.startswith(".")]
        stages = self._stages()
        values = {name: self._extended(name) for name in names}
        jobs = {name: value for name, value in values.items() if _is_job(value)}
        stage_of = {name: (_string(value["stage"]) or "test") for name, value in jobs.items()}
        made = tuple(self._job(name, value, stage_of, stages) for name, value in jobs.items())
        return GitlabPipeline(self.summary.path, self.summary.location, made, tuple(self.templates), self.complete)

    def _stages(self) -> tuple[str, ...]:
        listed = self.entries.get("stages")
        names = tuple(item.text for item in listed[1].strings()) if listed is not None else ()
        return (".pre", *names, ".post") if names else _DEFAULT_STAGES

    def _extended(self, name: str, depth: int = 0) -> Value:
        """The entry with what it extends beneath it; a circle ends where it closes."""
        if name in self._whole:
            return self._whole[name]
        value = self._whole[name] = self.entries[name][1]
        extends = value["extends"]
        merged: Value | None = None
        for parent in extends.strings() if extends is not None and depth < DEEPEST else ():
            if parent.text not in self.entries:
                self.complete = False
                continue
            inherited = self._extended(parent.text, depth + 1)
            merged = _merged(merged, inherited) if merged is not None else inherited
        if merged is not None:
            self._whole[name] = _merged(merged, value)
        return self._whole[name]

    def _keyword(self, job: Value, name: str) -> Value | None:
        """The job's own value, else the default's, else the file's."""
        own = job[name]
        if own is not None or name not in _INHERITED:
            return own
        default = self.entries.get("default")
        inherited = default[1][name] if default is not None else None
        if inherited is not None:
            return inherited
        return self.entries[name][1] if name in self.entries else None

    def _lines(self, value: Value | None, depth: int = 0) -> Iterator[Value]:
        """The texts of a script, references followed."""
        self._lines_left -= 1
        if value is None or depth > 10 or self._lines_left < 0:
            return
        if value.reference:
            yield from self._lines(self._referred([item.text for item in value.items]), depth + 1)
        elif value.kind == "list":
            for item in value.items:
                yield from self._lines(item, depth + 1)
        elif value.text:
            yield value

    def _referred(self, path: list[str]) -> Value | None:
        if not path or path[0] not in self.entries:
            return None
        value: Value | None = self._extended(path[0])
        for key in path[1:]:
            value = value[key] if value is not None else None
        return value

    def _earlier(self, stages: tuple[str, ...], stage_of: Mapping[str, str]) -> tuple[str, ...]:
        """The jobs of these stages; of very many, those of the last one, which wait for the rest."""
        if stages not in self._jobs_of:
            filled = [stage for stage in stages if stage in set(stage_of.values())]
            wanted = set(filled[-1:] if len(stage_of) > MOST_JOBS else filled)
            self._jobs_of[stages] = tuple(name for name, stage in stage_of.items() if stage in wanted)
        return self._jobs_of[stages]

    def _job(self, name: str, value: Value, stage_of: Mapping[str, str], stages: tuple[str, ...]) -> GitlabJob:
        at = self.entries[name][0]
        steps = [
            _step(name, keyword, index, line)
            for keyword in ("before_script", "script", "after_script")
            for index, line in enumerate(self._lines(self._keyword(value, keyword)))
        ]
        needs = value["needs"]
        rank = stages.index(stage_of[name]) if stage_of[name] in stages else len(stages)
        if needs is not None:
            needed = tuple(_needed(needs))
        else:
            needed = self._earlier(stages[:rank], stage_of)
        when = _string(value["when"])
        rules = value["rules"].items if value["rules"] is not None else ()
        whens = [_string(rule["when"]) or "on_success" for rule in rules]
        failing = next(
            (
                w
                for w in [value["when"], *(rule["when"] for rule in rules)]
                if w is not None and w.text in ("always", "on_failure")
            ),
            None,
        )
        always = when in ("always", "on_failure") or (
            bool(whens) and set(whens) - {"never"} <= {"always", "on_failure"}
        )
        environment = value["environment"]
        if environment is not None and environment.kind == "mapping":
            action = _string(environment["action"])
            environment = environment["name"] if action in ("", "start") else None
        return GitlabJob(
            id=at,
            stage=stage_of[name],
            needs=needed,
            steps=tuple(steps),
            environment=Text(environment.text, environment.location)
            if environment is not None and environment.text
            else None,
            timeout=_as_text(self._keyword(value, "timeout")),
            allow_failure=_tolerated(value["allow_failure"], manual="manual" in (when, *whens)),
            parallel=value["parallel"] is not None,
            manual="manual" in (when, *whens),
            after_failure=failing.location if always and failing is not None else None,
            only_after_failure=when == "on_failure" or (bool(whens) and set(whens) - {"never"} == {"on_failure"}),
            at_once=needs.location
            if needs is not None and not needed and needs.kind == "list" and not needs.items and rank > 1
            else None,
            resource_group=value["resource_group"] is not None,
            keys=frozenset(
                [key.text for key, _ in value.entries] + [k for k in _INHERITED if self._keyword(value, k) is not None]
            ),
        )


def _merged(under: Value, over: Value) -> Value:
    """Mappings key by key, the second one's values first; anything else is replaced."""
    if under.kind != "mapping" or over.kind != "mapping":
        return over
    entries = {name.text: (name, value) for name, value in under.entries}
    for name, value in over.entries:
        before = entries.get(name.text)
        entries[name.text] = (name, _merged(before[1], value) if before is not None else value)
    return Value(over.location, entries=tuple(entries.values()), kind="mapping")


def _is_job(value: Value) -> bool:
    return value.kind == "mapping" and any(
        value[key] is not None for key in ("script", "trigger", "run", "extends", "needs", "stage")
    )


def _needed(needs: Value) -> Iterator[str]:
    for need in needs.items if needs.kind == "list" else (needs,):
        if need.kind == "text":
            yield need.text
        else:
            job = need["job"]
            if job is not None and need["project"] is None and need["pipeline"] is None:
                yield job.text


def _tolerated(value: Value | None, *, manual: bool) -> Text | None:
    """`allow_failure: true`, or with exit codes. A manual job that nobody starts is no failure."""
    if value is None or manual:
        return None
    if value.kind == "mapping":
        return None
    return Text(value.text, value.location) if value.text == "true" else None


def _step(job: str, keyword: str, index: int, line: Value) -> StepSummary:
    script = Script(line.text, "", line.lines or (line.location,))
    return StepSummary.of_script(f"job {job} {keyword} #{index + 1}", line.location, script)


def _template_words(name: str) -> str:
    """`Jobs/SAST.gitlab-ci.yml` -> what its name says: `Security` for the scanners."""
    return re.sub(r"\.(?:latest\.)?gitlab-ci\.ya?ml\Z", "", name).replace("/", " ")


def _path_pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/?|\*)", path)
    return re.compile(
        "".join(".*" if part.startswith("**") else "[^/]*" if part == "*" else re.escape(part) for part in parts)
    )


def _as_text(value: Value | None) -> Text | None:
    return Text(value.text, value.location) if value is not None and value.text else None


def _string(value: Value | None) -> str:
    return value.text if value is not None else ""
