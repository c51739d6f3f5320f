"""The settings whose absence rules find, as a block of YAML that can be pasted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from devopslint.deferred import NamedTuple

SETTINGS: dict[str, dict[str, Any]] = {
    "k8s-root-container": {"securityContext": {"runAsNonRoot": "true"}},
    "k8s-privilege-escalation": {"securityContext": {"allowPrivilegeEscalation": "false"}},
    "k8s-writable-root-filesystem": {"securityContext": {"readOnlyRootFilesystem": "true"}},
    "k8s-kept-capabilities": {"securityContext": {"capabilities": "{drop: [ALL]}"}},
    "k8s-missing-seccomp-profile": {"securityContext": {"seccompProfile": "{type: RuntimeDefault}"}},
    "k8s-missing-cpu-request": {"resources": {"requests": {"cpu": "100m  # what it uses on a normal day"}}},
    "k8s-missing-memory-request": {"resources": {"requests": {"memory": "128Mi"}}},
    "k8s-missing-cpu-limit": {"resources": {"limits": {"cpu": "500m"}}},
    "k8s-missing-memory-limit": {"resources": {"limits": {"memory": "128Mi"}}},
    "compose-missing-memory-limit": {"mem_limit": "256m"},
    "compose-missing-cpu-limit": {"cpus": "0.5"},
    "compose-missing-restart": {"restart": "unless-stopped"},
    "compose-missing-user": {"user": '"10001:10001"'},
    "compose-privilege-escalation": {"security_opt": "[no-new-privileges:true]"},
    "compose-undropped-capabilities": {"cap_drop": "[ALL]"},
    "compose-writable-root-filesystem": {"read_only": "true"},
    "pipeline-missing-timeout": {"timeout-minutes": "15"},
    "hpa-fast-scale-down": {
        "spec": {
            "behavior": {
                "scaleDown": {
                    "stabilizationWindowSeconds": "300",
                    "policies": "[{type: Percent, value: 25, periodSeconds: 60}]",
                }
            }
        }
    },
    "hpa-fast-scale-up": {
        "spec": {
            "behavior": {
                "scaleUp": {
                    "stabilizationWindowSeconds": "60",
                    "policies": "[{type: Percent, value: 50, periodSeconds: 60}]",
                }
            }
        }
    },
    "hpa-low-minimum": {"spec": {"minReplicas": "3"}},
}
"""Rule -> what the thing that it speaks of lacks; numbers are to begin with."""


class Block(NamedTuple):
    """Settings of several rules in one text."""

    rules: tuple[str, ...]
    """Those that it satisfies."""
    text: str


def block_for(rules: Iterable[str]) -> Block:
    """What satisfies as many of these rules as can be told without knowing the program."""
    known = tuple(rule for rule in rules if rule in SETTINGS)
    joined: dict[str, Any] = {}
    for rule in SETTINGS:
        if rule in known:
            _join(joined, SETTINGS[rule])
    return Block(known, "\n".join(_lines(joined, "")))


def _join(into: dict[str, Any], settings: Mapping[str, Any]) -> None:
    for key, value in settings.items():
        if isinstance(value, dict):
            _join(into.setdefault(key, {}), value)
        else:
            into[key] = value


def _lines(settings: Mapping[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    for key, value in settings.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}:", *_lines(value, f"{indent}  ")]
        else:
            lines.append(f"{indent}{key}: {value}")
    return lines
