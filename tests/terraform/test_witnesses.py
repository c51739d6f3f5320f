"""What of a Terraform tree shows that an item of the Definition of Done is addressed."""

from __future__ import annotations

from devopslint.model import Summaries
from devopslint.terraform.files import Readme
from devopslint.terraform.source import SourceText, read_source
from devopslint.terraform.witnesses import witnesses


def seen(files: dict[str, str], *more: object) -> set[tuple[str, str, int, bool]]:
    sources = [
        SourceText(path, "terraform", text, read_source(path, text, values=False).body) for path, text in files.items()
    ]
    return {(w.item, w.words, w.location.line, w.calls) for w in witnesses(Summaries([*sources, *more]))}


ROOT = """terraform {
  required_version = "~> 1.9"
  backend "s3" {}
}
module "queue" {
  source = "./queue"
  zone   = "a"
}
resource "aws_security_group" "app" {
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
"""


def test_a_root_module_shows_its_version_its_state_its_modules_and_its_firewall() -> None:
    found = seen({"main.tf": ROOT})

    assert {
        ("iac.terraform", "required_version", 2, False),
        ("iac.state", "backend s3", 3, False),
        ("iac.modules", "module 'queue' is called", 5, False),
        ("iac.network", "a rule of aws_security_group.app that names who is let in", 10, False),
    } <= found


def test_a_module_shows_what_it_describes() -> None:
    files = {
        "queue/variables.tf": 'variable "zone" {\n  description = "Where."\n}\noutput "a" {\n  value = 1\n}\n',
    }

    found = seen(files, Readme("queue/README.md", None, usage=True))

    assert ("iac.variables", "variable 'zone' is described", 1, False) in found
    assert ("iac.outputs", "output 'a'", 4, True) in found
    assert ("iac.documentation", "a README that shows how the module is called", 1, False) in found


def test_a_local_backend_and_an_open_firewall_show_nothing() -> None:
    text = ROOT.replace('"s3"', '"local"').replace("10.0.0.0/8", "0.0.0.0/0")

    shown = {item for item, _, _, calls in seen({"main.tf": text}) if not calls}

    assert shown == {"iac.terraform", "iac.modules"}


def test_a_tree_without_terraform_shows_nothing() -> None:
    assert seen({}) == set()
