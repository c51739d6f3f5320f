"""Pipelines of other systems, which are known to be there and not read: what they do is not known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

from devopslint.jenkins.summaries import UnreadPipeline
from devopslint.model import NotChecked
from devopslint.readers.text_file import TextFile

_SYSTEMS: tuple[tuple[str, str], ...] = (
    (r"(?:^|/)\.circleci/", "CircleCI"),
    (r"azure-?pipelines|(?:^|/)\.(?:azuredevops|azure)/|(?:^|/)vsts", "Azure Pipelines"),
    (r"cloudbuild", "Cloud Build"),
    (r"(?:^|/)\.tekton/", "Tekton"),
    (r"\.groovy\Z", "Jenkins, in Groovy of its own"),
    (r"travis", "Travis CI"),
    (r"appveyor", "AppVeyor"),
    (r"bitbucket", "Bitbucket"),
    (r"drone", "Drone"),
    (r"woodpecker", "Woodpecker"),
    (r"buildkite", "Buildkite"),
    (r"semaphore", "Semaphore"),
    (r"cirrus", "Cirrus CI"),
    (r"buildspec", "CodeBuild"),
    (r"codefresh", "Codefresh"),
    (r"(?:^|/)\.(?:forgejo|gitea)/", "Forgejo"),
)


class OtherPipeline(TextFile):
    """A pipeline of a system that is not read."""

    kinds: ClassVar[tuple[str, ...]] = ("other-pipeline",)
    judged: ClassVar[bool] = False

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text)
        lowered = path.lower()
        system = next((name for pattern, name in _SYSTEMS if re.search(pattern, lowered)), "another system")
        self.reason = f"is a pipeline of {system}, which is not read"
        if text.strip():
            self.not_checked.append(NotChecked(path, self.reason))

    def summaries(self) -> Iterable[object]:
        return (UnreadPipeline(self.path, self.reason),) if self.not_checked else ()
