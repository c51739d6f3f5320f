"""What the tree says of a value: one, one of several, or nobody knows; and what follows where it is judged."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import devopslint
from devopslint.terraform.modules import Terraform
from devopslint.terraform.source import SourceText, read_source
from devopslint.terraform.values import Value


def tree(files: dict[str, str]) -> Terraform:
    sources = []
    for path, text in files.items():
        values = path.endswith(".tfvars")
        body = read_source(path, text, values=values).body
        sources.append(SourceText(path, "tfvars" if values else "terraform", text, body))
    return Terraform(sources, frozenset(files))


def value(expression: str, more: str = "", **files: str) -> Value:
    """The value that an expression has in a resource of a root module."""
    root = f'provider "x" {{\n  region = "r"\n}}\n{more}\nresource "x_y" "z" {{\n  it = {expression}\n}}\n'
    names = {name.replace("__", "/").replace("_tf", ".tf"): text for name, text in files.items()}
    (resource,) = tree({"main.tf": root, **names}).by_type["x_y"]
    return resource.get("it")


def told(value: Value) -> object:
    """A value as JSON would write it; `?` for what nobody knows, [one, or, other] behind `or`."""
    match value.kind:
        case "scalar":
            return str(value.data).replace("\ue000", "?") if value.open else value.data
        case "list":
            return [*map(told, value.data), *(["..."] if value.open else [])]
        case "map":
            return {key: told(item) for key, item in value.data.items()} | ({"...": "..."} if value.open else {})
        case "choice":
            return {"or": [told(option) for option in value.options]}
    return "?"


VARIABLES = """
variable "name" {
  default = "shop"
}
variable "any" {}
variable "list" {
  default = ["a", "b"]
}
locals {
  ports = { http = 80, https = 443 }
  self  = local.self
}
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("-1", -1),
        ("{a = 8 / 2 // once\n}", {"a": 4}),
        ('"${var.name}-${var.any}"', "shop-?"),
        ('"${var.name}"', "shop"),
        ("var.any", "?"),
        ("var.nowhere", "?"),
        ("local.self", "?"),
        ("local.ports.http", 80),
        ('local.ports["https"]', 443),
        ("var.list[1]", "b"),
        ("var.any ? 1 : 2", {"or": [1, 2]}),
        ("var.any ? 1 : 1", 1),
        ("var.any ? 1 : var.any", "?"),
        ("true || var.any", True),
        ("false && var.any", False),
        ("true && var.any", "?"),
        ('var.name == "shop" ? 1 : 2', 1),
        ("[1, var.any]", [1, "?"]),
        ("concat(var.list, [1])", ["a", "b", 1]),
        ("concat(var.any, [1])", [1, "..."]),
        ("merge(local.ports, { http = 8080 })", {"http": 8080, "https": 443}),
        ("merge(local.ports, var.any)", {"http": "?", "https": "?", "...": "..."}),
        ("merge(var.any, { http = 8080 })", {"http": 8080, "...": "..."}),
        ("[for p in values(local.ports) : p + 1]", [81, 444]),
        ("{ for k, p in local.ports : upper(k) => p if p > 100 }", {"HTTPS": 443}),
        ("[for p in local.ports : p if var.any]", ["..."]),
        ('lookup(local.ports, "smtp", 25)', 25),
        ('lookup(local.ports, "smtp")', "?"),
        ("length(var.list)", 2),
        ('join("-", var.list)', "a-b"),
        ('format("%s:%d", var.name, 80)', "shop:80"),
        ('replace("a.b", ".", "-")', "a-b"),
        ('tobool("true")', True),
        ("jsondecode(jsonencode(local.ports)).http", 80),
        ("flatten([var.list, [[1]]])", ["a", "b", 1]),
        ('coalesce("", var.name)', "shop"),
        ("range(3)", [0, 1, 2]),
        ("range(1000000000)[2]", "?"),
        ("concat(var.any, [1])[0]", "?"),
        ("range(9)[2]", 2),
        ('file("/etc/passwd")', "?"),
        ("data.x_y.z.id", "?"),
        ("x_a.b[*].id", "?"),
        ("sensitive(var.name)", "shop"),
        ("distinct([1, 1, 2])", [1, 2]),
        ('split(",", "a,b")', ["a", "b"]),
        ('contains(var.list, "a")', True),
        ("zipmap(var.list, [1, 2]).b", 2),
        ("1 / 0", "?"),
    ],
)
def test_an_expression_gives_what_the_tree_says(expression: str, expected: object) -> None:
    assert told(value(expression, VARIABLES)) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"terraform_tfvars": 'name = "live"\n'}, "live"),
        ({"x.auto_tfvars": 'name = "auto"\n'}, "auto"),
        ({"prod_tfvars": 'name = "prod"\n'}, {"or": ["shop", "prod"]}),
        ({"envs__prod_tfvars": 'name = "prod"\n'}, {"or": ["shop", "prod"]}),
    ],
)
def test_files_of_values_say_more_than_a_default(files: dict[str, str], expected: object) -> None:
    assert told(value("var.name", VARIABLES, **files)) == expected


def test_a_default_of_null_is_for_the_caller_of_a_module_to_say() -> None:
    files = {"modules/a/main.tf": 'variable "k" {\n  default = null\n}\nresource "x_y" "z" {\n  it = var.k\n}\n'}

    (resource,) = tree(files).by_type["x_y"]

    assert resource.get("it").unknown


@pytest.mark.parametrize(
    ("meta", "addresses"),
    [
        ("count = 0", 0),
        ("count = var.list == [] ? 1 : 1", 1),
        ("count = var.any ? 1 : 0", 1),
        ("for_each = toset(var.list)", 2),
        ("for_each = var.any", 1),
        ("for_each = {}", 0),
        ("lifecycle {\n    enabled = false\n  }", 0),
    ],
)
def test_a_resource_is_built_as_often_as_its_meta_arguments_say(meta: str, addresses: int) -> None:
    files = {"main.tf": f'{VARIABLES}\nresource "x_y" "z" {{\n  {meta}\n}}\n'}

    assert len(tree(files).by_type.get("x_y", [])) == addresses


def test_a_called_module_has_its_callers_values_and_says_who_called() -> None:
    files = {
        "main.tf": 'module "a" {\n  source = "./m"\n  it = 1\n}\nmodule "b" {\n  source   = "./m"\n  for_each = { x = 5 }\n'
        "  it       = each.value\n}\n",
        "m/main.tf": 'variable "it" {\n  default = 0\n}\nresource "x_y" "z" {\n  it = var.it\n}\n',
    }

    resources = tree(files).by_type["x_y"]

    assert sorted(str(one.get("it").data) for one in resources) == ["1", "5"]
    assert {one.told[-1].message for one in resources} == {"module a is called here", "module b is called here"}


def test_an_example_does_not_say_how_a_module_is_used() -> None:
    files = {
        "examples/all/main.tf": 'module "a" {\n  source = "../.."\n  it = 1\n}\n',
        "main.tf": 'variable "it" {\n  default = 0\n}\nresource "x_y" "z" {\n  it = var.it\n}\n',
    }

    (resource,) = tree(files).by_type["x_y"]

    assert resource.get("it").data == 0


def test_what_a_module_gives_refers_to_what_it_has_built() -> None:
    files = {
        "main.tf": 'module "a" {\n  source = "./m"\n}\nresource "x_w" "v" {\n  of = module.a.id\n}\n',
        "m/main.tf": 'resource "x_y" "z" {}\noutput "id" {\n  value = x_y.z.id\n}\n',
    }
    terraform = tree(files)

    (built,), (referring,) = terraform.by_type["x_y"], terraform.by_type["x_w"]

    assert referring.refers("of") == built.target


def test_tofu_replaces_the_file_of_terraform() -> None:
    files = {"main.tf": 'resource "x_y" "old" {}\n', "main.tofu": 'resource "x_y" "new" {}\n'}

    assert [one.name for one in tree(files).by_type["x_y"]] == ["new"]


def test_an_override_file_has_the_last_word() -> None:
    files = {
        "main.tf": 'resource "x_y" "z" {\n  it = 1\n}\n',
        "main_override.tf": 'resource "x_y" "z" {\n  it = 2\n}\n',
    }

    (resource,) = tree(files).by_type["x_y"]

    assert resource.get("it").data == 2


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("in {\n    port = 1\n  }\n  in {\n    port = 2\n  }", [(1, False), (2, False)]),
        ("in = [{ port = 1 }, { port = 2 }]", [(1, False), (2, False)]),
        ('dynamic "in" {\n    for_each = [1, 2]\n    content {\n      port = in.value\n    }\n  }', [(1, False), (2, False)]),
        ('dynamic "in" {\n    for_each = var.any\n    content {\n      port = 1\n    }\n  }', [(1, True)]),
        ('dynamic "in" {\n    for_each = var.any ? [7] : []\n    iterator = i\n    content {\n      port = i.value\n    }\n  }', [(7, True)]),
        ('dynamic "in" {\n    for_each = []\n    content {\n      port = 1\n    }\n  }', []),
    ],
)  # fmt: skip
def test_nested_blocks_come_in_three_ways(block: str, expected: list[tuple[int, bool]]) -> None:
    files = {"main.tf": f'variable "any" {{}}\nresource "x_y" "z" {{\n  {block}\n}}\n'}

    (resource,) = tree(files).by_type["x_y"]

    assert [(body.get("port").data, body.maybe) for body in resource.blocks("in")] == expected


HOSTILE = {
    "a module that calls itself": {"main.tf": 'module "a" {\n  source = "./"\n}\n'},
    "modules that call each other": {
        "a/main.tf": 'module "b" {\n  source = "../b"\n}\nmodule "c" {\n  source = "../b"\n}\n',
        "b/main.tf": 'module "a" {\n  source = "../a"\n}\nmodule "c" {\n  source = "../a"\n}\n',
    },
    "ten calls, eight deep": {
        **{
            f"m{n}/main.tf": "".join(f'module "x{k}" {{\n  source = "../m{n + 1}"\n}}\n' for k in range(10))
            for n in range(8)
        },
        "m8/main.tf": 'resource "x_y" "z" {}\n',
    },
    "a loop over a thousand millions": {
        "main.tf": 'resource "x_y" "z" {\n  for_each = toset([for n in range(1000000000) : tostring(n)])\n}\n'
    },
    "loops in loops": {
        "main.tf": "locals {\n  a = [for x in range(9999) : [for y in range(9999) : [for z in range(9999) : x]]]\n}\n"
        'resource "x_y" "z" {\n  count = length(local.a)\n}\n'
    },
    "locals that double": {
        "main.tf": 'locals {\n  a0 = ["x"]\n'
        + "".join(f"  a{n} = [local.a{n - 1}, local.a{n - 1}]\n" for n in range(1, 39))
        + '}\nresource "aws_s3_bucket_versioning" "z" {\n  bucket = flatten(local.a38)\n}\nresource "aws_s3_bucket" "z" {\n'
        "  bucket = local.a38\n}\n"
    },
    "conditionals that double": {
        "main.tf": 'variable "c" {}\nlocals {\n  a0 = "x"\n'
        + "".join(f'  a{n} = var.c ? "{n}${{local.a{n - 1}}}" : local.a{n - 1}\n' for n in range(1, 39))
        + '}\nresource "x_y" "z" {\n  it = local.a38\n}\n'
    },
    "locals in a long chain": {
        "main.tf": "locals {\n  a0 = 1\n" + "".join(f"  a{n} = local.a{n - 1}\n" for n in range(1, 5000)) + "}\n"
        'resource "x_y" "z" {\n  count = local.a4999\n}\n'
    },
    "a source far outside": {"main.tf": 'module "a" {\n  source = "../../../../../../etc"\n}\n'},
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_tree_that_is_meant_to_run_for_ever_does_not(name: str) -> None:
    found = devopslint.check(HOSTILE[name], select=["tf-"])  # raises where a check breaks

    assert all(finding.location.path in HOSTILE[name] for finding in found)


NAMES = st.sampled_from(["var.a", "local.b", "x_y.z.id", "1", '"s"', "[]", "{}", "null", "each.value", "data.x.y.z"])
EXPRESSIONS = st.recursive(
    NAMES,
    lambda inner: st.one_of(
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("merge({}, {})".format, inner, inner),
        st.builds("concat({}, {})".format, inner, inner),
        st.builds("[for x in {} : {}]".format, inner, inner),
        st.builds("lookup({}, {}, {})".format, inner, inner, inner),
        st.builds("element({}, {})".format, inner, inner),
        st.builds("{{ a = {}, ({}) = 1 }}".format, inner, inner),
        st.builds("({} == {})".format, inner, inner),
        st.builds("({}).x[0]".format, inner),
    ),
    max_leaves=12,
)
WHERE = st.sampled_from(["count", "for_each", "cidr_blocks", "policy", "bucket", "ingress", "acl", "description"])
TYPES = st.sampled_from(
    ["aws_security_group", "aws_s3_bucket", "aws_iam_policy", "aws_security_group_rule", "aws_eks_cluster"]
)


@given(st.lists(st.tuples(TYPES, WHERE, EXPRESSIONS), max_size=4), EXPRESSIONS, EXPRESSIONS)
@settings(max_examples=60)
def test_no_expression_breaks_a_check(resources: list[tuple[str, str, str]], default: str, local: str) -> None:
    text = f'variable "a" {{\n  default = {default}\n}}\nlocals {{\n  b = {local}\n}}\n' + "".join(
        f'resource "{type}" "r{number}" {{\n  {name} = {expression}\n}}\n'
        for number, (type, name, expression) in enumerate(resources)
    )

    found = devopslint.check({"main.tf": text}, select=["tf-"])  # raises where a check breaks

    lines = text.split("\n")
    for finding in found:
        assert 1 <= finding.location.line <= len(lines)
        assert 1 <= finding.location.column <= len(lines[finding.location.line - 1]) + 1


SCRIPT = """
import json, sys
import devopslint
devopslint.check(json.loads(sys.stdin.read()))
print(json.dumps([name for name in sys.modules if name.startswith("devopslint.terraform.")]))
"""


def imported_for(files: dict[str, str]) -> list[str]:
    devopslint.rules()  # a catalogue that has to be compiled imports every check
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=json.dumps(files), capture_output=True, text=True, check=True
    )
    return list(json.loads(done.stdout))


def test_a_tree_without_terraform_imports_nothing_of_it() -> None:
    assert imported_for({"Dockerfile": "FROM alpine:3.20\nUSER 1000\n", "README.md": "# Shop\n"}) == []


def test_a_tree_with_terraform_does() -> None:
    assert "devopslint.terraform.reader" in imported_for({"main.tf": "locals {}\n"})
