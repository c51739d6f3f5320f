"""Declarative Jenkinsfiles: stages in their order, what each runs, and what follows a failure."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import ClassVar, NamedTuple

from devopslint.jenkins.reader import Statement, Token, read_jenkinsfile
from devopslint.model import Location, NotChecked
from devopslint.readers.text_file import TextFile
from devopslint.readers.yaml import Source
from devopslint.scripts.steps import Script, StepSummary, Text

NOT_DECLARATIVE = "holds no declarative pipeline; scripted ones and those of libraries are not read"
_SHELLS = {"sh": "", "bat": "cmd", "powershell": "powershell", "pwsh": "pwsh"}
_GOES_ON = {"cmd": "^", "powershell": "`", "pwsh": "`"}
"""What ends a line that goes on in the next one; in other shells a backslash."""
_AFTER_FAILURE = ("failure", "always", "unsuccessful", "cleanup", "unstable", "changed", "regression")
_ONLY_AFTER_FAILURE = ("failure", "unsuccessful", "regression")
_LOCKS = ("lock", "milestone")
_MOST_TOKENS = 60
"""Tokens of a call that are looked at."""
_MINUTES = {"SECONDS": 1 / 60, "MINUTES": 1, "HOURS": 60, "DAYS": 1440}


class JenkinsStage(NamedTuple):
    name: Text
    needs: tuple[str, ...]
    steps: tuple[StepSummary, ...]
    when: Text | None
    timeout: Text | None
    input: bool
    """True where it waits for a person."""
    matrix: bool
    serialized: bool
    """True where a lock keeps a second run of it waiting."""
    downstream: bool
    """True where it starts another job of Jenkins: `build job: 'shop-deploy'`."""
    pull_requests_only: bool
    refs: frozenset[str]
    """The branches that its `when` asks for, `tags` for any tag; empty where it runs on any."""


class _Around(NamedTuple):
    """What a stage takes over from those that it stands in."""

    when: Statement | None = None
    timeout: Text | None = None
    input: bool = False
    matrix: bool = False
    serialized: bool = False


class JenkinsSummary(NamedTuple):
    path: str
    location: Location
    stages: tuple[JenkinsStage, ...]
    after_failure: tuple[StepSummary, ...]
    """What `post` does when the pipeline has failed."""
    timeout: Text | None
    serialized: bool


class UnreadPipeline(NamedTuple):
    """A file whose pipeline is not known."""

    path: str
    reason: str


class Jenkinsfile(TextFile):
    """A Jenkinsfile; only a declarative one has stages."""

    kinds: ClassVar[tuple[str, ...]] = ("jenkinsfile",)

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text)
        self.source = Source(path, text)
        statements = read_jenkinsfile(text)
        self.pipeline = next((s for s in statements if s.name.text == "pipeline" and s.body is not None), None)
        self.unchecked = self.pipeline is None and bool(text.strip())
        if self.unchecked:
            self.not_checked.append(NotChecked(path, NOT_DECLARATIVE))

    def extent(self, line: int) -> tuple[int, int]:
        """A stage's lines, for the line that it begins on."""
        return line, self._last_lines.get(line, line)

    @functools.cached_property
    def _last_lines(self) -> dict[int, int]:
        """By the line on which a statement begins, the last of the longest that does."""
        found: dict[int, int] = {}
        for statement in self.pipeline.walk() if self.pipeline is not None else ():
            first = self.source.place(statement.name.start)[0]
            found[first] = max(found.get(first, first), self.source.place(_end(statement))[0])
        return found

    def summaries(self) -> Iterable[object]:
        if self.pipeline is None:
            return (UnreadPipeline(self.path, NOT_DECLARATIVE),) if self.unchecked else ()
        self._names: set[str] = set()
        stages: list[JenkinsStage] = []
        for block in self.pipeline.statements("stages"):
            self._stages(list(block.statements("stage")), (), stages, _Around())
        after = [step for block in self.pipeline.statements("post") for step in self._after_failure(block)]
        options = [option for block in self.pipeline.statements("options") for option in block.body or ()]
        return (
            JenkinsSummary(
                self.path,
                self._location(self.pipeline.name),
                tuple(stages),
                tuple(after),
                self._timeout(options),
                any(option.name.text in ("disableConcurrentBuilds", *_LOCKS) for option in options),
            ),
        )

    def _location(self, token: Token) -> Location:
        return self.source.location(token.start, token.end)

    def _stages(
        self, statements: list[Statement], needs: tuple[str, ...], made: list[JenkinsStage], around: _Around
    ) -> tuple[str, ...]:
        """Add these stages, one behind the other; the ids that what follows waits for."""
        for statement in statements:
            matrices = list(statement.statements("matrix"))
            blocks = [statement, *matrices]
            nested = [s for outer in blocks for block in outer.statements("stages") for s in block.statements("stage")]
            parallel = [inner for block in statement.statements("parallel") for inner in block.statements("stage")]
            if nested or parallel:
                inside = self._inside(statement, around, matrix=bool(matrices))
                first = len(made)
                if nested:
                    needs = self._stages(nested[:1], needs, made, inside)
                    needs = self._stages(nested[1:], needs, made, inside._replace(input=False))
                else:
                    ends = [self._stages([inner], needs, made, inside) for inner in parallel]
                    needs = tuple(name for end in ends for name in end)
                after = tuple(step for block in statement.statements("post") for step in self._after_failure(block))
                if len(made) > first and after:
                    made[-1] = made[-1]._replace(steps=(*made[-1].steps, *after))
            else:
                stage = self._stage(statement, needs, len(made), around)
                made.append(stage)
                needs = (stage.name.text,)
        return needs

    def _inside(self, statement: Statement, around: _Around, *, matrix: bool) -> _Around:
        options = [option for block in statement.statements("options") for option in block.body or ()]
        return _Around(
            next(statement.statements("when"), around.when),
            self._timeout(options) or around.timeout,
            around.input or any(True for _ in statement.statements("input")),
            around.matrix or matrix,
            around.serialized or any(option.name.text in _LOCKS for option in options),
        )

    def _stage(self, statement: Statement, needs: tuple[str, ...], place: int, around: _Around) -> JenkinsStage:
        said = statement.argument("")
        name = Text(said.text if said is not None else "stage", self._location(said or statement.name))
        if name.text in self._names:
            name = name._replace(text=f"{name.text} #{place + 1}")
        self._names.add(name.text)
        steps: list[StepSummary] = []
        for block in statement.statements("steps"):
            steps.extend(self._steps(block, name.text, None))
        for block in statement.statements("post"):
            steps.extend(self._after_failure(block))
        inside = self._inside(statement, around, matrix=False)
        when = inside.when
        return JenkinsStage(
            name,
            needs,
            tuple(steps),
            Text("when", self._location(when.name)) if when is not None else None,
            inside.timeout or self._timeout(inner for inner in statement.walk() if inner.name.text == "timeout"),
            inside.input or any(inner.name.text == "input" for inner in statement.walk()),
            inside.matrix or any(inner.name.text == "parallel" for inner in statement.walk()),
            inside.serialized or any(inner.name.text in _LOCKS for inner in statement.walk()),
            any(
                _starts_job(call)
                for block in statement.statements("steps")
                for inner in block.walk()
                for call in _calls(inner)
            ),
            when is not None and any(one.name.text == "changeRequest" for one in _demands(when)),
            _refs(when) if when is not None else frozenset(),
        )

    def _after_failure(self, post: Statement) -> Iterator[StepSummary]:
        for block in post.statements(*_AFTER_FAILURE):
            condition = "failure()" if block.name.text in _ONLY_AFTER_FAILURE else "always()"
            for step in self._steps(block, f"post {block.name.text}", None):
                yield step._replace(condition=Text(condition, self._location(block.name)))

    def _steps(self, block: Statement, owner: str, tolerated: Text | None) -> Iterator[StepSummary]:
        for statement in block.body or ():
            ignoring = tolerated or self._ignores_failure(statement)
            condition = {"catch": "failure()", "finally": "always()"}.get(statement.name.text)
            for step in self._steps(statement, owner, ignoring) if statement.body is not None else ():
                yield (
                    step
                    if condition is None
                    else step._replace(condition=Text(condition, self._location(statement.name)))
                )
            for call in _calls(statement):
                if not _starts_job(call):
                    yield self._step(call, owner, ignoring)

    def _ignores_failure(self, statement: Statement) -> Text | None:
        """What lets the stages behind it begin all the same: `catchError`, `warnError`, a status nobody looks at."""
        name = statement.name.text
        status = statement.argument("returnStatus") if name in _SHELLS else None
        if name in ("catchError", "warnError") or (status is not None and status.text == "true"):
            return Text("true", self._location(statement.name))
        return None

    def _step(self, statement: Statement, owner: str, tolerated: Text | None) -> StepSummary:
        location = self._location(statement.name)
        name = statement.name.text
        script = statement.argument("script", "") if name in _SHELLS else None
        if script is not None:
            first = self.source.place(script.start)[0]
            count = script.text.count("\n") + 1
            places = tuple(self._line(first + index, script) for index in range(count))
            shell = _SHELLS[name]
            text = script.text.replace(f"{_GOES_ON[shell]}\n", "\\\n") if shell in _GOES_ON else script.text
            run = Script(text, shell, places)
        else:
            # A step of a plugin is a command of its own: slackSend, junit, kubernetesDeploy.
            run = Script(name, "", (location,))
        return StepSummary.of_script(f"stage {owner} {name}", location, run, continue_on_error=tolerated)

    def _line(self, line: int, script: Token) -> Location:
        """A line of a script, as far as it stands in the file."""
        starts = self.source.line_starts
        line = min(line, len(starts))
        start = max(starts[line - 1], script.start)
        end = starts[line] if line < len(starts) else len(self.source.text)
        return self.source.location(start, max(start, min(end, script.end)))

    def _timeout(self, options: Iterable[Statement]) -> Text | None:
        for option in options:
            time = option.argument("time", "") if option.name.text == "timeout" else None
            if time is not None:
                unit = option.argument("unit")
                try:
                    minutes = float(time.text) * _MINUTES.get(unit.text if unit is not None else "MINUTES", 1)
                except ValueError:
                    return Text(time.text, self._location(time))
                return Text(f"{minutes:g}", self._location(time))
        return None


def _calls(statement: Statement) -> Iterator[Statement]:
    """The steps that a statement calls: itself, and what stands in it, `def status = sh(script: 'make')`."""
    tokens = statement.tokens
    if statement.name.kind == "name" and not (tokens and tokens[0].text in (":", "=")):
        yield statement
    for index, token in enumerate(tokens):
        behind = tokens[index + 1] if index + 1 < len(tokens) else None
        if token.kind != "name" or behind is None or (index and tokens[index - 1].text == "."):
            continue
        if behind.text == "(" or (behind.kind == "text" and token.text in _SHELLS):
            yield Statement(token, tokens[index + 1 : index + 1 + _MOST_TOKENS])


def _starts_job(call: Statement) -> bool:
    return call.name.text == "build" and call.argument("job", "") is not None


def _demands(when: Statement) -> Iterator[Statement]:
    """The conditions that have to hold, every one."""
    for statement in when.body or ():
        if statement.name.text == "allOf":
            yield from _demands(statement)
        else:
            yield statement


def _refs(when: Statement) -> frozenset[str]:
    for statement in _demands(when):
        refs = [_ref(one) for one in (statement.body or () if statement.name.text == "anyOf" else (statement,))]
        if refs and all(refs):
            return frozenset(refs)
    return frozenset()


def _ref(condition: Statement) -> str:
    """The branch that a condition asks for; empty where it asks for something else, or for several."""
    if condition.name.text in ("buildingTag", "tag"):
        return "tags"
    said = condition.argument("pattern", "") if condition.name.text == "branch" else None
    return said.text if said is not None and not set("*?$/") & set(said.text) else ""


def _end(statement: Statement) -> int:
    last = statement
    while last.body:
        last = last.body[-1]
    return last.tokens[-1].end if last.tokens else last.name.end
