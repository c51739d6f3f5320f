"""What makes up the program: the domains, the kinds of file that each brings, and the functions that judge."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Concatenate, ParamSpec, TypeVar, overload

from devopslint.deferred import NamedTuple
from devopslint.model import (
    Annotation,
    Build,
    FileView,
    NotKnown,
    PartialDocument,
    Problem,
    Summaries,
    Suppression,
    Witness,
)

DOMAINS = [
    "devopslint.docker",
    "devopslint.compose",
    "devopslint.kubernetes",
    "devopslint.github",
    "devopslint.gitlab",
    "devopslint.jenkins",
    "devopslint.scripts",
    "devopslint.terraform",
    "devopslint.cloudformation",
    "devopslint.ansible",
    "devopslint.programs",
    "devopslint.pipeline",
    "devopslint.delivery",
    "devopslint.monitoring",
    "devopslint.documentation",
    "devopslint.records",
    "devopslint.peers",
]
"""One row a domain: a package whose `DOMAIN` says what it brings. Of two that know a file, the first has it."""


class FileKind(NamedTuple):
    """A kind of file: how it is told, and what reads it.

    A file is asked in this order: where it lies, what it is called, what its name looks like, what it begins with.
    """

    name: str
    view: str = ""
    """`module:class` of the model.FileView that reads it, imported when the first such file is met."""
    place: str = ""
    """A regular expression, searched for in the path."""
    names: tuple[str, ...] = ()
    """What the file may be called."""
    pattern: str = ""
    """A regular expression that matches the whole name."""
    signs: tuple[str, ...] = ()
    """In lower case: one of these is in the path of each file that either expression matches, so that the expressions of
    other files need not be compiled. Empty where nothing like that can be said."""
    endings: tuple[str, ...] = ()
    """Of names that say nothing by themselves: what the text begins with, which `reads` looks at, decides."""
    reads: str = ""
    """`module:function` (name, text or None) that decides where the name alone does not."""
    mark: str = ""
    """A regular expression without which no text of these endings is of this kind: only then `reads` is imported."""
    vendored: bool = False
    """Whether such a file is another project's where it lies below vendor/: nobody builds it, and nobody here mends it."""


class Aspect(NamedTuple):
    """What one domain sees in the files of another: the rules of Prometheus in a manifest."""

    name: str
    """The kind that its view and the checks of that name go by; no file is of it."""
    of: str
    """The kind of file that it is seen in."""
    marks: tuple[str | tuple[str, ...], ...]
    """Where the text has none of these, a tuple as a whole, nothing of the domain is imported. To look for texts takes
    a hundredth of the time that a regular expression would."""
    view: str
    """`module:class` with a classmethod `over(view)`, which takes the view of the file."""


class Claim(NamedTuple):
    """What other files say of the kind that a file is of: where one that is called so is there, `function` is asked."""

    endings: tuple[str, ...]
    function: str
    """`module:function` (all paths, a reader of their texts): the kind of each path that it speaks of; empty for none."""


class Completion(NamedTuple):
    """What completes a document that lacks something: asked where a file of the kind, or with the aspect, is there."""

    kind: str
    function: str
    """`module:function` (Summaries): the PartialDocuments."""


class Naming(NamedTuple):
    """Which files others name, so that it matters what they begin with: asked where a file of the kind is there."""

    kind: str
    function: str
    """`module:function` (what the files of the kind tell): their paths."""


class Domain(NamedTuple):
    """What one room of the house brings."""

    name: str
    kinds: tuple[FileKind, ...] = ()
    known: tuple[str, ...] = ()
    """Endings of paths that are worth knowing, though nothing reads the files."""
    aspects: tuple[Aspect, ...] = ()
    claims: tuple[Claim, ...] = ()
    completions: tuple[Completion, ...] = ()
    namings: tuple[Naming, ...] = ()
    comments: str = ""
    """`module:function` (path, kind, text, extent): the suppressions in comments of another tool's syntax."""
    annotations: str = ""
    """`module:function` (Annotations): the suppressions in annotations of another tool's syntax."""
    configuration: str = ""
    """`module:function` (Config, paths, a reader of texts): the Config with what other files of the tree ask for."""
    witnesses: str = ""
    """`module:function` (Summaries): what shows that items of the Definition of Done are addressed, beside what files tell."""
    apart: tuple[str, ...] = ()
    """Modules of checks over the project that ask for nothing that the domain's other checks have to work out first:
    another process may ask their rules."""
    builds: tuple[str, str] | None = None
    """A kind of file, and where there is one of it, `module:function` (Summaries, a reader of bytes, paths that are
    built already): the model.Builds of the tree."""
    fixes: tuple[str, str] | None = None
    """The module of its fixes, and `module:function` that writes what they change: (path, text, offers) -> a Rewriting.
    Both are imported only where something is to be mended."""
    words: str = ""
    """`module:function` (tool, pattern, Finding): whether the pattern matches what the tool would say of the finding."""


def domains() -> tuple[Domain, ...]:
    """Every domain, in the order of DOMAINS."""
    return _domains(tuple(DOMAINS))


@functools.cache
def _domains(names: tuple[str, ...]) -> tuple[Domain, ...]:
    return tuple(importlib.import_module(name).DOMAIN for name in names)


def kinds() -> dict[str, FileKind]:
    """Every kind of file by its name."""
    return _kinds(tuple(DOMAINS))


@functools.cache
def _kinds(names: tuple[str, ...]) -> dict[str, FileKind]:
    return {kind.name: kind for domain in _domains(names) for kind in domain.kinds}


@functools.cache
def named(name: str) -> Any:
    """What `module:name` stands for; its module is imported only now."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def view_of_kind(kind: str) -> type[FileView] | None:
    """The class that reads files of `kind`; None where there is none."""
    found = kinds().get(kind)
    return named(found.view) if found is not None and found.view else None


def is_vendored(kind: str, path: str, folder: str = "vendor") -> bool:
    """Whether a file of `kind` is another project's, or a test's, by where it lies."""
    return kinds()[kind].vendored and f"/{folder}/" in f"/{path}"


def aspects_of(kind: str, text: str) -> Iterator[Aspect]:
    """What other domains see in a file of `kind` with this text."""
    for domain in domains():
        for aspect in domain.aspects:
            if aspect.of == kind and _is_marked(text, aspect.marks):
                yield aspect


def _is_marked(text: str, marks: Iterable[str | tuple[str, ...]]) -> bool:
    for mark in marks:  # noqa: SIM110  # any() takes three times as long
        if mark in text if type(mark) is str else all(part in text for part in mark):
            return True
    return False


def claimed(paths: Collection[str], read: Callable[[str], str]) -> Mapping[str, str]:
    """The kinds of those files of which others say what they are; `read` gives a text, or raises OSError or ValueError."""
    found: dict[str, str] = {}
    for domain in domains():
        for claim in domain.claims:
            if any(path.endswith(claim.endings) for path in paths):
                for path, kind in named(claim.function)(paths, read).items():
                    found.setdefault(path, kind)
    return found


def completions(present: Collection[str], summaries: Summaries) -> Iterator[PartialDocument]:
    """The documents that something else completes, by what the domains know; `present` are the kinds of file
    and the aspects that there are."""
    told = (one.function for domain in domains() for one in domain.completions if one.kind in present)
    for function in dict.fromkeys(told):
        yield from named(function)(summaries)


def are_built(present: Collection[str]) -> bool:
    """Whether something may be built from files of these kinds."""
    return not kinds_that_build().isdisjoint(present)


def kinds_that_build() -> frozenset[str]:
    """The kinds of file of which builds are made."""
    return frozenset(domain.builds[0] for domain in domains() if domain.builds is not None)


def builds(
    present: Collection[str], summaries: Summaries, read: Callable[[str], bytes], done: Collection[str]
) -> Iterator[Build]:
    """What is built from files of the tree, by what the domains know; `present` are the kinds of file there are."""
    for domain in domains():
        if domain.builds is not None and domain.builds[0] in present:
            yield from named(domain.builds[1])(summaries, read, done)


def namings() -> Iterator[Naming]:
    """What every domain has to say of files that others name."""
    for domain in domains():
        yield from domain.namings


def asked_apart() -> frozenset[str]:
    """The modules of checks over the project that another process may ask."""
    return frozenset(module for domain in domains() for module in domain.apart)


Extent = Callable[[int], tuple[int, int]]


def other_suppressions(
    path: str, kind: str, text: str, extent: Extent, annotations: tuple[Annotation, ...]
) -> Iterator[Suppression]:
    """The suppressions of a file that are written in another tool's syntax."""
    for domain in domains():
        if domain.annotations and annotations:
            yield from named(domain.annotations)(annotations)
        if domain.comments:
            yield from named(domain.comments)(path, kind, text, extent)


def witnesses_of(summaries: Summaries) -> Iterator[Witness]:
    """All that shows in the tree that items of the Definition of Done are addressed, or called for."""
    yield from summaries.of(Witness)
    for domain in domains():
        if domain.witnesses:
            yield from named(domain.witnesses)(summaries)


def configured() -> Iterator[Any]:
    """Of each domain that heeds the configurations of other tools: the function that adds what they ask for."""
    return (named(domain.configuration) for domain in domains() if domain.configuration)


def worded() -> Iterator[Any]:
    """Of each domain that knows other tools' words: the function that matches a pattern with them."""
    return (named(domain.words) for domain in domains() if domain.words)


Subject = TypeVar("Subject")
Parameters = ParamSpec("Parameters")
Said = TypeVar("Said", bound=Problem | NotKnown)
CheckFunction = Callable[Concatenate[Subject, Parameters], Iterator[Said]]
Selector = Callable[[Any], Iterable[Subject]]
Needs = Callable[[], str | None] | None
Second = TypeVar("Second")
Third = TypeVar("Third")
Fourth = TypeVar("Fourth")


class Check(NamedTuple):
    """A check function with the selector that gives its subjects out of a view."""

    rule_id: str
    function: Callable[..., Iterator[Problem | NotKnown]]
    each: Selector[Any]
    view: Any
    """The class that the selector takes: a model.FileView or a model.ProjectView."""
    complete: bool
    """True where the check is only right when the whole repository is known."""
    parameters: tuple[str, ...]
    needs: Callable[[], str | None] | None = None
    """Says why the check cannot run on this machine; None where it can."""

    @property
    def project(self) -> bool:
        """Whether it looks at the whole project."""
        return bool(self.view.whole_project)


class Asked(NamedTuple):
    """A check as the files of one selection are asked by it."""

    rule_id: str
    check: Check
    ask: Callable[..., Iterable[Problem | NotKnown]]
    """Its function, with the parameters that its rule has there."""
    selected: bool
    """False for a rule that is only asked where secrets stand."""
    witnessing: bool
    """Whether its silence is a witness."""


BySelector = tuple[Selector[Any], list[tuple[str, Check]]]
"""A selector, and the checks of what it gives, each with its rule."""
AskedBySelector = tuple[Selector[Any], list[Asked]]
"""The same, as the files of one selection are asked."""


CHECKS: dict[str, list[Check]] = {}


@overload
def check(
    rule_id: str, *, each: Selector[Subject], complete: bool = False, needs: Needs = None
) -> Callable[[CheckFunction[Subject, Parameters, Said]], CheckFunction[Subject, Parameters, Said]]: ...
@overload
def check(
    rule_id: str, *, each: tuple[Selector[Subject], Selector[Second]], complete: bool = False, needs: Needs = None
) -> Callable[
    [CheckFunction[Subject | Second, Parameters, Said]], CheckFunction[Subject | Second, Parameters, Said]
]: ...
@overload
def check(
    rule_id: str,
    *,
    each: tuple[Selector[Subject], Selector[Second], Selector[Third]],
    complete: bool = False,
    needs: Needs = None,
) -> Callable[
    [CheckFunction[Subject | Second | Third, Parameters, Said]],
    CheckFunction[Subject | Second | Third, Parameters, Said],
]: ...
@overload
def check(
    rule_id: str,
    *,
    each: tuple[Selector[Subject], Selector[Second], Selector[Third], Selector[Fourth]],
    complete: bool = False,
    needs: Needs = None,
) -> Callable[
    [CheckFunction[Subject | Second | Third | Fourth, Parameters, Said]],
    CheckFunction[Subject | Second | Third | Fourth, Parameters, Said],
]: ...
def check(
    rule_id: str, *, each: Selector[Any] | tuple[Selector[Any], ...], complete: bool = False, needs: Needs = None
) -> Callable[[CheckFunction[Any, Parameters, Said]], CheckFunction[Any, Parameters, Said]]:
    """Declare a function that judges rule `rule_id`, called once for each subject that `each` selects.

    It yields a Problem for what is wrong, and a NotKnown where the files leave open whether it is.
    `each` is a function of one annotated parameter, the view, or several such functions; the check takes what they
    give, and its keyword-only parameters are the rule's. A rule may have several checks, each on another view.
    `needs` says why it cannot run on this machine, and None where it can.
    """

    def register(function: CheckFunction[Any, Parameters, Said]) -> CheckFunction[Any, Parameters, Said]:
        for selector in each if isinstance(each, tuple) else (each,):
            made = Check(rule_id, function, selector, view_of(selector), complete, parameters_of(function), needs)
            CHECKS.setdefault(rule_id, []).append(made)
        return function

    return register


class Fix(NamedTuple):
    """A function that says how to mend what a rule found."""

    rule_id: str
    function: Callable[..., Iterator[Any]]
    each: Selector[Any] | None
    """What gives its subjects; None where they are those of the rule's check."""
    parameters: tuple[str, ...]


FIXES: dict[str, list[Fix]] = {}


def fix(
    *rule_ids: str, each: Selector[Any] | None = None
) -> Callable[[Callable[..., Iterator[Any]]], Callable[..., Iterator[Any]]]:
    """Declare a function (subject, problem) that yields how to mend a problem of these rules.

    It gets the subject of the check that has found the problem; for a rule over the project that which `each` gives of
    the file and which stands at the problem's place, or has the finding's label. It yields model.Edits, and what else
    its domain's writer knows; nothing where it does not fit. Its keyword-only parameters are the rule's, and those under
    `fixes:` in the configuration.
    """

    def register(function: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        for rule_id in rule_ids:
            FIXES.setdefault(rule_id, []).append(Fix(rule_id, function, each, parameters_of(function)))
        return function

    return register


def view_of(selector: Selector[Any]) -> Any:
    """The class of the selector's only parameter."""
    # Hundreds of selectors are looked at while a run starts: typing.get_type_hints would take 5 ms for them.
    annotation = next(iter(selector.__annotations__.values()))
    view = vars(sys.modules[selector.__module__]).get(annotation, annotation)
    assert isinstance(view, type), f"{selector.__qualname__}: annotate the parameter with a view class"
    return view


def parameters_of(function: Any) -> tuple[str, ...]:
    code = function.__code__
    return tuple(code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount])
