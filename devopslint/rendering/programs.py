"""Kustomize, kubectl and Helm: run with nothing but the files, no network, no plugins; processes are started only here."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path

from devopslint.config import ChartSetting
from devopslint.deferred import NamedTuple

TIMEOUT = 60
"""Seconds."""
LARGEST_OUTPUT = 20_000_000
BUILD_METADATA = "[originAnnotations]"
"""What a kustomization asks for, so that each object says where it comes from."""
_NOWHERE = "http://127.0.0.1:9"
"""Where a request that slips through ends: nothing listens on the discard port."""


class Output(NamedTuple):
    """What a program gave: a text, or the reason why it gave none."""

    text: str = ""
    error: str = ""
    folder: str = ""
    """The folder that paths in the text are relative to."""


def build_overlay(folder: Path) -> Output:
    """What the kustomization in `folder` builds, every object with the file that it comes from.

    It is built through another kustomization that asks for the origins, so that nothing is written beside it.
    """
    program = shutil.which("kustomize") or shutil.which("kubectl")
    if program is None:
        return Output(error="needs kustomize or kubectl, and neither is on the PATH")
    with tempfile.TemporaryDirectory(prefix="devopslint-") as temporary:
        here = Path(temporary).resolve()
        relative = Path(os.path.relpath(folder.resolve(), here)).as_posix()
        asking = f'resources: ["{relative}"]\nbuildMetadata: {BUILD_METADATA}\n'
        (here / "kustomization.yaml").write_text(asking, "utf-8")
        command = [program, "build"] if Path(program).stem == "kustomize" else [program, "kustomize"]
        return _run([*command, str(here)], here)


def render_chart(
    folder: Path, name: str, values: Iterable[Path], settings: Iterable[ChartSetting], version: str | None
) -> Output:
    """What the chart in `folder` renders to with these values files and settings."""
    program = shutil.which("helm")
    if program is None:
        return Output(error="needs helm, and it is not on the PATH")
    command = [program, "template", name, str(folder), "--namespace", name, "--skip-tests"]
    for path in values:
        command += ["--values", str(path)]
    for setting in settings:
        escaped = setting.value.replace("\\", "\\\\").replace(",", "\\,")
        command += ["--set-string" if setting.is_string else "--set", f"{setting.key}={escaped}"]
    if version:
        command += ["--kube-version", version]
    with tempfile.TemporaryDirectory(prefix="devopslint-") as temporary:
        return _run(command, Path(temporary).resolve())


def _run(command: list[str], folder: Path) -> Output:
    environment = {
        "PATH": "",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "KUBECONFIG": os.devnull,
        "HELM_NO_PLUGINS": "1",
        "HELM_PLUGINS": str(folder / "plugins"),
        "HTTP_PROXY": _NOWHERE,
        "HTTPS_PROXY": _NOWHERE,
        "GIT_ALLOW_PROTOCOL": "none",
    }
    name = Path(command[0]).stem
    try:
        done = subprocess.run(  # the program is found on the user's own PATH, its arguments are a list
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Output(folder=str(folder), error=f"{name} did not finish within {TIMEOUT} seconds")
    except OSError as error:
        return Output(error=f"{name} cannot be started: {error.strerror}")
    if done.returncode != 0:
        said = what_failed(done.stderr.decode("utf-8", "replace"))
        return Output(folder=str(folder), error=f"{name}: {said or f'exit code {done.returncode}'}")
    if len(done.stdout) > LARGEST_OUTPUT:
        return Output(error=f"{name} gives more than {LARGEST_OUTPUT // 1_000_000} MB")
    return Output(done.stdout.decode("utf-8", "replace"), folder=str(folder))


def what_failed(stderr: str) -> str:
    """The reason in what a program wrote: after `Error:`, or in the `err` of a log line, as kubectl may put it."""
    lines = [line.strip() for line in stderr.splitlines()]
    for line in lines:
        if line.lower().startswith("error"):
            return line[6:].strip() if line[5:6] == ":" else line
    for at, line in enumerate(lines):
        _, logged, said = line.partition(" err=")
        if not logged:
            continue
        if said == "<":  # klog gives an error of several lines a block of its own
            return " ".join(takewhile(lambda one: one != ">", lines[at + 1 :]))
        return said.strip('"').replace('\\"', '"').replace("\\n", " ")
    return ""
