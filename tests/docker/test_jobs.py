"""Dockerfiles whose images only pipelines run, and builds that other tools than a shell start."""

from __future__ import annotations

import pytest

import devopslint

DOCKERFILE = "FROM debian:12.9-slim\nCOPY web /web\nCMD [/web]\n"
ASKED = ("docker-missing-user", "docker-missing-healthcheck")


def rules(files: dict[str, str], path: str) -> set[str]:
    return {one.rule.id for one in devopslint.check(files, select=list(ASKED)) if one.location.path == path}


@pytest.mark.parametrize(("image", "asked"), [("Dockerfile", set()), ("docker://alpine:3.22", set(ASKED))])
def test_the_image_of_an_action_runs_as_root_as_github_wants_it(image: str, asked: set[str]) -> None:
    action = f"name: shop\ndescription: Of the shop\nruns: {{using: docker, image: '{image}'}}\n"
    files = {"deploy/action.yml": action, "deploy/Dockerfile": DOCKERFILE}

    assert rules(files, "deploy/Dockerfile") == asked


def test_the_image_of_the_jobs_of_jenkins_is_a_tool_unless_something_else_builds_it() -> None:
    jenkinsfile = (
        "pipeline {\n  agent { dockerfile { dir 'build' } }\n"
        "  stages { stage('Test') { steps { sh 'mvn test' } } }\n}\n"
    )
    files = {"Jenkinsfile": jenkinsfile, "build/Dockerfile": DOCKERFILE, "Dockerfile": DOCKERFILE}
    makefile = "image:\n\tdocker build -t registry.example.org/shop:1.4 build\n"

    assert rules(files, "build/Dockerfile") == set()
    assert rules(files, "Dockerfile") == set(ASKED)
    assert rules({**files, "Makefile": makefile}, "build/Dockerfile") == set(ASKED)


@pytest.mark.parametrize(
    ("docker", "wrong"), [("buildArgs: {BASE: 'debian:12'}", False), ("buildArgs: {OTHER: x}", True), ("", True)]
)
def test_skaffold_gives_build_arguments(docker: str, wrong: bool) -> None:
    skaffold = (
        "apiVersion: skaffold/v4beta11\nkind: Config\n"
        f"build: {{artifacts: [{{image: shop, context: web, docker: {{{docker}}}}}]}}\n"
    )
    files = {"skaffold.yaml": skaffold, "web/Dockerfile": "ARG BASE\nFROM ${BASE}\nUSER 10001\n"}

    found = devopslint.check(files, select=["docker-invalid-default-image"])

    assert [one.location.path for one in found] == ["web/Dockerfile"] * wrong


@pytest.mark.parametrize(
    ("gemfile", "wrong"),
    [
        ("gem 'puma'\n# group :test do\n", False),
        ("gem 'pg', group: :production\n", False),
        ("group :production do\n  gem 'pg'\nend\n", False),
        ("gem 'rspec', group: :test # and not :production\n", True),
        ("gem 'pg', group: [:production, :test]\n", True),
        ("group :production, :test do\n  gem 'pg'\nend\n", True),
        ("group :development do\n  gem 'pry'\nend\n", True),
    ],
)
def test_gems_of_production_alone_are_none_of_development(gemfile: str, wrong: bool) -> None:
    dockerfile = (
        "FROM ruby:3.4-alpine\nCOPY Gemfile Gemfile.lock ./\nRUN bundle install\nUSER 1000\nCMD [ruby, shop.rb]\n"
    )

    found = devopslint.check({"Gemfile": gemfile, "Dockerfile": dockerfile}, select=["docker-dev-dependencies"])

    assert len(found) == wrong


WORKFLOW = "on: push\njobs: {test: {runs-on: ubuntu-24.04, container: 'registry.example.org/ci/%s:1.4', steps: [{run: make}]}}\n"
GITLAB = "image: registry.example.org/ci/%s:1.4\ntest: {script: [make test]}\n"
MAKEFILE = "image:\n\tdocker build -t registry.example.org/ci/runner:1.4 build\n\tdocker push registry.example.org/ci/runner:1.4\n"
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\n"
    "spec: {containers: [{name: shop, image: 'registry.example.org/ci/runner:1.4'}]}\n"
)


@pytest.mark.parametrize(("path", "pipeline"), [(".github/workflows/ci.yml", WORKFLOW), (".gitlab-ci.yml", GITLAB)])
@pytest.mark.parametrize(
    ("name", "more", "asked"),
    [("runner", {}, set()), ("other", {}, set(ASKED)), ("runner", {"shop.yaml": POD}, set(ASKED))],
)
def test_the_image_that_jobs_run_in_is_none_of_production(
    path: str, pipeline: str, name: str, more: dict[str, str], asked: set[str]
) -> None:
    files = {path: pipeline % name, "Makefile": MAKEFILE, "build/Dockerfile": DOCKERFILE, **more}

    assert rules(files, "build/Dockerfile") == asked


@pytest.mark.parametrize(
    ("jenkinsfile", "wrong"),
    [
        (
            "node {\n  stage('Image') { dir('web') { sh 'podman build --build-arg=BASE=debian:12 -t shop .' } }\n}\n",
            False,
        ),
        ("node {\n  stage('Image') { dir('web') { sh 'podman build -t shop .' } }\n}\n", True),
    ],
)
def test_jenkins_gives_build_arguments(jenkinsfile: str, wrong: bool) -> None:
    files = {"Jenkinsfile": jenkinsfile, "web/Dockerfile": "ARG BASE\nFROM ${BASE}\nUSER 10001\n"}

    assert len(devopslint.check(files, select=["docker-invalid-default-image"])) == wrong


def test_the_image_of_copy_has_a_name_that_buildkit_takes() -> None:
    digest = "sha256:" + "a1" * 32
    text = f"FROM debian:12.5\nCOPY --from=node@{digest} /x /\nCOPY --from=node@{digest[:-1]} /x /\nUSER 10001\n"

    found = devopslint.check({"Dockerfile": text}, select=["docker-refused-instruction"])

    assert [(one.location.line, one.message[-24:]) for one in found] == [(3, "' is no name of an image")]


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        ('bash <<< "sudo ls"', True),
        ('echo "sudo ls" | sh', True),
        ("printf 'sudo ls' | bash -e", True),
        ("echo -e 'sudo ls' | tee /x | sh", True),
        ('grep sudo <<< "sudo ls"', False),
        ('echo "sudo ls" | grep sudo', False),
        ('echo "sudo ls" > /x | sh', False),
        ('echo "sudo ls" | bash /script.sh', False),
    ],
)
def test_what_is_printed_for_a_shell_is_its_script(command: str, wrong: bool) -> None:
    found = devopslint.check({"Dockerfile": f"FROM debian:12.5\nRUN {command}\nUSER 10001\n"}, select=["docker-sudo"])

    assert len(found) == wrong


@pytest.mark.parametrize(
    ("image", "refused"), [("gcr.io/<project>/web:1", False), ("[modules]", False), ("we<b", True)]
)
def test_an_image_in_brackets_is_put_in_later(image: str, refused: bool) -> None:
    found = devopslint.check({"Dockerfile": f"FROM {image}\nUSER 10001\n"}, select=["docker-refused-instruction"])

    assert bool(found) == refused


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("images/Makefile", 'EXTRA = --build-arg A=1 --build-context base="../shared"\n\nimage:\n\tmake build\n'),
        ("build.sh", '#!/bin/sh\nset -- --build-context base=shared "$@"\ndocker buildx build "$@" images\n'),
        ("Taskfile.yml", "vars: {EXTRA: --build-context base=shared}\ntasks: {image: {cmds: [make build]}}\n"),
    ],
)
def test_a_context_that_scripts_name_is_no_misspelt_stage(path: str, text: str) -> None:
    files = {"images/Dockerfile": "FROM alpine:3.22\nCOPY --from=base a /a\nCOPY --from=bas a /a\n", path: text}

    found = devopslint.check(files, select=["docker-unknown-copy-source"])

    assert [one.message for one in found] == ["'bas' is no stage above, and no image with a tag"]


@pytest.mark.parametrize(
    ("image", "copied", "refused"),
    [
        ("${shop.base.image}", "${project.artifactId}-${project.version}.jar", False),
        ("debian:12.9-slim", "${project.}", True),
        ("debian:12.9-slim", "${.version}", True),
        ("debian:12.9-slim", "${a!b}", True),
    ],
)
def test_what_maven_puts_in_is_no_substitution(image: str, copied: str, refused: bool) -> None:
    text = f"FROM {image}\nCOPY {copied} /app/\nUSER 10001\n"

    assert bool(devopslint.check({"Dockerfile": text}, select=["docker-refused-instruction"])) is refused
