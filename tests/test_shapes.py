"""Files whose parts are of another shape than the program that reads them wants, or that end too early."""

from __future__ import annotations

import pytest

import devopslint

STACK = 'AWSTemplateFormatVersion: "2010-09-09"\n'
PIPELINE = """\
pipeline {
  agent any
  stages {
    stage('Test') {
      steps {
        sh 'make test'
      }
    }
  }
}
"""


def told(path: str, text: str) -> list[tuple[int, str]]:
    found = devopslint.check({path: text}, select=["unreadable-file"])
    return [(one.location.line, one.message) for one in found]


@pytest.mark.parametrize(
    ("path", "text", "line", "message"),
    [
        ("compose.yaml", "services: [a]\n", 1, "'services' is a list, where a mapping is wanted"),
        ("compose.yaml", "services:\n  web: nginx\n", 2, "service 'web' is a text, where a mapping is wanted"),
        ("compose.yaml", "services: {}\nvolumes: [data]\n", 2, "'volumes' is a list, where a mapping is wanted"),
        ("stack.yaml", STACK + "Resources: [a]\n", 2, "'Resources' is a list, where a mapping is wanted"),
        ("stack.yaml", STACK + "Resources:\n  Q: AWS::SQS::Queue\n", 3, "resource 'Q' is a text, where a mapping is wanted"),
        ("stack.yaml", STACK + "Parameters: []\nResources: {}\n", 2, "'Parameters' is a list, where a mapping is wanted"),
        ("pod.yaml", "apiVersion: v1\nkind: {a: b}\n", 2, "'kind' is a mapping, where a text is wanted"),
        ("pod.yaml", "apiVersion: [v1]\nkind: Pod\n", 1, "'apiVersion' is a list, where a text is wanted"),
        ("Jenkinsfile", PIPELINE[:90], 5, "the file ends in the middle of the block that 'steps' begins"),
        ("Jenkinsfile", PIPELINE[:-2], 1, "the file ends in the middle of the block that 'pipeline' begins"),
        ("Jenkinsfile", "node {\n  sh '''\n  make {\n", 1, "the file ends in the middle of the block that 'node' begins"),
    ],
)  # fmt: skip
def test_another_shape_is_told(path: str, text: str, line: int, message: str) -> None:
    assert told(path, text) == [(line, message)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("compose.yaml", "services:\n  web:\nvolumes:\n  data:\n"),
        ("compose.yaml", "services: {x-base: [a], web: !reset null, job: !override {image: a}}\n"),
        ("compose.yaml", "services: ${SERVICES}\n"),
        ("stack.yaml", STACK + "Resources:\n  Fn::ForEach::Queues: [Name, [a], {}]\n  Q: {Type: 'AWS::SQS::Queue'}\n"),
        ("appspec.yml", "version: 0.0\nResources:\n  - Service:\n      Type: AWS::ECS::Service\n"),
        ("pod.yaml", "apiVersion: {type: string}\nkind: {type: string}\n"),
        ("pod.yaml", "apiVersion: v1\nkind: {{ .Kind }}\n"),
        ("Jenkinsfile", PIPELINE),
        ("Jenkinsfile", "node {\n  sh \"echo ${env.A} {\"\n  // {\n  def a = /{/\n}\n"),
        ("Jenkinsfile", "pipeline {\n<% if (a) { %>\n"),
    ],
)  # fmt: skip
def test_what_may_be_of_any_shape_is_not(path: str, text: str) -> None:
    assert told(path, text) == []
