"""Images of clusters, held against the repositories that are made here."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.delivery.repositories import RunImage, run_images
from devopslint.model import NotKnown, Problem, Related
from devopslint.registry import check

_ALIKE = 0.85
_MOST_NAMED = 3


@check("k8s-image-without-repository", each=run_images, complete=True)
def image_without_repository(image: RunImage) -> Iterator[Problem | NotKnown]:
    made = {one.name: one for one in image.made}
    if image.name in made:
        return
    from difflib import get_close_matches  # only where something may be wrong

    unused = sorted(made.keys() - image.used)
    near = get_close_matches(image.name, unused, 1, _ALIKE)
    if near:
        yield Problem(
            image.location,
            f"nothing here makes the repository '{image.name}', and nothing runs from '{near[0]}', which is made here",
            (Related(made[near[0]].location, f"{made[near[0]].label} makes it"),),
        )
    else:
        names = ", ".join(f"'{name}'" for name in sorted(made)[:_MOST_NAMED])
        more = " and others" if len(made) > _MOST_NAMED else ""
        yield NotKnown(
            image.location, f"whether the repository '{image.name}' exists", f"those made here are called {names}{more}"
        )
