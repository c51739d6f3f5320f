"""Resources that wait for one another."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from devopslint.cloudformation.template import Resource, Template, names_in, templates
from devopslint.cloudformation.values import function_of
from devopslint.model import Problem, Related
from devopslint.readers.yaml import Node
from devopslint.registry import check

_MOST_CIRCLES = 5


@check("cfn-circular-dependency", each=templates)
def circular_dependency(template: Template) -> Iterator[Problem]:
    if template.root["Transform"].exists:
        return  # what a transform makes of the resources may be in another order
    by_name = {one.name: one for one in template.resources if not one.node["Condition"].exists}
    waits = {name: sorted(_needed(one) & by_name.keys()) for name, one in by_name.items()}
    for _ in range(_MOST_CIRCLES):
        try:
            TopologicalSorter(waits).prepare()
        except CycleError as error:
            circle: list[str] = error.args[1][:-1]
            yield _told([by_name[name] for name in circle])
            waits = {name: [one for one in others if one not in circle] for name, others in waits.items()}
        else:
            return


def _told(circle: list[Resource]) -> Problem:
    """Told at the resource that stands first in the file."""
    # The sorter gives the one that is waited for first.
    ring = list(reversed(circle))
    first = min(range(len(ring)), key=lambda index: ring[index].location)
    ring = [*ring[first:], *ring[:first]]
    names = " -> ".join(one.name for one in [*ring, ring[0]])
    related = tuple(Related(one.location, one.name) for one in ring[1:])
    return Problem(ring[0].location, f"resources wait for one another in a circle: {names}", related)


def _needed(resource: Resource) -> set[str]:
    """What the resource certainly waits for; what stands in an If may not be there."""
    found = {one.text for one in resource.node["DependsOn"].strings()}
    pending = [resource.properties]
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        function, given = function_of(node)
        if function != "If":
            found |= names_in(function, given)
            pending += _below(node)
    return found


def _below(node: Node) -> list[Node]:
    return [value for _, value in node.items()] or list(node)
