"""What an adversary repeats: one generator for each reader and family of checks, and one for each report."""

from __future__ import annotations

import datetime
import functools
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from devopslint import baseline
from devopslint.catalogue import catalogue
from devopslint.config import Config
from devopslint.config_reading import MOST_ENTRIES, load_config
from devopslint.engine import Settled, check_texts
from devopslint.evidence.folder import gather
from devopslint.files import find_files
from devopslint.merging import merge
from devopslint.model import Finding
from devopslint.reports import FORMATS, Report, render

Files = dict[str, str]
"""Path -> text, of which a run makes findings."""
Work = Callable[[], int]
"""Something else than a run over files; it says how much there was to say."""
EVERY = Config().selecting(("all",), ("docker-shellcheck", "gha-shellcheck"))

GENERATORS: dict[str, Callable[[int], Files | Work]] = {}


def generator(make: Callable[[int], Files | Work]) -> Callable[[int], Files | Work]:
    GENERATORS[make.__name__.replace("_", "-")] = make
    return make


def said(settled: Settled) -> int:
    """How much a run has to say."""
    for failure in settled.failures:
        print(f"  {failure.rule_id} broke: {failure.message}")
    return len(settled.findings) + len(settled.not_checked) + len(settled.not_known)


_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []
"""Kept until the end of the program, which takes them away."""


def made(files: Files) -> Path:
    """A folder with these files."""
    _FOLDERS.append(tempfile.TemporaryDirectory(prefix="growth-"))
    folder = Path(_FOLDERS[-1].name)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


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


@generator
def yaml_aliases_of_all(n: int) -> Files:
    variables = each(n, lambda i: f"    - {{name: V{i}, value: v}}\n")
    first = f"spec:\n  containers:\n  - name: a\n    image: b:1.0.0\n    env: &e\n{variables}"
    return {
        "pod.yaml": manifest(
            "Pod", "a", first + each(n, lambda i: f"  - {{name: a{i}, image: 'b:1.0.0', env: *e}}\n").rstrip()
        )
    }


@generator
def compose_aliases_of_all(n: int) -> Files:
    variables = each(n, lambda i: f"  V{i}: v\n")
    return {
        "compose.yaml": f"x-e: &e\n{variables}services:\n"
        + each(n, lambda i: f"  s{i}: {{image: 'x:1', environment: *e}}\n")
    }


@generator
def gitlab_merges_of_all(n: int) -> Files:
    variables = each(n, lambda i: f"    V{i}: v\n")
    return {
        ".gitlab-ci.yml": f".a: &a\n  variables:\n{variables}"
        + each(n, lambda i: f"j{i}: {{<<: *a, script: [make]}}\n")
    }


@generator
def gha_aliases_of_all(n: int) -> Files:
    variables = ", ".join(f"V{i}: v" for i in range(n))
    return workflow(
        f"  a: {{runs-on: ubuntu-24.04, env: &e {{{variables}}}, steps: [{{run: make}}]}}\n"
        + each(n, lambda i: f"  a{i}: {{runs-on: ubuntu-24.04, env: *e, steps: [{{run: make}}]}}\n")
    )


@generator
def compose_files_laid_over(n: int) -> Files:
    services = "services:\n" + each(n, lambda i: f"  a{i}: {{image: 'x:1', environment: [A=b], ports: ['{i}:80']}}\n")
    return {"compose.yaml": services, "compose.override.yaml": services}


@generator
def compose_includes(n: int) -> Files:
    files = {f"c{i}/compose.yaml": f"services: {{s{i}: {{image: 'x:1'}}}}\n" for i in range(n)}
    return files | {"compose.yaml": "include:\n" + each(n, lambda i: f"- c{i}/compose.yaml\n")}


@generator
def compose_extends_of_one(n: int) -> Files:
    variables = ", ".join(f"V{i}: v" for i in range(n))
    return {
        "compose.yaml": f"services:\n  a: {{image: 'x:1', environment: {{{variables}}}}}\n"
        + each(n, lambda i: f"  a{i}: {{extends: {{service: a}}}}\n")
    }


@generator
def compose_environment_files(n: int) -> Files:
    return {f"e{i}.env": "A=b\n" for i in range(n)} | {
        "compose.yaml": "services:\n" + each(n, lambda i: f"  a{i}: {{image: 'x:1', env_file: e{i}.env}}\n")
    }


@generator
def gitlab_matrix(n: int) -> Files:
    values = ", ".join(f"v{i}" for i in range(n))
    return {".gitlab-ci.yml": f"a:\n  script: [make $A]\n  parallel: {{matrix: [{{A: [{values}], B: [{values}]}}]}}\n"}


@generator
def gitlab_includes_with_extends(n: int) -> Files:
    files = {f"ci/{i}.yml": f".t{i}: {{script: [make]}}\n" for i in range(n)}
    return files | {
        ".gitlab-ci.yml": "include:\n"
        + each(n, lambda i: f"- local: /ci/{i}.yml\n")
        + each(n, lambda i: f"j{i}: {{extends: .t{i}}}\n")
    }


@generator
def gitlab_child_pipelines(n: int) -> Files:
    files = {f"ci/{i}.yml": f"j{i}: {{trigger: {{include: ci/{i + 1}.yml}}}}\n" for i in range(n)}
    return files | {
        ".gitlab-ci.yml": "a: {trigger: {include: ci/0.yml}}\n",
        f"ci/{n}.yml": "build: {script: [make]}\n",
    }


@generator
def gitlab_variables(n: int) -> Files:
    chain = each(n, lambda i: f"  V{i + 1}: $V{i}\n")
    return {".gitlab-ci.yml": f"variables:\n  V0: x\n{chain}a: {{image: $V{n}, script: [docker build -t $V{n} .]}}\n"}


@generator
def gitlab_components_with_inputs(n: int) -> Files:
    inputs = each(n, lambda i: f"    i{i}: {{default: a}}\n")
    given = ", ".join(f"i{i}: b" for i in range(n))
    uses = "".join(f" $[[ inputs.i{i} ]]" for i in range(n))
    return {
        "ci/a.yml": f"spec:\n  inputs:\n{inputs}---\na: {{script: ['echo{uses}']}}\n",
        ".gitlab-ci.yml": f"include: [{{local: /ci/a.yml, inputs: {{{given}}}}}]\n",
    }


@generator
def kustomize_replacements(n: int) -> Files:
    source = "source: {kind: Deployment, name: d0, fieldPath: metadata.name}"
    rows = each(
        n,
        lambda i: (
            f"- {{{source}, targets: [{{select: {{kind: Deployment, name: 'd{i}.*'}}, fieldPaths: [metadata.annotations.a{i}], options: {{create: true}}}}]}}\n"
        ),
    )
    return {"kustomization.yaml": f"resources: [d.yaml]\nreplacements:\n{rows}", "d.yaml": each(n, deployment)}


@generator
def kustomize_components(n: int) -> Files:
    files = {
        f"c{i}/kustomization.yaml": f"apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nlabels: [{{pairs: {{l{i}: a}}}}]\n"
        for i in range(n)
    }
    names = each(n, lambda i: f"- c{i}\n")
    return files | {"kustomization.yaml": f"resources: [d.yaml]\ncomponents:\n{names}", "d.yaml": deployment(0)}


@generator
def kustomize_generators(n: int) -> Files:
    maps = each(n, lambda i: f"- {{name: m{i}, literals: [a=b]}}\n")
    pods = each(n, lambda i: deployment(i, pod=f", volumes: [{{name: v, configMap: {{name: m{i}}}}}]"))
    return {"kustomization.yaml": f"resources: [d.yaml]\nconfigMapGenerator:\n{maps}", "d.yaml": pods}


@generator
def kustomize_literals(n: int) -> Files:
    literals = ", ".join(f"k{i}=v" for i in range(n))
    return {"kustomization.yaml": f"configMapGenerator: [{{name: a, literals: [{literals}]}}]\n"}


@generator
def kustomize_patches_by_expression(n: int) -> Files:
    patches = each(
        n,
        lambda i: (
            f"- target: {{kind: Deployment, name: 'd{i}|x.*'}}\n  patch: '[{{op: replace, path: /spec/replicas, value: {i}}}]'\n"
        ),
    )
    return {"kustomization.yaml": f"resources: [d.yaml]\npatches:\n{patches}", "d.yaml": each(n, deployment)}


@generator
def kustomize_operations(n: int) -> Files:
    operations = each(n, lambda i: f"    - {{op: add, path: /metadata/annotations/a{i}, value: b}}\n")
    return {
        "kustomization.yaml": f"resources: [d.yaml]\npatches:\n- target: {{kind: Deployment}}\n  patch: |\n{operations}",
        "d.yaml": deployment(0).replace("{name: d0}", "{name: d0, annotations: {x: y}}"),
    }


@generator
def kustomize_images(n: int) -> Files:
    images = each(n, lambda i: f"- {{name: b{i}, newTag: 1.0.0}}\n")
    return {
        "kustomization.yaml": f"resources: [d.yaml]\nimages:\n{images}",
        "d.yaml": each(n, lambda i: deployment(i).replace("b:1.0.0", f"b{i}:2.0.0")),
    }


@generator
def kustomize_wide_overlays(n: int) -> Files:
    files = {f"o{i}/kustomization.yaml": "resources: [../base]\nnamespace: x\n" for i in range(20)}
    return files | {"base/kustomization.yaml": "resources: [d.yaml]\n", "base/d.yaml": each(n, deployment)}


@generator
def mesh_routes(n: int) -> Files:
    version = "networking.istio.io/v1"
    return {
        "a.yaml": each(
            n,
            lambda i: (
                manifest(
                    "VirtualService",
                    f"v{i}",
                    f"spec: {{hosts: [a{i}], gateways: [g], http: [{{route: [{{destination: {{host: s{i}, subset: b}}}}]}}]}}",
                    version,
                )
                + manifest(
                    "DestinationRule",
                    f"r{i}",
                    f"spec: {{host: s{i}, subsets: [{{name: a, labels: {{app: a}}}}]}}",
                    version,
                )
                + manifest("Service", f"s{i}", "spec: {selector: {app: a}, ports: [{port: 80}]}")
            ),
        )
        + manifest(
            "Gateway",
            "g",
            "spec: {selector: {istio: ingress}, servers: [{hosts: ['*'], port: {number: 80, name: http, protocol: HTTP}}]}",
            version,
        )
        + deployment(0)
    }


@generator
def mesh_rules_of_one_host(n: int) -> Files:
    version = "networking.istio.io/v1"
    return {
        "a.yaml": each(
            n,
            lambda i: (
                manifest(
                    "VirtualService",
                    f"v{i}",
                    "spec: {hosts: [s], http: [{route: [{destination: {host: s, subset: b}}]}]}",
                    version,
                )
                + manifest(
                    "DestinationRule",
                    f"r{i}",
                    f"spec: {{host: s, subsets: [{{name: s{i}, labels: {{app: a}}}}]}}",
                    version,
                )
            ),
        )
        + manifest("Service", "s", "spec: {selector: {app: a}, ports: [{port: 80}]}")
        + deployment(0)
    }


@generator
def mesh_policies(n: int) -> Files:
    version = "security.istio.io/v1"
    return {
        "a.yaml": each(
            n,
            lambda i: (
                manifest("PeerAuthentication", f"p{i}", "spec: {mtls: {mode: PERMISSIVE}}", version, f"n{i}")
                + manifest(
                    "AuthorizationPolicy",
                    f"a{i}",
                    "spec: {selector: {matchLabels: {app: a}}, rules: [{}]}",
                    version,
                    f"n{i}",
                )
                + deployment(i, namespace=f"n{i}")
            ),
        )
    }


@generator
def gateway_routes(n: int) -> Files:
    version = "gateway.networking.k8s.io/v1"
    return {
        "a.yaml": manifest(
            "Gateway", "g", "spec: {gatewayClassName: a, listeners: [{name: a, port: 80, protocol: HTTP}]}", version
        )
        + each(
            n,
            lambda i: manifest(
                "HTTPRoute",
                f"r{i}",
                "spec: {parentRefs: [{name: g}], rules: [{backendRefs: [{name: s, port: 80}]}]}",
                version,
            ),
        )
    }


@generator
def argo_applications(n: int) -> Files:
    spec = "spec: {{destination: {{namespace: n{0}}}, source: {{repoURL: 'https://x.example/a.git', path: p{0}, targetRevision: main}}}}"
    return {
        "a.yaml": each(n, lambda i: manifest("Application", f"a{i}", spec.format(i), "argoproj.io/v1alpha1"))
        + each(n, lambda i: deployment(i, namespace=f"n{i}", pod=", serviceAccountName: nobody"))
    }


@generator
def flux_dependencies(n: int) -> Files:
    spec = "spec: {{interval: 5m, path: ./p{0}, prune: true, sourceRef: {{kind: GitRepository, name: a}}, dependsOn: [{{name: k{1}}}]}}"
    return {
        "a.yaml": each(
            n,
            lambda i: manifest("Kustomization", f"k{i}", spec.format(i, i + 1), "kustomize.toolkit.fluxcd.io/v1", "a"),
        )
    }


@generator
def rollouts(n: int) -> Files:
    steps = ", ".join("{setWeight: 10}, {analysis: {templates: [{templateName: t}]}}" for _ in range(n))
    template = "template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: 'b:1.0.0'}]}}"
    return {
        "a.yaml": manifest(
            "Rollout",
            "r",
            f"spec: {{selector: {{matchLabels: {{app: a}}}}, {template}, strategy: {{canary: {{steps: [{steps}]}}}}}}",
            "argoproj.io/v1alpha1",
        )
        + each(
            n,
            lambda i: manifest(
                "AnalysisTemplate", f"t{i}", "spec: {metrics: [{name: a, provider: {job: {}}}]}", "argoproj.io/v1alpha1"
            ),
        )
    }


@generator
def helm_templates(n: int) -> Files:
    body = "{{- if .Values.a }}\n" * min(n, 100) + each(n, lambda i: f"  k{i}: {{{{ .Values.v{i} | quote }}}}\n")
    return {
        "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "c/values.yaml": each(n, lambda i: f"v{i}: a\n"),
        "c/templates/a.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n{body}{'{{- end }}' * min(n, 100)}\n",
    }


@generator
def cloudformation_resources(n: int) -> Files:
    return {
        "stack.yaml": "AWSTemplateFormatVersion: '2010-09-09'\nParameters:\n"
        + each(n, lambda i: f"  P{i}: {{Type: String, Default: a}}\n")
        + "Resources:\n"
        + each(
            n,
            lambda i: (
                f"  R{i}: {{Type: 'AWS::RDS::DBInstance', Properties: {{MultiAZ: !Ref P{i}, StorageEncrypted: !If [c, true, !Ref P{i}]}}}}\n"
            ),
        )
    }


@generator
def cloudformation_cases(n: int) -> Files:
    chain = each(n, lambda i: f"  c{i + 1}: &c{i + 1} !If [x, *c{i}, *c{i}]\n")
    return {
        "stack.yaml": f"AWSTemplateFormatVersion: '2010-09-09'\nMetadata:\n  c0: &c0 'false'\n{chain}Resources:\n"
        + each(
            n,
            lambda i: (
                f"  R{i}: {{Type: 'AWS::RDS::DBInstance', Properties: {{MultiAZ: *c{i % 18}, StorageEncrypted: *c{i % 18}}}}}\n"
            ),
        )
    }


@generator
def cloudformation_substitutions(n: int) -> Files:
    holes = "".join(f"${{P{i}}}" for i in range(n))
    return {
        "stack.yaml": "AWSTemplateFormatVersion: '2010-09-09'\nParameters:\n"
        + each(n, lambda i: f"  P{i}: {{Type: String}}\n")
        + f"Resources:\n  R: {{Type: 'AWS::SNS::Topic', Properties: {{TopicName: !Sub '{holes}'}}}}\n"
    }


@generator
def cloudformation_security_groups(n: int) -> Files:
    rules = ", ".join(f"{{IpProtocol: tcp, FromPort: {i}, ToPort: 65535, CidrIp: 0.0.0.0/0}}" for i in range(n))
    return {
        "stack.json": "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  G: {Type: 'AWS::EC2::SecurityGroup', "
        f"Properties: {{SecurityGroupIngress: [{rules}]}}}}\n"
    }


@generator
def documents_of_links(n: int) -> Files:
    links = each(n, lambda i: f"- [how to deploy {i}](docs/d{i}.md)\n")
    return {"README.md": f"# A\n\n## Deployment\n\n{links}"} | {
        f"docs/d{i}.md": f"# Deploy {i}\n\n```sh\nkubectl -n n{i} rollout undo deployment/d{i}\n```\n" for i in range(n)
    }


@generator
def document_of_sections(n: int) -> Files:
    sections = each(n, lambda i: f"{'#' * (i % 6 + 1)} Rollback {i}\n\n1. `kubectl rollout undo deployment/d{i}`\n\n")
    return {"runbook.md": f"# Runbook\n\n{sections}"}


@generator
def document_of_openings(n: int) -> Files:
    return {"runbook.md": f"# Runbook\n\n{'[' * n}\n\n{'![' * n}a\n\n{'<' * n}\n\n{'(' * n}\n\n{'*a _b ' * n}\n"}


@generator
def document_of_quotes(n: int) -> Files:
    return {"runbook.md": f"# Runbook\n\n{'> ' * n}a\n\n{'- ' * n}b\n\n" + each(n, lambda i: f"{' ' * (i % 200)}- c\n")}


@generator
def document_of_code(n: int) -> Files:
    ticks = "".join(f"{'`' * (i % 300 + 1)} a " for i in range(n))
    return {"runbook.md": f"# Runbook\n\n{ticks}\n\n{'``` a' * n}\n\n" + "```sh\nkubectl get pods\n```\n" * n}


@generator
def document_of_links(n: int) -> Files:
    inner = "[a](" * n + "b" + ")" * n
    table = "|a" * n + "|\n" + "|-" * n + "|\n" + "|b" * n + "|\n"
    references = each(n, lambda i: f"[r{i}]: https://x.example/{i}\n")
    return {"runbook.md": f"# Runbook\n\n{inner}\n\n{'[a][r0] ' * n}\n\n{table}\n{references}"}


@generator
def document_of_html(n: int) -> Files:
    return {
        "runbook.md": f"# Runbook\n\n{'<!-- ' * n}\n\n<div>\n{'<a href=x ' * n}\n{'<img src=' * n}\n\n{'<a>' * n}\n"
    }


@generator
def document_of_asciidoc(n: int) -> Files:
    return {
        "runbook.adoc": "= Runbook\n\n" + each(n, lambda i: f"== Deploy {i}\n\n* link:a{i}[b]\n\n----\nmake\n----\n")
    }


@generator
def document_of_restructured_text(n: int) -> Files:
    return {
        "runbook.rst": each(
            n, lambda i: f"Deploy {i}\n----------\n\n* `a <b{i}>`_\n\n.. code-block:: sh\n\n   make\n\n"
        )
    }


@generator
def document_of_targets(n: int) -> Files:
    return {
        "docs/disaster-recovery.md": "# Disaster recovery\n\n"
        + "RPO " * n
        + "\n\n|RPO"
        + "|RTO" * n
        + "|\n"
        + "|-" * (n + 1)
        + "|\n"
        + "|1 h" * (n + 1)
        + "|\n"
    }


@generator
def change_record_of_files(n: int) -> Files:
    names = ", ".join(f'"prod/a{i}.yaml"' for i in range(n))
    steps = ", ".join(f'"kubectl -n prod-{i} rollout undo"' for i in range(n))
    return {
        "record.json": f'{{"agentName": "a", "status": "complete", "filesChanged": [{names}], "rollbackSteps": [{steps}], "summary": "{"deploy to production. " * n}"}}'
    }


@generator
def change_records_of_paths(n: int) -> Files:
    return {"record.json": '{"agentName": "a", "status": "complete", "filesChanged": ["' + "a/" * n + 'b.yaml"]}'}


@generator
def prometheus_configuration(n: int) -> Files:
    jobs = each(
        n,
        lambda i: (
            f"- job_name: j{i}\n  static_configs: [{{targets: ['a{i}:80']}}]\n  metric_relabel_configs: [{{source_labels: [__name__], regex: 'x{i}.*', action: drop}}]\n"
        ),
    )
    rules = each(n, lambda i: f"  - {{alert: A{i}, expr: 'up{{job=\"j{i}\"}} == 0', for: 5m}}\n")
    return {
        "prometheus.yml": f"rule_files: [rules.yml]\nscrape_configs:\n{jobs}",
        "rules.yml": f"groups:\n- name: a\n  rules:\n{rules}",
    }


@generator
def prometheus_rule_tests(n: int) -> Files:
    tests = each(n, lambda i: f"- {{alert_rule_test: [{{alertname: A{i}, eval_time: 5m}}]}}\n")
    rules = each(n, lambda i: f"  - {{alert: A{i}, expr: 'up == 0', for: 5m}}\n")
    return {
        "rules_test.yml": f"rule_files: [rules.yml]\ntests:\n{tests}",
        "rules.yml": f"groups:\n- name: a\n  rules:\n{rules}",
    }


@generator
def alerts_and_routes(n: int) -> Files:
    routes = each(n, lambda i: f"  - {{receiver: a, matchers: ['severity=~\"x{i}.*\"']}}\n")
    alerts = each(n, lambda i: f"  - {{alert: A{i}, expr: up == 0, for: 5m, labels: {{severity: page{i}}}}}\n")
    return {
        "alertmanager.yml": f"route:\n  receiver: a\n  routes:\n{routes}receivers:\n- {{name: a}}\n",
        "rules.yaml": f"groups:\n- name: a\n  rules:\n{alerts}",
    }


@generator
def alertmanager_inhibitions(n: int) -> Files:
    rows = each(
        n, lambda i: f"- {{source_matchers: ['alertname=A{i}'], target_matchers: ['severity=page'], equal: [a]}}\n"
    )
    alerts = each(n, lambda i: f"  - {{alert: A{i}, expr: up == 0, for: 5m, labels: {{severity: page}}}}\n")
    return {
        "alertmanager.yml": f"route: {{receiver: a}}\nreceivers: [{{name: a}}]\ninhibit_rules:\n{rows}",
        "rules.yaml": f"groups:\n- name: a\n  rules:\n{alerts}",
    }


@generator
def operators_monitors(n: int) -> Files:
    version = "monitoring.coreos.com/v1"
    monitor = "spec: {{selector: {{matchLabels: {{app: a{0}}}}}, endpoints: [{{port: http}}]}}"
    return {
        "a.yaml": each(
            n,
            lambda i: (
                manifest("ServiceMonitor", f"m{i}", monitor.format(i), version)
                + manifest("Service", f"s{i}", "spec: {selector: {app: a}, ports: [{port: 80, name: http}]}")
            ),
        )
    }


@generator
def grafana_variables(n: int) -> Files:
    variables = ", ".join(
        f'{{"name": "v{i}", "type": "query", "query": "label_values(up{{a=\\"$v{i + 1}\\"}}, b)"}}' for i in range(n)
    )
    panels = ", ".join(
        f'{{"id": {i}, "type": "timeseries", "title": "p", "targets": [{{"expr": "up{{a=\\"$v{i}\\"}}", "refId": "A"}}]}}'
        for i in range(n)
    )
    return {
        "dash.json": f'{{"schemaVersion": 39, "title": "a", "templating": {{"list": [{variables}]}}, "panels": [{panels}]}}'
    }


@generator
def go_templates(n: int) -> Files:
    text = "{{ if $value }}a{{ end }} {{ $labels.a | toUpper }} " * n
    nested = "{{ if $value }}" * n + "{{ end }}" * n
    return {
        "rules.yaml": f"groups:\n- name: a\n  rules:\n  - {{alert: A, expr: up, annotations: {{summary: '{text}', description: '{nested}'}}}}\n"
    }


@generator
def terraform_expression(n: int) -> Files:
    return {
        "main.tf": f'locals {{\n  a = {"(" * n}1{")" * n}\n  b = "{"${" * n}1{"}" * n}"\n  c = 1{" + 1" * n}\n'
        f"  d = [{'true ? 1 : ' * n}2]\n  e = {'[' * n}{']' * n}\n}}\n"
    }


@generator
def terraform_blocks(n: int) -> Files:
    return {"main.tf": "a {\n" * n + "}\n" * n, "b.tf": 'x "y" {\n' + "  c = <<E\n${a}\nE\n" * n + "}\n"}


@generator
def terraform_locals_of_all(n: int) -> Files:
    pairs = each(n, lambda i: f"    k{i} = local.b\n")
    return {
        "main.tf": f'locals {{\n  b = "x"\n  a = {{\n{pairs}  }}\n}}\n'
        + each(n, lambda i: f'resource "aws_s3_bucket" "b{i}" {{\n  bucket = local.a.k{i}\n  tags = local.a\n}}\n')
    }


@generator
def terraform_for_each(n: int) -> Files:
    names = ", ".join(f'"n{i}"' for i in range(n))
    return {
        "main.tf": f'locals {{\n  names = [{names}]\n}}\nresource "aws_s3_bucket" "b" {{\n  for_each = toset(local.names)\n  bucket = each.key\n}}\n'
        'resource "aws_s3_bucket_acl" "a" {\n  for_each = toset(local.names)\n  bucket = aws_s3_bucket.b[each.key].id\n  acl = "public-read"\n}\n'
    }


@generator
def terraform_dynamic_blocks(n: int) -> Files:
    ports = ", ".join(map(str, range(n)))
    block = 'dynamic "ingress" {\n    for_each = local.ports\n    content {\n      from_port = ingress.value\n      to_port = ingress.value\n      protocol = "tcp"\n      cidr_blocks = ["0.0.0.0/0"]\n    }\n  }'
    return {"main.tf": f'locals {{\n  ports = [{ports}]\n}}\nresource "aws_security_group" "g" {{\n  {block}\n}}\n'}


@generator
def terraform_doubling_locals(n: int) -> Files:
    chain = each(
        n, lambda i: f'  a{i + 1} = "${{local.a{i}}}${{local.a{i}}}"\n  l{i + 1} = concat(local.l{i}, local.l{i})\n'
    )
    return {
        "main.tf": f'locals {{\n  a0 = "x"\n  l0 = ["x"]\n{chain}}}\nresource "aws_s3_bucket" "b" {{\n  bucket = local.a{n}\n  tags = local.l{n}\n}}\n'
    }


@generator
def terraform_values(n: int) -> Files:
    return {
        "main.tf": each(
            n, lambda i: f'variable "v{i}" {{\n  type = string\n}}\noutput "o{i}" {{\n  value = var.v{i}\n}}\n'
        ),
        "terraform.tfvars": each(n, lambda i: f'v{i} = "a"\n'),
    }


@generator
def terraform_policies(n: int) -> Files:
    statements = each(n, lambda i: '  statement {\n    actions = ["*"]\n    resources = ["*"]\n  }\n')
    return {"main.tf": f'data "aws_iam_policy_document" "p" {{\n{statements}}}\n'}


@generator
def jenkins_nested(n: int) -> Files:
    return {"Jenkinsfile": "node {\n" * n + "sh 'make'\n" + "}\n" * n + 'sh "${' * n + "a" + '}"' * n}


@generator
def shell_functions(n: int) -> Files:
    chain = each(n, lambda i: f"f{i}() {{ f{i + 1}; }}\n")
    return workflow("  a: {runs-on: ubuntu-24.04, steps: [{run: ./a.sh}]}\n") | {
        "a.sh": f"#!/bin/sh\n{chain}f{n}() {{ kubectl apply -f a.yaml; }}\nf0\n" + "if a; then " * n + "b" + "; fi" * n
    }


@generator
def shell_words(n: int) -> Files:
    lines = (
        "curl" + " -u a:b" * n,
        "apt-get install -y" + " a" * n,
        "echo " + "-" + "x" * n,
        "A=b " * n + "make",
        "docker run" + " -e A=b -p 80:80" * n + " a:1",
        "make" + " > a 2>&1" * n,
        "kubectl apply" + " -f a.yaml" * n,
        "echo " + "${a:-" * n + "}" * n,
        'echo "' + "\\$(a)" * n + '"',
        "case a in " + "b) make;; " * n + "esac",
    )
    steps = each(len(lines), lambda i: f"      - run: '{lines[i]}'\n")
    return workflow(f"  a:\n    runs-on: ubuntu-24.04\n    steps:\n{steps}")


@generator
def package_scripts(n: int) -> Files:
    scripts = ", ".join(f'"s{i}": "npm run s{i + 1} && npm run s{i + 1}"' for i in range(n))
    return workflow("  a: {runs-on: ubuntu-24.04, steps: [{run: npm run s0}]}\n") | {
        "package.json": f'{{"scripts": {{{scripts}}}}}'
    }


@generator
def task_files(n: int) -> Files:
    tasks = each(n, lambda i: f"  t{i}: {{cmds: [{{task: t{i + 1}}}, {{task: t{i + 1}}}]}}\n")
    recipes = each(n, lambda i: f"r{i}: r{i + 1}\n    just r{i + 1}\n")
    return workflow("  a: {runs-on: ubuntu-24.04, steps: [{run: task t0}, {run: just r0}]}\n") | {
        "Taskfile.yml": f"version: '3'\ntasks:\n{tasks}",
        "justfile": recipes,
    }


@generator
def secrets_in_one_text(n: int) -> Files:
    word = "".join(chr(97 + i * 7 % 26) + str(i % 10) for i in range(n))
    return {
        "a.yaml": manifest(
            "ConfigMap",
            "a",
            f"data: {{password: '{word}', b: '{'eyJ.' * n}', c: '{'AKIA' * n}', d: '{'-----BEGIN ' * n}'}}",
        ),
        "Dockerfile": f"FROM alpine:3.20\nENV TOKEN={word}\nRUN curl -u a:{word} https://{'a:' * n}@x.example\n",
    }


@generator
def images_of_one_repository(n: int) -> Files:
    files = {f"s{i}/Dockerfile": "FROM alpine:3.20\nCOPY a /a\nEXPOSE 8080\n" for i in range(n)}
    pods = each(n, lambda i: deployment(i).replace("b:1.0.0", f"r.example/s{i}:1.0.0"))
    steps = each(n, lambda i: f"      - run: docker build -t r.example/s{i} s{i}\n")
    return files | {"a.yaml": pods} | workflow(f"  a:\n    runs-on: ubuntu-24.04\n    steps:\n{steps}")


@generator
def peers_trivyignore(n: int) -> Files:
    return {".trivyignore": each(n, lambda i: f"KSV-{i:04}\n"), "pod.yaml": each(n, lambda i: deployment(i))}


@generator
def peers_checkov_skips(n: int) -> Files:
    notes = ", ".join(f"checkov.io/skip{i}: 'CKV_K8S_{i}=a'" for i in range(n))
    containers = each(n, lambda i: f"  - {{name: a{i}, image: 'b:latest'}}\n")
    return {
        "pod.yaml": f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a, annotations: {{{notes}}}}}\nspec:\n  containers:\n{containers}"
    }


@generator
def peers_hadolint_comments(n: int) -> Files:
    return {
        "Dockerfile": "FROM alpine:3.20\n"
        + each(n, lambda i: "# hadolint ignore=DL3018,DL3003\nRUN apk add a && cd /x\n")
    }


@generator
def configuration_of_allowances(n: int) -> Work:
    # A process has one configuration: two that are equal would be compared, all through, for every file.
    allow = each(min(n, MOST_ENTRIES), lambda i: f'- {{rule: k8s-latest-tag, path: "**/x{n}y{i}/**", reason: tried}}\n')
    config = load_config("devopslint.yaml", f"select: [all]\nallow:\n{allow}")
    files = {
        f"a{i}/pod.yaml": manifest("Pod", "a", "spec: {containers: [{name: a, image: 'b:latest'}]}") for i in range(n)
    }
    return lambda: said(check_texts(files, config.selecting(("k8s-latest-tag",))))


@generator
def configuration_of_overrides(n: int) -> Work:
    rows = each(min(n, MOST_ENTRIES), lambda i: f'- {{paths: ["**/x{i}/**"], ignore: [k8s-]}}\n')
    config = load_config("devopslint.yaml", f"overrides:\n{rows}")
    files = {
        f"a{i}/pod.yaml": manifest("Pod", "a", "spec: {containers: [{name: a, image: 'b:latest'}]}") for i in range(n)
    }
    return lambda: said(check_texts(files, config.selecting(("k8s-latest-tag",))))


@generator
def gitignore_and_files(n: int) -> Work:
    folder = made({".gitignore": each(n, lambda i: f"**/x{i}*/**/y\n!z{i}/\n")} | {f"a{i}.yaml": "" for i in range(n)})
    return lambda: len(find_files(folder, folder).files)


def accepted(n: int) -> tuple[list[Finding], baseline.Baseline]:
    containers = each(n, lambda i: f"  - {{name: a{i}, image: 'b:latest'}}\n")
    settled = check_texts({"pod.yaml": manifest("Pod", "a", f"spec:\n  containers:\n{containers}")}, EVERY)
    return list(settled.findings), baseline.Baseline("b.json", baseline.of_findings(settled.findings))


@generator
def baseline_entries(n: int) -> Work:
    findings, entries = accepted(n)
    text = baseline.write(entries.entries)

    def work() -> int:
        return len(
            baseline.hold(findings, baseline.read("b.json", text), datetime.date(2026, 1, 1), lambda _: True).findings
        )

    return work


@generator
def baseline_entries_of_one_text(n: int) -> Work:
    entry = '{"path": "a", "rule": "k8s-latest-tag", "message": "m", "fingerprint": "f", "count": 9}'
    text = '{"version": 1, "findings": [' + ",\n".join([entry] * n) + "]}"
    findings = accepted(1)[0] * n
    return lambda: len(
        baseline.hold(findings, baseline.read("b.json", text), datetime.date(2026, 1, 1), lambda _: True).findings
    )


def sarif(n: int, tool: str) -> str:
    results = [
        {
            "ruleId": f"r{i}",
            "message": {"text": f"m{i}"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a"}, "region": {"startLine": i + 1}}}],
        }
        for i in range(n)
    ]
    rules = [{"id": f"r{i}", "properties": {"security-severity": "9.1"}} for i in range(n)]
    return json.dumps(
        {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": tool, "rules": rules}}, "results": results}]}
    )


@generator
def merge_of_results(n: int) -> Work:
    texts = [(f"{tool}.sarif", sarif(n, tool)) for tool in ("devopslint", "trivy", "zizmor")]
    return lambda: sum(tool.told for tool in merge(texts).tools)


@generator
def merge_of_files(n: int) -> Work:
    texts = [(f"{i}.sarif", sarif(3, f"t{i % 5}")) for i in range(n)]
    return lambda: len(merge(texts).tools)


@generator
def evidence_of_scans(n: int) -> Work:
    folder = made(
        {
            "a.sarif": sarif(n, "trivy"),
            "t.json": json.dumps(
                {"SchemaVersion": 2, "ArtifactName": "a", "Results": [{"Vulnerabilities": [{"Severity": "HIGH"}] * n}]}
            ),
            "j.xml": "<testsuites>" + "<testsuite tests='1'><testcase name='a'/></testsuite>" * n + "</testsuites>",
            "l.info": "TN:\n" + "SF:a\nLF:10\nLH:9\nend_of_record\n" * n,
            "c.out": "mode: set\n" + "a/b.go:1.1,2.2 1 1\n" * n,
        }
    )
    return lambda: len(gather(folder).evidence)


@generator
def evidence_of_files(n: int) -> Work:
    folder = made({f"f{i}/a.json": "{}" for i in range(n)})
    return lambda: len(gather(folder).passed_over)


def report(n: int, format: str) -> Work:
    containers = each(n, lambda i: f"  - {{name: a{i}, image: 'b:latest'}}\n")
    files = {"pod.yaml": manifest("Pod", "a", f"spec:\n  containers:\n{containers}")}
    settled = check_texts(files, EVERY)
    rules = tuple(entry.rule for entry in catalogue().values())

    def work() -> int:
        whole = Report(
            findings=settled.findings,
            not_checked=settled.not_checked,
            not_known=settled.not_known,
            rules=rules,
            files_seen=1,
            files_checked=1,
            source=lambda path: files.get(path, ""),
            secrets=settled.hidden,
        )
        return len(render(whole, format, show_suppressed=True, statistics=True))

    return work


for _format in FORMATS:
    GENERATORS[f"report-{_format}"] = functools.partial(report, format=_format)
