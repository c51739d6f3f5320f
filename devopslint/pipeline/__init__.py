"""Delivery pipelines, whatever CI runs them: jobs and the stages that they do."""

from devopslint.registry import Domain, FileKind

DOMAIN = Domain(
    "pipeline",
    kinds=(FileKind("pre-commit", "devopslint.pipeline.pre_commit:PreCommitFile", names=(".pre-commit-config.yaml",)),),
    witnesses="devopslint.pipeline.witnesses:witnesses",
)
