"""What the values of a file refer to, and which of their objects may give a key twice."""

from __future__ import annotations

import pytest

from devopslint.terraform.files import ModuleFile
from devopslint.terraform.references import Spoken


def spoken(text: str) -> Spoken:
    (found,) = [one for one in ModuleFile.read("main.tf", text).summaries() if isinstance(one, Spoken)]
    return found


def test_each_reference_is_told_once_with_two_steps() -> None:
    text = 'locals {\n  a = [data.aws_ami.base.id, var.x[0].y, "${var.x}-${each.key}", data.aws_ami.base.arn]\n  b = 1\n}\n'

    found = spoken(text)

    assert found.references == (("data", "aws_ami", "base"), ("each", "key"), ("var", "x"))
    assert found.used_variables == ("x",)


def test_a_variable_does_not_use_itself() -> None:
    text = 'variable "a" {\n  validation {\n    condition = var.a != var.b\n  }\n}\n'

    assert spoken(text).used_variables == ("b",)


@pytest.mark.parametrize(
    ("written", "doubtful"),
    [
        ('{ a = 1, "b" = 2, c = { a = 3 } }', False),
        ("{ a = 1, (local.b) = 2 }", True),
        ('{ a = 1, "${local.b}" = 2 }', True),
        ("[{ a = 1 }, { a = 1, b = { c = 2, c = 3 } }]", True),
        ('{ a = 1, "a" = 2 }', True),
        ("{ 1 = 1, 2 = 2 }", True),
        ("{ (local.b) = 2 }", False),
    ],
)
def test_an_object_with_a_key_that_may_be_another_is_doubtful(written: str, doubtful: bool) -> None:
    text = f"locals {{\n  a = {written}\n}}\n"

    assert spoken(text).doubtful == ((text.index("=") + 2,) if doubtful else ())
