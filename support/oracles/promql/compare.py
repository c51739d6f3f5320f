"""Does monitoring.promql read queries as Prometheus' own parser does?

Builds `main.go` beside this file, which is that parser with a loop around it, and asks both about every query of the
rules and dashboards below the given folders, and about the lines of files that end in .txt.

usage: python support/oracles/promql/compare.py FOLDER_OR_FILE...      (needs Go, and the network to fetch its modules)
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from devopslint.files import classify, decode
from devopslint.monitoring.promql import Query, Selector, read_query
from devopslint.registry import aspects_of, named, view_of_kind

HERE = Path(__file__).parent


def main(arguments: list[str]) -> int:
    queries = list(dict.fromkeys(query for argument in arguments for query in _queries(Path(argument))))
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "promql"
        subprocess.run(["go", "build", "-o", program, "."], cwd=HERE, check=True)
        lines = "".join(json.dumps(query) + "\n" for query in queries)
        answers = subprocess.run([program], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    counts: Counter[str] = Counter()
    for text, line in zip(queries, answers, strict=True):
        _compare(read_query(text), json.loads(line), counts)
    for name, count in sorted(counts.items()):
        sys.stdout.write(f"{count:8,} {name}\n")
    return 1 if any(name.startswith("differ") for name in counts) else 0


def _queries(path: Path) -> Iterator[str]:
    if path.suffix == ".txt":
        yield from (line for line in path.read_text("utf-8").splitlines() if line.strip())
        return
    for file in sorted(one for one in path.rglob("*") if one.is_file()):
        if file.suffix in (".yaml", ".yml", ".json", ".rules"):
            text, _ = decode(file.read_bytes())
            kind = classify(file.as_posix(), text)
            view_class = view_of_kind(kind) if kind is not None else None
            if view_class is None or kind is None:
                continue
            view = view_class.read(file.as_posix(), text)
            for seen_as in (view, *(named(aspect.view).over(view) for aspect in aspects_of(kind, text))):
                yield from (one.text for one in getattr(seen_as, "expressions", ()) if not one.dialect)


def _compare(query: Query, answer: dict[str, object], counts: Counter[str]) -> None:
    counts["queries"] += 1
    taken = query.tree is not None and query.fault is None and not query.foreign
    if taken != answer["ok"]:
        counts["differ in the verdict"] += 1
        ours = query.fault or query.too_large or "is taken"
        sys.stdout.write(f"{query.text!r}: {answer.get('error', 'is taken')}; ours: {ours}\n")
    elif taken:
        theirs = sorted((one["start"], one.get("name", "")) for one in answer.get("selectors", ()))  # type: ignore[attr-defined]
        places = sorted(
            (len(query.text[: one.start].encode()), one.name) for one in query.walk() if isinstance(one, Selector)
        )
        counts["selectors"] += len(theirs)
        if places != theirs:
            counts["differ in where selectors stand"] += 1
            sys.stdout.write(f"{query.text!r}: {theirs}; ours: {places}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
