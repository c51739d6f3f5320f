"""What is known of a job while the rows are asked that tell its stages."""

from __future__ import annotations

from devopslint.deferred import cached_property, compiled, dataclass, field
from devopslint.pipeline.evidence import Evidence
from devopslint.pipeline.jobs import Job
from devopslint.pipeline.reading import Reader
from devopslint.pipeline.words import without_expressions, words_of
from devopslint.readers.shell import read_commands
from devopslint.scripts.steps import StepSummary

_CLUSTER = compiled(r"\bkind create\b|\bk3d cluster\b|\bminikube start\b|\bctlptl create\b|get\.k3s\.io|\bvagrant up\b")
_COMMITS = compiled(
    r"git-auto-commit|add-and-commit|create-pull-request|autofix-ci|github-push-action|commit-action|git-commit"
)
_ASKS_FOR_PULL = compiled(r"\b(?:gh pr create|hub pull-request|glab mr create)\b")
_STARTS = compiled(r"\bdocker(?:-| )compose\b[^\n;&|]*\bup\b|\bdocker run\b")
_ASKS_HERE = compiled(
    r"\b(?P<program>curl|wget)\b[^\n;&|]*?(?:https?://)?(?P<host>localhost|127\.0\.0\.1|0\.0\.0\.0)\b"
)
_ALWAYS = compiled(r"\balways\s*\(\s*\)|!\s*cancelled\s*\(\s*\)")
_TAKES_DOWN = compiled(r"(?i)tear(?:ing)?[-_ ]?down|\b(?:terraform|tofu|terragrunt|pulumi|vagrant) destroy\b")
_PUSH = compiled(r"\bgit\b[^\n;&|]*\bpush\b")
_TALKING = frozenset(
    (
        "", "echo", "printf", "exit", "true", "false", ":", "test", "[", "[[", "sleep", "date", "cat", "jq", "grep", "tee",
        "set", "local", "export", "input", "milestone", "error", "return", "break", "continue", "read",
    )
)  # fmt: skip


@dataclass
class Seen:
    """What is known of a job while the rows are asked."""

    job: Job
    reader: Reader
    names: frozenset[str]
    """The stages that its names stand for, but for those that a row has taken away."""
    told_by: str
    meta: bool
    """True where its names say that it does no stage's work."""
    found: list[Evidence] = field(default_factory=list)

    @property
    def known(self) -> frozenset[str]:
        return frozenset(evidence.stage for evidence in self.found)

    @cached_property
    def name_words(self) -> frozenset[str]:
        return frozenset((*words_of(self.job.id), *words_of(self.job.name)))

    @cached_property
    def cluster(self) -> bool:
        """Whether it makes a cluster or a machine that is thrown away with it."""
        stages = {one.said.stage for one in self.job.all_ran} | {one.stage for one in self.job.content}
        texts = (step.script.text for step in self.job.steps if step.script is not None)
        return "cluster" in stages | self.known or any(_CLUSTER.search(text) for text in texts)

    @cached_property
    def torn_down(self) -> bool:
        """Whether a step takes down what it has made, however the others end."""
        return any(
            step.condition.text
            and _ALWAYS.search(step.condition.text)
            and _TAKES_DOWN.search(f"{step.name.text}\n{step.script.text if step.script is not None else ''}")
            for step in self.job.steps[1:]
        )

    @cached_property
    def only_talks(self) -> bool:
        """Whether it does nothing but look at what others have done, print, or wait."""
        steps = self.job.steps
        if not steps or self.job.called is not None or self.job.callee is not None or self.job.downstream:
            return False
        telling = {ran.index for ran in self.job.ran if ran.said.stage == "notify"}
        telling -= {ran.index for ran in self.job.ran if ran.said.stage != "notify"}
        return not any(
            works(step) and not self._looks_at_results(step) and not (index in telling and self.job.needs)
            for index, step in enumerate(steps)
        )

    def _looks_at_results(self, step: StepSummary) -> bool:
        if step.uses is not None:
            return self.reader.words.of_action(step.uses.action) == "meta"
        texts = [step.script.text if step.script is not None else "", *(value.text for _, value in step.env)]
        return bool(self.job.needs) and any("needs." in text and ".result" in text for text in texts)

    @cached_property
    def asks_itself(self) -> Evidence | None:
        """The request to what it has started in containers beside itself, on a machine that is gone afterwards."""
        job = self.job
        if job.environment is not None or job.caches or job.pipeline.system != "github":
            return None
        started = False
        for index, step in enumerate(job.steps):
            if step.script is None:
                continue
            started = started or _STARTS.search(step.script.text) is not None
            asked = _ASKS_HERE.search(step.script.text)
            if started and asked is not None:
                line = step.script.text.count("\n", 0, asked.start()) + 1
                return Evidence("test", f"`{asked['program']} {asked['host']}`", step.script.at(line), index)
        return None

    @cached_property
    def written_back(self) -> int:
        """The index of the step that commits what the job has changed; -1 where none does."""
        for index, step in enumerate(self.job.steps):
            if step.uses is not None and _COMMITS.search(step.uses.action.lower()):
                return index
            text = step.script.text if step.script is not None else ""
            if ("git commit" in text and "git push" in text) or _ASKS_FOR_PULL.search(text):
                return index
        return -1

    @cached_property
    def asks_for_pull(self) -> bool:
        """Whether it ends in a pull request."""
        uses = (step.uses.action.lower() for step in self.job.steps if step.uses is not None)
        texts = (step.script.text for step in self.job.steps if step.script is not None)
        return any("create-pull-request" in action for action in uses) or any(
            _ASKS_FOR_PULL.search(text) for text in texts
        )

    @cached_property
    def pushes(self) -> bool:
        """Whether it pushes a branch, behind which something may deploy."""
        return any(_PUSH.search(step.script.text) for step in self.job.steps if step.script is not None)

    @cached_property
    def pushes_elsewhere(self) -> bool:
        """Whether it pushes to another repository."""
        scripts = [step.script.text for step in self.job.steps if step.script is not None]
        return any(_PUSH.search(text) for text in scripts) and (
            any("git clone" in text for text in scripts)
            or any(
                key.text == "repository" and "github.repository" not in value.text
                for step in self.job.actions("actions/checkout")
                for key, value in step.arguments
            )
        )


def works(step: StepSummary) -> bool:
    """Whether a step does more than fetch the sources and print a line: one that waits for an approval does not."""
    if step.uses is not None:
        return step.uses.action.lower() not in ("actions/checkout", "actions/download-artifact")
    if step.script is None:
        return False
    return any(command.name not in _TALKING for command in read_commands(without_expressions(step.script.text)))
