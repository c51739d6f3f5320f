"""From a Dockerfile to what runs: images, the builds that name them, their contexts, and the containers."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import ClassVar, Self

from devopslint.compose.composition import ComposeText, Composition
from devopslint.deferred import NamedTuple, cached_property, compiled, dataclass
from devopslint.delivery.users import Images, Runs
from devopslint.docker.dockerignore import IgnoreRules
from devopslint.facts.base_images import is_public
from devopslint.images.summaries import (
    BuiltImage,
    ForeignChart,
    HealthElsewhere,
    ImageBuild,
    ImageRun,
    ImageUse,
    JobContainer,
    JobImage,
    named_for_development,
)
from devopslint.model import KnownFiles, Location, ProjectView, Summaries
from devopslint.readers.image_reference import DOCKER_HUB, ImageReference

_GENERIC = frozenset(("build", "ci", "container", "containers", "deploy", "docker", "image", "images", "src"))
"""Folders whose name is not the name of what is built in them."""

_DOCKERFILE = compiled(r"(?i)(?:dockerfile|containerfile)(?:[.-](?P<after>[\w-]+))?|(?P<before>[\w-]+)\.\w+file\Z")
_FLAVOURS = frozenset(("alpine", "base", "build", "ci", "debian", "dev", "distroless", "prod", "production", "test"))
"""What a Dockerfile is named after, other than an image."""


_PLATFORM = compiled(
    r"(?:\A|/)(?:fly(?:\.[\w-]+)?\.toml|render\.ya?ml|railway\.(?:toml|json)|Dockerrun\.aws\.json|heroku\.yml|koyeb\.yaml"
    r"|apprunner\.yaml|captain-definition|config/deploy\.yml|\.do/[\w.-]+\.ya?ml|copilot/[\w-]+/manifest\.yml"
    r"|\.kontinuous/values\.ya?ml|\.?nais/[\w./-]+\.ya?ml|\.?nais(?:-[\w-]+)?\.ya?ml)\Z"
)
"""Files that tell a platform how to run an image, a check of its health among it: Fly, Render, Railway, Elastic Beanstalk,
Kamal, Copilot, Kontinuous, NAIS and their like."""


@dataclass(frozen=True)
class Delivery(ProjectView):
    """Every image that the project builds, with all that is known of it elsewhere."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("dockerfile",)

    images: tuple[DeliveredImage, ...]
    project: Images
    composition: Composition

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        ignores = {rules.path: rules for rules in summaries.of(IgnoreRules)}
        builds: dict[str, list[ImageBuild]] = {}
        for build in summaries.of(ImageBuild):
            builds.setdefault(build.dockerfile, []).append(build)
        by_name: dict[str, list[ImageRun]] = {}
        by_file: dict[tuple[str, str], list[ImageRun]] = {}
        for run in summaries.of(ImageRun):
            by_name.setdefault(ImageReference.parse(run.image).last_name, []).append(run)
        manifests = list(by_name.values())
        composition = summaries.seen_by(Composition)
        for service in composition.services:
            started = service.run
            if started is not None and started.dockerfile:
                by_file.setdefault((started.dockerfile, started.target), []).append(started)
            elif started is not None:
                by_name.setdefault(ImageReference.parse(started.image).last_name, []).append(started)
        built = list(_ends_of_builds(summaries.of(BuiltImage), builds))
        alone = manifests[0] if len(built) == 1 and len(manifests) == 1 else []
        project = Images(summaries)
        compose_files = frozenset(text.path for text in summaries.of(ComposeText))
        files = sorted(path for known in summaries.of(KnownFiles) for path in known.paths)
        uses = _uses_of(summaries.of(ImageUse))
        jobs = {one.dockerfile: one.alone for one in summaries.of(JobImage)}
        containers = {ImageReference.parse(one.image).name for one in summaries.of(JobContainer)}
        joined = {name for image, ends in built for name in names_of(image, ends)}
        probed = (run for name, runs in by_name.items() if name not in joined for run in runs if run.probed)
        unplaced = _unplaced(composition, probed)
        elsewhere = _asked_elsewhere(summaries.of(HealthElsewhere), files) or _by_other_charts(
            summaries.of(ForeignChart), files
        )
        if not unplaced and ".gitmodules" in files:
            unplaced = ".gitmodules names repositories that are not read here, and may hold what runs it"
        delivered = tuple(
            DeliveredImage(
                image,
                _ignore_rules(image, builds.get(image.path, ()), ignores, files),
                (
                    *by_file.get((image.path, image.stage), ()),
                    *(by_file.get((image.path, ""), ()) if image.final and image.stage else ()),
                    *(run for name in names_of(image, ends) for run in by_name.get(name, ())),
                    *(run for run in alone if not is_official(run)),
                    *(by_name.get(_SCAFFOLDED, ()) if image.path == "Dockerfile" and _SCAFFOLDED not in joined else ()),
                ),
                tuple(ends),
                project,
                _is_tool(ends, uses) or jobs.get(image.path, False) or (image.path in jobs and not ends),
                _runs_jobs(ends, containers),
                compose_files,
                unplaced,
                elsewhere,
            )
            for image, ends in built
        )
        return cls(delivered, project, composition)

    @cached_property
    def judged_as_images(self) -> frozenset[tuple[str, str]]:
        """The Dockerfile and the stage of each image that is judged by itself, and not where a service runs it."""
        return frozenset(
            (one.image.path, one.image.stage) for one in production_images(self) if not one.judged_by_services
        )


_SCAFFOLDED = "controller"
"""What Kubebuilder calls the image of the Dockerfile at the root, before an overlay gives it its name."""


def _asked_elsewhere(known: Iterable[HealthElsewhere], files: Iterable[str]) -> str:
    """What runs images in a way that is not read: a module of Terraform, the file of a platform."""
    for one in known:
        return one.reason
    for path in files:
        if _PLATFORM.search(path):
            return f"{path} says how a platform runs the image, and may ask for its health"
    return ""


def _by_other_charts(charts: Iterable[ForeignChart], files: list[str]) -> str:
    """A chart that only passes values on to one that is not here, which runs the image."""
    for one in charts:
        templates = posixpath.join(posixpath.dirname(one.path), "templates", "")
        own = files[bisect_left(files, templates) : bisect_left(files, templates[:-1] + "0")]
        if not any(path.endswith((".yaml", ".yml")) for path in own):
            return f"{one.path} leaves what it runs to the chart '{one.name}', which may ask for its health"
    return ""


def _unplaced(composition: Composition, probed: Iterable[ImageRun]) -> str:
    """What asks for the health of an image of which it is not known what builds it."""
    for service in composition.services:
        if service.may_build_any and service.node["healthcheck"].present:
            return f"a variable names the Dockerfile of {service.label}, which has a health check"
    for run in probed:
        image = ImageReference.parse(run.image)
        if run.image and "$" not in image.name and not is_public(image.short_name) and not is_official(run):
            name = run.image.partition("@")[0]
            return f"it is not known what builds the image '{name}', which {run.label} probes"
    return ""


def _ends_of_builds(
    images: Iterable[BuiltImage], builds: dict[str, list[ImageBuild]]
) -> Iterator[tuple[BuiltImage, list[ImageBuild]]]:
    """Each image that a build of the project ends with, and those builds; the first of a Dockerfile has its copies.

    That is the final stage, unless every build names another one as its target, and one of those is for production.
    """
    by_path: dict[str, list[BuiltImage]] = {}
    for image in images:
        by_path.setdefault(image.path, []).append(image)
    for path, stages in by_path.items():
        known = {image.stage for image in stages if image.stage}
        ends: dict[str, list[ImageBuild]] = {}
        for build in builds.get(path, ()):
            ends.setdefault(build.target if build.target in known else "", []).append(build)
        targets = [image for image in stages if image.stage in ends and not image.final]
        final = next(image for image in stages if image.final)
        own = [*ends.get("", ()), *(ends.get(final.stage, ()) if final.stage else ())]
        if own or all(image.development for image in targets):
            yield final, own or builds.get(path, [])
            # A stage that the image takes files from and that starts nothing is built beside it to be a cache.
            targets = [image._replace(copies=()) for image in targets if image.starts or not image.taken]
        for image in targets[:1]:
            yield image, ends[image.stage]
        for image in targets[1:]:
            yield image._replace(copies=()), ends[image.stage]


class DeliveredImage(NamedTuple):
    """An image that the project builds."""

    image: BuiltImage
    ignore: IgnoreRules | None
    """The .dockerignore that holds for its build, as far as can be told."""
    runs: tuple[ImageRun, ...]
    """What runs it."""
    builds: tuple[ImageBuild, ...]
    """What builds it, as far as the tree says."""
    project: Images
    tool: bool
    """Whether it is only built to be run by a script of the project, or is what an action or Jenkins builds for itself."""
    runs_jobs: bool
    """Whether pipelines run their jobs in it."""
    compose_files: frozenset[str]
    unplaced: str
    """What asks for the health of an image that may be this one; empty where nothing does."""
    asked_elsewhere: str
    """What runs images and is not read to the end; empty where nothing does."""

    @property
    def is_tool(self) -> bool:
        """Whether it is nothing that production runs; the image of an application may run the jobs that try it."""
        return self.tool or (self.runs_jobs and not self.runs)

    @property
    def named(self) -> bool:
        """Whether a build gives it a name that is written out."""
        return any("$" not in name for build in self.builds for name in build.names)

    @property
    def judged_by_services(self) -> bool:
        """Whether what it lacks is said at the services of Compose files: nothing else builds or runs it."""
        return (
            bool(self.runs)
            and all(run.dockerfile and not named_for_development(run.location.path) for run in self.runs)
            and all(build.path in self.compose_files for build in self.builds)
        )

    @property
    def built_by_developers(self) -> bool:
        """Whether nothing builds it but Compose files that developers start things with."""
        paths = [build.path for build in self.builds]
        return bool(paths) and all(path in self.compose_files and named_for_development(path) for path in paths)

    @property
    def is_only_a_base(self) -> bool:
        """Whether other images of the tree build on it, or it is called a base and made as one, and nothing runs it."""
        if not self.runs and self.project.is_called_base(self.image):
            return True
        targets = {(self.image.path, self.image.stage), *([(self.image.path, "")] if self.image.final else [])}
        return not self.runs and not targets.isdisjoint(self.project.bases)

    @property
    def checked(self) -> bool:
        """Whether it has a health check, or one that is switched off on purpose."""
        return bool(self.project.healthcheck(self.image))

    @property
    def users(self) -> list[Runs]:
        """Who it runs as, by each of the builds that the tree knows."""
        if not self.builds:
            return [self.project.who_runs(self.image, {})]
        return [self.project.who_runs(self.image, dict(build.arguments), build.contexts) for build in self.builds]

    @property
    def label(self) -> str:
        return self.image.label

    @property
    def location(self) -> Location:
        return self.image.location


def delivered_images(delivery: Delivery) -> tuple[DeliveredImage, ...]:
    """Every image that the project builds."""
    return delivery.images


def production_images(delivery: Delivery) -> list[DeliveredImage]:
    """The images that run in production, as far as their names tell."""
    return [
        one
        for one in delivery.images
        if not (one.image.development or one.image.artefact or one.is_tool or one.is_only_a_base)
        and (one.image.final or not one.built_by_developers)
    ]


def targeted_images(delivery: Delivery) -> list[DeliveredImage]:
    """The images for production that builds end with because they name them as their target."""
    return [one for one in production_images(delivery) if not one.image.final]


def _runs_jobs(builds: Iterable[ImageBuild], containers: Container[str]) -> bool:
    """Whether pipelines run their jobs in the image, by a name that a build gives it."""
    return any(ImageReference.parse(name).name in containers for build in builds for name in build.names)


def _uses_of(uses: Iterable[ImageUse]) -> dict[str, set[bool]]:
    """By the name of each image that scripts use: whether they push it, run it, or both."""
    found: dict[str, set[bool]] = {}
    for use in uses:
        found.setdefault(ImageReference.parse(use.name).name, set()).add(use.pushed)
    return found


def _is_tool(builds: Iterable[ImageBuild], uses: Mapping[str, set[bool]]) -> bool:
    """Whether all that is done with the image is to run it in a script: what is delivered is pushed somewhere."""
    names = [ImageReference.parse(name) for build in builds for name in build.names]
    return bool(names) and all(
        image.registry == DOCKER_HUB and image.repository.startswith("library/") and uses.get(image.name) == {False}
        for image in names
    )


def names_of(image: BuiltImage, builds: Iterable[ImageBuild]) -> Iterator[str]:
    """The last parts of the names that the image may have: from its builds, else from where its Dockerfile lies."""
    known = {ImageReference.parse(name).last_name for build in builds for name in build.names}
    if known:
        yield from sorted(known)
        return
    folder, _, file = image.path.rpartition("/")
    found = _DOCKERFILE.match(file)
    named = (found["after"] or found["before"] or "") if found else ""
    if named and named.lower() not in _FLAVOURS:
        yield named.lower()
    name = posixpath.basename(folder)
    while name in _GENERIC and folder:
        folder = posixpath.dirname(folder)
        name = posixpath.basename(folder)
    if name and not named:
        yield name.lower()


def is_official(run: ImageRun) -> bool:
    """Whether the image is one of Docker Hub's own, which no project builds."""
    return ImageReference.parse(run.image).name.startswith("docker.io/library/")


def _ignore_rules(
    image: BuiltImage, builds: Iterable[ImageBuild], ignores: dict[str, IgnoreRules], files: list[str]
) -> IgnoreRules | None:
    """The Dockerfile's own, that of the context of a build, or the nearest one above the Dockerfile."""
    own = ignores.get(f"{image.path}.dockerignore")
    if own is not None:
        return own
    for context in sorted({build.context for build in builds}):
        found = ignores.get(posixpath.normpath(posixpath.join(context, ".dockerignore")))
        if found is not None:
            return found
    if builds:
        return None
    folder = posixpath.dirname(image.path)
    if folder and not builds and _is_built_from_root(image, folder, files):
        folder = ""
    elif folder and not builds and _is_built_from_its_folder(image, folder, files):
        return ignores.get(posixpath.join(folder, ".dockerignore"))
    while True:
        found = ignores.get(posixpath.join(folder, ".dockerignore"))
        if found is not None:
            beside = folder == posixpath.dirname(image.path)
            return found if beside or builds or _may_be_built_from(image, folder, files) else None
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _may_be_built_from(image: BuiltImage, folder: str, files: list[str]) -> bool:
    """Whether the folder has some of what is copied, or all of it is: what a build makes lies in any folder."""
    sources = [posixpath.normpath(copy.source.lstrip("/")) for copy in image.copies]
    return any(
        source == "." or set("*?[$") & set(source) or _is_there(posixpath.join(folder, source), files)
        for source in sources
    )


def _is_built_from_root(image: BuiltImage, folder: str, files: list[str]) -> bool:
    """Whether what it copies lies where it says from the root of the tree, and not from its Dockerfile's folder."""
    sources = [posixpath.normpath(copy.source.lstrip("/")) for copy in image.copies]
    named = [source for source in sources if source != "." and not set("*?[$") & set(source)]
    if any(_is_there(posixpath.join(folder, source), files) for source in named):
        return False
    return any(_is_there(source, files) for source in named)


def _is_built_from_its_folder(image: BuiltImage, folder: str, files: list[str]) -> bool:
    """Whether what it copies lies beside its Dockerfile, and some of it nowhere else: no folder above is the context."""
    sources = [posixpath.normpath(copy.source.lstrip("/")) for copy in image.copies]
    named = [source for source in sources if source != "." and not set("*?[$") & set(source)]
    if not named or not all(_is_there(posixpath.join(folder, source), files) for source in named):
        return False
    above = [""]
    while folder := posixpath.dirname(folder):
        above.append(folder)
    return all(any(not _is_there(posixpath.join(one, source), files) for source in named) for one in above)


def _is_there(path: str, files: list[str]) -> bool:
    """Whether a file or a folder of this path is among sorted ones."""
    at = bisect_left(files, path)
    return at < len(files) and (files[at] == path or files[at].startswith(f"{path}/"))
