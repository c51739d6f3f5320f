"""Whether a regular expression is one that Go compiles: what Prometheus, Alertmanager and Grafana take.

https://github.com/google/re2/wiki/Syntax; nothing is matched here.
"""

from __future__ import annotations

from devopslint.deferred import compiled

DEEPEST = 1_000
"""Groups within groups, as Go counts them."""
MOST_REPETITIONS = 1_000
"""What Go allows in `{…}`."""

_BEFORE = "^(?s:"
_NOT_CLOSED = "what it opens is not closed"
_COUNTS = compiled(r"\{([0-9]+)(?:(,)([0-9]*))?\}")
_GROUP = compiled(r"\?(?:(?:P?<(?P<name>[^>]*)>)|(?P<flags>[a-zA-Z]*(?:-[a-zA-Z]+)?)(?P<end>[:)]))")
_NAME = compiled(r"[A-Za-z0-9_]+\Z")
_PROPERTY = compiled(r"[pP](?:\{\^?([A-Za-z_]+)\}|([A-Z]))")
_HEX = compiled(r"x(?:[0-9A-Fa-f]{2}|\{[0-9A-Fa-f]+\})")
_POSIX = compiled(r"\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]")


def fault_when_anchored(source: str) -> tuple[int, str] | None:
    """Where and why Go refuses the expression between `^(?s:` and `)$`.

    Relabelling and Alertmanager anchor what they are given as text: so `a)|(b` is taken, and `\\Qa` is not.
    """
    found = fault_of(f"{_BEFORE}{source})$")
    if found is None:
        return None
    at, message = found
    return (max(0, min(at - len(_BEFORE), len(source))), message) if at >= len(_BEFORE) else (0, _NOT_CLOSED)


def fault_of(source: str) -> tuple[int, str] | None:
    """Where and why Go refuses the expression; None where it takes it. The matchers of queries are read so."""
    names: set[str] = set()
    open_groups: list[int] = []
    at, repeatable, repeated = 0, False, False
    while at < len(source):
        character = source[at]
        if (repetition := _repetition(source, at)) is not None:
            sign, after = repetition
            if not repeatable:
                return at, f"'{sign}' has nothing to repeat"
            if repeated:
                return at, f"'{sign}' repeats what is repeated already"
            if isinstance(after, str):
                return at, after
            at, repeated = after, True
        elif character == "(":
            open_groups.append(at)
            if len(open_groups) > DEEPEST:
                return at, "nests too deep"
            begun = _group(source, at, names)
            if isinstance(begun, tuple):
                return begun
            if source[begun - 1] == ")":  # it only sets flags
                open_groups.pop()
            else:
                repeatable = False
            at, repeated = begun, False
        elif character == ")":
            if not open_groups:
                return at, "')' closes what is not open"
            open_groups.pop()
            at, repeatable, repeated = at + 1, True, False
        elif character == "|":
            at, repeatable, repeated = at + 1, False, False
        elif source.startswith("\\Q", at):
            at, something = _quoted(source, at)
            repeatable, repeated = repeatable or something, False
        else:
            after = _single(source, at)
            if isinstance(after, str):
                return at, after
            at, repeatable, repeated = after, True, False
    if open_groups:
        return open_groups[-1], "'(' is not closed"
    return None


def _repetition(source: str, at: int) -> tuple[str, int | str] | None:
    """The sign of repetition at an index, and the index behind it or why it is none; None where another thing stands."""
    if source[at] in "*+?":
        sign, end = source[at], at + 1
    elif source[at] == "{" and (counts := _COUNTS.match(source, at)) is not None:
        sign, end = counts[0], counts.end()
        least, most = int(counts[1][:9]), int((counts[3] or counts[1])[:9])
        if max(least, most) > MOST_REPETITIONS or (counts[3] and most < least):
            return sign, f"'{sign}' is no number of repetitions that Go takes"
    else:
        return None
    return sign, end + (source[end : end + 1] == "?")


def _group(source: str, at: int, names: set[str]) -> int | tuple[int, str]:
    """The index behind the `(`, `(?i:`, `(?P<name>` or `(?i)` at an index, or where and why it is none."""
    at += 1
    if source[at : at + 1] != "?":
        return at
    found = _GROUP.match(source, at)
    if found is None or (found["flags"] is not None and set(found["flags"]) - set("imsU-")):
        return at - 1, f"'{source[at - 1 : at + 2]}' begins no group that Go knows: it has no look-around"
    name = found["name"]
    if name is not None and not _NAME.match(name):
        return at, f"'{name}' is no name of a group"
    if name in names:
        return at, f"the group '{name}' is named twice"
    if name is not None:
        names.add(name)
    return found.end()


def _quoted(source: str, at: int) -> tuple[int, bool]:
    """The index behind the `\\Q…\\E` at an index, and whether anything stands in it."""
    begin = at + 2
    end = source.find("\\E", begin)
    return (end + 2, end > begin) if end >= 0 else (len(source), len(source) > begin)


def _single(source: str, at: int) -> int | str:
    """The index behind the one character, or class of them, at an index, or what is wrong with it."""
    if source[at] == "[":
        return _class(source, at)
    return _escape(source, at, inside=False) if source[at] == "\\" else at + 1


def _escape(source: str, at: int, *, inside: bool) -> int | str:
    """The index behind the escape that begins at an index, or why it is none."""
    following = source[at + 1 : at + 2]
    if not following:
        return "ends with a lone backslash"
    if following in "dDsSwW" or (not inside and following in "AbBzC"):
        return at + 2
    if following in "pP":
        found = _PROPERTY.match(source, at + 1)
        return found.end() if found is not None else f"'\\{following}' names no class of characters"
    if following == "x":
        found = _HEX.match(source, at + 1)
        return found.end() if found is not None else "'\\x' is followed by no number"
    if following in "01234567":
        if following != "0" and source[at + 2 : at + 3] not in tuple("01234567"):
            return f"'\\{following}' refers back to a group: Go cannot"
        end = at + 2
        while end < at + 4 and source[end : end + 1] in tuple("01234567"):
            end += 1
        return end
    if following in "afnrtv" or (ord(following) < 128 and not following.isalnum()) or following == "_":
        return at + 2
    return f"'\\{following}' is no escape that Go knows"


def _class(source: str, at: int) -> int | str:
    """The index behind the `[…]` that begins at an index, or what is wrong with it."""
    begin = at
    at += 1
    at += source[at : at + 1] == "^"
    first = True
    while first or source[at : at + 1] != "]":
        if at >= len(source):
            return "'[' is not closed"
        if source.startswith("[:", at) and (closed := source.find(":]", at + 2)) >= 0:
            if not _POSIX.match(source, at):
                return f"'{source[at : closed + 2]}' is no class of characters"
            at, first = closed + 2, False
            continue
        low, end = _character(source, at)
        if isinstance(end, str):
            return end
        at, first = end, False
        if low is not None and source[at : at + 1] == "-" and source[at + 1 : at + 2] not in ("]", ""):
            high, end = _character(source, at + 1)
            if isinstance(end, str):
                return end
            if high is None or high < low:
                return f"'{source[begin + 1 : end]}' holds a range that ends before it begins"
            at = end
    return at + 1


def _character(source: str, at: int) -> tuple[int | None, int | str]:
    """The code of the character at an index of a class, None for a class of several, and the index behind it."""
    if source[at] != "\\":
        return ord(source[at]), at + 1
    end = _escape(source, at, inside=True)
    if isinstance(end, str):
        return None, end
    body = source[at + 1 : end]
    if body[0] in "dDsSwWpP":
        return None, end
    if body[0] == "x":
        return int(body[1:].strip("{}"), 16), end
    if body[0] in "01234567":
        return int(body, 8), end
    return ord({"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}.get(body, body)), end
