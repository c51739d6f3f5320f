"""Rules of one's own: their files, their expressions, and that everything which knows rules knows them."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import devopslint
from devopslint import own_rules
from devopslint.catalogue import catalogue
from devopslint.cli import main
from devopslint.config import Config, ConfigError, in_force
from devopslint.config_reading import read_named_config
from devopslint.own_rules import OwnRuleError, read_own_rules


@pytest.fixture(autouse=True)
def no_rules_of_ones_own_are_left() -> Iterator[None]:
    yield
    own_rules.install(())


RULE = """\
title: A Deployment names no team
severity: warning
rationale: The label says whom to call.
remediation: Set metadata.labels.team.
references: ["https://example.org/teams"]
match: {kinds: [Deployment]}
expression: has(object.metadata.labels) && 'team' in object.metadata.labels && object.metadata.labels.team in params.team_names
message: is owned by no team
at: metadata.labels.team
parameters:
  team-names: {type: array, default: [shop], description: The teams that there are.}
bad:
  - web.yaml: |
      apiVersion: apps/v1
      kind: Deployment
      # finding: is owned by no team
      metadata: {name: web}
good:
  - web.yaml: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, labels: {team: shop}}
"""
EACH = """\
title: An image comes from elsewhere
severity: error
rationale: Ours are scanned.
remediation: Push it to registry.example.org.
match: {kinds: [Deployment], paths: ["apps/**"]}
each: spec.template.spec.containers
expression: item.image.startsWith("registry.example.org/")
message: comes from elsewhere
message-expression: "item.image + ' comes from elsewhere, in ' + path"
at: image
bad:
  - apps/web.yaml: |
      apiVersion: apps/v1
      kind: Deployment
      spec:
        template:
          spec:
            containers:
              - name: a
                # finding: nginx comes from elsewhere, in apps/web.yaml
                image: nginx
good:
  - web.yaml: "kind: Deployment\\n"
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {team: pay}}
spec:
  template:
    spec:
      containers:
        - name: web
          image: registry.example.org/web
        - name: log
          image: nginx
        - name: none
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "apps").mkdir()
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy/team-missing.yaml").write_text(RULE)
    (tmp_path / "policy/team-foreign-image.yaml").write_text(EACH)
    (tmp_path / "apps/web.yaml").write_text(DEPLOYMENT)
    (tmp_path / "devopslint.yaml").write_text("rule-files: ['policy/*.yaml']\nselect: [team-]\n")
    return tmp_path


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(one) for one in arguments])
    return result.exit_code, result.output


def test_a_rule_of_ones_own_finds_what_its_expression_says(tree: Path) -> None:
    code, output = run(tree, "--no-cache", "--format", "json")

    report = json.loads(output)
    assert code == 1
    assert [
        (f["rule"], f["severity"], f["path"], f["region"]["line"], f["region"]["column"], f["message"])
        for f in report["findings"]
    ] == [
        ("team-missing", "warning", "apps/web.yaml", 3, 38, "is owned by no team"),
        ("team-foreign-image", "error", "apps/web.yaml", 11, 18, "nginx comes from elsewhere, in apps/web.yaml"),
    ]


def test_what_an_expression_cannot_answer_is_not_known(tree: Path) -> None:
    seen = devopslint.check_paths(tree / "apps")

    (question,) = seen.not_known
    assert (question.line, question.question) == (12, "whether team-foreign-image holds here")
    assert "Key not found in map" in question.because
    assert "`has(…)`" in question.because


def test_parameters_severity_and_suppressions_hold_as_for_any_rule(tree: Path) -> None:
    (tree / "devopslint.yaml").write_text(
        "rule-files: ['policy/*.yaml']\nselect: [team-]\nrules: {team-missing: {team-names: [pay], severity: error}}\n"
        "allow: [{rule: team-foreign-image, reason: it is moved next week}]\n"
    )
    code, output = run(tree, "--no-cache", "--format", "json")
    assert code == 0
    assert [(f["rule"], f["suppression"] is not None) for f in json.loads(output)["findings"]] == [
        ("team-foreign-image", True)
    ]

    (tree / "devopslint.yaml").write_text("rule-files: ['policy/*.yaml']\nrules: {team-missing: {team: [pay]}}\n")
    code, output = run(tree)
    assert code == 2
    assert "team-missing has no parameter 'team'; allowed: severity, team-names" in output


def test_what_the_cache_keeps_depends_on_what_the_rule_says(
    tree: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("DEVOPSLINT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    messages = []
    for words in ("is owned by no team", "belongs to nobody", "is owned by no team"):
        (tree / "policy/team-missing.yaml").write_text(RULE.replace("is owned by no team", words))
        messages.append(
            json.loads(run(tree, "--select", "team-missing", "--format", "json")[1])["findings"][0]["message"]
        )
    assert messages == ["is owned by no team", "belongs to nobody", "is owned by no team"]


def test_two_processes_say_what_one_does(tree: Path) -> None:
    for number in range(30):
        (tree / f"apps/web{number}.yaml").write_text(DEPLOYMENT)
    one, two = (run(tree, "--no-cache", "--format", "json", "--jobs", jobs)[1] for jobs in (1, 2))
    assert json.loads(one)["summary"]["findings"] == 62
    assert one == two


def test_rules_of_ones_own_leave_with_their_configuration(tree: Path) -> None:
    in_force(read_named_config(tree, tree / "devopslint.yaml"))
    assert "team-missing" in catalogue()
    in_force(Config())
    assert "team-missing" not in catalogue()
    with pytest.raises(ConfigError, match="no rule, family or tag is named 'team-missing'"):
        devopslint.check({}, select="team-missing")


def test_sarif_and_the_commands_about_rules_know_them(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = json.loads(run(tree, "--no-cache", "--format", "sarif")[1])
    rules = {rule["id"]: rule for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    assert rules["team-missing"]["helpUri"] == "https://example.org/teams"
    assert "helpUri" not in rules["team-foreign-image"]

    monkeypatch.chdir(tree)
    assert "The label says whom to call." in run("explain", "team-missing")[1]
    assert "team-foreign-image  error" in run("rules", "team-")[1]


def test_the_examples_of_a_rule_are_its_tests(tree: Path) -> None:
    files = [tree / "policy/team-missing.yaml", tree / "policy/team-foreign-image.yaml"]
    code, output = run("test-rules", *files)
    assert code == 1
    assert "team-foreign-image.yaml: good example 1 has nothing that the rule looks at" in output
    assert output.endswith("2 rules, 1 not as the examples say\n")

    assert run("test-rules", files[0]) == (0, "1 rule, each as its examples say\n")
    files[0].write_text(
        RULE.replace("      metadata: {name: web}", "      metadata: {name: web, labels: {team: shop}}")
    )
    code, output = run("test-rules", files[0])
    assert code == 1
    assert "bad example 1: web.yaml:4: no finding, but 'is owned by no team' is announced" in output


@pytest.mark.parametrize(
    ("changed", "by", "complaint"),
    [
        ("severity: warning", "severity: fatal", ":2:11: severity: 'fatal' is not one of"),
        ("message:", "massage:", "'massage' was unexpected"),
        ("has(object", "has((object", "expression: line 1, column "),
        (
            "match: {kinds: [Deployment]}",
            "match: {files: dockerfile}",
            ":6:16: no expression can look at files of the kind 'dockerfile'",
        ),
        (
            "severity: warning",
            "severity: warning\ndod: [nothing.here]",
            "no item of the Definition of Done is named 'nothing.here'",
        ),
        ("title: A", "title: [A", "is not YAML"),
    ],
)
def test_a_rule_that_is_none_is_told_with_its_line(tree: Path, changed: str, by: str, complaint: str) -> None:
    (tree / "policy/team-missing.yaml").write_text(RULE.replace(changed, by, 1))
    code, output = run(tree)
    assert code == 2
    assert "policy/team-missing.yaml" in output
    assert complaint in output


def test_files_of_rules_stand_below_the_configuration(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("elsewhere") / "team-secret.yaml"
    outside.write_text("password: hunter2\n")
    (tree / "policy/team-secret.yaml").symlink_to(outside)
    with pytest.raises(OwnRuleError, match="is a link that leads out of the folder") as error:
        read_own_rules(tree, ["policy/*.yaml"], os.fspath)
    assert "hunter2" not in str(error.value)
    several = "/".join(["**"] * 20)
    for pattern, why in (
        ("../*.yaml", "leads out"),
        ("nothing/*.yaml", "no file matches"),
        (f"{several}/*.yaml", r"has \*\* more than once"),
    ):
        with pytest.raises(OwnRuleError, match=why):
            read_own_rules(tree, [pattern], os.fspath)


def test_names_of_the_program_are_taken(tree: Path) -> None:
    (tree / "policy/k8s-latest-tag.yaml").write_text(RULE)
    (tree / "policy/k8s-latest-tag.yaml").rename(tree / "policy/hpa-missing.yaml")
    code, output = run(tree)
    assert code == 2
    assert "hpa-missing is a rule of devopslint's own: choose another name" in output


ITEMS = f"[{', '.join(map(str, range(20)))}]"


@pytest.mark.parametrize(
    ("nested", "items"),
    [
        ("object.items.all(a, object.items.all(b, object.items.all(c, a + b + c < 0)))", list(range(1000))),
        ("".join(f"{ITEMS}.all({name}, " for name in "abcdefgh") + "a + b >= 0" + ")" * 8, []),
    ],
)
def test_an_expression_that_would_take_for_ever_is_not_evaluated(tree: Path, nested: str, items: list[int]) -> None:
    rule = RULE.replace(RULE[RULE.index("expression:") : RULE.index("message:")], f"expression: {json.dumps(nested)}\n")
    (tree / "policy/team-missing.yaml").write_text(rule)
    (tree / "apps/web.yaml").write_text(f"apiVersion: apps/v1\nkind: Deployment\nitems: {items}\n")
    (question,) = (one for one in devopslint.check_paths(tree / "apps").not_known if "team-missing" in one.question)
    assert question.because == "the document is too large for an expression that looks at it so often"


def test_lists_are_taken_apart_and_other_files_can_be_looked_at(tree: Path) -> None:
    listed = textwrap.indent(DEPLOYMENT, "    ").replace("    apiVersion", "  - apiVersion", 1)
    (tree / "apps/web.yaml").write_text(f"apiVersion: v1\nkind: List\nitems:\n{listed}")
    rule = RULE.replace("match: {kinds: [Deployment]}", "match: {files: [workflow]}").replace(
        RULE[RULE.index("expression:") : RULE.index("message:")], "expression: \"'concurrency' in object\"\n"
    )
    (tree / "policy/team-missing.yaml").write_text(rule.replace("at: metadata.labels.team", "at: jobs"))
    (tree / ".github/workflows").mkdir(parents=True)
    (tree / ".github/workflows/ci.yml").write_text("on: push\njobs:\n  a: {runs-on: ubuntu-24.04, steps: []}\n")

    found = [(one.rule.id, one.location.path, one.location.line) for one in devopslint.check_paths(tree)]

    assert found == [
        ("team-missing", ".github/workflows/ci.yml", 2),
        ("team-foreign-image", "apps/web.yaml", 14),
    ]


def test_without_the_library_the_report_says_that_the_rules_did_not_run(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cel_expr_python", None)
    own_rules._cel.cache_clear()
    try:
        seen = devopslint.check_paths(tree)
        code, output = run("test-rules", tree / "policy/team-missing.yaml")
    finally:
        own_rules._cel.cache_clear()
    assert list(seen) == []
    assert [one.reason for one in seen.not_checked] == [
        "rules of one's own need the extra: pip install 'devopslint[cel]'"
    ]
    assert code == 2
    assert "need the extra" in output


def test_an_example_announces_what_its_kind_says(tree: Path) -> None:
    file = tree / "policy/team-missing.yaml"
    bad, _, good = RULE.partition("good:\n")
    file.write_text(bad.replace("      # finding: is owned by no team\n", "") + "good:\n" + good)
    assert run("test-rules", file) == (
        1,
        f"{file}: bad example 1 announces no finding\n"
        f"{file}: bad example 1: web.yaml:3: 'is owned by no team', which is not announced\n"
        "1 rule, 1 not as the examples say\n",
    )

    announcing = good.replace("      metadata: ", "      # finding: is owned by no team\n      metadata: ")
    file.write_text(bad + "good:\n" + announcing)
    assert run("test-rules", file) == (
        1,
        f"{file}: good example 1 announces findings\n"
        f"{file}: good example 1: web.yaml:4: no finding, but 'is owned by no team' is announced\n"
        "1 rule, 1 not as the examples say\n",
    )


def test_an_example_that_the_rule_does_not_look_at_keeps_no_other_from_being_tried(tree: Path) -> None:
    file = tree / "policy/team-missing.yaml"
    second = (
        "  - job.yaml: |\n      kind: Job\n      metadata: {name: web}\n"
        "  - web.yaml: |\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: web}\n"
    )
    file.write_text(RULE + second)

    assert run("test-rules", file) == (
        1,
        f"{file}: good example 2 has nothing that the rule looks at: see its `match` and `each`\n"
        f"{file}: good example 3: web.yaml:3: 'is owned by no team', which is not announced\n"
        "1 rule, 1 not as the examples say\n",
    )


def test_a_file_that_is_no_rule_ends_the_trial_with_its_line(tree: Path) -> None:
    file = tree / "policy/team-missing.yaml"
    file.write_text(RULE.replace("severity: warning", "severity: fatal"))

    code, output = run("test-rules", file)

    assert code == 2
    assert output.splitlines()[-1].startswith(f"Error: {file}:2:11: severity: 'fatal' is not one of")
