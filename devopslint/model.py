"""The vocabulary: places, problems, rules and findings."""

from __future__ import annotations

import datetime
import enum
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from operator import itemgetter
from typing import Any, ClassVar, Protocol, Self, TypeVar

from devopslint.deferred import NamedTuple

T = TypeVar("T")
V = TypeVar("V", bound="ProjectView")

LINE_BREAK = re.compile(r"\r\n|\n|\r")
"""What ends a line, in every file and for every location."""


class Severity(enum.IntEnum):
    NOTE = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, name: str) -> Severity:
        return cls[name.upper()]


class Location(NamedTuple):
    """A region of one file: lines and columns from 1, columns in code points, the end column exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    missing: bool = False
    """True where the region stands for a value that is not there: its nearest present ancestor."""
    wanted: str = ""
    """The key whose value decides; that of the absent value where one is missing."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    @property
    def region(self) -> tuple[str, int, int, int, int]:
        """The place alone: equal whether or not something is missing there."""
        return self[:5]


class Related(NamedTuple):
    """A second place that belongs to the story of a problem."""

    location: Location
    message: str


class Problem(NamedTuple):
    """What a check yields: one thing that is wrong, and where."""

    location: Location
    message: str
    related: tuple[Related, ...] = ()
    bases: tuple[Location, ...] = ()
    """Where a base has what an overlay changes at the location: whoever accepts it there, accepts it in the overlay."""
    certain: bool = True
    """False where the files make it likely and do not show it: the finding is a step less severe than its rule."""


class Edit(NamedTuple):
    """What a fix yields: this text in place of that region of the file, which may be empty or go over several lines."""

    location: Location
    text: str


class Fault(NamedTuple):
    """Something that stopped a reader: the file's own language objects to it."""

    location: Location
    message: str
    rule: str = "unreadable-file"
    """The rule that says so to the user."""


class Rule(NamedTuple):
    """One rule of the catalogue: its words, its numbers and where it stands in the Definition of Done."""

    id: str
    title: str
    severity: Severity
    rationale: str
    remediation: str
    dod: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    enabled: bool = True
    """False for a rule that runs only where it is selected by name or tag."""
    references: tuple[str, ...] = ()
    equivalents: Mapping[str, tuple[str, ...]] = {}  # nobody writes to it
    """Peer name -> that peer's rule ids."""
    parameters: Mapping[str, Mapping[str, Any]] = {}  # nobody writes to it
    """Parameter name -> its JSON Schema, with the default."""
    security_severity: float | None = None
    """CVSS-like, 0.1 to 10.0; only on security rules."""
    own: str = ""
    """The file that a rule of one's own stands in; empty for those of the program."""
    fix: str = ""
    """`safe` where it can be mended without a change of anything else, `unsafe` where somebody has to look at what the
    program makes of it; empty where no fix is known."""

    @property
    def family(self) -> str:
        return self.id.partition("-")[0]


class Suppression(NamedTuple):
    """Someone's word that findings of some rules in some place are accepted, and why."""

    rules: tuple[str, ...]
    """Rule ids; `*` stands for every rule."""
    location: Location
    """Where it is written."""
    reason: str | None
    until: datetime.date | None = None
    first_line: int = 1
    last_line: int = sys.maxsize
    paths: str | None = None
    """A glob over paths, in a configuration; None: the file that it is written in."""
    object: str | None = None
    """A glob over subjects' labels; None: every subject."""
    origin: str = "comment"
    """comment, annotation, configuration, or the peer whose syntax it is."""
    said: str | None = None
    """A pattern over what the peer would say of a finding; None: whatever that is."""
    related: bool = False
    """Whether it accepts a finding also by a place that the finding is related to."""
    malformed: str = ""
    """What is wrong with the way that it is written; empty where it is understood."""

    def names(self, rule_id: str) -> bool:
        return "*" in self.rules or rule_id in self.rules


class Annotation(NamedTuple):
    """A word on an object, with the lines that it speaks of."""

    key: str
    text: str
    location: Location
    first_line: int
    last_line: int


class Finding(NamedTuple):
    """What a user sees: a problem with its rule, its severity and its identity."""

    rule: Rule
    severity: Severity
    location: Location
    message: str
    related: tuple[Related, ...] = ()
    subject: str = ""
    fingerprint: str = ""
    """Stable while the file's other lines move."""
    suppressed: Suppression | None = None
    """None where the finding counts."""
    bases: tuple[Location, ...] = ()
    """Those of its problem."""

    def __str__(self) -> str:
        return f"{self.location}: {self.severity}[{self.rule.id}] {self.message}"

    @property
    def places(self) -> tuple[Location, ...]:
        """Its own, then the related ones."""
        return self.location, *(related.location for related in self.related)


class NotChecked(NamedTuple):
    """A file, a part of one, or a rule over the project, that was not checked, and why."""

    path: str
    """Empty where it is the whole project."""
    reason: str
    line: int = 1


class NotKnown(NamedTuple):
    """A question that the files leave open: what a check yields where nothing is wrong for certain.

    It is listed, and is no finding: it has no severity, nothing accepts it, and the exit code does not heed it.
    """

    location: Location
    question: str
    """What is asked: `whether Service 'shop' exists`."""
    because: str
    """Why no file says it: `shop.yml.tmpl is a template`."""
    settled_by: str = ""
    """What would answer it: `assume-exists`, `--render`, `images`; empty where nothing that a user can give does."""
    rule_id: str = ""
    """The rule that asks; the engine adds it."""

    @property
    def path(self) -> str:
        return self.location.path

    @property
    def line(self) -> int:
        return self.location.line

    @property
    def reason(self) -> str:
        return f"{self.question}, because {self.because}"


class Switch(NamedTuple):
    """What a configuration in the tree has turned off: it is not accepted by anybody, and seen in every report."""

    location: Location
    words: str
    selecting: bool = False
    """Whether a command line that selects rules sets it aside."""


class Failure(NamedTuple):
    """A check that broke on some input: a defect of this program, never the user's."""

    rule_id: str
    path: str
    message: str


class PartialDocument(NamedTuple):
    """A summary: these lines of a file are completed elsewhere, so that what they leave out is no fault."""

    path: str
    reason: str
    first_line: int = 1
    last_line: int = sys.maxsize
    keys: frozenset[str] | None = None
    """The keys that are set elsewhere; None where any may be."""
    whole: bool = False
    """True where nothing of it is applied as it stands, so that nothing in it is a fault."""
    column: int = 0
    """Of what is completed, where a line holds more than that."""
    but_secrets: bool = False
    """True where a secret in it is a fault all the same."""
    exact: bool = False
    """True where nothing but these keys is set elsewhere."""
    built: bool = False
    """True where what is built with it is completed elsewhere, too: Flux patches what a kustomization has built."""

    def excuses(self, location: Location) -> bool:
        """Whether what decides at `location` stands elsewhere, or may where it is missing."""
        if not self.first_line <= location.line <= self.last_line:
            return False
        if self.column and location.column != self.column:
            return False
        if self.whole:
            return True
        if self.keys is not None and (location.wanted or self.exact):
            return location.wanted in self.keys
        return location.missing


class Witness(NamedTuple):
    """A summary: a place that shows that an item of the Definition of Done is addressed, or that calls for it."""

    item: str
    location: Location
    words: str
    """What stands there, as a report names it."""
    calls: bool = False
    """True for what makes the item applicable, and shows no more."""


class KnownFiles(NamedTuple):
    """A summary: the paths of all files that may be of a known kind, read or not.

    A folder that was not looked into ends with a slash.
    """

    paths: frozenset[str]


class NamedFile(NamedTuple):
    """A summary: a file that another one names and that Git keeps, whatever it is called."""

    path: str
    beginning: str


class MadeFile(NamedTuple):
    """A summary: a command writes a file, of which `tail` is what is written out at the end of its path."""

    tail: str
    location: Location


class EditedImage(NamedTuple):
    """A summary: a command sets the version of the images of this name, before anything is built with them."""

    name: str
    location: Location


class Opening(NamedTuple):
    """A summary: something that may put objects into a cluster which no file of the tree shows.

    A reference into what is open never dangles: whether there is something at its other end is not known.
    """

    location: Location
    reason: str
    """Why it is open, after "because": `HelmRelease/gateway may make it`."""
    namespaces: tuple[str, ...] | None = None
    """Where it may put them; an empty name is one that is decided elsewhere. None: anywhere."""
    kinds: frozenset[str] = frozenset()
    """What it may make, `Pod` for whatever runs pods; anything where there is none."""
    words: frozenset[str] | None = None
    """The names that its objects have, or begin with, empty for one that is put in later; None where what it makes is not
    known at all."""
    near: bool = False
    """Whether it matters only to what stands in a folder near it."""
    folder: str = ""
    """The folder from which it takes what it makes: where the tree has that, the objects are known."""
    settled_by: str = "assume-exists"
    of_chart: str = ""
    """The chart that makes them, where that is known."""


class JudgedFiles(NamedTuple):
    """A summary of the configuration: files that are judged though tests bring them up."""

    paths: tuple[str, ...]


class StageWords(NamedTuple):
    """A summary of the configuration: words that tell a stage of delivery, beside those that are known."""

    stage: str
    actions: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


class ShellText(NamedTuple):
    """A summary: a script that a shell reads, for programs that know more about scripts than the rules do."""

    rule: str
    """The id of the rule that judges it."""
    path: str
    subject: str
    """The label of what it belongs to."""
    shell: str
    """The program that reads it: `sh`, `bash`, …"""
    text: str
    parts: tuple[tuple[int, int, int], ...]
    """(offset in the text, line, column) of each part that stands in one piece in the file."""
    variables: frozenset[str] = frozenset()
    """Names that are set before it begins."""
    accepted: frozenset[str] = frozenset()
    """Findings of the program that comments beside the script accept."""
    stops: bool = False
    """Whether its shell stops at the first command that fails."""

    def span(self, start: int, end: int) -> Location:
        """The region of part of the text, cut at the end of its first part."""
        start = min(max(start, 0), len(self.text))
        index = max(bisect_right(self.parts, start, key=itemgetter(0)) - 1, 0)
        first, line, column = self.parts[index]
        until = self.parts[index + 1][0] if index + 1 < len(self.parts) else len(self.text)
        width = len(self.text[start : max(min(end, until), start)].partition("\n")[0].rstrip())
        return Location(self.path, line, column + start - first, line, column + start - first + width)


class Summaries:
    """What the files of a project tell each other: small frozen dataclasses, by their type."""

    def __init__(self, summaries: Iterable[object]) -> None:
        self._by_type: dict[type, list[Any]] = {}
        self._views: dict[type, Any] = {}
        for summary in summaries:
            self._by_type.setdefault(type(summary), []).append(summary)

    def of(self, kind: type[T]) -> list[T]:
        """All summaries of this very type, in the order of their files' paths."""
        return self._by_type.get(kind, [])

    def seen_by(self, view: type[V]) -> V:
        """What a view makes of them: made once, however many views and rules ask for it."""
        if view not in self._views:
            self._views[view] = view.of(self)
        return self._views[view]  # type: ignore[no-any-return]  # of this very type


class FileView(Protocol):
    """The words of one kind of file over its text. Selectors take it and give subjects.

    A subject has a `label`: its name as a user would say it, unique in its file: `Deployment/api container web`.
    Views inherit from it (most through YamlFile or TextFile), and so have what they do not say themselves.
    """

    kinds: ClassVar[tuple[str, ...]]
    """The kinds of file (see registry.FileKind) that this view reads."""
    judged: ClassVar[bool] = True
    """False for files that only others' rules ask about: nothing in them is a finding."""
    knotted: ClassVar[bool] = True
    """False where nothing that is read of a file holds what holds it, so that it goes without the garbage collector."""
    unchecked: bool = False
    """True where no rule sees any of the file; `not_checked` says why."""
    whole_project: ClassVar[bool] = False
    apart: ClassVar[type | None] = None
    """The class of the views of what is judged_apart(): no check that looks at such views finds anything in the file outside of them."""

    faults: list[Fault]
    not_checked: list[NotChecked]

    @classmethod
    def read(cls, path: str, text: str) -> Self:
        """Never raises: what cannot be read is a fault, or not checked."""

    def extent(self, line: int) -> tuple[int, int]:
        """First and last line of the largest thing that begins on `line`; (line, line) where nothing does."""

    def summaries(self) -> Iterable[object]:
        """What other files' rules may ask about this one: frozen dataclasses that hold no trees."""

    @property
    def annotations(self) -> Iterable[Annotation]:
        """The words on objects that may be suppressions."""
        return ()

    def commentary(self, text: str) -> str:
        """The text, line by line, in which `#` begins a comment: other languages write comments otherwise."""
        return text

    def asked(self, text: str) -> str:
        """The text without what no check asks for."""
        return text

    def shell_texts(self) -> Iterable[ShellText]:
        """The scripts that programs for scripts may read."""
        return ()

    def judged_apart(self) -> Iterable[Part]:
        """What is judged by itself, as equal parts of other files are: by the checks that look at views like `apart`."""
        return ()


class Part(NamedTuple):
    """A part of a file that is judged by itself: what is said of one holds for every equal one, in whatever file."""

    alike: tuple[object, ...]
    """What equal parts have in common: their lines, and all else that a check may know of them."""
    line: int
    """The first of its lines."""
    view: Any
    looks: Collection[object] = ()
    """What the view was asked beside that, once it is judged: nothing, or what is said of it holds for it alone."""
    completed: PartialDocument | None = None
    """The summary that says that it is completed elsewhere; its first and last line are where equal parts have theirs."""


class Altered(NamedTuple):
    """An object of a build that is not as a file of the tree has it, but for its name and what else tells it apart."""

    before: Any
    """What it is in its file."""
    made: Callable[[], Any]
    """What it is in the build, made when it is asked for."""
    form: Hashable = None
    """What it has in common with those of other builds that differ from what they were in the same places; None: nothing."""
    values: tuple[str, ...] = ()
    """All that says what it has in these places."""
    elsewhere: tuple[tuple[str, ...], ...] = ()
    """Where two objects of one form and the same values may differ, as keys one inside the other."""
    outline: Callable[[], Any] | None = None
    """Gives the same with what is elsewhere, and raises for who looks at where the values are."""


class Build(NamedTuple):
    """What is made of several files before it is deployed: an overlay over its base."""

    path: str
    """The file that says what is built."""
    files: frozenset[str]
    """Those that go into it."""
    changed: tuple[Altered, ...] = ()
    view: Callable[..., FileView] = FileView.read
    """What checks are asked of, over some of the objects; that they ask for the path is noted in a set, where one is given."""
    untouched: frozenset[tuple[str, int, int]] = frozenset()
    """(path, first line, last line) of those that are."""
    known: bool = True
    """False where its files are to be judged as they stand."""
    question: NotKnown | None = None
    """What is asked where it cannot be built."""
    before: Callable[[Location], Location | None] = lambda at: None
    """Where a file of the tree has what the build changes at a place."""
    relations: frozenset[str] = frozenset()
    """The rules over the project that may say something of what it builds which they do not say of its files."""
    told: Callable[[bool], Iterable[object]] = lambda changed: ()
    """What its objects tell others: as they are built where `changed`, or else as the files have them."""
    alike: Hashable = None
    """What those have in common between whose objects rules say the same; None where that is not known."""


class ProjectView(Protocol):
    """The words of a whole project over its files' summaries; its selectors give subjects too."""

    subject_kinds: ClassVar[tuple[str, ...]]
    """The kinds of file that its subjects stand in: without one of them there are none."""
    whole_project: ClassVar[bool] = True

    @classmethod
    def of(cls, summaries: Summaries) -> Self: ...
