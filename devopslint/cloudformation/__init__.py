"""CloudFormation and SAM: what a template opens, leaves in the clear, and deletes; its validity is cfn-lint's."""

from devopslint.registry import Domain, FileKind

DOMAIN = Domain(
    "cloudformation",
    kinds=(
        FileKind(
            "cloudformation",
            "devopslint.cloudformation.template:Template",
            endings=(".yaml", ".yml", ".json", ".template"),
            mark=r"(?:AWS|Alexa)::[A-Z]\w*::|AWSTemplateFormatVersion",
            reads="devopslint.cloudformation.names:reads_as_template",
        ),
    ),
)
