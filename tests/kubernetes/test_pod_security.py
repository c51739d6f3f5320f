"""The levels of the Pod Security Standards: what belongs to them, since when, and that a fault is found once."""

from __future__ import annotations

import pytest

import devopslint
from devopslint.catalogue import catalogue

HARDENED = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: web
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
"""


def broken(text: str, level: str, version: str = "1.37") -> set[str]:
    """The rules of a level that a manifest breaks under a version of Kubernetes."""
    found = devopslint.check({"pod.yaml": text}, select=[level], config=f'kubernetes-version: "{version}"\n')
    return {finding.rule.id for finding in found}


def test_the_restricted_level_holds_every_rule_of_the_baseline() -> None:
    levels = {rule_id: entry.rule.equivalents.get("pod-security", ()) for rule_id, entry in catalogue().items()}

    assert any("pss-baseline" in names for names in levels.values())
    assert all("pss-restricted" in names for names in levels.values() if names)


def test_a_hardened_pod_breaks_neither_level() -> None:
    assert broken(HARDENED, "pss-restricted") == set()
    assert broken(HARDENED, "pss-baseline") == set()


def test_a_bare_pod_breaks_only_the_restricted_level() -> None:
    bare = "apiVersion: v1\nkind: Pod\nspec:\n  containers: [{name: web}]\n"

    assert broken(bare, "pss-baseline") == set()
    assert broken(bare, "pss-restricted") == {
        "k8s-kept-capabilities",
        "k8s-missing-seccomp-profile",
        "k8s-privilege-escalation",
        "k8s-unenforced-non-root",
    }


@pytest.mark.parametrize(
    ("change", "rule_id", "before", "since"),
    [
        ("hostUsers: false, securityContext: {runAsUser: 0}", "k8s-root-user", "1.35", "1.34"),
        ("securityContext: {sysctls: [{name: net.ipv4.tcp_rmem}]}", "k8s-unsafe-sysctl", "1.32", "1.31"),
        ("securityContext: {seLinuxOptions: {type: container_engine_t}}", "k8s-selinux-override", "1.31", "1.30"),
        ("os: {name: windows}", "k8s-privilege-escalation", "1.25", "1.24"),
        ("securityContext: {runAsUser: 0}", "k8s-root-user", "1.22", "1.23"),
    ],
)
def test_a_rule_of_a_level_follows_the_version(change: str, rule_id: str, before: str, since: str) -> None:
    pod = f"apiVersion: v1\nkind: Pod\nspec: {{{change}, containers: [{{name: web}}]}}\n"

    assert rule_id not in broken(pod, "pss-restricted", before)
    assert rule_id in broken(pod, "pss-restricted", since)


def test_seccomp_is_an_annotation_before_it_is_a_field() -> None:
    pod = HARDENED.replace("seccompProfile: {type: RuntimeDefault}", "").replace(
        "{name: web}", "{name: web, annotations: {seccomp.security.alpha.kubernetes.io/pod: unconfined}}", 1
    )

    assert broken(pod, "pss-baseline", "1.18") == {"k8s-unconfined-seccomp"}
    assert broken(pod, "pss-restricted", "1.19") == {"k8s-missing-seccomp-profile"}


@pytest.mark.parametrize(
    ("part", "rule_id"),
    [
        ("volumes: [{name: x, hostPath: {path: /}}]", "k8s-sensitive-host-path"),
        ("volumes: [{name: x, hostPath: {path: /data}}]", "k8s-host-path"),
        ("volumes: [{name: x, hostPath: {path: /var/run/docker.sock}}]", "k8s-runtime-socket"),
    ],
)
def test_a_path_of_the_node_is_found_once(part: str, rule_id: str) -> None:
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: shop}}\nspec: {{{part}}}\n"
    found = devopslint.check({"pod.yaml": pod}, select=["default", "pss-restricted"])

    assert [f.rule.id for f in found if "volume" in f.message] == [rule_id]


@pytest.mark.parametrize(
    ("capability", "rule_id"),
    [
        ("SYS_ADMIN", "k8s-sys-admin-capability"),
        ("ALL", "k8s-dangerous-capability"),
        ("SYS_TIME", "k8s-added-capability"),
        ("CAP_CHOWN", "k8s-added-capability"),
        ("CHOWN", "k8s-needless-capability"),
    ],
)
def test_an_added_capability_is_found_once(capability: str, rule_id: str) -> None:
    pod = HARDENED.replace("drop: [ALL]", f"drop: [ALL], add: [{capability}, NET_BIND_SERVICE]")
    found = devopslint.check({"pod.yaml": pod}, select=["default", "pss-restricted"])

    assert [f.rule.id for f in found if "adds" in f.message] == [rule_id]
