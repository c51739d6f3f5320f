"""A document: its sections, what each is about, and whether it gives steps that somebody can follow."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from devopslint.deferred import NamedTuple, cached_property, compiled, dataclass
from devopslint.documentation.commands import mentions
from devopslint.documentation.markup import LONGEST, Part, as_comments, parts, without_comments
from devopslint.documentation.names import ARCHITECTURE, RECOVERY, ROLLBACK, is_of_design, of_path, purposes
from devopslint.documentation.targets import Target, targets
from devopslint.model import LINE_BREAK, Location, NotChecked, Opening
from devopslint.readers.cluster_commands import openings_in_commands
from devopslint.readers.text_file import TextFile

DIAGRAMS = frozenset(("mermaid", "plantuml", "uml", "puml", "dot", "graphviz", "ditaa", "d2", "diagram", "structurizr"))
"""Languages of code that draw something."""
_STUB = compiled(
    r"(?i)\W*(?:(?:todo(?![ \t]+(?-i:[a-záéíóúñ]))|(?-i:TODO)|tbd|tbc|fixme)\b(?![-./@]\w)|(?:to be (?:written|done|added|completed|determined|defined|documented)"
    r"|coming soon|work in progress|wip|under construction|not (?:yet )?written(?: yet)?|fill (?:me |this )?in)\W*\Z)"
    r"[^\n]{0,80}"
)
_DRAWN = compiled(r"(?i)architect|diagram|topolog|overview|infrastructure|deployment|schema|system|\.drawio|\.puml")
_ANCHOR = compiled(r"""(?:\b(?:id|name)=["']?([\w.:-]+))|\{#([\w.:-]+)|<h[1-6][^<>]*>([^<>]*)</h""")
_ALERT = compiled(
    r"(?:Alert(?:name)?:? *)?[`*]*((?:[A-Z][A-Za-z]*[a-z0-9][A-Z]|[A-Z]{2,}[a-z]+[A-Z]|[a-z][a-z0-9]*(?:_[a-z0-9]+)+_)[A-Za-z0-9_]*)[`*]*"
)
_LONGEST_NAME = 120
_SHOWN = compiled(
    r"^[ \t]*kind:[ \t]*(?P<kind>ConfigMap|PersistentVolumeClaim|Secret|ServiceAccount)[ \t]*\n"
    r"(?:[^\n]*\n){0,3}?[ \t]*name:[ \t]*(?P<name>[a-z0-9][a-z0-9.-]*)[ \t]*$",
    re.MULTILINE,
)
"""What a document shows its readers for them to make by hand."""
_LINE_COMMENT = compiled(r"^//.*$", re.MULTILINE)
_FOLLOWED = compiled(r"(?i)restor|recover|wiederherstell|恢复|復旧")


class SectionSummary(NamedTuple):
    """What others may ask of a heading and what stands below it."""

    title: str
    purposes: frozenset[str]
    location: Location
    steps: bool
    """Whether there is a command, or a list of steps."""
    links: tuple[str, ...]
    """Where its links lead to."""


class DocumentSummary(NamedTuple):
    """A summary: what a document is about, as far as it gives that."""

    path: str
    title: str
    purposes: frozenset[str]
    """By its path and title."""
    location: Location
    sections: tuple[SectionSummary, ...]
    links: tuple[tuple[str, str, Location], ...]
    """(words, address, where) of every link."""
    diagram: Location | None
    """Where it draws or shows the system; None where it does not."""
    stub: bool
    """Whether it only says that it is to be written."""
    recovers: tuple[tuple[str, float, Location], ...] = ()
    """(RPO or RTO, seconds, where) of each target."""
    restores: bool = False
    """Whether it gives steps that restore."""
    anchors: frozenset[str] = frozenset()
    """Where links may lead to beside its headings."""


class AlertTitle(NamedTuple):
    """A summary: the title or a heading of a document, which may be the name of an alert."""

    name: str
    group: str
    """What the names in one group are, the others are as well."""
    location: Location


@dataclass(frozen=True)
class Section:
    """A heading with all that stands below it, other headings too."""

    document: DocumentFile
    title: str
    level: int
    """From 1; 0 is the whole document."""
    line: int
    content: tuple[Part, ...]

    @property
    def label(self) -> str:
        return self.title or self.document.path

    @property
    def location(self) -> Location:
        return self.document.at(self.line)

    @cached_property
    def purposes(self) -> frozenset[str]:
        return purposes(self.title)

    @property
    def code(self) -> list[Part]:
        """The commands and files that are written out."""
        return [
            part for part in self.content if part.kind == "code" and part.language not in DIAGRAMS and part.text.strip()
        ]

    @property
    def gives_steps(self) -> bool:
        """Whether somebody can follow it: a command, or two steps of a list."""
        commands = any(" " in command.strip() for part in self.content for command in part.commands)
        return bool(self.code) or commands or sum(part.kind == "item" for part in self.content) >= 2

    @property
    def text(self) -> str:
        return "\n".join(part.text for part in self.content)


class DocumentFile(TextFile):
    """A file of prose about how the system is run."""

    kinds = ("document",)

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text)
        if len(text) > LONGEST:
            self.not_checked.append(NotChecked(path, f"the document has more than {LONGEST:,} characters"))
            self.text = ""

    @cached_property
    def lines(self) -> list[str]:
        return LINE_BREAK.split(self.text)

    @cached_property
    def parts(self) -> list[Part]:
        return parts(self.path, self.text)

    def at(self, line: int) -> Location:
        """The words of a line."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        first = len(text) - len(text.lstrip()) + 1
        return Location(self.path, line, first, line, max(len(text.rstrip()) + 1, first + 1))

    @cached_property
    def title(self) -> str:
        first = next((part for part in self.parts if part.kind == "heading"), None)
        return first.text if first is not None and first.level == 1 else ""

    @property
    def title_line(self) -> int:
        first = next((part for part in self.parts if part.kind == "heading"), None)
        return first.line if first is not None else 1

    @cached_property
    def purposes(self) -> frozenset[str]:
        """What the whole document is about."""
        return of_path(self.path) | (frozenset() if self.is_readme or is_of_design(self.path) else purposes(self.title))

    def commentary(self, text: str) -> str:
        """The same lines, where `#` begins what stands in a comment, and nothing else.

        A document may show how something is accepted, and accepts nothing by that.
        """
        return as_comments(self.path, text)

    @property
    def is_readme(self) -> bool:
        return posixpath.basename(self.path).lower().startswith("readme")

    @cached_property
    def whole(self) -> Section:
        return Section(self, self.title, 0, self.title_line, tuple(self.parts))

    @cached_property
    def sections(self) -> list[Section]:
        """Every heading with what is below it."""
        found = []
        parts = self.parts
        ends = _ends(parts)
        for index, part in enumerate(parts):
            if part.kind == "heading":
                found.append(Section(self, part.text, part.level, part.line, tuple(parts[index + 1 : ends[index]])))
        return found

    @cached_property
    def stubs(self) -> list[Part]:
        """The paragraphs that only say that something is to be written."""
        said = [part for part in self.parts if part.kind == "text" and _STUB.fullmatch(part.text.strip())]
        if self.path.lower().endswith((".adoc", ".asciidoc")):
            return [part for part in said if not part.text.lstrip().startswith("//")]
        return said

    @cached_property
    def prose(self) -> list[str]:
        """Its lines, those of comments and code left empty."""
        lines = LINE_BREAK.split(_LINE_COMMENT.sub("", without_comments(self.text)))
        for part in self.parts:
            if part.kind == "code":
                end = part.line + part.text.count("\n")
                lines[part.line - 1 : end - 1] = [""] * len(lines[part.line - 1 : end - 1])
        return lines

    @cached_property
    def targets(self) -> list[Target]:
        """The times that it states for RPO and RTO."""
        return list(targets(self.prose))

    @cached_property
    def diagram(self) -> Location | None:
        """Where the system is drawn, or a picture of it is shown."""
        for part in self.parts:
            if part.kind == "code" and part.language in DIAGRAMS:
                return self.at(max(part.line - 1, 1))
            for alternative, source in (*part.images, *part.links):
                shown = f"{alternative} {posixpath.basename(source)}"
                if _DRAWN.search(shown) and re.search(r"(?i)\.(?:png|svg|jpe?g|gif|webp|drawio|puml|mmd)\b", source):
                    return self.at(part.line)
        for section in self.sections:
            if ARCHITECTURE in section.purposes:
                for part in section.content:
                    if part.images or (part.kind == "code" and re.search(r"-->|──|\+--|└|│", part.text)):
                        return self.at(part.line)
        return None

    @cached_property
    def restores(self) -> bool:
        """Whether steps that restore are given, here or where a link leads."""
        about = [self.whole] if RECOVERY in self.purposes else []
        about += [section for section in self.sections if RECOVERY in section.purposes or ROLLBACK in section.purposes]
        return any(section.gives_steps for section in about) or any(
            _FOLLOWED.search(f"{words} {address}") for part in self.parts for words, address in part.links
        )

    def summaries(self) -> Iterable[object]:
        yield DocumentSummary(
            self.path,
            self.title,
            self.purposes,
            self.at(self.title_line),
            tuple(
                SectionSummary(
                    section.title,
                    section.purposes,
                    section.location,
                    section.gives_steps,
                    tuple(address for part in section.content for _, address in part.links),
                )
                for section in self.sections
            ),
            tuple((words, address, self.at(part.line)) for part in self.parts for words, address in part.links),
            self.diagram,
            bool(self.stubs) and not self.whole.gives_steps,
            tuple((one.name, one.seconds, self.at(one.line)) for one in self.targets),
            self.restores,
            frozenset(found[1] or found[2] or found[3] for found in _ANCHOR.finditer(self.text)),
        )
        yield from mentions(self.parts, self.at)
        for one in openings_in_commands(self.path, self.text):
            # What readers are told to make is in no file either; of a release they know what it is called.
            if isinstance(one, Opening) and one.words is not None:
                yield one
        if "kind:" in self.text:
            for shown in _SHOWN.finditer(self.text):
                reason = f"{self.path} shows how to make it"
                at = self.at(self.text.count("\n", 0, shown.start()) + 1)
                yield Opening(at, reason, kinds=frozenset({shown["kind"]}), words=frozenset({shown["name"]}))
        yield from self._alert_titles()

    def _alert_titles(self) -> Iterator[AlertTitle]:
        """The headings that may be names of alerts: one document an alert, or one heading."""
        folder, _, name = self.path.rpartition("/")
        for part in self.parts:
            short = part.kind == "heading" and len(part.text) < _LONGEST_NAME
            found = _ALERT.fullmatch(part.text.strip()) if short else None
            if found is not None:
                group = f"{folder}/" if part.level == 1 else f"{self.path}#{part.level}"
                yield AlertTitle(found[1], group, self.at(part.line))
        stem = name.rpartition(".")[0]
        if not any(part.kind == "heading" and part.level == 1 for part in self.parts) and _ALERT.fullmatch(stem):
            yield AlertTitle(stem, f"{folder}/", self.at(1))


def _ends(parts: list[Part]) -> list[int]:
    """Of each heading the index behind the last part below it."""
    ends = [len(parts)] * len(parts)
    open_: list[int] = []
    for index, part in enumerate(parts):
        if part.kind == "heading":
            while open_ and parts[open_[-1]].level >= part.level:
                ends[open_.pop()] = index
            open_.append(index)
    return ends


def documents(file: DocumentFile) -> Iterator[DocumentFile]:
    """The document as one."""
    yield file


def sections(file: DocumentFile) -> list[Section]:
    """Every heading with what is below it."""
    return file.sections
