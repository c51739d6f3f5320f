"""Packages of languages that a RUN installs, whatever program is asked for them."""

from __future__ import annotations

import pytest

import devopslint

BRANCH = "from the branch main, which is whatever it is on the day of the build"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("uv pip install --system requests", "pip package 'requests' has no version"),
        ("uv tool install ruff", "pip package 'ruff' has no version"),
        (
            "uv pip install git+https://git.example.org/x.git@main",
            f"uv takes 'git+https://git.example.org/x.git@main' {BRANCH}",
        ),
        ("uv pip install -r requirements.txt requests", ""),
        ("uv pip install --default-index https://pypi.example.org requests==2.32.3", ""),
        ("uv tool install ruff==0.4.0 --with httpx", ""),
        ("uv sync --locked", ""),
        ("pnpm add -g vite", "npm package 'vite' has no version"),
        ("yarn global add vite@latest", "npm package 'vite@latest' has no version"),
        ("bun add -g vite@6.0.1", ""),
        ("pnpm install --frozen-lockfile", ""),
        ("yarn add vite@6.0.1", ""),
    ],
)
def test_a_package_that_is_taken_as_it_is_today(command: str, said: str) -> None:
    rules = ["docker-unpinned-pip-package", "docker-unpinned-npm-package"]

    found = devopslint.check({"Dockerfile": f"FROM debian:12.5\nRUN {command}\nUSER 10001\n"}, select=rules)

    assert [one.message for one in found] == [said] * bool(said)


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("https://git.example.org/shop/web.git#main", "from the branch main"),
        ("https://git.example.org/shop/web.git?ref=master", "from the branch master"),
        ("git@git.example.org:shop/web.git", "from its default branch"),
        ("https://git.example.org/shop/web.git#main:docs", "from the branch main"),
        ("https://git.example.org/shop/web.git#v1.4.2", ""),
        ("https://git.example.org/shop/web.git#3d3c42e5aac5ba805825da76410c181273ba90b1:src", ""),
    ],
)
def test_a_repository_is_added_as_its_branch_is_today(address: str, taken: str) -> None:
    found = devopslint.check(
        {"Dockerfile": f"FROM debian:12.5\nADD {address} /src\nUSER 10001\n"}, select=["docker-unverified-add"]
    )

    assert [one.message for one in found] == [f"'{address}' is taken {taken}, which moves"] * bool(taken)
