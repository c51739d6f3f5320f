"""Jenkinsfiles."""

from devopslint.registry import Domain, FileKind

DOMAIN = Domain(
    "jenkins",
    kinds=(
        FileKind(
            "jenkinsfile",
            "devopslint.jenkins.jenkinsfile:Jenkinsfile",
            # Whoever keeps several calls the folder so, and each file after what it does: jenkinsfiles/nightly.
            place=r"(?:^|/)(?i:jenkins[_-]?files?)/[^/.]+(?:\.groovy)?\Z",
            names=("Jenkinsfile",),
            pattern=r"(?i:(?!.*\.(?:dockerignore|md|ya?ml|json|toml|sh|py|txt|j2|tmpl|tpl|erb|go|js|ts|rb|html|rst)\Z)"
            r"(?:Jenkinsfile[._-][^/]+|[^/]+[.]jenkinsfile))",
            signs=("jenkins",),
            vendored=True,
        ),
    ),
)
