"""The parts of one GitLab CI file as they are written: what it includes, its images, variables, scripts and rules."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from devopslint.deferred import NamedTuple
from devopslint.gitlab.inputs import put_in
from devopslint.gitlab.jobs import GitlabFile, GitlabPipelines, RuledJobs
from devopslint.readers.shell import read_commands
from devopslint.readers.yaml import Node, Scalar
from devopslint.secrets.thrown_away import SERVERS, beside_this_machine, of_servers

_NO_JOBS = frozenset(("default", "include", "stages", "variables", "workflow", "spec", "cache", "image", "services"))


class Include(NamedTuple):
    """One entry of `include`: a mapping, or the text of a file's path or address."""

    node: Node

    @property
    def label(self) -> str:
        return f"include line {self.node.line}"

    @property
    def remote(self) -> Node:
        """The address that it is read from; missing where it is read from GitLab itself."""
        plain = self.node.is_scalar and "://" in self.node.text
        return self.node if plain else self.node["remote"]


class Image(NamedTuple):
    """An image that a job or a service runs in."""

    owner: str
    node: Node
    name: str
    """With the defaults of the inputs in their places."""

    @property
    def label(self) -> str:
        return f"{self.owner} image {self.node.text}"


class Variable(NamedTuple):
    owner: str
    key: Scalar
    value: Node
    for_service: bool = False
    """Whether it sets up a server that lives for a job alone, or holds the same value as one that does."""

    @property
    def label(self) -> str:
        return f"{self.owner} variable {self.key.text}"


class Section(NamedTuple):
    """A job, or a hidden one that others extend."""

    name: str
    node: Node

    @property
    def label(self) -> str:
        return f"job {self.name}"


class ScriptLine(NamedTuple):
    owner: str
    node: Scalar
    number: int
    thrown_away: frozenset[str] = frozenset()
    """The passwords of servers that the jobs of the file start for themselves."""

    @property
    def label(self) -> str:
        return f"{self.owner} line {self.number}"


class JobScript(NamedTuple):
    """The lines that one shell runs for a job."""

    label: str
    lines: tuple[ScriptLine, ...]


def includes(file: GitlabFile) -> Iterator[Include]:
    found = file.root["include"]
    for node in found if found.is_sequence else (found,):
        if node.present:
            yield Include(node)


def sections(file: GitlabFile) -> Iterator[Section]:
    for key, value in file.root.items():
        if key.text not in _NO_JOBS and value.is_mapping:
            yield Section(key.text, value)


def ruled_jobs(pipelines: GitlabPipelines) -> Iterator[RuledJobs]:
    """The jobs of the repository's pipelines, by their rules."""
    return pipelines.ruled_jobs()


def _holders(file: GitlabFile) -> Iterator[tuple[str, Node]]:
    """Whatever may have an image, services and scripts: the file, its defaults, its jobs."""
    root = file.root
    yield "file", root
    yield "default", root["default"]
    for section in sections(file):
        yield section.label, section.node


def gitlab_images(file: GitlabFile) -> Iterator[Image]:
    inputs = file.inputs
    for owner, node in _holders(file):
        services = node["services"]
        for image in (node["image"], *(services if services.is_sequence else ())):
            name = image["name"] if image.is_mapping else image
            if name.is_scalar and name.text:
                yield Image(owner, name, put_in(name.text, inputs))


def variables(file: GitlabFile) -> Iterator[Variable]:
    holders = list(_holders(file))
    found = [
        (owner, key, value["value"] if value.is_mapping else value)
        for owner, node in holders
        for table in (node["variables"], *_further(node))
        for key, value in table.items()
    ]
    known = thrown_away(file)
    return (Variable(owner, key, value, value.text in known) for owner, key, value in found)


def _further(node: Node) -> Iterator[Node]:
    """What sets more variables: the rules of a job, or of the workflow, and the rows of a matrix."""
    for rule in (*node["rules"], *node["workflow"]["rules"]):
        yield rule["variables"]
    yield from node["parallel"]["matrix"]


def thrown_away(file: GitlabFile) -> frozenset[str]:
    """The passwords of servers that its jobs start for themselves."""
    holders = list(_holders(file))
    served = any(node["services"].present for _, node in holders)
    found: list[str] = []
    for _, node in holders:
        variables = [
            (key.text, (value["value"] if value.is_mapping else value).text) for key, value in node["variables"].items()
        ]
        found.extend(beside_this_machine(variables))
        if served:
            found.extend(value for name, value in variables if SERVERS.match(name))
    for line in _lines(file):
        if "docker" in line.node.text or "podman" in line.node.text:
            found.extend(of_servers(read_commands(line.node.text)))
    return frozenset(filter(None, found))


def script_lines(file: GitlabFile) -> Iterator[ScriptLine]:
    known = thrown_away(file)
    return (line._replace(thrown_away=known) for line in _lines(file))


def _lines(file: GitlabFile) -> Iterator[ScriptLine]:
    for owner, node in _holders(file):
        for keyword in ("before_script", "script", "after_script"):
            for number, line in enumerate(_scalars(node[keyword]), 1):
                yield ScriptLine(f"{owner} {keyword}", line, number)


def job_scripts(file: GitlabFile) -> Iterator[JobScript]:
    """What each job runs: its `script` behind its `before_script`, and `after_script` apart."""
    for label, lines in itertools.groupby(_lines(file), lambda line: line.owner.replace("before_script", "script")):
        yield JobScript(label, tuple(lines))


class Login(NamedTuple):
    """What may enter a cloud: the variables and the lines of a job, or of the file for all jobs."""

    label: str
    node: Node
    lines: tuple[ScriptLine, ...]


def logins(file: GitlabFile) -> Iterator[Login]:
    """Of the jobs to which GitLab gives no token or secret of its own: with one, a cloud or a vault gives keys that end."""
    holders = list(_holders(file))
    if any(node["id_tokens"].present or node["secrets"].present for owner, node in holders if owner == "default"):
        return
    scripts = {script.label: script.lines for script in job_scripts(file)}
    for owner, node in holders:
        if not (node["id_tokens"].present or node["secrets"].present or node["extends"].present):
            yield Login(owner, node, scripts.get(f"{owner} script", ()))


def _scalars(node: Node) -> Iterator[Scalar]:
    for item in node if node.is_sequence else (node,):
        if isinstance(item, Scalar):
            yield item
        else:
            yield from (inner for inner in item if isinstance(inner, Scalar))
