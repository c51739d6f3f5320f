"""What was understood of the delivery pipelines: as text, as a Mermaid graph, as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from devopslint.deferred import compiled
from devopslint.pipeline.jobs import Job, Pipeline
from devopslint.pipeline.pipelines import Pipelines
from devopslint.reports.frames import printable

_MARKS = {
    "&": "&amp;",
    '"': "&quot;",
    "<": "&lt;",
    ">": "&gt;",
    "#": "#35;",
    "`": "#96;",
    "*": "#42;",
    "\\": "#92;",
}
_LIST = compiled(r"^([0-9]*)([.)+-])(?=\s|\Z)")
_MOST_NEEDS = 6
"""Jobs that a line names; behind all the stages of a long pipeline stands a long list."""
_NOT_IN_ID = compiled(r"[^A-Za-z0-9]+")


def render(view: Pipelines, format: str) -> str:
    """The pipelines in one of FORMATS; ends with a line break."""
    return FORMATS[format](view)


def explain(view: Pipelines, job_id: str) -> str:
    """How the stages of each job of this id were told, in the order in which it was asked; empty where there is none."""
    return "\n".join(
        _lined(
            (f"{pipeline.path} {job.id}  {' > '.join(job.stages) or 'no stage'}", *(f"  {one}" for one in job.trace))
        )
        for pipeline in view.pipelines
        for job in pipeline.jobs
        if job.id == job_id
    )


def text(view: Pipelines) -> str:
    drawn = [_lined(_lines(pipeline)) for pipeline in view.pipelines]
    drawn.extend(_lined((unread.path, f"  not read: {unread.reason}")) for unread in view.unread)
    return "\n".join(drawn) or "No pipeline: no workflow, .gitlab-ci.yml or Jenkinsfile was found.\n"


def _lined(lines: Iterable[str]) -> str:
    """Names and paths may hold line breaks, and more."""
    return "".join(f"{printable(line)}\n" for line in lines)


def _lines(pipeline: Pipeline) -> Iterator[str]:
    title = [pipeline.path]
    if pipeline.name != pipeline.path:
        title.append(f"'{pipeline.name}'")
    if pipeline.triggers:
        title.append(f"on {', '.join(pipeline.triggers)}")
    yield " ".join(title)
    for start in pipeline.starts_after:
        after = "after the success of" if start.checked else "after the end, good or bad, of"
        yield f"  starts {after} '{start.pipeline.name}' ({start.pipeline.path})"
    for evidence in pipeline.inherited:
        yield f"  includes {evidence.said}, line {evidence.location.line}: {evidence.stage}"
    width = max((len(job.id) for job in pipeline.jobs), default=0)
    for job in pipeline.jobs:
        yield f"  {job.id:<{width}}  {' > '.join(job.stages) or 'no stage'}{_facts(job)}"
        for stage in job.stages:
            yield f"  {'':<{width}}    {stage}: {job.said(job.evidence(stage))}"


def _facts(job: Job) -> str:
    facts: list[str] = []
    if job.needs:
        more = len(job.needs) - _MOST_NEEDS
        facts.append(f"after {', '.join(job.needs[:_MOST_NEEDS])}{f' and {more} more' if more > 0 else ''}")
    if job.environment is not None:
        facts.append(f"environment {job.environment.text}")
    if job.refs:
        facts.append(f"only on {' and '.join(sorted(job.refs))}")
    if job.called is not None:
        facts.append(f"calls {job.called.text}")
    elif job.callee is not None:
        facts.append(f"starts {job.callee.path}")
    elif job.downstream:
        facts.append("starts a pipeline that is not here")
    if job.manual:
        times = " in some runs" if job.starts_itself else ", and not waited for" if job.by_hand_only else ""
        facts.append(f"started by hand{times}")
    if job.only_after_failure:
        facts.append("only after a failure")
    elif job.after_failure is not None:
        facts.append("even after a failure")
    if job.tolerated is not None and job.tolerated.text == "true":
        facts.append("may fail")
    return "".join(f", {fact}" for fact in facts)


def mermaid(view: Pipelines) -> str:
    lines = ["flowchart LR"]
    for number, pipeline in enumerate(view.pipelines):
        lines.append(f'  subgraph p{number}["{_quoted(pipeline.path)}"]')
        for job in pipeline.jobs:
            label = "<br/>".join(_quoted(part) for part in _label(job) if part)
            opening, closing = (
                ("[[", "]]")
                if job.called is not None or job.callee is not None
                else ("{{", "}}")
                if job.manual
                else ("[", "]")
            )
            lines.append(f'    {_id(number, job)}{opening}"{label}"{closing}')
        lines.append("  end")
        for job in pipeline.jobs:
            for needed in pipeline.needed(job):
                arrow = "-.->" if job.after_failure is not None else "-->"
                lines.append(f"  {_id(number, needed)} {arrow} {_id(number, job)}")
    numbers = {id(pipeline): number for number, pipeline in enumerate(view.pipelines)}
    for number, pipeline in enumerate(view.pipelines):
        for start in pipeline.starts_after:
            label = "success" if start.checked else "end"
            lines.append(f"  p{numbers[id(start.pipeline)]} -- {label} --> p{number}")
        for job in pipeline.jobs:
            if job.callee is not None:
                lines.append(f"  {_id(number, job)} -. calls .-> p{numbers[id(job.callee)]}")
    lines.extend(f"  %% {unread.path} {unread.reason}" for unread in view.unread)
    return _lined(lines)


def _label(job: Job) -> Iterator[str]:
    yield job.id
    yield " > ".join(job.stages)
    if job.environment is not None:
        yield f"to {job.environment.text}"
    if job.tolerated is not None and job.tolerated.text == "true":
        yield "may fail"


def _id(number: int, job: Job) -> str:
    """Unique in the graph: names that differ only in what an id may not hold are told apart by their place."""
    place = next(index for index, one in enumerate(job.pipeline.jobs) if one is job)
    return f"p{number}_{place}_{_NOT_IN_ID.sub('_', job.id)}"


def _quoted(label: str) -> str:
    """A label in which Mermaid finds neither its own marks nor Markdown's: a list, a code, an entity."""
    escaped = "".join(_MARKS.get(letter, letter) for letter in " ".join(label.split()))
    return _LIST.sub(lambda found: f"{found[1]}#{ord(found[2])};", escaped)


def as_json(view: Pipelines) -> str:
    """One entry for each job; the pipelines beside them."""
    document = {
        "version": 1,
        "jobs": [_job(job) for pipeline in view.pipelines for job in pipeline.jobs],
        "pipelines": [_pipeline(pipeline) for pipeline in view.pipelines],
        "unread": [{"path": unread.path, "reason": unread.reason} for unread in view.unread],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _job(job: Job) -> dict[str, Any]:
    return {
        "path": job.pipeline.path,
        "id": job.id,
        "name": job.name or None,
        "line": job.location.line,
        "stages": list(job.stages),
        "needs": list(job.needs),
        "environment": job.environment.text if job.environment is not None else None,
        "tier": job.tier if job.does("deploy") else None,
        "condition": job.condition.text if job.condition is not None else None,
        "calls": job.called.text if job.called is not None else None,
        "manual": job.manual,
        "after_failure": job.after_failure is not None,
        "may_fail": job.tolerated is not None and job.tolerated.text == "true",
        "timeout": job.timeout.text if job.timeout is not None else None,
        "evidence": [
            {"stage": e.stage, "says": e.said, "path": e.location.path, "line": e.location.line} for e in job.own
        ],
    }


def _pipeline(pipeline: Pipeline) -> dict[str, Any]:
    return {
        "path": pipeline.path,
        "system": pipeline.system,
        "name": pipeline.name,
        "triggers": list(pipeline.triggers),
        "after": [{"path": start.pipeline.path, "success_only": start.checked} for start in pipeline.starts_after],
    }


FORMATS: dict[str, Callable[[Pipelines], str]] = {"text": text, "mermaid": mermaid, "json": as_json}
