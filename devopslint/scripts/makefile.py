"""Makefiles as GNU make reads them: a summary of their lines, and what making a target runs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from devopslint.deferred import NamedTuple, compiled, dataclass, field

DEEPEST = 30
"""Levels of variables in variables, of files that include files, and of conditions."""
MOST_STEPS = 50_000
"""References that one reading of a Makefile follows; what is beyond stays as it is written."""
LONGEST = 20_000
"""Characters that a reference may stand for."""
MOST_LINES = 50_000
MOST_NAMES = 500
"""Targets, or prerequisites, of one rule that are looked at."""

_CONTINUED = compiled(r"[ \t]*\\\n[ \t]*")
_ASSIGNMENT = compiled(
    r"(?P<name>(?:[^\s:#=?!+$]|\$[({][^(){}]*[)}])(?:[^\s:#=$]|\$[({][^(){}]*[)}])*?)[ \t]*"
    r"(?P<operator>:::=|::=|:=|\?=|\+=|!=|=)[ \t]*(?P<value>.*)\Z",
    re.DOTALL,
)
_MODIFIERS = compiled(r"(?:(?:export|override|private|unexport)[ \t]+)+(?=\S)")
_DEFINE = compiled(r"(?:override[ \t]+|export[ \t]+)*define[ \t]+(\S+)[ \t]*(=|:=|::=|:::=|\?=|\+=|!=)?")
_WORD = compiled(r"[A-Za-z-]+")
_QUOTED_PAIR = compiled(r"""(?P<p>["'])(?P<a>.*?)(?P=p)[ \t]+(?P<q>["'])(?P<b>.*?)(?P=q)\Z""")
_PROGRAM = compiled(r"(?:which|command -v|type -p|type -P)[ \t]+([\w./-]+)")
_PREFIXES = "@-+ \t"
_CLOSING = {"(": ")", "{": "}"}
UNKNOWN = "_"
"""What stands for the output of a command: a word, so that `$(shell pwd)/bin/tool` still is a tool."""


class Line(NamedTuple):
    """A logical line: `set`, `override`, `undefine`, `include`, `rule`, `recipe`, `text`, or a conditional's own word."""

    kind: str
    name: str = ""
    operator: str = ""
    text: str = ""


class Makefile(NamedTuple):
    """The lines of a Makefile, or of a file that one includes."""

    path: str
    lines: tuple[Line, ...]

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


@dataclass(slots=True)
class Rule:
    """What making one target takes."""

    needed: list[tuple[str, bool]] = field(default_factory=list)
    """What is made before, in the order in which it is named, and whether it stands behind a `|`."""
    recipes: list[list[str]] = field(default_factory=list)
    """Several where the rule has double colons; lines as they are written."""
    variables: list[Line] = field(default_factory=list)
    """Those that are set for this target alone."""
    stem: str = ""

    @property
    def prerequisites(self) -> list[str]:
        return list(dict.fromkeys(name for name, _ in self.needed))


class Reading:
    """A Makefile as make has it when all lines are read."""

    def __init__(
        self, makefile: Makefile, files: Callable[[str], Iterable[Makefile]], given: Iterable[tuple[str, str]] = ()
    ) -> None:
        """`files` gives what a pattern of an `include` names; `given` are the variables of the command line."""
        self._given = dict(given)
        self._files = files
        self._folder = makefile.folder
        self._steps = self._needed = 0
        self._lines = 0
        self.variables: dict[str, Line] = {
            "MAKE": Line("set", "MAKE", ":=", "make"),
            "CURDIR": Line("set", "CURDIR", ":=", "."),
            "MAKEFLAGS": Line("set", "MAKEFLAGS", ":=", ""),
            "MAKECMDGOALS": Line("set", "MAKECMDGOALS", ":=", ""),
            "MAKEFILE_LIST": Line("set", "MAKEFILE_LIST", ":=", ""),
            "RM": Line("set", "RM", ":=", "rm -f"),
            "SHELL": Line("set", "SHELL", ":=", "/bin/sh"),
        }
        for name, value in self._given.items():
            self.variables[name] = Line("set", name, "=", value)
        self.rules: dict[str, Rule] = {}
        self.patterns: list[tuple[str, Rule]] = []
        self.first = ""
        self._current: list[tuple[Rule, int]] = []
        self._recipe: list[str] = []
        self._joined = False
        self._seen: set[str] = set()
        self._include(makefile, 0)

    @property
    def goal(self) -> str:
        """What is made where nothing is asked for."""
        named = self.variables.get(".DEFAULT_GOAL")
        return self._of(named, {}, 0).strip() if named is not None else self.first

    def rule(self, target: str) -> Rule | None:
        """How a target is made, an implicit rule included; None where nothing says."""
        own = self.rules.get(target)
        if own is not None and own.recipes:
            return own
        fitting = [
            (len(stem), pattern, rule, stem) for pattern, rule in self.patterns if (stem := _stem(pattern, target))
        ]
        if fitting:
            _, _, rule, stem = min(fitting, key=lambda one: one[0])
            before = own if own is not None else Rule()
            needed = [*before.needed, *((one.replace("%", stem, 1), order_only) for one, order_only in rule.needed)]
            return Rule(needed, rule.recipes, [*before.variables, *rule.variables], stem)
        return own

    def recipe(self, target: str, rule: Rule, inherited: Iterable[Line] = ()) -> list[str]:
        """The lines that the shell gets, one by one, a continued one as a whole.

        `inherited` are variables of the targets that this one is made for.
        """
        # What is behind a `|` alone is in `$|`; what also stands before one keeps its first place in `$^`.
        needed = [one for one, order_only in rule.needed if not order_only]
        normal = set(needed)
        automatic = {
            "@": target,
            "*": rule.stem,
            "<": needed[0] if needed else "",
            "^": " ".join(one for one in rule.prerequisites if one in normal),
            "|": " ".join(one for one in rule.prerequisites if one not in normal),
            "+": " ".join(needed),
            "?": " ".join(needed),
        }
        for name, value in list(automatic.items()):
            words = value.split()
            automatic[f"{name}D"] = " ".join(posixpath.dirname(word) or "." for word in words)
            automatic[f"{name}F"] = " ".join(posixpath.basename(word) for word in words)
        before = self.variables
        self.variables = dict(before)
        for own in (*inherited, *rule.variables):
            self._set(own, of_target=True)
        lines: list[str] = []
        for recipe in rule.recipes:
            for written in recipe:
                # The lines of a canned recipe are lines of their own.
                for line in _logical(self.expand(written, automatic)):
                    bare = line.lstrip(_PREFIXES)
                    if bare:
                        lines.append(bare)
        self.variables = before
        return lines

    def _include(self, makefile: Makefile, depth: int) -> None:
        if makefile.path in self._seen or depth > DEEPEST:
            return
        self._seen.add(makefile.path)
        listed = self.variables["MAKEFILE_LIST"]
        name = makefile.path.removeprefix(f"{self._folder}/") if self._folder else makefile.path
        self.variables["MAKEFILE_LIST"] = listed._replace(text=f"{listed.text} {name}")
        self._run(makefile.lines, makefile.folder, depth)

    def _run(self, lines: Iterable[Line], folder: str, depth: int) -> None:
        # A branch is taken (True), passed over (False) or not decided (None): both sides of that one are read.
        open_: list[bool | None] = []
        taken: list[bool] = []
        for line in lines:
            self._lines += 1
            if self._lines > MOST_LINES:
                return
            if line.kind in ("ifeq", "ifneq", "ifdef", "ifndef"):
                state = self._holds(line) if False not in open_ else False
                open_.append(state)
                taken.append(state is True)
            elif line.kind == "else" and open_:
                if taken[-1]:
                    open_[-1] = False
                elif open_[-1] is None or not line.name:
                    open_[-1] = None if open_[-1] is None else True
                else:
                    open_[-1] = self._holds(Line(line.name, text=line.text))
                    taken[-1] = open_[-1] is True
            elif line.kind == "endif" and open_:
                open_.pop()
                taken.pop()
            elif False not in open_:
                self._take(line, folder, depth)

    def _take(self, line: Line, folder: str, depth: int) -> None:
        if line.kind == "recipe":
            if not self._recipe:
                for rule, added in self._current:
                    # Of rules with one colon the last recipe counts, and what its line asks for comes first.
                    rule.recipes = [*rule.recipes, self._recipe] if self._joined else [self._recipe]
                    if not self._joined:
                        kept = len(rule.needed) - added
                        rule.needed = [*rule.needed[kept:], *rule.needed[:kept]]
            self._recipe.append(line.text)
            return
        if line.kind in ("set", "override"):
            self._current = []
            self._set(line._replace(name=self.expand(line.name)))
        elif line.kind == "undefine":
            self.variables.pop(line.name, None)
        elif line.kind == "include":
            self._current = []
            for name in self.expand(line.text).split():
                for path in dict.fromkeys((posixpath.normpath(name), posixpath.normpath(posixpath.join(folder, name)))):
                    for file in self._files(path):
                        self._include(file, depth + 1)
        elif line.kind == "rule":
            self._rule(line.text)
        else:
            self._current = []
            more = self.expand(line.text)
            if ":" in more and depth < DEEPEST:
                self._run(read_makefile("", more).lines, folder, depth + 1)

    def _set(self, line: Line, *, of_target: bool = False) -> None:
        name, operator, value = line.name, line.operator, line.text
        known = self.variables.get(name)
        # The command line stands above the file, an `override` above both, and what is set for a target above that.
        overridden = known is not None and known.kind == "override"
        if line.kind != "override" and (not of_target if overridden else name in self._given):
            return
        if operator == "?=" and known is not None:
            return
        if operator in (":=", "::=", ":::="):
            self.variables[name] = Line(line.kind, name, ":=", self.expand(value))
        elif operator == "!=":
            self.variables[name] = Line(line.kind, name, ":=", _of_shell(self.expand(value)))
        elif operator == "+=" and known is not None:
            added = self.expand(value) if known.operator == ":=" else value
            if len(known.text) + len(added) <= LONGEST:
                self.variables[name] = known._replace(kind=line.kind, text=f"{known.text} {added}".strip())
        else:
            self.variables[name] = Line(line.kind, name, "=", value)

    def _holds(self, line: Line) -> bool | None:
        """Whether a condition holds; None where what it asks for is not in the files."""
        if line.kind in ("ifdef", "ifndef"):
            name = self.expand(line.text).strip()
            found = self.variables.get(name)
            return None if found is None else bool(found.text) == (line.kind == "ifdef")
        pair = _compared(line.text)
        if pair is None:
            return None
        a, b = (self.expand(one, unknown="\0") for one in pair)
        return None if "\0" in a or "\0" in b else (a == b) == (line.kind == "ifeq")

    def _rule(self, text: str) -> None:
        header, inline = _split(text, ";")
        targets, rest = _split(header, ":")
        if rest is None:
            header = self.expand(header)
            targets, rest = _split(header, ":")
            if rest is None:
                self._current = []
                return
        double = rest.startswith(":")
        rest = rest[1:] if double else rest
        names = self.expand(targets.rstrip("&")).split()
        line = _assignment(rest.strip())
        if line is not None:
            for name in names:
                self._rule_for(name).variables.append(line)
            self._current = []
            return
        pattern, static = _split(self.expand(rest), ":")
        normal, _, behind = (static if static is not None else pattern).partition("|")
        needed = [*((one, False) for one in normal.split()), *((one, True) for one in behind.split())][:MOST_NAMES]
        self._current, self._recipe, self._joined = [], [], double
        for name in names[:MOST_NAMES]:
            if not self.first and "%" not in name and (not name.startswith(".") or "/" in name):
                self.first = name
            rule = self._rule_for(name)
            stem = _stem(pattern.strip(), name) if static is not None else ""
            rule.stem = stem or rule.stem
            added = needed if self._needed < MOST_STEPS else []
            rule.needed.extend((one.replace("%", stem, 1) if stem else one, order_only) for one, order_only in added)
            self._needed += len(added)
            self._current.append((rule, len(added)))
        if inline is not None:
            self._take(Line("recipe", text=inline), "", 0)

    def _rule_for(self, name: str) -> Rule:
        if "%" in name:
            rule = Rule()
            self.patterns.append((name, rule))
            return rule
        return self.rules.setdefault(name, Rule())

    def expand(self, text: str, automatic: Mapping[str, str] | None = None, unknown: str | None = None) -> str:
        """The text with its references replaced, as far as the files say what they stand for."""
        return self._expand(text, automatic or {}, 0, unknown)

    def _of(self, line: Line, automatic: Mapping[str, str], depth: int, unknown: str | None = None) -> str:
        return line.text if line.operator == ":=" else self._expand(line.text, automatic, depth + 1, unknown)

    def _expand(self, text: str, automatic: Mapping[str, str], depth: int, unknown: str | None = None) -> str:
        if "$" not in text:
            return text
        self._steps += 1
        if depth > DEEPEST or self._steps > MOST_STEPS:
            return UNKNOWN
        parts: list[str] = []
        length = at = 0
        while at < len(text) and length <= LONGEST:
            dollar = text.find("$", at)
            if dollar < 0 or dollar + 1 >= len(text):
                parts.append(text[at:])
                break
            parts.append(text[at:dollar])
            letter = text[dollar + 1]
            if letter == "$":
                part, at = "$", dollar + 2
            elif letter in _CLOSING:
                end = _closing(text, dollar + 2, letter)
                part, at = self._reference(text[dollar + 2 : end], automatic, depth, unknown), end + 1
            else:
                part, at = self._variable(letter, automatic, depth, unknown), dollar + 2
            parts.append(part)
            length += len(part)
        return "".join(parts)[: LONGEST + len(text)]

    def _variable(self, name: str, automatic: Mapping[str, str], depth: int, unknown: str | None) -> str:
        if name in automatic:
            return automatic[name]
        line = self.variables.get(name)
        if line is not None:
            return self._of(line, automatic, depth, unknown)
        # Only the environment may know it.
        return unknown if unknown is not None else f"${{{name}}}" if name.isidentifier() else ""

    def _reference(self, inner: str, automatic: Mapping[str, str], depth: int, unknown: str | None) -> str:
        if "\n" in inner:
            # Also in a recipe, where a line that goes on is the shell's otherwise.
            inner = _CONTINUED.sub(" ", inner)
        word = _WORD.match(inner)
        if word is not None and inner[word.end() : word.end() + 1] in (" ", "\t") and word[0] in _FUNCTIONS:
            return self._function(word[0], inner[word.end() :].lstrip(), automatic, depth, unknown)

        def expanded(text: str) -> str:
            return self._expand(text, automatic, depth + 1, unknown)

        name, behind = _split(inner, ":")
        if behind is not None and "=" in behind:
            # $(SOURCES:.c=.o)
            old, _, new = expanded(behind).partition("=")
            old, new = (old, new) if "%" in old else (f"%{old}", f"%{new}")
            value = self._variable(expanded(name), automatic, depth, unknown)
            return " ".join(_patsubst(old, new, one) for one in value.split())
        return self._variable(expanded(inner).strip(), automatic, depth, unknown)

    def _function(self, name: str, text: str, automatic: Mapping[str, str], depth: int, unknown: str | None) -> str:
        written = _arguments(text, _FUNCTIONS[name])

        def expanded(index: int, more: Mapping[str, str] | None = None) -> str:
            if index >= len(written):
                return ""
            return self._expand(written[index], {**automatic, **more} if more else automatic, depth + 1, unknown)

        if name == "shell":
            return _of_shell(expanded(0)) if unknown is None else unknown
        if name == "call":
            called = expanded(0).strip()
            given = {str(index): expanded(index) for index in range(1, len(written))}
            line = self.variables.get(called)
            return self._of(line, {**automatic, **given, "0": called}, depth) if line is not None else ""
        if name == "eval":
            if depth < DEEPEST:
                self._run(read_makefile("", expanded(0)).lines, "", depth + 1)
            return ""
        if name == "foreach":
            variable = expanded(0).strip()
            return " ".join(expanded(2, {variable: word}) for word in expanded(1).split()[:200])
        if name in ("if", "or", "and"):
            # What a reference leaves is not stripped: two empty ones and the space between them hold.
            written = [
                argument.strip() if name != "if" or not index else argument for index, argument in enumerate(written)
            ]
        if name == "if":
            return expanded(1) if expanded(0) else expanded(2)
        if name in ("or", "and"):
            last = ""
            for last in map(expanded, range(len(written))):
                if bool(last) == (name == "or"):
                    return last
            return last
        if name in ("info", "warning", "error", "file", "guile"):
            return ""
        if name == "value":
            line = self.variables.get(expanded(0).strip())
            return line.text if line is not None else ""
        if name == "wildcard":
            return UNKNOWN
        return _of_texts(name, [expanded(index) for index in range(len(written))])


_FUNCTIONS = {
    "subst": 3, "patsubst": 3, "strip": 1, "findstring": 2, "filter": 2, "filter-out": 2, "sort": 1, "word": 2,
    "wordlist": 3, "words": 1, "firstword": 1, "lastword": 1, "dir": 1, "notdir": 1, "suffix": 1, "basename": 1,
    "addsuffix": 2, "addprefix": 2, "join": 2, "wildcard": 1, "realpath": 1, "abspath": 1, "if": 3, "or": 0, "and": 0,
    "foreach": 3, "file": 2, "call": 0, "value": 1, "eval": 1, "origin": 1, "flavor": 1, "error": 1, "warning": 1,
    "info": 1, "shell": 1, "guile": 1,
}  # fmt: skip
"""How many arguments a function takes: commas behind the last are its own; 0 for any number."""


def _of_texts(name: str, texts: list[str]) -> str:
    """A function of texts alone."""
    first, second, third = [*texts, "", "", ""][:3]
    match name:
        case "subst":
            return third.replace(first, second)[:LONGEST] if first else third
        case "patsubst":
            return " ".join(_patsubst(first.strip(), second.strip(), word) for word in third.split())
        case "strip":
            return " ".join(first.split())
        case "findstring":
            return first if first in second else ""
        case "filter" | "filter-out":
            patterns = first.split()
            return " ".join(
                word
                for word in second.split()
                if any(_fits(pattern, word) for pattern in patterns) == (name == "filter")
            )
        case "sort":
            return " ".join(sorted(set(first.split())))
        case "word" | "wordlist":
            bounds = [int(text) if text.strip().isdigit() else 0 for text in (first, second)]
            words = (second if name == "word" else third).split()
            return " ".join(words[max(bounds[0] - 1, 0) : bounds[0] if name == "word" else bounds[1]])
        case "words":
            return str(len(first.split()))
        case "firstword" | "lastword":
            return (first.split() or [""])[0 if name == "firstword" else -1]
        case "dir":
            return " ".join(f"{posixpath.dirname(word)}/" if "/" in word else "./" for word in first.split())
        case "notdir":
            return " ".join(posixpath.basename(word) for word in first.split())
        case "suffix":
            return " ".join(filter(None, (_suffix(word) for word in first.split())))
        case "basename":
            return " ".join(word.removesuffix(_suffix(word)) for word in first.split())
        case "addsuffix":
            return " ".join(f"{word}{first}" for word in second.split())
        case "addprefix":
            return " ".join(f"{first}{word}" for word in second.split())
        case "join":
            ours, theirs = first.split(), second.split()
            length = max(len(ours), len(theirs))
            return " ".join(
                a + b
                for a, b in zip(ours + [""] * (length - len(ours)), theirs + [""] * (length - len(theirs)), strict=True)
            )
        case "realpath" | "abspath":
            return " ".join(posixpath.normpath(word) for word in first.split())
    return UNKNOWN


def _suffix(word: str) -> str:
    """From the last point of the file's name on, also where that begins the name."""
    _, point, behind = posixpath.basename(word).rpartition(".")
    return point + behind if point else ""


def _of_shell(command: str) -> str:
    """What a command prints, where that is a program that it looks for."""
    found = _PROGRAM.search(command)
    return found[1] if found is not None else UNKNOWN


def _patsubst(pattern: str, replacement: str, word: str) -> str:
    if "%" not in pattern:
        return replacement if pattern == word else word
    stem = _stem(pattern, word)
    return replacement.replace("%", stem, 1) if stem or _fits(pattern, word) else word


def _fits(pattern: str, word: str) -> bool:
    before, mark, after = pattern.partition("%")
    if not mark:
        return pattern == word
    return len(word) >= len(before) + len(after) and word.startswith(before) and word.endswith(after)


def _stem(pattern: str, target: str) -> str:
    """What `%` stands for; empty where the pattern does not fit."""
    before, mark, after = pattern.partition("%")
    if not mark or not _fits(pattern, target):
        return ""
    return target[len(before) : len(target) - len(after)]


def _closing(text: str, at: int, opening: str) -> int:
    """Where the reference that was opened before `at` ends; only marks of its own kind count."""
    depth = 1
    closing = _CLOSING[opening]
    while at < len(text):
        if text[at] == opening:
            depth += 1
        elif text[at] == closing:
            depth -= 1
            if not depth:
                return at
        at += 1
    return len(text)


def _split(text: str, mark: str) -> tuple[str, str | None]:
    """The text in front of a mark that stands in no reference, and what is behind it; None where there is none."""
    at = 0
    while at < len(text):
        if text[at] == "$" and text[at + 1 : at + 2] in ("(", "{"):
            at = _closing(text, at + 2, text[at + 1])
        elif text[at] == "\\" and text[at + 1 : at + 2] == mark:
            at += 1
        elif text[at] == mark:
            return text[:at], text[at + 1 :]
        at += 1
    return text, None


def _arguments(text: str, most: int) -> list[str]:
    """The arguments of a function, told apart by commas outside of references."""
    parts: list[str] = []
    depth = start = 0
    for at, letter in enumerate(text):
        if letter in "({":
            depth += 1
        elif letter in ")}":
            depth -= 1
        elif letter == "," and depth <= 0 and (not most or len(parts) + 1 < most):
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _logical(text: str) -> list[str]:
    """The lines of a recipe's text, a continued one as a whole."""
    lines: list[str] = []
    for line in text.split("\n"):
        if lines and lines[-1].endswith("\\"):
            lines[-1] = f"{lines[-1]}\n{line}"
        else:
            lines.append(line)
    return lines


def read_makefile(path: str, text: str) -> Makefile:
    """The logical lines of the file, nothing in them replaced yet."""
    return Makefile(path, tuple(_lines(text)))


def _lines(text: str) -> Iterator[Line]:
    physical = text.replace("\r\n", "\n").split("\n")
    at = 0
    in_rule = False
    while at < len(physical):
        first = at
        while physical[at].endswith("\\") and at + 1 < len(physical):
            at += 1
        at += 1
        written = "\n".join(physical[first:at])
        if written.startswith("\t") and in_rule:
            recipe = written[1:].replace("\\\n\t", "\\\n")
            if recipe.strip():
                yield Line("recipe", text=recipe)
            continue
        # Blanks at the end belong to a variable's value.
        unstripped = _uncommented(_CONTINUED.sub(" ", written)).lstrip()
        line = unstripped.rstrip()
        if not line:
            continue
        defined = _DEFINE.match(line)
        if defined is not None:
            body, at = _defined(physical, at)
            in_rule = False
            yield Line("set", defined[1], defined[2] or "=", body)
            continue
        made = _line(line)
        if made.kind in ("set", "override"):
            made = made._replace(text=made.text + unstripped[len(line) :])
        if made.kind == "rule":
            # Behind a semicolon the line is the shell's, a `#` and all.
            header, inline = _split(_CONTINUED.sub(" ", written), ";")
            made = made._replace(text=written.strip()) if inline is not None and "#" not in header else made
        if made.kind not in ("ifeq", "ifneq", "ifdef", "ifndef", "else", "endif"):
            in_rule = made.kind in ("rule", "text")
        yield made


def _defined(physical: list[str], at: int) -> tuple[str, int]:
    depth = 1
    first = at
    while at < len(physical):
        words = physical[at].split()
        if words[:1] == ["define"]:
            depth += 1
        elif words[:1] == ["endef"]:
            depth -= 1
            if not depth:
                return "\n".join(physical[first:at]), at + 1
        at += 1
    return "\n".join(physical[first:]), at


def _line(line: str) -> Line:
    word, rest = [*line.split(None, 1), ""][:2]
    if word in ("ifeq", "ifneq", "ifdef", "ifndef"):
        return Line(word, text=rest)
    if word == "else":
        kind, _, condition = rest.partition(" ")
        return Line("else", kind if kind.startswith("if") else "", "", condition.strip())
    if word == "endif":
        return Line("endif")
    if word in ("include", "-include", "sinclude"):
        return Line("include", text=rest)
    if word == "undefine":
        return Line("undefine", rest)
    assigned = _assignment(line)
    if assigned is not None:
        return assigned
    return Line("rule" if _split(line, ":")[1] is not None else "text", text=line)


def _assignment(text: str) -> Line | None:
    modifiers = _MODIFIERS.match(text)
    found = _ASSIGNMENT.match(text, modifiers.end() if modifiers is not None else 0)
    if found is None:
        return None
    kind = "override" if modifiers is not None and "override" in modifiers[0].split() else "set"
    return Line(kind, found["name"], found["operator"], found["value"])


def _compared(text: str) -> tuple[str, str] | None:
    """The two texts of an `ifeq`, in parentheses or quotes."""
    if text.startswith("(") and text.endswith(")"):
        first, *second = _arguments(text[1:-1], 2)
        return (first.rstrip(), second[0].lstrip()) if second else None
    pair = _QUOTED_PAIR.match(text)
    return (pair["a"], pair["b"]) if pair is not None else None


def _uncommented(line: str) -> str:
    at = line.find("#")
    while at > 0 and line[at - 1] == "\\":
        line = line[: at - 1] + line[at:]
        at = line.find("#", at)
    return line if at < 0 else line[:at]
