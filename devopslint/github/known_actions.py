"""Well-known actions at the version that a step uses: inputs, outputs, and whether GitHub has retired their Node.js.

A version newer than those that the tables name is not judged.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from devopslint.deferred import NamedTuple, compiled, dataclass, field
from devopslint.facts import table
from devopslint.github.files import ActionFile, WorkflowFile, action_steps, steps
from devopslint.github.workflow import Step
from devopslint.scripts.steps import Uses

_VERSION = compiled(r"(?:release/)?v?([0-9]{1,4})(?:\.|\Z)")
_LONGEST_ADVICE = 120


@dataclass(frozen=True)
class KnownAction:
    """One major version of an action."""

    complete: bool = False
    """Whether these are all its inputs and outputs."""
    inputs: frozenset[str] = frozenset()
    """In lower case."""
    required: frozenset[str] = frozenset()
    deprecated: Mapping[str, str] = field(default_factory=dict)
    """Input -> what its message goes on with: `; use 'other'`."""
    outputs: frozenset[str] | None = None
    """None where they are not known: a script may set others than its action declares."""
    docker: bool = False
    retired_runtime: str = ""
    """The Node.js that GitHub has retired and this version asks for; empty for none."""
    last_with: Mapping[str, int] = field(default_factory=dict)
    """Input that is gone -> the last version that took it."""


class KnownStep(NamedTuple):
    """A step that uses a well-known action."""

    step: Step
    uses: Uses
    action: KnownAction

    @property
    def label(self) -> str:
        return self.step.label


def known_steps(file: WorkflowFile) -> list[KnownStep]:
    return list(_known_steps(steps(file)))


def known_action_steps(file: ActionFile) -> list[KnownStep]:
    return list(_known_steps(action_steps(file)))


def described_steps(file: WorkflowFile) -> list[KnownStep]:
    """Those whose version is known by its inputs."""
    return [known for known in known_steps(file) if known.action.complete]


def described_action_steps(file: ActionFile) -> list[KnownStep]:
    return [known for known in known_action_steps(file) if known.action.complete]


def _known_steps(found: Iterable[Step]) -> Iterator[KnownStep]:
    for step in found:
        action = known_action(step.uses)
        if step.uses is not None and action is not None:
            yield KnownStep(step, step.uses, action)


def known_action(uses: Uses | None) -> KnownAction | None:
    """None for an action that no table names, and for a version that is not known by its number."""
    if uses is None or uses.kind != "repository":
        return None
    name, version = uses.action.lower(), major_version(uses)
    if version is None or not (name in table("actions")["actions"] or name in table("actions_by_hand")["actions"]):
        return None
    return _known(name, version)


def major_version(uses: Uses) -> int | None:
    """The 4 of `v4` and `v4.1.2`; None for a branch or a commit."""
    found = _VERSION.match(uses.ref)
    return int(found[1]) if found and not uses.pinned else None


@functools.lru_cache(maxsize=512)
def _known(name: str, version: int) -> KnownAction:
    """What the package says, and what was read by hand since: a newer input is known from there."""
    packaged: Mapping[str, Any] = table("actions")["actions"].get(name, {})
    by_hand: Mapping[str, Any] = table("actions_by_hand")["actions"].get(name, {})
    versions = packaged.get("versions", {})
    row: Mapping[str, Any] | None = versions.get(str(version))
    first, last = by_hand.get("versions", (1, 0))
    read = first <= version <= last
    # The newest version that the package has may have got inputs since it was published.
    complete = read or (row is not None and version < max(map(int, versions)))
    inputs, required = (frozenset(map(str.lower, (row or {}).get(part, ()))) for part in ("inputs", "required"))
    outputs = None
    deprecated = {name.lower(): _advice(words) for name, words in (row or {}).get("deprecated", {}).items()}
    if read:
        inputs |= _inputs_by_hand(by_hand, version)
        needed = frozenset(by_hand.get("required", ())) | {
            name for name, until in by_hand.get("required_until", {}).items() if version <= until
        }
        required = needed & required if row is not None else needed
        if "outputs" in by_hand:
            outputs = frozenset((*by_hand["outputs"], *(row or {}).get("outputs", ())))
    deprecated |= {name: f"; use '{other}'" for name, other in by_hand.get("deprecated", {}).items()}
    return KnownAction(
        complete,
        inputs,
        required,
        deprecated,
        outputs,
        by_hand.get("docker", False),
        _retired_runtime(version, by_hand, packaged.get("retired", 0)),
        _last_with(version, by_hand, versions),
    )


def _inputs_by_hand(by_hand: Mapping[str, Any], version: int) -> frozenset[str]:
    until = by_hand.get("until", {})
    return frozenset(name for name in by_hand.get("inputs", ()) if version <= until.get(name, version))


def _last_with(version: int, by_hand: Mapping[str, Any], versions: Mapping[str, Any]) -> dict[str, int]:
    gone = {name: last for name, last in by_hand.get("until", {}).items() if last < version}
    for number in sorted(map(int, versions)):
        if number < version:
            gone |= dict.fromkeys(map(str.lower, versions[str(number)].get("inputs", ())), number)
    return gone


def _retired_runtime(version: int, by_hand: Mapping[str, Any], outdated: int) -> str:
    for runtime in ("node12", "node16"):
        if version <= by_hand.get(runtime, 0):
            return runtime
    return "node16 or older" if version <= outdated else ""


def _advice(words: str) -> str:
    """The action's own words, as far as they fit into a line."""
    sentence = words if len(words) <= _LONGEST_ADVICE else f"{words[: _LONGEST_ADVICE - 1].rstrip()}…"
    return f": {sentence.rstrip('.')}"
