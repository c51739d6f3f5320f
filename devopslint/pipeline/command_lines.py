"""What a command line runs in the end: runners, shells and containers taken off."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from devopslint.deferred import compiled
from devopslint.readers.shell import read_commands

SCRIPT_FILE = compiled(r"\.(?:sh|bash|zsh|ps1|py|js|mjs|cjs|ts|rb|pl|php|bat|cmd)\Z")
TEXT_FOLLOWS = compiled(r"-[a-z]*c\Z")
"""The option of a shell behind which the script stands."""
PACKAGE_MANAGERS = frozenset(("npm", "yarn", "pnpm", "bun", "composer"))
_IN_BIN = compiled(r"(?:^|/)\.?bin/[\w.-]+\Z")
_MODULE_RUNNERS = compiled(r"python(?:[0-9.]*)\Z|py\Z|pypy3?\Z")
_INTERPRETERS = compiled(r"(?:python[0-9.]*|py|node|ruby|perl|php|bash|sh|zsh|pwsh|tsx|ts-node|source|\.|call)\Z")
_SCRIPTS_OR_PROGRAMS = frozenset(("hatch run", "pdm run", "pixi run", "rye run", "pipenv run", "turbo run"))
"""Runners of a script of the project or, where none has that name, of a program."""
_RUN_FLAGS = frozenset(
    "--rm --init --privileged --read-only --tty --interactive --detach --publish-all --quiet --no-healthcheck".split()  # noqa: SIM905  # shorter than a list
)
_RUN_SHORT_FLAGS = compiled(r"-[itdPq]+\Z")

_RUNNERS: dict[tuple[str, ...], str] = {
    ("npx",): "-p --package -w --workspace",
    ("bunx",): "",
    ("pnpx",): "",
    ("uvx",): "--from --with --python -p",
    ("pnpm", "exec"): "",
    ("pnpm", "dlx"): "--package",
    ("npm", "exec"): "--package -w --workspace",
    ("yarn", "dlx"): "-p --package",
    ("yarn", "exec"): "",
    ("yarn", "workspace"): "",
    ("bundle", "exec"): "",
    ("poetry", "run"): "",
    (
        "uv",
        "run",
    ): "--with --extra --group --only-group --python -p --directory --project --package --env-file --no-group",
    ("uv", "tool", "run"): "--from --with --python",
    ("pipenv", "run"): "",
    ("pipx", "run"): "--spec --python",
    ("pdm", "run"): "",
    ("hatch", "run"): "",
    ("rye", "run"): "",
    ("pixi", "run"): "-e --environment --manifest-path",
    ("conda", "run"): "-n --name -p --prefix",
    ("mamba", "run"): "-n --name -p --prefix",
    ("micromamba", "run"): "-n --name -p --prefix",
    ("mise", "exec"): "",
    ("mise", "x"): "",
    ("asdf", "exec"): "",
    ("doppler", "run"): "-p --project -c --config -t --token",
    ("op", "run"): "--env-file --account",
    ("infisical", "run"): "--env --path --projectId",
    ("dotenv",): "-e -f",
    ("dotenvx", "run"): "-f",
    ("cross-env",): "",
    ("env-cmd",): "-f --file -r --rc-file -e --environments",
    ("devbox", "run"): "-c --config -e --env",
    ("flox", "activate"): "-d --dir -r --remote -m --mode",
    ("xvfb-run",): "-s --server-args -e --error-file -n --server-num",
    ("xvfb-maybe",): "",
    ("dbus-run-session",): "",
    ("dotnet", "tool", "run"): "",
    ("dotnet", "dotnet-coverage", "collect"): "-f -o",
    ("coverage", "run"): "-m --source --rcfile --omit --include",
    ("retry",): "-t -d --times --delay",
    ("sshpass",): "-p -f -d -P",
    ("aws-vault", "exec"): "-d --duration --region",
    ("chamber", "exec"): "",
    ("dotenv", "run"): "-f -e",
    ("unbuffer",): "",
    ("catchsegv",): "",
    ("stdbuf",): "",
    ("caffeinate",): "",
    ("direnv", "exec"): "",
    ("wait-on",): "",
    ("turbo", "run"): "",
    ("opam", "exec"): "--switch",
    ("percy", "exec"): "-c --config",
    ("nix", "develop"): "-c --command",
    ("docker-compose", "exec"): "-e --env -u --user -w --workdir",
    ("docker-compose", "run"): "-e --env -u --user -w --workdir -v --volume --name --entrypoint",
    ("docker", "compose", "exec"): "-e --env -u --user -w --workdir",
    ("docker", "compose", "run"): "-e --env -u --user -w --workdir -v --volume --name --entrypoint",
    ("docker", "exec"): "-e --env -u --user -w --workdir --env-file",
    ("devcontainer", "exec"): "--workspace-folder",
}
"""Programs that run another one, with their options that take a value."""
_WITH_OPERAND = frozenset(
    (
        ("yarn", "workspace"),
        ("direnv", "exec"),
        ("docker-compose", "exec"),
        ("docker-compose", "run"),
        ("docker", "compose", "exec"),
        ("docker", "compose", "run"),
        ("docker", "exec"),
        ("aws-vault", "exec"),
        ("chamber", "exec"),
    )
)
"""Those whose first operand is a place to run in: a service, a container, a folder."""
_AGAINST_A_SERVER = frozenset(("start-server-and-test", "start-test", "server-test"))
"""Programs that start a script of npm, wait for an address and run another one: `start-test serve :8080 e2e`."""
_VALUED_BEFORE_SUBCOMMAND = frozenset(("-f", "--file", "-p", "--project-name", "--env-file", "--profile", "--project"))


def program_of(word: str) -> str:
    name = word.replace("\\", "/").rpartition("/")[2]
    for suffix in (".exe", ".bat", ".cmd"):
        if name.endswith(suffix) and not SCRIPT_FILE.search(name.removesuffix(suffix)):
            name = name.removesuffix(suffix)
            break
    return {"gradlew": "gradle", "mvnw": "mvn", "docker-buildx": "docker", "tofu": "tofu", "pip3": "pip"}.get(
        name, name
    )


def unwrapped(words: list[str]) -> tuple[list[str], str]:
    """The command that runners run, `poetry run python -m pytest` -> `pytest`; and who may know it as a script."""
    runner = ""
    for _ in range(8):
        inner = _inner(words)
        if inner is None:
            break
        program = program_of(words[0])
        runner = program if f"{program} {' '.join(words[1:2])}" in _SCRIPTS_OR_PROGRAMS else ""
        words = inner
    return words, runner


def _inner(words: list[str]) -> list[str] | None:
    if not words:
        return None
    program = program_of(words[0])
    if _MODULE_RUNNERS.match(program) and "-m" in words[1:4]:
        return words[words.index("-m") + 1 :]
    if program == "go" and words[1:2] in (["run"], ["tool"]):
        target = next((word for word in words[2:] if not word.startswith("-")), "")
        tool = target.partition("@")[0].rpartition("/")[2]
        return [tool, *words[words.index(target) + 1 :]] if tool and ("/" in target or words[1] == "tool") else None
    if program == "cargo" and len(words) > 1 and words[1].startswith("+"):
        return ["cargo", *words[2:]]
    if program == "cargo" and words[1:2] == ["make"]:
        return ["cargo-make", *words[2:]]
    if program == "git" and words[1:2] == ["-C"]:
        return ["git", *words[3:]]
    if _INTERPRETERS.match(program) and not _MODULE_RUNNERS.match(words[0] if "/" in words[0] else ""):
        script = next((index for index, word in enumerate(words[1:], 1) if not word.startswith("-")), None)
        found = script is not None and (SCRIPT_FILE.search(words[script]) or _IN_BIN.search(words[script]))
        return words[script:] if found else None
    for length in (3, 2, 1):
        prefix = (program, *_subcommand(program, words, length))
        if prefix in _RUNNERS:
            return _after(words, prefix)
    return None


def inner_commands(program: str, rest: Sequence[str], *, wrapped: bool) -> list[list[str]]:
    """The commands that `docker run IMAGE …` runs, or that a shell inside one is given."""
    if program == "concurrently":
        return [words for word in rest if not word.startswith("-") for words in _beside(word)]
    if program in _AGAINST_A_SERVER:
        operands = [word for word in rest if not word.startswith("-")]
        return [words for word in (*operands[:1], *operands[2:]) for words in _of_npm(word)]
    if program == "nix-shell":
        return [words for text in _option_values(rest, "--run", "--command") for words in _lines(text)]
    if program in ("docker", "podman") and rest[:1] == ["run"]:
        image = next(_operands_of_run(rest), len(rest))
        words = list(rest[image + 1 :])
        if len(words) == 1 and " " in words[0]:
            text = words[0]
        else:
            tool = [_tool_of(rest[image]), *words] if image < len(rest) and "-d" not in rest[:image] else []
            return [words, tool] if words and not words[0].startswith("-") else [tool]
    elif wrapped and program in ("bash", "sh") and len(rest) > 1 and TEXT_FOLLOWS.match(rest[0]):
        text = rest[1]
    else:
        return []
    return _lines(text)


def _lines(text: str) -> list[list[str]]:
    return [[word.text for word in command.words] for command in read_commands(text)]


def _of_npm(word: str) -> list[list[str]]:
    """A script of package.json by its name, or a command in quotes."""
    return _lines(word) if " " in word else [["npm", "run", word]]


def _option_values(rest: Sequence[str], *names: str) -> Iterator[str]:
    return (value for name, value in itertools.pairwise(rest) if name in names)


def _beside(text: str) -> list[list[str]]:
    """A command that `concurrently` runs; `npm:test` is a script."""
    runner, mark, name = text.partition(":")
    if mark and runner in PACKAGE_MANAGERS and " " not in runner:
        return [[runner, "run", *name.split()]]
    return _lines(text)


def _tool_of(image: str) -> str:
    """The program that an image is mostly named after: `ghcr.io/google/addlicense:v1`."""
    return image.rpartition("/")[2].partition("@")[0].partition(":")[0]


def _operands_of_run(rest: Sequence[str]) -> Iterator[int]:
    """Where the operands of `docker run` stand; the first of them is the image."""
    index = 1
    while index < len(rest):
        word = rest[index]
        if not word.startswith("-"):
            yield index
        elif (
            "=" not in word
            and word not in _RUN_FLAGS
            and not _RUN_SHORT_FLAGS.match(word)
            and (word.startswith("--") or len(word) == 2)
        ):
            index += 1
        index += 1


def _subcommand(program: str, words: list[str], length: int) -> tuple[str, ...]:
    """The operands that may be a runner's own words: `docker compose -f x.yml exec` has options between."""
    found: list[str] = []
    index = 1
    while index < len(words) and len(found) < length - 1:
        word = words[index]
        if word in _VALUED_BEFORE_SUBCOMMAND and program in ("docker", "docker-compose"):
            index += 1
        elif not word.startswith("-") or (program, word) in _RUNNERS:
            found.append(word)
        index += 1
    return tuple(found)


def _after(words: list[str], prefix: tuple[str, ...]) -> list[str]:
    index = 0
    for part in prefix[1:]:
        index = words.index(part, index + 1)
    valued = _RUNNERS[prefix].split()
    operands = 1 if prefix in _WITH_OPERAND else 0
    index += 1
    while index < len(words):
        word = words[index]
        if word == "--" and not operands:
            return words[index + 1 :]
        if word.startswith("-") and len(word) > 1:
            if word in ("-c", "--command") and prefix == ("nix", "develop"):
                return words[index + 1 :]
            if word == "-m" and prefix == ("coverage", "run"):
                return words[index + 1 :]
            index += 2 if word in valued else 1
        elif operands:
            operands -= 1
            index += 1
        elif prefix == ("yarn", "workspace"):
            return ["yarn", "--workspace", words[index - 1], *words[index:]]
        elif prefix == ("cross-env",) and "=" in word:
            index += 1
        else:
            return words[index:]
    return []
