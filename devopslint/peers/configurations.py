"""The configuration files of other linters, honoured where ours can be told the same."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from devopslint.catalogue import catalogue
from devopslint.config import Config, Layer
from devopslint.deferred import NamedTuple, cached_property, compiled
from devopslint.files import classify
from devopslint.model import Suppression
from devopslint.peers.suppressions import equivalent_rules, peer_names

if TYPE_CHECKING:
    from devopslint.peers.zizmor import Audit
    from devopslint.readers.yaml import Node, Stream

NAMES = (
    ".github/actionlint.yaml",
    ".github/actionlint.yml",
    ".github/zizmor.yml",
    ".github/zizmor.yaml",
    "zizmor.yml",
    "zizmor.yaml",
    ".hadolint.yaml",
    ".hadolint.yml",
    ".kube-linter.yaml",
    ".kube-linter.yml",
    ".checkov.yaml",
    ".checkov.yml",
    ".ansible-lint",
    ".ansible-lint.yaml",
    ".ansible-lint.yml",
    ".config/ansible-lint.yaml",
    ".config/ansible-lint.yml",
)
"""What the paths of such files end with; of two that speak of one repository, the first counts."""
MOST_GLOBS = 100
MOST_PATTERNS = 100
"""Of one file: each is held against each finding."""
_BRACES = compiled(r"\{([^{}]*)\}")


class PeerConfiguration(NamedTuple):
    """What one file of another linter asks for, in our words."""

    layer: Layer = Layer()
    """The parameters of rules, where `layer.paths` match; what devopslint.yaml says comes after it."""
    allow: tuple[Suppression, ...] = ()
    """Each with the peer as its origin, and with a glob over paths."""


def heeding_peers(config: Config, files: Iterable[str], read: Callable[[str], str]) -> Config:
    """The same with what the other linters' files among `files` say; `read` gives the text of one, or raises OSError.

    A file that says nothing of use, or is broken, changes nothing: its own examination says what is wrong with it.
    """
    if not config.peer_suppressions:
        return config
    found = list(_found(files, read))
    if not found:
        return config
    return config._replace(
        peers=tuple(one.layer for one in found if one.layer.rules or one.layer.extend_select),
        allow=(*config.allow, *(allowed for one in found for allowed in one.allow)),
    )


def _found(files: Iterable[str], read: Callable[[str], str]) -> Iterator[PeerConfiguration]:
    seen: set[tuple[str, str]] = set()
    files = list(files)
    present = sorted((path for path in files if path.endswith(NAMES)), key=_rank)
    for path in present:
        kind = classify(path)
        folder = path.removesuffix(NAMES[_rank(path)])
        if kind not in _READERS or (kind, folder) in seen:
            continue
        seen.add((kind, folder))
        try:
            text = read(path)
        except (OSError, ValueError):
            continue
        yield _READERS[kind](path, text, _Repository(folder, files, read))


class _Repository:
    """The files that a configuration speaks of."""

    def __init__(self, folder: str, files: Iterable[str], read: Callable[[str], str]) -> None:
        self._folder = folder
        self._files = files
        self._read = read
        self._streams: dict[str, Stream] = {}

    def lines_of(self, name: str, line: int) -> Iterator[tuple[str, int, int]]:
        """In each file of this name: its path, and the lines of what begins on the line."""
        from devopslint.readers.yaml import read_yaml  # few repositories need it here

        for path in self._named.get(name, ()):
            if path not in self._streams:
                try:
                    self._streams[path] = read_yaml(path, self._read(path))
                except (OSError, ValueError):
                    continue
            yield path, *self._streams[path].extent(line)

    @cached_property
    def _named(self) -> dict[str, list[str]]:
        named: dict[str, list[str]] = {}
        for path in self._files:
            if path.startswith(self._folder) and path.endswith((".yml", ".yaml")):
                named.setdefault(path.rpartition("/")[2], []).append(path)
        return named


def _rank(path: str) -> int:
    return next(rank for rank, name in enumerate(NAMES) if path.endswith(name))


def _of_actionlint(path: str, text: str, _: _Repository) -> PeerConfiguration:
    from devopslint.peers.actionlint import ActionlintFile  # few repositories have one

    file = ActionlintFile.read(path, text)
    rules: dict[str, dict[str, Any]] = {}
    if file.labels:
        labels = [*default_of("gha-unknown-runner", "labels"), *file.labels]
        rules["gha-unknown-runner"] = {"labels": labels, "complete": True}
    if file.variables is not None:
        rules["gha-unknown-variable"] = {"variables": file.variables}
    top = f"/{literal(file.repository)}"
    return PeerConfiguration(
        Layer(paths=(f"{top}.github/workflows/",), rules=rules),
        tuple(
            Suppression(
                every,
                pattern.location,
                f"ignores {pattern.text!r}",
                paths=top + one,
                origin="actionlint",
                said=pattern.text,
            )
            for every in [equivalent_rules("actionlint", ["all"])]
            for one, pattern in islice(
                ((one, pattern) for glob, pattern in file.ignored for one in without_braces(glob)), MOST_PATTERNS
            )
        ),
    )


def without_braces(glob: str) -> list[str]:
    """The globs that one with `{a,b}` stands for; at most MOST_GLOBS."""
    done: list[str] = []
    pending = [glob]
    while pending and len(done) + len(pending) <= MOST_GLOBS:
        one = pending.pop(0)
        found = _BRACES.search(one)
        if found is None:
            done.append(one)
        else:
            pending.extend(one[: found.start()] + word + one[found.end() :] for word in found[1].split(","))
    return done


MOST_ENTRIES = 1_000
"""Of a list in such a file: each is held against each finding, or each action."""
_SEVERITIES = {"informational": "note", "low": "note", "medium": "warning", "high": "error"}


def _of_zizmor(path: str, text: str, repository: _Repository) -> PeerConfiguration:
    from devopslint.peers.zizmor import ZizmorFile  # few repositories have one

    file = ZizmorFile.read(path, text)
    folder = f"/{literal(file.repository)}"
    settings: dict[str, dict[str, Any]] = {}
    asked: list[str] = []
    allow: list[Suppression] = []
    for audit in file.audits:
        rules = equivalent_rules("zizmor", [audit.name])
        if audit.disabled:
            place = audit.node["disable"]
            allow.append(
                Suppression(rules, place.location, place.comment or None, paths=f"{folder}**", origin="zizmor")
            )
        allow.extend(_accepted(audit, rules, folder, repository))
        if audit.severity.text in _SEVERITIES:
            for rule_id in rules:
                settings.setdefault(rule_id, {})["severity"] = _SEVERITIES[audit.severity.text]
        for rule_id, parameters in _settings_of(audit):
            settings.setdefault(rule_id, {}).update(parameters)
            asked.extend([rule_id] if audit.name == "forbidden-uses" else [])
    layer = Layer(paths=(f"{folder}**",), extend_select=tuple(asked), rules=settings)
    return PeerConfiguration(layer, tuple(one for one in allow if one.rules))


def _accepted(audit: Audit, rules: tuple[str, ...], folder: str, repository: _Repository) -> Iterator[Suppression]:
    """Places by line are those of what begins there: zizmor points at a step where a rule points into its script."""
    for place in islice(audit.accepted, MOST_ENTRIES):
        at, reason = place.node.location, place.node.comment or None
        if place.line is None:
            everywhere = f"{folder}**/{literal(place.file)}"
            yield Suppression(rules, at, reason, paths=everywhere, origin="zizmor")
            continue
        for found, first, last in repository.lines_of(place.file, place.line):
            path = f"/{literal(found)}"
            yield Suppression(rules, at, reason, None, first, last, path, origin="zizmor", related=True)


def _settings_of(audit: Audit) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parameters of our rules that an audit's `config` gives."""
    match audit.name:
        case "unpinned-uses" if audit.setting("policies").is_mapping:
            for rule_id in equivalent_rules("zizmor", [audit.name]):
                yield rule_id, {"allow": _taken_by_name(audit.setting("policies"))}
        case "forbidden-uses":
            lists = {name: _entries(audit.setting(name)) for name in ("allow", "deny")}
            if any(lists.values()):
                yield "gha-forbidden-action", lists
        case "dependabot-cooldown":
            days = audit.setting("days").value
            if isinstance(days, int) and days > 0:
                yield "dependabot-missing-cooldown", {"days": days}
        case "secrets-outside-env":
            yield "gha-secret-outside-environment", {"allow": _entries(audit.setting("allow"))}


_LEVELS = {"style": "note", "info": "note", "warning": "warning", "error": "error"}
_LABELS = {
    "email": "docker-label-email",
    "hash": "docker-label-hash",
    "rfc3339": "docker-label-time",
    "semver": "docker-label-version",
    "spdx": "docker-label-licence",
    "url": "docker-label-url",
}
"""The rules that judge labels of each type; of one that is text, only that it is there."""


def _of_hadolint(path: str, text: str, _: _Repository) -> PeerConfiguration:
    from devopslint.peers.hadolint import HadolintFile  # few repositories have one

    file = HadolintFile.read(path, text)
    settings: dict[str, dict[str, Any]] = {}
    if file.registries:
        settings["docker-untrusted-registry"] = {"registries": file.registries[:MOST_ENTRIES]}
    names = [name for name, _ in file.labels[:MOST_ENTRIES]]
    if names:
        settings["docker-missing-label"] = {"labels": names}
    if file.strict:
        settings["docker-superfluous-label"] = {"labels": names}
    for name, type in file.labels[:MOST_ENTRIES]:
        if type in _LABELS:
            settings.setdefault(_LABELS[type], {}).setdefault("labels", []).append(name)
    asked = tuple(settings)
    for level, code in islice(file.levels, MOST_ENTRIES):
        for rule_id in equivalent_rules("hadolint", [code]):
            settings.setdefault(rule_id, {})["severity"] = _LEVELS[level]
    below = f"/{literal(file.folder)}**"
    allow = []
    for entry in islice(file.ignored, MOST_ENTRIES):
        said = entry.text if entry.text.startswith("SC") else None
        rules = equivalent_rules("hadolint", ["SC*" if said else entry.text])
        reason = entry.comment or None
        allow.append(Suppression(rules, entry.location, reason, paths=below, origin="hadolint", said=said))
    layer = Layer(paths=(below,), extend_select=asked, rules=settings)
    return PeerConfiguration(layer, tuple(one for one in allow if one.rules))


def _of_kube_linter(path: str, text: str, _: _Repository) -> PeerConfiguration:
    from devopslint.peers.skipped_checks import KubeLinterFile  # few repositories have one

    file = KubeLinterFile.read(path, text)
    return PeerConfiguration(allow=tuple(_skipped("kube-linter", file.folder, file.skipped)))


def _of_checkov(path: str, text: str, _: _Repository) -> PeerConfiguration:
    from devopslint.peers.skipped_checks import CheckovFile  # few repositories have one

    file = CheckovFile.read(path, text)
    return PeerConfiguration(allow=tuple(_skipped("checkov", file.folder, file.skipped)))


def _of_ansible_lint(path: str, text: str, _: _Repository) -> PeerConfiguration:
    from devopslint.peers.skipped_checks import AnsibleLintFile  # few repositories have one

    file = AnsibleLintFile.read(path, text)
    folder = file.folder.removesuffix(".config/")
    return PeerConfiguration(allow=tuple(_skipped("ansible-lint", folder, file.skipped)))


def _skipped(peer: str, folder: str, names: Iterable[tuple[str, Node]]) -> Iterator[Suppression]:
    for name, node in islice(names, MOST_ENTRIES):
        rules = equivalent_rules(peer, fnmatch.filter(peer_names(peer), name))
        if rules:
            reason = node.comment or None
            yield Suppression(rules, node.location, reason, paths=f"/{literal(folder)}**", origin=peer)


def _entries(node: Node) -> list[str]:
    return [item.text for item in islice(node, MOST_ENTRIES)]


def _taken_by_name(policies: Node) -> list[str]:
    """Patterns of actions that need no commit, those that do with `!`; the most general first, as the last counts."""
    known = [(key.text, policy.text) for key, policy in islice(policies.items(), MOST_ENTRIES)]
    known.sort(key=lambda one: (not one[0].endswith("*"), len(one[0])))
    return [pattern if policy in ("any", "ref-pin") else f"!{pattern}" for pattern, policy in known]


def default_of(rule_id: str, parameter: str) -> Any:
    return catalogue()[rule_id].rule.parameters[parameter]["default"]


def literal(path: str) -> str:
    """A glob that matches this path and no other."""
    return "".join(f"\\{character}" if character in "*?[]\\!# " else character for character in path)


_READERS: dict[str, Callable[[str, str, _Repository], PeerConfiguration]] = {
    "actionlint": _of_actionlint,
    "ansible-lint": _of_ansible_lint,
    "checkov": _of_checkov,
    "hadolint": _of_hadolint,
    "kube-linter": _of_kube_linter,
    "zizmor": _of_zizmor,
}
"""By the kind of the file."""
