"""What other linters say of a finding of ours, where their configurations speak of their own words."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.model import Finding
from devopslint.readers.regular_expressions import RegularError, regular

LONGEST = 500
"""Characters of a message that are looked at."""

_QUOTED = compiled(r"'([^']*)'")
_SHELLCHECK_LEVELS = ("error", "warning", "info", "style")

# How actionlint's messages begin: {0}, {1}, … are what our message quotes, and its rest is not known.
_ACTIONLINT = {
    "gha-deprecated-command": 'workflow command "{0}" was deprecated',
    "gha-missing-action-input": 'missing input "{1}" which is required by action "{0}"',
    "gha-permission": 'unknown permission scope "{0}"',
    "gha-retired-runner": 'label "{0}" is unknown. available labels are',
    "gha-retired-runtime": 'the runner of "{0}" action is too old to run on GitHub Actions',
    "gha-script-injection": '"{0}" is potentially untrusted',
    "gha-unavailable-context": 'context "{0}" is not allowed here',
    "gha-undefined-property": 'property "{last}" is not defined in object type {{',
    "gha-unknown-action-input": 'input "{0}" is not defined in action "{1}"',
    "gha-unknown-event": 'unknown Webhook event "{0}"',
    "gha-unknown-key": 'unexpected key "{0}" for "{1}" section',
    "gha-unknown-runner": 'label "{0}" is unknown. available labels are',
    "gha-unknown-shell": 'shell name "{0}" is invalid',
    "gha-unknown-variable": 'undefined configuration variable "{last}"',
}
_REST = " …"


def says(peer: str, pattern: str, finding: Finding) -> bool:
    """Whether a pattern matches what the peer says of a finding, whatever we do not know of it."""
    if peer == "hadolint":
        return finding.message.startswith(f"{pattern}:")  # a code of ShellCheck
    try:
        expression = regular(pattern)
    except RegularError:
        return False
    words = list(_words_of_actionlint(finding)) if peer == "actionlint" else []
    return bool(words) and all(expression.found_in(one[:LONGEST]) for one in words)


def _words_of_actionlint(finding: Finding) -> Iterator[str]:
    """Each that it may be."""
    if finding.rule.id == "gha-shellcheck":
        code, _, message = finding.message.partition(": ")
        for level in _SHELLCHECK_LEVELS:
            yield f"shellcheck reported issue in this script: {code}:{level}:1:1: {message}"
        return
    quoted = _QUOTED.findall(finding.message)
    form = _ACTIONLINT.get(finding.rule.id)
    try:
        yield form.format(*quoted, last=quoted[0].rpartition(".")[2]) + _REST if form else _REST
    except IndexError:
        yield _REST
