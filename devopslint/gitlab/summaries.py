"""What a file of GitLab CI tells other files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devopslint.deferred import NamedTuple
from devopslint.model import Location
from devopslint.scripts.steps import Text

if TYPE_CHECKING:
    from devopslint.gitlab.values import Value  # it reads YAML, and there may be no such file

ROOTS = (".gitlab-ci.yml", ".gitlab-ci.yaml")
"""The names of the files that GitLab begins with."""
CHOSEN = ("/.gitlab/gitlab-ci.yml", "/.gitlab/gitlab-ci.yaml")
"""What projects choose in their settings, which no file tells, where nothing includes it."""


class GitlabSummary(NamedTuple):
    """One file: its top-level entries."""

    path: str
    location: Location
    entries: tuple[tuple[Text, Value], ...]
    readable: bool
    inputs: tuple[tuple[Text, Value], ...] = ()
    """What `spec: inputs:` declares, each with its default; null where there is none."""

    @property
    def root(self) -> bool:
        """Whether GitLab starts with this file; others only run where they are included."""
        return is_root(self.path)


def is_root(path: str) -> bool:
    return path.rpartition("/")[2] in ROOTS or f"/{path}".endswith(CHOSEN)


def base_of(path: str) -> str:
    """The folder of the repository whose pipeline begins with the file: what it includes is named from there."""
    folder = path.rpartition("/")[0]
    return folder.removesuffix(".gitlab").rstrip("/") if f"/{folder}".endswith("/.gitlab") else folder
