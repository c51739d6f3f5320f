"""Other linters' configurations, comments and annotations."""

from devopslint.registry import Domain, FileKind

DOMAIN = Domain(
    "peers",
    kinds=(
        FileKind(
            "actionlint",
            "devopslint.peers.actionlint:ActionlintFile",
            place=r"(?:^|/)\.github/actionlint\.ya?ml\Z",
            signs=(".github/",),
        ),
        FileKind(
            "ansible-lint",
            "devopslint.peers.skipped_checks:AnsibleLintFile",
            place=r"(?:^|/)(?:\.ansible-lint(?:\.ya?ml)?|\.config/ansible-lint\.ya?ml)\Z",
            signs=("ansible-lint",),
        ),
        FileKind("checkov", "devopslint.peers.skipped_checks:CheckovFile", names=(".checkov.yaml", ".checkov.yml")),
        FileKind("hadolint", "devopslint.peers.hadolint:HadolintFile", names=(".hadolint.yaml", ".hadolint.yml")),
        FileKind(
            "kube-linter",
            "devopslint.peers.skipped_checks:KubeLinterFile",
            names=(".kube-linter.yaml", ".kube-linter.yml"),
        ),
        FileKind("zizmor", "devopslint.peers.zizmor:ZizmorFile", names=("zizmor.yaml", "zizmor.yml")),
    ),
    comments="devopslint.peers.suppressions:read_peer_comments",
    annotations="devopslint.peers.suppressions:read_peer_annotations",
    configuration="devopslint.peers.configurations:heeding_peers",
    words="devopslint.peers.messages:says",
)
