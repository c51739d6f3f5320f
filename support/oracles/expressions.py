"""Expressions of GitHub Actions: which are refused, and what those without a context come to.

Random ones go to `@actions/expressions`, GitHub's own package, and to our reader.

usage: python support/oracles/expressions.py [COUNT [SEED]]      (needs npm and Node.js, and the network to fetch the package)
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import devopslint
from devopslint.github.expressions import expressions, fold, text_of

VERSION = "0.3.61"
HERE = Path(__file__).parent
PATH = ".github/workflows/ci.yml"
RULES = (
    "gha-expression-syntax",
    "gha-function-arguments",
    "gha-unavailable-context",
    "gha-unknown-context",
    "gha-unknown-function",
)
"""The rules that say that GitHub refuses an expression."""
MOST = 60
"""Differences that are known and stay: docs/oracles.md names their kinds."""

LEAVES = [
    *(
        "true",
        "FALSE",
        "null",
        "Null",
        "1",
        "0",
        "-1",
        "+2",
        "1.5",
        "0xff",
        "-0x1F",
        "0o17",
        "1e3",
        "1E-2",
        ".5",
        "5.",
        "01",
        "1_0",
    ),
    *(
        "NaN",
        "Infinity",
        "-Infinity",
        "0xg",
        "0o8",
        "- 1",
        "--1",
        "1.2.3",
        "0b1",
        "''",
        "'a'",
        "'A'",
        "'1'",
        "' 1 '",
        "'0x10'",
    ),
    *(
        "'it''s'",
        "'é'",
        "'true'",
        "'{0}'",
        "'{{}}'",
        "'{1}'",
        "'{0'",
        "'[1,2]'",
        "'{\"a\":1}'",
        "'nope'",
        '"a"',
        "'open",
    ),
    *(
        "github.ref",
        "env.A",
        "matrix['a']",
        "steps.a-b.outputs.c_d",
        "needs.*.result",
        "github['event'].x[0]",
        "inputs",
    ),
    *(
        "secrets.A.b",
        "github.*",
        "env.1a",
        "env.-a",
        "job..a",
        "foo.bar",
        "foo",
        "a b",
        "$x",
        "github .ref",
        "env [ 'A' ]",
    ),
]
FUNCTIONS = [
    *("contains", "startsWith", "endsWith", "format", "join", "toJSON", "fromJSON", "hashFiles"),
    *("CONTAINS", "tojson", "nope"),
]
OPERATORS = ["==", "!=", "<", "<=", ">", ">=", "&&", "||", "=", "&", "|", "===", "!", "+", "-", "?"]


def made(dice: random.Random, depth: int) -> str:
    """An expression, most often a right one."""
    choice = dice.random()
    if depth <= 0 or choice < 0.3:
        return dice.choice(LEAVES)
    inner = made(dice, depth - 1)
    if choice < 0.6:
        operator = dice.choice(OPERATORS[: 8 if dice.random() < 0.9 else None])
        space = dice.choice(["", " ", " ", "\n", "\t"])
        return f"{inner}{space}{operator}{space}{made(dice, depth - 1)}"
    if choice < 0.8:
        arguments = ", ".join(made(dice, depth - 1) for _ in range(dice.randint(0, 3)))
        return f"{dice.choice(FUNCTIONS)}({arguments})"
    if choice < 0.9:
        return dice.choice(
            [f"!{inner}", f"({inner})", f"!!{inner}", f"({inner}", f"{inner})", f"({inner}).a", f"({inner})[0]"]
        )
    return dice.choice([f"{inner}.a", f"{inner}['a']", f"{inner}[0]", f"{inner}.*", f"{inner}[*]", f"{inner},"])


def ours(text: str) -> dict[str, str]:
    """What we make of it, in the words of the other side."""
    step = {"run": "true", "env": {"X": "${{ " + text + " }}"}}
    job = {"runs-on": "ubuntu-24.04", "steps": [step], "needs": [], "strategy": {"matrix": {"a": [1]}}}
    found = devopslint.check({PATH: json.dumps({"on": "push", "jobs": {"a": job}})}, select=list(RULES))
    refused = [one.message for one in found if not one.message.startswith("the template has")]
    if refused:
        return {"refused": refused[0]}
    tree = expressions("${{ " + text + " }}")[0].tree
    value = fold(tree) if tree is not None else None
    return {} if value is None else {"value": text_of(value.value)}


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 5_000
    dice = random.Random(int(arguments[1]) if len(arguments) > 1 else 1)
    texts = list(dict.fromkeys(made(dice, dice.randint(0, 3)) for _ in range(count * 2)))[:count]
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        sys.stderr.write("npm and node have to be there\n")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(HERE / "expressions.mjs", folder)
        subprocess.run([npm, "install", "--silent", f"@actions/expressions@{VERSION}"], cwd=folder, check=True)
        lines = "".join(json.dumps(text) + "\n" for text in texts)
        done = subprocess.run(
            [node, "expressions.mjs"], cwd=folder, input=lines, capture_output=True, text=True, check=True
        )
    counts: Counter[str] = Counter()
    for text, line in zip(texts, done.stdout.splitlines(), strict=True):
        theirs, own = json.loads(line), ours(text)
        if "fails" in theirs:
            counts["fail when they are evaluated"] += 1
        elif ("refused" in theirs) != ("refused" in own):
            counts["verdicts that differ"] += 1
            sys.stdout.write(f"{text!r}\n    GitHub: {theirs}\n    here: {own}\n")
        elif "value" in own and "value" in theirs:
            counts["values"] += 1
            if own["value"] != theirs["value"]:
                counts["values that differ"] += 1
                sys.stdout.write(f"{text!r}\n    GitHub: {theirs}\n    here: {own}\n")
        counts["refused" if "refused" in theirs else "taken"] += 1
    for name, number in sorted(counts.items()):
        sys.stdout.write(f"{number:8,} {name}\n")
    return int(counts["verdicts that differ"] + counts["values that differ"] > MOST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
