"""How long a run takes, and how much memory, over Terraform that somebody wrote to stop it.

usage: terraform_hostile.py [PART_OF_A_NAME]

Each input is a folder of its own; nothing is cached. Seconds are those of processors, which other work on the machine
touches least. An input that takes more than a second or 200 MB is marked, and the exit code is 1.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from run import DEVOPSLINT, PROJECT

Files = dict[str, str | bytes]

MANY = 100_000
MOST_SECONDS = 1.0
MOST_MEGABYTES = 200


def _noise(size: int) -> str:
    chosen = random.Random(1)  # the same at each run; it keeps nothing secret
    return "".join(chosen.choices([chr(code) for code in range(32, 127)] + ["\n"], k=size))


def _real(size: int) -> str:
    """What a generator of configurations writes."""
    block = (
        'resource "aws_instance" "web{0}" {{\n  ami           = data.aws_ami.base.id\n  instance_type = var.size\n'
        '  subnet_id     = aws_subnet.private[{0}].id\n\n  tags = {{\n    Name = "web-{0}"\n    Team = local.team\n  }}\n\n'
        '  metadata_options {{\n    http_tokens = "required"\n  }}\n}}\n\n'
    )
    return "".join(block.format(number) for number in range(size // len(block.format(10_000))))


def _halves(deep: int) -> str:
    """Conditionals of which each asks the one before twice."""
    steps = "".join(f"  v{n} = var.a ? local.v{n - 1} : [local.v{n - 1}]\n" for n in range(1, deep))
    return f'variable "a" {{}}\nlocals {{\n  v0 = "x"\n{steps}}}\n'


def inputs() -> dict[str, Files]:
    nested = {
        f"{MANY:,} nested {name}": f"locals {{\n  x = {opening * MANY}1{closing * MANY}\n}}\n"
        for name, opening, closing in (("[", "[", "]"), ("{", "{a=", "}"), ("(", "(", ")"), ('"${', '"${', '}"'))
    }
    unclosed = {
        f"{MANY:,} unclosed {opening}": f"locals {{\n  x = {opening * MANY}\n}}\n" for opening in ("[", "{", "(", '"${')
    }
    long = {
        f"{MANY:,} times {name}": f"locals {{\n  x = {text}\n}}\n"
        for name, text in (
            (".y", "a" + ".y" * MANY),
            ("[0]", "a" + "[0]" * MANY),
            ("1+", "1+" * MANY + "1"),
            ("!", "!" * MANY + "true"),
            ("a ? b :", "a ? b : " * MANY + "c"),
        )
    }
    files: dict[str, str | bytes] = {
        **nested,
        **unclosed,
        **long,
        f"{MANY:,} nested blocks": "a {\n" * MANY + "}\n" * MANY,
        f"{MANY:,} unclosed blocks": "a {\n" * MANY,
        f"{MANY:,} unused locals": "locals {\n" + "".join(f"  v{n} = {n}\n" for n in range(MANY)) + "}\n",
        f"{MANY:,} arguments of one resource": 'resource "a_b" "c" {\n' + "".join(f"  v{n} = {n}\n" for n in range(MANY)) + "}\n",
        f"{MANY:,} labels": "a " + '"b" ' * MANY + "{\n}\n",
        "10,000 heredocs": "locals {\n" + "".join(f"  v{n} = <<A{n}\ntext ${{var.x}}\nA{n}\n" for n in range(10_000)) + "}\n",
        "10,000 heredocs that do not end": "locals {\n" + "".join(f"  v{n} = <<A{n}\ntext\n" for n in range(10_000)) + "}\n",
        "a text of 5 MB": f'locals {{\n  x = "{"a" * 5_000_000}"\n}}\n',
        "a comment of 5 MB that does not end": "/*" + "a" * 5_000_000,
        "1 MB of noise": _noise(1_000_000),
        "a call of itself": 'module "a" {\n  source = "./"\n}\n',
        "for_each over range(1e9)": 'resource "aws_instance" "a" {\n  for_each = toset([for n in range(1e9) : tostring(n)])\n}\n',
        "a source above the root": 'module "a" {\n  source = "../../../../../../../.."\n}\n',
        "files outside": 'locals {\n  a = file("/etc/passwd")\n  b = templatefile("../../../../etc/passwd", {})\n}\n',
        "10,000 locals in a ring": "locals {\n" + "".join(f"  v{n} = local.v{(n + 1) % 10_000}\n" for n in range(10_000)) + "}\n",
        "2^1,000 conditionals": _halves(1_000),
        "1 MB of resources": _real(1_000_000),
    }  # fmt: skip
    others: dict[str, Files] = {
        "JSON nested 100,000 deep": {"main.tf.json": '{"locals": ' + '{"a": ' * MANY + "1" + "}" * MANY + "}"},
        "a state of 50 MB": {
            "terraform.tfstate": '{"version": 4, "serial": 1, "lineage": "a", "resources": [' + '{"a": 1},' * 5_500_000 + "1]}"
        },
        "modules in a ring": {
            f"m{n}/main.tf": f'module "a" {{\n  source = "../m{(n + 1) % 50}"\n}}\nmodule "b" {{\n  source = "../m{(n + 1) % 50}"\n}}\n'
            for n in range(50)
        },
        "5 MB of resources in five files": {f"m{n}/main.tf": _real(1_000_000) for n in range(5)},
    }  # fmt: skip
    return {name: {"main.tf": text} for name, text in files.items()} | others


_ASKED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, code)
"""
"""A process that holds none of the inputs: a child's memory counts from what its parent had when it began."""


def measure(folder: Path) -> tuple[float, float, int]:
    """Seconds, megabytes and exit code of a run over a folder."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", _ASKED, *DEVOPSLINT, "--no-config", "--no-cache", str(folder)]
    told = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=True).stdout
    seconds, megabytes, code = told.split()
    return float(seconds), float(megabytes), int(code)


def main() -> int:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    beyond = 0
    for name, files in inputs().items():
        if wanted not in name:
            continue
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            (folder / ".git").mkdir()
            for path, text in files.items():
                (folder / path).parent.mkdir(exist_ok=True)
                (folder / path).write_bytes(text if isinstance(text, bytes) else text.encode())
            if name == "a source above the root":
                (folder / "root").symlink_to("/")
            seconds, megabytes, code = measure(folder)
        much = seconds > MOST_SECONDS or megabytes > MOST_MEGABYTES
        beyond += much
        print(f"{name:<40}{seconds:7.2f} s{megabytes:7.0f} MB   exit {code}{'  <-' if much else ''}", flush=True)
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
