"""How carefully Dependabot brings in what others have published."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.github.dependabot import Registry, Update, registries, updates
from devopslint.model import Problem
from devopslint.registry import check


@check("dependabot-missing-cooldown", each=updates)
def missing_cooldown(update: Update, *, days: int) -> Iterator[Problem]:
    cooldown = update.cooldown["default-days"]
    if not update.cooldown.exists:
        yield Problem(update.location, "a new release is taken at once, before anybody has looked at it")
    elif not cooldown.exists:
        yield Problem(update.cooldown.key_location, f"'cooldown' without 'default-days'; {days} are wanted")
    elif isinstance(cooldown.value, int) and cooldown.value < days:
        yield Problem(cooldown.location, f"a new release is taken after {cooldown.value} days; {days} are wanted")


@check("dependabot-external-code", each=updates)
def external_code(update: Update) -> Iterator[Problem]:
    value = update.node["insecure-external-code-execution"]
    if value.text == "allow":
        yield Problem(value.location, "dependencies may run their own code with the credentials of Dependabot")


@check("dependabot-insecure-registry", each=registries)
def insecure_registry(registry: Registry) -> Iterator[Problem]:
    url = registry.node["url"]
    if url.text.lower().startswith("http://"):
        yield Problem(url.location, f"registry '{registry.name}' is read without encryption")
