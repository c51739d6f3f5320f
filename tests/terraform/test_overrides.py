"""What files called override.tf change of a module's calls."""

from __future__ import annotations

import textwrap
from pathlib import Path

import devopslint

MAIN = """
    module "shop" {
      source  = "terraform-aws-modules/vpc/aws"
      version = "5.1.0"
      from    = "10.0.0.0/8"
    }
    """
SHOP = """
    variable "from" { type = string }
    resource "aws_security_group_rule" "ssh" {
      type        = "ingress"
      from_port   = 22
      to_port     = 22
      protocol    = "tcp"
      cidr_blocks = [var.from]
    }
    """


def told(folder: Path, files: dict[str, str], *rules: str) -> list[tuple[str, int, str]]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
    found = devopslint.check_paths([folder], select=rules)
    return sorted((Path(one.location.path).name, one.location.line, one.message) for one in found)


def test_the_source_of_an_override_is_the_one_that_is_called(tmp_path: Path) -> None:
    files = {
        "live/main.tf": MAIN,
        "live/shop_override.tf": 'module "shop" {\n  source = "git::https://x.org/y.git"\n}\n',
    }

    assert told(tmp_path, files, "tf-unpinned-module") == [
        (
            "shop_override.tf",
            2,
            "module 'shop' is whatever git::https://x.org/y.git holds today: no ref pins it",
        )
    ]


def test_an_override_that_pins_takes_the_finding_away(tmp_path: Path) -> None:
    main = 'module "shop" {\n  source = "git::https://x.org/y.git"\n}\n'
    files = {
        "live/main.tf": main,
        "live/override.tf": 'module "shop" {\n  source = "git::https://x.org/y.git?ref=v1"\n}\n',
    }

    assert told(tmp_path, {"live/main.tf": main}, "tf-unpinned-module") != []
    assert told(tmp_path, files, "tf-unpinned-module") == []


def test_a_module_that_an_override_calls_is_judged_with_what_it_is_given(tmp_path: Path) -> None:
    override = 'module "shop" {\n  source = "../shop"\n  from   = "0.0.0.0/0"\n}\n'
    files = {"live/main.tf": MAIN, "live/override.tf": override, "shop/main.tf": SHOP}

    assert told(tmp_path, files, "tf-open-ssh") == [
        ("main.tf", 7, "aws_security_group_rule.ssh lets 0.0.0.0/0 in to port 22, SSH")
    ]
    assert told(tmp_path, {"live/override.tf": override.replace("0.0.0.0/0", "10.0.0.0/8")}, "tf-open-ssh") == []


def test_what_an_override_gives_a_module_is_asked_of_it(tmp_path: Path) -> None:
    override = 'module "shop" {\n  source = "../shop"\n  form   = "0.0.0.0/0"\n}\n'
    files = {"live/main.tf": MAIN, "live/override.tf": override, "shop/main.tf": SHOP}

    assert told(tmp_path, files, "tf-module-unknown-argument") == [
        ("override.tf", 3, "module 'shop' has no variable 'form'")
    ]
