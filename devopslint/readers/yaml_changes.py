"""What a fix can ask of a YAML file: values put in, taken out and rewritten, as edits that keep all the rest as it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from devopslint.deferred import NamedTuple, compiled
from devopslint.model import Edit
from devopslint.readers.rewriting import LineStarts, Refused, Rewriting, Splice, Uncomment, rewrite, uncommented
from devopslint.readers.yaml import Mapping as MappingNode
from devopslint.readers.yaml import Node, Scalar, Stream
from devopslint.readers.yaml import Sequence as SequenceNode
from devopslint.readers.yaml_file import YamlFile
from devopslint.readers.yaml_proof import GONE, Meant, Parts, Path, Text, prove

_PLAIN = compiled(r"[A-Za-z0-9_./][A-Za-z0-9_./@+-]*(?::[A-Za-z0-9_./@+-]+)*")
_NO_TEXT = compiled(
    r"(?i:true|false|yes|no|on|off|y|n|null|\.inf|\.nan)|[-+.]?[0-9][0-9_,.:eE+-]*|0[xob][0-9a-fA-F_]+|[.-].*"
)
"""What some program takes for something else than the text that it is."""
_EXPRESSION = compiled(r"(?:\$\{\{(?:(?!: | #|\n).)*?\}\}[\w.-]*)+")
_STEP = 2
_ONLY_REASON = "its value is used in several places, by an alias or a merge"


class Put(NamedTuple):
    """A value under keys, one inside the other; those that are not there are made."""

    node: Node
    keys: tuple[str, ...]
    value: Any
    """A scalar, or lists and dicts of them."""
    after: tuple[str, ...] = ()
    """Where the first of the keys is new, it stands behind the first of these that is there."""
    before: str = ""
    """Where none of them is, above this key; where that is not there either, at the end."""


class Drop(NamedTuple):
    """A key is taken out with its value."""

    node: Node
    key: str


class Append(NamedTuple):
    """An item more at the end of a sequence."""

    node: Node
    value: Any


class Remove(NamedTuple):
    """An item of a sequence is taken out."""

    node: Node
    number: int
    """Of the item, from 0."""


class Rename(NamedTuple):
    """A key of another name."""

    node: Node
    key: str
    name: str


class Rewrite(NamedTuple):
    """Another text in place of a part of a scalar's, on one line."""

    node: Node
    start: int
    end: int
    text: str


Change = Put | Drop | Append | Remove | Rename | Rewrite | Uncomment | Edit
"""An Edit is a change of form: no value of the file is another one after it."""


def rewritten(view: YamlFile, text: str, offers: Sequence[Sequence[Change]]) -> Rewriting:
    """The text of the view's file with as many offers followed as can be proved together."""
    tree = Tree(view.stream, text)
    return rewrite(text, offers, partial(_planned, tree))


def _planned(tree: Tree, offers: Sequence[Sequence[Change]]) -> tuple[list[Splice], Any]:
    plan = Plan(tree)
    for changes in offers:
        for change in changes:
            plan.add(change)
    splices = list(plan.splices())
    return splices, lambda changed: prove(tree.text, changed, plan.meant, plan.comments)


class Tree:
    """A stream's nodes with the ways to them."""

    def __init__(self, stream: Stream, text: str) -> None:
        if stream.source.text != text:
            raise Refused("the file is not read as it stands")
        self.text = text
        self.lines = LineStarts(text)
        self.stream = stream
        self._paths: dict[int, Path] = {}
        self._parents: dict[int, Node | None] = {}
        self._shared: set[int] = set()
        parts = Parts(text)
        for document in stream.documents:
            self._walk(document.root, (parts.number(document.root.start),))
        self.step, self.offset = self._style()

    def _walk(self, root: Node, start: Path) -> None:
        stack: list[tuple[Node, Path, Node | None]] = [(root, start, None)]
        while stack:
            node, path, parent = stack.pop()
            if id(node) in self._paths:
                self._shared.add(id(node))
                continue
            self._paths[id(node)] = path
            self._parents[id(node)] = parent
            if isinstance(node, MappingNode):
                stack.extend((value, (*path, key.text), node) for key, value in node.entries)
            elif isinstance(node, SequenceNode):
                stack.extend((item, (*path, index), node) for index, item in enumerate(node))

    def _style(self) -> tuple[int, int]:
        """How far a mapping is indented below its key, and a sequence below its."""
        step = offset = None
        for document in self.stream.documents:
            for node in document.root.walk():
                if node.key is None or (step is not None and offset is not None):
                    continue
                inner, outer = self.lines.place(node.start), self.lines.place(node.key.start)
                if inner[0] == outer[0] or node.start < node.key.start:
                    continue
                if isinstance(node, MappingNode) and not node.flow and step is None:
                    step = inner[1] - outer[1]
                if isinstance(node, SequenceNode) and offset is None and self.text[node.start] == "-":
                    offset = inner[1] - outer[1]
        step = step if step is not None and step > 0 else _STEP
        return step, offset if offset is not None and offset >= 0 else step

    def path(self, node: Node) -> Path:
        """The only way to a node. Raises Refused where there are several, or none in this file."""
        if id(node) not in self._paths:
            twice = any(document.duplicates for document in self.stream.documents)
            raise Refused("a key stands twice in the file" if twice else "it is not written in this file as such")
        ancestor: Node | None = node
        while ancestor is not None:
            if id(ancestor) in self._shared:
                raise Refused(_ONLY_REASON)
            ancestor = self._parents[id(ancestor)]
        return self._paths[id(node)]

    def parent(self, node: Node) -> Node | None:
        return self._parents[id(node)]

    def in_flow(self, node: Node) -> bool:
        """Whether it stands in brackets."""
        ancestor: Node | None = node
        while ancestor is not None:
            if is_flow(ancestor, self.text):
                return True
            ancestor = self._parents[id(ancestor)]
        return False


def is_flow(node: Node, text: str) -> bool:
    if isinstance(node, MappingNode):
        return node.flow
    return isinstance(node, SequenceNode) and text.startswith("[", node.start)


class Plan:
    """Changes to one tree that go together."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.lines = tree.lines
        self.meant = Meant()
        self.comments: list[str] = []
        """Those that are taken away."""
        self._new: dict[int, tuple[Node, dict[str, Any]]] = {}
        """By the mapping that they go into, the new keys with their values."""
        self._where: dict[tuple[int, str], Put] = {}
        self._items: dict[int, tuple[Node, list[Any]]] = {}
        self._splices: list[Splice] = []

    def add(self, change: Change) -> None:
        """Raises Refused where it does not fit, or goes against another."""
        match change:
            case Put():
                self._put(change)
            case Drop():
                self._drop(change)
            case Append():
                self.meant.add(self.tree.path(change.node), change.value, item=True)
                self._items.setdefault(id(change.node), (change.node, []))[1].append(change.value)
            case Remove():
                self._remove(change)
            case Rename():
                self._rename(change)
            case Rewrite():
                self._rewrite(change)
            case Uncomment():
                self._uncomment(change)
            case _:
                self._splices.append(self.lines.splice(change))

    def _put(self, put: Put) -> None:
        node, path = put.node, self.tree.path(put.node)
        for number, key in enumerate(put.keys):
            child = own(node, key)
            rest = put.keys[number:]
            if child is None or (not child.present and child.is_scalar and len(rest) > 1):
                self._put_new(put, node if child is None else child, path, rest if child is None else rest[1:], key)
                return
            if len(rest) == 1:
                self._replace(child, path, key, put.value)
                return
            if not child.is_mapping:
                raise Refused(f"'{key}' is no mapping")
            node, path = child, self.tree.path(child)

    def _put_new(self, put: Put, node: Node, path: Path, keys: Sequence[str], key: str) -> None:
        if isinstance(node, MappingNode) and node[keys[0]].exists:
            raise Refused(_ONLY_REASON)
        if not node.is_mapping:
            path = (*path, key)
            self.tree.path(node)
        value = put.value
        for inner in reversed(keys[1:]):
            value = {inner: value}
        self.meant.add((*path, *keys), put.value)
        _, new = self._new.setdefault(id(node), (node, {}))
        self._where.setdefault((id(node), keys[0]), put)
        _merge(new, keys[0], value)

    def _replace(self, child: Node, path: Path, key: str, value: Any) -> None:
        self.tree.path(child)
        is_block = isinstance(value, dict | list)
        if not isinstance(child, Scalar) or (is_block and (child.style or child.start == child.end)):
            raise Refused(f"'{key}' has a value already")
        text = self.tree.text
        self.meant.add((*path, key), value)
        json_like = self.tree.in_flow(child) and child.key is not None and child.key.style == '"'
        new = _flow(value, json_like)
        if child.start == child.end:
            self._splices.append(Splice(child.start, child.start, f" {new}"))
        elif text[child.start] in "&!*|>" or self.lines.place(child.start)[0] != self.lines.place(child.end)[0]:
            raise Refused(f"'{key}' has a value already")
        else:
            self._splices.append(Splice(child.start, child.end, new))

    def _drop(self, drop: Drop) -> None:
        path = self.tree.path(drop.node)
        value = own(drop.node, drop.key)
        if value is None or not isinstance(drop.node, MappingNode) or value.key is None:
            raise Refused(f"'{drop.key}' is not there")
        if len(drop.node.entries) == 1 or value.start < value.key.start:
            raise Refused(f"'{drop.key}' is all that is there")
        self.meant.add((*path, drop.key), GONE)
        if drop.node.flow:
            self._cut(value.key.start, value.end)
        else:
            self._cut_lines(value.key.start, _last_line(drop.node, value.key, value))

    def _remove(self, remove: Remove) -> None:
        path = self.tree.path(remove.node)
        items = list(remove.node)
        item = items[remove.number]
        if len(items) == 1:
            raise Refused("it is all that is there")
        self.meant.add((*path, remove.number), GONE)
        if is_flow(remove.node, self.tree.text):
            self._cut(item.start, item.end)
            return
        line, _column = self.lines.place(item.start)
        dash = self.tree.text.rfind("-", self.lines.start_of(line), item.start)
        if dash < 0 or self.tree.text[dash + 1 : item.start].strip():
            raise Refused("it does not stand on lines of its own")
        self._cut_lines(dash, item.last_line)

    def _cut(self, start: int, end: int) -> None:
        """Take out what stands in brackets, with the comma that follows it, or else with the one before."""
        text = self.tree.text
        behind = end
        while behind < len(text) and text[behind] in " \t":
            behind += 1
        if text.startswith(",", behind):
            behind += 1
            while behind < len(text) and text[behind] in " \t":
                behind += 1
            self._splices.append(Splice(start, behind, ""))
            return
        before = start
        while before > 0 and text[before - 1] in " \t\r\n":
            before -= 1
        if text[before - 1] != ",":
            raise Refused("it does not stand by itself")
        self._splices.append(Splice(before - 1, end, ""))

    def _cut_lines(self, start: int, last: int) -> None:
        """Take out whole lines, from the one on which `start` is the first character."""
        first = self.lines.place(start)[0]
        if self.tree.text[self.lines.start_of(first) : start].strip(" \t"):
            raise Refused("it does not stand on lines of its own")
        self._splices.append(Splice(self.lines.start_of(first), self.lines.start_of(last + 1), ""))

    def _rename(self, rename: Rename) -> None:
        path = self.tree.path(rename.node)
        value = own(rename.node, rename.key)
        if value is None or value.key is None or own(rename.node, rename.name) is not None:
            raise Refused(f"'{rename.name}' is there already")
        self.meant.rename(path, rename.key, rename.name)
        quote = value.key.style or ""
        self._splices.append(Splice(value.key.start, value.key.end, f"{quote}{rename.name}{quote}"))

    def _rewrite(self, change: Rewrite) -> None:
        path = self.tree.path(change.node)
        node = change.node
        if not isinstance(node, Scalar) or "\n" in change.text:
            raise Refused("it is no text on one line")
        at = node.span(change.start, change.end)
        start, end = self.lines.index(at.line, at.column), self.lines.index(at.end_line, at.end_column)
        if self.tree.text[start:end] != node.text[change.start : change.end]:
            raise Refused("it is not written as it is read")
        if node.style == '"' and ('"' in change.text or "\\" in change.text):
            raise Refused("it stands in quotes that it would end")
        self.meant.rewrite(path, Text(node.text, change.start, change.end, change.text))
        self._splices.append(Splice(start, end, change.text))

    def _uncomment(self, change: Uncomment) -> None:
        splice, comment = uncommented(self.lines, change)
        self.comments.append(comment)
        self._splices.append(splice)

    def splices(self) -> Iterator[Splice]:
        yield from self._splices
        for node, new in self._new.values():
            yield from self._inserted(node, new)
        for node, values in self._items.values():
            yield self._appended(node, values)

    def _inserted(self, node: Node, new: Mapping[str, Any]) -> Iterator[Splice]:
        text = self.tree.text
        if not isinstance(node, MappingNode):  # a key without a value
            if node.key is None or self.tree.in_flow(node):
                raise Refused("what it belongs to has no value")
            line, column = self.lines.place(node.key.start)
            if node.start != node.end:
                raise Refused(f"'{node.key.text}' is null")
            indent = column - 1 + self.tree.step
            yield self.lines.below(line, list(self._block(new, indent)), indent)
        elif node.flow:
            quoted = (bool(node.entries) and node.entries[0][0].style == '"') or self._is_json(node)
            inside = ", ".join(f"{_scalar(key, quoted=quoted)}: {_flow(value, quoted)}" for key, value in new.items())
            if node.entries:
                end = max(value.end if value.start > key.start else key.end for key, value in node.entries)
                if node.entries[-1][1].start < node.entries[-1][0].start:
                    raise Refused("it ends with an alias")
                yield Splice(end, end, f", {inside}")
            elif text[node.start + 1 : node.end - 1].strip():
                raise Refused("there are comments in it")
            else:
                yield Splice(node.start, node.end, f"{{{inside}}}")
        elif not node.entries:
            raise Refused("what it belongs to has no value")
        else:
            indent = self.lines.place(node.entries[0][0].start)[1] - 1
            for key, value in new.items():
                yield self._in_block(node, key, value, indent)

    def _in_block(self, node: MappingNode, key: str, value: Any, indent: int) -> Splice:
        put = self._where[id(node), key]
        lines = list(self._block({key: value}, indent))
        behind = next((own(node, name) for name in put.after if own(node, name) is not None), None)
        if behind is None and put.before and (sibling := own(node, put.before)) is not None and sibling.key is not None:
            at = self.lines.place(sibling.key.start)[0]
            if not self.lines.line(at)[: self.lines.place(sibling.key.start)[1] - 1].strip():
                while at > 1 and self.lines.line(at - 1).strip().startswith("#"):
                    at -= 1
                spaced = at > 1 and not self.lines.line(at - 1).strip()
                return self.lines.below(at - 1, [*lines, *([""] if spaced else [])], indent)
        last_key, last = node.entries[-1]
        if behind is not None and behind.key is not None:
            last_key, last = behind.key, behind
        if isinstance(last, Scalar) and last.style in ("|", ">"):
            header = self.tree.text[last.start : last.start + 4].partition("\n")[0]
            if "+" in header:
                raise Refused("it would stand behind a text whose last empty lines count")
        return self.lines.below(_last_line(node, last_key, last), lines, indent)

    def _block(self, values: Mapping[str, Any], indent: int) -> Iterator[str]:
        blank = " " * indent
        for key, value in values.items():
            if isinstance(value, dict) and value:
                yield f"{blank}{_scalar(key)}:"
                yield from self._block(value, indent + self.tree.step)
            elif isinstance(value, list) and value:
                yield f"{blank}{_scalar(key)}:"
                yield from self._list(value, indent + self.tree.offset)
            else:
                yield f"{blank}{_scalar(key)}: {_in_block(value)}"

    def _list(self, values: Iterable[Any], indent: int) -> Iterator[str]:
        for value in values:
            if isinstance(value, dict) and value:
                first, *rest = self._block(value, indent + 2)
                yield f"{' ' * indent}- {first.lstrip()}"
                yield from rest
            else:
                yield f"{' ' * indent}- {_flow(value)}"

    def _appended(self, node: Node, values: list[Any]) -> Splice:
        items = list(node)
        if is_flow(node, self.tree.text):
            quoted = any(isinstance(item, Scalar) and item.style == '"' for item in items[:1])
            inside = ", ".join(_flow(value, quoted) for value in values)
            if not items:
                return Splice(node.start, node.end, f"[{inside}]")
            if items[-1].start < node.start:
                raise Refused("it ends with an alias")
            return Splice(items[-1].end, items[-1].end, f", {inside}")
        if not items or items[-1].start < node.start:
            raise Refused("it ends with an alias")
        column = self.lines.place(node.start)[1] - 1
        if self.tree.text[node.start] != "-":
            raise Refused("it is no list of lines")
        return self.lines.below(items[-1].last_line, list(self._list(values, column)), column)

    def _is_json(self, node: Node) -> bool:
        top: Node = node
        while (above := self.tree.parent(top)) is not None:
            top = above
        return isinstance(top, MappingNode) and top.flow and bool(top.entries) and top.entries[0][0].style == '"'


def own(node: Node, key: str) -> Node | None:
    """The value that is written under a key of the mapping itself."""
    found = [value for name, value in node.entries if name.text == key] if isinstance(node, MappingNode) else []
    if len(found) > 1:
        raise Refused(f"'{key}' stands twice")
    return found[0] if found else None


def _merge(into: dict[str, Any], key: str, value: Any) -> None:
    if key not in into:
        into[key] = value
    elif isinstance(into[key], dict) and isinstance(value, dict):
        into[key] = dict(into[key])
        for inner, below in value.items():
            _merge(into[key], inner, below)
    elif into[key] != value:
        raise Refused("another fix sets it to another value")


def _last_line(node: MappingNode, key: Scalar, value: Node) -> int:
    """The last line of an entry of a block."""
    own_line = key.source.place(key.start)[0]
    return own_line if value.start < key.start else max(own_line, value.last_line)


def _scalar(value: Any, *, quoted: bool = False) -> str:
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    text = str(value)
    if not quoted and _PLAIN.fullmatch(text) and not _NO_TEXT.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=False)


def _in_block(value: Any) -> str:
    """Outside of brackets, an expression of GitHub's needs no quotes."""
    if isinstance(value, str) and _EXPRESSION.fullmatch(value):
        return value
    return _flow(value)


def _flow(value: Any, quoted: bool = False) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{_scalar(key, quoted=quoted)}: {_flow(one, quoted)}" for key, one in value.items())
        return f"{{{inside}}}"
    if isinstance(value, list):
        return f"[{', '.join(_flow(one, quoted) for one in value)}]"
    return _scalar(value, quoted=quoted)
