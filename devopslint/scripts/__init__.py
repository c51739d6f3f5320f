"""The scripts that a project gives names to, and what it demands of its tests: Makefile, package.json and their like."""

from devopslint.registry import Domain, FileKind

DOMAIN = Domain(
    "scripts",
    kinds=(
        FileKind(
            "scripts",
            "devopslint.scripts.named:ScriptFile",
            names=(
                "package.json",
                "composer.json",
                "Makefile",
                "makefile",
                "GNUmakefile",
                "justfile",
                "Justfile",
                "Taskfile.yml",
                "Taskfile.yaml",
                "noxfile.py",
                "tox.ini",
            ),
        ),
        FileKind(
            "coverage",
            "devopslint.scripts.coverage:CoverageFile",
            pattern=r"pyproject\.toml|setup\.cfg|\.coveragerc|(?:jest|vitest|vite|karma\.conf|web-test-runner)\.(?:config\.)?[cm]?[jt]s(?:on)?"
            r"|\.nycrc(?:\.json|\.ya?ml)?|\.c8rc(?:\.json)?|\.?codecov\.ya?ml|pom\.xml|build\.gradle(?:\.kts)?|\.testcoverage\.ya?ml"
            r"|\.simplecov|tarpaulin\.toml|(?:spec|test|rails)_helper\.rb|\.octocov\.ya?ml|sonar-project\.properties",
        ),
    ),
)
