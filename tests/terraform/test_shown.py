"""Modules that only show, or try, another."""

from __future__ import annotations

from devopslint.config_reading import load_config
from devopslint.engine import check_texts
from devopslint.model import Severity

CALL = 'module "queue" {\n  source = "github.com/example/terraform-modules//queue"\n}\n'
REGISTRY = 'module "topic" {\n  source = "example/topic/aws"\n}\n'


def test_an_example_that_follows_its_own_module_is_a_warning() -> None:
    files = {"examples/basic/main.tf": CALL + REGISTRY, "live/main.tf": CALL + REGISTRY}

    settled = check_texts(files, load_config("devopslint.yaml", "select: [tf-unpinned-module]\n"))

    assert [(one.location.path, one.severity) for one in settled.findings] == [
        ("examples/basic/main.tf", Severity.WARNING),
        ("examples/basic/main.tf", Severity.WARNING),
        ("live/main.tf", Severity.ERROR),
        ("live/main.tf", Severity.ERROR),
    ]


def test_three_names_behind_gitlab_are_a_module_of_its_registry() -> None:
    """As Terraform reads addresses, which sets only GitHub and Bitbucket aside (terraform-registry-address 0.4.0)."""
    sources = {
        "gitlab.com/example/queue/aws": "registry",
        "gitlab.com/example/queue/aws//fifo": "registry",
        "gitlab.com/example/queue": "git",
        "gitlab.com/example/queue//fifo": "git",
        "github.com/example/queue/aws": "git",
    }
    calls = [
        f'module "m{index}" {{\n  source  = "{source}"\n  version = "1.2.0"\n}}\n'
        for index, source in enumerate(sources)
    ]

    settled = check_texts({"main.tf": "".join(calls)}, load_config("devopslint.yaml", "select: [tf-unpinned-module]\n"))

    repositories = [index for index, kind in enumerate(sources.values()) if kind == "git"]
    assert [one.location.line for one in settled.findings] == [4 * index + 2 for index in repositories]
