"""Secrets: in variables of the build, and in files that go into the image."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.docker.dockerfile import Word, final_layers, settings, volumes
from devopslint.docker.stages import Stage, Step
from devopslint.images.summaries import CREDENTIALS, named_for_development
from devopslint.model import Problem
from devopslint.readers.wildcards import matches_any
from devopslint.registry import check
from devopslint.secrets.judgement import holds_value, is_evident, is_placeholder, is_strong, names_secret, shows_secret

_MAY_HOLD_NONE = compiled(
    r"\.env(?:\.|\Z)|(?:test|dev|local|localhost|demo|dummy|fake|snakeoil|self[-_]?signed)(?![a-z])"
)
"""What begins the name of a file that may hold nothing but addresses and switches, or a key that opens nothing."""


def _variables(step: Step) -> Iterator[tuple[str, str, Word]]:
    """(name, value as written without its quotes, where the name stands) of each variable that ARG or ENV sets."""
    if step.name == "ENV":
        for pair in step.instruction.pairs:
            yield pair.name.text, pair.value.text.strip("\"'"), pair.name
    else:
        for word in step.words:
            name, _, value = word.text.partition("=")
            yield name, value.strip("\"'"), Word(name, word.start, word.start + len(name), word.source)


def _is_secret(name: str) -> bool:
    return names_secret(name) or name.upper().endswith("ACCESS_KEY_ID")


def _is_user(value: str, stage: Stage) -> bool:
    """Whether the stage names its user and its database so, too: a server for nothing but this container."""
    said = {
        name.rpartition("_")[2].upper()
        for step in stage.named("ENV")
        for name, other, _ in _variables(step)
        if other == value
    }
    return {"USER", "DB"} <= said or {"USER", "DATABASE"} <= said


@check("docker-secret-value", each=settings)
def secret_value(step: Step) -> Iterator[Problem]:
    for name, value, word in _variables(step):
        kind = shows_secret(value)
        if kind is not None:
            yield Problem(word.location, f"{step.name} {name} holds {kind}", certain=is_evident(value))
        elif _is_secret(name) and holds_value(value) and not is_placeholder(value, name):
            # A developer's own container may hold a word for a password, and nobody guesses long who is called the same.
            if is_strong(value) or not (
                named_for_development(step.stage.dockerfile.path) or _is_user(value, step.stage)
            ):
                said = f"{step.name} {name} holds a secret in plain text"
                yield Problem(word.location, said, certain=is_evident(value))


@check("docker-secret-variable", each=settings)
def secret_variable(step: Step) -> Iterator[Problem]:
    for name, value, word in _variables(step):
        is_argument = step.name == "ARG"
        given = "$" in value or (is_argument and (not value or (holds_value(value) and is_placeholder(value, name))))
        if _is_secret(name) and given and shows_secret(value) is None:
            yield Problem(word.location, f"{step.name} {name} passes a secret through the image's history")
        elif _is_secret(name) and not value:
            # Nothing stands there yet; BuildKit warns of it all the same.
            said = f"{step.name} {name} keeps a place for a secret in the image's environment"
            yield Problem(word.location, said, certain=False)


@check("docker-secret-file-variable", each=final_layers)
def secret_file_variable(stage: Stage) -> Iterator[Problem]:
    copied = {place for step in stage.named("COPY", "ADD") for place in destinations(step)}
    for step in stage.named("ENV"):
        for pair, value in zip(step.instruction.pairs, step.args, strict=True):
            name = pair.name.text.upper()
            is_file = name.endswith(("_FILE", "_PATH")) and names_secret(
                name.removesuffix("_FILE").removesuffix("_PATH")
            )
            if (is_file or name == "GOOGLE_APPLICATION_CREDENTIALS") and posixpath.normpath(value or ".") in copied:
                yield Problem(pair.value.location, f"{pair.name.text} names a file that is copied into the image")


def destinations(step: Step) -> Iterator[str]:
    """Where each file that COPY or ADD names comes to lie, as far as absolute paths tell."""
    if len(step.args) < 2 or not step.args[-1].startswith("/"):
        return
    target = step.args[-1]
    if len(step.args) == 2 and not target.endswith("/"):
        yield posixpath.normpath(target)
    for source in step.args[:-1]:
        yield posixpath.normpath(f"{target}/{posixpath.basename(source.rstrip('/'))}")


@check("docker-secret-file-copied", each=final_layers)
def secret_file_copied(stage: Stage, *, files: list[str], harmless: list[str]) -> Iterator[Problem]:
    paths = [pattern for pattern in files if "/" in pattern]
    names = [pattern for pattern in files if "/" not in pattern]
    for step in stage.named("COPY", "ADD"):
        for source in step.copied:
            path, name = source.text.rstrip("/").lower(), source.name.lower()
            if matches_any(name, harmless):
                continue
            if matches_any(name, names) or matches_any(path, paths):
                if _is_written_by_build(step, source.name):
                    continue  # what a command of the build has put there is not known
                at = source.location._replace(wanted=CREDENTIALS)
                likely = _MAY_HOLD_NONE.match(name) is not None
                said = f"'{source.text}' {'may hold' if likely else 'holds'} secrets and becomes part of the image"
                yield Problem(at, said, certain=not likely)


def _is_written_by_build(step: Step, name: str) -> bool:
    """Whether a command of the stage that COPY takes a file from has written it."""
    build = step.stage.dockerfile
    above = build.stage_named(step.flags["from"], step.stage.index) if "from" in step.flags else None
    if above is None:
        return False
    writes = re.compile(rf"(?:>|\btee\b|\b(?:cp|mv)\b[^\n;&|]*\s)[^\n;&|]*(?<![\w.-]){re.escape(name)}(?![\w.-])")
    return any(writes.search(one.instruction.text) for one in above.named("RUN"))


@check("docker-git-copied", each=final_layers)
def git_copied(stage: Stage) -> Iterator[Problem]:
    for step in stage.named("COPY", "ADD"):
        for source in step.copied:
            if source.name == ".git" and "from" not in step.flags:
                yield Problem(source.location, "'.git' brings the whole history into the image")


@check("docker-socket-volume", each=volumes)
def socket_volume(step: Step) -> Iterator[Problem]:
    for path, word in zip(step.args, step.words, strict=True):
        if posixpath.basename(path) in ("docker.sock", "containerd.sock", "crio.sock"):
            yield Problem(word.location, f"'{path}' gives whoever runs the image control of the host")
