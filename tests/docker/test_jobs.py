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
