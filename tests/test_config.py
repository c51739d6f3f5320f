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
