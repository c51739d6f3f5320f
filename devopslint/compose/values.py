"""Values of Compose files as compose-go 2 reads them: defaults of variables, words for booleans, and files laid over others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from devopslint.deferred import compiled, dataclass, replace
from devopslint.model import Location

if TYPE_CHECKING:
    from devopslint.readers.yaml import Node

DEEPEST = 8
"""Levels of a document that are kept; the deepest that a rule asks about is services.NAME.deploy.resources.limits.KEY."""
RESET, OVERRIDE = "!reset", "!override"
"""The tags with which a document takes away, or replaces, what those before it say."""
MOST_MERGES = 100_000
"""Values that are laid over others; compose-go itself looks at no more in one document."""

_TRUE = frozenset(("true", "y", "yes", "on"))
_FALSE = frozenset(("false", "n", "no", "off"))
_NAME = compiled(r"[_A-Za-z][_A-Za-z0-9]*")
_OPERATOR = compiled(r":?[-+?]")
_ZERO = compiled(r"[-+]?(?:0+(?:\.0*)?|\.0+)[a-zA-Z]*\Z")


@dataclass(frozen=True, slots=True)
class Value:
    """A scalar, a mapping, a sequence, or what is not there. Lookups never fail."""

    location: Location
    text: str = ""
    """A scalar's text with the defaults of its variables; empty for anything else, and for null."""
    known: bool = True
    """False where it depends on a variable that has no default."""
    pairs: tuple[tuple[Value, Value], ...] | None = None
    """A mapping's keys and values."""
    members: tuple[Value, ...] | None = None
    """A sequence's items."""
    null: bool = False
    tag: str = ""
    """OVERRIDE or RESET."""
    exists: bool = True

    @property
    def is_mapping(self) -> bool:
        return self.pairs is not None

    @property
    def is_sequence(self) -> bool:
        return self.members is not None

    @property
    def is_scalar(self) -> bool:
        return self.exists and self.pairs is None and self.members is None

    @property
    def present(self) -> bool:
        """True where there is a value other than null."""
        return self.exists and not self.null

    @property
    def said(self) -> bool:
        """Whether there is something, and not the empty text, which compose-go takes for nothing."""
        return self.present and not (self.is_scalar and not self.text and self.known)

    @property
    def boolean(self) -> bool | None:
        """What compose-go makes of the word or the text; None where that is no boolean, or not known."""
        word = self.text.lower()
        return True if word in _TRUE else False if word in _FALSE else None

    @property
    def zero(self) -> bool:
        """Whether it is a number or a size of zero."""
        return self.known and _ZERO.match(self.text) is not None

    def __getitem__(self, key: str) -> Value:
        for name, value in self.pairs or ():
            if name.text == key and value.tag != RESET:
                return value
        return Value(self.location._replace(missing=True, wanted=key), exists=False)

    def get(self, *path: str) -> Value:
        """The value under these keys, one inside the other."""
        value = self
        for key in path:
            value = value[key]
        return value

    def __iter__(self) -> Iterator[Value]:
        """A sequence's items; nothing for anything else."""
        return (item for item in self.members or () if item.tag != RESET)

    def items(self) -> list[tuple[Value, Value]]:
        """A mapping's keys and values; nothing for anything else."""
        return [(key, value) for key, value in self.pairs or () if value.tag != RESET]

    def keys(self) -> list[str]:
        return [key.text for key, _ in self.items()]

    def strings(self) -> list[Value]:
        """The scalars of a value that may be one scalar or a sequence of them."""
        if self.is_scalar:
            return [self] if self.present else []
        return [item for item in self if item.is_scalar]

    def assignments(self) -> list[tuple[Value, Value]]:
        """Names and values of a mapping, or of a list of `NAME=value`; a null where only the name stands."""
        if self.is_mapping:
            return [(key, value) for key, value in self.items() if value.is_scalar]
        return [_assignment(item) for item in self.strings()]


def _assignment(item: Value) -> tuple[Value, Value]:
    name, equals, value = item.text.partition("=")
    return replace(item, text=name), replace(item, text=value, null=not equals)


def value_of(node: Node, at: Location) -> Value:
    """A node as a value, variables as they are written; `at` is where it stands: its key, where an alias says what it is."""
    return _Converter().value(node, at, 0)


class _Converter:
    def __init__(self) -> None:
        self.made: dict[tuple[int, int], Value] = {}
        """What aliases refer to is converted once for each level, so that nothing expands and no circle goes round."""

    def value(self, node: Node, at: Location, depth: int) -> Value:
        if node.tag == RESET:
            return Value(at, null=True, tag=RESET)
        if node.is_scalar:
            return _scalar(node, at)
        made = self.made.get((id(node), depth))
        if made is None:
            made = self.collection(node, at, depth) if depth < DEEPEST else Value(at, null=True)
            self.made[id(node), depth] = made
        return made if made.location == at else replace(made, location=at)

    def collection(self, node: Node, at: Location, depth: int) -> Value:
        if node.is_mapping:
            pairs = []
            for key, value in node.items():
                place = value.location if value.key is key and value.is_scalar else key.location
                pairs.append((Value(key.location, key.text), self.value(value, place, depth + 1)))
            return Value(at, pairs=tuple(pairs), tag=_tag(node))
        members = tuple(self.value(item, item.location, depth + 1) for item in node)
        return Value(at, members=members, tag=_tag(node))


def _scalar(node: Node, at: Location) -> Value:
    tag = _tag(node)
    null = not tag and not node.present  # behind a tag compose-go takes ~ and null for texts
    return Value(at, "" if null else node.text, null=null, tag=tag)


def _tag(node: Node) -> str:
    return OVERRIDE if node.tag == OVERRIDE else ""


class Variables:
    """What is known of the environment that a Compose file is read in."""

    def __init__(self, values: Mapping[str, str], *, defaults_only: bool = False) -> None:
        self.values = values
        self.defaults_only = defaults_only
        """Whether the values stand in for defaults alone: what has none stays unknown."""
        self._filled: dict[int, tuple[Value, Value]] = {}
        """By the id of a value: it, so that its id stays its own, and what it becomes."""

    def fill(self, value: Value) -> Value:
        """The value with the variables of its scalars filled in."""
        if value.pairs is None and value.members is None:
            if "$" not in value.text:
                return value
            text, known = interpolated(value.text, self.values, defaults_only=self.defaults_only)
            return replace(value, text=text, known=known)
        before = self._filled.get(id(value))
        if before is not None:
            return before[1]
        if value.pairs is not None:
            filled = replace(value, pairs=tuple((key, self.fill(one)) for key, one in value.pairs))
        else:
            filled = replace(value, members=tuple(map(self.fill, value.members or ())))
        self._filled[id(value)] = value, filled
        return filled


def interpolated(text: str, variables: Mapping[str, str], *, defaults_only: bool = False) -> tuple[str, bool]:
    """A text with its variables filled in, by what is set and by their own defaults; and whether all of them could be.

    A variable that nothing gives a value stays, as `${NAME}`.
    """
    out: list[str] = []
    known = True
    at = 0
    while (found := text.find("$", at)) >= 0:
        out.append(text[at:found])
        at = found + 1
        if text.startswith("$", at):
            out.append("$")
            at += 1
            continue
        braced = text.startswith("{", at)
        name = _NAME.match(text, at + braced)
        if name is None:
            out.append("$")
            continue
        at = name.end()
        value = variables.get(name[0])
        if defaults_only and not (braced and (default := _OPERATOR.match(text, at)) and default[0].endswith("-")):
            value = None
        if not braced:
            out.append(f"${{{name[0]}}}" if value is None else value)
            known = known and value is not None
            continue
        end = _closing(text, at)
        operator = _OPERATOR.match(text, at)
        word = text[operator.end() : end] if operator is not None else ""
        at = end + 1
        said, sure = _substituted(name[0], operator[0] if operator else "", word, value, variables)
        out.append(said)
        known = known and sure
    out.append(text[at:])
    return "".join(out), known


def _substituted(
    name: str, operator: str, word: str, value: str | None, variables: Mapping[str, str]
) -> tuple[str, bool]:
    given = value is not None and (value != "" or not operator.startswith(":"))
    if operator.endswith("+"):
        return interpolated(word, variables) if given else ("", True)
    if given:
        return value or "", True
    if operator.endswith("-"):
        return interpolated(word, variables)
    return f"${{{name}}}", False


def _closing(text: str, at: int) -> int:
    """The index of the brace that closes what is open; the end of the text where none does."""
    depth = 1
    while at < len(text):
        if text[at] == "}":
            depth -= 1
            if not depth:
                return at
        elif text.startswith("${", at):
            depth += 1
            at += 1
        at += 1
    return len(text)


_REPLACED = frozenset(("command", "entrypoint", "healthcheck.test"))
_ASSIGNED = frozenset(
    (
        "annotations",
        "build.args",
        "build.additional_contexts",
        "build.labels",
        "deploy.labels",
        "environment",
        "labels",
        "sysctls",
    )
)
_NAMED = frozenset(("depends_on", "models", "networks"))
_LISTED = frozenset(
    ("dns", "dns_opt", "dns_search", "env_file", "extra_hosts", "label_file", "tmpfs", "build.extra_hosts")
)


def laid_over(base: Value, other: Value) -> Value:
    """One Compose file's document, and what a later document or file makes of it."""
    return _Merge().merged(base, other, ())


def extended(base: Value, service: Value) -> Value:
    """A service over the one that it extends."""
    merged = _Merge().merged(base, service, ("services", ""))
    kept = tuple(pair for pair in merged.items() if pair[0].text != "extends")
    return replace(merged, pairs=kept)


class _Merge:
    """compose-go's override.MergeYaml, with the keys of its `mergeSpecials` that rules ask about."""

    def __init__(self) -> None:
        self.left = MOST_MERGES

    def merged(self, base: Value, other: Value, path: tuple[str, ...]) -> Value:
        self.left -= 1
        if base is other or other.tag or not base.exists or self.left < 0:
            return other
        within = ".".join(path[2:]) if path[:1] in (("services",), ("jobs",)) and len(path) > 2 else ""
        if within in _REPLACED:
            return other
        if within == "build":
            return self.mappings(_as_build(base), _as_build(other), path)
        if within in _ASSIGNED:
            return _unique(other, [*_entries(base), *_entries(other)], _name_of)
        if within in _NAMED and base.present and other.present:
            return self.mappings(_as_mapping(base), _as_mapping(other), path)
        if within in _LISTED and other.present:
            return _appended(replace(other, members=tuple(base.strings() or base)), other.strings() or other)
        if not other.present:
            return base
        if base.is_mapping and other.is_mapping:
            return self.mappings(base, other, path)
        if base.is_sequence and other.is_sequence:
            merged = _appended(base, other)
            index = _UNIQUE.get(within)
            return merged if index is None else _unique(base, list(merged), index)
        return other

    def mappings(self, base: Value, other: Value, path: tuple[str, ...]) -> Value:
        pairs = {key.text: (key, value) for key, value in base.pairs or ()}
        for key, value in other.pairs or ():
            if key.text in pairs:
                first, before = pairs[key.text]
                pairs[key.text] = first, self.merged(before, value, (*path, key.text))
            else:
                pairs[key.text] = key, value
        # What two files tell of stands where it is told of first.
        at = base.location if base.present else other.location
        return replace(base, location=at, pairs=tuple(pairs.values()), null=False)


def _as_build(value: Value) -> Value:
    if not value.is_scalar or not value.present:
        return value
    return Value(value.location, pairs=((replace(value, text="context"), value),))


def _as_mapping(value: Value) -> Value:
    if value.is_mapping:
        return value
    return Value(value.location, pairs=tuple((one, Value(one.location, null=True)) for one in value.strings()))


def _entries(value: Value) -> Iterator[Value]:
    """`NAME=value` of each entry of a mapping or a list."""
    if not value.is_mapping:
        yield from value.strings()
        return
    for key, one in value.items():
        text = key.text if one.null else f"{key.text}={one.text}"
        yield replace(one, text=text, null=False)


def _appended(base: Value, other: Iterable[Value]) -> Value:
    members = list(base)
    seen = {_plain(one) for one in members}
    for one in other:
        if _plain(one) not in seen:
            members.append(one)
    return replace(base, members=tuple(members))


def _unique(like: Value, entries: Iterable[Value], index: Callable[[Value], str]) -> Value:
    """One entry for each name: the last, where the first stood."""
    found: dict[str, Value] = {}
    for entry in entries:
        found[index(entry)] = entry
    return Value(like.location, members=tuple(found.values()))


def _plain(value: Value) -> object:
    if value.pairs is not None:
        return tuple((key.text, _plain(one)) for key, one in value.pairs)
    if value.members is not None:
        return tuple(map(_plain, value.members))
    return None if value.null else value.text


def _name_of(entry: Value) -> str:
    return entry.text.partition("=")[0]


def _target_of_volume(entry: Value) -> str:
    if entry.is_mapping:
        return entry["target"].text
    return mount_of(entry.text)[1]


def _target_of_mount(entry: Value) -> str:
    return entry["target"].text or entry["source"].text if entry.is_mapping else entry.text


_UNIQUE: dict[str, Callable[[Value], str]] = {
    "cap_add": _name_of,
    "cap_drop": _name_of,
    "profiles": _name_of,
    "links": _name_of,
    "volumes": _target_of_volume,
    "secrets": _target_of_mount,
    "configs": _target_of_mount,
}

_DRIVE = compiled(r"[A-Za-z]:[\\/]")


def mount_of(text: str) -> tuple[str, str]:
    """The host's side and the container's of a volume in its short form; no host's side for an anonymous one."""
    drive = text[:2] if _DRIVE.match(text) else ""
    source, colon, rest = text[len(drive) :].partition(":")
    if not colon:
        return "", text
    return drive + source, rest.partition(":")[0] if not _DRIVE.match(rest) else rest
