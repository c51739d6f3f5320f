"""What a build tool does on its way to the goal that it is given, told by rows."""

from __future__ import annotations

from devopslint.deferred import NamedTuple
from devopslint.pipeline.evidence import Said
from devopslint.pipeline.rows import AnswerRow

_BUILDS = ("build", "publish")


class OnTheWay(NamedTuple):
    stage: str
    said: str


def _goal(said: Said, runner: str, *stages: str) -> str:
    """The goal that the tool is given; empty where it is another tool, or does another stage's work."""
    return said.task.name if said.task is not None and said.task.runner == runner and said.stage in stages else ""


def _maven_tests(said: Said) -> OnTheWay | None:
    tests = _goal(said, "mvn", *_BUILDS) in ("package", "install", "verify", "deploy") and said.command is not None
    texts = said.command.texts if said.command is not None else ()
    return OnTheWay("test", "runs tests") if tests and not any("skip" in t and "est" in t for t in texts) else None


def _gradle_tests(said: Said) -> OnTheWay | None:
    tests = _goal(said, "gradle", *_BUILDS).rpartition(":")[2] in ("build", "check") and said.command is not None
    texts = said.command.texts if said.command is not None else ()
    return OnTheWay("test", "runs tests") if tests and "test" not in texts else None


def _maven_builds(said: Said) -> OnTheWay | None:
    builds = _goal(said, "mvn", "test") in ("verify", "integration-test")
    return OnTheWay("build", "builds on its way") if builds else None


GOAL_ROWS: tuple[AnswerRow[Said, OnTheWay], ...] = (
    AnswerRow(
        "maven-tests",
        "Maven goes through all phases before the one that is named, unless it is told to skip the tests",
        "go: {steps: [{run: mvn package}]}",
        "build test",
        _maven_tests,
    ),
    AnswerRow(
        "gradle-tests",
        "a build of Gradle checks, unless it is told to leave the tests out",
        "go: {steps: [{run: ./gradlew build}]}",
        "build test",
        _gradle_tests,
    ),
    AnswerRow(
        "maven-builds",
        "a test behind the packaging has gone through it",
        "go: {steps: [{run: mvn verify}]}",
        "build test",
        _maven_builds,
    ),
)
