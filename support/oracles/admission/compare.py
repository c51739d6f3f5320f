"""Does a cluster refuse what the linter finds, with the policies that `devopslint export` writes?

Builds `main.go` beside this file, which is the API server's own evaluation of ValidatingAdmissionPolicies, and asks it
and the linter of every object in the examples of the rules and in manifests below the given folders, each object by
itself. With `--kyverno PROGRAM` the Kyverno command line is asked too.

usage: python support/oracles/admission/compare.py [--kyverno PROGRAM] [FOLDER...]
(needs Go, and the network to fetch its modules)
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent.parent.parent)]

import devopslint  # noqa: E402  # the path comes first
from devopslint.admission import policies  # noqa: E402
from devopslint.catalogue import catalogue  # noqa: E402
from devopslint.config import Config  # noqa: E402

GROUPS = {
    **dict.fromkeys(("Pod", "ReplicationController", "Service"), ("", "v1")),
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), ("apps", "v1")),
    **dict.fromkeys(("Job", "CronJob"), ("batch", "v1")),
    "HorizontalPodAutoscaler": ("autoscaling", "v2"),
    "Ingress": ("networking.k8s.io", "v1"),
}
"""Kinds with the group and version in which an API server hands them to a policy."""
STAYS = {"k8s-latest-tag": "a placeholder that a script fills is known to the linter by its name"}
"""Where the cluster refuses what the linter takes, and why that stays."""
NOT_MANIFESTS = ("Chart.yaml", "values.yaml", "kustomization.yaml")


class Object(NamedTuple):
    """One object, with what the linter finds in a file that holds nothing else."""

    origin: str
    said: dict[str, Any]
    found: frozenset[str]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--kyverno", type=Path, help="the program of Kyverno's command line, which is asked too")
    parser.add_argument("--show", action="store_true", help="print each object on which they differ")
    options = parser.parse_args(arguments)
    chosen = policies.policies(Config().selecting(["all"]).selection(""))
    objects = list(_distinct(_judged([one.rule_id for one in chosen], options.folders)))
    print(f"{len(objects)} objects, {len(chosen)} policies")
    asked = {"the API server": _by_api_server(chosen, objects)}
    if options.kyverno is not None:
        asked["Kyverno"] = _by_kyverno(options.kyverno, chosen, objects)
    differing = 0
    for who, verdicts in asked.items():
        counts: Counter[str] = Counter()
        for (policy, one), refused in verdicts.items():
            same = refused == (policy in objects[one].found)
            stays = refused and not same and policy in STAYS
            counts[
                ("agree, refused" if refused else "agree, taken")
                if same
                else f"stay, {policy}: {STAYS[policy]}"
                if stays
                else f"differ: {policy}"
            ] += 1
            if not same and options.show:
                print(
                    f"{who}, {policy}: refused is {refused}: {objects[one].origin}\n{yaml.safe_dump(objects[one].said)}"
                )
        print(who, *(f"  {count:6} {what}" for what, count in sorted(counts.items())), sep="\n")
        differing += sum(count for what, count in counts.items() if what.startswith("differ"))
    return 1 if differing else 0


def _judged(rule_ids: list[str], folders: Iterable[Path]) -> Iterator[Object]:
    for origin, text in _texts(folders):
        try:
            documents = [one for one in yaml.safe_load_all(text) if isinstance(one, dict)]
        except (yaml.YAMLError, ValueError):
            continue
        for said in documents:
            place = GROUPS.get(said.get("kind", ""))
            metadata = said.get("metadata")
            if place is None or not isinstance(said.get("spec"), dict) or not isinstance(metadata, dict):
                continue
            if metadata.get("ownerReferences") or str(said.get("apiVersion")) != "/".join(filter(None, place)):
                continue  # made by a controller, or of a version that an API server turns into another one first
            metadata["name"] = "web"
            alone = yaml.safe_dump(said, sort_keys=False)
            try:
                result = devopslint.check({"m.yaml": alone}, select=rule_ids)
            except (RuntimeError, ValueError):
                continue
            if not result.not_checked and not result.not_known:
                yield Object(origin, said, frozenset(one.rule.id for one in result))


def _texts(folders: Iterable[Path]) -> Iterator[tuple[str, str]]:
    for rule_id, entry in catalogue().items():
        for files in (*entry.bad, *entry.good):
            for path, text in files.items():
                if path.endswith((".yaml", ".yml")) and Path(path).name not in NOT_MANIFESTS:
                    yield f"{rule_id} {path}", text
    for folder in folders:
        for path in sorted((*folder.rglob("*.yaml"), *folder.rglob("*.yml"))):
            if path.is_file() and path.stat().st_size < 200_000 and path.name not in NOT_MANIFESTS:
                text = path.read_text("utf-8", "replace")
                if "{{" not in text:
                    yield str(path), text


def _distinct(objects: Iterable[Object]) -> Iterator[Object]:
    seen = set()
    for one in objects:
        key = json.dumps(one.said, sort_keys=True, default=str)
        if key not in seen:
            seen.add(key)
            yield one._replace(said=json.loads(key))


Verdicts = dict[tuple[str, int], bool]
"""Whether an object is refused, by the rule and the number of the object."""


def _on(policy: policies.Policy, objects: list[Object]) -> list[int]:
    names = {name for _, _, resources in policies.RESOURCES[policy.on] for name in resources}
    return [n for n, one in enumerate(objects) if _plural(one.said["kind"]) in names]


def _plural(kind: str) -> str:
    return f"{kind.lower()}es" if kind == "Ingress" else f"{kind.lower()}s"


def _by_api_server(chosen: list[policies.Policy], objects: list[Object]) -> Verdicts:
    questions = []
    for policy in chosen:
        written, _ = policies.admission_policies([policy], "deny", ())
        questions.append((policy.rule_id, written, _on(policy, objects)))
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "admission"
        subprocess.run(["go", "build", "-o", program, "."], cwd=HERE, check=True)
        lines = "".join(
            json.dumps({"policy": written, "objects": [objects[n].said for n in on]}) + "\n"
            for _, written, on in questions
        )
        answers = subprocess.run([program], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    verdicts: Verdicts = {}
    for (rule_id, _, on), answer in zip(questions, answers, strict=True):
        for number, verdict in zip(on, json.loads(answer), strict=True):
            if verdict == "not asked" or verdict.startswith("error: "):
                raise SystemExit(f"{rule_id}: {verdict}: {json.dumps(objects[number].said)}")
            verdicts[rule_id, number] = verdict != "admitted"
    return verdicts


def _by_kyverno(program: Path, chosen: list[policies.Policy], objects: list[Object]) -> Verdicts:
    verdicts: Verdicts = {}
    with tempfile.TemporaryDirectory() as folder:
        for policy in chosen:
            on = _on(policy, objects)
            rule, held = Path(folder) / "policy.yaml", Path(folder) / "objects.yaml"
            rule.write_text(policies.text("kyverno", [policy], "deny", ()), "utf-8")
            named = [
                {
                    **objects[n].said,
                    "metadata": {**objects[n].said["metadata"], "name": f"object-{n}", "namespace": "shop"},
                }
                for n in on
            ]
            held.write_text(yaml.safe_dump_all(named), "utf-8")
            command = [program, "apply", rule, "--resource", held, "--policy-report", "--output-format", "json"]
            answer = subprocess.run(command, capture_output=True, text=True, check=False)
            start = answer.stdout.find("{")
            if start < 0:
                raise SystemExit(f"{policy.rule_id}: {answer.stdout}{answer.stderr}")
            report = json.JSONDecoder().raw_decode(answer.stdout[start:])[0]
            for result in report["results"]:
                for resource in result["resources"]:
                    number = int(resource["name"].removeprefix("object-"))
                    verdicts[policy.rule_id, number] = result["result"] != "pass"
    return verdicts


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
