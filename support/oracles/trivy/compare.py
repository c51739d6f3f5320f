"""How trivy and ours judge the same small Terraform projects: python support/oracles/trivy/compare.py [--all] [TRIVY]

Each project is at fault by design, or not, or nobody knows. Without `--all`, every template stands there as it is, and in
one of eight forms; with it, trivy takes half an hour.
"""

from __future__ import annotations

import collections
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent.parent)]

from variants import Variant, variants  # noqa: E402  # the path comes first

import devopslint  # noqa: E402

_BATCH = 1_000
_SECRETS = ("machine-secret", "template-secret")
_COUNTED = ("default-vpc", "user-policy")
_NULLS = ("function-source", "rule-text", "aks-policies", "pool-condition", "listener-default")


def kept(case: Variant) -> str | None:
    """Why ours says otherwise than a project is meant to be judged, and stays so."""
    if case.template in _SECRETS:
        return "a secret is told where it is written out, whether it is used or not"
    if case.template in _COUNTED and case.expected is None:
        return "what may be there is judged as if it were"
    if case.template in _NULLS and case.expected:
        return "a default of null is for whoever calls to say"
    if case.template == "machine-address-google" and case.form.startswith("JSON"):
        return "how often a dynamic block in an object of JSON is there is not asked"
    if case.check in ("AWS-0091", "AWS-0093") and case.expected:
        return "that a bucket has no block is told once, under the names of the other two switches"
    return None


def by_trivy(program: str, cases: Sequence[Variant]) -> Iterator[set[str]]:
    """The checks that each project fails."""
    for first in range(0, len(cases), _BATCH):
        batch = cases[first : first + _BATCH]
        with tempfile.TemporaryDirectory() as place:
            for number, case in enumerate(batch):
                for path, text in case.files.items():
                    target = Path(place, f"p{number:03}", path)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_text(text, "utf-8")
            command = [program, "config", "--skip-check-update", "--quiet", "--timeout", "1h", "--format", "json", "."]
            done = subprocess.run(command, cwd=place, capture_output=True, check=True)
        found: dict[str, set[str]] = collections.defaultdict(set)
        for result in json.loads(done.stdout).get("Results", ()):
            for one in result.get("Misconfigurations", ()):
                found[result["Target"].split("/")[0]].add(one["ID"])
        yield from (found[f"p{number:03}"] for number in range(len(batch)))


def rules() -> Mapping[str, list[str]]:
    """Ours for each check of trivy's."""
    found: dict[str, list[str]] = collections.defaultdict(list)
    for rule in devopslint.rules():
        for name in rule.equivalents.get("trivy", ()):
            if rule.id.startswith("tf-"):
                found[name].append(rule.id)
    return found


def main(arguments: list[str]) -> int:
    every = "--all" in arguments
    programs = [one for one in arguments if one != "--all"]
    cases = [case for number, case in enumerate(variants()) if every or case.form == "literal" or not number % 8]
    ours = rules()
    counted: collections.Counter[str] = collections.Counter()
    wrong = False
    for case, theirs in zip(cases, by_trivy(programs[0] if programs else "trivy", cases), strict=True):
        own = any(one.suppressed is None for one in devopslint.check(case.files, select=ours[case.check]))
        there, right, reason = case.check in theirs, bool(case.expected), kept(case)
        meant = "not known" if case.expected is None else "at fault" if right else "clean"
        answers = f"here {'right' if own == right else 'otherwise'}, trivy {'right' if there == right else 'otherwise'}"
        counted[f"{meant}: {answers}"] += 1
        if own != right and reason is None:
            wrong = True
            print(f"{case.check} {case.template}, {case.form}: {meant}, and {'' if own else 'not '}found here")
    for name, count in sorted(counted.items()):
        print(f"{count:6,} {name}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
