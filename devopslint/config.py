"""devopslint.yaml becomes a Config: selection, parameters, profiles, overrides by path."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from devopslint.catalogue import catalogue, defaults, enabled_rules, items, of_rules, own_stamp
from devopslint.deferred import NamedTuple
from devopslint.files import glob_finder, glob_matcher
from devopslint.model import JudgedFiles, Location, Rule, Severity, StageWords, Suppression, Switch

if TYPE_CHECKING:
    from devopslint.own_rules import OwnRule

EVERYWHERE = ("**",)
"""The paths of what another configuration says at its top."""


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
    origin: str = ""
    """Of a layer that another configuration brings: that file."""

    @property
    def names_rules(self) -> bool:
        return bool(self.select or self.extend_select)

    @property
    def settles(self) -> bool:
        """Whether it has a word on how rules run."""
        return self.profile is not None or bool(self.shared or self.rules)

    @property
    def everywhere(self) -> bool:
        return self.paths == EVERYWHERE

    def holds_at(self, path: str) -> bool:
        return self.everywhere or glob_matcher(self.paths)(path)


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
    judge: tuple[str, ...] = ()
    """Globs over manifests that are judged though they lie where tests bring them up."""
    switches: tuple[Switch, ...] = ()
    floor: Floor | None = None
    lower: tuple[str, ...] = ()
    """Globs over files in which every finding is one step less severe."""
    own: tuple[OwnRule, ...] = ()
    """The rules that it brings; in_force() puts them into the catalogue."""
    extended: tuple[Layer, ...] = ()
    """What the configurations that it extends say, the first to be heeded first; all of it below `top`."""
    sources: tuple[str, ...] = ()
    """The files of the configurations that it extends."""
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
        said = next(
            (one.shared["kubernetes-version"] for one in self._tops if "kubernetes-version" in one.shared), None
        )
        return None if said is None else str(said)

    @property
    def selects(self) -> tuple[str, ...] | None:
        """The tokens that stand in place of the default rules; None where nothing says so."""
        return next((one.select for one in self._tops if one.select is not None), None)

    @property
    def _tops(self) -> tuple[Layer, ...]:
        """What this configuration and those that it extends say of every path, the one with the last word first."""
        return (self.top, *(one for one in reversed(self.extended) if one.everywhere))

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
        named = any(layer.names_rules for layer in (*self.extended, top, *self.overrides))
        if self._replace(top=top).selects == () and not kept and not named:
            raise ConfigError(
                f"{self.path or 'the configuration'}: select: nothing is selected: "
                "name a rule, a family or a tag; `devopslint rules` lists them"
            )
        switches = self.switches if select is None else tuple(one for one in self.switches if not one.selecting)
        return self._replace(top=top, exclude=(*self.exclude, *exclude), switches=switches)

    def told(self, paths: Iterable[str]) -> tuple[StageWords | JudgedFiles, ...]:
        """What it says, as summaries, of a project with these files."""
        if not self.judge:
            return self.stages
        return (*self.stages, JudgedFiles(tuple(sorted(filter(glob_matcher(self.judge), paths)))))

    def selection(self, path: str) -> Selection:
        """The rules that run on the file at `path`, and how."""
        overriding = glob_finder(tuple(layer.paths for layer in self.overrides))(path) if self.overrides else ()
        heeded = tuple(i for i, layer in enumerate(self.peers) if layer.holds_at(path))
        below = tuple(i for i, layer in enumerate(self.extended) if layer.holds_at(path))
        return self._selection(overriding, heeded, below, bool(self.lower) and glob_matcher(self.lower)(path))

    def selections(self) -> Iterator[Selection]:
        """What runs where no layer is for some paths only, and where each of those holds alone."""
        always = tuple(i for i, layer in enumerate(self.extended) if layer.everywhere)
        yield self._selection((), (), always, False)
        for index in range(len(self.overrides)):
            yield self._selection((index,), (), always, False)
        for index in range(len(self.extended)):
            if index not in always:
                yield self._selection((), (), tuple(sorted((*always, index))), False)

    @of_rules
    @functools.lru_cache(maxsize=256)  # noqa: B019  # bounded: a library may make configurations without end
    def _selection(
        self, overriding: tuple[int, ...], heeded: tuple[int, ...], below: tuple[int, ...], lowered: bool
    ) -> Selection:
        layers = [
            *(self.extended[index] for index in below),
            self.top,
            *(self.overrides[index] for index in overriding),
        ]
        chosen = selected(None)
        for layer in layers:
            if layer.select is not None:
                chosen = selected(layer.select)
            for token in layer.extend_select:
                chosen |= matching(token)
            for token in layer.ignore:
                chosen -= matching(token, every=True)
        peers = [self.peers[index] for index in heeded]
        if self.selects is None:
            ignored = frozenset().union(*(matching(token, every=True) for layer in layers for token in layer.ignore))
            chosen |= {rule_id for layer in peers for rule_id in layer.extend_select} - ignored
        layers = [one for one in (*peers, *layers) if one.settles]
        selection = {rule_id: _setting(rule_id, layers) for rule_id in sorted(chosen)}
        if lowered:
            selection = {
                rule_id: one._replace(severity=Severity(one.severity - 1)) if one.severity > Severity.NOTE else one
                for rule_id, one in selection.items()
            }
        if self.floor is None:
            return selection
        kept = {rule_id: _setting(rule_id, [self.floor.layer]) for rule_id in self.floor.required}
        return dict(sorted({**selection, **kept}.items()))

    def __hash__(self) -> int:
        # Of equal configurations it is equal, and it is asked for every file: what may be long is left to the comparison.
        layers = (self.extended, self.overrides, self.peers)
        return hash(
            (self.path, self.top.select, self.top.profile, *map(len, layers), self.fail_on, self.render, self.lower)
        )


def _setting(rule_id: str, layers: Collection[Layer]) -> Setting:
    usual, given = defaults()[rule_id]
    if not layers and not given:
        return Setting(usual, given)
    severity, parameters = usual, dict(given)
    for layer in layers:
        if layer.profile is not None:
            strict = layer.profile == "production" and catalogue()[rule_id].rule.dod
            severity = Severity.ERROR if strict else usual
        parameters |= {name: value for name, value in layer.shared.items() if name in parameters}
        given = dict(layer.rules.get(rule_id, {}))
        severity = Severity.named(given.pop("severity")) if "severity" in given else severity
        parameters |= given
    return Setting(severity, {name.replace("-", "_"): value for name, value in parameters.items()})


def selected(tokens: Iterable[str] | None) -> set[str]:
    """The ids that a list of tokens selects; None is the default set."""
    if tokens is None:
        return set(enabled_rules())
    return {rule_id for token in tokens for rule_id in matching(token)}


@of_rules
@functools.cache
def matching(token: str, *, every: bool = False) -> frozenset[str]:
    """The ids that one token names.

    A token is a rule id, a family (`hpa-`), `dod:` with an item or its section, a tag, a peer's rule
    (`hadolint:DL3008`), `default` or `all`. Families, sections and items leave out the rules that are off by
    default unless `every` is true. Raises ConfigError where it names nothing.
    """
    if token in catalogue():
        return frozenset({token})
    if token == "all":
        return frozenset(catalogue())
    if token == "default":
        return enabled_rules()
    wanted = token.removeprefix("dod:")
    found: Iterable[str]
    if token.startswith("dod:"):
        found = (
            i
            for i, r in _rules()
            if any(f"{item}.".startswith(f"{wanted}.") for item in r.dod) and (r.enabled or every)
        )
        if not any(f"{item}.".startswith(f"{wanted}.") for item in items()):
            raise ConfigError(unknown("item of the Definition of Done", wanted, items()))
        return frozenset(found)
    if token.endswith("-"):
        found = (i for i in catalogue() if i.startswith(token) and (every or i in enabled_rules()))
    elif ":" in token:
        peer, _, name = token.partition(":")
        found = (i for i, r in _rules() if name in r.equivalents.get(peer, ()))
    else:
        found = (i for i, r in _rules() if token in r.tags or token in r.equivalents.get("pod-security", ()))
    chosen = frozenset(found)
    if not chosen:
        rules = dict(_rules())
        families = {f"{rule.family}-" for rule in rules.values()}
        elsewhere = [
            f"{peer}:{token}"
            for peer in sorted({p for r in rules.values() for p in r.equivalents if token in r.equivalents[p]})
        ]
        raise ConfigError(unknown("rule, family or tag", token, [*rules, *families], elsewhere))
    return chosen


def _rules() -> Iterator[tuple[str, Rule]]:
    return ((rule_id, entry.rule) for rule_id, entry in catalogue().items())


def unknown(what: str, name: str, known: Iterable[str], meant: Iterable[str] = ()) -> str:
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
