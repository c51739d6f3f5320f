"""Dockerfiles as stages: what is inherited, what is expanded, and what an image becomes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import devopslint
from devopslint.docker.dockerfile import Dockerfile, steps
from devopslint.images.summaries import BuiltImage, ForeignImage, without_version
from devopslint.readers.image_reference import ImageReference


def read(text: str) -> Dockerfile:
    return Dockerfile.read("Dockerfile", text)


def test_a_stage_inherits_through_from() -> None:
    dockerfile = read(
        'FROM alpine:3.20 AS Base\nUSER 1000\nENV A=1\nCMD ["a"]\nHEALTHCHECK CMD x\n'
        'FROM base AS next\nENV B=$A\nFROM next\nENTRYPOINT ["b"]\n'
    )

    final = dockerfile.final_stage
    assert final is not None and final.user is not None and final.healthcheck is not None
    assert [stage.label for stage in final.lineage] == ["stage 2", "stage next", "stage Base"]
    assert final.user.args == ("1000",)
    assert {name: one.value for name, one in final.environment.items()} == {"A": "1", "B": "1"}
    assert final.cmd is None, "an ENTRYPOINT takes away the CMD of the base"
    assert final.root.image is not None and final.root.image.tag == "3.20"


@pytest.mark.parametrize(
    ("arguments", "base", "expected"),
    [
        ("ARG V=1", "a:${V}", "a:1"),
        ("ARG V", "a:${V:-2}", "a:2"),
        ("ARG V=", "a:${V:-2}", "a:2"),
        ("ARG V=", "a:x${V-2}", "a:x"),
        ("ARG V=1", "a${V:+:slim}", "a:slim"),
        ("ARG V", "a${V:+:slim}", "a"),
        ("ARG V=1.2.3", "a:${V%.*}", "a:1.2"),
        ("ARG V=1.2.3", "a:${V%%.*}", "a:1"),
        ("ARG V=v1", "a:${V#v}", "a:1"),
        ("ARG V=1_2_3", "a:${V//_/.}", "a:1.2.3"),
        ("ARG A=1\nARG V=${A}-x", '"a:$V"', "a:1-x"),
        ("ARG V=1", "a:\\$V", "a:$V"),
        ("ARG V=1", "a:'$V'", "a:$V"),
        ("", "a:${TARGETARCH}", "a:amd64"),
        ("ARG V", "a:${V:-${W:-3}}", "a:3"),
    ],
)
def test_from_expands_arguments_as_buildkit_does(arguments: str, base: str, expected: str) -> None:
    assert read(f"{arguments}\nFROM {base}\n").stages[0].base == expected


def test_an_argument_reaches_a_stage_only_where_it_is_declared_again() -> None:
    dockerfile = read("ARG V=1\nFROM a\nENV X=$V\nARG V\nENV Y=$V\n")

    (stage,) = dockerfile.stages
    assert stage.environment["X"].value == ""
    assert stage.environment["Y"].value == "1"
    (undefined,) = [found for step in steps(dockerfile) for found in step.undefined]
    assert (undefined.variable.name, undefined.location.line, undefined.location.column) == ("V", 3, 7)


def test_an_argument_without_a_value_leaves_what_uses_it_unresolved() -> None:
    dockerfile = read("FROM a\nARG U\nUSER $U\nENV H=/home/$U\nWORKDIR $H\n")

    (stage,) = dockerfile.stages
    assert stage.user is not None and stage.user.unresolved == {0}
    assert stage.workdir is not None and stage.workdir.unresolved == {0}
    assert not any(step.undefined for step in stage.steps)


def test_a_fragment_is_a_stage_without_from() -> None:
    dockerfile = read("USER root\nRUN x\n")

    assert dockerfile.final_stage is None
    assert [step.name for step in dockerfile.stages[0].steps] == ["USER", "RUN"]
    assert list(dockerfile.summaries()) == []


def test_the_summary_says_what_the_image_becomes() -> None:
    dockerfile = read(
        "FROM golang:1.22 AS build\nCOPY . .\nFROM scratch\nCOPY --from=build /a /a\nADD https://x.test/y z <<E /\nE\n"
        "USER app\n"
    )

    foreign, build, summary, *_ = dockerfile.summaries()
    assert isinstance(foreign, ForeignImage) and foreign.name == "golang:1.22"
    assert isinstance(build, BuiltImage) and (build.stage, build.final, build.base) == ("build", False, "golang:1.22")
    assert isinstance(summary, BuiltImage) and summary.final
    assert (summary.base, summary.user, summary.healthcheck) == ("scratch", "app", "")
    assert [(copy.source, copy.location.line) for copy in summary.copies] == [(".", 2), ("z", 5)]


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        ("alpine", "docker.io", "library/alpine", None, None),
        ("alpine:3.20", "docker.io", "library/alpine", "3.20", None),
        ("bitnami/redis", "docker.io", "bitnami/redis", None, None),
        ("docker.io/alpine", "docker.io", "library/alpine", None, None),
        ("localhost:5000/a/b", "localhost:5000", "a/b", None, None),
        ("ghcr.io/a/b:1@sha256:" + "0" * 64, "ghcr.io", "a/b", "1", "sha256:" + "0" * 64),
        ("a@sha256:" + "0" * 64, "docker.io", "library/a", None, "sha256:" + "0" * 64),
    ],
)
def test_image_references_have_parts(
    text: str, registry: str, repository: str, tag: str | None, digest: str | None
) -> None:
    image = ImageReference.parse(text)

    assert (image.registry, image.repository, image.tag, image.digest) == (registry, repository, tag, digest)
    assert image.well_formed


@pytest.mark.parametrize("text", ["", "busybox:", "Upper", "a b", "a:", "a//b", ":1", "a@sha256:1", "-a"])
def test_what_is_no_image_reference_is_known_as_such(text: str) -> None:
    assert not ImageReference.parse(text).well_formed


@pytest.mark.parametrize(
    ("pattern", "image", "expected"),
    [
        ("*:nonroot", "gcr.io/distroless/static:nonroot", True),
        ("*:nonroot", "gcr.io/distroless/static:latest", False),
        ("cgr.dev/chainguard/*", "cgr.dev/chainguard/node:latest", True),
        ("node", "node:20", True),
        ("node", "docker.io/library/node", True),
        ("node:*-slim", "node:20-slim", True),
        ("node:*-slim", "node:20", False),
        ("bitnami/node", "node", False),
    ],
)
def test_patterns_name_images(pattern: str, image: str, expected: bool) -> None:
    assert ImageReference.parse(image).matches([pattern]) is expected


@pytest.mark.parametrize(
    ("image", "known_as"),
    [
        ("web", "web"),
        ("web:1.0", "web"),
        ("registry.example.org:5000/web:1.0", "registry.example.org:5000/web"),
        (f"web:1.0@sha256:{'a' * 64}", f"web@sha256:{'b' * 64}"),
    ],
)
def test_others_know_an_image_without_its_version(image: str, known_as: str) -> None:
    assert without_version(image) == without_version(known_as)


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from(["a", "b.c", ":", "/", "@", "1", "$", "{", "<", "docker.io/"]), max_size=9).map("".join)
)
def test_an_image_without_its_version_is_still_that_image(text: str) -> None:
    whole, known = ImageReference.parse(text), ImageReference.parse(without_version(text))

    assert (known.name, bool(known.digest)) == (whole.name, bool(whole.digest))
    assert any(mark in known.text for mark in "${<") == any(mark in whole.text for mark in "${<")


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            ["FROM ", "ARG ", "ENV ", "a", "=", "$", "{", "}", ":-", "%", "\n", " AS ", "x ", "ONBUILD COPY ", "'"]
        ),
        max_size=40,
    ).map("".join)
)
def test_any_text_gives_a_view(text: str) -> None:
    dockerfile = read(text)

    list(dockerfile.summaries())
    for step in steps(dockerfile):
        assert step.label is not None
        assert all(index < len(step.args) for index in step.unresolved)
        assert 1 <= step.location.line <= text.count("\n") + 1


@pytest.mark.parametrize(
    "text",
    [
        "FROM a AS s\n" + "FROM s AS s\n" * 20_000,
        "FROM a\n" + "".join(f"ENV A{n}=$B\n" for n in range(20_000)),
        "".join(f"ARG A{n}=$A{n - 1}\n" for n in range(20_000)) + "FROM a\n",
        "FROM a AS s0\n" + "".join(f"FROM s{n} AS s{n + 1}\nENV A{n}=1\n" for n in range(5_000)),
    ],
    ids=["one-name", "env", "arg", "chain"],
)
def test_stages_and_variables_are_followed_however_many_there_are(text: str) -> None:
    assert list(read(text).summaries())


@pytest.mark.parametrize(
    "text",
    [
        "FROM alpine:3.20\n" + "".join(f"ENV A{n}=$B{n}\n" for n in range(5_000)),
        "FROM alpine:3.20 AS s0\n" + "".join(f"FROM s{n} AS s{n + 1}\nCOPY --from=s{n} /a /b\n" for n in range(2_000)),
        "FROM node:1 AS x\n" + "RUN npm ci\n" * 1_000 + "FROM node:1\n" + "COPY --from=x /node_modules /a\n" * 500,
        "FROM alpine:3.20\n" + "COPY a b c d /x\n" * 2_000,
    ],
    ids=["env", "chain", "npm", "copies"],
)
def test_instructions_and_ignore_patterns_are_judged_however_many_there_are(text: str) -> None:
    files = {"Dockerfile": text, ".dockerignore": "**/a*a*a*b\n" * 300}

    found = devopslint.check(files, select=["docker-"])

    assert "docker-missing-user" in {finding.rule.id for finding in found}


@pytest.mark.parametrize("text", ["{% if a %}\nFROM a:1\n{% endif %}\n", "FROM @@image@@\n", "FROM a:<%= tag %>\n"])
def test_a_template_of_a_dockerfile_is_not_checked(text: str) -> None:
    seen = devopslint.check({"Dockerfile": text}, select=["docker-", "unreadable-file"])

    assert [*seen] == []
    assert [gap.reason for gap in seen.not_checked] == ["is a template: what it renders to is not known here"]


@pytest.mark.parametrize("text", ["FROM a@sha256:" + "0" * 64 + "\n", "FROM a:1\nCOPY <<EOF /a\n{{ x }}\nEOF\n"])
def test_braces_in_a_document_and_digests_make_no_template(text: str) -> None:
    assert not devopslint.check({"Dockerfile": text}, select=["docker-"]).not_checked


@pytest.mark.parametrize("doubled", ["ENV A=${A}${A}\n", "ARG A=${A}${A}\n", "ENV A=${A//x/xx}\n"])
def test_a_value_that_grows_without_end_is_not_known(doubled: str) -> None:
    stage = read("FROM alpine:3.20\nARG A=x\n" + doubled * 40 + "ENV B=a$A\nENV C=1\nENV D=b$C\n").stages[0]

    assert "A" in stage.unset and "B" in stage.unset
    assert (stage.values["C"], stage.values["D"]) == ("1", "b1")


def test_a_base_that_grows_without_end_is_not_known() -> None:
    (stage,) = read("ARG A=x\n" + "ARG A=${A}${A}\n" * 40 + "FROM a:$A\n").stages

    assert stage.base_unresolved


def test_many_long_values_are_not_known_and_a_long_default_is_no_fault() -> None:
    long = "x" * 9_000
    stage = read(f"FROM alpine:3.20\nENV A={long}\n" + "".join(f"ENV B{n}=y$A\n" for n in range(1_000))).stages[0]

    assert sum(map(len, stage.values.values())) < 3_000_000
    assert stage.values["B0"] == f"y{long}" and "B999" in stage.unset
    assert (
        devopslint.check(
            {"Dockerfile": f"FROM alpine:3.20\nENV A=${{B:-{long * 2}}}\n"}, select="docker-refused-instruction"
        )
        == []
    )


def test_what_stands_above_the_first_from_is_told_once() -> None:
    text = "apiVersion: v1\nkind: Pod\nRUN a\nLABEL b=c\nFROM debian:12.9-slim\n"

    found = devopslint.check(
        {"Dockerfile": text}, select=["docker-instruction-before-from", "docker-unknown-instruction"]
    )

    assert [(one.location.line, one.message) for one in found] == [
        (1, "'apiVersion:' is no instruction"),
        (3, "RUN stands above the first FROM"),
    ]
    assert [one.location.line for one in found[1].related] == [4]
