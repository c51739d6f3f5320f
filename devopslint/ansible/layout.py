"""Which files are Ansible's: by where they lie in a role or beside a playbook, and by what stands in them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator

from devopslint.deferred import compiled
from devopslint.model import PartialDocument
from devopslint.readers.folders import put_away_in

_TASKS = compiled(r"(?P<role>(?:.*/)?)(?:tasks|handlers)/(?:[^/]+/)*[^/]+\.ya?ml\Z")
_VARIABLES = compiled(r"(?P<role>(?:.*/)?)(?:vars|defaults)/(?:[^/]+/)*[^/.]+\.ya?ml\Z")
_INVENTORY = compiled(r"(?:.*/)?inventor(?:y|ies)/(?:[^/]+/)*[^/.]+\.ya?ml\Z")
_SECTION = compiled(r"(?m)^\[[\w.:-]+\][ \t]*(?:#.*)?$|\bansible_\w+[ \t]*=")
_GROUPS = compiled(r"(?m)^[\"']?[\w-]+[\"']?:[ \t]*\n(?:[ \t]*(?:#.*)?\n)*[ \t]+(?:hosts|children|vars):")
_ITEM = compiled(r"(?m)^-(?:[ \t]+|\n[ \t]+)[\"']?[A-Za-z_][\w.-]*[\"']?[ \t]*:")
_PLAY = compiled(
    r"(?m)^(?:-[ \t]+|  [ \t]{0,2})[\"']?(?:hosts|(?:ansible\.builtin\.)?import_playbook)[\"']?[ \t]*:[ \t]*[^ \t\n]|"
    r"^(?:-[ \t]+|  [ \t]{0,2})hosts[ \t]*:[ \t]*(?:#.*)?\n[ \t]+- "
)
_PLAY_KEYS = compiled(
    r"(?m)^(?:-[ \t]+|  [ \t]{0,2})[\"']?(?:tasks|roles|pre_tasks|post_tasks|handlers|gather_facts|become|connection|vars_files|vars"
    r"|serial|strategy|any_errors_fatal|user|remote_user|sudo|environment|(?:ansible\.builtin\.)?import_playbook)[\"']?[ \t]*:"
)
_TASK_KEYS = compiled(
    r"(?m)^(?:-[ \t]+|  [ \t]{0,2})[\"']?(?:when|register|become|notify|listen|loop|with_\w+|tags|block|changed_when|failed_when"
    r"|(?:include|import)_(?:tasks|role|vars)|include|delegate_to|run_once|no_log|[a-z]\w*\.[a-z]\w*\.\w+|shell|command|raw"
    r"|script|copy|template|file|service|systemd|apt|yum|dnf|package|pip|debug|set_fact|lineinfile|blockinfile|stat|fail"
    r"|assert|user|group|git|get_url|unarchive|uri|meta|cron|mount|sysctl|fetch|find|wait_for|slurp|replace|hostname|pause"
    r"|action|local_action|docker_container|apt_key|apt_repository|yum_repository|synchronize|ufw|k8s|helm)[\"']?[ \t]*:"
)
_DEPENDENCIES = compiled(r"(?m)^dependencies[ \t]*:")
_LISTED = compiled(r"(?m)^(?:roles|collections)[ \t]*:")
_OTHER = compiled(r"(?m)^(?:apiVersion|kind)[ \t]*:")
VAULT = "$ANSIBLE_VAULT;"
"""What a file begins with that is encrypted as a whole."""


def kept_away(path: str) -> Iterator[PartialDocument]:
    """That a file lies in an archive, where nobody runs it."""
    if folder := put_away_in(path):
        yield PartialDocument(path, f"lies in {folder}/: it is put away", whole=True, but_secrets=True)


def reads_as_playbook(name: str, text: str | None) -> bool:
    """Whether it is a list of plays: items with hosts, and with what a play does there."""
    return (
        text is not None
        and _ITEM.search(text) is not None
        and _PLAY.search(text) is not None
        and _PLAY_KEYS.search(text) is not None
        and _OTHER.search(text) is None
    )


def reads_as_tasks(text: str) -> bool:
    """Whether it is a list of tasks: a list's items with a key that tasks have."""
    return _ITEM.search(text) is not None and _TASK_KEYS.search(text) is not None and _OTHER.search(text) is None


def reads_as_hosts(name: str, text: str | None) -> bool:
    """Whether it is an inventory in INI: sections of hosts, or what Ansible calls its settings of one."""
    return text is not None and _SECTION.search(text) is not None


def reads_as_requirements(name: str, text: str | None) -> bool:
    """Whether it lists roles or collections, not the charts that a chart is built with."""
    if text is None or _DEPENDENCIES.search(text) is not None:
        return False
    return _LISTED.search(text) is not None or not (_PLAY_KEYS.search(text) or _TASK_KEYS.search(text))


def files_of_roles(paths: Collection[str], read: Callable[[str], str]) -> dict[str, str]:
    """The tasks, handlers and variables of roles, and of playbooks beside which they lie."""
    found: dict[str, str] = {}
    tasks = {path: role["role"] for path in paths if (role := _TASKS.match(path))}
    for path in tasks:
        if _told(path, read, reads_as_tasks):
            found[path] = "ansible-tasks"
    roles = {tasks[path] for path in found}
    roles |= {_above(path) for path in paths if path.rpartition("/")[2] in ("ansible.cfg", "site.yml", "site.yaml")}
    for path in paths:
        variables = _VARIABLES.match(path)
        of_role = variables is not None and (variables["role"] in roles or _is_a_role(variables["role"]))
        if of_role or (_INVENTORY.match(path) and _told(path, read, lambda text: _GROUPS.search(text) is not None)):
            found.setdefault(path, "ansible-variables")
    return found


def _told(path: str, read: Callable[[str], str], tells: Callable[[str], bool]) -> bool:
    try:
        return tells(read(path))
    except (OSError, ValueError):
        return False


def _above(path: str) -> str:
    folder = posixpath.dirname(path)
    return f"{folder}/" if folder else ""


def _is_a_role(folder: str) -> bool:
    return folder.rstrip("/").rpartition("/")[0].rpartition("/")[2] == "roles"
