"""Names and values that give a secret away."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET_WORDS = _words(
    "apikey bearer credential credentials pass passphrase passwd password passwords pgpass pword pwd secret token"
)
_SECRET_ENDINGS = ("password", "passwd", "passphrase", "secret", "apikey", "token", "dbpass", "rootpass", "userpass")
_KEY_OF = _words(
    "access account aes api app auth azure client cookie crypt deploy encryption git hmac jwt license master private "
    "rsa secret service session shared signing ssh storage"
)
"""What makes the word `key` behind it a secret: a PARTITION_KEY is none."""
_AUTH_OF = _words("basic docker git http npm proxy registry")
_NEVER = frozenset(("public", "max", "min", "tokenizers"))
_HARMLESS_LAST = _words(
    "algorithm alias attempts audience class count created dir directory disabled duration enable enabled endpoint "
    "expiration expiry field file filename format header host id interval issuer label length limit location "
    "method mode name namespace parallelism path pattern permissions policy port prefix provider ref reference regex required "
    "retries rotation scheme scope service size store suffix template timeout ttl type uri url user username "
    "version"
)
"""Last words that make a name speak of a secret without holding one: PASSWORD_FILE, KMS_KEY_ALIAS."""

_FOLDERS = (["pwd"], ["oldpwd"])
"""What a shell calls the folder that it is in."""

_PUBLIC_LAST = _words("ca cert certificate crt email project region")

_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----(?!\s*(?:\.|<|\{|\[|…))")
_TOKEN = re.compile(
    r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50}|glpat-[A-Za-z0-9_-]{20}"
    r"|xox[abprs]-[0-9A-Za-z-]{20}|sk_live_[0-9a-zA-Z]{20}|AIza[0-9A-Za-z_-]{35})"
)
_SHORTEST_TOKEN = 20
_URL_PASSWORD = re.compile(r"\b[a-z][a-z0-9+.]{1,20}://[^\s/:@\"']{0,100}:(?P<password>[^\s/@\"']{1,200})@")
_REFERENCE = re.compile(r"(?:\$\(|\$\{|\$\[\[|\$[A-Za-z_]|\{\{|<|%|\*+\Z|[A-Z]+(?:_[A-Z]+)+\Z)")
"""What stands for a value: $(NAME), ${NAME}, $[[ name ]], {{ name }}, <name>, THE_NAME_ITSELF."""
_SWITCH = re.compile(r"(?i)(?:true|false|yes|no|on|off|none|null|enabled|disabled|optional|required|[0-9])\Z")
_PLACE = re.compile(r"(?:/|\./|\.\./|[a-z][a-z0-9+.-]{1,20}:)")
_PLACEHOLDER = re.compile(
    r"(?i)(?:change.?(?:me|it|this)|replace.?(?:me|with|this)|(?:your|my|some|example|sample|dummy|fake|placeholder)\b"
    r"|(?=(?:[a-z]+[-_ ])*+[a-z]+\Z)(?:[a-z]+[-_ ])*?"
    r"(?:build|dummy|fake|ignored|insecure|placeholder|temporary|throwaway|unneeded|unused)(?![a-z])"
    r"|your[-_ ]|x{3,}\Z|todo\b|tbd\b|insert\b|redacted)"
)


def names_secret(name: str) -> bool:
    """Whether a variable or key of this name holds a secret: DB_PASSWORD does, PASSWORD_FILE does not."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words in _FOLDERS or words[-1] in _HARMLESS_LAST or not _NEVER.isdisjoint(words):
        return False
    if any(word in _SECRET_WORDS or word.endswith(_SECRET_ENDINGS) for word in words):
        return True
    if words[-1] == "auth":
        return len(words) == 1 or words[-2] in _AUTH_OF
    return words[-1] == "key" and (words[0] == "azure" or (len(words) > 1 and words[-2] in _KEY_OF))


def names_no_secret(name: str) -> bool:
    """Whether something of this name need not be kept secret, even where secrets are kept: a user, a certificate."""
    words = [word.lower() for word in _WORD.findall(name)]
    return bool(words) and (words[-1] in _HARMLESS_LAST | _PUBLIC_LAST or "username" in words)


def holds_value(value: str) -> bool:
    """Whether the value of something secret is written out: not empty, a switch, a reference or a path."""
    value = value.strip()
    if not value or _SWITCH.match(value):
        return False
    return not (_REFERENCE.match(value) or _PLACE.match(value))


def is_placeholder(value: str) -> bool:
    """Whether the value asks to be replaced."""
    value = value.strip()
    return not holds_value(value) or _PLACEHOLDER.match(value) is not None


def shows_secret(value: str) -> str | None:
    """What kind of secret the text itself shows, whatever its name: None where it shows none."""
    # Most texts are short words: a search for each kind in all of them would take longer than reading them.
    if "PRIVATE KEY" in value and _PRIVATE_KEY.search(value):
        return "a private key"
    if len(value) >= _SHORTEST_TOKEN and _TOKEN.search(value):
        return "an access token"
    found = _URL_PASSWORD.search(value) if "://" in value else None
    if found and holds_value(found["password"]) and not is_placeholder(found["password"]):
        return "a URL with a password"
    return None
