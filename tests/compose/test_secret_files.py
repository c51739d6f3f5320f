"""Files that Compose gives to services as secrets: whether Git keeps them, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from devopslint import check_paths

COMPOSE = """\
services:
  db: {image: "postgres:16.4", secrets: [password]}
secrets:
  password:
    file: NAME
"""


def said(folder: Path, files: Mapping[str, str | bytes]) -> list[tuple[str, int, str]]:
    (folder / ".git").mkdir()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = check_paths(folder, select="compose-committed-secret")
    return [(one.location.path, one.location.line, one.message) for one in found]


@pytest.mark.parametrize(
    ("ignored", "kept"),
    [("", True), ("secrets/", False), ("*.txt", False), ("*.txt\n!password.txt\n", True), ("/password.txt", True)],
)
def test_a_file_that_git_keeps_is_committed(tmp_path: Path, ignored: str, kept: bool) -> None:
    files = {
        "deploy/compose.yaml": COMPOSE.replace("NAME", "../secrets/password.txt"),
        "secrets/password.txt": "tr0ub4dor\n",
        ".gitignore": ignored,
    }

    message = "the file of secret 'password' is kept in the repository"
    assert said(tmp_path, files) == ([("deploy/compose.yaml", 5, message)] if kept else [])


def test_an_inner_gitignore_is_asked(tmp_path: Path) -> None:
    files = {
        "compose.yaml": COMPOSE.replace("NAME", "${SECRETS:-secrets}/password"),
        "secrets/.gitignore": "*\n",
        "secrets/password": "tr0ub4dor\n",
    }

    assert said(tmp_path, files) == []


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        ("tr0ub4dor", True),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKc\n", True),
        ("-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKc\n", False),
        ("$ANSIBLE_VAULT;1.1;AES256\n3132\n", False),
        ('{"data": "ENC[AES256_GCM,data:abc,iv:x,tag:y,type:str]"}', False),
        (b"\0GITCRYPT\0\x12\x34", False),
        ("", False),
        ("changeme\n", False),
    ],
)
def test_what_the_file_holds_decides(tmp_path: Path, content: str | bytes, secret: bool) -> None:
    files = {"compose.yaml": COMPOSE.replace("NAME", "./password"), "password": content}

    assert bool(said(tmp_path, files)) is secret


def test_what_is_outside_or_a_link_or_no_file_is_not_looked_at(tmp_path: Path) -> None:
    inside = tmp_path / "repository"
    inside.mkdir()
    (tmp_path / "password").write_text("tr0ub4dor")
    (inside / "link").symlink_to(tmp_path / "password")
    (inside / "folder").mkdir()

    for number, name in enumerate(["../password", "link", "folder", "absent", "/etc/passwd", "${HOME}/password"]):
        (inside / f"compose.{number}.yaml").write_text(COMPOSE.replace("NAME", name))

    assert said(inside, {}) == []


def test_a_literal_build_argument_is_as_open_as_a_variable(tmp_path: Path) -> None:
    compose = (
        "services:\n  shop:\n    build:\n      context: .\n      args:\n"
        "        NPM_TOKEN: Kq7-made-up-Pw42\n        PYPI_TOKEN: ${PYPI_TOKEN}\n        LEVEL: info\n"
    )
    (tmp_path / "compose.yaml").write_text(compose)

    found = check_paths(tmp_path, select="compose-literal-secret")

    assert [(one.location.line, one.message) for one in found] == [(6, "'NPM_TOKEN' holds a secret in the file")]
