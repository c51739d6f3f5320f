"""What a container starts, and who it runs as: CMD, ENTRYPOINT, HEALTHCHECK and USER."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.docker.dockerfile import (
    commands,
    final_layers,
    final_stages,
    gives_root_up,
    healthchecks,
    production_stages,
    stages,
)
from devopslint.docker.stages import Stage, Step
from devopslint.images.users import names_root, user_named
from devopslint.model import Problem, Related
from devopslint.readers.folders import is_shown
from devopslint.registry import check


@check("docker-root-user", each=production_stages)
def root_user(stage: Stage) -> Iterator[Problem]:
    user = stage.user
    if user is not None and user.args and not user.unresolved and names_root(user.args[0]) and not gives_root_up(stage):
        at = user.words[0].location._replace(wanted="user")  # for what a build's target takes back
        yield Problem(at, f"image runs as '{user.args[0]}'", certain=not is_shown(at.path))


@check("docker-root-build-stage", each=stages)
def root_build_stage(stage: Stage) -> Iterator[Problem]:
    users = stage.named("USER")
    if stage.final or not users:
        return
    last = users[-1]
    if last.args and not last.unresolved and names_root(last.args[0]):
        yield Problem(last.words[0].location, f"stage ends as '{last.args[0]}'")


@check("docker-named-user", each=final_layers)
def named_user(stage: Stage) -> Iterator[Problem]:
    user = stage.user
    if user is None or user.stage is not stage or not user.args or user.unresolved:
        return
    final = stage.dockerfile.final_stage
    if final is not None and final.user is not user:
        return
    name = user_named(user.args[0])
    if not names_root(name) and not name.isdecimal():
        yield Problem(
            user.words[0].location, f"user '{user.args[0]}' is a name, which Kubernetes cannot tell from root"
        )


@check("docker-shell-form-command", each=commands)
def shell_form_command(step: Step) -> Iterator[Problem]:
    if step.instruction.exec_form or not step.words:
        return
    if step.shell is None and not step.args[0].startswith("exec "):
        yield Problem(step.words[0].location, f"{step.name} starts a shell, which passes no signals on")


@check("docker-shell-form-healthcheck", each=healthchecks)
def shell_form_healthcheck(step: Step) -> Iterator[Problem]:
    shell = step.instruction.shell
    if shell is not None:
        yield Problem(shell.location, "HEALTHCHECK starts a shell for every check")


@check("docker-thin-healthcheck", each=final_stages)
def thin_healthcheck(stage: Stage, *, options: list[str]) -> Iterator[Problem]:
    health = stage.healthcheck
    if health is None or not health.args or health.args[0].upper() != "CMD":
        return
    missing = [f"--{option}" for option in options if option not in health.flags]
    if missing:
        yield Problem(health.instruction.keyword.location, f"HEALTHCHECK leaves {', '.join(missing)} to the default")


@check("docker-multiple-commands", each=stages)
def multiple_commands(stage: Stage) -> Iterator[Problem]:
    yield from _overridden(stage, "CMD")


@check("docker-multiple-entrypoints", each=stages)
def multiple_entrypoints(stage: Stage) -> Iterator[Problem]:
    yield from _overridden(stage, "ENTRYPOINT")


@check("docker-multiple-healthchecks", each=stages)
def multiple_healthchecks(stage: Stage) -> Iterator[Problem]:
    yield from _overridden(stage, "HEALTHCHECK")


def _overridden(stage: Stage, name: str) -> Iterator[Problem]:
    found = stage.named(name)
    for step in found[:-1]:
        last = found[-1].instruction.keyword.location
        yield Problem(
            step.instruction.keyword.location,
            f"{name} has no effect: the one on line {last.line} replaces it",
            (Related(last, "the one that counts"),),
        )
