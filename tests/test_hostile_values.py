"""Numbers that no number is, texts that double and expressions that nest: no check breaks, and each run ends."""

from __future__ import annotations

import pytest

from devopslint import baseline
from devopslint.config import Config, ConfigError
from devopslint.engine import check_texts

EVERY = Config().selecting(("all",), ("docker-shellcheck", "gha-shellcheck"))
ODD = (".inf", "inf", "nan", "-1e400", "9" * 5_000, "0x" + "f" * 400, "1e999")

PLACES = {
    "cloudformation": {
        "stack.yaml": """\
AWSTemplateFormatVersion: '2010-09-09'
Resources:
  G:
    Type: AWS::EC2::SecurityGroup
    Properties: {SecurityGroupIngress: [{IpProtocol: tcp, FromPort: ODD, ToPort: ODD, CidrIp: 0.0.0.0/0}]}
  D: {Type: 'AWS::RDS::DBInstance', Properties: {BackupRetentionPeriod: ODD}}
"""
    },
    "kubernetes": {
        "pod.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  replicas: ODD
  minReadySeconds: ODD
  template:
    spec:
      terminationGracePeriodSeconds: ODD
      containers:
      - {name: a, image: b, ports: [{containerPort: ODD}], resources: {limits: {cpu: ODD, memory: ODD}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: a}
spec: {minReplicas: ODD, maxReplicas: ODD, behavior: {scaleDown: {stabilizationWindowSeconds: ODD}}}
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: r}
spec: {replicas: ODD, strategy: {canary: {steps: [{setWeight: ODD}, {pause: {duration: ODD}}]}}}
---
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: c}
spec: {analysis: {interval: ODD, threshold: ODD, maxWeight: ODD, stepWeight: ODD}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: p}
spec: {minAvailable: ODD, maxUnavailable: ODD%}
"""
    },
    "compose": {
        "compose.yaml": "services: {a: {image: b, cpus: ODD, mem_limit: ODD, ports: [ODD], deploy: {replicas: ODD, "
        "update_config: {parallelism: ODD, delay: ODD}}, healthcheck: {retries: ODD, interval: ODD}}}\n"
    },
    "github": {
        ".github/workflows/a.yml": "on: push\njobs: {a: {runs-on: x, timeout-minutes: ODD, strategy: "
        "{max-parallel: ODD}, steps: [{run: a, timeout-minutes: ODD, if: ODD > 1}]}}\n"
    },
    "gitlab": {".gitlab-ci.yml": "a: {script: [make], timeout: ODD, retry: ODD, parallel: ODD}\n"},
    "docker": {
        "Dockerfile": "FROM alpine:3.20\nEXPOSE ODD\nHEALTHCHECK --interval=ODDs --retries=ODD CMD a\nUSER ODD\n"
    },
    "terraform": {
        "main.tf": """\
locals {
  l = [1, 2]
  n = jsondecode("[ODD]")
}
resource "aws_db_instance" "d" {
  backup_retention_period = ODD
  count = local.l[ODD]
  tags = {a = element(local.l, ODD), b = range(0, ODD), c = ODD % 1, d = local.n[0] + ODD * ODD}
}
"""
    },
    "monitoring": {
        "rules.yaml": "groups:\n- {name: a, interval: ODD, rules: [{alert: A, expr: 'up > ODD', for: ODD}]}\n",
        "alertmanager.yml": "route: {receiver: a, group_wait: ODD}\nreceivers: [{name: a}]\n",
        "prometheus.yml": "global: {scrape_interval: ODD}\nscrape_configs: [{job_name: a, sample_limit: ODD}]\n",
    },
    "documentation": {"docs/disaster-recovery.md": "# Disaster recovery\n\nRPO: ODD hours. RTO of ODD minutes\n"},
}


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd[:8])
@pytest.mark.parametrize("place", PLACES)
def test_a_number_that_is_none_breaks_no_check(place: str, odd: str) -> None:
    files = {path: text.replace("ODD", odd) for path, text in PLACES[place].items()}

    assert check_texts(files, EVERY).failures == ()


def chain(first: str, following: str, used: str, links: int = 40) -> str:
    """Locals of Terraform of which each is made of the one before."""
    rows = "".join(f"  a{n + 1} = {following.replace('LAST', f'local.a{n}')}\n" for n in range(links))
    return f"locals {{\n  a0 = {first}\n{rows}}}\n" + used.replace("LAST", f"local.a{links}")


BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = LAST\n  tags = {a = jsonencode(LAST)}\n}\n'
GROUP = """\
resource "aws_security_group" "g" {
  ingress {
    from_port = 22
    to_port = 22
    protocol = "tcp"
    cidr_blocks = flatten(LAST)
  }
}
"""


@pytest.mark.parametrize(
    "text",
    [
        chain('"x"', '"${LAST}${LAST}"', BUCKET),
        chain('"x"', 'join("", [LAST, LAST])', BUCKET),
        chain('"x"', 'format("%s%s", LAST, LAST)', BUCKET),
        chain('"a"', 'replace(LAST, "a", "aaaa")', BUCKET),
        chain('["x"]', "concat(LAST, LAST)", BUCKET),
        chain('{z = "x"}', "{x = LAST, y = LAST}", BUCKET),
        chain('["0.0.0.0/0"]', "[LAST, LAST]", GROUP),
        chain('["0.0.0.0/0"]', "var.x ? LAST : [LAST]", GROUP),
        chain("range(500)", "[for one in LAST : [for two in LAST : two]]", GROUP, 3),
        f'locals {{\n  a = jsondecode("{"[" * 3000}{"]" * 3000}")\n}}\n' + BUCKET.replace("LAST", "local.a"),
    ],
)
def test_what_terraform_puts_together_comes_to_an_end(text: str) -> None:
    settled = check_texts({"main.tf": text}, EVERY)

    assert settled.failures == ()
    assert settled.findings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"version": 1, "findings": [{"fingerprint": [], "path": "a", "rule": "b"}]}', "entry 1: has no fingerprint"),
        (f'{{"version": {"9" * 5_000}}}', "no baseline: Exceeds the limit"),
        ("[" * 100_000, "no baseline: it is nested too deeply"),
    ],
)
def test_a_hostile_baseline_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        baseline.read("b.json", text)
