"""Dockerfiles and .dockerignore files."""

from devopslint.registry import Domain, FileKind

DOMAIN = Domain(
    "docker",
    kinds=(
        FileKind(
            "dockerignore",
            "devopslint.docker.dockerignore:IgnoreFile",
            pattern=r".*\.dockerignore",
            signs=(".dockerignore",),
            vendored=True,
        ),
        FileKind(
            "dockerfile",
            "devopslint.docker.dockerfile:Dockerfile",
            pattern=r"(?i:(?:dockerfile|containerfile)(?:[.-][^/]*)?|[^/]+\.(?:dockerfile|containerfile))",
            signs=("dockerfile", "containerfile"),
            reads="devopslint.docker.names:reads_as_dockerfile",
            vendored=True,
        ),
        FileKind(
            "bake",
            "devopslint.docker.bake:BakeFile",
            pattern=r"(?:[\w.-]+[._-])?bake(?:\.override\.json|\.json|(?:[._-][\w.-]+)?\.hcl)",
            signs=("bake",),
        ),
    ),
    fixes=("devopslint.docker.fixes", "devopslint.docker.changes:rewritten"),
)
