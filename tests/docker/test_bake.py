"""What the files of docker buildx bake say of the Dockerfiles that they build."""

from __future__ import annotations

import pytest

import devopslint
from devopslint.docker.bake import BakeFile
from devopslint.images.summaries import ImageBuild

HCL = """\
variable "TAG" { default = "1.4" }
group "default" { targets = ["web", "api"] }
target "_common" {
  # a brace } in a comment
  args = {
    BASE = "debian:12"
    PROXY = PROXY
  }
}
target "web" {
  inherits = ["_common"]
  context = "web"
  tags = ["registry.example.org/web:${TAG}", "registry.example.org/web:1"]
  args = { LEVEL = "in}fo" }
}
target "api" {
  inherits   = ["_common"]
  dockerfile = "api/Containerfile"
  target     = "Run"
}
target "inline" { dockerfile-inline = "FROM scratch" }
"""
JSON = """\
{"target": {
  "_common": {"args": {"BASE": "debian:12"}},
  "web": {"inherits": ["_common"], "context": "web", "tags": ["web:1"], "args": {"BASE": "debian:13"}}
}}
"""


def builds(path: str, text: str) -> list[tuple[str, str, dict[str, str | None]]]:
    found = BakeFile.read(path, text).summaries()
    return [(one.dockerfile, one.target, dict(one.arguments)) for one in found if isinstance(one, ImageBuild)]


def test_targets_take_over_what_they_inherit() -> None:
    common = {"BASE": "debian:12", "PROXY": None}

    assert builds("docker-bake.hcl", HCL) == [
        ("web/Dockerfile", "", {**common, "LEVEL": "in}fo"}),
        ("api/Containerfile", "run", common),
    ]
    assert builds("build/docker-bake.json", JSON) == [("build/web/Dockerfile", "", {"BASE": "debian:13"})]


def test_targets_that_inherit_from_each_other_end() -> None:
    text = 'target "a" { inherits = ["b"] }\ntarget "b" { inherits = ["a"] }\ntarget "c" { inherits = ["a", "b"] }\n'

    assert builds("docker-bake.hcl", text) == [("Dockerfile", "", {})]


@pytest.mark.parametrize("text", ['target "a" {', 'target "a" { args = {', 'target "a" { tags = [', "}}}", "\0", '"'])
def test_half_a_file_is_read_as_far_as_it_goes(text: str) -> None:
    assert len(builds("docker-bake.hcl", text)) <= 1


@pytest.mark.parametrize(("argument", "wrong"), [("BASE", False), ("OTHER", True)])
def test_bake_gives_build_arguments(argument: str, wrong: bool) -> None:
    files = {
        "docker-bake.hcl": f'target "default" {{\n  args = {{ {argument} = "debian:12" }}\n}}\n',
        "Dockerfile": "ARG BASE\nFROM ${BASE}\nUSER 10001\n",
    }

    assert len(devopslint.check(files, select=["docker-invalid-default-image"])) == wrong


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "build/bake_apps.hcl",
            'target "web" {\n  contexts = {\n    base = "target:base"\n    "sources" = "target:sources"\n  }\n  context = "${ROOT}/web"\n}\n',
        ),
        ("docker-bake.json", '{"target": {"web": {"contexts": {"base": "target:base", "sources": "../src"}}}}'),
    ],
)
def test_the_names_that_targets_give_to_contexts_are_no_images(path: str, text: str) -> None:
    dockerfile = "FROM base\nCOPY --from=sources / /src\nCOPY --from=others / /others\n"

    found = devopslint.check(
        {path: text, "web/Dockerfile": dockerfile}, select=["docker-untagged-image", "docker-unknown-copy-source"]
    )

    assert [(one.rule.id, one.location.line) for one in found] == [("docker-unknown-copy-source", 3)]
