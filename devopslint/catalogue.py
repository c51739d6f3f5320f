"""The catalogue: rules/*/*.yaml joined with the checks of the same name.

The YAML files are compiled into one JSON file, at build time for a wheel and whenever a source is newer in a
checkout: hundreds of small files cost more to read than a Dockerfile to lint. A run asks a few things of all rules, which
an index of them answers; of a thousand rules it makes those that have something to say.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import itertools
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from devopslint.deferred import NamedTuple
from devopslint.model import Rule, Severity
from devopslint.registry import CHECKS, DOMAINS, Check

PACKAGE = Path(__file__).parent
SOURCES = PACKAGE.parent / "rules"
"""Where the rule files are in a checkout; a wheel has only what was compiled from them."""
COMPILED = PACKAGE / "_catalogue.json"
"""A line each for the stamp of the sources, how long the lines after it are, the index, the items, the names that other
linters have for rules, and every rule, in the order of the index; the last one for all examples."""

ENGINE_RULES = frozenset(
    {
        "docker-shellcheck",
        "gha-shellcheck",
        "duplicate-key",
        "suppression-expired",
        "suppression-malformed",
        "suppression-unexplained",
        "suppression-unknown-rule",
        "suppression-unused",
        "unreadable-file",
    }
)
"""The rules that the engine itself judges: they have no check."""


Cached = TypeVar("Cached", bound=Any)


class Entry(NamedTuple):
    """A rule, where its checks are and what they look at."""

    rule: Rule
    modules: Mapping[str, Collection[str]]
    """Where its checks over one file are: by the module the kinds of file that they look at."""
    project_modules: Mapping[str, Collection[str]]
    """Where its checks over the whole project are: by the module the kinds of file in which they have their subjects."""
    examples: Mapping[str, tuple[Mapping[str, str], ...]] | None = None
    """`bad` and `good`, of a rule of one's own; None for the others, whose examples are read when they are asked for."""

    @property
    def bad(self) -> tuple[Mapping[str, str], ...]:
        """The examples with findings, each a mapping of path to text."""
        return tuple(_examples()[self.rule.id]["bad"]) if self.examples is None else self.examples["bad"]

    @property
    def good(self) -> tuple[Mapping[str, str], ...]:
        return tuple(_examples()[self.rule.id]["good"]) if self.examples is None else self.examples["good"]

    @property
    def fixed(self) -> tuple[Mapping[str, str], ...]:
        """What becomes of the bad examples, in their order, where all of them are mended."""
        return tuple(_examples()[self.rule.id].get("fixed", ())) if self.examples is None else ()

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of file that its checks look at; empty for a rule over the project alone."""
        return frozenset().union(*self.modules.values())

    @property
    def project(self) -> bool:
        """True where a check looks at the whole project."""
        return bool(self.project_modules)


class Item(NamedTuple):
    """One item of the Definition of Done."""

    id: str
    title: str
    section: str
    settles: str
    """What would answer it, where nothing in the tree does."""
    rules: tuple[str, ...] = ()
    """The rules whose subjects show that it is addressed, where nothing is wrong with them."""
    lacking: tuple[str, ...] = ()
    """The rules whose advice says that it is not there at all, where nothing shows it."""


class Index(NamedTuple):
    """What a run asks of all rules, in what JSON knows. No id is there more often than it has to be."""

    severities: Mapping[str, Sequence[str]]
    """The ids of all rules, by their severity."""
    parameters: Mapping[str, Mapping[str, Any]]
    """By the id of a rule with parameters: the default of each."""
    off: Sequence[str]
    """The ids of those that run only where they are selected."""
    secret: Sequence[str]
    """Of those with the tag `secret`."""
    files: Mapping[str, Mapping[str, Sequence[str]]]
    """By the kinds of file that checks look at, and the modules of these: the ids."""
    projects: Sequence[tuple[str, Sequence[str], Sequence[str]]]
    """Of checks over the whole project: their module, the kinds of file with their subjects, and the ids of their rules."""

    @property
    def ids(self) -> list[str]:
        """All of them, in alphabetical order."""
        return sorted(rule_id for rule_ids in self.severities.values() for rule_id in rule_ids)


def index_of(entries: Iterable[Entry]) -> Index:
    severities: dict[str, list[str]] = {}
    files: dict[str, dict[str, list[str]]] = {}
    projects: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    entries = tuple(entries)
    for rule, modules, project_modules, _ in entries:
        severities.setdefault(rule.severity.name, []).append(rule.id)
        for module, kinds in modules.items():
            for kind in kinds:
                files.setdefault(kind, {}).setdefault(module, []).append(rule.id)
        for module, kinds in project_modules.items():
            projects.setdefault((module, tuple(kinds)), []).append(rule.id)
    rules = [entry.rule for entry in entries]
    return Index(
        severities,
        {
            rule.id: {name: schema["default"] for name, schema in rule.parameters.items()}
            for rule in rules
            if rule.parameters
        },
        [rule.id for rule in rules if not rule.enabled],
        [rule.id for rule in rules if "secret" in rule.tags],
        files,
        [(*where, rule_ids) for where, rule_ids in projects.items()],
    )


class Catalogue(Mapping[str, Entry]):
    """Every rule by its id, in alphabetical order; those of the program are made when they are asked for."""

    def __init__(self, own: Mapping[str, Entry]) -> None:
        self._numbers = {rule_id: number for number, rule_id in enumerate(_index().ids)}
        self._made = dict(own)
        self._ids = sorted((*self._numbers, *own)) if own else list(self._numbers)

    def __getitem__(self, rule_id: str) -> Entry:
        made = self._made.get(rule_id)
        if made is None:
            made = self._made[rule_id] = _built_in(self._numbers[rule_id])
        return made

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self._numbers or rule_id in self._made

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


class Rules(Collection[Rule]):
    """The rules of these ids, made when somebody looks at them: most reports only count them."""

    def __init__(self, rule_ids: Iterable[str]) -> None:
        self._ids = tuple(rule_ids)

    def __iter__(self) -> Iterator[Rule]:
        return (catalogue()[rule_id].rule for rule_id in self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, rule: object) -> bool:
        return isinstance(rule, Rule) and rule.id in self._ids


def is_built_in(rule_id: str) -> bool:
    """Whether a rule comes with the program."""
    return rule_id in catalogue() and rule_id not in _own.rules


@functools.cache
def catalogue() -> Catalogue:
    """Every rule by its id; those of a configuration's own that are install()ed, too."""
    return Catalogue(_own.rules)


class _Own:
    """The rules of one's own that are in force."""

    def __init__(self) -> None:
        self.rules: dict[str, Entry] = {}
        self.index = index_of(())
        self.stamp = ""


_own = _Own()
_made_of_rules: list[Callable[[], None]] = []
"""What empties each cache of what was made of the catalogue."""


def of_rules(made: Cached) -> Cached:
    """Decorates a cached function of the catalogue, which is asked anew where the rules are others."""
    _made_of_rules.append(made.cache_clear)
    return made


def own_stamp() -> str:
    """Changes with what the rules of one's own say; empty where there are none."""
    return _own.stamp


def install(rules: Mapping[str, tuple[Entry, Check]], stamp: str) -> None:
    """Have these rules of one's own in the catalogue in place of those that were there."""
    for rule_id in _own.rules:
        del CHECKS[rule_id]
    _own.rules = {rule_id: entry for rule_id, (entry, _) in rules.items()}
    _own.index = index_of(_own.rules.values())
    _own.stamp = stamp
    CHECKS.update({rule_id: [check] for rule_id, (_, check) in rules.items()})
    catalogue.cache_clear()
    for clear in _made_of_rules:
        clear()


@functools.cache
def items() -> dict[str, Item]:
    """The items of the Definition of Done by their id, in the order of the document."""
    return {
        raw["id"]: Item(**{**raw, **{key: tuple(raw.get(key, ())) for key in ("rules", "lacking")}})
        for raw in json.loads(_compiled().line(1))
    }


@of_rules
@functools.cache
def defaults() -> Mapping[str, tuple[Severity, Mapping[str, Any]]]:
    """By the id of every rule: its severity and its parameters, where no configuration says otherwise."""
    return {
        rule_id: (severity, index.parameters.get(rule_id, _NOTHING))
        for index in (_index(), _own.index)
        for name, rule_ids in index.severities.items()
        if (severity := Severity[name])
        for rule_id in rule_ids
    }


@of_rules
@functools.cache
def enabled_rules() -> frozenset[str]:
    """The rules that run where nothing is selected."""
    return frozenset(catalogue()).difference(_index().off, _own.index.off)


@of_rules
@functools.cache
def secret_rules() -> frozenset[str]:
    """The rules whose findings stand where a secret is written out, by their tag: no report shows what is there."""
    return frozenset((*_index().secret, *_own.index.secret))


@of_rules
@functools.cache
def witnessing_rules() -> frozenset[str]:
    """The rules whose sound subjects show that an item is addressed."""
    return frozenset(rule_id for item in items().values() for rule_id in item.rules)


@of_rules
@functools.cache
def rules_over(kind: str) -> Mapping[str, tuple[str, ...]]:
    """The rules that look at one file of this kind, each with the modules of its checks."""
    found: dict[str, tuple[str, ...]] = {}
    for index in (_index(), _own.index):
        for module, rule_ids in sorted(index.files.get(kind, {}).items()):
            for rule_id in rule_ids:
                found[rule_id] = (*found.get(rule_id, ()), module)
    return found


@of_rules
@functools.cache
def rules_over_projects() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """The rules that look at the whole project: by the modules of their checks the kinds of file with their subjects."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for module, kinds, rule_ids in _index().projects:
        subjects = frozenset(kinds)
        for rule_id in rule_ids:
            found.setdefault(rule_id, {})[module] = subjects
    return found


def checks_of(rule_id: str, kind: str) -> list[Check]:
    """The rule's checks over one file of this kind; their modules are imported only now."""
    for module in rules_over(kind).get(rule_id, ()):
        importlib.import_module(module)
    return [check for check in CHECKS.get(rule_id, ()) if not check.project and kind in check.view.kinds]


def project_checks_of(rule_id: str, present: Collection[str]) -> list[Check]:
    """The rule's checks over a project with files of these kinds; their modules are imported only now."""
    for module, kinds in sorted(rules_over_projects().get(rule_id, {}).items()):
        if not kinds.isdisjoint(present):
            importlib.import_module(module)
    checks = (check for check in CHECKS.get(rule_id, ()) if check.project)
    return [check for check in checks if any(kind in present for kind in check.view.subject_kinds)]


def rule_of(rule_id: str, raw: Mapping[str, Any], own: str = "") -> Rule:
    """What a rule file says, `own` being where one's own stands."""
    get, equivalents = raw.get, raw.get("equivalents")
    return Rule(  # a thousand of them are made at each start: no field is named, and nothing empty is made anew
        rule_id,
        raw["title"],
        Severity.named(raw["severity"]),
        raw["rationale"],
        raw["remediation"],
        tuple(get("dod", ())),
        tuple(get("tags", ())),
        get("enabled", True),
        tuple(get("references", ())),
        {peer: tuple(ids) for peer, ids in equivalents.items()} if equivalents else _NOTHING,
        get("parameters", _NOTHING),
        get("security-severity"),
        own,
        get("fix", ""),
    )


_NOTHING: Mapping[str, Any] = {}  # nobody writes to it


def _entry(raw: Mapping[str, Any]) -> Entry:
    return Entry(
        rule_of(raw["id"], raw),
        raw["modules"],
        raw["project-modules"],
    )


@functools.cache
def _built_in(number: int) -> Entry:
    """The rule with this number in the index."""
    return _entry(json.loads(_compiled().line(3 + number)))


@of_rules
@functools.cache
def equivalents(peer: str) -> Mapping[str, tuple[str, ...]]:
    """The ids of our rules that stand for a peer's, by its names for them."""
    built_in = _named_by_peers().get(peer, {})
    own = _by_peers(_own.rules.values()).get(peer, {})
    return {name: (*built_in.get(name, ()), *own.get(name, ())) for name in (*built_in, *own)}


@functools.cache
def _named_by_peers() -> Mapping[str, Mapping[str, Sequence[str]]]:
    return json.loads(_compiled().line(2))  # type: ignore[no-any-return]  # our own file


def _by_peers(entries: Iterable[Entry]) -> dict[str, dict[str, list[str]]]:
    """By each peer and its names for rules: the ids of ours."""
    found: dict[str, dict[str, list[str]]] = {}
    for entry in entries:
        for peer, names in entry.rule.equivalents.items():
            for name in names:
                found.setdefault(peer, {}).setdefault(name, []).append(entry.rule.id)
    return found


@functools.cache
def _examples() -> dict[str, Any]:
    """The bad and the good examples of each rule."""
    return json.loads(_compiled().line(-1))  # type: ignore[no-any-return]  # our own file


@functools.cache
def _index() -> Index:
    return Index(**json.loads(_compiled().line(0)))


class Compiled:
    """What is compiled, of whose lines a run asks for one in fifty."""

    def __init__(self, file: BinaryIO) -> None:
        """`file` is read from its second line on."""
        lengths = json.loads(file.readline())
        self._begins = [*itertools.accumulate(lengths, initial=file.tell())]
        self._read: Callable[[int, int], bytes]
        if hasattr(os, "pread") and not isinstance(file, io.BytesIO):
            # An open file stays what it is where another process replaces it; who is forked shares no place in it.
            self._read = functools.partial(os.pread, os.dup(file.fileno()))
        else:
            text = file.read()
            self._read = lambda length, begin: text[begin - self._begins[0] :][:length]

    def line(self, number: int) -> bytes:
        """A line by its number, counted from the index on, or from the end."""
        number %= len(self._begins) - 1
        return self.lines(number, number + 1)

    def lines(self, first: int, after: int) -> bytes:
        return self._read(self._begins[after] - self._begins[first], self._begins[first])


@functools.cache
def _compiled() -> Compiled:
    """What is compiled; it is made now where it is not there, or is not what the sources are."""
    if not _is_checkout():
        with COMPILED.open("rb") as file:
            file.readline()
            return Compiled(file)
    now = _stamp_of_sources()
    with contextlib.suppress(OSError), COMPILED.open("rb") as file:
        if file.readline() == f"{now}\n".encode():
            return Compiled(file)
    made = io.BytesIO(compiled(compile_catalogue(), now))
    write_compiled(made.getvalue())
    made.readline()
    return Compiled(made)


def compiled(catalogue: Mapping[str, Any], stamp: str = "") -> bytes:
    """What COMPILED holds; `stamp` says of which sources it was made."""
    entries = [_entry(raw) for raw in catalogue["rules"]]
    said = (
        index_of(entries)._asdict(),
        catalogue["items"],
        _by_peers(entries),
        *catalogue["rules"],
        catalogue["examples"],
    )
    lines = [f"{json.dumps(one, ensure_ascii=False, separators=(',', ':'))}\n".encode() for one in said]
    return b"".join((f"{stamp}\n{json.dumps([*map(len, lines)])}\n".encode(), *lines))


def stamp() -> str:
    """Changes whenever this program, or a library that is installed beside it, does."""
    program = _stamp_of_sources() if _is_checkout() else str(PACKAGE.parent.stat().st_mtime_ns)
    return f"{program}, {_own.stamp}" if _own.stamp else program


def words() -> bytes:
    """All that the rules say, the same wherever this program is installed."""
    return _compiled().lines(1, -2)


def _is_checkout() -> bool:
    return (SOURCES / "_schema.json").exists()


@functools.cache
def _stamp_of_sources() -> str:
    newest = count = size = 0
    pending = [str(SOURCES), str(PACKAGE)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.name.endswith((".yaml", ".py")) or entry.name == "_schema.json":
                    status = entry.stat()
                    newest = max(newest, status.st_mtime_ns)
                    size += status.st_size
                    count += 1
                elif entry.name != "__pycache__" and entry.is_dir():
                    pending.append(entry.path)
    return f"{count} files, {size} bytes, {newest}"


def write_compiled(text: bytes) -> None:
    """Written whole or not at all; a checkout that cannot be written to is compiled on every run."""
    import tempfile

    try:
        with tempfile.NamedTemporaryFile("wb", dir=PACKAGE, prefix=".catalogue-", delete=False) as file:
            draft = Path(file.name)
            try:
                file.write(text)
                file.close()
                draft.replace(COMPILED)
            except BaseException:
                draft.unlink()
                raise
    except OSError:
        return


class CatalogueError(Exception):
    """A rule file, or its check, is not as the house wants it; the message names the file."""


def compile_catalogue() -> dict[str, Any]:
    """Read, validate and join rules/*/*.yaml, rules/_dod.yaml and the checks.

    Raises CatalogueError naming the file and what is wrong with it.
    """
    # Heavy, and needed only here.
    import pkgutil

    import jsonschema

    for domain in DOMAINS:
        folders = importlib.import_module(domain).__path__
        for module in pkgutil.walk_packages(folders, f"{domain}."):
            if module.name.startswith(f"{domain}.checks."):
                importlib.import_module(module.name)
    validator = jsonschema.Draft202012Validator(json.loads((SOURCES / "_schema.json").read_text("utf-8")))
    dod = _read(SOURCES / "_dod.yaml")
    known_items = {item["id"] for item in dod["items"]}
    rules = []
    examples = {}
    for path in sorted(SOURCES.glob("*/*.yaml"), key=lambda path: path.stem):
        raw = _read(path)
        for error in validator.iter_errors(raw):
            raise CatalogueError(f"{path.name}: {error.json_path}: {error.message}")
        rule_id = path.stem
        for item in raw.get("dod", ()):
            if item not in known_items:
                raise CatalogueError(f"{path.name}: dod: no item {item!r} in _dod.yaml")
        if ("fix" in raw) != ("fixed" in raw):
            raise CatalogueError(
                f"{path.name}: a fix needs `fixed`, what becomes of the bad examples, and the other way round"
            )
        examples[rule_id] = {kind: raw.pop(kind, []) for kind in ("bad", "good", "fixed")}
        rules.append({"id": rule_id, **raw, **_joined(rule_id, CHECKS.get(rule_id, []), raw, path.name)})
    for item in dod["items"]:
        for rule_id in (*item.get("rules", ()), *item.get("lacking", ())):
            if rule_id not in examples:
                raise CatalogueError(f"_dod.yaml: {item['id']}: there is no rule {rule_id!r}")
    strangers = sorted(set(CHECKS) - {rule["id"] for rule in rules})
    if strangers:
        raise CatalogueError(f"checks without a rule file: {', '.join(strangers)}")
    return {"rules": rules, "items": dod["items"], "examples": examples}


def _joined(rule_id: str, checks: Iterable[Check], raw: Mapping[str, Any], name: str) -> dict[str, Any]:
    checks = list(checks)
    single = [check for check in checks if not check.project]
    if not checks and rule_id not in ENGINE_RULES:
        raise CatalogueError(f"{name}: no check is declared for {rule_id}")
    declared = set(raw.get("parameters", {}))
    taken = {parameter.replace("_", "-") for check in checks for parameter in check.parameters}
    if declared != taken and rule_id not in ENGINE_RULES:
        raise CatalogueError(f"{name}: parameters {sorted(declared)} in the file, {sorted(taken)} in the check")
    return {
        "modules": _kinds_by_module((check, check.view.kinds) for check in single),
        "project-modules": _kinds_by_module((check, check.view.subject_kinds) for check in checks if check.project),
    }


def _kinds_by_module(looked_at: Iterable[tuple[Check, Collection[str]]]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for check, kinds in looked_at:
        found.setdefault(check.function.__module__, set()).update(kinds)
    return {module: sorted(kinds) for module, kinds in sorted(found.items())}


def _read(path: Path) -> Any:
    from devopslint.readers.yaml import read_yaml

    stream = read_yaml(path.name, path.read_text("utf-8"))
    if stream.faults or len(stream.documents) != 1:
        raise CatalogueError(f"{stream.faults[0].location}: {stream.faults[0].message}" if stream.faults else path.name)
    return stream.documents[0].root.plain()
