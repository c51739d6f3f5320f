"""Who an image runs as: by its own USER, by the Dockerfile of its base in the tree, or by the table of known bases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from devopslint.deferred import NamedTuple, compiled
from devopslint.docker.words import expand
from devopslint.facts.base_images import base_user
from devopslint.images.summaries import BuiltImage, ImageBuild, Written
from devopslint.images.users import names_root, user_named
from devopslint.model import Location, Summaries
from devopslint.readers.image_reference import DOCKER_HUB, ImageReference

STEPPING_DOWN = (
    "cassandra",
    "clickhouse",
    "couchdb",
    "ghost",
    "influxdb",
    "mariadb",
    "mongo",
    "mysql",
    "percona",
    "postgis/postgis",
    "postgres",
    "rabbitmq",
    "redis",
    "redmine",
    "solr",
    "timescale/timescaledb",
    "valkey/valkey",
    "zookeeper",
)
"""Images that begin as root, and whose own entrypoint runs the program as somebody else."""
SERVERLESS = ("public.ecr.aws/lambda/*", "amazon/aws-lambda-*")
"""Images that a platform runs, as a user of its own."""
WINDOWS = (
    "mcr.microsoft.com/windows/*",
    "mcr.microsoft.com/dotnet/framework/*",
    "mcr.microsoft.com/*/nanoserver",
    "*:*nanoserver*",
    "*:*windowsservercore*",
    "*windowsservercore*",
)
"""Images that have no user called root."""
_BASE = compiled(r"(?<![a-z])base(?![a-z])")
Arguments = Mapping[str, str | None]
"""What a build gives; None for a value that is not written out."""


class Runs(NamedTuple):
    """Who an image runs as."""

    root: bool | None
    """None where no file of the tree says it."""
    location: Location
    """What decides."""
    user: str = ""
    """As the USER that decides has it; empty where none does."""
    base: str = ""
    """The image that it goes back to, where that decides."""
    because: str = ""
    """Why it is not known."""


class Images:
    """The images that the project builds, and what is known of those that they build on."""

    def __init__(self, summaries: Summaries) -> None:
        self.stages: dict[tuple[str, str], BuiltImage] = {}
        """By their Dockerfile and the stage's name; empty for the final one."""
        for image in summaries.of(BuiltImage):
            if image.stage:
                self.stages[image.path, image.stage] = image
            if image.final:
                self.stages[image.path, ""] = image
        self.named: dict[str, ImageBuild] = {}
        """The builds of the project by the names that they give to images."""
        for build in summaries.of(ImageBuild):
            for name in build.names:
                if build.dockerfile:
                    self.named.setdefault(ImageReference.parse(name).name, build)
        below = ((image, self.named.get(ImageReference.parse(image.base).name)) for image in self.stages.values())
        self.bases = frozenset(
            (base.dockerfile, base.target)
            for image, base in below
            if base is not None and base.dockerfile != image.path
        )
        """The Dockerfile and the target of each image that another one of the tree builds on."""

    def is_called_base(self, image: BuiltImage) -> bool:
        """Whether a Dockerfile is named after a base, and starts nothing, or another one goes back to an image named so too."""
        if _BASE.search(image.path.rpartition("/")[2].lower()) is None:
            return False
        return not image.starts or any(
            other.path != image.path and _BASE.search(ImageReference.parse(other.base).last_name)
            for other in self.stages.values()
        )

    def built_by(self, build: ImageBuild) -> BuiltImage | None:
        found = self.stages.get((build.dockerfile, build.target))
        return found or self.stages.get((build.dockerfile, ""))

    def healthcheck(self, image: BuiltImage) -> str:
        """CMD, NONE, or empty where neither it nor a base in the tree has a HEALTHCHECK."""
        seen: set[int] = set()
        while id(image) not in seen:
            seen.add(id(image))
            if image.healthcheck or not image.base:
                return image.healthcheck
            build = self.named.get(ImageReference.parse(image.base).name)
            inner = self.built_by(build) if build is not None else None
            if inner is None or inner is image:
                return ""
            image = inner
        return ""

    def who_runs(self, image: BuiltImage, arguments: Arguments, contexts: Iterable[str] = ()) -> Runs:
        """Who a container of the image runs as, where a build gives these arguments."""
        contexts = frozenset(contexts)
        seen: set[int] = set()
        while id(image) not in seen:
            seen.add(id(image))
            if image.own_user is not None:
                return _by_user(image, image.own_user, arguments)
            base = written_out(image.origin, arguments)
            if base is None:
                because = f"the base image '{image.origin.text}' is named by a build argument"
                return Runs(None, image.location, base=image.origin.text, because=because)
            if not base:
                return Runs(None, image.location, because="no build argument names the base image")
            above = self.stages.get((image.path, base.lower()))
            if above is not None and above is not image:
                image = above
                continue
            if base == "scratch":
                return Runs(True, image.location, base=base)
            if base in contexts:
                return Runs(None, image.location, base=base, because=f"a build gives the context '{base}'")
            own = self.named.get(ImageReference.parse(base).name)
            inner = self.built_by(own) if own is not None else None
            if own is None or inner is None or inner is image:
                return _by_base(image, base)
            image, arguments, contexts = inner, dict(own.arguments), own.contexts
        return Runs(None, image.location, because="its base images go back to one another")


def _by_user(image: BuiltImage, user: Written, arguments: Arguments) -> Runs:
    name = written_out(user, arguments)
    if name is None:
        because = f"the user '{user.text}' is named by a build argument"
        return Runs(None, image.user_location, user=user.text, because=because)
    if not user_named(name):
        return Runs(None, image.user_location, user=name, because="USER names nobody where no build argument is given")
    return Runs(names_root(name), image.user_location, user=name)


def _by_base(image: BuiltImage, base: str) -> Runs:
    root = base_runs_as_root(ImageReference.parse(base))
    because = f"the image '{base}' is not in the table of known images" if root is None else ""
    return Runs(root, image.location, base=base, because=because)


def written_out(written: Written, arguments: Arguments) -> str | None:
    """The text with its variables filled in; None where it holds one whose value only a build knows."""
    if "$" not in written.text:
        return expand(written.text, {}, written.escape).text
    values: dict[str, str] = {}
    for name, default, open_to_builds in written.values:
        if open_to_builds and name in arguments:
            given = arguments[name]
            if given is None:
                return None
            values[name] = given
        elif default is not None:
            values[name] = default
    expansion = expand(written.text, values, written.escape)
    if any(not one.known and not one.operator.endswith(("-", "+")) for one in expansion.variables):
        return None
    return None if expansion.error else expansion.text


def base_runs_as_root(image: ImageReference) -> bool | None:
    """Whether an image runs as root, by the table of known ones; None where it is none of them."""
    if image.matches((*WINDOWS, *SERVERLESS)) or (image.registry == DOCKER_HUB and image.matches(STEPPING_DOWN)):
        return False
    known = base_user(image.short_name, image.tag or ("" if image.digest else None))
    return names_root(known.user) if known is not None else None
