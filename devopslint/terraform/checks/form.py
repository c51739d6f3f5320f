"""Ways of writing that Terraform has better ones for, and keys that are given twice."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from devopslint.deferred import NamedTuple, compiled
from devopslint.model import Location, Problem
from devopslint.registry import check
from devopslint.terraform import expressions as hcl
from devopslint.terraform.files import ModuleFile
from devopslint.terraform.modules import Terraform
from devopslint.terraform.reader import Attribute
from devopslint.terraform.source import SourceText, all_attributes, line_starts, located
from devopslint.terraform.subjects import ModuleSubject, modules


class WrittenNode(NamedTuple):
    """A node of an expression, with its place."""

    node: hcl.Expression
    source: SourceText
    begin: int
    """Where the text of its expression begins in the file."""
    inside: frozenset[str]
    """The kinds of node around it."""

    label: str = ""

    @property
    def location(self) -> Location:
        return self.source.location(self.begin + self.node.start, self.begin + self.node.end)


class FileText(NamedTuple):
    """A file, for what is written between its values."""

    source: SourceText
    gaps: tuple[tuple[int, int], ...]
    """Where no text stands that is a value."""

    @property
    def label(self) -> str:
        return self.source.path


def written(file: ModuleFile) -> Iterator[WrittenNode]:
    """The nodes that a rule asks about; an expression without such text is not walked."""
    source = file.source
    if not _WORTH_WALKING.search(source.text):
        return
    for attribute in all_attributes(source.body):
        begin = attribute.value_start
        if not _WORTH_WALKING.search(source.text, begin, attribute.value_end):
            continue
        if (tree := source.value(attribute)) is not None:
            for node, inside in _nodes(tree):
                if isinstance(node, _KINDS):
                    yield WrittenNode(node, source, begin, inside)


_WORTH_WALKING = compiled(r'"\$\{|lookup\(|\[\s*\]|\.\*|\.\d')
_KINDS = (hcl.Wrapped, hcl.Reference, hcl.Relative, hcl.Splat, hcl.Call, hcl.Operation)


def _nodes(tree: hcl.Expression) -> Iterator[tuple[hcl.Expression, frozenset[str]]]:
    pending: list[tuple[hcl.Expression, frozenset[str]]] = [(tree, frozenset())]
    while pending:
        node, inside = pending.pop()
        yield node, inside
        if isinstance(node, hcl.Wrapped):
            inside = inside | {"wrapped"}
        if type(node) not in hcl.LEAVES:
            pending.extend([(child, inside) for child in reversed(hcl.children(node))])


@check("tf-deprecated-interpolation", each=written)
def deprecated_interpolation(written: WrittenNode) -> Iterator[Problem]:
    # JSON has no other way to write an expression.
    if isinstance(written.node, hcl.Wrapped) and not written.inside and not written.location.path.endswith(".json"):
        yield Problem(written.location, 'an expression alone needs no "${ }" around it')


@check("tf-deprecated-index", each=written)
def deprecated_index(written: WrittenNode) -> Iterator[Problem]:
    node = written.node
    if isinstance(node, hcl.Splat) and node.attributes_only:
        yield Problem(written.location, "the splat .* is an old form of [*]")
    elif isinstance(node, hcl.Reference | hcl.Relative | hcl.Splat):
        for step in node.steps:
            if isinstance(step, hcl.Index) and step.legacy:
                yield Problem(written.location, f"the index .{step.key} is an old form of [{step.key}]")
                break


@check("tf-deprecated-lookup", each=written)
def deprecated_lookup(written: WrittenNode) -> Iterator[Problem]:
    node = written.node
    if isinstance(node, hcl.Call) and node.name == "lookup" and len(node.arguments) == 2:
        yield Problem(written.location, "lookup without a default is an old form of map[key]")


@check("tf-empty-list-equality", each=written)
def empty_list_equality(written: WrittenNode) -> Iterator[Problem]:
    node = written.node
    if isinstance(node, hcl.Operation) and node.operator in ("==", "!="):
        if any(_is_empty(side) for side in (node.left, node.right)):
            yield Problem(
                written.location, f"{node.operator} [] compares types too: length() says whether a list is empty"
            )


def _is_empty(node: hcl.Expression) -> bool:
    return isinstance(node, hcl.Tuple) and not node.items


_COMMENT = compiled(r"//[^\n]*|#[^\n]*|/\*.*?\*/", re.DOTALL)


def texts(file: ModuleFile) -> Iterator[FileText]:
    source = file.source
    if ("//" in source.text or "/*" in source.text) and not source.is_json:
        regions = sorted(region for one in all_attributes(source.body) for region in _spoken(source, one))
        gaps, position = [], 0
        for start, end in regions:
            gaps.append((position, start))
            position = max(position, end)
        gaps.append((position, len(source.text)))
        yield FileText(source, tuple(gaps))


def _spoken(source: SourceText, attribute: Attribute) -> Iterator[tuple[int, int]]:
    """Where in a value something stands in which a comment would be none: its texts, or all where it cannot be read."""
    begin, end = attribute.value_start, attribute.value_end
    if (source.text.find("//", begin, end) < 0 and source.text.find("/*", begin, end) < 0) or (
        tree := source.value(attribute)
    ) is None:
        yield begin, end
    else:
        for node in hcl.walk(tree):
            if isinstance(node, hcl.Template):
                yield from (
                    (begin + part.start, begin + part.end) for part in node.parts if isinstance(part, hcl.Literal)
                )


@check("tf-comment-syntax", each=texts)
def comment_syntax(file: FileText) -> Iterator[Problem]:
    text = file.source.text
    for start, end in file.gaps:
        for found in _COMMENT.finditer(text, start, end):
            said = found[0]
            if said.startswith("//") and not _in_label(text, found.start()):
                at = file.source.location(found.start(), found.end())
                yield Problem(at, "a comment of one line begins with #")
            elif said.startswith("/*") and "\n" in said:
                at = file.source.location(found.start(), found.end())
                yield Problem(at, "each line of a comment begins with #")


def _in_label(text: str, position: int) -> bool:
    """Whether the place is inside a quoted label."""
    begin = text.rfind("\n", 0, position) + 1
    return text.count('"', begin, position) % 2 == 1


class ObjectKeys(NamedTuple):
    """A key that an object gives twice."""

    key: str
    location: Location
    first: int
    label: str = ""


def repeated_keys(terraform: Terraform) -> Iterator[ObjectKeys]:
    for subject in modules(terraform):
        for file in subject.module.files:
            starts: Sequence[int] = ()
            doubtful = frozenset(subject.module.spoken_in(file).doubtful)
            for attribute in all_attributes(file.body) if doubtful else ():
                if attribute.value_start not in doubtful:
                    continue
                for node in hcl.walk(tree) if (tree := file.value(attribute)) is not None else ():
                    if isinstance(node, hcl.Object) and len(node.items) > 1:
                        starts = starts or line_starts(file.text)
                        yield from _repeated(subject, file, starts, attribute.value_start, node)


def _repeated(
    subject: ModuleSubject, file: SourceText, starts: Sequence[int], begin: int, node: hcl.Object
) -> Iterator[ObjectKeys]:
    seen: dict[str, hcl.Expression] = {}
    for item in node.items:
        key = subject.instance.key_text(file, begin, item.key)
        if key is None:
            continue
        if key in seen:
            at = located(file.path, starts, begin + item.key.start, begin + item.key.end)
            yield ObjectKeys(key, at, bisect_right(starts, begin + seen[key].start))
        seen[key] = item.key


@check("tf-duplicate-map-key", each=repeated_keys)
def duplicate_map_key(repeated: ObjectKeys) -> Iterator[Problem]:
    yield Problem(
        repeated.location, f"key '{repeated.key}' is given twice, first at line {repeated.first}, and the last one wins"
    )


_LIST = compiled(r"(?:\ufeff|\s|//[^\n]*\n)*+\[")


def lists(file: ModuleFile) -> Iterator[FileText]:
    if file.source.is_json and _LIST.match(file.source.text):
        yield FileText(file.source, ())


@check("tf-json-list", each=lists)
def json_list(file: FileText) -> Iterator[Problem]:
    start = file.source.text.index("[")
    yield Problem(file.source.location(start, start + 1), "a list of objects stands where one object is documented")
