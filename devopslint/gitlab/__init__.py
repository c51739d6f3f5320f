"""GitLab CI."""

from devopslint.registry import Claim, Completion, Domain, FileKind

DOMAIN = Domain(
    "gitlab",
    kinds=(
        FileKind(
            "gitlab",
            "devopslint.gitlab.jobs:GitlabFile",
            place=r"(?:^|/)\.gitlab(?:-ci|/ci)/(?:[^/]+/)*[^/]+\.ya?ml\Z|(?:^|/)\.gitlab/gitlab-ci\.ya?ml\Z|\.gitlab-ci\.ya?ml\Z",
            signs=(".gitlab",),
            names=(".gitlab-ci.yml", ".gitlab-ci.yaml"),
            vendored=True,
        ),
    ),
    fixes=("devopslint.gitlab.fixes", "devopslint.readers.yaml_changes:rewritten"),
    completions=(Completion("gitlab", "devopslint.gitlab.jobs:unread_includes"),),
    claims=(
        Claim(
            (".gitlab-ci.yml", ".gitlab-ci.yaml", "/gitlab-ci.yml", "/gitlab-ci.yaml"),
            "devopslint.gitlab.jobs:included_files",
        ),
    ),
)
