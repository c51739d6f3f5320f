"""The domain's words over what was read."""

from __future__ import annotations

import functools
import importlib
from typing import Any

VIEWS: dict[str, str] = {
    "action": "devopslint.views.workflow:ActionFile",
    "actionlint": "devopslint.views.actionlint:ActionlintFile",
    "checkov": "devopslint.views.skipped_checks:CheckovFile",
    "chart": "devopslint.views.helm:Chart",
    "compose": "devopslint.views.compose:ComposeFile",
    "dependabot": "devopslint.views.dependabot:DependabotFile",
    "coverage": "devopslint.views.coverage:CoverageFile",
    "dockerignore": "devopslint.views.dockerignore:IgnoreFile",
    "dockerfile": "devopslint.views.docker:Dockerfile",
    "gitlab": "devopslint.views.gitlab:GitlabFile",
    "hadolint": "devopslint.views.hadolint:HadolintFile",
    "helm-template": "devopslint.views.helm:Template",
    "jenkinsfile": "devopslint.views.jenkins:Jenkinsfile",
    "kube-linter": "devopslint.views.skipped_checks:KubeLinterFile",
    "kustomization": "devopslint.views.kustomize:Kustomization",
    "manifest": "devopslint.views.kubernetes:Manifests",
    "scripts": "devopslint.views.named_scripts:ScriptFile",
    "pre-commit": "devopslint.views.precommit:PreCommitFile",
    "workflow": "devopslint.views.workflow:WorkflowFile",
    "zizmor": "devopslint.views.zizmor:ZizmorFile",
}
"""The view that reads each kind of file: module and class, imported when the first such file is met."""


@functools.cache
def view_of_kind(kind: str) -> Any:
    """The model.FileView class for files of `kind`, or None where there is none."""
    if kind not in VIEWS:
        return None
    module, _, name = VIEWS[kind].partition(":")
    return getattr(importlib.import_module(module), name)
