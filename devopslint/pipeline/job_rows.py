"""The rows by which a job's stages are told: what each adds or takes away, why, and the job that needs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from devopslint.deferred import compiled
from devopslint.pipeline.evidence import Evidence
from devopslint.pipeline.jobs import Job
from devopslint.pipeline.line_rows import DISPATCH
from devopslint.pipeline.name_rows import says_little
from devopslint.pipeline.reading import of_commands
from devopslint.pipeline.rows import JobRow
from devopslint.pipeline.seen import Seen, works
from devopslint.pipeline.stage_words import DELIVERY, GATES
from devopslint.pipeline.tiers import deploys_to
from devopslint.pipeline.vocabulary import reads
from devopslint.pipeline.words import without_expressions, words_of
from devopslint.readers.shell import read_commands
from devopslint.readers.shell_words import Command
from devopslint.scripts.steps import StepSummary

PAGES = compiled(r"pages|gh-deploy|ghp-import|`mike |docs")
"""What publishes a site of documents."""


ALL = frozenset(("lint", "test", "security", "build", "publish", "deploy", "notify", "rollback", "plan"))

_RUNS_ELSEWHERE = ("`ssh`", "`aws ssm send-command`", "`gcloud compute ssh`")
_READY = frozenset(("configure", "setup", "set", "login", "auth", "authenticate", "get", "prepare", "cache"))
_MANIFEST = compiled(r"\.ya?ml\Z")
_IMAGE = compiled(r"\b(?:image|tag)\b")
_MIGRATIONS = frozenset(("`flyway migrate`", "`liquibase update`", "`prisma migrate deploy`", "`supabase db push`"))
_RUNS_MIGRATION = compiled(r"^`[\w-]+(?: run)? [\w:-]*\bmigrat(?:e|ions?)\b[\w:-]*`")
"""A script that is named after migrations: `npm prisma:migrate:deploy`."""
_MIGRATING = frozenset(("migrate", "migration", "migrations"))
_DOCUMENTS = frozenset(
    ("doc", "docs", "documentation", "mkdocs", "storybook", "wiki", "javadoc", "docusaurus", "sphinx")
)
_ALERTS = frozenset(("alert", "alerts", "alerting"))
_TEARDOWN = frozenset(
    ("cleanup", "clean", "teardown", "destroy", "delete", "undeploy", "close", "closed", "remove", "uninstall")
)
_ENDS = _TEARDOWN - {"clean", "close", "closed"}
_NOT_BY_ENVIRONMENT = frozenset(("test", "notify", "security", "lint", "build", "publish", "plan", "rollback"))
_PRINTED = compiled(r"\b(?:echo|printf)\b[^\n]*")
_REGISTRY = compiled(
    r"(?i)\b(?:npm|yarn|pnpm|pypi|twine|poetry|uv|cargo|gem|gradle|mvn|nuget|hex|pub|sbt) (?:[\w:.-]+ )*(?:publish|upload|push|deploy)"
    r"|pypi-publish|npm-publish|publish-crates|release-gem"
)
"""What puts packages where everybody takes them from."""
_FIXES = compiled(
    r"`(?:pre-commit|prek|[\w./-]*(?:fmt|format|prettier|black|isort|autopep8|yapf|spotless)[\w./-]*)|fix|write"
)
_FIX_OPTION = compiled(
    r"(?<![\w-])--(?:fix|write|apply|auto-?correct(?:-all)?|in-?place)\b(?!-)|\brubocop\b[^\n;&|]*\s-[aA]\b|\b(?:gofmt|goimports|shfmt)\b[^\n;&|]*\s-w\b"
)
"""What tells a linter to change what it finds: `eslint --fix`, `rubocop -A`."""


def _repairs(seen: Seen, evidence: Evidence) -> bool:
    """Whether it changes files ahead of the step that commits them."""
    if evidence.stage != "lint" or evidence.step > seen.written_back:
        return False
    step = seen.job.steps[evidence.step] if evidence.step >= 0 else None
    fixes = step is not None and step.script is not None and _FIX_OPTION.search(step.script.text)
    return bool(fixes or _FIXES.search(evidence.said))


def _written(step: StepSummary) -> str:
    """What it uses, or the script that it runs, but for what that prints."""
    if step.uses is not None:
        return step.uses.text
    return _PRINTED.sub("", step.script.text) if step.script is not None else ""


def _named(seen: Seen) -> Iterator[Evidence]:
    gitlab = seen.job.pipeline.system == "gitlab" and seen.told_by == seen.job.name
    kind = "stage" if gitlab else "name"
    # The stage that a GitLab job stands in says little of what the job does there.
    if kind == "name" or not (seen.known or seen.job.content):
        for stage in sorted(seen.names - seen.known):
            if kind == "stage" and stage == "deploy" and seen.job.tier is None:
                continue  # what is not read may just as well check what the others have deployed
            said = f"its {kind} '{seen.told_by}'"
            yield Evidence(stage, said, seen.job.location, -1, strong=False, source="name")


def _content(seen: Seen) -> Iterator[Evidence]:
    known = seen.known
    for evidence in seen.job.content:
        if evidence.source == "build" or evidence.stage in known:
            continue
        if evidence.stage == "build" and seen.job.callee is None and seen.names & GATES:
            continue  # an action that prepares a test builds what is tested
        yield evidence


def _by_commit(seen: Seen) -> Iterator[Evidence]:
    """Only where it pushes to another repository, or its names say to which stage: a release may just as well
    write its own version into an example.
    """
    scripts = [(n, step.script) for n, step in enumerate(seen.job.steps) if step.script is not None]
    if not seen.pushes:
        return
    if not seen.pushes_elsewhere and seen.job.tier is None:
        return
    for index, script in scripts:
        for command in read_commands(without_expressions(script.text)) if reads(script.shell) else ():
            if _sets_image(command):
                location = script.at(script.text.count("\n", 0, command.start) + 1)
                yield Evidence("deploy", f"`{command.name}` and `git push`", location, index)
                return


def _sets_image(command: Command) -> bool:
    texts = command.texts
    if command.name in ("kustomize", "docker"):
        return " edit set image " in f" {' '.join(texts)} "
    if command.name not in ("yq", "sed"):
        return False
    in_place = any(text.startswith(("-i", "--in")) for text in texts)
    # yq writes YAML, whichever file a variable names.
    manifest = any(_MANIFEST.search(text) or (command.name == "yq" and text.startswith("$")) for text in texts)
    return in_place and manifest and any(_IMAGE.search(text) for text in texts)


def _gets_ready(job: Job, step: int) -> bool:
    uses = job.steps[step].uses if step >= 0 else None
    return uses is not None and uses.local and not _READY.isdisjoint(words_of(uses.path.rpartition("/")[2])[:1])


def _named_a_test(seen: Seen, step: int) -> bool:
    name = seen.job.steps[step].name.text if step >= 0 else ""
    return seen.reader.words.names.of_job(name) == {"test"}


def _by_environment(seen: Seen) -> Iterator[Evidence]:
    job, environment = seen.job, seen.job.environment
    stage = deploys_to(environment.text) if environment is not None else None
    if environment is None or stage is None or not (job.called is not None or any(works(s) for s in job.steps)):
        return
    if stage not in seen.known and not seen.known & _NOT_BY_ENVIRONMENT:
        said = f"its environment '{environment.text}'"
        yield Evidence(stage, said, environment.location, -1, strong=False, source="environment")


def _target(seen: Seen) -> Iterator[Evidence]:
    said = f"its target '{seen.job.id}'"
    yield Evidence("deploy", said, seen.job.location, -1, strong=False, source="environment")


def _is_target(seen: Seen) -> bool:
    """Whether a job that calls a workflow is only called after the environment that it hands over: `test`."""
    job = seen.job
    return (
        job.called is not None
        and deploys_to(job.id) == "deploy"
        and any(
            value.text == job.id and words_of(key.text)[-1:] in (["environment"], ["env"], ["stage"], ["target"])
            for key, value in job.arguments
        )
    )


def _called(seen: Seen) -> Iterator[Evidence]:
    return seen.reader.names.of_workflow(seen.job, seen.job.called) if seen.job.called is not None else iter(())


def _deploying_steps(seen: Seen) -> Iterator[Evidence]:
    known = {evidence.step for evidence in seen.found}
    for index, step in enumerate(seen.job.steps):
        words = words_of(step.name.text)
        if words[:1] == ["deploy"] and index not in known and step.script is not None and works(step):
            said = f"its step '{step.name.text}'"
            yield Evidence("deploy", said, step.name.location, index, strong=False, source="step")
            return


def _gating_steps(seen: Seen) -> Iterator[Evidence]:
    """Of each gate the first step that is called so, `Run the tests`, and runs what is not known."""
    known = {evidence.step for evidence in seen.found}
    stages = set(seen.known)
    for index, step in enumerate(seen.job.steps):
        words = words_of(step.name.text)
        stage = "test" if _is_test_step(words) else "lint" if words[:1] == ["lint"] else ""
        if stage and stage not in stages and index not in known and step.script is not None and works(step):
            stages.add(stage)
            said = f"its step '{step.name.text}'"
            yield Evidence(stage, said, step.name.location, index, strong=False, source="step")


def _is_test_step(words: list[str]) -> bool:
    if words[:1] in (["test"], ["tests"]):
        return True
    return words[:1] in (["run"], ["execute"]) and words[-1] in ("test", "tests")


def _vague(seen: Seen) -> set[int]:
    return {ran.index for ran in seen.job.ran if ran.said.vague}


def _brings_up_to_date(seen: Seen) -> bool:
    """Whether its id is `update-…`: what it runs then tells whether that is a file or an environment.

    So does `sync-…` of a job that has an environment to bring up to date.
    """
    first = words_of(seen.job.id)[:1]
    if first != ["update"] and (first != ["sync"] or seen.job.environment is None):
        return False
    return not seen.asks_for_pull and seen.written_back < 0


def _is_deploy(evidence: Evidence) -> bool:
    return evidence.stage == "deploy"


_TELLS = compiled(r"(?i)\bgithub deployments?\b")


def _hands_image_over(seen: Seen) -> bool:
    """Whether it makes an image for an environment, behind which something takes what is newest."""
    return seen.job.environment is not None and any(_MAKES_IMAGE.search(evidence.said) for evidence in seen.found)


_MAKES_IMAGE = compiled(r"\bdocker (?:build|push|buildx)|build-push-action|\bpodman build|\bbuildah\b")
_SETS_UP = frozenset(("setup", "prepare", "preparation", "init", "initialize", "configure", "configuration"))
_APPLIES = compiled(
    r"`(?:kubectl (?:apply|replace|set|rollout)|oc (?:apply|rollout)|helm (?:upgrade|install)|helmfile|ansible-playbook)\b"
)


def _sets_up_what_stays(seen: Seen, evidence: Evidence) -> bool:
    """Whether it brings something into a cluster or onto hosts, by the name of a preparation, and nobody takes it away again."""
    return (
        evidence.strong
        and _APPLIES.search(evidence.said) is not None
        and not seen.name_words.isdisjoint(_SETS_UP)
        and seen.name_words.isdisjoint((*_TEARDOWN, "test", "tests", "e2e"))
        and not any(_REMOVED.search(text) for text in _scripts(seen.job.pipeline.jobs))
    )


_REMOVED = compiled(r"\b(?:kubectl|oc) delete\b|\bhelm (?:uninstall|delete)\b|\b(?:terraform|tofu) destroy\b")


def _scripts(jobs: Iterable[Job]) -> Iterator[str]:
    return (step.script.text for job in jobs for step in job.steps if step.script is not None)


_ENGINE = compiled(
    r"\bDOCKER_HOST=[\"']?ssh://|\bdocker context use (?!default\b|[\"']?\$)|\bdocker (?:--context|-c)[ =]"
)
_STARTS_THERE = compiled(
    r"\bdocker(?:-compose|[^\n;&|]* compose)\b[^\n;&|]*\s(?P<up>up)\b|\bdocker\b[^\n;&|]*\b(?P<run>run|stack deploy|service update)\b"
)


def _on_another_machine(seen: Seen) -> Iterator[Evidence]:
    """The first container that it starts by an engine that runs elsewhere: `DOCKER_HOST=ssh://…`, `docker --context shop`."""
    elsewhere = _has_its_engine_elsewhere(seen.job)
    for index, step in enumerate(seen.job.steps):
        if step.script is None:
            continue
        text = step.script.text
        told = elsewhere or _has_its_engine_elsewhere(step)
        engine = _ENGINE.search(text)
        started = _STARTS_THERE.search(text, 0 if told or engine is None else engine.start())
        if started is not None and (told or engine is not None):
            line = text.count("\n", 0, started.start()) + 1
            words = "docker compose up" if started["up"] else f"docker {started['run']}"
            yield Evidence("deploy", f"`{words}` on another machine", step.script.at(line), index)
            return
        elsewhere = elsewhere or (engine is not None and "context use" in engine[0])


def _has_its_engine_elsewhere(one: Job | StepSummary) -> bool:
    return any(key.text == "DOCKER_HOST" and value.text.startswith("ssh://") for key, value in one.env)


_COPIES = compiled(r"`(?:lftp|rsync|scp|sftp|ncftpput)\b|ftp-deploy|rsync|scp-action")
"""What only brings files to a place."""


def _said_documents(seen: Seen) -> bool:
    file = seen.job.pipeline.path.rpartition("/")[2]
    words = {*seen.name_words, *words_of(file.partition(".")[0]), *words_of(seen.job.pipeline.name)}
    return bool(words & _DOCUMENTS)


def _named_after_migrations(seen: Seen) -> bool:
    """Whether migrations are all that its names know of a deploy, and they say no place either."""
    words = words_of(seen.told_by)
    rest = " ".join(word for word in words if word not in _MIGRATING)
    named = seen.reader.words.names.of_job(rest) if rest else frozenset()
    return len(rest.split()) < len(words) and "deploy" not in named and seen.job.tier is None


def _only_migrates(seen: Seen) -> bool:
    deploys = {evidence.said for evidence in seen.found if _is_deploy(evidence)}
    return (
        bool(deploys)
        and ("deploy" not in seen.names or (not seen.names.isdisjoint(GATES) and _named_after_migrations(seen)))
        and seen.job.environment is None
        and all(said in _MIGRATIONS or _RUNS_MIGRATION.search(said) for said in deploys)
    )


JOB_ROWS: tuple[JobRow[Seen], ...] = (
    JobRow(
        "commands",
        "what it runs",
        "go: {steps: [{run: pytest}]}",
        "test",
        adds=lambda seen: of_commands(seen.job.ran),
    ),
    JobRow(
        "actions",
        "the actions that it uses",
        "go: {steps: [{uses: docker/build-push-action@v6}]}",
        "build",
        adds=lambda seen: seen.reader.actions_of(seen.job.steps),
    ),
    JobRow(
        "content",
        "what the local actions and workflows do that it calls",
        "check: {steps: [{uses: ./.github/actions/all}]}",
        "test",
        adds=_content,
        files=((".github/actions/all/action.yml", "runs: {using: composite, steps: [{run: pytest, shell: bash}]}\n"),),
    ),
    JobRow(
        "on-another-machine",
        "an engine that runs elsewhere is told to start containers",
        "go: {steps: [{run: docker --context shop compose up -d}]}",
        "deploy",
        when=lambda seen: "deploy" not in seen.known,
        adds=_on_another_machine,
    ),
    JobRow(
        "configures",
        "an action that is called a preparation delivers nothing, whatever it applies to get ready",
        "go: {steps: [{uses: ./.github/actions/configure-account}]}",
        "",
        drops=lambda seen, evidence: evidence.stage in DELIVERY and _gets_ready(seen.job, evidence.step),
        files=(
            (
                ".github/actions/configure-account/action.yml",
                "runs: {using: composite, steps: [{run: terraform apply, shell: bash}]}\n",
            ),
        ),
    ),
    JobRow(
        "asks-elsewhere",
        "what a step that is called a test runs on another machine is one",
        "go: {steps: [{name: Run the load test, run: ssh generator ./start 100}]}",
        "test",
        drops=lambda seen, evidence: (
            evidence.stage == "deploy" and evidence.said in _RUNS_ELSEWHERE and _named_a_test(seen, evidence.step)
        ),
        turns="test",
    ),
    JobRow(
        "sums-up",
        "it only looks at what other jobs have done, prints or waits, so its name says nothing",
        "build-test: {needs: [a], if: always(), steps: [{run: 'test \"$OK\" = true || exit 1'}]}",
        "",
        when=lambda seen: seen.only_talks,
        forgets=lambda seen: ALL,
    ),
    JobRow(
        "target",
        "its id is the environment that it hands over to the workflow that it calls",
        "test: {uses: acme/flows/.github/workflows/run.yml@v1, with: {environment: test}}",
        "deploy",
        when=_is_target,
        forgets=lambda seen: ALL,
    ),
    JobRow(
        "named-as-templates-do",
        "templates call any job so",
        "build: {steps: [{run: npx eslint .}, {run: ./go}]}",
        "lint",
        when=lambda seen: (
            seen.told_by == seen.job.id
            and (says_little(seen.job.id) or "codeql" in seen.name_words)
            and seen.known
            and seen.known <= {"lint", "security"}
        ),
        forgets=lambda seen: frozenset(("build",)),
    ),
    JobRow(
        "named-after-its-environment",
        "its id is the environment that it delivers to",
        "test: {environment: test, steps: [{run: helm upgrade shop ./chart}]}",
        "deploy",
        when=lambda seen: (
            seen.job.environment is not None
            and seen.job.environment.text == seen.job.id
            and "deploy" in seen.known | {one.stage for one in seen.job.content}
        ),
        forgets=lambda seen: GATES,
    ),
    JobRow(
        "promotes-a-release",
        "what is promoted is published",
        "promote: {steps: [{run: ./prepare}, {run: npm publish}]}",
        "publish",
        when=lambda seen: (
            "publish" in seen.known
            and seen.job.environment is None
            and any(word.startswith("promot") for word in seen.name_words)
        ),
        forgets=lambda seen: frozenset(("deploy",)),
    ),
    JobRow(
        "packages-alone",
        "packages go to a registry, whoever calls it a deploy, and nothing else is delivered",
        "deploy: {steps: [{uses: ./.github/actions/retry}, {run: npm publish}]}",
        "publish",
        when=lambda seen: (
            "deploy" not in seen.known
            and seen.job.environment is None
            and not any(word.startswith("promot") for word in seen.name_words)
            and any(one.stage == "publish" and _REGISTRY.search(one.said) for one in seen.found)
            and not any("deploy" in f"{step.name.text} {_written(step)}".lower() for step in seen.job.steps)
        ),
        forgets=lambda seen: frozenset(("deploy",)),
    ),
    JobRow(
        "released-by-name",
        "its name says that it publishes, and so it does, whatever its id",
        "deploy: {name: Publish, steps: [{run: gh release create v1}, {run: ./go}]}",
        "publish",
        when=lambda seen: (
            "deploy" not in seen.known
            and "publish" in seen.known
            and seen.job.environment is None
            and seen.reader.words.names.of_job(seen.job.name) == {"publish"}
        ),
        forgets=lambda seen: frozenset(("deploy",)),
    ),
    JobRow(
        "tried-here",
        "what it starts beside itself, and asks there, is tried and not delivered",
        "docker-deploy: {steps: [{run: docker compose up -d}, {run: 'curl -f http://localhost:8080/'}]}",
        "test",
        when=lambda seen: "deploy" in seen.names and "deploy" not in seen.known and seen.asks_itself is not None,
        forgets=lambda seen: frozenset(("deploy",)),
        adds=lambda seen: [seen.asks_itself] if seen.asks_itself is not None else [],
    ),
    JobRow(
        "deployed-alerts",
        "the rules that alert are what is deployed",
        "alerts: {steps: [{uses: azure/k8s-deploy@v5}]}",
        "deploy",
        when=lambda seen: "deploy" in seen.known and seen.name_words & _ALERTS,
        forgets=lambda seen: frozenset(("notify",)),
    ),
    JobRow(
        "deployed-scanner",
        "what scans is what is deployed",
        "virus-scanner: {steps: [{run: npx sls deploy}]}",
        "deploy",
        when=lambda seen: "deploy" in seen.known,
        forgets=lambda seen: frozenset(("security",)),
    ),
    JobRow(
        "asks-for-a-pull-request",
        "it ends in a pull request, which delivers nothing yet",
        "hub-prod: {steps: [{run: ./go}, {uses: peter-evans/create-pull-request@v7}]}",
        "",
        when=lambda seen: seen.asks_for_pull,
        forgets=lambda seen: frozenset(("deploy",)),
    ),
    JobRow(
        "migrates",
        "it migrates a database, and nothing says whose",
        "backend-migrations: {steps: [{run: ./manage db}]}",
        "",
        when=lambda seen: seen.job.environment is None and "deploy" not in seen.known and _named_after_migrations(seen),
        forgets=lambda seen: frozenset(("deploy",)),
    ),
    JobRow(
        "read-to-the-end",
        "all that it runs is known, and delivers nothing: its name outweighs no command",
        "deploy-web: {steps: [{run: npm ci}, {run: npx vite build}]}",
        "build",
        when=lambda seen: not (seen.job.unread or seen.pushes or _hands_image_over(seen)) and seen.job.steps,
        forgets=lambda seen: frozenset(("deploy",)) - seen.known,
    ),
    JobRow(
        "confirmed",
        "what it runs is known to the end, and is a part of what its name stands for",
        "test-lint: {steps: [{run: npx eslint .}]}",
        "lint",
        when=lambda seen: (
            not seen.job.unread and seen.names & seen.known & GATES and not seen.name_words & {"and", "with"}
        ),
        forgets=lambda seen: GATES - seen.known,
    ),
    JobRow(
        "torn-down",
        "its name says that something is taken away",
        "e2e-teardown: {steps: [{run: ./go}]}",
        "",
        when=lambda seen: not _ENDS.isdisjoint((*words_of(seen.job.id)[:1], *words_of(seen.job.id)[-1:])),
        forgets=lambda seen: ALL,
    ),
    JobRow(
        "throw-away-names",
        "it makes a cluster or a machine that is thrown away with it",
        "deploy-charts: {steps: [{run: kind create cluster}, {run: ./go}]}",
        "test",
        when=lambda seen: seen.cluster,
        forgets=lambda seen: frozenset(("deploy",)),
    ),
    JobRow(
        "taken-down-at-once",
        "what it makes is taken down with it, so that its name tells of no deploy",
        "staging: {steps: [{run: ./go}, {name: Teardown, if: always(), run: ./stop}]}",
        "",
        when=lambda seen: seen.torn_down,
        forgets=lambda seen: frozenset(("deploy",)),
    ),
    JobRow(
        "gates-apply",
        "a job that is named after a gate applies what it looks at",
        "e2e: {steps: [{run: kubectl apply -f k8s/}, {run: go test ./e2e/...}]}",
        "test",
        when=lambda seen: seen.names & (GATES | {"plan"}) and "deploy" not in seen.names,
        drops=lambda seen, evidence: (
            _is_deploy(evidence) and (evidence.source != "action" or seen.names & {"test", "plan"})
        ),
    ),
    JobRow(
        "takes-away",
        "its name says that it takes away, or does no stage's work",
        "cleanup-previews: {steps: [{run: helm upgrade shop ./chart --set replicas=0}]}",
        "",
        when=lambda seen: (seen.meta and not _brings_up_to_date(seen)) or seen.name_words & _TEARDOWN,
        drops=lambda seen, evidence: (
            _is_deploy(evidence) and not evidence.said.startswith(DISPATCH) and not _sets_up_what_stays(seen, evidence)
        ),
    ),
    JobRow(
        "plans",
        "its name says that it only plans",
        "plan: {steps: [{run: npm publish}]}",
        "",
        when=lambda seen: "plan" in seen.names,
        drops=lambda seen, evidence: evidence.stage == "publish",
    ),
    JobRow(
        "which-environments",
        "which environments of tox run is told by its name",
        "code-quality: {name: flake8, steps: [{run: tox}]}",
        "lint",
        when=lambda seen: seen.names & GATES and "test" not in seen.names,
        drops=lambda seen, evidence: evidence.said in ("`tox`", "`nox`"),
    ),
    JobRow(
        "own-database",
        "tests, and whoever documents a schema, migrate a database of their own",
        "schema: {steps: [{run: flyway migrate}]}",
        "",
        when=_only_migrates,
        forgets=lambda seen: frozenset(("deploy",)),
        drops=lambda seen, evidence: _is_deploy(evidence),
    ),
    JobRow(
        "repairs",
        "it writes files and commits them: a formatter there is no gate",
        "bump: {steps: [{run: npx prettier --write .}, {uses: stefanzweifel/git-auto-commit-action@v5}]}",
        "",
        when=lambda seen: seen.written_back >= 0,
        drops=_repairs,
    ),
    JobRow(
        "commits-an-image",
        "it writes an image into manifests and pushes them: Argo CD or Flux does the rest",
        "bump: {steps: [{run: 'git clone deployments; kustomize edit set image shop=shop:2; git push'}]}",
        "deploy",
        adds=_by_commit,
    ),
    JobRow(
        "throw-away",
        "what goes to a cluster or a machine that is thrown away is a test",
        "app: {steps: [{run: k3d cluster create}, {uses: ./.github/actions/install}]}",
        "test",
        when=lambda seen: seen.cluster,
        drops=lambda seen, evidence: _is_deploy(evidence),
        turns="test",
        files=(
            (
                ".github/actions/install/action.yml",
                "runs: {using: composite, steps: [{run: helm install shop ./chart, shell: bash}]}\n",
            ),
        ),
    ),
    JobRow(
        "names",
        "what it is called",
        "integration-tests: {steps: [{run: ./go}]}",
        "test",
        adds=_named,
    ),
    JobRow(
        "called",
        "a workflow of another repository is known by its file's name",
        "go: {uses: acme/flows/.github/workflows/deploy.yml@v1}",
        "deploy",
        when=lambda seen: not seen.meta and not seen.found,
        adds=_called,
    ),
    JobRow(
        "environment",
        "a job with an environment delivers to it, unless it is known for something else that needs its secrets",
        "go: {environment: production, steps: [{run: ./cutover}]}",
        "deploy",
        when=lambda seen: not seen.meta and not seen.only_talks,
        adds=_by_environment,
    ),
    JobRow(
        "target-of-a-call",
        "it hands over an environment of its own name",
        "staging: {uses: acme/flows/.github/workflows/run.yml@v1, with: {environment: staging}}",
        "deploy",
        when=lambda seen: not seen.meta and not seen.found and _is_target(seen),
        adds=_target,
    ),
    JobRow(
        "deploying-steps",
        "a step that is called a deploy runs what is not known",
        "site: {steps: [{run: npm run build}, {name: Deploy the site, run: poetry run uploader push}]}",
        "build deploy",
        when=lambda seen: (
            not seen.meta and not seen.cluster and not seen.names & (GATES | {"plan", "deploy"}) and not seen.only_talks
        ),
        adds=_deploying_steps,
    ),
    JobRow(
        "gating-steps",
        "a step that is called a test or a lint runs what is not known",
        "windows: {steps: [{run: cargo build}, {name: Run the tests, run: target/debug/selfcheck}]}",
        "build test",
        when=lambda seen: not seen.meta and not seen.cluster and not seen.names - GATES - {"build"},
        adds=_gating_steps,
    ),
    JobRow(
        "unknown-actions",
        "an action that is not known is known by its name",
        "go: {steps: [{uses: ./.github/actions/deploy-to-aks}]}",
        "deploy",
        when=lambda seen: not seen.meta and not seen.found,
        adds=lambda seen: seen.reader.names.of_unknown_actions(seen.job.steps),
    ),
    JobRow(
        "names-of-steps",
        "steps are called so, and nothing else says what the job does",
        "go: {steps: [{name: Check the style and lint, run: ./go}]}",
        "lint",
        when=lambda seen: (
            not seen.meta and not seen.only_talks and not seen.asks_for_pull and (not seen.found or _vague(seen))
        ),
        adds=lambda seen: seen.reader.names.of_steps(seen.job.steps, _vague(seen)),
    ),
    JobRow(
        "tells-of-deployments",
        "GitHub is told of a deployment that others make",
        "start-deployment: {name: Create GitHub deployment, steps: [{run: ./tell queued}]}",
        "",
        when=lambda seen: _TELLS.search(seen.job.name),
        drops=lambda seen, evidence: _is_deploy(evidence),
    ),
    JobRow(
        "documents",
        "documentation is published, not the product",
        "docs: {steps: [{run: mkdocs gh-deploy}]}",
        "",
        when=_said_documents,
        drops=lambda seen, evidence: (
            _is_deploy(evidence)
            and (not evidence.strong or PAGES.search(evidence.said.lower()) or _COPIES.search(evidence.said.lower()))
        ),
    ),
    JobRow(
        "throw-away-alone",
        "who makes a cluster that is thrown away tries something there",
        "charts: {steps: [{run: kind create cluster}, {run: ./go}]}",
        "test",
        when=lambda seen: seen.cluster and "test" not in seen.known,
        drops=lambda seen, evidence: evidence.stage == "cluster",
        turns="test",
    ),
)
