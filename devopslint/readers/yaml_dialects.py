"""What a plain scalar means, and what a file may be, for each program that reads YAML.

Each is held by the program itself: docs/oracles.md.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Callable, Mapping

from devopslint.deferred import NamedTuple, compiled

_INTEGER = compiled(r"[-+]?(?:0|[1-9][0-9]*)\Z", re.ASCII)
_FLOAT = compiled(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z", re.ASCII)
_RADIX = compiled(r"[-+]?0(?:o[0-7]+|x[0-9a-fA-F]+|b[01]+)\Z", re.ASCII)
_GO_INTEGER = compiled(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)\Z", re.ASCII)
_RUBY_INTEGER = compiled(r"[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*|0[0-7_,]+|0x[0-9a-fA-F_,]+|0b[01_,]+)\Z", re.ASCII)
_SEXAGESIMAL = compiled(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}\Z", re.ASCII)
_NO_NUMBER_OF_JSON = compiled(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_MARKS_OF_NO_NUMBER = (".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN")
_TIME = compiled(
    r"[0-9]{4}-(?:1[012]|0?[0-9])-(?:[12][0-9]|3[01]|0?[0-9])"
    r"|-?[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|\s+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:\s*(?:Z|[-+][0-9]{1,2}:?(?:[0-9]{2})?))?"
)
_DEFINITION = compiled(r"kind: CustomResourceDefinition[ \t]*$", re.MULTILINE)
_SCHEMA = compiled(r"openAPIV3Schema:[ \t]*\n")
_RUBY_FLOAT = compiled(r"[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][+-][0-9]+)?\Z", re.ASCII)

LONGEST_NUMBER = 1_000
"""Characters; what is longer is a text to every program."""

NULLS = frozenset(("", "~", "null", "Null", "NULL"))


def _words(true: str, false: str) -> dict[str, bool]:
    pairs = [(word, True) for word in true.split()] + [(word, False) for word in false.split()]
    return {form: value for word, value in pairs for form in (word, word.capitalize(), word.upper())}


def _words_in_any_case(true: str, false: str) -> dict[str, bool]:
    pairs = [(word, True) for word in true.split()] + [(word, False) for word in false.split()]
    return {
        "".join(letters): value
        for word, value in pairs
        for letters in itertools.product(*((letter, letter.upper()) for letter in word))
    }


class Dialect(NamedTuple):
    """What one program makes of YAML."""

    booleans: Mapping[str, bool]
    number: Callable[[str], int | float | None]
    """The number that a scalar is, if any, of those that begin with a digit, a sign or a point."""
    merges_in_place: bool = False
    """`<<` overrides what stands before it; else a mapping's own keys win wherever they stand."""
    breaks: bool = False
    """The line separators of Unicode end a line."""
    objects_in_a_row: bool = False
    """A text that begins with `{` is JSON, and may be several objects, one behind the other."""
    versions: tuple[str, ...] = ("1.1", "1.2")
    """Of the %YAML directive that the program takes."""
    splits: bool = False
    """Documents are cut apart at the lines that begin with `---` before they are read: nothing else may stand there,
    and no directive before."""
    tag_of_text: bool = True
    """Whether a `!` by itself makes a text of what stands behind it."""
    unread: re.Pattern[str] | None = None
    """Plain scalars that the program does not read."""
    marks_of_unread: tuple[str, ...] = ()
    """Of which one stands in every such scalar: to look for a text is a hundred times as fast as for an expression."""
    program: str = ""
    """Who refuses the rest; empty where any YAML is taken."""
    decrypted: bool = False
    """Whether the program gets what SOPS has encrypted only once it is decrypted."""
    unasked: Callable[[str], list[tuple[int, int]]] | None = None
    """Where in a text stands what no check asks for, in order, whole lines of blocks: no nodes are made of it."""

    def refusal(self, directive: tuple[int, int] | None, tags: bool, separator: str) -> str:
        """Why the program does not read a document of such a beginning; empty where it does."""
        if directive is not None and (self.splits or f"{directive[0]}.{directive[1]}" not in self.versions):
            return f"is not read by {self.program}, which refuses %YAML {directive[0]}.{directive[1]}"
        if tags and self.splits:
            return f"is not read by {self.program}, which refuses directives"
        behind = separator.removeprefix("---").strip()
        if self.splits and separator.startswith("---") and behind and not behind.startswith("#"):
            return f"is not read by {self.program}, which refuses '{behind[:40]}' on the line of the separator"
        return ""


def schemas_of_resources(text: str) -> list[tuple[int, int]]:
    """The schemas in definitions of custom resources: nine tenths of the bytes of a project's manifests, often.

    Expressions that begin with what stands there are a tenth of the time of those that begin with `^`.
    """
    found: list[tuple[int, int]] = []
    stop = 0
    for kind in _DEFINITION.finditer(text):
        if _line_start(text, kind.start()) != kind.start():
            continue
        begin = text.rfind("\n---", 0, kind.start()) + 1
        end = text.find("\n---", kind.end()) + 1 or len(text)
        for key in _SCHEMA.finditer(text, begin, end):
            indent = key.start() - _line_start(text, key.start())
            # A schema may speak of schemas: Crossplane defines the kind that defines kinds.
            if key.start() < stop or not indent or text[key.start() - indent : key.start()].strip(" "):
                continue
            behind = compiled(rf"\n {{0,{indent}}}[^ \t\r\n#]").search(text, key.end() - 1, end)
            stop = behind.start() + 1 if behind else end
            found.append((key.end(), stop))
    return found


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


@functools.lru_cache(maxsize=1024)
def _core(text: str) -> int | float | None:
    if len(text) >= 400:
        return None
    if _INTEGER.match(text):
        return int(text)
    if _RADIX.match(text):
        return int(text, 0)
    return float(text) if _FLOAT.match(text) else _special(text)


@functools.lru_cache(maxsize=1024)
def _go(text: str) -> int | float | None:
    """gopkg.in/yaml, and then JSON, which knows no integers: 3.0 and 3e0 are 3."""
    digits = text.replace("_", "")
    if len(digits) >= 400:
        return None
    if _GO_INTEGER.match(digits):
        whole = _in_go_radix(digits)
        if -(2**63) <= whole < 2**64:
            return whole
    if _FLOAT.match(digits):
        number = float(digits)
        if math.isinf(number):
            return None
        return int(number) if number.is_integer() and abs(number) < 1e21 else number
    return _special(text)


def _in_go_radix(digits: str) -> int:
    unsigned = digits.lstrip("+-")
    if len(unsigned) > 1 and unsigned[0] == "0" and unsigned[1] in "01234567":
        return int(digits, 8)
    return int(digits, 0)


@functools.lru_cache(maxsize=1024)
def _ruby(text: str) -> int | float | None:
    """Psych's ScalarScanner."""
    if len(text) >= 400:
        return None
    if _RUBY_INTEGER.match(text):
        digits = text.replace("_", "").replace(",", "")
        unsigned = digits.lstrip("+-")
        return int(digits, 8 if len(unsigned) > 1 and unsigned.isdigit() and unsigned[0] == "0" else 0)
    if _SEXAGESIMAL.match(text):
        # The first part alone has the sign, and of two parts the first is hours.
        return sum(int(part) * (3600, 60, 1)[place] for place, part in enumerate(text.replace("_", "").split(":")))
    if _RUBY_FLOAT.match(text) and text.lstrip("+-") != ".":
        return float(text.replace("_", "").replace(",", ""))
    return _special(text)


def _special(text: str) -> float | None:
    lowered = text.lower()
    if lowered in (".inf", "+.inf", "-.inf"):
        return float(lowered.replace(".", ""))
    return float("nan") if lowered == ".nan" else None


CORE = Dialect(_words("true", "false"), _core)
"""YAML 1.2, as GitHub reads it."""
GO = Dialect(_words("true yes on y", "false no off n"), _go, merges_in_place=True, breaks=True)
"""gopkg.in/yaml, as Helm and Prometheus use it: YAML 1.1."""
KUBERNETES = GO._replace(
    objects_in_a_row=True,
    splits=True,
    unread=_NO_NUMBER_OF_JSON,
    marks_of_unread=_MARKS_OF_NO_NUMBER,
    program="kubectl",
    decrypted=True,
    unasked=schemas_of_resources,
)
"""kubectl's decoders: the same, a document at a time, and JSON."""
KUSTOMIZE = Dialect(_words("true yes on y", "false no off n"), _go, breaks=True)
"""What kustomize makes of its own files."""
BUILT = KUSTOMIZE._replace(booleans=_words("true", "false"), decrypted=True)
"""What kustomize makes of objects and patches: it writes `yes` down as a text, which Kubernetes takes for no boolean."""
OPERATIONS = KUSTOMIZE._replace(decrypted=True)
"""What kustomize makes of JSON patches, whose values become those of objects."""
ANSIBLE = Dialect(_words("true yes on", "false no off"), _go, breaks=True)
"""PyYAML, as Ansible uses it: YAML 1.1."""
COMPOSE = Dialect(
    _words("true", "false"),
    _go,
    breaks=True,
    versions=("1.1",),
    tag_of_text=False,
    unread=_NO_NUMBER_OF_JSON,
    marks_of_unread=_MARKS_OF_NO_NUMBER,
    program="docker compose",
)
"""compose-go: a mapping's own keys win, and booleans that are words are made such where one is wanted."""
GITLAB = Dialect(
    _words_in_any_case("true yes on", "false no off"),
    _ruby,
    merges_in_place=True,
    breaks=True,
    tag_of_text=False,
    unread=_TIME,
    marks_of_unread=("-",),
    program="GitLab",
)
"""Ruby's Psych."""
