"""Which file a task runner finds, and what the script in it runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devopslint.model import Summaries
from devopslint.readers.shell import read_commands
from devopslint.scripts.makefile import Makefile
from devopslint.scripts.named import NamedScripts, ScriptFile, ShellFile, ShellScript
from devopslint.scripts.places import placed
from devopslint.scripts.resolution import ProjectScripts
from devopslint.scripts.settings import FORMS, SettingsFile
from devopslint.scripts.tasks import Task, default_task, tasks_of


def project(files: dict[str, str]) -> ProjectScripts:
    found: list[object] = []
    for path, text in files.items():
        settings = path.rpartition("/")[2] in FORMS
        view = ShellFile if path.endswith(".sh") else SettingsFile if settings else ScriptFile
        found.extend(view.read(path, text).summaries())
    summaries = Summaries(found)
    return ProjectScripts(summaries.of(NamedScripts), summaries.of(Makefile), summaries.of(ShellScript))


def ran(scripts: ProjectScripts, command: str, folder: str = "") -> list[str]:
    """The commands that it runs in the end, runners of tasks left out."""
    program, *rest = command.split()
    return [line for task in _tasks(program, rest) for line in _of(scripts, task, folder, 0)]


def _tasks(program: str, rest: list[str]) -> list[Task]:
    return tasks_of(program, rest) or [task for task in (default_task(program, rest),) if task is not None]


def _of(scripts: ProjectScripts, task: Task, folder: str, depth: int) -> list[str]:
    body = scripts.body(task, folder)
    lines: list[str] = []
    for part in body.parts if body is not None and depth < 9 else ():
        if isinstance(part, Task):
            lines.extend(_of(scripts, part, body.folder if body is not None else "", depth + 1))
            continue
        for command, place in placed(read_commands(part)):
            words = [word.text for word in command.words]
            inner = _tasks(words[0], words[1:]) if words else []
            for one in inner:
                lines.extend(_of(scripts, one.within(place), body.folder if body is not None else "", depth + 1))
            if words and not inner and words[0] != "cd":
                lines.append(" ".join(words))
    return lines


PACKAGE = """
{"name": "@shop/web", "scripts": {"pretest": "eslint .", "test": "jest", "posttest": "echo done",
 "all": "run-s test style:*", "style:css": "stylelint .", "style:js": "prettier -c .", "start": "vite"}}
"""
JUSTFILE = """
set shell := ["bash", "-c"]
tool := "pytest"
alias t := unit
default: unit (suite "api") && report   # the lot
[private]
suite name flags="-q":
    @{{tool}} {{flags}} {{name}}
unit:
  go test ./...
report:
    echo done
mod sub
[linux]
system:
    echo linux
[macos]
system:
    echo macos
several +words:
    {{words}}
by-value: (by-default tool) (suite "tool")
by-default name=tool:
    {{name}} --all
"""
TASKFILE = """
version: "3"
vars: {TOOL: ruff}
includes: {web: ./web, api: {taskfile: ./api/Taskfile.yml}}
tasks:
  default: {deps: [style], cmds: [{task: unit}, echo done]}
  style: "{{.TOOL}} check ."
  unit:
    aliases: [u]
    dir: api
    cmds: [{cmd: go test ./...}]
  given: {cmds: [{task: tool, vars: {WITH: mypy}}]}
  tool: "{{.WITH}} src"
  "type:*": mypy
  each:
    cmds: [{for: [a, b], cmd: "pytest {{.ITEM}}"}, {defer: echo end}, echo mid]
  rest: "{{.CLI_ARGS}}"
"""
TOX = """
[tox]
envlist = py3{10,11}, style, listed
[testenv]
commands_pre = pip check
commands =
    py310: pytest --old {posargs:tests}
    !py310: pytest {posargs:tests}
[testenv:style]
commands = ruff check \\
    src
[testenv:{docs,pages}]
commands = {[testenv:style]commands}
[testenv:py{310,311}-types]
deps = mypy
"""
NOX = """
import nox
@nox.session(name="unit-tests", python=["3.12", "3.13"])
def tests(session):
    session.run("pytest", "-q")
    session.notify("style")
@nox.session
def style(session):
    session.run("ruff", "check")
"""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("npm test", ["eslint .", "jest", "echo done"]),
        ("npm run all", ["eslint .", "jest", "echo done", "stylelint .", "prettier -c ."]),
        ("yarn run style:css", ["stylelint ."]),
        ("npm run nothing", []),
        ("npm start", ["vite"]),
        ("node --run test", ["jest"]),
        ("node --run=style:css", ["stylelint ."]),
        ("node test", []),
        ("just", ["go test ./...", "pytest -q api", "echo done"]),
        ("just t", ["go test ./..."]),
        ("just suite web", ["pytest -q web"]),
        ("just suite 3 -x", ["pytest -x 3"]),
        ("just several ruff check .", ["ruff check ."]),
        ("just by-default", ["pytest --all"]),
        ("just by-value", ["pytest --all", "pytest -q tool"]),
        ("just tool=mypy suite web", ["mypy -q web"]),
        ("just --set tool mypy suite web", ["mypy -q web"]),
        ("just below/go", ["cargo bench"]),
        ("just sub::go", ["cargo test"]),
        ("just sub go", ["cargo test"]),
        ("just system", ["echo linux"]),
        ("task", ["ruff check .", "go test ./...", "echo done"]),
        ("task u", ["go test ./..."]),
        ("task web:go", ["vite build"]),
        ("task given", ["mypy src"]),
        ("task type:strict", ["mypy"]),
        ("task rest -- go vet ./...", ["go vet ./..."]),
        ("task -t Taskfile.dist.yml u", ["go test ./..."]),
        ("task each", ["pytest a", "pytest b", "echo mid", "echo end"]),
        ("tox -e py310", ["pip check", "pytest --old tests"]),
        ("tox -e py313", ["pip check", "pytest tests"]),
        ("tox -e py311-types", ["pip check", "pytest tests"]),
        ("tox -e nothing", []),
        ("tox -e listed", ["pip check", "pytest tests"]),
        ("tox -e style,pages", ["ruff check src", "ruff check src"]),
        (
            "tox",
            [
                "pip check",
                "pytest --old tests",
                "pip check",
                "pytest tests",
                "ruff check src",
                "pip check",
                "pytest tests",
            ],
        ),
        ("nox -s unit-tests-3.12", ["pytest -q", "ruff check"]),
        ("nox -s style", ["ruff check"]),
    ],
)
def test_a_runner_runs_what_its_file_says(command: str, expected: list[str]) -> None:
    scripts = project(
        {
            "package.json": PACKAGE,
            "justfile": JUSTFILE,
            "sub.just": "go:\n    cargo test\n",
            "below/justfile": "go:\n    cargo bench\n",
            "Taskfile.dist.yml": TASKFILE,
            "web/Taskfile.yml": "tasks: {go: vite build}\n",
            "tox.ini": TOX,
            "noxfile.py": NOX,
        }
    )

    assert ran(scripts, command) == expected


PYPROJECT = """
[tool.poe.tasks]
unit = "pytest -q"
style.cmd = "ruff check ."
typed = {shell = "mypy src", deps = ["style"]}
all = ["unit", "typed"]
steps.sequence = [{ref = "unit"}, {cmd = "echo done"}]
function = {script = "shop.tasks:go"}
called = {expr = "1 + 1"}
[tool.pdm.scripts]
unit = "pytest"
words = {cmd = ["pytest", "a b"]}
all = {composite = ["unit", "echo done"]}
[tool.hatch.envs.default.scripts]
unit = "pytest {args}"
cover = ["unit --cov", "coverage report"]
[tool.hatch.envs.lint.scripts]
style = "ruff check ."
[tool.taskipy.tasks]
unit = "pytest"
[tool.rye.scripts]
unit = {cmd = ["pytest", "-q"]}
all = {chain = ["unit"]}
[tool.pixi.tasks]
unit = {cmd = "pytest", depends-on = ["make-it"]}
[tool.pixi.feature.build.tasks]
make-it = "cmake --build ."
"""
SETTINGS = {
    "pyproject.toml": PYPROJECT,
    "Pipfile": '[scripts]\nunit = "pytest -q"\n',
    "mise.toml": """
[tasks.unit]
run = ["pytest", "echo done"]
depends = ["style"]
depends_post = "end"
[tasks]
style = "ruff check ."
end = {run = [{task = "style"}]}
""",
    "web/deno.jsonc": """
// what it is
{"tasks": {"unit": "deno test", "all": {"command": "echo done", "dependencies": ["unit"]}}}
""",
    "web/package.json": '{"scripts": {"unit": "jest", "pages": "vite build"}}',
    ".cargo/config.toml": """[alias]\nunit = "test --all"\nrun-it = ["run", "--package", "tool"]\n""",
    "Makefile.toml": """
[tasks.unit]
command = "cargo"
args = ["nextest", "run"]
dependencies = ["style"]
[tasks.style]
script = ["cargo fmt --check", "cargo clippy"]
[tasks.both]
run_task = {name = ["style", "unit"]}
""",
    "composer.json": """
{"scripts": {"unit": "@php vendor/bin/phpunit", "all": ["@putenv X=1", "@unit", "@composer audit"], "own": "Shop\\\\Build::run"}}
""",
}


@pytest.mark.parametrize(
    ("command", "folder", "expected"),
    [
        ("poe unit", "", ["pytest -q"]),
        ("poe unit", "web", ["pytest -q"]),
        ("poe typed", "", ["ruff check .", "mypy src"]),
        ("poe all", "", ["pytest -q", "ruff check .", "mypy src"]),
        ("poe steps", "", ["pytest -q", "echo done"]),
        ("poe called", "", ["python-function"]),
        ("pdm run words", "", ["pytest a b"]),
        ("pdm run all", "", ["pytest"]),
        ("hatch run cover", "", ["pytest {args}", "coverage report"]),
        ("hatch run lint:style", "", ["ruff check ."]),
        ("task unit", "", ["pytest"]),
        ("pixi run unit", "", ["cmake --build .", "pytest"]),
        ("mise run unit", "", ["ruff check .", "pytest", "echo done", "ruff check ."]),
        ("deno task all", "web", ["deno test", "echo done"]),
        ("npm run pages", "web", ["vite build"]),
        ("cargo-make both", "", ["cargo fmt --check", "cargo clippy"] * 2 + ["cargo nextest run"]),
        ("makers style", "", ["cargo fmt --check", "cargo clippy"]),
        ("composer run all", "", ["php vendor/bin/phpunit", "composer audit"]),
        ("composer run own", "", ["php-function"]),
    ],
)
def test_a_runner_runs_what_the_settings_of_its_project_name(command: str, folder: str, expected: list[str]) -> None:
    assert ran(project(SETTINGS), command, folder) == expected


@pytest.mark.parametrize(
    ("runner", "name", "expected"),
    [
        ("pipenv", "unit", "pytest -q"),
        ("rye", "all", "rye run unit"),
        ("cargo", "unit", "cargo test --all"),
        ("cargo", "run-it", "cargo run --package tool"),
    ],
)
def test_a_bare_word_may_be_a_script_or_an_alias(runner: str, name: str, expected: str) -> None:
    assert project(SETTINGS).body(Task(runner, name), "web") == ((expected,), "")


def test_settings_that_cannot_be_read_name_nothing() -> None:
    assert not list(SettingsFile.read("mise.toml", '[tasks\nunit = "pytest"\n').summaries())


def test_a_recipe_in_another_language_is_no_shell() -> None:
    scripts = project({"justfile": "go: first\n    #!/usr/bin/env python3\n    pytest = 1\nfirst:\n    ruff check .\n"})

    assert ran(scripts, "just go") == ["ruff check .", "python3-recipe"]


TREE = {
    "Makefile": "all:\n\t$(MAKE) -C api test\n\tcd web && make\ntest:\n\techo root\n",
    "api/Makefile": "include ../rules.mk\n",
    "rules.mk": "test:\n\tgo test ./...\n",
    "web/GNUmakefile": "go:\n\tvite build\n",
    "web/Makefile": "go:\n\techo never\n",
    "ops/ci.mk": "go:\n\thelm lint\n",
    "package.json": '{"scripts": {"test": "echo root"}}',
    "web/package.json": '{"name": "@shop/web", "scripts": {"test": "jest"}}',
    "web/src/.keep.sh": "",
    "ci/test.sh": "#!/bin/bash\npytest\n",
    "ci/view.sh": "#!/usr/bin/env python3\nprint()\n",
}


@pytest.mark.parametrize(
    ("command", "folder", "expected"),
    [
        ("make", "", ["go test ./...", "vite build"]),
        ("make test", "api", ["go test ./..."]),
        ("make -C api test", "", ["go test ./..."]),
        ("make --directory=../web go", "api", ["vite build"]),
        ("make -f ops/ci.mk go", "", ["helm lint"]),
        ("make test", "ops", []),
        ("make -C /srv/tools test", "", []),
        ("make -C ../.. test", "api", []),
        ("npm test", "web/src", ["jest"]),
        ("npm test", "api", ["echo root"]),
        ("npm --prefix web test", "", ["jest"]),
        ("npm test -w @shop/web", "", ["jest"]),
        ("npm test --workspaces", "", ["echo root", "jest"]),
        ("yarn workspace @shop/web run test", "", ["jest"]),
        ("pnpm --filter web run test", "", ["jest"]),
        ("turbo run test", "", ["echo root", "jest"]),
    ],
)
def test_a_runner_looks_where_it_runs(command: str, folder: str, expected: list[str]) -> None:
    assert ran(project(TREE), command, folder) == expected


def test_a_target_s_variables_hold_for_what_it_asks_for() -> None:
    """GNU make 4.3, "Target-specific Variable Values"."""
    scripts = project(
        {
            "Makefile": "deploy:\n\tdeploy --to $(ENV)\nprod: ENV = production\nprod: deploy\nstage: ENV = x\nstage: deploy\n"
        }
    )

    assert ran(scripts, "make prod") == ["deploy --to production"]
    assert ran(scripts, "make stage prod") == ["deploy --to x", "deploy --to production"]


def test_a_script_of_the_repository_is_read() -> None:
    scripts = project(TREE)

    assert scripts.body(Task("file", "../ci/test.sh"), "web") == (("#!/bin/bash\npytest\n",), "web")
    assert scripts.body(Task("file", "ci/view.sh"), "") is None
    assert scripts.body(Task("file", "../../etc/test.sh"), "web") is None


@pytest.mark.parametrize(
    ("script", "folders"),
    [
        ("cd a\ngo b\n", [".", "a"]),
        ("(cd a && go b)\ngo c\n", [".", "a", "."]),
        ("pushd a\ngo b\npopd\ngo c\n", [".", "a", "a", "."]),
        ('cd "$WORK"\ngo b\n', [".", "?"]),
        ('cd "$GITHUB_WORKSPACE/a"\ngo b\n', [".", "//a"]),
        ("cd a\ncd -\ngo b\n", [".", "a", "."]),
        ("cd /srv\ngo b\n", [".", "!"]),
        ("cd /srv && cd tools\ngo b\n", [".", "!", "!"]),
        ("cd ~/tools\ngo b\n", [".", "!"]),
    ],
)
def test_commands_run_where_the_script_has_gone(script: str, folders: list[str]) -> None:
    assert [folder for _, folder in placed(read_commands(script))] == folders


NAMES = ("Makefile", "rules.mk", "package.json", "justfile", "Taskfile.yml", "tox.ini", "noxfile.py", "ci/test.sh")
PIECES = st.sampled_from(
    ("a", "b:", "\n", "\t", " ", "$(", ")", "${a}", "=", ":=", "define a", "endef", "ifeq (a,b)", "else", "endif", "include Makefile",
     "{{", "}}", "{a,b}", "[testenv:a]", "commands =", "%", "::", "a: b\n\t$(MAKE) a\n", "b: a\n\tmake a\n", "'", '"', "\\\n", "#")
)  # fmt: skip


@given(
    st.lists(PIECES, max_size=30).map("".join),
    st.sampled_from(("make a", "npm run a", "just a", "task a", "tox -e a", "nox")),
)
def test_any_text_gives_an_answer(text: str, command: str) -> None:
    scripts = project(dict.fromkeys(NAMES, text))

    assert all(isinstance(line, str) for line in ran(scripts, command))
