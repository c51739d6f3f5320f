"""What a project's own builds say of its Dockerfiles: the images that come from here, and the stages that nobody builds."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from devopslint.compose.composition import ComposeText, Composition
from devopslint.deferred import compiled
from devopslint.delivery.images import Delivery, names_of
from devopslint.facts.base_images import is_public
from devopslint.images.summaries import (
    ARGUMENT,
    CREDENTIALS,
    DEPENDENCIES,
    PRODUCTION,
    RAILS,
    BuiltImage,
    DeclaredDependencies,
    ForeignImage,
    GivenContext,
    ImageBuild,
    ImageUse,
    JobContainer,
    JobImage,
    SkaffoldImages,
)
from devopslint.model import NamedFile, PartialDocument, Summaries
from devopslint.readers.folders import REFUSED, put_away_in, refused_in
from devopslint.readers.image_reference import ImageReference
from devopslint.secrets.files import holds_secret

_AWAY = "lies in {}/: it is put away, and nothing outside builds it"
_BUILT_NAME = compiled(r"[^/]*[-_][^/]*")
_PLAIN_NAMES = frozenset(("base", "builder", "common", "runtime"))
"""What projects call the images that they build on, and no registry's own image is called."""
_MANIFESTS = {"node": "package.json", "bundler": "Gemfile", "composer": "composer.json", "python": "pyproject.toml"}
_MANIFEST = compiled(r"(?:package[^/]*\.json|Gemfile[^/]*|composer[^/]*|pyproject\.toml|yarn\.lock|pnpm-lock\.yaml)\Z")
_MAY_HOLD_SECRETS = compiled(
    r"\.(?:env(?:\..*)?|npmrc|netrc|pypirc|pgpass|htpasswd|git-credentials)\Z|.*\.(?:pem|key)\Z|id_\w+\Z|kubeconfig\Z"
    r"|(?:secrets|credentials|service[-_]account.*)\.\w+\Z"
)
_OF_PRODUCTION = frozenset((PRODUCTION, RAILS, *DEPENDENCIES.values()))
_OF_TOOLS = _OF_PRODUCTION | {"user"}
_NO_IMAGE = compiled(r"\w*[A-Z]\w*")
"""No image has a capital letter in its name."""
ANY = ""
"""The tag of an image whose tag a variable decides."""


def put_away(summaries: Summaries) -> Iterator[PartialDocument]:
    """Dockerfiles that lie in an archive, unless something outside builds them, and those that tests expect to be refused."""
    away = {one.path: put_away_in(one.path) for one in summaries.of(BuiltImage)}
    if any(away.values()):
        built = {one.dockerfile for one in summaries.of(ImageBuild) if not put_away_in(one.path)}
        for path, folder in away.items():
            if folder and path not in built:
                yield PartialDocument(path, _AWAY.format(folder), whole=True, but_secrets=True)
    for path in dict.fromkeys(one.path for one in summaries.of(BuiltImage)):
        if folder := refused_in(path):
            yield PartialDocument(path, f"lies in {folder}/: {REFUSED}", whole=True, but_secrets=True)


def compose_put_away(summaries: Summaries) -> Iterator[PartialDocument]:
    """Compose files that lie in an archive."""
    for one in summaries.of(ComposeText):
        if folder := put_away_in(one.path):
            yield PartialDocument(one.path, f"lies in {folder}/: it is put away", whole=True, but_secrets=True)


def own_images(summaries: Summaries) -> Iterator[PartialDocument]:
    """The lines of Dockerfiles that name an image, or a build context, of the project's own builds."""
    foreign = summaries.of(ForeignImage)
    if not foreign:
        return
    homes: dict[str, set[str]] = {}
    for image in summaries.of(BuiltImage):
        for name in (image.stage, *(names_of(image, ()) if image.final else ())):
            homes.setdefault(name, set()).add(image.path)
    contexts: dict[str, set[tuple[str, str]]] = {}
    for build in summaries.of(ImageBuild):
        contexts.setdefault(build.dockerfile, set()).update(_named(build.contexts))
    in_scripts = _named(one.name for one in summaries.of(GivenContext))
    built = _built(summaries)
    for other in foreign:
        parsed = ImageReference.parse(other.name)
        spellings = _spellings(parsed)
        at = other.location
        if not built.isdisjoint(spellings) or is_homely(parsed, at.path, homes):
            reason = "names an image that the project builds"
        elif other.name in _PLAIN_NAMES:
            reason = "names an image by a plain word, as a build gives it: no registry has one of that name"
        elif not (contexts.get(at.path, set()) | in_scripts).isdisjoint(spellings):
            reason = "names a context that the build gives"
        else:
            continue
        yield PartialDocument(at.path, reason, at.line, at.line, frozenset({"image"}))


def own_services(summaries: Summaries) -> Iterator[PartialDocument]:
    """The lines of Compose files that name an image of the project's own builds: whoever starts them builds it first."""
    built = _built(summaries)
    for service in summaries.seen_by(Composition).services:
        image, at = service.image, service.node["image"].location
        if image is None or image.digest:
            continue
        reason = "" if built.isdisjoint(_spellings(image)) else "names an image that the project builds"
        if not reason and _BUILT_NAME.fullmatch(image.short_name) and not is_public(image.short_name):
            reason = "names an image as a build gives it: no registry is known to have one of that name"
        if reason:
            yield PartialDocument(at.path, reason, at.line, at.line, frozenset({"image"}), column=at.column)


def _built(summaries: Summaries) -> set[tuple[str, str]]:
    """(name, tag) of each image that the project builds; the tag is ANY where a variable says it."""
    names = [name for build in summaries.of(ImageBuild) for name in build.names]
    return _named((*names, *(name for one in summaries.of(SkaffoldImages) for name in one.names)))


def _spellings(image: ImageReference) -> set[tuple[str, str]]:
    return {(image.name, image.tag or "latest"), (image.name, ANY)}


def is_homely(image: ImageReference, path: str, homes: dict[str, set[str]]) -> bool:
    """Whether an image has the name of a stage or a folder of another Dockerfile, and not one that registries have."""
    name = image.text.removesuffix(":latest")
    return ("-" in name or name in _PLAIN_NAMES) and not homes.get(name, set()) <= {path}


def unbuilt_stages(summaries: Summaries) -> Iterator[PartialDocument]:
    """The USER of each final stage that no build ends with: every one of them names another target."""
    if not any(build.target for build in summaries.of(ImageBuild)):
        return
    delivered = {one.image.path for one in summaries.seen_by(Delivery).images if one.image.final}
    for image in summaries.of(BuiltImage):
        if image.final and image.path not in delivered:
            at = image.user_location
            reason = f"is the user of {image.label}, which no build ends with"
            yield PartialDocument(at.path, reason, at.line, at.line, frozenset({"user"}))


def tools(summaries: Summaries) -> Iterator[PartialDocument]:
    """The Dockerfiles of images that only scripts and pipelines run: nothing that production needs is asked of them."""
    scripted = any(not use.pushed for use in summaries.of(ImageUse))
    if not (scripted or any(summaries.of(JobImage)) or any(summaries.of(JobContainer))):
        return
    for one in summaries.seen_by(Delivery).images:
        if one.is_tool:
            yield PartialDocument(
                one.image.path, "builds a tool that scripts or pipelines of the project run", keys=_OF_TOOLS
            )


def given_arguments(summaries: Summaries) -> Iterator[PartialDocument]:
    """The FROM lines whose build arguments every build of the project gives."""
    builds: dict[str, list[ImageBuild]] = {}
    for build in summaries.of(ImageBuild):
        builds.setdefault(build.dockerfile, []).append(build)
    for image in summaries.of(BuiltImage):
        names = {name for name, _, _ in image.origin.values}
        wanted = {name for name, default, _ in image.origin.values if not default} or names
        known = builds.get(image.path, ())
        if known and names and all(wanted <= {name for name, _ in build.arguments} for build in known):
            at = image.location
            reason = "names an image by an argument that every build gives"
            yield PartialDocument(at.path, reason, at.line, at.line, frozenset({ARGUMENT}))


def needless_demands(summaries: Summaries) -> Iterator[PartialDocument]:
    """The Dockerfiles of projects whose manifests have nothing that only development needs, or not the framework."""
    declared = {(one.path, one.ecosystem): one for one in summaries.of(DeclaredDependencies)}
    if not declared:
        return
    contexts: dict[str, set[str]] = {}
    for build in summaries.of(ImageBuild):
        contexts.setdefault(build.dockerfile, set()).add(build.context)
    for image in summaries.of(BuiltImage):
        if not image.final:
            continue
        folders = _folders_of(image, contexts.get(image.path, set()))
        for ecosystem, manifest in _MANIFESTS.items():
            paths = [posixpath.normpath(posixpath.join(folder, manifest)) for folder in folders]
            found = [one for path in paths if (one := declared.get((path, ecosystem))) is not None]
            if found and not any(one.development for one in found):
                reason = f"{found[0].path} has nothing that only development needs"
                yield PartialDocument(image.path, reason, keys=frozenset({DEPENDENCIES[ecosystem]}))
            if ecosystem == "bundler":
                gems = found or [one for (_, kind), one in declared.items() if kind == ecosystem]
                if gems and not any("rails" in one.frameworks for one in gems):
                    yield PartialDocument(image.path, f"{gems[0].path} has no Rails", keys=frozenset({RAILS}))


def copied_settings(told: Iterable[object]) -> Iterator[str]:
    """Where the files may lie that Dockerfiles copy and that are called as those with secrets are."""
    for image in told:
        if isinstance(image, BuiltImage):
            for copy in image.copies:
                yield from _places_of(image, copy.source)


def replaced_bases(summaries: Summaries) -> Iterator[PartialDocument]:
    """The FROM lines that name no image, where a BuildConfig of OpenShift puts one in their place."""
    unnamed = [image for image in summaries.of(BuiltImage) if _NO_IMAGE.fullmatch(image.origin.text)]
    if not unnamed:
        return
    from devopslint.kubernetes.workloads import Placement  # only where a FROM names no image

    if any(one.kind == "BuildConfig" for one in summaries.of(Placement)):
        for image in unnamed:
            at = image.location
            yield PartialDocument(at.path, "a BuildConfig puts an image in its place", at.line, at.line, whole=True)


def harmless_copies(summaries: Summaries) -> Iterator[PartialDocument]:
    """The lines that copy files which are called as those with secrets are, and hold none."""
    files = {one.path: one.beginning for one in summaries.of(NamedFile)}
    for image in summaries.of(BuiltImage) if files else ():
        for copy in image.copies:
            found = [path for path in _places_of(image, copy.source) if path in files]
            if found and not any(holds_secret(path, files[path]) for path in found):
                at = copy.location
                reason = f"copies {found[0]}, which holds no secret"
                yield PartialDocument(image.path, reason, at.line, at.line, frozenset({CREDENTIALS}), column=at.column)


def _places_of(image: BuiltImage, source: str) -> Iterator[str]:
    """Where in the tree a source that may hold secrets lies: from the Dockerfile's folder, or one above that."""
    source = posixpath.normpath(source.lstrip("/"))
    if not _MAY_HOLD_SECRETS.match(posixpath.basename(source).lower()) or set("*?[$") & set(source):
        return
    folder = posixpath.dirname(image.path)
    while folder:
        yield posixpath.join(folder, source)
        folder = posixpath.dirname(folder)
    yield source


def _folders_of(image: BuiltImage, contexts: set[str]) -> list[str]:
    """The folders in whose manifests the image's packages may stand: its contexts, and what it copies manifests from."""
    own = posixpath.dirname(image.path)
    folders = contexts or {own, *(() if own else ("",))}
    sources = {posixpath.dirname(copy.source.lstrip("/")) for copy in image.copies if _MANIFEST.search(copy.source)}
    return sorted({posixpath.join(folder, source) for folder in folders for source in ("", *sources)})


def _named(texts: Iterable[str]) -> set[tuple[str, str]]:
    """(name, tag) of each image; what a variable names is left out."""
    found = set()
    for text in texts:
        known, variable, _ = text.partition("$")
        image = ImageReference.parse(known.rstrip(":"))
        if not variable:
            found.add((image.name, image.tag or "latest"))
        elif known.endswith(":") or image.tag:
            found.add((image.name, ANY))
    return found
