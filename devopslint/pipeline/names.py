"""The stages that the names of jobs, scripts and environments stand for, told by rows with an example each."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from devopslint.deferred import NamedTuple, compiled, dataclass, field
from devopslint.pipeline import stage_words as tables
from devopslint.pipeline.words import Words, phrase_in, words_of

GATES = frozenset(("lint", "test", "security"))
"""The stages that decide whether what is delivered is good."""
DELIVERY = frozenset(("publish", "deploy"))
META = frozenset(("meta",))


_ASIDE = compiled(r"\([^()]*\)")
_JOB_WORDS = {stage: Words(words) for stage, words in tables.JOB_NAMES}
_SCRIPT_WORDS = [(stage, Words(words)) for stage, words in tables.SCRIPT_NAMES]
_VERIFYING = frozenset(("check", "checks", "verify", "verifies"))
_WHOLE = frozenset(("all", "ci", "full", "fast", "quick", "local", "parallel", "everything", "world"))
_PREPARING_SCRIPTS = Words(tables.PREPARING_SCRIPT_WORDS)
_WEAK_SCRIPT_WORDS = Words(tables.WEAK_SCRIPT_WORDS)
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
_FINDING = Words(tables.FINDING)
_HANDLING = frozenset(tables.HANDLING.split())
_SCANNED = Words(tables.SCANNED)
_CHECKED = frozenset(("check", "checks", "verification", "verify"))
_EQUIPMENT = Words(tables.EQUIPMENT)
_AROUND = Words(tables.AROUND)
_RUNNING = Words("health healthy status alive ready readiness site sites cluster system service services node")
"""What is looked at while it runs: `health-check` is a test."""
_IMAGES = frozenset(("image", "images", "containers"))
_OF_CHANGES = frozenset("issue issues label labels pr pull milestone changelog branch commenter assignee".split())  # noqa: SIM905
"""What is looked at in a change beside its files."""
_WRITTEN_BY_HAND = frozenset(("description", "title", "body", "message", "comment", "comments", "labels"))
"""What is looked at in a change and is no code: `Scan the PR description`."""
_WRITTEN = frozenset("yaml yml file files manifest manifests template templates config key keys status".split())  # noqa: SIM905
"""What a deployment is described in: `Release deployment YAML`."""
_PACKAGED = frozenset("artifacts artefacts snapshot snapshots maven nexus sonatype jar jars packages".split())  # noqa: SIM905
"""What is published, whoever calls it a deploy: Maven does."""
_TOLD = frozenset("report reports status result results number info badge notification summary log logs".split())  # noqa: SIM905
"""What is told of a build that has been: `Publish build report`."""
_WHETHER = frozenset(("if", "whether"))
_NEEDED = frozenset(("needed", "required", "necessary"))
_LATER = frozenset(("before", "after"))
_PLACES = frozenset(tables.PLACES.split())
_SMALL = Words("to on in into for the a of and with from")
_ENVIRONMENTS = Words(tables.ENVIRONMENTS)
_PUBLISHING_ENVIRONMENTS = Words(tables.PUBLISHING_ENVIRONMENTS)
_PRODUCTION = Words(tables.PRODUCTION)
_NON_PRODUCTION = Words(tables.NON_PRODUCTION)


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
    word_rows: tuple[WordRow, ...]
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


class NameRow(NamedTuple):
    """One thing that tells what a name stands for."""

    id: str
    reason: str
    name: str
    """The example that needs it."""
    stages: str
    """What the example stands for."""
    when: Callable[[Name], object]
    then: Callable[[Name], frozenset[str] | None]
    """Changes what is found, or says what the name stands for whatever the other rows would say."""
    own: tuple[tuple[str, str], ...] = ()
    """What the example's configuration adds."""


class WordRow(NamedTuple):
    """One thing that tells what a word stands for where it stands; the first that speaks decides."""

    id: str
    reason: str
    name: str
    stages: str
    when: Callable[[Name, int], object]
    adds: str = ""
    weakly: str = ""
    place: bool = False
    """True where the word names a place."""
    ends: bool = False
    """True where the words behind it say nothing of the job."""


ScriptWords: TypeAlias = Sequence[tuple[str, Words]]
"""The words of the names of scripts, by stage."""


class ScriptRow(NamedTuple):
    """One thing that tells what the name of a script stands for; the first that answers decides."""

    id: str
    reason: str
    name: str
    stage: str
    tells: Callable[[list[str], ScriptWords], str | None]
    """A stage, empty where it has none; None where another row has to say it."""


def _says(*stages: str) -> Callable[[Name], frozenset[str]]:
    return lambda name: frozenset(stages)


def _own(name: Name) -> frozenset[str]:
    return frozenset(stage for stage, known in name.own.items() if any(word in known for word in name.words))


def _phrase(name: Name) -> None:
    stage = phrase_in(name.words, tables.JOB_PHRASES)
    if stage is not None:
        name.found.add(stage)
        name.phrase = True


def _word_by_word(name: Name) -> None:
    for index, word in enumerate(name.words):
        row = next((row for row in name.word_rows if row.when(name, index)), None)
        if row is not None:
            name.said.append(f"{row.id}: {row.reason} ('{word}')")
            name.found.update(row.adds.split())
            name.weak.update(row.weakly.split())
            name.places = name.places or row.place
            if row.ends:
                return
            continue
        for stage, known in name.stages.items():
            if word in known and word not in _NO_TESTS:
                strong = word not in _WEAK or (index > 0 and name.words[index - 1] == "and")
                (name.found if strong else name.weak).add(stage)


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
        words[0] not in _META_NOUNS and len(name.found | name.weak) < 2 and "security" not in name.found
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


NAME_ROWS: tuple[NameRow, ...] = (
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
        "labels",
        "it puts a label on a change",
        "label-deploy",
        "meta",
        lambda name: name.words[0] in ("label", "labels", "labeler"),
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
    NameRow("words", "its words say so", "unit", "test", lambda name: True, _word_by_word),
    NameRow(
        "only-a-place",
        "it says where to, and nothing else",
        "prod-eu",
        "deploy",
        lambda name: name.places and not name.found | name.weak and all(_says_where(word) for word in name.words),
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
        "what is planned is not done",
        "plan-deploy",
        "plan",
        lambda name: "plan" in name.words,
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


def _before(name: Name, index: int) -> str:
    return name.words[index - 1] if index else ""


def _behind(name: Name, index: int) -> str:
    return name.words[index + 1] if index + 1 < len(name.words) else ""


WORD_ROWS: tuple[WordRow, ...] = (
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
        "told-of-a-build",
        "what is told of a build that has been",
        "keep-build-number",
        "",
        lambda name, index: index and name.words[index] in ("build", "builds") and _behind(name, index) in _TOLD,
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
            name.words[index] in ("deploy", "deploys") and not _PACKAGED.isdisjoint(name.words[index + 1 :])
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


def _prepares(words: list[str], known: ScriptWords) -> str | None:
    return "" if words[0] in _PREPARING_SCRIPTS else None


def _delivery_looked_at(words: list[str], known: ScriptWords) -> str | None:
    if len(words) < 2 or words[0] not in _CHECKING or _by_words(words, known) not in DELIVERY | {"rollback"}:
        return None
    return "test" if words[0] in _VERIFYING else ""


def _checks_files(words: list[str], known: ScriptWords) -> str | None:
    checks = len(words) > 1 and words[0] in _VERIFYING and _by_words(words, known) == "test"
    return "lint" if checks and not _says_more(words[1:], known) else None


def _files_checked(words: list[str], known: ScriptWords) -> str | None:
    of_files = len(words) > 1 and words[-1] in _VERIFYING and not any(word in _RUNNING for word in words)
    return "lint" if of_files and _by_words(words, known) == "test" and not _says_more(words[:-1], known) else None


def _says_more(words: list[str], known: ScriptWords) -> bool:
    return _by_words(words, known) is not None or all(word in _WHOLE for word in words)


def _by_words(words: list[str], known: ScriptWords) -> str | None:
    weak: str | None = None
    for word in words:
        stage = next((stage for stage, some in known if word in some and word not in _NO_TESTS), None)
        if stage and word not in _WEAK_SCRIPT_WORDS:
            return stage
        weak = weak or stage
    return weak


def _scans_something(words: list[str], known: ScriptWords) -> str | None:
    if len(words) < 2 or words[0] != "scan" or any(word in _SCANNED for word in words):
        return None
    return "" if _by_words(words[1:], known) not in GATES else None


SCRIPT_ROWS: tuple[ScriptRow, ...] = (
    ScriptRow("prepares", "it prepares", "install-test-tools", "", _prepares),
    ScriptRow(
        "phrases",
        "two words together say more than each",
        "check-types",
        "lint",
        lambda words, known: phrase_in(words, tables.SCRIPT_PHRASES),
    ),
    ScriptRow("looked-at", "what is delivered is only looked at", "verify-deploy", "test", _delivery_looked_at),
    ScriptRow("checks-files", "a check of something that is no test", "check-licences", "lint", _checks_files),
    ScriptRow("files-checked", "a check of something that is no test", "go-mod-check", "lint", _files_checked),
    ScriptRow("scans-something", "it looks through something for no holes", "scan-client-bundle", "", _scans_something),
    ScriptRow("words", "its first word that says something", "build-docs", "build", _by_words),
)


class Told(NamedTuple):
    """What a name stands for, and the rows that say so."""

    stages: frozenset[str]
    said: tuple[str, ...] = ()


class Names:
    """Says what names stand for, with what a configuration adds."""

    def __init__(
        self,
        own: Mapping[str, Words],
        name_rows: tuple[NameRow, ...] = NAME_ROWS,
        word_rows: tuple[WordRow, ...] = WORD_ROWS,
        script_rows: tuple[ScriptRow, ...] = SCRIPT_ROWS,
        job_words: Mapping[str, Words] | None = None,
        script_words: ScriptWords = _SCRIPT_WORDS,
    ) -> None:
        self._own = own
        self._name_rows = name_rows
        self._word_rows = word_rows
        self._script_rows = script_rows
        self._job_words = _JOB_WORDS if job_words is None else job_words
        self._script_words = script_words

    @functools.cache  # noqa: B019  # they live as long as the run
    def told(self, text: str, targets: frozenset[str] = frozenset()) -> Told:
        words = words_of(text)
        if not words:
            return Told(frozenset())
        name = Name(text, words, targets, self._job_words, self._own, self._word_rows)
        for row in self._name_rows:
            if not row.when(name):
                continue
            if row.id != "words":
                name.said.append(f"{row.id}: {row.reason}")
            said = row.then(name)
            if said is not None:
                return Told(said, tuple(name.said))
        return Told(frozenset(name.found), tuple(name.said))

    def of_job(self, text: str, targets: frozenset[str] = frozenset()) -> frozenset[str]:
        """The stages that a job's id or name stands for; `meta` where it says that it does no stage's work."""
        return self.told(text, targets).stages

    @functools.cache  # noqa: B019  # they live as long as the run
    def of_script(self, text: str) -> str | None:
        """The stage that the name of a script stands for: `test:unit`, `lint-fix`, `build_docs`."""
        words = words_of(text)
        answers = (row.tells(words, self._script_words) for row in self._script_rows) if words else iter(())
        return next((answer for answer in answers if answer is not None), None) or None

    def of_both(self, job_id: str, name: str) -> tuple[frozenset[str], str]:
        """The stages by id and name, and which of the two says so; a generic id yields to the name."""
        by_id = self.of_job(job_id)
        by_name = self.of_job(name, _directions(words_of(job_id)))
        if by_name == META and words_of(name)[0] in _FINDING:
            by_id -= GATES
        if by_name == META and all(_says_where(word) for word in words_of(job_id)):
            return by_name, name  # `db-bk-prod` only says where, 'Database Backup' what
        if "plan" in by_id | by_name:
            by_id, by_name = by_id - DELIVERY, by_name - DELIVERY
        if by_name and (not by_id or says_little(job_id)):
            return by_name, name
        if by_id - META and says_little(name):
            return by_id, job_id
        return (by_id | by_name, job_id if by_id else name)

    def why(self, job_id: str, name: str) -> Iterator[str]:
        """What the rows say of both, for who wants to know."""
        for text, targets in ((job_id, frozenset[str]()), (name, _directions(words_of(job_id)))):
            for line in self.told(text, targets).said if text else ():
                yield f"of '{text}' {line}"


def says_little(name: str) -> bool:
    """Whether an id is one that a template gives to any job: `build`, `main`."""
    return all(word in _GENERIC for word in words_of(name))


def is_vague(script: str) -> bool:
    """Whether a script's name ends with a word that says little: `ci-check`."""
    return all(word in _WEAK_SCRIPT_WORDS for word in words_of(script)[-1:])


def prepares_only(script: str) -> bool:
    """Whether a script's name says that it only gets ready: `install-tools`, `setup-kind.sh`."""
    words = words_of(script.rpartition("/")[2])
    return bool(words) and words[0] in _PREPARING_SCRIPTS


def deploys_to(environment: str) -> str | None:
    """`deploy` or `publish` where the name of an environment says that the job delivers to it."""
    words = words_of(environment)
    joined = environment.lower()
    if joined in _PUBLISHING_ENVIRONMENTS or any(word in _PUBLISHING_ENVIRONMENTS for word in words):
        return "publish"
    if joined in _ENVIRONMENTS or any(word in _ENVIRONMENTS for word in words):
        return "deploy"
    return None


def tier(*names: str) -> str | None:
    """`production` or `staging` (anything before it), where a name says to which a deploy goes."""
    found: str | None = None
    for name in names:
        lowered = name.lower()
        words = [lowered, *words_of(name)]
        if any(word in _NON_PRODUCTION for word in words) or ("pre" in words or "non" in words):
            return "staging"
        if any(word in _PRODUCTION for word in words):
            found = found or "production"
    return found


def _directed(words: list[str], index: int) -> bool:
    """Whether the word names a target: what stands before it, small words aside, says into what."""
    before = index - 1
    while before >= 0 and (words[before] in _SMALL or words[before] in _TARGETS):
        before -= 1
    return before >= 0 and words[before] in _DIRECTIONAL and words[before + 1] != "and"


def _says_where(word: str) -> bool:
    """Whether a word names a place, or says nothing: `prod-eu` is a deploy, `prod-safari-nightly` may be anything."""
    return word in _PLACES or word in _GENERIC or word in _SMALL or len(word) <= 3 or word.isdigit()


def _goes_to(behind: list[str]) -> bool:
    """Whether the words that follow name an environment: `release to production`."""
    return behind[:1] in (["to"], ["into"]) and any(
        word in _PRODUCTION or word in _NON_PRODUCTION for word in behind[1:3]
    )


def _directions(words: Iterable[str]) -> frozenset[str]:
    """The words of a job's id that say where to."""
    listed = list(words)
    return frozenset(word for index, word in enumerate(listed) if word in _TARGETS and _directed(listed, index))
