"""A run's outcome to report on, small but with everything in it that makes a format stumble."""

from __future__ import annotations

import datetime

from devopslint.model import (
    Failure,
    Finding,
    Location,
    NotChecked,
    NotKnown,
    Related,
    Rule,
    Severity,
    Suppression,
    Switch,
)
from devopslint.reports import Report, Revision

ROOT = Rule(
    id="k8s-root-container",
    title="Container may run as root",
    severity=Severity.ERROR,
    rationale="A process that escapes from a root container is root on the node.",
    remediation="Set runAsNonRoot to true on the pod.",
    dod=("containerization.non-root", "kubernetes.security-context"),
    tags=("hardening",),
    references=("https://kubernetes.io/docs/concepts/security/pod-security-standards/",),
    equivalents={"checkov": ("CKV_K8S_23",), "kube-linter": ("run-as-non-root",)},
    security_severity=7.5,
)
TAG = Rule("docker-latest-tag", "Moving tag", Severity.WARNING, "A tag moves.", "Pin the image by digest.")
SECRET = Rule(
    "docker-secret-in-env",
    "Secret in ENV",
    Severity.ERROR,
    "Anyone who pulls it reads it.",
    "Mount it.",
    tags=("secret",),
)
RULES = (TAG, SECRET, ROOT)

FILES = {
    "Dockerfile": "FROM alpine\nUSER root\n",
    "deploy/web ü.yaml": "kind: Pod\nspec:\n  containers:\n  - name: '🚀日本' # the web\n    image: web:latest\n",
}


def at(path: str, line: int, column: int, end_column: int, end_line: int | None = None) -> Location:
    return Location(path, line, column, end_line or line, end_column)


def finding(rule: Rule, location: Location, message: str, *related: Related, suppressed: str = "") -> Finding:
    suppression = None
    if suppressed:
        suppression = Suppression(
            rules=(rule.id,),
            location=at(location.path, location.line, 1, 2),
            reason=suppressed,
            until=datetime.date(2027, 1, 31),
        )
    return Finding(
        rule, rule.severity, location, message, related, "Pod/web container web", f"{len(message)}:1", suppression
    )


WEB = "deploy/web ü.yaml"
REPORT = Report(
    findings=(
        finding(TAG, at("Dockerfile", 1, 6, 12), "image 'alpine' has no tag", suppressed="built weekly [see wiki]"),
        finding(
            ROOT,
            at(WEB, 4, 12, 15),
            "container '🚀日本' may run as root",
            Related(at("Dockerfile", 2, 6, 10), "its image [alpine] runs as root"),
        ),
        finding(ROOT, at(WEB, 4, 5, 9), "container [x](y) may run as root"),
        finding(TAG, at(WEB, 5, 12, 22), "tag 'latest' moves"),
    ),
    not_checked=(
        NotChecked("chart/templates/web.yaml", "is a Helm template"),
        NotChecked("", "not run, because the repository around these files is not known: hpa-missing"),
    ),
    turned_off=(
        Switch(at("devopslint.yaml", 3, 10, 14), "hpa-, k8s-latest-tag (14 rules)", selecting=True),
        Switch(at("devopslint.yaml", 5, 11, 19), "files that match [vendor]/**"),
        Switch(at(".checkov.yaml", 1, 14, 17), "84 rules, as checkov is told"),
    ),
    not_known=(
        NotKnown(
            at(WEB, 4, 12, 15),
            "whether Service 'shop' exists",
            "shop.yml.tmpl is a template",
            "assume-exists",
            "net-dangling-ingress",
        ),
    ),
    failures=(Failure("k8s-broken", WEB, "KeyError: 'spec' (broken, line 3)"),),
    rules=RULES,
    files_seen=3,
    files_checked=2,
    source=lambda path: FILES.get(path, ""),
    revision=Revision("https://example.com/acme/shop", "0123456789abcdef0123456789abcdef01234567", "main"),
)


def report_on(text: str, *findings: Finding, path: str = "Dockerfile") -> Report:
    """A report on one file."""
    return Report(findings, rules=RULES, files_seen=1, files_checked=1, source={path: text}.__getitem__)
