"""Which repository is this one, as the folders tell that are taken from it, and what goes into a cluster together."""

from __future__ import annotations

import pytest

import devopslint
from devopslint.kubernetes.deliveries import Folder, Tree, normal, own_repositories
from devopslint.kubernetes.summaries import Placed
from devopslint.model import Location

HERE = Location("apps.yaml", 1, 1, 1, 1)


def folders(*paths: str) -> list[Folder]:
    return [Folder("repository", Placed(path, HERE)) for path in paths]


@pytest.mark.parametrize(
    ("paths", "own"),
    [
        (("./apps", "./infrastructure"), True),
        (("./apps", "infrastructure/", "./gone"), True),
        (("./apps", "./gone"), False),  # one folder of a common name says nothing
        (("./apps", "./infrastructure", "./a", "./b"), False),
        (("./apps", "./${cluster}"), False),
        ((), False),
    ],
)
def test_a_repository_is_this_one_where_most_of_its_folders_are_here(paths: tuple[str, ...], own: bool) -> None:
    found = own_repositories(folders(*paths), Tree({"apps", "infrastructure"}, ()))

    assert found == (frozenset({"repository"}) if own else frozenset())


def test_the_root_of_a_repository_and_what_is_made_later_have_no_folder() -> None:
    assert [normal(path) for path in ("./", ".", "", "./${name}", "{{path}}", "./a//b/")] == ["", "", "", "", "", "a/b"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("./shops/*", ["shops/books", "shops/wine"]),
        ("shops/b*", ["shops/books"]),
        ("*", ["shops"]),
        ("shops/*/config.json", ["shops/wine/config.json"]),
        ("nowhere/*", []),
        ("shops/**", None),  # of a kind of pattern that an installation chooses
        ("{{ .root }}/*", None),
    ],
)
def test_a_pattern_means_whole_names_of_one_level(pattern: str, found: list[str] | None) -> None:
    tree = Tree(["shops", "shops/books", "shops/wine"], ["shops/wine/config.json"])

    assert tree.found(Folder("repository", Placed(pattern, HERE), makes=True)) == found


def job(annotations: str, kind: str = "Job") -> str:
    pod = (
        "{restartPolicy: Never, containers: [{name: app, image: 'app:1', envFrom: [{configMapRef: {name: settings}}]}]}"
    )
    template = f"template: {{spec: {pod}}}"
    spec = f"{{schedule: '@daily', jobTemplate: {{spec: {{{template}}}}}}}" if kind == "CronJob" else f"{{{template}}}"
    return (
        f"apiVersion: batch/v1\nkind: {kind}\nmetadata: {{name: app, annotations: {{{annotations}}}}}\nspec: {spec}\n"
    )


def settings(annotations: str = "") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings, annotations: {{{annotations}}}}}\n"


BEFORE, EARLIER = "argocd.argoproj.io/hook: PreSync", 'argocd.argoproj.io/sync-wave: "-1"'


@pytest.mark.parametrize(
    ("files", "late"),
    [
        ({"job.yaml": job(BEFORE), "settings.yaml": settings()}, True),
        ({"job.yaml": job(EARLIER), "settings.yaml": settings()}, True),
        ({"job.yaml": job(""), "settings.yaml": settings("argocd.argoproj.io/hook: PostSync")}, True),
        ({"job.yaml": job(BEFORE), "settings.yaml": settings(f"{BEFORE}, {EARLIER}")}, False),
        ({"job.yaml": job(BEFORE), "settings.yaml": settings(BEFORE)}, False),
        ({"job.yaml": job(EARLIER, "CronJob"), "settings.yaml": settings()}, False),  # healthy before it runs
        ({"job.yaml": job("argocd.argoproj.io/hook: PostDelete"), "settings.yaml": settings()}, False),
        ({"job.yaml": job("helm.sh/hook: pre-upgrade"), "settings.yaml": settings()}, False),  # there since the install
        ({"job.yaml": job("helm.sh/hook: pre-install"), "settings.yaml": settings()}, True),
        ({"job.yaml": job("argocd.argoproj.io/hook: ${HOOK}"), "settings.yaml": settings()}, False),
        ({"job.yaml": job(BEFORE), "other/settings.yaml": settings()}, False),  # of another Application, it may be
        (
            {
                "job.yaml": job(BEFORE),
                "kustomization.yaml": "resources: [job.yaml]\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\n",
            },
            True,
        ),
        (
            {
                "job.yaml": job(BEFORE),
                "kustomization.yaml": "resources: [job.yaml]\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\n"
                f"generatorOptions: {{annotations: {{{BEFORE}}}}}\n",
            },
            False,
        ),
    ],
)
def test_what_a_workload_needs_is_late_where_a_sync_waits_for_the_workload_first(
    files: dict[str, str], late: bool
) -> None:
    found = devopslint.check(files, select=["argo-late-need"])

    assert [(one.location.path, "ConfigMap 'settings'" in one.message) for one in found] == (
        [("job.yaml", True)] if late else []
    )


def project(repositories: str = "'*'", destinations: str = "{server: '*', namespace: '*'}", labels: str = "") -> str:
    return (
        f"apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {{name: shop, labels: {{{labels}}}}}\n"
        f"spec: {{sourceRepos: [{repositories}], destinations: [{destinations}]}}\n"
    )


def application(repository: str = "https://git.example/acme/shop", destination: str = "name: in-cluster") -> str:
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\nspec:\n  project: shop\n"
        f"  source: {{repoURL: '{repository}', path: shop}}\n  destination: {{{destination}, namespace: shop}}\n"
    )


@pytest.mark.parametrize(
    ("project", "application", "allowed"),
    [
        (project("https://git.example/acme/*"), application(), True),
        (project("https://git.example/**"), application(), True),
        (project("https://git.example/*"), application(), False),  # stays within what slashes part
        (project("https://git.example/acme/sho?.git"), application("HTTPS://git.example/Acme/shop"), True),
        (project("'!https://git.example/other/*'"), application(), True),  # allows all others
        (project("'*', '!https://git.example/acme/*'"), application(), False),
        (project("git@git.example:acme/*"), application("ssh://git@git.example/acme/shop.git"), True),
        (
            project("https://git.example/{acme,other}/shop"),
            application("https://git.example/more/shop"),
            True,
        ),  # not read
        (project("https://git.example/other"), application("{{ repository }}"), True),
        (project(""), application(), False),
        (project(destinations="{server: 'https://kubernetes.default.svc', namespace: shop}"), application(), True),
        (project(destinations="{server: 'https://kubernetes.default.svc', namespace: sho}"), application(), False),
        (project(destinations="{name: eu, namespace: '*'}"), application(), False),
        (
            project(destinations="{name: eu, namespace: '*'}"),
            application(destination="server: 'https://1.2.3.4'"),
            True,
        ),
        (project(destinations="{name: '*', namespace: '!kube-system'}"), application(), True),
        (project(destinations="{name: eu, namespace: '*'}"), application(destination="name: '{{cluster}}'"), True),
    ],
)
def test_a_project_allows_what_its_patterns_mean(project: str, application: str, allowed: bool) -> None:
    found = devopslint.check({"argo.yaml": f"{project}---\n{application}"}, select=["argo-forbidden-application"])

    assert (not found) == allowed


def test_a_project_with_labels_may_inherit_what_another_allows() -> None:
    own = project("https://git.example/other", labels="inherits: 'yes'")
    another = project().replace("name: shop", "name: everywhere")
    files = {"argo.yaml": f"{own}---\n{another}---\n{application()}"}

    assert not devopslint.check(files, select=["argo-forbidden-application"])
    files = {"argo.yaml": files["argo.yaml"].replace("inherits: 'yes'", "")}
    assert len(devopslint.check(files, select=["argo-forbidden-application"])) == 1


SCALED = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: shop, image: "registry.example.org/shop:1.4.0"}]}
"""


def autoscaler(name: str) -> str:
    return f"""
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: {name}}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: shop}}
"""


@pytest.mark.parametrize(
    ("kustomization", "expected"),
    [
        (
            "resources: [shop/shop.yaml, a/scaler.yaml, b/scaler.yaml]",
            ["autoscaler 'b' scales Deployment 'shop', as 'a' does"],
        ),
        ("resources: [shop/shop.yaml, a/scaler.yaml]", []),
    ],
)
def test_two_autoscalers_of_one_build_are_found_in_two_folders(kustomization: str, expected: list[str]) -> None:
    files = {
        "kustomization.yaml": kustomization,
        "shop/shop.yaml": SCALED,
        "a/scaler.yaml": autoscaler("a"),
        "b/scaler.yaml": autoscaler("b"),
    }

    assert [one.message for one in devopslint.check(files, select=["hpa-duplicate-target"])] == expected


def test_nothing_waits_for_hooks_where_flux_applies_what_is_there() -> None:
    flux = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: shop, namespace: flux-system}\n"
        "spec: {path: ./shop, sourceRef: {kind: GitRepository, name: shop}}\n"
    )
    files = {"shop/job.yaml": job(BEFORE), "shop/settings.yaml": settings(), "flux.yaml": flux}

    assert devopslint.check(files, select=["argo-late-need"]) == []
    assert len(devopslint.check(files | {"argo.yaml": application()}, select=["argo-late-need"])) == 1


def test_a_namespace_that_a_project_refuses_is_refused_whatever_else_it_allows() -> None:
    project = (
        "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: shop}\nspec:\n  sourceRepos: ['*']\n"
        "  destinations: [{server: '*', namespace: '!%s'}, {server: '*', namespace: '*'}]\n"
    )
    wanted = application().replace("namespace: shop}", "namespace: kube-system}")

    def found(refused: str) -> int:
        files = {"argo.yaml": f"{project % refused}---\n{wanted}"}
        return len(devopslint.check(files, select=["argo-forbidden-application"]))

    assert (found("kube-system"), found("kube-public")) == (1, 0)


@pytest.mark.parametrize(
    ("texts", "rule", "count"),
    [
        (
            [
                "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: shop, namespace: argocd}\n",
                "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a, namespace: argocd}\n"
                "spec: {project: shpo, destination: {namespace: shop}}\n",
                "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: shop}\n",
            ],
            "argo-missing-project",
            1,
        ),
        (
            [
                "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: charts, namespace: a}\n",
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: redis, namespace: a}\n"
                "spec: {chart: {spec: {chart: redis, sourceRef: {kind: HelmRepository, name: chats}}}}\n",
            ],
            "flux-missing-chart-source",
            1,
        ),
        (
            [
                "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: charts, namespace: a}\n",
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: sync, namespace: a}\n"
                "spec: {chart: {spec: {chart: flux2-sync, sourceRef: {kind: HelmRepository, name: charts}}}}\n",
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: redis, namespace: a}\n"
                "spec: {chart: {spec: {chart: redis, sourceRef: {kind: HelmRepository, name: chats}}}}\n",
            ],
            "flux-missing-chart-source",
            0,
        ),
        (
            ["apiVersion: notification.toolkit.fluxcd.io/v1beta1\nkind: Alert\nmetadata: {name: a}\n"],
            "flux-removed-api-version",
            1,
        ),
        (
            ["apiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: Alert\nmetadata: {name: a}\n"],
            "flux-removed-api-version",
            0,
        ),
        (
            [
                "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"
                "spec: {ignoreDifferences: [{group: apps, kind: Deployment, jqPathExpressions: [.spec]}]}\n"
            ],
            "argo-ignored-difference",
            1,
        ),
    ],
    ids=["project", "source", "source that a chart may make", "old alert", "alert", "jq"],
)
def test_what_a_delivery_names_is_looked_for_among_its_kind(texts: list[str], rule: str, count: int) -> None:
    assert len(devopslint.check({"a.yaml": "---\n".join(texts)}, select=[rule])) == count


def test_what_a_project_refuses_to_many_is_told_once() -> None:
    project = "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: shop}\nspec: {destinations: [{server: '*', namespace: '*'}]}\n"
    application = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: %s}
spec:
  project: shop
  source: {repoURL: https://git.example/acme/config, path: shop}
  destination: {server: https://kubernetes.default.svc, namespace: shop}
"""
    files = {"project.yaml": project} | {f"{name}.yaml": application % name for name in ("cart", "site", "till")}

    (found,) = devopslint.check(files, select=["argo-forbidden-application"])

    assert found.location.path == "cart.yaml"
    assert [one.location.path for one in found.related] == ["project.yaml", "site.yaml", "till.yaml"]


@pytest.mark.parametrize(("project", "told"), [("shop", 0), ("blog", 1)])
def test_a_project_takes_from_the_repositories_that_are_its_own(project: str, told: int) -> None:
    text = f"""\
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {{name: shop, namespace: argocd}}
spec: {{sourceRepos: [https://git.example/acme/config], destinations: [{{server: '*', namespace: '*'}}]}}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: cart, namespace: argocd}}
spec:
  project: shop
  source: {{repoURL: https://charts.example.org/, chart: cart, targetRevision: 1.0.0}}
  destination: {{server: https://kubernetes.default.svc, namespace: shop}}
---
apiVersion: v1
kind: Secret
metadata: {{name: charts, namespace: argocd, labels: {{argocd.argoproj.io/secret-type: repository}}}}
stringData: {{project: {project}, type: helm, url: https://charts.example.org/}}
"""

    assert len(devopslint.check({"argo.yaml": text}, select=["argo-forbidden-application"])) == told
