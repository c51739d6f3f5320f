"""Packages of the distribution in a RUN: asked for without questions, checked, and nothing left behind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.docker.dockerfile import scripts
from devopslint.docker.packages import PackageCommand
from devopslint.docker.stages import Script
from devopslint.model import Problem
from devopslint.readers.shell_words import Command
from devopslint.registry import check

UPGRADING = frozenset(("apt", "apk", "yum", "dnf", "zypper"))
IDLE = frozenset(("", "rm", "echo", "set", "export", "true", ":", "mkdir", "ls", "cat", "printf", "cd", "sleep", "yes"))
"""Programs that install nothing."""
APT_LISTS = "/var/lib/apt/lists"
APT_ARCHIVES = "/var/cache/apt"
YES = {
    "apt": ("-y", "--yes", "--assume-yes", "--force-yes"),
    "yum": ("-y", "--assumeyes"),
    "dnf": ("-y", "--assumeyes"),
    "zypper": ("-y", "--no-confirm", "-n", "--non-interactive"),
}
YES_WANTED = {"apt": "-y", "yum": "-y", "dnf": "-y", "zypper": "--non-interactive"}
ASKING = frozenset(
    (
        "install",
        "group install",
        "module install",
        "remove",
        "rm",
        "erase",
        "purge",
        "autoremove",
        "upgrade",
        "downgrade",
    )
)
CACHES = {
    "yum": ("/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5"),
    "dnf": ("/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/yum"),
    "zypper": ("/var/cache/zypp",),
}
FILLING = frozenset(("install", "upgrade", "group install", "module install"))
CONFIGURED = compiled(r"(?<!no-)Install-Recommends\b", re.IGNORECASE)
DOCKER_CLEAN = compiled(r"docker-clean")
"""The setting of official images that removes packages once they are installed; who names it takes it away."""
ASSUMED = compiled(r"(?<!-)Assume-Yes\b|assumeyes\s*=", re.IGNORECASE)
UNVERIFIED = {
    "apk": ("--allow-untrusted",),
    "apt": ("--allow-unauthenticated", "--force-yes"),
    "yum": ("--nogpgcheck", "--no-gpgchecks"),
    "dnf": ("--nogpgcheck", "--no-gpgchecks"),
    "zypper": ("--no-gpg-checks", "--allow-unsigned-rpm"),
}
UNVERIFIED_SETTING = compiled(r"APT::Get::AllowUnauthenticated=(?:1|true|yes)|(?:\w+\.)?gpgcheck=(?:0|false|no)", re.I)
RPM_UNVERIFIED = ("--nosignature", "--nodigest", "--noverify", "--nofiledigest")
FILE = compiled(r"[./~]|\w+://|.*\.(?:deb|rpm|apk)\Z", re.DOTALL)
PINNED = {
    "apt": compiled(r".*[=/]", re.DOTALL),
    "apk": compiled(r".*[=<>~]", re.DOTALL),
    "zypper": compiled(r".*[=<>]", re.DOTALL),
    "yum": compiled(r".*-(?:\d+:)?\d[^-]*(?:-[^-]+)?\Z", re.DOTALL),
    "dnf": compiled(r".*-(?:\d+:)?\d[^-]*(?:-[^-]+)?\Z", re.DOTALL),
}
MODULE_PINNED = compiled(r"[^:]+:.", re.DOTALL)


_FOR_8 = compiled(r"(?:ubi|rhel|el|linux|stream|centos)[-:]?8(?![0-9])|ubi-minimal:8(?![0-9])")
"""Images of Red Hat Enterprise Linux 8 and its like, whose microdnf never asks: that of 9 does."""


@check("docker-interactive-install", each=scripts)
def interactive_install(script: Script) -> Iterator[Problem]:
    answered = {command.pipeline for command in script.named("yes")}
    for asked in script.packages:
        if asked.verb not in ASKING or asked.manager not in YES or is_agreed(asked):
            continue
        if asked.name == "microdnf" and _FOR_8.search(script.step.stage.root.base):
            continue
        if asked.command.pipeline not in answered and not script.mentioned(ASSUMED):
            what = "installs" if "install" in asked.verb else "goes on"
            message = f"{asked.name} {asked.verb} asks before it {what}: {YES_WANTED[asked.manager]} is missing"
            yield Problem(script.place(asked), message)


def is_agreed(asked: PackageCommand) -> bool:
    if asked.arguments.has(*YES[asked.manager]):
        return True
    return asked.manager == "apt" and quietness(asked) > 1


def quietness(asked: PackageCommand) -> int:
    levels = [
        word.text.rpartition("=")[2] for word in asked.command.arguments if word.text.startswith(("-q=", "--quiet="))
    ]
    given = sum(option.name in ("-q", "--quiet") for option in asked.arguments.options)
    return max([given, *(int(level) for level in levels if level.isdecimal() and len(level) < 3)])


@check("docker-recommended-packages", each=scripts)
def recommended_packages(script: Script) -> Iterator[Problem]:
    if not script.in_image:
        return
    for asked in script.packages:
        if asked.name not in ("apt-get", "apt") or asked.verb != "install" or not asked.packages:
            continue
        if not asked.arguments.has("--no-install-recommends") and not script.mentioned(CONFIGURED):
            message = f"{asked.name} install brings recommended packages too: --no-install-recommends is missing"
            yield Problem(script.place(asked), message)


@check("docker-apt-lists", each=scripts)
def apt_lists(script: Script) -> Iterator[Problem]:
    updates = [asked for asked in script.packages if asked.manager == "apt" and asked.verb == "update"]
    if not updates or not script.in_image:
        return
    update = updates[-1]
    if not script.keeps_apart(APT_LISTS) and not script.removes(APT_LISTS, update.command):
        yield Problem(script.place(update), f"{update.name} update leaves its lists in the image: {APT_LISTS} stays")
    elif script.kept_apart and script.mentioned(DOCKER_CLEAN) and not script.keeps_apart(APT_ARCHIVES):
        if not script.removes(APT_ARCHIVES, update.command) and not any(p.verb == "clean" for p in script.packages):
            message = (
                f"{update.name} leaves packages in the image: docker-clean is off and {APT_ARCHIVES} is not mounted"
            )
            yield Problem(script.place(update), message)


@check("docker-apk-cache", each=scripts)
def apk_cache(script: Script) -> Iterator[Problem]:
    if not script.in_image or any(script.keeps_apart(path) for path in ("/var/cache/apk", "/etc/apk/cache")):
        return
    for asked in script.packages:
        if asked.manager == "apk" and asked.verb == "add" and not asked.arguments.has("--no-cache"):
            if not script.removes("/var/cache/apk", asked.command):
                message = "apk add leaves its index in the image: --no-cache is missing"
                yield Problem(script.place(asked), message)


@check("docker-package-cache", each=scripts)
def package_cache(script: Script) -> Iterator[Problem]:
    if not script.in_image:
        return
    for manager, caches in CACHES.items():
        filling = [asked for asked in script.packages if asked.manager == manager and asked.verb in FILLING]
        if not filling or any(script.keeps_apart(path) for path in caches):
            continue
        last = filling[-1]
        cleaned = any(asked.name == last.name and is_clean(asked, last) for asked in script.packages)
        if not cleaned and not any(script.removes(path, last.command) for path in caches):
            wanted = f"{last.name} clean{'' if manager == 'zypper' else ' all'}"
            message = f"{last.name} {last.verb} leaves its cache in the image: '{wanted}' is missing after it"
            yield Problem(script.place(last), message)


def is_clean(asked: PackageCommand, since: PackageCommand) -> bool:
    return asked.verb == "clean" and asked.command.start > since.command.start


@check("docker-unpinned-packages", each=scripts)
def unpinned_packages(script: Script) -> Iterator[Problem]:
    for asked in script.packages:
        if asked.verb not in ("install", "module install") and (asked.manager, asked.verb) != ("apk", "add"):
            continue
        if asked.arguments.operands[0].text == "build-dep":
            continue  # what it brings depends on the source package
        if asked.manager not in PINNED or (
            asked.arguments.has("-t", "--target-release", "--default-release") and asked.manager == "apt"
        ):
            continue
        pinned = MODULE_PINNED if asked.verb == "module install" else PINNED[asked.manager]
        for word in asked.packages:
            text = script.resolved(word)
            if text is not None and not FILE.match(text) and not text.startswith("@") and not pinned.match(text):
                yield Problem(script.place(word), f"package '{word.text}' has no version")


@check("docker-update-alone", each=scripts)
def update_alone(script: Script) -> Iterator[Problem]:
    updates = [asked for asked in script.packages if is_update(asked)]
    if not updates or script.kept_apart:
        return
    if all(command.name in IDLE or is_idle(command, script) for command in script.commands):
        message = f"{updates[0].name} {updates[0].verb} stands alone: later installs use its old layer"
        yield Problem(script.place(updates[0]), message)


def is_update(asked: PackageCommand) -> bool:
    return asked.manager in ("apt", "apk", "zypper") and asked.verb == "update"


def is_idle(command: Command, script: Script) -> bool:
    """Whether the command is a package manager's that installs nothing."""
    return any(asked.command is command and asked.verb in ("update", "clean", "autoclean") for asked in script.packages)


@check("docker-package-upgrade", each=scripts)
def package_upgrade(script: Script) -> Iterator[Problem]:
    for asked in script.packages:
        if asked.manager in UPGRADING and asked.verb == "upgrade" and not asked.packages:
            verb = asked.arguments.operands[0].text
            message = f"{asked.name} {verb} replaces the base image's packages by what is new on the day of the build"
            yield Problem(script.place(asked), message)


@check("docker-apt-in-script", each=scripts)
def apt_in_script(script: Script) -> Iterator[Problem]:
    for command in script.named("apt"):
        yield Problem(script.place(command), "apt is made for people, and its interface changes: use apt-get")


@check("docker-unverified-packages", each=scripts)
def unverified_packages(script: Script) -> Iterator[Problem]:
    for asked in script.packages:
        for option in asked.arguments.options:
            setting = option.value.text if option.value is not None else ""
            if option.name in UNVERIFIED.get(asked.manager, ()):
                yield Problem(
                    script.place(option.word), f"{asked.name} takes packages that nobody signed: {option.name}"
                )
            elif asked.manager in UNVERIFIED and UNVERIFIED_SETTING.fullmatch(setting):
                yield Problem(script.place(option.word), f"{asked.name} takes packages that nobody signed: {setting}")
    for command in script.named("rpm"):
        for option in command.parsed().options:
            if option.name in RPM_UNVERIFIED:
                yield Problem(script.place(option.word), f"rpm takes packages that nobody signed: {option.name}")
