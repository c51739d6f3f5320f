"""What workflows and actions take from elsewhere: actions, reusable workflows and images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from devopslint.deferred import NamedTuple, compiled
from devopslint.github.enabled import live_action_steps, live_job_steps, live_jobs, live_steps
from devopslint.github.expressions import Literal, references
from devopslint.github.files import ActionFile, WorkflowFile
from devopslint.github.platform import MOST_MATRIX_JOBS
from devopslint.github.taint import leaves
from devopslint.github.workflow import Embedded, Job, Step, embedded
from devopslint.model import Location, Related
from devopslint.readers.image_reference import ImageReference
from devopslint.readers.yaml import Node
from devopslint.scripts.steps import Uses

_MOST_IMAGES = 20
"""Values of a matrix that are told apart for one image."""
_VERSION = compiled(r"(?:tag=)?v?([0-9]{1,4})(?:\.[0-9]|[\s,;]|\Z)")


class Use(NamedTuple):
    """A `uses:` of a step, or of a job that calls a reusable workflow."""

    owner: Step | Job
    uses: Uses

    @property
    def label(self) -> str:
        return f"{self.owner.label} uses"

    @property
    def location(self) -> Location:
        return self.uses.location

    def span(self, start: int, end: int) -> Location:
        """Part of its text."""
        return self.owner.node["uses"].span(start, end)


def version_of(step: Step) -> int | None:
    """The major version of the action that a step uses, by its ref or by the comment behind that; None if unknown."""
    if step.uses is None:
        return None
    for text in (step.uses.ref, step.node["uses"].comment):
        if found := _VERSION.match(text):
            return int(found[1])
    return None


def uses(file: WorkflowFile) -> Iterator[Use]:
    for job in live_jobs(file):
        if job.uses is not None:
            yield Use(job, job.uses)
    yield from _of_steps(live_steps(file))


def action_uses(file: ActionFile) -> Iterator[Use]:
    yield from _of_steps(live_action_steps(file))


def _of_steps(found: Iterable[Step]) -> Iterator[Use]:
    for step in found:
        if step.uses is not None:
            yield Use(step, step.uses)


class UsedImage(NamedTuple):
    """An image that a container, a service, a step or an action runs; of an expression, one of those it may give."""

    label: str
    location: Location
    reference: ImageReference | None
    """None where it is not known before the run."""
    related: tuple[Related, ...] = ()

    @property
    def name(self) -> str:
        return self.reference.text if self.reference is not None else ""


def images(file: WorkflowFile) -> Iterator[UsedImage]:
    for job in live_jobs(file):
        container = job.container
        image = container["image"] if container.is_mapping else container
        yield from _images(f"{job.label} container", image, job)
        for name, service in job.services:
            yield from _images(f"{job.label} service {name.text}", service["image"], job)
        yield from _of_docker_steps(live_job_steps(job))


def action_images(file: ActionFile) -> Iterator[UsedImage]:
    image = file.action.node.get("runs", "image")
    if image.text.startswith("docker://"):
        yield _image("action image", image.location, image.text.removeprefix("docker://"))
    yield from _of_docker_steps(live_action_steps(file))


def _of_docker_steps(found: Iterable[Step]) -> Iterator[UsedImage]:
    for step in found:
        if step.uses is not None and step.uses.kind == "docker":
            yield _image(step.label, step.uses.location, step.uses.text.removeprefix("docker://"))


def _image(label: str, location: Location, text: str, related: tuple[Related, ...] = ()) -> UsedImage:
    return UsedImage(label, location, ImageReference.parse(text), related)


def _images(label: str, node: Node, job: Job) -> Iterator[UsedImage]:
    if not node.is_scalar or not node.text.strip():
        return
    found = list(embedded(node, ("image",), job))
    if not found:
        yield _image(label, node.location, node.text.removeprefix("docker://"))
    elif found[0].fills_its_value:
        yield from _given(label, found[0], job)
    elif not (reference := ImageReference.parse(node.text)).digest:
        yield UsedImage(label, node.location, reference if reference.tag == "latest" else None)


def _given(label: str, one: Embedded, job: Job) -> Iterator[UsedImage]:
    """What one expression may give: its literals, and the values of a matrix."""
    for number, leaf in enumerate(leaves(one.tree) if one.tree is not None else (), 1):
        place, known_as = one.at(leaf), f"{label} ({number})"
        if isinstance(leaf, Literal):
            if leaf.value:
                yield _image(known_as, place, str(leaf.value))
            continue
        path = next((found.path for found in references(leaf)), ())
        if path[:1] != ("matrix",):
            yield UsedImage(known_as, place, None)
            continue
        if job.matrix.is_scalar or job.matrix["include"].is_scalar:
            yield UsedImage(known_as, place, None)
        for value in islice(matrix_values(job, path[1:]), _MOST_IMAGES):
            related = (Related(value.location, "by this value of the matrix"),)
            if "${{" in value.text:
                yield UsedImage(f"{known_as} {value.text}", place, None, related)
            elif value.text:
                yield _image(f"{known_as} {value.text}", place, value.text, related)


def matrix_values(job: Job, path: tuple[str, ...]) -> Iterator[Node]:
    """The scalars that the matrix gives under a path: of its row, and of what `include` adds."""
    return islice(_matrix_values(job, path), MOST_MATRIX_JOBS)


def _matrix_values(job: Job, path: tuple[str, ...]) -> Iterator[Node]:
    for name, row in job.matrix.items():
        if path and name.text.lower() == path[0]:
            excluded = _excluded(job, name.text)
            yield from (value for item in row if item.text not in excluded for value in _below(item, path[1:]))
    for item in job.matrix["include"]:
        yield from _below(item, path)


def _below(node: Node, path: tuple[str, ...]) -> Iterator[Node]:
    """The scalar at a path in lower case, or those of a list."""
    for part in path:
        node = next((value for key, value in node.items() if key.text.lower() == part), node[part])
    yield from node.strings()


def _excluded(job: Job, name: str) -> set[str]:
    """The values of a row that `exclude` takes out of all combinations."""
    entries = islice(job.matrix["exclude"], MOST_MATRIX_JOBS)
    return {entry[name].text for entry in entries if entry.keys() == [name] and entry[name].is_scalar}
