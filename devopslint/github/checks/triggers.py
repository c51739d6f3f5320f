"""What starts a workflow: events, their types and filters, schedules, inputs."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.github.files import patterns, schedules, triggers
from devopslint.github.filters import glob_faults
from devopslint.github.platform import FILTERS, events, is_of_type, most_dispatch_inputs
from devopslint.github.schedule import CronError, read_cron, time_zones
from devopslint.github.types import nearest
from devopslint.github.workflow import Parameter, Pattern, Schedule, Trigger
from devopslint.model import Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check

_OWN_FORM = ("schedule", "workflow_call", "workflow_dispatch")


@check("gha-unknown-event", each=triggers)
def unknown_event(trigger: Trigger) -> Iterator[Problem]:
    if trigger.event and trigger.event not in events():
        yield Problem(trigger.location, f"'{trigger.event}' is no event; {nearest(trigger.event, events())}")


@check("gha-unknown-activity-type", each=triggers)
def unknown_activity_type(trigger: Trigger) -> Iterator[Problem]:
    event = events().get(trigger.event)
    if event is None or event.free_types or trigger.event in _OWN_FORM or not trigger.node.has("types"):
        return
    if not event.types and not _is_empty(trigger.node["types"]):
        yield Problem(trigger.node["types"].key_location, f"'{trigger.event}' has no activity types")
    for item in trigger.types if event.types else ():
        if item.text not in event.types:
            message = f"'{item.text}' is no activity type of '{trigger.event}'; {nearest(item.text, event.types)}"
            yield Problem(item.location, message)


@check("gha-event-filter", each=triggers)
def event_filter(trigger: Trigger) -> Iterator[Problem]:
    event = events().get(trigger.event)
    if event is None or trigger.event in _OWN_FORM:
        return
    for key, value in trigger.node.items():
        name = key.text
        if _is_empty(value):
            continue
        if name in FILTERS | {"workflows", "names", "versions"} and name not in event.filters:
            takes = ", ".join(f"'{known}'" for known in sorted(event.filters)) or "none"
            yield Problem(key.location, f"'{trigger.event}' does not take the filter '{name}'; it takes {takes}")
        elif name.endswith("-ignore") and trigger.node.has(name.removesuffix("-ignore")):
            other = trigger.node[name.removesuffix("-ignore")]
            message = f"'{name}' stands beside '{name.removesuffix('-ignore')}'; GitHub takes one of them"
            yield Problem(key.location, message, (Related(other.key_location, "the other filter"),))
    if trigger.event == "workflow_run" and not trigger.filter("workflows"):
        yield Problem(trigger.location, "'workflow_run' names no 'workflows' to wait for")


def _is_empty(value: Node) -> bool:
    """Whether it is a list of nothing, which is said once, where lists are."""
    return value.is_sequence and not len(value)


@check("gha-invalid-glob", each=patterns)
def invalid_glob(pattern: Pattern) -> Iterator[Problem]:
    for fault in glob_faults(pattern.text, path=pattern.of_paths):
        if fault.refused:
            yield Problem(pattern.node.span(fault.start, fault.end), fault.message, certain=fault.certain)


@check("gha-useless-glob", each=patterns)
def useless_glob(pattern: Pattern) -> Iterator[Problem]:
    for fault in glob_faults(pattern.text, path=pattern.of_paths):
        if not fault.refused:
            yield Problem(pattern.node.span(fault.start, fault.end), fault.message)


@check("gha-invalid-cron", each=schedules)
def invalid_cron(schedule: Schedule) -> Iterator[Problem]:
    cron, zone = schedule.node["cron"], schedule.node["timezone"]
    # `$cron-daily` and its like stand in templates of workflows: GitHub fills them in.
    if cron.text and not cron.text.startswith("$cron-"):
        try:
            if not read_cron(cron.text).comes:
                yield Problem(cron.location, f"cron '{cron.text}' never runs: none of its months has such a day")
        except CronError as error:
            yield Problem(cron.location, f"cron '{cron.text}' {error}")
    if zone.text and zone.text.lower() not in time_zones():
        yield Problem(zone.location, f"'{zone.text}' is no time zone of the IANA database")


@check("gha-frequent-cron", each=schedules)
def frequent_cron(schedule: Schedule, *, minutes: int) -> Iterator[Problem]:
    cron = schedule.node["cron"]
    try:
        gap = read_cron(cron.text).shortest_gap
    except CronError:
        return
    if gap < minutes:
        yield Problem(cron.location, f"cron '{cron.text}' runs every {gap} min, more often than every {minutes} min")


@check("gha-input-default", each=triggers)
def input_default(trigger: Trigger) -> Iterator[Problem]:
    if trigger.event not in ("workflow_call", "workflow_dispatch"):
        return
    for parameter in trigger.inputs:
        default, kind = parameter.node["default"], parameter.node["type"].text
        if default.present and "${{" not in default.text and not is_of_type(default.text, kind):
            message = f"default of input '{parameter.name}' is '{default.text}'; its type is {kind}"
            yield Problem(default.location, message)


@check("gha-unused-default", each=triggers)
def unused_default(trigger: Trigger) -> Iterator[Problem]:
    if trigger.event != "workflow_call":
        return
    for parameter in trigger.inputs:
        default = parameter.node["default"]
        if parameter.required and default.exists:
            message = f"default of input '{parameter.name}' is never used: the input is required"
            yield Problem(default.location, message)


@check("gha-dispatch-input", each=triggers)
def dispatch_input(trigger: Trigger) -> Iterator[Problem]:
    if trigger.event != "workflow_dispatch":
        return
    count, most = len(trigger.inputs), most_dispatch_inputs()
    if count > most:
        yield Problem(trigger.location, f"workflow_dispatch has {count} inputs; GitHub takes {most}")
    for parameter in trigger.inputs:
        kind = parameter.node["type"]
        if kind.text == "choice":
            yield from _choices(parameter)
        elif parameter.node.has("options") and not _is_empty(parameter.node["options"]):
            message = f"input '{parameter.name}' has options, but its type is {kind.text or 'string'}, not choice"
            yield Problem(parameter.location, message)


def _choices(parameter: Parameter) -> Iterator[Problem]:
    options = parameter.node["options"]
    if not len(options):
        yield Problem(parameter.location, f"input '{parameter.name}' is a choice without options")
        return
    seen: set[str] = set()
    for option in options.strings():
        if option.text in seen:
            yield Problem(option.location, f"option '{option.text}' of input '{parameter.name}' stands here again")
        seen.add(option.text)
    default = parameter.node["default"]
    if default.present and "${{" not in default.text and default.text not in seen:
        message = f"default of input '{parameter.name}' is '{default.text}', which is none of its options"
        yield Problem(default.location, message)
