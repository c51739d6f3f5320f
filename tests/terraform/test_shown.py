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
