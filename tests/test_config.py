"""The configuration: what it selects, what it sets for which paths, and how it says that it is not understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from devopslint.config import Config, ConfigError, find_config, load_config, matching, selected
from devopslint.model import Severity


def test_without_a_configuration_the_default_rules_run_at_their_own_severity() -> None:
    selection = Config().selection("pod.yaml")

    assert set(selection) == selected(None)
    assert selection["k8s-root-container"].severity is Severity.ERROR


def test_overrides_hold_for_their_paths_only() -> None:
    config = load_config(
        "devopslint.yaml",
        """\
ignore: [k8s-root-container]
overrides:
  - paths: ["dev/**"]
    ignore: [k8s-writable-root-filesystem]
  - paths: ["prod/**"]
    extend-select: [k8s-root-container]
    rules: {k8s-root-container: note}
""",
    )

    assert "k8s-root-container" not in config.selection("app.yaml")
    assert "k8s-writable-root-filesystem" in config.selection("app.yaml")
    assert "k8s-writable-root-filesystem" not in config.selection("dev/app.yaml")
    assert config.selection("prod/app.yaml")["k8s-root-container"].severity is Severity.NOTE


def test_the_production_profile_raises_every_rule_of_the_definition_of_done() -> None:
    config = load_config("devopslint.yaml", "profile: production\n")

    selection = config.selection("")

    assert all(
        setting.severity is Severity.ERROR for rule, setting in selection.items() if rule in matching("dod:kubernetes")
    )
    assert selection["suppression-unused"].severity is Severity.WARNING


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct: [hpa-]\n", "devopslint.yaml:1:1: unknown key 'selct'; did you mean 'select'?"),
        ("fail-on: fatal\n", "devopslint.yaml:1:10: fail-on is 'fatal'; allowed: error, warning, note"),
        ("select:\n  - k8s-root-containr\n", "devopslint.yaml:2:5: no rule, family or tag is named 'k8s-root-containr'; did you mean k8s-root-container"),
        ("rules:\n  k8s-root-container: fatal\n", "devopslint.yaml:2:23: rules.k8s-root-container is 'fatal'; allowed: error, warning, note, or a mapping"),
        ("rules:\n  k8s-root-container: {minimum: 2}\n", "devopslint.yaml:2:24: k8s-root-container has no parameter 'minimum'; allowed: severity"),
        ("rules:\n  nothing: note\n", "devopslint.yaml:2:3: no rule is named 'nothing'"),
        ("allow:\n  - {rule: k8s-root-container}\n", "devopslint.yaml:2:6: allow.0: 'reason' is a required property"),
        ("allow: [{rule: k8s-root-container, reason: vendor, until: soon}]\n", "'soon' is no date; write YYYY-MM-DD"),
        ("attest: [{item: nothing, reason: seen, until: 2027-01-01}]\n", "no item of the Definition of Done is named 'nothing'"),
        ("select: [\n", "devopslint.yaml:"),
        ("ignore: [all]\nignore: [all]\n", "devopslint.yaml:2:1: the key 'ignore' stands here a second time"),
    ],
)  # fmt: skip
def test_a_configuration_that_is_not_understood_says_where_and_what_is_allowed(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config("devopslint.yaml", text)

    assert message in str(caught.value)


def test_an_empty_configuration_is_the_default() -> None:
    assert load_config("devopslint.yaml", "# nothing yet\n").selection("") == Config().selection("")


def test_a_version_keeps_its_trailing_zero() -> None:
    config = load_config("devopslint.yaml", "kubernetes-version: 1.30\n")

    assert config.top.shared == {"kubernetes-version": "1.30"}


def test_the_nearest_configuration_up_to_the_root_holds(tmp_path: Path) -> None:
    (tmp_path / "app" / "k8s").mkdir(parents=True)
    (tmp_path / "devopslint.yaml").touch()
    (tmp_path / "app" / ".devopslint.yaml").touch()

    assert find_config(tmp_path, tmp_path / "app" / "k8s") == tmp_path / "app" / ".devopslint.yaml"
    assert find_config(tmp_path, tmp_path) == tmp_path / "devopslint.yaml"
    assert find_config(tmp_path / "app" / "k8s", tmp_path / "app" / "k8s") is None


def test_off_by_default_rules_join_by_name_and_not_by_family() -> None:
    every = matching("all")
    default = matching("default")

    assert default <= every
    assert all(rule in matching(rule) for rule in every)
    assert matching("k8s-") <= default
    assert matching("k8s-", every=True) >= matching("k8s-")


def test_of_two_overrides_the_later_one_has_the_last_word() -> None:
    def severity(first: str, second: str) -> str:
        text = "overrides:\n" + "".join(
            f"  - {{paths: ['dev/**'], rules: {{k8s-few-replicas: {{severity: {one}}}}}}}\n" for one in (first, second)
        )
        return str(load_config("devopslint.yaml", text).selection("dev/web.yaml")["k8s-few-replicas"].severity)

    assert severity("note", "error") == "error"
    assert severity("error", "note") == "note"


def test_aliases_that_multiply_are_refused() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))

    with pytest.raises(ConfigError, match=r"devopslint.yaml:1:1: aliases make more than 100,000 values of it"):
        load_config("devopslint.yaml", bomb + "exclude: *a39\n")


def test_an_alias_that_holds_itself_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"devopslint.yaml:1:1: aliases make more than 100,000 values of it"):
        load_config("devopslint.yaml", "rules: &a {k8s-latest-tag: *a}\n")


def test_an_alias_that_is_used_now_and_then_is_none_too_many() -> None:
    config = load_config(
        "devopslint.yaml",
        "overrides:\n  - {paths: &dev [dev/**], ignore: &few [k8s-few-replicas]}\n  - {paths: *dev, extend-select: *few}\n",
    )

    assert [layer.paths for layer in config.overrides] == [("dev/**",), ("dev/**",)]


@pytest.mark.parametrize(
    "text", ["select: []", "select: []\nignore: [k8s-few-replicas]", "{select: [], extend-select: []}"]
)
def test_a_configuration_that_selects_nothing_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^devopslint.yaml: select: nothing is selected: name a rule"):
        load_config("devopslint.yaml", text).selecting(None)


def test_a_selection_that_begins_empty_is_filled_elsewhere() -> None:
    override = "select: []\noverrides: [{paths: [dev/**], select: [k8s-few-replicas]}]"

    assert list(load_config("devopslint.yaml", override).selecting(None).selection("dev/a")) == ["k8s-few-replicas"]
    assert list(load_config("devopslint.yaml", "select: []").selecting(["k8s-few-replicas"]).selection("")) == [
        "k8s-few-replicas"
    ]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("ignore:\n  - k8s-latest-tag\n", 1, "k8s-latest-tag"),
        ("exclude: [/vendor/, a, b, c, d, e]\n", 1, "files that match /vendor/, a, b, c, 2 more"),
        ("rules:\n  k8s-root-container: note\n", 2, "k8s-root-container is no error but a note"),
        ("rules: {k8s-root-container: {severity: warning}}\n", 1, "k8s-root-container is no error but a warning"),
        ("overrides: [{paths: [a, b], ignore: [k8s-latest-tag]}]\n", 1, "k8s-latest-tag on a, b"),
    ],
)
def test_what_a_configuration_turns_off_is_told(text: str, line: int, words: str) -> None:
    (switch,) = load_config("devopslint.yaml", text).switches

    assert (switch.location.line, switch.words) == (line, words)


def test_what_a_selection_leaves_out_is_counted() -> None:
    few, family = (
        load_config("devopslint.yaml", text).switches[0].words for text in ("select: [hpa-]", "ignore: [hpa-]")
    )

    assert few == f"{len(selected(None) - matching('hpa-'))} rules that select does not name"
    assert family == f"hpa- ({len(matching('hpa-', every=True) & selected(None))} rules)"


@pytest.mark.parametrize("text", ["", "extend-select: [all]", "rules: {k8s-latest-tag: error}", "profile: production"])
def test_what_turns_nothing_off_is_not_told(text: str) -> None:
    assert load_config("devopslint.yaml", text).switches == ()


def test_a_command_line_that_selects_sets_aside_what_the_configuration_selects() -> None:
    config = load_config("devopslint.yaml", "ignore: [hpa-]\nexclude: [a]\n").selecting(["k8s-latest-tag"])

    assert [one.words for one in config.switches] == ["files that match a"]
