"""How the time of a first run grows in trees of manifests of several shapes, beside that of another build.

usage: shapes.py [--files N]... [--other TREE] [--rounds N] [NAME]...

A shape says what many objects of a tree have in common: one namespace, one label, one object that all refer to. Seconds are those of
the processor, of one process that keeps nothing, the least of the rounds, less those of a run over a single file. The exponent is that
of the growth from the first size to the last; one above LIMIT is marked, and the exit code is their number.
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]

from hooks import AUTOSCALER, DEPLOYMENT, PROJECT, SERVICE, run  # noqa: E402  # the path comes first

LIMIT = 1.05

Tree = Iterator[tuple[str, str]]
"""Path and text of each file."""


def named(text: str, number: int, namespace: str | None) -> str:
    """An object of hooks.py by this number, in a namespace or in none."""
    made = text.format(n=number, ns="")
    return made.replace("  namespace: ns\n", f"  namespace: {namespace}\n" if namespace else "")


def of_all(*texts: str) -> str:
    return "---\n".join(texts)


def three_in_a_file(count: int) -> Tree:
    """A Deployment, its Service and its autoscaler in each file, in 100 namespaces."""
    for n in range(count):
        space = f"ns{n % 100}"
        yield (
            f"{space}/app{n}.yaml",
            of_all(*(named(text, n, space) for text in (DEPLOYMENT, SERVICE, AUTOSCALER))),
        )


def one_namespace(count: int) -> Tree:
    """As many Deployments and Services of one namespace in one folder."""
    for n in range(count // 2):
        yield f"apps/deployment{n}.yaml", named(DEPLOYMENT, n, "shop")
        yield f"apps/service{n}.yaml", named(SERVICE, n, "shop")


def no_namespace(count: int) -> Tree:
    """The same in folders of their own, and nothing says into which namespace they go."""
    for n in range(count // 2):
        yield f"apps/app{n}/deployment.yaml", named(DEPLOYMENT, n, None)
        yield f"apps/app{n}/service.yaml", named(SERVICE, n, None)


def one_folder_no_namespace(count: int) -> Tree:
    """The same in one folder."""
    for n in range(count // 2):
        yield f"apps/deployment{n}.yaml", named(DEPLOYMENT, n, None)
        yield f"apps/service{n}.yaml", named(SERVICE, n, None)


def one_label(count: int) -> Tree:
    """All pods have the label by which each Service looks for one of them, beside one of its own."""
    for n in range(count // 2):
        shared = named(DEPLOYMENT, n, "shop").replace(f"{{app: app{n}}}", f"{{part-of: shop, app: app{n}}}")
        yield f"apps/deployment{n}.yaml", shared
        yield f"apps/service{n}.yaml", named(SERVICE, n, "shop").replace("{app:", "{part-of: shop, app:")


def one_label_in_each_namespace(count: int) -> Tree:
    """In every namespace a Deployment with the same labels, and a Service that selects them."""
    for n in range(count // 2):
        yield f"ns{n}/deployment.yaml", named(DEPLOYMENT, n, f"ns{n}").replace(f"{{app: app{n}}}", "{app: web}")
        yield f"ns{n}/service.yaml", named(SERVICE, n, f"ns{n}").replace(f"{{app: app{n}}}", "{app: web}")


def services_of_one_workload(count: int) -> Tree:
    """200 Services that select one workload, beside other workloads."""
    for n in range(200):
        yield f"web/service{n}.yaml", named(SERVICE, n, "shop").replace(f"{{app: app{n}}}", "{app: app200}")
    for n in range(200, count):
        yield f"web/deployment{n}.yaml", named(DEPLOYMENT, n, "shop")


CONFIG = """apiVersion: v1
kind: ConfigMap
metadata: {{name: settings{n}, namespace: {ns}}}
data: {{KEY: value}}
"""


def reading(text: str, name: str) -> str:
    return text.replace(
        "          ports:", f"          envFrom: [{{configMapRef: {{name: {name}}}}}]\n          ports:"
    )


def one_config_map(count: int) -> Tree:
    """All workloads of a hundred namespaces refer to the ConfigMap of their namespace."""
    for n in range(100):
        yield f"ns{n}/settings.yaml", CONFIG.format(n="", ns=f"ns{n}")
    for n in range(count - 100):
        yield f"ns{n % 100}/deployment{n}.yaml", reading(named(DEPLOYMENT, n, f"ns{n % 100}"), "settings")


def one_config_map_each(count: int) -> Tree:
    """Each workload refers to a ConfigMap of its own, all in one namespace."""
    for n in range(count // 2):
        yield f"apps/settings{n}.yaml", CONFIG.format(n=n, ns="shop")
        yield f"apps/deployment{n}.yaml", reading(named(DEPLOYMENT, n, "shop"), f"settings{n}")


def missing_config_maps(count: int) -> Tree:
    """Each workload refers to a ConfigMap that is nowhere, where others are."""
    yield "apps/settings.yaml", CONFIG.format(n="", ns="shop")
    for n in range(count - 1):
        yield f"apps/deployment{n}.yaml", reading(named(DEPLOYMENT, n, "shop"), f"lost{n}")


def dangling_services(count: int) -> Tree:
    """Each Service selects what no workload is called, where others are."""
    for n in range(count // 2):
        yield f"apps/deployment{n}.yaml", named(DEPLOYMENT, n, "shop")
        yield f"apps/service{n}.yaml", named(SERVICE, n, "shop").replace(f"{{app: app{n}}}", f"{{app: lost{n}}}")


POLICY = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: {name}, namespace: {ns}}}
spec:
  podSelector: {selector}
  policyTypes: [Ingress, Egress]
"""


def policies(count: int) -> Tree:
    """A hundred namespaces, each with a policy for all of its pods, and one for each workload."""
    for n in range(100):
        yield f"ns{n}/policy.yaml", POLICY.format(name="all", ns=f"ns{n}", selector="{}")
    for n in range((count - 100) // 2):
        space = f"ns{n % 100}"
        selector = f"{{matchLabels: {{app: app{n}}}}}"
        yield f"{space}/policy{n}.yaml", POLICY.format(name=f"app{n}", ns=space, selector=selector)
        yield f"{space}/deployment{n}.yaml", named(DEPLOYMENT, n, space)


BUDGET = """apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: app{n}, namespace: shop}}
spec: {{maxUnavailable: 1, selector: {{matchExpressions: [{{key: app, operator: In, values: [app{n}, other{n}]}}]}}}}
"""


def budgets_by_expression(count: int) -> Tree:
    """Each workload has a budget whose selector names two values."""
    for n in range(count // 2):
        yield f"apps/budget{n}.yaml", BUDGET.format(n=n)
        yield f"apps/deployment{n}.yaml", named(DEPLOYMENT, n, "shop")


INGRESS = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: app{n}, namespace: shop}}
spec:
  rules:
    - host: app{n}.example.org
      http:
        paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: app{n}, port: {{number: 80}}}}}}}}]
"""


def ingresses(count: int) -> Tree:
    """A Service and an Ingress to it in each pair of files."""
    for n in range(count // 2):
        yield f"apps/ingress{n}.yaml", INGRESS.format(n=n)
        yield f"apps/service{n}.yaml", named(SERVICE, n, "shop")


ACCESS = """apiVersion: v1
kind: ServiceAccount
metadata: {{name: app{n}, namespace: {ns}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: app{n}, namespace: {ns}}}
rules: [{{apiGroups: [""], resources: [configmaps], verbs: [get]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: app{n}, namespace: {ns}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: app{n}}}
subjects: [{{kind: ServiceAccount, name: app{n}, namespace: {ns}}}]
"""


def accounts(count: int) -> Tree:
    """Each workload runs as a ServiceAccount of its own, with a Role and a RoleBinding."""
    for n in range(count // 2):
        space = f"ns{n % 100}"
        running = named(DEPLOYMENT, n, space).replace("    spec:\n", f"    spec:\n      serviceAccountName: app{n}\n")
        yield f"{space}/deployment{n}.yaml", running
        yield f"{space}/access{n}.yaml", ACCESS.format(n=n, ns=space)


MESH = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: app{n}, namespace: shop}}
spec:
  hosts: [app{n}]
  http: [{{route: [{{destination: {{host: app{n}, subset: v1}}}}]}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {{name: app{n}, namespace: shop}}
spec:
  host: app{n}
  subsets: [{{name: v1, labels: {{version: v1}}}}]
"""


def mesh(count: int) -> Tree:
    """A VirtualService and a DestinationRule for each Service of one namespace."""
    for n in range(count // 2):
        yield f"apps/mesh{n}.yaml", MESH.format(n=n)
        yield f"apps/service{n}.yaml", named(SERVICE, n, "shop")


MONITOR = """apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {{name: app{n}, namespace: monitoring}}
spec:
  namespaceSelector: {{any: true}}
  selector: {{matchLabels: {{app: app{n}}}}}
  endpoints: [{{port: web}}]
"""


def monitors(count: int) -> Tree:
    """A ServiceMonitor that looks into all namespaces for each Service."""
    for n in range(count // 2):
        yield f"monitoring/app{n}.yaml", MONITOR.format(n=n)
        service = named(SERVICE, n, f"ns{n % 100}").replace("spec:", f"  labels: {{app: app{n}}}\nspec:", 1)
        yield f"ns{n % 100}/service{n}.yaml", service.replace("{port: 80,", "{name: web, port: 80,")


LIMITS = """apiVersion: v1
kind: LimitRange
metadata: {{name: limits, namespace: {ns}}}
spec: {{limits: [{{type: Container, defaultRequest: {{cpu: 100m, memory: 64Mi}}, default: {{cpu: 1, memory: 64Mi}}}}]}}
"""


def a_namespace_each(count: int) -> Tree:
    """The same names in every namespace, each in a folder: as of one application for many customers."""
    for n in range(count // 5):
        space = f"customer{n}"
        yield f"{space}/namespace.yaml", f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {space}}}\n"
        yield f"{space}/limits.yaml", LIMITS.format(ns=space)
        for name, text in (("deployment", DEPLOYMENT), ("service", SERVICE), ("autoscaler", AUTOSCALER)):
            yield f"{space}/{name}.yaml", named(text, 1, space)


def one_folder_of_namespaces(count: int) -> Tree:
    """The same in one folder."""
    for n in range(count // 3):
        for name, text in (("deployment", DEPLOYMENT), ("service", SERVICE), ("autoscaler", AUTOSCALER)):
            yield f"customers/{name}{n}.yaml", named(text, 1, f"customer{n}")


def same_names_no_namespace(count: int) -> Tree:
    """The same names in each folder, and nothing says into which namespace they go."""
    for n in range(count // 3):
        for name, text in (("deployment", DEPLOYMENT), ("service", SERVICE), ("autoscaler", AUTOSCALER)):
            yield f"customers/customer{n}/{name}.yaml", named(text, 1, None)


def services_of_others(count: int) -> Tree:
    """Each Service selects by a label that no workload has."""
    for n in range(count // 2):
        yield f"apps/deployment{n}.yaml", named(DEPLOYMENT, n, "shop")
        yield f"apps/service{n}.yaml", named(SERVICE, n, "shop").replace(f"{{app: app{n}}}", f"{{lost: lost{n}}}")


STATEFUL = """apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: app{n}, namespace: shop}}
spec:
  serviceName: app{n}
  selector: {{matchLabels: {{app: app{n}}}}}
  template:
    metadata: {{labels: {{app: app{n}}}}}
    spec: {{containers: [{{name: web, image: 'registry.example.org/app{n}:1.0'}}]}}
"""


def stateful_sets(count: int) -> Tree:
    """Each with its Service."""
    for n in range(count // 2):
        yield f"apps/set{n}.yaml", STATEFUL.format(n=n)
        yield f"apps/service{n}.yaml", named(SERVICE, n, "shop")


ROUTE = """apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: app{n}, namespace: ns{ns}}}
spec:
  parentRefs: [{{name: public, namespace: gateways}}]
  hostnames: [app{n}.example.org]
  rules: [{{backendRefs: [{{name: app{n}, port: 80}}]}}]
"""
GATEWAY = """apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: gateways}
spec:
  gatewayClassName: public
  listeners: [{name: web, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]
"""


def routes(count: int) -> Tree:
    """A route from one Gateway to each Service."""
    yield "gateways/gateway.yaml", GATEWAY
    for n in range(count // 2):
        yield f"ns{n % 100}/route{n}.yaml", ROUTE.format(n=n, ns=n % 100)
        yield f"ns{n % 100}/service{n}.yaml", named(SERVICE, n, f"ns{n % 100}")


RELEASE = """apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: app{n}, namespace: apps}}
spec:
  interval: 10m
  dependsOn: [{{name: app{before}}}]
  chart: {{spec: {{chart: app, version: 1.0.0, sourceRef: {{kind: HelmRepository, name: shop, namespace: flux-system}}}}}}
"""
REPOSITORY = """apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: shop, namespace: flux-system}
spec: {interval: 1h, url: https://charts.example.org}
"""


def releases(count: int) -> Tree:
    """As many HelmReleases of one repository, each of which waits for the one before."""
    yield "flux/repository.yaml", REPOSITORY
    for n in range(count - 1):
        yield f"apps/app{n}/release.yaml", RELEASE.format(n=n, before=max(n - 1, 0))


APPLICATION = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: app{n}, namespace: argocd}}
spec:
  project: shop
  source: {{repoURL: 'https://example.org/shop.git', path: apps/app{n}, targetRevision: v1}}
  destination: {{server: 'https://kubernetes.default.svc', namespace: ns{n}}}
"""
APP_PROJECT = """apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: shop, namespace: argocd}
spec:
  sourceRepos: ['https://example.org/shop.git']
  destinations: [{server: 'https://kubernetes.default.svc', namespace: 'ns*'}]
"""


def applications(count: int) -> Tree:
    """An Application of Argo CD for each Deployment."""
    yield "argocd/project.yaml", APP_PROJECT
    for n in range(count // 2):
        yield f"argocd/app{n}.yaml", APPLICATION.format(n=n)
        yield f"apps/app{n}/deployment.yaml", named(DEPLOYMENT, n, f"ns{n}")


ALERTS = """apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {{name: app{n}, namespace: shop}}
spec:
  groups:
    - name: app{n}
      rules:
        - {{record: 'app{n}:requests:rate5m', expr: 'sum(rate(requests_total{{{{app="app{n}"}}}}[5m]))'}}
        - alert: App{n}Down
          expr: app{n}:requests:rate5m == 0
          for: 5m
          labels: {{severity: critical}}
          annotations: {{summary: app{n} is down, runbook_url: 'https://example.org/app{n}'}}
"""


def alerts(count: int) -> Tree:
    """Rules of Prometheus for each Deployment."""
    for n in range(count // 2):
        yield f"apps/rules{n}.yaml", ALERTS.format(n=n).replace("{{", "{").replace("}}", "}")
        yield f"apps/deployment{n}.yaml", named(DEPLOYMENT, n, "shop")


def colours(count: int) -> Tree:
    """A Deployment in blue and one in green."""
    for n in range(count // 2):
        for colour in ("blue", "green"):
            label = f"{{app: app{n}, color: {colour}}}"
            yield f"apps/{colour}{n}.yaml", named(DEPLOYMENT, n, "shop").replace(f"{{app: app{n}}}", label)


SHAPES: dict[str, Callable[[int], Tree]] = {
    shape.__name__.replace("_", "-"): shape
    for shape in (
        three_in_a_file,
        one_namespace,
        no_namespace,
        one_folder_no_namespace,
        one_label,
        one_label_in_each_namespace,
        services_of_one_workload,
        one_config_map,
        one_config_map_each,
        missing_config_maps,
        dangling_services,
        policies,
        budgets_by_expression,
        ingresses,
        accounts,
        mesh,
        monitors,
        a_namespace_each,
        one_folder_of_namespaces,
        same_names_no_namespace,
        services_of_others,
        stateful_sets,
        routes,
        releases,
        applications,
        alerts,
        colours,
    )
}


def seconds(build: Path, folder: Path, tree: Tree, rounds: int) -> float:
    root = folder / "tree"
    (root / ".git").mkdir(parents=True)
    for path, text in tree:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    costs = [run(build, root, folder / "cache", "--no-cache", "--exit-zero", ".")[0] for _ in range(rounds)]
    shutil.rmtree(root)
    return min(cost.seconds for cost in costs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--files", type=int, action="append")
    parser.add_argument("--other", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    sizes = options.files or [1_250, 2_500, 5_000]
    builds = [PROJECT, *([options.other.resolve()] if options.other else [])]
    print("| shape | " + " | ".join(f"{name}, exponent" for name in ("this build", "the other")[: len(builds)]) + " |")
    print("|---|" + "---|" * len(builds))
    steep = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        alone = {build: seconds(build, folder, iter([("a.yaml", named(DEPLOYMENT, 1, "a"))]), 3) for build in builds}
        for name in options.names or SHAPES:
            cells = []
            for build in builds:
                taken = [seconds(build, folder, SHAPES[name](count), options.rounds) for count in sizes]
                exponent = math.log((taken[-1] - alone[build]) / (taken[0] - alone[build])) / math.log(
                    sizes[-1] / sizes[0]
                )
                steep += exponent > LIMIT and build == PROJECT
                mark = " <-" if exponent > LIMIT else ""
                cells.append(f"{', '.join(f'{one:.2f}' for one in taken)} s, {exponent:.2f}{mark}")
            print(f"| {name} | {' | '.join(cells)} |", flush=True)
    sys.exit(steep)


if __name__ == "__main__":
    main()
