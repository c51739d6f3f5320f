"""Terraform and OpenTofu: modules, their variables' values, locks and states."""

from devopslint.registry import Claim, Completion, Domain, FileKind, Naming

DOMAIN = Domain(
    "terraform",
    kinds=(
        FileKind(
            "terraform-working",
            "devopslint.terraform.files:WorkingFile",
            place=r"(?:^|/)\.terraform/",
            signs=(".terraform/",),
        ),
        FileKind("terraform-lock", "devopslint.terraform.files:LockFile", names=(".terraform.lock.hcl",)),
        FileKind(
            "terraform",
            "devopslint.terraform.files:ModuleFile",
            pattern=r".+\.(?:tf|tofu)(?:\.json)?",
            signs=(".tf", ".tofu"),
        ),
        FileKind(
            "tfvars", "devopslint.terraform.files:ValuesFile", pattern=r".*\.tfvars(?:\.json)?", signs=(".tfvars",)
        ),
        FileKind(
            "terraform-test",
            "devopslint.terraform.files:OtherFile",
            pattern=r".+\.(?:tftest|tofutest)\.hcl",
            signs=(".hcl",),
        ),
        FileKind(
            "terraform-stack",
            "devopslint.terraform.files:OtherFile",
            pattern=r".+\.(?:tfcomponent|tfstack|tfdeploy|tfquery)\.hcl",
            signs=(".hcl",),
        ),
        FileKind(
            "terraform-state",
            "devopslint.terraform.files:StateFile",
            pattern=r".*\.tfstate(?:\.backup)?",
            signs=(".tfstate",),
        ),
        FileKind("terraform-readme", "devopslint.terraform.files:ReadmeFile"),
        FileKind("git-submodules", "devopslint.terraform.files:SubmodulesFile", names=(".gitmodules",)),
    ),
    witnesses="devopslint.terraform.witnesses:witnesses",
    known=(
        ".tfplan",
        "terragrunt.hcl",
        ".tm.hcl",
        "atmos.yaml",
        "atmos.yml",
        "README.md",
        "README.rst",
        "README.adoc",
        "readme.md",
        "README",
    ),
    # What modules say of themselves: the others ask for their resources, which takes as long.
    apart=tuple(
        f"devopslint.terraform.checks.{name}"
        for name in ("form", "module_calls", "state", "structure", "variables", "versions")
    ),
    completions=(Completion("terraform", "devopslint.terraform.unapplied:put_away"),),
    claims=(Claim((".tf", ".tofu"), "devopslint.terraform.names:readmes"),),
    namings=(Naming("terraform", "devopslint.terraform.names:ignoring_files"),),
)
