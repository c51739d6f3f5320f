"""devopslint.yaml becomes a Config: selection, parameters, profiles, overrides by path."""

from __future__ import annotations

import datetime
import functools
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devopslint.catalogue import Entry, catalogue, items, of_rules, own_stamp
from devopslint.deferred import NamedTuple
from devopslint.files import glob_matcher, is_file, is_folder, read_file
from devopslint.model import Location, Severity, StageWords, Suppression, Switch

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


class ConfigError(ValueError):
    """The configuration, or an option, is not understood; the message says where and what is allowed, a line each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Setting(NamedTuple):
    """How one rule runs on some path."""

    severity: Severity
    parameters: Mapping[str, Any]
    """By the names that the check's signature has."""


Selection = Mapping[str, Setting]
"""The rules that run, by id."""


class Layer(NamedTuple):
    """One place of the configuration that says which rules run and how: the top level, or an override."""

    paths: tuple[str, ...] = ()
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    rules: Mapping[str, Mapping[str, Any]] = {}
    shared: Mapping[str, Any] = {}
    profile: str | None = None


class Attestation(NamedTuple):
    """A person's word that an item of the Definition of Done is met, for a while."""

    item: str
    reason: str
    until: datetime.date


class ChartSetting(NamedTuple):
    """One value that is given by itself, as `--set` does."""

    key: str
    """`image.tag`, as Helm writes paths."""
    value: str
    is_string: bool


class ChartValues(NamedTuple):
    """A chart with values that it is rendered with."""

    chart: str
    """The chart's folder, relative to the root; empty for the root."""
    files: tuple[str, ...] = ()
    settings: tuple[ChartSetting, ...] = ()
    location: Location | None = None
    """Where the configuration says so."""


class Floor(NamedTuple):
    """What a policy asks for, and no configuration in the tree can go below."""

    path: str
    required: tuple[str, ...] = ()
    """The ids of the rules that stay on, everywhere."""
    layer: Layer = Layer()
    """Their severities and parameters; what the tree says of those is not heeded."""
    fail_on: Severity = Severity.ERROR
    needs_reason: bool = False
    needs_until: bool = False
    most_days: int | None = None
    """How far off the last day of a suppression may be."""
    render: bool = False

    def refusal(self, suppression: Suppression, today: datetime.date) -> str | None:
        """What a suppression lacks, after "the policy asks for"; None where it is taken."""
        if self.needs_reason and suppression.reason is None:
            return "a reason"
        if (self.needs_until or self.most_days is not None) and suppression.until is None:
            return "a last day, until YYYY-MM-DD"
        if self.most_days is not None and suppression.until is not None:
            latest = today + datetime.timedelta(self.most_days)
            if suppression.until > latest:
                return f"a last day within {self.most_days} days, so by {latest}"
        return None


class EvidenceLimits(NamedTuple):
    """What the Definition of Done asks of what other programs measure."""

    megabytes: float = 500
    """Of an image, unpacked; 10**6 bytes each."""
    coverage: float = 90
    """Percent."""
    minutes: float = 5
    """Of a run of the pipeline, from its start to its end."""


class EvidenceSource(NamedTuple):
    """A folder in which other programs leave what they measured."""

    path: str = ""
    """Relative to the configuration; empty where it names none."""
    days: int = 30
    """After which what was measured counts no more."""
    limits: EvidenceLimits = EvidenceLimits()


class Config(NamedTuple):
    """What a run is asked to do. The defaults are those of a run without a configuration."""

    path: str | None = None
    top: Layer = Layer()
    overrides: tuple[Layer, ...] = ()
    fail_on: Severity = Severity.ERROR
    exclude: tuple[str, ...] = ()
    allow: tuple[Suppression, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    evidence: EvidenceSource = EvidenceSource()
    peer_suppressions: bool = True
    peers: tuple[Layer, ...] = ()
    """What other linters' configurations say of the parameters of rules, and which rules they ask for."""
    render: bool = False
    """Whether overlays and charts are built: this runs other programs."""
    helm: tuple[ChartValues, ...] = ()
    stages: tuple[StageWords, ...] = ()
    """Words that tell a stage of delivery, beside those that are known."""
    switches: tuple[Switch, ...] = ()
    floor: Floor | None = None
    lower: tuple[str, ...] = ()
    """Globs over files in which every finding is one step less severe."""
    own: tuple[OwnRule, ...] = ()
    """The rules that it brings; in_force() puts them into the catalogue."""
    fixes: Mapping[str, Any] = {}  # nobody writes to it
    """What fixes fill in where a value has to be chosen, by the name of their parameter."""

    def under(self, floor: Floor) -> Config:
        """The same, not below a policy's floor. Files that it excludes are left to the rules that stay on."""
        excluded = (Layer(paths=self.exclude, select=()),) if self.exclude else ()
        return self._replace(
            overrides=(*self.overrides, *excluded),
            exclude=(),
            fail_on=min(self.fail_on, floor.fail_on),
            render=floor.render,
            floor=floor,
        )

    @property
    def kubernetes_version(self) -> str | None:
        said = self.top.shared.get("kubernetes-version")
        return None if said is None else str(said)

    def selecting(
        self,
        select: Iterable[str] | None,
        ignore: Iterable[str] = (),
        extend_select: Iterable[str] = (),
        *,
        profile: str | None = None,
        exclude: Iterable[str] = (),
    ) -> Config:
        """The same with a command line's selection laid over it. Raises ConfigError where that selects nothing."""
        if select is not None and not (select := tuple(select)):
            raise ConfigError("nothing is selected: name a rule, a family or a tag; `devopslint rules` lists them")
        top = self.top._replace(
            select=self.top.select if select is None else select,
            extend_select=(*self.top.extend_select, *extend_select) if select is None else tuple(extend_select),
            ignore=(*self.top.ignore, *ignore) if select is None else tuple(ignore),
            profile=profile or self.top.profile,
        )
        for token in (*(top.select or ()), *top.extend_select, *top.ignore):
            matching(token)
        kept = self.floor is not None and self.floor.required
        if (
            top.select == ()
            and not kept
            and not any(layer.select or layer.extend_select for layer in (top, *self.overrides))
        ):
            raise ConfigError(
                f"{self.path or 'the configuration'}: select: nothing is selected: "
                "name a rule, a family or a tag; `devopslint rules` lists them"
            )
        switches = self.switches if select is None else tuple(one for one in self.switches if not one.selecting)
        return self._replace(top=top, exclude=(*self.exclude, *exclude), switches=switches)

    def selection(self, path: str) -> Selection:
        """The rules that run on the file at `path`, and how."""
        overriding = tuple(i for i, layer in enumerate(self.overrides) if glob_matcher(layer.paths)(path))
        heeded = tuple(i for i, layer in enumerate(self.peers) if glob_matcher(layer.paths)(path))
        return self._selection(overriding, heeded, bool(self.lower) and glob_matcher(self.lower)(path))

    @of_rules
    @functools.lru_cache(maxsize=256)  # noqa: B019  # bounded: a library may make configurations without end
    def _selection(self, overriding: tuple[int, ...], heeded: tuple[int, ...] = (), lowered: bool = False) -> Selection:
        layers = (self.top, *(self.overrides[index] for index in overriding))
        chosen: set[str] = set()
        for layer in layers:
            if layer is self.top or layer.select is not None:
                chosen = selected(layer.select)
            for token in layer.extend_select:
                chosen |= matching(token)
            for token in layer.ignore:
                chosen -= matching(token, every=True)
        peers = [self.peers[index] for index in heeded]
        if self.top.select is None:
            ignored = frozenset().union(*(matching(token, every=True) for layer in layers for token in layer.ignore))
            chosen |= {rule_id for layer in peers for rule_id in layer.extend_select} - ignored
        layers = (*peers, *layers)
        selection = {rule_id: _setting(catalogue()[rule_id], layers) for rule_id in sorted(chosen)}
        if lowered:
            selection = {
                rule_id: one._replace(severity=Severity(one.severity - 1)) if one.severity > Severity.NOTE else one
                for rule_id, one in selection.items()
            }
        if self.floor is None:
            return selection
        kept = {rule_id: _setting(catalogue()[rule_id], [self.floor.layer]) for rule_id in self.floor.required}
        return dict(sorted({**selection, **kept}.items()))

    def __hash__(self) -> int:
        # Of equal configurations it is equal: the mappings of rules and parameters are left to the comparison.
        layers = (self.top, *self.overrides, *self.peers)
        named = tuple((one.paths, one.select, one.extend_select, one.ignore, one.profile) for one in layers)
        return hash(
            (
                self.path,
                named,
                self.fail_on,
                self.exclude,
                self.peer_suppressions,
                self.render,
                self.switches,
                self.lower,
            )
        )


def _setting(entry: Entry, layers: Iterable[Layer]) -> Setting:
    rule = entry.rule
    severity = rule.severity
    parameters = {name: schema["default"] for name, schema in rule.parameters.items()}
    for layer in layers:
        if layer.profile is not None:
            severity = Severity.ERROR if layer.profile == "production" and rule.dod else rule.severity
        parameters |= {name: value for name, value in layer.shared.items() if name in parameters}
        given = dict(layer.rules.get(rule.id, {}))
        severity = Severity.named(given.pop("severity")) if "severity" in given else severity
        parameters |= given
    return Setting(severity, {name.replace("-", "_"): value for name, value in parameters.items()})


def selected(tokens: Iterable[str] | None) -> set[str]:
    """The ids that a list of tokens selects; None is the default set."""
    if tokens is None:
        return {rule_id for rule_id, entry in catalogue().items() if entry.rule.enabled}
    return {rule_id for token in tokens for rule_id in matching(token)}


@of_rules
@functools.cache
def matching(token: str, *, every: bool = False) -> frozenset[str]:
    """The ids that one token names.

    A token is a rule id, a family (`hpa-`), `dod:` with an item or its section, a tag, a peer's rule
    (`hadolint:DL3008`), `default` or `all`. Families, sections and items leave out the rules that are off by
    default unless `every` is true. Raises ConfigError where it names nothing.
    """
    rules = {rule_id: entry.rule for rule_id, entry in catalogue().items()}
    if token in rules:
        return frozenset({token})
    if token == "all":
        return frozenset(rules)
    if token == "default":
        return frozenset(rule_id for rule_id, rule in rules.items() if rule.enabled)
    wanted = token.removeprefix("dod:")
    found: Iterable[str]
    if token.startswith("dod:"):
        found = (
            i
            for i, r in rules.items()
            if any(f"{item}.".startswith(f"{wanted}.") for item in r.dod) and (r.enabled or every)
        )
        if not any(f"{item}.".startswith(f"{wanted}.") for item in items()):
            raise ConfigError(_unknown("item of the Definition of Done", wanted, items()))
        return frozenset(found)
    if token.endswith("-"):
        found = (i for i, r in rules.items() if i.startswith(token) and (r.enabled or every))
    elif ":" in token:
        peer, _, name = token.partition(":")
        found = (i for i, r in rules.items() if name in r.equivalents.get(peer, ()))
    else:
        found = (i for i, r in rules.items() if token in r.tags or token in r.equivalents.get("pod-security", ()))
    chosen = frozenset(found)
    if not chosen:
        families = {f"{rule.family}-" for rule in rules.values()}
        elsewhere = [
            f"{peer}:{token}"
            for peer in sorted({p for r in rules.values() for p in r.equivalents if token in r.equivalents[p]})
        ]
        raise ConfigError(_unknown("rule, family or tag", token, [*rules, *families], elsewhere))
    return chosen


def _unknown(what: str, name: str, known: Iterable[str], meant: Iterable[str] = ()) -> str:
    import difflib  # only for what is misspelt

    close = list(meant) or difflib.get_close_matches(name, list(known), 3, 0.6)
    hint = f"; did you mean {' or '.join(close)}?" if close else "; `devopslint rules` lists them"
    return f"no {what} is named {name!r}{hint}"


def in_force(config: Config) -> Config:
    """The same, once the catalogue has its own rules and no other configuration's."""
    if config.own or own_stamp():
        from devopslint.own_rules import install  # only for who has some

        install(config.own)
    return config


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
    real = Path(os.path.realpath(path))
    return load_config(_name(root, real), _text_of(path, "configuration"), functools.partial(_own_rules, root, real))


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


def _own_rules(root: Path, config: Path, patterns: tuple[str, ...]) -> tuple[OwnRule, ...]:
    from devopslint.own_rules import read_own_rules

    return read_own_rules(config.parent, patterns, functools.partial(_name, root))


def load_config(
    path: str, text: str, own_rules: Callable[[tuple[str, ...]], tuple[OwnRule, ...]] | None = None
) -> Config:
    """Read a configuration. Raises ConfigError with path, line, key and what is allowed.

    `own_rules` reads the files that `rule-files` names; without it there are none. The rules are in force then.
    """
    root = _root(path, text, "configuration")
    if root is None:
        return in_force(Config(path=path))
    for key in ("overrides", "allow"):
        if len(root[key]) > MOST_ENTRIES:
            raise ConfigError(f"{root[key].location}: {key}: has {len(root[key]):,} entries; at most {MOST_ENTRIES:,}")
    own: tuple[OwnRule, ...] = ()
    if root["rule-files"].present:
        if own_rules is None:
            raise ConfigError(f"{root['rule-files'].location}: rule-files: a text in memory has no files beside it")
        from devopslint.own_rules import OwnRuleError

        try:
            own = own_rules(tuple(item.text for item in root["rule-files"].strings()))
        except OwnRuleError as error:
            raise ConfigError(f"{root['rule-files'].location}: rule-files: {error}") from None
    in_force(Config(own=own))
    problems = sorted(_problems(root), key=lambda one: one.node.location.region)
    if problems:
        raise ConfigError(*dict.fromkeys(f"{one.node.location}: {one.message}" for one in problems))
    try:
        return _config(path, root)._replace(own=own)
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
        raise ConfigError(*(line for error in errors[:MOST_ERRORS] for line in _explain(root, error, what)))
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
}


def _in_our_words(node: Node, error: Any) -> str:
    """What a validator objects to, as a user would say it."""
    if error.validator == "type":
        wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
        shown = f"{node.text!r}" if node.is_scalar else "a mapping" if isinstance(error.instance, dict) else "a list"
        return f"is {shown}; write {' or '.join(_TYPES.get(str(one), str(one)) for one in wanted)}"
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return f"lacks {' and '.join(missing)}"
    if error.validator == "minLength":
        return f"is {node.text!r}; write at least {error.validator_value} characters"
    return str(error.message)


def _evidence(node: Node) -> EvidenceSource:
    limits = {key.text: value.value for key, value in node.items() if key.text in EvidenceLimits._fields}
    days = node["days"].value or EvidenceSource().days
    return EvidenceSource(node["path"].text, days, EvidenceLimits(**limits))


def _config(path: str, root: Node) -> Config:
    return Config(
        path=path,
        top=_layer(root),
        overrides=tuple(_layer(override) for override in root["overrides"]),
        fail_on=Severity.named(root["fail-on"].text or "error"),
        exclude=tuple(item.text for item in root["exclude"]),
        allow=tuple(_allow(entry) for entry in root["allow"]),
        attestations=tuple(
            Attestation(_item(entry["item"]), entry["reason"].text, _date(entry["until"])) for entry in root["attest"]
        ),
        evidence=_evidence(root["evidence"]),
        peer_suppressions=root["peer-suppressions"].value is not False,
        render=root["render"].value is True,
        helm=tuple(_chart_values(entry) for entry in root["helm"]),
        stages=tuple(_stage_words(stage.text, words) for stage, words in root["stages"].items()),
        switches=tuple(_switches(root)),
        lower=tuple(item.text for item in root["lower"]),
        fixes={key.text.replace("-", "_"): value.plain() for key, value in root["fixes"].items()},
    )


def _switches(root: Node) -> Iterator[Switch]:
    """What the configuration turns off of the rules that run by default, and of the files."""
    default = {rule_id for rule_id, entry in catalogue().items() if entry.rule.enabled}
    for layer in (root, *root["overrides"]):
        where = f" on {_listed(item.text for item in layer['paths'].strings())}" if layer is not root else ""
        if layer["select"].present:
            gone = default - selected(_tokens(layer["select"]))
            if gone:
                words = f"{_rules(len(gone))} that select does not name{where}"
                yield Switch(layer["select"].location, words, selecting=layer is root)
        if layer["ignore"].present and (tokens := _tokens(layer["ignore"])):
            gone = {rule_id for token in tokens for rule_id in matching(token, every=True)} & default
            words = _listed(tokens) + (f" ({_rules(len(gone))})" if {*tokens} != gone else "") + where
            yield Switch(layer["ignore"].location, words, selecting=layer is root)
        for key, value in layer["rules"].items():
            said = value if value.is_scalar else value["severity"]
            if said.present and Severity.named(said.text) < (usual := catalogue()[key.text].rule.severity):
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
        raise _At(key, _unknown("rule", key.text, catalogue()))
    if value.is_scalar:
        if value.text not in ("error", "warning", "note"):
            raise _At(value, f"rules.{key.text} is {value.text!r}; allowed: error, warning, note, or a mapping")
        return {"severity": value.text}
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
            raise _At(item, _unknown("rule", item.text, catalogue()))
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
        raise _At(node, _unknown("item of the Definition of Done", node.text, items()))
    return node.text


def _date(node: Node) -> datetime.date:
    try:
        return datetime.date.fromisoformat(node.text)
    except ValueError:
        raise _At(node, f"{node.text!r} is no date; write YYYY-MM-DD") from None
