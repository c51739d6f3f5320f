"""Where a project demands a test coverage: the settings of coverage tools, as summaries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from devopslint.deferred import NamedTuple, compiled
from devopslint.model import Location
from devopslint.readers.text_file import TextFile
from devopslint.readers.yaml import Source
from devopslint.scripts.dependencies import declared_dependencies

_DEMANDS: tuple[tuple[str, str], ...] = (
    (r"(?:pyproject\.toml|setup\.cfg|\.coveragerc|tox\.ini)", r"fail[_-]under[ \t]*=[ \t]*[\"']?(\d+(?:\.\d+)?)"),
    (r"(?:pyproject\.toml|setup\.cfg|tox\.ini)", r"--cov-fail-under[= ](\d+(?:\.\d+)?)"),
    (r"(?:package\.json|jest\.[^/]*|\.nycrc[^/]*|\.c8rc[^/]*|vite[^/]*|karma[^/]*|web-test-runner[^/]*)",
     r"[\"']?(?:lines|statements|branches|functions|global)[\"']?[ \t]*:[ \t]*(\d+(?:\.\d+)?)"),
    (r"\.?codecov\.ya?ml", r"target[ \t]*:[ \t]*[\"']?(\d+(?:\.\d+)?|auto)"),
    (r"(?:pom\.xml|build\.gradle(?:\.kts)?)",
     r"(?:<minimum>[ \t]*|minimum(?:Value)?[ \t]*=[ \t]*[\"']?|minimum[ \t]+|minBound\()(\d+(?:\.\d+)?)"),
    (r"pom\.xml", r"<(?:lineRate|haltOnFailure|totalLineRate)>[ \t]*(\d+)"),
    (r"\.testcoverage\.ya?ml", r"(?:total|package|file)[ \t]*:[ \t]*(\d+(?:\.\d+)?)"),
    (r"(?:\.simplecov|[^/]*_helper\.rb)", r"minimum_coverage[ \t(]+(?:line:[ \t]*)?(\d+(?:\.\d+)?)"),
    (r"tarpaulin\.toml", r"fail-under[ \t]*=[ \t]*(\d+(?:\.\d+)?)"),
    (r"\.octocov\.ya?ml", r"acceptable[ \t]*:[ \t]*[\"']?[^\d\n]{0,20}(\d+(?:\.\d+)?)"),
)  # fmt: skip
_READ = tuple((compiled(rf"{name}\Z"), compiled(demand)) for name, demand in _DEMANDS)
_THRESHOLDS = compiled(r"coverageThreshold|thresholds?\b|check-coverage|checkCoverage")
"""Without one of these, a number in a JavaScript configuration is no demand."""


class CoverageDemand(NamedTuple):
    """A test coverage, in percent, below which a tool fails; None where it is relative to the one before."""

    location: Location
    percent: float | None


class CoverageFile(TextFile):
    """The configuration of a coverage tool. It is read for what it demands; nothing in it is judged."""

    kinds: ClassVar[tuple[str, ...]] = ("coverage",)
    judged: ClassVar[bool] = False

    def summaries(self) -> Iterable[object]:
        return (*coverage_demands(self.path, self.text), *declared_dependencies(self.path, self.text))


def coverage_demands(path: str, text: str) -> Iterator[CoverageDemand]:
    """Every coverage that the file demands."""
    name = path.rpartition("/")[2]
    javascript = name.endswith((".js", ".ts", ".cjs", ".mjs", ".cts", ".mts", ".json")) or name.startswith(
        (".nycrc", ".c8rc")
    )
    if javascript and not _THRESHOLDS.search(text):
        return
    source = Source(path, text)
    for pattern, demand in _READ:
        if pattern.match(name):
            for found in demand.finditer(text):
                yield CoverageDemand(source.location(found.start(1), found.end(1)), _percent(found[1], name))


def _percent(text: str, name: str) -> float | None:
    if text == "auto":
        return None
    value = float(text)
    ratio = value <= 1 and name.startswith(("pom", "build.gradle"))
    return value * 100 if ratio else value
