"""The configuration files of other linters: whether they can be heeded."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.github.types import nearest
from devopslint.model import Problem
from devopslint.peers.actionlint import KEYS, Section, sections
from devopslint.peers.hadolint import hadolint_settings
from devopslint.peers.settings import LinterSetting
from devopslint.peers.skipped_checks import ansible_lint_settings, checkov_settings, kube_linter_settings
from devopslint.peers.zizmor import POLICIES, SEVERITIES, ZizmorSetting, is_place, zizmor_settings
from devopslint.readers.regular_expressions import RegularError, regular
from devopslint.readers.yaml import Node
from devopslint.registry import check


@check("peer-configuration", each=sections)
def peer_configuration(section: Section) -> Iterator[Problem]:
    node = section.node
    if not node.present:
        return
    wanted = "mapping" if section.kind in KEYS or section.kind == "paths" else "sequence"
    if not (node.is_mapping if wanted == "mapping" else node.is_sequence):
        yield Problem(node.location, f"{section.label} is {_what(node)}; a {wanted} is wanted")
    elif section.kind in KEYS:
        yield from _unknown_keys(section)
    elif wanted == "sequence":
        for item in node:
            if not item.is_scalar or not item.present:
                yield Problem(item.location, f"an entry of {section.label} is {_what(item)}; a text is wanted")
            elif section.kind == "ignore":
                yield from _bad_expression(item)


def _unknown_keys(section: Section) -> Iterator[Problem]:
    """Those that look like a known one, or belong elsewhere: forks of actionlint have keys of their own."""
    known = KEYS[section.kind]
    for key, _ in section.node.items():  # noqa: PERF102  # keys() of a node gives texts without their places
        if key.text in known:
            continue
        place = next((kind for kind, keys in KEYS.items() if key.text in keys), None)
        near = difflib.get_close_matches(key.text, known, 1, 0.8)
        if near:
            yield Problem(key.location, f"key '{key.text}' is unknown in {section.label}; did you mean '{near[0]}'?")
        elif place is not None:
            where = {"": "at the top", "path": "under a glob of 'paths'"}.get(place, f"in '{place}'")
            yield Problem(key.location, f"key '{key.text}' has no effect in {section.label}; it belongs {where}")


def _bad_expression(item: Node) -> Iterator[Problem]:
    try:
        regular(item.text)
    except RegularError as error:
        yield Problem(item.location, f"the regular expression cannot be heeded: {error}")


@check("peer-configuration", each=zizmor_settings)
def zizmor_configuration(setting: ZizmorSetting) -> Iterator[Problem]:
    node, wanted = setting.node, setting.wanted
    if wanted == "mapping" or isinstance(wanted, tuple):
        if not node.is_mapping:
            yield Problem(node.location, f"{setting.label} is {_what(node)}; a mapping is wanted")
        for key, _ in node.items():  # noqa: PERF102  # as above
            if isinstance(wanted, tuple) and key.text not in wanted:
                yield Problem(
                    key.location, f"key '{key.text}' is unknown in {setting.label}; {nearest(key.text, wanted)}"
                )
    elif wanted == "boolean":
        if not isinstance(node.value, bool):
            yield Problem(node.location, f"{setting.label} is {_what(node)}; true or false is wanted")
    elif wanted == "places":
        if not node.is_sequence:
            yield Problem(node.location, f"{setting.label} is {_what(node)}; a sequence is wanted")
        for item in node:
            if not is_place(item.text):
                name = item.text.rpartition("/")[2]
                hint = (
                    f"write '{name}'"
                    if is_place(name)
                    else "write 'file.yml', 'file.yml:LINE' or 'file.yml:LINE:COLUMN'"
                )
                yield Problem(item.location, f"{_what(item)} names no file, which is without its folder; {hint}")
    elif node.text not in (known := POLICIES if wanted == "policy" else SEVERITIES):
        yield Problem(node.location, f"{setting.label} is {_what(node)}; known are {', '.join(map(repr, known))}")


@check("peer-configuration", each=hadolint_settings)
def hadolint_configuration(setting: LinterSetting) -> Iterator[Problem]:
    yield from _ill_formed(setting)


@check("peer-configuration", each=kube_linter_settings)
def kube_linter_configuration(setting: LinterSetting) -> Iterator[Problem]:
    yield from _ill_formed(setting)


@check("peer-configuration", each=ansible_lint_settings)
def ansible_lint_configuration(setting: LinterSetting) -> Iterator[Problem]:
    yield from _ill_formed(setting)


@check("peer-configuration", each=checkov_settings)
def checkov_configuration(setting: LinterSetting) -> Iterator[Problem]:
    yield from _ill_formed(setting)


def _ill_formed(setting: LinterSetting) -> Iterator[Problem]:
    node, wanted, label = setting.node, setting.wanted, setting.label
    if wanted == "boolean":
        if not isinstance(node.value, bool):
            yield Problem(node.location, f"{label} is {_what(node)}; true or false is wanted")
    elif wanted == "word":
        if node.text not in setting.known:
            words = ", ".join(map(repr, setting.known))
            yield Problem(node.location, f"{label} is {_what(node)}; known are {words}")
    elif wanted == "mapping":
        if not node.is_mapping:
            yield Problem(node.location, f"{label} is {_what(node)}; a mapping is wanted")
        for key, _ in node.items() if setting.known else ():
            near = difflib.get_close_matches(key.text, setting.known, 1, 0.8)
            if key.text not in setting.known and (setting.closed or near):
                hint = f"did you mean '{near[0]}'?" if near else nearest(key.text, setting.known)
                yield Problem(key.location, f"key '{key.text}' is unknown in {label}; {hint}")
    elif node.is_sequence:
        for item in node:
            if not item.is_scalar or not item.present:
                yield Problem(item.location, f"an entry of {label} is {_what(item)}; a text is wanted")
            elif setting.form == "code" and not _CODE.match(item.text):
                yield Problem(item.location, f"{_what(item)} is no code of hadolint or ShellCheck, such as DL3008")
    elif wanted == "sequence" or not node.is_scalar:
        yield Problem(node.location, f"{label} is {_what(node)}; a sequence is wanted")


_CODE = compiled(r"(?:DL|SC)[0-9]{4}\Z")


def _what(node: Node) -> str:
    if node.is_mapping:
        return "a mapping"
    if node.is_sequence:
        return "a sequence"
    return f"'{node.text}'" if node.present else "empty"
