"""Modules that lie in an archive."""

from __future__ import annotations

import pytest

import devopslint
from devopslint.config_reading import load_config
from devopslint.engine import check_texts

BUCKET = """resource "aws_security_group_rule" "shop" {
  type        = "ingress"
  from_port   = 22
  to_port     = 22
  protocol    = "tcp"
  cidr_blocks = ["0.0.0.0/0"]
}
"""
PASSWORD = """resource "aws_db_instance" "shop" {
  password = "Rx8kkLq27vvT0p"
}
"""
CONFIG = "select: [tf-open-ssh, tf-secret-literal]\n"


def test_what_is_put_away_is_listed_unless_a_module_outside_calls_it() -> None:
    files = {"archive/shop/main.tf": BUCKET, "archive/shop/database.tf": PASSWORD, "live/main.tf": BUCKET}
    call = 'module "shop" {\n  source = "../archive/shop"\n}\n'

    alone = check_texts(files, load_config("devopslint.yaml", CONFIG))
    called = check_texts(files | {"live/call.tf": call}, load_config("devopslint.yaml", CONFIG))
    away = check_texts(
        files | {"archive/call.tf": call.replace("../archive", ".")}, load_config("devopslint.yaml", CONFIG)
    )

    assert [(one.rule.id, one.location.path) for one in alone.findings] == [
        ("tf-secret-literal", "archive/shop/database.tf"),
        ("tf-open-ssh", "live/main.tf"),
    ]
    reason = "lies in archive/: it is put away, and no module outside calls it there"
    assert ("archive/shop/main.tf", reason) in [(one.path, one.reason) for one in alone.not_checked]
    assert "archive/shop/main.tf" in [one.location.path for one in called.findings]
    assert "archive/shop/main.tf" not in [one.location.path for one in away.findings]


def test_what_go_keeps_for_tests_is_listed() -> None:
    call = 'module "own" {\n  source = "../nowhere"\n}\n'
    files = {"test/acceptance/testdata/one/main.tf": call, "live/main.tf": call}

    seen = check_texts(files, load_config("devopslint.yaml", "select: [tf-module-missing]\n"))

    assert [one.location.path for one in seen.findings] == ["live/main.tf"]
    assert [one.path for one in seen.not_checked] == ["test/acceptance/testdata/one/main.tf"]


def test_what_a_test_expects_to_be_refused_is_listed() -> None:
    module = 'variable "name" {\n  type = string\n}\n'
    call = 'module "queue" {\n  source = "../../.."\n}\n'
    files = {"variables.tf": module, "tests/fixtures/negative/main.tf": call, "tests/fixtures/basic/main.tf": call}

    seen = check_texts(files, load_config("devopslint.yaml", "select: [tf-module-missing-argument]\n"))

    assert [one.location.path for one in seen.findings] == ["tests/fixtures/basic/main.tf"]
    reason = "lies in negative/: a test expects that it is refused"
    assert [(one.path, one.reason) for one in seen.not_checked] == [("tests/fixtures/negative/main.tf", reason)]


@pytest.mark.parametrize(("folder", "severity"), [("test/fixtures/app", "warning"), ("live/app", "error")])
def test_a_state_that_tests_keep_may_be_unlocked(folder: str, severity: str) -> None:
    text = 'terraform {\n  backend "s3" {\n    bucket = "state"\n    key    = "app"\n    region = "eu-west-1"\n  }\n}\n'

    found = devopslint.check({f"{folder}/main.tf": text}, select=["tf-state-unlocked"])

    assert [str(one.severity) for one in found] == [severity]


@pytest.mark.parametrize(
    ("folder", "name", "found"),
    [
        ("bootstrap", "tfstate", 0),
        ("live/bootstrap", "terraform_state", 0),
        ("bootstrap", "files", 1),
        ("live", "state", 1),
    ],
)
def test_what_makes_the_storage_of_states_keeps_its_own_in_a_file(folder: str, name: str, found: int) -> None:
    text = f'provider "aws" {{\n  region = "eu-west-1"\n}}\nresource "aws_s3_bucket" "{name}" {{\n  bucket = "shop-{name}"\n}}\n'
    remote = 'terraform {\n  backend "s3" {\n    bucket = "shop-state"\n    key    = "app"\n  }\n}\nprovider "aws" {}\n'

    def told(files: dict[str, str]) -> int:
        return len(devopslint.check(files, select=["tf-local-state"]))

    assert told({f"{folder}/main.tf": text}) == found
    assert told({f"{folder}/main.tf": text, "app/main.tf": remote}) == (name == "files")


def test_override_files_alone_are_laid_over_another_module() -> None:
    files = {"fixtures/ci_override.tf": BUCKET, "live/main.tf": BUCKET, "live/ci_override.tf": BUCKET}

    seen = check_texts(files, load_config("devopslint.yaml", "select: [tf-open-ssh]\n"))

    assert {one.location.path.partition("/")[0] for one in seen.findings} == {"live"}
    reason = "no other file of its folder has what it overrides: it is laid over another module"
    assert [(one.path, one.reason) for one in seen.not_checked] == [("fixtures/ci_override.tf", reason)]


@pytest.mark.parametrize(("other", "told"), [("chosen.tf", 0), ("chosen_override.tf", 1)])
def test_of_two_calls_by_one_name_a_script_takes_one(other: str, told: int) -> None:
    files = {
        "live/main.tf": 'module "lab" {\n  source = "./lab"\n  extra  = 1\n}\n',
        f"live/{other}": 'module "lab" {\n  source = "./lab"\n}\n',
        "live/lab/main.tf": "",
    }

    assert len(devopslint.check(files, select=["tf-module-unknown-argument"])) == told


@pytest.mark.parametrize(("folder", "told"), [(".notused", 0), ("extra/not-used", 0), ("extra/used", 1)])
def test_what_is_called_not_used_is_put_away(folder: str, told: int) -> None:
    assert len(devopslint.check({f"{folder}/main.tf": BUCKET}, select=["tf-open-ssh"])) == told


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('"../settings/variables.tf"', 0),
        ('"${path.module}/../settings/variables.tf"', 0),
        ('"../settings/variables.txt"', 1),
        ('"variables.tf"', 1),
    ],
)
def test_what_another_module_writes_may_declare_a_variable(written: str, told: int) -> None:
    files = {
        "shop/deploy/main.tf": f'resource "local_file" "variables" {{\n  filename = {written}\n  content = ""\n}}\n',
        "shop/settings/main.tf": "locals {\n  address = var.address\n}\n",
    }

    assert len(devopslint.check(files, select=["tf-undeclared-variable"])) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ('var.vault ? "VAULT" : "RANDOM"', 0),
        ('var.vault ? "VAULT" : "RANDOM_ONCE"', 0),
        ('var.vault ? "VAULT" : "Rx8kkLq27vvT0p"', 2),
        ('"RXKKLQVVTP"', 1),
    ],
)
def test_words_in_capitals_to_choose_from_are_no_secrets(value: str, told: int) -> None:
    files = {"main.tf": f'module "shop" {{\n  source = "./shop"\n  schema = {{ password = {value} }}\n}}\n'}

    assert len(devopslint.check(files, select=["tf-secret-literal"])) == told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("echo '  Password: kestrel4711'", 0),
        ("echo '  password: kestrel4711' > /etc/shop.yaml", 1),
        ("export PASSWORD=kestrel4711", 1),
    ],
)
def test_what_a_script_shows_is_for_whoever_looks_on(line: str, told: int) -> None:
    text = f'resource "null_resource" "shop" {{\n  provisioner "remote-exec" {{\n    inline = ["{line}"]\n  }}\n}}\n'

    assert len(devopslint.check({"main.tf": text}, select=["tf-secret-literal"])) == told


@pytest.mark.parametrize(("folder", "told"), [("archived-solutions", 0), ("solutions", 1), ("archive-service", 1)])
def test_what_is_called_archived_is_put_away(folder: str, told: int) -> None:
    assert len(devopslint.check({f"{folder}/shop/main.tf": BUCKET}, select=["tf-open-ssh"])) == told
