"""Declarative Jenkinsfiles: stages in their order, what each runs, and what follows a failure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from devopslint.model import Location, NotChecked
from devopslint.readers.jenkinsfile import Statement, Token, read_jenkinsfile
from devopslint.readers.yaml import Source
from devopslint.views.text_file import TextFile
from devopslint.views.workflow import Script, StepSummary, Text

_SHELLS = {"sh": "", "bat": "cmd", "powershell": "powershell", "pwsh": "pwsh"}
_AFTER_FAILURE = ("failure", "always", "unsuccessful", "cleanup", "unstable")
_MINUTES = {"SECONDS": 1 / 60, "MINUTES": 1, "HOURS": 60, "DAYS": 1440}


@dataclass(frozen=True, slots=True)
class JenkinsStage:
    name: Text
    needs: tuple[str, ...]
    steps: tuple[StepSummary, ...]
    when: Text | None
    timeout: Text | None
    input: bool
    """True where it waits for a person."""


@dataclass(frozen=True, slots=True)
class JenkinsSummary:
    path: str
    location: Location
    stages: tuple[JenkinsStage, ...]
    after_failure: tuple[StepSummary, ...]
    """What `post` does when the pipeline has failed."""
    timeout: Text | None
    serialized: bool


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
            self.not_checked.append(NotChecked(path, "is a scripted pipeline; only declarative ones are read"))

    def extent(self, line: int) -> tuple[int, int]:
        """A stage's lines, for the line that it begins on."""
        last = line
        for statement in self.pipeline.walk() if self.pipeline is not None else ():
            if self.source.place(statement.name.start)[0] == line:
                last = max(last, self.source.place(_end(statement))[0])
        return line, last

    def summaries(self) -> Iterable[object]:
        if self.pipeline is None:
            return ()
        self._names: set[str] = set()
        stages: list[JenkinsStage] = []
        for block in self.pipeline.statements("stages"):
            self._stages(list(block.statements("stage")), (), stages)
        after = [step for block in self.pipeline.statements("post") for step in self._after_failure(block)]
        options = [option for block in self.pipeline.statements("options") for option in block.body or ()]
        return (
            JenkinsSummary(
                self.path,
                self._location(self.pipeline.name),
                tuple(stages),
                tuple(after),
                self._timeout(options),
                any(option.name.text == "disableConcurrentBuilds" for option in options),
            ),
        )

    def _location(self, token: Token) -> Location:
        return self.source.location(token.start, token.end)

    def _stages(self, statements: list[Statement], needs: tuple[str, ...], made: list[JenkinsStage]) -> tuple[str, ...]:
        """Add these stages, one behind the other; the ids that what follows waits for."""
        for statement in statements:
            blocks = [statement, *statement.statements("matrix")]
            nested = [s for outer in blocks for block in outer.statements("stages") for s in block.statements("stage")]
            parallel = [inner for block in statement.statements("parallel") for inner in block.statements("stage")]
            if nested:
                needs = self._stages(nested, needs, made)
            elif parallel:
                ends = [self._stages([inner], needs, made) for inner in parallel]
                needs = tuple(name for end in ends for name in end)
            else:
                stage = self._stage(statement, needs, len(made))
                made.append(stage)
                needs = (stage.name.text,)
        return needs

    def _stage(self, statement: Statement, needs: tuple[str, ...], place: int) -> JenkinsStage:
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
        options = [option for block in statement.statements("options") for option in block.body or ()]
        options.extend(inner for inner in statement.walk() if inner.name.text == "timeout")
        when = next(statement.statements("when"), None)
        return JenkinsStage(
            name,
            needs,
            tuple(steps),
            Text("when", self._location(when.name)) if when is not None else None,
            self._timeout(options),
            any(inner.name.text == "input" for inner in statement.walk()),
        )

    def _after_failure(self, post: Statement) -> Iterator[StepSummary]:
        for block in post.statements(*_AFTER_FAILURE):
            condition = "failure()" if block.name.text == "failure" else "always()"
            for step in self._steps(block, f"post {block.name.text}", None):
                yield step._replace(condition=Text(condition, self._location(block.name)))

    def _steps(self, block: Statement, owner: str, tolerated: Text | None) -> Iterator[StepSummary]:
        for statement in block.body or ():
            ignoring = tolerated or self._ignores_failure(statement)
            if statement.body is not None:
                yield from self._steps(statement, owner, ignoring)
            yield self._step(statement, owner, ignoring)

    def _ignores_failure(self, statement: Statement) -> Text | None:
        """`catchError(buildResult: 'SUCCESS')` and `warnError` let the pipeline go on."""
        if statement.name.text == "warnError":
            return Text("true", self._location(statement.name))
        result = statement.argument("buildResult") if statement.name.text == "catchError" else None
        if result is not None and result.text in ("SUCCESS", "UNSTABLE", "null"):
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
            run = Script(script.text, _SHELLS[name], places)
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


def _end(statement: Statement) -> int:
    last = statement
    while last.body:
        last = last.body[-1]
    return last.tokens[-1].end if last.tokens else last.name.end
