"""The values that pipelines give to charts: `helm upgrade --set image.tag=latest`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.kubernetes.helm_values import Setting, Values
from devopslint.model import Location
from devopslint.pipeline.jobs import Job
from devopslint.pipeline.pipelines import Pipelines, deliveries
from devopslint.readers.shell_words import Command
from devopslint.readers.yaml import Scalar, Source
from devopslint.readers.yaml_dialects import GO

_SETTING = ("--set", "--set-string")
_VALUED = (*_SETTING, "-f", "--values", "-n", "--namespace", "--version", "--timeout", "--repo", "--set-file")
_PAIR = compiled(r"(?P<key>[A-Za-z_][\w-]*(?:\\?\.[\w-]+|\[\d+\])*)=(?P<value>[^,{}]*)(?:,|\Z)")
_NOT_PLAIN = re.compile(r"[$`{]|\\,")


class GivenValue(Scalar):
    """A value on a command line; it stands where the command does."""

    __slots__ = ("_at",)

    def __init__(self, text: str, at: Location) -> None:
        super().__init__(Source(at.path, text, GO), 0, len(text), None, text, None)
        self._at = at

    @property
    def location(self) -> Location:
        return self._at


def values_of_commands(view: Pipelines) -> list[Values]:
    """What the jobs that deploy the product set on the command line, each place once."""
    return list({values.location: values for job in deliveries(view) for values in _of_job(job)}.values())


def _of_job(job: Job) -> Iterator[Values]:
    for ran in job.all_ran:
        command = ran.command
        if command is not None and command.name == "helm" and {"upgrade", "install"} & {*command.texts[:2]}:
            settings = tuple(_settings(command, ran.location))
            if settings:
                yield Values(settings, f"job {job.id}", ran.location)


def _settings(command: Command, at: Location) -> Iterator[Setting]:
    for option in command.parsed(_VALUED).options:
        text = option.value.text if option.name in _SETTING and option.value is not None else ""
        for found in _PAIR.finditer(text):
            if not _NOT_PLAIN.search(found["value"]):
                value = GivenValue(found["value"], at)
                yield Setting(found["key"], value, value)
