"""GitHub Actions: workflows, actions and Dependabot's configuration."""

from devopslint.registry import Aspect, Completion, Domain, FileKind

DOMAIN = Domain(
    "github",
    kinds=(
        FileKind(
            "workflow",
            "devopslint.github.files:WorkflowFile",
            place=r"(?:^|/)\.github/workflows/[^/]+\.ya?ml\Z",
            signs=(".github/",),
            vendored=True,
        ),
        FileKind("action", "devopslint.github.files:ActionFile", names=("action.yml", "action.yaml")),
        FileKind(
            "dependabot",
            "devopslint.github.dependabot:DependabotFile",
            place=r"(?:^|/)\.github/dependabot\.ya?ml\Z",
            signs=(".github/",),
        ),
    ),
    completions=(
        Completion("workflow", "devopslint.github.nested:never_run"),
        Completion("workflow", "devopslint.github.agentic:compiled_from_markdown"),
        Completion("workflow", "devopslint.github.after:after_own_events"),
        Completion("workflow", "devopslint.github.inherited:inheriting_secrets"),
    ),
    fixes=("devopslint.github.fixes", "devopslint.readers.yaml_changes:rewritten"),
    aspects=(
        Aspect(
            "workflow-texts",
            "workflow",
            ("uses: ./", "uses: './", 'uses: "./', "uses: $/", "workflow_call"),
            "devopslint.github.handed_on:InputTexts",
        ),
        Aspect("action-texts", "action", ("inputs",), "devopslint.github.handed_on:InputTexts"),
    ),
)
