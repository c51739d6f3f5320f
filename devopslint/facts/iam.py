"""What policies of AWS may ask for in their conditions."""

from __future__ import annotations

ASKS_HOW = frozenset(
    ("aws:securetransport", "s3:tlsversion", "aws:currenttime", "aws:epochtime", "aws:referer", "aws:useragent")
)
"""Keys, in lower case, of how or when is asked, and not of who asks: a referrer and an agent are what the asker calls them."""
