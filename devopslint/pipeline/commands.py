"""Commands of the tables: which stage a program with its arguments does the work of, and what makes it none."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import translate

from devopslint.deferred import NamedTuple, compiled
from devopslint.pipeline.stage_words import Word
from devopslint.pipeline.words import words_of

_COPYING = frozenset(("aws", "gsutil", "gcloud", "rsync", "scp"))
_HERE = compiled(
    r"(?:^|[/@=,\s])(?:localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal)(?![\w-])|^(?:--connection=|-c)local$"
)
"""A place on the machine that runs the job."""
_REMOTE = compiled(r"(?:s3|gs)://|[^/\\]{2,}:")
_PREPARING_OBJECTS = frozenset(
    "namespace namespaces ns crd crds rbac secret secrets serviceaccount quota storageclass issuer clusterissuer".split()  # noqa: SIM905
)
"""Words of the names of files that prepare a cluster for what is deployed."""
_PODLESS_OBJECTS = _PREPARING_OBJECTS | frozenset(
    "configmap configmaps cm ingress hpa pdb networkpolicy netpol pvc pv servicemonitor".split()  # noqa: SIM905
)


class Pattern(NamedTuple):
    """A command of the tables: what follows its program."""

    stage: str
    words: tuple[str, ...]
    options: tuple[str, ...]

    @classmethod
    def of(cls, word: Word) -> Pattern:
        rest = word.text.split()[1:]
        words = tuple(part for part in rest if not part.startswith("-"))
        return cls(word.stage, words, tuple(part for part in rest if part.startswith("-")))

    def fits(self, operands: Sequence[tuple[str, bool]], options: Sequence[str]) -> bool:
        """`operands` say of each whether it may be the value of the option before it."""
        for option in self.options:
            if not any(given == option or given.startswith(f"{option}=") for given in options):
                return False
        return not self.words or _follows(self.words, operands)


def _follows(words: tuple[str, ...], operands: Sequence[tuple[str, bool]]) -> bool:
    """Whether the words stand at the begin of the operands, possible values of options aside."""
    start = 0
    while start < len(operands):
        if _matches(words, operands, start):
            return True
        if not operands[start][1] and words[0] != "...":
            return False
        start += 1
    return False


def _matches(words: tuple[str, ...], operands: Sequence[tuple[str, bool]], at: int) -> bool:
    anywhere = False
    for word in words:
        if word == "...":
            anywhere = True
            continue
        while at < len(operands) and not _is(word, operands[at][0]) and (anywhere or operands[at][1]):
            at += 1
        if at >= len(operands) or not _is(word, operands[at][0]):
            return False
        at += 1
        anywhere = False
    return True


@functools.lru_cache(maxsize=4096)
def _glob(word: str) -> re.Pattern[str]:
    return re.compile(translate(word))


def _is(word: str, operand: str) -> bool:
    return word == operand if "*" not in word else _glob(word).match(operand) is not None


class Given(NamedTuple):
    """A command that fits a pattern of the tables."""

    program: str
    rest: Sequence[str]
    operands: Sequence[tuple[str, bool]]
    """Each with whether it may be the value of the option before it."""
    options: Sequence[str]
    stage: str


class CommandRow(NamedTuple):
    """One thing that makes a command of the tables do another stage's work, or none's; the first that speaks decides."""

    id: str
    reason: str
    command: str
    """The example that needs it."""
    when: Callable[[Given], object]
    turns: str = ""
    """The stage that it does instead."""


def _delivers(given: Given) -> bool:
    return given.stage in ("deploy", "publish")


COMMAND_ROWS: tuple[CommandRow, ...] = (
    CommandRow(
        "asks-of-an-image",
        "it only asks what is in a registry",
        "docker manifest inspect shop/web:1.4.2",
        lambda given: given.stage == "build" and "inspect" in given.rest[:3],
    ),
    CommandRow(
        "fetches",
        "it copies from elsewhere to here",
        "rsync -a web:/var/log/nginx logs",
        lambda given: given.stage == "deploy" and given.program in _COPYING and _fetches(given.operands),
    ),
    CommandRow(
        "only-looks",
        "what it runs elsewhere changes nothing",
        "ssh web uptime",
        lambda given: given.stage == "deploy" and given.program == "ssh" and _only_looks(given.rest),
    ),
    CommandRow(
        "prepares-the-cluster",
        "it only makes what other objects need",
        "kubectl apply -f k8s/namespace.yaml",
        lambda given: given.stage == "deploy" and given.program in ("kubectl", "oc") and _prepares_cluster(given.rest),
    ),
    CommandRow(
        "destroys",
        "it takes everything away",
        "terraform apply -destroy",
        lambda given: given.stage == "deploy" and given.program in ("terraform", "tofu") and "-destroy" in given.rest,
    ),
    CommandRow(
        "here",
        "what runs beside the job is gone with it",
        "ansible-playbook --connection=local site.yml",
        lambda given: _delivers(given) and any(_HERE.search(word) for word in given.rest),
    ),
    CommandRow(
        "dry-run",
        "it only says what it would do",
        "npm publish --dry-run",
        lambda given: _delivers(given) and any(option.startswith("--dry-run") for option in given.options),
        turns="plan",
    ),
)


def _prepares_cluster(rest: Sequence[str]) -> bool:
    files = applied_files(rest)
    return bool(files) and all(not _PREPARING_OBJECTS.isdisjoint(words_of(_stem(file))) for file in files)


def _only_looks(rest: Sequence[str]) -> bool:
    """Whether ssh runs commands that show something: `ssh build-host docker version`."""
    host = next((n for n, word in enumerate(rest) if not word.startswith("-") and not _valued(rest, n)), len(rest))
    remote = " ".join(rest[host + 1 :])
    commands = [words for part in re.split(r"[;&|]+", remote) if (words := part.split())]
    return bool(commands) and all(
        words[0] in _SHOWING or (words[0] in ("docker", "systemctl") and words[1:2] and words[1] in _SHOWING)
        for words in commands
    )


def _valued(rest: Sequence[str], index: int) -> bool:
    return index > 0 and rest[index - 1] in ("-i", "-p", "-o", "-l", "-F", "-J", "-L", "-R", "-D", "-c", "-b", "-E")


_SHOWING = frozenset(
    "echo true exit hostname uptime whoami ls cat df free date uname version info ps images status --version".split()  # noqa: SIM905  # shorter than a list
)
"""Commands that change nothing, alone or behind `docker`."""


def applied_files(rest: Sequence[str]) -> list[str]:
    """What `-f` names to kubectl."""
    behind = [word for before, word in itertools.pairwise(rest) if before in ("-f", "--filename")]
    joined = [word.partition("=")[2] for word in rest if word.startswith(("-f=", "--filename="))]
    return [*behind, *joined]


def _stem(file: str) -> str:
    return file.rstrip("/").rpartition("/")[2].partition(".")[0]


def rolls_nothing_out(file: str) -> bool:
    """Whether a file is named after objects that start no pods."""
    return not _PODLESS_OBJECTS.isdisjoint(words_of(_stem(file))) or _stem(file) in ("service", "svc", "services")


def _fetches(operands: Sequence[tuple[str, bool]]) -> bool:
    """Whether it copies from elsewhere to here: a remote place, and one on this machine behind it."""
    first = next((n for n, (word, _) in enumerate(operands) if _REMOTE.match(word)), len(operands))
    return any(not valued and not _REMOTE.match(word) for word, valued in operands[first + 1 :])


def shown(pattern: Pattern, operands: Sequence[tuple[str, bool]]) -> Iterator[str]:
    """The pattern's words as the command has them."""
    for word in pattern.words:
        if word == "...":
            yield "…"
        else:
            yield next((operand for operand, _ in operands if _is(word, operand)), word)
