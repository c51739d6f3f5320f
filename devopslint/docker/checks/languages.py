"""Packages of programming languages in a RUN: pinned, from trusted hosts, and their caches left out of the image."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.docker.dockerfile import scripts, settings
from devopslint.docker.packages import BRANCHES, PackageCommand
from devopslint.docker.stages import Script, Step
from devopslint.model import Problem
from devopslint.registry import check

_CONSTRAINED = (
    "-r",
    "--requirement",
    "--requirements",
    "-c",
    "--constraint",
    "--constraints",
    "--override",
    "--overrides",
)
"""Options of pip and uv that name a file which says the versions."""
TRUE = frozenset(("1", "true", "on", "yes", "y"))
TARBALL = compiled(r".*\.(?:tar|tgz|tar\.(?:gz|bz2|xz)|tbz2?|whl|zip|egg)\Z", re.DOTALL | re.IGNORECASE)
PIP_VERSION = compiled(r"[^=<>!~@]*(?:[=!~<>]=|[<>]|@)", re.DOTALL)
PIP_VCS = compiled(r"(?:[\w.-]+(?:\[[^]]*\])?\s*@\s*)?(?:git|hg|svn|bzr)(?:\+\w+)?:", re.DOTALL)
NPM_VCS = compiled(r"git(?:\+\w+)?:|(?:github|gitlab|bitbucket|gist):|https?://[^/]+/.*\.git(?:#|\Z)", re.DOTALL)
NPM_VERSION = compiled(r"@?[^@]+@(.+)", re.DOTALL)
ARCHIVE_OF = compiled(
    r"(?:/archive/(?:refs/heads/)?|/(?:zip|tar|legacy\.zip|legacy\.tar\.gz)(?:ball)?/(?:refs/heads/)?|/-/archive/)(?P<name>[\w.-]+?)"
    r"(?:\.zip|\.tar\.gz|\.tgz|\.tar\.bz2|/|[?#]|\Z)"
)
"""The archive that a forge makes of a branch, a tag or a commit."""
REVISION_OF = compiled(r"(?:git|hg|svn|bzr)\+.*[^/]@(?P<name>[\w./-]+?)(?:[#?].*)?\Z")
_OF_NPM = frozenset((("npm", "install"), ("pnpm", "install"), ("bun", "install"), ("yarn", "global add")))
"""What takes packages from npm's registry by their names."""
MOVING = frozenset(("latest", "next", "upgrade", "patch", "main", "master", "head", "beta", "canary"))
GO_MODULE = compiled(r"[^./-][^/]*\.[^/]+/|[^./-][^/]*\Z", re.DOTALL)


@check("docker-unpinned-pip-package", each=scripts)
def unpinned_pip_package(script: Script) -> Iterator[Problem]:
    for asked in script.packages:
        if asked.manager not in ("pip", "pipx", "uv") or asked.verb != "install":
            continue
        if asked.arguments.has(*_CONSTRAINED) or script.variable("PIP_CONSTRAINT") or script.variable("UV_CONSTRAINT"):
            continue
        program = "uv" if asked.manager == "uv" else "pip"
        for word in asked.packages:
            if word.expands:
                continue
            branch = branch_of(word.text)
            if branch:
                message = f"{program} takes '{word.text}' from the branch {branch}, which is whatever it is on the day of the build"
                yield Problem(script.place(word), message)
            elif not has_pip_version(word.text):
                yield Problem(script.place(word), f"pip package '{word.text}' has no version")


def branch_of(address: str) -> str:
    """The branch of a repository that the address names, where it is one that moves; empty for anything else."""
    found = ARCHIVE_OF.search(address) or REVISION_OF.search(address)
    name = (found["name"] or "") if found is not None else ""
    return name if name.lower() in BRANCHES else ""


def has_pip_version(text: str) -> bool:
    """Whether a requirement names a version, or a file."""
    if PIP_VCS.match(text):
        address = text.partition("#")[0]
        return "@" in (address.partition("://")[2].partition("/")[2] or address.rpartition(":")[2])
    return "/" in text or text.startswith(".") or bool(TARBALL.match(text) or PIP_VERSION.match(text))


@check("docker-unpinned-npm-package", each=scripts)
def unpinned_npm_package(script: Script) -> Iterator[Problem]:
    for asked in script.packages:
        if (asked.manager, asked.verb) not in _OF_NPM:
            continue
        for word in asked.packages:
            if not word.expands and not has_npm_version(word.text):
                yield Problem(script.place(word), f"npm package '{word.text}' has no version")


def has_npm_version(text: str) -> bool:
    """Whether a package names a version, a commit or a file."""
    if NPM_VCS.match(text):
        return "#" in text and text.rpartition("#")[2].lower() not in BRANCHES
    if text.startswith((".", "/", "~", "file:")) or TARBALL.match(text):
        return True
    version = NPM_VERSION.match(text)
    return version is not None and version[1].lower() not in MOVING


@check("docker-unpinned-gem", each=scripts)
def unpinned_gem(script: Script) -> Iterator[Problem]:
    for asked in script.packages:
        if asked.manager != "gem" or asked.verb != "install" or asked.arguments.has("-v", "--version", "-g", "--file"):
            continue
        separator = next((w.start for w in asked.command.arguments if w.text == "--"), asked.command.end)
        for word in asked.packages:
            named = word.start < separator and word.text not in ("true", "false") and not word.text.endswith(".gem")
            if named and not word.expands and ":" not in word.text:
                yield Problem(script.place(word), f"gem '{word.text}' has no version")


@check("docker-unpinned-go-package", each=scripts)
def unpinned_go_package(script: Script) -> Iterator[Problem]:
    for asked in script.packages:
        if asked.manager != "go" or asked.verb not in ("install", "get", "run"):
            continue
        for word in asked.packages[:1] if asked.verb == "run" else asked.packages:
            name, at, version = word.text.partition("@")
            if word.expands or (at and version.lower() not in MOVING) or not is_go_module(name, asked):
                continue
            if not at and asked.verb != "get" and script.sees_context:
                continue  # go.mod of the repository names the version
            seen = f"version '{version}'" if at else "no version"
            yield Problem(script.place(word), f"Go package '{name}' has {seen}")


def is_go_module(name: str, asked: PackageCommand) -> bool:
    """Whether go gets this from elsewhere: a package of another module, no path and no file."""
    if name.endswith(".go") or name in ("all", "std", "cmd", "tool", ""):
        return False
    found = GO_MODULE.match(name)
    return found is not None and ("." in found[0] or asked.verb == "get")


@check("docker-pip-cache", each=scripts)
def pip_cache(script: Script) -> Iterator[Problem]:
    if not script.in_image or any(path.endswith(("/.cache", "/pip")) for path in script.kept_apart):
        return
    purged = max((asked.command.start for asked in script.packages if is_pip_purge(asked)), default=-1)
    for asked in script.packages:
        if asked.manager != "pip" or asked.verb != "install" or asked.command.start < purged:
            continue
        if not is_pip_cache_off(asked, script):
            message = f"{asked.name} install leaves its cache in the image: --no-cache-dir is missing"
            yield Problem(script.place(asked), message)


def is_pip_purge(asked: PackageCommand) -> bool:
    return asked.manager == "pip" and asked.verb == "cache purge"


def is_pip_cache_off(asked: PackageCommand, script: Script) -> bool:
    value = script.value_at("PIP_NO_CACHE_DIR", asked.command) or ""
    folder = script.value_at("PIP_CACHE_DIR", asked.command) or ""
    if asked.arguments.has("--no-cache-dir") or value.lower() in TRUE or script.keeps_apart(folder.rstrip("/")):
        return True
    return any(script.removes(home, asked.command) for home in ("/root/.cache/pip", "~/.cache/pip", "$HOME/.cache/pip"))


@check("docker-yarn-cache", each=scripts)
def yarn_cache(script: Script) -> Iterator[Problem]:
    if not script.in_image or any(path.endswith("/.cache") or "yarn" in path for path in script.kept_apart):
        return
    installs = [asked for asked in script.packages if asked.manager == "yarn" and is_yarn_install(asked)]
    if not installs:
        return
    last = installs[-1]
    folder = script.value_at("YARN_CACHE_FOLDER", last.command) or ""
    after = [command for command in script.commands if command.start > last.command.start]
    cleaned = any(
        (command.name in ("yarn", "yarnpkg") and "clean" in command.texts)
        or (command.name == "rm" and any(".cache" in text or "yarn" in text for text in command.texts))
        for command in after
    )
    if not cleaned and not script.keeps_apart(folder.rstrip("/")):
        yield Problem(
            script.place(last), "yarn install leaves its cache in the image: 'yarn cache clean' is missing after it"
        )


def is_yarn_install(asked: PackageCommand) -> bool:
    if asked.verb == "":
        return not asked.arguments.has("--version", "-v", "--help", "-h")
    return asked.verb in ("install", "add", "global add")


@check("docker-pip-trusted-host", each=scripts)
def pip_trusted_host(script: Script) -> Iterator[Problem]:
    for asked in script.packages:
        option = asked.arguments.option("--trusted-host") if asked.manager in ("pip", "pipx") else None
        if option is not None:
            yield Problem(script.place(option.word), f"{asked.name} does not check the certificate of a trusted host")
    for command in script.commands:
        for assignment in command.assignments:
            if assignment.name == "PIP_TRUSTED_HOST" and assignment.value:
                yield Problem(script.place(assignment.word), "pip does not check the certificate of PIP_TRUSTED_HOST")
        for word in command.arguments if command.name == "export" else ():
            if re.match(r"PIP_TRUSTED_HOST=.", word.text):
                yield Problem(script.place(word), "pip does not check the certificate of PIP_TRUSTED_HOST")


@check("docker-pip-trusted-host", each=settings)
def pip_trusted_host_variable(step: Step) -> Iterator[Problem]:
    for name, value in step.assigned:
        if name.text == "PIP_TRUSTED_HOST" and value:
            yield Problem(name.location, "pip does not check the certificate of PIP_TRUSTED_HOST")
