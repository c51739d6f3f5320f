"""The configuration: what it selects, what it sets for which paths, and how it says that it is not understood."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from devopslint.config import Attestation, ChartSetting, ChartValues, Config, ConfigError, Layer, matching, selected
from devopslint.config_reading import MOST_ENTRIES, find_config, load_config
from devopslint.model import Location, Severity, StageWords, Suppression


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
        ("allow:\n  - {rule: k8s-root-container}\n", "devopslint.yaml:2:6: allow.0: lacks reason"),
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


def test_every_wrong_name_of_every_list_is_said() -> None:
    with pytest.raises(ConfigError) as refusal:
        load_config("devopslint.yaml", "select: [k8s-hst-pid]\nextend-select: [nonsense]\nignore: [docker-latst-tag]\n")

    assert [one.partition(": ")[0] for one in refusal.value.problems] == [
        "devopslint.yaml:1:10",
        "devopslint.yaml:2:17",
        "devopslint.yaml:3:10",
    ]
    assert "did you mean k8s-host-pid or k8s-host-" in refusal.value.problems[0]


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

    with pytest.raises(ConfigError, match=r"devopslint.yaml:6:25: aliases stand for more than 100,000 values"):
        load_config("devopslint.yaml", bomb + "exclude: *a39\n")


@pytest.mark.parametrize("key", ["overrides", "allow"])
def test_what_each_path_is_held_against_has_a_bound(key: str) -> None:
    entry = {"overrides": "{paths: [a], ignore: [k8s-]}", "allow": "{rule: k8s-latest-tag, reason: tried}"}[key]
    text = f"{key}: [{', '.join([entry] * (MOST_ENTRIES + 1))}]\n"

    with pytest.raises(ConfigError, match=f"devopslint.yaml:1:1: {key}: has 1,001 entries; at most 1,000"):
        load_config("devopslint.yaml", text)


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


WHOLE = """\
select: [k8s-]
extend-select: [docker-root-user]
ignore: [k8s-few-replicas]
profile: production
kubernetes-version: "1.30"
fail-on: warning
exclude: [/vendor/]
peer-suppressions: false
render: true
rules:
  k8s-root-container: note
  hpa-low-minimum: {severity: error, minimum: 2}
overrides:
  - paths: ["dev/**", "x/*.yaml"]
    select: [docker-]
    profile: default
    rules: {hpa-low-minimum: {minimum: 1}}
allow:
  - {rule: k8s-root-container, reason: vendor image}
  - {rule: [k8s-latest-tag, "*"], path: "k8s/*", object: "Pod/*", reason: soon, until: 2027-02-01}
attest:
  - {item: kubernetes.probes, reason: seen by Ada, until: 2027-03-01}
helm:
  - {chart: ./charts/shop/, values: [a.yaml, b.yaml], set: {a.b: "1", c: 2}}
  - {chart: ., values: [c.yaml]}
stages:
  deploy: {actions: [a/b], commands: [ship], names: [go-live]}
"""


def at(line: int, column: int, end_column: int) -> Location:
    return Location("conf/devopslint.yaml", line, column, line, end_column)


def test_every_key_of_a_configuration_is_read() -> None:
    config = load_config("conf/devopslint.yaml", WHOLE)

    assert config.path == "conf/devopslint.yaml"
    assert config.top == Layer(
        select=("k8s-",),
        extend_select=("docker-root-user",),
        ignore=("k8s-few-replicas",),
        rules={"k8s-root-container": {"severity": "note"}, "hpa-low-minimum": {"severity": "error", "minimum": 2}},
        shared={"kubernetes-version": "1.30"},
        profile="production",
    )
    assert config.overrides == (
        Layer(
            paths=("dev/**", "x/*.yaml"),
            select=("docker-",),
            rules={"hpa-low-minimum": {"minimum": 1}},
            profile="default",
        ),
    )
    assert (config.fail_on, config.exclude) == (Severity.WARNING, ("/vendor/",))
    assert (config.peer_suppressions, config.render) == (False, True)
    assert config.allow == (
        Suppression(("k8s-root-container",), at(19, 12, 30), "vendor image", None, paths="**", origin="configuration"),
        Suppression(
            ("k8s-latest-tag", "*"),
            at(20, 6, 10),
            "soon",
            datetime.date(2027, 2, 1),
            paths="k8s/*",
            object="Pod/*",
            origin="configuration",
        ),
    )
    assert config.attestations == (Attestation("kubernetes.probes", "seen by Ada", datetime.date(2027, 3, 1)),)
    assert config.helm == (
        ChartValues(
            "charts/shop",
            ("a.yaml", "b.yaml"),
            (ChartSetting("a.b", "1", True), ChartSetting("c", "2", False)),
            at(24, 13, 27),
        ),
        ChartValues("", ("c.yaml",), (), at(25, 13, 14)),
    )
    assert config.stages == (StageWords("deploy", ("a/b",), ("ship",), ("go-live",)),)


def test_a_layer_says_which_rules_run_how_and_the_next_one_changes_only_what_it_says() -> None:
    config = load_config("devopslint.yaml", WHOLE.replace("    select: [docker-]\n", ""))

    top, dev = config.selection("a.yaml"), config.selection("dev/a.yaml")

    assert "docker-root-user" in top and "k8s-few-replicas" not in top and "hpa-low-minimum" not in top
    assert top["k8s-root-container"].severity is Severity.NOTE
    assert top["k8s-latest-tag"].severity is Severity.ERROR, "the profile raises it"
    assert dev["k8s-latest-tag"].severity is Severity.WARNING, "the profile of the override does not"
    assert dev["k8s-root-container"].severity is Severity.ERROR, "a profile that is laid over it comes later"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: {k8s-root-container: {severity: fatal}}\n", "c.yaml:1:40: severity is 'fatal'; allowed: error, warning, note"),
        ("rules: {hpa-low-minimum: {minimum: 0}}\n", "c.yaml:1:36: hpa-low-minimum: minimum: 0 is less than the minimum of 1"),
        ("rules: {hpa-low-minimum: {minimun: 2}}\n", "c.yaml:1:27: hpa-low-minimum has no parameter 'minimun'; allowed: severity, minimum"),
        ("rules: {hpa-low-minimun: note}\n", "c.yaml:1:9: no rule is named 'hpa-low-minimun'; did you mean hpa-low-minimum"),
        ("a: 1\n---\nb: 1\n", "c.yaml:3:1: a configuration is one document"),
        ("fail-on: fatal\n", "c.yaml:1:10: fail-on is 'fatal'; allowed: error, warning, note"),
        ("zzzzzzzz: 1\n", "c.yaml:1:1: unknown key 'zzzzzzzz'; allowed: allow, assume-exists, attest, "),
        ("overrides: [{paths: [a], selct: [all]}]\n", "c.yaml:1:26: unknown key 'selct'; did you mean 'select'?"),
        ("overrides: [{paths: [a], ignore: [nothing-at-all]}]\n", "c.yaml:1:35: no rule, family or tag is named 'nothing-at-all'; `devopslint rules` lists them"),
        ("exclude: vendor\n", "c.yaml:1:10: exclude: is 'vendor'; write a list"),
        ("[a]\n", "c.yaml:1:1: the configuration: is a list; write a mapping"),
        ("allow: [{rule: k8s-root-contaner, reason: vendor}]\n", "c.yaml:1:16: no rule is named 'k8s-root-contaner'; did you mean k8s-root-container"),
        ("allow: [{rule: k8s-root-container, reason: vendor, until: 2027-13-01}]\n", "c.yaml:1:59: '2027-13-01' is no date; write YYYY-MM-DD"),
        ("attest: [{item: kubernetes.probe, reason: seen, until: 2027-01-01}]\n", "c.yaml:1:17: no item of the Definition of Done is named 'kubernetes.probe'; did you mean kubernetes.probes"),
        ("select: [DL3008]\n", "c.yaml:1:10: no rule, family or tag is named 'DL3008'; did you mean hadolint:DL3008?"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_configuration_is_said_with_its_place_and_a_hint(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config("c.yaml", text)

    assert str(caught.value).startswith(message)


def test_a_command_line_is_laid_over_the_configuration() -> None:
    config = load_config(
        "devopslint.yaml", "select: [hpa-]\nextend-select: [k8s-latest-tag]\nignore: [hpa-low-minimum]\nexclude: [a]\n"
    )

    more = config.selecting(None, ["hpa-high-maximum"], ["k8s-root-container"], exclude=["b"], profile="production")
    instead = config.selecting(["hpa-"], ["hpa-high-maximum"], ["k8s-root-container"])

    assert {"k8s-latest-tag", "k8s-root-container"} <= set(more.selection(""))
    assert {"hpa-low-minimum", "hpa-high-maximum"}.isdisjoint(more.selection(""))
    assert (more.exclude, more.top.profile) == (("a", "b"), "production")
    assert "k8s-root-container" in instead.selection("") and "k8s-latest-tag" not in instead.selection("")
    assert "hpa-low-minimum" in instead.selection("") and "hpa-high-maximum" not in instead.selection("")
    assert (instead.exclude, instead.top.profile) == (("a",), None)
    assert load_config("a", "profile: production\n").selecting(None).top.profile == "production"
