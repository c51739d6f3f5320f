"""The public API: what `check` and `rules` take, give and refuse."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

import devopslint
from devopslint.config import ConfigError
from devopslint.config_reading import load_config

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: app\n"


def test_rules_can_be_asked_for_twice() -> None:
    assert devopslint.rules() == devopslint.rules()


def test_findings_come_sorted_and_with_their_rule() -> None:
    findings = devopslint.check({"b.yaml": POD, "a.yaml": POD}, select=["k8s-writable-root-filesystem"])

    assert [(f.location.path, f.location.line, f.rule.id) for f in findings] == [
        ("a.yaml", 6, "k8s-writable-root-filesystem"),
        ("b.yaml", 6, "k8s-writable-root-filesystem"),
    ]


def test_files_of_no_known_kind_are_passed_over() -> None:
    assert devopslint.check({"notes.txt": "kind: Pod", "values.yaml": "replicas: 1"}) == []


def test_a_peers_name_selects_our_equivalent() -> None:
    findings = devopslint.check({"pod.yaml": POD}, select=["checkov:CKV_K8S_22"])

    assert {f.rule.id for f in findings} == {"k8s-writable-root-filesystem"}


@pytest.mark.parametrize("token", ["no-such-rule", "nofamily-", "dod:nothing", "hadolint:DL9999"])
def test_a_selection_that_names_nothing_is_an_error(token: str) -> None:
    with pytest.raises(ConfigError, match="named"):
        devopslint.check({}, select=[token])


def test_a_fingerprint_does_not_move_with_the_line() -> None:
    select = ["k8s-writable-root-filesystem"]
    (before,) = devopslint.check({"pod.yaml": POD}, select=select)
    (after,) = devopslint.check({"pod.yaml": "# a comment\n\n" + POD}, select=select)

    assert before.fingerprint == after.fingerprint
    assert before.location.line + 2 == after.location.line


def test_a_string_is_one_selector() -> None:
    findings = devopslint.check({"pod.yaml": POD}, select="k8s-writable-root-filesystem")

    assert [f.rule.id for f in findings] == ["k8s-writable-root-filesystem"]


@pytest.mark.parametrize("select", [[], ()])
def test_an_empty_selection_is_an_error(select: list[str]) -> None:
    with pytest.raises(devopslint.ConfigError, match="nothing is selected"):
        devopslint.check({"pod.yaml": POD}, select=select)


def test_a_result_says_what_was_not_checked() -> None:
    result = devopslint.check(
        {"shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0", "shop/templates/web.yaml": POD}
    )

    assert [(gap.path, "Helm template" in gap.reason) for gap in result.not_checked] == [
        ("shop/templates/web.yaml", True)
    ]


def test_a_tree_is_checked_with_its_own_configuration(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "k8s").mkdir()
    (tmp_path / "k8s" / "pod.yaml").write_text(POD)
    (tmp_path / "devopslint.yaml").write_text("select: [k8s-writable-root-filesystem]")

    result = devopslint.check_paths(tmp_path / "k8s")

    assert [(f.location.path, f.rule.id) for f in result] == [("k8s/pod.yaml", "k8s-writable-root-filesystem")]
    assert devopslint.check_paths([tmp_path], config=devopslint.Config(), select="hpa-") == []


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere is not there"):
        devopslint.check_paths(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("Dockerfile", "FROM alpine:3.20\nRUN echo \udc80\n", 2),
        ("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a\ud800}\n", 3),
        (".github/workflows/ci.yml", "on: push\njobs: {a\udfff: {}}\n", 2),
        ("main.tf", 'variable "a\ud83d" {}\n', 1),
    ],
)
def test_half_of_a_surrogate_pair_in_a_text_is_a_finding(path: str, text: str, line: int) -> None:
    found = devopslint.check({path: text}, select="unreadable-file")

    assert [(f.location.path, f.location.line, f.message) for f in found] == [
        (path, line, "is not UTF-8: a byte here is no character")
    ]


def test_half_of_a_surrogate_pair_in_a_path_is_no_obstacle() -> None:
    files, config = {"a\ud800/Dockerfile": "FROM alpine:latest\n"}, "overrides: [{paths: ['b*'], ignore: [all]}]"

    (found,) = devopslint.check(files, select="docker-latest-tag", config=config)

    assert found.location.path == "a\ud800/Dockerfile"


def test_equal_configurations_are_one_key() -> None:
    text = "ignore: [hpa-]\nrules: {k8s-few-replicas: {minimum: 2}}\n"
    one, other = load_config("a.yaml", text), load_config("a.yaml", text)

    assert one == other
    assert len({one, other}) == 1
    assert len({one, load_config("a.yaml", text.replace("2", "4"))}) == 2


def test_the_examples_of_the_page_about_the_api_are_true() -> None:
    page = Path(__file__).parent.parent / "docs" / "api.md"

    failed, tried = doctest.testfile(str(page), module_relative=False)

    assert tried > 5
    assert failed == 0


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ("FROM alpine", r"files is a mapping of paths to texts, not str; check_paths\(\) takes paths"),
        ({"Dockerfile": b"FROM alpine"}, "the text of Dockerfile is bytes, not str"),
    ],
)
def test_what_is_no_text_of_a_file_is_said_to_be_none(files: dict[str, str], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        devopslint.check(files)


def test_a_path_in_the_place_of_a_configuration_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(devopslint.ConfigError, match=r"give Path\('conf/devopslint.yaml'\).read_text\(\)"):
        devopslint.check_paths(tmp_path, config="conf/devopslint.yaml")
    with pytest.raises(TypeError, match=r"config is a Config or the text of a devopslint.yaml, not dict"):
        devopslint.check({}, config={"select": ["hpa-"]})  # type: ignore[arg-type]  # as somebody may


def test_a_finding_is_printed_as_a_line_of_a_report() -> None:
    (one,) = devopslint.check({"pod.yaml": POD}, select="k8s-root-container")

    assert str(one) == "pod.yaml:6:7: error[k8s-root-container] container 'app' may run as root"
