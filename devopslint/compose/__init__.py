"""Compose files."""

from devopslint.registry import Claim, Completion, Domain, FileKind, Naming

DOMAIN = Domain(
    "compose",
    kinds=(
        FileKind(
            "compose",
            "devopslint.compose.files:ComposeFile",
            pattern=r"(?:[^/]*[._-])?(?:compose|stack)(?:[._-][^/]*)?\.ya?ml",
            signs=("compose", "stack"),
            reads="devopslint.compose.names:reads_as_compose",
            vendored=True,
        ),
    ),
    fixes=("devopslint.compose.fixes", "devopslint.readers.yaml_changes:rewritten"),
    completions=(Completion("compose", "devopslint.compose.composition:partial_documents"),),
    namings=(
        Naming("compose", "devopslint.compose.composition:named_secrets"),
        Naming("compose", "devopslint.compose.composition:named_environments"),
    ),
    claims=(Claim(("compose.yaml", "compose.yml"), "devopslint.compose.files:included_files"),),
)
