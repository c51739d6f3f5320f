"""What a Dockerfile is not asked for, because it is not known or does not hold for what it builds."""

from __future__ import annotations

import pytest

from devopslint import check


@pytest.mark.parametrize(
    ("argument", "found"),
    [
        ("ARG flags\nRUN composer install ${flags}", []),
        ("ARG flags=--no-dev\nRUN composer install ${flags}", []),
        ("ARG flags=--prefer-dist\nRUN composer install ${flags}", ["composer install"]),
        ("RUN composer --no-interaction install", ["composer install"]),
        ('RUN npm ci "$NPM_FLAGS"', []),
        ("ARG DEV\nRUN if [ $DEV ]; then poetry install --with=dev; fi", []),
        ("RUN if [ -f yarn.lock ]; then yarn install; fi", ["yarn install"]),
    ],
)
def test_an_install_whose_options_only_the_caller_gives_is_not_known_to_take_all(
    argument: str, found: list[str]
) -> None:
    text = f"FROM composer:2.8\n{argument}\n"

    messages = [one.message for one in check({"Dockerfile": text}, select=["docker-dev-dependencies"])]

    assert messages == [f"'{what}' installs what only development needs" for what in found]


IGNORED = {
    ".dockerignore": ".*\n",
    "backend/Dockerfile": "FROM maven:3.9\nCOPY pom.xml ./\nCOPY .mvn/ ./.mvn\n",
    "backend/pom.xml": "<project/>\n",
    "backend/.mvn/maven.config": "-B\n",
}


def test_what_lies_beside_a_dockerfile_and_not_above_is_not_hidden_by_a_dockerignore_above() -> None:
    assert [one.message for one in check(IGNORED, select=["docker-ignored-copy"])] == []


def test_what_lies_at_the_root_too_is_hidden_by_its_dockerignore() -> None:
    files = {**IGNORED, "pom.xml": "<project/>\n", ".mvn/maven.config": "-B\n"}

    (found,) = check(files, select=["docker-ignored-copy"])

    assert found.message == "'.mvn/' is excluded by .dockerignore, so the build does not find it"


@pytest.mark.parametrize(("copied", "found"), [("build/app/ /app/", 0), ("build/app/ gradle.properties /app/", 1)])
def test_what_a_build_makes_says_nothing_of_the_folder_that_an_image_is_built_from(copied: str, found: int) -> None:
    files = {
        ".dockerignore": "**/build/\n",
        "gradle.properties": "a=b\n",
        "shop/src/main/docker/Dockerfile.jvm": f"FROM eclipse-temurin:21-jre\nCOPY {copied}\n",
        "shop/src/main/java/Shop.java": "class Shop {}\n",
    }

    assert len(check(files, select=["docker-ignored-copy"])) == found


def test_a_copy_that_leads_out_of_the_context_takes_all_of_it() -> None:
    files = {".dockerignore": "*\n!static\n", "Dockerfile": "FROM nginx:1.27\nADD .. /code\n", "static/a.css": "a {}\n"}

    assert [one.message for one in check(files, select=["docker-ignored-copy"])] == []


@pytest.mark.parametrize(("gems", "found"), [("gem 'bunny'\n", 0), ("gem 'rails'\n", 1)])
def test_a_gemfile_that_lies_elsewhere_says_whether_there_is_rails(gems: str, found: int) -> None:
    files = {
        "worker/Dockerfile": 'FROM ruby:3.4-slim\nCOPY Gemfile ./\nCMD ["ruby", "run.rb"]\n',
        "worker/src/Gemfile": gems,
    }

    assert len(check(files, select=["docker-missing-production-env"])) == found


BUILDS = """\
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v6
        with: {context: ., push: true, target: builder, tags: "example/shop:builder"}
      - uses: docker/build-push-action@v6
        with: {context: ., push: true, tags: "example/shop:1"}
"""


@pytest.mark.parametrize(("start", "found"), [("", 0), ('CMD ["ruby", "run.rb"]\n', 1)])
def test_a_stage_that_is_pushed_as_a_cache_needs_no_user(start: str, found: int) -> None:
    text = f"FROM ruby:3.4-slim AS builder\nCOPY . .\n{start}FROM ruby:3.4-slim\nCOPY --from=builder /app /app\nUSER 1000\n"

    problems = check({"Dockerfile": text, ".github/workflows/ci.yml": BUILDS}, select=["docker-missing-user"])

    assert len(problems) == found


@pytest.mark.parametrize(("kind", "found"), [("BuildConfig", 0), ("Deployment", 1)])
def test_openshift_puts_an_image_where_none_is_named(kind: str, found: int) -> None:
    config = f"apiVersion: build.openshift.io/v1\nkind: {kind}\nmetadata: {{name: shop}}\nspec: {{strategy: {{type: Docker}}}}\n"
    files = {"Dockerfile": "FROM BuildConfig\nCOPY . .\n", "openshift/shop.yaml": config}

    assert len(check(files, select=["docker-refused-instruction"])) == found
