"""Infrastructure that programs build: Pulumi, CDK and Packer. What a program makes is known when it runs; that is said."""

from devopslint.registry import Domain, FileKind

DOMAIN = Domain(
    "programs",
    kinds=(
        FileKind("pulumi-project", "devopslint.programs.projects:PulumiProject", names=("Pulumi.yaml", "Pulumi.yml")),
        FileKind(
            "pulumi-stack",
            "devopslint.programs.projects:PulumiStack",
            pattern=r"Pulumi\.[^/]+\.ya?ml",
            signs=("pulumi.",),
        ),
        FileKind("cdk-project", "devopslint.programs.projects:CdkProject", names=("cdk.json",)),
        FileKind(
            "packer-template",
            "devopslint.programs.projects:PackerTemplate",
            pattern=r".+\.pkr\.(?:hcl|json)",
            signs=(".pkr.",),
        ),
    ),
)
