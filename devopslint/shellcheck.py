"""Asks ShellCheck about the scripts of a run, many in one process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from devopslint.deferred import NamedTuple
from devopslint.model import NotChecked, Problem, ShellText

BATCH = 1_000
"""Scripts in one process; their names must fit on its command line."""
LARGEST = 200_000
"""Characters; ShellCheck's time grows faster than a script does."""
PATIENCE = 120
"""Seconds for one process."""
DIALECTS = {
    "sh": "sh",
    "bash": "bash",
    "rbash": "bash",
    "dash": "dash",
    "ash": "busybox",
    "ksh": "ksh",
    "mksh": "ksh",
}
UNFOLLOWED = frozenset({"SC1090", "SC1091"})
"""Files that a script sources: they are in the image, not here."""
MISSING = "ShellCheck is not installed: pip install 'devopslint[shell]' brings it"


class Remark(NamedTuple):
    """What ShellCheck says of one script."""

    script: ShellText
    problem: Problem


def find_program() -> str | None:
    """The program, from the PATH or from beside this Python, where pip puts it."""
    return shutil.which("shellcheck") or shutil.which("shellcheck", path=str(Path(sys.executable).parent))


def ask_shellcheck(scripts: Iterable[ShellText]) -> tuple[list[Remark], list[NotChecked]]:
    """All remarks on these scripts, and the scripts that it could not read."""
    readable: list[ShellText] = []
    gaps: list[NotChecked] = []
    for script in scripts:
        if script.shell not in DIALECTS:
            gaps.append(_gap(script, f"ShellCheck does not know the shell '{script.shell}'"))
        elif len(script.text) > LARGEST:
            gaps.append(_gap(script, f"the script is too large for ShellCheck: more than {LARGEST:,} characters"))
        else:
            readable.append(script)
    program = find_program() if readable else None
    if program is None:
        reasons = {(script.path, script.rule): _gap(script, MISSING) for script in readable}
        return [], [*gaps, *reasons.values()]
    remarks: list[Remark] = []
    for start in range(0, len(readable), BATCH):
        batch = readable[start : start + BATCH]
        try:
            comments = _run(program, [prepared(script) for script in batch])
        except (OSError, ValueError, LookupError, subprocess.SubprocessError) as error:
            gaps.extend(_gap(script, f"ShellCheck failed: {type(error).__name__}") for script in batch)
            continue
        for index, comment in comments:
            remark = _remark(batch[index], comment)
            if remark is not None:
                remarks.append(remark)
    return remarks, gaps


def _gap(script: ShellText, reason: str) -> NotChecked:
    return NotChecked(script.path, f"{script.rule}: {reason}", script.span(0, 0).line)


def prepared(script: ShellText) -> str:
    """The script below two lines of ours: what ShellCheck is to know of it, and the variables set outside."""
    disabled = ",".join(sorted(UNFOLLOWED | script.accepted))
    names = " ".join(sorted(name for name in script.variables if name.isascii() and name.isidentifier()))
    stop = "; set -e" if script.stops else ""
    text = script.text.replace("#!", "# ", 1) if script.text.startswith("#!") else script.text
    return f"# shellcheck shell={DIALECTS[script.shell]} disable={disabled}\nexport {names or '_'}{stop}\n{text}"


HEADER_LINES = 2


def _run(program: str, texts: Sequence[str]) -> list[tuple[int, dict[str, Any]]]:
    """(index of the text, comment) for all that one process has to say."""
    with tempfile.TemporaryDirectory(prefix="devopslint-") as folder:
        for index, text in enumerate(texts):
            (Path(folder) / str(index)).write_text(text, "utf-8", "replace", newline="")
        command = [program, "--norc", "--format=json1", *map(str, range(len(texts)))]
        environment = {name: value for name, value in os.environ.items() if name != "SHELLCHECK_OPTS"}
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment | {"LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    return [(int(comment["file"]), comment) for comment in json.loads(done.stdout)["comments"]]


def _remark(script: ShellText, comment: dict[str, Any]) -> Remark | None:
    line = comment["line"] - HEADER_LINES
    if line < 1:
        return None
    start = _offset(script.text, line, comment["column"])
    end = _offset(script.text, comment["endLine"] - HEADER_LINES, comment["endColumn"])
    message = " ".join(str(comment["message"]).split()).rstrip(".")
    return Remark(script, Problem(script.span(start, max(start, end)), f"SC{comment['code']}: {message}"))


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1 or len(text)
    return start + column - 1
