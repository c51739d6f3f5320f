"""Plays, blocks and tasks, with what they inherit; a value with Jinja in it is one that nobody knows here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from devopslint.ansible.layout import kept_away
from devopslint.deferred import cached_property, compiled, dataclass
from devopslint.model import Location, MadeFile, Opening
from devopslint.readers.yaml import Node, Scalar
from devopslint.readers.yaml_dialects import ANSIBLE, Dialect
from devopslint.readers.yaml_file import YamlFile

_KEYWORDS = frozenset(
    (
        "action",
        "any_errors_fatal",
        "args",
        "async",
        "become",
        "become_exe",
        "become_flags",
        "become_method",
        "become_user",
        "changed_when",
        "check_mode",
        "collections",
        "connection",
        "debugger",
        "delay",
        "delegate_facts",
        "delegate_to",
        "diff",
        "environment",
        "failed_when",
        "ignore_errors",
        "ignore_unreachable",
        "listen",
        "local_action",
        "loop",
        "loop_control",
        "module_defaults",
        "name",
        "no_log",
        "notify",
        "poll",
        "port",
        "register",
        "remote_user",
        "retries",
        "run_once",
        "sudo",
        "sudo_user",
        "tags",
        "throttle",
        "timeout",
        "until",
        "vars",
        "when",
    )
)
"""Keys of a task that do not name its module; `with_…` beside them."""
_BUILT_IN = ("ansible.builtin.", "ansible.legacy.")
FREE_FORM = frozenset(("command", "shell", "raw", "script", "win_command", "win_shell"))
"""Modules whose argument is a command line."""
_ASSIGNED = compiled(
    r"(?:^|(?<=\s))(?P<name>[a-z_]\w*)=(?P<value>\"[^\"]*\"|'[^']*'|(?:\{\{.{0,500}?\}\}|[^\s{]|\{(?!\{))*)"
)
_JINJA = compiled(r"\{\{.{0,2000}?\}\}|\{%.{0,2000}?%\}|\{#.{0,2000}?#\}", re.DOTALL)
_TESTS = frozenset(("example", "examples", "molecule", "test", "testing", "tests", "vagrant", ".github", "ci"))
LOCAL = frozenset(("localhost", "127.0.0.1", "::1"))


def is_templated(text: str) -> bool:
    """Whether Jinja puts something in that nobody knows here."""
    return "{{" in text or "{%" in text


def without_jinja(text: str) -> str:
    """The text with every expression as a word of the same length, so that a shell can be read around it."""
    return _JINJA.sub(lambda found: re.sub(r"[^\n]", "_", found[0]), text)


def is_true(node: Node) -> bool:
    return node.value is True or node.text.lower() in ("true", "yes", "on")


def is_false(node: Node) -> bool:
    return node.value is False or node.text.lower() in ("false", "no", "off")


def is_for_tests(path: str) -> bool:
    """Whether what lies there is run against machines that live for a test."""
    return not _TESTS.isdisjoint(path.split("/")[:-1]) or path.rpartition("/")[2].startswith("test")


@dataclass(frozen=True)
class Argument:
    """What a task gives its module under one name."""

    name: str
    text: str
    location: Location
    node: Node | None = None
    """None where it stands in one line with others: `src=a dest=b`."""

    @property
    def known(self) -> bool:
        return not is_templated(self.text)

    @property
    def is_true(self) -> bool:
        return self.text.lower() in ("true", "yes", "on", "1", "y", "t")

    @property
    def is_false(self) -> bool:
        return self.text.lower() in ("false", "no", "off", "0", "n", "f")


@dataclass(frozen=True)
class Task:
    """A task or a handler."""

    book: Playbook
    node: Node
    around: tuple[Node, ...]
    """The play and the blocks that it stands in, the innermost last."""
    handler: bool
    module: str
    """Its name as most write it: `copy`, not `ansible.builtin.copy`."""
    given: Node
    """What stands behind the module's name."""

    @property
    def label(self) -> str:
        return f"task '{self.name}'"

    @property
    def name(self) -> str:
        return self.node["name"].text or self.module

    @property
    def location(self) -> Location:
        return self.node["name"].location if self.node.has("name") else self.given.key_location

    @property
    def for_tests(self) -> bool:
        return is_for_tests(self.book.path)

    @property
    def short(self) -> str:
        """The module's name without its collection."""
        return self.module.rpartition(".")[2]

    @cached_property
    def arguments(self) -> dict[str, Argument]:
        found: dict[str, Argument] = {}
        for given in (self.node["args"], self.given):
            for key, value in given.items():
                if key.text != "module":
                    found[key.text] = Argument(key.text, value.text, value.location, value)
        if self.given.is_scalar and self.short not in FREE_FORM:
            for one in _ASSIGNED.finditer(self.given.text):
                found[one["name"]] = Argument(one["name"], one["value"].strip("\"'"), self.given.span(*one.span()))
        return found

    def argument(self, *names: str) -> Argument | None:
        """What the module is given under the first of these names that is there."""
        return next((self.arguments[name] for name in names if name in self.arguments), None)

    @property
    def command(self) -> Node | None:
        """The command line that it runs, if it is written as one."""
        if self.short not in FREE_FORM:
            return None
        written = self.given if self.given.is_scalar else self.given["cmd"]
        return written if written.is_scalar and written.present else None

    def inherited(self, key: str) -> Node:
        """A keyword of the task, or of the innermost block or play around it that has it."""
        for one in (self.node, *reversed(self.around)):
            if one.has(key):
                return one[key]
        return self.node[key]

    @property
    def loops(self) -> bool:
        return any(key == "loop" or key.startswith("with_") for key in self.node.keys())  # noqa: SIM118  # a Node is no dict

    @property
    def is_local(self) -> bool:
        """Whether it runs on the machine that Ansible runs on."""
        return self.inherited("delegate_to").text in LOCAL or self.inherited("connection").text == "local"


@dataclass(frozen=True)
class Play:
    """What is done on some hosts."""

    book: Playbook
    node: Node

    @property
    def label(self) -> str:
        return f"play '{self.name}'"

    @property
    def name(self) -> str:
        return self.node["name"].text or ", ".join(self.hosts)

    @property
    def location(self) -> Location:
        return self.node["name"].location if self.node.has("name") else self.node["hosts"].location

    @property
    def hosts(self) -> list[str]:
        return [one.text for one in self.node["hosts"].strings()]

    @property
    def is_local(self) -> bool:
        hosts = self.hosts
        return bool(hosts) and (LOCAL.issuperset(hosts) or self.node["connection"].text == "local")

    @cached_property
    def tasks(self) -> list[Task]:
        """Those that stand in it, without those of its roles."""
        return [task for task in self.book.tasks if task.around and task.around[0] is self.node]


class Playbook(YamlFile):
    """A playbook, or the tasks or handlers of a role."""

    kinds: ClassVar[tuple[str, ...]] = ("ansible-playbook", "ansible-tasks")
    dialect: ClassVar[Dialect] = ANSIBLE

    @cached_property
    def items(self) -> list[Node]:
        return [item for document in self.stream.documents for item in document.root if item.is_mapping]

    @cached_property
    def plays(self) -> list[Play]:
        return [Play(self, item) for item in self.items if item.has("hosts")]

    @cached_property
    def tasks(self) -> list[Task]:
        return list(self._tasks())

    def _tasks(self) -> Iterator[Task]:
        handlers = "handlers" in self.path.split("/")[:-1]
        for item in self.items:
            if item.has("hosts"):
                for key in ("pre_tasks", "tasks", "post_tasks", "handlers"):
                    for task in item[key]:
                        yield from self._within(task, (item,), key == "handlers")
            else:
                yield from self._within(item, (), handlers)

    def _within(self, node: Node, around: tuple[Node, ...], handler: bool) -> Iterator[Task]:
        if not node.is_mapping:
            return
        if node.has("block"):
            for key in ("block", "rescue", "always"):
                for inner in node[key]:
                    yield from self._within(inner, (*around, node), handler)
            return
        module, given = _module(node)
        if module:
            yield Task(self, node, around, handler, module, given)

    def summaries(self) -> Iterable[object]:
        yield from kept_away(self.path)
        for task in self.tasks:
            if task.short in ("k8s", "helm", "k8s_scale"):
                yield _opening(task)
            elif task.short in ("copy", "template", "get_url") and task.given["dest"].text.endswith(_MANIFESTS):
                tail = task.given["dest"].text.rpartition("}")[2].lstrip("./")
                if tail:
                    yield MadeFile(tail, task.given["dest"].location)


_MANIFESTS = (".yaml", ".yml", ".json")


def _module(node: Node) -> tuple[str, Node]:
    """The module that a task runs and what it is given; an empty name where it runs none."""
    for key, value in node.items():
        if key.text in ("action", "local_action"):
            if value.is_mapping:
                return _plain(value["module"].text), value
            first, _, _ = value.text.partition(" ")
            return _plain(first), _behind(value, first)
        if key.text not in _KEYWORDS and not key.text.startswith("with_"):
            return _plain(key.text), value
    return "", node


def _behind(value: Node, first: str) -> Node:
    assert isinstance(value, Scalar)
    rest = value.text[len(first) :]
    return value.saying(rest)


def _plain(name: str) -> str:
    for prefix in _BUILT_IN:
        name = name.removeprefix(prefix)
    return name


def _opening(task: Task) -> Opening:
    """What a task puts into a cluster."""
    at = task.location
    reason = f"{task.label} at {task.book.path}:{at.line} may make it"
    given = [task.argument("namespace", "release_namespace"), task.argument("name", "release_name")]
    namespace, name = (one.text if one is not None and one.text and one.known else "" for one in given)
    namespaces = (namespace,) if namespace else None
    kind = task.argument("kind")
    if kind is not None and kind.text and kind.known and name:
        return Opening(at, reason, namespaces, frozenset((kind.text,)), frozenset((name,)))
    if task.short == "helm" and name and not namespace:
        return Opening(at, reason, words=frozenset((name,)))
    return Opening(at, reason, namespaces)


def tasks(book: Playbook) -> list[Task]:
    """Every task and handler of the file."""
    return book.tasks


def plays(book: Playbook) -> list[Play]:
    """Every play of the file."""
    return book.plays
