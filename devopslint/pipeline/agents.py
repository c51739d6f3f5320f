"""The pods that pipelines run in, whose manifests lie in the tree."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from devopslint.jenkins.summaries import AgentPod
from devopslint.model import PartialDocument, Summaries


def agents(summaries: Summaries) -> Iterator[PartialDocument]:
    """The manifests that Jenkinsfiles name: Jenkins completes them, and such a pod serves nobody."""
    for one in summaries.of(AgentPod):
        yield PartialDocument(posixpath.normpath(one.path), f"is the pod of an agent: {one.by} runs in it")
