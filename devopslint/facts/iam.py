"""What policies of AWS may ask for in their conditions."""

from __future__ import annotations

from collections.abc import Iterable

from devopslint.deferred import compiled

ASKS_HOW = frozenset(
    ("aws:securetransport", "s3:tlsversion", "aws:currenttime", "aws:epochtime", "aws:referer", "aws:useragent")
)
"""Keys, in lower case, of how or when is asked, and not of who asks: a referrer and an agent are what the asker calls them."""

_ANY_NAME = compiled(r"(?:\*|arn:aws[\w-]*:\w*:[\w*-]*:\*?:?\*?)\Z")


def anybody_has(operator: str, values: Iterable[str | None]) -> bool:
    """Whether a condition asks for one of values that anybody has: every address, any name. None is not known."""
    if operator.lower().startswith("forallvalues:"):
        return True  # it holds where the request has no such key, too
    asked = operator.lower().removeprefix("foranyvalue:").removesuffix("ifexists")
    known = [value for value in values if value is not None]
    if asked == "ipaddress":
        return _is_everywhere(known)
    return asked in ("stringlike", "arnlike", "arnequals") and any(_ANY_NAME.match(value) for value in known)


def _is_everywhere(ranges: list[str]) -> bool:
    """Whether addresses, together, are all that there are."""
    import ipaddress  # a hundredth of a small run

    four: list[ipaddress.IPv4Network] = []
    six: list[ipaddress.IPv6Network] = []
    for one in ranges:
        try:
            network = ipaddress.ip_network(one, strict=False)
        except ValueError:
            continue
        if isinstance(network, ipaddress.IPv4Network):
            four.append(network)
        else:
            six.append(network)
    return any(one.prefixlen == 0 for one in ipaddress.collapse_addresses(four)) or any(
        one.prefixlen == 0 for one in ipaddress.collapse_addresses(six)
    )
