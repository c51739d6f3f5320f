"""The services of all Compose files as compose-go 2 joins them: documents, override files, `extends` and `include`."""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import ClassVar, Self

from devopslint.compose.names import is_automatic, is_main, is_overlay
from devopslint.compose.values import Value, Variables, extended, interpolated, laid_over, mount_of
from devopslint.deferred import NamedTuple, compiled, dataclass, replace
from devopslint.images.summaries import ImageBuild, ImageRun, named_for_development, without_version
from devopslint.images.users import user_named
from devopslint.model import Location, NamedFile, PartialDocument, ProjectView, Summaries
from devopslint.readers.image_reference import ImageReference

_OCCASIONAL = compiled(
    r"(?<![a-z])(?:admin|ci|cli|debug|dev|e2e|init|jobs?|manual|migrat(?:e|ions?)|once|seed|setup|tasks?|tests?|tools?)(?![a-z])"
)
"""In the names of profiles whose services somebody starts by hand."""
_NAMED_ONCE = compiled(
    r"(?:\A|[-_])(?:migrat(?:e|ions?|or)|seed(?:er)?|init(?:iali[sz]er)?|setup|create[-_]?(?:buckets?|topics?|indices))\Z"
    r"|\A(?:migrate|seed|init)[-_]"
)
"""Names of services that do something once."""
_ENDING = compiled(
    r"(?:(?:npm|yarn|pnpm|bun)(?: -[\w-]+(?:[= ][\w./][\w./-]*)?)*? (?:ci|install|(?:run(?:-script)? )?(?:install|build)(?:-[\w-]+)?)"
    r"|composer (?:install|update)|(?:bundle exec )?(?:rake|rails) db:[\w:]+|alembic(?: -\S+ \S+)? upgrade|(?:npx )?prisma migrate deploy"
    r"|python3? (?:\S*/)?manage\.py (?:migrate|collectstatic|loaddata)|flyway .*\bmigrate|liquibase .*\bupdate"
    r"|(?:\S*/)?(?:mvnw?|gradlew?)(?: -\S+)*(?: :?(?:[\w-]+:)*(?:assemble|build|check|clean|install|jar|package|test|verify))+"
    r"|(?:dotnet|cargo|go) (?:build|publish|restore|test)|pip3? install|(?:chmod|chown|cp|echo|ls|mkdir|mv|rm|touch|true))(?: [^;&|]*)?\Z"
)
"""Commands after which nothing runs any more."""
_CHAINED = compiled(r"&&|;")
_MIGRATING = compiled(r"(?:\A|\s)(?:migrate|repair|baseline|validate|info|clean|update|up)(?:\s|\Z)")
"""What a program that migrates databases is told to do."""
_ASSIGNED = compiled(
    r"\s*(?:export\s+)?(?P<name>\w+)\s*=\s*(?:(?P<mark>[\"'])(?P<quoted>[^\"']*)(?P=mark)|(?P<plain>[^\"'#]*?))\s*(?:#.*)?"
)
_VOLUME_NAME = compiled(r"[a-zA-Z0-9][\w.-]*\Z")
_SAME_LIMIT = {"mem_limit": "memory", "cpu_quota": "cpus"}
"""Keys of a service that say what the other key says below deploy.resources.limits."""
MOST_INCLUDED = 200
"""Files that a file includes, one by another."""
MOST_EXTENDED = 50_000
"""Values that services take from those that they extend, all together."""
DEEPEST = 20
"""Services that extend one another."""


@dataclass(frozen=True, slots=True)
class ComposeText:
    """A summary: what a Compose file says, before it is joined with others."""

    path: str
    readings: tuple[tuple[Value, ...], ...]
    """Its documents; where a key stands twice, once with the last value of each and once with the first."""
    ends: tuple[tuple[str, int], ...]
    """(name, last line) of each service."""


@dataclass(frozen=True)
class ComposeProject:
    """A Compose file with what is laid over it, extended and included."""

    path: str
    root: Value
    """Its documents, and those of its override file, as one."""
    services: tuple[Service, ...]
    whole: bool
    """False where some of it stands in files that are not known, or it is itself laid over another file."""
    others: tuple[Value, ...] = ()
    """What it includes."""
    includers: tuple[Value, ...] = ()
    """What includes it: Compose asks for names when all is put together."""
    elsewhere: frozenset[tuple[str, str]] = frozenset()
    """What it leaves out and another Compose file declares, which a program may put beside it: keys and names."""

    @property
    def label(self) -> str:
        return ""

    @property
    def location(self) -> Location:
        return Location(self.path, 1, 1, 1, 1)

    @property
    def for_development(self) -> bool:
        return named_for_development(self.path)

    @property
    def left_out(self) -> set[tuple[str, str]]:
        """What its services name and it does not declare: services, volumes, networks, secrets and configs, by their key."""
        named = {("services", name) for service in self.services for name, _ in service.dependencies}
        named |= {("volumes", name) for service in self.services for name, _ in service.named_volumes}
        named |= {
            (section, name)
            for section in ("networks", "secrets", "configs")
            for service in self.services
            for name, _ in service.uses(section)
            if (section, name) != ("networks", "default")
        }
        return {(section, name) for section, name in named if name not in self.declared(section)}

    def declared(self, section: str) -> set[str]:
        """The names under a top-level key."""
        return set().union(*(root[section].keys() for root in (self.root, *self.others, *self.includers)))


def _assigned(node: Value) -> list[tuple[str, str, Location]]:
    """Name, value and place of what is given a value, be it written as a mapping or as a list."""
    return [(key.text, value.text, value.location) for key, value in node.assignments() if value.text]


@dataclass(frozen=True)
class Service:
    """One service of a Compose file, with all that it is made of."""

    path: str
    name: str
    location: Location
    node: Value
    partial: str
    """Why the rest of it stands elsewhere; empty where all of it is here."""
    awaited: bool
    """Whether another service waits until it has done its work."""
    environment_file: Mapping[str, str]
    """What the .env beside its file gives to variables."""
    follows: frozenset[str] = frozenset()
    """The services of its file that it extends, one by another, of which all is known: what they lack, it lacks."""

    @property
    def label(self) -> str:
        return f"service {self.name}"

    @property
    def for_development(self) -> bool:
        profiles = [one.text for one in self.node["profiles"].strings()]
        return named_for_development(self.path) or bool(
            profiles and all(named_for_development("", p) for p in profiles)
        )

    @property
    def image(self) -> ImageReference | None:
        """The image that is pulled; None where it is built, or its name depends on a variable."""
        name = self.node["image"]
        if not name.text or not name.known or self.node["build"].present:
            return None
        return ImageReference.parse(name.text)

    @property
    def user(self) -> Value:
        """Who it runs as; missing where it names nobody."""
        user = self.node["user"]
        return user if user.said and (user_named(user.text) or not user.known) else self.without("user")

    def without(self, key: str) -> Value:
        """A value that is not there: the service stands in its place."""
        return Value(self.node.location._replace(missing=True, wanted=key), exists=False)

    @property
    def environment(self) -> list[tuple[str, str, Location]]:
        """Name, value and place of every variable that has a value here."""
        return _assigned(self.node["environment"])

    @property
    def build_arguments(self) -> list[tuple[str, str, Location]]:
        """Name, value and place of every build argument that has a value here."""
        return _assigned(self.node["build"]["args"])

    @property
    def context(self) -> Value:
        """The folder that its image is built from, as it is written."""
        build = self.node["build"]
        return self._given(build if build.is_scalar else build["context"])

    def _given(self, value: Value) -> Value:
        """A value that says what is built, with the variables that the .env gives filled in."""
        if value.known or not self.environment_file:
            return value
        text, known = interpolated(value.text, self.environment_file)
        return replace(value, text=text, known=known)

    @property
    def folder(self) -> str | None:
        """The folder that its image is built from, in the tree; None where it is none of the tree's."""
        context = self.context
        text = context.text or "."
        if not context.known or "://" in text or text.startswith(("git@", "/", "~")):
            return None
        folder = beside(context.location.path, text)
        return None if folder.startswith("..") else folder

    @property
    def dockerfile(self) -> str | None:
        """The path of the Dockerfile that it is built from; None where it is not, or not from this tree."""
        build, folder = self.node["build"], self.folder
        named = self._given(build["dockerfile"])
        if not build.present or build["dockerfile_inline"].present or folder is None:
            return None
        if not named.known or named.text.startswith("/"):
            return None
        path = posixpath.normpath(posixpath.join(folder, named.text or "Dockerfile"))
        return None if path.startswith("..") else path

    @property
    def target(self) -> str:
        """The stage that its build ends with, in lower case; empty where none is named, or a variable says which."""
        target = self._given(self.node["build"]["target"])
        return target.text.lower() if target.known else ""

    @property
    def may_build_any(self) -> bool:
        """Whether only the environment knows which Dockerfile it is built from."""
        build = self.node["build"]
        return build.present and not (self.context.known and self._given(build["dockerfile"]).known)

    @property
    def arguments(self) -> tuple[tuple[str, str | None], ...]:
        """The build arguments that it gives; None for a value that only the environment knows."""
        given = self.node["build"]["args"].assignments()
        return tuple((name.text, value.text if value.present and value.known else None) for name, value in given)

    @property
    def volumes(self) -> Iterator[tuple[str, Location]]:
        """The host's side of every volume, a path or a name, and its place."""
        for volume in self.node["volumes"]:
            if volume.is_mapping:
                if volume["type"].text in ("bind", "volume"):
                    yield volume["source"].text, volume["source"].location
            else:
                source, _ = mount_of(volume.text)
                if source:
                    yield source, volume.location

    @property
    def named_volumes(self) -> Iterator[tuple[str, Location]]:
        """Those volumes that the file has to declare."""
        return ((name, location) for name, location in self.volumes if _VOLUME_NAME.match(name))

    @property
    def dependencies(self) -> list[tuple[str, Location]]:
        """The services that have to start before, or are shared with, and the places that say so."""
        node = self.node["depends_on"]
        named = [key for key, _ in node.items()] if node.is_mapping else node.strings()
        found = [(one.text, one.location) for one in named]
        found += [(one.text.partition(":")[0], one.location) for one in self.node["links"].strings()]
        for key in ("network_mode", "pid", "ipc"):
            shared = self.node[key]
            if shared.text.startswith("service:"):
                found.append((shared.text.partition(":")[2], shared.location))
        return [(name, location) for name, location in found if "$" not in name]

    @property
    def occasional(self) -> bool:
        """Whether it runs to its end, or only when somebody asks for it."""
        node = self.node
        profiles = [profile.text for profile in node["profiles"].strings()]
        return bool(
            node["restart"].text in ("no", "false")
            or node.get("deploy", "mode").text.endswith("-job")
            or self.awaited
            or self._ends
            or (_NAMED_ONCE.search(self.name.lower()) and not (self._stays or node["ports"].present))
            or (bool(profiles) and all(_OCCASIONAL.search(profile.lower()) for profile in profiles))
        )

    @property
    def _ends(self) -> bool:
        """Whether its one command does something and ends: it migrates a database, or installs packages."""
        if self._stays:
            return False
        words = [*self.node["entrypoint"].strings(), *self.node["command"].strings()]
        text = " ".join(word.text for word in words).strip()
        image = ImageReference.parse(self.node["image"].text).last_name if self.node["image"].text else ""
        if "&" in text.replace("&&", ""):
            return False
        return _ENDING.match(_CHAINED.split(text)[-1].strip()) is not None or (
            image in ("flyway", "liquibase", "migrate") and _MIGRATING.search(text) is not None
        )

    @property
    def _stays(self) -> bool:
        """Whether it is started again even where it has ended well."""
        return self.node["restart"].text in ("always", "unless-stopped")

    def uses(self, section: str) -> Iterator[tuple[str, Location]]:
        """The networks, secrets or configs that the file has to declare."""
        node = self.node[section]
        if node.is_mapping:
            yield from ((key.text, key.location) for key, _ in node.items())
            return
        for one in node:
            named = one["source"] if one.is_mapping else one
            yield named.text, named.location

    @property
    def run(self) -> ImageRun | None:
        """What it says of the image that it runs; None where that stands elsewhere."""
        image, dockerfile = self.node["image"], self.dockerfile
        if self.partial or (dockerfile is None and not image.text):
            return None
        user = self.user
        return ImageRun(
            "" if dockerfile is not None else without_version(image.text),
            dockerfile or "",
            self.target,
            self.label,
            self.location,
            user_named(user.text) if user.present else None,
            False,
            self.node["healthcheck"].present,
            self.location,
        )

    @property
    def build(self) -> ImageBuild | None:
        """What it says of the image that it builds; None where it builds none."""
        image, dockerfile, folder = self.node["image"], self.dockerfile, self.folder
        build = self.node["build"]
        if not build.present:
            return None
        names = (image.text,) if image.text else ()
        if dockerfile is None or folder is None:
            return ImageBuild("", "", names) if names else None
        contexts = frozenset(name.text for name, _ in build["additional_contexts"].assignments())
        return ImageBuild(dockerfile, folder, names, self.target, contexts, self.arguments, self.path)


class SecretFile(NamedTuple):
    """A file that Git keeps and that Compose gives to services as a secret."""

    name: str
    named: Location
    """Where its path is written."""
    file: NamedFile

    @property
    def label(self) -> str:
        return f"secret {self.name}"

    @property
    def location(self) -> Location:
        return self.named

    @property
    def for_development(self) -> bool:
        return named_for_development(self.named.path) or named_for_development(self.file.path)


@dataclass(frozen=True)
class Composition(ProjectView):
    """Every Compose file of the project, joined with those that belong to it."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("compose",)

    projects: tuple[ComposeProject, ...]
    partial: tuple[PartialDocument, ...]
    files: Mapping[str, NamedFile]
    """By their paths, those that are named as secrets and kept."""

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        files = {one.path: one for one in summaries.of(NamedFile)}
        joiner = _Joiner(summaries.of(ComposeText), files)
        projects = tuple(joiner.projects())
        return cls(projects, tuple(joiner.partial(projects)), files)

    @property
    def services(self) -> list[Service]:
        return [service for project in self.projects for service in project.services]


class _Joiner:
    def __init__(self, texts: Iterable[ComposeText], files: Mapping[str, NamedFile]) -> None:
        self.files = files
        self.texts = {text.path: text for text in texts}
        self.mains: dict[str, list[str]] = {}
        """By their folder, in the order in which Compose looks for them."""
        for path in sorted(self.texts, key=lambda path: (path.rpartition("/")[2].startswith("docker-"), path)):
            if is_main(path):
                self.mains.setdefault(posixpath.dirname(path), []).append(path)
        self.overrides: dict[str, str] = {}
        """By the main file, the one that Compose lays over it."""
        for path in sorted(self.texts):
            beside_it = self.mains.get(posixpath.dirname(path), ())
            if is_automatic(path) and beside_it:
                self.overrides.setdefault(beside_it[0], path)
        self.roots: dict[tuple[str, int], Value] = {}
        self.extended_left = MOST_EXTENDED
        self.cut: set[str] = set()
        """The files that include more than is read."""
        self.extended = {
            (beside(base.location.path, base["file"].text), base["service"].text)
            for text in self.texts.values()
            for document in text.readings[0]
            for _, node in document["services"].items()
            if (base := node["extends"])["file"].text
        }

    def root(self, path: str, reading: int = 0) -> Value:
        """The documents of a file as one."""
        if (path, reading) not in self.roots:
            self._read_roots((path, reading))
        return self.roots[path, reading]

    def _read_roots(self, first: tuple[str, int]) -> None:
        """The files that a file extends come before it, and one behind the other they are no deep recursion."""
        pending = [first]
        filled: dict[tuple[str, int], list[Value]] = {}
        while pending:
            path, reading = current = pending[-1]
            nothing = Value(Location(path, 1, 1, 1, 1), pairs=())
            if current not in self.roots:
                self.roots[current] = nothing  # for files that extend one another in a circle
                filled[current] = [self.filled(path, one) for one in self.texts[path].readings[reading]]
                wanted = {(one, 0): None for document in filled[current] for one in self._extended_files(document)}
                pending.extend(one for one in wanted if one not in self.roots)
            else:
                pending.pop()
                if current in filled:
                    documents = [self.with_extended(one) for one in filled.pop(current)]
                    self.roots[current] = functools.reduce(laid_over, documents, nothing)

    def filled(self, path: str, document: Value) -> Value:
        """A document with the defaults of its variables, or with what .env says in their place.

        What it hands over to containers keeps the defaults: they are judged as secrets, where they stand.
        """
        plain = Variables({})
        known = self.environment_beside(path)
        given = Variables(known, defaults_only=True) if known else plain
        pairs = tuple(
            (key, _each_service(node, given, plain) if key.text == "services" else plain.fill(node))
            for key, node in document.items()
        )
        return replace(document, pairs=pairs)

    def _extended_files(self, document: Value) -> Iterator[str]:
        for _, node in document["services"].items():  # noqa: PERF102  # a Value is no dict
            file = node["extends"]["file"]
            if file.text and file.known and (path := beside(file.location.path, file.text)) in self.texts:
                yield path

    def with_extended(self, document: Value) -> Value:
        """A document whose services hold what they extend: compose-go does so before it merges documents and files."""
        services = document["services"]
        if not any(node["extends"].present for _, node in services.items()):
            return document
        pairs = tuple((key, self.extending(document, node, DEEPEST)[0]) for key, node in services.items())
        kept = tuple(
            (key, replace(services, pairs=pairs)) if key.text == "services" else (key, value)
            for key, value in document.pairs or ()
        )
        return replace(document, pairs=kept)

    def projects(self) -> Iterator[ComposeProject]:
        for path, text in self.texts.items():
            if path not in self.overrides.values():
                for reading in range(len(text.readings)):
                    yield self.project(path, reading)

    def project(self, path: str, reading: int) -> ComposeProject:
        root = self.root(path, reading)
        if path in self.overrides:
            root = laid_over(root, self.root(self.overrides[path]))
        others, known = self.included(root, {path})
        overlay = self.is_laid_over_another(path)
        awaited = {
            name.text
            for _, node in root["services"].items()
            for name, dependency in node["depends_on"].items()
            if dependency["condition"].text == "service_completed_successfully"
        }
        services = tuple(
            self.service(path, key, node, key.text in awaited, overlay)
            for key, node in root["services"].items()
            if node.is_mapping and (is_main(path) or (path, key.text) not in self.extended)
        )
        return ComposeProject(path, root, self.following(services, path, reading), known and not overlay, tuple(others))

    def following(self, services: tuple[Service, ...], path: str, reading: int) -> tuple[Service, ...]:
        """The services, with those of the same file that they extend."""
        bases = {
            key.text: base["service"].text if base.is_mapping else base.text
            for document in self.texts[path].readings[reading]
            for key, node in document["services"].items()
            if (base := node["extends"]).present and not base["file"].text
        }
        if not bases:
            return services
        whole = {service.name for service in services if not service.partial}
        return tuple(
            replace(service, follows=frozenset(_chain(service.name, bases)) & whole)
            if service.name in bases
            else service
            for service in services
        )

    def included(self, root: Value, seen: set[str]) -> tuple[list[Value], bool]:
        """What a file includes, and whether all of that is known."""
        found: list[Value] = []
        known = True
        pending = list(reversed(self._named_in(root)))
        while pending:
            path = pending.pop()
            if path is None:
                known = False
            elif path not in seen:
                if len(found) == MOST_INCLUDED:
                    self.cut.add(root.location.path)
                    return found, False
                seen.add(path)
                found.append(self.root(path))
                pending.extend(reversed(self._named_in(found[-1])))
        return found, known

    def _named_in(self, root: Value) -> list[str | None]:
        """The files that one includes; None for one that is not known."""
        return [
            path if named.known and path in self.texts else None
            for include in root["include"]
            for named in (include["path"] if include.is_mapping else include).strings()
            for path in (beside(named.location.path, named.text),)
        ]

    def is_laid_over_another(self, path: str) -> bool:
        """Whether what the file leaves out stands in another one."""
        if not is_overlay(path):
            return False
        folder = posixpath.dirname(path)
        while folder and folder not in self.mains:
            folder = posixpath.dirname(folder)
        return is_automatic(path) or folder in self.mains

    def service(self, path: str, key: Value, node: Value, awaited: bool, overlay: bool) -> Service:
        whole = node
        partial = ""
        if node["extends"].present:
            partial = f"service {key.text} extends one that is not known"
        elif overlay or not (whole["image"].present or whole["build"].present):
            partial = f"service {key.text} is completed elsewhere"
        at = key.location
        environment = self.environment_beside(path)
        return Service(path, key.text, at, replace(whole, location=at), partial, awaited, environment)

    @functools.cache  # noqa: B019  # as long as the joiner lives, which is one run
    def environment_beside(self, path: str) -> Mapping[str, str]:
        kept = self.files.get(beside(path, ".env"))
        return MappingProxyType(assigned(kept.beginning) if kept is not None else {})

    def extending(self, root: Value, node: Value, left: int) -> tuple[Value, bool]:
        """A service over those that it extends, and whether all of them are known."""
        base = node["extends"]
        if not base.present:
            return node, True
        wanted, file = (base["service"], base["file"]) if base.is_mapping else (base, base["file"])
        other = root
        if file.text:
            path = beside(file.location.path, file.text)
            if not file.known or path not in self.texts:
                return node, False
            other = self.root(path)
        found = other["services"][wanted.text]
        if not left or not found.is_mapping or not wanted.known:
            return node, False
        above, known = self.extending(other, found, left - 1)
        if known:
            self.extended_left -= _size(above)
            if self.extended_left < 0:
                return node, False
        return (extended(above, node) if known else node), known

    def partial(self, projects: Iterable[ComposeProject]) -> Iterator[PartialDocument]:
        overlays = {path for path in self.texts if self.is_laid_over_another(path)}
        for path in sorted(overlays):
            yield PartialDocument(path, "is laid over another Compose file: what it leaves out stands there")
        for path in sorted(self.cut):
            reason = f"includes more than {MOST_INCLUDED} files, one by another: what is in the others is not known"
            yield PartialDocument(path, reason, 1, 1)
        for project in projects:
            ends = dict(self.texts[project.path].ends)
            for service in project.services:
                first = service.location.line
                last = max(first, ends.get(service.name, first))
                if service.partial and project.path not in overlays:
                    yield PartialDocument(project.path, service.partial, first, last)
                elif keys := self.said_by_overlays(project.path, service.name, overlays):
                    reason = f"service {service.name} is completed by a file that is laid over this one"
                    yield PartialDocument(project.path, reason, first, last, keys)

    def said_by_overlays(self, path: str, name: str, overlays: Iterable[str]) -> frozenset[str]:
        """The keys that files for production say of a service, where they are laid over its own."""
        folder = posixpath.dirname(path)
        beside_it = (other for other in overlays if posixpath.dirname(other) == folder and is_main(path))
        return frozenset(
            key
            for other in beside_it
            if not named_for_development(other)
            for key in _keys(self.root(other)["services"][name], 4)
        )


def _each_service(services: Value, given: Variables, plain: Variables) -> Value:
    if given is plain or not services.is_mapping:
        return plain.fill(services)
    pairs = []
    for name, service in services.items():
        own = tuple((key, (plain if key.text == "environment" else given).fill(node)) for key, node in service.items())
        pairs.append((name, replace(service, pairs=own) if service.is_mapping else service))
    return replace(services, pairs=tuple(pairs))


def _has_default(value: Value, depth: int = 6) -> bool:
    """Whether a variable with a default stands in it."""
    if value.pairs is None and value.members is None:
        return "${" in value.text and "-" in value.text
    inner = (node for _, node in value.pairs) if value.pairs is not None else iter(value.members or ())
    return depth > 0 and any(_has_default(one, depth - 1) for one in inner)


def _size(service: Value) -> int:
    """How many values a service has, those of its own values too."""
    return sum(1 + len(value.pairs or value.members or ()) for _, value in service.pairs or ())


def _keys(value: Value, depth: int) -> Iterator[str]:
    for key, one in value.items():
        yield _SAME_LIMIT.get(key.text, key.text)
        if depth:
            yield from _keys(one, depth - 1)


def partial_documents(summaries: Summaries) -> Iterable[PartialDocument]:
    """What of Compose files stands elsewhere."""
    return summaries.seen_by(Composition).partial


def builds_of(text: ComposeText) -> Iterator[ImageBuild]:
    """The images that a Compose file builds, as far as it says so itself."""
    for service in Composition.of(Summaries([text])).services:
        if service.build is not None:
            yield service.build


def named_secrets(told: Iterable[object]) -> Iterator[str]:
    """The paths of the files that Compose files name as secrets."""
    variables = Variables({})
    for text in told:
        for document in text.readings[0] if isinstance(text, ComposeText) else ():
            for _, _, path in _secret_paths(variables.fill(document["secrets"])):
                yield path


def named_environments(told: Iterable[object]) -> Iterator[str]:
    """The paths of the .env files that may say what Compose files build, or what holds in place of a default."""
    for text in told:
        if isinstance(text, ComposeText):
            services = Composition.of(Summaries([text])).services
            said = (document["services"] for reading in text.readings for document in reading)
            if any(service.may_build_any for service in services) or any(map(_has_default, said)):
                yield beside(text.path, ".env")


def assigned(text: str) -> dict[str, str]:
    """What a .env file gives to variables; those that need a shell to be read are left out."""
    found: dict[str, str] = {}
    for line in text[: text.rfind("\n") + 1].splitlines():  # the last line may be cut off
        given = _ASSIGNED.fullmatch(line)
        if given is not None:
            value, known = interpolated(given["quoted"] or given["plain"] or "", found)
            if known:
                found[given["name"]] = value
    return found


def _secret_paths(secrets: Value) -> Iterator[tuple[str, Location, str]]:
    """Name, place and path of every secret that is read from a file."""
    for name, secret in secrets.items():
        named = secret["file"]
        if named.text and named.known and not secret["external"].boolean:
            yield name.text, named.location, beside(named.location.path, named.text)


def secret_files(composition: Composition) -> list[SecretFile]:
    """Every file that Git keeps and that is named as a secret."""
    found = {
        at.region: SecretFile(name, at, composition.files[path])
        for project in composition.projects
        for name, at, path in _secret_paths(project.root["secrets"])
        if path in composition.files
    }
    return list(found.values())


def projects(composition: Composition) -> tuple[ComposeProject, ...]:
    """Every Compose file with what belongs to it."""
    return composition.projects


def main_projects(composition: Composition) -> list[ComposeProject]:
    """Those that say all that there is, with what includes them."""
    includers: dict[str, list[ComposeProject]] = {}
    for project in composition.projects:
        for other in project.others:
            includers.setdefault(other.location.path, []).append(project)
    found = [
        replace(project, includers=tuple(root for one in includers[project.path] for root in (one.root, *one.others)))
        if project.path in includers
        else project
        for project in composition.projects
        if project.whole
        and all(one.whole for one in includers.get(project.path, ()))
        and not _is_laid_over_what_lies_above(project, composition.projects)
    ]
    missed = [project.left_out for project in found]
    sections = {section for left_out in missed for section, _ in left_out}
    known = {(section, name) for one in composition.projects for section in sections for name in one.declared(section)}
    return [
        replace(project, elsewhere=frozenset(left_out & known)) if left_out & known else project
        for project, left_out in zip(found, missed, strict=True)
    ]


def _is_laid_over_what_lies_above(project: ComposeProject, projects: Iterable[ComposeProject]) -> bool:
    """Whether a main file in a folder above declares what the file leaves out, and files beside it declare the rest.

    `docker compose -f ../compose.yaml -f one.yaml -f …`.
    """
    folder, left_out = posixpath.dirname(project.path), project.left_out
    if not left_out:
        return False
    beside_it = [one for one in projects if posixpath.dirname(one.path) == folder and one.path != project.path]
    rest = {
        (section, name) for section, name in left_out if not any(name in one.declared(section) for one in beside_it)
    }
    return any(
        is_main(other.path)
        and posixpath.dirname(other.path) != folder
        and _lies_below(project.path, posixpath.dirname(other.path))
        and any(name in other.declared(section) for section, name in left_out)
        and all(name in other.declared(section) for section, name in rest)
        for other in projects
    )


def _lies_below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _chain(name: str, bases: Mapping[str, str]) -> Iterator[str]:
    seen = {name}
    while (name := bases.get(name, "")) and name not in seen:
        seen.add(name)
        yield name


def services(composition: Composition) -> list[Service]:
    """Every service."""
    return composition.services


def production_services(composition: Composition) -> list[Service]:
    """Every service, unless the file or a folder around it is named after development or tests."""
    return [service for service in composition.services if not service.for_development]


def beside(path: str, other: str) -> str:
    """A path that the file at `path` names, relative to the tree."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), other))
