"""What the values of a file refer to, and which of their objects may give a key twice."""

from __future__ import annotations

import pytest

import devopslint
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


def test_what_is_declared_in_another_file_is_told_once_of_each_file() -> None:
    def block(type: str, *names: str) -> str:
        return "".join(f'{type} "{name}" {{\n}}\n' for name in names)

    files = {
        "vars.tf": block("variable", "a", "b", "c"),
        "main.tf": block("variable", "d") + block("output", "e", "f"),
        "variables-more.tf": block("variable", "g"),
    }

    found = devopslint.check(files, select=["tf-variable-elsewhere"])

    assert [(one.location.path, one.location.line, one.message, len(one.related)) for one in found] == [
        ("main.tf", 1, "variable 'd' is declared in main.tf, not in variables.tf", 0),
        ("main.tf", 3, "output 'e' and 1 more are declared in main.tf, not in outputs.tf", 1),
        ("vars.tf", 1, "variable 'a' and 2 more are declared in vars.tf, not in variables.tf", 2),
    ]
