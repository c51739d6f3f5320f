"""Are Compose files joined as compose-go joins them?

Builds `main.go` beside this file, which is compose-go with a loop around it, and asks both what random files, some with an
override file, say of their services.

usage: python support/oracles/compose/compare.py [COUNT [SEED] | FOLDER]      (needs Go, and the network to fetch its modules)
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from devopslint.compose.composition import Composition, Service
from devopslint.compose.files import ComposeFile
from devopslint.compose.values import Value
from devopslint.model import Summaries

HERE = Path(__file__).parent
UNSET = re.compile(r"\$(?:\{[A-Za-z_]\w*\}|[A-Za-z_]\w*)")
"""A variable without a default: not known here, and empty where compose-go is asked."""
BOOLEANS = ["true", "yes", '"true"', "on", "y", "Y", "no", '"off"', "False", "n", "${P:-yes}", '"${P-false}"', "TRUE"]
USERS = ["root", "0", '"0:0"', '""', "${U:-0}:${G:-0}", "${U-1000}", '"000"', "1000", "${U:-${V:-7}}", "~", "$$x"]
IMAGES = ["a:1", "${I:-b}:${T:-latest}", "c${T:+:$T}", "d:${T-2}", '"e"']
MODES = ["host", "${N:-host}", '"none"', "bridge", "${N:-}"]
LISTS = ["[SYS_ADMIN]", "[ALL, NET_RAW]", '["${C:-BPF}"]', "[]", "[NET_RAW, SYS_ADMIN]"]
VOLUMES = [
    "['./a:/x']",
    "['/var/run/docker.sock:/x', 'b:/y']",
    "['${D:-/etc}:/x']",
    "[{type: bind, source: /proc, target: /x}]",
]
VARIABLES = ["{A: 1, B: x}", "[A=2, C=z]", "{A: '${A:-q}'}", "['B=${B-w}', D=]", "{C: }"]
CHECKS = [
    "{test: [CMD, a]}",
    "{disable: yes}",
    "{test: [NONE]}",
    "{test: a, interval: 5s}",
    '{disable: "false", test: a}',
]
KEYS = {
    "user": USERS,
    "privileged": BOOLEANS,
    "read_only": BOOLEANS,
    "image": IMAGES,
    "network_mode": MODES,
    "cap_add": LISTS,
    "volumes": VOLUMES,
    "environment": VARIABLES,
    "healthcheck": CHECKS,
}


def compose_file(chance: random.Random, *, first: bool) -> str:
    documents = [document(chance, first=first and index == 0) for index in range(chance.choice((1, 1, 2)))]
    return "---\n".join(documents)


def made(count: int = 300, seed: int = 1) -> list[list[str]]:
    chance = random.Random(seed)
    return [[compose_file(chance, first=index == 0) for index in range(chance.choice((1, 1, 2)))] for _ in range(count)]


def found(folder: Path) -> list[list[str]]:
    """Each Compose file below a folder, by itself."""
    paths = (path for path in sorted(folder.rglob("*.y*ml")) if "compose" in path.name and path.is_file())
    return [[path.read_text("utf-8", "replace")] for path in paths]


def filled(seen: Any) -> Any:
    """The same with empty texts for variables without a default."""
    return json.loads(UNSET.sub("", json.dumps(seen).replace("${COMPOSE_PROJECT_NAME}", "x")))


def document(chance: random.Random, *, first: bool) -> str:
    lines = []
    anchored = first and chance.random() < 0.4
    if anchored:
        lines.append(f"x-a: &a {{privileged: {chance.choice(BOOLEANS)}, user: {chance.choice(USERS)}}}")
    lines.append("services:")
    for name in ("a", "b"):
        if not first and chance.random() < 0.4:
            continue
        lines.append(f"  {name}:")
        keys = [key for key in KEYS if (key == "image" and first) or chance.random() < 0.35]
        if anchored and chance.random() < 0.6:
            lines.append("    <<: *a")
        if name == "b" and first and chance.random() < 0.4:
            lines.append(chance.choice(("    extends: a", "    extends: {service: a}")))
        for key in keys:
            tag = chance.choice(("", "", "", "!override ", "!reset ")) if not first else ""
            lines.append(f"    {key}: {tag}{chance.choice(KEYS[key])}")
        if not keys:
            lines.append("    labels: [x=y]")
    if lines[-1] == "services:":
        lines[-1] = "x-b: 1"
    return "\n".join(lines) + "\n"


def ours(files: list[str]) -> dict[str, Any]:
    names = ("compose.yaml", "compose.override.yaml")
    texts = [ComposeFile.read(name, text).said for name, text in zip(names, files, strict=False)]
    return {service.name: said(service) for service in Composition.of(Summaries(texts)).services}


def said(service: Service) -> dict[str, Any]:
    node = service.node
    check = node["healthcheck"]
    off = bool(check["disable"].boolean)
    return {
        "user": text_of(node["user"]),
        "privileged": bool(node["privileged"].boolean),
        "read_only": bool(node["read_only"].boolean),
        "image": text_of(node["image"]),
        "network_mode": text_of(node["network_mode"]),
        "cap_add": [one.text for one in node["cap_add"]],
        "volumes": [source.removeprefix("./") for source, _ in service.volumes if source != "b"],
        "environment": {key.text: text_of(value) for key, value in node["environment"].assignments() if value.present},
        "health": ("off" if off else "on") if check.present else "",
    }


def text_of(value: Value) -> str:
    return "".join(value.text.split("${T}")) if not value.known else value.text


def main(arguments: list[str]) -> int:
    files = made(*map(int, arguments)) if not arguments or arguments[0].isdecimal() else found(Path(arguments[0]))
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "compose"
        subprocess.run(["go", "build", "-o", program, "."], cwd=HERE, check=True)
        lines = "".join(json.dumps(texts) + "\n" for texts in files)
        answers = subprocess.run([program], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    counts: Counter[str] = Counter()
    for texts, line in zip(files, answers, strict=True):
        answer = json.loads(line)
        if "error" in answer:
            counts["refused by compose-go"] += 1
            continue
        wanted, seen = answer["services"], ours(texts)
        for service in wanted.values():
            service["volumes"] = [one.removeprefix("./") for one in service["volumes"] if one]
        same = wanted in (seen, filled(seen))
        counts["the same" if same else "differ"] += 1
        if not same:
            for name, service in wanted.items():
                for key, value in service.items():
                    if value not in (seen.get(name, {}).get(key), filled(seen).get(name, {}).get(key)):
                        sys.stdout.write(f"{name}.{key}: compose-go {value!r}, here {seen.get(name, {}).get(key)!r}\n")
            sys.stdout.write("\n".join(texts) + "\n")
    for name, number in sorted(counts.items()):
        sys.stdout.write(f"{number:8,} {name}\n")
    return 1 if counts["differ"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
