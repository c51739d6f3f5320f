"""Does Istio refuse what we say it refuses?

Builds `main.go` beside this file, which is Istio's analyzers with a loop around them, and asks it about each object of
`tests/kubernetes/test_mesh_refusals.py`. The first build takes ten minutes: it is no part of `make oracles`.

usage: python support/oracles/istio/compare.py      (needs Go, and the network to fetch its modules)
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2]))

from tests.kubernetes.test_mesh_refusals import REFUSED, TAKEN, text_of  # noqa: E402  # tests are found by now


def main() -> int:
    cases = [(kind, spec, True) for kind, spec, _ in REFUSED] + [(kind, spec, False) for kind, spec in TAKEN]
    with tempfile.TemporaryDirectory() as scratch:
        program = Path(scratch, "istio")
        subprocess.run(["go", "build", "-o", program, "."], cwd=HERE, check=True)
        for number, (kind, spec, _) in enumerate(cases):
            folder = Path(scratch, f"{number:03}")
            folder.mkdir()
            (folder / "mesh.yaml").write_text(text_of(kind, spec), "utf-8")
        folders = sorted(str(path) for path in Path(scratch).iterdir() if path.is_dir())
        run = subprocess.run([program, *folders], capture_output=True, text=True, check=True)
    said = [json.loads(line)["said"] for line in run.stdout.splitlines() if line.startswith("{")]
    differences = 0
    for (kind, spec, expected), messages in zip(cases, said, strict=True):
        refusals = [one for one in messages if "IST0106" in one or "failed parsing" in one]
        # A placeholder is put in later; Istio is given it as it stands.
        if bool(refusals) != expected and "${" not in spec:
            differences += 1
            print(kind, spec, *refusals, sep="\n  ")
    print(f"{len(cases)} objects, {differences} differ")
    return min(differences, 1)


if __name__ == "__main__":
    sys.exit(main())
