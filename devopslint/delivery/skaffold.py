"""The images that Skaffold builds: where a manifest names one, Skaffold writes what it has built in its place."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from devopslint.images.summaries import SkaffoldImages
from devopslint.kubernetes.summaries import WorkloadSummary
from devopslint.model import PartialDocument, Summaries
from devopslint.readers.image_reference import ImageReference


def replaced_images(summaries: Summaries) -> Iterator[PartialDocument]:
    """The lines below the folder of a skaffold.yaml that name an image which it builds."""
    for built in summaries.of(SkaffoldImages):
        folder = posixpath.dirname(built.path)
        names = {ImageReference.parse(name).name for name in built.names}
        reason = f"names an image that {built.path} builds: its tag is set when it is deployed"
        for workload in summaries.of(WorkloadSummary):
            if folder and not workload.location.path.startswith(f"{folder}/"):
                continue
            for container in workload.containers:
                image, at = ImageReference.parse(container.image), container.image_location
                if image.name in names and not image.digest:
                    keys = frozenset({"image"})
                    yield PartialDocument(at.path, reason, at.line, at.line, keys, column=at.column)
