"""How the stages of a job are recognised."""

from __future__ import annotations

from pathlib import Path

import pytest

from devopslint.model import StageWords
from devopslint.views.stage_words import STAGES
from devopslint.views.stages import Vocabulary, tier, vocabulary
from tests.conformance.stages import score, stages_of

WORDS = vocabulary(())
LABELS = Path(__file__).parents[2] / "shared" / "labels" / "pipeline-stages.jsonl"


def said(script: str) -> list[tuple[str, str]]:
    return [(one.stage, one.words) for one in WORDS.of_script(script)]


@pytest.mark.parametrize(
    ("command", "stage"),
    [
        ("kubectl -n shop apply -f k8s/", "deploy"),
        ("kubectl apply --dry-run=server -f k8s/", "plan"),
        ("sudo -E env A=1 poetry run python -m pytest -q", "test"),
        ("bundle exec rubocop", "lint"),
        ("uv run --group dev mypy .", "lint"),
        ("docker compose -f ci.yml run --rm api pytest", "test"),
        ("docker buildx build --push .", "build"),
        ("go run github.com/securego/gosec/v2/cmd/gosec@v2.21.0 ./...", "security"),
        ("cargo +nightly fmt --check", "lint"),
        ("./gradlew :app:publishToMavenLocal", "publish"),
        ("pnpm format:check", "lint"),
        ("yarn workspace shop test", "test"),
        ("npm audit --audit-level=high", "security"),
        ("tox -e lint", "lint"),
        ("./scripts/deploy-api.sh", "deploy"),
        ("terraform -chdir=infra apply -auto-approve", "deploy"),
        ("rsync -az dist/ www@shop.example:/srv/", "deploy"),
        ("goreleaser release --snapshot", "plan"),
    ],
)
def test_a_command_says_its_stage(command: str, stage: str) -> None:
    assert [found for found, _ in said(command)] == [stage]


@pytest.mark.parametrize(
    "command",
    [
        "playwright install --with-deps",
        "trivy --version",
        "rsync -a out/ public/",
        "echo kubectl apply -f k8s/",
        "make install-test-tools",
        "cfn-lint --update-specs",
        "npm ci",
        "docker run --rm registry.example/tool:latest",
    ],
)
def test_preparations_and_texts_are_no_stage(command: str) -> None:
    assert not [found for found, _ in said(command) if found in STAGES]


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("deploy-test", {"deploy"}),
        ("publish to dev", {"publish"}),
        ("smoke-prod", {"test"}),
        ("deploy-preview", {"deploy"}),
        ("migrate", {"deploy"}),
        ("test-migrations", {"test"}),
        ("e2e-staging", {"test"}),
        ("notify-audited-deploy", {"notify"}),
        ("terraform-plan-publish", {"plan"}),
        ("setup-test-matrix", {"meta"}),
        ("Setup, Build, Publish, and Deploy", {"build", "publish", "deploy"}),
        ("latest", set()),
    ],
)
def test_a_name_says_its_stages(name: str, stages: set[str]) -> None:
    assert WORDS.of_name(name) == stages


def test_what_a_job_runs_stands_in_the_order_of_its_steps() -> None:
    job = "runs-on: x\nsteps:\n- run: npm run build\n- run: npm test\n- uses: azure/webapps-deploy@v3\n"

    assert stages_of("all", job) == ["build", "test", "deploy"]


def test_a_test_job_that_applies_manifests_is_no_deploy() -> None:
    job = "runs-on: x\nsteps:\n- run: |\n    kubectl apply -f k8s/\n    go test ./e2e/...\n"

    assert stages_of("e2e", job) == ["test"]


def test_a_configuration_adds_words() -> None:
    words = Vocabulary((StageWords("deploy", ("acme/rollout*",), ("shipit now",), ("utrulling",)),))

    assert words.of_action("acme/rollout-api") == "deploy"
    assert [one.stage for one in words.of_script("shipit now --all")] == ["deploy"]
    assert words.of_name("utrulling") == {"deploy"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("production", "production"),
        ("prod-eu", "production"),
        ("preprod", "staging"),
        ("uat", "staging"),
        ("api", None),
    ],
)
def test_an_environment_is_production_or_before_it(name: str, expected: str | None) -> None:
    assert tier(name) == expected


@pytest.mark.skipif(not LABELS.exists(), reason="the labelled jobs are not here")
def test_labelled_jobs_are_recognised() -> None:
    result = score(LABELS)

    assert result.precision >= 0.95, result.errors
    assert result.recall >= 0.93, result.errors


def test_a_matrix_puts_its_values_into_scripts() -> None:
    job = "strategy: {matrix: {tool: [ruff, pytest]}}\nsteps:\n- run: uv run ${{ matrix.tool }} .\n"

    assert set(stages_of("quality", job)) == {"lint", "test"}


def test_an_unknown_action_is_known_by_its_name() -> None:
    assert stages_of("go", "steps:\n- uses: ./.github/actions/deploy-to-aks\n") == ["deploy"]
