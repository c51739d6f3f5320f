"""What making a target runs, held against GNU make where that is there."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from devopslint.scripts.makefile import Line, Makefile, Reading, read_makefile

MAKE = shutil.which("make") or ""

CASES: dict[str, tuple[str, str, list[str]]] = {
    "a program in a variable": ("GO ?= go\nt:\n\t$(GO) test ./...\n", "t", ["go test ./..."]),
    "a variable of one letter": ("G = go\nt:\n\t$G test\n", "t", ["go test"]),
    "a variable that is set behind its use": ("t:\n\t$(A)\nA = pytest\n", "t", ["pytest"]),
    "a value at once": ("A = x\nB := $(A)\nA = y\nt:\n\techo $(A) $(B)\n", "t", ["echo y x"]),
    "more of a value": ("A := x\nA += y\nt:\n\techo $(A)\n", "t", ["echo x y"]),
    "a value of several lines": ("A = go \\\n  test\nt:\n\t$(A)\n", "t", ["go test"]),
    "a comment behind a value": ("A = x# y\nt:\n\techo $(A)\n", "t", ["echo x"]),
    "a value that is set already": ("A = x\nA ?= y\nt:\n\techo $(A)\n", "t", ["echo x"]),
    "a name that is made of another": ("K = A\nV_A = go\nt:\n\t$(V_$(K)) vet\n", "t", ["go vet"]),
    "prerequisites first": ("t: a b\n\techo t\na:\n\techo a\nb: a\n\techo b\n", "t", ["echo a", "echo b", "echo t"]),
    "prerequisites in a variable": ("ALL = a b\nt: $(ALL)\na:\n\techo a\nb:\n\techo b\n", "t", ["echo a", "echo b"]),
    "order only": ("t: | a\n\techo t\na:\n\techo a\n", "t", ["echo a", "echo t"]),
    "targets in a variable": ("T = t u\n$(T):\n\techo $@\n", "u", ["echo u"]),
    "rules in two places": ("t: a\na:\n\techo a\nt:\n\techo t\n", "t", ["echo a", "echo t"]),
    "the last recipe": ("t:\n\techo a\nt:\n\techo b\n", "t", ["echo b"]),
    "double colons": ("t::\n\techo a\nt::\n\techo b\n", "t", ["echo a", "echo b"]),
    "a canned recipe": ("define R\necho a\necho b\nendef\nt:\n\t$(R)\n", "t", ["echo a", "echo b"]),
    "a function of one's own": ("run = $(1) test $(2)\nt:\n\t$(call run,go,./...)\n", "t", ["go test ./..."]),
    "an indented target": (" t: a\n\techo t\na:\n\techo a\n", "t", ["echo a", "echo t"]),
    "a recipe behind a semicolon": ("t: a ; echo t\na:\n\techo a\n", "t", ["echo a", "echo t"]),
    "a pattern": ("test-%: a-x\n\techo $*\na-x:\n\techo a\n", "test-y", ["echo a", "echo y"]),
    "the closest pattern": ("test-%:\n\techo a\ntest-unit-%:\n\techo b\n", "test-unit-x", ["echo b"]),
    "a static pattern": ("T = x-t y-t\n$(T): %-t: a\n\techo $*\na:\n\techo a\n", "y-t", ["echo a", "echo y"]),
    "a target's own variable": ("A = x\nt: A = y\nt:\n\techo $(A)\n", "t", ["echo y"]),
    "a colon and an equals sign": ("A:=x\nt:\n\techo $(A)\n", "t", ["echo x"]),
    "both sides equal": ("A = 1\nifeq ($(A),1)\nt:\n\techo yes\nelse\nt:\n\techo no\nendif\n", "t", ["echo yes"]),
    "quotes around both sides": ('A = 1\nifneq "$(A)" "1"\nB = x\nelse\nB = y\nendif\nt:\n\techo $(B)\n', "t", ["echo y"]),
    "another condition": ("A = 2\nifeq ($(A),1)\nB = x\nelse ifeq ($(A),2)\nB = y\nelse\nB = z\nendif\nt:\n\techo $(B)\n",
                          "t", ["echo y"]),
    "a condition in a recipe": ("A = 1\nt:\nifeq ($(A),1)\n\techo yes\nelse\n\techo no\nendif\n\techo end\n", "t",
                                ["echo yes", "echo end"]),
    "an empty definition": ("A =\nifdef A\nB = x\nelse\nB = y\nendif\nt:\n\techo $(B)\n", "t", ["echo y"]),
    "a dollar for the shell": ("t:\n\tfor d in a b; do (cd $$d && go test); done\n", "t",
                               ["for d in a b; do (cd $d && go test); done"]),
    "marks in front of a line": ("Q = @\nt:\n\t$(Q)echo a\n\t-@echo b\n", "t", ["echo a", "echo b"]),
    "texts": ("A = a.c b.c\nt:\n\techo $(A:.c=.o) $(patsubst %.c,%,$(A)) $(addprefix x/,$(A)) $(firstword $(A))\n", "t",
              ["echo a.o b.o a b x/a.c x/b.c a.c"]),
    "more texts": ("A = b a\nt: $(filter a,$(A))\n\techo $(sort $(A)) $(subst a,c,$(A)) $(words $(A)) $(notdir x/y) $(if $(A),i,e)\na:\n\techo a\n",
                   "t", ["echo a", "echo a b b c 2 y i"]),
    "each of several": ("D = x y\nt: $(foreach d,$(D),t-$(d))\nt-%:\n\techo $*\n", "t", ["echo x", "echo y"]),
    "rules that are made": ("define T\nt-$(1):\n\techo $(1)\nendef\n$(foreach d,x y,$(eval $(call T,$(d))))\n", "t-y", ["echo y"]),
    "what a command prints": ("A := $(shell echo go)\nt:\n\techo $(if $(A),there)\n", "t", ["echo there"]),
    "a comma in a recipe": ("t:\n\techo a,b $(strip  a   b )\n", "t", ["echo a,b a b"]),
    "folders and names of prerequisites": ("t: a\n\techo $(<D) $(^F) $(@D)\na:\n\techo a\n", "t", ["echo a", "echo . a ."]),
    "order only, in no variable": ("t: a | b\n\techo $^\na:\n\techo a\nb:\n\techo b\n", "t", ["echo a", "echo b", "echo a"]),
    "what the recipe's own line asks for first": ("t: a\nt: b\n\techo $<\na b:\n\techo $@\n", "t", ["echo b", "echo a", "echo b"]),
    "a variable of the target that it is made for": ("t: E = x\nt: a\na:\n\techo $(E)\n", "t", ["echo x"]),
    "of the nearer of two targets": ("t: E = x\nt: a\na: E = y\na:\n\techo $(E)\n", "t", ["echo y"]),
    "a value that is overridden": ("override A = x\nA = y\nA += z\nt:\n\techo $(A)\n", "t", ["echo x"]),
    "a target's own value above an overridden one": ("override A = x\nt: A = y\nt:\n\techo $(A)\n", "t", ["echo y"]),
    "commas in both sides": ("A = b\nifeq ($(subst a,b,a),$(if x,$(A)))\nB = x\nelse\nB = y\nendif\nt:\n\techo $(B)\n",
                             "t", ["echo x"]),
    "a blank behind a value": ("A = x # y\nifeq ($(A),x)\nB = x\nelse\nB = y\nendif\nt:\n\techo $(B)\n", "t", ["echo y"]),
    "a comment behind a semicolon": ("t: ; echo a # b\n", "t", ["echo a # b"]),
    "a name that begins with a point": ("t:\n\techo x$(basename .o)y $(suffix .o a)\n", "t", ["echo xy .o"]),
    "a blank between two empty values": ("A =\nt:\n\techo $(and $(A) $(A),x) $(if $(A)$(A),y,z)\n", "t", ["echo x z"]),
    "a function of several lines in a recipe": ("t:\n\techo $(foreach d,\\\n\t\tx y, \\\n\t\t($(d)))\n", "t",
                                                ["echo  (x)  (y)"]),
    "the files": ("t:\n\techo $(notdir $(lastword $(MAKEFILE_LIST)))\n", "t", ["echo Makefile"]),
    "a variable of several words": ("RUN = go test -race\nt:\n\t$(RUN) ./...\n", "t", ["go test -race ./..."]),
    "a tab behind a variable": ("t:\n\techo t\nA = x\n\tB = y\nu:\n\techo $(B)\n", "u", ["echo y"]),
    "an exported variable": ("export A = x\nt:\n\techo $(A)\n", "t", ["echo x"]),
    "all of the prerequisites": ("t: a b\n\techo $^ $<\na b:\n\techo $@\n", "t", ["echo a", "echo b", "echo a b a"]),
}  # fmt: skip


def made(reading: Reading, target: str) -> list[str]:
    lines: list[str] = []
    seen: set[str] = set()

    def make(name: str, inherited: tuple[Line, ...] = ()) -> None:
        rule = reading.rule(name)
        if rule is None or name in seen:
            return
        seen.add(name)
        for needed in rule.prerequisites:
            make(needed, (*inherited, *rule.variables))
        lines.extend(reading.recipe(name, rule, inherited))

    make(target)
    return lines


def reading_of(text: str, **others: str) -> Reading:
    files = {name.replace("_", "."): read_makefile(name.replace("_", "."), other) for name, other in others.items()}

    def included(path: str) -> list[Makefile]:
        return [files[path]] if path in files else []

    return Reading(read_makefile("Makefile", text), included)


@pytest.mark.parametrize("case", CASES)
def test_a_target_runs_what_its_lines_say(case: str) -> None:
    text, target, expected = CASES[case]

    assert made(reading_of(text), target) == expected


@pytest.mark.skipif(not MAKE, reason="make is not here")
@pytest.mark.parametrize("case", CASES)
def test_make_itself_runs_the_same(case: str, tmp_path: Path) -> None:
    text, target, expected = CASES[case]
    (tmp_path / "Makefile").write_text(text)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}

    done = subprocess.run([MAKE, "-n", target], cwd=tmp_path, capture_output=True, text=True, check=True, env=plain)

    assert done.stdout.splitlines() == expected


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("t:\n\techo\nu:\n\techo\n", "t"),
        (".PHONY: u t\n.DEFAULT_GOAL := u\nt:\n\techo\nu:\n\techo\n", "u"),
        ("%.o: %.c\n\tcc\nt:\n\techo\n", "t"),
        ("A = x\n# t\n", ""),
    ],
)
def test_the_first_target_is_made_where_none_is_named(text: str, goal: str) -> None:
    assert reading_of(text).goal == goal


def test_an_included_file_belongs_to_the_makefile() -> None:
    reading = reading_of("include common.mk\nt: u\n", common_mk="A = go\nu:\n\t$(A) test\n")

    assert made(reading, "t") == ["go test"]


def test_what_only_the_environment_knows_is_left_to_the_shell() -> None:
    assert made(reading_of("t:\n\tdeploy $(TARGET)\n"), "t") == ["deploy ${TARGET}"]


def test_both_sides_of_a_condition_that_nobody_can_tell_are_read() -> None:
    assert made(reading_of("ifeq ($(CI),true)\na:\n\techo a\nelse\nb:\n\techo b\nendif\n"), "b") == ["echo b"]


def test_a_variable_of_the_command_wins() -> None:
    reading = Reading(read_makefile("Makefile", "ENV = dev\nt:\n\tdeploy $(ENV)\n"), lambda path: (), [("ENV", "prod")])

    assert made(reading, "t") == ["deploy prod"]


@pytest.mark.parametrize(
    "text",
    [
        "A = $(A) $(A)\nt:\n\t$(A)\n",
        "".join(f"A{n} = $(A{n + 1})$(A{n + 1})\n" for n in range(60)) + "t:\n\t$(A0)\n",
        "t:\n\t" + "$(" * 5_000,
        "define A\n" * 50 + "t: t\n\techo\n",
        "include Makefile\nt:\n\techo $(call t,$(call t,$(call t)))\n",
        "$(eval $(eval $(eval A = $$(eval $$(A)))))\n$(A)\nt:\n\t$(A)\n",
        "$(foreach a,1 2 3 4,$(foreach b,1 2 3 4,$(eval t: $(a)$(b))))\nifeq\nelse\nendif\nendif\n",
        "ifeq ($(A)\n:\n=\n::\n\t\n;\nt:=\n",
    ],
)
def test_any_text_is_read(text: str) -> None:
    reading = reading_of(text, Makefile=text)

    assert all(len(line) < 1_000_000 for line in made(reading, "t"))
