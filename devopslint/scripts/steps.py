"""The steps of jobs as summaries, whatever CI runs them: what each uses or runs, as texts with their places."""

from __future__ import annotations

import re
from typing import Self

from devopslint.deferred import NamedTuple, compiled
from devopslint.model import Location
from devopslint.readers.yaml import Node, Scalar

_COMMIT = compiled(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z", re.IGNORECASE)


_REPOSITORY = compiled(r"(?P<owner>[^/@\s]+)/(?P<repo>[^/@\s]+)(?:/(?P<path>[^@\s]*))?@(?P<ref>\S+)\Z")


class Uses(NamedTuple):
    """What `uses:` names: an action or workflow of a repository, a local one, or an image."""

    text: str
    location: Location
    kind: str
    """repository, local, docker, or malformed."""
    owner: str = ""
    repo: str = ""
    path: str = ""
    """Inside the repository: of a sub-action, of a workflow; of a local one, without the leading `./`."""
    ref: str = ""
    """Behind the @; of an image, its tag or digest."""
    image: str = ""
    ref_start: int = 0
    """Offset of the ref in the text."""

    @classmethod
    def of(cls, node: Node) -> Uses | None:
        if not node.is_scalar or not node.text:
            return None
        # GitHub drops the line break that a block scalar ends in.
        return cls.parse(node.text.rstrip(), node.location)

    @classmethod
    def parse(cls, text: str, location: Location) -> Uses:
        # `$/` is this very repository, at the commit that runs.
        if text.startswith(("./", "$/")):
            return cls(text, location, "local", path=text[2:].strip("/"))
        if text.startswith("docker://"):
            name = text.removeprefix("docker://")
            image, mark, ref = name.partition("@")
            if not mark and ":" in name.rpartition("/")[2]:
                image, _, ref = name.rpartition(":")
            return cls(text, location, "docker", image=image, ref=ref, ref_start=len(text) - len(ref))
        found = _REPOSITORY.match(text)
        if found is None:
            return cls(text, location, "malformed")
        owner, repo, path, ref = found["owner"], found["repo"], found["path"] or "", found["ref"]
        return cls(text, location, "repository", owner, repo, path.strip("/"), ref, ref_start=found.start("ref"))

    @property
    def repository(self) -> str:
        return f"{self.owner}/{self.repo}" if self.owner else ""

    @property
    def action(self) -> str:
        """Without the ref: `owner/repo/path`."""
        return f"{self.repository}/{self.path}" if self.repository and self.path else self.repository

    @property
    def local(self) -> bool:
        return self.kind == "local"

    @property
    def pinned(self) -> bool:
        """By a commit, or an image by a digest."""
        if self.kind == "docker":
            return self.ref.startswith("sha256:")
        return _COMMIT.match(self.ref) is not None


class Text(NamedTuple):
    """A text with its place, for summaries."""

    text: str
    location: Location

    def __str__(self) -> str:
        return self.text


class Script(NamedTuple):
    text: str
    shell: str
    """Empty where the runner decides."""
    lines: tuple[Location, ...]
    """The place of each line of the text."""

    def at(self, line: int) -> Location:
        """The place of a line of the text, from 1."""
        return self.lines[min(max(line, 1), len(self.lines)) - 1]


MARKED = "marked"
"""Of `continue_on_error`: what comes behind goes on, and the run counts as failed or unstable all the same."""


class StepSummary(NamedTuple):
    label: str
    location: Location
    id: Text
    name: Text
    condition: Text
    uses: Uses | None
    arguments: tuple[tuple[Text, Text], ...]
    env: tuple[tuple[Text, Text], ...]
    script: Script | None
    continue_on_error: Text
    timeout: Text
    folder: str = "."
    """Where its script begins."""

    @classmethod
    def of_script(
        cls,
        label: str,
        location: Location,
        script: Script,
        *,
        continue_on_error: Text | None = None,
        folder: str = ".",
    ) -> Self:
        """A step of another CI, which knows little more than what to run."""
        nothing = Text("", location)
        return cls(
            label=label,
            location=location,
            id=nothing,
            name=nothing,
            condition=nothing,
            uses=None,
            arguments=(),
            env=(),
            script=script,
            continue_on_error=continue_on_error or nothing,
            timeout=nothing,
            folder=folder,
        )


def line_locations(script: Scalar) -> tuple[Location, ...]:
    """The place of each line of a script, without its indentation; of an empty one, that of the line before it."""
    places: list[Location] = []
    start = 0
    for line in script.text.splitlines(keepends=True):
        bare = line.strip()
        begin = start + len(line) - len(line.lstrip())
        places.append(script.span(begin, begin + len(bare)) if bare or not places else places[-1])
        start += len(line)
    return tuple(places) or (script.location,)
