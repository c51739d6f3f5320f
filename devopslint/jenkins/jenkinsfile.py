"""Jenkinsfiles: stages in their order, what each runs, and what follows a failure.

A declarative one is read whole, a scripted one as far as its blocks go: node, stage, parallel, try, input, and functions
of its own.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import ClassVar

from devopslint.deferred import NamedTuple, cached_property, compiled
from devopslint.images.builds import scripted_builds
from devopslint.images.summaries import ImageBuild, JobImage
from devopslint.jenkins.reader import Statement, Token, read_blocks
from devopslint.jenkins.summaries import AgentPod, JenkinsStage, JenkinsSummary, UnreadPipeline
from devopslint.model import Fault, Location, NotChecked
from devopslint.readers.text_file import TextFile
from devopslint.readers.yaml import Source
from devopslint.scripts.steps import MARKED, Script, StepSummary, Text
from devopslint.scripts.tasks import joined

NOT_READ = "holds no stages or steps that can be read; pipelines of libraries are not"
_SHELLS = {"sh": "", "bat": "cmd", "powershell": "powershell", "pwsh": "pwsh"}
_TOOLS = frozenset(("make", "mvn", "gradle", "npm", "yarn"))
"""Steps that libraries call after the program that they run."""
_GOES_ON = {"cmd": "^", "powershell": "`", "pwsh": "`"}
"""What ends a line that goes on in the next one; in other shells a backslash."""
_AFTER_FAILURE = ("failure", "always", "unsuccessful", "cleanup", "unstable", "changed", "regression")
_ONLY_AFTER_FAILURE = ("failure", "unsuccessful", "regression")
_LOCKS = ("lock", "milestone")
_MOST_TOKENS = 60
"""Tokens of a call that are looked at."""
_GROOVY = frozenset(
    (
        "if",
        "else",
        "for",
        "while",
        "switch",
        "case",
        "return",
        "throw",
        "import",
        "new",
        "def",
        "try",
        "catch",
        "finally",
    )
)
"""Words of the language itself."""
_BLOCKS = frozenset(
    (  # noqa: SIM905  # shorter than a list
        "ansiColor cache container configFileProvider dir dockerNode finally gitStatusWrapper lock node nodejs parallel pipeline "
        "podTemplate properties retry script sshagent stage stages steps throttle timeout timestamps tool waitUntil wrap ws"
    ).split()
)
"""Steps of Jenkins and its plugins that take a block."""
_DEEPEST_CALL = 5
"""Functions of a Jenkinsfile that call each other."""
_MOST_STAGES = 2_000
"""Stages of a scripted pipeline, those of functions counted at each call."""
_LOADS = compiled(r"@Library\b|\b(?:library|load)\b[ \t]*[('\"]")
_BRANCH = compiled(r"(?:BRANCH_NAME|GIT_BRANCH)\s*==~?\s*(?:origin/)?(?P<name>[\w./-]+)")
_AGENT_POD = compiled(r"\byamlFile[ \t]*[:(]?[ \t]*['\"](?P<path>[\w./-]+\.ya?ml)['\"]")
_MINUTES = {"SECONDS": 1 / 60, "MINUTES": 1, "HOURS": 60, "DAYS": 1440}


class _Around(NamedTuple):
    """What a stage takes over from those that it stands in."""

    when: Statement | None = None
    timeout: Text | None = None
    input: bool = False
    matrix: bool = False
    serialized: bool = False
    refs: frozenset[str] = frozenset()
    pull_requests_only: bool = False


class Jenkinsfile(TextFile):
    """A Jenkinsfile, declarative or scripted."""

    kinds: ClassVar[tuple[str, ...]] = ("jenkinsfile",)

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text)
        self.source = Source(path, text)
        self.statements, open_blocks = read_blocks(text)
        if open_blocks and "<%" not in text:
            inner = open_blocks[-1].name
            said = f"the file ends in the middle of the block that '{inner.text}' begins"
            self.faults.append(Fault(self.location(inner), said))
        self.pipeline = next((s for s in self.statements if s.name.text == "pipeline" and s.body is not None), None)
        self.scripted = None if self.pipeline is not None else _Scripted(self).read()
        self.unchecked = self.pipeline is None and self.scripted is None and bool(text.strip())
        if self.unchecked:
            self.not_checked.append(NotChecked(path, NOT_READ))

    def extent(self, line: int) -> tuple[int, int]:
        """A stage's lines, for the line that it begins on."""
        return line, self._last_lines.get(line, line)

    @cached_property
    def _last_lines(self) -> dict[int, int]:
        """By the line on which a statement begins, the last of the longest that does."""
        found: dict[int, int] = {}
        for statement in (inner for outer in self.statements for inner in (outer, *outer.walk())):
            first = self.source.place(statement.name.start)[0]
            found[first] = max(found.get(first, first), self.source.place(_end(statement))[0])
        return found

    def summaries(self) -> Iterator[object]:
        yield from (AgentPod(found["path"], self.path) for found in _AGENT_POD.finditer(self.text))
        yield from self._told()

    def _told(self) -> Iterable[object]:
        if self.scripted is not None:
            return (self.scripted, *(build._replace(path=self.path) for build in _builds(self.statements, "")))
        if self.pipeline is None:
            return (UnreadPipeline(self.path, NOT_READ),) if self.unchecked else ()
        self._names: set[str] = set()
        stages: list[JenkinsStage] = []
        images = [image for block in self.pipeline.walk() for image in _job_images(block)]
        for block in self.pipeline.statements("stages"):
            self._stages(list(block.statements("stage")), (), stages, _Around())
        after = [step for block in self.pipeline.statements("post") for step in self._after_failure(block)]
        options = [option for block in self.pipeline.statements("options") for option in block.body or ()]
        return (
            JenkinsSummary(
                self.path,
                self.location(self.pipeline.name),
                tuple(stages),
                tuple(after),
                self.timeout(options),
                any(option.name.text in ("disableConcurrentBuilds", *_LOCKS) for option in options),
                _LOADS.search(self.text) is None,
            ),
            *images,
            *(build._replace(path=self.path) for build in _builds(self.statements, "")),
        )

    def location(self, token: Token) -> Location:
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
            self.timeout(options) or around.timeout,
            around.input or any(True for _ in statement.statements("input")),
            around.matrix or matrix,
            around.serialized or any(option.name.text in _LOCKS for option in options),
        )

    def _stage(self, statement: Statement, needs: tuple[str, ...], place: int, around: _Around) -> JenkinsStage:
        said = statement.argument("")
        name = Text(said.text if said is not None else "stage", self.location(said or statement.name))
        if name.text in self._names:
            name = name._replace(text=f"{name.text} #{place + 1}")
        self._names.add(name.text)
        steps: list[StepSummary] = []
        for block in statement.statements("steps"):
            steps.extend(self.steps(block, name.text, None))
        for block in statement.statements("post"):
            steps.extend(self._after_failure(block))
        inside = self._inside(statement, around, matrix=False)
        when = inside.when
        return JenkinsStage(
            name,
            needs,
            tuple(steps),
            Text("when", self.location(when.name)) if when is not None else None,
            inside.timeout or self.timeout(inner for inner in statement.walk() if inner.name.text == "timeout"),
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

    def after_failure(self, block: Statement, condition: str) -> Iterator[StepSummary]:
        """The steps of a block that runs behind a failure."""
        for step in self.steps(block, block.name.text, None):
            yield step._replace(condition=Text(condition, self.location(block.name)))

    def _after_failure(self, post: Statement) -> Iterator[StepSummary]:
        for block in post.statements(*_AFTER_FAILURE):
            condition = "failure()" if block.name.text in _ONLY_AFTER_FAILURE else "always()"
            for step in self.steps(block, f"post {block.name.text}", None):
                yield step._replace(condition=Text(condition, self.location(block.name)))

    def steps(self, block: Statement, owner: str, tolerated: Text | None) -> Iterator[StepSummary]:
        for statement in block.body or ():
            ignoring = tolerated or self._ignores_failure(statement)
            condition = {"catch": "failure()", "finally": "always()"}.get(statement.name.text)
            for step in self.steps(statement, owner, ignoring) if statement.body is not None else ():
                if condition is not None:
                    step = step._replace(condition=Text(condition, self.location(statement.name)))
                yield step._replace(folder=joined(_folder(statement), step.folder))
            for call in _calls(statement):
                if not _starts_job(call) and call.name.text not in _GROOVY:
                    yield self._step(call, owner, ignoring)

    def _ignores_failure(self, statement: Statement) -> Text | None:
        """What lets the stages behind it begin all the same: `catchError`, `warnError`, a status nobody looks at.

        Of the first two the build is marked all the same, unless it is told to succeed.
        """
        name = statement.name.text
        status = statement.argument("returnStatus") if name in _SHELLS else None
        if name in ("catchError", "warnError"):
            result = statement.argument("buildResult")
            passes = name == "catchError" and result is not None and result.text in ("SUCCESS", "null")
            return Text("true" if passes else MARKED, self.location(statement.name))
        if status is not None and status.text == "true":
            return Text("true", self.location(statement.name))
        return None

    def _step(self, statement: Statement, owner: str, tolerated: Text | None) -> StepSummary:
        location = self.location(statement.name)
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
            run = Script(_command_of(statement), "", (location,))
        return StepSummary.of_script(f"stage {owner} {name}", location, run, continue_on_error=tolerated)

    def _line(self, line: int, script: Token) -> Location:
        """A line of a script, as far as it stands in the file."""
        starts = self.source.line_starts
        line = min(line, len(starts))
        start = max(starts[line - 1], script.start)
        end = starts[line] if line < len(starts) else len(self.source.text)
        return self.source.location(start, max(start, min(end, script.end)))

    def timeout(self, options: Iterable[Statement]) -> Text | None:
        for option in options:
            time = option.argument("time", "") if option.name.text == "timeout" else None
            if time is not None:
                unit = option.argument("unit")
                try:
                    minutes = float(time.text) * _MINUTES.get(unit.text if unit is not None else "MINUTES", 1)
                except ValueError:
                    return Text(time.text, self.location(time))
                return Text(f"{minutes:g}", self.location(time))
        return None


def _builds(statements: Iterable[Statement], folder: str) -> Iterator[ImageBuild]:
    """The images that its shells build, in the folders that it goes to."""
    for one in statements:
        script = one.argument("script", "") if one.name.text == "sh" else None
        if script is not None and script.kind == "text":
            yield from scripted_builds(script.text, folder)
        yield from _builds(one.body or (), posixpath.join(folder, _folder(one)))


def _job_images(block: Statement) -> Iterator[JobImage]:
    """The Dockerfile that an `agent` is built from: one of the tree, unless it is told otherwise."""
    for one in block.statements("dockerfile") if block.name.text == "agent" else ():
        said = {inner.name.text: inner.argument("") for inner in one.body or ()}
        told = [said.get("dir"), said.get("filename")]
        folder, name = (token.text if token is not None else None for token in told)
        yield JobImage(posixpath.normpath(posixpath.join(folder or "", name or "Dockerfile")), False)


def _is_of_library(name: str) -> bool:
    """Whether a step with a block in it is neither Groovy's nor of Jenkins and its plugins, as far as they are known."""
    if "." in name or name in _GROOVY or name in _BLOCKS:
        return False
    return not name.startswith(("with", "catch", "warn")) or name.endswith("Pipeline")


class _Scripted:
    """The stages of a scripted pipeline: what stands in no stage belongs to the one before it."""

    def __init__(self, file: Jenkinsfile) -> None:
        self.file = file
        self.functions = {
            statement.tokens[0].text: statement
            for statement in file.statements
            if statement.name.text in ("def", "void") and statement.body is not None and statement.tokens
        }
        self.made: list[JenkinsStage] = []
        self.names: set[str] = set()
        self.after: list[StepSummary] = []
        self.wrapper = ""
        self.waiting = False
        """True behind an `input`: the next stage begins when a person has answered."""

    def read(self) -> JenkinsSummary | None:
        """None where it has no stage and runs nothing that is known."""
        file = self.file
        blocks = [one for one in file.statements if one.name.text not in ("def", "void", "class", "import")]
        self._walk(blocks, (), _Around(), 0)
        if not self.made:
            return None
        options = [one for one in file.statements if one.name.text == "properties"]
        serialized = any(token.text == "disableConcurrentBuilds" for one in options for token in one.tokens)
        return JenkinsSummary(
            file.path,
            file.location(file.statements[0].name),
            tuple(self.made),
            tuple(self.after),
            None,
            serialized,
            _LOADS.search(file.text) is None and not self.wrapper,
            self.wrapper,
        )

    def _walk(
        self, statements: list[Statement], needs: tuple[str, ...], around: _Around, depth: int
    ) -> tuple[str, ...]:
        """Add what these do; the ids that what follows waits for."""
        before, ends, parallel = needs, needs, False
        for statement in statements:
            name = statement.name.text
            branch = statement.name.kind == "mark" or (statement.tokens[:1] and statement.tokens[0].text == ":")
            if name == "parallel" or (parallel and branch and statement.body is not None):
                # The first branch stands behind the word, the others beside it.
                first = name == "parallel"
                before = ends if first else before
                inside = self._walk(statement.body or [], before, around, depth)
                ends = tuple(dict.fromkeys((*(() if first else ends), *inside)))
                parallel = True
                continue
            parallel = False
            ends = self._take(statement, ends, around, depth)
        return ends

    def _take(self, statement: Statement, needs: tuple[str, ...], around: _Around, depth: int) -> tuple[str, ...]:
        name, body = statement.name.text, statement.body
        if len(self.made) >= _MOST_STAGES:
            return needs
        if name == "stage":
            return self._stage(statement, needs, around, depth)
        if name in self.functions and body is None and depth < _DEEPEST_CALL:
            return self._walk(self.functions[name].body or [], needs, around, depth + 1)
        if name == "input" or any(call.name.text == "input" for call in _calls(statement)):
            self.waiting = True
        if body is None:
            self._loose([statement], needs)
            return needs
        if name in ("catch", "finally") and not any(inner.name.text == "stage" for inner in statement.walk()):
            self.after.extend(self.file.after_failure(statement, "failure()" if name == "catch" else "always()"))
            return needs
        if _is_of_library(name) and name not in self.functions and statement.name.kind == "name":
            self.wrapper = self.wrapper or name
        return self._walk(body, needs, self._inside(statement, around), depth)

    def _inside(self, statement: Statement, around: _Around) -> _Around:
        name = statement.name.text
        if name == "if":
            said = "".join(token.text for token in statement.tokens)
            branch = _BRANCH.search(said) if "||" not in said else None
            refs = frozenset((branch["name"],)) if branch is not None else around.refs
            return around._replace(refs=refs, pull_requests_only=around.pull_requests_only or "CHANGE_ID" in said)
        return around._replace(
            timeout=self.file.timeout((statement,)) or around.timeout, serialized=around.serialized or name in _LOCKS
        )

    def _stage(self, statement: Statement, needs: tuple[str, ...], around: _Around, depth: int) -> tuple[str, ...]:
        inner = list(statement.walk())
        if any(one.name.text == "stage" for one in inner):
            return self._walk(statement.body or [], needs, around, depth)
        said = statement.argument("")
        name = Text(said.text if said is not None else "stage", self.file.location(said or statement.name))
        if name.text in self.names:
            name = name._replace(text=f"{name.text} #{len(self.made) + 1}")
        self.names.add(name.text)
        bodies = [statement, *self._called(inner, depth)]
        self.made.append(
            JenkinsStage(
                name,
                needs,
                tuple(step for body in bodies for step in self.file.steps(body, name.text, None)),
                None,
                around.timeout or self.file.timeout(one for one in inner if one.name.text == "timeout"),
                self.waiting or any(one.name.text == "input" for one in inner),
                any(one.name.text == "parallel" for one in inner),
                around.serialized or any(one.name.text in _LOCKS for one in inner),
                any(_starts_job(call) for one in inner for call in _calls(one)),
                around.pull_requests_only,
                around.refs,
            )
        )
        self.waiting = False
        return (name.text,)

    def _called(self, statements: list[Statement], depth: int) -> Iterator[Statement]:
        """The functions of the file that these call."""
        for statement in statements:
            for call in _calls(statement):
                function = self.functions.get(call.name.text)
                if function is not None and depth < _DEEPEST_CALL:
                    yield function
                    yield from self._called(list(function.walk()), depth + 1)

    def _loose(self, statements: list[Statement], needs: tuple[str, ...]) -> None:
        holder = Statement(statements[0].name, [], statements)
        steps = [step for step in self.file.steps(holder, "node", None) if step.script is not None]
        if not any(call.name.text in _SHELLS for one in statements for call in _calls(one)):
            return
        if not self.made:
            place = self.file.location(statements[0].name)
            self.made.append(
                JenkinsStage(Text("node", place), needs, (), None, None, False, False, False, False, False, frozenset())
            )
            self.names.add("node")
        self.made[-1] = self.made[-1]._replace(steps=(*self.made[-1].steps, *steps))


def _command_of(statement: Statement) -> str:
    """A step as a command: `make 'lint'` of a library, and what an image or a cluster of a plugin is told to do."""
    name, said = statement.name.text, statement.argument("")
    if name in _TOOLS and said is not None and said.kind == "text":
        return f"{name} {said.text}"
    pushes = name.endswith(".push") and (name == "docker.push" or "image" in name.lower())
    return "docker push" if pushes else name


def _folder(statement: Statement) -> str:
    """Where `dir('api') { … }` goes to."""
    said = statement.argument("") if statement.name.text == "dir" else None
    return said.text if said is not None else "."


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
