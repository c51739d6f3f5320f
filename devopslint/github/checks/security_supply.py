"""What a workflow takes from others: actions, images, tools and packages, and how it publishes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.github.enabled import live_action_scripts, live_action_steps, live_scripts, live_steps
from devopslint.github.marketplace import is_archived, is_official, likeness, replacement, unpinned_tool_switch
from devopslint.github.uses import Use, UsedImage, action_images, action_uses, images, uses
from devopslint.github.workflow import Job, Step
from devopslint.model import Problem
from devopslint.readers.shell_words import Command
from devopslint.registry import check

_BRANCHES = frozenset(
    (
        "main",
        "master",
        "trunk",
        "develop",
        "development",
        "dev",
        "head",
        "next",
        "nightly",
        "edge",
        "canary",
        "stable",
        "latest",
    )
)
_RELEASE = compiled(r"v[0-9]+\.[0-9]+\.[0-9]+")
_BRANCH = compiled(r"(?:refs/heads/|(?:releases?|feature|fix)/)")


def _moves(use: Use) -> bool:
    """Whether it names a branch, by the usual names of branches."""
    return use.uses.ref.lower() in _BRANCHES or _BRANCH.match(use.uses.ref) is not None


def _by_name(use: Use) -> bool:
    """Whether it is an action of a repository that is not pinned to a commit."""
    return use.uses.kind == "repository" and not use.uses.pinned and not _only_by_tag(use)


def _only_by_tag(use: Use) -> bool:
    """SLSA's generators verify themselves by the tag that they were called by, and refuse a commit."""
    return (
        use.uses.repository.lower() == "slsa-framework/slsa-github-generator"
        and _RELEASE.fullmatch(use.uses.ref) is not None
    )


def _place(use: Use) -> Problem:
    what = "workflow" if use.uses.path.endswith((".yml", ".yaml")) else "action"
    place = use.span(use.uses.ref_start, len(use.uses.text))
    return Problem(
        place, f"{what} {use.uses.action} is taken at '{use.uses.ref}', which its owner can move; pin a commit"
    )


@check("gha-branch-action", each=(uses, action_uses))
def branch_action(use: Use, *, allow: list[str]) -> Iterator[Problem]:
    if _by_name(use) and _moves(use) and not _is_named(allow, use):
        place = use.span(use.uses.ref_start, len(use.uses.text))
        yield Problem(
            place, f"{use.uses.action} follows the branch '{use.uses.ref}': whatever is pushed there runs here"
        )


@check("gha-unpinned-action", each=(uses, action_uses))
def unpinned_action(use: Use, *, trusted_owners: list[str], allow: list[str]) -> Iterator[Problem]:
    owner = use.uses.owner.lower()
    trusted = is_official(owner) or owner in {name.lower() for name in trusted_owners}
    if _by_name(use) and not _moves(use) and not trusted and not _is_named(allow, use):
        yield _place(use)


@check("gha-unpinned-official-action", each=(uses, action_uses))
def unpinned_official_action(use: Use, *, allow: list[str]) -> Iterator[Problem]:
    official = is_official(use.uses.owner.lower())
    if official and _by_name(use) and not _moves(use) and not _is_named(allow, use):
        yield _place(use)


@check("gha-archived-action", each=(uses, action_uses))
def archived_action(use: Use) -> Iterator[Problem]:
    if is_archived(use.uses.repository.lower()):
        yield Problem(use.location, f"nobody maintains {use.uses.repository} any more: its repository is archived")


@check("gha-typosquat-action", each=(uses, action_uses))
def typosquat_action(use: Use) -> Iterator[Problem]:
    meant = likeness(use.uses.repository) if use.uses.repository else None
    if meant is not None:
        yield Problem(use.location, f"{use.uses.repository} differs by one letter from {meant}")


@check("gha-superfluous-action", each=(live_steps, live_action_steps))
def superfluous_action(step: Step) -> Iterator[Problem]:
    if step.uses is not None and (program := replacement(step.uses.action.lower())):
        yield Problem(step.uses.location, f"{step.uses.action} does what '{program}' does, which every runner has")


@check("gha-relative-self-reference", each=(uses, action_uses))
def relative_self_reference(use: Use) -> Iterator[Problem]:
    if use.uses.local and not use.uses.text.startswith("$/"):
        yield Problem(use.location, f"'{use.uses.text}' is read from the workspace, which earlier steps can change")


@check("gha-forbidden-action", each=(uses, action_uses))
def forbidden_action(use: Use, *, allow: list[str], deny: list[str]) -> Iterator[Problem]:
    if use.uses.kind != "repository":
        return
    if allow and not any(_names(pattern, use) for pattern in allow):
        yield Problem(use.location, f"{use.uses.action} is not among the actions that are allowed here")
    elif any(_names(pattern, use) for pattern in deny):
        yield Problem(use.location, f"{use.uses.action} is forbidden here")


def _names(pattern: str, use: Use) -> bool:
    """Whether `owner/*`, `owner/repo`, `owner/repo/*`, `owner/repo/path`, `owner/repo@ref` or `*` names it."""
    name, _, ref = pattern.lower().partition("@")
    if ref and ref != use.uses.ref.lower():
        return False
    action = use.uses.action.lower()
    return action.startswith(name[:-1]) or f"{action}/" == name[:-1] if name.endswith("*") else action == name


def _is_named(patterns: list[str], use: Use) -> bool:
    """Whether the last of the patterns that name it does so without a `!` in front."""
    last = next((one for one in reversed(patterns) if _names(one.removeprefix("!"), use)), "!")
    return not last.startswith("!")


@check("gha-floating-image", each=(images, action_images))
def floating_image(image: UsedImage) -> Iterator[Problem]:
    reference = image.reference
    if reference is not None and reference.digest is None and reference.tag in (None, "latest"):
        yield Problem(image.location, f"image {image.name} is whatever 'latest' is today", image.related)


@check("gha-unpinned-image", each=(images, action_images))
def unpinned_image(image: UsedImage) -> Iterator[Problem]:
    reference = image.reference
    if reference is None:
        yield Problem(
            image.location, "which image this is, and whether it is pinned, is only known when it runs", image.related
        )
    elif reference.digest is None and reference.tag not in (None, "latest"):
        yield Problem(image.location, f"image {image.name} is pinned by a tag, not by a digest", image.related)


@check("gha-unpinned-tool", each=(live_steps, live_action_steps))
def unpinned_tool(step: Step) -> Iterator[Problem]:
    switch = unpinned_tool_switch(step.uses.action.lower()) if step.uses is not None else None
    if switch is None or step.uses is None or (state := switch.state(step.arguments)) is False:
        return
    value = step.arguments[switch.input]
    if not value.exists:
        yield Problem(step.uses.location, f"without '{switch.input}' {step.uses.action} installs the newest version")
    elif state:
        yield Problem(value.location, f"'{value.text}' installs the newest version")
    else:
        yield Problem(value.location, f"which version is installed is only known when it runs: '{switch.input}'")


_PACKAGE_COMMANDS: dict[str, tuple[str, ...]] = {
    "bun": ("add",),
    "bundle": ("add",),
    "gem": ("install", "i"),
    "npm": ("install", "i", "add", "in", "ins", "inst", "insta", "instal", "isnt", "isnta", "isntal", "isntall"),
    "pnpm": ("add",),
    "yarn": ("add",),
}
"""Program -> what it is told to take a package into the project, or the machine, that is named there."""
_VALUED = frozenset(
    (
        *("--prefix", "--dir", "--cwd", "-C", "--registry", "--workspace", "-w", "--filter", "-F", "--cache", "--tag"),
        *("--loglevel", "--userconfig", "--include", "--omit"),
    )
)
_RUBY_VALUED = frozenset(
    (
        *("-v", "--version", "-s", "--source", "-i", "--install-dir", "-n", "--bindir", "-P", "--trust-policy"),
        *("-g", "--group", "-p", "--http-proxy", "--platform", "--path", "--git", "--github", "--branch", "--ref"),
    )
)
_PACKAGE_PROGRAM = compiled(r"\b(?:bun|bundle|gem|p?npm|yarn)\b")
_PUBLISHING_WORD = compiled(r"\b(?:publish|upload|push)\b")


def _mentions(step: Step, word: re.Pattern[str]) -> bool:
    return step.script is not None and word.search(step.script.text) is not None


@check("gha-adhoc-package", each=(live_scripts, live_action_scripts))
def adhoc_package(step: Step) -> Iterator[Problem]:
    for command in step.commands if _mentions(step, _PACKAGE_PROGRAM) else ():
        verbs = _PACKAGE_COMMANDS.get(command.name, ())
        valued = _RUBY_VALUED if command.name in ("gem", "bundle") else _VALUED
        words = [word.text for word in command.parsed(valued).operands if word.text != "global"]
        if words[:1] == ["workspace"]:
            words = words[2:]
        if "--skip-install" in command.texts:
            continue
        if step.script is not None and len(words) > 1 and words[0] in verbs and words[1] != ".":
            place = step.script.span(command.start, command.end)
            yield Problem(place, f"'{command.name} {words[0]} {words[1]}' installs what no lockfile names")


_PUBLISHING_ACTIONS = {
    "rubygems/configure-rubygems-credentials": ("api-token", "gem-server", ("https://rubygems.org",)),
    "pypa/gh-action-pypi-publish": (
        "password",
        "repository-url",
        ("https://upload.pypi.org/legacy/", "https://test.pypi.org/legacy/"),
    ),
    "actions/setup-node": (
        "always-auth",
        "registry-url",
        ("https://registry.npmjs.org", "https://registry.npmjs.org/"),
    ),
}
"""Action -> the input with a credential, the one with the registry, and the registries that take an identity instead."""


@check("gha-publishing-credential", each=(live_steps, live_action_steps))
def publishing_credential(step: Step) -> Iterator[Problem]:
    if step.uses is None:
        return
    action, inputs = step.uses.action.lower(), step.arguments
    if action == "rubygems/release-gem":
        if inputs["setup-trusted-publisher"].text == "false":
            yield Problem(step.uses.location, "the gem is published with a credential that does not expire")
        return
    credential, registry, known = _PUBLISHING_ACTIONS.get(action, ("", "", ()))
    given = inputs[credential] if credential else None
    place = inputs[registry] if inputs.has(registry) else inputs[registry.replace("-", "_")]
    if given is not None and given.text not in ("", "false") and (not place.exists or place.text in known):
        yield Problem(step.uses.location, f"'{credential}' publishes with a credential that does not expire")


@check("gha-publishing-credential", each=live_scripts)
def publishing_command(step: Step) -> Iterator[Problem]:
    if step.job is None or step.script is None or step.job.permissions.level("id-token") == "write":
        return
    for command in step.commands if _mentions(step, _PUBLISHING_WORD) else ():
        if (verb := _publishes(command)) is not None and not _to_another_registry(step.job, command):
            place = step.script.span(command.start, command.end)
            yield Problem(place, f"'{verb}' publishes with a credential: the job has no 'id-token: write'")


_PUBLISH_VERBS = {
    "cargo": ("publish",),
    "uv": ("publish",),
    "hatch": ("publish",),
    "pdm": ("publish",),
    "poetry": ("publish",),
    "twine": ("upload",),
    "gem": ("push",),
    "npm": ("publish",),
    "pnpm": ("publish",),
    "yarn": ("publish",),
    "nuget": ("push",),
    "dotnet": ("nuget", "push"),
    "bun": ("publish",),
}
_LAUNCHERS = {
    "uvx": (),
    "bunx": (),
    "npx": (),
    "pipx": ("run",),
    "python": (),
    "bundle": ("exec",),
    "uv": ("tool", "run"),
    "poetry": ("run",),
    "hatch": ("run",),
    "pdm": ("run",),
}
"""Programs that start others -> the words of their own that stand before the other's name."""
_LAUNCHER_OPTIONS = ("--from", "--spec", "--with", "-p", "--python", "--index", "--package")
_PYTHON = compiled(r"python[0-9.]+\Z")
_PINNED_PROGRAM = compiled(r"@|[=<>~!]=")
_DRY_RUN = frozenset(("--dry-run", "-n"))


def _publishes(command: Command) -> str | None:
    """The words of a command that publishes a package to a registry that takes an identity."""
    texts = [_PYTHON.sub("python", command.name.lower()).removesuffix(".exe"), *command.texts]
    if texts[0] in _LAUNCHERS:
        started = _started(texts[0], command)
        if started and started[0] in _PUBLISH_VERBS:
            texts = started
    verbs = _PUBLISH_VERBS.get(texts[0])
    if verbs is None or not _DRY_RUN.isdisjoint(command.texts) or any(verb not in texts for verb in verbs):
        return None
    return " ".join((texts[0], *verbs))


def _started(launcher: str, command: Command) -> list[str]:
    """The words of the command that a launcher starts: `twine upload` of `uvx --from twine twine@6 upload`."""
    arguments = command.parsed(_LAUNCHER_OPTIONS if launcher != "python" else ())
    words = [word.text for word in arguments.operands]
    while words and words[0] in _LAUNCHERS[launcher]:
        del words[0]
    return [_PINNED_PROGRAM.split(words[0])[0], *words[1:]] if words else []


def _to_another_registry(job: Job, command: Command) -> bool:
    """Whether the command, or the Node that was set up for it, names a registry that takes no identity."""
    named = command.parsed(_REGISTRY_OPTIONS).option(*_REGISTRY_OPTIONS)
    if named is not None and named.value is not None:
        return _takes_credentials(named.value.text)
    if command.name not in ("npm", "pnpm", "yarn", "bun"):
        return False
    urls = [step.arguments["registry-url"].text for step in job.steps if step.using("actions/setup-node")]
    return any(_takes_credentials(url) for url in urls[-1:])


def _takes_credentials(registry: str) -> bool:
    host = _HOST.match(registry)
    return host is not None and not host["name"].endswith(_TRUSTING_HOSTS)


_REGISTRY_OPTIONS = (
    "--registry",
    "--source",
    "-s",
    "--host",
    "--repository-url",
    "--publish-url",
    "--index",
)
_HOST = compiled(r"https?://(?P<name>[A-Za-z0-9.-]+)")
_TRUSTING_HOSTS = ("pypi.org", "npmjs.org", "rubygems.org", "crates.io", "nuget.org")


@check("gha-pip-install-input", each=(live_steps, live_action_steps))
def pip_install_input(step: Step) -> Iterator[Problem]:
    value = step.arguments["pip-install"]
    if value.exists and step.using("actions/setup-python"):
        yield Problem(
            value.key_location, "'pip-install' installs into the runner's own Python, outside of any lockfile"
        )


@check("gha-unanalysed-shell", each=(live_scripts, live_action_scripts))
def unanalysed_shell(step: Step) -> Iterator[Problem]:
    shell = step.shell
    if shell.text and "${{" not in shell.text and step.interpreter not in _ANALYSED:
        yield Problem(shell.key_location, f"no linter reads scripts for '{step.interpreter}'")


_ANALYSED = frozenset(("bash", "sh", "pwsh", "powershell", "python"))
