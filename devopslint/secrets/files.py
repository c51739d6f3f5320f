"""Whether a file of settings or keys holds a secret, by what it says."""

from __future__ import annotations

from devopslint.deferred import compiled
from devopslint.secrets.judgement import holds_value, is_placeholder, names_secret, shows_secret

_SETTING = compiled(r"""[ \t]*(?:export[ \t]+)?["']?[^\s"'=#;]*?(?P<name>[\w.-]+)["']?[ \t]*[=:][ \t]*(?P<value>.*)""")
_NETRC = compiled(r"\bpassword\s+(?P<value>\S+)")
_PGPASS = compiled(r"(?m)^[^#\s:]+(?::[^:\s]+){3}:\S")
_KEY = compiled(r"(?i)(?:\.(?:key|pem|ppk)|(?:\A|/)id_\w+)\Z")
_PUBLIC = ("-----BEGIN CERTIFICATE", "-----BEGIN PUBLIC KEY", "-----BEGIN RSA PUBLIC KEY", "ssh-", "ecdsa-")
_WHOLE = 3_900
"""Characters of a file up to which all of it is known to be here."""


def holds_secret(path: str, text: str) -> bool:
    """Whether the file holds a secret, or may: what is only known in part, or is no text, may hold anything."""
    if len(text) > _WHOLE or "\0" in text or "\ufffd" in text or shows_secret(text) is not None:
        return True
    if _KEY.search(path) and not text.lstrip().startswith(_PUBLIC):
        return True
    name = path.rpartition("/")[2]
    if name == ".pgpass" and _PGPASS.search(text):
        return True
    if name in (".netrc", "_netrc") and any(holds_value(found["value"]) for found in _NETRC.finditer(text)):
        return True
    return any(_is_secret(line) for line in text.splitlines())


def _is_secret(line: str) -> bool:
    setting = _SETTING.match(line)
    if setting is None or not names_secret(setting["name"]):
        return False
    value = setting["value"].strip(" \t,\"';")
    return holds_value(value) and not is_placeholder(value, setting["name"])
