"""Which user a public base image runs as is known, or said to be unknown."""

from __future__ import annotations

import pytest

from devopslint.facts.base_images import base_user
from devopslint.readers.image_reference import ImageReference
from support import base_images


def user(text: str) -> str | None:
    image = ImageReference.parse(text)
    found = base_user(image.short_name, image.tag if image.tag or not image.digest else "")
    return None if found is None else found.user


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("python:3.13-slim", "root"),
        ("docker.io/library/node", "root"),
        ("alpine", "root"),
        ("postgres:17-alpine", "root"),
        ("golang@sha256:" + "0" * 64, "root"),
        ("public.ecr.aws/docker/library/ruby:3.4", "root"),
        ("mirror.gcr.io/library/nginx:1.29", "root"),
        ("registry.access.redhat.com/ubi9/ubi-minimal:9.6", "root"),
        ("registry.access.redhat.com/ubi9/python-312", "1001"),
        ("gcr.io/distroless/static-debian12", "root"),
        ("gcr.io/distroless/static-debian12:nonroot", "65532"),
        ("gcr.io/distroless/base:debug", "root"),
        ("gcr.io/distroless/java21-debian13:debug-nonroot-arm64", "65532"),
        ("gcr.io/distroless/static@sha256:" + "0" * 64, None),
        ("mcr.microsoft.com/dotnet/aspnet:8.0", "root"),
        ("mcr.microsoft.com/dotnet/aspnet:9.0-noble-chiseled", "1654"),
        ("mcr.microsoft.com/dotnet/runtime-deps:10.0-azurelinux3.0-distroless-extra", "1654"),
        ("mcr.microsoft.com/dotnet/sdk:10.0", "root"),
        ("nginxinc/nginx-unprivileged:1.29-alpine", "101"),
        ("cgr.dev/chainguard/node:latest-dev", "65532"),
        ("cgr.dev/chainguard/wolfi-base", "root"),
        ("bitnami/redis:7.4", "1001"),
        ("bitnami/minideb", None),
        ("jenkins/jenkins:lts-jdk21", "jenkins"),
        ("grafana/grafana:12.1.0", "472"),
        ("prom/prometheus:v3.5.0", "nobody"),
        ("solr:9", "8983"),
        ("docker:28-dind", "root"),
        ("docker:28-dind-rootless", "rootless"),
        ("example.org/python:3.13", None),
        ("ghcr.io/acme/base:1", None),
    ],
)
def test_the_user_of_an_image_is_known_or_not(image: str, expected: str | None) -> None:
    assert user(image) == expected


def test_a_known_user_names_its_source() -> None:
    found = base_user("haproxy", "3.2")

    assert found is not None
    assert (found.user, found.is_root, found.source) == ("haproxy", False, "docker-library/haproxy")


STACKBREW = """
# this file is generated
Maintainers: Somebody <somebody@example.org> (@somebody),
             Another <another@example.org> (@another)
GitRepo: https://github.com/acme/widget.git

Tags: 2.1.0, 2.1,
      2, latest
Architectures: amd64, arm64v8
GitCommit: 0123456789012345678901234567890123456789
Directory: 2.1

Tags: 2.1.0-windowsservercore-ltsc2025
Architectures: windows-amd64
GitCommit: 0123456789012345678901234567890123456789
Directory: 2.1/windows
"""


def test_tags_of_official_images_lead_to_their_dockerfiles() -> None:
    commit = "0123456789012345678901234567890123456789"

    assert list(base_images._stackbrew("widget", STACKBREW)) == [
        base_images.Tagged("widget", ("2.1.0", "2.1", "2", "latest"), "acme+widget", commit, "", "2.1/Dockerfile")
    ]


def test_words_tell_users_apart_for_tags_to_come_and_numbers_do_not() -> None:
    words = {"2": "root", "2.1": "root", "2-rootless": "1000", "1-rootless": "1000", "1": "root"}
    numbers = {"1": "root", "1.9": "root", "1-alpine": "root", "2": "app", "2.1": "app", "3-beta": None}

    assert base_images._rows(words) == [["*rootless*", "1000"], ["*", "root"]]
    assert base_images._rows(numbers) == [
        ["*beta*", "?"],
        ["1", "root"],
        ["1[.-]*", "root"],
        ["2", "app"],
        ["2[.-]*", "app"],
    ]
