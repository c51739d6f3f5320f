"""What files tell of images: what is built, from what and under which names, and what runs it."""

from __future__ import annotations

from devopslint.deferred import NamedTuple, compiled
from devopslint.model import Location

_DEVELOPMENT = compiled(
    r"(?<![a-z])(?:bench(?:mark)?|ci|cypress|debug|dev(?:container|el|elop(?:ers?|ment)?)?|e2e|integration|lint(?:er)?|gitpod|local|mutation|playwright|tests?|testing"
    r"|tilt|tools?|validate|vendor)(?![a-z])"
)
"""In the names of stages, services and files that are not for production."""


PRODUCTION, ARGUMENT, RAILS, CREDENTIALS = "production", "argument", "rails", "credentials"
"""What a finding wants (see model.Location): what production alone asks for, a build argument gives, Rails reads, or a
file of the tree holds."""
DEPENDENCIES = {ecosystem: f"{ecosystem} dependencies" for ecosystem in ("node", "bundler", "composer", "python")}
"""The same of the dependencies that are for development alone, by who installs them."""
_DEVELOPMENT_FOLDERS = frozenset(
    (
        ".azure-pipelines",
        ".buildkite",
        ".ci",
        ".circleci",
        ".codesandbox",
        ".codespaces",
        ".devcontainer",
        ".github",
        ".gitlab",
        ".gitlab-ci",
        ".gitpod",
        ".jenkins",
        ".teamcity",
        ".woodpecker",
        "3rdparty",
        "benchmark",
        "benchmarks",
        "ci",
        "dev",
        "devcontainer",
        "development",
        "e2e",
        "fixtures",
        "hack",
        "local",
        "localdev",
        "perf",
        "playground",
        "test",
        "testdata",
        "testing",
        "tests",
        "third-party",
        "third_party",
        "thirdparty",
        "vendor",
    )
)


_TRIES = compiled(
    r"[a-z0-9][-_](?:tests?|testing|e2e|benchmarks?)(?:\Z|[-_])|\Ae2e[-_]|(?:\A|[-_])(?:cypress|eslint|linters?|phpcs|phpstan|psalm)\Z|\Agha[-_]"
)
"""In the names of folders: `jmeter_test`; what runs on the machines that build: `gha-cypress`, `phpcs`."""


def named_for_development(path: str, name: str = "") -> bool:
    """Whether a file, a folder around it, or what has this name in it is named after development or tests."""
    folder, _, file = path.rpartition("/")
    return bool(
        _DEVELOPMENT.search(f"{file} {name}".lower())
        or any(part in _DEVELOPMENT_FOLDERS or _TRIES.search(part) for part in folder.lower().split("/"))
    )


def without_version(image: str) -> str:
    """What others know an image by: its name as written, and whether it has a digest.

    A release changes nothing but the version, and what the files say together need not be found out again for it. A
    text with variables stays as it is: only who fills them in knows its name.
    """
    if any(mark in image for mark in "${<"):
        return image
    name, _, digest = image.partition("@")
    before, _, tag = name.rpartition(":")
    if before and "/" not in tag and ":" not in before.rpartition("/")[2]:
        name = before
    return f"{name}@{PINNED}" if digest else name


PINNED = "digest"
"""What without_version() has in place of any digest."""


class ContextCopy(NamedTuple):
    """Something that COPY or ADD takes from the build context."""

    source: str
    location: Location


class Written(NamedTuple):
    """A summary's word of a Dockerfile, with what its variables are."""

    text: str
    """As written, variables and all."""
    values: tuple[tuple[str, str | None, bool], ...] = ()
    """Of each variable in it: name, value (None where only a build can give one), and whether a build may set it."""
    escape: str = "\\"


class BuiltImage(NamedTuple):
    """A summary: what a stage of a Dockerfile becomes, where a build ends with it."""

    path: str
    stage: str
    """The stage's name in lower case; empty where it has none."""
    final: bool
    """True for the stage that a build ends with when it names no target."""
    label: str
    """Of the stage."""
    location: Location
    """What its FROM names."""
    base: str
    """The image that the stage goes back to; empty where it is not known without build arguments."""
    user: str | None
    """The USER in force at the end; None where no stage of this file sets one."""
    user_location: Location
    steps_down: bool
    """Whether it holds a program that makes root somebody else when it starts."""
    healthcheck: str
    """CMD, NONE, or empty where there is none."""
    artefact: bool
    """True for files without anything to run: from scratch, and nothing says what starts."""
    development: bool
    """True where its name or its place says that it is not for production."""
    copies: tuple[ContextCopy, ...]
    """What the stages of the Dockerfile take from the build context."""
    ecosystems: frozenset[str]
    """What is installed on the way: `node` where a stage is built on Node.js, or copies a package.json."""
    origin: Written = Written("")
    """What FROM names."""
    own_user: Written | None = None
    """What this stage's own last USER names; None where it has none."""
    parent: str = ""
    """The stage that it builds on, in lower case; empty for an image."""
    starts: bool = True
    """Whether it says itself what a container of it starts."""
    serverless: bool = False
    """True where it speaks to the runtime of AWS Lambda, which starts it as a user of its own and asks for no health."""
    taken: bool = False
    """True where the stage that a build ends with when it names no target copies files out of it."""


class ForeignImage(NamedTuple):
    """A summary: an image without a digest that a Dockerfile builds on, or copies from."""

    name: str
    location: Location


class ImageBuild(NamedTuple):
    """A summary: something builds a Dockerfile, from a folder, under some names."""

    dockerfile: str
    """Empty where variables say which one."""
    context: str
    names: tuple[str, ...]
    target: str = ""
    """The stage that it ends with, in lower case; empty where that is the final one, or a variable says which."""
    contexts: frozenset[str] = frozenset()
    """The names that the build gives to folders, images and other builds."""
    arguments: tuple[tuple[str, str | None], ...] = ()
    """The build arguments that it gives; None for a value that is not written out."""
    path: str = ""
    """The file that says so."""


class GivenContext(NamedTuple):
    """A summary: a file of scripts, or of bake, gives a build a folder, an image or another build under a name."""

    name: str
    path: str


class ImageUse(NamedTuple):
    """A summary: a script pushes an image to a registry, or runs it."""

    name: str
    pushed: bool
    path: str


class JobImage(NamedTuple):
    """A summary: a Dockerfile is the image of an action, or of the jobs of a pipeline, which start it and build it."""

    dockerfile: str
    alone: bool
    """Whether nothing else may be made of it: GitHub wants the image of an action to run as root."""


class JobContainer(NamedTuple):
    """A summary: the image in which a pipeline runs a job."""

    image: str


class SkaffoldImages(NamedTuple):
    """A summary: the names of the images that a skaffold.yaml builds. Their tags are set when they are deployed."""

    path: str
    names: frozenset[str]


class DeclaredDependencies(NamedTuple):
    """A summary: what a manifest of packages (package.json, Gemfile) declares."""

    path: str
    ecosystem: str
    """A key of DEPENDENCIES."""
    development: bool
    """Whether some may be for development alone."""
    frameworks: frozenset[str]
    """Those that are known and named: `rails`."""


class ImageRun(NamedTuple):
    """A summary: something runs an image."""

    image: str
    """without_version(); empty where it is built from `dockerfile`."""
    dockerfile: str
    target: str
    """The stage of `dockerfile` that it runs, in lower case; empty for the final one."""
    label: str
    location: Location
    user: int | str | None
    """The user that is asked for; None where the image decides."""
    non_root: bool
    """Whether root is refused."""
    probed: bool
    """Whether something asks for its health."""
    refusal: Location
    """Where root is refused."""


class HealthElsewhere(NamedTuple):
    """A summary: something that is not read to the end runs an image, and may ask for its health."""

    reason: str
    """After "because": `module 'web' at main.tf:3 runs an image, and may ask for its health`."""


class ForeignChart(NamedTuple):
    """A summary: a chart is built with one of another repository."""

    path: str
    """Of the Chart.yaml that names it."""
    name: str


class MadeRegistry(NamedTuple):
    """A summary: code of infrastructure makes a repository of images, or says how a registry treats them all."""

    label: str
    location: Location
    host: str
    """Of whom it is: `.dkr.ecr.`, `.pkg.dev`, `.azurecr.io`; what stands in the names of its images."""
    name: str
    """As images are called in it; empty where that is not written out, or where all repositories are meant."""
    scans: bool | None
    """Whether it scans what is pushed; None where that is not known."""
    keeps_tags: bool
    """Whether a tag that is there certainly cannot be given to another image."""
