"""Infrastructure that other programs build, from Pulumi to Bicep. What is known only when they run, or not read, is said."""

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
        FileKind("cdktf-project", "devopslint.programs.projects:CdktfProject", names=("cdktf.json",)),
        FileKind(
            "serverless-service",
            "devopslint.programs.projects:ServerlessService",
            pattern=r"serverless(?:[._-][\w.-]*)?\.ya?ml",
            signs=("serverless",),
            reads="devopslint.programs.projects:reads_as_service",
        ),
        FileKind(
            "terragrunt",
            "devopslint.programs.projects:TerragruntUnit",
            pattern=r"terragrunt(?:\.[\w-]+)*\.hcl",
            signs=("terragrunt",),
        ),
        FileKind(
            "terramate",
            "devopslint.programs.projects:TerramateFile",
            pattern=r".+\.tm(?:\.hcl)?",
            signs=(".tm",),
            reads="devopslint.programs.projects:reads_as_terramate",
        ),
        FileKind(
            "nomad-job",
            "devopslint.programs.projects:NomadJob",
            pattern=r".+\.nomad(?:\.hcl)?",
            signs=(".nomad",),
        ),
        FileKind(
            "azure-template",
            "devopslint.programs.projects:AzureTemplate",
            endings=(".bicep",),
            reads="devopslint.programs.projects:reads_as_azure_template",
        ),
        FileKind(
            "azure-template",
            "devopslint.programs.projects:AzureTemplate",
            endings=(".json",),
            mark=r"schema\.management\.azure\.com/schemas/[\w-]+/\w*[dD]eploymentTemplate\.json",
            reads="devopslint.programs.projects:reads_as_azure_template",
        ),
        FileKind(
            "packer-template",
            "devopslint.programs.projects:PackerTemplate",
            pattern=r".+\.pkr\.(?:hcl|json)",
            signs=(".pkr.",),
        ),
    ),
)
