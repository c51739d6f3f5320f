"""How long a run takes over 200 overlays of one base, and how much memory.

usage: overlays.py [--overlays N] [--rounds N] [--against FOLDER]

  --against  another tree of this project, such as an older revision, to be run beside this one
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).parent.parent
WORKLOADS = 5
_OBJECTS = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: web{0}, labels: {{app: web{0}}}}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: web{0}}}}}
  template:
    metadata: {{labels: {{app: web{0}}}}}
    spec:
      containers:
      - name: web
        image: shop/web{0}:1.0
        ports: [{{containerPort: 8080}}]
        resources: {{requests: {{cpu: 100m, memory: 64Mi}}, limits: {{memory: 64Mi}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: web{0}}}
spec: {{selector: {{app: web{0}}}, ports: [{{port: 80, targetPort: 8080}}]}}
"""
_OVERLAY = """namespace: n{0}
resources: [../base]
images: [{{name: shop/web0, newTag: "1.{0}"}}]
replicas: [{{name: web1, count: {1}}}]
patches:
- target: {{kind: Deployment, name: web2}}
  patch: |-
    - {{op: add, path: /spec/template/spec/containers/0/livenessProbe, value: {{httpGet: {{path: /, port: 8080}}}}}}
"""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--overlays", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--against", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), options.overlays)
        for project in filter(None, (options.against, PROJECT)):
            seconds = min(_run(Path(folder), project) for _ in range(options.rounds))
            memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
            print(f"{project}: {seconds:.2f} s of processor time, at most {memory} MiB so far")
    return 0


def _write(root: Path, overlays: int) -> None:
    (root / "base").mkdir()
    names = [f"d{number}.yaml" for number in range(WORKLOADS)]
    for number, name in enumerate(names):
        (root / "base" / name).write_text(_OBJECTS.format(number), "utf-8")
    (root / "base" / "kustomization.yaml").write_text(f"resources: [{', '.join(names)}]\n", "utf-8")
    for number in range(overlays):
        (root / f"o{number}").mkdir()
        (root / f"o{number}" / "kustomization.yaml").write_text(_OVERLAY.format(number, 1 + number % 4), "utf-8")


def _run(root: Path, project: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-P", "-m", "devopslint", "--no-cache", "--no-config", "-j", "1", "--exit-zero"]
    environment = {**os.environ, "PYTHONPATH": str(project)}
    subprocess.run([*command, "."], cwd=root, env=environment, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
