"""Markdown is read as markdown-it reads it, and any text is read in time that grows with its length."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from devopslint.documentation.blocks import blocks
from devopslint.documentation.inlines import pieces

PROJECT = Path(__file__).parent.parent.parent
ORACLE = MarkdownIt("commonmark").enable("table")

TEXTS = [
    "# one #\n\ntwo\nthree\n====\n\nfour\n---\n\n####### five\n#six\n## seven \\##\n",
    "- a\n- b\n\n  c\n\n      d\n1. e\n   1. f\n\n      g\n* h\n\n  > i\n\n-\n\n  j\n",
    "> a\nb\n\n> - c\n>   d\n> # e\n> ```\n> f\n```\ng\n```\n",
    "```sh x\na\n  b\n````\n\n~~~\nc\n",
    "   ```\n   a\n     b\n  c\n   ```\n``` a`b\nd\n",
    "    a\n\n\tb\n\n  c\n\td\n- e\n\n\t  f\n-\t\tg\n",
    "| a | b |\n|---|:-:|\n| c \\| d | `e` |\n| f\n| g | h | i |\n\nj | k\n-|-\n- l\n",
    "text\na | b\n--|--\nc\n# d\n| e |\n|---|\n> f\n",
    "<div>\n*a*\n\n*b*\n<!-- c\n\nd -->\ne\n<span>\nf\n\n<span>\ng\n\n<script>\n\nh</script>\ni\n<?j\n?>\n<!K>\n<![CDATA[\n]]>\n",
    "[a]: <x y> 'title'\n[B\nc]:\n/d\n\"e\nf\"\n[g]: h i\n\n[a] [A][] [b C][] [j][a] ![k][a] [l] [m][n]\n",
    "[a]: b\n===\n\n[c]: d\ne\n===\n[c]\n",
    '*a* **b** ***c*** _d_ __e__ *f**g**h* **i*j*k** snake_case_word *l _m* n_ a*b*c 5*6*7 **"o"**p *(q)r* ***s** t*\n',
    "`a` ``b ` c`` ` d ` `` e `f` \\`g` `h\ni` ```\n",
    '[a](b) [c](<d e> "f") [g]( h \'i\' ) [j](k(l)m) [n](o p) [q] [r [s](t)](u) ![v [w](x)](y "z") [`]`](a)\n',
    "[a](javascript:b) [c](DATA:d) ![e](data:image/png;f) [g](h%20i%zzäöü\\)) [j](&amp;k) [](l) [m]()\n",
    "<https://a.b/c?d=%C3%A4> <e@f.g> <h:i> <j k='l' m> </n> <o/> <1> <p <!-- q --> <? r ?> <!S t> <![CDATA[ u ]]> <!-- v\n",
    "&amp; &copy; &#65; &#x41; &#0; &nothing; & &ampamp; a\\&amp; \\a \\* \\\\\n",
    "a  \nb\\\nc \n   d\n\n* * *\n***\n_ _ _\n--\n+ + +\n",
    "\ufeff# a\r\nb\rc\0\r\n\r\n- d\r\n",
    "1) a\n2) b\n\ntext\n2. c\n1. d\n10. e\n1234567890. f\n",
    "- a\n - b\n  - c\n   - d\n    - e\n",
    "*\u00a0a* \u201c*b*\u201d *c\u2014*d\n\n\u00a0\n",
    "",
    "\n",
    "a",
    "```",
    "    ",
    "<!--",
]


def as_markdown_it_has_it(text: str) -> Iterator[tuple[object, ...]]:
    """The blocks of a text, and the pieces of each, by the library."""
    listed = heading = 0
    for token in ORACLE.parse(text):
        line = token.map[0] + 1 if token.map else 0
        if token.type == "heading_open":
            heading = int(token.tag[1:])
        elif token.type.endswith("_list_open"):
            listed += 1
        elif token.type.endswith("_list_close"):
            listed -= 1
        elif token.type == "fence":
            yield "code", token.content, line + 1, 0, (token.info.split() or [""])[0].lower()
        elif token.type in ("code_block", "html_block"):
            yield token.type.removesuffix("_block").replace("code_block", "code"), token.content, line, 0, ""
        elif token.type == "inline":
            kind = "heading" if heading else "item" if listed else "text"
            yield kind, joined(map(piece_of, token.children or ())), line, heading, ""
            heading = 0


def piece_of(token: Any) -> tuple[str, str, str]:
    match token.type:
        case "link_open":
            return "link", "", token.attrs["href"]
        case "link_close":
            return "end", "", ""
        case "image":
            return "image", token.content, token.attrs["src"]
        case "code_inline":
            return "code", token.content, ""
        case "html_inline":
            return "html", token.content, ""
        case "softbreak" | "hardbreak":
            return "break", "", ""
    return "text", token.content, ""


def as_we_have_it(text: str) -> Iterator[tuple[object, ...]]:
    found, definitions = blocks(text)
    for kind, content, line, level, language in found:
        whole = kind in ("code", "html")
        yield kind, content if whole else joined(map(tuple, pieces(content, definitions))), line, level, language


def joined(said: Any) -> list[tuple[str, str, str]]:
    """The pieces, those of text next to one another as one."""
    made: list[tuple[str, str, str]] = []
    for kind, text, address in said:
        if kind == "text" and made and made[-1][0] == "text":
            made[-1] = "text", made[-1][1] + text, ""
        elif text or kind != "text":
            made.append((kind, text, address))
    return made


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_read_as_markdown_it_reads_it(text: str) -> None:
    assert list(as_we_have_it(text)) == list(as_markdown_it_has_it(text))


DOCUMENTS = sorted(
    path.relative_to(PROJECT).as_posix()
    for path in (*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"), *PROJECT.glob("fixtures/**/*.md"))
    if path.stat().st_size < 500_000
)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_of_this_project_is_read_as_markdown_it_reads_it(path: str) -> None:
    text = (PROJECT / path).read_text("utf-8")

    assert list(as_we_have_it(text)) == list(as_markdown_it_has_it(text))


LINES = st.sampled_from(
    [
        *(
            "",
            "",
            "# a",
            "b *c* d",
            "e `f",
            "`` g ` h ``",
            "- i",
            "1. j",
            "2. k",
            "- ",
            "```sh",
            "```",
            "~~~",
            "---",
            "===",
        ),
        *("<div>", "</div>", "<!-- l", "-->", "[m](n 'o')", "![p](q)", "<r:s>", "*t_u*_v_", "***w** x*", "y  ", "z\\"),
        *(
            " - A",
            "   B",
            "\tC",
            "**D*E**F*",
            "_G__H_ _I",
            "[J](K",
            "[L [M](N)](O)",
            "&lt;",
            "<b>P</b>",
            "Q <i",
            "***",
        ),
    ]
)


@given(st.lists(st.tuples(st.sampled_from(["", "", "", "  ", "- ", "1. "]), LINES).map("".join), max_size=8))
@settings(max_examples=300)
def test_lines_in_any_order_are_read_as_markdown_it_reads_them(lines: list[str]) -> None:
    text = "\n".join(lines)

    assert list(as_we_have_it(text)) == list(as_markdown_it_has_it(text))


@given(st.text(alphabet="ab \t\n\r*_`~#>-+=|:[]()<>!&;\\\"'1.\0ä\u00a0", max_size=200))
def test_any_text_has_blocks_in_the_order_of_its_lines(text: str) -> None:
    found, definitions = blocks(text)

    lines = [block.line for block in found]
    assert lines == sorted(lines)
    assert all(1 <= line <= text.count("\n") + text.count("\r") + 2 for line in lines)
    for block in found:
        opened = 0
        for piece in pieces(block.text, definitions):
            opened += (piece.kind == "link") - (piece.kind == "end")
            assert opened in (0, 1)


PIECES = [
    "[",
    "![",
    "](",
    "[a](b ",
    "[a](<b ",
    "[a]['c",
    "`",
    "*a ",
    "_a_ ",
    "**a_b ",
    "<!-- ",
    "<? ",
    "<!A ",
    "<![CDATA[ ",
]
PIECES += [
    "<a ",
    "<a b=",
    "&a",
    "\\",
    "> ",
    "- - a ",
    "|",
    "[a]:b\n",
    "> a\n",
    "   - a\n",
    "|a",
    "`" * 3,
    "a\n",
    "[a](b) ",
]


@pytest.mark.parametrize("piece", PIECES)
def test_what_begins_again_and_again_is_not_looked_for_to_the_end_each_time(piece: str) -> None:
    """Were each of these held against all that follow, this would take hours."""
    found, definitions = blocks(piece * 100_000)

    said = [pieces(block.text, definitions) for block in found if block.kind not in ("code", "html")]
    assert said or found or definitions
