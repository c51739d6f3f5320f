"""The builds of images that scripts run: by docker build, buildx, podman, buildah or kaniko."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from devopslint.deferred import compiled
from devopslint.images.summaries import GivenContext, ImageBuild, ImageUse
from devopslint.readers.shell import read_commands

if TYPE_CHECKING:
    from devopslint.readers.shell_words import Arguments, Command

_ROOT = compiled(r"\$(?:\{?(?:CI_PROJECT_DIR|GITHUB_WORKSPACE)\}?|\{\{ *github\.workspace *\}\})(?:/|\Z)")
"""The repository's own folder."""
_UNWRITTEN = compiled(r"[$`]|\{\{")
"""In a value that a variable, a command or a template gives."""
_KANIKO_VALUED = ["-c", "--context", "-d", "--destination", "-f", "--dockerfile", "--target", "--build-arg"]
BUILDERS = frozenset(("buildah", "docker", "nerdctl", "podman"))
_VALUED = [
    "-f",
    "--file",
    "-t",
    "--tag",
    "-o",
    "--output",
    "--add-host",
    "--annotation",
    "--attest",
    "--build-arg",
    "--build-context",
    "--builder",
    "--cache-from",
    "--cache-to",
    "--cgroup-parent",
    "--iidfile",
    "--label",
    "--metadata-file",
    "--network",
    "--platform",
    "--progress",
    "--secret",
    "--shm-size",
    "--ssh",
    "--target",
    "--ulimit",
]


_RUN_OPTIONS = (
    "-a --attach --add-host --annotation --blkio-weight --cap-add --cap-drop --cgroup-parent --cgroupns --cidfile -c"
    " --cpu-period --cpu-quota --cpu-shares --cpus --cpuset-cpus --cpuset-mems --device --dns --entrypoint -e --env"
    " --env-file --expose --gpus --group-add --health-cmd -h --hostname --ip --ipc --isolation -l --label --link"
    " --log-driver --log-opt --mac-address -m --memory --memory-swap --mount --name --net --network --network-alias"
    " --pid --pids-limit --platform -p --publish --pull --restart --runtime --security-opt --shm-size --stop-signal"
    " --stop-timeout --storage-opt --sysctl --tmpfs --ulimit -u --user --userns --uts -v --volume --volume-driver"
    " --volumes-from -w --workdir"
)


_CONTEXT = compiled(r"--build-context[ \t=]+[\"']?([\w./:-]+)=")


def scripted_builds(script: str, folder: str) -> Iterator[ImageBuild]:
    """The builds of a script that begins in a folder."""
    if ("build" in script and any(builder in script for builder in BUILDERS)) or "kaniko" in script:
        yield from builds_of_commands(read_commands(script), folder)


def builds_of_commands(commands: Iterable[Command], folder: str) -> Iterator[ImageBuild]:
    for command in commands:
        if command.name == "cd" and command.arguments and not command.within("subshell", "substitution"):
            folder = posixpath.join(folder, command.arguments[0].text)
        yield from _by_kaniko(command, folder) if command.name == "executor" else _by_command(command, folder)


def given_contexts(text: str, path: str) -> Iterator[GivenContext]:
    """The contexts that a file of scripts names, wherever it says so: options of a build often stand in a variable."""
    if "--build-context" in text:
        yield from (GivenContext(name, path) for name in dict.fromkeys(_CONTEXT.findall(text)))


def scripted_uses(script: str, path: str) -> Iterator[ImageUse]:
    """The images that a script pushes or runs."""
    if not any(builder in script for builder in BUILDERS):
        return
    for command in read_commands(script):
        if command.name in BUILDERS:
            operands = [
                word.text
                for word in command.parsed(_RUN_OPTIONS.split()).operands
                if word.text not in ("image", "container")
            ]
            if len(operands) > 1 and operands[0] in ("push", "run", "tag"):
                yield ImageUse(operands[1], operands[0] != "run", path)


def _by_command(command: Command, folder: str) -> Iterator[ImageBuild]:
    """`docker build -f FILE -t NAME CONTEXT`, and buildx's; Dockerfiles are relative to where the command runs."""
    if command.name not in BUILDERS:
        return
    arguments = command.parsed(_VALUED)
    words = [word.text for word in arguments.operands if word.text not in ("buildx", "image", "builder")]
    if len(words) != 2 or words[0] not in ("build", "bud"):
        return
    file = arguments.option("-f", "--file")
    names = _values(arguments, "-t", "--tag")
    context = build_place(folder, words[1])
    dockerfile = build_place(folder, file.value.text) if file is not None and file.value is not None else ""
    target = (_values(arguments, "--target") or [""])[-1]
    contexts = _values(arguments, "--build-context")
    given = _values(arguments, "--build-arg")
    yield image_build(context, dockerfile or posixpath.join(context, "Dockerfile"), names, target, contexts, given)


def _by_kaniko(command: Command, folder: str) -> Iterator[ImageBuild]:
    """`/kaniko/executor --context FOLDER --dockerfile FILE --destination NAME`; a file alone lies in the context."""
    arguments = command.parsed(_KANIKO_VALUED)
    places = _values(arguments, "-c", "--context")
    files = _values(arguments, "-f", "--dockerfile")
    context = build_place(folder, places[-1].removeprefix("dir://") if places else ".")
    file = files[-1] if files else "Dockerfile"
    dockerfile = build_place(folder, file) if "/" in file else posixpath.join(context, file)
    target = (_values(arguments, "--target") or [""])[-1]
    given = _values(arguments, "--build-arg")
    yield image_build(context, dockerfile, _values(arguments, "-d", "--destination"), target, (), given)


def build_place(folder: str, path: str) -> str:
    """A path as it is in the repository."""
    root = _ROOT.match(path)
    return posixpath.join(folder, path) if root is None else path[root.end() :] or "."


def _values(arguments: Arguments, *options: str) -> list[str]:
    return [one.value.text for one in arguments.options if one.name in options and one.value is not None]


def image_build(
    context: str,
    dockerfile: str,
    names: Iterable[str],
    target: str,
    contexts: Iterable[str],
    arguments: Iterable[str] = (),
) -> ImageBuild:
    """A build by its words as they are written; `arguments` are `NAME=value`, or the names of variables alone."""
    known = tuple(name for name in names if name and "$" not in name.rpartition("/")[2].partition(":")[0])
    if "$" in context or "$" in dockerfile or "://" in context or context == "-":
        return ImageBuild("", "", known)
    given = frozenset(context.strip().partition("=")[0] for context in contexts) - {""}
    end = "" if "$" in target else target.lower()
    built = posixpath.normpath(dockerfile)
    return ImageBuild(built, posixpath.normpath(context), known, end, given, tuple(map(_argument, arguments)))


def _argument(text: str) -> tuple[str, str | None]:
    name, equals, value = text.strip().partition("=")
    return name.strip(), value if equals and not _UNWRITTEN.search(value) else None
