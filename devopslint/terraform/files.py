"""The kinds of file around a module: what each holds, and what is wrong with its syntax."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar, Self

from devopslint.deferred import NamedTuple, cached_property, compiled
from devopslint.model import Fault, FileView, Location, NotChecked
from devopslint.readers.text_file import TextFile
from devopslint.terraform.expressions import Expression
from devopslint.terraform.openings import health_elsewhere, openings_in_terraform
from devopslint.terraform.references import spoken_in
from devopslint.terraform.registries import made_registries
from devopslint.terraform.source import SourceText, all_attributes, all_blocks, line_starts, located, read_source

_STATEMENT = compiled(r"^[ \t#]*\{%[-+]?[ \t]*(?:for|if|set|block|include|macro|raw|with)\b", re.MULTILINE)
"""A line of Jinja, which HCL has no reading for: another program writes the file."""
_STATE = compiled(r'"terraform_version"\s*:')
"""What every state has that can be read; what OpenTofu has encrypted has a serial and a lineage, and so have other programs' files."""


class HclFile(FileView):
    """What all files in HCL, native or JSON, share."""

    knotted = False
    holds_values: ClassVar[bool] = False
    """True for a file of variables' values, in which that is what stands at the top level."""

    def __init__(self, source: SourceText, faults: list[Fault]) -> None:
        self.source = source
        self.faults = faults
        self.not_checked: list[NotChecked] = []

    @classmethod
    def read(cls, path: str, text: str) -> Self:
        structure = read_source(path, text, values=cls.holds_values)
        found = [(fault.start, fault.message) for fault in structure.faults]
        source = SourceText(path, cls.kinds[0], text, structure.body)
        statement = _STATEMENT.search(text) if found else None
        if statement is not None:
            view = cls(source, [])
            line = source.location(statement.start(), statement.start()).line
            view.not_checked.append(NotChecked(path, "is a template: what it renders to is not known here", line))
            return view
        places: dict[str, list[int]] = {}
        for at, message in sorted(found):
            places.setdefault(message, []).append(at)
        faults = []
        for message, (first, *others) in places.items():
            said = f"{message}, and so in {len(others)} more place{'s'[: len(others) - 1]}" if others else message
            faults.append(Fault(source.location(first, first), said))
        return cls(source, faults)

    def extent(self, line: int) -> tuple[int, int]:
        return self._extents.get(line, (line, line))

    @cached_property
    def _extents(self) -> dict[int, tuple[int, int]]:
        """The lines of the blocks and attributes, by the first of each."""
        extents: dict[int, tuple[int, int]] = {}
        regions = [self.source.location(one.start, one.end) for one in all_blocks(self.source.body)]
        regions += [self.source.location(one.start, one.value_end) for one in all_attributes(self.source.body)]
        for region in regions:
            _, last = extents.get(region.line, (0, 0))
            extents[region.line] = (region.line, max(last, region.end_line))
        return extents

    def summaries(self) -> Iterable[object]:
        yield self.source

    def expressions(self) -> Iterator[tuple[int, Expression]]:
        """Every attribute's value, and where in the file its text begins."""
        for attribute in all_attributes(self.source.body):
            tree = self.source.value(attribute)
            if tree is not None:
                yield attribute.value_start, tree


class ModuleFile(HclFile):
    """A part of a module."""

    kinds = ("terraform",)

    def summaries(self) -> Iterable[object]:
        yield self.source
        yield spoken_in(self.source)
        yield from openings_in_terraform(self.source)
        yield from health_elsewhere(self.source)
        yield from made_registries(self.source)


class ValuesFile(HclFile):
    """Values for a root module's variables."""

    kinds = ("tfvars",)
    holds_values = True


class OtherFile(HclFile):
    """Tests, stacks and queries: their syntax is checked, and what they use counts as used."""

    kinds = ("terraform-test", "terraform-stack")

    def summaries(self) -> Iterable[object]:
        kind = "terraform-test" if self.source.name.endswith(("test.hcl",)) else "terraform-stack"
        yield self.source._replace(kind=kind)


class LockedProviders(NamedTuple):
    """A summary: the providers whose versions a lock file holds."""

    path: str
    addresses: tuple[str, ...]


class LockFile(HclFile):
    """The dependency lock file."""

    kinds = ("terraform-lock",)

    def summaries(self) -> Iterable[object]:
        addresses = [block.labels[0] for block in self.source.body.blocks if block.type == "provider" and block.labels]
        yield LockedProviders(self.source.path, tuple(addresses))


class StateKept(NamedTuple):
    """A summary: a file that is named like a state, and the place that shows that it holds one."""

    path: str
    location: Location | None


class StateFile(TextFile):
    """The state that Terraform keeps, or its backup."""

    kinds = ("terraform-state",)

    def summaries(self) -> Iterable[object]:
        found = _STATE.search(self.text[:20_000])
        starts = line_starts(self.text[:20_000])
        yield StateKept(self.path, found and located(self.path, starts, found.start(), found.end()))


class WorkingFile(TextFile):
    """What `terraform init` brings: modules and providers of others."""

    kinds = ("terraform-working",)
    judged = False

    def summaries(self) -> Iterable[object]:
        return ()


class Submodules(NamedTuple):
    """A summary: the folders that Git fills from other repositories."""

    path: str
    folders: tuple[str, ...]


_SUBMODULE = compiled(r"^[ \t]*path[ \t]*=[ \t]*(.+?)[ \t\r]*$", re.MULTILINE)


class SubmodulesFile(TextFile):
    """`.gitmodules`."""

    kinds = ("git-submodules",)
    judged = False

    def summaries(self) -> Iterable[object]:
        base = self.path.rpartition("/")[0]
        found = (one.strip("/") for one in _SUBMODULE.findall(self.text))
        yield Submodules(self.path, tuple(f"{base}/{folder}" if base else folder for folder in found))


class Readme(NamedTuple):
    """A summary: what the README beside a module says of it."""

    path: str
    names: frozenset[str] | None
    """All names in its generated table; None where there is no such table."""
    usage: bool
    """Whether it shows a call."""
    rows: tuple[tuple[str, str], ...] = ()
    """The rows of the table: (`input` or `output`, name)."""
    inputs_only: bool = False
    """Whether the table is one of inputs, and says nothing of outputs."""


_TABLE = compiled(
    r"<!-- BEGIN_TF_DOCS -->(.*?)<!-- END_TF_DOCS -->"
    r"|<!-- BEGINNING OF PRE-COMMIT-(?:TERRAFORM|OPENTOFU) DOCS HOOK -->(.*?)<!-- END OF PRE-COMMIT-(?:TERRAFORM|OPENTOFU) DOCS HOOK -->",
    re.DOTALL,
)
_INPUTS = compiled(
    r"^\|[ ]*Name[ ]*\|[ ]*Description[ ]*\|[ ]*Type[ ]*\|[ ]*Default[ ]*\|(?:[ ]*Required[ ]*\|)?[ \t\r]*\n\|[ :|-]+\r?\n((?:\|.*(?:\n|\Z))+)",
    re.MULTILINE,
)
"""The table of inputs that terraform-docs writes where no markers are; nobody chooses these columns by hand."""
_FIRST_CELL = compiled(r"^\|[ ]*(?:<a name=\"[^\"]*\"></a>[ ]*)?[\[`]*([A-Za-z_][\w-]*)", re.MULTILINE)
_ROW = compiled(r'<a name="(input|output)_([\w-]+)"></a>')
"""What terraform-docs begins the row of a variable or an output with."""
_USAGE = compiled(
    r"""(?im)^\s*module\s+"|^\s*source\s*=|^#+.*\b(?:usage|example|how to|getting started|quick start)|terraform apply"""
)
_WORD = compiled(r"[A-Za-z_][\w-]*")


class ReadmeFile(TextFile):
    """The README beside a module."""

    kinds = ("terraform-readme",)
    judged = False

    def summaries(self) -> Iterable[object]:
        table = _TABLE.search(self.text)
        said = None if table is None else (table[1] or table[2] or "").replace("\\_", "_")
        names = None if said is None else frozenset(_WORD.findall(said))
        rows = tuple(dict.fromkeys(_ROW.findall(said or "")))
        inputs = "" if table else "".join(_INPUTS.findall(self.text)).replace("\\_", "_")
        if cells := _FIRST_CELL.findall(inputs):
            names, rows = frozenset(cells), tuple(("input", cell) for cell in dict.fromkeys(cells))
        yield Readme(self.path, names, _USAGE.search(self.text) is not None, rows, bool(cells))
