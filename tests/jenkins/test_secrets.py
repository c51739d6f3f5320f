"""Secrets that a Jenkinsfile writes out: in whichever block, by whichever shell, at the very line."""

from __future__ import annotations

import textwrap

import pytest

import devopslint

PIPELINE = """\
pipeline {
  agent any
  %s
  stages { stage('Push') { steps {
%s
  } } }
}
"""


def said(steps: str, head: str = "", rule: str = "jenkins-literal-secret") -> list[tuple[int, str]]:
    text = PIPELINE % (head, textwrap.indent(textwrap.dedent(steps), "    "))
    return [(one.location.line - 4, one.message) for one in devopslint.check({"Jenkinsfile": text}, select=[rule])]


@pytest.mark.parametrize("shell", ["sh", "bat", "powershell"])
def test_every_shell_is_given_its_secrets_in_words(shell: str) -> None:
    steps = f"{shell} 'docker login --username shop --password Kq7-made-up-Pw42'"

    assert said(steps) == [(1, "docker is given --password in plain text")]
    assert said(f"{shell} 'docker login --username shop --password %HUB_PASS%'") == []


def test_a_secret_in_a_script_of_several_lines_is_told_at_its_line() -> None:
    steps = """\
        sh '''
          set -e
          curl -fsS -u shop:Kq7-made-up-Pw42 https://repo.example.org/upload
        '''
        """

    assert said(steps) == [(3, "curl is given a password in plain text")]


def test_a_credential_that_groovy_puts_in_is_told_at_its_line() -> None:
    steps = '''\
        sh """
          echo start
          curl -H "X-Token: ${API_TOKEN}" https://repo.example.org/upload
        """
        '''
    head = "environment { API_TOKEN = credentials('api') }"

    assert [line for line, _ in said(steps, head, "jenkins-interpolated-credential")] == [3]


def test_with_env_holds_what_it_is_given() -> None:
    steps = """\
        withEnv(['LEVEL=info', 'API_TOKEN=Kq7-made-up-Pw42', "DB_PASSWORD=${params.PASSWORD}", 'KEY_FILE=/run/key']) {
          sh 'make push'
        }
        """

    assert said(steps) == [(1, "variable 'API_TOKEN' holds a secret in plain text")]


@pytest.mark.parametrize(
    ("parameter", "wrong"),
    [
        ("password(name: 'LOGIN', defaultValue: 'Kq7-made-up-Pw42', description: 'of the shop')", True),
        ("string(name: 'API_TOKEN', defaultValue: 'tok-9f31-Kd82-qq7', description: 'of the shop')", True),
        ("password(name: 'DB_PASSWORD', defaultValue: '', description: 'of the shop')", False),
        ("string(name: 'PASSWORD_HASHER', defaultValue: 'argon2', description: 'of the shop')", False),
    ],
)
def test_the_default_of_a_parameter_is_a_secret_that_everybody_reads(parameter: str, wrong: bool) -> None:
    found = said("sh 'make push'", f"parameters {{\n{parameter}\n}}")

    assert [message.endswith("holds a secret in plain text") for _, message in found] == [True] * wrong
