"""Where the hooks of a repository come from."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.github.marketplace import is_archived_hook
from devopslint.model import Problem
from devopslint.pipeline.pre_commit import HookRepository, hook_repositories
from devopslint.registry import check


@check("pre-commit-insecure-url", each=hook_repositories)
def insecure_url(repository: HookRepository) -> Iterator[Problem]:
    scheme = repository.url.text.partition("://")[0].lower()
    if scheme in ("http", "git") and "://" in repository.url.text:
        yield Problem(repository.url.location, f"hooks are fetched over '{scheme}', which anyone between can answer")


@check("pre-commit-archived-repository", each=hook_repositories)
def archived_repository(repository: HookRepository) -> Iterator[Problem]:
    if is_archived_hook(repository.github_name):
        yield Problem(
            repository.url.location, f"nobody maintains {repository.github_name} any more: its repository is archived"
        )
