"""Rules of one's own: a YAML file like those in rules/, with an expression in CEL in place of a check.

The expressions are evaluated by Google's cel-expr-python, the extra `cel`; it is used here and nowhere else.
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from devopslint import catalogue
from devopslint.catalogue import Entry
from devopslint.deferred import NamedTuple, compiled
from devopslint.digests import blake2b
from devopslint.files import glob_matcher, is_file, read_file
from devopslint.model import Location, NotKnown, Problem
from devopslint.readers.yaml import Node, read_yaml
from devopslint.readers.yaml_file import YamlFile
from devopslint.registry import Check, kinds, view_of_kind

MOST_RULES = 500
"""Files of rules that one configuration may name."""
MOST_STEPS = 10_000_000
"""Of an expression over one document: the values in it, to the power of how deep its macros stand in each other."""
WITHOUT_CEL = "rules of one's own need the extra: pip install 'devopslint[cel]'"

_NAME = compiled(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+\Z")
_MACRO = compiled(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(|[()]")
_TEXT = compiled(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_ANNOUNCES = compiled(r"\s*(?:#|//|<!--) (?P<word>finding|not known): (?P<message>.*?\S)(?: -->)?\s*\Z")


class OwnRuleError(ValueError):
    """A file of a rule is not as it should be; the message says where and what is wanted."""


class OwnRule(NamedTuple):
    """A rule that a configuration brings."""

    id: str
    """The name of its file, without the ending."""
    path: str
    """Of its file, relative to the project's root."""
    said: str
    """What the file says, as JSON: it holds against own_rule_schema.json."""

    @property
    def raw(self) -> dict[str, Any]:
        return json.loads(self.said)  # type: ignore[no-any-return]  # our own words


class OwnSubject(NamedTuple):
    """A document, or an item of a list in one."""

    document: Node
    item: Node
    path: str
    label: str

    @property
    def location(self) -> Location:
        return self.item.location


class _View(NamedTuple):
    """Stands for the classes of the kinds of file that a rule looks at."""

    kinds: tuple[str, ...]
    whole_project: bool = False


def read_own_rules(folder: Path, patterns: Iterable[str], name: Callable[[Path], str]) -> tuple[OwnRule, ...]:
    """The rules in the files below `folder` that these globs name; `name` is what a file is called.

    Raises OwnRuleError for a pattern without a file, a link that leads out of the folder, and what is no rule.
    """
    real = Path(os.path.realpath(folder))
    found: dict[str, OwnRule] = {}
    for pattern in patterns:
        if pattern.startswith(("/", "~")) or ".." in Path(pattern).parts:
            raise OwnRuleError(f"{pattern!r} leads out of the folder of the configuration")
        if pattern.count("**") > 1:  # each of them goes through all folders that the one before has found
            raise OwnRuleError(f"{pattern!r} has ** more than once")
        try:
            files = sorted(one for one in folder.glob(pattern) if is_file(one))
        except (IndexError, OSError, ValueError) as error:  # a name that no file can have, or `.`
            raise OwnRuleError(f"{pattern!r} names no file: {getattr(error, 'strerror', None) or error}") from None
        if not files:
            raise OwnRuleError(f"no file matches {pattern!r}")
        for file in files:
            if not Path(os.path.realpath(file)).is_relative_to(real):
                raise OwnRuleError(f"{name(file)}: is a link that leads out of the folder, so it is not read")
            rule = _read(name(file), file)
            if rule.id in found and found[rule.id] != rule:
                raise OwnRuleError(f"{name(file)}: {found[rule.id].path} has a rule of this name too")
            found[rule.id] = rule
            if len(found) > MOST_RULES:
                raise OwnRuleError(f"{pattern!r} names more than {MOST_RULES} rules")
    return tuple(found.values())


def _read(path: str, file: Path) -> OwnRule:
    try:
        text = read_file(file).decode("utf-8")
    except (OSError, ValueError) as unread:
        raise OwnRuleError(f"{path}: cannot be read: {unread}") from None
    rule_id = file.stem
    if not _NAME.match(rule_id):
        raise OwnRuleError(
            f"{path}: a rule is called by its file: a family, a dash and what is wrong, `team-missing-owner.yaml`"
        )
    if catalogue.is_built_in(rule_id):
        raise OwnRuleError(f"{path}: {rule_id} is a rule of devopslint's own: choose another name")
    import jsonschema

    stream = read_yaml(path, text)
    for fault in stream.faults:
        raise OwnRuleError(f"{fault.location}: {fault.message}")
    if len(stream.documents) != 1:
        raise OwnRuleError(f"{path}: is {len(stream.documents)} documents; a rule is one")
    root = stream.documents[0].root
    raw = root.plain()
    for error in sorted(jsonschema.Draft202012Validator(schema()).iter_errors(raw), key=lambda one: str(one.json_path)):
        node = root
        for step in error.absolute_path:
            node = list(node)[step] if isinstance(step, int) else node[step]
        key = ".".join(map(str, error.absolute_path)) or "the rule"
        raise OwnRuleError(f"{node.location}: {key}: {error.message}")
    for item in root["dod"].strings():
        if item.text not in catalogue.items():
            raise OwnRuleError(f"{item.location}: no item of the Definition of Done is named {item.text!r}")
    for kind in root["match"]["files"].strings():
        if kind.text not in _readable():
            raise OwnRuleError(
                f"{kind.location}: no expression can look at files of the kind {kind.text!r}; allowed: {', '.join(_readable())}"
            )
    for key in ("expression", "message-expression"):
        if root[key].present and (why := fault_in(root[key].text)) is not None:
            raise OwnRuleError(f"{root[key].location}: {key}: {why}")
    return OwnRule(rule_id, path, json.dumps(raw, sort_keys=True, ensure_ascii=False))


@functools.cache
def _readable() -> tuple[str, ...]:
    """The kinds of file that are YAML, or JSON that is read so."""
    return tuple(
        sorted(one for one in kinds() if (view := view_of_kind(one)) is not None and issubclass(view, YamlFile))
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of a file of a rule."""
    return json.loads((Path(__file__).parent / "own_rule_schema.json").read_text("utf-8"))  # type: ignore[no-any-return]  # our own file


def install(rules: tuple[OwnRule, ...]) -> None:
    """Put these rules into the catalogue, and no others of one's own."""
    digest = blake2b(repr(rules).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest() if rules else ""
    if digest != catalogue.own_stamp():
        made = [_made(rule) for rule in rules]
        catalogue.install({entry.rule.id: (entry, check) for entry, check in made}, digest)


def _made(rule: OwnRule) -> tuple[Entry, Check]:
    raw = rule.raw
    match = raw.get("match", {})
    files = _texts(match.get("files", "manifest"))
    words = catalogue.rule_of(rule.id, raw, rule.path)
    select = functools.partial(_subjects, match, tuple(raw.get("each", "").split(".")) if "each" in raw else ())
    names = tuple(name.replace("-", "_") for name in words.parameters)
    check = Check(rule.id, functools.partial(_judge, rule.id, raw), select, _View(files), False, names, missing)
    examples = {kind: tuple(raw[kind]) for kind in ("bad", "good")}
    return Entry(words, {__name__: files}, {}, examples), check


def _texts(said: str | list[str]) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


def _subjects(match: Mapping[str, Any], each: tuple[str, ...], view: Any) -> list[OwnSubject]:
    """The documents of a file that the rule looks at, or the items of a list in them."""
    if not isinstance(view, YamlFile) or view.unchecked:
        return []
    if "paths" in match and not glob_matcher(_texts(match["paths"]))(view.path):
        return []
    wanted = _texts(match["kinds"]) if "kinds" in match else None
    roots = [document.root for document in view.stream.documents if document.templated is None]
    found = []
    for root in (one for whole in roots for one in _unlisted(whole)):
        if wanted is not None and root["kind"].text not in wanted:
            continue
        name = root["metadata"]["name"].text
        label = f"{root['kind'].text}/{name}" if name and root["kind"].text else root["kind"].text
        items = list(root.get(*each)) if each else [root]
        found += [OwnSubject(root, item, view.path, label) for item in items]
    return found


def _unlisted(root: Node) -> Iterable[Node]:
    return root["items"] if root["kind"].text.endswith("List") and root["items"].is_sequence else (root,)


def _judge(
    rule_id: str, raw: Mapping[str, Any], subject: OwnSubject, **parameters: Any
) -> Iterator[Problem | NotKnown]:
    place = subject.item.get(*raw["at"].split(".")) if "at" in raw else subject.item
    try:
        given = {
            "object": subject.document.plain(),
            "item": subject.item.plain(),
            "path": subject.path,
            "params": parameters,
        }
        for key in ("expression", "message-expression"):
            written = raw.get(key, "")
            items = _size(given["object"]) + _size(parameters) + written.count(",") + written.count("+")
            if items ** max(1, _depth(written)) > MOST_STEPS:
                raise OwnRuleError("the document is too large for an expression that looks at it so often")
        verdict = _evaluated(raw["expression"], given)
        if not isinstance(verdict, bool):
            raise OwnRuleError(f"the expression gives {verdict!r:.60}, and neither true nor false")
        if verdict:
            return
        message = raw["message"]
        if "message-expression" in raw:
            message = str(_evaluated(raw["message-expression"], given))
    except OwnRuleError as error:
        yield NotKnown(place.location, f"whether {rule_id} holds here", str(error))
        return
    yield Problem(place.location, message)


def _size(value: Any, most: int = 100_000) -> int:
    """How many values there are in one, each as often as an alias brings it back."""
    count, stack = 0, [value]
    while stack:
        one = stack.pop()
        count += 1
        if count > most:
            raise OwnRuleError(f"the document has more than {most:,} values")
        stack.extend(one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
    return count


@functools.lru_cache(maxsize=1024)
def _depth(expression: str) -> int:
    """How deep macros that look at every item stand in each other."""
    deepest, open_ = 0, list[bool]()
    for found in _MACRO.finditer(_TEXT.sub("''", expression)):
        if found[0] == ")":
            if open_:
                open_.pop()
        else:
            open_.append(found[0] != "(")
            deepest = max(deepest, sum(open_))
    return deepest


def missing() -> str | None:
    """Why no expression can be evaluated on this machine; None where they can."""
    return None if _cel() is not None else WITHOUT_CEL


@functools.cache
def _cel() -> Any:
    """The library; None where it is not installed."""
    try:
        from cel_expr_python import cel  # type: ignore[import-untyped]  # it has no stubs
    except ImportError:
        return None
    return cel


@functools.cache
def _environment() -> Any:
    cel = _cel()
    return cel.NewEnv(
        variables={"object": cel.Type.DYN, "item": cel.Type.DYN, "path": cel.Type.STRING, "params": cel.Type.DYN}
    )


def fault_in(expression: str) -> str | None:
    """What is wrong with an expression; None where nothing is, or where nobody here can tell."""
    if _cel() is None:
        return None
    try:
        _program(expression)
    except RuntimeError as error:
        return _in_short(str(error))
    return None


@functools.lru_cache(maxsize=1024)
def _program(expression: str) -> Any:
    return _environment().compile(expression)


def _evaluated(expression: str, given: Mapping[str, Any]) -> Any:
    try:
        value = _program(expression).eval(data=given)
    except (RuntimeError, TypeError, ValueError, OverflowError) as error:
        raise OwnRuleError(_in_short(str(error))) from None
    if value.type() == _cel().Type.ERROR:
        raise OwnRuleError(f"{_in_short(str(value.value()))}; `has(…)` asks whether a key is there")
    return value.plain_value()


def _in_short(said: str) -> str:
    """The first complaint of the library, without the words that it wraps it in."""
    found = re.search(r"ERROR: <input>:(\d+):(\d+): ([^|\n]*)", said)
    if found:
        return f"line {found[1]}, column {found[2]}: {found[3].strip()}"
    return said.partition("\n")[0].strip()


def announced(files: Mapping[str, str], word: str = "finding") -> list[tuple[str, int, str]]:
    """What the `# finding:` (or `// finding:`, `<!-- finding: -->`, or `# not known:`) comments of an example announce.

    The path, the line and the message of each, sorted: it is the next line that announces nothing.
    """
    expected = []
    for path, text in files.items():
        lines = text.split("\n")
        for index, line in enumerate(lines):
            found = _ANNOUNCES.match(line)
            if found and found["word"] == word:
                below = next((n for n in range(index + 1, len(lines)) if not _ANNOUNCES.match(lines[n])), index)
                expected.append((path, below + 1, found["message"]))
    return sorted(expected)
