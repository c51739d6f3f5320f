"""Kubernetes manifests, kustomizations and Helm charts, and the cluster that they describe."""

from devopslint.registry import Claim, Completion, Domain, FileKind, Naming

DOMAIN = Domain(
    "kubernetes",
    kinds=(
        FileKind(
            "kustomization",
            "devopslint.kubernetes.kustomize:Kustomization",
            names=("kustomization.yaml", "kustomization.yml", "Kustomization"),
            reads="devopslint.kubernetes.names:reads_as_kustomization",
        ),
        FileKind("chart", "devopslint.kubernetes.helm:Chart", names=("Chart.yaml",)),
        FileKind("chart-requirements", "devopslint.kubernetes.helm:Requirements"),
        FileKind("chart-values", "devopslint.kubernetes.helm_values:DefaultValues"),
        FileKind(
            "helm-values",
            "devopslint.kubernetes.helm_values:ValuesFile",
            pattern=r"(?:[\w.-]*[._-])?values(?:[._-][\w.-]*)?\.ya?ml",
            reads="devopslint.kubernetes.names:reads_as_values",
        ),
        FileKind("helm-template", "devopslint.kubernetes.helm:Template"),
        FileKind(
            "manifest-template",
            "devopslint.kubernetes.templates:UnreadTemplate",
            pattern=r".+\.(?:ya?ml|json)\.(?:\w+\.)?(?:tmpl|tpl|j2|jinja2?|gotmpl|erb|in|template|envsubst|mustache|hbs|dist|example|sample)"
            r"|.+\.(?:tmpl|tpl|j2|jinja2?|gotmpl|erb|jsonnet|libsonnet|cue)",
            reads="devopslint.kubernetes.templates:reads_as_template",
        ),
        FileKind("tiltfile", "devopslint.kubernetes.templates:Tiltfile", names=("Tiltfile",)),
        FileKind(
            "manifest",
            "devopslint.kubernetes.manifests:Manifests",
            endings=(".yaml", ".yml", ".json"),
            reads="devopslint.kubernetes.names:reads_as_manifest",
        ),
    ),
    known=("/Chart.lock",),
    claims=(Claim(("Chart.yaml",), "devopslint.kubernetes.names:kinds_in_charts"),),
    namings=(Naming("kustomization", "devopslint.kubernetes.kustomize:ignoring_files"),),
    completions=(
        Completion("kustomization", "devopslint.kubernetes.kustomize:partial_documents"),
        Completion("kustomization", "devopslint.kubernetes.fragments:put_away"),
        Completion("kustomization", "devopslint.kubernetes.fragments:on_own_machine"),
        Completion("manifest", "devopslint.kubernetes.fragments:fragments"),
        Completion("manifest", "devopslint.kubernetes.fragments:patched_by_flux"),
        Completion("manifest", "devopslint.kubernetes.fragments:vendored"),
        Completion("manifest", "devopslint.kubernetes.fragments:released_by_others"),
        Completion("manifest", "devopslint.kubernetes.fragments:tried"),
        Completion("manifest", "devopslint.kubernetes.fragments:on_own_machine"),
        Completion("manifest", "devopslint.kubernetes.fragments:kept_copies"),
        Completion("manifest", "devopslint.kubernetes.fragments:put_away"),
        Completion("manifest", "devopslint.kubernetes.fragments:superseded"),
        Completion("manifest", "devopslint.kubernetes.fragments:for_older"),
        Completion("manifest", "devopslint.kubernetes.fragments:commented_out"),
        Completion("manifest", "devopslint.kubernetes.load_balancers:node_ports_that_are_needed"),
    ),
    witnesses="devopslint.kubernetes.witnesses:witnesses",
    fixes=("devopslint.kubernetes.fixes", "devopslint.readers.yaml_changes:rewritten"),
    builds=("kustomization", "devopslint.kubernetes.kustomize.worlds:builds"),
)
