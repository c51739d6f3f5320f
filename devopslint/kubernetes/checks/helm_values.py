"""What charts are told to do with their pods, wherever their templates put it."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.kubernetes.capabilities import BASELINE_CAPABILITIES
from devopslint.kubernetes.helm_values import (
    SHARED,
    Setting,
    Values,
    default_values,
    values_of_files,
    values_of_kustomizations,
    values_of_objects,
)
from devopslint.kubernetes.quantity import whole
from devopslint.model import Problem
from devopslint.registry import check
from devopslint.secrets.judgement import holds_value, is_evident, is_mode, is_placeholder, names_secret, shows_secret

DEPLOYED = (values_of_objects, values_of_files, values_of_kustomizations)
_OBJECT = compiled(r"[a-z0-9]+(?:[-./][a-z0-9]+)*\Z")
_NAMES_OBJECT = compiled(r"(?i)(?:secret|credentials?|key|ref|existing\w*)\Z|\Aexisting")
"""Ends of keys whose value may be the name of a Secret, or of a key in it: `existingSecret`, `passwordKey`."""


_SECRET_BESIDE = ("secretName", "secretRef", "existingSecret", "existingSecretName", "remoteRef", "sourceRef")
"""The settings that name a Secret, or where the value is fetched from, beside which `secretKey` is a key of it."""
_KEY_OF_SECRET = compiled(r"(?i)(?:password|passwd|token|key)[-_]?key\Z")
"""A key that can only say which key of a Secret is meant: nobody calls a password so."""
_SECRET_KEYS = compiled(r"(?i)secret[-_]?(?:ref)?[-_]?key(?:s|names)\Z")
"""What a chart calls the keys of a Secret that is there already: `secretKeys`, `secretRefKeys`."""
_SNAKE = compiled(r"[A-Za-z]+(?:_[A-Za-z]+)+")
_IDENTIFIER = compiled(r"[A-Za-z][A-Za-z0-9]*(?:[-._][A-Za-z0-9]+)*\Z")


@check("helm-literal-secret", each=DEPLOYED)
def literal_secret(values: Values) -> Iterator[Problem]:
    for setting in values.meanings.get("text", ()):
        kind = shows_secret(setting.node.text)
        if kind is not None:
            said = f"{setting.path} holds {kind}"
            yield Problem(setting.location, said, certain=is_evident(setting.node.text))
        elif is_written_out(setting):
            said = f"{setting.path} has its secret written out"
            yield Problem(setting.location, said, certain=is_evident(setting.node.text))


@check("helm-literal-secret", each=default_values)
def shown_secret(values: Values) -> Iterator[Problem]:
    for setting in values.meanings.get("text", ()):
        kind = shows_secret(setting.node.text)
        if kind in ("a private key", "an access token"):
            yield Problem(setting.location, f"{setting.path} holds {kind}")


@check("helm-default-secret", each=default_values)
def default_secret(values: Values) -> Iterator[Problem]:
    for setting in values.meanings.get("text", ()):
        if shows_secret(setting.node.text) is None and is_written_out(setting):
            yield Problem(setting.location, f"{setting.path} is the same for everybody who does not change it")


def is_written_out(setting: Setting) -> bool:
    name, text = setting.name, setting.node.text
    if not names_secret(name) or "\n" in text.strip() or is_placeholder(text, name) or not holds_value(text):
        return False
    if name.lower() == "secretkey" and any(setting.beside[key].exists for key in _SECRET_BESIDE):
        return False  # which of that Secret's keys is meant
    if _KEY_OF_SECRET.search(name) and _IDENTIFIER.match(text):
        return False
    if _names_key_of_a_secret(setting):
        return False
    return not (is_mode(name, text) or (_NAMES_OBJECT.search(name) and _OBJECT.match(text)))


def _names_key_of_a_secret(setting: Setting) -> bool:
    """Whether it says, among secrets, which key of one a variable is taken from: `API_SECRET: api_secret_key`.

    So does what stands below `existingSecretKeys`, and `adminSecretKey: admin`.
    """
    if _IDENTIFIER.match(setting.node.text):
        above = setting.path.rpartition(".")[0].rpartition(".")[2]
        if _SECRET_KEYS.search(above) or setting.name.lower() == f"{setting.node.text.lower()}secretkey":
            return True
    if "secret" not in setting.path.rpartition(".")[0].lower() or not _SNAKE.fullmatch(setting.node.text):
        return False
    words, named = setting.node.text.lower().split("_"), setting.name.lower().replace("-", "_").split("_")
    return len(words) > 1 and set(words) - {"key"} <= set(named)


@check("helm-privileged-container", each=DEPLOYED)
def privileged_container(values: Values) -> Iterator[Problem]:
    for location, words in values.consequences("privileged"):
        yield Problem(location, words)


@check("helm-host-namespace", each=DEPLOYED)
def host_namespace(values: Values) -> Iterator[Problem]:
    for location, words in values.consequences(*SHARED):
        yield Problem(location, words)


@check("helm-added-capability", each=DEPLOYED)
def added_capability(values: Values) -> Iterator[Problem]:
    for setting in beyond_baseline(values):
        yield Problem(setting.location, f"adds the capability {setting.node.text}")


def beyond_baseline(values: Values) -> list[Setting]:
    """The capabilities that are added, but for those that the baseline level lets a container have."""
    return [one for one in values.meanings.get("capability", ()) if capability(one) not in BASELINE_CAPABILITIES]


def capability(setting: Setting) -> str:
    return setting.node.text.upper().removeprefix("CAP_")


@check("helm-root-user", each=DEPLOYED)
def root_user(values: Values) -> Iterator[Problem]:
    for location, words in values.consequences("runAsUser"):
        yield Problem(location, words)
    for setting in values.meanings.get("runAsNonRoot", ()):
        if not setting.beside["runAsUser"].present:
            yield Problem(setting.location, f"{setting.said}: a container may run as root")


@check("helm-privilege-escalation", each=DEPLOYED)
def privilege_escalation(values: Values) -> Iterator[Problem]:
    for setting in values.meanings.get("allowPrivilegeEscalation", ()):
        if setting.beside["privileged"].value is not True:
            yield Problem(setting.location, f"{setting.said}: a container may gain more privileges than its parent")


@check("helm-writable-root-filesystem", each=DEPLOYED)
def writable_root_filesystem(values: Values) -> Iterator[Problem]:
    for setting in values.meanings.get("readOnlyRootFilesystem", ()):
        yield Problem(setting.location, f"{setting.said}: a container can write to its root file system")


@check("helm-latest-tag", each=DEPLOYED)
def latest_tag(values: Values) -> Iterator[Problem]:
    for location, words in values.consequences("latest"):
        yield Problem(location, words)


@check("helm-unset-tag", each=DEPLOYED)
def unset_tag(values: Values) -> Iterator[Problem]:
    for setting in values.meanings.get("tagless", ()):
        yield Problem(setting.location, f"{setting.said} without a tag: the chart's own decides which version runs")


@check("helm-few-replicas", each=DEPLOYED)
def few_replicas(values: Values, *, minimum: int) -> Iterator[Problem]:
    for setting in values.meanings.get("replicas", ()) if not values.rehearsed else ():
        if (pods := whole(setting.node) or 0) < minimum:
            yield Problem(
                setting.location, f"runs {pods} pod{'s' * (pods > 1)}, fewer than {minimum}, and is not scaled"
            )


@check("helm-risky-default", each=default_values)
def risky_default(values: Values) -> Iterator[Problem]:
    for setting in (*values.meanings.get("privileged", ()), *beyond_baseline(values)):
        what = "makes a container privileged" if setting.name == "privileged" else f"adds {setting.node.text}"
        yield Problem(setting.location, f"{what} wherever nobody changes {setting.path}")
    for key, what in SHARED.items():
        for setting in values.meanings.get(key, ()):
            yield Problem(setting.location, f"shares the node's {what} wherever nobody changes {setting.path}")
    for setting in values.meanings.get("runAsUser", ()):
        yield Problem(setting.location, f"runs a container as root wherever nobody changes {setting.path}")
    for setting in values.meanings.get("latest", ()):
        yield Problem(setting.location, f"takes whatever latest is wherever nobody changes {setting.path}")
