"""Makefiles: the lines that GNU make would give the shell for a goal, and those that we read."""

from __future__ import annotations

import random
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from devopslint.scripts.makefile import Line, Makefile, Reading, read_makefile

_WORDS = ["a.c", "b.c", "src/c.c", "x", "y.o", "dir/", "-O2", "--flag", "a=b", "lib.so.1", "'q q'", "E_2"]
_TARGETS = [f"t{number}" for number in range(6)]
_AUTOMATIC = ["$@", "$<", "$^", "$(@F)", "$(@D)", "$+", "$(<F)", "$(^F)", "$(<D)"]
_EXECUTED = re.compile(
    r"shell|!=|\$[({]MAKE[)}]|\bmake\b|eval|include|wildcard|guile|\$[({]file|origin|flavor|^[ \t]*\+", re.M
)
"""What a look with `make -n` runs all the same, or answers from the machine: Makefiles with it are left out."""

_CONDITION = re.compile(r"^[ \t]*ifn?(?:eq|def)\b", re.M)
"""Of a real file it may ask for the environment: both sides are read then, on purpose."""
_OF_MAKE = re.compile(r"make: |rm (?:\S+\.mid ?)+$")
_UNKNOWN = re.compile(r"\$\{\w+\}")


class Case:
    """Files of one folder, what is asked for, and variables of the command line."""

    def __init__(self, files: dict[str, str], goal: str, given: tuple[tuple[str, str], ...] = ()) -> None:
        self.files = files
        self.goal = goal
        self.given = given

    def __str__(self) -> str:
        asked = " ".join(["make", *(f"{name}={value}" for name, value in self.given), self.goal])
        return f"{asked}\n" + "".join(f"--- {path}\n{text}" for path, text in self.files.items())


class _Generator:
    """Random Makefiles in which every name is defined before it is used, and no command has to run."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.names: list[str] = []

    def case(self) -> Case:
        self.names = []
        lines: list[str] = []
        files = {}
        while not self.names or self.chance(0.6):
            lines += self.assignment()
        if self.chance(0.3):
            files["more.mk"] = "".join(f"{line}\n" for line in self.assignment())
            lines.append(self.pick(["include more.mk", "-include more.mk", "sinclude more.mk none.mk"]))
        if self.chance(0.3):
            lines += ["define STEPS", "echo canned $@", "@echo again $(" + self.pick(self.names) + ")", "endef"]
        for number in range(self.random.randint(1, 6)):
            lines += self.rule(number)
            if self.chance(0.3):
                lines += self.assignment()
            if self.chance(0.2):
                lines += self.conditional(self.rule(number))
        if self.chance(0.2):
            lines += ["%.out: %.mid", "\techo out $@ $* $<", "%.mid:", "\techo mid $@ $*", "t5: p.out dir/q.out"]
        if self.chance(0.1):
            lines.append(".DEFAULT_GOAL := " + self.pick(_TARGETS))
        lines.append(".PHONY: " + " ".join(_TARGETS))
        if "STEPS" not in " ".join(lines[:1]) and any(line == "define STEPS" for line in lines) and self.chance(0.7):
            lines += ["t0: t5", "\t$(STEPS)", "\techo after"]
        # What nothing makes is there for make by itself.
        lines.append("t5 x:")
        given = ((self.pick(self.names), self.pick(_WORDS[:4])),) if self.chance(0.15) else ()
        goal = self.pick(["", *_TARGETS])
        return Case({"Makefile": "".join(f"{line}\n" for line in lines), **files}, goal, given)

    def pick(self, choices: list[str]) -> str:
        return self.random.choice(choices)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def assignment(self) -> list[str]:
        name = self.pick(["A", "B", "C", "D", "LONG_NAME", "with-dash", "with.dot"])
        operator = self.pick([":=", "=", "?=", "+=", "::=", ":="])
        value = self.text(2, but=name)
        decided = self.chance(0.8)
        prefix = self.pick(["", "", "", "export ", "override ", "  "])
        lines = [f"{prefix}{name} {operator} {value}"]
        if self.chance(0.1):
            lines = [f"{prefix}{name} {operator} {value} \\", f"   {self.text(1, but=name)}"]
        if self.chance(0.1):
            lines[-1] += " # a note"
        if not decided:
            # A name that only one side sets may be the environment's: that is not known, on purpose.
            return self.conditional(lines)
        if name not in self.names:
            self.names.append(name)
        return lines

    def conditional(self, lines: list[str]) -> list[str]:
        a, b = self.text(1), self.text(1)
        if self.chance(0.5):
            b = a
        head = self.pick([f"ifeq ({a},{b})", f"ifneq ({a}, {b})", f'ifeq "{a}" "{b}"'])
        if "'" in a + b:
            head = "ifeq (1,1)"
        if self.chance(0.3) and self.names:
            head = self.pick(["ifdef ", "ifndef "]) + self.pick(self.names)
        if self.chance(0.3):
            return [head, *lines, "else ifeq (x,x)", "E := 1", "else", "E := 2", "endif"]
        return [head, *lines, "else", *self.plain(), "endif"] if self.chance(0.5) else [head, *lines, "endif"]

    def plain(self) -> list[str]:
        return ["E := other"]

    def rule(self, number: int) -> list[str]:
        after = _TARGETS[number + 1 :]
        needed = self.random.sample(after, min(len(after), self.random.randint(0, 2)))
        colon = "::" if self.chance(0.1) and number == 3 else ":"
        targets = _TARGETS[number]
        if self.chance(0.1) and number < 5:
            targets += f" s{number}"
        header = f"{targets}{colon} {' '.join(needed)}".rstrip()
        if self.chance(0.1) and after:
            header += f" | {self.pick(after)}"
        if colon == ":" and self.chance(0.1):
            return [
                f"{targets}: {self.pick(self.names)} {self.pick(['=', ':=', '+='])} own",
                header,
                "\techo " + self.text(1),
            ]
        if self.chance(0.1):
            return [f"{header} ; {self.command()}"]
        lines = [header, *(f"\t{line}" for _ in range(self.random.randint(0, 3)) for line in self.recipe())]
        if self.chance(0.1) and len(lines) > 1:
            lines.insert(1, "# a note between")
        if colon == "::":
            lines += [f"{targets}::", "\techo second"]
        return lines

    def recipe(self) -> list[str]:
        if self.chance(0.1):
            return [f"{self.command()} && \\", self.pick(["  echo more", "echo more"])]
        return [self.pick(["", "@", "-", "@-", "- "]) + self.command()]

    def command(self) -> str:
        return f"echo {self.text(2)} {self.pick([*_AUTOMATIC, '$$x', '$$(y)', '# z', ''])}".rstrip()

    def text(self, depth: int, but: str = "") -> str:
        return " ".join(self.value(depth, but) for _ in range(self.random.randint(1, 2)))

    def value(self, depth: int, but: str) -> str:
        known = [name for name in self.names if name < but] if but else self.names
        roll = self.random.random()
        if roll < 0.45 or not depth:
            return self.pick(_WORDS)
        if roll < 0.65 and known:
            name = self.pick(known)
            return self.pick([f"$({name})", f"${{{name}}}", f"$({name}:.c=.o)", f"$({name}:%.c=obj/%.o)"])
        return self.function(depth - 1, but)

    def function(self, depth: int, but: str) -> str:
        def inner() -> str:
            return self.text(depth, but)

        return self.pick(
            [
                f"$(subst c,k,{inner()})",
                f"$(patsubst %.c,%.o,{inner()})",
                f"$(strip   {inner()}  )",
                f"$(filter %.c x,{inner()})",
                f"$(filter-out %.c,{inner()})",
                f"$(sort {inner()} x)",
                f"$(word 2,{inner()} y)",
                f"$(wordlist 1,2,{inner()} y)",
                f"$(words {inner()})",
                f"$(firstword {inner()})",
                f"$(lastword {inner()})",
                f"$(dir {inner()})",
                f"$(notdir {inner()})",
                f"$(suffix {inner()})",
                f"$(basename {inner()})",
                f"$(addsuffix .z,{inner()})",
                f"$(addprefix p/,{inner()})",
                f"$(join a b,{inner()})",
                f"$(if {inner()},{inner()},{inner()})",
                f"$(if $(filter zzz,{inner()}),{inner()},{inner()})",
                f"$(or $(filter zzz,x),{inner()})",
                f"$(and {inner()},{inner()})",
                f"$(foreach v,{inner()},<$(v)>)".replace("<", "[").replace(">", "]"),
                f"$(findstring a,{inner()})",
            ]
        )


def made(case: Case) -> list[str] | None:
    """The commands that GNU make would run; None where it refuses the files or the goal."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in case.files.items():
            (Path(folder) / path).write_text(text)
        done = subprocess.run(
            ["make", "-nBr", *(f"{name}={value}" for name, value in case.given), *case.goal.split()],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    if done.returncode:
        return None
    # Messages of make's own begin with its name, and it takes away what lies between two pattern rules.
    return [line.replace(folder, ".") for line in done.stdout.split("\n") if line.strip() and not _OF_MAKE.match(line)]


def read(case: Case) -> list[str]:
    files = {path: read_makefile(path, text) for path, text in case.files.items()}

    def included(path: str) -> list[Makefile]:
        return [files[path]] if path in files else []

    reading = Reading(files["Makefile"], included, case.given)
    seen: set[str] = set()
    lines: list[str] = []

    def make(target: str, inherited: tuple[Line, ...] = ()) -> None:
        rule = reading.rule(target)
        if rule is None or target in seen:
            return
        seen.add(target)
        for needed in rule.prerequisites:
            make(needed, (*inherited, *rule.variables))
        for line in reading.recipe(target, rule, inherited):
            lines.extend(one for one in line.split("\n") if one.strip())

    for goal in case.goal.split() or [reading.goal]:
        make(goal)
    return lines


def cases(seed: int, count: int) -> Iterator[Case]:
    for number in range(count):
        yield _Generator(seed * 1_000_003 + number).case()


def corpus(folder: Path) -> list[Case]:
    """Each target of the folder's Makefiles that a look does not have to run anything for."""
    found: list[Case] = []
    for path in sorted(folder.rglob("[mM]akefile")):
        text = path.read_text(errors="replace") if path.is_file() else ""
        if text and not _EXECUTED.search(text) and not _CONDITION.search(text):
            for target in sorted(Reading(read_makefile("Makefile", text), lambda path: ()).rules):
                if re.fullmatch(r"[\w-]+", target):
                    found.append(Case({"Makefile": text}, target))
    return found


def differences(found: Iterable[Case]) -> Iterator[tuple[object, ...]]:
    """A variable that no file sets is the environment's, and stays as it is written: the machine's has none of them."""
    for case in found:
        theirs = made(case)
        if theirs is None:
            continue
        ours, theirs = ([" ".join(_UNKNOWN.sub("", line).split()) for line in lines] for lines in (read(case), theirs))
        if ours != theirs:
            yield case, "make:", theirs, "here:", ours
