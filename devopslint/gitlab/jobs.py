"""GitLab CI: the jobs of `.gitlab-ci.yml` as they run, with what they extend, include and inherit put together."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import ClassVar, Self

from devopslint.deferred import NamedTuple, cached_property, compiled, replace
from devopslint.gitlab.inputs import declared_inputs, filled, is_left_open
from devopslint.gitlab.summaries import GitlabSummary, base_of, is_root
from devopslint.gitlab.values import Value, laid_over, string, text_of, value_of
from devopslint.images.builds import scripted_builds
from devopslint.images.summaries import JobContainer
from devopslint.model import Location, PartialDocument, ProjectView, Summaries
from devopslint.readers.inclusion import taken_in
from devopslint.readers.yaml import Node
from devopslint.readers.yaml_dialects import GITLAB, Dialect
from devopslint.readers.yaml_file import YamlFile
from devopslint.scripts.steps import Script, StepSummary, Text

DEEPEST = 11
"""Levels of `extends` that GitLab itself allows."""
MOST_JOBS = 500
"""Jobs that GitLab allows in a pipeline by default."""
MOST_LINES = 50_000
"""Lines of scripts of one pipeline, references followed; what is beyond is not looked at."""
MOST_INHERITED = 200_000
"""Entries of one pipeline that jobs have from what they extend; what is beyond extends nothing."""
MOST_INCLUDES = 150
"""Files that GitLab lets a pipeline include."""


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
_MOST_OF_INPUTS = 5_000
"""Values in the defaults of a file's inputs."""
_DEFAULT_STAGES = (".pre", "build", "test", "deploy", ".post")


class GitlabFile(YamlFile):
    """A file with GitLab CI jobs."""

    kinds: ClassVar[tuple[str, ...]] = ("gitlab",)
    dialect: ClassVar[Dialect] = GITLAB

    @cached_property
    def root(self) -> Node:
        """The last document: a component's inputs stand in one of their own, ahead of the jobs."""
        return self.stream.documents[-1].root if self.stream.documents else super().root

    @property
    def inputs(self) -> tuple[tuple[Text, Value], ...]:
        """What the file declares, with the defaults."""
        documents = self.stream.documents
        return declared_inputs(documents[0].root, [_MOST_OF_INPUTS]) if len(documents) > 1 else ()

    def summaries(self) -> Iterable[object]:
        budget = [20_000]
        root = self.root
        entries = tuple((text_of(key), value_of(value, 0, budget)) for key, value in root.items())
        yield GitlabSummary(self.path, root.location, entries, root.is_mapping, self.inputs)
        for _, node in (("", root), *root.items()):
            image = node["image"]["name"] if node["image"].is_mapping else node["image"]
            if image.text and "$" not in image.text:
                yield JobContainer(image.text)
        for _, job in entries:
            parts = [part for key, part in job.entries if key.text in ("before_script", "script")]
            lines = [line.text for part in parts for line in (part, *part.items)]
            yield from (build._replace(path=self.path) for build in scripted_builds("\n".join(lines), ""))


class GitlabJob(NamedTuple):
    """A job as it runs."""

    id: Text
    stage: str
    """As it is written; empty where GitLab's default, `test`, says nothing of the job."""
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
    tier: str = ""
    """The `deployment_tier` of its environment."""
    stops: bool = False
    """True where it takes its environment down, or only looks at it."""
    merge_requests_only: bool = False
    optional: bool = False
    """True where the stages behind it do not wait: it is started by hand, or by a schedule."""
    refs: frozenset[str] = frozenset()
    """The branches that it is limited to, `tags` for any tag; empty where it runs on any."""
    children: tuple[str, ...] = ()
    """The files of the child pipeline that it starts."""
    downstream: bool = False
    """True where it starts a pipeline that is not of this repository, or made by another job."""
    starts_itself: bool = False
    """True where it is started by hand by some of its rules only."""
    told: tuple[tuple[str, Text], ...] = ()
    """(stage, keyword): what a keyword does without a script, `release` and `pages`."""


class GitlabPipeline(NamedTuple):
    path: str
    location: Location
    jobs: tuple[GitlabJob, ...]
    templates: tuple[Text, ...]
    """The names of GitLab's own templates that are included."""
    complete: bool
    """False where something is included from elsewhere."""


class RuledJobs(NamedTuple):
    """Jobs of a pipeline that have the same list of rules."""

    names: tuple[Text, ...]
    rules: tuple[Value, ...]
    """References followed, with what each takes from the job; those that keep it from running too."""
    workflow: tuple[Value, ...] | None
    """The rules of the pipeline itself; None where it has none."""
    complete: bool
    """False where the pipeline includes something from elsewhere."""

    @property
    def label(self) -> str:
        return f"job {self.names[0].text}"

    @property
    def location(self) -> Location:
        return self.names[0].location


class GitlabPipelines(ProjectView):
    """The pipelines of a repository; what one includes or starts as its child is none of its own."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("gitlab",)

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        return cls(summaries.of(GitlabSummary))

    def __init__(self, summaries: Iterable[GitlabSummary]) -> None:
        self.files = {summary.path: summary for summary in summaries if summary.readable}
        self._used: set[str] = set()

    def roots(self) -> Iterator[GitlabPipeline]:
        """The pipelines of the files that GitLab starts with."""
        for path in sorted(self.files, key=lambda path: (path.count("/"), path)):
            if self.files[path].root and path not in self._used:
                yield self._resolved((path,), base_of(path))

    def child(self, paths: tuple[str, ...], parent: str) -> GitlabPipeline:
        """The child pipeline that a job of the file `parent` starts."""
        return self._resolved(paths, base_of(parent))

    def ruled_jobs(self) -> Iterator[RuledJobs]:
        """The jobs of the pipelines that GitLab starts with, by their rules."""
        children: set[str] = set()
        for path in sorted(self.files, key=lambda path: (path.count("/"), path)):
            if self.files[path].root and path not in children:
                made, seen = self._made((path,), base_of(path))
                children.update(seen, made.children())
                yield from made.ruled_jobs()

    @property
    def beyond(self) -> list[Location]:
        """Where the pipelines that GitLab starts with include more than it takes."""
        roots = (path for path in sorted(self.files) if self.files[path].root)
        cut = (self._made((path,), base_of(path))[0].beyond for path in roots)
        return [at for at in cut if at is not None]

    def _resolved(self, paths: tuple[str, ...], base: str) -> GitlabPipeline:
        made, seen = self._made(paths, base)
        resolved = made.resolved()
        self._used.update(seen, *(job.children for job in resolved.jobs))
        return resolved

    def _made(self, paths: tuple[str, ...], base: str) -> tuple[_Pipeline, set[str]]:
        """The pipeline of some files, and those that it takes in."""
        made = _Pipeline(self.files[paths[0]], self.files, base)
        seen: set[str] = set()
        for path in paths:
            made.include(self.files[path], seen)
        return made, seen


def unread_includes(summaries: Summaries) -> Iterator[PartialDocument]:
    """Where what is included is not read any more."""
    for at in dict.fromkeys(summaries.seen_by(GitlabPipelines).beyond):
        reason = (
            f"the pipeline includes more than {MOST_INCLUDES} files, as many as GitLab takes: the others are not read"
        )
        yield PartialDocument(at.path, reason, at.line, at.line)


class _Pipeline:
    """The entries of a file and of all that it includes."""

    def __init__(self, summary: GitlabSummary, files: Mapping[str, GitlabSummary], base: str) -> None:
        self.summary = summary
        self.files = files
        self.base = base
        """The folder that paths begin in."""
        self.templates: list[Text] = []
        self.complete = True
        self.beyond: Location | None = None
        """Where it includes more than GitLab takes."""
        self.entries: dict[str, tuple[Text, Value]] = {}
        self._whole: dict[str, Value] = {}
        self._lines_left = MOST_LINES
        self._inherited_left = MOST_INHERITED
        self._defaults: dict[str, Value] = {}
        self._optional: set[str] = set()
        self._repeated = 0
        self._governed = False
        """Whether a template of GitLab's decides which pipelines there are."""

    def include(self, summary: GitlabSummary, seen: set[str], given: Value | None = None) -> None:
        """Take a file in, with the inputs that it is given; with others, it may be taken in once more."""
        if summary.path in seen and (given is None or self._repeated == MOST_INCLUDES):
            return
        if len(seen) > MOST_INCLUDES:  # each is included by another: one behind the other, they are a deep recursion
            self.complete = False
            self.beyond = self.beyond or (given.location if given is not None else summary.location)
            return
        self._repeated += summary.path in seen
        seen.add(summary.path)
        entries = filled(summary.entries, summary.inputs, given) if summary.inputs else summary.entries
        own = {name.text: (name, value) for name, value in entries}
        if "include" in own:
            self._included(own["include"][1], seen)
        for name, (at, value) in own.items():
            before = self.entries.get(name)
            # The file that includes wins over what it includes, key by key.
            self.entries[name] = (at, laid_over(before[1], value) if before is not None else value)

    def _included(self, include: Value, seen: set[str]) -> None:
        items = include.items if include.kind == "list" else (include,)
        self.complete &= len(items) <= MOST_INCLUDES
        for one in items[:MOST_INCLUDES]:
            if one.kind == "text":
                self._local(one, seen) if "://" not in one.text else self._unknown()
                continue
            local, template = one["local"], one["template"]
            if local is not None:
                self._local(local, seen, one["inputs"])
            elif template is not None:
                words = _template_words(template.text)
                self.templates.append(Text(words, template.location))
                self._governed |= words.startswith(("Workflows", "Auto-DevOps"))
                self.complete &= words.split()[:1] in _KNOWN_TEMPLATES or words.endswith(" Base")
            else:
                self._unknown()

    def _unknown(self) -> None:
        self.complete = False

    def _local(self, path: Value, seen: set[str], given: Value | None = None) -> None:
        found = _local_files(path.text, self.base, self.files)
        if not found:
            self.complete = False
        for path_found in found:
            before = self.beyond
            self.include(self.files[path_found], seen, given)
            if before is None and self.beyond is not None:
                self.beyond = path.location

    def _jobs(self) -> dict[str, Value]:
        """The jobs with all that they extend and refer to."""
        names = [name for name in self.entries if name not in _GLOBAL and not name.startswith(".")]
        values = {name: self._followed(self._extended(name)) for name in names}
        return {name: value for name, value in values.items() if _is_job(value)}

    def children(self) -> Iterator[str]:
        """The files of the child pipelines that its jobs start."""
        for value in self._jobs().values():
            yield from self._starts(value["trigger"])[0]

    def ruled_jobs(self) -> Iterator[RuledJobs]:
        """Its jobs by their rules; none where a template of GitLab's decides which pipelines there are."""
        if self._governed:
            return
        workflow = self.entries["workflow"][1]["rules"] if "workflow" in self.entries else None
        above = tuple(self._listed(workflow)) if workflow is not None else None
        found: dict[tuple[tuple[Location, str], ...], tuple[list[Text], tuple[Value, ...]]] = {}
        for name, value in self._jobs().items():
            rules = tuple(self._listed(value["rules"]))
            when = string(value["when"])
            same = tuple((rule.location, when) for rule in rules)
            found.setdefault(same, ([], tuple(_with_when(rule, value["when"]) for rule in rules)))[0].append(
                self.entries[name][0]
            )
        for names, rules in found.values():
            yield RuledJobs(tuple(names), rules, above, self.complete)

    def resolved(self) -> GitlabPipeline:
        if "default" in self.entries:
            entries = self.entries["default"][1].entries
            self._defaults = {key.text: value for key, value in entries if value.kind != "null"}
        jobs = self._jobs()
        self._optional = {name for name, value in jobs.items() if self._is_optional(value)}
        ranks = self._ranks(jobs)
        before = self._before(ranks)
        anywhere = tuple(name for name, value in jobs.items() if is_left_open(string(value["stage"])))
        if anywhere:
            # It may stand ahead of any job, and behind any: nothing is said of what does not wait for it.
            self.complete = False
            placed = tuple(name for name in jobs if name not in anywhere and name not in self._optional)
            before = {rank: names + anywhere for rank, names in before.items()} | {math.inf: placed}
        made = tuple(self._job(name, value, ranks[name], before[ranks[name]]) for name, value in jobs.items())
        return GitlabPipeline(self.summary.path, self.summary.location, made, tuple(self.templates), self.complete)

    def _ranks(self, jobs: Mapping[str, Value]) -> dict[str, float]:
        """The place of each job's stage among the stages; infinity where it is none of them."""
        stages: dict[str, float] = {}
        for rank, stage in enumerate(self._stages()):
            stages.setdefault(stage, rank)
        return {name: stages.get(string(value["stage"]) or "test", math.inf) for name, value in jobs.items()}

    def _before(self, ranks: Mapping[str, float]) -> dict[float, tuple[str, ...]]:
        """By rank, the jobs of the stages before; of very many, those of the last one, which wait for the rest."""
        at: dict[float, list[str]] = {}
        for name, rank in ranks.items():
            at.setdefault(rank, []).extend([name] if name not in self._optional else [])
        found: dict[float, tuple[str, ...]] = {}
        last: tuple[str, ...] = ()
        for rank in sorted(at):
            found[rank] = last
            if len(ranks) > MOST_JOBS:
                last = tuple(at[rank])
            else:
                last = tuple(name for name, one in ranks.items() if one <= rank and name not in self._optional)
        return found

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
            self._inherited_left -= len(inherited.entries)
            if self._inherited_left < 0:
                self.complete = False
                break
            merged = laid_over(merged, inherited) if merged is not None else inherited
        if merged is not None:
            self._whole[name] = laid_over(merged, value)
        return self._whole[name]

    def _followed(self, job: Value) -> Value:
        """The job with what its keywords refer to in the place of `!reference`."""
        if not any(value.reference for _, value in job.entries):
            return job
        return replace(job, entries=tuple((key, self._target(value)) for key, value in job.entries))

    def _target(self, value: Value) -> Value:
        for _ in range(DEEPEST):
            found = self._referred([item.text for item in value.items]) if value.reference else None
            if found is None:
                break
            value = found
        return value

    def _keyword(self, job: Value, name: str) -> Value | None:
        """The job's own value, else the default's, else the file's."""
        own = job[name]
        if own is not None or name not in _INHERITED or not _inherits(job, name):
            return own
        if name in self._defaults:
            return self._defaults[name]
        of_file = self.entries[name][1] if name in self.entries else None
        return None if of_file is None or of_file.kind == "null" else of_file

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

    def _rules(self, job: Value) -> Iterator[Value]:
        """The rules that let it run, references followed."""
        return (rule for rule in self._listed(job["rules"]) if string(rule["when"]) != "never")

    def _listed(self, rules: Value | None) -> Iterator[Value]:
        for rule in rules.items if rules is not None and rules.kind == "list" and not rules.reference else ():
            yield from self._rule(rule, 0)

    def _rule(self, rule: Value, depth: int) -> Iterator[Value]:
        self._lines_left -= 1
        if rule.kind == "list" and depth < DEEPEST and self._lines_left > 0:
            referred = self._referred([item.text for item in rule.items]) if rule.reference else rule
            for one in referred.items if referred is not None else ():
                yield from self._rule(one, depth + 1)
        elif rule.kind == "mapping":
            yield rule

    def _is_optional(self, job: Value) -> bool:
        """Whether the stages behind it begin without it: a job that is started by hand, unless it may not fail.

        `when: manual` alone lets the pipeline go on; in `rules` it stops it, unless `allow_failure` says otherwise.
        """
        tolerated = string(job["allow_failure"])
        rules = list(self._rules(job))
        if rules:
            return all(
                string(rule["when"]) in ("manual", "delayed") and (string(rule["allow_failure"]) or tolerated) == "true"
                for rule in rules
            )
        return string(job["when"]) == "manual" and tolerated != "false"

    def _needed(self, needs: Value) -> Iterator[str]:
        for need in needs.items if needs.kind == "list" else (needs,):
            if need.kind == "text":
                yield need.text if need.text in self.entries else _PART_OF_JOB.sub("", need.text)
            elif (job := need["job"]) is not None and need["project"] is None and need["pipeline"] is None:
                yield job.text

    def _starts(self, trigger: Value | None) -> tuple[tuple[str, ...], bool]:
        """The files of a child pipeline, and whether something else is started."""
        include = trigger["include"] if trigger is not None else None
        if trigger is None:
            return (), False
        if include is None:
            return (), True
        items = include.items if include.kind == "list" else (include,)
        found = [item if item.kind == "text" else item["local"] for item in items]
        paths = [_from_root(one.text, self.base) for one in found if one is not None]
        known = tuple(path for path in paths if path in self.files)
        return known, len(known) < len(items)

    def _steps(self, name: str, value: Value) -> Iterator[StepSummary]:
        for keyword in ("before_script", "script", "after_script"):
            for index, line in enumerate(self._lines(self._keyword(value, keyword))):
                yield _step(name, keyword, index, line)
        run = value["run"]
        for index, item in enumerate(run.items if run is not None else ()):
            script = item["script"]
            if script is not None:
                yield _step(name, "run", index, script)

    def _job(self, name: str, value: Value, rank: float, earlier: tuple[str, ...]) -> GitlabJob:
        when = string(value["when"])
        rules = list(self._rules(value))
        needs = _least_needed(value["needs"], rules)
        needed = tuple(self._needed(needs)) if needs is not None else earlier
        whens = [string(rule["when"]) or when or "on_success" for rule in rules]
        given = (value["when"], *(rule["when"] for rule in rules))
        failing = next((one for one in given if string(one) in ("always", "on_failure")), None)
        always = when in ("always", "on_failure") or (bool(whens) and set(whens) <= {"always", "on_failure"})
        environment = value["environment"]
        stops = tier = ""
        if environment is not None and environment.kind == "mapping":
            stops, tier = string(environment["action"]).removeprefix("start"), string(environment["deployment_tier"])
            environment = environment["name"] if not stops else None
        children, downstream = self._starts(value["trigger"])
        conditions = [string(rule["if"]) for rule in rules]
        return GitlabJob(
            id=self.entries[name][0],
            stage=string(value["stage"]),
            needs=needed,
            steps=tuple(self._steps(name, value)),
            environment=_as_text(environment),
            timeout=_as_text(self._keyword(value, "timeout")),
            allow_failure=_tolerated(value["allow_failure"], rules, manual="manual" in (when, *whens)),
            parallel=value["parallel"] is not None,
            manual="manual" in (when, *whens),
            after_failure=failing.location if always and failing is not None else None,
            only_after_failure=when == "on_failure" or set(whens) == {"on_failure"},
            at_once=needs.location
            if needs is not None and not needed and needs.kind == "list" and not needs.items and rank > 1
            else None,
            resource_group=value["resource_group"] is not None,
            keys=frozenset(
                [key.text for key, _ in value.entries] + [k for k in _INHERITED if self._keyword(value, k) is not None]
            ),
            tier=tier,
            stops=bool(stops),
            merge_requests_only=_only_for(conditions, value["only"], _MERGE_REQUEST, "merge_requests"),
            optional=name in self._optional or _only_for(conditions, value["only"], _SCHEDULE, "schedules"),
            refs=_refs(conditions, value["only"]),
            children=children,
            downstream=downstream,
            starts_itself="manual" in whens and set(whens) != {"manual"},
            told=tuple(
                (stage, key) for stage, word in _TELLING_KEYWORDS for key, _ in value.entries if key.text == word
            ),
        )


_KNOWN_TEMPLATES = (["Security"], ["Workflows"], ["Jobs"], ["Verify"], ["Pages"])
"""Folders of GitLab's templates whose names say all that their jobs do; those called `Base` have hidden jobs only."""
_PART_OF_JOB = compiled(r"(?:: \[[^\]]*\]| \d+/\d+)\Z")
"""What GitLab adds to the name of a job that it runs in parallel: `test: [3.12, linux]`, `test 1/5`."""
_TELLING_KEYWORDS = (("publish", "release"), ("deploy", "pages"))
_MERGE_REQUEST = compiled(r"merge_request_event|\$CI_MERGE_REQUEST_|\$CI_OPEN_MERGE_REQUESTS")
_SCHEDULE = compiled(r"""\$CI_PIPELINE_SOURCE\s*==\s*["']schedule["']""")
_BRANCH = compiled(
    r"""\$CI_COMMIT_(?:BRANCH|REF_NAME|REF_SLUG)\s*==\s*(?:["'](?P<name>[^"']*)["']|(?P<variable>\$\w+))"""
)
_TAG = compiled(r"\$CI_COMMIT_TAG\b(?!\s*==\s*null)")


def _inherits(job: Value, name: str) -> bool:
    """`inherit: default: false`, or a list of the keywords that are inherited."""
    default = job["inherit"]["default"] if job["inherit"] is not None else None
    if default is None:
        return True
    return name in [item.text for item in default.items] if default.kind == "list" else default.text != "false"


def _only_for(conditions: list[str], only: Value | None, wanted: re.Pattern[str], ref: str) -> bool:
    """Whether every way to run names it: `rules` whose conditions do, or `only` with this one word."""
    if conditions:
        return all(wanted.search(condition) and "||" not in condition for condition in conditions)
    return only is not None and [item.text for item in _listed_refs(only)] == [ref]


def _listed_refs(only: Value) -> tuple[Value, ...]:
    refs = only["refs"] if only.kind == "mapping" else only
    return refs.strings() if refs is not None else ()


def _refs(conditions: list[str], only: Value | None) -> frozenset[str]:
    """The branches that it is limited to; nothing where one way to run names none, or one by a pattern."""
    found: set[str] = set()
    for condition in conditions:
        branches = [match["name"] or match["variable"] for match in _BRANCH.finditer(condition)]
        if branches:
            found.update(branches)
        elif _TAG.search(condition) and "||" not in condition:
            found.add("tags")
        else:
            return frozenset()
    if not conditions and only is not None:
        # `main@group/project` is the branch, in pipelines of that project alone.
        names = [item.text.partition("@")[0] for item in _listed_refs(only)]
        return (
            frozenset(names) if not any(name.startswith("/") or name in _NO_BRANCH for name in names) else frozenset()
        )
    return frozenset(found)


_NO_BRANCH = ("branches", "merge_requests", "schedules", "web", "api", "pushes", "triggers", "pipelines", "external")


def _is_job(value: Value) -> bool:
    return value.kind == "mapping" and any(
        value[key] is not None for key in ("script", "trigger", "run", "extends", "needs", "stage")
    )


def _with_when(rule: Value, of_job: Value | None) -> Value:
    """The rule with the `when` of its job, where it has none of its own."""
    if of_job is None or rule["when"] is not None:
        return rule
    return replace(rule, entries=(*rule.entries, (Text("when", of_job.location), of_job)))


def _least_needed(own: Value | None, rules: list[Value]) -> Value | None:
    """What the job waits for in the least cautious of its ways to run: the `needs` of a rule replaces the job's."""
    ways = [rule for rule in rules if not _MERGE_REQUEST.search(string(rule["if"]))] or rules
    listed = [found for rule in ways if (found := rule["needs"] or own) is not None]
    return min(listed, key=lambda needs: len(needs.items) if needs.kind == "list" else 1, default=own)


def _tolerated(value: Value | None, rules: list[Value], *, manual: bool) -> Text | None:
    """`allow_failure: true`, of the job or of each of its rules. A manual job that nobody starts is no failure."""
    if manual:
        return None
    of_rules = [rule["allow_failure"] or value for rule in rules]
    if of_rules:
        value = next((one for one in of_rules if string(one) != "true"), of_rules[0])
    if value is None:
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


def included_files(files: Collection[str], read: Callable[[str], str]) -> dict[str, str]:
    """The kind of those files whose path in the repository alone does not tell that they are GitLab's: its pipelines include them.

    `read` gives the text of one of `files`, or raises OSError or ValueError.
    """
    candidates = {path for path in files if path.endswith((".yml", ".yaml"))}
    bases = {path: base_of(path) for path in sorted(candidates) if is_root(path)}

    def named(path: str, text: str) -> Iterator[str]:
        for one in _named_files(GitlabFile.read(path, text).root):
            for found in _local_files(one, bases[path], candidates):
                bases.setdefault(found, bases[path])
                yield found

    return dict.fromkeys(taken_in(list(bases), candidates, read, named), "gitlab")


def _named_files(root: Node) -> Iterator[str]:
    """What a file includes from its own repository, or starts as a child pipeline."""
    for include in (root["include"], *(job["trigger"]["include"] for _, job in root.items())):
        for one in islice(include, MOST_INCLUDES) if include.is_sequence else (include,):
            text = one.text if one.is_scalar else one["local"].text
            if text and "://" not in text:
                yield text


def _local_files(text: str, base: str, files: Collection[str]) -> list[str]:
    """The files that an entry of `include` names, in the order in which they are taken."""
    wanted = _from_root(text, base)
    if "*" not in wanted:
        return [wanted] if wanted in files else []
    pattern = _path_pattern(wanted)
    return [path for path in sorted(files) if pattern.fullmatch(path)]


def _from_root(path: str, base: str) -> str:
    return "/".join(part for part in (base, path.removeprefix("./").strip("/")) if part)


def _path_pattern(path: str) -> re.Pattern[str]:
    """`*` stays in a folder, `**` does not; what stands between two is taken where it comes first, so none is tried twice."""
    first, *others = re.split(r"\*\*/?", path)
    pattern = _in_folder(first, last=not others)
    for index, other in enumerate(others, 1):
        last = index == len(others)
        pattern += f".*{_in_folder(other, last=True)}" if last else f"(?>.*?{_in_folder(other, last=False)})"
    return re.compile(pattern, re.DOTALL)


def _in_folder(path: str, *, last: bool) -> str:
    """A part of a pattern without `**`; the last one has to end with the path."""
    first, *others = map(re.escape, path.split("*"))
    if last and others:
        return first + "".join(f"(?>[^/]*?{text})" for text in others[:-1]) + f"[^/]*{others[-1]}"
    return first + "".join(f"(?>[^/]*?{text})" for text in others)


def _as_text(value: Value | None) -> Text | None:
    return Text(value.text, value.location) if value is not None and value.text else None
