"""What a RUN does, as the rules see it: its shell, its commands, its mounts, the variables above it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import devopslint
from devopslint.catalogue import catalogue
from devopslint.docker.dockerfile import Dockerfile
from devopslint.docker.stages import Script

MODULES = frozenset(f"devopslint.docker.checks.{name}" for name in ("commands", "languages", "packages", "run_secrets"))
RULES = [
    rule_id
    for rule_id, entry in catalogue().items()
    if not MODULES.isdisjoint((*entry.modules, *entry.project_modules))
]


def scripts(text: str) -> list[Script]:
    return [script for stage in Dockerfile.read("Dockerfile", text).stages for script in stage.scripts]


def last(text: str) -> Script:
    return scripts(text)[-1]


def names(script: Script) -> list[str]:
    return [command.name for command in script.commands]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RUN a && b", ["a", "b"]),
        ("RUN --mount=type=cache,target=/x --network=none a", ["a"]),
        ('RUN ["a", "b && c"]', ["a"]),
        ('RUN ["sh", "-c", "a && b"]', ["sh", "a", "b"]),
        ("RUN <<EOF\na\nb\nEOF", ["a", "b"]),
        ("RUN <<EOF cat > x && b\na\nEOF", ["cat", "b"]),
        ("RUN <<EOF\n#!/bin/bash\na\nEOF", ["a"]),
        ("RUN <<EOF\n#!/usr/bin/env python3\na\nEOF", []),
        ("ONBUILD RUN a", ["a"]),
        ('SHELL ["powershell", "-Command"]\nRUN a', []),
        ('SHELL ["C:\\\\Windows\\\\System32\\\\cmd.exe", "/c"]\nRUN a', []),
        ('SHELL ["pwsh"]\nSHELL ["/usr/bin/bash", "-c"]\nRUN a', ["a"]),
        ("# hadolint shell=pwsh\nRUN a", []),
        ('# hadolint shell=pwsh\nSHELL ["bash"]\nRUN a', ["a"]),
        ("# escape=`\nFROM x\nRUN a", []),
        ("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN a", []),
        ("FROM --platform=windows/amd64 x\nRUN a", []),
    ],
)
def test_the_commands_of_a_run_are_those_of_its_shell(text: str, expected: list[str]) -> None:
    assert names(last(text)) == expected


def test_the_shell_of_a_stage_goes_on_in_those_built_on_it() -> None:
    text = 'FROM a AS base\nSHELL ["pwsh"]\nFROM base AS next\nRUN a\nFROM b\nRUN b\n'

    assert [names(script) for script in scripts(text)] == [[], ["b"]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ENV A=1\nRUN x", "1"),
        ("RUN x\nENV A=1", None),
        ("ENV A=1\nENV A=2\nRUN x\nENV A=3", "2"),
        ("ARG A=1\nRUN x", "1"),
        ("FROM a AS b\nENV A=1\nFROM b\nRUN x", "1"),
        ("FROM a AS b\nENV A=1\nFROM c\nRUN x", None),
        ("ENV A=1\nRUN A=2 x", "2"),
        ("RUN export A=1; x", "1"),
        ("RUN A=1; x", "1"),
        ("RUN x && export A=1", None),
    ],
)
def test_a_command_knows_the_variables_set_before_it(text: str, value: str | None) -> None:
    script = next(script for script in scripts(text) if "x" in names(script))
    (command,) = script.named("x")

    assert script.value_at("A", command) == value


@pytest.mark.parametrize(
    ("mount", "apart"),
    [
        ("type=cache,target=/var/cache", True),
        ("type=tmpfs,dst=/var/cache/apk/", True),
        ("type=cache,destination=/var/cache/apkx", False),
        ("type=bind,target=/var/cache", False),
        ("target=/var/cache", False),
    ],
)
def test_what_is_written_to_a_cache_mount_stays_out_of_the_image(mount: str, apart: bool) -> None:
    assert last(f"RUN --mount={mount} a").keeps_apart("/var/cache/apk") is apart


@pytest.mark.parametrize(
    ("removal", "removed"),
    [
        ("rm -rf /var/lib/apt/lists/*", True),
        ("rm -r /var/lib/apt", True),
        ("rm -rf /var/lib/{apt,dpkg}", True),
        ("find /var/lib/apt/lists -type f -delete", True),
        ("rm -rf /var/lib/aptitude /tmp/* *", False),
        ("echo /var/lib/apt/lists", False),
    ],
)
def test_a_removal_counts_behind_what_it_removes(removal: str, removed: bool) -> None:
    for text, expected in ((f"RUN a && {removal}", removed), (f"RUN {removal} && a", False)):
        script = last(text)
        (command,) = script.named("a")
        assert script.removes("/var/lib/apt/lists", command) is expected


PIECES = (
    *"\n\\;|&'\"$#",
    *(
        " && ",
        "$(",
        "<<EOF ",
        "\nEOF\n",
        "\nRUN ",
        "\nONBUILD RUN ",
        "\nFROM x AS y\n",
        "\nENV ",
        "A=1 ",
        "\nCOPY a.tar . ",
    ),
    *(
        '\nSHELL ["bash"]\n',
        "--mount=type=cache ",
        "apt-get ",
        "update ",
        "install ",
        "-y ",
        "apk add ",
        "dnf ",
        "yarn ",
    ),
    *(
        "pip ",
        "--trusted-host ",
        "npm ",
        "i ",
        "go ",
        "get ",
        "a@latest ",
        "rm -rf /var ",
        "curl -k ",
        "wget ",
        "sudo ",
    ),
    *("tar xf a.tar ", "useradd -u 9999999 ", "git config http.sslVerify false ", "set -o pipefail ", "cd x "),
)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_dockerfile_is_judged_and_every_finding_stands_in_it(text: str) -> None:
    text = f"FROM a\nRUN {text}"
    lines = text.split("\n")

    for finding in devopslint.check({"Dockerfile": text}, select=RULES):
        at = finding.location
        assert 1 <= at.line == at.end_line <= len(lines)
        assert 1 <= at.column <= at.end_column <= len(lines[at.line - 1]) + 1


JOIN = " \\\n && "
LARGE = {
    "many RUNs": "FROM a\n" + "RUN apt-get install x\n" * 1_000,
    "many installs": "FROM a\nRUN " + JOIN.join(["pip install a && apk add b && rm c"] * 700),
    "many exports": "FROM a\nRUN " + JOIN.join(["export A=1 && pip install a"] * 2_000),
    "many pipes": "FROM a\nRUN cd x && " + JOIN.join(["a | b || true"] * 4_000),
    "nested groups": "FROM a\nRUN " + "{ cd x; " * 5_000,
    "nested stages": "".join(f"FROM s{n - 1} AS s{n}\nRUN apt install x && go run a.b/c\n" for n in range(1_000)),
    "comments": "FROM a\n" + "# x\nRUN a|b\n" * 3_000,
}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_dockerfile_is_judged_whatever_repeats_in_it(name: str) -> None:
    found = devopslint.check({"Dockerfile": LARGE[name]}, select=RULES)

    assert {finding.location.path for finding in found} == {"Dockerfile"}


@pytest.mark.parametrize(("setting", "asks"), [("assumeyes=True", False), ("install_weak_deps=0", True)])
def test_a_file_that_copy_writes_out_configures_what_comes_after(setting: str, asks: bool) -> None:
    written = f"COPY <<EOF /etc/dnf/dnf.conf\n[main]\n{setting}\nEOF\n"
    text = "FROM registry.access.redhat.com/ubi10/ubi-minimal:10.0\n{}RUN microdnf install tar\n{}"

    def asked(text: str) -> bool:
        return bool(devopslint.check({"Dockerfile": text}, select=["docker-interactive-install"]))

    assert asked(text.format(written, "")) is asks
    assert asked(text.format("", written))
