"""Ports that databases listen at, and what classic load balancers of AWS call old protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterable

OLD_PROTOCOLS = ("Protocol-SSLv2", "Protocol-SSLv3", "Protocol-TLSv1", "Protocol-TLSv1.1")
"""The attributes of a policy that turn on what is older than TLS 1.2."""
_OF_CASSANDRA = frozenset((7000, 7001))
"""In a range of more than these ports, programs of any kind are meant."""
_MOST_NAMED = 4


def reached_databases(ports: Iterable[int], reaches: Callable[[int], bool]) -> str:
    """Which ports of databases a rule reaches, for a message; empty where it reaches none, or means other programs."""
    reached = [port for port in ports if reaches(port)]
    if (reaches(7002) or reaches(6999)) and _OF_CASSANDRA.issuperset(reached):
        return ""
    return ", ".join(map(str, reached[:_MOST_NAMED])) + (" and more" if len(reached) > _MOST_NAMED else "")
