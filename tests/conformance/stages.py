"""How well the stages of real jobs are recognised: precision and recall over rows of hand-labelled jobs.

usage: stages.py FILE.jsonl [--show]
A row has `job`, `job_yaml`, and the stages that the job `must` and `may` be classified as.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import indent

from devopslint.github.files import WorkflowFile
from devopslint.model import Summaries
from devopslint.pipeline.pipelines import Pipelines


@dataclass
class Score:
    right: int = 0
    wrong: int = 0
    missed: int = 0
    exact: int = 0
    rows: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)


def stages_of(job_id: str, job_yaml: str) -> list[str]:
    text = f"on: push\njobs:\n  {job_id}:\n{indent(job_yaml, '    ')}"
    view = WorkflowFile.read(".github/workflows/one.yml", text)
    jobs = Pipelines.of(Summaries(view.summaries())).pipelines[0].jobs
    return list(jobs[0].stages) if jobs else []


def score(path: Path) -> Score:
    total = Score()
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        found, must, may = set(stages_of(row["job"], row["job_yaml"])), set(row["must"]), set(row["may"])
        total.rows += 1
        total.right += len(found & must)
        total.wrong += len(found - must - may)
        total.missed += len(must - found)
        if must <= found <= must | may:
            total.exact += 1
        else:
            where = f"{row['repo']} {row['path']} {row['job']}"
            total.errors.append(f"{where}: must {sorted(must)} may {sorted(may)} found {sorted(found)}")
    return total


if __name__ == "__main__":
    result = score(Path(sys.argv[1]))
    if "--show" in sys.argv:
        print("\n".join(result.errors))  # noqa: T201  # a program's output
    print(  # noqa: T201  # a program's output
        f"{result.rows} jobs: precision {result.precision:.3f}, recall {result.recall:.3f}, exact {result.exact}"
    )
