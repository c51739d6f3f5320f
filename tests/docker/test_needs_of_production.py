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
