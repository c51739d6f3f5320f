"""The scripts that a project gives names to, and what it demands of its tests: Makefile, package.json and their like."""

from devopslint.registry import Claim, Domain, FileKind

DOMAIN = Domain(
    "scripts",
    kinds=(
        FileKind(
            "scripts",
            "devopslint.scripts.named:ScriptFile",
            place=r"(?:^|/)\.?[Tt]askfiles?/(?:[^/]+/)*[^/]+\.ya?ml\Z",
            names=("package.json", "composer.json", "noxfile.py", "tox.ini"),
            pattern=r"(?:GNUmakefile|[Mm]akefile)(?:[.-][\w.-]+)?|[\w.-]+\.(?:mk|mak|just)|(?i:\.?justfile)"
            r"|[Tt]askfile(?:[.-][\w.-]+)?\.ya?ml",
            signs=("makefile", ".mk", ".mak", "just", "taskfile"),
        ),
        FileKind(
            "shell-script",
            "devopslint.scripts.named:ShellFile",
            pattern=r"[\w.-]+\.(?:sh|bash)",
            signs=(".sh", ".bash"),
        ),
        FileKind(
            "command",
            "devopslint.scripts.named:ShellFile",
            pattern=r"(?:test|check|verify|lint|format|fmt|build|package|deploy|release|publish|audit|scan|ci|cibuild|e2e"
            r"|integration|unit|validate|coverage|run|all|apply|create|dispatch|helm|infra|migrate|promote|provision|push"
            r"|rollout|start|terraform|trigger|update|upgrade)(?:[_-][\w-]+)?"
            r"|[\w-]+[_-](?:test|tests|check|lint|build|deploy|ci|apply|environment|env|infra|release|terraform)",
            signs=(
                "test",
                "check",
                "verify",
                "lint",
                "format",
                "fmt",
                "build",
                "package",
                "deploy",
                "release",
                "publish",
                "audit",
                "scan",
                "ci",
                "e2e",
                "integration",
                "unit",
                "validate",
                "coverage",
                "run",
                "all",
                "apply",
                "create",
                "dispatch",
                "helm",
                "infra",
                "migrate",
                "promote",
                "provision",
                "push",
                "rollout",
                "start",
                "terraform",
                "trigger",
                "update",
                "upgrade",
                "env",
            ),
            reads="devopslint.scripts.named:is_shell",
        ),
        FileKind("gemfile", "devopslint.scripts.dependencies:GemFile", names=("Gemfile",)),
        FileKind(
            "coverage",
            "devopslint.scripts.coverage:CoverageFile",
            pattern=r"pyproject\.toml|setup\.cfg|\.coveragerc|(?:jest|vitest|vite|karma\.conf|web-test-runner)\.(?:config\.)?[cm]?[jt]s(?:on)?"
            r"|\.nycrc(?:\.json|\.ya?ml)?|\.c8rc(?:\.json)?|\.?codecov\.ya?ml|pom\.xml|build\.gradle(?:\.kts)?|\.testcoverage\.ya?ml"
            r"|\.simplecov|tarpaulin\.toml|(?:spec|test|rails)_helper\.rb|\.octocov\.ya?ml|sonar-project\.properties",
            signs=(
                "pyproject.toml",
                "setup.cfg",
                "coverage",
                "jest",
                "vitest",
                "vite",
                "karma.conf",
                "web-test-runner",
                ".nycrc",
                ".c8rc",
                "codecov",
                "pom.xml",
                "build.gradle",
                ".simplecov",
                "tarpaulin",
                "_helper.rb",
                ".octocov",
                "sonar-project",
            ),
        ),
    ),
    claims=(
        Claim(
            ("askfile.yml", "askfile.yaml", "askfile.dist.yml", "askfile.dist.yaml"),
            "devopslint.scripts.included:included_taskfiles",
        ),
    ),
)
