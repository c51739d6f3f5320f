"""What is fetched: collections, images, packages and files, and whether anyone looks at what came."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.ansible.playbooks import Task, is_templated, tasks, without_jinja
from devopslint.ansible.requirements import Requirement, requirements
from devopslint.deferred import compiled
from devopslint.model import Problem
from devopslint.readers.image_reference import ImageReference
from devopslint.readers.shell import read_commands, speaks_posix
from devopslint.registry import check

_BRANCHES = frozenset(("develop", "devel", "head", "main", "master", "trunk", "latest", "*"))
_CONTAINERS = frozenset(("docker_container", "podman_container", "docker_swarm_service"))
_VERIFYING = ("validate_certs", "verify_ssl", "sslverify", "tls_verify", "validate_ssl", "ssl_verify")
_PACKAGES = frozenset(
    (
        "apt",
        "dnf",
        "dnf5",
        "package",
        "yum",
        "apk",
        "pip",
        "gem",
        "npm",
        "zypper",
        "pacman",
        "homebrew",
        "win_chocolatey",
    )
)
_HTTP = compiled(
    r"http://(?!localhost\b|127\.|\[::1\]|\{\{|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|[\w-]+(?::\d+)?/)"
)
_LOCAL = compiled(r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?![\w.-])")
_TEMPLATED_HOST = compiled(r"(?:https?://)?\{[{%]")
_UPGRADE = compiled(r"(?i)\b(?:up(?:grade|date)s?|patch(?:es|ing)?)\b")
_RUN = compiled(
    r"(?i)(?:\.(?:sh|py|pl|deb|rpm|apk|exe|msi|run|bin|jar|war|zip|tar|tgz|tbz2?|txz)|\.tar\.\w+|\.(?:gz|bz2|xz))(?:\?.*)?\Z|/s?bin/[\w.-]+\Z"
)


@check("ansible-unpinned-galaxy", each=requirements)
def unpinned_galaxy(required: Requirement) -> Iterator[Problem]:
    version = required.version.text.strip()
    if required.local or is_templated(version):
        return
    if not version:
        if not _names_version(required.name):
            yield Problem(required.location, f"{required.label} has no version: whatever is newest is run")
    elif version.lower() in _BRANCHES or (version.startswith(">") and "<" not in version):
        yield Problem(required.version.location, f"{required.label} has no fixed version: '{version}' moves")


def _names_version(name: str) -> bool:
    """Whether the version stands behind a comma, or behind the collection's name."""
    return "," in name or (":" in name and "://" not in name and not name.startswith("git@"))


@check("ansible-latest-image", each=tasks)
def latest_image(task: Task) -> Iterator[Problem]:
    argument = task.argument("image") if task.short in _CONTAINERS else None
    if argument is None or not argument.text or task.for_tests:
        return
    state = task.argument("state")
    if state is not None and state.text in ("absent", "stopped"):
        return
    reference = ImageReference.parse(argument.text)
    if not argument.known or not reference.well_formed or reference.digest:
        return
    if reference.tag is None:
        yield Problem(argument.location, f"image '{argument.text}' has no tag, so it is whatever is newest")
    elif reference.tag == "latest":
        yield Problem(argument.location, f"image '{argument.text}' is whatever is newest")


@check("ansible-latest-package", each=tasks)
def latest_package(task: Task) -> Iterator[Problem]:
    state = task.argument("state")
    if task.short in _PACKAGES and state is not None and state.text == "latest" and not task.for_tests:
        named = task.argument("name", "pkg", "package")
        if named is None or named.text == "*" or _UPGRADE.search(task.name):
            return
        yield Problem(state.location, f"{task.label} installs whatever is newest on the day that it runs")


@check("ansible-unverified-tls", each=tasks)
def unverified_tls(task: Task) -> Iterator[Problem]:
    if task.for_tests:
        return
    url = task.argument("url", "src")
    if url is not None and (_LOCAL.match(url.text) or (task.short == "uri" and _only_asks(task, url.text))):
        return
    for name in _VERIFYING:
        argument = task.argument(name)
        if argument is not None and argument.is_false:
            yield Problem(argument.location, f"{task.label} does not ask who answers: {name} is off")


def _only_asks(task: Task, url: str) -> bool:
    """Whether a request hands nothing over, to a host that only a variable knows: whether a service is up, often its own."""
    sent = ("body", "headers", "url_password", "password", "src", "dest", "force_basic_auth")
    return _TEMPLATED_HOST.match(url) is not None and all(task.argument(name) is None for name in sent)


@check("ansible-unverified-package", each=tasks)
def unverified_package(task: Task) -> Iterator[Problem]:
    state = task.argument("state")
    if task.for_tests or (state is not None and state.text in ("absent", "removed")):
        return
    off: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    if task.short in ("yum", "dnf", "dnf5", "zypper"):
        on = ("disable_gpg_check",)
    elif task.short in ("yum_repository", "zypper_repository"):
        off, on = ("gpgcheck",), ("disable_gpg_check",)
    elif task.short == "apt":
        on = ("allow_unauthenticated", "force")
    for argument in (task.argument(name) for name in off):
        if argument is not None and argument.is_false:
            yield Problem(argument.location, f"{task.label} takes packages that nobody signed: {argument.name} is off")
    for argument in (task.argument(name) for name in on):
        if argument is not None and argument.is_true:
            yield Problem(argument.location, f"{task.label} takes packages that nobody signed: {argument.name} is on")


@check("ansible-insecure-download", each=tasks)
def insecure_download(task: Task) -> Iterator[Problem]:
    if task.short not in ("get_url", "unarchive", "win_get_url") or task.for_tests:
        return
    url = task.argument("url", "src")
    checked = task.argument("checksum", "sha256sum")
    if url is not None and checked is None and _HTTP.match(url.text):
        yield Problem(url.location, f"{task.label} fetches over http, and no checksum tells what came")


@check("ansible-unverified-download", each=tasks)
def unverified_download(task: Task) -> Iterator[Problem]:
    if task.short not in ("get_url", "win_get_url") or task.for_tests:
        return
    url = task.argument("url")
    if url is None or task.argument("checksum", "sha256sum") is not None or not url.text.startswith("https://"):
        return
    if _RUN.search(url.text):
        yield Problem(url.location, f"{task.label} fetches what is run later, and no checksum tells what came")


@check("ansible-piped-download", each=tasks)
def piped_download(task: Task) -> Iterator[Problem]:
    written = task.command
    if written is None or task.short not in ("shell", "raw") or task.for_tests:
        return
    text = written.text
    if "curl" not in text and "wget" not in text:
        return
    downloads = set()
    for command in read_commands(without_jinja(text)):
        if command.name in ("curl", "wget"):
            downloads.add(command.pipeline)
        elif command.before.startswith("|") and command.pipeline in downloads and speaks_posix(command.name):
            yield Problem(
                written.span(command.start, command.end),
                f"{command.name} runs what the network answers, whatever that is today",
            )
