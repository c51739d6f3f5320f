"""The stages that the names of jobs stand for, told by rows with an example each: word by word, and then together."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping

from devopslint.deferred import compiled, dataclass, field
from devopslint.pipeline import stage_words as tables
from devopslint.pipeline.interpreter import spell
from devopslint.pipeline.rows import NameRow, WordRow
from devopslint.pipeline.stage_words import DELIVERY
from devopslint.pipeline.tiers import is_tier
from devopslint.pipeline.words import Words, phrase_in, words_of

_ASIDE = compiled(r"\([^()]*\)")
JOB_WORDS = {stage: Words(words) for stage, words in tables.JOB_NAMES}
_WEAK = Words(tables.WEAK_JOB_WORDS)
_NO_TESTS = Words(tables.NO_TESTS)
_META_WORDS = Words(tables.META_NAMES)
_META_NOUNS = Words(
    "setup preparation metadata info inputs params parameters settings context matrix changes result results status summary gate required cleanup comment conclusion paths vars approval guard label filter"
)
_GENERIC = Words(tables.GENERIC_NAMES)
_DIRECTIONAL = Words(tables.DIRECTIONAL)
_TARGETS = Words(tables.TARGETS)
_CHECKING = Words(tables.CHECKING)
_REMOVING = Words(tables.REMOVING)
_HANDLING = frozenset(tables.HANDLING.split())
_FINDING = Words(tables.FINDING)
_RUNNING = Words(tables.RUNNING)
_CHECKED = frozenset(("check", "checks", "verification", "verify"))
_EQUIPMENT = Words(tables.EQUIPMENT)
_AROUND = Words(tables.AROUND)
_IMAGES = frozenset(("image", "images", "containers"))
_OF_CHANGES = frozenset("issue issues label labels pr pull milestone changelog branch commenter assignee".split())  # noqa: SIM905
"""What is looked at in a change beside its files."""
_WRITTEN_BY_HAND = frozenset(("description", "title", "body", "message", "comment", "comments", "labels"))
"""What is looked at in a change and is no code: `Scan the PR description`."""
_WRITTEN = frozenset("yaml yml file files manifest manifests template templates config key keys status".split())  # noqa: SIM905
"""What a deployment is described in: `Release deployment YAML`."""
_PACKAGED = frozenset(
    (  # noqa: SIM905  # shorter than a list
        "archive archives artifact artifacts artefact artefacts artifactory crates dockerhub ghcr jar jars maven nexus "
        "npm packages pypi registry rubygems snapshot snapshots sonatype"
    ).split()
)
"""What is published, whoever calls it a deploy: Maven does."""
_PROMOTED = _PACKAGED | frozenset(("container", "docker", "repo", "repos", "repositories", "repository"))
_TOLD = frozenset("report reports status result results number info badge notification summary log logs".split())  # noqa: SIM905
"""What is told of a build that has been: `Publish build report`."""
_WRITING = frozenset(("create", "open", "close", "post", "file", "add", "leave", "update", "raise", "remove"))
_WRITTEN_TO_PEOPLE = frozenset(("issue", "issues", "comment", "comments", "ticket", "tickets", "label", "labels"))
_SEEKERS = Words("snyk sast dast trivy grype semgrep zap owasp bandit brakeman gosec security vulnerability")
"""What a test is for that looks for holes: `snyk-test`."""
_TESTED = frozenset(("test", "tests", "testing"))
_WHETHER = frozenset(("if", "whether"))
_NEEDED = frozenset(("needed", "required", "necessary"))
_LATER = frozenset(("before", "after"))
_APPLYING = frozenset(("apply", "applies", "applied", "execute"))
_MARKING = frozenset(("begin", "end", "ended", "finish", "finished"))
"""What is written down of a deployment that other jobs make: `begin-deployment`."""
_INFRASTRUCTURE = frozenset(("infra", "infrastructure"))
_PLACES = frozenset(tables.PLACES.split())
_SMALL = Words("to on in into for the a of and with from")


@dataclass
class Name:
    """What is known of a job's id or name while the rows are asked."""

    text: str
    words: list[str]
    targets: frozenset[str]
    """Words that are known to say where to: `TEST Deployments` of the job `deploy-test`."""
    stages: Mapping[str, Words]
    own: Mapping[str, Words]
    """What a configuration adds."""
    found: set[str] = field(default_factory=set)
    weak: set[str] = field(default_factory=set)
    """What counts only where nothing else is found."""
    phrase: bool = False
    places: bool = False
    """True where a word names a place: `prod-eu`."""
    said: list[str] = field(default_factory=list)
    """The rows that spoke."""

    def strong(self, stage: str) -> bool:
        return any(word in self.stages[stage] and word not in _WEAK for word in self.words)

    def take(self, row: WordRow[Name]) -> None:
        self.found.update(row.adds.split())
        self.weak.update(row.weakly.split())
        self.places = self.places or row.place

    def look_up(self, index: int) -> None:
        word = self.words[index]
        for stage, known in self.stages.items():
            if word in known and word not in _NO_TESTS:
                strong = word not in _WEAK or (index > 0 and self.words[index - 1] == "and")
                (self.found if strong else self.weak).add(stage)


def _says(*stages: str) -> Callable[[Name], frozenset[str]]:
    return lambda name: frozenset(stages)


def _own(name: Name) -> frozenset[str]:
    return frozenset(stage for stage, known in name.own.items() if any(word in known for word in name.words))


def _phrase(name: Name) -> None:
    stage = phrase_in(name.words, tables.JOB_PHRASES)
    tested = name.words[-1] in _TESTED and sum(word in name.stages["test"] for word in name.words) > 1
    if stage is not None and not (stage == "deploy" and tested):  # Run migrations performance test
        name.found.add(stage)
        name.phrase = True


def _takes_from(*gone: str) -> Callable[[Name], None]:
    def then(name: Name) -> None:
        name.found.difference_update(gone)
        name.weak.difference_update(gone)

    return then


def _only_weak(name: Name) -> None:
    name.found |= name.weak


def _deploys_weakly(name: Name) -> None:
    name.weak.add("deploy")


def _plans(name: Name) -> None:
    name.found -= DELIVERY
    name.found.add("plan")


def _does_no_work(name: Name) -> bool:
    words = name.words
    if words[0] not in _META_WORDS:
        return False
    more = any(word == "and" and _is_stage(name, after) for word, after in itertools.pairwise(words))
    removing = words[0] in _REMOVING and not more and (words[0] != "clean" or name.found <= DELIVERY)
    return removing or (
        words[0] not in _META_NOUNS and not more and len(name.found | name.weak) < 2 and "security" not in name.found
    )


def _is_stage(name: Name, word: str) -> bool:
    return any(word in known for known in name.stages.values())


def _only_looks(name: Name) -> bool:
    words = name.words
    return (words[0] in _CHECKING or words[-1] in _CHECKED) and "and" not in words


def _asks_whether(name: Name) -> bool:
    words = name.words
    if words[0] == "should":
        return True
    asks = not _WHETHER.isdisjoint(words[1:3]) or words[-1] in _NEEDED
    return asks and (words[0] in _FINDING or (words[0] in _CHECKING and not any(word in _RUNNING for word in words)))


def _heads(name: Name) -> set[str]:
    """The nouns that the others may only describe: the last one, and that before `for` or `of`; no brackets."""
    proper = words_of(_ASIDE.sub(" ", name.text)) or name.words
    cut = next((index for index, word in enumerate(proper) if index and word in ("for", "of")), len(proper))
    return {proper[-1], proper[cut - 1]}


def _before(name: Name, index: int) -> str:
    return name.words[index - 1] if index else ""


def _behind(name: Name, index: int) -> str:
    return name.words[index + 1] if index + 1 < len(name.words) else ""


WORD_ROWS: tuple[WordRow[Name], ...] = (
    WordRow(
        "carried-secrets",
        "secrets are carried, not looked for",
        "export-secrets",
        "",
        lambda name, index: name.words[index] in ("secret", "secrets") and name.words[0] in _HANDLING,
    ),
    WordRow(
        "for-another",
        "what follows says for whom",
        "Build the artifact for the tests",
        "build",
        lambda name, index: name.words[index] == "for" and name.found | name.weak and "and" not in name.words[index:],
        ends=True,
    ),
    WordRow(
        "where-to",
        "it says where to",
        "deploy-test",
        "deploy",
        lambda name, index: (
            name.words[index] in name.targets or (name.words[index] in _TARGETS and _directed(name.words, index))
        ),
    ),
    WordRow(
        "promoted-to",
        "what is promoted goes to an environment",
        "promote-backend-test",
        "deploy",
        lambda name, index: (
            name.words[0].startswith("promot")
            and name.words[index] in _TESTED
            and (index == len(name.words) - 1 or _before(name, index) in ("in", "into", "to"))
        ),
    ),
    WordRow(
        "around",
        "it is prepared or looked at, not done",
        "lint-before-deploy",
        "lint",
        lambda name, index: index and (_before(name, index) in _AROUND or not _LATER.isdisjoint(name.words[:index])),
    ),
    WordRow(
        "into-a-place",
        "something goes into a place",
        "images-to-prod",
        "build deploy",
        lambda name, index: name.words[index] in _PLACES and _before(name, index) in ("in", "into", "to"),
        weakly="deploy",
        place=True,
    ),
    WordRow(
        "place",
        "a place says little",
        "prod-eu",
        "deploy",
        lambda name, index: name.words[index] in _PLACES,
        place=True,
    ),
    WordRow(
        "image-of-migrations",
        "the image is what is made",
        "migrations-image",
        "build",
        lambda name, index: (
            name.words[index] in ("migration", "migrations") and _behind(name, index) in ("image", "images")
        ),
    ),
    WordRow(
        "looks-for-holes",
        "a test that looks for holes",
        "snyk-test",
        "security",
        lambda name, index: name.words[index] in ("test", "tests", "testing") and _before(name, index) in _SEEKERS,
    ),
    WordRow(
        "told-of-a-build",
        "what is told of a build that has been",
        "keep-build-number",
        "",
        lambda name, index: index and name.words[index] in ("build", "builds") and _behind(name, index) in _TOLD,
    ),
    WordRow(
        "deployed",
        "it says what has been deployed before",
        "tests-deployed",
        "test",
        lambda name, index: index and name.words[index] == "deployed",
    ),
    WordRow(
        "built-infrastructure",
        "who builds infrastructure sets it up where it is used",
        "build-infrastructure-terraform",
        "deploy",
        lambda name, index: (
            name.words[index] in ("build", "builds", "provision") and _behind(name, index) in _INFRASTRUCTURE
        ),
        adds="deploy",
    ),
    WordRow(
        "promoted-image",
        "an image gets a name",
        "promote-image",
        "",
        lambda name, index: name.words[index].startswith("promot") and not _IMAGES.isdisjoint(name.words),
    ),
    WordRow(
        "described",
        "a deployment is described",
        "release-deployment-yaml",
        "publish",
        lambda name, index: name.words[index] in ("deployment", "deployments") and _behind(name, index) in _WRITTEN,
    ),
    WordRow(
        "packages",
        "packages are published, whoever calls it a deploy",
        "deploy-snapshot",
        "publish",
        lambda name, index: (
            name.words[index] in ("deploy", "deploys", "release", "releases")
            and not _PACKAGED.isdisjoint(name.words[index + 1 :])
        ),
        adds="publish",
    ),
    WordRow(
        "promoted-packages",
        "packages are promoted to where anybody takes them from",
        "promote repos",
        "publish",
        lambda name, index: (
            name.words[index].startswith("promot") and not _PROMOTED.isdisjoint(name.words[index + 1 :])
        ),
        adds="publish",
    ),
    WordRow(
        "released-to",
        "it is released to an environment",
        "release to staging",
        "deploy",
        lambda name, index: (
            name.words[index] in ("release", "releases", "releasing") and _goes_to(name.words[index + 1 :])
        ),
        adds="deploy",
    ),
)


NAME_ROWS: tuple[NameRow[Name, frozenset[str]], ...] = (
    NameRow(
        "configured",
        "the configuration says so",
        "canary",
        "deploy",
        _own,
        _own,
        own=(("deploy", "canary"),),
    ),
    NameRow(
        "notifies",
        "who tells of something does nothing else",
        "notify-deploy",
        "notify",
        lambda name: name.strong("notify"),
        _says("notify"),
    ),
    NameRow(
        "undoes",
        "what is undone is not done",
        "rollback-deploy",
        "rollback",
        lambda name: name.strong("rollback"),
        _says("rollback"),
    ),
    NameRow(
        "equipment",
        "only the means are fetched",
        "Install the deploy CLI",
        "",
        lambda name: name.words[0] == "install" and name.words[-1] in _EQUIPMENT,
        _says(),
    ),
    NameRow(
        "phrases",
        "two words together say more than each",
        "type-check",
        "lint",
        lambda name: phrase_in(name.words, tables.JOB_PHRASES),
        _phrase,
    ),
    NameRow(
        "looks-at-changes",
        "it looks at a change beside its files",
        "validate-pr-branch",
        "meta",
        lambda name: (
            (name.words[0] in _CHECKING and any(word in _OF_CHANGES for word in name.words))
            or (name.words[0] == "scan" and any(word in _WRITTEN_BY_HAND for word in name.words))
        ),
        _says("meta"),
    ),
    NameRow(
        "marks",
        "it marks where a deployment begins or ends, which others make",
        "begin-deployment",
        "meta",
        lambda name: len(name.words) == 2 and name.words[0] in _MARKING and name.words[1].startswith("deploy"),
        _says("meta"),
    ),
    NameRow(
        "labels",
        "it puts a label on a change",
        "label-deploy",
        "meta",
        lambda name: name.words[0] in ("label", "labels", "labeler"),
        _says("meta"),
    ),
    NameRow(
        "writes-to-people",
        "it writes an issue, a comment or a ticket",
        "create-issue-for-auditing",
        "meta",
        lambda name: name.words[0] in _WRITING and not _WRITTEN_TO_PEOPLE.isdisjoint(name.words[1:4]),
        _says("meta"),
    ),
    NameRow(
        "asks-whether",
        "it finds out whether something else is to be done",
        "determine-if-build-and-deploy-is-needed",
        "meta",
        _asks_whether,
        _says("meta"),
    ),
    NameRow(
        "words", "its words say so", "unit", "test", lambda name: True, lambda name: spell(WORD_ROWS, name), silent=True
    ),
    NameRow(
        "only-a-place",
        "it says where to, and nothing else",
        "prod-eu",
        "deploy",
        lambda name: name.places and not name.found | name.weak and all(says_where(word) for word in name.words),
        _deploys_weakly,
    ),
    NameRow(
        "no-work",
        "it begins with what does no stage's work, or takes away",
        "delete-deployment",
        "meta",
        _does_no_work,
        _says("meta"),
    ),
    NameRow(
        "only-looked-at",
        "what is delivered is only looked at",
        "verify-deployment",
        "test",
        _only_looks,
        _takes_from(*DELIVERY),
    ),
    NameRow(
        "images-looked-at",
        "what images are like is looked at, and none is built",
        "check-base-images-are-pinned",
        "",
        lambda name: _only_looks(name) and not _IMAGES.isdisjoint(name.words) and "build" not in name.words,
        _takes_from("build"),
    ),
    NameRow(
        "secrets-looked-at",
        "whether the secrets of a deploy are there",
        "check-ios-secrets",
        "",
        lambda name: _only_looks(name) and name.words[-1] in ("secret", "secrets") and "for" not in name.words,
        lambda name: name.weak.discard("security"),
    ),
    NameRow(
        "reported",
        "what was found is shown, not the product",
        "publish-coverage-report",
        "test",
        lambda name: name.words[-1] in ("report", "reports"),
        _takes_from("publish"),
    ),
    NameRow(
        "nothing-stronger",
        "a word that says little says it where no other does",
        "docker",
        "build",
        lambda name: not name.found and name.weak,
        _only_weak,
    ),
    NameRow(
        "plans",
        "what is planned is not done, but where it is said to be applied",
        "plan-deploy",
        "plan",
        lambda name: "plan" in name.words and _APPLYING.isdisjoint(name.words),
        _plans,
    ),
    NameRow(
        "no-work-nouns",
        "what it is about does no stage's work",
        "test-matrix",
        "meta",
        lambda name: not name.phrase and any(word in _META_NOUNS for word in _heads(name)),
        _says("meta"),
    ),
    NameRow(
        "no-work-words",
        "its words do no stage's work, and none does",
        "issues-stale",
        "meta",
        lambda name: not name.found and any(word in _META_WORDS for word in name.words),
        _says("meta"),
    ),
)


def says_little(name: str) -> bool:
    """Whether an id is one that a template gives to any job: `build`, `main`."""
    return all(word in _GENERIC for word in words_of(name))


def _directed(words: list[str], index: int) -> bool:
    """Whether the word names a target: what stands before it, small words aside, says into what."""
    before = index - 1
    while before >= 0 and (words[before] in _SMALL or words[before] in _TARGETS):
        before -= 1
    return before >= 0 and words[before] in _DIRECTIONAL and words[before + 1] != "and"


def says_where(word: str) -> bool:
    """Whether a word names a place, or says nothing: `prod-eu` is a deploy, `prod-safari-nightly` may be anything."""
    return word in _PLACES or word in _GENERIC or word in _SMALL or len(word) <= 3 or word.isdigit()


def _goes_to(behind: list[str]) -> bool:
    """Whether the words that follow name an environment: `release to production`."""
    return behind[:1] in (["to"], ["into"]) and any(is_tier(word) for word in behind[1:3])


def directions(words: Iterable[str]) -> frozenset[str]:
    """The words of a job's id that say where to."""
    listed = list(words)
    return frozenset(word for index, word in enumerate(listed) if word in _TARGETS and _directed(listed, index))
