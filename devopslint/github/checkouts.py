"""Where a job takes in the code of a pull request, whoever wrote it: by `actions/checkout`, `gh` or `git`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from devopslint.deferred import compiled
from devopslint.github.expressions import Reference
from devopslint.github.workflow import Job, Step, embedded
from devopslint.model import Location
from devopslint.readers.shell_words import Command
from devopslint.readers.yaml import Node

_ASKS_FOR_PULL = compiled(
    r"(?i)/pulls?(?:_number)?/|\bpulls\.get\b|\bgh\s+pr\s+(?:view|list)\b|pull[-_]request[-_]comment|pull_request\.url"
    r"|resolve-pr-refs|pull-request-head|get-pr-(?:head|info)"
)
_IS_COMMIT = compiled(r"(?i)sha|oid|commit")
_IS_BASE = compiled(r"(?i)base|merge[-_]?base")
_PULL = compiled(r"\bpull/[^/\s]+/(?:head|merge)\b")
_TAKES_UP = frozenset(("checkout", "cherry-pick", "merge", "rebase", "reset", "switch", "worktree"))
_LOOKS_ONLY = compiled(
    r"(?::|\[\[?|test|true|false|echo|printf|cat|cd|ls|pwd|exit|return|export|set|unset|shopt|local|declare|readonly|read"
    r"|mkdir|cp|mv|rm|touch|date|sleep|sed|awk|e?grep|tr|cut|head|tail|sort|uniq|wc|jq|yq|find|diff|basename|dirname|tee"
    r"|gh|hub|git|curl|wget|env|which|command|uname|whoami)?\Z"
)
"""Programs that run nothing of what lies in the tree, whatever it holds."""
_MOST_SOURCES = 50
"""Steps and outputs that are asked for what one value comes from."""
_BUILDS = ("docker/build-push-action", "docker/bake-action", "gradle/gradle-build-action")


def checked_out_by_script(step: Step) -> Iterator[Location]:
    """Where a script takes up the code of a pull request: `gh pr checkout`, or `git fetch` of it and what comes after."""
    fetched = False
    for command in step.commands:
        if command.name in ("gh", "hub") and command.texts[:2] == ("pr", "checkout"):
            yield _place(step, command)
        elif command.name == "git" and "fetch" in command.texts and any(map(_PULL.search, command.texts)):
            fetched = True
        elif command.name == "git" and "pull" in command.texts[:3] and any(map(_PULL.search, command.texts)):
            yield _place(step, command)
        elif fetched and command.name == "git" and not _TAKES_UP.isdisjoint(command.texts[:3]):
            yield _place(step, command)
            fetched = False


def _place(step: Step, command: Command) -> Location:
    script = step.script
    return step.run.location if script is None else script.span(command.start, command.end)


def asked_of_the_api(step: Step, ref: Node, repository: Node) -> bool:
    """Whether what is checked out is the head of a pull request that a step before has asked GitHub for."""
    if step.job is None:
        return False
    for one in embedded(ref, ("ref",), step):
        for reference in one.references():
            texts = list(_behind(step.job, reference))
            if not texts or not any(map(_ASKS_FOR_PULL.search, texts)):
                continue
            said = ref.text if reference.path[-1:] in (("result",), ("data",)) else reference.path[-1]
            if _IS_BASE.search(said):
                continue
            # A branch is one of the repository itself, where nothing names another.
            if _IS_COMMIT.search(said) or "${{" in repository.text:
                return True
    return False


def _behind(job: Job, reference: Reference) -> Iterator[str]:
    """The texts of the steps that an output comes from, each step and each output once."""
    pending = [(job, reference, 0)]
    seen: set[tuple[str, ...]] = set()
    for owner, asked, depth in pending:  # which grows meanwhile
        root, *names = asked.path
        place = (owner.id, *asked.path[: 4 if root == "needs" else 2])
        if depth > 4 or len(names) < 2 or place in seen or len(seen) == _MOST_SOURCES:
            continue
        seen.add(place)
        if root == "needs" and len(names) > 2 and names[1] == "outputs":
            needed = job.workflow.job(names[0])
            value = needed.outputs[_written_as(needed.outputs, names[2])] if needed is not None else None
            if needed is not None and value is not None:
                inner = [one for found in embedded(value, ("outputs",), needed) for one in found.references()]
                pending += [(needed, one, depth + 1) for one in inner]
        elif root == "steps" and (source := owner.step(names[0])) is not None:
            yield text_of_step(source)
            inner = [one for found in source.expressions for one in found.references()]
            pending += [(owner, one, depth + 1) for one in inner if one.path[0] in ("steps", "needs")]


def _written_as(outputs: Node, name: str) -> str:
    return next((key.text for key, _ in outputs.items() if key.text.lower() == name), name)


def text_of_step(step: Step) -> str:
    """What a step says of itself: its action, its script, and what it is given."""
    given = [value.text for _, value in (*step.arguments.items(), *step.env.items())]
    return "\n".join((step.node["uses"].text, step.name.text, step.run.text, *given))


def is_run_after(step: Step) -> bool:
    """Whether a later step of the job runs, or builds, something of what lies there then."""
    steps = step.job.steps if step.job is not None else ()
    later = takewhile(lambda one: one.key != step.key, reversed(steps))
    return any(not _LOOKS_ONLY.match(one.name) for one in step.commands) or any(map(_runs, later))


def _runs(step: Step) -> bool:
    if step.script is not None:
        return not step.commands or any(not _LOOKS_ONLY.match(one.name) for one in step.commands)
    action = step.node["uses"].text.lower()
    return action.startswith("./") or action.startswith(_BUILDS)
