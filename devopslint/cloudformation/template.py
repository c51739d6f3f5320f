"""A template: its parameters, conditions and resources, and what a value comes to, as far as the file says it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator

from devopslint.cloudformation.values import ABSENT, UNKNOWN, Case, Evaluation, Value, function_of
from devopslint.deferred import cached_property, compiled, dataclass
from devopslint.images.summaries import MadeRegistry
from devopslint.model import Annotation, Location, NotKnown, PartialDocument, Problem, Witness
from devopslint.readers.folders import put_away_in
from devopslint.readers.yaml import Node, Scalar, Stream
from devopslint.readers.yaml_file import YamlFile, misshapen

_HOLE = compiled(r"\$\{(?!!)([^{}]*)\}")
_PLAIN_TRANSFORMS = ("AWS::Serverless-2016-10-31", "AWS::LanguageExtensions")
"""What turns a template into another, and uses no name that is not in it."""


@dataclass(frozen=True)
class Resource:
    """One thing that a template makes."""

    template: Template
    name: str
    node: Node

    @property
    def label(self) -> str:
        return f"{self.name} ({self.type})"

    @property
    def type(self) -> str:
        return self.node["Type"].text

    @property
    def location(self) -> Location:
        return self.node.key_location

    @property
    def properties(self) -> Node:
        return self.node["Properties"]

    @property
    def open(self) -> bool:
        """Whether a transform may add properties that are not written here."""
        return any(key.text == "Fn::Transform" for key, _ in self.properties.items())

    def options(self, *path: str, case: Case | None = None) -> list[Value]:
        """What a property comes to, in every case that the conditions allow."""
        found = [Value(self.properties)]
        for name in path:
            found = [inner for one in found for inner in self.below(one, name, case)]
        return found

    def below(self, value: Value, name: str, case: Case | None = None) -> Iterable[Value]:
        """What stands under a key of a value, in every case."""
        if value.node is None:
            return [value]
        if not value.node.present:
            return [ABSENT]
        if not value.node.is_mapping:
            return [UNKNOWN]
        below = value.node[name]
        if not below.exists:
            return [UNKNOWN if self.open else ABSENT]
        found = self.template.options(below, case)
        return [one.behind(value.told) for one in found] if value.told else found

    def certainly(self, path: tuple[str, ...], holds: Callable[[Value], bool]) -> Value | None:
        """The value of a property of which something holds in every case; None where in one it does not."""
        found = self.options(*path)
        return found[0] if found and all(holds(one) for one in found) else None

    def by_default(self, path: tuple[str, ...], holds: Callable[[Value], bool]) -> Value | None:
        """The value of a property of which something holds in every case, or where nobody gives a parameter."""
        certain = self.certainly(path, holds)
        if certain is not None:
            return certain
        found = self.options(*path, case=self.template.defaults)
        return found[0] if found and all(holds(one) for one in found) else None

    def off(self, *path: str) -> Value | None:
        """The value of a switch that is off where nobody turns it on; None where it may be on."""
        return self.certainly(path, lambda one: one.absent or one.is_false)

    def judged(
        self, path: tuple[str, ...], holds: Callable[[Value], bool], said: Callable[[Value], str]
    ) -> Iterator[Problem | NotKnown]:
        """What is said of a value that is wrong by default, or asked of one that is wrong in some case only."""
        found = self.by_default(path, holds)
        if found is not None:
            yield Problem(found.location, said(found), found.told)
            return
        wrong = next((one for one in self.options(*path, case=self.template.defaults) if holds(one)), None)
        if wrong is not None:
            yield NotKnown(wrong.location, f"whether {said(wrong)}", f"{path[-1]} is one of several values")

    def items(self, *path: str, case: Case | None = None) -> Iterator[Value]:
        """The items that a list certainly has, or where nobody gives a parameter."""
        for options in self.all_items(*path, case=case):
            if len(options) == 1 and not options[0].absent:
                yield options[0]

    def all_items(self, *path: str, case: Case | None = None) -> Iterator[list[Value]]:
        """What each item of a list comes to."""
        case = self.template.defaults if case is None else case
        found = self.options(*path, case=case)
        if len(found) == 1:
            yield from self.template.evaluation.items_of(found[0], case)


class Template(YamlFile):
    """A template of CloudFormation or SAM."""

    kinds = ("cloudformation",)

    def __init__(self, path: str, stream: Stream) -> None:
        super().__init__(path, stream)
        if not self.root["AWSTemplateFormatVersion"].exists:
            return  # what CodeDeploy is to bring out (appspec.yml) lists Resources, too
        for section in ("Parameters", "Mappings", "Conditions", "Resources", "Outputs"):
            self.faults += misshapen(self.root[section], f"'{section}'", "mapping")
        for key, resource in self.root["Resources"].items():
            if not key.text.startswith("Fn::"):
                self.faults += misshapen(resource, f"resource '{key.text}'", "mapping")

    @cached_property
    def evaluation(self) -> Evaluation:
        return Evaluation(self.root)

    @property
    def defaults(self) -> Case:
        """What the conditions come to where nobody gives a parameter, as far as that is known."""
        return self.evaluation.defaults

    @property
    def annotations(self) -> Iterator[Annotation]:
        """What the metadata of the template and of its resources tell cfn-lint and checkov to leave out."""
        for node in (self.root, *(resource.node for resource in self.resources)):
            ignored = node.get("Metadata", "cfn-lint", "config", "ignore_checks")
            lines = (1, sys.maxsize) if node is self.root else (node.key_location.line, node.last_line)
            if ignored.is_sequence:
                text = " ".join(one.text for one in ignored.strings())
                yield Annotation("cfn-lint/ignore_checks", text, ignored.location, *lines)
            for skipped in node.get("Metadata", "checkov", "skip") if node is not self.root else ():
                text = f"{skipped['id'].text}={skipped['comment'].text}"
                yield Annotation("checkov.io/skip1", text, skipped.location, *lines)

    def summaries(self) -> Iterable[object]:
        if self.resources:
            if folder := put_away_in(self.path):
                yield PartialDocument(self.path, f"lies in {folder}/: it is put away", whole=True, but_secrets=True)
            yield from witnesses(self)
            yield from made_registries(self)

    @property
    def parameters(self) -> Node:
        return self.root["Parameters"]

    def names(self, section: str) -> list[Scalar]:
        """The names that are declared in a section."""
        return [key for key, _ in self.root[section].items()]

    @cached_property
    def resources(self) -> list[Resource]:
        return [
            Resource(self, key.text, node)
            for key, node in self.root["Resources"].items()
            if node.is_mapping and node["Type"].text
        ]

    @cached_property
    def calls(self) -> list[tuple[str, Node]]:
        """Every intrinsic function that is called, with what it is given; Condition too, which is none."""
        found = []
        for node in self.root.walk():
            if node.tag is not None and node.tag.startswith("!"):
                found.append((node.tag[1:], node))
            found += [(key.text.removeprefix("Fn::"), value) for key, value in node.items() if _calls(key.text)]
        return found

    @cached_property
    def used(self) -> frozenset[str]:
        """Every name that something refers to: with Ref, Sub, a condition, or FindInMap."""
        found: set[str] = set()
        for function, given in self.calls:
            first = given if given.is_scalar else next(iter(given), given)
            if function in ("Ref", "Condition") and given.is_scalar:
                found.add(given.text)
            elif function in ("If", "FindInMap") and not given.is_scalar:
                found.add(first.text)
            elif function == "Sub":
                found |= {name.partition(".")[0].strip() for name in _HOLE.findall(first.text)}
        return frozenset(found)

    def referred(self, node: Node) -> frozenset[str]:
        """Every name that something in a node refers to, with Ref, GetAtt or Sub."""
        found: set[str] = set()
        for one in node.walk():
            if one.tag is not None and one.tag.startswith("!"):
                found |= names_in(one.tag[1:], one)
            for key, value in one.items():
                if _calls(key.text):
                    found |= names_in(key.text.removeprefix("Fn::"), value)
        return frozenset(found)

    @cached_property
    def is_transformed(self) -> bool:
        """Whether something else than SAM may use names that the file does not show."""
        names = [one.text for one in self.root["Transform"].strings()]
        return any(name not in _PLAIN_TRANSFORMS for name in names) or any(
            name == "Transform" for name, _ in self.calls
        )

    @property
    def looks_up_by_value(self) -> bool:
        """Whether some lookup names its mapping by a parameter."""
        firsts = [next(iter(given), None) for function, given in self.calls if function == "FindInMap"]
        return any(first is not None and (not first.is_scalar or first.tag is not None) for first in firsts)

    def options(self, node: Node, case: Case | None = None) -> list[Value]:
        """What a value comes to in every case: `!If` gives two, a parameter its default, most functions are unknown."""
        return self.evaluation.options(node, case)

    def by_default(self, node: Node) -> Value:
        """What a value comes to where nobody gives a parameter; not known where it may be several."""
        return self.evaluation.only(node, self.defaults)


def _calls(key: str) -> bool:
    """Whether a key is the name of a function, written out."""
    return key in ("Ref", "Condition") or key.startswith("Fn::")


def names_in(function: str, given: Node) -> set[str]:
    """What a call of Ref, GetAtt or Sub refers to, among it parameters and what AWS itself sets."""
    if function == "Ref":
        return {given.text}
    if function == "GetAtt":
        first = given if given.is_scalar else next(iter(given), given)
        return {first.text.partition(".")[0]}
    if function != "Sub":
        return set()
    parts = [given] if given.is_scalar else list(given)
    text = parts[0].text if parts else ""
    own = set(parts[1].keys()) if len(parts) > 1 else set()
    return {name.partition(".")[0].strip() for name in _HOLE.findall(text) if name.strip() not in own}


def witnesses(template: Template) -> Iterator[Witness]:
    """What of the template shows that an item about infrastructure as code is addressed, or calls for it."""
    at = template.root["Resources"].key_location
    yield Witness("iac.terraform", at, "CloudFormation makes the resources of the template")
    yield Witness("iac.state", at, "CloudFormation keeps the state of the stack")
    for key, parameter in template.parameters.items():
        if parameter["Description"].text:
            yield Witness("iac.variables", key.location, f"parameter '{key.text}' is described")
    for key, output in template.root["Outputs"].items():
        described = bool(output["Description"].text)
        words = f"output '{key.text}' is described" if described else f"output '{key.text}'"
        yield Witness("iac.outputs", key.location, words, calls=not described)
    for resource in template.resources:
        if resource.type in ("AWS::CloudFormation::Stack", "AWS::Serverless::Application"):
            yield Witness("iac.modules", resource.location, f"stack '{resource.name}' is nested")
        elif resource.type in ("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"):
            rules = [one.node for one in resource.items("SecurityGroupIngress")] or [resource.properties]
            if any(rule is not None and _names_who(rule) for rule in rules):
                yield Witness("iac.network", resource.location, f"a rule of {resource.label} names who is let in")


_SOURCES = ("SourceSecurityGroupId", "SourceSecurityGroupName", "SourcePrefixListId")


def _names_who(rule: Node) -> bool:
    """Whether a rule says who is let in: a group, a list, or addresses that are not all."""
    if any(rule[name].present for name in _SOURCES):
        return True
    written = [rule[name] for name in ("CidrIp", "CidrIpv6") if rule[name].is_scalar and rule[name].tag is None]
    return any(one.text and not one.text.endswith("/0") for one in written)


def made_registries(template: Template) -> Iterator[MadeRegistry]:
    """The repositories of images that it makes."""
    for resource in template.resources:
        if resource.type == "AWS::ECR::Repository":
            name, tags = (_settled(resource.options(key)) for key in ("RepositoryName", "ImageTagMutability"))
            scans = _settled(resource.options("ImageScanningConfiguration", "ScanOnPush"))
            yield MadeRegistry(
                resource.label,
                resource.location,
                ".dkr.ecr.",
                name or "",
                None if scans is None else scans.lower() == "true",
                keeps_tags=tags == "IMMUTABLE",
            )


def _settled(options: list[Value]) -> str | None:
    """The one text that a value comes to, empty where it is left out; None where it may be several, or is not known."""
    if len(options) != 1 or options[0].unknown:
        return None
    return "" if options[0].absent else options[0].text


def written_text(node: Node) -> Node | None:
    """The scalar of a text that is written here, also within Base64 and Sub; None where it is made otherwise."""
    for _ in range(3):
        function, argument = function_of(node)
        if not function or (node.is_scalar and function in ("Base64", "Sub")):
            return node if node.is_scalar and node.present else None
        if function == "Sub" and argument.is_sequence:
            argument = next(iter(argument), argument)
        if function not in ("Base64", "Sub"):
            return None
        node = argument
    return None


def resources(template: Template) -> list[Resource]:
    """Every resource of the template."""
    return template.resources


def templates(template: Template) -> list[Template]:
    """The template as one, where all of it could be read."""
    return [template] if template.readable else []
