"""Which state of which repository was checked, where the CI system tells."""

from __future__ import annotations

from collections.abc import Mapping

from devopslint.reports import Revision


def revision_of(environment: Mapping[str, str]) -> Revision | None:
    """From the variables of GitHub Actions or GitLab CI; None elsewhere, for git is not asked."""
    if environment.get("GITHUB_ACTIONS") == "true" and environment.get("GITHUB_REPOSITORY"):
        repository = f"{environment.get('GITHUB_SERVER_URL', 'https://github.com')}/{environment['GITHUB_REPOSITORY']}"
        commit, branch = environment.get("GITHUB_SHA", ""), environment.get("GITHUB_REF_NAME", "")
    elif environment.get("GITLAB_CI") == "true":
        repository = environment.get("CI_PROJECT_URL", "")
        commit, branch = environment.get("CI_COMMIT_SHA", ""), environment.get("CI_COMMIT_REF_NAME", "")
    else:
        return None
    return Revision(repository, commit, branch) if repository and commit else None
