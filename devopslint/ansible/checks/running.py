"""What a run does to hosts: as whom, how many at once, and what becomes of a failure."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.ansible.playbooks import LOCAL, Play, Task, is_false, is_for_tests, is_templated, is_true, plays, tasks
from devopslint.deferred import compiled
from devopslint.model import Problem, Related
from devopslint.registry import check

_DEPLOYING = frozenset(
    (
        "docker_compose",
        "docker_compose_v2",
        "docker_container",
        "docker_stack",
        "docker_swarm_service",
        "helm",
        "k8s",
        "podman_container",
        "cloudformation",
        "terraform",
        "ecs_service",
    )
)
_DEPLOY_COMMAND = compiled(
    r"\b(?:kubectl\s+(?:\S+\s+)?(?:apply|replace|rollout|set\s+image)|helm\s+(?:upgrade|install)|docker\s+(?:stack\s+deploy|service\s+update)"
    r"|docker[ -]compose\s[^\n|;&]{0,80}\bup\b|terraform\s+apply)\b"
)
_DEPLOY_WORDS = compiled(
    r"(?i)(?<![a-z])(?:deploy(?:s|ing|ment)?|release|rollout|roll[- ]out|rolling|upgrade|update)(?![a-z])"
)
_SERVICES = frozenset(("service", "systemd", "systemd_service", "sysvinit", "win_service", "runit", "supervisorctl"))
_CHANGED = compiled(
    r"\(?(?P<name>[a-zA-Z_]\w*)(?:\.changed|\s+is\s+changed|\s*\|\s*changed)\)?(?:\s+or\s+\(?\w+(?:\.changed|\s+is\s+changed|\s*\|\s*changed)\)?)*"
)
_MODES = frozenset(
    (
        "acl",
        "blockinfile",
        "copy",
        "file",
        "get_url",
        "lineinfile",
        "template",
        "unarchive",
        "assemble",
        "replace",
        "ini_file",
    )
)
_OCTAL = compiled(r"0?o?(?P<special>[0-7]?)(?P<user>[0-7])(?P<group>[0-7])(?P<others>[0-7])\Z")
_DECIMAL = compiled(r"[1-7][0-7]{2,3}\Z")
_MEANT = compiled(r"(?=7|6[064]|5[05]|4[04])[4-7][04-7][04-7]\Z")
"""A decimal number that is a mode all the same: 420 is 644 in octal."""
_CLAUSE = compiled(r"(?P<who>[ugoa]*[oa][ugoa]*)(?P<how>[+=-])(?P<what>[rwxXst]*)")


@check("ansible-ignored-failure", each=tasks)
def ignored_failure(task: Task) -> Iterator[Problem]:
    ignored = task.inherited("ignore_errors")
    if not ignored.present or not is_true(ignored) or task.for_tests or not _deploys(task):
        return
    state = task.argument("state")
    if state is not None and state.text == "absent":
        return
    kept = task.node["register"].text
    if kept and _asked_for(task, kept):
        return
    yield Problem(ignored.location, f"{task.label} deploys, and the play goes on where that fails")


def _deploys(task: Task) -> bool:
    if task.short in _DEPLOYING:
        return True
    written = task.command
    return written is not None and _DEPLOY_COMMAND.search(written.text) is not None


def _asked_for(task: Task, kept: str) -> bool:
    """Whether something in the file looks at what the task gave."""
    return task.book.stream.source.text.count(kept) > 1


@check("ansible-inline-restart", each=tasks)
def inline_restart(task: Task) -> Iterator[Problem]:
    state = task.argument("state")
    if task.handler or task.short not in _SERVICES or state is None or state.text not in ("restarted", "reloaded"):
        return
    conditions = task.node["when"].strings()
    if len(conditions) != 1 or task.for_tests:
        return
    found = _CHANGED.fullmatch(conditions[0].text.strip())
    if found is not None and found["name"] != "item":
        done = "restarts" if state.text == "restarted" else "reloads"
        yield Problem(
            conditions[0].location,
            f"{task.label} {done} where '{found['name']}' has changed: a handler does so once, at the end",
        )


@check("ansible-all-at-once", each=plays)
def all_at_once(play: Play) -> Iterator[Problem]:
    if play.is_local or is_for_tests(play.book.path) or play.node.has("serial"):
        return
    hosts = play.hosts
    if not hosts or any(is_templated(one) or one in LOCAL for one in hosts):
        return
    if len(hosts) == 1 and _names_one(hosts[0]):
        return
    if _DEPLOY_WORDS.search(play.node["name"].text) is None:
        return
    if any(not task.is_local and not task.node.has("throttle") and _touches(task) for task in play.tasks):
        yield Problem(
            play.location, f"{play.label} is done on all hosts of '{', '.join(hosts)}' at once: serial is not set"
        )


def _names_one(pattern: str) -> bool:
    """Whether a pattern of hosts names one: `web[0]`."""
    return pattern.endswith("]") and pattern.rpartition("[")[2][:-1].lstrip("-").isdigit()


def _touches(task: Task) -> bool:
    if is_true(task.inherited("run_once")):
        return False
    state = task.argument("state")
    restarts = task.short in _SERVICES and state is not None and state.text in ("restarted", "stopped")
    return restarts or task.short in (
        "docker_container",
        "docker_compose",
        "docker_compose_v2",
        "podman_container",
        "reboot",
    )


@check("ansible-play-become", each=plays)
def play_become(play: Play) -> Iterator[Problem]:
    become = play.node["become"]
    if not is_true(become) or is_for_tests(play.book.path):
        return
    if play.is_local:
        yield Problem(become.location, f"{play.label} is root on the machine that Ansible runs on, in every task")
        return
    without = [task.node["become"] for task in play.tasks if task.node.has("become") and is_false(task.node["become"])]
    if without:
        related = (Related(without[0].location, "takes it back"),)
        yield Problem(become.location, f"{play.label} is root in every task, and some take it back", related)


@check("ansible-world-writable", each=tasks)
def world_writable(task: Task) -> Iterator[Problem]:
    mode = task.argument("mode", "directory_mode")
    if mode is None or not mode.known or task.short not in _MODES or task.for_tests:
        return
    state = task.argument("state")
    if state is not None and state.text in ("link", "absent"):
        return
    found = _OCTAL.match(mode.text)
    if found is not None:
        if int(found["others"]) & 2 and not int(found["special"] or "0") & 1:
            yield Problem(mode.location, f"{task.label} lets everyone on the host write: mode {mode.text}")
    elif _lets_others_write(mode.text) and "t" not in mode.text:
        yield Problem(mode.location, f"{task.label} lets everyone on the host write: mode {mode.text}")


def _lets_others_write(mode: str) -> bool:
    """Of a symbolic mode the last clause about the others counts: `o=rwX,go=rX` meant its owner, and takes it back."""
    writes = False
    for clause in filter(None, map(_CLAUSE.match, mode.split(","))):
        if "w" in clause["what"]:
            writes = clause["how"] != "-"
        elif clause["how"] == "=":
            writes = False
    return writes


@check("ansible-decimal-mode", each=tasks)
def decimal_mode(task: Task) -> Iterator[Problem]:
    for name in ("mode", "directory_mode"):
        mode = task.argument(name)
        if mode is None or mode.node is None or task.short not in _MODES or type(mode.node.value) is not int:
            continue
        octal = f"{mode.node.value:o}"
        if _DECIMAL.match(mode.text) and _MEANT.match(octal) is None:
            yield Problem(mode.location, f"mode {mode.text} is read as a decimal number, and is {octal} in octal")


@check("ansible-privileged-container", each=tasks)
def privileged_container(task: Task) -> Iterator[Problem]:
    argument = task.argument("privileged") if task.short in ("docker_container", "podman_container") else None
    if argument is not None and argument.is_true and not task.for_tests:
        yield Problem(argument.location, f"{task.label} runs a container that is root on the host: privileged is on")
