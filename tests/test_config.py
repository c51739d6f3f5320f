"""The configuration: what it selects, what it sets for which paths, and how it says that it is not understood."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from devopslint.catalogue import catalogue
from devopslint.config import (
    Attestation,
    ChartSetting,
    ChartValues,
    Config,
    ConfigError,
    Floor,
    Layer,
    matching,
    selected,
)
from devopslint.config_reading import (
    MOST_ENTRIES,
    MOST_ERRORS,
    find_config,
    load_config,
    load_policy,
    read_named_config,
    read_policy,
)
from devopslint.files import LARGEST
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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("exclude: [1]\n", "c.yaml:1:11: exclude.0: is '1'; write text"),
        ("exclude: {a: b}\n", "c.yaml:1:1: exclude: is a mapping; write a list"),
        ("evidence: {path: a, days: soon}\n", "c.yaml:1:27: evidence.days: is 'soon'; write a whole number"),
        ("evidence: {path: a, coverage: much}\n", "c.yaml:1:31: evidence.coverage: is 'much'; write a number"),
        ("stages: [deploy]\n", "c.yaml:1:1: stages: is a list; write a mapping"),
        ("allow: [{path: a}]\n", "c.yaml:1:10: allow.0: lacks rule and reason"),
        ("profile: nonsense\n", "c.yaml:1:10: profile is 'nonsense'; allowed: "),
        ("overrides:\n  - {paths: [a], profile: nonsense}\n", "c.yaml:2:27: overrides.0.profile is 'nonsense'; allowed: "),
        ("attest: [{item: monitoring.logs, reason: '', until: 2027-01-01}]\n", "c.yaml:1:42: attest.0.reason: is ''; write at least "),
        ("rules: {k8s-root-container: [a]}\n", "c.yaml:1:9: rules.k8s-root-container is a list; allowed: error, warning, note, or a mapping"),
        ("a: &a [*a]\n", "c.yaml:1:1: aliases make more than 100,000 values of it; write out what is meant"),
        ("extends: a.yaml\n", "c.yaml:1:10: extends: a text in memory has no files beside it"),
        ("rule-files: [a.yaml]\n", "c.yaml:1:1: rule-files: a text in memory has no files beside it"),
    ],
)  # fmt: skip
def test_what_is_of_another_form_is_said_in_our_words(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config("c.yaml", text)

    assert str(caught.value).startswith(message)


def test_only_so_many_errors_of_form_are_said_at_a_time() -> None:
    entries = "".join("  - {paths: [a], profile: x}\n" for _ in range(MOST_ERRORS + 9))

    with pytest.raises(ConfigError) as caught:
        load_config("c.yaml", f"overrides:\n{entries}")

    assert len(caught.value.problems) == MOST_ERRORS


def test_as_many_values_and_entries_as_are_allowed_are_read() -> None:
    entries = "".join(f"  - {{rule: k8s-latest-tag, reason: seen, path: a{n}}}\n" for n in range(MOST_ENTRIES))

    assert len(load_config("c.yaml", f"allow:\n{entries}").allow) == MOST_ENTRIES


def test_a_configuration_says_what_it_says_of_one_form_and_another() -> None:
    one = load_config("c.yaml", "select: [hpa-]\nignore: [k8s-latest-tag]\n")

    assert (one.top.select, one.top.ignore) == (("hpa-",), ("k8s-latest-tag",))
    assert load_config("c.yaml", "helm: [{chart: /a/b, set: {c.d: x, e: true}}]\n").helm[0][:3] == (
        "a/b",
        (),
        (ChartSetting("c.d", "x", True), ChartSetting("e", "true", False)),
    )


@pytest.mark.parametrize(
    ("key", "yes", "no", "read"),
    [
        ("peer-suppressions", "true", "false", lambda config: config.peer_suppressions),
        ("render", "true", "false", lambda config: config.render),
        ("fail-on", "note", "error", lambda config: config.fail_on),
        ("evidence", "{path: a}", "{path: b}", lambda config: config.evidence.path),
        ("evidence", "{path: a, days: 3}", "{path: a, days: 4}", lambda config: config.evidence.days),
        ("evidence", "{path: a, minutes: 3}", "{path: a, minutes: 4}", lambda config: config.evidence.limits.minutes),
        (
            "evidence",
            "{path: a, coverage: 3}",
            "{path: a, coverage: 4}",
            lambda config: config.evidence.limits.coverage,
        ),
        (
            "evidence",
            "{path: a, megabytes: 3}",
            "{path: a, megabytes: 4}",
            lambda config: config.evidence.limits.megabytes,
        ),
    ],
)
def test_a_value_is_that_of_the_last_configuration_that_has_one(
    key: str, yes: str, no: str, read: Callable[[Config], object]
) -> None:
    first, second = (load_config("c.yaml", f"{key}: {value}\n") for value in (yes, no))

    assert read(first) != read(second)
    assert read(load_config("c.yaml", "exclude: [x]\n", base=first)) == read(first)
    assert read(load_config("c.yaml", f"{key}: {no}\n", base=first)) == read(second)
    assert read(load_config("c.yaml", f"{key}: {yes}\n", base=second)) == read(first)
    assert load_config("c.yaml", "# nothing\n", base=first) == first._replace(path="c.yaml")


def test_lists_grow_on_those_of_the_configuration_below() -> None:
    below = load_config("a.yaml", f"{WHOLE}lower: [x/]\nfixes: {{timeout-minutes: 1, requests: {{cpu: 1m}}}}\n")

    both = load_config("b.yaml", f"{WHOLE}lower: [y/]\nfixes: {{requests: {{cpu: 2m}}}}\n", base=below)

    for name in ("exclude", "allow", "attestations", "helm", "stages", "lower", "switches"):
        once, twice = getattr(below, name), getattr(both, name)
        assert len(once) >= 1 and twice[: len(once)] == once and len(twice) == 2 * len(once), name
    assert both.lower == ("x/", "y/")
    assert both.fixes == {"timeout_minutes": 1, "requests": {"cpu": "2m"}}


def test_the_switches_of_every_layer_are_told_in_their_words() -> None:
    config = load_config(
        "c.yaml",
        "select: [hpa-]\nignore: [hpa-dangling]\nlower: [x/, y/]\nrules: {k8s-latest-tag: warning, hpa-low-minimum: warning}\n"
        "overrides:\n  - {paths: [a, b, c, d, e], select: [hpa-dangling], ignore: [k8s-, hpa-dangling]}\n"
        "  - {paths: [z], rules: {hpa-low-minimum: {minimum: 2}}}\n",
    )
    default, hpa = selected(None), matching("hpa-") & selected(None)
    k8s = len((matching("k8s-", every=True) | {"hpa-dangling"}) & default)

    assert [(one.location.line, one.words, one.selecting) for one in config.switches] == [
        (1, f"{len(default - hpa)} rules that select does not name", True),
        (2, "hpa-dangling", True),
        (4, "hpa-low-minimum is no error but a warning", False),
        (6, f"{len(default) - 1} rules that select does not name on a, b, c, d, 1 more", False),
        (6, f"k8s-, hpa-dangling ({k8s} rules) on a, b, c, d, 1 more", False),
        (3, "one step of severity in x/, y/", False),
    ]


def test_one_rule_that_a_selection_leaves_out_is_one() -> None:
    default = sorted(selected(None))
    every = ", ".join(default[1:])

    (switch,) = load_config("c.yaml", f"select: [{every}]\n").switches

    assert switch.words == "1 rule that select does not name"


def test_what_selects_nothing_is_told_in_whole_sentences() -> None:
    with pytest.raises(ConfigError) as command_line:
        Config().selecting([])
    with pytest.raises(ConfigError) as configuration:
        load_config("conf/c.yaml", "select: []\n").selecting(None)
    with pytest.raises(ConfigError) as nameless:
        Config(top=Layer(select=())).selecting(None)

    listed = "name a rule, a family or a tag; `devopslint rules` lists them"
    assert str(command_line.value) == f"nothing is selected: {listed}"
    assert str(configuration.value) == f"conf/c.yaml: select: nothing is selected: {listed}"
    assert str(nameless.value) == f"the configuration: select: nothing is selected: {listed}"
    for ignore, more in (["nonsense-like"], []), ([], ["nonsense-like"]):
        with pytest.raises(ConfigError, match=r"^no rule, family or tag is named 'nonsense-like'"):
            Config().selecting(None, ignore, more)


def test_a_policy_fills_a_selection_that_is_empty() -> None:
    floor = Floor("p.yaml", ("k8s-latest-tag",))
    empty = load_config("c.yaml", "select: []\n")

    assert list(empty.under(floor).selecting(None).selection("a")) == ["k8s-latest-tag"]
    with pytest.raises(ConfigError, match="nothing is selected"):
        empty.under(Floor("p.yaml")).selecting(None)


TODAY = datetime.date(2026, 11, 29)


@pytest.mark.parametrize(
    ("floor", "reason", "days", "refusal"),
    [
        (Floor("p"), None, None, None),
        (Floor("p", needs_reason=True), None, 3, "a reason"),
        (Floor("p", needs_reason=True), "vendor", None, None),
        (Floor("p", needs_until=True), "vendor", None, "a last day, until YYYY-MM-DD"),
        (Floor("p", needs_until=True), "vendor", 4_000, None),
        (Floor("p", most_days=30), "vendor", None, "a last day, until YYYY-MM-DD"),
        (Floor("p", most_days=30), "vendor", 30, None),
        (Floor("p", most_days=30), "vendor", 31, "a last day within 30 days, so by 2026-12-29"),
    ],
)
def test_what_a_suppression_lacks_under_a_policy(
    floor: Floor, reason: str | None, days: int | None, refusal: str | None
) -> None:
    until = None if days is None else TODAY + datetime.timedelta(days)

    assert floor.refusal(Suppression(("a-b",), at(1, 1, 2), reason, until), TODAY) == refusal


def test_a_configuration_is_not_below_a_policy() -> None:
    floor = Floor("p.yaml", fail_on=Severity.WARNING, render=True)
    config = load_config("c.yaml", "fail-on: note\nexclude: [x]\noverrides: [{paths: [a], ignore: [hpa-]}]\n")

    under = config.under(floor)

    assert (under.fail_on, under.render, under.exclude, under.floor) == (Severity.NOTE, True, (), floor)
    assert under.overrides == (*config.overrides, Layer(paths=("x",), select=()))
    assert Config().under(floor).fail_on is Severity.WARNING
    assert Config().under(floor).overrides == ()


def test_one_step_less_severe_is_one_step_and_a_note_stays_one() -> None:
    config = load_config("c.yaml", "lower: [tests/]\n")
    usual, less = config.selection("a.yaml"), config.selection("tests/a.yaml")

    assert {one.severity for one in usual.values()} == {Severity.ERROR, Severity.WARNING, Severity.NOTE}
    for rule_id, one in usual.items():
        assert less[rule_id].severity == max(Severity.NOTE, one.severity - 1), rule_id
        assert less[rule_id].parameters == one.parameters


def test_what_other_linters_ask_for_joins_the_default_rules_alone() -> None:
    off = min(matching("all") - matching("default"))
    peers = (Layer(paths=("a.yaml",), extend_select=(off,)),)

    def selects(text: str, path: str = "a.yaml") -> bool:
        return off in load_config("c.yaml", text)._replace(peers=peers).selection(path)

    assert selects("fail-on: note\n")
    assert not selects("fail-on: note\n", "b.yaml")
    assert not selects("select: [default]\n")
    assert not selects(f"ignore: [{off}]\n")


def test_configurations_that_are_equal_are_one_key_and_others_others() -> None:
    several = [
        Config(),
        Config(path="a"),
        Config(top=Layer(select=("hpa-",))),
        Config(top=Layer(profile="production")),
        Config(fail_on=Severity.NOTE),
        Config(render=True),
        Config(lower=("a",)),
        Config(overrides=(Layer(),)),
        Config(peers=(Layer(), Layer())),
        Config(extended=(Layer(), Layer(), Layer())),
    ]

    assert len({hash(one) for one in several}) == len(several)
    assert [hash(one._replace()) for one in several] == [hash(one) for one in several]


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("hadolint:DL30", "no rule, family or tag is named 'hadolint:DL30'; `devopslint rules` lists them"),
        ("dod:kubernets", "no item of the Definition of Done is named 'kubernets'; did you mean kubernetes."),
        ("dod:zzz", "no item of the Definition of Done is named 'zzz'; `devopslint rules` lists them"),
        ("dod:kubernetes.pro", "no item of the Definition of Done is named 'kubernetes.pro'; did you mean kubernetes.probes"),
        ("kube-", "no rule, family or tag is named 'kube-'"),
        ("zzzzzz", "no rule, family or tag is named 'zzzzzz'; `devopslint rules` lists them"),
        ("DL3008", "no rule, family or tag is named 'DL3008'; did you mean hadolint:DL3008?"),
    ],
)  # fmt: skip
def test_a_token_that_names_nothing_is_told_what_there_is(token: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        matching(token)

    assert str(caught.value).startswith(message)


def test_a_token_names_rules_by_item_section_tag_and_peer() -> None:
    rules = {rule_id: entry.rule for rule_id, entry in catalogue().items()}
    off = {rule_id for rule_id, rule in rules.items() if not rule.enabled}

    assert matching("dod:kubernetes.probes") == {i for i, r in rules.items() if "kubernetes.probes" in r.dod} - off
    assert matching("dod:kubernetes", every=True) == {
        i for i, r in rules.items() if any(item.startswith("kubernetes.") for item in r.dod)
    }
    assert matching("dod:kubernetes") == matching("dod:kubernetes", every=True) - off
    assert matching("secret") == {i for i, r in rules.items() if "secret" in r.tags}
    assert matching("hadolint:DL3008") == {i for i, r in rules.items() if "DL3008" in r.equivalents.get("hadolint", ())}
    assert matching("all") == set(rules)
    assert matching("default") == set(rules) - off
    assert matching("hpa-", every=True) == {i for i in rules if i.startswith("hpa-")}


def test_the_selections_of_a_configuration_are_each_layer_alone(tmp_path: Path) -> None:
    extended = (
        Layer(paths=("**",), ignore=("hpa-dangling",)),
        Layer(paths=("x/**",), ignore=("hpa-missing",)),
    )
    config = load_config(
        "c.yaml",
        "select: [hpa-dangling, hpa-missing, hpa-low-minimum]\noverrides: [{paths: [y], ignore: [hpa-low-minimum]}]\n",
    )._replace(extended=extended, top=Layer(extend_select=("hpa-low-minimum",)), lower=("**",))

    sizes = [{"hpa-dangling", "hpa-missing", "hpa-low-minimum"} & set(one) for one in config.selections()]

    assert sizes == [
        {"hpa-missing", "hpa-low-minimum"},
        {"hpa-missing"},
        {"hpa-low-minimum"},
    ]
    assert {one["hpa-low-minimum"].severity for one in config.selections() if "hpa-low-minimum" in one} == {
        catalogue()["hpa-low-minimum"].rule.severity
    }


def test_a_version_is_that_of_the_configuration_with_the_last_word() -> None:
    below = tuple(Layer(paths=("**",), shared={"kubernetes-version": one}) for one in ("1.29", "1.30"))

    assert Config().kubernetes_version is None
    assert Config(extended=below).kubernetes_version == "1.30"
    assert Config(extended=below, top=Layer(shared={"kubernetes-version": 1.31})).kubernetes_version == "1.31"
    elsewhere = Layer(paths=("x",), shared={"kubernetes-version": "1.28"})
    assert Config(extended=(*below, elsewhere)).kubernetes_version == "1.30"


@pytest.mark.parametrize("name", ["devopslint.yaml", "devopslint.yml", ".devopslint.yaml", ".devopslint.yml"])
def test_a_configuration_is_found_from_a_file_too(tmp_path: Path, name: str) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "pod.yaml").touch()
    (tmp_path / name).touch()

    assert find_config(tmp_path, tmp_path / "app" / "pod.yaml") == tmp_path / name
    assert find_config(tmp_path / "app", tmp_path / "app" / "pod.yaml") is None


def test_a_configuration_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"# caf\xe9\n")
    (tmp_path / "large.yaml").write_bytes(b"#" * (LARGEST + 1))
    (tmp_path / "folder.yaml").mkdir()
    told = {}
    for name in ("latin", "large", "folder", "gone"):
        for what, read in (("configuration", read_named_config), ("policy", read_policy)):
            with pytest.raises(ConfigError) as caught:
                read(tmp_path, tmp_path / f"{name}.yaml")
            told[name, what] = str(caught.value)

    assert told == {
        (name, what): f"cannot read the {what} {tmp_path / name}.yaml: {why}"
        for name, why in (
            ("latin", "is not UTF-8"),
            ("large", "is larger than 5 MB (5.0 MB)"),
            ("folder", "is no regular file"),
            ("gone", "No such file or directory"),
        )
        for what in ("configuration", "policy")
    }


def test_what_is_read_is_named_as_below_the_project(tmp_path: Path) -> None:
    root = (tmp_path / "project").resolve()
    (root / "ci").mkdir(parents=True)
    for path in (root / "ci" / "c.yaml", tmp_path / "c.yaml"):
        path.write_text("require: [k8s-latest-tag]\n")

    assert read_policy(root, root / "ci" / "c.yaml").path == "ci/c.yaml"
    assert read_policy(root, tmp_path / "c.yaml").path == str(tmp_path.resolve() / "c.yaml")


def test_every_key_of_a_policy_is_read() -> None:
    floor = load_policy(
        "p.yaml",
        "require: [k8s-latest-tag, hpa-dangling]\nfail-on: warning\nrender: true\n"
        "suppressions: {reason: true, until: true, days: 90}\nrules: {k8s-latest-tag: error}\n",
    )

    assert floor == Floor(
        "p.yaml",
        ("hpa-dangling", "k8s-latest-tag"),
        Layer(rules={"k8s-latest-tag": {"severity": "error"}}),
        Severity.WARNING,
        True,
        True,
        90,
        True,
    )
    assert load_policy("p.yaml", "fail-on: note\n") == Floor("p.yaml", fail_on=Severity.NOTE)
    assert load_policy("p.yaml", "suppressions: {reason: false}\n") == Floor("p.yaml")
