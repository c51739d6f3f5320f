"""Dockerfiles: stages, what each inherits and ends up with, and every instruction with its variables expanded."""

from __future__ import annotations

import math
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Self

from devopslint.deferred import cached_property, compiled
from devopslint.docker.expansion import follow
from devopslint.docker.reader import Comment, Flag, Heredoc, Instruction, Pair, Text, Word, read_dockerfile
from devopslint.docker.stages import Build, Script, Stage, Step
from devopslint.docker.witnesses import witnesses
from devopslint.docker.words import Variable, expand
from devopslint.images.summaries import BuiltImage, ContextCopy, ForeignImage, Written, named_for_development
from devopslint.model import Fault, FileView, Location, NotChecked, ShellText

__all__ = ["Comment", "Flag", "Heredoc", "Instruction", "Pair", "Variable", "Word"]  # what checks see of the reader


_DEVELOPMENT_BASES = (
    "mcr.microsoft.com/devcontainers/*",
    "mcr.microsoft.com/vscode/devcontainers/*",
    "cimg/*",
    "codercom/*",
    "gitpod/*",
    "circleci/*",
    "gitlab/gitlab-runner",
    "jenkins/agent",
    "jenkins/inbound-agent",
    "*/actions-runner",
)
"""Images for editors, and for the machines that build and test: compilers are what they are for."""


_PLACE_HOLDER = compiled(r"\{\{|\{%|<%|@@?[A-Za-z_][A-Za-z0-9_]*@@?(?![0-9a-z:])|%%[A-Za-z_]+%%")
_BETWEEN_WORDS = compiled(r"""["'\[\],\s]+""")
_DEVELOPMENT_SERVER = compiled(
    r"\b(?:npm|pnpm|yarn|bun) (?:run )?(?:start:)?(?:dev|develop|watch|storybook)(?![\w-])|\b(?:vite|next|nuxt|nuxi|astro|remix|gatsby"
    r"|wrangler) (?:dev|develop)(?![\w-])|\b(?:nodemon|ts-node-dev|webpack-dev-server|livereload|reflex|CompileDaemon)\b|(?:\A| )air(?: |\Z)"
    r"|\bng serve\b|\bwebpack serve\b|\bcargo watch\b|\bgo run \.|\b(?:uvicorn|gunicorn|hypercorn)\b.* --reload\b|\bsleep infinity\b"
    r"|\btail -f /dev/null\b|(?:\A| |/)dlv .*\b(?:exec|debug)\b"
)
"""What a container for developers starts: a server that watches the sources, or nothing."""
_STEP_DOWN = compiled(r"\b(?:gosu|su-exec|setpriv|chpst|s6-setuidgid)\b")
"""Programs with which an image's entrypoint gives root up."""

_LAMBDA = compiled(r"\b(?:awslambdaric|aws-lambda-(?:ric|rie|adapter)|lambda-adapter|lambda-entrypoint)\b")
"""The client of AWS Lambda's runtime, its emulator, and the layer that speaks HTTP to a server instead."""


class Dockerfile(Build, FileView):
    """The file of a build, or of a fragment of one."""

    kinds: ClassVar[tuple[str, ...]] = ("dockerfile",)

    def __init__(self, path: str, text: Text) -> None:
        super().__init__(path, text)
        self.faults: list[Fault] = list(text.faults)
        self.not_checked: list[NotChecked] = []
        follow(self)

    @classmethod
    def template(cls, path: str, mark: Location) -> Self:
        """A file that becomes a Dockerfile when somebody fills it in."""
        view = cls(path, Text(path, (), (), (), "\\", ()))
        view.not_checked.append(NotChecked(path, "is a template: what it renders to is not known here", mark.line))
        view.unchecked = True
        return view

    @classmethod
    def read(cls, path: str, text: str) -> Self:
        read = read_dockerfile(path, text)
        mark = next((word for one in read.instructions for word in _marked(one)), None)
        return cls(path, read) if mark is None else cls.template(path, mark.location)

    @cached_property
    def _extents(self) -> dict[int, int]:
        """Where what begins on a line ends: a stage at its FROM, or one instruction."""
        ends = {instruction.first_line: instruction.last_line for instruction in self.text.instructions}
        for stage in self.stages:
            if stage.origin is not None:
                ends[stage.origin.instruction.first_line] = stage.last_line
        return ends

    def extent(self, line: int) -> tuple[int, int]:
        return line, self._extents.get(line, line)

    def shell_texts(self) -> Iterator[ShellText]:
        """The scripts that programs for scripts may read."""
        for script in scripts(self):
            text = script.shell_text
            if text is not None:
                yield text

    def summaries(self) -> Iterator[object]:
        if self.final_stage is None:
            return
        yield from _foreign_images(self)
        copied = tuple(
            copy for stage in self.stages for step in stage.named("ADD", "COPY") for copy in context_copies(step)
        )
        ecosystems = frozenset(_ecosystems(self))
        serverless = any(_LAMBDA.search(step.instruction.text) for step in self.steps)
        for stage in images(self):
            if stage.final or stage.name:  # no build ends with another one
                yield _built_image(stage, copied, ecosystems, serverless=serverless)
        for stage in production_stages(self):
            yield from witnesses(stage)


def _marked(instruction: Instruction) -> Iterator[Word]:
    """What no Dockerfile has: the marks of a template where an instruction or an image is meant."""
    if instruction.keyword.text.startswith(("{{", "{%", "{#", "<%", "${", "@")):
        yield instruction.keyword
    if instruction.name == "FROM":
        yield from (word for word in instruction.args if _PLACE_HOLDER.search(word.text))


def _built_image(
    stage: Stage, copied: tuple[ContextCopy, ...], ecosystems: frozenset[str], *, serverless: bool
) -> BuiltImage:
    user, health = stage.user, stage.healthcheck
    starts = stage.cmd is not None or stage.entrypoint is not None
    return BuiltImage(
        stage.dockerfile.path,
        (stage.name or "").lower(),
        stage.final,
        stage.label,
        stage.location,
        "" if stage.root.base_unresolved else stage.root.base,
        user.args[0] if user is not None and user.args else None,
        user.words[0].location if user is not None and user.words else stage.location,
        gives_root_up(stage),
        health.args[0].upper() if health is not None and health.args else "",
        stage.root.base == "scratch" and not starts and (_has_files(stage) or stage.builds_on("files", _has_files)),
        is_for_development(stage),
        copied,
        ecosystems,
        _origin(stage),
        _own_user(stage),
        ((stage.parent.name or "") if stage.parent is not None else "").lower(),
        starts,
        serverless,
        _is_taken(stage),
    )


def _is_taken(stage: Stage) -> bool:
    dockerfile = stage.dockerfile
    last = dockerfile.final_stage
    if last is None or last is stage:
        return False
    sources = {(one.index, name) for one in last.lineage for step in one.named("COPY") for name in step.sources}
    return any(dockerfile.stage_named(name, before=index) is stage for index, name in sources)


def _origin(stage: Stage) -> Written:
    words = stage.origin.words if stage.origin is not None else ()
    return _written(words[0].text if words else "", stage, stage.dockerfile.defaults, frozenset())


def _own_user(stage: Stage) -> Written | None:
    users = [user for user in stage.named("USER") if user.words]
    if not users:
        return None
    # ENV outweighs what a build gives for an ARG of the same name.
    return _written(users[-1].words[0].text, stage, stage.values, frozenset(stage.environment))


def _written(text: str, stage: Stage, values: Mapping[str, str], fixed: frozenset[str]) -> Written:
    escape = stage.dockerfile.text.escape
    names = {variable.name for variable in expand(text, {}, escape).variables} if "$" in text else ()
    return Written(text, tuple((name, values.get(name), name not in fixed) for name in sorted(names)), escape)


def gives_root_up(stage: Stage) -> bool:
    """Whether it, or what it builds on, holds a program that makes root somebody else when it starts."""
    return _steps_down(stage) or stage.builds_on("steps down", _steps_down)


def _steps_down(stage: Stage) -> bool:
    starts = [step for step in (stage.cmd, stage.entrypoint) if step is not None]
    return (
        stage.first_mention(_STEP_DOWN) < math.inf
        or any(_STEP_DOWN.search(step.instruction.text) for step in starts)
        or any(_STEP_DOWN.fullmatch(source.name) for step in stage.named("COPY", "ADD") for source in step.copied)
    )


def _has_files(stage: Stage) -> bool:
    return bool(stage.named("COPY", "ADD"))


def _foreign_images(dockerfile: Dockerfile) -> Iterator[ForeignImage]:
    for stage in images(dockerfile):
        if stage.image is not None and not stage.image.digest and not stage.base_unresolved:
            yield ForeignImage(stage.base, stage.location)
    for step in copies(dockerfile):
        flag = step.instruction.flag("from")
        if flag is not None and dockerfile.stage_named(step.flags["from"], before=step.stage.index + 1) is None:
            yield ForeignImage(step.flags["from"], flag.value_location)


def _ecosystems(dockerfile: Dockerfile) -> Iterator[str]:
    """`node` where the folder that is built is a Node.js project itself."""
    for stage in dockerfile.stages:
        on_node = stage.image is not None and stage.image.matches(("node",))
        for source in (source for step in stage.named("ADD", "COPY") for source in context_copies(step)):
            path = posixpath.normpath(source.source)
            if (on_node and path == ".") or path in ("package.json", "package-lock.json", "package*.json", "yarn.lock"):
                yield "node"


def context_copies(step: Step) -> Iterator[ContextCopy]:
    """What COPY or ADD takes from the build context: no other stage, no heredoc, no URL."""
    if step.name not in ("COPY", "ADD") or "from" in step.flags or step.deferred:
        return
    for source in step.copied:
        if source.resolved and not source.remote:
            yield ContextCopy(source.text, source.location)


def stages(dockerfile: Dockerfile) -> list[Stage]:
    """Every stage; a fragment counts as one."""
    return dockerfile.stages


def images(dockerfile: Dockerfile) -> list[Stage]:
    """The stages that begin with FROM."""
    return [stage for stage in dockerfile.stages if not stage.fragment]


def final_stages(dockerfile: Dockerfile) -> list[Stage]:
    """The stage that becomes the image; none in a fragment."""
    return [stage for stage in dockerfile.stages if stage.final]


def production_stages(dockerfile: Dockerfile) -> list[Stage]:
    """The final stage, unless its base is for development or tests, or it, its file or a folder is named after them."""
    return [stage for stage in final_stages(dockerfile) if not is_for_development(stage)]


def is_for_development(stage: Stage) -> bool:
    image = stage.root.image
    if image is not None and image.matches(_DEVELOPMENT_BASES):
        return True
    started = [step.instruction.rest.text for step in (stage.cmd, stage.entrypoint) if step is not None]
    if any(_DEVELOPMENT_SERVER.search(_BETWEEN_WORDS.sub(" ", text)) for text in started):
        return True
    return named_for_development(stage.dockerfile.path, stage.name or "")


def final_layers(dockerfile: Dockerfile) -> list[Stage]:
    """The stages whose files the image consists of: the final one and those that it builds on; or a fragment."""
    final = dockerfile.final_stage
    return list(final.lineage) if final is not None else dockerfile.stages


def steps(dockerfile: Dockerfile) -> list[Step]:
    """Every instruction."""
    return dockerfile.steps


def files(dockerfile: Dockerfile) -> Iterable[Dockerfile]:
    """The Dockerfile itself, for rules about the whole of it."""
    return (dockerfile,)


def runs(dockerfile: Dockerfile) -> list[Step]:
    """Every RUN."""
    return dockerfile.named("RUN")


def scripts(dockerfile: Dockerfile) -> Iterator[Script]:
    """What every RUN does."""
    return (script for stage in dockerfile.stages for script in stage.scripts)


def exposures(dockerfile: Dockerfile) -> list[Step]:
    """Every EXPOSE."""
    return dockerfile.named("EXPOSE")


def workdirs(dockerfile: Dockerfile) -> list[Step]:
    """Every WORKDIR."""
    return dockerfile.named("WORKDIR")


def volumes(dockerfile: Dockerfile) -> list[Step]:
    """Every VOLUME."""
    return dockerfile.named("VOLUME")


def labels(dockerfile: Dockerfile) -> list[Step]:
    """Every LABEL."""
    return dockerfile.named("LABEL")


def commands(dockerfile: Dockerfile) -> list[Step]:
    """Every CMD and ENTRYPOINT."""
    return dockerfile.named("CMD", "ENTRYPOINT")


def healthchecks(dockerfile: Dockerfile) -> list[Step]:
    """Every HEALTHCHECK."""
    return dockerfile.named("HEALTHCHECK")


def settings(dockerfile: Dockerfile) -> list[Step]:
    """Every ARG and ENV."""
    return dockerfile.named("ARG", "ENV")


def triggers(dockerfile: Dockerfile) -> Iterator[Step]:
    """What every ONBUILD holds."""
    return (step for step in steps(dockerfile) if step.deferred)


def copies(dockerfile: Dockerfile) -> list[Step]:
    """Every COPY and ADD."""
    return dockerfile.named("COPY", "ADD")


def environments(dockerfile: Dockerfile) -> list[Step]:
    """Every ENV."""
    return dockerfile.named("ENV")
