"""devopslint.yaml, what it extends, and a policy are read, and what is not understood is said with its place."""

from __future__ import annotations

import datetime
import functools
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devopslint.catalogue import catalogue, defaults, enabled_rules, items
from devopslint.config import (
    EVERYWHERE,
    Attestation,
    ChartSetting,
    ChartValues,
    Config,
    ConfigError,
    EvidenceLimits,
    EvidenceSource,
    Floor,
    Layer,
    in_force,
    matching,
    selected,
    unknown,
)
from devopslint.deferred import NamedTuple
from devopslint.files import is_file, is_folder, read_file
from devopslint.model import Severity, StageWords, Suppression, Switch

if TYPE_CHECKING:
    from devopslint.own_rules import OwnRule
    from devopslint.readers.yaml import Node

NAMES = ("devopslint.yaml", "devopslint.yml", ".devopslint.yaml", ".devopslint.yml")
MOST_ERRORS = 50
"""Of a configuration that are said at a time."""
MOST_VALUES = 100_000
"""Values of a configuration, each counted as often as an alias brings it back."""
MOST_ENTRIES = 1_000
"""Of `overrides`, and of `allow`: each is held against each path."""
SHARED_PARAMETERS = ("assume-exists", "kubernetes-version")
"""Top-level keys that set the parameter of this name of every rule that has it."""
MOST_EXTENDED = 50
"""Configurations that one may extend, through others too."""
PACKAGE = "package:"
IN_PACKAGE = "devopslint.yaml"
"""The configuration of a package where no file of it is named."""


def find_config(root: Path, start: Path) -> Path | None:
    """The configuration that holds for `start`: the nearest one in its folder or above, up to `root`."""
    folder = start if is_folder(start) else start.parent
    for candidate in (folder, *folder.parents):
        for name in NAMES:
            if is_file(candidate / name):
                return candidate / name
        if candidate == root:
            return None
    return None


def read_config(root: Path, path: Path) -> Config:
    """Read the configuration that find_config() gave. Raises ConfigError, also where it is a link out of `root`."""
    if not Path(os.path.realpath(path)).is_relative_to(root):
        raise ConfigError(
            f"{_name(root, path)}: is a link that leads out of the project, so it is not read; "
            "--config names any file, --no-config none"
        )
    return read_named_config(root, path)


def read_named_config(root: Path, path: Path) -> Config:
    """Read a configuration wherever it is. Raises ConfigError."""
    file = ConfigFile(root, Path(os.path.realpath(path)))
    return load_config(file.name, _text_of(path, "configuration"), file)


def read_policy(root: Path, path: Path) -> Floor:
    """Read a policy wherever it is. Raises ConfigError."""
    return load_policy(_name(root, Path(os.path.realpath(path))), _text_of(path, "policy"))


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _text_of(path: Path, what: str) -> str:
    try:
        return read_file(path).decode("utf-8")
    except UnicodeDecodeError:
        why = "is not UTF-8"
    except OSError as error:
        why = error.strerror or str(error)
    except ValueError as error:
        why = str(error)
    raise ConfigError(f"cannot read the {what} {path}: {why}")


class ConfigFile(NamedTuple):
    """A file of a configuration, from which others are found."""

    root: Path
    """Of the project."""
    path: Path
    """Without links."""
    package: Path | None = None
    """The folder of the package that the file belongs to."""
    trail: tuple[Path, ...] = ()
    """The files that led here, each extending the next one."""

    @property
    def name(self) -> str:
        return _name(self.root, self.path)

    def own_rules(self, patterns: Node, others: tuple[OwnRule, ...]) -> tuple[OwnRule, ...]:
        """`others` and the rules in the files that these globs name. Raises ConfigError."""
        from devopslint.own_rules import OwnRuleError, read_own_rules

        globs = (item.text for item in patterns.strings())
        try:
            found = read_own_rules(self.path.parent, globs, functools.partial(_name, self.root))
        except OwnRuleError as error:
            raise ConfigError(f"{patterns.location}: rule-files: {error}") from None
        known = {one.id: one for one in others}
        for one in found:
            if known.setdefault(one.id, one) != one:
                raise ConfigError(
                    f"{patterns.location}: rule-files: {one.path}: {known[one.id].path} has a rule of this name too"
                )
        return tuple(known.values())

    def laid_under(self, said: Node, base: Config) -> Config:
        """The configuration that `extends` names, laid over `base`, as what the next one is laid over."""
        try:
            file = self._found(said.text)
        except ValueError as problem:
            raise ConfigError(f"{said.location}: extends: {problem}") from None
        if len(base.sources) == MOST_EXTENDED:
            raise ConfigError(f"{said.location}: extends: more than {MOST_EXTENDED} configurations are extended")
        base = base._replace(sources=(*base.sources, file.name))
        config = load_config(file.name, _text_of(file.path, "configuration"), file, base)
        top = config.top._replace(paths=EVERYWHERE, origin=file.name)
        overrides = (one._replace(origin=file.name) for one in config.overrides)
        return config._replace(top=Config().top, overrides=(), extended=(*config.extended, top, *overrides))

    def _found(self, said: str) -> ConfigFile:
        """Raises ValueError where there is no such file, or none that this one may name."""
        package = self.package
        if said.startswith(PACKAGE):
            name, _, inside = said.removeprefix(PACKAGE).partition("/")
            package = _folder_of(name)
            path = Path(os.path.realpath(package / (inside or IN_PACKAGE)))
        else:
            path = Path(os.path.realpath(self.path.parent / said))
        bound = package or (self.root if self.path.is_relative_to(self.root) else None)
        if bound is not None and not path.is_relative_to(bound):
            raise ValueError(f"{said!r} leads out of the {'project' if package is None else 'package'}")
        trail = (*self.trail, self.path)
        if path in trail:
            named = " -> ".join(_name(self.root, one) for one in (*trail[trail.index(path) :], path))
            raise ValueError(f"goes round in a circle: {named}")
        if not is_file(path):
            raise ValueError(f"there is no file {said!r}{_of_which_kind(said)}")
        return ConfigFile(self.root, path, package, trail)


def _of_which_kind(said: str) -> str:
    if "://" in said:
        return ": nothing is fetched; put it into the project or a package"
    return f": the package has no {IN_PACKAGE}" if said.startswith(PACKAGE) and "/" not in said else ""


def _folder_of(package: str) -> Path:
    """Where an installed package is, without importing it."""
    import importlib.util

    # Of a name with a dot the package in front is imported.
    found = importlib.util.find_spec(package) if package.isidentifier() else None
    places = list(found.submodule_search_locations or ()) if found is not None else []
    if not places:
        raise ValueError(f"no Python package named {package!r} is installed here")
    return Path(os.path.realpath(places[0]))


def load_config(path: str, text: str, file: ConfigFile | None = None, base: Config | None = None) -> Config:
    """Read a configuration. Raises ConfigError with path, line, key and what is allowed.

    `file` finds the files that `extends` and `rule-files` name; a text in memory has none. `base` is what the text
    is laid over. The rules that it brings are in force then.
    """
    base = base or Config()
    root = _root(path, text, "configuration")
    if root is None:
        return in_force(base._replace(path=path))
    for key in ("overrides", "allow"):
        if len(root[key]) > MOST_ENTRIES:
            raise ConfigError(f"{root[key].location}: {key}: has {len(root[key]):,} entries; at most {MOST_ENTRIES:,}")
    for key in ("extends", "rule-files"):
        if root[key].present and file is None:
            raise ConfigError(f"{root[key].location}: {key}: a text in memory has no files beside it")
    if file is not None:
        for said in root["extends"].strings():
            base = file.laid_under(said, base)
        if root["rule-files"].present:
            base = base._replace(own=file.own_rules(root["rule-files"], base.own))
    in_force(base)
    problems = sorted(_problems(root), key=lambda one: one.node.location.region)
    if problems:
        raise ConfigError(*dict.fromkeys(f"{one.node.location}: {one.message}" for one in problems))
    try:
        return _config(path, root, base)
    except _At as problem:
        raise ConfigError(f"{problem.node.location}: {problem.message}") from None


def _problems(root: Node) -> Iterator[_At]:
    """Every value that names what is not there, and not only the first."""
    asked: list[Callable[[], object]] = []
    for layer in (root, *root["overrides"]):
        for key in ("select", "extend-select", "ignore"):
            asked += [functools.partial(_token, item) for item in layer[key].strings()]
        asked += [functools.partial(_rule_settings, key, value) for key, value in layer["rules"].items()]
    asked += [functools.partial(_allow, entry) for entry in root["allow"]]
    for entry in root["attest"]:
        asked += [functools.partial(_item, entry["item"]), functools.partial(_date, entry["until"])]
    for ask in asked:
        try:
            ask()
        except _At as problem:
            yield problem


def load_policy(path: str, text: str) -> Floor:
    """Read a policy. Raises ConfigError with path, line, key and what is allowed."""
    root = _root(path, text, "policy")
    if root is None:
        raise ConfigError(f"{path}: a policy that asks for nothing")
    try:
        return _floor(path, root)
    except _At as problem:
        raise ConfigError(f"{problem.node.location}: {problem.message}") from None


def _root(path: str, text: str, what: str) -> Node | None:
    """The document of a configuration or a policy, of the form that its schema asks for; None where it is empty."""
    # Heavy, and only a project with a configuration needs them.
    import jsonschema

    from devopslint.readers.yaml import read_yaml

    stream = read_yaml(path, text)
    for fault in stream.faults:
        raise ConfigError(f"{fault.location}: {fault.message}")
    if not stream.documents:
        return None
    for document in stream.documents:
        for _, repeated in document.duplicates:
            raise ConfigError(f"{repeated.location}: the key {repeated.text!r} stands here a second time")
    root = stream.documents[0].root
    if len(stream.documents) > 1:
        raise ConfigError(f"{stream.documents[1].root.location}: a {what} is one document")
    plain = root.plain()
    if _size(plain, {}) > MOST_VALUES:
        raise ConfigError(
            f"{root.location}: aliases make more than {MOST_VALUES:,} values of it; write out what is meant"
        )
    validator = jsonschema.Draft202012Validator(schema_of(what))
    errors = sorted(validator.iter_errors(plain), key=lambda one: list(map(str, one.absolute_path)))
    if errors:
        raise ConfigError(
            *dict.fromkeys(line for error in errors[:MOST_ERRORS] for line in _explain(root, error, what))
        )
    return root


def _size(value: Any, counted: dict[int, int]) -> int:
    """How many values there are in one, shared ones as often as they are met; what holds itself has no end."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in counted:
        counted[id(value)] = MOST_VALUES + 1  # what is met again before it is counted lies within itself
        inner = value.values() if isinstance(value, dict) else value
        counted[id(value)] = min(1 + sum(_size(one, counted) for one in inner), MOST_VALUES + 1)
    return counted[id(value)]


class _At(Exception):
    def __init__(self, node: Node, message: str) -> None:
        self.node, self.message = node, message


def schema_of(what: str) -> dict[str, Any]:
    """The JSON Schema of a `configuration` or a `policy`, which knows the keys and no rules."""
    name = {"configuration": "config_schema.json", "policy": "policy_schema.json"}[what]
    return json.loads((Path(__file__).parent / name).read_text("utf-8"))  # type: ignore[no-any-return]  # our own file


def _explain(root: Node, error: Any, what: str) -> Iterator[str]:
    import difflib

    node = root
    for step in error.absolute_path:
        node = list(node)[step] if isinstance(step, int) else node[step]
    key = ".".join(str(step) for step in error.absolute_path) or f"the {what}"
    if error.validator == "additionalProperties":
        allowed = sorted(error.schema["properties"])
        for stranger in (name for name, _ in node.items() if name.text not in allowed):
            close = difflib.get_close_matches(stranger.text, allowed, 1)
            hint = f"; did you mean {close[0]!r}?" if close else f"; allowed: {', '.join(allowed)}"
            yield f"{stranger.location}: unknown key {stranger.text!r}{hint}"
    elif error.validator == "enum":
        yield f"{node.location}: {key} is {node.text!r}; allowed: {', '.join(map(str, error.validator_value))}"
    else:
        yield f"{node.location}: {key}: {_in_our_words(node, error)}"


_TYPES: dict[str, str] = {
    "array": "a list",
    "object": "a mapping",
    "string": "text",
    "boolean": "true or false",
    "number": "a number",
    "integer": "a whole number",
}


def _in_our_words(node: Node, error: Any) -> str:
    """What a validator objects to, as a user would say it."""
    shown = f"{node.text!r}" if node.is_scalar else "a mapping" if isinstance(error.instance, dict) else "a list"
    if error.validator == "anyOf":  # of all our keys that take several things
        return f"is {shown}; write text, or a list of texts"
    if error.validator == "type":
        wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
        return f"is {shown}; write {' or '.join(_TYPES.get(str(one), str(one)) for one in wanted)}"
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return f"lacks {' and '.join(missing)}"
    if error.validator == "minLength":
        return f"is {node.text!r}; write at least {error.validator_value} characters"
    return str(error.message)


def _evidence(node: Node, base: EvidenceSource) -> EvidenceSource:
    limits = {key.text: value.value for key, value in node.items() if key.text in EvidenceLimits._fields}
    days = node["days"].value or base.days
    return EvidenceSource(node["path"].text or base.path, days, base.limits._replace(**limits))


def _config(path: str, root: Node, base: Config) -> Config:
    """What the document says, laid over another configuration: lists grow, of the rest the document has the last word."""
    attested = (
        Attestation(_item(entry["item"]), entry["reason"].text, _date(entry["until"])) for entry in root["attest"]
    )
    filled = {key.text.replace("-", "_"): value.plain() for key, value in root["fixes"].items()}
    return base._replace(
        path=path,
        top=_layer(root),
        overrides=tuple(_layer(override) for override in root["overrides"]),
        fail_on=Severity.named(root["fail-on"].text) if root["fail-on"].present else base.fail_on,
        exclude=(*base.exclude, *(item.text for item in root["exclude"].strings())),
        allow=(*base.allow, *(_allow(entry) for entry in root["allow"])),
        attestations=(*base.attestations, *attested),
        evidence=_evidence(root["evidence"], base.evidence),
        peer_suppressions=root["peer-suppressions"].value is not False
        if root["peer-suppressions"].present
        else base.peer_suppressions,
        render=root["render"].value is True if root["render"].present else base.render,
        helm=(*base.helm, *(_chart_values(entry) for entry in root["helm"])),
        stages=(*base.stages, *(_stage_words(stage.text, words) for stage, words in root["stages"].items())),
        judge=(*base.judge, *(item.text for item in root["judge"].strings())),
        switches=(*base.switches, *_switches(root)),
        lower=(*base.lower, *(item.text for item in root["lower"].strings())),
        fixes={**base.fixes, **filled},
    )


def _switches(root: Node) -> Iterator[Switch]:
    """What the configuration turns off of the rules that run by default, and of the files."""
    default = enabled_rules()
    for layer in (root, *root["overrides"]):
        where = f" on {_listed(item.text for item in layer['paths'].strings())}" if layer is not root else ""
        if layer["select"].present:
            gone: Collection[str] = default - selected(_tokens(layer["select"]))
            if gone:
                words = f"{_rules(len(gone))} that select does not name{where}"
                yield Switch(layer["select"].location, words, selecting=layer is root)
        if layer["ignore"].present and (tokens := _tokens(layer["ignore"])):
            gone = {rule_id for token in tokens for rule_id in matching(token, every=True)} & default
            words = _listed(tokens) + (f" ({_rules(len(gone))})" if {*tokens} != gone else "") + where
            yield Switch(layer["ignore"].location, words, selecting=layer is root)
        for key, value in layer["rules"].items():
            said = value if value.is_scalar else value["severity"]
            if said.present and Severity.named(said.text) < (usual := defaults()[key.text][0]):
                yield Switch(key.location, f"{key.text} is no {usual} but a {said.text}{where}")
    if root["exclude"].present and (globs := [item.text for item in root["exclude"].strings()]):
        yield Switch(root["exclude"].location, f"files that match {_listed(globs)}")
    if root["lower"].present and (globs := [item.text for item in root["lower"].strings()]):
        yield Switch(root["lower"].location, f"one step of severity in {_listed(globs)}")


MOST_NAMES = 4
"""Of what a switch turns off."""


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = [f"{len(every) - MOST_NAMES} more"] if len(every) > MOST_NAMES else []
    return ", ".join([*every[:MOST_NAMES], *more])


def _rules(count: int) -> str:
    return f"{count} rule{'' if count == 1 else 's'}"


def _floor(path: str, root: Node) -> Floor:
    required = selected(_tokens(root["require"])) if root["require"].present else set()
    asked = root["suppressions"]
    days = asked["days"].value
    return Floor(
        path=path,
        required=tuple(sorted(required)),
        layer=_layer(root),
        fail_on=Severity.named(root["fail-on"].text or "error"),
        needs_reason=asked["reason"].value is True,
        needs_until=asked["until"].value is True,
        most_days=days if isinstance(days, int) else None,
        render=root["render"].value is True,
    )


def _stage_words(stage: str, words: Node) -> StageWords:
    actions, commands, names = (
        tuple(item.text for item in words[key].strings()) for key in ("actions", "commands", "names")
    )
    return StageWords(stage, actions, commands, names)


def _layer(node: Node) -> Layer:
    return Layer(
        paths=tuple(item.text for item in node["paths"].strings()),
        select=_tokens(node["select"]) if node["select"].present else None,
        extend_select=_tokens(node["extend-select"]),
        ignore=_tokens(node["ignore"]),
        rules={key.text: _rule_settings(key, value) for key, value in node["rules"].items()},
        shared={name: node[name].text or node[name].plain() for name in SHARED_PARAMETERS if node[name].present},
        profile=node["profile"].text or None,
    )


def _tokens(node: Node) -> tuple[str, ...]:
    return tuple(_token(item) for item in node.strings())


def _token(item: Node) -> str:
    try:
        matching(item.text)
    except ConfigError as error:
        raise _At(item, str(error)) from None
    return item.text


def _rule_settings(key: Node, value: Node) -> Mapping[str, Any]:
    import jsonschema

    entry = catalogue().get(key.text)
    if entry is None:
        raise _At(key, unknown("rule", key.text, catalogue()))
    if value.is_scalar:
        if value.text not in ("error", "warning", "note"):
            raise _At(value, f"rules.{key.text} is {value.text!r}; allowed: error, warning, note, or a mapping")
        return {"severity": value.text}
    if not value.is_mapping:
        raise _At(value, f"rules.{key.text} is a list; allowed: error, warning, note, or a mapping")
    for name, given in value.items():
        schema = entry.rule.parameters.get(name.text)
        if name.text == "severity":
            if given.text not in ("error", "warning", "note"):
                raise _At(given, f"severity is {given.text!r}; allowed: error, warning, note")
        elif schema is None:
            allowed = ", ".join(["severity", *entry.rule.parameters])
            raise _At(name, f"{key.text} has no parameter {name.text!r}; allowed: {allowed}")
        else:
            for error in jsonschema.Draft202012Validator(schema).iter_errors(given.plain()):
                raise _At(given, f"{key.text}: {name.text}: {error.message}")
    return {name.text: given.plain() for name, given in value.items()}


def _allow(entry: Node) -> Suppression:
    rules = entry["rule"]
    for item in rules.strings():
        if item.text != "*" and item.text not in catalogue():
            raise _At(item, unknown("rule", item.text, catalogue()))
    return Suppression(
        rules=tuple(item.text for item in rules.strings()),
        location=rules.location,
        reason=entry["reason"].text,
        until=_date(entry["until"]) if entry["until"].present else None,
        paths=entry["path"].text or "**",
        object=entry["object"].text or None,
        origin="configuration",
    )


def _chart_values(entry: Node) -> ChartValues:
    chart = entry["chart"].text.strip("/").removeprefix("./")
    return ChartValues(
        chart="" if chart == "." else chart,
        files=tuple(item.text for item in entry["values"].strings()),
        settings=tuple(
            ChartSetting(key.text, value.text, isinstance(value.value, str)) for key, value in entry["set"].items()
        ),
        location=entry["chart"].location,
    )


def _item(node: Node) -> str:
    if node.text not in items():
        raise _At(node, unknown("item of the Definition of Done", node.text, items()))
    return node.text


def _date(node: Node) -> datetime.date:
    try:
        return datetime.date.fromisoformat(node.text)
    except ValueError:
        raise _At(node, f"{node.text!r} is no date; write YYYY-MM-DD") from None
