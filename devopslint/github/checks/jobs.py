"""Jobs and steps: their ids, needs, runners, shells, variables, permissions and matrices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import islice

from devopslint.deferred import compiled
from devopslint.github.files import (
    action_environments,
    action_scripts,
    action_steps,
    actions,
    environments,
    jobs,
    scripts,
    steps,
    workflows,
)
from devopslint.github.matrix import Matrix, dynamic, innermost, labels_of, matrices, same, selects
from devopslint.github.platform import (
    ALL_PERMISSIONS,
    MOST_MATRIX_JOBS,
    deprecated_commands,
    hosted_runners,
    latest_runners,
    permissions,
    retired_runners,
    self_hosted_labels,
    shells,
)
from devopslint.github.types import nearest
from devopslint.github.workflow import Action, Environment, Job, Permissions, Step, Workflow
from devopslint.model import Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check

MOST_CYCLES = 20
"""Circles that are told of in one workflow: each may go through every job."""
_ID = compiled(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_COMMAND = compiled(r"::(?:(set-output|save-state|set-env)[ \t]+name=|(add-path)::)")


@check("gha-unknown-need", each=jobs)
def unknown_need(job: Job) -> Iterator[Problem]:
    for need in job.needs:
        if need.present and need.text and job.workflow.job(need.text) is None:
            near = nearest(need.text, job.workflow.ids)
            yield Problem(need.location, f"job '{job.id}' needs '{need.text}', which is no job; {near}")


@check("gha-repeated-need", each=jobs)
def repeated_need(job: Job) -> Iterator[Problem]:
    seen: set[str] = set()
    for need in job.needs:
        if need.text.lower() in seen:
            yield Problem(need.location, f"job '{job.id}' needs '{need.text}' twice")
        seen.add(need.text.lower())


@check("gha-needs-cycle", each=workflows)
def needs_cycle(workflow: Workflow) -> Iterator[Problem]:
    by_id = {job.id.lower(): job for job in workflow.jobs}
    needs = {name: [n.text.lower() for n in job.needs if n.text.lower() in by_id] for name, job in by_id.items()}
    yield from islice(_cycles(by_id, needs), MOST_CYCLES)


def _cycles(by_id: dict[str, Job], needs: dict[str, list[str]]) -> Iterator[Problem]:
    done: set[str] = set()
    for start in by_id:
        path: list[str] = []
        on_path: set[str] = set()
        stack = [(start, iter(needs[start]))] if start not in done else []
        while stack:
            name, rest = stack[-1]
            if name not in on_path:
                path.append(name)
                on_path.add(name)
            following = next(rest, None)
            if following is None:
                stack.pop()
                path.pop()
                on_path.discard(name)
                done.add(name)
            elif following in on_path:
                yield _cycle([by_id[member] for member in path[path.index(following) :]])
            elif following not in done:
                stack.append((following, iter(needs[following])))


def _cycle(members: list[Job]) -> Problem:
    """Told at the member that stands first in the file."""
    first = min(range(len(members)), key=lambda index: members[index].location)
    ring = [*members[first:], *members[:first]]
    names = " -> ".join(f"'{job.id}'" for job in [*ring, ring[0]])
    related = tuple(Related(job.location, f"job '{job.id}'") for job in ring[1:])
    return Problem(ring[0].location, f"jobs need each other in a circle: {names}", related)


@check("gha-invalid-id", each=jobs)
def invalid_job_id(job: Job) -> Iterator[Problem]:
    if not _ID.match(job.id) and not job.id.startswith("\0"):
        yield Problem(job.location, _bad_id("job", job.id))


@check("gha-invalid-id", each=(steps, action_steps))
def invalid_step_id(step: Step) -> Iterator[Problem]:
    if step.id.text and not dynamic(step.id) and not _ID.match(step.id.text):
        yield Problem(step.id.location, _bad_id("step", step.id.text))


def _bad_id(kind: str, name: str) -> str:
    return f"id '{name}' of the {kind} is not a letter or '_' followed by letters, digits, '-' and '_'"


@check("gha-duplicate-step-id", each=(jobs, actions))
def duplicate_step_id(owner: Job | Action) -> Iterator[Problem]:
    seen: dict[str, Step] = {}
    for step in owner.steps:
        name = step.id.text.lower()
        first = seen.setdefault(name, step)
        if not name or first is step:
            continue
        where = first.id.location
        message = f"id '{step.id.text}' of the step stands here again, first in line {where.line}"
        if first.node is step.node:
            message = f"id '{step.id.text}' is there twice: an alias repeats the step"
        yield Problem(step.id.location, message, (Related(where, "first here"),))


@check("gha-retired-runner", each=jobs)
def retired_runner(job: Job) -> Iterator[Problem]:
    for label in labels_of(job)[0]:
        gone = retired_runners().get(label.text.lower())
        if gone:
            yield Problem(label.location, f"runner '{label.text}' is gone since {gone}: the job never starts")


_LIKE_HOSTED = compiled(r"(?:ubuntu|windows|macos)(?:-[\d.]+|-l\w*)?", re.ASCII)


_SIZED = compiled(r"[0-9]-?cores?(?![a-z])")
"""What the owners of larger runners call them by: `ubuntu-22-8-core`."""


@check("gha-unknown-runner", each=jobs)
def unknown_runner(job: Job, *, labels: list[str], complete: bool) -> Iterator[Problem]:
    found = labels_of(job)[0]
    names = {label.text.lower() for label in found}
    # Whoever runs their own runners, or groups of them, names them as they like.
    if not complete and ("self-hosted" in names or job.node["runs-on"].has("group")):
        return
    for label in found:
        name = label.text.lower()
        if not name or name in hosted_runners() or name in retired_runners() or name in self_hosted_labels():
            continue
        if not any(fnmatchcase(name, pattern.lower()) for pattern in labels):
            own = (known for known in labels if not set(known) & set("*?["))
            usual = nearest(name, [*hosted_runners(), *own], named=latest_runners())
            # A larger runner has the name that its owner gave it, often one of GitHub's with its size behind it: only
            # what is nearly one of GitHub's is a mistake.
            if not complete and (
                _SIZED.search(name) or any(name.startswith(f"{known}-") for known in hosted_runners())
            ):
                continue
            if not complete and not usual.startswith("did you mean") and not _LIKE_HOSTED.fullmatch(name):
                continue
            yield Problem(label.location, f"'{label.text}' is no runner of GitHub's; {usual}")


@check("gha-conflicting-runners", each=jobs)
def conflicting_runners(job: Job) -> Iterator[Problem]:
    fixed = [label for label in job.runs_on if not dynamic(label)]
    given = [label for label in labels_of(job)[0] if label not in fixed]
    seen = list(fixed[:1])
    for label in [*fixed[1:], *given]:
        other = next((known for known in seen if _conflict(label.text, known.text)), None)
        if other is not None:
            message = f"no runner has the labels '{other.text}' and '{label.text}' both"
            yield Problem(label.location, message, (Related(other.location, "the other label"),))
        if label in fixed:
            seen.append(label)


def _conflict(a: str, b: str) -> bool:
    first, second = a.lower(), b.lower()
    system = _system(first)
    if system and _system(second) and system != _system(second):
        return True
    hosted, latest = hosted_runners(), latest_runners()
    both = first != second and first in hosted and second in hosted
    return both and second not in latest.get(first, ()) and first not in latest.get(second, ())


def _system(label: str) -> str:
    return hosted_runners().get(label) or self_hosted_labels().get(label, "")


@check("gha-unknown-shell", each=workflows)
def unknown_default_shell(workflow: Workflow) -> Iterator[Problem]:
    yield from _unknown_shell(workflow.defaults["shell"], set())
    for job in workflow.jobs:
        yield from _unknown_shell(job.defaults["shell"], _systems(job))


@check("gha-unknown-shell", each=(steps, action_steps))
def unknown_shell(step: Step) -> Iterator[Problem]:
    yield from _unknown_shell(step.node["shell"], _systems(step.job) if step.job else set())


def _systems(job: Job) -> set[str]:
    """The operating systems that the job may run on; empty where that is not known."""
    if job.container.present:  # which brings its own programs
        return set()
    named = {_system(label.text.lower()) for label in job.runs_on if not dynamic(label)} - {""}
    if named:
        return named
    labels, complete = labels_of(job)
    systems = {_system(label.text.lower()) for label in labels}
    return systems if complete and "" not in systems else set()


def _unknown_shell(shell: Node, systems: set[str]) -> Iterator[Problem]:
    name = shell.text
    if not name or dynamic(shell) or "{0}" in name:
        return
    offered = shells().get(name.lower())
    if offered is None:
        yield Problem(
            shell.location, f"'{name}' is no shell of GitHub's; {nearest(name, shells())} Another one needs '{{0}}'"
        )
    elif systems and not systems & offered:
        yield Problem(shell.location, f"shell '{name}' is not there on {' or '.join(sorted(systems))}")


@check("gha-env-name", each=(environments, action_environments))
def env_name(environment: Environment) -> Iterator[Problem]:
    for key, _ in environment.node.items():  # noqa: PERF102  # keys() of a node gives texts without their places
        bad = next((character for character in key.text if character in "=& \t"), None)
        if bad and "${{" not in key.text and not key.text.startswith("\0"):
            yield Problem(key.location, f"name of variable '{key.text}' has '{bad}' in it")


@check("gha-deprecated-command", each=(scripts, action_scripts))
def deprecated_command(step: Step) -> Iterator[Problem]:
    script = step.script
    if script is None:
        return
    for found in _COMMAND.finditer(script.text):
        line = script.text[script.text.rfind("\n", 0, found.start()) + 1 : found.start()]
        if line.lstrip().startswith("#"):
            continue
        command = found[1] or found[2]
        location = script.span(found.start() + 2, found.start() + 2 + len(command))
        yield Problem(
            location, f"workflow command '{command}' is deprecated; write to {deprecated_commands()[command]}"
        )


@check("gha-permission", each=workflows)
def permission(workflow: Workflow) -> Iterator[Problem]:
    yield from _wrong_permissions(Permissions(workflow.node["permissions"]))


@check("gha-permission", each=jobs)
def permission_of_job(job: Job) -> Iterator[Problem]:
    yield from _wrong_permissions(Permissions(job.node["permissions"]))


def _wrong_permissions(given: Permissions) -> Iterator[Problem]:
    if given.all and given.all not in ALL_PERMISSIONS:
        message = f"permissions are '{given.all}'; 'read-all', 'write-all' or scopes one by one are wanted"
        yield Problem(given.node.location, message)
    known = permissions()
    for scope, level in given.scopes:
        levels = known.get(scope.text)
        if levels is None:
            yield Problem(scope.location, f"'{scope.text}' is no scope of permissions; {nearest(scope.text, known)}")
        elif level.text not in levels:
            wanted = " or ".join(f"'{word}'" for word in sorted(levels))
            yield Problem(level.location, f"permission '{scope.text}' is '{level.text}'; {wanted} is wanted")


@check("gha-cancelling-queue", each=(workflows, jobs))
def cancelling_queue(owner: Workflow | Job) -> Iterator[Problem]:
    concurrency = owner.node["concurrency"]
    if concurrency["queue"].text == "max" and concurrency["cancel-in-progress"].value is True:
        message = "'queue: max' stands beside 'cancel-in-progress: true'; GitHub takes one of them"
        yield Problem(concurrency["queue"].key_location, message)


@check("gha-hardcoded-container-password", each=jobs)
def hardcoded_container_password(job: Job) -> Iterator[Problem]:
    holders = [("container", job.container), *((f"service '{name.text}'", node) for name, node in job.services)]
    for name, holder in holders:
        password = holder.get("credentials", "password")
        if password.is_scalar and password.present and password.text and not dynamic(password):
            yield Problem(password.location, f"password for the image of the {name} stands in the workflow")


@check("gha-matrix-duplicate-value", each=matrices)
def matrix_duplicate_value(matrix: Matrix) -> Iterator[Problem]:
    for key, row in matrix.rows:
        values = list(row)[:MOST_MATRIX_JOBS]
        texts: set[str] = set()
        for index, value in enumerate(values):
            if value.is_scalar:
                again = value.text in texts
                texts.add(value.text)
            else:
                again = any(same(value, other) for other in values[:index])
            if again:
                yield Problem(value.location, f"value {index + 1} of '{key.text}' is in the matrix already")


MOST_COMPARISONS = 20_000
"""Of what is excluded with the values of a matrix; GitHub takes 256 jobs of one."""


@check("gha-matrix-exclude", each=matrices)
def matrix_exclude(matrix: Matrix) -> Iterator[Problem]:
    if matrix.open:
        return
    told = {key: {one.text.lower() for one in values if one.is_scalar} for key, values in matrix.values.items()}
    left = MOST_COMPARISONS
    for entry in matrix.excludes:
        for key, wanted in entry.items():
            values = matrix.values.get(key.text.lower())
            if wanted.is_scalar and wanted.text.lower() in told.get(key.text.lower(), ()):
                continue
            left -= len(values or ())
            if left < 0:
                return
            if values is None:
                message = f"'exclude' names '{key.text}', which the matrix lacks; {nearest(key.text, matrix.values)}"
                yield Problem(key.location, message)
            elif not any(selects(wanted, value) for value in values):
                yield Problem(
                    innermost(wanted).location, f"'exclude' takes nothing away: no '{key.text}' has this value"
                )
