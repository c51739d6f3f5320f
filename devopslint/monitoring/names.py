"""Which YAML and JSON files are Prometheus' rules, its configuration, Alertmanager's, or Grafana's dashboards."""

from __future__ import annotations

import re

from devopslint.deferred import compiled

_TOP = compiled(r"""^["']?([A-Za-z_]+)["']?[ \t]*:""", re.MULTILINE)
_RULE = compiled(r"""^[ \t]*(?:-[ \t]+)?[{]?[ \t]*["']?(?:alert|record|expr)["']?[ \t]*:""", re.MULTILINE)
_RULES_NAME = compiled(r"(?i)rules|alerts")
_ITEM = compiled(r"( *- +)[\"']?(\w+)[\"']?[ \t]*:")
_ENTRY = compiled(r"( *(?:- +)?)[\"']?(\w+)[\"']?[ \t]*:")
_GROUP_KEYS = frozenset(("name", "interval", "labels", "limit", "query_offset"))
_RULES_KEYS = frozenset(("groups", "namespace"))
_SCRAPING = frozenset(
    [
        "global",
        "scrape_configs",
        "scrape_config_files",
        "rule_files",
        "alerting",
        "remote_write",
        "remote_read",
        "storage",
        "tracing",
        "otlp",
        "runtime",
    ]  # words read better than quotes
)
_OF_OTHERS = frozenset(
    "apiVersion kind services alertmanager grafana prometheus prometheusOperator server serverFiles".split()  # noqa: SIM905
)
"""What no configuration of Prometheus says: an object, a Compose file, values of the charts that install it."""
_ALERTMANAGER = frozenset(
    "global route receivers inhibit_rules templates mute_time_intervals time_intervals tracing".split()  # noqa: SIM905
)
_PANELS = compiled(r"\"(?:panels|rows)\"")
_SCHEMA = compiled(r"(?i)\"schemaVersion\"")


def _keys(text: str) -> set[str]:
    return {found[1] for found in _TOP.finditer(text.removeprefix("\ufeff"))}


def reads_as_rules(name: str, text: str | None) -> bool:
    """Whether groups of rules are all that stands in it. Loki's have the same form, and other words in them."""
    if text is None or not _keys(text) <= _RULES_KEYS:
        return False
    own = _keys_of_first_item(text)
    if not own:  # in braces, or without any group
        return _RULE.search(text) is not None or _RULES_NAME.search(name) is not None
    return "rules" in own or (own <= _GROUP_KEYS and _RULES_NAME.search(name) is not None)


def _keys_of_first_item(text: str) -> set[str]:
    """The keys of the first mapping in the list that is not written in braces."""
    indent, own = -1, set[str]()
    for line in text.splitlines():
        begin = _ITEM.match(line) if indent < 0 else _ENTRY.match(line)
        if begin is None:
            if indent >= 0 and line.strip() and len(line) - len(line.lstrip()) < indent:
                break
            continue
        if indent < 0:
            indent = len(begin[1])
        elif len(begin[1]) < indent:
            break
        if len(begin[1]) == indent:
            own.add(begin[2])
            if begin[2] == "rules":
                break
    return own


def reads_as_scraping(name: str, text: str | None) -> bool:
    """Whether it is Prometheus' own. Of values and objects that are called so, no key is one of Prometheus'."""
    if text is None:
        return True
    keys = _keys(text)
    if name in ("prometheus.yml", "prometheus.yaml"):
        return bool(keys & _SCRAPING) and keys.isdisjoint(_OF_OTHERS)
    return keys <= _SCRAPING


def reads_as_alertmanager(name: str, text: str | None) -> bool:
    if text is None:
        return True
    keys = _keys(text)
    return "route" in keys and "receivers" in keys and keys <= _ALERTMANAGER


def reads_as_tests(name: str, text: str | None) -> bool:
    keys = _keys(text or "")
    return "tests" in keys and bool(keys & {"rule_files", "evaluation_interval"})


def reads_as_dashboard(name: str, text: str | None) -> bool:
    if text is None:
        return False
    begin = text.removeprefix("\ufeff").lstrip()[:1]
    if begin != "{":
        return False
    if _PANELS.search(text):
        return _SCHEMA.search(text) is not None or ('"title"' in text and '"targets"' in text)
    return '"elements"' in text and '"layout"' in text


def reads_as_datasources(name: str, text: str | None) -> bool:
    return _keys(text or "") <= {"apiVersion", "datasources", "deleteDatasources", "prune"}
