"""`devopslint init`: a configuration with what this tree calls for, and the lines that run it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from devopslint.checklist import Status
from devopslint.cli import answers_of, make_run
from devopslint.config_reading import NAMES
from devopslint.files import is_link, is_there, read_file
from devopslint.model import Severity
from devopslint.options import run_options
from devopslint.output import usage_errors, write
from devopslint.readers.folders import ASIDE, uppermost

if TYPE_CHECKING:
    from devopslint.checklist import Answer
    from devopslint.run import Outcome

SCHEMA = "https://raw.githubusercontent.com/devopslint/devopslint/main/docs/devopslint.schema.json"
MOST = 8
"""Rules and items that are named."""

PRE_COMMIT = """\
repos:
  - repo: https://github.com/devopslint/devopslint
    rev: COMMIT  # until a first release is published, a commit that you have read
    hooks:
      - id: devopslint      # the changed files, judged with the repository around them
      - id: devopslint-all  # on push: everything
"""
WORKFLOW = """\
name: devopslint
on:
  pull_request:
  push: {branches: [main]}
permissions: {contents: read}
jobs:
  devopslint:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions: {contents: read, security-events: write}
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with: {persist-credentials: false}
      - uses: devopslint/devopslint@COMMIT # a commit that you have read
"""


@click.command()
@run_options
@click.option("--force", is_flag=True, help="Write over a configuration that is there.")
@click.option("--print", "only_print", is_flag=True, help="Print the configuration and write nothing.")
def command(force: bool, only_print: bool, **run: Any) -> None:
    """Look at the tree and write a commented devopslint.yaml: what was seen, what is open, which rules speak most."""
    with usage_errors():
        config, outcome = make_run(**run)
    root = outcome.scope.root
    there = next((name for name in NAMES if is_there(root / name) or is_link(root / name)), None)
    text = configuration(outcome, answers_of(config, outcome))
    if only_print:
        write("-", text)
        return
    if there is not None and not force:
        raise click.UsageError(f"{there} is there: --force writes over it, --print shows what would be written")
    target = root / (there or NAMES[0])
    if is_link(target):
        raise click.UsageError(f"{target.name} is a link, and is not written through: take it away first")
    write(str(target), text)
    click.echo("\n".join([f"{target.name} is written: read it, and keep what is right.", *_blocks(root)]))


def _blocks(root: Path) -> Iterator[str]:
    """What runs it: for whoever has none of it yet."""
    if not _speaks_of_us(root / ".pre-commit-config.yaml"):
        yield f"\nFor .pre-commit-config.yaml:\n\n{_indented(PRE_COMMIT)}"
    workflows = root / ".github" / "workflows"
    if not any(map(_speaks_of_us, workflows.glob("*.y*ml") if workflows.is_dir() else ())):
        yield f"\nFor .github/workflows/devopslint.yml:\n\n{_indented(WORKFLOW)}"
    yield "\nNext: `devopslint` again, then `devopslint baseline` for what cannot be mended today."


def _speaks_of_us(path: Path) -> bool:
    try:
        return not is_link(path) and b"devopslint" in read_file(path)
    except (OSError, ValueError):
        return False


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def configuration(outcome: Outcome, answers: Iterable[Answer]) -> str:
    """The text of a devopslint.yaml for what a run has seen."""
    answers = list(answers)
    counted = [finding for finding in outcome.settled.findings if finding.suppressed is None]
    blocks = [
        [
            f"# yaml-language-server: $schema={SCHEMA}",
            "# Every key is optional; https://github.com/devopslint/devopslint says what each means.",
        ],
        ["fail-on: error  # or warning, note"],
        _lower(outcome.scope.wanted),
        _frequent(
            Counter((one.rule.id, one.severity) for one in counted), {one.rule.id: one.rule.title for one in counted}
        ),
        _open(answers),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _lower(paths: Iterable[str]) -> list[str]:
    """Folders that look like what is seldom deployed."""
    folders = Counter(folder for path in paths if (folder := uppermost(path, ASIDE)))
    if not folders:
        return ["# In these, every finding is one step less severe.", "# lower: [tests/**, examples/**]"]
    lines = [
        "# Tests, examples, documents and others' code: in these, every finding is one step less severe.",
        "lower:",
    ]
    return [
        *lines,
        *(
            f"  - {_quoted(f'{folder}/**')}  # {count} file{'s' * (count != 1)}"
            for folder, count in sorted(folders.items())
        ),
    ]


def _frequent(counts: Counter[tuple[str, Severity]], titles: dict[str, str]) -> list[str]:
    """Which rules speak most: the first candidates for a setting of one's own."""
    if not counts:
        return []
    lines = [
        "# The rules that speak most here. `devopslint explain RULE` says why; what does not fit can be changed:",
        "# rules:",
    ]
    for (rule_id, severity), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST]:
        lines.append(f"#   {rule_id}: {severity}  # {count} times: {titles[rule_id][0].lower()}{titles[rule_id][1:]}")
    return [*lines, "# ignore: [compose-]  # a family, a tag, a rule: not run at all"]


def _open(answers: list[Answer]) -> list[str]:
    """Items that no file can answer: a person's word, for a while."""
    asked = [one for one in answers if one.status is Status.NEEDS_EVIDENCE]
    if not asked:
        return []
    lines = [
        f"# {len(asked)} items of the Definition of Done need evidence (`devopslint checklist`). What no file can show,",
        "# somebody attests, with a last day:",
        "# attest:",
    ]
    for one in asked[:MOST]:
        lines.append(f'#   - {{item: {one.item.id}, reason: "", until: YYYY-MM-DD}}  # {one.item.settles}')
    return [*lines, *([f"#   and {len(asked) - MOST} more"] if len(asked) > MOST else [])]


def _quoted(text: str) -> str:
    """A glob as YAML that is read as text: none that begins like something else is left bare."""
    if re.fullmatch(r"[\w.-][\w./-]*\*\*", text):
        return text
    return json.dumps(text, ensure_ascii=False)
