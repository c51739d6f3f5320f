"""Kustomize, kubectl and Helm: run with nothing but the files, no network, no plugins; processes are started only here.

What they read is a stranger's. Nothing of it reaches them as an option, they have a network of their own with nothing in it
where the system gives one (else proxies that refuse), and their time, memory and output are bounded.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path

from devopslint.config import ChartSetting
from devopslint.deferred import NamedTuple, compiled

TIMEOUT = 60
"""Seconds."""
LARGEST_OUTPUT = 20_000_000
LARGEST_COMPLAINT = 100_000
BUILD_METADATA = "[originAnnotations]"
"""What a kustomization asks for, so that each object says where it comes from."""
MOST_MEMORY = 8_000_000_000
"""Bytes of address space; Go reserves much more than it uses."""
_RELEASE_NAME = compiled(r"[a-z0-9](?:[-a-z0-9]{0,51}[a-z0-9])?")
"""What Helm takes for the name of a release: nothing that could be an option."""
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
    release = name if _RELEASE_NAME.fullmatch(name) else "release"
    command = [program, "template", "--namespace", release, "--skip-tests"]
    for path in values:
        command += ["--values", _one_value(str(path))]
    for setting in settings:
        escaped = setting.value.replace("\\", "\\\\").replace(",", "\\,")
        command += ["--set-string" if setting.is_string else "--set", f"{setting.key}={escaped}"]
    if version:
        command += ["--kube-version", version]
    command += ["--", release, str(folder)]
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
    said, complaint = folder / ".stdout", folder / ".stderr"
    try:
        with said.open("wb") as out, complaint.open("wb") as err:
            process = subprocess.Popen(  # the program is found on the user's own PATH, its arguments are a list
                [*_without_network(), *command],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            code = _wait(process)
    except OSError as error:
        return Output(error=f"{name} cannot be started: {error.strerror}")
    if code is None:
        return Output(folder=str(folder), error=f"{name} did not finish within {TIMEOUT} seconds")
    if said.stat().st_size > LARGEST_OUTPUT:
        return Output(error=f"{name} gives more than {LARGEST_OUTPUT // 1_000_000} MB")
    if code != 0:
        with complaint.open("rb") as opened:
            reason = what_failed(opened.read(LARGEST_COMPLAINT).decode("utf-8", "replace"))
        return Output(folder=str(folder), error=f"{name}: {reason or f'exit code {code}'}")
    return Output(said.read_bytes().decode("utf-8", "replace"), folder=str(folder))


def _wait(process: subprocess.Popen[bytes]) -> int | None:
    """Its exit code; None where it takes too long. It and what it has started are gone afterwards."""
    try:
        if sys.platform == "linux":
            import resource

            with contextlib.suppress(OSError):  # it is over already
                resource.prlimit(process.pid, resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (LARGEST_OUTPUT + 1, LARGEST_OUTPUT + 1))
        return process.wait(TIMEOUT)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            (_kill_group if hasattr(os, "killpg") else subprocess.Popen.kill)(process)
            process.wait()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@functools.cache
def _without_network() -> tuple[str, ...]:
    """What a command begins with, so that it finds no network; nothing where the system gives no such thing."""
    unshare = shutil.which("unshare") if sys.platform == "linux" else None
    if unshare is None:
        return ()
    command = (unshare, "--user", "--map-current-user", "--net", "--")
    try:
        tried = subprocess.run([*command, unshare, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError):
        return ()
    return command if tried.returncode == 0 else ()


def _one_value(text: str) -> str:
    """A path as Helm reads a list of them: a comma in it is none between two, the second of which may be an address."""
    quoted = text.replace('"', '""')
    return f'"{quoted}"' if any(character in text for character in ',"\r\n') else text


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
