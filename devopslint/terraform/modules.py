"""The modules of a tree: what each declares, how they call each other, and what their names stand for."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import ClassVar, Self

from devopslint.deferred import NamedTuple, cached_property, compiled
from devopslint.model import KnownFiles, Location, NamedFile, ProjectView, Related, Summaries
from devopslint.readers.folders import TRIED_OR_SHOWN
from devopslint.readers.gitignore import Gitignore
from devopslint.terraform import expressions as hcl
from devopslint.terraform.files import LockedProviders, Readme, StateKept, Submodules
from devopslint.terraform.providers import Use, uses
from devopslint.terraform.reader import Attribute, Block
from devopslint.terraform.references import Spoken, references_in, spoken_in
from devopslint.terraform.registry_modules import CREATES, Built, built_from
from devopslint.terraform.source import SourceText
from devopslint.terraform.values import (
    MOST_STEPS,
    UNKNOWN,
    Evaluation,
    Span,
    Target,
    Value,
    choice,
    completed,
    targets_of,
)

MOST_CALLS = 2_000
"""Calls of modules that are followed; a tree that makes more of them has the others judged by themselves."""
MOST_DEEP = 20
"""Modules that call modules."""
MOST_COPIES = 20
"""Of one resource or module, by `count` and `for_each`; one stands for all of more."""

_MODULE_ENDINGS = (".tf", ".tofu", ".tf.json", ".tofu.json")
_COMMON_NAMES = frozenset(
    f"{stem}.tf"
    for stem in ("main", "variables", "outputs", "versions", "providers", "provider", "terraform", "locals")
)
_BACKEND_FILE = compiled(r"(?m)^(?:[\w./*-]*/)?([\w*-]*backend[\w*-]*\.tf(?:\.json)?)[ \t\r]*$")
"""A line of a .gitignore about a file that is called after its backend."""
_WRAPPERS = (".tm.hcl", "/atmos.yaml", "/atmos.yml", "_tfscaffold.tf")
"""Files of programs that write the file with the backend before they run Terraform."""
_WRITERS = frozenset(("local_file", "local_sensitive_file"))
_WRITTEN = compiled(
    r'"(?:\$\{(?:abspath\()?path\.(?:cwd|module|root)\)?\}/)?(?P<folder>(?:[^"$/]+/)*)[^"/]*\.(?:tf|tofu)(?:\.json)?"'
)
"""The name that a file of Terraform's is written under."""
_CONTEXT = frozenset(("path", "terraform", "self", "count", "each"))


class Declaration(NamedTuple):
    """A block of a module, with those of override files that change it."""

    source: SourceText
    block: Block
    overrides: tuple[tuple[SourceText, Block], ...] = ()

    @property
    def location(self) -> Location:
        return self.source.of_block(self.block)

    def attribute(self, name: str) -> tuple[SourceText, Attribute] | None:
        """Where an attribute is set; the last override has the last word."""
        for source, block in (*reversed(self.overrides), (self.source, self.block)):
            for attribute in block.attributes:
                if attribute.name == name:
                    return source, attribute
        return None

    def overridden_by(self, other: Declaration) -> Declaration:
        return self._replace(overrides=(*self.overrides, (other.source, other.block)))

    @property
    def attributes(self) -> list[tuple[SourceText, Attribute]]:
        """Every attribute, with the file that it is set in, also those that overrides set."""
        blocks = ((self.source, self.block), *self.overrides)
        return [(source, attribute) for source, block in blocks for attribute in block.attributes]

    def tree(self, name: str) -> hcl.Expression | None:
        found = self.attribute(name)
        return None if found is None else found[0].value(found[1])

    def literal(self, name: str) -> str | None:
        """The text of an attribute, where it is one text without anything put in."""
        return literal_text(self.tree(name))

    def at(self, name: str) -> Location:
        """Where the attribute is set, or where it is missing."""
        found = self.attribute(name)
        return self.source.of_block(self.block, missing=name) if found is None else found[0].of_attribute(found[1])


def literal_text(tree: hcl.Expression | None) -> str | None:
    if isinstance(tree, hcl.Template) and len(tree.parts) == 1 and isinstance(tree.parts[0], hcl.Literal):
        return str(tree.parts[0].value)
    return None


class Body:
    """A block's body with what its names stand for."""

    def __init__(
        self,
        instance: Instance,
        source: SourceText,
        block: Block,
        names: Mapping[str, Value],
        overrides: tuple[tuple[SourceText, Block], ...] = (),
        *,
        maybe: bool = False,
        header: Block | None = None,
    ) -> None:
        self.instance, self.source, self.block, self.names = instance, source, block, names
        self.overrides = overrides
        self.maybe = maybe
        """True where it may not be there: nobody knows how often a dynamic block is repeated."""
        self.header = header or block
        self._values: dict[str, Value] = {}
        self._inner: dict[str, list[AnyBody]] = {}

    @cached_property
    def location(self) -> Location:
        return self.source.of_block(self.header)

    @property
    def file_path(self) -> str:
        return self.source.path

    def written(self, name: str) -> bool:
        return name in self._set

    @cached_property
    def _set(self) -> dict[str, Attribute]:
        """The attributes by name; the last override has the last word."""
        own = {attribute.name: attribute for attribute in reversed(self.block.attributes)}
        for _, block in self.overrides:
            own.update({attribute.name: attribute for attribute in reversed(block.attributes)})
        return own

    def says(self, name: str) -> bool:
        """Whether an attribute or a block of that name is there, one that a dynamic block makes too."""
        return name in self._set or name in self._block_names

    def says_any(self, names: frozenset[str]) -> bool:
        return not (names.isdisjoint(self._block_names) and names.isdisjoint(self._set))

    @cached_property
    def _block_names(self) -> frozenset[str]:
        names: set[str] = set()
        for block in (self.block, *(block for _, block in self.overrides)) if self.overrides else (self.block,):
            for inner in block.blocks:
                names.add(inner.type)
                if inner.type == "dynamic":
                    names.update(inner.labels)
        return frozenset(names)

    @property
    def _parts(self) -> tuple[tuple[SourceText, Block], ...]:
        return (
            (*reversed(self.overrides), (self.source, self.block)) if self.overrides else ((self.source, self.block),)
        )

    def get(self, path: str) -> Value:
        """The value of an attribute; `a.b` is b in the first block a."""
        found = self._values.get(path)
        if found is None:
            first, _, rest = path.partition(".")
            found = self._values[path] = self._inside(first, rest) if rest else self._attribute(first)
        return found

    def _attribute(self, name: str) -> Value:
        found = self._set.get(name)
        if found is not None:
            source = self.source
            if self.overrides:
                source = next((one for one, block in self._parts if found in block.attributes), source)
            return self.instance.value_of(source, found, self.names)
        if self.block.broken:
            return UNKNOWN._replace(used=self._span)
        return self._missing(name)

    def _inside(self, first: str, rest: str) -> Value:
        inner = self.blocks(first)
        if not inner:
            if self.written(first) and not self._attribute(first).absent and not self._attribute(first).complete:
                return UNKNOWN._replace(used=self._span)
            return UNKNOWN._replace(used=self._span) if self.block.broken else self._missing(first)
        found = inner[0].get(rest)
        return UNKNOWN._replace(used=found.used) if inner[0].maybe and found.kind == "absent" else found

    def _missing(self, name: str) -> Value:
        return Value("absent", None, None, self._span, False, None, name)

    @cached_property
    def _span(self) -> Span:
        return Span(self.source, self.header.start, self.header.header_end)

    def blocks(self, name: str) -> list[AnyBody]:
        """The blocks of a type: written, made by a dynamic block, or given as a list of objects."""
        if not self.says(name):
            return []
        found = self._inner.get(name)
        if found is None:
            found = self._inner[name] = list(self._blocks(name))
        return found

    def _blocks(self, name: str) -> Iterator[AnyBody]:
        for source, block in self._parts:
            for inner in block.blocks:
                if inner.type == name:
                    yield Body(self.instance, source, inner, self.names, maybe=self.maybe)
                elif inner.type == "dynamic" and inner.labels == (name,):
                    yield from self._dynamic(source, inner, name)
            if name in self._set and any(attribute.name == name for attribute in block.attributes):
                value = self._attribute(name)
                for option in value.options:
                    items = option.items if option.kind == "list" else (option,)
                    for item in items:
                        if item.kind in ("map", "unknown"):
                            yield Given(item, maybe=value.kind == "choice")

    def _dynamic(self, source: SourceText, block: Block, name: str) -> Iterator[Body]:
        content = next((inner for inner in block.blocks if inner.type == "content"), None)
        if content is None:
            return
        iterator = name
        for_each = UNKNOWN
        for attribute in block.attributes:
            if attribute.name == "iterator" and isinstance(tree := source.value(attribute), hcl.Reference):
                iterator = tree.root
            elif attribute.name == "for_each":
                for_each = self.instance.value_of(source, attribute, self.names)
        for key, value, sure in each_of(for_each):
            names = {**self.names, iterator: Value("map", {"key": key, "value": value})}
            yield Body(self.instance, source, content, names, maybe=self.maybe or not sure, header=block)


class Given:
    """An object that stands where a block could: `ingress = [{ … }]`."""

    def __init__(self, value: Value, *, maybe: bool = False) -> None:
        self.value = value
        self.maybe = maybe or value.unknown

    @property
    def location(self) -> Location:
        return self.value.location

    def written(self, name: str) -> bool:
        return self.value.kind == "map" and name in self.value.data

    def get(self, path: str) -> Value:
        value = self.value
        for name in path.split("."):
            if value.kind == "list" and len(value.items) == 1:
                value = value.items[0]
            value = _member(value, name)
        return value if value.used is not None or value.written is not None else value._replace(used=self.value.used)

    def blocks(self, name: str) -> list[AnyBody]:
        found = _member(self.value, name)
        items = found.items if found.kind == "list" else (found,)
        return [Given(item, maybe=self.maybe) for item in items if item.kind in ("map", "unknown")]


def _member(value: Value, name: str) -> Value:
    """What an object holds, which in JSON's syntax is not known where a dynamic block in it makes that."""
    found = value.get(name)
    if found.kind == "absent" and value.kind == "map" and "dynamic" in value.data:
        made = value.data["dynamic"]
        if any(name in one.data for one in made.items or (made,) if one.kind == "map"):
            return UNKNOWN._replace(used=found.used, written=found.written)
    return found


AnyBody = Body | Given


def each_of(value: Value) -> Iterator[tuple[Value, Value, bool]]:
    """(key, value, whether it is there for sure) of all that a `for_each` goes through; one for all where unknown."""
    if value.kind == "choice":
        for option in value.options:
            for key, item, _ in each_of(option):
                yield key, item, False
        return
    if value.kind == "map":
        pairs = [(Value("scalar", key, value.written), item) for key, item in value.data.items()]
    elif value.kind == "list":
        pairs = [(item, item) for item in value.items]
    elif value.absent:
        return
    else:
        yield UNKNOWN, UNKNOWN._replace(target=value.target), False
        return
    if len(pairs) > MOST_COPIES:
        yield UNKNOWN, UNKNOWN, True
        return
    for key, item in pairs:
        yield key, item, True
    if value.open:
        yield UNKNOWN, UNKNOWN, False


class Resource(Body):
    """A resource or data source that is, or may be, built."""

    def __init__(
        self, instance: Instance, declared: Declaration, names: Mapping[str, Value], *, maybe: bool, copy: bool = False
    ) -> None:
        super().__init__(instance, declared.source, declared.block, names, declared.overrides, maybe=maybe)
        self.mode = declared.block.type
        self.type, self.name = declared.block.labels[0], declared.block.labels[1]
        self.copy = copy
        """True for one of several that a `for_each` makes, or a `count` of which each looks at its number."""

    @property
    def address(self) -> str:
        return f"{'data.' if self.mode == 'data' else ''}{self.type}.{self.name}"

    @property
    def label(self) -> str:
        return self.address

    @property
    def target(self) -> Target:
        return Target(self.instance.id, self.mode, self.type, self.name)

    @property
    def told(self) -> tuple[Related, ...]:
        """How it came to be: the calls of modules that lead here."""
        return self.instance.told

    def absent(self, path: str) -> bool:
        """Whether an attribute is certainly not set."""
        return self.get(path).absent

    def refers(self, path: str) -> Target | None:
        """The resource that an attribute refers to."""
        target = self.get(path).target
        return None if target is None else target.resource


class BuiltElsewhere(Resource):
    """A resource that a module of the registry builds, as far as its call says: all else of it is unknown."""

    def __init__(
        self, instance: Instance, call: Declaration, names: Mapping[str, Value], *, maybe: bool, built: Built
    ) -> None:
        Body.__init__(self, instance, call.source, call.block, names, call.overrides, maybe=maybe)
        self.mode, self.type, self.name, self.copy = "module", built.type, call.block.labels[0], False
        self.built = built

    @property
    def address(self) -> str:
        return f"module.{self.name}"

    @property
    def target(self) -> Target:
        return Target(self.instance.id, "module", "", self.name)

    def get(self, path: str) -> Value:
        passed = (path,) if path.partition(".")[0] in self.built.passed else ()
        for argument in self.built.renamed.get(path, passed):
            value = super().get(argument)
            if not value.absent:
                return value
        if path in self.built.unless_said:
            return self._missing(path)
        return UNKNOWN._replace(used=self._span)

    def written(self, name: str) -> bool:
        return name in self.built.passed and super().written(name)

    def says(self, name: str) -> bool:
        return name in self.built.passed and super().says(name)

    def says_any(self, names: frozenset[str]) -> bool:
        return any(self.says(name) for name in names)


class ModuleCall(NamedTuple):
    """`module "x"`."""

    declared: Declaration
    folder: str

    @property
    def name(self) -> str:
        return self.declared.block.labels[0]

    @property
    def label(self) -> str:
        return f"module.{self.name}"

    @property
    def location(self) -> Location:
        return self.declared.location

    @property
    def source(self) -> str | None:
        """Where it comes from, where that is written as it is."""
        return self.declared.literal("source")


class Module:
    """One directory of files."""

    def __init__(
        self,
        folder: str,
        files: Iterable[SourceText],
        values: Iterable[SourceText],
        spoken: Mapping[str, Spoken] = MappingProxyType({}),
    ) -> None:
        self.folder = folder
        self._spoken = spoken
        every = list(files)
        tofu = {file.name.replace(".tofu", ".tf") for file in every if ".tofu" in file.name}
        self.files = [file for file in every if ".tofu" in file.name or file.name not in tofu]
        self.values = list(values)
        self.broken = any(file.body.broken or any(b.broken for b in file.body.blocks) for file in self.files)
        self.variables: dict[str, Declaration] = {}
        self.outputs: dict[str, Declaration] = {}
        self.locals: dict[str, tuple[SourceText, Attribute]] = {}
        self.resources: dict[tuple[str, str, str], Declaration] = {}
        self.calls: dict[str, ModuleCall] = {}
        self.chosen_calls: set[str] = set()
        """Names of calls that stand there more than once: Terraform refuses that, so a script takes one of their files."""
        self.providers: list[Declaration] = []
        self.settings: list[Declaration] = []
        """The `terraform` blocks."""
        self.others: list[Declaration] = []
        for override, file in sorted(
            ((is_override(one), one) for one in self.files), key=lambda one: (one[0], one[1].path)
        ):
            for block in file.body.blocks:
                self._declare(Declaration(file, block), override=override)

    def _declare(self, declared: Declaration, *, override: bool) -> None:
        block = declared.block
        labels = len(block.labels)
        if block.type == "variable" and labels == 1:
            _add(self.variables, block.labels[0], declared, override)
        elif block.type == "output" and labels == 1:
            _add(self.outputs, block.labels[0], declared, override)
        elif block.type in ("resource", "data", "ephemeral") and labels == 2:
            _add(self.resources, (block.type, *block.labels), declared, override)
        elif block.type == "locals":
            for attribute in block.attributes:
                self.locals[attribute.name] = (declared.source, attribute)
        elif block.type == "module" and labels == 1:
            known = self.calls.get(block.labels[0])
            if known is None:
                self.calls[block.labels[0]] = ModuleCall(declared, self.folder)
            elif override:
                self.calls[block.labels[0]] = ModuleCall(known.declared.overridden_by(declared), self.folder)
            else:
                self.chosen_calls.add(block.labels[0])
        elif block.type == "provider" and labels == 1:
            self.providers.append(declared)
        elif block.type == "terraform":
            self.settings.append(declared)
        else:
            self.others.append(declared)

    @property
    def label(self) -> str:
        return self.folder or "."

    @cached_property
    def location(self) -> Location:
        """The first block of the file that one would look into first."""
        names = ("versions.tf", "terraform.tf", "providers.tf", "main.tf")
        ranked = sorted(self.files, key=lambda one: (names.index(one.name) if one.name in names else 9, one.path))
        blocks = ranked[0].body.blocks
        return ranked[0].of_block(blocks[0]) if blocks else Location(ranked[0].path, 1, 1, 1, 1)

    @cached_property
    def aside(self) -> bool:
        """Whether it is an example or a test."""
        return is_aside(self.folder)

    @cached_property
    def backends(self) -> list[tuple[Declaration, Block]]:
        """The `backend` and `cloud` blocks."""
        return [
            (setting, inner)
            for setting in self.settings
            for inner in setting.block.blocks
            if inner.type in ("backend", "cloud")
        ]

    @cached_property
    def repeated_defaults(self) -> frozenset[str]:
        """Texts that three variables or more have for a default."""
        counted = Counter(text for one in self.variables.values() if (text := one.literal("default")))
        return frozenset(text for text, times in counted.items() if times > 2)

    @cached_property
    def root(self) -> bool:
        """Whether it is what one applies, and no example of it."""
        if self.aside or "modules" in self.folder.split("/"):
            return False
        return bool(self.backends) or any(
            {attribute.name for attribute in one.block.attributes} - {"alias", "version"} or one.block.blocks
            for one in self.providers
        )

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """The first use of each provider, and of each configuration of it."""
        found: dict[tuple[str, str], Use] = {}
        for use in uses(self.files):
            found.setdefault((use.name, use.alias), use)
        return tuple(found.values())

    @cached_property
    def used_variables(self) -> frozenset[str]:
        """Those that something outside of their own declarations refers to."""
        return frozenset(name for file in self.files for name in self.spoken_in(file).used_variables)

    @cached_property
    def references(self) -> dict[str, set[tuple[str, ...]]]:
        """What is referred to anywhere, by the first name: `var` -> {("name",)}, with up to two steps."""
        found: dict[str, set[tuple[str, ...]]] = {}
        for file in self.files:
            for root, *steps in self.spoken_in(file).references:
                found.setdefault(root, set()).add(tuple(steps))
        return found

    def spoken_in(self, file: SourceText) -> Spoken:
        known = self._spoken.get(file.path)
        return spoken_in(file) if known is None else known


def _add(to: dict[object, Declaration] | dict[str, Declaration] | dict[tuple[str, str, str], Declaration], key: object, declared: Declaration, override: bool) -> None:  # fmt: skip
    known: dict[object, Declaration] = to  # type: ignore[assignment]  # one function for all keys
    if override and key in known:
        known[key] = known[key].overridden_by(declared)
    else:
        known.setdefault(key, declared)


def is_override(file: SourceText) -> bool:
    """Whether its blocks change those of the other files: `override.tf`, `backend_override.tf`."""
    stem = file.name.removesuffix(".json").removesuffix(".tf").removesuffix(".tofu")
    return stem == "override" or stem.endswith("_override")


_TRIED = compiled(r"validation\Z|(?:example|sample)s?[-_]|.+[-_](?:example|sample)s?\Z")
"""What folders are called as well that only try modules out, or show how they are called."""


def is_aside(folder: str) -> bool:
    return any(part in TRIED_OR_SHOWN or _TRIED.match(part) is not None for part in folder.lower().split("/"))


_ONCE = frozenset(("count", "for_each", "lifecycle", "dynamic"))
"""What has none of these in it is built, and once."""


class Instance:
    """A module with values for its variables: judged by itself, or as one call of it."""

    def __init__(
        self,
        module: Module,
        tree: Terraform,
        id: str,
        bound: Mapping[str, Value] | None = None,
        told: tuple[Related, ...] = (),
    ) -> None:
        self.module, self.tree, self.id, self.bound, self.told = module, tree, id, bound, told
        self.children: dict[str, list[Instance]] = {}
        """The calls of modules in the tree, by name; several where a call is repeated."""
        self._budget = [MOST_STEPS]
        self._known: dict[tuple[str, str], Value] = {}
        self._busy: set[tuple[str, str]] = set()

    def value_of(self, source: SourceText, attribute: Attribute, names: Mapping[str, Value], depth: int = 0) -> Value:
        used = Span(source, attribute.value_start, attribute.value_end)
        tree = source.value(attribute)
        if tree is None:
            return UNKNOWN._replace(used=used)
        evaluation = Evaluation(source, attribute.value_start, self._resolve, self._budget, depth)
        kind, data, written, _, open, target, wanted = evaluation.value(tree, names)
        return Value(kind, data, written or used, used, open, target, wanted)

    def key_text(self, source: SourceText, begin: int, node: hcl.Expression) -> str | None:
        """What the key of an object says; None where that is not known, or differs from turn to turn."""
        if isinstance(node, hcl.Reference) and not node.steps:
            return node.root
        for one in references_in(node):
            declared = self.module.variables.get(str(one.steps[0])) if one.root == "var" and one.steps else None
            if declared is not None and self.body(declared).get("sensitive").is_true:
                return None  # nothing is to be told of it
        return Evaluation(source, begin, self._resolve, self._budget).key(node, {})

    def _resolve(self, node: hcl.Reference, depth: int) -> tuple[Value, int]:
        steps = node.steps
        first = steps[0] if steps and isinstance(steps[0], str) else None
        if node.root in _CONTEXT or first is None:
            return UNKNOWN, 0
        if node.root == "var":
            return self._once("var", first, lambda: self._variable(first, depth)), 1
        if node.root == "local":
            return self._once("local", first, lambda: self._local(first, depth)), 1
        if node.root == "module":
            return self._output(first, steps, depth)
        if node.root in ("data", "ephemeral"):
            second = steps[1] if len(steps) > 1 and isinstance(steps[1], str) else ""
            return UNKNOWN._replace(target=Target(self.id, node.root, first, second)), 2
        return UNKNOWN._replace(target=Target(self.id, "resource", node.root, first)), 1

    def _once(self, kind: str, name: str, find: Callable[[], Value]) -> Value:
        key = (kind, name)
        if key not in self._known:
            if key in self._busy:
                return UNKNOWN  # it refers to itself
            self._busy.add(key)
            found = find()
            self._busy.discard(key)
            self._known[key] = found._replace(used=None)
        return self._known[key]

    def _variable(self, name: str, depth: int) -> Value:
        declared = self.module.variables.get(name)
        given = self._given_to(name, declared, depth)
        type = None if declared is None or given.unknown else declared.attribute("type")
        if type is None or type[1].form == "plain" or "optional(" not in type[0].text_of(type[1]):
            return given
        source, attribute = type
        tree = source.value(attribute)
        evaluation = Evaluation(source, attribute.value_start, self._resolve, self._budget, depth)
        asked = self.bound is None and not self.module.root
        return given if tree is None else completed(given, tree, evaluation, asked=asked)

    def _given_to(self, name: str, declared: Declaration | None, depth: int) -> Value:
        if self.bound is not None and name in self.bound:
            return self.bound[name]
        if declared is None:
            return UNKNOWN
        options: list[Value] = []
        if self.bound is None:
            given = self.tree.given(self.module, name)
            for file, attribute, certain in given:
                value = self.value_of(file, attribute, {}, depth)
                if certain:
                    return value
                options.append(value)
        found = declared.attribute("default")
        if found is None:
            return UNKNOWN
        value = self.value_of(*found, {}, depth)
        if value.absent and self.bound is None and not self.module.root:
            return UNKNOWN  # a module asks its caller so
        return choice([value, *options]) if options else value

    def _local(self, name: str, depth: int) -> Value:
        found = self.module.locals.get(name)
        return UNKNOWN if found is None else self.value_of(*found, {}, depth)

    def _output(self, name: str, steps: tuple[str | hcl.Index, ...], depth: int) -> tuple[Value, int]:
        rest = [step for step in steps[1:] if isinstance(step, str)]
        taken = 1 + next((index + 1 for index, step in enumerate(steps[1:]) if isinstance(step, str)), 0)
        children = self.children.get(name, [])
        if not rest or not children:
            return UNKNOWN._replace(target=Target(self.id, "module", "", name)), taken
        child = children[0]
        declared = child.module.outputs.get(rest[0])
        found = None if declared is None else declared.attribute("value")
        if found is None or len(children) > 1:
            return UNKNOWN, taken
        return child._once("output", rest[0], lambda: child.value_of(*found, {}, depth)), taken

    @cached_property
    def resources(self) -> list[Resource]:
        return [
            resource
            for (mode, _, _), declared in self.module.resources.items()
            if mode != "ephemeral"
            for resource in self._built(declared)
        ]

    def _built(self, declared: Declaration) -> Iterator[Resource]:
        for names, maybe, copy in self.copies(declared):
            yield Resource(self, declared, names, maybe=maybe, copy=copy)

    def copies(self, declared: Declaration) -> Iterator[tuple[dict[str, Value], bool, bool]]:
        """(names, whether it may not be built, whether there are several) for each that count and for_each make."""
        block = declared.block
        if not declared.overrides and _ONCE.isdisjoint([one.name for one in block.attributes]):
            if not block.blocks or _ONCE.isdisjoint([one.type for one in block.blocks]):
                yield {}, False, False
                return
        if (found := declared.attribute("count")) is not None:
            value = self.value_of(*found, {})
            number = value.number
            if number == 0 or value.is_false:
                return
            if number is not None and 1 < number <= MOST_COPIES and block.type != "module" and _counts(declared):
                for turn in range(int(number)):
                    yield {"count": Value("map", {"index": Value("scalar", turn)})}, False, True
                return
            index = Value("scalar", 0) if number == 1 else UNKNOWN
            yield {"count": Value("map", {"index": index})}, number is None, False
        elif (found := declared.attribute("for_each")) is not None:
            for key, item, sure in each_of(self.value_of(*found, {})):
                yield {"each": Value("map", {"key": key, "value": item})}, not sure, True
        elif _is_off(self, declared):
            return
        else:
            yield {}, False, False

    def body(self, declared: Declaration) -> Body:
        return Body(self, declared.source, declared.block, {}, declared.overrides)


def _counts(declared: Declaration) -> bool:
    """Whether one of several differs from the others by its number."""
    return any(
        source.text.find("count.index", block.start, block.end) >= 0
        for source, block in ((declared.source, declared.block), *declared.overrides)
    )


def _is_off(instance: Instance, declared: Declaration) -> bool:
    """Whether OpenTofu's `lifecycle { enabled = false }` takes it away."""
    body = instance.body(declared)
    return body.says("lifecycle") and body.get("lifecycle.enabled").is_false


class Terraform(ProjectView):
    """All modules of a tree."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("terraform", "tfvars", "terraform-state", "terraform-stack")

    def __init__(
        self,
        sources: Iterable[SourceText],
        paths: frozenset[str],
        locks: Iterable[LockedProviders] = (),
        states: Iterable[StateKept] = (),
        readmes: Iterable[Readme] = (),
        submodules: Iterable[Submodules] = (),
        spoken: Iterable[Spoken] = (),
        named: Iterable[NamedFile] = (),
    ) -> None:
        self.submodules = tuple(submodules)
        self._ignoring = [one for one in named if one.path.rpartition("/")[2] == ".gitignore"]
        by_path = {one.path: one for one in spoken}
        folders: dict[str, tuple[list[SourceText], list[SourceText]]] = {}
        self.others: list[SourceText] = []
        for source in sources:
            if source.kind in ("terraform", "tfvars"):
                folders.setdefault(source.folder, ([], []))[source.kind == "tfvars"].append(source)
            else:
                self.others.append(source)
        self.paths = paths
        self.modules = {
            folder: Module(folder, files, values, by_path)
            for folder, (files, values) in sorted(folders.items())
            if files
        }
        self.values = [value for _, values in folders.values() for value in values]
        self.locks = {lock.path.rpartition("/")[0]: lock for lock in locks}
        self._readmes = tuple(readmes)
        self.states = tuple(states)

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        paths = frozenset(path for known in summaries.of(KnownFiles) for path in known.paths)
        return cls(
            summaries.of(SourceText),
            paths,
            summaries.of(LockedProviders),
            summaries.of(StateKept),
            summaries.of(Readme),
            summaries.of(Submodules),
            summaries.of(Spoken),
            summaries.of(NamedFile),
        )

    @cached_property
    def _alone(self) -> dict[str, Instance]:
        return {}

    def alone(self, module: Module) -> Instance:
        """A module by itself, whoever calls it."""
        if module.folder not in self._alone:
            self._alone[module.folder] = Instance(module, self, module.folder)
        return self._alone[module.folder]

    @cached_property
    def half_known(self) -> frozenset[str]:
        """The directories in which something unread may declare more: links, what is excluded, Terragrunt, files to be written.

        One around such a directory may hold what the links lead to.
        """
        read = {file.path for module in self.modules.values() for file in module.files}
        replaced = {path.replace(".tofu", ".tf") for path in read}
        unread = {
            path
            for path in self.paths
            if path.endswith((*_MODULE_ENDINGS, "terragrunt.hcl")) and path not in read and path not in replaced
        }
        # A file that links elsewhere are called after is a part of those modules, and its own folder is none.
        shared = {path.rpartition("/")[2] for path in unread} - _COMMON_NAMES
        linked = {path for path in read if path.rpartition("/")[2] in shared}
        folders = {path.rpartition("/")[0] for path in unread | linked}
        around = {folder.rpartition("/")[0] for folder in folders if "/" in folder}
        return frozenset(folders | around | self._completed | self._written)

    @property
    def _written(self) -> set[str]:
        """The directories into which some module writes a file of Terraform's: what it says there is known once that is applied."""
        folders = set()
        for folder, module in self.modules.items():
            for (_, type, _), declared in module.resources.items():
                named = declared.attribute("filename") if type in _WRITERS else None
                if named is not None:
                    source, attribute = named
                    found = _WRITTEN.match(source.text, attribute.value_start, attribute.value_end)
                    if found is not None:
                        written = posixpath.normpath(posixpath.join(folder, found["folder"]))
                        folders.add("" if written == "." else written)
        return folders

    @property
    def _completed(self) -> set[str]:
        """The directories of tests of whose names none is declared there: who runs the test puts them together."""
        return {
            folder
            for folder, module in self.modules.items()
            if module.aside and not module.variables and "var" in module.references
        }

    def submodule(self, folder: str) -> Submodules | None:
        """The file by which Git fills a folder, or one around it, from another repository."""
        return next(
            (one for one in self.submodules for inside in one.folders if f"{folder}/".startswith(f"{inside}/")), None
        )

    @cached_property
    def readmes(self) -> dict[str, Readme]:
        """What the READMEs say of their modules, by directory."""
        return {readme.path.rpartition("/")[0]: readme for readme in self._readmes}

    @cached_property
    def with_readme(self) -> frozenset[str]:
        """The directories that have one, whatever is read of it."""
        return frozenset(
            folder
            for folder, _, name in (path.rpartition("/") for path in self.paths)
            if name.lower().startswith("readme")
        )

    def runs_tofu(self, module: Module) -> bool:
        """Whether it is OpenTofu that applies a module: by the names of its files, or by where its providers are from."""
        lock = self.locks.get(module.folder)
        return any(file.is_tofu for file in module.files) or (
            lock is not None and any(address.startswith("registry.opentofu.org/") for address in lock.addresses)
        )

    @cached_property
    def terragrunt(self) -> bool:
        return any(path.endswith("terragrunt.hcl") for path in self.paths)

    @cached_property
    def wrapped(self) -> bool:
        """Whether a program that runs Terraform may write the backends: Terragrunt, Terramate, Atmos, tfscaffold."""
        return self.terragrunt or any(f"/{path}".endswith(_WRAPPERS) for path in self.paths)

    def keeps_backend_out(self, module: Module) -> bool:
        """Whether Git keeps no file of a module that would name its backend: whoever runs it writes that file.

        So does who is told, by a comment, to complete a backend that no file has.
        """
        if any("-backend-config" in file.text for file in module.files):
            return True
        for one in self._ignoring:
            above = f"{one.path.rpartition('/')[0]}/".lstrip("/")
            inside = f"{module.folder}/".lstrip("/")
            if inside.startswith(above):
                names = {name.replace("*", "x") for name in _BACKEND_FILE.findall(one.beginning)}
                patterns = Gitignore(one.beginning.encode("utf-8", "replace")) if names else None
                if patterns and any(patterns.verdict(f"{inside}{name}"[len(above) :], False) for name in names):
                    return True
        return False

    def given(self, module: Module, name: str) -> list[tuple[SourceText, Attribute, bool]]:
        """The values of a variable in files of values: (file, attribute, whether Terraform loads it by itself)."""
        automatic: list[tuple[SourceText, Attribute]] = []
        others = []
        for file in self._values_for.get(module.folder, ()):
            for attribute in file.body.attributes:
                if attribute.name == name:
                    if file.folder == module.folder and loads_itself(file.name):
                        automatic.append((file, attribute))
                    else:
                        others.append((file, attribute, False))
        if automatic and not others:
            return [(*automatic[-1], True)]
        return others + [(*one, False) for one in automatic]

    @cached_property
    def _values_for(self) -> dict[str, list[SourceText]]:
        """The files of values by the directory of the module that they are for: their own, or one around it."""
        found: dict[str, list[SourceText]] = {}
        for file in self.values:
            folder = file.folder
            while folder not in self.modules and folder:
                folder = folder.rpartition("/")[0]
            found.setdefault(folder, []).append(file)
        for files in found.values():
            files.sort(key=lambda file: (file.name not in ("terraform.tfvars", "terraform.tfvars.json"), file.name))
            files.sort(key=lambda file: not file.name.startswith("terraform.tfvars"))
        return found

    def called(self, call: ModuleCall) -> Module | None:
        """The module of the tree that a call means."""
        folder = local_folder(call)
        return None if folder is None else self.modules.get(folder)

    @cached_property
    def callers(self) -> dict[str, list[tuple[Module, ModuleCall]]]:
        """The calls of each module of the tree, by its directory."""
        found: dict[str, list[tuple[Module, ModuleCall]]] = {}
        for module in self.modules.values():
            for call in module.calls.values():
                folder = local_folder(call)
                if folder is not None:
                    found.setdefault(folder, []).append((module, call))
        return found

    @cached_property
    def instances(self) -> list[Instance]:
        """Every module as it is called from what is applied; those that nobody calls, by themselves."""
        made: list[Instance] = []
        reached: set[str] = set()
        binding = {
            folder for folder, calls in self.callers.items() if any(_binds(caller, folder) for caller, _ in calls)
        }
        for module in self.modules.values():
            if module.folder not in binding:
                self._follow(Instance(module, self, module.folder), made, reached)
        for module in self.modules.values():
            if module.folder not in reached:
                self._follow(Instance(module, self, module.folder), made, reached)
        return made

    def _follow(self, first: Instance, made: list[Instance], reached: set[str]) -> None:
        pending: list[tuple[Instance, tuple[str, ...]]] = [(first, (first.module.folder,))]
        while pending:
            instance, above = pending.pop()
            made.append(instance)
            reached.add(instance.module.folder)
            for call in instance.module.calls.values():
                child = self.called(call)
                if child is None or not _binds(instance.module, child.folder):
                    continue
                reached.add(child.folder)
                if child.folder in above or len(above) > MOST_DEEP or len(made) + len(pending) > MOST_CALLS:
                    continue
                for number, (names, _, _) in enumerate(instance.copies(call.declared)):
                    body = Body(instance, call.declared.source, call.declared.block, names, call.declared.overrides)
                    bound = {
                        attribute.name: _handed_over(body.get(attribute.name))
                        for _, attribute in call.declared.attributes
                        if attribute.name in child.variables
                    }
                    told = (*instance.told, Related(call.location, f"module {call.name} is called here"))
                    made_id = f"{instance.id}/{call.name}[{number}]"
                    inner = Instance(child, self, made_id, bound, told[-3:])
                    instance.children.setdefault(call.name, []).append(inner)
                    pending.append((inner, (*above, child.folder)))

    @cached_property
    def resources(self) -> list[Resource]:
        return [resource for instance in self.instances for resource in instance.resources]

    @cached_property
    def by_type(self) -> dict[str, list[Resource]]:
        """The resources, without data sources, by their type."""
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            if resource.mode == "resource":
                found.setdefault(resource.type, []).append(resource)
        return found

    def of_types(self, types: Iterable[str]) -> list[Resource]:
        return [resource for type in types for resource in self.by_type.get(type, ())]

    def told_of(self, types: Iterable[str]) -> list[Resource]:
        """Those of types, and what calls of well-known modules say of such."""
        elsewhere = self.built_elsewhere
        return [one for type in types for one in (*self.by_type.get(type, ()), *elsewhere.get(type, ()))]

    @cached_property
    def built_elsewhere(self) -> dict[str, list[Resource]]:
        """What calls of well-known modules say of the resources that these build, by type."""
        found: dict[str, list[Resource]] = {}
        for instance in self.instances:
            for call in instance.module.calls.values():
                for built in built_from(call.source):
                    for resource in _built_elsewhere(instance, call.declared, built):
                        found.setdefault(built.type, []).append(resource)
        return found

    @cached_property
    def handed_out(self) -> frozenset[Target]:
        """The resources that modules from elsewhere are given, and may add to."""
        found: set[Target] = set()
        for instance in self.instances:
            for call in instance.module.calls.values():
                if self.called(call) is None:
                    body = instance.body(call.declared)
                    for _, attribute in call.declared.attributes:
                        found |= targets_of(body.get(attribute.name))
        return frozenset(found)

    @cached_property
    def documents_of_endpoints(self) -> frozenset[Target]:
        """The policy documents that say what goes through the endpoints of a VPC, with those that they are made of."""
        endpoints = self.of_types(("aws_vpc_endpoint", "aws_vpc_endpoint_policy"))
        pending = [target for one in endpoints for target in targets_of(one.get("policy"))]
        found: set[Target] = set()
        while pending:
            target = pending.pop()
            document = self._by_target.get(target) if target not in found else None
            if document is not None and document.type == "aws_iam_policy_document":
                found.add(target)
                for attribute in ("source_policy_documents", "override_policy_documents"):
                    pending.extend(targets_of(document.get(attribute)))
        return frozenset(found)

    @cached_property
    def _by_target(self) -> dict[Target, Resource]:
        return {resource.target: resource for resource in reversed(self.resources)}

    def resource(self, target: Target | None) -> Resource | None:
        """What a value refers to."""
        return None if target is None else self._by_target.get(target.resource)

    @cached_property
    def _referring(self) -> dict[tuple[str, str], dict[Target, list[Resource]]]:
        return {}

    def referring(self, type: str, attribute: str) -> dict[Target, list[Resource]]:
        """The resources of a type by the resource that their attribute refers to."""
        key = (type, attribute)
        if key not in self._referring:
            found: dict[Target, list[Resource]] = {}
            for resource in self.by_type.get(type, ()):
                for target in targets_of(resource.get(attribute)):
                    found.setdefault(target, []).append(resource)
            self._referring[key] = found
        return self._referring[key]

    def without(self, type: str, companion: str, attribute: str) -> Iterator[Resource]:
        """The resources of a type that no companion refers to, and to which no module from elsewhere may give one."""
        accompanied = self.referring(companion, attribute)
        for resource in self.by_type.get(type, ()):
            if resource.target not in accompanied and resource.target not in self.handed_out:
                yield resource


def _built_elsewhere(instance: Instance, call: Declaration, built: Built) -> Iterator[BuiltElsewhere]:
    for names, maybe, _ in instance.copies(call):
        body = Body(instance, call.source, call.block, names, call.overrides)
        switches = [body.get(name) for name in CREATES if body.written(name)]
        if built.wanted:
            switches.append(body.get(built.wanted))
        if not any(switch.is_false or switch.absent for switch in switches):
            unsure = maybe or any(not switch.is_true for switch in switches)
            yield BuiltElsewhere(instance, call, names, maybe=unsure, built=built)


def _handed_over(value: Value) -> Value:
    return value._replace(used=None)


def _binds(caller: Module, folder: str) -> bool:
    """Whether a call says how a module is used: that of an example or a test only shows it."""
    return not caller.aside or is_aside(folder)


def loads_itself(name: str) -> bool:
    """Whether Terraform takes a file of values without being told to."""
    return name in ("terraform.tfvars", "terraform.tfvars.json") or name.endswith((".auto.tfvars", ".auto.tfvars.json"))


def local_folder(call: ModuleCall) -> str | None:
    """The directory that a local source means, relative to the root; None where the source is no local one."""
    source = call.source
    if source is None or not source.startswith(("./", "../")):
        return None
    folder = posixpath.normpath(posixpath.join(call.folder, source))
    return "" if folder == "." else folder
