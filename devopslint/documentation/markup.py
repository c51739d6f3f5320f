"""The parts of a document with their lines: Markdown by markdown-it, AsciiDoc and reStructuredText by their outlines."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from devopslint.deferred import NamedTuple, compiled

LONGEST = 500_000
"""Characters of a document that are read; the longest runbook seen has 120,000."""


class Part(NamedTuple):
    """A heading, a paragraph, an item of a list, or a block of code."""

    kind: str
    """`heading`, `text`, `item` (text of a numbered or bulleted list), or `code`."""
    text: str
    line: int
    level: int = 0
    """Of a heading, from 1."""
    language: str = ""
    """Of code, as it is written; empty where none is named."""
    links: tuple[tuple[str, str], ...] = ()
    """(words, where it leads to) of each link."""
    images: tuple[tuple[str, str], ...] = ()
    """(alternative text, source) of each image."""
    commands: tuple[str, ...] = ()
    """What is set as code inside of a text."""


def parts(path: str, text: str) -> list[Part]:
    """The parts of a document in their order; the ending of the path names its markup."""
    ending = path.rpartition(".")[2].lower()
    if ending in ("adoc", "asciidoc"):
        return list(_outline(text, _ASCIIDOC))
    if ending == "rst":
        return list(_outline(text, _RESTRUCTURED))
    return list(_markdown(text))


@functools.cache
def _parser() -> Any:
    from markdown_it import MarkdownIt  # it takes 27 ms, and most files of a run are no documents

    return MarkdownIt("commonmark").enable("table")


def _markdown(text: str) -> Iterator[Part]:
    lines = text.split("\n")
    first = 0
    if lines[0].rstrip() == "---":  # front matter is no part of Markdown
        first = next((number for number, line in enumerate(lines[1:], 2) if line.rstrip() in ("---", "...")), 0)
    tokens = _parser().parse("\n".join(lines[first:]))
    listed = 0
    heading = 0
    for token in tokens:
        line = first + (token.map[0] + 1 if token.map else 1)
        if token.type == "heading_open":
            heading = int(token.tag[1:])
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            listed += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            listed -= 1
        elif token.type == "fence":
            yield Part("code", token.content, line + 1, language=(token.info.split() or [""])[0].lower())
        elif token.type == "code_block":
            yield Part("code", token.content, line)
        elif token.type == "html_block":
            yield Part(
                "text",
                _TAG.sub("", without_comments(token.content)),
                line,
                links=_in_html(token.content, _HREF),
                images=_in_html(token.content, _SRC),
            )
        elif token.type == "inline":
            yield from _inline(token, line, heading, listed > 0)
            heading = 0


def without_comments(text: str) -> str:
    """The text with nothing in its HTML comments but their line breaks."""
    if "<!--" not in text:
        return text
    kept: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept += (text[at:start], "\n" * text.count("\n", start, end))
        at = end + 3
    return "".join((*kept, text[at:]))


_OF_OUTLINES = {
    "adoc": compiled(r"^//", re.MULTILINE),
    "asciidoc": compiled(r"^//", re.MULTILINE),
    "rst": compiled(r"^\.\.(?= )", re.MULTILINE),
}


def as_comments(path: str, text: str) -> str:
    """The same lines and columns, where `#` begins each comment and stands nowhere else."""
    shown = text.replace("#", "=")
    ending = path.rpartition(".")[2].lower()
    if ending in _OF_OUTLINES:
        return _OF_OUTLINES[ending].sub(" #", shown)
    kept: list[str] = []
    at = 0
    while (start := shown.find("<!--", at)) >= 0 and (end := shown.find("-->", start)) >= 0:
        kept += (shown[at:start], "   #", shown[start + 4 : end], "   ")
        at = end + 3
    return "".join((*kept, shown[at:]))


_TAG = compiled(r"<[^<>]*>")
_HREF = compiled(r"<a\s[^<>]*?href=[\"']?([^\"'\s<>]+)", re.IGNORECASE)
_SRC = compiled(r"<img\s[^<>]*?src=[\"']?([^\"'\s<>]+)", re.IGNORECASE)


def _in_html(text: str, pattern: re.Pattern[str]) -> tuple[tuple[str, str], ...]:
    return tuple(("", address) for address in pattern.findall(text))


def _inline(token: Any, line: int, heading: int, listed: bool) -> Iterator[Part]:
    links: list[tuple[str, str]] = []
    images: list[tuple[str, str]] = []
    commands: list[str] = []
    words: list[str] = []
    said: list[str] = []
    for child in token.children or ():
        if child.type == "link_open":
            words, address = [], str(child.attrs.get("href", ""))
            links.append(("", address))
        elif child.type == "link_close" and links:
            links[-1] = ("".join(words), links[-1][1])
        elif child.type == "image":
            images.append((child.content, str(child.attrs.get("src", ""))))
        elif child.type == "code_inline":
            commands.append(child.content)
            words.append(child.content)
            said.append(child.content)
        elif child.type == "html_inline":
            links += _in_html(child.content, _HREF)
            images += _in_html(child.content, _SRC)
        elif child.type in ("softbreak", "hardbreak"):
            said.append("\n")
        else:
            words.append(child.content)
            said.append(child.content)
    kind = "heading" if heading else "item" if listed else "text"
    yield Part(kind, "".join(said), line, heading, "", tuple(links), tuple(images), tuple(commands))


class _Outline(NamedTuple):
    """How a markup other than Markdown tells its parts, line by line."""

    heading: re.Pattern[str] | None
    """`level` (its length counts) and `text`, where a heading is one line."""
    underlines: str
    """The characters that underline a heading, where it is two."""
    fence: re.Pattern[str]
    """What opens a block of code that the same line closes."""
    opens: re.Pattern[str]
    """What announces code; `language` where it is named."""
    item: re.Pattern[str]
    link: re.Pattern[str]
    """`words` and `address`."""
    image: re.Pattern[str]
    """`address`."""


_ASCIIDOC = _Outline(
    heading=compiled(r"(?P<level>={1,6}) +(?P<text>\S.*)"),
    underlines="",
    fence=compiled(r"(?:-{4,}|\.{4,}|```\w*)\s*"),
    opens=compiled(
        r"\[source(?:%\w+)?(?:, *(?P<language>\w+))?.*\]|\[(?P<diagram>mermaid|plantuml|graphviz|ditaa).*\]"
    ),
    item=compiled(r"\s*(?:[*.-]+|\d+\.)\s+\S"),
    link=compiled(r"(?:link:|xref:|<<)(?P<address>[^\[\s,>]+)(?:\[|, *)(?P<words>[^\]>]*)"),
    image=compiled(r"image::?(?P<address>[^\[\s]+)\["),
)
_RESTRUCTURED = _Outline(
    heading=None,
    underlines="=-~^\"'`#*+.:",
    fence=compiled(r"(?!)"),
    opens=compiled(
        r"\.\. (?:code(?:-block)?|sourcecode|highlight):: *(?P<language>\w*)|\.\. (?P<diagram>mermaid|uml|graphviz|plantuml)::|.*::\s*"
    ),
    item=compiled(r"\s*(?:[*+-]|\d+[.)]|#\.)\s+\S"),
    link=compiled(r"`(?P<words>[^`<]*)<(?P<address>[^`>\s]+)>`__?|:doc:`(?P<address2>[^`<]+)`"),
    image=compiled(r"\.\. (?:image|figure):: *(?P<address>\S+)"),
)
_MARKED = compiled(r"(?<!:)(?<!:doc)``?([^`<\n]+)``?(?!_)")


def _outline(text: str, markup: _Outline) -> Iterator[Part]:
    lines = text.split("\n")
    levels: list[str] = []
    language, at = "", 0
    while at < len(lines):
        line = lines[at]
        opening = markup.opens.fullmatch(line.rstrip())
        if opening is not None:
            named = opening.groupdict()
            language = named.get("language") or named.get("diagram") or language
        if markup.fence.fullmatch(line):
            end = next(
                (index for index in range(at + 1, len(lines)) if lines[index].rstrip() == line.rstrip()), len(lines)
            )
            yield Part("code", "\n".join(lines[at + 1 : end]) + "\n", at + 2, language=language.lower())
            language, at = "", end + 1
            continue
        if opening is not None and markup.underlines:
            end = _end_of_indented(lines, at + 1)
            first = next((index for index in range(at + 1, end) if lines[index].strip()), end)
            if first < end:
                yield Part("code", "\n".join(lines[first:end]) + "\n", first + 1, language=language.lower())
                language, at = "", end
                continue
        if markup.heading is not None and (found := markup.heading.fullmatch(line)):
            yield Part("heading", found["text"].strip(), at + 1, len(found["level"]))
        elif markup.underlines and at + 1 < len(lines) and _is_underlined(line, lines[at + 1], markup.underlines):
            if lines[at + 1][0] not in levels:
                levels.append(lines[at + 1][0])
            yield Part("heading", line.strip(), at + 1, levels.index(lines[at + 1][0]) + 1)
            at += 1
        elif line.strip() and opening is None:
            yield _line(line, at + 1, markup)
        at += 1


def _line(line: str, number: int, markup: _Outline) -> Part:
    links = tuple(
        ((found["words"] or "").strip(), found["address"] or found.groupdict().get("address2") or "")
        for found in markup.link.finditer(line)
    )
    images = tuple(("", found["address"]) for found in markup.image.finditer(line))
    kind = "item" if markup.item.match(line) else "text"
    return Part(kind, line.strip(), number, 0, "", links, images, tuple(_MARKED.findall(line)))


def _end_of_indented(lines: list[str], at: int) -> int:
    while at < len(lines) and (not lines[at].strip() or lines[at][0] in " \t"):
        at += 1
    return at


def _is_underlined(line: str, below: str, characters: str) -> bool:
    mark = below.rstrip()
    return (
        len(mark) >= 3
        and mark[0] in characters
        and mark == mark[0] * len(mark)
        and bool(line.strip())
        and not line[0].isspace()
        and len(mark) + 2 >= len(line.strip())
        and line.strip() != line.strip()[0] * len(line.strip())
    )
