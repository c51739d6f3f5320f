"""What the comments of other linters accept in HCL, each with the lines that it means.

tflint: https://github.com/terraform-linters/tflint/blob/master/docs/user-guide/annotations.md,
checkov: https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html,
trivy: https://trivy.dev/latest/docs/configuration/filtering/, KICS: https://docs.kics.io/latest/running-kics/.
"""

from __future__ import annotations

import datetime
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

from devopslint.deferred import cached_property, compiled
from devopslint.facts import table
from devopslint.model import Location, Suppression
from devopslint.terraform.reader import Block
from devopslint.terraform.source import all_attributes, all_blocks, line_starts, read_source

_TFLINT = compiled(r"(?:#|//|/\*)[ \t]*tflint-ignore(-file)?:[ \t]*([\w, \t]+)(?:(?:#|//|--)[ \t]*(.*))?")
_CHECKOV = compiled(
    r"(?:#|//|/\*)[ \t]*(?:checkov|bridgecrew|cortex):[ \t]*skip[ \t]*=[ \t]*([\w,]+)(?:[ \t]*:[ \t]*(.*))?"
)
_TRIVY = compiled(r"(?:trivy|tfsec):ignore:([\w*-]+)((?::(?:exp|ws):[\w.*-]+|\[[^\]]*\])*)")
_KICS = compiled(
    r"(?:#|//)[ \t]*kics-scan[ \t]+(?:(ignore-block|ignore-line|ignore)\b|disable[ \t]*=[ \t]*([\w, \t-]+))"
)
_EXPIRY = compiled(r":exp:(\d{4}-\d{2}-\d{2})")
_TRIVY_ID = compiled(r"(?:AVD-)?([A-Z]+)-(\d{4,5})\Z", re.IGNORECASE)
_EARLY = compiled(r"[A-Z]+\d{3}\Z")
_COMMENT = compiled(r"\s*(?:#|//)")
_ANY = compiled(r"tflint-ignore|:[ \t]*skip[ \t]*=|(?:trivy|tfsec):ignore|kics-scan")
_WORDS = ("tflint-ignore", "skip", ":ignore", "kics-scan")
"""What is in each of them: to look for words in a whole file is a tenth of the expression."""

Rules = Callable[[str, Iterable[str]], tuple[str, ...]]


def read_hcl_comments(path: str, text: str, rules: Rules) -> Iterator[Suppression]:
    """`rules` gives our rules for a peer's names."""
    if not any(word in text for word in _WORDS) or not _ANY.search(text):
        return
    lines = text.split("\n")
    layout = _Layout(path, text)
    for number in _lines_of(_ANY, text):
        line = lines[number - 1]
        mark = min(index for sign in ("#", "//", "/*") if (index := line.find(sign)) >= 0) if _marked(line) else 0
        at = Location(path, number, mark + 1, number, len(line.rstrip()) + 1)
        if found := _TFLINT.search(line):
            first, last = (1, len(lines)) if found[1] else (number, number + 1)
            yield from _made(rules("tflint", found[2].split(",")), at, found[3], first, last, "tflint")
        for found in _CHECKOV.finditer(line):
            block = layout.around(number)
            first, last = layout.extent(block) if block is not None else (number, number)
            is_call = block is not None and block.type == "module"
            yield from _made(
                rules("checkov", found[1].split(",")), at, found[2], first, last, "checkov", related=is_call
            )
        for found in _TRIVY.finditer(line):
            first, last, is_call = layout.meant(number, alone=_COMMENT.match(line) is not None, lines=lines)
            names = ["all"] if found[1] == "*" else _names(found[1])
            expiry = _EXPIRY.search(found[2])
            until = None if expiry is None else _day(expiry[1])
            yield from _made(rules("trivy", names), at, None, first, last, "trivy", until=until, related=is_call)
        if found := _KICS.search(line):
            if found[2]:
                yield from _made(rules("kics", found[2].lower().split(",")), at, None, 1, len(lines), "kics")
                continue
            if found[1] == "ignore":
                first, last = 1, len(lines)
            else:
                first, last, _ = layout.meant(number, alone=True, lines=lines)
                last = first if found[1] == "ignore-line" else last
            yield Suppression(("*",), at, None, None, first, last, origin="kics")


def _lines_of(pattern: re.Pattern[str], text: str) -> Iterator[int]:
    """The numbers of the lines in which the pattern is found, which it is within one."""
    number, counted, last = 1, 0, 0
    for found in pattern.finditer(text):
        number += text.count("\n", counted, found.start())
        counted = found.start()
        if number > last:
            yield number
        last = number


def _made(
    rules: tuple[str, ...],
    at: Location,
    reason: str | None,
    first: int,
    last: int,
    origin: str,
    *,
    until: datetime.date | None = None,
    related: bool = False,
) -> Iterator[Suppression]:
    if rules:
        said = (reason or "").removesuffix("*/").strip() or None
        yield Suppression(rules, at, said, until, first, last, origin=origin, related=related)


def _marked(line: str) -> bool:
    return any(sign in line for sign in ("#", "//", "/*"))


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return datetime.date.min  # no such day: it has never been


def _names(name: str) -> list[str]:
    """`AWS-0107` for each form that it has had: `AVD-AWS-0107`, a long one with `*` in it, a number of early tfsec."""
    found = _TRIVY_ID.match(name)
    if found:
        return [name, f"{found[1].upper()}-{found[2]}"]
    known = table("trivy_names")
    if _EARLY.match(name):
        return [known["legacy"].get(name, name)]
    # Only checks that have a long name, too, are known by their ids.
    wanted = re.compile(re.escape(name.removeprefix("AVD-")).replace(r"\*", ".*") + r"\Z")
    ids = known["names"] | {id: id for id in known["names"].values()}
    return list(dict.fromkeys([name, *(id for long, id in ids.items() if wanted.match(long))]))


class _Layout:
    """Where the blocks and attributes of a file stand, in lines."""

    def __init__(self, path: str, text: str) -> None:
        self._starts = line_starts(text)
        self._body = read_source(path, text, values=path.endswith((".tfvars", ".tfvars.json"))).body

    @cached_property
    def _begins(self) -> dict[int, tuple[int, bool]]:
        """By the first line of each block and attribute: its last, and whether it is a call."""
        begins: dict[int, tuple[int, bool]] = {}
        for attribute in all_attributes(self._body):
            begins[self._line(attribute.start)] = (self._line(attribute.value_end), False)
        for block in reversed(list(all_blocks(self._body))):
            begins[self._line(block.start)] = (self._line(block.end), block.type == "module")
        return begins

    @cached_property
    def _first_lines(self) -> list[int]:
        return [self._line(block.start) for block in self._body.blocks]

    def _line(self, offset: int) -> int:
        return bisect_right(self._starts, offset)

    def extent(self, block: Block) -> tuple[int, int]:
        return self._line(block.start), self._line(block.end)

    def around(self, number: int) -> Block | None:
        """The top-level block that a line is in."""
        blocks = self._body.blocks
        index = bisect_right(self._first_lines, number) - 1
        return blocks[index] if index >= 0 and number <= self._line(blocks[index].end) else None

    def meant(self, number: int, *, alone: bool, lines: list[str]) -> tuple[int, int, bool]:
        """The lines of what begins on a line, or below a comment that stands alone; and whether it is a call."""
        while alone and number < len(lines) and (not lines[number - 1].strip() or _COMMENT.match(lines[number - 1])):
            number += 1
        last, is_call = self._begins.get(number, (number, False))
        return number, last, is_call
