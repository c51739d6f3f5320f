"""How the time of a run grows with what an adversary repeats: one generator for each reader and family of checks.

usage: growth.py [--seconds N] [--steps N] [NAME]...

Each input is made in four sizes, 1x to 8x, from the size on at which a run takes a tenth of a second. The exponent is the slope of
CPU time over size between the last three; that of what is found stands beside it, because a report cannot grow slower than its
findings. One above LIMIT, where findings do not grow so too, is marked; the exit code is their number.
"""

from __future__ import annotations

import argparse
import gc
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path[:0] = [str(Path(__file__).parent.parent)]

from devopslint.config import Config  # noqa: E402  # the path comes first
from devopslint.engine import check_texts  # noqa: E402

Files = dict[str, str]
LIMIT = 1.3
EVERY = Config().selecting(("all",), ("docker-shellcheck", "gha-shellcheck"))
SHORTEST = 0.1
"""Seconds of a run that is worth measuring."""

GENERATORS: dict[str, Callable[[int], Files]] = {}


def generator(make: Callable[[int], Files]) -> Callable[[int], Files]:
    GENERATORS[make.__name__.replace("_", "-")] = make
    return make


def each(count: int, line: Callable[[int], str]) -> str:
    return "".join(map(line, range(count)))


def manifest(kind: str, name: str, rest: str, version: str = "v1", namespace: str = "") -> str:
    space = f", namespace: {namespace}" if namespace else ""
    return f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}{space}}}\n{rest}\n---\n"


def deployment(number: int, labels: str = "app: a", namespace: str = "", pod: str = "") -> str:
    return manifest(
        "Deployment",
        f"d{number}",
        f"spec:\n  replicas: 2\n  selector: {{matchLabels: {{{labels}}}}}\n  template:\n    metadata: {{labels: {{{labels}}}}}\n"
        f"    spec: {{containers: [{{name: a, image: 'b:1.0.0'}}]{pod}}}",
        "apps/v1",
        namespace,
    )


def workflow(jobs: str) -> Files:
    return {".github/workflows/ci.yml": f"on: push\npermissions: {{}}\njobs:\n{jobs}"}


@generator
def yaml_merge_chain(n: int) -> Files:
    chain = each(n, lambda i: f"x-{i + 1}: &a{i + 1} {{<<: *a{i}, k{i}: 1}}\n")
    return {"compose.yaml": f"x-0: &a0 {{image: 'x:1'}}\n{chain}services: {{a: *a{n}}}\n"}


@generator
def yaml_merges_of_all(n: int) -> Files:
    keys = ", ".join(f"k{i}: 1" for i in range(n))
    return {"compose.yaml": f"x-a: &a {{{keys}}}\nservices:\n" + each(n, lambda i: f"  s{i}: {{<<: *a, image: x}}\n")}


@generator
def yaml_aliases(n: int) -> Files:
    return {
        "pod.yaml": manifest("ConfigMap", "a", "data: &d\n" + each(n, lambda i: f"  k{i}: v\n"))
        + each(n, lambda i: manifest("ConfigMap", f"c{i}", f"data: &d {{a: {i}}}\nb: *d"))
    }


@generator
def yaml_duplicate_keys(n: int) -> Files:
    return {"pod.yaml": manifest("ConfigMap", "a", "data:\n" + each(n, lambda i: f"  a: {i}\n"))}


@generator
def yaml_broken_documents(n: int) -> Files:
    return {"pod.yaml": each(n, lambda i: f"apiVersion: v1\nkind: Pod\nmetadata: [{i}\n---\n")}


@generator
def yaml_one_line(n: int) -> Files:
    containers = ", ".join(f"{{name: a{i}, image: 'b:latest'}}" for i in range(n))
    return {"pod.yaml": manifest("Pod", "a", f"spec: {{containers: [{containers}]}}")}


@generator
def suppressions(n: int) -> Files:
    comment = "  # devopslint: allow k8s-latest-tag -- tried until 2099-01-01"
    return {
        "pod.yaml": manifest(
            "Pod",
            "a",
            "spec:\n  containers:\n" + each(n, lambda i: f"  - {{name: a{i}, image: 'b:latest'}}{comment}\n"),
        )
    }


@generator
def suppressions_of_the_file(n: int) -> Files:
    containers = each(n, lambda i: f"  - {{name: a{i}, image: 'b:latest'}}\n")
    head = each(n, lambda i: f"# devopslint: allow k8s-rule-{i} -- tried\n")
    return {"pod.yaml": head + manifest("Pod", "a", f"spec:\n  containers:\n{containers}")}


@generator
def k8s_services_of_one_label(n: int) -> Files:
    services = each(n, lambda i: manifest("Service", f"s{i}", "spec: {selector: {app: a}, ports: [{port: 80}]}"))
    return {"a.yaml": services + each(n, deployment)}


@generator
def k8s_budgets_by_expression(n: int) -> Files:
    selector = "spec: {minAvailable: 1, selector: {matchExpressions: [{key: app, operator: Exists}]}}"
    return {
        "a.yaml": each(n, lambda i: manifest("PodDisruptionBudget", f"p{i}", selector, "policy/v1") + deployment(i))
    }


@generator
def k8s_policies_by_expression(n: int) -> Files:
    selector = (
        "spec: {podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [b]}]}, policyTypes: [Ingress]}"
    )
    return {
        "a.yaml": each(
            n, lambda i: manifest("NetworkPolicy", f"p{i}", selector, "networking.k8s.io/v1") + deployment(i)
        )
    }


@generator
def k8s_references_into_namespaces(n: int) -> Files:
    pod = ", volumes: [{name: v, configMap: {name: nowhere}}]"
    return {"a.yaml": each(n, lambda i: deployment(i, namespace=f"n{i}", pod=pod))}


@generator
def k8s_dangling_services(n: int) -> Files:
    return {
        "a.yaml": each(
            n, lambda i: manifest("Service", f"s{i}", f"spec: {{selector: {{app: x{i}}}, ports: [{{port: 80}}]}}")
        )
        + each(n, lambda i: deployment(i, f"app: y{i}"))
    }


@generator
def k8s_roles(n: int) -> Files:
    binding = "roleRef: {kind: Role, name: r}\nsubjects: [{kind: ServiceAccount, name: a}]"
    role = "rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]"
    return {
        "a.yaml": manifest("Role", "r", role, "rbac.authorization.k8s.io/v1")
        + each(n, lambda i: manifest("RoleBinding", f"b{i}", binding, "rbac.authorization.k8s.io/v1"))
        + each(n, lambda i: deployment(i, pod=", serviceAccountName: a"))
    }


@generator
def k8s_ingresses(n: int) -> Files:
    rule = "spec: {rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}}]}"
    return {"a.yaml": each(n, lambda i: manifest("Ingress", f"i{i}", rule, "networking.k8s.io/v1"))}


@generator
def k8s_hooks(n: int) -> Files:
    job = (
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: h, annotations: {helm.sh/hook: pre-install}}\n"
        "spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: 'b:1'}]}}}\n---\n"
    )
    return {"a.yaml": job + each(n, lambda i: deployment(i, namespace=f"n{i}"))}


@generator
def k8s_autoscalers(n: int) -> Files:
    spec = "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d0}, minReplicas: 2, maxReplicas: 9}"
    return {
        "a.yaml": deployment(0)
        + each(n, lambda i: manifest("HorizontalPodAutoscaler", f"h{i}", spec, "autoscaling/v2"))
    }


@generator
def kustomize_chain(n: int) -> Files:
    chain = {f"k{i}/kustomization.yaml": f"resources: [../k{i + 1}]\n" for i in range(n)}
    return chain | {f"k{n}/kustomization.yaml": "resources: [d.yaml]\n", f"k{n}/d.yaml": deployment(0)}


@generator
def kustomize_patches(n: int) -> Files:
    patches = each(n, lambda i: f"  - path: p{i}.yaml\n")
    files = {
        f"p{i}.yaml": f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{i}}}\nspec: {{replicas: 3}}\n"
        for i in range(n)
    }
    return files | {"kustomization.yaml": f"resources: [d.yaml]\npatches:\n{patches}", "d.yaml": each(n, deployment)}


@generator
def kustomize_overlays(n: int) -> Files:
    files = {f"o{i}/kustomization.yaml": "resources: [../base]\nnamePrefix: x-\n" for i in range(n)}
    return files | {"base/kustomization.yaml": "resources: [d.yaml]\n", "base/d.yaml": deployment(0)}


@generator
def gha_matrix_exclude(n: int) -> Files:
    rows = ", ".join(f"{{os: o{i}}}" for i in range(n))
    names = ", ".join(f"o{i}" for i in range(n))
    return workflow(
        f"  a:\n    runs-on: ubuntu-24.04\n    strategy: {{matrix: {{os: [{names}], include: [{rows}], exclude: [{rows}]}}}}\n"
        "    steps: [{run: make}]\n"
    )


@generator
def gha_needs_chain(n: int) -> Files:
    return workflow(
        "  a0: {runs-on: ubuntu-24.04, steps: [{run: make}]}\n"
        + each(n, lambda i: f"  a{i + 1}: {{runs-on: ubuntu-24.04, needs: a{i}, steps: [{{run: make deploy}}]}}\n")
    )


@generator
def gha_needs_of_all(n: int) -> Files:
    names = ", ".join(f"a{i}" for i in range(n))
    return workflow(
        each(n, lambda i: f"  a{i}: {{runs-on: ubuntu-24.04, steps: [{{run: make test}}]}}\n")
        + each(
            20,
            lambda i: (
                f"  b{i}: {{runs-on: ubuntu-24.04, needs: [{names}], steps: [{{run: kubectl apply -f a.yaml}}]}}\n"
            ),
        )
    )


@generator
def gha_steps(n: int) -> Files:
    return workflow(
        "  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
        + each(
            n,
            lambda i: (
                f"      - run: echo ${{{{ github.event.issue.title }}}} ${{{{ steps.s{i}.outputs.x }}}}\n        id: s{i}\n"
            ),
        )
    )


@generator
def gha_outputs(n: int) -> Files:
    outputs = ", ".join(f"o{i}: '${{{{ steps.s.outputs.o{i} }}}}'" for i in range(n))
    uses = each(n, lambda i: f"      - run: echo ${{{{ needs.a.outputs.o{i} }}}}\n")
    return workflow(
        f"  a: {{runs-on: ubuntu-24.04, outputs: {{{outputs}}}, steps: [{{id: s, run: make}}]}}\n"
        f"  b:\n    runs-on: ubuntu-24.04\n    needs: a\n    steps:\n{uses}"
    )


@generator
def gha_expression(n: int) -> Files:
    return workflow(
        f"  a: {{runs-on: ubuntu-24.04, steps: [{{run: '${{{{ github.ref{' || github.sha' * n} }}}}'}}, {{run: '{'${{ github.ref }}' * n}'}}]}}\n"
    )


@generator
def gha_callers(n: int) -> Files:
    files = {
        f".github/workflows/w{i}.yml": "on: push\njobs: {a: {uses: ./.github/workflows/r.yml}}\n" for i in range(n)
    }
    called = "on: workflow_call\njobs: {a: {runs-on: ubuntu-24.04, steps: [{run: make}]}}\n"
    return files | {".github/workflows/r.yml": called}


@generator
def gha_reusable_chain(n: int) -> Files:
    files = {
        f".github/workflows/w{i}.yml": f"on: workflow_call\njobs: {{a: {{uses: ./.github/workflows/w{i + 1}.yml}}}}\n"
        for i in range(n)
    }
    last = "on: workflow_call\njobs: {a: {runs-on: ubuntu-24.04, steps: [{run: make}]}}\n"
    top = "on: push\njobs: {a: {uses: ./.github/workflows/w0.yml}}\n"
    return files | {f".github/workflows/w{n}.yml": last, ".github/workflows/top.yml": top}


@generator
def gha_composite_chain(n: int) -> Files:
    files = {
        f"a{i}/action.yml": f"name: a\ndescription: b\nruns: {{using: composite, steps: [{{uses: ./a{i + 1}}}]}}\n"
        for i in range(n)
    }
    return files | workflow("  a: {runs-on: ubuntu-24.04, steps: [{uses: ./a0}]}\n")


@generator
def gha_workflow_runs(n: int) -> Files:
    return {
        f".github/workflows/w{i}.yml": f"name: w{i}\non: {{workflow_run: {{workflows: [w{i + 1}], types: [completed]}}}}\n"
        "jobs: {a: {runs-on: ubuntu-24.04, steps: [{run: make}]}}\n"
        for i in range(n)
    }


@generator
def peers_actionlint_patterns(n: int) -> Files:
    patterns = each(n, lambda i: f"      - 'x{i}.*y'\n")
    return workflow(
        "  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
        + each(n, lambda i: f"      - run: echo ${{{{ unknown{i} }}}}\n")
    ) | {".github/actionlint.yaml": f"paths:\n  '**/*.yml':\n    ignore:\n{patterns}"}


@generator
def gitlab_include_chain(n: int) -> Files:
    files = {f"ci/{i}.yml": f"include: [{{local: /ci/{i + 1}.yml}}]\nj{i}: {{script: [make]}}\n" for i in range(n)}
    return files | {".gitlab-ci.yml": "include: [{local: /ci/0.yml}]\nbuild: {script: [make]}\n"}


@generator
def gitlab_includes(n: int) -> Files:
    files = {f"ci/{i}.yml": f"j{i}: {{script: [make]}}\n" for i in range(n)}
    return files | {".gitlab-ci.yml": "include: ['/ci/*.yml']\nbuild: {script: [make]}\n"}


@generator
def gitlab_extends_chain(n: int) -> Files:
    chain = each(n, lambda i: f".a{i + 1}: {{extends: .a{i}}}\nb{i}: {{extends: .a{i}}}\n")
    return {".gitlab-ci.yml": f".a0: {{script: [make]}}\n{chain}"}


@generator
def gitlab_needs_chain(n: int) -> Files:
    chain = each(n, lambda i: f"a{i + 1}: {{script: [make], needs: [a{i}]}}\n")
    return {".gitlab-ci.yml": f"a0: {{script: [make]}}\n{chain}"}


@generator
def gitlab_references(n: int) -> Files:
    lines = ", ".join("!reference [.a, script]" for _ in range(n))
    return {".gitlab-ci.yml": f".a: {{script: [make, make, make]}}\nb: {{script: [{lines}]}}\n"}


@generator
def gitlab_rules(n: int) -> Files:
    rules = each(n, lambda i: f'    - if: $CI_COMMIT_BRANCH == "b{i}" && $X =~ /a{i}/\n')
    return {".gitlab-ci.yml": f"a:\n  script: [make]\n  rules:\n{rules}"}


@generator
def compose_extends_chain(n: int) -> Files:
    chain = each(n, lambda i: f"  a{i}: {{extends: {{service: a{i + 1}}}}}\n")
    return {"compose.yaml": f"services:\n{chain}  a{n}: {{image: x}}\n"}


@generator
def compose_extends_across_files(n: int) -> Files:
    files = {
        f"c{i}/compose.yaml": f"services:\n  a:\n    extends: {{file: ../c{i + 1}/compose.yaml, service: a}}\n"
        for i in range(n)
    }
    return files | {f"c{n}/compose.yaml": "services: {a: {image: 'x:1'}}\n"}


@generator
def compose_include_chain(n: int) -> Files:
    files = {
        f"c{i}/compose.yaml": f"include: [../c{i + 1}/compose.yaml]\nservices: {{s{i}: {{image: 'x:1'}}}}\n"
        for i in range(n)
    }
    return files | {f"c{n}/compose.yaml": "services: {a: {image: 'x:1'}}\n"}


@generator
def compose_dependencies(n: int) -> Files:
    return {"compose.yaml": "services:\n" + each(n, lambda i: f"  a{i}: {{image: 'x:1', depends_on: [a{i + 1}]}}\n")}


@generator
def compose_ports(n: int) -> Files:
    return {
        "compose.yaml": "services:\n"
        + each(n, lambda i: f"  a{i}: {{image: 'x:1', ports: ['80:80'], networks: [n]}}\n")
    }


@generator
def docker_runs(n: int) -> Files:
    return {"Dockerfile": "FROM alpine:3.20\n" + each(n, lambda i: f"RUN apk add curl && cd /x{i} && rm -rf a\n")}


@generator
def docker_stages(n: int) -> Files:
    return {
        "Dockerfile": "FROM alpine:3.20 AS a0\n"
        + each(n, lambda i: f"FROM a{i} AS a{i + 1}\nRUN make\nCOPY --from=a{i} /x /y\n")
    }


@generator
def docker_arguments(n: int) -> Files:
    return {
        "Dockerfile": "ARG A0=alpine\n" + each(n, lambda i: f"ARG A{i + 1}=$A{i}\n") + f"FROM $A{n}\n"
        "ENV B0=x\n" + each(n, lambda i: f"ENV B{i + 1}=${{B{i}}}${{B{i}}}\n")
    }


@generator
def docker_one_run(n: int) -> Files:
    return {
        "Dockerfile": f"FROM alpine:3.20\nRUN make{' && pip install a' * n}\nRUN {'a | ' * n}b\nRUN {'$(' * n}{')' * n}\n"
    }


@generator
def docker_heredocs(n: int) -> Files:
    return {"Dockerfile": "FROM alpine:3.20\n" + each(n, lambda i: f"RUN <<E{i}\nmake\n") + "E0\n"}


@generator
def dockerignore_and_copies(n: int) -> Files:
    files = {f"src{i}/package.json": "{}" for i in range(n)}
    copies = each(n, lambda i: f"COPY src{i} /src{i}\n")
    return files | {
        "Dockerfile": f"FROM alpine:3.20\n{copies}",
        ".dockerignore": each(n, lambda i: f"**/x{i}*\n!y{i}/**\n"),
    }


@generator
def makefile_variables(n: int) -> Files:
    chain = each(n, lambda i: f"A{i} = $(A{i + 1})\n")
    return {".gitlab-ci.yml": "a: {script: [make]}\n", "Makefile": f"{chain}A{n} = x\nall:\n\techo $(A0)\n"}


@generator
def makefile_targets(n: int) -> Files:
    targets = each(n, lambda i: f"t{i}: t{i + 1}\n\tmake t{i + 1}\n")
    return {".gitlab-ci.yml": "a: {script: [make]}\n", "Makefile": f"all: t0\n{targets}"}


@generator
def scripts_chain(n: int) -> Files:
    files = {f"s{i}.sh": f"#!/bin/sh\n./s{i + 1}.sh\n" for i in range(n)}
    return files | workflow("  a: {runs-on: ubuntu-24.04, steps: [{run: ./s0.sh}]}\n")


@generator
def jenkins_stages(n: int) -> Files:
    stages = each(n, lambda i: f"stage('s{i}') {{ steps {{ sh 'make' }} }}\n")
    return {"Jenkinsfile": f"pipeline {{ agent any\nstages {{\n{stages}}}\n}}\n"}


@generator
def terraform_resources(n: int) -> Files:
    return {
        "main.tf": each(n, lambda i: f'resource "aws_s3_bucket" "b{i}" {{\n  bucket = "b{i}-${{var.x}}"\n}}\n')
        + 'variable "x" {\n  type = string\n}\n'
    }


@generator
def terraform_locals_chain(n: int) -> Files:
    chain = each(n, lambda i: f"  a{i + 1} = local.a{i}\n")
    return {
        "main.tf": f'locals {{\n  a0 = "x"\n{chain}}}\nresource "aws_s3_bucket" "b" {{\n  bucket = local.a{n}\n}}\n'
    }


@generator
def terraform_module_chain(n: int) -> Files:
    module = 'module "a" {{\n  source = "../m{}"\n  x      = var.x\n}}\nvariable "x" {{\n  type = string\n}}\n'
    return {f"m{i}/main.tf": module.format(i + 1) for i in range(n)}


@generator
def terraform_calls(n: int) -> Files:
    called = 'variable "x" {\n  type = string\n}\nresource "aws_s3_bucket" "b" {\n  bucket = var.x\n}\n'
    return {
        "main.tf": each(n, lambda i: f'module "a{i}" {{\n  source = "./m"\n  x      = "v{i}"\n}}\n'),
        "m/main.tf": called,
    }


@generator
def terraform_security_groups(n: int) -> Files:
    group = 'resource "aws_security_group_rule" "r{}" {{\n  type = "ingress"\n  cidr_blocks = ["0.0.0.0/0"]\n  from_port = 22\n  to_port = 22\n  protocol = "tcp"\n  security_group_id = aws_security_group.g.id\n}}\n'
    return {"main.tf": 'resource "aws_security_group" "g" {\n}\n' + each(n, group.format)}


@generator
def prometheus_rules(n: int) -> Files:
    alerts = each(
        n,
        lambda i: (
            f"  - {{alert: A{i}, expr: 'rate(x{i}[5m]) > 1', for: 5m, labels: {{severity: page}}, annotations: {{summary: a}}}}\n"
        ),
    )
    return {"rules.yaml": f"groups:\n- name: a\n  rules:\n{alerts}"}


@generator
def prometheus_recorded_chain(n: int) -> Files:
    chain = each(n, lambda i: f"  - {{record: 'a:b{i + 1}', expr: 'a:b{i}'}}\n")
    return {"rules.yaml": f"groups:\n- name: a\n  rules:\n  - {{record: 'a:b0', expr: up}}\n{chain}"}


@generator
def prometheus_one_query(n: int) -> Files:
    query = "up" + " + up{a='b'}" * n
    return {"rules.yaml": f'groups:\n- name: a\n  rules:\n  - {{alert: A, expr: "{query}"}}\n'}


@generator
def alertmanager_routes(n: int) -> Files:
    routes = each(n, lambda i: f"  - {{receiver: a, matchers: ['x=\"{i}\"']}}\n")
    receivers = each(n, lambda i: f"- {{name: r{i}}}\n")
    return {"alertmanager.yml": f"route:\n  receiver: a\n  routes:\n{routes}receivers:\n- {{name: a}}\n{receivers}"}


@generator
def grafana_panels(n: int) -> Files:
    panels = ", ".join(
        f'{{"id": {i}, "type": "timeseries", "title": "p", "targets": [{{"expr": "up", "refId": "A"}}]}}'
        for i in range(n)
    )
    return {"dash.json": f'{{"schemaVersion": 39, "title": "a", "templating": {{"list": []}}, "panels": [{panels}]}}'}


@generator
def embedded_documents(n: int) -> Files:
    rules = "      groups:\n" + each(n, lambda i: f"      - {{name: g{i}, rules: [{{alert: A, expr: up}}]}}\n")
    return {"a.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  rules.yml: |\n{rules}"}


@generator
def many_small_files(n: int) -> Files:
    return {f"a{i}/deploy.yaml": deployment(i, f"app: a{i}") for i in range(n)}


@generator
def dependabot_entries(n: int) -> Files:
    entries = each(n, lambda i: f"  - {{package-ecosystem: npm, directory: /a{i}, schedule: {{interval: daily}}}}\n")
    return {".github/dependabot.yml": f"version: 2\nupdates:\n{entries}"} | {
        f"a{i}/package.json": "{}" for i in range(n)
    }


@generator
def change_records(n: int) -> Files:
    record = '{{"agentName": "a{0}", "status": "success", "filesChanged": ["a{0}.yaml"], "summary": "x"}}'
    return {f"records/{i}.json": record.format(i) for i in range(n)}


class Growth(NamedTuple):
    size: int
    seconds: tuple[float, ...]
    exponent: float
    found: float
    """The exponent of what is found."""


def run(files: Files) -> tuple[float, int]:
    """CPU seconds, and how much there is to say."""
    gc.collect()
    start = time.process_time()
    settled = check_texts(files, EVERY)
    taken = time.process_time() - start
    for failure in settled.failures:
        print(f"  {failure.rule_id} broke: {failure.message}")
    return taken, len(settled.findings) + len(settled.not_checked) + len(settled.not_known)


def measure(make: Callable[[int], Files], longest: float, steps: int) -> Growth:
    size = 10
    run(make(size))  # what is imported once
    while (one := run(make(size))[0]) < SHORTEST and size < 20_000:
        size *= 2 if one > SHORTEST / 4 else 4
    seconds: list[float] = []
    said: list[int] = []
    for step in range(steps):
        taken, found = run(make(size << step))
        seconds.append(taken)
        said.append(found)
        if taken > longest:
            break
    return Growth(size, tuple(seconds), _slope([*seconds]), _slope([max(one, 1) for one in said]))


def _slope(values: list[float] | list[int]) -> float:
    last = values[-3:]
    return math.log2(max(last[-1], 1e-3) / max(last[0], 1e-3)) / (len(last) - 1) if len(last) > 1 else 0.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--seconds", type=float, default=20, help="no larger size is tried after a run as long as this")
    parser.add_argument("--steps", type=int, default=4)
    options = parser.parse_args()
    steep = 0
    print(f"{'input':<32} {'1x':>6}  {'seconds, 1x to 8x':<30} {'time':>5} {'found':>5}")
    for name in options.names or GENERATORS:
        growth = measure(GENERATORS[name], options.seconds, options.steps)
        mark = "  <-" if growth.exponent > max(LIMIT, growth.found + LIMIT - 1) else ""
        steep += bool(mark)
        times = " ".join(f"{one:.2f}" for one in growth.seconds)
        print(
            f"{name:<32} {growth.size:>6}  {times:<30} {growth.exponent:>5.2f} {growth.found:>5.2f}{mark}", flush=True
        )
    sys.exit(steep)


if __name__ == "__main__":
    main()
