"""What in a Dockerfile shows that an item of the Definition of Done is addressed, or calls for it."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.docker.stages import Stage
from devopslint.model import Witness

CALLED_FOR = (
    "containerization.build",
    "containerization.environment",
    "containerization.health-check",
    "containerization.multi-stage",
    "containerization.non-root",
    "containerization.read-only",
    "containerization.size",
    "containerization.vulnerability",
    "documentation.readme",
    "security.scan",
)
_ROOT = frozenset({"", "root", "0", "0:0", "root:root", "root:0", "0:root"})
_SMALL = (
    "alpine",
    "slim",
    "distroless",
    "chiseled",
    "minimal",
    "micro",
    "static",
    "busybox",
    "scratch",
    "wolfi",
    "chainguard",
)


def witnesses(final: Stage) -> Iterator[Witness]:
    """Of the stage that becomes the image, where that is for production."""
    for item in CALLED_FOR:
        yield Witness(item, final.location, final.label, calls=True)
    earlier = next(
        (step for step in final.steps if any(final.dockerfile.stage_named(s, final.index) for s in step.sources)), None
    )
    if earlier is not None:
        yield Witness("containerization.multi-stage", earlier.location, f"`{earlier.name} --from={earlier.sources[0]}`")
    base = final.root.base
    if not final.root.base_unresolved and any(word in base.lower() for word in _SMALL):
        yield Witness("containerization.size", final.root.location, f"base '{base}'")
    user = final.user
    if user is not None and user.args and not user.unresolved and user.args[0].strip().lower() not in _ROOT:
        yield Witness("containerization.non-root", user.location, f"`USER {user.args[0]}`")
    health = final.healthcheck
    if health is not None and health.args and health.args[0].upper() == "CMD":
        yield Witness("containerization.health-check", health.location, "`HEALTHCHECK`")
    for start in (final.entrypoint, final.cmd):
        if start is not None and start.instruction.exec_form:
            yield Witness("containerization.environment", start.location, f"`{start.name}` in exec form")
            break
    for step in final.dockerfile.named("RUN"):
        mount = next(
            (flag for flag in step.instruction.flags_named("mount") if flag.options.get("type") == "secret"), None
        )
        if mount is not None:
            yield Witness("security.secrets", step.location, "`RUN --mount=type=secret`")
            break
