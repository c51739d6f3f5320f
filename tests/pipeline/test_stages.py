"""How the stages of a job are recognised."""

from __future__ import annotations

from pathlib import Path

import pytest

import devopslint
from devopslint.model import Location, StageWords
from devopslint.pipeline.jobs import Condition
from devopslint.pipeline.shell_scripts import shell_scripts
from devopslint.pipeline.stage_words import STAGES
from devopslint.pipeline.tiers import tier
from devopslint.pipeline.vocabulary import Vocabulary, vocabulary
from devopslint.scripts.steps import Text
from tests.conformance.stages import score, stages_of

WORDS = vocabulary(())
LABELS = Path(__file__).resolve().parents[3] / "shared" / "labels" / "pipeline-stages.jsonl"


def said(script: str) -> list[tuple[str, str]]:
    return [(one.stage, one.words) for one in shell_scripts(WORDS).read(script)]


@pytest.mark.parametrize(
    ("command", "stage"),
    [
        ("kubectl -n shop apply -f k8s/", "deploy"),
        ("kubectl apply --dry-run=server -f k8s/", "plan"),
        ("aws s3 sync dist s3://shop --delete --exclude '*.map'", "deploy"),
        ("aws s3 sync s3://shop-staging s3://shop", "deploy"),
        ("rsync -az --delete dist/ deploy@host.example:/srv/shop", "deploy"),
        ("trivy config --exit-code 1 infra", "security"),
        ("ansible-playbook --syntax-check site.yml", "lint"),
        ("cdk deploy --no-execute", "plan"),
        ("sudo -E env A=1 poetry run python -m pytest -q", "test"),
        ("bundle exec rubocop", "lint"),
        ("uv run --group dev mypy .", "lint"),
        ("docker compose -f ci.yml run --rm api pytest", "test"),
        ("docker buildx build --push .", "build"),
        ("go run github.com/securego/gosec/v2/cmd/gosec@v2.21.0 ./...", "security"),
        ("cargo +nightly fmt --check", "lint"),
        ("./gradlew :app:publishToMavenLocal", "publish"),
        ("./gradlew :lint:test", "test"),
        ("pnpm format:check", "lint"),
        ("yarn workspace shop test", "test"),
        ("npm audit --audit-level=high", "security"),
        ("tox -e lint", "lint"),
        ("./scripts/deploy-api.sh", "deploy"),
        ("./run deploy --stage main", "deploy"),
        ("terraform -chdir=infra apply -auto-approve", "deploy"),
        ("rsync -az dist/ www@shop.example:/srv/", "deploy"),
        ("goreleaser release --snapshot", "plan"),
        ("nox -s tests-3.12", "test"),
        ("cargo dist host --steps=upload", "publish"),
        ("make docs", "build"),
        ("sshpass -p secret ssh deploy@host.example", "deploy"),
        ("aws-vault exec prod -- terraform apply", "deploy"),
        ("ssh deploy@host.example", "deploy"),
        ("ssh -p 22 deploy@host.example 'docker ps && docker compose up -d'", "deploy"),
        ("gcloud run services update-traffic shop --to-latest", "deploy"),
        ("git push heroku main", "deploy"),
        ("npm run cdk -- deploy --all", "deploy"),
        ("npm dist-tag add shop@2.0.0 latest", "publish"),
        ("app-store-connect publish --testflight", "publish"),
        ("python -m build --no-isolation", "build"),
        ("python -m build", "build"),
        ("make -j4", "build"),
        ("opam exec -- dune build", "build"),
        ("php bin/phpunit --testdox", "test"),
        ("hatch run cov:test", "test"),
        ("turbo run lint", "lint"),
        ("npx turbo run test --filter=api", "test"),
        ("pnpm turbo run check-licenses", "lint"),
        ("yarn nx run-many --target=build", "build"),
        ("acmelint ./...", "lint"),
        ("npx tsx scripts/check-migration-rollback.ts", "test"),
        ("make check", "test"),
        ("""bash -c 'sh -c "npm test"'""", "test"),
        ("make check-protos", "lint"),
        ("./gradlew testClasses", "build"),
        ("./mvnw test-compile", "build"),
        ("make checks-backend", "lint"),
        ("make audit-reference-up-to-date", "lint"),
        ("pnpm storybook-smoke-test", "test"),
        ("./hack/verify-codegen.sh", "lint"),
        ("./scripts/verify-deployment.sh", "test"),
        ("docker run --rm -v $PWD:/src -w /src -e CI=1 ruby:3 bundle exec rspec", "test"),
        ("docker run -t shop:ci 'yarn && yarn jest'", "test"),
        ("docker run --rm registry.example/google/addlicense:v1 -check .", "lint"),
        ("docker compose run --rm web bash -c 'bundle exec rubocop'", "lint"),
        ("gcloud run services update-traffic shop --to-revisions shop-41=100", "rollback"),
    ],
)
def test_a_command_says_its_stage(command: str, stage: str) -> None:
    assert [found for found, _ in said(command)] == [stage]


@pytest.mark.parametrize(
    "command",
    [
        "playwright install --with-deps",
        "trivy --version",
        "sh ./get-docker.sh",
        "rsync -a out/ public/",
        "echo kubectl apply -f k8s/",
        "aws s3 sync s3://models ./models --exclude 'raw/*'",
        "scp -i key.pem deploy@host.example:/var/log/shop.log .",
        "rsync -az deploy@host.example:/srv/dump/ dump/",
        "make install-test-tools",
        "cfn-lint --update-specs",
        "npm ci",
        "docker run --rm registry.example/tool:latest",
        "nox -s vendoring",
        "ssh -i key.pem ci@builder.example docker version",
        "ssh builder 'uptime; df -h'",
        "make sync-expression-tests",
        "make --version",
        "acmelint --version",
        "make install",
        "npm version patch",
        "./scripts/wait-for-deploy.sh",
        "./ci/poll-image-tags.sh",
        "docker run -d -p 5432:5432 registry.example/k6:1",
    ],
)
def test_preparations_and_texts_are_no_stage(command: str) -> None:
    assert not [found for found, _ in said(command) if found in STAGES]


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("deploy-test", {"deploy"}),
        ("Can I deploy to production?", set()),
        ("gatling-users", {"test"}),
        ("Clean deployment artifacts of the API image", {"meta"}),
        ("Delete old deployments, images", {"meta"}),
        ("Remove deployments, images for the shop and its worker", {"meta"}),
        ("Clean install, build, test", {"build", "test"}),
        ("Remove the old and build and deploy the new", {"build", "deploy"}),
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
        ("Build & Deployment", {"build", "deploy"}),
        ("deploy and test", {"deploy", "test"}),
        ("Build deployment artifacts", {"build"}),
        ("Validate the production release", {"lint"}),
        ("verify-deployment", {"test"}),
        ("website publish check", set()),
        ("pre-deploy checks", set()),
        ("Production approval", {"meta"}),
        ("approve_api_release", {"meta"}),
        ("Deployment guard", {"meta"}),
        ("Check for the e2e label", {"meta"}),
        ("Report status of the build", {"meta"}),
        ("Quality Gate", {"lint"}),
        ("latest", set()),
        ("poll:npm", {"meta"}),
        ("Build setup", {"meta"}),
        ("s3-backup", {"meta"}),
        ("Apply alerts to the cluster", set()),
        ("deploy-alerts", {"deploy"}),
        ("docs-linter", {"lint"}),
        ("Approval for the deployment to production", {"meta"}),
        ("Results of the tests", {"meta"}),
        ("Tests for the API", {"test"}),
        ("Release gate (all checks completed)", {"meta"}),
        ("check-signing-secrets", set()),
        ("Check for leaked secrets", {"security"}),
        ("Pre-commit check", {"lint"}),
        ("collect-and-deploy", {"deploy"}),
        ("Disable automatic deployments", {"meta"}),
        ("promote-backend-test", {"deploy"}),
        ("promote-everything-to-test", {"deploy"}),
    ],
)
def test_a_name_says_its_stages(name: str, stages: set[str]) -> None:
    assert WORDS.names.of_job(name) == stages


def test_what_a_job_runs_stands_in_the_order_of_its_steps() -> None:
    job = "runs-on: x\nsteps:\n- run: npm run build\n- run: npm test\n- uses: azure/webapps-deploy@v3\n"

    assert stages_of("all", job) == ["build", "test", "deploy"]


def test_what_one_script_runs_stands_in_the_order_of_its_lines() -> None:
    job = "runs-on: x\nsteps:\n- run: |\n    docker build -t shop .\n    grype shop --fail-on high\n"

    assert stages_of("image", job) == ["build", "security"]


def test_an_image_that_is_committed_to_another_repository_is_a_deploy() -> None:
    checkout = "- uses: actions/checkout@v4\n  with: {repository: shop/deployments}\n"
    script = "- run: |\n    kustomize edit set image shop=registry.example/shop:2\n    git push\n"

    assert stages_of("bump", f"runs-on: x\nsteps:\n{checkout}{script}") == ["deploy"]
    assert stages_of("bump", f"runs-on: x\nsteps:\n{script}") == []


def test_an_action_runs_the_command_of_its_inputs() -> None:
    clippy = "- uses: actions-rs/cargo@v1\n  with: {command: clippy, args: --all-targets}\n"
    retried = (
        "- uses: nick-fields/retry@v3\n  with:\n    max_attempts: 3\n    command: |\n      npm ci\n      npm test\n"
    )

    assert stages_of("go", f"steps:\n{clippy}{retried}") == ["lint", "test"]
    assert stages_of("go", "steps:\n- uses: crazy-max/ghaction-chocolatey@v3\n  with: {args: install wix}\n") == []


def test_a_database_that_tests_migrate_is_no_deploy() -> None:
    steps = "steps:\n- run: flyway migrate -url=jdbc:postgresql://localhost/shop\n"

    assert stages_of("schema-docs", f"{steps}- run: ./build-docs.sh\n") == ["build"]
    assert stages_of("database", f"environment: production\n{steps}") == ["deploy"]
    assert stages_of("migrate", steps) == []
    assert stages_of("migrate", "steps:\n- run: flyway migrate -url=jdbc:postgresql://db.example/shop\n") == ["deploy"]
    verified = "name: Verify API migrations\nsteps:\n- run: npm run prisma:migrate:deploy\n"
    assert stages_of("api-migrations", verified) == ["test"]


def test_what_a_job_called_a_preparation_brings_into_a_cluster_is_deployed_if_it_stays() -> None:
    steps = "steps:\n- run: helm upgrade --install shop ./chart\n"

    assert stages_of("setup", steps) == ["deploy"]
    assert stages_of("setup-e2e", steps) == ["test"]
    assert stages_of("configure", "steps:\n- run: ansible-playbook -i hosts.ini site.yml\n") == ["deploy"]
    assert stages_of("configure", "steps:\n- run: aws configure set region eu-west-1\n") == []
    assert stages_of("setup", f"{steps}- run: ./try\n- run: helm uninstall shop\n") == []


def test_what_an_engine_elsewhere_starts_is_deployed() -> None:
    steps = "steps:\n- run: docker compose up -d\n"

    assert stages_of("go", steps) == []
    assert stages_of("go", f'env: {{DOCKER_HOST: "ssh://ci@shop.example"}}\n{steps}') == ["deploy"]
    assert stages_of("go", f'env: {{DOCKER_HOST: "tcp://docker:2375"}}\n{steps}') == []
    assert stages_of("go", "steps:\n- run: docker context use shop && docker stack deploy -c a.yml shop\n") == [
        "deploy"
    ]
    assert stages_of("go", "steps:\n- run: docker context use default\n- run: docker compose up -d\n") == []


def test_a_matrix_of_objects_and_the_environment_put_their_values_into_scripts() -> None:
    objects = (
        "strategy: {matrix: {check: [{run: ruff check}, {run: pytest}]}}\nsteps:\n- run: ${{ matrix.check.run }}\n"
    )
    included = "strategy: {matrix: {include: [{go: {with: jest}}]}}\nsteps:\n- run: npx ${{ matrix.go.with }}\n"
    by_job = "env: {TOOL: trivy fs}\nsteps:\n- run: $TOOL .\n"
    by_step = "steps:\n- run: ${TOOL} up --yes\n  env: {TOOL: pulumi}\n"
    by_hand = (
        "strategy: {matrix: {one: [{run: mypy}, {run: bandit}]}}\n"
        "steps:\n- run: ${{ env.RUN }} src\n  env: {RUN: '${{ matrix.one.run }}'}\n"
    )
    both = "strategy: {matrix: {tool: [mypy]}}\nenv: {TOOL: '${{ matrix.tool }}'}\nsteps:\n- run: $TOOL .\n"

    assert stages_of("go", objects) == ["lint", "test"]
    assert stages_of("go", included) == ["test"]
    assert stages_of("go", by_job) == ["security"]
    assert stages_of("go", by_step) == ["deploy"]
    assert stages_of("go", both) == ["lint"]
    assert stages_of("go", both.replace("[mypy]", "[mypy, jest]")) == ["lint", "test"]
    assert stages_of("go", by_hand) == ["lint", "security"]


@pytest.mark.parametrize(
    "command",
    [
        "kind create cluster",
        "minikube start --driver=docker",
        "k3d cluster create ci",
        "vagrant up",
        "molecule converge",
        "curl -sfL https://get.k3s.io | sh -",
    ],
)
def test_what_goes_to_a_cluster_of_the_job_s_own_is_a_test(command: str) -> None:
    job = f"steps:\n- run: {command}\n- run: helm upgrade --install shop ./chart\n"

    assert stages_of("app", job) == ["test"]


@pytest.mark.parametrize(
    "command",
    [
        "helm upgrade shop ./chart --kube-apiserver https://localhost:6443",
        "npm publish --registry http://localhost:4873",
        "rsync -a dist/ localhost:/srv",
        "ansible-playbook --connection=local site.yml",
    ],
)
def test_what_goes_to_the_machine_of_the_job_delivers_nothing(command: str) -> None:
    assert stages_of("go", f"steps:\n- run: {command}\n") == []


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("prod-safari-nightly", set()),
        ("Release the deployment YAML", {"publish"}),
        ("lint pre deploy", {"lint"}),
        ("Build the image for the tests", {"build"}),
        ("Unit tests", {"test"}),
        ("Changes of the build", {"meta"}),
        ("Promote images to PROD", set()),
        ("Verify the linked issue", {"meta"}),
        ("Evaluate release tag", {"meta"}),
        ("publish_bundle", {"publish"}),
        ("Deploy Java artifacts", {"publish"}),
        ("prod-sanity-browsers", {"test"}),
        ("prod-eu", {"deploy"}),
        ("staging", {"deploy"}),
        ("Check the health of all sites after the deployment", set()),
        ("image-pull-filter", {"meta"}),
    ],
)
def test_a_place_in_a_name_is_no_deploy_to_it(name: str, stages: set[str]) -> None:
    assert WORDS.names.of_job(name) == stages


def test_a_name_says_what_an_id_that_only_says_where_does_not() -> None:
    backup = "name: Database backup (production)\nsteps:\n- uses: shop/run-in-cluster@v2\n"

    assert stages_of("db-bk-prod", backup) == []
    assert stages_of("db-prod", "name: Production\nsteps:\n- uses: shop/run-in-cluster@v2\n") == ["deploy"]


def test_a_step_that_is_called_a_deploy_is_one_whatever_it_runs() -> None:
    steps = "steps:\n- run: npm run build\n- name: Deploy the site\n  run: poetry run uploader push\n"

    assert stages_of("site", steps) == ["build", "deploy"]
    assert stages_of("e2e", steps) == ["test", "build"]


def test_an_environment_that_is_only_waited_for_is_no_deploy() -> None:
    waiting = "environment: production\nsteps:\n- run: echo the release may go on\n"

    assert stages_of("go-ahead", waiting) == []
    assert stages_of("go-ahead", f"{waiting}- run: ./cutover\n") == ["deploy"]


def test_an_environment_of_who_only_sums_up_is_no_deploy() -> None:
    asked = "${{ contains(needs.web.result, 'success') }}"
    job = f"needs: [web]\nenvironment: dev_1\nsteps:\n- run: |\n    if {asked} &&\n      {asked}; then exit 0; fi\n"

    assert stages_of("end_of_it", job) == []


def test_a_variable_may_name_the_file_into_which_an_image_is_written() -> None:
    script = "git clone git@host.example:deployments\n    yq e '.shop.image.tag = 2' -i \"$FILE\"\n    git push\n"

    assert stages_of("bump", f"steps:\n- run: |\n    {script}") == ["deploy"]


def test_what_an_id_names_as_a_target_is_one_in_the_name_too() -> None:
    assert stages_of("deploys-test", "name: TEST Deployments\nsteps: []\n") == ["deploy"]


def test_a_name_that_tells_of_linters_says_which_environments_tox_runs() -> None:
    assert stages_of("code-quality", "name: flake8\nsteps:\n- run: tox\n") == ["lint"]
    assert stages_of("go", "steps:\n- run: tox\n") == ["test"]


def test_a_variable_in_the_name_of_a_task_says_nothing() -> None:
    assert stages_of("bump", "steps:\n- run: ./gradlew :app:print${PACKAGE_FLAVOR^}Version\n") == []


def test_what_is_deployed_by_an_action_is_deployed_whatever_else_the_job_scans() -> None:
    job = "name: Scan and Quality Gate\nsteps:\n- run: sonar-scanner\n- uses: azure/webapps-deploy@v3\n"

    assert stages_of("go", job) == ["lint", "deploy"]


@pytest.mark.parametrize(
    ("condition", "after", "only_after"),
    [
        ("failure()", True, True),
        ("!success()", True, True),
        ("always()", True, False),
        ("!cancelled()", True, False),
        ("always() || failure()", True, False),
        ("!cancelled() && failure()", True, True),
        ("success()", False, False),
        ("!failure()", False, False),
        ("always() && needs.deploy.result == 'failure'", True, True),
        ("always() && needs.deploy.result == 'failure' || inputs.force", True, False),
        ("${{ failure() && steps.deploy.outcome == 'failure' }}", True, True),
    ],
)
def test_a_condition_says_whether_it_waits_for_a_failure(condition: str, after: bool, only_after: bool) -> None:
    read = Condition.read(Text(condition, Location("ci.yml", 1, 1, 1, 2)))

    assert (read.after_failure, read.only_after_failure) == (after, only_after)


def test_a_test_job_that_applies_manifests_is_no_deploy() -> None:
    job = "runs-on: x\nsteps:\n- run: |\n    kubectl apply -f k8s/\n    go test ./e2e/...\n"

    assert stages_of("e2e", job) == ["test"]


def test_a_configuration_adds_words() -> None:
    words = Vocabulary((StageWords("deploy", ("acme/rollout*",), ("shipit now",), ("utrulling",)),))

    assert words.of_action("acme/rollout-api") == "deploy"
    assert [one.stage for one in shell_scripts(words).read("shipit now --all")] == ["deploy"]
    assert words.names.of_job("utrulling") == {"deploy"}


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


def test_a_step_that_triggers_a_scan_elsewhere_is_none() -> None:
    steps = "steps:\n- name: Trigger the {}\n  run: ./call-argo\n"

    assert stages_of("go", steps.format("semgrep scan")) == []
    assert stages_of("go", steps.format("deploy")) == ["deploy"]


def test_an_action_that_runs_a_container_builds_none() -> None:
    assert stages_of("go", "steps:\n- uses: ./.github/actions/run-docker\n") == []
    assert stages_of("go", "steps:\n- uses: ./.github/actions/build-docker\n") == ["build"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Install Helm & Argo CD CLI", set()),
        ("Install deployment tools", set()),
        ("Install in production", {"deploy"}),
        ("Push the migration image", {"build"}),
        ("Run migrations", {"deploy"}),
    ],
)
def test_what_a_deploy_needs_is_no_deploy(name: str, expected: set[str]) -> None:
    assert Vocabulary().names.of_job(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Publish the HTML reports", set()),
        ("Publish coverage report", {"test"}),
        ("Publish report service", {"publish"}),
    ],
)
def test_who_publishes_a_report_does_not_publish_the_product(name: str, expected: set[str]) -> None:
    assert Vocabulary().names.of_job(name) == expected


def test_packages_that_are_brought_to_where_others_fetch_them_are_published() -> None:
    assert stages_of("go", "steps:\n- run: scp shop.deb ci@apt.example:/srv/packages/incoming/\n") == ["publish"]
    assert stages_of("go", "steps:\n- run: scp shop.tar ci@shop.example:/srv/shop/\n") == ["deploy"]


def test_an_expression_in_a_command_is_shown_as_left_out() -> None:
    script = "scp shop.tar ${{ secrets.HOST }}:/srv/shop"

    assert [words for _, words in said(script)] == ["`scp … …:/srv/shop`"]


def test_an_unknown_action_is_known_by_its_name() -> None:
    assert stages_of("go", "steps:\n- uses: ./.github/actions/deploy-to-aks\n") == ["deploy"]


def test_an_id_that_templates_give_to_any_job_is_no_build_beside_linters() -> None:
    assert stages_of("build", "steps:\n- run: npx eslint .\n") == ["lint"]
    assert stages_of("build", "steps:\n- run: npx eslint .\n- run: ./assemble\n- run: npm test\n") == [
        "lint",
        "build",
        "test",
    ]
    assert stages_of("image", "steps:\n- run: hadolint Dockerfile\n") == ["lint", "build"]


def test_a_step_that_is_called_a_test_is_one_whatever_it_runs() -> None:
    steps = "steps:\n- run: cargo build\n- name: {}\n  run: target/debug/selfcheck --all\n"

    assert stages_of("windows", steps.format("Run the tests")) == ["build", "test"]
    assert stages_of("windows", steps.format("Upload the test report")) == ["build"]
    assert stages_of("deploy-api", steps.format("Test")) == ["build", "deploy"]


def test_an_action_of_terraform_runs_its_subcommand() -> None:
    steps = "steps:\n- uses: hashicorp/terraform-github-actions@master\n  with: {{tf_actions_subcommand: {}}}\n"

    assert stages_of("infra", steps.format("validate")) == ["lint"]
    assert stages_of("infra", steps.format("apply")) == ["deploy"]


def test_what_a_name_says_is_only_found_out_is_not_done() -> None:
    steps = "steps:\n- run: ./suites --list >> $GITHUB_OUTPUT\n"

    assert stages_of("test-suites", f"name: Resolve the test suites\n{steps}") == []
    assert stages_of("test-suites", f"name: Test suites\n{steps}") == ["test"]


def test_an_address_that_a_test_is_given_is_no_message() -> None:
    step = "steps:\n- run: {}\n  env:\n    SLACK_WEBHOOK_URL: ${{{{ secrets.SLACK_WEBHOOK_URL }}}}\n"

    assert stages_of("api", step.format("npm test")) == ["test"]
    assert stages_of("api", step.format("./tell-the-team")) == ["notify"]
    assert stages_of("api", step.format('npm test || curl -d failed "$SLACK_WEBHOOK_URL"')) == ["test", "notify"]


def test_a_backup_is_no_deploy() -> None:
    sync = "environment: production\nsteps:\n- run: aws s3 sync . s3://shop-copies\n"

    assert stages_of("s3-backup", sync) == []
    assert stages_of("site", sync) == ["deploy"]


def test_rules_of_alerts_that_are_deployed_are_no_message() -> None:
    steps = "steps:\n- uses: azure/k8s-deploy@v5\n  with: {manifests: alerts.yml}\n"

    assert stages_of("alerts", steps) == ["deploy"]
    assert stages_of("alerts", "steps:\n- run: ./tell-the-team\n") == ["notify"]


def test_a_job_that_is_called_after_the_environment_it_hands_over_tests_nothing() -> None:
    called = "uses: acme/flows/.github/workflows/run.yml@v1\nwith: {environment: %s}\n"

    assert stages_of("test", called % "test") == ["deploy"]
    assert stages_of("test", called % "node-22") == ["test"]


def test_the_address_of_a_webhook_that_is_only_kept_is_no_message() -> None:
    fetch = 'steps:\n- run: |\n    SLACK_WEBHOOK=$(vault read slack)\n    echo "::add-mask::$SLACK_WEBHOOK"\n'

    assert stages_of("keys", fetch) == []
    assert stages_of("keys", f'{fetch}    curl -d hello "$SLACK_WEBHOOK"\n') == ["notify"]


def test_a_command_of_many_words_is_read() -> None:
    assert said("pnpm exec-many " * 20_000)


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("Lint before the long deploy", {"lint"}),
        ("smoke after each deploy", {"test"}),
        ("post-deploy-verify", {"test"}),
        ("lint pre deploy", {"lint"}),
        ("Build the image for the tests", {"build"}),
        ("Unit tests", {"test"}),
        ("Changes of the build", {"meta"}),
        ("Test for the deploy and build", {"test", "deploy", "build"}),
        ("deploy to test", {"deploy"}),
        ("deploy on the test", {"deploy"}),
        ("deploy and test", {"deploy", "test"}),
        ("Setup for tests", {"meta"}),
        ("Report of the tests", {"meta"}),
        ("check secrets", frozenset()),
        ("check for secrets", {"security"}),
    ],
)
def test_small_words_of_a_name_say_what_is_done_and_what_is_only_near(name: str, stages: set[str]) -> None:
    assert WORDS.names.of_job(name) == stages


def test_a_goal_of_maven_is_not_the_file_of_its_settings() -> None:
    """Maven's deploy publishes, and the name of a job whose commands are all known makes no deploy of it."""
    assert stages_of("deploy", "steps:\n- run: mvn deploy -s settings.xml -DskipTests\n") == ["publish"]


def test_a_script_that_another_program_has_put_there_says_nothing_by_its_name() -> None:
    assert stages_of("agent", "steps:\n- run: bash $RUNNER_TEMP/tool/audit_workspace.sh\n") == []
    assert stages_of("agent", "steps:\n- run: bash ci/audit_workspace.sh\n") == ["security"]


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("Docker image scans", {"security"}),
        ("scan-pr", {"security"}),
        ("Scan PR description for keywords", {"meta"}),
        ("SonarScanner", {"lint"}),
        ("virus-scanner", {"security"}),
        ("rotate-secrets", frozenset()),
        ("label-deploy", {"meta"}),
    ],
)
def test_a_scan_looks_at_code_and_not_at_what_is_said_of_it(name: str, stages: set[str]) -> None:
    assert WORDS.names.of_job(name) == stages


def test_a_step_that_checks_a_compiler_builds_nothing() -> None:
    assert stages_of("agent", "steps:\n- name: Check compile-agentic version\n  run: ./ask\n") == []


@pytest.mark.parametrize(
    ("step", "stages"),
    [
        ("run: gh workflow run deploy.yml --repo acme/infra", ["deploy"]),
        ("run: gh workflow run deploy.yml", []),
        ("run: gh workflow run --repo acme/infra check-deploy.yml", []),
        (
            "run: 'curl -X POST https://api.github.com/repos/acme/infra/actions/workflows/apply.yml/dispatches'",
            ["deploy"],
        ),
        ("{uses: benc-uk/workflow-dispatch@v1, with: {workflow: deploy.yml, repo: acme/infra}}", ["deploy"]),
        ("{uses: benc-uk/workflow-dispatch@v1, with: {workflow: deploy.yml}}", []),
        ("{uses: peter-evans/repository-dispatch@v3, with: {repository: acme/infra, event-type: deploy}}", ["deploy"]),
        ("{uses: peter-evans/repository-dispatch@v3, with: {event-type: deploy}}", []),
        (
            "{uses: actions/github-script@v7, with: {script: \"createWorkflowDispatch({repo: 'infra', workflow_id: 'apply.yml'})\"}}",
            ["deploy"],
        ),
        (
            "{uses: actions/github-script@v7, with: {script: \"createWorkflowDispatch({repo: context.repo.repo, workflow_id: 'apply.yml'})\"}}",
            [],
        ),
    ],
)
def test_who_starts_a_deploy_of_another_repository_deploys(step: str, stages: list[str]) -> None:
    step = step if step.startswith("{") else f"{{{step}}}"

    assert stages_of("next", f"steps: [{step}]\n") == stages


@pytest.mark.parametrize(
    ("job", "steps", "stages"),
    [
        ("update", "[{run: terraform apply -auto-approve}]", ["deploy"]),
        ("update-lock", "[{run: terraform apply -auto-approve}, {uses: peter-evans/create-pull-request@v7}]", []),
        ("destroy", "[{run: terraform apply -auto-approve}]", []),
        ("next", "[{run: terraform -chdir=infra/app/app-config apply -auto-approve > /dev/null}]", []),
        ("next", "[{run: ./dispatch.sh --targetWorkflow dispatch-deploy.yaml --terraformAction apply}]", ["deploy"]),
        ("next", "[{run: ./dispatch.sh --targetWorkflow dispatch-deploy.yaml --terraformAction destroy}]", []),
        ("docs", "[{run: mkdocs build}, {run: lftp -e 'mirror -R site/ /' $SERVER}]", ["build"]),
    ],
)
def test_what_a_job_runs_tells_whether_an_update_deploys(job: str, steps: str, stages: list[str]) -> None:
    assert stages_of(job, f"steps: {steps}\n") == stages


def test_who_tells_github_of_a_deployment_makes_none() -> None:
    assert (
        stages_of("start-deployment", "name: Create GitHub deployment\nsteps: [{run: ./bin/environment started}]\n")
        == []
    )


def test_who_makes_an_image_for_an_environment_deploys_if_it_is_called_so() -> None:
    steps = "steps: [{run: docker build -t $REPO:latest .}, {run: docker push $REPO:latest}]\n"

    assert "deploy" in stages_of("deploy", f"environment: staging\n{steps}")
    assert "deploy" not in stages_of("deploy", steps)
    assert "deploy" not in stages_of("images", f"environment: staging\n{steps}")


@pytest.mark.parametrize(("args", "stages"), [("check", []), ("release --clean", ["publish"])])
def test_goreleaser_publishes_where_it_is_told_to(args: str, stages: list[str]) -> None:
    steps = f"steps:\n- uses: goreleaser/goreleaser-action@v6\n  with: {{args: {args}}}\n"

    assert stages_of("go", steps) == stages


def test_to_hurry_flux_is_no_deploy() -> None:
    """Flux applies what is in Git all the same, a little later."""
    workflow = """\
on: {push: {branches: [main]}}
jobs:
  health-check:
    name: Production health check
    runs-on: ubuntu-24.04
    steps:
      - run: flux reconcile source git flux-system
      - run: curl --fail https://shop.example.org/healthz
"""

    files = {".github/workflows/check.yml": workflow}
    assert list(devopslint.check(files, select=["pipeline-unprotected-production"])) == []
