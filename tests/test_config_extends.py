"""What a configuration extends: which word is the last one, where the files may be, and how errors say which file is meant."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from devopslint.cli import main
from devopslint.config import Config, ConfigError
from devopslint.config_reading import read_config, read_named_config
from devopslint.engine import project_rules
from devopslint.model import Severity


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder.resolve()


def config_of(folder: Path, files: dict[str, str], name: str = "devopslint.yaml") -> Config:
    root = written(folder, files)
    return read_config(root, root / name)


def refused(folder: Path, files: dict[str, str]) -> str:
    with pytest.raises(ConfigError) as refusal:
        config_of(folder, files)
    return str(refusal.value)


TEAM = """\
ignore: [k8s-root-container, k8s-kept-capabilities]
extend-select: [k8s-low-user-id]
rules:
  hpa-low-minimum: {minimum: 5, severity: note}
  k8s-latest-tag: note
overrides:
  - paths: ["dev/**"]
    ignore: [k8s-latest-tag, docker-latest-tag]
    rules: {k8s-few-replicas: note}
kubernetes-version: "1.31"
fail-on: warning
exclude: [dist/]
allow: [{rule: docker-untagged-image, path: a/*, reason: they are built here}]
stages: {deploy: {commands: [ship]}}
fixes: {requests: {cpu: 100m}}
"""


def test_what_is_extended_holds_where_the_file_itself_says_nothing(tmp_path: Path) -> None:
    config = config_of(tmp_path, {"ci/team.yaml": TEAM, "devopslint.yaml": "extends: ci/team.yaml\n"})

    selection = config.selection("app.yaml")

    assert "k8s-root-container" not in selection
    assert "k8s-low-user-id" in selection
    assert selection["hpa-low-minimum"].severity is Severity.NOTE
    assert selection["hpa-low-minimum"].parameters["minimum"] == 5
    assert "k8s-latest-tag" not in config.selection("dev/app.yaml")
    assert config.kubernetes_version == "1.31"
    assert config.fail_on is Severity.WARNING
    assert config.path == "devopslint.yaml"
    assert config.sources == ("ci/team.yaml",)
    assert {one.location.path for one in config.switches} == {"ci/team.yaml"}


def test_the_file_itself_has_the_last_word_and_lists_grow(tmp_path: Path) -> None:
    mine = """\
extends: [ci/team.yaml]
extend-select: [k8s-root-container]
ignore: [k8s-low-user-id]
rules:
  hpa-low-minimum: {minimum: 2}
  k8s-few-replicas: error
kubernetes-version: "1.33"
fail-on: error
exclude: [out/]
allow: [{rule: docker-latest-tag, reason: ours}]
stages: {deploy: {commands: [send]}}
fixes: {limits: {cpu: "1"}}
"""
    config = config_of(tmp_path, {"ci/team.yaml": TEAM, "devopslint.yaml": mine})

    selection = config.selection("dev/app.yaml")

    assert "k8s-root-container" in selection
    assert "k8s-kept-capabilities" not in selection
    assert "k8s-low-user-id" not in selection
    assert selection["hpa-low-minimum"].parameters["minimum"] == 2
    assert selection["hpa-low-minimum"].severity is Severity.NOTE, "the settings of one rule are merged"
    assert selection["k8s-few-replicas"].severity is Severity.ERROR, "above an override of what is extended"
    assert config.kubernetes_version == "1.33"
    assert config.fail_on is Severity.ERROR
    assert config.exclude == ("dist/", "out/")
    assert [one.rules for one in config.allow] == [("docker-untagged-image",), ("docker-latest-tag",)]
    assert [one.commands for one in config.stages] == [("ship",), ("send",)]
    assert config.fixes == {"requests": {"cpu": "100m"}, "limits": {"cpu": "1"}}


def test_a_selection_replaces_the_one_below_it_and_a_command_line_both(tmp_path: Path) -> None:
    files = {
        "one.yaml": "select: [hpa-low-minimum]\n",
        "two.yaml": "select: [k8s-latest-tag]\noverrides: [{paths: [x/**], select: [k8s-few-replicas]}]\n",
        "devopslint.yaml": "extends: [one.yaml, two.yaml]\n",
    }
    config = config_of(tmp_path, files)

    assert set(config.selection("a.yaml")) == {"k8s-latest-tag"}
    assert set(config.selection("x/a.yaml")) == {"k8s-few-replicas"}
    assert set(config.selecting(["hpa-low-minimum"]).selection("x/a.yaml")) == {"hpa-low-minimum"}


def test_a_rule_over_the_project_runs_where_only_an_extended_override_asks_for_it(tmp_path: Path) -> None:
    files = {
        "team.yaml": "select: [k8s-latest-tag]\noverrides: [{paths: [x/**], extend-select: [hpa-dangling]}]\n",
        "devopslint.yaml": "extends: team.yaml\n",
    }

    assert project_rules(config_of(tmp_path, files)) == ["hpa-dangling"]


def test_a_selection_that_is_extended_and_empty_is_refused(tmp_path: Path) -> None:
    config = config_of(tmp_path, {"none.yaml": "select: []\n", "devopslint.yaml": "extends: none.yaml\n"})

    with pytest.raises(ConfigError, match="nothing is selected"):
        config.selecting(None)


def test_a_file_may_extend_what_extends_another_one(tmp_path: Path) -> None:
    files = {
        "org/base.yaml": "rules: {hpa-low-minimum: {minimum: 7}, k8s-few-replicas: {minimum: 4}}\n",
        "org/team/team.yaml": "extends: ../base.yaml\nrules: {hpa-low-minimum: {minimum: 6}}\n",
        "app/devopslint.yaml": "extends: ../org/team/team.yaml\n",
    }
    config = config_of(tmp_path, files, "app/devopslint.yaml")

    selection = config.selection("")

    assert selection["hpa-low-minimum"].parameters["minimum"] == 6
    assert selection["k8s-few-replicas"].parameters["minimum"] == 4
    assert config.sources == ("org/team/team.yaml", "org/base.yaml")


def test_an_installed_package_brings_a_configuration_and_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = written(
        tmp_path / "site",
        {
            "acme_lint/__init__.py": "raise SystemExit('imported')\n",
            "acme_lint/devopslint.yaml": "extends: inner/strict.yaml\nfail-on: warning\n",
            "acme_lint/inner/strict.yaml": "rules: {hpa-low-minimum: {minimum: 9}}\n",
        },
    )
    monkeypatch.syspath_prepend(str(site))

    whole = config_of(tmp_path / "a", {"devopslint.yaml": "extends: package:acme_lint\n"})
    inner = config_of(tmp_path / "b", {"devopslint.yaml": "extends: package:acme_lint/inner/strict.yaml\n"})

    assert whole.fail_on is Severity.WARNING
    assert inner.fail_on is Severity.ERROR
    assert whole.selection("")["hpa-low-minimum"].parameters["minimum"] == 9
    assert whole.sources[0] == str(site / "acme_lint" / "devopslint.yaml")
    assert "acme_lint" not in sys.modules


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("../outside.yaml", "'../outside.yaml' leads out of the project"),
        ("link.yaml", "'link.yaml' leads out of the project"),
        ("none.yaml", "there is no file 'none.yaml'"),
        ("package:no_such_package_here", "no Python package named 'no_such_package_here' is installed here"),
        ("package:os.path", "no Python package named 'os.path' is installed here"),
        ("package:click/../outside.yaml", "'package:click/../outside.yaml' leads out of the package"),
        ("package:click", "there is no file 'package:click': the package has no devopslint.yaml"),
        (
            "https://example.org/team.yaml",
            "there is no file 'https://example.org/team.yaml': nothing is fetched; put it into the project or a package",
        ),
        ("devopslint.yaml", "goes round in a circle: devopslint.yaml -> devopslint.yaml"),
    ],
)
def test_what_cannot_be_extended_is_said_at_its_place(tmp_path: Path, said: str, message: str) -> None:
    (tmp_path / "outside.yaml").write_text("secret of somebody\n")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "link.yaml").symlink_to("../outside.yaml")

    told = refused(tmp_path / "project", {"devopslint.yaml": f"fail-on: note\nextends:\n  - {said}\n"})

    assert told == f"devopslint.yaml:3:5: extends: {message}"


def test_a_configuration_from_outside_may_extend_what_lies_beside_it(tmp_path: Path) -> None:
    root = written(tmp_path / "project", {"a.txt": ""})
    platform = written(
        tmp_path / "platform",
        {"strict/devopslint.yaml": "extends: ../base.yaml\n", "base.yaml": "rules: {hpa-low-minimum: {minimum: 8}}\n"},
    )

    config = read_named_config(root, platform / "strict" / "devopslint.yaml")

    assert config.selection("")["hpa-low-minimum"].parameters["minimum"] == 8


def test_an_error_in_what_is_extended_names_that_file(tmp_path: Path) -> None:
    told = refused(tmp_path, {"team.yaml": "ignor: [x]\n", "devopslint.yaml": "extends: team.yaml\n"})

    assert told == "team.yaml:1:1: unknown key 'ignor'; did you mean 'ignore'?"


def test_files_that_bring_each_other_again_and_again_are_bounded(tmp_path: Path) -> None:
    files = {f"c{n}.yaml": f"extends: [c{n + 1}.yaml, c{n + 1}.yaml]\n" for n in range(30)}
    told = refused(tmp_path, {**files, "c30.yaml": "", "devopslint.yaml": "extends: c0.yaml\n"})

    assert told.endswith("extends: more than 50 configurations are extended")


def test_a_text_in_memory_extends_nothing() -> None:
    from devopslint import check

    with pytest.raises(ConfigError, match="a text in memory has no files beside it"):
        check({"a.yaml": ""}, config="extends: team.yaml\n")


def test_rules_of_ones_own_come_from_both_files_and_names_are_taken_once(tmp_path: Path) -> None:
    pytest.importorskip("cel_expr_python", reason="the extra cel is not installed")
    rule = """\
title: A ConfigMap has no name
severity: warning
match: {kinds: [ConfigMap]}
expression: has(object.metadata.name)
message: has no name
rationale: So that one can be found.
remediation: Give it a name.
references: ["https://example.org/names"]
bad:
  - map.yaml: |
      # finding: has no name
      kind: ConfigMap
good:
  - map.yaml: |
      kind: ConfigMap
      metadata: {name: settings}
"""
    files = {
        "org/rules/acme-a.yaml": rule,
        "org/team.yaml": "rule-files: [rules/*.yaml]\nrules: {acme-a: error}\n",
        "mine/acme-b.yaml": rule,
        "devopslint.yaml": "extends: org/team.yaml\nrule-files: [mine/*.yaml]\n",
    }

    config = config_of(tmp_path / "both", files)

    assert config.selection("")["acme-a"].severity is Severity.ERROR
    assert config.selection("")["acme-b"].severity is Severity.WARNING
    told = refused(tmp_path / "twice", {**files, "mine/acme-a.yaml": rule.replace("has no name", "is nameless")})
    assert told == (
        "devopslint.yaml:2:1: rule-files: mine/acme-a.yaml: org/rules/acme-a.yaml has a rule of this name too"
    )


def test_the_settings_of_a_file_name_the_configuration_that_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(
        tmp_path,
        {
            ".git/HEAD": "ref: refs/heads/main\n",
            "team.yaml": TEAM,
            "devopslint.yaml": "extends: team.yaml\nrules: {k8s-few-replicas: error}\n",
        },
    )
    monkeypatch.chdir(tmp_path)

    shown = CliRunner().invoke(main, ["--show-settings", "dev/app.yaml"]).output

    def line(rule: str) -> str:
        return next(one for one in shown.splitlines() if one.split()[:1] == [rule])

    assert "  team.yaml  {" in line("hpa-low-minimum")
    assert "  devopslint.yaml" in line("k8s-few-replicas")
    assert line("docker-latest-tag").endswith("  team.yaml, overrides for dev/**")


@pytest.mark.parametrize("name", ["x" * 5_000, "a\0b", "loop", "pipe", "."])
def test_a_name_that_no_file_has_is_refused_in_words(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")

    assert "devopslint.yaml:1:10: extends: " in refused(tmp_path, {"devopslint.yaml": f"extends: {json.dumps(name)}\n"})
    for pattern in (name, f"{name}/*.yaml", f"**/{name}"):
        text = f"rule-files: [{json.dumps(pattern)}]\n"
        assert "devopslint.yaml:1:1: rule-files: " in refused(tmp_path, {"devopslint.yaml": text})


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", "1:1: extends: is ''"),
        ("3", "1:10: extends: is '3'"),
        ("{file: team.yaml}", "1:1: extends: is a mapping"),
        ("[team.yaml, 3]", "1:1: extends: is a list"),
    ],
)
def test_what_names_no_file_is_told_what_to_write(tmp_path: Path, said: str, told: str) -> None:
    files = {"team.yaml": TEAM, "devopslint.yaml": f"extends: {said}\n"}

    assert refused(tmp_path, files) == f"devopslint.yaml:{told}; write text, or a list of texts"
