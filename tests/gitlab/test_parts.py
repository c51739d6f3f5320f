"""What a GitLab CI file says outside of the plain `variables` and `image` of a job."""

from __future__ import annotations

import textwrap

import pytest

import devopslint


def said(text: str, rule: str) -> list[tuple[int, str]]:
    found = devopslint.check({".gitlab-ci.yml": textwrap.dedent(text)}, select=[rule])
    return [(one.location.line, one.message) for one in found]


def test_rules_and_matrices_set_variables_too() -> None:
    text = """\
        workflow:
          rules:
            - {if: $CI_COMMIT_TAG, variables: {API_TOKEN: Kq7-made-up-Pw42}}
        test:
          script: [make test]
          parallel:
            matrix:
              - {REGION: [eu, us], DB_PASSWORD: Kq7-made-up-Pw42}
          rules:
            - if: $CI_COMMIT_BRANCH
              variables: {SSH_PASSWORD: Kq7-made-up-Pw42, NPM_TOKEN: $TOKEN}
        """

    assert said(text, "gitlab-literal-secret") == [
        (3, "variable 'API_TOKEN' holds a secret in plain text"),
        (8, "variable 'DB_PASSWORD' holds a secret in plain text"),
        (11, "variable 'SSH_PASSWORD' holds a secret in plain text"),
    ]


@pytest.mark.parametrize(("default", "moves"), [("{default: latest}", True), ("{default: 22.1.0}", False), ("", False)])
def test_the_default_of_an_input_is_the_tag_of_an_image(default: str, moves: bool) -> None:
    text = f"spec: {{inputs: {{tag: {default}}}}}\n---\ntest:\n  image: node:$[[ inputs.tag ]]\n  script: [npm test]\n"
    message = "image node:latest is whatever 'latest' is today"

    assert said(text, "gitlab-floating-image") == [(4, message)] * moves
