"""ansible.cfg, and inventories in INI: lines of settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from devopslint.ansible.playbooks import is_for_tests
from devopslint.ansible.variables import Given
from devopslint.deferred import compiled
from devopslint.model import LINE_BREAK, Location
from devopslint.readers.text_file import TextFile

_SETTING = compiled(r"(?P<name>\w+)[ \t]*[=:][ \t]*(?P<value>[^;#\n]*?)[ \t]*(?:[;#].*)?\Z")
_SECTION = compiled(r"\[(?P<name>[^\]]*)\]")
_PAIR = compiled(r"(?:^|(?<=\s))(?P<name>\w+)[ \t]*=[ \t]*(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"'#]+)")


class Settings(TextFile):
    """ansible.cfg."""

    kinds: ClassVar[tuple[str, ...]] = ("ansible-settings",)

    def given(self) -> Iterator[Given]:
        section = ""
        for number, line in enumerate(LINE_BREAK.split(self.text), 1):
            if found := _SECTION.match(line):
                section = found["name"]
            elif found := _SETTING.match(line):
                at = Location(self.path, number, 1, number, 1 + len(found[0]))
                yield Given(f"{section}.{found['name']}", found["value"].strip("\"'"), at)

    def summaries(self) -> tuple[object, ...]:
        return ()


class Hosts(TextFile):
    """An inventory in INI."""

    kinds: ClassVar[tuple[str, ...]] = ("ansible-hosts",)

    def given(self) -> Iterator[Given]:
        if is_for_tests(self.path):
            return
        for number, line in enumerate(LINE_BREAK.split(self.text), 1):
            if line.lstrip().startswith(("#", ";")):
                continue
            for found in _PAIR.finditer(line):
                at = Location(self.path, number, found.start() + 1, number, found.end() + 1)
                yield Given(found["name"], found["value"].strip("\"'"), at)

    def summaries(self) -> tuple[object, ...]:
        return ()


def settings(file: Settings) -> list[Given]:
    """Every setting of ansible.cfg, as `section.name`."""
    return list(file.given())


def hosts(file: Hosts) -> list[Given]:
    """Every variable that a line of an inventory gives."""
    return list(file.given())
