"""When Argo CD and Helm apply an object: hooks come before or after the others, waves and weights order them within.

As in `pkg/sync` of Argo CD's engine, 3.6: an object with the annotation of a hook is one, also where the engine knows none of
the hooks that it names, and is then applied in no phase. A wave that is no whole number is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from devopslint.deferred import compiled, dataclass
from devopslint.kubernetes.summaries import ObjectSummary, Placed, identity_of
from devopslint.kubernetes.workloads import Manifest
from devopslint.readers.yaml import Node

HOOK, WAVE = "argocd.argoproj.io/hook", "argocd.argoproj.io/sync-wave"
DELETE_POLICY, OPTIONS = "argocd.argoproj.io/hook-delete-policy", "argocd.argoproj.io/sync-options"
_HELM_HOOK, _HELM_WEIGHT = "helm.sh/hook", "helm.sh/hook-weight"

PHASES = {"PreSync": -1, "Sync": 0, "PostSync": 1, "SyncFail": 2}
"""In the order of a sync; an object that is no hook is applied in Sync."""
OUTSIDE = frozenset({"Skip", "PreDelete", "PostDelete"})
"""Hooks that no sync applies, on purpose."""
DELETE_POLICIES = frozenset({"HookSucceeded", "HookFailed", "BeforeHookCreation"})
_HELM_PHASES = {"pre-install": -1, "post-install": 1}
_WHOLE = compiled(r"[+-]?\d+")
TEMPLATED = compiled(r"\{\{|\$[{(A-Za-z]|@[A-Za-z]")
"""What something puts in before Argo CD sees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOrder(ObjectSummary):
    """An object that is not applied when all others are."""

    step: tuple[int, int] | None
    """Its phase and its wave; None where it is applied in none, or in one that is not known."""
    words: Placed[str]
    """`in hook PreSync`, `in wave 2`."""


def sync_orders(manifests: Iterable[Manifest]) -> Iterator[SyncOrder]:
    for manifest in manifests:
        if (order := order_of(manifest.metadata["annotations"])) is not None:
            yield SyncOrder(**identity_of(manifest), step=order[0], words=order[1])


def order_of(annotations: Node) -> tuple[tuple[int, int] | None, Placed[str]] | None:
    """The step and the words of a SyncOrder; None where the annotations say nothing of it."""
    if annotations.is_mapping and any(annotations[key].present for key in (HOOK, WAVE, _HELM_HOOK)):
        return _step(annotations)
    return None


def is_wave(text: str) -> bool:
    return _WHOLE.fullmatch(text) is not None


def _step(notes: Node) -> tuple[tuple[int, int] | None, Placed[str]]:
    hook = notes[HOOK] if notes[HOOK].present else notes[_HELM_HOOK]
    wave = next((notes[key] for key in (WAVE, _HELM_WEIGHT) if is_wave(notes[key].text)), None)
    words = f"in hook {hook.text}" if hook.present else f"in wave {wave.text if wave else 0}"
    place = Placed(words, hook.location if hook.present or wave is None else wave.location)
    phase: int | None = 0
    if hook.present:
        named = listed(notes[HOOK]) if notes[HOOK].present else []
        known = [PHASES[name] for name in named if name in PHASES]
        known = known or [_HELM_PHASES[name] for name in listed(notes[_HELM_HOOK]) if name in _HELM_PHASES]
        phase = min(known, default=None)
    if phase is None or any(TEMPLATED.search(one.text) for one in (hook, notes[WAVE], notes[_HELM_WEIGHT])):
        return None, place
    return (phase, int(wave.text) if wave else 0), place


def listed(node: Node) -> list[str]:
    """The items of an annotation that is a list."""
    return [name for part in node.text.split(",") if (name := part.strip())]
