"""What makes a command of the tables do another stage's work than they say, or none's, told by rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from devopslint.deferred import NamedTuple, compiled
from devopslint.pipeline import stage_words as tables
from devopslint.pipeline.applied_files import applied_files, only_prepares
from devopslint.pipeline.rows import ExceptionRow
from devopslint.pipeline.words import Words

_COPYING = frozenset(("aws", "gsutil", "gcloud", "rsync", "scp"))
_HERE = compiled(
    r"(?:^|[/@=,\s])(?:localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal)(?![\w-])|^(?:--connection=|-c)local$"
)
"""A place on the machine that runs the job."""
_PACKAGES = compiled(r"(?<![a-z])(?:apt|rpms?|debs?|wheels?|gems?|packages|releases)(?![a-z])")
_KEPT = compiled(
    r"artifacts?(?![a-z])|artefacts?(?![a-z])|(?<![a-z])(?:backups?|binaries|caches?|coverage|dumps?|logs?|reports?)(?![a-z])"
)
"""In the names of buckets and folders: what is kept there is no site and no service."""
_REMOTE = compiled(r"(?:s3|gs)://|[^/\\]{2,}:")
_PREPARING = Words(tables.PREPARING_WORDS)
_LISTING_TESTS = frozenset(
    "--collect-only --collectonly --co --listTests --list-tests --listenvs --notest --show-only".split()  # noqa: SIM905
)
_COMPILING_TESTS = {"cargo": ("--no-run",), "go": ("-c",)}
_SKIPPED = compiled(r"-D(?:skipTests|maven\.test\.skip)(?:=true)?\Z")
_PREPARING_OPTIONS = ("--update-", "--install-", "--download-")


class Given(NamedTuple):
    """A command that fits a pattern of the tables."""

    program: str
    rest: Sequence[str]
    operands: Sequence[tuple[str, bool]]
    """Each with whether it may be the value of the option before it."""
    options: Sequence[str]
    stage: str
    whole: bool = False
    """True where the tables name the program and nothing behind it."""


def _delivers(given: Given) -> bool:
    return given.stage in ("deploy", "publish")


def _stores(given: Given) -> bool:
    """Whether it puts files where objects are stored."""
    return given.stage == "deploy" and (
        given.program == "gsutil" or any(word in ("s3", "storage") for word, _ in given.operands[:3])
    )


COMMAND_ROWS: tuple[ExceptionRow[Given], ...] = (
    ExceptionRow(
        "gets-ready",
        "it prepares, or shows",
        "pre-commit install",
        "",
        lambda given: given.whole and given.operands and given.operands[0][0] in _PREPARING,
    ),
    ExceptionRow(
        "updates",
        "it fetches what it works with",
        "trivy --download-db-only",
        "",
        lambda given: given.whole and any(option.startswith(_PREPARING_OPTIONS) for option in given.options),
    ),
    ExceptionRow(
        "shows-itself",
        "it only says what it is",
        "pytest --version",
        "",
        lambda given: given.whole and not given.operands and any(option in _PREPARING for option in given.options),
    ),
    ExceptionRow(
        "lists-tests",
        "it names the tests and runs none",
        "pytest --collect-only",
        "",
        lambda given: given.stage == "test" and any(option in _LISTING_TESTS for option in given.options),
    ),
    ExceptionRow(
        "compiles-tests",
        "it makes the program of the tests and does not run it",
        "cargo test --no-run",
        "build",
        lambda given: (
            given.stage == "test" and any(option in _COMPILING_TESTS.get(given.program, ()) for option in given.options)
        ),
        turns="build",
    ),
    ExceptionRow(
        "skips-tests",
        "it is told to leave the tests out",
        "mvn verify -DskipTests",
        "build",
        lambda given: (
            given.stage == "test" and given.program == "mvn" and any(_SKIPPED.match(option) for option in given.options)
        ),
        turns="build",
    ),
    ExceptionRow(
        "asks-of-an-image",
        "it only asks what is in a registry",
        "docker manifest inspect shop/web:1.4.2",
        "",
        lambda given: given.stage == "build" and "inspect" in given.rest[:3],
    ),
    ExceptionRow(
        "fetches",
        "it copies from elsewhere to here",
        "rsync -a web:/var/log/nginx logs",
        "",
        lambda given: given.stage == "deploy" and given.program in _COPYING and _fetches(given.operands),
    ),
    ExceptionRow(
        "keeps-packages",
        "packages are put where others fetch them",
        "aws s3 sync dist s3://shop/apt",
        "publish",
        lambda given: (
            (_stores(given) and _PACKAGES.search(" ".join(given.rest)))
            or (given.program in ("scp", "rsync") and given.operands and _PACKAGES.search(given.operands[-1][0]))
        ),
        turns="publish",
    ),
    ExceptionRow(
        "keeps-artefacts",
        "it keeps what other jobs, or people who look into it, fetch",
        "az storage blob upload-batch --source dist --destination build-artifacts",
        "",
        lambda given: _stores(given) and _KEPT.search(" ".join(given.rest)),
    ),
    ExceptionRow(
        "only-looks",
        "what it runs elsewhere changes nothing",
        "ssh web uptime",
        "",
        lambda given: given.stage == "deploy" and given.program == "ssh" and _only_looks(given.rest),
    ),
    ExceptionRow(
        "only-lists",
        "it lists what could be run",
        "fab --list -f deploy/fabfile.py",
        "",
        lambda given: given.program == "fab" and not {"-l", "--list"}.isdisjoint(given.rest),
    ),
    ExceptionRow(
        "prepares-the-cluster",
        "it only makes what other objects need",
        "kubectl apply -f k8s/namespace.yaml",
        "",
        lambda given: given.stage == "deploy" and given.program in ("kubectl", "oc") and _prepares_cluster(given.rest),
    ),
    ExceptionRow(
        "destroys",
        "it takes everything away",
        "terraform apply -destroy",
        "",
        lambda given: given.stage == "deploy" and given.program in ("terraform", "tofu") and "-destroy" in given.rest,
    ),
    ExceptionRow(
        "values-alone",
        "it asks a module for values that makes nothing",
        "terraform -chdir=infra/app/app-config apply -auto-approve",
        "",
        lambda given: (
            given.program in ("terraform", "tofu")
            and any(word.startswith("-chdir=") and word.rstrip("/").endswith("config") for word in given.rest)
        ),
    ),
    ExceptionRow(
        "here",
        "what runs beside the job is gone with it",
        "ansible-playbook --connection=local site.yml",
        "",
        lambda given: _delivers(given) and any(_HERE.search(word) for word in given.rest),
    ),
    ExceptionRow(
        "for-a-test",
        "what a test sets up is gone with it",
        "ansible-playbook tests/cloud_playbooks/create-machines.yml",
        "",
        lambda given: _delivers(given) and given.program == "ansible-playbook" and _of_tests(given.operands),
    ),
    ExceptionRow(
        "draft",
        "nobody sees a draft until a person publishes it",
        "gh release create --draft v1.4.2",
        "",
        lambda given: (
            given.stage == "publish"
            and given.program in ("gh", "hub")
            and "create" in given.rest[:2]
            and not {"-d", "--draft", "--draft=true"}.isdisjoint(given.options)
        ),
    ),
    ExceptionRow(
        "dry-run",
        "it only says what it would do",
        "npm publish --dry-run",
        "plan",
        lambda given: _delivers(given) and any(option.startswith("--dry-run") for option in given.options),
        turns="plan",
    ),
)


_PLAYBOOK = compiled(r".+\.ya?ml\Z")
_TRIED = compiled(r"(?:^|/)(?:tests?|molecule)/")


def _of_tests(operands: Sequence[tuple[str, bool]]) -> bool:
    """Whether all playbooks that are run lie among tests."""
    books = [word for word, valued in operands if not valued and _PLAYBOOK.match(word)]
    return bool(books) and all(_TRIED.search(word) for word in books)


def _prepares_cluster(rest: Sequence[str]) -> bool:
    files = applied_files(rest)
    return bool(files) and all(only_prepares(file) for file in files)


def _only_looks(rest: Sequence[str]) -> bool:
    """Whether ssh runs commands that show something: `ssh build-host docker version`."""
    host = next((n for n, word in enumerate(rest) if not word.startswith("-") and not _valued(rest, n)), len(rest))
    return only_shows(" ".join(rest[host + 1 :]))


def only_shows(script: str) -> bool:
    """Whether commands on another machine change nothing there."""
    commands = [words for part in re.split(r"[;&|\n]+", _UNSHOWN.sub(" ", script)) if (words := part.split())]
    return bool(commands) and all(
        words[0] in _SHOWING
        or (words[0] in ("docker", "systemctl") and words[1:2] and words[1] in _SHOWING)
        or (words[:2] == ["docker", "compose"] and _asked_of_compose(words) in _SHOWING)
        or _runs_inside(words)
        for words in commands
        if not _SETTING.match(words[0])
    )


def _asked_of_compose(words: Sequence[str]) -> str:
    """What `docker compose -f FILE logs web` is told to do."""
    valued = ("-f", "--file", "-p", "--project-name", "--env-file", "--profile")
    return next((w for n, w in enumerate(words[2:], 2) if not w.startswith("-") and words[n - 1] not in valued), "")


def _runs_inside(words: Sequence[str]) -> bool:
    """Whether it runs something in a container that runs already, and that does not change a database's schema."""
    exec_at = next((n for n, word in enumerate(words) if word == "exec"), 0)
    engine = words[0] in ("docker", "podman", "docker-compose") and exec_at
    return bool(engine) and not _CHANGES.search(" ".join(words[exec_at:]))


def _valued(rest: Sequence[str], index: int) -> bool:
    return index > 0 and rest[index - 1] in ("-i", "-p", "-o", "-l", "-F", "-J", "-L", "-R", "-D", "-c", "-b", "-E")


_UNSHOWN = compiled(r"\\\n|[0-9]*>&?[ \t]*[^\s;&|]+|(?<=echo) +(?:'[^']*'|\"[^\"]*\")")
"""Where a line goes on, where output goes to, and what is printed."""
_SETTING = compiled(r"(?:set|cd|export|sleep)\Z|[A-Za-z_]\w*=")
"""What only prepares for the commands behind it."""
_CHANGES = compiled(r"(?i)migrat|upgrade|deploy|install|reload|restart|collectstatic")
_SHOWING = frozenset(
    [
        "echo",
        "true",
        "exit",
        "hostname",
        "uptime",
        "whoami",
        "ls",
        "cat",
        "df",
        "free",
        "date",
        "uname",
        "version",
        "info",
        "ps",
        "images",
        "status",
        "logs",
        "inspect",
        "stats",
        "top",
        "journalctl",
        "--version",
    ]  # shorter than a list
)
"""Commands that change nothing, alone or behind `docker`."""


def _fetches(operands: Sequence[tuple[str, bool]]) -> bool:
    """Whether it copies from elsewhere to here: a remote place, and one on this machine behind it."""
    first = next((n for n, (word, _) in enumerate(operands) if _REMOTE.match(word)), len(operands))
    return any(not valued and not _REMOTE.match(word) for word, valued in operands[first + 1 :])
