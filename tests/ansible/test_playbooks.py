"""Which files are Ansible's, and what a task inherits and is given."""

from __future__ import annotations

import pytest

import devopslint
from devopslint.ansible.layout import files_of_roles
from devopslint.ansible.playbooks import Playbook, without_jinja
from devopslint.ansible.settings import Hosts, Settings
from devopslint.files import classify

PLAY = """\
- name: Set up
  hosts: web
  become: true
  pre_tasks:
    - apt: name=git state=latest
  tasks:
    - name: All
      no_log: true
      block:
        - name: First
          ansible.builtin.copy: {src: a, dest: b}
      rescue:
        - local_action: command echo
  handlers:
    - name: Restart
      service: name=shop state=restarted
"""


def test_tasks_are_found_in_blocks_and_know_what_is_around_them() -> None:
    tasks = Playbook.read("site.yml", PLAY).tasks

    assert [(task.name, task.module, task.handler) for task in tasks] == [
        ("apt", "apt", False),
        ("First", "copy", False),
        ("command", "command", False),
        ("Restart", "service", True),
    ]
    assert tasks[1].inherited("no_log").value is True
    assert not tasks[0].inherited("no_log").present
    assert tasks[0].inherited("become").value is True


def test_arguments_in_one_line_stand_where_they_are_written() -> None:
    (first, *_) = Playbook.read("site.yml", PLAY).tasks
    state = first.argument("state")

    assert state is not None
    assert (state.text, state.location.line, state.location.column, state.location.end_column) == ("latest", 5, 21, 33)


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("site.yml", PLAY, "ansible-playbook"),
        ("site.yml", "- import_playbook: web.yml\n", "ansible-playbook"),
        ("site.yml", "- hosts: web\n", None),
        ("hosts.yml", "hosts:\n  - a\n", None),
        ("k8s.yml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  hosts: a\n  tasks: b\n", "manifest"),
        ("group_vars/all.yml", "a: 1\n", "ansible-variables"),
        ("group_vars/all/README.md", "# Hosts\n", "document"),
        ("inventory/hosts", "[web]\nweb1\n", "ansible-hosts"),
        ("etc/hosts", "127.0.0.1 localhost\n", None),
        ("requirements.yml", "collections:\n  - community.general\n", "ansible-requirements"),
        ("requirements.yml", "- src: acme.shop\n", "ansible-requirements"),
        ("get-requirements.yml", "- name: Get them\n  hosts: localhost\n  tasks: []\n", "ansible-playbook"),
        ("role-requirements.yml", "- name: pki\n  scm: git\n  src: https://example.org/pki\n", "ansible-requirements"),
        ("pre-requirements.yml", "- name: Get them\n  command: git clone x\n", None),
        ("list.yml", "- name: a\n  shell: b\n", None),
    ],
)
def test_kind_of_a_file(path: str, text: str, kind: str | None) -> None:
    assert classify(path, text) == kind


def test_tasks_and_variables_are_told_by_their_role() -> None:
    texts = {
        "roles/db/tasks/main.yml": "- name: Install\n  apt: {name: x}\n",
        "roles/db/tasks/more/extra.yml": "- include_tasks: x.yml\n",
        "roles/db/defaults/main.yml": "a: 1\n",
        "roles/db/vars/Debian.yaml": "a: 1\n",
        "tekton/tasks/build.yaml": "apiVersion: tekton.dev/v1\nkind: Task\n",
        "todo/tasks/list.yml": "- name: Buy\n  amount: 1\n",
        "other/vars/main.yml": "a: 1\n",
    }

    assert files_of_roles(texts, texts.__getitem__) == {
        "roles/db/tasks/main.yml": "ansible-tasks",
        "roles/db/tasks/more/extra.yml": "ansible-tasks",
        "roles/db/defaults/main.yml": "ansible-variables",
        "roles/db/vars/Debian.yaml": "ansible-variables",
    }


def test_a_file_that_cannot_be_read_is_nobodys_tasks() -> None:
    def unreadable(path: str) -> str:
        raise OSError(path)

    assert files_of_roles(["tasks/main.yml"], unreadable) == {}


def test_expressions_leave_the_places_of_a_script_as_they_are() -> None:
    assert without_jinja("a {{ b | c }} d {% if x %}\ne") == "a ___________ d __________\ne"
    assert without_jinja("{{ a\nb }}") == "____\n____"


def test_settings_of_ansible_cfg_have_their_section() -> None:
    given = Settings.read("ansible.cfg", "[defaults]\n; a = b\nroles_path = roles ; here\n[x]\nc: d\n").given()

    assert [(one.name, one.text, one.location.line) for one in given] == [
        ("defaults.roles_path", "roles", 3),
        ("x.c", "d", 5),
    ]


def test_variables_of_an_inventory_stand_in_a_line_with_their_host() -> None:
    given = Hosts.read("hosts", "[web]\na ansible_user=root b='c d'\n# e=f\n").given()

    assert [(one.name, one.text, one.location.column) for one in given] == [
        ("ansible_user", "root", 3),
        ("b", "c d", 21),
    ]


def test_what_ansible_installs_in_a_cluster_does_not_dangle() -> None:
    ingress = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  rules:
    - host: shop.example.org
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}
"""
    book = """\
- hosts: localhost
  tasks:
    - name: Install
      kubernetes.core.helm: {name: shop, chart_ref: acme/shop, release_namespace: shop}
"""

    alone = devopslint.check({"k8s/ingress.yaml": ingress}, select=["net-dangling-ingress"])
    beside = devopslint.check({"k8s/ingress.yaml": ingress, "site.yml": book}, select=["net-dangling-ingress"])

    assert [one.location.line for one in alone] == [9]
    assert list(beside) == []


def test_a_form_feed_ends_no_line_of_an_inventory() -> None:
    (given,) = Hosts.read("inventory/hosts", "[web]\n\x0c\nshop ansible_password=Xk29vQz71LmP\n").given()

    assert given.location.line == 3


@pytest.mark.parametrize(
    ("folder", "told"),
    [("backups/version_2.4.0_beta_20250901", 0), ("backups/jobs", 1), ("roles", 1), ("archive/roles", 0)],
)
def test_roles_that_are_put_away_are_listed(folder: str, told: int) -> None:
    files = {f"{folder}/web/tasks/main.yml": "- name: Web\n  docker_container: {name: web, image: 'acme/web:latest'}\n"}

    assert len(devopslint.check(files, select=["ansible-latest-image"])) == told
    files = {f"{folder}/web/tasks/main.yml": "- name: Web\n  command: 'a\n"}
    assert len(devopslint.check(files, select=["unreadable-file"])) == told


@pytest.mark.parametrize(("state", "told"), [("present", 1), ("absent", 0), ("removed", 0)])
def test_no_package_comes_where_one_is_taken_away(state: str, told: int) -> None:
    task = f"- name: Engine\n  apt: {{name: docker-ce, state: {state}, force: true}}\n"
    files = {"roles/web/tasks/main.yml": task}

    assert len(devopslint.check(files, select=["ansible-unverified-package"])) == told


@pytest.mark.parametrize(("path", "told"), [("roles/web/molecule/default/converge.yml", 0), ("site.yml", 1)])
def test_the_password_of_a_trial_is_nobodys(path: str, told: int) -> None:
    book = "- hosts: web\n  vars: {users: [{name: shop, password: Kx7vvR2mmQ9t}]}\n  tasks: [{command: ls}]\n"

    assert len(devopslint.check({path: book}, select=["ansible-written-secret"])) == told
